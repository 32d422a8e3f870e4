//! A failure that nobody hears of is logged, once a task.

use std::time::Duration;

use legwork::engine::{ErrorPolicy, Hears, Once, Site, TaskContext, TaskId};

use crate::support::*;

const FAILURES: Hears = Hears { starts: false, failures: true };
const SECOND: Duration = Duration::from_secs(1);

fn fails(lab: &Lab, options: Options) -> TaskId {
    lab.submit(options, |_| Err(fault("no network")))
}

/// The same with a handle.
fn kept(lab: &Lab) -> TaskId {
    let body = |_: &TaskContext| Err(fault("no network"));
    lab.engine().submit(Box::new(Once(Some(body))), Options::default(), None, true).unwrap()
}

/// Nothing waits or runs any more, and what is to be logged of it is. It asks no task how it ended, which would be to
/// hear of it.
fn rest(lab: &Lab) {
    let at_rest = || {
        until("at rest", || {
            lab.drain();
            let counts = lab.counts();
            counts.queued + counts.running + counts.live == 0
        });
    };
    at_rest();
    // A worker logs what has ended there, without the lock, before it begins the next: so all begin one.
    let gate = Gate::new();
    let workers = lab.engine().max_workers();
    for _ in 0..workers {
        let gate = gate.clone();
        lab.submit(Options::default(), move |_| {
            gate.pass();
            Ok(Num(1))
        });
    }
    gate.wait_for(workers);
    gate.open();
    at_rest();
}

fn unheard(id: TaskId) -> usize {
    logged_of(id).iter().filter(|line| line.contains("nobody hears of it")).count()
}

fn both(test: impl Fn(&Lab)) {
    keep_log();
    for lab in [Lab::direct(2), Lab::queued(2)] {
        // No signal tells of anything.
        lab.engine().set_listening(false);
        test(&lab);
        lab.finish();
    }
}

#[test]
fn b394_a_failure_that_nobody_hears_of_is_logged_once() {
    both(|lab| {
        let owner = lab.open_owner("Prices");
        let site = Site::of(b"prices.rs", 7);
        let options = Options { name: Some("Fetch".into()), owner: Some(owner), site, ..Options::default() };
        let id = fails(lab, options);
        rest(lab);
        let place = if cfg!(feature = "locations") { ", submitted at prices.rs:7," } else { "" };
        let expected = format!(
            "task {id}, named \"Fetch\", of \"Prices\"{place} has failed, and nobody hears of it: no network"
        );
        assert_eq!(logged_of(id), [expected]);
        lab.info(id);
        lab.clear_history();
        assert_eq!(unheard(id), 1);
    });
}

#[test]
fn b394_one_that_is_kept_is_logged_once_nobody_can_ask_any_more() {
    both(|lab| {
        let (asked, dropped) = (kept(lab), kept(lab));
        rest(lab);
        assert_eq!((unheard(asked), unheard(dropped)), (0, 0));
        assert!(lab.engine().outcome(asked).is_some());
        lab.engine().drop_handle(asked);
        lab.engine().drop_handle(dropped);
        assert_eq!((unheard(asked), unheard(dropped)), (0, 1));
    });
}

#[test]
fn b394_a_callback_that_hears_of_failures_is_heard_and_another_is_not() {
    both(|lab| {
        let heard = fails(lab, Options { hears_failure: true, ..lab.options() });
        let looks_away = fails(lab, lab.options());
        let gate = lab.hold_worker();
        let later = fails(lab, Options { delay: SECOND, ..Options::default() });
        assert!(lab.engine().add_callback_that(later, Box::new(|_| ()), FAILURES));
        gate.open();
        lab.advance(SECOND);
        rest(lab);
        assert_eq!((unheard(heard), unheard(looks_away), unheard(later)), (0, 1, 0));
    });
}

#[test]
fn b394_a_thread_that_waits_and_tasks_that_come_after_it_hear_of_it() {
    both(|lab| {
        let late = || Options { delay: SECOND, ..Options::default() };
        let (followed, member) = (fails(lab, late()), fails(lab, late()));
        let after = lab.submit(Options { after: vec![followed], ..Options::default() }, |_| Ok(Num(1)));
        // A group hears of its members; of the group nobody does.
        let policy = ErrorPolicy::StopOnError;
        let whole = lab.engine().submit_group(&[member], policy, Options::default(), None, false);
        lab.advance(SECOND);
        rest(lab);
        assert_eq!([followed, after, member, whole.unwrap()].map(unheard), [0, 0, 0, 1]);
        let waited = kept(lab);
        lab.done(waited);
        lab.engine().drop_handle(waited);
        assert_eq!(unheard(waited), 0);
    });
}

#[test]
fn b394_a_periodic_task_is_logged_with_the_first_run_that_fails() {
    both(|lab| {
        let id = lab.repeat(lab.silent_periodic(1), |_| Err(fault("no network")));
        for run in 1..=3 {
            lab.rests(id, run);
            lab.advance(SECOND);
        }
        assert_eq!(unheard(id), 1, "{:?}", logged_of(id));
        let line = logged_of(id).remove(0);
        assert!(line.starts_with(&format!("run 1 of task {id} has failed")), "{line}");
    });
}

#[test]
fn b394_what_the_receiver_tells_of_is_heard() {
    keep_log();
    let lab = Lab::queued(1);
    let (told, untold) = (fails(&lab, Options::default()), fails(&lab, Options::default()));
    lab.engine().heard(told);
    rest(&lab);
    assert_eq!((unheard(told), unheard(untold)), (0, 1));
    let run = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    lab.engine().run_unheard(run, 2, &fault("no network"));
    lab.engine().run_unheard(run, 3, &fault("no network"));
    assert_eq!(unheard(run), 1);
    lab.finish();
}

#[test]
fn b394_each_of_three_thousand_is_logged_once() {
    both(|lab| {
        let ids: Vec<_> = (0..3_000).map(|_| fails(lab, Options::default())).collect();
        rest(lab);
        let unheard = logged_with("nobody hears of it");
        for id in ids {
            let id = id.to_string();
            assert_eq!(unheard.iter().filter(|line| line.contains(&id)).count(), 1, "{id}");
        }
    });
}
