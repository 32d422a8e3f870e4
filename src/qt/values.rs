//! [`Value`] to `QVariant` and back.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use cxx_qt_lib::{QByteArray, QList, QMap, QMapPair_QString_QVariant, QString, QUrl, QVariant};

use super::id::task_id;
use crate::engine::TaskId;
use crate::service::GivenArgs;
use crate::{Args, Value};

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    extern "Rust" {
        type ValueWriter;
        fn undefined(self: &mut ValueWriter);
        fn null(self: &mut ValueWriter);
        fn boolean(self: &mut ValueWriter, value: bool);
        fn integer(self: &mut ValueWriter, value: i64);
        fn unsigned_integer(self: &mut ValueWriter, value: u64);
        fn real(self: &mut ValueWriter, value: f64);
        fn text(self: &mut ValueWriter, value: &QString);
        fn bytes(self: &mut ValueWriter, value: &[u8]);
        fn date(self: &mut ValueWriter, ms_since_epoch: i64);
        fn url(self: &mut ValueWriter, value: &QString);
        /// The result of a task that is to stand there; what is wrong with that, or empty.
        fn result_of(self: &mut ValueWriter, task: &QString) -> QString;
        fn begin_list(self: &mut ValueWriter);
        fn end_list(self: &mut ValueWriter);
        fn begin_map(self: &mut ValueWriter);
        fn key(self: &mut ValueWriter, key: &QString);
        fn end_map(self: &mut ValueWriter);
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/values.h");
        #[cxx_name = "readValue"]
        fn read_value(variant: &QVariant, place: &QString, writer: &mut ValueWriter) -> QString;
        #[cxx_name = "readIds"]
        fn read_ids(variant: &QVariant, place: &QString, writer: &mut ValueWriter) -> QString;
        #[cxx_name = "isMap"]
        fn is_map(variant: &QVariant) -> bool;
        #[cxx_name = "readResult"]
        fn read_result(variant: &QVariant, place: &QString, writer: &mut ValueWriter) -> QString;
        #[cxx_name = "nullVariant"]
        fn null_variant() -> QVariant;
        #[cxx_name = "integerVariant"]
        fn integer_variant(value: i64) -> QVariant;
        #[cxx_name = "unsignedVariant"]
        fn unsigned_variant(value: u64) -> QVariant;
        #[cxx_name = "dateVariant"]
        fn date_variant(ms_since_epoch: i64) -> QVariant;
    }
}

enum Open {
    List(Vec<Value>),
    Map(BTreeMap<String, Value>, String),
}

/// Builds a value from the calls that C++ makes as it walks one.
#[derive(Default)]
pub struct ValueWriter {
    open: Vec<Open>,
    done: Value,
    /// Where it may have results of tasks in it.
    results: Option<Results>,
}

/// The tasks whose results are to stand in a value, each once.
#[derive(Default)]
struct Results {
    takes: Vec<TaskId>,
    /// Where each stands in that list.
    places: HashMap<TaskId, usize>,
}

impl ValueWriter {
    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => {
                map.insert(std::mem::take(key), value);
            }
            None => self.done = value,
        }
    }

    fn undefined(&mut self) {
        self.put(Value::Undefined);
    }

    fn null(&mut self) {
        self.put(Value::Null);
    }

    fn boolean(&mut self, value: bool) {
        self.put(Value::Bool(value));
    }

    fn integer(&mut self, value: i64) {
        self.put(Value::Int(value));
    }

    fn unsigned_integer(&mut self, value: u64) {
        self.put(i64::try_from(value).map_or(Value::UInt(value), Value::Int));
    }

    fn real(&mut self, value: f64) {
        self.put(Value::Float(value));
    }

    fn text(&mut self, value: &QString) {
        self.put(Value::text(value.to_string()));
    }

    fn bytes(&mut self, value: &[u8]) {
        self.put(Value::Bytes(Arc::new(value.to_vec())));
    }

    fn date(&mut self, ms_since_epoch: i64) {
        self.put(Value::Date(ms_since_epoch));
    }

    fn url(&mut self, value: &QString) {
        self.put(Value::Url(value.to_string().into()));
    }

    fn result_of(&mut self, task: &QString) -> QString {
        let Some(results) = &mut self.results else {
            return QString::from(
                "a result of a task (resultOf) stands in the args of another, and nowhere else",
            );
        };
        let Some(id) = task_id(task) else {
            let task = Value::text(task.to_string()).describe();
            return QString::from(&format!(
                "resultOf names {task}; expected the id of a task, which the taskId of a Task has"
            ));
        };
        let place = *results.places.entry(id).or_insert_with(|| {
            results.takes.push(id);
            results.takes.len() - 1
        });
        self.put(GivenArgs::place(place));
        QString::default()
    }

    fn begin_list(&mut self) {
        self.open.push(Open::List(Vec::new()));
    }

    fn end_list(&mut self) {
        if let Some(Open::List(list)) = self.open.pop() {
            self.put(Value::List(Arc::new(list)));
        }
    }

    fn begin_map(&mut self) {
        self.open.push(Open::Map(BTreeMap::new(), String::new()));
    }

    fn key(&mut self, key: &QString) {
        if let Some(Open::Map(_, next)) = self.open.last_mut() {
            *next = key.to_string();
        }
    }

    fn end_map(&mut self) {
        if let Some(Open::Map(map, _)) = self.open.pop() {
            self.put(Value::Map(Arc::new(map)));
        }
    }
}

