//! Pauses of groups, keys, owners and all; and what is told of a pause.

use std::time::Duration;

use legwork::engine::{
    CancelReason, Change, ErrorPolicy, KeyPolicy, Limits, OwnerId, PauseResult, Priority, Status, TaskId,
    WaitsFor,
};

use crate::pause::{keyed, note};
use crate::paused_bodies::{Steps, pausable};
use crate::support::*;

fn of(owner: OwnerId) -> Options {
    Options { owner: Some(owner), ..Options::default() }
}

fn all(lab: &Lab, members: &[TaskId], options: Options) -> TaskId {
    lab.engine().submit_group(members, ErrorPolicy::ContinueOnError, options, None, false).unwrap()
}

#[test]
fn b305_an_owner_and_all_are_paused_and_resumed_without_a_word_to_each_task() {
    const TASKS: i64 = 100_000;
    let lab = Lab::queued(2);
    let owner = lab.open_owner("owner");
    for way in [false, true] {
        let pause = || if way { lab.pause_all("lunch") } else { lab.pause_owner(owner, "lunch") };
        let resume = || if way { lab.resume_all() } else { lab.resume_owner(owner) };
        lab.drain();
        lab.events.lock().clear();
        let (gates, order) = ([lab.hold_worker(), lab.hold_worker()], Order::default());
        let early: Vec<_> = (0..TASKS / 2).map(|number| note(&lab, of(owner), &order, number)).collect();
        assert!(pause() && !pause());
        let late: Vec<_> = (TASKS / 2..TASKS).map(|number| note(&lab, of(owner), &order, number)).collect();
        gates.iter().for_each(Gate::open);
        until("the workers are free", || lab.counts().running == 0);
        if !way {
            lab.done(lab.run(|_| Ok(Num(0))));
        }
        let ids = || early.iter().chain(&late);
        assert!(ids().all(|id| lab.status(*id) == Status::Paused));
        assert_eq!((order.get().len(), lab.counts().queued), (0, TASKS as usize));
        let info = lab.info(late[0]).unwrap();
        assert_eq!((info.paused.as_deref(), lab.is_paused()), (Some("lunch"), way));
        assert_eq!(lab.is_owner_paused(owner), !way);
        lab.set_max_workers(1).unwrap();
        assert!(resume() && !resume());
        lab.quiet();
        assert!(order.get().is_sorted() && order.get().len() == TASKS as usize);
        let words = |word: &str| lab.events.lock().iter().filter(|(_, event)| event == word).count();
        // The second is of the resume, once the first was taken.
        assert!((1..=2).contains(&words("pauses changed")), "{}", words("pauses changed"));
        assert_eq!((words("paused lunch"), words("resumed")), (0, 0));
        lab.set_max_workers(2).unwrap();
    }
    lab.finish();
}

#[test]
fn b305_what_is_not_paused_goes_on_beside_it() {
    let lab = Lab::direct(1);
    let (paused, other) = (lab.open_owner("paused"), lab.open_owner("other"));
    let order = Order::default();
    lab.pause_owner(paused, "");
    for number in 0..10 {
        note(&lab, Options { priority: Priority::High, ..of(paused) }, &order, number);
    }
    lab.done(note(&lab, of(other), &order, 20));
    lab.done(note(&lab, Options::default(), &order, 21));
    // An owner that comes while all are paused is paused, too.
    lab.pause_all("");
    let new = lab.open_owner("new");
    let id = note(&lab, of(new), &order, 22);
    lab.resume_owner(paused);
    lab.set_limits(paused, Limits { max_running: 5, ..Limits::default() }).unwrap();
    lab.set_limits(paused, Limits::default()).unwrap();
    assert_eq!((lab.status(id), order.get()), (Status::Paused, vec![20, 21]));
    lab.resume_all();
    lab.quiet();
    assert_eq!(order.get().len(), 13);
    lab.finish();
}

#[test]
fn b305_a_pause_of_all_holds_what_becomes_due_and_what_was_left_beside_the_lock() {
    let lab = Lab::direct(1);
    let order = Order::default();
    let gate = lab.hold_worker();
    // Beside a worker that runs, some of these are in the injector.
    let ids: Vec<_> = (0..50).map(|number| note(&lab, Options::default(), &order, number)).collect();
    let late = note(&lab, Options { delay: SECOND, ..Options::default() }, &order, 50);
    lab.pause_all("");
    gate.open();
    lab.advance(SECOND);
    until("the worker is free", || lab.counts().running == 0);
    assert!(ids.iter().chain([&late]).all(|id| lab.status(*id) == Status::Paused));
    lab.resume_all();
    lab.done(late);
    assert_eq!(order.get(), (0..=50).collect::<Vec<_>>());
    lab.finish();
}

