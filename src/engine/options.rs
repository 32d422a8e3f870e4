//! What a submission may say besides the work.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::callbacks::Callback;
use super::clock::{Clock, MAX_DURATION, Nanos, nanos};
use super::context::CancelHook;
use super::error::SubmitError;
use super::id::{OwnerId, TaskId};
use super::sites::Site;
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
    /// Completes with the last result after so many runs. Default: 0, no limit.
    pub max_runs: u64,
    /// Fails after so many failed runs in a row. Default: 0, no limit.
    pub max_failures: u32,
    /// Spreads each run by chance over so much time after it is due; the grid of `FixedRate` stays. At most the
    /// interval. Up to 100 years. Default: zero, no chance.
    pub jitter: Duration,
    /// Completes with the last result when no further run is due by then. Default: none.
    pub until: Option<SystemTime>,
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
            jitter: Duration::ZERO,
            until: None,
            // </vocabulary>
        }
    }
}

impl From<Duration> for Periodic {
    fn from(interval: Duration) -> Self {
        Periodic::every(interval)
    }
}

/// Says of a task that it is external: see `external.rs`.
#[derive(Default)]
pub struct External {
    /// Called once, without a lock, when the work is to stop: on the thread that asks, and not once it was ended.
    pub on_stop: Option<CancelHook>,
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
    /// end, after which its callbacks are not called. An unloading waits for it. What still waits for its delay
    /// then is cancelled by either. Default: no.
    pub must_run: bool,
    /// How much it counts among the others in the progress of all (`TaskModel.progress`), such as its
    /// megabytes, if the others say theirs. Of a periodic task it means nothing. Above 0, up to 1,000,000.
    /// Default: 1.
    pub weight: f64,
    /// Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads
    /// from one host. A key is its owner's; without an owner it is the application's. Default: none.
    pub key: Option<Arc<str>>,
    /// What it does where its key has tasks that have not ended. `Append`: waits for its turn, in the order of
    /// submission; `Replace`: the others are cancelled, and it begins when their bodies have ended;
    /// `KeepLatest`: what has begun goes on, and of those that wait it alone stays; `Keep`: it is not made, the
    /// call gives the id of the oldest of the others, and adds its callbacks to that. Default: Append.
    pub key_policy: words::KeyPolicy,
    /// How many tasks of its key may run at once. One that differs from that of the others is refused. From 1.
    /// Default: 1.
    pub key_limit: u32,
    /// For which ends it waits of the tasks that it comes after. `Completed`: where one of them does not
    /// complete, it is cancelled; `Ended`: it begins however they end, for what cleans up. Default: Completed.
    pub after_policy: words::AfterPolicy,
    /// Tries it again where it fails; of a periodic task, the run. For work that can run again.
    pub retry: words::Retry,
    /// If it has not begun so long after it was submitted, or after its delay, it never does, and fails as
    /// TimedOut, kind StartTimedOut. Up to 100 years. Default: none, as is zero.
    pub start_timeout: Option<Duration>,
    /// A run that takes longer is logged once, and announced. It is not stopped. Up to 100 years. Default: 30
    /// s; zero: none.
    pub warn_after: Duration,
    /// Once it has ended, and has not failed, no `TaskModel` has a row for it, and so no monitor: for what
    /// comes often and says nothing afterwards. Default: no.
    pub transient: bool,
    /// No `TaskModel` has it, and so no monitor: neither a row, nor a part in the counts, the progress and
    /// `cancelAll` of the model. For what the user did not ask for. Default: no.
    pub system: bool,
    /// Whether the history keeps its result. One that is large and not asked for again goes as soon as it was
    /// delivered, and no handle keeps it. Default: yes.
    pub keep_result: bool,
    /// Its body waits for a disk, a network, a process: while it runs it does not count to `maxWorkers`, and
    /// another worker takes its place, for up to `maxBlocking` of them. Default: no.
    pub may_block: bool,
    /// Its body stops at its next checkpoint, sleep, `send` or call of its context when the task is paused, and
    /// goes on from there. Not for a body that has a lock of its own there: it would keep it. Without this,
    /// what runs runs on. Default: no.
    pub pausable: bool,
    /// How many values that it has sent may wait for their delivery. From 1. Default: 1,000.
    pub max_undelivered: u32,
    /// What its `send` does while so many wait. `Wait`: it waits until some are delivered; `DropOldest`;
    /// `Conflate`: only the newest is kept, at any time. Default: Wait.
    pub when_full: words::WhenFull,
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
    /// The tasks that it comes after: it begins once they have completed, or ended, by `after_policy`. An id that
    /// is unknown or forgotten is refused; a task that has ended counts as it did. Default: none.
    pub after: Vec<TaskId>,
    /// Tasks after which it comes, too, and whose results its body is given ([`Body::give`](super::Body::give)).
    /// Refused where a result is not kept any more. Default: none.
    pub takes: Vec<TaskId>,
    /// It takes those results, or as a group its members', for itself: from then on nobody else is given them, and it
    /// has what nobody else has. For what cannot be shared. Refused where others take them, too. Default: no.
    pub takes_alone: bool,
    /// By [`Engine::submit_group`](super::Engine::submit_group): it stands for these.
    pub group: Option<(words::ErrorPolicy, Vec<TaskId>)>,
    /// What hears of it. Default: nothing.
    pub callbacks: Vec<Callback<P>>,
    /// They hear that it starts, too. Default: no.
    pub hears_start: bool,
    /// They, or the receiver's, hear of it if it fails. Default: no.
    pub hears_failure: bool,
    /// That no worker runs it: the application does the work, and ends it. Default: no.
    pub external: Option<External>,
    /// That its body is a future, which is polled ([`Body::poll`](super::Body::poll)). Default: no.
    pub future: bool,
    /// By [`Engine::retry`](super::Engine::retry): the task whose work it does again.
    pub retry_of: Option<TaskId>,
    /// Where it is submitted. Default: nowhere known.
    pub site: Site,
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
            key: None,
            key_policy: words::KeyPolicy::Append,
            key_limit: 1,
            after_policy: words::AfterPolicy::Completed,
            retry: words::Retry::default(),
            start_timeout: None,
            warn_after: Duration::from_secs(30),
            transient: false,
            system: false,
            keep_result: true,
            may_block: false,
            pausable: false,
            max_undelivered: 1000,
            when_full: words::WhenFull::Wait,
            // </vocabulary>
            job: None,
            periodic: None,
            owner: None,
            code: None,
            after: Vec::new(),
            takes: Vec::new(),
            takes_alone: false,
            group: None,
            callbacks: Vec::new(),
            hears_start: false,
            hears_failure: false,
            external: None,
            future: false,
            retry_of: None,
            site: Site::NOWHERE,
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
    /// Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads
    /// from one host. A key is its owner's; without an owner it is the application's. Default: none.
    pub key: Option<Arc<str>>,
    /// What it does where its key has tasks that have not ended. `Append`: waits for its turn, in the order of
    /// submission; `Replace`: the others are cancelled, and it begins when their bodies have ended;
    /// `KeepLatest`: what has begun goes on, and of those that wait it alone stays; `Keep`: it is not made, the
    /// call gives the id of the oldest of the others, and adds its callbacks to that. Default: Append.
    pub key_policy: words::KeyPolicy,
    /// How many tasks of its key may run at once. One that differs from that of the others is refused. From 1.
    /// Default: 1.
    pub key_limit: u32,
    /// If it has not begun so long after it was submitted, or after its delay, it never does, and fails as
    /// TimedOut, kind StartTimedOut. Up to 100 years. Default: none, as is zero.
    pub start_timeout: Option<Duration>,
    /// A run that takes longer is logged once, and announced. It is not stopped. Up to 100 years. Default: 30
    /// s; zero: none.
    pub warn_after: Duration,
    /// Once it has ended, and has not failed, no `TaskModel` has a row for it, and so no monitor: for what
    /// comes often and says nothing afterwards. Default: no.
    pub transient: bool,
    /// No `TaskModel` has it, and so no monitor: neither a row, nor a part in the counts, the progress and
    /// `cancelAll` of the model. For what the user did not ask for. Default: no.
    pub system: bool,
    /// Whether the history keeps its result. One that is large and not asked for again goes as soon as it was
    /// delivered, and no handle keeps it. Default: yes.
    pub keep_result: bool,
    /// Its body waits for a disk, a network, a process: while it runs it does not count to `maxWorkers`, and
    /// another worker takes its place, for up to `maxBlocking` of them. Default: no.
    pub may_block: bool,
    /// Its body stops at its next checkpoint, sleep, `send` or call of its context when the task is paused, and
    /// goes on from there. Not for a body that has a lock of its own there: it would keep it. Without this,
    /// what runs runs on. Default: no.
    pub pausable: bool,
    /// How many values that it has sent may wait for their delivery. From 1. Default: 1,000.
    pub max_undelivered: u32,
    /// What its `send` does while so many wait. `Wait`: it waits until some are delivered; `DropOldest`;
    /// `Conflate`: only the newest is kept, at any time. Default: Wait.
    pub when_full: words::WhenFull,
}

