//! What tasks take and give: values that every face understands.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// A value that only Rust understands, of any type.
///
/// As a task's result it reaches the handle and `on_complete`; the signals carry `undefined`.
#[derive(Clone)]
pub struct Opaque(Of);

#[derive(Clone)]
enum Of {
    /// It owns nothing beside itself.
    Flat(Arc<dyn Any + Send + Sync>),
    /// It may own anything.
    Rust(Arc<dyn Any + Send + Sync>),
    /// Whoever made it said what it holds.
    Measured(Arc<Measured>),
    /// What a body of C++ returned, as C++ counts its references.
    #[cfg(feature = "qt")]
    Cpp(crate::qt::CppResult),
}

struct Measured {
    value: Arc<dyn Any + Send + Sync>,
    bytes: usize,
}

impl Opaque {
    /// A value of a type with a destructor may hold any amount of memory. The history does not keep such a
    /// result once it was delivered and the task's last handle is gone: [`Opaque::with_size`] says how much
    /// it is.
    pub fn new<T: Any + Send + Sync>(value: T) -> Self {
        match std::mem::needs_drop::<T>() {
            true => Opaque(Of::Rust(Arc::new(value))),
            false => Opaque(Of::Flat(Arc::new(value))),
        }
    }

    /// The same of a value that holds so many bytes in memory, about.
    pub fn with_size<T: Any + Send + Sync>(value: T, bytes: usize) -> Self {
        Opaque(Of::Measured(Arc::new(Measured { value: Arc::new(value), bytes })))
    }

    /// The value, if it is of that type.
    pub fn downcast<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        match &self.0 {
            Of::Flat(value) | Of::Rust(value) => value.clone().downcast().ok(),
            Of::Measured(measured) => measured.value.clone().downcast().ok(),
            #[cfg(feature = "qt")]
            Of::Cpp(_) => None,
        }
    }

    #[cfg(feature = "qt")]
    pub(crate) fn of_cpp(result: crate::qt::CppResult) -> Self {
        Opaque(Of::Cpp(result))
    }

    #[cfg(feature = "qt")]
    pub(crate) fn cpp(&self) -> Option<&crate::qt::CppResult> {
        match &self.0 {
            Of::Cpp(result) => Some(result),
            _ => None,
        }
    }

    fn byte_size(&self) -> Option<usize> {
        match &self.0 {
            Of::Flat(value) => Some(size_of_val(&**value)),
            Of::Rust(_) => None,
            Of::Measured(measured) => Some(measured.bytes),
            #[cfg(feature = "qt")]
            Of::Cpp(result) => result.byte_size(),
        }
    }

    fn is(&self, other: &Opaque) -> bool {
        match (&self.0, &other.0) {
            (Of::Flat(one), Of::Flat(other)) | (Of::Rust(one), Of::Rust(other)) => Arc::ptr_eq(one, other),
            (Of::Measured(one), Of::Measured(other)) => Arc::ptr_eq(one, other),
            #[cfg(feature = "qt")]
            (Of::Cpp(one), Of::Cpp(other)) => one.is(other),
            _ => false,
        }
    }
}

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

    /// The value as another type, if it is one.
    pub fn to<T: TaskValue>(&self) -> Option<T> {
        T::from_value(self.clone())
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

/// The arguments of a job.
#[derive(Clone, Debug, Default)]
pub struct Args(Arc<Vec<Value>>);

impl Args {
    pub fn new(values: impl IntoIterator<Item = Value>) -> Self {
        Args(Arc::new(values.into_iter().collect()))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The argument at `index`, from 0. A missing one counts as `undefined`, so that an
    /// `Option` is optional; for anything else the error names the place and what was expected.
    pub fn get<T: TaskValue>(&self, index: usize) -> Result<T, TaskError> {
        let value = self.0.get(index).cloned().unwrap_or_default();
        let found = match self.0.get(index) {
            Some(value) => value.describe(),
            None => "missing".to_owned(),
        };
        T::from_value(value).ok_or_else(|| {
            TaskError::from_error(format!("argument {index} is {found}; expected {}", T::KIND))
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = &Value> {
        self.0.iter()
    }
}

impl<T: TaskValue, const N: usize> From<[T; N]> for Args {
    fn from(values: [T; N]) -> Self {
        Args::new(values.into_iter().map(T::into_value))
    }
}

impl From<Vec<Value>> for Args {
    fn from(values: Vec<Value>) -> Self {
        Args(Arc::new(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: TaskValue + Clone + PartialEq + fmt::Debug>(value: T) {
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
    fn an_argument_of_the_wrong_kind_names_its_place() {
        let args = Args::new([Value::text("a"), Value::Float(1.5)]);
        assert_eq!(args.get::<String>(0), Ok("a".to_owned()));
        let message = |error: TaskError| error.message().to_owned();
        assert_eq!(
            args.get::<u32>(1).map_err(message),
            Err("argument 1 is the number 1.5; expected a whole number in range".to_owned())
        );
        assert_eq!(
            args.get::<String>(2).map_err(message),
            Err("argument 2 is missing; expected a text".to_owned())
        );
        assert_eq!(args.get::<Option<String>>(2), Ok(None));
    }

    #[test]
    fn a_url_of_a_file_is_a_path() {
        let url = Value::Url("file:///home/a%20b/%C3%A4".into());
        assert_eq!(PathBuf::from_value(url), Some(PathBuf::from("/home/a b/ä")));
        assert_eq!(PathBuf::from_value(Value::Url("https://example.org/".into())), None);
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
