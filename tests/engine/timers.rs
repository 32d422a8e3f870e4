//! Delays: never early, in order, and gone when they are cancelled.

use std::time::{Duration, Instant};

use legwork::engine::{DeliveryMode, Engine, Periodic, Status};

use crate::support::*;

fn after(delay: Duration) -> Options {
    Options { delay, ..Options::default() }
}

fn push(lab: &Lab, order: &Order, delay: Duration, number: i64) -> legwork::engine::TaskId {
    let order = order.clone();
    lab.submit(after(delay), move |_| {
        order.push(number);
        Ok(Num(number))
    })
}

#[test]
fn b23_a_delay_of_0_runs_at_once_and_not_inside_the_call() {
    let lab = Lab::direct(1);
    let caller = std::thread::current().id();
    let id = lab.submit(after(Duration::ZERO), move |_| {
        assert_ne!(std::thread::current().id(), caller);
        Ok(Num(1))
    });
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed);
}

#[test]
fn b24_a_task_never_runs_before_it_is_due() {
    let lab = Lab::direct(1);
    let id = lab.submit(after(SECOND), |_| Ok(Num(1)));
    lab.advance(SECOND - Duration::from_nanos(1));
    assert_eq!(lab.status(id), Status::Delayed);
    lab.advance(Duration::from_nanos(1));
    lab.done(id);
}

#[test]
fn b24_b25_on_the_real_clock_an_earlier_one_wakes_the_timer_thread() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let late = lab.submit(after(3_600 * SECOND), |_| Ok(Num(1)));
    for millis in [20, 10, 5, 1] {
        let start = Instant::now();
        let delay = Duration::from_millis(millis);
        let id = lab.submit(after(delay), |_| Ok(Num(1)));
        lab.done(id);
        assert!(start.elapsed() >= delay, "{:?} is before {delay:?}", start.elapsed());
    }
    assert_eq!(lab.status(late), Status::Delayed);
}

#[test]
fn b24_b31_on_the_real_clock_a_period_and_a_time_out_come_by_themselves() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    let gate = Gate::new();
    gate.open();
    let at = gate.clone();
    let options = Options { periodic: Some(Periodic::every(Duration::from_millis(1))), ..Options::default() };
    let id = lab.repeat(options, move |_| {
        at.pass();
        Ok(Num(1))
    });
    gate.wait_for(5);
    lab.cancel(id, USER);
    let options = Options { timeout: Some(Duration::from_millis(1)), ..Options::default() };
    let id = lab.submit(options, |context| {
        context.sleep(DEADLINE)?;
        Ok(Num(1))
    });
    lab.done(id);
    assert_eq!(lab.status(id), Status::TimedOut);
}

#[test]
fn b25_b26_earlier_ones_first_and_equal_ones_in_order() {
    let (lab, order) = (Lab::direct(1), Order::default());
    let held = lab.hold_worker();
    for (at, seconds) in [5, 3, 3, 9, 1, 3].into_iter().enumerate() {
        push(&lab, &order, seconds * SECOND, at as i64);
    }
    lab.advance(5 * SECOND);
    held.open();
    lab.quiet();
    assert_eq!(order.get(), [4, 1, 2, 5, 0]);
    lab.advance(4 * SECOND);
    lab.quiet();
    assert_eq!(order.get(), [4, 1, 2, 5, 0, 3]);
}

#[test]
fn b27_long_delays_neither_overflow_nor_become_due() {
    let lab = Lab::direct(1);
    let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    let ids: Vec<_> = [days(25), days(365), days(36_500)]
        .into_iter()
        .map(|delay| lab.submit(after(delay), |_| Ok(Num(1))))
        .collect();
    lab.advance(days(24));
    assert!(ids.iter().all(|id| lab.status(*id) == Status::Delayed));
    lab.advance(days(1));
    lab.done(ids[0]);
    assert_eq!(lab.status(ids[1]), Status::Delayed);
    // Near the end of the clock's numbers, what is added to it stays at the end.
    lab.advance(days(365 * 480));
    lab.done(ids[2]);
    let never = lab.submit(after(days(36_500)), |_| Ok(Num(1)));
    lab.advance(days(365));
    assert_eq!(lab.status(never), Status::Delayed);
}

#[test]
fn b29_100_000_delayed_tasks_are_cancelled_and_their_closures_destroyed_at_once() {
    let (lab, drops) = (Lab::direct(1), Drops::default());
    let mut ids: Vec<_> = (0..100_000u64)
        .map(|n| {
            let token = drops.token();
            lab.submit(after(Duration::from_millis(1 + n * 7919 % 100_003)), move |_| {
                drop(token);
                Ok(Num(1))
            })
        })
        .collect();
    assert_eq!(lab.counts().delayed, 100_000);
    // Neither in the order of submission nor of due times.
    let half = ids.split_off(50_000);
    for (at, id) in half.iter().rev().zip(ids.iter()).flat_map(|(a, b)| [a, b]).enumerate() {
        lab.cancel(*id, USER);
        assert_eq!(drops.count(), at + 1);
    }
    assert_eq!((lab.counts().delayed, lab.counts().live), (0, 0));
    lab.advance(1_000 * SECOND);
    assert_eq!(lab.counts().workers, 0, "nothing ever ran");
}

#[test]
fn b46_10_000_periodic_tasks_each_run_when_they_are_due() {
    let (lab, runs) = (Lab::direct(2), Order::default());
    let ids: Vec<_> = (0..10_000)
        .map(|n: u32| {
            let runs = runs.clone();
            lab.repeat(lab.silent_periodic(1 + n % 10), move |_| {
                runs.push(1);
                Ok(Num(1))
            })
        })
        .collect();
    lab.quiet();
    assert_eq!(runs.get().len(), 10_000);
    assert_eq!(lab.counts().delayed, 10_000);
    lab.advance(SECOND);
    lab.quiet();
    assert_eq!(runs.get().len(), 11_000);
    for id in ids {
        lab.cancel(id, USER);
    }
    assert_eq!(lab.counts().delayed, 0);
}
