//! The flag by which a body learns that it shall stop, for good or until it is resumed.
//!
//! The pause is a bit of the flag of a run, so that a checkpoint asks for both with one load; the reason of a cancel
//! takes its place.
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

/// Beside the reason in a flag: the body is to stop until it is resumed.
const PAUSE: u8 = 1 << 7;

impl Flag {
    /// Under the engine's lock.
    pub fn set(&self, reason: u8) {
        debug_assert!(reason < PAUSE);
        self.0.store(reason, Ordering::Release);
    }

    /// Why the body was asked to stop for good; 0 for not at all.
    pub fn get(&self) -> u8 {
        self.0.load(Ordering::Acquire) & !PAUSE
    }

    /// Asks for a pause, or takes that back; whether it changes anything. What is asked to stop for good does not
    /// pause. Under the engine's lock, so that nothing is written between the two.
    pub fn set_paused(&self, paused: bool) -> bool {
        let (before, after) = (self.0.load(Ordering::Acquire), if paused { PAUSE } else { 0 });
        let change = before & !PAUSE == 0 && before != after;
        if change {
            self.0.store(after, Ordering::Release);
        }
        change
    }

    /// Whether the body is to stop, for good or for a pause.
    #[inline]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    pub fn is_paused(&self) -> bool {
        self.0.load(Ordering::Acquire) == PAUSE
    }
}

/// What came of a checkpoint in a pause.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// There was no body to stop.
    Not,
    /// It goes on, as it was resumed, or asked to stop.
    GoesOn,
    /// By hand: nothing is left that could resume it.
    ForEver,
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
