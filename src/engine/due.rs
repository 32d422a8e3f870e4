//! What is due: tasks, reports, and the deadline of a shutdown. And that the timer thread wakes for it.

use super::clock::Nanos;
use super::effects::Effects;
use super::inner::Inner;
use super::payload::Payload;
use super::record::flag;
use super::words::{CancelReason, Status};

impl<P: Payload> Inner<P> {
    /// When the timer thread has something to do next.
    pub fn next_deadline(&self) -> Option<Nanos> {
        [self.time.earliest(), self.admission.deadline()].into_iter().flatten().min()
    }

    /// Sees to it that the timer thread wakes in time.
    pub fn arm_timer(&mut self, fx: &mut Effects<P>) {
        let Some(next) = self.next_deadline() else { return };
        if self.clock.is_virtual() {
            return;
        }
        if self.claim_timer() {
            fx.start_timer = true;
        } else {
            fx.wake_timer |= self.time.hurry(next);
        }
    }

    /// Whether the caller is to start the timer thread.
    pub fn claim_timer(&mut self) -> bool {
        !self.clock.is_virtual() && self.time.claim()
    }

    /// The time-out of a run has come. One that was asked to stop before keeps that reason.
    pub fn time_is_over(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.tasks.at(slot);
        if record.has(flag::CANCEL_REQUESTED) {
            return;
        }
        record.set(flag::TIMED_OUT);
        if !record.has(flag::PERIODIC) {
            record.reason = CancelReason::Timeout as u8;
        }
        self.raise(fx, slot, CancelReason::Timeout as u8);
    }

    /// Does what is due, up to `most` tasks; whether there is more.
    pub fn do_due(&mut self, fx: &mut Effects<P>, now: Nanos, most: usize) -> bool {
        for (slot, key) in self.time.take_flush(now) {
            if self.tasks.get(slot).is_some_and(|record| record.key == key) {
                self.flush_reports(fx, slot);
                self.catch_up(fx, slot, now);
                self.pass_on_late(fx, slot, now);
            }
        }
        if self.time.take_look(now) {
            self.look_at_runs(fx, now);
        }
        if self.time.take_idle(now) {
            self.end_idle(fx, now);
        }
        if self.end_late_starts(fx, now, most) {
            return true;
        }
        for woken in 0..=most {
            let Some(waker) = (if woken < most { self.time.naps.pop_due(now) } else { return true }) else {
                break;
            };
            fx.calls().wakers.push(waker);
        }
        // A worker that is on its way to what was queued before needs no reminder: see `keep_time`.
        let mut dispatch = self.time.take_retry(now);
        for _ in 0..most {
            let Some((slot, _)) = self.time.pop_due(&mut self.tasks, now) else {
                let more = self.expire_shutdown(fx, now);
                if dispatch {
                    self.dispatch(fx);
                }
                return more;
            };
            let record = self.tasks.at(slot);
            if record.status == Status::Running {
                self.time_is_over(fx, slot);
            } else if !self.admission.is_open() {
                self.waits_no_more(fx, slot, CancelReason::Shutdown, now);
            } else if !self.misses_tick(fx, slot, now) {
                self.end_wait(fx, slot);
                dispatch = true;
            }
        }
        self.dispatch(fx);
        true
    }
}
