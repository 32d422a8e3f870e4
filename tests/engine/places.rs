//! B135: a body that waits for another task, by whatever means, does not cost the pool a worker.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Wake, Waker};
use std::time::Duration;

use legwork::engine::{
    CancelReason, DeliveryMode, Engine, Meanwhile, OwnerId, Poller, Priority, Status, TaskId, WaitResult,
};

use crate::support::*;

/// How a body waits.
type Way = fn(&Engine<Num>, TaskId);

fn timed(engine: &Engine<Num>, id: TaskId) {
    assert_eq!(engine.wait(id, Some(DEADLINE)), WaitResult::Done);
}

fn untimed(engine: &Engine<Num>, id: TaskId) {
    assert_eq!(engine.wait(id, None), WaitResult::Done);
}

/// As an executor's `block_on`.
fn by_waker(engine: &Engine<Num>, id: TaskId) {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut poller = Poller::default();
    while engine.poll_end(id, &mut poller, &waker).is_pending() {
        std::thread::park();
    }
}

/// As an event loop, in which a callback is to come.
fn by_callback(engine: &Engine<Num>, id: TaskId) {
    engine.expect(id);
    let (say, heard) = channel();
    assert!(engine.add_callback(id, Box::new(move |_| say.send(()).unwrap())));
    heard.recv_timeout(DEADLINE).unwrap();
}

const WAYS: [Way; 4] = [timed, untimed, by_waker, by_callback];

/// Bodies that each submit one more task and wait for it, `deep` times.
fn parent(engine: Engine<Num>, way: Way, deep: i64) -> Answer {
    if deep == 0 {
        return Ok(Num(0));
    }
    let below = engine.clone();
    let body =
        legwork::engine::Once(Some(move |_: &legwork::engine::TaskContext| parent(below, way, deep - 1)));
    let id = engine.submit(Box::new(body), Options::default(), None, true).unwrap();
    way(&engine, id);
    let result = engine.info(id).unwrap().result.unwrap();
    engine.drop_handle(id);
    Ok(Num(result.0 + 1))
}

#[test]
fn b135_bodies_wait_for_their_subtasks_on_one_worker_and_on_four() {
    for way in WAYS {
        for workers in [1, 4] {
            let lab = Lab::of(Engine::direct(config(workers)), DeliveryMode::Direct);
            let engine = || lab.engine().clone();
            let ids: Vec<_> =
                [engine(), engine(), engine(), engine(), engine(), engine(), engine(), engine()]
                    .into_iter()
                    .map(|engine| lab.run(move |_| parent(engine, way, 3)))
                    .collect();
            for id in ids {
                lab.done(id);
                assert_eq!(lab.info(id).unwrap().result, Some(Num(3)));
            }
            until("the workers that were one too many have ended", || lab.counts().workers <= workers);
            lab.finish();
        }
    }
}

#[test]
fn b135_what_is_waited_for_goes_first_so_that_many_waits_need_few_threads() {
    for way in [timed as Way, by_waker, by_callback] {
        let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
        let most = Arc::new(parking_lot::Mutex::new(0));
        for _ in 0..2_000 {
            let (engine, most) = (lab.engine().clone(), most.clone());
            lab.run(move |_| {
                let answer = parent(engine.clone(), way, 1);
                let mut most = most.lock();
                *most = engine.counts().workers.max(*most);
                answer
            });
        }
        lab.quiet_without_drain();
        let most = *most.lock();
        assert!(most <= 16, "{most} threads for two workers");
        lab.finish();
    }
}

#[test]
fn b135_a_task_that_a_body_waits_for_goes_before_others_of_that_bodys_priority() {
    let of = |priority| Options { priority, ..Options::default() };
    for (priority, expected) in
        [(Priority::High, [0, 1, 2, 3]), (Priority::Normal, [1, 0, 2, 3]), (Priority::Low, [1, 2, 0, 3])]
    {
        let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
        let (order, engine, gate) = (Order::default(), lab.engine().clone(), Gate::new());
        let (tell, told) = channel();
        let held = gate.clone();
        let outer = lab.submit(of(priority), move |_| {
            held.pass();
            Ok(Num(engine.wait(told.recv().unwrap(), Some(DEADLINE)) as i64))
        });
        gate.wait_for(1);
        let note = |number| {
            let order = order.clone();
            move |_: &legwork::engine::TaskContext| {
                order.push(number);
                Ok(Num(number))
            }
        };
        let others = [(Priority::High, 1), (Priority::Normal, 2), (Priority::Low, 3)]
            .map(|(priority, number)| lab.submit(of(priority), note(number)));
        let low = lab.submit(of(Priority::Low), note(0));
        tell.send(low).unwrap();
        gate.open();
        others.into_iter().for_each(|id| lab.done(id));
        lab.done(outer);
        assert_eq!(order.get(), expected);
        assert_eq!(lab.info(low).unwrap().priority, Priority::Low);
        lab.finish();
    }
}

