//! What is remembered, and for how long.

use std::time::Duration;

use legwork::engine::{Change, HistoryLimits, Once, Place, Status, TaskContext, TaskId};

use crate::support::*;

fn known(lab: &Lab, ids: &[TaskId]) -> usize {
    ids.iter().filter(|id| lab.status(**id) != Status::UnknownTask).count()
}

fn limit(lab: &Lab, limits: HistoryLimits) {
    lab.set_history_limits(limits);
    assert_eq!(lab.history_limits(), limits);
}

fn run(lab: &Lab, tasks: usize) -> Vec<TaskId> {
    let ids: Vec<_> = (0..tasks).map(|n| lab.run(move |_| Ok(Num(n as i64)))).collect();
    lab.quiet();
    ids
}

#[test]
fn b14_the_history_is_bounded_by_number() {
    let lab = Lab::queued(1);
    let ids = run(&lab, 1_500);
    assert_eq!(known(&lab, &ids), 1_000, "the default");
    assert_eq!(known(&lab, &ids[500..]), 1_000, "the newest");
    assert_eq!(lab.info(ids[1_499]).unwrap().result, Some(Num(1_499)));
    limit(&lab, HistoryLimits { tasks: 3, ..HistoryLimits::default() });
    let next = run(&lab, 1);
    assert_eq!((known(&lab, &ids), known(&lab, &next)), (2, 1));
    limit(&lab, HistoryLimits { tasks: 0, ..HistoryLimits::default() });
    let last = run(&lab, 1);
    assert_eq!((known(&lab, &ids), known(&lab, &next), known(&lab, &last)), (0, 0, 0));
    assert!(lab.tasks().is_empty());
}

#[test]
fn b14_the_history_is_bounded_by_bytes() {
    let lab = Lab::queued(1);
    limit(&lab, HistoryLimits { bytes: 80, ..HistoryLimits::default() });
    // 8 bytes each, as `Num` says.
    let ids = run(&lab, 30);
    assert_eq!(known(&lab, &ids), 10);
    let failed = lab.run(|_| Err(fault(&"x".repeat(40))));
    lab.done(failed);
    lab.drain();
    assert_eq!((known(&lab, &ids), known(&lab, &[failed])), (5, 1));
    let large = lab.run(|_| Err(fault(&"x".repeat(81))));
    lab.done(large);
    lab.drain();
    assert_eq!((known(&lab, &ids), known(&lab, &[failed, large])), (0, 0));
}

#[test]
fn b14_the_history_is_bounded_by_age() {
    let lab = Lab::queued(1);
    let old = run(&lab, 3);
    lab.advance(300 * SECOND);
    let new = run(&lab, 2);
    lab.advance(300 * SECOND);
    assert_eq!((known(&lab, &old), known(&lab, &new)), (3, 2), "10 minutes are not over yet");
    lab.advance(Duration::from_nanos(1));
    assert_eq!(lab.tasks().len(), 2, "also in the list");
    assert_eq!((known(&lab, &old), known(&lab, &new)), (0, 2));
    assert!(lab.info(old[0]).is_none() && lab.outcome(old[0]).is_none());
    lab.advance(300 * SECOND);
    assert_eq!(known(&lab, &new), 0, "each is forgotten as it is asked for");
}

#[test]
fn b14_a_handle_keeps_its_task() {
    let lab = Lab::queued(1);
    limit(&lab, HistoryLimits { tasks: 1, ..HistoryLimits::default() });
    let body = Box::new(Once(Some(|_: &TaskContext| Ok(Num(0)))));
    let kept = lab.engine().submit(body, Options::default(), None, true).unwrap();
    lab.copy_handle(kept);
    lab.quiet();
    let others = run(&lab, 10);
    assert_eq!(known(&lab, &others), 1);
    lab.advance(10_000 * SECOND);
    assert_eq!(lab.info(kept).unwrap().result, Some(Num(0)));
    lab.drop_handle(kept);
    assert_eq!(lab.status(kept), Status::Completed);
    lab.drop_handle(kept);
    assert_eq!(lab.status(kept), Status::UnknownTask);
}

#[test]
fn b14_nothing_is_forgotten_before_it_is_delivered() {
    let lab = Lab::queued(1);
    limit(&lab, HistoryLimits { tasks: 0, ..HistoryLimits::default() });
    let ids: Vec<_> = (0..100).map(|_| lab.run(|_| Ok(Num(1)))).collect();
    lab.quiet_without_drain();
    assert_eq!(known(&lab, &ids), 100);
    lab.drain();
    assert_eq!(known(&lab, &ids), 0);
}

