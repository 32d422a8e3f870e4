//! Which tasks have rows, in which order, and what is counted besides. Nothing of Qt.
//!
//! # Invariants
//!
//! 1. `list` is sorted by the tasks' places: see `plan.rs`.
//! 2. What has a row follows from the tasks alone: [`Rows::wants`] of each, and of those that wait the
//!    oldest `limit` ones. So it does not matter in which pieces changes come.
//! 3. All keys in `shown` are before all in `hidden`; together they are the waiting tasks that would
//!    have rows without a limit.
//! 4. Of a task without a row only its state is kept, some tens of bytes; but for failures in `unfound`.
//! 5. While `Settings::hold` says so, a row stays where it is: what would take it out puts it into `held`, and
//!    a row that would stand before another one waits in `deferred`, and one that would stand elsewhere is in
//!    `misplaced`. All of it is made up for afterwards, so that 1 and 2 hold again. It begins when all tasks have
//!    been read.
//!
//! 6. `within` has the known tasks that stand in each group, by that one's id. A task in a group that is known
//!    has a row only where the group is open, and stands below it.
//!
//! In the files below: `held` (invariant 5), `anew` (all tasks are read again), `below` (invariant 6), `looking`
//! (questions to the rows, and rows that are dismissed).

mod anew;
mod below;
mod held;
mod looking;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::plan::{Key, List, Op, key};
use super::roles::{Phase, failed, is_active, is_waiting, phase};
use super::settings::{Filter, Numbers, Settings};
use super::tally::{Known, Tally, weight_of};
use crate::engine::changes::{Awaited, Stamp};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, Change, Status, TaskId};

/// Failed tasks that the engine has forgotten and that have rows: at most so many.
pub const MOST_KEPT: usize = 1_000;

/// Tasks that get a row in one update because others gave theirs up; the rest comes with the next.
pub const MOST_PULLED: usize = 4_096;

/// What an update has to say of a row.
enum Touch {
    Row(Arc<Brief>),
    /// None is wanted; with how the task is now, where that is known.
    NoRow(Option<Arc<Brief>>),
}

enum Want {
    Row,
    /// A row, if it is among the first.
    Waiting,
    /// A row until then.
    Until(Nanos),
    No,
}

/// Where a change comes from: only what happened while somebody looked counts for the progress.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum From {
    Changes,
    List,
}

/// Tells how a task is now; `None` once it is forgotten.
pub type Source<'a> = &'a mut dyn FnMut(TaskId) -> Option<Arc<Brief>>;

type Touched = BTreeMap<Key, Touch>;

#[derive(Default)]
pub struct Rows {
    pub settings: Settings,
    list: List,
    known: BTreeMap<TaskId, Known>,
    shown: BTreeSet<Key>,
    hidden: BTreeSet<Key>,
    /// Rows of tasks that have ended, by when they go. One that went before leaves its entry here.
    lingering: BTreeSet<(Nanos, Key)>,
    /// Failed tasks that are forgotten, and keep their rows.
    kept: BTreeMap<Key, Arc<Brief>>,
    /// Failed tasks that would have rows, if they were searched for.
    unfound: BTreeMap<Key, Arc<Brief>>,
    dismissed: BTreeSet<TaskId>,
    tally: Tally,
    /// How many rows each owner has that has any.
    owners: BTreeMap<Arc<str>, usize>,
    failed_rows: usize,
    finished_rows: usize,
    /// Rows that are only held.
    held: BTreeSet<Key>,
    /// Tasks that would have rows, if these did not move others.
    deferred: BTreeMap<Key, Arc<Brief>>,
    /// Rows that would stand elsewhere, if they were not held.
    misplaced: BTreeSet<Key>,
    /// The tasks are read for the first time since a reset.
    loading: bool,
    /// Rows of tasks that wait for their time, by when it comes.
    dues: BTreeSet<(Nanos, TaskId)>,
    /// Invariant 6.
    within: BTreeMap<TaskId, BTreeSet<Key>>,
    /// Groups that came, or that stand elsewhere by now: what stands in them is to be looked at.
    moved: BTreeSet<TaskId>,
    pass: u32,
    /// How far the sweep after a walk has come.
    swept: Option<TaskId>,
}

