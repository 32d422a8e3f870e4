//! What a model is asked for, and the numbers that it shows. Nothing of Qt.

use std::collections::BTreeSet;

use super::roles::{Phase, can_cancel, phase};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, TaskId};

/// Which tasks a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    #[default]
    All,
    Active,
    Finished,
    Failed,
}

/// In which order the rows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::enum_variant_names, reason = "QML has them by these names")]
pub enum Order {
    #[default]
    OldestFirst,
    NewestFirst,
    /// What runs, what waits, what is planned, what has ended; of each the oldest first.
    RunningFirst,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub filter: Filter,
    pub order: Order,
    /// The rows of an owner stand together, whatever the order.
    pub by_owner: bool,
    /// Only tasks that have each of its words in their name, job, owner or key have rows.
    pub search: String,
    /// Only the tasks of the owner with this name; empty for all.
    pub owner: String,
    pub show_delayed: bool,
    /// How long a row stays after the end, with `Active`.
    pub linger: Nanos,
    pub keep_failures: bool,
    /// How many tasks that wait have rows.
    pub limit: usize,
    /// Rows neither leave nor move.
    pub hold: bool,
    /// The groups whose tasks have rows.
    pub open: BTreeSet<TaskId>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            filter: Filter::All,
            order: Order::OldestFirst,
            by_owner: false,
            search: String::new(),
            owner: String::new(),
            show_delayed: true,
            linger: 0,
            keep_failures: false,
            limit: 1_000,
            hold: false,
            open: BTreeSet::new(),
        }
    }
}

impl Settings {
    /// Whether a task is one that the model is about.
    pub fn concerns(&self, task: &Brief) -> bool {
        !task.system && (self.owner.is_empty() || *task.owner == *self.owner)
    }

    /// Whether a task is one that is searched for: upper and lower case are the same.
    pub fn finds(&self, task: &Brief) -> bool {
        let mut words = self.search.split_whitespace().map(str::to_lowercase).peekable();
        if words.peek().is_none() {
            return true;
        }
        let texts = [Some(&task.name), task.job.as_ref(), Some(&task.owner), task.key.as_ref()];
        let texts: Vec<_> = texts.into_iter().flatten().map(|text| text.to_lowercase()).collect();
        words.all(|word| texts.iter().any(|text| text.contains(&word)))
    }

    /// Whether a task that stands in these groups may have a row: all of them are open, or something is searched for.
    pub fn opens(&self, path: &[(Nanos, TaskId)]) -> bool {
        path.iter().all(|(_, id)| self.open.contains(id)) || !self.search.trim().is_empty()
    }

    /// Whether a task is among those that "cancel all" is about.
    pub fn cancels(&self, task: &Brief) -> bool {
        can_cancel(task) && (self.show_delayed || phase(task) != Phase::Planned)
    }
}

/// The numbers that are properties.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Numbers {
    pub count: usize,
    pub hidden: usize,
    pub running: usize,
    /// Those that wait for a worker, for others, or for their next attempt.
    pub queued: usize,
    pub delayed: usize,
    pub failed: usize,
    /// Rows of tasks that have ended.
    pub finished: usize,
    /// Tasks that "cancel all" would ask to stop.
    pub cancellable: usize,
    /// How many owners have rows, the application among them.
    pub owners: usize,
    pub progress: f64,
}
