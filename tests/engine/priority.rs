//! Which task goes first.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

use legwork::engine::{CancelReason, DeliveryMode, Engine, Once, Priority, Status, TaskContext};

use crate::support::*;

fn with(priority: Priority) -> Options {
    Options { priority, ..Options::default() }
}

fn push(lab: &Lab, order: &Order, options: Options, number: i64) -> legwork::engine::TaskId {
    let order = order.clone();
    lab.submit(options, move |_| {
        order.push(number);
        Ok(Num(number))
    })
}

#[test]
fn b16_b17_high_goes_first_and_each_lane_is_fifo() {
    let (lab, order) = (Lab::direct(1), Order::default());
    let held = lab.hold_worker();
    for round in 0..3 {
        push(&lab, &order, with(Priority::Low), 20 + round);
        push(&lab, &order, with(Priority::Normal), 10 + round);
        push(&lab, &order, with(Priority::High), round);
    }
    held.open();
    lab.quiet();
    assert_eq!(order.get(), [0, 1, 2, 10, 11, 12, 20, 21, 22]);
}

#[test]
fn b18_a_lane_that_was_passed_over_32_times_is_served_once() {
    let (lab, order) = (Lab::direct(1), Order::default());
    let held = lab.hold_worker();
    push(&lab, &order, with(Priority::Low), -1);
    push(&lab, &order, with(Priority::Low), -2);
    for n in 0..80 {
        push(&lab, &order, with(Priority::High), n);
    }
    held.open();
    lab.quiet();
    // A thread of its own comes for it, which takes its time.
    let at = |number| order.get().iter().position(|n| *n == number).unwrap();
    assert!((32..=81).contains(&at(-1)) && at(-1) < at(-2), "{} {}", at(-1), at(-2));
    let mut high = order.get();
    high.retain(|n| *n >= 0);
    assert!(high.is_sorted());
}

/// Else one that reads a large file in the background keeps waiting what the user has just asked for.
#[test]
fn b338_what_is_low_and_runs_keeps_nothing_waiting_that_is_not() {
    let lab = Lab::direct(2);
    let low = Gate::new();
    for _ in 0..4 {
        let held = low.clone();
        lab.submit(with(Priority::Low), move |_| {
            held.pass();
            Ok(Num(0))
        });
    }
    low.wait_for(2);
    assert_eq!((lab.counts().running, lab.counts().queued), (2, 2));
    let normal = [lab.hold_worker(), lab.hold_worker()];
    let third = lab.run(|_| Ok(Num(0)));
    assert_eq!(
        (lab.counts().running, lab.status(third)),
        (4, Status::Queued),
        "of each so many as there may be"
    );
    normal[0].open();
    lab.done(third);
    normal[1].open();
    low.open();
    lab.quiet();
    lab.finish();
}

/// Low waits as long as the others need all places.
#[test]
fn b338_what_is_low_takes_a_place_that_nobody_else_needs() {
    for _ in 0..300 {
        let lab = Lab::direct(2);
        let held = [lab.hold_worker(), lab.hold_worker()];
        let low = lab.submit(with(Priority::Low), |_| Ok(Num(0)));
        assert_eq!(lab.status(low), Status::Queued);
        held[0].open();
        // The worker that is free now is none of those for Low: it calls one.
        lab.done(low);
        held[1].open();
        lab.quiet();
    }
}

#[test]
fn b338_a_queued_low_one_that_is_raised_finds_a_worker_at_once() {
    let lab = Lab::direct(1);
    let low = Gate::new();
    let held = low.clone();
    lab.submit(with(Priority::Low), move |_| {
        held.pass();
        Ok(Num(0))
    });
    low.wait_for(1);
    let raised = lab.submit(with(Priority::Low), |_| Ok(Num(0)));
    assert_eq!(lab.status(raised), Status::Queued);
    assert!(lab.set_priority(raised, Priority::Normal));
    // A wait would call a worker by itself.
    until("it has run", || lab.status(raised) == Status::Completed);
    low.open();
    lab.quiet();
}

#[test]
fn b18_b338_low_ones_come_forward_beside_others_without_end() {
    let lab = Lab::direct(1);
    let stop = Arc::new(AtomicBool::new(false));
    // Each queues the next.
    fn next(engine: Engine<Num>, stop: Arc<AtomicBool>) {
        let again = engine.clone();
        let body = Once(Some(move |_: &TaskContext| {
            if !stop.load(SeqCst) {
                next(again, stop);
            }
            Ok(Num(0))
        }));
        engine.submit(Box::new(body), Options::default(), None, false).unwrap();
    }
    // So there is always one that waits for the only place.
    for _ in 0..2 {
        next(lab.engine().clone(), stop.clone());
    }
    let ran = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let ran = ran.clone();
        lab.submit(with(Priority::Low), move |_| Ok(Num(ran.fetch_add(1, SeqCst) as i64)));
    }
    // The history forgets them among the others.
    until("all of Low have run", || ran.load(SeqCst) == 3);
    stop.store(true, SeqCst);
    lab.quiet();
}

#[test]
fn b21_a_queued_tasks_priority_can_be_changed() {
    let (lab, order) = (Lab::direct(1), Order::default());
    let held = lab.hold_worker();
    push(&lab, &order, with(Priority::Normal), 1);
    let raised = push(&lab, &order, with(Priority::Low), 2);
    let lowered = push(&lab, &order, with(Priority::High), 3);
    let same = push(&lab, &order, with(Priority::Normal), 4);
    push(&lab, &order, with(Priority::Normal), 5);
    assert!(lab.set_priority(raised, Priority::High));
    assert!(lab.set_priority(lowered, Priority::Low));
    assert!(lab.set_priority(same, Priority::Normal));
    assert_eq!(lab.info(raised).unwrap().priority, Priority::High);
    held.open();
    lab.quiet();
    assert_eq!(order.get(), [2, 1, 4, 5, 3], "one that stays what it was keeps its turn");
    assert!(!lab.set_priority(raised, Priority::Low), "it has ended");
}

