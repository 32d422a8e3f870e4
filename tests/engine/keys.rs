//! Tasks of one key: which run at once, in which order, and what a new one does to the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use legwork::engine::{
    CancelReason, CancelResult, DeliveryMode, KeyPolicy, OwnerId, Priority, Status, SubmitError, TaskError,
    TaskId, WaitResult, WaitsFor,
};

use crate::support::*;

fn keyed(key: &str, policy: KeyPolicy) -> Options {
    Options { key: Some(key.into()), key_policy: policy, ..Options::default() }
}

fn append(key: &str) -> Options {
    keyed(key, KeyPolicy::Append)
}

/// A body that tells when it begins, and waits at a gate.
fn at_gate(lab: &Lab, options: Options) -> (TaskId, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.submit(options, move |_| {
        held.pass();
        Ok(Num(1))
    });
    (id, gate)
}

/// One that has begun.
fn running(lab: &Lab, options: Options) -> (TaskId, Gate) {
    let (id, gate) = at_gate(lab, options);
    gate.wait_for(1);
    (id, gate)
}

fn numbered(lab: &Lab, options: Options, order: &Order, number: i64) -> TaskId {
    let order = order.clone();
    lab.submit(options, move |_| {
        order.push(number);
        Ok(Num(number))
    })
}

fn statuses(lab: &Lab, ids: &[TaskId]) -> Vec<Status> {
    ids.iter().map(|id| lab.status(*id)).collect()
}

fn reason(lab: &Lab, id: TaskId) -> Option<CancelReason> {
    lab.info(id).unwrap().cancel_reason
}

// ---- Append ------------------------------------------------------------------------------------

#[test]
fn b165_tasks_of_a_key_run_one_at_a_time_in_the_order_of_submission() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(4, mode);
        let (order, at_once) = (Order::default(), Arc::new(AtomicUsize::new(0)));
        let (first, gate) = running(&lab, append("disk"));
        let ids: Vec<_> = (0..200)
            .map(|number| {
                let (order, at_once) = (order.clone(), at_once.clone());
                lab.submit(append("disk"), move |_| {
                    assert_eq!(at_once.fetch_add(1, SeqCst), 0, "two bodies of one key overlap");
                    order.push(number);
                    std::thread::yield_now();
                    at_once.fetch_sub(1, SeqCst);
                    Ok(Num(number))
                })
            })
            .collect();
        assert!(ids.iter().all(|id| lab.status(*id) == Status::Blocked));
        let counts = lab.counts();
        assert_eq!((counts.blocked, counts.queued, counts.running, counts.live), (200, 0, 1, 201));
        // Another key is not in their way.
        let other = lab.submit(append("net"), |_| Ok(Num(0)));
        lab.done(other);
        gate.open();
        ids.iter().for_each(|id| lab.done(*id));
        assert_eq!(order.get(), (0..200).collect::<Vec<_>>());
        assert_eq!(lab.status(first), Status::Completed);
        lab.finish();
        assert_eq!(lab.keys_in_use(), 0);
    }
}

#[test]
fn b165_a_key_goes_on_after_a_failure_a_panic_a_time_out_and_a_cancel() {
    let lab = Lab::queued(2);
    let order = Order::default();
    let (_, gate) = running(&lab, append("k"));
    lab.submit(append("k"), |_| Err(fault("no")));
    lab.submit(append("k"), |_| panic!("boom"));
    lab.submit(append("k"), |_| Err(TaskError::cancelled()));
    let waits = numbered(&lab, append("k"), &order, 1);
    let (late, slow) = at_gate(&lab, Options { timeout: Some(SECOND), ..append("k") });
    let last = numbered(&lab, append("k"), &order, 2);
    assert_eq!(lab.cancel(waits, USER), CancelResult::CancelledBeforeStart);
    gate.open();
    slow.wait_for(1);
    lab.advance(SECOND);
    // Its time is over, and it runs: nobody has its place.
    assert_eq!(statuses(&lab, &[late, last]), [Status::Running, Status::Blocked]);
    slow.open();
    lab.done(last);
    assert_eq!(lab.status(late), Status::TimedOut);
    assert_eq!(order.get(), [2]);
    lab.finish();
}

#[test]
fn b165_b3_a_key_with_a_limit_runs_so_many_at_once() {
    let lab = Lab::queued(8);
    let limited = || Options { key_limit: 3, ..append("host") };
    let all = Gate::new();
    let ids: Vec<_> = (0..9)
        .map(|_| {
            let gate = all.clone();
            lab.submit(limited(), move |_| {
                gate.pass();
                Ok(Num(0))
            })
        })
        .collect();
    all.wait_for(3);
    let counts = lab.counts();
    assert_eq!((counts.running, counts.queued, counts.blocked), (3, 0, 6));
    assert!(ids[3..].iter().all(|id| lab.status(*id) == Status::Blocked));
    all.open();
    ids.iter().for_each(|id| lab.done(*id));
    lab.finish();
    assert_eq!(lab.keys_in_use(), 0);
}

