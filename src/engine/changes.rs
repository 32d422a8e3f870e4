//! The changes of tasks, as one that shows all tasks takes them: see `observe.rs`.

use std::sync::Arc;

use super::amount::Amount;
use super::clock::Nanos;
use super::error::TaskError;
use super::id::TaskId;
use super::words::{Priority, Status};

/// What is known of a task, without what its owner's code made.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    pub id: TaskId,
    pub status: Status,
    pub priority: Priority,
    /// What its options said; else the job's name; else empty.
    pub name: Arc<str>,
    pub job: Option<Arc<str>>,
    /// The owner's name; empty for the application.
    pub owner: Arc<str>,
    /// From 0 to 1; negative while it is not known.
    pub progress: f64,
    pub message: Arc<str>,
    /// Where it counts what it does.
    pub amount: Option<Amount>,
    /// Runs so far, of a periodic task; else 0.
    pub iteration: u64,
    pub periodic: bool,
    /// The attempt that is under way, or was the last; 0 before the first.
    pub attempt: u64,
    /// How many attempts there may be.
    pub attempts: u64,
    /// It waits for its next attempt, `due` says until when.
    pub retrying: bool,
    /// Its run takes long, and that was told.
    pub slow: bool,
    pub key: Option<Arc<str>>,
    pub waits_for: Awaited,
    /// The groups that it stands in, the outermost first, each with its creation, by the engine's clock. Of several
    /// groups of a task the one that was made first counts, and none that ended before the task.
    pub path: Arc<[(Nanos, TaskId)]>,
    /// How many tasks it stands for, if it is a group.
    pub members: Option<u32>,
    /// Once it has ended well, it is not shown.
    pub transient: bool,
    /// It is not shown at all.
    pub system: bool,
    pub cancel_requested: bool,
    /// Why it is paused, if it is.
    pub paused: Option<Arc<str>>,
    /// It is paused, and it is its body that has stopped.
    pub stopped: bool,
    /// It can be paused by itself, and is not.
    pub can_pause: bool,
    /// It is paused by itself, or was asked to, which can be taken back.
    pub can_resume: bool,
    /// It has ended badly, and its work can be submitted again.
    pub can_retry: bool,
    /// It was submitted again, and is not shown any more.
    pub retried: bool,
    /// How it ended; of a periodic task that has not, how its last run failed, if it did.
    pub error: Option<Arc<TaskError>>,
    /// How much it counts among others, for the progress of all.
    pub weight: f64,
    pub created: Stamp,
    /// When its time comes, of one that waits for it.
    pub due: Option<Stamp>,
    pub started: Option<Stamp>,
    pub finished: Option<Stamp>,
    /// Of a periodic task that has begun a run: that run, or the last one.
    pub run: Option<RunTime>,
}

/// What a blocked task waits for, in so many words as are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Awaited {
    #[default]
    Nothing,
    /// The end of one task, by its name, which is empty where it has none.
    Task(Arc<str>),
    /// The ends of so many tasks, from 2.
    Tasks(u32),
    /// Its turn in its key.
    Turn,
}

/// A run of a periodic task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunTime {
    /// Since then.
    Began(Nanos),
    /// It is over; so long it took, in nanoseconds.
    Took(Nanos),
}

/// A moment, by the engine's clock and by the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Nanoseconds since the engine was made.
    pub nanos: Nanos,
    /// Milliseconds since 1970.
    pub wall_ms: i64,
}

/// A task that changed, as it is when it is taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Is(Arc<Brief>),
    /// The engine has forgotten it, or it was retried. If it had failed, and that was never taken, here is how; also
    /// if it was retried.
    Gone(TaskId, Option<Arc<Brief>>),
}

/// What [`Engine::take_changes`](super::Engine::take_changes) took.
#[derive(Debug, Default)]
pub struct Changes {
    /// In the order in which each was first noted.
    pub list: Vec<Change>,
    /// Changes were dropped: all tasks are to be read anew.
    pub overrun: bool,
}