impl Default for Kept {
    fn default() -> Self {
        Kept {
            name: None,
            timeout: None,
            weight: 1.0,
            key: None,
            key_policy: words::KeyPolicy::Append,
            key_limit: 1,
            start_timeout: None,
            warn_after: Duration::from_secs(30),
            transient: false,
            system: false,
            keep_result: true,
            may_block: false,
            pausable: false,
            max_undelivered: 1000,
            when_full: words::WhenFull::Wait,
        }
    }
}

impl<P> TaskOptions<P> {
    /// Whether they say anything that is kept.
    pub(super) fn keep(&self) -> bool {
        self.name.is_some()
            || self.timeout.is_some()
            || self.weight != 1.0
            || self.key.is_some()
            || self.key_policy != words::KeyPolicy::Append
            || self.key_limit != 1
            || self.start_timeout.is_some()
            || self.warn_after != Duration::from_secs(30)
            || self.transient
            || self.system
            || !self.keep_result
            || self.may_block
            || self.pausable
            || self.max_undelivered != 1000
            || self.when_full != words::WhenFull::Wait
    }

    /// Takes that out.
    pub(super) fn take_kept(&mut self) -> Kept {
        Kept {
            name: self.name.take(),
            timeout: self.timeout,
            weight: self.weight,
            key: self.key.take(),
            key_policy: self.key_policy,
            key_limit: self.key_limit,
            start_timeout: self.start_timeout,
            warn_after: self.warn_after,
            transient: self.transient,
            system: self.system,
            keep_result: self.keep_result,
            may_block: self.may_block,
            pausable: self.pausable,
            max_undelivered: self.max_undelivered,
            when_full: self.when_full,
        }
    }

