//! Attempts after the first: what is tried again, when, and what ends the wait between two.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use parking_lot::Mutex;

use legwork::engine::{
    Backoff, Callback, CancelReason, CancelResult, DeliveryMode, Engine, ErrorKind, Notice, OwnerId,
    Periodic, Priority, Rate, Repeated, Retry, Status, SubmitError, TaskContext, TaskError, TaskId,
    UnloadError, WaitResult,
};

use crate::support::*;
use crate::table::{both, play};

const RETRYING: &str = "retrying 2 Failed 1s";

/// So often, without chance.
fn retry(times: u32) -> Retry {
    Retry { jitter: 0.0, ..Retry::times(times) }
}

fn tried(lab: &Lab, times: u32) -> Options {
    Options { retry: retry(times), ..lab.options() }
}

/// Fails in so many attempts of each run, and then returns the attempt's number.
fn failing(lab: &Lab, options: Options, failures: u64) -> TaskId {
    lab.repeat(options, move |context| match context.attempt() {
        attempt if attempt <= failures => Err(fault("busy")),
        attempt => Ok(Num(attempt as i64)),
    })
}

/// Waits until a task waits for its next attempt, after so many.
fn waits(lab: &Lab, id: TaskId, attempts: u64) {
    until("it waits for its next attempt", || {
        let info = lab.info(id).unwrap();
        (info.status, info.attempt) == (Status::Delayed, attempts)
    });
}

/// One that waits for its second attempt, which comes off.
fn between(lab: &Lab, options: Options) -> TaskId {
    let id = failing(lab, options, 1);
    waits(lab, id, 1);
    id
}

// ---- what is tried again -----------------------------------------------------------------------

#[test]
fn b181_a_run_that_fails_is_tried_again_until_it_comes_off() {
    both(&["started", RETRYING, "retrying 3 Failed 2s", "completed 3"], |lab| {
        let id = failing(lab, tried(lab, 3), 2);
        waits(lab, id, 1);
        lab.advance(SECOND - Duration::from_nanos(1));
        waits(lab, id, 1);
        lab.advance(Duration::from_nanos(1));
        waits(lab, id, 2);
        lab.advance(2 * SECOND);
        lab.done(id);
        let info = lab.info(id).unwrap();
        assert_eq!((info.attempt, info.attempts, info.result), (3, 4, Some(Num(3))));
        id
    });
}

#[test]
fn b181_the_last_error_is_the_one_end_and_says_how_many_attempts_there_were() {
    both(&["started", RETRYING, "retrying 3 Failed 2s", "failed Failed"], |lab| {
        let id = failing(lab, tried(lab, 2), u64::MAX);
        for (attempt, delay) in [(1, 1), (2, 2)] {
            waits(lab, id, attempt);
            assert!(lab.info(id).unwrap().error.is_none(), "that is no end");
            lab.advance(delay * SECOND);
        }
        lab.done(id);
        lab.advance(100 * SECOND);
        let error = lab.info(id).unwrap().error.unwrap();
        assert_eq!((error.message(), error.attempt(), error.attempts()), ("busy", 3, 3));
        id
    });
}

#[test]
fn b181_a_panic_is_tried_again_with_the_same_closure() {
    both(&["started", "retrying 2 Panic 1s", "completed 2"], |lab| {
        let mut calls = 0;
        let id = lab.repeat(tried(lab, 1), move |_| {
            calls += 1;
            assert!(calls == 2, "not yet");
            Ok(Num(calls))
        });
        waits(lab, id, 1);
        lab.advance(SECOND);
        lab.done(id);
        id
    });
}

#[test]
fn b181_what_is_known_of_a_task_between_two_attempts() {
    let lab = Lab::direct(1);
    lab.advance(5 * SECOND);
    let id = failing(&lab, tried(&lab, 3), 9);
    waits(&lab, id, 1);
    let info = lab.info(id).unwrap();
    assert_eq!((info.attempt, info.attempts, info.due_ms), (1, 4, 6_000));
    let brief = lab.brief(id).unwrap();
    assert_eq!((brief.attempt, brief.attempts, brief.due.unwrap().wall_ms), (1, 4, 6_000));
    assert_eq!((lab.counts().delayed, lab.counts().running, lab.counts().live), (1, 0, 1));
    let plain = lab.run(|_| Ok(Num(1)));
    lab.done(plain);
    let info = lab.info(plain).unwrap();
    assert_eq!((info.attempt, info.attempts, info.due_ms), (1, 1, 0));
}

