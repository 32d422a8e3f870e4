//! Tasks that take the results of others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use legwork::engine::{
    AfterPolicy, CancelReason, DeliveryMode, Engine, EngineConfig, ErrorKind, ErrorPolicy, HistoryLimits,
    KeyPolicy, Notice, Once, OwnerId, Payload, Periodic, Receiver, Retry, Status, SubmitError, TaskContext,
    TaskError, TaskId, TaskOptions, Then, ThenRepeated, UnloadError, WaitResult,
};

use crate::support::*;

#[test]
fn b241_a_result_that_is_not_kept_goes_with_its_delivery_and_may_be_taken_before() {
    let lab = Lab::queued(1);
    let unkept = || Options { keep_result: false, ..lab.options() };
    let id = lab.submit(unkept(), |_| Ok(Num(7)));
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(7)), "until it was delivered");
    lab.drain();
    assert_eq!((lab.heard(), lab.status(id)), (vec!["completed 7".to_owned()], Status::Completed));
    assert_eq!(lab.info(id).unwrap().result, Some(Num::default()));
    assert!(matches!(
        try_then(&lab, takes(id), add_one),
        Err(SubmitError::ResultNotKept { id: named, .. }) if named == id
    ));
    // A handle keeps it, and lets it go.
    let body = Once(Some(|_: &TaskContext| Ok(Num(8))));
    let kept = lab.engine().submit(Box::new(body), unkept(), None, true).unwrap();
    let next = then(&lab, kept, add_one);
    lab.done(next);
    lab.drain();
    assert_eq!(lab.info(kept).unwrap().result, Some(Num(8)));
    assert_eq!(lab.info(next).unwrap().result, Some(Num(9)));
    lab.engine().drop_handle(kept);
    assert_eq!(lab.info(kept).unwrap().result, Some(Num::default()));
    // An error is no result, and of a periodic task it is the last one's.
    let failed = lab.submit(unkept(), |_| Err(fault("no")));
    lab.done(failed);
    lab.drain();
    assert_eq!(lab.info(failed).unwrap().error.unwrap().message(), "no");
    lab.set_history_limits(HistoryLimits { bytes: 80, ..HistoryLimits::default() });
    let ids: Vec<_> = (0..30).map(|_| lab.submit(unkept(), |_| Ok(Num(1)))).collect();
    lab.quiet();
    assert!(ids.iter().all(|id| lab.status(*id) == Status::Completed), "they take no bytes");
}

fn takes(before: TaskId) -> Options {
    Options { takes: vec![before], ..Options::default() }
}

fn try_then(
    lab: &Lab,
    options: Options,
    body: impl FnOnce(Num, &TaskContext) -> Answer + Send + 'static,
) -> Result<TaskId, SubmitError> {
    lab.engine().submit(Box::new(Then::new(body)), options, None, false)
}

fn then(
    lab: &Lab,
    before: TaskId,
    body: impl FnOnce(Num, &TaskContext) -> Answer + Send + 'static,
) -> TaskId {
    try_then(lab, takes(before), body).expect("the task is accepted")
}

fn add_one(value: Num, _: &TaskContext) -> Answer {
    Ok(Num(value.0 + 1))
}

fn held(lab: &Lab, options: Options, answer: fn() -> Answer) -> (TaskId, Gate) {
    let gate = Gate::new();
    let inside = gate.clone();
    let id = lab.submit(options, move |_| {
        inside.pass();
        answer()
    });
    (id, gate)
}

fn result(lab: &Lab, id: TaskId) -> Num {
    lab.info(id).expect("it is known").result.expect("it has a result")
}

fn reason(lab: &Lab, id: TaskId) -> (Status, Option<CancelReason>) {
    let info = lab.info(id).expect("it is known");
    (info.status, info.cancel_reason)
}

const NOT_FOLLOWED: (Status, Option<CancelReason>) =
    (Status::Cancelled, Some(CancelReason::DependencyFailed));

/// The history keeps nothing.
fn forgetful(lab: &Lab) {
    lab.set_history_limits(HistoryLimits { tasks: 0, ..HistoryLimits::default() });
}

// ---- the result --------------------------------------------------------------------------------

