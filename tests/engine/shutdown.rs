//! The end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use legwork::engine::{
    CancelReason, DeliveryMode, Engine, HistoryLimits, Periodic, Status, SubmitError, TaskError, WaitResult,
};

use crate::support::*;

#[test]
fn b98_nothing_is_accepted_after_a_shutdown() {
    let lab = Lab::direct(1);
    assert!(!lab.is_shut_down());
    assert!(lab.shutdown(SECOND, None).complete);
    assert!(lab.is_shut_down());
    for options in [
        Options::default(),
        Options { must_run: true, ..Options::default() },
        Options { delay: SECOND, ..Options::default() },
        lab.silent_periodic(1),
    ] {
        assert_eq!(lab.try_submit(options, |_| Ok(Num(1))), Err(SubmitError::ShutDown));
    }
    assert_eq!(lab.counts(), legwork::engine::Counts::default());
}

#[test]
fn b100_a_submit_that_races_a_shutdown_is_refused_or_resolves() {
    for round in 0..300 {
        let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
        let must_run = round % 2 == 0;
        lab.set_history_limits(HistoryLimits { tasks: usize::MAX, ..lab.history_limits() });
        std::thread::scope(|scope| {
            let submitting = scope.spawn(|| {
                let mut ids = Vec::new();
                loop {
                    let options = Options { must_run, ..Options::default() };
                    match lab.try_submit(options, |_| Ok(Num(1))) {
                        Ok(id) => ids.push(id),
                        Err(error) => {
                            assert_eq!(error, SubmitError::ShutDown);
                            return ids;
                        }
                    }
                }
            });
            let report = lab.shutdown(DEADLINE, None);
            assert!(report.complete && report.abandoned.is_empty());
            for id in submitting.join().unwrap() {
                assert_eq!(lab.wait(id, None), WaitResult::Done);
                // B101: what was accepted and must run did.
                assert!(!must_run || lab.status(id) == Status::Completed);
            }
            assert_eq!(lab.counts().workers, 0);
        });
    }
}

#[test]
fn b102_a_shutdown_of_zero_returns_at_once_with_the_stragglers() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    let gates = [lab.hold_worker(), lab.hold_worker()];
    let waits = lab.submit(Options { must_run: true, ..Options::default() }, |_| Ok(Num(1)));
    let start = Instant::now();
    let report = lab.shutdown(Duration::ZERO, None);
    assert!(start.elapsed() < DEADLINE / 2);
    assert_eq!((report.abandoned.len(), report.cancelled, report.finished), (2, 1, 0));
    assert_eq!(lab.status(waits), Status::Cancelled);
    gates.iter().for_each(Gate::open);
    lab.finish();
}

#[test]
fn b102_on_the_real_clock_the_deadline_comes_by_itself() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.submit(lab.options(), move |_| {
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    lab.begin_shutdown(Duration::from_millis(5));
    lab.done(id);
    assert_eq!(lab.status(id), Status::Abandoned);
    until("its callback was called", || lab.heard() == ["failed Abandoned"]);
    gate.open();
    lab.finish();
    assert_eq!(lab.heard(), ["failed Abandoned"]);
}

#[test]
fn b103_shutdown_twice_and_from_several_threads() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    for _ in 0..1_000 {
        lab.run(|_| Ok(Num(1)));
    }
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| assert!(lab.shutdown(DEADLINE, None).complete));
        }
        lab.begin_shutdown(DEADLINE);
    });
    let (first, second) = (lab.shutdown(DEADLINE, None), lab.shutdown(Duration::ZERO, None));
    assert_eq!(first, second);
    assert!(first.finished + first.cancelled <= 1_000);
}

#[test]
fn b103_a_later_call_brings_the_deadline_forward_and_never_back() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    lab.begin_shutdown(30 * SECOND);
    lab.begin_shutdown(60 * SECOND);
    lab.begin_shutdown(10 * SECOND);
    lab.advance(10 * SECOND);
    assert_eq!(lab.counts().running, 0);
    held.open();
    lab.finish();
}

#[test]
fn b103_a_shutdown_from_a_task_begins_and_returns() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let engine = lab.engine().clone();
    let id = lab.run(move |context| {
        let report = engine.shutdown(DEADLINE, None);
        assert!(!report.complete);
        context.checkpoint()?;
        Ok(Num(1))
    });
    lab.done(id);
    assert_eq!(lab.status(id), Status::Cancelled);
    assert!(lab.shutdown(DEADLINE, None).complete);
}

