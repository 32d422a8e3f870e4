//! Random sequences of all calls, against a model ([`model`]), on the virtual clock.
//!
//! A sequence is made before anything runs, and names tasks and owners by numbers that are taken modulo those there
//! are: so it means something whatever is left out of it as it shrinks. Each body stands on a stage until the sequence
//! says how it returns. After each step the machine waits until the engine is where the model says, looks at all that
//! can be seen of it, and tells the model which of the queued tasks have begun.
//!
//! `PROPTEST_CASES` says how many sequences there are. What a failed run says at its end is a seed; the sequence comes
//! again by `PROPTEST_RNG_SEED=… cargo test --no-default-features --test engine machine`.

mod draw;
mod model;
mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant, UNIX_EPOCH};

use parking_lot::Mutex;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest};

use legwork::engine::{
    CancelReason, CancelResult, DeliveryMode, Engine, EngineConfig, ErrorPolicy, FirstRun, HistoryLimits,
    IntervalError, Limits, Meanwhile, Misfire, Notice, Once, OwnerId, PauseResult, Periodic, Rate, Repeated,
    Retry, RetryError, Status, SubmitError, TaskContext, TaskId, Then, ThenRepeated, UnloadError, WaitsFor,
};

use crate::support::*;
use draw::{Machine, OWNERS, Start, Step};
use model::{How, Life, Model, Most, NoRetry, Phase, REASON, Refusal, Spec, Whole};
use stage::Stage;

// ---- the engine beside its model ----------------------------------------------------------------

/// The sequence shrinks: to wait long for what does not come would take all day.
static FAILED: AtomicBool = AtomicBool::new(false);

/// What the callback of each submission has heard.
type Heard = Arc<Mutex<BTreeMap<usize, Vec<String>>>>;

/// What a step does to the model.
type ModelCall = Box<dyn Fn(&mut Model)>;

struct Run {
    lab: Lab,
    model: Model,
    /// The model before the step, and what the step did with it, to be done once more where a worker was faster.
    before: Model,
    calls: Vec<ModelCall>,
    stage: Stage,
    workers: usize,
    queued: bool,
    ids: Vec<TaskId>,
    /// The engine's, by the model's number; that of the application is none.
    owners: Vec<Option<OwnerId>>,
    /// The model's numbers of those that may submit.
    at: [usize; OWNERS],
    /// Records are used again.
    reused: bool,
    drops: Drops,
    /// How many bodies there were, and of which none may be left.
    bodies: usize,
    submitted: usize,
    heard: Heard,
    /// The number of each task's submission; of a retry none.
    submissions: Vec<Option<usize>>,
    /// What each task's body has for its number, which is another once it was retried.
    numbers: Vec<Arc<AtomicUsize>>,
    /// The submissions that made no task, as another was there; and that.
    kept: Vec<(usize, usize)>,
}

impl Drop for Run {
    fn drop(&mut self) {
        // Of one that has failed, too, no thread may be left.
        self.stage.open();
        self.lab.begin_shutdown(Duration::ZERO);
    }
}

fn seconds(time: u64) -> Duration {
    Duration::from_secs(time)
}

fn brief(notice: &Notice<Num>) -> String {
    match notice {
        Notice::Retrying(attempt, ..) => format!("retrying {attempt}"),
        Notice::Values(values) => format!("values {}", values.len()),
        Notice::Run(iteration, _) => format!("run {iteration}"),
        Notice::Completed(_) => "completed".to_owned(),
        other => describe(other),
    }
}

/// The same of what the lab has written down.
fn shorten(event: &str) -> String {
    let words: Vec<_> = event.split(' ').collect();
    match words[0] {
        "retrying" | "run" => words[..2].join(" "),
        "completed" => words[0].to_owned(),
        _ => event.to_owned(),
    }
}

impl Run {
    fn new(start: &Start) -> Run {
        let mode = if start.queued { DeliveryMode::Queued } else { DeliveryMode::Direct };
        // Nothing is forgotten meanwhile.
        let history = HistoryLimits { age: Duration::from_secs(1 << 30), ..HistoryLimits::default() };
        let config = EngineConfig { max_workers: start.workers, history, ..EngineConfig::default() };
        let model = Model::new(!start.queued);
        let mut run = Run {
            lab: Lab::of(Engine::manual(config, mode), mode),
            before: model.clone(),
            model,
            calls: Vec::new(),
            stage: Stage::default(),
            workers: start.workers,
            queued: start.queued,
            ids: Vec::new(),
            owners: vec![None],
            at: [0; OWNERS],
            reused: false,
            drops: Drops::default(),
            bodies: 0,
            submitted: 0,
            heard: Heard::default(),
            submissions: Vec::new(),
            numbers: Vec::new(),
            kept: Vec::new(),
        };
        for owner in 0..OWNERS {
            run.open_owner(owner);
        }
        run
    }

