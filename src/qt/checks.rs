//! Checks of what QML says. An error says what, the value, and what would be right.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cxx_qt_lib::{QString, QUrl};

use crate::engine::clock::MAX_DURATION;
use crate::{TaskValue, Value};

/// Milliseconds, from `least` to 100 years.
pub fn milliseconds(value: &Value, what: &str, least: f64) -> Result<Duration, String> {
    let most = MAX_DURATION.as_millis() as f64;
    match f64::from_value(value.clone()) {
        Some(ms) if ms >= least && ms <= most => Ok(Duration::from_secs_f64(ms / 1_000.0)),
        _ => Err(format!(
            "{what} is {}; expected milliseconds, a number from {least} to {most} (100 years)",
            value.describe()
        )),
    }
}

/// The path of a file: as a text, or by its URL.
pub fn file(value: &Value, what: &str) -> Result<PathBuf, String> {
    let path = match value {
        // A `url` of QML comes as a text where a text is wanted.
        Value::Text(text) if !text.starts_with("file:") => return Ok(text.as_ref().into()),
        Value::Text(url) | Value::Url(url) => QUrl::from(&QString::from(url.as_ref())).to_local_file(),
        _ => None,
    };
    match path.map(|path| path.to_string()).filter(|path| !path.is_empty()) {
        Some(path) => Ok(path.into()),
        None => {
            Err(format!("{what} is {}; expected the path of a file, or its URL (file:…)", value.describe()))
        }
    }
}

/// A number above 0, up to `most`.
pub fn number(value: &Value, what: &str, most: f64) -> Result<f64, String> {
    let number = match value {
        // Neither a text nor a bool is a number here.
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => f64::from_value(value.clone()),
        _ => None,
    };
    number
        .filter(|number| *number > 0.0 && *number <= most)
        .ok_or_else(|| format!("{what} is {}; expected a number above 0, up to {most}", value.describe()))
}

/// A number from 0 to `most`.
pub fn share(value: &Value, what: &str, most: f64) -> Result<f64, String> {
    let number = match value {
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => f64::from_value(value.clone()),
        _ => None,
    };
    number
        .filter(|number| (0.0..=most).contains(number))
        .ok_or_else(|| format!("{what} is {}; expected a number from 0 to {most}", value.describe()))
}

/// A date, or the milliseconds since 1970 that a date has.
pub fn date(value: &Value, what: &str) -> Result<SystemTime, String> {
    let ms = match value {
        Value::Date(ms) => Some(*ms),
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => value.to::<i64>(),
        _ => None,
    };
    let moment = ms.and_then(|ms| {
        let since = Duration::from_millis(ms.unsigned_abs());
        if ms < 0 { UNIX_EPOCH.checked_sub(since) } else { UNIX_EPOCH.checked_add(since) }
    });
    moment.ok_or_else(|| {
        format!("{what} is {}; expected a Date, or its milliseconds since 1970", value.describe())
    })
}

/// One of an enumeration, by its number.
pub fn choice<T>(
    value: &Value,
    what: &str,
    expected: &str,
    find: impl FnOnce(i64) -> Option<T>,
) -> Result<T, String> {
    // A bool or a text is no number here: true is not 1, "High" is not 0.
    let number = match value {
        Value::Int(_) | Value::Float(_) => i64::from_value(value.clone()),
        _ => None,
    };
    number.and_then(find).ok_or_else(|| format!("{what} is {}; expected {expected}", value.describe()))
}

/// A text, of which an empty one is as none.
pub fn text(value: &Value, what: &str) -> Result<Option<Arc<str>>, String> {
    Ok(Some(typed::<String>(value, what)?.into()).filter(|text: &Arc<str>| !text.is_empty()))
}

/// A value of a type, as [`TaskValue`] reads it.
pub fn typed<T: TaskValue>(value: &Value, what: &str) -> Result<T, String> {
    T::from_value(value.clone())
        .ok_or_else(|| format!("{what} is {}; expected {}", value.describe(), T::KIND))
}
