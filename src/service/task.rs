//! Building a task, and the handle on one that was submitted.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use super::value::{Args, IntoResult, TaskValue, Value, check_depth, plain};
use super::{Owner, SpawnError, Tasks};
use crate::engine::{self, diagnostics};
use crate::engine::{
    Body, Callback, CancelReason, CancelResult, Held, IntervalError, Notice, Once, Periodic, Poller,
    Priority, Repeated, Retry, Status, TaskContext, TaskError, TaskId, TaskInfo, TaskOptions, WaitResult,
};

/// Work that runs once, and may use up what it captured.
pub enum RunsOnce {}

/// Work that can run again, as it is left as it was: a job, a script, a closure that may be called again.
pub enum RunsAgain {}

/// A task that is not submitted yet. `spawn` submits it; dropping it does nothing.
///
/// `W` says whether its work can run again. Only then it can be tried again:
///
/// ```compile_fail
/// // `task` takes work that runs once; `repeatable` takes work that can run again.
/// let _ = legwork::tasks().task(|_| ()).retry(3);
/// ```
///
/// ```
/// let _ = legwork::tasks().repeatable(|_| ()).retry(3);
/// ```
#[must_use = "nothing runs until spawn() is called"]
pub struct TaskBuilder<T, W = RunsAgain> {
    tasks: Tasks,
    work: Work,
    options: TaskOptions<Value>,
    reserved: Option<TaskId>,
    result: PhantomData<fn() -> (T, W)>,
}

type BoxBody = Box<dyn Body<Value>>;

enum Work {
    Body(BoxBody),
    /// Looked up as it is submitted: a builder keeps no code of a plugin that may go.
    Job(String, Args),
    Used,
}

impl<T: TaskValue> TaskBuilder<T, RunsOnce> {
    pub(super) fn once<R>(tasks: Tasks, body: impl FnOnce(&TaskContext) -> R + Send + 'static) -> Self
    where
        R: IntoResult<T>,
    {
        let run = move |context: &TaskContext| result_value(body(context));
        Self::new(tasks, Work::Body(Box::new(Once(Some(run)))))
    }
}

impl<T: TaskValue> TaskBuilder<T> {
    pub(crate) fn repeated<R>(tasks: Tasks, body: impl FnMut(&TaskContext) -> R + Send + 'static) -> Self
    where
        R: IntoResult<T>,
    {
        let mut body = body;
        let run = move |context: &TaskContext| result_value(body(context));
        Self::new(tasks, Work::Body(Box::new(Repeated(run))))
    }

    // <vocabulary: repeatable setters>
    /// Tries it again where it fails; of a periodic task, the run. For work that can run again.
    pub fn retry(mut self, retry: impl Into<Retry>) -> Self {
        self.options.retry = retry.into();
        self
    }

    // </vocabulary>
}

impl<T: TaskValue, W> TaskBuilder<T, W> {
    fn new(tasks: Tasks, work: Work) -> Self {
        let options = TaskOptions::default();
        TaskBuilder { tasks, work, options, reserved: None, result: PhantomData }
    }

    // <vocabulary: setters>
    /// What the user sees. Default: the name of its job or function, else none.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.options.name = Some(name.into());
        self
    }

    /// `High`: the user waits for it; `Normal`: the user will see it; `Low`: nobody waits. Default: Normal.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.options.priority = priority;
        self
    }

