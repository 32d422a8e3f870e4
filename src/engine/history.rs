//! What is remembered of tasks that ended: a list through the records, oldest delivery first.
//!
//! A task enters when its end was delivered and no handle or waiter keeps it; without its result, if
//! nobody can tell how large that is (`Inner::shed`). It leaves when the history has too many, too large or
//! too old ones. Age is looked at when a task enters and when
//! one is asked for; there is no timer (an idle program has no wake-ups).
//!
//! # Invariants
//!
//! 1. A record with `IN_HISTORY` stands in the list once, and no other does; `len` is their number.
//! 2. `bytes` is the sum of what their outcomes hold, and the work of those that may be retried. So
//!    [`Record::bytes`] must not change while one stands here, but by [`History::shrink`].

use super::clock::{Nanos, nanos};
use super::config::HistoryLimits;
use super::payload::Payload;
use super::record::NIL;
use super::record::flag::IN_HISTORY;
use super::task::Record;
use super::tasks::Tasks;

pub struct History {
    limits: HistoryLimits,
    head: u32,
    tail: u32,
    len: usize,
    bytes: usize,
}

impl History {
    pub const fn new(limits: HistoryLimits) -> Self {
        History { limits, head: NIL, tail: NIL, len: 0, bytes: 0 }
    }

    pub fn limits(&self) -> HistoryLimits {
        self.limits
    }

    /// What is too much by them is [`overdue`](History::overdue).
    pub fn set_limits(&mut self, limits: HistoryLimits) {
        self.limits = limits;
    }

    pub fn push<P: Payload>(&mut self, tasks: &mut Tasks<P>, slot: u32) {
        let tail = std::mem::replace(&mut self.tail, slot);
        let record = tasks.at(slot);
        debug_assert!(!record.has(IN_HISTORY));
        record.set(IN_HISTORY);
        record.prev = tail;
        record.next = NIL;
        self.bytes += record.bytes().unwrap_or(0);
        self.len += 1;
        if tail == NIL {
            self.head = slot;
        } else {
            tasks.at(tail).next = slot;
        }
    }

    pub fn unlink<P: Payload>(&mut self, tasks: &mut Tasks<P>, slot: u32) {
        let record = tasks.at(slot);
        debug_assert!(record.has(IN_HISTORY));
        record.clear(IN_HISTORY);
        let (next, prev) = (record.next, record.prev);
        self.bytes -= record.bytes().unwrap_or(0);
        self.len -= 1;
        if prev == NIL {
            self.head = next;
        } else {
            tasks.at(prev).next = next;
        }
        if next == NIL {
            self.tail = prev;
        } else {
            tasks.at(next).prev = prev;
        }
    }

    /// A task that has ended loses something that its bytes count, in the history or before.
    pub fn shrink<P: Payload>(&mut self, tasks: &mut Tasks<P>, slot: u32, by: usize) {
        let record = tasks.at(slot);
        let Some(bytes) = record.bytes() else { return };
        record.set_bytes(Some(bytes.saturating_sub(by)));
        if record.has(IN_HISTORY) {
            self.bytes -= bytes.min(by);
        }
    }

    /// The oldest one, if there is a reason to forget it.
    pub fn overdue<P>(&self, tasks: &mut Tasks<P>, now: Nanos) -> Option<u32> {
        let head = self.oldest()?;
        let over = self.len > self.limits.tasks || self.bytes > self.limits.bytes;
        (over || self.is_old(tasks.at(head), now)).then_some(head)
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
