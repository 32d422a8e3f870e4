//! C++ opens, asks and closes owners: objects and plugins that tasks belong to. They cross as numbers (`owners`).

use std::time::Duration;

use cxx_qt_lib::{QString, QVariant};

use super::bridge_task::limit;
use super::id::Id;
use super::owners::{self, pack_owner, unpack_owner};
use super::report;
use super::values::to_variant;
use crate::engine::{UnloadError, WaitResult};
use crate::{CancelReason, Value, tasks};

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
    }

    extern "Rust" {
        #[cxx_name = "openOwner"]
        fn open_owner(name: &QString) -> u64;
        #[cxx_name = "closeOwner"]
        fn close_owner(owner: u64);
        /// The owner of a task; 0 for the application, and for no task.
        #[cxx_name = "ownerOfTask"]
        fn owner_of_task(id: Id) -> u64;
        /// The owner of the task that the signal of the moment tells of, on the manager's thread; 0 as above.
        #[cxx_name = "ownerOfSignal"]
        fn owner_of_signal() -> u64;
        #[cxx_name = "cancelAllOf"]
        fn cancel_all(owner: u64);
        #[cxx_name = "waitForAllOf"]
        fn wait_for_all(owner: u64, timeout_ms: i64) -> i32;
        /// Whether this thread may call `unloadOwner` here. It would be refused in the owner's tasks, and in
        /// callbacks and slots that hear of them.
        #[cxx_name = "mayUnload"]
        fn may_unload(owner: u64) -> bool;
        /// Whether an owner is there, so that its callbacks may be called.
        #[cxx_name = "ownerAlive"]
        fn owner_alive(owner: u64) -> bool;
        /// Refuses new work of an owner, ends its tasks, and takes out all that is of it:
        /// `{error, running: [{id, name}]}`, with an empty error if that is done.
        #[cxx_name = "unloadOwner"]
        fn unload_owner(owner: u64, timeout_ms: i64) -> QVariant;
        /// Asks all tasks of a key to stop: of an owner's, or of the application's, which is 0.
        #[cxx_name = "cancelKeyOf"]
        fn cancel_key(owner: u64, key: &QString);
        /// The tasks of a key that have not ended, as a list of what `taskInfo` gives; the same.
        #[cxx_name = "tasksOfKeyOf"]
        fn tasks_of_key(owner: u64, key: &QString) -> QVariant;
        /// Pauses a key: of an owner's, or of the application's, which is 0. Whether it was not paused.
        #[cxx_name = "pauseKeyOf"]
        fn pause_key(owner: u64, key: &QString, reason: &QString) -> bool;
        #[cxx_name = "resumeKeyOf"]
        fn resume_key(owner: u64, key: &QString) -> bool;
        /// Pauses an owner. Whether it was not paused.
        #[cxx_name = "pauseOwnerOf"]
        fn pause_owner(owner: u64, reason: &QString) -> bool;
        #[cxx_name = "resumeOwnerOf"]
        fn resume_owner(owner: u64) -> bool;
        #[cxx_name = "ownerPaused"]
        fn owner_paused(owner: u64) -> bool;
        #[cxx_name = "pauseEach"]
        fn pause_all(reason: &QString) -> bool;
        #[cxx_name = "resumeEach"]
        fn resume_all() -> bool;
        #[cxx_name = "allPaused"]
        fn all_paused() -> bool;
        /// The tasks of an owner that are not forgotten, as a list of what `taskInfo` gives, without
        /// results.
        #[cxx_name = "tasksOf"]
        fn tasks_of(owner: u64) -> QVariant;
        /// The limits of an owner, `{maxRunning, maxQueued, maxDelayed}`: those that there are.
        #[cxx_name = "limitsOfOwner"]
        fn limits_of(owner: u64) -> QVariant;
        /// Changes them to those of such a map; what is wrong, or an empty text.
        #[cxx_name = "setLimitsOfOwner"]
        fn set_limits_of(owner: u64, limits: &QVariant) -> QString;
    }
}

