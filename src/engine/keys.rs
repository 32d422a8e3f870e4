//! The keys that are in use: which of their tasks have a place, which stand in line for one, and which there are.
//!
//! A key is there from its first task to its last, and nothing is kept of it afterwards. The map is a tree: it
//! grows and shrinks by a node, where a table would have to move all of its entries at once. The lists run through
//! the tasks themselves, so to come, to be handed a place and to go costs the same whatever else waits, but for the
//! way down that tree.
//!
//! # Invariants
//!
//! 1. A key is in the map if and only if a task of it has not ended, or the body of one that has ended has not
//!    returned. So what is kept grows with the keys that are in use, and not with those that were.
//! 2. `all` has the tasks of the key that have not ended, in the order of `serial`, which is that of submission.
//! 3. `line` has those that are `Blocked` for a place, in the order in which their turn came; `waiting` counts them
//!    by the urgency of their lanes. `places` has those that have one: queued, running, between two attempts, or
//!    abandoned with a body that has not returned. `taken` is their number.
//! 4. While the engine is open, somebody stands in line only if `taken` is the `limit`, or the first in line is
//!    about to be cancelled.
//! 5. A task that stands in line has no higher urgency than the line's head is given: what stands before an urgent
//!    task goes with its urgency, which is what keeps the order and spares the urgent one a wait behind idle ones.

use std::collections::BTreeMap;

use super::bonds::{Member, Name, Pair, Stands};
use super::lanes::{URGENCIES, lane_of, urgency_of};
use super::record::{NIL, flag};
use super::tasks::Tasks;
use super::words::Status;

/// Which of a member's `pairs` a list runs through.
const ALL: usize = 0;
const TURN: usize = 1;

struct List {
    head: u32,
    tail: u32,
}

fn member<P>(tasks: &mut Tasks<P>, slot: u32) -> &mut Member {
    let extra = tasks.at(slot).extra.as_mut();
    // `flag::KEYED` says so, and all slots in the lists of this file have it.
    extra.and_then(|extra| extra.member.as_deref_mut()).expect("a task with a key is a member of it")
}

impl List {
    const EMPTY: List = List { head: NIL, tail: NIL };

    fn push<P>(&mut self, tasks: &mut Tasks<P>, which: usize, slot: u32) {
        let tail = std::mem::replace(&mut self.tail, slot);
        member(tasks, slot).pairs[which] = Pair { next: NIL, prev: tail };
        if tail == NIL {
            self.head = slot;
        } else {
            member(tasks, tail).pairs[which].next = slot;
        }
    }

    fn unlink<P>(&mut self, tasks: &mut Tasks<P>, which: usize, slot: u32) {
        let Pair { next, prev } = std::mem::replace(&mut member(tasks, slot).pairs[which], Pair::NONE);
        if prev == NIL {
            self.head = next;
        } else {
            member(tasks, prev).pairs[which].next = next;
        }
        if next == NIL {
            self.tail = prev;
        } else {
            member(tasks, next).pairs[which].prev = prev;
        }
    }
}

struct Key {
    limit: u32,
    taken: u32,
    all: List,
    line: List,
    places: List,
    /// How many stand in line, by the urgency of their lanes.
    waiting: [u32; URGENCIES],
    /// Those with a lower `serial` are about to be cancelled.
    doomed: u64,
    /// The same of those that have not begun.
    outdated: u64,
}

impl Key {
    fn new(limit: u32) -> Self {
        Key {
            limit,
            taken: 0,
            all: List::EMPTY,
            line: List::EMPTY,
            places: List::EMPTY,
            waiting: [0; URGENCIES],
            doomed: 0,
            outdated: 0,
        }
    }

    fn is_doomed<P>(&self, tasks: &mut Tasks<P>, slot: u32) -> bool {
        let begun = tasks.at(slot).has(flag::STARTED);
        let serial = member(tasks, slot).serial;
        serial < self.doomed || serial < self.outdated && !begun
    }

