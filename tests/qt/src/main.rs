//! Tests of the Qt half, on the main thread of a process with a `QCoreApplication`.
//!
//! A test that ends the service, or the process, is a child process of its own: this binary with
//! `--child NAME`. Every other test fails if Qt warned during it.

mod support;

use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use cxx_qt_lib::QCoreApplication;
use libtest_mimic::{Arguments, Trial};
use support::{Scene, ffi, process_until};

fn main() {
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    let mut scene = Scene::new(
        r#"
        property string log: ""
        property Connections connections: Connections {
            target: TaskManager
            function onTaskStarted(id) { root.log += "started " }
            function onTaskCompleted(id, result) { root.log += "completed:" + result + " " }
            function onTaskFailed(id, error) { root.log += "failed:" + error + " " }
        }
        "#,
    );
    let _ = (Arc::new(Mutex::new(0)), mpsc::channel::<()>(), Duration::ZERO);
    legwork::tasks().register_job("double", |_, args| args.get::<i64>(0).map(|n| n * 2)).unwrap();
    println!(
        "{}",
        scene.eval("TaskManager.runInThread('double', [21], {onComplete: r => log += 'cb' + r + ' '})")
    );
    process_until("completed", || scene.eval("log").contains("cb42"));
    println!("{}", scene.eval("log"));
    println!("{}", scene.eval("TaskManager.runInThread('nope', [21])"));
    println!("{}", scene.eval("TaskManager.runInThread('double', [x => 1])"));
    println!("{}", scene.eval("TaskManager.runInThread('double', [{a: [1, root]}])"));
    println!("{}", scene.eval("TaskManager.runInThread('double', [1], {priority: 'High'})"));
    println!("{}", scene.eval("(() => { try { TaskManager.runInThread('double', [1], {onComplete: 5}) } catch (e) { return 'caught ' + e + e.stack } })()"));
    println!("{}", scene.eval("TaskManager.maxWorkers = 0; TaskManager.lastError"));
    println!(
        "{}",
        scene.eval("JSON.stringify(TaskManager.taskInfo(TaskManager.runInThread('double', ['x'])))")
    );
    println!("messages: {}", ffi::take_messages());
    let _ = (Arguments::from_args(), Vec::<Trial>::new());
}
