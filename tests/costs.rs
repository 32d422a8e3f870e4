//! What a task costs that does not depend on the machine: allocations, bytes, locks, wake-ups. A binary of
//! its own, with one test: others would allocate in between.
#![cfg(not(any(loom, shuttle)))]
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the counters of an allocator can be behind no door of the engine's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use legwork::engine::{
    Async, CancelReason, DeliveryMode, Engine, EngineConfig, Once, Receiver, TaskContext, TaskId, TaskOptions,
};

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicIsize = AtomicIsize::new(0);

struct Counting;

// SAFETY: all is passed on to the system's allocator; counting touches no memory of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, SeqCst);
        BYTES.fetch_add(layout.size() as isize, SeqCst);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size() as isize, SeqCst);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static GLOBAL: Counting = Counting;

fn engine(mode: DeliveryMode) -> Engine<()> {
    let config = EngineConfig { max_workers: 1, capacity: 2_000_000, ..EngineConfig::default() };
    let engine = Engine::manual(config, mode);
    engine.set_listening(true);
    engine
}

/// What a closure captures that is measured: its box has that size.
const CAPTURED: isize = 8;

fn submit(engine: &Engine<()>, options: TaskOptions<()>, number: u64) -> TaskId {
    let body = Once(Some(move |_: &TaskContext| {
        std::hint::black_box(number);
        Ok(())
    }));
    engine.submit(Box::new(body), options, None, false).expect("the task is accepted")
}

/// Keeps the worker until something is sent.
fn hold(engine: &Engine<()>) -> Sender<()> {
    let (open, gate) = channel::<()>();
    let (arrived, arrival) = channel::<()>();
    let held = Once(Some(move |_: &TaskContext| {
        arrived.send(()).expect("the test waits for it");
        let _ = gate.recv();
        Ok(())
    }));
    engine.submit(Box::new(held), TaskOptions::default(), None, false).expect("the task is accepted");
    arrival.recv().expect("the worker is held");
    open
}

fn drain(engine: &Engine<()>, receiver: &mut Receiver<()>) {
    while engine.counts().queued + engine.counts().running > 0 {
        std::thread::yield_now();
    }
    receiver.acknowledge();
    while receiver.next().is_some() {}
}

/// Allocations a task, once everything that is kept has been made.
fn in_the_steady_state(mode: DeliveryMode) -> f64 {
    const BATCH: u64 = 100;
    const BATCHES: u64 = 100;
    let engine = engine(mode);
    let mut receiver = Receiver::new(engine.clone());
    let mut run = |batches| {
        for _ in 0..batches {
            for number in 0..BATCH {
                submit(&engine, TaskOptions::default(), number);
            }
            drain(&engine, &mut receiver);
        }
    };
    // More than the history holds.
    run(50);
    let before = ALLOCATIONS.load(SeqCst);
    run(BATCHES);
    (ALLOCATIONS.load(SeqCst) - before) as f64 / (BATCH * BATCHES) as f64
}

/// Locks and wake-ups a task, of which many wait for one worker and are then received.
#[cfg(debug_assertions)]
fn locks_and_wakes(mode: DeliveryMode) -> (f64, f64) {
    use legwork::engine::diagnostics::locks_and_wakes;
    const TASKS: u64 = 10_000;
    let engine = engine(mode);
    let mut receiver = Receiver::new(engine.clone());
    let open = hold(&engine);
    let before = locks_and_wakes();
    for number in 0..TASKS {
        submit(&engine, TaskOptions::default(), number);
    }
    let (end, ended) = channel::<()>();
    let last = Once(Some(move |_: &TaskContext| {
        end.send(()).expect("the test waits for it");
        Ok(())
    }));
    engine.submit(Box::new(last), TaskOptions::default(), None, false).expect("the task is accepted");
    open.send(()).expect("the worker waits");
    ended.recv().expect("the last one ran");
    receiver.acknowledge();
    while receiver.next().is_some() {}
    let after = locks_and_wakes();
    let each = |before, after| (after - before) as f64 / TASKS as f64;
    (each(before.0, after.0), each(before.1, after.1))
}

/// Bytes a task besides its closure while a million wait, and whether they are given back.
fn while_a_million_wait(mode: DeliveryMode, delay: Duration) -> f64 {
    const TASKS: u64 = 1_000_000;
    let engine = engine(mode);
    let mut receiver = Receiver::new(engine.clone());
    let open = hold(&engine);
    let before = BYTES.load(SeqCst);
    for number in 0..TASKS {
        submit(&engine, TaskOptions { delay, ..TaskOptions::default() }, number);
    }
    let counts = engine.counts();
    assert_eq!(counts.delayed + counts.queued, TASKS as usize);
    let bytes = (BYTES.load(SeqCst) - before) as f64 / TASKS as f64 - CAPTURED as f64;
    open.send(()).expect("the worker waits");
    engine.advance(delay);
    drain(&engine, &mut receiver);
    assert_eq!(engine.counts().live, 0);
    // What the history holds, a spare chunk of records and one of events, and the chunks' list.
    let left = BYTES.load(SeqCst) - before;
    assert!(left < 1 << 20, "{left} bytes are kept after a million tasks");
    bytes
}

