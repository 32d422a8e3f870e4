//! How an engine is set up, and what bounds that.

use std::time::Duration;

/// The most workers that an engine may have.
pub const MAX_WORKERS: usize = 1_024;

/// Bytes of stack that a thread may have.
pub const STACK_SIZES: std::ops::RangeInclusive<usize> = 64 << 10..=1 << 30;

/// How an engine is set up.
#[derive(Debug, Clone, Copy)]
pub struct EngineConfig {
    /// From 1 to [`MAX_WORKERS`]. Default: 4.
    pub max_workers: usize,
    /// Tasks that are delayed, queued, running or not yet delivered. Default: 1,000,000.
    pub capacity: usize,
    pub history: HistoryLimits,
    /// Bytes of stack for each thread. Default: 8 MiB, what a thread has on Linux.
    pub stack_size: usize,
    /// What chance begins with: for the jitter of waits. Default: another each time; on a virtual clock 0.
    pub seed: Option<u64>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        EngineConfig {
            max_workers: 4,
            capacity: 1_000_000,
            history: HistoryLimits::default(),
            stack_size: 8 << 20,
            seed: None,
        }
    }
}

/// Bounds of the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLimits {
    /// Default: 1,000.
    pub tasks: usize,
    /// Bytes of results and of the texts of errors. Default: 64 MiB.
    pub bytes: usize,
    /// Default: 10 minutes.
    pub age: Duration,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        HistoryLimits { tasks: 1_000, bytes: 64 << 20, age: Duration::from_secs(600) }
    }
}

/// The thread that calls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryMode {
    /// A thread of the application's, through a [`Receiver`](super::Receiver).
    Queued,
    /// The thread that ends the task: the worker, after the body; for a task that never ran, the thread
    /// that cancelled it.
    Direct,
}
