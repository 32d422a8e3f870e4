//! Results: what a body is given of another's, who else may have it, and how long it is there.

use crate::support::Num;

use super::{BTreeSet, Model, Phase, Refusal, Spec, Status, Task};

/// What the body of a task brings, which was given this.
pub fn value_of(task: usize, given: Option<i64>) -> i64 {
    let own = (task as i64 + 1) * 1_000_003;
    (given.unwrap_or_default() * 31 + own) % Num::TOP
}

impl Task {
    /// The owners whose code made what it gives.
    pub(super) fn all_lenders(&self) -> BTreeSet<usize> {
        self.lenders.iter().copied().chain(self.spec.owner).collect()
    }
}

impl Model {
    /// Whether what a new task would take is there, or still to come.
    pub(super) fn admit_lenders(&self, spec: &Spec) -> Result<(), Refusal> {
        let members = spec.group.iter().flat_map(|group| &group.members);
        let mut named = BTreeSet::new();
        let mut twice = false;
        for other in spec.takes.iter().chain(members) {
            twice |= !named.insert(*other);
            let it = &self.tasks[*other];
            if self.is_unloading(*other) {
                return Err(Refusal::OwnerGone);
            }
            if it.promised || spec.alone && it.lends {
                return Err(Refusal::Taken);
            }
            if it.shed {
                return Err(Refusal::NotKept);
            }
        }
        if twice && spec.alone { Err(Refusal::Taken) } else { Ok(()) }
    }

    pub(super) fn promise(&mut self, other: usize, alone: bool) {
        let it = &mut self.tasks[other];
        (it.promised, it.lends) = (it.promised || alone, it.lends || !alone);
    }

    pub(super) fn borrow(&mut self, task: usize, from: usize) {
        let own = self.tasks[task].spec.owner;
        let lenders = self.tasks[from].all_lenders();
        self.tasks[task].lenders.extend(lenders.into_iter().filter(|lender| Some(*lender) != own));
    }

    /// A body begins, and is given what it takes.
    pub(super) fn give(&mut self, task: usize) {
        let Some(other) = self.tasks[task].spec.takes else { return };
        if self.tasks[task].given.is_none() {
            let it = &mut self.tasks[other];
            assert!(!it.shed, "task {task} gets nothing from {other}");
            it.shed = it.promised;
            self.tasks[task].given = self.tasks[other].value;
        }
    }

    fn is_awaited(&self, task: usize) -> bool {
        let takes = |it: &&Task| it.spec.takes == Some(task);
        self.tasks.iter().filter(takes).any(|it| !it.ended() && it.begun == 0)
    }

    /// Results that are not to be kept go once they were delivered, and nothing waits for them.
    pub fn shed(&mut self) {
        for task in 0..self.tasks.len() {
            let it = &self.tasks[task];
            let completed = it.phase == Phase::Ended(Status::Completed);
            if completed && it.delivered && !it.spec.keep_result && !self.is_awaited(task) {
                self.tasks[task].shed = true;
            }
        }
    }

    /// What is told of all that has ended is taken.
    pub fn drain(&mut self) {
        self.tasks.iter_mut().filter(|it| it.ended()).for_each(|it| it.delivered = true);
    }

    /// What a task that has completed shows of its result.
    pub fn shown(&self, task: usize) -> Option<i64> {
        let it = &self.tasks[task];
        match it.shed {
            _ if it.promised => None,
            true => Some(0),
            false => it.value,
        }
    }
}
