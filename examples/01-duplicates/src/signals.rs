//! The signals of the `TaskManager`, as Qt emits them, all in one place.

use std::pin::Pin;

use cxx_qt_lib::{QString, QVariant};
use legwork::Value;
use legwork::qt::manager::TaskManager;
use legwork::qt::value_from_variant;

/// What a signal said.
pub enum Signal {
    Started { id: String },
    Progress { id: String, progress: f64, message: String },
    Completed { id: String, result: Value },
    Periodic { id: String, iteration: u64, result: Value },
    Failed { id: String, error: String },
    Cancelled { id: String },
    AllFinished,
    ShutdownFinished { report: Value },
}

/// Connects all of them to `hear`, which is called on the main thread.
pub fn connect(mut manager: Pin<&mut TaskManager>, hear: fn(Signal)) {
    let id = |id: QString| id.to_string();
    let value = |variant: QVariant| value_from_variant(&variant, "result").unwrap_or_else(Value::text);
    let connections = [
        manager.as_mut().on_task_started(move |_, task| hear(Signal::Started { id: id(task) })),
        manager.as_mut().on_task_progress(move |_, task, progress, message| {
            hear(Signal::Progress { id: id(task), progress, message: message.to_string() });
        }),
        manager.as_mut().on_task_completed(move |_, task, result| {
            hear(Signal::Completed { id: id(task), result: value(result) });
        }),
        manager.as_mut().on_task_periodic(move |_, task, iteration, result| {
            hear(Signal::Periodic { id: id(task), iteration: iteration.into(), result: value(result) });
        }),
        manager.as_mut().on_task_failed(move |_, task, error| {
            hear(Signal::Failed { id: id(task), error: error.to_string() });
        }),
        manager.as_mut().on_task_cancelled(move |_, task| hear(Signal::Cancelled { id: id(task) })),
        manager.as_mut().on_all_tasks_finished(move |_| hear(Signal::AllFinished)),
        manager.as_mut().on_shutdown_finished(move |_, report| {
            hear(Signal::ShutdownFinished { report: value(report) });
        }),
    ];
    // They last as long as the manager.
    for connection in connections {
        connection.release();
    }
}
