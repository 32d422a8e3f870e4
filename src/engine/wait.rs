//! Waiting for a task's end, without a deadlock.
//!
//! A thread that is no worker waits. A worker that waits would keep others from its place, so:
//!
//! - a task that is queued, plain, and waited for without a time-out is executed by the worker that
//!   waits, in place, if its owner may run one more (`limiting.rs`), and it has not lent its place
//!   (`lending.rs`). Never another task: that one could need what
//!   this one holds.
//! - a wait that could not end is refused: for itself, for a task that waits (through others) for
//!   this one, which includes the tasks lower on this stack, and for a task that is not about to
//!   run: a delayed one, a periodic one that nobody asked to stop, a blocked one that waits for one of these.
//! - else the worker that waits does not count ([`Inner::step_aside`]): another takes its place, and the
//!   awaited task goes before others of its priority ([`Inner::bring_forward`]). So there are about as many
//!   more threads as there are bodies that wait, whatever else is queued.
//!
//! A body may wait for a task by means that are not ours: a QFuture, an executor's `block_on`, an event loop
//! in which a callback is to come. The engine does not see that wait, but it is asked for the end before
//! ([`Inner::expect`]). From then on, until that task has ended or the body has, the worker does not count.
//!
//! # Invariants
//!
//! 1. A run waits, so that its worker does not count, if and only if `Run::expects` is not 0 and its thread executes
//!    no other body in the middle of it ([`Shared::help`]); an abandoned one expects until it returns. So a thread
//!    counts once.
//! 2. `Run::expects` is what [`Inner::step_aside`] added and [`Inner::step_back`] has not taken: once an
//!    entry in some `Extra::expected_by` with the run's `serial`, which the end of that task takes out; once
//!    a wait for bodies, or for all tasks of an owner, that is under way; once in a run that was abandoned
//!    (`Runs::abandon`). A body that ends takes all back, and its run's serial is another (`Runs::end`).
//!
//! 3. There is never a cycle of waits. A body waits for a task (`waits_for`), or for all tasks of an owner
//!    (`waits_for_all`): for each of them whose body is being executed, also those that begin later. A wait
//!    is checked under the lock before it begins, by following both, and what blocked tasks wait for, from what is
//!    to be awaited (`blocking.rs`), and is noted under the same lock. So it makes no cycle. Nor does a body that
//!    begins, and is awaited with its owner's others from then on: it waits for nothing yet.

use std::time::Duration;

use super::cancel::{Flag, Stopped};
use super::clock::{Nanos, nanos};
use super::crew::Crew;
use super::effects::Effects;
use super::fork;
use super::hand::Tries;
use super::id::{OwnerId, TaskId};
use super::inner::Inner;
use super::lanes::{AWAITED_LANES, MUST_RUN_LANE};
use super::payload::Payload;
use super::record::{NIL, flag};
use super::shared::Shared;
use super::sync::MutexGuard;
use super::words::{Status, WaitResult};

/// What a wait is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The task's end.
    End,
    /// And that its body has returned, which in an abandoned task comes later.
    Returned,
}

impl<P: Payload> Inner<P> {
    /// Whether a wait for all of an owner's tasks waits for the body of `slot`, which is a run's or `NIL`.
    pub(super) fn is_body_of(&mut self, slot: u32, owner: u32) -> bool {
        if slot == NIL {
            return false;
        }
        let record = self.tasks.at(slot);
        record.owner == owner && !record.has(flag::DETACHED)
    }

    /// The worker of `run` waits, or is about to: another takes its place.
    pub(super) fn step_aside(&mut self, fx: &mut Effects<P>, run: u32) {
        let works = self.runs.works(run);
        self.runs.expect(run);
        self.share_owner_place(fx, run, works);
        self.dispatch(fx);
    }

    /// The wait is over. The body goes on at once; a worker that is one too many ends as it comes by.
    pub(super) fn step_back(&mut self, fx: &mut Effects<P>, run: u32) {
        let works = self.runs.works(run);
        if self.runs.expect_less(run) {
            self.shrink(fx);
        }
        self.share_owner_place(fx, run, works);
    }

    /// The body of `run` was asked for the end of a task, and is going to wait for it by means of its own.
    pub(super) fn expect(&mut self, fx: &mut Effects<P>, slot: u32, run: u32) {
        let mine = self.runs.slot(run);
        if mine == NIL || mine == slot || self.tasks.at(slot).status.is_finished() {
            return;
        }
        let noted = (run, self.runs.serial(run));
        let extra = self.tasks.at(slot).extra.as_ref();
        if extra.is_some_and(|extra| extra.expected_by.contains(&noted)) {
            // It asks again, as one does that waits for several in turn: that is one end, too.
            return;
        }
        self.note_who_expects(slot, run);
        self.bring_forward(slot, run);
        self.step_aside(fx, run);
    }