#[test]
fn b88_b103_a_shutdown_from_a_callback_on_a_worker_begins_and_returns() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let engine = lab.engine().clone();
    let gate = Gate::new();
    let at = gate.clone();
    gate.open();
    let options = Options {
        callbacks: vec![Box::new(move |_| {
            engine.shutdown(4 * DEADLINE, None);
            at.pass();
        })],
        ..Options::default()
    };
    lab.submit(options, |_| Ok(Num(1)));
    gate.wait_for(1);
    assert!(lab.shutdown(DEADLINE, None).complete);
    assert_eq!(lab.counts().workers, 0);
}

#[test]
fn b99_nothing_begins_while_the_queue_is_being_swept() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let order = Order::default();
    // The destructor of one keeps the sweep in its first piece.
    struct Slow(Gate);
    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.pass();
        }
    }
    let gate = Gate::new();
    let slow = Slow(gate.clone());
    let later = || Options { delay: SECOND, must_run: true, ..Options::default() };
    for _ in 0..300 {
        let order = order.clone();
        lab.submit(later(), move |_| {
            order.push(-1);
            Ok(Num(1))
        });
    }
    // The sweep begins with what was delayed last, in pieces of 256.
    lab.submit(later(), move |_| {
        let _slow = slow;
        Ok(Num(1))
    });
    for n in 0..1_000 {
        let order = order.clone();
        lab.submit(Options { must_run: n == 999, ..Options::default() }, move |_| {
            order.push(n);
            Ok(Num(1))
        });
    }
    std::thread::scope(|scope| {
        let sweeping = scope.spawn(|| lab.shutdown(30 * SECOND, None));
        gate.wait_for(1);
        lab.advance(SECOND);
        held.open();
        until("the worker has looked", || lab.counts().running == 0);
        gate.open();
        let report = sweeping.join().unwrap();
        assert_eq!((report.complete, report.finished, report.cancelled), (true, 2, 1_300));
    });
    assert_eq!(order.get(), [999]);
    lab.finish();
}

#[test]
fn b99_a_task_does_not_run_in_place_what_a_shutdown_is_about_to_cancel() {
    let lab = Lab::direct(1);
    let (gate, engine) = (Gate::new(), lab.engine().clone());
    let held = gate.clone();
    let (send, receive) = std::sync::mpsc::channel();
    let outer = lab.run(move |_| {
        held.pass();
        Ok(Num(engine.wait(receive.recv().unwrap(), None) as i64))
    });
    gate.wait_for(1);
    // Held up in the destructor of the first, the sweep has not come to the awaited one.
    struct Slow(Gate);
    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.pass();
        }
    }
    let sweep = Gate::new();
    let slow = Slow(sweep.clone());
    lab.run(move |_| {
        let _slow = slow;
        Ok(Num(1))
    });
    let many: Vec<_> = (0..300).map(|_| lab.run(|_| Ok(Num(1)))).collect();
    send.send(many[299]).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| lab.begin_shutdown(30 * SECOND));
        sweep.wait_for(1);
        gate.open();
        // Nothing tells that a thread waits; that the wait began before the sweep went on is likely,
        // and either way it has to end with the cancelled task.
        std::thread::yield_now();
        sweep.open();
    });
    lab.done(outer);
    assert_eq!(lab.info(outer).unwrap().result, Some(Num(WaitResult::Done as i64)));
    assert_eq!(lab.status(many[299]), Status::Cancelled);
}

#[test]
fn b101_what_must_run_and_runs_is_not_disturbed_until_the_deadline() {
    let lab = Lab::queued(1);
    let (gate, held) = (Gate::new(), Gate::new());
    let (at, stay, order) = (gate.clone(), held.clone(), Order::default());
    let learnt = order.clone();
    gate.open();
    let id = lab.submit(Options { must_run: true, ..lab.options() }, move |context| {
        at.pass();
        stay.pass();
        // Its result is dropped now; it learns so.
        learnt.push(context.cancel_reason().map_or(0, |reason| reason as i64));
        Ok(Num(1))
    });
    gate.wait_for(1);
    lab.begin_shutdown(SECOND);
    assert!(!lab.info(id).unwrap().cancel_requested);
    assert_eq!(lab.info(id).unwrap().cancel_reason, None);
    lab.advance(SECOND);
    assert_eq!(lab.status(id), Status::Abandoned);
    held.open();
    lab.finish();
    assert_eq!(order.get(), [CancelReason::Shutdown as i64]);
    assert_eq!(lab.events_of(id), ["started", "failed Abandoned"]);
}

