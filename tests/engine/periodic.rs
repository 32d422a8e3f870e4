//! Schedules.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use legwork::engine::{
    CancelResult, Change, DeliveryMode, Engine, FirstRun, Misfire, Payload, Periodic, Rate, Repeated, Retry,
    Status, TaskContext, TaskId, TaskOptions, WaitResult,
};

use crate::support::*;

fn counted(lab: &Lab, periodic: Periodic) -> (TaskId, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let count = runs.clone();
    let id = lab.repeat(Options { periodic: Some(periodic), ..Options::default() }, move |_| {
        count.fetch_add(1, SeqCst);
        Ok(Num(1))
    });
    (id, runs)
}

/// A task whose first run stays at the gate.
fn held_in_its_first_run(lab: &Lab, periodic: Periodic) -> (TaskId, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.repeat(Options { periodic: Some(periodic), ..Options::default() }, move |context| {
        if context.iteration() == 1 {
            held.pass();
        }
        Ok(Num(1))
    });
    gate.wait_for(1);
    (id, gate)
}

fn runs(lab: &Lab, id: TaskId) -> u64 {
    lab.quiet();
    lab.info(id).unwrap().iteration
}

#[test]
fn b36_the_first_run_is_at_once_or_after_one_interval() {
    let lab = Lab::direct(1);
    let (at_once, _) = counted(&lab, Periodic::every(SECOND));
    let later = Periodic { first_run: FirstRun::AfterInterval, ..Periodic::every(SECOND) };
    let (later, _) = counted(&lab, later);
    assert_eq!((runs(&lab, at_once), runs(&lab, later)), (1, 0));
    assert_eq!(lab.status(later), Status::Delayed);
    lab.advance(SECOND);
    assert_eq!((runs(&lab, at_once), runs(&lab, later)), (2, 1));
}

#[test]
fn b37_with_a_fixed_delay_the_next_run_is_one_interval_after_the_last_ended() {
    let lab = Lab::direct(2);
    let (id, gate) = held_in_its_first_run(&lab, Periodic::every(SECOND));
    // It takes ten intervals; none of them starts a second run beside it, or after it.
    for _ in 0..10 {
        lab.advance(SECOND);
        assert_eq!(lab.counts().running, 1);
    }
    gate.open();
    assert_eq!(runs(&lab, id), 1);
    lab.advance(SECOND - Duration::from_nanos(1));
    assert_eq!(runs(&lab, id), 1);
    lab.advance(Duration::from_nanos(1));
    assert_eq!(runs(&lab, id), 2);
}

#[test]
fn b37_b38_with_a_fixed_rate_missed_ticks_are_skipped_and_the_grid_stays() {
    let lab = Lab::direct(2);
    let periodic = Periodic { rate: Rate::FixedRate, ..Periodic::every(10 * SECOND) };
    let (id, gate) = held_in_its_first_run(&lab, periodic);
    lab.advance(35 * SECOND);
    gate.open();
    assert_eq!(runs(&lab, id), 1);
    lab.advance(4 * SECOND);
    assert_eq!(runs(&lab, id), 1);
    lab.advance(SECOND);
    assert_eq!(runs(&lab, id), 2, "at 40 s, on the grid");
    lab.advance(10 * SECOND);
    assert_eq!(runs(&lab, id), 3);
}

#[test]
fn b38_with_a_fixed_rate_missed_ticks_can_be_run_once() {
    let lab = Lab::direct(2);
    let periodic =
        Periodic { rate: Rate::FixedRate, misfire: Misfire::RunOnce, ..Periodic::every(10 * SECOND) };
    let (id, gate) = held_in_its_first_run(&lab, periodic);
    lab.advance(35 * SECOND);
    gate.open();
    lab.quiet();
    // Due already; a virtual clock looks when it is told to.
    lab.advance(Duration::ZERO);
    assert_eq!(runs(&lab, id), 2, "one for the ticks at 10, 20 and 30 s");
    lab.advance(5 * SECOND);
    assert_eq!(runs(&lab, id), 3, "at 40 s, on the grid");
}

