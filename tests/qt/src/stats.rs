//! The figures as QML and C++ have them.

use legwork::tasks;

use crate::support::{Scene, process_until};

pub fn b373_qml_takes_figures_reads_them_and_forgets_them() {
    let mut scene = Scene::new("property int done: 0");
    assert_eq!(scene.eval("TaskManager.collectsStats()"), "false");
    let shape = "(s => [Object.keys(s).join(), Object.keys(s.lanes[0]).join(), Object.keys(s.lanes[0].running).join()]\
                 .join(' '))(TaskManager.stats())";
    let keys = "jobs,lanes,owners,sinceMs delivery,name,running,waiting count,maxMs,p50Ms,p95Ms,totalMs";
    assert_eq!(scene.eval(shape), keys);
    assert_eq!(scene.eval("TaskManager.stats().sinceMs"), "0");
    scene.eval("TaskManager.collectStats(true)");
    assert_eq!(scene.eval("TaskManager.collectsStats()"), "true");
    let task = tasks().task(|_| 7).name("Count").spawn().unwrap();
    let id = task.id();
    process_until("its delivery", || tasks().counts().live == 0 && tasks().status(id).is_finished());
    let job = "(j => [j.name, j.running.count, j.waiting.count, j.delivery.count].join())(TaskManager.stats().jobs[0])";
    assert_eq!(scene.eval(job), "Count,1,1,1");
    // In milliseconds, and what Rust has.
    let max = tasks().stats().jobs[0].running.max.as_secs_f64() * 1_000.0;
    assert!(max > 0.0);
    assert_eq!(scene.eval(&format!("TaskManager.stats().jobs[0].running.maxMs === {max:?}")), "true");
    assert_eq!(
        scene.eval("TaskManager.stats().lanes.map(l => l.name + l.running.count).join()"),
        "High0,Normal1,Low0"
    );
    assert_eq!(scene.eval("TaskManager.stats().sinceMs > 1e12"), "true");
    scene.eval("TaskManager.resetStats()");
    assert_eq!(scene.eval("TaskManager.stats().jobs.length"), "0");
    scene.eval("TaskManager.collectStats(false)");
    scene.eval("TaskManager.resetStats()");
    assert_eq!(scene.eval("TaskManager.stats().sinceMs"), "0");
}
