//! Groups: what they gather of their members, when they stop the rest, and how they end.

use legwork::engine::{CancelReason, ErrorPolicy, Payload, Status};

use super::{BTreeSet, Chore, Model, Phase, Task};
use crate::support::Num;

/// What a submission says of a group: its members are numbers.
#[derive(Debug, Clone)]
pub struct Whole {
    pub policy: ErrorPolicy,
    pub members: Vec<usize>,
}

#[derive(Debug, Clone, Default)]
struct Place {
    /// The member, until it has told its end.
    on: Option<usize>,
    done: bool,
    value: Option<i64>,
    lent_by: BTreeSet<usize>,
}

#[derive(Debug, Clone)]
pub struct Group {
    policy: ErrorPolicy,
    places: Vec<Place>,
    /// Members that have not told their end, also those that had ended when it came, and are still to be looked at.
    left: usize,
    stopped: Option<CancelReason>,
    stopping: bool,
    first: Option<usize>,
    /// What is told of it if it ends by its first failure, and whether that did not complete as another did not.
    error: Option<(String, bool)>,
    failed: usize,
}

impl Group {
    fn gathers(&self) -> bool {
        if self.policy == ErrorPolicy::StopOnSuccess { self.first.is_none() } else { self.failed == 0 }
    }

    /// Members, by their places, that have not told their end.
    pub fn on(&self) -> impl DoubleEndedIterator<Item = (usize, usize)> {
        self.places.iter().enumerate().filter_map(|(place, it)| Some((place, it.on?)))
    }

    /// A member has ended: whether that stops the rest.
    fn take_end(&mut self, place: usize, member: &Task) -> bool {
        self.left -= 1;
        let completed = member.phase == Phase::Ended(Status::Completed);
        let gathers = self.gathers();
        let it = &mut self.places[place];
        it.done |= completed || self.policy != ErrorPolicy::StopOnError;
        if completed && gathers {
            // One of which the result went with its owner has none to give.
            it.value = if member.shed { None } else { member.value };
            it.lent_by = member.all_lenders();
            if self.policy == ErrorPolicy::StopOnSuccess {
                self.first = Some(place);
                return true;
            }
        } else if !completed {
            self.failed += 1;
            if self.policy == ErrorPolicy::StopOnError && self.stopped.is_none() && self.error.is_none() {
                let last = member.told.last().cloned().unwrap_or_default();
                let failed = last.starts_with("failed");
                let told = if failed { last } else { "failed Cancelled".to_owned() };
                self.error = Some((told, member.left_out));
                return true;
            }
        }
        false
    }

    /// Takes out what an owner has lent.
    fn give_back(&mut self, owner: usize) {
        for place in self.places.iter_mut().filter(|place| place.lent_by.contains(&owner)) {
            place.value = None;
        }
    }

    fn value_of(&self, place: &Place) -> Num {
        Num(place.value.unwrap_or_default())
    }
}

impl Model {
    fn group(&mut self, task: usize) -> &mut Group {
        self.tasks[task].group.as_mut().expect("it is a group")
    }

    /// A new task becomes a group.
    pub(super) fn make_group(&mut self, task: usize) {
        let Some(Whole { policy, members }) = self.tasks[task].spec.group.clone() else { return };
        let place = |member: &usize| Place {
            on: Some(*member).filter(|member| !self.tasks[*member].ended()),
            ..Place::default()
        };
        let places = members.iter().map(place).collect();
        self.tasks[task].group = Some(Group {
            policy,
            places,
            left: members.len(),
            stopped: None,
            stopping: false,
            first: None,
            error: None,
            failed: 0,
        });
        for member in &members {
            self.promise(*member, self.tasks[task].spec.alone);
            self.borrow(task, *member);
        }
        let ended = members.iter().enumerate().filter(|(_, member)| self.tasks[**member].ended());
        let mut ended: Vec<_> = ended.map(|(place, member)| (place, *member)).collect();
        // What failed comes before what was left out for that.
        ended.sort_by_key(|(_, member)| self.tasks[*member].left_out);
        for (place, member) in ended {
            self.member_ended(member, task, place);
        }
    }

    pub(super) fn begin_group(&mut self, task: usize) {
        let now = self.now;
        self.turns += 1;
        let turn = self.turns;
        let it = &mut self.tasks[task];
        (it.phase, it.started, it.start_by, it.turn) = (Phase::Running, true, None, turn);
        it.told.push("started".to_owned());
        it.times_out = it.spec.timeout.map(|timeout| now + timeout);
        if self.group(task).left == 0 {
            self.finish_group(task);
        }
    }

    /// A member has ended: the groups that it is in hear of it, the newest first.
    pub(super) fn tell_groups(&mut self, member: usize) {
        for task in (0..self.tasks.len()).rev() {
            let Some(group) = &self.tasks[task].group else { continue };
            let places: Vec<_> = group.on().rev().filter(|(_, on)| *on == member).collect();
            for (place, _) in places {
                self.group(task).places[place].on = None;
                self.member_ended(member, task, place);
            }
        }
    }

