//! Futures as tasks, and sleep.

use std::future::{pending, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::ThreadId;
use std::time::Duration;

use parking_lot::Mutex;

use legwork::engine::{
    Async, CancelReason, CancelResult, Engine, ErrorKind, ErrorPolicy, KeyPolicy, Limits, Outcome,
    PauseResult, Poller, Priority, Status, TaskContext, TaskError, TaskId, WaitResult,
};

use super::support::*;

/// Submits a future that has a context.
fn spawn_with<F: Future<Output = Answer> + Send + 'static>(
    engine: &Engine<Num>,
    options: Options,
    make: impl FnOnce(TaskContext) -> F + Send + 'static,
) -> TaskId {
    let make = move |context| -> Pin<Box<dyn Future<Output = Answer> + Send>> { Box::pin(make(context)) };
    let options = Options { future: true, ..options };
    engine.submit(Box::new(Async::Make(Box::new(make))), options, None, true).unwrap()
}

fn spawn(
    engine: &Engine<Num>,
    options: Options,
    future: impl Future<Output = Answer> + Send + 'static,
) -> TaskId {
    let options = Options { future: true, ..options };
    engine.submit(Box::new(Async::Future(Box::pin(future))), options, None, true).unwrap()
}

/// An event that futures await, and what woke them.
#[derive(Clone, Default)]
struct Event(Arc<Mutex<(bool, Vec<Waker>)>>);

impl Event {
    fn set(&self) {
        let wakers = {
            let mut state = self.0.lock();
            state.0 = true;
            std::mem::take(&mut state.1)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    async fn wait(&self) {
        poll_fn(|context| {
            let mut state = self.0.lock();
            if state.0 {
                return Poll::Ready(());
            }
            state.1.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// The wakers that were left, until there is one.
    fn waker(&self) -> Waker {
        until("a future was polled", || !self.0.lock().1.is_empty());
        self.0.lock().1[0].clone()
    }
}

/// Waits for the end of a task as a future does.
async fn end_of(engine: Engine<Num>, id: TaskId) -> Status {
    let mut poller = Poller::default();
    poll_fn(move |context| engine.poll_end(id, &mut poller, context.waker())).await
}

/// Tells where and when it is dropped.
struct Told(Sender<ThreadId>);

impl Drop for Told {
    fn drop(&mut self) {
        let _ = self.0.send(std::thread::current().id());
    }
}

fn value(lab: &Lab, id: TaskId) -> i64 {
    match lab.outcome(id) {
        Some((_, Outcome::Value(value))) => value.0,
        other => panic!("{:?}", other.map(|(status, _)| status)),
    }
}

fn error(lab: &Lab, id: TaskId) -> ErrorKind {
    match lab.outcome(id) {
        Some((_, Outcome::Error(error))) => error.kind(),
        other => panic!("{:?}", other.map(|(status, _)| status)),
    }
}

/// A future that is never woken, and tells where it is destroyed.
fn stuck(lab: &Lab, options: Options) -> (TaskId, Receiver<ThreadId>) {
    let (told, heard) = channel();
    let event = Event::default();
    let waits = event.clone();
    let id = spawn(lab, options, async move {
        let _told = Told(told);
        waits.wait().await;
        pending::<Answer>().await
    });
    event.waker();
    // The waker goes: nothing wakes it any more. And the worker's next task comes after this poll.
    event.0.lock().1.clear();
    lab.done(lab.run(|_| Ok(Num(0))));
    (id, heard)
}

/// Runs a future on this thread: an executor that knows nothing of Legwork.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread, AtomicBool);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.1.store(true, SeqCst);
            self.0.unpark();
        }
    }
    let unpark = Arc::new(Unpark(std::thread::current(), AtomicBool::new(false)));
    let waker = Waker::from(unpark.clone());
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(result) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return result;
        }
        while !unpark.1.swap(false, SeqCst) {
            std::thread::park();
        }
    }
}

// ---- pending -----------------------------------------------------------------------------------

