//! Retries: the work of a task that ended badly, submitted anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, UNIX_EPOCH};

use legwork::engine::{
    CancelReason, Change, DeliveryMode, Elsewhere, Engine, External, HistoryLimits, KeyPolicy, OwnerId,
    Payload, Periodic, Priority, Repeated, Retry, RetryError, Status, SubmitError, TaskContext, TaskId,
    TaskOptions, ThenRepeated,
};

use crate::support::*;

/// Fails the first time, and then returns the number of its calls.
fn fails_once(lab: &Lab, options: Options) -> TaskId {
    fails_and_is_kept(lab, options, false)
}

/// The same, with a handle if `keep`.
fn fails_and_is_kept(lab: &Lab, options: Options, keep: bool) -> TaskId {
    let mut calls = 0;
    let body = Repeated(move |_: &TaskContext| {
        calls += 1;
        if calls == 1 { Err(fault("offline")) } else { Ok(Num(calls)) }
    });
    let id = lab.engine().submit(Box::new(body), options, None, keep).unwrap();
    lab.done(id);
    id
}

/// Fails, and keeps a token.
fn failed(lab: &Lab, options: Options, drops: &Drops) -> TaskId {
    let token = drops.token();
    let id = lab.repeat(options, move |_| {
        let _token = &token;
        Err(fault("no"))
    });
    lab.done(id);
    id
}

fn retry(lab: &Lab, id: TaskId) -> TaskId {
    lab.retry(id, false, Vec::new()).expect("it is retried")
}

fn result(lab: &Lab, id: TaskId) -> Option<i64> {
    lab.info(id).and_then(|info| info.result).map(|value| value.0)
}

// ---- what a retry is ---------------------------------------------------------------------------

#[test]
fn b233_a_failed_task_is_submitted_anew_with_its_work_and_the_old_failure_goes() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let id = fails_once(&lab, lab.options());
        lab.drain();
        assert!(lab.info(id).unwrap().can_retry);
        let again = retry(&lab, id);
        assert_ne!(id, again);
        lab.done(again);
        lab.drain();
        assert_eq!((result(&lab, again), lab.info(again).unwrap().retry_of), (Some(2), Some(id)));
        assert_eq!(lab.status(id), Status::UnknownTask);
        assert_eq!(lab.tasks().iter().map(|info| info.id).collect::<Vec<_>>(), [again]);
        assert_eq!(lab.heard(), ["failed Failed"], "the callbacks have heard the end");
        if mode == DeliveryMode::Queued {
            assert_eq!(lab.events_of(id), ["started", "failed Failed"]);
            assert_eq!(lab.events_of(again), ["retried", "started", "completed 2"]);
        }
    }
}

#[test]
fn b233_so_is_one_that_was_cancelled_or_timed_out_wherever_it_was() {
    let lab = Lab::queued(1);
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = |runs: &Arc<AtomicUsize>| {
        let runs = runs.clone();
        move |_: &TaskContext| Ok(Num(runs.fetch_add(1, SeqCst) as i64 + 1))
    };
    let delayed = lab.repeat(Options { delay: SECOND, ..Options::default() }, counted(&runs));
    lab.cancel(delayed, USER);
    let late = Options { start_timeout: Some(SECOND), ..Options::default() };
    let gate = lab.hold_worker();
    let late = lab.repeat(late, counted(&runs));
    let queued = lab.repeat(Options::default(), counted(&runs));
    lab.cancel(queued, USER);
    lab.advance(SECOND);
    gate.open();
    // Its time is over, and what it brings then comes too late, well or not.
    let (begun, slow) = (Gate::new(), Gate::new());
    let (at, held) = (begun.clone(), slow.clone());
    begun.open();
    let timed = lab.repeat(Options { timeout: Some(SECOND), ..Options::default() }, move |_| {
        at.pass();
        held.pass();
        Ok(Num(9))
    });
    begun.wait_for(1);
    lab.advance(SECOND);
    slow.open();
    lab.done(timed);
    for (id, status) in [
        (delayed, Status::Cancelled),
        (late, Status::TimedOut),
        (queued, Status::Cancelled),
        (timed, Status::TimedOut),
    ] {
        assert_eq!((lab.status(id), lab.info(id).unwrap().can_retry), (status, true));
        let again = retry(&lab, id);
        lab.done(again);
        assert_eq!(lab.status(again), Status::Completed, "without its delay");
    }
    assert_eq!(runs.load(SeqCst), 3);
}