    fn member_ended(&mut self, member: usize, task: usize, place: usize) {
        let is_open = self.is_open();
        let it = &self.tasks[task];
        if it.ended() {
            return;
        }
        let must_run = it.spec.must_run;
        let ended = self.tasks[member].clone();
        let shut =
            ended.phase == Phase::Ended(Status::Cancelled) && ended.reason == Some(CancelReason::Shutdown);
        if shut && self.group(task).stopped.is_none() && !must_run && !is_open {
            self.cancel(task, CancelReason::Shutdown);
            if self.tasks[task].ended() {
                return;
            }
        }
        let group = self.group(task);
        let stops = group.take_end(place, &ended);
        let left = group.left;
        if stops && left > 0 {
            self.stop_members(task, CancelReason::NotNeeded);
        }
        if left == 0 {
            self.finish_group(task);
        }
    }

    fn finish_group(&mut self, task: usize) {
        if self.tasks[task].phase != Phase::Running {
            return;
        }
        let it = &mut self.tasks[task];
        it.times_out = None;
        if it.timed_out {
            return self.end(task, Status::TimedOut, "failed TimedOut".to_owned());
        }
        let asked = it.cancel_requested;
        let group = self.group(task).clone();
        let value = match group.first {
            Some(first) => group.value_of(&group.places[first]),
            None => Num::list(group.places.iter().map(|place| group.value_of(place)).collect()),
        };
        let any = group.policy == ErrorPolicy::StopOnSuccess;
        if let Some((told, left_out)) = group.error {
            self.tasks[task].left_out = left_out;
            self.end(task, Status::Failed, told);
        } else if group.first.is_some() || group.failed == 0 && !any {
            let unloading = self.is_unloading(task);
            self.tasks[task].value = Some(value.0);
            self.tasks[task].shed |= unloading;
            self.end(task, Status::Completed, "completed".to_owned());
        } else if asked {
            self.end_cancelled(task);
        } else {
            self.end(task, Status::Failed, "failed Failed".to_owned());
        }
    }

    // ---- to stop -------------------------------------------------------------------------------

    pub(super) fn stop_members(&mut self, task: usize, reason: CancelReason) {
        let group = self.group(task);
        if group.stopped.replace(reason) != Some(reason) {
            self.look_at_members(task);
        }
    }

    fn look_at_members(&mut self, task: usize) {
        if !std::mem::replace(&mut self.group(task).stopping, true) {
            self.chores.push_back(Chore::Stop(task));
        }
    }

    pub(super) fn group_ended(&mut self, task: usize) {
        let reason = self.tasks[task].reason.unwrap_or(CancelReason::NotNeeded);
        if self.tasks[task].group.as_ref().is_some_and(|group| group.left > 0) {
            self.stop_members(task, reason);
            self.look_at_members(task);
        }
    }

    /// The chore: asks all members to stop, and watches them no more if the group has ended.
    pub(super) fn stop_all(&mut self, task: usize) {
        let on: Vec<_> = self.group(task).on().collect();
        for (place, member) in on {
            let ended = self.tasks[task].ended();
            let group = self.group(task);
            let reason = group.stopped.unwrap_or(CancelReason::NotNeeded);
            if ended {
                group.places[place].on = None;
                group.left -= 1;
            }
            if self.stays(member, reason) {
                continue;
            }
            if self.tasks[member].phase == Phase::Queued {
                // A worker may have been faster.
                match self.faster.contains(&member) {
                    true => self.begin(member),
                    false => self.overtaken.push(member),
                }
            }
            self.cancel(member, reason);
        }
        self.group(task).stopping = false;
    }

    fn stays(&self, member: usize, reason: CancelReason) -> bool {
        use CancelReason::{OwnerGone, PluginUnload, Shutdown};
        self.tasks[member].spec.must_run && matches!(reason, Shutdown | OwnerGone | PluginUnload)
    }

    /// What waits for no other any more is in a group that is about to stop it.
    pub(super) fn stopped_with_group(&self, task: usize) -> Option<CancelReason> {
        let groups = self.tasks.iter().rev().filter_map(|it| it.group.as_ref());
        let its = groups.filter(|group| group.on().any(|(_, on)| on == task));
        its.filter_map(|group| group.stopped).find(|reason| !self.stays(task, *reason))
    }

    // ---- what is seen --------------------------------------------------------------------------

    /// How far a group is that runs or has completed; `None` where that depends on how far others are.
    pub fn progress(&self, task: usize) -> Option<f64> {
        let it = &self.tasks[task];
        let group = it.group.as_ref()?;
        let members = &it.spec.group.as_ref()?.members;
        match it.phase {
            Phase::Ended(Status::Completed) => Some(1.0),
            Phase::Running if members.iter().all(|member| self.tasks[*member].group.is_none()) => {
                let weight = |place: usize| f64::from(self.tasks[members[place]].spec.weight);
                let total: f64 = (0..members.len()).map(weight).sum();
                let is_done = |place: &usize| group.places[*place].done;
                let done: f64 = (0..members.len()).filter(is_done).map(weight).sum();
                Some(done / total)
            }
            _ => None,
        }
    }

    /// An owner that is unloaded takes back what it has lent to a group of another's.
    pub(super) fn give_loan_back(&mut self, task: usize, owner: usize) {
        self.group(task).give_back(owner);
        self.tasks[task].lenders.remove(&owner);
    }
}
