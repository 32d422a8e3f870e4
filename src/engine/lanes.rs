//! The queues: one lane a priority, and in each lane the owners in turn.
//!
//! A lane is a ring of the owners that have something queued in it, and each of those has a list
//! of its own, first in, first out. Taking a task takes the first of the owner whose turn it is and
//! puts that owner at the end. So a plugin that queues a million tasks delays the others by one
//! task each time (B129), and an application without owners sees a plain queue.
//!
//! The lists run through the records themselves: queueing, taking and cancelling allocate nothing
//! and cost the same whatever is queued.
//!
//! An owner that runs as many as it may, or is paused, is barred (`limiting.rs`, `pausing.rs`): its tasks stay in their lists, in their order, and
//! count in no lane. Its next turn takes it out of the ring, so that the others pay for that once.

use super::record::NIL;
use super::slab::Slab;

/// High, Normal, Low; what a shutdown still has to run; what bodies wait for, of the three.
pub const LANES: usize = 7;
/// The lane of `must_run` tasks during a shutdown.
pub const MUST_RUN_LANE: u8 = 3;
/// The first lane of tasks that a body waits for, see `wait.rs`: these go before others of their priority.
pub const AWAITED_LANES: u8 = 4;
/// The lanes in the order in which they are served.
const ORDER: [usize; LANES] = [4, 0, 5, 1, 6, 2, 3];
/// The lanes of tasks that wait for a worker while the engine is open, by their urgency.
pub const URGENCIES: usize = 6;

/// The place of a lane in the order in which they are served. A task that waits for others is in none of what must
/// run during a shutdown.
pub fn urgency_of(lane: u8) -> usize {
    debug_assert!(lane != MUST_RUN_LANE);
    ORDER[..URGENCIES].iter().position(|known| *known == lane as usize).unwrap_or(URGENCIES - 1)
}

pub fn lane_of(urgency: usize) -> u8 {
    ORDER[urgency] as u8
}

/// A lane that was passed over so often is served once (B18).
pub const MAX_PASSED_OVER: u32 = 32;

/// An owner's tasks in one lane.
#[derive(Clone, Copy)]
struct OwnerQueue {
    head: u32,
    tail: u32,
    /// How many are in the list.
    len: u32,
    /// The owner after this one in the lane's ring.
    ring_next: u32,
    /// Whether this owner stands in the ring. It may stand there with an empty list, or barred: cancelling
    /// leaves it, and its turn takes it out.
    in_ring: bool,
}

impl OwnerQueue {
    const EMPTY: OwnerQueue = OwnerQueue { head: NIL, tail: NIL, len: 0, ring_next: NIL, in_ring: false };
}

/// An owner's tasks in all lanes.
#[derive(Clone, Copy)]
struct OwnerQueues {
    lanes: [OwnerQueue; LANES],
    /// Its tasks are passed over.
    barred: bool,
}

impl OwnerQueues {
    const EMPTY: OwnerQueues = OwnerQueues { lanes: [OwnerQueue::EMPTY; LANES], barred: false };
}

#[derive(Clone, Copy)]
struct Lane {
    ring_head: u32,
    ring_tail: u32,
    /// Those of its tasks that may be taken: the others' owners are barred.
    len: usize,
    passed_over: u32,
}

pub struct Lanes {
    lanes: [Lane; LANES],
    /// By the owner's index. What becomes another's keeps its queues: it may still stand in a ring, with
    /// nothing queued, and those links stay.
    owners: Vec<OwnerQueues>,
    /// The sum of all lanes' `len`.
    len: usize,
    /// How many are queued of owners that are barred.
    barred: usize,
    pushed: u64,
}

impl Lanes {
    pub fn new() -> Self {
        let lane = Lane { ring_head: NIL, ring_tail: NIL, len: 0, passed_over: 0 };
        Lanes { lanes: [lane; LANES], owners: Vec::new(), len: 0, barred: 0, pushed: 0 }
    }

    /// Makes room for an owner's queues, before anything of it is queued.
    pub fn add_owner(&mut self, index: u32) {
        if index as usize >= self.owners.len() {
            self.owners.resize(index as usize + 1, OwnerQueues::EMPTY);
        }
        // One that had the index before may have been barred at its end.
        self.bar(index, false);
    }

    #[inline]
    fn of(&mut self, owner: u32, lane: usize) -> &mut OwnerQueue {
        &mut self.owners[owner as usize].lanes[lane]
    }

    #[inline]
    fn is_barred(&self, owner: u32) -> bool {
        self.owners[owner as usize].barred
    }

    /// How many are queued, and may be taken or not.
    pub fn len(&self) -> usize {
        self.len + self.barred
    }

    /// How many may be taken.
    pub fn takeable(&self) -> usize {
        self.len
    }

    /// How many are queued of an owner.
    pub fn len_of(&self, owner: u32) -> usize {
        self.owners[owner as usize].lanes.iter().map(|queue| queue.len as usize).sum()
    }

    /// How many owners there may be, by their indices.
    pub fn owners(&self) -> u32 {
        self.owners.len() as u32
    }

