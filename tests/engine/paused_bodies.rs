//! Bodies that are paused while they run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use legwork::engine::{
    CancelReason, CancelResult, DeliveryMode, ErrorKind, Limits, PauseResult, Retry, Status, TaskContext,
    TaskId, WaitResult,
};

use crate::support::*;

pub fn pausable() -> Options {
    Options { pausable: true, ..Options::default() }
}

/// A body that goes from checkpoint to checkpoint until it is told to end.
#[derive(Clone, Default)]
pub struct Steps {
    made: Arc<AtomicUsize>,
    end: Arc<AtomicBool>,
}

impl Steps {
    pub fn run(&self, context: &TaskContext) -> Answer {
        while !self.end.load(Ordering::SeqCst) {
            context.checkpoint()?;
            self.made.fetch_add(1, Ordering::SeqCst);
            std::thread::yield_now();
        }
        Ok(Num(1))
    }

    pub fn submit(&self, lab: &Lab, options: Options) -> TaskId {
        let steps = self.clone();
        let id = lab.submit(options, move |context| steps.run(context));
        self.go_on(lab);
        id
    }

    /// Waits until it comes forward.
    pub fn go_on(&self, _: &Lab) {
        let before = self.made.load(Ordering::SeqCst);
        until("it comes forward", || self.made.load(Ordering::SeqCst) > before + 1);
    }

    pub fn end(&self) {
        self.end.store(true, Ordering::SeqCst);
    }

    /// It has stopped, and makes no step.
    pub fn stands(&self, lab: &Lab, id: TaskId) {
        until("it has stopped", || lab.status(id) == Status::Paused);
        let before = self.made.load(Ordering::SeqCst);
        // Another task has begun and ended on a thread beside it.
        lab.done(lab.run(|_| Ok(Num(0))));
        assert_eq!(self.made.load(Ordering::SeqCst), before);
    }
}

#[test]
fn b303_a_body_stops_at_its_next_checkpoint_and_another_thread_takes_its_place() {
    let lab = Lab::queued(1);
    let steps = Steps::default();
    let id = steps.submit(&lab, pausable());
    assert!(matches!(lab.pause(id, "later"), PauseResult::PauseRequested | PauseResult::Paused));
    steps.stands(&lab, id);
    assert_eq!((lab.pause(id, ""), lab.counts().running), (PauseResult::Paused, 1));
    assert_eq!(lab.info(id).unwrap().paused.as_deref(), Some("later"));
    assert!(lab.resume(id));
    steps.go_on(&lab);
    assert_eq!(lab.status(id), Status::Running);
    steps.end();
    lab.done(id);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "paused later", "resumed", "completed 1"]);
    until("the thread that was one too many has ended", || lab.counts().workers <= 1);
    lab.finish();
}

#[test]
fn b303_what_is_not_pausable_runs_on_and_says_so() {
    let lab = Lab::direct(1);
    let steps = Steps::default();
    let id = steps.submit(&lab, Options::default());
    assert_eq!(lab.pause(id, ""), PauseResult::PauseNotPossible);
    assert!(!lab.resume(id));
    // Nor does it stop with all others.
    assert!(lab.pause_all(""));
    steps.go_on(&lab);
    assert_eq!(lab.status(id), Status::Running);
    steps.end();
    lab.done(id);
    assert_eq!(lab.pause(id, ""), PauseResult::AlreadyFinished);
    lab.resume_all();
    lab.finish();
}

#[test]
fn b303_a_sleep_is_a_checkpoint() {
    let lab = Lab::direct(1);
    let gate = Gate::new();
    let at = gate.clone();
    let id = lab.submit(pausable(), move |context| {
        at.pass();
        context.sleep(10 * SECOND)?;
        Ok(Num(1))
    });
    gate.wait_for(1);
    gate.open();
    lab.pause(id, "");
    until("it has stopped", || lab.status(id) == Status::Paused);
    lab.advance(4 * SECOND);
    lab.resume(id);
    until("it sleeps", || lab.status(id) == Status::Running);
    lab.advance(5 * SECOND);
    assert_eq!(lab.status(id), Status::Running);
    // In a pause its time goes on, and it waits to be resumed.
    lab.pause(id, "");
    until("it has stopped", || lab.status(id) == Status::Paused);
    lab.advance(5 * SECOND);
    lab.done(lab.run(|_| Ok(Num(0))));
    assert_eq!(lab.status(id), Status::Paused);
    lab.resume(id);
    lab.done(id);
    lab.finish();
}

