//! C++ reads and changes what the history may hold. The other half is `cpp/src/bridge/history.cpp`.

use cxx_qt_lib::QString;

use super::options;
use crate::{Value, tasks};

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    /// `HistoryLimits` in `history.h`.
    struct BridgeLimits {
        tasks: i64,
        bytes: i64,
        age_ms: i64,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    extern "Rust" {
        #[cxx_name = "limitsOfHistory"]
        fn limits() -> BridgeLimits;
        /// The text is an error.
        #[cxx_name = "setLimitsOfHistory"]
        fn set_limits(limits: &BridgeLimits) -> QString;
        #[cxx_name = "forgetAll"]
        fn clear_history() -> i64;
    }
}

fn limits() -> ffi::BridgeLimits {
    let limits = tasks().history_limits();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    ffi::BridgeLimits {
        tasks: count(limits.tasks),
        bytes: count(limits.bytes),
        age_ms: limits.age.as_millis().try_into().unwrap_or(i64::MAX),
    }
}

/// As QML says them, so that they are checked alike.
fn set_limits(limits: &ffi::BridgeLimits) -> QString {
    let limits = Value::map([
        ("tasks", Value::Int(limits.tasks)),
        ("bytes", Value::Int(limits.bytes)),
        ("ageMs", Value::Int(limits.age_ms)),
    ]);
    match options::history(&limits, tasks().history_limits()) {
        Ok(limits) => {
            tasks().set_history_limits(limits);
            QString::default()
        }
        Err(error) => QString::from(&error),
    }
}

fn clear_history() -> i64 {
    i64::try_from(tasks().clear_history()).unwrap_or(i64::MAX)
}
