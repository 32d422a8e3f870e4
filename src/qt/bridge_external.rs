//! C++ makes external tasks, and ends them. The other half is `cpp/src/bridge/external.cpp`, which also says when the
//! work begins and is told to stop.

use std::sync::Arc;

use cxx::UniquePtr;
use cxx_qt_lib::{QString, QVariant};

use super::bridge_body::{BridgeOutcome, finish};
use super::bridge_notice::{Listener, reason_number, start_callback};
use super::bridge_submit::{BridgeSpec, task_options};
use super::id::{BridgeTask, Id, answer};
use super::options::{self, Call, Options};
use super::owners::unpack_owner;
use super::values::read;
use crate::engine::{Elsewhere, External, Site, TaskOptions};
use crate::{ErrorKind, TaskError, Value, tasks};

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    /// Whether a task ends so, and what was wrong with what was said.
    struct BridgeEnd {
        ends: bool,
        wrong: QString,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/bridge/bridge.h");
        include!("legwork/src/qt/bridge_body.cxx.h");
        include!("legwork/src/qt/bridge_submit.cxx.h");
        include!("legwork/src/qt/id.cxx.h");
        type Id = crate::qt::id::Id;
        type BridgeTask = crate::qt::id::BridgeTask;
        type BridgeOutcome = crate::qt::bridge_body::BridgeOutcome;
        type BridgeSpec = crate::qt::bridge_submit::BridgeSpec;
        type Listener = crate::qt::bridge_notice::Listener;

        type Stopper;
        fn stop(self: &Stopper);
    }

    extern "Rust" {
        /// The id of a task that is submitted next.
        #[cxx_name = "reserveTask"]
        fn reserve_task() -> BridgeTask;
        /// Under an id that was reserved, which is given back where it is not used. `start` is null where the work has
        /// begun.
        #[cxx_name = "submitExternal"]
        fn submit_external(
            reserved: Id,
            spec: &BridgeSpec,
            start: UniquePtr<Listener>,
            stopper: UniquePtr<Stopper>,
        ) -> BridgeTask;
        /// The same with the options as a map.
        #[cxx_name = "submitExternalWith"]
        fn submit_external_with(
            reserved: Id,
            options: &QVariant,
            owner: u64,
            site: u16,
            start: UniquePtr<Listener>,
            stopper: UniquePtr<Stopper>,
        ) -> BridgeTask;
        /// Whether the task ends so.
        #[cxx_name = "completeExternal"]
        fn complete_external(id: Id, outcome: BridgeOutcome) -> bool;
        /// The same with a value of which a copy is taken. What is wrong with that fails the task.
        #[cxx_name = "completeExternalWith"]
        fn complete_external_with(id: Id, value: &QVariant) -> BridgeEnd;
        #[cxx_name = "failExternal"]
        fn fail_external(id: Id, message: &QString, origin: &QString) -> bool;
        #[cxx_name = "endExternalAsCancelled"]
        fn end_as_cancelled(id: Id) -> bool;
        #[cxx_name = "externalProgress"]
        fn progress(id: Id, value: f64);
        #[cxx_name = "externalProgressText"]
        fn progress_text(id: Id, value: f64, message: &QString);
        #[cxx_name = "externalAmount"]
        fn amount(id: Id, done: f64, total: f64, unit: &QString);
        #[cxx_name = "externalMessage"]
        fn message(id: Id, message: &QString);
        /// Why the task was asked to stop; 0 if it was not.
        #[cxx_name = "externalReason"]
        fn reason(id: Id) -> u8;
    }
}

// SAFETY: its one function is const, and what it has is a `Connection`, which has a lock of its own (`lifetimes.h`),
// and atomics; it is destroyed once, by one thread.
unsafe impl Send for ffi::Stopper {}
// SAFETY: as above.
unsafe impl Sync for ffi::Stopper {}

fn reserve_task() -> BridgeTask {
    answer(tasks().engine().reserve().map_err(|error| error.to_string()))
}

fn submit_external(
    reserved: Id,
    spec: &BridgeSpec,
    start: UniquePtr<Listener>,
    stopper: UniquePtr<ffi::Stopper>,
) -> BridgeTask {
    submit(reserved, task_options(spec), start, stopper)
}

fn submit_external_with(
    reserved: Id,
    options: &QVariant,
    owner: u64,
    site: u16,
    start: UniquePtr<Listener>,
    stopper: UniquePtr<ffi::Stopper>,
) -> BridgeTask {
    let read = || -> Result<TaskOptions<Value>, String> {
        let mut options = options::given(options, Call::Scheduled { periodic: true })?;
        let when = options::schedule(&mut options)?;
        options::without_body(&options)?;
        if when.interval.is_some() {
            return Err("options.periodic is for work that runs again and again; expected none".to_owned());
        }
        let options = Options::read(&options, Call::Scheduled { periodic: false })?;
        Ok(TaskOptions {
            delay: when.delay,
            owner: unpack_owner(owner),
            site: Site::from_number(site),
            ..options.task()
        })
    };
    submit(reserved, read(), start, stopper)
}

fn submit(
    reserved: Id,
    options: Result<TaskOptions<Value>, String>,
    start: UniquePtr<Listener>,
    stopper: UniquePtr<ffi::Stopper>,
) -> BridgeTask {
    let engine = tasks().engine();
    let id = options.and_then(|mut options| {
        options.hears_start = !start.is_null();
        options.callbacks.extend(start_callback(start));
        let on_stop = move || {
            if let Some(stopper) = stopper.as_ref() {
                stopper.stop();
            }
        };
        options.external = Some(External { on_stop: Some(Arc::new(on_stop)) });
        let submitted = engine.submit(Box::new(Elsewhere), options, Some(reserved.into()), true);
        submitted.map_err(|error| error.to_string())
    });
    let own = id.as_ref().is_ok_and(|id| Id::from(*id) == reserved);
    if !own {
        engine.release(reserved.into());
    }
    BridgeTask { other: id.is_ok() && !own, ..answer(id) }
}

fn complete_external(id: Id, outcome: BridgeOutcome) -> bool {
    tasks().engine().end_external(id.into(), finish(outcome))
}

fn complete_external_with(id: Id, value: &QVariant) -> ffi::BridgeEnd {
    match read(value, "the result") {
        Ok(value) => {
            let ends = tasks().engine().end_external(id.into(), Ok(value));
            ffi::BridgeEnd { ends, wrong: QString::default() }
        }
        Err(error) => {
            let wrong = QString::from(&error);
            fail_external(id, &wrong, &QString::default());
            ffi::BridgeEnd { ends: false, wrong }
        }
    }
}

fn fail_external(id: Id, message: &QString, origin: &QString) -> bool {
    let error = TaskError::new(ErrorKind::Failed, message.to_string()).with_origin(origin.to_string());
    tasks().engine().end_external(id.into(), Err(error))
}

fn end_as_cancelled(id: Id) -> bool {
    tasks().engine().end_external(id.into(), Err(TaskError::cancelled()))
}

fn progress(id: Id, value: f64) {
    tasks().engine().report_external(id.into(), Some(value), None);
}

fn progress_text(id: Id, value: f64, message: &QString) {
    tasks().engine().report_external(id.into(), Some(value), Some(&message.to_string()));
}

fn amount(id: Id, done: f64, total: f64, unit: &QString) {
    tasks().engine().report_external_amount(id.into(), done, total, &unit.to_string());
}

fn message(id: Id, message: &QString) {
    tasks().engine().report_external(id.into(), None, Some(&message.to_string()));
}

fn reason(id: Id) -> u8 {
    reason_number(tasks().engine().token(id.into()).reason())
}