/// What 1,000 scopes in which a body blocks cost, where nothing is queued: allocations, locks, wake-ups.
#[cfg(debug_assertions)]
fn scopes_that_block() -> (usize, u64, u64) {
    use legwork::engine::diagnostics::locks_and_wakes;
    let engine = engine(DeliveryMode::Direct);
    let (tell, told) = channel();
    let body = Once(Some(move |context: &TaskContext| {
        context.blocking(|| ());
        let before = (ALLOCATIONS.load(SeqCst), locks_and_wakes());
        for _ in 0..1_000 {
            context.blocking(|| ());
        }
        let after = (ALLOCATIONS.load(SeqCst), locks_and_wakes());
        tell.send((after.0 - before.0, after.1.0 - before.1.0, after.1.1 - before.1.1))
            .expect("the test waits");
        Ok(())
    }));
    engine.submit(Box::new(body), TaskOptions::default(), None, false).expect("the task is accepted");
    told.recv().expect("the body tells")
}

/// B29: bytes kept after 100,000 delayed tasks that were cancelled.
fn after_cancelled_delays(rounds: usize) -> isize {
    let engine = engine(DeliveryMode::Direct);
    let before = BYTES.load(SeqCst);
    for _ in 0..rounds {
        let mut ids = Vec::new();
        for number in 0..100_000 {
            let delay = Duration::from_millis(1 + number * 7919 % 100_003);
            ids.push(submit(&engine, TaskOptions { delay, ..TaskOptions::default() }, number));
        }
        for id in ids {
            engine.cancel(id, CancelReason::User);
        }
        assert_eq!(engine.counts().live, 0);
    }
    BYTES.load(SeqCst) - before
}

/// B342: bytes a future besides itself while 100,000 are pending; and whether they are given back.
fn while_futures_are_pending() -> f64 {
    const FUTURES: usize = 100_000;
    let engine = engine(DeliveryMode::Direct);
    let open = hold(&engine);
    let before = BYTES.load(SeqCst);
    let ids: Vec<_> = (0..FUTURES)
        .map(|_| {
            let future = Box::pin(std::future::pending());
            let options = TaskOptions { future: true, ..TaskOptions::default() };
            engine.submit(Box::new(Async::Future(future)), options, None, false).expect("accepted")
        })
        .collect();
    open.send(()).expect("the worker waits");
    while engine.counts().running < FUTURES {
        std::thread::yield_now();
    }
    let kept_here = (ids.capacity() * size_of::<TaskId>()) as isize;
    let bytes = (BYTES.load(SeqCst) - before - kept_here) as f64 / FUTURES as f64;
    for id in ids {
        engine.cancel(id, CancelReason::User);
    }
    while engine.counts().running > 0 {
        std::thread::yield_now();
    }
    let left = BYTES.load(SeqCst) - before;
    assert!(left < 2 << 20, "{left} bytes are kept after the futures");
    bytes
}

/// B368: allocations a task while a trace is written, of this thread, the worker and the writer.
fn while_a_trace_is_written() -> f64 {
    const BATCH: u64 = 100;
    const BATCHES: u64 = 100;
    let engine = engine(DeliveryMode::Queued);
    let mut receiver = Receiver::new(engine.clone());
    let path = std::env::temp_dir().join(format!("legwork-costs-{}.json", std::process::id()));
    engine.start_trace(&path).expect("a folder for files that are not kept");
    let mut run = |batches| {
        for _ in 0..batches {
            for number in 0..BATCH {
                submit(&engine, TaskOptions::default(), number);
            }
            drain(&engine, &mut receiver);
        }
    };
    run(100);
    // The writer has its memory, too.
    engine.flush_trace();
    let before = ALLOCATIONS.load(SeqCst);
    run(BATCHES);
    let allocations = (ALLOCATIONS.load(SeqCst) - before) as f64 / (BATCH * BATCHES) as f64;
    engine.stop_trace().expect("it is written");
    std::fs::remove_file(&path).expect("it is there");
    allocations
}

#[test]
fn b2_b14_b29_b293_b342_b368_what_a_task_costs() {
    let bytes = while_futures_are_pending();
    println!("{bytes:.1} bytes a future that is pending");
    assert!(bytes <= 640.0, "{bytes} bytes a future that is pending");
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let allocations = in_the_steady_state(mode);
        println!("{mode:?}: {allocations} allocations a task");
        assert!((1.0..1.01).contains(&allocations), "{allocations} allocations a task, {mode:?}");
    }
    #[cfg(debug_assertions)]
    for (mode, most) in [(DeliveryMode::Direct, 3.01), (DeliveryMode::Queued, 2.05)] {
        let (locks, wakes) = locks_and_wakes(mode);
        println!("{mode:?}: {locks} locks and {wakes} wake-ups a task");
        // To submit it; to hand it in and take the next. Without a receiver the worker also lets go, outside
        // of the lock, of what leaves the history; a receiver does that, and takes events, 64 at a time.
        assert!((2.0..most).contains(&locks), "{locks} locks a task, {mode:?}");
        assert!(wakes < 0.001, "{wakes} wake-ups a task, {mode:?}");
    }
    let allocations = while_a_trace_is_written();
    println!("{allocations} allocations a task while a trace is written");
    assert!((1.0..1.01).contains(&allocations), "{allocations} allocations a task, traced");
    #[cfg(debug_assertions)]
    assert_eq!(scopes_that_block(), (0, 2_000, 0), "a scope takes the lock as it begins and as it ends");
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        for delay in [Duration::ZERO, Duration::from_secs(1)] {
            let bytes = while_a_million_wait(mode, delay);
            println!("{mode:?}, delayed by {delay:?}: {bytes:.1} bytes a task");
            assert!(bytes <= 160.0, "{bytes} bytes a waiting task, {mode:?}, delayed by {delay:?}");
        }
    }
    let kept = [after_cancelled_delays(1), after_cancelled_delays(5)];
    println!("{kept:?} bytes kept after cancelled delays");
    assert!(kept.iter().all(|bytes| *bytes < 1 << 20), "{kept:?} bytes kept after cancelled delays");
}
