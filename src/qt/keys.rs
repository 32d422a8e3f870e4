//! The keys of options, and how each is read: see the table in `tools/vocabulary/src/table.rs`.

use super::checks::{choice, date, milliseconds, number, share, text, typed};
use crate::engine::TaskOptions;
use crate::{Periodic, Value};

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
    "retry",
    "startTimeoutMs",
    "warnAfterMs",
    "transient",
    "system",
    "keepResult",
    "mayBlock",
    "pausable",
    "maxUndelivered",
    "whenFull",
];
/// The keys that a periodic task may have besides.
pub const PERIODIC_KEYS: &[&str] =
    &["delayMs", "firstRun", "rate", "misfire", "maxRuns", "maxFailures", "jitterMs", "until"];
/// The keys that a group may have besides.
pub const GROUP_KEYS: &[&str] = &["errorPolicy"];
/// The keys that are for a body, and so not for external work.
pub const BODY_KEYS: &[&str] = &["mayBlock", "pausable", "maxUndelivered", "whenFull"];
/// The keys that are for work, and so for no group.
pub const WORK_KEYS: &[&str] = &[
    "retry",
    "warnAfterMs",
    "mayBlock",
    "pausable",
    "maxUndelivered",
    "whenFull",
    "onRetry",
    "onSlow",
    "onValues",
];
/// The keys that C++ has taken out before: functions and objects.
pub const TAKEN_KEYS: &[&str] = &[
    "owner",
    "onComplete",
    "onError",
    "onCancelled",
    "onProgress",
    "onValues",
    "onStarted",
    "onRetry",
    "onSlow",
    "onPaused",
    "onResumed",
    "onEnd",
];
/// The signals that what is declared has in place of functions.
pub const SIGNALS: &[(&str, &str)] = &[
    ("onComplete", "completed"),
    ("onError", "failed"),
    ("onCancelled", "cancelled"),
    ("onProgress", "progressChanged"),
    ("onValues", "values"),
    ("onStarted", "started"),
    ("onRetry", "retrying"),
    ("onSlow", "slow"),
    ("onPaused", "taskPaused"),
    ("onResumed", "taskResumed"),
    ("onEnd", "ended"),
];

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
        "key" => {
            options.key = text(value, what)?;
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
        "retry" => {
            options.retry = retry(value, what)?;
        }
        "startTimeoutMs" => {
            options.start_timeout = Some(milliseconds(value, what, 0.0)?).filter(|time| !time.is_zero());
        }
        "warnAfterMs" => {
            options.warn_after = milliseconds(value, what, 0.0)?;
        }
        "jitterMs" => {
            schedule.jitter = milliseconds(value, what, 0.0)?;
        }
        "until" => {
            schedule.until = Some(date(value, what)?);
        }
        "transient" => {
            options.transient = typed(value, what)?;
        }
        "system" => {
            options.system = typed(value, what)?;
        }
        "keepResult" => {
            options.keep_result = typed(value, what)?;
        }
        "mayBlock" => {
            options.may_block = typed(value, what)?;
        }
        "pausable" => {
            options.pausable = typed(value, what)?;
        }
        "maxUndelivered" => {
            options.max_undelivered = typed(value, what)?;
        }
        "whenFull" => {
            options.when_full = when_full(value, what)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A Retry from an object, or from a number of times alone.
pub fn retry(value: &Value, what: &str) -> Result<crate::Retry, String> {
    let known = "times, delayMs, backoff, factor, maxDelayMs, jitter and onTimeout";
    let mut parts = crate::Retry::default();
    let map = match value {
        Value::Map(map) => map,
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
            parts.times = typed(value, what)?;
            return Ok(parts);
        }
        _ => {
            return Err(format!(
                "{what} is {}; expected a number of times, or an object with {known}, or some of them",
                value.describe()
            ));
        }
    };
    for (key, value) in map.iter() {
        let what = &format!("{what}.{key}");
        match key.as_str() {
            // What is undefined was left out.
            _ if matches!(value, Value::Undefined) => {}
            "times" => {
                parts.times = typed(value, what)?;
            }
            "delayMs" => {
                parts.delay = milliseconds(value, what, 0.0)?;
            }
            "backoff" => {
                parts.backoff = backoff(value, what)?;
            }
            "factor" => {
                parts.factor = number(value, what, 100.0)?;
            }
            "maxDelayMs" => {
                parts.max_delay = milliseconds(value, what, 0.0)?;
            }
            "jitter" => {
                parts.jitter = share(value, what, 0.5)?;
            }
            "onTimeout" => {
                parts.on_timeout = typed(value, what)?;
            }
            _ => return Err(format!("{what} is unknown; there are {known}")),
        }
    }
    Ok(parts)
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

/// TaskManager.Append, TaskManager.Replace, TaskManager.KeepLatest or TaskManager.Keep, by its number.
pub fn key_policy(value: &Value, what: &str) -> Result<crate::KeyPolicy, String> {
    choice(
        value,
        what,
        "TaskManager.Append, TaskManager.Replace, TaskManager.KeepLatest or TaskManager.Keep",
        crate::KeyPolicy::from_number,
    )
}

/// TaskManager.Completed or TaskManager.Ended, by its number.
pub fn after_policy(value: &Value, what: &str) -> Result<crate::AfterPolicy, String> {
    choice(value, what, "TaskManager.Completed or TaskManager.Ended", crate::AfterPolicy::from_number)
}

/// TaskManager.Exponential or TaskManager.Fixed, by its number.
pub fn backoff(value: &Value, what: &str) -> Result<crate::Backoff, String> {
    choice(value, what, "TaskManager.Exponential or TaskManager.Fixed", crate::Backoff::from_number)
}

/// TaskManager.Wait, TaskManager.DropOldest or TaskManager.Conflate, by its number.
pub fn when_full(value: &Value, what: &str) -> Result<crate::WhenFull, String> {
    choice(
        value,
        what,
        "TaskManager.Wait, TaskManager.DropOldest or TaskManager.Conflate",
        crate::WhenFull::from_number,
    )
}

/// TaskManager.StopOnError, TaskManager.ContinueOnError or TaskManager.StopOnSuccess, by its number.
pub fn error_policy(value: &Value, what: &str) -> Result<crate::ErrorPolicy, String> {
    choice(
        value,
        what,
        "TaskManager.StopOnError, TaskManager.ContinueOnError or TaskManager.StopOnSuccess",
        crate::ErrorPolicy::from_number,
    )
}
// </vocabulary>
