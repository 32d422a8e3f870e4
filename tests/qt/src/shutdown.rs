//! Shutdowns. One is final, so each of these is played by a child.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cxx_qt_lib::QCoreApplication;
use legwork::{Args, CancelResult, ShutdownReport, TaskContext, Value, tasks};

use crate::jobs::{Gate, HANG};
use crate::support::{Scene, ffi, process_until};

/// The children, by name.
pub const CHILDREN: &[(&str, fn())] = &[
    ("b103_begun_again_when_over_it_tells_its_end_again", begun_again),
    ("b103_begun_again_tells_one_who_came_later", begun_again_for_one_who_came_later),
    ("b105_what_a_shutdown_delivers_is_in_order", in_order),
    ("b103_a_destructor_in_the_sweep_shuts_down", from_a_destructor_in_the_sweep),
    ("b103_a_destructor_in_a_cancel_shuts_down", from_a_destructor_in_a_cancel),
    ("b103_a_destructor_in_a_drain_shuts_down", from_a_destructor_in_a_drain),
    ("b76_all_tasks_finished_comes_though_the_last_callback_begins_a_shutdown", || {
        from_the_last_callback(|| tasks().begin_shutdown(HANG));
    }),
    ("b76_all_tasks_finished_comes_though_the_last_callback_shuts_down", || {
        from_the_last_callback(|| assert!(tasks().shutdown(HANG).complete));
    }),
];

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn note(line: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(line.into()));
}

fn log() -> Vec<String> {
    LOG.with_borrow(Clone::clone)
}

/// Delivers what there still may be.
fn settle() {
    for _ in 0..10 {
        ffi::process_events(5);
    }
}

fn no_warnings() {
    assert_eq!(ffi::take_messages().to_string(), "");
}

const HEARS_THE_END: &str = "property int ends: 0
    property var report: null
    property Connections c: Connections {
        target: TaskManager
        function onShutdownFinished(report) { root.ends += 1; root.report = report }
    }";

/// B103: a slot that begins a shutdown that is over, and waits for its signal, does not wait for ever.
fn begun_again() {
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    let (mut scene, mut other) = (Scene::new(HEARS_THE_END), Scene::new(HEARS_THE_END));
    scene.eval("TaskManager.runLater(60000, 'nothing')");
    // The second finds the first one over, and not told yet: one signal is for both.
    assert_eq!(scene.eval("TaskManager.beginShutdown() && TaskManager.beginShutdown()"), "true");
    assert_eq!(scene.eval("ends"), "0", "not inside of the call");
    process_until("the end", || scene.eval("ends") == "1");
    settle();
    assert_eq!(scene.eval("ends"), "1");
    let report = scene.eval("JSON.stringify(report)");
    assert!(report.contains("\"cancelled\":1") && report.contains("\"complete\":true"), "{report}");
    for round in ["2", "3"] {
        let call = if round == "2" { "TaskManager.beginShutdown()" } else { "TaskManager.beginShutdown(5)" };
        assert_eq!(scene.eval(&format!("report = null; {call}")), "true");
        assert_ne!(scene.eval("ends"), round, "not inside of the call");
        process_until("the end, once more", || scene.eval("ends") == round);
        assert_eq!(scene.eval("JSON.stringify(report)"), report);
    }
    settle();
    assert_eq!((scene.eval("ends"), other.eval("ends")), ("3".to_owned(), "3".to_owned()));
    no_warnings();
}

/// The same where nobody listened when the shutdown came to its end.
fn begun_again_for_one_who_came_later() {
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    assert!(tasks().shutdown(HANG).complete);
    let mut scene = Scene::new(HEARS_THE_END);
    settle();
    assert_eq!(scene.eval("ends"), "0");
    assert_eq!(scene.eval("TaskManager.beginShutdown()"), "true");
    process_until("the end", || scene.eval("ends") == "1");
    no_warnings();
}

/// Reports when it has begun and when it is asked to stop; then obeys, or not.
fn reports(context: &TaskContext, obeys: bool) -> Result<i32, legwork::TaskError> {
    context.set_progress(0.25, "begun");
    Gate::named("shutdown order").pass();
    let asked = context.sleep(HANG);
    context.set_progress(0.5, "asked");
    if obeys { asked.map(|()| 0) } else { Ok(7) }
}