/// As the run went on until then.
#[test]
fn b38_a_tick_at_the_very_moment_that_a_run_ends_was_missed() {
    for (misfire, made_up_for) in [(Misfire::Skip, 0), (Misfire::RunOnce, 1)] {
        let lab = Lab::direct(2);
        let periodic = Periodic { rate: Rate::FixedRate, misfire, ..Periodic::every(10 * SECOND) };
        let (id, gate) = held_in_its_first_run(&lab, periodic);
        lab.advance(10 * SECOND);
        gate.open();
        lab.quiet();
        lab.advance(Duration::ZERO);
        assert_eq!(runs(&lab, id), 1 + made_up_for, "{misfire:?}");
        lab.advance(10 * SECOND);
        assert_eq!(runs(&lab, id), 2 + made_up_for, "{misfire:?}: at 20 s");
    }
}

/// A run that begins late is that of all the ticks that have passed by then, also where missed ones are made up for.
#[test]
fn b38_ticks_that_pass_before_a_run_begins_are_that_run() {
    let interval = 10 * SECOND;
    for misfire in [Misfire::Skip, Misfire::RunOnce] {
        let lab = Lab::direct(1);
        let periodic = Periodic { rate: Rate::FixedRate, misfire, ..Periodic::every(interval) };
        let id = lab.repeat(Options { periodic: Some(periodic), ..Options::default() }, |_| Ok(Num(1)));
        assert_eq!(runs(&lab, id), 1);
        // The machine stood still.
        lab.advance(35 * SECOND);
        assert_eq!(runs(&lab, id), 2, "{misfire:?}: one for the ticks at 10, 20 and 30 s");
        lab.advance(Duration::ZERO);
        assert_eq!(runs(&lab, id), 2, "{misfire:?}");
        lab.advance(5 * SECOND);
        assert_eq!(runs(&lab, id), 3, "{misfire:?}: at 40 s, on the grid");
        // There was no worker.
        let gate = lab.hold_worker();
        for _ in 0..35 {
            lab.advance(SECOND);
        }
        gate.open();
        assert_eq!(runs(&lab, id), 4, "{misfire:?}: one for those at 50, 60 and 70 s");
        lab.advance(Duration::ZERO);
        assert_eq!(runs(&lab, id), 4, "{misfire:?}");
        lab.advance(5 * SECOND);
        assert_eq!(runs(&lab, id), 5, "{misfire:?}: at 80 s");
    }
}

/// Chance is no lateness: a run that begins so long after its tick that the next is near is that of its own.
#[test]
fn b38_b188_a_run_that_chance_puts_off_takes_no_other_tick_along() {
    let lab = Lab::direct(1);
    let interval = 10 * SECOND;
    let periodic = Periodic {
        rate: Rate::FixedRate,
        misfire: Misfire::RunOnce,
        jitter: interval,
        ..Periodic::every(interval)
    };
    let (id, count) = counted(&lab, periodic);
    for _ in 0..100 * 100 {
        lab.advance(interval / 100);
        lab.quiet();
    }
    let count = count.load(SeqCst);
    assert!((100..=101).contains(&count), "{count} runs at 101 ticks");
    assert_eq!(runs(&lab, id), count as u64);
}

#[test]
fn b33_b34_a_fixed_rate_does_not_drift() {
    let lab = Lab::direct(1);
    let interval = Duration::from_millis(10);
    let (id, count) = counted(&lab, Periodic { rate: Rate::FixedRate, ..Periodic::every(interval) });
    lab.quiet();
    // The clock comes late by up to 4 ms each time, 1000 times.
    for tick in 1..=1_000u64 {
        lab.advance(interval + Duration::from_millis(tick % 5) - Duration::from_millis((tick - 1) % 5));
        lab.quiet();
        assert_eq!(count.load(SeqCst) as u64, tick + 1, "neither twice nor late");
    }
    assert_eq!(runs(&lab, id), 1_001);
}

