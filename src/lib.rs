//! Background tasks for Qt applications.
//!
//! One worker pool serves the process. [`tasks()`] is the way to it from Rust; QML has the singleton
//! `TaskManager`. Results come back on the thread of the `QCoreApplication`, as signals and as
//! callbacks.
//!
//! ```
//! use legwork::{Priority, tasks};
//!
//! let handle = tasks()
//!     .task(|context| {
//!         for step in 0..100 {
//!             context.checkpoint()?; // ends here if the task is cancelled
//!             context.set_progress_value(f64::from(step) / 100.0);
//!         }
//!         Ok::<_, legwork::TaskError>("done".to_owned())
//!     })
//!     .name("Example")
//!     .priority(Priority::High)
//!     .spawn()?;
//! assert_eq!(handle.wait(None)?, "done");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Words
//!
//! A **task** is one piece of work that was submitted, with an id. A **job** is a function that was
//! registered under a name, for those who cannot pass a closure. An **owner** is what tasks belong
//! to; when it goes, they are cancelled. A **worker** is a thread of the pool.
//!
//! # Features
//!
//! `qt` (default): the Qt faces. Without it nothing of Qt is needed, and callbacks run on the worker,
//! after the body.
//!
//! # Threads
//!
//! All of this may be called from any thread. Bodies run on workers; callbacks on the thread of the
//! `QCoreApplication`. A panic in a body is a failed task; with `panic = "abort"` it is the end of
//! the process.

#![allow(rustdoc::private_intra_doc_links, reason = "the reading order names private rooms, too")]

/// The README's Rust is compiled and run, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// That of the guide, too.
#[cfg(doctest)]
#[doc = include_str!("../docs/scheduling.md")]
struct Scheduling;

#[forbid(unsafe_code)]
pub mod engine;
#[forbid(unsafe_code)]
mod service;
mod system;

#[cfg(feature = "qt")]
pub mod qt;

// <vocabulary: crate names>
pub use engine::{
    AfterPolicy, Backoff, CancelReason, CancelResult, ErrorKind, ErrorPolicy, FirstRun, KeyPolicy, Misfire,
    PauseResult, Priority, Rate, Retry, Status, WaitResult, WhenFull,
};
// </vocabulary>

pub use engine::{
    Abandoned, Amount, BlockingError, CancelToken, Counts, HistoryLimits, IntervalError, Limits, LimitsError,
    OwnerId, ParseTaskIdError, Periodic, Place, RetryError, ShutdownReport, StackSizeError, SubmitError,
    TaskContext, TaskError, TaskId, TaskInfo, WaitsFor, WorkersError,
};
#[cfg(feature = "qt")]
pub use qt::tasks;
#[cfg(not(feature = "qt"))]
pub use service::tasks;
pub use service::{
    AllOf, AnyOf, Args, External, HasBody, HasWork, IntoResult, JobError, MAX_DEPTH, Opaque, Outcome, Owner,
    Runs, RunsAgain, RunsElsewhere, RunsOnce, SHUTDOWN_TIMEOUT, Sender, SpawnError, TaskBuilder, TaskHandle,
    TaskValue, Tasks, Value, WaitError,
};