#[test]
fn b342_a_pending_future_holds_no_worker() {
    let lab = Lab::queued(1);
    let event = Event::default();
    let waits = event.clone();
    let future = spawn(&lab, lab.options(), async move {
        waits.wait().await;
        Ok(Num(7))
    });
    event.waker();
    // The only worker is free for others.
    lab.done(lab.run(|_| Ok(Num(3))));
    assert_eq!((lab.status(future), lab.counts().running, lab.counts().workers), (Status::Running, 1, 1));
    event.set();
    lab.done(future);
    lab.drain();
    assert_eq!(lab.heard(), ["completed 7"]);
    assert_eq!(lab.events_of(future), ["started", "completed 7"]);
    lab.finish();
}

#[test]
fn b342_a_hundred_thousand_futures_are_pending_on_two_workers() {
    const MANY: usize = 100_000;
    let lab = Lab::direct(2);
    let (event, polls) = (Event::default(), Arc::new(AtomicUsize::new(0)));
    let ids: Vec<_> = (0..MANY)
        .map(|n| {
            let (waits, polls) = (event.clone(), polls.clone());
            spawn(&lab, Options::default(), async move {
                polls.fetch_add(1, SeqCst);
                waits.wait().await;
                Ok(Num(n as i64))
            })
        })
        .collect();
    until("all are pending", || event.0.lock().1.len() == MANY);
    assert_eq!((lab.counts().running, polls.load(SeqCst)), (MANY, MANY));
    assert!(lab.counts().workers <= 2);
    lab.done(lab.run(|_| Ok(Num(3))));
    event.set();
    for (n, id) in ids.into_iter().enumerate() {
        lab.done(id);
        assert_eq!(value(&lab, id), n as i64);
        lab.drop_handle(id);
    }
    assert_eq!(polls.load(SeqCst), MANY);
    lab.finish();
}

#[test]
fn b342_three_thousand_in_a_row() {
    let lab = Lab::direct(2);
    for n in 0..3_000 {
        let id = spawn(&lab, Options::default(), async move {
            // Woken in its own poll, so that it is polled again.
            let mut first = true;
            poll_fn(|context| {
                if std::mem::take(&mut first) {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(())
            })
            .await;
            Ok(Num(n))
        });
        lab.done(id);
        assert_eq!(value(&lab, id), n);
        lab.drop_handle(id);
    }
    lab.finish();
}

#[test]
fn b342_a_pending_future_has_its_place_in_its_key_its_owners_limit_and_its_group() {
    let lab = Lab::direct(2);
    let owner = lab.open_owner("plugin");
    lab.set_limits(owner, Limits { max_running: 1, ..Limits::default() }).unwrap();
    let event = Event::default();
    let waits = event.clone();
    let of_owner = || Options { owner: Some(owner), key: Some("k".into()), ..Options::default() };
    let future = spawn(&lab, of_owner(), async move {
        waits.wait().await;
        Ok(Num(1))
    });
    event.waker();
    let keyed = lab.submit(of_owner(), |_| Ok(Num(2)));
    let limited = lab.submit(Options { owner: Some(owner), ..Options::default() }, |_| Ok(Num(3)));
    let group = lab.submit_group(&[future, keyed], ErrorPolicy::StopOnError, Options::default(), None, true);
    let group = group.unwrap();
    lab.done(lab.run(|_| Ok(Num(0))));
    let states = [future, keyed, limited, group].map(|id| lab.status(id));
    assert_eq!(states, [Status::Running, Status::Blocked, Status::Queued, Status::Running]);
    // Its owner runs as many as it may, and it is polled nevertheless.
    event.set();
    for id in [future, keyed, limited, group] {
        lab.done(id);
        assert_eq!(lab.status(id), Status::Completed);
    }
    lab.finish();
}

// ---- wake-ups ----------------------------------------------------------------------------------

#[test]
fn b343_a_thousand_wakes_are_one_poll() {
    let lab = Lab::direct(1);
    let (event, polls) = (Event::default(), Arc::new(AtomicUsize::new(0)));
    let (waits, counted) = (event.clone(), polls.clone());
    let id = spawn(&lab, Options::default(), async move {
        let mut wait = pin!(waits.wait());
        poll_fn(move |context| {
            counted.fetch_add(1, SeqCst);
            wait.as_mut().poll(context)
        })
        .await;
        Ok(Num(1))
    });
    let waker = event.waker();
    let gate = lab.hold_worker();
    for _ in 0..1_000 {
        waker.wake_by_ref();
    }
    gate.open();
    lab.done(lab.submit(Options { priority: Priority::Low, ..Options::default() }, |_| Ok(Num(0))));
    assert_eq!((polls.load(SeqCst), lab.status(id)), (2, Status::Running));
    event.set();
    lab.done(id);
    // Those that are left wake nothing.
    waker.wake_by_ref();
    lab.finish();
    waker.wake();
}

#[test]
fn b343_a_wake_during_its_poll_has_it_polled_again_and_by_no_second_thread() {
    let lab = Lab::direct(4);
    let (inside, polls) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = polls.clone();
    let id = spawn(
        &lab,
        Options::default(),
        poll_fn(move |context| {
            assert_eq!(inside.fetch_add(1, SeqCst), 0, "two threads poll it");
            let woken = context.waker().clone();
            // From another thread, while this one is in the poll.
            std::thread::spawn(move || woken.wake()).join().unwrap();
            let polled = counted.fetch_add(1, SeqCst) + 1;
            inside.fetch_sub(1, SeqCst);
            if polled == 1_000 { Poll::Ready(Ok(Num(1))) } else { Poll::Pending }
        }),
    );
    lab.done(id);
    assert_eq!((value(&lab, id), polls.load(SeqCst)), (1, 1_000));
    lab.finish();
}

#[test]
fn b343_a_waker_outlives_the_task_and_the_engine() {
    let event = Event::default();
    let lab = Lab::direct(1);
    let waits = event.clone();
    let (id, dropped) = {
        let (told, heard) = channel();
        let id = spawn(&lab, Options::default(), async move {
            let _told = Told(told);
            waits.wait().await;
            Ok(Num(1))
        });
        (id, heard)
    };
    let waker = event.waker();
    lab.cancel(id, USER);
    lab.done(id);
    dropped.recv().unwrap();
    lab.finish();
    drop(lab);
    waker.wake_by_ref();
    event.set();
}

// ---- its end -----------------------------------------------------------------------------------

#[test]
fn b344_a_cancel_drops_it_at_its_await_on_a_worker() {
    let lab = Lab::queued(1);
    let (id, dropped) = stuck(&lab, Options::default());
    assert_eq!(lab.cancel(id, USER), CancelResult::CancelRequested);
    lab.done(id);
    assert_ne!(dropped.recv().unwrap(), std::thread::current().id());
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "cancelled User"]);
    lab.finish();
}

