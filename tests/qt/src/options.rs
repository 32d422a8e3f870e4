//! The options of a scenario, as Rust says them.

use std::time::Duration;

use legwork::{AfterPolicy, FirstRun, KeyPolicy, Misfire, Periodic, Priority, Rate, TaskBuilder, Value};
use serde_json::Value as Json;

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
    "key",
    "keyPolicy",
    "keyLimit",
    "afterPolicy",
];
/// The options of a task, on its builder.
pub fn set(mut builder: TaskBuilder<Value>, options: &Json) -> TaskBuilder<Value> {
    if let Some(value) = options["name"].as_str() {
        builder = builder.name(value);
    }
    if let Some(value) = options["priority"].as_str() {
        builder = builder
            .priority(Priority::ALL.iter().copied().find(|known| known.name() == value).expect("a Priority"));
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
    if let Some(value) = options["key"].as_str() {
        builder = builder.key(value);
    }
    if let Some(value) = options["keyPolicy"].as_str() {
        builder = builder.key_policy(
            KeyPolicy::ALL.iter().copied().find(|known| known.name() == value).expect("a KeyPolicy"),
        );
    }
    if let Some(value) = options["keyLimit"].as_u64() {
        builder = builder.key_limit(u32::try_from(value).expect("a small number"));
    }
    if let Some(value) = options["afterPolicy"].as_str() {
        builder = builder.after_policy(
            AfterPolicy::ALL.iter().copied().find(|known| known.name() == value).expect("a AfterPolicy"),
        );
    }
    builder
}

/// The options of a schedule.
pub fn set_schedule(schedule: &mut Periodic, options: &Json) {
    if let Some(value) = options["firstRun"].as_str() {
        schedule.first_run =
            FirstRun::ALL.iter().copied().find(|known| known.name() == value).expect("a FirstRun");
    }
    if let Some(value) = options["rate"].as_str() {
        schedule.rate = Rate::ALL.iter().copied().find(|known| known.name() == value).expect("a Rate");
    }
    if let Some(value) = options["misfire"].as_str() {
        schedule.misfire =
            Misfire::ALL.iter().copied().find(|known| known.name() == value).expect("a Misfire");
    }
    if let Some(value) = options["maxRuns"].as_u64() {
        schedule.max_runs = value;
    }
    if let Some(value) = options["maxFailures"].as_u64() {
        schedule.max_failures = u32::try_from(value).expect("a small number");
    }
}
// </vocabulary>