#[test]
fn b221_a_result_goes_from_task_to_task() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(2, mode);
        let (first, gate) = held(&lab, Options::default(), || Ok(Num(40)));
        let second = then(&lab, first, add_one);
        let third = then(&lab, second, add_one);
        assert_eq!(lab.status(third), Status::Blocked);
        gate.open();
        lab.done(third);
        assert_eq!((result(&lab, second), result(&lab, third)), (Num(41), Num(42)));
        // Also of one that has ended; and each of several has it.
        let more: Vec<_> = (0..3).map(|_| then(&lab, third, add_one)).collect();
        for id in more {
            lab.done(id);
            assert_eq!(result(&lab, id), Num(43));
        }
        lab.finish();
    }
}

#[test]
fn b221_it_needs_no_thread_that_delivers() {
    let lab = Lab::queued(1);
    let first = lab.submit(lab.options(), |_| Ok(Num(1)));
    let last = then(&lab, first, add_one);
    lab.done(last);
    assert_eq!((lab.heard().len(), result(&lab, last)), (0, Num(2)), "nothing was drained");
    lab.finish();
}

#[test]
fn b221_a_result_that_the_history_does_not_keep_is_kept_until_the_second_begins() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(1, mode);
        forgetful(&lab);
        let (first, gate) = held(&lab, Options::default(), || Ok(Num(6)));
        let second = try_then(&lab, Options { delay: SECOND, ..takes(first) }, add_one).unwrap();
        gate.open();
        until("the first has ended", || lab.status(first) == Status::Completed);
        lab.quiet();
        assert_eq!(lab.clear_history(), 0);
        assert_eq!(lab.status(first), Status::Completed, "the second keeps it");
        let (say, heard) = std::sync::mpsc::channel();
        let third = then(&lab, second, move |value, _| {
            say.send(value).unwrap();
            Ok(value)
        });
        lab.advance(SECOND);
        assert_eq!(heard.recv_timeout(DEADLINE), Ok(Num(7)));
        lab.quiet();
        assert_eq!([first, second, third].map(|id| lab.status(id)), [Status::UnknownTask; 3]);
        assert_eq!(lab.counts().live, 0);
        lab.finish();
    }
}

/// A result that tells how many have it.
#[derive(Clone, Default)]
struct Counted(Option<Arc<()>>);

impl Payload for Counted {
    fn byte_size(&self) -> Option<usize> {
        None
    }
}

#[test]
fn b221_what_a_task_takes_outlives_the_one_that_it_replaces() {
    for tasks in [0, 1, 100] {
        let lab = Lab::queued(1);
        lab.set_history_limits(HistoryLimits { tasks, ..HistoryLimits::default() });
        let first = lab.submit(Options { keep_result: false, ..lab.options() }, |_| Ok(Num(7)));
        let typed = |takes| Options {
            key: Some("typed".into()),
            key_policy: KeyPolicy::Replace,
            delay: SECOND,
            takes,
            ..lab.options()
        };
        // From its delivery on that alone keeps the first.
        try_then(&lab, typed(vec![first]), add_one).unwrap();
        lab.quiet();
        lab.drain();
        let second = try_then(&lab, typed(vec![first]), add_one).unwrap();
        lab.advance(SECOND);
        lab.done(second);
        assert_eq!(result(&lab, second), Num(8));
        let third = try_then(&lab, typed(vec![second]), add_one).unwrap();
        lab.drain();
        let whole = lab
            .engine()
            .submit_group(&[second], ErrorPolicy::StopOnError, typed(vec![]), None, false)
            .unwrap();
        assert!(lab.status(third).is_finished(), "it was replaced");
        lab.advance(SECOND);
        lab.done(whole);
        assert_eq!(result(&lab, whole), Num(8));
    }
}