#[test]
fn b344_so_does_its_time_out_also_of_one_that_is_woken_all_the_time() {
    let lab = Lab::direct(2);
    let timed = || Options { timeout: Some(SECOND), ..Options::default() };
    let (id, dropped) = stuck(&lab, timed());
    let busy = spawn(
        &lab,
        timed(),
        poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::Pending
        }),
    );
    until("it is polled", || lab.status(busy) == Status::Running);
    lab.advance(SECOND / 2);
    assert_eq!(lab.status(id), Status::Running);
    lab.advance(SECOND / 2);
    for id in [id, busy] {
        lab.done(id);
        assert_eq!((lab.status(id), error(&lab, id)), (Status::TimedOut, ErrorKind::TimedOut));
    }
    dropped.recv().unwrap();
    lab.finish();
}

#[test]
fn b344_so_do_the_end_of_its_owner_and_a_newer_one_of_its_key() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("plugin");
    let (owned, dropped) = stuck(&lab, Options { owner: Some(owner), ..Options::default() });
    lab.close_owner(owner, CancelReason::OwnerGone);
    lab.done(owned);
    dropped.recv().unwrap();
    let keyed = |policy| Options { key: Some("k".into()), key_policy: policy, ..Options::default() };
    let (old, dropped) = stuck(&lab, keyed(KeyPolicy::Append));
    let new = lab.submit(keyed(KeyPolicy::Replace), move |_| {
        // Its body has gone.
        dropped.try_recv().map_err(|_| fault("the old one is there"))?;
        Ok(Num(2))
    });
    lab.done(new);
    assert_eq!((lab.status(old), value(&lab, new)), (Status::Cancelled, 2));
    lab.finish();
}

#[test]
fn b344_so_does_an_unloading() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("plugin");
    let (owned, dropped) = stuck(&lab, Options { owner: Some(owner), ..Options::default() });
    lab.unload_owner(owner, DEADLINE).unwrap();
    dropped.try_recv().unwrap();
    assert_eq!(lab.status(owned), Status::Cancelled);
    lab.finish();
}

