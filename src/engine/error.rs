//! What can go wrong: with a submission, and with a task.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::id::TaskId;
use super::words::{CancelReason, ErrorKind, Status};

/// The longest message of an error, in bytes; a longer one is cut and says so.
pub const MAX_MESSAGE: usize = 64 * 1024;

/// How a task failed. Two are equal if they say the same, whatever their sources.
#[derive(Clone)]
pub struct TaskError {
    kind: ErrorKind,
    message: String,
    origin: String,
    attempt: u64,
    attempts: u64,
    permanent: bool,
    retry_after: Option<Duration>,
    reason: Option<CancelReason>,
    /// Where a script threw it.
    place: Option<Box<Place>>,
    /// What another language threw, for a caller that can throw it again. Made by an owner's code.
    source: Option<Arc<dyn Any + Send + Sync>>,
}

/// Where a script threw an error.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The module's URL, or another's that it calls.
    pub file: String,
    /// From 1; 0 where it is not known.
    pub line: u32,
    /// A line for each function that was called, the innermost first: `name@file:line`.
    pub stack: String,
}

impl PartialEq for TaskError {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.message == other.message
            && self.origin == other.origin
            && self.attempt == other.attempt
            && self.attempts == other.attempts
            && self.permanent == other.permanent
            && self.retry_after == other.retry_after
            && self.reason == other.reason
            && self.place == other.place
    }
}

impl Eq for TaskError {}

impl TaskError {
    /// A fault of `kind`. A message over [`MAX_MESSAGE`] bytes is cut, one with a NUL keeps it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > MAX_MESSAGE {
            let whole = message.len();
            let end = (0..=MAX_MESSAGE).rev().find(|at| message.is_char_boundary(*at)).unwrap_or(0);
            message.truncate(end);
            message.push_str(&format!("… (cut: the message had {whole} bytes)"));
        }
        TaskError {
            kind,
            message,
            origin: String::new(),
            attempt: 1,
            attempts: 1,
            permanent: false,
            retry_after: None,
            reason: None,
            place: None,
            source: None,
        }
    }

    /// What a body returns to say that it stopped because it was asked to. A body that was not asked
    /// may end itself so: the task is cancelled then, for the reason `User`.
    pub fn cancelled() -> Self {
        TaskError::new(ErrorKind::Cancelled, "cancelled")
    }

    /// An error of which another attempt would not come off either: a task that has `retry` is not tried again.
    /// What stays of `error` is what [`TaskError::from_error`] takes.
    pub fn permanent(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        TaskError { permanent: true, ..TaskError::from_error(error) }
    }

    /// The same of an error that is there.
    #[cfg_attr(not(feature = "qt"), expect(dead_code, reason = "what C++ and scripts throw says so"))]
    pub(crate) fn never_again(mut self) -> Self {
        self.permanent = true;
        self
    }

    /// Says when another attempt may come off, as a server does that is busy: a task that has `retry` waits at
    /// least so long before the next, and not for what its options say. It makes no attempt more than they say.
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Says where the fault came from: a function, a file and line, a type of exception.
    pub fn with_origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = origin.into();
        self
    }

    /// Says where in a script it was thrown.
    pub fn with_place(mut self, place: Place) -> Self {
        self.place = Some(Box::new(place));
        self
    }

    /// Keeps what was thrown, in another language's own form.
    #[cfg(feature = "qt")]
    pub(crate) fn with_source(mut self, source: Arc<dyn Any + Send + Sync>) -> Self {
        self.source = Some(source);
        self
    }

    /// What was thrown, if it is a `T`.
    #[cfg(feature = "qt")]
    pub(crate) fn source_as<T: Any>(&self) -> Option<&T> {
        self.source.as_ref()?.downcast_ref()
    }

    /// What its texts hold in memory.
    pub(super) fn byte_size(&self) -> usize {
        let place = self.place.as_ref().map_or(0, |place| place.file.len() + place.stack.len());
        self.message.len() + self.origin.len() + place
    }

    /// Whether it holds something that an owner's code made.
    pub(super) fn has_source(&self) -> bool {
        self.source.is_some()
    }

    /// The same error without what was thrown.
    pub(super) fn without_source(&self) -> Self {
        TaskError { source: None, ..self.clone() }
    }

    pub(super) fn with_attempt(mut self, attempt: u64) -> Self {
        self.attempt = attempt;
        self
    }

    pub(super) fn with_attempts(mut self, attempts: u64) -> Self {
        self.attempts = attempts;
        self
    }

    pub(super) fn with_reason(mut self, reason: Option<CancelReason>) -> Self {
        self.reason = reason;
        self
    }

    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where the fault came from; empty where that is not known.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// What failed, from 1: the attempt, of a task that runs once; of a periodic task the iteration.
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    /// How many attempts the task, or the run of a periodic task, has made by then.
    pub fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Whether another attempt would not come off either.
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }

    /// When another attempt may come off, if the error says so.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Why the task had been asked to stop, if it had been.
    pub fn reason(&self) -> Option<CancelReason> {
        self.reason
    }

    /// Where in a script it was thrown, if a script threw it.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_deref()
    }

    /// Any error as a task's: a `TaskError` stays what it is, another becomes `Failed` with its
    /// text and the texts of its sources.
    pub fn from_error(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        match error.into().downcast::<TaskError>() {
            Ok(error) => *error,
            Err(error) => {
                let mut message = error.to_string();
                let mut source = error.source();
                while let Some(next) = source {
                    let text = next.to_string();
                    // Many errors already say what their source says.
                    if !message.contains(&text) {
                        message.push_str(": ");
                        message.push_str(&text);
                    }
                    source = next.source();
                }
                TaskError::new(ErrorKind::Failed, message)
            }
        }
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskError({}: {:?}", self.kind.name(), self.message)?;
        if !self.origin.is_empty() {
            write!(f, ", from {}", self.origin)?;
        }
        if let Some(reason) = self.reason {
            write!(f, ", asked to stop: {}", reason.name())?;
        }
        write!(f, ", run {})", self.attempt)
    }
}

