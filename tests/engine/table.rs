//! The design's table of states and events, a test for each cell: once through a receiver, and once
//! with callbacks that the workers call.

use std::time::Duration;

use legwork::engine::{
    CancelReason, CancelResult, DeliveryMode, ErrorKind, Periodic, Status, TaskError, TaskId,
};

use crate::support::*;

/// Plays the scenario in both modes. The receiver is to hear `expected`; the callbacks the same but
/// for "started".
pub fn both(expected: &[&str], scenario: impl Fn(&Lab) -> TaskId) {
    let heard: Vec<_> = expected.iter().filter(|event| **event != "started").copied().collect();
    play(expected, &heard, scenario);
}

pub fn play(expected: &[&str], heard: &[&str], scenario: impl Fn(&Lab) -> TaskId) {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let id = scenario(&lab);
        lab.finish();
        if mode == DeliveryMode::Queued {
            assert_eq!(lab.events_of(id), expected);
        }
        assert_eq!(lab.heard(), heard, "callbacks, {mode:?}");
    }
}

/// A body that waits until it is asked to stop, and then does as `then` says.
fn asked(lab: &Lab, options: Options, then: fn() -> Answer) -> (TaskId, Gate) {
    let (running, gate) = (Gate::new(), Gate::new());
    let (at, held) = (running.clone(), gate.clone());
    running.open();
    let id = lab.submit(options, move |context| {
        at.pass();
        held.pass();
        assert!(context.is_cancelled());
        then()
    });
    running.wait_for(1);
    (id, gate)
}

/// The same for a periodic task: each run numbers itself, and stops at the gate.
fn periodic_at_gate(lab: &Lab, options: Options, then: fn(i64) -> Answer) -> (TaskId, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.repeat(options, move |context| {
        held.pass();
        then(context.iteration() as i64)
    });
    gate.wait_for(1);
    (id, gate)
}

fn numbered(lab: &Lab, options: Options) -> TaskId {
    let id = lab.repeat(options, |context| Ok(Num(context.iteration() as i64)));
    lab.rests(id, 1);
    id
}

// ---- body returns ------------------------------------------------------------------------------

#[test]
fn b1_running_returns_a_value() {
    both(&["started", "completed 7"], |lab| {
        let id = lab.submit(lab.options(), |_| Ok(Num(7)));
        lab.done(id);
        assert_eq!(lab.status(id), Status::Completed);
        assert_eq!(lab.info(id).unwrap().result, Some(Num(7)));
        id
    });
}

#[test]
fn b37_periodic_run_returns_a_value() {
    both(&["started", "run 1 1", "run 2 2", "cancelled User"], |lab| {
        let id = numbered(lab, lab.periodic(10));
        assert_eq!(lab.status(id), Status::Delayed);
        lab.advance(10 * SECOND);
        lab.rests(id, 2);
        assert_eq!(lab.info(id).unwrap().result, Some(Num(2)));
        lab.cancel(id, USER);
        id
    });
}

// ---- body fails --------------------------------------------------------------------------------

#[test]
fn b90_running_fails_with_an_error() {
    both(&["started", "failed Failed"], |lab| {
        let id = lab.submit(lab.options(), |_| Err(fault("no such file")));
        lab.done(id);
        let error = lab.info(id).unwrap().error.unwrap();
        assert_eq!((error.message(), error.attempt(), error.reason()), ("no such file", 1, None));
        id
    });
}

#[test]
fn b90_running_panics() {
    both(&["started", "failed Panic"], |lab| {
        let id = lab.submit(lab.options(), |_| panic!("boom"));
        lab.done(id);
        assert_eq!(lab.info(id).unwrap().error.unwrap().message(), "boom");
        id
    });
}