#[test]
fn b165_a_queued_task_that_is_cancelled_hands_its_place_on() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let order = Order::default();
    let ids: Vec<_> = (0..3).map(|number| numbered(&lab, append("k"), &order, number)).collect();
    assert_eq!(statuses(&lab, &ids), [Status::Queued, Status::Blocked, Status::Blocked]);
    assert_eq!(lab.cancel(ids[0], USER), CancelResult::CancelledBeforeStart);
    assert_eq!(statuses(&lab, &ids), [Status::Cancelled, Status::Queued, Status::Blocked]);
    held.open();
    lab.done(ids[2]);
    assert_eq!(order.get(), [1, 2]);
    lab.finish();
}

#[test]
fn b165_b5_a_place_that_is_handed_on_by_a_cancel_finds_a_worker_that_sleeps() {
    let lab = Lab::direct(2);
    let (stuck, gate) = running(&lab, append("k"));
    // The other worker is there, and sleeps.
    let other = lab.run(|_| Ok(Num(0)));
    lab.done(other);
    let delayed = lab.submit(Options { delay: SECOND, ..append("k") }, |_| Ok(Num(0)));
    let next = lab.submit(append("k"), |_| Ok(Num(0)));
    gate.open();
    lab.done(stuck);
    lab.done(next);
    lab.advance(SECOND);
    lab.done(delayed);
    lab.finish();
}

// ---- Replace -----------------------------------------------------------------------------------

#[test]
fn b166_replace_cancels_the_others_and_begins_when_their_bodies_have_ended() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(4, mode);
        let order = Order::default();
        let replace = || keyed("search", KeyPolicy::Replace);
        let (first, gate) = running(&lab, replace());
        let waits = numbered(&lab, append("search"), &order, 1);
        let later = numbered(&lab, Options { delay: SECOND, ..append("search") }, &order, 2);
        let new = numbered(&lab, replace(), &order, 3);
        let all = [first, waits, later, new];
        use Status::{Blocked, Cancelled, Completed, Running};
        assert_eq!(statuses(&lab, &all), [Running, Cancelled, Cancelled, Blocked]);
        assert!(lab.info(first).unwrap().cancel_requested);
        assert!(all[..3].iter().all(|id| reason(&lab, *id) == Some(CancelReason::Replaced)));
        gate.open();
        lab.done(new);
        // A body that takes no notice is completed.
        assert_eq!(statuses(&lab, &[first, new]), [Completed, Completed]);
        assert_eq!(order.get(), [3]);
        lab.finish();
    }
}

#[test]
fn b166_of_many_that_replace_each_other_the_last_runs_and_no_two_at_once() {
    let lab = Lab::queued(4);
    let (order, at_once) = (Order::default(), Arc::new(AtomicUsize::new(0)));
    let (_, gate) = running(&lab, keyed("search", KeyPolicy::Replace));
    let ids: Vec<_> = (0..100)
        .map(|number| {
            let (order, at_once) = (order.clone(), at_once.clone());
            lab.submit(keyed("search", KeyPolicy::Replace), move |_| {
                assert_eq!(at_once.fetch_add(1, SeqCst), 0);
                order.push(number);
                at_once.fetch_sub(1, SeqCst);
                Ok(Num(number))
            })
        })
        .collect();
    gate.open();
    lab.done(ids[99]);
    assert_eq!(order.get(), [99]);
    assert!(ids[..99].iter().all(|id| lab.status(*id) == Status::Cancelled));
    lab.finish();
}

#[test]
fn b166_b171_replace_with_a_delay_waits_until_nobody_types_any_more() {
    let lab = Lab::queued(1);
    let order = Order::default();
    let options = || Options { delay: SECOND, ..keyed("search", KeyPolicy::Replace) };
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(numbered(&lab, options(), &order, number));
        lab.advance(SECOND / 2);
    }
    assert_eq!(lab.counts().delayed, 1);
    lab.advance(SECOND / 2);
    lab.done(ids[9]);
    assert_eq!(order.get(), [9]);
    lab.finish();
}

#[test]
fn b166_an_abandoned_body_keeps_its_place_until_it_returns() {
    let lab = Lab::queued(2);
    let (stuck, gate) = running(&lab, append("k"));
    // A shutdown that is not the last one, whose deadline has come.
    let meanwhile = legwork::engine::Meanwhile::default();
    let report = lab.end_work(std::time::Duration::ZERO, false, meanwhile);
    assert_eq!(report.abandoned.len(), 1);
    assert_eq!(lab.status(stuck), Status::Abandoned);
    assert_eq!(lab.keys_in_use(), 1);
    let order = Order::default();
    let next = numbered(&lab, keyed("k", KeyPolicy::Replace), &order, 1);
    assert_eq!(lab.status(next), Status::Blocked);
    let info = lab.info(next).unwrap();
    let expected = WaitsFor::Key { key: "k".into(), running: vec![], abandoned: vec![stuck] };
    assert_eq!(info.waits_for, expected);
    assert_eq!(info.waits_for.to_string(), "its turn in the key \"k\", which an abandoned body still holds");
    gate.open();
    lab.done(next);
    assert_eq!(order.get(), [1]);
    lab.finish();
    assert_eq!(lab.keys_in_use(), 0);
}

