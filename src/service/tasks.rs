//! The service itself: the one engine of the process and its jobs, and what is asked of them by [`Tasks`].

use std::path::{Path, PathBuf};
use std::time::Duration;

use once_cell::sync::OnceCell;

use super::jobs::{JobError, JobFn, Jobs};
use super::value::{Value, plain_info};
use super::wanted::Wanted;
use crate::engine::crew::{Crew, Share};
use crate::engine::diagnostics::{self, About};
use crate::engine::{
    BlockingError, CancelReason, CancelResult, Counts, Engine, EngineConfig, HistoryLimits, IntervalError,
    MAX_NICE, NiceError, OwnerId, PauseResult, Priority, RetryError, STACK_SIZES, ShutdownReport,
    StackSizeError, Stats, Status, SubmitError, TaskId, TaskInfo, TraceError, TraceReport, WaitResult,
    WorkersError, fork,
};
use crate::system;

/// How long a shutdown waits for what runs, unless it is told otherwise.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(30);

struct Service {
    engine: Engine<Value>,
    jobs: Jobs,
    figures: Wanted,
    host: Option<Host>,
}

/// It is never destroyed: workers may use it until the process is gone.
static SERVICE: OnceCell<Service> = OnceCell::new();

/// What there is in its place in a process that was forked from one with a service: it knows no task, and
/// refuses new ones.
static IN_CHILD: OnceCell<Service> = OnceCell::new();

fn in_child() -> &'static Service {
    IN_CHILD.get_or_init(|| Service {
        engine: Engine::direct(EngineConfig::default()),
        jobs: Jobs::default(),
        figures: Wanted::default(),
        host: None,
    })
}

/// The tasks of this process. The service starts with the first call, with the host that this gives.
pub fn tasks_with(host: fn() -> Option<Host>) -> Tasks {
    if fork::is_child() {
        // Also where the fork came while another thread started the service, which is never done there.
        return Tasks(in_child());
    }
    Tasks(SERVICE.get_or_init(|| {
        system::watch_forks(fork::flag());
        let host = host();
        let engine = start(host);
        trace_as_environment_says(&engine);
        Service { engine, jobs: Jobs::default(), figures: Wanted::default(), host }
    }))
}

/// The tasks of this process. The service starts with the first call; its threads with the first
/// task. From any thread.
#[cfg(not(feature = "qt"))]
pub fn tasks() -> Tasks {
    tasks_with(|| None)
}

/// The engine, if the service was ever called.
#[cfg(feature = "qt")]
pub(crate) fn engine_if_there() -> Option<&'static Engine<Value>> {
    SERVICE.get().map(|service| &service.engine)
}

/// What a face that has an event loop does for the service; without one, callbacks run on the worker.
#[derive(Clone, Copy)]
pub struct Host {
    /// Has the loop deliver; from any thread, without a lock.
    pub wake: fn(),
    pub log: diagnostics::Sink,
    /// Ends the service, and delivers meanwhile where the caller is the thread of the loop.
    pub shutdown: fn(Duration) -> ShutdownReport,
    /// Whether the calling thread delivers, or there is no loop that another one delivers in.
    #[cfg(feature = "testing")]
    pub may_deliver: fn() -> bool,
    /// Delivers for a moment, if the caller is the thread of the loop; whether there is more.
    #[cfg(feature = "testing")]
    pub deliver: fn() -> bool,
}

fn start(host: Option<Host>) -> Engine<Value> {
    match host {
        Some(host) => {
            diagnostics::set_sink(host.log);
            Engine::queued(config(), Box::new(host.wake))
        }
        None => Engine::direct(config()),
    }
}

fn config() -> EngineConfig {
    let default = EngineConfig::default();
    let most = *STACK_SIZES.end();
    let stack = system::thread_stack().map_or(default.stack_size, |bytes| bytes.clamp(2 << 20, most));
    let share = Share {
        give_way: |nice, crew| system::give_way(nice, crew == Crew::Background),
        has_less: system::has_less,
    };
    let worker_nice = nice_of_environment().unwrap_or(WORKER_NICE);
    EngineConfig { stack_size: stack, worker_nice, share, ..default }
}

