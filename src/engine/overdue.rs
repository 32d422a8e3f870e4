//! What takes too long: tasks that have not begun in time, and runs that go on and on.
//!
//! A start time-out stands in a heap of its own, as a task that waits for it stands in a lane, too. A run that
//! takes long needs no timer: the timer thread looks at all runs, once for the one that is the first to be slow,
//! and sleeps until the next. So a task pays a comparison, and work that never rests pays one look in the time
//! after which a run is slow.

use std::sync::Arc;
use std::time::Duration;

use super::body::Outcome;
use super::clock::{Nanos, nanos};
use super::effects::Effects;
use super::error::TaskError;
use super::inner::Inner;
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::NIL;
use super::words::{ErrorKind, Status};

/// After which time a run is slow, unless its task says another.
pub const WARN_AFTER: Duration = Duration::from_secs(30);

/// While there are more runs than this, as of futures, they are looked at no more often than this, as a look is at all of
/// them.
const MANY: u32 = 4_096;
const LOOK_APART: Nanos = 100_000_000;

impl<P: Payload> Inner<P> {
    /// Ends the tasks that are still waiting and should have begun, up to `most`; whether there may be more.
    pub fn end_late_starts(&mut self, fx: &mut Effects<P>, now: Nanos, most: usize) -> bool {
        for _ in 0..most {
            let Some(slot) = self.time.pop_late_start(&mut self.tasks, now) else { return false };
            match self.tasks.at(slot).status {
                Status::Queued => self.tasks.unqueue(slot),
                Status::Delayed => self.time.remove(&mut self.tasks, slot),
                // In the line of its key it stands until it leaves that.
                Status::Blocked => self.come_loose(slot),
                Status::Running => {
                    // A future, whose time-out stands there: see `Time::insert`.
                    self.time_is_over(fx, slot);
                    continue;
                }
                _ => continue,
            }
            let extra = self.tasks.at(slot).extra.as_ref();
            let timeout = extra.and_then(|extra| extra.kept.start_timeout).unwrap_or_default();
            let error = TaskError::new(
                ErrorKind::StartTimedOut,
                format!("it had not begun within its start time-out of {timeout:?}"),
            );
            // Of attempts it has made none.
            let error = Outcome::Error(Arc::new(error.with_attempt(0).with_attempts(0)));
            self.terminate(fx, slot, Status::TimedOut, error, now);
        }
        true
    }

    /// A run begins that is slow from then on.
    #[inline]
    pub fn watch_run(&mut self, fx: &mut Effects<P>, slow_at: Nanos) {
        if self.time.look_by(slow_at) {
            self.arm_timer(fx);
        }
    }

    /// Tells of the runs that have become slow, once each, and says when to look again.
    pub fn look_at_runs(&mut self, fx: &mut Effects<P>, now: Nanos) {
        let mut next = Nanos::MAX;
        for run in 0..self.runs.count() {
            let slow_at = self.runs.slow_at(run);
            if slow_at > now {
                next = next.min(slow_at);
                continue;
            }
            self.runs.told_slow(run);
            let slot = self.runs.slot(run);
            // A shutdown names itself what does not end.
            let told = slot != NIL && self.admission.is_open();
            if told && self.tasks.at(slot).status == Status::Running {
                let time = Duration::from_nanos(now.saturating_sub(self.runs.began(run)));
                self.tell_slow(fx, slot, run, time);
            }
        }
        if self.runs.count() > MANY {
            // Of so many each is not worth a look of its own.
            next = next.max(now.saturating_add(LOOK_APART));
        }
        self.time.look_by(next);
    }

    fn tell_slow(&mut self, fx: &mut Effects<P>, slot: u32, run: u32, time: Duration) {
        let mut text = self.called(slot);
        let extra = self.tasks.at(slot).extra.as_deref();
        let last = extra.and_then(|extra| extra.progress.as_ref()).map(|progress| &*progress.message);
        // A part of a millisecond says nothing.
        let time = Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        text += &format!(" has been running for {time:?}");
        if let Some(last) = last.filter(|last| !last.is_empty()) {
            text += &format!("; it last said \"{last}\"");
        }
        match self.runs.waits_for(run) {
            NIL => {}
            other => text += &format!("; it waits for task {}", self.id(other)),
        }
        fx.calls().warnings.push(text + " (logged once a run)");
        self.note(fx, slot);
        let record = self.tasks.at(slot);
        if !self.outgoing.wants(wants::SIGNALS) && !record.has_callbacks() {
            return;
        }
        // One that nobody has taken yet says the newest.
        if record.extra().slow.replace(time).is_none() {
            self.post(fx, Kind::Slow, slot);
        }
    }

    /// From when on a run that begins now is slow; never for a time of nothing.
    pub fn slow_from(now: Nanos, warn_after: Duration) -> Nanos {
        match warn_after.is_zero() {
            true => Nanos::MAX,
            false => now.saturating_add(nanos(warn_after)),
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::super::{DeliveryMode, Engine, EngineConfig, Once, TaskContext, TaskOptions};
    use super::*;
    use crate::engine::options::Kept;

    #[test]
    fn b2_b187_plain_tasks_have_one_look_among_them_and_no_timer() {
        // Of several workers those that sleep are looked at, too.
        let config = EngineConfig { max_workers: 1, ..EngineConfig::default() };
        let engine = Engine::<()>::manual(config, DeliveryMode::Direct);
        let wait = |id| engine.wait(id, None);
        for _ in 0..1_000 {
            let body = Once(Some(|_: &TaskContext| Ok(())));
            wait(engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap());
            engine.advance(Duration::from_millis(1));
        }
        let earliest = || {
            let inner = engine.shared().state.lock();
            assert_eq!(inner.time.len(), 0);
            inner.time.earliest()
        };
        // For the first of them.
        assert_eq!(earliest(), Some(nanos(WARN_AFTER)));
        engine.advance(WARN_AFTER);
        assert_eq!(earliest(), None, "nothing runs: nobody looks");
    }

    #[test]
    fn a_task_that_says_nothing_is_slow_when_the_options_say_so() {
        assert_eq!(Kept::default().warn_after, WARN_AFTER);
    }
}
