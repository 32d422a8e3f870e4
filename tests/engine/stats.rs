//! The figures: how long tasks wait, run, and are on their way, by job, lane and owner.

use std::sync::Arc;
use std::time::Duration;

use legwork::engine::{
    CancelReason, DeliveryMode, Elsewhere, External, Figures, Periodic, Priority, Retry, Stats, Times,
};

use crate::support::*;

/// A lab whose one worker takes figures.
fn measured() -> Lab {
    let lab = Lab::manual(1, DeliveryMode::Queued);
    lab.collect_stats(true);
    lab
}

/// A body that takes so long by the clock.
fn taking(
    lab: &Lab,
    time: Duration,
) -> impl FnOnce(&legwork::engine::TaskContext) -> Answer + Send + 'static {
    let engine = lab.engine().clone();
    move |_| {
        engine.advance(time);
        Ok(Num(1))
    }
}

fn named(name: &str, options: Options) -> Options {
    Options { name: Some(name.into()), ..options }
}

fn of<'a>(table: &'a [Figures], name: &str) -> &'a Figures {
    table.iter().find(|figures| &*figures.name == name).unwrap_or_else(|| panic!("{name:?} of {table:?}"))
}

/// Whether it is that, to one in a hundred.
#[track_caller]
fn assert_near(times: Times, count: u64, p50: Duration, max: Duration) {
    let off = (times.p50.as_secs_f64() - p50.as_secs_f64()).abs();
    assert!(off <= p50.as_secs_f64() / 100.0 + 1e-6, "{times:?}, expected a median of {p50:?}");
    assert_eq!((times.count, times.max), (count, max));
}

#[test]
fn b370_what_tasks_wait_run_and_are_on_their_way_is_measured() {
    let lab = measured();
    let owner = lab.open_owner("plugin");
    // The first runs two seconds, in which the other three wait.
    let gate = lab.hold_worker();
    for (name, priority) in [("slow", Priority::High), ("slow", Priority::High), ("quick", Priority::Low)] {
        let options = Options { priority, owner: Some(owner), ..lab.options() };
        let time = if name == "slow" { 2 * SECOND } else { SECOND / 10 };
        lab.submit(named(name, options), taking(&lab, time));
    }
    lab.advance(SECOND);
    gate.open();
    lab.quiet_without_drain();
    lab.advance(3 * SECOND);
    lab.drain();
    let stats = lab.stats();
    let slow = of(&stats.jobs, "slow");
    assert_near(slow.waiting, 2, SECOND, 3 * SECOND);
    assert_near(slow.running, 2, 2 * SECOND, 2 * SECOND);
    let (near, far) = (SECOND / 10 + 3 * SECOND, 2 * SECOND + SECOND / 10 + 3 * SECOND);
    assert_near(slow.delivery, 2, near, far);
    let quick = of(&stats.jobs, "quick");
    assert_near(quick.waiting, 1, 5 * SECOND, 5 * SECOND);
    assert_near(quick.running, 1, SECOND / 10, SECOND / 10);
    assert_near(quick.delivery, 1, 3 * SECOND, 3 * SECOND);
    // By lane, by owner; and what took the most in all comes first.
    let [high, normal, low] = &stats.lanes;
    assert_eq!((high.running.count, normal.running.count, low.running.count), (2, 1, 1));
    assert_eq!((&*high.name, &*normal.name, &*low.name), ("High", "Normal", "Low"));
    assert_eq!(of(&stats.owners, "plugin").running.count, 3);
    assert_eq!(of(&stats.owners, "").running.count, 1);
    assert_eq!(&*stats.jobs[0].name, "slow");
    lab.close_owner(owner, CancelReason::OwnerGone);
    lab.finish();
}

