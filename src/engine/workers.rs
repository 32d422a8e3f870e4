//! The workers: long-lived loops on the threads of a `threadpool`, and how they sleep and wake.
//!
#![doc = include_str!("workers.md")]

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::clock::Nanos;
use super::context::TaskContext;
use super::effects::Effects;
use super::error::{ErrorKind, TaskError};
use super::inner::{Inner, Phase, Worker};
use super::record::{BoxBody, Status, flag};
use super::sync::{Condvar, MutexGuard, Ordering};
use super::threads::Threads;
use super::{Payload, Shared, current, diagnostics, threads};

/// The text of a panic.
pub fn panic_message(panic: Box<dyn Any + Send>) -> String {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic with a value that is no text".to_owned(),
    };
    destroy(panic);
    text
}

/// Drops what belongs to the user; a panic of its destructor stays here (B91).
pub fn destroy<T>(value: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        diagnostics::error(format_args!("a destructor of a task's closure or result panicked"));
        // The payload's own destructor may panic again: it is let go of.
        std::mem::forget(panic);
    }
}

/// Calls into others' code; a panic of it stays here.
pub fn contain(what: &str, call: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
        diagnostics::error(format_args!("{what} panicked: {}", panic_message(panic)));
    }
}

/// What a run brought, and what that holds in memory, which is found out without the lock.
pub struct Brought<P> {
    pub result: Result<P, TaskError>,
    pub bytes: Option<usize>,
}

impl<P: Payload> Brought<P> {
    pub fn of(result: Result<P, TaskError>) -> Self {
        let bytes = match &result {
            Ok(value) => value.byte_size(),
            Err(error) => Some(error.byte_size()),
        };
        Brought { result, bytes }
    }
}

impl<P: Payload> Inner<P> {
    /// Wakes an idle worker to end itself, while there are too many. One at a time, and not while
    /// another is on its way: see "Shrinking".
    pub fn shrink(&mut self, fx: &mut Effects<P>) {
        if self.alive <= self.places() || self.waking {
            return;
        }
        if let Some(worker) = self.idle.pop() {
            let worker = &mut self.workers[worker as usize];
            worker.notified = true;
            fx.wake_worker = Some(worker.wake.clone());
            self.waking = true;
        }
    }

    fn may_retire(&self) -> bool {
        self.phase == Phase::Closed || self.alive > self.places() && !self.waking
    }

    fn register_worker(&mut self) -> u32 {
        let worker = || Worker { wake: Arc::new(Condvar::default()), notified: false };
        match self.free_workers.pop() {
            Some(index) => {
                self.workers[index as usize] = worker();
                index
            }
            None => {
                self.workers.push(worker());
                (self.workers.len() - 1) as u32
            }
        }
    }
}

impl<P: Payload> Shared<P> {
    pub(super) fn context(self: &Shared<P>, inner: &Inner<P>, run: u32) -> TaskContext {
        let id = super::id::TaskId::pack(super::id::Parts { slot: 0, key: 0, salt: 0 });
        TaskContext { host: self.host(), flag: inner.runs[run as usize].flag.clone(), id, iteration: 1 }
    }

    /// Runs a body; whatever it does, a result comes back. A plain body is destroyed here, on the
    /// thread that ran it; one to `keep` for the next run is returned.
    pub(super) fn execute(
        &self,
        body: Option<BoxBody<P>>,
        context: &TaskContext,
        run: u32,
        keep: bool,
    ) -> (Option<BoxBody<P>>, Brought<P>) {
        let Some(mut body) = body else { return (None, Brought::of(Err(TaskError::cancelled()))) };
        let _entered = current::enter(self, run);
        let result = catch_unwind(AssertUnwindSafe(|| body.run(context)));
        let result =
            result.unwrap_or_else(|panic| Err(TaskError::new(ErrorKind::Panic, panic_message(panic))));
        let result = Brought::of(result);
        if keep {
            return (Some(body), result);
        }
        destroy(body);
        (None, result)
    }

    pub(super) fn work(&self) {
        let mut fx = Effects::new();
        let mut inner = self.inner.lock();
        inner.waking = false;
        let me = inner.register_worker();
        let run = inner.take_run();
        let mut context = self.context(&inner, run);
        let wake = inner.workers[me as usize].wake.clone();
        // For all that it does, not only for bodies: a callback or a destructor that waits on this
        // thread must not wait for a task that only this thread can run.
        let _entered = current::enter(self, run);
        // When the last body ended, if nothing took time since then: reading the clock costs as much as
        // all that is done with the lock in hand.
        let mut ended = None;
        let mut looks_out = false;
        loop {
            self.inner.renew(&mut inner);
            if inner.may_retire() {
                break;
            }
            let Some(slot) = inner.next_task() else {
                inner = self.park(inner, &mut fx, me, &wake, &mut looks_out);
                ended = None;
                continue;
            };
            let periodic = inner.slab.at(slot).has(flag::PERIODIC);
            let now = ended.take().unwrap_or_else(|| self.clock.now());
            let body = inner.begin_run(&mut fx, slot, run, now);
            (context.id, context.iteration) = (inner.id(slot), inner.iteration(slot));
            inner.dispatch(&mut fx);
            drop(inner);
            self.apply(&mut fx);
            let (body, result) = self.execute(body, &context, run, periodic);
            let now = self.clock.now();
            inner = self.inner.lock_to_hand_in();
            inner.end_run(&mut fx, slot, run, body, result, now);
            ended = (!fx.calls_out()).then_some(now);
            inner = self.settle(inner, &mut fx);
        }
        inner.alive -= 1;
        inner.retiring += 1;
        inner.free_workers.push(me);
        inner.free_runs.push(run);
        inner.shrink(&mut fx);
        if inner.lanes.len() > 0 {
            // It was on its way when that was queued, so nobody else has said so.
            inner.counts_changed(&mut fx);
        }
        let closed = inner.phase == Phase::Closed;
        drop(inner);
        self.apply(&mut fx);
        self.threads.lock().retire(closed);
    }

