//! The engine's state, and every change to it.
//!
//! All of this runs with the lock held: each function takes `&mut Inner`, which only the lock gives.
//! What is to happen without the lock, it writes into [`Effects`].
//!
//! # Invariants
//!
//! 1. A task has exactly one end, made in [`Inner::terminate`] and nowhere else.
//! 2. `Delayed` is in the timers (or held back, see `Extra::held_back`), `Queued` is in the lanes,
//!    `Running` has a run; a task is in one of these places or has ended.
//! 3. `live` is the number of tasks that are delayed, queued, running or not yet delivered. It is
//!    what `capacity` bounds.
//! 4. If something is queued that may run, a worker is on its way to it: one is awake and will look
//!    again before it sleeps, or one is being woken, is being started or looks out (`waking`). See
//!    `workers.rs`. During a shutdown only what must run may.
//! 5. If the outbox holds something, the receiver was told (`notified`) and has not yet looked; but for
//!    starts that nobody hears of (`hears_starts`).
//! 6. What was left in the intake is in none of these places until the lock is taken: whoever takes it
//!    queues that first. See `intake.rs`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::callbacks::{Callback, Callbacks, Notice};
use super::cancel::Flag;
use super::clock::{Clock, Nanos, nanos};
use super::context::{CancelHook, Measure};
use super::effects::{Direct, Effects, Garbage};
use super::error::{CancelReason, ErrorKind, SubmitError, TaskError};
use super::history::History;
use super::id::{Keys, Parts, TaskId};
use super::intake::Within;
use super::journal::Journal;
use super::lanes::{Lanes, MUST_RUN_LANE};
use super::options::TaskOptions;
use super::outbox::{Kind, Outbox};
use super::owners::{Alive, OwnerId, Owners};
use super::pins::Pins;
use super::record::{BoxBody, NIL, Outcome, RunResult, Schedule, Status, flag};
use super::shutdown::Closing;
use super::slab::Slab;
use super::sync::Condvar;
use super::timers::Timers;
use super::unload::PIECE;
use super::workers::Brought;
use super::{CancelResult, Delivery, DeliveryMode, EngineConfig, Payload, Poller, Shared};

/// At most one report of progress a task travels in this time: a frame at 60 a second.
pub const FRAME: Nanos = 16_000_000;

/// A periodic task with so many undelivered runs waits for the receiver before the next.
pub const MAX_UNDELIVERED_RUNS: usize = 1_000;

/// A worker thread of ours.
pub struct Worker {
    pub wake: Arc<Condvar>,
    /// Somebody wants it to look again.
    pub notified: bool,
}

/// A body that is being executed, or is waiting for another.
pub struct Run {
    pub flag: Arc<Flag>,
    /// The task; `NIL` while the run is free.
    pub slot: u32,
    /// The task that its body waits for; `NIL` for none.
    pub waits_for: u32,
    /// Changes with each body that it executes.
    pub serial: u64,
    /// How many ends of other tasks its body waits for, or is about to: see `wait.rs`.
    pub expects: u32,
    /// Its worker does not count: another may run in its place.
    pub aside: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Open,
    /// Refuses work, and waits for what it has.
    Closing,
    /// Has nothing left, and is open again with the next submission.
    Resting,
    /// Has nothing left; its threads end.
    Closed,
}

pub struct Inner<P> {
    pub clock: Arc<Clock>,
    pub slab: Slab<P>,
    /// The handles and waiters that keep each task, and the worker that still runs an abandoned one.
    pub pins: Arc<Pins>,
    pub owners: Owners,
    pub lanes: Lanes,
    pub timers: Timers,
    pub outbox: Outbox,
    pub history: History,
    /// What changed, for who shows all tasks.
    pub journal: Journal,
    keys: Keys,
    pub(super) salt: u32,

    /// The engine's side of the intake.
    pub intake: Within<P>,
    pub mode: DeliveryMode,
    /// Somebody receives the signals of all tasks.
    pub listening: bool,
    /// Somebody hears that tasks start, or how many wait and run.
    pub hears_starts: bool,
    /// The receiver was told that there is something, and has not looked yet.
    pub notified: bool,
    /// How many were queued since everything was last finished.
    had_work: u64,

    pub capacity: usize,
    pub live: usize,
    pub delayed: usize,
    pub running: usize,
    /// Tasks that must run, and have not ended.
    pub must_run: usize,

    pub max_workers: usize,
    /// Runs whose worker does not count: the number of those with `Run::aside`.
    pub aside: usize,
    /// Workers that are started or starting, and have not decided to end.
    pub alive: usize,
    /// Workers that have decided to end, and whose thread has not ended yet.
    pub retiring: usize,
    /// A worker was woken or started and has not arrived; or one looks out.
    pub waking: bool,
    /// A worker looks out for the next task before it falls asleep.
    pub looks_out: bool,
    pub workers: Vec<Worker>,
    /// Indices of workers that sleep; the last to fall asleep is the first to be woken.
    pub idle: Vec<u32>,
    pub free_workers: Vec<u32>,
    pub runs: Vec<Run>,
    pub free_runs: Vec<u32>,

    pub timer_started: bool,
    /// The timer thread is claimed, and it is not known yet whether there is a thread for it.
    pub timer_starting: bool,
    /// What the timer thread sleeps for; `Nanos::MAX` for ever, 0 while it is awake.
    pub timer_waits_for: Nanos,
    /// Tasks whose progress waits for the next frame.
    pub(super) dirty: Vec<(u32, u64)>,
    pub(super) flush_at: Option<Nanos>,
    /// When to try again to start a worker, after the system refused one and none was left.
    pub retry_at: Option<Nanos>,

    /// The process ends, and no task begins any more.
    pub halted: bool,
    pub phase: Phase,
    pub closing: Option<Closing>,
    /// Threads that deliver by themselves while they wait for a shutdown.
    pub pumping: usize,
    /// The number of the last `Hold`.
    pub tickets: u64,
    /// The number of the last `Poller`.
    pollers: u64,
}

