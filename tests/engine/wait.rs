//! Waiting: it ends, or is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Poll, Wake, Waker};
use std::time::Duration;

use legwork::engine::{
    DeliveryMode, Engine, OwnerId, Poller, Status, TaskContext, TaskId, TaskOptions, WaitResult,
};

use crate::support::*;

/// A task that is told which one to wait for once it runs, and answers with what the wait gave.
fn waiter(
    lab: &Lab,
    options: Options,
    timeout: Option<Duration>,
) -> (TaskId, std::sync::mpsc::Sender<TaskId>) {
    let (send, receive) = std::sync::mpsc::channel();
    let engine = lab.engine().clone();
    let id = lab.submit(options, move |_| {
        let other = receive.recv().unwrap();
        Ok(Num(engine.wait(other, timeout) as i64))
    });
    (id, send)
}

fn answer(lab: &Lab, id: TaskId) -> i64 {
    lab.done(id);
    lab.info(id).unwrap().result.unwrap().0
}

const DONE: i64 = WaitResult::Done as i64;
const REFUSED: i64 = WaitResult::WouldDeadlock as i64;

#[test]
fn b58_b59_a_wait_really_waits_and_the_second_returns_at_once() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let ran = Arc::new(AtomicBool::new(false));
    let flag = ran.clone();
    let id = lab.run(move |_| {
        flag.store(true, Ordering::Relaxed);
        Ok(Num(1))
    });
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                assert_eq!(lab.wait(id, None), WaitResult::Done);
                assert!(ran.load(Ordering::Relaxed));
            });
        }
        held.open();
    });
    assert_eq!(lab.wait(id, None), WaitResult::Done);
    assert_eq!(lab.wait(id, Some(Duration::ZERO)), WaitResult::Done);
}

#[test]
fn b60_time_outs_zero_short_and_huge() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let held = lab.hold_worker();
    let id = lab.run(|_| Ok(Num(1)));
    assert_eq!(lab.wait(id, Some(Duration::ZERO)), WaitResult::WaitTimeout);
    assert_eq!(lab.wait(id, Some(Duration::from_millis(2))), WaitResult::WaitTimeout);
    held.open();
    assert_eq!(lab.wait(id, Some(Duration::MAX)), WaitResult::Done);
}

#[test]
fn b60_on_the_virtual_clock_a_wait_times_out_when_its_time_comes() {
    let lab = Lab::direct(1);
    // So long that it is not due before the waiter's thread has come to wait.
    let year = Duration::from_secs(365 * 24 * 60 * 60);
    let id = lab.submit(Options { delay: year, ..Options::default() }, |_| Ok(Num(1)));
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(lab.wait(id, Some(SECOND)), WaitResult::WaitTimeout);
            over.store(true, Ordering::SeqCst);
        });
        until("the wait is over", || {
            lab.advance(Duration::from_millis(1));
            over.load(Ordering::SeqCst)
        });
    });
    lab.cancel(id, USER);
}

#[test]
fn b61_an_unknown_task_is_not_waited_for() {
    let lab = Lab::direct(1);
    let reserved = lab.reserve().unwrap();
    assert_eq!(lab.wait(reserved, None), WaitResult::UnknownTask);
    lab.release(reserved);
    assert_eq!(lab.wait(reserved, None), WaitResult::UnknownTask);
}

#[test]
fn b19_b64_with_one_worker_a_task_runs_the_queued_one_that_it_waits_for() {
    let lab = Lab::queued(1);
    let (outer, tell) = waiter(&lab, Options::default(), None);
    let first = lab.run(|_| Ok(Num(1)));
    let inner = lab
        .submit(Options { priority: legwork::engine::Priority::Low, ..lab.options() }, |context| {
            Ok(Num(context.iteration() as i64))
        });
    tell.send(inner).unwrap();
    assert_eq!(answer(&lab, outer), DONE);
    lab.quiet();
    assert_eq!(lab.events_of(inner), ["started", "completed 1"]);
    assert_eq!(lab.heard(), ["completed 1"]);
    assert_eq!(lab.status(first), Status::Completed);
    let place = |task, event: &str| {
        let events = lab.events.lock();
        events.iter().position(|(id, what)| *id == Some(task) && what == event).unwrap()
    };
    assert!(place(inner, "completed 1") < place(first, "started"), "that one, and no other");
}

