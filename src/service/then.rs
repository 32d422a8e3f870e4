//! Tasks that take the results of others: `then`, `all` and `any`.

use std::borrow::Borrow;

use super::convert::{IntoResult, TaskValue};
use super::handle::TaskHandle;
use super::task::{AllOf, AnyOf, RunsAgain, RunsOnce, TaskBuilder, result_value};
use super::tasks::Tasks;
use super::value::{Value, plain};
#[cfg(doc)]
use crate::engine::CancelReason;
use crate::engine::{ErrorPolicy, TaskContext, TaskError, Then, ThenRepeated};

/// The result of a task, as what takes it wants it. The value is used up, so that a list is moved and not copied.
fn taken<T: TaskValue>(value: Value) -> Result<T, TaskError> {
    let error = || {
        let (kind, name) = (T::KIND, std::any::type_name::<T>());
        TaskError::from_error(format!(
            "the result that it takes is of another kind; expected {kind} ({name})"
        ))
    };
    T::from_value(plain(value)).ok_or_else(error)
}

impl<T: TaskValue> TaskHandle<T> {
    /// A task that begins once this one has completed, and is given its result, on a worker and without a way over
    /// the thread that calls callbacks. A `Vec` or an `Opaque` that nobody else wants is moved; else it is shared,
    /// or copied.
    ///
    /// Where this task does not complete, it is cancelled ([`CancelReason::DependencyFailed`]). Its delay is counted
    /// from where it might begin, and it may come after others, too.
    ///
    /// ```
    /// # use legwork::tasks;
    /// let text = tasks().task(|_| "4 5 6".to_owned()).spawn()?;
    /// let sum = text.then(|text, _| text.split(' ').map(str::parse::<i64>).sum::<Result<i64, _>>()).spawn()?;
    /// let shown = sum.then(|sum, _| format!("the sum is {sum}")).name("Sum").spawn()?;
    /// assert_eq!(shown.wait(None)?, "the sum is 15");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn then<U: TaskValue, R: IntoResult<U>>(
        &self,
        body: impl FnOnce(T, &TaskContext) -> R + Send + 'static,
    ) -> TaskBuilder<U, RunsOnce> {
        let run = move |value, context: &TaskContext| result_value(body(taken(value)?, context));
        TaskBuilder::after_one(self.kept(), Box::new(Then::new(run)))
    }

    /// The same of work that can run again, so that it can be tried again: see [`TaskBuilder::retry`]. Each run is
    /// given the result.
    ///
    /// ```
    /// # use legwork::tasks;
    /// let page = tasks().task(|_| "<html>".to_owned()).spawn()?;
    /// let stored = page.then_repeatable(|page, _| page.len() as u64).retry(3).spawn()?;
    /// assert_eq!(stored.wait(None)?, 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn then_repeatable<U: TaskValue, R: IntoResult<U>>(
        &self,
        body: impl FnMut(T, &TaskContext) -> R + Send + 'static,
    ) -> TaskBuilder<U, RunsAgain> {
        let mut body = body;
        let run = move |value, context: &TaskContext| result_value(body(taken(value)?, context));
        TaskBuilder::after_one(self.kept(), Box::new(ThenRepeated::new(run)))
    }
}

impl Tasks {
    /// A task without a body that stands for others: it completes once all of them have, with the list of their
    /// results, in the order given. Its progress is the mean of theirs, by their weights; to cancel it is to cancel
    /// them.
    ///
    /// The first that fails, or is cancelled, cancels the rest ([`CancelReason::NotNeeded`]), and is the error; unless
    /// [`error_policy`](TaskBuilder::error_policy) says otherwise. In any case it ends when all of them have ended,
    /// bodies and all. Of no tasks it completes at once.
    ///
    /// It has options as any task has, but for those of work: `retry` and an interval. It may stand in another
    /// `all` or `any`, up to 32 deep, and others may come after it.
    ///
    /// ```
    /// # use legwork::tasks;
    /// let parts: Vec<_> = (1..4).map(|n| tasks().task(move |_| n * n).spawn()).collect::<Result<_, _>>()?;
    /// let squares = tasks().all(&parts).name("Squares").spawn()?;
    /// assert_eq!(squares.wait(None)?, [1, 4, 9]);
    /// let sum = squares.then(|squares: Vec<i32>, _| squares.into_iter().sum::<i32>()).spawn()?;
    /// assert_eq!(sum.wait(None)?, 14);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn all<T: TaskValue>(
        self,
        tasks: impl IntoIterator<Item = impl Borrow<TaskHandle<T>>>,
    ) -> TaskBuilder<Vec<T>, AllOf> {
        TaskBuilder::whole(self, ErrorPolicy::StopOnError, tasks)
    }

    /// The same of which the first that completes cancels the rest, and is the result. It fails if none completes,
    /// and is refused of no tasks.
    ///
    /// ```
    /// # use legwork::tasks;
    /// # use std::time::Duration;
    /// let near = tasks().task(|_| "near".to_owned()).spawn()?;
    /// let far = tasks().task(|_| "far".to_owned()).delay(Duration::from_secs(60)).spawn()?;
    /// assert_eq!(tasks().any([near, far]).spawn()?.wait(None)?, "near");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn any<T: TaskValue>(
        self,
        tasks: impl IntoIterator<Item = impl Borrow<TaskHandle<T>>>,
    ) -> TaskBuilder<T, AnyOf> {
        TaskBuilder::whole(self, ErrorPolicy::StopOnSuccess, tasks)
    }
}
