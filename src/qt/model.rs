//! `TaskModel`: the tasks as a list for views, a row each.
//!
//! In reading order: `roles` (what a row has), `settings` and `tally` (what a model is asked for, and what it counts),
//! `plan` (from what should be to steps that a view can follow), `rows` (which tasks have rows), these without Qt; then
//! `step` (a model takes the steps) and `hub` (when the models look). Here the object is declared, and made; what it
//! does for its callers is in `properties`, `cells` and `actions`.

mod actions;
mod cells;
pub(super) mod hub;
mod plan;
mod properties;
mod roles;
mod rows;
mod settings;
mod step;
mod tally;

use std::pin::Pin;

use cxx_qt::CxxQtType;

use super::manager_thread;
use crate::engine::clock::Nanos;
use crate::engine::diagnostics::{self, About};
use rows::Rows;
use settings::{Numbers, Settings};
use step::{Fill, Wanted};

#[cxx_qt::bridge(namespace = "legwork")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
        include!("cxx-qt-lib/qmodelindex.h");
        type QModelIndex = cxx_qt_lib::QModelIndex;
        include!("cxx-qt-lib/qhash.h");
        type QHash_i32_QByteArray = cxx_qt_lib::QHash<cxx_qt_lib::QHashPair_i32_QByteArray>;
        include!("cxx-qt-lib/qlist.h");
        type QList_i32 = cxx_qt_lib::QList<i32>;
        include!("cxx-qt-lib/qtypes.h");
        type qint32 = crate::qt::int::qint32;
    }

    unsafe extern "C++" {
        include!("legwork/taskmodelbase.h");
        type TaskModelBase = crate::qt::bases::TaskModelBase;
    }

    extern "RustQt" {
        // Numbers come as a QVariant, so that what was meant arrives and can be refused; see `maxWorkers` of
        // TaskManager.
        #[qobject]
        #[base = TaskModelBase]
        #[qml_element]
        #[qproperty(QVariant, filter, READ = filter, WRITE = set_filter, NOTIFY = filter_changed)]
        #[qproperty(QVariant, order, READ = order, WRITE = set_order, NOTIFY = order_changed)]
        #[qproperty(bool, by_owner, cxx_name = "byOwner", READ = by_owner, WRITE = set_by_owner, NOTIFY = by_owner_changed)]
        #[qproperty(QString, search, READ = search, WRITE = set_search, NOTIFY = search_changed)]
        #[qproperty(QString, owner, READ = owner, WRITE = set_owner, NOTIFY = owner_changed)]
        #[qproperty(bool, show_delayed, cxx_name = "showDelayed", READ = show_delayed, WRITE = set_show_delayed, NOTIFY = show_delayed_changed)]
        #[qproperty(QVariant, linger_ms, cxx_name = "lingerMs", READ = linger_ms, WRITE = set_linger_ms, NOTIFY = linger_ms_changed)]
        #[qproperty(bool, keep_failures, cxx_name = "keepFailures", READ = keep_failures, WRITE = set_keep_failures, NOTIFY = keep_failures_changed)]
        #[qproperty(QVariant, limit, READ = limit, WRITE = set_limit, NOTIFY = limit_changed)]
        #[qproperty(bool, ticking, READ = ticking, WRITE = set_ticking, NOTIFY = ticking_changed)]
        #[qproperty(bool, hold, READ = hold, WRITE = set_hold, NOTIFY = hold_changed)]
        #[qproperty(qint32, count, READ = count, NOTIFY = count_changed)]
        #[qproperty(qint32, hidden_count, cxx_name = "hiddenCount", READ = hidden_count, NOTIFY = hidden_count_changed)]
        #[qproperty(qint32, running_count, cxx_name = "runningCount", READ = running_count, NOTIFY = running_count_changed)]
        #[qproperty(qint32, queued_count, cxx_name = "queuedCount", READ = queued_count, NOTIFY = queued_count_changed)]
        #[qproperty(qint32, delayed_count, cxx_name = "delayedCount", READ = delayed_count, NOTIFY = delayed_count_changed)]
        #[qproperty(qint32, failed_count, cxx_name = "failedCount", READ = failed_count, NOTIFY = failed_count_changed)]
        #[qproperty(qint32, finished_count, cxx_name = "finishedCount", READ = finished_count, NOTIFY = finished_count_changed)]
        #[qproperty(qint32, owner_count, cxx_name = "ownerCount", READ = owner_count, NOTIFY = owner_count_changed)]
        #[qproperty(qint32, cancellable_count, cxx_name = "cancellableCount", READ = cancellable_count, NOTIFY = cancellable_count_changed)]
        #[qproperty(f64, progress, READ = progress, NOTIFY = progress_changed)]
        type TaskModel = super::TaskModelRust;

        #[qsignal]
        #[cxx_name = "filterChanged"]
        fn filter_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "orderChanged"]
        fn order_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "byOwnerChanged"]
        fn by_owner_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "searchChanged"]
        fn search_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "ownerChanged"]
        fn owner_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "showDelayedChanged"]
        fn show_delayed_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "lingerMsChanged"]
        fn linger_ms_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "keepFailuresChanged"]
        fn keep_failures_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "limitChanged"]
        fn limit_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "holdChanged"]
        fn hold_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "tickingChanged"]
        fn ticking_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "countChanged"]
        fn count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "hiddenCountChanged"]
        fn hidden_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "runningCountChanged"]
        fn running_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "queuedCountChanged"]
        fn queued_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "delayedCountChanged"]
        fn delayed_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "failedCountChanged"]
        fn failed_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "finishedCountChanged"]
        fn finished_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "ownerCountChanged"]
        fn owner_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "cancellableCountChanged"]
        fn cancellable_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "progressChanged"]
        fn progress_changed(self: Pin<&mut TaskModel>);

        fn filter(self: &TaskModel) -> QVariant;
        #[cxx_name = "setFilter"]
        fn set_filter(self: Pin<&mut TaskModel>, filter: &QVariant);
        fn order(self: &TaskModel) -> QVariant;
        #[cxx_name = "setOrder"]
        fn set_order(self: Pin<&mut TaskModel>, order: &QVariant);
        #[cxx_name = "byOwner"]
        fn by_owner(self: &TaskModel) -> bool;
        #[cxx_name = "setByOwner"]
        fn set_by_owner(self: Pin<&mut TaskModel>, by_owner: bool);
        fn search(self: &TaskModel) -> QString;
        #[cxx_name = "setSearch"]
        fn set_search(self: Pin<&mut TaskModel>, search: &QString);
        fn owner(self: &TaskModel) -> QString;
        #[cxx_name = "setOwner"]
        fn set_owner(self: Pin<&mut TaskModel>, owner: &QString);
        #[cxx_name = "showDelayed"]
        fn show_delayed(self: &TaskModel) -> bool;
        #[cxx_name = "setShowDelayed"]
        fn set_show_delayed(self: Pin<&mut TaskModel>, show: bool);
        #[cxx_name = "lingerMs"]
        fn linger_ms(self: &TaskModel) -> QVariant;
        #[cxx_name = "setLingerMs"]
        fn set_linger_ms(self: Pin<&mut TaskModel>, linger_ms: &QVariant);
        #[cxx_name = "keepFailures"]
        fn keep_failures(self: &TaskModel) -> bool;
        #[cxx_name = "setKeepFailures"]
        fn set_keep_failures(self: Pin<&mut TaskModel>, keep: bool);
        fn limit(self: &TaskModel) -> QVariant;
        #[cxx_name = "setLimit"]
        fn set_limit(self: Pin<&mut TaskModel>, limit: &QVariant);
        fn hold(self: &TaskModel) -> bool;
        #[cxx_name = "setHold"]
        fn set_hold(self: Pin<&mut TaskModel>, hold: bool);
        fn ticking(self: &TaskModel) -> bool;
        #[cxx_name = "setTicking"]
        fn set_ticking(self: Pin<&mut TaskModel>, ticking: bool);
        fn count(self: &TaskModel) -> qint32;
        #[cxx_name = "hiddenCount"]
        fn hidden_count(self: &TaskModel) -> qint32;
        #[cxx_name = "runningCount"]
        fn running_count(self: &TaskModel) -> qint32;
        #[cxx_name = "queuedCount"]
        fn queued_count(self: &TaskModel) -> qint32;
        #[cxx_name = "delayedCount"]
        fn delayed_count(self: &TaskModel) -> qint32;
        #[cxx_name = "failedCount"]
        fn failed_count(self: &TaskModel) -> qint32;
        #[cxx_name = "finishedCount"]
        fn finished_count(self: &TaskModel) -> qint32;
        #[cxx_name = "ownerCount"]
        fn owner_count(self: &TaskModel) -> qint32;
        #[cxx_name = "cancellableCount"]
        fn cancellable_count(self: &TaskModel) -> qint32;
        fn progress(self: &TaskModel) -> f64;

        /// Asks a task to stop; false if it has ended, or is unknown.
        #[qinvokable]
        fn cancel(self: &TaskModel, task_id: &QString) -> bool;
        /// Asks all tasks of `owner` to stop that were not asked yet, those that wait for their time only with
        /// `showDelayed`; how many.
        #[qinvokable]
        #[cxx_name = "cancelAll"]
        fn cancel_all(self: &TaskModel) -> qint32;
        /// Takes the row of a task that has ended out of this model for good.
        #[qinvokable]
        fn dismiss(self: Pin<&mut TaskModel>, task_id: &QString) -> bool;
        /// The same for all rows of tasks that have ended; how many.
        #[qinvokable]
        #[cxx_name = "clearFinished"]
        fn clear_finished(self: Pin<&mut TaskModel>) -> qint32;
        /// Shows the tasks of a group below its row, or not any more; false for what is no group with a row.
        #[qinvokable]
        #[cxx_name = "setOpen"]
        fn set_open(self: Pin<&mut TaskModel>, task_id: &QString, open: bool) -> bool;

        #[cxx_override]
        #[cxx_name = "componentComplete"]
        fn component_complete(self: Pin<&mut TaskModel>);
        #[qinvokable]
        #[cxx_override]
        fn data(self: &TaskModel, index: &QModelIndex, role: qint32) -> QVariant;
        #[qinvokable]
        #[cxx_override]
        #[cxx_name = "rowCount"]
        fn row_count(self: &TaskModel, parent: &QModelIndex) -> qint32;
        /// The override has no default for `parent`.
        #[qinvokable]
        #[cxx_name = "rowCount"]
        fn row_count0(self: &TaskModel) -> qint32;
        #[qinvokable]
        #[cxx_override]
        #[cxx_name = "roleNames"]
        fn role_names(self: &TaskModel) -> QHash_i32_QByteArray;
    }

    unsafe extern "RustQt" {
        #[inherit]
        #[cxx_name = "componentComplete"]
        fn base_component_complete(self: Pin<&mut TaskModel>);
        #[inherit]
        #[cxx_name = "beginResetModel"]
        fn begin_reset_model(self: Pin<&mut TaskModel>);
        #[inherit]
        #[cxx_name = "endResetModel"]
        fn end_reset_model(self: Pin<&mut TaskModel>);
        #[inherit]
        #[cxx_name = "beginInsertRows"]
        fn begin_insert_rows(self: Pin<&mut TaskModel>, parent: &QModelIndex, first: i32, last: i32);
        #[inherit]
        #[cxx_name = "endInsertRows"]
        fn end_insert_rows(self: Pin<&mut TaskModel>);
        #[inherit]
        #[cxx_name = "beginRemoveRows"]
        fn begin_remove_rows(self: Pin<&mut TaskModel>, parent: &QModelIndex, first: i32, last: i32);
        #[inherit]
        #[cxx_name = "endRemoveRows"]
        fn end_remove_rows(self: Pin<&mut TaskModel>);
        #[inherit]
        fn index(self: &TaskModel, row: i32, column: i32, parent: &QModelIndex) -> QModelIndex;
        #[inherit]
        #[qsignal]
        #[cxx_name = "dataChanged"]
        fn data_changed(
            self: Pin<&mut TaskModel>,
            top_left: &QModelIndex,
            bottom_right: &QModelIndex,
            roles: &QList_i32,
        );
    }

    impl cxx_qt::Initialize for TaskModel {}
}

