//! What the threads of an engine and its callers share: the state behind its lock, and what is beside it.
//!
//! # Deadlock safety
//!
//! Two locks, never held together: `state`, for all of the state, and `threads`, for the pool. Inside of
//! `state`, and by a submit without it, the desk of the injector is locked, which holds nothing else.
//! `Callbacks` has a small lock of its own, taken inside of none and holding nothing else. So has a trace, whose events
//! are recorded inside of `state` or without it (`trace.rs`); and where the trace is, is behind one (`tracer.rs`) that is
//! taken inside of none, and holds no other but a trace's.
//! No code of a user, no destructor of a user's value and no Qt runs under any of them: see
//! `effects.rs`.
//!
//! ## Memory ordering
//!
//! Everything is under the lock, but: the flag of a run (`cancel.rs`), `Alive` (`owners.rs`), the counts of
//! handles (`handles.rs`), what is left beside it (`injector.rs`), the hint for a worker that spins
//! ([`Shared::queued`]) and the virtual clock, which say themselves what they order.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::cancel::{CancelToken, Flag};
use super::clock::Clock;
use super::contain::{contain, destroy};
use super::context::{CancelHook, Host, Lent, Measure};
use super::crew::CREWS;
use super::current::{self, Entered};
use super::effects::{Calls, Effects, Garbage};
use super::handles::Handles;
use super::holds::{Receipt, Release};
use super::id::TaskId;
use super::inner::{Inner, PIECE};
use super::payload::Payload;
use super::state::State;
use super::sync::{AtomicBool, Condvar, Mutex, Ordering};
use super::threads::Threads;
use super::tracer::Tracer;
use super::{diagnostics, fork};

/// How the receiving thread is told that there is something for it. Called on any thread, without a
/// lock, at most once until the receiver has looked.
pub type Notify = Box<dyn Fn() + Send + Sync>;

pub(crate) struct Shared<P: Payload> {
    pub(super) state: State<P>,
    pub(super) threads: Mutex<Threads>,
    pub(super) clock: Arc<Clock>,
    pub(super) handles: Arc<Handles>,
    /// Something was queued since a worker began to spin. It hurries that worker, and no more: what
    /// it then does, it does under the lock.
    pub(super) queued: AtomicBool,
    /// Where the timer thread sleeps.
    pub(super) timer: Condvar,
    /// Where `wait`, `sleep` and `shutdown` sleep.
    pub(super) done: Condvar,
    pub(super) tracer: Tracer,
    notify: Option<Notify>,
    /// Distinguishes engines; never 0.
    serial: u64,
    this: Weak<Shared<P>>,
}

impl<P: Payload> Shared<P> {
    pub(super) fn new(
        inner: Inner<P>,
        threads: Threads,
        notify: Option<Notify>,
        serial: u64,
    ) -> Arc<Shared<P>> {
        let (clock, handles) = (inner.clock.clone(), inner.handles.clone());
        Arc::new_cyclic(|this| Shared {
            state: State::new(inner),
            threads: Mutex::new(threads),
            clock,
            handles,
            queued: AtomicBool::new(false),
            timer: Condvar::default(),
            done: Condvar::default(),
            tracer: Tracer::new(),
            notify,
            serial,
            this: this.clone(),
        })
    }

    pub(super) fn arc(&self) -> Arc<Shared<P>> {
        // A `&Shared` is had from an `Arc`.
        self.this.upgrade().expect("an engine in use is alive")
    }

    pub(super) fn host(&self) -> Arc<dyn Host> {
        self.arc()
    }

    // ---- the current thread --------------------------------------------------------------------

    /// The run of this engine that the calling thread executes, innermost.
    pub(super) fn current_run(&self) -> Option<u32> {
        current::run_of(self.serial)
    }

    /// Whether the calling thread is one of this engine's own, in a run or not.
    pub(super) fn is_own_thread(&self) -> bool {
        current::is_own(self.serial)
    }

    /// Enters a run until the guard is dropped; `NIL` is the timer thread's.
    pub(super) fn enter(&self, run: u32) -> Entered {
        current::enter(self.serial, run)
    }

    // ---- under the lock, and after it ----------------------------------------------------------

    /// Runs `change` under the lock, and what it asks for after it.
    pub(super) fn with<R>(&self, change: impl FnOnce(&mut Inner<P>, &mut Effects<P>) -> R) -> R {
        let mut fx = Effects::new();
        let result = change(&mut self.state.lock(), &mut fx);
        self.apply(&mut fx);
        result
    }