#[test]
fn b135_a_body_that_expects_an_end_and_returns_gives_nothing_more_away() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let held = lab.submit(Options { delay: DEADLINE, ..Options::default() }, |_| Ok(Num(1)));
    let engine = lab.engine().clone();
    let first = lab.run(move |_| {
        engine.expect(held);
        engine.expect(held);
        Ok(Num(1))
    });
    lab.done(first);
    // One at a time again: of two bodies that each look for the other, none finds it.
    let meet = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let ids: Vec<_> = (0..200)
        .map(|_| {
            let meet = meet.clone();
            lab.run(move |_| {
                let others = meet.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                std::thread::yield_now();
                meet.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
                Ok(Num(others as i64))
            })
        })
        .collect();
    for id in ids {
        lab.done(id);
        assert_eq!(lab.info(id).unwrap().result, Some(Num(0)));
    }
    lab.cancel(held, USER);
    assert_eq!(lab.status(first), Status::Completed);
    lab.finish();
}

#[test]
fn b111_b135_waits_in_callbacks_and_of_unknown_tasks_leave_the_count_as_it_is() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let (engine, order) = (lab.engine().clone(), Order::default());
    let seen = order.clone();
    let callback = Box::new(move |_: &legwork::engine::Notice<Num>| {
        let id = engine.submit(
            Box::new(legwork::engine::Once(Some(|_: &legwork::engine::TaskContext| Ok(Num(1))))),
            Options::default(),
            None,
            false,
        );
        seen.push(engine.wait(id.unwrap(), Some(DEADLINE)) as i64);
        let none = engine.reserve().unwrap();
        engine.expect(none);
        seen.push(engine.wait(none, Some(DEADLINE)) as i64);
        engine.release(none);
    });
    let id = lab.submit(Options { callbacks: vec![callback], ..Options::default() }, |_| Ok(Num(1)));
    lab.done(id);
    until("the callback was called", || order.get().len() == 2);
    assert_eq!(order.get(), [WaitResult::Done as i64, WaitResult::UnknownTask as i64]);
    lab.quiet();
    until("one worker is left", || lab.counts().workers == 1);
    lab.finish();
}

