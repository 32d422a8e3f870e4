//! Tasks without a body (B193 to B197), in each row of the table of states.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use legwork::engine::{
    AfterPolicy, CancelReason, CancelResult, DeliveryMode, Elsewhere, ErrorKind, External, KeyPolicy, Status,
    SubmitError, TaskError, TaskId, UnloadError, WaitResult,
};

use crate::support::*;
use crate::table::{both, play};

/// How often the work was told to stop.
#[derive(Clone, Default)]
struct Stops(Arc<AtomicUsize>);

impl Stops {
    fn get(&self) -> usize {
        self.0.load(SeqCst)
    }

    fn external(&self) -> Option<External> {
        let stops = self.clone();
        Some(External {
            on_stop: Some(Arc::new(move || {
                stops.0.fetch_add(1, SeqCst);
            })),
        })
    }

    fn submit(&self, lab: &Lab, options: Options) -> TaskId {
        let options = Options { external: self.external(), ..options };
        lab.engine().submit(Box::new(Elsewhere), options, None, false).expect("the task is accepted")
    }
}

fn submit(lab: &Lab, options: Options) -> TaskId {
    Stops::default().submit(lab, options)
}

fn keyed(lab: &Lab) -> Options {
    Options { key: Some("host".into()), ..lab.options() }
}

fn complete(lab: &Lab, id: TaskId, value: i64) -> bool {
    lab.end_external(id, Ok(Num(value)))
}

fn fail(lab: &Lab, id: TaskId) -> bool {
    lab.end_external(id, Err(fault("no route")))
}

// ---- to begin ----------------------------------------------------------------------------------

#[test]
fn b193_it_runs_at_once_and_holds_no_worker() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let ids: Vec<_> = (0..10_000).map(|_| submit(&lab, Options::default())).collect();
    let counts = lab.counts();
    assert_eq!((counts.running, counts.queued, counts.workers), (10_001, 0, 1));
    assert!(ids.iter().all(|id| lab.status(*id) == Status::Running));
    held.open();
    let plain = lab.run(|_| Ok(Num(1)));
    lab.done(plain);
    assert!(ids.iter().all(|id| complete(&lab, *id, 2)));
    lab.quiet();
    assert_eq!(lab.events_of(ids[9_999]), ["started", "completed 2"]);
    lab.finish();
}

#[test]
fn b193_without_a_worker_there_is_no_thread_for_it() {
    let lab = Lab::queued(4);
    let id = submit(&lab, Options::default());
    assert_eq!((lab.status(id), lab.counts().workers), (Status::Running, 0));
    complete(&lab, id, 1);
    assert_eq!((lab.status(id), lab.counts().workers), (Status::Completed, 0));
}

#[test]
fn b193_it_waits_for_its_time() {
    both(&["started", "completed 1"], |lab| {
        let id = submit(lab, Options { delay: SECOND, ..lab.options() });
        lab.advance(SECOND - Duration::from_nanos(1));
        assert_eq!((lab.status(id), lab.heard()), (Status::Delayed, Vec::new()));
        lab.advance(Duration::from_nanos(1));
        assert_eq!(lab.status(id), Status::Running);
        assert!(complete(lab, id, 1));
        id
    });
}

#[test]
fn b193_it_waits_for_its_turn_in_its_key_and_hands_it_on() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let ids = [0, 1, 2].map(|_| submit(&lab, keyed(&lab)));
        let states = |lab: &Lab| ids.map(|id| lab.status(id));
        assert_eq!(states(&lab), [Status::Running, Status::Blocked, Status::Blocked]);
        let body = lab.submit(keyed(&lab), |_| Ok(Num(4)));
        assert!(complete(&lab, ids[0], 1));
        assert_eq!(states(&lab), [Status::Completed, Status::Running, Status::Blocked]);
        // The place is given back however it ends.
        lab.cancel(ids[1], USER);
        assert_eq!(states(&lab), [Status::Completed, Status::Running, Status::Blocked]);
        assert!(!complete(&lab, ids[1], 2));
        assert_eq!(states(&lab), [Status::Completed, Status::Cancelled, Status::Running]);
        assert_eq!(lab.status(body), Status::Blocked);
        assert!(fail(&lab, ids[2]));
        lab.done(body);
        assert_eq!(lab.keys_in_use(), 0);
        lab.finish();
    }
}

