//! `TaskManager`: the object whose signals tell of all tasks.
//!
//! It is thin. There is one for each QML engine, so that an error is thrown into the engine that
//! called and a callback belongs to it; all of them show the one service.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::time::Duration;

use cxx::UniquePtr;
use cxx_qt::CxxQtType;
use cxx_qt::casting::Upcast;
use cxx_qt_lib::{QString, QVariant};

use super::checks::milliseconds;
use super::face;
use super::id::{id_text, task_id};
use super::int::qint32;
use super::keys;
use super::managers::{self, Number};
use super::options::{self, Call, Options, When};
use super::owners::unpack_owner;
use super::values::{read, to_variant};
use super::work::Work;
use super::{manager_thread, report};
use crate::engine::diagnostics;
use crate::engine::{CancelResult, OwnerId, Status, TaskId, WaitResult};
use crate::{CancelReason, SHUTDOWN_TIMEOUT, Value, tasks};

#[cxx_qt::bridge(namespace = "legwork")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
        include!("cxx-qt-lib/qtypes.h");
        type quint64 = cxx_qt_lib::quint64;
        type qint32 = crate::qt::int::qint32;
    }

    unsafe extern "C++" {
        include!("legwork/taskmanagerbase.h");
        type TaskManagerBase;
        type TaskFace = crate::qt::face::TaskFace;
        #[cxx_name = "faceOf"]
        fn face_of(base: Pin<&mut TaskManagerBase>) -> Pin<&mut TaskFace>;

        /// Whether anybody is connected to `taskStarted`.
        #[cxx_name = "hearsStarted"]
        fn base_hears_started(base: &TaskManagerBase) -> bool;
        #[cxx_name = "hearsCounts"]
        fn base_hears_counts(base: &TaskManagerBase) -> bool;
        #[cxx_name = "hearsCompleted"]
        fn base_hears_completed(base: &TaskManagerBase) -> bool;
        #[cxx_name = "hearsAnything"]
        fn base_hears_anything(base: &TaskManagerBase) -> bool;
    }

    extern "Rust" {
        /// Somebody was connected to a TaskManager, or is about to have a function of a task called. From any
        /// thread.
        #[cxx_name = "managerConnected"]
        fn manager_connected();

        /// Whether the TaskManager of C++ is being made by this thread, which may be any.
        #[cxx_name = "makingInstance"]
        fn making_instance(making: bool);
        /// Makes it a face: now, or, from another thread, with the next drain.
        #[cxx_name = "adoptInstance"]
        unsafe fn adopt_instance(face: *mut TaskManager);
        /// It is about to be deleted.
        #[cxx_name = "abandonInstance"]
        fn abandon_instance();
    }

    extern "RustQt" {
        // `maxWorkers` is an int inside a QVariant: Qt would make 4 of 4.7, 5 of "5" and 1 of true, where a
        // QVariant comes as it was meant and can be refused.
        #[qobject]
        #[base = TaskManagerBase]
        #[qml_element]
        #[qml_singleton]
        #[qproperty(QVariant, max_workers, cxx_name = "maxWorkers", READ = max_workers, WRITE = set_max_workers, NOTIFY = max_workers_changed)]
        #[qproperty(QVariant, stack_size, cxx_name = "stackSize", READ = stack_size, WRITE = set_stack_size, NOTIFY = stack_size_changed)]
        #[qproperty(qint32, active_count, cxx_name = "activeCount", READ = active_count, NOTIFY = active_count_changed)]
        #[qproperty(qint32, queued_count, cxx_name = "queuedCount", READ = queued_count, NOTIFY = queued_count_changed)]
        #[qproperty(QString, last_error, cxx_name = "lastError", READ = last_error, NOTIFY = last_error_changed)]
        type TaskManager = super::TaskManagerRust;

        /// A worker took the task; once for a periodic one, before its first run.
        #[qsignal]
        #[cxx_name = "taskStarted"]
        fn task_started(self: Pin<&mut TaskManager>, id: QString);
        /// The task ended with this result.
        #[qsignal]
        #[cxx_name = "taskCompleted"]
        fn task_completed(self: Pin<&mut TaskManager>, id: QString, result: QVariant);
        /// The task failed; also a single run of a periodic one, which then goes on.
        /// The whole error is in `taskInfo(id).error`.
        #[qsignal]
        #[cxx_name = "taskFailed"]
        fn task_failed(self: Pin<&mut TaskManager>, id: QString, error: QString);
        #[qsignal]
        #[cxx_name = "taskCancelled"]
        fn task_cancelled(self: Pin<&mut TaskManager>, id: QString);
        /// A run of a periodic task ended with this result; runs count from 1.
        #[qsignal]
        #[cxx_name = "taskPeriodic"]
        fn task_periodic(self: Pin<&mut TaskManager>, id: QString, iteration: quint64, result: QVariant);
        /// From 0 to 1, or -1 for "not known"; at most once a frame, the last always.
        #[qsignal]
        #[cxx_name = "taskProgress"]
        fn task_progress(self: Pin<&mut TaskManager>, id: QString, progress: f64, message: QString);
        /// Nothing is queued or running any more.
        #[qsignal]
        #[cxx_name = "allTasksFinished"]
        fn all_tasks_finished(self: Pin<&mut TaskManager>);
        /// A shutdown that `beginShutdown` or `shutdown` began is over.
        #[qsignal]
        #[cxx_name = "shutdownFinished"]
        fn shutdown_finished(self: Pin<&mut TaskManager>, report: QVariant);

        #[qsignal]
        #[cxx_name = "maxWorkersChanged"]
        fn max_workers_changed(self: Pin<&mut TaskManager>);
        #[qsignal]
        #[cxx_name = "stackSizeChanged"]
        fn stack_size_changed(self: Pin<&mut TaskManager>);
        #[qsignal]
        #[cxx_name = "activeCountChanged"]
        fn active_count_changed(self: Pin<&mut TaskManager>);
        #[qsignal]
        #[cxx_name = "queuedCountChanged"]
        fn queued_count_changed(self: Pin<&mut TaskManager>);
        #[qsignal]
        #[cxx_name = "lastErrorChanged"]
        fn last_error_changed(self: Pin<&mut TaskManager>);

        #[cxx_name = "maxWorkers"]
        fn max_workers(self: &TaskManager) -> QVariant;
        #[cxx_name = "setMaxWorkers"]
        fn set_max_workers(self: Pin<&mut TaskManager>, workers: &QVariant);
        #[cxx_name = "stackSize"]
        fn stack_size(self: &TaskManager) -> QVariant;
        #[cxx_name = "setStackSize"]
        fn set_stack_size(self: Pin<&mut TaskManager>, bytes: &QVariant);
        #[cxx_name = "activeCount"]
        fn active_count(self: &TaskManager) -> qint32;
        #[cxx_name = "queuedCount"]
        fn queued_count(self: &TaskManager) -> qint32;
        #[cxx_name = "lastError"]
        fn last_error(self: &TaskManager) -> QString;

        /// Runs a job on a worker, at once. The id, or empty on an error.
        #[qinvokable]
        #[cxx_name = "runInThread"]
        fn run_in_thread(
            self: Pin<&mut TaskManager>,
            job: &QString,
            args: &QVariant,
            options: &QVariant,
        ) -> QString;
        #[qinvokable]
        #[cxx_name = "runInThread"]
        fn run_in_thread2(self: Pin<&mut TaskManager>, job: &QString, args: &QVariant) -> QString;
        #[qinvokable]
        #[cxx_name = "runInThread"]
        fn run_in_thread1(self: Pin<&mut TaskManager>, job: &QString) -> QString;

        /// Runs a job after a delay.
        #[qinvokable]
        #[cxx_name = "runLater"]
        fn run_later(
            self: Pin<&mut TaskManager>,
            delay_ms: &QVariant,
            job: &QString,
            args: &QVariant,
            options: &QVariant,
        ) -> QString;
        #[qinvokable]
        #[cxx_name = "runLater"]
        fn run_later3(
            self: Pin<&mut TaskManager>,
            delay_ms: &QVariant,
            job: &QString,
            args: &QVariant,
        ) -> QString;
        #[qinvokable]
        #[cxx_name = "runLater"]
        fn run_later2(self: Pin<&mut TaskManager>, delay_ms: &QVariant, job: &QString) -> QString;

        /// Runs a job again and again.
        #[qinvokable]
        #[cxx_name = "runPeriodic"]
        fn run_periodic(
            self: Pin<&mut TaskManager>,
            interval_ms: &QVariant,
            job: &QString,
            args: &QVariant,
            options: &QVariant,
        ) -> QString;
        #[qinvokable]
        #[cxx_name = "runPeriodic"]
        fn run_periodic3(
            self: Pin<&mut TaskManager>,
            interval_ms: &QVariant,
            job: &QString,
            args: &QVariant,
        ) -> QString;
        #[qinvokable]
        #[cxx_name = "runPeriodic"]
        fn run_periodic2(self: Pin<&mut TaskManager>, interval_ms: &QVariant, job: &QString) -> QString;

        /// Calls a function that an ECMAScript module exports, in a JavaScript engine of the worker's own.
        /// The options may have `delayMs`, and `periodic` with `intervalMs`, besides.
        #[qinvokable]
        #[cxx_name = "runScript"]
        fn run_script(
            self: Pin<&mut TaskManager>,
            url: &QVariant,
            function: &QString,
            args: &QVariant,
            options: &QVariant,
        ) -> QString;
        #[qinvokable]
        #[cxx_name = "runScript"]
        fn run_script3(
            self: Pin<&mut TaskManager>,
            url: &QVariant,
            function: &QString,
            args: &QVariant,
        ) -> QString;
        #[qinvokable]
        #[cxx_name = "runScript"]
        fn run_script2(self: Pin<&mut TaskManager>, url: &QVariant, function: &QString) -> QString;

        /// Asks a task to stop: CancelledBeforeStart, CancelRequested, AlreadyFinished, UnknownTask.
        #[qinvokable]
        #[cxx_name = "cancelTask"]
        fn cancel_task(self: Pin<&mut TaskManager>, id: &QString) -> qint32;
        #[qinvokable]
        #[cxx_name = "taskStatus"]
        fn task_status(self: Pin<&mut TaskManager>, id: &QString) -> qint32;
        /// A map of what is known of a task; invalid (undefined) for an unknown one.
        #[qinvokable]
        #[cxx_name = "taskInfo"]
        fn task_info(self: Pin<&mut TaskManager>, id: &QString) -> QVariant;
        /// A `TaskView`: the properties of a `Task`, of any task. Inside a QVariant, where Python finds it, too. JavaScript owns it, as any object that a
        /// function returned: keep it in a property. Other callers get a child of the TaskManager, and
        /// delete it.
        #[qinvokable]
        fn task(self: Pin<&mut TaskManager>, id: &QString) -> QVariant;
        /// A Promise for JavaScript: of the task's result, and rejected with an Error if it fails, is
        /// cancelled or is unknown.
        #[qinvokable]
        fn promise(self: Pin<&mut TaskManager>, id: &QString) -> QVariant;
        /// Changes the priority of a task that does not run yet; false if there is none such.
        #[qinvokable]
        #[cxx_name = "setTaskPriority"]
        fn set_task_priority(self: Pin<&mut TaskManager>, id: &QString, priority: &QVariant) -> bool;
        /// Waits for a task's end without processing events: Done, WaitTimeout, UnknownTask,
        /// WouldDeadlock.
        #[qinvokable]
        #[cxx_name = "waitForTask"]
        fn wait_for_task(self: Pin<&mut TaskManager>, id: &QString, timeout_ms: &QVariant) -> qint32;
        #[qinvokable]
        #[cxx_name = "waitForTask"]
        fn wait_for_task1(self: Pin<&mut TaskManager>, id: &QString) -> qint32;
        /// The same until the task's body has returned, too, which in a task that a shutdown has abandoned
        /// comes after its end.
        #[qinvokable]
        #[cxx_name = "waitForBody"]
        fn wait_for_body(self: Pin<&mut TaskManager>, id: &QString, timeout_ms: &QVariant) -> qint32;
        /// Asks all tasks of an owner to stop, but for detached ones; false on an error.
        #[qinvokable]
        #[cxx_name = "cancelAll"]
        fn cancel_all(self: Pin<&mut TaskManager>, owner: &QVariant) -> bool;
        /// Waits until all tasks of an owner have ended and their bodies have returned: Done, WaitTimeout,
        /// WouldDeadlock; UnknownTask on an error.
        #[qinvokable]
        #[cxx_name = "waitForAll"]
        fn wait_for_all(self: Pin<&mut TaskManager>, owner: &QVariant, timeout_ms: &QVariant) -> qint32;

        /// What is remembered of tasks that have ended: `{tasks, bytes, ageMs}`.
        #[qinvokable]
        #[cxx_name = "historyLimits"]
        fn history_limits(self: &TaskManager) -> QVariant;
        /// Changes those that are in the map; what is too much is forgotten at once. False on an error.
        #[qinvokable]
        #[cxx_name = "setHistoryLimits"]
        fn set_history_limits(self: Pin<&mut TaskManager>, limits: &QVariant) -> bool;
        /// Forgets the tasks that have ended and were delivered, with their results: how many.
        #[qinvokable]
        #[cxx_name = "clearHistory"]
        fn clear_history(self: Pin<&mut TaskManager>) -> qint32;

        /// Ends the service, waiting for what runs: the report, as `shutdownFinished` has it.
        #[qinvokable]
        fn shutdown(self: Pin<&mut TaskManager>, timeout_ms: &QVariant) -> QVariant;
        #[qinvokable]
        #[cxx_name = "shutdown"]
        fn shutdown0(self: Pin<&mut TaskManager>) -> QVariant;
        /// The same without waiting: `shutdownFinished` tells the end.
        #[qinvokable]
        #[cxx_name = "beginShutdown"]
        fn begin_shutdown(self: Pin<&mut TaskManager>, timeout_ms: &QVariant) -> bool;
        #[qinvokable]
        #[cxx_name = "beginShutdown"]
        fn begin_shutdown0(self: Pin<&mut TaskManager>) -> bool;
    }

    impl cxx_qt::Initialize for TaskManager {}
}

