//! The worker threads: how many there are and may be, which of them sleep, and which is on its way.
//!
//! How they sleep, wake and end is told in `workers.md`; this is what it counts by.
//!
//! # Invariants
//!
//! Of each crew (`crew.rs`):
//!
//! 1. `alive` counts the workers that were started or are being started, and have not decided to end;
//!    `retiring` those that have, and whose threads have not ended. `alive + retiring` is the number of
//!    threads.
//! 2. A worker in `idle` sleeps, and its `called` is false; [`Pool::wake_one`] and [`Pool::wake_all`] alone
//!    take one out, and set it. So `idle.len() <= alive`.
//! 3. While `waking`, exactly one worker was woken or started and has not arrived, or one spins (`spinning`).
//!    Then no other is woken or started.
//!    While the engine is worked by hand (`by_hand.rs`), that one is the thread which does so: `waking` is set, no worker
//!    is up, and none is called.
//! 4. No worker is started while one is `retiring`.
//! 5. `idle` is in the order in which they fell asleep.

use std::sync::Arc;
use std::time::Duration;

use super::clock::{Nanos, nanos};
use super::crew::{Aside, CREWS, Crew};
use super::effects::Effects;
use super::sync::Condvar;

/// A worker thread of ours.
struct Worker {
    crew: Crew,
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

/// The workers of one crew.
#[derive(Default)]
struct Members {
    alive: usize,
    retiring: usize,
    /// Invariant 3.
    waking: bool,
    /// A worker spins: it looks for the next task before it falls asleep.
    spinning: bool,
    /// How many threads could not be started since the last one of any crew was.
    refused: u32,
    /// Indices of workers that sleep; the last to fall asleep is the first to be woken.
    idle: Vec<u32>,
}

impl Members {
    /// Those that do not sleep, and are not about to end.
    fn up(&self) -> usize {
        self.alive - self.idle.len()
    }
}

pub struct Pool {
    /// How many of each crew may run bodies at once that neither wait for others nor block.
    max: usize,
    /// After how long a sleep a worker ends itself, while another sleeps, too; `Nanos::MAX` for never.
    idle_timeout: Nanos,
    /// In this order.
    starts: Vec<ThreadStart>,
    workers: Vec<Worker>,
    free: Vec<u32>,
    crews: [Members; CREWS.len()],
}

impl Pool {
    pub fn new(max: usize, idle_timeout: Nanos) -> Self {
        Pool {
            max,
            idle_timeout,
            starts: Vec::new(),
            workers: Vec::new(),
            free: Vec::new(),
            crews: Default::default(),
        }
    }

    #[inline]
    fn of(&self, crew: Crew) -> &Members {
        &self.crews[crew as usize]
    }

    #[inline]
    fn of_mut(&mut self, crew: Crew) -> &mut Members {
        &mut self.crews[crew as usize]
    }

    fn sum(&self, count: impl Fn(&Members) -> usize) -> usize {
        self.crews.iter().map(count).sum()
    }

    pub fn max(&self) -> usize {
        self.max
    }

    pub fn set_max(&mut self, workers: usize) {
        self.max = workers;
    }

    /// How many workers of a crew there may be: the `aside` do not count.
    #[inline]
    fn places(&self, crew: Crew, aside: Aside) -> usize {
        self.max + aside.of(crew)
    }

    /// Workers of a crew that are not about to end.
    pub fn alive(&self, crew: Crew) -> usize {
        self.of(crew).alive
    }

    /// Invariant 1.
    pub fn threads(&self) -> usize {
        self.sum(|crew| crew.alive + crew.retiring)
    }

    /// Those that do not sleep.
    pub fn awake(&self) -> usize {
        self.threads() - self.idle()
    }

    /// Those that sleep.
    pub fn idle(&self) -> usize {
        self.sum(|crew| crew.idle.len())
    }

    pub fn has_idle(&self, crew: Crew) -> bool {
        !self.of(crew).idle.is_empty()
    }

    /// Whether a worker is on its way, or spins.
    #[inline]
    pub fn is_waking(&self, crew: Crew) -> bool {
        self.of(crew).waking
    }

    /// Whether nobody has to be called for a task that is queued now, of any priority: a worker of the foreground is
    /// on its way and does not spin, or all of them are at work and there may be no more, for the background, too.
    #[inline]
    pub fn needs_no_call(&self, aside: Aside) -> bool {
        let crew = self.of(Crew::Foreground);
        let on_its_way = crew.waking && !crew.spinning;
        let all_at_work =
            !crew.waking && crew.idle.is_empty() && crew.alive == self.places(Crew::Foreground, aside);
        on_its_way || all_at_work
    }

