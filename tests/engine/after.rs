//! Tasks that come after others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use legwork::engine::{
    AfterPolicy, CancelReason, CancelResult, DeliveryMode, Engine, KeyPolicy, Once, Periodic, Priority,
    Status, SubmitError, TaskContext, TaskError, TaskId, WaitResult, WaitsFor,
};

use crate::support::*;

fn after(tasks: &[TaskId]) -> Options {
    Options { after: tasks.to_vec(), ..Options::default() }
}

fn ended(tasks: &[TaskId]) -> Options {
    Options { after_policy: AfterPolicy::Ended, ..after(tasks) }
}

fn numbered(lab: &Lab, options: Options, order: &Order, number: i64) -> TaskId {
    let order = order.clone();
    lab.submit(options, move |_| {
        order.push(number);
        Ok(Num(number))
    })
}

/// A task that waits at a gate, and then ends as `then` says.
fn at_gate(lab: &Lab, options: Options, then: fn() -> Answer) -> (TaskId, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.submit(options, move |_| {
        held.pass();
        then()
    });
    (id, gate)
}

fn good(lab: &Lab) -> (TaskId, Gate) {
    let (id, gate) = at_gate(lab, Options::default(), || Ok(Num(1)));
    gate.wait_for(1);
    (id, gate)
}

fn statuses(lab: &Lab, ids: &[TaskId]) -> Vec<Status> {
    ids.iter().map(|id| lab.status(*id)).collect()
}

fn failed_to_follow(lab: &Lab, id: TaskId) -> bool {
    let info = lab.info(id).unwrap();
    (info.status, info.cancel_reason) == (Status::Cancelled, Some(CancelReason::DependencyFailed))
}

// ---- to begin ----------------------------------------------------------------------------------

#[test]
fn b173_a_task_begins_once_all_that_it_comes_after_have_completed() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(4, mode);
        let order = Order::default();
        let ((a, first), (b, second)) = (good(&lab), good(&lab));
        let id = lab.submit(Options { callbacks: vec![lab.callback()], ..after(&[a, b, a]) }, {
            let order = order.clone();
            move |_| {
                order.push(1);
                Ok(Num(1))
            }
        });
        let next = numbered(&lab, after(&[id]), &order, 2);
        assert_eq!(statuses(&lab, &[id, next]), [Status::Blocked; 2]);
        assert_eq!((lab.counts().blocked, lab.counts().live), (2, 4));
        first.open();
        lab.done(a);
        assert_eq!(lab.status(id), Status::Blocked);
        assert_eq!(lab.info(id).unwrap().waits_for, WaitsFor::Tasks(vec![b]));
        second.open();
        lab.done(next);
        assert_eq!(order.get(), [1, 2]);
        lab.quiet();
        // The second runs while the worker that handed the first in is about to call that one's callback.
        until("its callback was called", || lab.heard() == ["completed 1"]);
        lab.finish();
    }
}

#[test]
fn b173_several_that_come_after_one_are_told_in_the_order_of_submission() {
    let lab = Lab::queued(1);
    let order = Order::default();
    let (a, gate) = good(&lab);
    let ids: Vec<_> = (0..100).map(|number| numbered(&lab, after(&[a]), &order, number)).collect();
    gate.open();
    lab.done(ids[99]);
    assert_eq!(order.get(), (0..100).collect::<Vec<_>>());
    lab.finish();
}

#[test]
fn b173_a_delay_is_counted_from_there_and_so_is_a_schedule() {
    let lab = Lab::queued(2);
    let order = Order::default();
    let (a, gate) = good(&lab);
    let later = numbered(&lab, Options { delay: 2 * SECOND, ..after(&[a]) }, &order, 1);
    let first_run = legwork::engine::FirstRun::AfterInterval;
    let periodic = Some(Periodic { first_run, ..Periodic::every(3 * SECOND) });
    let poll = lab.repeat(Options { periodic, ..after(&[a]) }, |context| Ok(Num(context.iteration() as i64)));
    lab.advance(10 * SECOND);
    assert_eq!(statuses(&lab, &[later, poll]), [Status::Blocked; 2]);
    gate.open();
    lab.done(a);
    until("they wait for their time", || lab.counts().delayed == 2);
    lab.advance(2 * SECOND);
    lab.done(later);
    assert_eq!(lab.info(poll).unwrap().iteration, 0);
    lab.advance(SECOND);
    lab.rests(poll, 1);
    lab.finish();
}

