//! Each scenario shows what the guide (docs/looking-inside.md) says of it. What is compared are orders and numbers of
//! tasks, which do not depend on how fast the machine is.

use std::process::Command;

#[path = "../../../tests/engine/trace_reader.rs"]
#[expect(dead_code, reason = "the engine's tests read more of a trace")]
mod trace_reader;

use trace_reader::{Task, Trace};
// The build script's C++ is linked to this binary too, and needs the Rust half of it.
use traces as _;

/// The begin and the end of a span, in nanoseconds.
type Span = (u64, u64);

struct Scenario(Trace);

fn run(name: &str) -> Scenario {
    let file = std::env::temp_dir().join(format!("legwork-{name}-{}.json", std::process::id()));
    let output = Command::new(env!("CARGO_BIN_EXE_traces")).arg(name).arg(&file).output().expect("started");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    let trace = Trace::read(&file);
    std::fs::remove_file(&file).expect("removed");
    for id in trace.tasks.keys() {
        trace.check(id);
    }
    Scenario(trace)
}

impl Scenario {
    fn tasks(&self, name: &str) -> Vec<&Task> {
        self.0.tasks.values().filter(|task| task.runs[0].0.name == name).collect()
    }

    fn runs(&self, name: &str) -> Vec<Span> {
        self.tasks(name).iter().map(|task| run_of(task)).collect()
    }

    /// How many of the tasks have begun before that moment.
    fn begun_before(&self, name: &str, moment: u64) -> usize {
        self.runs(name).iter().filter(|run| run.0 < moment).count()
    }

    /// How many of them run at once, at most.
    fn at_once(&self, name: &str) -> usize {
        let runs = self.runs(name);
        let at = |moment: u64| runs.iter().filter(|run| run.0 <= moment && moment < run.1).count();
        runs.iter().map(|run| at(run.0)).max().unwrap_or_default()
    }
}

fn run_of(task: &Task) -> Span {
    (task.runs[0].0.ts, task.runs[0].1.ts)
}

/// The slot that tells the result.
fn slot_of(task: &Task) -> Span {
    let slot = task.slots.iter().find(|slot| slot.0.arg("notice") == "completed").expect("its slot");
    (slot.0.ts, slot.1.ts)
}

fn waits(task: &Task, what: &str) -> u64 {
    task.waits.iter().filter(|wait| wait.0 == what).map(|wait| wait.2 - wait.1).sum()
}

#[test]
fn a_slow_start_has_the_first_page_behind_the_thumbnails() {
    let before = |scenario: &Scenario, lane: &str| {
        let page = scenario.tasks("First page")[0];
        assert!(page.waits.iter().all(|wait| wait.0 == lane), "{page:?}");
        scenario.begun_before("Thumbnail", run_of(page).0)
    };
    let slow = before(&run("slow-start"), "waits in Normal");
    assert!(slow > 20, "{slow}");
    let fixed = before(&run("slow-start-fixed"), "waits in High");
    assert!(fixed <= 12, "{fixed}");
}

#[test]
fn a_starved_task_waits_for_many_others_and_with_a_limit_there_is_a_place_for_it() {
    let starved = run("starved-lane");
    let backup = starved.tasks("Backup")[0];
    assert_eq!(starved.at_once("Price"), 4);
    assert!(waits(backup, "waits in Low") > 0);
    let before = starved.begun_before("Price", run_of(backup).0);
    assert!(before > 32, "{before}");

    let fixed = run("starved-lane-fixed");
    let backup = fixed.tasks("Backup")[0];
    assert_eq!(fixed.at_once("Price"), 3);
    let (end, wait) = (run_of(backup).0, waits(backup, "waits in Low"));
    let meanwhile = fixed.begun_before("Price", end) - fixed.begun_before("Price", end - wait);
    assert!(meanwhile < 16, "{meanwhile}");
}

#[test]
fn behind_a_slow_slot_results_wait_that_are_there() {
    let held_up = |scenario: &Scenario| {
        let report = slot_of(scenario.tasks("Report")[0]);
        let during = |task: &&Task| run_of(task).1 > report.0 && run_of(task).1 < report.1;
        let held_up: Vec<_> = scenario.tasks("Row").into_iter().filter(during).map(slot_of).collect();
        assert!(held_up.iter().all(|slot| slot.0 >= report.1), "one slot at a time");
        (held_up.len(), report.1 - report.0)
    };
    let (rows, slow) = held_up(&run("slow-slot"));
    assert!(rows > 5, "{rows}");
    assert!(slow >= 120_000_000, "{slow} ns");
    let scenario = run("slow-slot-fixed");
    let (rows_after, slow) = held_up(&scenario);
    let (begin, end) = run_of(scenario.tasks("Report")[0]);
    assert!(rows_after < rows && slow < end - begin, "{rows_after} of {rows}, {slow} ns");
}

#[test]
fn a_plugin_that_hogs_has_all_workers_and_with_a_limit_the_search_runs_at_once() {
    let waited = |scenario: &Scenario| -> u64 {
        scenario.tasks("Search").iter().map(|task| waits(task, "waits in High")).sum()
    };
    let (hogs, limited) = (run("hog"), run("hog-fixed"));
    assert_eq!((hogs.at_once("Index"), limited.at_once("Index")), (4, 2));
    assert!(waited(&limited) < waited(&hogs), "{} and {} ns", waited(&limited), waited(&hogs));
}
