//! Callbacks of Rust, as the engine calls them.

use std::sync::Arc;
use std::time::Duration;

use super::convert::TaskValue;
use super::value::{Value, plain};
use crate::engine::diagnostics::{self, About};
use crate::engine::{Callback, CancelReason, Notice, TaskError};

pub fn completed<T: TaskValue>(mut f: impl FnMut(T) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Completed(value) | Notice::Run(_, value) = notice {
            match T::from_value(plain(value.clone())) {
                Some(value) => f(value),
                None => diagnostics::error(
                    About::Task,
                    format_args!("on_complete is not called: {}", mismatch::<T>(value)),
                ),
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

/// How a task ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome<T> {
    Completed(T),
    /// Failed, TimedOut or Abandoned: the error's kind says which.
    Failed(Arc<TaskError>),
    Cancelled(CancelReason),
}

pub fn ended<T: TaskValue>(mut f: impl FnMut(Outcome<T>) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| match notice {
        Notice::Completed(value) => f(match T::from_value(plain(value.clone())) {
            Some(value) => Outcome::Completed(value),
            // It is to hear of every end.
            None => Outcome::Failed(Arc::new(TaskError::from_error(mismatch::<T>(value)))),
        }),
        Notice::Failed(error) => f(Outcome::Failed(error.clone())),
        Notice::Cancelled(reason) => f(Outcome::Cancelled(*reason)),
        _ => {}
    })
}

pub fn started(mut f: impl FnMut() + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Started = notice {
            f();
        }
    })
}

pub fn retried(mut f: impl FnMut(u64, &TaskError, Duration) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Retrying(attempt, error, delay) = notice {
            f(*attempt, error, *delay);
        }
    })
}

pub fn values<V: TaskValue>(mut f: impl FnMut(Vec<V>) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        let Notice::Values(sent) = notice else { return };
        let mut values = Vec::with_capacity(sent.len());
        for value in sent.iter() {
            match V::from_value(plain(value.clone())) {
                Some(value) => values.push(value),
                None => diagnostics::error(
                    About::Task,
                    format_args!(
                        "on_values leaves a value out: it is {}; expected {} ({})",
                        value.describe(),
                        V::KIND,
                        std::any::type_name::<V>()
                    ),
                ),
            }
        }
        if !values.is_empty() {
            f(values);
        }
    })
}

pub fn paused(mut f: impl FnMut(Option<&str>) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| match notice {
        Notice::Paused(reason) => f(Some(reason)),
        Notice::Resumed => f(None),
        _ => {}
    })
}

pub fn slow(mut f: impl FnMut(Duration) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Slow(time) = notice {
            f(*time);
        }
    })
}

/// Where `from_value` does not take what `into_value` gave; also where the result went with its owner.
pub fn mismatch<T: TaskValue>(value: &Value) -> String {
    format!("the result is {}; expected {} ({})", value.describe(), T::KIND, std::any::type_name::<T>())
}
