//! An engine, for its callers.

use std::sync::Arc;
use std::time::Duration;

use super::body::Body;
use super::clock::Clock;
use super::closing::{Phase, ShutdownReport};
use super::config::{DeliveryMode, EngineConfig, MAX_BLOCKING, MAX_NICE, MAX_WORKERS, STACK_SIZES};
use super::diagnostics::{self, About};
use super::effects::Effects;
use super::error::{NiceError, StackSizeError, SubmitError, WorkersError};
use super::fork;
use super::handles::Handles;
use super::id::{OwnerId, TaskId};
use super::injector::Left;
use super::inner::Inner;
use super::options::TaskOptions;
use super::payload::Payload;
use super::shared::{Notify, Shared};
use super::shutdown::Meanwhile;
use super::sites::Site;
use super::threads::Threads;
use super::words::{CancelReason, CancelResult, Priority};

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
        self.0.leave_trace();
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

    /// An engine whose notices wait for a [`Receiver`](super::Receiver), which `notify` is to wake.
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
        let (clock, handles) = (Arc::new(clock), Arc::new(Handles::new()));
        let config = EngineConfig {
            max_workers: config.max_workers.clamp(1, MAX_WORKERS),
            max_blocking: config.max_blocking.min(MAX_BLOCKING),
            ..config
        };
        let inner = Inner::new(&config, clock, handles, mode);
        Engine(Arc::new(Owned(Shared::new(inner, Threads::new(&config), notify, serial))))
    }

    pub(crate) fn shared(&self) -> &Shared<P> {
        &self.0.0
    }

    /// An id for a task that is submitted later, or never: see [`Engine::release`].
    pub fn reserve(&self) -> Result<TaskId, SubmitError> {
        self.shared().with(|inner, _| inner.reserve().map(|slot| inner.id(slot)))
    }

    /// Gives an id back that was reserved and not used.
    pub fn release(&self, id: TaskId) {
        self.shared().with(|inner, fx| {
            if let Some(slot) = inner.tasks.find_reserved(id) {
                inner.free(fx, slot);
            }
        });
    }

    /// Submits a task, under a reserved id if there is one, and counts a handle of it if `keep`.
    ///
    /// Where [`KeyPolicy::Keep`](super::KeyPolicy::Keep) finds another task of the key, the answer is that one's id,
    /// and a reserved id is still to be released.
    pub fn submit(
        &self,
        body: Box<dyn Body<P>>,
        options: TaskOptions<P>,
        reserved: Option<TaskId>,
        keep: bool,
    ) -> Result<TaskId, SubmitError> {
        if fork::is_child() {
            diagnostics::error(About::Pool, format_args!("{}", SubmitError::Forked));
            return Err(SubmitError::Forked);
        }
        let shared = self.shared();
        options.check()?;
        if options.retry.times > 0 && !body.can_run_again() {
            return Err(SubmitError::NotRepeatable { option: "retry" });
        }
        let now = shared.clock.now();
        options.check_end(&shared.clock, now)?;
        let mut body = body;
        if reserved.is_none() && options.is_plain() {
            let handles = keep.then_some(&*shared.handles);
            let task = Left { body, priority: options.priority, site: options.site, created: now };
            body = match shared.state.leave(task, handles) {
                Ok(id) => return Ok(id),
                Err(body) => body,
            };
        }
        let mut fx = Effects::new();
        let mut inner = shared.state.lock();
        // The body and the options are dropped by the caller's frame, after the lock.
        while options.needs_timer() && inner.time.is_starting() {
            // Another call is about to know whether there is a thread to keep the time: for a moment.
            inner = shared.state.wait(&shared.done, inner);
        }
        let mut admitted = inner.admit(&mut fx, &options);
        if admitted.is_ok() && options.needs_timer() && inner.claim_timer() {
            // Now, while the submit can still say that there is no thread to keep its time.
            drop(inner);
            shared.start_timer().map_err(SubmitError::NoThread)?;
            inner = shared.state.lock();
            admitted = inner.admit(&mut fx, &options);
        }
        let slot = match admitted {
            Ok(Some(kept)) => {
                let refused = inner.stay_in_place(&mut fx, kept, options, keep);
                let id = inner.id(kept);
                drop(inner);
                shared.apply(&mut fx);
                drop(refused);
                return Ok(id);
            }
            Ok(None) => match reserved.and_then(|id| inner.tasks.find_reserved(id)) {
                Some(slot) => Ok(slot),
                None => inner.reserve(),
            },
            Err(error) => Err(error),
        };
        let slot = match slot {
            Ok(slot) => slot,
            Err(error) => {
                drop(inner);
                shared.apply(&mut fx);
                return Err(error);
            }
        };
        let id = inner.id(slot);
        let key = inner.tasks.at(slot).key;
        if keep {
            // Before it comes in, as it may end at once.
            inner.add_handle(slot);
        }
        inner.insert(&mut fx, slot, body, options, now);
        let crew = inner.crew_of(slot);
        drop(inner);
        // This call can say that there is no thread for its task; others can only log it.
        let start = std::mem::take(&mut fx.start_workers[crew as usize]);
        shared.apply(&mut fx);
        if start
            && let Err(error) = shared.start_worker(crew)
            && shared.withdraw(slot, key, u32::from(keep))
        {
            return Err(SubmitError::NoThread(error));
        }
        Ok(id)
    }

    /// Submits work of which nothing is said, as [`Engine::submit`] does with options that say nothing. Most tasks are
    /// this, and there is nothing to be read, checked and destroyed of their options.
    pub fn submit_plain(
        &self,
        mut body: Box<dyn Body<P>>,
        site: Site,
        keep: bool,
    ) -> Result<TaskId, SubmitError> {
        if !fork::is_child() {
            let shared = self.shared();
            let handles = keep.then_some(&*shared.handles);
            let task = Left { body, priority: Priority::default(), site, created: shared.clock.now() };
            body = match shared.state.leave(task, handles) {
                Ok(id) => return Ok(id),
                Err(body) => body,
            };
        }
        self.submit(body, TaskOptions { site, ..TaskOptions::default() }, None, keep)
    }

    pub fn cancel(&self, id: TaskId, reason: CancelReason) -> CancelResult {
        self.shared().with(|inner, fx| match inner.find(fx, id) {
            Some(slot) => {
                let now = inner.clock.now();
                inner.cancel(fx, slot, reason, now)
            }
            None => CancelResult::UnknownTask,
        })
    }

    /// Asks all tasks of an owner to stop, but for detached ones. It stays open.
    pub fn cancel_all(&self, owner: OwnerId, reason: CancelReason) {
        // Until this is done, its index is not another's.
        if self.shared().with(|inner, _| inner.owners.keep_known(owner)) {
            while self.shared().with(|inner, fx| inner.cancel_owned(fx, owner.index, reason, 256)) {}
            self.shared().with(|inner, _| inner.owners.release(owner.index));
        }
    }

    /// Changes the priority of a task that does not run yet.
    pub fn set_priority(&self, id: TaskId, priority: Priority) -> bool {
        self.shared().with(|inner, fx| match inner.find(fx, id) {
            Some(slot) => inner.set_priority(fx, slot, priority),
            None => false,
        })
    }

    /// Keeps a task from being forgotten once more, until the `drop_handle` of that. The caller has a handle
    /// of it: one that `submit` has counted, or another copy.
    pub fn copy_handle(&self, id: TaskId) {
        if fork::is_child() {
            return;
        }
        self.shared().handles.add(id.unpack().slot);
    }

    /// Takes back a handle that the caller has.
    pub fn drop_handle(&self, id: TaskId) {
        if fork::is_child() {
            return;
        }
        if self.shared().handles.give_back(id.unpack().slot) {
            self.shared().with(|inner, fx| {
                if let Some(slot) = inner.find(fx, id) {
                    inner.let_go(fx, slot);
                }
            });
        }
    }

    pub fn open_owner(&self, name: &str) -> OwnerId {
        let name: Arc<str> = name.into();
        self.shared().with(|inner, fx| {
            let owner = inner.owners.open(name);
            inner.tasks.add_owner(owner.index);
            inner.quotas.add_owner(owner.index);
            // All may be paused.
            inner.hold_to_limit(fx, owner.index);
            owner
        })
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
        // Until the second half is done, its index is not another's.
        self.shared().with(|inner, _| inner.owners.end(owner))
    }

    /// The second half, for the caller that ended it: cancels its tasks.
    pub(crate) fn cancel_ended(&self, owner: OwnerId, reason: CancelReason) {
        while self.shared().with(|inner, fx| inner.cancel_owned(fx, owner.index, reason, 256)) {}
        self.drop_left_work(owner.index);
        self.shared().with(|inner, fx| {
            inner.end_pauses_of(fx, owner.index);
            inner.owners.release_open(owner.index);
            inner.owners.release(owner.index);
        });
    }

    pub fn max_workers(&self) -> usize {
        self.shared().with(|inner, _| inner.pool.max())
    }

    /// Changes how many tasks may run at once; more start at once, fewer as tasks end.
    pub fn set_max_workers(&self, workers: usize) -> Result<(), WorkersError> {
        if !(1..=MAX_WORKERS).contains(&workers) {
            return Err(WorkersError(workers));
        }
        self.shared().with(|inner, fx| {
            inner.pool.set_max(workers);
            inner.dispatch(fx);
            inner.shrink(fx);
            // It is shown beside the counts.
            inner.outgoing.counts_changed(fx);
        });
        Ok(())
    }

    /// By how much the threads of the workers give way to others.
    pub fn worker_nice(&self) -> u8 {
        self.shared().threads.lock().nice()
    }

    /// Changes that, from 0 to [`MAX_NICE`](super::MAX_NICE), before the first task: a thread cannot take back what it
    /// gave.
    pub fn set_worker_nice(&self, nice: u8) -> Result<(), NiceError> {
        if nice > MAX_NICE {
            return Err(NiceError::OutOfRange(nice));
        }
        let set = self.shared().threads.lock().set_nice(nice);
        if !set {
            return Err(NiceError::TooLate);
        }
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
        let set = self.shared().threads.lock().set_stack(bytes);
        if !set {
            return Err(StackSizeError::TooLate);
        }
        self.shared().with(|inner, fx| inner.outgoing.counts_changed(fx));
        Ok(())
    }

    /// Whether work is refused: a shutdown is under way, or was for good.
    pub fn is_shut_down(&self) -> bool {
        self.shared().with(|inner, _| inner.admission.is_shut())
    }

    /// What the shutdown did, once it is over; `None` again where tasks were submitted after it.
    pub fn shutdown_report(&self) -> Option<ShutdownReport> {
        self.shared().with(|inner, _| {
            let over = matches!(inner.admission.phase(), Phase::Resting | Phase::Closed);
            inner.admission.report().filter(|_| over)
        })
    }

    /// Whether tasks wait or run that must.
    pub fn has_to_run(&self) -> bool {
        self.shared().with(|inner, _| inner.admission.has_to_run())
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

    /// The same. If it is not the `last` time, the engine is open again with the next submission after it,
    /// and its threads stay, asleep.
    pub fn end_work(&self, timeout: Duration, last: bool, meanwhile: Meanwhile<'_>) -> ShutdownReport {
        let report = self.shared().shutdown(timeout, last, meanwhile);
        // The process may be about to end.
        self.shared().flush_trace();
        report
    }

    /// The process ends: no task begins from here on, what runs is asked to stop, and is waited for, for
    /// so long.
    pub fn halt(&self, timeout: Duration) {
        self.shared().halt(timeout);
    }

    /// Has the system give none of the next threads, so many.
    #[cfg(any(loom, shuttle))]
    pub fn refuse_threads(&self, threads: usize) {
        self.shared().threads.lock().refuse(threads);
    }

    /// Moves a virtual clock on, and queues what is due by then. Does nothing on a real one.
    pub fn advance(&self, by: Duration) {
        if self.shared().clock.is_virtual() {
            self.shared().advance(by);
        }
    }
}
