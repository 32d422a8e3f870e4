//! The end of an engine: Open, Closing, Closed; and of a part of its life: Open, Closing, Resting, Open.
//!
//! Closing refuses what is new, cancels what waits, asks what runs to stop, and waits for it until
//! the deadline; what still runs then is abandoned, by name. Closed has nothing left, for good. Resting has
//! nothing left, either; but its threads sleep, and the next submission opens the engine again, once no thread
//! waits for a shutdown any more. So ends what an application has begun while its event loop ran: another loop
//! may come.
//!
//! Cancelling a million queued tasks is done in pieces with the lock released in between, so that
//! the closures are destroyed without it and workers can hand in what they finish.

use std::sync::Arc;
use std::time::Duration;

use super::admission::Begun;
use super::body::Outcome;
use super::clock::{Nanos, nanos};
use super::closing::{Abandoned, Phase, ShutdownReport};
use super::effects::Effects;
use super::error::TaskError;
use super::hand::Tries;
use super::inner::Inner;
use super::lanes::{LANES, MUST_RUN_LANE};
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::shared::Shared;
use super::words::{CancelReason, ErrorKind, Status};

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

impl<P: Payload> Inner<P> {
    /// Begins, or brings the deadline forward. `last`: for good.
    fn begin_closing(&mut self, fx: &mut Effects<P>, deadline: Nanos, last: bool) {
        match self.admission.begin_closing(deadline, last) {
            Begun::Over => return,
            Begun::Before => return self.arm_timer(fx),
            Begun::Now => self.lift_limits(fx),
        }
        // Bodies that wait for room for what they send wait no more.
        fx.wake_waiters = true;
        let now = self.clock.now();
        for run in 0..self.runs.count() {
            let slot = self.runs.slot(run);
            // A task that must run, and runs, is waited for and not disturbed.
            if slot != NIL && !self.tasks.at(slot).has(flag::MUST_RUN) {
                self.cancel(fx, slot, CancelReason::Shutdown, now);
            }
        }
    }

