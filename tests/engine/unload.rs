//! Unloading an owner (B123, B124): nothing that its code made stays.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use legwork::engine::{
    AfterPolicy, Callback, CancelReason, DeliveryMode, Engine, Once, OwnerId, Payload, Repeated, Status,
    SubmitError, TaskContext, TaskId, TaskOptions, UnloadError, WaitResult,
};

use crate::support::*;

fn of(owner: OwnerId) -> Options {
    Options { owner: Some(owner), ..Options::default() }
}

fn still(result: Result<(), UnloadError>) -> Vec<(TaskId, String)> {
    match result {
        Err(UnloadError::StillRunning(still)) => still.into_iter().map(|one| (one.id, one.name)).collect(),
        other => panic!("it should still run: {other:?}"),
    }
}

/// A result that is counted.
#[derive(Clone, Default)]
struct Traced(Option<Arc<()>>);

impl Payload for Traced {}

/// Everything of a plugin refers to one object: what is left is how often it is referred to.
struct Plugin {
    engine: Engine<Traced>,
    owner: OwnerId,
    code: Arc<()>,
}

impl Plugin {
    fn new(mode: DeliveryMode) -> Self {
        let engine = Engine::manual(config(2), mode);
        engine.set_listening(mode == DeliveryMode::Queued);
        let owner = engine.open_owner("plugin");
        Plugin { engine, owner, code: Arc::new(()) }
    }

    fn options(&self) -> TaskOptions<Traced> {
        let code = self.code.clone();
        let callback: Callback<Traced> = Box::new(move |_| {
            let _ = &code;
        });
        TaskOptions { owner: Some(self.owner), callbacks: vec![callback], ..TaskOptions::default() }
    }

    fn submit(&self, options: TaskOptions<Traced>, keep: bool, gate: Option<&Gate>) -> TaskId {
        let (code, gate) = (self.code.clone(), gate.cloned());
        let body = Once(Some(move |_: &TaskContext| {
            if let Some(gate) = gate {
                gate.pass();
            }
            Ok(Traced(Some(code)))
        }));
        self.engine.submit(Box::new(body), options, None, keep).unwrap()
    }

    fn repeat(&self, options: TaskOptions<Traced>) -> TaskId {
        let code = self.code.clone();
        let body = Repeated(move |_: &TaskContext| Ok(Traced(Some(code.clone()))));
        self.engine.submit(Box::new(body), options, None, false).unwrap()
    }

    /// References to the plugin's code but for the test's own.
    fn kept(&self) -> usize {
        Arc::strong_count(&self.code) - 1
    }
}

