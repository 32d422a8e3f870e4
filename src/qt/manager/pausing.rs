//! Pauses: of a task, a key, an owner, all.

use std::pin::Pin;

use cxx_qt_lib::{QString, QVariant};

use super::TaskManager;
use super::control::{NO_OWNER, known_owner};
use crate::engine::{OwnerId, PauseResult};
use crate::qt::checks::typed;
use crate::qt::face;
use crate::qt::id::task_id;
use crate::qt::int::qint32;
use crate::qt::owners::unpack_owner;
use crate::qt::values::read;
use crate::{Value, tasks};

/// A reason that is undefined was left out.
fn reason(reason: &QVariant) -> Result<String, String> {
    match read(reason, "reason")? {
        Value::Undefined => Ok(String::new()),
        value => typed(&value, "reason"),
    }
}

/// The owner that stands for an object, which may come to have tasks.
fn owner_of(owner: &QVariant) -> Result<OwnerId, String> {
    let mut number = 0;
    match face::owner_in(owner, &mut number) {
        true => unpack_owner(number).ok_or_else(|| "the owner is gone".to_owned()),
        false => Err(NO_OWNER.to_owned()),
    }
}

impl TaskManager {
    pub(super) fn pause_task(self: Pin<&mut Self>, id: &QString, why: &QVariant) -> qint32 {
        match reason(why) {
            Ok(reason) => pause(id, &reason),
            Err(message) => {
                self.fail(&message);
                qint32::from(PauseResult::UnknownTask as i32)
            }
        }
    }

    pub(super) fn pause_task1(self: Pin<&mut Self>, id: &QString) -> qint32 {
        pause(id, "")
    }

    pub(super) fn resume_task(self: Pin<&mut Self>, id: &QString) -> bool {
        task_id(id).is_some_and(|id| tasks().resume(id))
    }

    pub(super) fn pause_key(self: Pin<&mut Self>, key: &QString, why: &QVariant, owner: &QVariant) -> bool {
        let change = reason(why).and_then(|reason| {
            let owner = owner_of(owner)?;
            Ok(tasks().engine().pause_key(Some(owner), &key.to_string(), &reason))
        });
        self.changed(change)
    }

    pub(super) fn pause_key2(self: Pin<&mut Self>, key: &QString, why: &QVariant) -> bool {
        let change = reason(why).map(|reason| tasks().pause_key(&key.to_string(), &reason));
        self.changed(change)
    }

    pub(super) fn pause_key1(self: Pin<&mut Self>, key: &QString) -> bool {
        tasks().pause_key(&key.to_string(), "")
    }

    pub(super) fn resume_key(self: Pin<&mut Self>, key: &QString, owner: &QVariant) -> bool {
        let change = known_owner(owner).map(|owner| {
            let resume = |owner| tasks().engine().resume_key(Some(owner), &key.to_string());
            owner.is_some_and(resume)
        });
        self.changed(change)
    }

    pub(super) fn resume_key1(self: Pin<&mut Self>, key: &QString) -> bool {
        tasks().resume_key(&key.to_string())
    }

    pub(super) fn pause_owner(self: Pin<&mut Self>, owner: &QVariant, why: &QVariant) -> bool {
        let change = reason(why).and_then(|reason| {
            let owner = owner_of(owner)?;
            Ok(tasks().engine().pause_owner(owner, &reason))
        });
        self.changed(change)
    }

    pub(super) fn pause_owner1(self: Pin<&mut Self>, owner: &QVariant) -> bool {
        self.pause_owner(owner, &QVariant::default())
    }

    pub(super) fn resume_owner(self: Pin<&mut Self>, owner: &QVariant) -> bool {
        let resume = |owner: OwnerId| tasks().engine().resume_owner(owner);
        let change = known_owner(owner).map(|owner| owner.is_some_and(resume));
        self.changed(change)
    }

    pub(super) fn is_owner_paused(self: Pin<&mut Self>, owner: &QVariant) -> bool {
        let paused = |owner: OwnerId| tasks().engine().is_owner_paused(owner);
        let answer = known_owner(owner).map(|owner| owner.is_some_and(paused));
        self.changed(answer)
    }

    pub(super) fn pause_all(self: Pin<&mut Self>, why: &QVariant) -> bool {
        let change = reason(why).map(|reason| tasks().pause_all(&reason));
        self.changed(change)
    }

    pub(super) fn pause_all0(self: Pin<&mut Self>) -> bool {
        tasks().pause_all("")
    }

    pub(super) fn resume_all(self: Pin<&mut Self>) -> bool {
        tasks().resume_all()
    }

    pub(super) fn is_paused(&self) -> bool {
        tasks().is_paused()
    }

    /// Whether that changed something; false on an error.
    fn changed(self: Pin<&mut Self>, change: Result<bool, String>) -> bool {
        change.unwrap_or_else(|message| {
            self.fail(&message);
            false
        })
    }
}

fn pause(id: &QString, reason: &str) -> qint32 {
    let pause = |id| tasks().pause(id, reason);
    qint32::from(task_id(id).map_or(PauseResult::UnknownTask, pause) as i32)
}