    fn note_who_expects(&mut self, slot: u32, run: u32) {
        let serial = self.runs.serial(run);
        let expected = &mut self.tasks.at(slot).extra().expected_by;
        // What a future noted in the polls before is void.
        match expected.iter_mut().find(|noted| noted.0 == run) {
            Some(noted) => noted.1 = serial,
            None => expected.push((run, serial)),
        }
    }

    /// Takes that back; `false` if the task's end has done it.
    fn forget_who_expects(&mut self, slot: u32, run: u32) -> bool {
        let serial = self.runs.serial(run);
        let expected = &mut self.tasks.at(slot).extra().expected_by;
        let place = expected.iter().position(|noted| *noted == (run, serial));
        place.map(|place| expected.swap_remove(place)).is_some()
    }

    /// A task has ended: the bodies that expected it go on.
    pub(super) fn told_who_expects(&mut self, fx: &mut Effects<P>, slot: u32) {
        let Some(extra) = &mut self.tasks.at(slot).extra else { return };
        for (run, serial) in std::mem::take(&mut extra.expected_by) {
            if self.runs.serial(run) == serial {
                self.step_back(fx, run);
            }
        }
    }

    /// A queued task that the body of `run` waits for goes before others of its priority, or of that body's
    /// if that is higher: to wait for it is to wait for what stands before it. Of a blocked one the same holds for
    /// what it waits for.
    pub(super) fn bring_forward(&mut self, slot: u32, run: u32) {
        let record = self.tasks.at(slot);
        let (status, future) = (record.status, record.has(flag::FUTURE));
        let polled = future && status == Status::Running;
        let waits = status == Status::Queued || polled || self.waits_by_edges(slot);
        if !waits || !self.admission.is_open() {
            return;
        }
        let mine = self.runs.slot(run);
        let rank = match mine {
            NIL => self.rank(slot),
            mine => self.rank(mine).min(self.rank(slot)),
        };
        self.hurry(slot, rank);
    }

    /// The priority of a task as a number, or that of the body that waits for it.
    fn rank(&mut self, slot: u32) -> u8 {
        let record = self.tasks.at(slot);
        match record.lane {
            lane if lane >= AWAITED_LANES => lane - AWAITED_LANES,
            MUST_RUN_LANE => record.priority as u8,
            lane => lane,
        }
    }

    /// Whether a wait for a task is over: it has ended, and, if that is waited for, no worker executes its body
    /// any more, as one may do with a task that was abandoned.
    fn is_over(&mut self, slot: u32, how: Until) -> bool {
        let record = self.tasks.at(slot);
        record.status.is_finished() && (how == Until::End || record.run == NIL)
    }

    /// A task of an owner's that has not ended, or a body of it that has not returned; but for those that
    /// go on without it.
    fn unfinished_of(&mut self, owner: u32) -> Option<u32> {
        let listed = self.owners.first_task(owner);
        if listed != NIL {
            return Some(listed);
        }
        let mut runs = 0..self.runs.count();
        let run = runs.find(|run| self.is_body_of(self.runs.slot(*run), owner))?;
        Some(self.runs.slot(run))
    }

    /// Whether a body that waits for all of an owner's tasks would wait for ever: for itself, for one that
    /// waits for it, or for one that is not about to run.
    fn owner_never_rests(&mut self, owner: u32, run: u32) -> bool {
        let mut bodies = Vec::new();
        // Of abandoned tasks, too, which have left the list: the caller may be one.
        for other in 0..self.runs.count() {
            let slot = self.runs.slot(other);
            if self.is_body_of(slot, owner) {
                bodies.push(slot);
            }
        }
        let mut ends = Vec::new();
        let mut slot = self.owners.first_task(owner);
        while slot != NIL {
            if self.is_not_about_to_end(slot) {
                return true;
            }
            let record = self.tasks.at(slot);
            let next = record.owner_next;
            if self.waits_by_edges(slot) {
                ends.push(slot);
            }
            slot = next;
        }
        let mine = self.runs.slot(run);
        self.waits_for_ever(&ends, &bodies, mine)
    }
}