#[test]
fn b123_nothing_that_the_owner_made_is_kept() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let plugin = Plugin::new(mode);
        let engine = &plugin.engine;
        let mut receiver = legwork::engine::Receiver::new(engine.clone());
        // In the history, kept by a handle, between runs, with a run that failed by a panic.
        let remembered = plugin.submit(plugin.options(), false, None);
        let kept = plugin.submit(plugin.options(), true, None);
        let periodic = legwork::engine::Periodic::every(SECOND);
        let resting = plugin.repeat(TaskOptions { periodic: Some(periodic), ..plugin.options() });
        let payload = plugin.code.clone();
        let panicked = Once(Some(move |_: &TaskContext| std::panic::panic_any(payload)));
        let panicked = engine.submit(Box::new(panicked), plugin.options(), None, false).unwrap();
        until("they rest", || engine.counts().running + engine.counts().queued == 0);
        receiver.by_ref().for_each(|delivery| delivery.call());
        // Delivered late, with two callbacks.
        for _ in 0..2 {
            let code = plugin.code.clone();
            engine.add_callback(
                kept,
                Box::new(move |_| {
                    let _ = &code;
                }),
            );
        }
        // Ended, and not delivered.
        let undelivered = plugin.submit(plugin.options(), false, None);
        engine.advance(SECOND);
        until("they rest", || engine.counts().running + engine.counts().queued == 0);
        // Running, detached; queued; delayed.
        let gate = Gate::new();
        let detached = || TaskOptions { detached: true, ..plugin.options() };
        let running = [0, 1].map(|_| plugin.submit(detached(), false, Some(&gate)));
        gate.wait_for(2);
        let queued = plugin.submit(detached(), false, None);
        let delayed = plugin.submit(TaskOptions { delay: SECOND, ..plugin.options() }, false, None);
        assert!(plugin.kept() > 10);

        let tasks = match engine.unload_owner(plugin.owner, Duration::ZERO) {
            Err(UnloadError::StillRunning(still)) => still.into_iter().map(|one| one.id).collect::<Vec<_>>(),
            other => panic!("two run: {other:?}"),
        };
        assert!(tasks.len() == 2 && running.iter().all(|id| tasks.contains(id)));
        // Of each that runs, what the body captured.
        assert_eq!(plugin.kept(), 2);
        assert_eq!(
            engine.status(queued),
            if mode == DeliveryMode::Direct { Status::UnknownTask } else { Status::Cancelled }
        );
        gate.open();
        assert_eq!(engine.unload_owner(plugin.owner, DEADLINE), Ok(()));
        assert_eq!(plugin.kept(), 0);
        assert_eq!(engine.unload_owner(plugin.owner, Duration::ZERO), Ok(()));

        // What was to be delivered comes, without a result.
        let mut heard = Vec::new();
        for delivery in receiver.by_ref() {
            if let legwork::engine::Delivery::Task { id, notice, callbacks, .. } = &delivery {
                assert!(callbacks.is_none());
                heard.push((*id, notice.clone()));
            }
            assert!(!matches!(delivery, legwork::engine::Delivery::Late { .. }));
        }
        if mode == DeliveryMode::Queued {
            use legwork::engine::Notice;
            let is = |id, test: fn(&Notice<Traced>) -> bool| {
                heard.iter().any(|(of, notice)| *of == id && test(notice))
            };
            assert!(is(undelivered, |notice| matches!(notice, Notice::Completed(Traced(None)))));
            assert!(is(resting, |notice| matches!(notice, Notice::Run(2, Traced(None)))));
            assert!(is(resting, |notice| matches!(notice, Notice::Cancelled(CancelReason::PluginUnload))));
            assert!(
                running.iter().all(|id| is(*id, |notice| matches!(notice, Notice::Completed(Traced(None)))))
            );
            assert!([queued, delayed].iter().all(|id| is(*id, Notice::is_end)));
        }
        // The history has none of them, and the handle's has no result.
        for id in [remembered, panicked, undelivered, resting, queued, delayed] {
            assert_eq!(engine.status(id), Status::UnknownTask, "{id}");
        }
        assert_eq!(engine.status(kept), Status::Completed);
        assert!(engine.info(kept).unwrap().result.unwrap().0.is_none());
        engine.drop_handle(kept);
        assert_eq!(engine.status(kept), Status::UnknownTask);
        assert_eq!(engine.counts().live, 0);
        assert!(engine.tasks().is_empty());
    }
}

#[test]
fn b123_no_work_and_no_callback_comes_in_after_it_began() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("plugin");
    let gate = Gate::new();
    let (engine, inside, tried) = (lab.engine().clone(), gate.clone(), Arc::new(Mutex::new(None)));
    let told = tried.clone();
    let first = lab
        .engine()
        .submit(Box::new(Once(Some(|_: &TaskContext| Ok(Num(1))))), of(owner), None, true)
        .unwrap();
    lab.done(first);
    let drops = Drops::default();
    let token = drops.token();
    let id = lab.submit(of(owner), move |context| {
        inside.pass();
        let reason = context.cancel_reason();
        let body = Once(Some(|_: &TaskContext| Ok(Num(2))));
        let submitted = engine.submit(Box::new(body), of(owner), None, false);
        let added = engine.add_callback(
            first,
            Box::new(move |_| {
                let _ = &token;
            }),
        );
        *told.lock() = Some((reason, submitted, added));
        Ok(Num(3))
    });
    gate.wait_for(1);
    assert_eq!(still(lab.unload_owner(owner, Duration::ZERO)), [(id, String::new())]);
    gate.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    let tried = tried.lock().take().unwrap();
    assert_eq!(tried, (Some(CancelReason::PluginUnload), Err(SubmitError::OwnerGone), false));
    assert_eq!(drops.count(), 1);
    lab.drain();
    assert_eq!(lab.events_of(id), ["started", "completed 0"]);
    lab.drop_handle(first);
    lab.finish();
}

