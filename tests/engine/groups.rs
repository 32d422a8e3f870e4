//! Groups: `all` and `any`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use legwork::engine::{
    AfterPolicy, CancelReason, CancelResult, DeliveryMode, Elsewhere, Engine, EngineConfig, ErrorKind,
    ErrorPolicy, External, HistoryLimits, KeyPolicy, Once, Payload, Periodic, Retry, Status, SubmitError,
    TaskContext, TaskError, TaskId, TaskOptions, Then, WaitResult, WaitsFor,
};

use crate::support::*;

use ErrorPolicy::{ContinueOnError, StopOnError, StopOnSuccess};

fn try_group(
    lab: &Lab,
    policy: ErrorPolicy,
    members: &[TaskId],
    options: Options,
) -> Result<TaskId, SubmitError> {
    lab.engine().submit_group(members, policy, options, None, false)
}

fn group(lab: &Lab, policy: ErrorPolicy, members: &[TaskId]) -> TaskId {
    try_group(lab, policy, members, Options::default()).expect("the group is accepted")
}

fn all(lab: &Lab, members: &[TaskId]) -> TaskId {
    group(lab, StopOnError, members)
}

/// A task that waits at a gate, and then ends as `answer` says.
fn held(lab: &Lab, options: Options, answer: fn() -> Answer) -> (TaskId, Gate) {
    let gate = Gate::new();
    let inside = gate.clone();
    let id = lab.submit(options, move |_| {
        inside.pass();
        answer()
    });
    (id, gate)
}

fn named(name: &str) -> Options {
    Options { name: Some(name.into()), ..Options::default() }
}

/// One that runs, and ends as cancelled once it is asked to.
fn attentive(lab: &Lab, options: Options) -> TaskId {
    let gate = Gate::new();
    let inside = gate.clone();
    gate.open();
    let id = lab.submit(options, move |context| {
        inside.pass();
        context.sleep(Duration::from_secs(3_600))?;
        Ok(Num(0))
    });
    gate.wait_for(1);
    id
}

fn delayed(lab: &Lab, seconds: u32) -> TaskId {
    lab.submit(Options { delay: seconds * SECOND, ..Options::default() }, |_| Ok(Num(9)))
}

fn value(lab: &Lab, id: TaskId) -> Option<Num> {
    lab.info(id).expect("it is known").result
}

fn error(lab: &Lab, id: TaskId) -> Arc<TaskError> {
    lab.info(id).expect("it is known").error.expect("it has failed")
}

fn ended(lab: &Lab, id: TaskId) -> (Status, Option<CancelReason>) {
    let info = lab.info(id).expect("it is known");
    (info.status, info.cancel_reason)
}

fn cancelled(reason: CancelReason) -> (Status, Option<CancelReason>) {
    (Status::Cancelled, Some(reason))
}

/// Waits for what its callback hears last, which may be called by another thread.
fn hears(lab: &Lab, last: &str) {
    until(last, || lab.heard().last().is_some_and(|heard| heard == last));
}

const NOT_NEEDED: (Status, Option<CancelReason>) = (Status::Cancelled, Some(CancelReason::NotNeeded));

// ---- one after the other -----------------------------------------------------------------------

/// Its destructor waits at the gate: it keeps the worker that cancels a task between two pieces of the others.
struct Slow(Gate);

impl Drop for Slow {
    fn drop(&mut self) {
        self.0.pass();
    }
}

/// The group decides with the end of the first, and comes to the second, after many others, to cancel it.
#[test]
fn b255_what_comes_after_a_task_that_decides_for_their_group_does_not_begin() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        // A worker is free for the second, while the one that hands the first in is kept at the others.
        let lab = Lab::manual(2, mode);
        let (first, gate) = held(&lab, Options::default(), || Ok(Num(1)));
        let (destroyed, begun) = (Gate::new(), Arc::new(AtomicUsize::new(0)));
        let slow = Slow(destroyed.clone());
        let mut members = vec![lab.submit(Options { delay: 60 * SECOND, ..Options::default() }, move |_| {
            let _slow = &slow;
            Ok(Num(0))
        })];
        members.extend((0..1_000).map(|_| delayed(&lab, 60)));
        let inside = begun.clone();
        let after = Options { after: vec![first], after_policy: AfterPolicy::Ended, ..Options::default() };
        let body = Once(Some(move |_: &TaskContext| {
            inside.fetch_add(1, SeqCst);
            Ok(Num(2))
        }));
        let second = lab.engine().submit(Box::new(body), after, None, true).unwrap();
        members.push(first);
        members.push(second);
        let id = group(&lab, StopOnSuccess, &members);
        gate.open();
        destroyed.wait_for(1);
        // The other worker has looked at what is queued.
        let plain = lab.run(|_| Ok(Num(1)));
        lab.done(plain);
        assert_eq!(begun.load(SeqCst), 0);
        destroyed.open();
        lab.done(id);
        assert_eq!((lab.status(id), value(&lab, id)), (Status::Completed, Some(Num(1))));
        assert_eq!((ended(&lab, second), begun.load(SeqCst)), (NOT_NEEDED, 0));
        lab.engine().drop_handle(second);
        lab.finish();
    }
}

/// The places of a key are the limit of a group: the one that a failure frees is not handed to a task that the group
/// is about to cancel.
#[test]
fn b291_a_place_of_the_key_is_not_handed_on_to_what_its_group_stops() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(2, mode);
        let options = || Options { key: Some("limit".into()), ..Options::default() };
        let (first, gate) = held(&lab, options(), || Err(fault("no")));
        gate.wait_for(1);
        // The destructor of one keeps the worker that hands the first in, between two pieces of the others.
        let (destroyed, begun) = (Gate::new(), Arc::new(AtomicUsize::new(0)));
        let slow = Slow(destroyed.clone());
        let mut members = vec![first];
        members.push(lab.submit(options(), move |_| {
            let _slow = &slow;
            Ok(Num(0))
        }));
        for _ in 0..1_000 {
            let begun = begun.clone();
            members.push(lab.submit(options(), move |_| {
                begun.fetch_add(1, SeqCst);
                Ok(Num(0))
            }));
        }
        let id = all(&lab, &members);
        gate.open();
        destroyed.wait_for(1);
        // The other worker has looked at what is queued.
        let plain = lab.run(|_| Ok(Num(1)));
        lab.done(plain);
        assert_eq!(begun.load(SeqCst), 0);
        // One that is not of the group has its place once those before it have gone.
        let outside = lab.submit(options(), |_| Ok(Num(2)));
        destroyed.open();
        lab.done(id);
        lab.done(outside);
        assert_eq!((lab.status(id), begun.load(SeqCst)), (Status::Failed, 0));
        assert_eq!(lab.status(outside), Status::Completed);
        lab.finish();
        assert_eq!(lab.keys_in_use(), 0);
    }
}

