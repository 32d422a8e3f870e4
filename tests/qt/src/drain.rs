//! How results reach the event loop: one event, a budget, slots that do what they like.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use legwork::{
    HistoryLimits, Opaque, RunsOnce, SpawnError, SubmitError, TaskBuilder, TaskHandle, Value, tasks,
};

use crate::jobs::Gate;
use crate::support::{Scene, ffi, process_until};

thread_local! {
    /// What the callbacks of a test did, in order; they all run on this thread.
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn note(line: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(line.into()));
}

fn log() -> Vec<String> {
    LOG.with_borrow(Clone::clone)
}

fn clear() {
    LOG.with_borrow_mut(Vec::clear);
}

/// Tasks that end together: their results wait in one batch for the next event.
fn ended_together(count: usize, callback: impl Fn(usize) + Clone + Send + 'static) -> Vec<TaskHandle<()>> {
    let handles: Vec<_> = (0..count)
        .map(|index| {
            let callback = callback.clone();
            let task = tasks().task(|_| ()).on_complete(move |()| callback(index));
            task.spawn().expect("accepted")
        })
        .collect();
    for handle in &handles {
        handle.wait(crate::jobs::HANG).expect("completed");
    }
    handles
}

/// B114: a slot that opens a nested loop: what is behind it arrives there, once and in order.
pub fn b114_a_nested_loop_delivers_the_rest() {
    clear();
    tasks().set_max_workers(1).unwrap();
    let _handles = ended_together(200, |index| {
        if index == 0 {
            note("open");
            assert!(ffi::exec_loop(30_000), "the loop was not left by the last callback");
            note("closed");
        } else {
            note(index.to_string());
        }
        if index == 199 {
            ffi::quit_loop();
        }
    });
    process_until("all callbacks", || log().len() == 201);
    let mut expected: Vec<String> = vec!["open".into()];
    expected.extend((1..200).map(|index| index.to_string()));
    expected.push("closed".into());
    assert_eq!(log(), expected);
    tasks().set_max_workers(4).unwrap();
}

/// Opens an event loop when it is destroyed, as a window that asks "save?" would.
struct Asks;

impl Drop for Asks {
    fn drop(&mut self) {
        note("open");
        let left = ffi::exec_loop(30_000);
        note(if left { "closed" } else { "the loop was not left by the last callback" });
    }
}

/// 200 results, the first of which opens a loop once it was told: the order in which they come.
fn told_around_a_destructor(first: TaskBuilder<Value, RunsOnce>) -> Vec<String> {
    clear();
    tasks().set_max_workers(1).unwrap();
    let mut last = first.on_complete(|_| note("0")).spawn_id().unwrap();
    for index in 1..200 {
        let task = tasks().task(|_| ()).on_complete(move |()| {
            note(index.to_string());
            if index == 199 {
                ffi::quit_loop();
            }
        });
        last = task.spawn_id().unwrap();
    }
    assert_eq!(tasks().wait(last, crate::jobs::HANG), legwork::WaitResult::Done);
    process_until("all callbacks", || log().len() == 202);
    tasks().set_max_workers(4).unwrap();
    log()
}

/// B114, B84: what a callback has captured is destroyed with it, in the middle of a drain, and opens
/// a loop: the others come there, once and in order.
pub fn b114_a_callbacks_destructor_that_opens_a_loop_gets_the_rest_in_order() {
    let asks = Asks;
    let first = tasks().task(|_| Value::Undefined).on_complete(move |_| {
        let _ = &asks;
    });
    let log = told_around_a_destructor(first);
    let mut expected: Vec<String> = vec!["0".into(), "open".into()];
    expected.extend((1..200).map(|index| index.to_string()));
    expected.push("closed".into());
    assert_eq!(log, expected);
}

