//! Limits of owners.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use legwork::engine::{
    CancelResult, DeliveryMode, ErrorPolicy, FirstRun, KeyPolicy, Limits, LimitsError, OwnerId, Periodic,
    Priority, Repeated, Retry, Status, SubmitError, TaskContext, TaskId, Then, WaitResult, WaitsFor,
};

use crate::support::*;

fn of(owner: OwnerId) -> Options {
    Options { owner: Some(owner), ..Options::default() }
}

fn delayed(owner: OwnerId, seconds: u32) -> Options {
    Options { delay: seconds * SECOND, ..of(owner) }
}

fn keyed(owner: OwnerId, policy: KeyPolicy) -> Options {
    Options { key: Some("key".into()), key_policy: policy, ..of(owner) }
}

fn running(most: u32) -> Limits {
    Limits { max_running: most, ..Limits::default() }
}

/// An owner with limits.
fn limited(lab: &Lab, name: &str, limits: Limits) -> OwnerId {
    let owner = lab.open_owner(name);
    lab.set_limits(owner, limits).unwrap();
    owner
}

/// A task of the owner's that comes to the gate, and ends with it.
fn hold(lab: &Lab, options: Options, gate: &Gate) -> TaskId {
    let gate = gate.clone();
    lab.submit(options, move |_| {
        gate.pass();
        Ok(Num(0))
    })
}

fn note(lab: &Lab, options: Options, order: &Order, number: i64) -> TaskId {
    let order = order.clone();
    lab.submit(options, move |_| {
        order.push(number);
        Ok(Num(number))
    })
}

#[test]
fn b214_beyond_max_running_a_task_waits_and_the_others_of_its_lane_do_not() {
    let lab = Lab::direct(4);
    let owner = limited(&lab, "owner", running(2));
    let gate = Gate::new();
    let ids: Vec<_> = (0..4).map(|_| hold(&lab, of(owner), &gate)).collect();
    gate.wait_for(2);
    // Behind those that wait, in the same lane.
    let other = lab.open_owner("other");
    lab.done(lab.submit(of(other), |_| Ok(Num(1))));
    lab.done(lab.run(|_| Ok(Num(1))));
    let states: Vec<_> = ids.iter().map(|id| lab.status(*id)).collect();
    assert_eq!(states, [Status::Running, Status::Running, Status::Queued, Status::Queued]);
    let counts = lab.counts();
    assert_eq!((counts.queued, counts.running), (2, 2));
    assert_eq!(lab.info(ids[2]).unwrap().waits_for, WaitsFor::Nothing, "but for its turn");
    gate.open();
    lab.quiet();
    assert!(ids.iter().all(|id| lab.status(*id) == Status::Completed));
    lab.finish();
}

#[test]
fn b214_the_order_within_an_owner_and_a_lane_is_kept() {
    let lab = Lab::direct(4);
    let owner = limited(&lab, "owner", running(1));
    let (gate, order) = (Gate::new(), Order::default());
    hold(&lab, of(owner), &gate);
    gate.wait_for(1);
    for number in 0..200 {
        // One of each five is more urgent, and goes before the others.
        let priority = if number % 5 == 0 { Priority::High } else { Priority::Normal };
        note(&lab, Options { priority, ..of(owner) }, &order, number);
    }
    gate.open();
    lab.quiet();
    let of = |urgent: bool| {
        let order = order.get();
        order.into_iter().filter(move |number| (number % 5 == 0) == urgent).collect::<Vec<_>>()
    };
    let (urgent, others) = (of(true), of(false));
    assert!(urgent.is_sorted() && others.is_sorted());
    assert_eq!((urgent.len(), others.len()), (40, 160));
    assert_eq!(order.get()[..5], [0, 5, 10, 15, 20]);
    lab.finish();
}

