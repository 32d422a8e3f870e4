//! From the engine to callbacks and to the receiving thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use parking_lot::Mutex;

use legwork::engine::{
    Callback, Delivery, DeliveryMode, Engine, Hears, Notice, Receiver, Status, TaskContext, TaskId,
    TaskOptions,
};

use crate::support::*;

const STARTS: Hears = Hears { starts: true, failures: false };

/// An engine that counts how often its receiver is told.
fn counting(workers: usize) -> (Engine<Num>, Arc<AtomicUsize>) {
    let told = Arc::new(AtomicUsize::new(0));
    let count = told.clone();
    let notify = Box::new(move || {
        count.fetch_add(1, SeqCst);
    });
    (Engine::queued(config(workers), notify), told)
}

#[test]
fn b70_started_then_progress_then_one_end_across_many_tasks() {
    let lab = Lab::queued(2);
    let ids: Vec<_> = (0..500)
        .map(|n| {
            lab.submit(lab.options(), move |context| {
                context.set_progress(0.5, "half");
                Ok(Num(n))
            })
        })
        .collect();
    lab.quiet();
    for (n, id) in ids.iter().enumerate() {
        let events = lab.events_of(*id);
        assert_eq!(events, ["started", "progress 0.5 half", &format!("completed {n}")]);
    }
    assert_eq!(lab.heard().len(), 1_000);
}

#[test]
fn b69_the_receiving_thread_is_told_once_until_it_looks() {
    let (engine, told) = counting(1);
    let lab = Lab::of(engine, DeliveryMode::Queued);
    for _ in 0..100 {
        let id = lab.run(|_| Ok(Num(1)));
        lab.done(id);
    }
    lab.shutdown(DEADLINE, None);
    assert_eq!(told.load(SeqCst), 1);
    lab.drain();
    assert_eq!(told.load(SeqCst), 1);
}

#[test]
fn b69_what_comes_after_a_look_is_told_again_and_a_claim_takes_its_place() {
    let (engine, told) = counting(1);
    engine.set_listening(true);
    let mut receiver = Receiver::new(engine.clone());
    let run = |engine: &Engine<Num>| {
        let body = legwork::engine::Once(Some(|_: &TaskContext| Ok(Num(1))));
        let id = engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap();
        engine.wait(id, Some(DEADLINE));
    };
    run(&engine);
    // Notifying comes after the change: the wait may be over first.
    until("it is told", || told.load(SeqCst) == 1);
    receiver.acknowledge();
    run(&engine);
    until("it is told again", || told.load(SeqCst) == 2);
    receiver.acknowledge();
    assert!(receiver.claim() && !receiver.claim());
    run(&engine);
    engine.shutdown(DEADLINE, None);
    assert_eq!(told.load(SeqCst), 2, "somebody else is on the way already");
    assert!(!receiver.has_more());
    assert!(receiver.next().is_some() && receiver.has_more());
}

#[test]
fn b69_a_start_that_nobody_hears_of_wakes_nobody_and_is_not_lost() {
    let (engine, told) = counting(1);
    engine.set_listening(true);
    engine.set_hears_starts(false);
    let mut receiver = Receiver::new(engine.clone());
    let run = |gate: &Gate| {
        let passed = gate.clone();
        let body = legwork::engine::Once(Some(move |_: &TaskContext| {
            passed.pass();
            Ok(Num(1))
        }));
        let id = engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap();
        gate.wait_for(1);
        id
    };
    let (first, second) = (Gate::new(), Gate::new());
    let id = run(&first);
    assert_eq!(told.load(SeqCst), 0);
    first.open();
    engine.wait(id, Some(DEADLINE));
    until("its end is told", || told.load(SeqCst) == 1);
    receiver.acknowledge();
    let notices = |receiver: &mut Receiver<Num>| -> Vec<_> {
        let name = |delivery| match delivery {
            Delivery::Task { notice: Notice::Started, .. } => "started",
            Delivery::Task { notice: Notice::Completed(_), .. } => "completed",
            Delivery::AllFinished => "all",
            _ => "else",
        };
        receiver.map(name).collect()
    };
    assert_eq!(notices(&mut receiver), ["started", "completed", "all"]);
    // A receiver that comes while it runs hears that it has started.
    let id = run(&second);
    assert_eq!(told.load(SeqCst), 1);
    engine.set_hears_starts(true);
    assert_eq!(told.load(SeqCst), 2);
    receiver.acknowledge();
    assert_eq!(notices(&mut receiver), ["started"]);
    second.open();
    engine.wait(id, Some(DEADLINE));
}

