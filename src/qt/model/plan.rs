//! The rows in their order, and from what should be to steps that a view can follow.
//!
//! Changes come first, at the indices that the rows have; then removals from the end to the front, so
//! that one does not move the next; then insertions from the front to the end, each where it is when
//! those before it are in. Neighbours go together. A row that moves goes and comes.
//!
//! # Invariants
//!
//! 1. `places` has where each of `rows` stands, and is sorted; `of` has the same by key.
//! 2. A row's place is that of its task as it was when the row came: one that changes in its place keeps it.
//! 3. A task in a group stands below that, wherever the outermost of its groups stands: `heads` has those, as they
//!    were last seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::roles::{Phase, Roles, difference, phase};
use super::settings::Order;
use crate::engine::clock::Nanos;
use crate::engine::{Brief, TaskId};

/// The order of tasks: by creation, then by the id.
pub type Key = (Nanos, TaskId);

/// One step. The rows are in order before and after it.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    Change { first: usize, rows: Vec<Arc<Brief>>, roles: Roles },
    Remove { first: usize, count: usize },
    Insert { first: usize, rows: Vec<Arc<Brief>> },
}

pub fn key(task: &Brief) -> Key {
    (task.created.nanos, task.id)
}

/// Where a row stands among the others: by its owner, if those are together; what runs before the rest, if that is
/// asked for; then by its creation. What stands in a group has that one's place, and then its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    owner: Option<Arc<str>>,
    phase: u8,
    created: Nanos,
    id: TaskId,
    below: Vec<Key>,
}

/// A group that stands in no other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    owner: Arc<str>,
    phase: Phase,
}

#[derive(Default)]
pub struct List {
    order: Order,
    by_owner: bool,
    rows: Vec<Arc<Brief>>,
    places: Vec<Place>,
    of: BTreeMap<Key, Place>,
    heads: BTreeMap<TaskId, Head>,
}

impl List {
    /// With these rows, whatever their order.
    pub fn new(order: Order, by_owner: bool, mut rows: Vec<Arc<Brief>>) -> Self {
        let mut list = List { order, by_owner, ..List::default() };
        rows.sort_by_cached_key(|row| list.place(row));
        list.perform(Op::Insert { first: 0, rows });
        list
    }

    pub fn rows(&self) -> &[Arc<Brief>] {
        &self.rows
    }

    /// Whether what stands in a group is to stand elsewhere, as the group was seen.
    pub fn see_head(&mut self, task: &Brief) -> bool {
        let head = Head { owner: task.owner.clone(), phase: phase(task) };
        let before = self.heads.insert(task.id, head.clone());
        before.is_none_or(|before| self.order == Order::RunningFirst && before != head)
    }

    /// Whether it was one.
    pub fn forget_head(&mut self, id: TaskId) -> bool {
        self.heads.remove(&id).is_some()
    }