// ---- KeepLatest --------------------------------------------------------------------------------

#[test]
fn b167_of_those_that_wait_only_the_newest_stays_and_what_runs_goes_on() {
    let lab = Lab::queued(4);
    let order = Order::default();
    let save = || keyed("save", KeyPolicy::KeepLatest);
    let (first, gate) = running(&lab, save());
    let ids: Vec<_> = (1..=5).map(|number| numbered(&lab, save(), &order, number)).collect();
    assert!(!lab.info(first).unwrap().cancel_requested);
    assert!(ids[..4].iter().all(|id| reason(&lab, *id) == Some(CancelReason::Replaced)));
    assert_eq!(lab.status(ids[4]), Status::Blocked);
    gate.open();
    lab.done(ids[4]);
    assert_eq!((lab.status(first), order.get()), (Status::Completed, vec![5]));
    lab.finish();
}

#[test]
fn b167_one_that_has_a_place_and_has_not_begun_waits_too() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let order = Order::default();
    let save = || keyed("save", KeyPolicy::KeepLatest);
    let first = numbered(&lab, save(), &order, 1);
    assert_eq!(lab.status(first), Status::Queued);
    let second = numbered(&lab, save(), &order, 2);
    assert_eq!(statuses(&lab, &[first, second]), [Status::Cancelled, Status::Queued]);
    held.open();
    lab.done(second);
    assert_eq!(order.get(), [2]);
    lab.finish();
}

#[test]
fn b167_a_periodic_task_that_has_begun_goes_on() {
    let lab = Lab::queued(1);
    let poll = Options { key: Some("k".into()), ..lab.silent_periodic(10) };
    let poll = lab.repeat(poll, |context| Ok(Num(context.iteration() as i64)));
    lab.rests(poll, 1);
    let new = lab.submit(keyed("k", KeyPolicy::KeepLatest), |_| Ok(Num(0)));
    lab.done(new);
    assert_eq!(lab.status(poll), Status::Delayed);
    lab.finish();
}

// ---- Keep --------------------------------------------------------------------------------------

#[test]
fn b168_keep_makes_nothing_and_adds_its_callbacks_to_the_one_there_is() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(2, mode);
        let (first, gate) = running(&lab, append("refresh"));
        let second = lab.submit(append("refresh"), |_| Ok(Num(2)));
        let drops = Drops::default();
        let token = drops.token();
        let keep = Options { callbacks: vec![lab.callback()], ..keyed("refresh", KeyPolicy::Keep) };
        let kept = lab.submit(keep, move |_| {
            drop(token);
            panic!("it is not made")
        });
        assert_eq!((kept, drops.count()), (first, 1));
        assert_eq!(lab.counts().live, 2);
        gate.open();
        lab.done(second);
        lab.quiet();
        // Where the worker calls back, it may do so after the second has ended.
        until("the callback was called", || !lab.heard().is_empty());
        assert_eq!(lab.heard(), ["completed 1"]);
        // With nobody there, it is made.
        let new = lab.submit(keyed("refresh", KeyPolicy::Keep), |_| Ok(Num(3)));
        assert!(new != first && new != second);
        lab.done(new);
        lab.finish();
    }
}

#[test]
fn b168_a_reserved_id_stays_reserved_and_a_handle_keeps_the_one_there_is() {
    let lab = Lab::queued(1);
    let (first, gate) = running(&lab, append("k"));
    let reserved = lab.reserve().unwrap();
    let body = legwork::engine::Once(Some(|_: &legwork::engine::TaskContext| Ok(Num(0))));
    let id = lab.engine().submit(Box::new(body), keyed("k", KeyPolicy::Keep), Some(reserved), true);
    assert_eq!(id, Ok(first));
    assert_eq!(lab.status(reserved), Status::UnknownTask);
    lab.release(reserved);
    gate.open();
    lab.done(first);
    lab.quiet();
    lab.clear_history();
    assert_eq!(lab.status(first), Status::Completed);
    lab.drop_handle(first);
    lab.clear_history();
    assert_eq!(lab.status(first), Status::UnknownTask);
    lab.finish();
}

