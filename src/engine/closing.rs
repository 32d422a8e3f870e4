//! The phases of an engine, a shutdown that is under way, and what came of it: see `shutdown.rs`.

use super::clock::Nanos;
use super::id::TaskId;
use super::sites::SourceLocation;
use super::words::Status;

/// Where an engine is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Open,
    /// Refuses work, and waits for what it has.
    Closing,
    /// Has nothing left, and is open again with the next submission.
    Resting,
    /// Has nothing left; its threads end.
    Closed,
}

/// A task that still ran at the deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Abandoned {
    pub id: TaskId,
    /// The task's name, or its job's; empty if it has neither.
    pub name: String,
    /// Where it was submitted; none where nothing said so, and without the feature `locations`.
    pub source_location: Option<SourceLocation>,
}

/// What a shutdown did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShutdownReport {
    /// Whether the shutdown is over. `false` only from a call that a task made, or a callback on one
    /// of the engine's own threads, which does not wait.
    /// What was left behind is in `abandoned`.
    pub complete: bool,
    /// Tasks that ended by themselves since the shutdown began.
    pub finished: u64,
    /// Tasks that were cancelled, before or during their run.
    pub cancelled: u64,
    /// Tasks that still ran at the deadline. Their threads run on; their results are dropped.
    pub abandoned: Vec<Abandoned>,
}

/// The shutdown that is under way, or the last one.
pub struct Closing {
    deadline: Option<Nanos>,
    /// It leads to Closed, and not to Resting.
    last: bool,
    /// Everything that waited was looked at once.
    swept: bool,
    report: ShutdownReport,
    /// The deadline has come: what is left is being cancelled, and nothing starts.
    expiring: bool,
    /// Up to here, the records were looked through for what waits and is neither in the timers nor in a lane.
    looked_at: usize,
    /// The same at the deadline.
    looked_again: usize,
}

impl Closing {
    pub fn new(deadline: Nanos, last: bool) -> Self {
        Closing {
            deadline: Some(deadline),
            last,
            swept: false,
            report: ShutdownReport::default(),
            expiring: false,
            looked_at: 0,
            looked_again: 0,
        }
    }

    /// It is asked for again: the earlier deadline counts, and `last` once it was said.
    pub fn again(&mut self, deadline: Nanos, last: bool) {
        self.deadline = self.deadline.map(|before| before.min(deadline));
        self.last |= last;
    }

    pub fn deadline(&self) -> Option<Nanos> {
        self.deadline
    }

    /// A task has ended.
    pub fn count(&mut self, status: Status) {
        match status {
            Status::Cancelled => self.report.cancelled += 1,
            Status::Abandoned => {}
            _ => self.report.finished += 1,
        }
    }

    pub fn abandon(&mut self, task: Abandoned) {
        self.report.abandoned.push(task);
    }

    pub fn report(&self) -> ShutdownReport {
        self.report.clone()
    }

    pub fn looked_at(&self) -> usize {
        self.looked_at
    }

    pub fn look_at(&mut self, to: usize) {
        self.looked_at = to;
    }

    pub fn looked_again(&self) -> usize {
        self.looked_again
    }

    pub fn look_again(&mut self, to: usize) {
        self.looked_again = to;
    }

    /// Everything that waited was looked at.
    pub fn swept(&mut self) {
        self.swept = true;
    }

    pub fn is_swept(&self) -> bool {
        self.swept
    }

    /// Whether the deadline has come; if so, nothing starts any more.
    pub fn expire(&mut self, now: Nanos) -> bool {
        let expired = self.deadline.is_some_and(|deadline| deadline <= now);
        self.expiring |= expired;
        expired
    }

    pub fn is_expiring(&self) -> bool {
        self.expiring
    }

    /// What the deadline was to bring about is done.
    pub fn expired(&mut self) {
        self.deadline = None;
    }

    /// Nothing is left; whether it was the last time.
    pub fn complete(&mut self) -> bool {
        self.report.complete = true;
        self.last
    }
}
