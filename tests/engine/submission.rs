//! Submitting: every task runs once, or is refused and leaves nothing behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use legwork::engine::{
    CancelResult, DeliveryMode, Engine, EngineConfig, HistoryLimits, Once, Payload, Periodic, Priority, Site,
    Status, SubmitError, TaskContext, TaskId, TaskOptions,
};

use crate::support::*;

#[test]
fn b1_a_task_runs_exactly_once() {
    let lab = Lab::direct(4);
    let runs = Arc::new(AtomicUsize::new(0));
    let count = runs.clone();
    let id = lab.run(move |_| {
        count.fetch_add(1, SeqCst);
        Ok(Num(1))
    });
    lab.done(id);
    lab.finish();
    assert_eq!(runs.load(SeqCst), 1);
}

#[test]
fn b2_a_burst_and_a_flood_all_run_and_the_counts_return_to_0() {
    for (workers, tasks) in [(1, 500_u64), (4, 500), (2, 100_000)] {
        let lab = Lab::queued(workers);
        let sum = Arc::new(AtomicU64::new(0));
        for n in 1..=tasks {
            let sum = sum.clone();
            lab.run(move |_| {
                sum.fetch_add(n, SeqCst);
                Ok(Num(0))
            });
        }
        lab.quiet();
        assert_eq!(sum.load(SeqCst), tasks * (tasks + 1) / 2);
        assert_eq!(lab.counts().live, 0);
        let ends = lab.events.lock().iter().filter(|(_, event)| event == "completed 0").count();
        assert_eq!(ends as u64, tasks);
        lab.finish();
    }
}

#[test]
fn b3_submitting_from_several_threads_loses_nothing() {
    let lab = Lab::direct(3);
    let runs = Arc::new(AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    let runs = runs.clone();
                    lab.run(move |_| {
                        runs.fetch_add(1, SeqCst);
                        Ok(Num(0))
                    });
                }
            });
        }
    });
    lab.quiet();
    assert_eq!(runs.load(SeqCst), 8_000);
}

#[test]
fn b4_a_task_submits_tasks_with_one_worker() {
    fn descend(engine: Engine<Num>, depth: i64, bottom: Gate) -> Answer {
        if depth == 0 {
            bottom.pass();
            return Ok(Num(0));
        }
        let next = engine.clone();
        let body = Once(Some(move |_: &TaskContext| descend(next, depth - 1, bottom)));
        engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap();
        Ok(Num(depth))
    }
    let lab = Lab::direct(1);
    let bottom = Gate::new();
    bottom.open();
    let (engine, at) = (lab.engine().clone(), bottom.clone());
    lab.run(move |_| descend(engine, 100, at));
    bottom.wait_for(1);
}

#[test]
fn b5_b6_b128_a_submit_while_a_worker_falls_asleep_is_never_stranded() {
    for workers in [1, 2] {
        let lab = Lab::direct(workers);
        for n in 0..20_000 {
            let id = lab.run(move |_| Ok(Num(n)));
            lab.done(id);
        }
    }
}

#[test]
fn b10_a_closure_is_destroyed_exactly_once_in_every_exit() {
    let drops = Drops::default();
    let body = |drops: &Drops| {
        // Not `Clone`: a closure that can only be moved.
        let token = Box::new(drops.token());
        move |_: &TaskContext| {
            let _token = token;
            Ok(Num(1))
        }
    };
    let one = EngineConfig { capacity: 3, ..config(1) };
    let lab = Lab::of(Engine::manual(one, DeliveryMode::Direct), DeliveryMode::Direct);

    let ran = lab.run(body(&drops));
    lab.done(ran);
    assert_eq!(drops.count(), 1, "ran");

    let token = drops.token();
    let panicked = lab.run(move |_| {
        let _token = token;
        panic!("with a capture");
    });
    lab.done(panicked);
    assert_eq!(drops.count(), 2, "panicked");

    let held = lab.hold_worker();
    let cancelled = lab.run(body(&drops));
    lab.cancel(cancelled, USER);
    assert_eq!(drops.count(), 3, "cancelled");

    lab.run(body(&drops));
    lab.run(body(&drops));
    assert_eq!(lab.try_submit(Options::default(), body(&drops)), Err(SubmitError::QueueFull { capacity: 3 }));
    assert_eq!(drops.count(), 4, "refused");

    lab.begin_shutdown(Duration::ZERO);
    assert_eq!(drops.count(), 6, "shut down");
    assert_eq!(lab.try_submit(Options::default(), body(&drops)), Err(SubmitError::ShutDown));
    assert_eq!(drops.count(), 7, "refused after the shutdown");
    held.open();
    lab.finish();
    assert_eq!(drops.count(), 7);
}

