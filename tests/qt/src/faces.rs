//! The object: its signals as other languages see them, errors, several engines, threads.

use std::time::Duration;

use cxx_qt_lib::{QCoreApplication, QString};
use legwork::{CancelResult, Status, WaitResult, tasks};

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

/// The enumerators of C++, all of them, have the names and the numbers of Rust, and QML finds each.
pub fn b20_enumerators_agree() {
    let mut rust: Vec<(&str, &str, i64)> = Vec::new();
    let mut add = |of: &'static str, name: &'static str, number: i64| {
        // One that is in two enumerations stands in the first.
        if !rust.iter().any(|(_, known, _)| *known == name) {
            rust.push((of, name, number));
        }
    };
    // <vocabulary: enumerators>
    legwork::Priority::ALL.iter().for_each(|value| add("Priority", value.name(), *value as i64));
    legwork::Status::ALL.iter().for_each(|value| add("Status", value.name(), *value as i64));
    legwork::CancelResult::ALL.iter().for_each(|value| add("CancelResult", value.name(), *value as i64));
    legwork::PauseResult::ALL.iter().for_each(|value| add("PauseResult", value.name(), *value as i64));
    legwork::WaitResult::ALL.iter().for_each(|value| add("WaitResult", value.name(), *value as i64));
    legwork::Rate::ALL.iter().for_each(|value| add("Rate", value.name(), *value as i64));
    legwork::Misfire::ALL.iter().for_each(|value| add("Misfire", value.name(), *value as i64));
    legwork::FirstRun::ALL.iter().for_each(|value| add("FirstRun", value.name(), *value as i64));
    legwork::KeyPolicy::ALL.iter().for_each(|value| add("KeyPolicy", value.name(), *value as i64));
    legwork::AfterPolicy::ALL.iter().for_each(|value| add("AfterPolicy", value.name(), *value as i64));
    legwork::WhenFull::ALL.iter().for_each(|value| add("WhenFull", value.name(), *value as i64));
    legwork::ErrorPolicy::ALL.iter().for_each(|value| add("ErrorPolicy", value.name(), *value as i64));
    legwork::Backoff::ALL.iter().for_each(|value| add("Backoff", value.name(), *value as i64));
    // </vocabulary>
    let expected: Vec<_> =
        rust.iter().map(|(enumeration, name, number)| format!("{enumeration}.{name} {number}")).collect();
    assert_eq!(ffi::enumerators(), expected);
    // What answers with none of them says so with this one.
    assert_eq!(CancelResult::UnknownTask as u8, Status::UnknownTask as u8);
    assert_eq!(WaitResult::UnknownTask as u8, Status::UnknownTask as u8);
    assert_eq!(legwork::AfterPolicy::Completed as u8, Status::Completed as u8);

    let mut scene = manager();
    for (_, name, number) in &rust {
        assert_eq!(scene.eval(&format!("TaskManager.{name}")), number.to_string(), "{name}");
    }
    // In QML they share one scope. Priorities and statuses are never mixed up by a call: the first three
    // of both overlap, the others are unique.
    let mut others: Vec<_> = rust.iter().map(|(_, _, number)| number).filter(|number| **number > 2).collect();
    let count = others.len();
    others.sort();
    others.dedup();
    assert_eq!(others.len(), count, "{others:?}");
}

/// The options take each of the enumerators that they are for.
pub fn b20_options_take_their_enumerators() {
    let mut scene = manager();
    let options = [
        // <vocabulary: every choice>
        ("priority", "High"),
        ("priority", "Normal"),
        ("priority", "Low"),
        ("firstRun", "AtOnce"),
        ("firstRun", "AfterInterval"),
        ("rate", "FixedDelay"),
        ("rate", "FixedRate"),
        ("misfire", "Skip"),
        ("misfire", "RunOnce"),
        ("keyPolicy", "Append"),
        ("keyPolicy", "Replace"),
        ("keyPolicy", "KeepLatest"),
        ("keyPolicy", "Keep"),
        ("afterPolicy", "Completed"),
        ("afterPolicy", "Ended"),
        ("whenFull", "Wait"),
        ("whenFull", "DropOldest"),
        ("whenFull", "Conflate"),
        // </vocabulary>
    ];
    for (option, name) in options {
        // A policy of keys needs a key.
        let script = format!(
            "TaskManager.cancelTask(TaskManager.runPeriodic(3600000, 'nothing', [], {{{option}: TaskManager.{name}, key: 'k', delayMs: 3600000}}))"
        );
        let answer: i32 = scene.eval(&script).parse().expect("an answer");
        assert_eq!(answer.to_string(), scene.eval("TaskManager.CancelledBeforeStart"));
    }
    process_until("the cancelled ones", || tasks().counts().live == 0);
}

