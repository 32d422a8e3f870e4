//! Which tasks have rows, in which order, and what is counted besides. Nothing of Qt.
//!
//! # Invariants
//!
//! 1. `rows` is sorted by [`Key`]: creation, oldest first, and the id where that is equal.
//! 2. What has a row follows from the tasks alone: [`Rows::wants`] of each, and of those that wait the
//!    oldest `limit` ones. So it does not matter in which pieces changes come.
//! 3. All keys in `shown` are before all in `hidden`; together they are the waiting tasks that would
//!    have rows without a limit.
//! 4. Of a task without a row only its state is kept, some tens of bytes.
//! 5. While `Settings::hold` says so, a row stays where it is: what would take it out puts it into `held`, and
//!    a row that would stand before another one waits in `deferred`. Both are made up for afterwards, so that
//!    2 holds again. It begins when all tasks have been read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use super::plan::{Key, Op, find, key, perform, plan};
use super::roles::{can_cancel, failed, is_active, is_waiting};
use crate::engine::changes::Stamp;
use crate::engine::clock::Nanos;
use crate::engine::{Brief, Change, Status, TaskId};

/// Failed tasks that the engine has forgotten and that have rows: at most so many.
pub const MOST_KEPT: usize = 1_000;

/// Tasks that get a row in one update because others gave theirs up; the rest comes with the next.
pub const MOST_PULLED: usize = 4_096;

/// Rows of tasks that have ended and are held: from so many on no new rows come.
pub const MOST_HELD: usize = 1_000;

/// Which tasks a model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    #[default]
    All,
    Active,
    Finished,
    Failed,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub filter: Filter,
    /// Only the tasks of the owner with this name; empty for all.
    pub owner: String,
    pub show_delayed: bool,
    /// How long a row stays after the end, with `Active`.
    pub linger: Nanos,
    pub keep_failures: bool,
    /// How many tasks that wait have rows.
    pub limit: usize,
    /// Rows neither leave nor move.
    pub hold: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            filter: Filter::All,
            owner: String::new(),
            show_delayed: true,
            linger: 0,
            keep_failures: false,
            limit: 1_000,
            hold: false,
        }
    }
}

impl Settings {
    pub fn is_of_owner(&self, task: &Brief) -> bool {
        self.owner.is_empty() || *task.owner == *self.owner
    }

    /// Whether a task is among those that "cancel all" is about.
    pub fn cancels(&self, task: &Brief) -> bool {
        can_cancel(task) && (self.show_delayed || task.status != Status::Delayed)
    }
}

/// The numbers that are properties.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Numbers {
    pub count: usize,
    pub hidden: usize,
    pub running: usize,
    pub queued: usize,
    pub delayed: usize,
    pub failed: usize,
    /// Rows of tasks that have ended.
    pub finished: usize,
    /// Tasks that "cancel all" would ask to stop.
    pub cancellable: usize,
    pub progress: f64,
}

/// What is kept of a task without a row, and of each with one.
#[derive(Clone, Copy)]
struct Known {
    created: Nanos,
    status: Status,
    periodic: bool,
    cancellable: bool,
    weight: Weight,
    /// The walk over all tasks that met it last.
    pass: u32,
}

/// What a task counts, in millionths: whole numbers can be added and taken away without a rest.
type Weight = u64;

fn weight_of(task: &Brief) -> Weight {
    // A float becomes the nearest number that there is, and what is none becomes 0.
    ((task.weight * 1e6).round() as Weight).max(1)
}

