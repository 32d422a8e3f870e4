//! What is to become of tasks, said once more and without threads: the words of the options and of the table of states
//! and events, with a clock of whole seconds.
//!
//! What chance adds to a time is less than a second and lies between two of them, so that it is known at which second
//! the time has come. Which of the queued tasks a worker takes is the engine's business; the model is told
//! ([`Model::begin`]). Groups, results and limits have rooms of their own.

mod groups;
mod leaving;
mod limiting;
mod pausing;
mod then;
mod verbs;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use legwork::engine::{
    AfterPolicy, Backoff, CancelReason, CancelResult, ErrorKind, KeyPolicy, PauseResult, Priority, Status,
};

pub use groups::{Group, Whole};
pub use limiting::Most;
pub use pausing::REASON;
pub use then::value_of;

/// The owner's number, with 0 for the application's; and the text's.
pub type Key = (usize, u8);

/// How a body returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Well,
    Fails,
    FailsForGood,
    /// And says that it wants two seconds.
    FailsFor2s,
    Panics,
    /// As one that was asked to.
    Stops,
}

#[derive(Debug, Clone, Copy)]
pub struct Again {
    pub times: u32,
    pub delay: u64,
    pub backoff: Backoff,
    pub jitter: bool,
    pub on_timeout: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Every {
    pub interval: u64,
    pub after_interval: bool,
    pub fixed_rate: bool,
    pub run_once: bool,
    pub jitter: bool,
    /// So long after its first run, and half a second.
    pub until: Option<u64>,
    pub max_runs: u64,
}

/// What a submission says. `owner` and `after` are numbers.
#[derive(Debug, Clone)]
pub struct Spec {
    pub key: Option<u8>,
    pub policy: KeyPolicy,
    pub limit: u32,
    pub priority: Priority,
    pub delay: u64,
    pub timeout: Option<u64>,
    pub start_timeout: Option<u64>,
    pub after: Vec<usize>,
    pub after_policy: AfterPolicy,
    pub retry: Option<Again>,
    pub periodic: Option<Every>,
    pub must_run: bool,
    pub detached: bool,
    pub owner: Option<usize>,
    /// The task whose result its body is given, after which it comes, too.
    pub takes: Option<usize>,
    /// It takes that, or its members' results, for itself.
    pub alone: bool,
    pub group: Option<Whole>,
    pub weight: u32,
    pub keep_result: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It comes after others.
    After,
    Delayed,
    /// It waits for its turn in its key.
    Line,
    Queued,
    Running,
    Ended(Status),
}

#[derive(Debug, Clone)]
pub struct Task {
    pub spec: Spec,
    pub key: Option<Key>,
    pub phase: Phase,
    /// What it comes after, and has not ended.
    pub waits: Vec<usize>,
    /// Delayed, or a group that runs: the second in which its time comes, and which of several of that second it is.
    due: u64,
    turn: u64,
    start_by: Option<u64>,
    pub started: bool,
    cancel_requested: bool,
    reason: Option<CancelReason>,
    timed_out: bool,
    times_out: Option<u64>,
    /// Attempts of the run that have begun.
    made: u64,
    run_is_over: bool,
    between: bool,
    iteration: u64,
    tick: u64,
    base: u64,
    /// The last second of the schedule.
    until: u64,
    has_value: bool,
    /// Its body is at work, also of one that was abandoned.
    pub body_out: bool,
    pub begun: u64,
    /// What is to be told of it, in order.
    pub told: Vec<String>,
    /// How much of that was told when its owner went.
    pub owner_went: Option<usize>,
    /// It has ended, and its work was kept for a retry.
    work: bool,
    pub is_retry: bool,
    pub was_retried: bool,
    pub group: Option<Group>,
    /// What it brought, and what its body was given of another's.
    pub value: Option<i64>,
    pub given: Option<i64>,
    /// Owners of others whose code made what it was given, or will be.
    lenders: BTreeSet<usize>,
    /// Its result is for one task alone; or for several.
    promised: bool,
    lends: bool,
    delivered: bool,
    /// Its result is there no more.
    pub shed: bool,
    /// It did not complete as another one did not.
    left_out: bool,
    /// It was Low at some time.
    pub was_low: bool,
    /// By itself; and that was told.
    paused: bool,
    pause_told: bool,
    /// What is left of its wait for the next attempt, which stands still.
    left: Option<u64>,
}

impl Task {
    pub fn ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_))
    }

    /// The number of its next run and attempt.
    pub fn next_at(&self) -> (u64, u64) {
        let attempt = if self.run_is_over { 1 } else { self.made + 1 };
        let attempt = if self.spec.retry.is_some() { attempt } else { 1 };
        let runs = if self.spec.periodic.is_some() { self.iteration + u64::from(attempt == 1) } else { 1 };
        (runs, attempt)
    }

    /// Those of the one that is under way.
    pub fn at(&self) -> (u64, u64) {
        let attempt = if self.spec.retry.is_some() { self.made } else { 1 };
        (if self.spec.periodic.is_some() { self.iteration } else { 1 }, attempt)
    }

    /// What it waits for, with the members of a group.
    pub fn waits_for(&self) -> Vec<usize> {
        let members = self.group.iter().flat_map(Group::on).map(|(_, member)| member);
        self.waits.iter().copied().chain(members).collect()
    }

    pub fn runs(&self) -> u64 {
        self.iteration
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    Open,
    Closing { deadline: u64, last: bool, expiring: bool },
    Resting,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    ShutDown,
    OwnerGone,
    KeyLimit,
    /// One of its owner's.
    Limit,
    /// What it would take is for another, or not there any more.
    Taken,
    NotKept,
    /// Its schedule is over.
    Over,
}

