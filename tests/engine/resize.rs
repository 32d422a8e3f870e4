//! More and fewer workers.

use legwork::engine::{DeliveryMode, Engine, Status, WorkersError};

use crate::support::*;

/// So many tasks that stay at one gate.
fn hold(lab: &Lab, tasks: usize) -> Gate {
    let gate = Gate::new();
    for _ in 0..tasks {
        let held = gate.clone();
        lab.run(move |_| {
            held.pass();
            Ok(Num(1))
        });
    }
    gate
}

#[test]
fn b108_more_workers_start_what_is_queued_at_once() {
    let lab = Lab::direct(1);
    let gate = hold(&lab, 8);
    gate.wait_for(1);
    assert_eq!((lab.counts().running, lab.counts().queued), (1, 7));
    lab.set_max_workers(5).unwrap();
    gate.wait_for(5);
    assert_eq!((lab.counts().running, lab.counts().queued), (5, 3));
    lab.set_max_workers(100).unwrap();
    gate.wait_for(8);
    gate.open();
    lab.quiet();
    assert_eq!(lab.max_workers(), 100);
}

#[test]
fn b108_b110_fewer_workers_take_effect_as_tasks_end() {
    let lab = Lab::direct(8);
    let gate = hold(&lab, 8);
    gate.wait_for(8);
    lab.set_max_workers(2).unwrap();
    assert_eq!(lab.counts().running, 8, "what runs is left alone");
    let second = hold(&lab, 6);
    gate.open();
    second.wait_for(2);
    until("the others have ended", || lab.counts().workers == 2);
    assert_eq!((lab.counts().running, lab.counts().queued), (2, 4));
    second.open();
    lab.quiet();
    assert_eq!(lab.counts().workers, 2);
}

#[test]
fn b108_idle_workers_end_when_there_are_too_many() {
    let lab = Lab::direct(8);
    for workers in [8, 1, 8, 3, 1, 2, 8, 1] {
        lab.set_max_workers(workers).unwrap();
        let gate = hold(&lab, workers);
        gate.wait_for(workers);
        assert_eq!(lab.counts().running, workers);
        gate.open();
        lab.quiet();
        until("there are as many as wanted", || lab.counts().workers == workers);
        lab.set_max_workers(1).unwrap();
        until("one is left", || lab.counts().workers == 1);
        let id = lab.run(|_| Ok(Num(1)));
        lab.done(id);
    }
    lab.finish();
}

#[test]
fn b109_impossible_numbers_are_refused() {
    let lab = Lab::direct(3);
    for workers in [0, 1_025, usize::MAX] {
        assert_eq!(lab.set_max_workers(workers), Err(WorkersError(workers)));
        assert_eq!(lab.max_workers(), 3);
    }
    lab.set_max_workers(1_024).unwrap();
    assert_eq!(lab.max_workers(), 1_024);
}

#[test]
fn b110_a_task_may_resize_and_the_one_that_does_goes_on() {
    let lab = Lab::direct(4);
    let engine = lab.engine().clone();
    let gate = hold(&lab, 3);
    gate.wait_for(3);
    let id = lab.run(move |_| {
        engine.set_max_workers(1).unwrap();
        Ok(Num(1))
    });
    lab.done(id);
    gate.open();
    until("one is left", || lab.counts().workers == 1);
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
}

#[test]
fn b7_a_worker_that_is_about_to_end_is_not_counted_on() {
    let lab = Lab::direct(4);
    for _ in 0..300 {
        lab.set_max_workers(1).unwrap();
        lab.set_max_workers(4).unwrap();
        // They meet only if there are really four.
        let gate = hold(&lab, 4);
        gate.wait_for(4);
        gate.open();
        lab.quiet();
    }
    lab.finish();
}

#[test]
fn b112_workers_that_come_later_have_the_name_and_the_stack_of_the_first() {
    let lab = Lab::direct(1);
    lab.set_stack_size(16 << 20).unwrap();
    let checks = || {
        lab.run(|_| {
            assert_eq!(std::thread::current().name(), Some("legwork"));
            // More than a thread has whose size nobody chose.
            let frame = [1u8; 10 << 20];
            Ok(Num(std::hint::black_box(&frame).len() as i64))
        })
    };
    let done = |id| {
        lab.done(id);
        assert_eq!(lab.status(id), Status::Completed, "{:?}", lab.info(id).unwrap().error);
    };
    done(checks());
    let panics = lab.run(|_| panic!("a body"));
    lab.done(panics);
    done(checks());
    for workers in [3, 1, 2] {
        lab.set_max_workers(workers).unwrap();
        let gate = hold(&lab, workers - 1);
        gate.wait_for(workers - 1);
        done(checks());
        gate.open();
        lab.quiet();
        until("there are no more than wanted", || lab.counts().workers <= workers);
    }
    lab.finish();
}

#[test]
fn b5_b108_resizing_during_a_flood_strands_nothing() {
    let lab = Lab::of(Engine::direct(config(4)), DeliveryMode::Direct);
    for round in 0..200u64 {
        std::thread::scope(|scope| {
            let resizing = scope.spawn(|| {
                for workers in [1, 4, 2, 8, 1, 3] {
                    lab.set_max_workers(workers).unwrap();
                }
            });
            let ids: Vec<_> = (0..20 + round % 7).map(|_| lab.run(|_| Ok(Num(1)))).collect();
            for id in ids {
                lab.done(id);
                assert_eq!(lab.status(id), Status::Completed);
            }
            resizing.join().unwrap();
        });
        until("as many as wanted", || lab.counts().workers <= 3);
    }
    lab.finish();
}