/// The plain tasks that ended since none was queued or running.
#[derive(Clone, Copy, Default)]
struct Ended {
    count: usize,
    weight: u128,
    /// When the last of them did.
    last: Nanos,
}

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
    rows: Vec<Arc<Brief>>,
    known: BTreeMap<TaskId, Known>,
    shown: BTreeSet<Key>,
    hidden: BTreeSet<Key>,
    /// Rows of tasks that have ended, by when they go. One that went before leaves its entry here.
    lingering: BTreeSet<(Nanos, Key)>,
    /// Failed tasks that are forgotten, and keep their rows.
    kept: BTreeMap<Key, Arc<Brief>>,
    dismissed: BTreeSet<TaskId>,
    /// How far each plain task is that runs, negative for not known, and what it counts.
    running: BTreeMap<TaskId, (f64, Weight)>,
    queued_plain: usize,
    queued_weight: u128,
    ended: Ended,
    counts: [usize; 3],
    cancellable: usize,
    failed_rows: usize,
    finished_rows: usize,
    /// Rows that are only held.
    held: BTreeSet<Key>,
    /// Tasks that would have rows, if these did not move others.
    deferred: BTreeMap<Key, Arc<Brief>>,
    /// The tasks are read for the first time since a reset.
    loading: bool,
    /// Rows of tasks that wait for their time, by when it comes.
    dues: BTreeSet<(Nanos, TaskId)>,
    pass: u32,
    /// How far the sweep after a walk has come.
    swept: Option<TaskId>,
}

impl Rows {
    pub fn rows(&self) -> &[Arc<Brief>] {
        &self.rows
    }

    pub fn numbers(&self) -> Numbers {
        Numbers {
            count: self.rows.len(),
            hidden: self.hidden.len() + self.deferred.len(),
            running: self.counts[Status::Running as usize],
            queued: self.counts[Status::Queued as usize],
            delayed: self.counts[Status::Delayed as usize],
            failed: self.failed_rows,
            finished: self.finished_rows,
            cancellable: self.cancellable,
            progress: self.progress(),
        }
    }

    fn progress(&self) -> f64 {
        let single = self.ended.count + self.queued_plain + self.running.len() == 1;
        let unknown = self.running.values().all(|(progress, _)| *progress < 0.0);
        if self.running.is_empty() || single && unknown {
            return -1.0;
        }
        let running: u128 = self.running.values().map(|(_, weight)| u128::from(*weight)).sum();
        let all = self.ended.weight + self.queued_weight + running;
        let part = |(progress, weight): &(f64, Weight)| progress.max(0.0) * *weight as f64;
        let done = self.ended.weight as f64 + self.running.values().map(part).sum::<f64>();
        (done / all as f64).min(1.0)
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
        for old in &self.rows[first..first + count] {
            self.failed_rows -= usize::from(failed(old));
            self.finished_rows -= usize::from(!is_active(old.status));
            old.due.map(|due| self.dues.remove(&(due.nanos, old.id)));
        }
        for new in new {
            self.failed_rows += usize::from(failed(new));
            self.finished_rows += usize::from(!is_active(new.status));
            new.due.map(|due| self.dues.insert((due.nanos, new.id)));
        }
        perform(&mut self.rows, op);
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
        self.expire(&mut touched, now);
        self.balance(&mut touched, now, source);
        if self.running.is_empty() && self.queued_plain == 0 {
            self.ended = Ended::default();
        }
        // Those that are not among the first were noted as if they were.
        for (key, touch) in &mut touched {
            if let Touch::Row(task) = touch
                && is_waiting(task.status)
                && self.hidden.contains(key)
            {
                *touch = Touch::NoRow(Some(task.clone()));
            }
        }
        if self.settings.hold && !self.loading {
            self.hold(&mut touched);
        }
        plan(&self.rows, wanted(touched))
    }

    /// Has rows stay where they are: invariant 5.
    fn hold(&mut self, touched: &mut Touched) {
        let last = self.rows.last().map(|row| key(row));
        for (key, touch) in touched {
            match (find(&self.rows, key), &touch) {
                (Ok(_), Touch::Row(_)) => drop(self.held.remove(key)),
                (Ok(at), Touch::NoRow(task)) => {
                    self.held.insert(*key);
                    *touch = Touch::Row(task.clone().unwrap_or_else(|| self.rows[at].clone()));
                }
                (Err(_), Touch::Row(_))
                    if last.is_none_or(|last| *key > last) && self.held.len() < MOST_HELD =>
                {
                    self.deferred.remove(key);
                }
                (Err(_), Touch::Row(task)) => {
                    self.deferred.insert(*key, task.clone());
                    *touch = Touch::NoRow(None);
                }
                (Err(_), Touch::NoRow(_)) => drop(self.deferred.remove(key)),
            }
        }
    }

