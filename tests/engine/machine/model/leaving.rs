//! Owners that come and go, and the end of all.

use super::{BTreeSet, CancelReason, Life, Model, Owner, Phase, Status};

impl Model {
    pub fn open_owner(&mut self) -> usize {
        self.owners.push(Owner::NEW);
        self.owners.len() - 1
    }

    fn owned(&self, owner: usize) -> Vec<usize> {
        let of = |task: &usize| self.tasks[*task].spec.owner == Some(owner) && !self.tasks[*task].ended();
        // The newest goes first.
        (0..self.tasks.len()).rev().filter(of).collect()
    }

    pub fn cancel_all(&mut self, owner: usize) {
        for task in self.owned(owner) {
            if !self.tasks[task].spec.detached {
                self.cancel(task, CancelReason::User);
            }
        }
        self.tell_all();
    }

    fn end_owner(&mut self, owner: usize) {
        self.owners[owner].alive = false;
        self.owners[owner].paused = false;
        self.tasks.iter_mut().filter(|it| it.spec.owner == Some(owner)).for_each(|it| it.work = false);
        for it in self.tasks.iter_mut().filter(|it| it.spec.owner == Some(owner)) {
            let told = it.told.len();
            it.owner_went.get_or_insert(told);
        }
    }

    pub fn close_owner(&mut self, owner: usize) {
        if !self.owners[owner].alive {
            return;
        }
        self.end_owner(owner);
        for task in self.owned(owner) {
            let spec = &self.tasks[task].spec;
            if !spec.detached && !spec.must_run {
                self.cancel(task, CancelReason::OwnerGone);
            }
        }
        self.tell_all();
    }

    /// What is left of it then.
    pub fn unload(&mut self, owner: usize) -> BTreeSet<usize> {
        self.end_owner(owner);
        self.owners[owner].unloading = true;
        for task in 0..self.tasks.len() {
            let it = &mut self.tasks[task];
            let (own, ended) = (it.spec.owner == Some(owner), it.ended());
            if !own && !it.lenders.contains(&owner) {
                continue;
            }
            if it.group.is_some() && !own && !ended {
                self.give_loan_back(task, owner);
                continue;
            }
            it.shed |= ended;
            it.work &= !ended;
            if !own || !it.spec.must_run || it.phase == Phase::Delayed && !it.between {
                self.cancel(task, CancelReason::PluginUnload);
            } else if it.between {
                self.make_ready(task);
            }
        }
        self.tell_all();
        self.left_of(owner)
    }

    /// Of an owner that was unloaded: what has not ended, or has a body that has not returned, also of another's that
    /// was given what it made. Of a group that runs nothing is its code.
    pub fn left_of(&self, owner: usize) -> BTreeSet<usize> {
        let left = |task: &usize| {
            let it = &self.tasks[*task];
            let lent = it.group.is_none() && it.lenders.contains(&owner);
            let goes_on = !it.ended() && (it.group.is_none() || it.phase == Phase::After);
            it.spec.owner == Some(owner) && (it.body_out || goes_on) || lent && it.body_out
        };
        (0..self.tasks.len()).filter(left).collect()
    }

    // ---- the end -------------------------------------------------------------------------------

    /// Tasks that must run, and do not yet.
    pub fn has_to_start(&self) -> bool {
        self.tasks.iter().any(|it| it.spec.must_run && !it.ended() && it.phase != Phase::Running)
    }

    /// Whether those are told of ends in an order that is not said, as a shutdown ends many.
    pub fn order_is_open(&self) -> bool {
        let follow: Vec<_> =
            self.tasks.iter().filter(|it| it.spec.must_run && it.phase == Phase::After).collect();
        let keys: BTreeSet<_> = follow.iter().filter_map(|it| it.key).collect();
        keys.len() < follow.iter().filter(|it| it.key.is_some()).count()
    }

    pub fn begin_shutdown(&mut self, time: u64, last: bool) {
        let at = self.now + time;
        match &mut self.life {
            Life::Closed => return,
            Life::Closing { deadline, last: before, .. } => {
                (*deadline, *before) = (at.min(*deadline), last || *before);
                return;
            }
            life => *life = Life::Closing { deadline: at, last, expiring: false },
        }
        self.end_pauses();
        for phase in [Phase::Running, Phase::Delayed, Phase::Queued, Phase::After, Phase::Line] {
            for task in 0..self.tasks.len() {
                let it = &self.tasks[task];
                // A group that runs is not disturbed.
                if it.phase != phase || phase == Phase::Running && it.group.is_some() {
                    continue;
                }
                if it.spec.must_run && it.between {
                    self.make_ready(task);
                } else if !it.spec.must_run || phase == Phase::Delayed {
                    self.cancel(task, CancelReason::Shutdown);
                }
            }
        }
        self.tell_all();
        self.close_if_done();
    }

    /// At the deadline.
    pub fn expire(&mut self) {
        match &mut self.life {
            Life::Closing { deadline, expiring, .. } if *deadline <= self.now => *expiring = true,
            _ => return,
        }
        let waves: [&[Phase]; 3] =
            [&[Phase::Running], &[Phase::Queued], &[Phase::After, Phase::Line, Phase::Delayed]];
        for phases in waves {
            for task in 0..self.tasks.len() {
                match self.tasks[task].phase {
                    phase if !phases.contains(&phase) => {}
                    // A group ends with its members.
                    Phase::Running if self.tasks[task].group.is_some() => {}
                    Phase::Running => self.end(task, Status::Abandoned, "failed Abandoned".to_owned()),
                    _ => {
                        self.cancel(task, CancelReason::Shutdown);
                    }
                }
            }
        }
        self.tell_all();
    }
}
