//! Schedules that chance spreads, that end at a date, and that change; and tasks that are brought forward or
//! taken back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use legwork::engine::{
    CancelResult, FirstRun, IntervalError, Misfire, Periodic, Rate, Retry, Status, TaskId,
};

use crate::support::*;
use crate::table::both;

fn numbered(lab: &Lab, periodic: Periodic) -> TaskId {
    lab.repeat(Options { periodic: Some(periodic), ..lab.options() }, |context| {
        Ok(Num(context.iteration() as i64))
    })
}

/// Waits until a task rests, and says when it is due.
fn due(lab: &Lab, id: TaskId, runs: u64) -> i64 {
    lab.rests(id, runs);
    lab.info(id).unwrap().due_ms
}

/// A date of the virtual clock's.
fn at(seconds: u64) -> Option<SystemTime> {
    Some(UNIX_EPOCH + Duration::from_secs(seconds))
}

// ---- jitter ------------------------------------------------------------------------------------

#[test]
fn b188_jitter_spreads_the_runs_and_leaves_the_grid() {
    let lab = Lab::direct(1);
    let periodic = Periodic { rate: Rate::FixedRate, jitter: 4 * SECOND, ..Periodic::every(10 * SECOND) };
    let id = numbered(&lab, periodic);
    let mut offsets = Vec::new();
    for run in 0..50 {
        let tick = 10_000 * run as i64;
        let planned = due(&lab, id, run);
        assert!((tick..=tick + 4_000).contains(&planned), "{planned} for {tick}");
        offsets.push(planned - tick);
        lab.advance(Duration::from_millis((tick + 4_001) as u64 - lab.now() / 1_000_000));
        lab.rests(id, run + 1);
    }
    offsets.sort_unstable();
    assert!(offsets[0] < 1_000 && offsets[49] > 3_000, "{offsets:?}");
}

#[test]
fn b188_jitter_is_at_most_the_interval() {
    let lab = Lab::direct(1);
    let periodic = Periodic { jitter: 2 * SECOND, ..Periodic::every(SECOND) };
    let body = legwork::engine::Repeated(|_: &legwork::engine::TaskContext| Ok(Num(1)));
    let options = Options { periodic: Some(periodic), ..Options::default() };
    let refused = lab.engine().submit(Box::new(body), options, None, false).unwrap_err();
    assert_eq!(refused.to_string(), "jitter is 2s; expected at most the interval, 1s");
    assert_eq!(lab.counts().live, 0);
}

// ---- until -------------------------------------------------------------------------------------

#[test]
fn b45_b188_a_schedule_ends_with_the_last_run_that_is_due_by_its_date() {
    for rate in [Rate::FixedDelay, Rate::FixedRate] {
        both(&["started", "run 1 1", "run 2 2", "run 3 3", "completed 3"], |lab| {
            let id = numbered(lab, Periodic { rate, until: at(25), ..Periodic::every(10 * SECOND) });
            for run in 1..=2 {
                lab.rests(id, run);
                assert_eq!(lab.status(id), Status::Delayed);
                lab.advance(10 * SECOND);
            }
            lab.done(id);
            id
        });
    }
}

#[test]
fn b45_b188_no_jitter_leads_beyond_the_date() {
    let lab = Lab::direct(1);
    let periodic = Periodic { jitter: 10 * SECOND, until: at(1_000), ..Periodic::every(10 * SECOND) };
    let id = numbered(&lab, periodic);
    while lab.status(id) != Status::Completed {
        lab.quiet();
        let info = lab.info(id).unwrap();
        assert!(info.due_ms <= 1_000_000, "{}", info.due_ms);
        lab.advance(SECOND);
        assert!(lab.now() < 1_100 * 1_000_000_000, "it ends");
    }
}

#[test]
fn b45_b188_a_run_that_is_due_at_the_date_still_comes() {
    both(&["started", "run 1 1", "run 2 2", "completed 2"], |lab| {
        let id = numbered(lab, Periodic { until: at(10), ..Periodic::every(10 * SECOND) });
        lab.rests(id, 1);
        lab.advance(10 * SECOND);
        lab.done(id);
        id
    });
}

#[test]
fn b188_a_date_before_the_first_run_is_refused() {
    let lab = Lab::direct(1);
    lab.advance(5 * SECOND);
    let submit = |periodic: Periodic| {
        let body = legwork::engine::Repeated(|_: &legwork::engine::TaskContext| Ok(Num(1)));
        let options = Options { periodic: Some(periodic), ..Options::default() };
        lab.engine().submit(Box::new(body), options, None, false).map_err(|error| error.to_string())
    };
    let refused = submit(Periodic { until: at(4), ..Periodic::every(SECOND) });
    let expected =
        "until is 4000 ms since 1970; expected at least when its first run is due, 5000 ms since 1970";
    assert_eq!(refused, Err(expected.to_owned()));
    let later =
        Periodic { first_run: FirstRun::AfterInterval, until: at(14), ..Periodic::every(10 * SECOND) };
    assert!(submit(later).unwrap_err().ends_with("15000 ms since 1970"));
    let before = Periodic { until: UNIX_EPOCH.checked_sub(SECOND), ..Periodic::every(SECOND) };
    assert!(submit(before).unwrap_err().starts_with("until is 1000 ms before 1970"));
    assert_eq!(lab.counts().live, 0);
    submit(Periodic { until: at(5), ..Periodic::every(SECOND) }).unwrap();
}