pub use ffi::TaskManager;

/// The Rust half of a `TaskManager`.
#[derive(Default)]
pub struct TaskManagerRust {
    last_error: QString,
    /// The object's address once it is in `managers`.
    face: Option<*mut TaskManager>,
}

impl Drop for TaskManagerRust {
    fn drop(&mut self) {
        if let Some(face) = self.face {
            managers::remove(face);
        }
    }
}

thread_local! {
    static MAKING_INSTANCE: Cell<bool> = const { Cell::new(false) };
}

/// The TaskManager of C++, where it was made on another thread and is no face yet.
static INSTANCE: AtomicPtr<TaskManager> = AtomicPtr::new(std::ptr::null_mut());

fn manager_connected() {
    managers::may_hear();
}

fn making_instance(making: bool) {
    MAKING_INSTANCE.set(making);
}

fn adopt_instance(face: *mut TaskManager) {
    if manager_thread::is_manager_thread() {
        INSTANCE.store(face, Ordering::Release);
        adopt();
    } else {
        // Events are kept from the first connection on; the drain that takes them adopts it first.
        INSTANCE.store(face, Ordering::Release);
        manager_thread::wake();
    }
}

/// Whether the TaskManager of C++ is there, and no face yet.
pub(super) fn instance_waits() -> bool {
    !INSTANCE.load(Ordering::Acquire).is_null()
}

