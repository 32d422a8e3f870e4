//! Faults of bodies, callbacks and destructors stay where they are.

use legwork::engine::{Callback, DeliveryMode, ErrorKind, Notice, Status, TaskError};

use crate::support::*;

#[test]
fn b90_b93_all_workers_panic_and_new_tasks_still_run() {
    let lab = Lab::queued(4);
    let gate = Gate::new();
    let failing: Vec<_> = (0..4)
        .map(|_| {
            let held = gate.clone();
            lab.run(move |_| {
                held.pass();
                panic!("all at once")
            })
        })
        .collect();
    gate.wait_for(4);
    gate.open();
    let next: Vec<_> = (0..4).map(|n| lab.run(move |_| Ok(Num(n)))).collect();
    lab.quiet();
    assert!(failing.iter().all(|id| lab.status(*id) == Status::Failed));
    assert!(next.iter().all(|id| lab.status(*id) == Status::Completed));
    assert_eq!(lab.counts().workers, 4, "none was lost, none was replaced");
}

#[test]
fn b92_a_panic_with_any_value_becomes_a_message() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("the value of a panic panics");
            }
        }
    }
    let lab = Lab::direct(1);
    let message = |id| {
        lab.done(id);
        let error = lab.info(id).unwrap().error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Panic);
        error.message().to_owned()
    };
    assert_eq!(message(lab.run(|_| panic!("a literal"))), "a literal");
    assert_eq!(message(lab.run(|_| panic!("a {}", "text"))), "a text");
    assert_eq!(message(lab.run(|_| panic!("nul \0 inside"))), "nul \0 inside");
    let other = message(lab.run(|_| std::panic::panic_any(42)));
    assert_eq!(message(lab.run(|_| std::panic::panic_any(Bomb))), other);
    let huge = message(lab.run(|_| std::panic::panic_any("ä".repeat(1 << 20))));
    assert!(
        huge.len() < 65 * 1024 && huge.ends_with("(cut: the message had 2097152 bytes)"),
        "{}",
        huge.len()
    );
}

#[test]
fn b91_a_callback_that_panics_stops_neither_the_others_nor_the_worker() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        let bad: Callback<Num> = Box::new(|_: &Notice<Num>| panic!("a bad callback"));
        let options = Options { callbacks: vec![bad, lab.callback()], ..lab.periodic(1) };
        let id = lab.repeat(options, |context| Ok(Num(context.iteration() as i64)));
        lab.rests(id, 1);
        lab.advance(SECOND);
        lab.rests(id, 2);
        lab.cancel(id, USER);
        lab.finish();
        assert_eq!(lab.heard(), ["run 1 1", "run 2 2", "cancelled User"]);
    }
}

/// Panics as it is destroyed.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a destructor");
    }
}

#[test]
fn b91_a_destructor_that_panics_takes_nothing_with_it() {
    for mode in [DeliveryMode::Queued, DeliveryMode::Direct] {
        let lab = Lab::manual(1, mode);
        // In a body that runs once: the fault is the body's.
        let bomb = Bomb;
        let id = lab.run(move |_| {
            let _bomb = bomb;
            Ok(Num(1))
        });
        lab.done(id);
        assert_eq!(lab.info(id).unwrap().error.unwrap().message(), "a destructor");
        // In a body that is never called, on the thread that cancels.
        let bomb = Bomb;
        let id = lab.submit(Options { delay: SECOND, ..lab.options() }, move |_| {
            let _bomb = &bomb;
            Ok(Num(1))
        });
        lab.cancel(id, USER);
        assert_eq!(lab.status(id), Status::Cancelled);
        // In one that a periodic task keeps, on the worker.
        let bomb = Bomb;
        let options = Options {
            periodic: Some(legwork::engine::Periodic {
                max_runs: 1,
                ..legwork::engine::Periodic::every(SECOND)
            }),
            ..lab.options()
        };
        let id = lab.repeat(options, move |_| {
            let _bomb = &bomb;
            Ok(Num(5))
        });
        lab.done(id);
        let next = lab.submit(lab.options(), |_| Ok(Num(6)));
        lab.done(next);
        lab.finish();
        assert_eq!(lab.heard(), ["cancelled User", "run 1 5", "completed 5", "completed 6"]);
    }
}

#[test]
fn b95_after_every_kind_of_panic_no_lock_is_poisoned() {
    let lab = Lab::direct(2);
    for _ in 0..50 {
        lab.run(|_| panic!("again"));
        lab.submit(
            Options { callbacks: vec![Box::new(|_: &Notice<Num>| panic!("again"))], ..Options::default() },
            |_| Ok(Num(1)),
        );
    }
    lab.quiet();
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().result, Some(Num(1)));
    lab.finish();
}

#[test]
fn b90_an_error_keeps_its_kind_origin_and_sources() {
    #[derive(Debug, thiserror::Error)]
    #[error("the disk is full")]
    struct Disk;
    #[derive(Debug, thiserror::Error)]
    #[error("could not save")]
    struct Save(#[source] Disk);
    let lab = Lab::direct(1);
    let id = lab.run(|_| Err(TaskError::from_error(Save(Disk)).with_origin("save()")));
    lab.done(id);
    let error = lab.info(id).unwrap().error.unwrap();
    assert_eq!((error.message(), error.origin()), ("could not save: the disk is full", "save()"));
    let script = TaskError::new(ErrorKind::Script, "line 3");
    let id = lab.run(move |_| Err(TaskError::from_error(script)));
    lab.done(id);
    assert_eq!(lab.info(id).unwrap().error.unwrap().kind(), ErrorKind::Script);
}
