//! The engine worked by hand, as the virtual clock of `legwork::testing` does.

use std::pin::Pin;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use legwork::engine::{
    Async, CancelReason, ClockError, Elsewhere, Engine, ErrorPolicy, External, FirstRun, Limits, Outcome,
    Periodic, Priority, Rate, Repeated, Retry, Status, TaskId, WaitResult,
};
use parking_lot::Mutex;

use super::support::*;

const MINUTE: Duration = Duration::from_secs(60);

/// An engine in hand, with what its bodies and deliveries did, and when.
struct Hands {
    lab: Lab,
    told: Arc<Mutex<Vec<String>>>,
}

impl Hands {
    fn new(workers: usize, seed: u64) -> Self {
        let lab = Lab::queued(workers);
        lab.take_in_hand(seed, &mut || false).unwrap();
        Hands { lab, told: Arc::default() }
    }

    fn deliver(&self) -> bool {
        self.lab.drain();
        false
    }

    fn forward(&self, by: Duration) {
        self.lab.fast_forward(by, &mut || self.deliver()).unwrap();
    }

    fn rest(&self) {
        self.lab.run_until_idle(&mut || self.deliver()).unwrap();
    }

    fn seconds(&self) -> u64 {
        seconds(self.lab.engine())
    }

    /// What tells a line, with the second of the clock.
    fn teller(&self) -> impl Fn(&str) + Send + Clone + use<> {
        let (told, engine) = (self.told.clone(), self.lab.engine().clone());
        move |what| told.lock().push(format!("{}: {what}", seconds(&engine)))
    }

    fn submit(&self, name: &str, options: Options) -> TaskId {
        let (tell, what) = (self.teller(), name.to_owned());
        let body = move |_: &_| {
            tell(&what);
            Ok(Num(0))
        };
        self.lab.submit(Options { name: Some(name.into()), ..options }, body)
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.lock())
    }
}

fn seconds(engine: &Engine<Num>) -> u64 {
    engine.now() / 1_000_000_000
}

fn after(delay: Duration) -> Options {
    Options { delay, ..Options::default() }
}

#[test]
fn b376_bodies_run_on_the_calling_thread_one_after_the_other_each_with_its_deliveries() {
    let hands = Hands::new(8, 7);
    let here = thread::current().id();
    for _ in 0..3 {
        let (tell, heard) = (hands.teller(), hands.teller());
        let options = Options {
            callbacks: vec![Box::new(move |notice| {
                assert_eq!(thread::current().id(), here);
                heard(&describe(notice));
            })],
            ..Options::default()
        };
        hands.lab.submit(options, move |_| {
            assert_eq!(thread::current().id(), here);
            tell("runs");
            Ok(Num(1))
        });
    }
    assert_eq!(hands.lab.counts().queued, 3, "nothing happens by itself");
    hands.rest();
    assert_eq!(hands.told(), ["0: runs", "0: completed 1"].repeat(3));
    assert_eq!(hands.lab.counts().workers, 0, "without a thread");
}

