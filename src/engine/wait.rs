//! Waiting for a task's end, without a deadlock.
//!
//! A thread that is no worker waits. A worker that waits would keep others from its place, so:
//!
//! - a task that is queued, plain, and waited for without a time-out is executed by the worker that
//!   waits, in place. Never another task: that one could need what this one holds.
//! - a wait that could not end is refused: for itself, for a task that waits (through others) for
//!   this one, which includes the tasks lower on this stack, and for a task that is not about to
//!   run: a delayed one, a periodic one that nobody asked to stop.
//! - else the worker that waits does not count ([`Inner::step_aside`]): another takes its place, and the
//!   awaited task goes before others of its priority ([`Inner::bring_forward`]). So there are about as many more threads
//!   as there are bodies that wait, whatever else is queued.
//!
//! A body may wait for a task by means that are not ours: a QFuture, an executor's `block_on`, an event loop
//! in which a callback is to come. The engine does not see that wait, but it is asked for the end before
//! ([`Inner::expect`]). From then on, until that task has ended or the body has, the worker does not count.
//!
//! # What holds
//!
//! 1. `Inner::aside` is the number of runs with `Run::aside`; [`Inner::set_aside`] alone writes both.
//! 2. A run is aside if and only if `Run::expects` is not 0 and its thread executes no other body in the
//!    middle of it ([`Shared::help`]); an abandoned one is aside until it returns.
//! 3. `Run::expects` is what [`Inner::step_aside`] added and [`Inner::step_back`] has not taken: once an entry
//!    in some `Extra::expected_by` with the run's `serial`, which the end of that task takes out; once a wait
//!    for bodies, or for all tasks of an owner, that is under way; once in a run that was abandoned. A body
//!    that ends takes all back, and its run's serial is another ([`Inner::expect_nothing`]).
//!
//! That there is never a cycle of waits: each is checked under the lock before it begins, by
//! following `waits_for` from the awaited task; a chain that does not lead back here ends, as there
//! was no cycle before.

use std::time::Duration;

use super::cancel::Flag;
use super::clock::{Nanos, nanos};
use super::effects::Effects;
use super::id::TaskId;
use super::inner::{Inner, Phase};
use super::lanes::{AWAITED_LANES, MUST_RUN_LANE};
use super::owners::OwnerId;
use super::record::{NIL, flag};
use super::sync::MutexGuard;
use super::words::{Status, WaitResult};
use super::{Payload, Shared, current};

/// What a wait is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The task's end.
    End,
    /// And that its body has returned, which in an abandoned task comes later.
    Returned,
}

impl<P: Payload> Inner<P> {
    /// Whether `slot`, through what it waits for, waits for the task of `run`.
    pub(super) fn leads_back(&mut self, slot: u32, run: u32) -> bool {
        let mine = self.runs[run as usize].slot;
        let mut at = slot;
        while at != NIL {
            if at == mine {
                return true;
            }
            match self.slab.at(at).run {
                NIL => return false,
                run => at = self.runs[run as usize].waits_for,
            }
        }
        false
    }

    /// Whether a worker may wait for it at all.
    fn is_about_to_end(&mut self, slot: u32) -> bool {
        let record = self.slab.at(slot);
        match record.status {
            Status::Delayed => false,
            Status::Queued => !record.has(flag::PERIODIC),
            Status::Running => !record.has(flag::PERIODIC) || record.has(flag::CANCEL_REQUESTED),
            _ => true,
        }
    }

    fn set_aside(&mut self, run: u32, aside: bool) {
        let run = &mut self.runs[run as usize];
        if run.aside != aside {
            run.aside = aside;
            match aside {
                true => self.aside += 1,
                false => self.aside -= 1,
            }
        }
    }

    /// The worker of `run` waits, or is about to: another takes its place.
    pub(super) fn step_aside(&mut self, fx: &mut Effects<P>, run: u32) {
        self.runs[run as usize].expects += 1;
        self.set_aside(run, true);
        self.dispatch(fx);
    }

    /// The wait is over. The body goes on at once; a worker that is one too many ends as it comes by.
    fn step_back(&mut self, fx: &mut Effects<P>, run: u32) {
        self.runs[run as usize].expects -= 1;
        if self.runs[run as usize].expects == 0 {
            self.set_aside(run, false);
            self.shrink(fx);
        }
    }

    /// The body of `run` has ended: whatever it was going to wait for, it does not.
    pub(super) fn expect_nothing(&mut self, run: u32) {
        self.runs[run as usize].expects = 0;
        self.runs[run as usize].serial += 1;
        self.set_aside(run, false);
    }

    /// The body of `run` was asked for the end of a task, and is going to wait for it by means of its own.
    pub(super) fn expect(&mut self, fx: &mut Effects<P>, slot: u32, run: u32) {
        let mine = self.runs[run as usize].slot;
        if mine == NIL || mine == slot || self.slab.at(slot).status.is_finished() {
            return;
        }
        self.note_who_expects(slot, run);
        self.bring_forward(slot, run);
        self.step_aside(fx, run);
    }

