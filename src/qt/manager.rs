//! `TaskManager`: its signals tell of all tasks.
//!
//! It is thin. There is one for each QML engine, so that an error is thrown into the engine that
//! called and a callback belongs to it; all of them show the one service.
//!
//! Here it is declared, and made. What its functions do is in the files below, in reading order: `submit` (new
//! tasks), `control` (tasks by their ids and owners), `pausing` (pauses), `service` (history, workers, shutdown), `delivery` (what a
//! drain asks of it), `instance` (the one of C++).

mod control;
mod delivery;
mod instance;
mod pausing;
mod service;
mod submit;

use std::pin::Pin;

use cxx_qt::CxxQtType;
use cxx_qt::casting::Upcast;
use cxx_qt_lib::QString;

use super::managers;
use super::{bases, face, manager_thread};
use crate::engine::diagnostics::{self, About};

use instance::{
    abandon_instance, adopt_instance, is_making, making_instance, manager_connected, queued_connected,
};
pub(super) use instance::{adopt, instance_waits};

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
        type TaskManagerBase = crate::qt::bases::TaskManagerBase;
    }

    extern "Rust" {
        /// Somebody was connected to a TaskManager, or is about to have a function of a task called. From any
        /// thread.
        #[cxx_name = "managerConnected"]
        fn manager_connected();
        /// The same of its `taskQueued`.
        #[cxx_name = "queuedConnected"]
        fn queued_connected();

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
        #[qproperty(QVariant, max_blocking, cxx_name = "maxBlocking", READ = max_blocking, WRITE = set_max_blocking, NOTIFY = max_blocking_changed)]
        #[qproperty(QVariant, idle_timeout_ms, cxx_name = "idleTimeoutMs", READ = idle_timeout_ms, WRITE = set_idle_timeout_ms, NOTIFY = idle_timeout_ms_changed)]
        #[qproperty(QVariant, stack_size, cxx_name = "stackSize", READ = stack_size, WRITE = set_stack_size, NOTIFY = stack_size_changed)]
        #[qproperty(QVariant, worker_nice, cxx_name = "workerNice", READ = worker_nice, WRITE = set_worker_nice, NOTIFY = worker_nice_changed)]
        #[qproperty(qint32, active_count, cxx_name = "activeCount", READ = active_count, NOTIFY = active_count_changed)]
        #[qproperty(qint32, queued_count, cxx_name = "queuedCount", READ = queued_count, NOTIFY = queued_count_changed)]
        #[qproperty(bool, paused, READ = is_paused, NOTIFY = pauses_changed)]
        #[qproperty(QString, last_error, cxx_name = "lastError", READ = last_error, NOTIFY = last_error_changed)]
        type TaskManager = super::TaskManagerRust;

        /// The task was accepted: before anything else that is told of it.
        #[qsignal]
        #[cxx_name = "taskQueued"]
        fn task_queued(self: Pin<&mut TaskManager>, id: QString);
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
        /// An attempt failed with this error, and is tried again in so many milliseconds; the attempt that comes
        /// is counted from 1.
        #[qsignal]
        #[cxx_name = "taskRetrying"]
        fn task_retrying(
            self: Pin<&mut TaskManager>,
            id: QString,
            attempt: quint64,
            error: QString,
            delay_ms: f64,
        );
        /// Its body has sent these since it was last told of: a list, in the order sent; at most once a frame unless
        /// much waits, and the last before the end.
        #[qsignal]
        #[cxx_name = "taskValues"]
        fn task_values(self: Pin<&mut TaskManager>, id: QString, values: QVariant);
        /// A run has taken longer than its `warnAfterMs`, so many milliseconds by then; once a run.
        #[qsignal]
        #[cxx_name = "taskSlow"]
        fn task_slow(self: Pin<&mut TaskManager>, id: QString, ms: f64);
        /// A task that had failed, was cancelled or timed out was submitted anew, and goes: what it did has another id.
        #[qsignal]
        #[cxx_name = "taskRetried"]
        fn task_retried(self: Pin<&mut TaskManager>, id: QString, new_id: QString);
        /// A task was paused by itself or with its group, or the body of a `pausable` one has stopped, for that reason.
        #[qsignal]
        #[cxx_name = "taskPaused"]
        fn task_paused(self: Pin<&mut TaskManager>, id: QString, reason: QString);
        /// It goes on; it is paused still where its key, its owner, or all are.
        #[qsignal]
        #[cxx_name = "taskResumed"]
        fn task_resumed(self: Pin<&mut TaskManager>, id: QString);
        /// Owners, keys or all were paused or resumed: tasks that wait may be Paused, or no more, of which nothing else
        /// tells.
        #[qsignal]
        #[cxx_name = "pausesChanged"]
        fn pauses_changed(self: Pin<&mut TaskManager>);
        /// A submission was refused as its owner, by its name, has so many tasks as it may: `maxQueued` or
        /// `maxDelayed`. At most once a second of one owner.
        #[qsignal]
        #[cxx_name = "limitReached"]
        fn limit_reached(self: Pin<&mut TaskManager>, owner: QString, limit: QString);
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
        #[cxx_name = "maxBlockingChanged"]
        fn max_blocking_changed(self: Pin<&mut TaskManager>);
        #[qsignal]
        #[cxx_name = "idleTimeoutMsChanged"]
        fn idle_timeout_ms_changed(self: Pin<&mut TaskManager>);
        #[qsignal]
        #[cxx_name = "stackSizeChanged"]
        fn stack_size_changed(self: Pin<&mut TaskManager>);
        #[qsignal]
        #[cxx_name = "workerNiceChanged"]
        fn worker_nice_changed(self: Pin<&mut TaskManager>);
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
        #[cxx_name = "maxBlocking"]
        fn max_blocking(self: &TaskManager) -> QVariant;
        #[cxx_name = "setMaxBlocking"]
        fn set_max_blocking(self: Pin<&mut TaskManager>, bodies: &QVariant);
        #[cxx_name = "idleTimeoutMs"]
        fn idle_timeout_ms(self: &TaskManager) -> QVariant;
        #[cxx_name = "setIdleTimeoutMs"]
        fn set_idle_timeout_ms(self: Pin<&mut TaskManager>, ms: &QVariant);
        #[cxx_name = "stackSize"]
        fn stack_size(self: &TaskManager) -> QVariant;
        #[cxx_name = "setStackSize"]
        fn set_stack_size(self: Pin<&mut TaskManager>, bytes: &QVariant);
        #[cxx_name = "workerNice"]
        fn worker_nice(self: &TaskManager) -> QVariant;
        #[cxx_name = "setWorkerNice"]
        fn set_worker_nice(self: Pin<&mut TaskManager>, nice: &QVariant);
        #[cxx_name = "activeCount"]
        fn active_count(self: &TaskManager) -> qint32;
        #[cxx_name = "queuedCount"]
        fn queued_count(self: &TaskManager) -> qint32;
        #[cxx_name = "lastError"]
        fn last_error(self: &TaskManager) -> QString;
        /// Whether all tasks are paused, by `pauseAll`.
        #[cxx_name = "isPaused"]
        fn is_paused(self: &TaskManager) -> bool;

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

        /// A task without a body that stands for others, by a list of their ids: it completes with the list of their
        /// results once all of them have completed, and cancels all of them where it is cancelled. `errorPolicy` says
        /// what the first failure does.
        #[qinvokable]
        fn all(self: Pin<&mut TaskManager>, ids: &QVariant, options: &QVariant) -> QString;
        #[qinvokable]
        #[cxx_name = "all"]
        fn all1(self: Pin<&mut TaskManager>, ids: &QVariant) -> QString;
        /// The same of which the first that completes is the result, and cancels the rest.
        #[qinvokable]
        fn any(self: Pin<&mut TaskManager>, ids: &QVariant, options: &QVariant) -> QString;
        #[qinvokable]
        #[cxx_name = "any"]
        fn any1(self: Pin<&mut TaskManager>, ids: &QVariant) -> QString;
        /// Stands for the result of a task, inside the `args` of one that is submitted next: that comes after it, and
        /// finds the result there, without a way over this thread.
        #[qinvokable]
        #[cxx_name = "resultOf"]
        fn result_of(self: &TaskManager, id: &QString) -> QVariant;

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
        /// A `TaskView`: the properties of a `Task`, of any task. Inside a QVariant, where Python finds it, too.
        /// JavaScript owns it, as any object that a function returned: keep it in a property. Other callers get a
        /// child of the TaskManager, and delete it.
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
        /// Takes a task back that has not begun, and leaves any other alone: whether it was taken back.
        #[qinvokable]
        #[cxx_name = "cancelIfQueued"]
        fn cancel_if_queued(self: Pin<&mut TaskManager>, id: &QString) -> bool;
        /// Has a task that waits for its time (its delay, its next run, its next attempt) run now; false for any
        /// other.
        #[qinvokable]
        #[cxx_name = "runNow"]
        fn run_now(self: Pin<&mut TaskManager>, id: &QString) -> bool;
        /// Submits the work of a task anew that failed, was cancelled or timed out, and can run again: the id of the
        /// new task; empty on an error.
        #[qinvokable]
        #[cxx_name = "retryTask"]
        fn retry_task(self: Pin<&mut TaskManager>, id: &QString) -> QString;
        /// Changes the interval of a periodic task, from 1 ms to 100 years; false on an error.
        #[qinvokable]
        #[cxx_name = "setInterval"]
        fn set_interval(self: Pin<&mut TaskManager>, id: &QString, interval_ms: &QVariant) -> bool;
        /// Asks all tasks of a key to stop: of an owner's key, or of the application's. False on an error.
        #[qinvokable]
        #[cxx_name = "cancelKey"]
        fn cancel_key(self: Pin<&mut TaskManager>, key: &QString, owner: &QVariant) -> bool;
        #[qinvokable]
        #[cxx_name = "cancelKey"]
        fn cancel_key1(self: Pin<&mut TaskManager>, key: &QString) -> bool;
        /// What `taskInfo` gives of the tasks of a key that have not ended, oldest first.
        #[qinvokable]
        #[cxx_name = "tasksOfKey"]
        fn tasks_of_key(self: Pin<&mut TaskManager>, key: &QString, owner: &QVariant) -> QVariant;
        #[qinvokable]
        #[cxx_name = "tasksOfKey"]
        fn tasks_of_key1(self: Pin<&mut TaskManager>, key: &QString) -> QVariant;
        /// Pauses a task by itself, for a reason that users see: Paused, PauseRequested, PauseNotPossible,
        /// AlreadyFinished, UnknownTask; UnknownTask on an error, too.
        #[qinvokable]
        #[cxx_name = "pauseTask"]
        fn pause_task(self: Pin<&mut TaskManager>, id: &QString, reason: &QVariant) -> qint32;
        #[qinvokable]
        #[cxx_name = "pauseTask"]
        fn pause_task1(self: Pin<&mut TaskManager>, id: &QString) -> qint32;
        /// Takes the pause of a task by itself back; false where there is none.
        #[qinvokable]
        #[cxx_name = "resumeTask"]
        fn resume_task(self: Pin<&mut TaskManager>, id: &QString) -> bool;
        /// Pauses all tasks of a key, and those that come: of an owner's key, or of the application's. False if it was
        /// paused before, during a shutdown, and on an error.
        #[qinvokable]
        #[cxx_name = "pauseKey"]
        fn pause_key(self: Pin<&mut TaskManager>, key: &QString, reason: &QVariant, owner: &QVariant)
        -> bool;
        #[qinvokable]
        #[cxx_name = "pauseKey"]
        fn pause_key2(self: Pin<&mut TaskManager>, key: &QString, reason: &QVariant) -> bool;
        #[qinvokable]
        #[cxx_name = "pauseKey"]
        fn pause_key1(self: Pin<&mut TaskManager>, key: &QString) -> bool;
        /// Takes that back; false where there is nothing to take back, and on an error.
        #[qinvokable]
        #[cxx_name = "resumeKey"]
        fn resume_key(self: Pin<&mut TaskManager>, key: &QString, owner: &QVariant) -> bool;
        #[qinvokable]
        #[cxx_name = "resumeKey"]
        fn resume_key1(self: Pin<&mut TaskManager>, key: &QString) -> bool;
        /// Pauses all tasks of an owner, a QObject, and those that come. False as of a key.
        #[qinvokable]
        #[cxx_name = "pauseOwner"]
        fn pause_owner(self: Pin<&mut TaskManager>, owner: &QVariant, reason: &QVariant) -> bool;
        #[qinvokable]
        #[cxx_name = "pauseOwner"]
        fn pause_owner1(self: Pin<&mut TaskManager>, owner: &QVariant) -> bool;
        /// Takes that back; false where there is nothing to take back, and on an error.
        #[qinvokable]
        #[cxx_name = "resumeOwner"]
        fn resume_owner(self: Pin<&mut TaskManager>, owner: &QVariant) -> bool;
        /// Whether an owner is paused, by `pauseOwner`.
        #[qinvokable]
        #[cxx_name = "isOwnerPaused"]
        fn is_owner_paused(self: Pin<&mut TaskManager>, owner: &QVariant) -> bool;
        /// Pauses all tasks, and those that come. False as of a key.
        #[qinvokable]
        #[cxx_name = "pauseAll"]
        fn pause_all(self: Pin<&mut TaskManager>, reason: &QVariant) -> bool;
        #[qinvokable]
        #[cxx_name = "pauseAll"]
        fn pause_all0(self: Pin<&mut TaskManager>) -> bool;
        /// Takes that back; false where there is nothing to take back. What is paused otherwise stays so.
        #[qinvokable]
        #[cxx_name = "resumeAll"]
        fn resume_all(self: Pin<&mut TaskManager>) -> bool;
        /// Asks all tasks of an owner to stop, but for detached ones; false on an error.
        #[qinvokable]
        #[cxx_name = "cancelAll"]
        fn cancel_all(self: Pin<&mut TaskManager>, owner: &QVariant) -> bool;
        /// Waits until all tasks of an owner have ended and their bodies have returned: Done, WaitTimeout,
        /// WouldDeadlock; UnknownTask on an error.
        #[qinvokable]
        #[cxx_name = "waitForAll"]
        fn wait_for_all(self: Pin<&mut TaskManager>, owner: &QVariant, timeout_ms: &QVariant) -> qint32;
        /// What `taskInfo` gives of the tasks of an owner that are not forgotten, oldest first, without results.
        #[qinvokable]
        #[cxx_name = "tasksOf"]
        fn tasks_of(self: Pin<&mut TaskManager>, owner: &QVariant) -> QVariant;
        /// The limits of an owner: those of `{maxRunning, maxQueued, maxDelayed}` that there are.
        #[qinvokable]
        #[cxx_name = "limitsOf"]
        fn limits_of(self: Pin<&mut TaskManager>, owner: &QVariant) -> QVariant;
        /// Changes the limits of an owner, a QObject, to those of the map. False on an error.
        #[qinvokable]
        #[cxx_name = "setLimits"]
        fn set_limits(self: Pin<&mut TaskManager>, owner: &QVariant, limits: &QVariant) -> bool;

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

        /// Writes a trace of all tasks into a file, a path or a file's URL, until `stopTrace`. False on an error.
        #[qinvokable]
        #[cxx_name = "startTrace"]
        fn start_trace(self: Pin<&mut TaskManager>, path: &QVariant) -> bool;
        /// The same into a new file in the folder for temporary ones, which nobody else can read: by the name of the
        /// program and the time. `tracePath` says which.
        #[qinvokable]
        #[cxx_name = "startTrace"]
        fn start_trace0(self: Pin<&mut TaskManager>) -> bool;
        /// Ends the trace, and waits for two seconds at most until it is written: `{path, events, lost}`; undefined on an
        /// error, also on one that has ended the trace before.
        #[qinvokable]
        #[cxx_name = "stopTrace"]
        fn stop_trace(self: Pin<&mut TaskManager>) -> QVariant;
        /// The file of the trace that is being written; empty if none is.
        #[qinvokable]
        #[cxx_name = "tracePath"]
        fn trace_path(self: &TaskManager) -> QString;

        /// Takes figures of how long tasks wait, run and are on their way from here on, or no more, but for a
        /// `TaskStats` that is active.
        #[qinvokable]
        #[cxx_name = "collectStats"]
        fn collect_stats(self: &TaskManager, on: bool);
        /// Whether figures are taken.
        #[qinvokable]
        #[cxx_name = "collectsStats"]
        fn collects_stats(self: &TaskManager) -> bool;
        /// The figures: `{sinceMs, lanes, jobs, owners}`, the last three lists of `{name, waiting, running, delivery}`,
        /// each of those `{count, p50Ms, p95Ms, maxMs, totalMs}`.
        #[qinvokable]
        fn stats(self: &TaskManager) -> QVariant;
        /// Forgets the figures; what begins from here on counts.
        #[qinvokable]
        #[cxx_name = "resetStats"]
        fn reset_stats(self: &TaskManager);

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

impl cxx_qt::Initialize for TaskManager {
    fn initialize(mut self: Pin<&mut Self>) {
        if is_making() {
            // `instance::adopt` does the rest.
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

impl TaskManager {
    fn face_pin(self: Pin<&mut Self>) -> Pin<&mut face::TaskFace> {
        bases::face_of(self.upcast_pin())
    }

    /// Sets `lastError`, and throws where JavaScript runs.
    fn fail(mut self: Pin<&mut Self>, message: &str) {
        if !face::lives_here(&self.as_mut().face_pin()) {
            // The object must not be touched from here.
            diagnostics::error(About::Task, format_args!("{message} ({WRONG_THREAD})"));
            return;
        }
        // A slot that hears of it may delete the object. One of the wrong thread is in no list that would know.
        let guard = face::guard(self.as_mut().face_pin());
        self.as_mut().set_last_error(message);
        if guard.is_there() {
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
            diagnostics::error(About::Task, format_args!("{WRONG_THREAD}"));
        }
        false
    }

    fn last_error(&self) -> QString {
        self.last_error.clone()
    }
}