/// B114, B14: a result is destroyed as it leaves the history, between two batches of a drain, and
/// opens a loop: still nothing is lost, told twice or out of order.
pub fn b114_a_results_destructor_that_opens_a_loop_keeps_the_order() {
    let before = tasks().history_limits();
    tasks().set_history_limits(HistoryLimits { tasks: 0, ..before });
    let log = told_around_a_destructor(tasks().task(|_| Value::Opaque(Opaque::new(Asks))));
    tasks().set_history_limits(before);
    assert_eq!(log.iter().filter(|line| *line == "closed").count(), 1, "{log:?}");
    let numbers: Vec<&str> =
        log.iter().map(String::as_str).filter(|line| line.parse::<u32>().is_ok()).collect();
    let expected: Vec<String> = (0..200).map(|index| index.to_string()).collect();
    assert_eq!(numbers, expected);
    // In the loop, and not after it.
    assert_eq!(log.last().map(String::as_str), Some("closed"));
}

/// B116: a slot that calls processEvents() does not find itself in other slots.
pub fn b116_process_events_in_a_slot_does_not_recurse() {
    clear();
    tasks().set_max_workers(1).unwrap();
    let _handles = ended_together(5, |index| {
        note(format!("in {index}"));
        ffi::process_events(0);
        note(format!("out {index}"));
    });
    process_until("all callbacks", || log().len() == 10);
    let expected: Vec<_> = (0..5).flat_map(|index| [format!("in {index}"), format!("out {index}")]).collect();
    assert_eq!(log(), expected);
    tasks().set_max_workers(4).unwrap();
}

/// B114, B116 together: processEvents() first, then a loop, in one slot; the loop gets the rest.
pub fn b114_b116_a_loop_after_process_events_gets_the_rest() {
    clear();
    // The first is told first.
    tasks().set_max_workers(1).unwrap();
    let _handles = ended_together(3, |index| {
        if index == 0 {
            ffi::process_events(0);
            assert!(ffi::exec_loop(30_000), "the rest did not arrive in the loop");
        } else if log().len() == 1 {
            ffi::quit_loop();
        }
        note(index.to_string());
    });
    process_until("all callbacks", || log().len() == 3);
    tasks().set_max_workers(4).unwrap();
}

/// B115, B86: a slot deletes the engine whose signal it serves, with more to deliver.
pub fn b115_a_slot_deletes_the_engine_that_calls_it() {
    clear();
    let scene = Rc::new(RefCell::new(Some(Scene::new(
        "property Connections c: Connections { target: TaskManager; function onTaskStarted(id) { root.count += 1 } }
         property int count: 0",
    ))));
    let other = RefCell::new(Scene::new(
        "property int count: 0
         property Connections c: Connections { target: TaskManager; function onTaskCompleted(id) { root.count += 1 } }",
    ));
    thread_local!(static DOOMED: RefCell<Option<Rc<RefCell<Option<Scene>>>>> = const { RefCell::new(None) });
    DOOMED.set(Some(scene.clone()));
    let _handles = ended_together(50, |index| {
        if index == 10 {
            // The batch is half delivered; the face of this engine goes now.
            DOOMED.with_borrow(|doomed| doomed.as_ref().map(|scene| scene.borrow_mut().take()));
        }
        note(index.to_string());
    });
    process_until("all callbacks", || log().len() == 50);
    assert!(scene.borrow().is_none());
    assert_eq!(other.borrow_mut().eval("count"), "50");
    DOOMED.set(None);
}

/// B115: what copies a result for the signals deletes the engine that is the first to be told.
pub fn b115_a_copy_of_a_result_deletes_the_engine_that_is_to_be_told() {
    let body = "property int count: 0
         property Connections c: Connections { target: TaskManager; function onTaskCompleted(id) { root.count += 1 } }";
    let (doomed, mut other) = (Scene::new(body), Scene::new(body));
    doomed.delete_in_copy();
    process_until("the end", || other.eval("count") == "1");
    assert!(ffi::is_deleted_in_copy());
}

