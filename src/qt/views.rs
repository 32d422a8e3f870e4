//! The `TaskView` objects of this process: what is shown of a single task, in QML a `Task`.
//!
//! They live on the manager's thread. Each watches one task at a time. As for [`managers`](super::managers), a
//! slot may delete any of them, or have it watch another task: so each is looked up again before it is
//! used, by a number that is given out once, as another may be made where one was.
//!
//! **None watches too late.** The engine keeps what happens while there is a view that watches a task, or
//! one that is about to: that says so with [`expect`] before it submits, and takes it back when it
//! watches.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;

use cxx_qt_lib::{QString, QVariant};

use super::opaque::assert_opaque;
use super::report;
use super::values::{list_variant, to_variant};
use crate::engine::{Notice, TaskId};
use crate::{ErrorKind, Value};

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    /// What happened to a task; at its end with the state that it is in.
    #[namespace = "legwork::detail"]
    struct ViewNotice {
        /// As `Notice` in `detail.h`.
        kind: u16,
        /// At its end, as `TaskFace::Status`.
        status: i32,
        iteration: u64,
        progress: f64,
        /// The message of a progress, or the reason of a cancel.
        message: QString,
        /// The result, or the error as a map, or the list of what was sent.
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
        #[namespace = "legwork::detail"]
        type Id = crate::qt::id::Id;
        type TaskView;
        /// Takes it over into the properties.
        fn take(self: Pin<&mut TaskView>, notice: &ViewNotice);
        /// Emits the signal that tells of it.
        fn tell(self: Pin<&mut TaskView>, notice: &ViewNotice);
        /// Whether a slot or a binding hears of a failure of its task.
        #[cxx_name = "hearsFailure"]
        fn hears_failure(self: &TaskView) -> bool;
        /// Owners, keys or all were paused or resumed.
        #[cxx_name = "lookForPauses"]
        fn look_for_pauses(self: Pin<&mut TaskView>);
        /// A task was retried: if it shows that, it goes on with the new one.
        fn follow(self: Pin<&mut TaskView>, old: Id, task: Id);
    }
}

pub use ffi::TaskView;
use ffi::ViewNotice;

assert_opaque!(TaskView);

#[derive(Default)]
struct Views {
    /// Which watch a task, by their numbers.
    watching: HashMap<TaskId, Vec<u64>>,
    /// Each that has watched a task and was not deleted.
    there: HashMap<u64, *mut TaskView>,
    /// The number of the last.
    last: u64,
    /// How many are about to watch a task.
    expecting: usize,
}

thread_local! {
    static VIEWS: RefCell<Views> = RefCell::default();
}

/// The view watches a task. Its number, which is 0 before the first time.
pub fn watch(id: TaskId, view: *mut TaskView, number: u64) -> u64 {
    VIEWS.with_borrow_mut(|views| {
        let number = if number == 0 { views.last + 1 } else { number };
        views.last = views.last.max(number);
        views.there.insert(number, view);
        views.watching.entry(id).or_default().push(number);
        number
    })
}

/// It watches that task no more. False where that is of no account any more, as for those below.
pub fn unwatch(id: TaskId, number: u64) -> bool {
    change(|views| {
        if let Some(watching) = views.watching.get_mut(&id) {
            watching.retain(|other| *other != number);
            if watching.is_empty() {
                views.watching.remove(&id);
            }
        }
    })
}

/// It is about to be deleted.
pub fn remove(number: u64) -> bool {
    change(|views| {
        views.there.remove(&number);
    })
}

/// One is about to watch a task, or not any more.
pub fn expect(expecting: bool) -> bool {
    change(|views| match expecting {
        true => views.expecting += 1,
        false => views.expecting -= 1,
    })
}

/// Destructors come here, too: one of an object with static storage after the thread's locals, and then false.
fn change(work: impl FnOnce(&mut Views)) -> bool {
    VIEWS.try_with(|views| work(&mut views.borrow_mut())).is_ok()
}

/// Whether no view watches a task, or is about to.
pub fn is_empty() -> bool {
    VIEWS
        .try_with(|views| {
            let views = views.borrow();
            views.watching.is_empty() && views.expecting == 0
        })
        .unwrap_or(true)
}

