//! What binds a task to others: its key, and the tasks that it comes after. Kept in `Extra`, as few have either.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::clock::Nanos;
use super::id::TaskId;
use super::record::NIL;
use super::words::AfterPolicy;

/// A key's name: an owner's index, and a text. The hash comes first, so that two of them are told apart by their
/// numbers as a rule, and not by their texts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    hash: u64,
    owner: u32,
    text: Arc<str>,
}

impl Name {
    pub fn new(owner: u32, text: Arc<str>) -> Self {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Name { hash: hasher.finish(), owner, text }
    }

    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Whose it is, by its index.
    pub fn owner(&self) -> u32 {
        self.owner
    }
}

/// A task's neighbours in a list.
#[derive(Clone, Copy)]
pub struct Pair {
    pub next: u32,
    pub prev: u32,
}

impl Pair {
    pub const NONE: Pair = Pair { next: NIL, prev: NIL };
}

/// Where a task of a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Neither: it waits for its time or for what it comes after, or it has ended.
    Apart,
    /// It waits for a place, `Blocked`.
    InLine,
    /// It has one of the key's places.
    InPlace,
}

/// A task as one of its key's: see `keys.rs`.
pub struct Member {
    pub name: Name,
    /// Its number, in the order in which tasks with keys came.
    pub serial: u64,
    pub stands: Stands,
    /// Its neighbours in the lists of `keys.rs`: of all, and of those that stand where it does.
    pub pairs: [Pair; 2],
}

impl Member {
    pub fn new(name: Name, serial: u64) -> Self {
        Member { name, serial, stands: Stands::Apart, pairs: [Pair::NONE; 2] }
    }
}

/// One place in the list of those that come after a task: a task, and the number of its edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub slot: u32,
    pub edge: u32,
}

impl Link {
    pub const NONE: Link = Link { slot: NIL, edge: 0 };

    pub fn is_none(self) -> bool {
        self.slot == NIL
    }
}

/// That a task comes after another.
pub struct Edge {
    /// The other one; `NIL` once it has told its end, or this task waits no more.
    pub on: u32,
    /// In the other one's list of those that come after it.
    pub next: Link,
    pub prev: Link,
}

/// What a task comes after, and what comes after it: see `after.rs`.
pub struct Links {
    /// What it comes after. Given back when it waits no more.
    pub edges: Vec<Edge>,
    /// How many of these have not told their end.
    pub left: u32,
    pub policy: AfterPolicy,
    /// Counted from when it waits no more.
    pub delay: Nanos,
    /// The list of those that come after it, in the order in which they came.
    pub first: Link,
    pub last: Link,
    /// So many of them are groups of which it is a member. They come first.
    pub groups: u32,
    /// Of a group: the edges from here on are on its members.
    pub members_from: u32,
    /// The first group that it is in, with its creation: for what shows it below that. It stays when the edge is gone.
    pub whole: Option<(Nanos, TaskId)>,
    /// The tasks whose results it takes when it begins; a handle keeps each.
    pub takes: Vec<u32>,
    /// So many of the tasks that have it in their `takes` must run.
    pub wanted: u32,
    /// The owners, by their indices, whose code made what it takes or has taken, where those are others.
    pub lenders: Vec<u32>,
}

impl Links {
    /// It waits for none any more; a group knows its members by these.
    pub fn forget_edges(&mut self) {
        if self.members_from == NIL {
            self.edges = Vec::new();
        }
    }

    /// Whether an edge of its is on a member.
    pub fn is_on_member(&self, edge: u32) -> bool {
        edge >= self.members_from
    }
}

impl Default for Links {
    fn default() -> Self {
        Links {
            edges: Vec::new(),
            left: 0,
            policy: AfterPolicy::default(),
            delay: 0,
            first: Link::NONE,
            last: Link::NONE,
            groups: 0,
            members_from: NIL,
            whole: None,
            takes: Vec::new(),
            wanted: 0,
            lenders: Vec::new(),
        }
    }
}
