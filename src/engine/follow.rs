//! Followers: what is told of a task's progress by the thread that reports it, and not through the outbox. A
//! future is one. The thread that ends the task finishes it; what comes through an event loop would come too
//! late.
//!
//! # Invariants
//!
//! 1. The last report of a task is told before the wakers of its end are woken, by the same thread: both are
//!    in the effects of [`Inner::terminate`], and `Shared::apply` takes them in this order.
//!    A thread that adds a waker to a task that has just ended may come before that one: it asks for the
//!    [last report](Engine::last_report).
//! 2. Two threads may tell at the same time: the one that reports, and the timer thread with what was
//!    reported before. Reports are numbered under the lock, and a follower leaves out what has a lower number
//!    than it has seen.
//! 3. A follower is told at most once in [`PACE`](super::telling::PACE), but for the last. What it was not
//!    told at once comes when that time is over, also if nothing more is reported.

use super::clock::Nanos;
use super::contain::{contain, destroy};
use super::effects::{Effects, Garbage};
use super::engine::Engine;
use super::id::TaskId;
use super::inner::Inner;
use super::payload::Payload;
use super::shared::Shared;
use super::telling::{FRAME, Follower, Report, Told};

impl<P: Payload> Inner<P> {
    /// Tells the followers of the newest report, at once or when it is time.
    pub fn follow(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let Some(extra) = &mut self.tasks.at(slot).extra else { return };
        let Some(progress) = &mut extra.progress else { return };
        if extra.followers.is_empty() {
            return;
        }
        if progress.told.is_time(now) {
            self.tell_followers(fx, slot, now);
        } else if progress.told.fall_behind() {
            self.follow_later(fx, slot, now);
        }
    }

    fn follow_later(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let key = self.tasks.at(slot).key;
        self.time.flush_later(slot, key, now.saturating_add(FRAME));
        self.arm_timer(fx);
    }

    fn tell_followers(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let id = self.id(slot);
        let Some(extra) = &mut self.tasks.at(slot).extra else { return };
        let Some(progress) = &mut extra.progress else { return };
        progress.told.told(now);
        let report = Report {
            number: progress.told.number(),
            value: progress.value,
            message: progress.message.clone(),
        };
        let followers = extra.followers.clone();
        self.hold(fx, slot);
        fx.calls().follows.push(Told { id, followers, report });
    }

    /// A frame is over: tells the followers of a task that are behind, if it is time.
    pub fn catch_up(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let progress = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.progress.as_ref());
        let Some(told) = progress.map(|progress| &progress.told).filter(|told| told.is_behind()) else {
            return;
        };
        match told.is_time(now) {
            true => self.tell_followers(fx, slot, now),
            false => self.follow_later(fx, slot, now),
        }
    }

    /// They could not pass it on yet.
    fn follow_again(&mut self, fx: &mut Effects<P>, slot: u32) {
        let now = self.clock.now();
        let record = self.tasks.at(slot);
        if record.status.is_finished() {
            return;
        }
        let Some(progress) = record.extra.as_mut().and_then(|extra| extra.progress.as_mut()) else { return };
        if progress.told.try_again(now) {
            self.follow_later(fx, slot, now);
        }
    }

    /// Adds a follower, and tells it what was reported before, also where the task has ended.
    pub fn add_follower(&mut self, fx: &mut Effects<P>, slot: u32, follower: Follower) {
        let now = self.clock.now();
        let ended = self.tasks.at(slot).status.is_finished();
        let extra = self.tasks.at(slot).extra.as_ref();
        let reported = extra.is_some_and(|extra| extra.progress.is_some());
        if ended && !reported || self.is_unloading(slot) {
            self.leave(fx, slot, Garbage::Followers(vec![follower]));
            return;
        }
        self.tasks.at(slot).extra().followers.push(follower);
        if reported {
            self.tell_followers(fx, slot, now);
        }
        if ended {
            self.end_following(fx, slot, now);
        }
    }

    /// The task ends: tells the last, and lets the followers go.
    pub fn end_following(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let Some(extra) = &self.tasks.at(slot).extra else { return };
        if extra.followers.is_empty() {
            return;
        }
        if extra.progress.as_ref().is_some_and(|progress| progress.told.is_behind()) {
            self.tell_followers(fx, slot, now);
        }
        let followers = std::mem::take(&mut self.tasks.at(slot).extra().followers);
        self.leave(fx, slot, Garbage::Followers(followers));
    }
}

impl<P: Payload> Shared<P> {
    /// Tells followers, without the lock.
    pub(super) fn tell(&self, told: Told) {
        let Told { id, followers, report } = told;
        let mut passed = true;
        for follower in followers {
            contain("a follower of a task", || passed &= follower(&report));
            destroy(follower);
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

impl<P: Payload> Engine<P> {
    /// What a task has reported last, for one that hears of its end: where a follower or a waker is added as
    /// the task ends, another thread may be about to tell it.
    pub fn last_report(&self, id: TaskId) -> Option<Report> {
        self.shared().with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            let progress = inner.tasks.at(slot).extra.as_ref()?.progress.as_ref()?;
            let (number, value) = (progress.told.number(), progress.value);
            Some(Report { number, value, message: progress.message.clone() })
        })
    }

    /// Has `follower` told of a task's progress until the task ends; of one that has ended, of its last.
    pub fn follow(&self, id: TaskId, follower: Follower) {
        // One that finds no task is destroyed with this frame, after the lock.
        let mut follower = Some(follower);
        self.shared().with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id)
                && let Some(follower) = follower.take()
            {
                inner.add_follower(fx, slot, follower);
            }
        });
    }
}