impl<P: Payload> Shared<P> {
    /// One time-slice of waiting: until something happened, or `deadline`. A thread that works the engine by hand does
    /// the next itself, as nobody else would, as long as it has `tries`.
    pub(super) fn doze<'a>(
        &'a self,
        inner: MutexGuard<'a, Inner<P>>,
        deadline: Option<Nanos>,
        tries: &mut Tries,
    ) -> MutexGuard<'a, Inner<P>> {
        if inner.hand.is_here() {
            drop(inner);
            self.try_by_hand(deadline, tries);
            return self.state.lock();
        }
        match deadline {
            Some(deadline) if !self.clock.is_virtual() => {
                let left = deadline.saturating_sub(self.clock.now()).max(1);
                self.state.wait_for(&self.done, inner, Duration::from_nanos(left))
            }
            _ => self.state.wait(&self.done, inner),
        }
    }

    /// A thread that is no worker is about to wait: see [`Patience`](super::values::Patience).
    pub(super) fn begin_outside(&self, inner: &mut Inner<P>) {
        if inner.patience.begin_outside() {
            self.done.notify_all();
        }
    }

    /// A worker is about to sleep until a task has ended, or several: another takes its place first.
    fn begin_waiting<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        slot: Option<u32>,
        run: u32,
    ) -> MutexGuard<'a, Inner<P>> {
        if let Some(slot) = slot {
            inner.bring_forward(slot, run);
        }
        inner.step_aside(fx, run);
        if fx.is_empty() {
            return inner;
        }
        drop(inner);
        self.apply(fx);
        self.state.lock()
    }

    /// Waits until no task of an owner's is left, nor a body of one: see [`Engine::wait_for_all`].
    ///
    /// [`Engine::wait_for_all`]: super::Engine::wait_for_all
    pub(super) fn wait_for_all(&self, owner: OwnerId, timeout: Option<Duration>) -> WaitResult {
        let mut fx = Effects::new();
        let deadline = timeout.map(|timeout| self.clock.now().saturating_add(nanos(timeout)));
        let mine = self.current_run();
        let mut inner = self.state.lock();
        if !inner.owners.is_known(owner) {
            return WaitResult::Done;
        }
        let owner = owner.index;
        if inner.unfinished_of(owner).is_none() {
            return WaitResult::Done;
        }
        // Its index is not another's meanwhile.
        inner.owners.keep(owner);
        let refused = mine.is_some_and(|run| inner.owner_never_rests(owner, run));
        if mine.is_none() {
            self.begin_outside(&mut inner);
        }
        if let Some(run) = mine.filter(|_| !refused) {
            inner.runs.wait_for_all(run, owner);
            inner = self.begin_waiting(inner, &mut fx, None, run);
        }
        let mut tries = Tries::default();
        let result = loop {
            if refused || tries.are_over() {
                break WaitResult::WouldDeadlock;
            }
            let Some(slot) = inner.unfinished_of(owner) else { break WaitResult::Done };
            if deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                break WaitResult::WaitTimeout;
            }
            if let Some(run) = mine {
                inner.bring_forward(slot, run);
            }
            inner.tasks.at(slot).set(flag::HAS_WAITERS);
            inner = self.doze(inner, deadline, &mut tries);
        };
        if let Some(run) = mine.filter(|_| !refused) {
            inner.runs.wait_for_all(run, NIL);
            inner.step_back(&mut fx, run);
        }
        if mine.is_none() {
            inner.patience.end_outside();
        }
        inner.owners.release(owner);
        drop(inner);
        self.apply(&mut fx);
        result
    }

    pub(super) fn wait(&self, id: TaskId, timeout: Option<Duration>, how: Until) -> WaitResult {
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        let Some(slot) = inner.find(&mut fx, id) else {
            drop(inner);
            self.apply(&mut fx);
            return WaitResult::UnknownTask;
        };
        if inner.is_over(slot, how) {
            inner.tasks.at(slot).set(flag::HEARD);
            return WaitResult::Done;
        }
        let mine = self.current_run();
        if mine.is_none() {
            self.begin_outside(&mut inner);
        }
        if let Some(run) = mine {
            let own = inner.runs.slot(run);
            if inner.waits_for_ever(&[slot], &[], own) {
                return WaitResult::WouldDeadlock;
            }
            inner.runs.wait_for(run, slot);
        }
        // A waiter keeps the task, so that the history does not forget it meanwhile.
        inner.add_handle(slot);
        let deadline = timeout.map(|timeout| self.clock.now().saturating_add(nanos(timeout)));
        let queued = inner.tasks.at(slot).status == Status::Queued && inner.may_start(slot);
        if let Some(run) = mine
            && timeout.is_none()
            && queued
            && inner.may_help(slot, run)
        {
            inner = self.help(inner, &mut fx, slot, run);
        }
        let aside = mine.filter(|_| !inner.is_over(slot, how));
        if let Some(run) = aside {
            if how == Until::End {
                // With the task's end, and not only when this thread comes to it: else its worker would take
                // a task that is one too many.
                inner.note_who_expects(slot, run);
            }
            inner = self.begin_waiting(inner, &mut fx, Some(slot), run);
        }
        let mut tries = Tries::default();
        let result = loop {
            if inner.is_over(slot, how) {
                break WaitResult::Done;
            }
            if deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                break WaitResult::WaitTimeout;
            }
            if tries.are_over() {
                break WaitResult::WouldDeadlock;
            }
            inner.tasks.at(slot).set(flag::HAS_WAITERS);
            inner = self.doze(inner, deadline, &mut tries);
        };
        match mine {
            Some(run) => inner.runs.wait_for(run, NIL),
            None => inner.patience.end_outside(),
        }
        if let Some(run) = aside
            && (how == Until::Returned || inner.forget_who_expects(slot, run))
        {
            inner.step_back(&mut fx, run);
        }
        if result == WaitResult::Done {
            inner.tasks.at(slot).set(flag::HEARD);
        }
        inner.drop_handle(&mut fx, slot);
        drop(inner);
        self.apply(&mut fx);
        result
    }

    /// Executes a queued task on this worker, in the middle of another.
    fn help<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        slot: u32,
        outer: u32,
    ) -> MutexGuard<'a, Inner<P>> {
        // This thread does not wait, then.
        let works = inner.runs.works(outer);
        inner.runs.begin_help(outer);
        inner.share_owner_place(fx, outer, works);
        inner.tasks.unqueue(slot);
        let crew = inner.runs.crew(outer);
        if inner.tasks.at(slot).has(flag::FUTURE) {
            // Its first poll. If it is pending after that, this thread waits.
            let inner = self.take_turn(inner, fx, crew, slot);
            return self.end_help(inner, fx, outer);
        }
        let inner = self.run_here(inner, fx, crew, slot);
        self.end_help(inner, fx, outer)
    }

    /// Executes a task that was taken out of the lanes, and is no future, on this thread, with a run of its own.
    pub(super) fn run_here<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        crew: Crew,
        slot: u32,
    ) -> MutexGuard<'a, Inner<P>> {
        let run = inner.runs.take(crew);
        let body = inner.begin_run(fx, slot, run, self.clock.now());
        let (id, iteration, attempt) = (inner.id(slot), inner.iteration(slot), inner.attempt(slot));
        let keep = inner.tasks.at(slot).keeps_body();
        let mut context = self.context(&inner, run);
        drop(inner);
        self.apply(fx);
        (context.id, context.iteration, context.attempt) = (id, iteration, attempt);
        let (body, result) = self.execute(body, &context, run, keep);
        let mut inner = self.state.lock();
        inner.end_run(fx, slot, run, body, result, self.clock.now());
        inner.runs.give_back(run);
        inner
    }

    fn end_help<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        outer: u32,
    ) -> MutexGuard<'a, Inner<P>> {
        inner.runs.end_help(outer);
        inner.share_owner_place(fx, outer, false);
        inner.dispatch(fx);
        drop(inner);
        self.apply(fx);
        self.state.lock()
    }

    /// Sleeps until `flag` is raised, or for `time`; and while the task is paused.
    pub(super) fn sleep_on(&self, id: TaskId, flag: &Flag, time: Duration) {
        if fork::is_child() {
            if flag.get() == 0 {
                fork::sleep(time);
            }
            return;
        }
        let deadline = self.clock.now().saturating_add(nanos(time));
        loop {
            let mut inner = self.state.lock();
            // The flag is raised under the lock, so it cannot be missed between here and the wait.
            while !flag.is_raised() && self.clock.now() < deadline {
                if inner.hand.is_here() {
                    // No other body begins in the middle of this one.
                    drop(inner);
                    self.pass_time(Some(deadline));
                    inner = self.state.lock();
                    continue;
                }
                inner = self.doze(inner, Some(deadline), &mut Tries::default());
            }
            let over = self.clock.now() >= deadline;
            drop(inner);
            // What was raised was a pause, if it is not a cancel; and it may be taken back by now.
            if self.stop_here(id, flag) != Stopped::GoesOn || over || flag.get() != 0 {
                return;
            }
        }
    }
}