#[test]
fn b181_the_closure_of_a_task_that_came_off_is_destroyed_as_it_returns() {
    let lab = Lab::direct(1);
    let drops = Drops::default();
    let token = drops.token();
    let id = lab.repeat(tried(&lab, 1), move |context| {
        let _token = &token;
        if context.attempt() == 1 { Err(fault("busy")) } else { Ok(Num(1)) }
    });
    waits(&lab, id, 1);
    assert_eq!(drops.count(), 0);
    lab.advance(SECOND);
    lab.done(id);
    assert_eq!(drops.count(), 1, "before its end is seen");
}

/// Keeps how its task stands as it is destroyed.
struct LastLook {
    engine: Engine<Num>,
    id: Arc<Mutex<Option<TaskId>>>,
    seen: Arc<Mutex<Option<Status>>>,
}

impl Drop for LastLook {
    fn drop(&mut self) {
        let id = self.id.lock().expect("it has run");
        *self.seen.lock() = Some(self.engine.status(id));
    }
}

#[test]
fn b181_the_closure_is_destroyed_before_anybody_can_see_that_the_task_came_off() {
    let lab = Lab::direct(1);
    let (id, seen) = (Arc::default(), Arc::default());
    let look = LastLook { engine: lab.engine().clone(), id: Arc::clone(&id), seen: Arc::clone(&seen) };
    let task = lab.repeat(tried(&lab, 1), move |context| {
        *look.id.lock() = Some(context.id());
        if context.attempt() == 1 { Err(fault("busy")) } else { Ok(Num(1)) }
    });
    waits(&lab, task, 1);
    lab.advance(SECOND);
    lab.done(task);
    assert_eq!(*seen.lock(), Some(Status::Running));
}

#[test]
fn b180_an_error_may_say_when_it_is_worth_another_attempt() {
    both(&["started", "retrying 2 Failed 120s", "completed 2"], |lab| {
        let id = lab.repeat(tried(lab, 1), |context| match context.attempt() {
            1 => Err(fault("busy").with_retry_after(Duration::from_secs(120))),
            attempt => Ok(Num(attempt as i64)),
        });
        waits(lab, id, 1);
        lab.advance(119 * SECOND);
        waits(lab, id, 1);
        lab.advance(SECOND);
        lab.done(id);
        id
    });
}

#[test]
fn b180_chance_is_that_of_the_seed_and_takes_at_most_its_share() {
    let delays = |seed| {
        let config = legwork::engine::EngineConfig { seed, ..config(1) };
        let engine = legwork::engine::Engine::manual(config, DeliveryMode::Queued);
        let lab = Lab::of(engine, DeliveryMode::Queued);
        let options = Options {
            retry: Retry { backoff: Backoff::Fixed, jitter: 0.5, ..Retry::times(20) },
            ..Options::default()
        };
        let id = failing(&lab, options, u64::MAX);
        for attempt in 1..=20 {
            waits(&lab, id, attempt);
            lab.advance(SECOND);
        }
        lab.done(id);
        lab.drain();
        let events = lab.events_of(id);
        assert_eq!(events.len(), 22);
        events[1..21].to_vec()
    };
    let first = delays(Some(7));
    assert_eq!(first, delays(Some(7)));
    assert_ne!(first, delays(Some(8)));
    assert_eq!(delays(None), delays(Some(0)), "a virtual clock has its own");
    for event in &first {
        let delay = event.rsplit(' ').next().unwrap();
        let ms: f64 = delay.trim_end_matches("ms").parse().unwrap_or_else(|_| panic!("{event}"));
        assert!((500.0..=1_000.0).contains(&ms), "{event}");
    }
}

