//! How a run that failed is tried again: the task is Delayed until then, and has not ended.
//!
//! In a shutdown nothing waits: what waits for its next attempt is cancelled as what is delayed. But what must
//! run, and has begun to, is tried once more, at once; and an attempt that fails while work is refused is its
//! last. The same holds while its owner is unloaded.

use std::sync::Arc;
use std::time::Duration;

use super::attempts::Again;
use super::body::{BoxBody, Outcome};
use super::clock::Nanos;
use super::effects::{Effects, Garbage};
use super::error::TaskError;
use super::inner::Inner;
use super::lanes::MUST_RUN_LANE;
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::flag;
use super::task::{Extra, MAX_UNDELIVERED_RUNS, Record};
use super::trace::Waits;
use super::words::{CancelReason, Status};

/// Whether a body is wanted again after its run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It runs once.
    Never,
    /// If it does not do well.
    IfFailed,
    Always,
}

impl<P> Record<P> {
    /// Whether its body is wanted again after a run.
    #[inline]
    pub fn keeps_body(&self) -> Keep {
        if self.has(flag::PERIODIC) {
            return Keep::Always;
        }
        match self.extra.as_ref().and_then(|extra| extra.attempts.as_ref()) {
            None => Keep::Never,
            // Whether its time is over is known only when it is handed in.
            Some(attempts) if attempts.goes_on_after_timeout() => Keep::Always,
            Some(_) => Keep::IfFailed,
        }
    }

    /// Whether it waits for another attempt.
    pub fn waits_to_try_again(&self) -> bool {
        self.extra.as_ref().and_then(|extra| extra.attempts.as_ref()).is_some_and(|attempts| attempts.waits())
    }
}

impl<P> Extra<P> {
    /// What of its runs and attempts is still to be told.
    pub fn undelivered(&self) -> usize {
        self.runs.len() + self.attempts.as_ref().map_or(0, |attempts| attempts.untold())
    }

    /// When it goes on, of one that was held back.
    fn due(&self) -> Nanos {
        match (&self.attempts, &self.schedule) {
            (Some(attempts), _) if attempts.waits() => attempts.due(),
            (_, Some(schedule)) => schedule.planned,
            _ => 0,
        }
    }
}

impl<P: Payload> Inner<P> {
    /// The number of the attempt that begins, or has begun.
    pub fn attempt(&mut self, slot: u32) -> u64 {
        let attempts = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.attempts.as_ref());
        attempts.map_or(1, |attempts| attempts.made())
    }

    /// Whether a run that failed so is tried again.
    pub fn is_tried_again(&mut self, slot: u32, error: &TaskError, timed_out: bool) -> bool {
        let record = self.tasks.at(slot);
        let attempts = record.extra.as_ref().and_then(|extra| extra.attempts.as_ref());
        if !attempts.is_some_and(|attempts| attempts.may_go_on(error, timed_out)) {
            return false;
        }
        let asked = record.has(flag::CANCEL_REQUESTED);
        !asked && self.admission.is_open() && !self.admission.is_halted() && !self.is_unloading(slot)
    }

    /// A run failed, and is tried again later.
    pub fn try_again(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        body: BoxBody<P>,
        error: Arc<TaskError>,
        now: Nanos,
    ) {
        self.flush_reports(fx, slot);
        self.seal_values(slot);
        let share = self.chance.share();
        let record = self.tasks.at(slot);
        record.body = Some(body);
        record.status = Status::Delayed;
        record.lane = record.priority as u8;
        if record.has(flag::TIMED_OUT) {
            // It was the attempt that was asked to stop, and not the task.
            record.clear(flag::TIMED_OUT);
            record.reason = 0;
        }
        let told = self.outgoing.wants(wants::SIGNALS) || record.has_callbacks();
        let extra = record.extra();
        if let Some(schedule) = &mut extra.schedule {
            schedule.took = now.saturating_sub(schedule.began);
        }
        let Some(attempts) = &mut extra.attempts else { return };
        let delay = attempts.fail(&error, now, share);
        let (attempt, due) = (attempts.made() + 1, attempts.due());
        if told {
            let error = match error.has_source() {
                true => Arc::new(error.without_source()),
                false => error.clone(),
            };
            attempts.tell(Again { attempt, error, delay: Duration::from_nanos(delay) });
        }
        self.admission.end_run();
        self.begin_delay(slot, Waits::NextAttempt);
        // It has its place in its key still, and goes no later than those that wait for that.
        self.keep_pace(slot);
        fx.queued = true;
        if told {
            self.post(fx, Kind::Retrying, slot);
        }
        self.leave(fx, slot, Garbage::Outcome(Outcome::Error(error)));
        let extra = self.tasks.at(slot).extra();
        extra.held_back = extra.undelivered() >= MAX_UNDELIVERED_RUNS;
        if !extra.held_back && !self.stands_still_until_resumed(slot, due) {
            self.time.insert(&mut self.tasks, slot, due);
            self.arm_timer(fx);
        }
        self.tell_if_paused(fx, slot);
        self.note(fx, slot);
    }

    /// Something of a task was told: if it was held back until then, it goes on.
    pub fn go_on_if_told(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.tasks.at(slot);
        let Some(extra) = record.extra.as_mut() else { return };
        if !extra.held_back || extra.undelivered() > MAX_UNDELIVERED_RUNS / 2 {
            return;
        }
        extra.held_back = false;
        let due = extra.due();
        if record.status == Status::Delayed && !self.stands_still_until_resumed(slot, due) {
            self.time.insert(&mut self.tasks, slot, due);
            self.arm_timer(fx);
            self.note(fx, slot);
        }
    }

    /// A delayed task goes on now, in the lane that its record says. It is out of the timers.
    pub fn end_wait(&mut self, fx: &mut Effects<P>, slot: u32) {
        if let Some(extra) = &mut self.tasks.at(slot).extra {
            extra.held_back = false;
            if let Some(attempts) = &mut extra.attempts {
                attempts.go_on();
            }
        }
        self.end_delay(slot);
        self.make_ready(fx, slot);
    }

    /// A delayed task while a shutdown, or its owner's unloading, waits for what is left: it is cancelled; or,
    /// if it must run and has begun to, tried once more, at once. Whether it is.
    pub fn waits_no_more(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        reason: CancelReason,
        now: Nanos,
    ) -> bool {
        let record = self.tasks.at(slot);
        let begun = record.has(flag::MUST_RUN) && record.waits_to_try_again();
        if !begun || self.admission.is_expiring() {
            self.cancel(fx, slot, reason, now);
            return false;
        }
        self.time.remove(&mut self.tasks, slot);
        if !self.admission.is_open() {
            self.tasks.at(slot).lane = MUST_RUN_LANE;
        }
        self.end_wait(fx, slot);
        self.dispatch(fx);
        true
    }
}
