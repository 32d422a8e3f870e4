//! Values that a body sends before its end: in order, as a list a frame, bounded, and never lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use legwork::engine::{
    CancelReason, Engine, Notice, PauseResult, Priority, Retry, Status, TaskContext, TaskId, WaitResult,
    WhenFull,
};

use crate::support::*;

const FRAME: Duration = Duration::from_millis(16);

/// A task that sends what it is told, one at a time, and says when that is done.
struct Source {
    id: TaskId,
    values: Sender<i64>,
    sent: Receiver<bool>,
}

impl Source {
    fn new(lab: &Lab, options: Options) -> Source {
        let (values, receive) = channel();
        let (tell, sent) = channel();
        let engine = lab.engine().clone();
        let id = lab.submit(options, move |context| {
            for value in receive.iter() {
                let sent = engine.send(context, Num(value));
                tell.send(sent.is_ok()).unwrap();
                sent?;
            }
            Ok(Num(0))
        });
        Source { id, values, sent }
    }

    /// Whether it was sent; once it was, or could not be.
    fn send(&self, value: i64) -> bool {
        self.values.send(value).unwrap();
        self.sent.recv_timeout(DEADLINE).unwrap()
    }

    /// Has it sent without waiting for that.
    fn try_send(&self, value: i64) {
        self.values.send(value).unwrap();
    }

    fn end(self, lab: &Lab) -> TaskId {
        drop(self.values);
        until("it has ended", || lab.status(self.id) == Status::Completed);
        self.id
    }
}

fn bounded(lab: &Lab, max_undelivered: u32, when_full: WhenFull) -> Options {
    Options { max_undelivered, when_full, ..lab.options() }
}

/// Sends 1 to `last`, and then ends with that.
fn count(engine: Engine<Num>, last: i64) -> impl FnOnce(&TaskContext) -> Answer + Send + 'static {
    move |context| {
        for value in 1..=last {
            engine.send(context, Num(value))?;
        }
        Ok(Num(last))
    }
}

#[test]
fn b315_values_come_in_order_as_a_list_a_frame_and_all_before_the_end() {
    let lab = Lab::queued(1);
    let source = Source::new(&lab, lab.options());
    assert!(source.send(1));
    lab.drain();
    for value in [2, 3, 4] {
        assert!(source.send(value));
        lab.drain();
    }
    assert_eq!(lab.events_of(source.id), ["started", "values 1"], "the frame is not over");
    lab.advance(FRAME);
    lab.drain();
    assert!(source.send(5));
    let id = source.end(&lab);
    lab.drain();
    let told = ["started", "values 1", "values 2 3 4", "values 5", "completed 0"];
    assert_eq!(lab.events_of(id), told);
    assert_eq!(lab.heard(), told[1..]);
}

#[test]
fn b315_of_a_failed_a_cancelled_and_a_timed_out_task_too() {
    let lab = Lab::queued(1);
    let engine = lab.engine().clone();
    let failed = lab.submit(lab.options(), move |context| {
        engine.send(context, Num(1))?;
        engine.send(context, Num(2))?;
        Err(fault("no more"))
    });
    lab.quiet();
    assert_eq!(lab.events_of(failed)[1..], ["values 1 2", "failed Failed"]);

    for timeout in [None, Some(SECOND)] {
        let source = Source::new(&lab, Options { timeout, ..lab.options() });
        assert!(source.send(1));
        match timeout {
            None => _ = lab.cancel(source.id, USER),
            Some(timeout) => lab.advance(timeout),
        }
        assert!(!source.send(2), "it was asked to stop");
        let id = source.id;
        drop(source);
        until("it has ended", || lab.status(id).is_finished());
        lab.drain();
        assert_eq!(lab.events_of(id)[1], "values 1");
        assert_eq!(lab.events_of(id).len(), 3);
    }
}

#[test]
fn b316_a_body_waits_for_room_and_no_value_is_lost() {
    let lab = Lab::queued(1);
    let id = lab.submit(bounded(&lab, 8, WhenFull::Wait), count(lab.engine().clone(), 1_000));
    let mut most = 0;
    while !lab.status(id).is_finished() {
        lab.drain();
    }
    lab.drain();
    let mut next = 1;
    for event in lab.events_of(id).iter().filter_map(|event| event.strip_prefix("values ")) {
        let values: Vec<i64> = event.split(' ').map(|value| value.parse().unwrap()).collect();
        most = most.max(values.len());
        for value in values {
            assert_eq!(value, next);
            next += 1;
        }
    }
    assert_eq!(next, 1_001);
    assert!(most <= 8, "{most} at once, and 8 may wait");
}

