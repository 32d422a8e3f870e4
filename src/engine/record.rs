//! What the engine keeps of a task.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use super::Payload;
use super::callbacks::Callbacks;
use super::cancel::CancelToken;
use super::clock::Nanos;
use super::context::{CancelHook, TaskContext};
use super::error::TaskError;
use super::follow::{Follower, Telling};
use super::options::{Kept, Periodic};
use super::words::{CancelReason, FirstRun, Misfire, Priority, Rate, Status};

/// "None" for every link and index in this engine.
pub const NIL: u32 = u32::MAX;

impl Status {
    /// Whether the task has come to its end.
    pub fn is_finished(self) -> bool {
        !matches!(self, Status::Delayed | Status::Queued | Status::Running | Status::UnknownTask)
    }

    /// Whether it ended without what was wanted of it, and not because somebody cancelled it.
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Failed | Status::TimedOut | Status::Abandoned)
    }

}

/// The work itself. A body that runs once is empty afterwards.
pub trait Body<P>: Send {
    fn run(&mut self, context: &TaskContext) -> Result<P, TaskError>;
}

pub struct Once<F>(pub Option<F>);

impl<P, F> Body<P> for Once<F>
where
    F: FnOnce(&TaskContext) -> Result<P, TaskError> + Send,
{
    fn run(&mut self, context: &TaskContext) -> Result<P, TaskError> {
        match self.0.take() {
            Some(body) => body(context),
            // The engine runs a plain task once; this is the answer if that were ever broken.
            None => Err(TaskError::cancelled()),
        }
    }
}

pub struct Repeated<F>(pub F);

impl<P, F> Body<P> for Repeated<F>
where
    F: FnMut(&TaskContext) -> Result<P, TaskError> + Send,
{
    fn run(&mut self, context: &TaskContext) -> Result<P, TaskError> {
        (self.0)(context)
    }
}

pub type BoxBody<P> = Box<dyn Body<P>>;

/// How a task ended, with what it left.
pub enum Outcome<P> {
    /// Not yet, or cancelled.
    None,
    Value(P),
    Error(Arc<TaskError>),
}

impl<P: Payload> Outcome<P> {
    /// What it holds in memory, for the bound of the history; `None` where nobody can tell. What a language
    /// keeps beside an error is no part of it: see [`Inner::shed`](super::inner::Inner).
    pub fn byte_size(&self) -> Option<usize> {
        match self {
            Outcome::None => Some(0),
            Outcome::Value(value) => value.byte_size(),
            Outcome::Error(error) => Some(error.byte_size()),
        }
    }

    /// Whether nothing happens when it is destroyed.
    pub fn is_plain(&self) -> bool {
        match self {
            Outcome::None => true,
            Outcome::Value(value) => value.is_plain(),
            Outcome::Error(_) => false,
        }
    }
}

impl<P: Clone> Clone for Outcome<P> {
    fn clone(&self) -> Self {
        match self {
            Outcome::None => Outcome::None,
            Outcome::Value(value) => Outcome::Value(value.clone()),
            Outcome::Error(error) => Outcome::Error(error.clone()),
        }
    }
}

/// One bit each, in `Record::flags`.
pub mod flag {
    pub const PERIODIC: u16 = 1 << 0;
    /// Goes on when its owner goes.
    pub const DETACHED: u16 = 1 << 1;
    /// Runs in spite of a shutdown, if it was queued before.
    pub const MUST_RUN: u16 = 1 << 2;
    pub const CANCEL_REQUESTED: u16 = 1 << 3;
    /// Its run took longer than its time-out.
    pub const TIMED_OUT: u16 = 1 << 4;
    /// It was announced as started.
    pub const STARTED: u16 = 1 << 5;
    /// A thread waits for it.
    pub const HAS_WAITERS: u16 = 1 << 6;
    /// `next` is its place in the timers' heap.
    pub const IN_TIMERS: u16 = 1 << 7;
    /// Its end was delivered, or needed no delivery.
    pub const DELIVERED: u16 = 1 << 8;
    /// It stands in the history's list.
    pub const IN_HISTORY: u16 = 1 << 9;
    /// Events of it are, or were, in the outbox: its end has to follow them through it, also when
    /// nobody listens any more, since an event names a slot that must not be used again before.
    pub const POSTED: u16 = 1 << 10;
    /// That it changed stands in the journal: see `journal.rs`.
    pub const NOTED: u16 = 1 << 11;
    /// Somebody keeps it, or did: it has a word in `pins.rs`.
    pub const KEPT: u16 = 1 << 12;
    /// It reported a progress that is none, which is logged once.
    pub const MISREPORTED: u16 = 1 << 13;
}

