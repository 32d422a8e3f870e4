//! What is remembered of tasks that ended: a list through the records, oldest delivery first.
//!
//! A task enters when its end was delivered and no handle or waiter keeps it; without its result, if
//! nobody can tell how large that is (`Inner::shed`). It leaves when the history has too many, too large or
//! too old ones. Age is looked at when a task enters and when
//! one is asked for; there is no timer (an idle program has no wake-ups).

use std::time::Duration;

use super::Payload;
use super::clock::{Nanos, nanos};
use super::record::flag::IN_HISTORY;
use super::record::{NIL, Record};
use super::slab::Slab;

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

pub struct History {
    pub limits: HistoryLimits,
    head: u32,
    tail: u32,
    len: usize,
    bytes: usize,
}

impl History {
    pub const fn new(limits: HistoryLimits) -> Self {
        History { limits, head: NIL, tail: NIL, len: 0, bytes: 0 }
    }

    pub fn push<P: Payload>(&mut self, slab: &mut Slab<P>, slot: u32) {
        let tail = std::mem::replace(&mut self.tail, slot);
        let record = slab.at(slot);
        debug_assert!(!record.has(IN_HISTORY));
        record.set(IN_HISTORY);
        record.prev = tail;
        record.next = NIL;
        self.bytes += record.bytes().unwrap_or(0);
        self.len += 1;
        if tail == NIL {
            self.head = slot;
        } else {
            slab.at(tail).next = slot;
        }
    }

    pub fn unlink<P: Payload>(&mut self, slab: &mut Slab<P>, slot: u32) {
        let record = slab.at(slot);
        debug_assert!(record.has(IN_HISTORY));
        record.clear(IN_HISTORY);
        let (next, prev) = (record.next, record.prev);
        self.bytes -= record.bytes().unwrap_or(0);
        self.len -= 1;
        if prev == NIL {
            self.head = next;
        } else {
            slab.at(prev).next = next;
        }
        if next == NIL {
            self.tail = prev;
        } else {
            slab.at(next).prev = prev;
        }
    }

    /// The oldest one, if there is a reason to forget it.
    pub fn overdue<P>(&self, slab: &mut Slab<P>, now: Nanos) -> Option<u32> {
        let head = self.oldest()?;
        let over = self.len > self.limits.tasks || self.bytes > self.limits.bytes;
        (over || self.is_old(slab.at(head), now)).then_some(head)
    }

    pub fn oldest(&self) -> Option<u32> {
        (self.head != NIL).then_some(self.head)
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_old<P>(&self, record: &Record<P>, now: Nanos) -> bool {
        record.delivered.saturating_add(nanos(self.limits.age)) < now
    }
}