#[test]
fn b168_one_that_is_asked_to_stop_is_not_kept() {
    let lab = Lab::queued(2);
    let (first, gate) = running(&lab, append("k"));
    lab.cancel(first, USER);
    let second = lab.submit(keyed("k", KeyPolicy::Keep), |_| Ok(Num(2)));
    assert!(second != first);
    assert_eq!(lab.submit(keyed("k", KeyPolicy::Keep), |_| Ok(Num(3))), second);
    gate.open();
    lab.done(second);
    lab.finish();
}

#[test]
fn b13_b168_keep_is_not_refused_by_a_full_queue_as_it_adds_nothing() {
    let config = legwork::engine::EngineConfig { capacity: 1, ..config(1) };
    let lab = Lab::of(legwork::engine::Engine::manual(config, DeliveryMode::Queued), DeliveryMode::Queued);
    let (first, gate) = running(&lab, append("k"));
    assert_eq!(lab.try_submit(keyed("k", KeyPolicy::Keep), |_| Ok(Num(0))), Ok(first));
    assert!(lab.try_submit(append("k"), |_| Ok(Num(0))).is_err());
    gate.open();
    lab.done(first);
    lab.finish();
}

// ---- what is refused ---------------------------------------------------------------------------

#[test]
fn b169_what_cannot_be_is_refused_with_the_values_and_nothing_is_created() {
    let lab = Lab::queued(2);
    let refused = |options: Options| lab.try_submit(options, |_| Ok(Num(0))).unwrap_err();
    let (first, gate) = running(&lab, Options { key_limit: 2, ..append("k") });
    for policy in [KeyPolicy::Append, KeyPolicy::Replace, KeyPolicy::KeepLatest, KeyPolicy::Keep] {
        let error = refused(Options { key_limit: 3, ..keyed("k", policy) });
        assert_eq!(error, SubmitError::KeyLimit { key: "k".to_owned(), limit: 3, in_use: 2 });
        let text = "keyLimit is 3, but the key \"k\" is in use with 2; say the same for all of its tasks";
        assert_eq!(error.to_string(), text);
    }
    assert!(!lab.info(first).unwrap().cancel_requested);
    let without = Options { key_policy: KeyPolicy::Replace, ..Options::default() };
    assert_eq!(refused(without), SubmitError::WithoutKey { option: "keyPolicy" });
    let without = Options { key_limit: 2, ..Options::default() };
    assert_eq!(refused(without), SubmitError::WithoutKey { option: "keyLimit" });
    for options in [Options { key_limit: 0, ..append("k") }, Options { key_limit: 0, ..Options::default() }] {
        assert_eq!(refused(options).to_string(), "keyLimit is 0; expected 1 or more");
    }
    assert_eq!(refused(append("")).to_string(), "key is empty; expected a text, or none");
    assert_eq!((lab.counts().live, lab.keys_in_use()), (1, 1));
    gate.open();
    lab.done(first);
    // Once nobody uses it, it may have another limit.
    let other = lab.submit(Options { key_limit: 3, ..append("k") }, |_| Ok(Num(0)));
    lab.done(other);
    lab.finish();
}

#[test]
fn b56_b172_a_key_is_its_owners() {
    let lab = Lab::queued(4);
    let owners = [lab.open_owner("one"), lab.open_owner("two")];
    let of = |owner: Option<OwnerId>, policy| Options { owner, ..keyed("k", policy) };
    let (app, a) = running(&lab, of(None, KeyPolicy::Replace));
    let (one, b) = running(&lab, of(Some(owners[0]), KeyPolicy::Replace));
    let (two, c) = running(&lab, Options { key_limit: 7, ..of(Some(owners[1]), KeyPolicy::Keep) });
    assert_eq!(lab.keys_in_use(), 3);
    assert!([app, one, two].iter().all(|id| !lab.info(*id).unwrap().cancel_requested));
    lab.cancel_key(Some(owners[0]), "k", USER);
    lab.cancel_key(None, "no such key", USER);
    assert!([app, two].iter().all(|id| !lab.info(*id).unwrap().cancel_requested));
    assert!(lab.info(one).unwrap().cancel_requested);
    [a, b, c].iter().for_each(Gate::open);
    [app, one, two].iter().for_each(|id| lab.done(*id));
    // An owner that comes after one with the same index has keys of its own.
    owners.iter().for_each(|owner| lab.close_owner(*owner, CancelReason::OwnerGone));
    lab.quiet();
    lab.clear_history();
    lab.cancel_key(Some(owners[0]), "k", USER);
    assert_eq!(lab.keys_in_use(), 0);
    lab.finish();
}

// ---- order and priorities ----------------------------------------------------------------------

#[test]
fn b170_the_order_in_a_key_is_kept_whatever_the_priorities() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let order = Order::default();
    let with = |priority| Options { priority, ..append("k") };
    let (high, normal, low) = (Priority::High, Priority::Normal, Priority::Low);
    let ids: Vec<_> = [low, high, normal, low, high]
        .into_iter()
        .enumerate()
        .map(|(number, priority)| numbered(&lab, with(priority), &order, number as i64))
        .collect();
    held.open();
    lab.done(ids[4]);
    assert_eq!(order.get(), [0, 1, 2, 3, 4]);
    lab.finish();
}