#[test]
fn b377_the_clock_stops_at_each_time_at_which_something_is_due() {
    let hands = Hands::new(4, 1);
    hands.submit("late", after(20 * MINUTE));
    hands.submit("soon", after(2 * SECOND));
    let tell = hands.teller();
    let every = Periodic { first_run: FirstRun::AfterInterval, max_runs: 3, ..Periodic::every(5 * MINUTE) };
    let periodic = Options { periodic: Some(every), ..Options::default() };
    hands.lab.repeat(periodic, move |context| {
        tell(&format!("run {}", context.iteration()));
        Ok(Num(0))
    });
    // It fails twice, and waits for a second and for two.
    let tell = hands.teller();
    let retry = Retry { times: 2, delay: SECOND, jitter: 0.0, ..Retry::default() };
    hands.lab.repeat(Options { retry, ..Options::default() }, move |context| {
        tell(&format!("attempt {}", context.attempt()));
        if context.attempt() < 3 { Err(fault("no")) } else { Ok(Num(0)) }
    });
    // A callback at one time submits what is due at another that is before the end.
    let engine = hands.lab.engine().clone();
    let tell = hands.teller();
    let options = Options {
        delay: MINUTE,
        callbacks: vec![Box::new(move |_| {
            tell("told");
            let tell = tell.clone();
            let body = move |_: &_| {
                tell("follow-up");
                Ok(Num(0))
            };
            engine.submit(Box::new(Repeated(body)), after(MINUTE), None, false).unwrap();
        })],
        ..Options::default()
    };
    hands.lab.submit(options, |_| Ok(Num(0)));
    hands.forward(10 * MINUTE);
    let first = [
        "0: attempt 1",
        "1: attempt 2",
        "2: soon",
        "3: attempt 3",
        "60: told",
        "120: follow-up",
        "300: run 1",
        "600: run 2",
    ];
    assert_eq!(hands.told(), first);
    assert_eq!(hands.seconds(), 600);
    let pending: Vec<_> = hands.lab.pending().into_iter().map(|task| (task.name, task.due_in)).collect();
    assert_eq!(pending, [(String::new(), Some(5 * MINUTE)), ("late".to_owned(), Some(10 * MINUTE))]);
    hands.forward(10 * MINUTE);
    assert_eq!(hands.told(), ["900: run 3", "1200: late"]);
    assert!(hands.lab.pending().is_empty());
}

#[test]
fn b377_times_out_warns_and_gives_up_by_the_clock() {
    let hands = Hands::new(1, 1);
    let slept = |time: Duration, options| {
        hands.lab.submit(options, move |context| {
            context.sleep(time)?;
            Ok(Num(0))
        })
    };
    let long =
        slept(10 * MINUTE, Options { timeout: Some(2 * MINUTE), warn_after: MINUTE, ..Options::default() });
    hands.forward(SECOND);
    assert_eq!(hands.seconds(), 120, "a body that sleeps takes its time, until it is over");
    assert_eq!(hands.lab.status(long), Status::TimedOut);
    assert_eq!(hands.lab.events_of(long), ["started", "slow 60s", "failed TimedOut"]);
    // One that may not begin, as the other sleeps meanwhile.
    let first = slept(MINUTE, Options { priority: Priority::High, ..Options::default() });
    let second = slept(SECOND, Options { start_timeout: Some(30 * SECOND), ..Options::default() });
    hands.rest();
    assert_eq!(hands.lab.status(first), Status::Completed);
    assert_eq!(hands.lab.events_of(second).last().unwrap(), "failed StartTimedOut");
    assert_eq!(hands.seconds(), 180);
}

/// The order of 12 tasks of one kind, with the times at which periodic ones with jitter run.
fn order_by(seed: u64, workers: usize) -> Vec<String> {
    let hands = Hands::new(workers, seed);
    for number in 0..12 {
        hands.submit(&number.to_string(), Options::default());
    }
    let tell = hands.teller();
    let every = Periodic { jitter: 50 * SECOND, rate: Rate::FixedRate, ..Periodic::every(MINUTE) };
    hands.lab.repeat(Options { periodic: Some(every), ..Options::default() }, move |_| {
        tell("tick");
        Ok(Num(0))
    });
    hands.forward(10 * MINUTE);
    hands.told()
}

#[test]
fn b378_the_seed_decides_the_order_and_the_same_seed_gives_the_same() {
    assert_eq!(order_by(5, 4), order_by(5, 4));
    assert_ne!(order_by(5, 4), order_by(6, 4));
    let names = |told: Vec<String>| -> Vec<usize> {
        told.iter().filter_map(|line| line.split(' ').next_back()?.parse().ok()).collect()
    };
    let in_order: Vec<_> = (0..12).collect();
    assert_eq!(names(order_by(5, 1)), in_order, "one worker has no choice");
    let mut first = std::collections::BTreeSet::new();
    for seed in 0..50 {
        let order = names(order_by(seed, 4));
        first.insert(order[0]);
        for (place, number) in order.iter().enumerate() {
            // Of those that were before it at most three may be at work still, for as long as it takes.
            assert!(*number < place + 4, "{order:?}");
        }
        let mut sorted = order.clone();
        sorted.sort();
        assert_eq!(sorted, in_order);
    }
    assert_eq!(first.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3], "each that may be first is");
}