#[test]
fn b233_the_new_task_has_the_options_of_the_old_one() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("plugin");
    let options = Options {
        name: Some("Load".into()),
        job: Some("load".into()),
        priority: Priority::Low,
        key: Some("host".into()),
        key_policy: KeyPolicy::KeepLatest,
        key_limit: 2,
        timeout: Some(7 * SECOND),
        start_timeout: Some(9 * SECOND),
        weight: 3.0,
        retry: Retry { times: 1, jitter: 0.0, ..Retry::times(1) },
        owner: Some(owner),
        delay: SECOND,
        ..Options::default()
    };
    let id = lab.repeat(options, |_| Err(fault("no")));
    lab.advance(SECOND);
    let tried = |id, attempt, status| {
        until("it was tried", || {
            let info = lab.info(id).unwrap();
            (info.attempt, info.status) == (attempt, status)
        });
    };
    tried(id, 1, Status::Delayed);
    lab.set_priority(id, Priority::High);
    lab.advance(SECOND);
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().attempt, 2);
    let again = retry(&lab, id);
    // Its attempts are counted anew.
    tried(again, 1, Status::Delayed);
    let (info, brief) = (lab.info(again).unwrap(), lab.brief(again).unwrap());
    assert_eq!((&*info.name, info.job.as_deref(), &*info.owner), ("Load", Some("load"), "plugin"));
    assert_eq!((info.priority, info.key.as_deref(), brief.weight), (Priority::High, Some("host"), 3.0));
    assert_eq!((info.attempts, lab.owner_of(again)), (2, Some(owner)));
    let other = Options { key: Some("host".into()), key_limit: 1, owner: Some(owner), ..Options::default() };
    assert!(matches!(
        lab.try_submit(other, |_| Ok(Num(0))),
        Err(SubmitError::KeyLimit { in_use: 2, limit: 1, .. })
    ));
    lab.advance(SECOND);
    lab.done(again);
    assert_eq!(lab.status(again), Status::Failed);
}

#[test]
fn b233_a_periodic_task_begins_its_schedule_anew() {
    let lab = Lab::direct(1);
    let periodic = Periodic {
        max_runs: 3,
        until: Some(UNIX_EPOCH + Duration::from_millis(10_500)),
        ..Periodic::every(SECOND)
    };
    let count = Order::default();
    let runs = count.clone();
    let id = lab.repeat(Options { periodic: Some(periodic), ..Options::default() }, move |context| {
        runs.push(context.iteration() as i64);
        Ok(Num(0))
    });
    lab.rests(id, 1);
    lab.cancel(id, USER);
    let again = retry(&lab, id);
    for runs in 1..3 {
        lab.rests(again, runs);
        lab.advance(SECOND);
    }
    lab.done(again);
    assert_eq!((count.get(), lab.status(again)), (vec![1, 1, 2, 3], Status::Completed));
    let last = lab.silent_periodic(1);
    let last =
        Options { periodic: last.periodic.map(|every| Periodic { until: periodic.until, ..every }), ..last };
    let last = lab.repeat(last, |_| Ok(Num(0)));
    lab.rests(last, 1);
    lab.cancel(last, USER);
    lab.advance(20 * SECOND);
    let refused = lab.retry(last, false, Vec::new());
    assert!(
        matches!(refused, Err(RetryError::Submit(SubmitError::InvalidOption { option: "until", .. }))),
        "{refused:?}"
    );
    assert!(lab.info(last).unwrap().can_retry, "nothing has changed");
}