    fn note_who_expects(&mut self, slot: u32, run: u32) {
        let serial = self.runs[run as usize].serial;
        self.slab.at(slot).extra().expected_by.push((run, serial));
    }

    /// Takes that back; `false` if the task's end has done it.
    fn forget_who_expects(&mut self, slot: u32, run: u32) -> bool {
        let serial = self.runs[run as usize].serial;
        let expected = &mut self.slab.at(slot).extra().expected_by;
        let place = expected.iter().position(|noted| *noted == (run, serial));
        place.map(|place| expected.swap_remove(place)).is_some()
    }

    /// A task has ended: the bodies that expected it go on.
    pub(super) fn told_who_expects(&mut self, fx: &mut Effects<P>, slot: u32) {
        let Some(extra) = &mut self.slab.at(slot).extra else { return };
        for (run, serial) in std::mem::take(&mut extra.expected_by) {
            if self.runs[run as usize].serial == serial {
                self.step_back(fx, run);
            }
        }
    }

    /// A queued task that the body of `run` waits for goes before others of its priority, or of that body's if
    /// that is higher: to wait for it is to wait for what stands before it.
    fn bring_forward(&mut self, slot: u32, run: u32) {
        if self.slab.at(slot).status != Status::Queued || self.phase != Phase::Open {
            return;
        }
        let mine = self.runs[run as usize].slot;
        let rank = match mine {
            NIL => self.rank(slot),
            mine => self.rank(mine).min(self.rank(slot)),
        };
        let lane = self.slab.at(slot).lane;
        if lane >= AWAITED_LANES && lane <= AWAITED_LANES + rank {
            return;
        }
        self.lanes.unlink(&mut self.slab, &mut self.owners, slot);
        self.slab.at(slot).lane = AWAITED_LANES + rank;
        self.lanes.push(&mut self.slab, &mut self.owners, slot);
    }

    /// The priority of a task as a number, or that of who waits for it.
    fn rank(&mut self, slot: u32) -> u8 {
        let record = self.slab.at(slot);
        match record.lane {
            lane if lane >= AWAITED_LANES => lane - AWAITED_LANES,
            MUST_RUN_LANE => record.priority as u8,
            lane => lane,
        }
    }

    /// Whether a task has ended, and no worker executes its body any more, as one may do with a task that was
    /// abandoned.
    fn has_returned(&mut self, slot: u32) -> bool {
        let record = self.slab.at(slot);
        record.status.is_finished() && record.run == NIL
    }

    /// A task of an owner's that has not ended, or a body of it that has not returned; but for those that
    /// go on without it.
    fn unfinished_of(&mut self, owner: u32) -> Option<u32> {
        let listed = self.owners.at(owner).tasks;
        if listed != NIL {
            return Some(listed);
        }
        let slots = self.runs.iter().map(|run| run.slot).filter(|slot| *slot != NIL);
        let slots: Vec<u32> = slots.collect();
        slots.into_iter().find(|slot| {
            let record = self.slab.at(*slot);
            record.owner == owner && !record.has(flag::DETACHED)
        })
    }

    /// Whether a body that waits for all of an owner's tasks would wait for ever: for itself, for one that
    /// waits for it, or for one that is not about to run.
    fn owner_never_rests(&mut self, owner: u32, run: u32) -> bool {
        let mut slot = self.owners.at(owner).tasks;
        while slot != NIL {
            if self.leads_back(slot, run) || !self.is_about_to_end(slot) {
                return true;
            }
            slot = self.slab.at(slot).owner_next;
        }
        false
    }
}

