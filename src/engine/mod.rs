//! The engine: tasks, workers, time. It knows nothing of Qt and nothing of what a task returns.
//!
//! This file declares, and gives its callers the names that they need; nothing of the engine is written here,
//! and no file of the engine imports it. So the imports between the files form no circle, which
//! `tests/imports.rs` holds. In reading order:
//!
//! - Plain data: [`amount`], [`config`], [`record`], [`sites`], [`id`], [`error`], [`options`], [`payload`], [`body`], [`notice`],
//!   [`info`], [`changes`], [`telling`], [`holds`], [`closing`], [`poller`]; and [`segments`], a queue.
//! - What is kept of a task: [`task`], [`schedule`], [`attempts`], [`bonds`], [`group`], [`callbacks`], [`cancel`],
//!   [`context`].
//! - The parts of the state, each with its invariants: [`tasks`] (with [`slab`], [`lanes`]), [`owners`],
//!   [`admission`], [`pool`], [`runs`], [`time`] (with [`timers`], [`naps`]), [`outgoing`] (with [`outbox`]),
//!   [`history`], [`change_set`], [`keys`], [`limits`], [`pauses`], [`chores`], [`chance`], [`hand`], [`handles`], [`injector`] (what is submitted
//!   beside the lock).
//! - [`effects`]: what a change asks for after the lock.
//! - [`inner`], the state, and its transitions: [`submission`], [`running`], [`retries`], [`ending`],
//!   [`stopping`], [`progress`], [`due`], [`overdue`], [`rescheduling`], [`again`], [`keyed`] (tasks of one key), [`after`]
//!   (tasks that come after others), [`then`] (and take their results), [`groups`], [`external`] (tasks without a
//!   body), [`blocking`], [`lending`], [`idling`], [`limiting`], [`pausing`], [`futures`] (with [`waking`]), [`delivering`], [`holding`], [`naming`], [`unheard`] (failures that nobody hears of).
//! - [`state`], its lock; and [`shared`], with the order of the locks.
//! - What threads do: [`workers`] (sleeping and waking), [`spans`] (of the crate `tracing`), [`timer_thread`], [`wait`], [`by_hand`], [`shutdown`], [`halt`].
//! - The trace: [`trace`] (what is recorded, and where it lies), [`trace_text`] and [`trace_writer`] (how it comes into a
//!   file), [`tracer`], [`tracing`] (where it is recorded), [`trace_switch`] (how it begins and ends).
//! - The figures: [`stats`], which are taken where a trace records.
//! - For callers: [`engine`], [`inspect`], [`hearing`], [`receiver`], [`follow`], [`observe`], [`unload`];
//!   and [`fork`], for a child process.

mod admission;
mod after;
mod again;
mod amount;
mod attempts;
mod blocking;
mod body;
mod bonds;
mod by_hand;
pub mod callbacks;
pub mod cancel;
mod chance;
mod change_set;
pub mod changes;
mod chores;
pub mod clock;
mod closing;
pub mod config;
pub(crate) mod contain;
pub mod context;
pub mod crew;
mod current;
mod delivering;
mod delivery;
pub mod diagnostics;
mod due;
mod effects;
mod ending;
#[expect(clippy::module_inception, reason = "it is what the engine is to its callers")]
mod engine;
pub mod error;
mod external;
mod follow;
pub mod fork;
mod futures;
mod group;
mod groups;
mod halt;
mod hand;
mod handles;
mod hearing;
mod history;
mod holding;
mod holds;
pub mod id;
mod idling;
mod info;
mod injector;
mod inner;
mod inspect;
mod keyed;
mod keys;
mod lanes;
mod lending;
mod limiting;
mod limits;
mod naming;
mod naps;
mod notice;
mod observe;
pub mod options;
mod outbox;
mod outgoing;
mod overdue;
mod owners;
mod pauses;
mod pausing;
mod payload;
mod poller;
mod pool;
mod progress;
pub mod receiver;
mod record;
mod rescheduling;
mod retries;
mod running;
mod runs;
mod schedule;
mod segments;
mod sending;
mod shared;
mod shutdown;
mod sites;
mod slab;
mod spans;
mod state;
mod stats;
mod stopping;
mod submission;
pub(crate) mod sync;
mod task;
mod tasks;
mod telling;
mod then;
mod threads;
mod time;
mod timer_thread;
mod timers;
mod trace;
mod trace_switch;
mod trace_text;
mod trace_writer;
mod tracer;
mod tracing;
mod unheard;
mod unload;
mod values;
mod wait;
mod waking;
mod words;
mod workers;

pub use amount::Amount;
pub use body::{Async, Body, BoxFuture, Once, Outcome, Repeated, Then, ThenRepeated};
pub use by_hand::{ClockError, Pending};
pub use callbacks::{Callback, Hears};
pub use cancel::CancelToken;
pub use change_set::{MOST_ENTRIES, MOST_LOST};
pub use changes::{Brief, Change, Changes};
pub use closing::{Abandoned, ShutdownReport};
pub use config::{
    DeliveryMode, EngineConfig, HistoryLimits, Limits, MAX_BLOCKING, MAX_NICE, MAX_WORKERS, STACK_SIZES,
};
#[cfg(feature = "qt")]
pub(crate) use context::Blocking;
pub use context::TaskContext;
pub use delivery::Delivery;
pub use engine::Engine;
pub use error::{
    BlockingError, IntervalError, LimitsError, NiceError, Place, RetryError, StackSizeError, SubmitError,
    TaskError, TraceError, WorkersError,
};
pub use external::Elsewhere;
pub use holds::Held;
pub use id::{OwnerId, ParseTaskIdError, TaskId};
pub use info::{Counts, TaskInfo, WaitsFor};
pub use naps::Sleep;
pub use notice::Notice;
pub use options::{External, Kept, Periodic, TaskOptions};
pub use payload::Payload;
pub use poller::Poller;
pub use receiver::Receiver;
pub use shared::Notify;
pub use shutdown::Meanwhile;
pub use sites::{Site, SourceLocation};
pub use stats::{Figures, Stats, Times};
pub use telling::{Follower, Report};
pub use tracer::{Span, TraceReport};
pub use unload::{StillRunning, UnloadError};

// <vocabulary: engine names>
pub use words::{
    AfterPolicy, Backoff, CancelReason, CancelResult, ErrorKind, ErrorPolicy, FirstRun, KeyPolicy, Misfire,
    PauseResult, Priority, Rate, Retry, Status, WaitResult, WhenFull,
};
// </vocabulary>