/// Makes the TaskManager of C++ a face, if it is none yet. On the manager's thread.
pub(super) fn adopt() {
    let face = INSTANCE.swap(std::ptr::null_mut(), Ordering::AcqRel);
    if face.is_null() {
        return;
    }
    // SAFETY: it is deleted on this thread, after `abandon_instance`; and it is a QObject, which nobody
    // moves. No other reference is in use: whoever has it elsewhere may only connect to it.
    unsafe { Pin::new_unchecked(&mut *face) }.rust_mut().face = Some(face);
    managers::add(face);
}

fn abandon_instance() {
    let face = INSTANCE.swap(std::ptr::null_mut(), Ordering::AcqRel);
    if !face.is_null() {
        // It never was a face, which would take back that it listens.
        managers::listen();
    }
}

impl cxx_qt::Initialize for TaskManager {
    fn initialize(mut self: Pin<&mut Self>) {
        if MAKING_INSTANCE.get() {
            // `adopt` does the rest.
            return;
        }
        if !manager_thread::is_manager_thread() {
            self.fail(WRONG_THREAD);
            return;
        }
        // SAFETY: only the address is taken, for `managers`, which is told when the object goes.
        let face: *mut TaskManager = unsafe { self.as_mut().get_unchecked_mut() };
        self.as_mut().rust_mut().face = Some(face);
        managers::add(face);
    }
}