/// Why a task is not retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRetry {
    StillGoing,
    Completed,
    Abandoned,
    WasRetried,
    Replaced,
    NotRepeatable,
    Submit(Refusal),
}

#[derive(Default, Clone)]
struct Places {
    limit: u32,
    line: Vec<usize>,
    taken: Vec<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    pub alive: bool,
    pub unloading: bool,
    pub paused: bool,
    pub most: Most,
}

impl Owner {
    const NEW: Owner = Owner { alive: true, unloading: false, paused: false, most: Most::NONE };
}

#[derive(Debug, Clone)]
enum Chore {
    /// Those that come after it are told of its end.
    Tell(usize),
    /// The members of this group are asked to stop.
    Stop(usize),
}

#[derive(Clone)]
pub struct Model {
    pub now: u64,
    pub life: Life,
    pub tasks: Vec<Task>,
    /// The application is number 0.
    pub owners: Vec<Owner>,
    all_paused: bool,
    keys: BTreeMap<Key, Places>,
    turns: u64,
    chores: VecDeque<Chore>,
    /// Nobody else has to take what is told.
    direct: bool,
    /// Queued members that a group has cancelled; and those that a worker took before it came to them.
    pub overtaken: Vec<usize>,
    pub faster: BTreeSet<usize>,
}

impl Model {
    pub fn new(direct: bool) -> Model {
        Model {
            now: 0,
            life: Life::Open,
            tasks: Vec::new(),
            owners: vec![Owner::NEW],
            all_paused: false,
            keys: BTreeMap::new(),
            turns: 0,
            chores: VecDeque::new(),
            direct,
            overtaken: Vec::new(),
            faster: BTreeSet::new(),
        }
    }

    fn is_open(&self) -> bool {
        self.life == Life::Open
    }

    pub fn is_unloading(&self, task: usize) -> bool {
        self.tasks[task].all_lenders().iter().any(|owner| self.owners[*owner].unloading)
    }

    /// In a shutdown what must run still starts, until the deadline.
    fn may_start(&self, task: usize) -> bool {
        match self.life {
            Life::Closing { expiring, .. } => !expiring && self.tasks[task].spec.must_run,
            life => life == Life::Open,
        }
    }