#[test]
fn b233_its_key_is_asked_as_at_any_submission() {
    let lab = Lab::direct(4);
    let keyed = |policy| Options { key: Some("k".into()), key_policy: policy, ..Options::default() };
    let id = fails_once(&lab, keyed(KeyPolicy::Keep));
    // Another does the work now: the retry is that one.
    let gate = Gate::new();
    let held = gate.clone();
    let there = lab.submit(keyed(KeyPolicy::Append), move |_| {
        held.pass();
        Ok(Num(0))
    });
    gate.wait_for(1);
    assert_eq!((lab.retry(id, false, Vec::new()), lab.status(id)), (Ok(there), Status::UnknownTask));
    let next = lab.repeat(keyed(KeyPolicy::Append), |_| Ok(Num(5)));
    lab.cancel(next, USER);
    let again = retry(&lab, next);
    assert_eq!(lab.status(again), Status::Blocked, "it waits for its turn");
    gate.open();
    lab.done(again);
    assert_eq!(result(&lab, again), Some(5));
}

// ---- what is refused ---------------------------------------------------------------------------

/// Each says what was wrong, of which task, and what would be right.
#[test]
fn b280_what_can_never_be_retried_says_what_it_is() {
    let lab = Lab::queued(1);
    let refused = |id: TaskId| lab.retry(id, false, Vec::new()).expect_err("it is refused");
    let failed = lab.run(|_| Err(fault("no")));
    lab.done(failed);
    let group =
        lab.engine().submit_group(&[failed], Default::default(), Options::default(), None, false).unwrap();
    lab.done(group);
    assert_eq!(
        refused(group).to_string(),
        format!(
            "the task {group} is a group, which has no work of its own; retry those of its tasks that did not \
             complete, or start the group anew"
        )
    );
    let outside = Options { external: Some(External { on_stop: None }), ..Options::default() };
    let outside = lab.engine().submit(Box::new(Elsewhere), outside, None, true).unwrap();
    lab.end_external(outside, Err(fault("no")));
    lab.done(outside);
    assert_eq!(refused(outside), RetryError::External { id: outside });
    // It was to take what did not come, and is not kept for that.
    let takes = Options { takes: vec![failed], ..Options::default() };
    let body = ThenRepeated::new(|value: Num, _: &TaskContext| Ok(value));
    let takes = lab.engine().submit(Box::new(body), takes, None, true).unwrap();
    lab.done(takes);
    assert_eq!(lab.info(takes).unwrap().cancel_reason, Some(CancelReason::DependencyFailed));
    assert_eq!(refused(takes), RetryError::MissesResult { id: takes });
    assert!(!lab.info(takes).unwrap().can_retry);
}

