//! The worker threads: how many there are and may be, which of them sleep, and which is on its way.
//!
//! How they sleep, wake and end is told in `workers.md`; this is what it counts by.
//!
//! # Invariants
//!
//! 1. `alive` counts the workers that were started or are being started, and have not decided to end;
//!    `retiring` those that have, and whose threads have not ended. `alive + retiring` is the number of
//!    threads.
//! 2. A worker in `idle` sleeps, and its `called` is false; [`Pool::wake_one`] and [`Pool::wake_all`] alone
//!    take one out, and set it. So `idle.len() <= alive`.
//! 3. While `waking`, exactly one worker was woken or started and has not arrived, or one spins (`spinning`).
//!    Then no other is woken or started.
//! 4. No worker is started while one is `retiring`.
//! 5. `idle` is in the order in which they fell asleep.

use std::sync::Arc;
use std::time::Duration;

use super::clock::{Nanos, nanos};

use super::effects::Effects;
use super::sync::Condvar;

/// A worker thread of ours.
struct Worker {
    wake: Arc<Condvar>,
    /// It is to look again: it is in `idle` no more.
    called: bool,
    /// And if it finds nothing, to end itself.
    dismissed: bool,
    /// When it fell asleep, the last time.
    since: Nanos,
}

/// An idle time-out as it is kept here.
pub fn idle_nanos(after: Option<Duration>) -> Nanos {
    after.map_or(Nanos::MAX, nanos)
}

/// What a new thread does before its first task.
pub type ThreadStart = Arc<dyn Fn() + Send + Sync>;

pub struct Pool {
    /// How many may run bodies at once that neither wait for others nor block.
    max: usize,
    alive: usize,
    retiring: usize,
    /// Invariant 3.
    waking: bool,
    /// A worker spins: it looks for the next task before it falls asleep.
    spinning: bool,
    /// How many threads could not be started since the last one was.
    refused: u32,
    /// After how long a sleep a worker ends itself, while another sleeps, too; `Nanos::MAX` for never.
    idle_timeout: Nanos,
    /// In this order.
    starts: Vec<ThreadStart>,
    workers: Vec<Worker>,
    /// Indices of workers that sleep; the last to fall asleep is the first to be woken.
    idle: Vec<u32>,
    free: Vec<u32>,
}

impl Pool {
    pub fn new(max: usize, idle_timeout: Nanos) -> Self {
        Pool {
            max,
            alive: 0,
            retiring: 0,
            waking: false,
            spinning: false,
            refused: 0,
            idle_timeout,
            starts: Vec::new(),
            workers: Vec::new(),
            idle: Vec::new(),
            free: Vec::new(),
        }
    }

    pub fn max(&self) -> usize {
        self.max
    }

    pub fn set_max(&mut self, workers: usize) {
        self.max = workers;
    }

    /// How many workers there may be: the `aside` do not count, whose bodies wait or block.
    #[inline]
    fn places(&self, aside: usize) -> usize {
        self.max + aside
    }

    /// Workers that are not about to end.
    pub fn alive(&self) -> usize {
        self.alive
    }

    /// Invariant 1.
    pub fn threads(&self) -> usize {
        self.alive + self.retiring
    }

    /// Those that do not sleep.
    pub fn awake(&self) -> usize {
        self.threads() - self.idle.len()
    }

    /// Those that sleep.
    pub fn idle(&self) -> usize {
        self.idle.len()
    }

    pub fn has_idle(&self) -> bool {
        !self.idle.is_empty()
    }

    /// Whether a worker is on its way, or spins.
    #[inline]
    pub fn is_waking(&self) -> bool {
        self.waking
    }

    /// Whether nobody has to be called for a task that is queued now: a worker is on its way and does not
    /// spin, or all are at work and there may be no more.
    #[inline]
    pub fn needs_no_call(&self, aside: usize) -> bool {
        let on_its_way = self.waking && !self.spinning;
        let all_at_work = !self.waking && self.idle.is_empty() && self.alive == self.places(aside);
        on_its_way || all_at_work
    }

    // ---- to call one ---------------------------------------------------------------------------

    /// Sees to it that a worker comes for what is queued.
    #[inline]
    pub fn call<P>(&mut self, fx: &mut Effects<P>, aside: usize) {
        if self.waking {
            fx.look_again |= self.spinning;
        } else if !self.wake_one(fx) && self.alive < self.places(aside) && self.retiring == 0 {
            self.alive += 1;
            fx.start_worker = true;
            self.waking = true;
        }
    }

