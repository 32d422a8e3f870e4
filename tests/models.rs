//! The engine under the model checkers: loom tries every schedule of a few threads with at most two
//! or three preemptions, shuttle many random ones of more threads. A lost wake-up is a deadlock, which both
//! report. Empty in a normal build:
//!
//! ```text
//! RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom \
//!     cargo test --no-default-features --release --test models
//! RUSTFLAGS="--cfg shuttle" CARGO_TARGET_DIR=target/shuttle \
//!     cargo test --no-default-features --release --test models
//! ```
#![cfg(any(loom, shuttle))]
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "what a model counts with is no part of it"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::task::{Poll, Waker};
use std::time::Duration;

#[cfg(loom)]
use loom::{sync::Mutex, thread};
#[cfg(shuttle)]
use shuttle::{sync::Mutex, thread};

#[cfg(shuttle)]
use legwork::engine::{AfterPolicy, Delivery, Receiver, UnloadError};
use legwork::engine::{
    Async, CancelReason, CancelResult, DeliveryMode, Elsewhere, Engine, EngineConfig, ErrorKind, ErrorPolicy,
    External, HistoryLimits, KeyPolicy, Limits, Meanwhile, Notice, Once, OwnerId, Payload, Priority,
    Repeated, Retry, Status, SubmitError, TaskContext, TaskError, TaskId, TaskOptions, Then, WaitResult,
};

/// Checks `run` in all schedules with so many preemptions, or in many schedules, and says in how many.
#[cfg_attr(shuttle, allow(unused_variables, reason = "shuttle chooses at random"))]
fn check(name: &str, preemptions: usize, run: fn()) {
    let schedules = Arc::new(AtomicUsize::new(0));
    let counted = {
        let schedules = schedules.clone();
        move || {
            schedules.fetch_add(1, SeqCst);
            run();
        }
    };
    #[cfg(loom)]
    {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(preemptions);
        builder.max_branches = 100_000;
        builder.check(counted);
    }
    #[cfg(shuttle)]
    {
        shuttle::check_random(counted.clone(), 10_000);
        shuttle::check_pct(counted, 10_000, 3);
    }
    println!("{name}: {} schedules", schedules.load(SeqCst));
}

/// On the virtual clock: time is no part of these models.
fn engine(workers: usize) -> Engine<()> {
    let config = EngineConfig { max_workers: workers, ..EngineConfig::default() };
    Engine::manual(config, DeliveryMode::Direct)
}

fn submit_with(
    engine: &Engine<()>,
    options: TaskOptions<()>,
    body: impl FnOnce(&TaskContext) -> Result<(), TaskError> + Send + 'static,
) -> Result<TaskId, SubmitError> {
    engine.submit(Box::new(Once(Some(body))), options, None, false)
}

/// Submits a task that counts its run.
fn submit(engine: &Engine<()>, runs: &Arc<AtomicUsize>) -> TaskId {
    let runs = runs.clone();
    submit_with(engine, TaskOptions::default(), move |_| {
        runs.fetch_add(1, SeqCst);
        Ok(())
    })
    .expect("the engine is open")
}

fn wait(engine: &Engine<()>, id: TaskId) {
    assert_eq!(engine.wait(id, None), WaitResult::Done);
}

fn close(engine: &Engine<()>) {
    let report = engine.shutdown(Duration::from_secs(30), None);
    assert!(report.complete);
    let counts = engine.counts();
    assert_eq!((counts.delayed, counts.queued, counts.running, counts.live), (0, 0, 0, 0));
}

fn spawn(engine: &Engine<()>, run: impl FnOnce(Engine<()>) + Send + 'static) -> thread::JoinHandle<()> {
    let engine = engine.clone();
    thread::spawn(move || run(engine))
}

/// B5, B6: a second submit while the worker goes to sleep after the first.
fn park_and_wake() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    for round in 1..=2 {
        let id = submit(&engine, &runs);
        wait(&engine, id);
        assert_eq!(runs.load(SeqCst), round);
    }
    close(&engine);
}

#[test]
fn b5_b6_a_submit_while_the_only_worker_falls_asleep() {
    check("park and wake, 1 worker", 3, park_and_wake);
}

/// B3, B5, B11: two threads submit, while one of two workers may start, run or fall asleep.
fn two_submitters() {
    let (engine, runs) = (engine(2), Arc::new(AtomicUsize::new(0)));
    let count = runs.clone();
    let other = spawn(&engine, move |engine| {
        let id = submit(&engine, &count);
        wait(&engine, id);
    });
    let id = submit(&engine, &runs);
    wait(&engine, id);
    other.join().unwrap();
    assert_eq!(runs.load(SeqCst), 2);
    close(&engine);
}

#[test]
fn b3_b5_b11_two_threads_submit_to_two_workers() {
    check("two submitters, 2 workers", 2, two_submitters);
}

/// B50, B51: exactly one of ran and cancelled, and one end.
fn cancel_against_start() {
    let (engine, runs, ends) = (engine(1), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let heard = ends.clone();
    let options = TaskOptions {
        callbacks: vec![Box::new(move |notice: &Notice<()>| {
            assert!(notice.is_end());
            heard.fetch_add(1, SeqCst);
        })],
        ..TaskOptions::default()
    };
    let count = runs.clone();
    let id = submit_with(&engine, options, move |_| {
        count.fetch_add(1, SeqCst);
        Ok(())
    })
    .unwrap();
    let other = spawn(&engine, move |engine| {
        engine.cancel(id, CancelReason::User);
    });
    let result = engine.cancel(id, CancelReason::Replaced);
    wait(&engine, id);
    other.join().unwrap();
    let ran = runs.load(SeqCst);
    match engine.status(id) {
        Status::Cancelled => assert_eq!(ran, 0),
        Status::Completed => assert_eq!(ran, 1),
        other => panic!("{other:?}"),
    }
    assert!(result != CancelResult::CancelledBeforeStart || ran == 0);
    close(&engine);
    // The callback may still be called by the thread that ended the task: it is joined, or the
    // worker, whose end `shutdown` does not wait for on a virtual clock.
    assert!(ends.load(SeqCst) <= 1);
}

#[test]
fn b50_b51_cancel_against_start() {
    check("cancel against start", 3, cancel_against_start);
}

/// B98, B100, B101: what is accepted resolves, and runs if it must.
fn shutdown_against_submit() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let count = runs.clone();
    let other = spawn(&engine, move |engine| {
        let options = TaskOptions { must_run: true, ..TaskOptions::default() };
        let runs = count.clone();
        let must = submit_with(&engine, options, move |_| {
            runs.fetch_add(1, SeqCst);
            Ok(())
        });
        match must {
            Ok(id) => {
                wait(&engine, id);
                assert_eq!((engine.status(id), count.load(SeqCst)), (Status::Completed, 1));
            }
            Err(error) => assert_eq!((error, count.load(SeqCst)), (SubmitError::ShutDown, 0)),
        }
        if let Ok(id) = submit_with(&engine, TaskOptions::default(), |_| Ok(())) {
            wait(&engine, id);
        }
    });
    close(&engine);
    other.join().unwrap();
    assert!(submit_with(&engine, TaskOptions::default(), |_| Ok(())).is_err());
}

#[test]
fn b98_b100_b101_shutdown_against_submit() {
    check("shutdown against submit", 3, shutdown_against_submit);
}

/// B58, B59: two threads wait while the task ends.
fn wait_against_finish() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let id = submit(&engine, &runs);
    let other = spawn(&engine, move |engine| wait(&engine, id));
    wait(&engine, id);
    assert_eq!(runs.load(SeqCst), 1);
    other.join().unwrap();
    close(&engine);
}

#[test]
fn b58_b59_wait_against_finish() {
    check("wait against finish", 3, wait_against_finish);
}

/// B48: a body that sleeps, and a cancel.
fn sleep_against_cancel() {
    let engine = engine(1);
    let id = submit_with(&engine, TaskOptions::default(), |context| context.sleep(Duration::from_secs(1)));
    let id = id.unwrap();
    engine.cancel(id, CancelReason::User);
    wait(&engine, id);
    assert_eq!(engine.status(id), Status::Cancelled);
    close(&engine);
}

#[test]
fn b48_sleep_against_cancel() {
    check("sleep against cancel", 3, sleep_against_cancel);
}

/// B108: a worker ends itself while something is submitted, and another is wanted again.
fn resize_against_submit() {
    let (engine, runs) = (engine(2), Arc::new(AtomicUsize::new(0)));
    let first = submit(&engine, &runs);
    let second = submit(&engine, &runs);
    let other = spawn(&engine, move |engine| {
        engine.set_max_workers(1).unwrap();
    });
    wait(&engine, first);
    wait(&engine, second);
    let third = submit(&engine, &runs);
    wait(&engine, third);
    other.join().unwrap();
    assert_eq!(runs.load(SeqCst), 3);
    close(&engine);
}

#[test]
fn b108_shrinking_against_submit() {
    check("shrinking against submit", 2, resize_against_submit);
}