    /// Tells the model.
    fn tell<T>(&mut self, call: impl Fn(&mut Model) -> T + 'static) -> T {
        let said = call(&mut self.model);
        self.calls.push(Box::new(move |model| {
            call(model);
        }));
        said
    }

    fn open_owner(&mut self, owner: usize) {
        self.at[owner] = self.tell(Model::open_owner);
        self.owners.push(Some(self.lab.open_owner("owner")));
    }

    fn task(&self, number: usize) -> Option<usize> {
        (!self.ids.is_empty()).then(|| number % self.ids.len())
    }

    /// Whether the engine may have forgotten it.
    fn may_be_gone(&self, task: usize) -> bool {
        let it = &self.model.tasks[task];
        it.was_retried || it.ended() && self.model.is_unloading(task)
    }

    // ---- steps ---------------------------------------------------------------------------------

    fn step(&mut self, step: Step) {
        match step {
            Step::Submit(spec) => self.submit(spec),
            Step::Return(number, how) => {
                let out: Vec<_> =
                    (0..self.ids.len()).filter(|task| self.model.tasks[*task].body_out).collect();
                if !out.is_empty() {
                    self.returns(out[number % out.len()], how);
                }
            }
            Step::Advance(time) => {
                self.lab.advance(seconds(time));
                self.tell(move |model| model.advance(time));
            }
            Step::Drain => self.drain(),
            Step::CancelKey(owner, text) => {
                let owner = owner.map_or(0, |owner| self.at[owner]);
                self.lab.cancel_key(self.owners[owner], &text.to_string(), CancelReason::User);
                self.tell(move |model| model.cancel_key((owner, text)));
            }
            Step::CancelAll(owner) => {
                self.lab.cancel_all(self.owners[self.at[owner]].unwrap(), CancelReason::User);
                let at = self.at[owner];
                self.tell(move |model| model.cancel_all(at));
            }
            Step::SetLimits(owner, most) => {
                let at = self.at[owner];
                let Most { running, queued, delayed } = most;
                let limits = Limits { max_running: running, max_queued: queued, max_delayed: delayed };
                self.lab.set_limits(self.owners[at].unwrap(), limits).unwrap();
                self.tell(move |model| model.set_limits(at, most));
            }
            Step::Pause(number) => {
                let Some(task) = self.task(number) else { return };
                // What becomes of the members is not in the model.
                if self.model.tasks[task].group.is_some() {
                    return;
                }
                let gone = self.may_be_gone(task);
                let said = self.lab.pause(self.ids[task], REASON);
                let expected = self.tell(move |model| model.pause(task));
                assert!(
                    said == expected || gone && said == PauseResult::UnknownTask,
                    "{said:?}, {expected:?}"
                );
            }
            Step::Resume(number) => {
                let Some(task) = self.task(number) else { return };
                let said = self.lab.resume(self.ids[task]);
                assert_eq!(said, self.tell(move |model| model.resume(task)));
            }
            Step::PauseOwner(owner, pause) => {
                let at = self.at[owner];
                let id = self.owners[at].unwrap();
                let said = if pause { self.lab.pause_owner(id, REASON) } else { self.lab.resume_owner(id) };
                assert_eq!(said, self.tell(move |model| model.pause_owner(at, pause)));
            }
            Step::PauseAll(pause) => {
                let said = if pause { self.lab.pause_all(REASON) } else { self.lab.resume_all() };
                assert_eq!(said, self.tell(move |model| model.pause_all(pause)));
            }
            Step::OwnerGone(owner) => self.owner_gone(owner),
            // Records that are forgotten are used again, and then nobody can say in which order a walk comes by.
            Step::Unload(owner) if self.reused => self.owner_gone(owner),
            Step::Unload(owner) => self.unload(owner),
            Step::Shutdown(time) => {
                if !self.model.order_is_open() {
                    self.lab.begin_shutdown(seconds(time));
                    self.tell(move |model| model.begin_shutdown(time, true));
                }
            }
            Step::Rest => self.rest(),
            Step::Cancel(number) => {
                let Some(task) = self.task(number) else { return };
                let gone = self.may_be_gone(task);
                let said = self.lab.cancel(self.ids[task], CancelReason::User);
                let expected = self.tell(move |model| model.cancel_one(task));
                assert!(
                    said == expected || gone && said == CancelResult::UnknownTask,
                    "{said:?}, {expected:?}"
                );
            }
            Step::CancelIfQueued(number) => {
                let Some(task) = self.task(number) else { return };
                let said = self.lab.cancel_if_queued(self.ids[task]);
                assert_eq!(said, self.tell(move |model| model.cancel_if_queued(task)));
            }
            Step::RunNow(number) => {
                let Some(task) = self.task(number) else { return };
                let said = self.lab.run_now(self.ids[task]);
                assert_eq!(said, self.tell(move |model| model.run_now(task)));
            }
            Step::Retry(number) => {
                if let Some(task) = self.task(number) {
                    self.retry(task);
                }
            }
            Step::SetInterval(number, interval) => {
                let Some(task) = self.task(number) else { return };
                let said = self.lab.set_interval(self.ids[task], seconds(interval));
                let changed = self.tell(move |model| model.set_interval(task, interval));
                match said {
                    Ok(()) => assert!(changed),
                    Err(IntervalError::UnknownTask) => assert!(!changed && self.may_be_gone(task)),
                    Err(IntervalError::NotPeriodic) => {
                        assert!(self.model.tasks[task].spec.periodic.is_none())
                    }
                    Err(IntervalError::Ended) => assert!(!changed && self.model.tasks[task].ended()),
                    Err(other) => panic!("{other}"),
                }
            }
            Step::SetPriority(number, priority) => {
                let Some(task) = self.task(number) else { return };
                let said = self.lab.set_priority(self.ids[task], priority);
                assert_eq!(said, self.tell(move |model| model.set_priority(task, priority)));
            }
        }
    }

