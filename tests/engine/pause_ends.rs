//! What is paused, and ends: by a cancel, a time, a shutdown, its owner, an unloading, the end of the process. And
//! external tasks.

use std::time::Duration;

use legwork::engine::{
    CancelReason, CancelResult, Elsewhere, ErrorKind, ErrorPolicy, External, OwnerId, PauseResult, Retry,
    Status, TaskId,
};

use crate::pause::{keyed, note};
use crate::paused_bodies::{Steps, pausable};
use crate::support::*;

fn of(owner: OwnerId) -> Options {
    Options { owner: Some(owner), ..Options::default() }
}

fn must_run() -> Options {
    Options { must_run: true, ..Options::default() }
}

#[test]
fn b308_what_is_paused_is_cancelled_and_its_closure_is_destroyed_at_once() {
    let lab = Lab::direct(1);
    let (gate, drops) = (lab.hold_worker(), Drops::default());
    let submit = |options| {
        let token = drops.token();
        lab.submit(options, move |_| {
            let _ = &token;
            Ok(Num(1))
        })
    };
    let delayed = Options { delay: SECOND, ..Options::default() };
    let ids = [submit(Options::default()), submit(delayed), submit(keyed())];
    for (number, id) in ids.into_iter().enumerate() {
        lab.pause(id, "");
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
        assert_eq!((lab.status(id), drops.count()), (Status::Cancelled, number + 1));
        assert!(!lab.resume(id));
        assert_eq!(lab.pause(id, ""), PauseResult::AlreadyFinished);
    }
    gate.open();
    lab.finish();
}

#[test]
fn b308_a_start_time_out_goes_on_in_a_pause() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("owner");
    let late = || Options { start_timeout: Some(10 * SECOND), ..of(owner) };
    let gate = lab.hold_worker();
    let own = lab.submit(late(), |_| Ok(Num(1)));
    let other = lab.submit(late(), |_| Ok(Num(1)));
    lab.pause(own, "");
    lab.pause_owner(owner, "");
    lab.advance(10 * SECOND);
    for id in [own, other] {
        let info = lab.info(id).unwrap();
        assert_eq!((info.status, info.error.unwrap().kind()), (Status::TimedOut, ErrorKind::StartTimedOut));
    }
    gate.open();
    lab.finish();
}

/// Pauses what is given, in each of the ways.
fn pause_in_each_way(lab: &Lab, owner: OwnerId, way: usize, ids: &[TaskId]) {
    match way {
        0 => ids.iter().for_each(|id| assert_ne!(lab.pause(*id, ""), PauseResult::PauseNotPossible)),
        1 => assert!(lab.pause_owner(owner, "")),
        2 => assert!(lab.pause_all("")),
        _ => assert!(lab.pause_key(Some(owner), "key", "")),
    }
}

#[test]
fn b309_a_shutdown_takes_all_pauses_back_and_what_must_run_runs() {
    for way in 0..4 {
        let lab = Lab::queued(2);
        let owner = lab.open_owner("owner");
        let mine = |options: Options| Options {
            owner: Some(owner),
            key: Some("key".into()),
            key_limit: 3,
            ..options
        };
        let order = Order::default();
        let gates = [lab.hold_worker(), lab.hold_worker()];
        let ids: Vec<_> = (0..6)
            .map(|number| {
                note(
                    &lab,
                    mine(if number % 2 == 0 { must_run() } else { Options::default() }),
                    &order,
                    number,
                )
            })
            .collect();
        pause_in_each_way(&lab, owner, way, &ids);
        gates.iter().for_each(Gate::open);
        until("the workers are free", || lab.counts().running == 0);
        assert!(ids.iter().all(|id| lab.status(*id) == Status::Paused));
        lab.shutdown(DEADLINE, None);
        let mut ran = order.get();
        ran.sort_unstable();
        assert_eq!(ran, [0, 2, 4], "{way}");
        assert!(!lab.pause_all("") && !lab.pause_owner(owner, ""));
        lab.drain();
        lab.finish();
    }
}

