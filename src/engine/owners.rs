//! The owners of tasks: the application, and what may go before it (a plugin, an object, a window).
//!
//! # Invariants
//!
//! 1. `references` is the number of records that name the owner, as owner or for its code, of what is `held`,
//!    of calls that need its index ([`Owners::keep`], `keep_known`, `end`), and 1 while `open`. At 0 the
//!    index is in `free`; the application, owner 0, never comes to that.
//! 2. `held` has an entry for each [`Receipt`] that was not given back. Both are made by [`Owners::hold`]
//!    alone, so what an unloading waits for is counted here and nowhere else.
//! 3. `tasks` begins a list of the owner's tasks that have not ended and are not detached, through
//!    `owner_next` and `owner_prev` of their records.
//! 4. `alive` goes from true to false once, and `unloading` from false to true, not before that.

use std::sync::Arc;

use super::current;
use super::holds::{Hold, Receipt};
use super::id::{OwnerId, TaskId};
use super::record::{NIL, flag};
use super::sync::{AtomicBool, Ordering};
use super::tasks::Tasks;

/// Whether an owner's callbacks may still be called; shared with what is being delivered.
///
/// ## Memory ordering
///
/// It only ever goes from true to false. `Release` and `Acquire` order the owner's own clean-up
/// after the last callback that saw it alive only on one thread, which is where both happen: an
/// owner's callbacks are delivered on the thread that closes it, or it must not assume more.
pub struct Alive {
    alive: AtomicBool,
    owner: OwnerId,
}

impl Alive {
    pub fn get(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Whose it is.
    pub fn owner(&self) -> OwnerId {
        self.owner
    }

    fn end(&self) {
        self.alive.store(false, Ordering::Release);
    }
}

struct Owner {
    generation: u32,
    name: Arc<str>,
    alive: Arc<Alive>,
    /// Its tasks that have not ended, newest first.
    tasks: u32,
    /// Invariant 1.
    references: usize,
    /// Whether the reference of its being alive is still to be given back.
    open: bool,
    /// Nothing of it is kept any more: see `unload.rs`.
    unloading: bool,
    /// What threads have in their hands that is its: see `unload.rs`.
    held: Vec<Hold>,
    /// The work of a task that ended was kept, which is to go with it: see `again.rs`.
    left_work: bool,
}

pub struct Owners {
    owners: Vec<Owner>,
    free: Vec<u32>,
    /// The number of the last [`Hold`].
    last_hold: u64,
}

impl Owners {
    /// With the application as owner 0.
    pub fn new() -> Self {
        let mut owners = Owners { owners: Vec::new(), free: Vec::new(), last_hold: 0 };
        owners.open(Arc::from(""));
        owners
    }

    pub fn open(&mut self, name: Arc<str>) -> OwnerId {
        let free = self.free.pop();
        let id = match free {
            Some(index) => OwnerId { index, generation: self.at(index).generation.wrapping_add(1) },
            None => OwnerId { index: self.owners.len() as u32, generation: 0 },
        };
        let owner = Owner {
            generation: id.generation,
            name,
            alive: Arc::new(Alive { alive: AtomicBool::new(true), owner: id }),
            tasks: NIL,
            references: 1,
            open: true,
            unloading: false,
            held: Vec::new(),
            left_work: false,
        };
        match free {
            Some(index) => self.owners[index as usize] = owner,
            None => self.owners.push(owner),
        }
        id
    }

    #[inline]
    fn at(&self, index: u32) -> &Owner {
        &self.owners[index as usize]
    }

    #[inline]
    fn at_mut(&mut self, index: u32) -> &mut Owner {
        &mut self.owners[index as usize]
    }

    /// Whether the owner is still that one and alive. The application is none that could be named.
    pub fn is_alive(&self, id: OwnerId) -> bool {
        let owner = self.owners.get(id.index as usize).filter(|_| id.index != 0);
        owner.is_some_and(|owner| owner.generation == id.generation && owner.alive.get())
    }

    /// Whether the owner is still that one, alive or not.
    pub fn is_known(&self, id: OwnerId) -> bool {
        let owner = self.owners.get(id.index as usize).filter(|_| id.index != 0);
        owner.is_some_and(|owner| owner.generation == id.generation && owner.references > 0)
    }

    pub fn id(&self, index: u32) -> OwnerId {
        OwnerId { index, generation: self.at(index).generation }
    }

    pub fn name(&self, index: u32) -> Arc<str> {
        self.at(index).name.clone()
    }

    /// The flag that ends an owner's callbacks; the application needs none.
    pub fn alive(&self, index: u32) -> Option<Arc<Alive>> {
        (index != 0).then(|| self.at(index).alive.clone())
    }

    // ---- its tasks -----------------------------------------------------------------------------

    /// The first in the list of its tasks, or `NIL`.
    pub fn first_task(&self, index: u32) -> u32 {
        self.at(index).tasks
    }

    /// Puts a task into the list of its owner, and has it count as a record that names the owner.
    pub fn link<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) {
        let record = tasks.at(slot);
        if record.owner == 0 {
            return;
        }
        let owner = self.at_mut(record.owner);
        owner.references += 1;
        if record.has(flag::DETACHED) {
            // The list is there to cancel by.
            return;
        }
        let next = std::mem::replace(&mut owner.tasks, slot);
        record.owner_next = next;
        record.owner_prev = NIL;
        if next != NIL {
            tasks.at(next).owner_prev = slot;
        }
    }