#[test]
fn b221_a_result_is_moved_where_nobody_else_wants_it_and_else_shared() {
    let engine = Engine::<Counted>::manual(EngineConfig::default(), DeliveryMode::Direct);
    for (kept, expected) in [(false, 1), (true, 2)] {
        let gate = Gate::new();
        let inside = gate.clone();
        let first = Once(Some(move |_: &TaskContext| {
            inside.pass();
            Ok(Counted(Some(Arc::new(()))))
        }));
        let first = engine.submit(Box::new(first), TaskOptions::default(), None, kept).unwrap();
        let (say, heard) = std::sync::mpsc::channel();
        let body = Then::new(move |value: Counted, _: &TaskContext| {
            say.send(value.0.as_ref().map(Arc::strong_count)).unwrap();
            Ok(value)
        });
        let options = TaskOptions { takes: vec![first], ..TaskOptions::default() };
        engine.submit(Box::new(body), options, None, false).unwrap();
        gate.open();
        assert_eq!(heard.recv_timeout(DEADLINE).unwrap(), Some(expected));
        if kept {
            let info = engine.info(first).unwrap();
            assert!(info.result.unwrap().0.is_some(), "the handle has it still");
            engine.drop_handle(first);
        }
    }
    engine.shutdown(DEADLINE, None);
}

/// Else it would be a matter of time whether a callback has it, too.
#[test]
fn b242_a_result_that_one_takes_for_itself_is_given_to_nobody_else() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let engine = Engine::<Counted>::manual(EngineConfig::default(), mode);
        let (heard, hears) = std::sync::mpsc::channel();
        let gate = Gate::new();
        let inside = gate.clone();
        let make = Once(Some(move |_: &TaskContext| {
            inside.pass();
            Ok(Counted(Some(Arc::new(()))))
        }));
        let told = Box::new(move |notice: &Notice<Counted>| {
            if let Notice::Completed(value) = notice {
                heard.send(value.0.is_some()).unwrap();
            }
        });
        let options = TaskOptions { callbacks: vec![told], ..TaskOptions::default() };
        // A handle, too, does not keep it from being moved.
        let first = engine.submit(Box::new(make), options, None, true).unwrap();
        let (say, said) = std::sync::mpsc::channel();
        let body = |say: std::sync::mpsc::Sender<Option<usize>>| {
            Box::new(Then::new(move |value: Counted, _: &TaskContext| {
                say.send(value.0.as_ref().map(Arc::strong_count)).unwrap();
                Ok(value)
            }))
        };
        let alone = || TaskOptions { takes: vec![first], takes_alone: true, ..TaskOptions::default() };
        let second = engine.submit(body(say.clone()), alone(), None, true).unwrap();
        let taken = |call| Err(SubmitError::ResultTaken { call, id: first });
        assert_eq!(engine.submit(body(say.clone()), alone(), None, false), taken("then"));
        let shares = TaskOptions { takes_alone: false, ..alone() };
        assert_eq!(engine.submit(body(say.clone()), shares, None, false), taken("then"));
        let group =
            engine.submit_group(&[first], ErrorPolicy::StopOnError, TaskOptions::default(), None, false);
        assert_eq!(group, taken("all"));
        gate.open();
        assert_eq!(said.recv_timeout(DEADLINE).unwrap(), Some(1));
        assert_eq!(engine.wait(second, Some(DEADLINE)), WaitResult::Done);
        if mode == DeliveryMode::Queued {
            Receiver::new(engine.clone()).for_each(|delivery| delivery.call());
        }
        assert_eq!(hears.recv_timeout(DEADLINE), Ok(false), "the callback has heard of the end, without it");
        assert!(engine.info(first).unwrap().result.is_none());
        // One that is lent is promised to nobody.
        let lent = TaskOptions { takes: vec![second], ..TaskOptions::default() };
        engine.submit(body(say.clone()), lent, None, false).unwrap();
        let alone = TaskOptions { takes: vec![second], takes_alone: true, ..TaskOptions::default() };
        let error = engine.submit(body(say), alone, None, false).unwrap_err();
        assert_eq!(error, SubmitError::ResultTaken { call: "then", id: second });
        assert_eq!(
            error.to_string(),
            format!(
                "then names {second}, whose result cannot be shared, and another task takes it: only one may take \
                 it for itself"
            )
        );
        engine.shutdown(DEADLINE, None);
    }
}

