//! Cancelling.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use legwork::engine::{
    CancelReason, CancelResult, DeliveryMode, Engine, Once, Status, TaskContext, TaskError, TaskOptions,
};

use crate::support::*;

#[test]
fn b47_cancel_in_the_middle_of_100_000_queued_ones() {
    let (lab, drops) = (Lab::direct(1), Drops::default());
    let held = lab.hold_worker();
    let order = Order::default();
    let ids: Vec<_> = (0..100_000)
        .map(|n| {
            let (token, order) = (drops.token(), order.clone());
            lab.run(move |_| {
                let _token = token;
                order.push(n);
                Ok(Num(1))
            })
        })
        .collect();
    for (at, n) in (40_000..60_000).enumerate() {
        assert_eq!(lab.cancel(ids[n], USER), CancelResult::CancelledBeforeStart);
        assert_eq!(drops.count(), at + 1);
    }
    assert_eq!(lab.counts().queued, 80_000);
    held.open();
    lab.quiet();
    let kept: Vec<i64> = (0..40_000).chain(60_000..100_000).collect();
    assert_eq!(order.get(), kept);
    assert_eq!(drops.count(), 100_000);
}

#[test]
fn b48_a_body_sees_the_reason_and_its_token_outlives_it() {
    let lab = Lab::direct(1);
    let (gate, held) = (Gate::new(), Gate::new());
    let (at, stay) = (gate.clone(), held.clone());
    let (send, receive) = std::sync::mpsc::channel();
    gate.open();
    let id = lab.run(move |context| {
        send.send(context.token()).unwrap();
        assert!(context.checkpoint().is_ok() && context.cancel_reason().is_none());
        at.pass();
        stay.pass();
        assert_eq!(context.cancel_reason(), Some(CancelReason::Replaced));
        assert!(context.token().is_cancelled());
        context.checkpoint()?;
        Ok(Num(1))
    });
    gate.wait_for(1);
    let token = receive.recv().unwrap();
    assert_eq!(token.reason(), None);
    assert_eq!(lab.cancel(id, CancelReason::Replaced), CancelResult::CancelRequested);
    assert_eq!(token.reason(), Some(CancelReason::Replaced));
    // Who asks second does not change why.
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
    held.open();
    lab.done(id);
    assert_eq!(lab.status(id), Status::Cancelled);
    assert_eq!(lab.info(id).unwrap().cancel_reason, Some(CancelReason::Replaced));
    // The worker's next task has a flag of its own.
    let next = lab.run(|context| {
        context.checkpoint()?;
        Ok(Num(2))
    });
    lab.done(next);
    assert_eq!(lab.status(next), Status::Completed);
    assert_eq!(token.reason(), Some(CancelReason::Replaced));
}

#[test]
fn b48_a_sleeping_body_is_woken_by_a_cancel() {
    let lab = Lab::direct(1);
    let gate = Gate::new();
    let at = gate.clone();
    gate.open();
    let id = lab.run(move |context| {
        at.pass();
        context.sleep(DEADLINE)?;
        Ok(Num(1))
    });
    gate.wait_for(1);
    lab.cancel(id, USER);
    lab.done(id);
    assert_eq!(lab.status(id), Status::Cancelled);
}

#[test]
fn b24_a_body_sleeps_until_its_time() {
    let lab = Lab::direct(1);
    let gate = Gate::new();
    let at = gate.clone();
    gate.open();
    let id = lab.run(move |context| {
        at.pass();
        context.sleep(SECOND)?;
        Ok(Num(1))
    });
    gate.wait_for(1);
    until("the second is over", || {
        lab.advance(SECOND);
        lab.status(id) == Status::Completed
    });
}

#[test]
fn b49_cancel_after_the_end_changes_nothing() {
    let lab = Lab::queued(1);
    let id = lab.submit(lab.options(), |_| Ok(Num(1)));
    lab.done(id);
    assert_eq!(lab.cancel(id, USER), CancelResult::AlreadyFinished);
    lab.drain();
    assert_eq!(lab.cancel(id, USER), CancelResult::AlreadyFinished);
    let info = lab.info(id).unwrap();
    assert_eq!((info.status, info.cancel_requested, info.cancel_reason), (Status::Completed, false, None));
    lab.finish();
    assert_eq!(lab.events_of(id), ["started", "completed 1"]);
}