#[test]
fn b193_it_comes_after_others_and_others_come_after_it() {
    both(&["started", "completed 2"], |lab| {
        let held = lab.hold_worker();
        let first = lab.run(|_| Ok(Num(1)));
        let id = submit(lab, Options { after: vec![first], ..lab.options() });
        let next = lab.submit(Options { after: vec![id], ..Options::default() }, |_| Ok(Num(3)));
        assert_eq!(lab.status(id), Status::Blocked);
        held.open();
        lab.done(first);
        until("it has begun", || lab.status(id) == Status::Running);
        assert_eq!(lab.status(next), Status::Blocked);
        assert!(complete(lab, id, 2));
        lab.done(next);
        assert_eq!(lab.status(next), Status::Completed);
        id
    });
}

#[test]
fn b193_a_body_waits_for_it() {
    let lab = Lab::queued(1);
    let id = submit(&lab, Options::default());
    let engine = lab.engine().clone();
    let body = lab.run(move |_| {
        assert_eq!(engine.wait(id, None), WaitResult::Done);
        Ok(Num(1))
    });
    // That body gives its place away.
    let other = lab.run(|_| Ok(Num(2)));
    lab.done(other);
    complete(&lab, id, 3);
    lab.done(body);
    assert_eq!(lab.status(body), Status::Completed);
    lab.finish();
}

#[test]
fn b193_what_it_cannot_be_is_refused() {
    let lab = Lab::queued(1);
    let refused = |options: Options| {
        let options = Options { external: Some(External::default()), ..options };
        lab.engine().submit(Box::new(Elsewhere), options, None, false).unwrap_err()
    };
    assert_eq!(refused(lab.periodic(1)), SubmitError::OnceOnly { option: "external" });
    let retry = Options { retry: legwork::engine::Retry::times(1), ..lab.options() };
    assert_eq!(refused(retry), SubmitError::NotRepeatable { option: "retry" });
    lab.begin_shutdown(SECOND);
    assert_eq!(refused(lab.options()), SubmitError::ShutDown);
    assert_eq!(lab.counts().live, 0);
}

#[test]
fn b193_keep_leaves_the_one_there_is() {
    let lab = Lab::queued(1);
    let id = submit(&lab, keyed(&lab));
    let kept = submit(&lab, Options { key_policy: KeyPolicy::Keep, ..keyed(&lab) });
    assert_eq!(kept, id);
    complete(&lab, id, 1);
    lab.drain();
    assert_eq!(lab.heard(), ["completed 1", "completed 1"]);
    lab.finish();
}

#[test]
fn b193_what_keep_has_no_use_for_is_destroyed_without_the_lock() {
    struct Asks(Lab, Drops);
    impl Drop for Asks {
        fn drop(&mut self) {
            // It would wait for itself.
            self.0.counts();
            drop(self.1.token());
        }
    }
    let lab = Lab::queued(1);
    let drops = Drops::default();
    let first = submit(&lab, keyed(&lab));
    let asks = Asks(Lab::of(lab.engine().clone(), DeliveryMode::Queued), drops.clone());
    let external = External {
        on_stop: Some(Arc::new(move || {
            let _ = &asks;
        })),
    };
    let options = Options { external: Some(external), key_policy: KeyPolicy::Keep, ..keyed(&lab) };
    let kept = lab.engine().submit(Box::new(Elsewhere), options, None, false).unwrap();
    assert_eq!((kept, drops.count()), (first, 1));
    complete(&lab, first, 1);
    lab.finish();
}

