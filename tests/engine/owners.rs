//! Owners: a plugin, a window, an object.

use legwork::engine::{CancelReason, CancelResult, OwnerId, Status, SubmitError};

use crate::support::*;

fn of(owner: OwnerId) -> Options {
    Options { owner: Some(owner), ..Options::default() }
}

#[test]
fn b56_closing_an_owner_touches_its_tasks_only() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let (one, two) = (lab.open_owner("one"), lab.open_owner("two"));
    let mine: Vec<_> = (0..600).map(|_| lab.submit(of(one), |_| Ok(Num(1)))).collect();
    let theirs: Vec<_> = (0..600).map(|_| lab.submit(of(two), |_| Ok(Num(1)))).collect();
    let nobodys = lab.run(|_| Ok(Num(1)));
    assert_eq!(&*lab.info(mine[0]).unwrap().owner, "one");
    assert_eq!(&*lab.info(nobodys).unwrap().owner, "");
    lab.close_owner(one, CancelReason::OwnerGone);
    assert!(mine.iter().all(|id| lab.status(*id) == Status::Cancelled));
    assert!(theirs.iter().all(|id| lab.status(*id) == Status::Queued));
    held.open();
    lab.quiet();
    assert!(theirs.iter().all(|id| lab.status(*id) == Status::Completed));
    assert_eq!(lab.status(nobodys), Status::Completed);
}

#[test]
fn b56_detached_tasks_stay_when_their_owner_goes() {
    let lab = Lab::direct(1);
    let held = lab.hold_worker();
    let owner = lab.open_owner("plugin");
    let submit = |detached| lab.submit(Options { detached, ..of(owner) }, |_| Ok(Num(1)));
    let tasks: Vec<_> = (0..1_200).map(|n| submit(n % 2 == 0)).collect();
    let (detached, others): (Vec<_>, Vec<_>) = tasks.into_iter().enumerate().partition(|(n, _)| n % 2 == 0);
    // One that ends before, from the middle.
    assert_eq!(lab.cancel(detached[300].1, CancelReason::User), CancelResult::CancelledBeforeStart);
    assert_eq!(lab.cancel(others[300].1, CancelReason::User), CancelResult::CancelledBeforeStart);
    lab.close_owner(owner, CancelReason::OwnerGone);
    assert!(others.iter().all(|(_, id)| lab.status(*id) == Status::Cancelled));
    assert_eq!(lab.counts().queued, detached.len() - 1);
    held.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b127_the_list_of_tasks_has_each_that_stays_once_while_others_come_and_go() {
    let lab = Lab::direct(2);
    let later = || Options { delay: SECOND, ..Options::default() };
    let mut stay: Vec<_> = (0..3_000).map(|_| lab.submit(later(), |_| Ok(Num(1)))).collect();
    stay.sort();
    let over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(std::sync::atomic::Ordering::SeqCst) {
                let ids: Vec<_> = (0..700).map(|_| lab.submit(later(), |_| Ok(Num(1)))).collect();
                for id in ids {
                    lab.cancel(id, CancelReason::User);
                }
            }
        });
        for _ in 0..50 {
            let tasks = lab.tasks();
            let mut listed: Vec<_> = tasks.iter().map(|task| task.id).collect();
            assert!(tasks.is_sorted_by_key(|task| task.created_ms));
            listed.sort();
            assert!(listed.is_sorted_by(|one, next| one < next), "one is there twice");
            assert!(stay.iter().all(|id| listed.binary_search(id).is_ok()));
        }
        over.store(true, std::sync::atomic::Ordering::SeqCst);
    });
    lab.finish();
}