#[test]
fn b173_what_comes_after_others_has_its_turn_in_its_key_then() {
    let lab = Lab::queued(4);
    let order = Order::default();
    let key = |options: Options| Options { key: Some("k".into()), ..options };
    let (a, gate) = good(&lab);
    let (first, place) = at_gate(&lab, key(Options::default()), || Ok(Num(0)));
    let behind = numbered(&lab, key(after(&[a])), &order, 2);
    let next = numbered(&lab, key(Options::default()), &order, 1);
    gate.open();
    lab.done(a);
    until("it stands in line", || matches!(lab.info(behind).unwrap().waits_for, WaitsFor::Key { .. }));
    place.open();
    [first, next, behind].iter().for_each(|id| lab.done(*id));
    assert_eq!(order.get(), [1, 2]);
    // A newer one replaces it also while it waits for others.
    let (b, gate) = good(&lab);
    let waits = numbered(&lab, key(after(&[b])), &order, 3);
    let new =
        lab.submit(key(Options { key_policy: KeyPolicy::Replace, ..Options::default() }), |_| Ok(Num(0)));
    lab.done(new);
    assert_eq!(lab.info(waits).unwrap().cancel_reason, Some(CancelReason::Replaced));
    gate.open();
    lab.finish();
    assert_eq!(lab.keys_in_use(), 0);
}

// ---- not to begin ------------------------------------------------------------------------------

#[test]
fn b54_b174_where_one_does_not_complete_all_that_come_after_it_are_cancelled() {
    let ends: [fn() -> Answer; 3] = [|| Err(fault("no")), || panic!("boom"), || Err(TaskError::cancelled())];
    for then in ends {
        for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
            let lab = Lab::manual(4, mode);
            let (a, gate) = at_gate(&lab, Options::default(), then);
            let (b, other) = good(&lab);
            let drops = Drops::default();
            let token = drops.token();
            let options = Options { callbacks: vec![lab.callback()], ..after(&[a, b]) };
            let id = lab.submit(options, move |_| {
                drop(token);
                Ok(Num(0))
            });
            let down = lab.submit(after(&[id]), |_| Ok(Num(0)));
            let order = Order::default();
            let clean = numbered(&lab, ended(&[down, b]), &order, 1);
            gate.open();
            lab.done(down);
            assert!(failed_to_follow(&lab, id) && failed_to_follow(&lab, down));
            until("its closure is destroyed", || drops.count() == 1);
            assert_eq!(lab.status(clean), Status::Blocked);
            other.open();
            lab.done(clean);
            assert_eq!(order.get(), [1]);
            lab.quiet();
            assert_eq!(lab.heard(), ["cancelled DependencyFailed"]);
            if mode == DeliveryMode::Queued {
                assert_eq!(lab.events_of(id), ["cancelled DependencyFailed"]);
            }
            lab.finish();
        }
    }
}

#[test]
fn b174_a_time_out_and_a_cancel_are_no_completion_but_a_cancel_that_is_ignored_is_one() {
    let lab = Lab::queued(4);
    let (a, gate) = at_gate(&lab, Options { timeout: Some(SECOND), ..Options::default() }, || Ok(Num(0)));
    gate.wait_for(1);
    let delayed = lab.submit(Options { delay: 9 * SECOND, ..Options::default() }, |_| Ok(Num(0)));
    let (ignores, other) = good(&lab);
    let ids = [a, delayed, ignores].map(|id| lab.submit(after(&[id]), |_| Ok(Num(0))));
    let cleans = [a, delayed, ignores].map(|id| lab.submit(ended(&[id]), |_| Ok(Num(0))));
    lab.advance(SECOND);
    gate.open();
    assert_eq!(lab.cancel(delayed, USER), CancelResult::CancelledBeforeStart);
    lab.cancel(ignores, USER);
    other.open();
    ids.iter().chain(&cleans).for_each(|id| lab.done(*id));
    assert!(failed_to_follow(&lab, ids[0]) && failed_to_follow(&lab, ids[1]));
    assert_eq!(lab.status(ids[2]), Status::Completed);
    assert_eq!(statuses(&lab, &cleans), [Status::Completed; 3]);
    lab.finish();
}

