//! The change set: an observer gets each task that changed once, as it is now.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use legwork::engine::MOST_ENTRIES;
use legwork::engine::changes::{Awaited, Brief, RunTime};
use legwork::engine::{
    Change, DeliveryMode, Engine, HistoryLimits, Once, Payload, Priority, Receiver, Retry, Status,
    TaskContext, TaskId, TaskOptions,
};

use crate::support::*;

fn observed(workers: usize) -> Lab {
    let lab = Lab::queued(workers);
    lab.set_listening(false);
    lab.set_observed(true);
    lab
}

fn take(lab: &Lab) -> Vec<Change> {
    let changes = lab.take_changes(1_000_000);
    assert!(!changes.overrun);
    changes.list
}

/// The one change there is.
fn one(lab: &Lab) -> Arc<Brief> {
    match take(lab).as_slice() {
        [Change::Is(brief)] => brief.clone(),
        other => panic!("one change was expected: {other:?}"),
    }
}

fn forget_all(lab: &Lab) {
    lab.set_history_limits(HistoryLimits { tasks: 0, ..HistoryLimits::default() });
}

#[test]
fn nothing_is_noted_while_nobody_observes() {
    let lab = Lab::queued(1);
    lab.done(lab.run(|_| Ok(Num(1))));
    assert!(!lab.has_changes());
    lab.set_observed(true);
    assert!(!lab.has_changes(), "what was before is to be read from the list");
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    lab.set_observed(false);
    assert!(!lab.has_changes() && take(&lab).is_empty());
    lab.set_observed(true);
    lab.set_history_limits(HistoryLimits { tasks: 0, ..HistoryLimits::default() });
    lab.quiet();
    lab.run(|_| Ok(Num(1)));
    lab.quiet();
    assert!(take(&lab).contains(&Change::Gone(id, None)), "its flag of the time before does not hide it");
}

#[test]
fn an_engine_that_delivers_directly_has_no_observer() {
    let lab = Lab::direct(1);
    lab.set_observed(true);
    lab.done(lab.run(|_| Ok(Num(1))));
    assert!(!lab.has_changes());
}

#[test]
fn each_kind_of_change_is_noted_once() {
    let lab = observed(1);
    let gate = lab.hold_worker();
    take(&lab);
    let (report, reports) = std::sync::mpsc::channel::<f64>();
    let (tell, told) = std::sync::mpsc::channel();
    let options = Options { delay: SECOND, name: Some("named".into()), ..Options::default() };
    let id = lab.submit(options, move |context| {
        tell.send(()).unwrap();
        for value in reports {
            context.set_progress(value, "at work");
            tell.send(()).unwrap();
        }
        Ok(Num(1))
    });
    let brief = one(&lab);
    assert_eq!((brief.id, brief.status, brief.name.as_ref()), (id, Status::Delayed, "named"));
    assert_eq!(brief.due.unwrap().nanos, 1_000_000_000);
    assert!(brief.started.is_none() && brief.finished.is_none());

    lab.advance(SECOND);
    let brief = one(&lab);
    assert_eq!((brief.status, brief.due), (Status::Queued, None));
    assert!(lab.set_priority(id, Priority::High));
    assert_eq!(one(&lab).priority, Priority::High);
    assert!(lab.set_priority(id, Priority::High) && !lab.has_changes(), "it has that priority");

    gate.open();
    told.recv_timeout(DEADLINE).unwrap();
    let running: Vec<_> = take(&lab);
    let running = running.iter().find_map(|change| match change {
        Change::Is(brief) if brief.id == id => Some(brief.clone()),
        _ => None,
    });
    let running = running.expect("it was noted");
    assert_eq!((running.status, running.started.unwrap().nanos), (Status::Running, 1_000_000_000));

    report.send(0.5).unwrap();
    told.recv_timeout(DEADLINE).unwrap();
    let brief = one(&lab);
    assert_eq!((brief.progress, brief.message.as_ref()), (0.5, "at work"));

    lab.cancel(id, USER);
    assert!(one(&lab).cancel_requested);

    drop(report);
    lab.done(id);
    let brief = one(&lab);
    assert_eq!((brief.status, brief.finished.unwrap().nanos), (Status::Completed, 1_000_000_000));

    forget_all(&lab);
    lab.quiet();
    let last = lab.run(|_| Ok(Num(0)));
    lab.quiet();
    let gone = take(&lab);
    assert!(gone.contains(&Change::Gone(id, None)) && gone.contains(&Change::Gone(last, None)), "{gone:?}");
    lab.finish();
}

