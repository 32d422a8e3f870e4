//! Who owns tasks: the application, and what may go before it (a plugin, an object, a window).

use std::sync::Arc;

use super::id::TaskId;
use super::lanes::{LANES, OwnerQueue};
use super::record::NIL;
use super::sync::{AtomicBool, Ordering};

/// An owner of tasks. It goes when it is closed, or when the last `Owner` of it is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OwnerId {
    pub(super) index: u32,
    /// Distinguishes the owners that had the index one after the other.
    pub(super) generation: u32,
}

impl OwnerId {
    /// Its numbers, for a face that cannot hold the type.
    pub fn parts(self) -> (u32, u32) {
        (self.index, self.generation)
    }

    /// The owner with these numbers; numbers that are none's belong to an owner that is gone.
    pub fn from_parts(index: u32, generation: u32) -> Self {
        OwnerId { index, generation }
    }
}

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
    fn new(owner: OwnerId) -> Self {
        Alive { alive: AtomicBool::new(true), owner }
    }

    pub fn get(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    pub fn end(&self) {
        self.alive.store(false, Ordering::Release);
    }

    pub fn owner(&self) -> OwnerId {
        self.owner
    }
}

pub struct OwnerRecord {
    pub generation: u32,
    pub name: Arc<str>,
    pub alive: Arc<Alive>,
    pub queues: [OwnerQueue; LANES],
    /// Its tasks that have not ended, newest first.
    pub tasks: u32,
    /// Records that name it, what is `held`, calls that close it, and 1 while `open`. At 0 the index
    /// is free.
    pub references: usize,
    /// Whether the reference of its being alive is still to be given back.
    pub open: bool,
    /// Nothing of it is kept any more: see `unload.rs`.
    pub unloading: bool,
    /// What threads have in their hands that is its: see `unload.rs`.
    pub held: Vec<Hold>,
}

/// Something of an owner that is in no record: a closure that a thread is about to destroy, a
/// delivery.
pub struct Hold {
    pub ticket: u64,
    /// `current::thread` of who has it.
    pub thread: u64,
    pub id: TaskId,
    pub name: Option<Arc<str>>,
}

pub struct Owners {
    records: Vec<OwnerRecord>,
    free: Vec<u32>,
}

impl Owners {
    /// With the application as owner 0.
    #[expect(clippy::new_without_default, reason = "it has an owner already, which a default would not say")]
    pub fn new() -> Self {
        let mut owners = Owners { records: Vec::new(), free: Vec::new() };
        owners.open(Arc::from(""));
        owners
    }

    pub fn open(&mut self, name: Arc<str>) -> OwnerId {
        let free = self.free.pop();
        let id = match free {
            Some(index) => {
                OwnerId { index, generation: self.records[index as usize].generation.wrapping_add(1) }
            }
            None => OwnerId { index: self.records.len() as u32, generation: 0 },
        };
        let record = OwnerRecord {
            generation: id.generation,
            name,
            alive: Arc::new(Alive::new(id)),
            // It may still stand in a lane's ring with nothing queued; those links stay.
            queues: free.map_or([OwnerQueue::EMPTY; LANES], |index| self.records[index as usize].queues),
            tasks: NIL,
            references: 1,
            open: true,
            unloading: false,
            held: Vec::new(),
        };
        match free {
            Some(index) => self.records[index as usize] = record,
            None => self.records.push(record),
        }
        id
    }

    pub fn at(&mut self, index: u32) -> &mut OwnerRecord {
        &mut self.records[index as usize]
    }

    /// The owner, if it is still that one and alive. The application is none that could be named.
    pub fn find(&mut self, id: OwnerId) -> Option<&mut OwnerRecord> {
        let record = self.records.get_mut(id.index as usize).filter(|_| id.index != 0)?;
        (record.generation == id.generation && record.alive.get()).then_some(record)
    }

    /// The owner, if it is still that one, alive or not.
    pub fn known(&mut self, id: OwnerId) -> Option<&mut OwnerRecord> {
        let record = self.records.get_mut(id.index as usize).filter(|_| id.index != 0)?;
        (record.generation == id.generation && record.references > 0).then_some(record)
    }

    /// Gives the reference of an owner back that is not alive any more, once.
    pub fn release_open(&mut self, index: u32) {
        if std::mem::take(&mut self.at(index).open) {
            self.release(index);
        }
    }

    pub fn release(&mut self, index: u32) {
        let record = self.at(index);
        record.references -= 1;
        if record.references == 0 {
            self.free.push(index);
        }
    }
}
