//! Bodies that block, and those that run in their places.

use std::sync::Arc;
use std::time::Duration;

use legwork::engine::{
    BlockingError, CancelReason, DeliveryMode, Elsewhere, Engine, External, Limits, Periodic, Status,
    TaskContext, TaskId, WaitResult,
};

use crate::support::*;

fn blocks() -> Options {
    Options { may_block: true, ..Options::default() }
}

/// A task that comes to the gate, and ends with it.
fn hold(lab: &Lab, options: Options, gate: &Gate) -> TaskId {
    let gate = gate.clone();
    lab.submit(options, move |_| {
        gate.pass();
        Ok(Num(0))
    })
}

/// The same in a part of its body; once that is over it comes to another gate.
fn hold_in_part(lab: &Lab, options: Options, during: &Gate, after: &Gate) -> TaskId {
    let (during, after) = (during.clone(), after.clone());
    lab.submit(options, move |context| {
        context.blocking(|| during.pass());
        after.pass();
        Ok(Num(0))
    })
}

fn completed(lab: &Lab, id: TaskId) {
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed, "{:?}", lab.info(id).and_then(|info| info.error));
}

#[test]
fn b293_beside_thirty_that_block_the_one_worker_runs_what_is_quick() {
    let lab = Lab::direct(1);
    let gate = Gate::new();
    let reads: Vec<_> = (0..30).map(|_| hold(&lab, blocks(), &gate)).collect();
    gate.wait_for(30);
    for _ in 0..3 {
        completed(&lab, lab.run(|_| Ok(Num(1))));
    }
    // Of those that do not block there is one at a time still.
    let second = Gate::new();
    hold(&lab, Options::default(), &second);
    second.wait_for(1);
    let waits = lab.run(|_| Ok(Num(1)));
    assert_eq!((lab.status(waits), lab.counts().running), (Status::Queued, 31));
    assert_eq!(lab.counts().workers, 31);
    gate.open();
    reads.into_iter().for_each(|id| completed(&lab, id));
    second.open();
    completed(&lab, waits);
    until("the pool has shrunk", || lab.counts().workers == 1);
    lab.finish();
}

#[test]
fn b293_what_is_submitted_beside_the_only_worker_that_blocks_is_called_for() {
    let lab = Lab::direct(1);
    for _ in 0..3 {
        let gate = Gate::new();
        let id = hold(&lab, blocks(), &gate);
        gate.wait_for(1);
        completed(&lab, lab.run(|_| Ok(Num(1))));
        gate.open();
        completed(&lab, id);
    }
    lab.finish();
}

#[test]
fn b293_a_part_of_a_body_gives_its_place_away_and_goes_on_at_once() {
    let lab = Lab::direct(1);
    let (during, after) = (Gate::new(), Gate::new());
    let id = hold_in_part(&lab, Options::default(), &during, &after);
    during.wait_for(1);
    let beside = Gate::new();
    let other = hold(&lab, Options::default(), &beside);
    beside.wait_for(1);
    let waits = lab.run(|_| Ok(Num(1)));
    // It does not wait for the other to end.
    during.open();
    after.wait_for(1);
    assert_eq!((lab.counts().running, lab.status(waits)), (2, Status::Queued));
    // The first to come by is one too many, and leaves what is queued to the other.
    beside.open();
    completed(&lab, other);
    until("the pool has shrunk", || lab.counts().workers == 1);
    assert_eq!(lab.status(waits), Status::Queued);
    after.open();
    completed(&lab, waits);
    completed(&lab, id);
    lab.finish();
}

#[test]
fn b293_what_is_called_in_a_part_gives_back_what_it_has() {
    let lab = Lab::direct(1);
    let id = lab.run(|context| {
        let read = context.blocking(|| Ok::<_, legwork::engine::TaskError>(41))?;
        context.blocking(|| Err::<(), _>(fault("the disk is gone"))).unwrap_err();
        Ok(Num(read + 1))
    });
    completed(&lab, id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(42)));
    lab.finish();
}

