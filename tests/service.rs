//! The Rust face, without Qt and without an application.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Duration;

use legwork::{
    AfterPolicy, Args, CancelReason, CancelResult, ErrorKind, ErrorPolicy, JobError, KeyPolicy, Opaque,
    SpawnError, Status, SubmitError, TaskError, Value, WaitError, WaitsFor, tasks,
};

const HANG: Duration = Duration::from_secs(60);

/// The smallest executor: parks this thread until the future is woken.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn a_handle_is_awaited_on_any_executor() {
    let (open, gate) = channel();
    let handle =
        tasks().task(move |_| gate.recv_timeout(HANG).map(|word: String| word + "!")).spawn().unwrap();
    let opener = thread::spawn(move || open.send("done".to_owned()).unwrap());
    assert_eq!(block_on(handle), Ok("done!".to_owned()));
    opener.join().unwrap();
    // One that has ended is ready at once; an error and a cancel come as such.
    let failed = tasks().task(|_| Err::<(), _>("no")).spawn().unwrap();
    assert_eq!(failed.wait(HANG).map_err(|error| error.to_string()), Err("no".to_owned()));
    assert!(matches!(block_on(failed), Err(WaitError::Failed(error)) if error.kind() == ErrorKind::Failed));
    let cancelled = tasks().task(|_| ()).delay(HANG).spawn().unwrap();
    cancelled.cancel();
    assert_eq!(block_on(cancelled), Err(WaitError::Cancelled(CancelReason::User)));
}

#[test]
fn b14_results_of_every_type_come_to_the_handle() {
    let map = BTreeMap::from([("a".to_owned(), vec![1u64, u64::MAX])]);
    let copy = map.clone();
    assert_eq!(tasks().task(move |_| copy).spawn().unwrap().wait(HANG), Ok(map));
    assert_eq!(tasks().task(|_| vec![1u8, 2]).spawn().unwrap().wait(HANG), Ok(vec![1, 2]));
    assert_eq!(tasks().task(|_| None::<String>).spawn().unwrap().wait(HANG), Ok(None));
    struct NoValue(u32);
    let opaque = tasks().task(|_| Opaque::new(NoValue(7))).spawn().unwrap().wait(HANG).unwrap();
    assert_eq!(opaque.downcast::<NoValue>().unwrap().0, 7);
    assert!(opaque.downcast::<String>().is_none());
}

#[test]
fn errors_of_bodies_say_what_their_sources_say() {
    let read = tasks().task(|_| std::fs::read_to_string("/does/not/exist")).spawn().unwrap();
    let Err(WaitError::Failed(error)) = read.wait(HANG) else { panic!("it cannot be read") };
    assert!(error.message().starts_with("No such file"), "{error}");
    let own = TaskError::new(ErrorKind::Script, "line 3").with_origin("work.mjs:3");
    let copy = own.clone();
    let kept = tasks().task(move |_| Err::<(), _>(copy)).spawn().unwrap();
    assert_eq!(kept.wait(HANG), Err(WaitError::Failed(Arc::new(own))));
}

/// As in the other languages.
#[test]
fn an_empty_name_says_nothing() {
    tasks().register_job("service.nameless", |_: &legwork::TaskContext, _: &Args| ()).unwrap();
    let task = tasks().job("service.nameless", Args::default()).name("").spawn().unwrap();
    assert_eq!(&*tasks().info(task.id()).unwrap().name, "service.nameless");
    assert!(tasks().unregister_job("service.nameless"));
}

#[test]
fn a_name_of_a_job_is_taken_once() {
    let double = |_: &legwork::TaskContext, args: &Args| args.get::<i64>(0).map(|number| number * 2);
    tasks().register_job("service.double", double).unwrap();
    assert_eq!(
        tasks().register_job("service.double", double),
        Err(JobError::Taken("service.double".to_owned()))
    );
    assert_eq!(tasks().register_job("", double), Err(JobError::NoName));
    assert_eq!(tasks().job("service.double", [21]).spawn().unwrap().wait(HANG), Ok(Value::Int(42)));
    let wrong = tasks().job("service.double", ["x".to_owned()]).spawn().unwrap();
    let message = wrong.wait(HANG).expect_err("a text is no number").to_string();
    assert_eq!(message, "argument 0 is the text \"x\"; expected a whole number in range");
    let Err(SpawnError::UnknownJob { name, hint }) = tasks().job("service.duble", [1]).spawn() else {
        panic!("there is no such job");
    };
    assert!(name == "service.duble" && hint.contains("service.double"), "{hint}");
    assert!(tasks().unregister_job("service.double"));
    assert!(!tasks().unregister_job("service.double"));
}

#[test]
fn b56_an_owner_takes_its_jobs_and_tasks_along() {
    let owner = tasks().owner("Prices");
    owner.register_job("prices.fetch", |_, _| ()).unwrap();
    let waiting = tasks().job("prices.fetch", Args::default()).owner(&owner).delay(HANG).spawn().unwrap();
    let other = tasks().task(|_| ()).delay(HANG).spawn().unwrap();
    let clone = owner.clone();
    drop(owner);
    assert_eq!(waiting.status(), Status::Delayed, "a clone keeps the owner");
    assert_eq!(waiting.info().unwrap().owner.as_ref(), "Prices");
    drop(clone);
    assert_eq!(waiting.wait(HANG), Err(WaitError::Cancelled(CancelReason::OwnerGone)));
    assert!(!tasks().job_names().contains(&"prices.fetch".to_owned()));
    assert_eq!(other.cancel(), CancelResult::CancelledBeforeStart);
    let gone = tasks().owner("Gone");
    gone.close();
    gone.close();
    assert!(tasks().task(|_| ()).owner(&gone).spawn().is_err());
}

