//! The engine: tasks, workers, time. It knows nothing of Qt and nothing of what a task returns.
//!
//! In reading order: [`record`] (what is kept of a task), [`inner`] (every change of state),
//! [`effects`] (what a change asks for after the lock), [`workers`] (sleeping and waking), [`intake`] (what
//! is submitted beside the lock), then [`lanes`], [`timers`], [`wait`], [`shutdown`], [`receiver`],
//! [`follow`], [`unload`], [`journal`]; and [`fork`], for a child process.
//!
//! # Deadlock safety
//!
//! Two locks, never held together: `inner`, for all of the state, and `threads`, for the pool. Inside of
//! `inner`, and by a submit without it, the desk of the intake is locked, which holds nothing else.
//! `Callbacks` has a small lock of its own, taken inside of none and holding nothing else.
//! No code of a user, no destructor of a user's value and no Qt runs under any of them: see
//! [`effects`].
//!
//! ## Memory ordering
//!
//! Everything is under the lock, but: the flag of a run (`cancel.rs`), `Alive` (`owners.rs`), the counts of
//! handles (`pins.rs`), what is left beside it (`intake.rs`), the hint for who looks out (`Shared::queued`)
//! and the virtual clock, which say themselves what they order.

pub mod callbacks;
pub mod cancel;
pub mod clock;
pub mod context;
mod current;
pub mod diagnostics;
mod effects;
pub mod error;
pub mod follow;
pub mod fork;
mod halt;
mod history;
pub mod id;
mod inner;
mod intake;
pub mod journal;
mod lanes;
pub mod options;
mod outbox;
pub mod owners;
mod pins;
pub mod receiver;
mod record;
mod shutdown;
mod slab;
pub(crate) mod sync;
mod threads;
mod timer_thread;
mod timers;
mod unload;
mod wait;
pub mod words;
pub(crate) mod workers;

use std::sync::{Arc, Weak};
use std::task::{Poll, Waker};
use std::time::Duration;

pub use callbacks::{Callback, Notice};
pub use cancel::CancelToken;
pub use context::TaskContext;
pub use error::{Place, StackSizeError, SubmitError, TaskError, WorkersError};
pub use follow::{Follower, Report};
pub use history::HistoryLimits;
pub use id::{ParseTaskIdError, TaskId};
pub use journal::{Brief, Change, Changes};
pub use options::{Kept, Periodic, TaskOptions};
pub use owners::OwnerId;
pub use receiver::{Delivery, Receiver};
pub use record::{Body, Once, Outcome, Repeated};
pub use shutdown::{Abandoned, Meanwhile, ShutdownReport};
pub use unload::{Held, StillRunning, UnloadError};
pub use words::{
    CancelReason, CancelResult, ErrorKind, FirstRun, Misfire, Priority, Rate, Status, WaitResult,
};

use clock::Clock;
use effects::{Calls, Effects, Garbage};
use inner::Inner;
use intake::State;
use pins::Pins;
use record::flag;
use sync::{AtomicBool, Condvar, Mutex, Ordering};
use threads::Threads;

/// The most workers that an engine may have.
pub const MAX_WORKERS: usize = 1_024;

/// Bytes of stack that a thread may have.
pub const STACK_SIZES: std::ops::RangeInclusive<usize> = 64 << 10..=1 << 30;

/// What tasks return. Cloning should be cheap: the history, a waiter and each receiver have one.
///
/// The default is what is left of a result whose owner was unloaded, or that the history does not keep.
/// `clone`, `default` and `is_plain` are called with the engine's lock held: they must be short, and must not
/// call the engine. Results are destroyed without it, unless they are plain.
pub trait Payload: Clone + Default + Send + Sync + 'static {
    /// What it holds in memory, about, for the bound of the history; `None` where nobody can tell. Such a
    /// result the history does not keep: it goes with its delivery, or with the last handle of its task.
    ///
    /// Asked once of each result, on the worker that brought it, without the lock; of a periodic task's
    /// last with it, as the task ends.
    fn byte_size(&self) -> Option<usize> {
        Some(0)
    }

    /// Whether nothing happens when it is destroyed, so that this may be done with the lock held.
    fn is_plain(&self) -> bool {
        false
    }
}

