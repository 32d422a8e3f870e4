//! `TaskModel` as a view sees it: Qt's own tester watches each, and its complaints are warnings.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use cxx_qt_lib::QString;
use legwork::qt::model::{FILTERS, FRAME, ORDERS, flushes, until_next_look};
use legwork::{HistoryLimits, Priority, TaskId, tasks};

use crate::jobs::Gate;
use crate::support::{ffi as qt, process_until};

#[cxx::bridge(namespace = "support")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    unsafe extern "C++" {
        include!("legwork_qt_tests/models.h");

        type Probe;
        #[cxx_name = "makeProbe"]
        fn make_probe(properties: &QString) -> UniquePtr<Probe>;
        fn evaluate(self: Pin<&mut Probe>, script: &QString) -> QString;
        fn errors(self: &Probe) -> QString;
        #[cxx_name = "isAlive"]
        fn is_alive(self: &Probe) -> bool;
        #[cxx_name = "deleteIn"]
        fn delete_in(self: Pin<&mut Probe>, signal: &QString) -> bool;
        #[cxx_name = "runInSlots"]
        fn run_in_slots(self: Pin<&mut Probe>, script: &QString);
        #[cxx_name = "rowCount"]
        fn row_count(self: &Probe) -> i32;
        #[cxx_name = "dataChanges"]
        fn data_changes(self: &Probe) -> u64;
        #[cxx_name = "rowsChanged"]
        fn rows_changed(self: &Probe) -> u64;
        #[cxx_name = "structureChanges"]
        fn structure_changes(self: &Probe) -> u64;
        fn most(self: &Probe) -> i32;
        #[cxx_name = "refusesBadIndices"]
        fn refuses_bad_indices(self: &Probe) -> bool;
        fn roles(self: &Probe) -> QString;

        fn filters() -> Vec<String>;
        fn orders() -> Vec<String>;
        #[cxx_name = "modelOnAnotherThread"]
        fn model_on_another_thread() -> QString;
    }
}

struct Probe(cxx::UniquePtr<ffi::Probe>);

impl Probe {
    fn new(properties: &str) -> Probe {
        let probe = ffi::make_probe(&QString::from(properties));
        assert_eq!(probe.errors().to_string(), "");
        Probe(probe)
    }

    fn eval(&mut self, script: &str) -> String {
        self.0.pin_mut().evaluate(&QString::from(script)).to_string()
    }

    fn number(&mut self, property: &str) -> usize {
        self.eval(property).parse().expect("a number")
    }
}

/// Takes all tasks of other tests out of the service, with their history.
fn clear() {
    for task in tasks().list() {
        tasks().cancel(task.id);
    }
    process_until("the end of all", || tasks().counts().live == 0);
    let limits = tasks().history_limits();
    tasks().set_history_limits(HistoryLimits { tasks: 0, ..limits });
    tasks().task(|_| ()).spawn_id().expect("accepted");
    process_until("the end of the last", || tasks().counts().live == 0 && tasks().list().is_empty());
    tasks().set_history_limits(limits);
    tasks().set_max_workers(4).expect("possible");
}

/// Until all has ended, the models have seen it, and no row is about to go.
fn settle() {
    process_until("the end of all", || tasks().counts().live == 0);
    process_until("rest", || until_next_look().is_none());
}

/// Until the models have seen all that happened.
fn settle_frame() {
    process_until("a look", || until_next_look().is_none_or(|left| left > FRAME));
}

/// The enumerators of C++ are those of Rust, and QML finds each.
pub fn b20_filters_and_orders_agree() {
    let texts = |of: &[(&str, i64)]| of.iter().map(|(name, number)| format!("{name} {number}")).collect();
    let (filters, orders): (Vec<_>, Vec<_>) = (texts(&FILTERS), texts(&ORDERS));
    assert_eq!((ffi::filters(), ffi::orders()), (filters, orders));
    let mut probe = Probe::new("");
    for (name, number) in FILTERS.into_iter().chain(ORDERS) {
        assert_eq!(probe.eval(&format!("TaskModel.{name}")), number.to_string());
    }
}