#[test]
fn b294_beyond_max_blocking_a_body_counts_as_any_and_the_next_has_its_turn() {
    let lab = Lab::direct(1);
    assert_eq!(lab.max_blocking(), 64);
    lab.set_max_blocking(2).unwrap();
    let gates: Vec<_> = (0..4).map(|_| Gate::new()).collect();
    let ids: Vec<_> = gates.iter().map(|gate| hold(&lab, blocks(), gate)).collect();
    // Two beside the one worker.
    gates[2].wait_for(1);
    assert_eq!((lab.counts().running, lab.status(ids[3])), (3, Status::Queued));
    // Whichever comes back.
    gates[0].open();
    gates[3].wait_for(1);
    let waits = lab.run(|_| Ok(Num(1)));
    assert_eq!(lab.status(waits), Status::Queued);
    // More begin at once, fewer as tasks end.
    lab.set_max_blocking(3).unwrap();
    completed(&lab, waits);
    lab.set_max_blocking(0).unwrap();
    let last = lab.run(|_| Ok(Num(1)));
    gates[1].open();
    gates[2].open();
    completed(&lab, ids[1]);
    completed(&lab, ids[2]);
    until("the pool has shrunk", || lab.counts().workers == 1);
    assert_eq!((lab.status(ids[3]), lab.status(last)), (Status::Running, Status::Queued));
    gates[3].open();
    completed(&lab, last);
    lab.finish();
}

#[test]
fn b294_impossible_numbers_are_refused() {
    let lab = Lab::direct(1);
    for bodies in [1_025, usize::MAX] {
        let error = lab.set_max_blocking(bodies);
        assert_eq!(error, Err(BlockingError(bodies)));
        assert_eq!(lab.max_blocking(), 64);
    }
    assert_eq!(
        BlockingError(1_025).to_string(),
        "1025 bodies that block are not possible; maxBlocking is from 0 to 1024"
    );
    lab.set_max_blocking(1_024).unwrap();
    assert_eq!(lab.max_blocking(), 1_024);
}

#[test]
fn b295_scopes_nest_in_the_option_too_and_the_place_is_lent_until_the_last_ends() {
    let lab = Lab::direct(1);
    for may_block in [false, true] {
        let (inside, between, after) = (Gate::new(), Gate::new(), Gate::new());
        let gates = (inside.clone(), between.clone(), after.clone());
        let id = lab.submit(Options { may_block, ..Options::default() }, move |context| {
            context.blocking(|| {
                context.blocking(|| gates.0.pass());
                gates.1.pass();
            });
            gates.2.pass();
            Ok(Num(0))
        });
        inside.wait_for(1);
        completed(&lab, lab.run(|_| Ok(Num(1))));
        inside.open();
        between.wait_for(1);
        completed(&lab, lab.run(|_| Ok(Num(1))));
        between.open();
        after.wait_for(1);
        if may_block {
            completed(&lab, lab.run(|_| Ok(Num(1))));
        } else {
            until("the pool has shrunk", || lab.counts().workers == 1);
            let waits = lab.run(|_| Ok(Num(1)));
            assert_eq!(lab.status(waits), Status::Queued);
        }
        after.open();
        completed(&lab, id);
        lab.quiet();
    }
    lab.finish();
}