impl<P: Payload> Inner<P> {
    pub fn new(config: &EngineConfig, clock: Arc<Clock>, pins: Arc<Pins>, mode: DeliveryMode) -> Self {
        let seed = uuid::Uuid::new_v4().as_u128();
        Inner {
            clock,
            slab: Slab::new(),
            pins,
            owners: Owners::new(),
            lanes: Lanes::new(),
            timers: Timers::new(),
            outbox: Outbox::new(),
            history: History::new(config.history),
            journal: Journal::default(),
            keys: Keys::new(seed as u64),
            salt: (seed >> 64) as u32 & super::id::SALT_MASK,
            intake: Within::new(),
            mode,
            listening: false,
            hears_starts: true,
            notified: false,
            had_work: 0,
            capacity: config.capacity,
            live: 0,
            delayed: 0,
            running: 0,
            must_run: 0,
            max_workers: config.max_workers,
            aside: 0,
            alive: 0,
            retiring: 0,
            waking: false,
            looks_out: false,
            workers: Vec::new(),
            idle: Vec::new(),
            free_workers: Vec::new(),
            runs: Vec::new(),
            free_runs: Vec::new(),
            timer_started: false,
            timer_starting: false,
            timer_waits_for: 0,
            dirty: Vec::new(),
            flush_at: None,
            retry_at: None,
            halted: false,
            phase: Phase::Open,
            closing: None,
            pumping: 0,
            tickets: 0,
            pollers: 0,
        }
    }

    // ---- finding -------------------------------------------------------------------------------

    pub fn id(&mut self, slot: u32) -> TaskId {
        let key = self.slab.at(slot).key;
        TaskId::pack(Parts { slot, key, salt: self.salt })
    }

    /// The slot of a task that is known.
    pub fn find(&mut self, fx: &mut Effects<P>, id: TaskId) -> Option<u32> {
        let Parts { slot, key, salt } = id.unpack();
        let record = self.slab.get(slot)?;
        if record.key != key || salt != self.salt || record.status == Status::UnknownTask {
            return None;
        }
        if record.has(flag::IN_HISTORY) && self.history.is_old(record, self.clock.now()) {
            self.forget(fx, slot);
            return None;
        }
        Some(slot)
    }

    /// The slot of an id that was reserved and not used yet. A free record has the key 0, which an
    /// invented id can have too.
    pub fn find_reserved(&mut self, id: TaskId) -> Option<u32> {
        let Parts { slot, key, salt } = id.unpack();
        let record = self.slab.get(slot)?;
        let reserved = key != 0 && record.key == key && record.status == Status::UnknownTask;
        (reserved && salt == self.salt).then_some(slot)
    }

    // ---- submission ----------------------------------------------------------------------------

    pub fn admit(&mut self, options: &TaskOptions<P>) -> Result<(), SubmitError> {
        if !matches!(self.phase, Phase::Open | Phase::Resting) {
            return Err(SubmitError::ShutDown);
        }
        let gone = |owner: OwnerId| self.owners.find(owner).is_none();
        if options.owner.into_iter().chain(options.code).any(gone) {
            return Err(SubmitError::OwnerGone);
        }
        if self.live >= self.capacity {
            return Err(SubmitError::QueueFull { capacity: self.capacity });
        }
        Ok(())
    }

    /// A record with an id and nothing else, which nobody finds yet.
    pub fn reserve(&mut self) -> Result<u32, SubmitError> {
        let slot = self.slab.insert().ok_or(SubmitError::QueueFull { capacity: self.capacity })?;
        self.slab.at(slot).key = self.keys.next();
        Ok(slot)
    }

    /// Fills a reserved record. `admit` has said yes under the same lock.
    pub fn insert(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        body: BoxBody<P>,
        mut options: TaskOptions<P>,
        now: Nanos,
    ) {
        let owner = options.owner.map_or(0, |owner| owner.index);
        let code = options.code.map_or(0, |code| code.index);
        let code = if code == owner { 0 } else { code };
        let record = self.slab.at(slot);
        record.fill(body, options.priority, now);
        record.owner = owner;
        record.code = code;
        if options.detached {
            record.set(flag::DETACHED);
        }
        if options.must_run {
            record.set(flag::MUST_RUN);
            self.must_run += 1;
        }
        if self.phase == Phase::Resting {
            self.phase = Phase::Open;
            // Whoever waited for the rest is not to wait for what comes now.
            fx.wake_waiters = true;
        }
        let delay = nanos(options.delay);
        let mut due = if delay == 0 { None } else { Some(now.saturating_add(delay)) };
        if options.needs_extra() {
            let extra = record.extra();
            extra.kept = options.take_kept();
            extra.job = options.job;
            if !options.callbacks.is_empty() {
                extra.callbacks = Some(Arc::new(Callbacks::new(options.callbacks)));
            }
            if let Some(periodic) = options.periodic {
                let mut schedule = Schedule::new(periodic);
                let first = schedule.first_due(now, delay);
                schedule.due = first;
                due = (first > now).then_some(first);
                extra.schedule = Some(schedule);
                record.set(flag::PERIODIC);
            }
        }
        self.live += 1;
        self.owner_link(slot, owner);
        if code != 0 {
            self.owners.at(code).references += 1;
        }
        match due {
            Some(due) => self.delay(fx, slot, due),
            None => self.queue(fx, slot),
        }
        self.dispatch(fx);
    }

    fn delay(&mut self, fx: &mut Effects<P>, slot: u32, due: Nanos) {
        self.slab.at(slot).status = Status::Delayed;
        self.delayed += 1;
        self.timers.insert(&mut self.slab, slot, due);
        self.arm_timer(fx);
        self.note(fx, slot);
    }

    /// Gives a task its place in its lane, and no more: nobody is told, woken or started for it.
    pub fn line_up(&mut self, slot: u32) {
        self.slab.at(slot).status = Status::Queued;
        self.had_work += 1;
        self.lanes.push(&mut self.slab, &mut self.owners, slot);
    }

    fn queue(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.line_up(slot);
        self.note(fx, slot);
        // Without a worker to announce it, the count of what is queued would change in silence.
        if self.idle.is_empty() && !self.waking {
            self.counts_changed(fx);
        }
    }

    /// Sees to it that a worker comes for what is queued: invariant 4.
    pub fn dispatch(&mut self, fx: &mut Effects<P>) {
        if self.lanes.len() == 0 {
            return;
        }
        if self.waking {
            fx.look_again |= self.looks_out;
            return;
        }
        if let Some(worker) = self.idle.pop() {
            let worker = &mut self.workers[worker as usize];
            worker.notified = true;
            fx.wake_worker = Some(worker.wake.clone());
            self.waking = true;
        } else if self.alive < self.places() && self.retiring == 0 {
            self.alive += 1;
            fx.start_worker = true;
            self.waking = true;
        }
    }