    /// Wakes an idle worker to end itself, while there are too many. One at a time, and not while
    /// another is on its way: see "Shrinking".
    pub fn shrink<P>(&mut self, fx: &mut Effects<P>, aside: usize) {
        if self.may_retire(aside) {
            self.wake_one(fx);
        }
    }

    /// Whether there was one to wake. Nobody is on the way.
    fn wake_one<P>(&mut self, fx: &mut Effects<P>) -> bool {
        debug_assert!(!self.waking && !self.spinning);
        let Some(worker) = self.idle.pop() else { return false };
        let worker = &mut self.workers[worker as usize];
        worker.called = true;
        fx.wake_worker = Some(worker.wake.clone());
        self.waking = true;
        true
    }

    /// Wakes the worker that has slept longest to end itself, if it finds nothing to do and another sleeps; `false`
    /// while one is on its way.
    pub fn dismiss<P>(&mut self, fx: &mut Effects<P>) -> bool {
        if self.waking || self.idle.is_empty() {
            return false;
        }
        let worker = self.idle.remove(0);
        let worker = &mut self.workers[worker as usize];
        worker.called = true;
        worker.dismissed = true;
        fx.wake_worker = Some(worker.wake.clone());
        self.waking = true;
        true
    }

    /// Wakes all that sleep, for good: they end.
    pub fn wake_all(&mut self) {
        for worker in self.idle.drain(..) {
            let worker = &mut self.workers[worker as usize];
            worker.called = true;
            worker.wake.notify_one();
        }
    }

    // ---- the life of one -----------------------------------------------------------------------

    /// A worker that was started is there: its index.
    pub fn arrive(&mut self) -> u32 {
        self.waking = false;
        self.refused = 0;
        let worker = Worker { wake: Arc::new(Condvar::default()), called: false, dismissed: false, since: 0 };
        match self.free.pop() {
            Some(index) => {
                self.workers[index as usize] = worker;
                index
            }
            None => {
                self.workers.push(worker);
                (self.workers.len() - 1) as u32
            }
        }
    }

    /// The thread for it could not be started; how many could not before, since one was.
    pub fn start_failed(&mut self) -> u32 {
        self.alive -= 1;
        self.waking = false;
        let before = self.refused;
        self.refused = before.saturating_add(1);
        before
    }

    /// Where a worker sleeps.
    pub fn bed(&self, worker: u32) -> Arc<Condvar> {
        self.workers[worker as usize].wake.clone()
    }

    /// A worker spins, and counts as on its way until [`Pool::stop_spinning`].
    pub fn spin(&mut self) {
        debug_assert!(!self.waking);
        self.waking = true;
        self.spinning = true;
    }

    pub fn stop_spinning(&mut self) {
        self.waking = false;
        self.spinning = false;
    }

    /// A worker is about to sleep, under the same lock.
    pub fn sleep(&mut self, worker: u32, now: Nanos) {
        let at = &mut self.workers[worker as usize];
        at.called = false;
        at.dismissed = false;
        at.since = now;
        self.idle.push(worker);
        debug_assert!(self.idle.len() <= self.alive);
    }

    pub fn is_called(&self, worker: u32) -> bool {
        self.workers[worker as usize].called
    }

    /// A worker that was woken is there: whether it is to end itself if there is nothing to do. It was taken out of
    /// `idle`, and `waking` set, by the thread that called it.
    pub fn woken(&mut self, worker: u32) -> bool {
        self.waking = false;
        self.workers[worker as usize].dismissed
    }

    /// Whether a worker that comes by is one too many: it takes no task, and ends itself, or sleeps while another is
    /// on its way.
    #[inline]
    pub fn is_too_many(&self, aside: usize) -> bool {
        self.alive > self.places(aside)
    }

    /// Whether it may end itself.
    pub fn may_retire(&self, aside: usize) -> bool {
        self.is_too_many(aside) && !self.waking
    }

    // ---- too long asleep -----------------------------------------------------------------------

    pub fn idle_timeout(&self) -> Nanos {
        self.idle_timeout
    }

    pub fn set_idle_timeout(&mut self, after: Nanos) {
        self.idle_timeout = after;
    }

    /// When the one that has slept longest has done so for too long, if there are `least` that sleep.
    #[inline]
    pub fn idle_until(&self, least: usize) -> Option<Nanos> {
        let worker = *self.idle.first()?;
        let sleeps = self.idle_timeout != Nanos::MAX && self.idle.len() >= least;
        sleeps.then(|| self.workers[worker as usize].since.saturating_add(self.idle_timeout))
    }

