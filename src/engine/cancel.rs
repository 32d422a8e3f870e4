//! The flag by which a body learns that it shall stop, and the answer to a cancel.
//!
//! ## Memory ordering
//!
//! A flag is written under the engine's lock only, and read anywhere. It carries nothing but
//! itself, so `Relaxed` would do for the reader's decision; `Release` and `Acquire` are there for
//! the caller, which may have written something (under another lock, or none) before it cancelled and
//! expects a body that sees the flag to see that too.

use std::sync::Arc;

use super::sync::{AtomicU8, Ordering};
use super::words::CancelReason;

/// Tells, from anywhere, whether a task was asked to stop.
///
/// It outlives its task, and costs one load to ask.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Flag>);

#[derive(Default)]
pub(super) struct Flag(AtomicU8);

impl Flag {
    /// Under the engine's lock.
    pub fn set(&self, reason: u8) {
        self.0.store(reason, Ordering::Release);
    }

    pub fn get(&self) -> u8 {
        self.0.load(Ordering::Acquire)
    }
}

impl CancelToken {
    pub fn is_cancelled(&self) -> bool {
        self.0.get() != 0
    }

    /// Why, if the task was asked to stop.
    pub fn reason(&self) -> Option<CancelReason> {
        CancelReason::from_number(self.0.get())
    }

    pub(super) fn set(&self, reason: u8) {
        self.0.set(reason);
    }
}