#[test]
fn b40_periodic_run_fails_and_the_schedule_goes_on() {
    both(&["started", "run-failed 1 Failed", "run-failed 2 Panic", "run 3 3", "cancelled User"], |lab| {
        let id = lab.repeat(lab.periodic(1), |context| match context.iteration() {
            1 => Err(fault("once")),
            2 => panic!("twice"),
            n => Ok(Num(n as i64)),
        });
        for runs in 1..=2 {
            lab.rests(id, runs);
            assert_eq!(lab.status(id), Status::Delayed);
            lab.advance(SECOND);
        }
        lab.rests(id, 3);
        lab.cancel(id, USER);
        id
    });
}

// ---- cancel ------------------------------------------------------------------------------------

#[test]
fn b29_cancel_of_a_delayed_task() {
    both(&["cancelled User"], |lab| {
        let drops = Drops::default();
        let token = drops.token();
        let id = lab.submit(Options { delay: SECOND, ..lab.options() }, move |_| {
            drop(token);
            Ok(Num(1))
        });
        assert_eq!(lab.status(id), Status::Delayed);
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
        assert_eq!(drops.count(), 1, "destroyed at once");
        lab.advance(2 * SECOND);
        id
    });
}

#[test]
fn b47_cancel_of_a_queued_task() {
    both(&["cancelled Replaced"], |lab| {
        let held = lab.hold_worker();
        let drops = Drops::default();
        let token = drops.token();
        let id = lab.submit(lab.options(), move |_| {
            drop(token);
            Ok(Num(1))
        });
        assert_eq!(lab.status(id), Status::Queued);
        assert_eq!(lab.cancel(id, CancelReason::Replaced), CancelResult::CancelledBeforeStart);
        assert_eq!(drops.count(), 1, "destroyed at once");
        assert_eq!(lab.status(id), Status::Cancelled);
        held.open();
        id
    });
}

#[test]
fn b48_cancel_of_a_running_task_that_acknowledges() {
    both(&["started", "cancelled User"], |lab| {
        let (id, gate) = asked(lab, lab.options(), || Err(TaskError::cancelled()));
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
        assert_eq!(lab.status(id), Status::Running);
        gate.open();
        lab.done(id);
        id
    });
}

#[test]
fn b48_cancel_of_a_running_task_that_ignores_it() {
    both(&["started", "completed 3"], |lab| {
        let (id, gate) = asked(lab, lab.options(), || Ok(Num(3)));
        lab.cancel(id, USER);
        gate.open();
        lab.done(id);
        let info = lab.info(id).unwrap();
        assert_eq!((info.status, info.result), (Status::Completed, Some(Num(3))));
        assert_eq!((info.cancel_requested, info.cancel_reason), (true, Some(USER)));
        id
    });
}

#[test]
fn b48_cancel_of_a_running_task_that_then_fails() {
    both(&["started", "failed Failed"], |lab| {
        let (id, gate) = asked(lab, lab.options(), || Err(fault("half done")));
        lab.cancel(id, USER);
        gate.open();
        lab.done(id);
        assert_eq!(lab.info(id).unwrap().error.unwrap().reason(), Some(USER));
        id
    });
}

#[test]
fn b41_cancel_of_a_periodic_task_between_runs() {
    both(&["started", "run 1 1", "cancelled User"], |lab| {
        let id = numbered(lab, lab.periodic(1));
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
        assert_eq!(lab.status(id), Status::Cancelled);
        lab.advance(10 * SECOND);
        id
    });
}

#[test]
fn b41_cancel_of_a_periodic_task_during_a_run() {
    both(&["started", "run 1 1", "cancelled User"], |lab| {
        let (id, gate) = periodic_at_gate(lab, lab.periodic(1), |n| Ok(Num(n)));
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
        gate.open();
        lab.done(id);
        lab.advance(10 * SECOND);
        id
    });
}

#[test]
fn b41_cancel_of_a_periodic_task_during_a_run_that_acknowledges() {
    both(&["started", "cancelled User"], |lab| {
        let (id, gate) = periodic_at_gate(lab, lab.periodic(1), |_| Err(TaskError::cancelled()));
        lab.cancel(id, USER);
        gate.open();
        lab.done(id);
        id
    });
}

// ---- time-out ----------------------------------------------------------------------------------