#[test]
fn b19_b170_a_high_one_lifts_what_stands_before_it_in_its_key() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let order = Order::default();
    let with = |priority| Options { priority, ..append("k") };
    numbered(&lab, with(Priority::Low), &order, 1);
    numbered(&lab, with(Priority::Low), &order, 2);
    for number in 10..13 {
        numbered(&lab, Options::default(), &order, number);
    }
    let high = numbered(&lab, with(Priority::High), &order, 3);
    let after = numbered(&lab, with(Priority::Low), &order, 4);
    held.open();
    lab.done(after);
    lab.quiet();
    // What comes behind the urgent one is in no hurry.
    assert_eq!(order.get(), [1, 2, 3, 10, 11, 12, 4]);
    assert_eq!(lab.info(high).unwrap().priority, Priority::High);
    lab.finish();
}

#[test]
fn b21_b170_a_priority_that_is_changed_counts_in_the_line() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let order = Order::default();
    let with = |priority| Options { priority, ..append("k") };
    let first = numbered(&lab, with(Priority::Low), &order, 1);
    let second = numbered(&lab, with(Priority::Low), &order, 2);
    numbered(&lab, Options::default(), &order, 10);
    assert!(lab.set_priority(second, Priority::High));
    assert_eq!(lab.status(second), Status::Blocked);
    // It goes on being lifted by the one that waits for it.
    assert!(lab.set_priority(first, Priority::Normal) && lab.set_priority(first, Priority::Low));
    held.open();
    lab.quiet();
    assert_eq!(order.get(), [1, 2, 10]);
    lab.finish();
}

#[test]
fn b170_an_urgent_one_that_is_cancelled_leaves_the_others_as_they_were() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let order = Order::default();
    let with = |priority| Options { priority, ..append("k") };
    numbered(&lab, with(Priority::Normal), &order, 1);
    numbered(&lab, with(Priority::Low), &order, 2);
    let high = numbered(&lab, with(Priority::High), &order, 3);
    numbered(&lab, Options::default(), &order, 10);
    lab.cancel(high, USER);
    held.open();
    lab.quiet();
    // The first had a place, and was moved forward already.
    assert_eq!(order.get(), [1, 10, 2]);
    lab.finish();
}

// ---- time --------------------------------------------------------------------------------------

#[test]
fn b171_a_task_that_waits_for_its_time_stands_in_nobodys_way() {
    let lab = Lab::queued(2);
    let order = Order::default();
    let later = numbered(&lab, Options { delay: SECOND, ..append("k") }, &order, 1);
    let now = numbered(&lab, append("k"), &order, 2);
    lab.done(now);
    let (_, gate) = running(&lab, append("k"));
    lab.advance(SECOND);
    assert_eq!(lab.status(later), Status::Blocked);
    let last = numbered(&lab, append("k"), &order, 3);
    gate.open();
    lab.done(last);
    assert_eq!(order.get(), [2, 1, 3]);
    lab.finish();
}

#[test]
fn b44_b171_a_periodic_task_has_its_place_during_a_run_only() {
    let lab = Lab::queued(2);
    let poll = Options { key: Some("k".into()), ..lab.silent_periodic(10) };
    let poll = lab.repeat(poll, |context| Ok(Num(context.iteration() as i64)));
    lab.rests(poll, 1);
    let (_, gate) = running(&lab, append("k"));
    lab.advance(10 * SECOND);
    // The tick finds the place taken, and waits for it.
    assert_eq!((lab.status(poll), lab.info(poll).unwrap().iteration), (Status::Blocked, 1));
    gate.open();
    lab.rests(poll, 2);
    assert_eq!(lab.status(poll), Status::Delayed);
    // "Already scheduled", and "from now on so".
    let every = |policy| Options { key_policy: policy, key: Some("k".into()), ..lab.silent_periodic(5) };
    assert_eq!(lab.repeat(every(KeyPolicy::Keep), |_| Ok(Num(0))), poll);
    let new = lab.repeat(every(KeyPolicy::Replace), |_| Ok(Num(0)));
    assert_eq!((lab.status(poll), reason(&lab, poll)), (Status::Cancelled, Some(CancelReason::Replaced)));
    lab.rests(new, 1);
    lab.advance(5 * SECOND);
    lab.rests(new, 2);
    lab.finish();
    assert_eq!(lab.keys_in_use(), 0);
}

// ---- what is blocked, and what happens to it ---------------------------------------------------