impl Payload for () {}

/// How an engine is set up.
#[derive(Debug, Clone, Copy)]
pub struct EngineConfig {
    /// From 1 to [`MAX_WORKERS`]. Default: 4.
    pub max_workers: usize,
    /// Tasks that are delayed, queued, running or not yet delivered. Default: 1,000,000.
    pub capacity: usize,
    pub history: HistoryLimits,
    /// Bytes of stack for each thread. Default: 8 MiB, what a thread has on Linux.
    pub stack_size: usize,
}

impl Default for EngineConfig {
    fn default() -> Self {
        EngineConfig {
            max_workers: 4,
            capacity: 1_000_000,
            history: HistoryLimits::default(),
            stack_size: 8 << 20,
        }
    }
}

/// Who calls back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryMode {
    /// A thread of the application's, through a [`Receiver`].
    Queued,
    /// Whoever ends the task: the worker, after the body; for a task that never ran, the thread
    /// that cancelled it.
    Direct,
}

/// How many tasks are where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub delayed: usize,
    pub queued: usize,
    pub running: usize,
    /// Those three, and what ended and is not yet delivered.
    pub live: usize,
    /// Worker threads, asleep or not.
    pub workers: usize,
}

/// What is known of a task.
#[derive(Clone)]
pub struct TaskInfo<P> {
    pub id: TaskId,
    pub status: Status,
    pub priority: Priority,
    /// What its options said; else the job's name; else empty.
    pub name: Arc<str>,
    pub job: Option<Arc<str>>,
    /// The owner's name; empty for the application.
    pub owner: Arc<str>,
    /// From 0 to 1; negative while it is not known.
    pub progress: f64,
    pub message: Arc<str>,
    /// Runs so far, of a periodic task; else 0.
    pub iteration: u64,
    pub periodic: bool,
    pub cancel_requested: bool,
    pub cancel_reason: Option<CancelReason>,
    /// The result, or a periodic task's last.
    pub result: Option<P>,
    pub error: Option<Arc<TaskError>>,
    // <vocabulary: info fields>
    // </vocabulary>
    /// Milliseconds since 1970; the others 0 until it has come to that.
    pub created_ms: i64,
    pub started_ms: i64,
    pub finished_ms: i64,
}

/// Whoever asks again and again whether a task has ended, and has one waker in it.
#[derive(Debug, Default)]
pub struct Poller(u64);

/// How the receiving thread is told that there is something for it. Called on any thread, without a
/// lock, at most once until the receiver has looked.
pub type Notify = Box<dyn Fn() + Send + Sync>;

pub(crate) struct Shared<P: Payload> {
    inner: State<P>,
    threads: Mutex<Threads>,
    clock: Arc<Clock>,
    pins: Arc<Pins>,
    /// Something was queued since a worker began to look out. It hurries that worker, and no more: what
    /// it then does, it does under the lock.
    queued: AtomicBool,
    /// Where the timer thread sleeps.
    timer: Condvar,
    /// Where `wait`, `sleep` and `shutdown` sleep.
    done: Condvar,
    notify: Option<Notify>,
    /// Distinguishes engines; never 0.
    serial: u64,
    this: Weak<Shared<P>>,
}

impl<P: Payload> Shared<P> {
    fn arc(&self) -> Arc<Shared<P>> {
        // Whoever has a `&Shared` has it from an `Arc`.
        self.this.upgrade().expect("an engine in use is alive")
    }

    fn host(&self) -> Arc<dyn context::Host> {
        self.arc()
    }

