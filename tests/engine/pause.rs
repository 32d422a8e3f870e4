//! Tasks that are paused by themselves before they begin, and what each state makes of it.

use legwork::engine::{
    Backoff, CancelResult, FirstRun, KeyPolicy, Misfire, PauseResult, Periodic, Priority, Rate, Retry,
    RetryError, Status, TaskContext, Then, WaitResult, WaitsFor,
};

use crate::support::*;

pub fn note(lab: &Lab, options: Options, order: &Order, number: i64) -> legwork::engine::TaskId {
    let order = order.clone();
    lab.submit(options, move |_| {
        order.push(number);
        Ok(Num(number))
    })
}

pub fn keyed() -> Options {
    Options { key: Some("key".into()), ..Options::default() }
}

fn in_seconds(seconds: u32) -> Options {
    Options { delay: seconds * SECOND, ..Options::default() }
}

#[test]
fn b301_what_is_queued_and_paused_leaves_its_lane_and_is_queued_anew() {
    let lab = Lab::queued(1);
    let (gate, order) = (lab.hold_worker(), Order::default());
    let ids = [1, 2, 3].map(|number| note(&lab, Options::default(), &order, number));
    assert_eq!(lab.pause(ids[0], "the battery is low"), PauseResult::Paused);
    let info = lab.info(ids[0]).unwrap();
    assert_eq!((info.status, info.waits_for), (Status::Paused, WaitsFor::Nothing));
    assert_eq!(info.paused.as_deref(), Some("the battery is low"));
    let counts = lab.counts();
    assert_eq!((counts.blocked, counts.queued), (1, 2));
    gate.open();
    lab.done(ids[2]);
    assert_eq!((order.get(), lab.status(ids[0])), (vec![2, 3], Status::Paused));
    assert!(lab.resume(ids[0]) && !lab.resume(ids[0]));
    lab.done(ids[0]);
    assert_eq!(order.get(), [2, 3, 1]);
    lab.drain();
    let events = lab.events_of(ids[0]);
    assert_eq!(events, ["paused the battery is low", "resumed", "started", "completed 1"]);
    assert_eq!(lab.info(ids[0]).unwrap().paused, None);
    lab.finish();
}

#[test]
fn b301_a_delay_goes_on_and_what_is_due_then_stays_paused() {
    let lab = Lab::direct(1);
    let order = Order::default();
    let [late, early] =
        [(10, 1), (60, 2)].map(|(after, number)| note(&lab, in_seconds(after), &order, number));
    for id in [late, early] {
        assert_eq!(lab.pause(id, ""), PauseResult::Paused);
    }
    assert!(lab.info(late).unwrap().due_ms > 0, "its time is known still");
    lab.advance(30 * SECOND);
    assert_eq!([lab.status(late), lab.status(early)], [Status::Paused; 2]);
    assert!(lab.resume(early));
    assert_eq!(lab.status(early), Status::Delayed);
    assert!(lab.resume(late));
    lab.done(late);
    assert_eq!(order.get(), [1]);
    lab.advance(30 * SECOND);
    lab.done(early);
    lab.finish();
}

#[test]
fn b301_what_comes_after_others_waits_for_them_and_then_to_be_resumed() {
    let lab = Lab::direct(2);
    let (gate, order) = (lab.hold_worker(), Order::default());
    let first = lab.submit(Options::default(), {
        let gate = gate.clone();
        move |_| {
            gate.pass();
            Ok(Num(0))
        }
    });
    let after = Options { after: vec![first], ..Options::default() };
    let next = note(&lab, after, &order, 1);
    lab.pause(next, "");
    assert_eq!(lab.info(next).unwrap().waits_for, WaitsFor::Tasks(vec![first]));
    gate.open();
    lab.done(first);
    assert_eq!(lab.status(next), Status::Paused);
    assert_eq!(lab.info(next).unwrap().waits_for, WaitsFor::Nothing);
    // And one that is resumed before its turn goes to where it was.
    let gate = lab.hold_worker();
    let second = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(0)));
    let other = note(&lab, Options { after: vec![second], ..Options::default() }, &order, 2);
    lab.pause(other, "");
    lab.resume(other);
    assert_eq!(lab.status(other), Status::Blocked);
    assert!(lab.resume(next));
    lab.done(next);
    gate.open();
    lab.advance(SECOND);
    lab.done(other);
    assert_eq!(order.get(), [1, 2]);
    // What fails is heard of while it is paused.
    let fails = lab.submit(in_seconds(1), |_| Err(fault("no")));
    let last = note(&lab, Options { after: vec![fails], ..Options::default() }, &order, 3);
    lab.pause(last, "");
    lab.advance(SECOND);
    until("it is cancelled", || lab.status(last) == Status::Cancelled);
    assert!(!lab.resume(last));
    lab.finish();
}