/// `delayMs` of a signal is a whole number where what was asked for is.
#[test]
fn b290_waits_of_whole_milliseconds_stay_whole_with_chance_and_factor() {
    let waits_of = |retry: Retry, retry_after: Option<Duration>| -> Vec<Duration> {
        let lab = Lab::queued(1);
        let heard: Arc<Mutex<Vec<Duration>>> = Arc::default();
        let into = heard.clone();
        let callback: Callback<Num> = Box::new(move |notice| {
            if let Notice::Retrying(_, _, delay) = notice {
                into.lock().push(*delay);
            }
        });
        let options = Options { retry, callbacks: vec![callback], ..Options::default() };
        let times = u64::from(retry.times);
        let id = lab.repeat(options, move |_| {
            let error = fault("no");
            Err(match retry_after {
                Some(after) => error.with_retry_after(after),
                None => error,
            })
        });
        for attempt in 1..=times {
            waits(&lab, id, attempt);
            lab.advance(Duration::from_secs(3_600));
        }
        lab.done(id);
        lab.drain();
        let waits = heard.lock().clone();
        assert_eq!(waits.len() as u64, times);
        waits
    };
    let whole = |wait: &Duration| wait.subsec_nanos().is_multiple_of(1_000_000);
    let ms = Duration::from_millis;
    // An odd number of milliseconds, of which half is none.
    let fixed = Retry { delay: ms(3), backoff: Backoff::Fixed, jitter: 0.5, ..Retry::times(30) };
    let waits = waits_of(fixed, None);
    assert!(waits.iter().all(|wait| whole(wait) && (ms(2)..=ms(3)).contains(wait)), "{waits:?}");
    // A factor, and a longest wait.
    let grows = Retry { delay: ms(7), factor: 1.3, max_delay: ms(1_001), jitter: 0.25, ..Retry::times(30) };
    let waits = waits_of(grows, None);
    assert!(waits.iter().all(|wait| whole(wait) && *wait <= ms(1_001)), "{waits:?}");
    assert!(waits[25..].iter().all(|wait| *wait >= ms(751)), "{waits:?}");
    // What an error says is the least.
    let waits = waits_of(Retry { jitter: 0.5, ..Retry::times(30) }, Some(ms(5)));
    assert!(waits.iter().all(|wait| whole(wait) && (ms(5)..=ms(8)).contains(wait)), "{waits:?}");
    // What is finer than that, as Rust can say it, stays as fine.
    let fine = Retry { delay: Duration::from_micros(500), jitter: 0.0, ..Retry::times(3) };
    assert_eq!(waits_of(fine, None), [500, 1_000, 2_000].map(Duration::from_micros));
}

#[test]
fn b182_an_error_that_is_permanent_is_the_end() {
    both(&["started", "failed Failed"], |lab| {
        let id = lab.repeat(tried(lab, 3), |_| Err(TaskError::permanent("no such user")));
        lab.done(id);
        let error = lab.info(id).unwrap().error.unwrap();
        assert_eq!((error.message(), error.is_permanent(), error.attempts()), ("no such user", true, 1));
        id
    });
    both(&["started", RETRYING, "failed Script"], |lab| {
        let id = lab.repeat(tried(lab, 3), |context| match context.attempt() {
            1 => Err(fault("busy")),
            _ => Err(TaskError::permanent(TaskError::new(ErrorKind::Script, "line 3"))),
        });
        waits(lab, id, 1);
        lab.advance(SECOND);
        lab.done(id);
        id
    });
}

#[test]
fn b182_a_task_that_was_asked_to_stop_is_not_tried_again() {
    for acknowledges in [true, false] {
        let end = if acknowledges { "cancelled User" } else { "failed Failed" };
        both(&["started", end], |lab| {
            let gate = Gate::new();
            let held = gate.clone();
            let id = lab.repeat(tried(lab, 3), move |_| {
                held.pass();
                Err(if acknowledges { TaskError::cancelled() } else { fault("half done") })
            });
            gate.wait_for(1);
            assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
            gate.open();
            lab.done(id);
            id
        });
    }
    both(&["started", "cancelled User"], |lab| {
        let id = lab.repeat(tried(lab, 3), |_| Err(TaskError::cancelled()));
        lab.done(id);
        id
    });
}

/// The first attempt takes longer than its time-out, and brings `answer`.
fn late(lab: &Lab, on_timeout: bool, answer: fn() -> Answer) -> (TaskId, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let retry = Retry { on_timeout, ..retry(1) };
    let options = Options { retry, timeout: Some(SECOND), ..lab.options() };
    let id = lab.repeat(options, move |context| {
        if context.attempt() == 2 {
            assert!(!context.is_cancelled() && !context.token().is_cancelled());
            return Ok(Num(2));
        }
        held.pass();
        assert_eq!(context.cancel_reason(), Some(CancelReason::Timeout));
        assert!(context.token().is_cancelled());
        answer()
    });
    gate.wait_for(1);
    lab.advance(SECOND);
    gate.open();
    (id, gate)
}