/// B88: callbacks submit, cancel, wait, ask and resize.
pub fn b88_callbacks_enter_the_service_again() {
    clear();
    let handle = tasks()
        .task(|_| 1i32)
        .on_complete(|_| {
            let again =
                tasks().task(|_| 2i32).on_complete(|value| note(format!("again {value}"))).spawn().unwrap();
            again.wait(Duration::from_secs(30)).unwrap();
            let later = tasks().task(|_| ()).delay(Duration::from_secs(3600)).spawn().unwrap();
            later.cancel();
            tasks().set_max_workers(3).unwrap();
            note(format!("{:?}", later.status()));
        })
        .spawn()
        .unwrap();
    process_until("both callbacks", || log().len() == 2);
    assert_eq!(log(), ["Cancelled", "again 2"]);
    assert_eq!(handle.wait(None), Ok(1));
    tasks().set_max_workers(4).unwrap();
}

/// A callback that is added after the end was delivered is called, here and not inside the call.
pub fn a_late_callback_is_called_on_the_loop() {
    clear();
    let handles = ended_together(1, |_| note("first"));
    process_until("the first", || log().len() == 1);
    handles[0].on_complete(|()| note("late")).on_error(|_| note("never"));
    assert_eq!(log(), ["first"]);
    process_until("the late one", || log().len() == 2);
    assert_eq!(log(), ["first", "late"]);
}

/// B91: a callback that panics is logged, and the next still runs. The panic stays in it.
pub fn b91_a_panic_in_a_callback_stays_there() {
    clear();
    let _handles = ended_together(2, |index| {
        if index == 0 {
            panic!("a bad callback");
        }
        note("next");
    });
    process_until("the next", || log() == ["next"]);
    let warnings = ffi::take_messages().to_string();
    assert!(warnings.contains("a bad callback"), "the log says: {warnings}");
}

/// A slot that takes longer than a drain may, and is the last: the end is noted, and told.
pub fn a_slow_last_slot_is_followed_by_the_end() {
    let mut scene = Scene::new(
        "property int all: 0
         property Connections c: Connections { target: TaskManager; function onAllTasksFinished() { root.all += 1 } }",
    );
    let gate = Gate::named("slow slot");
    let pass = gate.clone();
    let slow = || {
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(10) {}
    };
    let _handle = tasks().task(move |_| pass.pass()).on_complete(move |()| slow()).spawn().unwrap();
    gate.wait_for(1);
    process_until("the start", || tasks().counts().running == 1);
    gate.open();
    process_until("all finished", || scene.eval("all") == "1");
    assert_eq!(tasks().counts().live, 0);
}

/// B91: a panic in the destructor of a callback stays there, too.
pub fn b91_a_panic_in_a_callbacks_destructor_stays_there() {
    clear();
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("a bad destructor");
        }
    }
    let bad = Bad;
    let _handle = tasks()
        .task(|_| ())
        .on_complete(move |()| {
            let _ = &bad;
            note("called");
        })
        .spawn()
        .unwrap();
    process_until("the callback", || log() == ["called"]);
    process_until("its end", || tasks().counts().live == 0);
    assert!(ffi::take_messages().to_string().contains("destructor"));
}

/// A result that nests without end is a failed task, not the end of the process.
pub fn b92_a_result_that_nests_too_deep_fails() {
    let deep =
        tasks().task(|_| (0..200_000).fold(legwork::Value::Null, |inner, _| legwork::Value::list([inner])));
    let error = deep.spawn().unwrap().wait(crate::jobs::HANG).expect_err("refused").to_string();
    assert_eq!(error, "the result nests deeper than 64 lists and maps");
    process_until("its delivery", || tasks().counts().live == 0);
}

/// B113: without a running loop everything but delivery works, and delivery waits.
pub fn b113_without_a_loop_tasks_run_and_results_wait() {
    clear();
    let handles = ended_together(100, |index| note(index.to_string()));
    assert!(handles.iter().all(|handle| handle.status() == legwork::Status::Completed));
    assert_eq!(log(), Vec::<String>::new());
    process_until("the results", || log().len() == 100);
}

