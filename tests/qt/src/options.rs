//! The options of a scenario, as Rust says them.

use std::time::Duration;

use legwork::{Periodic, TaskBuilder, TaskInfo, Value};
use serde_json::Value as Json;

/// What `taskInfo` says of an option.
pub fn shown(info: &TaskInfo<Value>, option: &str) -> String {
    match option {
        "name" => info.name.to_string(),
        "priority" => info.priority.name().to_string(),
        // <vocabulary: shown in Rust>
        // </vocabulary>
        other => panic!("taskInfo does not show {other}"),
    }
}

// <vocabulary: player>
/// All keys that a scenario may have.
pub const KEYS: &[&str] = &[
    "name",
    "priority",
    "delayMs",
    "timeoutMs",
    "detached",
    "mustRun",
    "firstRun",
    "rate",
    "misfire",
    "maxRuns",
    "maxFailures",
    "weight",
];
/// The options of a task, on its builder.
pub fn set(mut builder: TaskBuilder<Value>, options: &Json) -> TaskBuilder<Value> {
    if let Some(value) = options["name"].as_str() {
        builder = builder.name(value);
    }
    if let Some(value) = options["priority"].as_str() {
        builder = builder.priority(
            legwork::Priority::ALL.iter().copied().find(|known| known.name() == value).expect("the Priority"),
        );
    }
    if let Some(value) = options["delayMs"].as_u64() {
        builder = builder.delay(Duration::from_millis(value));
    }
    if let Some(value) = options["timeoutMs"].as_u64() {
        builder = builder.timeout(Duration::from_millis(value));
    }
    if options["detached"] == true {
        builder = builder.detached();
    }
    if options["mustRun"] == true {
        builder = builder.must_run();
    }
    if let Some(value) = options["weight"].as_f64() {
        builder = builder.weight(value);
    }
    builder
}

/// The options of a schedule.
pub fn set_schedule(schedule: &mut Periodic, options: &Json) {
    if let Some(value) = options["firstRun"].as_str() {
        schedule.first_run =
            legwork::FirstRun::ALL.iter().copied().find(|known| known.name() == value).expect("the FirstRun");
    }
    if let Some(value) = options["rate"].as_str() {
        schedule.rate =
            legwork::Rate::ALL.iter().copied().find(|known| known.name() == value).expect("the Rate");
    }
    if let Some(value) = options["misfire"].as_str() {
        schedule.misfire =
            legwork::Misfire::ALL.iter().copied().find(|known| known.name() == value).expect("the Misfire");
    }
    if let Some(value) = options["maxRuns"].as_u64() {
        schedule.max_runs = value;
    }
    if let Some(value) = options["maxFailures"].as_u64() {
        schedule.max_failures = u32::try_from(value).expect("a small number");
    }
}
/// The options that `taskInfo` shows besides the name and the priority.
pub const SHOWN: &[&str] = &[];
// </vocabulary>