impl<P: Payload> Shared<P> {
    /// One time-slice of waiting: until something happened, or `deadline`.
    pub(super) fn doze<'a>(
        &'a self,
        inner: MutexGuard<'a, Inner<P>>,
        deadline: Option<Nanos>,
    ) -> MutexGuard<'a, Inner<P>> {
        match deadline {
            Some(deadline) if !self.clock.is_virtual() => {
                let left = deadline.saturating_sub(self.clock.now()).max(1);
                self.inner.wait_for(&self.done, inner, Duration::from_nanos(left))
            }
            _ => self.inner.wait(&self.done, inner),
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
        self.inner.lock()
    }

    /// Waits until no task of an owner's is left, nor a body of one: see [`Engine::wait_for_all`].
    ///
    /// [`Engine::wait_for_all`]: super::Engine::wait_for_all
    pub(super) fn wait_for_all(&self, owner: OwnerId, timeout: Option<Duration>) -> WaitResult {
        let mut fx = Effects::new();
        let deadline = timeout.map(|timeout| self.clock.now().saturating_add(nanos(timeout)));
        let mine = current::run_of(self);
        let mut inner = self.inner.lock();
        if inner.owners.known(owner).is_none() {
            return WaitResult::Done;
        }
        let owner = owner.index;
        if inner.unfinished_of(owner).is_none() {
            return WaitResult::Done;
        }
        // Its index is not another's meanwhile.
        inner.owners.at(owner).references += 1;
        let refused = mine.is_some_and(|run| inner.owner_never_rests(owner, run));
        if let Some(run) = mine.filter(|_| !refused) {
            inner = self.begin_waiting(inner, &mut fx, None, run);
        }
        let result = loop {
            if refused {
                break WaitResult::WouldDeadlock;
            }
            let Some(slot) = inner.unfinished_of(owner) else { break WaitResult::Done };
            if deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                break WaitResult::WaitTimeout;
            }
            if let Some(run) = mine {
                inner.bring_forward(slot, run);
            }
            inner.slab.at(slot).set(flag::HAS_WAITERS);
            inner = self.doze(inner, deadline);
        };
        if let Some(run) = mine.filter(|_| !refused) {
            inner.step_back(&mut fx, run);
        }
        inner.owners.release(owner);
        drop(inner);
        self.apply(&mut fx);
        result
    }

    pub(super) fn wait(&self, id: TaskId, timeout: Option<Duration>, how: Until) -> WaitResult {
        let mut fx = Effects::new();
        let mut inner = self.inner.lock();
        let Some(slot) = inner.find(&mut fx, id) else {
            drop(inner);
            self.apply(&mut fx);
            return WaitResult::UnknownTask;
        };
        let done = match how {
            Until::End => inner.slab.at(slot).status.is_finished(),
            Until::Returned => inner.has_returned(slot),
        };
        if done {
            return WaitResult::Done;
        }
        let mine = current::run_of(self);
        if let Some(run) = mine {
            if inner.leads_back(slot, run) || !inner.is_about_to_end(slot) {
                return WaitResult::WouldDeadlock;
            }
            inner.runs[run as usize].waits_for = slot;
        }
        // A waiter keeps the task, so that the history does not forget it meanwhile.
        inner.pin(slot);
        let deadline = timeout.map(|timeout| self.clock.now().saturating_add(nanos(timeout)));
        let queued = inner.slab.at(slot).status == Status::Queued && inner.may_start(slot);
        if let Some(run) = mine
            && timeout.is_none()
            && queued
        {
            inner = self.help(inner, &mut fx, slot, run);
        }
        let aside = mine.filter(|_| !inner.slab.at(slot).status.is_finished());
        if let Some(run) = aside {
            if how == Until::End {
                // With the task's end, and not only when this thread comes to it: else its worker would take
                // a task that is one too many.
                inner.note_who_expects(slot, run);
            }
            inner = self.begin_waiting(inner, &mut fx, Some(slot), run);
        }
        let result = loop {
            let record = inner.slab.at(slot);
            if record.status.is_finished() && (how == Until::End || record.run == NIL) {
                break WaitResult::Done;
            }
            if deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                break WaitResult::WaitTimeout;
            }
            record.set(flag::HAS_WAITERS);
            inner = self.doze(inner, deadline);
        };
        if let Some(run) = mine {
            inner.runs[run as usize].waits_for = NIL;
        }
        if let Some(run) = aside
            && (how == Until::Returned || inner.forget_who_expects(slot, run))
        {
            inner.step_back(&mut fx, run);
        }
        inner.unpin(&mut fx, slot);
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
        inner.set_aside(outer, false);
        let state = &mut *inner;
        state.lanes.unlink(&mut state.slab, &mut state.owners, slot);
        let run = inner.take_run();
        let body = inner.begin_run(fx, slot, run, self.clock.now());
        let (id, iteration) = (inner.id(slot), inner.iteration(slot));
        let mut context = self.context(&inner, run);
        drop(inner);
        self.apply(fx);
        (context.id, context.iteration) = (id, iteration);
        let (body, result) = self.execute(body, &context, run, false);
        let mut inner = self.inner.lock();
        inner.end_run(fx, slot, run, body, result, self.clock.now());
        inner.free_runs.push(run);
        let expects = inner.runs[outer as usize].expects > 0;
        inner.set_aside(outer, expects);
        inner.dispatch(fx);
        drop(inner);
        self.apply(fx);
        self.inner.lock()
    }

    /// Sleeps until `flag` is raised, or for `time`.
    pub(super) fn sleep_on(&self, flag: &Flag, time: Duration) {
        let deadline = self.clock.now().saturating_add(nanos(time));
        let mut inner = self.inner.lock();
        // The flag is raised under the lock, so it cannot be missed between here and the wait.
        while flag.get() == 0 && self.clock.now() < deadline {
            inner = self.doze(inner, Some(deadline));
        }
    }
}
