//! Pauses: of a task, of an owner, of all. No body here is pausable, so what runs runs on.

use super::{Life, Model, PauseResult, Phase};

/// The reason of each.
pub const REASON: &str = "lunch";

impl Model {
    fn lets_pause(&self) -> bool {
        matches!(self.life, Life::Open | Life::Resting)
    }

    pub(super) fn holds_owner(&self, owner: usize) -> bool {
        self.lets_pause() && !self.owners[owner].unloading && (self.all_paused || self.owners[owner].paused)
    }

    fn would_park(&self, task: usize) -> bool {
        let it = &self.tasks[task];
        it.paused && self.lets_pause() && !self.owners[it.spec.owner.unwrap_or(0)].unloading
    }

    /// It would be queued, but is paused by itself: it counts as one that waits for others.
    pub fn is_parked(&self, task: usize) -> bool {
        self.tasks[task].phase == Phase::Queued && self.would_park(task)
    }

    /// It does not begin.
    pub fn is_held(&self, task: usize) -> bool {
        let it = &self.tasks[task];
        let waits = !it.ended() && it.phase != Phase::Running;
        waits && (self.would_park(task) || self.holds_owner(it.spec.owner.unwrap_or(0)))
    }

    /// Of a task that is no group.
    pub fn pause(&mut self, task: usize) -> PauseResult {
        let owner = self.tasks[task].spec.owner.unwrap_or(0);
        let (lets, now) = (self.lets_pause() && !self.owners[owner].unloading, self.now);
        let it = &mut self.tasks[task];
        let runs = it.phase == Phase::Running;
        if it.ended() {
            return PauseResult::AlreadyFinished;
        }
        if !lets || it.cancel_requested || runs && it.spec.periodic.is_none() {
            return PauseResult::PauseNotPossible;
        }
        let new = !std::mem::replace(&mut it.paused, true);
        if new && it.phase == Phase::Delayed && it.between {
            it.left = Some(it.due - now);
            it.due = u64::MAX;
        }
        if runs {
            return PauseResult::PauseRequested;
        }
        self.tell_paused(task);
        PauseResult::Paused
    }

    fn tell_paused(&mut self, task: usize) {
        let it = &mut self.tasks[task];
        if !std::mem::replace(&mut it.pause_told, true) {
            it.told.push(format!("paused {REASON}"));
        }
    }

    /// A run, or an attempt, is over.
    pub(super) fn rests_if_paused(&mut self, task: usize) {
        if self.tasks[task].paused && self.lets_pause() {
            self.tell_paused(task);
        }
    }

    pub fn resume(&mut self, task: usize) -> bool {
        let it = &mut self.tasks[task];
        if it.ended() || !std::mem::take(&mut it.paused) {
            return false;
        }
        if std::mem::take(&mut it.pause_told) {
            it.told.push("resumed".to_owned());
        }
        if let Some(left) = it.left.take().filter(|_| it.phase == Phase::Delayed) {
            let due = self.now + left;
            self.delay(task, due);
        }
        true
    }

    /// Whether that is a change.
    pub fn pause_owner(&mut self, owner: usize, pause: bool) -> bool {
        let lets = self.lets_pause();
        let known = &mut self.owners[owner];
        known.alive && lets && std::mem::replace(&mut known.paused, pause) != pause
    }

    pub fn pause_all(&mut self, pause: bool) -> bool {
        self.lets_pause() && std::mem::replace(&mut self.all_paused, pause) != pause
    }

    /// A shutdown begins.
    pub(super) fn end_pauses(&mut self) {
        self.all_paused = false;
        self.owners.iter_mut().for_each(|owner| owner.paused = false);
    }

    /// The tick of a periodic task has come: whether it is missed, as the task is paused.
    pub(super) fn misses_tick(&mut self, task: usize) -> bool {
        let now = self.now;
        let Some(every) = self.tasks[task].spec.periodic.filter(|_| self.is_held(task)) else { return false };
        let it = &mut self.tasks[task];
        if it.between {
            return false;
        }
        // The first run is the first value, and on no grid yet.
        if !every.fixed_rate || every.run_once || it.iteration == 0 {
            return false;
        }
        let next = Self::tick_after(it, every, now);
        it.base = next - every.interval;
        self.plan(task, next);
        true
    }
}
