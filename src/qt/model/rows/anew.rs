//! All tasks are read again, in pieces.

use std::ops::Bound;

use super::{Rows, Source, Touch, Touched, Want, wanted};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, Change};
use crate::qt::model::plan::{List, Op};
use crate::qt::model::settings::Settings;
use crate::qt::model::tally::Tally;

impl Rows {
    /// Begins to read all tasks anew, with other settings: nothing has a row but what the engine does
    /// not know any more.
    pub fn reset(&mut self, settings: Settings, now: Nanos) {
        let owner = settings.owner == self.settings.owner;
        let tally = if owner { self.tally.anew() } else { Tally::default() };
        let (dismissed, mut kept) = (std::mem::take(&mut self.dismissed), std::mem::take(&mut self.kept));
        let pass = self.pass.wrapping_add(1);
        let list = List::new(settings.order, settings.by_owner, Vec::new());
        *self = Rows { settings, list, pass, dismissed, tally, loading: true, ..Rows::default() };
        if self.settings.keep_failures {
            let has_row =
                |task: &Brief| self.settings.concerns(task) && matches!(self.wants(task, now), Want::Row);
            let rows: Vec<_> = kept.values().filter(|task| has_row(task)).cloned().collect();
            self.failed_rows = rows.len();
            self.finished_rows = rows.len();
            for row in &rows {
                *self.owners.entry(row.owner.clone()).or_default() += 1;
            }
            self.list = List::new(self.settings.order, self.settings.by_owner, rows);
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
        self.list.plan(wanted(touched), false)
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

    /// All tasks have been read since the last [`Rows::reset`].
    pub fn loaded(&mut self) {
        self.loading = false;
    }
}