#[test]
fn b303_a_pause_that_is_taken_back_before_the_checkpoint_is_none() {
    let lab = Lab::queued(1);
    let (gate, steps) = (Gate::new(), Steps::default());
    let (at, made) = (gate.clone(), steps.clone());
    let id = lab.submit(pausable(), move |context| {
        at.pass();
        made.run(context)
    });
    gate.wait_for(1);
    assert_eq!(lab.pause(id, ""), PauseResult::PauseRequested);
    assert_eq!(lab.status(id), Status::Running, "it is on its way to a checkpoint");
    assert!(lab.resume(id));
    gate.open();
    steps.go_on(&lab);
    steps.end();
    lab.done(id);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "completed 1"]);
    lab.finish();
}

#[test]
fn b304_the_time_out_and_what_is_slow_stand_still_in_a_pause() {
    keep_log();
    let lab = Lab::queued(1);
    let steps = Steps::default();
    let warn_after = 8 * SECOND;
    let id = steps.submit(&lab, Options { timeout: Some(10 * SECOND), warn_after, ..pausable() });
    lab.advance(6 * SECOND);
    lab.pause(id, "");
    steps.stands(&lab, id);
    lab.advance(100 * SECOND);
    assert_eq!(lab.status(id), Status::Paused);
    lab.resume(id);
    steps.go_on(&lab);
    lab.advance(Duration::from_millis(1_999));
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "paused ", "resumed"]);
    lab.advance(Duration::from_millis(1));
    lab.drain();
    assert_eq!(lab.events_of(id)[3], "slow 8s", "of its own time");
    lab.advance(2 * SECOND);
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().error.unwrap().kind(), ErrorKind::TimedOut);
    lab.finish();
}

#[test]
fn b308_a_cancel_wakes_a_body_that_has_stopped() {
    let lab = Lab::queued(1);
    let steps = Steps::default();
    let id = steps.submit(&lab, pausable());
    lab.pause(id, "");
    steps.stands(&lab, id);
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
    lab.done(id);
    assert_eq!(lab.status(id), Status::Cancelled);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "paused ", "cancelled User"]);
    lab.finish();
}

#[test]
fn b308_a_body_that_was_asked_to_stop_is_not_paused() {
    let lab = Lab::direct(1);
    let (gate, open) = (Gate::new(), Gate::new());
    let (at, go) = (gate.clone(), open.clone());
    let id = lab.submit(pausable(), move |context| {
        at.pass();
        go.pass();
        context.checkpoint()?;
        Ok(Num(1))
    });
    gate.open();
    open.wait_for(1);
    lab.cancel(id, USER);
    lab.pause(id, "");
    open.open();
    lab.done(id);
    assert_eq!(lab.status(id), Status::Cancelled);
    lab.finish();
}

#[test]
fn b302_a_body_goes_on_once_all_pauses_are_taken_back() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("owner");
    let steps = Steps::default();
    let key = Some("key".into());
    let id = steps.submit(&lab, Options { owner: Some(owner), key, ..pausable() });
    lab.pause_all("all");
    until("it has stopped", || lab.status(id) == Status::Paused);
    assert_eq!(lab.info(id).unwrap().paused.as_deref(), Some("all"));
    lab.drain();
    lab.pause_owner(owner, "owner");
    assert_eq!(lab.info(id).unwrap().paused.as_deref(), Some("owner"));
    lab.pause_key(Some(owner), "key", "key");
    assert_eq!(lab.info(id).unwrap().paused.as_deref(), Some("key"));
    lab.pause(id, "own");
    assert_eq!(lab.info(id).unwrap().paused.as_deref(), Some("own"));
    assert!(lab.resume_all() && lab.resume_key(Some(owner), "key") && lab.resume(id));
    steps.stands(&lab, id);
    assert!(lab.resume_owner(owner));
    steps.go_on(&lab);
    steps.end();
    lab.done(id);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "paused all", "resumed", "completed 1"]);
    lab.finish();
}

#[test]
fn b313_a_body_that_has_stopped_does_not_count_for_the_limit_of_its_owner() {
    let lab = Lab::direct(4);
    let owner = lab.open_owner("owner");
    lab.set_limits(owner, Limits { max_running: 1, ..Limits::default() }).unwrap();
    let steps = Steps::default();
    let id = steps.submit(&lab, Options { owner: Some(owner), ..pausable() });
    let next = lab.submit(Options { owner: Some(owner), ..Options::default() }, |_| Ok(Num(2)));
    assert_eq!(lab.status(next), Status::Queued);
    lab.pause(id, "");
    lab.done(next);
    lab.resume(id);
    steps.go_on(&lab);
    let last = lab.submit(Options { owner: Some(owner), ..Options::default() }, |_| Ok(Num(3)));
    assert_eq!(lab.status(last), Status::Queued);
    steps.end();
    lab.done(last);
    lab.finish();
}