#[test]
fn b39_the_longest_interval_does_not_overflow() {
    let lab = Lab::direct(1);
    let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    for rate in [Rate::FixedDelay, Rate::FixedRate] {
        let (id, _) = counted(&lab, Periodic { rate, ..Periodic::every(century) });
        assert_eq!(runs(&lab, id), 1);
        lab.advance(century);
        assert_eq!(runs(&lab, id), 2);
        lab.advance(century);
        assert_eq!(runs(&lab, id), 3);
        lab.cancel(id, USER);
    }
}

#[test]
fn b41_a_task_that_cancels_itself_does_not_run_again() {
    let lab = Lab::direct(1);
    let engine = lab.engine().clone();
    let id = lab.repeat(Options { periodic: Some(Periodic::every(SECOND)), ..Options::default() }, {
        move |context| {
            assert_eq!(engine.cancel(context.id(), USER), CancelResult::CancelRequested);
            Ok(Num(1))
        }
    });
    lab.done(id);
    assert_eq!(lab.status(id), Status::Cancelled);
    lab.advance(10 * SECOND);
    lab.quiet();
    assert_eq!(lab.info(id).unwrap().iteration, 1);
}

#[test]
fn b42_after_cancel_and_wait_it_never_runs_again() {
    for _ in 0..500 {
        let lab = Lab::direct(1);
        let (id, count) = counted(&lab, Periodic::every(SECOND));
        std::thread::scope(|scope| {
            scope.spawn(|| lab.advance(SECOND));
            lab.cancel(id, USER);
            lab.done(id);
            let runs = count.load(SeqCst);
            assert!(runs <= 2);
            lab.advance(10 * SECOND);
            lab.quiet();
            assert_eq!(count.load(SeqCst), runs);
        });
        assert_eq!(lab.status(id), Status::Cancelled);
    }
}

#[test]
fn b30_b44_a_task_due_while_all_workers_are_busy_runs_once_when_one_is_free() {
    let lab = Lab::direct(1);
    let (id, count) = counted(&lab, Periodic::every(SECOND));
    assert_eq!(runs(&lab, id), 1);
    let held = lab.hold_worker();
    for _ in 0..5 {
        lab.advance(SECOND);
    }
    assert_eq!(lab.status(id), Status::Queued);
    held.open();
    assert_eq!(runs(&lab, id), 2);
    assert_eq!(count.load(SeqCst), 2);
}

#[test]
fn b47_a_periodic_task_that_waits_for_a_worker_can_be_cancelled() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let id = lab.repeat(lab.periodic(1), |_| Ok(Num(1)));
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
    held.open();
    lab.quiet();
    assert_eq!(lab.events_of(id), ["cancelled User"]);
}

#[test]
fn b48_a_token_kept_between_runs_says_that_the_task_was_cancelled() {
    // Cancelled between the runs, and by a shutdown while the next run is queued.
    for shutdown in [false, true] {
        let lab = Lab::direct(1);
        let kept = Arc::new(parking_lot::Mutex::new(None));
        let place = kept.clone();
        let id = lab.repeat(lab.periodic(1), move |context| {
            *place.lock() = Some(context.token());
            Ok(Num(1))
        });
        lab.rests(id, 1);
        let token = kept.lock().clone().unwrap();
        assert!(!token.is_cancelled());
        let held = lab.hold_worker();
        if shutdown {
            lab.advance(SECOND);
            assert_eq!(lab.status(id), Status::Queued);
            lab.begin_shutdown(SECOND);
        } else {
            lab.cancel(id, USER);
        }
        assert_eq!(lab.status(id), Status::Cancelled);
        assert_eq!(token.reason(), lab.info(id).unwrap().cancel_reason);
        assert!(token.is_cancelled());
        held.open();
    }
}

/// A periodic task with 1,000 runs that nobody has taken.
fn undelivered(lab: &Lab) -> TaskId {
    let id = lab.repeat(lab.silent_periodic(1), |context| Ok(Num(context.iteration() as i64)));
    for run in 1..=1_000 {
        lab.rests(id, run);
        lab.advance(SECOND);
    }
    id
}

