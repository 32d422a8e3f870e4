//! The words: states, priorities, answers, reasons and kinds, and options of several parts, as all languages have
//! them.
//!
//! They come of the table in `tools/vocabulary/src/table.rs`: `./x vocabulary --write` writes what stands between the
//! marks.

use std::time::Duration;

// <vocabulary: enumerations>
/// What goes first. First in, first out within a priority and an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Priority {
    /// The user is waiting for it.
    High = 0,
    /// The user will see it.
    #[default]
    Normal = 1,
    /// Nobody waits.
    Low = 2,
}

impl Priority {
    /// All of them.
    pub const ALL: &'static [Priority] = &[Priority::High, Priority::Normal, Priority::Low];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            Priority::High => "High",
            Priority::Normal => "Normal",
            Priority::Low => "Low",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// The state of a task. The first three, Blocked and Paused are on the way, the others are ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Status {
    /// Waits for its time; also a periodic task between its runs, and a task between two attempts.
    Delayed = 0,
    /// Waits for a worker.
    Queued = 1,
    /// Its body is at work.
    Running = 2,
    /// It returned.
    Completed = 3,
    /// Its body failed.
    Failed = 4,
    /// It was cancelled, and its body says so, or never ran.
    Cancelled = 5,
    /// A run took longer than its time-out, or it had not begun in time.
    TimedOut = 6,
    /// It still ran at the deadline of the shutdown.
    Abandoned = 7,
    /// The id never was a task's, or the task is forgotten.
    UnknownTask = 8,
    /// Waits for others: for its turn among those of its key, or for what it comes after.
    Blocked = 9,
    /// Does not go on: it, its owner, its key or all are paused, until they are resumed.
    Paused = 10,
}

impl Status {
    /// All of them.
    pub const ALL: &'static [Status] = &[
        Status::Delayed,
        Status::Queued,
        Status::Running,
        Status::Completed,
        Status::Failed,
        Status::Cancelled,
        Status::TimedOut,
        Status::Abandoned,
        Status::UnknownTask,
        Status::Blocked,
        Status::Paused,
    ];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Delayed => "Delayed",
            Status::Queued => "Queued",
            Status::Running => "Running",
            Status::Completed => "Completed",
            Status::Failed => "Failed",
            Status::Cancelled => "Cancelled",
            Status::TimedOut => "TimedOut",
            Status::Abandoned => "Abandoned",
            Status::UnknownTask => "UnknownTask",
            Status::Blocked => "Blocked",
            Status::Paused => "Paused",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// The answer to a cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum CancelResult {
    /// There is no such task.
    UnknownTask = 8,
    /// It will never run.
    CancelledBeforeStart = 16,
    /// It runs, and was asked to stop.
    CancelRequested = 17,
    /// It has ended.
    AlreadyFinished = 18,
}

impl CancelResult {
    /// All of them.
    pub const ALL: &'static [CancelResult] = &[
        CancelResult::UnknownTask,
        CancelResult::CancelledBeforeStart,
        CancelResult::CancelRequested,
        CancelResult::AlreadyFinished,
    ];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            CancelResult::UnknownTask => "UnknownTask",
            CancelResult::CancelledBeforeStart => "CancelledBeforeStart",
            CancelResult::CancelRequested => "CancelRequested",
            CancelResult::AlreadyFinished => "AlreadyFinished",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// The answer to a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PauseResult {
    /// There is no such task.
    UnknownTask = 8,
    /// It does not go on until it is resumed.
    Paused = 10,
    /// It has ended.
    AlreadyFinished = 18,
    /// It runs, and stops at its next checkpoint, or rests after this run.
    PauseRequested = 80,
    /// It goes on: it runs and is not `pausable`, or a shutdown or an unloading waits for it.
    PauseNotPossible = 81,
}

impl PauseResult {
    /// All of them.
    pub const ALL: &'static [PauseResult] = &[
        PauseResult::UnknownTask,
        PauseResult::Paused,
        PauseResult::AlreadyFinished,
        PauseResult::PauseRequested,
        PauseResult::PauseNotPossible,
    ];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            PauseResult::UnknownTask => "UnknownTask",
            PauseResult::Paused => "Paused",
            PauseResult::AlreadyFinished => "AlreadyFinished",
            PauseResult::PauseRequested => "PauseRequested",
            PauseResult::PauseNotPossible => "PauseNotPossible",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// The answer to a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum WaitResult {
    /// There is no such task.
    UnknownTask = 8,
    /// It has ended.
    Done = 32,
    /// The time was over before; the task goes on.
    WaitTimeout = 33,
    /// Refused, as it could never end.
    WouldDeadlock = 34,
}

