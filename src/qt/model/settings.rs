//! What a model is asked for, and the numbers that it shows. Nothing of Qt.

use super::roles::can_cancel;
use crate::engine::clock::Nanos;
use crate::engine::{Brief, Status};

/// Which tasks a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    #[default]
    All,
    Active,
    Finished,
    Failed,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub filter: Filter,
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
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            filter: Filter::All,
            owner: String::new(),
            show_delayed: true,
            linger: 0,
            keep_failures: false,
            limit: 1_000,
            hold: false,
        }
    }
}

impl Settings {
    pub fn is_of_owner(&self, task: &Brief) -> bool {
        self.owner.is_empty() || *task.owner == *self.owner
    }

    /// Whether a task is among those that "cancel all" is about.
    pub fn cancels(&self, task: &Brief) -> bool {
        can_cancel(task) && (self.show_delayed || task.status != Status::Delayed)
    }
}

/// The numbers that are properties.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Numbers {
    pub count: usize,
    pub hidden: usize,
    pub running: usize,
    pub queued: usize,
    pub delayed: usize,
    pub failed: usize,
    /// Rows of tasks that have ended.
    pub finished: usize,
    /// Tasks that "cancel all" would ask to stop.
    pub cancellable: usize,
    pub progress: f64,
}