/// Work that is done elsewhere begins as it has its place.
#[test]
fn b291_external_work_does_not_begin_where_its_group_stops_it() {
    for (policy, fails) in [(StopOnError, true), (StopOnSuccess, false)] {
        let lab = Lab::queued(1);
        let external = || {
            let options = Options {
                key: Some("limit".into()),
                external: Some(External { on_stop: None }),
                ..lab.options()
            };
            lab.engine().submit(Box::new(Elsewhere), options, None, false).unwrap()
        };
        let members = [external(), external(), external()];
        let id = group(&lab, policy, &members);
        lab.end_external(members[0], if fails { Err(fault("no")) } else { Ok(Num(1)) });
        assert_eq!(lab.status(members[1]), Status::Cancelled);
        lab.done(id);
        lab.drain();
        for member in &members[1..] {
            assert_eq!(lab.events_of(*member), ["cancelled NotNeeded"]);
        }
        // Where nothing is decided, the next has the place.
        let members = [external(), external()];
        let id = group(&lab, ContinueOnError, &members);
        lab.end_external(members[0], Err(fault("no")));
        assert_eq!(lab.status(members[1]), Status::Running);
        lab.end_external(members[1], Ok(Num(1)));
        lab.done(id);
        lab.finish();
        assert_eq!(lab.keys_in_use(), 0);
    }
}

// ---- gates -------------------------------------------------------------------------------------

#[test]
fn b255_what_comes_after_a_gate_begins_as_that_is_opened() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(2, mode);
        let engine = lab.engine();
        let gate = engine.gate().unwrap();
        let behind = |after: Vec<TaskId>, after_policy| {
            lab.submit(Options { after, after_policy, ..Options::default() }, |_| Ok(Num(1)))
        };
        let (other, door) = held(&lab, Options::default(), || Ok(Num(2)));
        let one = behind(vec![gate], AfterPolicy::Completed);
        let two = behind(vec![gate, other], AfterPolicy::Ended);
        let gone = behind(vec![gate], AfterPolicy::Completed);
        let whole = all(&lab, &[one, two]);
        assert_eq!([one, two, gone].map(|id| lab.status(id)), [Status::Blocked; 3]);
        assert_eq!(lab.status(gate), Status::UnknownTask);
        assert_eq!(engine.wait(gate, Some(Duration::ZERO)), WaitResult::UnknownTask);
        engine.cancel(gone, CancelReason::User);
        engine.open_gate(gate);
        lab.done(one);
        assert_eq!(lab.status(two), Status::Blocked);
        // It was there once.
        let unknown = engine.submit(
            Box::new(Once(Some(|_: &TaskContext| Ok(Num(1))))),
            Options { after: vec![gate], ..Options::default() },
            None,
            false,
        );
        assert_eq!(unknown, Err(SubmitError::AfterUnknown { id: gate }));
        door.open();
        lab.done(whole);
        assert_eq!(value(&lab, whole), Some(Num(11)));
        // Nothing stays of it, and none is told of it.
        let none = engine.gate().unwrap();
        engine.open_gate(none);
        engine.open_gate(none);
        assert_eq!(lab.events_of(gate), Vec::<String>::new());
        lab.finish();
    }
}

#[test]
fn b255_a_shutdown_ends_what_is_behind_a_gate() {
    let lab = Lab::manual(2, DeliveryMode::Queued);
    let engine = lab.engine();
    let gate = engine.gate().unwrap();
    let option = || Options { after: vec![gate], ..Options::default() };
    let one = lab.submit(option(), |_| Ok(Num(1)));
    let must = lab.submit(Options { must_run: true, ..option() }, |_| Ok(Num(2)));
    engine.begin_shutdown(Duration::from_secs(10));
    assert_eq!(ended(&lab, one), cancelled(CancelReason::Shutdown));
    assert_eq!(lab.status(must), Status::Blocked);
    engine.open_gate(gate);
    lab.done(must);
    assert_eq!(value(&lab, must), Some(Num(2)));
}

// ---- all ---------------------------------------------------------------------------------------

#[test]
fn b224_the_result_of_all_is_a_list_in_the_order_given() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        for policy in [StopOnError, ContinueOnError] {
            let lab = Lab::manual(4, mode);
            let (a, first) = held(&lab, Options::default(), || Ok(Num(1)));
            let (b, second) = held(&lab, Options::default(), || Ok(Num(2)));
            let over = lab.run(|_| Ok(Num(3)));
            lab.done(over);
            let id = try_group(&lab, policy, &[a, over, b, a], lab.options()).unwrap();
            assert_eq!(lab.status(id), Status::Running);
            assert_eq!(lab.info(id).unwrap().waits_for, WaitsFor::Tasks(vec![a, b, a]));
            assert_eq!(lab.info(a).unwrap().members, None, "it is no whole");
            second.open();
            lab.done(b);
            assert_eq!(lab.status(id), Status::Running);
            first.open();
            lab.done(id);
            assert_eq!((lab.status(id), value(&lab, id)), (Status::Completed, Some(Num(1321))));
            lab.quiet();
            hears(&lab, "completed 1321");
            assert_eq!(lab.info(id).unwrap().members.as_deref(), Some(&[a, over, b, a][..]));
            if mode == DeliveryMode::Queued {
                let events = lab.events_of(id);
                assert_eq!(
                    (events[0].as_str(), events.last().unwrap().as_str()),
                    ("started", "completed 1321")
                );
            }
            lab.finish();
        }
    }
}