#[test]
fn b124_unloading_waits_for_a_worker_that_destroys_a_closure() {
    // A closure that the worker destroys after its body, and one that another thread cancelled.
    struct Slow(Gate);
    impl Drop for Slow {
        fn drop(&mut self) {
            self.0.pass();
        }
    }
    let lab = Lab::direct(1);
    let owner = lab.open_owner("plugin");
    let named = |name: &str| Options { name: Some(name.into()), ..of(owner) };
    let (gate, held) = (Gate::new(), lab.hold_worker());
    let slow = Slow(gate.clone());
    let cancelled = lab.submit(named("cancelled"), move |_| {
        let _ = &slow;
        Ok(Num(1))
    });
    std::thread::scope(|scope| {
        scope.spawn(|| lab.cancel(cancelled, USER));
        gate.wait_for(1);
        assert_eq!(still(lab.unload_owner(owner, Duration::ZERO)), [(cancelled, "cancelled".to_owned())]);
        let unloading = scope.spawn(|| lab.unload_owner(owner, DEADLINE));
        gate.open();
        assert_eq!(unloading.join().unwrap(), Ok(()));
    });
    held.open();
    let owner = lab.open_owner("plugin");
    let gate = Gate::new();
    let slow = Slow(gate.clone());
    let id = lab.submit(of(owner), move |_| {
        let _slow = &slow;
        Ok(Num(1))
    });
    gate.wait_for(1);
    assert_eq!(still(lab.unload_owner(owner, Duration::ZERO)), [(id, String::new())]);
    gate.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    lab.finish();
}

#[test]
fn b124_unloading_waits_for_a_callback_that_another_thread_is_in() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let lab = Lab::manual(1, mode);
        let owner = lab.open_owner("plugin");
        let gate = Gate::new();
        let inside = gate.clone();
        let callback: Callback<Num> = Box::new(move |_| inside.pass());
        let id = lab.submit(Options { callbacks: vec![callback], ..of(owner) }, |_| Ok(Num(1)));
        std::thread::scope(|scope| {
            lab.done(id);
            scope.spawn(|| lab.drain());
            gate.wait_for(1);
            assert_eq!(still(lab.unload_owner(owner, Duration::ZERO)), [(id, String::new())]);
            gate.open();
            assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
        });
        lab.finish();
    }
}

#[test]
fn b124_it_is_refused_where_it_would_wait_for_its_caller() {
    let lab = Lab::queued(2);
    let owner = lab.open_owner("plugin");
    let refused = |result: &Mutex<Vec<Result<(), UnloadError>>>| {
        assert_eq!(result.lock().drain(..).collect::<Vec<_>>(), [Err(UnloadError::WouldDeadlock)]);
    };
    let results: Arc<Mutex<Vec<Result<(), UnloadError>>>> = Arc::default();
    let unload = {
        let (engine, results) = (lab.engine().clone(), results.clone());
        move || results.lock().push(engine.unload_owner(owner, DEADLINE))
    };
    // From a body.
    let call = unload.clone();
    let id = lab.submit(of(owner), move |_| {
        call();
        Ok(Num(1))
    });
    lab.done(id);
    refused(&results);
    // From another's body that a task of the owner waits for, and runs in place: no other worker is free.
    let held = lab.hold_worker();
    let (call, engine) = (unload.clone(), lab.engine().clone());
    let id = lab.submit(of(owner), move |_| {
        let body = Once(Some(move |_: &TaskContext| {
            call();
            Ok(Num(1))
        }));
        let other = engine.submit(Box::new(body), Options::default(), None, false).unwrap();
        assert_eq!(engine.wait(other, None), WaitResult::Done);
        Ok(Num(1))
    });
    lab.done(id);
    held.open();
    refused(&results);
    // From a callback.
    let call = unload.clone();
    let callback: Callback<Num> = Box::new(move |_| call());
    let id = lab.submit(Options { callbacks: vec![callback], ..of(owner) }, |_| Ok(Num(1)));
    lab.done(id);
    lab.drain();
    refused(&results);
    // From a destructor, on the thread that cancels and on a worker.
    struct Calls<F: Fn()>(F);
    impl<F: Fn()> Drop for Calls<F> {
        fn drop(&mut self) {
            (self.0)();
        }
    }
    let calls = Calls(unload.clone());
    let id = lab.submit(Options { delay: SECOND, ..of(owner) }, move |_| {
        let _ = &calls;
        Ok(Num(1))
    });
    lab.cancel(id, USER);
    refused(&results);
    let calls = Calls(unload.clone());
    let id = lab.submit(of(owner), move |_| {
        let _calls = &calls;
        Ok(Num(1))
    });
    lab.done(id);
    refused(&results);
    // Nothing was done: it may still submit, and can be unloaded from elsewhere, as by another task.
    let id = lab.submit(Options::default(), move |_| {
        unload();
        Ok(Num(1))
    });
    lab.done(id);
    assert_eq!(results.lock().drain(..).collect::<Vec<_>>(), [Ok(())]);
    assert_eq!(lab.try_submit(of(owner), |_| Ok(Num(1))), Err(SubmitError::OwnerGone));
    assert_eq!(lab.unload_owner(OwnerId::from_parts(0, 0), DEADLINE), Err(UnloadError::Application));
    assert_eq!(lab.unload_owner(OwnerId::from_parts(77, 3), DEADLINE), Ok(()));
    lab.finish();
}