/// A body that a shutdown has abandoned, and that is held by the gate.
fn abandoned(lab: &Lab, options: Options) -> (TaskId, Gate) {
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.submit(options, move |_| {
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    let report = lab.end_work(Duration::ZERO, false, Meanwhile::default());
    assert_eq!(report.abandoned.len(), 1);
    assert_eq!(lab.status(id), Status::Abandoned);
    (id, gate)
}

#[test]
fn b142_after_a_shutdown_that_is_not_the_last_the_next_submission_runs() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    for round in 0..300 {
        let id = lab.run(move |_| Ok(Num(round)));
        lab.done(id);
        let later = lab.submit(Options { delay: DEADLINE, ..Options::default() }, |_| Ok(Num(0)));
        let report = lab.end_work(DEADLINE, false, Meanwhile::default());
        assert!(report.complete && report.cancelled == 1 && report.abandoned.is_empty());
        assert!(!lab.is_shut_down() && lab.shutdown_report().is_some());
        assert_eq!(lab.status(later), Status::Cancelled);
    }
    let id = lab.run(|_| Ok(Num(7)));
    assert_eq!(lab.shutdown_report(), None);
    lab.done(id);
    // For good, also while the other is over.
    lab.end_work(DEADLINE, false, Meanwhile::default());
    assert!(lab.shutdown(DEADLINE, None).complete);
    assert!(lab.is_shut_down());
    assert!(lab.try_submit(Options::default(), |_| Ok(Num(1))).is_err());
    lab.finish();
}

#[test]
fn b142_submits_against_a_shutdown_that_is_not_the_last_are_refused_or_run() {
    for _ in 0..200 {
        let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
        std::thread::scope(|scope| {
            let submitting = scope.spawn(|| {
                (0..200)
                    .filter_map(|_| lab.try_submit(Options::default(), |_| Ok(Num(1))).ok())
                    .collect::<Vec<_>>()
            });
            for _ in 0..5 {
                assert!(lab.end_work(DEADLINE, false, Meanwhile::default()).complete);
            }
            for id in submitting.join().unwrap() {
                lab.done(id);
                assert!(matches!(lab.status(id), Status::Completed | Status::Cancelled));
            }
        });
        let id = lab.run(|_| Ok(Num(1)));
        lab.done(id);
        assert_eq!(lab.status(id), Status::Completed);
        lab.finish();
    }
}

#[test]
fn b142_abandoned_bodies_take_no_places_of_the_service_that_is_open_again() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let held: Vec<_> = (0..3).map(|_| abandoned(&lab, Options::default())).collect();
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed);
    for (id, gate) in held {
        gate.open();
        assert_eq!(lab.wait_for_body(id, Some(DEADLINE)), WaitResult::Done);
    }
    until("one worker is left", || lab.counts().workers == 1);
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    lab.finish();
}

#[test]
fn b146_wait_for_body_waits_until_an_abandoned_body_has_returned() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let (id, gate) = abandoned(&lab, Options::default());
    assert_eq!(lab.wait(id, None), WaitResult::Done);
    assert_eq!(lab.wait_for_body(id, Some(Duration::from_millis(2))), WaitResult::WaitTimeout);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| lab.wait_for_body(id, None));
        gate.open();
        assert_eq!(waiting.join().unwrap(), WaitResult::Done);
    });
    assert_eq!(lab.wait_for_body(id, None), WaitResult::Done);
    // Of any other task it is a wait.
    let id = lab.run(|_| Ok(Num(1)));
    assert_eq!(lab.wait_for_body(id, None), WaitResult::Done);
    lab.finish();
}

fn of(owner: OwnerId) -> Options {
    Options { owner: Some(owner), ..Options::default() }
}

#[test]
fn b146_wait_for_all_covers_queued_running_and_abandoned_bodies_of_the_owner_alone() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    let (owner, other) = (lab.open_owner("scaler"), lab.open_owner("other"));
    assert_eq!(lab.wait_for_all(owner, None), WaitResult::Done);
    let (_, gate) = abandoned(&lab, of(owner));
    assert_eq!(lab.wait_for_all(owner, Some(Duration::ZERO)), WaitResult::WaitTimeout);
    assert_eq!(lab.wait_for_all(other, None), WaitResult::Done);
    let order = Order::default();
    for number in 0..100 {
        let order = order.clone();
        lab.submit(of(owner), move |_| {
            order.push(number);
            Ok(Num(number))
        });
    }
    let detached = lab.submit(Options { detached: true, delay: DEADLINE, ..of(owner) }, |_| Ok(Num(1)));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| lab.wait_for_all(owner, Some(DEADLINE)));
        gate.open();
        assert_eq!(waiting.join().unwrap(), WaitResult::Done);
    });
    assert_eq!(order.get().len(), 100);
    // `cancel_all` leaves it open, and the detached one alone.
    let later: Vec<_> =
        (0..600).map(|_| lab.submit(Options { delay: DEADLINE, ..of(owner) }, |_| Ok(Num(1)))).collect();
    lab.cancel_all(owner, USER);
    assert!(later.iter().all(|id| lab.status(*id) == Status::Cancelled));
    assert_eq!(lab.status(detached), Status::Delayed);
    assert_eq!(lab.wait_for_all(owner, None), WaitResult::Done);
    assert!(lab.try_submit(of(owner), |_| Ok(Num(1))).is_ok());
    // After its end, too.
    lab.close_owner(owner, CancelReason::OwnerGone);
    lab.cancel_all(owner, USER);
    assert_eq!(lab.wait_for_all(owner, Some(DEADLINE)), WaitResult::Done);
    lab.finish();
}