    /// Does what a change under the lock asked for. The lock is not held.
    fn apply(&self, fx: &mut Effects<P>) {
        if std::mem::take(&mut fx.look_again) {
            self.queued.store(true, Ordering::Release);
        }
        if let Some(worker) = fx.wake_worker.take() {
            worker.notify_one();
        }
        if std::mem::take(&mut fx.notify)
            && let Some(notify) = &self.notify
        {
            notify();
        }
        if std::mem::take(&mut fx.wake_timer) {
            self.timer.notify_one();
        }
        if std::mem::take(&mut fx.wake_waiters) {
            self.done.notify_all();
        }
        if std::mem::take(&mut fx.start_timer) {
            // A failure is logged, and tried again with the next deadline.
            let _ = self.start_timer();
        }
        if std::mem::take(&mut fx.start_worker) {
            // A failure is logged, and tried again.
            let _ = self.start_worker();
        }
        if fx.calls_out() {
            self.call_out(fx.calls());
        }
    }

    /// The part of `apply` that runs code of others.
    fn call_out(&self, calls: &mut Calls<P>) {
        for warning in calls.warnings.drain(..) {
            diagnostics::warn(format_args!("{warning}"));
        }
        // Before the wakers: whoever is woken finds the last progress told.
        for told in calls.follows.drain(..) {
            self.tell(told);
        }
        for waker in calls.wakers.drain(..) {
            workers::contain("a waker", || waker.wake());
        }
        for hook in calls.hooks.drain(..) {
            workers::contain("what a body does on a cancel", || hook());
            workers::destroy(hook);
        }
        for direct in calls.direct.drain(..) {
            let alive = &direct.alive;
            direct.callbacks.run(&|| alive.as_ref().is_some_and(|alive| !alive.get()));
            workers::destroy(direct);
        }
        for garbage in calls.garbage.drain(..) {
            workers::destroy::<Garbage<P>>(garbage);
        }
        if !calls.holds.is_empty() {
            self.give_back(&mut calls.holds);
        }
    }

    /// Runs `change` under the lock, and what it asks for after it.
    fn with<R>(&self, change: impl FnOnce(&mut Inner<P>, &mut Effects<P>) -> R) -> R {
        let mut fx = Effects::new();
        let result = change(&mut self.inner.lock(), &mut fx);
        self.apply(&mut fx);
        result
    }
}

impl<P: Payload> context::Host for Shared<P> {
    fn report_progress(&self, id: TaskId, measure: context::Measure, message: Option<&str>) {
        if fork::is_child() {
            return;
        }
        let message = message.map(Arc::from);
        self.with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id) {
                inner.report_progress(fx, slot, measure, message);
            }
        });
    }

    fn token(&self, id: TaskId) -> CancelToken {
        self.with(|inner, fx| inner.find(fx, id).map(|slot| inner.token(slot))).unwrap_or_default()
    }

    fn set_hook(&self, id: TaskId, hook: context::CancelHook) {
        // One that finds no task is destroyed with this frame, after the lock.
        let mut hook = Some(hook);
        self.with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id)
                && let Some(hook) = hook.take()
            {
                inner.set_hook(fx, slot, hook);
            }
        });
    }

    fn sleep(&self, flag: &cancel::Flag, time: Duration) {
        self.sleep_on(flag, time);
    }
}

/// An engine. Clones are the same one; when the last is dropped, its tasks are cancelled and its
/// threads end, and nobody waits for that.
pub struct Engine<P: Payload>(Arc<Owned<P>>);

struct Owned<P: Payload>(Arc<Shared<P>>);

impl<P: Payload> Drop for Owned<P> {
    fn drop(&mut self) {
        self.0.begin_shutdown(Duration::ZERO, true);
        while self.0.with(|inner, fx| {
            let now = inner.clock.now();
            inner.expire_shutdown(fx, now)
        }) {}
    }
}

impl<P: Payload> Clone for Engine<P> {
    fn clone(&self) -> Self {
        Engine(self.0.clone())
    }
}

impl<P: Payload> Engine<P> {
    /// An engine whose callbacks run where the task ends.
    pub fn direct(config: EngineConfig) -> Self {
        Self::new(config, Clock::real(), DeliveryMode::Direct, None)
    }

    /// An engine whose notices wait for a [`Receiver`], which `notify` is to wake.
    pub fn queued(config: EngineConfig, notify: Notify) -> Self {
        Self::new(config, Clock::real(), DeliveryMode::Queued, Some(notify))
    }