#[test]
fn b123_an_unloaded_owner_leaves_nothing_and_takes_no_job() {
    let owner = tasks().owner("Plugin");
    let code = Arc::new(());
    let inside = code.clone();
    let (say, heard) = channel();
    owner
        .register_job("plugin.sleep", move |context, _| {
            let _inside = &inside;
            say.send(()).unwrap();
            context.sleep(HANG)
        })
        .unwrap();
    // The application runs the plugin's job, and holds a builder of one.
    let theirs = tasks().job("plugin.sleep", Args::default()).spawn().unwrap();
    let builder = tasks().job("plugin.sleep", Args::default());
    let own = owner.register_job("plugin.other", |_, _| ());
    assert_eq!(own, Ok(()));
    let detached = tasks().task(|_| ()).owner(&owner).detached().delay(HANG).spawn().unwrap();
    assert!(owner.owns(detached.id()) && !owner.owns(theirs.id()));
    assert_eq!(owner.tasks().len(), 1);
    heard.recv_timeout(HANG).unwrap();
    assert_eq!(owner.unload(HANG), Ok(()));
    assert_eq!(Arc::strong_count(&code), 1);
    assert_eq!(theirs.wait(HANG), Err(WaitError::Cancelled(CancelReason::PluginUnload)));
    assert_eq!(detached.wait(HANG), Err(WaitError::Cancelled(CancelReason::PluginUnload)));
    assert!(matches!(builder.spawn(), Err(SpawnError::UnknownJob { .. })));
    let names = tasks().job_names();
    assert!(!names.iter().any(|name| name.starts_with("plugin.")), "{names:?}");
    assert_eq!(owner.register_job("plugin.late", |_, _| ()), Err(JobError::OwnerGone));
    assert!(!tasks().job_names().contains(&"plugin.late".to_owned()));
    assert_eq!(owner.unload(HANG), Ok(()));
}

#[test]
fn c7_a_destructor_brings_nothing_into_an_owner_that_closes() {
    // Registers a job and submits a task while the owner's first job is destroyed.
    struct Brings(legwork::Owner, std::sync::mpsc::Sender<(Result<(), JobError>, bool)>);
    impl Drop for Brings {
        fn drop(&mut self) {
            let job = self.0.register_job("closing.late", |_, _| ());
            let task = tasks().task(|_| ()).owner(&self.0).spawn_id().is_ok();
            self.1.send((job, task)).unwrap();
        }
    }
    let owner = tasks().owner("Closing");
    let (say, heard) = channel();
    let brings = Brings(owner.clone(), say);
    owner
        .register_job("closing.first", move |_, _| {
            let _ = &brings;
        })
        .unwrap();
    owner.close();
    assert_eq!(heard.recv_timeout(HANG).unwrap(), (Err(JobError::OwnerGone), false));
    assert!(!tasks().job_names().iter().any(|name| name.starts_with("closing.")));
}

#[test]
fn the_id_is_there_before_the_task() {
    let mut builder = tasks().task(|_| ());
    let id = builder.id().unwrap();
    assert_eq!(builder.id().unwrap(), id);
    assert_eq!(tasks().status(id), Status::UnknownTask);
    let handle = builder.spawn().unwrap();
    assert_eq!(handle.id(), id);
    // One that is never submitted leaves nothing behind.
    let id = tasks().task(|_| ()).id().unwrap();
    assert_eq!(tasks().status(id), Status::UnknownTask);
    assert_eq!(tasks().cancel(id), CancelResult::UnknownTask);
}

#[test]
fn b36_b27_impossible_times_are_refused_by_value() {
    let message = |error: SpawnError| error.to_string();
    let periodic = tasks().periodic(Duration::ZERO, |_| ()).spawn_id().map_err(message);
    assert_eq!(periodic, Err("interval is 0ns; expected 1 ns to 100 years".to_owned()));
    let delay = tasks().task(|_| ()).delay(Duration::MAX).spawn_id().map_err(message);
    assert!(delay.unwrap_err().ends_with("expected at most 100 years"));
    let timeout = tasks().task(|_| ()).timeout(Duration::MAX).spawn_id().map_err(message);
    assert!(timeout.unwrap_err().starts_with("timeout is "));
    // Zero is none, as everywhere.
    assert_eq!(tasks().task(|_| 7).timeout(Duration::ZERO).spawn().unwrap().wait(None), Ok(7));
    let workers = tasks().set_max_workers(0).map_err(|error| error.to_string());
    assert_eq!(workers, Err("0 workers are not possible; maxWorkers is from 1 to 1024".to_owned()));
}