impl Rows {
    pub fn rows(&self) -> &[Arc<Brief>] {
        self.list.rows()
    }

    pub fn numbers(&self) -> Numbers {
        Numbers {
            count: self.rows().len(),
            hidden: self.hidden.len() + self.deferred.len(),
            running: self.tally.count(Phase::Running),
            queued: self.tally.count(Phase::Waiting),
            delayed: self.tally.count(Phase::Planned),
            failed: self.failed_rows,
            finished: self.finished_rows,
            cancellable: self.tally.cancellable(),
            owners: self.owners.len(),
            progress: self.tally.progress(),
        }
    }

    /// Whether tasks without rows wait for the next update to get theirs.
    pub fn has_more(&self) -> bool {
        self.shown.len() < self.settings.limit && !self.hidden.is_empty()
    }

    /// When a row is to go by itself.
    pub fn next_due(&self) -> Option<Nanos> {
        self.lingering.first().map(|(due, _)| *due)
    }

    /// Takes a step of what the methods below return, in their order.
    pub fn perform(&mut self, op: Op) {
        let (first, count, new) = match &op {
            Op::Change { first, rows, .. } => (*first, rows.len(), rows.as_slice()),
            Op::Remove { first, count } => (*first, *count, [].as_slice()),
            Op::Insert { first, rows } => (*first, 0, rows.as_slice()),
        };
        for old in &self.list.rows()[first..first + count] {
            self.failed_rows -= usize::from(failed(old));
            self.finished_rows -= usize::from(!is_active(old.status));
            old.due.map(|due| self.dues.remove(&(due.nanos, old.id)));
            if let Some(rows) = self.owners.get_mut(&old.owner) {
                *rows -= 1;
            }
        }
        for new in new {
            self.failed_rows += usize::from(failed(new));
            self.finished_rows += usize::from(!is_active(new.status));
            new.due.map(|due| self.dues.insert((due.nanos, new.id)));
            *self.owners.entry(new.owner.clone()).or_default() += 1;
        }
        self.owners.retain(|_, rows| *rows > 0);
        self.list.perform(op);
    }

    /// Takes changes in, and whatever the time brings.
    pub fn update(&mut self, changes: &[Change], from: From, now: Nanos, source: Source<'_>) -> Vec<Op> {
        let mut touched = Touched::new();
        if !self.settings.hold {
            self.release(&mut touched, now, source);
        }
        for change in changes {
            match change {
                Change::Is(task) => self.is(&mut touched, task, from, now),
                Change::Gone(id, lost) => self.gone(&mut touched, *id, lost.as_ref(), now),
            }
        }
        self.follow_groups(&mut touched, now, source);
        self.expire(&mut touched, now);
        self.balance(&mut touched, now, source);
        self.tally.leave_if_idle();
        // Those that are not among the first were noted as if they were.
        for (key, touch) in &mut touched {
            if let Touch::Row(task) = touch
                && is_waiting(task.status)
                && self.hidden.contains(key)
            {
                *touch = Touch::NoRow(Some(task.clone()));
            }
        }
        let held = self.settings.hold && !self.loading;
        if held {
            self.hold(&mut touched);
        }
        self.list.plan(wanted(touched), held)
    }