/// B70, B105: a shutdown delivers by itself, inside of its call: started, progress, one end of each
/// task, and the signals before the callbacks.
fn in_order() {
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    tasks().register_job("obeys", |context, _| reports(context, true)).unwrap();
    tasks().register_job("ignores", |context, _| reports(context, false)).unwrap();
    let mut scene = Scene::new(
        "property var log: []
         property var names: ({})
         function submit(job, name, delayed) {
             const options = {
                 onComplete: result => log.push([name, 'onComplete', result]),
                 onCancelled: reason => log.push([name, 'onCancelled', reason]),
                 onProgress: (value, message) => log.push([name, 'onProgress', value, message])
             }
             names[delayed ? TaskManager.runLater(3600000, job, [], options) : TaskManager.runInThread(job, [], options)] = name
         }
         property Connections c: Connections {
             target: TaskManager
             function onTaskStarted(id) { root.log.push([root.names[id], 'taskStarted']) }
             function onTaskProgress(id, value, message) { root.log.push([root.names[id], 'taskProgress', value, message]) }
             function onTaskCompleted(id, result) { root.log.push([root.names[id], 'taskCompleted', result]) }
             function onTaskCancelled(id) { root.log.push([root.names[id], 'taskCancelled']) }
             function onTaskFailed(id, error) { root.log.push([root.names[id], 'taskFailed', error]) }
             function onAllTasksFinished() { root.log.push(['', 'allTasksFinished']) }
             function onShutdownFinished(report) { root.log.push(['', 'shutdownFinished']) }
         }
         function of(name) { return log.filter(line => line[0] === name).map(line => line.slice(1).join(' ')).join('; ') }",
    );
    scene.eval("TaskManager.maxWorkers = 2");
    scene.eval(
        "submit('obeys', 'a'); submit('ignores', 'b'); submit('nothing', 'c'); submit('nothing', 'd', true)",
    );
    let gate = Gate::named("shutdown order");
    gate.wait_for(2);
    gate.open();
    assert_eq!(scene.eval("log.length"), "0", "nothing is delivered yet");
    let report = scene.eval("JSON.stringify(TaskManager.shutdown(60000))");
    // All of it came inside of the call, the end of the shutdown after all the others.
    let told = scene.eval("log.length");
    let last = scene.eval("log.slice(-2).map(line => line.join(' ')).join(';')");
    assert_eq!(last, " shutdownFinished; allTasksFinished", "{}", scene.eval("JSON.stringify(log)"));
    assert!(report.contains("\"finished\":1") && report.contains("\"cancelled\":3"), "{report}");
    // Of progress, the newest at the time is told: "begun" or not, but "asked" always, and last.
    let begun = "taskProgress 0.25 begun; onProgress 0.25 begun; ";
    for (name, end) in [("a", "taskCancelled; onCancelled Shutdown"), ("b", "taskCompleted 7; onComplete 7")]
    {
        let events = scene.eval(&format!("of('{name}')")).replacen(begun, "", 1);
        // The report that travels first may be the newest already, and the newest follows then, too.
        let asked = "taskProgress 0.5 asked; onProgress 0.5 asked; ";
        let events = events.replacen(&format!("{asked}{asked}"), asked, 1);
        assert_eq!(events, format!("taskStarted; {asked}{end}"), "{name}");
    }
    for name in ["c", "d"] {
        assert_eq!(scene.eval(&format!("of('{name}')")), "taskCancelled; onCancelled Shutdown", "{name}");
    }
    settle();
    assert_eq!(
        scene.eval("log.length"),
        told,
        "nothing comes after it: {}",
        scene.eval("JSON.stringify(log)")
    );
    no_warnings();
}

/// Shuts the service down when it is destroyed, as an object of the application's might.
struct Ends;

impl Drop for Ends {
    fn drop(&mut self) {
        let report = tasks().shutdown(HANG);
        note(format!("complete {}", report.complete));
    }
}