/// A task. 136 bytes at most (a test holds it); what few tasks need is in `Extra`.
pub struct Record<P> {
    /// The part of the id that is given out once; 0 while the record is free.
    pub key: u64,
    /// Queued: the next in its owner's lane. In the timers: its place in the heap. Finished: the
    /// next in the history. Free: the next free record.
    pub next: u32,
    /// Queued and finished: the one before.
    pub prev: u32,
    /// Its owner's index; 0 is the application.
    pub owner: u32,
    /// The owner whose code the body is, where that is another: of a plugin's job that somebody
    /// else runs. Else 0.
    pub code: u32,
    /// The owner's other tasks, while it has not ended and the owner is not the application. Once it has
    /// ended: what its outcome holds in memory, see `bytes`.
    pub owner_next: u32,
    pub owner_prev: u32,
    /// The run's index in `Inner::runs` while a worker executes the body.
    pub run: u32,
    pub status: Status,
    pub priority: Priority,
    /// The lane where it is queued, or was before it ran; differs from the priority during a shutdown, and of a
    /// task that a body waits for.
    pub lane: u8,
    /// Why it was asked to stop, as `CancelReason`; 0 for not at all.
    pub reason: u8,
    pub flags: u16,
    /// Absent while it runs and once it has ended.
    pub body: Option<BoxBody<P>>,
    pub outcome: Outcome<P>,
    pub extra: Option<Box<Extra<P>>>,
    pub created: Nanos,
    pub started: Nanos,
    pub finished: Nanos,
    /// When its end was delivered: the history's age counts from there.
    pub delivered: Nanos,
}

impl<P> Record<P> {
    pub fn free(next: u32) -> Self {
        Record {
            key: 0,
            next,
            prev: NIL,
            owner: 0,
            code: 0,
            owner_next: NIL,
            owner_prev: NIL,
            run: NIL,
            status: Status::UnknownTask,
            priority: Priority::Normal,
            lane: 0,
            reason: 0,
            flags: 0,
            body: None,
            outcome: Outcome::None,
            extra: None,
            created: 0,
            started: 0,
            finished: 0,
            delivered: 0,
        }
    }

    /// Makes a reserved record one of a task.
    pub fn fill(&mut self, body: BoxBody<P>, priority: Priority, created: Nanos) {
        self.body = Some(body);
        self.priority = priority;
        self.lane = priority as u8;
        self.created = created;
    }

    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    pub fn set(&mut self, flag: u16) {
        self.flags |= flag;
    }

    pub fn clear(&mut self, flag: u16) {
        self.flags &= !flag;
    }

    pub fn extra(&mut self) -> &mut Extra<P> {
        self.extra.get_or_insert_default()
    }

    /// What its outcome holds in memory, once it has ended; `None` where nobody can tell.
    pub fn bytes(&self) -> Option<usize> {
        debug_assert!(self.status.is_finished());
        let bytes = u64::from(self.owner_next) | u64::from(self.owner_prev) << 32;
        (bytes != u64::MAX).then_some(bytes as usize)
    }

    /// Its owner's list has it no more.
    pub fn set_bytes(&mut self, bytes: Option<usize>) {
        debug_assert!(self.status.is_finished());
        let bytes = bytes.map_or(u64::MAX, |bytes| (bytes as u64).min(u64::MAX - 1));
        (self.owner_next, self.owner_prev) = (bytes as u32, (bytes >> 32) as u32);
    }

    /// Whether an owner has part in it.
    pub fn is_owned(&self) -> bool {
        self.owner != 0 || self.code != 0
    }

    /// Whether an owner, by its index, has part in it.
    pub fn is_of(&self, owner: u32) -> bool {
        self.owner == owner || self.code == owner
    }

    pub fn cancel_reason(&self) -> Option<CancelReason> {
        CancelReason::from_number(self.reason)
    }

    pub fn name(&self) -> Option<&Arc<str>> {
        self.extra.as_ref().and_then(|extra| extra.kept.name.as_ref())
    }

