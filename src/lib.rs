//! Legwork: background tasks for Qt applications.

pub mod engine;
mod service;

#[cfg(feature = "qt")]
pub mod qt;

pub use engine::{
    Abandoned, CancelReason, CancelResult, CancelToken, Counts, ErrorKind, FirstRun, HistoryLimits, Misfire,
    OwnerId, ParseTaskIdError, Periodic, Priority, Rate, ShutdownReport, Status, SubmitError, TaskContext,
    TaskError, TaskId, TaskInfo, WaitResult, WorkersError,
};
pub use service::{
    Args, IntoResult, JobError, MAX_DEPTH, Opaque, Owner, SHUTDOWN_TIMEOUT, SpawnError, TaskBuilder,
    TaskHandle, TaskValue, Tasks, Value, WaitError, tasks,
};