    /// Before it runs; of a periodic task, before its first run. Up to 100 years. Default: zero, at once.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.options.delay = delay;
        self
    }

    /// A run that takes longer is asked to stop, and fails as TimedOut. Up to 100 years. Default: none, as is
    /// zero.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = (!timeout.is_zero()).then_some(timeout);
        self
    }

    /// Goes on when its owner goes, without callbacks. Default: no.
    pub fn detached(mut self) -> Self {
        self.options.detached = true;
        self
    }

    /// Runs in spite of a shutdown, if it was queued before, and is not asked to stop by it; nor by its owner's
    /// end, after which its callbacks are not called. An unloading waits for it. Default: no.
    pub fn must_run(mut self) -> Self {
        self.options.must_run = true;
        self
    }

    /// How much it counts among the others in the progress of all (`TaskModel.progress`), such as its
    /// megabytes, if the others say theirs. Of a periodic task it means nothing. Above 0, up to 1,000,000.
    /// Default: 1.
    pub fn weight(mut self, weight: f64) -> Self {
        self.options.weight = weight;
        self
    }

    /// If it has not begun so long after it was submitted, or after its delay, it never does, and fails as
    /// TimedOut, kind StartTimedOut. Up to 100 years. Default: none, as is zero.
    pub fn start_timeout(mut self, start_timeout: Duration) -> Self {
        self.options.start_timeout = (!start_timeout.is_zero()).then_some(start_timeout);
        self
    }

    /// A run that takes longer is logged once, and announced. It is not stopped. Up to 100 years. Default: 30
    /// s; zero: none.
    pub fn warn_after(mut self, warn_after: Duration) -> Self {
        self.options.warn_after = warn_after;
        self
    }

    // </vocabulary>

    /// Repeats it by this schedule.
    pub(crate) fn schedule(mut self, periodic: Periodic) -> Self {
        self.options.periodic = Some(periodic);
        self
    }

    /// Who owns it. When the owner goes, its callbacks are no longer called and it is cancelled.
    pub fn owner(mut self, owner: &Owner) -> Self {
        self.options.owner = Some(owner.id());
        self
    }

    #[cfg(feature = "qt")]
    pub(crate) fn owner_id(mut self, owner: Option<crate::OwnerId>) -> Self {
        self.options.owner = owner;
        self
    }

    /// Calls `f` with the result; of a periodic task, with each run's.
    ///
    /// It runs on the manager's thread, which is that of the `QCoreApplication`, after the signals;
    /// in a build without Qt on the worker, after the body. It is not called once the owner is gone.
    pub fn on_complete(mut self, f: impl FnMut(T) + Send + 'static) -> Self {
        self.options.callbacks.push(completed(f));
        self
    }

    /// Calls `f` with the error of a task or of a periodic task's run, where [`Self::on_complete`]
    /// would be called with its result.
    pub fn on_error(mut self, f: impl FnMut(&TaskError) + Send + 'static) -> Self {
        self.options.callbacks.push(failed(f));
        self
    }

    /// Calls `f` if the task is cancelled.
    pub fn on_cancelled(mut self, f: impl FnMut(CancelReason) + Send + 'static) -> Self {
        self.options.callbacks.push(cancelled(f));
        self
    }

    /// Calls `f` with the progress, from 0 to 1 or -1 for "not known", and its message; at most
    /// once a frame, and with the last one before the end.
    pub fn on_progress(mut self, f: impl FnMut(f64, &str) + Send + 'static) -> Self {
        self.options.callbacks.push(progressed(f));
        self
    }

    /// Calls `f` as the body begins for the first time: where [`Self::on_complete`] would be called, and in a
    /// build without Qt before the body.
    pub fn on_started(mut self, mut f: impl FnMut() + Send + 'static) -> Self {
        self.options.callbacks.push(Box::new(move |notice| {
            if let Notice::Started = notice {
                f();
            }
        }));
        self.options.hears_start = true;
        self
    }

    /// Calls `f` with the end, however the task ended: one callback in place of three. Of a periodic task that
    /// is not the end of a run.
    pub fn on_end(mut self, f: impl FnMut(Outcome<T>) + Send + 'static) -> Self {
        self.options.callbacks.push(ended(f));
        self
    }

    /// Calls `f` when a run failed and is tried again: with the number of the attempt that comes, from 2, how
    /// the last one failed, and how long it is until then. See `retry`.
    pub fn on_retry(mut self, mut f: impl FnMut(u64, &TaskError, Duration) + Send + 'static) -> Self {
        self.options.callbacks.push(Box::new(move |notice| {
            if let Notice::Retrying(attempt, error, delay) = notice {
                f(*attempt, error, *delay);
            }
        }));
        self
    }

    /// Calls `f` when a run takes longer than `warn_after`, with how long it has taken by then.
    pub fn on_slow(mut self, mut f: impl FnMut(Duration) + Send + 'static) -> Self {
        self.options.callbacks.push(Box::new(move |notice| {
            if let Notice::Slow(time) = notice {
                f(*time);
            }
        }));
        self
    }

    /// The id that it will have, before it is submitted: for a receiver that must know it before
    /// the first signal, on a thread that is not the manager's.
    pub fn id(&mut self) -> Result<TaskId, SpawnError> {
        match self.reserved {
            Some(id) => Ok(id),
            None => {
                let id = self.tasks.engine().reserve()?;
                self.reserved = Some(id);
                Ok(id)
            }
        }
    }

    /// Submits it. From any thread; never blocks, never runs the body inside the call.
    ///
    /// On an error nothing was created, and the closure is destroyed here.
    pub fn spawn(self) -> Result<TaskHandle<T>, SpawnError> {
        let tasks = self.tasks;
        let id = self.submit(true)?;
        Ok(TaskHandle { tasks, id, poller: Poller::default(), result: PhantomData })
    }

    /// Puts options on it; what they say nothing of stays.
    #[cfg(feature = "qt")]
    pub(crate) fn options(mut self, options: TaskOptions<Value>) -> Self {
        options.put_on(&mut self.options);
        self
    }

    /// Submits it and keeps it until somebody calls `Engine::drop_handle`.
    #[cfg(feature = "qt")]
    pub(crate) fn spawn_pinned(self) -> Result<TaskId, SpawnError> {
        self.submit(true)
    }

    /// Submits it and gives only the id, for those who hear of it by the signals.
    pub fn spawn_id(self) -> Result<TaskId, SpawnError> {
        self.submit(false)
    }

    fn submit(mut self, keep: bool) -> Result<TaskId, SpawnError> {
        // Given back last, after whatever is left of the body is destroyed.
        let _held;
        let work = match std::mem::replace(&mut self.work, Work::Used) {
            Work::Body(body) => body,
            Work::Job(name, args) => {
                let (body, held) = self.job_body(&name, args)?;
                _held = held;
                body
            }
            Work::Used => return Err(SpawnError::AlreadySpawned),
        };
        let options = std::mem::take(&mut self.options);
        let id = self.tasks.engine().submit(work, options, self.reserved, keep)?;
        self.reserved = None;
        Ok(id)
    }
}