/// An index or a role that is none gives nothing; the roles have the names of the interface.
pub fn bad_indices_and_roles_give_nothing() {
    clear();
    let id = tasks().task(|_| ()).spawn_id().expect("accepted");
    process_until("its end", || tasks().status(id).is_finished());
    let probe = Probe::new("");
    assert_eq!(probe.0.row_count(), 1);
    assert!(probe.0.refuses_bad_indices());
    assert_eq!(
        probe.0.roles().to_string(),
        "taskId name job owner status priority progress message created started finished elapsed error \
         errorDetails iteration periodic cancelRequested canCancel due dueIn key waitsFor attempt attempts retrying \
         slow amount group members depth open canRetry pauseReason canPause canResume"
    );
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % end
    }
}

/// One of the things that happen to tasks.
fn happen(random: &mut Random, ids: &mut Vec<TaskId>) {
    let known = random.below(ids.len().max(1) as u64) as usize;
    match random.below(10) {
        0..6 => {
            let how = random.below(5);
            let reports = random.below(20);
            let task = tasks().task(move |context| {
                for report in 0..reports {
                    context.set_progress(report as f64 / 20.0, "at work");
                }
                match how {
                    0 => Err("no luck"),
                    _ => Ok(reports as i64),
                }
            });
            // A failure that nobody hears of would be a warning.
            let task = if how == 0 { task.on_error(|_| {}) } else { task };
            let task = match random.below(4) {
                0 => task.delay(Duration::from_millis(random.below(50))),
                1 => task.priority(Priority::High).name("urgent"),
                _ => task,
            };
            ids.push(task.spawn_id().expect("accepted"));
        }
        6..8 => drop(ids.get(known).map(|id| tasks().cancel(*id))),
        8 => drop(ids.get(known).map(|id| tasks().set_priority(*id, Priority::Low))),
        _ => ids.truncate(known.max(20)),
    }
}

const STORM: [&str; 6] = [
    "",
    "filter: TaskModel.Active; limit: 7; lingerMs: 30",
    "filter: TaskModel.Active; keepFailures: true; showDelayed: false",
    "filter: TaskModel.Finished; keepFailures: true",
    "filter: TaskModel.Failed",
    "owner: 'nobody'",
];

/// A storm of submits, cancels, priorities and progress, while properties change and rows are taken out.
pub fn a_storm_keeps_every_model_in_order() {
    clear();
    let limits = tasks().history_limits();
    tasks().set_history_limits(HistoryLimits { tasks: 60, ..limits });
    let mut probes: Vec<_> = STORM.iter().map(|properties| Probe::new(properties)).collect();
    let mut random = Random(7);
    let mut ids = Vec::new();
    for round in 0..600 {
        for _ in 0..random.below(40) {
            happen(&mut random, &mut ids);
        }
        qt::process_events(if round % 4 == 0 { 17 } else { 0 });
        if round % 20 == 7 {
            let probe = &mut probes[random.below(3) as usize];
            let scripts = ["limit = 3", "limit = 50", "showDelayed = !showDelayed", "clearFinished()"];
            let more =
                ["filter = TaskModel.All", "filter = TaskModel.Active", "keepFailures = !keepFailures"];
            let scripts: Vec<_> = scripts.iter().chain(&more).collect();
            let answer = probe.eval(scripts[random.below(scripts.len() as u64) as usize]);
            assert!(!answer.contains("throws"), "{answer}");
        }
    }
    settle();
    // A model that is made now sees the same.
    let known = tasks().list();
    let fresh = Probe::new("");
    assert_eq!(fresh.0.row_count() as usize, known.len());
    let failed = known.iter().filter(|task| task.status.is_failure()).count();
    assert_eq!(probes[4].number("count"), failed);
    assert!(probes[3].number("count") >= known.len());
    assert!(probes[3].number("failedCount") >= failed);
    assert_eq!(probes[5].number("count"), 0);
    for probe in &mut probes {
        assert_eq!(probe.eval("runningCount + queuedCount + delayedCount + hiddenCount"), "0");
        assert_eq!(probe.number("progress + 1"), 0);
        assert_eq!(probe.0.row_count() as usize, probe.number("count"));
    }
    tasks().set_history_limits(limits);
}

