//! Tasks without a body: the application does the work, and ends them.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::Arc;

use super::convert::TaskValue;
use super::elsewhere::Core;
use super::handle::TaskHandle;
use super::task::{HasWork, TaskBuilder, result_value};
use super::tasks::{SpawnError, Tasks};
use crate::engine::{CancelToken, Elsewhere, Site, TaskError, TaskId};

/// Work that is done elsewhere.
pub enum RunsElsewhere {}

impl HasWork for RunsElsewhere {}

impl Tasks {
    /// A task without a body: work that the application does by other means (a request, a process, a device), and ends
    /// by its [`External`]. It holds no worker, so any number of them may run at once; to all else it is a task as any,
    /// with its name, progress, time-out, key, place in `after`, and row in the monitor.
    ///
    /// ```
    /// # use legwork::{External, tasks};
    /// # use std::thread;
    /// let fetch: External<String> = tasks().external().name("Fetch").spawn()?;
    /// let answer = fetch.task();
    /// // Whatever does the work has the handle, and ends it.
    /// thread::spawn(move || {
    ///     fetch.set_progress(0.5, "half of it");
    ///     fetch.complete("all of it".to_owned());
    /// });
    /// assert_eq!(answer.wait(None)?, "all of it");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn external<T: TaskValue>(self) -> TaskBuilder<T, RunsElsewhere> {
        TaskBuilder::elsewhere(self, Box::new(Elsewhere))
    }
}

impl<T: TaskValue> TaskBuilder<T, RunsElsewhere> {
    /// Begins the work in `f`, once the task's turn has come: its delay is over, what it comes after has completed, a
    /// place of its key is free. `f` is given the handle, which it hands on to what does the work; a handle is kept
    /// for it until then. It runs where [`Self::on_complete`] would; in a build without Qt on the thread that
    /// makes the turn come, which may be the one that calls `spawn`.
    ///
    /// It is not called where the task ends before, or is asked to stop. Without this the work counts as under way from
    /// the start, whatever the task waits for.
    ///
    /// ```
    /// # use legwork::{External, tasks};
    /// # use std::thread;
    /// let begin = |fetch: External<u32>| {
    ///     thread::spawn(move || fetch.complete(200));
    /// };
    /// let first = tasks().external().key("example.org").on_start(begin).spawn()?;
    /// // It begins when the first has ended.
    /// let second = tasks().external().key("example.org").on_start(begin).spawn()?;
    /// # if cfg!(not(feature = "qt")) {
    /// assert_eq!(second.task().wait(None)?, 200);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_start(mut self, f: impl FnOnce(External<T>) + Send + 'static) -> Self {
        self.elsewhere.start = Some(Box::new(move |core| f(External::new(core))));
        self
    }

    /// Aborts the work in `f`, when the task is asked to stop or its time is over: once, on the thread that asks,
    /// without a lock. It has to be short, and may end the task itself; the task ends when the application
    /// ends it. A panic of it is logged. It is destroyed with the task's end.
    ///
    /// It is not called where the work never began: with an [`Self::on_start`] that was not called. It is, where there
    /// is none and the task ends before its turn, otherwise than by its handle.
    pub fn on_stop(mut self, f: impl FnOnce() + Send + 'static) -> Self {
        self.elsewhere.stop = Some(Box::new(f));
        self
    }

    /// Submits it. From any thread; never blocks.
    ///
    /// Where [`KeyPolicy::Keep`](crate::KeyPolicy::Keep) finds another task of the key, the handle is of that one, and
    /// can look at it, but not end it: the work is not begun a second time, and [`External::complete`] answers false.
    #[cfg_attr(feature = "locations", track_caller)]
    pub fn spawn(mut self) -> Result<External<T>, SpawnError> {
        let site = Site::here();
        let core = Arc::new(Core::new(self.tasks, self.id()?));
        self.options.external =
            Some(core.external(self.elsewhere.stop.take(), self.elsewhere.start.is_some()));
        if let Some(start) = self.elsewhere.start.take() {
            self.options.callbacks.push(Core::started(core.clone(), start));
            self.options.hears_start = true;
        }
        let id = self.submit(site, true)?;
        core.is_submitted(id);
        Ok(External::new(core))
    }
}

/// The handle on an external task, for what does its work. It ends the task, once: the first end counts.
///
/// Clones are the same task. It may be used on any thread. When the last clone is dropped, a task that was not ended
/// has failed, with an error that says so. See [`Tasks::external`].
#[must_use = "the task fails when the last handle is dropped"]
pub struct External<T> {
    core: Arc<Core>,
    result: PhantomData<fn(T)>,
}

impl<T> Clone for External<T> {
    fn clone(&self) -> Self {
        External { core: self.core.clone(), result: PhantomData }
    }
}

impl<T> External<T> {
    fn new(core: Arc<Core>) -> Self {
        External { core, result: PhantomData }
    }

    pub fn id(&self) -> TaskId {
        self.core.id()
    }

    /// Whether it was asked to stop, or its time is over.
    pub fn is_cancel_requested(&self) -> bool {
        self.token().is_cancelled()
    }

    /// The flag that says so, to keep and to send to other threads.
    pub fn token(&self) -> CancelToken {
        self.core.tasks().engine().token(self.id())
    }

    /// Reports how far it is, from 0 to 1, and what it is doing; see
    /// [`TaskContext::set_progress`](crate::TaskContext::set_progress). A task whose turn has not come has no progress.
    pub fn set_progress(&self, value: f64, message: &str) {
        self.core.report(Some(value), Some(message));
    }

    /// The same without a new message.
    pub fn set_progress_value(&self, value: f64) {
        self.core.report(Some(value), None);
    }

    /// Reports how much it has done of how much, and what is counted: see
    /// [`TaskContext::set_progress_of`](crate::TaskContext::set_progress_of).
    pub fn set_progress_of(&self, done: f64, total: f64, unit: &str) {
        self.core.report_amount(done, total, unit);
    }

    /// Reports what it is doing, where there is nothing to measure by: the value becomes -1, unless an amount was
    /// reported, which stays.
    pub fn set_message(&self, message: &str) {
        self.core.report(None, Some(message));
    }

    /// Ends it as failed: whether it ends so. False as for [`External::complete`]. `TaskError::cancelled()` ends it as
    /// cancelled.
    pub fn fail(&self, error: impl Into<Box<dyn Error + Send + Sync>>) -> bool {
        self.core.end(Err(TaskError::from_error(error)))
    }
}

impl<T: TaskValue> External<T> {
    /// Ends it with its result: whether it ends so. False where it has ended, and where it was asked to stop or
    /// its time was over: then it ends here as cancelled, or timed out, whatever is said.
    ///
    /// Also before its turn has come: then it has begun and ended in one moment. Without Qt, callbacks are called
    /// before this returns.
    pub fn complete(&self, value: T) -> bool {
        self.core.end(result_value(Ok::<T, TaskError>(value)))
    }

    /// The task as any other: to wait for, to await, to cancel, to look at.
    pub fn task(&self) -> TaskHandle<T> {
        // This handle keeps it meanwhile.
        let tasks = self.core.tasks();
        tasks.engine().copy_handle(self.id());
        TaskHandle::new(tasks, self.id())
    }
}