/// Without Qt, callbacks run on the worker.
#[cfg(not(feature = "qt"))]
#[test]
fn b181_b192_b210_a_repeatable_body_is_tried_again_and_its_callbacks_hear_of_all() {
    use legwork::{Outcome, Retry};
    let (say, heard) = channel();
    let says = || {
        let say = say.clone();
        move |text: String| say.send(text).unwrap()
    };
    let (started, retrying, ends, late) = (says(), says(), says(), says());
    let soon = Retry { delay: Duration::from_millis(1), ..Retry::times(3) };
    let handle = tasks()
        .repeatable(|context| match context.attempt() {
            attempt @ 1..=2 => Err(format!("busy {attempt}")),
            attempt => Ok(attempt),
        })
        .retry(soon)
        .on_started(move || started("started".to_owned()))
        .on_retry(move |attempt, error, delay| {
            assert!(delay <= Duration::from_millis(2));
            retrying(format!("retrying {attempt} {error}"));
        })
        .on_end(move |outcome| ends(format!("{outcome:?}")))
        .spawn()
        .unwrap();
    assert_eq!(handle.wait(HANG), Ok(3));
    let texts: Vec<_> = (0..4).map(|_| heard.recv_timeout(HANG).unwrap()).collect();
    assert_eq!(texts, ["started", "retrying 2 busy 1", "retrying 3 busy 2", "Completed(3)"]);
    let began = says();
    handle.on_started(move || began("late start".to_owned()));
    assert_eq!(heard.recv_timeout(HANG).unwrap(), "late start");
    handle.on_end(move |outcome| late(format!("late {outcome:?}")));
    assert_eq!(heard.recv_timeout(HANG).unwrap(), "late Completed(3)");
    let failed = tasks().task(|_| Err::<(), _>("no")).spawn().unwrap();
    let _ = failed.wait(HANG);
    let (end, ended) = channel();
    let tell = end.clone();
    failed.on_end(move |outcome| tell.send(matches!(outcome, Outcome::Failed(_))).unwrap());
    let cancelled = tasks().task(|_| ()).delay(HANG).spawn().unwrap();
    cancelled.on_end(move |outcome| end.send(outcome == Outcome::Cancelled(CancelReason::User)).unwrap());
    cancelled.cancel();
    assert!(ended.recv_timeout(HANG).unwrap() && ended.recv_timeout(HANG).unwrap());
}

#[test]
fn b181_jobs_and_periodic_tasks_are_tried_again() {
    use legwork::{Periodic, Retry};
    let soon = Retry { delay: Duration::from_millis(1), ..Retry::times(1) };
    tasks()
        .register_job("service.busy", |context, _| match context.attempt() {
            1 => Err("busy"),
            attempt => Ok(attempt as i64),
        })
        .unwrap();
    let job = tasks().job("service.busy", Args::default()).retry(soon).spawn().unwrap();
    assert_eq!(job.wait(HANG), Ok(Value::Int(2)));
    let once = Periodic { max_runs: 1, ..Periodic::every(HANG) };
    let periodic = tasks()
        .periodic(once, |context| match context.attempt() {
            1 => Err("busy"),
            attempt => Ok(attempt),
        })
        .retry(soon)
        .spawn()
        .unwrap();
    assert_eq!(periodic.wait(HANG), Ok(2));
    let failing = tasks().repeatable(|_| Err::<(), _>("always")).retry(soon).spawn().unwrap();
    let Err(WaitError::Failed(error)) = failing.wait(HANG) else { panic!("it fails") };
    assert_eq!((error.message(), error.attempt(), error.attempts()), ("always", 2, 2));
}

#[test]
fn b189_b190_b191_small_verbs_of_a_handle() {
    use legwork::IntervalError;
    let later = tasks().task(|_| 7).delay(HANG).spawn().unwrap();
    assert!(later.run_now());
    assert_eq!(later.wait(HANG), Ok(7));
    assert!(!later.run_now() && !later.cancel_if_queued());
    assert_eq!(later.set_interval(HANG), Err(IntervalError::NotPeriodic));
    let other = tasks().task(|_| 7).delay(HANG).spawn().unwrap();
    assert!(other.cancel_if_queued());
    assert_eq!(other.wait(HANG), Err(WaitError::Cancelled(CancelReason::User)));
    let (say, heard) = channel();
    let again = tasks().periodic(HANG, move |_| say.send(()).unwrap()).spawn().unwrap();
    heard.recv_timeout(HANG).unwrap();
    again.set_interval(Duration::from_millis(1)).unwrap();
    heard.recv_timeout(HANG).unwrap();
    again.cancel();
}

/// Without Qt, callbacks run on the worker; with Qt, and without an application, they would wait.
#[cfg(not(feature = "qt"))]
#[test]
fn b80_callbacks_run_on_the_worker_after_the_body() {
    let (say, heard) = channel();
    let (first, second) = (say.clone(), say);
    use legwork::Periodic;
    let schedule = Periodic { max_runs: 2, ..Periodic::every(Duration::from_millis(1)) };
    let handle = tasks()
        .periodic(schedule, |context| match context.iteration() {
            1 => Err("not yet"),
            run => Ok(run),
        })
        .on_complete(move |run| first.send((thread::current().id(), format!("completed {run}"))).unwrap())
        .on_error(move |error| second.send((thread::current().id(), format!("failed {error}"))).unwrap())
        .spawn()
        .unwrap();
    let texts: Vec<_> = (0..3).map(|_| heard.recv_timeout(HANG).unwrap()).collect();
    assert!(texts.iter().all(|(thread, _)| *thread != thread::current().id()));
    let texts: Vec<_> = texts.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["failed not yet", "completed 2", "completed 2"]);
    assert_eq!(handle.wait(HANG), Ok(2));
    // One that is added later is called at once, on the thread that adds it.
    let here = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = here.clone();
    let this = thread::current().id();
    handle.on_complete(move |_| {
        flag.store(thread::current().id() == this, std::sync::atomic::Ordering::SeqCst)
    });
    assert!(here.load(std::sync::atomic::Ordering::SeqCst));
}