#[test]
fn b370_a_delay_is_no_wait_and_each_run_and_attempt_counts() {
    let lab = measured();
    let later = Options { delay: 50 * SECOND, ..lab.options() };
    let id = lab.submit(named("later", later), taking(&lab, SECOND));
    lab.advance(50 * SECOND);
    lab.done(id);
    let every =
        Options { periodic: Some(Periodic { max_runs: 3, ..Periodic::every(SECOND) }), ..lab.options() };
    let id = lab.repeat(named("every", every), |_| Ok(Num(1)));
    for run in 1..=3 {
        lab.advance(SECOND);
        if run < 3 {
            lab.rests(id, run);
        }
    }
    lab.done(id);
    let retry = Retry { times: 2, delay: SECOND, ..Retry::default() };
    let again = Options { retry, ..lab.options() };
    let id = lab.repeat(named("again", again), |_| Err(fault("it fails")));
    while !lab.status(id).is_finished() {
        lab.advance(SECOND);
        std::thread::yield_now();
    }
    lab.done(id);
    lab.quiet();
    let stats = lab.stats();
    assert_near(of(&stats.jobs, "later").waiting, 1, Duration::ZERO, Duration::ZERO);
    assert_near(of(&stats.jobs, "later").running, 1, SECOND, SECOND);
    assert_eq!(of(&stats.jobs, "every").running.count, 3);
    assert_eq!(of(&stats.jobs, "again").running.count, 3);
    // Their ends.
    assert_eq!(of(&stats.jobs, "every").delivery.count, 1);
    assert_eq!(of(&stats.jobs, "again").delivery.count, 1);
    lab.finish();
}

#[test]
fn b370_what_the_application_does_counts_from_its_start() {
    let lab = measured();
    let options = named("request", Options { external: Some(External::default()), ..lab.options() });
    let id = lab.engine().submit(Box::new(Elsewhere), options, None, false).expect("it is accepted");
    lab.advance(7 * SECOND);
    assert!(lab.engine().end_external(id, Ok(Num(1))));
    lab.done(id);
    let stats = lab.stats();
    assert_near(of(&stats.jobs, "request").running, 1, 7 * SECOND, 7 * SECOND);
    lab.finish();
}

#[test]
fn b372_a_reset_forgets_and_what_was_under_way_is_left_out() {
    let lab = measured();
    lab.advance(SECOND);
    assert_eq!(lab.stats().since_ms, 0);
    let gate = lab.hold_worker();
    let waiting = lab.submit(named("waits", lab.options()), taking(&lab, SECOND));
    lab.advance(SECOND);
    lab.reset_stats();
    assert_eq!(lab.stats().since_ms, 2_000);
    lab.advance(SECOND);
    gate.open();
    lab.done(waiting);
    lab.quiet();
    let stats = lab.stats();
    // Its wait began before, its run did not; the run that held the worker did, too.
    let it = of(&stats.jobs, "waits");
    assert_eq!((it.waiting.count, it.running.count), (0, 1));
    assert_eq!(stats.lanes[1].running.count, 1);
    lab.finish();
}

#[test]
fn b372_off_nothing_is_measured_and_what_was_stays() {
    let lab = Lab::manual(1, DeliveryMode::Queued);
    let run = |name: &str| {
        let id = lab.submit(named(name, lab.options()), taking(&lab, SECOND));
        lab.done(id);
    };
    run("first");
    assert!(!lab.collects_stats());
    let none = lab.stats();
    assert_eq!((none.since_ms, none.jobs.len(), none.owners.len()), (0, 0, 0));
    assert_eq!(none.lanes.map(|lane| lane.running.count), [0; 3]);
    lab.reset_stats();
    lab.collect_stats(true);
    run("second");
    lab.collect_stats(false);
    run("third");
    let waits = lab.hold_worker();
    let id = lab.submit(named("fourth", lab.options()), taking(&lab, SECOND));
    lab.advance(SECOND);
    lab.collect_stats(true);
    waits.open();
    lab.done(id);
    lab.quiet();
    let names = |stats: &Stats| stats.jobs.iter().map(|job| job.name.clone()).collect::<Vec<Arc<str>>>();
    let stats = lab.stats();
    assert_eq!(stats.since_ms, 1_000);
    assert_eq!(of(&stats.jobs, "second").waiting.count, 1);
    assert_eq!(of(&stats.jobs, "fourth").waiting.count, 0);
    assert_eq!(names(&stats).len(), 2, "{stats:?}");
    lab.finish();
}
