//! What a submission may say besides the work.

use std::sync::Arc;
use std::time::Duration;

use super::callbacks::Callback;
use super::clock::MAX_DURATION;
use super::error::SubmitError;
use super::id::OwnerId;
use super::record::Priority;

/// When the next run of a periodic task is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rate {
    /// One interval after the last run ended, so that runs never overlap.
    #[default]
    FixedDelay,
    /// On the grid that the first run began, so that the intervals do not add up to a drift.
    FixedRate,
}

/// What becomes of the ticks of a `FixedRate` task that passed while it could not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Misfire {
    /// They are left out.
    #[default]
    Skip,
    /// One run at once, for all of them.
    RunOnce,
}

/// When a periodic task runs for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FirstRun {
    #[default]
    AtOnce,
    AfterInterval,
}

/// A periodic task's schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periodic {
    pub interval: Duration,
    pub rate: Rate,
    pub misfire: Misfire,
    pub first_run: FirstRun,
    /// Completes with the last result after so many runs. Default: 0, without a limit.
    pub max_runs: u64,
    /// Fails after so many failed runs in a row. Default: 0, without a limit.
    pub max_failures: u32,
}

impl Periodic {
    pub fn every(interval: Duration) -> Self {
        Periodic {
            interval,
            rate: Rate::default(),
            misfire: Misfire::default(),
            first_run: FirstRun::default(),
            max_runs: 0,
            max_failures: 0,
        }
    }
}

impl From<Duration> for Periodic {
    fn from(interval: Duration) -> Self {
        Periodic::every(interval)
    }
}

/// What a task may count at most: see [`TaskOptions::weight`].
pub const MAX_WEIGHT: f64 = 1_000_000.0;

/// What a submission may say besides the work. Everything has a default.
pub struct TaskOptions<P> {
    /// What the user sees. Default: none.
    pub name: Option<Arc<str>>,
    /// The job that it runs, if it is one.
    pub job: Option<Arc<str>>,
    /// Default: `Normal`.
    pub priority: Priority,
    /// Default: zero, at once.
    pub delay: Duration,
    /// Default: it runs once.
    pub periodic: Option<Periodic>,
    /// The longest that a run may take before it is asked to stop. Default: none.
    pub timeout: Option<Duration>,
    /// Default: the application, which never goes.
    pub owner: Option<OwnerId>,
    /// Whose code the body is, where that is not the owner: a plugin's job that somebody else runs
    /// ends when the plugin is unloaded. Default: the owner's.
    pub code: Option<OwnerId>,
    /// Goes on when its owner goes. Default: no.
    pub detached: bool,
    /// Runs in spite of a shutdown, if it was queued before. Default: no.
    pub must_run: bool,
    /// How much it counts among the others in the progress of all, against 1 for a task that says nothing: above 0,
    /// up to [`MAX_WEIGHT`]. Of a periodic task it means nothing. Default: 1.
    pub weight: f64,
    /// What hears of it. Default: nothing.
    pub callbacks: Vec<Callback<P>>,
}

impl<P> Default for TaskOptions<P> {
    fn default() -> Self {
        TaskOptions {
            name: None,
            job: None,
            priority: Priority::Normal,
            delay: Duration::ZERO,
            periodic: None,
            timeout: None,
            owner: None,
            code: None,
            detached: false,
            must_run: false,
            weight: 1.0,
            callbacks: Vec::new(),
        }
    }
}

impl<P> TaskOptions<P> {
    pub(super) fn check(&self) -> Result<(), SubmitError> {
        let possible = |time: Duration| !time.is_zero() && time <= MAX_DURATION;
        if self.delay > MAX_DURATION {
            return Err(SubmitError::DelayTooLong(self.delay));
        }
        match self.periodic {
            Some(periodic) if !possible(periodic.interval) => {
                return Err(SubmitError::InvalidInterval(periodic.interval));
            }
            _ => {}
        }
        if !(self.weight > 0.0 && self.weight <= MAX_WEIGHT) {
            return Err(SubmitError::InvalidWeight(self.weight.to_string()));
        }
        match self.timeout {
            Some(timeout) if !possible(timeout) => Err(SubmitError::InvalidTimeout(timeout)),
            _ => Ok(()),
        }
    }

    /// Whether it may ever wait for a time.
    pub(super) fn needs_timer(&self) -> bool {
        !self.delay.is_zero() || self.periodic.is_some() || self.timeout.is_some()
    }

    /// Whether nothing is to be known of the task but its priority.
    pub(super) fn is_plain(&self) -> bool {
        !self.needs_timer()
            && !self.needs_extra()
            && self.owner.is_none()
            && self.code.is_none()
            && !self.detached
            && !self.must_run
    }

    /// Whether the record needs its `Extra`.
    pub(super) fn needs_extra(&self) -> bool {
        self.name.is_some()
            || self.job.is_some()
            || self.periodic.is_some()
            || self.timeout.is_some()
            || self.weight != 1.0
            || !self.callbacks.is_empty()
    }
}
