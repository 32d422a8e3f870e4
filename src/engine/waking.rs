//! What wakes a future.
//!
//! It is shared by the run of the future and by all that wait to wake it, and may outlive both, and the engine.
//!
//! # Invariants
//!
//! 1. **No wake-up is lost.** The first since the last poll began sets `woken`, and tells the engine, under its lock:
//!    the future is given its turn there, or, if it is being polled, another poll after this one. All others until the
//!    next poll find it set, and do nothing: that poll is still to begin.
//! 2. Before a poll begins, `woken` is cleared, after the future has left the lanes.
//!
//! # Memory ordering
//!
//! A thread that finds `woken` set leaves to the coming poll what it has written before. Both sides are exchanges
//! with `AcqRel`: that of the poll, which clears, reads what the last of those threads has written, or what a later one
//! will, and so happens after all of them, as exchanges of one atomic are in one order. A thread whose exchange comes
//! after that one finds it clear, and tells the engine.

use std::sync::Arc;
use std::task::Wake;

use super::fork;
use super::id::TaskId;
use super::sync::{AtomicBool, Ordering};

/// What a waker asks of its engine.
pub trait Wakes: Send + Sync {
    fn wake_future(&self, id: TaskId);
}

pub struct Waking {
    engine: Arc<dyn Wakes>,
    id: TaskId,
    woken: AtomicBool,
}

impl Waking {
    pub fn new(engine: Arc<dyn Wakes>, id: TaskId) -> Self {
        // The first poll is under way, and clears it.
        Waking { engine, id, woken: AtomicBool::new(true) }
    }

    /// A poll is about to begin: invariant 2.
    pub fn clear(&self) {
        self.woken.swap(false, Ordering::AcqRel);
    }
}

impl Wake for Waking {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) && !fork::is_child() {
            self.engine.wake_future(self.id);
        }
    }
}
