//! Callbacks of Rust, as the engine calls them.

use super::convert::TaskValue;
use super::value::{Value, plain};
use crate::engine::diagnostics;
use crate::engine::{Callback, CancelReason, Notice, TaskError};

pub fn completed<T: TaskValue>(mut f: impl FnMut(T) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Completed(value) | Notice::Run(_, value) = notice {
            match T::from_value(plain(value.clone())) {
                Some(value) => f(value),
                None => {
                    diagnostics::error(format_args!("on_complete is not called: {}", mismatch::<T>(value)))
                }
            }
        }
    })
}

pub fn failed(mut f: impl FnMut(&TaskError) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Failed(error) | Notice::RunFailed(_, error) = notice {
            f(error);
        }
    })
}

pub fn cancelled(mut f: impl FnMut(CancelReason) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Cancelled(reason) = notice {
            f(*reason);
        }
    })
}

pub fn progressed(mut f: impl FnMut(f64, &str) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Progress(value, message) = notice {
            f(*value, message);
        }
    })
}

/// Where `from_value` does not take what `into_value` gave; also where the result went with its owner.
pub fn mismatch<T: TaskValue>(value: &Value) -> String {
    format!("the result is {}; expected {} ({})", value.describe(), T::KIND, std::any::type_name::<T>())
}