    /// Takes a task that ends out of the list of its owner. Its record names the owner still.
    pub fn unlink<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) {
        let record = tasks.at(slot);
        let (owner, next, prev) = (record.owner, record.owner_next, record.owner_prev);
        if owner == 0 || record.has(flag::DETACHED) {
            return;
        }
        record.owner_next = NIL;
        record.owner_prev = NIL;
        if prev == NIL {
            self.at_mut(owner).tasks = next;
        } else {
            tasks.at(prev).owner_next = next;
        }
        if next != NIL {
            tasks.at(next).owner_prev = prev;
        }
    }

    // ---- its index -----------------------------------------------------------------------------

    /// Keeps the index from being another's, until `release`.
    pub fn keep(&mut self, index: u32) {
        self.at_mut(index).references += 1;
    }

    /// The same of an owner that is known; `false` of another.
    #[must_use]
    pub fn keep_known(&mut self, id: OwnerId) -> bool {
        let known = self.is_known(id);
        if known {
            self.keep(id.index);
        }
        known
    }

    pub fn release(&mut self, index: u32) {
        let owner = self.at_mut(index);
        owner.references -= 1;
        if owner.references == 0 {
            self.free.push(index);
        }
    }

    // ---- its end -------------------------------------------------------------------------------

    /// Ends a living owner: no new work, no callbacks; and keeps its index. `false` if it is not alive.
    #[must_use]
    pub fn end(&mut self, id: OwnerId) -> bool {
        let alive = self.is_alive(id);
        if alive {
            self.at(id.index).alive.end();
            self.keep(id.index);
        }
        alive
    }

    /// Gives the reference of an owner back that is not alive any more, once.
    pub fn release_open(&mut self, index: u32) {
        debug_assert!(!self.at(index).alive.get());
        if std::mem::take(&mut self.at_mut(index).open) {
            self.release(index);
        }
    }

    /// From here on nothing of it comes in any more: invariant 1 of `unload.rs`.
    pub fn begin_unload(&mut self, index: u32) {
        let owner = self.at_mut(index);
        owner.alive.end();
        owner.unloading = true;
    }

    #[inline]
    pub fn is_unloading(&self, index: u32) -> bool {
        self.at(index).unloading
    }

    /// Notes that the current thread takes something of the owner's into its hands.
    pub fn hold(&mut self, index: u32, id: TaskId, name: Option<Arc<str>>) -> Receipt {
        self.last_hold += 1;
        let number = self.last_hold;
        let owner = self.at_mut(index);
        owner.references += 1;
        owner.held.push(Hold { number, thread: current::thread(), id, name });
        Receipt::new(index, number)
    }

    /// Gives a hold back; whether somebody may wait for that.
    pub fn give_back(&mut self, receipt: Receipt) -> bool {
        let owner = self.at_mut(receipt.owner());
        if let Some(at) = owner.held.iter().position(|hold| hold.number == receipt.number()) {
            owner.held.swap_remove(at);
        }
        let awaited = owner.unloading && owner.held.is_empty();
        self.release(receipt.owner());
        awaited
    }

    /// Notes that the work of one of its tasks was kept.
    pub fn leave_work(&mut self, index: u32) {
        self.at_mut(index).left_work = true;
    }

    /// Whether there may be such work.
    pub fn has_left_work(&self, index: u32) -> bool {
        self.at(index).left_work
    }

    /// Whether the owner that has the index is alive; the application always is.
    pub fn lives(&self, index: u32) -> bool {
        self.at(index).alive.get()
    }

    pub fn held(&self, index: u32) -> &[Hold] {
        &self.at(index).held
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;
    use crate::engine::id::Parts;

    fn task() -> TaskId {
        TaskId::pack(Parts { slot: 0, key: 1, salt: 0 })
    }

    #[test]
    fn b123_an_index_is_not_used_again_while_anything_names_it() {
        let mut owners = Owners::new();
        let first = owners.open(Arc::from("first"));
        let receipt = owners.hold(first.index, task(), None);
        assert!(owners.end(first) && !owners.is_alive(first) && !owners.end(first));
        owners.release_open(first.index);
        owners.release_open(first.index);
        assert!(owners.is_known(first), "by the hold, and by the call that ended it");
        owners.release(first.index);
        assert_ne!(owners.open(Arc::from("second")).index, first.index);
        owners.give_back(receipt);
        assert!(!owners.is_known(first) && !owners.keep_known(first));
        let third = owners.open(Arc::from("third"));
        assert_eq!((third.index, third.generation), (first.index, first.generation + 1));
        assert!(!owners.is_alive(first) && owners.is_alive(third));
    }

    #[test]
    fn b123_the_last_hold_of_an_owner_that_is_unloaded_is_awaited() {
        let mut owners = Owners::new();
        let owner = owners.open(Arc::from("owner"));
        let holds = [0, 1, 2].map(|_| owners.hold(owner.index, task(), None));
        let [first, second, third] = holds;
        assert!(!owners.give_back(first));
        owners.begin_unload(owner.index);
        assert!(!owners.give_back(third));
        assert_eq!(owners.held(owner.index).len(), 1);
        assert!(owners.give_back(second));
    }

    #[test]
    fn b123_the_application_is_none_that_could_be_named() {
        let mut owners = Owners::new();
        let application = owners.id(0);
        assert!(!owners.is_alive(application) && !owners.is_known(application) && !owners.end(application));
        assert!(owners.alive(0).is_none());
    }
}
