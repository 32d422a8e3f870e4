//! Which tasks changed since somebody last looked. How they are noted and taken is in `observe.rs`.
//!
//! # Invariants
//!
//! 1. Each task is in `entries` once at most, but for a harmless second time (see `observe.rs`).
//! 2. After `overrun`, nothing is noted until it was taken; all tasks are to be read anew then.
//! 3. Each key in `lost` has an entry. There are [`MOST_LOST`] at most.
//! 4. A set that has no entry holds no memory for entries.

use std::collections::HashMap;
use std::sync::Arc;

use super::changes::Brief;
use super::segments::Segments;

/// So many changes are noted; then they are dropped, and all tasks are to be read anew.
pub const MOST_ENTRIES: usize = 262_144;

/// Failures of tasks that were forgotten before anybody looked: so many are kept for the observer.
pub const MOST_LOST: usize = 1_000;

pub struct ChangeSet {
    /// Slots and keys, in the order in which they were noted.
    entries: Segments<(u32, u64)>,
    overrun: bool,
    /// Failures of forgotten tasks, by key.
    lost: HashMap<u64, Arc<Brief>>,
}

impl ChangeSet {
    pub fn new() -> Self {
        ChangeSet { entries: Segments::new(), overrun: false, lost: HashMap::new() }
    }

    /// Whether there is nothing to take.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && !self.overrun
    }

    /// Whether there are too many already.
    pub fn is_overrun(&self) -> bool {
        self.overrun
    }

    /// Notes a task; if there are too many, all are dropped.
    pub fn note(&mut self, slot: u32, key: u64) {
        if self.entries.len() >= MOST_ENTRIES {
            *self = ChangeSet { overrun: true, ..ChangeSet::new() };
        } else {
            self.entries.push((slot, key));
        }
    }

    /// Whether the failure of a task that is forgotten can be kept.
    pub fn has_room_for_lost(&self) -> bool {
        !self.overrun && self.lost.len() < MOST_LOST
    }

    /// Keeps how a task failed that is forgotten, and has an entry.
    pub fn keep_lost(&mut self, key: u64, brief: Arc<Brief>) {
        self.lost.insert(key, brief);
    }

    pub fn take_lost(&mut self, key: u64) -> Option<Arc<Brief>> {
        self.lost.remove(&key)
    }

    pub fn take(&mut self) -> Option<(u32, u64)> {
        let entry = self.entries.pop()?;
        if self.entries.is_empty() {
            self.entries.trim();
        }
        Some(entry)
    }

    /// Whether changes were dropped since this was last asked.
    pub fn take_overrun(&mut self) -> bool {
        std::mem::take(&mut self.overrun)
    }

    pub fn clear(&mut self) {
        *self = ChangeSet::new();
    }
}