    /// Whether there is no thread of the background, and the system would give none: the foreground does its work.
    #[inline]
    pub fn lacks_background(&self) -> bool {
        let crew = self.of(Crew::Background);
        crew.alive == 0 && crew.refused > 0
    }

    /// Whether `more` workers of the background may take a task beside those that are up: so many as the foreground
    /// leaves of the places. `tired`: its tasks were passed over for so long that there is a place for them.
    #[inline]
    pub fn background_may(&self, more: usize, aside: Aside, tired: bool) -> bool {
        let up = self.sum(Members::up) + more;
        tired || up <= self.max + aside.all()
    }

    // ---- to call one ---------------------------------------------------------------------------

    /// Sees to it that a worker of a crew comes for what is queued.
    #[inline]
    pub fn call<P>(&mut self, fx: &mut Effects<P>, crew: Crew, aside: Aside) {
        let places = self.places(crew, aside);
        let members = self.of_mut(crew);
        if members.waking {
            fx.look_again |= members.spinning;
        } else if !self.wake_one(fx, crew) {
            let members = self.of_mut(crew);
            if members.alive < places && members.retiring == 0 {
                members.alive += 1;
                members.waking = true;
                fx.start_workers[crew as usize] = true;
            }
        }
    }

    /// Wakes an idle worker of each crew to end itself, while there are too many. One at a time, and not while
    /// another is on its way: see "Shrinking".
    pub fn shrink<P>(&mut self, fx: &mut Effects<P>, aside: Aside) {
        for crew in CREWS {
            if self.may_retire(crew, aside) {
                self.wake_one(fx, crew);
            }
        }
    }

    /// Whether there was one to wake. Nobody is on the way.
    fn wake_one<P>(&mut self, fx: &mut Effects<P>, crew: Crew) -> bool {
        let members = self.of_mut(crew);
        debug_assert!(!members.waking && !members.spinning);
        let Some(worker) = members.idle.pop() else { return false };
        members.waking = true;
        self.wake(fx, worker, false);
        true
    }

    /// It was taken out of `idle`, and its crew is `waking`.
    fn wake<P>(&mut self, fx: &mut Effects<P>, worker: u32, dismissed: bool) {
        let worker = &mut self.workers[worker as usize];
        worker.called = true;
        worker.dismissed = dismissed;
        fx.wake_workers[worker.crew as usize] = Some(worker.wake.clone());
    }

    /// Wakes the worker that has slept longest to end itself, if it finds nothing to do and is not the last of the
    /// foreground that sleeps; `false` while one is on its way.
    pub fn dismiss<P>(&mut self, fx: &mut Effects<P>) -> bool {
        let Some((crew, _)) = self.longest_asleep(2) else { return false };
        let members = self.of_mut(crew);
        if members.waking {
            return false;
        }
        members.waking = true;
        let worker = members.idle.remove(0);
        self.wake(fx, worker, true);
        true
    }

    /// Wakes all that sleep, for good: they end.
    pub fn wake_all(&mut self) {
        for crew in &mut self.crews {
            for worker in crew.idle.drain(..) {
                let worker = &mut self.workers[worker as usize];
                worker.called = true;
                worker.wake.notify_one();
            }
        }
    }

    // ---- the life of one -----------------------------------------------------------------------