#[test]
fn b113_a_periodic_task_waits_for_a_receiver_that_is_far_behind() {
    let lab = Lab::queued(1);
    let id = undelivered(&lab);
    lab.advance(100 * SECOND);
    assert_eq!(lab.info(id).unwrap().iteration, 1_000, "it is held back");
    assert_eq!((lab.status(id), lab.counts().delayed), (Status::Delayed, 1));
    lab.set_observed(true);
    assert_eq!(lab.brief(id).unwrap().due, None, "nobody knows when it goes on");
    lab.drain();
    let changes = lab.take_changes(10).list;
    let [Change::Is(brief)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(brief.due.unwrap().nanos, 1_000_000_000_000);
    lab.set_observed(false);
    lab.advance(Duration::ZERO);
    lab.rests(id, 1_001);
    lab.advance(SECOND);
    lab.rests(id, 1_002);
    lab.drain();
    let mut events = vec!["started".to_owned()];
    events.extend((1..=1_002).map(|run| format!("run {run} {run}")));
    assert_eq!(lab.events_of(id), events);
}

/// A retry that is over has nothing to say about when it goes on.
#[test]
fn b113_a_periodic_task_that_was_held_back_waits_for_its_tick() {
    for retry in [Retry::default(), Retry { jitter: 0.0, ..Retry::times(1) }] {
        let lab = Lab::queued(1);
        let id = lab.repeat(Options { retry, ..lab.silent_periodic(10) }, |context| {
            Ok(Num(context.iteration() as i64))
        });
        for run in 1..1_000 {
            lab.rests(id, run);
            lab.advance(10 * SECOND);
        }
        lab.rests(id, 1_000);
        assert_eq!(lab.brief(id).unwrap().due, None, "it is held back");
        lab.drain();
        lab.advance(10 * SECOND - Duration::from_nanos(1));
        assert_eq!(lab.info(id).unwrap().iteration, 1_000);
        lab.advance(Duration::from_nanos(1));
        lab.rests(id, 1_001);
    }
}

#[test]
fn b41_b104_a_periodic_task_that_is_held_back_can_be_cancelled_and_shut_down() {
    for shutdown in [false, true] {
        let lab = Lab::queued(1);
        let id = undelivered(&lab);
        if shutdown {
            assert!(lab.shutdown(SECOND, None).complete);
        } else {
            assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
        }
        assert_eq!(lab.counts().delayed, 0);
        lab.drain();
        let events = lab.events_of(id);
        assert_eq!(events.len(), 1_002);
        assert!(events[1_001].starts_with("cancelled"));
        lab.advance(10 * SECOND);
        lab.quiet();
        assert_eq!(lab.info(id).unwrap().iteration, 1_000);
        assert_eq!(lab.wait(id, None), WaitResult::Done);
    }
}

/// How often a result was measured.
static MEASURED: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone, Default)]
struct Measured;

impl Payload for Measured {
    fn byte_size(&self) -> Option<usize> {
        MEASURED.fetch_add(1, SeqCst);
        Some(1)
    }
}

#[test]
fn b139_each_result_of_a_periodic_task_is_measured_once() {
    let engine: Engine<Measured> = Engine::manual(config(1), DeliveryMode::Direct);
    let periodic = Periodic { max_runs: 3, ..Periodic::every(SECOND) };
    let options = TaskOptions { periodic: Some(periodic), ..TaskOptions::default() };
    let body = Box::new(Repeated(|_: &TaskContext| Ok(Measured)));
    let id = engine.submit(body, options, None, false).unwrap();
    for run in 1..=3 {
        until("it has run", || {
            engine.info(id).is_some_and(|info| {
                info.iteration == run && !matches!(info.status, Status::Queued | Status::Running)
            })
        });
        engine.advance(SECOND);
    }
    assert_eq!((engine.status(id), MEASURED.load(SeqCst)), (Status::Completed, 3));
}