#[test]
fn b306_a_key_that_is_paused_gives_no_places() {
    let lab = Lab::direct(2);
    let owner = lab.open_owner("owner");
    let mine = || Options { owner: Some(owner), ..keyed() };
    let order = Order::default();
    let gates = [lab.hold_worker(), lab.hold_worker()];
    // One has the place, and has not begun.
    let ids: Vec<_> = [1, 2].map(|number| note(&lab, mine(), &order, number)).into();
    assert_eq!(lab.status(ids[0]), Status::Queued);
    assert!(lab.pause_key(Some(owner), "key", "no network") && !lab.pause_key(Some(owner), "key", ""));
    let ids: Vec<_> = ids.into_iter().chain([note(&lab, mine(), &order, 3)]).collect();
    gates.iter().for_each(Gate::open);
    // The key of the same name that is the application's is another.
    lab.done(note(&lab, keyed(), &order, 4));
    lab.done(note(&lab, of(owner), &order, 5));
    assert!(ids.iter().all(|id| lab.status(*id) == Status::Paused));
    assert_eq!(lab.info(ids[0]).unwrap().waits_for, WaitsFor::Nothing);
    // By itself, too: both have to be taken back.
    lab.pause(ids[1], "");
    assert!(lab.resume_key(Some(owner), "key") && !lab.resume_key(Some(owner), "key"));
    lab.done(ids[0]);
    assert_eq!((order.get(), lab.status(ids[1])), (vec![4, 5, 1], Status::Paused));
    lab.resume(ids[1]);
    lab.done(ids[2]);
    assert_eq!((order.get(), lab.keys_in_use()), (vec![4, 5, 1, 2, 3], 0));
    lab.finish();
}

#[test]
fn b306_a_key_may_be_paused_before_it_has_tasks() {
    let lab = Lab::direct(1);
    assert!(lab.pause_key(None, "key", ""));
    let order = Order::default();
    let ids = [1, 2].map(|number| note(&lab, keyed(), &order, number));
    let newest = note(&lab, Options { key_policy: KeyPolicy::KeepLatest, ..keyed() }, &order, 3);
    assert_eq!(ids.map(|id| lab.status(id)), [Status::Cancelled; 2]);
    assert_eq!(lab.status(newest), Status::Paused);
    lab.resume_key(None, "key");
    lab.done(newest);
    assert_eq!(order.get(), [3]);
    lab.finish();
}

#[test]
fn b310_the_members_of_a_group_are_paused_with_it_and_groups_in_groups() {
    const MEMBERS: i64 = 2_000;
    let lab = Lab::queued(1);
    let (gate, order) = (lab.hold_worker(), Order::default());
    let waiting: Vec<_> = (0..MEMBERS).map(|number| note(&lab, Options::default(), &order, number)).collect();
    let inner = all(&lab, &waiting, Options::default());
    let mut members = vec![inner];
    members.extend((0..10).map(|number| note(&lab, Options::default(), &order, MEMBERS + number)));
    let outer = all(&lab, &members, Options::default());
    assert_eq!(lab.pause(outer, "wait"), PauseResult::Paused);
    let each = || waiting.iter().chain(&members).chain([&outer]);
    assert!(each().all(|id| lab.status(*id) == Status::Paused));
    assert_eq!(lab.info(waiting[5]).unwrap().paused.as_deref(), Some("wait"));
    // Paused twice, by the inner one and the outer one, or by itself.
    lab.pause(inner, "inner");
    lab.pause(waiting[0], "itself");
    gate.open();
    lab.resume(outer);
    assert_eq!([lab.status(outer), lab.status(inner)], [Status::Running, Status::Paused]);
    assert!(waiting.iter().all(|id| lab.status(*id) == Status::Paused));
    lab.resume(inner);
    lab.done(waiting[1]);
    assert_eq!(lab.status(waiting[0]), Status::Paused);
    lab.resume(waiting[0]);
    lab.done(outer);
    assert_eq!((lab.status(outer), order.get().len()), (Status::Completed, MEMBERS as usize + 10));
    lab.finish();
}

