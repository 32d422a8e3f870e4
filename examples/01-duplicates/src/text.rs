//! Numbers and values as text.

use std::time::Duration;

use legwork::Value;
use serde_json::Value as Json;

/// A number of bytes for people: "3.4 MB".
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1000.0;
    let mut unit = 0;
    // What would be shown as 1000.0 is 1.0 of the next one.
    while amount >= 999.95 && unit + 1 < UNITS.len() {
        amount /= 1000.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

/// "8 s", "2 min 5 s", "1 h 3 min".
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// A value as JSON, where `undefined` in a map is left out, as JavaScript does it.
pub fn json(value: &Value) -> Json {
    match value {
        Value::Bool(value) => Json::from(*value),
        Value::Int(value) => Json::from(*value),
        Value::UInt(value) => Json::from(*value),
        // A number of JavaScript's is whole or not, and JSON has no other distinction either.
        Value::Float(value) if value.fract() == 0.0 && value.abs() < 9e15 => Json::from(*value as i64),
        Value::Float(value) => Json::from(*value),
        Value::Text(text) | Value::Url(text) => Json::from(text.as_ref()),
        Value::Bytes(bytes) => Json::from(bytes.as_slice()),
        Value::Date(ms) => Json::from(*ms),
        Value::List(list) => list.iter().map(json).collect(),
        Value::Map(map) => {
            let entries = map.iter().filter(|(_, value)| !matches!(value, Value::Undefined));
            Json::Object(entries.map(|(key, value)| (key.clone(), json(value))).collect())
        }
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_for_people() {
        let sizes = [0, 999, 1000, 999_949, 999_950, 1_500_000, 3 << 40].map(size);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "999.9 kB", "1.0 MB", "1.5 MB", "3.3 TB"]);
        let times = [0, 59, 61, 3_700].map(|s| duration(Duration::from_secs(s)));
        assert_eq!(times, ["0 s", "59 s", "1 min 1 s", "1 h 1 min"]);
    }

    #[test]
    fn undefined_entries_are_left_out_of_json() {
        let value = Value::map([("a", Value::Undefined), ("b", Value::Null), ("c", Value::Float(2.0))]);
        assert_eq!(json(&value).to_string(), r#"{"b":null,"c":2}"#);
    }
}
