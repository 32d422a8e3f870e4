//! What the engine tells of its tasks.

use std::fmt;
use std::sync::Arc;

use super::amount::Amount;
use super::error::TaskError;
use super::id::TaskId;
use super::sites::SourceLocation;
use super::words;

/// How many tasks are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub delayed: usize,
    /// Waiting for others: for their turn in a key, or for what they come after; or to be resumed.
    pub blocked: usize,
    pub queued: usize,
    pub running: usize,
    /// Those four, and what ended and is not yet delivered.
    pub live: usize,
    /// Worker threads, asleep or not.
    pub workers: usize,
}

/// What a blocked task waits for. Of many tasks the first [`WaitsFor::MOST`] are named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WaitsFor {
    /// For no other task.
    #[default]
    Nothing,
    /// For the ends of these, which it comes after; a group, also while it runs, for those of its members.
    Tasks(Vec<TaskId>),
    /// For its turn in its key: `running` have the places, and `abandoned` have them although they have ended, as
    /// their bodies have not returned.
    Key { key: Arc<str>, running: Vec<TaskId>, abandoned: Vec<TaskId> },
}

impl WaitsFor {
    /// So many tasks are named.
    pub const MOST: usize = 32;

    /// The tasks that are named.
    pub fn tasks(&self) -> impl Iterator<Item = TaskId> {
        let (some, more): (&[TaskId], &[TaskId]) = match self {
            WaitsFor::Nothing => (&[], &[]),
            WaitsFor::Tasks(tasks) => (tasks, &[]),
            WaitsFor::Key { running, abandoned, .. } => (running, abandoned),
        };
        some.iter().chain(more).copied()
    }
}

impl fmt::Display for WaitsFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaitsFor::Nothing => f.write_str("nothing"),
            WaitsFor::Tasks(tasks) if tasks.len() == 1 => f.write_str("a task"),
            WaitsFor::Tasks(tasks) => write!(f, "{} tasks", tasks.len()),
            WaitsFor::Key { key, abandoned, .. } if abandoned.is_empty() => {
                write!(f, "its turn in the key \"{key}\"")
            }
            WaitsFor::Key { key, .. } => {
                write!(f, "its turn in the key \"{key}\", which an abandoned body still holds")
            }
        }
    }
}

/// What is known of a task.
#[derive(Clone)]
pub struct TaskInfo<P> {
    pub id: TaskId,
    pub status: words::Status,
    pub priority: words::Priority,
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
    /// The attempt that is under way, or was the last; 0 before the first. While the task waits for another it is
    /// Delayed, with `due_ms`.
    pub attempt: u64,
    /// How many attempts there may be: more than one where `retry` says so.
    pub attempts: u64,
    pub cancel_requested: bool,
    pub cancel_reason: Option<words::CancelReason>,
    /// The result, or a periodic task's last.
    pub result: Option<P>,
    pub error: Option<Arc<TaskError>>,
    /// Of a blocked task, or a group: what for.
    pub waits_for: WaitsFor,
    /// Why it is paused, if it is: the reason of the pause that is the nearest, of its own, its key's, its owner's, and
    /// that of all.
    pub paused: Option<Arc<str>>,
    /// Of a group: the tasks that it stands for, in the order given, also those that have ended or are forgotten.
    pub members: Option<Arc<[TaskId]>>,
    /// It failed, was cancelled or timed out, and its work can run again: see
    /// [`Tasks::retry`](crate::Tasks::retry).
    pub can_retry: bool,
    /// The task whose work it does again.
    pub retry_of: Option<TaskId>,
    /// Where it was submitted; none where nothing said so, and without the feature `locations`.
    pub source_location: Option<SourceLocation>,
    // <vocabulary: info fields>
    /// Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads
    /// from one host. A key is its owner's; without an owner it is the application's.
    pub key: Option<Arc<str>>,
    /// Its body waits for a disk, a network, a process: while it runs it does not count to `maxWorkers`, and
    /// another worker takes its place, for up to `maxBlocking` of them.
    pub may_block: bool,
    // </vocabulary>
    /// Milliseconds since 1970; the others 0 until it has come to that.
    pub created_ms: i64,
    /// When its time comes, of one that waits for it: its delay, its next run, its next attempt.
    pub due_ms: i64,
    pub started_ms: i64,
    pub finished_ms: i64,
}
