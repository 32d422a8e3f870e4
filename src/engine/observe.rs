//! What changed since an observer last looked: for what shows all tasks.
//!
//! A task that changed is noted once, by its slot and key, until the entry is taken; what is taken is
//! how the task is *then*. So a million reports of progress are one entry, and an observer has
//! each task as it is now, not a history of it. A task that came and went meanwhile is one entry,
//! too, which says that it is gone.
//!
//! The end of what ran counts once it was delivered. An observer is on the thread where that happens. The
//! code of its user is not to find a task over of which it was told nothing. Above all, a task whose end
//! submits the next one is at work until that is in. So a program that always has something to do never seems
//! idle.
//!
//! Nothing of an owner's code is in what is taken (see `unload.rs`): no result, and an error without
//! what was thrown. So it may be kept for as long as one likes.
//!
//! # Invariants
//!
//! 1. While nobody observes, nothing is noted, and the cost is one branch.
//! 2. A task with [`flag::NOTED`] has an entry, or the entries were dropped (`overrun`), or the flag is
//!    left over from an observer before. [`Engine::take_changes`] and [`Engine::set_observed`] clear
//!    such flags before anybody reads the tasks anew; a flag that is cleared in spite of an entry makes
//!    a second entry, which is harmless.
//! 3. If there is something to take, the receiver was told when the first of it came: its drain looks
//!    here, and a thread that leaves something sees to it that the drain comes again.

use std::sync::Arc;

use super::body::Outcome;
use super::changes::{Awaited, Brief, Change, Changes, RunTime, Stamp};
use super::clock::Nanos;
use super::effects::Effects;
use super::engine::Engine;
use super::id::TaskId;
use super::inner::{Inner, PIECE};
use super::outgoing::wants;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::words::Status;

/// Entries taken for each time that the lock is taken.
const BATCH: usize = 64;

/// To look at a free slot costs so little, against reading a task.
const FREE_SLOTS: usize = 64;

impl<P: Payload> Inner<P> {
    /// Notes that a task changed, if anybody wants to know.
    pub fn note(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.outgoing.wants(wants::CHANGES) {
            self.note_change(fx, slot);
        }
    }

    fn note_change(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.tasks.at(slot);
        if record.has(flag::NOTED) || self.changes.is_overrun() {
            return;
        }
        record.set(flag::NOTED);
        let key = record.key;
        let first = self.changes.is_empty();
        self.changes.note(slot, key);
        if first {
            self.outgoing.notify(fx);
        }
    }

    /// Notes that a task is about to be forgotten; one that is only reserved nobody has heard of.
    pub fn note_gone(&mut self, fx: &mut Effects<P>, slot: u32) {
        if !self.outgoing.wants(wants::CHANGES) || self.tasks.at(slot).status == Status::UnknownTask {
            return;
        }
        let record = self.tasks.at(slot);
        let (key, untold) = (record.key, record.has(flag::NOTED));
        let (retried, failure) = (record.has(flag::RETRIED), record.status.is_failure());
        // That one was retried is to be known, or it would keep its row as a failure.
        if failure && (untold || retried) && self.changes.has_room_for_lost() {
            let brief = Arc::new(self.brief(slot));
            self.changes.keep_lost(key, brief);
        }
        self.note_change(fx, slot);
    }

    /// What a blocked task waits for.
    fn awaited(&mut self, slot: u32) -> Awaited {
        let record = self.tasks.at(slot);
        if record.status != Status::Blocked || self.is_parked(slot) {
            return Awaited::Nothing;
        }
        let record = self.tasks.at(slot);
        let links = record.extra.as_ref().and_then(|extra| extra.links.as_ref());
        match links.map_or(0, |links| links.left) {
            // Invariant 1 of `after.rs`.
            0 => Awaited::Turn,
            1 => {
                let on = links.and_then(|links| links.edges.iter().map(|edge| edge.on).find(|on| *on != NIL));
                let name = on.and_then(|on| self.tasks.at(on).shown_name().cloned());
                Awaited::Task(name.unwrap_or_default())
            }
            left => Awaited::Tasks(left),
        }
    }

