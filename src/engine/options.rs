//! What a submission may say besides the work.

use std::sync::Arc;
use std::time::Duration;

use super::callbacks::Callback;
use super::clock::MAX_DURATION;
use super::error::SubmitError;
use super::id::OwnerId;
use super::words;

/// A periodic task's schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periodic {
    pub interval: Duration,
    // <vocabulary: periodic fields>
    /// `AtOnce`, or `AfterInterval`. Default: AtOnce.
    pub first_run: words::FirstRun,
    /// `FixedDelay`: the next run is due one interval after the last one ended; `FixedRate`: on a grid.
    /// Default: FixedDelay.
    pub rate: words::Rate,
    /// `Skip`: ticks of `FixedRate` that were missed are left out; `RunOnce`: one run at once for all of them.
    /// Default: Skip.
    pub misfire: words::Misfire,
    /// Completes with the last result after so many runs. Default: 0, without a limit.
    pub max_runs: u64,
    /// Fails after so many failed runs in a row. Default: 0, without a limit.
    pub max_failures: u32,
    // </vocabulary>
}

impl Periodic {
    pub fn every(interval: Duration) -> Self {
        Periodic {
            interval,
            // <vocabulary: periodic defaults>
            first_run: words::FirstRun::AtOnce,
            rate: words::Rate::FixedDelay,
            misfire: words::Misfire::Skip,
            max_runs: 0,
            max_failures: 0,
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
    /// What the user sees. Default: the name of its job or function, else none.
    pub name: Option<Arc<str>>,
    /// `High`: the user waits for it; `Normal`: the user will see it; `Low`: nobody waits. Default: Normal.
    pub priority: words::Priority,
    /// Before it runs; of a periodic task, before its first run. Up to 100 years. Default: zero, at once.
    pub delay: Duration,
    /// A run that takes longer is asked to stop, and fails as TimedOut. Up to 100 years. Default: none, as is
    /// zero.
    pub timeout: Option<Duration>,
    /// Goes on when its owner goes, without callbacks. Default: no.
    pub detached: bool,
    /// Runs in spite of a shutdown, if it was queued before, and is not asked to stop by it; nor by its owner's
    /// end, after which its callbacks are not called. An unloading waits for it. Default: no.
    pub must_run: bool,
    /// How much it counts among the others in the progress of all (`TaskModel.progress`), such as its
    /// megabytes, if the others say theirs. Of a periodic task it means nothing. Above 0, up to 1,000,000.
    /// Default: 1.
    pub weight: f64,
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
            name: None,
            priority: words::Priority::Normal,
            delay: Duration::ZERO,
            timeout: None,
            detached: false,
            must_run: false,
            weight: 1.0,
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
/// What is kept of a task's options as long as the task.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// What the user sees. Default: the name of its job or function, else none.
    pub name: Option<Arc<str>>,
    /// A run that takes longer is asked to stop, and fails as TimedOut. Up to 100 years. Default: none, as is
    /// zero.
    pub timeout: Option<Duration>,
    /// How much it counts among the others in the progress of all (`TaskModel.progress`), such as its
    /// megabytes, if the others say theirs. Of a periodic task it means nothing. Above 0, up to 1,000,000.
    /// Default: 1.
    pub weight: f64,
}

impl Default for Kept {
    fn default() -> Self {
        Kept { name: None, timeout: None, weight: 1.0 }
    }
}

impl<P> TaskOptions<P> {
    /// Whether they say anything that is kept.
    pub(super) fn keep(&self) -> bool {
        self.name.is_some() || self.timeout.is_some() || self.weight != 1.0
    }

    /// Takes that out.
    pub(super) fn take_kept(&mut self) -> Kept {
        Kept { name: self.name.take(), timeout: self.timeout, weight: self.weight }
    }
}
// </vocabulary>

impl<P> TaskOptions<P> {
    pub(super) fn check(&self) -> Result<(), SubmitError> {
        if let Some(Periodic { interval, .. }) = self.periodic
            && (interval.is_zero() || interval > MAX_DURATION)
        {
            return Err(SubmitError::invalid("interval", format!("{interval:?}"), "1 ns to 100 years"));
        }
        // <vocabulary: option checks>
        check_time("delay", self.delay)?;
        check_time("timeout", self.timeout.unwrap_or_default())?;
        if self.periodic.is_some() && self.must_run {
            return Err(SubmitError::OnceOnly { option: "mustRun" });
        }
        check_number("weight", self.weight, 1000000.0)?;
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
        self.name.is_some()
            || !self.delay.is_zero()
            || self.timeout.is_some()
            || self.detached
            || self.must_run
            || self.weight != 1.0
        // </vocabulary>
    }

    /// Puts what these say onto other options, and leaves what they say nothing of.
    #[cfg(feature = "qt")]
    pub(crate) fn put_on(self, to: &mut TaskOptions<P>) {
        // <vocabulary: option overlay>
        if self.name.is_some() {
            to.name = self.name;
        }
        if self.priority != words::Priority::Normal {
            to.priority = self.priority;
        }
        if !self.delay.is_zero() {
            to.delay = self.delay;
        }
        if self.timeout.is_some() {
            to.timeout = self.timeout;
        }
        if self.detached {
            to.detached = self.detached;
        }
        if self.must_run {
            to.must_run = self.must_run;
        }
        if self.weight != 1.0 {
            to.weight = self.weight;
        }
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