#[test]
fn b64_waits_nest_as_deep_as_the_tasks_do() {
    fn descend(engine: Engine<Num>, depth: i64) -> Answer {
        if depth == 0 {
            return Ok(Num(0));
        }
        let below = engine.clone();
        let body = legwork::engine::Once(Some(move |_: &TaskContext| descend(below, depth - 1)));
        let id = engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap();
        assert_eq!(engine.wait(id, None), WaitResult::Done);
        Ok(Num(engine.info(id).unwrap().result.unwrap().0 + 1))
    }
    let lab = Lab::direct(1);
    let engine = lab.engine().clone();
    let id = lab.run(move |_| descend(engine, 50));
    assert_eq!(answer(&lab, id), 50);
    assert_eq!(lab.counts().running, 0);
}

#[test]
fn b64_a_helped_task_has_its_own_context_and_its_panic_stays_its_own() {
    let lab = Lab::direct(1);
    let (outer, tell) = waiter(&lab, Options::default(), None);
    let drops = Drops::default();
    let token = drops.token();
    let inner = lab.submit(lab.options(), move |context| {
        let _token = token;
        panic!("{}", context.id())
    });
    tell.send(inner).unwrap();
    assert_eq!(answer(&lab, outer), DONE);
    assert_eq!(lab.info(inner).unwrap().error.unwrap().message(), inner.to_string());
    assert_eq!(drops.count(), 1);
    assert_eq!(lab.heard(), ["failed Panic"]);
}

#[test]
fn b64_a_wait_with_a_time_out_runs_nothing_in_place() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let (say, threads) = std::sync::mpsc::channel();
    let engine = lab.engine().clone();
    let (tell, told) = std::sync::mpsc::channel();
    let said = say.clone();
    let outer = lab.run(move |_| {
        said.send(std::thread::current().id()).unwrap();
        Ok(Num(engine.wait(told.recv().unwrap(), Some(DEADLINE)) as i64))
    });
    let inner = lab.run(move |_| {
        say.send(std::thread::current().id()).unwrap();
        Ok(Num(1))
    });
    tell.send(inner).unwrap();
    assert_eq!(answer(&lab, outer), DONE);
    assert_ne!(threads.recv().unwrap(), threads.recv().unwrap());
}

#[test]
fn b65_a_task_that_waits_for_itself_is_refused() {
    for timeout in [None, Some(Duration::from_secs(1_000))] {
        let lab = Lab::direct(1);
        let (id, tell) = waiter(&lab, Options::default(), timeout);
        tell.send(id).unwrap();
        assert_eq!(answer(&lab, id), REFUSED);
    }
}

#[test]
fn b65_a_cycle_of_waits_is_refused_to_the_one_who_would_close_it() {
    let lab = Lab::direct(3);
    let (first, tell_first) = waiter(&lab, Options::default(), None);
    let (second, tell_second) = waiter(&lab, Options::default(), None);
    let (third, tell_third) = waiter(&lab, Options::default(), None);
    until("all three run", || lab.counts().running == 3);
    tell_first.send(second).unwrap();
    tell_second.send(third).unwrap();
    tell_third.send(first).unwrap();
    let mut answers = [first, second, third].map(|id| answer(&lab, id));
    answers.sort();
    let mut expected = [DONE, DONE, REFUSED];
    expected.sort();
    assert_eq!(answers, expected);
}

#[test]
fn b65_a_task_lower_on_the_stack_is_not_waited_for() {
    let lab = Lab::direct(1);
    let (outer, tell) = waiter(&lab, Options::default(), None);
    let (inner, tell_inner) = waiter(&lab, Options::default(), None);
    tell_inner.send(outer).unwrap();
    tell.send(inner).unwrap();
    assert_eq!(answer(&lab, inner), REFUSED);
    assert_eq!(answer(&lab, outer), DONE);
}

#[test]
fn b64_a_worker_does_not_wait_for_what_is_not_about_to_run() {
    let lab = Lab::direct(1);
    let delayed = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    let (id, tell) = waiter(&lab, Options::default(), None);
    tell.send(delayed).unwrap();
    assert_eq!(answer(&lab, id), REFUSED);
    let (id, tell) = waiter(&lab, Options::default(), None);
    let periodic = lab.repeat(lab.silent_periodic(1), |_| Ok(Num(1)));
    assert_eq!(lab.status(periodic), Status::Queued);
    tell.send(periodic).unwrap();
    assert_eq!(answer(&lab, id), REFUSED);
}

