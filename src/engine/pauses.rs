//! What is paused: all tasks, owners, keys; and what a task keeps of its own pauses.
//!
//! # Invariants
//!
//! 1. A task has `flag::PAUSED` if and only if its [`Pause`] has pauses ([`Pause::is_paused`]).
//! 2. An owner that is paused is known, and so is the owner of a key that is: as an owner ends, its pauses do.
//!
//! What is paused so, and goes on nevertheless, is in `pausing.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bonds::Name;
use super::clock::Nanos;

/// The pauses of a task itself.
#[derive(Default)]
pub struct Pause {
    /// By its own id.
    own: bool,
    /// By so many groups that it is in.
    groups: u32,
    /// The reason of the last one that counts.
    pub reason: Arc<str>,
    /// It was told that it is paused, and not yet that it goes on.
    pub told: bool,
    /// What is left of a time that stands still: of its wait for the next attempt, or of a time-out.
    pub left: Option<Nanos>,
}

impl Pause {
    pub fn is_paused(&self) -> bool {
        self.own || self.groups > 0
    }

    pub fn is_own(&self) -> bool {
        self.own
    }

    /// Paused by itself, which counts once, or by one group more. Whether that is another pause than those it has.
    pub fn add(&mut self, by_group: bool, reason: &Arc<str>) -> bool {
        if by_group {
            self.groups += 1;
        } else if std::mem::replace(&mut self.own, true) {
            return false;
        }
        self.reason = reason.clone();
        true
    }

    /// One of these is taken back; `false` if there was none.
    pub fn take_back(&mut self, by_group: bool) -> bool {
        match by_group {
            true if self.groups > 0 => {
                self.groups -= 1;
                true
            }
            true => false,
            false => std::mem::take(&mut self.own),
        }
    }
}

/// The pauses of more tasks than one, each with its reason.
pub struct Pauses {
    all: Option<Arc<str>>,
    /// By the owners' indices.
    owners: BTreeMap<u32, Arc<str>>,
    keys: BTreeMap<Name, Arc<str>>,
    /// There is one of them: what is asked of each task that begins.
    any: bool,
    /// That they have changed is to be told, and an event of that is in the outbox.
    untold: bool,
}

impl Pauses {
    pub const fn new() -> Self {
        Pauses { all: None, owners: BTreeMap::new(), keys: BTreeMap::new(), any: false, untold: false }
    }

    #[inline]
    pub fn any(&self) -> bool {
        self.any
    }

    fn look(&mut self) {
        self.any = self.all.is_some() || !self.owners.is_empty() || !self.keys.is_empty();
    }

    // ---- all -----------------------------------------------------------------------------------

    pub fn all(&self) -> Option<&Arc<str>> {
        self.all.as_ref()
    }

    /// `None`: resumed. Whether that is a change: a second pause is none, and its reason does not count.
    pub fn set_all(&mut self, reason: Option<Arc<str>>) -> bool {
        let change = self.all.is_some() != reason.is_some();
        if change {
            self.all = reason;
            self.look();
        }
        change
    }

    // ---- owners --------------------------------------------------------------------------------

    pub fn owner(&self, owner: u32) -> Option<&Arc<str>> {
        self.owners.get(&owner)
    }

    pub fn set_owner(&mut self, owner: u32, reason: Option<Arc<str>>) -> bool {
        let change = match reason {
            Some(_) if self.owners.contains_key(&owner) => false,
            Some(reason) => self.owners.insert(owner, reason).is_none(),
            None => self.owners.remove(&owner).is_some(),
        };
        self.look();
        change
    }

    // ---- keys ----------------------------------------------------------------------------------

    #[inline]
    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    pub fn key(&self, name: &Name) -> Option<&Arc<str>> {
        self.keys.get(name)
    }

    pub fn set_key(&mut self, name: &Name, reason: Option<Arc<str>>) -> bool {
        let change = match reason {
            Some(_) if self.keys.contains_key(name) => false,
            Some(reason) => self.keys.insert(name.clone(), reason).is_none(),
            None => self.keys.remove(name).is_some(),
        };
        self.look();
        change
    }

    // ---- to end --------------------------------------------------------------------------------

    /// The keys of an owner that are paused, or of all.
    pub fn keys_of(&self, owner: Option<u32>) -> Vec<Name> {
        let of = |name: &&Name| owner.is_none_or(|owner| name.owner() == owner);
        self.keys.keys().filter(of).cloned().collect()
    }

    /// Nothing is paused any more.
    pub fn clear(&mut self) {
        *self = Pauses { untold: self.untold, ..Pauses::new() };
    }

    // ---- to be told ----------------------------------------------------------------------------

    /// They have changed; whether that is to be told now.
    pub fn tell(&mut self) -> bool {
        !std::mem::replace(&mut self.untold, true)
    }

    /// That is told.
    pub fn told(&mut self) {
        self.untold = false;
    }
}
