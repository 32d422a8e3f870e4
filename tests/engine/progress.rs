//! Progress: at most once a frame, and the last before the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use legwork::engine::{
    Amount, DeliveryMode, Elsewhere, ErrorPolicy, External, Notice, Report, TaskId, TaskOptions,
};

use crate::support::*;

/// A task that reports what it is sent, one at a time.
struct Reporter {
    id: TaskId,
    values: std::sync::mpsc::Sender<f64>,
    reported: std::sync::mpsc::Receiver<()>,
}

impl Reporter {
    fn new(lab: &Lab, options: Options) -> Reporter {
        let (values, receive) = std::sync::mpsc::channel();
        let (tell, reported) = std::sync::mpsc::channel();
        let id = lab.submit(options, move |context| {
            for value in receive.iter() {
                context.set_progress(value, "at work");
                tell.send(()).unwrap();
            }
            Ok(Num(1))
        });
        Reporter { id, values, reported }
    }

    fn report(&self, value: f64) {
        self.values.send(value).unwrap();
        self.reported.recv_timeout(DEADLINE).unwrap();
    }

    fn end(self, lab: &Lab) -> TaskId {
        drop(self.values);
        lab.done(self.id);
        self.id
    }
}

const FRAME: Duration = Duration::from_millis(16);

#[test]
fn b73_a_flood_becomes_one_event_a_frame_and_the_last_always_comes() {
    let lab = Lab::queued(1);
    let reporter = Reporter::new(&lab, lab.options());
    for n in 0..=100_000 {
        reporter.report(f64::from(n) / 100_000.0);
    }
    let id = reporter.end(&lab);
    lab.drain();
    // Both events tell the newest at their delivery; the first was on its way all the time.
    assert_eq!(lab.events_of(id), ["started", "progress 1 at work", "completed 1"]);
}

#[test]
fn b73_within_a_frame_the_newest_waits_for_the_frames_end() {
    let lab = Lab::queued(1);
    let reporter = Reporter::new(&lab, lab.options());
    reporter.report(0.1);
    lab.drain();
    reporter.report(0.2);
    reporter.report(0.3);
    lab.drain();
    assert_eq!(lab.events_of(reporter.id), ["started", "progress 0.1 at work"]);
    lab.advance(FRAME - Duration::from_nanos(1));
    lab.drain();
    assert_eq!(lab.events_of(reporter.id).len(), 2);
    lab.advance(Duration::from_nanos(1));
    lab.drain();
    assert_eq!(lab.events_of(reporter.id)[2..], ["progress 0.3 at work"]);
    lab.advance(FRAME);
    lab.drain();
    assert_eq!(lab.events_of(reporter.id).len(), 3, "nothing new, nothing told");
    reporter.report(0.4);
    reporter.report(0.5);
    let id = reporter.end(&lab);
    lab.drain();
    assert_eq!(lab.events_of(id)[3..], ["progress 0.5 at work", "completed 1"]);
    assert_eq!(lab.heard()[..], lab.events_of(id)[1..]);
    // A frame that ends after the task finds nothing to tell.
    lab.advance(FRAME);
    lab.drain();
    assert_eq!(lab.events_of(id).len(), 5);
}

#[test]
fn b73_the_last_progress_comes_before_the_end_also_without_a_receiver() {
    let lab = Lab::direct(1);
    let reporter = Reporter::new(&lab, lab.options());
    for value in [0.1, 0.2, 0.3] {
        reporter.report(value);
    }
    reporter.end(&lab);
    lab.finish();
    assert_eq!(lab.heard(), ["progress 0.1 at work", "progress 0.3 at work", "completed 1"]);
}

#[test]
fn b71_a_callback_that_comes_late_hears_first_how_far_the_task_is() {
    for (mode, listening) in
        [(DeliveryMode::Queued, false), (DeliveryMode::Queued, true), (DeliveryMode::Direct, false)]
    {
        let lab = &Lab::manual(1, mode);
        lab.set_listening(listening);
        let reporter = Reporter::new(lab, TaskOptions::default());
        let id = reporter.id;
        // What a callback hears that is added now.
        let hear = || {
            let heard = Arc::new(Mutex::new(Vec::new()));
            let hears = heard.clone();
            let callback = move |notice: &Notice<Num>| {
                if !matches!(notice, Notice::Started) {
                    hears.lock().push(describe(notice));
                }
            };
            assert!(lab.add_callback(id, Box::new(callback)));
            move || {
                lab.drain();
                std::mem::take(&mut *heard.lock())
            }
        };
        let first = hear();
        reporter.report(0.25);
        assert_eq!(first(), ["progress 0.25 at work"]);
        let second = hear();
        assert_eq!((first(), second()), (vec![], vec!["progress 0.25 at work".to_owned()]));
        lab.advance(SECOND);
        reporter.report(0.5);
        let third = hear();
        for heard in [&first, &second, &third] {
            assert_eq!(heard(), ["progress 0.5 at work"], "once");
        }
        reporter.end(lab);
        let fourth = hear();
        assert_eq!(fourth(), ["progress 0.5 at work", "completed 1"]);
        let fifth = hear();
        assert_eq!(fifth(), ["progress 0.5 at work", "completed 1"]);
    }
}