    fn drain(&mut self) {
        self.lab.drain();
        self.tell(Model::drain);
    }

    fn submit(&mut self, mut spec: Spec) {
        let here: Vec<_> = (0..self.ids.len()).filter(|task| !self.may_be_gone(*task)).collect();
        let known = |number: &usize| (!here.is_empty()).then(|| here[number % here.len()]);
        spec.after = spec.after.iter().filter_map(known).collect();
        spec.takes = spec.takes.as_ref().and_then(known);
        if let Some(whole) = &mut spec.group {
            // The newest, so that groups are in groups.
            let newest = |number: &usize| here.len().checked_sub(1 + number % 8).map(|at| here[at]);
            whole.members = whole.members.iter().filter_map(newest).collect();
            if whole.members.is_empty() {
                whole.policy = ErrorPolicy::StopOnError;
            }
        }
        spec.owner = spec.owner.map(|owner| self.at[owner]);
        let submission = self.submitted;
        self.submitted += 1;
        let number = Arc::new(AtomicUsize::new(self.ids.len()));
        let said = self.submit_to_engine(&spec, submission, number.clone());
        let expected = self.tell(move |model| model.submit(spec.clone()));
        match (said, expected) {
            (Ok(id), Ok((_, true))) => {
                self.ids.push(id);
                self.submissions.push(Some(submission));
                self.numbers.push(number);
            }
            (Ok(id), Ok((kept, false))) => {
                assert_eq!(id, self.ids[kept]);
                self.kept.push((submission, kept));
            }
            (Err(SubmitError::ShutDown), Err(Refusal::ShutDown)) => {}
            (Err(SubmitError::OwnerGone), Err(Refusal::OwnerGone)) => {}
            (Err(SubmitError::KeyLimit { .. }), Err(Refusal::KeyLimit)) => {}
            (Err(SubmitError::LimitReached { .. }), Err(Refusal::Limit)) => {}
            (Err(SubmitError::ResultTaken { .. } | SubmitError::ResultTwice { .. }), Err(Refusal::Taken)) => {
            }
            (Err(SubmitError::ResultNotKept { .. }), Err(Refusal::NotKept)) => {}
            (said, expected) => panic!("{said:?}, and not {expected:?}"),
        }
    }

