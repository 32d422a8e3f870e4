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
    // The second request does not change the reason.
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

/// A body that waits until its hook is called, and how often it was.
fn hooked(calls: &Arc<AtomicUsize>, began: &Gate) -> impl FnMut(&TaskContext) -> Answer + Send + 'static {
    let (calls, began) = (calls.clone(), began.clone());
    move |context| {
        let (gate, calls) = (Gate::new(), calls.clone());
        let opened = gate.clone();
        context.on_cancel(move || {
            calls.fetch_add(1, SeqCst);
            opened.open();
        });
        began.pass();
        gate.pass();
        context.checkpoint()?;
        Ok(Num(1))
    }
}

#[test]
fn b48_a_cancel_calls_the_hook_once() {
    let lab = Lab::queued(1);
    let (calls, began) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let id = lab.run(hooked(&calls, &began));
    began.wait_for(1);
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
    // The hook is called on the thread that asks: it has been by now.
    assert_eq!(calls.load(SeqCst), 1);
    lab.cancel(id, USER);
    assert_eq!(calls.load(SeqCst), 1);
    began.open();
    lab.done(id);
    assert_eq!(lab.status(id), Status::Cancelled);
}

#[test]
fn b48_a_time_out_calls_the_hook() {
    let lab = Lab::queued(1);
    let (calls, began) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let id = lab.submit(Options { timeout: Some(SECOND), ..Options::default() }, hooked(&calls, &began));
    began.wait_for(1);
    began.open();
    lab.advance(SECOND);
    lab.done(id);
    assert_eq!((lab.status(id), calls.load(SeqCst)), (Status::TimedOut, 1));
}

#[test]
fn b48_a_shutdown_and_an_owner_that_goes_call_the_hook() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("window");
    let (calls, began) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let owned = lab.submit(Options { owner: Some(owner), ..Options::default() }, hooked(&calls, &began));
    let other = lab.run(hooked(&calls, &began));
    began.wait_for(2);
    began.open();
    lab.close_owner(owner, CancelReason::OwnerGone);
    lab.done(owned);
    assert_eq!(calls.load(SeqCst), 1);
    lab.begin_shutdown(SECOND);
    lab.done(other);
    assert_eq!(calls.load(SeqCst), 2);
}

#[test]
fn b48_a_hook_that_comes_after_the_request_is_called_at_once() {
    let lab = Lab::queued(1);
    let (began, asked) = (Gate::new(), Gate::new());
    let (inside, waits) = (began.clone(), asked.clone());
    let id = lab.run(move |context| {
        inside.pass();
        waits.pass();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        context.on_cancel(move || {
            counted.fetch_add(1, SeqCst);
        });
        Ok(Num(calls.load(SeqCst) as i64))
    });
    began.open();
    began.wait_for(1);
    lab.cancel(id, USER);
    asked.open();
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(1)));
}

#[test]
fn b91_a_hook_is_destroyed_after_its_run_and_another_takes_its_place() {
    let (lab, drops) = (Lab::queued(1), Drops::default());
    let calls = Arc::new(AtomicUsize::new(0));
    let (began, gate, counted) = (Gate::new(), Gate::new(), calls.clone());
    let (inside, held, tokens) = (began.clone(), gate.clone(), drops.clone());
    let id = lab.run(move |context| {
        for weight in [1, 10] {
            let (token, counted) = (tokens.token(), counted.clone());
            context.on_cancel(move || {
                let _token = &token;
                counted.fetch_add(weight, SeqCst);
            });
        }
        inside.pass();
        held.pass();
        Ok(Num(0))
    });
    began.open();
    began.wait_for(1);
    assert_eq!(drops.count(), 1);
    lab.cancel(id, USER);
    assert_eq!(calls.load(SeqCst), 10);
    gate.open();
    lab.done(id);
    until("the hook is destroyed", || drops.count() == 2);
}

#[test]
fn b90_a_hook_that_panics_harms_nobody() {
    let lab = Lab::queued(1);
    let (began, gate) = (Gate::new(), Gate::new());
    let (inside, held) = (began.clone(), gate.clone());
    let id = lab.run(move |context| {
        context.on_cancel(|| std::panic::resume_unwind(Box::new("expected")));
        inside.pass();
        held.pass();
        Ok(Num(7))
    });
    began.open();
    began.wait_for(1);
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
    gate.open();
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(7)));
}

#[test]
fn b48_each_run_of_a_periodic_task_has_a_hook_of_its_own() {
    let (lab, drops) = (Lab::queued(1), Drops::default());
    let tokens = drops.clone();
    let id = lab.repeat(lab.periodic(1), move |context| {
        let token = tokens.token();
        context.on_cancel(move || {
            let _token = &token;
        });
        Ok(Num(0))
    });
    lab.rests(id, 1);
    until("the first is destroyed", || drops.count() == 1);
    lab.advance(SECOND);
    lab.rests(id, 2);
    until("the second is destroyed", || drops.count() == 2);
    // Between runs there is none to call.
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelledBeforeStart);
}