fn timed_out(then: fn() -> Answer) {
    both(&["started", "failed TimedOut"], |lab| {
        let options = Options { timeout: Some(SECOND), ..lab.options() };
        let (id, gate) = asked(lab, options, then);
        lab.advance(SECOND);
        assert_eq!(lab.status(id), Status::Running);
        gate.open();
        lab.done(id);
        assert_eq!(lab.status(id), Status::TimedOut);
        let info = lab.info(id).unwrap();
        assert_eq!((info.result, info.cancel_reason), (None, Some(CancelReason::Timeout)));
        assert_eq!(info.error.unwrap().reason(), Some(CancelReason::Timeout));
        id
    });
}

#[test]
fn b48_time_out_of_a_run_that_returns_a_value() {
    timed_out(|| Ok(Num(1)));
}

#[test]
fn b48_time_out_of_a_run_that_fails() {
    timed_out(|| Err(fault("late")));
}

#[test]
fn b48_time_out_of_a_run_that_panics() {
    timed_out(|| panic!("late"));
}

#[test]
fn b48_time_out_of_a_run_that_acknowledges() {
    timed_out(|| Err(TaskError::cancelled()));
}

#[test]
fn b48_a_run_in_time_is_left_alone() {
    both(&["started", "completed 1"], |lab| {
        let gate = Gate::new();
        let held = gate.clone();
        let options = Options { timeout: Some(SECOND), ..lab.options() };
        let id = lab.submit(options, move |context| {
            held.pass();
            assert!(!context.is_cancelled());
            Ok(Num(1))
        });
        gate.wait_for(1);
        lab.advance(SECOND - Duration::from_nanos(1));
        gate.open();
        lab.done(id);
        lab.advance(SECOND);
        id
    });
}

#[test]
fn b48_time_out_of_a_periodic_run_is_not_the_end() {
    both(&["started", "run-failed 1 TimedOut", "run 2 2", "cancelled User"], |lab| {
        let options = Options { timeout: Some(SECOND), ..lab.periodic(10) };
        let (id, gate) = periodic_at_gate(lab, options, |n| Ok(Num(n)));
        lab.advance(SECOND);
        gate.open();
        lab.rests(id, 1);
        lab.advance(10 * SECOND);
        lab.rests(id, 2);
        assert_eq!(lab.info(id).unwrap().cancel_reason, None);
        lab.cancel(id, USER);
        id
    });
}

// ---- limits ------------------------------------------------------------------------------------

#[test]
fn b45_limit_of_runs() {
    both(&["started", "run 1 1", "run 2 2", "completed 2"], |lab| {
        let periodic = Periodic { max_runs: 2, ..Periodic::every(SECOND) };
        let id = numbered(lab, Options { periodic: Some(periodic), ..lab.options() });
        lab.advance(SECOND);
        lab.done(id);
        lab.advance(10 * SECOND);
        assert_eq!(lab.info(id).unwrap().result, Some(Num(2)));
        id
    });
}

#[test]
fn b45_limit_of_runs_whose_last_failed_has_the_last_result() {
    both(&["started", "run 1 1", "run-failed 2 Failed", "completed 1"], |lab| {
        let periodic = Periodic { max_runs: 2, ..Periodic::every(SECOND) };
        let id = lab.repeat(Options { periodic: Some(periodic), ..lab.options() }, |context| {
            if context.iteration() == 1 { Ok(Num(1)) } else { Err(fault("twice")) }
        });
        lab.rests(id, 1);
        lab.advance(SECOND);
        lab.done(id);
        id
    });
}

#[test]
fn b45_limit_of_runs_of_which_none_completed() {
    both(&["started", "run-failed 1 Failed", "failed TooManyFailures"], |lab| {
        let periodic = Periodic { max_runs: 1, ..Periodic::every(SECOND) };
        let id = lab.repeat(Options { periodic: Some(periodic), ..lab.options() }, |_| Err(fault("always")));
        lab.done(id);
        id
    });
}