impl<T: TaskValue, W> TaskBuilder<T, W> {
    /// The body of a registered job, and what keeps its owner meanwhile.
    fn job_body(&mut self, name: &str, args: Args) -> Result<(BoxBody, Option<Held>), SpawnError> {
        let tasks = self.tasks;
        let unknown = || SpawnError::unknown_job(name, tasks.jobs().names());
        let owner = tasks.jobs().owner_of(name).ok_or_else(unknown)?;
        let mut held = None;
        if let Some(owner) = owner {
            let id = self.id()?;
            held = Some(tasks.engine().hold_owner(owner, id, name).ok_or_else(unknown)?);
            self.options.code = Some(owner);
        }
        let job = tasks.jobs().find(name, owner).ok_or_else(unknown)?;
        Ok((Box::new(Repeated(move |context: &TaskContext| job(context, &args))), held))
    }
}

impl TaskBuilder<Value> {
    pub(super) fn job(tasks: Tasks, name: &str, args: Args) -> Self {
        let mut builder = Self::new(tasks, Work::Job(name.to_owned(), args));
        builder.options.job = Some(name.into());
        builder
    }
}

impl<T, W> Drop for TaskBuilder<T, W> {
    fn drop(&mut self) {
        if let Some(id) = self.reserved {
            self.tasks.engine().release(id);
        }
    }
}

/// What a body returned, as the value that all faces understand.
pub(super) fn result_value<T: TaskValue>(returned: impl IntoResult<T>) -> Result<Value, TaskError> {
    let value = returned.into_result()?.into_value();
    match check_depth(&value, "the result") {
        Ok(()) => Ok(value),
        Err(error) => {
            // To destroy it would overflow the stack as well.
            std::mem::forget(value);
            Err(error)
        }
    }
}