pub use ffi::TaskModel;
#[doc(hidden)]
pub use hub::{FRAME, flushes, until_next_look};

/// The Rust half of a `TaskModel`.
pub struct TaskModelRust {
    rows: Rows,
    /// As the properties have them; `rows.settings` is what was applied.
    settings: Settings,
    wanted: Wanted,
    fill: Fill,
    /// Whether the tasks were read for the first time.
    filled: bool,
    /// Rows that a slot dismissed while rows came or went.
    dismiss: Vec<crate::TaskId>,
    /// What was last announced.
    announced: Numbers,
    next_tick: Option<Nanos>,
    /// Whether somebody sees the times that go on.
    ticking: bool,
    /// The object's address once it is among the models; null on a thread where it is of no use.
    me: *mut TaskModel,
}

impl Default for TaskModelRust {
    fn default() -> Self {
        TaskModelRust {
            rows: Rows::default(),
            settings: Settings::default(),
            wanted: Wanted::Nothing,
            fill: Fill::Done,
            filled: false,
            dismiss: Vec::new(),
            announced: step::none(),
            next_tick: None,
            ticking: true,
            me: std::ptr::null_mut(),
        }
    }
}

impl Drop for TaskModelRust {
    fn drop(&mut self) {
        if !self.me.is_null() {
            hub::remove(self.me);
        }
    }
}

impl cxx_qt::Initialize for TaskModel {
    fn initialize(mut self: Pin<&mut Self>) {
        if !manager_thread::is_manager_thread() {
            diagnostics::warn(
                About::Task,
                format_args!(
                    "a TaskModel belongs to the thread of the QCoreApplication; this one stays empty"
                ),
            );
            return;
        }
        // SAFETY: only the address is taken, for `hub`, which is told when the object goes.
        let me: *mut TaskModel = unsafe { self.as_mut().get_unchecked_mut() };
        self.as_mut().rust_mut().me = me;
        hub::add(me);
        // One that QML does not make has no end of its making but this.
        manager_thread::arm_models(0);
    }
}

/// The numbers of the filters: those of `taskmodelbase.h`, which a test compares.
#[doc(hidden)]
pub const FILTERS: [(&str, i64); 4] = [("All", 96), ("Active", 97), ("Finished", 98), ("Failed", 99)];

/// The same of the orders.
#[doc(hidden)]
pub const ORDERS: [(&str, i64); 3] = [("OldestFirst", 100), ("NewestFirst", 101), ("RunningFirst", 102)];