#[test]
fn b64_a_callback_on_the_only_worker_can_wait_for_a_queued_task() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let (send, receive) = std::sync::mpsc::channel::<TaskId>();
    let (answers, engine) = (Order::default(), lab.engine().clone());
    let place = answers.clone();
    let options = Options {
        callbacks: vec![Box::new(move |_| {
            assert!(engine.is_worker());
            place.push(engine.wait(receive.recv().unwrap(), None) as i64);
        })],
        ..Options::default()
    };
    lab.submit(options, |_| Ok(Num(1)));
    let awaited = lab.run(|_| Ok(Num(2)));
    send.send(awaited).unwrap();
    held.open();
    lab.done(awaited);
    lab.finish();
    assert_eq!(answers.get(), [DONE]);
    assert!(!lab.is_worker());
}

#[test]
fn b64_a_destructor_on_the_only_worker_can_wait_for_a_queued_task() {
    struct Waits(Engine<Num>, std::sync::mpsc::Receiver<TaskId>, Order);
    impl Drop for Waits {
        fn drop(&mut self) {
            self.2.push(self.0.wait(self.1.recv().unwrap(), None) as i64);
        }
    }
    // As a capture of the closure, and as one that outlives the closure until the task's end.
    for callback in [false, true] {
        let lab = Lab::direct(1);
        let held = lab.hold_worker();
        let (send, receive) = std::sync::mpsc::channel();
        let answers = Order::default();
        let waits = Waits(lab.engine().clone(), receive, answers.clone());
        if callback {
            let options = Options {
                callbacks: vec![Box::new(move |_| {
                    let _ = &waits;
                })],
                ..Options::default()
            };
            lab.submit(options, |_| Ok(Num(1)));
        } else {
            lab.run(move |_| {
                let _waits = waits;
                Ok(Num(1))
            });
        }
        let awaited = lab.run(|_| Ok(Num(2)));
        send.send(awaited).unwrap();
        held.open();
        lab.done(awaited);
        lab.finish();
        assert_eq!(answers.get(), [DONE]);
    }
}

#[test]
fn b67_many_waiters_with_time_outs_come_and_go() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    let held = lab.hold_worker();
    let id = lab.run(|_| Ok(Num(1)));
    std::thread::scope(|scope| {
        for n in 0..8 {
            let lab = &lab;
            scope.spawn(move || {
                for micros in 0..20 {
                    let timeout = Duration::from_micros(micros * n);
                    assert_eq!(lab.wait(id, Some(timeout)), WaitResult::WaitTimeout);
                }
            });
        }
    });
    held.open();
    lab.done(id);
    // Nobody holds it any more: the history takes it, and gives it up.
    lab.set_history_limits(legwork::engine::HistoryLimits { tasks: 0, ..lab.history_limits() });
    let next = lab.run(|_| Ok(Num(1)));
    until("both are forgotten", || {
        lab.status(id) == Status::UnknownTask && lab.status(next) == Status::UnknownTask
    });
}

#[test]
fn b68_the_end_makes_the_tasks_work_visible_and_its_captures_are_destroyed() {
    let lab = Lab::queued(2);
    for _ in 0..1_000 {
        // `Relaxed` orders nothing: that the write is seen is the engine's doing.
        let shared = Arc::new(AtomicUsize::new(0));
        let inside = shared.clone();
        let id = lab.run(move |_| {
            inside.store(7, Ordering::Relaxed);
            Ok(Num(1))
        });
        assert_eq!(lab.wait(id, None), WaitResult::Done);
        assert_eq!((shared.load(Ordering::Relaxed), Arc::strong_count(&shared)), (7, 1));
    }
}

#[derive(Default)]
struct Woken {
    wakes: AtomicUsize,
    panics: bool,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics, "a waker that panics");
    }
}

