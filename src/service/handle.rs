//! The handle on a task that was submitted.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::callbacks::{
    self, cancelled, completed, ended, failed, mismatch, paused, retried, slow, started, values,
};
use super::convert::TaskValue;
use super::tasks::Tasks;
use super::value::{Value, plain};
use crate::engine::{
    CancelReason, CancelResult, Hears, IntervalError, Outcome, PauseResult, Poller, RetryError, Status,
    TaskError, TaskId, TaskInfo, WaitResult,
};

const STARTS: Hears = Hears { starts: true, failures: false };
const FAILURES: Hears = Hears { starts: false, failures: true };

/// Why a task gave no result to a `wait` or an `await`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    #[error("the time was over before the task ended; it goes on")]
    Timeout,
    #[error(
        "the wait was refused, as it could never end: the task waits for this one, or is not about to run"
    )]
    WouldDeadlock,
    #[error("the task was cancelled: {}", .0.name())]
    Cancelled(CancelReason),
    #[error(transparent)]
    Failed(Arc<TaskError>),
}

/// A task that was submitted.
///
/// It keeps the task's result from being forgotten. Dropping it leaves the task alone. As a future,
/// on any executor, it gives the result.
pub struct TaskHandle<T> {
    tasks: Tasks,
    id: TaskId,
    poller: Poller,
    result: PhantomData<fn() -> T>,
}

impl<T> TaskHandle<T> {
    /// Takes over a handle that the engine has counted.
    pub(super) fn new(tasks: Tasks, id: TaskId) -> Self {
        TaskHandle { tasks, id, poller: Poller::default(), result: PhantomData }
    }
}

impl<T: TaskValue> TaskHandle<T> {
    pub fn id(&self) -> TaskId {
        self.id
    }

    pub fn status(&self) -> Status {
        self.tasks.status(self.id)
    }

    /// What is known of the task.
    pub fn info(&self) -> Option<TaskInfo<Value>> {
        self.tasks.info(self.id)
    }

    /// Asks the task to stop. Returns at once.
    pub fn cancel(&self) -> CancelResult {
        self.tasks.cancel(self.id)
    }

    /// Waits for the end, for at most `timeout`, or without a limit if that is `None`.
    ///
    /// From any thread. On the manager's thread it delivers nothing meanwhile: prefer `on_complete`
    /// there. In a task, a wait without a time-out runs the awaited task itself if that is queued, and
    /// a wait that could never end is refused.
    pub fn wait(&self, timeout: impl Into<Option<Duration>>) -> Result<T, WaitError> {
        match self.tasks.wait(self.id, timeout) {
            WaitResult::Done => self.outcome(),
            WaitResult::WaitTimeout => Err(WaitError::Timeout),
            WaitResult::WouldDeadlock => Err(WaitError::WouldDeadlock),
            WaitResult::UnknownTask => Err(lost()),
        }
    }

    /// The same, until its body has returned, too. That differs for a task that a shutdown has abandoned: it
    /// has ended, and its body is still at work. A thread that destroys what the body uses waits for this.
    pub fn wait_for_body(&self, timeout: impl Into<Option<Duration>>) -> WaitResult {
        self.tasks.wait_for_body(self.id, timeout)
    }