#[test]
fn b344_one_that_is_polled_is_dropped_after_the_poll_and_one_that_is_ready_has_its_result() {
    let lab = Lab::direct(1);
    let gate = Gate::new();
    let (at, (told, dropped)) = (gate.clone(), channel());
    let id = spawn(&lab, Options::default(), async move {
        let _told = Told(told);
        at.pass();
        pending().await
    });
    gate.wait_for(1);
    lab.cancel(id, USER);
    assert!(dropped.try_recv().is_err());
    gate.open();
    lab.done(id);
    dropped.recv().unwrap();
    let gate = Gate::new();
    let at = gate.clone();
    let id = spawn(&lab, Options::default(), async move {
        at.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    lab.cancel(id, USER);
    gate.open();
    lab.done(id);
    assert_eq!(value(&lab, id), 1);
    lab.finish();
}

#[test]
fn b345_a_panic_in_its_poll_or_in_its_drop_is_a_failed_task() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("in the drop");
        }
    }
    let lab = Lab::direct(1);
    let polled = spawn(&lab, Options::default(), async { panic!("in the poll") });
    let dropped = {
        let event = Event::default();
        let waits = event.clone();
        let bad = Bad;
        let id = spawn(&lab, Options::default(), async move {
            let _bad = bad;
            waits.wait().await;
            Ok(Num(1))
        });
        event.waker();
        lab.cancel(id, USER);
        id
    };
    let both = spawn(&lab, Options::default(), {
        // What a future that has panicked has left: a second panic, which is logged.
        struct Twice(Bad);
        impl Future for Twice {
            type Output = Answer;
            fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Answer> {
                let _ = &self.0;
                panic!("the first")
            }
        }
        Twice(Bad)
    });
    for id in [polled, dropped, both] {
        lab.done(id);
        assert_eq!(error(&lab, id), ErrorKind::Panic);
    }
    // And the worker goes on.
    lab.done(lab.run(|_| Ok(Num(0))));
    lab.finish();
}

// ---- turns -------------------------------------------------------------------------------------

/// A future that waits for the event, and then says its number.
fn says(lab: &Lab, options: Options, order: &Order, number: i64) -> Waker {
    let (event, order) = (Event::default(), order.clone());
    let waits = event.clone();
    spawn(lab, options, async move {
        waits.wait().await;
        order.push(number);
        Ok(Num(0))
    });
    let waker = event.waker();
    event.0.lock().0 = true;
    waker
}

#[test]
fn b346_a_future_that_was_woken_has_its_turn_by_its_priority_and_its_owner() {
    let lab = Lab::direct(1);
    let order = Order::default();
    let of = |priority, owner| Options { priority, owner, ..Options::default() };
    let plugin = lab.open_owner("plugin");
    let low = says(&lab, of(Priority::Low, None), &order, 1);
    let flood: Vec<_> = (10..13).map(|n| says(&lab, of(Priority::Normal, Some(plugin)), &order, n)).collect();
    let normal = says(&lab, of(Priority::Normal, None), &order, 2);
    let high = says(&lab, of(Priority::High, None), &order, 3);
    let gate = lab.hold_worker();
    low.wake();
    flood.into_iter().for_each(Waker::wake);
    normal.wake();
    let queued = order.clone();
    let last = lab.submit(Options { priority: Priority::Low, ..Options::default() }, move |_| {
        queued.push(4);
        Ok(Num(0))
    });
    high.wake();
    gate.open();
    lab.done(last);
    lab.quiet();
    // In the lowest lane, which has a thread of its own, the future comes first, and then they take turns.
    assert_eq!(order.get(), [3, 10, 2, 11, 12, 1, 4]);
    lab.finish();
}

#[test]
fn b346_futures_that_are_woken_all_the_time_and_tasks_that_are_queued_do_not_starve_each_other() {
    let lab = Lab::direct(1);
    let end = Arc::new(AtomicBool::new(false));
    let busy: Vec<_> = (0..4)
        .map(|_| {
            let end = end.clone();
            let high = Options { priority: Priority::High, ..Options::default() };
            spawn(
                &lab,
                high,
                poll_fn(move |context| match end.load(SeqCst) {
                    true => Poll::Ready(Ok(Num(0))),
                    false => {
                        context.waker().wake_by_ref();
                        Poll::Pending
                    }
                }),
            )
        })
        .collect();
    // Behind them, of the lowest lane.
    lab.done(lab.submit(Options { priority: Priority::Low, ..Options::default() }, |_| Ok(Num(0))));
    end.store(true, SeqCst);
    busy.into_iter().for_each(|id| lab.done(id));
    lab.finish();
}

