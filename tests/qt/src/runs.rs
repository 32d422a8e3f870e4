//! The runs of periodic tasks: what is each run's own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use legwork::{CancelToken, tasks};

use crate::jobs::{Gate, HANG};
use crate::support::{Scene, ffi, process_until};

/// B48, B40: a run that is timed out has its token raised, and keeps it so; the next run's is fresh.
pub fn b48_each_run_of_a_periodic_task_has_a_token_of_its_own() {
    // Each run's token, and which of those so far were raised as the run began.
    let tokens: Arc<Mutex<Vec<CancelToken>>> = Arc::default();
    let raised: Arc<Mutex<Vec<Vec<bool>>>> = Arc::default();
    let seen = raised.clone();
    let kept = tokens;
    let task = tasks()
        .periodic(Duration::from_millis(1), move |context| {
            let token = context.token();
            let mut tokens = kept.lock().unwrap();
            tokens.push(token.clone());
            seen.lock().unwrap().push(tokens.iter().map(CancelToken::is_cancelled).collect());
            drop(tokens);
            if context.iteration() == 1 {
                // Until its time-out, which is also the proof that the token in hand is the run's.
                assert!(context.sleep(HANG).is_err());
                assert!(token.is_cancelled(), "the token of a run that was asked to stop");
            }
        })
        .timeout(Duration::from_millis(100))
        .on_error(|_| {});
    let handle = task.spawn().unwrap();
    let count = || raised.lock().unwrap().len();
    process_until("the second run", || count() >= 2);
    handle.cancel();
    process_until("the end", || tasks().counts().live == 0);
    assert_eq!(raised.lock().unwrap()[..2], [vec![false], vec![true, false]]);
}

/// B76: a run that is not the first has no signal of its own when it begins; the count is told.
pub fn b76_active_count_counts_the_later_runs_of_a_periodic_task() {
    let mut scene = Scene::new(
        "property int active: TaskManager.activeCount
         property int runs: 0
         property Connections c: Connections { target: TaskManager; function onTaskPeriodic(id) { root.runs += 1 } }",
    );
    let gates: Vec<_> = (1..=3).map(|run| Gate::named(&format!("periodic run {run}"))).collect();
    let passes = gates.clone();
    let handle = tasks()
        .periodic(Duration::from_millis(100), move |context| {
            if let Some(gate) = passes.get(context.iteration() as usize - 1) {
                gate.pass();
            }
        })
        .spawn()
        .unwrap();
    for (run, gate) in gates.iter().enumerate() {
        gate.wait_for(1);
        process_until(&format!("the count in run {}", run + 1), || scene.eval("active") == "1");
        gate.open();
        // Between the runs it is 0, unless this thread was held up for longer than the interval.
        process_until("the end of the run", || scene.eval("runs") == (run + 1).to_string());
    }
    handle.cancel();
    process_until("the end", || tasks().counts().live == 0);
    process_until("none", || scene.eval("active") == "0");
}

/// B76: a binding that has read a count before it was announced hears when it is what it was before.
pub fn b76_a_count_that_was_read_ahead_is_told() {
    // Somebody was told that none runs.
    let _told = Scene::new("property int active: TaskManager.activeCount");
    let gate = Gate::named("read ahead");
    let passed = gate.clone();
    let handle = tasks().task(move |_| passed.pass()).spawn().unwrap();
    gate.wait_for(1);
    let mut scene = Scene::new("property int active: TaskManager.activeCount");
    assert_eq!(scene.eval("active"), "1");
    gate.open();
    handle.wait(None).unwrap();
    process_until("none", || scene.eval("active") == "0");
}

/// B76: a count that was told to nothing is told to a function or a binding that is connected later.
pub fn b76_who_connects_later_hears_of_counts() {
    let mut scene = Scene::new("property int changes: 0\nproperty int active: 0");
    let connect = [
        "TaskManager.activeCountChanged.connect(() => root.changes += 1)",
        "root.active = Qt.binding(() => TaskManager.activeCount)",
    ];
    for (at, connect) in connect.into_iter().enumerate() {
        // Makes this engine's TaskManager, which may hear of starts until the next delivery.
        scene.eval("TaskManager.maxWorkers");
        // With its delivery it is found that nobody hears of starts.
        tasks().task(|_| ()).spawn().unwrap().wait(None).unwrap();
        process_until("its delivery", || tasks().counts().live == 0);
        // The event for the rest, which would announce the counts, too.
        (0..3).for_each(|_| ffi::process_events(20));
        scene.eval(connect);
        let gate = Gate::named(connect);
        let passed = gate.clone();
        let handle = tasks().task(move |_| passed.pass()).spawn().unwrap();
        gate.wait_for(1);
        let name = ["changes", "active"][at];
        process_until(name, || scene.eval(name) == "1");
        gate.open();
        handle.wait(None).unwrap();
        process_until("the end", || tasks().counts().live == 0);
        scene = Scene::new("property int changes: 0\nproperty int active: 0");
    }
}
