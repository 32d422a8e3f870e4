//! What concerns the whole process, in children with a deadline: this binary again, which runs
//! `child` with a scenario in its environment.

use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use legwork::engine::{
    DeliveryMode, Engine, Misfire, Periodic, Priority, Rate, Status, SubmitError, TaskContext, WaitResult,
};

use crate::support::*;

const SCENARIO: &str = "LEGWORK_TEST_SCENARIO";

/// Runs a scenario in a process of its own, below a limit of `kilobytes` if there is one.
fn run(scenario: &str, kilobytes: Option<u32>) -> Output {
    let this = std::env::current_exe().unwrap();
    let mut command = match kilobytes {
        None => Command::new(this),
        Some(limit) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("ulimit -v {limit} && exec \"$0\" \"$@\"")]).arg(this);
            shell
        }
    };
    command.args(["--exact", "process::child", "--nocapture", "--test-threads=1"]);
    command
        .env(SCENARIO, scenario)
        // A thread's own arena would be mapped, and half of it given back, at whatever moment it first
        // allocates: a scenario without address space would have some again.
        .env("MALLOC_ARENA_MAX", "1")
        .env_remove("RUST_MIN_STACK")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id();
    let (send, receive) = channel();
    std::thread::spawn(move || send.send(child.wait_with_output()));
    match receive.recv_timeout(DEADLINE) {
        Ok(output) => output.unwrap(),
        Err(_) => panic!("the child {id} with scenario {scenario} has not ended"),
    }
}

fn code(status: ExitStatus) -> Option<i32> {
    status.code()
}

fn succeeds(scenario: &str, kilobytes: Option<u32>) {
    let output = run(scenario, kilobytes);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(code(output.status), Some(0), "{scenario}: {text}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 passed") || text.contains("scenario done"), "{scenario}: {text}");
}

/// Not a test of its own: the children's entry, which does nothing without a scenario.
#[test]
fn child() {
    match std::env::var(SCENARIO).as_deref() {
        Ok("idle") => leave(|lab| {
            let id = lab.run(|_| Ok(Num(1)));
            lab.done(id);
        }),
        Ok("running") => leave(|lab| {
            lab.hold_worker();
            lab.run(|_| Ok(Num(1)));
        }),
        Ok("delayed") => leave(|lab| {
            lab.submit(Options { delay: 3_600 * SECOND, ..lab.options() }, |_| Ok(Num(1)));
        }),
        Ok("periodic") => leave(|lab| {
            let period = std::time::Duration::from_micros(20);
            let options =
                Options { periodic: Some(legwork::engine::Periodic::every(period)), ..Options::default() };
            let id = lab.repeat(options, |_| Ok(Num(1)));
            until("it has run", || lab.info(id).unwrap().iteration > 3);
        }),
        Ok("exit") => {
            let lab = Box::leak(Box::new(Lab::of(Engine::direct(config(2)), DeliveryMode::Direct)));
            lab.hold_worker();
            let id = lab.run(|_| {
                println!("scenario done");
                std::process::exit(42)
            });
            lab.done(id);
        }
        Ok("threads") => threads(),
        Ok("exhausted") => exhausted(),
        Ok("forked") => forked(),
        Ok("refused") => refused_as_it_blocks(),
        Ok("refused low") => refused_beside_low(),
        Ok("refused untold") => refused_untold(),
        Ok("stopped") => stopped(),
        Ok(other) => panic!("no scenario {other}"),
        Err(_) => {}
    }
}

/// Leaves an engine as it is, as `main` does that returns without a shutdown: nothing is dropped.
fn leave(prepare: fn(&Lab)) {
    let lab = Box::leak(Box::new(Lab::of(Engine::direct(config(2)), DeliveryMode::Direct)));
    prepare(lab);
}

/// Stops this process, as its user does with Ctrl+Z, for three tenths of a second.
fn stop_for_a_while() {
    let id = std::process::id();
    let script = format!("kill -STOP {id}; sleep 0.3; kill -CONT {id}");
    assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
}

