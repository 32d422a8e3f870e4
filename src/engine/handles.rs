//! How many handles and waiters keep each task from being forgotten: one count a slot.
//!
//! The counts are outside of the engine's lock, so that a handle that is dropped right after the
//! submit, as most are, costs one atomic subtraction.
//!
//! # Protocol
//!
//! A word is the count and, once the task's end was delivered while somebody kept it, the bit
//! [`PARKED`]: the thread that brings the count to nothing then sees to it that the task enters the history.
//!
//! * Under the lock: [`Handles::park`] when the end is delivered, [`Handles::take`] before the task enters
//!   the history, and the first handle of a thread that has none.
//! * Without it: [`Handles::add`] by a thread that has a handle of that slot already, and
//!   [`Handles::give_back`].
//!
//! `give_back` and `park` are one atomic operation each on the same word, so one of the two is the later
//! and sees the other: either `park` finds no count, or `give_back` finds the bit. The thread that finds it
//! asks for the lock and there for [`Handles::take`], which says yes once: the count may have gone up and
//! down again meanwhile, by a thread that was faster with the lock. A slot that is used again then has
//! another key, by which the engine knows that there is nothing to be done.
//!
//! The operations are `AcqRel`: what was done with a handle happened before the end of the task's
//! record, wherever that comes.

use std::sync::OnceLock;

use super::sync::{AtomicU32, Ordering};

/// The task's end was delivered, and it is not in the history: somebody keeps it.
const PARKED: u32 = 1 << 31;

/// Slots by 10, 11 and 11 bits. A leaf has 8 KiB.
const LEAF: usize = 1 << 11;
const NODE: usize = 1 << 11;
const ROOT: usize = 1 << 10;

type Leaf = Box<[AtomicU32]>;
type Node = Box<[OnceLock<Leaf>]>;

/// The counts of all slots. What was once needed stays: four bytes for each slot whose task was ever kept.
pub struct Handles(Box<[OnceLock<Node>]>);

fn empty<T>(count: usize) -> Box<[OnceLock<T>]> {
    (0..count).map(|_| OnceLock::new()).collect()
}

impl Handles {
    pub fn new() -> Self {
        Handles(empty(ROOT))
    }

    fn word(&self, slot: u32) -> &AtomicU32 {
        let slot = slot as usize;
        let node = self.0[slot / (LEAF * NODE)].get_or_init(|| empty(NODE));
        let leaf = node[slot / LEAF % NODE].get_or_init(|| (0..LEAF).map(|_| AtomicU32::new(0)).collect());
        &leaf[slot % LEAF]
    }

    /// One more keeps the task. The caller has the lock, or a handle of it.
    pub fn add(&self, slot: u32) {
        self.word(slot).fetch_add(1, Ordering::AcqRel);
    }

    /// The same of a task whose end was delivered. Under the lock; it is out of the history.
    pub fn add_delivered(&self, slot: u32) {
        self.add(slot);
        self.word(slot).fetch_or(PARKED, Ordering::AcqRel);
    }

    /// One less. Whether the caller is to see to the task's end: see [`Handles::take`].
    #[must_use]
    pub fn give_back(&self, slot: u32) -> bool {
        let before = self.word(slot).fetch_sub(1, Ordering::AcqRel);
        debug_assert!(before & !PARKED > 0, "what is given back was there");
        before == PARKED | 1
    }

    /// The end is delivered: whether nobody keeps the task. Under the lock.
    #[must_use]
    pub fn park(&self, slot: u32) -> bool {
        self.word(slot).fetch_or(PARKED, Ordering::AcqRel) == 0 && self.take(slot)
    }

    /// Whether it is for the caller to let the task into the history. Under the lock.
    #[must_use]
    pub fn take(&self, slot: u32) -> bool {
        self.word(slot).compare_exchange(PARKED, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    pub fn count(&self, slot: u32) -> u32 {
        self.word(slot).load(Ordering::Acquire) & !PARKED
    }

    /// Takes all back of a task that is withdrawn: nobody has its id yet. Under the lock.
    pub fn clear(&self, slot: u32) {
        self.word(slot).store(0, Ordering::Release);
    }
}