#[test]
fn b224_all_of_nothing_and_all_that_have_ended_complete_at_once() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(1, mode);
        let none = all(&lab, &[]);
        assert_eq!((lab.status(none), value(&lab, none)), (Status::Completed, Some(Num(0))));
        assert_eq!(lab.info(none).unwrap().progress, 1.0);
        assert_eq!(lab.info(none).unwrap().members.as_deref(), Some(&[][..]));
        let over = lab.run(|_| Ok(Num(7)));
        lab.done(over);
        let id = all(&lab, &[over, over]);
        assert_eq!((lab.status(id), value(&lab, id)), (Status::Completed, Some(Num(77))));
        // The history keeps nothing, and a handle does.
        lab.quiet();
        lab.set_history_limits(HistoryLimits { tasks: 0, ..HistoryLimits::default() });
        assert_eq!(
            lab.status(all(&lab, &[])),
            if mode == DeliveryMode::Direct { Status::UnknownTask } else { Status::Completed }
        );
        let kept = lab.engine().submit_group(&[], StopOnError, Options::default(), None, true).unwrap();
        assert_eq!(lab.status(kept), Status::Completed);
        lab.engine().drop_handle(kept);
        lab.finish();
    }
}

#[test]
fn b225_the_first_failure_cancels_the_rest_and_is_the_error() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(4, mode);
        let runs = attentive(&lab, Options::default());
        let waits = delayed(&lab, 5);
        let (slow, gate) = held(&lab, Options::default(), || Ok(Num(1)));
        gate.wait_for(1);
        let (bad, open) = held(&lab, Options::default(), || Err(fault("no such host")));
        let id = try_group(&lab, StopOnError, &[runs, waits, slow, bad], lab.options()).unwrap();
        open.open();
        lab.done(runs);
        lab.done(waits);
        assert_eq!([runs, waits].map(|id| ended(&lab, id)), [NOT_NEEDED; 2]);
        // Nothing of a whole is at work once the whole has ended.
        assert_eq!(lab.status(id), Status::Running);
        gate.open();
        lab.done(id);
        assert_eq!(lab.status(id), Status::Failed);
        assert_eq!((error(&lab, id).kind(), error(&lab, id).message()), (ErrorKind::Failed, "no such host"));
        lab.quiet();
        hears(&lab, "failed Failed");
        lab.finish();
    }
}

#[test]
fn b225_what_has_failed_is_the_error_and_not_what_was_left_out_for_it() {
    // Before the whole comes, and after.
    for before in [true, false] {
        let lab = Lab::queued(2);
        let (bad, gate) = held(&lab, Options::default(), || Err(fault("no such file")));
        let after = |id| Options { after: vec![id], ..named("next") };
        let next = lab.submit(after(bad), |_| Ok(Num(1)));
        let inner = all(&lab, &[next]);
        let last = lab.submit(after(inner), |_| Ok(Num(1)));
        if before {
            gate.open();
            for id in [bad, next, inner, last] {
                lab.done(id);
            }
        }
        let id = all(&lab, &[last, inner, next, bad]);
        gate.open();
        lab.done(id);
        assert_eq!(error(&lab, id).message(), "no such file");
        if before {
            assert_eq!(error(&lab, inner).message(), "\"next\" was cancelled: DependencyFailed");
        }
        lab.finish();
    }
}

#[test]
fn b225_a_member_that_is_cancelled_by_itself_fails_the_whole_and_its_reason_is_told() {
    let lab = Lab::queued(4);
    let (a, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    let gone = lab.submit(Options { delay: SECOND, ..named("thumbnails") }, |_| Ok(Num(1)));
    let id = all(&lab, &[a, gone]);
    lab.cancel(gone, USER);
    gate.open();
    lab.done(id);
    let error = error(&lab, id);
    assert_eq!(
        (lab.status(id), error.kind(), error.reason()),
        (Status::Failed, ErrorKind::Cancelled, Some(USER))
    );
    assert_eq!(error.message(), "\"thumbnails\" was cancelled: User");
    // Of one that has failed before, too.
    let late = delayed(&lab, 1);
    let again = all(&lab, &[gone, late]);
    lab.done(again);
    assert_eq!((lab.status(again), ended(&lab, late)), (Status::Failed, NOT_NEEDED));
    lab.finish();
}

#[test]
fn b225_where_all_are_to_go_on_the_whole_fails_at_the_end_with_the_list() {
    let lab = Lab::queued(4);
    let (good, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    let bad = lab.submit(named("b"), |_| Err(fault("no")));
    let gone = lab.submit(Options { delay: SECOND, ..named("c") }, |_| Ok(Num(1)));
    lab.done(bad);
    let id = group(&lab, ContinueOnError, &[good, bad, gone]);
    lab.cancel(gone, USER);
    assert_eq!((lab.status(good), lab.status(id)), (Status::Running, Status::Running));
    gate.open();
    lab.done(id);
    assert_eq!((lab.status(good), lab.status(id)), (Status::Completed, Status::Failed));
    let text = "2 of 3 did not complete: \"b\": no; \"c\" was cancelled: User";
    assert_eq!((error(&lab, id).kind(), error(&lab, id).message()), (ErrorKind::Failed, text));
    // Of many, some are named.
    let many: Vec<_> = (0..30).map(|_| lab.submit(named("x"), |_| Err(fault("no")))).collect();
    let id = group(&lab, ContinueOnError, &many);
    lab.done(id);
    let text = error(&lab, id).message().to_owned();
    assert!(text.starts_with("30 of 30 did not complete: ") && text.ends_with("; and 20 more"), "{text}");
    lab.finish();
}

// ---- any ---------------------------------------------------------------------------------------

#[test]
fn b226_the_first_that_completes_is_the_result_of_any_and_cancels_the_rest() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(4, mode);
        let bad = lab.run(|_| Err(fault("no")));
        let runs = attentive(&lab, Options::default());
        let waits = delayed(&lab, 5);
        let (good, gate) = held(&lab, Options::default(), || Ok(Num(5)));
        let id = group(&lab, StopOnSuccess, &[bad, runs, waits, good]);
        lab.done(bad);
        assert_eq!(lab.status(id), Status::Running);
        gate.open();
        lab.done(id);
        assert_eq!((lab.status(id), value(&lab, id)), (Status::Completed, Some(Num(5))));
        assert_eq!([runs, waits].map(|id| ended(&lab, id)), [NOT_NEEDED; 2]);
        assert_eq!(lab.info(id).unwrap().progress, 1.0);
        lab.finish();
    }
}