#[test]
fn b306_a_task_of_a_key_keeps_its_place_while_it_is_paused_and_none_overtakes_it() {
    let lab = Lab::direct(2);
    let order = Order::default();
    let gate = Gate::new();
    let holds = gate.clone();
    lab.submit(keyed(), move |_| {
        holds.pass();
        Ok(Num(0))
    });
    gate.wait_for(1);
    let ids = [1, 2, 3].map(|number| note(&lab, keyed(), &order, number));
    assert_eq!(lab.pause(ids[0], ""), PauseResult::Paused);
    assert!(matches!(lab.info(ids[0]).unwrap().waits_for, WaitsFor::Key { .. }), "it stands in line");
    gate.open();
    until("it has its place", || lab.info(ids[0]).unwrap().waits_for == WaitsFor::Nothing);
    let WaitsFor::Key { running, .. } = lab.info(ids[1]).unwrap().waits_for else { panic!("it has to wait") };
    assert_eq!((running, order.get()), (vec![ids[0]], vec![]));
    assert!(lab.resume(ids[0]));
    lab.done(ids[2]);
    assert_eq!(order.get(), [1, 2, 3]);
    // With its end it gives the place back.
    let ids = [4, 5].map(|number| note(&lab, Options { delay: SECOND, ..keyed() }, &order, number));
    lab.pause(ids[0], "");
    lab.advance(SECOND);
    assert_eq!([lab.status(ids[0]), lab.status(ids[1])], [Status::Paused, Status::Blocked]);
    assert_eq!(lab.cancel(ids[0], USER), CancelResult::CancelledBeforeStart);
    lab.done(ids[1]);
    assert_eq!((order.get(), lab.keys_in_use()), (vec![1, 2, 3, 5], 0));
    lab.finish();
}

#[test]
fn b313_a_newer_one_of_its_key_does_to_a_paused_task_what_it_does_to_any() {
    let lab = Lab::direct(1);
    for (policy, kept) in
        [(KeyPolicy::Replace, false), (KeyPolicy::KeepLatest, false), (KeyPolicy::Keep, true)]
    {
        let old = lab.submit(Options { delay: SECOND, ..keyed() }, |_| Ok(Num(1)));
        lab.pause(old, "");
        let parked = lab.submit(keyed(), |_| Ok(Num(2)));
        lab.pause(parked, "");
        let new = lab.submit(Options { key_policy: policy, ..keyed() }, |_| Ok(Num(3)));
        assert_eq!((new == old, lab.status(old) == Status::Paused), (kept, kept));
        for id in [old, parked, new] {
            lab.resume(id);
        }
        lab.advance(SECOND);
        lab.wait(new, None);
        lab.wait(parked, None);
        assert_eq!(lab.keys_in_use(), 0);
    }
    lab.finish();
}

fn retrying(times: u32) -> Options {
    let retry = Retry { times, delay: 10 * SECOND, backoff: Backoff::Fixed, jitter: 0.0, ..Retry::default() };
    Options { retry, ..Options::default() }
}

