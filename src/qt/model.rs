//! `TaskModel`: the tasks as a list for views, a row each.
//!
//! In reading order: `roles` (what a row has), `rows` (which tasks have rows), `plan` (from what should be
//! to steps that a view can follow), these three without Qt; then `step` (a model takes the steps) and
//! `hub` (when the models look).

pub(super) mod hub;
mod plan;
mod roles;
mod rows;
mod settings;
mod step;
mod tally;

use std::pin::Pin;

use cxx_qt::CxxQtType;
use cxx_qt_lib::{QByteArray, QHash, QHashPair_i32_QByteArray, QModelIndex, QString, QVariant};

use super::id::{id_text, task_id};
use super::int::qint32;
use super::values::{read, to_variant};
use super::{manager_thread, managers, report};
use crate::engine::changes::{RunTime, Stamp};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, CancelResult, diagnostics};
use crate::{TaskValue, Value, tasks};
use roles::{FIRST, ROLES, Role};
use rows::Rows;
use settings::{Filter, Numbers, Settings};
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
        type TaskModelBase;
        /// Whether QML is about to set more properties.
        #[cxx_name = "isParsing"]
        fn is_parsing(base: &TaskModelBase) -> bool;
    }

    extern "RustQt" {
        // Numbers come as a QVariant, so that what was meant arrives and can be refused; see `maxWorkers` of
        // TaskManager.
        #[qobject]
        #[base = TaskModelBase]
        #[qml_element]
        #[qproperty(QVariant, filter, READ = filter, WRITE = set_filter, NOTIFY = filter_changed)]
        #[qproperty(QString, owner, READ = owner, WRITE = set_owner, NOTIFY = owner_changed)]
        #[qproperty(bool, show_delayed, cxx_name = "showDelayed", READ = show_delayed, WRITE = set_show_delayed, NOTIFY = show_delayed_changed)]
        #[qproperty(QVariant, linger_ms, cxx_name = "lingerMs", READ = linger_ms, WRITE = set_linger_ms, NOTIFY = linger_ms_changed)]
        #[qproperty(bool, keep_failures, cxx_name = "keepFailures", READ = keep_failures, WRITE = set_keep_failures, NOTIFY = keep_failures_changed)]
        #[qproperty(QVariant, limit, READ = limit, WRITE = set_limit, NOTIFY = limit_changed)]
        #[qproperty(bool, hold, READ = hold, WRITE = set_hold, NOTIFY = hold_changed)]
        #[qproperty(qint32, count, READ = count, NOTIFY = count_changed)]
        #[qproperty(qint32, hidden_count, cxx_name = "hiddenCount", READ = hidden_count, NOTIFY = hidden_count_changed)]
        #[qproperty(qint32, running_count, cxx_name = "runningCount", READ = running_count, NOTIFY = running_count_changed)]
        #[qproperty(qint32, queued_count, cxx_name = "queuedCount", READ = queued_count, NOTIFY = queued_count_changed)]
        #[qproperty(qint32, delayed_count, cxx_name = "delayedCount", READ = delayed_count, NOTIFY = delayed_count_changed)]
        #[qproperty(qint32, failed_count, cxx_name = "failedCount", READ = failed_count, NOTIFY = failed_count_changed)]
        #[qproperty(qint32, finished_count, cxx_name = "finishedCount", READ = finished_count, NOTIFY = finished_count_changed)]
        #[qproperty(qint32, cancellable_count, cxx_name = "cancellableCount", READ = cancellable_count, NOTIFY = cancellable_count_changed)]
        #[qproperty(f64, progress, READ = progress, NOTIFY = progress_changed)]
        type TaskModel = super::TaskModelRust;

        #[qsignal]
        #[cxx_name = "filterChanged"]
        fn filter_changed(self: Pin<&mut TaskModel>);
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
        #[cxx_name = "cancellableCountChanged"]
        fn cancellable_count_changed(self: Pin<&mut TaskModel>);
        #[qsignal]
        #[cxx_name = "progressChanged"]
        fn progress_changed(self: Pin<&mut TaskModel>);

        fn filter(self: &TaskModel) -> QVariant;
        #[cxx_name = "setFilter"]
        fn set_filter(self: Pin<&mut TaskModel>, filter: &QVariant);
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
            diagnostics::warn(format_args!(
                "a TaskModel belongs to the thread of the QCoreApplication; this one stays empty"
            ));
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

const FILTER_OF: [Filter; 4] = [Filter::All, Filter::Active, Filter::Finished, Filter::Failed];

const MOST_LIMIT: i64 = 1_000_000;
const MOST_LINGER_MS: i64 = i32::MAX as i64;

/// A whole number in a range; else a warning says which property, which value, and what would be right.
fn number(property: &str, value: &QVariant, range: std::ops::RangeInclusive<i64>, what: &str) -> Option<i64> {
    let value = read(value, property);
    let found = match &value {
        // Neither a text nor a bool is a number here.
        Ok(value @ (Value::Int(_) | Value::UInt(_) | Value::Float(_))) => i64::from_value(value.clone()),
        _ => None,
    };
    let found = found.filter(|number| range.contains(number));
    if found.is_none() {
        let value = value.map_or("no number".to_owned(), |value| value.describe());
        diagnostics::warn(format_args!("TaskModel.{property} is {value}; expected {what}"));
    }
    found
}

fn int(number: i64) -> QVariant {
    QVariant::from(&i32::try_from(number).unwrap_or(i32::MAX))
}

fn text(text: &str) -> QVariant {
    QVariant::from(&QString::from(text))
}

fn date(stamp: Option<Stamp>) -> QVariant {
    to_variant(&stamp.map_or(Value::Null, |stamp| Value::Date(stamp.wall_ms)))
}

/// Milliseconds from the start to the end, or until now; of a periodic task, those of its run, or the last.
fn elapsed(task: &Brief) -> f64 {
    let now = || tasks().engine().now();
    let nanos = match (task.run, task.started) {
        (Some(RunTime::Took(took)), _) => took,
        (Some(RunTime::Began(began)), _) => now().saturating_sub(began),
        (None, Some(started)) => {
            let end = task.finished.map_or_else(now, |finished| finished.nanos);
            end.saturating_sub(started.nanos)
        }
        (None, None) => 0,
    };
    (nanos / 1_000_000) as f64
}

/// Milliseconds until a task's time comes; 0 for one that waits for none.
fn due_in(task: &Brief) -> f64 {
    let left = task.due.map_or(0, |due| due.nanos.saturating_sub(tasks().engine().now()));
    left.div_ceil(1_000_000) as f64
}

fn value_of(task: &Brief, role: Role) -> QVariant {
    match role {
        Role::TaskId => QVariant::from(&id_text(task.id)),
        Role::Name => text(&task.name),
        Role::Job => text(task.job.as_deref().unwrap_or_default()),
        Role::Owner => text(&task.owner),
        Role::Status => int(task.status as i64),
        Role::Priority => int(task.priority as i64),
        Role::Progress => QVariant::from(&task.progress),
        Role::Message => text(&task.message),
        Role::Created => date(Some(task.created)),
        Role::Started => date(task.started),
        Role::Finished => date(task.finished),
        Role::Elapsed => QVariant::from(&elapsed(task)),
        Role::Error => text(task.error.as_ref().map_or("", |error| error.message())),
        Role::ErrorDetails => {
            to_variant(&task.error.as_ref().map_or(Value::Null, |error| report::error(error)))
        }
        Role::Iteration => QVariant::from(&(task.iteration as f64)),
        Role::Periodic => QVariant::from(&task.periodic),
        Role::CancelRequested => QVariant::from(&task.cancel_requested),
        Role::CanCancel => QVariant::from(&roles::can_cancel(task)),
        Role::Due => date(task.due),
        Role::DueIn => QVariant::from(&due_in(task)),
    }
}

impl TaskModel {
    /// Changes a setting, and tells of it when the rows are as it says.
    fn set(
        mut self: Pin<&mut Self>,
        wanted: Wanted,
        changed: step::Signal,
        change: impl FnOnce(&mut Settings),
    ) {
        let mut settings = self.settings.clone();
        change(&mut settings);
        if settings == self.settings {
            return;
        }
        self.as_mut().rust_mut().settings = settings;
        let me = self.me;
        if hub::is_there(me) {
            step::want(me, wanted, changed);
        } else {
            changed(self);
        }
    }

    fn filter(&self) -> QVariant {
        let at = FILTER_OF.iter().position(|filter| *filter == self.settings.filter);
        int(FILTERS[at.unwrap_or(0)].1)
    }

    fn set_filter(self: Pin<&mut Self>, filter: &QVariant) {
        let expected = "TaskModel.All, TaskModel.Active, TaskModel.Finished or TaskModel.Failed";
        let (first, last) = (FILTERS[0].1, FILTERS[3].1);
        if let Some(number) = number("filter", filter, first..=last, expected) {
            let filter = FILTER_OF[(number - first) as usize];
            self.set(Wanted::Reset, Self::filter_changed, |settings| settings.filter = filter);
        }
    }

    fn owner(&self) -> QString {
        QString::from(self.settings.owner.as_str())
    }

    fn set_owner(self: Pin<&mut Self>, owner: &QString) {
        let owner = owner.to_string();
        self.set(Wanted::Reset, Self::owner_changed, |settings| settings.owner = owner);
    }

    fn show_delayed(&self) -> bool {
        self.settings.show_delayed
    }

    fn set_show_delayed(self: Pin<&mut Self>, show: bool) {
        self.set(Wanted::Reset, Self::show_delayed_changed, |settings| settings.show_delayed = show);
    }

    fn linger_ms(&self) -> QVariant {
        int((self.settings.linger / 1_000_000) as i64)
    }

    fn set_linger_ms(self: Pin<&mut Self>, linger_ms: &QVariant) {
        let expected = format!("milliseconds, a whole number from 0 to {MOST_LINGER_MS}");
        if let Some(ms) = number("lingerMs", linger_ms, 0..=MOST_LINGER_MS, &expected) {
            let linger = ms as Nanos * 1_000_000;
            self.set(Wanted::Pass, Self::linger_ms_changed, |settings| settings.linger = linger);
        }
    }

    fn keep_failures(&self) -> bool {
        self.settings.keep_failures
    }

    fn set_keep_failures(self: Pin<&mut Self>, keep: bool) {
        self.set(Wanted::Pass, Self::keep_failures_changed, |settings| settings.keep_failures = keep);
    }

    fn limit(&self) -> QVariant {
        int(self.settings.limit as i64)
    }

    fn set_limit(self: Pin<&mut Self>, limit: &QVariant) {
        let expected = format!("a whole number from 1 to {MOST_LIMIT}");
        if let Some(limit) = number("limit", limit, 1..=MOST_LIMIT, &expected) {
            self.set(Wanted::Settings, Self::limit_changed, |settings| settings.limit = limit as usize);
        }
    }

    fn hold(&self) -> bool {
        self.settings.hold
    }

    fn set_hold(self: Pin<&mut Self>, hold: bool) {
        self.set(Wanted::Settings, Self::hold_changed, |settings| settings.hold = hold);
    }

    fn count(&self) -> qint32 {
        managers::int(self.rows.rows().len())
    }

    fn hidden_count(&self) -> qint32 {
        managers::int(self.rows.numbers().hidden)
    }

    fn running_count(&self) -> qint32 {
        managers::int(self.rows.numbers().running)
    }

    fn queued_count(&self) -> qint32 {
        managers::int(self.rows.numbers().queued)
    }

    fn delayed_count(&self) -> qint32 {
        managers::int(self.rows.numbers().delayed)
    }

    fn failed_count(&self) -> qint32 {
        managers::int(self.rows.numbers().failed)
    }

    fn finished_count(&self) -> qint32 {
        managers::int(self.rows.numbers().finished)
    }

    fn cancellable_count(&self) -> qint32 {
        managers::int(self.rows.numbers().cancellable)
    }

    fn progress(&self) -> f64 {
        self.rows.numbers().progress
    }

    fn cancel(&self, id: &QString) -> bool {
        let asked =
            |result| matches!(result, CancelResult::CancelledBeforeStart | CancelResult::CancelRequested);
        !self.me.is_null() && task_id(id).is_some_and(|id| asked(tasks().cancel(id)))
    }

    fn cancel_all(&self) -> qint32 {
        if self.me.is_null() {
            return qint32::default();
        }
        // What is destroyed with a task may delete this object, so nothing of it is used from here on.
        let settings = self.settings.clone();
        let (mut from, mut count) = (Some(0), 0);
        while let Some(at) = from {
            let (briefs, next) = tasks().engine().briefs(at, 4_096);
            let active = briefs.iter().filter(|task| settings.is_of_owner(task) && settings.cancels(task));
            for task in active {
                let asked = tasks().cancel(task.id);
                count +=
                    usize::from(asked != CancelResult::AlreadyFinished && asked != CancelResult::UnknownTask);
            }
            from = next;
        }
        managers::int(count)
    }

    fn dismiss(self: Pin<&mut Self>, id: &QString) -> bool {
        let me = self.me;
        task_id(id).is_some_and(|id| step::dismiss(me, vec![id]) == 1)
    }

    fn clear_finished(self: Pin<&mut Self>) -> qint32 {
        let (me, finished) = (self.me, self.rows.finished());
        managers::int(step::dismiss(me, finished))
    }

    fn component_complete(mut self: Pin<&mut Self>) {
        self.as_mut().base_component_complete();
        let me = self.me;
        if hub::is_there(me) {
            step::fill(me);
        }
    }

    fn row_count(&self, parent: &QModelIndex) -> qint32 {
        // A list's rows have none below them.
        if parent.is_valid() { qint32::default() } else { self.count() }
    }

    fn row_count0(&self) -> qint32 {
        self.count()
    }

    fn role_names(&self) -> QHash<QHashPair_i32_QByteArray> {
        let mut names = QHash::<QHashPair_i32_QByteArray>::default();
        for (number, (_, name)) in (FIRST..).zip(ROLES) {
            names.insert(number, QByteArray::from(name));
        }
        names
    }

    fn data(&self, index: &QModelIndex, role: qint32) -> QVariant {
        let row = usize::try_from(index.row()).ok().filter(|_| index.column() == 0);
        let row = row.and_then(|row| self.rows.rows().get(row));
        let role = Role::from_number(role.into());
        row.zip(role).map_or_else(QVariant::default, |(task, role)| value_of(task, role))
    }
}
