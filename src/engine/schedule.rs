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
    /// When the current or last run was due: the grid of `FixedRate`.
    pub due: Nanos,
    /// When the current or last run began, and how long the last one took.
    pub began: Nanos,
    pub took: Nanos,
    /// How the last run failed, without what was thrown; none once a run did not.
    pub error: Option<Arc<TaskError>>,
    /// What the last value that a run brought holds in memory, as it was measured; `None` where nobody can tell.
    pub bytes: Option<usize>,
}

impl Schedule {
    pub fn new(options: Periodic) -> Self {
        Schedule { options, iteration: 0, failures: 0, due: 0, began: 0, took: 0, error: None, bytes: None }
    }

    pub fn first_due(&self, now: Nanos, delay: Nanos) -> Nanos {
        match self.options.first_run {
            FirstRun::AtOnce => now.saturating_add(delay),
            FirstRun::AfterInterval => now.saturating_add(delay).saturating_add(self.interval()),
        }
    }

    fn interval(&self) -> Nanos {
        nanos(self.options.interval).max(1)
    }

    /// When the next run is due, after one that ended at `now`.
    pub fn next_due(&self, now: Nanos) -> Nanos {
        let interval = self.interval();
        match self.options.rate {
            Rate::FixedDelay => now.saturating_add(interval),
            Rate::FixedRate => {
                let next = self.due.saturating_add(interval);
                if next > now {
                    return next;
                }
                // At least one tick was missed while the run went on or the machine was busy.
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