fn owner_of_task(id: Id) -> u64 {
    tasks().engine().owner_of(id.into()).map_or(0, pack_owner)
}

fn owner_of_signal() -> u64 {
    owners::of_signal().map_or(0, pack_owner)
}

fn open_owner(name: &QString) -> u64 {
    pack_owner(tasks().engine().open_owner(&name.to_string()))
}

fn close_owner(owner: u64) {
    if let Some(owner) = unpack_owner(owner) {
        tasks().close_owner(owner);
    }
}

fn cancel_all(owner: u64) {
    if let Some(owner) = unpack_owner(owner) {
        tasks().engine().cancel_all(owner, CancelReason::User);
    }
}

fn wait_for_all(owner: u64, timeout_ms: i64) -> i32 {
    let wait = |owner| tasks().engine().wait_for_all(owner, limit(timeout_ms));
    unpack_owner(owner).map_or(WaitResult::Done, wait) as i32
}

fn may_unload(owner: u64) -> bool {
    unpack_owner(owner).is_none_or(|owner| tasks().engine().may_unload(owner))
}

fn owner_alive(owner: u64) -> bool {
    unpack_owner(owner).is_some_and(|owner| tasks().engine().is_alive(owner))
}

fn unload_owner(owner: u64, timeout_ms: i64) -> QVariant {
    let timeout = Duration::from_millis(timeout_ms.try_into().unwrap_or(0));
    let result = match unpack_owner(owner) {
        Some(owner) => tasks().unload_owner(owner, timeout),
        None => Ok(()),
    };
    let (error, running) = match result {
        Ok(()) => (String::new(), Vec::new()),
        Err(error) => {
            (error.to_string(), if let UnloadError::StillRunning(still) = error { still } else { Vec::new() })
        }
    };
    let running = running
        .into_iter()
        .map(|task| Value::map([("id", Value::text(task.id.to_string())), ("name", Value::text(task.name))]));
    to_variant(&Value::map([("error", Value::text(error)), ("running", Value::list(running))]))
}

fn cancel_key(owner: u64, key: &QString) {
    tasks().engine().cancel_key(unpack_owner(owner), &key.to_string(), CancelReason::User);
}

fn tasks_of_key(owner: u64, key: &QString) -> QVariant {
    report::tasks_of_key(unpack_owner(owner), key)
}

fn pause_key(owner: u64, key: &QString, reason: &QString) -> bool {
    tasks().engine().pause_key(unpack_owner(owner), &key.to_string(), &reason.to_string())
}

fn resume_key(owner: u64, key: &QString) -> bool {
    tasks().engine().resume_key(unpack_owner(owner), &key.to_string())
}

fn pause_owner(owner: u64, reason: &QString) -> bool {
    let pause = |owner| tasks().engine().pause_owner(owner, &reason.to_string());
    unpack_owner(owner).is_some_and(pause)
}

fn resume_owner(owner: u64) -> bool {
    unpack_owner(owner).is_some_and(|owner| tasks().engine().resume_owner(owner))
}

fn owner_paused(owner: u64) -> bool {
    unpack_owner(owner).is_some_and(|owner| tasks().engine().is_owner_paused(owner))
}

fn pause_all(reason: &QString) -> bool {
    tasks().pause_all(&reason.to_string())
}

fn resume_all() -> bool {
    tasks().resume_all()
}

fn all_paused() -> bool {
    tasks().is_paused()
}

fn tasks_of(owner: u64) -> QVariant {
    report::tasks_of(unpack_owner(owner))
}

fn limits_of(owner: u64) -> QVariant {
    report::limits(unpack_owner(owner))
}

fn set_limits_of(owner: u64, limits: &QVariant) -> QString {
    QString::from(owners::set_limits(unpack_owner(owner), limits).err().unwrap_or_default().as_str())
}
