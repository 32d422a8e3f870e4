//! The service as a whole: its history, its workers, its counts, its trace and figures, its end.

use std::pin::Pin;
use std::time::Duration;

use cxx_qt_lib::{QString, QVariant};

use super::TaskManager;
use crate::qt::bridge_stats;
use crate::qt::checks::{file, milliseconds};
use crate::qt::int::qint32;
use crate::qt::managers::{self, Number};
use crate::qt::values::{read, to_variant};
use crate::qt::{options, report};
use crate::{SHUTDOWN_TIMEOUT, tasks};

impl TaskManager {
    pub(super) fn history_limits(&self) -> QVariant {
        to_variant(&report::history(&tasks().history_limits()))
    }

    pub(super) fn set_history_limits(self: Pin<&mut Self>, limits: &QVariant) -> bool {
        let limits =
            read(limits, "limits").and_then(|limits| options::history(&limits, tasks().history_limits()));
        match limits {
            Ok(limits) => {
                tasks().set_history_limits(limits);
                true
            }
            Err(message) => {
                self.fail(&message);
                false
            }
        }
    }

    pub(super) fn clear_history(self: Pin<&mut Self>) -> qint32 {
        managers::int(tasks().clear_history())
    }

    pub(super) fn start_trace(self: Pin<&mut Self>, path: &QVariant) -> bool {
        let started = read(path, "path")
            .and_then(|path| file(&path, "path"))
            .and_then(|path| tasks().start_trace(path).map_err(|error| error.to_string()));
        if let Err(message) = &started {
            self.fail(message);
        }
        started.is_ok()
    }

    pub(super) fn start_trace0(self: Pin<&mut Self>) -> bool {
        let path = bridge_stats::new_trace_file();
        let started = tasks().start_trace(&path);
        if let Err(error) = &started {
            // It is empty, and was made for this. Where it could not be made there is none.
            let _ = std::fs::remove_file(&path);
            self.fail(&error.to_string());
        }
        started.is_ok()
    }

    pub(super) fn stop_trace(self: Pin<&mut Self>) -> QVariant {
        match tasks().stop_trace() {
            Ok(report) => to_variant(&report::trace(&report)),
            Err(error) => {
                self.fail(&error.to_string());
                QVariant::default()
            }
        }
    }

    pub(super) fn trace_path(&self) -> QString {
        let path = tasks().trace_path();
        QString::from(path.map(|path| path.display().to_string()).unwrap_or_default().as_str())
    }

    pub(super) fn collect_stats(&self, on: bool) {
        tasks().collect_stats(on);
    }

    pub(super) fn collects_stats(&self) -> bool {
        tasks().collects_stats()
    }

    pub(super) fn stats(&self) -> QVariant {
        to_variant(&report::stats(&tasks().stats()))
    }

    pub(super) fn reset_stats(&self) {
        tasks().reset_stats();
    }

    pub(super) fn shutdown(self: Pin<&mut Self>, timeout_ms: &QVariant) -> QVariant {
        let timeout = read(timeout_ms, "timeoutMs").and_then(|value| milliseconds(&value, "timeoutMs", 0.0));
        match timeout {
            Ok(timeout) => shut_down(timeout),
            Err(message) => {
                self.fail(&message);
                QVariant::default()
            }
        }
    }

    pub(super) fn shutdown0(self: Pin<&mut Self>) -> QVariant {
        shut_down(SHUTDOWN_TIMEOUT)
    }

    pub(super) fn begin_shutdown(self: Pin<&mut Self>, timeout_ms: &QVariant) -> bool {
        let timeout = read(timeout_ms, "timeoutMs").and_then(|value| milliseconds(&value, "timeoutMs", 0.0));
        match timeout {
            Ok(timeout) => {
                begin_shutdown(timeout);
                true
            }
            Err(message) => {
                self.fail(&message);
                false
            }
        }
    }

    pub(super) fn begin_shutdown0(self: Pin<&mut Self>) -> bool {
        begin_shutdown(SHUTDOWN_TIMEOUT);
        true
    }