#[test]
fn b295_a_scope_ends_by_a_panic_and_a_run_by_its_end() {
    let lab = Lab::direct(1);
    let (during, caught) = (Gate::new(), Gate::new());
    let (inside, after) = (during.clone(), caught.clone());
    let id = lab.run(move |context| {
        let panic = std::panic::AssertUnwindSafe(|| {
            context.blocking(|| {
                inside.pass();
                panic!("the disk is gone");
            })
        });
        assert!(std::panic::catch_unwind(panic).is_err());
        after.pass();
        Ok(Num(0))
    });
    during.wait_for(1);
    completed(&lab, lab.run(|_| Ok(Num(1))));
    during.open();
    caught.wait_for(1);
    until("the pool has shrunk", || lab.counts().workers == 1);
    let waits = lab.run(|_| Ok(Num(1)));
    assert_eq!(lab.status(waits), Status::Queued);
    caught.open();
    completed(&lab, id);
    // And one that ends the body.
    let id = lab.run(|context| context.blocking(|| panic!("the disk is gone")));
    lab.done(id);
    assert_eq!(lab.status(id), Status::Failed);
    let held = lab.hold_worker();
    let waits = lab.run(|_| Ok(Num(1)));
    assert_eq!((lab.status(waits), lab.counts().workers), (Status::Queued, 1), "nothing is lent any more");
    held.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b295_each_run_and_each_attempt_lends_its_place_anew() {
    let lab = Lab::direct(1);
    let gates: Vec<_> = (0..3).map(|_| Gate::new()).collect();
    let held = gates.clone();
    let options = Options { periodic: Some(Periodic::every(SECOND)), ..blocks() };
    let id = lab.repeat(options, move |context: &TaskContext| {
        held[context.iteration() as usize - 1].pass();
        Ok(Num(1))
    });
    for (run, gate) in (1..).zip(&gates) {
        gate.wait_for(1);
        completed(&lab, lab.run(|_| Ok(Num(1))));
        gate.open();
        lab.rests(id, run);
        let beside = lab.hold_worker();
        let waits = lab.run(|_| Ok(Num(1)));
        assert_eq!(lab.status(waits), Status::Queued, "between two runs it has none to lend");
        beside.open();
        completed(&lab, waits);
        if run < 3 {
            lab.advance(SECOND);
        }
    }
    lab.cancel(id, USER);
    lab.finish();
}

#[test]
fn b295_where_no_worker_runs_the_task_there_is_nothing_to_lend() {
    let lab = Lab::direct(1);
    let options = Options { external: Some(External::default()), ..blocks() };
    let external = lab.engine().submit(Box::new(Elsewhere), options, None, false).unwrap();
    assert_eq!(lab.status(external), Status::Running);
    let gate = lab.hold_worker();
    let waits = lab.run(|_| Ok(Num(1)));
    assert_eq!((lab.status(waits), lab.counts().workers), (Status::Queued, 1));
    gate.open();
    completed(&lab, waits);
    assert!(lab.end_external(external, Ok(Num(1))));
    lab.finish();
}

#[test]
fn b296_a_cancel_a_time_out_and_fewer_workers_find_a_body_that_blocks() {
    let lab = Lab::direct(2);
    let (gate, other) = (Gate::new(), Gate::new());
    let stopped = hold(&lab, blocks(), &gate);
    let late = hold(&lab, Options { timeout: Some(SECOND), ..blocks() }, &gate);
    gate.wait_for(2);
    lab.cancel(stopped, USER);
    lab.advance(SECOND);
    hold(&lab, Options::default(), &other);
    hold(&lab, Options::default(), &other);
    other.wait_for(2);
    assert_eq!(lab.counts().workers, 4, "until they return their workers do not count");
    lab.set_max_workers(1).unwrap();
    let waits = lab.run(|_| Ok(Num(1)));
    other.open();
    completed(&lab, waits);
    until("one is left besides", || lab.counts().workers == 3);
    gate.open();
    lab.quiet();
    assert_eq!((lab.status(stopped), lab.status(late)), (Status::Completed, Status::TimedOut));
    until("the pool has shrunk", || lab.counts().workers == 1);
    lab.finish();
}

#[test]
fn b296_a_shutdown_waits_for_one_that_blocks_and_runs_what_must_run_beside_it() {
    let lab = Lab::direct(1);
    let (during, after) = (Gate::new(), Gate::new());
    let id = hold_in_part(&lab, Options { must_run: true, ..Options::default() }, &during, &after);
    during.wait_for(1);
    let beside = Gate::new();
    hold(&lab, Options { must_run: true, ..Options::default() }, &beside);
    beside.wait_for(1);
    let must = lab.submit(Options { must_run: true, ..Options::default() }, |_| Ok(Num(1)));
    let not = lab.submit(Options::default(), |_| Ok(Num(1)));
    lab.begin_shutdown(DEADLINE);
    assert_eq!(lab.status(not), Status::Cancelled);
    beside.open();
    completed(&lab, must);
    during.open();
    after.open();
    assert!(lab.shutdown(DEADLINE, None).complete);
    assert_eq!(lab.status(id), Status::Completed);
    lab.finish();
}

#[test]
fn b296_one_that_is_abandoned_as_it_blocks_ends_its_scope_in_an_engine_that_is_open_again() {
    let lab = Lab::direct(1);
    let (during, after) = (Gate::new(), Gate::new());
    let id = hold_in_part(&lab, Options::default(), &during, &after);
    during.wait_for(1);
    let meanwhile = || legwork::engine::Meanwhile::default();
    std::thread::scope(|scope| {
        let ends = scope.spawn(|| lab.end_work(SECOND, false, meanwhile()));
        until("the deadline has come", || {
            lab.advance(SECOND);
            lab.status(id) == Status::Abandoned
        });
        assert_eq!(ends.join().unwrap().abandoned.len(), 1);
    });
    // It does not count, before and after its scope.
    completed(&lab, lab.run(|_| Ok(Num(1))));
    during.open();
    after.wait_for(1);
    completed(&lab, lab.run(|_| Ok(Num(1))));
    after.open();
    assert_eq!(lab.wait_for_body(id, Some(DEADLINE)), WaitResult::Done);
    until("the pool has shrunk", || lab.counts().workers == 1);
    let held = lab.hold_worker();
    let waits = lab.run(|_| Ok(Num(1)));
    assert_eq!(lab.status(waits), Status::Queued);
    held.open();
    lab.quiet();
    lab.finish();
}

#[test]
fn b296_an_unloading_waits_for_the_code_that_blocks() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("plugin");
    let (during, after) = (Gate::new(), Gate::new());
    let drops = Drops::default();
    let token = drops.token();
    let (inside, behind) = (during.clone(), after.clone());
    lab.submit(Options { owner: Some(owner), ..Options::default() }, move |context| {
        let _token = token;
        context.blocking(|| inside.pass());
        behind.pass();
        Ok(Num(0))
    });
    during.wait_for(1);
    assert!(lab.unload_owner(owner, Duration::ZERO).is_err());
    during.open();
    after.wait_for(1);
    assert!(lab.unload_owner(owner, Duration::ZERO).is_err());
    after.open();
    assert_eq!(lab.unload_owner(owner, DEADLINE), Ok(()));
    assert_eq!(drops.count(), 1);
    lab.finish();
}

