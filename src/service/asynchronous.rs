//! Futures as tasks, and sleep.

use std::time::Duration;

use super::convert::{IntoResult, TaskValue};
use super::task::{RunsAsync, TaskBuilder, result_value};
use super::tasks::Tasks;
use crate::engine::{Async, Sleep, TaskContext};

impl Tasks {
    /// A task that awaits `future`: workers poll it, and it may be woken from anywhere. While it is pending it holds no
    /// worker, so there may be any number of them; to all else it is a task that runs, with its name, time-out, key,
    /// owner, callbacks, and row in the monitor.
    ///
    /// A cancel, its time-out, the end of its owner and a shutdown end it at its next await, though nothing wakes it: it is
    /// destroyed there, on a worker. A panic in it is a failed task. While a `pausable` one is paused it is not polled.
    ///
    /// Await what does not block a thread: tasks ([`TaskHandle`](crate::TaskHandle)), [`sleep`](crate::sleep), channels,
    /// sockets of any library of futures. What those need to run themselves, such as the runtime of tokio, the application
    /// keeps. What blocks belongs into a task of its own, which is then awaited. An await is not followed: of two tasks
    /// that await each other nobody can say that they wait for ever.
    ///
    /// ```
    /// # use legwork::{sleep, tasks};
    /// # use std::error::Error;
    /// # use std::time::Duration;
    /// let sum = tasks()
    ///     .future(async {
    ///         let (one, two) = (tasks().task(|_| 1).spawn()?, tasks().task(|_| 2).spawn()?);
    ///         sleep(Duration::from_millis(1)).await;
    ///         Ok::<i32, Box<dyn Error + Send + Sync>>(one.await? + two.await?)
    ///     })
    ///     .name("Sum")
    ///     .spawn()?;
    /// assert_eq!(sum.wait(None)?, 3);
    /// # Ok::<(), Box<dyn Error>>(())
    /// ```
    ///
    /// It runs once, so it cannot be tried again:
    ///
    /// ```compile_fail,E0599
    /// let _ = legwork::tasks().future(async { 1 }).retry(3);
    /// ```
    pub fn future<T: TaskValue, R: IntoResult<T>>(
        self,
        future: impl Future<Output = R> + Send + 'static,
    ) -> TaskBuilder<T, RunsAsync> {
        let future = async move { result_value(future.await) };
        TaskBuilder::awaited(self, Box::new(Async::Future(Box::pin(future))))
    }

    /// The same of a future that has a context, by which it reports progress, sends values ([`Tasks::sender`]) and asks
    /// whether it is to stop. `make` is called by the worker that polls it first.
    ///
    /// What waits in the context (its `sleep`, a `send` without room) blocks the worker that polls: between awaits there
    /// is [`sleep`](crate::sleep).
    ///
    /// ```
    /// # use legwork::{TaskError, sleep, tasks};
    /// # use std::time::Duration;
    /// let steps = tasks().future_with(|context| async move {
    ///     for step in 0..3 {
    ///         context.set_progress(f64::from(step) / 3.0, "stepping");
    ///         sleep(Duration::from_millis(1)).await;
    ///     }
    ///     Ok::<_, TaskError>(3)
    /// });
    /// assert_eq!(steps.spawn()?.wait(None)?, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn future_with<T: TaskValue, R: IntoResult<T>, F: Future<Output = R> + Send + 'static>(
        self,
        make: impl FnOnce(TaskContext) -> F + Send + 'static,
    ) -> TaskBuilder<T, RunsAsync> {
        let make = move |context| -> crate::engine::BoxFuture<_> {
            let future = make(context);
            Box::pin(async move { result_value(future.await) })
        };
        TaskBuilder::awaited(self, Box::new(Async::Make(Box::new(make))))
    }

    /// See [`sleep`](crate::sleep).
    pub(crate) fn sleep(self, time: Duration) -> Sleep {
        self.engine().sleep(time)
    }
}