/// Slots that set properties and take rows out in the middle of rows that come and go.
pub fn slots_may_call_the_model() {
    clear();
    let mut probe = Probe::new("filter: TaskModel.Active; keepFailures: true; lingerMs: 20");
    let script = "limit = limit % 5 + 1; filter = filter == TaskModel.All ? TaskModel.Active : TaskModel.All; \
                  clearFinished(); dismiss('nothing'); lingerMs = lingerMs % 40 + 1";
    probe.0.pin_mut().run_in_slots(&QString::from(script));
    let mut random = Random(11);
    let mut ids = Vec::new();
    for _ in 0..150 {
        (0..20).for_each(|_| happen(&mut random, &mut ids));
        qt::process_events(0);
    }
    process_until("the end of all", || tasks().counts().live == 0);
    probe.0.pin_mut().run_in_slots(&QString::default());
    settle();
    probe.eval("clearFinished(), filter = TaskModel.Active, keepFailures = false, lingerMs = 0");
    settle();
    assert_eq!(probe.number("count"), 0);
}

/// The model goes in a slot of its own signal, whichever that is.
pub fn b115_a_slot_deletes_the_model_that_calls_it() {
    for signal in [
        "rowsInserted",
        "rowsRemoved",
        "dataChanged",
        "modelReset",
        "countChanged",
        "runningCountChanged",
        "queuedCountChanged",
        "failedCountChanged",
        "hiddenCountChanged",
        "progressChanged",
        "filterChanged",
    ] {
        clear();
        let gate = Gate::named(&format!("goes in {signal}"));
        let mut probe = Probe::new("filter: TaskModel.Active; limit: 2; keepFailures: true");
        let other = Probe::new("");
        assert!(probe.0.pin_mut().delete_in(&QString::from(signal)), "{signal}");
        tasks().set_max_workers(1).expect("possible");
        let passed = gate.clone();
        let running = tasks().task(move |context| {
            context.set_progress(0.5, "half");
            passed.pass();
            Err::<(), _>("no luck")
        });
        running.on_error(|_| {}).spawn_id().expect("accepted");
        for _ in 0..5 {
            tasks().task(|_| ()).spawn_id().expect("accepted");
        }
        gate.wait_for(1);
        let seen = flushes();
        process_until("a look", || flushes() > seen);
        if probe.0.is_alive() && ["modelReset", "filterChanged"].contains(&signal) {
            probe.eval("filter = TaskModel.All");
            assert!(!probe.0.is_alive(), "{signal}");
        }
        gate.open();
        process_until(signal, || !probe.0.is_alive());
        settle();
        assert_eq!(other.0.row_count(), 6, "the others go on");
    }
}

/// 1,000 rows, some 10,000 reports of progress: what a view is told is bounded by frames.
pub fn b73_progress_is_told_by_frames() {
    clear();
    tasks().set_max_workers(64).expect("possible");
    let probe = Probe::new("filter: TaskModel.Active");
    let gate = Gate::named("told by frames");
    for index in 0..1_000 {
        let gate = gate.clone();
        let task = tasks().task(move |context| {
            for report in 0..150 {
                if context.sleep(Duration::from_millis(1)).is_err() {
                    break;
                }
                context.set_progress(f64::from(report) / 150.0, "at work");
            }
            gate.pass();
        });
        task.name(index.to_string()).spawn_id().expect("accepted");
    }
    process_until("the rows", || probe.0.row_count() == 1_000);
    let (looks, changes, start) = (flushes(), probe.0.data_changes(), Instant::now());
    let (structure, rows) = (probe.0.structure_changes(), probe.0.rows_changed());
    process_until("all that run at the gate", || {
        tasks().list().iter().filter(|task| task.progress > 0.99).count() == 64
    });
    settle_frame();
    let (looks, changes) = (flushes() - looks, probe.0.data_changes() - changes);
    let frames = start.elapsed().as_millis() as u64 / 16 + 2;
    println!("9,600 reports of 64 tasks came by {changes} signals in {looks} looks, {frames} frames");
    assert!(looks <= frames, "{looks} looks in {frames} frames");
    // The 64 rows that run are neighbours; at most every other of them changed alone.
    assert!(changes <= looks * 33, "{changes} signals in {looks} looks");
    assert!(probe.0.rows_changed() - rows <= looks * 65, "each row once a look, and once a second its time");
    assert_eq!(probe.0.structure_changes(), structure, "no row came or went");
    gate.open();
    clear();
}