#[test]
fn b71_a_group_that_has_ended_says_that_it_is_done() {
    for listening in [false, true] {
        let lab = Lab::queued(1);
        lab.set_listening(listening);
        let members = [1, 2].map(|n| lab.submit(TaskOptions::default(), move |_| Ok(Num(n))));
        let whole = lab
            .engine()
            .submit_group(&members, ErrorPolicy::StopOnError, Options::default(), None, false)
            .unwrap();
        lab.done(whole);
        assert!(lab.add_callback(whole, lab.callback()));
        lab.drain();
        assert_eq!(lab.heard(), ["progress 1 ", "completed 12"]);
    }
}

#[test]
fn b73_a_callback_that_is_added_later_hears_of_what_was_reported_to_nobody() {
    let lab = Lab::queued(1);
    lab.set_listening(false);
    let reporter = Reporter::new(&lab, TaskOptions::default());
    reporter.report(0.25);
    lab.drain();
    assert!(lab.add_callback(reporter.id, lab.callback()));
    lab.drain();
    assert_eq!(lab.heard(), ["progress 0.25 at work"]);
    reporter.end(&lab);
    lab.drain();
    assert_eq!(lab.heard()[1..], ["completed 1"]);
}

#[test]
fn b74_what_is_not_from_0_to_1_is_ignored() {
    let lab = Lab::queued(1);
    let reporter = Reporter::new(&lab, lab.options());
    for value in [f64::NAN, f64::INFINITY, -0.1, 1.1, -f64::MIN_POSITIVE] {
        reporter.report(value);
        assert_eq!(lab.info(reporter.id).unwrap().progress, -1.0);
    }
    reporter.report(1.0);
    reporter.report(f64::NAN);
    let id = reporter.end(&lab);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "progress 1 at work", "completed 1"]);
    assert_eq!(lab.info(id).unwrap().progress, 1.0);
}

/// A body that is wrong once is wrong in each of its reports: a line for each would bury all else.
#[test]
fn b149_what_is_no_progress_is_logged_once_a_task_and_its_message_counts() {
    keep_log();
    let lab = Lab::queued(1);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.run(move |context| {
        context.set_progress(0.25, "begun");
        for n in 0..20_000 {
            context.set_progress(f64::NAN, &format!("step {n}"));
            context.set_progress_value(1.5);
        }
        held.pass();
        context.set_progress(1.0 + 1e-7, "all");
        Ok(Num(1))
    });
    gate.wait_for(1);
    let info = lab.info(id).unwrap();
    assert_eq!((info.progress, &*info.message), (0.25, "step 19999"), "the value stays what it was");
    gate.open();
    lab.done(id);
    let info = lab.info(id).unwrap();
    assert_eq!((info.progress, &*info.message), (1.0, "all"), "a sum of fractions is a little over 1");
    let lines = logged_of(id);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("progress NaN was ignored; it goes from 0 to 1"), "{lines:?}");
}

#[test]
fn b267_an_amount_is_progress_with_a_speed() {
    keep_log();
    let lab = Lab::queued(1);
    let gates: Vec<_> = (0..4).map(|_| Gate::new()).collect();
    let held = gates.clone();
    let id = lab.run(move |context| {
        context.set_progress_of(1.0, 8.0, "files");
        held[0].pass();
        context.set_message("looking");
        context.set_progress_of(3.0, 8.0, "files");
        held[1].pass();
        context.set_progress_of(-1.0, 8.0, "files");
        context.set_progress_of(f64::NAN, 8.0, "files");
        context.set_progress_of(8.0, 8.0, "files");
        held[2].pass();
        context.set_progress_of(9.0, f64::NAN, "files");
        held[3].pass();
        context.set_progress(0.5, "half");
        Ok(Num(1))
    });
    let look = |gate: &Gate| {
        gate.wait_for(1);
        let info = lab.info(id).unwrap();
        (info.progress, info.message.to_string(), info.amount.expect("it is counted"))
    };
    let amount = |done, total, speed| Amount { done, total, unit: "files".into(), speed };
    assert_eq!(look(&gates[0]), (0.125, String::new(), amount(1.0, Some(8.0), None)));
    lab.advance(Duration::from_secs(1));
    gates[0].open();
    assert_eq!(look(&gates[1]), (0.375, "looking".into(), amount(3.0, Some(8.0), Some(2.0))));
    gates[1].open();
    assert_eq!(look(&gates[2]), (1.0, "looking".into(), amount(8.0, Some(8.0), Some(2.0))));
    gates[2].open();
    assert_eq!(look(&gates[3]), (-1.0, "looking".into(), amount(9.0, None, Some(2.0))));
    gates[3].open();
    lab.done(id);
    let info = lab.info(id).unwrap();
    assert_eq!((info.progress, info.amount), (0.5, None));
    let lines = logged_of(id);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("progress -1 was ignored; an amount is at least 0"), "{lines:?}");
}