// ---- another interval --------------------------------------------------------------------------

#[test]
fn b189_another_interval_counts_from_what_the_last_one_did() {
    for rate in [Rate::FixedDelay, Rate::FixedRate] {
        let lab = Lab::direct(1);
        let id = numbered(&lab, Periodic { rate, ..Periodic::every(10 * SECOND) });
        assert_eq!(due(&lab, id, 1), 10_000);
        lab.advance(4 * SECOND);
        lab.set_interval(id, 6 * SECOND).unwrap();
        assert_eq!(due(&lab, id, 1), 6_000);
        lab.set_interval(id, 60 * SECOND).unwrap();
        assert_eq!(due(&lab, id, 1), 60_000);
        // It would have been due by now.
        lab.set_interval(id, SECOND).unwrap();
        assert_eq!(due(&lab, id, 1), 4_000);
        lab.advance(Duration::ZERO);
        assert_eq!(due(&lab, id, 2), 5_000, "and goes on from there");
    }
}

#[test]
fn b189_an_interval_may_change_while_it_runs_waits_for_a_worker_or_has_not_begun() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let id = numbered(&lab, Periodic::every(10 * SECOND));
    assert_eq!(lab.status(id), Status::Queued);
    lab.set_interval(id, 3 * SECOND).unwrap();
    held.open();
    assert_eq!(due(&lab, id, 1), 3_000);
    lab.cancel(id, USER);
    let engine = lab.engine().clone();
    let itself = lab.repeat(lab.periodic(10), move |context| {
        engine.set_interval(context.id(), 2 * SECOND).unwrap();
        Ok(Num(1))
    });
    assert_eq!(due(&lab, itself, 1), 2_000);
    lab.cancel(itself, USER);
    let later = Periodic { first_run: FirstRun::AfterInterval, ..Periodic::every(10 * SECOND) };
    let later = numbered(&lab, later);
    lab.set_interval(later, 5 * SECOND).unwrap();
    assert_eq!(due(&lab, later, 0), 5_000);
    let delayed = lab.repeat(Options { delay: 7 * SECOND, ..lab.periodic(10) }, |_| Ok(Num(1)));
    lab.set_interval(delayed, 5 * SECOND).unwrap();
    assert_eq!(due(&lab, delayed, 0), 7_000, "its delay is none of it");
}

#[test]
fn b189_between_two_attempts_another_interval_counts_from_the_run_s_end() {
    let lab = Lab::direct(1);
    let retry = Retry { jitter: 0.0, ..Retry::times(1) };
    let id = lab.repeat(Options { retry, ..lab.periodic(10) }, |context| match context.attempt() {
        1 => Err(fault("busy")),
        _ => Ok(Num(1)),
    });
    assert_eq!(due(&lab, id, 1), 1_000);
    lab.set_interval(id, 3 * SECOND).unwrap();
    assert_eq!(lab.info(id).unwrap().due_ms, 1_000);
    lab.advance(SECOND);
    until("the run has ended", || lab.info(id).unwrap().due_ms == 4_000);
}

#[test]
fn b189_what_is_no_interval_or_has_none_is_refused() {
    let lab = Lab::direct(1);
    let periodic = Periodic { jitter: 2 * SECOND, ..Periodic::every(10 * SECOND) };
    let id = numbered(&lab, periodic);
    assert_eq!(lab.set_interval(id, Duration::ZERO), Err(IntervalError::OutOfRange(Duration::ZERO)));
    let texts = [
        (lab.set_interval(id, Duration::ZERO), "interval is 0ns; expected 1 ns to 100 years"),
        (lab.set_interval(id, SECOND), "interval is 1s; expected at least the task's jitter, 2s"),
    ];
    for (answer, text) in texts {
        assert_eq!(answer.unwrap_err().to_string(), text);
    }
    assert!(matches!(lab.set_interval(id, Duration::MAX), Err(IntervalError::OutOfRange(_))));
    lab.set_interval(id, 2 * SECOND).unwrap();
    lab.cancel(id, USER);
    assert_eq!(lab.set_interval(id, 3 * SECOND), Err(IntervalError::Ended));
    let once = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    assert_eq!(lab.set_interval(once, SECOND), Err(IntervalError::NotPeriodic));
    let never = lab.reserve().unwrap();
    assert_eq!(lab.set_interval(never, SECOND), Err(IntervalError::UnknownTask));
}

#[test]
fn b188_b189_a_longer_interval_may_be_the_end_by_the_date() {
    both(&["started", "run 1 1", "completed 1"], |lab| {
        let id = numbered(lab, Periodic { until: at(25), ..Periodic::every(10 * SECOND) });
        lab.rests(id, 1);
        lab.set_interval(id, 30 * SECOND).unwrap();
        assert_eq!((lab.status(id), lab.counts().delayed), (Status::Completed, 0));
        id
    });
}