#[test]
fn b296_a_process_that_ends_waits_for_one_that_blocks() {
    let lab = Lab::direct(1);
    let (during, after) = (Gate::new(), Gate::new());
    let id = hold_in_part(&lab, blocks(), &during, &after);
    during.wait_for(1);
    let queued = lab.run(|_| Ok(Num(1)));
    completed(&lab, queued);
    lab.halt(Duration::ZERO);
    let never = lab.run(|_| Ok(Num(1)));
    during.open();
    after.open();
    lab.halt(DEADLINE);
    lab.done(id);
    assert_eq!(lab.status(never), Status::Queued);
}

#[test]
fn b297_one_that_waits_as_it_blocks_counts_once_and_runs_nothing_in_between() {
    let lab = Lab::direct(1);
    let (gate, order) = (Gate::new(), Order::default());
    let (first, noted) = (gate.clone(), order.clone());
    let engine = lab.engine().clone();
    let (tell, told) = std::sync::mpsc::channel();
    let (thread, threads) = std::sync::mpsc::channel();
    let mine = thread.clone();
    let outer = lab.run(move |context| {
        mine.send(std::thread::current().id()).unwrap();
        let awaited = told.recv().unwrap();
        let result = context.blocking(|| engine.wait(awaited, None));
        assert_eq!(result, WaitResult::Done);
        noted.push(1);
        first.pass();
        Ok(Num(0))
    });
    let beside = Gate::new();
    let held = beside.clone();
    let awaited = lab.run(move |_| {
        thread.send(std::thread::current().id()).unwrap();
        held.pass();
        Ok(Num(1))
    });
    let next = lab.run(|_| Ok(Num(1)));
    tell.send(awaited).unwrap();
    beside.wait_for(1);
    // One lends its place, and one has it.
    assert_eq!((lab.counts().workers, lab.status(next)), (2, Status::Queued));
    beside.open();
    gate.wait_for(1);
    assert_ne!(threads.recv().unwrap(), threads.recv().unwrap());
    until("the pool has shrunk", || lab.counts().workers == 1);
    assert_eq!(order.get(), [1]);
    gate.open();
    completed(&lab, outer);
    completed(&lab, next);
    lab.finish();
}