// ---- pauses ------------------------------------------------------------------------------------

#[test]
fn b347_a_future_that_is_paused_is_not_polled_and_its_time_stands_still() {
    let lab = Lab::queued(1);
    let (event, polls) = (Event::default(), Arc::new(AtomicUsize::new(0)));
    let (waits, counted) = (event.clone(), polls.clone());
    let options = Options { pausable: true, timeout: Some(10 * SECOND), ..Options::default() };
    let id = spawn(&lab, options, async move {
        let mut wait = pin!(waits.wait());
        poll_fn(move |context| {
            counted.fetch_add(1, SeqCst);
            wait.as_mut().poll(context)
        })
        .await;
        Ok(Num(1))
    });
    event.waker();
    lab.done(lab.run(|_| Ok(Num(0))));
    assert_eq!(lab.pause(id, "later"), PauseResult::Paused);
    assert_eq!(lab.status(id), Status::Paused);
    event.set();
    lab.advance(100 * SECOND);
    lab.done(lab.run(|_| Ok(Num(0))));
    assert_eq!(polls.load(SeqCst), 1);
    assert!(lab.resume(id));
    lab.done(id);
    lab.drain();
    assert_eq!((value(&lab, id), polls.load(SeqCst)), (1, 2));
    assert_eq!(lab.events_of(id), ["started", "paused later", "resumed", "completed 1"]);
    lab.finish();
}

#[test]
fn b347_one_that_waits_for_its_turn_is_taken_out_and_a_cancel_ends_one_that_is_paused() {
    let lab = Lab::direct(1);
    let pausable = || Options { pausable: true, ..Options::default() };
    let (id, dropped) = stuck(&lab, pausable());
    assert_eq!(lab.pause(id, ""), PauseResult::Paused);
    lab.cancel(id, USER);
    lab.done(id);
    dropped.recv().unwrap();
    let order = Order::default();
    let waker = says(&lab, pausable(), &order, 1);
    let gate = lab.hold_worker();
    waker.wake();
    assert!(lab.pause_all(""));
    gate.open();
    until("the worker is free", || lab.counts().running == 1);
    lab.resume_all();
    lab.quiet();
    assert_eq!(order.get(), [1]);
    lab.finish();
}

#[test]
fn b347_one_that_is_not_pausable_is_polled_on() {
    let lab = Lab::direct(1);
    let order = Order::default();
    let waker = says(&lab, Options::default(), &order, 1);
    lab.pause_all("");
    waker.wake();
    lab.quiet();
    assert_eq!(order.get(), [1]);
    lab.resume_all();
    lab.finish();
}

// ---- waits -------------------------------------------------------------------------------------

#[test]
fn b348_a_future_awaits_tasks_without_a_worker_of_its_own() {
    let lab = Lab::direct(1);
    let engine = lab.engine().clone();
    let id = spawn(&lab, Options::default(), async move {
        let mut sum = 0;
        for n in 1..=3 {
            let body = Box::new(legwork::engine::Once(Some(move |_: &TaskContext| Ok(Num(n)))));
            let task = engine.submit(body, Options::default(), None, true).unwrap();
            assert_eq!(end_of(engine.clone(), task).await, Status::Completed);
            sum += n;
        }
        Ok(Num(sum))
    });
    lab.done(id);
    assert_eq!((value(&lab, id), lab.counts().workers), (6, 1), "no other worker has come for it");
    lab.finish();
}

#[test]
fn b348_a_body_waits_for_a_future_that_awaits_tasks() {
    for timeout in [None, Some(DEADLINE)] {
        let lab = Lab::direct(1);
        let engine = lab.engine().clone();
        let id = lab.run(move |_| {
            let inner = engine.clone();
            let future = spawn(&engine, Options::default(), async move {
                let body = Box::new(legwork::engine::Once(Some(|_: &TaskContext| Ok(Num(5)))));
                let task = inner.submit(body, Options::default(), None, true).unwrap();
                end_of(inner.clone(), task).await;
                Ok(Num(6))
            });
            assert_eq!(engine.wait(future, timeout), WaitResult::Done);
            Ok(Num(1))
        });
        lab.done(id);
        assert_eq!(value(&lab, id), 1);
        lab.finish();
    }
}