#[test]
fn b50_cancel_from_many_threads_gives_one_end() {
    let lab = Lab::queued(1);
    for _ in 0..200 {
        let held = lab.hold_worker();
        let id = lab.run(|_| Ok(Num(1)));
        let first = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| match lab.cancel(id, USER) {
                    CancelResult::CancelledBeforeStart => {
                        first.fetch_add(1, SeqCst);
                    }
                    other => assert_eq!(other, CancelResult::AlreadyFinished),
                });
            }
        });
        assert_eq!(first.load(SeqCst), 1);
        held.open();
        lab.quiet();
        assert_eq!(lab.events_of(id), ["cancelled User"]);
    }
}

#[test]
fn b51_a_cancelled_task_ran_or_was_cancelled_and_never_both() {
    let lab = Lab::queued(2);
    for _ in 0..3_000 {
        let ran = Arc::new(AtomicUsize::new(0));
        let count = ran.clone();
        let id = lab.run(move |_| {
            count.fetch_add(1, SeqCst);
            Ok(Num(1))
        });
        let before = lab.cancel(id, USER) == CancelResult::CancelledBeforeStart;
        lab.done(id);
        lab.quiet();
        assert_eq!(ran.load(SeqCst), usize::from(!before));
        let events: &[&str] = if before { &["cancelled User"] } else { &["started", "completed 1"] };
        assert_eq!(lab.events_of(id), events);
    }
}

#[test]
fn b52_b57_cancelling_during_a_storm_of_submits_and_a_shutdown_behind_it() {
    let lab = Lab::queued(2);
    let (send, receive) = std::sync::mpsc::channel();
    let submitted = 20_000;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let send = send.clone();
            scope.spawn(|| {
                let send = send;
                for _ in 0..submitted / 2 {
                    send.send(lab.run(|_| Ok(Num(1)))).unwrap();
                }
            });
        }
        drop(send);
        for id in receive.iter() {
            lab.cancel(id, USER);
        }
    });
    assert!(lab.shutdown(SECOND, None).complete);
    lab.drain();
    let events = lab.events.lock();
    let ends = events.iter().filter(|(_, event)| event == "completed 1" || event == "cancelled User");
    assert_eq!(ends.count(), submitted);
}

#[test]
fn b53_an_engine_that_is_dropped_cancels_what_waits_and_asks_what_runs() {
    let heard = Log::default();
    let (gate, held) = (Gate::new(), Gate::new());
    let (at, stay) = (gate.clone(), held.clone());
    let drops = Drops::default();
    gate.open();
    {
        let engine = Engine::<Num>::direct(config(1));
        let options = |name: &'static str| {
            let heard = heard.clone();
            TaskOptions::<Num> {
                callbacks: vec![Box::new(move |notice| {
                    heard.lock().push(format!("{name} {}", describe(notice)));
                })],
                ..TaskOptions::default()
            }
        };
        let running = Once(Some(move |context: &TaskContext| {
            at.pass();
            stay.pass();
            assert_eq!(context.cancel_reason(), Some(CancelReason::Shutdown));
            Err(TaskError::cancelled())
        }));
        engine.submit(Box::new(running), options("running"), None, false).unwrap();
        gate.wait_for(1);
        let (queued, delayed) = (drops.token(), drops.token());
        let body = Once(Some(move |_: &TaskContext| {
            drop(queued);
            Ok(Num(1))
        }));
        engine.submit(Box::new(body), options("queued"), None, false).unwrap();
        let body = Once(Some(move |_: &TaskContext| {
            drop(delayed);
            Ok(Num(1))
        }));
        let delay = TaskOptions { delay: 3_600 * SECOND, ..options("delayed") };
        engine.submit(Box::new(body), delay, None, false).unwrap();
    }
    assert_eq!(drops.count(), 2);
    held.open();
    // The timer thread may be the one that abandons the running task, and it says so after the drop.
    until("three ends", || heard.lock().len() == 3);
    let mut heard = heard.lock().clone();
    heard.sort();
    assert_eq!(
        heard,
        ["delayed cancelled Shutdown", "queued cancelled Shutdown", "running failed Abandoned"]
    );
}

#[test]
fn b53_dropping_the_last_handle_inside_a_task_is_fine() {
    let engine = Engine::<Num>::manual(config(1), DeliveryMode::Direct);
    let (gate, last) = (Gate::new(), engine.clone());
    let (at, ended) = (gate.clone(), Gate::new());
    let end = ended.clone();
    ended.open();
    let body = Once(Some(move |_: &TaskContext| {
        at.pass();
        drop(last);
        end.pass();
        Ok(Num(1))
    }));
    engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap();
    gate.wait_for(1);
    drop(engine);
    gate.open();
    ended.wait_for(1);
}
