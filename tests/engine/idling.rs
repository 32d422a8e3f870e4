//! Threads without work, and what each does as it starts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use parking_lot::Mutex;

use legwork::engine::{DeliveryMode, Engine, EngineConfig, Status, WaitResult};

use crate::support::*;

/// Has so many workers come, and sleep.
fn rest(lab: &Lab, workers: usize) {
    let gate = Gate::new();
    for _ in 0..workers {
        let held = gate.clone();
        lab.run(move |_| {
            held.pass();
            Ok(Num(1))
        });
    }
    gate.wait_for(workers);
    gate.open();
    lab.quiet();
    until("they sleep", || lab.idle_workers() == workers);
}

/// Moves the time on by a little until there are so many workers.
fn shrinks_to(lab: &Lab, workers: usize) {
    until("there are as many as wanted", || {
        lab.advance(Duration::from_millis(10));
        lab.counts().workers == workers
    });
}

#[test]
fn b299_threads_end_once_they_have_slept_for_the_time_out_but_for_one() {
    let lab = Lab::direct(4);
    assert_eq!(lab.idle_timeout(), Some(30 * SECOND));
    rest(&lab, 4);
    lab.advance(29 * SECOND);
    let one = lab.run(|_| Ok(Num(1)));
    lab.done(one);
    until("it sleeps again", || lab.idle_workers() == 4);
    assert_eq!(lab.counts().workers, 4);
    lab.advance(SECOND);
    shrinks_to(&lab, 1);
    lab.advance(3_600 * SECOND);
    assert_eq!((lab.counts().workers, lab.idle_workers()), (1, 1));
    // They come again as there is work.
    rest(&lab, 4);
    lab.finish();
}

#[test]
fn b299_what_works_is_no_idle_thread_and_one_sleeps_beside_it_as_long_as_it_does() {
    let lab = Lab::direct(4);
    rest(&lab, 4);
    let held = lab.hold_worker();
    lab.advance(30 * SECOND);
    shrinks_to(&lab, 2);
    assert_eq!(lab.idle_workers(), 1);
    lab.advance(3_600 * SECOND);
    assert_eq!(lab.counts().workers, 2);
    held.open();
    lab.quiet();
    shrinks_to(&lab, 1);
    lab.finish();
}

/// The threads for Low all end, as the next task is rather another; and come again.
#[test]
fn b299_b338_all_threads_for_low_end_and_come_again() {
    let lab = Lab::direct(2);
    rest(&lab, 1);
    for _ in 0..20 {
        let low = Options { priority: legwork::engine::Priority::Low, ..Options::default() };
        let low = lab.submit(low, |_| Ok(Num(1)));
        lab.done(low);
        until("both sleep", || lab.idle_workers() == 2);
        lab.advance(30 * SECOND);
        shrinks_to(&lab, 1);
    }
    lab.finish();
}

#[test]
fn b299_the_time_out_may_be_another_or_none_also_for_those_that_sleep() {
    let lab = Lab::direct(3);
    lab.set_idle_timeout(None);
    assert_eq!(lab.idle_timeout(), None);
    rest(&lab, 3);
    lab.advance(3_600 * SECOND);
    assert_eq!(lab.counts().workers, 3);
    lab.set_idle_timeout(Some(7_200 * SECOND));
    lab.advance(3_600 * SECOND - Duration::from_millis(1));
    assert_eq!(lab.counts().workers, 3);
    shrinks_to(&lab, 1);
    rest(&lab, 3);
    lab.set_idle_timeout(Some(Duration::ZERO));
    shrinks_to(&lab, 1);
    lab.set_idle_timeout(Some(Duration::MAX));
    rest(&lab, 3);
    lab.advance(3_600 * SECOND);
    assert_eq!(lab.counts().workers, 3);
    lab.finish();
}

