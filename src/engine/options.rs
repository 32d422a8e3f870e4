//! What a submission may say besides the work.

use std::sync::Arc;
use std::time::Duration;

use super::callbacks::Callback;
use super::clock::MAX_DURATION;
use super::error::SubmitError;
use super::owners::OwnerId;
use super::words::{FirstRun, Misfire, Priority, Rate};

/// A periodic task's schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periodic {
    pub interval: Duration,
    // <vocabulary: periodic fields>
    // </vocabulary>
}

impl Periodic {
    pub fn every(interval: Duration) -> Self {
        Periodic {
            interval,
            // <vocabulary: periodic defaults>
            // </vocabulary>
        }
    }
}

impl From<Duration> for Periodic {
    fn from(interval: Duration) -> Self {
        Periodic::every(interval)
    }
}

/// What a submission may say besides the work. Everything has a default.
pub struct TaskOptions<P> {
    // <vocabulary: option fields>
    // </vocabulary>
    /// The job that it runs, if it is one.
    pub job: Option<Arc<str>>,
    /// Default: it runs once.
    pub periodic: Option<Periodic>,
    /// Default: the application, which never goes.
    pub owner: Option<OwnerId>,
    /// Whose code the body is, where that is not the owner: a plugin's job that somebody else runs
    /// ends when the plugin is unloaded. Default: the owner's.
    pub code: Option<OwnerId>,
    /// What hears of it. Default: nothing.
    pub callbacks: Vec<Callback<P>>,
}

impl<P> Default for TaskOptions<P> {
    fn default() -> Self {
        TaskOptions {
            // <vocabulary: option defaults>
            // </vocabulary>
            job: None,
            periodic: None,
            owner: None,
            code: None,
            callbacks: Vec::new(),
        }
    }
}

// <vocabulary: kept options>
// </vocabulary>

impl<P> TaskOptions<P> {
    pub(super) fn check(&self) -> Result<(), SubmitError> {
        if let Some(Periodic { interval, .. }) = self.periodic
            && (interval.is_zero() || interval > MAX_DURATION)
        {
            return Err(SubmitError::invalid("interval", format!("{interval:?}"), "1 ns to 100 years"));
        }
        // <vocabulary: option checks>
        // </vocabulary>
        Ok(())
    }

    /// Whether it may ever wait for a time.
    pub(super) fn needs_timer(&self) -> bool {
        !self.delay.is_zero() || self.periodic.is_some() || self.timeout.is_some()
    }

    /// Whether nothing is to be known of the task but its priority.
    pub(super) fn is_plain(&self) -> bool {
        !self.says_something() && !self.needs_extra() && self.owner.is_none() && self.code.is_none()
    }

    /// Whether the record needs its `Extra`.
    pub(super) fn needs_extra(&self) -> bool {
        self.keep() || self.job.is_some() || self.periodic.is_some() || !self.callbacks.is_empty()
    }

    /// Whether any option but the priority says something.
    fn says_something(&self) -> bool {
        // <vocabulary: option says>
        // </vocabulary>
    }

    /// Puts what these say onto other options, and leaves what they say nothing of.
    pub(crate) fn put_on(self, to: &mut TaskOptions<P>) {
        // <vocabulary: option overlay>
        // </vocabulary>
        to.job = self.job.or(to.job.take());
        to.periodic = self.periodic.or(to.periodic);
        to.owner = self.owner.or(to.owner);
        to.code = self.code.or(to.code);
        to.callbacks.extend(self.callbacks);
    }
}

fn check_time(option: &'static str, time: Duration) -> Result<(), SubmitError> {
    match time <= MAX_DURATION {
        true => Ok(()),
        false => Err(SubmitError::invalid(option, format!("{time:?}"), "at most 100 years")),
    }
}

fn check_number(option: &'static str, number: f64, most: f64) -> Result<(), SubmitError> {
    match number > 0.0 && number <= most {
        true => Ok(()),
        false => {
            Err(SubmitError::invalid(option, number.to_string(), format!("a number above 0, up to {most}")))
        }
    }
}