#[test]
fn b176_cancel_of_a_blocked_task_destroys_its_closure_at_once() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(1, mode);
        let (_, gate) = running(&lab, append("k"));
        let drops = Drops::default();
        let token = drops.token();
        let options = Options { key: Some("k".into()), ..lab.options() };
        let id = lab.submit(options, move |_| {
            drop(token);
            Ok(Num(1))
        });
        assert_eq!(lab.status(id), Status::Blocked);
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
        assert_eq!((lab.status(id), drops.count()), (Status::Cancelled, 1));
        assert_eq!(lab.cancel(id, USER), CancelResult::AlreadyFinished);
        gate.open();
        lab.finish();
        assert_eq!(lab.heard(), ["cancelled User"]);
        if mode == DeliveryMode::Queued {
            assert_eq!(lab.events_of(id), ["cancelled User"]);
        }
    }
}

#[test]
fn b98_b176_shutdown_cancels_what_is_blocked_and_what_must_run_has_its_turn() {
    let lab = Lab::queued(2);
    let (first, gate) = running(&lab, append("k"));
    let plain = lab.submit(append("k"), |_| Ok(Num(1)));
    let order = Order::default();
    let must = || Options { must_run: true, ..append("k") };
    let musts = [numbered(&lab, must(), &order, 1), numbered(&lab, must(), &order, 2)];
    lab.begin_shutdown(30 * SECOND);
    assert_eq!(statuses(&lab, &[first, plain]), [Status::Running, Status::Cancelled]);
    assert_eq!(reason(&lab, plain), Some(CancelReason::Shutdown));
    assert_eq!(statuses(&lab, &musts), [Status::Blocked, Status::Blocked]);
    assert!(lab.shutdown_report().is_none());
    gate.open();
    let report = lab.shutdown(30 * SECOND, None);
    assert!(report.complete && report.abandoned.is_empty());
    assert_eq!((report.finished, report.cancelled), (3, 1));
    assert_eq!(order.get(), [1, 2]);
    lab.finish();
}

#[test]
fn b101_b176_what_must_run_has_its_turn_behind_what_is_swept() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let order = Order::default();
    let queued = numbered(&lab, append("k"), &order, 1);
    let must = numbered(&lab, Options { must_run: true, ..append("k") }, &order, 2);
    lab.begin_shutdown(30 * SECOND);
    assert_eq!(statuses(&lab, &[queued, must]), [Status::Cancelled, Status::Queued]);
    held.open();
    assert!(lab.shutdown(30 * SECOND, None).complete);
    assert_eq!(order.get(), [2]);
    lab.finish();
}

#[test]
fn b102_b176_at_the_deadline_what_is_blocked_is_cancelled_too() {
    let lab = Lab::queued(1);
    let (stuck, gate) = running(&lab, append("k"));
    let must = lab.submit(Options { must_run: true, ..append("k") }, |_| Ok(Num(0)));
    let report = lab.shutdown(std::time::Duration::ZERO, None);
    assert!(report.complete);
    assert_eq!(statuses(&lab, &[stuck, must]), [Status::Abandoned, Status::Cancelled]);
    assert_eq!(reason(&lab, must), Some(CancelReason::Shutdown));
    gate.open();
    lab.finish();
    until("the key is gone", || lab.keys_in_use() == 0);
}

#[test]
fn b176_an_owner_that_goes_takes_its_blocked_tasks_along_but_for_what_must_run() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("page");
    let of = |must_run| Options { owner: Some(owner), must_run, ..append("k") };
    let (first, gate) = running(&lab, of(false));
    let plain = lab.submit(of(false), |_| Ok(Num(0)));
    let must = lab.submit(of(true), |_| Ok(Num(0)));
    let detached = lab.submit(Options { detached: true, ..of(false) }, |_| Ok(Num(0)));
    lab.close_owner(owner, CancelReason::OwnerGone);
    let all = [first, plain, must, detached];
    use Status::{Blocked, Cancelled, Completed, Running};
    assert_eq!(statuses(&lab, &all), [Running, Cancelled, Blocked, Blocked]);
    gate.open();
    lab.done(detached);
    assert_eq!(statuses(&lab, &all), [Completed, Cancelled, Completed, Completed]);
    lab.finish();
}

#[test]
fn b123_b176_an_unloading_cancels_what_is_blocked_and_waits_for_what_must_run() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("plugin");
    let of = |must_run| Options { owner: Some(owner), must_run, ..append("k") };
    let (_, gate) = running(&lab, of(false));
    let drops = Drops::default();
    let body = |token| {
        move |_: &legwork::engine::TaskContext| {
            drop(token);
            Ok(Num(0))
        }
    };
    let plain = lab.submit(of(false), body(drops.token()));
    let must = lab.submit(of(true), body(drops.token()));
    let still = lab.unload_owner(owner, std::time::Duration::ZERO).unwrap_err();
    assert!(still.to_string().starts_with("2 of its tasks still run"), "{still}");
    assert_eq!((lab.status(must), drops.count()), (Status::Blocked, 1));
    gate.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!(drops.count(), 2);
    lab.quiet();
    assert_eq!(statuses(&lab, &[plain, must]), [Status::UnknownTask; 2]);
    lab.finish();
    assert_eq!(lab.keys_in_use(), 0);
}

