//! The tasks themselves: their records, what each is found by, and the lanes in which they wait.
//!
//! # Invariants
//!
//! 1. A record in use has a key that is no other's, for ever; its id is made of the slot, the key and the
//!    engine's salt, and of nothing else.
//! 2. A record is in the lanes if and only if its status is `Queued`, but within a transition of `Inner`. Its
//!    `lane` changes only while it is not in them.
//! 3. A record is among the `turns` if and only if it is that of a future that runs, and waits for a worker to poll it.

use std::cmp::Ordering as CmpOrdering;

use super::crew::Crew;
use super::id::{Keys, Parts, SALT_MASK, TaskId};
use super::lanes::{AWAITED_LANES, LANES, Lanes, MAX_PASSED_OVER, MUST_RUN_LANE};
use super::slab::Slab;
use super::task::Record;
use super::words::Status;

pub struct Tasks<P> {
    slab: Slab<P>,
    lanes: Lanes,
    /// What has begun, and waits for its next turn: futures that were woken. They stand in lanes of their own, so that they are
    /// not counted as queued, and not barred with their owner's others.
    turns: Lanes,
    /// Whether the last that was taken had begun, where there were both, and how often that was so in a row.
    last_was_turn: bool,
    in_a_row: u32,
    keys: Keys,
    salt: u32,
}

impl<P> Tasks<P> {
    pub fn new(seed: u128) -> Self {
        let (mut lanes, mut turns) = (Lanes::new(), Lanes::new());
        // The application.
        lanes.add_owner(0);
        turns.add_owner(0);
        Tasks {
            slab: Slab::new(),
            lanes,
            turns,
            last_was_turn: false,
            in_a_row: 0,
            keys: Keys::new(seed as u64),
            salt: (seed >> 64) as u32 & SALT_MASK,
        }
    }

    // ---- records -------------------------------------------------------------------------------

    /// A record with an id and nothing else, which nobody finds yet. `None` when there are no more slots.
    pub fn reserve(&mut self) -> Option<u32> {
        let slot = self.slab.insert()?;
        self.slab.at(slot).key = self.keys.next();
        Some(slot)
    }

    /// Empties a record; its slot may be used again, with another key.
    pub fn remove(&mut self, slot: u32) {
        self.slab.remove(slot);
    }

    /// The record of a slot that is in use.
    #[inline]
    pub fn at(&mut self, slot: u32) -> &mut Record<P> {
        self.slab.at(slot)
    }

    /// The record of a slot from anywhere, also an invented one.
    #[inline]
    pub fn get(&mut self, slot: u32) -> Option<&mut Record<P>> {
        self.slab.get(slot)
    }

    /// The end of all slots, for a walk in pieces.
    pub fn end(&self) -> usize {
        self.slab.end()
    }

    // ---- ids -----------------------------------------------------------------------------------

    /// For ids that are made without the lock.
    pub fn salt(&self) -> u32 {
        self.salt
    }

    #[inline]
    pub fn id(&mut self, slot: u32) -> TaskId {
        let key = self.slab.at(slot).key;
        self.id_of(slot, key)
    }

    /// The id of a task that may be forgotten.
    #[inline]
    pub fn id_of(&self, slot: u32, key: u64) -> TaskId {
        TaskId::pack(Parts { slot, key, salt: self.salt })
    }

    /// The record with that id, if it is a task's.
    #[inline]
    pub fn find(&mut self, id: TaskId) -> Option<(u32, &mut Record<P>)> {
        let Parts { slot, key, salt } = id.unpack();
        let record = self.slab.get(slot)?;
        let known = record.key == key && salt == self.salt && record.status != Status::UnknownTask;
        known.then_some((slot, record))
    }

    /// The slot of an id that was reserved and not used yet. A free record has the key 0, which an
    /// invented id can have too.
    pub fn find_reserved(&mut self, id: TaskId) -> Option<u32> {
        let Parts { slot, key, salt } = id.unpack();
        let record = self.slab.get(slot)?;
        let reserved = key != 0 && record.key == key && record.status == Status::UnknownTask;
        (reserved && salt == self.salt).then_some(slot)
    }

    // ---- lanes ---------------------------------------------------------------------------------

    /// Makes room for an owner, before a task of it comes.
    pub fn add_owner(&mut self, index: u32) {
        self.lanes.add_owner(index);
        self.turns.add_owner(index);
    }

    /// How many are queued.
    #[inline]
    pub fn queued(&self) -> usize {
        self.lanes.len()
    }

    /// How many of these a crew may take, as the others' owners are barred, and how many futures wait for their turn.
    #[inline]
    pub fn takeable(&self, crew: Crew) -> usize {
        self.lanes.takeable(crew) + self.turns.takeable(crew)
    }

    /// The same during a shutdown, of either crew: of those that are queued, what must run.
    pub fn takeable_that_must_run(&self) -> usize {
        self.lanes.takeable_of(MUST_RUN_LANE as usize) + self.turns.takeable_in_all()
    }

    /// Whether the background's were passed over for so long that there is a place for one.
    #[inline]
    pub fn is_background_tired(&self) -> bool {
        self.lanes.is_background_tired() || self.turns.is_background_tired()
    }