#[test]
fn b297_a_helper_in_the_middle_of_a_body_may_block_itself() {
    let lab = Lab::direct(1);
    let engine = lab.engine().clone();
    let gate = Gate::new();
    let (tell, told) = std::sync::mpsc::channel();
    let outer = lab.run(move |_| {
        let awaited = told.recv().unwrap();
        Ok(Num(engine.wait(awaited, None) as i64))
    });
    let awaited = hold(&lab, blocks(), &gate);
    tell.send(awaited).unwrap();
    gate.wait_for(1);
    completed(&lab, lab.run(|_| Ok(Num(1))));
    gate.open();
    completed(&lab, outer);
    until("the pool has shrunk", || lab.counts().workers == 1);
    lab.finish();
}

#[test]
fn b298_an_owner_that_hangs_in_bodies_that_block_has_no_more_of_them_than_its_limit() {
    let lab = Lab::direct(1);
    let owner = lab.open_owner("hangs");
    lab.set_limits(owner, Limits { max_running: 2, ..Limits::default() }).unwrap();
    let gate = Gate::new();
    let of = || Options { owner: Some(owner), ..blocks() };
    let ids: Vec<_> = (0..5).map(|_| hold(&lab, of(), &gate)).collect();
    gate.wait_for(2);
    completed(&lab, lab.run(|_| Ok(Num(1))));
    let states = |status| ids.iter().filter(|id| lab.status(**id) == status).count();
    assert_eq!((states(Status::Running), states(Status::Queued)), (2, 3));
    assert_eq!(lab.counts().workers, 3);
    gate.open();
    lab.quiet();
    assert_eq!(states(Status::Completed), 5);
    lab.finish();
}

#[test]
fn b293_a_flood_of_scopes_strands_nothing_and_leaves_no_thread() {
    let lab = Lab::of(Engine::direct(config(2)), DeliveryMode::Direct);
    let open = lab.open_owner("owner");
    lab.set_limits(open, Limits { max_running: 3, ..Limits::default() }).unwrap();
    let engine = Arc::new(lab.engine().clone());
    std::thread::scope(|scope| {
        for thread in 0..3_u64 {
            let (lab, engine) = (&lab, engine.clone());
            scope.spawn(move || {
                for round in 0..150_u64 {
                    let ids: Vec<_> = (0..6_u64)
                        .map(|number| {
                            let choice = (round + number * thread) % 5;
                            let owner = (number % 2 == 0).then_some(open);
                            let options = Options { may_block: choice == 0, owner, ..Options::default() };
                            let engine = engine.clone();
                            lab.submit(options, move |context| {
                                if choice == 1 {
                                    context.blocking(std::thread::yield_now);
                                } else if choice == 2 {
                                    let body = legwork::engine::Once(Some(|_: &TaskContext| Ok(Num(1))));
                                    let id = engine
                                        .submit(Box::new(body), Options::default(), None, false)
                                        .unwrap();
                                    context.blocking(|| engine.wait(id, None));
                                }
                                Ok(Num(1))
                            })
                        })
                        .collect();
                    lab.set_max_blocking((round % 3) as usize).unwrap();
                    ids.into_iter().for_each(|id| completed(lab, id));
                }
            });
        }
    });
    lab.quiet();
    until("the pool has shrunk", || lab.counts().workers <= 2);
    lab.close_owner(open, CancelReason::OwnerGone);
    lab.finish();
}