#[test]
fn b75_the_list_has_what_waits_runs_and_ended_oldest_first() {
    let lab = Lab::queued(1);
    let done = run(&lab, 1)[0];
    lab.advance(SECOND);
    let held = lab.hold_worker();
    lab.advance(SECOND);
    let named = Options {
        name: Some("Hash".into()),
        job: Some("sha256".into()),
        delay: SECOND,
        ..Options::default()
    };
    let delayed = lab.submit(named, |_| Ok(Num(1)));
    lab.advance(Duration::from_millis(1));
    let job = Options { job: Some("sha256".into()), ..Options::default() };
    let queued = lab.submit(job, |_| Ok(Num(1)));
    let reserved = lab.reserve().unwrap();
    let tasks = lab.tasks();
    let states: Vec<_> = tasks.iter().map(|info| info.status).collect();
    assert_eq!(states, [Status::Completed, Status::Running, Status::Delayed, Status::Queued]);
    assert_eq!((tasks[0].id, tasks[2].id, tasks[3].id), (done, delayed, queued));
    assert_eq!((&*tasks[2].name, &*tasks[3].name, &*tasks[0].name), ("Hash", "sha256", ""));
    assert_eq!(tasks[2].created_ms, 2_000);
    assert_eq!((tasks[1].started_ms, tasks[1].finished_ms), (1_000, 0));
    assert!(!tasks[0].periodic && tasks[0].iteration == 0);
    lab.release(reserved);
    held.open();
}

/// A result of unknown size would never count for the bound, so only a handle keeps it.
#[test]
fn b139_a_result_of_unknown_size_goes_with_its_delivery_and_the_status_stays() {
    let lab = Lab::queued(1);
    let id = lab.run(|_| Ok(UNKNOWN_SIZE));
    lab.quiet_without_drain();
    assert_eq!(lab.info(id).unwrap().result, Some(UNKNOWN_SIZE), "it waits for its delivery");
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", &format!("completed {}", UNKNOWN_SIZE.0)]);
    let info = lab.info(id).unwrap();
    assert_eq!((info.status, info.result), (Status::Completed, Some(Num::default())));
    // Nobody hears of it: it goes as the task ends.
    lab.set_listening(false);
    let id = lab.run(|_| Ok(UNKNOWN_SIZE));
    lab.done(id);
    let info = lab.info(id).unwrap();
    assert_eq!((info.status, info.result), (Status::Completed, Some(Num::default())));
}

#[test]
fn b139_a_handle_keeps_a_result_of_unknown_size_and_the_last_takes_it_along() {
    let lab = Lab::queued(1);
    let body = Box::new(Once(Some(|_: &TaskContext| Ok(UNKNOWN_SIZE))));
    let kept = lab.engine().submit(body, Options::default(), None, true).unwrap();
    lab.quiet();
    assert_eq!(lab.info(kept).unwrap().result, Some(UNKNOWN_SIZE));
    lab.drop_handle(kept);
    let info = lab.info(kept).unwrap();
    assert_eq!((info.status, info.result), (Status::Completed, Some(Num::default())));
}

#[test]
fn b139_a_periodic_task_that_ends_keeps_no_last_result_of_unknown_size() {
    let lab = Lab::queued(1);
    let id = lab.repeat(lab.periodic(1), |_| Ok(UNKNOWN_SIZE));
    lab.rests(id, 1);
    lab.drain();
    assert_eq!(lab.info(id).unwrap().result, Some(UNKNOWN_SIZE), "its last, while it goes on");
    lab.cancel(id, USER);
    lab.drain();
    assert_eq!(lab.info(id).unwrap().result, None);
}

#[test]
fn b139_limits_take_effect_at_once_and_the_history_can_be_cleared() {
    let lab = Lab::queued(1);
    let ids = run(&lab, 1_000);
    limit(&lab, HistoryLimits { bytes: 80, ..HistoryLimits::default() });
    assert_eq!((known(&lab, &ids), known(&lab, &ids[990..])), (10, 10));
    limit(&lab, HistoryLimits { tasks: 4, ..HistoryLimits::default() });
    assert_eq!(known(&lab, &ids), 4);
    let body = Box::new(Once(Some(|_: &TaskContext| Ok(Num(0)))));
    let kept = lab.engine().submit(body, Options::default(), None, true).unwrap();
    lab.quiet();
    let held = lab.hold_worker();
    assert_eq!(lab.clear_history(), 4);
    assert_eq!(known(&lab, &ids), 0);
    assert_eq!(lab.status(kept), Status::Completed, "a handle's own stays");
    assert_eq!(lab.tasks().len(), 2, "and so does what has not ended");
    assert_eq!(lab.clear_history(), 0);
    held.open();
    lab.drop_handle(kept);
}

#[test]
fn b139_the_texts_of_an_error_count_all_of_them() {
    let lab = Lab::queued(1);
    limit(&lab, HistoryLimits { bytes: 80, ..HistoryLimits::default() });
    let ids = run(&lab, 10);
    let place = Place { file: "f".repeat(10), line: 1, stack: "s".repeat(20) };
    let failed = lab.run(move |_| Err(fault("x").with_origin("y").with_place(place.clone())));
    lab.done(failed);
    lab.drain();
    // 32 bytes, in the place of four of 8.
    assert_eq!((known(&lab, &ids), known(&lab, &[failed])), (6, 1));
}

#[test]
fn b14_a_task_that_ends_forgets_a_piece_of_what_is_too_much_and_who_looks_all_of_it() {
    let lab = Lab::queued(1);
    run(&lab, 2_000);
    lab.advance(lab.history_limits().age + SECOND);
    lab.set_observed(true);
    run(&lab, 1);
    let changes = lab.take_changes(10_000).list;
    let gone = changes.iter().filter(|change| matches!(change, Change::Gone(..))).count();
    assert!((1..=512).contains(&gone), "{gone}");
    assert_eq!(lab.tasks().len(), 1);
}