/// One event is pending, however many results wait: a burst costs an event a budget, not a result.
pub fn one_event_for_many_results() {
    let _scene = Scene::new("property int workers: TaskManager.maxWorkers");
    let delivered = Arc::new(AtomicU64::new(0));
    let before = ffi::custom_events();
    let counter = delivered.clone();
    let _handles = ended_together(20_000, move |_| {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let start = Instant::now();
    process_until("all results", || delivered.load(Ordering::Relaxed) == 20_000);
    let budgets = start.elapsed().as_millis() as u64 / 4 + 1;
    let events = ffi::custom_events() - before;
    // Each drain has one event; those that were cut short by the budget have one to go on.
    assert!(events <= 4 + 2 * budgets, "{events} events for 20000 results in {budgets} budgets of 4 ms");
    println!("20,000 results came by {events} events, in {:?}", start.elapsed());
}

/// B341: where the loop has been away, the next drain takes a quarter of its time.
pub fn b341_a_drain_that_comes_late_gives_back_more() {
    const RESULTS: u32 = 4_000;
    const SLOT: Duration = Duration::from_micros(200);
    thread_local! {
        /// How many results each drain delivered, by the number of its event.
        static DRAINS: RefCell<Vec<(u64, u32)>> = const { RefCell::new(Vec::new()) };
    }
    let spin = |time: Duration| {
        let start = Instant::now();
        while start.elapsed() < time {}
    };
    let _handles = ended_together(RESULTS as usize, move |_| {
        spin(SLOT);
        let event = ffi::custom_events();
        DRAINS.with_borrow_mut(|drains| match drains.last_mut() {
            Some((last, count)) if *last == event => *count += 1,
            _ => drains.push((event, 1)),
        });
    });
    let delivered = || DRAINS.with_borrow(|drains| drains.iter().map(|(_, count)| *count).sum::<u32>());
    let (mut late, mut most) = (0, 0);
    ffi::process_events(0);
    while delivered() < RESULTS - 100 {
        let known = DRAINS.with_borrow(Vec::len);
        spin(Duration::from_millis(5));
        ffi::process_events(0);
        ffi::process_events(0);
        DRAINS.with_borrow(|drains| {
            let new: Vec<_> = drains[known..].iter().map(|(_, count)| *count).collect();
            // Each takes a fifth of a millisecond at least.
            assert!(
                new.first().is_none_or(|first| *first <= 6),
                "{new:?} in drains of which the first came late"
            );
            late += new.len().min(1);
            most = new.into_iter().skip(1).fold(most, u32::max);
        });
    }
    assert!(late > 0 && most > 6, "{late} that came late; {most} in one that came in time");
    process_until("all results", || delivered() == RESULTS);
}

/// B73: the flood. Two threads submit as fast as they can for 3 s; a 10 ms timer keeps ticking.
pub fn b73_a_flood_leaves_the_event_loop_alive() {
    let mut scene = Scene::new("property int workers: TaskManager.maxWorkers");
    scene.count_completed(1_000);
    let stop = Arc::new(AtomicBool::new(false));
    let before = ffi::memory_bytes();
    let producers: Vec<_> = (0..2)
        .map(|_| {
            let stop = stop.clone();
            std::thread::spawn(move || {
                let (mut accepted, mut refused) = (0u64, 0u64);
                while !stop.load(Ordering::Relaxed) {
                    match tasks().task(|_| ()).spawn_id() {
                        Ok(_) => accepted += 1,
                        Err(SpawnError::Submit(SubmitError::QueueFull { .. })) => {
                            refused += 1;
                            std::thread::yield_now();
                        }
                        Err(other) => panic!("{other}"),
                    }
                }
                (accepted, refused)
            })
        })
        .collect();
    let ticker = ffi::make_ticker();
    let start = Instant::now();
    let mut most = 0;
    while start.elapsed() < Duration::from_secs(3) {
        ffi::process_events(20);
        most = most.max(ffi::memory_bytes());
    }
    let gaps = ticker.gaps();
    stop.store(true, Ordering::Relaxed);
    let (mut accepted, mut refused) = (0, 0);
    for producer in producers {
        let (some, others) = producer.join().expect("a producer");
        accepted += some;
        refused += others;
    }
    let in_time = scene.completed();
    process_until("the rest of the flood", || scene.completed() == accepted);
    let ms = |us: u64| us as f64 / 1_000.0;
    let (p99, worst) = (gaps[gaps.len() * 99 / 100], gaps[gaps.len() - 1]);
    println!(
        "flood: {} ticks in 3 s, gaps p99 {:.1} ms, worst {:.1} ms; {in_time} results delivered meanwhile, \
         {accepted} accepted, {refused} refused; memory grew by {} MiB",
        gaps.len(),
        ms(p99),
        ms(worst),
        most.saturating_sub(before) >> 20
    );
    // The machine may be busy with other things; a flood by queued signals gives 1 to 3 ticks.
    assert!(gaps.len() > 60, "only {} ticks", gaps.len());
    assert!(most.saturating_sub(before) < 1 << 30, "memory is not bounded");
}

/// The size of a queue: a million tasks from this thread. In a process of its own, for the memory.
pub fn a_million_tasks() {
    let _scene = Scene::new("property int workers: TaskManager.maxWorkers");
    let gate = Gate::named("million");
    for _ in 0..4 {
        let gate = gate.clone();
        tasks().task(move |_| gate.pass()).spawn_id().expect("accepted");
    }
    gate.wait_for(4);
    let count = 999_900u64;
    let done = Arc::new(AtomicU64::new(0));
    let before = ffi::memory_bytes();
    let (mut worst, mut slow) = (Duration::ZERO, 0);
    let start = Instant::now();
    let mut last = start;
    for _ in 0..count {
        let done = done.clone();
        let task = tasks().task(move |_| {
            done.fetch_add(1, Ordering::Relaxed);
        });
        task.spawn_id().expect("accepted");
        let now = Instant::now();
        worst = worst.max(now - last);
        slow += u32::from(now - last > Duration::from_millis(1));
        last = now;
    }
    let submitted = start.elapsed();
    let bytes = ffi::memory_bytes().saturating_sub(before) / count;
    assert_eq!(tasks().counts().queued as u64, count);
    gate.open();
    process_until("a million tasks", || tasks().counts().live == 0);
    let total = start.elapsed();
    assert_eq!(done.load(Ordering::Relaxed), count);
    println!(
        "{count} tasks: worst single submit {worst:?} ({slow} over 1 ms), {} ns a submit, {} ns a task from submit \
         to delivery, {bytes} bytes a queued task with its closure",
        submitted.as_nanos() / u128::from(count),
        total.as_nanos() / u128::from(count)
    );
    // 160 for the task and 32 for the smallest allocation that a closure with a pointer has.
    assert!(bytes <= 192, "{bytes} bytes a queued task");
}

/// Callbacks of a task in order, and on this thread.
pub fn callbacks_come_on_the_thread_of_the_application() {
    let here = std::thread::current().id();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (progress, complete) = (seen.clone(), seen.clone());
    let handle = tasks()
        .task(|context| {
            context.set_progress(1.0, "all");
            "done".to_owned()
        })
        .on_progress(move |value, text| {
            progress.lock().unwrap().push((std::thread::current().id(), format!("{value} {text}")));
        })
        .on_complete(move |text| complete.lock().unwrap().push((std::thread::current().id(), text)))
        .spawn()
        .unwrap();
    process_until("both", || seen.lock().unwrap().len() == 2);
    assert_eq!(*seen.lock().unwrap(), [(here, "1 all".to_owned()), (here, "done".to_owned())]);
    drop(handle);
}