#[test]
fn b234_a_refusal_says_why_and_changes_nothing() {
    let lab = Lab::queued(2);
    let never = lab.reserve().unwrap();
    assert_eq!(lab.retry(never, false, Vec::new()), Err(RetryError::UnknownTask { id: never }));
    let gate = Gate::new();
    let held = gate.clone();
    let runs = lab.repeat(Options::default(), move |_| {
        held.pass();
        Ok(Num(0))
    });
    gate.wait_for(1);
    let refused = Err(RetryError::StillGoing { id: runs, status: Status::Running });
    assert_eq!(lab.retry(runs, false, Vec::new()), refused);
    gate.open();
    lab.done(runs);
    assert_eq!(lab.retry(runs, false, Vec::new()), Err(RetryError::Completed { id: runs }));
    let once = lab.run(|_| Err(fault("no")));
    lab.done(once);
    assert_eq!(lab.retry(once, false, Vec::new()), Err(RetryError::NotRepeatable { id: once }));
    assert!(!lab.info(once).unwrap().can_retry);
    let whole =
        lab.engine().submit_group(&[once], Default::default(), Options::default(), None, false).unwrap();
    lab.done(whole);
    assert_eq!(lab.retry(whole, false, Vec::new()), Err(RetryError::Group { id: whole }));
    let replaced = Options { key: Some("k".into()), delay: SECOND, ..Options::default() };
    let replaced = lab.repeat(replaced, |_| Ok(Num(0)));
    let newer = Options { key: Some("k".into()), key_policy: KeyPolicy::Replace, ..Options::default() };
    let newer = fails_once(&lab, newer);
    assert_eq!(lab.retry(replaced, false, Vec::new()), Err(RetryError::Replaced { id: replaced }));
    let limit = Options { key: Some("k".into()), key_limit: 5, ..Options::default() };
    let gate = lab.hold_worker();
    let (also, held) = (lab.hold_worker(), gate.clone());
    let limit = lab.submit(limit, |_| Ok(Num(0)));
    let refused = SubmitError::KeyLimit { key: "k".to_owned(), limit: 1, in_use: 5 };
    assert_eq!(lab.retry(newer, false, Vec::new()), Err(refused.into()));
    also.open();
    held.open();
    lab.done(limit);
    assert_eq!(lab.status(newer), Status::Failed);
    let again = retry(&lab, newer);
    lab.done(again);
    assert_eq!(result(&lab, again), Some(2), "with the same work");
}

#[test]
fn b234_a_full_queue_and_a_limit_refuse_a_retry_too() {
    let config = legwork::engine::EngineConfig { capacity: 2, ..config(1) };
    let lab = Lab::of(Engine::manual(config, DeliveryMode::Direct), DeliveryMode::Direct);
    let id = fails_once(&lab, Options::default());
    let gate = lab.hold_worker();
    let waits = lab.run(|_| Ok(Num(0)));
    assert_eq!(lab.retry(id, false, Vec::new()), Err(SubmitError::QueueFull { capacity: 2 }.into()));
    lab.cancel(waits, USER);
    let again = retry(&lab, id);
    gate.open();
    lab.done(again);
    assert_eq!(result(&lab, again), Some(2));
}

#[test]
fn b234_what_a_shutdown_ends_is_not_retried() {
    let lab = Lab::queued(1);
    let drops = Drops::default();
    let before = failed(&lab, Options::default(), &drops);
    let token = drops.token();
    let delayed = lab.repeat(Options { delay: SECOND, ..Options::default() }, move |_| {
        let _token = &token;
        Ok(Num(0))
    });
    let gate = Gate::new();
    let held = gate.clone();
    let abandoned = lab.repeat(Options::default(), move |_| {
        held.pass();
        Ok(Num(0))
    });
    gate.wait_for(1);
    let report = lab.shutdown(Duration::ZERO, None);
    assert_eq!((report.abandoned.len(), drops.count()), (1, 1), "that of the delayed one went");
    assert_eq!(lab.retry(abandoned, false, Vec::new()), Err(RetryError::Abandoned { id: abandoned }));
    for id in [before, delayed] {
        assert_eq!(lab.retry(id, false, Vec::new()), Err(SubmitError::ShutDown.into()));
        assert!(!lab.info(id).unwrap().can_retry);
    }
    gate.open();
}

#[test]
fn b234_of_two_threads_that_retry_a_task_one_does() {
    for round in 0..200 {
        let lab = Lab::queued(2);
        let keeps = round % 2 == 0;
        let id = fails_and_is_kept(&lab, Options::default(), keeps);
        lab.drain();
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| lab.retry(id, false, Vec::new()))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        let again = *won[0].as_ref().unwrap();
        let expected = match keeps {
            true => RetryError::AlreadyRetried { id, retried_as: again },
            false => RetryError::UnknownTask { id },
        };
        assert_eq!(lost, [Err(expected)]);
        lab.done(again);
        assert_eq!((result(&lab, again), lab.tasks().len()), (Some(2), 1));
    }
}