/// A million tasks: the rows stay at the limit, and no look takes more than a piece.
pub fn b73_a_million_tasks_have_few_rows() {
    clear();
    let mut probe = Probe::new("filter: TaskModel.Active; limit: 500");
    let hour = Duration::from_secs(3_600);
    let count = 999_000;
    let mut worst = Duration::ZERO;
    let mut look = |probe: &Probe| {
        let start = Instant::now();
        qt::process_events(0);
        worst = worst.max(start.elapsed());
        assert!(probe.0.row_count() <= 500);
    };
    for index in 0..count {
        tasks().task(|_| ()).delay(hour).spawn_id().expect("accepted");
        if index % 10_000 == 0 {
            look(&probe);
        }
    }
    process_until("all of them", || {
        look(&probe);
        probe.number("delayedCount") == count
    });
    assert_eq!((probe.number("count"), probe.number("hiddenCount")), (500, count - 500));
    assert!(probe.0.most() <= 500, "{} rows at once", probe.0.most());
    // One that is made now has its rows at once, and counts the others piece by piece.
    let start = Instant::now();
    let mut other = Probe::new("filter: TaskModel.Active; limit: 10");
    let made = start.elapsed();
    assert_eq!(other.0.row_count(), 10);
    process_until("the second", || other.number("hiddenCount") == count - 10);
    println!("a million delayed tasks: the worst look took {worst:?}, another model is made in {made:?}");
    let start = Instant::now();
    assert_eq!(other.number("cancelAll()"), count);
    println!("all cancelled in {:?}", start.elapsed());
    process_until("no row", || probe.number("count + hiddenCount + delayedCount") == 0);
    clear();
}

/// While nothing happens no model looks, and while a task runs once a second at most.
pub fn b46_an_idle_model_has_no_wake_ups() {
    clear();
    let _probe = Probe::new("");
    let _active = Probe::new("filter: TaskModel.Active; lingerMs: 5; keepFailures: true");
    tasks().task(|_| Err::<(), _>("no luck")).on_error(|_| {}).spawn_id().expect("accepted");
    settle();
    let linger = Instant::now();
    process_until("the end of lingering", || linger.elapsed() > Duration::from_millis(50));
    settle();
    let (looks, events) = (flushes(), qt::custom_events());
    let start = Instant::now();
    process_until("a while", || start.elapsed() > Duration::from_millis(300));
    assert_eq!((flushes() - looks, qt::custom_events() - events), (0, 0));
    let gate = Gate::named("idle");
    let passed = gate.clone();
    let id = tasks().task(move |_| passed.pass()).spawn_id().expect("accepted");
    gate.wait_for(1);
    settle_frame();
    let looks = flushes();
    let start = Instant::now();
    process_until("a while", || start.elapsed() > Duration::from_millis(300));
    assert!(flushes() - looks <= 1);
    gate.open();
    process_until("its end", || tasks().status(id).is_finished());
    settle();
}

/// `elapsed` is renewed once a second while a task runs, and only that.
pub fn elapsed_is_renewed_while_a_task_runs() {
    clear();
    let mut probe = Probe::new(
        "property var roles: []
         onDataChanged: (first, last, roles) => { if (!this.roles.includes(String(roles))) this.roles.push(String(roles)) }",
    );
    let gate = Gate::named("elapsed");
    let passed = gate.clone();
    let id = tasks().task(move |_| passed.pass()).spawn_id().expect("accepted");
    gate.wait_for(1);
    process_until("the row", || probe.number("runningCount") == 1);
    probe.eval("roles = []");
    process_until("the tick", || probe.number("roles.length") > 0);
    assert_eq!(probe.eval("roles.join()"), (0x101 + 11).to_string());
    assert!(probe.eval("data(index(0, 0), 0x101 + 11)").parse::<f64>().expect("a number") >= 900.0);
    gate.open();
    process_until("its end", || tasks().status(id).is_finished());
    settle();
}