#[test]
fn b123_what_others_run_of_its_code_goes_too_and_nothing_else() {
    let lab = Lab::queued(1);
    let (owner, other) = (lab.open_owner("plugin"), lab.open_owner("other"));
    let theirs = |who| Options { code: Some(owner), owner: who, ..lab.options() };
    let id = lab.submit(theirs(None), |_| Ok(Num(7)));
    lab.done(id);
    lab.drain();
    assert_eq!(lab.heard.lock().drain(..).collect::<Vec<_>>(), ["completed 7"]);
    let held = lab.hold_worker();
    let queued = lab.submit(theirs(Some(other)), |_| Ok(Num(1)));
    let kept = lab.submit(Options { owner: Some(other), ..lab.options() }, |_| Ok(Num(2)));
    assert_eq!(lab.unload_owner(owner, Duration::ZERO), Ok(()));
    assert_eq!(lab.status(id), Status::UnknownTask, "its code made the result");
    assert_eq!(lab.try_submit(theirs(Some(other)), |_| Ok(Num(1))), Err(SubmitError::OwnerGone));
    held.open();
    lab.done(kept);
    lab.drain();
    // The callbacks are the other owner's, which is still there.
    assert_eq!(lab.heard(), ["cancelled PluginUnload", "completed 2"]);
    assert_eq!(lab.status(queued), Status::UnknownTask);
    assert_eq!(lab.owner_of(kept), Some(other));
    let names: Vec<_> = lab.tasks_of(other).into_iter().map(|info| info.id).collect();
    assert_eq!(names, [kept]);
    assert!(lab.tasks_of(owner).is_empty() && lab.tasks_of(OwnerId::from_parts(0, 0)).is_empty());
    lab.finish();
}

#[test]
fn b123_a_receiver_in_the_middle_of_a_batch_has_none_in_stock() {
    let plugin = Plugin::new(DeliveryMode::Queued);
    let engine = &plugin.engine;
    let mut receiver = legwork::engine::Receiver::new(engine.clone());
    for round in 0..10 {
        // The application's among the plugin's.
        let owner = if round % 3 == 0 { Some(plugin.owner) } else { None };
        let id = plugin.submit(TaskOptions { owner, ..TaskOptions::default() }, false, None);
        assert_eq!(engine.wait(id, Some(DEADLINE)), WaitResult::Done);
    }
    // Each has started and ended; of ten tasks, every third is the plugin's. The drain stops after
    // the first four and a half, with more of the plugin's behind.
    for delivered in 0..9 {
        let delivery = receiver.next().unwrap();
        let held = matches!(&delivery, legwork::engine::Delivery::Task { held: Some(_), .. });
        assert_eq!(held, delivered % 6 < 2);
    }
    assert_eq!(engine.unload_owner(plugin.owner, Duration::ZERO), Ok(()));
    let all: Vec<_> = receiver.by_ref().collect();
    // And that all have finished.
    assert_eq!(all.len(), 12);
}

#[test]
fn b123_an_abandoned_task_still_runs() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("plugin");
    let (gate, drops) = (Gate::new(), Drops::default());
    let (inside, token) = (gate.clone(), drops.token());
    let id = lab.submit(Options { name: Some("deaf".into()), ..of(owner) }, move |_| {
        let _token = &token;
        inside.pass();
        Ok(Num(1))
    });
    gate.wait_for(1);
    lab.shutdown(Duration::ZERO, None);
    assert_eq!(lab.status(id), Status::Abandoned);
    assert_eq!(still(lab.unload_owner(owner, Duration::ZERO)), [(id, "deaf".to_owned())]);
    gate.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!(drops.count(), 1);
    until("the worker has ended", || lab.counts().workers == 0);
}

