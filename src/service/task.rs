//! Building a task.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::args::Args;
use super::callbacks::{cancelled, completed, failed, progressed};
use super::convert::{IntoResult, TaskValue};
use super::handle::TaskHandle;
use super::jobs::JobError;
use super::owner::Owner;
use super::tasks::{SpawnError, Tasks};
use super::value::{Value, check_depth};
use crate::engine::{
    self, Body, CancelReason, Held, Once, OwnerId, Periodic, Repeated, TaskContext, TaskError, TaskId,
    TaskOptions,
};

/// An empty text is as none.
fn said(text: &Arc<str>) -> bool {
    !text.is_empty()
}

impl Tasks {
    /// A task that runs `body` once, on a worker. The body may return a [`TaskValue`], or a
    /// `Result` with one and any error.
    ///
    /// What the body captured is destroyed as it returns, which is a part of its call: a destructor
    /// that panics there is a panic of the body, and its result is lost. (A periodic body is
    /// destroyed after its last run; a panic of that is logged, and changes nothing.)
    pub fn task<T: TaskValue, R: IntoResult<T>>(
        self,
        body: impl FnOnce(&TaskContext) -> R + Send + 'static,
    ) -> TaskBuilder<T> {
        TaskBuilder::once(self, body)
    }

    /// A task that runs `body` again and again: `periodic(Duration::from_secs(30), …)`, or a
    /// [`Periodic`] that says more.
    pub fn periodic<T: TaskValue, R: IntoResult<T>>(
        self,
        schedule: impl Into<Periodic>,
        body: impl FnMut(&TaskContext) -> R + Send + 'static,
    ) -> TaskBuilder<T> {
        TaskBuilder::repeated(self, body).schedule(schedule.into())
    }

    /// A task that runs a registered job.
    pub fn job(self, name: &str, args: impl Into<Args>) -> TaskBuilder<Value> {
        TaskBuilder::job(self, name, args.into())
    }

    /// A task that runs a registered job again and again.
    pub fn periodic_job(
        self,
        schedule: impl Into<Periodic>,
        name: &str,
        args: impl Into<Args>,
    ) -> TaskBuilder<Value> {
        TaskBuilder::job(self, name, args.into()).schedule(schedule.into())
    }

    /// Registers a function under a name, for all faces. A name is taken once.
    pub fn register_job<T: TaskValue, R: IntoResult<T>>(
        self,
        name: &str,
        function: impl Fn(&TaskContext, &Args) -> R + Send + Sync + 'static,
    ) -> Result<(), JobError> {
        self.register(name, None, function)
    }

    /// The same for an owner: it leaves with that.
    pub(super) fn register<T: TaskValue, R: IntoResult<T>>(
        self,
        name: &str,
        owner: Option<OwnerId>,
        function: impl Fn(&TaskContext, &Args) -> R + Send + Sync + 'static,
    ) -> Result<(), JobError> {
        let run = move |context: &TaskContext, args: &Args| result_value(function(context, args));
        self.register_raw(name, owner, Arc::new(run))
    }
}

/// A task that is not submitted yet. `spawn` submits it; dropping it does nothing.
#[must_use = "nothing runs until spawn() is called"]
pub struct TaskBuilder<T> {
    tasks: Tasks,
    work: Work,
    options: TaskOptions<Value>,
    reserved: Option<TaskId>,
    result: PhantomData<fn() -> T>,
}

type BoxBody = Box<dyn Body<Value>>;

enum Work {
    Body(BoxBody),
    /// Looked up as it is submitted: a builder keeps no code of a plugin that may go.
    Job(String, Args),
    Used,
}

impl<T: TaskValue> TaskBuilder<T> {
    pub(super) fn once<R>(tasks: Tasks, body: impl FnOnce(&TaskContext) -> R + Send + 'static) -> Self
    where
        R: IntoResult<T>,
    {
        let run = move |context: &TaskContext| result_value(body(context));
        Self::new(tasks, Work::Body(Box::new(Once(Some(run)))))
    }

    pub(crate) fn repeated<R>(tasks: Tasks, body: impl FnMut(&TaskContext) -> R + Send + 'static) -> Self
    where
        R: IntoResult<T>,
    {
        let mut body = body;
        let run = move |context: &TaskContext| result_value(body(context));
        Self::new(tasks, Work::Body(Box::new(Repeated(run))))
    }

    fn new(tasks: Tasks, work: Work) -> Self {
        let options = TaskOptions::default();
        TaskBuilder { tasks, work, options, reserved: None, result: PhantomData }
    }

    // <vocabulary: setters>
    /// What the user sees. Default: the name of its job or function, else none. An empty text says nothing.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.options.name = Some(name.into()).filter(said);
        self
    }

    /// `High`: the user waits for it; `Normal`: the user will see it; `Low`: nobody waits. Default: Normal.
    pub fn priority(mut self, priority: engine::Priority) -> Self {
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

    // </vocabulary>

    /// Repeats it by this schedule.
    pub(crate) fn schedule(mut self, periodic: Periodic) -> Self {
        self.options.periodic = Some(periodic);
        self
    }

    /// Its owner. When that goes, its callbacks are no longer called and it is cancelled.
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
        Ok(TaskHandle::new(tasks, id))
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

impl<T: TaskValue> TaskBuilder<T> {
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

impl<T> Drop for TaskBuilder<T> {
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