/// A type whose values do not come back.
#[cfg(not(feature = "qt"))]
struct OneWay;

#[cfg(not(feature = "qt"))]
impl legwork::TaskValue for OneWay {
    const KIND: &'static str = "one way";

    fn into_value(self) -> Value {
        Value::Int(1)
    }

    fn from_value(_: Value) -> Option<Self> {
        None
    }
}

#[cfg(not(feature = "qt"))]
#[test]
fn b374_a_result_of_another_type_is_logged_and_no_silence() {
    // What this thread logs; other tests log on theirs.
    thread_local! {
        static LOGGED: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
    }
    legwork::engine::diagnostics::set_sink(|_, about, text| {
        LOGGED.with_borrow_mut(|logged| *logged += &format!("{about:?}: {text}"))
    });
    let handle = tasks().task(|_| OneWay).spawn().unwrap();
    let Err(WaitError::Failed(error)) = handle.wait(HANG) else { panic!("it does not come back") };
    let message = "the result is the number 1; expected one way (service::OneWay)";
    assert_eq!(error.message(), message);
    // Called here, as the task has ended.
    handle.on_complete(|_| unreachable!("there is no value"));
    let logged = LOGGED.take();
    assert!(logged.contains(&format!("Task: on_complete is not called: {message}")), "{logged}");
}

#[test]
fn a_polled_handle_keeps_one_waker() {
    struct Counts;
    impl Wake for Counts {
        fn wake(self: Arc<Self>) {}
    }
    let mut handle = tasks().task(|_| ()).delay(HANG).spawn().unwrap();
    let wakers: Vec<_> = (0..10).map(|_| Arc::new(Counts)).collect();
    for waker in &wakers {
        let waker = waker.clone().into();
        assert!(pin!(&mut handle).poll(&mut Context::from_waker(&waker)).is_pending());
    }
    let kept = || wakers.iter().filter(|waker| Arc::strong_count(waker) > 1).count();
    assert_eq!(kept(), 1);
    drop(handle);
    assert_eq!(kept(), 0);
}

#[test]
fn b165_b173_keys_and_order_on_the_builder() {
    let (open, gate) = channel::<()>();
    let first = tasks()
        .task(move |_| gate.recv_timeout(HANG).map(|()| 1))
        .key("b165")
        .key_policy(KeyPolicy::Replace)
        .spawn()
        .unwrap();
    let next = tasks().task(|_| 2).key("b165").spawn().unwrap();
    let after = tasks().task(|_| 3).after([first.id(), next.id()]).spawn().unwrap();
    let kept = tasks().task(|_| 4).key("b165").key_policy(KeyPolicy::Keep).spawn().unwrap();
    assert_eq!(kept.id(), first.id());
    let ids: Vec<_> = tasks().tasks_of_key("b165").into_iter().map(|info| info.id).collect();
    assert_eq!(ids, [first.id(), next.id()]);
    let waits = |id| tasks().info(id).unwrap().waits_for;
    assert_eq!(waits(after.id()), WaitsFor::Tasks(vec![first.id(), next.id()]));
    open.send(()).unwrap();
    assert_eq!(after.wait(HANG), Ok(3));
    assert_eq!((first.wait(HANG), kept.wait(HANG), next.wait(HANG)), (Ok(1), Ok(1), Ok(2)));

    // A reserved id that was not used is given back, and an owner's keys are its own.
    let owner = tasks().owner("b165");
    let slow = tasks().task(|context| context.sleep(HANG)).key("own").owner(&owner).spawn().unwrap();
    let mut builder = tasks().task(|_| ()).key("own").key_policy(KeyPolicy::Keep).owner(&owner);
    let reserved = builder.id().unwrap();
    assert_eq!(builder.spawn_id(), Ok(slow.id()));
    assert_eq!(tasks().status(reserved), Status::UnknownTask);
    tasks().cancel_key("own");
    assert!(!slow.info().unwrap().cancel_requested);
    assert_eq!((owner.tasks_of_key("own").len(), tasks().tasks_of_key("own").len()), (1, 0));
    owner.cancel_key("own");
    assert_eq!(slow.wait(HANG), Err(WaitError::Cancelled(CancelReason::User)));

    // A clean-up, and an id of nobody.
    let clean = tasks().task(|_| 5).after([slow.id()]).after_policy(AfterPolicy::Ended).spawn().unwrap();
    assert_eq!(clean.wait(HANG), Ok(5));
    let never = tasks().task(|_| 6).after([slow.id()]).spawn().unwrap();
    assert_eq!(never.wait(HANG), Err(WaitError::Cancelled(CancelReason::DependencyFailed)));
    let refused = tasks().task(|_| 7).after([reserved]).spawn_id();
    assert_eq!(refused, Err(SpawnError::Submit(SubmitError::AfterUnknown { id: reserved })));
}

// ---- external tasks ------------------------------------------------------------------------------

