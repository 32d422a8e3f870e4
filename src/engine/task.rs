//! What the engine keeps of a task.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use super::amount::Measured;
use super::attempts::Attempts;
use super::body::{BoxBody, Outcome};
use super::bonds::{Links, Member};
use super::callbacks::Callbacks;
use super::cancel::CancelToken;
use super::clock::Nanos;
use super::context::CancelHook;
use super::group::Group;
use super::id::TaskId;
use super::options::Kept;
use super::pauses::Pause;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::schedule::Schedule;
use super::sites::Site;
use super::telling::{Follower, Pace, Telling};
use super::values::Values;
use super::words::{CancelReason, Priority, Status};

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
    /// The run's index in `Runs` while a worker executes the body.
    pub run: u32,
    pub status: Status,
    pub priority: Priority,
    /// The lane where it is queued, or was before it ran; differs from the priority during a shutdown, and of
    /// a task that a body waits for.
    pub lane: u8,
    /// Why it was asked to stop, as `CancelReason`; 0 for not at all.
    pub reason: u8,
    pub flags: u32,
    /// Where it was submitted.
    pub site: Site,
    /// Absent while it runs; and once it has ended, unless the task may be retried: see `again.rs`.
    pub body: Option<BoxBody<P>>,
    pub outcome: Outcome<P>,
    pub extra: Option<Box<Extra<P>>>,
    pub created: Nanos,
    pub started: Nanos,
    /// Until then: what it waits for, while a trace is written (`tracing.rs`).
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
            site: Site::NOWHERE,
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
    pub fn fill(&mut self, body: BoxBody<P>, priority: Priority, site: Site, created: Nanos) {
        self.body = Some(body);
        self.site = site;
        self.priority = priority;
        self.lane = priority as u8;
        self.created = created;
    }

    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    pub fn set(&mut self, flag: u32) {
        self.flags |= flag;
    }

    pub fn clear(&mut self, flag: u32) {
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
        self.owner != 0 || self.code != 0 || self.has(flag::LENT)
    }

    /// Whether an owner, by its index, has part in it: a body that takes what its code made is as its code.
    pub fn is_of(&self, owner: u32) -> bool {
        self.owner == owner || self.code == owner || !self.is_group() && self.lenders().contains(&owner)
    }

    /// Whether a task that must run is going to take its result.
    pub fn is_wanted(&self) -> bool {
        let links = self.extra.as_ref().and_then(|extra| extra.links.as_ref());
        links.is_some_and(|links| links.wanted > 0)
    }

    /// The owners whose code made what it takes or has taken, by their indices, where those are others.
    pub fn lenders(&self) -> &[u32] {
        match &self.extra {
            Some(extra) if self.has(flag::LENT) => extra.links.as_ref().map_or(&[], |links| &links.lenders),
            _ => &[],
        }
    }

    /// Whether it stands for others: see `groups.rs`.
    pub fn is_group(&self) -> bool {
        self.has(flag::TAKES) && self.extra.as_ref().is_some_and(|extra| extra.group.is_some())
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

    /// Whether the application does the work.
    #[inline]
    pub fn is_external(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.external)
    }

    /// Whether its body may be stopped at a checkpoint.
    pub fn is_pausable(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.kept.pausable && !extra.external)
    }

    /// Whether the history is to keep its result.
    pub fn keeps_result(&self) -> bool {
        self.extra.as_ref().is_none_or(|extra| extra.kept.keep_result)
    }

    pub fn has_callbacks(&self) -> bool {
        self.extra.as_ref().is_some_and(|extra| extra.callbacks.is_some())
    }
}

/// A periodic task with so many undelivered runs waits for the receiver before the next.
pub const MAX_UNDELIVERED_RUNS: usize = 1_000;

/// One run of a periodic task that is still to be delivered.
pub struct RunResult<P> {
    pub iteration: u64,
    pub outcome: Outcome<P>,
}

/// The progress that a task last reported.
pub struct Progress {
    /// From 0 to 1; negative while there is nothing to measure by.
    pub value: f64,
    pub message: Arc<str>,
    /// Where it counts what it does.
    pub amount: Option<Box<Measured>>,
    pub pace: Pace,
    /// For the followers: see `follow.rs`.
    pub told: Telling,
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            value: -1.0,
            message: Arc::default(),
            amount: None,
            pace: Pace::default(),
            told: Telling::default(),
        }
    }
}

/// What few tasks need.
pub struct Extra<P> {
    pub kept: Kept,
    /// The name of the job that it runs, if it runs one.
    pub job: Option<Arc<str>>,
    pub schedule: Option<Box<Schedule>>,
    /// If it may be tried again.
    pub attempts: Option<Box<Attempts>>,
    pub callbacks: Option<Arc<Callbacks<P>>>,
    /// Callbacks that were added after its end had been delivered.
    pub late: Option<Arc<Callbacks<P>>>,
    pub progress: Option<Box<Progress>>,
    pub followers: Vec<Follower>,
    /// Of a task that sends values.
    pub values: Option<Box<Values<P>>>,
    /// Runs that are still to be delivered.
    pub runs: VecDeque<RunResult<P>>,
    /// It waits for its runs and attempts to be delivered before it is scheduled again.
    pub held_back: bool,
    /// Its place among those that have to begin in time; `NIL` for none.
    pub start_place: u32,
    /// Its callbacks hear that it starts.
    pub hears_start: bool,
    /// How long its run took, which is still to be told.
    pub slow: Option<Duration>,
    /// By `Poller`, one each.
    pub wakers: Vec<(u64, Waker)>,
    /// The flag that tokens outside the body share.
    pub token: Option<CancelToken>,
    /// What its run, or an external task, wants called when it is asked to stop.
    pub hook: Option<CancelHook>,
    /// The application does the work: see `external.rs`.
    pub external: bool,
    /// The runs whose bodies are going to wait for its end, each with its `serial`: see `wait.rs`.
    pub expected_by: Vec<(u32, u64)>,
    /// With `flag::KEYED`.
    pub member: Option<Box<Member>>,
    /// Of a task that comes after others, or before.
    pub links: Option<Box<Links>>,
    /// Of a group.
    pub group: Option<Box<Group<P>>>,
    /// Of a task that is a retry, or was retried.
    pub lineage: Option<Box<Lineage>>,
    /// Of a task that is paused, or was.
    pub pause: Option<Box<Pause>>,
}

/// Which tasks do the same work, one after the other: see `again.rs`.
#[derive(Default)]
pub struct Lineage {
    /// It is the retry of that one.
    pub retry_of: Option<TaskId>,
    /// That one is its retry.
    pub retried_as: Option<TaskId>,
}

impl<P: Payload> Record<P> {
    /// Its outcome, as those are told of it that may have it: see `then.rs`.
    pub fn told(&self) -> Outcome<P> {
        match &self.outcome {
            Outcome::Value(_) if self.has(flag::PROMISED | flag::WITHHELD) => Outcome::Value(P::default()),
            outcome => outcome.clone(),
        }
    }
}

impl<P> Default for Extra<P> {
    fn default() -> Self {
        Extra {
            kept: Kept::default(),
            job: None,
            schedule: None,
            attempts: None,
            callbacks: None,
            late: None,
            progress: None,
            followers: Vec::new(),
            values: None,
            runs: VecDeque::new(),
            held_back: false,
            start_place: NIL,
            hears_start: false,
            slow: None,
            wakers: Vec::new(),
            token: None,
            hook: None,
            external: false,
            expected_by: Vec::new(),
            member: None,
            links: None,
            group: None,
            lineage: None,
            pause: None,
        }
    }
}