/// The observer's thread is the one that ends are delivered on. What a task's end begins there is in before the task
/// is over.
#[test]
fn b153_the_end_of_a_run_counts_once_it_is_delivered() {
    let lab = Lab::queued(1);
    lab.set_observed(true);
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    let brief = lab.brief(id).unwrap();
    assert_eq!((lab.status(id), brief.status, brief.finished), (Status::Completed, Status::Running, None));
    take(&lab);
    lab.drain();
    let brief = one(&lab);
    assert_eq!((brief.id, brief.status, brief.finished.is_some()), (id, Status::Completed, true));

    let gate = lab.hold_worker();
    let id = lab.run(|_| Ok(Num(1)));
    lab.cancel(id, USER);
    assert_eq!(lab.brief(id).unwrap().status, Status::Cancelled, "it was never at work");
    gate.open();
    lab.finish();
}

#[test]
fn b160_a_weight_is_told() {
    let lab = observed(1);
    for weight in [0.5, 1.0, 1_000_000.0] {
        let id = lab.submit(Options { weight, ..Options::default() }, |_| Ok(Num(1)));
        assert_eq!(lab.brief(id).unwrap().weight, weight);
        lab.done(id);
    }
    lab.finish();
}

#[test]
fn b154_how_the_last_run_of_a_periodic_task_went() {
    let lab = observed(1);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.repeat(lab.silent_periodic(10), move |context| {
        if context.iteration() == 1 {
            return Err(fault("no luck"));
        }
        held.pass();
        Ok(Num(1))
    });
    lab.rests(id, 1);
    let brief = lab.brief(id).unwrap();
    let error = brief.error.clone().expect("it failed");
    assert_eq!((brief.status, error.message(), error.attempt()), (Status::Delayed, "no luck", 1));
    assert_eq!(brief.run, Some(RunTime::Took(0)));

    lab.advance(10 * SECOND);
    gate.wait_for(1);
    let brief = lab.brief(id).unwrap();
    assert_eq!((brief.status, brief.error.is_some()), (Status::Running, true), "as long as none went well");
    let since = (brief.started.unwrap().nanos, brief.run);
    assert_eq!(since, (0, Some(RunTime::Began(10_000_000_000))), "not since the first start");
    gate.open();
    lab.rests(id, 2);
    assert_eq!(lab.brief(id).unwrap().error, None);
    lab.cancel(id, USER);
    lab.finish();
}

#[test]
fn a_periodic_tasks_runs_are_noted() {
    let lab = observed(1);
    let id = lab.repeat(lab.silent_periodic(1), |_| Ok(Num(1)));
    lab.rests(id, 1);
    let brief = one(&lab);
    assert_eq!((brief.status, brief.iteration, brief.periodic), (Status::Delayed, 1, true));
    assert_eq!(brief.due.unwrap().nanos, 1_000_000_000);
    lab.advance(SECOND);
    lab.rests(id, 2);
    let brief = one(&lab);
    assert_eq!((brief.iteration, brief.due.unwrap().nanos), (2, 2_000_000_000));
    lab.cancel(id, USER);
    let brief = one(&lab);
    assert_eq!((brief.status, brief.due), (Status::Cancelled, None));
}