    /// The urgency with which the line goes on.
    fn urgency(&self) -> Option<usize> {
        self.waiting.iter().position(|count| *count > 0)
    }
}

pub struct Keys {
    keys: BTreeMap<Name, Key>,
    /// The last number that was given.
    serial: u64,
}

impl Keys {
    pub const fn new() -> Self {
        Keys { keys: BTreeMap::new(), serial: 0 }
    }

    /// How many are in use.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// How many tasks of a key may run at once, while it is in use.
    pub fn limit(&self, name: &Name) -> Option<u32> {
        self.keys.get(name).map(|key| key.limit)
    }

    fn of<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) -> &mut Key {
        let name = &member(tasks, slot).name;
        // By invariant 1.
        self.keys.get_mut(name).expect("a key is there as long as a task of it")
    }

    // ---- to come and to go ---------------------------------------------------------------------

    /// A task of the key comes.
    pub fn join<P>(&mut self, tasks: &mut Tasks<P>, slot: u32, name: Name, limit: u32) {
        self.serial += 1;
        let record = tasks.at(slot);
        record.set(flag::KEYED);
        record.extra().member = Some(Box::new(Member::new(name.clone(), self.serial)));
        let key = self.keys.entry(name).or_insert_with(|| Key::new(limit));
        key.all.push(tasks, ALL, slot);
    }

    /// A task has ended. It keeps its place while its body has not returned.
    pub fn leave<P>(&mut self, tasks: &mut Tasks<P>, slot: u32, body_returned: bool) {
        let key = self.of(tasks, slot);
        key.all.unlink(tasks, ALL, slot);
        if body_returned || member(tasks, slot).stands != Stands::InPlace {
            self.stand_apart(tasks, slot);
        }
    }

    /// A task that has ended, or rests until its next run, has no place any more, nor stands in line.
    pub fn stand_apart<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) {
        let stood = std::mem::replace(&mut member(tasks, slot).stands, Stands::Apart);
        let key = self.of(tasks, slot);
        match stood {
            Stands::Apart => {}
            Stands::InLine => {
                key.line.unlink(tasks, TURN, slot);
                key.waiting[urgency_of(tasks.at(slot).lane)] -= 1;
            }
            Stands::InPlace => {
                key.places.unlink(tasks, TURN, slot);
                key.taken -= 1;
            }
        }
        if key.all.head == NIL && key.taken == 0 {
            let name = member(tasks, slot).name.clone();
            self.keys.remove(&name);
        }
    }

    // ---- the line ------------------------------------------------------------------------------

    /// A task stands in line from here on. Whether it is more urgent than the others there.
    pub fn line_up<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) -> bool {
        debug_assert!(member(tasks, slot).stands == Stands::Apart);
        member(tasks, slot).stands = Stands::InLine;
        let urgency = urgency_of(tasks.at(slot).lane);
        let key = self.of(tasks, slot);
        let more = key.urgency().is_none_or(|before| urgency < before);
        key.waiting[urgency] += 1;
        key.line.push(tasks, TURN, slot);
        more
    }

    /// Gives a free place to the first in line, if there are both, and if it may start: which one, with the lane
    /// where it is to be queued.
    pub fn hand_out<P>(
        &mut self,
        tasks: &mut Tasks<P>,
        name: &Name,
        may_start: impl Fn(&mut Tasks<P>, u32) -> bool,
    ) -> Option<(u32, u8)> {
        let key = self.keys.get_mut(name)?;
        let slot = key.line.head;
        if key.taken >= key.limit || slot == NIL {
            return None;
        }
        if key.is_doomed(tasks, slot) || !may_start(tasks, slot) {
            return None;
        }
        let lane = lane_of(key.urgency()?);
        let own = urgency_of(tasks.at(slot).lane);
        key.line.unlink(tasks, TURN, slot);
        key.waiting[own] -= 1;
        key.taken += 1;
        member(tasks, slot).stands = Stands::InPlace;
        key.places.push(tasks, TURN, slot);
        Some((slot, lane))
    }

    /// Changes the lane of a task that stands in line.
    pub fn change_lane<P>(&mut self, tasks: &mut Tasks<P>, slot: u32, lane: u8) {
        let before = std::mem::replace(&mut tasks.at(slot).lane, lane);
        let key = self.of(tasks, slot);
        key.waiting[urgency_of(before)] -= 1;
        key.waiting[urgency_of(lane)] += 1;
    }

    /// Where what has a place is to be queued at the least, as the most urgent in line waits for it; `None` where
    /// nobody stands in line.
    pub fn lane<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) -> Option<u8> {
        self.of(tasks, slot).urgency().map(lane_of)
    }

    /// The first that has a place of a key, or `NIL`.
    pub fn first_place_of(&self, name: &Name) -> u32 {
        self.keys.get(name).map_or(NIL, |key| key.places.head)
    }

    /// The first that has a place of the key of `slot`, or `NIL`.
    pub fn first_in_place<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) -> u32 {
        self.of(tasks, slot).places.head
    }

    /// The next one that stands where this one does, or `NIL`.
    pub fn next_standing<P>(&self, tasks: &mut Tasks<P>, slot: u32) -> u32 {
        member(tasks, slot).pairs[TURN].next
    }

    /// Where a task stands, if it has a key.
    pub fn stands<P>(tasks: &mut Tasks<P>, slot: u32) -> Option<Stands> {
        tasks.at(slot).has(flag::KEYED).then(|| member(tasks, slot).stands)
    }

    pub fn name_of<P>(tasks: &mut Tasks<P>, slot: u32) -> Name {
        member(tasks, slot).name.clone()
    }

    // ---- what a new one does to the others -----------------------------------------------------

    /// The oldest task of a key that has not ended, and is not about to be cancelled.
    pub fn oldest<P>(&self, tasks: &mut Tasks<P>, name: &Name) -> Option<u32> {
        let key = self.keys.get(name)?;
        let mut slot = key.all.head;
        while slot != NIL {
            if !tasks.at(slot).has(flag::CANCEL_REQUESTED) && !key.is_doomed(tasks, slot) {
                return Some(slot);
            }
            slot = member(tasks, slot).pairs[ALL].next;
        }
        None
    }

    /// Those that came before the number `below` are about to be cancelled; with `begun` also those that have
    /// begun. None of them is given a place from here on.
    pub fn doom(&mut self, name: &Name, below: u64, begun: bool) {
        if let Some(key) = self.keys.get_mut(name) {
            let to = if begun { &mut key.doomed } else { &mut key.outdated };
            *to = below.max(*to);
        }
    }

    /// The number of a task.
    pub fn serial_of<P>(tasks: &mut Tasks<P>, slot: u32) -> u64 {
        member(tasks, slot).serial
    }

    /// The number that the next one has.
    pub fn next_serial(&self) -> u64 {
        self.serial + 1
    }

    /// The first of a key's tasks that have not ended, or `NIL`.
    pub fn first(&self, name: &Name) -> u32 {
        self.keys.get(name).map_or(NIL, |key| key.all.head)
    }

    /// The next of these, or `NIL`.
    pub fn next<P>(tasks: &mut Tasks<P>, slot: u32) -> u32 {
        member(tasks, slot).pairs[ALL].next
    }

    /// Whether a task is to be cancelled, and was not asked to stop yet.
    pub fn is_to_go<P>(&self, tasks: &mut Tasks<P>, slot: u32) -> bool {
        let record = tasks.at(slot);
        let asked = record.status == Status::Running && record.has(flag::CANCEL_REQUESTED);
        let key = self.keys.get(&Keys::name_of(tasks, slot));
        !asked && key.is_some_and(|key| key.is_doomed(tasks, slot))
    }
}
