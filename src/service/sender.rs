//! Values that a body sends before its end.

use std::marker::PhantomData;

use super::convert::{IntoResult, TaskValue};
use super::task::{RunsOnce, TaskBuilder, checked};
use super::tasks::Tasks;
use crate::engine::{TaskContext, TaskError};

/// Sends values of a task that runs, before its end. It belongs to the thread that runs the body.
pub struct Sender<'a, V> {
    tasks: Tasks,
    context: &'a TaskContext,
    value: PhantomData<fn(V)>,
}

impl<V: TaskValue> Sender<'_, V> {
    /// Sends a value to those that hear of the task: the callbacks of
    /// [`TaskBuilder::on_values`](TaskBuilder::on_values), and the signal `taskValues`. They get what was sent as
    /// lists, in the order sent, at most once a frame (16 ms) unless much waits, and the last before the end.
    ///
    /// While `max_undelivered` values are still to be delivered, it waits until some were, or does what `when_full`
    /// says. It does not wait while a thread waits for tasks that is no worker, which could be the one that delivers:
    /// the bound does not hold meanwhile. Where nobody hears of the task, the newest values are kept for one that
    /// comes to hear of it before its end. The body of a `pausable` task that is paused stops here until it is resumed.
    ///
    /// # Errors
    ///
    /// The body was asked to stop, or the task has ended without it: `rows.send(row)?` ends it as cancelled. Or the
    /// value's lists and maps nest too deep.
    pub fn send(&self, value: V) -> Result<(), TaskError> {
        let value = checked(value.into_value(), "what it sends")?;
        self.tasks.engine().send(self.context, value)
    }
}

impl Tasks {
    /// A task that runs `body` once, which sends values before its end.
    ///
    /// ```
    /// use legwork::{Sender, tasks};
    ///
    /// let read = tasks()
    ///     .stream(|lines: &Sender<String>, _| {
    ///         for line in "1 a\n2 b\n3 c".lines() {
    ///             lines.send(line.to_owned())?;
    ///         }
    ///         Ok::<_, legwork::TaskError>(3)
    ///     })
    ///     .on_values(|lines: Vec<String>| println!("{}", lines.join("; ")))
    ///     .spawn()?;
    /// assert_eq!(read.wait(None)?, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream<V: TaskValue, T: TaskValue, R: IntoResult<T>>(
        self,
        body: impl FnOnce(&Sender<'_, V>, &TaskContext) -> R + Send + 'static,
    ) -> TaskBuilder<T, RunsOnce> {
        self.task(move |context| body(&self.sender(context), context))
    }

    /// What sends values of the task whose body was given `context`: for a job, and for a body that runs again.
    pub fn sender<V: TaskValue>(self, context: &TaskContext) -> Sender<'_, V> {
        Sender { tasks: self, context, value: PhantomData }
    }
}