#[test]
fn b98_a_closed_owner_submits_nothing_and_closing_again_does_nothing() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("plugin");
    lab.close_owner(owner, CancelReason::PluginUnload);
    lab.close_owner(owner, CancelReason::PluginUnload);
    assert_eq!(lab.try_submit(of(owner), |_| Ok(Num(1))), Err(SubmitError::OwnerGone));
    // Another has its place now, and is not confused with it.
    let next = lab.open_owner("next");
    assert_ne!(next, owner);
    let id = lab.submit(of(next), |_| Ok(Num(1)));
    lab.close_owner(owner, CancelReason::PluginUnload);
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed);
    assert!(lab.try_submit(of(next), |_| Ok(Num(1))).is_ok());
}

#[test]
fn b15_the_application_is_no_owner_that_could_go() {
    let lab = Lab::direct(1);
    let application = OwnerId::from_parts(0, 0);
    lab.close_owner(application, CancelReason::OwnerGone);
    assert_eq!(lab.try_submit(of(application), |_| Ok(Num(1))), Err(SubmitError::OwnerGone));
    assert_eq!(lab.try_submit(of(OwnerId::from_parts(77, 0)), |_| Ok(Num(1))), Err(SubmitError::OwnerGone));
    let owner = lab.open_owner("plugin");
    let id = lab.run(|_| Ok(Num(1)));
    lab.close_owner(owner, CancelReason::OwnerGone);
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed);
    assert_eq!(&*lab.info(id).unwrap().owner, "");
}

#[test]
fn b56_a_finished_task_keeps_its_owners_name_when_others_come() {
    let lab = Lab::direct(1);
    let mut ids = Vec::new();
    for n in 0..50 {
        let owner = lab.open_owner(&n.to_string());
        let id = lab.submit(of(owner), |_| Ok(Num(1)));
        lab.done(id);
        lab.close_owner(owner, CancelReason::OwnerGone);
        ids.push(id);
    }
    for (n, id) in ids.into_iter().enumerate() {
        assert_eq!(*lab.info(id).unwrap().owner, n.to_string());
    }
}

#[test]
fn b84_callbacks_of_an_owner_that_is_gone_are_destroyed_and_not_called() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("window");
    let drops = Drops::default();
    let token = drops.token();
    let options = Options {
        callbacks: vec![Box::new(move |_| {
            let _ = &token;
            unreachable!("its owner is gone");
        })],
        ..of(owner)
    };
    let id = lab.submit(options, |_| Ok(Num(1)));
    lab.done(id);
    // It ended before; the check is made at the delivery.
    lab.close_owner(owner, CancelReason::OwnerGone);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "completed 1"]);
    assert_eq!(drops.count(), 1);
}

#[test]
fn b81_an_owner_closed_by_its_first_callback_does_not_hear_the_second() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("window");
    let (engine, heard) = (lab.engine().clone(), lab.heard.clone());
    let first: legwork::engine::Callback<Num> = Box::new(move |notice| {
        heard.lock().push(format!("first {}", describe(notice)));
        engine.close_owner(owner, CancelReason::OwnerGone);
    });
    let options = Options { callbacks: vec![first, lab.callback()], ..of(owner) };
    let id = lab.submit(options, |_| Ok(Num(1)));
    let other = lab.submit(Options { owner: Some(owner), delay: SECOND, ..lab.options() }, |_| Ok(Num(2)));
    lab.done(id);
    lab.drain();
    assert_eq!(lab.heard(), ["first completed 1"]);
    assert_eq!(lab.status(other), Status::Cancelled);
    assert_eq!(lab.cancel(other, USER), CancelResult::AlreadyFinished);
}

#[test]
fn b56_an_owner_may_close_while_its_tasks_start_and_end() {
    let lab = Lab::queued(2);
    for _ in 0..300 {
        let owner = lab.open_owner("busy");
        std::thread::scope(|scope| {
            scope.spawn(|| while lab.try_submit(of(owner), |_| Ok(Num(1))).is_ok() {});
            lab.close_owner(owner, CancelReason::OwnerGone);
        });
    }
    lab.quiet();
    assert_eq!(lab.counts().live, 0);
    lab.finish();
}