    /// How many workers there may be: those that wait for others do not count.
    pub fn places(&self) -> usize {
        self.max_workers + self.aside.min(super::MAX_WORKERS)
    }

    /// Changes a queued or delayed task's priority.
    pub fn set_priority(&mut self, fx: &mut Effects<P>, slot: u32, priority: super::Priority) -> bool {
        let record = self.slab.at(slot);
        if record.status.is_finished() || record.status == Status::Running && !record.has(flag::PERIODIC) {
            return false;
        }
        if record.priority == priority {
            // Its turn stays what it is.
            return true;
        }
        record.priority = priority;
        let queued = record.status == Status::Queued;
        self.note(fx, slot);
        if queued && self.slab.at(slot).lane >= MUST_RUN_LANE {
            // It stands in that lane's list until it runs.
            return true;
        }
        if queued {
            self.lanes.unlink(&mut self.slab, &mut self.owners, slot);
        }
        self.slab.at(slot).lane = priority as u8;
        if queued {
            self.lanes.push(&mut self.slab, &mut self.owners, slot);
        }
        true
    }

    // ---- running -------------------------------------------------------------------------------

    /// Whether a queued task may start: during a shutdown, only what must run.
    pub fn may_start(&mut self, slot: u32) -> bool {
        self.phase == Phase::Open || self.slab.at(slot).has(flag::MUST_RUN) && !self.is_expiring()
    }

    /// Takes the task that is to run next out of the lanes. The others are left to a shutdown's
    /// sweep, which moves what must run into its lane.
    pub fn next_task(&mut self) -> Option<u32> {
        match self.phase {
            _ if self.halted => None,
            Phase::Open => self.lanes.pop(&mut self.slab, &mut self.owners),
            _ if self.is_expiring() => None,
            _ => self.lanes.pop_lane(&mut self.slab, &mut self.owners, MUST_RUN_LANE as usize),
        }
    }

    pub fn take_run(&mut self) -> u32 {
        self.free_runs.pop().unwrap_or_else(|| {
            self.runs.push(Run {
                flag: Arc::new(Flag::default()),
                slot: NIL,
                waits_for: NIL,
                serial: 0,
                expects: 0,
                aside: false,
            });
            (self.runs.len() - 1) as u32
        })
    }

    /// Makes a task that was taken from the lanes the one of `run`; the body is the caller's.
    pub fn begin_run(&mut self, fx: &mut Effects<P>, slot: u32, run: u32, now: Nanos) -> Option<BoxBody<P>> {
        let record = self.slab.at(slot);
        debug_assert_eq!(record.status, Status::Queued);
        record.status = Status::Running;
        record.run = run;
        let body = record.body.take();
        let announce = !record.has(flag::STARTED);
        if announce {
            record.set(flag::STARTED);
            // A worker that goes on with the next task has not looked at the clock again.
            record.started = now.max(record.created);
        }
        let mut timeout = None;
        if let Some(extra) = &mut record.extra {
            timeout = extra.kept.timeout;
            if let Some(schedule) = &mut extra.schedule {
                schedule.iteration += 1;
                schedule.began = now;
                // A time-out stops one run; the tokens of the next one are others.
                extra.token = None;
            }
        }
        self.running += 1;
        let running = &mut self.runs[run as usize];
        running.flag.set(0);
        running.slot = slot;
        if let Some(timeout) = timeout {
            self.timers.insert(&mut self.slab, slot, now.saturating_add(nanos(timeout)));
            self.arm_timer(fx);
        }
        if announce && self.listening {
            self.keep(Kind::Started, slot);
        }
        self.counts_changed(fx);
        self.note(fx, slot);
        body
    }

    /// The number of the run that begins.
    pub fn iteration(&mut self, slot: u32) -> u64 {
        let schedule = self.slab.at(slot).extra.as_ref().and_then(|extra| extra.schedule.as_ref());
        schedule.map_or(1, |schedule| schedule.iteration)
    }

    /// Destroys a result that is not wanted after the lock, an exception that the error holds, too.
    fn drop_result(&mut self, fx: &mut Effects<P>, slot: u32, result: Result<P, TaskError>) {
        let outcome = match result {
            Ok(value) => Outcome::Value(value),
            Err(error) => Outcome::Error(Arc::new(error)),
        };
        self.leave(fx, slot, Garbage::Outcome(outcome));
    }