#[test]
fn b304_the_wait_between_two_attempts_stands_still() {
    let lab = Lab::queued(1);
    let id = lab.repeat(retrying(2), |_| Err(fault("no")));
    until("it waits", || lab.status(id) == Status::Delayed);
    lab.advance(4 * SECOND);
    assert_eq!(lab.pause(id, ""), PauseResult::Paused);
    lab.advance(100 * SECOND);
    assert_eq!((lab.status(id), lab.info(id).unwrap().attempt), (Status::Paused, 1));
    assert!(lab.resume(id));
    assert_eq!(lab.status(id), Status::Delayed);
    lab.advance(6 * SECOND - std::time::Duration::from_nanos(1));
    assert_eq!(lab.info(id).unwrap().attempt, 1);
    lab.advance(std::time::Duration::from_nanos(1));
    until("it was tried again", || lab.info(id).unwrap().attempt == 2 && lab.status(id) == Status::Delayed);
    // Cancelled while it stands still.
    lab.pause(id, "");
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
    lab.finish();
}

#[test]
fn b43_b307_a_periodic_task_that_is_resumed_has_no_storm_of_runs() {
    use Misfire::{RunOnce, Skip};
    use Rate::{FixedDelay, FixedRate};
    // The seconds at which it runs: each 10 s, paused from 14 s to 64 s.
    let cases: [(Rate, Misfire, &[i64]); 3] = [
        (FixedRate, Skip, &[0, 10, 70, 80]),
        (FixedRate, RunOnce, &[0, 10, 64, 70, 80]),
        (FixedDelay, Skip, &[0, 10, 64, 74, 84]),
    ];
    for (rate, misfire, expected) in cases {
        for way in 0..4 {
            let lab = Lab::direct(1);
            let owner = lab.open_owner("owner");
            let order = Order::default();
            let periodic = Periodic { rate, misfire, ..Periodic::every(10 * SECOND) };
            let options = Options { periodic: Some(periodic), owner: Some(owner), ..keyed() };
            let (times, engine) = (order.clone(), lab.engine().clone());
            let start = engine.now();
            let id = lab.repeat(options, move |_| {
                times.push(((engine.now() - start) / 1_000_000_000) as i64);
                Ok(Num(0))
            });
            lab.rests(id, 1);
            for second in 1..=89 {
                match (second, way) {
                    (15, 0) => assert_eq!(lab.pause(id, ""), PauseResult::Paused),
                    (15, 1) => assert!(lab.pause_owner(owner, "")),
                    (15, 2) => assert!(lab.pause_all("")),
                    (15, _) => assert!(lab.pause_key(Some(owner), "key", "")),
                    (65, 0) => assert!(lab.resume(id)),
                    (65, 1) => assert!(lab.resume_owner(owner)),
                    (65, 2) => assert!(lab.resume_all()),
                    (65, _) => assert!(lab.resume_key(Some(owner), "key")),
                    _ => {}
                }
                if second == 65 {
                    until("it runs if it is to", || lab.status(id) == Status::Delayed);
                }
                lab.advance(SECOND);
                let paused = (15..65).contains(&second);
                until("it rests", || lab.status(id) == if paused { Status::Paused } else { Status::Delayed });
            }
            assert_eq!(order.get(), expected, "{rate:?} {misfire:?} {way}");
            lab.finish();
        }
    }
}

#[test]
fn b307_the_first_run_is_not_missed_and_the_end_of_a_schedule_comes_nevertheless() {
    let lab = Lab::direct(1);
    let first_run = FirstRun::AfterInterval;
    let periodic = Periodic { rate: Rate::FixedRate, first_run, ..Periodic::every(10 * SECOND) };
    let id = lab.repeat(Options { periodic: Some(periodic), ..Options::default() }, |_| Ok(Num(1)));
    lab.pause(id, "");
    lab.advance(25 * SECOND);
    assert!(lab.resume(id));
    lab.rests(id, 1);
    // A running one that is paused rests after its run.
    let gate = Gate::new();
    let at = gate.clone();
    let other = lab.repeat(lab.silent_periodic(10), move |_| {
        at.pass();
        Ok(Num(2))
    });
    gate.wait_for(1);
    assert_eq!(lab.pause(other, ""), PauseResult::PauseRequested);
    assert_eq!(lab.status(other), Status::Running);
    gate.open();
    until("it rests", || lab.status(other) == Status::Paused);
    lab.advance(100 * SECOND);
    assert_eq!((lab.status(other), lab.info(other).unwrap().iteration), (Status::Paused, 1));
    for id in [id, other] {
        lab.cancel(id, USER);
    }
    lab.finish();
}