#[test]
fn b102_what_an_abandoned_body_brings_later_is_dropped() {
    let lab = Lab::queued(2);
    let drops = Drops::default();
    let (gate, token) = (Gate::new(), drops.token());
    let held = gate.clone();
    let plain = lab.submit(lab.options(), move |context| {
        let _token = token;
        held.pass();
        context.set_progress(0.5, "too late");
        Ok(Num(1))
    });
    let (token, held) = (drops.token(), gate.clone());
    let periodic = lab.repeat(lab.periodic(1), move |_| {
        let _token = &token;
        held.pass();
        Err(fault("too late"))
    });
    gate.wait_for(2);
    lab.shutdown(Duration::ZERO, None);
    assert_eq!((lab.counts().running, drops.count()), (0, 0));
    gate.open();
    lab.finish();
    assert_eq!(drops.count(), 2);
    for id in [plain, periodic] {
        assert_eq!(lab.events_of(id), ["started", "failed Abandoned"]);
        let info = lab.info(id).unwrap();
        assert_eq!((info.result, info.progress), (None, -1.0));
    }
    // The worker has given them back: the history may forget them.
    assert_eq!(lab.tasks().len(), 2);
    lab.advance(lab.history_limits().age + SECOND);
    assert!(lab.tasks().is_empty());
}

#[test]
fn b105_a_shutdown_delivers_by_the_thread_that_receives() {
    let lab = Lab::queued(2);
    let gate = Gate::new();
    let held = gate.clone();
    let running = lab.submit(lab.options(), move |_| {
        held.pass();
        Err(TaskError::cancelled())
    });
    gate.wait_for(1);
    let queued: Vec<_> =
        (0..500).map(|_| lab.submit(Options { delay: SECOND, ..lab.options() }, |_| Ok(Num(1)))).collect();
    let pumps = AtomicUsize::new(0);
    let mut pump = || {
        lab.drain();
        // Only what the first pump delivered lets the last task end: it ends in its midst.
        pumps.fetch_add(1, SeqCst);
        gate.open();
    };
    let report = lab.shutdown(30 * SECOND, Some(&mut pump));
    assert_eq!((report.complete, report.cancelled), (true, 501));
    assert!(pumps.load(SeqCst) >= 1);
    assert_eq!(lab.events_of(running), ["started", "cancelled Shutdown"]);
    assert!(queued.iter().all(|id| lab.events_of(*id) == ["cancelled Shutdown"]));
    let events = lab.events.lock();
    assert_eq!(events.last().unwrap().1, "all finished");
    assert_eq!(events.iter().filter(|(_, event)| event == "shutdown true").count(), 1);
    assert_eq!(lab.heard().len(), 501);
}

#[test]
fn b105_a_shutdown_without_a_receiver_keeps_no_event() {
    let lab = Lab::queued(1);
    lab.set_listening(false);
    let id = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    lab.shutdown(SECOND, None);
    assert_eq!(lab.counts().live, 0);
    lab.drain();
    assert!(lab.events_of(id).is_empty() && lab.events.lock().is_empty());
}

#[test]
fn b107_500_engines_come_and_go_with_their_work_done() {
    let runs = Arc::new(AtomicUsize::new(0));
    for _ in 0..500 {
        let lab = Lab::of(Engine::direct(config(3)), DeliveryMode::Direct);
        for n in 0..50 {
            let runs = runs.clone();
            let must = Options { must_run: true, ..Options::default() };
            lab.submit(must, move |_| {
                runs.fetch_add(1, SeqCst);
                Ok(Num(n))
            });
        }
        let report = lab.shutdown(DEADLINE, None);
        assert!(report.complete);
        assert_eq!(lab.counts(), legwork::engine::Counts::default());
    }
    assert_eq!(runs.load(SeqCst), 25_000);
}

#[test]
fn b94_a_panic_after_the_engine_was_dropped_is_nobodys_problem() {
    let (gate, ended) = (Gate::new(), Gate::new());
    ended.open();
    let (held, end) = (gate.clone(), ended.clone());
    struct AtEnd(Gate);
    impl Drop for AtEnd {
        fn drop(&mut self) {
            self.0.pass();
        }
    }
    {
        let engine = Engine::<Num>::direct(config(1));
        let lab = Lab::of(engine, DeliveryMode::Direct);
        lab.run(move |_| {
            let _end = AtEnd(end);
            held.pass();
            panic!("after all");
        });
        gate.wait_for(1);
    }
    gate.open();
    ended.wait_for(1);
}

