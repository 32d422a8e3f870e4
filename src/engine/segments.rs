//! A queue that grows and shrinks by segments, so that a million entries never move at once.
//!
//! # Invariants
//!
//! 1. No segment is empty but for a moment within `push` and `pop`; all but the last are full.
//! 2. `len` is the number of entries: the lengths of the segments without the first `taken` entries.

use std::collections::VecDeque;

const SEGMENT: usize = 1_024;

pub struct Segments<T> {
    segments: VecDeque<Vec<T>>,
    /// How many of the first segment were taken.
    taken: usize,
    len: usize,
    /// The last segment that was emptied, for the next to be needed.
    spare: Option<Vec<T>>,
}

impl<T: Copy> Segments<T> {
    pub const fn new() -> Self {
        Segments { segments: VecDeque::new(), taken: 0, len: 0, spare: None }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn push(&mut self, entry: T) {
        if self.segments.back().is_none_or(|segment| segment.len() == SEGMENT) {
            let segment = self.spare.take().unwrap_or_else(|| Vec::with_capacity(SEGMENT));
            self.segments.push_back(segment);
        }
        if let Some(segment) = self.segments.back_mut() {
            segment.push(entry);
            self.len += 1;
        }
    }

    pub fn first(&self) -> Option<T> {
        self.segments.front().map(|segment| segment[self.taken])
    }

    pub fn pop(&mut self) -> Option<T> {
        let first = self.segments.front()?;
        let entry = first[self.taken];
        self.taken += 1;
        self.len -= 1;
        if self.taken == first.len() {
            self.taken = 0;
            if let Some(mut segment) = self.segments.pop_front() {
                segment.clear();
                self.spare = Some(segment);
            }
        }
        debug_assert_eq!(self.segments.is_empty(), self.len == 0);
        Some(entry)
    }

    /// The entries from the last to the first, to be changed.
    pub fn backwards(&mut self) -> impl Iterator<Item = &mut T> {
        let taken = self.taken;
        let first = self.segments.len().saturating_sub(1);
        let segments = self.segments.iter_mut().rev().enumerate();
        segments
            .flat_map(move |(at, segment)| segment[if at == first { taken } else { 0 }..].iter_mut().rev())
    }

    /// Lets the memory go that nothing lies in.
    pub fn trim(&mut self) {
        self.spare = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_out_in_order_across_segments() {
        let mut queue = Segments::new();
        let (mut pushed, mut popped) = (0, 0);
        for step in 0..10_000u32 {
            for _ in 0..step % 7 {
                queue.push(pushed);
                pushed += 1;
            }
            for _ in 0..step % 5 {
                if let Some(entry) = queue.pop() {
                    assert_eq!(entry, popped);
                    popped += 1;
                }
            }
            assert_eq!(queue.len(), (pushed - popped) as usize);
        }
        assert!(queue.backwards().map(|entry| *entry).eq((popped..pushed).rev()));
        while let Some(entry) = queue.pop() {
            assert_eq!(entry, popped);
            popped += 1;
        }
        assert_eq!(popped, pushed);
        assert!(queue.is_empty() && queue.first().is_none());
    }
}