#[test]
fn b313_priority_interval_and_run_now_of_what_is_paused() {
    let lab = Lab::direct(1);
    let order = Order::default();
    let delayed = note(&lab, in_seconds(10), &order, 1);
    lab.pause(delayed, "");
    assert!(!lab.run_now(delayed), "it is paused");
    let periodic = lab.repeat(lab.silent_periodic(10), |_| Ok(Num(0)));
    lab.rests(periodic, 1);
    lab.pause(periodic, "");
    lab.set_interval(periodic, SECOND).unwrap();
    lab.advance(SECOND);
    assert_eq!(lab.info(periodic).unwrap().iteration, 1);
    lab.resume(periodic);
    lab.rests(periodic, 2);
    lab.cancel(periodic, USER);
    // The priority counts once it is queued.
    let gate = lab.hold_worker();
    let ids = [2, 3].map(|number| note(&lab, Options::default(), &order, number));
    lab.pause(ids[1], "");
    assert!(lab.set_priority(ids[1], Priority::High));
    assert_eq!(lab.info(ids[1]).unwrap().priority, Priority::High);
    lab.resume(ids[1]);
    gate.open();
    lab.done(ids[0]);
    assert_eq!(order.get(), [3, 2]);
    // What has not ended is not retried, and says in which state it is.
    let refused = RetryError::StillGoing { id: delayed, status: Status::Paused };
    assert_eq!(lab.retry(delayed, false, Vec::new()), Err(refused));
    assert!(lab.cancel_if_queued(delayed));
    lab.finish();
}

#[test]
fn b311_a_wait_for_a_paused_task_waits_until_it_has_ended() {
    let lab = Lab::direct(1);
    let gate = lab.hold_worker();
    let id = lab.run(|_| Ok(Num(1)));
    lab.pause(id, "");
    gate.open();
    // A body does not run it in place, and its worker is free for others.
    let engine = lab.engine().clone();
    let body = lab.run(move |_| match engine.wait(id, None) {
        WaitResult::Done => Ok(Num(2)),
        other => Err(fault(&format!("{other:?}"))),
    });
    until("it waits", || lab.status(body) == Status::Running);
    lab.done(lab.run(|_| Ok(Num(3))));
    assert_eq!((lab.status(id), lab.status(body)), (Status::Paused, Status::Running));
    assert_eq!(lab.wait(id, Some(std::time::Duration::ZERO)), WaitResult::WaitTimeout);
    lab.resume(id);
    lab.done(body);
    // Nor where all are paused: what waits for one that is queued.
    let gate = Gate::new();
    let (engine, at) = (lab.engine().clone(), gate.clone());
    let next = std::sync::Arc::new(std::sync::OnceLock::new());
    let of = next.clone();
    let body = lab.run(move |_| {
        at.pass();
        engine.wait(*of.get().unwrap(), None);
        Ok(Num(4))
    });
    gate.wait_for(1);
    let queued = lab.run(|_| Ok(Num(5)));
    next.set(queued).unwrap();
    assert!(lab.pause_all(""));
    gate.open();
    until("it waits", || lab.counts().workers >= 1 && lab.status(queued) == Status::Paused);
    assert!(lab.resume_all());
    lab.done(body);
    assert_eq!(lab.status(queued), Status::Completed);
    lab.finish();
}

#[test]
fn b301_a_result_that_is_taken_waits_with_its_task() {
    let lab = Lab::direct(1);
    let gate = lab.hold_worker();
    let first = lab.run(|_| Ok(Num(7)));
    let then = Then::new(|given: Num, _: &TaskContext| Ok(Num(given.0 + 1)));
    let next = lab
        .engine()
        .submit(Box::new(then), Options { takes: vec![first], ..Options::default() }, None, true)
        .unwrap();
    lab.pause(next, "");
    gate.open();
    lab.done(first);
    assert_eq!(lab.status(next), Status::Paused);
    lab.resume(next);
    lab.done(next);
    assert_eq!(lab.info(next).unwrap().result, Some(Num(8)));
    lab.drop_handle(next);
    lab.finish();
}