    /// Its name, or its job's.
    pub fn shown_name(&self) -> Option<&Arc<str>> {
        self.extra.as_ref().and_then(|extra| extra.kept.name.as_ref().or(extra.job.as_ref()))
    }

    pub fn has_callbacks(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.callbacks.is_some())
    }
}

/// One run of a periodic task that is still to be delivered.
pub struct RunResult<P> {
    pub iteration: u64,
    pub outcome: Outcome<P>,
}

/// A periodic task's schedule and where it stands.
pub struct Schedule {
    pub options: Periodic,
    /// Runs so far.
    pub iteration: u64,
    /// Runs that failed, since the last one that did not.
    pub failures: u32,
    /// When the current or last run was due: the grid of `FixedRate`.
    pub due: Nanos,
    /// When the current or last run began, and how long the last one took.
    pub began: Nanos,
    pub took: Nanos,
    /// How the last run failed, without what was thrown; none once a run did not.
    pub error: Option<Arc<TaskError>>,
}

impl Schedule {
    pub fn new(options: Periodic) -> Self {
        Schedule { options, iteration: 0, failures: 0, due: 0, began: 0, took: 0, error: None }
    }

    pub fn first_due(&self, now: Nanos, delay: Nanos) -> Nanos {
        match self.options.first_run {
            FirstRun::AtOnce => now.saturating_add(delay),
            FirstRun::AfterInterval => now.saturating_add(delay).saturating_add(self.interval()),
        }
    }

    fn interval(&self) -> Nanos {
        super::clock::nanos(self.options.interval).max(1)
    }

    /// When the next run is due, after one that ended at `now`.
    pub fn next_due(&self, now: Nanos) -> Nanos {
        let interval = self.interval();
        match self.options.rate {
            Rate::FixedDelay => now.saturating_add(interval),
            Rate::FixedRate => {
                let next = self.due.saturating_add(interval);
                if next > now {
                    return next;
                }
                // At least one tick was missed while the run went on or the machine was busy.
                let missed = (now - self.due) / interval;
                let last = self.due.saturating_add(missed.saturating_mul(interval));
                match self.options.misfire {
                    Misfire::Skip => last.saturating_add(interval),
                    // Once for all of them; the grid goes on from the last tick that was missed.
                    Misfire::RunOnce => last,
                }
            }
        }
    }
}

/// The progress that a task last reported.
pub struct Progress {
    /// From 0 to 1; negative while there is nothing to measure by.
    pub value: f64,
    pub message: Arc<str>,
    /// An event waits in the outbox; it will carry what is newest then.
    pub pending: bool,
    /// Reported, and not yet in the outbox: it waits for the next frame.
    pub dirty: bool,
    /// When an event last went into the outbox.
    pub published: Option<Nanos>,
    /// For the followers: see `follow.rs`.
    pub told: Telling,
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            value: -1.0,
            message: Arc::default(),
            pending: false,
            dirty: false,
            published: None,
            told: Telling::default(),
        }
    }
}

/// What few tasks need.
pub struct Extra<P> {
    pub kept: Kept,
    /// The name of the job that it runs, if it runs one.
    pub job: Option<Arc<str>>,
    pub schedule: Option<Schedule>,
    pub callbacks: Option<Arc<Callbacks<P>>>,
    /// Callbacks that were added after its end had been delivered.
    pub late: Option<Arc<Callbacks<P>>>,
    pub progress: Option<Progress>,
    pub followers: Vec<Follower>,
    /// Runs that are still to be delivered.
    pub runs: VecDeque<RunResult<P>>,
    /// It waits for its runs to be delivered before it is scheduled again.
    pub held_back: bool,
    /// By `Poller`, one each.
    pub wakers: Vec<(u64, Waker)>,
    /// The flag that tokens outside the body share.
    pub token: Option<CancelToken>,
    /// What its run wants called when it is asked to stop.
    pub hook: Option<CancelHook>,
    /// The runs whose bodies are going to wait for its end, each with its `serial`: see `wait.rs`.
    pub expected_by: Vec<(u32, u64)>,
}

impl<P> Default for Extra<P> {
    fn default() -> Self {
        Extra {
            kept: Kept::default(),
            job: None,
            schedule: None,
            callbacks: None,
            late: None,
            progress: None,
            followers: Vec::new(),
            runs: VecDeque::new(),
            held_back: false,
            wakers: Vec::new(),
            token: None,
            hook: None,
            expected_by: Vec::new(),
        }
    }
}
