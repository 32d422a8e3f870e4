//! The figures as QML and C++ have them.

use legwork::tasks;

use crate::support::{Scene, process_until};

pub fn b373_qml_takes_figures_reads_them_and_forgets_them() {
    let mut scene = Scene::new("property int done: 0");
    assert_eq!(scene.eval("TaskManager.collectsStats()"), "false");
    let shape = "(s => [Object.keys(s).join(), Object.keys(s.lanes[0]).join(), Object.keys(s.lanes[0].running).join()]\
                 .join(' '))(TaskManager.stats())";
    let keys = "jobs,lanes,owners,sinceMs delivery,name,running,waiting count,maxMs,p50Ms,p95Ms";
    assert_eq!(scene.eval(shape), keys);
    assert_eq!(scene.eval("TaskManager.stats().sinceMs"), "0");
    scene.eval("TaskManager.collectStats(true)");
    assert_eq!(scene.eval("TaskManager.collectsStats()"), "true");
    // Its end is delivered late by a body of a hundredth of a second.
    let body = |_: &legwork::TaskContext| std::thread::sleep(std::time::Duration::from_millis(10));
    let task = tasks().task(body).name("Count").spawn().unwrap();
    let id = task.id();
    process_until("its delivery", || tasks().counts().live == 0 && tasks().status(id).is_finished());
    let job = "(j => [j.name, j.running.count, j.running.p50Ms >= 10, j.running.maxMs >= j.running.p95Ms,\
               j.waiting.count, j.delivery.count].join())(TaskManager.stats().jobs[0])";
    assert_eq!(scene.eval(job), "Count,1,true,true,1,1");
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