/// The second place would have had an empty one.
#[test]
fn b292_a_result_that_one_task_has_for_itself_is_not_given_to_it_twice() {
    let lab = Lab::queued(1);
    let (first, gate) = held(&lab, Options::default(), || Ok(Num(4)));
    let alone = |takes| Options { takes, takes_alone: true, ..Options::default() };
    let group = |policy| lab.submit_group(&[first, first], policy, alone(Vec::new()), None, false);
    let refused = |call| Err(SubmitError::ResultTwice { call, id: first });
    let said = try_then(&lab, alone(vec![first, first]), add_one);
    assert_eq!(said, refused("then"));
    assert_eq!(group(ErrorPolicy::StopOnError), refused("all"));
    assert_eq!(group(ErrorPolicy::StopOnSuccess), refused("any"));
    assert_eq!(
        said.unwrap_err().to_string(),
        format!("then names {first} twice, whose result cannot be shared; name it once")
    );
    // Nothing was promised. And what can be shared is given twice.
    let members = [first, first];
    let twice =
        lab.submit_group(&members, ErrorPolicy::StopOnError, Options::default(), None, false).unwrap();
    gate.open();
    lab.done(twice);
    assert_eq!(result(&lab, twice), Num(44));
    lab.finish();
}

#[test]
fn b221_each_attempt_and_each_run_has_the_result() {
    let lab = Lab::queued(1);
    let first = lab.run(|_| Ok(Num(5)));
    let seen = Order::default();
    let body = |fails: i64| {
        let seen = seen.clone();
        ThenRepeated::new(move |value: Num, context: &TaskContext| {
            seen.push(value.0);
            if (context.attempt() as i64) <= fails { Err(fault("no")) } else { Ok(Num(value.0 * 2)) }
        })
    };
    let retry = Retry { times: 2, delay: SECOND, jitter: 0.0, ..Retry::default() };
    let again =
        lab.engine().submit(Box::new(body(2)), Options { retry, ..takes(first) }, None, false).unwrap();
    for attempts in 1..3 {
        until("it has failed", || seen.get().len() == attempts && lab.status(again) == Status::Delayed);
        lab.advance(5 * SECOND);
    }
    lab.done(again);
    assert_eq!((seen.get(), result(&lab, again)), (vec![5, 5, 5], Num(10)));
    let twice = Some(Periodic { max_runs: 2, ..Periodic::every(SECOND) });
    let options = Options { periodic: twice, ..takes(again) };
    let poll = lab.engine().submit(Box::new(body(0)), options, None, false).unwrap();
    lab.rests(poll, 1);
    lab.advance(SECOND);
    lab.done(poll);
    assert_eq!((seen.get().len(), result(&lab, poll)), (5, Num(20)));
    lab.finish();
}

// ---- no result ---------------------------------------------------------------------------------

#[test]
fn b222_where_the_first_does_not_complete_the_second_never_begins() {
    let answers: [fn() -> Answer; 3] =
        [|| Err(fault("no")), || panic!("boom"), || Err(TaskError::cancelled())];
    for answer in answers {
        let lab = Lab::queued(1);
        let (first, gate) = held(&lab, Options::default(), answer);
        let drops = Drops::default();
        let token = drops.token();
        let second = then(&lab, first, move |value, _| {
            drop(token);
            Ok(value)
        });
        let third = then(&lab, second, add_one);
        gate.open();
        lab.done(third);
        until("its closure is destroyed", || drops.count() == 1);
        assert_eq!([second, third].map(|id| reason(&lab, id)), [NOT_FOLLOWED; 2]);
        // And after the fact.
        assert_eq!(reason(&lab, then(&lab, first, add_one)), NOT_FOLLOWED);
        lab.quiet();
        lab.clear_history();
        assert_eq!([first, second, third].map(|id| lab.status(id)), [Status::UnknownTask; 3]);
        lab.finish();
    }
}