impl Error for TaskError {}

/// Why a task was not accepted. Nothing was created, and the closure was destroyed on the thread
/// that called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubmitError {
    #[error("the service is shut down or shutting down; submit before shutdown() or application quit")]
    ShutDown,
    #[error(
        "the queue is full: {capacity} tasks are delayed, queued, running or not yet delivered; wait for some to end"
    )]
    QueueFull { capacity: usize },
    #[error("the owner is gone; submit with an owner that is still alive")]
    OwnerGone,
    #[error("{option} is {found}; expected {expected}")]
    InvalidOption { option: &'static str, found: String, expected: String },
    #[error("{option} is for a task that runs once, not for a periodic one")]
    OnceOnly { option: &'static str },
    #[error("{option} is for a task with a key; say key, too")]
    WithoutKey { option: &'static str },
    #[error(
        "keyLimit is {limit}, but the key \"{key}\" is in use with {in_use}; say the same for all of its tasks"
    )]
    KeyLimit { key: String, limit: u32, in_use: u32 },
    #[error("after names {id}, and there is no such task: it never was one, or is forgotten")]
    AfterUnknown { id: TaskId },
    #[error(
        "the limit of the owner \"{owner}\" is reached: {limit} is {most}, and it has {found} such tasks; submit \
         again when there are fewer"
    )]
    LimitReached {
        /// The owner's name.
        owner: String,
        /// `maxQueued` or `maxDelayed`.
        limit: &'static str,
        most: u32,
        /// How many there are: more than `most` where the limit was lowered, or tasks came to it that were in.
        found: usize,
    },
    #[error("{call} names {id}, and there is no such task: it never was one, or is forgotten")]
    UnknownTask { call: &'static str, id: TaskId },
    #[error(
        "{call} names {id}, whose result is not kept any more: keep a handle of the task, or submit what takes \
         it before the task has ended"
    )]
    ResultNotKept { call: &'static str, id: TaskId },
    #[error(
        "{call} names {id}, whose result cannot be shared, and another task takes it: only one may take it for itself"
    )]
    ResultTaken { call: &'static str, id: TaskId },
    #[error("{call} names {id} twice, whose result cannot be shared; name it once")]
    ResultTwice { call: &'static str, id: TaskId },
    #[error("any needs a task, and there is none; name one or more")]
    NoMembers,
    #[error("{option} is for work, and a group has none of its own; say it of its tasks")]
    NoWork { option: &'static str },
    #[error("groups stand in groups, deeper than {most}; name their tasks in fewer of them")]
    TooDeep { most: usize },
    #[error("{option} is for work that can run again, and this work can run once only")]
    NotRepeatable { option: &'static str },
    #[error("no thread could be started: {0}; try again when some have ended")]
    NoThread(String),
    #[error(
        "this process is a fork of the one that has the service, which does nothing in it; start programs by exec"
    )]
    Forked,
}

impl SubmitError {
    pub(super) fn invalid(option: &'static str, found: String, expected: impl Into<String>) -> Self {
        SubmitError::InvalidOption { option, found, expected: expected.into() }
    }
}

/// Why a task was not retried. Nothing has changed: the task is what it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError {
    #[error("there is no task {id}: it never was one, is forgotten, or was retried already")]
    UnknownTask { id: TaskId },
    #[error("the task {id} is {status:?} and has not ended; retry it once it has failed, or was cancelled")]
    StillGoing { id: TaskId, status: Status },
    #[error("the task {id} has completed; submit its work anew to do it once more")]
    Completed { id: TaskId },
    #[error("the task {id} was abandoned by a shutdown, and its body may still be at work")]
    Abandoned { id: TaskId },
    #[error("a newer task of its key took the place of the task {id}; retry that one")]
    Replaced { id: TaskId },
    #[error("the task {id} was retried already, as {retried_as}; retry that one")]
    AlreadyRetried { id: TaskId, retried_as: TaskId },
    #[error(
        "the task {id} is a group, which has no work of its own; retry those of its tasks that did not complete, or \
         start the group anew"
    )]
    Group { id: TaskId },
    #[error("the task {id} is external: the application does its work; start that anew, as a new task")]
    External { id: TaskId },
    #[error(
        "the task {id} takes the result of another, and never got it; submit it anew, with the result of a task that \
         completes"
    )]
    MissesResult { id: TaskId },
    #[error(
        "the work of the task {id} can run once only, or is not kept any more; submit a job, a script, or work that \
         is said to be repeatable"
    )]
    NotRepeatable { id: TaskId },
    /// It cannot be submitted: its owner is gone, the service is shut down, a limit is reached.
    #[error(transparent)]
    Submit(#[from] SubmitError),
}