#[test]
fn b76_b108_a_task_is_announced_though_the_worker_that_was_on_its_way_ends() {
    for _ in 0..200 {
        let (engine, told) = counting(2);
        engine.set_listening(true);
        let mut receiver = Receiver::new(engine.clone());
        let run = |gate: Option<Gate>| {
            let body = legwork::engine::Once(Some(move |_: &TaskContext| {
                if let Some(gate) = gate {
                    gate.pass();
                }
                Ok(Num(1))
            }));
            engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap()
        };
        let gate = Gate::new();
        run(Some(gate.clone()));
        gate.wait_for(1);
        // The other worker has just ended something, and is one too many from now on.
        engine.wait(run(None), Some(DEADLINE));
        engine.set_max_workers(1).unwrap();
        receiver.acknowledge();
        while receiver.next().is_some() {}
        let before = told.load(SeqCst);
        run(None);
        until("it is announced", || told.load(SeqCst) > before);
        gate.open();
        engine.shutdown(DEADLINE, None);
    }
}

#[test]
fn b71_a_callback_added_after_the_end_still_hears_of_it_once() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        for delivered in [false, true] {
            let lab = Lab::manual(1, mode);
            let id = lab.run(|_| Ok(Num(6)));
            lab.done(id);
            if delivered {
                lab.drain();
            }
            assert!(lab.add_callback(id, lab.callback()));
            assert!(lab.add_callback(id, lab.callback()));
            lab.drain();
            assert_eq!(lab.heard(), ["completed 6", "completed 6"]);
            lab.drain();
            lab.finish();
            assert_eq!(lab.heard().len(), 2);
        }
    }
}

#[test]
fn b210_a_callback_for_the_start_hears_of_it_once_whenever_it_was_added() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        for told in [false, true] {
            let lab = Lab::manual(1, mode);
            let held = lab.hold_worker();
            let (gate, passed) = (Gate::new(), Gate::new());
            let (inside, through) = (gate.clone(), passed.clone());
            let id = lab.run(move |_| {
                inside.pass();
                through.pass();
                Ok(Num(4))
            });
            // Before it begins.
            assert!(lab.add_callback_that(id, lab.callback(), STARTS));
            held.open();
            gate.wait_for(1);
            if told {
                lab.drain();
                assert_eq!(lab.heard(), ["started"]);
            }
            // While it runs; the first is not told again.
            assert!(lab.add_callback_that(id, lab.callback(), STARTS));
            lab.drain();
            assert_eq!(lab.heard(), ["started", "started"]);
            gate.open();
            passed.open();
            lab.done(id);
            // It has ended.
            assert!(lab.add_callback_that(id, lab.callback(), STARTS));
            lab.finish();
            let mut heard = lab.heard().split_off(2);
            heard.sort();
            assert_eq!(heard, ["completed 4", "completed 4", "completed 4", "started"]);
        }
    }
}

/// What each is told that it comes too late for is told first, and not between the others.
#[test]
fn b70_b71_of_several_late_callbacks_none_is_told_of_the_end_before_another_of_the_start() {
    // While it runs, once it has ended, once that was delivered.
    for stage in 0..3 {
        let lab = Lab::manual(1, DeliveryMode::Queued);
        let gate = Gate::new();
        let inside = gate.clone();
        let id = lab.run(move |context| {
            context.set_progress(0.5, "half");
            inside.pass();
            Ok(Num(4))
        });
        gate.wait_for(1);
        if stage > 0 {
            gate.open();
            lab.done(id);
        }
        if stage > 1 {
            lab.drain();
        }
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hear = |of: &'static str, hears: Hears| {
            let heard = heard.clone();
            let callback = move |notice: &Notice<Num>| {
                let what = describe(notice);
                if what.starts_with(of) {
                    heard.lock().push(what);
                }
            };
            assert!(lab.add_callback_that(id, Box::new(callback), hears));
        };
        hear("completed", Hears::default());
        hear("progress", Hears::default());
        hear("started", STARTS);
        if stage == 0 {
            gate.open();
            lab.done(id);
        }
        lab.finish();
        assert_eq!(*heard.lock(), ["started", "progress 0.5 half", "completed 4"], "stage {stage}");
    }
}