#[test]
fn b15_b222_what_cannot_be_taken_is_refused_by_its_id() {
    let lab = Lab::queued(1);
    let forgotten = lab.run(|_| Ok(Num(0)));
    lab.done(forgotten);
    lab.quiet();
    lab.clear_history();
    let error = try_then(&lab, takes(forgotten), add_one).unwrap_err();
    assert_eq!(error, SubmitError::UnknownTask { call: "then", id: forgotten });
    let text =
        format!("then names {forgotten}, and there is no such task: it never was one, or is forgotten");
    assert_eq!(error.to_string(), text);
    // The task is in the history, and its result is not.
    let large = lab.run(|_| Ok(UNKNOWN_SIZE));
    lab.done(large);
    lab.quiet();
    assert_eq!(lab.status(large), Status::Completed);
    let error = try_then(&lab, takes(large), add_one).unwrap_err();
    assert_eq!(error, SubmitError::ResultNotKept { call: "then", id: large });
    assert!(error.to_string().contains("is not kept any more: keep a handle of the task"), "{error}");
    let options = Options { after_policy: AfterPolicy::Ended, ..takes(large) };
    let error = try_then(&lab, options, add_one).unwrap_err();
    assert_eq!(error.to_string(), "afterPolicy is Ended; expected Completed, as it takes a result");
    assert_eq!(lab.counts().live, 0);
    lab.finish();
}

#[test]
fn b222_a_task_that_takes_a_result_lets_it_go_however_it_ends() {
    let lab = Lab::queued(1);
    forgetful(&lab);
    let (first, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    gate.wait_for(1);
    let late = Options { start_timeout: Some(2 * SECOND), delay: 9 * SECOND, ..takes(first) };
    let late = try_then(&lab, late, add_one).unwrap();
    let cancelled = try_then(&lab, Options { delay: SECOND, ..takes(first) }, add_one).unwrap();
    gate.open();
    until("the first has ended", || lab.status(first) == Status::Completed);
    lab.quiet();
    lab.cancel(cancelled, USER);
    assert_eq!(lab.status(first), Status::Completed);
    lab.advance(20 * SECOND);
    until("the other has, too", || {
        lab.drain();
        lab.status(late) == Status::UnknownTask
    });
    lab.drain();
    assert_eq!([first, cancelled].map(|id| lab.status(id)), [Status::UnknownTask; 2]);
    lab.finish();
}

#[test]
fn b222_what_takes_a_result_of_an_owner_goes_with_that() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("plugin");
    let first = lab.submit(Options { owner: Some(owner), ..Options::default() }, |_| Ok(Num(1)));
    lab.done(first);
    let waits = try_then(&lab, Options { delay: SECOND, ..takes(first) }, add_one).unwrap();
    let down = then(&lab, waits, add_one);
    let gate = Gate::new();
    let inside = gate.clone();
    let runs = then(&lab, first, move |value, context| {
        inside.pass();
        context.checkpoint()?;
        Ok(value)
    });
    gate.wait_for(1);
    let engine = lab.engine().clone();
    let unloads = std::thread::spawn(move || engine.unload_owner(owner, DEADLINE));
    until("it is asked to stop", || lab.info(runs).is_some_and(|info| info.cancel_requested));
    assert!(!unloads.is_finished(), "a body has what the owner's code made");
    assert!(matches!(
        try_then(&lab, takes(first), add_one),
        Err(SubmitError::OwnerGone | SubmitError::UnknownTask { .. })
    ));
    gate.open();
    // What was to be delivered has nothing of it.
    lab.drain();
    assert_eq!(unloads.join().unwrap(), Ok(()));
    lab.drain();
    assert_eq!([first, waits, runs, down].map(|id| lab.status(id)), [Status::UnknownTask; 4]);
    lab.finish();
}

// ---- what must run, and an unloading ------------------------------------------------------------

fn must(options: Options) -> Options {
    Options { must_run: true, ..options }
}

/// The tasks that an unloading without time still waits for.
fn left(lab: &Lab, owner: OwnerId) -> Vec<TaskId> {
    match lab.unload_owner(owner, Duration::ZERO) {
        Ok(()) => Vec::new(),
        Err(UnloadError::StillRunning(still)) => still.into_iter().map(|one| one.id).collect(),
        Err(other) => panic!("{other}"),
    }
}

/// How the end of a task is told.
fn end_of(lab: &Lab, id: TaskId) -> String {
    lab.drain();
    lab.events_of(id).last().cloned().unwrap_or_default()
}