/// B108: both directions, from the same thread that submits.
fn shrink_and_grow() {
    let (engine, runs) = (engine(2), Arc::new(AtomicUsize::new(0)));
    let first = submit(&engine, &runs);
    let second = submit(&engine, &runs);
    wait(&engine, first);
    engine.set_max_workers(1).unwrap();
    engine.set_max_workers(2).unwrap();
    let third = submit(&engine, &runs);
    wait(&engine, second);
    wait(&engine, third);
    assert_eq!(runs.load(SeqCst), 3);
    close(&engine);
}

#[test]
fn b108_shrinking_and_growing() {
    check("shrinking and growing", 3, shrink_and_grow);
}

/// B19, B64: a task waits for one that is queued, which the other worker may take first.
fn help_against_start() {
    let (engine, runs) = (engine(2), Arc::new(AtomicUsize::new(0)));
    let inner = submit(&engine, &runs);
    let waits = engine.clone();
    let outer = submit_with(&engine, TaskOptions::default(), move |_| {
        wait(&waits, inner);
        Ok(())
    });
    wait(&engine, outer.unwrap());
    assert_eq!(runs.load(SeqCst), 1);
    close(&engine);
}

#[test]
fn b19_b64_a_wait_on_a_worker_against_another_worker() {
    check("help against start", 3, help_against_start);
}

/// Counts its end.
struct Code(Arc<AtomicUsize>);