    pub fn count(&self, phases: &[Phase]) -> usize {
        self.tasks.iter().filter(|task| phases.contains(&task.phase)).count()
    }

    /// What is in a key's places.
    pub fn in_place(&self, key: Key) -> Vec<usize> {
        self.keys.get(&key).map(|places| places.taken.clone()).unwrap_or_default()
    }

    fn members(&self, key: Key) -> Vec<usize> {
        (0..self.tasks.len())
            .filter(|task| self.tasks[*task].key == Some(key) && !self.tasks[*task].ended())
            .collect()
    }

    pub fn keys_in_use(&self) -> usize {
        let used: BTreeSet<Key> = self
            .tasks
            .iter()
            .enumerate()
            .filter(|(number, task)| {
                !task.ended() || task.key.is_some_and(|key| self.in_place(key).contains(number))
            })
            .filter_map(|(_, task)| task.key)
            .collect();
        used.len()
    }

    // ---- to come -------------------------------------------------------------------------------

    /// The number of the task that there is then, and whether it is a new one.
    pub fn submit(&mut self, spec: Spec) -> Result<(usize, bool), Refusal> {
        self.submit_until(spec, None)
    }

    /// `until`: the last second of the schedule, where that is not counted from now.
    fn submit_until(&mut self, spec: Spec, until: Option<u64>) -> Result<(usize, bool), Refusal> {
        if matches!(self.life, Life::Closing { .. } | Life::Closed) {
            return Err(Refusal::ShutDown);
        }
        if spec.owner.is_some_and(|owner| !self.owners[owner].alive) {
            return Err(Refusal::OwnerGone);
        }
        self.admit_lenders(&spec)?;
        let key = spec.key.map(|text| (spec.owner.unwrap_or(0), text));
        if let Some(key) = key {
            let in_use = !self.members(key).is_empty() || !self.in_place(key).is_empty();
            if in_use && self.keys[&key].limit != spec.limit {
                return Err(Refusal::KeyLimit);
            }
            let there = self.members(key).into_iter().find(|task| !self.tasks[*task].cancel_requested);
            if spec.policy == KeyPolicy::Keep
                && let Some(there) = there
            {
                return Ok((there, false));
            }
            self.admit_within_limits(&spec, Some(key))?;
            if !in_use {
                self.keys.insert(key, Places { limit: spec.limit, ..Places::default() });
            }
        } else {
            self.admit_within_limits(&spec, None)?;
        }
        self.life = Life::Open;
        let number = self.tasks.len();
        let delay = spec.delay;
        let from_now = spec.periodic.and_then(|every| {
            let first = self.now + delay + if every.after_interval { every.interval } else { 0 };
            every.until.map(|after| first + after)
        });
        let until = until.or(from_now);
        self.tasks.push(Task {
            key,
            phase: Phase::After,
            waits: Vec::new(),
            due: 0,
            turn: 0,
            start_by: spec.start_timeout.map(|timeout| self.now + delay + timeout),
            started: false,
            cancel_requested: false,
            reason: None,
            timed_out: false,
            times_out: None,
            made: 0,
            run_is_over: false,
            between: false,
            iteration: 0,
            tick: 0,
            base: 0,
            until: until.unwrap_or(u64::MAX),
            has_value: false,
            body_out: false,
            begun: 0,
            told: Vec::new(),
            owner_went: None,
            work: false,
            is_retry: false,
            was_retried: false,
            group: None,
            value: None,
            given: None,
            lenders: BTreeSet::new(),
            promised: false,
            lends: false,
            delivered: false,
            shed: false,
            left_out: false,
            was_low: spec.priority == Priority::Low,
            paused: false,
            pause_told: false,
            left: None,
            spec,
        });
        let policy = self.tasks[number].spec.policy;
        if let Some(key) = key
            && matches!(policy, KeyPolicy::Replace | KeyPolicy::KeepLatest)
        {
            for other in self.members(key) {
                if other != number && (policy == KeyPolicy::Replace || !self.tasks[other].started) {
                    self.cancel(other, CancelReason::Replaced);
                }
            }
        }
        let spec = &self.tasks[number].spec;
        let ended_only = spec.after_policy == AfterPolicy::Ended;
        let mut waits = Vec::new();
        let mut never = false;
        for other in spec.after.iter().chain(&spec.takes) {
            match self.tasks[*other].phase {
                Phase::Ended(status) => never |= !ended_only && status != Status::Completed,
                _ => waits.push(*other),
            }
        }
        if let Some(other) = spec.takes.filter(|_| !never) {
            self.promise(other, self.tasks[number].spec.alone);
            self.borrow(number, other);
        }
        self.tasks[number].waits = waits;
        self.make_group(number);
        if never {
            self.cancel(number, CancelReason::DependencyFailed);
        } else if self.tasks[number].waits.is_empty() {
            self.wait_for_time(number);
        }
        self.tell_all();
        Ok((number, true))
    }