/// Without Qt, callbacks need no event loop.
#[cfg(not(feature = "qt"))]
#[test]
fn b193_b194_an_external_task_is_ended_by_its_handle() {
    let (said, heard) = channel();
    let other = said.clone();
    let fetch = tasks()
        .external::<String>()
        .name("Fetch")
        .on_started(move || other.send("started".to_owned()).unwrap())
        .on_complete(move |value| said.send(value).unwrap())
        .spawn()
        .unwrap();
    let (clone, answer) = (fetch.clone(), fetch.task());
    assert_eq!((answer.status(), answer.info().unwrap().name.as_ref()), (Status::Running, "Fetch"));
    fetch.set_progress(0.5, "half");
    let info = answer.info().unwrap();
    assert_eq!((info.progress, info.message.as_ref()), (0.5, "half"));
    fetch.set_message("more");
    fetch.set_progress_value(0.75);
    assert_eq!(answer.info().unwrap().progress, 0.75);
    assert!(thread::spawn(move || clone.complete("all".to_owned())).join().unwrap());
    assert!(!fetch.complete("again".to_owned()) && !fetch.fail("late"));
    assert_eq!(answer.wait(HANG), Ok("all".to_owned()));
    assert_eq!([heard.recv().unwrap(), heard.recv().unwrap()], ["started", "all"]);
}

#[test]
fn b194_an_external_task_fails_with_what_is_said() {
    let fetch = tasks().external::<u32>().spawn().unwrap();
    assert!(fetch.fail("no route"));
    let error = fetch.task().wait(HANG).unwrap_err();
    assert_eq!((error.to_string(), fetch.is_cancel_requested()), ("no route".to_owned(), false));
    let fetch = tasks().external::<u32>().spawn().unwrap();
    assert!(fetch.fail(TaskError::cancelled()));
    assert_eq!(fetch.task().wait(HANG), Err(WaitError::Cancelled(CancelReason::User)));
}

#[test]
fn b194_an_external_task_that_is_dropped_without_an_end_has_failed() {
    let fetch = tasks().external::<u32>().spawn().unwrap();
    let (answer, clone) = (fetch.task(), fetch.clone());
    drop(fetch);
    assert_eq!(answer.status(), Status::Running);
    drop(clone);
    assert_eq!(
        answer.wait(HANG).unwrap_err().to_string(),
        "its handle was dropped without an end: nobody would end it"
    );
    // Also before its turn, and one that was asked to stop is cancelled.
    let fetch = tasks().external::<u32>().delay(HANG).spawn().unwrap();
    let answer = fetch.task();
    drop(fetch);
    assert_eq!(answer.status(), Status::Failed);
    let fetch = tasks().external::<u32>().spawn().unwrap();
    let answer = fetch.task();
    answer.cancel();
    drop(fetch);
    assert_eq!(answer.status(), Status::Cancelled);
}

#[test]
fn b195_an_external_task_is_told_to_stop_once_and_may_end_in_that_call() {
    let (told, stops) = channel();
    let fetch = tasks().external::<u32>().on_stop(move || told.send(()).unwrap()).spawn().unwrap();
    let (answer, token) = (fetch.task(), fetch.token());
    assert_eq!(answer.cancel(), CancelResult::CancelRequested);
    assert!(fetch.is_cancel_requested() && token.is_cancelled());
    assert_eq!((answer.cancel(), stops.try_iter().count()), (CancelResult::CancelRequested, 1));
    assert_eq!(answer.status(), Status::Running);
    assert!(!fetch.complete(1));
    assert_eq!(answer.wait(HANG), Err(WaitError::Cancelled(CancelReason::User)));

    let (give, handle) = channel::<legwork::External<u32>>();
    let stop = move || {
        // As a request does that tells of its end as it is aborted.
        assert!(!handle.recv_timeout(HANG).unwrap().fail("aborted"));
    };
    let fetch = tasks().external::<u32>().on_stop(stop).spawn().unwrap();
    let answer = fetch.task();
    give.send(fetch).unwrap();
    answer.cancel();
    assert_eq!(answer.status(), Status::Cancelled);
    // A panic is no harm.
    let fetch = tasks().external::<u32>().on_stop(|| panic!("of what is to stop")).spawn().unwrap();
    fetch.task().cancel();
    fetch.complete(1);
    assert_eq!(fetch.task().status(), Status::Cancelled);
}

/// Without Qt, callbacks need no event loop.
#[cfg(not(feature = "qt"))]
#[test]
fn b193_the_work_of_an_external_task_begins_when_its_turn_has_come() {
    let (begun, begins) = channel();
    let external = |name: &'static str| {
        let begun = begun.clone();
        tasks().external::<u32>().key("b193").name(name).on_start(move |fetch| {
            begun.send((name, fetch)).unwrap();
        })
    };
    // Where nobody else has a handle, the one that is given keeps it.
    let ids = ["first", "second"].map(|name| external(name).spawn().unwrap().id());
    let (name, first) = begins.recv_timeout(HANG).unwrap();
    assert_eq!((name, first.id(), begins.try_iter().count()), ("first", ids[0], 0));
    assert_eq!(tasks().status(ids[1]), Status::Blocked);
    assert!(first.complete(1));
    let (name, second) = begins.recv_timeout(HANG).unwrap();
    assert_eq!((name, second.id()), ("second", ids[1]));
    // One that is cancelled before does not begin, and is not told to stop.
    let third = external("third").on_stop(|| unreachable!("it has not begun")).spawn().unwrap();
    assert_eq!(third.task().cancel(), CancelResult::CancelledBeforeStart);
    assert!(second.complete(2));
    assert_eq!(begins.try_iter().count(), 0);
}