    fn is(&mut self, touched: &mut Touched, task: &Arc<Brief>, from: From, now: Nanos) {
        if !self.settings.concerns(task) {
            return;
        }
        let (status, periodic) = (task.status, task.periodic);
        let known = Known {
            created: task.created.nanos,
            phase: phase(task),
            stopped: task.stopped,
            periodic,
            cancellable: self.settings.cancels(task),
            weight: weight_of(task),
            whole: task.members.is_some(),
            group: task.path.last().map(|(_, group)| *group),
            pass: self.pass,
        };
        let before = self.known.insert(task.id, known);
        self.stand(task, before);
        if let Some(before) = before {
            self.tally.count_out(task.id, before);
        }
        if before.is_none() && !periodic && !known.whole {
            self.tally.begin_anew(known.created);
        }
        self.tally.count_in(task.id, known, task.progress);
        let ended = match before {
            Some(before) => before.phase != Phase::Ended,
            None => from == From::Changes,
        };
        if ended && !periodic && !known.whole && status.is_finished() {
            self.tally.end(known.weight, task.finished.unwrap_or_default().nanos);
        }
        self.tally.leave_what_ended_before(|id| self.known.get(id).map(|known| known.created));
        let key = key(task);
        self.shown.remove(&key);
        self.hidden.remove(&key);
        let wanted = match self.wants(task, now) {
            Want::No => {
                if status.is_failure()
                    && self.list.path(task).is_empty()
                    && matches!(self.filters(task, now), Want::Row)
                {
                    self.unfound.insert(key, task.clone());
                }
                Touch::NoRow(Some(task.clone()))
            }
            Want::Row => Touch::Row(task.clone()),
            Want::Waiting => {
                let behind = self.hidden.first().is_some_and(|first| key > *first);
                if behind {
                    self.hidden.insert(key)
                } else {
                    self.shown.insert(key)
                };
                Touch::Row(task.clone())
            }
            Want::Until(due) => {
                self.lingering.insert((due, key));
                Touch::Row(task.clone())
            }
        };
        touched.insert(key, wanted);
    }

    fn gone(&mut self, touched: &mut Touched, id: TaskId, lost: Option<&Arc<Brief>>, now: Nanos) {
        // A failure that was retried is none any more.
        let dismissed = self.dismissed.remove(&id) || lost.is_some_and(|task| task.retried);
        let lost = lost.filter(|task| self.settings.concerns(task));
        let known = self.known.remove(&id);
        let group = known.and_then(|known| known.group);
        let key = match (known, lost) {
            (Some(known), _) => {
                self.tally.count_out(id, known);
                if known.phase != Phase::Ended && !known.periodic && !known.whole {
                    self.tally.end(known.weight, now);
                }
                (known.created, id)
            }
            (None, Some(task)) => key(task),
            (None, None) => return,
        };
        self.shown.remove(&key);
        self.hidden.remove(&key);
        let last = match (touched.get(&key), self.list.find(&key)) {
            (Some(Touch::Row(task) | Touch::NoRow(Some(task))), _) => Some(task),
            (_, Some(at)) => Some(&self.rows()[at]),
            (_, None) => self.deferred.get(&key),
        };
        let unfound = self.unfound.get(&key);
        let last = lost.or(last).or(unfound).cloned();
        self.unfound.remove(&key);
        let shown = |task: &Arc<Brief>| self.settings.opens(self.list.path(task));
        let failure = last.clone().filter(|task| task.status.is_failure() && shown(task));
        let kept = failure.filter(|task| {
            self.settings.keep_failures && !dismissed && matches!(self.filters(task, now), Want::Row)
        });
        // With the task its work is forgotten.
        let kept = kept.map(|task| gone(task, now));
        if let Some(task) = &kept {
            self.kept.insert(key, task.clone());
        }
        let row = kept.filter(|task| self.settings.finds(task));
        touched.insert(key, row.map_or_else(|| Touch::NoRow(last.map(|task| gone(task, now))), Touch::Row));
        self.leave_group(key, group);
        if self.kept.len() > MOST_KEPT
            && let Some((oldest, _)) = self.kept.pop_first()
        {
            touched.insert(oldest, Touch::NoRow(None));
        }
    }

    /// Whether a task of the owner that is looked for has a row.
    fn wants(&self, task: &Brief, now: Nanos) -> Want {
        if self.settings.finds(task) && self.settings.opens(self.list.path(task)) {
            self.filters(task, now)
        } else {
            Want::No
        }
    }