    /// A body came back. `body` is a periodic task's, to be kept for its next run.
    pub fn end_run(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        run: u32,
        body: Option<BoxBody<P>>,
        brought: Brought<P>,
        now: Nanos,
    ) {
        let Brought { result, bytes } = brought;
        self.runs[run as usize].slot = NIL;
        self.expect_nothing(run);
        let record = self.slab.at(slot);
        record.run = NIL;
        if record.has(flag::HAS_WAITERS) {
            // Somebody may wait for the body, not for the task.
            fx.wake_waiters = true;
        }
        if let Some(hook) = record.extra.as_mut().and_then(|extra| extra.hook.take()) {
            self.leave(fx, slot, Garbage::Hook(hook));
        }
        let result = self.unless_unloading(fx, slot, result);
        if self.slab.at(slot).status != Status::Running {
            // It was abandoned; what it brings comes too late.
            if let Some(body) = body {
                self.leave(fx, slot, Garbage::Body(body));
            }
            self.drop_result(fx, slot, result);
            self.unpin(fx, slot);
            return;
        }
        self.timers.remove(&mut self.slab, slot);
        let record = self.slab.at(slot);
        let requested = record.has(flag::CANCEL_REQUESTED);
        let acknowledged = matches!(&result, Err(error) if error.kind() == ErrorKind::Cancelled);
        let timed_out = record.has(flag::TIMED_OUT);
        let periodic = record.has(flag::PERIODIC);
        let iteration = self.iteration(slot);
        let (status, outcome) = if timed_out {
            self.drop_result(fx, slot, result);
            (Status::TimedOut, Outcome::Error(Arc::new(self.timeout_error(slot, iteration))))
        } else if acknowledged {
            (Status::Cancelled, Outcome::None)
        } else {
            match result {
                Ok(value) => (Status::Completed, Outcome::Value(value)),
                Err(error) => {
                    let reason = self.slab.at(slot).cancel_reason();
                    let error = error.with_attempt(iteration).with_reason(reason);
                    (Status::Failed, Outcome::Error(Arc::new(error)))
                }
            }
        };
        if !periodic {
            let bytes = if timed_out { outcome.byte_size() } else { bytes };
            self.terminate_with(fx, slot, status, outcome, bytes, now);
            return;
        }
        // Between here and the next run the body belongs to the record again.
        self.slab.at(slot).body = body;
        self.slab.at(slot).clear(flag::TIMED_OUT);
        let failed = matches!(status, Status::Failed | Status::TimedOut);
        let last_error = match &outcome {
            Outcome::Error(error) => Some(Arc::new(error.without_source())),
            _ => None,
        };
        if status != Status::Cancelled {
            self.run_ended(fx, slot, iteration, outcome);
        }
        let record = self.slab.at(slot);
        let has_value = matches!(record.outcome, Outcome::Value(_));
        let Some(schedule) = record.extra.as_mut().and_then(|extra| extra.schedule.as_mut()) else { return };
        schedule.failures = if failed { schedule.failures.saturating_add(1) } else { 0 };
        schedule.error = last_error;
        schedule.took = now.saturating_sub(schedule.began);
        let options = schedule.options;
        let failures = schedule.failures;
        if requested || status == Status::Cancelled || self.phase != Phase::Open {
            if !requested && self.phase != Phase::Open {
                self.slab.at(slot).reason = CancelReason::Shutdown as u8;
            }
            self.terminate(fx, slot, Status::Cancelled, Outcome::None, now);
        } else if options.max_failures > 0 && failures >= options.max_failures {
            let error = TaskError::new(
                ErrorKind::TooManyFailures,
                format!("stopped after {failures} failed runs in a row"),
            );
            let error = Outcome::Error(Arc::new(error.with_attempt(iteration)));
            self.terminate(fx, slot, Status::Failed, error, now);
        } else if options.max_runs > 0 && iteration >= options.max_runs {
            if has_value {
                let last = std::mem::replace(&mut self.slab.at(slot).outcome, Outcome::None);
                self.terminate(fx, slot, Status::Completed, last, now);
            } else {
                let error = TaskError::new(
                    ErrorKind::TooManyFailures,
                    format!("none of its {iteration} runs completed"),
                );
                let error = Outcome::Error(Arc::new(error.with_attempt(iteration)));
                self.terminate(fx, slot, Status::Failed, error, now);
            }
        } else {
            self.running -= 1;
            self.sleep_until_next(fx, slot, now);
        }
    }

    fn timeout_error(&mut self, slot: u32, iteration: u64) -> TaskError {
        let timeout = self.slab.at(slot).extra.as_ref().and_then(|extra| extra.kept.timeout).unwrap_or_default();
        TaskError::new(ErrorKind::TimedOut, format!("the run took longer than its time-out of {timeout:?}"))
            .with_attempt(iteration)
            .with_reason(Some(CancelReason::Timeout))
    }

    /// Records a run of a periodic task, and announces it.
    fn run_ended(&mut self, fx: &mut Effects<P>, slot: u32, iteration: u64, outcome: Outcome<P>) {
        self.flush_progress(fx, slot);
        let record = self.slab.at(slot);
        if let Outcome::Value(_) = outcome {
            let last = std::mem::replace(&mut record.outcome, outcome.clone());
            self.leave(fx, slot, Garbage::Outcome(last));
        }
        let callbacks = self.slab.at(slot).extra().callbacks.clone();
        match self.mode {
            DeliveryMode::Direct => {
                if let Some(callbacks) = callbacks {
                    self.call_directly(fx, slot, callbacks, run_notice(iteration, outcome));
                }
            }
            DeliveryMode::Queued if self.listening || callbacks.is_some() => {
                self.slab.at(slot).extra().runs.push_back(RunResult { iteration, outcome });
                self.post(fx, Kind::Run, slot);
            }
            DeliveryMode::Queued => self.leave(fx, slot, Garbage::Outcome(outcome)),
        }
    }

    /// A notice for callbacks that are called by whoever makes it happen.
    fn call_directly(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        callbacks: Arc<Callbacks<P>>,
        notice: Notice<P>,
    ) {
        self.hold(fx, slot);
        callbacks.push(notice);
        fx.calls().direct.push(Direct { callbacks, alive: self.alive_of(slot) });
    }

    fn sleep_until_next(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let record = self.slab.at(slot);
        record.status = Status::Delayed;
        record.lane = record.priority as u8;
        let extra = record.extra();
        extra.held_back = extra.runs.len() >= MAX_UNDELIVERED_RUNS;
        let held_back = extra.held_back;
        let Some(schedule) = &mut extra.schedule else { return };
        let due = schedule.next_due(now);
        schedule.due = due;
        self.delayed += 1;
        if !held_back {
            self.timers.insert(&mut self.slab, slot, due);
            self.arm_timer(fx);
        }
        self.note(fx, slot);
    }

    // ---- the end -------------------------------------------------------------------------------

    /// The end of a task whose outcome no worker has measured.
    pub fn terminate(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        status: Status,
        outcome: Outcome<P>,
        now: Nanos,
    ) {
        let bytes = outcome.byte_size();
        self.terminate_with(fx, slot, status, outcome, bytes, now);
    }