#[test]
fn b287_what_must_run_is_given_what_it_takes_of_an_owner_that_is_unloaded() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        // Of the owner itself, of the application, and of another owner; taken for itself, too.
        for (whose, alone) in [(0, false), (1, false), (2, false), (0, true), (1, true)] {
            let lab = Lab::manual(1, mode);
            let (owner, other) = (lab.open_owner("plugin"), lab.open_owner("other"));
            let theirs = Options { owner: Some(owner), ..Options::default() };
            let first = lab.submit(theirs, |_| Ok(Num(7)));
            lab.done(first);
            lab.drain();
            let held = lab.hold_worker();
            let given = Order::default();
            let seen = given.clone();
            let options = Options {
                owner: [Some(owner), None, Some(other)][whose],
                takes_alone: alone,
                ..must(takes(first))
            };
            let second = try_then(&lab, options, move |value, _| {
                seen.push(value.0);
                Ok(Num(value.0 + 1))
            });
            let second = second.unwrap();
            assert_eq!(left(&lab, owner), [second], "it has not begun");
            // It is there for that one alone.
            assert_eq!(lab.info(first).unwrap().result, None);
            assert_eq!(left(&lab, owner), [second], "and is still there at the second call");
            held.open();
            assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
            assert_eq!((given.get(), lab.status(first)), (vec![7], Status::UnknownTask));
            lab.quiet();
            if mode == DeliveryMode::Queued {
                // What it has made of that is the owner's, too, and is not told.
                assert_eq!(end_of(&lab, second), "completed 0");
            }
            lab.finish();
        }
    }
}

#[test]
fn b287_a_result_that_comes_while_its_owner_is_unloaded_is_given_to_what_must_run() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("plugin");
    let theirs = || Options { owner: Some(owner), ..Options::default() };
    // One that ignores that it is to stop, and one that waits for a worker and must run.
    let (running, door) = held(&lab, theirs(), || Ok(Num(1)));
    door.wait_for(1);
    let busy = lab.hold_worker();
    let queued = lab.submit(must(theirs()), |_| Ok(Num(2)));
    let given = Order::default();
    let take = |before: TaskId, options: Options| {
        let seen = given.clone();
        let taken = try_then(&lab, Options { takes: vec![before], ..options }, move |value, _| {
            seen.push(value.0);
            Ok(Num(value.0 * 10))
        });
        taken.unwrap()
    };
    let of_running = take(running, must(Options::default()));
    let of_queued = take(queued, must(Options::default()));
    // A chain of them, and one in it that need not run, with what comes behind that.
    let chain = take(of_queued, must(Options::default()));
    let need_not = take(running, Options::default());
    let behind = take(need_not, must(Options::default()));
    // A whole has nothing of it.
    let whole =
        lab.engine().submit_group(&[running], ErrorPolicy::StopOnError, Options::default(), None, false);
    let whole = whole.unwrap();
    let mut waits = left(&lab, owner);
    waits.sort();
    let mut expected = vec![running, queued, of_running, of_queued, chain];
    expected.sort();
    assert_eq!(waits, expected);
    assert_eq!(end_of(&lab, need_not), "cancelled PluginUnload");
    assert_eq!(end_of(&lab, behind), "cancelled DependencyFailed");
    door.open();
    busy.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    lab.quiet();
    let mut all = given.get();
    all.sort_unstable();
    assert_eq!(all, [1, 2, 20]);
    assert_eq!([running, queued].map(|id| end_of(&lab, id)), ["completed 0", "completed 0"]);
    assert_eq!(end_of(&lab, whole), "completed 0");
    lab.finish();
}