#[test]
fn b196_the_work_of_an_external_task_that_says_no_begin_is_told_to_stop_before_it() {
    let (told, stops) = channel();
    let fetch =
        tasks().external::<u32>().delay(HANG).on_stop(move || told.send(()).unwrap()).spawn().unwrap();
    assert_eq!(fetch.task().cancel(), CancelResult::CancelledBeforeStart);
    assert_eq!(stops.try_iter().count(), 1);
    assert!(!fetch.complete(1) && fetch.is_cancel_requested());
    // Ended by its handle it is told nothing.
    let fetch = tasks().external::<u32>().delay(HANG).on_stop(|| unreachable!()).spawn().unwrap();
    assert!(fetch.complete(5));
    assert_eq!((fetch.task().cancel(), fetch.task().wait(HANG)), (CancelResult::AlreadyFinished, Ok(5)));
}

#[test]
fn b193_with_keep_the_handle_looks_at_the_other_and_does_not_end_it() {
    let first = tasks().external::<u32>().key("b193 keep").spawn().unwrap();
    let start = |_| unreachable!("that is not made");
    let keep = tasks().external::<u32>().key("b193 keep").key_policy(KeyPolicy::Keep).on_start(start);
    let kept = keep.on_stop(|| unreachable!()).spawn().unwrap();
    assert_eq!(kept.id(), first.id());
    assert!(!kept.complete(2) && !kept.fail("no"));
    kept.set_progress_value(0.5);
    assert_eq!(first.task().info().unwrap().progress, -1.0);
    drop(kept);
    assert_eq!(first.task().status(), Status::Running);
    assert!(first.complete(1));
    // The same while the other waits for its turn.
    let first = tasks().external::<u32>().key("b193 keep").delay(HANG).spawn().unwrap();
    let keep = tasks().external::<u32>().key("b193 keep").key_policy(KeyPolicy::Keep).on_start(start);
    let kept = keep.spawn().unwrap();
    assert!(tasks().run_now(first.id()) && first.complete(3));
    assert_eq!(kept.task().wait(HANG), Ok(3));
}

#[test]
fn b193_an_external_task_that_is_refused_leaves_nothing() {
    let held = Arc::new(());
    let (start, stop) = (held.clone(), held.clone());
    let refused = tasks()
        .external::<u32>()
        .weight(-1.0)
        .on_start(move |_| drop(start))
        .on_stop(move || drop(stop))
        .spawn()
        .err()
        .unwrap();
    assert!(matches!(refused, SpawnError::Submit(SubmitError::InvalidOption { option: "weight", .. })));
    assert_eq!(Arc::strong_count(&held), 1);
}

/// Without Qt, callbacks need no event loop.
#[cfg(not(feature = "qt"))]
#[test]
fn b194_what_an_external_task_has_of_closures_goes_with_its_end() {
    let held = Arc::new(());
    let (start, stop) = (held.clone(), held.clone());
    let fetch = tasks()
        .external::<u32>()
        .delay(HANG)
        .on_start(move |_| drop(start))
        .on_stop(move || drop(stop))
        .spawn()
        .unwrap();
    let (answer, before) = (fetch.task(), Arc::strong_count(&held));
    fetch.complete(1);
    assert_eq!((before, Arc::strong_count(&held)), (3, 1));
    drop(fetch);
    assert_eq!(answer.wait(HANG), Ok(1));
}

#[test]
fn b214_b215_limits_of_an_owner() {
    use legwork::{Limits, LimitsError};
    let owner = tasks().owner("Scaler");
    assert_eq!(owner.limits(), Limits::default());
    let limits = Limits { max_running: 1, max_queued: 1, ..Limits::default() };
    owner.set_limits(limits).unwrap();
    assert_eq!(owner.limits(), limits);
    let bad = Limits { max_queued: 0, ..limits };
    assert_eq!(owner.set_limits(bad), Err(LimitsError::Zero("maxQueued")));
    let (open, gate) = channel::<()>();
    let (tell, begun) = channel();
    let work = move |_: &legwork::TaskContext| {
        tell.send(()).unwrap();
        gate.recv_timeout(HANG).map(|()| 1)
    };
    let first = tasks().task(work).owner(&owner).spawn().unwrap();
    begun.recv_timeout(HANG).unwrap();
    let second = tasks().task(|_| 2).owner(&owner).spawn().unwrap();
    let refused = tasks().task(|_| 3).owner(&owner).spawn_id();
    let expected =
        SubmitError::LimitReached { owner: "Scaler".into(), limit: "maxQueued", most: 1, found: 1 };
    assert_eq!(refused, Err(SpawnError::Submit(expected)));
    assert_eq!((second.status(), owner.tasks().len()), (Status::Queued, 2));
    open.send(()).unwrap();
    assert_eq!((first.wait(HANG), second.wait(HANG)), (Ok(1), Ok(2)));
    owner.close();
    assert_eq!(owner.set_limits(limits), Err(LimitsError::OwnerGone));
}