#[test]
fn b299_on_the_real_clock_too() {
    let config = EngineConfig { idle_timeout: Some(Duration::from_millis(1)), ..config(4) };
    let lab = Lab::of(Engine::direct(config), DeliveryMode::Direct);
    for _ in 0..5 {
        let gate = Gate::new();
        for _ in 0..4 {
            let held = gate.clone();
            lab.run(move |_| {
                held.pass();
                Ok(Num(1))
            });
        }
        gate.wait_for(4);
        gate.open();
        until("they have ended", || lab.counts().workers == 1);
    }
    lab.finish();
}

#[test]
fn b299_tasks_that_come_as_threads_end_are_run() {
    let config = EngineConfig { idle_timeout: Some(Duration::ZERO), ..config(4) };
    let lab = Lab::of(Engine::direct(config), DeliveryMode::Direct);
    for round in 0..300_u32 {
        let ids: Vec<_> = (0..8).map(|_| lab.run(|_| Ok(Num(1)))).collect();
        for id in ids {
            lab.done(id);
            assert_eq!(lab.status(id), Status::Completed);
        }
        if round % 10 == 0 {
            until("they have ended", || lab.counts().workers == 1);
        }
    }
    lab.finish();
}

#[test]
fn b300_each_thread_has_its_start_before_its_first_task_and_once() {
    std::thread_local! {
        static STARTED: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let lab = Lab::direct(3);
    let starts = Arc::new(AtomicUsize::new(0));
    for number in 1..=2 {
        let starts = starts.clone();
        lab.on_thread_start(move || {
            STARTED.with_borrow_mut(|started| started.push(number));
            starts.fetch_add(1, SeqCst);
        });
    }
    let check = |lab: &Lab| {
        let gate = Gate::new();
        let ids: Vec<_> = (0..3)
            .map(|_| {
                let held = gate.clone();
                lab.run(move |_| {
                    held.pass();
                    assert_eq!(STARTED.with_borrow(Vec::clone), [1, 2]);
                    Ok(Num(1))
                })
            })
            .collect();
        gate.wait_for(3);
        gate.open();
        for id in ids {
            lab.done(id);
            assert_eq!(lab.status(id), Status::Completed);
        }
        lab.quiet();
    };
    check(&lab);
    check(&lab);
    assert_eq!(starts.load(SeqCst), 6);
    until("they sleep", || lab.idle_workers() == 3);
    // The threads that come after others have theirs.
    lab.advance(30 * SECOND);
    shrinks_to(&lab, 1);
    check(&lab);
    assert_eq!(starts.load(SeqCst), 10);
    lab.finish();
}

#[test]
fn b300_a_start_that_panics_or_takes_long_is_in_nobodys_way() {
    let lab = Lab::direct(2);
    let (gate, first) = (Gate::new(), Mutex::new(true));
    let held = gate.clone();
    lab.on_thread_start(|| panic!("no connection"));
    lab.on_thread_start(move || {
        if std::mem::take(&mut *first.lock()) {
            held.pass();
        }
    });
    let id = lab.run(|_| Ok(Num(1)));
    gate.wait_for(1);
    // The second thread, while the first is not done.
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed);
    gate.open();
    rest(&lab, 2);
    lab.finish();
}

#[test]
fn b300_a_start_may_submit_and_wait() {
    let lab = Lab::direct(1);
    let (engine, ids) = (lab.engine().clone(), Arc::new(Mutex::new(Vec::new())));
    let (started, cell) = (ids.clone(), std::sync::Once::new());
    lab.on_thread_start(move || {
        cell.call_once(|| {
            let body = legwork::engine::Once(Some(|_: &legwork::engine::TaskContext| Ok(Num(2))));
            let id = engine.submit(Box::new(body), Options::default(), None, false).unwrap();
            assert_eq!(engine.wait(id, None), WaitResult::Done);
            started.lock().push(id);
        });
    });
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    lab.quiet();
    assert_eq!(ids.lock().len(), 1);
    lab.finish();
}
