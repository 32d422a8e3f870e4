//! How processes end: each of these is played by a child.

use std::time::Duration;

use cxx_qt_lib::QCoreApplication;
use legwork::{Status, tasks};

use crate::jobs::Gate;
use crate::support::{ffi, process_until, run_child};

/// The children, by name.
pub const CHILDREN: &[(&str, fn())] = &[
    ("quit", quit),
    ("quit-stubborn", quit_stubborn),
    ("return-idle", || return_with("idle")),
    ("return-running", || return_with("running")),
    ("return-delayed", || return_with("delayed")),
    ("return-periodic", || return_with("periodic")),
    ("return-callback", || return_with("callback")),
    ("appless", appless),
    ("app-later", app_later),
    ("app-twice", app_twice),
    ("exit-in-task", exit_in_task),
    ("million", million),
];

fn million() {
    let _application = QCoreApplication::new();
    crate::drain::a_million_tasks();
}

/// Starts one of each kind.
fn start(kind: &str) {
    let spawned = match kind {
        "running" => tasks().job("gate", [legwork::Value::text("never")]).spawn_id(),
        "delayed" => tasks().task(|_| ()).delay(Duration::from_secs(3600)).spawn_id(),
        "periodic" => tasks().periodic(Duration::from_millis(1), |_| ()).spawn_id(),
        _ => tasks().task(|_| ()).on_complete(|()| {}).spawn_id(),
    };
    let id = spawned.expect("accepted");
    match kind {
        "running" => Gate::named("never").wait_for(1),
        // Its callback is pending.
        "callback" => assert_eq!(tasks().wait(id, None), legwork::WaitResult::Done),
        _ => {}
    }
}

/// An application that quits while tasks work: they are asked, and it quits.
fn quit() {
    let _application = QCoreApplication::new();
    for kind in ["delayed", "periodic", "callback"] {
        start(kind);
    }
    let asked = tasks().job("attentive", legwork::Args::default()).spawn().expect("accepted");
    process_until("the start", || asked.status() == Status::Running);
    assert_eq!(ffi::exec_and_quit(), 7);
    assert_eq!(asked.status(), Status::Cancelled);
    // With the loop, and not for good.
    assert!(!tasks().is_shut_down());
    assert_eq!(tasks().task(|_| 7).spawn().expect("accepted").wait(crate::jobs::HANG), Ok(7));
}

/// One that does not listen is left behind after the deadline, which is brought forward here.
fn quit_stubborn() {
    let _application = QCoreApplication::new();
    start("running");
    tasks().begin_shutdown(Duration::from_millis(50));
    assert_eq!(ffi::exec_and_quit(), 7);
}

/// `main` returns, without a shutdown and without `exec`.
fn return_with(kind: &str) {
    let _application = QCoreApplication::new();
    start(kind);
}

/// There never is an application: tasks run, and results are asked for.
fn appless() {
    let handle = tasks().task(|_| 6 * 7).on_complete(|_| panic!("no thread may call this")).spawn().unwrap();
    assert_eq!(handle.wait(None), Ok(42));
    start("running");
    start("periodic");
    let report = tasks().shutdown(Duration::from_millis(50));
    assert_eq!(report.abandoned.len(), 1);
}

/// B117: the application comes after the tasks; their results have waited.
fn app_later() {
    let called = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = called.clone();
    let done = move |_: i32| flag.store(true, std::sync::atomic::Ordering::Relaxed);
    let handle = tasks().task(|_| 1).on_complete(done).spawn().unwrap();
    handle.wait(None).unwrap();
    let _application = QCoreApplication::new();
    process_until("the callback", || called.load(std::sync::atomic::Ordering::Relaxed));
}

/// B117, B120: one application after the other, without a quit: deliveries go on in the second.
fn app_twice() {
    for round in 0..2 {
        let _application = QCoreApplication::new();
        let called = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let flag = called.clone();
        let done = move |_: i32| flag.store(true, std::sync::atomic::Ordering::Relaxed);
        tasks().task(move |_| round).on_complete(done).spawn_id().unwrap();
        process_until("the callback", || called.load(std::sync::atomic::Ordering::Relaxed));
    }
    start("callback");
}

/// B119: a task ends the process.
fn exit_in_task() {
    let _application = QCoreApplication::new();
    start("periodic");
    let handle = tasks().task(|_| -> () { std::process::exit(9) }).spawn().unwrap();
    let _ = handle.wait(crate::jobs::HANG);
}

/// Some tasks are submitted; a moment later `main` returns, or the process exits: `return/scripts/250`.
pub fn end_with(how: &str, what: &str, microseconds: u64) {
    let application = QCoreApplication::new();
    match what {
        "scripts" => submit_scripts(),
        _ => submit_bodies(),
    }
    // Nothing is waited for: at which moment of the workers' start the process ends is what each case is about.
    std::thread::sleep(Duration::from_micros(microseconds));
    if how == "exit" {
        std::mem::forget(application);
        std::process::exit(0);
    }
}

/// What uses Qt's own statics: they are gone when the process ends.
fn submit_bodies() {
    for _ in 0..16 {
        let body = |context: &legwork::TaskContext| {
            while !context.is_cancelled() {
                ffi::use_qt();
                context.set_progress(0.5, "at work");
            }
        };
        tasks().task(body).spawn_id().expect("accepted");
        tasks().periodic(Duration::from_millis(1), |_| ffi::use_qt()).spawn_id().expect("accepted");
    }
}

fn submit_scripts() {
    let work = crate::scripts::module("work.mjs");
    let script = |function: &str, args: Vec<legwork::Value>| {
        tasks().script(&work, function, args).expect("a module").spawn_id().expect("accepted");
    };
    for _ in 0..4 {
        script("sum", vec![legwork::Value::Int(1)]);
        script("endless", vec![]);
        script("sleeps", vec![legwork::Value::Int(600_000)]);
        script("failsDeep", vec![]);
    }
}

/// So many moments after the submit.
const MOMENTS: u64 = 40;

fn each_moment(how: &str, what: &str) {
    for moment in 0..MOMENTS {
        let name = format!("{how}/{what}/{}", moment * moment * 20);
        let ended = run_child(&name);
        assert_eq!(ended.code, Some(0), "{name} ended so:\n{}", ended.output);
        assert!(ended.time < Duration::from_secs(9), "{name} took {:?}", ended.time);
    }
}

/// The application goes while workers look for it, and make engines.
pub fn b133_main_returns_while_scripts_begin() {
    each_moment("return", "scripts");
}

/// It does not go: the process does, and what Qt has of its own with it.
pub fn b133_the_process_exits_while_scripts_run() {
    each_moment("exit", "scripts");
}

pub fn b133_main_returns_while_bodies_use_qt() {
    each_moment("return", "bodies");
}

pub fn b133_the_process_exits_while_bodies_use_qt() {
    each_moment("exit", "bodies");
}

/// B118: each ends, with the code that it should have, and soon.
pub fn expect(name: &'static str, code: i32) {
    let ended = run_child(name);
    assert_eq!(ended.code, Some(code), "{name} ended so:\n{}", ended.output);
    assert!(ended.time < Duration::from_secs(25), "{name} took {:?}", ended.time);
    print!("{}", ended.output);
}
