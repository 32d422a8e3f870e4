//! Where keys, order, attempts and times meet.

use std::time::{Duration, UNIX_EPOCH};

use legwork::engine::{
    CancelReason, CancelResult, ErrorKind, KeyPolicy, Periodic, Priority, Retry, Status, TaskId, WaitResult,
};

use crate::support::*;

fn keyed() -> Options {
    Options { key: Some("disk".into()), ..Options::default() }
}

/// One try more, after a second, without chance.
fn tried(options: Options) -> Options {
    Options { retry: Retry { jitter: 0.0, ..Retry::times(1) }, ..options }
}

/// A task that waits for its second attempt, which writes 2 into the list.
fn between(lab: &Lab, options: Options, order: &Order) -> TaskId {
    let order = order.clone();
    let id = lab.repeat(tried(options), move |context| match context.attempt() {
        1 => Err(fault("busy")),
        attempt => {
            order.push(attempt as i64);
            Ok(Num(0))
        }
    });
    until("it waits for its next attempt", || lab.status(id) == Status::Delayed);
    id
}

fn numbered(lab: &Lab, options: Options, order: &Order, number: i64) -> TaskId {
    let order = order.clone();
    lab.submit(options, move |_| {
        order.push(number);
        Ok(Num(number))
    })
}

// ---- attempts, and a key ---------------------------------------------------------------------------

#[test]
fn b165_b183_between_two_attempts_a_task_keeps_its_place_in_its_key() {
    let lab = Lab::queued(2);
    let order = Order::default();
    let first = between(&lab, keyed(), &order);
    let next = numbered(&lab, keyed(), &order, 3);
    assert_eq!(lab.status(next), Status::Blocked);
    lab.advance(SECOND);
    lab.done(next);
    assert_eq!((order.get(), lab.status(first)), (vec![2, 3], Status::Completed));
    assert_eq!(lab.keys_in_use(), 0);
}

#[test]
fn b165_b183_a_cancel_between_two_attempts_hands_the_place_on() {
    let lab = Lab::queued(1);
    let order = Order::default();
    let first = between(&lab, keyed(), &order);
    let next = numbered(&lab, keyed(), &order, 3);
    assert_eq!(lab.cancel(first, USER), CancelResult::CancelledBeforeStart);
    lab.done(next);
    assert_eq!(order.get(), [3]);
    // Of those that wait only the newest stays; what waits for another attempt has begun.
    let first = between(&lab, keyed(), &order);
    let latest = numbered(&lab, Options { key_policy: KeyPolicy::KeepLatest, ..keyed() }, &order, 4);
    assert_eq!((lab.status(first), lab.status(latest)), (Status::Delayed, Status::Blocked));
    let replaces = numbered(&lab, Options { key_policy: KeyPolicy::Replace, ..keyed() }, &order, 5);
    lab.done(replaces);
    let reason = lab.info(first).unwrap().cancel_reason;
    assert_eq!((order.get(), reason), (vec![3, 5], Some(CancelReason::Replaced)));
}

#[test]
fn b170_b183_an_urgent_task_lifts_the_attempts_of_what_stands_before_it() {
    let lab = Lab::queued(1);
    let order = Order::default();
    let (gate, attempts) = (Gate::new(), order.clone());
    let held = gate.clone();
    let low = tried(Options { priority: Priority::Low, ..keyed() });
    let first = lab.repeat(low, move |context| match context.attempt() {
        1 => {
            held.pass();
            Err(fault("busy"))
        }
        attempt => {
            attempts.push(attempt as i64);
            Ok(Num(0))
        }
    });
    gate.wait_for(1);
    let urgent = numbered(&lab, Options { priority: Priority::High, ..keyed() }, &order, 3);
    gate.open();
    until("it waits for its next attempt", || lab.status(first) == Status::Delayed);
    let held = lab.hold_worker();
    let other = numbered(&lab, Options::default(), &order, 4);
    lab.advance(SECOND);
    assert_eq!(lab.status(first), Status::Queued);
    held.open();
    [urgent, other].iter().for_each(|id| lab.done(*id));
    assert_eq!(order.get(), [2, 3, 4]);
}

#[test]
fn b171_b184_a_periodic_task_keeps_its_place_between_attempts_and_not_between_runs() {
    let lab = Lab::queued(2);
    let order = Order::default();
    let periodic = Some(Periodic::every(10 * SECOND));
    let id = between(&lab, Options { periodic, ..keyed() }, &order);
    let next = numbered(&lab, keyed(), &order, 3);
    assert_eq!(lab.status(next), Status::Blocked);
    lab.advance(SECOND);
    lab.done(next);
    lab.rests(id, 1);
    let between_runs = numbered(&lab, keyed(), &order, 4);
    lab.done(between_runs);
    assert_eq!(order.get(), [2, 3, 4]);
    lab.finish();
}