    /// An engine whose time stands still but for [`Engine::advance`], for tests.
    pub fn manual(config: EngineConfig, mode: DeliveryMode) -> Self {
        Self::new(config, Clock::manual(), mode, None)
    }

    fn new(config: EngineConfig, clock: Clock, mode: DeliveryMode, notify: Option<Notify>) -> Self {
        // Only a source of distinct numbers; outlives each model, so it is no part of them.
        static SERIAL: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let serial = SERIAL.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (clock, pins) = (Arc::new(clock), Arc::new(Pins::new()));
        let config = EngineConfig { max_workers: config.max_workers.clamp(1, MAX_WORKERS), ..config };
        Engine(Arc::new(Owned(Arc::new_cyclic(|this| Shared {
            inner: State::new(Inner::new(&config, clock.clone(), pins.clone(), mode)),
            threads: Mutex::new(Threads::new(config.stack_size)),
            clock,
            pins,
            queued: AtomicBool::new(false),
            timer: Condvar::default(),
            done: Condvar::default(),
            notify,
            serial,
            this: this.clone(),
        }))))
    }

    pub(crate) fn shared(&self) -> &Shared<P> {
        &self.0.0
    }

    fn with<R>(&self, change: impl FnOnce(&mut Inner<P>, &mut Effects<P>) -> R) -> R {
        self.shared().with(change)
    }

    /// An id for a task that is submitted later, or never: see [`Engine::release`].
    pub fn reserve(&self) -> Result<TaskId, SubmitError> {
        self.with(|inner, _| inner.reserve().map(|slot| inner.id(slot)))
    }

    /// Gives an id back that was reserved and not used.
    pub fn release(&self, id: TaskId) {
        self.with(|inner, fx| {
            if let Some(slot) = inner.find_reserved(id) {
                inner.free(fx, slot);
            }
        });
    }

    /// Submits a task, under a reserved id if there is one, and keeps it for a handle if `pin`.
    pub fn submit(
        &self,
        body: Box<dyn Body<P>>,
        options: TaskOptions<P>,
        reserved: Option<TaskId>,
        pin: bool,
    ) -> Result<TaskId, SubmitError> {
        if fork::is_child() {
            diagnostics::error(format_args!("{}", SubmitError::Forked));
            return Err(SubmitError::Forked);
        }
        let shared = self.shared();
        options.check()?;
        let now = shared.clock.now();
        let mut body = body;
        if reserved.is_none() && options.is_plain() {
            let pins = pin.then_some(&*shared.pins);
            body = match shared.inner.leave(body, options.priority, now, pins) {
                Ok(id) => return Ok(id),
                Err(body) => body,
            };
        }
        let mut fx = Effects::new();
        let mut inner = shared.inner.lock();
        // The body and the options are dropped by the caller's frame, after the lock.
        while options.needs_timer() && inner.timer_starting {
            // Another call is about to know whether there is a thread to keep the time: for a moment.
            inner = shared.inner.wait(&shared.done, inner);
        }
        let mut admitted = inner.admit(&options);
        if admitted.is_ok() && options.needs_timer() && inner.claim_timer() {
            // Now, while the submit can still say that there is no thread to keep its time.
            drop(inner);
            shared.start_timer().map_err(SubmitError::NoThread)?;
            inner = shared.inner.lock();
            admitted = inner.admit(&options);
        }
        let slot = match admitted {
            Ok(()) => match reserved.and_then(|id| inner.find_reserved(id)) {
                Some(slot) => Ok(slot),
                None => inner.reserve(),
            },
            Err(error) => Err(error),
        };
        let slot = match slot {
            Ok(slot) => slot,
            Err(error) => {
                drop(inner);
                return Err(error);
            }
        };
        inner.insert(&mut fx, slot, body, options, now);
        if pin {
            inner.pin(slot);
        }
        let id = inner.id(slot);
        let key = inner.slab.at(slot).key;
        drop(inner);
        // This call can say that there is no thread for its task; others can only log it.
        let start = std::mem::take(&mut fx.start_worker);
        shared.apply(&mut fx);
        if start
            && let Err(error) = shared.start_worker()
            && shared.withdraw(slot, key, u32::from(pin))
        {
            return Err(SubmitError::NoThread(error));
        }
        Ok(id)
    }