const WRONG_THREAD: &str = "the TaskManager belongs to the thread of the QCoreApplication; create its QML engine \
     there, and call it from there (legwork::tasks() may be called from any thread)";

/// The time that a `waitForTask` without one waits.
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) fn args(value: Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Undefined | Value::Null => Ok(Vec::new()),
        Value::List(list) => Ok(std::sync::Arc::unwrap_or_clone(list)),
        other => Err(format!("args is {}; expected a list, such as [value]", other.describe())),
    }
}

impl TaskManager {
    fn face_pin(self: Pin<&mut Self>) -> Pin<&mut face::TaskFace> {
        ffi::face_of(self.upcast_pin())
    }

    /// Sets `lastError`, and throws where JavaScript runs.
    fn fail(mut self: Pin<&mut Self>, message: &str) {
        if self.face.is_some() && !manager_thread::is_manager_thread() {
            // The object must not be touched from here.
            diagnostics::error(format_args!("{message} ({WRONG_THREAD})"));
            return;
        }
        let face = self.face;
        self.as_mut().set_last_error(message);
        // Who heard of it may have deleted the object.
        if face.is_none_or(managers::is_there) {
            face::throw_error(self.face_pin(), &QString::from(message));
        }
    }

    fn set_last_error(mut self: Pin<&mut Self>, message: &str) {
        let message = QString::from(message);
        if self.last_error != message {
            self.as_mut().rust_mut().last_error = message;
            self.last_error_changed();
        }
    }