#[test]
fn b378_what_priorities_keys_and_after_say_holds_with_every_seed() {
    for seed in 0..30 {
        let hands = Hands::new(8, seed);
        let of = |priority| Options { priority, ..Options::default() };
        let keyed = || Options { key: Some("save".into()), ..Options::default() };
        hands.submit("low", of(Priority::Low));
        let a = hands.submit("a", keyed());
        hands.submit("b", keyed());
        hands.submit("c", Options { after: vec![a], ..Options::default() });
        hands.submit("high", of(Priority::High));
        hands.rest();
        let told = hands.told();
        let place = |name: &str| told.iter().position(|line| line.ends_with(name)).unwrap();
        assert_eq!((place(" high"), place(" low")), (0, 4), "{told:?}");
        assert!(place(" a") < place(" b") && place(" a") < place(" c"), "{told:?}");
    }
}

#[test]
fn b378_owners_have_their_turns_with_every_seed() {
    for workers in [1, 3] {
        let hands = Hands::new(workers, 9);
        for name in ["one", "two"] {
            let owner = hands.lab.open_owner(name);
            for _ in 0..10 {
                hands.submit(name, Options { owner: Some(owner), ..Options::default() });
            }
        }
        hands.rest();
        let told = hands.told();
        let early = told[..10].iter().filter(|line| line.ends_with("two")).count();
        assert!((2..=8).contains(&early), "{told:?}");
    }
}

#[test]
fn b379_a_rest_does_not_move_the_clock_and_leaves_what_is_due_later() {
    let hands = Hands::new(2, 1);
    let tell = hands.teller();
    hands.lab.repeat(hands.lab.silent_periodic(10), move |_| {
        tell("tick");
        Ok(Num(0))
    });
    hands.submit("later", after(SECOND));
    hands.rest();
    assert_eq!((hands.told(), hands.seconds()), (vec!["0: tick".to_owned()], 0));
    // The clock moves, and nothing is done; what is due by then is done by the next rest, at the time that it is now.
    hands.lab.move_clock(25 * SECOND).unwrap();
    assert!(hands.told().is_empty());
    hands.rest();
    let mut told = hands.told();
    told.sort();
    assert_eq!(told, ["25: later", "25: tick"]);
}

#[test]
fn b379_what_never_rests_is_given_up_with_a_list() {
    let hands = Hands::new(2, 1);
    fn again(engine: Engine<Num>) {
        let next = engine.clone();
        let body = move |_: &_| {
            again(next.clone());
            Ok(Num(0))
        };
        let options = Options { name: Some("Poll".into()), transient: true, ..Options::default() };
        let _ = engine.submit(Box::new(Repeated(body)), options, None, false);
    }
    again(hands.lab.engine().clone());
    hands.submit("Later", after(MINUTE));
    let gave_up = hands.lab.fast_forward(MINUTE, &mut || hands.deliver()).unwrap_err();
    let ClockError::NeverRests(tasks) = &gave_up else { panic!("{gave_up}") };
    assert_eq!(tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(), ["Poll"]);
    assert!(gave_up.to_string().ends_with("tasks that go on all the time: \"Poll\" (Queued)"), "{gave_up}");
    assert_eq!(hands.seconds(), 0);
}

#[test]
fn b380_a_body_sleeps_by_the_clock_and_no_other_begins_meanwhile() {
    let hands = Hands::new(4, 1);
    let tell = hands.teller();
    hands.lab.run(move |context| {
        tell("begins");
        context.sleep(MINUTE)?;
        tell("ends");
        Ok(Num(0))
    });
    hands.submit("other", after(SECOND));
    hands.forward(SECOND);
    assert_eq!(hands.told(), ["0: begins", "60: ends", "60: other"]);
}