/// What is due meanwhile is late: it is done once, and none of it twice.
fn stopped() {
    const TICK: Duration = Duration::from_millis(10);
    let lab = Lab::of(Engine::direct(config(4)), DeliveryMode::Direct);
    let every = |misfire| Periodic { rate: Rate::FixedRate, misfire, ..Periodic::every(TICK) };
    let skips = lab.repeat(Options { periodic: Some(every(Misfire::Skip)), ..lab.options() }, |_| Ok(Num(1)));
    let once =
        lab.repeat(Options { periodic: Some(every(Misfire::RunOnce)), ..lab.options() }, |_| Ok(Num(1)));
    let delayed = lab.submit(Options { delay: 5 * TICK, ..lab.options() }, |_| Ok(Num(2)));
    let sleeps = |context: &TaskContext| context.sleep(DEADLINE).map(|()| Num(3));
    let timed = lab.submit(Options { timeout: Some(5 * TICK), ..lab.options() }, sleeps);
    let iteration = |id| lab.info(id).unwrap().iteration;
    until("both have run", || iteration(skips) > 1 && iteration(once) > 1);
    let before = Instant::now();
    let runs = [skips, once].map(iteration);
    stop_for_a_while();
    let awake = Instant::now();
    let since = [skips, once].map(iteration);
    assert!(awake - before >= 30 * TICK);
    lab.done(delayed);
    lab.done(timed);
    assert_eq!((lab.status(delayed), lab.status(timed)), (Status::Completed, Status::TimedOut));
    // The runs of the time in which it stood still are one, then the grid goes on: a tick each.
    for (id, before_it, after) in [(skips, runs[0], since[0]), (once, runs[1], since[1])] {
        until("it goes on", || iteration(id) >= after + 4);
        let ticks = before.elapsed().as_millis() as u64 / 10;
        let ran = iteration(id) - before_it;
        assert!(ran <= ticks + 3 - 29, "{ran} runs in {ticks} ticks, of which it stood still for 30");
    }
    assert!(awake.elapsed() >= 2 * TICK, "four runs are no burst");
    assert_eq!(lab.wait(delayed, Some(TICK)), WaitResult::Done);
    assert!(lab.shutdown(DEADLINE, None).complete);
    println!("scenario done");
}

#[test]
fn b32_a_process_that_was_stopped_goes_on_where_it_was() {
    succeeds("stopped", None);
}

#[test]
fn b118_main_returns_without_a_shutdown_and_the_exit_code_is_right() {
    for scenario in ["idle", "running", "delayed", "periodic"] {
        for _ in 0..5 {
            succeeds(scenario, None);
        }
    }
}

