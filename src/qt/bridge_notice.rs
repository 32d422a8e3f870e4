//! What C++ hears of a task: callbacks ([`ffi::Listener`]), the one at its end ([`ffi::Hook`]), its progress
//! ([`ffi::Following`]). The other half is `cpp/src/bridge/notice.cpp`.

use std::sync::Arc;
use std::task::{Wake, Waker};

use cxx::{SharedPtr, UniquePtr};
use cxx_qt_lib::QString;

use super::bridge_result::{CppResult, boxed, boxed_list};
use super::id::Id;
use crate::engine::sync::Mutex;
use crate::engine::{Callback, Hears, Notice, Outcome, Poller, Report, TaskId, TaskOptions};
use crate::{CancelReason, TaskError, Value, tasks};

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    /// What happened to a task, as `Notice` in `detail.h`.
    struct BridgeNotice {
        kind: u16,
        progress: f64,
        iteration: u64,
        /// The message of a progress, or of an error.
        message: QString,
        /// The result, or what was thrown, or what was sent; null for neither.
        value: SharedPtr<ResultValue>,
        error: u8,
        origin: QString,
        attempt: u64,
        attempts: u64,
        reason: u8,
        /// Where a script threw it.
        file: QString,
        line: u32,
        stack: QString,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    unsafe extern "C++" {
        include!("legwork/bridge/bridge.h");
        type Id = crate::qt::id::Id;
        type ResultValue = crate::qt::bridge_result::ResultValue;

        type Listener;
        fn notices(self: &Listener) -> u16;
        fn call(self: Pin<&mut Listener>, notice: BridgeNotice);
        type Following;
        fn report(self: &Following, number: u64, value: f64, message: &QString) -> bool;
        type Hook;
        fn ended(self: Pin<&mut Hook>, notice: BridgeNotice);
    }

    extern "Rust" {
        #[cxx_name = "addListener"]
        fn add_listener(id: Id, listener: UniquePtr<Listener>);
        #[cxx_name = "addHook"]
        fn add_hook(id: Id, hook: UniquePtr<Hook>);
        #[cxx_name = "addFollower"]
        fn add_follower(id: Id, following: UniquePtr<Following>);
        /// The end of a task that has ended; else a notice of kind 1.
        #[cxx_name = "endOf"]
        fn end_of(id: Id) -> BridgeNotice;
        /// The last report of progress: its number as `iteration`, 0 if there was none.
        #[cxx_name = "lastReportOf"]
        fn last_report_of(id: Id) -> BridgeNotice;
    }
}

pub use ffi::Listener;

// SAFETY: it holds a `Connection`, which has a lock of its own (`lifetimes.h`).
unsafe impl Send for Listener {}
// SAFETY: as a `Body`: it is used by one thread, which ends the task.
unsafe impl Send for ffi::Hook {}
// SAFETY: its one function is const, and `detail.h` asks a follower to be told by several threads at once.
unsafe impl Send for ffi::Following {}
// SAFETY: as above.
unsafe impl Sync for ffi::Following {}

/// What is heard of a task, by the bits of `Notice::Kind` in `detail.h`.
mod bit {
    // <vocabulary: notices>
    pub const PROGRESS: u16 = 1;
    pub const RUN: u16 = 2;
    pub const RUN_FAILED: u16 = 4;
    pub const COMPLETED: u16 = 8;
    pub const FAILED: u16 = 16;
    pub const CANCELLED: u16 = 32;
    pub const RETRYING: u16 = 64;
    pub const SLOW: u16 = 128;
    pub const STARTED: u16 = 256;
    pub const QUEUED: u16 = 512;
    pub const RETRIED: u16 = 1024;
    pub const PAUSED: u16 = 2048;
    pub const RESUMED: u16 = 4096;
    pub const VALUES: u16 = 8192;
    // </vocabulary>
}