#[test]
fn b348_a_poll_that_blocks_for_a_task_is_a_body_that_waits() {
    let lab = Lab::direct(1);
    let engine = lab.engine().clone();
    let id = spawn(&lab, Options::default(), async move {
        let slow = lab_task(&engine, 4);
        let quick = lab_task(&engine, 5);
        // By a wait of ours, and by an executor inside of the poll.
        assert_eq!(engine.wait(slow, Some(DEADLINE)), WaitResult::Done);
        assert_eq!(block_on(end_of(engine.clone(), quick)), Status::Completed);
        Ok(Num(9))
    });
    lab.done(id);
    assert_eq!(value(&lab, id), 9);
    lab.finish();
}

fn lab_task(engine: &Engine<Num>, n: i64) -> TaskId {
    let body = Box::new(legwork::engine::Once(Some(move |_: &TaskContext| Ok(Num(n)))));
    engine.submit(body, Options::default(), None, true).unwrap()
}

// ---- sleep -------------------------------------------------------------------------------------

#[test]
fn b349_a_sleep_is_ready_at_its_time() {
    let lab = Lab::direct(1);
    let engine = lab.engine().clone();
    let id = spawn(&lab, Options::default(), async move {
        engine.sleep(Duration::ZERO).await;
        engine.sleep(10 * SECOND).await;
        Ok(Num(1))
    });
    until("it sleeps", || lab.engine().naps() == 1);
    lab.advance(9 * SECOND);
    assert_eq!(lab.status(id), Status::Running);
    lab.advance(SECOND);
    lab.done(id);
    assert_eq!((value(&lab, id), lab.engine().naps()), (1, 0));
    lab.finish();
}