/// Why an interval was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IntervalError {
    #[error("interval is {0:?}; expected 1 ns to 100 years")]
    OutOfRange(Duration),
    #[error("interval is {interval:?}; expected at least the task's jitter, {jitter:?}")]
    BelowJitter { interval: Duration, jitter: Duration },
    #[error("there is no such task; an interval is changed while the task is there")]
    UnknownTask,
    #[error("the task is not periodic; only those have an interval")]
    NotPeriodic,
    #[error("the task has ended; submit it anew with the other interval")]
    Ended,
}

/// Why the limits of an owner were not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitsError {
    #[error("{0} is 0; expected a number from 1, or none for no limit")]
    Zero(&'static str),
    #[error("the owner is gone; limit one that is still alive")]
    OwnerGone,
}

/// Why the number of workers was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} workers are not possible; maxWorkers is from 1 to {max}", max = super::config::MAX_WORKERS)]
pub struct WorkersError(pub usize);

/// Why the number of bodies that may block beside the workers was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} bodies that block are not possible; maxBlocking is from 0 to {max}", max = super::config::MAX_BLOCKING)]
pub struct BlockingError(pub usize);

/// Why the share of the threads was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NiceError {
    #[error("a nice value of {0} is not possible; workerNice is from 0 to {max}",
        max = super::config::MAX_NICE)]
    OutOfRange(u8),
    #[error(
        "there are threads already, which cannot take back what they gave; set workerNice before the first task"
    )]
    TooLate,
}

/// Why the size of the threads' stacks was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StackSizeError {
    #[error("a stack of {0} bytes is not possible; stackSize is from {min} (64 KiB) to {max} (1 GiB)",
        min = super::config::STACK_SIZES.start(), max = super::config::STACK_SIZES.end())]
    OutOfRange(usize),
    #[error(
        "there are threads already, which keep the stack that they have; set stackSize before the first task"
    )]
    TooLate,
}

/// Why no trace is written, or not to its end. A call that fails so has changed nothing, but for the last two: there
/// the trace has ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    #[error("the path of a trace is empty; expected that of a file, such as trace.json")]
    NoPath,
    #[error("a trace is being written already, to \"{}\"; stop that first", path.display())]
    AlreadyTracing { path: PathBuf },
    #[error("no trace is being written; start one first")]
    NotTracing,
    #[error("the trace \"{}\" cannot be written: there is no such folder", path.display())]
    NoFolder { path: PathBuf },
    #[error("the trace \"{}\" cannot be written: this user may not write there", path.display())]
    NoPermission { path: PathBuf },
    #[error("the trace \"{}\" cannot be written: that is a folder; expected a file", path.display())]
    IsFolder { path: PathBuf },
    #[error("the trace \"{}\" cannot be written: {error}", path.display())]
    Open { path: PathBuf, error: String },
    /// A pipe that nobody reads, or a file system that does not answer.
    #[error("the trace \"{}\" could not be opened within {waited:?}; does anybody read from it?", path.display())]
    OpenHangs { path: PathBuf, waited: Duration },
    #[error("the system refused a thread for the trace: {0}")]
    NoThread(String),
    #[error("{}", SubmitError::Forked)]
    Forked,
    /// The disk is full, say.
    #[error("the trace \"{}\" has ended after {events} events: {error}", path.display())]
    Write { path: PathBuf, events: u64, error: String },
    #[error(
        "the trace \"{}\" was not written {waited:?} after it was stopped, as the file system does not answer; \
         what is there can be read",
        path.display()
    )]
    WriteHangs { path: PathBuf, waited: Duration },
}