#[test]
fn b182_a_time_out_is_the_end_unless_it_is_to_be_tried_again() {
    for answer in
        [|| Ok(Num(1)), || Err(fault("late")), || Err(TaskError::cancelled())] as [fn() -> Answer; 3]
    {
        both(&["started", "failed TimedOut"], |lab| {
            let (id, _) = late(lab, false, answer);
            lab.done(id);
            assert_eq!(lab.status(id), Status::TimedOut);
            id
        });
        both(&["started", "retrying 2 TimedOut 1s", "completed 2"], |lab| {
            let (id, _) = late(lab, true, answer);
            waits(lab, id, 1);
            assert_eq!(lab.info(id).unwrap().cancel_reason, None, "the attempt was, and not the task");
            lab.advance(SECOND);
            lab.done(id);
            id
        });
    }
}

#[test]
fn b182_the_wait_is_no_part_of_the_time_out_of_a_run() {
    both(&["started", RETRYING, "completed 2"], |lab| {
        let id = between(lab, Options { timeout: Some(Duration::from_millis(10)), ..tried(lab, 1) });
        lab.advance(SECOND);
        lab.done(id);
        id
    });
}

// ---- between two attempts ----------------------------------------------------------------------

#[test]
fn b183_cancel_between_two_attempts() {
    both(&["started", RETRYING, "cancelled User"], |lab| {
        let drops = Drops::default();
        let token = drops.token();
        let id = lab.repeat(tried(lab, 3), move |_| {
            let _token = &token;
            Err(fault("busy"))
        });
        waits(lab, id, 1);
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
        assert_eq!(drops.count(), 0, "it may be retried");
        assert_eq!(lab.cancel(id, USER), CancelResult::AlreadyFinished);
        lab.advance(100 * SECOND);
        assert_eq!((lab.status(id), lab.info(id).unwrap().due_ms), (Status::Cancelled, 0));
        assert_eq!(lab.counts().delayed, 0);
        id
    });
}

#[test]
fn b183_shutdown_between_two_attempts() {
    both(&["started", RETRYING, "cancelled Shutdown"], |lab| {
        let id = between(lab, tried(lab, 3));
        let report = lab.shutdown(30 * SECOND, None);
        assert_eq!((report.complete, report.cancelled, report.finished), (true, 1, 0));
        id
    });
}

/// In a shutdown there is no time to wait: it is tried once more, at once.
#[test]
fn b183_shutdown_between_two_attempts_of_what_must_run() {
    both(&["started", RETRYING, "completed 2"], |lab| {
        let id = between(lab, Options { must_run: true, ..tried(lab, 3) });
        let report = lab.shutdown(30 * SECOND, None);
        assert_eq!((report.complete, report.cancelled, report.finished), (true, 0, 1));
        id
    });
    both(&["started", RETRYING, "failed Failed"], |lab| {
        let id = failing(lab, Options { must_run: true, ..tried(lab, 5) }, u64::MAX);
        waits(lab, id, 1);
        assert!(lab.shutdown(30 * SECOND, None).complete);
        assert_eq!(lab.info(id).unwrap().error.unwrap().attempts(), 2, "that was the last");
        id
    });
}

#[test]
fn b183_an_attempt_that_fails_in_a_shutdown_is_the_last() {
    both(&["started", "failed Failed"], |lab| {
        let gate = Gate::new();
        let held = gate.clone();
        let id = lab.repeat(Options { must_run: true, ..tried(lab, 5) }, move |_| {
            held.pass();
            Err(fault("busy"))
        });
        gate.wait_for(1);
        lab.begin_shutdown(30 * SECOND);
        gate.open();
        assert!(lab.shutdown(30 * SECOND, None).complete);
        id
    });
}

#[test]
fn b183_the_attempt_that_a_shutdown_hurries_is_abandoned_at_the_deadline() {
    both(&["started", RETRYING, "failed Abandoned"], |lab| {
        let gate = Gate::new();
        let held = gate.clone();
        let id = lab.repeat(Options { must_run: true, ..tried(lab, 5) }, move |context| {
            if context.attempt() == 2 {
                held.pass();
            }
            Err(fault("busy"))
        });
        waits(lab, id, 1);
        lab.begin_shutdown(30 * SECOND);
        gate.wait_for(1);
        lab.advance(30 * SECOND);
        assert_eq!(lab.status(id), Status::Abandoned);
        let error = lab.info(id).unwrap().error.unwrap();
        assert_eq!((error.attempt(), error.attempts()), (2, 2));
        gate.open();
        id
    });
}