#[test]
fn b210_a_task_that_never_began_has_no_start_to_hear_of() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let held = lab.hold_worker();
        let id = lab.run(|_| Ok(Num(1)));
        assert!(lab.add_callback_that(id, lab.callback(), STARTS));
        lab.cancel(id, USER);
        assert!(lab.add_callback_that(id, lab.callback(), STARTS));
        lab.drain();
        assert_eq!(lab.heard(), ["cancelled User", "cancelled User"]);
        held.open();
        lab.finish();
    }
}

#[test]
fn b213_an_accepted_task_is_told_of_before_all_else_where_that_is_heard() {
    let lab = Lab::queued(1);
    let first = lab.run(|_| Ok(Num(1)));
    lab.done(first);
    lab.drain();
    assert!(lab.events_of(first).iter().all(|event| event != "queued"));
    lab.set_hears_queued(true);
    let held = lab.hold_worker();
    let second = lab.submit(lab.options(), |_| Ok(Num(2)));
    lab.drain();
    // Its callbacks know it.
    assert_eq!(lab.events_of(second), ["queued"]);
    assert!(lab.heard().is_empty());
    let third = lab.run(|_| Ok(Num(3)));
    lab.cancel(third, USER);
    let refused = lab.try_submit(Options { key_limit: 0, ..Options::default() }, |_| Ok(Num(4)));
    assert!(refused.is_err());
    held.open();
    lab.done(second);
    lab.drain();
    assert_eq!(lab.events_of(second), ["queued", "started", "completed 2"]);
    assert_eq!(lab.events_of(third), ["queued", "cancelled User"]);
    // Nobody hears of it any more.
    lab.stop_hearing_queued(|| true);
    let last = lab.run(|_| Ok(Num(5)));
    lab.done(last);
    lab.drain();
    assert_eq!(lab.events_of(last), ["started", "completed 5"]);
    lab.finish();
}

#[test]
fn b71_a_callback_added_before_the_end_hears_from_then_on() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let held = lab.hold_worker();
        let plain = lab.run(|_| Ok(Num(1)));
        let with = lab.submit(lab.options(), |_| Ok(Num(2)));
        for id in [plain, with] {
            assert!(lab.add_callback(id, lab.callback()));
        }
        held.open();
        lab.done(with);
        lab.finish();
        assert_eq!(lab.heard(), ["completed 1", "completed 2", "completed 2"]);
    }
}

#[test]
fn b71_callbacks_added_while_the_end_is_being_delivered() {
    let lab = Lab::queued(1);
    let (engine, again) = (lab.engine().clone(), Mutex::new(Some(lab.callback())));
    let options = Options {
        callbacks: vec![
            Box::new(move |_: &Notice<Num>| {
                let id = engine.tasks()[0].id;
                if let Some(callback) = again.lock().take() {
                    assert!(engine.add_callback(id, callback));
                }
            }),
            lab.callback(),
        ],
        ..Options::default()
    };
    let id = lab.submit(options, |_| Ok(Num(3)));
    lab.done(id);
    lab.drain();
    assert_eq!(lab.heard(), ["completed 3", "completed 3"]);
    assert_eq!(lab.counts().live, 0);
}

#[test]
fn b75_the_status_in_a_callback_is_at_least_what_it_announces() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(2, mode);
        let seen = Arc::new(AtomicUsize::new(0));
        for n in 0..200 {
            let id = lab.reserve().unwrap();
            let (engine, count) = (lab.engine().clone(), seen.clone());
            let callback: Callback<Num> = Box::new(move |notice| {
                let expected = match notice {
                    Notice::Completed(_) => Status::Completed,
                    Notice::Failed(_) => Status::Failed,
                    _ => return,
                };
                assert_eq!(engine.status(id), expected);
                assert_eq!(engine.outcome(id).unwrap().0, expected);
                count.fetch_add(1, SeqCst);
            });
            let body = legwork::engine::Once(Some(
                move |_: &TaskContext| {
                    if n % 2 == 0 { Ok(Num(1)) } else { Err(fault("odd")) }
                },
            ));
            let options = TaskOptions { callbacks: vec![callback], ..TaskOptions::default() };
            lab.engine().submit(Box::new(body), options, Some(id), false).unwrap();
        }
        lab.quiet();
        lab.finish();
        assert_eq!(seen.load(SeqCst), 200);
    }
}