/// Tasks that wait for a worker that is busy; each notes its cancel, and one has `Ends` in it.
fn queue_up(count: usize, with_it: usize) {
    for index in 0..count {
        let ends = (index == with_it).then(|| Ends);
        let task = tasks().task(move |_| drop(ends)).on_cancelled(move |_| note(index.to_string()));
        task.spawn_id().unwrap();
    }
}

fn held_worker() {
    tasks().set_max_workers(1).unwrap();
    let running = tasks().job("attentive", Args::default()).on_cancelled(|_| note("the one that ran"));
    let running = running.spawn().unwrap();
    process_until("its start", || running.status() == legwork::Status::Running);
}

/// What of the log is numbers, which have to be all from 0, in order.
fn assert_numbers(count: usize) {
    let log = log();
    let numbers: Vec<usize> = log.iter().filter_map(|line| line.parse().ok()).collect();
    assert_eq!(numbers, (0..count).collect::<Vec<_>>(), "{log:?}");
}

/// B103, B84: more are queued than a sweep cancels at a time; a closure in the first piece shuts
/// down again when it is destroyed, further up on the stack that sweeps.
fn from_a_destructor_in_the_sweep() {
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    held_worker();
    queue_up(1_000, 10);
    let ShutdownReport { complete, finished, cancelled, abandoned } = tasks().shutdown(HANG);
    assert_eq!((complete, finished, cancelled, abandoned.len()), (true, 0, 1_001, 0));
    assert_numbers(1_000);
    for line in ["complete true", "the one that ran"] {
        assert_eq!(log().iter().filter(|known| *known == line).count(), 1, "{line}");
    }
    settle();
    assert_eq!(log().len(), 1_002);
    no_warnings();
}

/// The same from the destructor of a task that somebody cancels.
fn from_a_destructor_in_a_cancel() {
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    held_worker();
    queue_up(300, usize::MAX);
    let ends = Ends;
    let doomed = tasks()
        .task(move |_| drop(ends))
        .delay(HANG)
        .on_cancelled(|reason| note(format!("doomed {}", reason.name())));
    let doomed = doomed.spawn().unwrap();
    assert_eq!(doomed.cancel(), CancelResult::CancelledBeforeStart);
    assert!(tasks().is_shut_down());
    // Told in the call, but for the cancel that is still under way up here: that was first.
    settle();
    assert_eq!(log()[0], "doomed User", "{:?}", log());
    assert_numbers(300);
    assert_eq!(log().len(), 303, "{:?}", log());
    no_warnings();
}

/// The same from what a callback has captured, destroyed in the middle of a drain with more to tell.
fn from_a_destructor_in_a_drain() {
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    tasks().set_max_workers(1).unwrap();
    let mut last = None;
    for index in 0..200usize {
        let ends = (index == 20).then(|| Ends);
        let task = tasks().task(|_| ()).on_complete(move |()| {
            let _ = &ends;
            note(index.to_string());
        });
        last = Some(task.spawn_id().unwrap());
    }
    assert_eq!(tasks().wait(last.unwrap(), HANG), legwork::WaitResult::Done);
    process_until("all of them", || log().len() == 201);
    assert_numbers(200);
    assert!(log().contains(&"complete true".to_owned()));
    settle();
    assert_eq!(log().len(), 201);
    no_warnings();
}

/// B76: the callback of the last task begins a shutdown, or makes one: `allTasksFinished` still comes.
fn from_the_last_callback(shutdown: fn()) {
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    let mut scene = Scene::new(
        "property var log: []
         property Connections c: Connections {
             target: TaskManager
             function onAllTasksFinished() { root.log.push('all') }
             function onShutdownFinished(report) { root.log.push('shutdown') }
         }",
    );
    let called = Arc::new(AtomicBool::new(false));
    let flag = called.clone();
    let task = tasks().task(|_| Value::Undefined).on_complete(move |_| {
        flag.store(true, Ordering::Relaxed);
        shutdown();
    });
    task.spawn_id().unwrap();
    process_until("the callback", || called.load(Ordering::Relaxed));
    process_until("the end", || scene.eval("log.join()").contains("shutdown"));
    settle();
    let mut log: Vec<String> = scene.eval("log.join()").split(',').map(str::to_owned).collect();
    log.sort();
    assert_eq!(log, ["all", "shutdown"]);
    no_warnings();
}