#[test]
fn b183_an_attempt_that_fails_once_the_process_ends_is_the_last() {
    let lab = Lab::direct(1);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.repeat(Options { must_run: true, ..tried(&lab, 5) }, move |_| {
        held.pass();
        Err(fault("busy"))
    });
    gate.wait_for(1);
    lab.engine().halt(Duration::ZERO);
    gate.open();
    lab.done(id);
    assert_eq!(lab.status(id), Status::Failed);
}

fn owned(lab: &Lab, options: Options) -> (OwnerId, Options) {
    let owner = lab.open_owner("plugin");
    (owner, Options { owner: Some(owner), ..options })
}

/// One that waits for its second attempt, and has heard of that.
fn heard_between(lab: &Lab, options: Options) -> TaskId {
    let id = between(lab, options);
    lab.drain();
    until("the callback was called", || !lab.heard().is_empty());
    id
}

#[test]
fn b183_owner_goes_between_two_attempts() {
    play(&["started", RETRYING, "cancelled OwnerGone"], &[RETRYING], |lab| {
        let (owner, options) = owned(lab, tried(lab, 3));
        let id = heard_between(lab, options);
        lab.close_owner(owner, CancelReason::OwnerGone);
        assert_eq!(lab.status(id), Status::Cancelled);
        lab.advance(100 * SECOND);
        id
    });
}

#[test]
fn b183_what_outlives_its_owner_is_tried_again_without_its_callbacks() {
    for must_run in [true, false] {
        play(&["started", RETRYING, "completed 2"], &[RETRYING], |lab| {
            let (owner, options) = owned(lab, tried(lab, 3));
            let options = Options { must_run, detached: !must_run, ..options };
            let id = heard_between(lab, options);
            lab.close_owner(owner, CancelReason::OwnerGone);
            waits(lab, id, 1);
            lab.advance(SECOND);
            lab.done(id);
            id
        });
    }
}

#[test]
fn b183_an_unloading_between_two_attempts() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("plugin");
    let drops = Drops::default();
    let token = drops.token();
    let id = lab.repeat(Options { owner: Some(owner), retry: retry(3), ..Options::default() }, move |_| {
        let _token = &token;
        Err(fault("busy"))
    });
    waits(&lab, id, 1);
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!(drops.count(), 1);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", RETRYING, "cancelled PluginUnload"]);
}

#[test]
fn b183_an_unloading_waits_for_the_last_attempt_of_what_must_run() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("plugin");
    let gate = Gate::new();
    let held = gate.clone();
    let options = Options { owner: Some(owner), must_run: true, retry: retry(9), ..Options::default() };
    let id = lab.repeat(options, move |context| {
        if context.attempt() == 2 {
            held.pass();
        }
        Err(fault("busy"))
    });
    waits(&lab, id, 1);
    match lab.unload_owner(owner, Duration::ZERO) {
        Err(UnloadError::StillRunning(still)) => assert_eq!(still[0].id, id),
        other => panic!("{other:?}"),
    }
    gate.wait_for(1);
    gate.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", RETRYING, "failed Failed"]);
}

#[test]
fn b183_the_priority_can_be_changed_between_two_attempts() {
    let lab = Lab::direct(1);
    let order = Order::default();
    let (mine, other) = (order.clone(), order.clone());
    let id = lab.repeat(tried(&lab, 1), move |context| {
        mine.push(context.attempt() as i64);
        if context.attempt() == 1 { Err(fault("busy")) } else { Ok(Num(2)) }
    });
    waits(&lab, id, 1);
    let held = lab.hold_worker();
    let normal = lab.run(move |_| {
        other.push(10);
        Ok(Num(0))
    });
    assert!(lab.set_priority(id, Priority::High));
    lab.advance(SECOND);
    held.open();
    lab.done(id);
    lab.done(normal);
    assert_eq!(order.get(), [1, 2, 10]);
}