pub fn kind_of(notice: &Notice<Value>) -> u16 {
    match notice {
        Notice::Queued => bit::QUEUED,
        Notice::Retried(_) => bit::RETRIED,
        Notice::Paused(_) => bit::PAUSED,
        Notice::Resumed => bit::RESUMED,
        Notice::Started => bit::STARTED,
        Notice::Progress(..) => bit::PROGRESS,
        Notice::Run(..) => bit::RUN,
        Notice::RunFailed(..) => bit::RUN_FAILED,
        Notice::Completed(_) => bit::COMPLETED,
        Notice::Failed(_) => bit::FAILED,
        Notice::Cancelled(_) => bit::CANCELLED,
        Notice::Retrying(..) => bit::RETRYING,
        Notice::Slow(_) => bit::SLOW,
        Notice::Values(_) => bit::VALUES,
    }
}

/// A reason as it crosses; 0 for none.
pub fn reason_number(reason: Option<CancelReason>) -> u8 {
    reason.map_or(0, |reason| reason as u8)
}

fn blank(kind: u16) -> ffi::BridgeNotice {
    ffi::BridgeNotice {
        kind,
        progress: -1.0,
        iteration: 0,
        message: QString::default(),
        value: SharedPtr::null(),
        error: 0,
        origin: QString::default(),
        attempt: 0,
        attempts: 0,
        reason: 0,
        file: QString::default(),
        line: 0,
        stack: QString::default(),
    }
}

fn with_error(kind: u16, iteration: u64, error: &TaskError) -> ffi::BridgeNotice {
    let thrown = error.source_as::<CppResult>();
    let place = error.place();
    ffi::BridgeNotice {
        file: place.map(|place| QString::from(&place.file)).unwrap_or_default(),
        line: place.map_or(0, |place| place.line),
        stack: place.map(|place| QString::from(&place.stack)).unwrap_or_default(),
        iteration,
        message: QString::from(error.message()),
        value: thrown.map_or_else(SharedPtr::null, CppResult::shared),
        error: error.kind() as u8,
        origin: QString::from(error.origin()),
        attempt: error.attempt(),
        attempts: error.attempts(),
        reason: reason_number(error.reason()),
        ..blank(kind)
    }
}

fn bridge_notice(notice: &Notice<Value>) -> ffi::BridgeNotice {
    let kind = kind_of(notice);
    match notice {
        Notice::Queued | Notice::Retried(_) | Notice::Started | Notice::Resumed => blank(kind),
        Notice::Paused(reason) => {
            ffi::BridgeNotice { message: QString::from(reason.as_ref()), ..blank(kind) }
        }
        Notice::Progress(value, message) => {
            ffi::BridgeNotice { progress: *value, message: QString::from(message.as_ref()), ..blank(kind) }
        }
        Notice::Run(iteration, value) => {
            ffi::BridgeNotice { iteration: *iteration, value: boxed(value), ..blank(kind) }
        }
        Notice::RunFailed(iteration, error) => with_error(kind, *iteration, error),
        Notice::Completed(value) => ffi::BridgeNotice { value: boxed(value), ..blank(kind) },
        Notice::Failed(error) => with_error(kind, 0, error),
        Notice::Cancelled(reason) => ffi::BridgeNotice { reason: *reason as u8, ..blank(kind) },
        // The delay, and the time, in milliseconds.
        Notice::Retrying(attempt, error, delay) => {
            ffi::BridgeNotice { progress: delay.as_secs_f64() * 1_000.0, ..with_error(kind, *attempt, error) }
        }
        Notice::Values(values) => ffi::BridgeNotice { value: boxed_list(values), ..blank(kind) },
        Notice::Slow(time) => ffi::BridgeNotice { progress: time.as_secs_f64() * 1_000.0, ..blank(kind) },
    }
}

/// The engine's callback that calls a listener; none for none.
fn callback(mut listener: UniquePtr<ffi::Listener>) -> Option<Callback<Value>> {
    let notices = listener.as_ref()?.notices();
    Some(Box::new(move |notice| {
        if kind_of(notice) & notices != 0 {
            listener.pin_mut().call(bridge_notice(notice));
        }
    }))
}

