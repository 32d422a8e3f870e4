//! Who is told of a task's progress by the thread that reports it, and not through the outbox: a future.
//! The thread that ends the task finishes it; what comes through an event loop would come too late.
//!
//! # Invariants
//!
//! 1. The last report of a task is told before the wakers of its end are woken, by the same thread: both are
//!    in the effects of [`Inner::terminate`], and [`Shared::apply`](super::Shared) takes them in this order.
//!    Whoever adds a waker to a task that has just ended may come before that thread: it asks for the
//!    [last report](super::Engine::last_report).
//! 2. Two threads may tell at the same time: the one that reports, and the timer thread with what was
//!    reported before. Reports are numbered under the lock, and a follower leaves out what has a lower number
//!    than it has seen.
//! 3. A follower is told at most once in [`PACE`], but for the last. What it was not told at once comes when
//!    that time is over, also if nothing more is reported.

use std::sync::Arc;

use super::clock::Nanos;
use super::effects::{Effects, Garbage};
use super::id::TaskId;
use super::inner::{FRAME, Inner};
use super::{Payload, Shared, workers};

/// How often a follower is told: QFuture passes on 25 a second, and forgets the others.
pub const PACE: Nanos = 40_000_000;

/// A report as a follower gets it.
#[derive(Clone)]
pub struct Report {
    /// Higher than that of what was reported before.
    pub number: u64,
    /// From 0 to 1; negative for "not known".
    pub value: f64,
    pub message: Arc<str>,
}

/// Is told of a task's progress, by any thread, by several at once. It is short, and calls no user. `false`:
/// it could not pass it on yet, and is to be told again in a moment.
pub type Follower = Arc<dyn Fn(&Report) -> bool + Send + Sync>;

/// How far a task's followers are.
#[derive(Default)]
pub struct Telling {
    /// The number of the newest report.
    pub number: u64,
    /// When they were last told.
    at: Option<Nanos>,
    /// They have not been told of the newest.
    behind: bool,
}

/// Among the effects: followers to be told.
pub struct Told {
    id: TaskId,
    followers: Vec<Follower>,
    report: Report,
}

impl<P: Payload> Inner<P> {
    /// Tells the followers of the newest report, at once or when it is time.
    pub fn follow(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let Some(extra) = &mut self.slab.at(slot).extra else { return };
        let Some(progress) = &mut extra.progress else { return };
        if extra.followers.is_empty() {
            return;
        }
        if progress.told.at.is_none_or(|at| now >= at.saturating_add(PACE)) {
            self.tell_followers(fx, slot, now);
        } else if !std::mem::replace(&mut progress.told.behind, true) {
            self.follow_later(fx, slot, now);
        }
    }

    fn follow_later(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let key = self.slab.at(slot).key;
        self.dirty.push((slot, key));
        self.flush_at.get_or_insert(now.saturating_add(FRAME));
        self.arm_timer(fx);
    }

    fn tell_followers(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let id = self.id(slot);
        let Some(extra) = &mut self.slab.at(slot).extra else { return };
        let Some(progress) = &mut extra.progress else { return };
        progress.told.at = Some(now);
        progress.told.behind = false;
        let report =
            Report { number: progress.told.number, value: progress.value, message: progress.message.clone() };
        let followers = extra.followers.clone();
        self.hold(fx, slot);
        fx.calls().follows.push(Told { id, followers, report });
    }

    /// A frame is over: tells the followers of a task that are behind, if it is time.
    pub fn catch_up(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let progress = self.slab.at(slot).extra.as_ref().and_then(|extra| extra.progress.as_ref());
        let Some(told) = progress.map(|progress| &progress.told).filter(|told| told.behind) else { return };
        match told.at.is_none_or(|at| now >= at.saturating_add(PACE)) {
            true => self.tell_followers(fx, slot, now),
            false => self.follow_later(fx, slot, now),
        }
    }

    /// They could not pass it on yet.
    fn follow_again(&mut self, fx: &mut Effects<P>, slot: u32) {
        let now = self.clock.now();
        let record = self.slab.at(slot);
        if record.status.is_finished() {
            return;
        }
        let Some(progress) = record.extra.as_mut().and_then(|extra| extra.progress.as_mut()) else { return };
        progress.told.at = Some(now);
        if !std::mem::replace(&mut progress.told.behind, true) {
            self.follow_later(fx, slot, now);
        }
    }

    /// Adds a follower, and tells it what was reported before, also where the task has ended.
    pub fn add_follower(&mut self, fx: &mut Effects<P>, slot: u32, follower: Follower) {
        let now = self.clock.now();
        let ended = self.slab.at(slot).status.is_finished();
        let extra = self.slab.at(slot).extra.as_ref();
        let reported = extra.is_some_and(|extra| extra.progress.is_some());
        if ended && !reported || self.is_unloading(slot) {
            self.leave(fx, slot, Garbage::Followers(vec![follower]));
            return;
        }
        self.slab.at(slot).extra().followers.push(follower);
        if reported {
            self.tell_followers(fx, slot, now);
        }
        if ended {
            self.end_following(fx, slot, now);
        }
    }

    /// The task ends: tells the last, and lets the followers go.
    pub fn end_following(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let Some(extra) = &self.slab.at(slot).extra else { return };
        if extra.followers.is_empty() {
            return;
        }
        if extra.progress.as_ref().is_some_and(|progress| progress.told.behind) {
            self.tell_followers(fx, slot, now);
        }
        let followers = std::mem::take(&mut self.slab.at(slot).extra().followers);
        self.leave(fx, slot, Garbage::Followers(followers));
    }
}

impl<P: Payload> Shared<P> {
    /// Tells followers, without the lock.
    pub(super) fn tell(&self, told: Told) {
        let Told { id, followers, report } = told;
        let mut passed = true;
        for follower in followers {
            workers::contain("who follows a task", || passed &= follower(&report));
            workers::destroy(follower);
        }
        if !passed {
            self.with(|inner, fx| {
                if let Some(slot) = inner.find(fx, id) {
                    inner.follow_again(fx, slot);
                }
            });
        }
    }
}

impl<P: Payload> super::Engine<P> {
    /// What a task has reported last, for whoever hears of its end: where a follower or a waker is added as
    /// the task ends, another thread may be about to tell it.
    pub fn last_report(&self, id: TaskId) -> Option<Report> {
        self.with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            let progress = inner.slab.at(slot).extra.as_ref()?.progress.as_ref()?;
            let (number, value) = (progress.told.number, progress.value);
            Some(Report { number, value, message: progress.message.clone() })
        })
    }

    /// Has `follower` told of a task's progress until the task ends; of one that has ended, of its last.
    pub fn follow(&self, id: TaskId, follower: Follower) {
        // One that finds no task is destroyed with this frame, after the lock.
        let mut follower = Some(follower);
        self.with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id)
                && let Some(follower) = follower.take()
            {
                inner.add_follower(fx, slot, follower);
            }
        });
    }
}