    fn wait_for_time(&mut self, task: usize) {
        let now = self.now;
        let it = &mut self.tasks[task];
        let first = now + it.spec.delay;
        match it.spec.periodic {
            Some(every) => {
                it.base = first;
                self.plan(task, first + if every.after_interval { every.interval } else { 0 });
                if self.tasks[task].phase == Phase::Delayed && self.tasks[task].due <= now {
                    self.make_ready(task);
                }
            }
            None if first > now => self.delay(task, first),
            None => self.make_ready(task),
        }
    }

    /// A periodic task has its next run at `tick`, or none any more.
    fn plan(&mut self, task: usize, tick: u64) {
        let it = &mut self.tasks[task];
        it.tick = tick;
        if tick > it.until {
            return self.end_schedule(task);
        }
        let later = it.spec.periodic.is_some_and(|every| every.jitter);
        self.delay(task, tick + u64::from(later));
    }

    fn delay(&mut self, task: usize, due: u64) {
        self.turns += 1;
        let turn = self.turns;
        let it = &mut self.tasks[task];
        (it.phase, it.due, it.turn) = (Phase::Delayed, due, turn);
    }

    fn make_ready(&mut self, task: usize) {
        self.tasks[task].between = false;
        if self.tasks[task].group.is_some() {
            return self.begin_group(task);
        }
        match self.tasks[task].key {
            Some(key) if !self.in_place(key).contains(&task) => {
                self.tasks[task].phase = Phase::Line;
                self.keys.entry(key).or_default().line.push(task);
                self.hand_on(key);
            }
            _ => self.tasks[task].phase = Phase::Queued,
        }
    }

    fn hand_on(&mut self, key: Key) {
        loop {
            let Some(places) = self.keys.get(&key) else { return };
            let free = places.taken.len() < places.limit as usize;
            let Some(first) = places.line.first().copied().filter(|first| free && self.may_start(*first))
            else {
                return;
            };
            let places = self.keys.entry(key).or_default();
            places.line.remove(0);
            places.taken.push(first);
            self.tasks[first].phase = Phase::Queued;
        }
    }

    fn give_place_back(&mut self, task: usize) {
        let Some(key) = self.tasks[task].key else { return };
        let places = self.keys.entry(key).or_default();
        places.taken.retain(|other| *other != task);
        places.line.retain(|other| *other != task);
        self.hand_on(key);
    }

    // ---- to run --------------------------------------------------------------------------------

    /// A worker has taken a queued task.
    pub fn begin(&mut self, task: usize) {
        assert!(self.tasks[task].phase == Phase::Queued && self.may_start(task) && !self.is_held(task));
        let owner = self.tasks[task].spec.owner.unwrap_or(0);
        let has_room = self.at_work(owner) < self.owners[owner].most.running as usize;
        assert!(has_room || !self.is_open(), "task {task} of owner {owner} is beyond its limit");
        self.give(task);
        let now = self.now;
        let it = &mut self.tasks[task];
        let (iteration, attempt) = it.next_at();
        if let Some(every) = it.spec.periodic {
            it.iteration = iteration;
            if attempt == 1 && every.fixed_rate {
                // A run that begins late is that of all ticks until now.
                let planned = it.tick + u64::from(every.jitter);
                it.tick += now.saturating_sub(planned) / every.interval * every.interval;
            }
        }
        (it.made, it.run_is_over) = (attempt, false);
        if !std::mem::replace(&mut it.started, true) {
            it.told.push("started".to_owned());
        }
        it.phase = Phase::Running;
        it.body_out = true;
        it.begun += 1;
        it.start_by = None;
        it.times_out = it.spec.timeout.map(|timeout| now + timeout);
    }