// ---- how long the work is kept -----------------------------------------------------------------

#[test]
fn b235_work_goes_with_the_task_and_none_is_kept_of_one_that_completed() {
    let lab = Lab::direct(1);
    let drops = Drops::default();
    let (token, other) = (drops.token(), drops.token());
    let well = lab.repeat(Options::default(), move |_| {
        let _token = &token;
        Ok(Num(0))
    });
    lab.done(well);
    assert_eq!(drops.count(), 1, "before its end is seen");
    let once = lab.run(move |_| {
        let _token = other;
        Err(fault("no"))
    });
    lab.done(once);
    assert_eq!(drops.count(), 2, "nor of one that can run once only");
    failed(&lab, Options::default(), &drops);
    assert_eq!(drops.count(), 2);
    lab.clear_history();
    assert_eq!(drops.count(), 3);
    let limits = HistoryLimits { age: 5 * SECOND, ..HistoryLimits::default() };
    lab.set_history_limits(limits);
    let old = failed(&lab, Options::default(), &drops);
    lab.advance(6 * SECOND);
    assert_eq!(
        (lab.retry(old, false, Vec::new()), drops.count()),
        (Err(RetryError::UnknownTask { id: old }), 4)
    );
    lab.set_history_limits(HistoryLimits { tasks: 0, ..limits });
    // It may be forgotten before anybody could ask for its end.
    let token = drops.token();
    lab.repeat(Options::default(), move |_| {
        let _token = &token;
        Err(fault("no"))
    });
    until("nothing is remembered", || drops.count() == 5);
}

/// Work that says what it holds.
struct Heavy(Dropped);

impl legwork::engine::Body<Num> for Heavy {
    fn run(&mut self, _: &TaskContext) -> Answer {
        let _ = &self.0;
        Err(fault(""))
    }

    fn can_run_again(&self) -> bool {
        true
    }

    fn byte_size(&self) -> usize {
        1_000
    }
}

#[test]
fn b235_it_counts_in_the_bytes_of_the_history() {
    let lab = Lab::direct(1);
    lab.set_history_limits(HistoryLimits { bytes: 10_000, ..HistoryLimits::default() });
    let drops = Drops::default();
    let owner = lab.open_owner("window");
    let submit = |owner: Option<OwnerId>| {
        let options = Options { owner, ..Options::default() };
        let id = lab.engine().submit(Box::new(Heavy(drops.token())), options, None, false).unwrap();
        lab.done(id);
        id
    };
    let ids: Vec<_> = (0..20).map(|_| submit(None)).collect();
    assert_eq!(lab.tasks().len(), 10);
    until("the oldest have gone, by the workers", || drops.count() == 10);
    // One that is retried gives its bytes back, and one whose owner goes.
    let again = retry(&lab, ids[15]);
    lab.done(again);
    assert_eq!(lab.tasks().len(), 10);
    let owned: Vec<_> = (0..5).map(|_| submit(Some(owner))).collect();
    lab.close_owner(owner, CancelReason::OwnerGone);
    assert_eq!(lab.tasks().len(), 10);
    until("and those, too", || drops.count() == 20);
    for _ in 0..5 {
        submit(None);
    }
    assert_eq!(lab.tasks().len(), 15, "their places are free");
    assert!(owned.iter().all(|id| lab.status(*id) == Status::Failed));
    lab.clear_history();
    assert_eq!(drops.count(), 30);
}