#[test]
fn b316_what_waits_for_room_ends_with_a_cancel_a_time_out_an_owners_end_and_a_shutdown() {
    type End = fn(&Lab, TaskId);
    let ends: [(&str, End); 4] = [
        ("cancelled User", |lab, id| _ = lab.cancel(id, USER)),
        ("failed TimedOut", |lab, _| lab.advance(SECOND)),
        ("cancelled OwnerGone", |lab, id| {
            lab.close_owner(lab.owner_of(id).unwrap(), CancelReason::OwnerGone)
        }),
        ("cancelled Shutdown", |lab, _| drop(lab.shutdown(DEADLINE, None))),
    ];
    for (told, end) in ends {
        let lab = Lab::queued(1);
        let owner = lab.open_owner("a plugin");
        let options =
            Options { timeout: Some(SECOND), owner: Some(owner), ..bounded(&lab, 1, WhenFull::Wait) };
        let source = Source::new(&lab, options);
        assert!(source.send(1));
        source.try_send(2);
        end(&lab, source.id);
        assert!(!source.sent.recv_timeout(DEADLINE).unwrap(), "{told}");
        let id = source.id;
        drop(source);
        until("it has ended", || lab.status(id).is_finished());
        lab.drain();
        assert_eq!(lab.events_of(id), ["started", "values 1", told]);
    }
}

#[test]
fn b303_a_body_that_sends_stops_there() {
    let lab = Lab::queued(1);
    let source = Source::new(&lab, Options { pausable: true, ..lab.options() });
    assert!(source.send(1));
    assert_eq!(lab.pause(source.id, "later"), PauseResult::PauseRequested);
    source.try_send(2);
    until("it has stopped", || lab.status(source.id) == Status::Paused);
    // Another body runs in its place, and the frame is over.
    lab.done(lab.run(|_| Ok(Num(0))));
    lab.advance(FRAME);
    lab.drain();
    assert_eq!(lab.events_of(source.id), ["started", "values 1", "paused later"]);
    assert!(source.sent.try_recv().is_err());
    assert!(lab.resume(source.id));
    assert!(source.sent.recv_timeout(DEADLINE).unwrap());
    // A pause that is taken back before it sends again is none.
    lab.pause(source.id, "");
    lab.resume(source.id);
    assert!(source.send(3));
    let id = source.end(&lab);
    lab.drain();
    assert_eq!(lab.events_of(id)[3..], ["resumed", "values 2 3", "completed 0"]);
    lab.finish();
}

#[test]
fn b303_a_body_that_waits_for_room_stops_there() {
    let lab = Lab::queued(1);
    let source = Source::new(&lab, Options { pausable: true, ..bounded(&lab, 1, WhenFull::Wait) });
    assert!(source.send(1));
    source.try_send(2);
    lab.pause(source.id, "");
    until("it has stopped", || lab.status(source.id) == Status::Paused);
    // There is room now, and it stands.
    lab.drain();
    lab.done(lab.run(|_| Ok(Num(0))));
    assert_eq!(lab.status(source.id), Status::Paused);
    assert!(source.sent.try_recv().is_err());
    lab.resume(source.id);
    assert!(source.sent.recv_timeout(DEADLINE).unwrap());
    // It is woken for a cancel, and what it was to send is not sent.
    source.try_send(3);
    lab.pause(source.id, "");
    until("it has stopped", || lab.status(source.id) == Status::Paused);
    lab.cancel(source.id, USER);
    assert!(!source.sent.recv_timeout(DEADLINE).unwrap());
    lab.done(source.id);
    lab.drain();
    let told: Vec<_> =
        lab.events_of(source.id).into_iter().filter(|event| event.starts_with("values")).collect();
    assert_eq!(
        (told, lab.status(source.id)),
        (vec!["values 1".into(), "values 2".into()], Status::Cancelled)
    );
    lab.finish();
}

#[test]
fn b317_drop_oldest_and_conflate_never_wait() {
    let lab = Lab::queued(1);
    for (when_full, told) in [(WhenFull::DropOldest, "values 8 9 10"), (WhenFull::Conflate, "values 10")] {
        let source = Source::new(&lab, bounded(&lab, 3, when_full));
        for value in 1..=10 {
            assert!(source.send(value));
        }
        lab.drain();
        assert_eq!(lab.events_of(source.id), ["started", told]);
        source.end(&lab);
    }
}

#[test]
fn b318_what_nobody_hears_yet_is_kept_for_one_that_comes_and_never_waits() {
    let lab = Lab::direct(1);
    let source = Source::new(&lab, Options { max_undelivered: 3, ..Options::default() });
    for value in 1..=10 {
        assert!(source.send(value));
    }
    assert!(lab.add_callback(source.id, lab.callback()));
    assert!(source.send(11));
    source.end(&lab);
    assert_eq!(lab.heard(), ["values 8 9 10", "values 11", "completed 0"]);
}

#[test]
fn b318_a_callback_that_comes_later_hears_what_was_not_delivered_by_then() {
    let lab = Lab::queued(1);
    lab.set_listening(false);
    let source = Source::new(&lab, Options::default());
    assert!(source.send(1) && source.send(2));
    lab.drain();
    assert!(lab.add_callback(source.id, lab.callback()));
    assert!(source.send(3));
    lab.drain();
    source.end(&lab);
    lab.drain();
    assert_eq!(lab.heard(), ["values 1 2 3", "completed 0"]);
}