    pub fn cancel(&self, id: TaskId, reason: CancelReason) -> CancelResult {
        self.with(|inner, fx| match inner.find(fx, id) {
            Some(slot) => {
                let now = inner.clock.now();
                inner.cancel(fx, slot, reason, now)
            }
            None => CancelResult::UnknownTask,
        })
    }

    pub fn status(&self, id: TaskId) -> Status {
        self.with(|inner, fx| match inner.find(fx, id) {
            Some(slot) => inner.slab.at(slot).status,
            None => Status::UnknownTask,
        })
    }

    pub fn info(&self, id: TaskId) -> Option<TaskInfo<P>> {
        self.with(|inner, fx| inner.find(fx, id).map(|slot| inner.info(slot)))
    }

    /// What is known of the tasks that have not been forgotten, oldest first: what is on the way
    /// and what the history has.
    ///
    /// It looks at them in pieces, so that nobody waits for it: each task is as it was at some moment
    /// of the call, and one that came or was forgotten meanwhile may be missing.
    pub fn tasks(&self) -> Vec<TaskInfo<P>> {
        self.collect(None)
    }

    /// The same of one owner's tasks.
    pub fn tasks_of(&self, owner: OwnerId) -> Vec<TaskInfo<P>> {
        self.collect(Some(owner))
    }

    fn collect(&self, owner: Option<OwnerId>) -> Vec<TaskInfo<P>> {
        self.with(|inner, fx| {
            let now = inner.clock.now();
            inner.forget_overdue(fx, now);
        });
        let (mut from, mut more, mut tasks) = (0, true, Vec::new());
        while more {
            let mut piece = Vec::with_capacity(unload::PIECE);
            more = self.with(|inner, _| {
                let end = inner.slab.end();
                let to = (from + unload::PIECE).min(end);
                for slot in from as u32..to as u32 {
                    let Some(record) = inner.slab.get(slot) else { continue };
                    let (created, of) = (record.created, record.owner);
                    if record.status == Status::UnknownTask {
                        continue;
                    }
                    if let Some(owner) = owner
                        && (of == 0
                            || of != owner.index
                            || inner.owners.at(of).generation != owner.generation)
                    {
                        continue;
                    }
                    piece.push((created, inner.info(slot)));
                }
                from = to;
                to < end
            });
            tasks.append(&mut piece);
        }
        tasks.sort_by_key(|(created, _)| *created);
        tasks.into_iter().map(|(_, info)| info).collect()
    }