    /// How many of them are in which lanes, and how many are barred: see [`Lanes::depths`].
    pub fn depths(&self) -> ([usize; 4], usize) {
        self.lanes.depths()
    }

    /// How many are queued of an owner.
    pub fn queued_of(&self, owner: u32) -> usize {
        self.lanes.len_of(owner)
    }

    /// How many owners there may be, by their indices.
    pub fn owners(&self) -> u32 {
        self.lanes.owners()
    }

    /// Has an owner's tasks passed over from here on, or no more. Whether some may be taken that could not be.
    pub fn bar(&mut self, owner: u32, barred: bool) -> bool {
        self.lanes.bar(owner, barred)
    }

    /// How many were ever queued, or could be taken again: a thread that finds the same number has missed none.
    pub fn ever_queued(&self) -> u64 {
        self.lanes.pushed() + self.turns.pushed()
    }

    /// Puts a task into its lane, behind its owner's others.
    pub fn queue(&mut self, slot: u32) {
        self.lanes.push(&mut self.slab, slot);
    }

    /// Takes a queued task out, wherever it stands.
    pub fn unqueue(&mut self, slot: u32) {
        self.lanes.unlink(&mut self.slab, slot);
    }

    /// Moves a queued task to the end of another lane.
    pub fn move_to(&mut self, slot: u32, lane: u8) {
        self.unqueue(slot);
        self.slab.at(slot).lane = lane;
        self.queue(slot);
    }

    /// Takes the task out that a crew is to run next, one that is queued, or a future whose turn it is; for the
    /// foreground one of any, if it does `all`.
    #[inline]
    pub fn take_next(&mut self, crew: Crew, all: bool) -> Option<u32> {
        match self.turns.takeable_in_all() {
            0 => self.lanes.pop(&mut self.slab, crew, all),
            _ => self.take_either(crew, all),
        }
    }

    /// The more urgent goes first; of the same urgency they take turns. Neither is passed over for ever.
    fn take_either(&mut self, crew: Crew, all: bool) -> Option<u32> {
        let turn = self.is_a_turn_next(crew, all)?;
        let (from, other) = match turn {
            true => (&mut self.turns, &mut self.lanes),
            false => (&mut self.lanes, &mut self.turns),
        };
        if crew == Crew::Foreground {
            other.pass_over_background();
        }
        from.pop(&mut self.slab, crew, all)
    }

    /// Whether it is a future that goes next.
    fn is_a_turn_next(&mut self, crew: Crew, all: bool) -> Option<bool> {
        Some(match (self.turns.urgency(crew, all), self.lanes.urgency(crew, all)) {
            (None, None) => return None,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(turn), Some(queued)) => {
                let urgent = match turn.cmp(&queued) {
                    CmpOrdering::Less => true,
                    CmpOrdering::Equal => !self.last_was_turn,
                    CmpOrdering::Greater => false,
                };
                let tired = self.in_a_row >= MAX_PASSED_OVER && urgent == self.last_was_turn;
                self.takes(urgent != tired)
            }
        })
    }

    /// Takes one of the next `most` that may be taken, whatever crew it is for; `choose` says which, of how many. They
    /// are of one priority.
    pub fn take_one_of(&mut self, most: usize, choose: impl FnOnce(usize) -> usize) -> Option<u32> {
        match self.is_a_turn_next(Crew::Foreground, true)? {
            true => self.turns.pop_one_of(&mut self.slab, most, choose),
            false => self.lanes.pop_one_of(&mut self.slab, most, choose),
        }
    }

    /// Takes the next of what bodies wait for.
    pub fn take_awaited(&mut self) -> Option<u32> {
        (AWAITED_LANES as usize..LANES).find_map(|lane| {
            self.turns.pop_lane(&mut self.slab, lane).or_else(|| self.lanes.pop_lane(&mut self.slab, lane))
        })
    }

    fn takes(&mut self, turn: bool) -> bool {
        self.in_a_row = if turn == self.last_was_turn { self.in_a_row + 1 } else { 1 };
        self.last_was_turn = turn;
        turn
    }

    /// The same during a shutdown: of those that are queued, what must run.
    pub fn take_next_that_must_run(&mut self) -> Option<u32> {
        if self.turns.takeable_in_all() == 0 {
            return self.take_next_of(MUST_RUN_LANE);
        }
        let queued = if self.last_was_turn { self.take_next_of(MUST_RUN_LANE) } else { None };
        match self.takes(queued.is_none()) {
            true => self.turns.pop(&mut self.slab, Crew::Foreground, true),
            false => queued,
        }
    }

    /// Takes a task out that is queued.
    pub fn take_queued(&mut self) -> Option<u32> {
        self.lanes.pop(&mut self.slab, Crew::Foreground, true)
    }

    // ---- futures that were woken ---------------------------------------------------------------

    /// Puts a future into its lane, behind its owner's others.
    pub fn queue_turn(&mut self, slot: u32) {
        self.turns.push(&mut self.slab, slot);
    }

    /// Takes it out, wherever it stands.
    pub fn unqueue_turn(&mut self, slot: u32) {
        self.turns.unlink(&mut self.slab, slot);
    }

    /// Takes the next task of one lane out.
    pub fn take_next_of(&mut self, lane: u8) -> Option<u32> {
        self.lanes.pop_lane(&mut self.slab, lane as usize)
    }
}
