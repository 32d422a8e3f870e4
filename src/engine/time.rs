//! What the engine waits for by the clock: tasks that become due, reports of progress whose frame is over,
//! runs and workers that are to be looked at, and the next try to start a worker. And what the timer thread sleeps for.
//!
//! # Invariants
//!
//! 1. `flush_at` is set if `dirty` holds something.
//! 2. `starting` is only set while `started` is: the thread is claimed, and it is not known yet whether there
//!    is one.
//! 3. If the timer thread sleeps, it sleeps until `waits_for` at most. A thread that brings an earlier time
//!    sets that to 0 and wakes it, once ([`Time::hurry`]).

use super::clock::Nanos;
use super::naps::Naps;
use super::record::flag;
use super::task::Record;
use super::tasks::Tasks;
use super::timers::{Due, Starts, Timers};
use super::words::Status;

pub struct Time {
    timers: Timers<Due>,
    /// Tasks that have to begin by a time; they stand in a lane meanwhile, or above. And futures that have to end by one.
    starts: Timers<Starts>,
    /// What sleeps, and is no task.
    pub naps: Naps,
    started: bool,
    /// Invariant 2.
    starting: bool,
    /// What the timer thread sleeps for; `Nanos::MAX` for ever, 0 while it is awake.
    waits_for: Nanos,
    /// Tasks, by slot and key, whose progress waits for the next frame.
    dirty: Vec<(u32, u64)>,
    flush_at: Option<Nanos>,
    /// When to look for runs that take long; `Nanos::MAX` for never.
    look_at: Nanos,
    /// When to look for workers that sleep too long; `Nanos::MAX` for never.
    idle_at: Nanos,
    /// When to try again to start a worker, after the system refused one and none was left.
    retry_at: Option<Nanos>,
}

impl Time {
    pub const fn new() -> Self {
        Time {
            timers: Timers::new(),
            starts: Timers::new(),
            naps: Naps::new(),
            started: false,
            starting: false,
            waits_for: 0,
            dirty: Vec::new(),
            flush_at: None,
            look_at: Nanos::MAX,
            idle_at: Nanos::MAX,
            retry_at: None,
        }
    }