#[test]
fn b76_all_finished_comes_once_a_drain_that_found_everything_done() {
    let lab = Lab::queued(1);
    let all = |lab: &Lab| {
        lab.drain();
        let mut events = lab.events.lock();
        let found = events.iter().filter(|(_, event)| event == "all finished").count();
        assert!(found == 0 || events.last().unwrap().1 == "all finished");
        events.clear();
        found
    };
    assert_eq!(all(&lab), 0, "nothing was ever there");
    let held = lab.hold_worker();
    let other = lab.run(|_| Ok(Num(1)));
    assert_eq!(all(&lab), 0, "it runs");
    lab.cancel(other, USER);
    assert_eq!(all(&lab), 0, "the first one still runs");
    held.open();
    lab.quiet_without_drain();
    assert_eq!((all(&lab), all(&lab)), (1, 0));
    let delayed = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    assert_eq!(all(&lab), 1, "delayed tasks don't count");
    lab.cancel(delayed, USER);
    assert_eq!(all(&lab), 0);
}

#[test]
fn b113_without_a_receiver_no_event_is_kept() {
    let lab = Lab::queued(1);
    lab.set_listening(false);
    let ids: Vec<_> = (0..100).map(|_| lab.run(|_| Ok(Num(1)))).collect();
    let periodic = lab.repeat(lab.silent_periodic(1), |_| Ok(Num(1)));
    lab.quiet_without_drain();
    assert!(ids.iter().all(|id| lab.status(*id) == Status::Completed));
    assert_eq!(lab.counts().live, 1, "the periodic one");
    assert_eq!(lab.info(periodic).unwrap().result, Some(Num(1)));
    lab.drain();
    assert!(lab.events.lock().is_empty());
}