#[test]
fn b21_a_running_tasks_priority_stays() {
    let lab = Lab::direct(1);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.run(move |_| {
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    assert!(!lab.set_priority(id, Priority::High));
    assert_eq!(lab.info(id).unwrap().priority, Priority::Normal);
    gate.open();
    lab.done(id);
}

#[test]
fn b21_a_delayed_task_is_queued_with_the_priority_that_it_was_given() {
    let (lab, order) = (Lab::direct(1), Order::default());
    let held = lab.hold_worker();
    let id = push(&lab, &order, Options { delay: SECOND, ..Options::default() }, 1);
    push(&lab, &order, with(Priority::Normal), 2);
    assert!(lab.set_priority(id, Priority::High));
    lab.advance(SECOND);
    held.open();
    lab.quiet();
    assert_eq!(order.get(), [1, 2]);
}

#[test]
fn b21_b101_a_task_that_must_run_keeps_its_lane_during_a_shutdown() {
    let (lab, order) = (Lab::direct(1), Order::default());
    let held = lab.hold_worker();
    let must = || Options { must_run: true, ..Options::default() };
    let first = push(&lab, &order, must(), 1);
    let second = push(&lab, &order, must(), 2);
    lab.begin_shutdown(SECOND);
    assert!(lab.set_priority(first, Priority::Low) && lab.set_priority(second, Priority::Low));
    // It stands in the lane where the shutdown put it, and is taken out of that one.
    lab.cancel(first, USER);
    assert_eq!((lab.status(first), lab.status(second)), (Status::Cancelled, Status::Queued));
    held.open();
    assert!(lab.shutdown(SECOND, None).complete);
    assert_eq!(order.get(), [2]);
    assert_eq!(lab.counts().queued, 0);
}

#[test]
fn b22_cancelling_in_the_middle_leaves_the_others_in_order() {
    let (lab, order) = (Lab::direct(1), Order::default());
    let held = lab.hold_worker();
    let ids: Vec<_> = (0..300).map(|n| push(&lab, &order, with(Priority::Normal), n)).collect();
    // The ends, neighbours, and every third.
    for at in (0..300).filter(|at| at % 3 == 0 || [1, 298, 299].contains(at)) {
        lab.cancel(ids[at], USER);
    }
    held.open();
    lab.quiet();
    let kept: Vec<i64> = (0..300).filter(|at| at % 3 != 0 && ![1, 298, 299].contains(at)).collect();
    assert_eq!(order.get(), kept);
}

#[test]
fn b129_owners_share_a_lane_in_turn() {
    let (lab, order) = (Lab::direct(1), Order::default());
    let held = lab.hold_worker();
    let (flood, quiet) = (lab.open_owner("flood"), lab.open_owner("quiet"));
    let of = |owner| Options { owner: Some(owner), ..Options::default() };
    for n in 0..10_000 {
        push(&lab, &order, of(flood), n);
    }
    push(&lab, &order, of(quiet), -1);
    push(&lab, &order, of(quiet), -2);
    push(&lab, &order, Options::default(), -3);
    held.open();
    lab.quiet();
    assert_eq!(order.get()[..7], [0, -1, -3, 1, -2, 2, 3]);
    // An owner whose tasks were cancelled in the queue leaves its turn to the others, also to
    // the one that has its index next.
    let held = lab.hold_worker();
    push(&lab, &order, of(quiet), -4);
    lab.close_owner(quiet, CancelReason::OwnerGone);
    let next = lab.open_owner("next");
    push(&lab, &order, of(next), -5);
    push(&lab, &order, of(flood), 10_000);
    held.open();
    lab.quiet();
    assert_eq!(order.get()[10_003..], [-5, 10_000]);
}

#[test]
fn b19_b135_a_priority_that_is_raised_counts_for_a_task_that_a_body_waits_for() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let (order, engine) = (Order::default(), lab.engine().clone());
    let [begun, last, high] = [(); 3].map(|()| Gate::new());
    let (tell, told) = std::sync::mpsc::channel();
    let (first, held) = (begun.clone(), last.clone());
    let outer = lab.submit(with(Priority::Normal), move |_| {
        first.pass();
        engine.expect(told.recv().unwrap());
        held.pass();
        Ok(Num(0))
    });
    begun.wait_for(1);
    let awaited = push(&lab, &order, with(Priority::Low), 1);
    let held = high.clone();
    lab.submit(with(Priority::High), move |_| {
        held.pass();
        Ok(Num(0))
    });
    let others = [2, 3].map(|number| push(&lab, &order, with(Priority::High), number));
    tell.send(awaited).unwrap();
    begun.open();
    // It runs in the place of the one that waits.
    high.wait_for(1);
    assert!(lab.set_priority(awaited, Priority::High));
    // Back again has no effect: the body waits.
    assert!(lab.set_priority(awaited, Priority::Low));
    high.open();
    lab.done(awaited);
    // Nobody waits any more, and its place is its own again.
    last.open();
    others.into_iter().chain([outer]).for_each(|id| lab.done(id));
    assert_eq!(order.get(), [1, 2, 3]);
    lab.finish();
}