    /// `number` is what its body has for its task's.
    fn submit_to_engine(
        &mut self,
        spec: &Spec,
        submission: usize,
        number: Arc<AtomicUsize>,
    ) -> Result<TaskId, SubmitError> {
        let key = spec.key.map(|text| ((spec.owner.unwrap_or(0), text), spec.limit));
        let heard = self.heard.clone();
        let callback = move |notice: &Notice<Num>| {
            if !matches!(notice, Notice::Progress(..)) {
                heard.lock().entry(submission).or_default().push(brief(notice));
            }
        };
        let options = Options {
            key: spec.key.map(|text| text.to_string().into()),
            key_policy: spec.policy,
            key_limit: spec.limit,
            priority: spec.priority,
            delay: seconds(spec.delay),
            timeout: spec.timeout.map(seconds),
            start_timeout: spec.start_timeout.map(seconds),
            after: spec.after.iter().map(|task| self.ids[*task]).collect(),
            after_policy: spec.after_policy,
            must_run: spec.must_run,
            detached: spec.detached,
            owner: spec.owner.and_then(|owner| self.owners[owner]),
            retry: spec.retry.map_or(Retry::default(), |again| Retry {
                times: again.times,
                delay: seconds(again.delay),
                backoff: again.backoff,
                jitter: if again.jitter { 0.25 } else { 0.0 },
                on_timeout: again.on_timeout,
                ..Retry::default()
            }),
            periodic: spec.periodic.map(|every| {
                let first = spec.delay + if every.after_interval { every.interval } else { 0 };
                let until =
                    |after| UNIX_EPOCH + seconds(self.model.now + first + after) + Duration::from_millis(500);
                Periodic {
                    first_run: if every.after_interval { FirstRun::AfterInterval } else { FirstRun::AtOnce },
                    rate: if every.fixed_rate { Rate::FixedRate } else { Rate::FixedDelay },
                    misfire: if every.run_once { Misfire::RunOnce } else { Misfire::Skip },
                    jitter: Duration::from_millis(if every.jitter { 400 } else { 0 }),
                    until: every.until.map(until),
                    max_runs: every.max_runs,
                    ..Periodic::every(seconds(every.interval))
                }
            }),
            takes: spec.takes.iter().map(|task| self.ids[*task]).collect(),
            takes_alone: spec.alone,
            weight: spec.weight.into(),
            keep_result: spec.keep_result,
            warn_after: Duration::ZERO,
            callbacks: vec![Box::new(callback)],
            hears_start: true,
            ..Options::default()
        };
        let engine = self.lab.engine();
        if let Some(Whole { policy, members }) = &spec.group {
            let members: Vec<_> = members.iter().map(|task| self.ids[*task]).collect();
            return engine.submit_group(&members, *policy, options, None, false);
        }
        let (stage, dropped) = (self.stage.clone(), self.drops.token());
        self.bodies += 1;
        let body = move |given: Option<Num>, context: &TaskContext| {
            let _kept = &dropped;
            stage.play(number.load(SeqCst), key, given, context)
        };
        let once = spec.retry.is_none() && spec.periodic.is_none();
        match (spec.takes, once) {
            (None, true) => {
                let body = Once(Some(move |context: &TaskContext| body(None, context)));
                engine.submit(Box::new(body), options, None, false)
            }
            (None, false) => {
                let body = Repeated(move |context: &TaskContext| body(None, context));
                engine.submit(Box::new(body), options, None, false)
            }
            (Some(_), true) => {
                let body = Then::new(move |given, context: &TaskContext| body(Some(given), context));
                engine.submit(Box::new(body), options, None, false)
            }
            (Some(_), false) => {
                let body = ThenRepeated::new(move |given, context: &TaskContext| body(Some(given), context));
                engine.submit(Box::new(body), options, None, false)
            }
        }
    }