#[test]
fn b133_b176_after_a_halt_nobody_gets_a_place_and_no_closure_is_destroyed() {
    let lab = Lab::direct(1);
    let (_, gate) = running(&lab, append("k"));
    let drops = Drops::default();
    let token = drops.token();
    let next = lab.submit(append("k"), move |_| {
        drop(token);
        Ok(Num(0))
    });
    lab.halt(std::time::Duration::ZERO);
    gate.open();
    until("the worker sleeps", || lab.counts().running == 0);
    assert_eq!((lab.status(next), drops.count()), (Status::Blocked, 0));
}

#[test]
fn b178_a_blocked_task_says_what_for() {
    let lab = Lab::queued(2);
    let (first, gate) = running(&lab, append("disk"));
    let next = lab.submit(append("disk"), |_| Ok(Num(0)));
    let info = lab.info(next).unwrap();
    assert_eq!((info.status, info.key.as_deref()), (Status::Blocked, Some("disk")));
    let expected = WaitsFor::Key { key: "disk".into(), running: vec![first], abandoned: vec![] };
    assert_eq!(info.waits_for, expected);
    assert_eq!(info.waits_for.to_string(), "its turn in the key \"disk\"");
    assert_eq!(info.waits_for.tasks().collect::<Vec<_>>(), [first]);
    assert_eq!(lab.info(first).unwrap().waits_for, WaitsFor::Nothing);
    let ids: Vec<_> = lab.tasks_of_key(None, "disk").into_iter().map(|info| info.id).collect();
    assert_eq!(ids, [first, next]);
    assert!(lab.tasks_of_key(None, "net").is_empty());
    gate.open();
    lab.done(next);
    assert!(lab.tasks_of_key(None, "disk").is_empty());
    lab.finish();
}

// ---- waits -------------------------------------------------------------------------------------

#[test]
fn b65_b177_a_body_that_would_wait_for_its_own_place_is_refused() {
    let lab = Lab::queued(4);
    let engine = lab.engine().clone();
    let outer = lab.submit(append("k"), move |_| {
        let body = legwork::engine::Once(Some(|_: &legwork::engine::TaskContext| Ok(Num(0))));
        let id = engine.submit(Box::new(body), append("k"), None, false).unwrap();
        Ok(Num(i64::from(engine.wait(id, None) == WaitResult::WouldDeadlock)))
    });
    lab.done(outer);
    assert_eq!(lab.info(outer).unwrap().result, Some(Num(1)));
    lab.finish();
}

#[test]
fn b65_b177_where_another_holds_a_place_the_wait_is_taken() {
    let lab = Lab::queued(4);
    let limited = || Options { key_limit: 2, ..append("k") };
    let (_, gate) = running(&lab, limited());
    let (engine, open) = (lab.engine().clone(), gate.clone());
    let outer = lab.submit(limited(), move |_| {
        let body = legwork::engine::Once(Some(|_: &legwork::engine::TaskContext| Ok(Num(0))));
        let id = engine.submit(Box::new(body), limited(), None, false).unwrap();
        assert_eq!(engine.status(id), Status::Blocked);
        open.open();
        Ok(Num(i64::from(engine.wait(id, None) == WaitResult::Done)))
    });
    lab.done(outer);
    assert_eq!(lab.info(outer).unwrap().result, Some(Num(1)));
    lab.finish();
}

#[test]
fn b19_b177_a_body_that_waits_for_a_blocked_task_lifts_what_that_waits_for() {
    let lab = Lab::queued(1);
    let (begun, go) = (Gate::new(), Gate::new());
    let (engine, at, may) = (lab.engine().clone(), begun.clone(), go.clone());
    let ids = Arc::new(parking_lot::Mutex::new(None));
    let awaited = ids.clone();
    begun.open();
    let outer = lab.run(move |_| {
        at.pass();
        may.pass();
        let id = awaited.lock().take().unwrap();
        Ok(Num(i64::from(engine.wait(id, None) == WaitResult::Done)))
    });
    begun.wait_for(1);
    let order = Order::default();
    let low = || Options { priority: Priority::Low, ..append("k") };
    numbered(&lab, low(), &order, 1);
    let blocked = numbered(&lab, low(), &order, 2);
    // Many others that would go before.
    for number in 10..15 {
        numbered(&lab, Options { priority: Priority::Normal, ..Options::default() }, &order, number);
    }
    *ids.lock() = Some(blocked);
    go.open();
    lab.done(outer);
    assert_eq!(lab.info(outer).unwrap().result, Some(Num(1)));
    assert_eq!(order.get()[..2], [1, 2]);
    lab.quiet();
    lab.finish();
}

