//! What followers of a task's progress are told: see `follow.rs`.

use std::sync::Arc;

use super::clock::Nanos;
use super::id::TaskId;

/// At most one event about a task's progress, and one about its values, travels in this time: a frame at 60 a second.
pub const FRAME: Nanos = 16_000_000;

/// How often a follower is told: QFuture passes on 25 a second, and forgets the others.
pub const PACE: Nanos = 40_000_000;

/// That events about a task come at most once in a frame. Of what comes meanwhile there is one at its end.
#[derive(Default)]
pub struct Pace {
    /// An event waits in the outbox; it will carry what is newest then.
    pending: bool,
    /// Something came, and is not yet in the outbox: it waits for the next frame.
    dirty: bool,
    /// When an event last went into the outbox.
    published: Option<Nanos>,
}

impl Pace {
    pub fn is_pending(&self) -> bool {
        self.pending
    }

    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Whether the last event is a frame ago.
    pub fn is_time(&self, now: Nanos) -> bool {
        self.published.is_none_or(|last| now >= last.saturating_add(FRAME))
    }

    /// What came waits for the frame's end; whether it is the first that does.
    pub fn delay(&mut self) -> bool {
        !std::mem::replace(&mut self.dirty, true)
    }

    /// An event goes into the outbox.
    pub fn publish(&mut self, now: Nanos) {
        *self = Pace { pending: true, dirty: false, published: Some(now) };
    }

    /// It is out of the outbox.
    pub fn opened(&mut self) {
        self.pending = false;
    }
}

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