#[test]
fn b235_it_goes_with_the_owner_and_what_that_leaves_keeps_none() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let drops = Drops::default();
        let (owner, code) = (lab.open_owner("window"), lab.open_owner("plugin"));
        let of = || Options { owner: Some(owner), ..Options::default() };
        let id = failed(&lab, of(), &drops);
        let theirs = failed(&lab, Options { code: Some(code), ..Options::default() }, &drops);
        lab.drain();
        // Its end is not delivered yet, where there is a receiver.
        let late = failed(&lab, of(), &drops);
        let gate = Gate::new();
        let (held, token) = (gate.clone(), drops.token());
        let runs = lab.repeat(Options { detached: true, ..of() }, move |_| {
            held.pass();
            let _token = &token;
            Err(fault("no"))
        });
        gate.wait_for(1);
        lab.close_owner(owner, CancelReason::OwnerGone);
        assert_eq!(drops.count(), 2);
        gate.open();
        lab.done(runs);
        lab.quiet();
        until("of a detached one nothing is kept", || drops.count() == 3);
        for id in [id, late, runs] {
            assert_eq!(lab.retry(id, false, Vec::new()), Err(SubmitError::OwnerGone.into()));
            assert!(!lab.info(id).unwrap().can_retry && !lab.brief(id).unwrap().can_retry);
        }
        assert!(lab.info(theirs).unwrap().can_retry);
        lab.close_owner(code, CancelReason::OwnerGone);
        assert_eq!(
            (drops.count(), lab.retry(theirs, false, Vec::new())),
            (4, Err(SubmitError::OwnerGone.into()))
        );
    }
}

#[test]
fn b235_an_unloading_takes_the_work_out_wherever_it_is() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let drops = Drops::default();
        let plugin = lab.open_owner("plugin");
        let of = || Options { owner: Some(plugin), ..Options::default() };
        let known = failed(&lab, of(), &drops);
        let theirs = failed(&lab, Options { code: Some(plugin), ..Options::default() }, &drops);
        lab.drain();
        let kept = lab.engine().submit(Box::new(Heavy(drops.token())), of(), None, true).unwrap();
        lab.done(kept);
        let again = retry(&lab, theirs);
        lab.done(again);
        let gate = Gate::new();
        let (held, token) = (gate.clone(), drops.token());
        let runs = lab.repeat(of(), move |_| {
            held.pass();
            let _token = &token;
            Err(fault("no"))
        });
        gate.wait_for(1);
        assert!(lab.unload_owner(plugin, Duration::ZERO).is_err(), "a body is at work");
        assert_eq!(drops.count(), 3);
        gate.open();
        assert_eq!(lab.unload_owner(plugin, DEADLINE), Ok(()));
        assert_eq!(drops.count(), 4);
        assert_eq!(lab.retry(kept, false, Vec::new()), Err(SubmitError::OwnerGone.into()));
        assert_eq!(lab.retry(known, false, Vec::new()), Err(RetryError::UnknownTask { id: known }));
        lab.drain();
        assert_eq!(lab.status(runs), Status::UnknownTask);
        lab.engine().drop_handle(kept);
    }
}

// ---- who still looks ---------------------------------------------------------------------------

