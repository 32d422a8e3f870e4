//! What tasks take and give: values that every face understands.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::opaque::Opaque;
use crate::engine::{Payload, TaskError, TaskInfo};

/// A value that Rust, C++, QML and Python understand alike. Cloning is cheap.
///
/// What it becomes in each language is in the table of `docs/values.md`, which a test holds.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum Value {
    /// JavaScript's `undefined`, an invalid `QVariant`; what a task without a result returns.
    #[default]
    Undefined,
    /// JavaScript's `null`.
    Null,
    Bool(bool),
    /// A number in JavaScript, where it is exact up to 2⁵³.
    Int(i64),
    /// An integer above `i64::MAX`.
    UInt(u64),
    Float(f64),
    Text(Arc<str>),
    /// A `QByteArray`, an `ArrayBuffer`.
    Bytes(Arc<Vec<u8>>),
    /// Milliseconds since 1970 in UTC: a `QDateTime`, a `Date`.
    Date(i64),
    /// A `QUrl`.
    Url(Arc<str>),
    List(Arc<Vec<Value>>),
    Map(Arc<BTreeMap<String, Value>>),
    /// A value that only Rust understands; the other languages see `undefined`.
    Opaque(Opaque),
}

/// Lists and maps nest no deeper than this.
pub const MAX_DEPTH: usize = 64;

impl Payload for Value {
    /// All of it is looked at, as one element of a list may be what is large. Nobody can tell of an opaque
    /// value that did not say, wherever it stands.
    fn byte_size(&self) -> Option<usize> {
        fn size(value: &Value, depth: usize) -> Option<usize> {
            Some(match value {
                Value::Text(text) | Value::Url(text) => text.len(),
                Value::Bytes(bytes) => bytes.capacity(),
                // Of what nests deeper than any value that comes from another language, the stack would
                // not be enough.
                Value::List(_) | Value::Map(_) if depth > 2 * MAX_DEPTH => return None,
                Value::List(list) => {
                    let mut bytes = list.capacity() * size_of::<Value>();
                    for element in list.iter() {
                        bytes = bytes.saturating_add(size(element, depth + 1)?);
                    }
                    bytes
                }
                Value::Map(map) => {
                    let mut bytes = map.len() * size_of::<(String, Value)>();
                    for (key, element) in map.iter() {
                        bytes = bytes.saturating_add(key.len()).saturating_add(size(element, depth + 1)?);
                    }
                    bytes
                }
                Value::Opaque(opaque) => return opaque.byte_size(),
                _ => 0,
            })
        }
        size(self, 0)
    }

    fn list(values: Vec<Value>) -> Value {
        Value::List(Arc::new(values))
    }

    fn is_plain(&self) -> bool {
        use Value::{Bool, Date, Float, Int, Null, UInt, Undefined};
        matches!(self, Undefined | Null | Bool(_) | Int(_) | UInt(_) | Float(_) | Date(_))
    }
}

/// A result as Rust gets it: one of C++ that all languages understand is a plain value.
pub(super) fn plain(value: Value) -> Value {
    #[cfg(feature = "qt")]
    return crate::qt::plain(value);
    #[cfg(not(feature = "qt"))]
    value
}

/// What is known of a task, with its result as Rust gets it.
pub(super) fn plain_info(mut info: TaskInfo<Value>) -> TaskInfo<Value> {
    info.result = info.result.map(plain);
    info
}

impl Value {
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Value::Text(text.into())
    }

    pub fn list(values: impl IntoIterator<Item = Value>) -> Self {
        Value::List(Arc::new(values.into_iter().collect()))
    }

    pub fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Value::Map(Arc::new(entries.into_iter().map(|(key, value)| (key.into(), value)).collect()))
    }

    /// The entry of a map.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// What it is, for an error's text: `the text "abc"`, `the number 7`, `a list of 3`.
    pub fn describe(&self) -> String {
        match self {
            Value::Undefined => "undefined".to_owned(),
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => format!("the number {value}"),
            Value::UInt(value) => format!("the number {value}"),
            Value::Float(value) => format!("the number {value}"),
            Value::Text(text) if text.chars().count() > 60 => {
                format!("the text \"{}…\"", text.chars().take(60).collect::<String>())
            }
            Value::Text(text) => format!("the text \"{text}\""),
            Value::Bytes(bytes) => format!("{} bytes", bytes.len()),
            Value::Date(_) => "a date".to_owned(),
            Value::Url(url) => format!("the URL {url}"),
            Value::List(list) => format!("a list of {}", list.len()),
            Value::Map(map) => format!("a map of {}", map.len()),
            Value::Opaque(_) => "an opaque value".to_owned(),
        }
    }
}