#[test]
fn a_task_that_runs_is_not_due_though_it_has_a_time_out() {
    let lab = observed(1);
    let gate = Gate::new();
    let held = gate.clone();
    let options = Options { timeout: Some(SECOND), ..Options::default() };
    let id = lab.submit(options, move |_| {
        held.pass();
        Ok(Num(0))
    });
    gate.wait_for(1);
    let brief = one(&lab);
    assert_eq!((brief.status, brief.due), (Status::Running, None));
    gate.open();
    lab.done(id);
}

#[test]
fn a_flood_of_progress_is_one_entry() {
    let lab = observed(1);
    let id = lab.run(|context| {
        for number in 0..100_000 {
            context.set_progress(f64::from(number) / 100_000.0, "at work");
        }
        Ok(Num(1))
    });
    lab.done(id);
    let brief = one(&lab);
    assert_eq!((brief.id, brief.status, brief.progress), (id, Status::Completed, 0.99999));
}

#[test]
fn a_task_that_came_and_went_is_gone_and_a_failure_says_how() {
    let lab = observed(1);
    forget_all(&lab);
    let good = lab.run(|_| Ok(Num(1)));
    lab.quiet();
    let bad = lab.run(|_| Err(fault("no luck")));
    lab.quiet();
    assert_eq!(lab.status(bad), Status::UnknownTask);
    let changes = take(&lab);
    let [Change::Gone(first, None), Change::Gone(second, Some(brief))] = changes.as_slice() else {
        panic!("{changes:?}")
    };
    assert_eq!((*first, *second), (good, bad));
    assert_eq!((brief.id, brief.status), (bad, Status::Failed));
    assert_eq!(brief.error.as_ref().unwrap().message(), "no luck");
}

#[test]
fn an_id_that_was_only_reserved_is_nobodys_business() {
    let lab = observed(1);
    let id = lab.reserve().unwrap();
    lab.release(id);
    assert!(!lab.has_changes());
}

#[test]
fn changes_are_taken_in_pieces_in_their_order() {
    let lab = observed(1);
    let options = || Options { delay: SECOND, ..Options::default() };
    let ids: Vec<_> = (0..300).map(|_| lab.submit(options(), |_| Ok(Num(0)))).collect();
    let mut taken: Vec<TaskId> = Vec::new();
    for expected in [100, 100, 100, 0] {
        let changes = lab.take_changes(100);
        assert_eq!(changes.list.len(), expected);
        taken.extend(changes.list.iter().map(|change| match change {
            Change::Is(brief) => brief.id,
            Change::Gone(..) => panic!("none is gone"),
        }));
    }
    assert_eq!(taken, ids);
    assert!(!lab.has_changes());
}

#[test]
fn too_many_changes_are_dropped_and_say_so() {
    let lab = observed(1);
    let options = || Options { delay: SECOND, ..Options::default() };
    let first = lab.submit(options(), |_| Ok(Num(0)));
    for _ in 0..MOST_ENTRIES {
        lab.submit(options(), |_| Ok(Num(0)));
    }
    assert!(lab.has_changes());
    let changes = lab.take_changes(10);
    assert!(changes.overrun && changes.list.is_empty());
    assert!(!lab.has_changes());
    // Then all of it is read anew, in pieces.
    let (mut from, mut known) = (Some(0), 0);
    while let Some(at) = from {
        let (briefs, next) = lab.briefs(at, 4_096);
        assert!(briefs.len() < 4_096 + 512);
        known += briefs.len();
        from = next;
    }
    assert_eq!(known, MOST_ENTRIES + 1);
    // And what changes now is noted again.
    lab.set_priority(first, Priority::Low);
    assert_eq!(one(&lab).id, first);
}

#[test]
fn a_piece_is_measured_by_tasks_and_not_by_slots() {
    let lab = observed(1);
    let options = || Options { delay: SECOND, ..Options::default() };
    let ids: Vec<_> = (0..20_000).map(|_| lab.submit(options(), |_| Ok(Num(0)))).collect();
    forget_all(&lab);
    for id in &ids[..19_999] {
        lab.cancel(*id, USER);
    }
    let (briefs, next) = lab.briefs(0, 1_000);
    assert_eq!((briefs.len(), next), (1, None), "a burst that is over does not hide the task after it");
    assert_eq!(briefs[0].id, ids[19_999]);
}