#[test]
fn b183_a_wait_lasts_through_all_attempts() {
    let lab = Lab::direct(2);
    let id = between(&lab, tried(&lab, 1));
    assert_eq!(lab.wait(id, Some(Duration::ZERO)), WaitResult::WaitTimeout);
    // Also from a body: it has begun, and goes on before long.
    let (engine, said) = (lab.engine().clone(), Gate::new());
    let saying = said.clone();
    said.open();
    let waiter = lab.run(move |_| {
        saying.pass();
        assert_eq!(engine.wait(id, None), WaitResult::Done);
        Ok(Num(1))
    });
    said.wait_for(1);
    lab.advance(SECOND);
    lab.done(waiter);
    assert_eq!((lab.status(id), lab.status(waiter)), (Status::Completed, Status::Completed));
}

#[test]
fn b183_a_body_that_waits_runs_the_first_attempt_in_place_and_waits_for_the_next() {
    let lab = Lab::direct(1);
    let engine = lab.engine().clone();
    let inner = Arc::new(parking_lot::Mutex::new(None));
    let tell = inner.clone();
    let outer = lab.run(move |_| {
        let body = Repeated(|context: &TaskContext| match context.attempt() {
            1 => Err(fault("busy")),
            attempt => Ok(Num(attempt as i64)),
        });
        let options = Options { retry: retry(1), ..Options::default() };
        let id = engine.submit(Box::new(body), options, None, false).unwrap();
        *tell.lock() = Some(id);
        assert_eq!(engine.wait(id, None), WaitResult::Done);
        Ok(Num(1))
    });
    until("it was submitted", || inner.lock().is_some());
    let id = inner.lock().unwrap();
    waits(&lab, id, 1);
    assert_eq!(lab.counts().running, 1);
    lab.advance(SECOND);
    lab.done(outer);
    assert_eq!(lab.status(outer), Status::Completed);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(2)));
}

/// One with 1,000 failed attempts of which nobody has heard.
fn unheard(lab: &Lab, options: Options) -> TaskId {
    let retry = Retry { delay: Duration::ZERO, ..retry(5_000) };
    let id = failing(lab, Options { retry, ..options }, 1_001);
    for attempt in 1..=1_000 {
        waits(lab, id, attempt);
        lab.advance(Duration::ZERO);
    }
    id
}

#[test]
fn b113_b183_a_task_waits_for_a_receiver_that_is_far_behind() {
    let lab = Lab::queued(1);
    let id = unheard(&lab, Options::default());
    lab.advance(100 * SECOND);
    waits(&lab, id, 1_000);
    assert_eq!(lab.brief(id).unwrap().due, None, "nobody knows when it goes on");
    assert!(!lab.run_now(id));
    lab.drain();
    lab.advance(Duration::ZERO);
    waits(&lab, id, 1_001);
    lab.advance(Duration::ZERO);
    lab.done(id);
    lab.drain();
    let events = lab.events_of(id);
    assert_eq!((events.len(), events[1_001].as_str()), (1_003, "retrying 1002 Failed 0ns"));
    assert_eq!(events[1_002], "completed 1002");
}

#[test]
fn b113_b183_a_task_that_was_held_back_goes_on_once_half_of_its_attempts_were_told() {
    let lab = Lab::queued(1);
    let id = unheard(&lab, Options::default());
    lab.drain_some(1);
    lab.advance(Duration::ZERO);
    assert_eq!((lab.brief(id).unwrap().due, lab.counts().delayed), (None, 1), "most were not told yet");
    lab.drain_some(600);
    lab.advance(Duration::ZERO);
    waits(&lab, id, 1_001);
}

/// The wait that was long when the receiver fell behind is waited out, however early the receiver comes.
#[test]
fn b113_b183_a_task_that_was_held_back_keeps_to_its_time() {
    let lab = Lab::queued(1);
    let retry = Retry { delay: Duration::ZERO, ..retry(5_000) };
    let id = lab.repeat(Options { retry, ..Options::default() }, |context| match context.attempt() {
        1_000 => Err(fault("busy").with_retry_after(60 * SECOND)),
        attempt if attempt < 1_000 => Err(fault("busy")),
        attempt => Ok(Num(attempt as i64)),
    });
    for attempt in 1..=1_000 {
        waits(&lab, id, attempt);
        lab.advance(Duration::ZERO);
    }
    lab.drain();
    lab.advance(60 * SECOND - Duration::from_nanos(1));
    waits(&lab, id, 1_000);
    lab.advance(Duration::from_nanos(1));
    lab.done(id);
}