#[test]
fn b232_results_go_from_task_to_task_by_their_types() {
    struct Image(Vec<u8>);
    let (open, gate) = channel::<()>();
    let image = tasks()
        .task(move |_| gate.recv_timeout(HANG).map(|()| Opaque::new(Image(vec![1, 2, 3]))))
        .spawn()
        .unwrap();
    let large = image
        .then(|image: Opaque, _| {
            let image = image.downcast::<Image>().expect("it is what the first returned");
            Opaque::new(Image(image.0.repeat(2)))
        })
        .name("Large")
        .spawn()
        .unwrap();
    let size = large.then(|large, context| match large.downcast::<Image>() {
        Some(large) if !context.is_cancelled() => Ok(large.0.len()),
        _ => Err("no image"),
    });
    let size = size.spawn().unwrap();
    assert_eq!((size.status(), &*large.info().unwrap().name), (Status::Blocked, "Large"));
    open.send(()).unwrap();
    assert_eq!(size.wait(HANG), Ok(6));
    // Of one that has ended, by a body that fails first.
    let again = size.then_repeatable(|size, context| match context.attempt() {
        1 => Err("busy"),
        _ => Ok(vec![size as i64; 2]),
    });
    let retry = legwork::Retry { times: 1, delay: Duration::from_millis(1), ..legwork::Retry::default() };
    assert_eq!(again.retry(retry).spawn().unwrap().wait(HANG), Ok(vec![6, 6]));
    // A builder keeps the task, and an error goes no further.
    let failed = tasks().task(|_| Err::<i64, _>("no")).spawn().unwrap();
    let builder = failed.then(|number, _| number + 1);
    drop(failed);
    tasks().clear_history();
    let never = builder.spawn().unwrap();
    assert_eq!(never.wait(HANG), Err(WaitError::Cancelled(CancelReason::DependencyFailed)));
}

#[test]
fn b232_bytes_that_nobody_else_wants_are_moved_and_not_copied() {
    let (open, gate) = channel::<()>();
    let limits = tasks().history_limits();
    // More than the history keeps.
    let bytes = vec![7u8; limits.bytes + 1];
    let place = bytes.as_ptr() as usize;
    let first = tasks().task(move |_| gate.recv_timeout(HANG).map(|()| bytes)).spawn().unwrap();
    let second = first.then(move |bytes: Vec<u8>, _| bytes.as_ptr() as usize == place).spawn().unwrap();
    drop(first);
    open.send(()).unwrap();
    assert_eq!(second.wait(HANG), Ok(true));
}

#[test]
fn b232_all_and_any_give_typed_results() {
    let parts: Vec<_> = (1..4).map(|n| tasks().task(move |_| n * 10).spawn().unwrap()).collect();
    let all = tasks().all(&parts).name("Parts").weight(2.0).spawn().unwrap();
    assert_eq!(all.wait(HANG), Ok(vec![10, 20, 30]));
    let sum = all.then(|all: Vec<i32>, _| all.into_iter().sum::<i32>()).spawn().unwrap();
    let one = tasks().any([&sum]).spawn().unwrap();
    let nested = tasks().all([tasks().all([&sum, &one]).spawn().unwrap()]).spawn().unwrap();
    assert_eq!(nested.wait(HANG), Ok(vec![vec![60, 60]]));
    assert_eq!(
        tasks().all::<i32>([] as [legwork::TaskHandle<i32>; 0]).spawn().unwrap().wait(HANG),
        Ok(vec![])
    );

    let slow = tasks().task(|context| context.sleep(HANG).map(|()| "slow".to_owned())).spawn().unwrap();
    let fast = tasks().task(|_| "fast".to_owned()).spawn().unwrap();
    let first = tasks().any([&slow, &fast]).spawn().unwrap();
    assert_eq!(first.wait(HANG), Ok("fast".to_owned()));
    assert_eq!(slow.wait(HANG), Err(WaitError::Cancelled(CancelReason::NotNeeded)));

    let bad = || tasks().task(|_| Err::<i32, _>("no")).name("bad").spawn().unwrap();
    let late = tasks().task(|_| 1).delay(HANG).spawn().unwrap();
    let stops = tasks().all([&bad(), &late]).spawn().unwrap();
    assert_eq!(stops.wait(HANG).unwrap_err().to_string(), "no");
    assert_eq!(late.wait(HANG), Err(WaitError::Cancelled(CancelReason::NotNeeded)));
    let good = tasks().task(|_| 1).spawn().unwrap();
    let goes_on = tasks().all([&good, &bad()]).error_policy(ErrorPolicy::ContinueOnError).spawn().unwrap();
    let error = goes_on.wait(HANG).unwrap_err();
    assert_eq!(error.to_string(), "1 of 2 did not complete: \"bad\": no");
    let cancelled = tasks().all([tasks().task(|_| ()).delay(HANG).spawn().unwrap()]).spawn().unwrap();
    assert_eq!(cancelled.cancel(), CancelResult::CancelRequested);
    assert_eq!(cancelled.wait(HANG), Err(WaitError::Cancelled(CancelReason::User)));

    let refused = tasks().all([&good]).error_policy(ErrorPolicy::StopOnSuccess).spawn_id();
    let expected = "errorPolicy is StopOnSuccess; expected StopOnError or ContinueOnError; any gives the first that completes";
    assert_eq!(refused.unwrap_err().to_string(), expected);
    let none = tasks().any([] as [legwork::TaskHandle<i32>; 0]).spawn_id();
    assert_eq!(none, Err(SpawnError::Submit(SubmitError::NoMembers)));
}