#[test]
fn b380_a_body_that_waits_runs_what_it_waits_for() {
    let hands = Hands::new(1, 1);
    let slow = hands.submit("slow", Options { priority: Priority::Low, ..Options::default() });
    let behind = hands.submit("behind", Options { after: vec![slow], ..Options::default() });
    // A retry waits for a minute.
    let retry = Retry { times: 1, delay: MINUTE, jitter: 0.0, ..Retry::default() };
    let tell = hands.teller();
    let options = Options { retry, ..Options::default() };
    let tried = hands.lab.repeat(options, move |context| {
        tell(&format!("attempt {}", context.attempt()));
        if context.attempt() == 1 { Err(fault("no")) } else { Ok(Num(0)) }
    });
    let (engine, tell) = (hands.lab.engine().clone(), hands.teller());
    hands.lab.submit(Options { priority: Priority::High, ..Options::default() }, move |_| {
        tell("waits");
        assert_eq!(engine.wait(behind, None), WaitResult::Done);
        tell("waits again");
        assert_eq!(engine.wait(tried, Some(SECOND)), WaitResult::WaitTimeout);
        tell("waits longer");
        assert_eq!(engine.wait(tried, None), WaitResult::Done);
        tell("goes on");
        Ok(Num(0))
    });
    hands.rest();
    let told = hands.told();
    let expected = ["0: waits", "0: slow", "0: behind", "0: waits again", "0: attempt 1", "1: waits longer"];
    assert_eq!(told[..6], expected);
    assert_eq!(told[6..], ["60: attempt 2", "60: goes on"]);
}

#[test]
fn b381_a_wait_that_nothing_can_end_is_refused() {
    let hands = Hands::new(2, 1);
    let external = |options| {
        let options = Options { external: Some(External::default()), ..options };
        hands.lab.engine().submit(Box::new(Elsewhere), options, None, true).unwrap()
    };
    let download = external(Options::default());
    assert_eq!(hands.lab.wait(download, None), WaitResult::WouldDeadlock);
    assert_eq!(hands.seconds(), 30, "it was tried what comes of the warning that it takes long");
    assert_eq!(hands.lab.wait(download, Some(MINUTE)), WaitResult::WaitTimeout);
    assert_eq!(hands.seconds(), 90, "a wait takes its time");
    // Beside what goes on for ever, too.
    hands.lab.repeat(hands.lab.silent_periodic(1), |_| Ok(Num(0)));
    assert_eq!(hands.lab.wait(download, None), WaitResult::WouldDeadlock);
    // In a body, that another one's is below on the stack.
    let engine = hands.lab.engine().clone();
    let waits = hands.lab.run(move |_| {
        assert_eq!(engine.wait(download, None), WaitResult::WouldDeadlock);
        Ok(Num(7))
    });
    assert_eq!(hands.lab.wait(waits, None), WaitResult::Done);
    assert!(matches!(hands.lab.outcome(waits), Some((_, Outcome::Value(Num(7))))));
    assert!(hands.lab.engine().end_external(download, Ok(Num(3))));
    assert_eq!(hands.lab.wait(download, None), WaitResult::Done);
}

#[test]
fn b381_a_body_that_is_paused_for_ever_fails() {
    let hands = Hands::new(2, 1);
    let pausing = |resumed: bool| {
        let engine = hands.lab.engine().clone();
        let options = Options { pausable: true, ..Options::default() };
        hands.lab.submit(options, move |context| {
            engine.pause(context.id(), "for a test");
            if resumed {
                let (other, id) = (engine.clone(), context.id());
                let body = move |_: &_| {
                    other.resume(id);
                    Ok(Num(0))
                };
                engine.submit(Box::new(Repeated(body)), after(MINUTE), None, false).unwrap();
            }
            context.checkpoint()?;
            Ok(Num(1))
        })
    };
    let goes_on = pausing(true);
    hands.rest();
    assert_eq!((hands.lab.status(goes_on), hands.seconds()), (Status::Completed, 60));
    let never = pausing(false);
    hands.rest();
    assert_eq!(hands.lab.status(never), Status::Failed);
    let Some((_, Outcome::Error(error))) = hands.lab.outcome(never) else { panic!("it has failed") };
    assert!(error.message().contains("nothing is left on the virtual clock that would resume it"), "{error}");
}