    /// Looks at a piece of all slots, from `from` on, under the lock; where to go on, if there are more. So
    /// nobody waits long for the lock.
    pub(super) fn walk(
        &self,
        from: usize,
        mut look: impl FnMut(&mut Inner<P>, &mut Effects<P>, u32),
    ) -> Option<usize> {
        self.with(|inner, fx| {
            let end = inner.tasks.end();
            let to = (from + PIECE).min(end);
            for slot in from..to {
                look(inner, fx, slot as u32);
            }
            (to < end).then_some(to)
        })
    }

    /// Does what a change under the lock asked for. The lock is not held.
    pub(super) fn apply(&self, fx: &mut Effects<P>) {
        if fx.queued {
            self.state.lock().dispatch(fx);
        }
        if std::mem::take(&mut fx.look_again) {
            self.queued.store(true, Ordering::Release);
        }
        for worker in &mut fx.wake_workers {
            if let Some(worker) = worker.take() {
                worker.notify_one();
            }
        }
        if fx.calls_out() {
            // Before the receiver can tell of what is logged.
            for warning in fx.calls().warnings.drain(..) {
                diagnostics::warn(format_args!("{warning}"));
            }
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
        for crew in CREWS {
            if std::mem::take(&mut fx.start_workers[crew as usize]) {
                // A failure is logged, and tried again.
                let _ = self.start_worker(crew);
            }
        }
        if fx.calls_out() {
            self.call_out(fx.calls());
        }
        // After it, so that what ended first is told first.
        if std::mem::take(&mut fx.chores) {
            self.do_chores();
        }
    }

    /// Does what is to be done in pieces: see `chores.rs`.
    fn do_chores(&self) {
        let mut fx = Effects::new();
        loop {
            let mut inner = self.state.lock();
            let more = inner.do_chores(&mut fx, PIECE);
            inner.dispatch(&mut fx);
            drop(inner);
            // What came of these chores is among those that are left.
            fx.chores = false;
            self.apply(&mut fx);
            if !more {
                return;
            }
        }
    }

    /// The part of `apply` that runs code of others.
    fn call_out(&self, calls: &mut Calls<P>) {
        // Before the wakers: a thread that is woken finds the last progress told.
        for told in calls.follows.drain(..) {
            self.tell(told);
        }
        for waker in calls.wakers.drain(..) {
            contain("a waker", || waker.wake());
        }
        for hook in calls.hooks.drain(..) {
            contain("what a body does on a cancel", || hook());
            destroy(hook);
        }
        for direct in calls.direct.drain(..) {
            let alive = &direct.alive;
            let _span = self.direct_span(direct.task);
            direct.callbacks.run(&|| alive.as_ref().is_some_and(|alive| !alive.get()));
            destroy(direct);
        }
        for garbage in calls.garbage.drain(..) {
            destroy::<Garbage<P>>(garbage);
        }
        if !calls.holds.is_empty() {
            self.give_back(&mut calls.holds);
        }
    }
}

impl<P: Payload> Release for Shared<P> {
    fn give_back(&self, receipts: &mut Vec<Receipt>) {
        if fork::is_child() {
            // Nobody unloads there.
            receipts.clear();
            return;
        }
        let mut awaited = false;
        let mut inner = self.state.lock();
        for receipt in receipts.drain(..) {
            awaited |= inner.owners.give_back(receipt);
        }
        drop(inner);
        if awaited {
            self.done.notify_all();
        }
    }

    fn keep(&self) -> Arc<dyn Release> {
        self.arc()
    }
}

impl<P: Payload> Host for Shared<P> {
    fn report_progress(&self, id: TaskId, measure: Measure, message: Option<&str>) {
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

    fn report_amount(&self, id: TaskId, done: f64, total: f64, unit: &str) {
        if fork::is_child() {
            return;
        }
        self.with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id) {
                inner.report_amount(fx, slot, done, total, unit);
            }
        });
    }

    fn token(&self, id: TaskId) -> CancelToken {
        if fork::is_child() {
            return CancelToken::default();
        }
        self.with(|inner, fx| inner.find(fx, id).map(|slot| inner.token(slot))).unwrap_or_default()
    }

    fn set_hook(&self, id: TaskId, hook: CancelHook) {
        if fork::is_child() {
            return;
        }
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

    fn sleep(&self, id: TaskId, flag: &Flag, time: Duration) {
        self.sleep_on(id, flag, time);
    }

    fn pause(&self, id: TaskId, flag: &Flag) {
        self.stop_here(id, flag);
    }

    fn lend(&self, id: TaskId) -> Option<Lent> {
        Shared::lend(self, id)
    }

    fn take_back(&self, lent: Lent) {
        Shared::take_back(self, lent);
    }
}