    /// The groups that a task stands in, the outermost first.
    fn path(&mut self, slot: u32) -> Arc<[(Nanos, TaskId)]> {
        let mut path = Vec::new();
        let mut at = Some(slot);
        while let Some(slot) = at {
            let links = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.links.as_ref());
            let Some(whole) = links.and_then(|links| links.whole) else { break };
            path.push(whole);
            at = self.tasks.find(whole.1).map(|(slot, _)| slot);
        }
        // Of most tasks nothing, which costs nothing.
        if path.is_empty() { Arc::default() } else { path.into_iter().rev().collect() }
    }

    pub fn brief(&mut self, slot: u32) -> Brief {
        let id = self.id(slot);
        let path = self.path(slot);
        let waits_for = self.awaited(slot);
        let shown = self.shown(slot);
        let paused = (shown == Status::Paused).then(|| self.nearest_reason(slot));
        let (can_pause, can_resume) = (self.may_pause(slot), self.may_resume(slot));
        let owner = self.tasks.at(slot).owner;
        let owner = self.owners.name(owner);
        let clock = self.clock.clone();
        let record = self.tasks.at(slot);
        // A task that runs may stand in the timers for its time-out.
        let waits = record.status == Status::Delayed;
        let due = self.time.due_of(record).filter(|_| waits);
        let extra = record.extra.as_deref();
        let progress = extra.and_then(|extra| extra.progress.as_ref());
        let schedule = extra.and_then(|extra| extra.schedule.as_ref());
        let attempts = extra.and_then(|extra| extra.attempts.as_ref());
        // The end of a run that was not delivered has not come yet, as far as anybody is told.
        let ran = match schedule {
            Some(schedule) => schedule.began.saturating_add(schedule.took) == record.finished,
            None => record.has(flag::STARTED),
        };
        let untold = record.status.is_finished() && !record.has(flag::DELIVERED) && ran;
        let status = if untold { Status::Running } else { shown };
        let stamp = |nanos: Nanos| Stamp { nanos, wall_ms: clock.wall_ms(nanos) };
        let job = extra.and_then(|extra| extra.job.clone());
        Brief {
            id,
            status,
            priority: record.priority,
            name: record.name().cloned().or(job.clone()).unwrap_or_default(),
            job,
            owner,
            progress: progress.map_or(-1.0, |progress| progress.value),
            message: progress.map(|progress| progress.message.clone()).unwrap_or_default(),
            amount: progress.and_then(|progress| progress.amount.as_ref()).map(|it| it.amount.clone()),
            iteration: schedule.map_or(0, |schedule| schedule.iteration),
            periodic: record.has(flag::PERIODIC),
            attempt: attempts.map_or(record.has(flag::STARTED).into(), |attempts| attempts.made()),
            attempts: attempts.map_or(1, |attempts| attempts.most()),
            retrying: waits && attempts.is_some_and(|attempts| attempts.waits()),
            slow: status == Status::Running && self.runs.is_slow(record.run),
            key: extra.and_then(|extra| extra.kept.key.clone()),
            waits_for,
            path,
            members: extra.and_then(|extra| extra.group.as_ref()).map(|group| group.places.len() as u32),
            transient: extra.is_some_and(|extra| extra.kept.transient),
            system: extra.is_some_and(|extra| extra.kept.system),
            cancel_requested: record.has(flag::CANCEL_REQUESTED),
            stopped: paused.is_some() && record.run != NIL,
            paused,
            can_pause,
            can_resume,
            can_retry: status.is_finished() && record.body.is_some(),
            retried: record.has(flag::RETRIED),
            error: match &record.outcome {
                _ if !status.is_finished() => schedule.and_then(|schedule| schedule.error.clone()),
                Outcome::Error(error) if error.has_source() => Some(Arc::new(error.without_source())),
                Outcome::Error(error) => Some(error.clone()),
                _ => None,
            },
            weight: extra.map_or(1.0, |extra| extra.kept.weight),
            created: stamp(record.created),
            due: due.map(stamp),
            started: record.has(flag::STARTED).then(|| stamp(record.started)),
            finished: status.is_finished().then(|| stamp(record.finished)),
            run: schedule.filter(|schedule| schedule.iteration > 0).map(|schedule| match record.status {
                Status::Running => RunTime::Began(schedule.began),
                _ => RunTime::Took(schedule.took),
            }),
        }
    }

    fn take_change(&mut self) -> Option<Change> {
        let (slot, key) = self.changes.take()?;
        let record = self.tasks.get(slot).filter(|record| record.key == key);
        Some(match record {
            Some(record) if record.has(flag::RETRIED) => {
                record.clear(flag::NOTED);
                Change::Gone(self.tasks.id_of(slot, key), Some(Arc::new(self.brief(slot))))
            }
            Some(record) => {
                record.clear(flag::NOTED);
                Change::Is(Arc::new(self.brief(slot)))
            }
            None => Change::Gone(self.tasks.id_of(slot, key), self.changes.take_lost(key)),
        })
    }
}