    /// Whether the calling thread may use this object; complains if not.
    fn on_its_thread(self: Pin<&mut Self>) -> bool {
        if manager_thread::is_manager_thread() && self.face.is_some() {
            return true;
        }
        if self.face.is_none() {
            self.fail(WRONG_THREAD);
        } else {
            // The object must not be touched from here.
            diagnostics::error(format_args!("{WRONG_THREAD}"));
        }
        false
    }

    fn submit(
        mut self: Pin<&mut Self>,
        work: impl FnOnce() -> Result<Work, String>,
        args_in: &QVariant,
        options_in: &QVariant,
        time: Time<'_>,
    ) -> QString {
        if !self.as_mut().on_its_thread() {
            return QString::default();
        }
        match Self::try_submit(work, args_in, options_in, time) {
            Ok((id, taken)) => {
                let id = id_text(id);
                face::keep_callbacks(self.face_pin(), &id, taken);
                id
            }
            Err(message) => {
                self.fail(&message);
                QString::default()
            }
        }
    }

    fn try_submit(
        work: impl FnOnce() -> Result<Work, String>,
        args_in: &QVariant,
        options_in: &QVariant,
        time: Time<'_>,
    ) -> Result<(TaskId, UniquePtr<face::TakenOptions>), String> {
        let work = work()?;
        // These two may run JavaScript (a getter), which may come back here.
        let args = args(read(args_in, "args")?)?;
        let taken = face::take_options(options_in);
        if !taken.error().is_empty() {
            return Err(taken.error().to_string());
        }
        let mut options = read(taken.rest(), "options")?;
        let (when, call) = match time {
            Time::Now => (When::default(), Call::Plain),
            Time::Later(delay) => {
                let delay = milliseconds(&read(delay, "delayMs")?, "delayMs", 0.0)?;
                (When { delay, interval: None }, Call::Plain)
            }
            Time::Every(interval) => {
                let interval = milliseconds(&read(interval, "intervalMs")?, "intervalMs", 1.0)?;
                (When { delay: Duration::ZERO, interval: Some(interval) }, Call::Periodic)
            }
            Time::InOptions => {
                let when = options::schedule(&mut options)?;
                let periodic = when.interval.is_some();
                (when, Call::Scheduled { periodic })
            }
        };
        let options = Options::read(&options, call)?;
        let builder = work.builder(args, when.interval.map(|interval| options.periodic(interval)));
        let builder = builder.map_err(|error| error.to_string())?.delay(when.delay);
        let builder = options.apply(builder).owner_id(unpack_owner(taken.owner()));
        let id = builder.spawn_id().map_err(|error| error.to_string())?;
        Ok((id, taken))
    }