#[test]
fn b110_resizing_during_a_shutdown_is_harmless() {
    let lab = Lab::direct(4);
    let held = lab.hold_worker();
    let must: Vec<_> = (0..10)
        .map(|n| lab.submit(Options { must_run: true, ..Options::default() }, move |_| Ok(Num(n))))
        .collect();
    lab.begin_shutdown(30 * SECOND);
    lab.set_max_workers(1).unwrap();
    lab.set_max_workers(8).unwrap();
    held.open();
    assert!(lab.shutdown(30 * SECOND, None).complete);
    assert!(must.iter().all(|id| lab.status(*id) == Status::Completed));
    lab.set_max_workers(2).unwrap();
    lab.finish();
}

#[test]
fn b104_a_delayed_and_a_periodic_task_are_ended_on_the_real_clock() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    let delayed = lab.submit(Options { delay: 3_600 * SECOND, ..lab.options() }, |_| Ok(Num(1)));
    let options =
        Options { periodic: Some(Periodic::every(Duration::from_micros(50))), ..Options::default() };
    let periodic = lab.repeat(options, |_| Ok(Num(1)));
    let report = lab.shutdown(DEADLINE, None);
    assert_eq!((report.complete, report.cancelled), (true, 2));
    assert_eq!(lab.status(delayed), Status::Cancelled);
    assert_eq!(lab.status(periodic), Status::Cancelled);
    assert_eq!(lab.heard(), ["cancelled Shutdown"]);
}

#[test]
fn b103_a_callback_on_the_timer_thread_may_shut_down() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let (gate, (say, heard)) = (Gate::new(), std::sync::mpsc::channel());
    let (engine, inside) = (lab.engine().clone(), gate.clone());
    let callback: legwork::engine::Callback<Num> = Box::new(move |notice| {
        let thread = std::thread::current().name().map(str::to_owned);
        say.send((describe(notice), thread, engine.shutdown(2 * DEADLINE, None).complete)).unwrap();
    });
    lab.submit(Options { callbacks: vec![callback], ..Options::default() }, move |_| {
        inside.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    lab.begin_shutdown(Duration::from_millis(1));
    let (notice, thread, _) = heard.recv_timeout(DEADLINE).expect("it does not wait for itself");
    assert_eq!((notice.as_str(), thread.as_deref()), ("failed Abandoned", Some("legwork-timer")));
    gate.open();
    until("the workers have ended", || lab.counts().workers == 0);
}

#[test]
fn b13_at_the_deadline_what_waits_is_cancelled_in_pieces() {
    /// Notes how many were still queued as it was destroyed: all would be cancelled at once if the
    /// lock were held for all of them.
    struct Sees(Engine<Num>, Arc<AtomicUsize>);
    impl Drop for Sees {
        fn drop(&mut self) {
            self.1.fetch_max(self.0.counts().queued, SeqCst);
        }
    }
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let most = Arc::new(AtomicUsize::new(0));
    for _ in 0..5_000 {
        let sees = Sees(lab.engine().clone(), most.clone());
        lab.submit(Options { must_run: true, ..Options::default() }, move |_| {
            let _ = &sees;
            unreachable!("the deadline comes first")
        });
    }
    let report = lab.shutdown(Duration::ZERO, None);
    assert_eq!((report.complete, report.cancelled, report.abandoned.len()), (true, 5_000, 1));
    assert!(most.load(SeqCst) > 4_000);
    held.open();
    until("the workers have ended", || lab.counts().workers == 0);
}

/// The end of a process that nobody has shut down: see `halt`.
#[test]
fn b133_a_halt_lets_nothing_begin_and_waits_for_what_runs() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    let begun = Gate::new();
    let gate = begun.clone();
    let listens = lab.run(move |context| {
        gate.open();
        while !context.is_cancelled() {
            std::thread::yield_now();
        }
        Err(TaskError::cancelled())
    });
    begun.pass();
    lab.engine().halt(DEADLINE);
    assert_eq!(lab.status(listens), Status::Cancelled);
    let late = lab.run(|_| Ok(Num(1)));
    assert_eq!(lab.wait(late, Some(Duration::from_millis(20))), WaitResult::WaitTimeout);
    assert_eq!(lab.status(late), Status::Queued);
}

#[test]
fn b133_a_halt_does_not_wait_for_ever() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let stubborn = lab.hold_worker();
    lab.engine().halt(Duration::from_millis(10));
    stubborn.open();
}
