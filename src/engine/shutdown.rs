//! The end of an engine: Open, Closing, Closed; and of a part of its life: Open, Closing, Resting, Open.
//!
//! Closing refuses what is new, cancels what waits, asks what runs to stop, and waits for it until
//! the deadline; what still runs then is abandoned, by name. Closed has nothing left, for good. Resting has
//! nothing left, either; but its threads sleep, and the next submission opens the engine again. So ends what
//! an application has begun while its event loop ran: another loop may come.
//!
//! Cancelling a million queued tasks is done in pieces with the lock released in between, so that
//! the closures are destroyed without it and workers can hand in what they finish.

use std::sync::Arc;
use std::time::Duration;

use super::clock::{Nanos, nanos};
use super::effects::Effects;
use super::error::{CancelReason, ErrorKind, TaskError};
use super::id::TaskId;
use super::inner::{Inner, Phase};
use super::lanes::{LANES, MUST_RUN_LANE};
use super::outbox::Kind;
use super::record::{NIL, Outcome, Status, flag};
use super::{Payload, Shared, current};

/// Tasks cancelled for each time that the lock is taken.
const PIECE: usize = 256;

/// How long after its deadline a shutdown waits for threads that have nothing left to do.
const GRACE: Nanos = 100_000_000;

/// How often a shutdown looks for what bodies ask of its thread.
const ANSWER: Nanos = 5_000_000;

/// What the thread that waits for a shutdown does meanwhile. Both are called without the lock.
#[derive(Default)]
pub struct Meanwhile<'a> {
    /// Delivers what is in the outbox, where the caller is the thread that receives.
    pub deliver: Option<&'a mut dyn FnMut()>,
    /// Does what bodies have asked of that thread, and wait for: else they would not return.
    pub answer: Option<&'a mut dyn FnMut()>,
}

/// A task that still ran at the deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abandoned {
    pub id: TaskId,
    /// The task's name, or its job's; empty if it has neither.
    pub name: String,
}

/// What a shutdown did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Whether the shutdown is over. `false` only from a call that a task made, or a callback on one
    /// of the engine's own threads, which does not wait.
    /// What was left behind is in `abandoned`.
    pub complete: bool,
    /// Tasks that ended by themselves since the shutdown began.
    pub finished: u64,
    /// Tasks that were cancelled, before or during their run.
    pub cancelled: u64,
    /// Tasks that still ran at the deadline. Their threads run on; their results are dropped.
    pub abandoned: Vec<Abandoned>,
}

/// The shutdown that is under way, or the last one.
pub struct Closing {
    pub deadline: Option<Nanos>,
    /// It leads to Closed, and not to Resting.
    last: bool,
    /// Everything that waited was looked at once.
    swept: bool,
    finished: u64,
    cancelled: u64,
    abandoned: Vec<Abandoned>,
    complete: bool,
    /// The deadline has come: what is left is being cancelled, and nothing starts.
    expiring: bool,
    /// Up to here, the records were looked through for what is delayed and not in the timers.
    looked_at: usize,
}

impl Closing {
    pub fn count(&mut self, status: Status) {
        match status {
            Status::Cancelled => self.cancelled += 1,
            Status::Abandoned => {}
            _ => self.finished += 1,
        }
    }

    pub fn report(&self) -> ShutdownReport {
        ShutdownReport {
            complete: self.complete,
            finished: self.finished,
            cancelled: self.cancelled,
            abandoned: self.abandoned.clone(),
        }
    }
}

impl<P: Payload> Inner<P> {
    /// Begins, or brings the deadline forward. `last`: for good.
    fn begin_closing(&mut self, fx: &mut Effects<P>, deadline: Nanos, last: bool) {
        match (self.phase, &mut self.closing) {
            (Phase::Closed, _) => return,
            (Phase::Closing, Some(closing)) => {
                closing.deadline = closing.deadline.map(|before| before.min(deadline));
                closing.last |= last;
                self.arm_timer(fx);
                return;
            }
            _ => self.phase = Phase::Closing,
        }
        self.closing = Some(Closing {
            deadline: Some(deadline),
            last,
            swept: false,
            finished: 0,
            cancelled: 0,
            abandoned: Vec::new(),
            complete: false,
            expiring: false,
            looked_at: 0,
        });
        let now = self.clock.now();
        for run in 0..self.runs.len() {
            let slot = self.runs[run].slot;
            // A task that must run, and runs, is waited for and not disturbed.
            if slot != NIL && !self.slab.at(slot).has(flag::MUST_RUN) {
                self.cancel(fx, slot, CancelReason::Shutdown, now);
            }
        }
    }

