//! `Task` in QML with nothing else of Legwork in its document: no TaskManager, nobody but the `Task` hears
//! of what happens.

use cxx_qt_lib::QString;
use legwork::tasks;

use crate::jobs::Gate;
use crate::support::{Scene, ffi, process_until};

/// Each of them is one that an end could be lost in.
const RUNS: usize = 3_000;

/// One run after the other, each done in no time: from the handler of the last end, and a turn later.
pub fn b132_a_lone_task_hears_of_each_end() {
    for again in ["task.start()", "Qt.callLater(task.start)"] {
        let mut scene = Scene::new(&format!(
            "property int done: 0
             property Task task: Task {{
                 id: task
                 job: \"nothing\"
                 onCompleted: if (++root.done < {RUNS}) {again}
             }}"
        ));
        assert_eq!(scene.eval("task.start()"), "true");
        process_until("the last end", || scene.eval("done") == RUNS.to_string());
        assert_eq!(scene.eval("task.running"), "false");
    }
}

/// The end of a failure and of a cancel, and all runs of a periodic task, with a first that is quick.
pub fn b132_a_lone_task_hears_of_all_that_happens() {
    let mut scene = Scene::new(
        "property string heard
         property Task task: Task {
             onStarted: root.heard += \"started \"
             onCompleted: result => root.heard += \"completed \" + result
             onFailed: error => root.heard += \"failed \" + error.message
             onCancelled: reason => root.heard += \"cancelled \" + reason
             onPeriodic: (iteration, result) => root.heard += iteration + \" \" + result + \" \"
         }",
    );
    for (job, expected) in [
        ("job: \"fail\", args: [\"no\"], intervalMs: 0", "started failed no"),
        (
            "job: \"count\", args: [], intervalMs: 1, options: { maxRuns: 3 }",
            "started 1 1 2 2 3 3 completed 3",
        ),
    ] {
        scene.eval(&format!("heard = \"\"; Object.assign(task, {{ {job} }}); task.start()"));
        process_until("the end", || scene.eval("task.running") == "false");
        assert_eq!(scene.eval("heard"), expected);
    }
    scene
        .eval("heard = \"\"; Object.assign(task, { job: \"attentive\", intervalMs: 0, options: undefined })");
    scene.eval("task.start(); task.cancel()");
    process_until("the end", || scene.eval("task.running") == "false");
    assert!(scene.eval("heard").ends_with("cancelled User"), "{}", scene.eval("heard"));
}

/// What stands in arguments for a result of C++ is what `taskCompleted` would carry.
pub fn b257_a_result_of_cpp_stands_in_arguments() {
    let json = "JSON.stringify(root.result)";
    // JSON knows nothing of such a type: it may be an object without parts, or a text.
    let object = "root.result[0] !== null && typeof root.result[0]";
    for (kind, question, expected) in [("list", json, "[[\"a\",\"b\"],1]"), ("point", object, "object")] {
        let mut scene = Scene::new("property var result");
        let id = ffi::run_of_cpp(&QString::from(kind));
        scene.eval(&format!(
            "TaskManager.runInThread(\"value\", [[TaskManager.resultOf(\"{id}\"), 1]], {{
                 onComplete: result => root.result = result
             }})"
        ));
        process_until("the result", || scene.eval("root.result !== undefined") == "true");
        assert_eq!(scene.eval(question), expected, "{kind}");
    }
}

/// Nobody hears of anything any more: the engine keeps nothing.
pub fn b132_without_a_task_that_runs_nothing_is_kept() {
    let mut scene = Scene::new("property Task task: Task { job: \"nothing\" }");
    scene.eval("task.start()");
    process_until("the end", || scene.eval("task.running") == "false");
    // The drain that told it looks once more.
    let mut before = u64::MAX;
    while before != ffi::custom_events() {
        before = ffi::custom_events();
        ffi::process_events(1);
    }
    for _ in 0..100 {
        let handle = tasks().task(|_| ()).spawn().expect("accepted");
        handle.wait(None).expect("done");
    }
    ffi::process_events(1);
    assert_eq!(ffi::custom_events(), before);
}

/// All that may be done to it, in any order, beside a loop that is busy: each run is told one end, unless
/// it was replaced, and no start is lost.
pub fn b132_b137_a_lone_task_at_random() {
    Gate::named("random").open();
    let mut scene = Scene::new(
        "property real seed: 20011
         property Task task: null
         property string current // the run whose end is to come
         property string wrong
         function random(below) { seed = seed * 16807 % 2147483647; return seed % below }
         function check(good, what) { if (!good) wrong += what + \"; \" }
         function over() { check(current !== \"\", \"an end too many\"); current = \"\" }
         property Component component: Component {
             Task {
                 id: made
                 // One that is to be deleted may still be told.
                 function over() { if (root.task === made) root.over() }
                 onCompleted: over()
                 onFailed: over()
                 onCancelled: over()
             }
         }
         function make() { task = component.createObject(root); current = \"\" }
         function step() {
             const last = task.taskId
             task.job = [\"nothing\", \"count\", \"attentive\", \"gate\"][random(4)]
             task.args = [\"random\"]
             switch (random(9)) {
             case 0:
             case 1:
                 if (task.start())
                     current = task.taskId
                 check(task.running, \"start\")
                 break
             case 2:
                 task.cancel()
                 break
             case 3:
                 task.cancel()
                 check(task.start() && task.taskId !== last, \"cancel and start\")
                 current = task.taskId
                 break
             case 4:
                 task.running = false
                 task.running = true
                 check(task.running && task.taskId !== last, \"running\")
                 current = task.taskId
                 break
             case 5:
                 check(task.restart() && task.taskId !== last, \"restart\")
                 current = task.taskId
                 break
             case 6:
                 task.destroy()
                 make()
                 break
             default:
                 const until = Date.now() + random(3)
                 while (Date.now() < until)
                     ;
             }
             check(task.running === (current !== \"\"), \"running is \" + task.running)
         }",
    );
    scene.eval("make()");
    for step in 0..RUNS {
        scene.eval("step()");
        if step % 3 == 0 {
            ffi::process_events(0);
        }
        assert_eq!(scene.eval("wrong"), "", "in step {step}");
    }
    scene.eval("task.cancel()");
    process_until("the end", || scene.eval("task.running") == "false");
    assert_eq!(scene.eval("current + wrong"), "");
    process_until("the end of all", || tasks().counts().live == 0);
}