#[test]
fn b11_threads_are_made_when_needed_and_used_again() {
    let lab = Lab::direct(500);
    assert_eq!(lab.counts().workers, 0);
    for n in 0..500 {
        let id = lab.run(move |_| Ok(Num(n)));
        lab.done(id);
        assert!(n > 0 || lab.counts().workers == 1);
    }
    // A submit before the last worker has fallen asleep starts another; that is rare.
    assert!(lab.counts().workers < 100, "{} threads for one task at a time", lab.counts().workers);
}

#[test]
fn b13_beyond_the_capacity_a_submit_is_refused() {
    let small = EngineConfig { capacity: 2, ..config(1) };
    let lab = Lab::of(Engine::manual(small, DeliveryMode::Queued), DeliveryMode::Queued);
    let full = Err(SubmitError::QueueFull { capacity: 2 });
    let held = lab.hold_worker();
    let delayed = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    assert_eq!(lab.try_submit(Options::default(), |_| Ok(Num(2))), full);
    assert_eq!(lab.counts().live, 2);
    lab.cancel(delayed, USER);
    held.open();
    until("both have ended", || lab.counts().running == 0);
    // What was not delivered counts as well.
    assert_eq!(lab.try_submit(Options::default(), |_| Ok(Num(2))), full);
    lab.drain();
    assert!(lab.try_submit(Options::default(), |_| Ok(Num(2))).is_ok());
    lab.finish();
}

#[derive(Clone, Default)]
struct Held(#[allow(dead_code, reason = "counted by its references")] Arc<()>);

impl Payload for Held {}

#[test]
fn b14_nothing_of_a_finished_task_stays_once_it_is_forgotten() {
    let none = HistoryLimits { tasks: 0, ..HistoryLimits::default() };
    let engine: Engine<Held> =
        Engine::manual(EngineConfig { history: none, ..config(2) }, DeliveryMode::Direct);
    let object = Arc::new(());
    let gate = Gate::new();
    gate.open();
    for n in 0..3 {
        let (inside, heard, at) = (object.clone(), object.clone(), gate.clone());
        let options = TaskOptions::<Held> {
            callbacks: vec![Box::new(move |_| {
                let _heard = &heard;
                at.pass();
            })],
            ..TaskOptions::default()
        };
        let body = Once(Some(move |_: &TaskContext| match n {
            0 => Ok(Held(inside)),
            1 => Err(fault("with a capture")),
            _ => panic!("with a capture"),
        }));
        engine.submit(Box::new(body), options, None, false).unwrap();
    }
    gate.wait_for(3);
    until("all references are gone", || Arc::strong_count(&object) == 1);
}

#[test]
fn b15_ids_are_unique_and_unknown_ones_are_unknown() {
    let (lab, other) = (Lab::direct(2), Lab::direct(2));
    let mut ids = std::collections::HashSet::new();
    for _ in 0..5_000 {
        assert!(ids.insert(lab.run(|_| Ok(Num(0)))));
    }
    lab.quiet();
    let foreign = other.run(|_| Ok(Num(0)));
    other.done(foreign);
    let junk: TaskId = "1b4e28ba-2fa1-8a11-883f-0016d3cca427".parse().unwrap();
    for id in [foreign, junk] {
        assert_eq!(lab.status(id), Status::UnknownTask);
        assert!(lab.info(id).is_none() && lab.outcome(id).is_none());
        assert_eq!(lab.cancel(id, USER), CancelResult::UnknownTask);
        assert!(!lab.set_priority(id, legwork::engine::Priority::High));
        assert!(!lab.add_callback(id, Box::new(|_| ())));
        lab.release(id);
    }
}

#[test]
fn b15_an_invented_id_does_not_reach_a_free_record() {
    let lab = Lab::direct(1);
    let id = lab.reserve().unwrap();
    lab.release(id);
    // The key is 0, as a free record's; the salt is the engine's own, the slot the first.
    let bits = id.as_uuid().as_u128() & 0x3ff_ffff << 32 | 0x8000 << 64 | 0x8 << 60;
    let invented: TaskId = uuid::Uuid::from_u128(bits).to_string().parse().unwrap();
    lab.release(invented);
    lab.release(invented);
    let id = lab.engine().submit(
        Box::new(Once(Some(|_: &TaskContext| Ok(Num(1))))),
        Options::default(),
        Some(invented),
        false,
    );
    let id = id.unwrap();
    lab.done(id);
    assert_ne!(id, invented);
    let ids: std::collections::HashSet<_> = (0..2_000).map(|_| lab.reserve().unwrap()).collect();
    assert_eq!(ids.len(), 2_000);
}

#[test]
fn b72_a_reserved_id_is_nobodys_until_it_is_submitted() {
    let lab = Lab::direct(1);
    let id = lab.reserve().unwrap();
    assert_eq!(lab.status(id), Status::UnknownTask);
    assert_eq!(lab.cancel(id, USER), CancelResult::UnknownTask);
    assert!(lab.tasks().is_empty());
    let body = Once(Some(move |context: &TaskContext| {
        assert_eq!(context.id(), id);
        Ok(Num(1))
    }));
    assert_eq!(lab.engine().submit(Box::new(body), Options::default(), Some(id), true), Ok(id));
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed);
    // It is used: to give it back does nothing.
    lab.release(id);
    assert_eq!(lab.status(id), Status::Completed);
    let unused = lab.reserve().unwrap();
    lab.release(unused);
    lab.release(unused);
    lab.drop_handle(id);
    lab.finish();
}

