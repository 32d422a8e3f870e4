//! Results of C++. One stays the C++ object that it is: Rust keeps it as an opaque value, and the signals ask it for
//! its `QVariant`. The other half is `cpp/src/bridge/result.cpp`.

use cxx::SharedPtr;
use cxx_qt_lib::QVariant;

use super::values::{read, to_variant};
use crate::Value;

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/bridge/bridge.h");
        type ResultValue;
        #[cxx_name = "resultOfVariant"]
        fn result_of_variant(variant: &QVariant) -> SharedPtr<ResultValue>;
        #[cxx_name = "resultOfBool"]
        fn result_of_bool(value: bool) -> SharedPtr<ResultValue>;
        #[cxx_name = "resultOfInt"]
        fn result_of_int(value: i32) -> SharedPtr<ResultValue>;
        #[cxx_name = "resultOfDouble"]
        fn result_of_double(value: f64) -> SharedPtr<ResultValue>;
        type ResultList;
        #[cxx_name = "newList"]
        fn new_list(count: usize) -> UniquePtr<ResultList>;
        #[cxx_name = "addPart"]
        fn add_part(list: Pin<&mut ResultList>, part: SharedPtr<ResultValue>);
        #[cxx_name = "resultOfList"]
        fn result_of_list(list: UniquePtr<ResultList>) -> SharedPtr<ResultValue>;
        #[cxx_name = "bytesOfResult"]
        fn bytes_of_result(result: &ResultValue) -> i64;
        #[cxx_name = "variantOfResult"]
        fn variant_of_result(result: &ResultValue) -> QVariant;
    }
}

pub use ffi::ResultValue;

// SAFETY: a shared pointer to a value that nobody changes any more, but one that has it alone (`isAlone` in
// `result.h`); what may not be destroyed on any thread has a deleter that sends it to the manager's (`SendHome`).
unsafe impl Send for ResultValue {}
// SAFETY: it is only read once it is made, while there is more than one pointer to it.
unsafe impl Sync for ResultValue {}

/// A result of C++, or what a body of C++ threw.
#[derive(Clone)]
pub struct CppResult(SharedPtr<ResultValue>);

impl CppResult {
    pub fn new(result: SharedPtr<ResultValue>) -> Self {
        CppResult(result)
    }

    /// What the other languages get.
    pub fn variant(&self) -> QVariant {
        self.0.as_ref().map_or_else(QVariant::default, ffi::variant_of_result)
    }

    /// What it holds in memory; `None` where nobody can tell.
    pub fn byte_size(&self) -> Option<usize> {
        self.0.as_ref().map_or(Some(0), |result| usize::try_from(ffi::bytes_of_result(result)).ok())
    }

    pub fn is(&self, other: &CppResult) -> bool {
        std::ptr::eq(self.0.as_ptr(), other.0.as_ptr())
    }

    /// The object itself, for C++.
    pub fn shared(&self) -> SharedPtr<ResultValue> {
        self.0.clone()
    }
}

/// A result of C++ as Rust gets it: what all languages understand as itself, another type opaque.
pub fn plain(value: Value) -> Value {
    match &value {
        Value::Opaque(opaque) => match opaque.cpp() {
            Some(result) => read(&result.variant(), "the result").unwrap_or(value),
            None => value,
        },
        // What a group has gathered.
        Value::List(list) if list.iter().any(holds_cpp) => Value::list(list.iter().cloned().map(plain)),
        _ => value,
    }
}

fn holds_cpp(value: &Value) -> bool {
    match value {
        Value::Opaque(opaque) => opaque.cpp().is_some(),
        Value::List(list) => list.iter().any(holds_cpp),
        _ => false,
    }
}

/// Any value for C++: the numbers that `ReturnValue` passes as such are again of the type that was returned.
pub fn boxed(value: &Value) -> SharedPtr<ResultValue> {
    let result = match value {
        Value::Opaque(opaque) => opaque.cpp().map(CppResult::shared),
        Value::Bool(value) => Some(ffi::result_of_bool(*value)),
        Value::Float(value) => Some(ffi::result_of_double(*value)),
        Value::Int(value) => i32::try_from(*value).ok().map(ffi::result_of_int),
        // What a group has gathered stays what it is, so that C++ may have it by its types.
        Value::List(list) if list.iter().any(holds_cpp) => Some(boxed_list(list)),
        _ => None,
    };
    result.unwrap_or_else(|| ffi::result_of_variant(&to_variant(value)))
}

/// Several, each of which stays what it is.
pub fn boxed_list(values: &[Value]) -> SharedPtr<ResultValue> {
    let mut parts = ffi::new_list(values.len());
    for part in values {
        ffi::add_part(parts.pin_mut(), boxed(part));
    }
    ffi::result_of_list(parts)
}