#[test]
fn b146_b65_a_body_does_not_wait_for_all_of_an_owner_that_waits_for_it_or_rests_never() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let owner = lab.open_owner("plugin");
    let engine = lab.engine().clone();
    let id = lab.submit(of(owner), move |_| Ok(Num(engine.wait_for_all(owner, Some(DEADLINE)) as i64)));
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(WaitResult::WouldDeadlock as i64)));
    let later = lab.submit(Options { delay: DEADLINE, ..of(owner) }, |_| Ok(Num(1)));
    let ask = || {
        let engine = lab.engine().clone();
        lab.run(move |_| Ok(Num(engine.wait_for_all(owner, Some(DEADLINE)) as i64)))
    };
    let id = ask();
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(WaitResult::WouldDeadlock as i64)));
    lab.cancel(later, USER);
    // On the only worker, for what is queued behind it.
    let gate = lab.hold_worker();
    let id = ask();
    let owned = lab.submit(of(owner), |_| Ok(Num(1)));
    gate.open();
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(WaitResult::Done as i64)));
    assert_eq!(lab.status(owned), Status::Completed);
    lab.finish();
}

#[test]
fn b141_what_must_run_outlives_its_owner_and_its_callbacks_do_not() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let owner = lab.open_owner("window");
    let save = || lab.submit(Options { must_run: true, owner: Some(owner), ..lab.options() }, |_| Ok(Num(1)));
    let (queued, plain) = (save(), lab.submit(of(owner), |_| Ok(Num(1))));
    lab.close_owner(owner, CancelReason::OwnerGone);
    assert_eq!(lab.status(plain), Status::Cancelled);
    assert_eq!(lab.status(queued), Status::Queued);
    assert!(lab.has_to_run());
    lab.begin_shutdown(DEADLINE);
    held.open();
    lab.done(queued);
    assert_eq!(lab.status(queued), Status::Completed);
    assert!(lab.heard().is_empty() && !lab.has_to_run());
    lab.finish();
}

#[test]
fn b141_a_body_that_must_run_is_not_asked_to_stop_when_its_owner_goes_or_is_unloaded() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    for unload in [false, true] {
        let owner = lab.open_owner("plugin");
        let gate = Gate::new();
        let held = gate.clone();
        let runs = lab.submit(Options { must_run: true, ..of(owner) }, move |context| {
            held.pass();
            context.checkpoint()?;
            Ok(Num(1))
        });
        gate.wait_for(1);
        let queued = lab.submit(Options { must_run: true, ..of(owner) }, |_| Ok(Num(2)));
        let later = lab.submit(Options { must_run: true, delay: DEADLINE, ..of(owner) }, |_| Ok(Num(3)));
        if unload {
            let report = lab.unload_owner(owner, Duration::ZERO).unwrap_err();
            let legwork::engine::UnloadError::StillRunning(tasks) = report else { panic!("{report}") };
            assert_eq!(tasks.len(), 2);
            assert_eq!(lab.status(later), Status::UnknownTask);
            gate.open();
            assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
            assert_eq!(lab.status(queued), Status::UnknownTask);
        } else {
            lab.close_owner(owner, CancelReason::OwnerGone);
            assert_eq!((lab.status(queued), lab.status(later)), (Status::Queued, Status::Delayed));
            gate.open();
            lab.done(queued);
            assert_eq!(lab.info(runs).unwrap().result, Some(Num(1)));
            assert_eq!(lab.info(queued).unwrap().result, Some(Num(2)));
            lab.cancel(later, USER);
        }
    }
    assert!(!lab.has_to_run());
    lab.finish();
}

#[test]
fn b134_the_stack_is_as_large_as_it_was_asked_for_and_bad_sizes_change_nothing() {
    fn deep(left: usize) -> usize {
        let frame = std::hint::black_box([left as u8; 1024]);
        if left == 0 { 0 } else { deep(left - 1) + usize::from(frame[0] == left as u8) }
    }
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    assert_eq!(lab.stack_size(), 8 << 20);
    for bad in [0, 1, (64 << 10) - 1, (1 << 30) + 1, usize::MAX] {
        let error = lab.set_stack_size(bad).unwrap_err().to_string();
        assert!(error.contains(&bad.to_string()) && error.contains("65536"), "{error}");
    }
    lab.set_stack_size(64 << 20).unwrap();
    let id = lab.run(|_| Ok(Num(deep(40 << 10) as i64)));
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(40 << 10)));
    assert!(lab.set_stack_size(8 << 20).unwrap_err().to_string().contains("before the first task"));
    assert_eq!(lab.stack_size(), 64 << 20);
    lab.finish();
}