/// Where `LEGWORK_TRACE` names a file, what the service does is traced into it from its begin. `%p` in it is the number of
/// the process: one that starts others, which have its environment, has a file for each.
fn trace_as_environment_says(engine: &Engine<Value>) {
    let Some(path) = std::env::var_os("LEGWORK_TRACE").filter(|path| !path.is_empty()) else { return };
    let path = match path.to_str() {
        Some(text) => text.replace("%p", &std::process::id().to_string()).into(),
        None => path,
    };
    match engine.start_trace(Path::new(&path)) {
        Ok(()) => system::at_exit(flush_trace),
        Err(error) => diagnostics::error(About::Pool, format_args!("LEGWORK_TRACE: {error}")),
    }
}

/// The process ends: what happened until now is to be in the file.
fn flush_trace() {
    if let Some(service) = SERVICE.get().filter(|_| !fork::is_child()) {
        service.engine.flush_trace();
    }
}

/// By how much workers give way by default: see benches/README.md, "The system's share".
const WORKER_NICE: u8 = 5;

/// What `LEGWORK_NICE` says; looked up once.
fn nice_of_environment() -> Option<u8> {
    static SAID: OnceCell<Option<u8>> = OnceCell::new();
    *SAID.get_or_init(|| {
        let said = std::env::var_os("LEGWORK_NICE")?;
        let nice = said.to_str().and_then(|said| said.parse().ok()).filter(|nice| *nice <= MAX_NICE);
        if nice.is_none() {
            diagnostics::warn(
                About::Pool,
                format_args!(
                    "LEGWORK_NICE is \"{}\"; expected a whole number from 0 to {MAX_NICE}",
                    said.display()
                ),
            );
        }
        nice
    })
}

