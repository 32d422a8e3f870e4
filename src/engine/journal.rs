//! What changed since somebody last looked: for who shows all tasks.
//!
//! A task that changed is noted once, by its slot and key, until the entry is taken; what is taken is
//! how the task is *then*. So a million reports of progress are one entry, and who shows tasks has
//! each of them as it is now, not a history of it. A task that came and went meanwhile is one entry,
//! too, which says that it is gone.
//!
//! The end of what ran counts once it was delivered. Who shows tasks is on the thread where that happens, and its
//! user's code is not to find a task over of which it was told nothing; above all, a task whose end submits the
//! next one is at work until that is in: one that always has something to do never seems idle.
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
//!    here, and who leaves something sees to it that it comes again.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::clock::Nanos;
use super::effects::Effects;
use super::error::TaskError;
use super::id::{Parts, TaskId};
use super::inner::Inner;
use super::record::{Outcome, Priority, Status, flag};
use super::unload::PIECE;
use super::{DeliveryMode, Engine, Payload};

/// So many changes are noted; then they are dropped, and all tasks are to be read anew.
pub const MOST_ENTRIES: usize = 262_144;

/// Failures of tasks that were forgotten before anybody looked: so many are kept for the observer.
pub const MOST_LOST: usize = 1_000;

/// Entries taken for each time that the lock is taken.
const BATCH: usize = 64;

const SEGMENT: usize = 1_024;

/// To look at a free slot costs so little, against reading a task.
const FREE_SLOTS: usize = 64;

/// What is known of a task, without what its owner's code made.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
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
    /// How it ended; of a periodic task that has not, how its last run failed, if it did.
    pub error: Option<Arc<TaskError>>,
    /// How much it counts among others, for the progress of all.
    pub weight: f64,
    pub created: Stamp,
    /// When its time comes, of one that waits for it.
    pub due: Option<Stamp>,
    pub started: Option<Stamp>,
    pub finished: Option<Stamp>,
    /// Of a periodic task that has begun a run: that run, or the last one.
    pub run: Option<RunTime>,
}

/// A run of a periodic task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunTime {
    /// Since then.
    Began(Nanos),
    /// It is over; so long it took, in nanoseconds.
    Took(Nanos),
}

/// A moment, by the engine's clock and by the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamp {
    /// Nanoseconds since the engine was made.
    pub nanos: Nanos,
    /// Milliseconds since 1970.
    pub wall_ms: i64,
}

/// A task that changed, as it is when it is taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Is(Arc<Brief>),
    /// The engine has forgotten it. If it had failed, and that was never taken, here is how.
    Gone(TaskId, Option<Arc<Brief>>),
}

/// What [`Engine::take_changes`] took.
#[derive(Debug, Default)]
pub struct Changes {
    /// In the order in which each was first noted.
    pub list: Vec<Change>,
    /// Changes were dropped: all tasks are to be read anew.
    pub overrun: bool,
}

#[derive(Default)]
pub struct Journal {
    pub observed: bool,
    /// Slots and keys. Grows by segments, so that nothing large moves under the lock.
    segments: VecDeque<Vec<(u32, u64)>>,
    /// How many of the first segment were taken.
    taken: usize,
    len: usize,
    overrun: bool,
    /// Failures of forgotten tasks, by key; each has an entry.
    lost: HashMap<u64, Arc<Brief>>,
}

impl Journal {
    fn push(&mut self, slot: u32, key: u64) {
        if self.segments.back().is_none_or(|segment| segment.len() == SEGMENT) {
            self.segments.push_back(Vec::with_capacity(SEGMENT));
        }
        if let Some(segment) = self.segments.back_mut() {
            segment.push((slot, key));
            self.len += 1;
        }
    }

    fn pop(&mut self) -> Option<(u32, u64)> {
        let first = self.segments.front()?;
        let entry = first.get(self.taken).copied()?;
        self.taken += 1;
        self.len -= 1;
        if self.taken == first.len() {
            // Also of a segment that is not full: an empty journal holds no memory.
            self.segments.pop_front();
            self.taken = 0;
        }
        Some(entry)
    }

    fn clear(&mut self) {
        *self = Journal { observed: self.observed, ..Journal::default() };
    }

    fn is_empty(&self) -> bool {
        self.len == 0 && !self.overrun
    }
}

impl<P: Payload> Inner<P> {
    /// Notes that a task changed, if anybody wants to know.
    pub fn note(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.journal.observed {
            self.note_change(fx, slot);
        }
    }

    fn note_change(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.slab.at(slot);
        if record.has(flag::NOTED) || self.journal.overrun {
            return;
        }
        record.set(flag::NOTED);
        let key = record.key;
        let first = self.journal.is_empty();
        if self.journal.len >= MOST_ENTRIES {
            self.journal.clear();
            self.journal.overrun = true;
        } else {
            self.journal.push(slot, key);
        }
        if first {
            self.notify(fx);
        }
    }

    /// Notes that a task is about to be forgotten; one that is only reserved nobody has heard of.
    pub fn note_gone(&mut self, fx: &mut Effects<P>, slot: u32) {
        if !self.journal.observed || self.slab.at(slot).status == Status::UnknownTask {
            return;
        }
        let record = self.slab.at(slot);
        let (key, untold) = (record.key, record.has(flag::NOTED));
        let room = !self.journal.overrun && self.journal.lost.len() < MOST_LOST;
        if untold && room && record.status.is_failure() {
            let brief = Arc::new(self.brief(slot));
            self.journal.lost.insert(key, brief);
        }
        self.note_change(fx, slot);
    }