impl WaitResult {
    /// All of them.
    pub const ALL: &'static [WaitResult] =
        &[WaitResult::UnknownTask, WaitResult::Done, WaitResult::WaitTimeout, WaitResult::WouldDeadlock];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            WaitResult::UnknownTask => "UnknownTask",
            WaitResult::Done => "Done",
            WaitResult::WaitTimeout => "WaitTimeout",
            WaitResult::WouldDeadlock => "WouldDeadlock",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// When the next run of a periodic task is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Rate {
    /// One interval after the last run ended, so that runs never overlap.
    #[default]
    FixedDelay = 64,
    /// On the grid that the first run began, so that there is no drift.
    FixedRate = 65,
}

impl Rate {
    /// All of them.
    pub const ALL: &'static [Rate] = &[Rate::FixedDelay, Rate::FixedRate];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            Rate::FixedDelay => "FixedDelay",
            Rate::FixedRate => "FixedRate",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// What becomes of the ticks of a `FixedRate` task that passed while it could not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Misfire {
    /// They are left out.
    #[default]
    Skip = 66,
    /// One run at once, for all of them.
    RunOnce = 67,
}

impl Misfire {
    /// All of them.
    pub const ALL: &'static [Misfire] = &[Misfire::Skip, Misfire::RunOnce];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            Misfire::Skip => "Skip",
            Misfire::RunOnce => "RunOnce",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// When a periodic task runs for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum FirstRun {
    /// As soon as it is submitted, and its delay is over.
    #[default]
    AtOnce = 68,
    /// One interval after that.
    AfterInterval = 69,
}

impl FirstRun {
    /// All of them.
    pub const ALL: &'static [FirstRun] = &[FirstRun::AtOnce, FirstRun::AfterInterval];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            FirstRun::AtOnce => "AtOnce",
            FirstRun::AfterInterval => "AfterInterval",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// What a new task does where its key has tasks that have not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum KeyPolicy {
    /// It waits for its turn, in the order of submission.
    #[default]
    Append = 70,
    /// The others are cancelled; it begins when their bodies have ended.
    Replace = 71,
    /// What has begun goes on; of those that wait it alone stays, the others are cancelled.
    KeepLatest = 72,
    /// It is not made: the call gives the id of the oldest of the others.
    Keep = 73,
}

impl KeyPolicy {
    /// All of them.
    pub const ALL: &'static [KeyPolicy] =
        &[KeyPolicy::Append, KeyPolicy::Replace, KeyPolicy::KeepLatest, KeyPolicy::Keep];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            KeyPolicy::Append => "Append",
            KeyPolicy::Replace => "Replace",
            KeyPolicy::KeepLatest => "KeepLatest",
            KeyPolicy::Keep => "Keep",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// For which ends of the others a task waits that comes after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum AfterPolicy {
    /// All have to complete; where one does not, it is cancelled.
    #[default]
    Completed = 3,
    /// It begins however they end.
    Ended = 74,
}

impl AfterPolicy {
    /// All of them.
    pub const ALL: &'static [AfterPolicy] = &[AfterPolicy::Completed, AfterPolicy::Ended];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            AfterPolicy::Completed => "Completed",
            AfterPolicy::Ended => "Ended",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// What a task's `send` does while `maxUndelivered` of its values are still to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum WhenFull {
    /// It waits until some were, or the task is asked to stop. No value is lost.
    #[default]
    Wait = 90,
    /// The oldest is left out.
    DropOldest = 91,
    /// Only the newest is kept, at any time: for what shows a state.
    Conflate = 92,
}

impl WhenFull {
    /// All of them.
    pub const ALL: &'static [WhenFull] = &[WhenFull::Wait, WhenFull::DropOldest, WhenFull::Conflate];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            WhenFull::Wait => "Wait",
            WhenFull::DropOldest => "DropOldest",
            WhenFull::Conflate => "Conflate",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// What the ends of some tasks do to the others that they stand with, in `all` or `any`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum ErrorPolicy {
    /// The first that does not complete cancels the rest, and is the error.
    #[default]
    StopOnError = 77,
    /// All run to their ends; the whole fails if one did not complete.
    ContinueOnError = 78,
    /// The first that completes cancels the rest, and is the result.
    StopOnSuccess = 79,
}

impl ErrorPolicy {
    /// All of them.
    pub const ALL: &'static [ErrorPolicy] =
        &[ErrorPolicy::StopOnError, ErrorPolicy::ContinueOnError, ErrorPolicy::StopOnSuccess];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            ErrorPolicy::StopOnError => "StopOnError",
            ErrorPolicy::ContinueOnError => "ContinueOnError",
            ErrorPolicy::StopOnSuccess => "StopOnSuccess",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// How the waits between the attempts of a task grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Backoff {
    /// Each is a factor longer than the one before.
    #[default]
    Exponential = 75,
    /// All are the same.
    Fixed = 76,
}

impl Backoff {
    /// All of them.
    pub const ALL: &'static [Backoff] = &[Backoff::Exponential, Backoff::Fixed];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            Backoff::Exponential => "Exponential",
            Backoff::Fixed => "Fixed",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// Why a task was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum CancelReason {
    /// A call of cancel.
    User = 1,
    /// Its owner is gone.
    OwnerGone = 2,
    /// The plugin that submitted it is being unloaded.
    PluginUnload = 3,
    /// A run took longer than its time-out.
    Timeout = 4,
    /// A newer task took its place.
    Replaced = 5,
    /// A task on which it depended did not complete.
    DependencyFailed = 6,
    /// The service is shutting down.
    Shutdown = 7,
    /// The tasks that it stands with, in `all` or `any`, have come to their end without it.
    NotNeeded = 8,
}

