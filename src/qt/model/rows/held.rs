//! Rows that stay where they are while `Settings::hold` says so: invariant 5.

use super::{From, Rows, Source, Touch, Touched};
use crate::engine::clock::Nanos;

/// Rows of tasks that have ended and are held: from so many on no new rows come.
pub const MOST_HELD: usize = 1_000;

impl Rows {
    /// Has rows stay where they are: invariant 5.
    pub(super) fn hold(&mut self, touched: &mut Touched) {
        for (key, touch) in touched {
            match (self.list.find(key), &touch) {
                (Some(at), Touch::Row(task)) => {
                    self.held.remove(key);
                    if self.list.is_misplaced(at, task) {
                        self.misplaced.insert(*key);
                    }
                }
                (Some(at), Touch::NoRow(task)) => {
                    self.held.insert(*key);
                    *touch = Touch::Row(task.clone().unwrap_or_else(|| self.list.rows()[at].clone()));
                }
                (None, Touch::Row(task))
                    if self.held.len() < MOST_HELD
                        && self.list.last_place().is_none_or(|last| self.list.place(task) > *last) =>
                {
                    self.deferred.remove(key);
                }
                (None, Touch::Row(task)) => {
                    self.deferred.insert(*key, task.clone());
                    *touch = Touch::NoRow(None);
                }
                (None, Touch::NoRow(_)) => drop(self.deferred.remove(key)),
            }
        }
    }

    /// Makes up for what was held, in rows that go, come and move.
    pub(super) fn release(&mut self, touched: &mut Touched, now: Nanos, source: Source<'_>) {
        let mut keys = std::mem::take(&mut self.held);
        keys.extend(std::mem::take(&mut self.deferred).into_keys());
        keys.append(&mut self.misplaced);
        for key in keys {
            match (source(key.1), self.kept.get(&key)) {
                (Some(task), _) => self.is(touched, &task, From::List, now),
                (None, Some(task)) => drop(touched.insert(key, Touch::Row(task.clone()))),
                (None, None) => drop(touched.insert(key, Touch::NoRow(None))),
            }
        }
    }
}