    /// Puts it back.
    pub(super) fn put_kept_back(&mut self, kept: &Kept) {
        self.name = kept.name.clone();
        self.timeout = kept.timeout;
        self.weight = kept.weight;
        self.key = kept.key.clone();
        self.key_policy = kept.key_policy;
        self.key_limit = kept.key_limit;
        self.start_timeout = kept.start_timeout;
        self.warn_after = kept.warn_after;
        self.transient = kept.transient;
        self.system = kept.system;
        self.keep_result = kept.keep_result;
        self.may_block = kept.may_block;
        self.pausable = kept.pausable;
        self.max_undelivered = kept.max_undelivered;
        self.when_full = kept.when_full;
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
        if self.external.is_some() && self.periodic.is_some() {
            return Err(SubmitError::OnceOnly { option: "external" });
        }
        if self.future && self.periodic.is_some() {
            return Err(SubmitError::OnceOnly { option: "future" });
        }
        match &self.key {
            Some(key) if key.is_empty() => {
                return Err(SubmitError::invalid("key", "empty".to_owned(), "a text, or none"));
            }
            None if self.key_policy != words::KeyPolicy::Append => {
                return Err(SubmitError::WithoutKey { option: "keyPolicy" });
            }
            None if self.key_limit > 1 => return Err(SubmitError::WithoutKey { option: "keyLimit" }),
            _ => {}
        }
        // <vocabulary: option checks>
        check_time("delay", self.delay)?;
        check_time("timeout", self.timeout.unwrap_or_default())?;
        if self.periodic.is_some() && self.must_run {
            return Err(SubmitError::OnceOnly { option: "mustRun" });
        }
        check_number("weight", self.weight, 1000000.0)?;
        check_limit("keyLimit", self.key_limit)?;
        check_time("retry.delay", self.retry.delay)?;
        check_number("retry.factor", self.retry.factor, 100.0)?;
        check_time("retry.maxDelay", self.retry.max_delay)?;
        check_share("retry.jitter", self.retry.jitter, 0.5)?;
        check_time("startTimeout", self.start_timeout.unwrap_or_default())?;
        if self.periodic.is_some() && self.start_timeout.is_some() {
            return Err(SubmitError::OnceOnly { option: "startTimeout" });
        }
        check_time("warnAfter", self.warn_after)?;
        check_limit("maxUndelivered", self.max_undelivered)?;
        // </vocabulary>
        let words::Retry { delay, max_delay, .. } = self.retry;
        if self.retry.times > 0 && delay > max_delay {
            let expected = format!("at most retry.maxDelay, {max_delay:?}");
            return Err(SubmitError::invalid("retry.delay", format!("{delay:?}"), expected));
        }
        if let Some(Periodic { interval, jitter, .. }) = self.periodic
            && jitter > interval
        {
            let expected = format!("at most the interval, {interval:?}");
            return Err(SubmitError::invalid("jitter", format!("{jitter:?}"), expected));
        }
        Ok(())
    }