    /// Makes up for what was held, in rows that go and rows that come.
    fn release(&mut self, touched: &mut Touched, now: Nanos, source: Source<'_>) {
        let held = std::mem::take(&mut self.held);
        for key in held.into_iter().chain(std::mem::take(&mut self.deferred).into_keys()) {
            match (source(key.1), self.kept.get(&key)) {
                (Some(task), _) => self.is(touched, &task, From::List, now),
                (None, Some(task)) => drop(touched.insert(key, Touch::Row(task.clone()))),
                (None, None) => drop(touched.insert(key, Touch::NoRow(None))),
            }
        }
    }

    /// All tasks have been read since the last [`Rows::reset`].
    pub fn loaded(&mut self) {
        self.loading = false;
    }

    fn is(&mut self, touched: &mut Touched, task: &Arc<Brief>, from: From, now: Nanos) {
        if !self.settings.is_of_owner(task) {
            return;
        }
        let (status, periodic) = (task.status, task.periodic);
        let known = Known {
            created: task.created.nanos,
            status,
            periodic,
            cancellable: self.settings.cancels(task),
            weight: weight_of(task),
            pass: self.pass,
        };
        let before = self.known.insert(task.id, known);
        if let Some(before) = before {
            self.count_out(task.id, before);
        }
        if before.is_none() && !periodic {
            self.begin_anew(known.created);
        }
        self.count_in(task.id, known, task.progress);
        let ended = match before {
            Some(before) => is_active(before.status),
            None => from == From::Changes,
        };
        if ended && !periodic && status.is_finished() {
            self.end(known.weight, task.finished.unwrap_or_default().nanos);
        }
        self.leave_what_ended_before();
        let key = key(task);
        self.shown.remove(&key);
        self.hidden.remove(&key);
        let wanted = match self.wants(task, now) {
            Want::No => Touch::NoRow(Some(task.clone())),
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
        let dismissed = self.dismissed.remove(&id);
        let lost = lost.filter(|task| self.settings.is_of_owner(task));
        let key = match (self.known.remove(&id), lost) {
            (Some(known), _) => {
                self.count_out(id, known);
                if is_active(known.status) && !known.periodic {
                    self.end(known.weight, now);
                }
                (known.created, id)
            }
            (None, Some(task)) => key(task),
            (None, None) => return,
        };
        self.shown.remove(&key);
        self.hidden.remove(&key);
        let last = match (touched.get(&key), find(&self.rows, &key)) {
            (Some(Touch::Row(task) | Touch::NoRow(Some(task))), _) => Some(task),
            (_, Ok(at)) => Some(&self.rows[at]),
            (_, Err(_)) => self.deferred.get(&key),
        };
        let last = lost.or(last).cloned();
        let failure = last.clone().filter(|task| task.status.is_failure());
        let kept = failure.filter(|task| {
            self.settings.keep_failures && !dismissed && matches!(self.wants(task, now), Want::Row)
        });
        if let Some(task) = &kept {
            self.kept.insert(key, task.clone());
        }
        touched.insert(key, kept.map_or_else(|| Touch::NoRow(last.map(|task| gone(task, now))), Touch::Row));
        if self.kept.len() > MOST_KEPT
            && let Some((oldest, _)) = self.kept.pop_first()
        {
            touched.insert(oldest, Touch::NoRow(None));
        }
    }

    /// Whether a task has a row. It is the owner's who is looked for.
    fn wants(&self, task: &Brief, now: Nanos) -> Want {
        let settings = &self.settings;
        let filter = settings.filter;
        if !task.status.is_finished() {
            // A periodic task whose last run failed.
            let failing = failed(task);
            let filtered = match filter {
                Filter::All | Filter::Active => {
                    let shown = settings.show_delayed || failing && settings.keep_failures;
                    task.status == Status::Delayed && !shown
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
        if self.dismissed.contains(&task.id) {
            return Want::No;
        }
        let failed = failed(task);
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

    fn count_in(&mut self, id: TaskId, task: Known, progress: f64) {
        if let Some(count) = self.counts.get_mut(task.status as usize) {
            *count += 1;
        }
        self.cancellable += usize::from(task.cancellable);
        match task.status {
            Status::Running if !task.periodic => drop(self.running.insert(id, (progress, task.weight))),
            Status::Queued if !task.periodic => {
                self.queued_plain += 1;
                self.queued_weight += u128::from(task.weight);
            }
            _ => {}
        }
    }

    fn count_out(&mut self, id: TaskId, task: Known) {
        if let Some(count) = self.counts.get_mut(task.status as usize) {
            *count -= 1;
        }
        self.cancellable -= usize::from(task.cancellable);
        match task.status {
            Status::Running if !task.periodic => drop(self.running.remove(&id)),
            Status::Queued if !task.periodic => {
                self.queued_plain -= 1;
                self.queued_weight -= u128::from(task.weight);
            }
            _ => {}
        }
    }

    fn end(&mut self, weight: Weight, finished: Nanos) {
        self.ended.count += 1;
        self.ended.weight += u128::from(weight);
        self.ended.last = self.ended.last.max(finished);
    }

    /// A plain task that was not known, created then: if all others had ended before, it is the first of
    /// others. That a look came between is not asked: what is shown must not depend on it.
    fn begin_anew(&mut self, created: Nanos) {
        if self.running.is_empty() && self.queued_plain == 0 && created >= self.ended.last {
            self.ended = Ended::default();
        }
    }

    /// The same where that task was seen before the end of the last of the others: an end is seen once it was told,
    /// and what its callback has submitted is in by then.
    fn leave_what_ended_before(&mut self) {
        // A time of 0 is that of an end whose time is not known.
        if self.ended.last == 0 || self.queued_plain > 0 || self.running.is_empty() {
            return;
        }
        let later = |id| self.known.get(id).is_some_and(|known: &Known| known.created >= self.ended.last);
        if self.running.keys().all(later) {
            self.ended = Ended::default();
        }
    }

    /// Takes rows out whose time is over.
    fn expire(&mut self, touched: &mut Touched, now: Nanos) {
        while let Some((due, key)) = self.lingering.first().copied()
            && due <= now
        {
            self.lingering.pop_first();
            if touched.contains_key(&key) {
                continue;
            }
            self.deferred.remove(&key);
            let Ok(at) = find(&self.rows, &key) else { continue };
            // It may stay for another reason by now, or longer.
            match self.wants(&self.rows[at], now) {
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

    // ---- all anew ------------------------------------------------------------------------------

    /// Begins to read all tasks anew, with other settings: nothing has a row but what the engine does
    /// not know any more.
    pub fn reset(&mut self, settings: Settings, now: Nanos) {
        let owner = settings.owner == self.settings.owner;
        let ended = if owner { self.ended } else { Ended::default() };
        let (dismissed, mut kept) = (std::mem::take(&mut self.dismissed), std::mem::take(&mut self.kept));
        let pass = self.pass.wrapping_add(1);
        *self = Rows { settings, pass, dismissed, ended, loading: true, ..Rows::default() };
        if self.settings.keep_failures {
            let has_row =
                |task: &Brief| self.settings.is_of_owner(task) && matches!(self.wants(task, now), Want::Row);
            let rows: Vec<_> = kept.values().filter(|task| has_row(task)).cloned().collect();
            self.failed_rows = rows.len();
            self.finished_rows = rows.len();
            self.rows = rows;
            self.kept = std::mem::take(&mut kept);
        }
    }

    /// Begins to read all tasks anew, while the rows stay.
    pub fn begin_pass(&mut self, settings: Settings) -> Vec<Op> {
        self.settings = settings;
        self.pass = self.pass.wrapping_add(1);
        self.swept = None;
        let mut touched = Touched::new();
        if !self.settings.keep_failures {
            let kept = std::mem::take(&mut self.kept);
            touched.extend(kept.into_keys().map(|key| (key, Touch::NoRow(None))));
        }
        plan(&self.rows, wanted(touched))
    }

    /// After a pass: up to `most` tasks that it has not met, and whether that was all.
    pub fn sweep(&mut self, most: usize) -> (Vec<Change>, bool) {
        let from = self.swept.map_or(Bound::Unbounded, Bound::Excluded);
        let range = self.known.range((from, Bound::Unbounded));
        let mut changes = Vec::new();
        let mut last = None;
        let mut looked = 0;
        for (id, known) in range.take(most) {
            looked += 1;
            last = Some(*id);
            if known.pass != self.pass {
                changes.push(Change::Gone(*id, None));
            }
        }
        self.swept = last.or(self.swept);
        (changes, looked < most)
    }

    /// Forgets what was dismissed and is forgotten by the engine, too.
    pub fn prune(&mut self, source: Source<'_>) {
        self.dismissed.retain(|id| source(*id).is_some());
    }

    // ---- taking rows out -----------------------------------------------------------------------

    /// The task's row, if it has one.
    pub fn row_of(&self, id: TaskId) -> Option<&Arc<Brief>> {
        let kept = || self.kept.keys().chain(&self.held).find(|key| key.1 == id).copied();
        let key = self.known.get(&id).map(|known| (known.created, id)).or_else(kept)?;
        find(&self.rows, &key).ok().map(|at| &self.rows[at])
    }

    /// Takes the rows of these tasks out for good, if they have ended; how many.
    pub fn dismiss(&mut self, ids: &[TaskId]) -> (usize, Vec<Op>) {
        let mut touched = Touched::new();
        for id in ids {
            let row = self.row_of(*id).filter(|row| !is_active(row.status));
            let Some(key) = row.map(|row| key(row)) else { continue };
            self.held.remove(&key);
            if self.kept.remove(&key).is_none() && self.known.contains_key(id) {
                self.dismissed.insert(*id);
            }
            touched.insert(key, Touch::NoRow(None));
        }
        (touched.len(), plan(&self.rows, wanted(touched)))
    }

    /// The tasks with rows that have ended.
    pub fn finished(&self) -> Vec<TaskId> {
        self.rows.iter().filter(|row| !is_active(row.status)).map(|row| row.id).collect()
    }

    /// Where rows of tasks are that run: first and last.
    pub fn running_ranges(&self) -> Vec<(usize, usize)> {
        self.ranges(|row| row.status == Status::Running)
    }

    /// Where rows of tasks are that wait for their time.
    pub fn due_ranges(&self) -> Vec<(usize, usize)> {
        if self.dues.is_empty() { Vec::new() } else { self.ranges(|row| row.due.is_some()) }
    }

    fn ranges(&self, which: impl Fn(&Brief) -> bool) -> Vec<(usize, usize)> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for (at, _) in self.rows.iter().enumerate().filter(|(_, row)| which(row)) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == at => *last = at,
                _ => ranges.push((at, at)),
            }
        }
        ranges
    }

    /// When the time of a task with a row comes next.
    pub fn soonest_due(&self, now: Nanos) -> Option<Nanos> {
        // Those whose time has come leave the set with the next look.
        self.dues.iter().map(|(due, _)| *due).find(|due| *due > now)
    }

    /// Whether a task with a row runs.
    pub fn has_running(&self) -> bool {
        self.counts[Status::Running as usize] > 0 && self.rows.iter().any(|row| row.status == Status::Running)
    }
}

/// A task that is forgotten, for a row that is held: how it ended is not known, if nobody looked before.
fn gone(task: Arc<Brief>, now: Nanos) -> Arc<Brief> {
    if !is_active(task.status) {
        return task;
    }
    let since = now.saturating_sub(task.created.nanos) / 1_000_000;
    let wall_ms = task.created.wall_ms.saturating_add(since as i64);
    let finished = Some(Stamp { nanos: now, wall_ms });
    Arc::new(Brief { status: Status::UnknownTask, finished, due: None, error: None, ..Brief::clone(&task) })
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