    /// The one end of a task: invariant 1. It is out of the lanes and the timers already.
    fn terminate_with(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        status: Status,
        outcome: Outcome<P>,
        bytes: Option<usize>,
        now: Nanos,
    ) {
        self.flush_progress(fx, slot);
        self.end_following(fx, slot, now);
        let record = self.slab.at(slot);
        debug_assert!(!record.status.is_finished() && status.is_finished());
        match record.status {
            Status::Delayed => self.delayed -= 1,
            Status::Running => self.running -= 1,
            _ => {}
        }
        record.status = status;
        record.finished = now;
        self.note(fx, slot);
        let record = self.slab.at(slot);
        let body = record.body.take();
        let last = std::mem::replace(&mut record.outcome, outcome);
        if record.has(flag::HAS_WAITERS) {
            fx.wake_waiters = true;
        }
        if let Some(extra) = &mut record.extra
            && !extra.wakers.is_empty()
        {
            fx.calls().wakers.extend(extra.wakers.drain(..).map(|(_, waker)| waker));
            self.hold(fx, slot);
        }
        self.told_who_expects(fx, slot);
        if let Some(body) = body {
            self.leave(fx, slot, Garbage::Body(body));
        }
        if !matches!(last, Outcome::None) {
            self.leave(fx, slot, Garbage::Outcome(last));
        }
        self.raise_token(slot);
        let record = self.slab.at(slot);
        let (has_callbacks, posted) = (record.has_callbacks(), record.has(flag::POSTED));
        let must_run = record.has(flag::MUST_RUN);
        self.owner_unlink(slot);
        if must_run {
            self.must_run -= 1;
        }
        self.slab.at(slot).set_bytes(bytes);
        if let Some(closing) = self.closing.as_mut().filter(|_| self.phase == Phase::Closing) {
            closing.count(status);
        }
        match self.mode {
            DeliveryMode::Queued if self.listening || has_callbacks || posted => {
                self.post(fx, Kind::End, slot);
            }
            DeliveryMode::Direct if has_callbacks => {
                let notice = self.end_notice(slot);
                if let Some(callbacks) = self.slab.at(slot).extra().callbacks.take() {
                    self.call_directly(fx, slot, callbacks, notice);
                }
                self.delivered(fx, slot, now);
            }
            _ => self.delivered(fx, slot, now),
        }
        self.close_if_done(fx);
    }

    fn end_notice(&mut self, slot: u32) -> Notice<P> {
        let record = self.slab.at(slot);
        match &record.outcome {
            Outcome::Value(value) => Notice::Completed(value.clone()),
            Outcome::Error(error) => Notice::Failed(error.clone()),
            Outcome::None => Notice::Cancelled(record.cancel_reason().unwrap_or(CancelReason::User)),
        }
    }

    /// A task's end is delivered: it enters the history, unless somebody keeps it.
    pub fn delivered(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        self.live -= 1;
        let record = self.slab.at(slot);
        record.set(flag::DELIVERED);
        record.delivered = now;
        // Who shows the tasks hears of the end only now: see `journal.rs`.
        self.note(fx, slot);
        let record = self.slab.at(slot);
        if !record.has(flag::KEPT) || self.pins.park(slot) {
            self.remember(fx, slot, now);
        }
    }

    fn remember(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        if self.is_unloading(slot) {
            self.free(fx, slot);
            return;
        }
        self.shed(fx, slot);
        self.history.push(&mut self.slab, slot);
        self.forget_overdue(fx, now);
    }

    /// Takes out of a record what the history cannot count: a result of which nobody can tell how large it
    /// is, and what was thrown. The status stays, and the error.
    fn shed(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.slab.at(slot);
        let unknown = record.bytes().is_none();
        let rest = match &record.outcome {
            Outcome::Value(_) if unknown => Outcome::Value(P::default()),
            Outcome::Error(error) if error.has_source() => Outcome::Error(Arc::new(error.without_source())),
            _ => return,
        };
        if unknown {
            record.set_bytes(Some(0));
        }
        let shed = std::mem::replace(&mut record.outcome, rest);
        self.leave(fx, slot, Garbage::Outcome(shed));
    }

    pub fn forget_overdue(&mut self, fx: &mut Effects<P>, now: Nanos) {
        while let Some(oldest) = self.history.overdue(&mut self.slab, now) {
            self.forget(fx, oldest);
        }
    }

    /// Forgets some of those that `next` gives: how many; none if there are no more. In pieces, so that
    /// nobody waits long for the lock.
    pub fn forget_some(
        &mut self,
        fx: &mut Effects<P>,
        mut next: impl FnMut(&mut Self, Nanos) -> Option<u32>,
    ) -> usize {
        let now = self.clock.now();
        for forgotten in 0..PIECE {
            match next(self, now) {
                Some(slot) => self.forget(fx, slot),
                None => return forgotten,
            }
        }
        PIECE
    }

    /// Takes a task out of the history, and its slot becomes free.
    pub fn forget(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.history.unlink(&mut self.slab, slot);
        self.free(fx, slot);
    }

    pub fn free(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.note_gone(fx, slot);
        let record = self.slab.at(slot);
        let leaves = record.body.is_some() || record.extra.is_some() || !record.outcome.is_plain();
        if leaves {
            self.hold(fx, slot);
            let record = self.slab.at(slot);
            let garbage = &mut fx.calls().garbage;
            if !record.outcome.is_plain() {
                garbage.push(Garbage::Outcome(std::mem::replace(&mut record.outcome, Outcome::None)));
            }
            garbage.extend(record.body.take().map(Garbage::Body));
            garbage.extend(record.extra.take().map(Garbage::Extra));
        }
        let record = self.slab.at(slot);
        for owner in [record.owner, record.code] {
            if owner != 0 {
                self.owners.release(owner);
            }
        }
        self.slab.remove(slot);
    }

    pub fn pin(&mut self, slot: u32) {
        if self.slab.at(slot).has(flag::IN_HISTORY) {
            self.history.unlink(&mut self.slab, slot);
        }
        let record = self.slab.at(slot);
        record.set(flag::KEPT);
        match record.has(flag::DELIVERED) {
            true => self.pins.pin_delivered(slot),
            false => self.pins.pin(slot),
        }
    }

    pub fn unpin(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.pins.unpin(slot) {
            self.let_go(fx, slot);
        }
    }

    /// A task whose end was delivered is kept by nobody any more, if that is still so.
    pub fn let_go(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.pins.take(slot) {
            let now = self.clock.now();
            self.remember(fx, slot, now);
        }
    }

    // ---- cancelling ----------------------------------------------------------------------------

    pub fn cancel(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        reason: CancelReason,
        now: Nanos,
    ) -> CancelResult {
        let record = self.slab.at(slot);
        match record.status {
            Status::Queued => self.lanes.unlink(&mut self.slab, &mut self.owners, slot),
            Status::Delayed => self.timers.remove(&mut self.slab, slot),
            Status::Running => {
                record.set(flag::CANCEL_REQUESTED);
                self.note(fx, slot);
                self.request_stop(fx, slot, reason);
                return CancelResult::CancelRequested;
            }
            _ => return CancelResult::AlreadyFinished,
        }
        self.slab.at(slot).reason = reason as u8;
        self.terminate(fx, slot, Status::Cancelled, Outcome::None, now);
        CancelResult::CancelledBeforeStart
    }