    pub(super) fn max_workers(&self) -> QVariant {
        QVariant::from(&i32::from(managers::count(Number::Workers)))
    }

    pub(super) fn set_max_workers(self: Pin<&mut Self>, workers: &QVariant) {
        // What cannot be read at all, such as a function, is no number either.
        let workers = read(workers, "maxWorkers").ok();
        let result = options::workers(workers.as_ref())
            .and_then(|workers| tasks().set_max_workers(workers).map_err(|error| error.to_string()));
        match result {
            // Announced at once, so that a binding has it when the setter returns.
            Ok(()) => managers::numbers_changed(),
            // A setter never throws.
            Err(message) => self.set_last_error(&message),
        }
    }

    pub(super) fn max_blocking(&self) -> QVariant {
        QVariant::from(&i32::from(managers::count(Number::Blocking)))
    }

    pub(super) fn set_max_blocking(self: Pin<&mut Self>, bodies: &QVariant) {
        let bodies = read(bodies, "maxBlocking").ok();
        let result = options::blocking(bodies.as_ref())
            .and_then(|bodies| tasks().set_max_blocking(bodies).map_err(|error| error.to_string()));
        match result {
            Ok(()) => managers::numbers_changed(),
            // A setter never throws.
            Err(message) => self.set_last_error(&message),
        }
    }

    pub(super) fn idle_timeout_ms(&self) -> QVariant {
        let ms = match managers::number(Number::IdleTimeout) {
            u64::MAX => -1.0,
            nanos => Duration::from_nanos(nanos).as_secs_f64() * 1_000.0,
        };
        QVariant::from(&ms)
    }

    pub(super) fn set_idle_timeout_ms(self: Pin<&mut Self>, ms: &QVariant) {
        let ms = read(ms, "idleTimeoutMs").ok();
        match options::idle_timeout(ms.as_ref()) {
            Ok(after) => {
                tasks().set_idle_timeout(after);
                managers::numbers_changed();
            }
            // A setter never throws.
            Err(message) => self.set_last_error(&message),
        }
    }

    pub(super) fn stack_size(&self) -> QVariant {
        QVariant::from(&i32::from(managers::count(Number::Stack)))
    }

    pub(super) fn set_stack_size(self: Pin<&mut Self>, bytes: &QVariant) {
        let bytes = read(bytes, "stackSize").ok();
        let result = options::stack_size(bytes.as_ref())
            .and_then(|bytes| tasks().set_stack_size(bytes).map_err(|error| error.to_string()));
        match result {
            Ok(()) => managers::numbers_changed(),
            // A setter never throws.
            Err(message) => self.set_last_error(&message),
        }
    }

    pub(super) fn worker_nice(&self) -> QVariant {
        QVariant::from(&i32::from(managers::count(Number::Nice)))
    }

    pub(super) fn set_worker_nice(self: Pin<&mut Self>, nice: &QVariant) {
        let nice = read(nice, "workerNice").ok();
        let result = options::worker_nice(nice.as_ref())
            .and_then(|nice| tasks().set_worker_nice(nice).map_err(|error| error.to_string()));
        match result {
            Ok(()) => managers::numbers_changed(),
            // A setter never throws.
            Err(message) => self.set_last_error(&message),
        }
    }

    pub(super) fn active_count(&self) -> qint32 {
        managers::count(Number::Active)
    }

    pub(super) fn queued_count(&self) -> qint32 {
        managers::count(Number::Queued)
    }
}

fn begin_shutdown(timeout: Duration) {
    // One that is over has told its end, maybe when nothing was connected; the caller waits to be told.
    let over = tasks().engine().shutdown_report().is_some();
    tasks().begin_shutdown(timeout);
    if over {
        managers::tell_shutdown_again();
    }
}

fn shut_down(timeout: Duration) -> QVariant {
    to_variant(&report::shutdown(&tasks().shutdown(timeout)))
}