impl CancelReason {
    /// All of them.
    pub const ALL: &'static [CancelReason] = &[
        CancelReason::User,
        CancelReason::OwnerGone,
        CancelReason::PluginUnload,
        CancelReason::Timeout,
        CancelReason::Replaced,
        CancelReason::DependencyFailed,
        CancelReason::Shutdown,
        CancelReason::NotNeeded,
    ];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            CancelReason::User => "User",
            CancelReason::OwnerGone => "OwnerGone",
            CancelReason::PluginUnload => "PluginUnload",
            CancelReason::Timeout => "Timeout",
            CancelReason::Replaced => "Replaced",
            CancelReason::DependencyFailed => "DependencyFailed",
            CancelReason::Shutdown => "Shutdown",
            CancelReason::NotNeeded => "NotNeeded",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

/// What kind of fault ended a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum ErrorKind {
    /// The body returned an error (Rust).
    Failed = 1,
    /// A Rust body panicked.
    Panic = 2,
    /// A C++ body threw.
    Exception = 3,
    /// A script threw.
    Script = 4,
    /// A run took longer than its time-out.
    TimedOut = 5,
    /// It still ran at the deadline of the shutdown.
    Abandoned = 6,
    /// A periodic task failed so many times in a row as its options allow.
    TooManyFailures = 7,
    /// The body says that it stopped because it was asked to.
    Cancelled = 8,
    /// It had not begun when its time to begin was over.
    StartTimedOut = 10,
}

impl ErrorKind {
    /// All of them.
    pub const ALL: &'static [ErrorKind] = &[
        ErrorKind::Failed,
        ErrorKind::Panic,
        ErrorKind::Exception,
        ErrorKind::Script,
        ErrorKind::TimedOut,
        ErrorKind::Abandoned,
        ErrorKind::TooManyFailures,
        ErrorKind::Cancelled,
        ErrorKind::StartTimedOut,
    ];

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Failed => "Failed",
            ErrorKind::Panic => "Panic",
            ErrorKind::Exception => "Exception",
            ErrorKind::Script => "Script",
            ErrorKind::TimedOut => "TimedOut",
            ErrorKind::Abandoned => "Abandoned",
            ErrorKind::TooManyFailures => "TooManyFailures",
            ErrorKind::Cancelled => "Cancelled",
            ErrorKind::StartTimedOut => "StartTimedOut",
        }
    }

    /// The one that has this number in the other languages.
    pub fn from_number(number: impl Into<i64>) -> Option<Self> {
        let number = number.into();
        Self::ALL.iter().copied().find(|known| *known as i64 == number)
    }
}

// </vocabulary>

// <vocabulary: structures>
/// How a task is tried again that fails. Not tried again are errors that say that they are permanent, and a
/// task that was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// How often, after the first attempt. Default: 0, not at all.
    pub times: u32,
    /// Between the first attempt and the second. An error may say another (`retryAfter`), which counts then. Up
    /// to 100 years. Default: 1 s; zero: at once.
    pub delay: Duration,
    /// `Exponential`: each wait is `factor` times the last; `Fixed`. Default: Exponential.
    pub backoff: Backoff,
    /// How much longer each wait is. Above 0, up to 100. Default: 2.
    pub factor: f64,
    /// The longest wait. What an error says itself may be longer. Up to 100 years. Default: 1 min; zero: at
    /// once.
    pub max_delay: Duration,
    /// The share of each wait that chance may take off, so that what failed together does not come back
    /// together. To a wait that an error says it is added instead. From 0 to 0.5. Default: 0.25.
    pub jitter: f64,
    /// Also tries again after a time-out of a run. Default: no.
    pub on_timeout: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            times: 0,
            delay: Duration::from_secs(1),
            backoff: Backoff::Exponential,
            factor: 2.0,
            max_delay: Duration::from_secs(60),
            jitter: 0.25,
            on_timeout: false,
        }
    }
}

// </vocabulary>

impl Retry {
    /// So often, with all else as it is by default.
    pub fn times(times: u32) -> Self {
        Retry { times, ..Retry::default() }
    }
}

impl From<u32> for Retry {
    fn from(times: u32) -> Self {
        Retry::times(times)
    }
}

impl Status {
    /// Whether the task has come to its end.
    pub fn is_finished(self) -> bool {
        use Status::{Blocked, Delayed, Paused, Queued, Running, UnknownTask};
        !matches!(self, Delayed | Blocked | Queued | Running | Paused | UnknownTask)
    }

    /// Whether it ended without what was wanted of it, and not because somebody cancelled it.
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Failed | Status::TimedOut | Status::Abandoned)
    }
}
