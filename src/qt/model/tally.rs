//! What the tasks of a model count: how many are in each phase, and how far all of them are. Nothing of Qt.
//!
//! # Invariants
//!
//! 1. All but `ended` follows from the tasks that were counted in, and not out again since.
//! 2. Periodic tasks do not count for the progress; `running` and the waiting ones are plain. A body that has stopped
//!    for a pause is among the former, though its task is counted as one that waits.
//! 3. `ended` are the plain tasks that ended since none waited or was running.

use std::collections::BTreeMap;

use super::roles::Phase;
use crate::engine::clock::Nanos;
use crate::engine::{Brief, TaskId};

/// What is kept of a task without a row, and of each with one.
#[derive(Clone, Copy)]
pub struct Known {
    pub created: Nanos,
    pub phase: Phase,
    /// Its body has stopped for a pause: it is as far as it is.
    pub stopped: bool,
    pub periodic: bool,
    pub cancellable: bool,
    pub weight: Weight,
    /// It stands for others, which are counted, and is not.
    pub whole: bool,
    /// The group that it stands in.
    pub group: Option<TaskId>,
    /// The walk over all tasks that met it last.
    pub pass: u32,
}

impl Known {
    /// It has a part in the progress by how far it is.
    fn is_on_its_way(&self) -> bool {
        !self.periodic && (self.phase == Phase::Running || self.stopped)
    }
}

/// What a task counts, in millionths: whole numbers can be added and taken away without a rest.
pub type Weight = u64;

pub fn weight_of(task: &Brief) -> Weight {
    // A float becomes the nearest number that there is, and what is none becomes 0.
    ((task.weight * 1e6).round() as Weight).max(1)
}

#[derive(Clone, Copy, Default)]
struct Ended {
    count: usize,
    weight: u128,
    /// When the last of them did.
    last: Nanos,
}

#[derive(Default)]
pub struct Tally {
    /// By the phases before the end.
    counts: [usize; 3],
    cancellable: usize,
    /// How far each plain task is whose body runs, or has stopped, negative for not known, and what it counts.
    running: BTreeMap<TaskId, (f64, Weight)>,
    waiting_plain: usize,
    waiting_weight: u128,
    ended: Ended,
}

impl Tally {
    /// The tasks are read anew: nothing is counted, but what has ended has.
    pub fn anew(&self) -> Tally {
        Tally { ended: self.ended, ..Tally::default() }
    }

    /// How many tasks are in a phase before the end.
    pub fn count(&self, phase: Phase) -> usize {
        self.counts[phase as usize]
    }

    /// How many tasks "cancel all" would ask to stop.
    pub fn cancellable(&self) -> usize {
        self.cancellable
    }

    /// How far all are, from 0 to 1; -1 if that is not known.
    pub fn progress(&self) -> f64 {
        let single = self.ended.count + self.waiting_plain + self.running.len() == 1;
        let unknown = self.running.values().all(|(progress, _)| *progress < 0.0);
        if self.running.is_empty() || single && unknown {
            return -1.0;
        }
        let running: u128 = self.running.values().map(|(_, weight)| u128::from(*weight)).sum();
        let all = self.ended.weight + self.waiting_weight + running;
        let part = |(progress, weight): &(f64, Weight)| progress.max(0.0) * *weight as f64;
        let done = self.ended.weight as f64 + self.running.values().map(part).sum::<f64>();
        (done / all as f64).min(1.0)
    }

    pub fn count_in(&mut self, id: TaskId, task: Known, progress: f64) {
        if task.whole {
            return;
        }
        if let Some(count) = self.counts.get_mut(task.phase as usize) {
            *count += 1;
        }
        self.cancellable += usize::from(task.cancellable);
        match task.phase {
            _ if task.is_on_its_way() => drop(self.running.insert(id, (progress, task.weight))),
            Phase::Waiting if !task.periodic => {
                self.waiting_plain += 1;
                self.waiting_weight += u128::from(task.weight);
            }
            _ => {}
        }
    }

    pub fn count_out(&mut self, id: TaskId, task: Known) {
        if task.whole {
            return;
        }
        if let Some(count) = self.counts.get_mut(task.phase as usize) {
            *count -= 1;
        }
        self.cancellable -= usize::from(task.cancellable);
        match task.phase {
            _ if task.is_on_its_way() => drop(self.running.remove(&id)),
            Phase::Waiting if !task.periodic => {
                self.waiting_plain -= 1;
                self.waiting_weight -= u128::from(task.weight);
            }
            _ => {}
        }
    }

    /// A plain task has ended.
    pub fn end(&mut self, weight: Weight, finished: Nanos) {
        self.ended.count += 1;
        self.ended.weight += u128::from(weight);
        self.ended.last = self.ended.last.max(finished);
    }

    /// A plain task that was not known, created then: if all others had ended before, it is the first of
    /// others. That a look came between is not asked: what is shown must not depend on it.
    pub fn begin_anew(&mut self, created: Nanos) {
        if self.running.is_empty() && self.waiting_plain == 0 && created >= self.ended.last {
            self.ended = Ended::default();
        }
    }

    /// The same where that task was seen before the end of the last of the others: an end is seen once it was told,
    /// and what its callback has submitted is in by then. `created` says when a task was.
    pub fn leave_what_ended_before(&mut self, created: impl Fn(&TaskId) -> Option<Nanos>) {
        // A time of 0 is that of an end for which none is known.
        if self.ended.last == 0 || self.waiting_plain > 0 || self.running.is_empty() {
            return;
        }
        let later = |id| created(id).is_some_and(|created| created >= self.ended.last);
        if self.running.keys().all(later) {
            self.ended = Ended::default();
        }
    }

    /// Where none waits or is running, all that have ended are done with.
    pub fn leave_if_idle(&mut self) {
        if self.running.is_empty() && self.waiting_plain == 0 {
            self.ended = Ended::default();
        }
    }
}
