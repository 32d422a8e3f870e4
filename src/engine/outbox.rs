//! What happened and is still to be delivered, in order.
//!
//! An event is eight bytes: what it tells stays in the task's record until it is delivered. The
//! queue grows and shrinks by segments, so that a million events never move at once.

use std::collections::VecDeque;

const SEGMENT: usize = 1024;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Started = 0,
    Progress = 1,
    /// A run of a periodic task; its result is the first of the record's `runs`.
    Run = 2,
    /// The task's end.
    End = 3,
    /// Callbacks that were added after the end.
    Late = 4,
    /// The shutdown is over; about no task.
    Shutdown = 5,
}

impl Kind {
    fn from_u8(number: u8) -> Kind {
        match number {
            0 => Kind::Started,
            1 => Kind::Progress,
            2 => Kind::Run,
            3 => Kind::End,
            4 => Kind::Late,
            _ => Kind::Shutdown,
        }
    }
}

pub struct Outbox {
    segments: VecDeque<Vec<u64>>,
    /// How many of the first segment were taken.
    taken: usize,
    /// The last segment that was emptied, for the next to be needed.
    spare: Option<Vec<u64>>,
}

impl Outbox {
    pub const fn new() -> Self {
        Outbox { segments: VecDeque::new(), taken: 0, spare: None }
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub fn push(&mut self, kind: Kind, slot: u32) {
        if self.segments.back().is_none_or(|segment| segment.len() == SEGMENT) {
            let segment = self.spare.take().unwrap_or_else(|| Vec::with_capacity(SEGMENT));
            self.segments.push_back(segment);
        }
        if let Some(segment) = self.segments.back_mut() {
            segment.push(u64::from(slot) << 8 | kind as u64);
        }
    }

    pub fn first(&self) -> Option<(Kind, u32)> {
        let event = self.segments.front()?[self.taken];
        Some((Kind::from_u8(event as u8), (event >> 8) as u32))
    }

    pub fn pop(&mut self) -> Option<(Kind, u32)> {
        let next = self.first()?;
        let first = self.segments.front()?;
        self.taken += 1;
        if self.taken == first.len() {
            self.taken = 0;
            if let Some(mut segment) = self.segments.pop_front() {
                segment.clear();
                self.spare = Some(segment);
            }
        }
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_out_in_order_across_segments() {
        let mut outbox = Outbox::new();
        let (mut pushed, mut popped) = (0, 0);
        for step in 0..10_000u32 {
            for _ in 0..step % 7 {
                outbox.push(Kind::End, pushed);
                pushed += 1;
            }
            for _ in 0..step % 5 {
                if let Some(event) = outbox.pop() {
                    assert_eq!(event, (Kind::End, popped));
                    popped += 1;
                }
            }
        }
        while let Some((_, slot)) = outbox.pop() {
            assert_eq!(slot, popped);
            popped += 1;
        }
        assert_eq!(popped, pushed);
        assert!(outbox.is_empty());
    }
}