#[test]
fn b146_an_abandoned_body_does_not_wait_for_all_of_its_own_owner() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let owner = lab.open_owner("plugin");
    let (gate, engine, (say, heard)) = (Gate::new(), lab.engine().clone(), channel());
    let held = gate.clone();
    lab.submit(of(owner), move |_| {
        held.pass();
        say.send(engine.wait_for_all(owner, Some(DEADLINE))).unwrap();
        Ok(Num(1))
    });
    gate.wait_for(1);
    assert_eq!(lab.end_work(Duration::ZERO, false, Meanwhile::default()).abandoned.len(), 1);
    gate.open();
    assert_eq!(heard.recv_timeout(DEADLINE / 2), Ok(WaitResult::WouldDeadlock));
    lab.finish();
}

#[test]
fn b135_a_wait_for_an_abandoned_body_costs_the_pool_no_worker() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let (id, gate) = abandoned(&lab, Options::default());
    let engine = lab.engine().clone();
    let waits = lab.run(move |_| Ok(Num(engine.wait_for_body(id, None) as i64)));
    let other = lab.run(|_| Ok(Num(1)));
    lab.done(other);
    gate.open();
    lab.done(waits);
    assert_eq!(lab.info(waits).unwrap().result, Some(Num(WaitResult::Done as i64)));
    lab.finish();
}

#[test]
fn b135_a_helper_that_is_abandoned_gives_one_place_away() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let (gate, engine) = (Gate::new(), lab.engine().clone());
    let held = gate.clone();
    let outer = lab.run(move |_| {
        let body = legwork::engine::Once(Some(move |_: &legwork::engine::TaskContext| {
            held.pass();
            Ok(Num(1))
        }));
        let inner = engine.submit(Box::new(body), Options::default(), None, false).unwrap();
        Ok(Num(engine.wait(inner, None) as i64))
    });
    gate.wait_for(1);
    assert_eq!(lab.end_work(Duration::ZERO, false, Meanwhile::default()).abandoned.len(), 2);
    let other = lab.hold_worker();
    let queued = lab.run(|_| Ok(Num(1)));
    assert_eq!(lab.counts().workers, 2, "the one that is held for ever, and one beside it");
    gate.open();
    assert_eq!(lab.wait_for_body(outer, Some(DEADLINE)), WaitResult::Done);
    other.open();
    lab.done(queued);
    until("one worker is left", || lab.counts().workers == 1);
    lab.finish();
}

#[test]
fn b142_what_is_submitted_while_a_shutdown_waits_is_refused_and_later_runs() {
    let lab = Lab::direct(1);
    let mut answers = Vec::new();
    let mut submit = || answers.push(lab.try_submit(Options::default(), |_| Ok(Num(1))).is_ok());
    let meanwhile = Meanwhile { answer: Some(&mut submit), ..Meanwhile::default() };
    assert!(lab.end_work(DEADLINE, false, meanwhile).complete);
    assert!(!answers.is_empty() && answers.iter().all(|accepted| !accepted), "{answers:?}");
    assert!(!lab.is_shut_down());
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed);
    lab.finish();
}

#[test]
fn b142_a_shutdown_hears_of_a_worker_that_ends_while_the_service_rests() {
    let lab = Lab::of(Engine::direct(config(4)), DeliveryMode::Direct);
    let start = std::time::Instant::now();
    for _ in 0..100 {
        lab.set_max_workers(4).unwrap();
        let held: Vec<_> = (0..4).map(|_| lab.hold_worker()).collect();
        lab.set_max_workers(1).unwrap();
        held.iter().for_each(Gate::open);
        assert!(lab.end_work(DEADLINE, false, Meanwhile::default()).complete);
    }
    assert!(start.elapsed() < DEADLINE, "it waited for its deadline");
    lab.finish();
}