    /// The outcome of a task that has ended.
    pub fn outcome(&self, id: TaskId) -> Option<(Status, Outcome<P>)> {
        self.with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            let record = inner.slab.at(slot);
            record.status.is_finished().then(|| (record.status, record.outcome.clone()))
        })
    }

    /// `Ready` once the task has ended; else `waker` is woken when it does.
    /// The waker of the same poller's last call is forgotten.
    pub fn poll_end(&self, id: TaskId, poller: &mut Poller, waker: &Waker) -> Poll<Status> {
        // Cloning a waker is a user's code, and so is dropping one that was not needed.
        let mut waker = Some(waker.clone());
        // A body that asks is about to sleep in somebody's executor.
        let run = current::run_of(self.shared()).filter(|_| poller.0 == 0);
        self.with(|inner, fx| match inner.find(fx, id) {
            None => Poll::Ready(Status::UnknownTask),
            Some(slot) => match inner.slab.at(slot).status {
                status if status.is_finished() => Poll::Ready(status),
                _ => {
                    if let Some(run) = run {
                        inner.expect(fx, slot, run);
                    }
                    if let Some(waker) = waker.take() {
                        inner.add_waker(fx, slot, poller, waker);
                    }
                    Poll::Pending
                }
            },
        })
    }

    /// Forgets a poller's waker.
    pub fn stop_polling(&self, id: TaskId, poller: &Poller) {
        if poller.0 != 0 {
            self.with(|inner, fx| {
                if let Some(slot) = inner.find(fx, id) {
                    inner.take_waker(fx, slot, poller);
                }
            });
        }
    }

    pub fn wait(&self, id: TaskId, timeout: Option<Duration>) -> WaitResult {
        self.shared().wait(id, timeout, wait::Until::End)
    }

    /// Waits until a task has ended and its body has returned. That differs for a task that a shutdown has
    /// abandoned: whoever destroys what its body uses waits for this.
    pub fn wait_for_body(&self, id: TaskId, timeout: Option<Duration>) -> WaitResult {
        self.shared().wait(id, timeout, wait::Until::Returned)
    }

    /// Waits until all tasks of an owner have ended and their bodies have returned, the abandoned ones, too;
    /// but not for detached ones, which go on without it. `Done` also for an owner that has none, or is gone
    /// with all of them.
    pub fn wait_for_all(&self, owner: OwnerId, timeout: Option<Duration>) -> WaitResult {
        self.shared().wait_for_all(owner, timeout)
    }

    /// Asks all tasks of an owner to stop, but for detached ones. It stays open.
    pub fn cancel_all(&self, owner: OwnerId, reason: CancelReason) {
        let known = self.with(|inner, _| {
            let known = inner.owners.known(owner).is_some();
            if known {
                // Until this is done, its index is not another's.
                inner.owners.at(owner.index).references += 1;
            }
            known
        });
        if known {
            while self.with(|inner, fx| inner.cancel_owned(fx, owner.index, reason, 256)) {}
            self.with(|inner, _| inner.owners.release(owner.index));
        }
    }

    /// Says that the calling body, if it is one, is going to wait for a task's end by means of its own: until
    /// then its worker does not count.
    pub fn expect(&self, id: TaskId) {
        if let Some(run) = current::run_of(self.shared()) {
            self.with(|inner, fx| {
                if let Some(slot) = inner.find(fx, id) {
                    inner.expect(fx, slot, run);
                }
            });
        }
    }

    /// Whether the calling thread is one of this engine's workers: in a body, or in a callback or a
    /// destructor that a worker runs.
    pub fn is_worker(&self) -> bool {
        current::run_of(self.shared()).is_some()
    }

    /// Changes the priority of a task that does not run yet.
    pub fn set_priority(&self, id: TaskId, priority: Priority) -> bool {
        self.with(|inner, fx| match inner.find(fx, id) {
            Some(slot) => inner.set_priority(fx, slot, priority),
            None => false,
        })
    }

    /// Adds a callback; `false` if the task is unknown, or its owner gone.
    pub fn add_callback(&self, id: TaskId, closure: Callback<P>) -> bool {
        let mut closure = Some(closure);
        self.with(|inner, fx| {
            let slot = inner.find(fx, id);
            if let (Some(slot), Some(added)) = (slot, closure.take_if(|_| slot.is_some())) {
                // What is not wanted is destroyed by this function's caller, after the lock.
                closure = inner.add_callback(fx, slot, added);
            }
            slot.is_some() && closure.is_none()
        })
    }

    /// Keeps a task from being forgotten once more, until the `unpin` of that. The caller has a pin of it:
    /// one that `submit` has set, or another copy.
    pub fn copy_pin(&self, id: TaskId) {
        if fork::is_child() {
            return;
        }
        self.shared().pins.pin(id.unpack().slot);
    }

    /// Takes back a pin that the caller has.
    pub fn unpin(&self, id: TaskId) {
        if fork::is_child() {
            return;
        }
        if self.shared().pins.unpin(id.unpack().slot) {
            self.with(|inner, fx| {
                if let Some(slot) = inner.find(fx, id) {
                    inner.let_go(fx, slot);
                }
            });
        }
    }

    pub fn open_owner(&self, name: &str) -> OwnerId {
        let name: Arc<str> = name.into();
        self.with(|inner, _| inner.owners.open(name))
    }

    /// Ends an owner: no callback of it is called any more, and its tasks are cancelled for
    /// `reason`, but for the detached ones.
    pub fn close_owner(&self, owner: OwnerId, reason: CancelReason) {
        if self.end_owner(owner) {
            self.cancel_ended(owner, reason);
        }
    }

    /// The first half of `close_owner`: no new work, no callbacks. Whether there is a second.
    pub(crate) fn end_owner(&self, owner: OwnerId) -> bool {
        self.with(|inner, _| {
            let Some(owner) = inner.owners.find(owner) else { return false };
            owner.alive.end();
            // Until the second half is done, its index is not another's.
            owner.references += 1;
            true
        })
    }

    /// The second half, for who ended it: cancels its tasks.
    pub(crate) fn cancel_ended(&self, owner: OwnerId, reason: CancelReason) {
        while self.with(|inner, fx| inner.cancel_owned(fx, owner.index, reason, 256)) {}
        self.with(|inner, _| {
            inner.owners.release_open(owner.index);
            inner.owners.release(owner.index);
        });
    }

    pub fn max_workers(&self) -> usize {
        self.with(|inner, _| inner.max_workers)
    }

    /// Changes how many tasks may run at once; more start at once, fewer as tasks end.
    pub fn set_max_workers(&self, workers: usize) -> Result<(), WorkersError> {
        if !(1..=MAX_WORKERS).contains(&workers) {
            return Err(WorkersError(workers));
        }
        self.with(|inner, fx| {
            inner.max_workers = workers;
            inner.dispatch(fx);
            inner.shrink(fx);
        });
        Ok(())
    }

    /// Bytes of stack for each thread of the engine's.
    pub fn stack_size(&self) -> usize {
        self.shared().threads.lock().stack()
    }

    /// Changes that, from 64 KiB to 1 GiB, before the first task: threads that are there keep theirs.
    pub fn set_stack_size(&self, bytes: usize) -> Result<(), StackSizeError> {
        if !STACK_SIZES.contains(&bytes) {
            return Err(StackSizeError::OutOfRange(bytes));
        }
        match self.shared().threads.lock().set_stack(bytes) {
            true => Ok(()),
            false => Err(StackSizeError::TooLate),
        }
    }

    pub fn history_limits(&self) -> HistoryLimits {
        self.with(|inner, _| inner.history.limits)
    }

    /// Changes what the history may hold; what is too much is forgotten at once.
    pub fn set_history_limits(&self, limits: HistoryLimits) {
        let mut more = self.with(|inner, fx| {
            inner.history.limits = limits;
            inner.forget_some(fx, |inner, now| inner.history.overdue(&mut inner.slab, now)) > 0
        });
        while more {
            more = self.with(|inner, fx| {
                inner.forget_some(fx, |inner, now| inner.history.overdue(&mut inner.slab, now)) > 0
            });
        }
    }

    /// Forgets the tasks that have ended, were delivered and are kept by no handle or waiter: how many.
    pub fn clear_history(&self) -> usize {
        // Those that are there by now: a task that ends meanwhile stays.
        let most = self.with(|inner, _| inner.history.len());
        let mut forgotten = 0;
        while forgotten < most {
            match self.with(|inner, fx| inner.forget_some(fx, |inner, _| inner.history.oldest())) {
                0 => break,
                some => forgotten += some,
            }
        }
        forgotten
    }

    pub fn counts(&self) -> Counts {
        self.with(|inner, _| Counts {
            delayed: inner.delayed,
            queued: inner.lanes.len(),
            running: inner.running,
            live: inner.live,
            workers: inner.alive + inner.retiring,
        })
    }

    /// Whether somebody receives the signals of all tasks; without, no event is kept but for tasks
    /// with callbacks. Nobody takes the events of an engine that delivers directly, so it keeps none.
    pub fn set_listening(&self, listening: bool) {
        self.with(|inner, _| inner.listening = listening && inner.mode == DeliveryMode::Queued);
    }

    /// Whether somebody hears that tasks start, or how many wait and run; at first it is so. Otherwise
    /// the receiver is not told of those alone. A start is kept for who comes before the next event, and
    /// is told of then.
    pub fn set_hears_starts(&self, hears: bool) {
        self.with(|inner, fx| inner.set_hears_starts(fx, hears));
    }

    /// Whether work is refused: a shutdown is under way, or was for good.
    pub fn is_shut_down(&self) -> bool {
        self.with(|inner, _| matches!(inner.phase, inner::Phase::Closing | inner::Phase::Closed))
    }

    /// What the shutdown did, once it is over; `None` again where tasks were submitted after it.
    pub fn shutdown_report(&self) -> Option<ShutdownReport> {
        self.with(|inner, _| {
            let over = matches!(inner.phase, inner::Phase::Resting | inner::Phase::Closed);
            inner.closing.as_ref().filter(|_| over).map(shutdown::Closing::report)
        })
    }

    /// Whether tasks wait or run that must.
    pub fn has_to_run(&self) -> bool {
        self.with(|inner, _| inner.must_run > 0)
    }

    /// Refuses new work, cancels what waits, asks what runs to stop, and returns. At the deadline,
    /// what still runs is abandoned.
    pub fn begin_shutdown(&self, timeout: Duration) {
        self.shared().begin_shutdown(timeout, true);
    }

    /// The same, and waits for the end. `pump` delivers, if the caller is the receiving thread.
    pub fn shutdown(&self, timeout: Duration, pump: Option<&mut dyn FnMut()>) -> ShutdownReport {
        self.end_work(timeout, true, Meanwhile { deliver: pump, answer: None })
    }

    /// The same; and if it is not the `last` time, the engine is open again with the next submission after it.
    /// Its threads stay, asleep.
    pub fn end_work(&self, timeout: Duration, last: bool, meanwhile: Meanwhile<'_>) -> ShutdownReport {
        self.shared().shutdown(timeout, last, meanwhile)
    }

    /// The process ends: no task begins from here on, what runs is asked to stop, and is waited for, for
    /// so long.
    pub fn halt(&self, timeout: Duration) {
        self.shared().halt(timeout);
    }

    /// Moves a virtual clock on, and queues what is due by then. Does nothing on a real one.
    pub fn advance(&self, by: Duration) {
        if self.shared().clock.is_virtual() {
            self.shared().advance(by);
        }
    }
}