    /// Cancels a piece of what waits; whether there is more.
    fn sweep(&mut self, fx: &mut Effects<P>) -> bool {
        if self.phase != Phase::Closing {
            return false;
        }
        let now = self.clock.now();
        let mut left = PIECE;
        // Delayed tasks. From the end of the heap, where taking one out is cheapest; what runs
        // stands there for its time-out.
        let mut place = self.timers.len();
        while place > 0 {
            place = (place - 1).min(self.timers.len() - 1);
            let slot = self.timers.slot_at(place);
            if self.slab.at(slot).status == Status::Delayed {
                self.cancel(fx, slot, CancelReason::Shutdown, now);
                left -= 1;
                if left == 0 {
                    return true;
                }
                place = (place + 1).min(self.timers.len());
            }
        }
        for lane in 0..LANES {
            if lane == MUST_RUN_LANE as usize {
                continue;
            }
            while let Some(slot) = self.lanes.pop_lane(&mut self.slab, &mut self.owners, lane) {
                let record = self.slab.at(slot);
                if record.has(flag::MUST_RUN) {
                    record.lane = MUST_RUN_LANE;
                    self.lanes.push(&mut self.slab, &mut self.owners, slot);
                } else {
                    record.reason = CancelReason::Shutdown as u8;
                    self.terminate(fx, slot, Status::Cancelled, Outcome::None, now);
                }
                left -= 1;
                if left == 0 {
                    return true;
                }
            }
        }
        // Periodic tasks that wait for their runs to be delivered are in neither place.
        if self.delayed > 0 {
            let from = self.closing.as_ref().map_or(0, |closing| closing.looked_at);
            let to = (from + 2 * PIECE).min(self.slab.end());
            for slot in from as u32..to as u32 {
                if self.slab.get(slot).is_some_and(|record| record.status == Status::Delayed) {
                    self.cancel(fx, slot, CancelReason::Shutdown, now);
                }
            }
            if let Some(closing) = &mut self.closing {
                closing.looked_at = to;
            }
            if to < self.slab.end() {
                return true;
            }
        }
        if let Some(closing) = &mut self.closing {
            closing.swept = true;
        }
        self.close_if_done(fx);
        // Only now: most engines have nothing left, and need no thread for their deadline.
        self.arm_timer(fx);
        false
    }

    /// Closing becomes Closed, or Resting, once nothing is left.
    pub fn close_if_done(&mut self, fx: &mut Effects<P>) {
        if self.phase != Phase::Closing || self.running > 0 || self.lanes.len() > 0 || self.delayed > 0 {
            return;
        }
        let Some(closing) = self.closing.as_mut().filter(|closing| closing.swept) else { return };
        closing.complete = true;
        fx.wake_waiters = true;
        if closing.last {
            self.phase = Phase::Closed;
            for worker in self.idle.drain(..) {
                let worker = &mut self.workers[worker as usize];
                worker.notified = true;
                worker.wake.notify_one();
            }
            fx.wake_timer = true;
        } else {
            self.phase = Phase::Resting;
        }
        if self.listening {
            self.post(fx, Kind::Shutdown, 0);
        }
    }

    pub fn is_expiring(&self) -> bool {
        self.phase == Phase::Closing && self.closing.as_ref().is_some_and(|closing| closing.expiring)
    }

    /// At the deadline, what still runs is abandoned, and what must run and did not is cancelled, by
    /// pieces; whether there is more.
    pub fn expire_shutdown(&mut self, fx: &mut Effects<P>, now: Nanos) -> bool {
        let Some(closing) = self.closing.as_mut().filter(|_| self.phase == Phase::Closing) else {
            return false;
        };
        if closing.deadline.is_none_or(|deadline| deadline > now) {
            return false;
        }
        closing.expiring = true;
        for run in 0..self.runs.len() {
            let slot = self.runs[run].slot;
            if slot == NIL || self.slab.at(slot).status != Status::Running {
                continue;
            }
            let id = self.id(slot);
            let record = self.slab.at(slot);
            let name = record.shown_name().map(|name| name.to_string()).unwrap_or_default();
            fx.calls().warnings.push(format!(
                "task {id} \"{name}\" still runs at the deadline of the shutdown and is abandoned"
            ));
            if let Some(closing) = &mut self.closing {
                closing.abandoned.push(Abandoned { id, name });
            }
            self.timers.remove(&mut self.slab, slot);
            // What must run was not asked before; its result is dropped now, so it may as well stop.
            self.request_stop(fx, slot, CancelReason::Shutdown);
            // Its worker still refers to it and gives this back, if it ever returns. Until then it does not
            // count: the engine may be open again before that.
            self.pin(slot);
            self.step_aside(fx, run as u32);
            let iteration = self.iteration(slot);
            let error = TaskError::new(
                ErrorKind::Abandoned,
                "it still ran at the deadline of the shutdown; its result is dropped",
            );
            let error = error.with_attempt(iteration).with_reason(Some(CancelReason::Shutdown));
            self.terminate(fx, slot, Status::Abandoned, Outcome::Error(Arc::new(error)), now);
        }
        for _ in 0..PIECE {
            let Some(slot) = self.lanes.pop(&mut self.slab, &mut self.owners) else {
                if let Some(closing) = &mut self.closing {
                    closing.deadline = None;
                }
                self.close_if_done(fx);
                return false;
            };
            self.slab.at(slot).reason = CancelReason::Shutdown as u8;
            self.terminate(fx, slot, Status::Cancelled, Outcome::None, now);
        }
        true
    }
}

