//! Futures: bodies that are polled, and hold no worker between two polls.
//!
//! A worker begins such a task as any, with a run of its own ([`Runs`](super::runs::Runs)), and polls it. While it is
//! pending the run stays, without a thread: so the task is one that runs to all others, for its key, its owner's limit,
//! its time-out, a group, an unloading. Its body lies in the record meanwhile. As it is woken (`waking.rs`) it waits in its lane
//! for a worker, among the [turns](super::tasks::Tasks::queue_turn), and that polls it once more.
//!
//! # States
//!
//! | where its run is | what happens |
//! | --- | --- |
//! | on a thread | it is polled; a wake-up, a cancel, a pause are seen at the end of the poll |
//! | pending | a wake-up gives it its turn, and so does a cancel |
//! | in the lanes | it waits for a worker; a second wake-up is none |
//! | pending, and stopped | it is paused; a wake-up counts once it goes on |
//!
//! # Invariants
//!
//! 1. One thread at a time polls it: the one that has taken it out of the lanes, which it enters only as its run is pending.
//! 2. **No wake-up is lost.** A wake-up finds the run under the lock, in one of the four states. On a thread, and stopped, it
//!    is noted (`Runs::wake`), and the transition that leaves that state gives it its turn.
//! 3. Its body is in the record if and only if its run is on no thread.
//! 4. What was asked to stop is not polled any more: the worker whose turn it is destroys it ([`Shared::poll`]). So it ends at
//!    its next await, on a worker, and what it has there is destroyed without the lock. At the deadline of a shutdown there is
//!    no worker for it any more: the thread that ends it destroys it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::body::{BoxBody, Brought};
use super::clock::Nanos;
use super::closing::Phase;
use super::contain::{destroy, panic_message};
use super::context::{Host, TaskContext};
use super::crew::Crew;
use super::effects::{Effects, Garbage};
use super::engine::Engine;
use super::error::TaskError;
use super::id::TaskId;
use super::inner::Inner;
use super::naps::{KeepsTime, Sleep};
use super::payload::Payload;
use super::record::{NIL, flag};
use super::shared::Shared;
use super::sync::MutexGuard;
use super::trace::Waits;
use super::waking::{Wakes, Waking};
use super::words::{ErrorKind, Status};

/// What a worker does with a future, once.
struct Turn<P> {
    run: u32,
    body: Option<BoxBody<P>>,
    context: TaskContext,
    waking: Option<Arc<Waking>>,
    /// It was asked to stop.
    ends: bool,
}

impl<P: Payload> Inner<P> {
    /// A future that was taken out of the lanes begins, or goes on.
    fn begin_turn(&mut self, fx: &mut Effects<P>, crew: Crew, slot: u32, shared: &Shared<P>) -> Turn<P> {
        let id = self.id(slot);
        let record = self.tasks.at(slot);
        let (run, body);
        if record.status == Status::Queued {
            run = self.runs.take(crew);
            let now = self.clock.now();
            body = self.begin_run(fx, slot, run, now);
            self.runs.set_waking(run, Arc::new(Waking::new(shared.arc(), id)));
        } else {
            run = record.run;
            body = record.body.take();
            let blocks = record.extra.as_ref().is_some_and(|extra| extra.kept.may_block);
            self.runs.begin_poll(run, crew);
            self.trace_run(slot, run, self.clock.now());
            if blocks {
                self.lend_place(fx, run);
            }
        }
        let host: Arc<dyn Host> = shared.arc();
        let context = TaskContext { host, flag: self.runs.flag(run), id, iteration: 1, attempt: 1 };
        Turn { run, body, context, waking: self.runs.waking(run), ends: self.runs.reason(run) != Some(0) }
    }

    fn end_turn(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        run: u32,
        body: Option<BoxBody<P>>,
        brought: Option<Brought<P>>,
    ) {
        let now = self.clock.now();
        let abandoned = self.tasks.at(slot).status != Status::Running;
        match brought {
            None if !abandoned => self.stay_pending(fx, slot, run, body, now),
            brought => {
                let brought = brought.unwrap_or_else(|| Brought::of(Err(TaskError::cancelled())));
                self.end_run(fx, slot, run, body, brought, now);
                self.runs.give_back(run);
            }
        }
    }

