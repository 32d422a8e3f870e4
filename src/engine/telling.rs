//! What followers of a task's progress are told: see `follow.rs`.

use std::sync::Arc;

use super::clock::Nanos;
use super::id::TaskId;

/// At most one report of progress a task travels in this time: a frame at 60 a second.
pub const FRAME: Nanos = 16_000_000;

/// How often a follower is told: QFuture passes on 25 a second, and forgets the others.
pub const PACE: Nanos = 40_000_000;

/// A report as a follower gets it.
#[derive(Clone)]
pub struct Report {
    /// Higher than that of what was reported before.
    pub number: u64,
    /// From 0 to 1; negative for "not known".
    pub value: f64,
    pub message: Arc<str>,
}

/// Is told of a task's progress, by any thread, by several at once. It is short, and calls no user. `false`:
/// it could not pass it on yet, and is to be told again in a moment.
pub type Follower = Arc<dyn Fn(&Report) -> bool + Send + Sync>;

/// How far a task's followers are.
#[derive(Default)]
pub struct Telling {
    /// The number of the newest report.
    number: u64,
    /// When they were last told.
    at: Option<Nanos>,
    /// They have not been told of the newest.
    behind: bool,
}

impl Telling {
    pub fn number(&self) -> u64 {
        self.number
    }

    /// There is a newer report.
    pub fn reported(&mut self) {
        self.number += 1;
    }

    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// Whether enough time has gone by to tell them again.
    pub fn is_time(&self, now: Nanos) -> bool {
        self.at.is_none_or(|at| now >= at.saturating_add(PACE))
    }

    /// They are told of the newest.
    pub fn told(&mut self, now: Nanos) {
        self.at = Some(now);
        self.behind = false;
    }

    /// They are to be told later; whether that is new.
    pub fn fall_behind(&mut self) -> bool {
        !std::mem::replace(&mut self.behind, true)
    }

    /// What they were told they could not pass on, and are to be told again; whether that is new.
    pub fn try_again(&mut self, now: Nanos) -> bool {
        self.at = Some(now);
        self.fall_behind()
    }
}

/// Among the effects: followers to be told.
pub struct Told {
    pub id: TaskId,
    pub followers: Vec<Follower>,
    pub report: Report,
}