#[test]
fn b226_any_fails_if_all_have_failed_and_needs_one() {
    let lab = Lab::queued(2);
    let a = lab.submit(named("a"), |_| Err(fault("no")));
    let b = lab.submit(Options { delay: SECOND, ..named("b") }, |_| Ok(Num(1)));
    let id = group(&lab, StopOnSuccess, &[a, b]);
    lab.done(a);
    lab.cancel(b, USER);
    lab.done(id);
    assert_eq!(error(&lab, id).message(), "none of 2 completed: \"a\": no; \"b\" was cancelled: User");
    assert_eq!(try_group(&lab, StopOnSuccess, &[], Options::default()), Err(SubmitError::NoMembers));
    lab.finish();
}

#[test]
fn b224_each_place_of_each_whole_has_the_result_also_where_the_history_would_not_keep_it() {
    for callback in [false, true] {
        for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
            let lab = Lab::manual(1, mode);
            let (member, gate) =
                held(&lab, if callback { lab.options() } else { Options::default() }, || Ok(UNKNOWN_SIZE));
            gate.wait_for(1);
            let submit = |members: &[TaskId], policy| {
                lab.engine().submit_group(members, policy, Options::default(), None, true).unwrap()
            };
            let first = submit(&[member, member], StopOnError);
            let second = submit(&[member], StopOnSuccess);
            let third = submit(&[member], ContinueOnError);
            gate.open();
            [first, second, third].iter().for_each(|id| lab.done(*id));
            assert_eq!(value(&lab, first), Some(Num(-11)), "in both of its places");
            assert_eq!([second, third].map(|id| value(&lab, id)), [Some(UNKNOWN_SIZE); 2]);
            [first, second, third].iter().for_each(|id| lab.engine().drop_handle(*id));
            lab.quiet();
            lab.finish();
        }
    }
}

// ---- progress ----------------------------------------------------------------------------------

#[test]
fn b224_the_progress_of_a_whole_is_the_mean_by_weight() {
    let lab = Lab::queued(4);
    let steps: Vec<_> = (0..2).map(|_| (Gate::new(), Gate::new())).collect();
    let ids: Vec<_> = steps
        .iter()
        .zip([1.0, 3.0])
        .map(|((half, end), weight)| {
            let (half, end) = (half.clone(), end.clone());
            lab.submit(Options { weight, ..Options::default() }, move |context| {
                half.pass();
                context.set_progress(0.5, "half");
                end.pass();
                Ok(Num(1))
            })
        })
        .collect();
    let inner = all(&lab, &ids);
    let outer = try_group(&lab, ContinueOnError, &[inner], lab.options()).unwrap();
    let progress = |id| lab.info(id).unwrap().progress;
    assert_eq!([inner, outer].map(progress), [0.0; 2]);
    steps[1].0.open();
    steps[1].1.wait_for(1);
    assert_eq!([inner, outer].map(progress), [0.375; 2]);
    lab.drain();
    steps[0].0.open();
    steps[0].1.wait_for(1);
    // A group passes on what it is at once in a frame.
    assert_eq!([inner, outer].map(progress), [0.5, 0.375]);
    lab.advance(Duration::from_millis(16));
    assert_eq!([inner, outer].map(progress), [0.5; 2]);
    lab.drain();
    steps.iter().for_each(|(_, end)| end.open());
    lab.done(outer);
    assert_eq!([inner, outer].map(progress), [1.0; 2]);
    lab.quiet();
    let heard = lab.heard();
    assert!(
        heard.contains(&"progress 0.5 ".to_owned()) && heard.contains(&"progress 1 ".to_owned()),
        "{heard:?}"
    );
    hears(&lab, "completed 11");
    lab.finish();
}

#[test]
fn b224_a_whole_that_begins_when_some_of_it_is_done_says_so_at_once() {
    let lab = Lab::queued(2);
    let over = lab.run(|_| Ok(Num(1)));
    lab.done(over);
    let (runs, gate) = held(&lab, Options::default(), || Ok(Num(2)));
    let later = Options { delay: SECOND, ..lab.options() };
    let inner = try_group(&lab, StopOnError, &[over, runs], later).unwrap();
    let outer = all(&lab, &[inner]);
    lab.advance(SECOND);
    let progress = |id| lab.info(id).unwrap().progress;
    assert_eq!([inner, outer].map(progress), [0.5; 2]);
    lab.drain();
    assert_eq!(lab.heard(), ["progress 0.5 "]);
    gate.open();
    lab.done(outer);
    lab.finish();
}

// ---- a task as any other -----------------------------------------------------------------------

#[test]
fn b227_a_cancel_of_the_whole_goes_to_all_members_that_have_not_ended() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(4, mode);
        let over = lab.run(|_| Ok(Num(1)));
        lab.done(over);
        let (runs, waits) = (attentive(&lab, Options::default()), delayed(&lab, 5));
        let (slow, gate) = held(&lab, Options::default(), || Ok(Num(1)));
        gate.wait_for(1);
        let inner = all(&lab, &[waits, slow]);
        let id = try_group(&lab, ContinueOnError, &[over, runs, inner], lab.options()).unwrap();
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
        lab.done(runs);
        lab.done(waits);
        assert!([id, inner].iter().all(|id| lab.info(*id).unwrap().cancel_requested));
        assert_eq!([id, inner].map(|id| lab.status(id)), [Status::Running; 2], "a body is at work");
        gate.open();
        lab.done(id);
        let expected = [cancelled(USER); 4];
        assert_eq!([id, inner, runs, waits].map(|id| ended(&lab, id)), expected);
        assert_eq!([over, slow].map(|id| lab.status(id)), [Status::Completed; 2]);
        lab.quiet();
        hears(&lab, "cancelled User");
        assert_eq!(lab.cancel(id, USER), CancelResult::AlreadyFinished);
        // Where all complete in spite of it, so does the whole.
        let (good, gate) = held(&lab, Options::default(), || Ok(Num(8)));
        gate.wait_for(1);
        let id = all(&lab, &[good]);
        lab.cancel(id, USER);
        gate.open();
        lab.done(id);
        assert_eq!((lab.status(id), value(&lab, id)), (Status::Completed, Some(Num(8))));
        lab.finish();
    }
}