#[test]
fn b123_unloading_races_with_everything() {
    for mode in [DeliveryMode::Direct, DeliveryMode::Queued] {
        let plugin = Plugin::new(mode);
        let engine = &plugin.engine;
        for round in 0..200 {
            let owner = engine.open_owner("plugin");
            let code = Arc::new(());
            let submitters = std::sync::Barrier::new(3);
            std::thread::scope(|scope| {
                for kind in 0..2 {
                    let (code, submitters) = (&code, &submitters);
                    scope.spawn(move || {
                        submitters.wait();
                        loop {
                            let (body, heard) = (code.clone(), code.clone());
                            let options = TaskOptions {
                                owner: Some(owner),
                                delay: if kind == 1 { SECOND } else { Duration::ZERO },
                                callbacks: vec![Box::new(move |_| {
                                    let _ = &heard;
                                })],
                                ..TaskOptions::default()
                            };
                            let body = Once(Some(move |_: &TaskContext| Ok(Traced(Some(body)))));
                            match engine.submit(Box::new(body), options, None, false) {
                                Ok(id) if kind == 1 => drop(engine.cancel(id, USER)),
                                Ok(_) => {}
                                Err(error) => return assert_eq!(error, SubmitError::OwnerGone),
                            }
                        }
                    });
                }
                if mode == DeliveryMode::Queued {
                    let mut receiver = legwork::engine::Receiver::new(engine.clone());
                    scope.spawn(move || {
                        while engine.is_alive(owner) || engine.counts().live > 0 {
                            receiver.by_ref().for_each(|delivery| delivery.call());
                        }
                    });
                }
                submitters.wait();
                if round % 2 == 0 {
                    engine.close_owner(owner, CancelReason::OwnerGone);
                }
                assert_eq!(engine.unload_owner(owner, DEADLINE), Ok(()));
            });
            assert_eq!(Arc::strong_count(&code), 1, "round {round}");
        }
        assert_eq!(engine.counts().live, 0);
    }
}

#[test]
fn b124_b141_an_unload_waits_for_a_detached_task_that_must_run_and_has_not_begun() {
    let plugin = Plugin::new(DeliveryMode::Direct);
    plugin.engine.set_max_workers(1).unwrap();
    let gate = Gate::new();
    let held = gate.clone();
    let body = Once(Some(move |_: &TaskContext| {
        held.pass();
        Ok(Traced(None))
    }));
    plugin.engine.submit(Box::new(body), TaskOptions::default(), None, false).unwrap();
    gate.wait_for(1);
    let must = || TaskOptions { must_run: true, detached: true, ..plugin.options() };
    let ids = [plugin.submit(must(), false, None), plugin.submit(must(), false, None)];
    let left: Vec<_> = plugin_left(plugin.engine.unload_owner(plugin.owner, Duration::ZERO));
    assert_eq!(left, ids);
    // Of one that is cancelled nothing is left, either.
    plugin.engine.cancel(ids[0], CancelReason::User);
    assert_eq!(plugin_left(plugin.engine.unload_owner(plugin.owner, Duration::ZERO)), [ids[1]]);
    std::thread::scope(|scope| {
        let unloading = scope.spawn(|| plugin.engine.unload_owner(plugin.owner, DEADLINE));
        gate.open();
        assert_eq!(unloading.join().unwrap(), Ok(()));
    });
    assert_eq!(plugin.kept(), 0);
}

fn plugin_left(result: Result<(), UnloadError>) -> Vec<TaskId> {
    still(result).into_iter().map(|(id, _)| id).collect()
}

#[test]
fn b123_b176_nothing_of_what_must_run_is_left_in_a_delay_that_begins_while_it_is_unloaded() {
    let lab = Lab::queued(1);
    let owner = lab.open_owner("plugin");
    let drops = Drops::default();
    let late = |after: TaskId| {
        let token = drops.token();
        let options = Options {
            after: vec![after],
            after_policy: AfterPolicy::Ended,
            delay: SECOND,
            must_run: true,
            ..of(owner)
        };
        lab.submit(options, move |_| {
            drop(token);
            Ok(Num(0))
        })
    };
    // What the unloading ends itself, and what ends while it waits.
    let delayed = lab.submit(Options { delay: SECOND, ..of(owner) }, |_| Ok(Num(0)));
    let behind_its = late(delayed);
    let gate = lab.hold_worker();
    let other = lab.run(|_| Ok(Num(0)));
    let behind_other = late(other);
    let left: Vec<_> = still(lab.unload_owner(owner, Duration::ZERO)).into_iter().map(|one| one.0).collect();
    assert_eq!(left, [behind_other]);
    assert_eq!(drops.count(), 1, "the first is cancelled, as what is delayed");
    gate.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!(drops.count(), 2, "the second, too, as its delay begins");
    lab.drain();
    for id in [behind_its, behind_other] {
        assert_eq!(lab.events_of(id), ["cancelled PluginUnload"]);
    }
    lab.finish();
}