#[test]
fn b183_one_that_is_held_back_is_cancelled_and_shut_down_as_others() {
    for (must_run, shutdown) in [(false, false), (false, true), (true, true)] {
        let lab = Lab::queued(1);
        let id = unheard(&lab, Options { must_run, ..Options::default() });
        match shutdown {
            true => assert!(lab.shutdown(SECOND, None).complete),
            false => assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart),
        }
        let expected = if must_run { Status::Failed } else { Status::Cancelled };
        assert_eq!((lab.status(id), lab.counts().delayed), (expected, 0));
        lab.drain();
        assert_eq!(lab.events_of(id).len(), 1_002);
    }
}

#[test]
fn b181_many_fail_together_and_each_is_tried_again() {
    let lab = Lab::direct(2);
    let runs = Arc::new(AtomicUsize::new(0));
    for _ in 0..10_000 {
        let runs = runs.clone();
        lab.repeat(Options { retry: Retry::times(2), ..Options::default() }, move |context| {
            runs.fetch_add(1, SeqCst);
            if context.attempt() < 3 { Err(fault("busy")) } else { Ok(Num(3)) }
        });
    }
    for _ in 0..3 {
        lab.quiet();
        lab.advance(10 * SECOND);
    }
    lab.quiet();
    assert_eq!((runs.load(SeqCst), lab.counts().live), (30_000, 0));
}

// ---- periodic ----------------------------------------------------------------------------------

#[test]
fn b184_it_is_the_run_that_is_tried_again() {
    both(&["started", RETRYING, "run 1 1", "run 2 2", "cancelled User"], |lab| {
        let id = lab.repeat(Options { retry: retry(1), ..lab.periodic(10) }, |context| {
            match (context.iteration(), context.attempt()) {
                (1, 1) => Err(fault("busy")),
                (1, 2) | (2, 1) => Ok(Num(context.iteration() as i64)),
                other => panic!("{other:?}"),
            }
        });
        waits(lab, id, 1);
        assert_eq!(lab.info(id).unwrap().iteration, 1);
        lab.advance(SECOND);
        until("the run has ended", || lab.info(id).unwrap().result == Some(Num(1)));
        until("it rests", || lab.status(id) == Status::Delayed);
        // One interval after the run has ended, and not after it began.
        assert_eq!(lab.info(id).unwrap().due_ms, 11_000);
        lab.advance(10 * SECOND);
        lab.rests(id, 2);
        lab.cancel(id, USER);
        id
    });
}

#[test]
fn b184_b37_ticks_meanwhile_are_late_ones() {
    let lab = Lab::queued(1);
    let periodic = Periodic { rate: Rate::FixedRate, ..Periodic::every(10 * SECOND) };
    let retry = Retry { delay: 25 * SECOND, ..retry(1) };
    let id =
        lab.repeat(Options { periodic: Some(periodic), retry, ..Options::default() }, |context| {
            match (context.iteration(), context.attempt()) {
                (1, 1) => Err(fault("busy")),
                _ => Ok(Num(context.iteration() as i64)),
            }
        });
    waits(&lab, id, 1);
    lab.advance(24 * SECOND);
    waits(&lab, id, 1);
    lab.advance(SECOND);
    until("it rests on its grid", || lab.info(id).unwrap().due_ms == 30_000);
    lab.advance(5 * SECOND);
    lab.rests(id, 2);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "retrying 2 Failed 25s", "run 1 1", "run 2 2"]);
}

#[test]
fn b184_a_run_whose_attempts_all_fail_has_failed_once() {
    let events = [
        "started",
        RETRYING,
        "run-failed 1 Failed",
        RETRYING,
        "run-failed 2 Failed",
        "failed TooManyFailures",
    ];
    both(&events, |lab| {
        let periodic = Periodic { max_failures: 2, ..Periodic::every(10 * SECOND) };
        let last = Arc::new(AtomicU64::new(0));
        let tell = last.clone();
        let mut options = Options { periodic: Some(periodic), ..tried(lab, 1) };
        options.callbacks.push(Box::new(move |notice| {
            if let legwork::engine::Notice::RunFailed(iteration, error) = notice {
                assert_eq!(error.attempt(), *iteration);
                tell.store(error.attempts(), SeqCst);
            }
        }));
        let id = failing(lab, options, u64::MAX);
        waits(lab, id, 1);
        lab.advance(SECOND);
        until("the run has ended", || lab.info(id).unwrap().due_ms == 11_000);
        lab.advance(10 * SECOND);
        until("the next waits", || lab.info(id).unwrap().due_ms == 12_000);
        lab.advance(SECOND);
        lab.done(id);
        lab.drain();
        until("it was told", || last.load(SeqCst) == 2);
        id
    });
}

