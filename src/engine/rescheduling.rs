//! What changes when a task runs, once it was submitted.

use super::clock::{MAX_DURATION, Nanos, nanos};
use super::effects::Effects;
use super::engine::Engine;
use super::error::IntervalError;
use super::id::TaskId;
use super::inner::Inner;
use super::payload::Payload;
use super::record::flag;
use super::words::{CancelReason, CancelResult, FirstRun, Rate, Status};

use std::time::Duration;

impl<P: Payload> Inner<P> {
    /// Plans the next run of a periodic task that rests, and puts it there; it ends where there is none.
    /// It is out of the timers.
    pub fn await_run(&mut self, fx: &mut Effects<P>, slot: u32, tick: Nanos, now: Nanos) {
        let share = self.chance.share();
        let extra = self.tasks.at(slot).extra();
        let held_back = extra.held_back;
        let Some(schedule) = &mut extra.schedule else { return };
        match schedule.plan(tick, share) {
            Some(due) if !held_back => {
                self.time.insert(&mut self.tasks, slot, due);
                self.arm_timer(fx);
                self.note(fx, slot);
            }
            Some(_) => self.note(fx, slot),
            None => self.end_schedule(fx, slot, now),
        }
    }

    fn set_interval(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        interval: Duration,
        now: Nanos,
    ) -> Result<(), IntervalError> {
        let record = self.tasks.at(slot);
        let ended = record.status.is_finished();
        let rests = record.status == Status::Delayed && !record.waits_to_try_again();
        let Some(schedule) = record.extra.as_mut().and_then(|extra| extra.schedule.as_mut()) else {
            return Err(IntervalError::NotPeriodic);
        };
        if ended {
            return Err(IntervalError::Ended);
        }
        let jitter = schedule.options.jitter;
        if jitter > interval {
            return Err(IntervalError::BelowJitter { interval, jitter });
        }
        schedule.options.interval = interval;
        // What is due at once, or after a delay, does not come of the interval.
        let by_interval = schedule.iteration > 0 || schedule.options.first_run == FirstRun::AfterInterval;
        if rests && by_interval {
            let tick = schedule.base.saturating_add(nanos(interval)).max(now);
            self.time.remove(&mut self.tasks, slot);
            self.await_run(fx, slot, tick, now);
        }
        Ok(())
    }

    fn run_now(&mut self, fx: &mut Effects<P>, slot: u32) -> bool {
        let record = self.tasks.at(slot);
        // One that waits for its receiver would be ahead of it.
        let held_back = record.extra.as_ref().is_some_and(|extra| extra.held_back);
        if record.status != Status::Delayed || held_back || !self.admission.is_open() || self.is_held(slot) {
            return false;
        }
        let record = self.tasks.at(slot);
        if !record.waits_to_try_again()
            && let Some(schedule) = record.extra.as_mut().and_then(|extra| extra.schedule.as_mut())
            && schedule.options.rate == Rate::FixedRate
        {
            // It runs before its tick, which comes nevertheless.
            schedule.due = schedule.base;
        }
        self.time.remove(&mut self.tasks, slot);
        self.end_wait(fx, slot);
        self.dispatch(fx);
        true
    }
}

impl<P: Payload> Engine<P> {
    /// Changes the interval of a periodic task: the next run is due so long after the last one ended, or was
    /// due, whichever its rate counts from; at once if that has passed.
    pub fn set_interval(&self, id: TaskId, interval: Duration) -> Result<(), IntervalError> {
        if interval.is_zero() || interval > MAX_DURATION {
            return Err(IntervalError::OutOfRange(interval));
        }
        self.shared().with(|inner, fx| {
            let slot = inner.find(fx, id).ok_or(IntervalError::UnknownTask)?;
            let now = inner.clock.now();
            inner.set_interval(fx, slot, interval, now)
        })
    }

    /// Has a task that waits for its time (its delay, its next run, its next attempt) run now; `false` for any
    /// other, and for one that is paused. The grid of `FixedRate` stays.
    pub fn run_now(&self, id: TaskId) -> bool {
        self.shared().with(|inner, fx| inner.find(fx, id).is_some_and(|slot| inner.run_now(fx, slot)))
    }

    /// Takes a task back that has not begun, and leaves any other alone: whether it was taken back.
    pub fn cancel_if_queued(&self, id: TaskId) -> bool {
        self.shared().with(|inner, fx| {
            let Some(slot) = inner.find(fx, id) else { return false };
            let record = inner.tasks.at(slot);
            if record.status.is_finished() || record.has(flag::STARTED) {
                return false;
            }
            let now = inner.clock.now();
            inner.cancel(fx, slot, CancelReason::User, now) == CancelResult::CancelledBeforeStart
        })
    }
}