#[test]
fn b319_a_thread_that_waits_for_the_task_does_not_make_its_body_wait() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("a plugin");
    // This thread delivers, and waits now: the bound does not hold meanwhile.
    let id = lab.submit(
        Options { owner: Some(owner), ..bounded(&lab, 4, WhenFull::Wait) },
        count(lab.engine().clone(), 1_000),
    );
    assert_eq!(lab.wait(id, Some(DEADLINE)), WaitResult::Done);
    lab.drain();
    let all = lab.events_of(id)[1].split(' ').count();
    assert_eq!(all, 1 + 1_000);

    // One that waits already goes on when this thread begins to wait.
    for all_of_owner in [false, true] {
        let options = Options { owner: Some(owner), ..bounded(&lab, 1, WhenFull::Wait) };
        let source = Source::new(&lab, options);
        assert!(source.send(1));
        source.try_send(2);
        let Source { id, values, sent } = source;
        drop(values);
        match all_of_owner {
            false => assert_eq!(lab.wait(id, Some(DEADLINE)), WaitResult::Done),
            true => assert_eq!(lab.wait_for_all(owner, Some(DEADLINE)), WaitResult::Done),
        }
        assert!(sent.recv_timeout(DEADLINE).unwrap());
    }
}

#[test]
fn b319_a_shutdown_and_an_unloading_do_not_wait_for_one_that_must_run_and_waits_for_room() {
    for unload in [false, true] {
        let lab = Lab::queued(1);
        let owner = lab.open_owner("a plugin");
        let options = Options { owner: Some(owner), must_run: true, ..bounded(&lab, 1, WhenFull::Wait) };
        let id = lab.submit(options, count(lab.engine().clone(), 100));
        until("it waits", || lab.status(id) == Status::Running);
        match unload {
            true => lab.unload_owner(owner, DEADLINE).unwrap(),
            false => assert!(lab.shutdown(DEADLINE, None).complete),
        }
        lab.drain();
    }
}

#[test]
fn b320_an_unloading_leaves_no_value() {
    struct Told(Arc<AtomicU64>);
    impl Drop for Told {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let lab = Lab::queued(1);
    let owner = lab.open_owner("a plugin");
    let source = Source::new(&lab, Options { owner: Some(owner), ..lab.options() });
    for value in 1..=5 {
        assert!(source.send(value));
    }
    let id = source.id;
    let dropped = Arc::new(AtomicU64::new(0));
    let told = Told(dropped.clone());
    lab.add_callback(
        id,
        Box::new(move |notice| {
            let _told = &told;
            assert!(!matches!(notice, Notice::Values(_)));
        }),
    );
    drop(source);
    lab.unload_owner(owner, DEADLINE).unwrap();
    lab.drain();
    assert_eq!(lab.heard(), [""; 0]);
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    assert!(lab.events_of(id).iter().all(|event| !event.starts_with("values")));
}

#[test]
fn b321_each_attempt_and_each_run_sends_before_it_is_told() {
    let lab = Lab::queued(1);
    let engine = lab.engine().clone();
    let retry = Retry { times: 1, delay: SECOND, jitter: 0.0, ..Retry::default() };
    let id = lab.repeat(Options { retry, ..lab.options() }, move |context| {
        engine.send(context, Num(context.attempt() as i64))?;
        if context.attempt() == 1 { Err(fault("not yet")) } else { Ok(Num(0)) }
    });
    until("it waits", || lab.status(id) == Status::Delayed);
    lab.advance(SECOND);
    until("it has ended", || lab.status(id).is_finished());
    lab.drain();
    let events = lab.events_of(id);
    assert_eq!(events[1], "values 1");
    assert!(events[2].starts_with("retrying 2"));
    assert_eq!(events[3..], ["values 2", "completed 0"]);

    let engine = lab.engine().clone();
    let id = lab.repeat(lab.periodic(1), move |context| {
        engine.send(context, Num(context.iteration() as i64))?;
        Ok(Num(7))
    });
    lab.rests(id, 1);
    lab.advance(SECOND);
    lab.rests(id, 2);
    lab.drain();
    assert_eq!(lab.events_of(id)[1..], ["values 1", "run 1 7", "values 2", "run 2 7"]);
    lab.cancel(id, USER);
}

#[test]
fn b322_a_hundred_thousand_from_several_bodies_at_once() {
    let lab = Lab::queued(4);
    let ids: Vec<_> = (0..4)
        .map(|_| {
            let options = Options { priority: Priority::High, ..bounded(&lab, 100, WhenFull::Wait) };
            lab.submit(options, count(lab.engine().clone(), 25_000))
        })
        .collect();
    while ids.iter().any(|id| !lab.status(*id).is_finished()) {
        lab.drain();
    }
    lab.drain();
    for id in ids {
        let events = lab.events_of(id);
        let values = events.iter().filter_map(|event| event.strip_prefix("values "));
        let values: Vec<i64> =
            values.flat_map(|list| list.split(' ')).map(|value| value.parse().unwrap()).collect();
        assert!(values.iter().copied().eq(1..=25_000));
        assert_eq!(events.last().unwrap(), "completed 25000");
    }
}
