//! Tasks by their ids and owners: how they are, what they are asked, and waits for their ends.

use std::pin::Pin;
use std::time::Duration;

use cxx_qt_lib::{QString, QVariant};

use super::TaskManager;
use crate::engine::{CancelResult, OwnerId, Status, WaitResult};
use crate::qt::checks::milliseconds;
use crate::qt::id::{id_text, known_id, task_id};
use crate::qt::int::qint32;
use crate::qt::owners::unpack_owner;
use crate::qt::values::{read, to_variant};
use crate::qt::{face, keys, managers, owners, report};
use crate::{CancelReason, Value, tasks};

/// The time that a `waitForTask` without one waits.
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) const NO_OWNER: &str =
    "the owner is no object; expected the QObject that was given as options.owner";

impl TaskManager {
    pub(super) fn cancel_task(self: Pin<&mut Self>, id: &QString) -> qint32 {
        let result = task_id(id).map_or(CancelResult::UnknownTask, |id| tasks().cancel(id));
        qint32::from(result as i32)
    }

    pub(super) fn task_status(self: Pin<&mut Self>, id: &QString) -> qint32 {
        qint32::from(task_id(id).map_or(Status::UnknownTask, |id| tasks().status(id)) as i32)
    }

    pub(super) fn task_info(self: Pin<&mut Self>, id: &QString) -> QVariant {
        let info = task_id(id).and_then(|id| tasks().info(id));
        info.map_or_else(QVariant::default, |info| to_variant(&report::info(&info)))
    }

    pub(super) fn task(mut self: Pin<&mut Self>, id: &QString) -> QVariant {
        match self.as_mut().on_its_thread() {
            true => face::view_of(self.face_pin(), id),
            false => QVariant::default(),
        }
    }

    pub(super) fn promise(mut self: Pin<&mut Self>, id: &QString) -> QVariant {
        if !self.as_mut().on_its_thread() {
            return QVariant::default();
        }
        // Before it is asked how the task is: its end is kept from here on.
        managers::may_hear();
        let info = self.as_mut().task_info(id);
        let promise = face::promise_of(self.as_mut().face_pin(), id, &info);
        if promise.is_valid() {
            // It is rejected if the task fails.
            if let Some(id) = task_id(id) {
                tasks().engine().heard(id);
            }
        } else {
            self.fail("a promise is for JavaScript; connect to taskCompleted, taskFailed and taskCancelled");
        }
        promise
    }

    pub(super) fn set_task_priority(self: Pin<&mut Self>, id: &QString, priority: &QVariant) -> bool {
        let priority = read(priority, "priority").and_then(|value| keys::priority(&value, "priority"));
        match priority {
            Ok(priority) => task_id(id).is_some_and(|id| tasks().set_priority(id, priority)),
            Err(message) => {
                self.fail(&message);
                false
            }
        }
    }

    pub(super) fn wait_for_task(self: Pin<&mut Self>, id: &QString, timeout_ms: &QVariant) -> qint32 {
        let done = time_limit(timeout_ms).map(|timeout| wait(id, timeout));
        self.waited(done)
    }

    pub(super) fn wait_for_body(self: Pin<&mut Self>, id: &QString, timeout_ms: &QVariant) -> qint32 {
        let wait = |timeout| {
            let wait = |id| tasks().wait_for_body(id, timeout);
            qint32::from(task_id(id).map_or(WaitResult::UnknownTask, wait) as i32)
        };
        let done = time_limit(timeout_ms).map(wait);
        self.waited(done)
    }

    pub(super) fn cancel_if_queued(self: Pin<&mut Self>, id: &QString) -> bool {
        task_id(id).is_some_and(|id| tasks().cancel_if_queued(id))
    }

    pub(super) fn run_now(self: Pin<&mut Self>, id: &QString) -> bool {
        task_id(id).is_some_and(|id| tasks().run_now(id))
    }

    pub(super) fn retry_task(self: Pin<&mut Self>, id: &QString) -> QString {
        let retried = known_id(id).and_then(|id| tasks().retry(id).map_err(|error| error.to_string()));
        match retried {
            Ok(id) => id_text(id),
            Err(message) => {
                self.fail(&message);
                QString::default()
            }
        }
    }

    pub(super) fn set_interval(self: Pin<&mut Self>, id: &QString, interval_ms: &QVariant) -> bool {
        let interval =
            read(interval_ms, "intervalMs").and_then(|value| milliseconds(&value, "intervalMs", 1.0));
        let done = interval.and_then(|interval| {
            tasks().set_interval(known_id(id)?, interval).map_err(|error| error.to_string())
        });
        self.done(done)
    }

