//! What a `TaskModel` shows: rows, roles, and the value of each role.

use cxx_qt_lib::{QByteArray, QHash, QHashPair_i32_QByteArray, QModelIndex, QString, QVariant};

use super::TaskModel;
use super::roles::{self, FIRST, ROLES, Role};
use crate::engine::Brief;
use crate::engine::changes::{Awaited, RunTime, Stamp};
use crate::qt::bases;
use crate::qt::id::id_text;
use crate::qt::int::qint32;
use crate::qt::report;
use crate::qt::values::to_variant;
use crate::{Value, tasks};

/// A whole number as QML has it.
pub fn int(number: i64) -> QVariant {
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

/// What the keys of a `TaskGroup` begin with that has a limit: see `cpp/src/groupelement.cpp`.
const KEY_OF_LIMIT: &str = "legwork.TaskGroup.";

/// A task's key, if somebody gave it one; empty without.
fn key_of(task: &Brief) -> &str {
    task.key.as_deref().filter(|key| !key.starts_with(KEY_OF_LIMIT)).unwrap_or_default()
}

/// For people, in their language; empty for a task that waits for no other.
fn waits_for(task: &Brief) -> QString {
    match &task.waits_for {
        Awaited::Nothing => QString::default(),
        Awaited::Task(name) => bases::waits_for_task(&QString::from(&**name)),
        Awaited::Tasks(count) => bases::waits_for_tasks(i32::try_from(*count).unwrap_or(i32::MAX)),
        Awaited::Turn => bases::waits_for_turn(&QString::from(key_of(task))),
    }
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
        Role::Key => text(key_of(task)),
        Role::WaitsFor => QVariant::from(&waits_for(task)),
        Role::Attempt => QVariant::from(&(task.attempt as f64)),
        Role::Attempts => QVariant::from(&(task.attempts as f64)),
        Role::Retrying => QVariant::from(&task.retrying),
        Role::Slow => QVariant::from(&task.slow),
        Role::Amount => to_variant(&report::amount(task.amount.as_ref())),
        Role::Members => int(task.members.unwrap_or(0).into()),
        // Of the model.
        Role::Group | Role::Depth | Role::Open => QVariant::default(),
        Role::CanRetry => QVariant::from(&task.can_retry),
        Role::PauseReason => text(task.paused.as_deref().unwrap_or_default()),
        Role::CanPause => QVariant::from(&task.can_pause),
        Role::CanResume => QVariant::from(&task.can_resume),
    }
}

impl TaskModel {
    pub(super) fn row_count(&self, parent: &QModelIndex) -> qint32 {
        // A list's rows have none below them.
        if parent.is_valid() { qint32::default() } else { self.count() }
    }

    pub(super) fn row_count0(&self) -> qint32 {
        self.count()
    }

    pub(super) fn role_names(&self) -> QHash<QHashPair_i32_QByteArray> {
        let mut names = QHash::<QHashPair_i32_QByteArray>::default();
        for (number, (_, name)) in (FIRST..).zip(ROLES) {
            names.insert(number, QByteArray::from(name));
        }
        names
    }

    pub(super) fn data(&self, index: &QModelIndex, role: qint32) -> QVariant {
        let row = usize::try_from(index.row()).ok().filter(|_| index.column() == 0);
        let row = row.and_then(|row| self.rows.rows().get(row));
        let role = Role::from_number(role.into());
        let Some((task, role)) = row.zip(role) else { return QVariant::default() };
        match role {
            Role::Group => {
                let group = self.rows.path(task).last();
                QVariant::from(&group.map_or_else(QString::default, |(_, id)| id_text(*id)))
            }
            Role::Depth => int(self.rows.path(task).len() as i64),
            Role::Open => QVariant::from(&self.rows.settings.open.contains(&task.id)),
            role => value_of(task, role),
        }
    }
}