#[test]
fn b382_an_engine_with_tasks_is_not_taken_in_hand() {
    let lab = Lab::queued(2);
    let gate = Gate::new();
    let passes = gate.clone();
    let held = lab.submit(Options { name: Some("Held".into()), ..Options::default() }, move |_| {
        passes.pass();
        Ok(Num(0))
    });
    gate.wait_for(1);
    lab.submit(Options { name: Some("Late".into()), ..after(MINUTE) }, |_| Ok(Num(0)));
    let take = || lab.take_in_hand(1, &mut || false);
    let refused = take().unwrap_err();
    let text = "there are tasks, which would begin by one clock and end by another; make the virtual clock before \
                them, or cancel them and wait: \"Held\" (Running), \"Late\" (Delayed, due in 60s)";
    assert_eq!(refused.to_string(), text);
    lab.cancel(lab.pending()[1].id, CancelReason::User);
    gate.open();
    lab.done(held);
    lab.drain();
    take().expect("nothing is left, and the worker falls asleep");
    assert_eq!(take(), Err(ClockError::Taken));
    thread::scope(|scope| {
        let other = scope.spawn(|| lab.fast_forward(SECOND, &mut || false));
        assert_eq!(other.join().unwrap(), Err(ClockError::NotHere));
    });
    let engine = lab.engine().clone();
    let id = lab.run(move |_| {
        assert_eq!(engine.fast_forward(SECOND, &mut || false), Err(ClockError::InBody));
        assert_eq!(engine.run_until_idle(&mut || false), Err(ClockError::InBody));
        assert_eq!(engine.move_clock(SECOND), Err(ClockError::InBody));
        Ok(Num(1))
    });
    lab.run_until_idle(&mut || false).unwrap();
    assert_eq!(lab.status(id), Status::Completed);
}

#[test]
fn b382_what_is_left_goes_on_by_the_threads_and_the_real_clock() {
    let notify = Box::new(|| ());
    let lab = Lab::of(Engine::queued(config(2), notify), legwork::engine::DeliveryMode::Queued);
    let first = lab.run(|_| Ok(Num(0)));
    lab.done(first);
    let here = thread::current().id();
    let before = lab.now();
    lab.take_in_hand(1, &mut || false).unwrap();
    let ran = lab.run(move |_| {
        assert_eq!(thread::current().id(), here);
        Ok(Num(0))
    });
    let queued = {
        lab.run_until_idle(&mut || false).unwrap();
        assert_eq!(lab.status(ran), Status::Completed);
        lab.fast_forward(60 * MINUTE, &mut || false).unwrap();
        lab.run(move |_| Ok(Num(i64::from(thread::current().id() == here))))
    };
    // A minute and a millisecond after the hour; then only that millisecond is left.
    let soon = lab.submit(after(MINUTE + Duration::from_millis(1)), |_| Ok(Num(0)));
    lab.move_clock(MINUTE).unwrap();
    lab.let_go();
    lab.done(queued);
    assert!(matches!(lab.outcome(queued), Some((_, Outcome::Value(Num(0))))), "by a worker");
    lab.done(soon);
    assert!(lab.now() >= before + 61 * 60 * 1_000_000_000, "the time does not go back");
    lab.drain();
    // And it is taken again.
    lab.take_in_hand(2, &mut || false).unwrap();
    lab.let_go();
    lab.finish();
}

