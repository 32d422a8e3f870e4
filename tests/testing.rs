//! The virtual clock of the Rust face, without Qt. These take turns, as there is one service a process.
#![cfg(all(feature = "testing", not(feature = "qt")))]
#![allow(clippy::disallowed_types, reason = "tests stand outside of the engine's own door to locks")]

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use legwork::testing::{ClockError, PendingTask, VirtualClock};
use legwork::{Args, Periodic, Priority, Status, TaskContext, TaskError, WaitError, tasks};

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn say(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn b376_b377_an_hour_of_an_application_takes_no_time() {
    let clock = VirtualClock::new().unwrap();
    let (start, told) = (Instant::now(), Told::default());
    let here = thread::current().id();
    let (runs, heard) = (told.clone(), told.clone());
    let sync = tasks()
        .periodic(20 * MINUTE, move |context| {
            assert_eq!(thread::current().id(), here);
            runs.say(format!("sync {}", context.iteration()));
            context.iteration()
        })
        .name("Sync")
        .on_complete(move |run| heard.say(format!("told {run}")))
        .spawn()
        .unwrap();
    clock.run_until_idle().unwrap();
    assert_eq!(told.take(), ["sync 1", "told 1"]);
    clock.fast_forward_by(60 * MINUTE).unwrap();
    assert_eq!(told.take(), ["sync 2", "told 2", "sync 3", "told 3", "sync 4", "told 4"]);
    assert_eq!(clock.now(), 60 * MINUTE);
    let [PendingTask { name, status, due_in, .. }] = &clock.pending_tasks()[..] else {
        panic!("one is there")
    };
    assert_eq!((name.as_str(), *status, *due_in), ("Sync", Status::Delayed, Some(20 * MINUTE)));
    sync.cancel();
    clock.run_until_idle().unwrap();
    assert!(clock.pending_tasks().is_empty());
    assert!(start.elapsed() < Duration::from_secs(20), "by the real time");
}

#[test]
fn b378_b379_seeds_and_what_never_rests() {
    let order = |seed| {
        let clock = VirtualClock::with_seed(seed).unwrap();
        assert_eq!(clock.seed(), seed);
        let told = Told::default();
        for number in 0..6 {
            let told = told.clone();
            tasks().task(move |_| told.say(number.to_string())).spawn().unwrap();
        }
        let first = told.clone();
        tasks().task(move |_| first.say("first")).priority(Priority::High).spawn().unwrap();
        clock.run_until_idle().unwrap();
        told.take()
    };
    assert_eq!(order(3), order(3));
    assert!((0..20).any(|seed| order(seed) != order(3)));
    assert!((0..20).all(|seed| order(seed)[0] == "first"));

    let clock = VirtualClock::new().unwrap();
    fn again() {
        tasks().task(|_| again()).name("Poll").transient().spawn().unwrap();
    }
    again();
    let Err(ClockError::NeverRests(list)) = clock.fast_forward_by(MINUTE) else { panic!("it never rests") };
    assert_eq!(list[0].name, "Poll");
    clock.advance_clock(MINUTE).unwrap();
    assert_eq!(clock.now(), MINUTE);
    list.iter().for_each(|task| assert!(tasks().cancel_if_queued(task.id)));
}

#[test]
fn b382_tests_take_turns() {
    let clock = VirtualClock::new().unwrap();
    assert_eq!(VirtualClock::new().err(), Some(ClockError::Taken));
    let (tell, heard) = channel();
    let other = thread::spawn(move || {
        let clock = VirtualClock::new().unwrap();
        tell.send(()).unwrap();
        clock.run_until_idle().unwrap();
    });
    let refused = tasks().task(|_| VirtualClock::new().err().map(|error| error.to_string())).spawn().unwrap();
    let text = refused.wait(None).unwrap();
    assert!(
        text.as_deref().is_some_and(|text| text.starts_with("the clock was to be moved in the body")),
        "{text:?}"
    );
    assert!(heard.try_recv().is_err());
    drop(clock);
    heard.recv().unwrap();
    other.join().unwrap();
}

#[test]
fn b384_jobs_groups_keys_and_waits() {
    let clock = VirtualClock::new().unwrap();
    let double = |_: &TaskContext, args: &Args| args.get::<i64>(0).map(|number| number * 2);
    tasks().register_job("double", double).unwrap();
    let parts: Vec<_> =
        (1..=3).map(|number| tasks().job("double", [number]).delay(MINUTE).spawn().unwrap()).collect();
    let all = tasks().all(&parts).spawn().unwrap();
    let before = SystemTime::now();
    // A wait moves the time on, as nothing else would.
    assert_eq!(all.wait(None).unwrap().len(), 3);
    assert_eq!(clock.now(), MINUTE);
    let external = tasks().external::<i64>().name("Download").spawn().unwrap();
    assert!(matches!(external.task().wait(None), Err(WaitError::WouldDeadlock)));
    external.complete(7);
    assert_eq!(external.task().wait(None), Ok(7));
    let future = tasks().future(async {
        legwork::sleep(10 * MINUTE).await;
        Ok::<_, TaskError>(1)
    });
    let future = future.timeout(5 * MINUTE).spawn().unwrap();
    clock.fast_forward_by(5 * MINUTE).unwrap();
    assert_eq!(future.status(), Status::TimedOut);
    // The calendar moves with the clock.
    let every = Periodic { until: Some(before + 20 * MINUTE), ..Periodic::every(MINUTE) };
    let runs = tasks().periodic(every, |_| ()).spawn().unwrap();
    clock.fast_forward_by(60 * MINUTE).unwrap();
    assert_eq!(runs.status(), Status::Completed);
    assert!((13..=15).contains(&runs.info().unwrap().iteration), "six minutes had passed");
    tasks().unregister_job("double");
}
