//! How an engine is set up, and what bounds that.

use std::time::Duration;

use super::crew::Share;

/// The most workers that an engine may have.
pub const MAX_WORKERS: usize = 1_024;

/// The most bodies that block for which an engine may have others run.
pub const MAX_BLOCKING: usize = 1_024;

/// Bytes of stack that a thread may have.
pub const STACK_SIZES: std::ops::RangeInclusive<usize> = 64 << 10..=1 << 30;

/// The most that a thread may give way by.
pub const MAX_NICE: u8 = 19;

/// How an engine is set up.
#[derive(Debug, Clone, Copy)]
pub struct EngineConfig {
    /// From 1 to [`MAX_WORKERS`]. Default: 4.
    pub max_workers: usize,
    /// Bodies that block, in whose places others run: up to [`MAX_BLOCKING`]. Default: 64.
    pub max_blocking: usize,
    /// Tasks that are delayed, queued, running or not yet delivered. Default: 1,000,000.
    pub capacity: usize,
    pub history: HistoryLimits,
    /// Bytes of stack for each thread. Default: 8 MiB, what a thread has on Linux.
    pub stack_size: usize,
    /// By how much of Unix's `nice` each worker's thread gives way to others, from 0 to [`MAX_NICE`]. Default: 0.
    pub worker_nice: u8,
    /// How. Default: not at all.
    pub share: Share,
    /// After how long a sleep a worker's thread ends, while another sleeps, too; `None` for never. Default: 30 s.
    pub idle_timeout: Option<Duration>,
    /// What chance begins with: for the jitter of waits. Default: another each time; on a virtual clock 0.
    pub seed: Option<u64>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        EngineConfig {
            max_workers: 4,
            max_blocking: 64,
            capacity: 1_000_000,
            history: HistoryLimits::default(),
            stack_size: 8 << 20,
            worker_nice: 0,
            share: Share::EVEN,
            idle_timeout: Some(Duration::from_secs(30)),
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

/// How many tasks an owner may have at once: see [`Engine::set_limits`](super::Engine::set_limits).
///
/// Each from 1; default: [`Limits::NONE`]. `Limits { max_running: 2, ..Limits::default() }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bodies that are at work. What comes beyond waits, and is passed over, so that it is in nobody's way. A body
    /// counts until it has returned, also if its time is over; but not while it waits for another task.
    pub max_running: u32,
    /// Tasks that are queued, or wait for others. A submission beyond is refused.
    pub max_queued: u32,
    /// Tasks that wait for their time: for their delay, their next run, their next attempt. A submission beyond is
    /// refused, of a periodic one, too.
    pub max_delayed: u32,
}

impl Limits {
    /// As many as there may be.
    pub const NONE: u32 = u32::MAX;

    /// The name of one that is 0.
    pub(super) fn zero(&self) -> Option<&'static str> {
        let limits = [
            ("maxRunning", self.max_running),
            ("maxQueued", self.max_queued),
            ("maxDelayed", self.max_delayed),
        ];
        limits.into_iter().find(|(_, most)| *most == 0).map(|(name, _)| name)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_running: Self::NONE, max_queued: Self::NONE, max_delayed: Self::NONE }
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