#[test]
fn b177_b183_a_body_may_wait_for_what_stands_behind_a_task_between_two_attempts() {
    let lab = Lab::queued(2);
    let order = Order::default();
    between(&lab, keyed(), &order);
    let next = numbered(&lab, keyed(), &order, 3);
    let engine = lab.engine().clone();
    let waits = lab.run(move |_| match engine.wait(next, None) {
        WaitResult::Done => Ok(Num(1)),
        other => Err(fault(&format!("{other:?}"))),
    });
    until("it waits", || lab.counts().running == 1);
    lab.advance(SECOND);
    lab.done(waits);
    assert_eq!((lab.status(waits), order.get()), (Status::Completed, vec![2, 3]));
}

#[test]
fn b176_b183_a_shutdown_between_two_attempts_of_what_must_run_in_a_key() {
    let lab = Lab::queued(1);
    let order = Order::default();
    let must_run = |options| Options { must_run: true, ..options };
    let first = between(&lab, must_run(keyed()), &order);
    let next = numbered(&lab, must_run(keyed()), &order, 3);
    let not = numbered(&lab, keyed(), &order, 4);
    assert!(lab.shutdown(30 * SECOND, None).complete);
    assert_eq!(order.get(), [2, 3]);
    let statuses = [first, next, not].map(|id| lab.status(id));
    assert_eq!(statuses, [Status::Completed, Status::Completed, Status::Cancelled]);
}

// ---- times, and what a task waits for --------------------------------------------------------------

#[test]
fn b186_what_is_blocked_has_to_begin_in_time_too() {
    let lab = Lab::queued(2);
    let gate = Gate::new();
    let held = gate.clone();
    let first = lab.submit(keyed(), move |_| {
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    let in_time = |options| Options { start_timeout: Some(2 * SECOND), ..options };
    let in_line = lab.submit(in_time(keyed()), |_| Ok(Num(2)));
    let behind = lab.submit(in_time(Options { after: vec![first], ..Options::default() }), |_| Ok(Num(3)));
    let behind_that = lab.submit(Options { after: vec![behind], ..Options::default() }, |_| Ok(Num(4)));
    lab.advance(2 * SECOND - Duration::from_nanos(1));
    assert_eq!([in_line, behind].map(|id| lab.status(id)), [Status::Blocked; 2]);
    lab.advance(Duration::from_nanos(1));
    assert_eq!([in_line, behind].map(|id| lab.status(id)), [Status::TimedOut; 2]);
    assert_eq!(lab.info(behind).unwrap().error.unwrap().kind(), ErrorKind::StartTimedOut);
    lab.done(behind_that);
    assert_eq!(lab.info(behind_that).unwrap().cancel_reason, Some(CancelReason::DependencyFailed));
    gate.open();
    lab.done(first);
    // Neither is in the way of anybody.
    let last = lab.submit(keyed(), |_| Ok(Num(5)));
    lab.done(last);
    assert_eq!((lab.keys_in_use(), lab.counts().blocked), (0, 0));
}

#[test]
fn b188_a_schedule_whose_date_is_over_when_its_turn_comes_ends_without_a_run() {
    let lab = Lab::queued(1);
    let gate = Gate::new();
    let held = gate.clone();
    let first = lab.run(move |_| {
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    let periodic = Some(Periodic { until: UNIX_EPOCH.checked_add(5 * SECOND), ..Periodic::every(SECOND) });
    let late = lab.repeat(Options { periodic, after: vec![first], ..Options::default() }, |_| Ok(Num(2)));
    lab.advance(6 * SECOND);
    gate.open();
    lab.done(late);
    assert_eq!(lab.info(late).unwrap().error.unwrap().message(), "its time was over before its first run");
    assert_eq!(lab.counts().delayed, 0);
}

#[test]
fn b190_a_delayed_task_that_is_to_run_now_waits_for_its_turn_in_its_key() {
    let lab = Lab::queued(2);
    let order = Order::default();
    let gate = Gate::new();
    let held = gate.clone();
    let first = lab.submit(keyed(), move |_| {
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    let later = numbered(&lab, Options { delay: 10 * SECOND, ..keyed() }, &order, 2);
    assert!(lab.run_now(later));
    assert_eq!(lab.status(later), Status::Blocked);
    assert!(!lab.run_now(later));
    let taken_back = numbered(&lab, keyed(), &order, 3);
    assert!(lab.cancel_if_queued(taken_back));
    assert!(!lab.cancel_if_queued(first));
    gate.open();
    lab.done(later);
    assert_eq!(order.get(), [2]);
}