    /// Does what may call out before the next task is taken: a callback may wait for any task, and
    /// must not find one that is "running" on this very thread, below itself.
    fn settle<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
    ) -> MutexGuard<'a, Inner<P>> {
        while fx.calls_out() {
            drop(inner);
            self.apply(fx);
            inner = self.inner.lock_to_hand_in();
        }
        inner
    }

    fn park<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        me: u32,
        wake: &Condvar,
        looks_out: &mut bool,
    ) -> MutexGuard<'a, Inner<P>> {
        if self.inner.close(&mut inner) {
            // It was left there a moment ago.
            return inner;
        }
        if *looks_out && !inner.waking {
            inner.waking = true;
            inner.looks_out = true;
            self.queued.store(false, Ordering::Relaxed);
            let pushed = inner.lanes.pushed();
            drop(inner);
            self.look_out();
            inner = self.inner.lock();
            inner.waking = false;
            inner.looks_out = false;
            if inner.lanes.pushed() != pushed || inner.may_retire() {
                return inner;
            }
        }
        inner.shrink(fx);
        if !fx.is_empty() {
            drop(inner);
            self.apply(fx);
            // Something may have been queued meanwhile.
            return self.inner.lock();
        }
        inner.idle.push(me);
        inner.workers[me as usize].notified = false;
        if inner.phase == Phase::Resting {
            // Whoever winds the service down waits until nobody does anything.
            self.done.notify_all();
        }
        let asleep = self.clock.now();
        while !inner.workers[me as usize].notified {
            inner = self.inner.wait(wake, inner);
        }
        *looks_out = self.clock.now().saturating_sub(asleep) < SHORT_SLEEP;
        // Who sets `notified` has taken this worker out of `idle` and set `waking`.
        inner.waking = false;
        inner
    }

    /// Waits awake for a moment: to be woken costs more than most tasks that come in a row. It ends as
    /// soon as something is queued, and makes nothing true by itself.
    #[cfg(not(any(loom, shuttle)))]
    fn look_out(&self) {
        let start = std::time::Instant::now();
        while start.elapsed() < LOOK_OUT {
            for _ in 0..32 {
                if self.queued.load(Ordering::Acquire) {
                    return;
                }
                std::hint::spin_loop();
            }
        }
    }

    /// Under a model checker any moment is as long as another.
    #[cfg(any(loom, shuttle))]
    fn look_out(&self) {}

    /// A worker's thread has ended, as far as this process can tell.
    pub(super) fn thread_ended(&self) {
        let mut fx = Effects::new();
        let mut inner = self.inner.lock();
        inner.retiring -= 1;
        inner.dispatch(&mut fx);
        fx.wake_waiters |= inner.phase == Phase::Closed;
        drop(inner);
        self.apply(&mut fx);
    }

    /// Starts the worker that `dispatch` has counted.
    pub(super) fn start_worker(&self) -> Result<(), String> {
        let shared = self.arc();
        let ended = shared.clone();
        let at_end = threads::AtEnd::new(move || ended.thread_ended());
        let started = Threads::start(&self.threads, move || shared.work(), at_end);
        let Err(error) = started else { return Ok(()) };
        diagnostics::error(format_args!("a worker thread could not be started: {error}"));
        let mut fx = Effects::new();
        let mut inner = self.inner.lock();
        inner.alive -= 1;
        inner.waking = false;
        if !inner.idle.is_empty() {
            // They fell asleep while this one was on its way, and nobody was woken in its stead.
            inner.dispatch(&mut fx);
            inner.shrink(&mut fx);
        } else if inner.alive <= inner.aside && inner.lanes.len() > 0 {
            // Nobody comes by: there is no worker, or all of them wait.
            inner.retry_at = Some(self.clock.now().saturating_add(RETRY));
            inner.arm_timer(&mut fx);
        }
        drop(inner);
        self.apply(&mut fx);
        Err(error)
    }

    /// Takes a task back that was just queued, if there is no worker for it and nobody has it but
    /// the caller, who has it pinned `pins` times. Otherwise it waits for the next try.
    pub(super) fn withdraw(&self, slot: u32, key: u64, pins: u32) -> bool {
        let mut fx = Effects::new();
        let mut inner = self.inner.lock();
        let alive = inner.alive;
        let record = inner.slab.at(slot);
        if alive > 0 || record.key != key || record.status != Status::Queued {
            return false;
        }
        if record.extra.as_ref().is_some_and(|extra| !extra.wakers.is_empty())
            || inner.pins.count(slot) > pins
        {
            return false;
        }
        inner.withdraw(&mut fx, slot);
        drop(inner);
        self.apply(&mut fx);
        true
    }
}

/// A worker that slept for less than this looks out the next time: tasks come one after the other. It is
/// more than it takes to be woken, which is part of it.
const SHORT_SLEEP: Nanos = 100_000;

/// How long a worker looks out before it falls asleep: about what it costs to wake one.
#[cfg(not(any(loom, shuttle)))]
const LOOK_OUT: std::time::Duration = std::time::Duration::from_micros(20);

/// After the system refused the only worker, it is asked again after so long.
const RETRY: Nanos = 100_000_000;