/// `dueIn` is renewed once a second while a task is about to start, and only that; where there is longer to
/// go, once a minute.
pub fn the_time_until_a_start_is_renewed() {
    clear();
    let mut probe = Probe::new(
        "property var roles: []
         onDataChanged: (first, last, roles) => { if (!this.roles.includes(String(roles))) this.roles.push(String(roles)) }",
    );
    let hour = tasks().task(|_| ()).delay(Duration::from_secs(3_600)).spawn_id().expect("accepted");
    process_until("its row", || probe.number("delayedCount") == 1);
    settle_frame();
    let looks = flushes();
    let start = Instant::now();
    process_until("a while", || start.elapsed() > Duration::from_millis(1_500));
    assert_eq!((flushes() - looks, probe.number("roles.length")), (0, 0), "nobody shows hours by seconds");
    let minute = tasks().task(|_| ()).delay(Duration::from_secs(60)).spawn_id().expect("accepted");
    process_until("the tick", || probe.number("roles.length") > 0);
    assert_eq!(probe.eval("roles.join()"), (0x101 + 19).to_string());
    let left = probe.eval("data(index(1, 0), 0x101 + 19)").parse::<f64>().expect("a number");
    assert!((30_000.0..60_000.0).contains(&left), "{left} ms");
    for id in [hour, minute] {
        tasks().cancel(id);
    }
    process_until("their ends", || probe.number("delayedCount") == 0);
    assert_eq!(probe.eval("data(index(1, 0), 0x101 + 18) + ', ' + data(index(1, 0), 0x101 + 19)"), "null, 0");
}

/// More changes than are kept: the rows are read anew, and stay.
pub fn a_flood_of_changes_is_read_anew() {
    clear();
    let mut probe = Probe::new("limit: 50; property int resets: 0; onModelReset: resets += 1");
    let limits = tasks().history_limits();
    // The first reading is a reset, too.
    probe.eval("resets = 0");
    // Without events: nobody takes the changes meanwhile.
    for _ in 0..300_000 {
        tasks().task(|_| ()).delay(Duration::from_secs(3_600)).spawn_id().expect("accepted");
    }
    process_until("all of them", || probe.number("delayedCount") == 300_000);
    assert_eq!((probe.number("count"), probe.number("resets")), (50, 0));
    assert_eq!(probe.number("cancelAll()"), 300_000);
    process_until("no row that waits", || probe.number("delayedCount") == 0);
    settle();
    assert_eq!(probe.number("count"), limits.tasks);
    clear();
    settle();
}

/// A model on another thread says so once, and stays empty.
pub fn a_model_on_another_thread_stays_empty() {
    tasks().task(|_| ()).spawn_id().expect("accepted");
    let answer = ffi::model_on_another_thread().to_string();
    let messages = qt::take_messages().to_string();
    assert_eq!(answer, "0 5");
    assert_eq!(messages, "a TaskModel belongs to the thread of the QCoreApplication; this one stays empty");
}

/// Submits from other threads and models that come and go.
pub fn models_come_and_go_while_tasks_run() {
    clear();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let producer = std::thread::spawn(move || {
        while !stopped.load(Ordering::Relaxed) {
            tasks().task(|context| context.set_progress(0.5, "half")).spawn_id().expect("accepted");
            if tasks().counts().live > 1_000 {
                std::thread::yield_now();
            }
        }
    });
    for round in 0..100 {
        let probe = Probe::new(STORM[round % STORM.len()]);
        qt::process_events(0);
        qt::process_events(0);
        assert!(probe.0.row_count() >= 0);
    }
    stop.store(true, Ordering::Relaxed);
    producer.join().expect("the producer");
    let probe = Probe::new("");
    settle();
    assert_eq!(probe.0.row_count() as usize, tasks().list().len());
}
