//! The verbs, and the time.

use super::{
    CancelReason, CancelResult, Key, Life, Model, NoRetry, Phase, Priority, Refusal, Spec, Status, Task,
};

impl Model {
    pub fn may_retry(&self, task: usize) -> Result<(), NoRetry> {
        let it = &self.tasks[task];
        match it.phase {
            Phase::Ended(Status::Completed) => Err(NoRetry::Completed),
            Phase::Ended(Status::Abandoned) => Err(NoRetry::Abandoned),
            Phase::Ended(_) if it.was_retried => Err(NoRetry::WasRetried),
            Phase::Ended(_) if !matches!(self.life, Life::Open | Life::Resting) => {
                Err(NoRetry::Submit(Refusal::ShutDown))
            }
            Phase::Ended(_) if self.is_unloading(task) || !self.owners[it.spec.owner.unwrap_or(0)].alive => {
                Err(NoRetry::Submit(Refusal::OwnerGone))
            }
            Phase::Ended(_) if it.work => Ok(()),
            Phase::Ended(_) if it.reason == Some(CancelReason::Replaced) => Err(NoRetry::Replaced),
            Phase::Ended(_) => Err(NoRetry::NotRepeatable),
            _ => Err(NoRetry::StillGoing),
        }
    }

    /// The number of the task that there is then, and whether it is a new one.
    pub fn retry(&mut self, task: usize) -> Result<(usize, bool), NoRetry> {
        self.may_retry(task)?;
        let it = &self.tasks[task];
        let spec = Spec { delay: 0, after: Vec::new(), takes: None, alone: false, ..it.spec.clone() };
        let (until, given, lenders) = (it.until, it.given, it.lenders.clone());
        let until = spec.periodic.and_then(|every| every.until).map(|_| until);
        let first = spec.periodic.filter(|every| every.after_interval).map_or(0, |every| every.interval);
        if until.is_some_and(|until| self.now + first > until) {
            return Err(NoRetry::Submit(Refusal::Over));
        }
        let (number, new) = self.submit_until(spec, until).map_err(NoRetry::Submit)?;
        self.tasks[task].was_retried = true;
        if new {
            self.tasks[number].is_retry = true;
            (self.tasks[number].given, self.tasks[number].lenders) = (given, lenders);
            self.tasks[number].told.insert(0, "retried".to_owned());
        }
        Ok((number, new))
    }

    pub fn cancel_one(&mut self, task: usize) -> CancelResult {
        let result = self.cancel(task, CancelReason::User);
        self.tell_all();
        result
    }

    pub fn cancel_if_queued(&mut self, task: usize) -> bool {
        let takes = !self.tasks[task].ended() && !self.tasks[task].started;
        if takes {
            self.cancel_one(task);
        }
        takes
    }

    pub fn cancel_key(&mut self, key: Key) {
        for task in self.members(key) {
            self.cancel(task, CancelReason::User);
        }
        self.tell_all();
    }

    pub fn run_now(&mut self, task: usize) -> bool {
        if self.tasks[task].phase != Phase::Delayed || !self.is_open() || self.is_held(task) {
            return false;
        }
        let it = &mut self.tasks[task];
        if !it.between && it.spec.periodic.is_some_and(|every| every.fixed_rate) {
            it.tick = it.base;
        }
        self.make_ready(task);
        self.tell_all();
        true
    }

    /// Whether it has one.
    pub fn set_interval(&mut self, task: usize, interval: u64) -> bool {
        let now = self.now;
        let it = &mut self.tasks[task];
        let ended = it.ended();
        let Some(every) = it.spec.periodic.as_mut().filter(|_| !ended) else { return false };
        every.interval = interval;
        let by_interval = it.iteration > 0 || every.after_interval;
        if it.phase == Phase::Delayed && !it.between && by_interval {
            let tick = (it.base + interval).max(now);
            self.plan(task, tick);
            self.tell_all();
        }
        true
    }

    /// Whether it changes, or is that already.
    pub fn set_priority(&mut self, task: usize, priority: Priority) -> bool {
        let it = &mut self.tasks[task];
        let runs_once = it.phase == Phase::Running && it.spec.periodic.is_none();
        let changes = !it.ended() && !runs_once;
        if changes {
            it.spec.priority = priority;
            it.was_low |= priority == Priority::Low;
        }
        changes
    }

    pub fn advance(&mut self, by: u64) {
        self.now += by;
        let now = self.now;
        let mut late: Vec<_> = (0..self.tasks.len())
            .filter(|task| self.tasks[*task].start_by.is_some_and(|by| by <= now))
            .collect();
        late.sort_by_key(|task| self.tasks[*task].start_by);
        for task in late {
            if !self.tasks[task].ended() {
                self.end(task, Status::TimedOut, "failed StartTimedOut".to_owned());
            }
        }
        let time = |it: &Task| match it.phase {
            Phase::Delayed => Some(it.due),
            Phase::Running => it.times_out,
            _ => None,
        };
        let due = |task: &usize| time(&self.tasks[*task]).is_some_and(|at| at <= now);
        let mut due: Vec<_> = (0..self.tasks.len()).filter(due).collect();
        due.sort_by_key(|task| (time(&self.tasks[*task]), self.tasks[*task].turn));
        for task in due {
            let it = &mut self.tasks[task];
            if it.phase == Phase::Delayed {
                if !self.misses_tick(task) {
                    self.make_ready(task);
                }
            } else if it.times_out.take().is_some() && !it.cancel_requested {
                it.timed_out = true;
                if it.spec.periodic.is_none() {
                    it.reason = Some(CancelReason::Timeout);
                }
                if it.group.is_some() {
                    self.stop_members(task, CancelReason::Timeout);
                }
            }
        }
        self.expire();
        self.tell_all();
    }
}