    fn run_in_thread(self: Pin<&mut Self>, job: &QString, args: &QVariant, options: &QVariant) -> QString {
        self.submit(|| Work::job(job), args, options, Time::Now)
    }

    fn run_in_thread2(self: Pin<&mut Self>, job: &QString, args: &QVariant) -> QString {
        self.submit(|| Work::job(job), args, &QVariant::default(), Time::Now)
    }

    fn run_in_thread1(self: Pin<&mut Self>, job: &QString) -> QString {
        self.submit(|| Work::job(job), &QVariant::default(), &QVariant::default(), Time::Now)
    }

    fn run_later(
        self: Pin<&mut Self>,
        delay_ms: &QVariant,
        job: &QString,
        args: &QVariant,
        options: &QVariant,
    ) -> QString {
        self.submit(|| Work::job(job), args, options, Time::Later(delay_ms))
    }

    fn run_later3(self: Pin<&mut Self>, delay_ms: &QVariant, job: &QString, args: &QVariant) -> QString {
        self.submit(|| Work::job(job), args, &QVariant::default(), Time::Later(delay_ms))
    }

    fn run_later2(self: Pin<&mut Self>, delay_ms: &QVariant, job: &QString) -> QString {
        self.submit(|| Work::job(job), &QVariant::default(), &QVariant::default(), Time::Later(delay_ms))
    }

    fn run_periodic(
        self: Pin<&mut Self>,
        interval_ms: &QVariant,
        job: &QString,
        args: &QVariant,
        options: &QVariant,
    ) -> QString {
        self.submit(|| Work::job(job), args, options, Time::Every(interval_ms))
    }

    fn run_periodic3(
        self: Pin<&mut Self>,
        interval_ms: &QVariant,
        job: &QString,
        args: &QVariant,
    ) -> QString {
        self.submit(|| Work::job(job), args, &QVariant::default(), Time::Every(interval_ms))
    }

    fn run_periodic2(self: Pin<&mut Self>, interval_ms: &QVariant, job: &QString) -> QString {
        self.submit(|| Work::job(job), &QVariant::default(), &QVariant::default(), Time::Every(interval_ms))
    }

    fn run_script(
        self: Pin<&mut Self>,
        url: &QVariant,
        function: &QString,
        args: &QVariant,
        options: &QVariant,
    ) -> QString {
        self.submit(|| Work::script(url, function), args, options, Time::InOptions)
    }

    fn run_script3(self: Pin<&mut Self>, url: &QVariant, function: &QString, args: &QVariant) -> QString {
        self.run_script(url, function, args, &QVariant::default())
    }

    fn run_script2(self: Pin<&mut Self>, url: &QVariant, function: &QString) -> QString {
        self.run_script(url, function, &QVariant::default(), &QVariant::default())
    }

    fn cancel_task(self: Pin<&mut Self>, id: &QString) -> qint32 {
        let result = task_id(id).map_or(CancelResult::UnknownTask, |id| tasks().cancel(id));
        qint32::from(result as i32)
    }

    fn task_status(self: Pin<&mut Self>, id: &QString) -> qint32 {
        qint32::from(task_id(id).map_or(Status::UnknownTask, |id| tasks().status(id)) as i32)
    }

    fn task_info(self: Pin<&mut Self>, id: &QString) -> QVariant {
        let info = task_id(id).and_then(|id| tasks().info(id));
        info.map_or_else(QVariant::default, |info| to_variant(&report::info(&info)))
    }

    fn task(mut self: Pin<&mut Self>, id: &QString) -> QVariant {
        match self.as_mut().on_its_thread() {
            true => face::view_of(self.face_pin(), id),
            false => QVariant::default(),
        }
    }

    fn promise(mut self: Pin<&mut Self>, id: &QString) -> QVariant {
        if !self.as_mut().on_its_thread() {
            return QVariant::default();
        }
        // Before it is asked how the task is: its end is kept from here on.
        managers::may_hear();
        let info = self.as_mut().task_info(id);
        let promise = face::promise_of(self.as_mut().face_pin(), id, &info);
        if !promise.is_valid() {
            self.fail("a promise is for JavaScript; connect to taskCompleted, taskFailed and taskCancelled");
        }
        promise
    }