    fn retry(&mut self, task: usize) {
        let expected = self.tell(move |model| model.retry(task));
        if let Ok((new, true)) = expected {
            // Before the body can begin again.
            self.numbers[task].store(new, SeqCst);
        }
        let said = self.lab.retry(self.ids[task], false, Vec::new());
        match (said, expected) {
            (Ok(id), Ok((_, true))) => {
                self.ids.push(id);
                self.submissions.push(None);
                self.numbers.push(self.numbers[task].clone());
                self.reused = true;
            }
            (Ok(id), Ok((kept, false))) => {
                assert_eq!(id, self.ids[kept]);
                self.reused = true;
            }
            (Err(RetryError::StillGoing { .. }), Err(NoRetry::StillGoing)) => {}
            (Err(RetryError::Completed { .. }), Err(NoRetry::Completed)) => {}
            (Err(RetryError::Abandoned { .. }), Err(NoRetry::Abandoned)) => {}
            (Err(RetryError::Replaced { .. }), Err(NoRetry::Replaced)) => {}
            (Err(RetryError::NotRepeatable { .. }), Err(NoRetry::NotRepeatable)) => {}
            // The model knows only that there is no work.
            (
                Err(RetryError::Group { .. } | RetryError::External { .. }),
                Err(NoRetry::NotRepeatable | NoRetry::Replaced),
            ) => {}
            (Err(RetryError::MissesResult { .. }), Err(NoRetry::NotRepeatable)) => {}
            (Err(RetryError::AlreadyRetried { .. }), Err(NoRetry::WasRetried)) => {}
            (Err(RetryError::Submit(SubmitError::ShutDown)), Err(NoRetry::Submit(Refusal::ShutDown))) => {}
            (Err(RetryError::Submit(SubmitError::OwnerGone)), Err(NoRetry::Submit(Refusal::OwnerGone))) => {}
            (
                Err(RetryError::Submit(SubmitError::KeyLimit { .. })),
                Err(NoRetry::Submit(Refusal::KeyLimit)),
            ) => {}
            (
                Err(RetryError::Submit(SubmitError::LimitReached { .. })),
                Err(NoRetry::Submit(Refusal::Limit)),
            ) => {}
            (
                Err(RetryError::Submit(SubmitError::InvalidOption { option: "until", .. })),
                Err(NoRetry::Submit(Refusal::Over)),
            ) => {}
            (Err(RetryError::UnknownTask { .. }), Err(_)) if self.may_be_gone(task) => {}
            (said, expected) => panic!("{said:?}, and not {expected:?}"),
        }
    }

    fn returns(&mut self, task: usize, how: How) {
        self.stage.order(task, how);
        self.tell(move |model| model.returns(task, how));
    }

    fn owner_gone(&mut self, owner: usize) {
        let gone = self.at[owner];
        self.lab.close_owner(self.owners[gone].unwrap(), CancelReason::OwnerGone);
        self.tell(move |model| model.close_owner(gone));
        self.open_owner(owner);
    }

    /// Without time to wait; what is left is to be named.
    fn unload(&mut self, owner: usize) {
        let gone = self.at[owner];
        self.reused = true;
        self.tell(move |model| model.unload(gone));
        self.unload_again(gone);
        self.open_owner(owner);
    }

    fn unload_again(&mut self, gone: usize) {
        // A thread may have something of it in its hands for a moment, which counts.
        let expected: BTreeSet<_> = self.model.left_of(gone).iter().map(|task| self.ids[*task]).collect();
        self.soon(|run| {
            let still = match run.lab.unload_owner(run.owners[gone].unwrap(), Duration::ZERO) {
                Ok(()) => BTreeSet::new(),
                Err(UnloadError::StillRunning(still)) => still.iter().map(|task| task.id).collect(),
                Err(other) => panic!("{other}"),
            };
            // Which of those have begun, `settle` tells the model.
            let faster: BTreeSet<_> = run.faster().into_iter().map(|task| run.ids[task]).collect();
            if still.difference(&faster).eq(&expected) {
                return Ok(());
            }
            let known = |id| run.ids.iter().position(|other| *other == id);
            let what = |id: &TaskId| match known(*id) {
                Some(task) => format!(
                    "task {task}, which is {:?} in place of {:?}",
                    run.lab.status(*id),
                    run.model.tasks[task]
                ),
                None => "an unknown task".to_owned(),
            };
            let [more, less]: [Vec<_>; 2] =
                [still.difference(&expected), expected.difference(&still)].map(|ids| ids.map(what).collect());
            Err(format!("left is also {more:#?}, and not {less:#?}"))
        });
    }

    fn rest(&mut self) {
        // What must run may begin just before the deadline, or not.
        if self.model.life != Life::Open || self.model.has_to_start() || self.model.order_is_open() {
            return;
        }
        self.lab.end_work(Duration::ZERO, false, Meanwhile::default());
        self.tell(|model| {
            model.begin_shutdown(0, false);
            model.expire();
        });
        assert_eq!(self.model.life, Life::Resting);
    }

    // ---- what holds after each step ------------------------------------------------------------

