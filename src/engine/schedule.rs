//! When a periodic task runs.

use std::sync::Arc;

use super::clock::{Nanos, nanos};
use super::error::TaskError;
use super::options::Periodic;
use super::words::{FirstRun, Misfire, Rate};

/// A periodic task's schedule and where it stands.
pub struct Schedule {
    pub options: Periodic,
    /// Runs so far.
    pub iteration: u64,
    /// Runs that failed, since the last one that did not.
    pub failures: u32,
    /// When the current or last run was due, or the next is: the grid of `FixedRate`.
    pub due: Nanos,
    /// What the interval counts from that leads to `due`.
    pub base: Nanos,
    /// When the next run begins: `due`, and what chance adds to it.
    pub planned: Nanos,
    /// No run begins after that.
    pub until: Nanos,
    /// When the current or last run began, and how long the last one took.
    pub began: Nanos,
    pub took: Nanos,
    /// How the last run failed, without what was thrown; none once a run did not.
    pub error: Option<Arc<TaskError>>,
    /// What the last value that a run brought holds in memory, as it was measured; `None` where nobody can tell.
    pub bytes: Option<usize>,
}

impl Schedule {
    /// `until` is when its last run may begin.
    pub fn new(options: Periodic, until: Nanos) -> Self {
        Schedule {
            options,
            iteration: 0,
            failures: 0,
            due: 0,
            base: 0,
            planned: 0,
            until,
            began: 0,
            took: 0,
            error: None,
            bytes: None,
        }
    }

    /// It waits for nothing but its time: when its first run begins, as `plan` does.
    pub fn plan_first(&mut self, now: Nanos, delay: Nanos, share: f64) -> Option<Nanos> {
        self.base = now.saturating_add(delay);
        self.plan(self.options.first_due(now, delay), share)
    }

    /// The next run is due at `tick`: when it begins, by a share of chance; `None` if there is none any more.
    pub fn plan(&mut self, tick: Nanos, share: f64) -> Option<Nanos> {
        self.due = tick;
        let spread = nanos(self.options.jitter);
        // Chance does not lead beyond the end.
        self.planned = tick.saturating_add((spread as f64 * share) as Nanos).min(self.until.max(tick));
        (tick <= self.until).then_some(self.planned)
    }

    /// A run begins, perhaps late, as there was no worker, it was paused, or the machine stood still: it is that of all
    /// the ticks that have passed until now.
    pub fn catch_up(&mut self, now: Nanos) {
        if self.options.rate == Rate::FixedRate {
            let passed = now.saturating_sub(self.planned) / self.interval();
            self.due = self.due.saturating_add(passed.saturating_mul(self.interval()));
        }
    }

    fn interval(&self) -> Nanos {
        nanos(self.options.interval).max(1)
    }

    /// When the next run is due, after one that ended at `now`.
    pub fn next_due(&mut self, now: Nanos) -> Nanos {
        let next = self.tick_after(now);
        self.base = match self.options.rate {
            Rate::FixedDelay => now,
            Rate::FixedRate => next.saturating_sub(self.interval()),
        };
        next
    }

    fn tick_after(&self, now: Nanos) -> Nanos {
        let interval = self.interval();
        match self.options.rate {
            Rate::FixedDelay => now.saturating_add(interval),
            Rate::FixedRate => {
                let next = self.due.saturating_add(interval);
                if next > now {
                    return next;
                }
                // At least one tick was missed while the run went on.
                let missed = (now - self.due) / interval;
                let last = self.due.saturating_add(missed.saturating_mul(interval));
                match self.options.misfire {
                    Misfire::Skip => last.saturating_add(interval),
                    // Once for all of them; the grid goes on from the last tick that was missed.
                    Misfire::RunOnce => last,
                }
            }
        }
    }
}

impl Periodic {
    /// When the first run is due of a task that is submitted now.
    pub fn first_due(&self, now: Nanos, delay: Nanos) -> Nanos {
        let first = now.saturating_add(delay);
        match self.first_run {
            FirstRun::AtOnce => first,
            FirstRun::AfterInterval => first.saturating_add(nanos(self.interval)),
        }
    }
}