#[test]
fn b309_a_body_that_has_stopped_ends_with_a_shutdown_and_goes_on_if_it_must_run() {
    let lab = Lab::direct(2);
    let (stops, goes_on) = (Steps::default(), Steps::default());
    let first = stops.submit(&lab, pausable());
    let second = goes_on.submit(&lab, Options { pausable: true, ..must_run() });
    let waits =
        lab.repeat(Options { retry: Retry::times(3), ..must_run() }, |context| match context.attempt() {
            1 => Err(fault("no")),
            _ => Ok(Num(1)),
        });
    lab.pause(first, "");
    stops.stands(&lab, first);
    until("it waits", || lab.status(waits) == Status::Delayed);
    lab.pause(waits, "");
    lab.pause(second, "");
    until("it has stopped", || lab.status(second) == Status::Paused);
    goes_on.end();
    let report = lab.shutdown(DEADLINE, None);
    assert!(report.complete && report.abandoned.is_empty());
    let states = [first, second, waits].map(|id| lab.status(id));
    assert_eq!(states, [Status::Cancelled, Status::Completed, Status::Completed]);
    lab.finish();
}

#[test]
fn b309_after_a_shutdown_that_was_not_the_last_nothing_is_paused() {
    let lab = Lab::direct(1);
    lab.pause_all("");
    lab.pause_key(None, "key", "");
    let id = lab.run(|_| Ok(Num(1)));
    lab.end_work(DEADLINE, false, Default::default());
    assert_eq!(lab.status(id), Status::Cancelled);
    assert!(!lab.is_paused());
    lab.done(lab.submit(keyed(), |_| Ok(Num(2))));
    // And what is paused while it rests counts from the next task on.
    lab.end_work(DEADLINE, false, Default::default());
    assert!(lab.pause_all(""));
    let id = lab.run(|_| Ok(Num(3)));
    assert_eq!(lab.status(id), Status::Paused);
    lab.resume_all();
    lab.done(id);
    lab.finish();
}

#[test]
fn b308_with_its_owner_a_paused_task_is_cancelled_and_what_must_run_runs() {
    for way in 0..4 {
        let lab = Lab::direct(1);
        let owner = lab.open_owner("owner");
        let mine = |options: Options| Options { owner: Some(owner), ..options };
        let order = Order::default();
        let gate = lab.hold_worker();
        let ids = [
            note(&lab, mine(keyed()), &order, 1),
            note(&lab, mine(Options { must_run: true, ..keyed() }), &order, 2),
            note(&lab, mine(Options { detached: true, ..keyed() }), &order, 3),
        ];
        pause_in_each_way(&lab, owner, way, &ids);
        lab.close_owner(owner, CancelReason::OwnerGone);
        gate.open();
        assert_eq!(lab.status(ids[0]), Status::Cancelled);
        // Its own pauses stay, and that of all.
        if way == 0 {
            assert!(order.get().is_empty());
            ids.iter().for_each(|id| assert_eq!(lab.resume(*id), *id != ids[0]));
        }
        if way == 2 {
            lab.resume_all();
        }
        lab.done(ids[1]);
        lab.done(ids[2]);
        assert_eq!(order.get(), [2, 3], "{way}");
        lab.finish();
    }
}

#[test]
fn b308_an_unloading_waits_for_what_must_run_though_it_was_paused() {
    for way in 0..4 {
        let lab = Lab::direct(2);
        let owner = lab.open_owner("owner");
        let mine = |options: Options| Options {
            owner: Some(owner),
            key: Some("key".into()),
            key_limit: 9,
            ..options
        };
        let order = Order::default();
        let (steps, other) = (Steps::default(), Steps::default());
        let body = steps.submit(&lab, mine(Options { pausable: true, ..must_run() }));
        let stops = other.submit(&lab, mine(pausable()));
        let ids = [note(&lab, mine(must_run()), &order, 1), note(&lab, mine(Options::default()), &order, 2)];
        pause_in_each_way(&lab, owner, way, &[ids[0], ids[1], body, stops]);
        until("both have stopped", || [body, stops].iter().all(|id| lab.status(*id) == Status::Paused));
        steps.end();
        lab.unload_owner(owner, DEADLINE).unwrap();
        assert!(order.get().contains(&1), "{way}");
        lab.resume_all();
        lab.finish();
    }
}

