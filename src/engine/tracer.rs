//! Where the trace is that is being written, for what is recorded beside the engine's lock.
//!
//! ## Memory ordering
//!
//! `on` is a hint, `Relaxed`, that spares the lock: a drain or a slot that sees it late is missed, or finds under the lock
//! that there is none. What is recorded then is under locks.

use std::path::PathBuf;
use std::sync::Arc;

use super::clock::Clock;
use super::sync::{AtomicBool, Mutex, MutexGuard, Ordering};
use super::trace::Recording;

/// What was written of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceReport {
    pub path: PathBuf,
    /// Lines of the file that are events.
    pub events: u64,
    /// Those that are not in the file, as it could not be written in time. What is there is whole without them.
    pub lost: u64,
}

pub enum Place {
    Free,
    /// A thread begins or ends one.
    Taken(PathBuf),
    Writing(Arc<Recording>),
}

pub struct Tracer {
    /// Whether to look at `place`: see "Memory ordering".
    on: AtomicBool,
    place: Mutex<Place>,
}

impl Tracer {
    pub fn new() -> Self {
        Tracer { on: AtomicBool::new(false), place: Mutex::new(Place::Free) }
    }

    pub fn lock(&self) -> MutexGuard<'_, Place> {
        self.place.lock()
    }

    pub fn set(&self, place: Place) {
        self.on.store(matches!(place, Place::Writing(_)), Ordering::Relaxed);
        *self.place.lock() = place;
    }

    /// Nothing is to be recorded beside the lock any more.
    pub fn turn_off(&self) {
        self.on.store(false, Ordering::Relaxed);
    }

    #[inline]
    pub fn recording(&self) -> Option<Arc<Recording>> {
        if !self.on.load(Ordering::Relaxed) {
            return None;
        }
        match &*self.place.lock() {
            Place::Writing(recording) => Some(recording.clone()),
            _ => None,
        }
    }
}

/// What a thread does, from the begin of this to its end, if that was recorded.
#[must_use = "it ends as this is dropped"]
pub struct Span {
    pub(super) recording: Arc<Recording>,
    pub(super) clock: Arc<Clock>,
}

impl Drop for Span {
    fn drop(&mut self) {
        self.recording.end(self.clock.now(), "");
    }
}