    /// A worker that was started is there: its index.
    pub fn arrive(&mut self, crew: Crew) -> u32 {
        self.of_mut(crew).waking = false;
        for members in &mut self.crews {
            members.refused = 0;
        }
        let wake = Arc::new(Condvar::default());
        let worker = Worker { crew, wake, called: false, dismissed: false, since: 0 };
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

    /// The thread for it is not started by its caller: another will call.
    pub fn take_back_start(&mut self, crew: Crew) {
        let members = self.of_mut(crew);
        members.alive -= 1;
        members.waking = false;
    }

    /// The thread for it could not be started; how many could not before, since one was.
    pub fn start_failed(&mut self, crew: Crew) -> u32 {
        self.take_back_start(crew);
        let members = self.of_mut(crew);
        let before = members.refused;
        members.refused = before.saturating_add(1);
        before
    }

    /// Where a worker sleeps.
    pub fn bed(&self, worker: u32) -> Arc<Condvar> {
        self.workers[worker as usize].wake.clone()
    }

    /// A worker of the foreground spins, and counts as on its way until [`Pool::stop_spinning`].
    pub fn spin(&mut self) {
        let members = self.of_mut(Crew::Foreground);
        debug_assert!(!members.waking);
        members.waking = true;
        members.spinning = true;
    }

    pub fn stop_spinning(&mut self) {
        let members = self.of_mut(Crew::Foreground);
        members.waking = false;
        members.spinning = false;
    }

    /// A worker is about to sleep, under the same lock.
    pub fn sleep(&mut self, worker: u32, now: Nanos) {
        let at = &mut self.workers[worker as usize];
        at.called = false;
        at.dismissed = false;
        at.since = now;
        let members = &mut self.crews[at.crew as usize];
        members.idle.push(worker);
        debug_assert!(members.idle.len() <= members.alive);
    }

    pub fn is_called(&self, worker: u32) -> bool {
        self.workers[worker as usize].called
    }

    /// A worker that was woken is there: whether it is to end itself if there is nothing to do. It was taken out of
    /// `idle`, and `waking` set, by the thread that called it.
    pub fn woken(&mut self, worker: u32) -> bool {
        let at = &self.workers[worker as usize];
        self.crews[at.crew as usize].waking = false;
        at.dismissed
    }

    /// Whether a worker that comes by is one too many of its crew: it takes no task, and ends itself, or sleeps while
    /// another is on its way.
    #[inline]
    pub fn is_too_many(&self, crew: Crew, aside: Aside) -> bool {
        self.of(crew).alive > self.places(crew, aside)
    }

    /// Whether it may end itself.
    pub fn may_retire(&self, crew: Crew, aside: Aside) -> bool {
        self.is_too_many(crew, aside) && !self.of(crew).waking
    }

    // ---- by hand -------------------------------------------------------------------------------

    /// Whether all workers sleep, and none is on its way.
    pub fn is_asleep(&self) -> bool {
        self.awake() == 0
    }

    /// A thread does the workers' part from here on, while they sleep.
    pub fn take_in_hand(&mut self) {
        debug_assert!(self.is_asleep());
        for members in &mut self.crews {
            members.waking = true;
        }
    }

    /// It does not, any more.
    pub fn let_go(&mut self) {
        for members in &mut self.crews {
            members.waking = false;
        }
    }

    // ---- too long asleep -----------------------------------------------------------------------

    pub fn idle_timeout(&self) -> Nanos {
        self.idle_timeout
    }

    pub fn set_idle_timeout(&mut self, after: Nanos) {
        self.idle_timeout = after;
    }

    /// When the one that has slept longest has done so for too long, if there are `least` of the foreground that
    /// sleep; the background needs one less, as the program's next task is rather another.
    #[inline]
    pub fn idle_until(&self, least: usize) -> Option<Nanos> {
        self.longest_asleep(least).map(|(_, until)| until)
    }

    fn longest_asleep(&self, least: usize) -> Option<(Crew, Nanos)> {
        if self.idle_timeout == Nanos::MAX {
            return None;
        }
        let until = |crew| {
            let idle = &self.of(crew).idle;
            let least = if crew == Crew::Background { least - 1 } else { least };
            let first = idle.first().filter(|_| idle.len() >= least)?;
            Some((crew, self.workers[*first as usize].since.saturating_add(self.idle_timeout)))
        };
        CREWS.into_iter().filter_map(until).min_by_key(|(_, until)| *until)
    }

    /// Whether a worker that was dismissed may end itself: the last of the foreground that sleeps does not.
    pub fn may_be_missed(&self, crew: Crew) -> bool {
        crew == Crew::Background || self.has_idle(crew)
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
        let members = &mut self.crews[self.workers[worker as usize].crew as usize];
        members.alive -= 1;
        members.retiring += 1;
        self.free.push(worker);
    }

    /// Its thread has ended.
    pub fn thread_ended(&mut self, crew: Crew) {
        self.of_mut(crew).retiring -= 1;
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    use Crew::{Background, Foreground};

    const F: usize = Foreground as usize;

    fn aside(foreground: usize) -> Aside {
        Aside { foreground, background: 0 }
    }

    /// What a call asks for: to start one, to wake one, or that the one that spins looks again.
    fn call(pool: &mut Pool, foreground: usize) -> (bool, bool, bool) {
        let mut fx = Effects::<()>::new();
        pool.call(&mut fx, Foreground, aside(foreground));
        (fx.start_workers[F], fx.wake_workers[F].is_some(), fx.look_again)
    }

    const NOTHING: (bool, bool, bool) = (false, false, false);
    const START: (bool, bool, bool) = (true, false, false);
    const WAKE: (bool, bool, bool) = (false, true, false);

    #[test]
    fn b108_one_worker_at_a_time_is_on_its_way() {
        let mut pool = Pool::new(2, 10);
        assert_eq!(call(&mut pool, 0), START);
        assert_eq!(call(&mut pool, 0), NOTHING, "one is on its way");
        let first = pool.arrive(Foreground);
        assert_eq!(call(&mut pool, 0), START);
        let second = pool.arrive(Foreground);
        assert_eq!(call(&mut pool, 0), NOTHING, "all places are taken");
        assert!(pool.needs_no_call(aside(0)) && !pool.needs_no_call(aside(1)));
        assert_eq!(call(&mut pool, 1), START, "one that waits gives its place away");
        pool.start_failed(Foreground);
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
        pool.arrive(Foreground);
        pool.spin();
        assert_eq!(call(&mut pool, 0), (false, false, true));
        assert!(!pool.needs_no_call(aside(0)), "it could be in its last look");
        pool.stop_spinning();
        assert_eq!(call(&mut pool, 0), START);
    }

    #[test]
    fn b299_the_one_that_has_slept_longest_is_dismissed_and_the_last_never() {
        let mut pool = Pool::new(2, 10);
        let [first, second] = [0, 1].map(|_| {
            call(&mut pool, 0);
            pool.arrive(Foreground)
        });
        pool.sleep(first, 1);
        assert_eq!((pool.idle_until(2), pool.idle_until(1)), (None, Some(11)));
        pool.sleep(second, 2);
        assert_eq!(pool.idle_until(2), Some(11));
        let mut fx = Effects::<()>::new();
        assert!(pool.dismiss(&mut fx) && fx.wake_workers[F].is_some());
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
            pool.arrive(Foreground)
        });
        pool.set_max(1);
        assert!(pool.may_retire(Foreground, aside(0)) && !pool.may_retire(Foreground, aside(1)));
        pool.retire(workers[0]);
        pool.set_max(2);
        assert_eq!(call(&mut pool, 0), NOTHING);
        pool.thread_ended(Foreground);
        assert_eq!(call(&mut pool, 0), START);
        assert_eq!(pool.arrive(Foreground), workers[0], "its place among the workers is used again");
    }

