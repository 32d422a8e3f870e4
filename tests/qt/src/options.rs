//! The options of a scenario, as Rust says them.

use std::time::{Duration, UNIX_EPOCH};

use legwork::{Periodic, RunsAgain, TaskBuilder, TaskInfo, Value};
use serde_json::Value as Json;

/// What `taskInfo` says of an option.
pub fn shown(info: &TaskInfo<Value>, option: &str) -> String {
    match option {
        "name" => info.name.to_string(),
        "priority" => info.priority.name().to_string(),
        // <vocabulary: shown in Rust>
        "key" => info.key.as_deref().unwrap_or_default().to_string(),
        "mayBlock" => info.may_block.to_string(),
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
    "key",
    "keyPolicy",
    "keyLimit",
    "afterPolicy",
    "retry",
    "startTimeoutMs",
    "warnAfterMs",
    "jitterMs",
    "until",
    "transient",
    "system",
    "keepResult",
    "mayBlock",
    "pausable",
    "maxUndelivered",
    "whenFull",
];
/// The options of a task, on its builder.
pub fn set(mut builder: TaskBuilder<Value, RunsAgain>, options: &Json) -> TaskBuilder<Value, RunsAgain> {
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
    if let Some(value) = options["key"].as_str() {
        builder = builder.key(value);
    }
    if let Some(value) = options["keyPolicy"].as_str() {
        builder = builder.key_policy(
            legwork::KeyPolicy::ALL
                .iter()
                .copied()
                .find(|known| known.name() == value)
                .expect("the KeyPolicy"),
        );
    }
    if let Some(value) = options["keyLimit"].as_u64() {
        builder = builder.key_limit(u32::try_from(value).expect("a small number"));
    }
    if let Some(value) = options["afterPolicy"].as_str() {
        builder = builder.after_policy(
            legwork::AfterPolicy::ALL
                .iter()
                .copied()
                .find(|known| known.name() == value)
                .expect("the AfterPolicy"),
        );
    }
    if let Some(value) = options.get("retry") {
        builder = builder.retry(retry(value));
    }
    if let Some(value) = options["startTimeoutMs"].as_u64() {
        builder = builder.start_timeout(Duration::from_millis(value));
    }
    if let Some(value) = options["warnAfterMs"].as_u64() {
        builder = builder.warn_after(Duration::from_millis(value));
    }
    if options["transient"] == true {
        builder = builder.transient();
    }
    if options["system"] == true {
        builder = builder.system();
    }
    if let Some(value) = options["keepResult"].as_bool() {
        builder = builder.keep_result(value);
    }
    if options["mayBlock"] == true {
        builder = builder.may_block();
    }
    if options["pausable"] == true {
        builder = builder.pausable();
    }
    if let Some(value) = options["maxUndelivered"].as_u64() {
        builder = builder.max_undelivered(u32::try_from(value).expect("a small number"));
    }
    if let Some(value) = options["whenFull"].as_str() {
        builder = builder.when_full(
            legwork::WhenFull::ALL.iter().copied().find(|known| known.name() == value).expect("the WhenFull"),
        );
    }
    builder
}

/// An object, or a number of times alone.
fn retry(from: &Json) -> legwork::Retry {
    let mut parts = legwork::Retry::default();
    if let Some(value) = from.as_u64() {
        parts.times = u32::try_from(value).expect("a small number");
        return parts;
    }
    if let Some(value) = from["times"].as_u64() {
        parts.times = u32::try_from(value).expect("a small number");
    }
    if let Some(value) = from["delayMs"].as_u64() {
        parts.delay = Duration::from_millis(value);
    }
    if let Some(value) = from["backoff"].as_str() {
        parts.backoff =
            legwork::Backoff::ALL.iter().copied().find(|known| known.name() == value).expect("the Backoff");
    }
    if let Some(value) = from["factor"].as_f64() {
        parts.factor = value;
    }
    if let Some(value) = from["maxDelayMs"].as_u64() {
        parts.max_delay = Duration::from_millis(value);
    }
    if let Some(value) = from["jitter"].as_f64() {
        parts.jitter = value;
    }
    if let Some(value) = from["onTimeout"].as_bool() {
        parts.on_timeout = value;
    }
    parts
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
    if let Some(value) = options["jitterMs"].as_u64() {
        schedule.jitter = Duration::from_millis(value);
    }
    if let Some(value) = options["until"].as_u64() {
        schedule.until = Some(UNIX_EPOCH + Duration::from_millis(value));
    }
}
/// The options that `taskInfo` shows besides the name and the priority.
pub const SHOWN: &[&str] = &["key", "mayBlock"];
// </vocabulary>
