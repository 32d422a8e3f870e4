//! Tasks that stand in groups: invariant 6.

use std::sync::Arc;

use super::{From, Key, Known, Rows, Source, Touch, Touched, wanted};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, TaskId};
use crate::qt::model::plan::{Op, key};

impl Rows {
    /// The groups that a task stands in, as far as they are known here, the outermost first.
    pub fn path<'a>(&self, task: &'a Brief) -> &'a [Key] {
        self.list.path(task)
    }

    /// A task was seen, and is known as `before`: where it stands, and what stands in it.
    pub(super) fn stand(&mut self, task: &Brief, before: Option<Known>) {
        let group = task.path.last().map(|(_, group)| *group);
        let last = before.and_then(|before| before.group);
        if last != group {
            self.step_out(key(task), last);
        }
        if let Some(group) = group {
            self.within.entry(group).or_default().insert(key(task));
        }
        if task.members.is_some() {
            let moves = match task.path.is_empty() {
                true => self.list.see_head(task),
                false => self.list.forget_head(task.id) || before.is_none() || last != group,
            };
            if moves {
                self.moved.insert(task.id);
            }
        }
    }

    fn step_out(&mut self, key: Key, group: Option<TaskId>) {
        let Some(group) = group else { return };
        if let Some(keys) = self.within.get_mut(&group) {
            keys.remove(&key);
            if keys.is_empty() {
                self.within.remove(&group);
            }
        }
    }

    /// A task is forgotten, which stood in `group`.
    pub(super) fn leave_group(&mut self, key: Key, group: Option<TaskId>) {
        self.step_out(key, group);
        self.settings.open.remove(&key.1);
        if self.list.forget_head(key.1) {
            self.moved.insert(key.1);
        }
    }

    /// All that stands in a group, in any depth.
    fn all_within(&self, group: TaskId) -> Vec<Key> {
        let (mut all, mut groups) = (Vec::new(), vec![group]);
        while let Some(group) = groups.pop() {
            for key in self.within.get(&group).into_iter().flatten() {
                all.push(*key);
                groups.push(key.1);
            }
        }
        all
    }

    /// What stands in groups that came, or moved, comes or moves with them.
    pub(super) fn follow_groups(&mut self, touched: &mut Touched, now: Nanos, source: Source<'_>) {
        while let Some(group) = self.moved.pop_first() {
            self.look_within(group, touched, now, source);
        }
    }

    fn look_within(&mut self, group: TaskId, touched: &mut Touched, now: Nanos, source: Source<'_>) {
        for key in self.all_within(group) {
            // As it is now: in which groups these stand it was not told.
            if let Some(task) = source(key.1) {
                self.is(touched, &task, From::List, now);
            }
        }
    }

    /// Shows what stands in a group, or not any more; nothing for what is no group with a row. Also while rows are
    /// held: the user has said so.
    pub fn set_open(&mut self, group: TaskId, open: bool, now: Nanos, source: Source<'_>) -> Option<Vec<Op>> {
        self.row_of(group).filter(|row| row.members.is_some())?;
        match open {
            true => self.settings.open.insert(group),
            false => self.settings.open.remove(&group),
        };
        let mut touched = Touched::new();
        self.look_within(group, &mut touched, now, source);
        touched.retain(|key, touch| {
            let row = matches!(touch, Touch::Row(_)) && !self.hidden.contains(key);
            if row {
                self.deferred.remove(key);
            } else {
                self.held.remove(key);
                *touch = Touch::NoRow(None);
            }
            true
        });
        Some(self.list.plan(wanted(touched), self.settings.hold))
    }

    /// No row for all that stands in a group.
    pub(super) fn close(&mut self, group: TaskId) -> Touched {
        let keys = self.all_within(group);
        for key in &keys {
            self.held.remove(key);
            self.deferred.remove(key);
            self.shown.remove(key);
            self.hidden.remove(key);
        }
        keys.into_iter().map(|key| (key, Touch::NoRow(None))).collect()
    }

    /// Where the row of a group is.
    pub fn at(&self, group: TaskId) -> Option<usize> {
        let row: &Arc<Brief> = self.row_of(group)?;
        self.list.find(&key(row))
    }
}