#[test]
fn b308_what_an_unloading_waits_for_cannot_be_paused() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("owner");
    let gate = lab.hold_worker();
    let order = Order::default();
    let id = note(&lab, Options { owner: Some(owner), ..must_run() }, &order, 2);
    let engine = lab.engine();
    let whole = engine.submit_group(&[id], ErrorPolicy::ContinueOnError, Options::default(), None, false);
    assert!(lab.unload_owner(owner, Duration::ZERO).is_err(), "it waits");
    assert_eq!(lab.pause(id, ""), PauseResult::PauseNotPossible);
    assert_eq!(lab.pause(whole.unwrap(), ""), PauseResult::Paused);
    assert_eq!(lab.status(id), Status::Queued, "nor by a group that it is in");
    gate.open();
    lab.unload_owner(owner, DEADLINE).unwrap();
    assert_eq!(order.get(), [2]);
    lab.finish();
}

#[test]
fn b308_at_the_end_of_the_process_a_body_that_must_run_is_not_waited_for_in_vain() {
    let lab = Lab::direct(1);
    let steps = Steps::default();
    let id = steps.submit(&lab, Options { pausable: true, ..must_run() });
    lab.pause(id, "");
    steps.stands(&lab, id);
    let waits = lab.run(|_| Ok(Num(1)));
    lab.done(waits);
    steps.end();
    lab.halt(DEADLINE);
    assert_eq!(lab.status(id), Status::Completed);
    lab.begin_shutdown(Duration::ZERO);
}

// ---- external tasks ----------------------------------------------------------------------------

fn external(lab: &Lab, options: Options) -> TaskId {
    let options = Options { external: Some(External { on_stop: None }), ..options };
    lab.engine().submit(Box::new(Elsewhere), options, None, false).expect("the task is accepted")
}

#[test]
fn b314_an_external_task_does_not_begin_while_it_is_paused() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("owner");
    for way in 0..4 {
        let options = || Options { owner: Some(owner), delay: SECOND, ..keyed() };
        let id = external(&lab, options());
        pause_in_each_way(&lab, owner, way, &[id]);
        lab.advance(2 * SECOND);
        assert_eq!(lab.status(id), Status::Paused, "{way}");
        let resumed = match way {
            0 => lab.resume(id),
            1 => lab.resume_owner(owner),
            2 => lab.resume_all(),
            _ => lab.resume_key(Some(owner), "key"),
        };
        assert!(resumed);
        until("it has begun", || lab.status(id) == Status::Running);
        // What runs elsewhere cannot be stopped here.
        assert_eq!(lab.pause(id, ""), PauseResult::PauseNotPossible);
        assert!(lab.end_external(id, Ok(Num(1))));
        lab.quiet();
        let events = lab.events_of(id);
        assert_eq!(events[events.len() - 2..], ["started", "completed 1"]);
        // One that is paused may be ended by the application.
        let id = external(&lab, options());
        pause_in_each_way(&lab, owner, way, &[id]);
        lab.advance(2 * SECOND);
        assert!(lab.end_external(id, Ok(Num(2))));
        assert_eq!(lab.status(id), Status::Completed);
        lab.resume_owner(owner);
        lab.resume_all();
        lab.resume_key(Some(owner), "key");
    }
    lab.finish();
}

#[test]
fn b314_a_pausable_external_task_is_none() {
    let lab = Lab::direct(1);
    let id = external(&lab, pausable());
    assert_eq!(lab.pause(id, ""), PauseResult::PauseNotPossible);
    lab.pause_all("");
    assert_eq!(lab.status(id), Status::Running);
    lab.end_external(id, Ok(Num(1)));
    lab.resume_all();
    lab.finish();
}