#[test]
fn b58_a_future_is_woken_once_at_the_end() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let id = lab.run(|_| Ok(Num(1)));
    let (first, second) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
    let (mut one, mut other) = (Poller::default(), Poller::default());
    // One that polls with wakers that change is woken by its last; another has its own.
    let replaced = Arc::new(Woken::default());
    for woken in [&replaced, &first, &first] {
        assert_eq!(lab.poll_end(id, &mut one, &Waker::from(woken.clone())), Poll::Pending);
    }
    assert_eq!(Arc::strong_count(&replaced), 1);
    assert_eq!(lab.poll_end(id, &mut other, &Waker::from(second.clone())), Poll::Pending);
    // One that polls no more has none.
    let mut gone = Poller::default();
    assert_eq!(lab.poll_end(id, &mut gone, &Waker::from(replaced.clone())), Poll::Pending);
    lab.stop_polling(id, &gone);
    assert_eq!(Arc::strong_count(&replaced), 1);
    held.open();
    lab.done(id);
    until("both were woken", || [&first, &second].iter().all(|w| w.wakes.load(Ordering::SeqCst) == 1));
    until("they are let go of", || [&first, &second].iter().all(|w| Arc::strong_count(w) == 1));
    assert_eq!(
        lab.poll_end(id, &mut Poller::default(), &Waker::from(first.clone())),
        Poll::Ready(Status::Completed)
    );
    assert_eq!(Arc::strong_count(&first), 1);
    let unknown = lab.reserve().unwrap();
    assert_eq!(
        lab.poll_end(unknown, &mut Poller::default(), Waker::noop()),
        Poll::Ready(Status::UnknownTask)
    );
}

#[test]
fn b91_a_waker_that_panics_takes_no_worker_with_it() {
    let lab = Lab::queued(1);
    let held = lab.hold_worker();
    let id = lab.run(|_| Ok(Num(1)));
    let woken = Arc::new(Woken { panics: true, ..Woken::default() });
    assert_eq!(lab.poll_end(id, &mut Poller::default(), &Waker::from(woken.clone())), Poll::Pending);
    held.open();
    lab.done(id);
    let next = lab.run(|_| Ok(Num(2)));
    lab.done(next);
    assert_eq!(woken.wakes.load(Ordering::SeqCst), 1);
    lab.finish();
}

#[test]
fn b55_what_is_held_can_be_cancelled_and_its_waiters_wake() {
    // Periodic, and held back by what it has not delivered; periodic, between runs; delayed.
    let lab = Lab::queued(1);
    let held_back = lab.repeat(lab.periodic(1), |_| Ok(Num(1)));
    for runs in 1..=1_000 {
        lab.rests(held_back, runs);
        lab.advance(SECOND);
    }
    assert_eq!(lab.info(held_back).unwrap().iteration, 1_000);
    let resting = lab.repeat(lab.periodic(1), |_| Ok(Num(1)));
    lab.rests(resting, 1);
    let delayed = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    for id in [delayed, resting, held_back] {
        assert_eq!(lab.status(id), Status::Delayed);
        let woken = Arc::new(Woken::default());
        let mut poller = Poller::default();
        assert_eq!(lab.poll_end(id, &mut poller, &Waker::from(woken.clone())), Poll::Pending);
        std::thread::scope(|scope| {
            // One waits already, or comes too late to: it must not hang either way.
            let waiter = scope.spawn(|| lab.wait(id, Some(DEADLINE)));
            assert_eq!(lab.cancel(id, USER), legwork::engine::CancelResult::CancelledBeforeStart);
            assert_eq!(waiter.join().unwrap(), WaitResult::Done);
        });
        assert_eq!(woken.wakes.load(Ordering::SeqCst), 1);
        assert_eq!(lab.status(id), Status::Cancelled);
    }
    lab.finish();
}

#[test]
fn b62_waiters_are_released_though_new_work_keeps_coming() {
    let lab = Lab::direct(1);
    // A waiter that its processor starts late asks for a task that ended long ago.
    lab.set_history_limits(legwork::engine::HistoryLimits { tasks: usize::MAX, ..lab.history_limits() });
    let held = lab.hold_worker();
    let wave: Vec<_> = (0..100).map(|n| lab.run(move |_| Ok(Num(n)))).collect();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let waiters: Vec<_> = wave.iter().map(|id| scope.spawn(|| lab.wait(*id, Some(DEADLINE)))).collect();
        // There is always something queued: each new wave comes before the last has ended.
        scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                if lab.counts().queued < 1_000 {
                    lab.run(|_| Ok(Num(1)));
                }
            }
        });
        until("the next wave is there", || lab.counts().queued >= 500);
        held.open();
        let results: Vec<_> = waiters.into_iter().map(|waiter| waiter.join().unwrap()).collect();
        over.store(true, Ordering::SeqCst);
        assert!(results.iter().all(|result| *result == WaitResult::Done), "{results:?}");
    });
    lab.finish();
}

/// A waker whose destructor uses the engine: it would hang if that held its lock.
struct Reenters(Engine<Num>);