    fn set_task_priority(self: Pin<&mut Self>, id: &QString, priority: &QVariant) -> bool {
        let priority = read(priority, "priority").and_then(|value| keys::priority(&value, "priority"));
        match priority {
            Ok(priority) => task_id(id).is_some_and(|id| tasks().set_priority(id, priority)),
            Err(message) => {
                self.fail(&message);
                false
            }
        }
    }

    fn wait_for_task(self: Pin<&mut Self>, id: &QString, timeout_ms: &QVariant) -> qint32 {
        let done = time_limit(timeout_ms).map(|timeout| wait(id, timeout));
        self.waited(done)
    }

    fn wait_for_body(self: Pin<&mut Self>, id: &QString, timeout_ms: &QVariant) -> qint32 {
        let wait = |timeout| {
            let wait = |id| tasks().wait_for_body(id, timeout);
            qint32::from(task_id(id).map_or(WaitResult::UnknownTask, wait) as i32)
        };
        let done = time_limit(timeout_ms).map(wait);
        self.waited(done)
    }

    /// The owner that stands for an object; none if it has no task.
    fn known_owner(owner: &QVariant) -> Result<Option<OwnerId>, String> {
        let mut number = 0;
        match face::known_owner_in(owner, &mut number) {
            true => Ok(unpack_owner(number)),
            false => {
                Err("the owner is no object; expected the QObject that was given as options.owner".to_owned())
            }
        }
    }