    fn stay_pending(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        run: u32,
        body: Option<BoxBody<P>>,
        now: Nanos,
    ) {
        if self.runs.is_stopped(run) {
            // A thread to which it has lent its context has stopped there for a pause: it goes on.
            while !self.runs.go_on(run, now) {}
            self.future_goes_on(fx, slot, run, now);
            fx.wake_waiters = true;
        }
        let worked = self.runs.works(run);
        self.trace_run_over(slot, run, now, || "pending");
        self.runs.end_poll(run);
        self.trace_wait(slot, Waits::Wake);
        self.share_owner_place(fx, run, worked);
        self.tasks.at(slot).body = body;
        if self.tasks.at(slot).is_pausable() && self.is_held(slot) && self.runs.reason(run) == Some(0) {
            self.stop_future(fx, slot, run, now);
        } else if self.runs.is_owed(run) || self.runs.reason(run) != Some(0) {
            self.give_turn(fx, slot, run);
        }
    }

    /// It waits for a worker from here on.
    fn give_turn(&mut self, fx: &mut Effects<P>, slot: u32, run: u32) {
        self.runs.give_turn(run);
        self.tasks.queue_turn(slot);
        self.trace_wait(slot, Waits::Turn);
        self.dispatch(fx);
    }

    fn take_turn_back(&mut self, slot: u32, run: u32) {
        if self.runs.has_turn(run) {
            self.tasks.unqueue_turn(slot);
            self.runs.take_turn_back(run);
        }
    }

    fn wake_future(&mut self, fx: &mut Effects<P>, id: TaskId) {
        let Some(slot) = self.find(fx, id) else { return };
        let run = self.tasks.at(slot).run;
        // One that was abandoned is on a thread.
        if run != NIL && self.runs.wake(run) {
            self.give_turn(fx, slot, run);
        }
    }

    /// A future was asked to stop: its next turn ends it. One that is polled is looked at when the poll is over.
    pub fn end_future(&mut self, fx: &mut Effects<P>, slot: u32, run: u32) {
        let now = self.clock.now();
        if self.runs.is_pending(run) && self.runs.is_stopped(run) {
            self.runs.go_on(run, now);
            self.future_goes_on(fx, slot, run, now);
            self.share_owner_place(fx, run, false);
        }
        if self.runs.is_pending(run) {
            self.give_turn(fx, slot, run);
        }
    }

    /// The deadline of a shutdown has come, and no worker executes this future: it is destroyed after the lock. Whether
    /// that is so.
    pub fn end_future_now(&mut self, fx: &mut Effects<P>, slot: u32) -> bool {
        let record = self.tasks.at(slot);
        let run = record.run;
        if !record.has(flag::FUTURE) || run == NIL || self.runs.is_on_thread(run) {
            return false;
        }
        self.time.remove(&mut self.tasks, slot);
        self.take_turn_back(slot, run);
        let works = self.runs.works(run);
        self.runs.end(run);
        self.runs.give_back(run);
        if works {
            self.give_owner_place_back(fx, slot);
        }
        let record = self.tasks.at(slot);
        record.run = NIL;
        let (hook, body) = (record.extra.as_mut().and_then(|extra| extra.hook.take()), record.body.take());
        if let Some(hook) = hook {
            self.leave(fx, slot, Garbage::Hook(hook));
        }
        if let Some(body) = body {
            self.leave(fx, slot, Garbage::Body(body));
        }
        true
    }

    /// A body waits for it: from here on it has its turn in that lane.
    pub fn hurry_future(&mut self, slot: u32, lane: u8) {
        let run = self.tasks.at(slot).run;
        let waits = run != NIL && self.runs.has_turn(run);
        if waits {
            self.tasks.unqueue_turn(slot);
        }
        self.tasks.at(slot).lane = lane;
        if waits {
            self.tasks.queue_turn(slot);
        }
    }

    // ---- pauses --------------------------------------------------------------------------------

    /// A future is to stop, or to go on: between two polls at once, in a poll once that is over.
    pub fn pause_future(&mut self, fx: &mut Effects<P>, slot: u32, run: u32, pause: bool) {
        let now = self.clock.now();
        let stopped = self.runs.is_stopped(run);
        if self.runs.is_on_thread(run) || pause == stopped || self.runs.reason(run) != Some(0) {
            return;
        }
        if pause {
            self.take_turn_back(slot, run);
            self.stop_future(fx, slot, run, now);
            return;
        }
        self.runs.go_on(run, now);
        self.future_goes_on(fx, slot, run, now);
        self.share_owner_place(fx, run, false);
        if self.runs.is_owed(run) {
            self.give_turn(fx, slot, run);
        }
    }