#[test]
fn b174_what_comes_after_a_periodic_task_waits_for_its_schedule_to_end() {
    let lab = Lab::queued(2);
    let twice = Some(Periodic { max_runs: 2, ..Periodic::every(SECOND) });
    let poll = lab.repeat(Options { periodic: twice, ..Options::default() }, |_| Ok(Num(0)));
    let next = lab.submit(after(&[poll]), |_| Ok(Num(0)));
    lab.rests(poll, 1);
    assert_eq!(lab.status(next), Status::Blocked);
    lab.advance(SECOND);
    lab.done(next);
    assert_eq!(lab.status(next), Status::Completed);
    lab.finish();
}

// ---- what is refused, and what has ended -------------------------------------------------------

#[test]
fn b15_b175_an_id_that_is_unknown_forgotten_or_reserved_is_refused_by_its_name() {
    let lab = Lab::queued(1);
    let forgotten = lab.run(|_| Ok(Num(0)));
    lab.done(forgotten);
    lab.quiet();
    lab.clear_history();
    let reserved = lab.reserve().unwrap();
    let never = "01234567-89ab-8def-8123-456789abcdef".parse::<TaskId>().ok();
    for id in [forgotten, reserved].into_iter().chain(never) {
        let body = Once(Some(|_: &TaskContext| Ok(Num(0))));
        let error = lab.engine().submit(Box::new(body), after(&[id]), Some(reserved), false).unwrap_err();
        assert_eq!(error, SubmitError::AfterUnknown { id });
        let text = format!("after names {id}, and there is no such task: it never was one, or is forgotten");
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(lab.counts().live, 0);
    lab.release(reserved);
    lab.finish();
}

#[test]
fn b175_one_that_has_ended_counts_as_it_did() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(2, mode);
        let (good, bad) = (lab.run(|_| Ok(Num(0))), lab.run(|_| Err(fault("no"))));
        [good, bad].iter().for_each(|id| lab.done(*id));
        let now = lab.submit(after(&[good]), |_| Ok(Num(1)));
        let options = Options { callbacks: vec![lab.callback()], delay: SECOND, ..after(&[good, bad]) };
        let never = lab.submit(options, |_| Ok(Num(2)));
        assert!(failed_to_follow(&lab, never));
        let down = lab.submit(after(&[never]), |_| Ok(Num(2)));
        assert!(failed_to_follow(&lab, down));
        let clean = lab.submit(ended(&[good, bad, never]), |_| Ok(Num(3)));
        [now, clean].iter().for_each(|id| lab.done(*id));
        assert_eq!(statuses(&lab, &[now, clean]), [Status::Completed; 2]);
        lab.quiet();
        assert_eq!(lab.heard(), ["cancelled DependencyFailed"]);
        lab.finish();
    }
}

#[test]
fn b14_b175_one_that_others_come_after_is_forgotten_as_any_other() {
    let lab = Lab::queued(2);
    lab.set_history_limits(legwork::engine::HistoryLimits { tasks: 0, ..Default::default() });
    let (a, gate) = good(&lab);
    let next = lab.submit(after(&[a]), |_| Ok(Num(0)));
    let gone = lab.submit(after(&[a]), |_| Ok(Num(0)));
    lab.cancel(gone, USER);
    gate.open();
    until("the second has run", || lab.counts().blocked + lab.counts().running + lab.counts().queued == 0);
    lab.quiet();
    assert_eq!(statuses(&lab, &[a, next, gone]), [Status::UnknownTask; 3]);
    assert_eq!(lab.counts().live, 0);
    lab.finish();
}

// ---- what is blocked, and what happens to it ---------------------------------------------------

#[test]
fn b55_b176_cancel_of_a_task_that_comes_after_others() {
    let lab = Lab::queued(2);
    let ((a, first), (b, second)) = (good(&lab), good(&lab));
    let ids: Vec<_> = (0..3).map(|_| lab.submit(after(&[a, b]), |_| Ok(Num(0)))).collect();
    let waiter = {
        let (engine, id) = (lab.engine().clone(), ids[1]);
        std::thread::spawn(move || engine.wait(id, None))
    };
    assert_eq!(lab.cancel(ids[1], USER), CancelResult::CancelledBeforeStart);
    assert_eq!(waiter.join().unwrap(), WaitResult::Done);
    [first, second].iter().for_each(Gate::open);
    [ids[0], ids[2]].iter().for_each(|id| lab.done(*id));
    let expected = [Status::Completed, Status::Cancelled, Status::Completed];
    assert_eq!(statuses(&lab, &ids), expected);
    lab.finish();
}