impl Drop for Code {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// B123: what an owner's code made is destroyed when unloading returns, whichever thread destroys it.
fn unload_against_run() {
    let (engine, drops) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let owner = engine.open_owner("plugin");
    let (body, heard) = (Code(drops.clone()), Code(drops.clone()));
    let options = TaskOptions {
        owner: Some(owner),
        callbacks: vec![Box::new(move |_: &Notice<()>| {
            let _ = &heard;
        })],
        ..TaskOptions::default()
    };
    let id = submit_with(&engine, options, move |_| {
        let _body = &body;
        Ok(())
    });
    let id = id.unwrap();
    let other = spawn(&engine, move |engine| {
        engine.cancel(id, CancelReason::User);
    });
    assert_eq!(engine.unload_owner(owner, Duration::from_secs(30)), Ok(()));
    assert_eq!(drops.load(SeqCst), 2);
    other.join().unwrap();
    close(&engine);
}

#[test]
fn b123_unloading_against_a_run_and_a_cancel() {
    check("unload against run", 3, unload_against_run);
}

/// B65: of two tasks that wait for each other, one is refused, and both end.
#[cfg(shuttle)]
fn cycle() {
    let engine = engine(2);
    let ids = [engine.reserve().unwrap(), engine.reserve().unwrap()];
    let refused = Arc::new(AtomicUsize::new(0));
    for (mine, other) in [(ids[0], ids[1]), (ids[1], ids[0])] {
        let (waits, count) = (engine.clone(), refused.clone());
        let body = Once(Some(move |_: &TaskContext| {
            match waits.wait(other, None) {
                WaitResult::WouldDeadlock => {
                    count.fetch_add(1, SeqCst);
                }
                // The other may not have been submitted yet.
                WaitResult::Done | WaitResult::UnknownTask => {}
                WaitResult::WaitTimeout => panic!("it has no time-out"),
            }
            Ok(())
        }));
        engine.submit(Box::new(body), TaskOptions::default(), Some(mine), false).unwrap();
    }
    ids.into_iter().for_each(|id| wait(&engine, id));
    assert!(refused.load(SeqCst) <= 1);
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b65_two_tasks_that_wait_for_each_other() {
    check("a cycle of waits", 3, cycle);
}

/// Three submitters, a canceller and a resizer at three workers, and a shutdown behind them.
#[cfg(shuttle)]
fn everything() {
    let (engine, runs) = (engine(3), Arc::new(AtomicUsize::new(0)));
    let cancelled = Arc::new(AtomicUsize::new(0));
    let mut threads = Vec::new();
    for thread in 0..3 {
        let (runs, cancelled) = (runs.clone(), cancelled.clone());
        threads.push(spawn(&engine, move |engine| {
            let ids: Vec<_> = (0..3).map(|_| submit(&engine, &runs)).collect();
            if engine.cancel(ids[thread], CancelReason::User) == CancelResult::CancelledBeforeStart {
                cancelled.fetch_add(1, SeqCst);
            }
            ids.into_iter().for_each(|id| wait(&engine, id));
        }));
    }
    threads.push(spawn(&engine, |engine| {
        for workers in [1, 2, 1, 3] {
            engine.set_max_workers(workers).unwrap();
        }
    }));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(runs.load(SeqCst) + cancelled.load(SeqCst), 9);
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b52_b108_b127_everything_at_once() {
    check("everything at once", 3, everything);
}

/// Several threads shut down while others submit, with a deadline that passes at any time.
#[cfg(shuttle)]
fn shutdowns() {
    let engine = engine(2);
    let mut threads = Vec::new();
    for _ in 0..2 {
        threads.push(spawn(&engine, |engine| {
            for must_run in [true, false] {
                let options = TaskOptions { must_run, ..TaskOptions::default() };
                let Ok(id) = submit_with(&engine, options, |context| context.checkpoint()) else { return };
                wait(&engine, id);
                assert!(engine.status(id).is_finished());
            }
        }));
    }
    for _ in 0..2 {
        threads.push(spawn(&engine, |engine| {
            assert!(engine.shutdown(Duration::from_secs(1), None).complete);
        }));
    }
    threads.push(spawn(&engine, |engine| engine.advance(Duration::from_secs(1))));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let counts = engine.counts();
    assert_eq!((counts.delayed, counts.queued, counts.running, counts.live), (0, 0, 0, 0));
}

#[cfg(shuttle)]
#[test]
fn b100_b102_b103_shutdowns_against_submits_and_the_deadline() {
    check("several shutdowns", 3, shutdowns);
}

/// B135: the body of the only worker waits for a task in a way that runs nothing in place, and so another
/// worker comes; which is one too many afterwards, while the next task is queued.
fn wait_beside() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let (inner, count) = (engine.clone(), runs.clone());
    let outer = submit_with(&engine, TaskOptions::default(), move |_| {
        let id = submit(&inner, &count);
        assert_eq!(inner.wait(id, Some(Duration::from_secs(1))), WaitResult::Done);
        Ok(())
    });
    wait(&engine, outer.unwrap());
    let next = submit(&engine, &runs);
    wait(&engine, next);
    assert_eq!(runs.load(SeqCst), 2);
    close(&engine);
}

#[test]
fn b135_a_body_that_waits_gives_its_place_away() {
    check("a wait beside the only worker", 2, wait_beside);
}

/// B108: there are fewer workers from here on, while others come back and one is on its way: those that begin now
/// run one after the other.
#[cfg(shuttle)]
fn fewer_workers() {
    let (engine, runs, at_once) = (engine(3), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let before: Vec<_> = (0..3).map(|_| submit(&engine, &runs)).collect();
    wait(&engine, before[0]);
    engine.set_max_workers(1).unwrap();
    let after: Vec<_> = (0..3)
        .map(|_| {
            let at_once = at_once.clone();
            let body = move |_: &TaskContext| {
                assert_eq!(at_once.fetch_add(1, SeqCst), 0, "two run at once");
                thread::yield_now();
                at_once.fetch_sub(1, SeqCst);
                Ok(())
            };
            submit_with(&engine, TaskOptions::default(), body).unwrap()
        })
        .collect();
    before.into_iter().chain(after).for_each(|id| {
        wait(&engine, id);
        assert_eq!(engine.status(id), Status::Completed);
    });
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b108_fewer_workers_against_those_that_come_back() {
    check("fewer workers", 3, fewer_workers);
}

/// B142: a shutdown that is not the last, while another thread submits: that task runs, is cancelled, or is
/// refused, and the engine is open afterwards.
fn rest_against_submit() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let first = submit(&engine, &runs);
    let other = spawn(&engine, move |engine| {
        if let Ok(id) = submit_with(&engine, TaskOptions::default(), |_| Ok(())) {
            wait(&engine, id);
        }
    });
    let report = engine.end_work(Duration::from_secs(1), false, Meanwhile::default());
    assert!(report.abandoned.is_empty());
    wait(&engine, first);
    other.join().unwrap();
    let next = submit(&engine, &runs);
    wait(&engine, next);
    close(&engine);
}

#[test]
fn b142_a_shutdown_that_is_not_the_last_against_a_submit() {
    check("a rest against a submit", 2, rest_against_submit);
}

/// Two handles are dropped, without the lock, while the task ends: it is forgotten, once, on the
/// thread that is the last.
fn handles_against_end() {
    let engine = engine(1);
    engine.set_history_limits(HistoryLimits { tasks: 0, ..HistoryLimits::default() });
    let body = Box::new(Once(Some(|_: &TaskContext| Ok(()))));
    let id = engine.submit(body, TaskOptions::default(), None, true).unwrap();
    engine.copy_handle(id);
    let other = spawn(&engine, move |engine| engine.drop_handle(id));
    engine.drop_handle(id);
    other.join().unwrap();
    assert!(matches!(engine.wait(id, None), WaitResult::Done | WaitResult::UnknownTask));
    assert_eq!(engine.status(id), Status::UnknownTask);
    assert_eq!(engine.counts().live, 0);
    close(&engine);
}

#[test]
fn b14_handles_that_are_dropped_against_the_end() {
    check("handles against the end", 3, handles_against_end);
}

/// B25, B42: what becomes due while it is cancelled, by a time that another thread moves.
#[cfg(shuttle)]
fn due_against_cancel() {
    let (engine, runs) = (engine(2), Arc::new(AtomicUsize::new(0)));
    let count = runs.clone();
    let delayed = TaskOptions { delay: Duration::from_secs(1), ..TaskOptions::default() };
    let id = submit_with(&engine, delayed, move |_| {
        count.fetch_add(1, SeqCst);
        Ok(())
    });
    let id = id.unwrap();
    let clock = spawn(&engine, |engine| engine.advance(Duration::from_secs(1)));
    let before = engine.cancel(id, CancelReason::User) == CancelResult::CancelledBeforeStart;
    wait(&engine, id);
    clock.join().unwrap();
    assert_eq!(runs.load(SeqCst), usize::from(!before));
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b25_b42_due_against_cancel() {
    check("due against cancel", 3, due_against_cancel);
}

/// Submits a task that counts its run, and that no other of its key runs beside it.
fn submit_keyed(
    engine: &Engine<()>,
    policy: KeyPolicy,
    (runs, at_once): (&Arc<AtomicUsize>, &Arc<AtomicUsize>),
) -> TaskId {
    let (runs, at_once) = (runs.clone(), at_once.clone());
    let options = TaskOptions { key: Some("key".into()), key_policy: policy, ..TaskOptions::default() };
    submit_with(engine, options, move |_| {
        assert_eq!(at_once.fetch_add(1, SeqCst), 0, "two bodies of one key overlap");
        runs.fetch_add(1, SeqCst);
        at_once.fetch_sub(1, SeqCst);
        Ok(())
    })
    .expect("the engine is open")
}

/// B165: a cancel of the task whose turn is next, or of the one that has the place, while that is handed on.
fn cancel_against_hand_over() {
    let (engine, runs, at_once) = (engine(2), Arc::default(), Arc::default());
    let ids = [0, 1, 2].map(|_| submit_keyed(&engine, KeyPolicy::Append, (&runs, &at_once)));
    let other = spawn(&engine, move |engine| {
        engine.cancel(ids[1], CancelReason::User);
    });
    ids.iter().for_each(|id| wait(&engine, *id));
    other.join().unwrap();
    let cancelled = ids.iter().filter(|id| engine.status(**id) == Status::Cancelled).count();
    assert_eq!(runs.load(SeqCst) + cancelled, 3);
    assert!(cancelled <= 1);
    assert_eq!(engine.keys_in_use(), 0);
    close(&engine);
}

#[test]
fn b165_a_cancel_against_the_hand_over_of_a_place() {
    check("cancel against hand-over", 2, cancel_against_hand_over);
}

/// B173, B174: the end of a task, or its cancel, while another is submitted that comes after it.
fn end_against_after() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let first = submit(&engine, &runs);
    let other = spawn(&engine, move |engine| {
        engine.cancel(first, CancelReason::User);
    });
    let after = TaskOptions { after: vec![first], ..TaskOptions::default() };
    let count = runs.clone();
    let next = submit_with(&engine, after, move |_| {
        count.fetch_add(1, SeqCst);
        Ok(())
    });
    let next = next.unwrap();
    wait(&engine, next);
    other.join().unwrap();
    match engine.status(first) {
        Status::Completed => assert_eq!((engine.status(next), runs.load(SeqCst)), (Status::Completed, 2)),
        Status::Cancelled => assert_eq!((engine.status(next), runs.load(SeqCst)), (Status::Cancelled, 0)),
        other => panic!("{other:?}"),
    }
    close(&engine);
}

#[test]
fn b173_b174_an_end_against_a_submit_that_comes_after_it() {
    check("end against after", 2, end_against_after);
}

/// B165, B166, B174: everything with keys and chains, and a shutdown behind it.
#[cfg(shuttle)]
fn keys_and_chains() {
    let (engine, runs, at_once) = (engine(3), Arc::default(), Arc::default());
    let mut threads = Vec::new();
    for policy in [KeyPolicy::Append, KeyPolicy::Replace, KeyPolicy::KeepLatest, KeyPolicy::Keep] {
        let (runs, at_once) = (Arc::clone(&runs), Arc::clone(&at_once));
        threads.push(spawn(&engine, move |engine| {
            let id = submit_keyed(&engine, policy, (&runs, &at_once));
            let options = TaskOptions { after: vec![id], ..TaskOptions::default() };
            // It may have been forgotten in no schedule: the history has room for all of them.
            let next = submit_with(&engine, options, |_| Ok(())).expect("it is known");
            [id, next].iter().for_each(|id| wait(&engine, *id));
            let completed = engine.status(id) == Status::Completed;
            assert_eq!(engine.status(next) == Status::Completed, completed);
        }));
    }
    threads.push(spawn(&engine, |engine| engine.cancel_key(None, "key", CancelReason::User)));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!((engine.keys_in_use(), engine.counts().blocked), (0, 0));
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b165_b166_b174_keys_and_chains_at_once() {
    check("keys and chains", 3, keys_and_chains);
}

/// B176: a shutdown, with a deadline that comes at any time, while places are handed on.
#[cfg(shuttle)]
fn shutdown_of_keys() {
    let (engine, runs, at_once) = (engine(2), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let other = spawn(&engine, move |engine| {
        for must_run in [false, true, false] {
            let (runs, at_once) = (runs.clone(), at_once.clone());
            let key = Some("key".into());
            let options = TaskOptions { key, must_run, ..TaskOptions::default() };
            let submitted = submit_with(&engine, options, move |_| {
                assert_eq!(at_once.fetch_add(1, SeqCst), 0);
                runs.fetch_add(1, SeqCst);
                at_once.fetch_sub(1, SeqCst);
                Ok(())
            });
            let Ok(first) = submitted else { return };
            let options = TaskOptions { after: vec![first], must_run, ..TaskOptions::default() };
            let _ = submit_with(&engine, options, |_| Ok(()));
        }
    });
    let clock = spawn(&engine, |engine| engine.advance(Duration::from_secs(1)));
    assert!(engine.shutdown(Duration::from_secs(1), None).complete);
    [other, clock].into_iter().for_each(|thread| thread.join().unwrap());
    let counts = engine.counts();
    assert_eq!((counts.delayed, counts.blocked, counts.queued, counts.running, counts.live), (0, 0, 0, 0, 0));
}

#[cfg(shuttle)]
#[test]
fn b176_a_shutdown_against_the_hand_over_of_a_place() {
    check("a shutdown of keys", 3, shutdown_of_keys);
}

/// A task whose first attempt fails, and which counts its attempts and its ends.
fn submit_retry(
    engine: &Engine<()>,
    runs: &Arc<AtomicUsize>,
    ends: &Arc<AtomicUsize>,
    owner: Option<OwnerId>,
) -> TaskId {
    let (runs, ends) = (runs.clone(), ends.clone());
    let body = Repeated(move |context: &TaskContext| {
        runs.fetch_add(1, SeqCst);
        match context.attempt() {
            1 => Err(TaskError::new(ErrorKind::Failed, "busy")),
            _ => Ok(()),
        }
    });
    let callback = Box::new(move |notice: &Notice<()>| {
        ends.fetch_add(notice.is_end().into(), SeqCst);
    });
    let options = TaskOptions {
        retry: Retry { jitter: 0.0, ..Retry::times(1) },
        owner,
        callbacks: vec![callback],
        ..TaskOptions::default()
    };
    engine.submit(Box::new(body), options, None, false).unwrap()
}

/// B42, B183: the next attempt becomes due while the task is cancelled, which may come at any moment of the first
/// attempt, of the wait, or of the second.
fn retry_against_cancel() {
    let (engine, runs, ends) = (engine(1), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let id = submit_retry(&engine, &runs, &ends, None);
    let clock = spawn(&engine, |engine| engine.advance(Duration::from_secs(1)));
    let answer = engine.cancel(id, CancelReason::User);
    let made = runs.load(SeqCst);
    wait(&engine, id);
    clock.join().unwrap();
    let ran = runs.load(SeqCst);
    match engine.status(id) {
        // Before the first attempt, or between the two.
        Status::Cancelled => assert!(answer == CancelResult::CancelledBeforeStart && ran == made && ran < 2),
        // In the first, which was the last then.
        Status::Failed => assert!(answer == CancelResult::CancelRequested && ran == 1),
        Status::Completed => assert!(answer != CancelResult::CancelledBeforeStart && ran == 2),
        other => panic!("{other:?}"),
    }
    close(&engine);
    assert!(ends.load(SeqCst) <= 1);
}

#[test]
fn b42_b183_a_retry_that_becomes_due_against_a_cancel() {
    check("retry against cancel", 2, retry_against_cancel);
}

/// B194, B195: an external task is completed, dropped and cancelled by three threads at once: it has one end, by one
/// of the three, and is told to stop at most once, and never once it was ended.
fn ends_of_external() {
    let (engine, ends) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let (stops, late) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (heard, told, done) = (ends.clone(), stops.clone(), late.clone());
    let external = External {
        on_stop: Some(Arc::new(move || {
            told.fetch_add(1, SeqCst);
        })),
    };
    let options = TaskOptions {
        external: Some(external),
        key: Some("key".into()),
        callbacks: vec![Box::new(move |notice: &Notice<()>| {
            heard.fetch_add(notice.is_end().into(), SeqCst);
        })],
        ..TaskOptions::default()
    };
    let id = engine.submit(Box::new(Elsewhere), options, None, false).unwrap();
    let next = TaskOptions { key: Some("key".into()), ..TaskOptions::default() };
    let next = submit_with(&engine, next, |_| Ok(())).unwrap();
    let dropped = spawn(&engine, move |engine| {
        let error = TaskError::new(ErrorKind::Failed, "dropped");
        done.fetch_add(engine.end_external(id, Err(error)).into(), SeqCst);
    });
    let cancels = spawn(&engine, move |engine| {
        engine.cancel(id, CancelReason::User);
    });
    let completed = engine.end_external(id, Ok(()));
    wait(&engine, next);
    dropped.join().unwrap();
    cancels.join().unwrap();
    let failed = late.load(SeqCst) == 1;
    match engine.status(id) {
        Status::Completed => assert!(completed && !failed && stops.load(SeqCst) == 0),
        Status::Failed => assert!(failed && !completed && stops.load(SeqCst) == 0),
        Status::Cancelled => assert!(!failed && !completed && stops.load(SeqCst) == 1),
        other => panic!("{other:?}"),
    }
    assert_eq!(ends.load(SeqCst), 1);
    close(&engine);
}

#[test]
fn b194_b195_an_external_task_is_completed_dropped_and_cancelled_at_once() {
    check("ends of an external task", 2, ends_of_external);
}

/// B196: an end that comes as the task's time does, and a cancel.
#[cfg(shuttle)]
fn early_end_of_external() {
    let engine = engine(1);
    let options = TaskOptions {
        external: Some(External::default()),
        delay: Duration::from_secs(1),
        ..TaskOptions::default()
    };
    let id = engine.submit(Box::new(Elsewhere), options, None, false).unwrap();
    let clock = spawn(&engine, |engine| engine.advance(Duration::from_secs(1)));
    let cancels = spawn(&engine, move |engine| {
        engine.cancel(id, CancelReason::User);
    });
    let completed = engine.end_external(id, Ok(()));
    wait(&engine, id);
    clock.join().unwrap();
    cancels.join().unwrap();
    assert_eq!(engine.status(id), if completed { Status::Completed } else { Status::Cancelled });
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b196_an_external_task_ends_as_its_time_comes() {
    check("early end of an external task", 3, early_end_of_external);
}

/// B123, B183: the owner is unloaded, or the engine shut down, while the next attempt becomes due.
#[cfg(shuttle)]
fn retry_against_unload() {
    let (engine, runs, ends) = (engine(2), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let owner = engine.open_owner("plugin");
    let id = submit_retry(&engine, &runs, &ends, Some(owner));
    let other = submit_retry(&engine, &runs, &ends, None);
    let clock = spawn(&engine, |engine| engine.advance(Duration::from_secs(1)));
    let shuts = spawn(&engine, |engine| engine.begin_shutdown(Duration::from_secs(30)));
    assert_eq!(engine.unload_owner(owner, Duration::from_secs(30)), Ok(()));
    let made = Arc::strong_count(&runs);
    assert!(made <= 2, "the body of the one is destroyed, and that of the other may be there: {made}");
    wait(&engine, other);
    assert!(matches!(engine.wait(id, None), WaitResult::Done | WaitResult::UnknownTask));
    clock.join().unwrap();
    shuts.join().unwrap();
    assert!(runs.load(SeqCst) <= 4);
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b123_b183_a_retry_that_becomes_due_against_an_unloading_and_a_shutdown() {
    check("retry against unload", 3, retry_against_unload);
}

/// B123, B165, B173: an owner is unloaded while places of its key are handed on, and while the ends of its tasks are told
/// to those that come after them, also to another's.
#[cfg(shuttle)]
fn unload_against_order() {
    let (engine, code) = (engine(2), Arc::new(()));
    let (runs, at_once) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let owner = engine.open_owner("plugin");
    let body = |of_plugin: bool| {
        let code = of_plugin.then(|| code.clone());
        let (runs, at_once) = (runs.clone(), at_once.clone());
        move |_: &TaskContext| {
            let _code = code;
            if of_plugin {
                assert_eq!(at_once.fetch_add(1, SeqCst), 0, "two bodies of one key overlap");
                at_once.fetch_sub(1, SeqCst);
            }
            runs.fetch_add(1, SeqCst);
            Ok(())
        }
    };
    let of_owner = |after: Vec<TaskId>, must_run, delay| TaskOptions {
        key: Some("key".into()),
        owner: Some(owner),
        after_policy: AfterPolicy::Ended,
        after,
        must_run,
        delay: Duration::from_secs(delay),
        ..TaskOptions::default()
    };
    let first = submit_with(&engine, of_owner(Vec::new(), false, 0), body(true)).unwrap();
    let must_run = submit_with(&engine, of_owner(vec![first], true, 0), body(true)).unwrap();
    let waits = submit_with(&engine, of_owner(vec![must_run], true, 1), body(true)).unwrap();
    let after = vec![first, waits];
    let others = TaskOptions { after, after_policy: AfterPolicy::Ended, ..TaskOptions::default() };
    let others = submit_with(&engine, others, body(false)).unwrap();
    let clock = spawn(&engine, |engine| engine.advance(Duration::from_secs(1)));
    let cancel = spawn(&engine, move |engine| {
        engine.cancel(first, CancelReason::User);
    });
    assert_eq!(engine.unload_owner(owner, Duration::from_secs(30)), Ok(()));
    assert_eq!(Arc::strong_count(&code), 1, "nothing of the owner's is left");
    [clock, cancel].into_iter().for_each(|thread| thread.join().unwrap());
    wait(&engine, others);
    assert_eq!(engine.status(others), Status::Completed);
    assert!((2..=4).contains(&runs.load(SeqCst)), "what must run has, and the other's");
    assert_eq!((engine.keys_in_use(), engine.counts().blocked), (0, 0));
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b123_b165_b173_an_unloading_against_places_that_are_handed_on_and_ends_that_are_told() {
    check("unload against order", 3, unload_against_order);
}

// ---- groups ------------------------------------------------------------------------------------

/// A result that tells how many have it, and of which nobody can tell how large it is.
#[derive(Clone, Default)]
struct Made(Vec<Arc<()>>);

impl Payload for Made {
    fn byte_size(&self) -> Option<usize> {
        None
    }

    fn list(values: Vec<Made>) -> Made {
        Made(values.into_iter().flat_map(|value| value.0).collect())
    }
}

fn engine_of_made(workers: usize) -> Engine<Made> {
    let config = EngineConfig { max_workers: workers, ..EngineConfig::default() };
    Engine::manual(config, DeliveryMode::Direct)
}

fn make(engine: &Engine<Made>, owner: Option<OwnerId>, made: &Arc<()>) -> Result<TaskId, SubmitError> {
    let made = made.clone();
    let body = Once(Some(move |_: &TaskContext| Ok(Made(vec![made]))));
    engine.submit(Box::new(body), TaskOptions { owner, ..TaskOptions::default() }, None, false)
}

/// Counts a group's ends.
fn hears_end<P: Payload>(ends: &Arc<AtomicUsize>) -> TaskOptions<P> {
    let ends = ends.clone();
    let callback = Box::new(move |notice: &Notice<P>| {
        ends.fetch_add(notice.is_end().into(), SeqCst);
    });
    TaskOptions { callbacks: vec![callback], ..TaskOptions::default() }
}

/// B224, B225: a member ends, or is cancelled, while the group is made of it.
fn end_against_group() {
    let (engine, runs, ends) = (engine(1), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let member = submit(&engine, &runs);
    let other = spawn(&engine, move |engine| {
        engine.cancel(member, CancelReason::User);
    });
    let group =
        engine.submit_group(&[member], ErrorPolicy::StopOnError, hears_end(&ends), None, false).unwrap();
    wait(&engine, group);
    other.join().unwrap();
    let expected = match engine.status(member) {
        Status::Completed => Status::Completed,
        Status::Cancelled => Status::Failed,
        other => panic!("{other:?}"),
    };
    assert_eq!(engine.status(group), expected);
    close(&engine);
    assert!(ends.load(SeqCst) <= 1);
}

#[test]
fn b224_b225_an_end_against_a_group_that_is_made() {
    check("end against group", 2, end_against_group);
}

/// B224: two members end at once. The group ends once, with both of their results, also where the history keeps none;
/// and a group that has one of them, too.
fn two_ends_of_a_group() {
    let (engine, ends, code) = (engine_of_made(2), Arc::new(AtomicUsize::new(0)), Arc::new(()));
    let members = [0, 1].map(|_| make(&engine, None, &code).unwrap());
    let kept = |members: &[TaskId]| {
        match engine.submit_group(members, ErrorPolicy::StopOnError, hears_end(&ends), None, true) {
            Ok(group) => Some(group),
            // It has ended, and nobody has kept the result.
            Err(SubmitError::ResultNotKept { .. }) => None,
            Err(other) => panic!("{other}"),
        }
    };
    let groups = [(kept(&members), 2), (kept(&members[..1]), 1)];
    for (group, results) in groups {
        let Some(group) = group else { continue };
        assert_eq!(engine.wait(group, None), WaitResult::Done);
        let info = engine.info(group).expect("a handle keeps it");
        assert_eq!((info.status, info.result.map(|made| made.0.len())), (Status::Completed, Some(results)));
        engine.drop_handle(group);
    }
    members.into_iter().for_each(|id| assert_eq!(engine.wait(id, None), WaitResult::Done));
    assert!(engine.shutdown(Duration::from_secs(30), None).complete);
    assert!(ends.load(SeqCst) <= 2);
}

#[test]
fn b224_two_members_end_at_once() {
    check("two ends of a group", 1, two_ends_of_a_group);
}

/// B227: a group is cancelled while a member ends: all members end, and the group after them, by what they did.
fn cancel_of_group_against_end() {
    let (engine, runs, ends) = (engine(1), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let members = [0, 1].map(|_| submit(&engine, &runs));
    let group =
        engine.submit_group(&members, ErrorPolicy::ContinueOnError, hears_end(&ends), None, false).unwrap();
    let other = spawn(&engine, move |engine| {
        engine.cancel(group, CancelReason::User);
    });
    wait(&engine, group);
    assert!(members.iter().all(|id| engine.status(*id).is_finished()), "the group ends last");
    other.join().unwrap();
    let completed = members.iter().filter(|id| engine.status(**id) == Status::Completed).count();
    assert_eq!(completed, runs.load(SeqCst));
    let expected = if completed == 2 { Status::Completed } else { Status::Cancelled };
    assert_eq!(engine.status(group), expected);
    close(&engine);
    assert!(ends.load(SeqCst) <= 1);
}

#[test]
fn b227_a_cancel_of_a_group_against_the_ends_of_its_members() {
    check("cancel of a group against ends", 2, cancel_of_group_against_end);
}

// ---- then --------------------------------------------------------------------------------------

/// B221, B222: a result is handed over while the task that takes it, or the one that makes it, is cancelled. It is
/// there where the second begins, and gone with the last that had it.
fn hand_over_against_cancel() {
    let (engine, code) = (engine_of_made(1), Arc::new(()));
    engine.set_history_limits(HistoryLimits { tasks: 0, ..HistoryLimits::default() });
    let first = make(&engine, None, &code).unwrap();
    let got = Arc::new(AtomicUsize::new(0));
    let seen = got.clone();
    let body = Then::new(move |made: Made, _: &TaskContext| {
        // By this one alone, as nobody else wants it; and by the test.
        assert_eq!(made.0.len(), 1);
        assert_eq!(Arc::strong_count(&made.0[0]), 2, "it was moved");
        seen.fetch_add(1, SeqCst);
        Ok(Made::default())
    });
    let options = TaskOptions { takes: vec![first], ..TaskOptions::default() };
    let Ok(second) = engine.submit(Box::new(body), options, None, true) else {
        // The first has ended and is forgotten, or its result is.
        assert!(engine.shutdown(Duration::from_secs(30), None).complete);
        return;
    };
    let cancels = engine.clone();
    let other = thread::spawn(move || {
        cancels.cancel(second, CancelReason::User);
    });
    assert_eq!(engine.wait(second, None), WaitResult::Done);
    other.join().unwrap();
    let ended = engine.info(second).unwrap();
    let expected = match ended.status {
        Status::Completed => 1,
        // And not as there was no result: of one that completes, there is, though that task is forgotten.
        Status::Cancelled => {
            assert_eq!(ended.cancel_reason, Some(CancelReason::User));
            0
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(got.load(SeqCst), expected);
    engine.drop_handle(second);
    assert!(matches!(engine.wait(first, None), WaitResult::Done | WaitResult::UnknownTask));
    assert!(engine.shutdown(Duration::from_secs(30), None).complete);
    assert_eq!([first, second].map(|id| engine.status(id)), [Status::UnknownTask; 2], "nothing is kept");
}

#[test]
fn b221_b222_a_result_that_is_handed_over_against_a_cancel() {
    check("hand-over against cancel", 2, hand_over_against_cancel);
}

/// B222, B229: the owner whose code makes a result is unloaded while that is handed over, and while a group gathers
/// it. Nothing of it is left then, and no task waits for ever.
#[cfg(shuttle)]
fn hand_over_against_unload() {
    let (engine, code, mine) = (engine_of_made(2), Arc::new(()), Arc::new(()));
    let owner = engine.open_owner("plugin");
    let theirs = make(&engine, Some(owner), &code).unwrap();
    let others = make(&engine, None, &mine).unwrap();
    let unloads = engine.clone();
    let unloading = thread::spawn(move || {
        loop {
            match unloads.unload_owner(owner, Duration::from_secs(30)) {
                Ok(()) => return Arc::strong_count(&code),
                Err(UnloadError::StillRunning(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
    });
    let body = Then::new(|made: Made, _: &TaskContext| {
        assert_eq!(made.0.len(), 1, "it is given, or the body does not begin");
        Ok(made)
    });
    let options = TaskOptions { takes: vec![theirs], ..TaskOptions::default() };
    let then = engine.submit(Box::new(body), options, None, false);
    let members: Vec<_> = then.iter().copied().chain([others]).collect();
    let group =
        engine.submit_group(&members, ErrorPolicy::ContinueOnError, TaskOptions::default(), None, false);
    let outer = group.as_ref().ok().map(|group| {
        engine.submit_group(&[*group], ErrorPolicy::StopOnSuccess, TaskOptions::default(), None, false)
    });
    let made = [then, group].into_iter().chain(outer);
    for id in made.flatten() {
        assert!(matches!(engine.wait(id, None), WaitResult::Done | WaitResult::UnknownTask));
    }
    assert_eq!(unloading.join().unwrap(), 1, "nobody has what the owner has made");
    assert!(engine.shutdown(Duration::from_secs(30), None).complete);
    let counts = engine.counts();
    assert_eq!((counts.blocked, counts.queued, counts.running, counts.live), (0, 0, 0, 0));
}

#[cfg(shuttle)]
#[test]
fn b222_b229_a_result_that_is_handed_over_against_an_unloading() {
    check("hand-over against unload", 3, hand_over_against_unload);
}

/// B287, B288: an owner is unloaded while tasks that must run take a result of its code, one from the other, and the
/// last of them is cancelled. Those that run are given it, and nobody has it afterwards.
#[cfg(shuttle)]
fn must_run_against_unload() {
    let (engine, code) = (engine_of_made(2), Arc::new(()));
    let owner = engine.open_owner("plugin");
    let must = || TaskOptions { must_run: true, ..TaskOptions::default() };
    let made = code.clone();
    let body = Once(Some(move |_: &TaskContext| Ok(Made(vec![made]))));
    let options = TaskOptions { owner: Some(owner), ..must() };
    // Kept, as it may end before there is anything that takes its result.
    let first = engine.submit(Box::new(body), options, None, true).unwrap();
    let given = Arc::new(AtomicUsize::new(0));
    let take = |before: TaskId| {
        let given = given.clone();
        let body = Then::new(move |made: Made, _: &TaskContext| {
            assert_eq!(made.0.len(), 1);
            given.fetch_add(1, SeqCst);
            Ok(made)
        });
        engine.submit(Box::new(body), TaskOptions { takes: vec![before], ..must() }, None, true).unwrap()
    };
    let second = take(first);
    let third = take(second);
    let (unloads, cancels) = (engine.clone(), engine.clone());
    let unloading = thread::spawn(move || {
        loop {
            match unloads.unload_owner(owner, Duration::from_secs(30)) {
                Ok(()) => return Arc::strong_count(&code),
                Err(UnloadError::StillRunning(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
    });
    let cancelling = thread::spawn(move || {
        cancels.cancel(third, CancelReason::User);
    });
    for id in [second, third] {
        assert_eq!(engine.wait(id, None), WaitResult::Done);
    }
    cancelling.join().unwrap();
    assert_eq!(unloading.join().unwrap(), 1, "nobody has what the owner has made");
    assert_eq!(engine.status(second), Status::Completed);
    let ran = engine.status(third) == Status::Completed;
    assert_eq!(given.load(SeqCst), 1 + usize::from(ran));
    for id in [first, second, third] {
        engine.drop_handle(id);
    }
    assert!(engine.shutdown(Duration::from_secs(30), None).complete);
    let counts = engine.counts();
    assert_eq!((counts.blocked, counts.queued, counts.running, counts.live), (0, 0, 0, 0));
}

#[cfg(shuttle)]
#[test]
fn b287_b288_an_unloading_against_what_must_run_and_takes_a_result() {
    check("must run against unload", 3, must_run_against_unload);
}

// ---- limits ------------------------------------------------------------------------------------

/// A task of the owner's that counts its run, and how many are at work at once.
fn submit_limited(
    engine: &Engine<()>,
    owner: OwnerId,
    most: &Arc<AtomicUsize>,
    at_once: &Arc<AtomicUsize>,
) -> TaskId {
    let (most, at_once) = (most.clone(), at_once.clone());
    let options = TaskOptions { owner: Some(owner), ..TaskOptions::default() };
    submit_with(engine, options, move |_| {
        most.fetch_max(at_once.fetch_add(1, SeqCst) + 1, SeqCst);
        at_once.fetch_sub(1, SeqCst);
        Ok(())
    })
    .unwrap()
}

fn running(most: u32) -> Limits {
    Limits { max_running: most, ..Limits::default() }
}

/// B214, B216: a limit is raised while a body ends, and the next one is to begin by both.
fn raise_against_end() {
    let (engine, most, at_once) = (engine(2), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let owner = engine.open_owner("owner");
    engine.set_limits(owner, running(1)).unwrap();
    let ids = [0, 1].map(|_| submit_limited(&engine, owner, &most, &at_once));
    let other = spawn(&engine, move |engine| engine.set_limits(owner, running(2)).unwrap());
    ids.into_iter().for_each(|id| wait(&engine, id));
    other.join().unwrap();
    close(&engine);
}

#[test]
fn b214_b216_a_limit_that_is_raised_against_the_end_of_a_body() {
    check("raise against end", 2, raise_against_end);
}

/// B214, B216: a limit is set while others submit and cancel: what is submitted once it holds never runs beside
/// another, and all end.
#[cfg(shuttle)]
fn limits_at_once() {
    let (engine, most, at_once) = (engine(3), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let owner = engine.open_owner("owner");
    engine.set_limits(owner, running(1)).unwrap();
    let mut threads = Vec::new();
    for _ in 0..2 {
        let (most, at_once) = (most.clone(), at_once.clone());
        threads.push(spawn(&engine, move |engine| {
            let ids = [0, 1].map(|_| submit_limited(&engine, owner, &most, &at_once));
            engine.cancel(ids[1], CancelReason::User);
            ids.into_iter().for_each(|id| wait(&engine, id));
        }));
    }
    threads.push(spawn(&engine, move |engine| {
        // One that is the same by its effect, and does not forget what runs.
        engine.set_limits(owner, Limits { max_queued: 100, ..running(1) }).unwrap();
    }));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(most.load(SeqCst), 1, "never more than one at once");
    engine.close_owner(owner, CancelReason::OwnerGone);
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b214_b216_limits_against_ends_submits_and_cancels() {
    check("limits at once", 3, limits_at_once);
}

/// B123, B214: an owner with a limit is unloaded while its tasks wait for one another's end.
#[cfg(shuttle)]
fn unload_against_limit() {
    let (engine, most, at_once) = (engine(2), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let owner = engine.open_owner("plugin");
    engine.set_limits(owner, running(1)).unwrap();
    let ids = [0, 1, 2].map(|_| submit_limited(&engine, owner, &most, &at_once));
    let ends = Arc::new(AtomicUsize::new(0));
    let group = engine.submit_group(&ids, ErrorPolicy::StopOnError, hears_end(&ends), None, false).unwrap();
    let raises = spawn(&engine, move |engine| {
        let _ = engine.set_limits(owner, Limits { max_queued: 9, ..running(1) });
    });
    assert_eq!(engine.unload_owner(owner, Duration::from_secs(30)), Ok(()));
    raises.join().unwrap();
    // It is forgotten with what it has of the owner's.
    assert!(matches!(engine.wait(group, None), WaitResult::Done | WaitResult::UnknownTask));
    assert!(most.load(SeqCst) <= 1 && at_once.load(SeqCst) == 0);
    let next = submit_with(&engine, TaskOptions::default(), |_| Ok(())).unwrap();
    wait(&engine, next);
    close(&engine);
    assert!(ends.load(SeqCst) <= 1);
}

#[cfg(shuttle)]
#[test]
fn b123_b214_an_unloading_against_a_limit() {
    check("unload against a limit", 3, unload_against_limit);
}

// ---- bodies that block -------------------------------------------------------------------------

/// Submits a task that blocks in a part of its body, and counts its run.
fn submit_blocking(engine: &Engine<()>, options: TaskOptions<()>, runs: &Arc<AtomicUsize>) -> TaskId {
    let runs = runs.clone();
    submit_with(engine, options, move |context| {
        context.blocking(|| runs.fetch_add(1, SeqCst));
        Ok(())
    })
    .expect("the engine is open")
}

/// B293, B295: a scope ends while another worker comes for what is queued, runs it, and is one too many.
fn scope_against_shrink() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let blocks = submit_blocking(&engine, TaskOptions::default(), &runs);
    let other = submit(&engine, &runs);
    wait(&engine, blocks);
    wait(&engine, other);
    assert_eq!(runs.load(SeqCst), 2);
    close(&engine);
}

#[test]
fn b293_b295_the_end_of_a_scope_against_the_pool_that_shrinks() {
    check("end of a scope against shrink", 3, scope_against_shrink);
}

/// B293: what is queued once a body blocks runs, though that never comes back by itself.
fn blocked_until_the_other_ran() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let (waits, count) = (engine.clone(), runs.clone());
    let options = TaskOptions { may_block: true, ..TaskOptions::default() };
    let blocks = submit_with(&engine, options, move |context| {
        context.blocking(|| {
            let other = submit(&waits, &count);
            wait(&waits, other);
        });
        Ok(())
    });
    wait(&engine, blocks.unwrap());
    assert_eq!(runs.load(SeqCst), 1);
    close(&engine);
}

#[test]
fn b293_b297_one_that_blocks_until_another_has_run() {
    check("blocked until another ran", 3, blocked_until_the_other_ran);
}

/// B296: the system has no thread, or has one again, as a scope begins and ends.
fn refused_as_it_blocks() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let first = submit(&engine, &runs);
    wait(&engine, first);
    engine.refuse_threads(1);
    let options = TaskOptions { may_block: true, ..TaskOptions::default() };
    let blocks = submit_blocking(&engine, options, &runs);
    let other = submit(&engine, &runs);
    wait(&engine, other);
    wait(&engine, blocks);
    assert_eq!(runs.load(SeqCst), 3);
    engine.refuse_threads(0);
    close(&engine);
}

#[test]
fn b296_a_thread_that_is_refused_as_a_body_blocks() {
    check("refused as it blocks", 2, refused_as_it_blocks);
}

/// B296: a shutdown while a body begins and ends a scope, and what must run stands behind it.
fn shutdown_against_scope() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let blocks = submit_blocking(&engine, TaskOptions::default(), &runs);
    let count = runs.clone();
    let must = TaskOptions { must_run: true, ..TaskOptions::default() };
    let must = submit_with(&engine, must, move |_| {
        count.fetch_add(1, SeqCst);
        Ok(())
    });
    close(&engine);
    assert_eq!(engine.status(must.unwrap()), Status::Completed);
    let ran = matches!(engine.status(blocks), Status::Completed);
    assert_eq!(runs.load(SeqCst), 1 + usize::from(ran));
}

#[test]
fn b296_a_shutdown_against_a_body_that_blocks() {
    check("shutdown against a scope", 2, shutdown_against_scope);
}

/// B293, B294, B296: scopes, waits within them, limits and sizes that change, all at once.
#[cfg(shuttle)]
fn scopes_at_once() {
    let (engine, runs) = (engine(2), Arc::new(AtomicUsize::new(0)));
    let owner = engine.open_owner("owner");
    engine.set_limits(owner, running(1)).unwrap();
    let mut threads = Vec::new();
    for thread in 0..2 {
        let runs = runs.clone();
        threads.push(spawn(&engine, move |engine| {
            let options = TaskOptions {
                may_block: thread == 0,
                owner: (thread == 1).then_some(owner),
                ..TaskOptions::default()
            };
            let first = submit_blocking(&engine, options, &runs);
            let waits = engine.clone();
            let second = submit_with(&engine, TaskOptions::default(), move |context| {
                assert_eq!(context.blocking(|| waits.wait(first, None)), WaitResult::Done);
                Ok(())
            });
            wait(&engine, second.unwrap());
        }));
    }
    threads.push(spawn(&engine, |engine| {
        for number in [0, 1, 2] {
            engine.set_max_blocking(number).unwrap();
            engine.set_max_workers(1 + number % 2).unwrap();
        }
    }));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(runs.load(SeqCst), 2);
    engine.close_owner(owner, CancelReason::OwnerGone);
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b293_b294_b296_scopes_waits_and_sizes_at_once() {
    check("scopes at once", 3, scopes_at_once);
}

/// B299: a worker is told to end as it has slept too long, while something is submitted.
fn submit_against_dismissal() {
    let config =
        EngineConfig { max_workers: 2, idle_timeout: Some(Duration::ZERO), ..EngineConfig::default() };
    let (engine, runs) = (Engine::<()>::manual(config, DeliveryMode::Direct), Arc::new(AtomicUsize::new(0)));
    let ids = [0, 1].map(|_| submit(&engine, &runs));
    ids.into_iter().for_each(|id| wait(&engine, id));
    let other = spawn(&engine, |engine| engine.advance(Duration::from_secs(1)));
    let third = submit(&engine, &runs);
    wait(&engine, third);
    other.join().unwrap();
    assert_eq!(runs.load(SeqCst), 3);
    close(&engine);
}

#[test]
fn b299_a_worker_that_ends_after_its_sleep_against_a_submit() {
    check("submit against dismissal", 2, submit_against_dismissal);
}

// ---- the two crews -----------------------------------------------------------------------------

fn submit_at(engine: &Engine<()>, priority: Priority, runs: &Arc<AtomicUsize>) -> TaskId {
    let runs = runs.clone();
    let options = TaskOptions { priority, ..TaskOptions::default() };
    submit_with(engine, options, move |_| {
        runs.fetch_add(1, SeqCst);
        Ok(())
    })
    .expect("the engine is open")
}

/// B338: the only place is taken by a task that is not Low, and is given to one that is as that ends.
fn low_beside_another() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let other = submit(&engine, &runs);
    let low = submit_at(&engine, Priority::Low, &runs);
    wait(&engine, low);
    wait(&engine, other);
    assert_eq!(runs.load(SeqCst), 2);
    close(&engine);
}

#[test]
fn b338_one_that_is_low_against_the_end_of_another() {
    check("low beside another", 2, low_beside_another);
}

/// B338: a queued task is for the other crew from one moment to the next, while both fall asleep.
fn raised_as_it_is_taken() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let low = submit_at(&engine, Priority::Low, &runs);
    let raised = submit_at(&engine, Priority::Low, &runs);
    engine.set_priority(raised, Priority::High);
    wait(&engine, raised);
    wait(&engine, low);
    assert_eq!(runs.load(SeqCst), 2);
    close(&engine);
}

#[test]
fn b338_a_priority_that_is_raised_against_the_worker_that_comes() {
    check("raised as it is taken", 2, raised_as_it_is_taken);
}

/// B339: there is no thread for the background, and then one for the foreground.
fn refused_in_the_background() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    engine.refuse_threads(1);
    let low = submit_at(&engine, Priority::Low, &runs);
    let other = submit(&engine, &runs);
    wait(&engine, low);
    wait(&engine, other);
    assert_eq!(runs.load(SeqCst), 2);
    close(&engine);
}

#[test]
fn b339_a_thread_that_is_refused_for_the_background() {
    check("refused in the background", 2, refused_in_the_background);
}

/// B338: tasks of all priorities, that wait for each other, and sizes that change.
#[cfg(shuttle)]
fn crews_at_once() {
    let (engine, runs) = (engine(2), Arc::new(AtomicUsize::new(0)));
    let mut threads = Vec::new();
    for (mine, other) in [(Priority::Low, Priority::Normal), (Priority::High, Priority::Low)] {
        let runs = runs.clone();
        threads.push(spawn(&engine, move |engine| {
            let first = submit_at(&engine, mine, &runs);
            let waits = engine.clone();
            let options = TaskOptions { priority: other, ..TaskOptions::default() };
            let second = submit_with(&engine, options, move |context| {
                assert_eq!(context.blocking(|| waits.wait(first, None)), WaitResult::Done);
                Ok(())
            });
            let third = submit_at(&engine, other, &runs);
            engine.set_priority(third, mine);
            wait(&engine, second.unwrap());
            wait(&engine, third);
        }));
    }
    threads.push(spawn(&engine, |engine| {
        for number in [1, 2, 1] {
            engine.set_max_workers(number).unwrap();
        }
    }));
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(runs.load(SeqCst), 4);
    close(&engine);
}

#[cfg(shuttle)]
#[test]
fn b338_both_crews_at_once() {
    check("crews at once", 3, crews_at_once);
}

// ---- pauses ------------------------------------------------------------------------------------

fn pausable() -> TaskOptions<()> {
    TaskOptions { pausable: true, ..TaskOptions::default() }
}

/// B301, B305: a task is paused by itself, and all are, while a worker comes to it: it runs, once, after both are
/// taken back.
fn pause_against_begin() {
    let (engine, runs) = (engine(1), Arc::new(AtomicUsize::new(0)));
    let id = submit(&engine, &runs);
    let other = spawn(&engine, move |engine| {
        assert!(engine.pause_all(""));
        assert!(engine.resume_all());
    });
    engine.pause(id, "");
    engine.resume(id);
    wait(&engine, id);
    other.join().unwrap();
    assert_eq!(runs.load(SeqCst), 1);
    close(&engine);
}

#[test]
fn b301_b305_a_pause_against_the_begin_of_a_run() {
    check("pause against begin", 2, pause_against_begin);
}

/// B303, B308: a body that comes to a checkpoint is resumed and cancelled at once: it ends, and knows of the cancel
/// if that came before.
fn resume_against_cancel() {
    let engine = engine(1);
    let id = submit_with(&engine, pausable(), |context| context.checkpoint()).unwrap();
    engine.pause(id, "");
    let other = spawn(&engine, move |engine| {
        engine.resume(id);
    });
    engine.cancel(id, CancelReason::User);
    other.join().unwrap();
    wait(&engine, id);
    assert!(matches!(engine.status(id), Status::Cancelled | Status::Completed));
    close(&engine);
}

#[test]
fn b303_b308_a_resume_against_a_cancel_of_a_stopped_body() {
    check("resume against cancel", 2, resume_against_cancel);
}

/// B303: a body that sleeps is paused and resumed at once: it sleeps on, until it is cancelled.
fn resume_against_sleep() {
    let engine = engine(1);
    let id = submit_with(&engine, pausable(), |context| {
        context.sleep(Duration::from_secs(1))?;
        panic!("its time is not over")
    });
    let id = id.unwrap();
    engine.pause(id, "");
    engine.resume(id);
    engine.cancel(id, CancelReason::User);
    wait(&engine, id);
    assert_eq!(engine.status(id), Status::Cancelled);
    close(&engine);
}

#[test]
fn b303_a_resume_against_a_sleep() {
    check("resume against sleep", 4, resume_against_sleep);
}

/// B309: a shutdown, while a body stops for a pause of all: it ends.
fn shutdown_against_stop() {
    let engine = engine(1);
    let must_run = TaskOptions { must_run: true, ..pausable() };
    let ids =
        [pausable(), must_run].map(|options| submit_with(&engine, options, |context| context.checkpoint()));
    let ids = ids.map(Result::unwrap);
    let other = spawn(&engine, |engine| {
        engine.pause_all("");
    });
    close(&engine);
    other.join().unwrap();
    assert_eq!(engine.status(ids[1]), Status::Completed);
    assert!(engine.status(ids[0]).is_finished());
}

#[test]
fn b309_a_shutdown_against_a_body_that_stops() {
    check("shutdown against stop", 2, shutdown_against_stop);
}

// ---- values before the end -----------------------------------------------------------------------

/// What an event loop is to its thread: told that there is something, and waited at.
#[cfg(shuttle)]
#[derive(Default)]
struct Bell {
    rung: shuttle::sync::Mutex<bool>,
    changed: shuttle::sync::Condvar,
}

#[cfg(shuttle)]
impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.changed.wait(rung).unwrap();
        }
        *rung = false;
    }
}

/// A task that sends three values, of which one may wait; and the receiver's thread.
#[cfg(shuttle)]
struct Stream {
    engine: Engine<()>,
    id: TaskId,
    bell: Arc<Bell>,
    /// How many were sent, as the body was told.
    sent: Arc<AtomicUsize>,
}

#[cfg(shuttle)]
impl Stream {
    fn new() -> Self {
        let (bell, sent) = (Arc::new(Bell::default()), Arc::new(AtomicUsize::new(0)));
        let notify = {
            let bell = bell.clone();
            Box::new(move || bell.ring())
        };
        let engine = Engine::queued(EngineConfig { max_workers: 1, ..EngineConfig::default() }, notify);
        engine.set_listening(true);
        let options =
            TaskOptions { max_undelivered: 1, warn_after: Duration::ZERO, ..TaskOptions::default() };
        let (sender, counted) = (engine.clone(), sent.clone());
        let id = submit_with(&engine, options, move |context| {
            for _ in 0..3 {
                sender.send(context, ())?;
                counted.fetch_add(1, SeqCst);
            }
            Ok(())
        });
        Stream { engine, id: id.unwrap(), bell, sent }
    }

    /// Delivers until the end: how many values came before it.
    fn deliver(&self) -> usize {
        let mut receiver = Receiver::new(self.engine.clone());
        let (mut taken, mut over) = (0, false);
        while !over {
            self.bell.wait();
            receiver.acknowledge();
            for delivery in receiver.by_ref() {
                let Delivery::Task { notice, .. } = &delivery else { continue };
                assert!(!over, "nothing comes after the end");
                match notice {
                    Notice::Values(values) => taken += values.len(),
                    Notice::Completed(()) | Notice::Cancelled(_) => over = true,
                    _ => {}
                }
            }
        }
        taken
    }

    fn close(self) {
        assert!(self.engine.shutdown(Duration::from_secs(30), None).complete);
    }
}

/// B316: a body that waits for room, against the receiver that makes some.
#[cfg(shuttle)]
fn room_against_receiver() {
    let stream = Stream::new();
    assert_eq!(stream.deliver(), 3);
    assert_eq!(stream.engine.status(stream.id), Status::Completed);
    stream.close();
}

#[cfg(shuttle)]
#[test]
fn b316_a_body_that_waits_for_room_against_the_receiver() {
    check("room against receiver", 3, room_against_receiver);
}

/// B316: the same, and a cancel.
#[cfg(shuttle)]
fn room_against_cancel() {
    let stream = Stream::new();
    let id = stream.id;
    let cancel = spawn(&stream.engine, move |engine| {
        engine.cancel(id, CancelReason::User);
    });
    assert_eq!(stream.deliver(), stream.sent.load(SeqCst), "what was sent has come, and nothing else");
    cancel.join().unwrap();
    stream.close();
}

#[cfg(shuttle)]
#[test]
fn b316_a_body_that_waits_for_room_against_a_cancel() {
    check("room against cancel", 3, room_against_cancel);
}

/// B319: the thread that delivers waits for the task, before or while the body waits for room.
#[cfg(shuttle)]
fn room_against_wait() {
    let stream = Stream::new();
    assert_eq!(stream.engine.wait(stream.id, None), WaitResult::Done);
    assert_eq!(stream.deliver(), 3);
    stream.close();
}

#[cfg(shuttle)]
#[test]
fn b319_a_body_that_waits_for_room_against_a_thread_that_waits_for_it() {
    check("room against wait", 3, room_against_wait);
}

/// A future that is ready once it is told so, and counts its polls; what two threads do at once is a failure.
#[derive(Clone, Default)]
struct Told {
    ready: Arc<AtomicBool>,
    /// By a lock that the checker sees: what hands a waker on orders what comes of it.
    waker: Arc<Mutex<Option<Waker>>>,
    inside: Arc<AtomicUsize>,
    polls: Arc<AtomicUsize>,
    drops: Arc<AtomicUsize>,
}

impl Told {
    fn submit(&self, engine: &Engine<()>) -> TaskId {
        self.submit_with(engine, TaskOptions::default())
    }

    fn submit_with(&self, engine: &Engine<()>, options: TaskOptions<()>) -> TaskId {
        struct Dropped(Told);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.drops.fetch_add(1, SeqCst);
            }
        }
        let told = Dropped(self.clone());
        let future = std::future::poll_fn(move |context| {
            let told = &told.0;
            assert_eq!(told.inside.fetch_add(1, SeqCst), 0, "two threads poll it");
            told.polls.fetch_add(1, SeqCst);
            *told.waker.lock().unwrap() = Some(context.waker().clone());
            // Other threads may come here, as at each lock of the engine's.
            thread::yield_now();
            told.inside.fetch_sub(1, SeqCst);
            match told.ready.load(SeqCst) {
                true => Poll::Ready(Ok(())),
                false => Poll::Pending,
            }
        });
        let options = TaskOptions { future: true, ..options };
        engine.submit(Box::new(Async::Future(Box::pin(future))), options, None, true).unwrap()
    }

    fn tell(&self) {
        self.ready.store(true, SeqCst);
        let waker = self.waker.lock().unwrap().take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// B343: a wake-up at any moment of the poll, of its end, and of the worker's sleep.
fn wake_against_poll() {
    let (engine, told) = (engine(1), Told::default());
    let id = told.submit(&engine);
    let other = {
        let told = told.clone();
        spawn(&engine, move |_| told.tell())
    };
    wait(&engine, id);
    other.join().unwrap();
    assert!(told.polls.load(SeqCst) <= 2 && told.drops.load(SeqCst) == 1);
    engine.drop_handle(id);
    close(&engine);
}

#[test]
fn b343_a_wake_against_the_end_of_a_poll() {
    check("wake against poll", 3, wake_against_poll);
}

/// B343: two wake-ups, with two workers that could poll it.
fn two_wakes() {
    let (engine, told) = (engine(2), Told::default());
    let id = told.submit(&engine);
    let others = [0, 1].map(|_| {
        let told = told.clone();
        spawn(&engine, move |_| {
            told.ready.store(true, SeqCst);
            let waker = told.waker.lock().unwrap().clone();
            if let Some(waker) = waker {
                waker.wake_by_ref();
            }
        })
    });
    wait(&engine, id);
    others.into_iter().for_each(|other| other.join().unwrap());
    engine.drop_handle(id);
    close(&engine);
}

#[test]
fn b343_two_wakes_and_two_workers() {
    check("two wakes, 2 workers", 2, two_wakes);
}

/// B344: a cancel against a wake-up: one end, and it is destroyed once.
fn wake_against_cancel() {
    let (engine, told) = (engine(1), Told::default());
    let id = told.submit(&engine);
    let other = {
        let told = told.clone();
        spawn(&engine, move |_| told.tell())
    };
    engine.cancel(id, CancelReason::User);
    wait(&engine, id);
    other.join().unwrap();
    assert!(matches!(engine.status(id), Status::Completed | Status::Cancelled));
    assert_eq!(told.drops.load(SeqCst), 1);
    engine.drop_handle(id);
    close(&engine);
}

#[test]
fn b344_a_wake_against_a_cancel() {
    check("wake against cancel", 2, wake_against_cancel);
}

/// B350: a shutdown, with or without time, against a wake-up: the future is destroyed in any case, and by then.
fn wake_against_shutdown(timeout: Duration) {
    let (engine, told) = (engine(1), Told::default());
    let id = told.submit(&engine);
    let other = {
        let told = told.clone();
        spawn(&engine, move |_| told.tell())
    };
    let report = engine.shutdown(timeout, None);
    assert!(report.complete);
    other.join().unwrap();
    if report.abandoned.is_empty() {
        assert_eq!(told.drops.load(SeqCst), 1);
    }
    engine.drop_handle(id);
}

#[test]
fn b350_a_wake_against_a_shutdown() {
    check("wake against shutdown", 2, || wake_against_shutdown(Duration::from_secs(30)));
    check("wake against a shutdown without time", 2, || wake_against_shutdown(Duration::ZERO));
}

/// B349: a sleep in a future, against the clock.
fn sleep_against_clock() {
    let engine = engine(1);
    let sleep = engine.sleep(Duration::from_secs(1));
    let future = async move {
        sleep.await;
        Ok(())
    };
    let options = TaskOptions { future: true, ..TaskOptions::default() };
    let id = engine.submit(Box::new(Async::Future(Box::pin(future))), options, None, true).unwrap();
    let clock = spawn(&engine, |engine| engine.advance(Duration::from_secs(1)));
    wait(&engine, id);
    clock.join().unwrap();
    assert_eq!(engine.naps(), 0);
    engine.drop_handle(id);
    close(&engine);
}

#[test]
fn b349_a_sleep_against_the_clock() {
    check("sleep against clock", 3, sleep_against_clock);
}

/// B347: a pause and a resume against a wake-up.
fn pause_against_wake() {
    let (engine, told) = (engine(1), Told::default());
    let other = {
        let told = told.clone();
        spawn(&engine, move |engine| {
            engine.pause_all("");
            told.tell();
            engine.resume_all();
        })
    };
    let id = told.submit_with(&engine, TaskOptions { pausable: true, ..TaskOptions::default() });
    wait(&engine, id);
    other.join().unwrap();
    engine.drop_handle(id);
    close(&engine);
}

#[test]
fn b347_a_resume_against_a_wake() {
    check("resume against wake", 2, pause_against_wake);
}