    fn cancel_all(self: Pin<&mut Self>, owner: &QVariant) -> bool {
        match Self::known_owner(owner) {
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

    fn wait_for_all(self: Pin<&mut Self>, owner: &QVariant, timeout_ms: &QVariant) -> qint32 {
        let wait = |(owner, timeout): (Option<OwnerId>, Duration)| {
            let wait = |owner| tasks().engine().wait_for_all(owner, Some(timeout));
            qint32::from(owner.map_or(WaitResult::Done, wait) as i32)
        };
        let what = Self::known_owner(owner).and_then(|owner| Ok((owner, time_limit(timeout_ms)?)));
        self.waited(what.map(wait))
    }

    /// What a wait gave, or why there was none.
    fn waited(self: Pin<&mut Self>, done: Result<qint32, String>) -> qint32 {
        done.unwrap_or_else(|message| {
            self.fail(&message);
            qint32::from(WaitResult::UnknownTask as i32)
        })
    }

    fn wait_for_task1(self: Pin<&mut Self>, id: &QString) -> qint32 {
        wait(id, WAIT_TIMEOUT)
    }

    fn history_limits(&self) -> QVariant {
        to_variant(&report::history(&tasks().history_limits()))
    }

    fn set_history_limits(self: Pin<&mut Self>, limits: &QVariant) -> bool {
        let limits =
            read(limits, "limits").and_then(|limits| options::history(&limits, tasks().history_limits()));
        match limits {
            Ok(limits) => {
                tasks().set_history_limits(limits);
                true
            }
            Err(message) => {
                self.fail(&message);
                false
            }
        }
    }

    fn clear_history(self: Pin<&mut Self>) -> qint32 {
        managers::int(tasks().clear_history())
    }

    fn shutdown(self: Pin<&mut Self>, timeout_ms: &QVariant) -> QVariant {
        let timeout = read(timeout_ms, "timeoutMs").and_then(|value| milliseconds(&value, "timeoutMs", 0.0));
        match timeout {
            Ok(timeout) => shut_down(timeout),
            Err(message) => {
                self.fail(&message);
                QVariant::default()
            }
        }
    }

    fn shutdown0(self: Pin<&mut Self>) -> QVariant {
        shut_down(SHUTDOWN_TIMEOUT)
    }

    fn begin_shutdown(self: Pin<&mut Self>, timeout_ms: &QVariant) -> bool {
        let timeout = read(timeout_ms, "timeoutMs").and_then(|value| milliseconds(&value, "timeoutMs", 0.0));
        match timeout {
            Ok(timeout) => {
                begin_shutdown(timeout);
                true
            }
            Err(message) => {
                self.fail(&message);
                false
            }
        }
    }

    fn begin_shutdown0(self: Pin<&mut Self>) -> bool {
        begin_shutdown(SHUTDOWN_TIMEOUT);
        true
    }

    fn max_workers(&self) -> QVariant {
        QVariant::from(&i32::from(managers::int(managers::number(Number::Workers))))
    }

    fn set_max_workers(self: Pin<&mut Self>, workers: &QVariant) {
        // What cannot be read at all, such as a function, is no number either.
        let workers = read(workers, "maxWorkers").ok();
        let result = options::workers(workers.as_ref())
            .and_then(|workers| tasks().set_max_workers(workers).map_err(|error| error.to_string()));
        match result {
            // Announced at once, so that a binding has it when the setter returns.
            Ok(()) => managers::numbers_changed(),
            // A setter never throws.
            Err(message) => self.set_last_error(&message),
        }
    }

    fn stack_size(&self) -> QVariant {
        QVariant::from(&i32::from(managers::int(tasks().stack_size())))
    }

    fn set_stack_size(self: Pin<&mut Self>, bytes: &QVariant) {
        let bytes = read(bytes, "stackSize").ok();
        let result = options::stack_size(bytes.as_ref())
            .and_then(|bytes| tasks().set_stack_size(bytes).map_err(|error| error.to_string()));
        match result {
            Ok(()) => managers::stack_size_changed(),
            // A setter never throws.
            Err(message) => self.set_last_error(&message),
        }
    }

    fn active_count(&self) -> qint32 {
        managers::int(managers::number(Number::Active))
    }

    fn queued_count(&self) -> qint32 {
        managers::int(managers::number(Number::Queued))
    }

    fn last_error(&self) -> QString {
        self.last_error.clone()
    }

    pub(super) fn hears_started(&self) -> bool {
        ffi::base_hears_started(self.upcast())
    }

    pub(super) fn hears_starts_or_counts(&self) -> bool {
        self.hears_started() || ffi::base_hears_counts(self.upcast())
    }

    /// Whether anybody is connected to any signal, or has a function of a task to call.
    pub(super) fn hears_anything(&self) -> bool {
        ffi::base_hears_anything(self.upcast())
    }

    pub(super) fn hears_completed(&self) -> bool {
        ffi::base_hears_completed(self.upcast())
    }

    /// Whether any task has a function that this face, or one behind it, is to call.
    pub(super) fn calls(self: Pin<&mut Self>) -> bool {
        face::calls(&self.face_pin())
    }

    pub(super) fn call_on_complete(self: Pin<&mut Self>, id: &QString, result: &QVariant, end: bool) {
        face::call_on_complete(self.face_pin(), id, result, end);
    }

    pub(super) fn call_on_error(self: Pin<&mut Self>, id: &QString, error: &QVariant, end: bool) {
        face::call_on_error(self.face_pin(), id, error, end);
    }

    pub(super) fn call_on_cancelled(self: Pin<&mut Self>, id: &QString, reason: &QString) {
        face::call_on_cancelled(self.face_pin(), id, reason);
    }

    pub(super) fn call_on_progress(self: Pin<&mut Self>, id: &QString, value: f64, message: &QString) {
        face::call_on_progress(self.face_pin(), id, value, message);
    }
}

/// When a task is to run, as the caller said it.
enum Time<'a> {
    Now,
    Later(&'a QVariant),
    Every(&'a QVariant),
    /// As `options::schedule` reads it.
    InOptions,
}

fn time_limit(timeout_ms: &QVariant) -> Result<Duration, String> {
    milliseconds(&read(timeout_ms, "timeoutMs")?, "timeoutMs", 0.0)
}

fn wait(id: &QString, timeout: Duration) -> qint32 {
    qint32::from(task_id(id).map_or(WaitResult::UnknownTask, |id| tasks().wait(id, timeout)) as i32)
}

fn begin_shutdown(timeout: Duration) {
    // One that is over has told its end, or did when nobody listened; who begins it waits for that.
    let over = tasks().engine().shutdown_report().is_some();
    tasks().begin_shutdown(timeout);
    if over {
        managers::tell_shutdown_again();
    }
}

fn shut_down(timeout: Duration) -> QVariant {
    to_variant(&report::shutdown(&tasks().shutdown(timeout)))
}