impl PartialEq for Value {
    /// Numbers are equal by value, whatever kind they are; opaque values if they are the same one.
    fn eq(&self, other: &Self) -> bool {
        use Value::*;
        match (self, other) {
            (Undefined, Undefined) | (Null, Null) => true,
            (Bool(a), Bool(b)) => a == b,
            (Int(a), Int(b)) | (Date(a), Date(b)) => a == b,
            (UInt(a), UInt(b)) => a == b,
            (Float(a), Float(b)) => a == b,
            (Int(int), UInt(uint)) | (UInt(uint), Int(int)) => u64::try_from(*int) == Ok(*uint),
            (Int(int), Float(float)) | (Float(float), Int(int)) => is_exactly(*float, i128::from(*int)),
            (UInt(int), Float(float)) | (Float(float), UInt(int)) => is_exactly(*float, i128::from(*int)),
            (Text(a), Text(b)) | (Url(a), Url(b)) => a == b,
            (Bytes(a), Bytes(b)) => a == b,
            (List(a), List(b)) => a == b,
            (Map(a), Map(b)) => a == b,
            (Opaque(a), Opaque(b)) => a.is(b),
            _ => false,
        }
    }
}

/// Not by making the integer a float: then two that differ would equal the same one.
fn is_exactly(float: f64, int: i128) -> bool {
    float.fract() == 0.0 && float as i128 == int
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Undefined => f.write_str("undefined"),
            Value::Null => f.write_str("null"),
            Value::Bool(value) => value.fmt(f),
            Value::Int(value) => value.fmt(f),
            Value::UInt(value) => value.fmt(f),
            Value::Float(value) => value.fmt(f),
            Value::Text(text) => text.fmt(f),
            Value::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Value::Date(ms) => write!(f, "Date({ms})"),
            Value::Url(url) => write!(f, "Url({url})"),
            Value::List(list) => list.fmt(f),
            Value::Map(map) => map.fmt(f),
            Value::Opaque(_) => f.write_str("Opaque"),
        }
    }
}

/// A value whose lists and maps nest too deep to be copied to other languages, or destroyed.
pub(crate) fn check_depth(value: &Value, what: &str) -> Result<(), TaskError> {
    // Without recursion: it is there to prevent one.
    let mut level = vec![value];
    for _ in 0..=MAX_DEPTH {
        let mut below = Vec::new();
        for value in level {
            match value {
                Value::List(list) => below.extend(list.iter()),
                Value::Map(map) => below.extend(map.values()),
                _ => {}
            }
        }
        if below.is_empty() {
            return Ok(());
        }
        level = below;
    }
    Err(TaskError::from_error(format!("{what} nests deeper than {MAX_DEPTH} lists and maps")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_equal_by_value_and_exactly() {
        assert_eq!(Value::UInt(5), Value::Int(5));
        assert_eq!(Value::UInt(5), Value::Float(5.0));
        assert_eq!(Value::Float(-3.0), Value::Int(-3));
        assert_ne!(Value::Int(-1), Value::UInt(u64::MAX));
        let rounded = Value::Float((1u64 << 53) as f64);
        assert_eq!(rounded, Value::Int(1 << 53));
        assert_ne!(rounded, Value::Int((1 << 53) + 1));
        for none in [f64::NAN, f64::INFINITY, 1e300, 0.5] {
            assert_ne!(Value::Float(none), Value::Int(0));
            assert_ne!(Value::Float(none), Value::UInt(u64::MAX));
        }
    }

    #[test]
    fn b139_an_opaque_value_counts_with_what_it_holds_if_anybody_can_tell() {
        let size = |opaque: Opaque| Value::Opaque(opaque).byte_size();
        assert_eq!(size(Opaque::new([0u8; 4096])), Some(4096));
        assert_eq!(size(Opaque::new(vec![0u8; 4096])), None);
        assert_eq!(size(Opaque::with_size(vec![0u8; 4096], 5000)), Some(5000));
        assert_eq!(Value::list([Value::Int(1), Value::Opaque(Opaque::new(vec![0u8]))]).byte_size(), None);
        let opaque = Opaque::with_size(vec![1u8], 1);
        assert_eq!(opaque.downcast::<Vec<u8>>().as_deref(), Some(&vec![1u8]));
        assert_eq!(Value::Opaque(opaque.clone()), Value::Opaque(opaque));
    }

    #[test]
    fn b139_the_size_of_a_value_is_that_of_all_that_it_holds() {
        let inner = Value::list((0..100_000).map(|_| Value::text("ten bytes.")));
        assert_eq!(inner.byte_size(), Some(100_000 * (size_of::<Value>() + 10)));
        let bytes = || Value::Bytes(Arc::new(vec![0; 1 << 20]));
        assert_eq!(bytes().byte_size(), Some(1 << 20));
        // One that is large among many that are not, and far down.
        let mut mixed: Vec<_> = (0..1_000).map(Value::Int).collect();
        mixed.push(bytes());
        let mut nested = Value::list(mixed);
        for _ in 0..MAX_DEPTH - 2 {
            nested = Value::map([("inner", nested)]);
        }
        let size = nested.byte_size().expect("known");
        assert!((1 << 20..(1 << 20) + 100_000).contains(&size), "{size}");
        // Deeper than any language takes it: nobody looks so far, and nothing overflows.
        for _ in 0..1_000 {
            nested = Value::list([nested]);
        }
        assert_eq!(nested.byte_size(), None);
    }
}
