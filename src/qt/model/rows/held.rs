//! Rows that stay where they are while `Settings::hold` says so: invariant 5.

use super::{From, Rows, Source, Touch, Touched};
use crate::engine::clock::Nanos;
use crate::qt::model::plan::{find, key};

/// Rows of tasks that have ended and are held: from so many on no new rows come.
pub const MOST_HELD: usize = 1_000;

impl Rows {
    /// Has rows stay where they are: invariant 5.
    pub(super) fn hold(&mut self, touched: &mut Touched) {
        let last = self.rows.last().map(|row| key(row));
        for (key, touch) in touched {
            match (find(&self.rows, key), &touch) {
                (Ok(_), Touch::Row(_)) => drop(self.held.remove(key)),
                (Ok(at), Touch::NoRow(task)) => {
                    self.held.insert(*key);
                    *touch = Touch::Row(task.clone().unwrap_or_else(|| self.rows[at].clone()));
                }
                (Err(_), Touch::Row(_))
                    if last.is_none_or(|last| *key > last) && self.held.len() < MOST_HELD =>
                {
                    self.deferred.remove(key);
                }
                (Err(_), Touch::Row(task)) => {
                    self.deferred.insert(*key, task.clone());
                    *touch = Touch::NoRow(None);
                }
                (Err(_), Touch::NoRow(_)) => drop(self.deferred.remove(key)),
            }
        }
    }

    /// Makes up for what was held, in rows that go and rows that come.
    pub(super) fn release(&mut self, touched: &mut Touched, now: Nanos, source: Source<'_>) {
        let held = std::mem::take(&mut self.held);
        for key in held.into_iter().chain(std::mem::take(&mut self.deferred).into_keys()) {
            match (source(key.1), self.kept.get(&key)) {
                (Some(task), _) => self.is(touched, &task, From::List, now),
                (None, Some(task)) => drop(touched.insert(key, Touch::Row(task.clone()))),
                (None, None) => drop(touched.insert(key, Touch::NoRow(None))),
            }
        }
    }
}