#[test]
fn b310_a_group_that_is_paused_is_timed_without_its_pause_and_does_not_begin() {
    let lab = Lab::queued(1);
    let steps = Steps::default();
    let member = steps.submit(&lab, pausable());
    let group = all(&lab, &[member], Options { timeout: Some(10 * SECOND), ..Options::default() });
    lab.advance(4 * SECOND);
    lab.pause(group, "");
    steps.stands(&lab, member);
    lab.advance(100 * SECOND);
    assert_eq!([lab.status(group), lab.status(member)], [Status::Paused; 2]);
    lab.resume(group);
    steps.go_on(&lab);
    lab.advance(5 * SECOND);
    assert_eq!(lab.status(group), Status::Running);
    lab.advance(SECOND);
    lab.done(group);
    assert_eq!((lab.status(group), lab.status(member)), (Status::TimedOut, Status::Cancelled));
    // One that has not begun.
    let member = lab.submit(Options { delay: 20 * SECOND, ..Options::default() }, |_| Ok(Num(1)));
    let group = all(&lab, &[member], Options { delay: 10 * SECOND, ..Options::default() });
    lab.pause(group, "");
    lab.advance(50 * SECOND);
    assert_eq!([lab.status(group), lab.status(member)], [Status::Paused; 2]);
    lab.resume(group);
    lab.done(group);
    lab.drain();
    assert_eq!(lab.events_of(group)[..3], ["paused ", "resumed", "started"]);
    lab.finish();
}

#[test]
fn b310_a_group_that_ends_while_it_is_paused_leaves_nothing_paused() {
    let lab = Lab::direct(1);
    let order = Order::default();
    let must_run = Options { must_run: true, ..Options::default() };
    let owner = lab.open_owner("owner");
    let gate = lab.hold_worker();
    let ids = [note(&lab, must_run, &order, 1), note(&lab, Options::default(), &order, 2)];
    let group = all(&lab, &ids, Options { owner: Some(owner), ..Options::default() });
    lab.pause(group, "");
    lab.close_owner(owner, legwork::engine::CancelReason::OwnerGone);
    gate.open();
    // What must run stays where its group goes with its owner.
    lab.done(group);
    assert_eq!((lab.status(ids[1]), lab.status(group)), (Status::Cancelled, Status::Cancelled));
    lab.done(ids[0]);
    assert_eq!(order.get(), [1]);
    lab.finish();
}

#[test]
fn b312_a_pause_of_its_own_is_told_of_a_task_once_and_so_is_its_end() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("owner");
    let gate = lab.hold_worker();
    let id = lab.submit(Options { owner: Some(owner), ..lab.options() }, |_| Ok(Num(1)));
    lab.drain();
    lab.events.lock().clear();
    for _ in 0..3 {
        lab.pause(id, "first");
        lab.pause(id, "second");
    }
    lab.pause_owner(owner, "owner");
    lab.drain();
    assert_eq!(lab.events_of(id), ["paused first"]);
    lab.resume(id);
    lab.resume(id);
    lab.drain();
    assert_eq!(
        (lab.events_of(id).as_slice(), lab.status(id)),
        (&["paused first".to_owned(), "resumed".to_owned()][..], Status::Paused)
    );
    lab.resume_owner(owner);
    gate.open();
    lab.quiet();
    assert_eq!(lab.heard(), ["paused first", "resumed", "completed 1"]);
    lab.finish();
}

#[test]
fn b312_models_are_told_of_each_task_that_is_paused_with_its_owner() {
    let lab = Lab::queued(1);
    lab.set_observed(true);
    let owner = lab.open_owner("owner");
    lab.pause_owner(lab.open_owner("other"), "");
    let gate = lab.hold_worker();
    let ids: Vec<_> = (0..1_500).map(|_| lab.submit(of(owner), |_| Ok(Num(1)))).collect();
    let take = || {
        let changes = lab.take_changes(10_000);
        let is = |change: &Change, status| matches!(change, Change::Is(brief) if brief.status == status);
        let count = |status| changes.list.iter().filter(|change| is(change, status)).count();
        (count(Status::Paused), count(Status::Queued))
    };
    assert_eq!(take(), (0, 1_500));
    lab.pause_owner(owner, "");
    assert_eq!(take(), (1_500, 0));
    lab.resume_owner(owner);
    assert_eq!(take(), (0, 1_500));
    lab.pause(ids[0], "");
    assert_eq!(take(), (1, 0));
    lab.resume(ids[0]);
    gate.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b302_a_second_pause_is_none_and_leaves_the_reason_of_the_first() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("owner");
    let id =
        lab.submit(Options { owner: Some(owner), delay: Duration::from_secs(60), ..keyed() }, |_| Ok(Num(1)));
    let reason = || lab.info(id).unwrap().paused.as_deref().map(str::to_owned);
    let pause = |reason: &str| {
        let many = [
            lab.pause_all(reason),
            lab.pause_owner(owner, reason),
            lab.pause_key(Some(owner), "key", reason),
        ];
        (many, lab.pause(id, reason))
    };
    assert_eq!(pause("first"), ([true; 3], PauseResult::Paused));
    assert_eq!(pause("second"), ([false; 3], PauseResult::Paused));
    for resume in [
        &(|| lab.resume(id)) as &dyn Fn() -> bool,
        &|| lab.resume_key(Some(owner), "key"),
        &|| lab.resume_owner(owner),
        &|| lab.resume_all(),
    ] {
        assert_eq!(reason().as_deref(), Some("first"));
        assert!(resume() && !resume());
    }
    assert_eq!(reason(), None);
    lab.finish();
}