    /// A body returns.
    pub fn returns(&mut self, task: usize, how: How) {
        let now = self.now;
        let unloading = self.is_unloading(task);
        let it = &mut self.tasks[task];
        assert!(std::mem::replace(&mut it.body_out, false));
        if it.phase != Phase::Running {
            // It was abandoned.
            return self.give_place_back(task);
        }
        it.times_out = None;
        let failure = match how {
            _ if it.timed_out => Some(ErrorKind::TimedOut),
            How::Fails | How::FailsForGood | How::FailsFor2s => Some(ErrorKind::Failed),
            How::Panics => Some(ErrorKind::Panic),
            How::Well | How::Stops => None,
        };
        let stopped = how == How::Stops && !it.timed_out;
        if failure.is_none() && !stopped {
            it.value = Some(value_of(task, it.given));
            it.shed |= unloading;
        }
        if failure.is_some()
            && let Some(again) = it.spec.retry
            && (if it.timed_out { again.on_timeout } else { how != How::FailsForGood })
            && it.made <= u64::from(again.times)
            && !it.cancel_requested
            && !unloading
            && self.life == Life::Open
        {
            let said = how == How::FailsFor2s && !it.timed_out;
            let wait = match again.backoff {
                _ if said => 2 + u64::from(again.jitter),
                Backoff::Fixed => again.delay,
                Backoff::Exponential => again.delay << (it.made - 1),
            };
            if std::mem::take(&mut it.timed_out) {
                // It was the attempt that was asked to stop.
                it.reason = None;
            }
            it.between = true;
            it.told.push(format!("retrying {}", it.made + 1));
            let stands = it.paused;
            self.delay(task, if stands { u64::MAX } else { now + wait });
            self.tasks[task].left = stands.then_some(wait);
            return self.rests_if_paused(task);
        }
        it.run_is_over = true;
        let Some(every) = it.spec.periodic else {
            match failure {
                Some(ErrorKind::TimedOut) => self.end(task, Status::TimedOut, "failed TimedOut".to_owned()),
                Some(kind) => self.end(task, Status::Failed, format!("failed {}", kind.name())),
                None if stopped => self.end_cancelled(task),
                None => self.end(task, Status::Completed, "completed".to_owned()),
            }
            return self.tell_all();
        };
        it.timed_out = false;
        it.has_value |= failure.is_none() && !stopped;
        match failure {
            Some(kind) => it.told.push(format!("run-failed {} {}", it.iteration, kind.name())),
            None if !stopped => it.told.push(format!("run {}", it.iteration)),
            None => {}
        }
        if it.cancel_requested || stopped {
            self.end_cancelled(task);
        } else if every.max_runs > 0 && it.iteration >= every.max_runs {
            self.end_schedule(task);
        } else {
            let next = Self::tick_after(it, every, now);
            it.base = if every.fixed_rate { next - every.interval } else { now };
            // Until it is planned, as it gives its place away first.
            it.phase = Phase::Delayed;
            self.give_place_back(task);
            self.rests_if_paused(task);
            self.plan(task, next);
        }
        self.tell_all();
    }

    fn tick_after(it: &Task, every: Every, now: u64) -> u64 {
        let next = it.tick + every.interval;
        if !every.fixed_rate {
            return now + every.interval;
        }
        if next > now {
            return next;
        }
        let last = it.tick + (now - it.tick) / every.interval * every.interval;
        if every.run_once { last } else { last + every.interval }
    }

    // ---- to end --------------------------------------------------------------------------------

