//! The trace in a Qt process: drains and slots on the thread of the application, and how QML begins and ends one.

use legwork::tasks;

use crate::support::{Scene, process_until};

#[path = "../../engine/trace_reader.rs"]
#[expect(dead_code, reason = "the engine's tests read more of a trace")]
mod trace_reader;

use trace_reader::Trace;

/// A slot of C++ takes three milliseconds, of which the trace tells.
pub fn b369_drains_and_slots_are_in_the_trace_that_qml_begins_and_ends() {
    let path = std::env::temp_dir().join(format!("legwork-qt-{}.json", std::process::id()));
    let shown = path.display();
    let mut scene = Scene::new("property int done: 0");
    scene.count_completed(3_000_000);
    assert_eq!(scene.eval("TaskManager.tracePath()"), "");
    assert_eq!(scene.eval(&format!("TaskManager.startTrace('{shown}')")), "true");
    assert_eq!(scene.eval("TaskManager.tracePath()"), shown.to_string());
    let refused = scene.eval("TaskManager.startTrace('other.json')");
    assert!(refused.starts_with("throws Error: a trace is being written already"), "{refused}");
    let task = tasks().task(|_| 7).name("Count \"7\"").spawn().unwrap();
    let id = task.id().to_string();
    process_until("the slot", || scene.completed() == 1);
    process_until("the rest", || tasks().counts().live == 0);
    let said = scene.eval("(r => r.path + ' ' + (r.events > 5) + ' ' + r.lost)(TaskManager.stopTrace())");
    assert_eq!(said, format!("{shown} true 0"));
    let trace = Trace::read(&path);
    trace.check(&id);
    let task = &trace.tasks[&id];
    assert!(task.arrow.ends_with('f'), "{task:?}");
    let (begin, end) = task.slots.iter().find(|slot| slot.0.arg("notice") == "completed").unwrap();
    assert_eq!(begin.name, "completed: Count \"7\"");
    assert!(end.ts - begin.ts >= 3_000_000, "{begin:?} to {end:?}");
    assert!(trace.drains.iter().any(|drain| drain.0.ts <= begin.ts && drain.1.ts >= end.ts));
    assert!(trace.threads[&begin.tid].starts_with("UI thread"));
    assert_ne!(task.runs[0].0.tid, begin.tid);

    let refused = scene.eval("TaskManager.stopTrace()");
    assert!(refused.starts_with("throws Error: no trace is being written"), "{refused}");
    for (bad, why) in [
        ("7", "path is the number 7; expected the path of a file, or its URL (file:…)"),
        ("'https://a.b/c'", "the trace \"https://a.b/c\" cannot be written: there is no such folder"),
        ("''", "the path of a trace is empty"),
    ] {
        let refused = scene.eval(&format!("TaskManager.startTrace({bad})"));
        assert!(refused.starts_with(&format!("throws Error: {why}")), "{refused}");
    }
    // By its URL.
    assert_eq!(scene.eval(&format!("TaskManager.startTrace('file://{shown}')")), "true");
    assert_eq!(scene.eval("TaskManager.stopTrace().path"), shown.to_string());
    std::fs::remove_file(&path).unwrap();
}

/// Into a file of its own, which nobody else can read, and of which a refusal leaves nothing.
pub fn b391_a_trace_without_a_path_has_a_new_file() {
    use std::os::unix::fs::PermissionsExt;

    let mut scene = Scene::new("");
    assert_eq!(scene.eval("TaskManager.startTrace()"), "true");
    let path = std::path::PathBuf::from(scene.eval("TaskManager.tracePath()"));
    assert_eq!(path.parent(), Some(std::env::temp_dir().as_path()), "{path:?}");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let name = path.file_name().unwrap().to_str().unwrap();
    // It ends with the time, six letters and .json.
    let program = &name[..name.len() - "20260504-093012-qXbTzL.json".len()];
    let of_this_program = || {
        let files = std::fs::read_dir(std::env::temp_dir()).unwrap();
        files.filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().starts_with(program)).count()
    };
    let files = of_this_program();
    let refused = scene.eval("TaskManager.startTrace()");
    assert!(refused.starts_with("throws Error: a trace is being written already"), "{refused}");
    assert_eq!(of_this_program(), files);
    assert_eq!(scene.eval("TaskManager.stopTrace().path"), path.display().to_string());
    std::fs::remove_file(&path).unwrap();
}