/// As of a download whose announced length was wrong: that it is at work stays true, and that it is done was not.
#[test]
fn b289_more_than_the_total_is_taken_and_the_total_is_not_known() {
    keep_log();
    let lab = Lab::queued(1);
    let look = |id| {
        let info = lab.info(id).unwrap();
        (info.progress, info.amount.map(|amount| (amount.done, amount.total)))
    };
    // Of a body, and of external work.
    for external in [false, true] {
        let (door, steps) = (Gate::new(), Gate::new());
        let (inside, looked) = (door.clone(), steps.clone());
        let id = match external {
            true => {
                let outside = TaskOptions { external: Some(External { on_stop: None }), ..lab.options() };
                lab.engine().submit(Box::new(Elsewhere), outside, None, false).unwrap()
            }
            false => lab.run(move |context| {
                context.set_progress_of(4.0, 4.0, "kB");
                context.set_progress_of(5.0, 4.0, "kB");
                context.set_progress_of(-5.0, 4.0, "kB");
                looked.pass();
                // A sum of fractions, and a total that is told anew.
                context.set_progress_of(8.000_000_1, 8.0, "kB");
                inside.pass();
                Ok(Num(1))
            }),
        };
        let report = |done| lab.engine().report_external_amount(id, done, 4.0, "kB");
        match external {
            true => [4.0, 5.0, -5.0, f64::INFINITY].into_iter().for_each(report),
            false => steps.wait_for(1),
        }
        assert_eq!(look(id), (-1.0, Some((5.0, None))));
        match external {
            true => lab.engine().report_external_amount(id, 8.000_000_1, 8.0, "kB"),
            false => {
                steps.open();
                door.wait_for(1);
            }
        }
        assert_eq!(look(id), (1.0, Some((8.0, Some(8.0)))));
        let lines = logged_of(id);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("progress 5 of 4 was taken as 5 of an unknown total"), "{lines:?}");
        door.open();
        if external {
            assert!(lab.end_external(id, Ok(Num(1))));
        }
        lab.done(id);
    }
    lab.finish();
}

#[test]
fn b289_an_amount_beyond_all_numbers_leaves_a_speed() {
    let lab = Lab::queued(1);
    let outside = TaskOptions { external: Some(External { on_stop: None }), ..lab.options() };
    let id = lab.engine().submit(Box::new(Elsewhere), outside, None, false).unwrap();
    let amount = || lab.info(id).unwrap().amount.unwrap();
    for done in [0.0, f64::MAX] {
        lab.engine().report_external_amount(id, done, f64::INFINITY, "bytes");
        lab.advance(Duration::from_millis(250));
    }
    lab.engine().report_external_amount(id, f64::MAX, f64::NAN, "bytes");
    let speed = amount().speed.unwrap();
    assert!(speed.is_finite(), "{speed}");
    assert_eq!((amount().done, amount().total, lab.info(id).unwrap().progress), (f64::MAX, None, -1.0));
    lab.end_external(id, Ok(Num(1)));
    lab.finish();
}

#[test]
fn b74_a_message_without_a_value_and_a_value_without_a_message() {
    let lab = Lab::queued(1);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.run(move |context| {
        context.set_message("looking");
        context.set_progress_value(0.5);
        context.set_progress_value(7.0);
        held.pass();
        context.set_message("almost");
        Ok(Num(1))
    });
    gate.wait_for(1);
    let info = lab.info(id).unwrap();
    assert_eq!((info.progress, &*info.message), (0.5, "looking"));
    gate.open();
    lab.done(id);
    let info = lab.info(id).unwrap();
    assert_eq!((info.progress, &*info.message), (-1.0, "almost"));
}

#[test]
fn b74_nothing_is_reported_after_the_end() {
    let lab = Lab::queued(1);
    let gate = Gate::new();
    let held = gate.clone();
    let id = lab.run(move |context| {
        context.set_progress(0.5, "half");
        held.pass();
        context.set_progress(0.75, "too late");
        Ok(Num(1))
    });
    gate.wait_for(1);
    lab.shutdown(Duration::ZERO, None);
    gate.open();
    lab.finish();
    assert_eq!(lab.events_of(id), ["started", "progress 0.5 half", "failed Abandoned"]);
    assert_eq!(&*lab.info(id).unwrap().message, "half");
}

