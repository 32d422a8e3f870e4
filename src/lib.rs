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
//! `locations` (default): each task knows the line that has submitted it, in [`TaskInfo`], in what is logged, in a trace.
//! Without it no names of source files are in the program.
//!
//! `tracing`: each run of a body, and each poll of a future, is in a span of the crate `tracing`: target `legwork::task`, name
//! `task`, level INFO, with `id`, `name`, `job`, `owner`, `iteration`, `attempt` and `location`. So what a body logs there
//! says which task it is.
//!
//! `testing`: a virtual clock, for tests of an application's own code: `legwork::testing`. In `[dev-dependencies]`.
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

/// That of the guide to the trace.
#[cfg(doctest)]
#[doc = include_str!("../docs/looking-inside.md")]
struct LookingInside;

/// And that of the guide to futures.
#[cfg(doctest)]
#[doc = include_str!("../docs/rust.md")]
struct Futures;

/// And that of the guide to tests.
#[cfg(all(doctest, feature = "testing"))]
#[doc = include_str!("../docs/testing.md")]
struct Testing;

#[forbid(unsafe_code)]
pub mod engine;
#[forbid(unsafe_code)]
mod service;
mod system;

#[cfg(feature = "qt")]
pub mod qt;

/// A future that is ready after `time`, counted from this call. For any executor, on any thread: in a
/// [future that is a task](Tasks::future), and in one of the application's own.
///
/// It takes no thread: one of Legwork's wakes all of these. Dropping it forgets it. A time of zero is ready at once, one of
/// more than 584 years never. It counts the time in which the machine is awake, and is ready also after the service was
/// shut down. Where the system has no thread to give for the timer, that is logged, and it waits until there is one.
///
/// ```
/// # use legwork::{sleep, tasks};
/// # use std::time::Duration;
/// let late = tasks().future(async {
///     sleep(Duration::from_millis(2)).await;
///     Ok::<_, legwork::TaskError>("late".to_owned())
/// });
/// assert_eq!(late.spawn()?.wait(None)?, "late");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sleep(time: std::time::Duration) -> Sleep {
    tasks().sleep(time)
}

// <vocabulary: crate names>
pub use engine::{
    AfterPolicy, Backoff, CancelReason, CancelResult, ErrorKind, ErrorPolicy, FirstRun, KeyPolicy, Misfire,
    PauseResult, Priority, Rate, Retry, Status, WaitResult, WhenFull,
};
// </vocabulary>

pub use engine::{
    Abandoned, Amount, BlockingError, CancelToken, Counts, Figures, HistoryLimits, IntervalError, Limits,
    LimitsError, NiceError, OwnerId, ParseTaskIdError, Periodic, Place, RetryError, ShutdownReport, Sleep,
    SourceLocation, StackSizeError, Stats, SubmitError, TaskContext, TaskError, TaskId, TaskInfo, Times,
    TraceError, TraceReport, WaitsFor, WorkersError,
};
#[cfg(feature = "qt")]
pub use qt::{Local, LocalError, LocalTask, local, tasks};
#[cfg(not(feature = "qt"))]
pub use service::tasks;
#[cfg(feature = "testing")]
pub use service::testing;
pub use service::{
    AllOf, AnyOf, Args, External, HasBody, HasWork, IntoResult, JobError, MAX_DEPTH, Opaque, Outcome, Owner,
    Runs, RunsAgain, RunsAsync, RunsElsewhere, RunsOnce, SHUTDOWN_TIMEOUT, Sender, SpawnError, TaskBuilder,
    TaskHandle, TaskValue, Tasks, Value, WaitError,
};