#[test]
fn b193_all_has_finished_once_it_has() {
    let lab = Lab::queued(1);
    lab.events.lock().clear();
    let id = submit(&lab, Options::default());
    let all = |lab: &Lab| {
        lab.drain();
        lab.events.lock().iter().filter(|(_, event)| event == "all finished").count()
    };
    assert_eq!(all(&lab), 0);
    complete(&lab, id, 1);
    assert_eq!(all(&lab), 1);
    // Also of one that has ended before its begin.
    let id = submit(&lab, Options { delay: SECOND, ..Options::default() });
    complete(&lab, id, 1);
    assert_eq!(all(&lab), 2);
    lab.finish();
}

// ---- to end ------------------------------------------------------------------------------------

#[test]
fn b194_the_first_end_counts() {
    both(&["started", "completed 7"], |lab| {
        let stops = Stops::default();
        let id = stops.submit(lab, lab.options());
        assert!(complete(lab, id, 7));
        assert!(!complete(lab, id, 8) && !fail(lab, id));
        assert_eq!(lab.cancel(id, USER), CancelResult::AlreadyFinished);
        assert_eq!((lab.info(id).unwrap().result, stops.get()), (Some(Num(7)), 0));
        id
    });
}

#[test]
fn b194_it_fails_with_what_is_said() {
    both(&["started", "failed Failed"], |lab| {
        let id = submit(lab, lab.options());
        assert!(fail(lab, id));
        let error = lab.info(id).unwrap().error.unwrap();
        assert_eq!((error.message(), error.attempt(), error.reason()), ("no route", 1, None));
        id
    });
}

#[test]
fn b194_it_ends_itself_as_cancelled() {
    both(&["started", "cancelled User"], |lab| {
        let id = submit(lab, lab.options());
        assert!(lab.end_external(id, Err(TaskError::cancelled())));
        id
    });
}

#[test]
fn b194_of_many_threads_one_ends_it() {
    let lab = Lab::queued(1);
    for _ in 0..200 {
        let id = submit(&lab, Options::default());
        let threads: Vec<_> = (0..4)
            .map(|number| {
                let engine = lab.engine().clone();
                std::thread::spawn(move || engine.end_external(id, Ok(Num(number))))
            })
            .collect();
        let ends = threads.into_iter().map(|thread| thread.join().unwrap());
        assert_eq!(ends.filter(|counts| *counts).count(), 1);
        lab.drain();
        assert_eq!(lab.events_of(id).len(), 2);
    }
    lab.finish();
}

#[test]
fn b194_what_has_a_body_is_not_ended_from_outside() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let id = lab.run(|_| Ok(Num(1)));
    assert!(!complete(&lab, id, 2));
    let reserved = lab.reserve().unwrap();
    assert!(!complete(&lab, reserved, 2));
    lab.release(reserved);
    held.open();
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(1)));
    lab.finish();
}

#[test]
fn b194_progress_while_it_runs() {
    let lab = Lab::queued(1);
    let id = submit(&lab, Options { delay: SECOND, ..lab.options() });
    lab.report_external(id, Some(0.25), Some("too early"));
    lab.advance(SECOND);
    lab.report_external(id, Some(0.5), Some("half"));
    lab.drain();
    lab.advance(SECOND);
    lab.report_external(id, Some(0.75), None);
    complete(&lab, id, 1);
    lab.report_external(id, Some(1.0), Some("too late"));
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "progress 0.5 half", "progress 0.75 half", "completed 1"]);
    lab.finish();
}

// ---- to be asked to stop -----------------------------------------------------------------------

#[test]
fn b195_cancelled_whatever_is_said_then() {
    for says in [Ok(Num(1)), Err(fault("operation aborted")), Err(TaskError::cancelled())] {
        both(&["started", "cancelled User"], |lab| {
            let stops = Stops::default();
            let id = stops.submit(lab, lab.options());
            assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
            assert_eq!((stops.get(), lab.status(id)), (1, Status::Running));
            assert!(lab.token(id).is_cancelled());
            assert_eq!(lab.cancel(id, CancelReason::Replaced), CancelResult::CancelRequested);
            assert_eq!(stops.get(), 1);
            assert!(!lab.end_external(id, says.clone()));
            assert_eq!(lab.status(id), Status::Cancelled);
            assert!(lab.token(id).is_cancelled());
            id
        });
    }
}