/// Copies a `QVariant`, also one that holds a JavaScript value of this thread's engine.
/// The error names the place, which begins with `place`.
pub fn read(variant: &QVariant, place: &str) -> Result<Value, String> {
    let mut writer = ValueWriter::default();
    let error = ffi::read_value(variant, &QString::from(place), &mut writer);
    match error.is_empty() {
        true => Ok(writer.done),
        false => Err(error.to_string()),
    }
}

/// The same of what is to be a list of ids: of an object the error says what it is, and where its id would be.
pub fn read_ids(variant: &QVariant, place: &str) -> Result<Value, String> {
    let mut writer = ValueWriter::default();
    let error = ffi::read_ids(variant, &QString::from(place), &mut writer);
    match error.is_empty() {
        true => Ok(writer.done),
        false => Err(error.to_string()),
    }
}

/// The entries of a map, by their keys; `None` for what is no map.
pub fn entries(variant: &QVariant) -> Option<Vec<(String, QVariant)>> {
    if !ffi::is_map(variant) {
        return None;
    }
    let map = variant.value::<QMap<QMapPair_QString_QVariant>>()?;
    Some(map.iter().map(|(key, value)| (key.to_string(), value.clone())).collect())
}

/// Copies the arguments of a task, in which results of others may stand. Undefined is as none.
pub fn read_args(variant: &QVariant) -> Result<GivenArgs, String> {
    let mut writer = ValueWriter { results: Some(Results::default()), ..ValueWriter::default() };
    let error = ffi::read_value(variant, &QString::from("args"), &mut writer);
    if !error.is_empty() {
        return Err(error.to_string());
    }
    let args = match writer.done {
        Value::Undefined | Value::Null => Vec::new(),
        Value::List(list) => Arc::unwrap_or_clone(list),
        other => return Err(format!("args is {}; expected a list, such as [value]", other.describe())),
    };
    let takes = writer.results.map(|results| results.takes).unwrap_or_default();
    Ok(GivenArgs::new(Args::from(args), takes))
}

/// Copies what a script of this thread returned or sends; `place` is what an error calls it.
pub fn read_result(variant: &QVariant, place: &str) -> Result<Value, String> {
    let mut writer = ValueWriter::default();
    let error = ffi::read_result(variant, &QString::from(place), &mut writer);
    match error.is_empty() {
        true => Ok(writer.done),
        false => Err(error.to_string()),
    }
}

/// A list of them.
pub fn list_variant(values: &[Value]) -> QVariant {
    let mut variants = QList::<QVariant>::default();
    variants.reserve(values.len() as isize);
    for value in values {
        variants.append(to_variant(value));
    }
    QVariant::from(&variants)
}

/// The value as C++, QML and Python get it.
pub fn to_variant(value: &Value) -> QVariant {
    match value {
        Value::Undefined => QVariant::default(),
        Value::Opaque(opaque) => opaque.cpp().map_or_else(QVariant::default, |result| result.variant()),
        Value::Null => ffi::null_variant(),
        Value::Bool(value) => QVariant::from(value),
        Value::Int(value) => ffi::integer_variant(*value),
        Value::UInt(value) => ffi::unsigned_variant(*value),
        Value::Float(value) => QVariant::from(value),
        Value::Text(text) => QVariant::from(&QString::from(text.as_ref())),
        Value::Bytes(bytes) => QVariant::from(&QByteArray::from(bytes.as_slice())),
        Value::Date(ms) => ffi::date_variant(*ms),
        Value::Url(url) => QVariant::from(&QUrl::from(url.as_ref())),
        Value::List(list) => list_variant(list),
        Value::Map(map) => {
            let mut variants = QMap::<QMapPair_QString_QVariant>::default();
            for (key, element) in map.iter() {
                variants.insert(QString::from(key.as_str()), to_variant(element));
            }
            QVariant::from(&variants)
        }
    }
}