#[test]
fn b349_dropping_a_sleep_forgets_it_and_a_huge_one_never_comes() {
    let lab = Lab::direct(1);
    let mut context = Context::from_waker(Waker::noop());
    let mut huge = Box::pin(lab.sleep(Duration::MAX));
    let mut long = Box::pin(lab.sleep(SECOND));
    for _ in 0..3 {
        assert!(huge.as_mut().poll(&mut context).is_pending());
        assert!(long.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(lab.engine().naps(), 2);
    drop(long);
    lab.advance(Duration::from_secs(100 * 365 * 24 * 3_600));
    assert!(huge.as_mut().poll(&mut context).is_pending());
    assert_eq!(lab.engine().naps(), 1);
    drop(huge);
    assert_eq!(lab.engine().naps(), 0);
    // With its task, too.
    let engine = lab.engine().clone();
    let id = spawn(&lab, Options::default(), async move {
        engine.sleep(SECOND).await;
        Ok(Num(1))
    });
    until("it sleeps", || lab.engine().naps() == 1);
    lab.cancel(id, USER);
    lab.done(id);
    assert_eq!(lab.engine().naps(), 0);
    lab.finish();
}

#[test]
fn b349_a_sleep_is_of_any_executor_and_goes_on_after_a_shutdown() {
    let lab = Lab::of(Engine::direct(config(1)), legwork::engine::DeliveryMode::Direct);
    block_on(lab.sleep(Duration::from_millis(1)));
    lab.finish();
    // The timer thread has ended with the engine, and comes again for it.
    block_on(lab.sleep(Duration::from_millis(1)));
}

// ---- shutdown ----------------------------------------------------------------------------------

#[test]
fn b350_a_shutdown_drops_what_is_pending_and_waits_for_what_must_run() {
    let lab = Lab::direct(1);
    let (id, dropped) = stuck(&lab, Options::default());
    let event = Event::default();
    let (waits, engine) = (event.clone(), lab.engine().clone());
    let must = spawn(&lab, Options { must_run: true, ..Options::default() }, async move {
        waits.wait().await;
        assert!(engine.is_shut_down());
        Ok(Num(1))
    });
    event.waker();
    lab.begin_shutdown(100 * SECOND);
    lab.done(id);
    dropped.recv().unwrap();
    assert_eq!((lab.status(id), lab.status(must)), (Status::Cancelled, Status::Running));
    event.set();
    lab.done(must);
    assert_eq!(value(&lab, must), 1);
    let report = lab.shutdown(SECOND, None);
    assert!(report.complete && report.abandoned.is_empty());
}

#[test]
fn b350_at_its_deadline_what_must_run_is_abandoned_and_what_it_has_is_destroyed() {
    let lab = Lab::direct(1);
    let must = Options { must_run: true, name: Some("must".into()), ..Options::default() };
    let (id, dropped) = stuck(&lab, must);
    let gate = lab.hold_worker();
    let (other, other_dropped) = (id, dropped);
    lab.begin_shutdown(SECOND);
    assert_eq!(lab.status(other), Status::Running);
    lab.advance(SECOND);
    other_dropped.try_recv().unwrap();
    assert_eq!(lab.status(other), Status::Abandoned);
    gate.open();
    let report = lab.shutdown(SECOND, None);
    let named: Vec<_> = report.abandoned.iter().map(|one| one.name.as_str()).collect();
    assert!(named.contains(&"must"), "{named:?}");
}

#[test]
fn b350_an_engine_that_is_dropped_destroys_its_futures() {
    let lab = Lab::direct(2);
    let drops = Drops::default();
    for _ in 0..100 {
        let token = drops.token();
        spawn(&lab, Options::default(), async move {
            let _token = token;
            pending().await
        });
    }
    until("all run", || lab.counts().running == 100);
    drop(lab);
    until("all are destroyed", || drops.count() == 100);
}

// ---- its context -------------------------------------------------------------------------------

#[test]
fn b351_a_future_reports_progress_sends_values_and_asks_whether_it_is_to_stop() {
    let lab = Lab::queued(1);
    let event = Event::default();
    let (waits, engine) = (event.clone(), lab.engine().clone());
    let id = spawn_with(&lab, Options::default(), move |context| async move {
        context.set_progress(0.5, "half");
        engine.send(&context, Num(1))?;
        waits.wait().await;
        engine.send(&context, Num(2))?;
        context.checkpoint()?;
        Ok(Num(3))
    });
    event.waker();
    event.set();
    lab.done(id);
    lab.drain();
    let events = lab.events_of(id);
    assert_eq!(
        (events.first().unwrap().as_str(), events.last().unwrap().as_str()),
        ("started", "completed 3")
    );
    assert!(events.contains(&"progress 0.5 half".to_owned()), "{events:?}");
    let values: Vec<_> = events.iter().filter_map(|event| event.strip_prefix("values ")).collect();
    assert_eq!(values.join(" "), "1 2");
    lab.finish();
}

#[test]
fn b351_a_context_that_outlives_its_future_is_nobody_elses() {
    let lab = Lab::direct(1);
    let (told, heard) = channel();
    let id = spawn_with(&lab, Options::default(), move |context| async move {
        told.send(context).unwrap();
        Ok(Num(1))
    });
    lab.done(id);
    let context = heard.recv().unwrap();
    let (other, _dropped) = stuck(&lab, Options::default());
    lab.cancel(other, USER);
    lab.done(other);
    assert!(!context.is_cancelled());
    assert!(context.checkpoint().is_ok());
    context.set_progress(0.5, "too late");
    assert_eq!(lab.engine().send(&context, Num(1)).unwrap_err().kind(), TaskError::cancelled().kind());
    lab.finish();
}

#[test]
fn b344_b350_cancel_drop_and_quit_at_any_moment() {
    for round in 0..200_u64 {
        let lab = Lab::of(Engine::direct(config(2)), legwork::engine::DeliveryMode::Direct);
        let (drops, event) = (Drops::default(), Event::default());
        let ids: Vec<_> = (0..20)
            .map(|_| {
                let (token, waits, engine) = (drops.token(), event.clone(), lab.engine().clone());
                spawn(&lab, Options::default(), async move {
                    let _token = token;
                    engine.sleep(Duration::from_micros(50)).await;
                    waits.wait().await;
                    Ok(Num(0))
                })
            })
            .collect();
        for (at, id) in ids.iter().enumerate() {
            if (round >> (at % 8)) & 1 == 1 {
                lab.cancel(*id, USER);
            }
            if at as u64 == round % 20 {
                event.set();
            }
            lab.drop_handle(*id);
        }
        lab.engine().shutdown(DEADLINE, None);
        assert_eq!(drops.count(), 20);
        assert_eq!(lab.counts().running, 0);
    }
}
