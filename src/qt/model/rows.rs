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

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use super::plan::{Op, find, key, perform, plan};
use super::roles::{is_active, is_waiting};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, Change, Status, TaskId};

/// Creation, then the id.
pub type Key = (Nanos, TaskId);

/// Failed tasks that the engine has forgotten and that have rows: at most so many.
pub const MOST_KEPT: usize = 1_000;

/// Tasks that get a row in one update because others gave theirs up; the rest comes with the next.
pub const MOST_PULLED: usize = 4_096;

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
        }
    }
}

impl Settings {
    pub fn is_of_owner(&self, task: &Brief) -> bool {
        self.owner.is_empty() || *task.owner == *self.owner
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
    pub progress: f64,
}

/// What is kept of a task without a row, and of each with one.
#[derive(Clone, Copy)]
struct Known {
    created: Nanos,
    status: Status,
    periodic: bool,
    /// The walk over all tasks that met it last.
    pass: u32,
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
    Journal,
    List,
}

/// Tells how a task is now; `None` once it is forgotten.
pub type Source<'a> = &'a mut dyn FnMut(TaskId) -> Option<Arc<Brief>>;

type Touched = BTreeMap<Key, Option<Arc<Brief>>>;

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
    /// How far each plain task is that runs; negative for not known.
    running: BTreeMap<TaskId, f64>,
    queued_plain: usize,
    /// Plain tasks that ended since none was queued or running.
    ended: usize,
    counts: [usize; 3],
    failed_rows: usize,
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
            hidden: self.hidden.len(),
            running: self.counts[Status::Running as usize],
            queued: self.counts[Status::Queued as usize],
            delayed: self.counts[Status::Delayed as usize],
            failed: self.failed_rows,
            progress: self.progress(),
        }
    }

    fn progress(&self) -> f64 {
        let all = self.ended + self.queued_plain + self.running.len();
        let unknown = self.running.values().all(|progress| *progress < 0.0);
        if self.running.is_empty() || all == 1 && unknown {
            return -1.0;
        }
        let running: f64 = self.running.values().map(|progress| progress.max(0.0)).sum();
        (self.ended as f64 + running) / all as f64
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
            self.failed_rows -= usize::from(old.status.is_failure());
            old.due.map(|due| self.dues.remove(&(due.nanos, old.id)));
        }
        for new in new {
            self.failed_rows += usize::from(new.status.is_failure());
            new.due.map(|due| self.dues.insert((due.nanos, new.id)));
        }
        perform(&mut self.rows, op);
    }

    /// Takes changes in, and whatever the time brings.
    pub fn update(&mut self, changes: &[Change], from: From, now: Nanos, source: Source<'_>) -> Vec<Op> {
        let mut touched = Touched::new();
        for change in changes {
            match change {
                Change::Is(task) => self.is(&mut touched, task, from, now),
                Change::Gone(id, lost) => self.gone(&mut touched, *id, lost.as_ref(), now),
            }
        }
        self.expire(&mut touched, now);
        self.balance(&mut touched, now, source);
        if self.running.is_empty() && self.queued_plain == 0 {
            self.ended = 0;
        }
        // Those that are not among the first were noted as if they were.
        for (key, task) in &mut touched {
            if task.as_ref().is_some_and(|task| is_waiting(task.status)) && self.hidden.contains(key) {
                *task = None;
            }
        }
        plan(&self.rows, touched)
    }

    fn is(&mut self, touched: &mut Touched, task: &Arc<Brief>, from: From, now: Nanos) {
        if !self.settings.is_of_owner(task) {
            return;
        }
        let (status, periodic) = (task.status, task.periodic);
        let known = Known { created: task.created.nanos, status, periodic, pass: self.pass };
        let before = self.known.insert(task.id, known);
        if let Some(before) = before {
            self.count_out(task.id, before);
        }
        self.count_in(task.id, known, task.progress);
        let ended = match before {
            Some(before) => is_active(before.status),
            None => from == From::Journal,
        };
        if ended && !periodic && status.is_finished() {
            self.ended += 1;
        }
        let key = key(task);
        self.shown.remove(&key);
        self.hidden.remove(&key);
        let wanted = match self.wants(task, now) {
            Want::No => None,
            Want::Row => Some(task.clone()),
            Want::Waiting => {
                let behind = self.hidden.first().is_some_and(|first| key > *first);
                if behind {
                    self.hidden.insert(key)
                } else {
                    self.shown.insert(key)
                };
                Some(task.clone())
            }
            Want::Until(due) => {
                self.lingering.insert((due, key));
                Some(task.clone())
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
                    self.ended += 1;
                }
                (known.created, id)
            }
            (None, Some(task)) => key(task),
            (None, None) => return,
        };
        self.shown.remove(&key);
        self.hidden.remove(&key);
        let last = match touched.get(&key) {
            Some(task) => task.as_ref(),
            None => find(&self.rows, &key).ok().map(|at| &self.rows[at]),
        };
        let failure = lost.or(last).filter(|task| task.status.is_failure()).cloned();
        let kept = failure.filter(|task| {
            self.settings.keep_failures && !dismissed && matches!(self.wants(task, now), Want::Row)
        });
        if let Some(task) = &kept {
            self.kept.insert(key, task.clone());
        }
        touched.insert(key, kept);
        if self.kept.len() > MOST_KEPT
            && let Some((oldest, _)) = self.kept.pop_first()
        {
            touched.insert(oldest, None);
        }
    }

    /// Whether a task has a row. It is the owner's who is looked for.
    fn wants(&self, task: &Brief, now: Nanos) -> Want {
        let settings = &self.settings;
        let filter = settings.filter;
        if !task.status.is_finished() {
            let filtered = !matches!(filter, Filter::All | Filter::Active)
                || task.status == Status::Delayed && !settings.show_delayed;
            return match is_waiting(task.status) {
                _ if filtered => Want::No,
                true => Want::Waiting,
                false => Want::Row,
            };
        }
        if self.dismissed.contains(&task.id) {
            return Want::No;
        }
        let failed = task.status.is_failure();
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
        match task.status {
            Status::Running if !task.periodic => drop(self.running.insert(id, progress)),
            Status::Queued if !task.periodic => self.queued_plain += 1,
            _ => {}
        }
    }

    fn count_out(&mut self, id: TaskId, task: Known) {
        if let Some(count) = self.counts.get_mut(task.status as usize) {
            *count -= 1;
        }
        match task.status {
            Status::Running if !task.periodic => drop(self.running.remove(&id)),
            Status::Queued if !task.periodic => self.queued_plain -= 1,
            _ => {}
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
            let Ok(at) = find(&self.rows, &key) else { continue };
            // It may stay for another reason by now, or longer.
            match self.wants(&self.rows[at], now) {
                Want::No => drop(touched.insert(key, None)),
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
            touched.insert(last, None);
        }
        for _ in 0..MOST_PULLED {
            if !self.has_more() {
                break;
            }
            let Some(key) = self.hidden.pop_first() else { break };
            if let Some(Some(_)) = touched.get(&key) {
                self.shown.insert(key);
            } else if let Some(task) = source(key.1) {
                // As it is now, which may be another state than it was hidden in.
                self.is(touched, &task, From::Journal, now);
            }
            // Else the engine has forgotten it, and the journal is about to say so.
        }
    }

    // ---- all anew ------------------------------------------------------------------------------

    /// Begins to read all tasks anew, with other settings: nothing has a row but what the engine does
    /// not know any more.
    pub fn reset(&mut self, settings: Settings, now: Nanos) {
        let owner = settings.owner == self.settings.owner;
        let ended = if owner { self.ended } else { 0 };
        let (dismissed, mut kept) = (std::mem::take(&mut self.dismissed), std::mem::take(&mut self.kept));
        let pass = self.pass.wrapping_add(1);
        *self = Rows { settings, pass, dismissed, ended, ..Rows::default() };
        if self.settings.keep_failures {
            let has_row =
                |task: &Brief| self.settings.is_of_owner(task) && matches!(self.wants(task, now), Want::Row);
            let rows: Vec<_> = kept.values().filter(|task| has_row(task)).cloned().collect();
            self.failed_rows = rows.len();
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
            touched.extend(std::mem::take(&mut self.kept).into_keys().map(|key| (key, None)));
        }
        plan(&self.rows, touched)
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
        let kept = || self.kept.keys().find(|key| key.1 == id).copied();
        let key = self.known.get(&id).map(|known| (known.created, id)).or_else(kept)?;
        find(&self.rows, &key).ok().map(|at| &self.rows[at])
    }

    /// Takes the rows of these tasks out for good, if they have ended; how many.
    pub fn dismiss(&mut self, ids: &[TaskId]) -> (usize, Vec<Op>) {
        let mut touched = Touched::new();
        for id in ids {
            let row = self.row_of(*id).filter(|row| row.status.is_finished());
            let Some(key) = row.map(|row| key(row)) else { continue };
            if self.kept.remove(&key).is_none() {
                self.dismissed.insert(*id);
            }
            touched.insert(key, None);
        }
        (touched.len(), plan(&self.rows, touched))
    }

    /// The tasks with rows that have ended.
    pub fn finished(&self) -> Vec<TaskId> {
        self.rows.iter().filter(|row| row.status.is_finished()).map(|row| row.id).collect()
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

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