#[test]
fn b113_a_receiver_that_comes_and_goes_leaves_no_half_told_task() {
    let lab = Lab::queued(1);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.run(move |_| {
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    // Its start is in the outbox: its slot may not be used again before that is out.
    lab.set_listening(false);
    gate.open();
    lab.done(id);
    let others: Vec<_> = (0..2_000).map(|_| lab.run(|_| Ok(Num(2)))).collect();
    lab.quiet();
    assert_eq!(lab.events_of(id), ["started", "completed 1"]);
    assert!(others.iter().all(|id| lab.events_of(*id).is_empty()));
}

#[test]
fn b113_an_engine_that_delivers_directly_keeps_no_event() {
    let lab = Lab::direct(1);
    lab.set_listening(true);
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    lab.drain();
    assert!(lab.events.lock().is_empty());
}

#[test]
fn b114_a_drain_inside_a_callback_delivers_the_rest_once_and_in_order() {
    let lab = Arc::new(Lab::queued(1));
    let heard = Order::default();
    let engine = lab.engine().clone();
    let receiver = Arc::new(Mutex::new(Receiver::new(engine)));
    fn drain(receiver: &Mutex<Receiver<Num>>) {
        loop {
            let next = receiver.lock().next();
            let Some(delivery) = next else { return };
            delivery.call();
        }
    }
    let held = lab.hold_worker();
    for n in 0..300 {
        let (heard, receiver) = (heard.clone(), receiver.clone());
        let options = Options {
            callbacks: vec![Box::new(move |_| {
                heard.push(n);
                if n % 10 == 5 {
                    // As a dialog would that a slot opens.
                    drain(&receiver);
                }
            })],
            ..Options::default()
        };
        lab.submit(options, |_| Ok(Num(1)));
    }
    held.open();
    lab.quiet_without_drain();
    drain(&receiver);
    assert_eq!(heard.get(), (0..300).collect::<Vec<_>>());
    assert_eq!(lab.counts().live, 0);
}

#[test]
fn b114_a_callback_that_opens_a_loop_hears_the_next_notice_after_the_first() {
    let lab = Lab::queued(1);
    let receiver = Arc::new(Mutex::new(Receiver::new(lab.engine().clone())));
    let (heard, inner) = (lab.heard.clone(), receiver.clone());
    let options = Options {
        callbacks: vec![Box::new(move |notice: &Notice<Num>| {
            heard.lock().push(format!("begin {}", describe(notice)));
            loop {
                let next = inner.lock().next();
                let Some(delivery) = next else { break };
                delivery.call();
            }
            heard.lock().push(format!("end {}", describe(notice)));
        })],
        ..lab.periodic(1)
    };
    let id = lab.repeat(options, |context| Ok(Num(context.iteration() as i64)));
    lab.rests(id, 1);
    lab.advance(SECOND);
    lab.rests(id, 2);
    lab.cancel(id, USER);
    let mut first = receiver.lock().next();
    while let Some(delivery) = first {
        delivery.call();
        first = receiver.lock().next();
    }
    assert_eq!(
        lab.heard(),
        [
            "begin run 1 1",
            "end run 1 1",
            "begin run 2 2",
            "end run 2 2",
            "begin cancelled User",
            "end cancelled User"
        ]
    );
}

#[test]
fn b88_callbacks_bodies_and_destructors_may_call_the_engine() {
    /// Uses everything that does not wait.
    fn use_it(engine: &Engine<Num>, other: TaskId) {
        let body = legwork::engine::Once(Some(|_: &TaskContext| Ok(Num(1))));
        let id = engine.submit(Box::new(body), TaskOptions::default(), None, false);
        if let Ok(id) = id {
            engine.set_priority(id, legwork::engine::Priority::Low);
            engine.add_callback(id, Box::new(|_| ()));
            engine.cancel(id, USER);
        }
        engine.set_max_workers(2).unwrap();
        engine.cancel(other, USER);
        let owner = engine.open_owner("inside");
        engine.close_owner(owner, legwork::engine::CancelReason::OwnerGone);
        let _ = (engine.counts(), engine.tasks(), engine.info(other));
    }
    struct AtDrop(Engine<Num>, TaskId);
    impl Drop for AtDrop {
        fn drop(&mut self) {
            use_it(&self.0, self.1);
        }
    }
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let other = lab.submit(Options { delay: SECOND, ..lab.options() }, |_| Ok(Num(1)));
        let engine = lab.engine().clone();
        let (in_body, in_callback) = (AtDrop(engine.clone(), other), AtDrop(engine.clone(), other));
        let (inside, heard) = (engine.clone(), engine.clone());
        let options = || Options {
            callbacks: vec![Box::new({
                let heard = heard.clone();
                move |_| use_it(&heard, other)
            })],
            ..Options::default()
        };
        let with_drop = Options {
            callbacks: vec![Box::new(move |_| use_it(&in_callback.0, other))],
            ..Options::default()
        };
        let id = lab.submit(with_drop, move |_| {
            use_it(&inside, other);
            let _ = &in_body;
            Ok(Num(1))
        });
        lab.done(id);
        lab.quiet();
        // Destroyed by a cancel, on this thread.
        let queued = AtDrop(engine.clone(), other);
        let id = lab.submit(Options { delay: SECOND, ..options() }, move |_| {
            let _ = &queued;
            Ok(Num(1))
        });
        lab.cancel(id, USER);
        // Destroyed by a shutdown, and by a submit that is refused.
        let (swept, refused) = (AtDrop(engine.clone(), other), AtDrop(engine.clone(), other));
        lab.submit(Options { delay: SECOND, ..options() }, move |_| {
            let _ = &swept;
            Ok(Num(1))
        });
        lab.finish();
        assert!(
            lab.try_submit(options(), move |_| {
                let _ = &refused;
                Ok(Num(1))
            })
            .is_err()
        );
    }
}

#[test]
fn b105_the_shutdown_is_announced_last() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    lab.begin_shutdown(SECOND);
    lab.drain();
    assert!(!lab.events.lock().iter().any(|(_, event)| event.starts_with("shutdown")));
    held.open();
    lab.quiet();
    let events = lab.events.lock();
    let texts: Vec<_> = events.iter().map(|(_, event)| event.as_str()).collect();
    assert_eq!(texts, ["started", "completed 0", "shutdown true", "all finished"]);
}

#[test]
fn b73_batches_of_the_receiver_hold_what_they_hand_out() {
    let lab = Lab::queued(2);
    for _ in 0..1_000 {
        lab.run(|_| Ok(Num(1)));
    }
    lab.quiet_without_drain();
    let mut receiver = Receiver::new(lab.engine().clone());
    let mut ends = 0;
    for delivery in receiver.by_ref() {
        if let Delivery::Task { id, notice, .. } = delivery
            && notice.is_end()
        {
            ends += 1;
            // Until it was handed out and the next batch is taken, it counts.
            assert!(lab.counts().live >= 1_000 - ends);
            assert_eq!(lab.status(id), Status::Completed);
        }
    }
    assert_eq!((ends, lab.counts().live), (1_000, 0));
}