    /// Cancels a piece of what waits; whether there is more.
    fn sweep(&mut self, fx: &mut Effects<P>) -> bool {
        if !self.admission.is_closing() {
            return false;
        }
        let now = self.clock.now();
        let mut left = PIECE;
        // Delayed tasks. From the end of the heap, where taking one out is cheapest; what runs
        // stands there for its time-out.
        let mut place = self.time.len();
        while place > 0 {
            place = (place - 1).min(self.time.len() - 1);
            let slot = self.time.slot_at(place);
            if self.tasks.at(slot).status == Status::Delayed {
                self.waits_no_more(fx, slot, CancelReason::Shutdown, now);
                left -= 1;
                if left == 0 {
                    return true;
                }
                place = (place + 1).min(self.time.len());
            }
        }
        for lane in 0..LANES as u8 {
            if lane == MUST_RUN_LANE {
                continue;
            }
            while let Some(slot) = self.tasks.take_next_of(lane) {
                let record = self.tasks.at(slot);
                if record.has(flag::MUST_RUN) {
                    record.lane = MUST_RUN_LANE;
                    self.tasks.queue(slot);
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
        // What waits for others, and tasks that wait for their runs or attempts to be delivered, are in neither place.
        // What must run and is blocked stays: its turn comes, or what it waits for ends otherwise, which ends it.
        if self.admission.delayed() + self.admission.blocked() > 0 {
            let from = self.admission.closing().map_or(0, |closing| closing.looked_at());
            let to = (from + 2 * PIECE).min(self.tasks.end());
            for slot in from as u32..to as u32 {
                let Some(record) = self.tasks.get(slot) else { continue };
                match record.status {
                    Status::Delayed => {
                        self.waits_no_more(fx, slot, CancelReason::Shutdown, now);
                    }
                    Status::Blocked if !record.has(flag::MUST_RUN) => {
                        self.cancel(fx, slot, CancelReason::Shutdown, now);
                    }
                    // It was paused.
                    Status::Blocked => self.go_on_if_parked(fx, slot),
                    _ => {}
                }
            }
            if let Some(closing) = self.admission.closing() {
                closing.look_at(to);
            }
            if to < self.tasks.end() {
                return true;
            }
        }
        if let Some(closing) = self.admission.closing() {
            closing.swept();
        }
        self.close_if_done(fx);
        // Only now: most engines have nothing left, and need no thread for their deadline.
        self.arm_timer(fx);
        false
    }

    /// Closing becomes Closed, or Resting, once nothing is left.
    pub fn close_if_done(&mut self, fx: &mut Effects<P>) {
        let Some(phase) = self.admission.close_if_done(self.tasks.queued()) else { return };
        fx.wake_waiters = true;
        if phase == Phase::Closed {
            self.pool.wake_all();
            fx.wake_timer = true;
        }
        if self.outgoing.wants(wants::SIGNALS) {
            self.outgoing.post(fx, Kind::Shutdown, 0);
        }
    }

    /// At the deadline, what still runs is abandoned, and what must run and did not is cancelled, by
    /// pieces; whether there is more.
    pub fn expire_shutdown(&mut self, fx: &mut Effects<P>, now: Nanos) -> bool {
        if !self.admission.closing().is_some_and(|closing| closing.expire(now)) {
            return false;
        }
        let mut next = 0;
        // There are fewer by and by, as futures are ended here.
        while next < self.runs.count() {
            let run = next;
            next += 1;
            let slot = self.runs.slot(run);
            if slot == NIL || self.tasks.at(slot).status != Status::Running {
                continue;
            }
            if !self.tasks.at(slot).has(flag::MUST_RUN) && self.end_future_now(fx, slot) {
                // It was asked to stop, and no worker has come to destroy it.
                self.terminate(fx, slot, Status::Cancelled, Outcome::None, now);
                continue;
            }
            let id = self.id(slot);
            let called = self.called(slot);
            fx.calls()
                .warnings
                .push(format!("{called} still runs at the deadline of the shutdown and is abandoned"));
            let record = self.tasks.at(slot);
            let name = record.shown_name().map(|name| name.to_string()).unwrap_or_default();
            let source_location = record.site.place();
            if let Some(closing) = self.admission.closing() {
                closing.abandon(Abandoned { id, name, source_location });
            }
            self.time.remove(&mut self.tasks, slot);
            // What must run was not asked before; its result is dropped now, so it may as well stop.
            self.request_stop(fx, slot, CancelReason::Shutdown);
            let held = !self.end_future_now(fx, slot);
            // Its worker still refers to it and gives this back, if it ever returns. Until then it does not
            // count: the engine may be open again before that.
            if held {
                self.add_handle(slot);
            }
            if held && self.runs.is_on_thread(run) {
                self.runs.abandon(run);
                self.dispatch(fx);
            }
            let schedule = self.tasks.at(slot).extra.as_mut().and_then(|extra| extra.schedule.as_mut());
            if let Some(schedule) = schedule {
                // That run is over, as far as anybody is told: see `Inner::brief`.
                schedule.took = now.saturating_sub(schedule.began);
            }
            let (number, attempts) = (self.number(slot), self.attempt(slot));
            let error = TaskError::new(
                ErrorKind::Abandoned,
                "it still ran at the deadline of the shutdown; its result is dropped",
            );
            let error = error.with_attempt(number).with_attempts(attempts);
            let error = error.with_reason(Some(CancelReason::Shutdown));
            self.terminate(fx, slot, Status::Abandoned, Outcome::Error(Arc::new(error)), now);
        }
        for _ in 0..PIECE {
            let Some(slot) = self.tasks.take_queued() else {
                if self.expire_blocked(fx, now) {
                    return true;
                }
                if let Some(closing) = self.admission.closing() {
                    closing.expired();
                }
                self.close_if_done(fx);
                return false;
            };
            self.tasks.at(slot).reason = CancelReason::Shutdown as u8;
            self.terminate(fx, slot, Status::Cancelled, Outcome::None, now);
        }
        true
    }

    /// Cancels a piece of what waits for others; whether there is more.
    fn expire_blocked(&mut self, fx: &mut Effects<P>, now: Nanos) -> bool {
        if self.admission.blocked() == 0 {
            return false;
        }
        let from = self.admission.closing().map_or(0, |closing| closing.looked_again());
        let to = (from + 2 * PIECE).min(self.tasks.end());
        for slot in from as u32..to as u32 {
            if self.tasks.get(slot).is_some_and(|record| record.status == Status::Blocked) {
                self.cancel(fx, slot, CancelReason::Shutdown, now);
            }
        }
        if let Some(closing) = self.admission.closing() {
            closing.look_again(to);
        }
        to < self.tasks.end()
    }
}

impl<P: Payload> Inner<P> {
    /// Threads of ours that have something to do, if only to end. Those of an engine that rests may sleep.
    fn threads(&self) -> usize {
        match self.admission.phase() {
            // Where something sleeps that is no task, the timer thread stays.
            Phase::Closed => {
                let timer = self.time.is_started() && self.time.naps.is_empty();
                self.pool.threads() + usize::from(timer)
            }
            _ => self.pool.awake(),
        }
    }

    /// Of those, the ones that abandoned tasks hold. (A task that waits and runs another counts
    /// twice: then one thread more is not waited for.)
    fn held_threads(&self) -> usize {
        self.runs.on_threads()
    }
}

/// A thread that winds the engine down, until this is dropped.
struct Winding<'a, P: Payload>(&'a Shared<P>);

impl<'a, P: Payload> Winding<'a, P> {
    fn new(shared: &'a Shared<P>) -> Self {
        shared.state.lock().admission.begin_winding();
        Winding(shared)
    }
}

impl<P: Payload> Drop for Winding<'_, P> {
    fn drop(&mut self) {
        self.0.state.lock().admission.end_winding();
    }
}

impl<P: Payload> Shared<P> {
    /// `last`: for good.
    pub(super) fn begin_shutdown(&self, timeout: Duration, last: bool) {
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        let deadline = self.clock.now().saturating_add(nanos(timeout));
        inner.begin_closing(&mut fx, deadline, last);
        drop(inner);
        self.apply(&mut fx);
        // Each caller helps to sweep: the first may be further down on this very stack, in the
        // destructor of what it cancels.
        loop {
            let mut inner = self.state.lock();
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
        // A task cannot wait for itself; nor can the timer thread, in a callback.
        let waits = !self.is_own_thread();
        // From before it begins: what a slot submits while this waits would be at work as it returns.
        let _winding = waits.then(|| Winding::new(self));
        self.begin_shutdown(timeout, last);
        if !waits {
            return self.state.lock().admission.report().unwrap_or_default();
        }
        let Meanwhile { deliver: mut pump, mut answer } = meanwhile;
        let mut fx = Effects::new();
        let mut tries = Tries::default();
        loop {
            if let Some(answer) = &mut answer {
                answer();
            }
            let mut inner = self.state.lock();
            let now = self.clock.now();
            let more = inner.expire_shutdown(&mut fx, now);
            // Slots that take too long are cut off, too.
            let pump_until = deadline.saturating_add(GRACE);
            let pending = pump.is_some() && !inner.outgoing.is_empty() && now < pump_until;
            // The threads have nothing to do but to end, which is worth a moment: the caller may be
            // about to end the process, under the feet of what they are doing. Those that abandoned
            // tasks hold stay.
            let closed = !inner.admission.is_closing();
            let until = if closed { deadline.saturating_add(GRACE) } else { deadline };
            let gone = inner.threads() <= inner.held_threads() || self.clock.is_virtual();
            // After the deadline, it may take another thread that sweeps a moment to be Closed.
            let wait = (!closed || !gone && now < until) && !tries.are_over();
            let idle = !more && fx.is_empty() && !pending;
            if idle && wait && inner.hand.is_here() {
                drop(inner);
                self.try_by_hand(Some(until), &mut tries);
                continue;
            }
            if idle && wait {
                if pump.is_some() {
                    inner.outgoing.begin_pumping();
                }
                let mut inner = match self.clock.is_virtual() {
                    true => self.state.wait(&self.done, inner),
                    false => {
                        let mut left = until.saturating_sub(now).max(1_000_000);
                        if answer.is_some() {
                            left = left.min(ANSWER);
                        }
                        self.state.wait_for(&self.done, inner, Duration::from_nanos(left))
                    }
                };
                if pump.is_some() {
                    inner.outgoing.end_pumping();
                }
                continue;
            }
            let report = inner.admission.report().unwrap_or_default();
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