    /// Waits until a condition holds, and fails with what it says if it does not.
    fn soon(&self, condition: impl Fn(&Run) -> Result<(), String>) {
        let patience = if FAILED.load(SeqCst) { Duration::from_millis(300) } else { DEADLINE / 4 };
        let start = Instant::now();
        while let Err(what) = condition(self) {
            if start.elapsed() > patience {
                FAILED.store(true, SeqCst);
                panic!("{what}");
            }
            std::thread::yield_now();
        }
    }

    /// Waits until the engine is where the model says, and tells that which tasks have begun.
    fn settle(&mut self) {
        let begun = Mutex::new(Vec::new());
        let faster = Mutex::new(Vec::new());
        self.soon(|run| {
            *faster.lock() = run.faster();
            if faster.lock().is_empty() { run.look().map(|those| *begun.lock() = those) } else { Ok(()) }
        });
        let faster = faster.into_inner();
        if !faster.is_empty() {
            let more = self.model.faster.iter().copied().chain(faster).collect();
            self.model = self.before.clone();
            self.model.faster = more;
            self.calls.iter().for_each(|call| call(&mut self.model));
            return self.settle();
        }
        for task in begun.into_inner() {
            self.model.begin(task);
        }
        self.model.shed();
        (self.model.overtaken, self.model.faster) = Default::default();
        self.soon(Run::look_at_counts);
        self.before = self.model.clone();
        self.calls.clear();
    }

    /// The members that a worker took just before their group came to cancel them.
    fn faster(&self) -> Vec<usize> {
        let ran = |task: &usize| {
            self.model.tasks[*task].ended() && self.lab.status(self.ids[*task]) == Status::Running
        };
        self.model.overtaken.iter().copied().filter(ran).collect()
    }

    /// Whether all tasks are where the model says; and those that have begun.
    fn look(&self) -> Result<Vec<usize>, String> {
        // Once each body stands that a worker has, and none was told to return, nothing begins any more. In this order:
        // a worker calls the next one before its own body stands.
        let Some(standing) = self.stage.standing() else { return Err("a body has not heard yet".to_owned()) };
        let awake = self.lab.awake_workers();
        if awake != standing {
            return Err(format!("{awake} workers are awake, for {standing} bodies"));
        }
        let running = self.model.tasks.iter().filter(|it| it.phase == Phase::Running && it.group.is_none());
        let running = running.count();
        let startable = self.model.startable();
        let mut begun = Vec::new();
        for (task, it) in self.model.tasks.iter().enumerate() {
            let status = self.lab.status(self.ids[task]);
            let fits = match it.phase {
                _ if self.model.is_held(task) => status == Status::Paused,
                Phase::After | Phase::Line => status == Status::Blocked,
                Phase::Delayed => status == Status::Delayed,
                Phase::Running => status == Status::Running,
                Phase::Queued if status == Status::Running => {
                    begun.push(task);
                    true
                }
                Phase::Queued => status == Status::Queued,
                Phase::Ended(end) => status == end || status == Status::UnknownTask && self.may_be_gone(task),
            };
            if !fits {
                return Err(format!("task {task} is {status:?}, and not {:?}", it.phase));
            }
            let new = it.phase == Phase::Queued && status == Status::Running;
            let (at, times) = self.stage.at(task);
            let expected = match it.phase {
                _ if new => Some(it.next_at()),
                _ if it.body_out => Some(it.at()),
                _ => None,
            };
            if at != expected || times != it.begun + u64::from(new) {
                return Err(format!(
                    "task {task} is at {at:?} on the stage, and not {expected:?}; {times} times"
                ));
            }
        }
        let all = running + begun.len();
        let at_least = self.workers.min(running + startable);
        // What was Low at any time may have a thread beside the others'.
        let lows = self.model.tasks.iter().enumerate().filter(|(task, it)| {
            it.was_low && (begun.contains(task) || it.phase == Phase::Running && it.group.is_none())
        });
        let lows = lows.count();
        if all < at_least || all - lows > self.workers || all > self.workers + lows.min(self.workers) {
            return Err(format!("{all} run, {lows} of them Low, and not {at_least}"));
        }
        Ok(begun)
    }