// ---- now ---------------------------------------------------------------------------------------

#[test]
fn b35_b190_what_waits_for_its_time_can_be_run_now() {
    both(&["started", "completed 1"], |lab| {
        let id = lab.submit(Options { delay: 3_600 * SECOND, ..lab.options() }, |_| Ok(Num(1)));
        assert!(lab.run_now(id));
        lab.done(id);
        assert!(!lab.run_now(id));
        lab.advance(3_600 * SECOND);
        id
    });
    both(&["started", "retrying 2 Failed 1s", "completed 2"], |lab| {
        let retry = Retry { jitter: 0.0, ..Retry::times(1) };
        let id = lab.repeat(Options { retry, ..lab.options() }, |context| match context.attempt() {
            1 => Err(fault("busy")),
            attempt => Ok(Num(attempt as i64)),
        });
        until("it waits", || lab.status(id) == Status::Delayed);
        assert!(lab.run_now(id));
        lab.done(id);
        id
    });
}

#[test]
fn b190_a_run_that_is_brought_forward_leaves_the_grid() {
    for (rate, next) in [(Rate::FixedRate, 10_000), (Rate::FixedDelay, 14_000)] {
        for misfire in [Misfire::Skip, Misfire::RunOnce] {
            let lab = Lab::direct(1);
            let id = numbered(&lab, Periodic { rate, misfire, ..Periodic::every(10 * SECOND) });
            assert_eq!(due(&lab, id, 1), 10_000);
            lab.advance(4 * SECOND);
            assert!(lab.run_now(id));
            assert_eq!(due(&lab, id, 2), next);
        }
    }
}

#[test]
fn b190_what_does_not_wait_for_its_time_is_left_alone() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let queued = lab.run(|_| Ok(Num(1)));
    assert!(!lab.run_now(queued), "it waits for a worker");
    held.open();
    lab.done(queued);
    assert!(!lab.run_now(queued));
    assert!(!lab.run_now(lab.reserve().unwrap()));
    let later = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    lab.begin_shutdown(SECOND);
    assert!(!lab.run_now(later));
    assert_eq!(lab.status(later), Status::Cancelled);
}

// ---- to take back ------------------------------------------------------------------------------

#[test]
fn b191_what_has_not_begun_is_taken_back_and_nothing_else() {
    both(&["cancelled User"], |lab| {
        let held = lab.hold_worker();
        let id = lab.submit(lab.options(), |_| Ok(Num(1)));
        let drops = Drops::default();
        let token = drops.token();
        let delayed = lab.submit(Options { delay: SECOND, ..Options::default() }, move |_| {
            drop(token);
            Ok(Num(1))
        });
        assert!(lab.cancel_if_queued(id) && lab.cancel_if_queued(delayed));
        assert_eq!((drops.count(), lab.status(delayed)), (1, Status::Cancelled));
        assert!(!lab.cancel_if_queued(id), "it has ended");
        held.open();
        id
    });
    both(&["started", "completed 1"], |lab| {
        let gate = Gate::new();
        let running = gate.clone();
        let id = lab.submit(lab.options(), move |context| {
            running.pass();
            assert!(!context.is_cancelled());
            Ok(Num(1))
        });
        gate.wait_for(1);
        assert!(!lab.cancel_if_queued(id));
        assert!(!lab.info(id).unwrap().cancel_requested);
        gate.open();
        lab.done(id);
        id
    });
    let lab = Lab::direct(1);
    let id = numbered(&lab, Periodic::every(SECOND));
    lab.rests(id, 1);
    assert!(!lab.cancel_if_queued(id), "it has begun");
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
    assert!(!lab.cancel_if_queued(lab.reserve().unwrap()));
}

// ---- callbacks of a start ----------------------------------------------------------------------

#[test]
fn b192_a_callback_that_asks_for_it_hears_that_the_task_starts() {
    for (asks, mode) in [
        (true, legwork::engine::DeliveryMode::Queued),
        (true, legwork::engine::DeliveryMode::Direct),
        (false, legwork::engine::DeliveryMode::Queued),
        (false, legwork::engine::DeliveryMode::Direct),
    ] {
        let lab = Lab::manual(1, mode);
        // Nobody else hears of starts.
        lab.set_hears_starts(false);
        let heard = lab.heard.clone();
        let direct = mode == legwork::engine::DeliveryMode::Direct;
        let id = lab.submit(Options { hears_start: asks, ..lab.options() }, move |_| {
            assert_eq!(
                heard.lock().len(),
                usize::from(asks && direct),
                "before the body, where it is called there"
            );
            Ok(Num(1))
        });
        lab.done(id);
        lab.finish();
        let expected: &[&str] = if asks { &["started", "completed 1"] } else { &["completed 1"] };
        assert_eq!(lab.heard(), expected, "{mode:?}");
    }
}
