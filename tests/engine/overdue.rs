//! What takes too long: to begin, and to end.

use std::time::Duration;

use legwork::engine::{
    CancelResult, ErrorKind, Periodic, Priority, Retry, Status, SubmitError, TaskId, WaitResult,
};

use crate::support::*;
use crate::table::both;

const NANOSECOND: Duration = Duration::from_nanos(1);

fn in_time(lab: &Lab, seconds: u32) -> Options {
    Options { start_timeout: Some(seconds * SECOND), ..lab.options() }
}

// ---- to begin ----------------------------------------------------------------------------------

#[test]
fn b186_what_has_not_begun_in_time_never_does() {
    both(&["failed StartTimedOut"], |lab| {
        let held = lab.hold_worker();
        let drops = Drops::default();
        let token = drops.token();
        let id = lab.submit(in_time(lab, 2), move |_| {
            drop(token);
            Ok(Num(1))
        });
        lab.advance(2 * SECOND - NANOSECOND);
        assert_eq!(lab.status(id), Status::Queued);
        lab.advance(NANOSECOND);
        assert_eq!((lab.status(id), drops.count()), (Status::TimedOut, 1));
        assert_eq!(lab.wait(id, None), WaitResult::Done);
        let info = lab.info(id).unwrap();
        let error = info.error.unwrap();
        assert_eq!(error.kind(), ErrorKind::StartTimedOut);
        assert_eq!(error.message(), "it had not begun within its start time-out of 2s");
        assert_eq!((error.attempts(), info.attempt, info.cancel_reason), (0, 0, None));
        held.open();
        id
    });
}

#[test]
fn b186_what_has_begun_in_time_is_left_alone() {
    both(&["started", "completed 1"], |lab| {
        let gate = Gate::new();
        let running = gate.clone();
        let id = lab.submit(in_time(lab, 2), move |_| {
            running.pass();
            Ok(Num(1))
        });
        gate.wait_for(1);
        lab.advance(20 * SECOND);
        gate.open();
        lab.done(id);
        id
    });
}

#[test]
fn b186_the_time_to_begin_counts_from_the_end_of_the_delay() {
    both(&["failed StartTimedOut"], |lab| {
        let held = lab.hold_worker();
        let id = lab.submit(Options { delay: 5 * SECOND, ..in_time(lab, 2) }, |_| Ok(Num(1)));
        lab.advance(5 * SECOND);
        lab.advance(2 * SECOND - NANOSECOND);
        assert_eq!(lab.status(id), Status::Queued);
        lab.advance(NANOSECOND);
        assert_eq!(lab.status(id), Status::TimedOut);
        held.open();
        id
    });
}

#[test]
fn b186_it_stands_where_it_stood_in_its_lane() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let order = Order::default();
    let submit = |number, options: Options| {
        let order = order.clone();
        lab.submit(options, move |_| {
            order.push(number);
            Ok(Num(number))
        })
    };
    submit(1, Options::default());
    let late = submit(2, in_time(&lab, 1));
    let moved = submit(3, in_time(&lab, 5));
    submit(4, Options::default());
    assert!(lab.set_priority(moved, Priority::High));
    lab.advance(2 * SECOND);
    assert_eq!((lab.status(late), lab.status(moved)), (Status::TimedOut, Status::Queued));
    held.open();
    lab.quiet();
    assert_eq!(order.get(), [3, 1, 4]);
    lab.advance(10 * SECOND);
    assert_eq!(lab.status(moved), Status::Completed);
}

#[test]
fn b186_many_end_as_their_times_come_and_those_that_were_cancelled_do_not() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let ids: Vec<TaskId> = (0..2_000u64)
        .map(|number| {
            let time = SECOND + Duration::from_millis(number * 7_919 % 1_000);
            let options = Options { start_timeout: Some(time), ..Options::default() };
            lab.submit(options, move |_| Ok(Num(number as i64)))
        })
        .collect();
    for id in ids.iter().step_by(2) {
        assert_eq!(lab.cancel(*id, USER), CancelResult::CancelledBeforeStart);
    }
    lab.advance(SECOND - NANOSECOND);
    assert_eq!(lab.counts().queued, 1_000);
    lab.advance(500 * Duration::from_millis(1));
    let left = lab.counts().queued;
    assert!((1..1_000).contains(&left), "{left}");
    lab.advance(SECOND);
    assert_eq!((lab.counts().queued, lab.counts().live), (0, 1));
    held.open();
}

#[test]
fn b186_only_the_first_attempt_has_to_begin_in_time() {
    both(&["started", "retrying 2 Failed 10s", "completed 2"], |lab| {
        let retry = Retry { delay: 10 * SECOND, jitter: 0.0, ..Retry::times(1) };
        let id = lab.repeat(Options { retry, ..in_time(lab, 2) }, |context| match context.attempt() {
            1 => Err(fault("busy")),
            attempt => Ok(Num(attempt as i64)),
        });
        until("it waits", || lab.status(id) == Status::Delayed);
        lab.advance(10 * SECOND);
        lab.done(id);
        id
    });
}

#[test]
fn b186_what_must_run_is_held_to_it_in_a_shutdown_too() {
    both(&["failed StartTimedOut"], |lab| {
        let held = lab.hold_worker();
        let id = lab.submit(Options { must_run: true, ..in_time(lab, 2) }, |_| Ok(Num(1)));
        lab.begin_shutdown(30 * SECOND);
        lab.advance(2 * SECOND);
        held.open();
        assert!(lab.shutdown(30 * SECOND, None).complete);
        id
    });
}