#[test]
fn b335_what_shows_tasks_knows_why_one_is_paused_and_what_can_be_done() {
    let lab = Lab::queued(2);
    lab.set_observed(true);
    let owner = lab.open_owner("owner");
    // Paused, for that reason; its body has stopped; it can be paused by itself, and that can be taken back.
    let last = |id| {
        let changes = lab.take_changes(1_000);
        let brief = changes.list.into_iter().rev().find_map(|change| match change {
            Change::Is(brief) if brief.id == id => Some(brief),
            _ => None,
        });
        let brief = brief.expect("it was noted");
        (brief.paused.as_deref().map(str::to_owned), brief.stopped, brief.can_pause, brief.can_resume)
    };
    let why = |reason: &str| Some(reason.to_owned());
    let id = lab.submit(Options { delay: Duration::from_secs(60), ..of(owner) }, |_| Ok(Num(1)));
    assert_eq!(last(id), (None, false, true, false));
    lab.pause(id, "by itself");
    assert_eq!(last(id), (why("by itself"), false, false, true));
    lab.pause_owner(owner, "owner");
    lab.resume(id);
    assert_eq!(last(id), (why("owner"), false, true, false));
    lab.resume_owner(owner);
    assert_eq!(last(id), (None, false, true, false));

    // With a group, and by itself besides: each is noted.
    let group =
        lab.engine().submit_group(&[id], ErrorPolicy::StopOnError, lab.options(), None, false).unwrap();
    lab.pause(group, "group");
    assert_eq!(last(id), (why("group"), false, true, false));
    lab.pause(id, "by itself");
    assert_eq!(last(id), (why("by itself"), false, false, true));
    lab.resume(id);
    assert!(!last(id).3);
    lab.resume(group);
    assert_eq!(last(id), (None, false, true, false));

    // What runs: one that may stop, and one that may not.
    let steps = Steps::default();
    let stops = steps.submit(&lab, pausable());
    assert_eq!(last(stops), (None, false, true, false));
    lab.pause(stops, "stop");
    steps.stands(&lab, stops);
    assert_eq!(last(stops), (why("stop"), true, false, true));
    let gate = Gate::new();
    let plain = {
        let gate = gate.clone();
        lab.run(move |_| {
            gate.pass();
            Ok(Num(1))
        })
    };
    gate.wait_for(1);
    assert_eq!(last(plain), (None, false, false, false));
    lab.cancel(stops, CancelReason::User);
    lab.cancel(id, CancelReason::User);
    gate.open();
    lab.quiet();
    assert_eq!(last(stops), (None, false, false, false));
    lab.finish();
}

#[test]
fn b302_what_is_unknown_or_gone_is_not_paused() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("owner");
    lab.pause_key(Some(owner), "key", "");
    lab.pause_owner(owner, "");
    lab.close_owner(owner, legwork::engine::CancelReason::OwnerGone);
    assert!(!lab.pause_owner(owner, "") && !lab.resume_owner(owner) && !lab.is_owner_paused(owner));
    assert!(!lab.pause_key(Some(owner), "key", "") && !lab.resume_key(Some(owner), "key"));
    // Nothing of that is left for the next with its index.
    let next = lab.open_owner("next");
    lab.done(lab.submit(Options { owner: Some(next), ..keyed() }, |_| Ok(Num(1))));
    lab.set_history_limits(legwork::engine::HistoryLimits { tasks: 0, ..Default::default() });
    let id = lab.run(|_| Ok(Num(1)));
    // Nothing remembers it, so a wait for it could come too late.
    lab.quiet();
    assert_eq!(lab.pause(id, ""), PauseResult::UnknownTask);
    assert!(!lab.resume(id));
    lab.finish();
}