/// B109: to C++ and Python, too, the number of workers is a number, and one that is none is refused.
pub fn b109_max_workers_is_a_number_to_cpp() {
    let mut scene = manager();
    let int = |number: i32| (number, "int".to_owned());
    assert_eq!(scene.max_workers_by_name(6.0), int(6));
    assert_eq!(scene.eval("workers"), "6", "the binding is told");
    assert_eq!(scene.max_workers_by_name(4.7), int(6));
    assert_eq!(scene.last_error(), "maxWorkers is the number 4.7; expected a whole number from 1 to 1024");
    assert_eq!(scene.max_workers_by_name(4.0), int(4));
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

/// B328: and so are the numbers that are about threads, each once, and only when they are others. With nothing else
/// connected: what tells that tasks begin and end tells of these.
pub fn b328_numbers_that_rust_sets_are_announced() {
    let mut scene = Scene::new(
        "property int bodies: TaskManager.maxBlocking
         property real idle: TaskManager.idleTimeoutMs
         property int told: 0
         property Connections c: Connections {
             target: TaskManager
             function onMaxBlockingChanged() { root.told += 1 }
             function onIdleTimeoutMsChanged() { root.told += 1 }
         }",
    );
    let known = |scene: &mut Scene| scene.eval("bodies + ',' + idle + ',' + told");
    // The first drain has the engine leave out what nobody hears.
    scene.eval("TaskManager.runInThread('value', [1])");
    process_until("the task", || tasks().counts().live == 0);
    assert_eq!(known(&mut scene), "64,30000,0");
    tasks().set_max_blocking(3).unwrap();
    process_until("the bodies", || known(&mut scene) == "3,30000,1");
    tasks().set_idle_timeout(None);
    process_until("never", || known(&mut scene) == "3,-1,2");
    std::thread::spawn(|| tasks().set_idle_timeout(Duration::from_millis(1_500))).join().unwrap();
    process_until("a time", || known(&mut scene) == "3,1500,3");
    assert!(tasks().set_max_blocking(1_025).is_err());
    // By QML at once, and what is as it was is not told.
    scene.eval("TaskManager.maxBlocking = 64; TaskManager.idleTimeoutMs = 30000");
    assert_eq!(known(&mut scene), "64,30000,5");
    scene.eval("TaskManager.maxBlocking = 64; TaskManager.idleTimeoutMs = 30000");
    tasks().set_max_blocking(64).unwrap();
    scene.eval("TaskManager.runInThread('value', [1])");
    process_until("the other task", || tasks().counts().live == 0);
    assert_eq!(known(&mut scene), "64,30000,5");
}

/// The children, by name: what needs a process of its own.
pub const CHILDREN: &[(&str, fn())] = &[
    ("b283_a_slot_may_delete_a_manager_of_the_wrong_thread", deleted_by_its_slot),
    ("b284_a_stack_size_that_rust_sets_is_announced", told_of_the_stack),
];

/// B283: a TaskManager of the wrong thread is in no list that would know that it is gone.
fn deleted_by_its_slot() {
    let _application = QCoreApplication::new();
    let seen = ffi::manager_deleted_on_another_thread().to_string();
    assert!(seen.starts_with("priority is the text \"High\"; expected"), "{seen}");
}

/// B284: and so is the size of stacks, which is set before the first task.
fn told_of_the_stack() {
    let _application = QCoreApplication::new();
    let mut scene = Scene::new(
        "property int bytes: TaskManager.stackSize
         property int told: 0
         property Connections c: Connections { target: TaskManager; function onStackSizeChanged() { root.told += 1 } }",
    );
    let before = tasks().stack_size();
    assert_eq!(scene.eval("bytes"), before.to_string());
    // The first drain has the engine leave out what nobody hears.
    tasks().set_max_workers(3).unwrap();
    process_until("the number of workers", || scene.eval("TaskManager.maxWorkers") == "3");
    ffi::process_events(0);
    tasks().set_stack_size(2 * before).unwrap();
    process_until("the size", || scene.eval("bytes") == (2 * before).to_string());
    // By QML at once, and told once.
    scene.eval(&format!("TaskManager.stackSize = {before}"));
    assert_eq!(scene.eval("bytes + ',' + told"), format!("{before},2"));
    tasks().set_stack_size(before).unwrap();
    scene.eval("TaskManager.runInThread('value', [1])");
    process_until("the task", || tasks().counts().live == 0);
    assert_eq!(scene.eval("told"), "2", "what is as it was is not told");
    assert!(tasks().set_stack_size(2 * before).is_err());
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

/// B140: what ends while nothing is connected is not kept, however many objects there are; a slot or a function
/// that is connected later hears of what ends from then on.
pub fn b140_ends_that_nobody_hears_of_take_no_place() {
    let mut scene = Scene::new("property var heard: []\nproperty var manager: TaskManager");
    let run = |count: usize| {
        let handles: Vec<_> = (0..count).map(|_| tasks().task(|_| ()).spawn().unwrap()).collect();
        handles.iter().for_each(|handle| handle.wait(None).unwrap());
    };
    // Nothing is delivered in between.
    for _ in 0..10 {
        run(200);
        assert_eq!(tasks().counts().live, 0);
    }
    // A function is called, and a promise is kept, though nobody is connected.
    for round in 1..=300 {
        scene.eval("TaskManager.runInThread('value', [1], {onComplete: r => heard.push(r)})");
        scene.eval("TaskManager.promise(TaskManager.runInThread('value', [2])).then(r => heard.push(r))");
        process_until("both", || scene.eval("heard.length") == (2 * round).to_string());
    }
    scene.eval("TaskManager.taskCompleted.connect(id => heard = [])");
    run(1);
    assert_eq!(tasks().counts().live, 1, "now somebody is connected");
    process_until("the signal", || scene.eval("heard.length") == "0");
    drop(scene);
    // The last to be connected went with its engine.
    run(1);
    assert_eq!(tasks().counts().live, 0);
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