    pub(super) fn cancel_key(self: Pin<&mut Self>, key: &QString, owner: &QVariant) -> bool {
        let done = known_owner(owner).map(|owner| {
            if let Some(owner) = owner {
                tasks().engine().cancel_key(Some(owner), &key.to_string(), CancelReason::User);
            }
        });
        self.done(done)
    }

    pub(super) fn cancel_key1(self: Pin<&mut Self>, key: &QString) -> bool {
        tasks().cancel_key(&key.to_string());
        true
    }

    pub(super) fn tasks_of_key(self: Pin<&mut Self>, key: &QString, owner: &QVariant) -> QVariant {
        match known_owner(owner) {
            Ok(Some(owner)) => report::tasks_of_key(Some(owner), key),
            Ok(None) => to_variant(&Value::list([])),
            Err(message) => {
                self.fail(&message);
                QVariant::default()
            }
        }
    }

    pub(super) fn tasks_of_key1(self: Pin<&mut Self>, key: &QString) -> QVariant {
        report::tasks_of_key(None, key)
    }

    /// Whether it was done, or why not.
    fn done(self: Pin<&mut Self>, done: Result<(), String>) -> bool {
        if let Err(message) = &done {
            self.fail(message);
        }
        done.is_ok()
    }

    pub(super) fn cancel_all(self: Pin<&mut Self>, owner: &QVariant) -> bool {
        match known_owner(owner) {
            Ok(owner) => {
                if let Some(owner) = owner {
                    tasks().engine().cancel_all(owner, CancelReason::User);
                }
                true
            }
            Err(message) => {
                self.fail(&message);
                false
            }
        }
    }

    pub(super) fn wait_for_all(self: Pin<&mut Self>, owner: &QVariant, timeout_ms: &QVariant) -> qint32 {
        let wait = |(owner, timeout): (Option<OwnerId>, Duration)| {
            let wait = |owner| tasks().engine().wait_for_all(owner, Some(timeout));
            qint32::from(owner.map_or(WaitResult::Done, wait) as i32)
        };
        let what = known_owner(owner).and_then(|owner| Ok((owner, time_limit(timeout_ms)?)));
        self.waited(what.map(wait))
    }

    pub(super) fn tasks_of(self: Pin<&mut Self>, owner: &QVariant) -> QVariant {
        match known_owner(owner) {
            Ok(owner) => report::tasks_of(owner),
            Err(message) => {
                self.fail(&message);
                QVariant::default()
            }
        }
    }

    pub(super) fn limits_of(self: Pin<&mut Self>, owner: &QVariant) -> QVariant {
        match known_owner(owner) {
            Ok(owner) => report::limits(owner),
            Err(message) => {
                self.fail(&message);
                QVariant::default()
            }
        }
    }

    pub(super) fn set_limits(self: Pin<&mut Self>, owner: &QVariant, limits: &QVariant) -> bool {
        let mut number = 0;
        let done = match face::owner_in(owner, &mut number) {
            true => owners::set_limits(unpack_owner(number), limits),
            false => Err(NO_OWNER.to_owned()),
        };
        self.done(done)
    }

    /// What a wait gave, or why there was none.
    fn waited(self: Pin<&mut Self>, done: Result<qint32, String>) -> qint32 {
        done.unwrap_or_else(|message| {
            self.fail(&message);
            qint32::from(WaitResult::UnknownTask as i32)
        })
    }

    pub(super) fn wait_for_task1(self: Pin<&mut Self>, id: &QString) -> qint32 {
        wait(id, WAIT_TIMEOUT)
    }
}

/// The owner that stands for an object; none if it has no task.
pub(super) fn known_owner(owner: &QVariant) -> Result<Option<OwnerId>, String> {
    let mut number = 0;
    match face::known_owner_in(owner, &mut number) {
        true => Ok(unpack_owner(number)),
        false => Err(NO_OWNER.to_owned()),
    }
}

fn time_limit(timeout_ms: &QVariant) -> Result<Duration, String> {
    milliseconds(&read(timeout_ms, "timeoutMs")?, "timeoutMs", 0.0)
}

fn wait(id: &QString, timeout: Duration) -> qint32 {
    qint32::from(task_id(id).map_or(WaitResult::UnknownTask, |id| tasks().wait(id, timeout)) as i32)
}