    pub fn brief(&mut self, slot: u32) -> Brief {
        let id = self.id(slot);
        let owner = self.slab.at(slot).owner;
        let owner = self.owners.at(owner).name.clone();
        let clock = self.clock.clone();
        let record = self.slab.at(slot);
        // A task that runs may stand in the timers for its time-out.
        let waits = record.status == Status::Delayed;
        let due = self.timers.due_of(record).filter(|_| waits);
        let extra = record.extra.as_deref();
        let progress = extra.and_then(|extra| extra.progress.as_ref());
        let schedule = extra.and_then(|extra| extra.schedule.as_ref());
        // The end of a run that was not delivered has not come yet, as far as anybody is told.
        let ran = match schedule {
            Some(schedule) => schedule.began.saturating_add(schedule.took) == record.finished,
            None => record.has(flag::STARTED),
        };
        let untold = record.status.is_finished() && !record.has(flag::DELIVERED) && ran;
        let status = if untold { Status::Running } else { record.status };
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
            iteration: schedule.map_or(0, |schedule| schedule.iteration),
            periodic: record.has(flag::PERIODIC),
            cancel_requested: record.has(flag::CANCEL_REQUESTED),
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
        let (slot, key) = self.journal.pop()?;
        let record = self.slab.get(slot).filter(|record| record.key == key);
        Some(match record {
            Some(record) => {
                record.clear(flag::NOTED);
                Change::Is(Arc::new(self.brief(slot)))
            }
            None => {
                let id = TaskId::pack(Parts { slot, key, salt: self.salt });
                Change::Gone(id, self.journal.lost.remove(&key))
            }
        })
    }
}

impl<P: Payload> Engine<P> {
    /// Whether somebody takes the changes of all tasks. One who begins reads all tasks after this.
    pub fn set_observed(&self, observed: bool) {
        let began = self.with(|inner, _| {
            let observed = observed && inner.mode == DeliveryMode::Queued;
            let began = observed && !inner.journal.observed;
            inner.journal.observed = observed;
            if !observed || began {
                inner.journal.clear();
            }
            began
        });
        if began {
            self.clear_noted();
        }
    }

    /// Whether there is something to take.
    pub fn has_changes(&self) -> bool {
        self.with(|inner, _| !inner.journal.is_empty())
    }

    /// Takes up to `most` of the changes, each task as it is now.
    pub fn take_changes(&self, most: usize) -> Changes {
        let mut changes = Changes::default();
        loop {
            let mut batch = Vec::with_capacity(BATCH.min(most - changes.list.len()));
            let overrun = self.with(|inner, _| {
                while batch.len() < BATCH && changes.list.len() + batch.len() < most {
                    let Some(change) = inner.take_change() else { break };
                    batch.push(change);
                }
                std::mem::take(&mut inner.journal.overrun)
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
        let (mut from, mut more) = (0, true);
        while more {
            more = self.with(|inner, _| {
                let end = inner.slab.end();
                let to = (from + PIECE).min(end);
                for slot in from as u32..to as u32 {
                    if let Some(record) = inner.slab.get(slot) {
                        record.clear(flag::NOTED);
                    }
                }
                from = to;
                to < end
            });
        }
    }

    /// The tasks in the slots from `from` on, about `most` of them, and where to go on; `None` at the
    /// end. Fewer only where a great many slots are free. Each is as it was at some moment of the call.
    pub fn briefs(&self, from: usize, most: usize) -> (Vec<Arc<Brief>>, Option<usize>) {
        if from == 0 {
            self.with(|inner, fx| {
                let now = inner.clock.now();
                inner.forget_overdue(fx, now);
            });
        }
        let (mut at, mut more, mut looked, mut briefs) = (from, true, 0, Vec::new());
        while more && briefs.len() < most && looked < most.saturating_mul(FREE_SLOTS) {
            let mut piece = Vec::with_capacity(PIECE);
            more = self.with(|inner, _| {
                let end = inner.slab.end();
                let to = (at + PIECE).min(end);
                for slot in at as u32..to as u32 {
                    let Some(record) = inner.slab.get(slot) else { continue };
                    looked += 1;
                    if record.status != Status::UnknownTask {
                        piece.push(Arc::new(inner.brief(slot)));
                    }
                }
                at = to;
                to < end
            });
            briefs.append(&mut piece);
        }
        (briefs, more.then_some(at))
    }

    /// What is known of a task, without what its owner's code made.
    pub fn brief(&self, id: TaskId) -> Option<Arc<Brief>> {
        self.with(|inner, fx| inner.find(fx, id).map(|slot| Arc::new(inner.brief(slot))))
    }

    /// Now, as nanoseconds since the engine was made.
    pub fn now(&self) -> Nanos {
        self.shared().clock.now()
    }
}

#[cfg(all(test, feature = "qt"))]
mod tests {
    use super::*;
    use crate::engine::{EngineConfig, ErrorKind, Once, TaskContext};

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
