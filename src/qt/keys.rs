//! The keys of options, and how each is read: see the table in `tools/vocabulary/src/table.rs`.

use super::checks::{choice, milliseconds, number, text, typed};
use crate::engine::TaskOptions;
use crate::{Periodic, Value};

// <vocabulary: qml options>
/// The keys that any task may have.
pub const KEYS: &[&str] = &["name", "priority", "timeoutMs", "detached", "mustRun", "weight"];
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
            options.name = text(value, what)?;
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
        _ => return Ok(false),
    }
    Ok(true)
}

/// TaskManager.High, TaskManager.Normal or TaskManager.Low, by its number.
pub fn priority(value: &Value, what: &str) -> Result<crate::Priority, String> {
    choice(
        value,
        what,
        "TaskManager.High, TaskManager.Normal or TaskManager.Low",
        crate::Priority::from_number,
    )
}

/// TaskManager.AtOnce or TaskManager.AfterInterval, by its number.
pub fn first_run(value: &Value, what: &str) -> Result<crate::FirstRun, String> {
    choice(value, what, "TaskManager.AtOnce or TaskManager.AfterInterval", crate::FirstRun::from_number)
}

/// TaskManager.FixedDelay or TaskManager.FixedRate, by its number.
pub fn rate(value: &Value, what: &str) -> Result<crate::Rate, String> {
    choice(value, what, "TaskManager.FixedDelay or TaskManager.FixedRate", crate::Rate::from_number)
}

/// TaskManager.Skip or TaskManager.RunOnce, by its number.
pub fn misfire(value: &Value, what: &str) -> Result<crate::Misfire, String> {
    choice(value, what, "TaskManager.Skip or TaskManager.RunOnce", crate::Misfire::from_number)
}
// </vocabulary>