#[test]
fn b313_a_body_in_a_place_of_its_key_keeps_that() {
    let lab = Lab::direct(4);
    let key = || Some("key".into());
    let steps = Steps::default();
    let id = steps.submit(&lab, Options { key: key(), ..pausable() });
    let next = lab.submit(Options { key: key(), ..Options::default() }, |_| Ok(Num(2)));
    lab.pause(id, "");
    steps.stands(&lab, id);
    assert_eq!(lab.status(next), Status::Blocked);
    // A newer one that replaces it wakes it, to end.
    let replace = legwork::engine::KeyPolicy::Replace;
    let last = lab.submit(Options { key: key(), key_policy: replace, ..Options::default() }, |_| Ok(Num(3)));
    lab.done(last);
    let info = lab.info(id).unwrap();
    assert_eq!((info.status, info.cancel_reason), (Status::Cancelled, Some(CancelReason::Replaced)));
    lab.finish();
}

#[test]
fn b313_an_attempt_and_a_run_stop_as_any() {
    let lab = Lab::direct(1);
    let steps = Steps::default();
    let made = steps.clone();
    let id = lab.repeat(Options { retry: Retry::times(1), ..pausable() }, move |context| {
        if context.attempt() == 1 {
            return Err(fault("no"));
        }
        made.run(context)
    });
    until("it waits", || lab.status(id) == Status::Delayed);
    lab.advance(SECOND);
    steps.go_on(&lab);
    lab.pause(id, "");
    steps.stands(&lab, id);
    lab.resume(id);
    steps.end();
    lab.done(id);
    assert_eq!((lab.status(id), lab.info(id).unwrap().attempt), (Status::Completed, 2));
    // A run of a periodic task that is stopped is one run.
    let steps = Steps::default();
    let made = steps.clone();
    let id =
        lab.repeat(Options { pausable: true, ..lab.silent_periodic(10) }, move |context| made.run(context));
    steps.go_on(&lab);
    lab.pause(id, "");
    steps.stands(&lab, id);
    lab.advance(100 * SECOND);
    lab.resume(id);
    steps.end();
    lab.rests(id, 1);
    assert_eq!(lab.info(id).unwrap().iteration, 1);
    lab.cancel(id, USER);
    lab.finish();
}

#[test]
fn b311_a_wait_for_a_body_that_has_stopped_waits_and_many_stop_at_once() {
    let lab = Lab::manual(2, DeliveryMode::Direct);
    let steps = Steps::default();
    let ids: Vec<_> = (0..20)
        .map(|_| {
            let made = steps.clone();
            let id = lab.submit(pausable(), move |context| made.run(context));
            lab.pause(id, "");
            id
        })
        .collect();
    // Of those that have begun: others take their places, and stop, too; the rest has not begun.
    until("all are paused", || ids.iter().all(|id| lab.status(*id) == Status::Paused));
    let engine = lab.engine().clone();
    let first = ids[0];
    let waits = lab.run(move |_| match engine.wait(first, None) {
        WaitResult::Done => Ok(Num(0)),
        other => Err(fault(&format!("{other:?}"))),
    });
    steps.end();
    ids.iter().for_each(|id| assert!(lab.resume(*id)));
    lab.done(waits);
    lab.quiet();
    assert!(ids.iter().all(|id| lab.status(*id) == Status::Completed));
    until("the threads that were too many have ended", || lab.counts().workers <= 2);
    lab.finish();
}

#[test]
fn b303_a_body_that_lends_its_context_stops_on_each_of_its_threads() {
    let lab = Lab::direct(1);
    let steps = Steps::default();
    let made = steps.clone();
    let id = lab.submit(pausable(), move |context| {
        std::thread::scope(|scope| {
            scope.spawn(|| made.run(context));
            made.run(context)
        })
    });
    steps.go_on(&lab);
    lab.pause(id, "");
    until("both have stopped", || {
        let before = steps.made.load(Ordering::SeqCst);
        lab.done(lab.run(|_| Ok(Num(0))));
        lab.status(id) == Status::Paused && before == steps.made.load(Ordering::SeqCst)
    });
    lab.resume(id);
    steps.go_on(&lab);
    steps.end();
    lab.done(id);
    lab.finish();
}
