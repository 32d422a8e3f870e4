//! C++ asks of tasks by their ids. The other half is `cpp/src/bridge/task.cpp`.

use std::time::Duration;

use cxx_qt_lib::{QString, QVariant};

use super::id::{BridgeTask, Id, answer};
use super::report;
use super::values::to_variant;
use crate::engine::Callback;
use crate::{CancelReason, Priority, Value, tasks};

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/detail.h");
        type Id = crate::qt::id::Id;
        include!("legwork/src/qt/id.cxx.h");
        type BridgeTask = crate::qt::id::BridgeTask;
    }

    extern "Rust" {
        #[cxx_name = "pinTask"]
        fn pin_task(id: Id);
        #[cxx_name = "unpinTask"]
        fn unpin_task(id: Id);
        #[cxx_name = "statusOf"]
        fn status_of(id: Id) -> u8;
        /// The same for what shows a task: to look is not to hear of its failure.
        #[cxx_name = "shownStatusOf"]
        fn shown_status_of(id: Id) -> u8;
        /// For a reason, by its number.
        #[cxx_name = "cancelTaskFor"]
        fn cancel_task_for(id: Id, reason: u8) -> i32;
        #[cxx_name = "cancelTaskOf"]
        fn cancel_task(id: Id) -> i32;
        /// Negative: without a limit.
        #[cxx_name = "waitForTaskOf"]
        fn wait_for_task(id: Id, timeout_ms: i64) -> i32;
        #[cxx_name = "waitForBodyOf"]
        fn wait_for_body(id: Id, timeout_ms: i64) -> i32;
        /// The calling body, if it is one, is going to wait for the task's end by means of its own.
        #[cxx_name = "expectEnd"]
        fn expect_end(id: Id);
        #[cxx_name = "setPriorityOf"]
        fn set_priority(id: Id, priority: u8) -> bool;
        #[cxx_name = "cancelIfQueuedOf"]
        fn cancel_if_queued(id: Id) -> bool;
        #[cxx_name = "runNowOf"]
        fn run_now(id: Id) -> bool;
        #[cxx_name = "pauseTaskOf"]
        fn pause_task(id: Id, reason: &QString) -> i32;
        #[cxx_name = "resumeTaskOf"]
        fn resume_task(id: Id) -> bool;
        /// Why it is paused; empty if it is not.
        #[cxx_name = "pauseReasonOf"]
        fn pause_reason(id: Id) -> QString;
        /// The new task, of which a handle is counted if `keep`; or why there is none.
        #[cxx_name = "retryTaskOf"]
        fn retry_task(id: Id, keep: bool) -> BridgeTask;
        #[cxx_name = "canRetryOf"]
        fn can_retry(id: Id) -> bool;
        /// Why the interval was not changed; empty if it was.
        #[cxx_name = "setIntervalOf"]
        fn set_interval(id: Id, interval_ms: i64) -> QString;
        #[cxx_name = "infoOf"]
        fn info_of(id: Id) -> QVariant;
        /// The same for what shows a task, as above.
        #[cxx_name = "shownInfoOf"]
        fn shown_info_of(id: Id) -> QVariant;
    }
}

fn pin_task(id: Id) {
    tasks().engine().copy_handle(id.into());
}

fn unpin_task(id: Id) {
    tasks().engine().drop_handle(id.into());
}

fn status_of(id: Id) -> u8 {
    tasks().status(id.into()) as u8
}

fn shown_status_of(id: Id) -> u8 {
    tasks().engine().look(id.into()) as u8
}

fn cancel_task(id: Id) -> i32 {
    tasks().cancel(id.into()) as i32
}

fn cancel_task_for(id: Id, reason: u8) -> i32 {
    let reason = CancelReason::from_number(reason).unwrap_or(CancelReason::User);
    tasks().engine().cancel(id.into(), reason) as i32
}

/// The time of a wait; negative is without a limit.
pub fn limit(timeout_ms: i64) -> Option<Duration> {
    u64::try_from(timeout_ms).ok().map(Duration::from_millis)
}

fn wait_for_task(id: Id, timeout_ms: i64) -> i32 {
    tasks().wait(id.into(), limit(timeout_ms)) as i32
}

fn wait_for_body(id: Id, timeout_ms: i64) -> i32 {
    tasks().wait_for_body(id.into(), limit(timeout_ms)) as i32
}

fn expect_end(id: Id) {
    tasks().engine().expect(id.into());
}

fn set_priority(id: Id, number: u8) -> bool {
    Priority::from_number(number).is_some_and(|priority| tasks().set_priority(id.into(), priority))
}

fn cancel_if_queued(id: Id) -> bool {
    tasks().cancel_if_queued(id.into())
}

fn run_now(id: Id) -> bool {
    tasks().run_now(id.into())
}

fn pause_task(id: Id, reason: &QString) -> i32 {
    tasks().pause(id.into(), &reason.to_string()) as i32
}

fn pause_reason(id: Id) -> QString {
    let reason = tasks().engine().pause_reason(id.into());
    reason.map_or_else(QString::default, |reason| QString::from(reason.as_ref()))
}

fn resume_task(id: Id) -> bool {
    tasks().resume(id.into())
}

fn retry_task(id: Id, keep: bool) -> BridgeTask {
    // Of a periodic task, runs are kept only where a callback may hear of them: one that is added to the handle is to
    // hear of the first ones, too.
    let hears: Vec<Callback<Value>> = if keep { vec![Box::new(|_| ())] } else { Vec::new() };
    answer(tasks().engine().retry(id.into(), keep, hears).map_err(|error| error.to_string()))
}

fn can_retry(id: Id) -> bool {
    tasks().engine().can_retry(id.into())
}

fn set_interval(id: Id, interval_ms: i64) -> QString {
    let interval = match u64::try_from(interval_ms) {
        Ok(ms) if ms > 0 => Duration::from_millis(ms),
        _ => {
            return QString::from(&format!(
                "interval is {interval_ms} ms; expected 1 ms to 3153600000000 ms (100 years)"
            ));
        }
    };
    let error = tasks().set_interval(id.into(), interval).err();
    error.map_or_else(QString::default, |error| QString::from(&error.to_string()))
}

fn info_of(id: Id) -> QVariant {
    let info = tasks().info(id.into());
    info.map_or_else(QVariant::default, |info| to_variant(&report::info(&info)))
}

fn shown_info_of(id: Id) -> QVariant {
    let info = tasks().look_at(id.into());
    info.map_or_else(QVariant::default, |info| to_variant(&report::info(&info)))
}