#[test]
fn b99_b176_at_a_shutdown_what_must_run_comes_after_what_must_run_and_after_what_runs() {
    let lab = Lab::queued(2);
    let (a, gate) = good(&lab);
    let must = |options: Options| Options { must_run: true, ..options };
    let order = Order::default();
    let plain = numbered(&lab, after(&[a]), &order, 1);
    let first = numbered(&lab, must(after(&[a])), &order, 2);
    let second = numbered(&lab, must(after(&[first])), &order, 3);
    let lost = numbered(&lab, must(after(&[plain])), &order, 4);
    let clean = numbered(&lab, must(ended(&[plain])), &order, 5);
    let late = numbered(&lab, Options { delay: SECOND, ..must(after(&[a])) }, &order, 6);
    let delayed = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(0)));
    let behind = numbered(&lab, must(after(&[delayed])), &order, 7);
    lab.begin_shutdown(30 * SECOND);
    gate.open();
    let report = lab.shutdown(30 * SECOND, None);
    assert!(report.complete && report.abandoned.is_empty());
    let mut ran = order.get();
    ran.sort_unstable();
    assert_eq!(ran, [2, 3, 5]);
    use CancelReason::{DependencyFailed, Shutdown};
    for (id, reason) in
        [(plain, Shutdown), (lost, DependencyFailed), (late, Shutdown), (behind, DependencyFailed)]
    {
        assert_eq!(lab.info(id).unwrap().cancel_reason, Some(reason));
    }
    assert_eq!(statuses(&lab, &[first, second, clean]), [Status::Completed; 3]);
    lab.finish();
}

#[test]
fn b102_b176_at_the_deadline_nothing_of_a_chain_is_left() {
    let lab = Lab::queued(1);
    let (a, gate) = good(&lab);
    let must = |options: Options| Options { must_run: true, ..options };
    let ids = [must(after(&[a])), must(ended(&[a])), ended(&[a])]
        .map(|options| lab.submit(options, |_| Ok(Num(0))));
    let report = lab.shutdown(Duration::ZERO, None);
    assert!(report.complete);
    assert_eq!(lab.counts().blocked, 0);
    assert_eq!(statuses(&lab, &ids), [Status::Cancelled; 3]);
    gate.open();
    lab.finish();
}

#[test]
fn b56_b176_an_owner_that_goes_is_none_of_the_others_business() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("page");
    let of = |options: Options| Options { owner: Some(owner), ..options };
    let (a, gate) = good(&lab);
    let theirs = lab.submit(of(after(&[a])), |_| Ok(Num(0)));
    let mine = lab.submit(ended(&[theirs]), |_| Ok(Num(0)));
    let down = lab.submit(after(&[theirs]), |_| Ok(Num(0)));
    lab.close_owner(owner, CancelReason::OwnerGone);
    lab.done(mine);
    assert_eq!(lab.info(theirs).unwrap().cancel_reason, Some(CancelReason::OwnerGone));
    assert!(failed_to_follow(&lab, down));
    gate.open();
    lab.finish();
}

#[test]
fn b123_b176_nothing_of_an_owner_is_kept_for_those_that_come_after_its_tasks() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("plugin");
    let (a, gate) = at_gate(&lab, Options { owner: Some(owner), ..Options::default() }, || Ok(Num(0)));
    gate.wait_for(1);
    let mine = lab.submit(ended(&[a]), |_| Ok(Num(0)));
    gate.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    lab.done(mine);
    lab.quiet();
    assert_eq!(lab.status(a), Status::UnknownTask);
    lab.finish();
}

#[test]
fn b133_b176_after_a_halt_nobody_is_told() {
    let lab = Lab::direct(1);
    let (_, gate) = {
        let (a, gate) = good(&lab);
        let drops = Drops::default();
        let token = drops.token();
        let body = move |_: &TaskContext| {
            drop(token);
            Ok(Num(0))
        };
        let next = lab.submit(after(&[a]), body);
        lab.halt(Duration::ZERO);
        gate.open();
        until("the worker sleeps", || lab.counts().running == 0);
        assert_eq!((lab.status(next), drops.count()), (Status::Blocked, 0));
        (next, gate)
    };
    gate.open();
}