#[test]
fn b186_it_is_refused_for_what_repeats_and_for_times_that_are_none() {
    let lab = Lab::direct(1);
    let options = Options { periodic: Some(Periodic::every(SECOND)), ..in_time(&lab, 2) };
    let refused = lab.try_submit(options, |_| Ok(Num(1)));
    assert_eq!(refused, Err(SubmitError::OnceOnly { option: "startTimeout" }));
    let options = Options { start_timeout: Some(Duration::MAX), ..Options::default() };
    let refused = lab.try_submit(options, |_| Ok(Num(1))).unwrap_err().to_string();
    assert!(refused.starts_with("startTimeout is ") && refused.ends_with("at most 100 years"), "{refused}");
    assert_eq!(lab.counts().live, 0);
}

// ---- to end ------------------------------------------------------------------------------------

/// One whose run stays at the gate.
fn at_gate(lab: &Lab, options: Options) -> (TaskId, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.submit(options, move |context| {
        context.set_message("reading");
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    (id, gate)
}

#[test]
fn b187_a_run_that_takes_long_is_told_once_and_goes_on() {
    keep_log();
    both(&["started", "progress -1 reading", "slow 30s", "completed 1"], |lab| {
        let owner = lab.open_owner("Prices");
        let options = Options {
            name: Some("Fetch".into()),
            job: Some("fetch".into()),
            owner: Some(owner),
            ..lab.options()
        };
        let (id, gate) = at_gate(lab, options);
        lab.advance(30 * SECOND - NANOSECOND);
        assert!(logged_of(id).is_empty());
        lab.advance(NANOSECOND);
        lab.advance(100 * SECOND);
        let expected = format!(
            "task {id}, named \"Fetch\", job \"fetch\", of \"Prices\" has been running for 30s; it last said \
             \"reading\" (logged once a run)"
        );
        assert_eq!(logged_of(id), [expected]);
        assert_eq!(lab.status(id), Status::Running);
        gate.open();
        lab.done(id);
        id
    });
}

#[test]
fn b187_each_task_may_say_when_it_is_slow_or_that_it_never_is() {
    let lab = Lab::queued(4);
    let warn = |after| Options { warn_after: after, ..Options::default() };
    let (never, first) = at_gate(&lab, warn(Duration::ZERO));
    let (plain, second) = at_gate(&lab, Options::default());
    lab.advance(10 * SECOND);
    let (soon, third) = at_gate(&lab, warn(SECOND));
    let (later, fourth) = at_gate(&lab, warn(60 * SECOND));
    let slow = |id| {
        lab.drain();
        lab.events_of(id).into_iter().filter(|event| event.starts_with("slow")).collect::<Vec<_>>()
    };
    lab.advance(SECOND);
    assert_eq!((slow(soon), slow(plain)), (vec!["slow 1s".to_owned()], vec![]));
    lab.advance(19 * SECOND - NANOSECOND);
    assert!(slow(plain).is_empty());
    lab.advance(NANOSECOND);
    assert_eq!(slow(plain), ["slow 30s"]);
    lab.advance(40 * SECOND);
    assert_eq!(slow(later), ["slow 60s"]);
    lab.advance(1_000 * SECOND);
    assert!(slow(never).is_empty());
    assert_eq!((slow(soon).len(), slow(plain).len(), slow(later).len()), (1, 1, 1));
    [first, second, third, fourth].iter().for_each(Gate::open);
}

#[test]
fn b187_each_slow_run_of_a_periodic_task_is_told_and_a_short_one_is_not() {
    let lab = Lab::queued(1);
    let gates = [Gate::new(), Gate::new(), Gate::new()];
    let held = gates.clone();
    let options = Options { warn_after: SECOND, ..lab.silent_periodic(10) };
    let id = lab.repeat(options, move |context| {
        if let Some(gate) = held.get(context.iteration() as usize - 1) {
            gate.pass();
        }
        Ok(Num(1))
    });
    for (run, gate) in gates.iter().enumerate() {
        gate.wait_for(1);
        // The second is short.
        lab.advance(if run == 1 { NANOSECOND } else { 2 * SECOND });
        gate.open();
        lab.rests(id, run as u64 + 1);
        // Of several that nobody has taken there is the newest.
        lab.drain();
        lab.advance(10 * SECOND);
    }
    lab.cancel(id, USER);
    lab.quiet();
    let slow: Vec<_> = lab.events_of(id).into_iter().filter(|event| event.starts_with("slow")).collect();
    assert_eq!(slow, ["slow 2s", "slow 2s"]);
}

#[test]
fn b187_what_a_slow_body_waits_for_is_named() {
    keep_log();
    let lab = Lab::direct(2);
    let (inner, gate) = at_gate(&lab, Options::default());
    let engine = lab.engine().clone();
    let outer = lab.submit(Options { warn_after: SECOND, ..Options::default() }, move |_| {
        engine.wait(inner, None);
        Ok(Num(1))
    });
    // There is a worker for this one as soon as that body waits.
    let other = lab.run(|_| Ok(Num(2)));
    lab.done(other);
    lab.advance(SECOND);
    let text = format!("task {outer} has been running for 1s; it waits for task {inner} (logged once a run)");
    assert_eq!(logged_of(outer), [text]);
    gate.open();
    lab.done(outer);
}

#[test]
fn b187_an_abandoned_run_is_not_slow() {
    keep_log();
    let lab = Lab::queued(1);
    let (id, gate) = at_gate(&lab, Options::default());
    lab.begin_shutdown(SECOND);
    lab.advance(SECOND);
    assert_eq!(lab.status(id), Status::Abandoned);
    lab.advance(100 * SECOND);
    assert!(!logged_of(id).iter().any(|line| line.contains("has been running")));
    gate.open();
    lab.drain();
}
