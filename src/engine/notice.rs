//! What happened to a task, as its callbacks and the signals of all tasks are told it.

use std::sync::Arc;
use std::time::Duration;

use super::error::TaskError;
use super::id::TaskId;
use super::words::CancelReason;

/// What happened to a task.
#[derive(Clone)]
pub enum Notice<P> {
    /// It was accepted; for the signals alone.
    Queued,
    /// It does the work of that task again, which had ended, and is told of no more; for the signals alone.
    Retried(TaskId),
    Started,
    /// From 0 to 1, or negative for "not known"; the newest at the time of delivery.
    Progress(f64, Arc<str>),
    /// A run of a periodic task ended well.
    Run(u64, P),
    /// A run of a periodic task failed, and the schedule goes on.
    RunFailed(u64, Arc<TaskError>),
    /// A run failed and is tried again: the number of the attempt that comes, from 2, how the last one failed,
    /// and when the next is due, counted from then.
    Retrying(u64, Arc<TaskError>, Duration),
    /// It has sent these, in this order, since it was last told of such.
    Values(Arc<Vec<P>>),
    /// It was paused, for that reason, or its body has stopped.
    Paused(Arc<str>),
    /// It goes on, or would if its owner, its key and all of the others were not paused.
    Resumed,
    /// A run has taken so long by now, which is more than `warn_after`.
    Slow(Duration),
    Completed(P),
    /// Failed, TimedOut or Abandoned.
    Failed(Arc<TaskError>),
    Cancelled(CancelReason),
}

impl<P> Notice<P> {
    /// Whether it is a task's last.
    pub fn is_end(&self) -> bool {
        matches!(self, Notice::Completed(_) | Notice::Failed(_) | Notice::Cancelled(_))
    }
}