#[test]
fn b21_b176_the_priority_of_a_blocked_task_counts_once_it_is_queued() {
    let lab = Lab::queued(1);
    let order = Order::default();
    let (a, gate) = good(&lab);
    numbered(&lab, Options { priority: Priority::Low, ..after(&[a]) }, &order, 1);
    let second = numbered(&lab, Options { priority: Priority::Low, ..after(&[a]) }, &order, 2);
    assert!(lab.set_priority(second, Priority::High));
    assert_eq!(lab.info(second).unwrap().priority, Priority::High);
    gate.open();
    lab.quiet();
    assert_eq!(order.get(), [2, 1]);
    lab.finish();
}

// ---- waits -------------------------------------------------------------------------------------

/// Has a body of `options` wait for the task that `make` submits while it runs, and gives the answer.
fn answer(
    lab: &Lab,
    options: Options,
    make: impl FnOnce(&Engine<Num>, TaskId) -> TaskId + Send + 'static,
) -> TaskId {
    let engine = lab.engine().clone();
    lab.submit(options, move |context| {
        let id = make(&engine, context.id());
        Ok(Num(match engine.wait(id, None) {
            WaitResult::Done => 1,
            WaitResult::WouldDeadlock => 2,
            _ => 3,
        }))
    })
}

fn submit_in(engine: &Engine<Num>, options: Options) -> TaskId {
    let body = Once(Some(|_: &TaskContext| Ok(Num(0))));
    engine.submit(Box::new(body), options, None, false).unwrap()
}

fn answered(lab: &Lab, id: TaskId) -> i64 {
    lab.done(id);
    lab.info(id).unwrap().result.unwrap().0
}

#[test]
fn b65_b177_a_wait_for_what_comes_after_the_waiting_one_is_refused() {
    let lab = Lab::queued(4);
    let direct = answer(&lab, Options::default(), |engine, own| submit_in(engine, ended(&[own])));
    assert_eq!(answered(&lab, direct), 2);
    // Through a chain, of which nobody makes the stack deep.
    let chain = answer(&lab, Options::default(), |engine, own| {
        (0..10_000).fold(own, |before, _| submit_in(engine, after(&[before])))
    });
    assert_eq!(answered(&lab, chain), 2);
    // For one that waits for its time, or never ends.
    let delayed = answer(&lab, Options::default(), |engine, _| {
        let later = submit_in(engine, Options { delay: SECOND, ..Options::default() });
        submit_in(engine, after(&[later]))
    });
    assert_eq!(answered(&lab, delayed), 2);
    // For a place that it holds itself, which the other will want once it comes after nobody.
    let key = || Options { key: Some("k".into()), ..Options::default() };
    let (a, gate) = good(&lab);
    let place = answer(&lab, key(), move |engine, _| submit_in(engine, Options { after: vec![a], ..key() }));
    assert_eq!(answered(&lab, place), 2);
    gate.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b64_b177_a_wait_for_a_blocked_task_that_will_run_is_taken_with_one_worker() {
    let lab = Lab::queued(1);
    let order = Order::default();
    let low = || Options { priority: Priority::Low, ..Options::default() };
    let (a, gate) = good(&lab);
    let waits = {
        let order = order.clone();
        answer(&lab, Options::default(), move |engine, _| {
            let numbered = |options, number| {
                let order = order.clone();
                let body = Once(Some(move |_: &TaskContext| {
                    order.push(number);
                    Ok(Num(0))
                }));
                engine.submit(Box::new(body), options, None, false).unwrap()
            };
            let first = numbered(low(), 1);
            (10..14).for_each(|number| {
                numbered(Options::default(), number);
            });
            numbered(Options { after: vec![first], ..low() }, 2)
        })
    };
    gate.open();
    lab.done(a);
    assert_eq!(answered(&lab, waits), 1);
    assert_eq!(order.get()[..2], [1, 2]);
    lab.quiet();
    lab.finish();
}

#[test]
fn b146_b177_a_wait_for_all_of_an_owner_whose_task_comes_after_the_waiting_one_is_refused() {
    let lab = Lab::queued(4);
    let owner = lab.open_owner("owner");
    let engine = lab.engine().clone();
    let id = lab.submit(Options::default(), move |context| {
        submit_in(&engine, Options { owner: Some(owner), ..ended(&[context.id()]) });
        Ok(Num(i64::from(engine.wait_for_all(owner, None) == WaitResult::WouldDeadlock)))
    });
    assert_eq!(answered(&lab, id), 1);
    assert_eq!(lab.wait_for_all(owner, Some(DEADLINE)), WaitResult::Done);
    lab.finish();
}

#[test]
fn b48_b174_a_run_begins_when_its_worker_has_done_what_the_last_end_asked_for() {
    /// What takes two seconds to be destroyed.
    struct Slow(Engine<Num>);

    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.advance(2 * SECOND);
        }
    }

    let lab = Lab::direct(1);
    let (a, gate) = at_gate(&lab, Options::default(), || Err(fault("no")));
    gate.wait_for(1);
    let slow = Slow(lab.engine().clone());
    lab.submit(after(&[a]), move |_| {
        drop(slow);
        Ok(Num(0))
    });
    let running = Gate::new();
    let held = running.clone();
    let next = lab.submit(Options { timeout: Some(3 * SECOND), ..Options::default() }, move |context| {
        held.pass();
        Ok(Num(context.is_cancelled().into()))
    });
    gate.open();
    running.wait_for(1);
    // Two seconds after it began, and four after the one before it ended.
    lab.advance(2 * SECOND);
    running.open();
    lab.done(next);
    let info = lab.info(next).unwrap();
    assert_eq!((info.started_ms, info.status, info.result), (2_000, Status::Completed, Some(Num(0))));
    lab.finish();
}

