//! The object: its signals as other languages see them, errors, several engines, threads.

use cxx_qt_lib::QString;
use legwork::{CancelResult, FirstRun, Misfire, Priority, Rate, Status, WaitResult, tasks};

use crate::support::{Scene, ffi, process_until};

fn manager() -> Scene {
    Scene::new("property int workers: TaskManager.maxWorkers\nproperty string later: 'a' + workers")
}

/// The signals can be connected by pointer to member and by name, with the types of the design.
pub fn signals_are_connected_by_pointer_and_by_name() {
    let mut scene = manager();
    scene.count_completed(0);
    assert!(scene.count_by_name(), "a signal has another signature");
    scene.eval("TaskManager.runInThread('nothing')");
    process_until("the signal", || scene.completed() == 1);
    assert_eq!(scene.completed_by_name(), 1);
}

/// The enumerators of C++ are the numbers of Rust.
pub fn enumerators_agree() {
    let mut scene = manager();
    let mut check = |name: &str, number: i32| {
        assert_eq!(scene.eval(&format!("TaskManager.{name}")), number.to_string(), "{name}");
    };
    use Status::*;
    for status in [Delayed, Queued, Running, Completed, Failed, Cancelled, TimedOut, Abandoned, UnknownTask] {
        check(status.name(), status as i32);
    }
    for priority in [Priority::High, Priority::Normal, Priority::Low] {
        check(priority.name(), priority as i32);
    }
    // The others come back as what they are called: by a call each, here and in the conformance.
    let names = [
        CancelResult::CancelledBeforeStart.name(),
        CancelResult::CancelRequested.name(),
        CancelResult::AlreadyFinished.name(),
        WaitResult::Done.name(),
        WaitResult::WaitTimeout.name(),
        WaitResult::WouldDeadlock.name(),
    ];
    let mut numbers: Vec<i32> =
        names.iter().map(|name| scene.eval(&format!("TaskManager.{name}")).parse().unwrap()).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), names.len(), "numbers are unique: {numbers:?}");
    let options = [
        ("rate", "FixedDelay"),
        ("rate", "FixedRate"),
        ("misfire", "Skip"),
        ("misfire", "RunOnce"),
        ("firstRun", "AtOnce"),
        ("firstRun", "AfterInterval"),
    ];
    for (key, name) in options {
        let script = format!(
            "TaskManager.cancelTask(TaskManager.runPeriodic(3600000, 'nothing', [], {{{key}: TaskManager.{name}, delayMs: 3600000}}))"
        );
        let answer: i32 = scene.eval(&script).parse().expect("an answer");
        assert_eq!(answer.to_string(), scene.eval("TaskManager.CancelledBeforeStart"));
    }
    let _ = (Rate::FixedRate, Misfire::Skip, FirstRun::AtOnce);
    process_until("the cancelled ones", || tasks().counts().live == 0);
}

/// Called without JavaScript, a bad call returns an empty id and sets lastError; the engine stays
/// well: a binding and a call work afterwards.
pub fn an_error_outside_of_javascript_poisons_nothing() {
    let mut scene = manager();
    assert_eq!(scene.invoke_by_name("no such job"), "");
    assert!(scene.last_error().starts_with("no job is named \"no such job\""), "{}", scene.last_error());
    assert_eq!(scene.eval("workers = 7; later"), "a7");
    let mut other = Scene::new("property string made: 'x' + TaskManager.maxWorkers");
    assert_eq!(other.eval("made"), "x4");
    assert_ne!(scene.invoke_by_name("value"), "");
    process_until("the good call", || tasks().counts().live == 0);
}

/// A number that Rust changes is announced to QML; the counts are, as tasks come and go.
pub fn properties_follow_what_others_do() {
    let mut scene = Scene::new(
        "property int workers: TaskManager.maxWorkers
         property int active: TaskManager.activeCount
         property int queued: TaskManager.queuedCount",
    );
    assert_eq!(scene.eval("workers"), "4");
    tasks().set_max_workers(2).unwrap();
    process_until("the number of workers", || scene.eval("workers") == "2");
    scene.eval("for (let i = 0; i < 5; ++i) TaskManager.runInThread('gate', ['counts', i])");
    process_until("two active, three queued", || scene.eval("active + ',' + queued") == "2,3");
    crate::jobs::Gate::named("counts").open();
    process_until("none", || scene.eval("active + ',' + queued") == "0,0");
    tasks().set_max_workers(4).unwrap();
    process_until("the number of workers again", || scene.eval("workers") == "4");
}

/// An error belongs to the engine that called; signals come to all.
pub fn b80_two_engines_have_their_own_errors_and_the_same_signals() {
    let hears = "property int count: 0
        property Connections c: Connections { target: TaskManager; function onTaskCompleted(id) { root.count += 1 } }";
    let (mut one, mut two) = (Scene::new(hears), Scene::new(hears));
    assert!(one.eval("TaskManager.runInThread('missing')").starts_with("throws Error: no job is named"));
    assert_ne!(one.eval("TaskManager.lastError"), "");
    assert_eq!(two.eval("TaskManager.lastError"), "");
    assert!(two.eval("TaskManager.runInThread('value', [function() {}])").contains("args[0]: a function"));
    one.eval("TaskManager.runInThread('value', [1])");
    two.eval("TaskManager.runInThread('value', [1])");
    process_until("both in both", || one.eval("count") == "2" && two.eval("count") == "2");
    assert_eq!(one.eval("TaskManager.maxWorkers = 6; TaskManager.maxWorkers"), "6");
    assert_eq!(two.eval("TaskManager.maxWorkers = 4; TaskManager.maxWorkers"), "4");
}

/// A QML engine on another thread is refused, in words, and the rest goes on.
pub fn an_engine_on_another_thread_is_refused() {
    let source = QString::from("import QtQml\nimport Legwork\nQtObject {}");
    let script = QString::from("TaskManager.runInThread('value', [1])");
    let answer = ffi::scene_on_another_thread(&source, &script).to_string();
    assert!(answer.contains("belongs to the thread of the QCoreApplication"), "{answer}");
    let mut scene = manager();
    assert_ne!(scene.eval("TaskManager.runInThread('value', [1])"), "");
    process_until("the good call", || tasks().counts().live == 0);
}

/// B85, B86: engines come and go while their tasks, with callbacks, run.
pub fn b85_b86_engines_go_while_their_tasks_run() {
    for round in 0..100 {
        let mut scene = manager();
        scene.eval(&format!(
            "for (let i = 0; i < 10; ++i) TaskManager.runInThread('value', [i], {{onComplete: r => workers += r, name: 'round {round}'}})"
        ));
        if round % 2 == 0 {
            ffi::process_events(0);
        }
    }
    process_until("the tasks of all", || tasks().counts().live == 0);
}