#[test]
fn b288_what_the_unloading_cancels_gives_nothing_and_what_must_run_ends_with_it() {
    let lab = Lab::queued(1);
    let (owner, other) = (lab.open_owner("plugin"), lab.open_owner("other"));
    let theirs = || Options { owner: Some(owner), ..Options::default() };
    let done = lab.submit(theirs(), |_| Ok(Num(1)));
    lab.done(done);
    let busy = lab.hold_worker();
    let queued = lab.submit(theirs(), |_| Ok(Num(1)));
    let delayed = lab.submit(must(Options { delay: SECOND, ..theirs() }), |_| Ok(Num(1)));
    let blocked = lab.submit(Options { after: vec![queued], ..theirs() }, |_| Ok(Num(1)));
    let cancelled = [queued, delayed, blocked];
    let take = |before: TaskId, options: Options| {
        try_then(&lab, must(Options { takes: vec![before], ..options }), add_one).unwrap()
    };
    let behind = cancelled.map(|before| take(before, Options { owner: Some(other), ..Options::default() }));
    let down = behind.map(|before| take(before, Options::default()));
    // One that waits for its time is not waited for, also if what it takes is there.
    let late = take(done, Options { delay: SECOND, ..Options::default() });
    assert_eq!(left(&lab, owner), []);
    for id in cancelled.into_iter().chain([late]) {
        assert_eq!(end_of(&lab, id), "cancelled PluginUnload");
    }
    for id in behind.into_iter().chain(down) {
        assert_eq!(end_of(&lab, id), "cancelled DependencyFailed");
    }
    assert_eq!(lab.status(done), Status::UnknownTask);
    busy.open();
    lab.finish();
}

/// A whole that has not ended loses what the owner's code made in it: nothing is given that has holes.
#[test]
fn b288_what_takes_a_whole_that_has_not_ended_is_cancelled_with_what_is_in_it() {
    // The walk comes by what takes it before, and after.
    for (mine, before) in [(false, false), (false, true), (true, false), (true, true)] {
        let lab = Lab::queued(1);
        let owner = lab.open_owner("plugin");
        let theirs = || Options { owner: Some(owner), ..Options::default() };
        let done = lab.submit(theirs(), |_| Ok(Num(7)));
        lab.done(done);
        lab.drain();
        let busy = lab.hold_worker();
        let own = lab.run(|_| Ok(Num(8)));
        let reserved = before.then(|| lab.engine().reserve().unwrap());
        let options = if mine { must(theirs()) } else { Options::default() };
        let policy = ErrorPolicy::StopOnError;
        let whole = lab.engine().submit_group(&[done, own], policy, options, None, false).unwrap();
        let body = Then::new(add_one);
        let second = lab.engine().submit(Box::new(body), must(takes(whole)), reserved, false).unwrap();
        let third = try_then(&lab, must(takes(second)), add_one).unwrap();
        assert_eq!(left(&lab, owner), []);
        assert_eq!(end_of(&lab, second), "cancelled PluginUnload");
        assert_eq!(end_of(&lab, third), "cancelled DependencyFailed");
        busy.open();
        lab.quiet();
        lab.finish();
    }
}

#[test]
fn b288_what_must_run_and_is_cancelled_lets_go_of_what_an_unloaded_owner_has_made() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("plugin");
    let body = Once(Some(|_: &TaskContext| Ok(Num(1))));
    let theirs = Options { owner: Some(owner), ..Options::default() };
    let kept = lab.engine().submit(Box::new(body), theirs, None, true).unwrap();
    lab.done(kept);
    let busy = lab.hold_worker();
    let second = try_then(&lab, must(takes(kept)), add_one).unwrap();
    assert_eq!(left(&lab, owner), [second]);
    lab.cancel(second, USER);
    assert_eq!(lab.unload_owner(owner, Duration::ZERO), Ok(()));
    assert_eq!(end_of(&lab, second), "cancelled User");
    assert_eq!(lab.info(kept).unwrap().result, Some(Num::default()));
    lab.drop_handle(kept);
    assert_eq!(lab.status(kept), Status::UnknownTask);
    busy.open();
    lab.finish();
}

#[test]
fn b288_one_that_must_run_and_is_at_work_is_not_asked_to_stop_by_an_unloading() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("plugin");
    let first = lab.submit(Options { owner: Some(owner), ..Options::default() }, |_| Ok(Num(1)));
    lab.done(first);
    let door = Gate::new();
    let inside = door.clone();
    let runs = try_then(&lab, must(takes(first)), move |value, context| {
        inside.pass();
        context.checkpoint()?;
        Ok(value)
    });
    let runs = runs.unwrap();
    door.wait_for(1);
    assert_eq!(left(&lab, owner), [runs]);
    assert!(!lab.info(runs).unwrap().cancel_requested);
    // The same of a job of the owner's that the application runs.
    let job = lab.open_owner("jobs");
    let queued = lab.submit(must(Options { code: Some(job), ..Options::default() }), |_| Ok(Num(1)));
    assert_eq!(left(&lab, job), [queued]);
    door.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!(lab.unload_owner(job, DEADLINE), Ok(()));
    lab.quiet();
    assert_eq!([runs, queued].map(|id| end_of(&lab, id)), ["completed 0", "completed 0"]);
    lab.finish();
}