#[test]
fn b40_limit_of_failures_in_a_row() {
    let events = [
        "started",
        "run-failed 1 Failed",
        "run 2 2",
        "run-failed 3 Failed",
        "run-failed 4 Failed",
        "failed TooManyFailures",
    ];
    both(&events, |lab| {
        let periodic = Periodic { max_failures: 2, ..Periodic::every(SECOND) };
        let id = lab.repeat(Options { periodic: Some(periodic), ..lab.options() }, |context| {
            if context.iteration() == 2 { Ok(Num(2)) } else { Err(fault("no")) }
        });
        for runs in 1..=3 {
            lab.rests(id, runs);
            lab.advance(SECOND);
        }
        lab.done(id);
        let error = lab.info(id).unwrap().error.unwrap();
        assert_eq!((error.kind(), error.attempt()), (ErrorKind::TooManyFailures, 4));
        id
    });
}

// ---- shutdown ----------------------------------------------------------------------------------

#[test]
fn b104_shutdown_with_a_delayed_task() {
    both(&["cancelled Shutdown"], |lab| {
        let options = Options { delay: SECOND, must_run: true, ..lab.options() };
        let id = lab.submit(options, |_| Ok(Num(1)));
        let report = lab.shutdown(30 * SECOND, None);
        assert_eq!((report.complete, report.cancelled, report.finished), (true, 1, 0));
        id
    });
}

#[test]
fn b99_shutdown_with_a_queued_task() {
    both(&["cancelled Shutdown"], |lab| {
        let held = lab.hold_worker();
        let id = lab.submit(lab.options(), |_| Ok(Num(1)));
        lab.begin_shutdown(30 * SECOND);
        assert_eq!(lab.status(id), Status::Cancelled);
        held.open();
        let report = lab.shutdown(30 * SECOND, None);
        assert_eq!((report.complete, report.cancelled, report.finished), (true, 1, 1));
        id
    });
}

#[test]
fn b101_shutdown_with_a_queued_task_that_must_run() {
    both(&["started", "completed 5"], |lab| {
        let held = lab.hold_worker();
        let id = lab.submit(Options { must_run: true, ..lab.options() }, |context| {
            assert!(!context.is_cancelled());
            Ok(Num(5))
        });
        lab.begin_shutdown(30 * SECOND);
        assert_eq!(lab.status(id), Status::Queued);
        held.open();
        let report = lab.shutdown(30 * SECOND, None);
        assert_eq!((report.complete, report.cancelled, report.finished), (true, 0, 2));
        id
    });
}

#[test]
fn b99_shutdown_with_a_running_task_that_stops() {
    both(&["started", "cancelled Shutdown"], |lab| {
        let (id, gate) = asked(lab, lab.options(), || Err(TaskError::cancelled()));
        lab.begin_shutdown(30 * SECOND);
        gate.open();
        let report = lab.shutdown(30 * SECOND, None);
        assert_eq!((report.complete, report.cancelled), (true, 1));
        id
    });
}

#[test]
fn b102_shutdown_with_a_running_task_at_the_deadline() {
    both(&["started", "failed Abandoned"], |lab| {
        let options = Options { name: Some("stubborn".into()), ..lab.options() };
        let (id, gate) = asked(lab, options, || Ok(Num(1)));
        lab.begin_shutdown(30 * SECOND);
        lab.advance(30 * SECOND - Duration::from_nanos(1));
        assert_eq!(lab.status(id), Status::Running);
        lab.advance(Duration::from_nanos(1));
        assert_eq!(lab.status(id), Status::Abandoned);
        let report = lab.shutdown(Duration::ZERO, None);
        assert_eq!(report.abandoned.len(), 1);
        assert_eq!((report.abandoned[0].id, report.abandoned[0].name.as_str()), (id, "stubborn"));
        gate.open();
        id
    });
}

#[test]
fn b104_shutdown_with_a_periodic_task_between_runs() {
    both(&["started", "run 1 1", "cancelled Shutdown"], |lab| {
        let id = numbered(lab, lab.periodic(1));
        lab.shutdown(30 * SECOND, None);
        lab.advance(10 * SECOND);
        id
    });
}