    pub fn request_stop(&mut self, fx: &mut Effects<P>, slot: u32, reason: CancelReason) {
        let record = self.slab.at(slot);
        if record.reason == 0 {
            record.reason = reason as u8;
        }
        let reason = record.reason;
        self.raise(fx, slot, reason);
    }

    /// Tells the body that it is to stop.
    fn raise(&mut self, fx: &mut Effects<P>, slot: u32, reason: u8) {
        let record = self.slab.at(slot);
        let run = record.run;
        let extra = record.extra.as_ref();
        if let Some(token) = extra.and_then(|extra| extra.token.as_ref()) {
            token.set(reason);
        }
        let hook = extra.and_then(|extra| extra.hook.clone());
        let Some(run) = self.runs.get(run as usize) else { return };
        let first = run.flag.get() == 0;
        run.flag.set(reason);
        // The body may sleep in its context.
        fx.wake_waiters = true;
        if let Some(hook) = hook.filter(|_| first) {
            self.hold(fx, slot);
            fx.calls().hooks.push(hook);
        }
    }

    /// Keeps what the run of a task wants called when it is asked to stop, or has it called.
    pub fn set_hook(&mut self, fx: &mut Effects<P>, slot: u32, hook: CancelHook) {
        let run = self.slab.at(slot).run;
        let asked = self.runs.get(run as usize).is_none_or(|run| run.flag.get() != 0);
        if asked {
            self.hold(fx, slot);
            fx.calls().hooks.push(hook);
        } else if let Some(before) = self.slab.at(slot).extra().hook.replace(hook) {
            self.leave(fx, slot, Garbage::Hook(before));
        }
    }

    fn raise_token(&mut self, slot: u32) {
        let record = self.slab.at(slot);
        let reason = record.reason;
        if let Some(token) = record.extra.as_ref().and_then(|extra| extra.token.as_ref()) {
            token.set(reason);
        }
    }

    // ---- owners --------------------------------------------------------------------------------

    fn owner_link(&mut self, slot: u32, owner: u32) {
        if owner == 0 {
            return;
        }
        let detached = self.slab.at(slot).has(flag::DETACHED);
        let owner = self.owners.at(owner);
        owner.references += 1;
        if detached {
            // The list is there to cancel by.
            return;
        }
        let next = std::mem::replace(&mut owner.tasks, slot);
        let record = self.slab.at(slot);
        record.owner_next = next;
        record.owner_prev = NIL;
        if next != NIL {
            self.slab.at(next).owner_prev = slot;
        }
    }

    fn owner_unlink(&mut self, slot: u32) {
        let record = self.slab.at(slot);
        let (owner, next, prev) = (record.owner, record.owner_next, record.owner_prev);
        if owner == 0 || record.has(flag::DETACHED) {
            return;
        }
        record.owner_next = NIL;
        record.owner_prev = NIL;
        if prev == NIL {
            self.owners.at(owner).tasks = next;
        } else {
            self.slab.at(prev).owner_next = next;
        }
        if next != NIL {
            self.slab.at(next).owner_prev = prev;
        }
    }

    /// The flag that ends an owner's callbacks; the application needs none.
    fn alive_of(&mut self, slot: u32) -> Option<Arc<Alive>> {
        match self.slab.at(slot).owner {
            0 => None,
            owner => Some(self.owners.at(owner).alive.clone()),
        }
    }

    /// Cancels up to `most` of an owner's tasks; whether there are more. What runs stays in the
    /// owner's list until it ends, and is passed over.
    pub fn cancel_owned(
        &mut self,
        fx: &mut Effects<P>,
        owner: u32,
        reason: CancelReason,
        most: usize,
    ) -> bool {
        let now = self.clock.now();
        let mut slot = self.owners.at(owner).tasks;
        let mut left = most;
        while slot != NIL {
            if left == 0 {
                return true;
            }
            let record = self.slab.at(slot);
            let next = record.owner_next;
            // What must run outlives its owner.
            let stays = record.has(flag::MUST_RUN) && reason != CancelReason::User;
            let asked = record.status == Status::Running && record.has(flag::CANCEL_REQUESTED);
            if !asked && !stays {
                self.cancel(fx, slot, reason, now);
                left -= 1;
            }
            slot = next;
        }
        false
    }

    // ---- progress ------------------------------------------------------------------------------

    pub fn report_progress(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        measure: Measure,
        message: Option<Arc<str>>,
    ) {
        let now = self.clock.now();
        let record = self.slab.at(slot);
        if record.status != Status::Running {
            return;
        }
        let wanted = self.listening || record.has_callbacks();
        let key = record.key;
        let (value, wrong) = match measure {
            Measure::Unknown => (Some(-1.0), None),
            Measure::Is(value) => (Some(value), None),
            Measure::About(value, said) => (Some(value), Some(said)),
            Measure::Not(said) => (None, Some(said)),
        };
        if let Some(said) = wrong
            && !record.has(flag::MISREPORTED)
        {
            record.set(flag::MISREPORTED);
            let id = self.id(slot);
            let became = value.map_or("was ignored".to_owned(), |value| format!("was taken as {value}"));
            fx.calls().warnings.push(format!(
                "task {id}: progress {said} {became}; it goes from 0 to 1 (logged once a task)"
            ));
        }
        if value.is_none() && message.is_none() {
            return;
        }
        let progress = self.slab.at(slot).extra().progress.get_or_insert_default();
        if let Some(value) = value {
            progress.value = value;
        }
        if let Some(message) = message {
            progress.message = message;
        }
        progress.told.number += 1;
        self.follow(fx, slot, now);
        self.note(fx, slot);
        let Some(progress) = &mut self.slab.at(slot).extra().progress else { return };
        if !wanted || progress.pending {
            return;
        }
        if progress.published.is_none_or(|last| now >= last.saturating_add(FRAME)) {
            self.publish_progress(fx, slot, now);
        } else if !progress.dirty {
            progress.dirty = true;
            if self.mode == DeliveryMode::Queued {
                self.dirty.push((slot, key));
                self.flush_at.get_or_insert(now.saturating_add(FRAME));
                self.arm_timer(fx);
            }
        }
    }

