//! The workers: long-lived loops on the threads of a `threadpool`, and how they sleep and wake.
//!
#![doc = include_str!("workers.md")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::body::{BoxBody, Brought};
use super::clock::Nanos;
use super::closing::Phase;
use super::contain::{contain, destroy, panic_message};
use super::context::TaskContext;
use super::crew::Crew;
use super::diagnostics::{self, About};
use super::effects::Effects;
use super::error::TaskError;
use super::id::{Parts, TaskId};
use super::inner::{Inner, PIECE};
use super::outbox::Kind;
use super::payload::Payload;
use super::record::flag;
use super::retries::Keep;
use super::shared::Shared;
use super::sync::{Condvar, MutexGuard, Ordering};
use super::threads::{AtEnd, Threads};
use super::trace::{self, Part};
use super::words::{CancelReason, ErrorKind, Status};

/// What a worker knows of its sleep.
struct Sleeper {
    crew: Crew,
    /// Its index.
    me: u32,
    wake: Arc<Condvar>,
    /// It looks out for a moment before the next sleep.
    spins: bool,
    /// It has slept for so long that it is to end itself, if there is nothing to do now.
    dismissed: bool,
}

impl<P: Payload> Shared<P> {
    pub(super) fn context(&self, inner: &Inner<P>, run: u32) -> TaskContext {
        let id = TaskId::pack(Parts { slot: 0, key: 0, salt: 0 });
        TaskContext { host: self.host(), flag: inner.runs.flag(run), id, iteration: 1, attempt: 1 }
    }