#[test]
fn b195_its_time_is_over() {
    both(&["started", "failed TimedOut"], |lab| {
        let stops = Stops::default();
        let id = stops.submit(lab, Options { timeout: Some(SECOND), ..lab.options() });
        lab.advance(SECOND - Duration::from_nanos(1));
        assert_eq!(stops.get(), 0);
        lab.advance(Duration::from_nanos(1));
        assert_eq!((stops.get(), lab.status(id)), (1, Status::Running));
        assert!(!complete(lab, id, 1));
        let error = lab.info(id).unwrap().error.unwrap();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::TimedOut, Some(CancelReason::Timeout)));
        id
    });
}

#[test]
fn b195_its_time_counts_from_its_begin() {
    both(&["started", "completed 1"], |lab| {
        let first = submit(lab, Options { key: Some("host".into()), ..Options::default() });
        let id = submit(lab, Options { timeout: Some(SECOND), ..keyed(lab) });
        lab.advance(10 * SECOND);
        complete(lab, first, 1);
        lab.advance(SECOND - Duration::from_nanos(1));
        assert!(complete(lab, id, 1));
        id
    });
}

#[test]
fn b195_it_is_ended_by_what_tells_it_to_stop() {
    both(&["started", "cancelled User"], |lab| {
        let engine = lab.engine().clone();
        let id = engine.reserve().unwrap();
        let external = External {
            on_stop: Some(Arc::new(move || {
                engine.end_external(id, Err(fault("aborted")));
            })),
        };
        let options = Options { external: Some(external), ..lab.options() };
        lab.engine().submit(Box::new(Elsewhere), options, Some(id), false).unwrap();
        assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
        assert_eq!(lab.status(id), Status::Cancelled);
        id
    });
}

#[test]
fn b195_it_is_told_once_that_it_is_slow() {
    both(&["started", "slow 2s", "completed 1"], |lab| {
        let id = submit(lab, Options { warn_after: 2 * SECOND, ..lab.options() });
        lab.advance(2 * SECOND);
        lab.drain();
        lab.advance(20 * SECOND);
        complete(lab, id, 1);
        id
    });
}

#[test]
fn b195_a_newer_one_of_its_key_replaces_it() {
    both(&["started", "cancelled Replaced"], |lab| {
        let stops = Stops::default();
        let id = stops.submit(lab, keyed(lab));
        let replace = Options { callbacks: Vec::new(), key_policy: KeyPolicy::Replace, ..keyed(lab) };
        let newer = submit(lab, replace);
        assert_eq!((stops.get(), lab.status(newer)), (1, Status::Blocked));
        complete(lab, id, 1);
        assert_eq!(lab.status(newer), Status::Running);
        complete(lab, newer, 2);
        id
    });
}

// ---- before its begin --------------------------------------------------------------------------

#[test]
fn b196_it_may_end_before_its_time() {
    both(&["started", "completed 1"], |lab| {
        let stops = Stops::default();
        let id = stops.submit(lab, Options { delay: SECOND, timeout: Some(SECOND), ..lab.options() });
        assert!(complete(lab, id, 1));
        assert_eq!((lab.status(id), lab.counts().delayed), (Status::Completed, 0));
        lab.advance(10 * SECOND);
        assert_eq!(stops.get(), 0);
        id
    });
}

#[test]
fn b196_it_may_end_before_its_turn_and_takes_no_place() {
    both(&["started", "failed Failed"], |lab| {
        let silent = || Options { key: Some("host".into()), ..Options::default() };
        let first = submit(lab, silent());
        let id = submit(lab, keyed(lab));
        let last = submit(lab, silent());
        assert!(fail(lab, id));
        assert_eq!((lab.status(first), lab.status(last)), (Status::Running, Status::Blocked));
        complete(lab, first, 1);
        assert_eq!(lab.status(last), Status::Running);
        complete(lab, last, 1);
        assert_eq!(lab.keys_in_use(), 0);
        id
    });
}

