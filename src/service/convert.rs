//! Rust's types as values, and values as Rust's types.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::opaque::Opaque;
use super::value::Value;
use crate::engine::TaskError;

/// A Rust type that a task may take as an argument or return.
///
/// Any other type goes as [`Opaque`].
pub trait TaskValue: Send + Sync + Sized + 'static {
    /// What it is called in an error's text: "a text", "a list".
    const KIND: &'static str;

    fn into_value(self) -> Value;

    /// `None` where the value is of another kind, or out of range.
    fn from_value(value: Value) -> Option<Self>;
}

impl Value {
    /// The value as another type, if it is one.
    pub fn to<T: TaskValue>(&self) -> Option<T> {
        T::from_value(self.clone())
    }
}

impl TaskValue for Value {
    const KIND: &'static str = "a value";

    fn into_value(self) -> Value {
        self
    }

    fn from_value(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl TaskValue for Opaque {
    const KIND: &'static str = "an opaque value";

    fn into_value(self) -> Value {
        Value::Opaque(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Opaque(opaque) => Some(opaque),
            _ => None,
        }
    }
}

impl TaskValue for () {
    const KIND: &'static str = "nothing";

    fn into_value(self) -> Value {
        Value::Undefined
    }

    fn from_value(value: Value) -> Option<Self> {
        matches!(value, Value::Undefined | Value::Null).then_some(())
    }
}

impl TaskValue for bool {
    const KIND: &'static str = "true or false";

    fn into_value(self) -> Value {
        Value::Bool(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }
}

/// A number that is whole and exact, as JavaScript's numbers are up to 2⁵³.
fn whole(number: f64) -> Option<i64> {
    let exact = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
    exact.then_some(number as i64)
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl TaskValue for $type {
            const KIND: &'static str = "a whole number in range";

            fn into_value(self) -> Value {
                match i64::try_from(self) {
                    Ok(value) => Value::Int(value),
                    Err(_) => Value::UInt(self as u64),
                }
            }

            fn from_value(value: Value) -> Option<Self> {
                match value {
                    Value::Int(value) => value.try_into().ok(),
                    Value::UInt(value) => value.try_into().ok(),
                    Value::Float(value) => whole(value)?.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u16, u32, u64, usize, isize);

impl TaskValue for f64 {
    const KIND: &'static str = "a number";

    fn into_value(self) -> Value {
        Value::Float(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Float(value) => Some(value),
            Value::Int(value) => Some(value as f64),
            Value::UInt(value) => Some(value as f64),
            _ => None,
        }
    }
}

impl TaskValue for f32 {
    const KIND: &'static str = "a number";

    fn into_value(self) -> Value {
        Value::Float(f64::from(self))
    }

    fn from_value(value: Value) -> Option<Self> {
        f64::from_value(value).map(|value| value as f32)
    }
}

impl TaskValue for String {
    const KIND: &'static str = "a text";

    fn into_value(self) -> Value {
        Value::Text(self.into())
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.as_ref().to_owned()),
            _ => None,
        }
    }
}

impl TaskValue for Arc<str> {
    const KIND: &'static str = "a text";

    fn into_value(self) -> Value {
        Value::Text(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl TaskValue for PathBuf {
    const KIND: &'static str = "a path";

    /// A path that is not Unicode keeps what can be shown of it.
    fn into_value(self) -> Value {
        Value::Text(self.to_string_lossy().into())
    }

    /// Also from a URL with the scheme `file`, as QML's dialogs give.
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(PathBuf::from(text.as_ref())),
            Value::Url(url) => url.strip_prefix("file://").map(|path| PathBuf::from(percent_decoded(path))),
            _ => None,
        }
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match (first, hex.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl TaskValue for SystemTime {
    const KIND: &'static str = "a date";

    fn into_value(self) -> Value {
        match self.duration_since(UNIX_EPOCH) {
            Ok(after) => Value::Date(after.as_millis() as i64),
            Err(before) => Value::Date(-(before.duration().as_millis() as i64)),
        }
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Date(ms) if ms >= 0 => UNIX_EPOCH.checked_add(Duration::from_millis(ms as u64)),
            Value::Date(ms) => UNIX_EPOCH.checked_sub(Duration::from_millis(ms.unsigned_abs())),
            _ => None,
        }
    }
}

impl<T: TaskValue> TaskValue for Option<T> {
    const KIND: &'static str = T::KIND;

    fn into_value(self) -> Value {
        self.map_or(Value::Null, T::into_value)
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Undefined | Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl TaskValue for Vec<u8> {
    const KIND: &'static str = "bytes";

    fn into_value(self) -> Value {
        Value::Bytes(Arc::new(self))
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(Arc::unwrap_or_clone(bytes)),
            _ => None,
        }
    }
}

impl<T: TaskValue> TaskValue for Vec<T> {
    const KIND: &'static str = "a list";

    fn into_value(self) -> Value {
        Value::list(self.into_iter().map(T::into_value))
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::List(list) => Arc::unwrap_or_clone(list).into_iter().map(T::from_value).collect(),
            _ => None,
        }
    }
}

macro_rules! maps {
    ($($map:ident),*) => {$(
        impl<T: TaskValue> TaskValue for $map<String, T> {
            const KIND: &'static str = "a map";

            fn into_value(self) -> Value {
                Value::map(self.into_iter().map(|(key, value)| (key, value.into_value())))
            }

            fn from_value(value: Value) -> Option<Self> {
                let Value::Map(map) = value else { return None };
                let entries = Arc::unwrap_or_clone(map).into_iter();
                entries.map(|(key, value)| Some((key, T::from_value(value)?))).collect()
            }
        }
    )*};
}

maps!(BTreeMap, HashMap);

/// What a body may return: a value, or a `Result` with one.
pub trait IntoResult<T> {
    fn into_result(self) -> Result<T, TaskError>;
}

impl<T: TaskValue> IntoResult<T> for T {
    fn into_result(self) -> Result<T, TaskError> {
        Ok(self)
    }
}

impl<T: TaskValue, E> IntoResult<T> for Result<T, E>
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    fn into_result(self) -> Result<T, TaskError> {
        self.map_err(TaskError::from_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: TaskValue + Clone + PartialEq + std::fmt::Debug>(value: T) {
        assert_eq!(T::from_value(value.clone().into_value()), Some(value));
    }

    #[test]
    fn values_come_back_as_they_went() {
        there_and_back(());
        there_and_back(true);
        there_and_back(-7i8);
        there_and_back(i64::MIN);
        there_and_back(u64::MAX);
        there_and_back(0.1f64);
        there_and_back("text \0 with a NUL".to_owned());
        there_and_back(vec![0u8, 255]);
        there_and_back(vec!["a".to_owned()]);
        there_and_back(Some(3u32));
        there_and_back(None::<String>);
        there_and_back(BTreeMap::from([("key".to_owned(), vec![1i64])]));
        there_and_back(UNIX_EPOCH + Duration::from_millis(1_700_000_000_123));
        there_and_back(PathBuf::from("/tmp/a b"));
    }

    #[test]
    fn numbers_from_javascript_are_whole_or_refused() {
        assert_eq!(u32::from_value(Value::Float(7.0)), Some(7));
        assert_eq!(u32::from_value(Value::Float(7.5)), None);
        assert_eq!(u32::from_value(Value::Float(-1.0)), None);
        assert_eq!(i64::from_value(Value::Float(f64::NAN)), None);
        assert_eq!(i64::from_value(Value::Float(1e300)), None);
    }

    #[test]
    fn a_url_of_a_file_is_a_path() {
        let url = Value::Url("file:///home/a%20b/%C3%A4".into());
        assert_eq!(PathBuf::from_value(url), Some(PathBuf::from("/home/a b/ä")));
        assert_eq!(PathBuf::from_value(Value::Url("https://example.org/".into())), None);
    }
}