#[test]
fn b227_a_time_out_of_the_whole_stops_its_members() {
    let lab = Lab::queued(2);
    let runs = attentive(&lab, Options::default());
    let waits = delayed(&lab, 50);
    let options = Options { timeout: Some(2 * SECOND), ..lab.options() };
    let id = try_group(&lab, StopOnError, &[runs, waits], options).unwrap();
    lab.advance(SECOND);
    assert_eq!(lab.status(waits), Status::Delayed);
    lab.advance(SECOND);
    lab.done(id);
    assert_eq!(lab.status(id), Status::TimedOut);
    assert_eq!(error(&lab, id).message(), "its tasks took longer than its time-out of 2s");
    assert_eq!([runs, waits].map(|id| ended(&lab, id)), [cancelled(CancelReason::Timeout); 2]);
    // One that ends in time leaves no timer.
    let options = Options { timeout: Some(2 * SECOND), ..Options::default() };
    let id = try_group(&lab, StopOnError, &[], options).unwrap();
    lab.advance(3 * SECOND);
    assert_eq!(lab.status(id), Status::Completed);
    lab.finish();
}

#[test]
fn b227_a_whole_waits_for_its_turn_as_any_task() {
    let lab = Lab::queued(4);
    let key = |policy| Options { key: Some("k".into()), key_policy: policy, ..Options::default() };
    let (before, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    let member = lab.run(|_| Ok(Num(2)));
    let options = Options { after: vec![before], delay: SECOND, ..key(KeyPolicy::Append) };
    let id = try_group(&lab, StopOnError, &[member], options).unwrap();
    let waiting = lab.submit(Options { after: vec![id], ..Options::default() }, |_| Ok(Num(3)));
    lab.done(member);
    assert_eq!([id, waiting].map(|id| lab.status(id)), [Status::Blocked; 2]);
    gate.open();
    lab.done(before);
    until("it waits for its time", || lab.status(id) == Status::Delayed);
    // It has no place in its key: its members may stand in line there.
    let (place, hold) = held(&lab, key(KeyPolicy::Append), || Ok(Num(1)));
    hold.wait_for(1);
    let line = lab.submit(key(KeyPolicy::Append), |_| Ok(Num(1)));
    let of_key = try_group(&lab, StopOnError, &[line], key(KeyPolicy::Append)).unwrap();
    lab.advance(SECOND);
    lab.done(waiting);
    assert_eq!([id, of_key].map(|id| lab.status(id)), [Status::Completed, Status::Running]);
    hold.open();
    lab.done(of_key);
    assert_eq!([place, of_key].map(|id| lab.status(id)), [Status::Completed; 2]);
    // A newer one of its key replaces it, and with it its members.
    let members = [delayed(&lab, 9), attentive(&lab, Options::default())];
    let old = try_group(&lab, StopOnError, &members, key(KeyPolicy::Append)).unwrap();
    let new = lab.submit(key(KeyPolicy::Replace), |_| Ok(Num(4)));
    lab.done(new);
    lab.done(old);
    let expected = [cancelled(CancelReason::Replaced); 3];
    assert_eq!([old, members[0], members[1]].map(|id| ended(&lab, id)), expected);
    lab.finish();
    assert_eq!(lab.keys_in_use(), 0);
}

#[test]
fn b227_where_its_turn_does_not_come_its_members_are_asked_to_stop() {
    let lab = Lab::queued(4);
    let (bad, gate) = held(&lab, Options::default(), || Err(fault("no")));
    let (runs, open) = held(&lab, Options::default(), || Ok(Num(1)));
    open.wait_for(1);
    let options = Options { after: vec![bad], ..Options::default() };
    let id = try_group(&lab, StopOnError, &[runs, delayed(&lab, 5)], options).unwrap();
    gate.open();
    lab.done(id);
    assert_eq!(ended(&lab, id), cancelled(CancelReason::DependencyFailed));
    until("its members know", || lab.info(runs).unwrap().cancel_requested);
    open.open();
    lab.done(runs);
    let late = Options { delay: 9 * SECOND, start_timeout: Some(SECOND), ..Options::default() };
    let member = delayed(&lab, 60);
    let id = try_group(&lab, StopOnError, &[member], late).unwrap();
    lab.advance(10 * SECOND);
    lab.done(member);
    assert_eq!((error(&lab, id).kind(), ended(&lab, member)), (ErrorKind::StartTimedOut, NOT_NEEDED));
    lab.finish();
}

#[test]
fn b227_an_owner_that_goes_takes_its_whole_along() {
    let lab = Lab::queued(4);
    let owner = lab.open_owner("page");
    let of = |options: Options| Options { owner: Some(owner), ..options };
    let (mine, theirs) = (attentive(&lab, Options::default()), delayed(&lab, 5));
    let must = lab.submit(Options { must_run: true, delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    let id = try_group(&lab, StopOnError, &[mine, theirs, must], of(lab.options())).unwrap();
    lab.close_owner(owner, CancelReason::OwnerGone);
    lab.done(mine);
    lab.done(theirs);
    assert_eq!((lab.status(id), lab.status(must)), (Status::Running, Status::Delayed));
    lab.advance(SECOND);
    lab.done(id);
    assert_eq!([id, mine, theirs].map(|id| ended(&lab, id)), [cancelled(CancelReason::OwnerGone); 3]);
    lab.quiet();
    assert_eq!(lab.heard().len(), 0);
    lab.finish();
}

#[test]
fn b227_a_whole_gives_its_result_to_what_takes_it() {
    let lab = Lab::queued(2);
    let members: Vec<_> = (1..4).map(|n| lab.run(move |_| Ok(Num(n)))).collect();
    let id = all(&lab, &members);
    let body = Then::new(|value: Num, _: &TaskContext| Ok(Num(value.0 * 2)));
    let options = Options { takes: vec![id], ..Options::default() };
    let then = lab.engine().submit(Box::new(body), options, None, false).unwrap();
    lab.done(then);
    assert_eq!(value(&lab, then), Some(Num(246)));
    lab.finish();
}

// ---- shutdown, and waits -----------------------------------------------------------------------

#[test]
fn b228_a_shutdown_ends_every_whole() {
    let lab = Lab::queued(2);
    let runs = attentive(&lab, Options::default());
    let (stubborn, gate) = held(&lab, Options { must_run: true, ..Options::default() }, || Ok(Num(1)));
    gate.wait_for(1);
    let never = lab.run(|_| Ok(Num(1)));
    let blocked = lab.submit(Options { after: vec![never], ..Options::default() }, |_| Ok(Num(1)));
    let members = [runs, never, blocked, delayed(&lab, 5)];
    let a = try_group(&lab, StopOnError, &members, lab.options()).unwrap();
    let b = group(&lab, ContinueOnError, &[a, delayed(&lab, 5)]);
    let c = group(&lab, StopOnSuccess, &[delayed(&lab, 5)]);
    let saved = group(&lab, StopOnError, &[stubborn]);
    let behind =
        try_group(&lab, StopOnError, &[], Options { after: vec![stubborn], ..Options::default() }).unwrap();
    lab.begin_shutdown(30 * SECOND);
    gate.open();
    let report = lab.shutdown(30 * SECOND, None);
    assert!(report.complete && report.abandoned.is_empty());
    assert_eq!([a, b, c].map(|id| ended(&lab, id)), [cancelled(CancelReason::Shutdown); 3]);
    assert_eq!(ended(&lab, behind), cancelled(CancelReason::Shutdown));
    assert_eq!((lab.status(saved), value(&lab, saved)), (Status::Completed, Some(Num(1))));
    lab.finish();
    assert_eq!(lab.heard(), ["cancelled Shutdown"]);
}

#[test]
fn b228_at_the_deadline_a_whole_of_which_a_body_does_not_return_ends_too() {
    let lab = Lab::queued(1);
    let (stubborn, gate) = held(&lab, named("stubborn"), || Ok(Num(1)));
    gate.wait_for(1);
    let waits = lab.submit(Options { must_run: true, ..Options::default() }, |_| Ok(Num(1)));
    let ids =
        [StopOnError, ContinueOnError, StopOnSuccess].map(|policy| group(&lab, policy, &[stubborn, waits]));
    let report = lab.shutdown(Duration::ZERO, None);
    assert!(report.complete);
    assert_eq!(report.abandoned.len(), 1);
    assert!(ids.iter().all(|id| lab.status(*id).is_finished()), "{:?}", ids.map(|id| ended(&lab, id)));
    gate.open();
    lab.finish();
}

#[test]
fn b177_b228_a_body_waits_for_a_whole_unless_that_waits_for_it() {
    let lab = Lab::queued(1);
    let engine = lab.engine().clone();
    let id = lab.run(move |context| {
        let submit = |options: Options, n: i64| {
            engine
                .submit(Box::new(Once(Some(move |_: &TaskContext| Ok(Num(n))))), options, None, false)
                .unwrap()
        };
        let group = |members: &[TaskId], policy| {
            engine.submit_group(members, policy, Options::default(), None, true).unwrap()
        };
        // On the one worker there is, which this body gives away.
        let members = [1, 2].map(|n| submit(Options::default(), n));
        let both = group(&members, StopOnError);
        assert_eq!(engine.wait(both, None), WaitResult::Done);
        let Some(Num(value)) = engine.info(both).unwrap().result else { panic!("it has a result") };
        // Also where the first that completes is enough: the whole ends when all have.
        let behind = submit(Options { after: vec![context.id()], ..Options::default() }, 1);
        let delayed = submit(Options { delay: SECOND, ..Options::default() }, 1);
        for (members, policy) in [
            (vec![context.id()], StopOnError),
            (vec![context.id(), members[0]], StopOnSuccess),
            (vec![behind], ContinueOnError),
            (vec![delayed], StopOnError),
        ] {
            let id = group(&[group(&members, policy)], StopOnError);
            assert_eq!(engine.wait(id, None), WaitResult::WouldDeadlock);
        }
        engine.cancel(delayed, USER);
        Ok(Num(value))
    });
    lab.done(id);
    assert_eq!(value(&lab, id), Some(Num(12)));
    lab.finish();
}

#[test]
fn b146_b228_a_wait_for_all_of_an_owner_waits_for_its_wholes() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("owner");
    let (a, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    let id =
        try_group(&lab, StopOnError, &[a], Options { owner: Some(owner), ..Options::default() }).unwrap();
    assert_eq!(lab.wait_for_all(owner, Some(Duration::ZERO)), WaitResult::WaitTimeout);
    gate.open();
    assert_eq!(lab.wait_for_all(owner, Some(DEADLINE)), WaitResult::Done);
    assert_eq!(lab.status(id), Status::Completed);
    let engine = lab.engine().clone();
    let waits = lab.run(move |context| {
        let options = Options { owner: Some(owner), ..Options::default() };
        let id = engine.submit_group(&[context.id()], StopOnError, options, None, false).unwrap();
        let result = engine.wait_for_all(owner, None);
        assert_eq!(engine.status(id), Status::Running);
        Ok(Num(i64::from(result == WaitResult::WouldDeadlock)))
    });
    lab.done(waits);
    assert_eq!(value(&lab, waits), Some(Num(1)));
    lab.finish();
}

// ---- unloading ---------------------------------------------------------------------------------

/// A result that tells how many have it.
#[derive(Clone, Default)]
struct Traced(Vec<Arc<()>>);

impl Payload for Traced {
    fn list(values: Vec<Traced>) -> Traced {
        Traced(values.into_iter().flat_map(|value| value.0).collect())
    }
}

#[test]
fn b229_a_whole_keeps_nothing_that_an_unloaded_owner_has_made() {
    let engine = Engine::<Traced>::manual(EngineConfig::default(), DeliveryMode::Direct);
    let owner = engine.open_owner("plugin");
    let (code, other) = (Arc::new(()), Arc::new(()));
    let submit = |owner, made: &Arc<()>, gate: Option<Gate>| {
        let made = made.clone();
        let body = Once(Some(move |_: &TaskContext| {
            if let Some(gate) = gate {
                gate.pass();
            }
            Ok(Traced(vec![made]))
        }));
        engine.submit(Box::new(body), TaskOptions { owner, ..TaskOptions::default() }, None, false).unwrap()
    };
    let group = |members: &[TaskId]| {
        engine
            .submit_group(members, ErrorPolicy::ContinueOnError, TaskOptions::default(), None, false)
            .unwrap()
    };
    let gate = Gate::new();
    let theirs = submit(Some(owner), &code, None);
    let mine = submit(None, &other, None);
    let late = submit(None, &other, Some(gate.clone()));
    let over = group(&[theirs, mine]);
    engine.wait(over, None);
    let through = group(&[over, late]);
    let runs = group(&[theirs, mine, late]);
    let own = TaskOptions { owner: Some(owner), ..TaskOptions::default() };
    let own = engine.submit_group(&[theirs, late], ErrorPolicy::StopOnError, own, None, false).unwrap();
    assert!(Arc::strong_count(&code) > 1);
    assert_eq!(engine.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!(Arc::strong_count(&code), 1, "nobody has it but this test");
    assert_eq!((engine.status(over), engine.status(theirs)), (Status::UnknownTask, Status::UnknownTask));
    gate.open();
    for id in [through, runs] {
        engine.wait(id, None);
        assert_eq!(engine.status(id), Status::Completed);
    }
    engine.wait(own, None);
    assert_eq!(engine.status(own), Status::UnknownTask);
    let left = engine.info(runs).unwrap().result.unwrap().0;
    assert_eq!(left.len(), 2, "what others have made stays");
    engine.shutdown(DEADLINE, None);
}

#[test]
fn b229_an_owner_that_is_unloaded_leaves_no_whole_behind() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("plugin");
    let mine = attentive(&lab, Options::default());
    let theirs = lab.submit(Options { owner: Some(owner), ..Options::default() }, |_| Ok(Num(1)));
    lab.done(theirs);
    let options = Options { owner: Some(owner), ..lab.options() };
    let id = try_group(&lab, StopOnError, &[mine, theirs], options).unwrap();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    lab.done(mine);
    assert_eq!(ended(&lab, mine), cancelled(CancelReason::PluginUnload));
    until("the whole has ended", || {
        lab.drain();
        lab.status(id) == Status::UnknownTask
    });
    assert_eq!(lab.heard().len(), 0);
    lab.finish();
}

// ---- what is refused ---------------------------------------------------------------------------

#[test]
fn b230_what_cannot_be_is_refused_and_nothing_is_made() {
    let lab = Lab::queued(1);
    let forgotten = lab.run(|_| Ok(Num(0)));
    lab.done(forgotten);
    lab.quiet();
    lab.clear_history();
    let (member, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    let error = try_group(&lab, StopOnError, &[member, forgotten], Options::default()).unwrap_err();
    assert_eq!(error, SubmitError::UnknownTask { call: "all", id: forgotten });
    let error = try_group(&lab, StopOnSuccess, &[forgotten], Options::default()).unwrap_err();
    let text = format!("any names {forgotten}, and there is no such task: it never was one, or is forgotten");
    assert_eq!(error.to_string(), text);
    let retry = Retry { times: 1, ..Retry::default() };
    let error = try_group(&lab, StopOnError, &[member], Options { retry, ..Options::default() }).unwrap_err();
    assert_eq!(error, SubmitError::NoWork { option: "retry" });
    let periodic = Some(Periodic::every(SECOND));
    let error =
        try_group(&lab, StopOnError, &[member], Options { periodic, ..Options::default() }).unwrap_err();
    assert_eq!(error, SubmitError::NoWork { option: "interval" });
    let takes = vec![member];
    let error = try_group(&lab, StopOnError, &[member], Options { takes, ..Options::default() }).unwrap_err();
    assert_eq!(error, SubmitError::NoWork { option: "takes" });
    assert_eq!(lab.counts().live, 1);
    let deepest = (0..32).fold(member, |member, _| all(&lab, &[member]));
    let error = try_group(&lab, StopOnError, &[deepest], Options::default()).unwrap_err();
    assert_eq!(error, SubmitError::TooDeep { most: 32 });
    gate.open();
    lab.done(deepest);
    assert_eq!(value(&lab, deepest), Some(Num(1)));
    lab.finish();
}

// ---- many --------------------------------------------------------------------------------------

#[test]
fn b231_a_whole_of_100_000_runs_fails_and_is_cancelled() {
    let lab = Lab::direct(2);
    let first = lab.hold_worker();
    let second = lab.hold_worker();
    let runs = Arc::new(AtomicUsize::new(0));
    let submit = |answer: fn() -> Answer| {
        let runs = runs.clone();
        lab.run(move |_| {
            runs.fetch_add(1, SeqCst);
            answer()
        })
    };
    let many: Vec<_> = (0..100_000).map(|_| submit(|| Ok(Num(0)))).collect();
    let id = all(&lab, &many);
    first.open();
    second.open();
    lab.done(id);
    assert_eq!((lab.status(id), runs.load(SeqCst)), (Status::Completed, 100_000));
    let (first, second) = (lab.hold_worker(), lab.hold_worker());
    let mut many: Vec<_> = (0..100_000).map(|_| submit(|| Ok(Num(0)))).collect();
    let cancelled = all(&lab, &many);
    assert_eq!(lab.cancel(cancelled, USER), CancelResult::CancelRequested);
    assert_eq!(ended(&lab, cancelled), (Status::Cancelled, Some(USER)));
    many = (0..100_000).map(|_| submit(|| Err(fault("no")))).collect();
    let failed = all(&lab, &many);
    first.open();
    second.open();
    lab.done(failed);
    assert_eq!(lab.status(failed), Status::Failed);
    lab.quiet_without_drain();
    assert_eq!(lab.counts().live, 0);
    lab.finish();
}

#[test]
fn b231_100_000_wholes_of_one_key_and_of_one_task() {
    let lab = Lab::direct(1);
    let (member, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    let key = || Options { key: Some("k".into()), ..Options::default() };
    let ids: Vec<_> = (0..100_000).map(|_| try_group(&lab, StopOnError, &[member], key()).unwrap()).collect();
    let every =
        lab.engine().submit_group(&ids[..1_000], StopOnError, Options::default(), None, true).unwrap();
    gate.open();
    until("all have ended", || lab.counts().live == 0);
    assert_eq!((lab.status(every), lab.keys_in_use()), (Status::Completed, 0));
    lab.engine().drop_handle(every);
    lab.finish();
}

/// A small generator of numbers, the same ones each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Tasks, groups of them and of groups, and what takes their results; some of them end by themselves, some are
/// cancelled at any moment.
fn round(lab: &Lab, dice: &mut Dice) {
    let mut ids: Vec<TaskId> = Vec::new();
    let pick = |dice: &mut Dice, ids: &[TaskId]| ids[dice.roll(ids.len() as u64) as usize];
    for _ in 0..3 + dice.roll(6) {
        let options = Options {
            delay: if dice.roll(4) == 0 { SECOND } else { Duration::ZERO },
            key: (dice.roll(5) == 0).then(|| "k".into()),
            after: if dice.roll(5) == 0 && !ids.is_empty() { vec![pick(dice, &ids)] } else { Vec::new() },
            ..Options::default()
        };
        let made = match dice.roll(5) {
            0 | 1 => {
                let fails = dice.roll(4) == 0;
                lab.try_submit(options, move |context| {
                    context.checkpoint()?;
                    if fails { Err(fault("no")) } else { Ok(Num(1)) }
                })
            }
            2 if !ids.is_empty() => {
                let options = Options { takes: vec![pick(dice, &ids)], ..options };
                let body = Then::new(|value: Num, _: &TaskContext| Ok(value));
                lab.engine().submit(Box::new(body), options, None, false)
            }
            kind => {
                let policy = [StopOnError, ContinueOnError, StopOnSuccess][dice.roll(3) as usize];
                let timeout = (dice.roll(6) == 0).then_some(SECOND);
                let count = if ids.is_empty() { 0 } else { 1 + kind + dice.roll(3) };
                let members: Vec<_> = (0..count).map(|_| pick(dice, &ids)).collect();
                try_group(lab, policy, &members, Options { timeout, ..options })
            }
        };
        match made {
            Ok(id) => ids.push(id),
            // It may be over, and a group of nothing with `any`.
            Err(
                SubmitError::UnknownTask { .. } | SubmitError::ResultNotKept { .. } | SubmitError::NoMembers,
            ) => {}
            Err(SubmitError::AfterUnknown { .. }) => {}
            Err(error) => panic!("{error}"),
        }
        if dice.roll(3) == 0 && !ids.is_empty() {
            lab.cancel(pick(dice, &ids), USER);
        }
    }
    if let Some(last) = ids.last().copied() {
        lab.cancel(last, USER);
    }
    lab.advance(2 * SECOND);
    until("all have ended", || {
        lab.drain();
        lab.advance(2 * SECOND);
        ids.iter().all(|id| {
            let status = lab.status(*id);
            status.is_finished() || status == Status::UnknownTask
        })
    });
}

#[test]
fn b231_in_3_000_rounds_nothing_is_left_blocked_or_running() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(3, mode);
        let mut dice = Dice(20_261_127);
        for number in 0..1_500 {
            if number == 750 {
                lab.set_history_limits(HistoryLimits { tasks: 0, ..HistoryLimits::default() });
            }
            round(&lab, &mut dice);
            let counts = lab.counts();
            assert_eq!((counts.blocked, counts.running), (0, 0), "round {number}");
        }
        lab.quiet();
        assert_eq!((lab.counts().live, lab.keys_in_use()), (0, 0));
        lab.clear_history();
        assert_eq!(lab.tasks().len(), 0, "nothing is kept for ever");
        lab.finish();
    }
}

#[test]
fn b231_a_shutdown_at_any_moment_leaves_nothing() {
    for seed in 0..150 {
        let lab = Lab::direct(3);
        let mut dice = Dice(seed);
        let (first, gate) = held(&lab, Options::default(), || Ok(Num(1)));
        let mut ids = vec![first];
        for _ in 0..30 {
            let some: Vec<_> =
                (0..1 + dice.roll(3)).map(|_| ids[dice.roll(ids.len() as u64) as usize]).collect();
            let must_run = dice.roll(4) == 0;
            let policy = [StopOnError, ContinueOnError, StopOnSuccess][dice.roll(3) as usize];
            let options = Options { must_run, ..Options::default() };
            let made = match dice.roll(3) {
                0 => try_group(&lab, policy, &some, options),
                1 => lab.try_submit(Options { after: some, ..options }, |_| Ok(Num(1))),
                _ => {
                    let body = Then::new(|value: Num, _: &TaskContext| Ok(value));
                    lab.engine().submit(Box::new(body), Options { takes: some, ..options }, None, false)
                }
            };
            match made {
                Ok(id) => ids.push(id),
                Err(SubmitError::TooDeep { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        if dice.roll(2) == 0 {
            gate.open();
        }
        lab.begin_shutdown(if dice.roll(2) == 0 { Duration::ZERO } else { 30 * SECOND });
        gate.open();
        assert!(lab.shutdown(30 * SECOND, None).complete);
        assert!(ids.iter().all(|id| lab.status(*id).is_finished()));
        lab.finish();
    }
}

/// A group has a progress from its begin, of 0, which nobody is told of.
#[test]
fn b286_a_callback_that_comes_late_hears_of_a_groups_progress_only_once_there_is_any() {
    let lab = Lab::queued(2);
    let (first, gate) = held(&lab, Options::default(), || Ok(Num(1)));
    let (second, other) = held(&lab, Options::default(), || Ok(Num(2)));
    let whole = all(&lab, &[first, second]);
    assert!(lab.add_callback(whole, lab.callback()));
    lab.drain();
    assert_eq!(lab.heard(), Vec::<String>::new());
    gate.open();
    lab.done(first);
    lab.drain();
    assert_eq!(lab.heard(), ["progress 0.5 "]);
    other.open();
    lab.done(whole);
    lab.drain();
    assert_eq!(lab.heard().len(), 3, "the whole, and its end");
}

#[test]
fn b229_a_group_of_an_unloaded_owner_has_no_rest_of_a_result() {
    for order in [[0, 1], [1, 0]] {
        let lab = Lab::direct(1);
        let owner = lab.open_owner("owner");
        let known = lab.run(|_| Ok(Num(7)));
        lab.done(known);
        let (last, gate) = held(&lab, Options::default(), || Ok(Num(5)));
        gate.wait_for(1);
        let members = order.map(|at| [known, last][at]);
        let mine = Options { owner: Some(owner), ..Options::default() };
        let inner = try_group(&lab, StopOnError, &members, mine).unwrap();
        let outer = all(&lab, &[inner]);
        lab.unload_owner(owner, Duration::ZERO).unwrap();
        gate.open();
        lab.done(outer);
        let info = lab.info(outer).unwrap();
        assert_eq!((info.status, info.result), (Status::Completed, Some(Num(0))), "and not 70, or 5");
        lab.finish();
    }
}