#[test]
fn b214_one_that_waits_is_cancelled_lifted_and_closed_as_any_that_is_queued() {
    let lab = Lab::direct(2);
    let owner = limited(&lab, "owner", running(1));
    let (gate, order) = (Gate::new(), Order::default());
    hold(&lab, of(owner), &gate);
    gate.wait_for(1);
    let ids: Vec<_> = (0..4).map(|number| note(&lab, of(owner), &order, number)).collect();
    assert_eq!(lab.cancel(ids[1], USER), CancelResult::CancelledBeforeStart);
    assert!(lab.set_priority(ids[3], Priority::High));
    assert!(lab.cancel_if_queued(ids[2]));
    gate.open();
    lab.quiet();
    assert_eq!(order.get(), [3, 0]);
    // And with the owner.
    let gate = Gate::new();
    hold(&lab, of(owner), &gate);
    gate.wait_for(1);
    let id = note(&lab, of(owner), &order, 5);
    lab.close_owner(owner, legwork::engine::CancelReason::OwnerGone);
    assert_eq!((lab.status(id), lab.counts().queued), (Status::Cancelled, 0));
    gate.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b214_a_limit_is_the_owners_and_another_at_its_index_has_none() {
    let lab = Lab::direct(4);
    let first = limited(&lab, "first", running(1));
    let gate = Gate::new();
    hold(&lab, of(first), &gate);
    gate.wait_for(1);
    let waits = hold(&lab, of(first), &gate);
    lab.close_owner(first, legwork::engine::CancelReason::OwnerGone);
    assert_eq!(lab.status(waits), Status::Cancelled);
    assert_eq!(lab.set_limits(first, running(2)), Err(LimitsError::OwnerGone));
    gate.open();
    lab.quiet();
    lab.clear_history();
    until("its index is free", || lab.limits(first) == Limits::default());
    let second = lab.open_owner("second");
    assert_eq!(lab.limits(second), Limits::default());
    let gate = Gate::new();
    for _ in 0..3 {
        hold(&lab, of(second), &gate);
    }
    gate.wait_for(3);
    gate.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b215_beyond_max_queued_a_submission_is_refused_by_its_values_and_leaves_nothing() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let owner = limited(&lab, "Scaler", Limits { max_queued: 3, ..Limits::default() });
    let first = lab.submit(of(owner), |_| Ok(Num(1)));
    // What waits for others counts, too.
    for _ in 0..2 {
        lab.submit(Options { after: vec![first], ..of(owner) }, |_| Ok(Num(1)));
    }
    let (before, drops) = (lab.counts(), Drops::default());
    let token = drops.token();
    let error = lab.try_submit(of(owner), move |_| {
        drop(token);
        Ok(Num(1))
    });
    let error = error.unwrap_err();
    let expected =
        SubmitError::LimitReached { owner: "Scaler".into(), limit: "maxQueued", most: 3, found: 3 };
    assert_eq!(error, expected);
    assert_eq!(
        error.to_string(),
        "the limit of the owner \"Scaler\" is reached: maxQueued is 3, and it has 3 such tasks; submit again when \
         there are fewer"
    );
    assert_eq!((lab.counts(), drops.count()), (before, 1));
    // Nobody else is in its way, and it may have delayed ones; and groups of what it has, as those are never queued.
    lab.submit(delayed(owner, 1), |_| Ok(Num(1)));
    let whole = lab.engine().submit_group(&[first], ErrorPolicy::StopOnError, of(owner), None, false);
    assert_eq!(lab.status(whole.unwrap()), Status::Running);
    lab.run(|_| Ok(Num(1)));
    held.open();
    lab.quiet();
    lab.submit(of(owner), |_| Ok(Num(1)));
    lab.finish();
}

#[test]
fn b215_what_takes_a_result_waits_for_that_first_and_counts_as_what_comes_after() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let owner = limited(&lab, "owner", Limits { max_queued: 1, ..Limits::default() });
    let first = lab.submit(of(owner), |_| Ok(Num(1)));
    for delay in [0, 1] {
        let options = Options { takes: vec![first], ..delayed(owner, delay) };
        let body = Then::new(|value: Num, _: &TaskContext| Ok(value));
        let error = lab.engine().submit(Box::new(body), options, None, false).unwrap_err();
        let full = SubmitError::LimitReached { owner: "owner".into(), limit: "maxQueued", most: 1, found: 1 };
        assert_eq!(error, full, "with a delay of {delay} s");
    }
    held.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b215_beyond_max_delayed_a_submission_is_refused_also_of_a_periodic_task() {
    let lab = Lab::direct(1);
    let owner = limited(&lab, "owner", Limits { max_delayed: 2, ..Limits::default() });
    let full = |found| {
        let owner = "owner".into();
        Err(SubmitError::LimitReached { owner, limit: "maxDelayed", most: 2, found })
    };
    let first = lab.submit(delayed(owner, 1), |_| Ok(Num(1)));
    let every = Periodic { first_run: FirstRun::AfterInterval, ..Periodic::every(5 * SECOND) };
    let periodic = lab.repeat(Options { periodic: Some(every), ..of(owner) }, |_| Ok(Num(1)));
    assert_eq!(lab.try_submit(delayed(owner, 1), |_| Ok(Num(1))), full(2));
    for first_run in [FirstRun::AtOnce, FirstRun::AfterInterval] {
        let every = Periodic { first_run, ..Periodic::every(SECOND) };
        let options = Options { periodic: Some(every), ..of(owner) };
        assert_eq!(
            lab.engine().submit(Box::new(Repeated(|_: &TaskContext| Ok(Num(1)))), options, None, false),
            full(2)
        );
    }
    // What is in goes on, and counts: an attempt that is waited for is one of them.
    let retry = Retry { times: 1, delay: 10 * SECOND, jitter: 0.0, ..Retry::default() };
    let again = lab.repeat(Options { retry, ..of(owner) }, |_| Err(fault("again")));
    until("it waits for its next attempt", || lab.status(again) == Status::Delayed);
    assert_eq!(lab.try_submit(delayed(owner, 1), |_| Ok(Num(1))), full(3));
    lab.advance(SECOND);
    lab.done(first);
    assert_eq!(lab.try_submit(delayed(owner, 1), |_| Ok(Num(1))), full(2));
    lab.cancel(periodic, USER);
    lab.submit(delayed(owner, 1), |_| Ok(Num(1)));
    lab.finish();
}

#[test]
fn b215_impossible_limits_are_refused_by_value_and_change_nothing() {
    let lab = Lab::direct(1);
    let owner = limited(&lab, "owner", running(1));
    let bad = [
        (Limits { max_running: 0, ..Limits::default() }, "maxRunning is 0"),
        (Limits { max_queued: 0, ..Limits::default() }, "maxQueued is 0"),
        (Limits { max_delayed: 0, ..Limits::default() }, "maxDelayed is 0"),
    ];
    for (limits, text) in bad {
        let error = lab.set_limits(owner, limits).unwrap_err().to_string();
        assert_eq!(error, format!("{text}; expected a number from 1, or none for no limit"));
    }
    assert_eq!(lab.limits(owner), running(1));
    let nobody = OwnerId::from_parts(0, 0);
    assert_eq!(lab.set_limits(nobody, running(1)), Err(LimitsError::OwnerGone));
}

#[test]
fn b216_limits_are_changed_while_tasks_wait_and_run() {
    for workers in [2, 4, 8] {
        let lab = Lab::direct(workers);
        let owner = limited(&lab, "owner", running(1));
        let gate = Gate::new();
        let ids: Vec<_> = (0..6).map(|_| hold(&lab, of(owner), &gate)).collect();
        gate.wait_for(1);
        // Raised: as many begin as may.
        lab.set_limits(owner, running(2)).unwrap();
        gate.wait_for(2);
        assert_eq!(lab.counts().queued, 4);
        // Lowered: what runs goes on.
        lab.set_limits(owner, running(1)).unwrap();
        let states = |status| ids.iter().filter(|id| lab.status(**id) == status).count();
        assert_eq!((states(Status::Running), states(Status::Queued)), (2, 4));
        // Taken away.
        lab.set_limits(owner, Limits::default()).unwrap();
        gate.wait_for(workers.min(6));
        // Set anew: those that run are counted, and the next begins when there are few enough.
        lab.set_limits(owner, running(1)).unwrap();
        let late = hold(&lab, of(owner), &gate);
        assert_eq!(lab.status(late), Status::Queued);
        gate.open();
        lab.quiet();
        assert_eq!((states(Status::Completed), lab.status(late)), (6, Status::Completed));
        lab.finish();
    }
}

#[test]
fn b217_eight_owners_that_hang_and_submit_without_end_do_not_hold_four_others_up() {
    for free in [1, 4] {
        let lab = Lab::direct(8 + free);
        let limits = Limits { max_running: 1, max_queued: 100, max_delayed: 100 };
        let hung = Gate::new();
        let stop = Arc::new(AtomicBool::new(false));
        let owners: Vec<_> = (0..8).map(|n| limited(&lab, &format!("hangs {n}"), limits)).collect();
        std::thread::scope(|scope| {
            for owner in owners {
                let (hung, stop, lab) = (hung.clone(), stop.clone(), &lab);
                scope.spawn(move || {
                    let mut refused = 0_u64;
                    while refused == 0 || !stop.load(Ordering::Relaxed) {
                        for options in [of(owner), delayed(owner, 1)] {
                            let hung = hung.clone();
                            let submitted = lab.try_submit(options, move |_| {
                                hung.pass();
                                Ok(Num(0))
                            });
                            refused += u64::from(submitted.is_err());
                        }
                        std::thread::yield_now();
                    }
                });
            }
            hung.wait_for(8);
            // One running task's length: that of these, which keep the workers that are left.
            let held = Gate::new();
            for _ in 0..free {
                hold(&lab, Options::default(), &held);
            }
            held.wait_for(free);
            let order = Order::default();
            let healthy: Vec<_> = (0..4).map(|n| lab.open_owner(&format!("healthy {n}"))).collect();
            let mut ids = Vec::new();
            for round in 0..25 {
                for (n, owner) in healthy.iter().enumerate() {
                    ids.push(note(&lab, of(*owner), &order, round * 4 + n as i64));
                }
            }
            lab.advance(SECOND);
            held.open();
            ids.iter().for_each(|id| lab.done(*id));
            if free == 1 {
                assert_eq!(order.get(), (0..100).collect::<Vec<_>>(), "in turn, and nobody between them");
            }
            until("the others rest", || lab.counts().running == 8);
            stop.store(true, Ordering::Relaxed);
        });
        hung.open();
        lab.finish();
    }
}

#[test]
fn b218_a_body_holds_its_place_until_it_returns_whatever_has_become_of_its_task() {
    let lab = Lab::direct(4);
    let owner = limited(&lab, "owner", running(1));
    let gate = Gate::new();
    // Its time is over.
    let id = hold(&lab, Options { timeout: Some(SECOND), ..of(owner) }, &gate);
    gate.wait_for(1);
    let next = lab.submit(of(owner), |_| Ok(Num(1)));
    lab.advance(2 * SECOND);
    lab.done(lab.run(|_| Ok(Num(1))));
    assert_eq!(lab.status(next), Status::Queued);
    gate.open();
    lab.quiet();
    assert_eq!((lab.status(id), lab.status(next)), (Status::TimedOut, Status::Completed));
    // A shutdown has abandoned it.
    let gate = Gate::new();
    let id = hold(&lab, of(owner), &gate);
    gate.wait_for(1);
    lab.end_work(Duration::ZERO, false, legwork::engine::Meanwhile::default());
    assert_eq!(lab.status(id), Status::Abandoned);
    let next = lab.submit(of(owner), |_| Ok(Num(1)));
    lab.done(lab.run(|_| Ok(Num(1))));
    assert_eq!((lab.status(next), lab.counts().queued), (Status::Queued, 1));
    assert_eq!(lab.wait_for_all(owner, Some(Duration::ZERO)), WaitResult::WaitTimeout);
    gate.open();
    lab.done(next);
    assert_eq!(lab.wait_for_all(owner, Some(DEADLINE)), WaitResult::Done);
    lab.finish();
}

#[test]
fn b218_a_run_and_an_attempt_count_while_they_last() {
    let lab = Lab::direct(4);
    let owner = limited(&lab, "owner", running(1));
    let periodic = lab.repeat(Options { owner: Some(owner), ..lab.silent_periodic(5) }, |_| Ok(Num(1)));
    lab.rests(periodic, 1);
    let retry = Retry { times: 1, delay: SECOND, jitter: 0.0, ..Retry::default() };
    let mut failed = false;
    let again =
        lab.repeat(Options { retry, ..of(owner) }, move |_| match std::mem::replace(&mut failed, true) {
            true => Ok(Num(1)),
            false => Err(fault("once")),
        });
    until("it waits for its next attempt", || lab.status(again) == Status::Delayed);
    // Neither of them is in the way now; and this is in theirs.
    let gate = Gate::new();
    hold(&lab, of(owner), &gate);
    gate.wait_for(1);
    lab.advance(5 * SECOND);
    lab.done(lab.run(|_| Ok(Num(1))));
    assert_eq!([periodic, again].map(|id| lab.status(id)), [Status::Queued; 2]);
    gate.open();
    lab.rests(periodic, 2);
    lab.done(again);
    assert_eq!(lab.status(again), Status::Completed);
    lab.finish();
}

#[test]
fn b218_a_body_that_waits_for_another_of_its_owner_does_not_count_meanwhile() {
    for timeout in [None, Some(DEADLINE)] {
        for workers in [1, 2] {
            let lab = Lab::direct(workers);
            let owner = limited(&lab, "owner", running(1));
            let engine = lab.engine().clone();
            let outer = lab.submit(of(owner), move |_| {
                let body = Box::new(legwork::engine::Once(Some(|_: &TaskContext| Ok(Num(2)))));
                let inner = engine.submit(body, of(owner), None, false).unwrap();
                assert_eq!(engine.status(inner), Status::Queued);
                Ok(Num(engine.wait(inner, timeout) as i64))
            });
            lab.done(outer);
            assert_eq!(lab.info(outer).unwrap().result, Some(Num(WaitResult::Done as i64)));
            // Its place was counted back.
            let gate = Gate::new();
            hold(&lab, of(owner), &gate);
            gate.wait_for(1);
            let next = lab.submit(of(owner), |_| Ok(Num(1)));
            assert_eq!(lab.status(next), Status::Queued);
            gate.open();
            lab.quiet();
            lab.finish();
        }
    }
}

#[test]
fn b218_a_worker_does_not_run_a_task_in_its_place_that_its_owner_may_not() {
    let lab = Lab::direct(3);
    let owner = limited(&lab, "owner", running(1));
    let gate = Gate::new();
    hold(&lab, of(owner), &gate);
    gate.wait_for(1);
    let waits = lab.submit(of(owner), |_| Ok(Num(1)));
    let (engine, came) = (lab.engine().clone(), Gate::new());
    let arrived = came.clone();
    let other = lab.run(move |_| {
        arrived.pass();
        Ok(Num(engine.wait(waits, None) as i64))
    });
    came.open();
    came.wait_for(1);
    // Its place is another's: more run than there are workers that count.
    let both = Gate::new();
    for _ in 0..2 {
        hold(&lab, Options::default(), &both);
    }
    both.wait_for(2);
    assert_eq!(lab.status(waits), Status::Queued);
    gate.open();
    lab.done(other);
    assert_eq!(lab.info(other).unwrap().result, Some(Num(WaitResult::Done as i64)));
    both.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b218_what_must_run_is_not_held_back_during_a_shutdown() {
    let lab = Lab::direct(2);
    let owner = limited(&lab, "owner", running(1));
    let gate = Gate::new();
    let hangs = hold(&lab, of(owner), &gate);
    gate.wait_for(1);
    let save = lab.submit(Options { must_run: true, ..of(owner) }, |_| Ok(Num(1)));
    let plain = lab.submit(of(owner), |_| Ok(Num(1)));
    assert_eq!(lab.counts().queued, 2);
    lab.begin_shutdown(60 * SECOND);
    lab.done(save);
    assert_eq!((lab.status(save), lab.status(plain)), (Status::Completed, Status::Cancelled));
    assert_eq!(lab.status(hangs), Status::Running);
    gate.open();
    lab.finish();
}

#[test]
fn b219_a_replacement_takes_the_place_of_what_it_replaces() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let owner = limited(&lab, "owner", Limits { max_queued: 2, max_delayed: 1, ..Limits::default() });
    lab.submit(of(owner), |_| Ok(Num(0)));
    let mut last = lab.submit(keyed(owner, KeyPolicy::Append), |_| Ok(Num(1)));
    let refused = |options| lab.try_submit(options, |_| Ok(Num(1))).unwrap_err();
    let full = |limit, most, found| SubmitError::LimitReached { owner: "owner".into(), limit, most, found };
    assert_eq!(refused(keyed(owner, KeyPolicy::Append)), full("maxQueued", 2, 2));
    for policy in [KeyPolicy::Replace, KeyPolicy::KeepLatest] {
        let new = lab.submit(keyed(owner, policy), |_| Ok(Num(2)));
        assert_eq!((lab.status(last), lab.counts().queued), (Status::Cancelled, 2));
        last = new;
    }
    // Where a task stays in place, there is none to refuse.
    let kept = lab.submit(keyed(owner, KeyPolicy::Keep), |_| Ok(Num(2)));
    assert_eq!(kept, last);
    // The place of a delayed one is not that of a queued one.
    let later = |policy| Options { delay: SECOND, ..keyed(owner, policy) };
    lab.submit(delayed(owner, 1), |_| Ok(Num(1)));
    assert_eq!(refused(later(KeyPolicy::Replace)), full("maxDelayed", 1, 1));
    assert_eq!(lab.status(last), Status::Queued, "it was not replaced");
    held.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b219_what_stands_in_line_of_a_key_is_not_held_to_the_limit_twice() {
    let lab = Lab::direct(4);
    let owner = limited(&lab, "owner", running(1));
    let order = Order::default();
    let gate = Gate::new();
    hold(&lab, of(owner), &gate);
    gate.wait_for(1);
    let ids: Vec<_> = (0..3).map(|n| note(&lab, keyed(owner, KeyPolicy::Append), &order, n)).collect();
    // The first has the place of the key, and waits for one of the owner's.
    let states: Vec<_> = ids.iter().map(|id| lab.status(*id)).collect();
    assert_eq!(states, [Status::Queued, Status::Blocked, Status::Blocked]);
    gate.open();
    lab.quiet();
    until("all have run", || order.get().len() == 3);
    assert_eq!(order.get(), [0, 1, 2]);
    lab.finish();
}

#[test]
fn b220_a_refusal_is_told_once_a_second_of_each_owner() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let limits = Limits { max_queued: 1, max_delayed: 1, ..Limits::default() };
    let owners = ["one", "two"].map(|name| limited(&lab, name, limits));
    let refused = |owner| {
        for options in [of(owner), delayed(owner, 100)] {
            assert!(lab.try_submit(options, |_| Ok(Num(1))).is_err());
        }
    };
    for owner in owners {
        lab.submit(of(owner), |_| Ok(Num(1)));
        lab.submit(delayed(owner, 100), |_| Ok(Num(1)));
        (0..1_000).for_each(|_| refused(owner));
    }
    let told = || {
        lab.drain();
        let events = std::mem::take(&mut *lab.events.lock());
        events
            .into_iter()
            .map(|(_, event)| event)
            .filter(|event| event.starts_with("limit"))
            .collect::<Vec<_>>()
    };
    assert_eq!(told(), ["limit one maxQueued", "limit two maxQueued"]);
    refused(owners[0]);
    lab.advance(SECOND - Duration::from_nanos(1));
    refused(owners[0]);
    assert!(told().is_empty());
    lab.advance(Duration::from_nanos(1));
    refused(owners[0]);
    assert_eq!(told(), ["limit one maxQueued"]);
    // One that waits to be told, of an owner that goes.
    lab.advance(2 * SECOND);
    refused(owners[1]);
    lab.close_owner(owners[1], legwork::engine::CancelReason::OwnerGone);
    assert_eq!(told(), ["limit two maxQueued"]);
    held.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b220_nobody_is_told_who_does_not_listen() {
    let lab = Lab::manual(1, DeliveryMode::Direct);
    let held = lab.hold_worker();
    let owner = limited(&lab, "owner", Limits { max_queued: 1, ..Limits::default() });
    lab.submit(of(owner), |_| Ok(Num(1)));
    assert!(lab.try_submit(of(owner), |_| Ok(Num(1))).is_err());
    lab.drain();
    assert!(lab.events.lock().is_empty());
    held.open();
    lab.quiet();
    lab.finish();
}