#[test]
fn b27_b36_impossible_times_are_refused_and_leave_nothing() {
    let lab = Lab::direct(1);
    let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    let longer = century + Duration::from_nanos(1);
    let drops = Drops::default();
    let invalid = |error: SubmitError, option: &str, found: String| match error {
        SubmitError::InvalidOption { option: named, found: shown, .. } => {
            assert_eq!((named, shown), (option, found));
        }
        other => panic!("{other}"),
    };
    let refused = |options: Options| {
        let token = drops.token();
        lab.try_submit(options, move |_| {
            drop(token);
            Ok(Num(1))
        })
        .unwrap_err()
    };
    for delay in [longer, Duration::MAX] {
        invalid(refused(Options { delay, ..Options::default() }), "delay", format!("{delay:?}"));
    }
    for interval in [Duration::ZERO, longer, Duration::MAX] {
        let options = Options { periodic: Some(Periodic::every(interval)), ..Options::default() };
        invalid(refused(options), "interval", format!("{interval:?}"));
    }
    for timeout in [longer, Duration::MAX] {
        let options = Options { timeout: Some(timeout), ..Options::default() };
        invalid(refused(options), "timeout", format!("{timeout:?}"));
    }
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY, 1_000_000.5] {
        let options = Options { weight, ..Options::default() };
        invalid(refused(options), "weight", weight.to_string());
    }
    // It would go on for ever, past its owner's end.
    let periodic = Some(Periodic::every(Duration::from_secs(1)));
    let options = Options { periodic, must_run: true, ..Options::default() };
    assert_eq!(refused(options), SubmitError::OnceOnly { option: "mustRun" });
    assert_eq!(drops.count(), 13);
    assert_eq!(lab.counts(), legwork::engine::Counts::default());
    assert!(lab.tasks().is_empty());
    let id = lab.submit(Options { delay: century, ..Options::default() }, |_| Ok(Num(1)));
    lab.advance(century);
    lab.done(id);
}

#[test]
fn b75_b127_the_counts_tell_where_tasks_are() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    lab.run(|_| Ok(Num(1)));
    lab.run(|_| Ok(Num(1)));
    lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    let counts = lab.counts();
    assert_eq!((counts.delayed, counts.queued, counts.running, counts.live), (1, 2, 1, 4));
    assert_eq!(counts.workers, 1);
    held.open();
    lab.advance(SECOND);
    lab.quiet();
    let counts = lab.counts();
    assert_eq!((counts.delayed, counts.queued, counts.running, counts.live), (0, 0, 0, 0));
}

#[test]
fn plain_work_is_work_with_options_that_say_nothing() {
    let lab = Lab::queued(1);
    let plain = |answer: i64, keep| {
        let body = Box::new(Once(Some(move |_: &TaskContext| Ok(Num(answer)))));
        lab.engine().submit_plain(body, Site::NOWHERE, keep)
    };
    // Without a worker, and in the injector beside one that is busy.
    let first = plain(1, true).unwrap();
    lab.done(first);
    let gate = lab.hold_worker();
    let ids: Vec<_> = (2..5).map(|answer| plain(answer, answer == 4).unwrap()).collect();
    assert!(ids.iter().all(|id| lab.status(*id) == Status::Queued));
    gate.open();
    lab.quiet();
    lab.drain();
    let of = |id: &TaskId| lab.info(*id).map(|info| (info.status, info.result, info.priority));
    let expected = |answer| Some((Status::Completed, Some(Num(answer)), Priority::Normal));
    assert_eq!(ids.iter().map(of).collect::<Vec<_>>(), (2..5).map(expected).collect::<Vec<_>>());
    lab.clear_history();
    assert!(of(&ids[0]).is_none() && of(&ids[2]) == expected(4), "a handle keeps it");
    for id in [first, ids[2]] {
        lab.engine().drop_handle(id);
    }
    lab.finish();
    assert_eq!(plain(5, true), Err(SubmitError::ShutDown));
    assert_eq!(lab.counts().live, 0);
}