impl<P: Payload> Engine<P> {
    /// Whether somebody takes the changes of all tasks. An observer that begins reads all tasks after this.
    pub fn set_observed(&self, observed: bool) {
        let began = self.shared().with(|inner, _| {
            let before = inner.outgoing.wants(wants::CHANGES);
            inner.outgoing.set_wanted(wants::CHANGES, observed);
            let after = inner.outgoing.wants(wants::CHANGES);
            if !(before && after) {
                inner.changes.clear();
            }
            after && !before
        });
        if began {
            self.clear_noted();
        }
    }

    /// Whether there is something to take.
    pub fn has_changes(&self) -> bool {
        self.shared().with(|inner, _| !inner.changes.is_empty())
    }

    /// Takes up to `most` of the changes, each task as it is now.
    pub fn take_changes(&self, most: usize) -> Changes {
        let mut changes = Changes::default();
        loop {
            let mut batch = Vec::with_capacity(BATCH.min(most - changes.list.len()));
            let overrun = self.shared().with(|inner, _| {
                while batch.len() < BATCH && changes.list.len() + batch.len() < most {
                    let Some(change) = inner.take_change() else { break };
                    batch.push(change);
                }
                inner.changes.take_overrun()
            });
            if overrun {
                self.clear_noted();
                changes.overrun = true;
            }
            let last = batch.len() < BATCH;
            changes.list.append(&mut batch);
            if last || changes.list.len() >= most {
                return changes;
            }
        }
    }

    /// Clears the flags that have no entry: invariant 2.
    fn clear_noted(&self) {
        let mut from = Some(0);
        while let Some(at) = from {
            from = self.shared().walk(at, |inner, _, slot| {
                if let Some(record) = inner.tasks.get(slot) {
                    record.clear(flag::NOTED);
                }
            });
        }
    }

    /// The tasks in the slots from `from` on, about `most` of them, and where to go on; `None` at the
    /// end. Fewer only where a great many slots are free. Each is as it was at some moment of the call.
    pub fn briefs(&self, from: usize, most: usize) -> (Vec<Arc<Brief>>, Option<usize>) {
        if from == 0 {
            while self.shared().with(|inner, fx| {
                let now = inner.clock.now();
                inner.forget_overdue(fx, now)
            }) {}
        }
        let (mut at, mut looked, mut briefs) = (Some(from), 0, Vec::new());
        while let Some(from) = at
            && briefs.len() < most
            && looked < most.saturating_mul(FREE_SLOTS)
        {
            let mut piece = Vec::with_capacity(PIECE);
            at = self.shared().walk(from, |inner, _, slot| {
                let Some(record) = inner.tasks.get(slot) else { return };
                looked += 1;
                if record.status != Status::UnknownTask && !record.has(flag::RETRIED) {
                    piece.push(Arc::new(inner.brief(slot)));
                }
            });
            briefs.append(&mut piece);
        }
        (briefs, at)
    }

    /// What is known of a task, without what its owner's code made.
    pub fn brief(&self, id: TaskId) -> Option<Arc<Brief>> {
        self.shared().with(|inner, fx| inner.find(fx, id).map(|slot| Arc::new(inner.brief(slot))))
    }

    /// Now, as nanoseconds since the engine was made.
    pub fn now(&self) -> Nanos {
        self.shared().clock.now()
    }
}

#[cfg(all(test, feature = "qt"))]
mod tests {
    use super::*;
    use crate::engine::{DeliveryMode, EngineConfig, ErrorKind, Once, TaskContext, TaskError};

    #[test]
    fn what_was_thrown_stays_in_the_engine() {
        let engine = Engine::<()>::manual(EngineConfig::default(), DeliveryMode::Queued);
        engine.set_observed(true);
        let thrown: Arc<dyn std::any::Any + Send + Sync> = Arc::new(7);
        let error = TaskError::new(ErrorKind::Exception, "thrown").with_source(thrown.clone());
        let body = Once(Some(move |_: &TaskContext| Err(error)));
        let id = engine.submit(Box::new(body), Default::default(), None, false).unwrap();
        engine.wait(id, None);
        let changes = engine.take_changes(10);
        let Some(Change::Is(brief)) = changes.list.last() else { panic!("{changes:?}") };
        let error = brief.error.as_ref().unwrap();
        assert_eq!((error.message(), error.has_source()), ("thrown", false));
        engine.set_history_limits(crate::HistoryLimits { tasks: 0, ..Default::default() });
        let body = Once(Some(|_: &TaskContext| Ok(())));
        let other = engine.submit(Box::new(body), Default::default(), None, false).unwrap();
        engine.wait(other, None);
        assert_eq!(Arc::strong_count(&thrown), 1, "the engine has forgotten it, and nobody else has it");
    }
}