    /// The earliest of all.
    pub fn earliest(&self) -> Option<Nanos> {
        let look = Some(self.look_at.min(self.idle_at)).filter(|at| *at != Nanos::MAX);
        [
            self.timers.next_due(),
            self.starts.next_due(),
            self.naps.next_due(),
            self.flush_at,
            look,
            self.retry_at,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    // ---- tasks ---------------------------------------------------------------------------------

    /// A future that runs may stand in a lane, too: its time-out is among those that have to begin by a time, of which
    /// it is no more.
    #[inline]
    fn is_among_starts<P>(record: &Record<P>) -> bool {
        record.has(flag::FUTURE) && record.status == Status::Running
    }

    pub fn insert<P>(&mut self, tasks: &mut Tasks<P>, slot: u32, due: Nanos) {
        match Self::is_among_starts(tasks.at(slot)) {
            true => self.starts.insert(tasks, slot, due),
            false => self.timers.insert(tasks, slot, due),
        }
    }

    /// Takes a task out, if it stands here.
    pub fn remove<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) {
        match Self::is_among_starts(tasks.at(slot)) {
            true => self.starts.remove(tasks, slot),
            false => self.timers.remove(tasks, slot),
        }
    }

    /// Takes the first out if it is due: its slot, and when it was.
    pub fn pop_due<P>(&mut self, tasks: &mut Tasks<P>, now: Nanos) -> Option<(u32, Nanos)> {
        self.timers.pop_due(tasks, now)
    }

    /// When a task is due, if it stands here.
    pub fn due_of<P>(&self, record: &Record<P>) -> Option<Nanos> {
        match Self::is_among_starts(record) {
            true => self.starts.due_of(record),
            false => self.timers.due_of(record),
        }
    }

    /// How many tasks stand here.
    pub fn len(&self) -> usize {
        self.timers.len()
    }

    /// The task at a place of the heap, for a walk over all of them.
    pub fn slot_at(&self, place: usize) -> u32 {
        self.timers.slot_at(place)
    }

    // ---- what takes too long -------------------------------------------------------------------

    /// A task has to begin until then.
    pub fn begin_by<P>(&mut self, tasks: &mut Tasks<P>, slot: u32, latest: Nanos) {
        self.starts.insert(tasks, slot, latest);
    }

    /// It has begun, or never will.
    pub fn begun<P>(&mut self, tasks: &mut Tasks<P>, slot: u32) {
        self.starts.remove(tasks, slot);
    }

    /// Takes a task out that should have begun.
    pub fn pop_late_start<P>(&mut self, tasks: &mut Tasks<P>, now: Nanos) -> Option<u32> {
        self.starts.pop_due(tasks, now).map(|(slot, _)| slot)
    }

    /// Somebody is to look at the runs by then; whether that is earlier than was known.
    #[inline]
    pub fn look_by(&mut self, at: Nanos) -> bool {
        let earlier = at < self.look_at;
        if earlier {
            self.look_at = at;
        }
        earlier
    }

    /// Whether it is time to look at the runs, once.
    pub fn take_look(&mut self, now: Nanos) -> bool {
        let look = self.look_at <= now;
        if look {
            self.look_at = Nanos::MAX;
        }
        look
    }

    // ---- workers that sleep --------------------------------------------------------------------

    /// Whether somebody looks at the workers that sleep.
    #[inline]
    pub fn watches_idle(&self) -> bool {
        self.idle_at != Nanos::MAX
    }

    /// Somebody is to look then, and at no other time; `Nanos::MAX` for never.
    pub fn watch_idle(&mut self, at: Nanos) {
        self.idle_at = at;
    }

    /// Whether it is time to look, once.
    pub fn take_idle(&mut self, now: Nanos) -> bool {
        let look = self.idle_at <= now;
        if look {
            self.idle_at = Nanos::MAX;
        }
        look
    }

    // ---- progress, and the next try ------------------------------------------------------------

    /// A task has a report that is to wait until `at`, or until what waits already.
    pub fn flush_later(&mut self, slot: u32, key: u64, at: Nanos) {
        self.dirty.push((slot, key));
        self.flush_at.get_or_insert(at);
    }

    /// The tasks whose reports have waited long enough, by slot and key; some may be forgotten by now.
    pub fn take_flush(&mut self, now: Nanos) -> Vec<(u32, u64)> {
        if self.flush_at.is_none_or(|at| at > now) {
            return Vec::new();
        }
        self.flush_at = None;
        std::mem::take(&mut self.dirty)
    }

    pub fn retry_at(&mut self, at: Nanos) {
        self.retry_at = Some(at);
    }

    /// Whether it is time to try again, once.
    pub fn take_retry(&mut self, now: Nanos) -> bool {
        self.retry_at.take_if(|at| *at <= now).is_some()
    }

    // ---- the timer thread ----------------------------------------------------------------------

    /// Whether the caller is to start it.
    pub fn claim(&mut self) -> bool {
        let claimed = !std::mem::replace(&mut self.started, true);
        self.starting |= claimed;
        claimed
    }

    /// Whether it is not known yet if there is a thread.
    pub fn is_starting(&self) -> bool {
        self.starting
    }

    pub fn is_started(&self) -> bool {
        self.started
    }

    /// There is a thread.
    pub fn thread_started(&mut self) {
        self.starting = false;
    }

    /// The timer thread has ended, or was not started.
    pub fn thread_ended(&mut self) {
        self.started = false;
        self.starting = false;
    }

    /// The timer thread is awake, and looks again before it sleeps: nobody need wake it.
    pub fn stay_awake(&mut self) {
        self.waits_for = 0;
    }

    /// It is about to sleep until then, or for ever.
    pub fn sleep(&mut self, until: Option<Nanos>) {
        self.waits_for = until.unwrap_or(Nanos::MAX);
    }

    /// Whether it is to be woken for what is due at `next`. Once is enough until it has looked.
    pub fn hurry(&mut self, next: Nanos) -> bool {
        let late = next < self.waits_for;
        if late {
            self.waits_for = 0;
        }
        late
    }
}
