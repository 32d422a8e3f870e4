//! Building a task.

use std::borrow::Borrow;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::args::Args;
use super::callbacks::{
    Outcome, cancelled, completed, ended, failed, paused, progressed, retried, slow, started, values,
};
use super::convert::{IntoResult, TaskValue};
use super::elsewhere::Outside;
use super::given::GivenArgs;
use super::handle::{KeptTask, TaskHandle};
use super::jobs::JobError;
use super::owner::Owner;
use super::tasks::{SpawnError, Tasks};
use super::value::{Value, check_depth};
use crate::engine::{
    self, Body, CancelReason, Held, Once, OwnerId, Periodic, Repeated, Site, SubmitError, TaskContext,
    TaskError, TaskId, TaskOptions,
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
    ) -> TaskBuilder<T, RunsOnce> {
        TaskBuilder::once(self, body)
    }

    /// The same of a body that can run again, as it leaves what it captured as it was: so the task can be tried
    /// again, see [`TaskBuilder::retry`].
    ///
    /// A body that does not complete is kept for [`Tasks::retry`], as long as the task is remembered; a panic of its
    /// destructor is logged then.
    pub fn repeatable<T: TaskValue, R: IntoResult<T>>(
        self,
        body: impl FnMut(&TaskContext) -> R + Send + 'static,
    ) -> TaskBuilder<T, RunsAgain> {
        TaskBuilder::repeated(self, body)
    }

    /// A task that runs `body` again and again: `periodic(Duration::from_secs(30), …)`, or a
    /// [`Periodic`] that says more.
    pub fn periodic<T: TaskValue, R: IntoResult<T>>(
        self,
        schedule: impl Into<Periodic>,
        body: impl FnMut(&TaskContext) -> R + Send + 'static,
    ) -> TaskBuilder<T, RunsAgain> {
        TaskBuilder::repeated(self, body).schedule(schedule.into())
    }

    /// A task that runs a registered job.
    pub fn job(self, name: &str, args: impl Into<Args>) -> TaskBuilder<Value, RunsAgain> {
        self.job_given(name, args.into().into())
    }

    /// The same with results of tasks in its arguments.
    pub(crate) fn job_given(self, name: &str, args: GivenArgs) -> TaskBuilder<Value, RunsAgain> {
        TaskBuilder::job(self, name, args)
    }

    /// A task that runs a registered job again and again.
    pub fn periodic_job(
        self,
        schedule: impl Into<Periodic>,
        name: &str,
        args: impl Into<Args>,
    ) -> TaskBuilder<Value, RunsAgain> {
        self.job(name, args).schedule(schedule.into())
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

/// Work that runs once, and may use up what it captured.
pub enum RunsOnce {}

/// Work that can run again, as it is left as it was: a job, a script, a closure that may be called again.
pub enum RunsAgain {}

/// Work that is awaited: a worker polls it, and has it only as long as that takes. See [`Tasks::future`].
pub enum RunsAsync {}

/// No work of its own: it stands for others, all of them. See [`Tasks::all`].
pub enum AllOf {}

/// No work of its own: it stands for others, one of them. See [`Tasks::any`].
pub enum AnyOf {}

/// Work that a worker runs, and which may send values before its end: see [`Tasks::stream`].
pub trait HasBody: Runs {}

impl HasBody for RunsOnce {}
impl HasBody for RunsAgain {}
impl HasBody for RunsAsync {}

/// What ends by itself: work that a worker runs, or others that it stands for. External work does not.
pub trait Runs {}

impl Runs for RunsOnce {}
impl Runs for RunsAgain {}
impl Runs for RunsAsync {}
impl Runs for AllOf {}
impl Runs for AnyOf {}

/// What has work of its own, which may be slow, or be tried again: a body, or external work. A group has none.
pub trait HasWork {}

impl HasWork for RunsOnce {}
impl HasWork for RunsAgain {}
impl HasWork for RunsAsync {}

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
pub struct TaskBuilder<T, W = RunsOnce> {
    pub(super) tasks: Tasks,
    work: Work,
    pub(super) options: TaskOptions<Value>,
    reserved: Option<TaskId>,
    /// Of an external task.
    pub(super) elsewhere: Outside,
    /// The tasks whose results it takes; they stay until it is submitted.
    kept: Vec<KeptTask>,
    result: PhantomData<fn() -> (T, W)>,
}

pub(super) type BoxBody = Box<dyn Body<Value>>;

enum Work {
    Body(BoxBody),
    /// Looked up as it is submitted: a builder keeps no code of a plugin that may go.
    Job(String, GivenArgs),
    /// None: it stands for those that are kept.
    Whole(engine::ErrorPolicy),
    /// The same, of a policy that gives no list: to be refused.
    NoList,
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

impl<T: TaskValue> TaskBuilder<Vec<T>, AllOf> {
    /// What the end of one of its tasks does to the others. `StopOnError`: the first that does not complete cancels
    /// the rest, and is the error; `ContinueOnError`: all run to their ends, and it fails if one did not complete,
    /// with the list of those in its text. `StopOnSuccess` is refused here: that is [`Tasks::any`]. Default:
    /// StopOnError.
    ///
    /// ```
    /// # use legwork::{ErrorPolicy, tasks};
    /// let good = tasks().task(|_| Ok::<_, String>(1)).spawn()?;
    /// let bad = tasks().task(|_| Err::<i32, _>("no such host".to_owned())).name("b").spawn()?;
    /// let both = tasks().all([&good, &bad]).error_policy(ErrorPolicy::ContinueOnError).spawn()?;
    /// let error = both.wait(None).unwrap_err();
    /// assert_eq!(error.to_string(), "1 of 2 did not complete: \"b\": no such host");
    /// assert_eq!(good.wait(None)?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn error_policy(mut self, policy: engine::ErrorPolicy) -> Self {
        self.work = match policy {
            engine::ErrorPolicy::StopOnSuccess => Work::NoList,
            policy => Work::Whole(policy),
        };
        self
    }
}

impl<T: TaskValue> TaskBuilder<T, RunsAgain> {
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
    pub fn retry(mut self, retry: impl Into<engine::Retry>) -> Self {
        self.options.retry = retry.into();
        self
    }

    // </vocabulary>
}

impl<T: TaskValue, W: HasBody> TaskBuilder<T, W> {
    // <vocabulary: body setters>
    /// Its body waits for a disk, a network, a process: while it runs it does not count to `maxWorkers`, and
    /// another worker takes its place, for up to `maxBlocking` of them. Default: no.
    pub fn may_block(mut self) -> Self {
        self.options.may_block = true;
        self
    }

    /// Its body stops at its next checkpoint, sleep, `send` or call of its context when the task is paused, and
    /// goes on from there. Not for a body that has a lock of its own there: it would keep it. Without this,
    /// what runs runs on. Default: no.
    pub fn pausable(mut self) -> Self {
        self.options.pausable = true;
        self
    }

    /// How many values that it has sent may wait for their delivery. From 1. Default: 1,000.
    pub fn max_undelivered(mut self, max_undelivered: u32) -> Self {
        self.options.max_undelivered = max_undelivered;
        self
    }

    /// What its `send` does while so many wait. `Wait`: it waits until some are delivered; `DropOldest`;
    /// `Conflate`: only the newest is kept, at any time. Default: Wait.
    pub fn when_full(mut self, when_full: engine::WhenFull) -> Self {
        self.options.when_full = when_full;
        self
    }

    // </vocabulary>

    /// Calls `f` with what the body has sent since the last call, in the order sent: see [`Tasks::stream`]. All that it
    /// sends comes before the end. A value that is no `V` is left out, and logged.
    pub fn on_values<V: TaskValue>(mut self, f: impl FnMut(Vec<V>) + Send + 'static) -> Self {
        self.options.callbacks.push(values(f));
        self
    }
}

impl<T: TaskValue, W> TaskBuilder<T, W> {
    /// `W` is one that no worker runs.
    pub(super) fn elsewhere(tasks: Tasks, body: BoxBody) -> Self {
        Self::new(tasks, Work::Body(body))
    }

    /// `W` is work that is awaited.
    pub(super) fn awaited(tasks: Tasks, body: BoxBody) -> Self {
        let mut builder = Self::new(tasks, Work::Body(body));
        builder.options.future = true;
        builder
    }

    fn new(tasks: Tasks, work: Work) -> Self {
        let options = TaskOptions::default();
        let (elsewhere, kept) = (Outside::default(), Vec::new());
        TaskBuilder { tasks, work, options, reserved: None, elsewhere, kept, result: PhantomData }
    }

    /// It takes the result of one that is there.
    pub(super) fn after_one(before: KeptTask, body: BoxBody) -> Self {
        let mut builder = Self::new(before.tasks(), Work::Body(body));
        builder.options.takes.push(before.id());
        builder.kept.push(before);
        builder
    }

    /// It stands for others.
    pub(super) fn whole<V: TaskValue>(
        tasks: Tasks,
        policy: engine::ErrorPolicy,
        members: impl IntoIterator<Item = impl Borrow<TaskHandle<V>>>,
    ) -> Self {
        let mut builder = Self::new(tasks, Work::Whole(policy));
        builder.kept.extend(members.into_iter().map(|member| member.borrow().kept()));
        builder
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
    /// end, after which its callbacks are not called. An unloading waits for it. What still waits for its delay
    /// then is cancelled by either. Default: no.
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

    /// Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads
    /// from one host. A key is its owner's; without an owner it is the application's. Default: none. An empty
    /// text says nothing.
    pub fn key(mut self, key: impl Into<Arc<str>>) -> Self {
        self.options.key = Some(key.into()).filter(said);
        self
    }

    /// What it does where its key has tasks that have not ended. `Append`: waits for its turn, in the order of
    /// submission; `Replace`: the others are cancelled, and it begins when their bodies have ended;
    /// `KeepLatest`: what has begun goes on, and of those that wait it alone stays; `Keep`: it is not made, the
    /// call gives the id of the oldest of the others, and adds its callbacks to that. Default: Append.
    pub fn key_policy(mut self, key_policy: engine::KeyPolicy) -> Self {
        self.options.key_policy = key_policy;
        self
    }

    /// How many tasks of its key may run at once. One that differs from that of the others is refused. From 1.
    /// Default: 1.
    pub fn key_limit(mut self, key_limit: u32) -> Self {
        self.options.key_limit = key_limit;
        self
    }

    /// For which ends it waits of the tasks that it comes after. `Completed`: where one of them does not
    /// complete, it is cancelled; `Ended`: it begins however they end, for what cleans up. Default: Completed.
    pub fn after_policy(mut self, after_policy: engine::AfterPolicy) -> Self {
        self.options.after_policy = after_policy;
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

    /// Once it has ended, and has not failed, no `TaskModel` has a row for it, and so no monitor: for what
    /// comes often and says nothing afterwards. Default: no.
    pub fn transient(mut self) -> Self {
        self.options.transient = true;
        self
    }

    /// No `TaskModel` has it, and so no monitor: neither a row, nor a part in the counts, the progress and
    /// `cancelAll` of the model. For what the user did not ask for. Default: no.
    pub fn system(mut self) -> Self {
        self.options.system = true;
        self
    }

    /// Whether the history keeps its result. One that is large and not asked for again goes as soon as it was
    /// delivered, and no handle keeps it. Default: yes.
    pub fn keep_result(mut self, keep_result: bool) -> Self {
        self.options.keep_result = keep_result;
        self
    }

    // </vocabulary>

    /// The tasks that it comes after: it begins once all of them have completed, and is cancelled
    /// ([`CancelReason::DependencyFailed`]) where one does not; see [`Self::after_policy`]. Its delay is counted from
    /// there. One that has ended counts as it did; an id that is unknown or forgotten is refused.
    ///
    /// ```
    /// # use legwork::tasks;
    /// let unpacked = tasks().task(|_| "unpacked".to_owned()).spawn()?;
    /// let tested = tasks().task(|_| "tested".to_owned()).after([unpacked.id()]).spawn()?;
    /// assert_eq!(tested.wait(None)?, "tested");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn after(mut self, tasks: impl IntoIterator<Item = TaskId>) -> Self {
        self.options.after.extend(tasks);
        self
    }

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
        self.options.hears_failure = true;
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
    pub fn on_started(mut self, f: impl FnMut() + Send + 'static) -> Self {
        self.options.callbacks.push(started(f));
        self.options.hears_start = true;
        self
    }

    /// Calls `f` with the reason when the task is paused, or a body of a `pausable` one has stopped, and with `None` when
    /// it goes on: for pauses of the task itself, and for bodies that stop with their key, their owner, or all.
    pub fn on_paused(mut self, f: impl FnMut(Option<&str>) + Send + 'static) -> Self {
        self.options.callbacks.push(paused(f));
        self
    }

    /// Calls `f` with the end, however the task ended: one callback in place of three. Of a periodic task that
    /// is not the end of a run.
    pub fn on_end(mut self, f: impl FnMut(Outcome<T>) + Send + 'static) -> Self {
        self.options.callbacks.push(ended(f));
        self.options.hears_failure = true;
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

    /// Puts options on it; what they say nothing of stays.
    #[cfg(feature = "qt")]
    pub(crate) fn options(mut self, options: TaskOptions<Value>) -> Self {
        options.put_on(&mut self.options);
        self
    }
}

impl<T: TaskValue, W: HasWork> TaskBuilder<T, W> {
    /// Calls `f` when a run failed and is tried again: with the number of the attempt that comes, from 2, how
    /// the last one failed, and how long it is until then. See `retry`. A group has no run of its own:
    ///
    /// ```
    /// # let parts = [legwork::tasks().task(|_| 1).spawn()?];
    /// legwork::tasks().all(&parts).on_started(|| {});
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    /// ```compile_fail,E0599
    /// # let parts = [legwork::tasks().task(|_| 1).spawn()?];
    /// legwork::tasks().all(&parts).on_retry(|_, _, _| {});
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_retry(mut self, f: impl FnMut(u64, &TaskError, Duration) + Send + 'static) -> Self {
        self.options.callbacks.push(retried(f));
        self
    }

    /// Calls `f` when a run takes longer than `warn_after`, with how long it has taken by then.
    pub fn on_slow(mut self, f: impl FnMut(Duration) + Send + 'static) -> Self {
        self.options.callbacks.push(slow(f));
        self
    }
}

impl<T: TaskValue, W: Runs> TaskBuilder<T, W> {
    /// Submits it. From any thread; never blocks, never runs the body inside the call.
    ///
    /// On an error nothing was created, and the closure is destroyed here. So it is, without an error, where
    /// [`KeyPolicy::Keep`](crate::KeyPolicy::Keep) finds another task of the key: the handle is of that one then, and
    /// its callbacks are added to that.
    #[cfg_attr(feature = "locations", track_caller)]
    pub fn spawn(self) -> Result<TaskHandle<T>, SpawnError> {
        let tasks = self.tasks;
        let id = self.submit(Site::here(), true)?;
        Ok(TaskHandle::new(tasks, id))
    }

    /// Submits it and gives only the id, for those who hear of it by the signals.
    #[cfg_attr(feature = "locations", track_caller)]
    pub fn spawn_id(self) -> Result<TaskId, SpawnError> {
        self.submit(Site::here(), false)
    }
}

impl<T: TaskValue, W> TaskBuilder<T, W> {
    /// Submits it, as from there; if `keep`, it is kept until somebody calls `Engine::drop_handle`.
    pub(crate) fn submit(mut self, site: Site, keep: bool) -> Result<TaskId, SpawnError> {
        self.options.site = site;
        // Given back last, after whatever is left of the body is destroyed.
        let _held;
        let work = match std::mem::replace(&mut self.work, Work::Used) {
            Work::Body(body) => body,
            Work::Job(name, args) => {
                let (body, held) = self.job_body(&name, args)?;
                _held = held;
                body
            }
            Work::Whole(policy) => {
                let members: Vec<_> = self.kept.iter().map(KeptTask::id).collect();
                let options = std::mem::take(&mut self.options);
                let id = self.tasks.engine().submit_group(&members, policy, options, self.reserved, keep)?;
                return Ok(self.submitted(id));
            }
            Work::NoList => {
                return Err(SpawnError::Submit(SubmitError::InvalidOption {
                    option: "errorPolicy",
                    found: "StopOnSuccess".to_owned(),
                    expected: "StopOnError or ContinueOnError; any gives the first that completes".to_owned(),
                }));
            }
            Work::Used => return Err(SpawnError::AlreadySpawned),
        };
        let options = std::mem::take(&mut self.options);
        let id = self.tasks.engine().submit(work, options, self.reserved, keep)?;
        Ok(self.submitted(id))
    }

    fn submitted(&mut self, id: TaskId) -> TaskId {
        // Another one is not in use, and is given back.
        self.reserved = self.reserved.filter(|reserved| *reserved != id);
        id
    }
}

impl<T: TaskValue, W> TaskBuilder<T, W> {
    /// The body of a registered job, and what keeps its owner meanwhile.
    fn job_body(&mut self, name: &str, args: GivenArgs) -> Result<(BoxBody, Option<Held>), SpawnError> {
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
        Ok((args.body(move |context, args| job(context, args)), held))
    }
}

impl TaskBuilder<Value, RunsAgain> {
    pub(super) fn job(tasks: Tasks, name: &str, args: GivenArgs) -> Self {
        let takes = args.takes().to_vec();
        let mut builder = Self::new(tasks, Work::Job(name.to_owned(), args));
        builder.options.takes = takes;
        builder.options.job = Some(name.into());
        builder
    }

    /// Work that is called with arguments, in which results of tasks may stand.
    #[cfg(feature = "qt")]
    pub(crate) fn given(
        tasks: Tasks,
        args: GivenArgs,
        run: impl FnMut(&TaskContext, &Args) -> Result<Value, TaskError> + Send + 'static,
    ) -> Self {
        let takes = args.takes().to_vec();
        let mut builder = Self::new(tasks, Work::Body(args.body(run)));
        builder.options.takes = takes;
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
    checked(returned.into_result()?.into_value(), "the result")
}

/// A value, unless it nests too deep.
pub(super) fn checked(value: Value, what: &str) -> Result<Value, TaskError> {
    match check_depth(&value, what) {
        Ok(()) => Ok(value),
        Err(error) => {
            // To destroy it would overflow the stack as well.
            std::mem::forget(value);
            Err(error)
        }
    }
}