#[test]
fn the_receiver_is_told_once_until_it_has_looked() {
    let notified = Arc::new(AtomicUsize::new(0));
    let told = notified.clone();
    let notify = Box::new(move || {
        told.fetch_add(1, Ordering::SeqCst);
    });
    let engine = Engine::<Num>::queued(config(1), notify);
    engine.set_observed(true);
    let mut receiver = Receiver::new(engine.clone());
    let delayed = || {
        let options = TaskOptions { delay: SECOND * 3600, ..TaskOptions::default() };
        let body = Once(Some(|_: &TaskContext| Ok(Num(0))));
        engine.submit(Box::new(body), options, None, false).unwrap()
    };
    let id = delayed();
    delayed();
    assert_eq!(notified.load(Ordering::SeqCst), 1);
    receiver.acknowledge();
    delayed();
    assert_eq!(notified.load(Ordering::SeqCst), 1, "it was told, and has not taken them yet");
    engine.take_changes(10);
    engine.set_priority(id, Priority::High);
    assert_eq!(notified.load(Ordering::SeqCst), 2);
}

#[test]
fn nothing_of_a_result_is_kept() {
    #[derive(Clone, Default)]
    struct Counted(#[expect(dead_code, reason = "only counted")] Arc<()>);
    impl Payload for Counted {}

    let engine = Engine::<Counted>::manual(config(1), DeliveryMode::Queued);
    engine.set_observed(true);
    let token = Arc::new(());
    let result = Counted(token.clone());
    let run = |result: Counted| {
        let body = Once(Some(move |_: &TaskContext| Ok(result)));
        let id = engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap();
        engine.wait(id, Some(DEADLINE));
        id
    };
    let id = run(result);
    let kept = engine.take_changes(10);
    assert!(
        matches!(&kept.list[..], [Change::Is(brief)] if brief.id == id && brief.status == Status::Completed)
    );
    engine.set_history_limits(HistoryLimits { tasks: 0, ..HistoryLimits::default() });
    run(Counted::default());
    until("the engine has forgotten it", || engine.status(id) == Status::UnknownTask);
    until("its memory is given back", || Arc::strong_count(&token) == 1);
    drop(kept);
}

#[test]
fn an_owner_that_is_unloaded_leaves_no_task_behind() {
    let lab = observed(1);
    let owner = lab.open_owner("a plugin");
    let id = lab.submit(Options { owner: Some(owner), ..Options::default() }, |_| Err(fault("its error")));
    lab.done(id);
    let brief = one(&lab);
    assert_eq!((brief.owner.as_ref(), brief.error.as_ref().unwrap().message()), ("a plugin", "its error"));
    lab.unload_owner(owner, SECOND).unwrap();
    assert_eq!(take(&lab), [Change::Gone(id, None)]);
}

#[test]
fn b150_an_abandoned_periodic_task_is_over_once_that_was_told() {
    let lab = observed(1);
    lab.set_listening(true);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.repeat(lab.silent_periodic(10), move |context| {
        if context.iteration() == 2 {
            held.pass();
        }
        Ok(Num(1))
    });
    lab.rests(id, 1);
    lab.advance(10 * SECOND);
    gate.wait_for(1);
    lab.advance(SECOND);
    lab.drain();
    take(&lab);
    let report = lab.end_work(std::time::Duration::ZERO, false, Default::default());
    assert_eq!(report.abandoned.len(), 1);
    assert_eq!(one(&lab).status, Status::Running);
    lab.drain();
    let told = one(&lab);
    assert_eq!((told.status, told.run), (Status::Abandoned, Some(RunTime::Took(1_000_000_000))));
    gate.open();
    lab.finish();
}

#[test]
fn b201_what_a_task_waits_for_is_noted_as_it_changes() {
    let lab = observed(3);
    let named = |name: &str| Options { name: Some(name.into()), key: Some("disk".into()), ..lab.options() };
    let at_gate = |options| {
        let gate = Gate::new();
        let held = gate.clone();
        let id = lab.submit(options, move |_| {
            held.pass();
            Ok(Num(1))
        });
        (id, gate)
    };
    let (save, first) = at_gate(Options { name: Some("Save notes".into()), ..lab.options() });
    let (place, second) = at_gate(named("in its place"));
    first.wait_for(1);
    second.wait_for(1);
    let id = lab.submit(Options { after: vec![save, place, save], ..named("last") }, |_| Ok(Num(1)));
    let (next, third) = at_gate(named("next"));
    let waits_for = |of: TaskId| {
        let changes = take(&lab);
        let briefs = changes.iter().filter_map(|change| match change {
            Change::Is(brief) if brief.id == of => Some(brief),
            _ => None,
        });
        briefs.map(|brief| (brief.status, brief.waits_for.clone())).collect::<Vec<_>>()
    };
    assert_eq!(lab.brief(id).unwrap().key.as_deref(), Some("disk"));
    assert_eq!(waits_for(id), [(Status::Blocked, Awaited::Tasks(3))]);
    assert_eq!(lab.brief(next).unwrap().waits_for, Awaited::Turn);
    second.open();
    lab.done(place);
    third.wait_for(1);
    assert_eq!(waits_for(id), [(Status::Blocked, Awaited::Tasks(2))], "it is told that there are fewer");
    first.open();
    lab.done(save);
    assert_eq!(waits_for(id), [(Status::Blocked, Awaited::Turn)], "then it stands in line");
    third.open();
    lab.done(id);
    lab.quiet();
    assert_eq!(lab.brief(id).unwrap().waits_for, Awaited::Nothing);
}

#[test]
fn b201_the_one_task_that_is_waited_for_has_its_name() {
    let lab = observed(1);
    let gate = lab.hold_worker();
    let first = lab.submit(Options { name: Some("Save notes".into()), ..lab.options() }, |_| Ok(Num(1)));
    let follow = |on| lab.submit(Options { after: vec![on], ..lab.options() }, |_| Ok(Num(1)));
    let second = follow(first);
    let third = follow(second);
    assert_eq!(lab.brief(second).unwrap().waits_for, Awaited::Task("Save notes".into()));
    assert_eq!(lab.brief(third).unwrap().waits_for, Awaited::Task("".into()));
    gate.open();
    lab.done(third);
}

#[test]
fn b201_attempts_and_slow_runs_are_noted() {
    let lab = observed(1);
    let gates = [Gate::new(), Gate::new()];
    let held = gates.clone();
    let retry = Retry { jitter: 0.0, ..Retry::times(3) };
    let options = Options { retry, warn_after: SECOND, ..lab.options() };
    let id = lab.repeat(options, move |context| {
        held[context.attempt() as usize - 1].pass();
        if context.attempt() == 1 { Err(fault("no luck")) } else { Ok(Num(1)) }
    });
    gates[0].wait_for(1);
    take(&lab);
    lab.advance(SECOND);
    let brief = one(&lab);
    assert_eq!((brief.status, brief.slow, brief.attempt, brief.attempts), (Status::Running, true, 1, 4));
    gates[0].open();
    lab.rests(id, 0);
    let brief = one(&lab);
    assert_eq!((brief.status, brief.slow, brief.retrying, brief.attempt), (Status::Delayed, false, true, 1));
    let due = brief.due.unwrap().nanos;
    assert_eq!(due, lab.now() + 1_000_000_000);
    lab.advance(SECOND);
    gates[1].wait_for(1);
    let brief = one(&lab);
    assert_eq!((brief.status, brief.slow, brief.retrying, brief.attempt), (Status::Running, false, false, 2));
    gates[1].open();
    lab.done(id);
}