// ---- many --------------------------------------------------------------------------------------

fn chain(lab: &Lab, first: TaskId, length: i64) -> TaskId {
    (0..length).fold(first, |before, _| then(lab, before, add_one))
}

#[test]
fn b223_a_chain_of_100_000_runs_is_cancelled_and_shut_down() {
    let lab = Lab::direct(2);
    let (first, gate) = held(&lab, Options::default(), || Ok(Num(0)));
    let last = chain(&lab, first, 100_000);
    gate.open();
    lab.done(last);
    assert_eq!(result(&lab, last), Num(100_000));
    let delayed = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(0)));
    let last = chain(&lab, delayed, 100_000);
    lab.cancel(delayed, USER);
    assert_eq!(reason(&lab, last), NOT_FOLLOWED);
    assert_eq!((lab.counts().blocked, lab.counts().live), (0, 0));
    let (first, gate) = held(&lab, Options::default(), || Ok(Num(0)));
    chain(&lab, first, 100_000);
    gate.open();
    assert!(lab.shutdown(30 * SECOND, None).complete);
    lab.finish();
}

#[test]
fn b223_a_long_chain_keeps_no_more_than_a_short_one() {
    let lab = Lab::direct(1);
    forgetful(&lab);
    let (first, gate) = held(&lab, Options::default(), || Ok(Num(0)));
    let most = Arc::new(AtomicUsize::new(0));
    let engine = lab.engine().clone();
    let last = (0..1_000).fold(first, |before, _| {
        let (most, engine) = (most.clone(), engine.clone());
        then(&lab, before, move |value, context| {
            // What comes before it, and has begun to be forgotten: its own record, and those that still wait.
            let done = engine.tasks().iter().filter(|info| info.status.is_finished()).count();
            most.fetch_max(done, SeqCst);
            context.checkpoint()?;
            Ok(value)
        })
    });
    gate.open();
    until("the last has ended", || lab.status(last) == Status::UnknownTask);
    assert!(most.load(SeqCst) <= 2, "{} results were kept", most.load(SeqCst));
    drop(engine);
    lab.finish();
}

#[test]
fn b177_b223_a_body_waits_for_what_takes_the_result_of_another() {
    let lab = Lab::queued(1);
    let engine = lab.engine().clone();
    let id = lab.run(move |context| {
        let first = Once(Some(|_: &TaskContext| Ok(Num(20))));
        let first = engine.submit(Box::new(first), Options::default(), None, true).unwrap();
        let second = engine.submit(Box::new(Then::new(add_one)), takes(first), None, true).unwrap();
        assert_eq!(engine.wait(second, None), WaitResult::Done);
        let own = engine.submit(Box::new(Then::new(add_one)), takes(context.id()), None, false).unwrap();
        assert_eq!(engine.wait(own, None), WaitResult::WouldDeadlock);
        let Some(Num(value)) = engine.info(second).unwrap().result else { panic!("it has a result") };
        [first, second].iter().for_each(|id| engine.drop_handle(*id));
        Ok(Num(value * 2))
    });
    lab.done(id);
    assert_eq!(result(&lab, id), Num(42));
    lab.finish();
}

#[test]
fn b221_a_start_that_comes_too_late_is_the_end_of_what_takes_its_result() {
    let lab = Lab::queued(1);
    let (first, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    gate.wait_for(1);
    let late = lab.submit(Options { start_timeout: Some(SECOND), ..Options::default() }, |_| Ok(Num(1)));
    let second = then(&lab, late, add_one);
    lab.advance(2 * SECOND);
    lab.done(second);
    let error = lab.info(late).unwrap().error.unwrap();
    assert_eq!((error.kind(), reason(&lab, second)), (ErrorKind::StartTimedOut, NOT_FOLLOWED));
    gate.open();
    lab.done(first);
    lab.finish();
}