    /// Has an owner's tasks passed over from here on, or no more. Whether some may be taken that could not be.
    pub fn bar(&mut self, owner: u32, barred: bool) -> bool {
        let queues = &mut self.owners[owner as usize];
        if std::mem::replace(&mut queues.barred, barred) == barred {
            return false;
        }
        let mut moved = 0;
        for lane in 0..LANES {
            let queue = self.of(owner, lane);
            let (len, in_ring) = (queue.len as usize, queue.in_ring);
            moved += len;
            match barred {
                true => self.lanes[lane].len -= len,
                false => self.lanes[lane].len += len,
            }
            if !barred && len > 0 && !in_ring {
                self.of(owner, lane).in_ring = true;
                self.ring_push(lane, owner);
            }
        }
        if barred {
            (self.len, self.barred) = (self.len - moved, self.barred + moved);
            return false;
        }
        (self.len, self.barred) = (self.len + moved, self.barred - moved);
        // A worker that spins looks again by this number.
        self.pushed += u64::from(moved > 0);
        moved > 0
    }

    /// How many were ever queued, or could be taken again: a thread that finds the same number has missed none.
    pub fn pushed(&self) -> u64 {
        self.pushed
    }

    /// Queues the record in its `lane`, behind its owner's others.
    pub fn push<P>(&mut self, slab: &mut Slab<P>, slot: u32) {
        self.pushed += 1;
        let record = slab.at(slot);
        let (lane, owner) = (record.lane as usize, record.owner);
        let barred = self.is_barred(owner);
        let queue = self.of(owner, lane);
        queue.len += 1;
        let tail = std::mem::replace(&mut queue.tail, slot);
        record.next = NIL;
        record.prev = tail;
        if tail == NIL {
            queue.head = slot;
        } else {
            slab.at(tail).next = slot;
        }
        if barred {
            self.barred += 1;
            return;
        }
        if !queue.in_ring {
            queue.in_ring = true;
            self.ring_push(lane, owner);
        }
        self.lanes[lane].len += 1;
        self.len += 1;
    }

    /// Takes a queued record out, wherever it stands.
    pub fn unlink<P>(&mut self, slab: &mut Slab<P>, slot: u32) {
        let record = slab.at(slot);
        let (lane, owner, next, prev) = (record.lane as usize, record.owner, record.next, record.prev);
        record.next = NIL;
        record.prev = NIL;
        let barred = self.is_barred(owner);
        let queue = self.of(owner, lane);
        queue.len -= 1;
        if prev == NIL {
            queue.head = next;
        }
        if next == NIL {
            queue.tail = prev;
        }
        if prev != NIL {
            slab.at(prev).next = next;
        }
        if next != NIL {
            slab.at(next).prev = prev;
        }
        if barred {
            self.barred -= 1;
            return;
        }
        self.lanes[lane].len -= 1;
        self.len -= 1;
    }

    /// Takes the task that is to run next.
    pub fn pop<P>(&mut self, slab: &mut Slab<P>) -> Option<u32> {
        if self.len == 0 {
            return None;
        }
        let lane = self.choose();
        self.pop_lane(slab, lane)
    }

    /// Takes the next task of one lane.
    pub fn pop_lane<P>(&mut self, slab: &mut Slab<P>, lane: usize) -> Option<u32> {
        while self.lanes[lane].len > 0 {
            let owner = self.ring_pop(lane);
            let barred = self.is_barred(owner);
            let queue = self.of(owner, lane);
            let slot = queue.head;
            if slot == NIL || barred {
                queue.in_ring = false;
                continue;
            }
            self.unlink(slab, slot);
            let queue = self.of(owner, lane);
            if queue.head == NIL {
                queue.in_ring = false;
            } else {
                self.ring_push(lane, owner);
            }
            return Some(slot);
        }
        None
    }

    /// The lane whose turn it is: one that was passed over too often, else the first that has any.
    fn choose(&mut self) -> usize {
        let waiting = |lane: &Lane| lane.len > 0;
        let tired = |lane: &Lane| waiting(lane) && lane.passed_over >= MAX_PASSED_OVER;
        let lanes = &self.lanes;
        let first = ORDER.iter().position(|lane| waiting(&lanes[*lane])).unwrap_or(0);
        if lanes[ORDER[first]].len == self.len {
            // No other is passed over.
            self.lanes[ORDER[first]].passed_over = 0;
            return ORDER[first];
        }
        let chosen = ORDER.iter().position(|lane| tired(&lanes[*lane])).unwrap_or(first);
        for (at, lane) in ORDER.into_iter().enumerate().skip(first) {
            let lane = &mut self.lanes[lane];
            if at == chosen {
                lane.passed_over = 0;
            } else if at > first && waiting(lane) {
                lane.passed_over += 1;
            }
        }
        ORDER[chosen]
    }

    fn ring_push(&mut self, lane: usize, owner: u32) {
        self.of(owner, lane).ring_next = NIL;
        let tail = std::mem::replace(&mut self.lanes[lane].ring_tail, owner);
        if tail == NIL {
            self.lanes[lane].ring_head = owner;
        } else {
            self.of(tail, lane).ring_next = owner;
        }
    }

    fn ring_pop(&mut self, lane: usize) -> u32 {
        let owner = self.lanes[lane].ring_head;
        let next = self.of(owner, lane).ring_next;
        self.lanes[lane].ring_head = next;
        if next == NIL {
            self.lanes[lane].ring_tail = NIL;
        }
        owner
    }
}