impl Wake for Reenters {
    fn wake(self: Arc<Self>) {}
}

impl Drop for Reenters {
    fn drop(&mut self) {
        self.0.counts();
    }
}

#[test]
fn b88_b91_a_waker_is_never_destroyed_under_the_lock() {
    let lab = Lab::queued(1);
    let waker = || Waker::from(Arc::new(Reenters(lab.engine().clone())));
    let held = lab.hold_worker();
    let id = lab.run(|_| Ok(Num(1)));
    let mut poller = Poller::default();
    for _ in 0..2 {
        assert_eq!(lab.poll_end(id, &mut poller, &waker()), Poll::Pending);
    }
    held.open();
    lab.done(id);
    assert_eq!(lab.poll_end(id, &mut Poller::default(), &waker()), Poll::Ready(Status::Completed));
    let unknown = lab.reserve().unwrap();
    assert_eq!(lab.poll_end(unknown, &mut Poller::default(), &waker()), Poll::Ready(Status::UnknownTask));
    lab.finish();
}

/// Asks for all of an owner's tasks, without patience, until the answer is another than that they go on.
fn ask_for_all(engine: &Engine<Num>, owner: OwnerId) -> i64 {
    let mut result = WaitResult::WaitTimeout;
    let start = std::time::Instant::now();
    while result == WaitResult::WaitTimeout && start.elapsed() < DEADLINE {
        result = engine.wait_for_all(owner, Some(Duration::ZERO));
    }
    result as i64
}

fn of(owner: OwnerId) -> Options {
    Options { owner: Some(owner), ..Options::default() }
}

#[test]
fn b146_b65_a_wait_for_one_who_waits_for_all_of_ones_owner_is_refused() {
    for between in [false, true] {
        let lab = Lab::of(Engine::direct(config(3)), DeliveryMode::Direct);
        let owner = lab.open_owner("plugin");
        let gate = Gate::new();
        let (engine, held) = (lab.engine().clone(), gate.clone());
        let first = lab.run(move |_| {
            held.pass();
            Ok(Num(engine.wait_for_all(owner, None) as i64))
        });
        // It is refused as soon as the first one waits.
        let ask = {
            let engine = lab.engine().clone();
            move |_: &TaskContext| {
                let start = std::time::Instant::now();
                let mut result = WaitResult::WaitTimeout;
                while result == WaitResult::WaitTimeout && start.elapsed() < DEADLINE {
                    result = engine.wait(first, Some(Duration::ZERO));
                }
                Ok(Num(result as i64))
            }
        };
        let (asks, owned) = if between {
            // The owner's task waits for one of nobody's, which asks.
            let (say, heard) = std::sync::mpsc::channel();
            let engine = lab.engine().clone();
            let owned = lab.submit(of(owner), move |_| {
                Ok(Num(engine.wait(heard.recv().unwrap(), Some(DEADLINE)) as i64))
            });
            let open = gate.clone();
            let asks = lab.run(move |context| {
                open.open();
                ask(context)
            });
            say.send(asks).unwrap();
            (asks, Some(owned))
        } else {
            let open = gate.clone();
            let asks = lab.submit(of(owner), move |context| {
                open.open();
                ask(context)
            });
            (asks, None)
        };
        assert_eq!(answer(&lab, asks), REFUSED);
        assert_eq!(answer(&lab, first), DONE);
        if let Some(owned) = owned {
            assert_eq!(answer(&lab, owned), DONE);
        }
        lab.finish();
    }
}

#[test]
fn b146_b65_of_two_owners_whose_tasks_wait_for_all_of_each_other_one_is_refused() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    let owners = [lab.open_owner("one"), lab.open_owner("other")];
    let gate = Gate::new();
    let ids = [0, 1].map(|at| {
        let (engine, held) = (lab.engine().clone(), gate.clone());
        lab.submit(of(owners[at]), move |_| {
            held.pass();
            Ok(Num(match at {
                0 => engine.wait_for_all(owners[1], None) as i64,
                _ => ask_for_all(&engine, owners[0]),
            }))
        })
    });
    gate.wait_for(2);
    gate.open();
    let answers = ids.map(|id| answer(&lab, id));
    // Which of them comes first is open, but not both go to sleep.
    assert!(answers == [DONE, REFUSED] || answers == [REFUSED, DONE], "{answers:?}");
    lab.finish();
}