    fn end_cancelled(&mut self, task: usize) {
        let reason = self.tasks[task].reason.unwrap_or(CancelReason::User);
        self.end(task, Status::Cancelled, format!("cancelled {}", reason.name()));
    }

    fn end_schedule(&mut self, task: usize) {
        match self.tasks[task].has_value {
            true => self.end(task, Status::Completed, "completed".to_owned()),
            false => self.end(task, Status::Failed, "failed TooManyFailures".to_owned()),
        }
    }

    fn end(&mut self, task: usize, status: Status, told: String) {
        let unloading = self.is_unloading(task);
        let it = &mut self.tasks[task];
        assert!(!it.ended());
        it.phase = Phase::Ended(status);
        let badly = matches!(status, Status::Failed | Status::Cancelled | Status::TimedOut);
        let again = it.spec.retry.is_some() || it.spec.periodic.is_some();
        it.work = badly
            && again
            && it.reason != Some(CancelReason::Replaced)
            && matches!(self.life, Life::Open | Life::Resting)
            && self.owners[it.spec.owner.unwrap_or(0)].alive
            && !unloading
            && (it.spec.takes.is_none() || it.given.is_some());
        it.told.push(told);
        // One that was asked to stop for that, and has failed, says so, too.
        let as_asked = status == Status::Cancelled || status == Status::Failed && it.group.is_none();
        it.left_out |= as_asked && it.reason == Some(CancelReason::DependencyFailed);
        (it.waits, it.start_by, it.between) = (Vec::new(), None, false);
        it.delivered = self.direct;
        self.group_ended(task);
        let it = &self.tasks[task];
        if !it.body_out {
            self.give_place_back(task);
        }
        self.chores.push_back(Chore::Tell(task));
        self.close_if_done();
    }

    fn close_if_done(&mut self) {
        if let Life::Closing { last, .. } = self.life
            && self.tasks.iter().all(Task::ended)
        {
            self.life = if last { Life::Closed } else { Life::Resting };
        }
    }

    /// Tells those that come after what has ended, and so on.
    fn tell_all(&mut self) {
        while let Some(chore) = self.chores.pop_front() {
            match chore {
                Chore::Tell(ended) => {
                    self.tell_groups(ended);
                    self.tell(ended);
                }
                Chore::Stop(group) => self.stop_all(group),
            }
        }
    }

    fn tell(&mut self, ended: usize) {
        let completed = self.tasks[ended].phase == Phase::Ended(Status::Completed);
        for task in 0..self.tasks.len() {
            let it = &mut self.tasks[task];
            if it.phase != Phase::After || !it.waits.contains(&ended) {
                continue;
            }
            it.waits.retain(|other| *other != ended);
            if !completed && it.spec.after_policy == AfterPolicy::Completed {
                self.cancel(task, CancelReason::DependencyFailed);
            } else if it.waits.is_empty() {
                if let Some(reason) = self.stopped_with_group(task) {
                    self.cancel(task, reason);
                } else if !self.is_open() && (!self.may_start(task) || self.tasks[task].spec.delay > 0) {
                    self.cancel(task, CancelReason::Shutdown);
                } else if self.is_unloading(task) && self.tasks[task].spec.delay > 0 {
                    self.cancel(task, CancelReason::PluginUnload);
                } else {
                    self.wait_for_time(task);
                }
            }
        }
    }

    fn cancel(&mut self, task: usize, reason: CancelReason) -> CancelResult {
        let it = &mut self.tasks[task];
        match it.phase {
            Phase::Ended(_) => CancelResult::AlreadyFinished,
            Phase::Running => {
                it.cancel_requested = true;
                // Of a time-out, it ends as timed out.
                let reason = *it.reason.get_or_insert(reason);
                if it.group.is_some() {
                    self.stop_members(task, reason);
                }
                CancelResult::CancelRequested
            }
            _ => {
                it.reason = Some(reason);
                self.end_cancelled(task);
                CancelResult::CancelledBeforeStart
            }
        }
    }
}