    #[test]
    fn b338_the_background_takes_the_places_that_the_foreground_leaves_and_is_in_nobodys_way() {
        let mut pool = Pool::new(2, 10);
        let none = Aside::default();
        assert!(pool.background_may(1, none, false));
        let mut fx = Effects::<()>::new();
        for _ in 0..2 {
            pool.call(&mut fx, Background, none);
            assert!(fx.start_workers[Background as usize]);
            pool.arrive(Background);
        }
        assert!(!pool.background_may(1, none, false), "both places are taken");
        assert!(!pool.needs_no_call(none));
        for _ in 0..2 {
            assert_eq!(call(&mut pool, 0), START, "by those that are in nobody's way");
            pool.arrive(Foreground);
        }
        assert!(!pool.background_may(0, none, false), "each leaves its place as it comes by");
        assert!(!pool.is_too_many(Background, none), "and waits until there is one");
        assert!(pool.background_may(0, none, true), "but not for ever");
        assert!(pool.background_may(0, Aside { foreground: 1, background: 1 }, false));
        pool.sleep(2, 1);
        pool.sleep(3, 1);
        assert!(pool.background_may(0, none, false));
    }

    #[test]
    fn b339_without_a_thread_for_the_background_the_foreground_does_its_work() {
        let mut pool = Pool::new(2, 10);
        let mut fx = Effects::<()>::new();
        pool.call(&mut fx, Background, Aside::default());
        assert!(!pool.lacks_background());
        pool.start_failed(Background);
        assert!(pool.lacks_background());
        call(&mut pool, 0);
        pool.arrive(Foreground);
        assert!(!pool.lacks_background(), "the system gives threads again");
    }

    #[test]
    fn b299_of_the_background_the_last_one_is_dismissed_too() {
        let mut pool = Pool::new(2, 10);
        let mut fx = Effects::<()>::new();
        pool.call(&mut fx, Background, Aside::default());
        let low = pool.arrive(Background);
        call(&mut pool, 0);
        let high = pool.arrive(Foreground);
        pool.sleep(high, 1);
        pool.sleep(low, 5);
        assert_eq!(pool.idle_until(2), Some(15));
        assert!(pool.dismiss(&mut fx) && pool.is_called(low) && !pool.is_called(high));
        assert!(pool.woken(low) && pool.may_be_missed(Background) && pool.may_be_missed(Foreground));
        assert_eq!(pool.idle_until(2), None);
    }
}