    /// Runs a body; whatever it does, a result comes back. A body is destroyed here, on the thread that ran it,
    /// unless it is to be kept for another run, or for a retry: that one is returned.
    pub(super) fn execute(
        &self,
        body: Option<BoxBody<P>>,
        context: &TaskContext,
        run: u32,
        keep: Keep,
    ) -> (Option<BoxBody<P>>, Brought<P>) {
        let Some(mut body) = body else { return (None, Brought::of(Err(TaskError::cancelled()))) };
        let _entered = self.enter(run);
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _span = self.enter_span(context);
            body.run(context)
        }));
        let result =
            result.unwrap_or_else(|panic| Err(TaskError::new(ErrorKind::Panic, panic_message(panic))));
        let result = Brought::of(result);
        // One whose time is over fails, whatever it brings.
        let well = result.result.is_ok() && context.cancel_reason() != Some(CancelReason::Timeout);
        if keep == Keep::Always || !well && (keep == Keep::IfFailed || body.may_be_retried()) {
            return (Some(body), result);
        }
        destroy(body);
        (None, result)
    }

    /// Whether a worker is to end itself.
    fn may_retire(inner: &Inner<P>, crew: Crew) -> bool {
        inner.admission.phase() == Phase::Closed || inner.pool.may_retire(crew, inner.runs.aside())
    }

    /// Whether a worker that comes by takes no task: there is one too many, and it may not end itself, or the
    /// foreground has all places. It leaves what is queued to the one that is on its way.
    fn may_not_take(inner: &Inner<P>, crew: Crew) -> bool {
        let aside = inner.runs.aside();
        let may = crew == Crew::Foreground
            || inner.pool.background_may(0, aside, inner.tasks.is_background_tired());
        !may || inner.pool.is_too_many(crew, aside)
    }

    pub(super) fn work(&self, crew: Crew) {
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        let me = inner.pool.arrive(crew);
        trace::is_part(Part::Worker(me + 1, crew));
        let run = inner.runs.take(crew);
        let mut context = self.context(&inner, run);
        let mut sleeper = Sleeper { crew, me, wake: inner.pool.bed(me), spins: false, dismissed: false };
        // For all that it does, not only for bodies: a callback or a destructor that waits on this
        // thread must not wait for a task that only this thread can run.
        let _entered = self.enter(run);
        inner = self.begin_thread(inner, &mut fx);
        // When the last body ended, if nothing took time since then: reading the clock costs as much as
        // all that is done with the lock in hand.
        let mut ended = None;
        loop {
            self.state.renew(&mut inner);
            if Self::may_retire(&inner, crew) {
                break;
            }
            let takes_none = Self::may_not_take(&inner, crew);
            let idle = std::mem::take(&mut sleeper.dismissed);
            let Some(slot) = (if takes_none { None } else { inner.next_task(&mut fx, crew) }) else {
                // Nothing may be left in the injector by one that goes.
                if idle && inner.pool.may_be_missed(crew) && !self.state.close(&mut inner) {
                    break;
                }
                inner = self.park(inner, &mut fx, &mut sleeper);
                ended = None;
                continue;
            };
            if inner.tasks.at(slot).has(flag::FUTURE) {
                inner = self.take_turn(inner, &mut fx, crew, slot);
                ended = None;
                inner = self.settle(inner, &mut fx, &mut ended);
                continue;
            }
            let keep = inner.tasks.at(slot).keeps_body();
            let now = ended.take().unwrap_or_else(|| self.clock.now());
            let body = inner.begin_run(&mut fx, slot, run, now);
            (context.id, context.iteration) = (inner.id(slot), inner.iteration(slot));
            context.attempt = inner.attempt(slot);
            if inner.runs.has_lent(run) {
                // There may be one worker more, which nobody calls for what is left in the injector.
                self.state.close(&mut inner);
            }
            inner.dispatch(&mut fx);
            drop(inner);
            self.apply(&mut fx);
            let (body, result) = self.execute(body, &context, run, keep);
            let now = self.clock.now();
            inner = self.state.lock_to_hand_in();
            if inner.makes_way(slot) {
                // What was left there is queued before those that this end makes way for.
                self.state.close(&mut inner);
            }
            inner.end_run(&mut fx, slot, run, body, result, now);
            ended = Some(now);
            inner = self.settle(inner, &mut fx, &mut ended);
        }
        inner.pool.retire(me);
        inner.runs.give_back(run);
        inner.shrink(&mut fx);
        // What its last task has made way for, and what another left to it that was too many and sleeps.
        inner.dispatch(&mut fx);
        if inner.tasks.queued() > 0 {
            // It was on its way when that was queued, so nobody else has said so.
            inner.outgoing.counts_changed(&mut fx);
        }
        // A pool has one thread at least, as long as it is there.
        let last = inner.admission.phase() == Phase::Closed || inner.pool.alive(crew) == 0;
        drop(inner);
        self.apply(&mut fx);
        self.threads.lock().retire(crew, last);
    }

    /// What is to be done in a new thread before its first task. Another comes meanwhile for what this one was started
    /// for, as it may take long.
    fn begin_thread<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
    ) -> MutexGuard<'a, Inner<P>> {
        let starts = inner.pool.starts();
        if starts.is_empty() || inner.admission.phase() == Phase::Closed || inner.admission.is_halted() {
            return inner;
        }
        inner.dispatch(fx);
        drop(inner);
        self.apply(fx);
        for start in starts {
            contain("what a worker's thread does at its start", || start());
        }
        self.state.lock()
    }

    /// Does what may call out before the next task is taken: a callback may wait for any task, and
    /// must not find one that is "running" on this very thread, below itself. Code of others takes time: when the
    /// body ended, `ended`, is then not when the next begins.
    fn settle<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        ended: &mut Option<Nanos>,
    ) -> MutexGuard<'a, Inner<P>> {
        loop {
            if fx.chores {
                // As a rule one task comes after another, and goes on under the same lock.
                fx.chores = inner.do_chores(fx, PIECE);
            }
            if !fx.calls_out() && !fx.chores {
                return inner;
            }
            if fx.queued {
                // This thread may be long about it.
                inner.dispatch(fx);
            }
            drop(inner);
            self.apply(fx);
            *ended = None;
            inner = self.state.lock_to_hand_in();
        }
    }

    fn park<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        sleeper: &mut Sleeper,
    ) -> MutexGuard<'a, Inner<P>> {
        if self.state.close(&mut inner) {
            // It was left there a moment ago.
            return inner;
        }
        let (crew, me) = (sleeper.crew, sleeper.me);
        if sleeper.spins && crew == Crew::Foreground && !inner.pool.is_waking(crew) {
            inner.pool.spin();
            self.queued.store(false, Ordering::Relaxed);
            let pushed = inner.tasks.ever_queued();
            drop(inner);
            self.spin();
            inner = self.state.lock();
            inner.pool.stop_spinning();
            if inner.tasks.ever_queued() != pushed || Self::may_retire(&inner, crew) {
                return inner;
            }
        }
        inner.shrink(fx);
        let asleep = self.clock.now();
        inner.watch_idle(fx, asleep);
        if !fx.is_empty() {
            drop(inner);
            self.apply(fx);
            // Something may have been queued meanwhile.
            return self.state.lock();
        }
        inner.pool.sleep(me, asleep);
        // It leaves a place, or what it made way for is for workers of the other crew.
        inner.dispatch(fx);
        if inner.admission.phase() == Phase::Resting {
            // The thread that winds the service down waits until nobody does anything.
            self.done.notify_all();
        }
        if !fx.is_empty() {
            // A call that comes meanwhile is found below.
            drop(inner);
            self.apply(fx);
            inner = self.state.lock();
        }
        while !inner.pool.is_called(me) {
            inner = self.state.wait(&sleeper.wake, inner);
        }
        sleeper.spins = self.clock.now().saturating_sub(asleep) < SHORT_SLEEP;
        sleeper.dismissed = inner.pool.woken(me);
        inner
    }

    /// Waits awake for a moment: to be woken costs more than most tasks that come in a row. It ends as
    /// soon as something is queued, and makes nothing true by itself.
    #[cfg(not(any(loom, shuttle)))]
    fn spin(&self) {
        let start = std::time::Instant::now();
        while start.elapsed() < SPIN {
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
    fn spin(&self) {}

    /// A worker's thread has ended, as far as this process can tell.
    pub(super) fn thread_ended(&self, crew: Crew) {
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        inner.pool.thread_ended(crew);
        inner.dispatch(&mut fx);
        // A shutdown waits for the threads, also where they only are to rest.
        fx.wake_waiters |= !inner.admission.is_open();
        drop(inner);
        self.apply(&mut fx);
    }

    /// Starts the worker that `dispatch` has counted.
    pub(super) fn start_worker(&self, crew: Crew) -> Result<(), String> {
        if self.leaves_start_to_timer(crew) {
            return Ok(());
        }
        if crew == Crew::Background {
            self.have_timer();
        }
        let shared = self.arc();
        let ended = shared.clone();
        let at_end = AtEnd::new(move || ended.thread_ended(crew));
        let started = Threads::start(&self.threads, crew, move || shared.work(crew), at_end);
        let Err(error) = started else { return Ok(()) };
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        let before = inner.pool.start_failed(crew);
        fx.wake_waiters |= !inner.admission.is_open();
        if crew == Crew::Foreground {
            // There is a place that it was to have. One of the background would be asked for again, and refused again,
            // without an end: what waits there goes on with those that are at work.
            inner.dispatch_background(&mut fx);
        }
        if inner.pool.has_idle(crew) {
            // They fell asleep while this one was on its way, and nobody was woken in its stead.
            inner.dispatch(&mut fx);
            inner.shrink(&mut fx);
        } else if inner.pool.lacks_background() && crew == Crew::Background {
            // The foreground does it, then.
            inner.dispatch(&mut fx);
            let start = std::mem::take(&mut fx.start_workers[Crew::Foreground as usize]);
            drop(inner);
            self.apply(&mut fx);
            return if start { self.start_worker(Crew::Foreground) } else { Ok(()) };
        } else if inner.pool.alive(crew) <= inner.runs.held_up(crew) && inner.takeable(crew) > 0 {
            // Nobody comes by: there is no worker, or all of them wait or block.
            inner.time.retry_at(self.clock.now().saturating_add(RETRY << before.min(MOST_DOUBLED)));
            inner.arm_timer(&mut fx);
        }
        drop(inner);
        if before == 0 {
            diagnostics::error(
                About::Pool,
                format_args!(
                    "a worker thread could not be started (logged once until there is one): {error}"
                ),
            );
        }
        self.apply(&mut fx);
        Err(error)
    }

    /// A thread has at most the share of the one that starts it. So one that has given way, or was started by such
    /// a one, leaves it to the timer thread to start a worker of the foreground. A worker of the background has seen to
    /// it that there is one.
    fn leaves_start_to_timer(&self, crew: Crew) -> bool {
        let is_timer = self.is_own_thread() && self.current_run().is_none();
        if crew == Crew::Background || is_timer || !self.threads.lock().has_less() {
            return false;
        }
        self.with(|inner, fx| {
            let left = inner.time.is_started();
            if left {
                inner.pool.take_back_start(crew);
                inner.time.retry_at(self.clock.now());
                inner.arm_timer(fx);
            }
            left
        })
    }

    /// Sees to it that there is a timer thread before one that gives way could start it. If there can be none, the
    /// next that needs it says so.
    fn have_timer(&self) {
        if self.threads.lock().nice() > 0 && self.state.lock().claim_timer() {
            let _ = self.start_timer();
        }
    }

    /// Takes a task back that was just queued, if there is no worker for it and nobody has it but
    /// the caller, which has `handles` of it. Otherwise it waits for the next try.
    pub(super) fn withdraw(&self, slot: u32, key: u64, handles: u32) -> bool {
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        let record = inner.tasks.at(slot);
        if record.key != key || record.status != Status::Queued {
            return false;
        }
        let crew = inner.crew_of(slot);
        if inner.pool.alive(crew) > 0 {
            return false;
        }
        let record = inner.tasks.at(slot);
        // Others wait for it, or were cancelled for its sake: it stays, and waits for the next try.
        if record.has(flag::KEYED | flag::PRECEDES | flag::TAKES) {
            return false;
        }
        if record.extra.as_ref().is_some_and(|extra| !extra.wakers.is_empty())
            || inner.handles.count(slot) > handles
        {
            return false;
        }
        // A receiver was told that it is accepted: it is.
        let record = inner.tasks.at(slot);
        let retries = record.extra.as_ref().is_some_and(|extra| extra.lineage.is_some());
        let begin = if retries { Kind::Retried } else { Kind::Queued };
        if record.has(flag::POSTED) && !inner.outgoing.take_back(begin, slot) {
            return false;
        }
        inner.withdraw(&mut fx, slot);
        drop(inner);
        self.apply(&mut fx);
        true
    }
}

/// A worker that slept for less than this spins the next time: tasks come one after the other. It is
/// more than it takes to be woken, which is part of it.
const SHORT_SLEEP: Nanos = 100_000;

/// How long a worker spins before it falls asleep: about what it costs to wake one.
#[cfg(not(any(loom, shuttle)))]
const SPIN: std::time::Duration = std::time::Duration::from_micros(20);

/// After the system refused a worker, and no other comes by, it is asked again after so long, and each time after twice
/// as long.
const RETRY: Nanos = 100_000_000;

/// So often that is doubled: up to 6.4 s.
const MOST_DOUBLED: u32 = 6;
