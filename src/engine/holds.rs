//! What keeps an owner from being unloaded while something of it is in no record: see `unload.rs`.

use std::sync::Arc;

use super::id::TaskId;

/// Something of an owner that is in no record: a closure that a thread is about to destroy, a
/// delivery.
pub struct Hold {
    /// That of its [`Receipt`].
    pub number: u64,
    /// `current::thread` of the thread that has it.
    pub thread: u64,
    pub id: TaskId,
    pub name: Option<Arc<str>>,
}

/// What a [`Hold`] is given back by, once. Only [`Owners`](super::owners::Owners) makes one.
pub struct Receipt {
    owner: u32,
    number: u64,
}

impl Receipt {
    pub fn new(owner: u32, number: u64) -> Self {
        Receipt { owner, number }
    }

    /// The owner's index.
    pub fn owner(&self) -> u32 {
        self.owner
    }

    pub fn number(&self) -> u64 {
        self.number
    }
}

/// An engine, whatever its payload is, that takes holds back.
pub trait Release: Send + Sync {
    fn give_back(&self, receipts: &mut Vec<Receipt>);

    /// To keep it for as long as the hold.
    fn keep(&self) -> Arc<dyn Release>;
}

/// Keeps an owner from being unloaded while something of it is in somebody's hands.
pub struct Held {
    engine: Arc<dyn Release>,
    receipts: Vec<Receipt>,
}

impl Held {
    pub fn new(engine: Arc<dyn Release>, receipts: Vec<Receipt>) -> Self {
        Held { engine, receipts }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.engine.give_back(&mut self.receipts);
    }
}