    /// The groups that a task stands in, if their outermost is one that is seen here.
    pub fn path<'a>(&self, task: &'a Brief) -> &'a [Key] {
        match task.path.first() {
            Some((_, id)) if self.heads.contains_key(id) => &task.path,
            _ => &[],
        }
    }

    /// Where a task would stand.
    pub fn place(&self, task: &Brief) -> Place {
        let own = key(task);
        let path = self.path(task);
        let head = path.first().and_then(|(_, id)| self.heads.get(id));
        let (owner, phase) = head.map_or((&task.owner, phase(task)), |head| (&head.owner, head.phase));
        let (created, id) = *path.first().unwrap_or(&own);
        Place {
            owner: self.by_owner.then(|| owner.clone()),
            phase: match self.order {
                Order::RunningFirst => match phase {
                    Phase::Running => 0,
                    Phase::Waiting => 1,
                    Phase::Planned => 2,
                    Phase::Ended => 3,
                },
                Order::OldestFirst | Order::NewestFirst => 0,
            },
            created: if self.order == Order::NewestFirst { Nanos::MAX - created } else { created },
            id,
            below: path.iter().skip(1).copied().chain((!path.is_empty()).then_some(own)).collect(),
        }
    }

    pub fn last_place(&self) -> Option<&Place> {
        self.places.last()
    }

    /// Where the row of a task is, if it has one.
    pub fn find(&self, wanted: &Key) -> Option<usize> {
        self.places.binary_search(self.of.get(wanted)?).ok()
    }

    /// Whether a task with a row would stand elsewhere by now.
    pub fn is_misplaced(&self, at: usize, task: &Brief) -> bool {
        self.places[at] != self.place(task)
    }

    /// The steps that make what `touched` says: those rows with this content, or not there. With `stay` none moves.
    pub fn plan(&self, touched: BTreeMap<Key, Option<Arc<Brief>>>, stay: bool) -> Vec<Op> {
        let mut changes = BTreeMap::new();
        let mut removals = BTreeSet::new();
        let mut comers = BTreeMap::new();
        for (wanted, task) in touched {
            match (self.find(&wanted), task) {
                (Some(at), Some(task)) if stay || !self.is_misplaced(at, &task) => {
                    changes.insert(at, task);
                }
                (Some(at), Some(task)) => {
                    removals.insert(at);
                    comers.insert(self.place(&task), task);
                }
                (Some(at), None) => {
                    removals.insert(at);
                }
                (None, Some(task)) => drop(comers.insert(self.place(&task), task)),
                (None, None) => {}
            }
        }
        let mut ops = self.changes(changes);
        // Ranges of indices, from the front.
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for at in &removals {
            match ranges.last_mut() {
                Some((_, end)) if *end == *at => *end += 1,
                _ => ranges.push((*at, *at + 1)),
            }
        }
        ops.extend(ranges.into_iter().rev().map(|(first, end)| Op::Remove { first, count: end - first }));
        ops.extend(self.inserts(comers, &removals));
        ops
    }

    fn changes(&self, changes: BTreeMap<usize, Arc<Brief>>) -> Vec<Op> {
        let mut ops: Vec<Op> = Vec::new();
        for (at, task) in changes {
            let differs = difference(&self.rows[at], &task);
            if differs.is_empty() {
                continue;
            }
            match ops.last_mut() {
                Some(Op::Change { first, rows, roles }) if *roles == differs && *first + rows.len() == at => {
                    rows.push(task);
                }
                _ => ops.push(Op::Change { first: at, rows: vec![task], roles: differs }),
            }
        }
        ops
    }

    fn inserts(&self, comers: BTreeMap<Place, Arc<Brief>>, removals: &BTreeSet<usize>) -> Vec<Op> {
        let mut ops: Vec<Op> = Vec::new();
        let mut removals = removals.iter().peekable();
        let (mut removed, mut inserted) = (0, 0);
        for (place, task) in comers {
            let before = self.places.partition_point(|other| *other < place);
            while removals.next_if(|at| **at < before).is_some() {
                removed += 1;
            }
            let at = before - removed + inserted;
            inserted += 1;
            match ops.last_mut() {
                Some(Op::Insert { first, rows }) if *first + rows.len() == at => rows.push(task),
                _ => ops.push(Op::Insert { first: at, rows: vec![task] }),
            }
        }
        ops
    }

    /// Takes a step.
    pub fn perform(&mut self, op: Op) {
        match op {
            Op::Change { first, rows: new, .. } => {
                for (row, new) in self.rows[first..].iter_mut().zip(new) {
                    *row = new;
                }
            }
            Op::Remove { first, count } => {
                self.places.drain(first..first + count);
                for row in self.rows.drain(first..first + count) {
                    self.of.remove(&key(&row));
                }
            }
            Op::Insert { first, rows: new } => {
                let places: Vec<_> = new.iter().map(|row| self.place(row)).collect();
                self.of.extend(new.iter().map(|row| key(row)).zip(places.iter().cloned()));
                self.places.splice(first..first, places);
                self.rows.splice(first..first, new);
                debug_assert!(self.places.is_sorted());
            }
        }
    }
}
