//! Owners of tasks.

use std::sync::Arc;
use std::time::Duration;

use super::args::Args;
use super::convert::{IntoResult, TaskValue};
use super::jobs::JobError;
use super::tasks::Tasks;
use super::value::{Value, plain_info};
use crate::engine::{
    CancelReason, Limits, LimitsError, OwnerId, TaskContext, TaskId, TaskInfo, UnloadError, WaitResult,
};

/// An owner of tasks: a plugin, a window, a document.
///
/// When it is closed, or its last clone dropped, no callback of its tasks is called any more, they
/// are cancelled (unless submitted `detached`), and its jobs are unregistered. To be closed on the
/// thread where the callbacks run: then none runs after that.
#[derive(Clone)]
pub struct Owner(Arc<Owned>);

struct Owned {
    tasks: Tasks,
    id: OwnerId,
}

impl Tasks {
    /// An owner for tasks: see [`Owner`].
    pub fn owner(self, name: &str) -> Owner {
        Owner(Arc::new(Owned { tasks: self, id: self.engine().open_owner(name) }))
    }

    pub(crate) fn close_owner(self, owner: OwnerId) {
        let engine = self.engine();
        // First of all it is ended, so that a destructor of what follows brings nothing new.
        let ended = engine.end_owner(owner);
        self.jobs().unregister_owner(owner);
        if ended {
            engine.cancel_ended(owner, CancelReason::OwnerGone);
        }
    }

    pub(crate) fn unload_owner(self, owner: OwnerId, timeout: Duration) -> Result<(), UnloadError> {
        let engine = self.engine();
        engine.begin_unload(owner)?;
        self.jobs().unregister_owner(owner);
        engine.unload_owner(owner, timeout)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.tasks.close_owner(self.id);
    }
}

impl Owner {
    pub fn id(&self) -> OwnerId {
        self.0.id
    }

    /// Registers a job that leaves with this owner, and is refused once that is closed.
    pub fn register_job<T: TaskValue, R: IntoResult<T>>(
        &self,
        name: &str,
        function: impl Fn(&TaskContext, &Args) -> R + Send + Sync + 'static,
    ) -> Result<(), JobError> {
        self.0.tasks.register(name, Some(self.0.id), function)
    }

    /// Limits how many tasks it may have at once, so that one plugin cannot keep the others from running: in place
    /// of the limits that it has, of which there are none at first. From any thread.
    ///
    /// Of `max_running` further tasks wait, in their order, and keep no other owner's from running. Beyond the other
    /// limits a submission is refused ([`SubmitError::LimitReached`](crate::SubmitError::LimitReached)), and
    /// nothing is created. What is there when limits are lowered goes on; where they are raised, what waits begins.
    ///
    /// ```
    /// # use legwork::{Limits, tasks};
    /// let owner = tasks().owner("Scaler");
    /// owner.set_limits(Limits { max_running: 2, max_queued: 1_000, ..Limits::default() })?;
    /// # Ok::<(), legwork::LimitsError>(())
    /// ```
    pub fn set_limits(&self, limits: Limits) -> Result<(), LimitsError> {
        self.0.tasks.engine().set_limits(self.0.id, limits)
    }

    /// The limits that it has.
    pub fn limits(&self) -> Limits {
        self.0.tasks.engine().limits(self.0.id)
    }

    /// Asks all of its tasks to stop, but for the detached ones; it stays open.
    pub fn cancel_all(&self) {
        self.0.tasks.engine().cancel_all(self.0.id, CancelReason::User);
    }

    /// Pauses all of its tasks, and those that come, until it is resumed or closed, for a reason that users see; `false`
    /// if it was paused before, and during a shutdown. What has not begun does not begin, at no cost a task; bodies of
    /// `pausable` tasks stop at their next checkpoint, and others run on. From any thread.
    pub fn pause(&self, reason: &str) -> bool {
        self.0.tasks.engine().pause_owner(self.0.id, reason)
    }

    /// Takes that back: whether there was something to take back. Tasks that are paused otherwise stay so.
    pub fn resume(&self) -> bool {
        self.0.tasks.engine().resume_owner(self.0.id)
    }

    /// Whether it is paused so.
    pub fn is_paused(&self) -> bool {
        self.0.tasks.engine().is_owner_paused(self.0.id)
    }

    /// Pauses one of its keys: see [`Tasks::pause_key`](crate::Tasks::pause_key).
    pub fn pause_key(&self, key: &str, reason: &str) -> bool {
        self.0.tasks.engine().pause_key(Some(self.0.id), key, reason)
    }

    /// Takes that back: whether there was something to take back.
    pub fn resume_key(&self, key: &str) -> bool {
        self.0.tasks.engine().resume_key(Some(self.0.id), key)
    }

    /// Asks all tasks of one of its keys to stop, those that are there by now.
    pub fn cancel_key(&self, key: &str) {
        self.0.tasks.engine().cancel_key(Some(self.0.id), key, CancelReason::User);
    }

    /// What is known of the tasks of one of its keys that have not ended, oldest first.
    pub fn tasks_of_key(&self, key: &str) -> Vec<TaskInfo<Value>> {
        self.0.tasks.engine().tasks_of_key(Some(self.0.id), key).into_iter().map(plain_info).collect()
    }

    /// Waits, at most for `timeout`, until all of its tasks have ended and their bodies have returned, also
    /// those that a shutdown has abandoned; but not for detached ones. Afterwards nothing of them uses what the
    /// owner lends them.
    ///
    /// From any thread. On the manager's thread it delivers nothing meanwhile. In a task of the owner's it is
    /// refused ([`WaitResult::WouldDeadlock`]), as in any task while one of the owner's is delayed, or periodic.
    pub fn wait_for_all(&self, timeout: impl Into<Option<Duration>>) -> WaitResult {
        self.0.tasks.engine().wait_for_all(self.0.id, timeout.into())
    }

    /// Ends it now. A second call does nothing.
    pub fn close(&self) {
        self.0.tasks.close_owner(self.0.id);
    }

    /// Ends it so that the library with its code may be closed: as `close`, and cancels its detached
    /// tasks, too, and those of others that run its jobs, and waits for what runs, at most for
    /// `timeout`.
    ///
    /// After `Ok` the service keeps no closure, callback or result that its code made: its tasks have
    /// left the history, and what was still to be delivered comes without a result. After an error
    /// the library must stay; call it again to wait more. It is refused in a task, a callback, a
    /// slot or a destructor of this owner: call it later, from the event loop.
    ///
    /// Handles, builders and tokens in other hands are not the service's; nor is what the owner's
    /// code submitted without naming its owner.
    pub fn unload(&self, timeout: Duration) -> Result<(), UnloadError> {
        self.0.tasks.unload_owner(self.0.id, timeout)
    }

    /// What is known of its tasks, oldest first.
    pub fn tasks(&self) -> Vec<TaskInfo<Value>> {
        self.0.tasks.engine().tasks_of(self.0.id).into_iter().map(plain_info).collect()
    }

    /// Whether a task is its.
    pub fn owns(&self, id: TaskId) -> bool {
        self.0.tasks.engine().owner_of(id) == Some(self.0.id)
    }
}