    /// What is wrong by the calendar: a schedule that is over before it begins.
    pub(super) fn check_end(&self, clock: &Clock, now: Nanos) -> Result<(), SubmitError> {
        let Some(periodic) = &self.periodic else { return Ok(()) };
        let Some(until) = periodic.until else { return Ok(()) };
        let first = periodic.first_due(now, nanos(self.delay));
        if clock.at(until) >= first {
            return Ok(());
        }
        let ms = match until.duration_since(UNIX_EPOCH) {
            Ok(after) => format!("{} ms since 1970", after.as_millis()),
            Err(before) => format!("{} ms before 1970", before.duration().as_millis()),
        };
        let expected = format!("at least when its first run is due, {} ms since 1970", clock.wall_ms(first));
        Err(SubmitError::invalid("until", ms, expected))
    }

    /// Whether it may ever wait for a time.
    pub(super) fn needs_timer(&self) -> bool {
        !self.delay.is_zero()
            || self.periodic.is_some()
            || self.timeout.is_some()
            || self.retry.times > 0
            || self.start_timeout.is_some()
    }

    /// Whether nothing is to be known of the task but its priority.
    pub(super) fn is_plain(&self) -> bool {
        !self.says_something()
            && !self.needs_extra()
            && self.owner.is_none()
            && self.code.is_none()
            && self.after.is_empty()
            && self.takes.is_empty()
            && self.group.is_none()
            && !self.future
    }

    /// Whether the record needs its `Extra`.
    pub(super) fn needs_extra(&self) -> bool {
        self.keep()
            || self.job.is_some()
            || self.periodic.is_some()
            || self.retry.times > 0
            || !self.callbacks.is_empty()
            || self.external.is_some()
            || self.hears_start
            || self.retry_of.is_some()
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
            || self.key.is_some()
            || self.key_policy != words::KeyPolicy::Append
            || self.key_limit != 1
            || self.after_policy != words::AfterPolicy::Completed
            || self.retry != words::Retry::default()
            || self.start_timeout.is_some()
            || self.warn_after != Duration::from_secs(30)
            || self.transient
            || self.system
            || !self.keep_result
            || self.may_block
            || self.pausable
            || self.max_undelivered != 1000
            || self.when_full != words::WhenFull::Wait
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
        if self.key.is_some() {
            to.key = self.key;
        }
        if self.key_policy != words::KeyPolicy::Append {
            to.key_policy = self.key_policy;
        }
        if self.key_limit != 1 {
            to.key_limit = self.key_limit;
        }
        if self.after_policy != words::AfterPolicy::Completed {
            to.after_policy = self.after_policy;
        }
        if self.retry != words::Retry::default() {
            to.retry = self.retry;
        }
        if self.start_timeout.is_some() {
            to.start_timeout = self.start_timeout;
        }
        if self.warn_after != Duration::from_secs(30) {
            to.warn_after = self.warn_after;
        }
        if self.transient {
            to.transient = self.transient;
        }
        if self.system {
            to.system = self.system;
        }
        if !self.keep_result {
            to.keep_result = self.keep_result;
        }
        if self.may_block {
            to.may_block = self.may_block;
        }
        if self.pausable {
            to.pausable = self.pausable;
        }
        if self.max_undelivered != 1000 {
            to.max_undelivered = self.max_undelivered;
        }
        if self.when_full != words::WhenFull::Wait {
            to.when_full = self.when_full;
        }
        // </vocabulary>
        to.job = self.job.or(to.job.take());
        to.periodic = self.periodic.or(to.periodic);
        to.owner = self.owner.or(to.owner);
        to.code = self.code.or(to.code);
        to.after.extend(self.after);
        to.takes.extend(self.takes);
        to.takes_alone |= self.takes_alone;
        to.group = self.group.or(to.group.take());
        to.callbacks.extend(self.callbacks);
        to.hears_start |= self.hears_start;
        to.hears_failure |= self.hears_failure;
        to.external = self.external.or(to.external.take());
        to.future |= self.future;
        to.retry_of = self.retry_of.or(to.retry_of);
    }
}

fn check_time(option: &'static str, time: Duration) -> Result<(), SubmitError> {
    match time <= MAX_DURATION {
        true => Ok(()),
        false => Err(SubmitError::invalid(option, format!("{time:?}"), "at most 100 years")),
    }
}

fn check_limit(option: &'static str, limit: u32) -> Result<(), SubmitError> {
    match limit > 0 {
        true => Ok(()),
        false => Err(SubmitError::invalid(option, limit.to_string(), "1 or more")),
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

fn check_share(option: &'static str, share: f64, most: f64) -> Result<(), SubmitError> {
    match (0.0..=most).contains(&share) {
        true => Ok(()),
        false => Err(SubmitError::invalid(option, share.to_string(), format!("a number from 0 to {most}"))),
    }
}