fn completed<T: TaskValue>(mut f: impl FnMut(T) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Completed(value) | Notice::Run(_, value) = notice {
            match T::from_value(plain(value.clone())) {
                Some(value) => f(value),
                None => {
                    diagnostics::error(format_args!("on_complete is not called: {}", mismatch::<T>(value)))
                }
            }
        }
    })
}

fn failed(mut f: impl FnMut(&TaskError) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Failed(error) | Notice::RunFailed(_, error) = notice {
            f(error);
        }
    })
}

fn cancelled(mut f: impl FnMut(CancelReason) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Cancelled(reason) = notice {
            f(*reason);
        }
    })
}

fn progressed(mut f: impl FnMut(f64, &str) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| {
        if let Notice::Progress(value, message) = notice {
            f(*value, message);
        }
    })
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome<T> {
    Completed(T),
    /// Failed, TimedOut or Abandoned: the error's kind says which.
    Failed(Arc<TaskError>),
    Cancelled(CancelReason),
}

fn ended<T: TaskValue>(mut f: impl FnMut(Outcome<T>) + Send + 'static) -> Callback<Value> {
    Box::new(move |notice| match notice {
        Notice::Completed(value) => f(match T::from_value(plain(value.clone())) {
            Some(value) => Outcome::Completed(value),
            // It is to hear of every end.
            None => Outcome::Failed(Arc::new(TaskError::from_error(mismatch::<T>(value)))),
        }),
        Notice::Failed(error) => f(Outcome::Failed(error.clone())),
        Notice::Cancelled(reason) => f(Outcome::Cancelled(*reason)),
        _ => {}
    })
}

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
    /// has ended, and its body is still at work. Whoever destroys what the body uses waits for this.
    pub fn wait_for_body(&self, timeout: impl Into<Option<Duration>>) -> WaitResult {
        self.tasks.wait_for_body(self.id, timeout)
    }

    /// Calls `f` with the result, as [`TaskBuilder::on_complete`] does; also if the task has ended
    /// by now.
    pub fn on_complete(&self, f: impl FnMut(T) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, completed(f));
        self
    }

    /// Calls `f` with the error; also if the task has failed by now.
    pub fn on_error(&self, f: impl FnMut(&TaskError) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, failed(f));
        self
    }

    /// Calls `f` if the task is cancelled; also if it was by now.
    pub fn on_cancelled(&self, f: impl FnMut(CancelReason) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, cancelled(f));
        self
    }

    /// Calls `f` with the end, however the task ended; also if it has by now.
    pub fn on_end(&self, f: impl FnMut(Outcome<T>) + Send + 'static) -> &Self {
        self.tasks.engine().add_callback(self.id, ended(f));
        self
    }

    /// Takes it back if it has not begun: whether it was taken back. What runs goes on.
    pub fn cancel_if_queued(&self) -> bool {
        self.tasks.cancel_if_queued(self.id)
    }

    /// Has it run now if it waits for its time: see [`Tasks::run_now`].
    pub fn run_now(&self) -> bool {
        self.tasks.run_now(self.id)
    }

    /// Changes the interval of a periodic task: see [`Tasks::set_interval`].
    pub fn set_interval(&self, interval: Duration) -> Result<(), IntervalError> {
        self.tasks.set_interval(self.id, interval)
    }

    fn outcome(&self) -> Result<T, WaitError> {
        match self.tasks.engine().outcome(self.id) {
            Some((_, engine::Outcome::Value(value))) => T::from_value(plain(value.clone()))
                .ok_or_else(|| WaitError::Failed(Arc::new(TaskError::from_error(mismatch::<T>(&value))))),
            Some((_, engine::Outcome::Error(error))) => Err(WaitError::Failed(error)),
            Some((_, engine::Outcome::None)) => {
                let reason = self.info().and_then(|info| info.cancel_reason);
                Err(WaitError::Cancelled(reason.unwrap_or(CancelReason::User)))
            }
            None => Err(lost()),
        }
    }
}

/// Where `from_value` does not take what `into_value` gave; also where the result went with its owner.
fn mismatch<T: TaskValue>(value: &Value) -> String {
    format!("the result is {}; expected {} ({})", value.describe(), T::KIND, std::any::type_name::<T>())
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