    fn publish_progress(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let record = self.slab.at(slot);
        let Some(extra) = &mut record.extra else { return };
        let Some(progress) = &mut extra.progress else { return };
        progress.dirty = false;
        progress.published = Some(now);
        match self.mode {
            DeliveryMode::Queued => {
                progress.pending = true;
                self.post(fx, Kind::Progress, slot);
            }
            DeliveryMode::Direct => {
                if let Some(callbacks) = extra.callbacks.clone() {
                    let notice = Notice::Progress(progress.value, progress.message.clone());
                    self.call_directly(fx, slot, callbacks, notice);
                }
            }
        }
    }

    /// The last progress goes before what comes now.
    fn flush_progress(&mut self, fx: &mut Effects<P>, slot: u32) {
        let extra = self.slab.at(slot).extra.as_ref();
        if extra.and_then(|extra| extra.progress.as_ref()).is_some_and(|progress| progress.dirty) {
            let now = self.clock.now();
            self.publish_progress(fx, slot, now);
        }
    }

    // ---- time ----------------------------------------------------------------------------------

    pub fn next_deadline(&self) -> Option<Nanos> {
        let shutdown = match &self.closing {
            Some(closing) if self.phase == Phase::Closing => closing.deadline,
            _ => None,
        };
        [self.timers.next_due(), self.flush_at, self.retry_at, shutdown].into_iter().flatten().min()
    }

    /// Sees to it that the timer thread wakes in time.
    pub fn arm_timer(&mut self, fx: &mut Effects<P>) {
        let Some(next) = self.next_deadline() else { return };
        if self.clock.is_virtual() {
            return;
        }
        if self.claim_timer() {
            fx.start_timer = true;
        } else if next < self.timer_waits_for {
            // Once is enough until it has looked.
            self.timer_waits_for = 0;
            fx.wake_timer = true;
        }
    }

    /// Whether the caller is to start the timer thread.
    pub fn claim_timer(&mut self) -> bool {
        let claimed = !self.clock.is_virtual() && !std::mem::replace(&mut self.timer_started, true);
        self.timer_starting |= claimed;
        claimed
    }

    /// Does what is due, up to `most` tasks; whether there is more.
    pub fn do_due(&mut self, fx: &mut Effects<P>, now: Nanos, most: usize) -> bool {
        if self.flush_at.is_some_and(|at| at <= now) {
            self.flush_at = None;
            for (slot, key) in std::mem::take(&mut self.dirty) {
                if self.slab.get(slot).is_some_and(|record| record.key == key) {
                    self.flush_progress(fx, slot);
                    self.catch_up(fx, slot, now);
                }
            }
        }
        // Who is on its way to what was queued before needs no reminder: see `keep_time`.
        let mut dispatch = self.retry_at.is_some_and(|at| at <= now);
        if dispatch {
            self.retry_at = None;
        }
        for _ in 0..most {
            let Some((slot, due)) = self.timers.pop_due(&mut self.slab, now) else {
                let more = self.expire_shutdown(fx, now);
                if dispatch {
                    self.dispatch(fx);
                }
                return more;
            };
            let record = self.slab.at(slot);
            if record.status == Status::Running {
                // Its time is over. Who was asked to stop before keeps that reason.
                if !record.has(flag::CANCEL_REQUESTED) {
                    record.set(flag::TIMED_OUT);
                    if !record.has(flag::PERIODIC) {
                        record.reason = CancelReason::Timeout as u8;
                    }
                    self.raise(fx, slot, CancelReason::Timeout as u8);
                }
            } else if self.phase != Phase::Open {
                self.cancel(fx, slot, CancelReason::Shutdown, now);
            } else {
                if let Some(schedule) = record.extra.as_mut().and_then(|extra| extra.schedule.as_mut()) {
                    schedule.due = due;
                }
                self.delayed -= 1;
                self.queue(fx, slot);
                dispatch = true;
            }
        }
        self.dispatch(fx);
        true
    }

    // ---- delivery ------------------------------------------------------------------------------

    pub fn notify(&mut self, fx: &mut Effects<P>) {
        if self.mode == DeliveryMode::Queued && !self.notified {
            self.notified = true;
            fx.notify = true;
        }
    }

    pub fn post(&mut self, fx: &mut Effects<P>, kind: Kind, slot: u32) {
        self.keep(kind, slot);
        self.notify(fx);
        if self.pumping > 0 {
            fx.wake_waiters = true;
        }
    }

    /// Puts an event into the outbox, where it waits for one that the receiver is told of.
    fn keep(&mut self, kind: Kind, slot: u32) {
        if kind != Kind::Shutdown {
            self.slab.at(slot).set(flag::POSTED);
        }
        self.outbox.push(kind, slot);
    }

    /// How many wait or run has changed, or a start is in the outbox: tells the receiver, if that is
    /// heard of.
    pub fn counts_changed(&mut self, fx: &mut Effects<P>) {
        if self.listening && self.hears_starts {
            self.notify(fx);
            if self.pumping > 0 {
                fx.wake_waiters = true;
            }
        }
    }

    pub fn set_hears_starts(&mut self, fx: &mut Effects<P>, hears: bool) {
        self.hears_starts = hears;
        if hears && !self.outbox.is_empty() {
            self.notify(fx);
        }
    }