impl<P: Payload> Inner<P> {
    /// Threads of ours that have something to do, if only to end. Those of an engine that rests may sleep.
    fn threads(&self) -> usize {
        match self.phase {
            Phase::Closed => self.alive + self.retiring + usize::from(self.timer_started),
            _ => self.alive + self.retiring - self.idle.len(),
        }
    }

    /// Of those, the ones that abandoned tasks hold. (A task that waits and runs another counts
    /// twice: then one thread more is not waited for.)
    fn held_threads(&self) -> usize {
        self.runs.iter().filter(|run| run.slot != NIL).count()
    }
}

impl<P: Payload> Shared<P> {
    /// `last`: for good.
    pub(super) fn begin_shutdown(&self, timeout: Duration, last: bool) {
        let mut fx = Effects::new();
        let mut inner = self.inner.lock();
        let deadline = self.clock.now().saturating_add(nanos(timeout));
        inner.begin_closing(&mut fx, deadline, last);
        drop(inner);
        self.apply(&mut fx);
        // Whoever comes helps to sweep: the first may be further down on this very stack, in the
        // destructor of what it cancels.
        loop {
            let mut inner = self.inner.lock();
            let more = inner.sweep(&mut fx);
            inner.dispatch(&mut fx);
            drop(inner);
            self.apply(&mut fx);
            if !more {
                return;
            }
        }
    }

    /// Begins, and waits for the end.
    pub(super) fn shutdown(&self, timeout: Duration, last: bool, meanwhile: Meanwhile<'_>) -> ShutdownReport {
        let deadline = self.clock.now().saturating_add(nanos(timeout));
        self.begin_shutdown(timeout, last);
        // A task cannot wait for itself; nor can the timer thread, in a callback.
        if current::is_own(self) {
            return self.inner.lock().closing.as_ref().map(Closing::report).unwrap_or_default();
        }
        let Meanwhile { deliver: mut pump, mut answer } = meanwhile;
        let mut fx = Effects::new();
        loop {
            if let Some(answer) = &mut answer {
                answer();
            }
            let mut inner = self.inner.lock();
            let now = self.clock.now();
            let more = inner.expire_shutdown(&mut fx, now);
            // Slots that take too long are cut off, too.
            let pump_until = deadline.saturating_add(GRACE);
            let pending = pump.is_some() && !inner.outbox.is_empty() && now < pump_until;
            // The threads have nothing to do but to end, which is worth a moment: the caller may be
            // about to end the process, under the feet of what they are doing. Those that abandoned
            // tasks hold stay.
            let closed = inner.phase != Phase::Closing;
            let until = if closed { deadline.saturating_add(GRACE) } else { deadline };
            // And where it is open again, others go on.
            let gone = inner.phase == Phase::Open
                || inner.threads() <= inner.held_threads()
                || self.clock.is_virtual();
            // After the deadline, it may take another thread that sweeps a moment to be Closed.
            let wait = !closed || !gone && now < until;
            let idle = !more && fx.is_empty() && !pending;
            if idle && wait {
                inner.pumping += usize::from(pump.is_some());
                let mut inner = match self.clock.is_virtual() {
                    true => self.inner.wait(&self.done, inner),
                    false => {
                        let mut left = until.saturating_sub(now).max(1_000_000);
                        if answer.is_some() {
                            left = left.min(ANSWER);
                        }
                        self.inner.wait_for(&self.done, inner, Duration::from_nanos(left))
                    }
                };
                inner.pumping -= usize::from(pump.is_some());
                continue;
            }
            let report = inner.closing.as_ref().map(Closing::report).unwrap_or_default();
            // Otherwise it looks again, after that is done.
            let finished = idle;
            drop(inner);
            self.apply(&mut fx);
            if pending && let Some(pump) = &mut pump {
                pump();
            }
            if finished {
                return report;
            }
        }
    }
}