impl<P: Payload> Inner<P> {
    fn token(&mut self, slot: u32) -> CancelToken {
        let record = self.slab.at(slot);
        let reason = match record.run {
            record::NIL => record.reason,
            run => self.runs[run as usize].flag.get(),
        };
        let token = self.slab.at(slot).extra().token.get_or_insert_default();
        token.set(reason);
        token.clone()
    }

    fn info(&mut self, slot: u32) -> TaskInfo<P> {
        let id = self.id(slot);
        let owner = self.slab.at(slot).owner;
        let owner = self.owners.at(owner).name.clone();
        let clock = self.clock.clone();
        let record = self.slab.at(slot);
        let extra = record.extra.as_deref();
        let progress = extra.and_then(|extra| extra.progress.as_ref());
        let ms = |at: clock::Nanos, known: bool| if known { clock.wall_ms(at) } else { 0 };
        let job = extra.and_then(|extra| extra.job.clone());
        TaskInfo {
            id,
            status: record.status,
            priority: record.priority,
            name: record.name().cloned().or(job.clone()).unwrap_or_default(),
            job,
            owner,
            progress: progress.map_or(-1.0, |progress| progress.value),
            message: progress.map(|progress| progress.message.clone()).unwrap_or_default(),
            iteration: extra
                .and_then(|extra| extra.schedule.as_ref())
                .map_or(0, |schedule| schedule.iteration),
            periodic: record.has(flag::PERIODIC),
            cancel_requested: record.has(flag::CANCEL_REQUESTED),
            cancel_reason: record.cancel_reason(),
            result: match &record.outcome {
                Outcome::Value(value) => Some(value.clone()),
                _ => None,
            },
            error: match &record.outcome {
                Outcome::Error(error) => Some(error.clone()),
                _ => None,
            },
            // <vocabulary: info values>
            // </vocabulary>
            created_ms: ms(record.created, true),
            started_ms: ms(record.started, record.has(flag::STARTED)),
            finished_ms: ms(record.finished, record.status.is_finished()),
        }
    }
}