/// Calls `tell` for the view, if that was not deleted.
fn with(number: u64, tell: impl FnOnce(Pin<&mut TaskView>)) {
    let view = VIEWS.with_borrow(|views| views.there.get(&number).copied());
    if let Some(view) = view {
        // SAFETY: a view takes itself out of the map in its destructor, on this thread, so one that
        // is in it is alive; and it is a QObject, which nobody moves. A slot may delete it, or come back to it,
        // while `tell` has this reference: that promises nothing of its memory (`opaque`), and nobody uses it
        // after the one call that `tell` makes.
        tell(unsafe { Pin::new_unchecked(&mut *view) });
    }
}

fn watching(id: TaskId) -> Vec<u64> {
    VIEWS.with_borrow(|views| views.watching.get(&id).cloned().unwrap_or_default())
}

/// Whether there is one of this task.
pub fn is_watched(id: TaskId) -> bool {
    VIEWS.with_borrow(|views| !views.watching.is_empty() && views.watching.contains_key(&id))
}

/// Whether one of this task is connected so that somebody hears of its failure.
pub fn hears_failure(id: TaskId) -> bool {
    let mut heard = false;
    for number in watching(id) {
        with(number, |view| heard = heard || view.hears_failure());
    }
    heard
}

/// A task was retried: the views that show it go on with the new one.
pub fn follow(old: TaskId, task: TaskId) {
    let all: Vec<_> = VIEWS.with_borrow(|views| views.there.keys().copied().collect());
    for number in all {
        with(number, |view| view.follow(old.into(), task.into()));
    }
}

/// Pauses have changed that no task is told of: the views that watch one look how it is.
pub fn look_for_pauses() {
    let all: Vec<_> = VIEWS.with_borrow(|views| views.watching.values().flatten().copied().collect());
    for number in all {
        with(number, |view| view.look_for_pauses());
    }
}

/// Shows what happened in the properties of the task's views: before any slot hears of it, so that none
/// finds a view that is behind. Then has the slots of others told, and then those of the views: of each
/// that has shown it, also if a slot has made it watch another task meanwhile, or an end would be lost.
/// With its end nobody watches a task any more.
pub fn around(id: TaskId, notice: &Notice<Value>, others: impl FnOnce()) {
    let notice = for_views(notice);
    let mut shown = watching(id);
    // A slot of another's may have made it leave.
    shown.retain(|number| {
        let still = watching(id).contains(number);
        if still {
            with(*number, |view| view.take(&notice));
        }
        still
    });
    others();
    for number in shown {
        with(number, |view| view.tell(&notice));
    }
}

fn for_views(notice: &Notice<Value>) -> ViewNotice {
    use super::bridge_notice::kind_of;
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
        Notice::Queued | Notice::Retried(_) | Notice::Started | Notice::Resumed => blank,
        Notice::Paused(reason) => {
            ViewNotice { status: Status::Paused as i32, message: QString::from(reason.as_ref()), ..blank }
        }
        Notice::Progress(value, message) => {
            ViewNotice { progress: *value, message: QString::from(message.as_ref()), ..blank }
        }
        Notice::Run(iteration, value) => {
            ViewNotice { iteration: *iteration, value: to_variant(value), ..blank }
        }
        Notice::RunFailed(iteration, error) => {
            ViewNotice { iteration: *iteration, value: to_variant(&report::error(error)), ..blank }
        }
        Notice::Retrying(attempt, error, delay) => ViewNotice {
            status: Status::Delayed as i32,
            iteration: *attempt,
            progress: delay.as_secs_f64() * 1_000.0,
            value: to_variant(&report::error(error)),
            ..blank
        },
        Notice::Values(values) => ViewNotice { value: list_variant(values), ..blank },
        Notice::Slow(time) => ViewNotice { progress: time.as_secs_f64() * 1_000.0, ..blank },
        Notice::Completed(value) => {
            ViewNotice { status: Status::Completed as i32, value: to_variant(value), ..blank }
        }
        Notice::Failed(error) => {
            let status = match error.kind() {
                ErrorKind::TimedOut | ErrorKind::StartTimedOut => Status::TimedOut,
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