#[test]
fn b184_b41_b45_the_ends_of_a_schedule_come_between_attempts_too() {
    both(&["started", RETRYING, "cancelled User"], |lab| {
        let id = between(lab, Options { retry: retry(3), ..lab.periodic(10) });
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
        lab.advance(100 * SECOND);
        id
    });
    both(&["started", RETRYING, "cancelled Shutdown"], |lab| {
        let id = between(lab, Options { retry: retry(3), ..lab.periodic(10) });
        assert!(lab.shutdown(SECOND, None).complete);
        id
    });
    both(&["started", RETRYING, "run 1 2", "completed 2"], |lab| {
        let periodic = Periodic { max_runs: 1, ..Periodic::every(SECOND) };
        let id = between(lab, Options { periodic: Some(periodic), ..tried(lab, 3) });
        lab.advance(SECOND);
        lab.done(id);
        id
    });
}

// ---- refused -----------------------------------------------------------------------------------

#[test]
fn b185_work_that_can_run_once_only_is_not_tried_again() {
    let lab = Lab::direct(1);
    let drops = Drops::default();
    let token = drops.token();
    let refused = lab.try_submit(tried(&lab, 1), move |_| {
        let _token = token;
        Ok(Num(1))
    });
    assert_eq!(refused, Err(SubmitError::NotRepeatable { option: "retry" }));
    let text = "retry is for work that can run again, and this work can run once only";
    assert_eq!(refused.unwrap_err().to_string(), text);
    assert_eq!((drops.count(), lab.counts().live), (1, 0));
    // None at all is no wish to.
    let id =
        lab.submit(Options { retry: Retry { delay: SECOND, ..retry(0) }, ..lab.options() }, |_| Ok(Num(1)));
    lab.done(id);
}

#[test]
fn b185_what_is_impossible_is_refused_with_its_value() {
    let lab = Lab::direct(1);
    let century = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    for (retry, expected) in [
        (
            Retry { delay: 61 * SECOND, ..Retry::times(1) },
            "retry.delay is 61s; expected at most retry.maxDelay, 60s",
        ),
        (
            Retry { max_delay: century + SECOND, ..Retry::times(1) },
            "retry.maxDelay is 3153600001s; expected at most 100 years",
        ),
        (Retry { factor: 0.0, ..Retry::times(1) }, "retry.factor is 0; expected a number above 0, up to 100"),
        (
            Retry { factor: f64::NAN, ..Retry::times(1) },
            "retry.factor is NaN; expected a number above 0, up to 100",
        ),
        (Retry { jitter: 0.6, ..Retry::times(1) }, "retry.jitter is 0.6; expected a number from 0 to 0.5"),
        (
            Retry { jitter: f64::NAN, ..Retry::times(1) },
            "retry.jitter is NaN; expected a number from 0 to 0.5",
        ),
        (Retry { jitter: -0.1, ..Retry::times(1) }, "retry.jitter is -0.1; expected a number from 0 to 0.5"),
    ] {
        let drops = Drops::default();
        let token = drops.token();
        let body = Repeated(move |_: &TaskContext| {
            let _token = &token;
            Ok(Num(1))
        });
        let options = Options { retry, ..Options::default() };
        let refused = lab.engine().submit(Box::new(body), options, None, false).unwrap_err();
        assert_eq!(refused.to_string(), expected);
        assert_eq!((drops.count(), lab.counts().live), (1, 0));
    }
    let most =
        Retry { delay: century, max_delay: century, factor: 100.0, jitter: 0.5, ..Retry::times(u32::MAX) };
    let id = failing(&lab, Options { retry: most, ..lab.options() }, u64::MAX);
    waits(&lab, id, 1);
    assert_eq!(lab.info(id).unwrap().attempts, 1 << 32);
}