#[test]
#[cfg(not(feature = "qt"))]
fn b315_values_of_a_stream_of_a_job_and_of_a_body_that_runs_again() {
    let (say, heard) = channel();
    let told = || {
        let say = say.clone();
        move |values: Vec<i64>| values.into_iter().for_each(|value| say.send(value).unwrap())
    };
    let stream = tasks()
        .stream(|numbers: &legwork::Sender<i64>, _| {
            numbers.send(1)?;
            numbers.send(2)
        })
        .on_values(told());
    stream.spawn().unwrap().wait(HANG).unwrap();
    tasks()
        .register_job("b315", |context, args| {
            tasks().sender(context).send(args.get::<i64>(0)?)?;
            // No number, which the callback leaves out.
            tasks().sender(context).send("three".to_owned())
        })
        .unwrap();
    tasks().job("b315", [3]).on_values(told()).spawn().unwrap().wait(HANG).unwrap();
    let again = tasks().repeatable(|context| {
        tasks().sender(context).send(context.attempt() as i64 + 3)?;
        if context.attempt() == 1 { Err(TaskError::new(ErrorKind::Failed, "again")) } else { Ok(()) }
    });
    let retry = legwork::Retry { times: 1, delay: Duration::ZERO, ..Default::default() };
    again.retry(retry).on_values(told()).spawn().unwrap().wait(HANG).unwrap();
    assert_eq!(heard.try_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
}

#[test]
#[cfg(not(feature = "qt"))]
fn b301_b303_b305_in_rust_a_task_a_key_an_owner_and_all_are_paused_and_resumed() {
    let (heard, told) = channel();
    let (open, gate) = channel::<()>();
    let body = tasks()
        .task(move |context| {
            let _ = gate.recv_timeout(HANG);
            context.checkpoint()?;
            Ok::<_, TaskError>(1)
        })
        .pausable()
        .on_paused(move |reason| heard.send(reason.map(str::to_owned)).unwrap())
        .spawn()
        .unwrap();
    while body.status() == Status::Queued {
        std::thread::yield_now();
    }
    assert_eq!(body.pause("later"), legwork::PauseResult::PauseRequested);
    open.send(()).unwrap();
    assert_eq!(told.recv_timeout(HANG), Ok(Some("later".to_owned())));
    assert_eq!((body.status(), body.info().unwrap().paused.as_deref()), (Status::Paused, Some("later")));
    assert!(body.resume() && !tasks().resume(body.id()));
    assert_eq!((told.recv_timeout(HANG), body.wait(HANG)), (Ok(None), Ok(1)));
    assert_eq!(tasks().pause(body.id(), ""), legwork::PauseResult::AlreadyFinished);
    // An owner, and its key. (All of them would hold the tasks of other tests.)
    let owner = tasks().owner("paused");
    assert!(owner.pause("") && !owner.pause("") && owner.pause_key("key", ""));
    let task = tasks().task(|_| 2).owner(&owner).key("key").spawn().unwrap();
    assert!(owner.resume());
    assert_eq!(task.status(), Status::Paused);
    assert!(owner.resume_key("key"));
    assert_eq!(task.wait(HANG), Ok(2));
    assert!(tasks().pause_key("paused", ""));
    let task = tasks().task(|_| 3).key("paused").spawn().unwrap();
    assert_eq!((task.status(), tasks().is_paused()), (Status::Paused, false));
    assert!(tasks().resume_key("paused") && !tasks().resume_all());
    assert_eq!(task.wait(HANG), Ok(3));
}

#[cfg(feature = "locations")]
#[test]
fn b393_a_task_knows_the_line_that_has_submitted_it() {
    let of = |id| {
        let place = tasks().info(id).unwrap().source_location.unwrap();
        assert_eq!(place.file, file!());
        place.line
    };
    let plain = tasks().task(|_| 1).spawn().unwrap();
    assert_eq!(of(plain.id()), line!() - 1);
    let id = tasks().task(|_| 1).name("Named").spawn_id().unwrap();
    assert_eq!(of(id), line!() - 1);
    #[track_caller]
    fn submit() -> legwork::TaskHandle<i64> {
        tasks().task(|_| 1_i64).spawn().unwrap()
    }
    let within = submit();
    assert_eq!(of(within.id()), line!() - 1);
    let after = plain.then(|one: i32, _| one + 1).spawn().unwrap();
    assert_eq!(of(after.id()), line!() - 1);
    let all = tasks().all([&within]).spawn().unwrap();
    assert_eq!(of(all.id()), line!() - 1);
    let external = tasks().external::<i64>().spawn().unwrap();
    assert_eq!(of(external.id()), line!() - 1);
    assert!(external.complete(1));
    let future = tasks().future(async { Ok::<_, TaskError>(1_i64) }).spawn().unwrap();
    assert_eq!(of(future.id()), line!() - 1);
    let fails = tasks().repeatable(|_| Err::<i64, _>("offline")).spawn().unwrap();
    let line = line!() - 1;
    assert!(fails.wait(None).is_err());
    // Its work was submitted there.
    assert_eq!(of(fails.retry().unwrap().id()), line);
}