    // ---- the start of a thread -----------------------------------------------------------------

    pub fn add_start(&mut self, start: ThreadStart) {
        self.starts.push(start);
    }

    pub fn starts(&self) -> Vec<ThreadStart> {
        self.starts.clone()
    }

    // ---- the end of one ------------------------------------------------------------------------

    /// A worker has decided to end.
    pub fn retire(&mut self, worker: u32) {
        self.alive -= 1;
        self.retiring += 1;
        self.free.push(worker);
    }

    /// Its thread has ended.
    pub fn thread_ended(&mut self) {
        self.retiring -= 1;
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    /// What a call asks for: to start one, to wake one, or that the one that spins looks again.
    fn call(pool: &mut Pool, aside: usize) -> (bool, bool, bool) {
        let mut fx = Effects::<()>::new();
        pool.call(&mut fx, aside);
        (fx.start_worker, fx.wake_worker.is_some(), fx.look_again)
    }

    const NOTHING: (bool, bool, bool) = (false, false, false);
    const START: (bool, bool, bool) = (true, false, false);
    const WAKE: (bool, bool, bool) = (false, true, false);

    #[test]
    fn b108_one_worker_at_a_time_is_on_its_way() {
        let mut pool = Pool::new(2, 10);
        assert_eq!(call(&mut pool, 0), START);
        assert_eq!(call(&mut pool, 0), NOTHING, "one is on its way");
        let first = pool.arrive();
        assert_eq!(call(&mut pool, 0), START);
        let second = pool.arrive();
        assert_eq!(call(&mut pool, 0), NOTHING, "all places are taken");
        assert!(pool.needs_no_call(0) && !pool.needs_no_call(1));
        assert_eq!(call(&mut pool, 1), START, "one that waits gives its place away");
        pool.start_failed();
        pool.sleep(first, 1);
        pool.sleep(second, 2);
        assert_eq!(call(&mut pool, 0), WAKE);
        assert!(pool.is_called(second) && !pool.is_called(first), "the last to fall asleep");
        assert_eq!((call(&mut pool, 0), pool.awake(), pool.threads()), (NOTHING, 1, 2));
    }

    #[test]
    fn b108_what_spins_is_on_its_way_and_is_told_to_look() {
        let mut pool = Pool::new(2, 10);
        call(&mut pool, 0);
        pool.arrive();
        pool.spin();
        assert_eq!(call(&mut pool, 0), (false, false, true));
        assert!(!pool.needs_no_call(0), "it could be in its last look");
        pool.stop_spinning();
        assert_eq!(call(&mut pool, 0), START);
    }

    #[test]
    fn b299_the_one_that_has_slept_longest_is_dismissed_and_the_last_never() {
        let mut pool = Pool::new(2, 10);
        let [first, second] = [0, 1].map(|_| {
            call(&mut pool, 0);
            pool.arrive()
        });
        pool.sleep(first, 1);
        assert_eq!((pool.idle_until(2), pool.idle_until(1)), (None, Some(11)));
        pool.sleep(second, 2);
        assert_eq!(pool.idle_until(2), Some(11));
        let mut fx = Effects::<()>::new();
        assert!(pool.dismiss(&mut fx) && fx.wake_worker.is_some());
        assert!(pool.is_called(first) && !pool.is_called(second));
        assert!(!pool.dismiss(&mut fx), "it is on its way, and takes what is queued now");
        assert_eq!(call(&mut pool, 0), NOTHING);
        assert!(pool.woken(first));
        assert_eq!(pool.idle_until(2), None);
        pool.sleep(first, 3);
        assert_eq!(call(&mut pool, 0), WAKE);
        assert!(!pool.woken(first), "that was of the sleep before");
        pool.set_idle_timeout(Nanos::MAX);
        pool.sleep(first, 4);
        assert_eq!(pool.idle_until(1), None);
    }

    #[test]
    fn b108_none_is_started_while_one_retires() {
        let mut pool = Pool::new(2, 10);
        let workers = [0, 1].map(|_| {
            call(&mut pool, 0);
            pool.arrive()
        });
        pool.set_max(1);
        assert!(pool.may_retire(0) && !pool.may_retire(1));
        pool.retire(workers[0]);
        pool.set_max(2);
        assert_eq!(call(&mut pool, 0), NOTHING);
        pool.thread_ended();
        assert_eq!(call(&mut pool, 0), START);
        assert_eq!(pool.arrive(), workers[0], "its place among the workers is used again");
    }
}