// ---- many --------------------------------------------------------------------------------------

#[test]
fn b173_b174_a_chain_of_100_000_runs_ends_and_is_shut_down() {
    let chain = |lab: &Lab, first: TaskId, runs: &Arc<AtomicUsize>| {
        (0..100_000).fold(first, |before, number| {
            let runs = runs.clone();
            lab.submit(after(&[before]), move |_| {
                assert_eq!(runs.fetch_add(1, SeqCst), number);
                Ok(Num(0))
            })
        })
    };
    let lab = Lab::direct(2);
    let runs = Arc::new(AtomicUsize::new(0));
    let (a, gate) = good(&lab);
    let last = chain(&lab, a, &runs);
    gate.open();
    lab.done(last);
    assert_eq!(runs.load(SeqCst), 100_000);
    // From its first one, and in the call that cancels that.
    let delayed = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(0)));
    let last = chain(&lab, delayed, &Arc::new(AtomicUsize::new(0)));
    lab.cancel(delayed, USER);
    assert!(failed_to_follow(&lab, last));
    assert_eq!((lab.counts().blocked, lab.counts().live), (0, 0));
    let (a, gate) = good(&lab);
    chain(&lab, a, &Arc::new(AtomicUsize::new(0)));
    gate.open();
    assert!(lab.shutdown(30 * SECOND, None).complete);
    lab.finish();
}

#[test]
fn b173_100_000_come_after_one_and_one_after_100_000() {
    let lab = Lab::direct(2);
    let runs = Arc::new(AtomicUsize::new(0));
    let (a, gate) = good(&lab);
    let ids: Vec<_> = (0..100_000)
        .map(|_| {
            let runs = runs.clone();
            lab.submit(after(&[a]), move |_| {
                runs.fetch_add(1, SeqCst);
                Ok(Num(0))
            })
        })
        .collect();
    let all = lab.submit(after(&ids), |_| Ok(Num(0)));
    let other = lab.submit(after(&ids), |_| Ok(Num(0)));
    lab.cancel(other, USER);
    gate.open();
    lab.done(all);
    assert_eq!((runs.load(SeqCst), lab.status(all)), (100_000, Status::Completed));
    assert_eq!(lab.counts().live, 0);
    lab.finish();
}

// ---- rest --------------------------------------------------------------------------------------

#[test]
fn b76_b179_all_finished_comes_once_nobody_comes_after_those_that_have_ended() {
    let lab = Lab::queued(1);
    let (a, gate) = good(&lab);
    let last = (0..50).fold(a, |before, _| lab.submit(after(&[before]), |_| Ok(Num(0))));
    gate.open();
    until("all have run", || {
        lab.drain();
        lab.status(last) == Status::Completed
    });
    lab.quiet();
    let events = lab.events.lock();
    assert_eq!(events.iter().filter(|(_, event)| event == "all finished").count(), 1);
    drop(events);
    lab.finish();
}