#[test]
fn b113_progress_that_nobody_hears_is_kept_and_makes_no_event() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        lab.set_listening(false);
        let reporter = Reporter::new(&lab, Options::default());
        reporter.report(0.5);
        assert_eq!(lab.info(reporter.id).unwrap().progress, 0.5);
        let id = reporter.end(&lab);
        lab.drain();
        assert!(lab.events_of(id).is_empty());
    }
}

#[test]
fn b70_progress_of_a_periodic_run_comes_before_that_run() {
    let lab = Lab::queued(1);
    let id = lab.repeat(lab.periodic(1), |context| {
        for value in [0.25, 0.5] {
            context.set_progress(value, "at work");
        }
        Ok(Num(context.iteration() as i64))
    });
    for run in 1..=3 {
        lab.rests(id, run);
        lab.drain();
        lab.advance(SECOND);
    }
    lab.rests(id, 4);
    lab.cancel(id, USER);
    lab.drain();
    let events = lab.events_of(id);
    let expected = [
        "started",
        "progress 0.5 at work",
        "run 1 1",
        "progress 0.5 at work",
        "run 2 2",
        "progress 0.5 at work",
        "run 3 3",
        "progress 0.5 at work",
        "run 4 4",
        "cancelled User",
    ];
    assert_eq!(events, expected);
}

/// What a follower is told, and whether it still is there.
struct Followed {
    told: Arc<Mutex<Vec<(f64, String)>>>,
    gone: std::sync::mpsc::Receiver<()>,
}

impl Followed {
    /// `pass` is what the follower answers.
    fn new(lab: &Lab, id: TaskId, pass: &Arc<AtomicBool>) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let (alive, gone) = std::sync::mpsc::channel();
        let (list, pass) = (told.clone(), pass.clone());
        lab.follow(
            id,
            Arc::new(move |report: &Report| {
                let _alive = &alive;
                list.lock().push((report.value, report.message.to_string()));
                pass.load(Ordering::Relaxed)
            }),
        );
        Followed { told, gone }
    }

    fn values(&self) -> Vec<f64> {
        self.told.lock().iter().map(|(value, _)| *value).collect()
    }

    /// Waits until it was let go.
    fn wait_gone(&self) {
        let over = std::sync::mpsc::RecvTimeoutError::Disconnected;
        assert_eq!(self.gone.recv_timeout(DEADLINE), Err(over), "nobody is followed for ever");
    }
}

const PACE: Duration = Duration::from_millis(40);

/// Not through the outbox: nobody drains here.
#[test]
fn b145_a_follower_is_told_once_in_40_ms_and_of_the_last_before_the_end() {
    let lab = Lab::queued(1);
    lab.set_listening(false);
    let reporter = Reporter::new(&lab, Options::default());
    reporter.report(0.1);
    let told = Followed::new(&lab, reporter.id, &Arc::new(AtomicBool::new(true)));
    let values = || told.values();
    assert_eq!(values(), [0.1], "what was reported before");
    reporter.report(0.2);
    reporter.report(0.3);
    lab.advance(PACE - Duration::from_nanos(1));
    assert_eq!(values(), [0.1]);
    lab.advance(FRAME);
    assert_eq!(values(), [0.1, 0.3], "also if nothing more is reported");
    lab.advance(SECOND);
    assert_eq!(values(), [0.1, 0.3], "nothing new, nothing told");
    reporter.report(0.4);
    reporter.report(0.5);
    assert_eq!(values(), [0.1, 0.3, 0.4]);
    let id = reporter.end(&lab);
    told.wait_gone();
    assert_eq!(values(), [0.1, 0.3, 0.4, 0.5]);
    let late = Followed::new(&lab, id, &Arc::new(AtomicBool::new(true)));
    assert_eq!(late.told.lock()[..], [(0.5, "at work".to_owned())], "of a task that has ended, its last");
    late.wait_gone();
}

#[test]
fn b145_a_follower_that_could_not_pass_it_on_is_told_again() {
    let lab = Lab::queued(1);
    let reporter = Reporter::new(&lab, lab.options());
    let pass = Arc::new(AtomicBool::new(false));
    let followed = Followed::new(&lab, reporter.id, &pass);
    let told = &followed.told;
    reporter.report(0.1);
    assert_eq!(told.lock().len(), 1);
    lab.advance(PACE + FRAME);
    assert_eq!(told.lock().len(), 2);
    pass.store(true, Ordering::Relaxed);
    lab.advance(PACE + FRAME);
    assert_eq!(told.lock().len(), 3);
    lab.advance(SECOND);
    assert_eq!(told.lock().len(), 3);
    reporter.end(&lab);
}