    fn stop_future(&mut self, fx: &mut Effects<P>, slot: u32, run: u32, now: Nanos) {
        let worked = self.runs.works(run);
        self.runs.stop(run, now);
        self.share_owner_place(fx, run, worked);
        self.body_stopped(fx, slot, now);
    }

    fn future_goes_on(&mut self, fx: &mut Effects<P>, slot: u32, run: u32, now: Nanos) {
        self.stopped_body_goes_on(fx, slot, run, now);
    }
}

impl<P: Payload> Shared<P> {
    /// Polls a future once that was taken out of the lanes, by a thread of a crew, or destroys it if it was asked to stop.
    pub(super) fn take_turn<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        crew: Crew,
        slot: u32,
    ) -> MutexGuard<'a, Inner<P>> {
        let turn = inner.begin_turn(fx, crew, slot, self);
        let run = turn.run;
        // There may be one worker more, which nobody calls for what is left in the injector.
        self.state.close(&mut inner);
        inner.dispatch(fx);
        drop(inner);
        self.apply(fx);
        let (body, brought) = self.poll(turn);
        let mut inner = self.state.lock();
        inner.end_turn(fx, slot, run, body, brought);
        inner
    }

    /// What is left of it, or what it brought. Whatever it does, this returns.
    fn poll(&self, turn: Turn<P>) -> (Option<BoxBody<P>>, Option<Brought<P>>) {
        let Turn { run, body, context, waking, ends } = turn;
        let (Some(mut body), Some(waking)) = (body, waking) else {
            return (None, Some(Brought::of(Err(TaskError::cancelled()))));
        };
        let _entered = self.enter(run);
        let panicked = |panic| Err(TaskError::new(ErrorKind::Panic, panic_message(panic)));
        if ends {
            let dropped = catch_unwind(AssertUnwindSafe(|| drop(body)));
            let result = dropped.map_or_else(panicked, |()| Err(TaskError::cancelled()));
            return (None, Some(Brought::of(result)));
        }
        waking.clear();
        let waker = Waker::from(waking);
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let _span = self.enter_span(&context);
            body.poll(&context, &mut Context::from_waker(&waker))
        }));
        let result = match polled {
            Ok(Poll::Pending) => return (Some(body), None),
            Ok(Poll::Ready(result)) => result,
            Err(panic) => panicked(panic),
        };
        let brought = Brought::of(result);
        destroy(body);
        (None, Some(brought))
    }
}

impl<P: Payload> Wakes for Shared<P> {
    fn wake_future(&self, id: TaskId) {
        self.with(|inner, fx| inner.wake_future(fx, id));
    }
}

// ---- sleep -------------------------------------------------------------------------------------

impl<P: Payload> KeepsTime for Shared<P> {
    fn now(&self) -> Nanos {
        self.clock.now()
    }

    fn nap(&self, due: Nanos, number: u64, waker: Waker) -> Option<u64> {
        self.with(|inner, fx| {
            if inner.clock.now() >= due {
                let left = [inner.time.naps.remove(due, number), Some(waker)];
                fx.calls().garbage.extend(left.into_iter().flatten().map(Garbage::Waker));
                return None;
            }
            let (number, before) = inner.time.naps.insert(due, number, waker);
            fx.calls().garbage.extend(before.map(Garbage::Waker));
            inner.arm_timer(fx);
            Some(number)
        })
    }

    fn forget(&self, due: Nanos, number: u64) {
        self.with(|inner, fx| {
            let waker = inner.time.naps.remove(due, number);
            fx.calls().garbage.extend(waker.map(Garbage::Waker));
            // Of an engine that is closed the timer thread has nothing left to wait for.
            fx.wake_timer |= inner.time.naps.is_empty() && inner.admission.phase() == Phase::Closed;
        });
    }
}

impl<P: Payload> Engine<P> {
    /// A future that is ready after `time`, by this engine's clock: from now on, whenever it is polled first.
    pub fn sleep(&self, time: Duration) -> Sleep {
        Sleep::new(self.shared().arc(), time)
    }

    /// How many sleeps are under way that were polled.
    pub fn naps(&self) -> usize {
        self.shared().with(|inner, _| inner.time.naps.len())
    }
}