#[test]
fn b196_it_may_end_before_what_it_comes_after() {
    both(&["started", "completed 1"], |lab| {
        let first = submit(lab, Options::default());
        let id = submit(lab, Options { after: vec![first], ..lab.options() });
        let options = Options { after: vec![id], after_policy: AfterPolicy::Ended, ..Options::default() };
        let next = lab.submit(options, |_| Ok(Num(2)));
        assert!(complete(lab, id, 1));
        lab.done(next);
        fail(lab, first);
        assert_eq!((lab.status(id), lab.counts().blocked), (Status::Completed, 0));
        id
    });
}

#[test]
fn b196_a_cancel_before_its_begin_ends_it_and_tells_the_work() {
    let waits: [fn(&Lab) -> Options; 3] = [
        |lab| Options { delay: SECOND, ..lab.options() },
        |lab| {
            submit(lab, Options { key: Some("host".into()), ..Options::default() });
            keyed(lab)
        },
        |lab| Options { after: vec![submit(lab, Options::default())], ..lab.options() },
    ];
    for wait in waits {
        both(&["cancelled User"], |lab| {
            let stops = Stops::default();
            let id = stops.submit(lab, wait(lab));
            assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
            assert_eq!((stops.get(), lab.status(id)), (1, Status::Cancelled));
            assert!(!complete(lab, id, 1));
            id
        });
    }
}

#[test]
fn b196_what_does_not_begin_in_time_is_told() {
    both(&["failed StartTimedOut"], |lab| {
        let first = submit(lab, Options { key: Some("host".into()), ..Options::default() });
        let stops = Stops::default();
        let id = stops.submit(lab, Options { start_timeout: Some(SECOND), ..keyed(lab) });
        lab.advance(SECOND);
        assert_eq!((stops.get(), lab.status(id)), (1, Status::TimedOut));
        complete(lab, first, 1);
        id
    });
}

#[test]
fn b196_what_it_comes_after_has_failed() {
    both(&["cancelled DependencyFailed"], |lab| {
        let first = submit(lab, Options::default());
        fail(lab, first);
        let stops = Stops::default();
        let id = stops.submit(lab, Options { after: vec![first], ..lab.options() });
        assert_eq!((stops.get(), lab.status(id)), (1, Status::Cancelled));
        id
    });
}

// ---- shutdown, owner, unloading ----------------------------------------------------------------

#[test]
fn b197_a_shutdown_waits_for_it() {
    both(&["started", "cancelled Shutdown"], |lab| {
        let stops = Stops::default();
        let id = stops.submit(lab, lab.options());
        lab.begin_shutdown(30 * SECOND);
        assert_eq!((stops.get(), lab.status(id)), (1, Status::Running));
        assert!(!complete(lab, id, 1));
        let report = lab.shutdown(30 * SECOND, None);
        assert_eq!((report.complete, report.cancelled), (true, 1));
        id
    });
}

#[test]
fn b197_a_shutdown_abandons_it_at_the_deadline() {
    both(&["started", "failed Abandoned"], |lab| {
        let id = submit(lab, Options { name: Some("download".into()), ..keyed(lab) });
        lab.begin_shutdown(SECOND);
        lab.advance(SECOND);
        assert_eq!(lab.status(id), Status::Abandoned);
        let report = lab.shutdown(Duration::ZERO, None);
        assert_eq!(report.abandoned[0].name, "download");
        // No worker came in its place.
        assert_eq!(lab.counts().workers, 0);
        assert_eq!(lab.wait_for_body(id, Some(Duration::ZERO)), WaitResult::WaitTimeout);
        assert!(!complete(lab, id, 1));
        assert_eq!(lab.wait_for_body(id, None), WaitResult::Done);
        assert!(!complete(lab, id, 1));
        assert_eq!(lab.keys_in_use(), 0);
        id
    });
}

