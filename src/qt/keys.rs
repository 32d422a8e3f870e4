//! The keys of options, and how each is read: see the table in `tools/vocabulary/src/table.rs`.

use super::checks::{choice, milliseconds, number, typed};
use crate::engine::TaskOptions;
use crate::{AfterPolicy, FirstRun, KeyPolicy, Misfire, Periodic, Priority, Rate, Value};

// <vocabulary: qml options>
/// The keys that any task may have.
pub const KEYS: &[&str] = &[
    "name",
    "priority",
    "timeoutMs",
    "detached",
    "mustRun",
    "weight",
    "key",
    "keyPolicy",
    "keyLimit",
    "afterPolicy",
];
/// The keys that a periodic task may have besides.
pub const PERIODIC_KEYS: &[&str] = &["delayMs", "firstRun", "rate", "misfire", "maxRuns", "maxFailures"];
/// The keys that C++ has taken out before: functions and objects.
pub const TAKEN_KEYS: &[&str] = &["owner", "onComplete", "onError", "onCancelled", "onProgress"];

/// Reads one of them into the options, or into the schedule. False for any other key.
pub fn read(
    key: &str,
    value: &Value,
    what: &str,
    options: &mut TaskOptions<Value>,
    schedule: &mut Periodic,
) -> Result<bool, String> {
    match key {
        "name" => {
            options.name = Some(typed::<String>(value, what)?.into());
        }
        "priority" => {
            options.priority = priority(value, what)?;
        }
        "delayMs" => {
            options.delay = milliseconds(value, what, 0.0)?;
        }
        "timeoutMs" => {
            options.timeout = Some(milliseconds(value, what, 0.0)?).filter(|time| !time.is_zero());
        }
        "detached" => {
            options.detached = typed(value, what)?;
        }
        "mustRun" => {
            options.must_run = typed(value, what)?;
        }
        "firstRun" => {
            schedule.first_run = first_run(value, what)?;
        }
        "rate" => {
            schedule.rate = rate(value, what)?;
        }
        "misfire" => {
            schedule.misfire = misfire(value, what)?;
        }
        "maxRuns" => {
            schedule.max_runs = typed(value, what)?;
        }
        "maxFailures" => {
            schedule.max_failures = typed(value, what)?;
        }
        "weight" => {
            options.weight = number(value, what, 1000000.0)?;
        }
        "key" => {
            options.key = Some(typed::<String>(value, what)?.into());
        }
        "keyPolicy" => {
            options.key_policy = key_policy(value, what)?;
        }
        "keyLimit" => {
            options.key_limit = typed(value, what)?;
        }
        "afterPolicy" => {
            options.after_policy = after_policy(value, what)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// TaskManager.High, TaskManager.Normal or TaskManager.Low, by its number.
pub fn priority(value: &Value, what: &str) -> Result<Priority, String> {
    choice(value, what, "TaskManager.High, TaskManager.Normal or TaskManager.Low", Priority::from_number)
}

/// TaskManager.AtOnce or TaskManager.AfterInterval, by its number.
pub fn first_run(value: &Value, what: &str) -> Result<FirstRun, String> {
    choice(value, what, "TaskManager.AtOnce or TaskManager.AfterInterval", FirstRun::from_number)
}

/// TaskManager.FixedDelay or TaskManager.FixedRate, by its number.
pub fn rate(value: &Value, what: &str) -> Result<Rate, String> {
    choice(value, what, "TaskManager.FixedDelay or TaskManager.FixedRate", Rate::from_number)
}

/// TaskManager.Skip or TaskManager.RunOnce, by its number.
pub fn misfire(value: &Value, what: &str) -> Result<Misfire, String> {
    choice(value, what, "TaskManager.Skip or TaskManager.RunOnce", Misfire::from_number)
}

/// TaskManager.Append, TaskManager.Replace, TaskManager.KeepLatest or TaskManager.Keep, by its number.
pub fn key_policy(value: &Value, what: &str) -> Result<KeyPolicy, String> {
    choice(
        value,
        what,
        "TaskManager.Append, TaskManager.Replace, TaskManager.KeepLatest or TaskManager.Keep",
        KeyPolicy::from_number,
    )
}

/// TaskManager.Completed or TaskManager.Ended, by its number.
pub fn after_policy(value: &Value, what: &str) -> Result<AfterPolicy, String> {
    choice(value, what, "TaskManager.Completed or TaskManager.Ended", AfterPolicy::from_number)
}
// </vocabulary>
