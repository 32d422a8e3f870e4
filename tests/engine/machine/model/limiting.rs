//! The limits of an owner: which submissions it refuses, and how many bodies begin.

use super::{Key, KeyPolicy, Model, Phase, Refusal, Spec, Task};

/// `u32::MAX` is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    pub running: u32,
    pub queued: u32,
    pub delayed: u32,
}

impl Most {
    pub const NONE: Most = Most { running: u32::MAX, queued: u32::MAX, delayed: u32::MAX };
}

impl Model {
    pub fn set_limits(&mut self, owner: usize, most: Most) {
        self.owners[owner].most = most;
    }

    pub(super) fn admit_within_limits(&self, spec: &Spec, key: Option<Key>) -> Result<(), Refusal> {
        let Some(owner) = spec.owner else { return Ok(()) };
        let most = self.owners[owner].most;
        let later = spec.delay > 0 || spec.periodic.is_some_and(|every| every.after_interval);
        let at_once = !later && spec.group.is_none();
        let is_queued = at_once || !spec.after.is_empty() || spec.takes.is_some();
        let is_delayed = later || spec.periodic.is_some();
        let queued: &[Phase] = &[Phase::Queued, Phase::Line, Phase::After];
        let full = |phases: &[Phase], most: u32| {
            let there =
                self.tasks.iter().filter(|it| it.spec.owner == Some(owner) && phases.contains(&it.phase));
            there.count() >= most as usize && !self.takes_a_place(spec, key, phases)
        };
        if is_queued && full(queued, most.queued) || is_delayed && full(&[Phase::Delayed], most.delayed) {
            return Err(Refusal::Limit);
        }
        Ok(())
    }

    /// Whether it replaces one that is there.
    fn takes_a_place(&self, spec: &Spec, key: Option<Key>, phases: &[Phase]) -> bool {
        let begun = match spec.policy {
            KeyPolicy::Replace => true,
            KeyPolicy::KeepLatest => false,
            _ => return false,
        };
        let goes = |it: &Task| it.key == key && phases.contains(&it.phase) && (begun || !it.started);
        key.is_some() && self.tasks.iter().any(goes)
    }

    /// How many of the queued tasks begin where there are workers enough.
    pub fn startable(&self) -> usize {
        let may_start = |task: &usize| {
            self.tasks[*task].phase == Phase::Queued && self.may_start(*task) && !self.is_held(*task)
        };
        let startable: Vec<_> = (0..self.tasks.len()).filter(may_start).collect();
        let of = |owner: usize| {
            startable.iter().filter(move |task| self.tasks[**task].spec.owner.unwrap_or(0) == owner)
        };
        let begin = |owner: usize| match self.owners[owner].most.running {
            // What must run is not held back in a shutdown.
            most if self.is_open() => {
                of(owner).count().min((most as usize).saturating_sub(self.at_work(owner)))
            }
            _ => of(owner).count(),
        };
        (0..self.owners.len()).map(begin).sum()
    }

    /// Bodies of an owner that have not returned.
    pub fn at_work(&self, owner: usize) -> usize {
        self.tasks.iter().filter(|it| it.body_out && it.spec.owner.unwrap_or(0) == owner).count()
    }
}