/// The tasks of this process, for Rust. All faces see the same ones.
#[derive(Clone, Copy)]
pub struct Tasks(&'static Service);

/// Why a task was not accepted. Nothing was created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    #[error(transparent)]
    Submit(#[from] SubmitError),
    #[error("no job is named \"{name}\"; {hint}")]
    UnknownJob { name: String, hint: String },
    /// A script's module or function that cannot be.
    #[error("{0}")]
    Module(String),
    #[error("the builder was used already")]
    AlreadySpawned,
}

impl SpawnError {
    pub(super) fn unknown_job(name: &str, known: Vec<String>) -> Self {
        let hint = match known.as_slice() {
            [] => {
                "none is registered: register it first (register_job; in C++ legwork::registerJob)".to_owned()
            }
            names => {
                let shown: Vec<_> = names.iter().take(20).map(String::as_str).collect();
                let more = if names.len() > 20 { ", …" } else { "" };
                format!("registered are: {}{more}", shown.join(", "))
            }
        };
        let name = if name.chars().count() > 100 { "(a name of over 100 characters)" } else { name };
        SpawnError::UnknownJob { name: name.to_owned(), hint }
    }
}

impl Tasks {
    fn service(self) -> &'static Service {
        if fork::is_child() { in_child() } else { self.0 }
    }

    pub(crate) fn engine(self) -> &'static Engine<Value> {
        &self.service().engine
    }

    #[cfg(feature = "testing")]
    pub(super) fn may_deliver(self) -> bool {
        self.service().host.is_none_or(|host| (host.may_deliver)())
    }

    #[cfg(feature = "testing")]
    pub(crate) fn deliver(self) -> bool {
        self.service().host.is_some_and(|host| (host.deliver)())
    }

    pub(super) fn jobs(self) -> &'static Jobs {
        &self.service().jobs
    }

    pub(crate) fn register_raw(self, name: &str, owner: Option<OwnerId>, run: JobFn) -> Result<(), JobError> {
        self.jobs().register(name, run.clone(), owner)?;
        // After it is in: an owner that ends before this is seen here, one that ends later takes it
        // out, as `close` and `unload` unregister after they have ended the owner.
        if owner.is_some_and(|owner| !self.engine().is_alive(owner)) {
            self.jobs().take_back(name, &run);
            return Err(JobError::OwnerGone);
        }
        Ok(())
    }

    /// Takes a job's name back. Tasks that were submitted with it keep it.
    pub fn unregister_job(self, name: &str) -> bool {
        self.jobs().unregister(name)
    }

    /// The names of the registered jobs, sorted.
    pub fn job_names(self) -> Vec<String> {
        self.jobs().names()
    }

    /// Asks a task to stop. Returns at once.
    pub fn cancel(self, id: TaskId) -> CancelResult {
        self.engine().cancel(id, CancelReason::User)
    }

    /// Takes a task back that has not begun, and leaves any other alone: whether it was taken back.
    pub fn cancel_if_queued(self, id: TaskId) -> bool {
        self.engine().cancel_if_queued(id)
    }

    /// Has a task that waits for its time (its delay, its next run, its next attempt) run now; `false` for any
    /// other. The grid of `FixedRate` stays.
    pub fn run_now(self, id: TaskId) -> bool {
        self.engine().run_now(id)
    }

    /// Pauses a task by itself, for a reason that users see. What has not begun does not begin; its delay goes on
    /// meanwhile, and a wait between two attempts stands still. The body of a `pausable` task stops at its next
    /// [`checkpoint`](crate::TaskContext::checkpoint), sleep or `send`, and another thread takes its place; any other
    /// that runs runs on, which is [`PauseResult::PauseNotPossible`]. A periodic one rests after its run. Of a group its
    /// members are paused, too. From any thread; returns at once.
    ///
    /// Pauses count: a task that is paused by itself, with a group, its key, its owner and all goes on once all of these
    /// are taken back. A second pause of the same task is none. A shutdown takes all pauses back.
    ///
    /// ```
    /// # use legwork::{PauseResult, Status, tasks};
    /// # use std::time::Duration;
    /// let export = tasks()
    ///     .task(|context| {
    ///         for _ in 0..1_000 {
    ///             // Here it stops while it is paused, and ends once it is cancelled.
    ///             context.checkpoint()?;
    ///         }
    ///         Ok::<_, legwork::TaskError>(1_000)
    ///     })
    ///     .delay(Duration::from_secs(3_600))
    ///     .pausable()
    ///     .spawn()?;
    /// assert_eq!(export.pause("on battery"), PauseResult::Paused);
    /// assert_eq!(export.status(), Status::Paused);
    /// assert!(export.resume());
    /// assert!(export.run_now());
    /// assert_eq!(export.wait(None)?, 1_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pause(self, id: TaskId, reason: &str) -> PauseResult {
        self.engine().pause(id, reason)
    }

    /// Takes the pause of a task by itself back: whether there was one. It goes on, unless it is paused otherwise; one
    /// whose time has come meanwhile is due at once, but ticks of a periodic one that were missed are left out, by its
    /// `misfire`.
    pub fn resume(self, id: TaskId) -> bool {
        self.engine().resume(id)
    }

    /// Pauses all tasks of a key of the application's, and those that come, until it is resumed; also a key that has no
    /// tasks yet. `false` if it was paused before, and during a shutdown. Its tasks keep their places and their order.
    pub fn pause_key(self, key: &str, reason: &str) -> bool {
        self.engine().pause_key(None, key, reason)
    }

    /// Takes that back: whether there was something to take back.
    pub fn resume_key(self, key: &str) -> bool {
        self.engine().resume_key(None, key)
    }

    /// Pauses all tasks, and those that come, until [`Tasks::resume_all`]; `false` if they were paused before, and during
    /// a shutdown. It costs nothing a task. Bodies of `pausable` tasks stop at their next checkpoint, others run on.
    pub fn pause_all(self, reason: &str) -> bool {
        self.engine().pause_all(reason)
    }

    /// Takes that back: whether there was something to take back. Tasks that are paused otherwise stay so.
    pub fn resume_all(self) -> bool {
        self.engine().resume_all()
    }

    /// Whether all tasks are paused.
    pub fn is_paused(self) -> bool {
        self.engine().is_paused()
    }

    /// Submits the work of a task anew that failed, was cancelled or timed out, and can run again: a job, a script, work
    /// that is [`repeatable`](Self::repeatable) or periodic. It gives the id of the new task.
    ///
    /// The new one has the options of the old one, but for its delay and for what it came after: it begins as soon as it
    /// may. It has no callbacks: those of the old one have heard its end. The old one leaves the history; a
    /// [`TaskHandle`](crate::TaskHandle) that keeps it shows it as it was. The result that a task took by
    /// [`then_repeatable`](crate::TaskHandle::then_repeatable) is given again, if it had begun with that.
    ///
    /// Work is kept for this as long as the task is remembered ([`HistoryLimits`]), or a handle keeps it; not once
    /// its owner is gone, nor where a newer task of its key has replaced it.
    ///
    /// ```
    /// # use legwork::{RetryError, tasks};
    /// let online = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    /// let is = online.clone();
    /// let load = move |_: &_| if is.load(std::sync::atomic::Ordering::Relaxed) { Ok("page") } else { Err("offline") };
    /// let task = tasks().repeatable(move |context| load(context).map(str::to_owned)).name("Load").spawn()?;
    /// assert_eq!(task.wait(None).unwrap_err().to_string(), "offline");
    /// online.store(true, std::sync::atomic::Ordering::Relaxed);
    /// let again = task.retry()?;
    /// assert_eq!(again.wait(None)?, "page");
    /// assert_eq!(again.info().unwrap().name.as_ref(), "Load");
    /// assert!(matches!(task.retry(), Err(RetryError::AlreadyRetried { .. })));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn retry(self, id: TaskId) -> Result<TaskId, RetryError> {
        self.engine().retry(id, false, Vec::new())
    }

    /// Changes the interval of a periodic task, from 1 ns to 100 years: the next run is due so long after the
    /// last one ended, or was due, whichever its rate counts from; at once if that has passed.
    pub fn set_interval(self, id: TaskId, interval: Duration) -> Result<(), IntervalError> {
        self.engine().set_interval(id, interval)
    }

    pub fn status(self, id: TaskId) -> Status {
        self.engine().status(id)
    }

    /// What is known of a task; `None` for one that never was or is forgotten.
    pub fn info(self, id: TaskId) -> Option<TaskInfo<Value>> {
        self.engine().info(id).map(plain_info)
    }

    /// The same for what shows a task: to look is not to hear of its failure.
    #[cfg(feature = "qt")]
    pub(crate) fn look_at(self, id: TaskId) -> Option<TaskInfo<Value>> {
        self.engine().look_at(id).map(plain_info)
    }

    /// What is known of all tasks, oldest first.
    pub fn list(self) -> Vec<TaskInfo<Value>> {
        self.engine().tasks().into_iter().map(plain_info).collect()
    }

    /// Asks all tasks of a key to stop, those that are there by now; of a key of the application's. An owner's keys
    /// are its own: [`Owner::cancel_key`](crate::Owner::cancel_key).
    pub fn cancel_key(self, key: &str) {
        self.engine().cancel_key(None, key, CancelReason::User);
    }

    /// What is known of the tasks of a key of the application's that have not ended, oldest first.
    pub fn tasks_of_key(self, key: &str) -> Vec<TaskInfo<Value>> {
        self.engine().tasks_of_key(None, key).into_iter().map(plain_info).collect()
    }

    /// Waits for a task's end: see [`TaskHandle::wait`](crate::TaskHandle::wait).
    pub fn wait(self, id: TaskId, timeout: impl Into<Option<Duration>>) -> WaitResult {
        self.engine().wait(id, timeout.into())
    }

    /// Waits until a task has ended and its body has returned: see
    /// [`TaskHandle::wait_for_body`](crate::TaskHandle::wait_for_body).
    pub fn wait_for_body(self, id: TaskId, timeout: impl Into<Option<Duration>>) -> WaitResult {
        self.engine().wait_for_body(id, timeout.into())
    }

    /// Changes the priority of a task that does not run yet.
    pub fn set_priority(self, id: TaskId, priority: Priority) -> bool {
        self.engine().set_priority(id, priority)
    }

    /// Tasks that may run at once. Default: 4.
    pub fn max_workers(self) -> usize {
        self.engine().max_workers()
    }

    /// From 1 to 1,024; takes effect at once when it grows, as tasks end when it shrinks.
    pub fn set_max_workers(self, workers: usize) -> Result<(), WorkersError> {
        self.engine().set_max_workers(workers)?;
        self.announce();
        Ok(())
    }

    /// For how many bodies that block ([`TaskContext::blocking`](crate::TaskContext::blocking), `may_block`) others run
    /// in their places. Default: 64.
    pub fn max_blocking(self) -> usize {
        self.engine().max_blocking()
    }

    /// From 0, so that those count as any, to 1,024; takes effect at once when it grows, as tasks end when it shrinks.
    pub fn set_max_blocking(self, bodies: usize) -> Result<(), BlockingError> {
        self.engine().set_max_blocking(bodies)?;
        self.announce();
        Ok(())
    }

    /// After how long without work a worker's thread ends, but for one that waits for the next task; `None` for never.
    /// Default: 30 s.
    pub fn idle_timeout(self) -> Option<Duration> {
        self.engine().idle_timeout()
    }

    /// Any time, or `None` for never; for the threads that are idle now, too. With zero they end at once.
    pub fn set_idle_timeout(self, after: impl Into<Option<Duration>>) {
        self.engine().set_idle_timeout(after.into());
        self.announce();
    }

    /// Has `start` called in each worker's thread that starts from now on, on that thread and before its first task: for
    /// what belongs to a thread, such as a locale, COM or a connection to a database, kept in a `thread_local!`.
    /// Threads that are there by now are left alone, so say it before the first task.
    ///
    /// Several may be added; they are called in that order, and none is taken back. A panic of one is logged, and the
    /// thread goes on. Threads end and start as the work comes and goes, see [`idle_timeout`](Self::idle_timeout).
    ///
    /// ```
    /// # use legwork::tasks;
    /// use std::cell::Cell;
    ///
    /// thread_local! {
    ///     static READY: Cell<bool> = const { Cell::new(false) };
    /// }
    /// tasks().on_thread_start(|| READY.set(true));
    /// let task = tasks().task(|_| Ok::<_, std::io::Error>(READY.get())).spawn()?;
    /// assert!(task.wait(None)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_thread_start(self, start: impl Fn() + Send + Sync + 'static) {
        self.engine().on_thread_start(start);
    }

    /// By how much of Unix's `nice` the workers' threads give way to the application's. Default: 5; `LEGWORK_NICE` in
    /// the environment says another, for the user of an application.
    ///
    /// On Linux the nice value of a worker's thread is so much above the process's, and of the threads for Low by 10 at
    /// least, with SCHED_BATCH and the idle class of reads and writes; macOS and Windows have the like, in two steps.
    /// Threads that a body starts have what its worker has.
    pub fn worker_nice(self) -> u8 {
        self.engine().worker_nice()
    }

    /// From 0, so that no thread gives way, those for Low neither, to 19. Before the first task: a thread cannot take
    /// back what it gave. Where `LEGWORK_NICE` says one, that holds, and this changes nothing.
    pub fn set_worker_nice(self, nice: u8) -> Result<(), NiceError> {
        if nice <= MAX_NICE && nice_of_environment().is_some() {
            return Ok(());
        }
        self.engine().set_worker_nice(nice)
    }

    /// Bytes of stack that each worker has. Default: what the system gives to threads, on Linux 8 MiB as a
    /// rule (`ulimit -s`).
    pub fn stack_size(self) -> usize {
        self.engine().stack_size()
    }

    /// From 64 KiB to 1 GiB. Before the first task: threads keep the stack that they have.
    ///
    /// A body that needs more than it has ends the process, as anywhere: no library can make a fault of the
    /// task of it.
    pub fn set_stack_size(self, bytes: usize) -> Result<(), StackSizeError> {
        self.engine().set_stack_size(bytes)?;
        self.announce();
        Ok(())
    }

    /// Has the host tell that a number of the service's is another.
    fn announce(self) {
        if let Some(host) = self.0.host {
            (host.wake)();
        }
    }

    /// What the history may hold: see [`HistoryLimits`].
    pub fn history_limits(self) -> HistoryLimits {
        self.engine().history_limits()
    }

    /// Changes what the history may hold; what is too much is forgotten at once.
    pub fn set_history_limits(self, limits: HistoryLimits) {
        self.engine().set_history_limits(limits);
    }

    /// Forgets the tasks that have ended and were delivered, with their results: how many. What a handle
    /// keeps stays.
    pub fn clear_history(self) -> usize {
        self.engine().clear_history()
    }

    /// How many tasks are delayed, blocked, queued, running.
    pub fn counts(self) -> Counts {
        self.engine().counts()
    }

    /// Writes a trace of all tasks into a file, until [`stop_trace`](Self::stop_trace): what each waits for, on which
    /// worker it runs, and how long the thread that calls back is with each of its slots. Perfetto's UI and
    /// `chrome://tracing` open it. `docs/looking-inside.md` says what is in it and what it costs.
    ///
    /// The file is made, or written over. It can be opened at any time, also if the process has died. A thread of its own
    /// writes it, ten times a second; where that cannot keep up, events are left out, and the file says how many. A file
    /// that cannot be written any more, as the disk is full, ends the trace with one line in the log.
    ///
    /// From any thread. It returns once the file is open, or fails after a second. One that fails has changed nothing.
    /// `LEGWORK_TRACE=file.json` in the environment does the same from the begin of the service on, for any program.
    ///
    /// ```
    /// # use legwork::tasks;
    /// # let path = std::env::temp_dir().join(format!("legwork-doc-{}.json", std::process::id()));
    /// tasks().start_trace(&path)?;
    /// let task = tasks().task(|_| Ok::<_, legwork::TaskError>(1)).name("Count").spawn()?;
    /// task.wait(None)?;
    /// let report = tasks().stop_trace()?;
    /// assert_eq!((report.path, report.lost), (path.clone(), 0));
    /// assert!(std::fs::read_to_string(&path)?.contains("Count"));
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn start_trace(self, path: impl AsRef<Path>) -> Result<(), TraceError> {
        system::at_exit(flush_trace);
        self.engine().start_trace(path.as_ref())
    }

    /// Ends the trace, and waits until it is written, for two seconds at most. A trace that has ended by itself is told
    /// here, once, with the reason. From any thread.
    pub fn stop_trace(self) -> Result<TraceReport, TraceError> {
        self.engine().stop_trace()
    }

    /// The file of the trace that is being written, if one is.
    pub fn trace_path(self) -> Option<PathBuf> {
        self.engine().trace_path()
    }

    /// Takes figures of how long tasks wait, run, and are on their way to their receiver, from here on, or no more:
    /// [`stats`](Self::stats). Off by default. On, each submission takes the engine's lock, under which waits and
    /// runs are counted. What was taken stays. A `TaskStats` of QML has them taken while it is active, whatever is said
    /// here, and ends nothing that was begun here. From any thread.
    pub fn collect_stats(self, on: bool) {
        self.0.figures.say(self.engine(), on);
    }

    /// One more shows the figures, or one less: they are taken while there is one.
    #[cfg(feature = "qt")]
    pub(crate) fn show_stats(self, more: bool) {
        self.0.figures.show(self.engine(), more);
    }

    /// Whether figures are taken: as `collect_stats` or a `TaskStats` wants it.
    pub fn collects_stats(self) -> bool {
        self.engine().collects_stats()
    }

    /// The figures of the tasks since [`collect_stats`](Self::collect_stats), or the last reset: by job, lane and owner.
    /// They are right to one in a hundred. 64 jobs and 64 owners are told apart, all others count together. From any
    /// thread; the engine's lock is held while they are read.
    ///
    /// ```
    /// # use legwork::tasks;
    /// tasks().collect_stats(true);
    /// let task = tasks().task(|_| Ok::<_, legwork::TaskError>(1)).name("Count").spawn()?;
    /// task.wait(None)?;
    /// for job in tasks().stats().jobs {
    ///     println!("{}: {} runs, half of them within {:?}", job.name, job.running.count, job.running.p50);
    /// }
    /// # assert_eq!(tasks().stats().jobs.iter().filter(|job| &*job.name == "Count").count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stats(self) -> Stats {
        self.engine().stats()
    }

    /// Forgets the figures; what begins from here on counts.
    pub fn reset_stats(self) {
        self.engine().reset_stats();
    }

    /// Ends the service: refuses new work, cancels what waits, asks what runs to stop and waits for
    /// it, at most for `timeout`; what still runs then is abandoned and named in the report.
    ///
    /// From any thread, any number of times. A task that calls it begins it and returns. It is final.
    ///
    /// In a Qt application the same happens by itself when that quits, with 30 s, after the last slot of
    /// `aboutToQuit`; that one is over with the event loop: the service is open again with the next submission.
    pub fn shutdown(self, timeout: Duration) -> ShutdownReport {
        match self.0.host {
            Some(host) => (host.shutdown)(timeout),
            None => self.engine().shutdown(timeout, None),
        }
    }

    /// The same without waiting.
    pub fn begin_shutdown(self, timeout: Duration) {
        self.engine().begin_shutdown(timeout);
    }

    /// Whether work is refused: after a shutdown, or during one.
    pub fn is_shut_down(self) -> bool {
        self.engine().is_shut_down()
    }
}