    /// Calls `f` with the result, as [`TaskBuilder::on_complete`](super::TaskBuilder::on_complete) does; also if the
    /// task has ended by now.
    pub fn on_complete(&self, f: impl FnMut(T) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, completed(f));
        self
    }

    /// Calls `f` with the error; also if the task has failed by now.
    pub fn on_error(&self, f: impl FnMut(&TaskError) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback_that(self.id, failed(f), FAILURES);
        self
    }

    /// Calls `f` if the task is cancelled; also if it was by now.
    pub fn on_cancelled(&self, f: impl FnMut(CancelReason) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, cancelled(f));
        self
    }

    /// Calls `f` as the body begins for the first time; also if it has begun by now.
    pub fn on_started(&self, f: impl FnMut() + Send + 'static) -> &Self {
        self.tasks.engine().add_callback_that(self.id, started(f), STARTS);
        self
    }

    /// Calls `f` with what the body has sent, as [`TaskBuilder::on_values`](super::TaskBuilder::on_values) does; of
    /// what is still to be told.
    pub fn on_values<V: TaskValue>(&self, f: impl FnMut(Vec<V>) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, values(f));
        self
    }

    /// Calls `f` when a run failed and is tried again, as [`TaskBuilder::on_retry`](super::TaskBuilder::on_retry) does;
    /// of those that are still to be told.
    pub fn on_retry(&self, f: impl FnMut(u64, &TaskError, Duration) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, retried(f));
        self
    }

    /// Calls `f` when a run takes longer than `warn_after`; where that is still to be told.
    pub fn on_slow(&self, f: impl FnMut(Duration) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, slow(f));
        self
    }

    /// Calls `f` when it is paused and when it goes on, as
    /// [`TaskBuilder::on_paused`](super::TaskBuilder::on_paused) does; of what is still to be told.
    pub fn on_paused(&self, f: impl FnMut(Option<&str>) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, paused(f));
        self
    }

    /// Calls `f` with the end, however the task ended; also if it has by now.
    pub fn on_end(&self, f: impl FnMut(callbacks::Outcome<T>) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback_that(self.id, ended(f), FAILURES);
        self
    }

    /// Pauses it by itself: see [`Tasks::pause`](crate::Tasks::pause).
    pub fn pause(&self, reason: &str) -> PauseResult {
        self.tasks.pause(self.id, reason)
    }

    /// Takes that back: see [`Tasks::resume`](crate::Tasks::resume).
    pub fn resume(&self) -> bool {
        self.tasks.resume(self.id)
    }

    /// Takes it back if it has not begun: whether it was taken back. What runs goes on.
    pub fn cancel_if_queued(&self) -> bool {
        self.tasks.cancel_if_queued(self.id)
    }

    /// Has it run now if it waits for its time: see [`Tasks::run_now`](crate::Tasks::run_now).
    pub fn run_now(&self) -> bool {
        self.tasks.run_now(self.id)
    }

    /// Submits its work anew if it failed, was cancelled or timed out, and can run again: see
    /// [`Tasks::retry`](crate::Tasks::retry). This handle stays with the old task.
    pub fn retry(&self) -> Result<TaskHandle<T>, RetryError> {
        let id = self.tasks.engine().retry(self.id, true, Vec::new())?;
        Ok(TaskHandle::new(self.tasks, id))
    }

    /// Changes the interval of a periodic task: see [`Tasks::set_interval`](crate::Tasks::set_interval).
    pub fn set_interval(&self, interval: Duration) -> Result<(), IntervalError> {
        self.tasks.set_interval(self.id, interval)
    }

    pub(super) fn kept(&self) -> KeptTask {
        KeptTask::new(self.tasks, self.id)
    }

    fn outcome(&self) -> Result<T, WaitError> {
        match self.tasks.engine().outcome(self.id) {
            Some((_, Outcome::Value(value))) => T::from_value(plain(value.clone()))
                .ok_or_else(|| WaitError::Failed(Arc::new(TaskError::from_error(mismatch::<T>(&value))))),
            Some((_, Outcome::Error(error))) => Err(WaitError::Failed(error)),
            Some((_, Outcome::None)) => {
                let reason = self.info().and_then(|info| info.cancel_reason);
                Err(WaitError::Cancelled(reason.unwrap_or(CancelReason::User)))
            }
            None => Err(lost()),
        }
    }
}

/// What keeps a task from being forgotten: for a builder of one that takes its result.
pub(super) struct KeptTask {
    tasks: Tasks,
    id: TaskId,
}

impl KeptTask {
    /// The caller has a handle of it.
    fn new(tasks: Tasks, id: TaskId) -> Self {
        tasks.engine().copy_handle(id);
        KeptTask { tasks, id }
    }

    pub(super) fn tasks(&self) -> Tasks {
        self.tasks
    }

    pub(super) fn id(&self) -> TaskId {
        self.id
    }
}

impl Drop for KeptTask {
    fn drop(&mut self) {
        self.tasks.engine().drop_handle(self.id);
    }
}

/// A handle keeps its task, so this is what a broken invariant would look like.
fn lost() -> WaitError {
    WaitError::Failed(Arc::new(TaskError::from_error("the task's result is not there any more")))
}

impl<T: TaskValue> Future for TaskHandle<T> {
    type Output = Result<T, WaitError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match this.tasks.engine().poll_end(this.id, &mut this.poller, context.waker()) {
            Poll::Ready(_) => Poll::Ready(this.outcome()),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<T> Drop for TaskHandle<T> {
    fn drop(&mut self) {
        self.tasks.engine().stop_polling(self.id, &self.poller);
        self.tasks.engine().drop_handle(self.id);
    }
}