#[test]
fn b58_b60_a_thread_waits_for_a_blocked_task_with_and_without_a_time_out() {
    let lab = Lab::queued(1);
    let (_, gate) = running(&lab, append("k"));
    let next = lab.submit(append("k"), |_| Ok(Num(0)));
    assert_eq!(lab.wait(next, Some(std::time::Duration::ZERO)), WaitResult::WaitTimeout);
    gate.open();
    assert_eq!(lab.wait(next, None), WaitResult::Done);
    lab.finish();
}

// ---- many --------------------------------------------------------------------------------------

#[test]
fn b172_100_000_tasks_of_one_key_run_in_order_and_are_cancelled_in_pieces() {
    let lab = Lab::direct(2);
    let count = Arc::new(AtomicUsize::new(0));
    let (_, gate) = running(&lab, append("k"));
    let one = |expected: usize| {
        let count = count.clone();
        move |_: &legwork::engine::TaskContext| {
            assert_eq!(count.fetch_add(1, SeqCst), expected);
            Ok(Num(0))
        }
    };
    let ids: Vec<_> = (0..100_000).map(|number| lab.submit(append("k"), one(number))).collect();
    gate.open();
    lab.done(ids[99_999]);
    assert_eq!(count.load(SeqCst), 100_000);
    let (_, gate) = running(&lab, append("k"));
    let ids: Vec<_> = (0..100_000).map(|_| lab.submit(append("k"), |_| panic!("it is replaced"))).collect();
    let new = lab.submit(keyed("k", KeyPolicy::Replace), |_| Ok(Num(0)));
    assert!(ids.iter().all(|id| !matches!(lab.status(*id), Status::Blocked | Status::Queued)));
    assert_eq!(lab.counts().blocked, 1);
    gate.open();
    lab.done(new);
    lab.finish();
}

#[test]
fn b52_b172_a_key_of_100_000_tasks_is_cancelled_at_once_and_none_begins() {
    let lab = Lab::direct(2);
    let (first, gate) = running(&lab, append("k"));
    for _ in 0..100_000 {
        lab.submit(append("k"), |_| panic!("it is cancelled"));
    }
    lab.cancel_key(None, "k", USER);
    assert_eq!((lab.counts().blocked, lab.counts().running), (0, 1));
    assert_eq!(reason(&lab, first), Some(USER));
    // What comes later has nothing to do with that.
    let next = lab.submit(append("k"), |_| Ok(Num(0)));
    gate.open();
    lab.done(next);
    assert_eq!(lab.status(next), Status::Completed);
    lab.finish();
}

#[test]
fn b172_nothing_is_left_of_100_000_keys() {
    let lab = Lab::direct(2);
    let held = [lab.hold_worker(), lab.hold_worker()];
    let key = |number: usize| append(&format!("key {number}"));
    let first: Vec<_> = (0..100_000).map(|number| lab.submit(key(number), |_| Ok(Num(0)))).collect();
    assert_eq!(lab.keys_in_use(), 100_000);
    let second: Vec<_> = (0..100_000).map(|number| lab.submit(key(number), |_| Ok(Num(0)))).collect();
    assert_eq!((lab.keys_in_use(), lab.counts().blocked), (100_000, 100_000));
    // A part is cancelled, and the others run.
    for id in first.iter().step_by(2) {
        lab.cancel(*id, USER);
    }
    held.iter().for_each(Gate::open);
    lab.quiet_without_drain();
    assert!(second.iter().all(|id| matches!(lab.status(*id), Status::Completed | Status::UnknownTask)));
    assert_eq!((lab.keys_in_use(), lab.counts().live), (0, 0));
    lab.finish();
}

#[test]
fn b172_a_shutdown_with_100_000_tasks_of_one_key() {
    let lab = Lab::direct(1);
    let (_, gate) = running(&lab, append("k"));
    for _ in 0..100_000 {
        lab.submit(append("k"), |_| panic!("it is cancelled"));
    }
    gate.open();
    let report = lab.shutdown(30 * SECOND, None);
    assert!(report.complete);
    lab.finish();
    assert_eq!(lab.keys_in_use(), 0);
}

// ---- rest --------------------------------------------------------------------------------------

#[test]
fn b76_all_finished_comes_once_a_key_has_nobody_left() {
    let lab = Lab::queued(1);
    let (_, gate) = running(&lab, append("k"));
    let ids: Vec<_> = (0..3).map(|_| lab.submit(append("k"), |_| Ok(Num(0)))).collect();
    gate.open();
    lab.done(ids[2]);
    lab.quiet();
    let finished = |lab: &Lab| {
        let events = lab.events.lock();
        events.iter().filter(|(_, event)| event == "all finished").count()
    };
    assert_eq!(finished(&lab), 1);
    lab.finish();
}
