//! The `TaskView` objects of this process: what is shown of a single task, in QML a `Task`.
//!
//! They live on the manager's thread. Each watches one task at a time. As for [`faces`](super::faces), a
//! slot may delete any of them, or have it watch another task: so each is looked up again before it is
//! used.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;

use cxx_qt_lib::{QString, QVariant};

use super::values::to_variant;
use super::{faces, report};
use crate::engine::{Notice, TaskId};
use crate::{ErrorKind, Value};

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    /// What happened to a task; at its end with the state that it is in.
    #[namespace = "legwork::detail"]
    struct ViewNotice {
        /// As `Notice` in `detail.h`; 0 for its start.
        kind: u8,
        /// At its end, as `TaskFace::Status`.
        status: i32,
        iteration: u64,
        progress: f64,
        /// The message of a progress, or the reason of a cancel.
        message: QString,
        /// The result, or the error as a map.
        value: QVariant,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/taskview.h");
        type TaskView;
        /// Takes it over into the properties.
        fn take(self: Pin<&mut TaskView>, notice: &ViewNotice);
        /// Emits the signal that tells of it.
        fn tell(self: Pin<&mut TaskView>, notice: &ViewNotice);
    }

    #[namespace = "legwork::detail"]
    extern "Rust" {
        #[cxx_name = "watchTask"]
        unsafe fn watch_task(high: u64, low: u64, view: *mut TaskView);
        #[cxx_name = "unwatchTask"]
        unsafe fn unwatch_task(high: u64, low: u64, view: *mut TaskView);
    }
}

use ffi::{TaskView, ViewNotice};

thread_local! {
    static VIEWS: RefCell<HashMap<TaskId, Vec<*mut TaskView>>> = RefCell::default();
}

fn id(high: u64, low: u64) -> TaskId {
    TaskId::from_uuid(uuid::Uuid::from_u64_pair(high, low))
}

fn watch_task(high: u64, low: u64, view: *mut TaskView) {
    VIEWS.with_borrow_mut(|views| views.entry(id(high, low)).or_default().push(view));
    faces::listen();
}

/// Its destructor calls this, too.
fn unwatch_task(high: u64, low: u64, view: *mut TaskView) {
    let id = id(high, low);
    // An object with static storage goes after the thread's locals.
    let gone = VIEWS.try_with(|views| {
        let mut views = views.borrow_mut();
        if let Some(watching) = views.get_mut(&id) {
            watching.retain(|other| *other != view);
            if watching.is_empty() {
                views.remove(&id);
            }
        }
    });
    if gone.is_ok() {
        faces::listen();
    }
}

/// Whether there is none.
pub fn is_empty() -> bool {
    VIEWS.try_with(|views| views.borrow().is_empty()).unwrap_or(true)
}

/// Calls `tell` for each view that watches the task, and still does when its turn comes.
fn each(id: TaskId, mut tell: impl FnMut(Pin<&mut TaskView>)) {
    let watching = VIEWS.with_borrow(|views| views.get(&id).cloned().unwrap_or_default());
    for view in watching {
        let there = VIEWS.with_borrow(|views| views.get(&id).is_some_and(|views| views.contains(&view)));
        if there {
            // SAFETY: a view takes itself out of the map in its destructor, on this thread, so one that
            // is in it is alive. It is a QObject, which nobody moves. No other reference is in use, as
            // this thread is between two statements of ours.
            tell(unsafe { Pin::new_unchecked(&mut *view) });
        }
    }
}

/// Whether there is one of this task.
pub fn is_watched(id: TaskId) -> bool {
    VIEWS.with_borrow(|views| !views.is_empty() && views.contains_key(&id))
}

/// Shows what happened in the properties of the task's views: before any slot hears of it, so that none
/// finds a view that is behind. Then has the slots of others told, and then those of the views. After its
/// end nobody watches a task any more.
pub fn around(id: TaskId, notice: &Notice<Value>, others: impl FnOnce()) {
    let notice = native(notice);
    each(id, |view| view.take(&notice));
    others();
    each(id, |view| view.tell(&notice));
}

fn native(notice: &Notice<Value>) -> ViewNotice {
    use super::native::kind_of;
    use crate::Status;
    let blank = ViewNotice {
        kind: kind_of(notice),
        status: Status::Running as i32,
        iteration: 0,
        progress: -1.0,
        message: QString::default(),
        value: QVariant::default(),
    };
    match notice {
        Notice::Started => blank,
        Notice::Progress(value, message) => {
            ViewNotice { progress: *value, message: QString::from(message.as_ref()), ..blank }
        }
        Notice::Run(iteration, value) => {
            ViewNotice { iteration: *iteration, value: to_variant(value), ..blank }
        }
        Notice::RunFailed(iteration, error) => {
            ViewNotice { iteration: *iteration, value: to_variant(&report::error(error)), ..blank }
        }
        Notice::Completed(value) => {
            ViewNotice { status: Status::Completed as i32, value: to_variant(value), ..blank }
        }
        Notice::Failed(error) => {
            let status = match error.kind() {
                ErrorKind::TimedOut => Status::TimedOut,
                ErrorKind::Abandoned => Status::Abandoned,
                _ => Status::Failed,
            };
            ViewNotice { status: status as i32, value: to_variant(&report::error(error)), ..blank }
        }
        Notice::Cancelled(reason) => {
            ViewNotice { status: Status::Cancelled as i32, message: QString::from(reason.name()), ..blank }
        }
    }
}
