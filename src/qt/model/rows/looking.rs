//! What is asked of the rows, and rows that are dismissed.

use std::sync::Arc;

use super::{Rows, Touch, Touched, wanted};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, Status, TaskId};
use crate::qt::model::plan::{Op, key};
use crate::qt::model::roles::{Phase, is_active};

impl Rows {
    /// The task's row, if it has one.
    pub fn row_of(&self, id: TaskId) -> Option<&Arc<Brief>> {
        let kept = || self.kept.keys().chain(&self.held).find(|key| key.1 == id).copied();
        let key = self.known.get(&id).map(|known| (known.created, id)).or_else(kept)?;
        self.list.find(&key).map(|at| &self.rows()[at])
    }

    /// Takes the rows of these tasks out for good, if they have ended; how many.
    pub fn dismiss(&mut self, ids: &[TaskId]) -> (usize, Vec<Op>) {
        let mut touched = Touched::new();
        let mut count = 0;
        for id in ids {
            let row = self.row_of(*id).filter(|row| !is_active(row.status));
            let Some((key, whole)) = row.map(|row| (key(row), row.members.is_some())) else { continue };
            if whole {
                // What stands in it goes with it.
                self.settings.open.remove(id);
                touched.extend(self.close(*id));
            }
            self.held.remove(&key);
            if self.kept.remove(&key).is_none() && self.known.contains_key(id) {
                self.dismissed.insert(*id);
            }
            touched.insert(key, Touch::NoRow(None));
            count += 1;
        }
        (count, self.list.plan(wanted(touched), self.settings.hold))
    }

    /// The tasks with rows that have ended.
    pub fn finished(&self) -> Vec<TaskId> {
        self.rows().iter().filter(|row| !is_active(row.status)).map(|row| row.id).collect()
    }

    /// Where rows of tasks are that run: first and last.
    pub fn running_ranges(&self) -> Vec<(usize, usize)> {
        self.ranges(|row| row.status == Status::Running)
    }

    /// Where rows of tasks are that wait for their time.
    pub fn due_ranges(&self) -> Vec<(usize, usize)> {
        if self.dues.is_empty() { Vec::new() } else { self.ranges(|row| row.due.is_some()) }
    }

    fn ranges(&self, which: impl Fn(&Brief) -> bool) -> Vec<(usize, usize)> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for (at, _) in self.rows().iter().enumerate().filter(|(_, row)| which(row)) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == at => *last = at,
                _ => ranges.push((at, at)),
            }
        }
        ranges
    }

    /// When the time of a task with a row comes next.
    pub fn soonest_due(&self, now: Nanos) -> Option<Nanos> {
        // Where the time has come, the next look takes it out.
        self.dues.iter().map(|(due, _)| *due).find(|due| *due > now)
    }

    /// Whether a task with a row runs.
    pub fn has_running(&self) -> bool {
        self.tally.count(Phase::Running) > 0 && self.rows().iter().any(|row| row.status == Status::Running)
    }
}