    /// The same, whatever is searched for.
    fn filters(&self, task: &Brief, now: Nanos) -> Want {
        let settings = &self.settings;
        let filter = settings.filter;
        if !task.status.is_finished() {
            // A periodic task, the last run of which failed.
            let failing = failed(task);
            let filtered = match filter {
                Filter::All | Filter::Active => {
                    let shown = settings.show_delayed || failing && settings.keep_failures;
                    phase(task) == Phase::Planned && !shown
                }
                Filter::Failed => !failing,
                Filter::Finished => true,
            };
            return match is_waiting(task.status) {
                _ if filtered => Want::No,
                true => Want::Waiting,
                false => Want::Row,
            };
        }
        let failed = failed(task);
        if self.dismissed.contains(&task.id) || task.transient && !failed {
            return Want::No;
        }
        match filter {
            Filter::All | Filter::Finished => Want::Row,
            Filter::Failed if failed => Want::Row,
            Filter::Active if failed && settings.keep_failures => Want::Row,
            Filter::Active => {
                let finished = task.finished.unwrap_or_default().nanos;
                let due = finished.saturating_add(settings.linger);
                if settings.linger > 0 && due > now { Want::Until(due) } else { Want::No }
            }
            Filter::Failed => Want::No,
        }
    }

    /// Takes out the rows that have been there for long enough.
    fn expire(&mut self, touched: &mut Touched, now: Nanos) {
        while let Some((due, key)) = self.lingering.first().copied()
            && due <= now
        {
            self.lingering.pop_first();
            if touched.contains_key(&key) {
                continue;
            }
            self.deferred.remove(&key);
            let Some(at) = self.list.find(&key) else { continue };
            // It may stay for another reason by now, or longer.
            match self.wants(&self.rows()[at], now) {
                Want::No => drop(touched.insert(key, Touch::NoRow(None))),
                Want::Until(due) => drop(self.lingering.insert((due, key))),
                Want::Row | Want::Waiting => {}
            }
        }
    }

    /// Sees to it that the first `limit` tasks that wait have rows, and no others of them.
    fn balance(&mut self, touched: &mut Touched, now: Nanos, source: Source<'_>) {
        while self.shown.len() > self.settings.limit {
            let Some(last) = self.shown.pop_last() else { break };
            self.hidden.insert(last);
            touched.insert(last, Touch::NoRow(None));
        }
        for _ in 0..MOST_PULLED {
            if !self.has_more() {
                break;
            }
            let Some(key) = self.hidden.pop_first() else { break };
            if let Some(Touch::Row(_)) = touched.get(&key) {
                self.shown.insert(key);
            } else if let Some(task) = source(key.1) {
                // As it is now, which may be another state than it was hidden in.
                self.is(touched, &task, From::Changes, now);
            }
            // Else the engine has forgotten it, and the change set is about to say so.
        }
    }
}

/// A task that is forgotten, for a row that stays: how it ended is not known, if nobody looked before.
fn gone(task: Arc<Brief>, now: Nanos) -> Arc<Brief> {
    if !is_active(task.status) {
        return if task.can_retry {
            Arc::new(Brief { can_retry: false, ..Brief::clone(&task) })
        } else {
            task
        };
    }
    let since = now.saturating_sub(task.created.nanos) / 1_000_000;
    let wall_ms = task.created.wall_ms.saturating_add(since as i64);
    let finished = Some(Stamp { nanos: now, wall_ms });
    Arc::new(Brief {
        status: Status::UnknownTask,
        finished,
        due: None,
        error: None,
        retrying: false,
        paused: None,
        stopped: false,
        can_pause: false,
        can_resume: false,
        slow: false,
        waits_for: Awaited::Nothing,
        ..Brief::clone(&task)
    })
}

/// The rows that are to be there, and those that are not.
fn wanted(touched: Touched) -> BTreeMap<Key, Option<Arc<Brief>>> {
    let row = |touch| match touch {
        Touch::Row(task) => Some(task),
        Touch::NoRow(_) => None,
    };
    touched.into_iter().map(|(key, touch)| (key, row(touch))).collect()
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