#[test]
fn b197_a_shutdown_cancels_what_waits() {
    both(&["cancelled Shutdown"], |lab| {
        let stops = Stops::default();
        let id = stops.submit(lab, Options { delay: SECOND, ..lab.options() });
        assert_eq!(lab.shutdown(SECOND, None).cancelled, 1);
        assert_eq!(stops.get(), 1);
        id
    });
}

#[test]
fn b197_what_must_run_is_not_disturbed() {
    both(&["started", "completed 2"], |lab| {
        let (first, stops) = (Stops::default(), Stops::default());
        let must = |options| Options { must_run: true, ..options };
        let silent = Options { key: Some("host".into()), ..Options::default() };
        let before = first.submit(lab, must(silent));
        let id = stops.submit(lab, must(keyed(lab)));
        lab.begin_shutdown(30 * SECOND);
        assert_eq!((lab.status(before), lab.status(id)), (Status::Running, Status::Blocked));
        assert!(complete(lab, before, 1));
        assert_eq!(lab.status(id), Status::Running);
        assert!(complete(lab, id, 2));
        assert_eq!((first.get(), stops.get()), (0, 0));
        assert!(lab.shutdown(30 * SECOND, None).complete);
        id
    });
}

#[test]
fn b197_its_owner_goes() {
    play(&["started", "cancelled OwnerGone"], &[], |lab| {
        let owner = lab.open_owner("window");
        let stops = Stops::default();
        let id = stops.submit(lab, Options { owner: Some(owner), ..lab.options() });
        lab.close_owner(owner, CancelReason::OwnerGone);
        assert_eq!(stops.get(), 1);
        assert!(!complete(lab, id, 1));
        id
    });
}

#[test]
fn b197_an_unloading_waits_for_it_and_for_what_tells_it_to_stop() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("plugin");
    let drops = Drops::default();
    let code = drops.token();
    let external = External {
        on_stop: Some(Arc::new(move || {
            let _ = &code;
        })),
    };
    let options = Options {
        owner: Some(owner),
        external: Some(external),
        name: Some("call".into()),
        ..Options::default()
    };
    let id = lab.engine().submit(Box::new(Elsewhere), options, None, false).unwrap();
    lab.drain();
    match lab.unload_owner(owner, Duration::ZERO) {
        Err(UnloadError::StillRunning(still)) => assert_eq!((still.len(), &*still[0].name), (1, "call")),
        other => panic!("it should still run: {other:?}"),
    }
    assert_eq!(drops.count(), 0);
    complete(&lab, id, 1);
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!(drops.count(), 1);
    lab.finish();
}

#[test]
fn b197_an_unloading_takes_what_tells_one_to_stop_that_waits() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("plugin");
    let (drops, stops) = (Drops::default(), Stops::default());
    let (code, told) = (drops.token(), stops.clone());
    let external = External {
        on_stop: Some(Arc::new(move || {
            let _ = &code;
            told.0.fetch_add(1, SeqCst);
        })),
    };
    let options =
        Options { owner: Some(owner), external: Some(external), delay: SECOND, ..Options::default() };
    lab.engine().submit(Box::new(Elsewhere), options, None, false).unwrap();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!((drops.count(), stops.get()), (1, 1));
    lab.finish();
}

#[test]
fn b197_at_the_end_of_the_process_it_is_left_alone() {
    let lab = Lab::queued(1);
    let (running, waits) = (Stops::default(), Stops::default());
    let id = running.submit(&lab, keyed(&lab));
    let next = waits.submit(&lab, keyed(&lab));
    lab.halt(DEADLINE);
    complete(&lab, id, 1);
    assert_eq!((lab.status(id), lab.status(next)), (Status::Completed, Status::Blocked));
    assert_eq!((running.get(), waits.get()), (0, 0));
}
