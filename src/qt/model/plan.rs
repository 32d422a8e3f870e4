//! From what should be to steps that a view can follow.
//!
//! Changes come first, at the indices that the rows have; then removals from the end to the front, so
//! that one does not move the next; then insertions from the front to the end, each where it is when
//! those before it are in. Neighbours go together.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::roles::{Roles, difference};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, TaskId};

/// The order of rows: by creation, then by the id.
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

/// Where the row with a key is, or would be.
pub fn find(rows: &[Arc<Brief>], wanted: &Key) -> Result<usize, usize> {
    rows.binary_search_by(|row| key(row).cmp(wanted))
}

/// The steps that make of `rows` what `touched` says: those rows with this content, or not there.
pub fn plan(rows: &[Arc<Brief>], touched: BTreeMap<Key, Option<Arc<Brief>>>) -> Vec<Op> {
    let mut changes: Vec<Op> = Vec::new();
    // Ranges of indices, from the front.
    let mut removals: Vec<(usize, usize)> = Vec::new();
    let mut inserts: Vec<Op> = Vec::new();
    let (mut removed, mut inserted) = (0, 0);
    for (wanted, task) in touched {
        match (find(rows, &wanted), task) {
            (Ok(at), Some(task)) => change(&mut changes, at, difference(&rows[at], &task), task),
            (Ok(at), None) => {
                removed += 1;
                match removals.last_mut() {
                    Some((_, end)) if *end == at => *end += 1,
                    _ => removals.push((at, at + 1)),
                }
            }
            (Err(at), Some(task)) => {
                let at = at - removed + inserted;
                inserted += 1;
                match inserts.last_mut() {
                    Some(Op::Insert { first, rows }) if *first + rows.len() == at => rows.push(task),
                    _ => inserts.push(Op::Insert { first: at, rows: vec![task] }),
                }
            }
            (Err(_), None) => {}
        }
    }
    let removals = removals.into_iter().rev();
    let removals = removals.map(|(first, end)| Op::Remove { first, count: end - first });
    changes.into_iter().chain(removals).chain(inserts).collect()
}

fn change(changes: &mut Vec<Op>, at: usize, roles: Roles, task: Arc<Brief>) {
    if roles.is_empty() {
        return;
    }
    match changes.last_mut() {
        Some(Op::Change { first, rows, roles: same }) if *same == roles && *first + rows.len() == at => {
            rows.push(task);
        }
        _ => changes.push(Op::Change { first: at, rows: vec![task], roles }),
    }
}

/// Takes a step.
pub fn perform(rows: &mut Vec<Arc<Brief>>, op: Op) {
    match op {
        Op::Change { first, rows: new, .. } => {
            for (row, new) in rows[first..].iter_mut().zip(new) {
                *row = new;
            }
        }
        Op::Remove { first, count } => drop(rows.drain(first..first + count)),
        Op::Insert { first, rows: new } => drop(rows.splice(first..first, new)),
    }
}