#[test]
fn b119_a_task_may_exit_the_process() {
    for _ in 0..5 {
        let output = run("exit", None);
        assert_eq!(code(output.status), Some(42), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

fn entries(of: &str) -> usize {
    std::fs::read_dir(of).map_or(0, Iterator::count)
}

fn threads() {
    let (threads, files) = (entries("/proc/self/task"), entries("/proc/self/fd"));
    for round in 0..20 {
        let engine: Engine<Num> = Engine::direct(config(4));
        let body = |n| Box::new(legwork::engine::Once(Some(move |_: &_| Ok(Num(n)))));
        for n in 0..20 {
            engine.submit(body(n), Options::default(), None, false).unwrap();
            let delayed = Options { delay: SECOND * 3_600, ..Options::default() };
            engine.submit(body(n), delayed, None, false).unwrap();
        }
        if round % 2 == 0 {
            assert!(engine.shutdown(DEADLINE, None).complete);
            assert_eq!(engine.counts().workers, 0);
        } else {
            drop(engine);
        }
    }
    until("all threads have ended", || entries("/proc/self/task") == threads);
    assert_eq!(entries("/proc/self/fd"), files);
    println!("scenario done");
}

#[test]
fn b106_no_thread_and_no_file_is_left_after_a_shutdown_or_a_drop() {
    succeeds("threads", None);
}

/// Takes the address space that the limit leaves, but for less than the stack of a thread, and more
/// than what small things need.
fn take_space() -> Vec<Vec<u8>> {
    let mut taken = Vec::with_capacity(10_000);
    for size in [256 << 20, 16 << 20, 1 << 20] {
        loop {
            let mut space = Vec::new();
            match space.try_reserve_exact(size) {
                Ok(()) => taken.push(space),
                Err(_) => break,
            }
        }
        if size == 16 << 20 {
            // So that the last are small.
            taken.pop();
        }
    }
    // Less than 1 MiB was left, so it is less than 2 MiB now.
    taken.pop();
    taken
}

fn exhausted() {
    let lab = Lab::of(Engine::queued(config(4), Box::new(|| ())), DeliveryMode::Queued);
    // What is allocated once is so before memory is short.
    let id = lab.reserve().unwrap();
    lab.release(id);
    let go = std::sync::Arc::new(std::sync::Barrier::new(2));
    let come_in = std::sync::Arc::new(std::sync::Barrier::new(2));
    let gone_in = come_in.clone();
    let (engine, gone) = (lab.engine().clone(), go.clone());
    let other = std::thread::spawn(move || {
        gone.wait();
        for _ in 0..500 {
            gone.wait();
            let body = Box::new(legwork::engine::Once(Some(|_: &_| Ok(Num(1)))));
            let result = engine.submit(body, Options { delay: SECOND, ..Options::default() }, None, false);
            assert!(matches!(result, Err(SubmitError::NoThread(_))), "{result:?}");
            gone.wait();
        }
    });
    // One that waits for all of an owner's tasks, again and again, and hears of each that is taken back.
    let owner = lab.open_owner("awaited");
    let (stop, engine) =
        (std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)), lab.engine().clone());
    let stopped = stop.clone();
    let waiting = std::thread::spawn(move || {
        gone_in.wait();
        while !stopped.load(std::sync::atomic::Ordering::Relaxed) {
            assert_eq!(engine.wait_for_all(owner, None), legwork::engine::WaitResult::Done);
        }
    });
    // A thread that has not begun yet would not find what it needs to begin.
    come_in.wait();
    go.wait();
    let taken = take_space();
    let drops = Drops::default();
    let refused = |options: Options| {
        let token = drops.token();
        let result = lab.try_submit(options, move |_| {
            drop(token);
            Ok(Num(1))
        });
        assert!(matches!(result, Err(SubmitError::NoThread(_))), "{result:?}");
    };
    for _ in 0..3 {
        refused(Options::default());
        refused(Options { delay: SECOND, ..Options::default() });
        refused(Options { periodic: Some(legwork::engine::Periodic::every(SECOND)), ..Options::default() });
        refused(Options { timeout: Some(SECOND), ..Options::default() });
        refused(Options { owner: Some(lab.open_owner("owner")), ..Options::default() });
    }
    assert_eq!(drops.count(), 15);
    // C3: two at once that need the timer thread; neither is accepted because the other tries.
    for _ in 0..500 {
        go.wait();
        refused(Options { delay: SECOND, ..Options::default() });
        go.wait();
    }
    other.join().unwrap();
    for _ in 0..500 {
        refused(Options { owner: Some(owner), ..Options::default() });
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    waiting.join().unwrap();
    assert_eq!(drops.count(), 1_015);
    // C2: nothing has happened.
    lab.drain();
    assert_eq!(*lab.events.lock(), []);
    assert_eq!(lab.counts(), legwork::engine::Counts::default());
    assert!(lab.tasks().is_empty());
    drop(taken);
    // With threads again, everything runs, and on as many workers as there may be.
    let held: Vec<_> = (0..4).map(|_| lab.hold_worker()).collect();
    let soon = Options { delay: std::time::Duration::from_millis(1), ..Options::default() };
    let delayed = lab.submit(soon, |_| Ok(Num(1)));
    held.iter().for_each(Gate::open);
    lab.done(delayed);
    assert_eq!(lab.status(delayed), Status::Completed);
    assert!(lab.shutdown(DEADLINE, None).complete);
    println!("scenario done");
}

#[test]
fn b109_b130_without_a_thread_a_submit_is_refused_and_later_ones_run() {
    succeeds("exhausted", Some(2 << 20));
}

/// Bodies that block, and the system has no thread to take their places.
fn refused_as_it_blocks() {
    let lab = Lab::of(Engine::direct(config(1)), DeliveryMode::Direct);
    // What is allocated once is so before memory is short: the thread that keeps the time, too.
    let first = lab.run(|context| {
        context.blocking(|| ());
        Ok(Num(1))
    });
    lab.done(first);
    let (go, during, after) = (Gate::new(), Gate::new(), Gate::new());
    let gates = (go.clone(), during.clone(), after.clone());
    let id = lab.run(move |context| {
        gates.0.pass();
        context.blocking(|| gates.1.pass());
        gates.2.pass();
        Ok(Num(1))
    });
    go.wait_for(1);
    let next = lab.run(|_| Ok(Num(1)));
    let taken = take_space();
    go.open();
    // It goes on, and what waits runs once it is back.
    during.wait_for(1);
    during.open();
    after.wait_for(1);
    assert_eq!(lab.status(next), Status::Queued);
    after.open();
    lab.done(id);
    lab.done(next);
    assert_eq!((lab.status(id), lab.status(next)), (Status::Completed, Status::Completed));
    drop(taken);
    // And once there are threads again, while it blocks.
    let (go, during) = (Gate::new(), Gate::new());
    let gates = (go.clone(), during.clone());
    let id = lab.submit(Options { may_block: true, ..Options::default() }, move |_| {
        gates.0.pass();
        gates.1.pass();
        Ok(Num(1))
    });
    go.wait_for(1);
    let taken = take_space();
    let next = lab.run(|_| Ok(Num(1)));
    go.open();
    during.wait_for(1);
    assert_eq!(lab.status(next), Status::Queued);
    drop(taken);
    lab.done(next);
    assert_eq!(lab.status(id), Status::Running);
    during.open();
    lab.done(id);
    assert!(lab.shutdown(DEADLINE, None).complete);
    println!("scenario done");
}

#[test]
fn b296_without_a_thread_a_body_that_blocks_goes_on_and_nothing_is_stranded() {
    succeeds("refused", Some(2 << 20));
}

/// A worker of the background is at work, there is a place for another, and the system has no thread for that.
fn refused_beside_low() {
    let lab = Lab::of(Engine::direct(config(4)), DeliveryMode::Direct);
    let low = || Options { priority: Priority::Low, ..Options::default() };
    let gate = Gate::new();
    let held = gate.clone();
    let busy = lab.submit(low(), move |_| {
        held.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    let taken = take_space();
    // Each is tried once, and waits for the one that is at work.
    let waiting: Vec<_> = (0..3).map(|_| lab.submit(low(), |_| Ok(Num(1)))).collect();
    for &id in &waiting {
        assert_eq!(lab.status(id), Status::Queued);
    }
    // In the foreground's place, which cannot be started either, the background is no better.
    assert!(matches!(lab.try_submit(Options::default(), |_| Ok(Num(1))), Err(SubmitError::NoThread(_))));
    gate.open();
    lab.done(busy);
    waiting.into_iter().for_each(|id| lab.done(id));
    drop(taken);
    assert!(lab.shutdown(DEADLINE, None).complete);
    println!("scenario done");
}

#[test]
fn b109_b130_without_a_thread_more_of_low_waits_for_the_worker_that_is_there() {
    succeeds("refused low", Some(2 << 20));
}

/// Somebody hears that tasks are accepted, and the system has no thread for one, which is refused.
fn refused_untold() {
    let lab = Lab::of(Engine::queued(config(4), Box::new(|| ())), DeliveryMode::Queued);
    lab.set_hears_queued(true);
    // What is allocated once is so before memory is short.
    let id = lab.reserve().unwrap();
    lab.release(id);
    lab.drain();
    let taken = take_space();
    for _ in 0..3 {
        let refused = lab.try_submit(Options::default(), |_| Ok(Num(1)));
        assert!(matches!(refused, Err(SubmitError::NoThread(_))), "{refused:?}");
    }
    drop(taken);
    // It has the place of those.
    let id = lab.run(|_| Ok(Num(2)));
    lab.done(id);
    lab.drain();
    assert_eq!(lab.events_of(id), ["queued", "started", "completed 2"]);
    assert!(lab.shutdown(DEADLINE, None).complete);
    println!("scenario done");
}

#[test]
fn b109_b130_b213_of_a_task_that_is_refused_for_want_of_a_thread_nothing_is_told() {
    succeeds("refused untold", Some(2 << 20));
}

/// A result whose copy is made at a gate: the engine copies it with its lock in its hands.
#[derive(Default)]
struct Slow(Option<Gate>);

impl Clone for Slow {
    fn clone(&self) -> Self {
        if let Some(gate) = &self.0 {
            gate.pass();
        }
        Slow(None)
    }
}

impl legwork::engine::Payload for Slow {}

/// A body that goes on in a child, as far as it can tell, where a thread that is gone has the lock.
fn forked() {
    use legwork::engine::{Once, TaskContext, TaskOptions, fork};
    let engine: Engine<Slow> = Engine::direct(config(1));
    let gate = Gate::new();
    let held = gate.clone();
    let body = Box::new(Once(Some(move |_: &TaskContext| Ok(Slow(Some(held))))));
    let copied = engine.submit(body, TaskOptions::default(), None, true).unwrap();
    engine.wait(copied, None);
    let (go, gone) = channel();
    let (say, said) = channel();
    let begun = Gate::new();
    let (first, locked) = (begun.clone(), gate.clone());
    let body = Once(Some(move |context: &TaskContext| {
        first.pass();
        gone.recv().unwrap();
        locked.wait_for(1);
        context.sleep(std::time::Duration::from_millis(1))?;
        context.on_cancel(|| ());
        context.set_progress(0.5, "in the child");
        say.send(context.token().is_cancelled()).unwrap();
        Ok(Slow(None))
    }));
    engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap();
    begun.open();
    begun.wait_for(1);
    let other = engine.clone();
    std::thread::spawn(move || other.info(copied));
    gate.wait_for(1);
    fork::flag().store(true, std::sync::atomic::Ordering::Relaxed);
    go.send(()).unwrap();
    assert_eq!(said.recv_timeout(DEADLINE / 2), Ok(false));
    println!("scenario done");
    std::process::exit(0);
}

#[test]
fn b147_in_a_forked_child_a_bodys_context_takes_no_lock() {
    succeeds("forked", None);
}