    fn look_at_counts(&self) -> Result<(), String> {
        let counts = self.lab.counts();
        let is = (counts.delayed, counts.blocked, counts.queued, counts.running);
        let count = |phases: &[Phase]| self.model.count(phases);
        let parked = (0..self.ids.len()).filter(|task| self.model.is_parked(*task)).count();
        let expected = (
            count(&[Phase::Delayed]),
            count(&[Phase::After, Phase::Line]) + parked,
            count(&[Phase::Queued]) - parked,
            count(&[Phase::Running]),
        );
        if is != expected {
            return Err(format!("the counts are {is:?}, and not {expected:?}"));
        }
        // The tasks of an owner that ended long ago have left their keys, too.
        if !self.queued && counts.live != expected.0 + expected.1 + expected.2 + expected.3 {
            return Err(format!("{} were not told, or are on the way: {counts:?}", counts.live));
        }
        let (keys, expected) = (self.lab.keys_in_use(), self.model.keys_in_use());
        if keys != expected {
            return Err(format!("{keys} keys are in use, and not {expected}"));
        }
        Ok(())
    }

    fn look_closer(&self) {
        assert_eq!(self.stage.faults(), Vec::<String>::new());
        for (task, it) in self.model.tasks.iter().enumerate().filter(|(_, it)| it.ended()) {
            if let Some(info) = self.lab.info(self.ids[task]) {
                assert_eq!(info.can_retry, self.model.may_retry(task).is_ok(), "task {task}: {it:?}");
                assert_eq!(info.retry_of.is_some(), it.is_retry);
            }
        }
        for (task, it) in self.model.tasks.iter().enumerate() {
            if it.body_out {
                assert_eq!(self.stage.given(task), it.given, "task {task} was given that");
            }
            if self.may_be_gone(task) {
                continue;
            }
            let Some(info) = self.lab.info(self.ids[task]) else { panic!("task {task} is not known") };
            if it.phase == Phase::Ended(Status::Completed) {
                let result = info.result.map(|result| result.0);
                assert_eq!(result, self.model.shown(task), "of task {task}, {it:?}");
            }
            if let Some(progress) = self.model.progress(task) {
                assert!((info.progress - progress).abs() < 1e-9, "{} of task {task}: {it:?}", info.progress);
            }
        }
        let ids = |tasks: &[usize]| tasks.iter().map(|task| self.ids[*task]).collect::<BTreeSet<_>>();
        for (task, it) in self.model.tasks.iter().enumerate() {
            let waits = match it.phase {
                Phase::After => ids(&it.waits_for()),
                Phase::Line => ids(&self.model.in_place(it.key.unwrap())),
                _ => continue,
            };
            let info = self.lab.info(self.ids[task]).unwrap();
            assert_eq!(info.waits_for.tasks().collect::<BTreeSet<_>>(), waits, "task {task} waits for them");
            let in_line = matches!(info.waits_for, WaitsFor::Key { .. });
            assert_eq!(in_line, it.phase == Phase::Line);
            assert_eq!(info.iteration, it.runs());
        }
        let closed = self.model.life == Life::Closed;
        assert!(!closed || self.lab.shutdown_report().is_some_and(|report| report.complete));
    }

    // ---- the end -------------------------------------------------------------------------------

    /// All bodies return, and time runs: then nothing waits any more.
    fn run_dry(&mut self) {
        self.step(Step::PauseAll(false));
        for owner in 0..OWNERS {
            self.step(Step::PauseOwner(owner, false));
        }
        for task in 0..self.ids.len() {
            self.step(Step::Resume(task));
        }
        self.settle();
        for task in 0..self.ids.len() {
            if self.model.tasks[task].spec.periodic.is_some() {
                self.step(Step::Cancel(task));
                self.settle();
            }
        }
        let mut rounds = 0;
        while !self.model.tasks.iter().all(|it| it.ended() && !it.body_out) {
            assert!(rounds < 4 * (self.ids.len() + 4), "no task may wait for ever");
            rounds += 1;
            for task in 0..self.ids.len() {
                if self.model.tasks[task].body_out {
                    self.returns(task, How::Well);
                    self.settle();
                }
            }
            self.step(Step::Advance(10));
            self.settle();
        }
    }