#[test]
fn b236_a_handle_of_the_old_task_sees_it_as_it_was_and_nothing_else_does() {
    let lab = Lab::queued(1);
    lab.set_observed(true);
    let id = fails_and_is_kept(&lab, Options::default(), true);
    lab.drain();
    lab.take_changes(100);
    let again = retry(&lab, id);
    lab.done(again);
    lab.drain();
    let info = lab.info(id).unwrap();
    assert_eq!(
        (info.status, info.error.unwrap().message(), info.can_retry),
        (Status::Failed, "offline", false)
    );
    assert_eq!(lab.tasks().iter().map(|info| info.id).collect::<Vec<_>>(), [again]);
    assert_eq!(lab.briefs(0, 10).0.iter().map(|brief| brief.id).collect::<Vec<_>>(), [again]);
    let changes = lab.take_changes(100).list;
    let [Change::Gone(gone, Some(last)), Change::Is(new)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((*gone, last.retried, last.can_retry, new.id), (id, true, false, again));
    assert_eq!(lab.retry(id, false, Vec::new()), Err(RetryError::AlreadyRetried { id, retried_as: again }));
    lab.engine().drop_handle(id);
    assert_eq!(lab.status(id), Status::UnknownTask, "it does not come into the history");
}

#[test]
fn b236_an_observer_that_looks_late_learns_that_a_forgotten_failure_was_retried() {
    let lab = Lab::queued(1);
    lab.set_observed(true);
    let id = fails_once(&lab, Options::default());
    lab.drain();
    let looked = lab.take_changes(100).list;
    assert!(matches!(looked.last(), Some(Change::Is(brief)) if brief.can_retry));
    retry(&lab, id);
    let changes = lab.take_changes(100).list;
    assert!(matches!(&changes[0], Change::Gone(gone, Some(brief)) if *gone == id && brief.retried));
}

#[test]
fn b236_the_end_of_the_old_task_is_told_before_its_retry() {
    let lab = Lab::queued(1);
    let id = fails_once(&lab, lab.options());
    let again = retry(&lab, id);
    lab.done(again);
    lab.drain();
    let events = lab.events.lock().clone();
    let told: Vec<_> = events.iter().filter(|(task, _)| task.is_some()).map(|(_, what)| &**what).collect();
    assert_eq!(told, ["started", "failed Failed", "retried", "started", "completed 2"]);
    assert_eq!((lab.heard(), lab.status(id)), (vec!["failed Failed".to_owned()], Status::UnknownTask));
}

// ---- results of others -------------------------------------------------------------------------

/// A result that is counted.
#[derive(Clone, Default)]
struct Counted(Option<Arc<()>>);

impl Payload for Counted {}

#[test]
fn b237_a_result_that_was_taken_is_given_again_and_goes_with_the_code_that_made_it() {
    let engine = Engine::<Counted>::manual(config(1), DeliveryMode::Direct);
    let (plugin, made) = (engine.open_owner("plugin"), Arc::new(()));
    let value = Counted(Some(made.clone()));
    let first = Repeated(move |_: &TaskContext| Ok(value.clone()));
    let options = TaskOptions { owner: Some(plugin), ..TaskOptions::default() };
    let first = engine.submit(Box::new(first), options, None, true).unwrap();
    engine.wait(first, None);
    let then = |options: TaskOptions<Counted>| {
        let mut calls = 0;
        let body = ThenRepeated::new(move |value: Counted, _: &TaskContext| {
            calls += 1;
            let answer = if value.0.is_some() { "not yet" } else { "nothing was given" };
            if calls == 2 { Ok(Counted::default()) } else { Err(fault(answer)) }
        });
        engine.submit(Box::new(body), options, None, true).unwrap()
    };
    let takes = || TaskOptions { takes: vec![first], ..TaskOptions::default() };
    let second = then(takes());
    engine.wait(second, None);
    let again = engine.retry(second, false, Vec::new()).unwrap();
    engine.wait(again, None);
    assert_eq!(engine.status(again), Status::Completed);
    // One that never began was not given it.
    let never = then(TaskOptions { delay: SECOND, ..takes() });
    engine.cancel(never, CancelReason::User);
    assert_eq!(engine.retry(never, false, Vec::new()), Err(RetryError::MissesResult { id: never }));
    // One that fails once more lends it still.
    let third = then(takes());
    engine.wait(third, None);
    assert!(engine.info(third).unwrap().can_retry);
    engine.drop_handle(first);
    engine.clear_history();
    assert!(Arc::strong_count(&made) > 1);
    assert_eq!(engine.unload_owner(plugin, DEADLINE), Ok(()));
    assert_eq!(Arc::strong_count(&made), 1, "nothing of the plugin is left");
    assert_eq!(engine.retry(third, false, Vec::new()), Err(SubmitError::OwnerGone.into()));
    engine.begin_shutdown(Duration::ZERO);
}