    /// Moves up to `most` events out. Ends that are among them stay in place until `spent` is
    /// given back to [`Inner::delivered`]. Without `starts`, those are left out: nobody hears of them.
    ///
    /// An event about an owner's task comes out first or not at all, so that the receiver has none
    /// in stock: what waits in the outbox can be unloaded, see `unload.rs`.
    pub fn take(
        &mut self,
        shared: &Shared<P>,
        fx: &mut Effects<P>,
        into: &mut VecDeque<Delivery<P>>,
        spent: &mut Vec<u32>,
        most: usize,
        starts: bool,
    ) {
        // Of starts alone there are never more in a row than there are workers.
        while into.len() < most {
            let Some((kind, slot)) = self.outbox.first() else { break };
            if kind == Kind::Started && !starts {
                self.outbox.pop();
                continue;
            }
            let owned = kind != Kind::Shutdown && self.slab.at(slot).is_owned();
            if owned && !into.is_empty() {
                break;
            }
            self.outbox.pop();
            if kind == Kind::Shutdown {
                if let Some(report) = self.closing.as_ref().map(Closing::report) {
                    into.push_back(Delivery::Shutdown(report));
                }
                continue;
            }
            let id = self.id(slot);
            let alive = self.alive_of(slot);
            let record = self.slab.at(slot);
            let mut callbacks = None;
            let notice = match kind {
                Kind::Started => Notice::Started,
                Kind::Progress => {
                    let extra = record.extra();
                    callbacks = extra.callbacks.clone();
                    let progress = extra.progress.get_or_insert_default();
                    progress.pending = false;
                    Notice::Progress(progress.value, progress.message.clone())
                }
                Kind::Run => {
                    let extra = record.extra();
                    callbacks = extra.callbacks.clone();
                    let Some(RunResult { iteration, outcome }) = extra.runs.pop_front() else { continue };
                    let release = extra.held_back && extra.runs.len() <= MAX_UNDELIVERED_RUNS / 2;
                    if release {
                        extra.held_back = false;
                        let due = extra.schedule.as_ref().map_or(0, |schedule| schedule.due);
                        if record.status == Status::Delayed {
                            self.timers.insert(&mut self.slab, slot, due);
                            self.arm_timer(fx);
                            self.note(fx, slot);
                        }
                    }
                    run_notice(iteration, outcome)
                }
                Kind::End => {
                    callbacks = record.extra.as_mut().and_then(|extra| extra.callbacks.take());
                    spent.push(slot);
                    self.end_notice(slot)
                }
                Kind::Late | Kind::Shutdown => {
                    // Absent if they came with an event before, or went with their owner.
                    if let Some(callbacks) = self.slab.at(slot).extra().late.take() {
                        let (notice, held) = (self.end_notice(slot), self.held(shared, slot));
                        into.push_back(Delivery::Late { id, notice, callbacks, alive, held });
                    }
                    self.unpin(fx, slot);
                    continue;
                }
            };
            let held = self.held(shared, slot);
            into.push_back(Delivery::Task { id, notice, callbacks, alive, held });
        }
    }

    /// Whether everything has finished since this was last asked; delayed tasks don't count.
    pub fn take_all_finished(&mut self) -> bool {
        let done = self.had_work > 0 && self.lanes.len() == 0 && self.running == 0 && self.outbox.is_empty();
        if done {
            self.had_work = 0;
        }
        done && self.listening
    }

    /// Adds a callback to a task, whatever its state; gives it back where it would never be called.
    pub fn add_callback(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        closure: Callback<P>,
    ) -> Option<Callback<P>> {
        if self.alive_of(slot).is_some_and(|alive| !alive.get()) {
            return Some(closure);
        }
        let record = self.slab.at(slot);
        let ended = record.status.is_finished();
        let undelivered = ended && !record.has(flag::DELIVERED) && record.has_callbacks();
        if !ended || undelivered {
            let extra = record.extra();
            match &extra.callbacks {
                Some(callbacks) => callbacks.add(closure),
                None => extra.callbacks = Some(Arc::new(Callbacks::new(vec![closure]))),
            }
            // Progress that was reported while nobody was there to hear of it.
            let unheard = extra.progress.as_ref().is_some_and(|progress| progress.published.is_none());
            if unheard && !ended && self.mode == DeliveryMode::Queued {
                let now = self.clock.now();
                self.publish_progress(fx, slot, now);
            }
            return None;
        }
        // Its end was delivered, is being delivered, or waits in the outbox for the signals only.
        match self.mode {
            DeliveryMode::Queued => {
                match &record.extra().late {
                    Some(callbacks) => callbacks.add(closure),
                    None => record.extra().late = Some(Arc::new(Callbacks::new(vec![closure]))),
                }
                self.pin(slot);
                self.post(fx, Kind::Late, slot);
            }
            DeliveryMode::Direct => {
                let notice = self.end_notice(slot);
                self.call_directly(fx, slot, Arc::new(Callbacks::new(vec![closure])), notice);
            }
        }
        None
    }

    /// Adds a waker, in place of the poller's last; that one is destroyed later.
    pub fn add_waker(&mut self, fx: &mut Effects<P>, slot: u32, poller: &mut Poller, waker: Waker) {
        if poller.0 == 0 {
            self.pollers += 1;
            poller.0 = self.pollers;
        }
        let wakers = &mut self.slab.at(slot).extra().wakers;
        match wakers.iter_mut().find(|(other, _)| *other == poller.0) {
            Some((_, other)) => {
                let other = std::mem::replace(other, waker);
                self.leave(fx, slot, Garbage::Waker(other));
            }
            None => wakers.push((poller.0, waker)),
        }
    }

    /// Takes the poller's waker back.
    pub fn take_waker(&mut self, fx: &mut Effects<P>, slot: u32, poller: &Poller) {
        let Some(extra) = &mut self.slab.at(slot).extra else { return };
        if let Some(at) = extra.wakers.iter().position(|(other, _)| *other == poller.0) {
            let (_, waker) = extra.wakers.swap_remove(at);
            self.leave(fx, slot, Garbage::Waker(waker));
        }
    }

    /// Takes back a queued task that nobody has seen.
    pub fn withdraw(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.lanes.unlink(&mut self.slab, &mut self.owners, slot);
        self.owner_unlink(slot);
        self.must_run -= usize::from(self.slab.at(slot).has(flag::MUST_RUN));
        self.live -= 1;
        self.had_work = self.had_work.saturating_sub(1);
        self.pins.clear(slot);
        self.free(fx, slot);
    }

    /// The timer thread has ended, or was not started.
    pub fn timer_ended(&mut self) {
        self.timer_started = false;
        self.timer_starting = false;
    }
}

fn run_notice<P>(iteration: u64, outcome: Outcome<P>) -> Notice<P> {
    match outcome {
        Outcome::Value(value) => Notice::Run(iteration, value),
        Outcome::Error(error) => Notice::RunFailed(iteration, error),
        Outcome::None => Notice::Cancelled(CancelReason::User),
    }
}