/// The timer thread slept for what comes in half a minute, which is over by the clock that was moved.
#[test]
fn b382_what_comes_after_an_hour_by_hand_is_in_time() {
    let lab = Lab::of(Engine::queued(config(2), Box::new(|| ())), legwork::engine::DeliveryMode::Queued);
    let timed = |delay| {
        let id = lab.submit(after(delay), |_| Ok(Num(0)));
        assert_eq!(lab.wait(id, Some(10 * SECOND)), WaitResult::Done);
        lab.drain();
    };
    timed(Duration::from_millis(1));
    for seed in 0..3 {
        lab.take_in_hand(seed, &mut || false).unwrap();
        lab.fast_forward(60 * MINUTE, &mut || false).unwrap();
        lab.let_go();
        timed(Duration::from_millis(1));
    }
    lab.finish();
}

#[test]
fn b382_other_threads_submit_and_wait() {
    let hands = Hands::new(2, 1);
    let lab = &hands.lab;
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let id = lab.submit(after(MINUTE), |_| Ok(Num(5)));
            assert_eq!(lab.wait(id, None), WaitResult::Done);
            id
        });
        until("it has submitted", || !lab.pending().is_empty());
        assert_eq!(lab.counts().delayed, 1);
        hands.forward(MINUTE);
        assert_eq!(lab.status(other.join().unwrap()), Status::Completed);
    });
}

#[test]
fn b383_a_shutdown_is_over_at_its_deadline_by_the_clock() {
    let hands = Hands::new(2, 1);
    let tell = hands.teller();
    let must = Options { must_run: true, ..Options::default() };
    hands.lab.submit(must, move |_| {
        tell("must");
        Ok(Num(0))
    });
    hands.submit("may", Options::default());
    let external =
        Options { external: Some(External::default()), name: Some("Upload".into()), ..Options::default() };
    hands.lab.engine().submit(Box::new(Elsewhere), external, None, false).unwrap();
    let report = hands.lab.shutdown(MINUTE, None);
    assert_eq!(hands.told(), ["0: must"]);
    assert_eq!((report.complete, report.finished, report.cancelled), (true, 1, 1));
    assert_eq!(report.abandoned[0].name, "Upload");
    assert_eq!(hands.seconds(), 60);
    assert_eq!(hands.lab.take_in_hand(1, &mut || false), Err(ClockError::Taken));
    hands.lab.let_go();
    assert_eq!(hands.lab.take_in_hand(1, &mut || false), Err(ClockError::Shut));
}

#[test]
fn b384_futures_streams_groups_limits_and_what_blocks_work_by_hand() {
    let hands = Hands::new(2, 3);
    let (engine, tell) = (hands.lab.engine().clone(), hands.teller());
    let future: Pin<Box<dyn Future<Output = Answer> + Send>> = {
        let engine = engine.clone();
        Box::pin(async move {
            tell("polled");
            engine.sleep(MINUTE).await;
            tell("woken");
            Ok(Num(1))
        })
    };
    let options = Options { future: true, ..Options::default() };
    let future = engine.submit(Box::new(Async::Future(future)), options, None, true).unwrap();
    // It sends more than may wait, and does not wait for the thread that it runs on.
    let sends = Options { max_undelivered: 2, ..Options::default() };
    let sends_by = engine.clone();
    let sender = hands.lab.submit(sends, move |context| {
        for value in 0..5 {
            sends_by.send(context, Num(value))?;
        }
        Ok(Num(2))
    });
    let members = [future, sender];
    let group =
        engine.submit_group(&members, ErrorPolicy::StopOnError, Options::default(), None, true).unwrap();
    let owner = engine.open_owner("plugin");
    engine.set_limits(owner, Limits { max_running: 1, ..Limits::default() }).unwrap();
    let blocks: Vec<_> = (0..3)
        .map(|n| {
            let options = Options { may_block: true, owner: Some(owner), ..Options::default() };
            hands.lab.submit(options, move |context| context.blocking(|| Ok(Num(n))))
        })
        .collect();
    hands.forward(2 * MINUTE);
    assert_eq!(hands.told(), ["0: polled", "60: woken"]);
    for id in blocks.into_iter().chain([future, sender, group]) {
        assert_eq!(hands.lab.status(id), Status::Completed);
    }
    let events = hands.lab.events_of(sender);
    assert!(events.iter().any(|event| event.starts_with("values 0 1 2 3 4")), "{events:?}");
}
