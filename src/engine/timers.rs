//! What is due when: a heap that knows where each record stands in it.
//!
//! Entries are ordered by due time, and by order of arrival where that is equal (B26). A record in
//! the heap keeps its place there ([`Standing`]), so that cancelling takes the entry out at once (B29) and
//! nothing is ever swept. Four children a node: half the depth of a binary heap, and the children
//! of one node lie on one or two cache lines.
//!
//! In one heap delayed tasks stand and periodic ones between runs, and running ones that have a time-out; in
//! another those that have to begin by a time. A task may stand in both.

use std::marker::PhantomData;

use super::clock::Nanos;
use super::record::NIL;
use super::record::flag::IN_TIMERS;
use super::task::Record;
use super::tasks::Tasks;

const ARITY: usize = 4;

#[derive(Clone, Copy)]
struct Entry {
    due: Nanos,
    /// The order of arrival.
    sequence: u64,
    slot: u32,
}

impl Entry {
    fn before(&self, other: &Entry) -> bool {
        (self.due, self.sequence) < (other.due, other.sequence)
    }
}

/// Where a record keeps its place in a heap.
pub trait Standing {
    /// `NIL` if it does not stand there.
    fn place<P>(record: &Record<P>) -> u32;
    /// `NIL`: it leaves.
    fn set_place<P>(record: &mut Record<P>, place: u32);
}

/// In `next`, which the lanes use where a task is queued.
pub struct Due;

impl Standing for Due {
    #[inline]
    fn place<P>(record: &Record<P>) -> u32 {
        if record.has(IN_TIMERS) { record.next } else { NIL }
    }

    #[inline]
    fn set_place<P>(record: &mut Record<P>, place: u32) {
        record.next = place;
        match place {
            NIL => record.clear(IN_TIMERS),
            _ => record.set(IN_TIMERS),
        }
    }
}

/// In its `Extra`, which every task has that has to begin by a time.
pub struct Starts;

impl Standing for Starts {
    fn place<P>(record: &Record<P>) -> u32 {
        record.extra.as_ref().map_or(NIL, |extra| extra.start_place)
    }

    fn set_place<P>(record: &mut Record<P>, place: u32) {
        record.extra().start_place = place;
    }
}

pub struct Timers<S> {
    heap: Vec<Entry>,
    sequence: u64,
    standing: PhantomData<S>,
}

impl<S: Standing> Timers<S> {
    pub const fn new() -> Self {
        Timers { heap: Vec::new(), sequence: 0, standing: PhantomData }
    }

    pub fn len(&self) -> usize {
        self.heap.len()
    }

    pub fn next_due(&self) -> Option<Nanos> {
        self.heap.first().map(|entry| entry.due)
    }

    /// The record at a place of the heap, for a walk over all of them.
    pub fn slot_at(&self, place: usize) -> u32 {
        self.heap[place].slot
    }

    /// When a record is due, if it stands here.
    pub fn due_of<P>(&self, record: &Record<P>) -> Option<Nanos> {
        match S::place(record) {
            NIL => None,
            place => Some(self.heap[place as usize].due),
        }
    }

    pub fn insert<P>(&mut self, tasks: &mut Tasks<P>, slot: u32, due: Nanos) {
        debug_assert!(S::place(tasks.at(slot)) == NIL);
        self.sequence += 1;
        let entry = Entry { due, sequence: self.sequence, slot };
        self.heap.push(entry);
        self.rise(tasks, self.heap.len() - 1, entry);
    }

    /// Takes the record out, if it stands here.
    pub fn remove<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) {
        let record = tasks.at(slot);
        let place = S::place(record);
        if place == NIL {
            return;
        }
        S::set_place(record, NIL);
        let place = place as usize;
        debug_assert_eq!(self.heap[place].slot, slot);
        let Some(last) = self.heap.pop() else { return };
        if self.heap.capacity() > 1024 && self.heap.len() < self.heap.capacity() / 4 {
            // A flood of delays that is over does not keep its memory.
            self.heap.shrink_to(self.heap.capacity() / 2);
        }
        if place < self.heap.len() {
            if place > 0 && last.before(&self.heap[(place - 1) / ARITY]) {
                self.rise(tasks, place, last);
            } else {
                self.sink(tasks, place, last);
            }
        }
    }

    /// Takes the first out if it is due: its slot, and when it was.
    pub fn pop_due<P>(&mut self, tasks: &mut Tasks<P>, now: Nanos) -> Option<(u32, Nanos)> {
        let Entry { slot, due, .. } = *self.heap.first().filter(|entry| entry.due <= now)?;
        self.remove(tasks, slot);
        Some((slot, due))
    }

    fn rise<P>(&mut self, tasks: &mut Tasks<P>, mut place: usize, entry: Entry) {
        while place > 0 {
            let parent = (place - 1) / ARITY;
            if !entry.before(&self.heap[parent]) {
                break;
            }
            self.put(tasks, place, self.heap[parent]);
            place = parent;
        }
        self.put(tasks, place, entry);
    }

    fn sink<P>(&mut self, tasks: &mut Tasks<P>, mut place: usize, entry: Entry) {
        loop {
            let first = place * ARITY + 1;
            let children = first..(first + ARITY).min(self.heap.len());
            let Some(least) = children.reduce(|a, b| if self.heap[b].before(&self.heap[a]) { b } else { a })
            else {
                break;
            };
            if !self.heap[least].before(&entry) {
                break;
            }
            self.put(tasks, place, self.heap[least]);
            place = least;
        }
        self.put(tasks, place, entry);
    }

    fn put<P>(&mut self, tasks: &mut Tasks<P>, place: usize, entry: Entry) {
        self.heap[place] = entry;
        S::set_place(tasks.at(entry.slot), place as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b26_b29_the_heap_agrees_with_a_sorted_list() {
        let mut tasks: Tasks<()> = Tasks::new(1);
        let mut timers: Timers<Due> = Timers::new();
        let mut model: Vec<(Nanos, usize, u32)> = Vec::new();
        let mut random = super::super::id::Keys::new(2);
        for step in 0..20_000 {
            match random.next() % 5 {
                0..=2 => {
                    let slot = tasks.reserve().unwrap();
                    let due = random.next() % 50;
                    timers.insert(&mut tasks, slot, due);
                    model.push((due, step, slot));
                }
                3 if !model.is_empty() => {
                    let (_, _, slot) = model.swap_remove(random.next() as usize % model.len());
                    timers.remove(&mut tasks, slot);
                    tasks.remove(slot);
                }
                _ => {
                    let first = model.iter().enumerate().min_by_key(|(_, entry)| **entry).map(|(at, _)| at);
                    let expected = first.map(|at| model.swap_remove(at).2);
                    let popped = timers.pop_due(&mut tasks, 50).map(|(slot, _)| slot);
                    assert_eq!(popped, expected);
                    if let Some(slot) = popped {
                        tasks.remove(slot);
                    }
                }
            }
            assert_eq!(timers.len(), model.len());
        }
    }
}
