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
//! An owner that runs as many as it may, or is paused, is barred (`limiting.rs`, `pausing.rs`): its tasks stay in their
//! lists, in their order, and count in no lane. Its next turn takes it out of the ring, so that the others pay for that
//! once.
//!
//! The lanes of Low are for workers of their own (`crew.rs`). The others pass them over, too: one that was passed over too
//! often gets a worker, though there is no place left for it.

use super::crew::{CREWS, Crew};
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
/// Those of the background: of Low, the awaited ones first.
const BACKGROUND: [usize; 2] = [AWAITED_LANES as usize + 2, 2];

/// The workers that take from a lane.
#[inline]
pub fn crew_of(lane: usize) -> Crew {
    match BACKGROUND.contains(&lane) {
        true => Crew::Background,
        false => Crew::Foreground,
    }
}

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

impl Lane {
    #[inline]
    fn is_tired(&self) -> bool {
        self.len > 0 && self.passed_over >= MAX_PASSED_OVER
    }
}

pub struct Lanes {
    lanes: [Lane; LANES],
    /// By the owner's index. What becomes another's keeps its queues: it may still stand in a ring, with
    /// nothing queued, and those links stay.
    owners: Vec<OwnerQueues>,
    /// The sum of the `len` of all lanes of a crew.
    len: [usize; CREWS.len()],
    /// How many are queued of owners that are barred.
    barred: usize,
    pushed: u64,
}

impl Lanes {
    pub fn new() -> Self {
        let lane = Lane { ring_head: NIL, ring_tail: NIL, len: 0, passed_over: 0 };
        Lanes { lanes: [lane; LANES], owners: Vec::new(), len: [0; CREWS.len()], barred: 0, pushed: 0 }
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
        self.len[0] + self.len[1] + self.barred
    }

    /// How many of each priority may be taken, and of what must run during a shutdown; and how many may not.
    pub fn depths(&self) -> ([usize; 4], usize) {
        let of = |lane: usize| self.lanes[lane].len;
        let awaited = usize::from(AWAITED_LANES);
        ([of(0) + of(awaited), of(1) + of(awaited + 1), of(2) + of(awaited + 2), of(3)], self.barred)
    }

    /// How many may be taken by a crew.
    #[inline]
    pub fn takeable(&self, crew: Crew) -> usize {
        self.len[crew as usize]
    }

    pub fn takeable_in_all(&self) -> usize {
        self.len[0] + self.len[1]
    }

    /// How many of a lane may be taken.
    pub fn takeable_of(&self, lane: usize) -> usize {
        self.lanes[lane].len
    }

    /// Whether a lane of the background was passed over so often that it is to be served.
    #[inline]
    pub fn is_background_tired(&self) -> bool {
        BACKGROUND.iter().any(|lane| self.lanes[*lane].is_tired())
    }

    /// The place, in the order in which lanes are served, of the first that has any for a crew, or for any.
    pub fn urgency(&self, crew: Crew, all: bool) -> Option<usize> {
        ORDER.iter().position(|lane| self.lanes[*lane].len > 0 && (all || crew_of(*lane) == crew))
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
            let sum = &mut self.len[crew_of(lane) as usize];
            match barred {
                true => {
                    (self.lanes[lane].len, *sum, self.barred) =
                        (self.lanes[lane].len - len, *sum - len, self.barred + len)
                }
                false => {
                    (self.lanes[lane].len, *sum, self.barred) =
                        (self.lanes[lane].len + len, *sum + len, self.barred - len)
                }
            }
            if !barred && len > 0 && !in_ring {
                self.of(owner, lane).in_ring = true;
                self.ring_push(lane, owner);
            }
        }
        if barred {
            return false;
        }
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
        self.len[crew_of(lane) as usize] += 1;
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
        self.len[crew_of(lane) as usize] -= 1;
    }

    /// Takes the task that a crew is to run next; the foreground one of any lane, if it does `all`.
    pub fn pop<P>(&mut self, slab: &mut Slab<P>, crew: Crew, all: bool) -> Option<u32> {
        if self.len[crew as usize] == 0 && (!all || self.len == [0; CREWS.len()]) {
            return None;
        }
        let lane = match crew {
            Crew::Foreground => self.choose(all),
            Crew::Background => self.choose_background(),
        };
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

    /// Takes one of the next `most` of the lane whose turn it is, of any crew; `choose` says which, of how many.
    pub fn pop_one_of<P>(
        &mut self,
        slab: &mut Slab<P>,
        most: usize,
        choose: impl FnOnce(usize) -> usize,
    ) -> Option<u32> {
        if self.takeable_in_all() == 0 {
            return None;
        }
        let lane = self.choose(true);
        let count = self.lanes[lane].len.min(most);
        match if count > 1 { choose(count) } else { 0 } {
            0 => self.pop_lane(slab, lane),
            nth => {
                let slot = self.nth(slab, lane, nth);
                self.unlink(slab, slot);
                Some(slot)
            }
        }
    }

    /// The task of a lane that is taken after so many others, which are fewer than it has.
    fn nth<P>(&self, slab: &mut Slab<P>, lane: usize, mut nth: usize) -> u32 {
        let mut fronts = Vec::new();
        let mut owner = self.lanes[lane].ring_head;
        while owner != NIL {
            let queue = &self.owners[owner as usize].lanes[lane];
            if queue.head != NIL && !self.is_barred(owner) {
                fronts.push(queue.head);
            }
            owner = queue.ring_next;
        }
        loop {
            for front in fronts.iter_mut().filter(|front| **front != NIL) {
                if nth == 0 {
                    return *front;
                }
                nth -= 1;
                *front = slab.at(*front).next;
            }
        }
    }

    /// The lane whose turn it is: one that was passed over too often, else the first that has any. Those of the
    /// background are passed over, too, but not chosen unless the foreground does `all`.
    fn choose(&mut self, all: bool) -> usize {
        let lanes = &self.lanes;
        let mine = |lane: usize| all || crew_of(lane) == Crew::Foreground;
        let first = ORDER.iter().position(|lane| mine(*lane) && lanes[*lane].len > 0).unwrap_or(0);
        if lanes[ORDER[first]].len == self.len[0] + self.len[1] {
            // No other is passed over.
            self.lanes[ORDER[first]].passed_over = 0;
            return ORDER[first];
        }
        let tired = ORDER.iter().position(|lane| mine(*lane) && lanes[*lane].is_tired());
        self.pass_over(first, tired.unwrap_or(first))
    }

    /// The foreground took from other lanes than these.
    pub fn pass_over_background(&mut self) {
        for lane in BACKGROUND {
            let lane = &mut self.lanes[lane];
            lane.passed_over += u32::from(lane.len > 0);
        }
    }

    /// That of the background. It passes none of the foreground's over.
    fn choose_background(&mut self) -> usize {
        let [awaited, plain] = BACKGROUND.map(|lane| &self.lanes[lane]);
        let lane = if awaited.len > 0 && !plain.is_tired() || plain.len == 0 { 0 } else { 1 };
        if lane == 0 && plain.len > 0 {
            self.lanes[BACKGROUND[1]].passed_over += 1;
        }
        self.lanes[BACKGROUND[lane]].passed_over = 0;
        BACKGROUND[lane]
    }

    /// One lane is chosen, by its place in the order; those that have any and come after the `first` that has are
    /// passed over.
    fn pass_over(&mut self, first: usize, chosen: usize) -> usize {
        for (at, lane) in ORDER.into_iter().enumerate() {
            let lane = &mut self.lanes[lane];
            if at == chosen {
                lane.passed_over = 0;
            } else if at > first && lane.len > 0 {
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
