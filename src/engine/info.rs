//! What the engine tells of its tasks.

use std::sync::Arc;

use super::error::TaskError;
use super::id::TaskId;
use super::words;

/// How many tasks are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub delayed: usize,
    pub queued: usize,
    pub running: usize,
    /// Those three, and what ended and is not yet delivered.
    pub live: usize,
    /// Worker threads, asleep or not.
    pub workers: usize,
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
    /// Runs so far, of a periodic task; else 0.
    pub iteration: u64,
    pub periodic: bool,
    pub cancel_requested: bool,
    pub cancel_reason: Option<words::CancelReason>,
    /// The result, or a periodic task's last.
    pub result: Option<P>,
    pub error: Option<Arc<TaskError>>,
    // <vocabulary: info fields>
    // </vocabulary>
    /// Milliseconds since 1970; the others 0 until it has come to that.
    pub created_ms: i64,
    pub started_ms: i64,
    pub finished_ms: i64,
}