/// The same for one that hears of the start, and of nothing else.
pub fn start_callback(mut listener: UniquePtr<ffi::Listener>) -> Option<Callback<Value>> {
    listener.as_ref()?;
    Some(Box::new(move |notice| {
        if let Notice::Started = notice {
            listener.pin_mut().call(bridge_notice(notice));
        }
    }))
}

/// What a listener hears of besides what all are told.
fn hears(listener: &UniquePtr<ffi::Listener>) -> Hears {
    let notices = listener.as_ref().map_or(0, ffi::Listener::notices);
    Hears { starts: notices & bit::STARTED != 0, failures: notices & bit::FAILED != 0 }
}

/// A listener that hears of a task from its submission on.
pub fn listen(options: &mut TaskOptions<Value>, listener: UniquePtr<ffi::Listener>) {
    options.hears_failure |= hears(&listener).failures;
    options.callbacks.extend(callback(listener));
}

fn add_listener(id: Id, listener: UniquePtr<ffi::Listener>) {
    let hears = hears(&listener);
    if let Some(callback) = callback(listener) {
        tasks().engine().add_callback_that(id.into(), callback, hears);
    }
}

fn add_follower(id: Id, following: UniquePtr<ffi::Following>) {
    let follower = move |report: &Report| {
        let message = QString::from(report.message.as_ref());
        following.as_ref().is_none_or(|following| following.report(report.number, report.value, &message))
    };
    tasks().engine().follow(id.into(), Arc::new(follower));
}

/// Keeps a task, as a handle does.
struct Kept(TaskId);

impl Drop for Kept {
    fn drop(&mut self) {
        tasks().engine().drop_handle(self.0);
    }
}

/// Wakes a C++ hook at a task's end.
struct HookWaker {
    id: TaskId,
    hook: Mutex<Option<UniquePtr<ffi::Hook>>>,
    /// The task may be delivered, and let its result go, before the hook has taken that. The last field, so
    /// that what the hook has of the result goes first.
    _kept: Kept,
}

impl HookWaker {
    /// The lock is not held while the hook runs.
    fn fire(&self) {
        let hook = self.hook.lock().take();
        if let Some(mut hook) = hook {
            hook.pin_mut().ended(end_notice(self.id));
        }
    }
}

impl Wake for HookWaker {
    fn wake(self: Arc<Self>) {
        self.fire();
    }
}

fn add_hook(id: Id, hook: UniquePtr<ffi::Hook>) {
    let id = TaskId::from(id);
    // The caller has a handle.
    tasks().engine().copy_handle(id);
    let hook = Mutex::new(Some(hook));
    let waker = Arc::new(HookWaker { id, hook, _kept: Kept(id) });
    if tasks().engine().poll_end(id, &mut Poller::default(), &Waker::from(waker.clone())).is_ready() {
        waker.fire();
    }
}

fn end_notice(id: TaskId) -> ffi::BridgeNotice {
    match tasks().engine().outcome(id) {
        Some((_, Outcome::Value(value))) => bridge_notice(&Notice::Completed(value)),
        Some((_, Outcome::Error(error))) => bridge_notice(&Notice::Failed(error)),
        Some((_, Outcome::None)) => {
            let reason = tasks().info(id).and_then(|info| info.cancel_reason);
            ffi::BridgeNotice { reason: reason_number(reason), ..blank(bit::CANCELLED) }
        }
        None => blank(bit::PROGRESS),
    }
}

fn end_of(id: Id) -> ffi::BridgeNotice {
    end_notice(id.into())
}

fn last_report_of(id: Id) -> ffi::BridgeNotice {
    match tasks().engine().last_report(id.into()) {
        Some(Report { number, value, message }) => {
            let message = QString::from(&*message);
            ffi::BridgeNotice { progress: value, iteration: number, message, ..blank(bit::PROGRESS) }
        }
        None => blank(bit::PROGRESS),
    }
}