    fn finish(&mut self, runs_dry: bool) {
        if runs_dry || self.model.has_to_start() || self.model.order_is_open() {
            self.run_dry();
        }
        let report = self.lab.shutdown(Duration::ZERO, None);
        assert!(report.complete, "the shutdown ends");
        self.tell(|model| {
            model.begin_shutdown(0, true);
            model.expire();
        });
        assert_eq!(self.model.life, Life::Closed);
        self.settle();
        // Those that were abandoned return late.
        for task in 0..self.ids.len() {
            if self.model.tasks[task].body_out {
                self.returns(task, How::Fails);
            }
        }
        self.settle();
        for (owner, known) in self.model.owners.clone().into_iter().enumerate() {
            if known.unloading {
                self.unload_again(owner);
            }
        }
        until("the workers have ended", || self.lab.counts().workers == 0);
        self.drain();
        assert_eq!(self.lab.counts().live, 0);
        assert_eq!(self.lab.keys_in_use(), 0);
        self.compare_told();
        // With what is forgotten goes the work that might have been retried.
        self.lab.clear_history();
        until("no body is left", || self.drops.count() == self.bodies);
        assert!(self.lab.tasks().is_empty(), "nothing is kept");
    }

    /// Each task has one end, told once, and all that is told of it comes in order.
    fn compare_told(&self) {
        let heard = self.heard.lock();
        let none = Vec::new();
        for (task, it) in self.model.tasks.iter().enumerate() {
            if self.queued {
                let events = self.lab.events_of(self.ids[task]);
                let events = events.iter().filter(|event| !event.starts_with("progress"));
                let (late, events): (Vec<_>, Vec<_>) =
                    events.map(|event| shorten(event)).partition(|event| *event == "late started");
                assert_eq!(events, it.told, "of task {task} the receiver hears; {it:?}");
                // Those that were given it in place of their own, after its start, hear of that, too.
                let kept = self.kept.iter().filter(|(_, other)| *other == task).count();
                assert!(late.len() <= kept, "{} late starts of task {task} for {kept}", late.len());
            }
            let submission = self.submissions[task].and_then(|submission| heard.get(&submission));
            let heard = submission.unwrap_or(&none);
            match it.owner_went {
                // It has no callbacks.
                _ if it.is_retry => {}
                None => assert_eq!(*heard, it.told, "of task {task} its callback hears; {it:?}"),
                Some(most) => {
                    assert!(heard.len() <= most && it.told.starts_with(heard), "{heard:?} of {:?}", it.told);
                }
            }
        }
        for (submission, task) in &self.kept {
            let it = &self.model.tasks[*task];
            let heard = heard.get(submission).unwrap_or(&none);
            match it.owner_went {
                // That it is a retry, no callback hears.
                None => {
                    let told = &it.told[usize::from(it.is_retry)..];
                    assert!(Self::is_rest(heard, told), "{heard:?} of {told:?}");
                }
                Some(most) => assert!(heard.len() <= most),
            }
        }
    }

    /// Whether this is what a callback hears that was added on the way: the rest of what is told, and before it of
    /// the start, if that is over.
    fn is_rest(heard: &[String], told: &[String]) -> bool {
        // That it is a retry was told as it came.
        let told = if told.first().is_some_and(|first| first == "retried") { &told[1..] } else { told };
        let is_start = |event: &&String| *event == "started";
        let rest: Vec<_> = told.iter().filter(|event| !is_start(event)).collect();
        let late = heard.first().is_some_and(|first| is_start(&first)) && rest.len() < told.len();
        !heard.is_empty()
            && (told.ends_with(heard) || late && rest.ends_with(&heard[1..].iter().collect::<Vec<_>>()))
    }
}

struct Test;

impl StateMachineTest for Test {
    type SystemUnderTest = Run;
    type Reference = Machine;

    fn init_test(start: &Start) -> Run {
        Run::new(start)
    }

    fn apply(mut run: Run, _: &Start, step: Step) -> Run {
        run.step(step);
        run.settle();
        run
    }

    fn check_invariants(run: &Run, _: &Start) {
        run.look_closer();
    }

    fn teardown(mut run: Run, start: Start) {
        run.finish(start.runs_dry);
    }
}

#[test]
fn b127_random_sequences_of_all_calls_do_what_a_model_says() {
    let mut config = Config { failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 1_000;
    }
    if let RngSeed::Random = config.rng_seed {
        config.rng_seed = RngSeed::Fixed(rand_seed());
    }
    let again = format!("PROPTEST_RNG_SEED={}", config.rng_seed);
    let sequences = Machine::sequential_strategy(50);
    let result = TestRunner::new(config.clone()).run(&sequences, |(start, steps, seen)| {
        Test::test_sequential(config.clone(), start, steps, seen);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}\nagain by {again}");
    }
}

/// Another for each run.
fn rand_seed() -> u64 {
    use std::hash::{BuildHasher, Hasher};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}