#[test]
fn b104_shutdown_with_a_periodic_task_during_a_run() {
    both(&["started", "run 1 1", "cancelled Shutdown"], |lab| {
        let (id, gate) = periodic_at_gate(lab, lab.periodic(1), |n| Ok(Num(n)));
        lab.begin_shutdown(30 * SECOND);
        assert_eq!(lab.info(id).unwrap().cancel_reason, Some(CancelReason::Shutdown));
        gate.open();
        lab.shutdown(30 * SECOND, None);
        id
    });
}

#[test]
fn b102_shutdown_with_a_periodic_task_during_a_run_at_the_deadline() {
    both(&["started", "failed Abandoned"], |lab| {
        let (id, gate) = periodic_at_gate(lab, lab.periodic(1), |n| Ok(Num(n)));
        lab.begin_shutdown(SECOND);
        lab.advance(SECOND);
        assert_eq!(lab.status(id), Status::Abandoned);
        gate.open();
        id
    });
}

// ---- owner gone --------------------------------------------------------------------------------

fn owned(lab: &Lab, options: Options) -> (legwork::engine::OwnerId, Options) {
    let owner = lab.open_owner("plugin");
    (owner, Options { owner: Some(owner), ..options })
}

#[test]
fn b56_owner_of_a_delayed_task_goes() {
    play(&["cancelled OwnerGone"], &[], |lab| {
        let (owner, options) = owned(lab, Options { delay: SECOND, ..lab.options() });
        let id = lab.submit(options, |_| Ok(Num(1)));
        lab.close_owner(owner, CancelReason::OwnerGone);
        assert_eq!(lab.status(id), Status::Cancelled);
        id
    });
}

#[test]
fn b56_owner_of_a_queued_task_goes() {
    play(&["cancelled PluginUnload"], &[], |lab| {
        let held = lab.hold_worker();
        let (owner, options) = owned(lab, lab.options());
        let id = lab.submit(options, |_| Ok(Num(1)));
        lab.close_owner(owner, CancelReason::PluginUnload);
        assert_eq!(lab.status(id), Status::Cancelled);
        held.open();
        id
    });
}

#[test]
fn b56_owner_of_a_running_task_goes() {
    play(&["started", "completed 1"], &[], |lab| {
        let (owner, options) = owned(lab, lab.options());
        let (id, gate) = asked(lab, options, || Ok(Num(1)));
        lab.close_owner(owner, CancelReason::OwnerGone);
        gate.open();
        lab.done(id);
        assert_eq!(lab.info(id).unwrap().cancel_reason, Some(CancelReason::OwnerGone));
        id
    });
}

#[test]
fn b56_owner_of_a_periodic_task_goes_between_runs() {
    play(&["started", "run 1 1", "cancelled OwnerGone"], &["run 1 1"], |lab| {
        let (owner, options) = owned(lab, lab.periodic(1));
        let id = numbered(lab, options);
        lab.drain();
        until("the callback was called", || !lab.heard().is_empty());
        lab.close_owner(owner, CancelReason::OwnerGone);
        assert_eq!(lab.status(id), Status::Cancelled);
        lab.advance(10 * SECOND);
        id
    });
}

#[test]
fn b56_owner_of_a_periodic_task_goes_during_a_run() {
    play(&["started", "run 1 1", "cancelled OwnerGone"], &[], |lab| {
        let (owner, options) = owned(lab, lab.periodic(1));
        let (id, gate) = periodic_at_gate(lab, options, |n| Ok(Num(n)));
        lab.close_owner(owner, CancelReason::OwnerGone);
        gate.open();
        lab.done(id);
        id
    });
}

#[test]
fn b56_a_detached_task_goes_on_without_its_callbacks() {
    play(&["started", "completed 4"], &[], |lab| {
        let held = lab.hold_worker();
        let (owner, options) = owned(lab, Options { detached: true, ..lab.options() });
        let id = lab.submit(options, |_| Ok(Num(4)));
        lab.close_owner(owner, CancelReason::OwnerGone);
        held.open();
        lab.done(id);
        id
    });
}
