//! The work, and what comes of it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::context::TaskContext;
use super::error::TaskError;
use super::notice::Notice;
use super::payload::Payload;
use super::words::CancelReason;

/// The work itself. A body that runs once is empty afterwards.
pub trait Body<P>: Send {
    fn run(&mut self, context: &TaskContext) -> Result<P, TaskError>;

    /// Goes on with it, of a task whose options say `future`; the context is the same in each poll. After `Pending` it is
    /// polled again once it is woken, after `Ready` not any more.
    fn poll(&mut self, context: &TaskContext, waker: &mut Context<'_>) -> Poll<Result<P, TaskError>> {
        let _ = waker;
        Poll::Ready(self.run(context))
    }

    /// Whether it may run again after a run that failed.
    fn can_run_again(&self) -> bool {
        false
    }

    /// It is given the result of a task that its options name, by its place in `TaskOptions::takes`, before its
    /// first run. Called with the engine's lock held: it keeps it, and does no more. What it does not want, it gives
    /// back.
    fn give(&mut self, place: usize, value: P) -> Option<P> {
        let _ = place;
        Some(value)
    }

    /// Whether it may be submitted again once its task has ended badly: it can run again, and has all that it needs.
    fn may_be_retried(&self) -> bool {
        self.can_run_again()
    }

    /// What it holds in memory, for the bound of the history: at least what it is itself.
    fn byte_size(&self) -> usize {
        size_of_val(self)
    }
}

pub struct Once<F>(pub Option<F>);

impl<P, F> Body<P> for Once<F>
where
    F: FnOnce(&TaskContext) -> Result<P, TaskError> + Send,
{
    fn run(&mut self, context: &TaskContext) -> Result<P, TaskError> {
        match self.0.take() {
            Some(body) => body(context),
            // The engine runs a plain task once; this is the answer if that were ever broken.
            None => Err(TaskError::cancelled()),
        }
    }
}

pub struct Repeated<F>(pub F);

impl<P, F> Body<P> for Repeated<F>
where
    F: FnMut(&TaskContext) -> Result<P, TaskError> + Send,
{
    fn run(&mut self, context: &TaskContext) -> Result<P, TaskError> {
        (self.0)(context)
    }

    fn can_run_again(&self) -> bool {
        true
    }
}

/// Work that runs once, with the result of another task.
pub struct Then<P, F> {
    value: Option<P>,
    body: Option<F>,
}

/// Work that may run again, with the result of another task: each run has it.
pub struct ThenRepeated<P, F> {
    value: Option<P>,
    body: F,
}

impl<P, F> Then<P, F> {
    pub fn new(body: F) -> Self {
        Then { value: None, body: Some(body) }
    }
}

impl<P, F> ThenRepeated<P, F> {
    pub fn new(body: F) -> Self {
        ThenRepeated { value: None, body }
    }
}

impl<P: Payload, F> Body<P> for Then<P, F>
where
    F: FnOnce(P, &TaskContext) -> Result<P, TaskError> + Send,
{
    fn run(&mut self, context: &TaskContext) -> Result<P, TaskError> {
        match (self.value.take(), self.body.take()) {
            (Some(value), Some(body)) => body(value, context),
            // The result went with its owner.
            _ => Err(TaskError::cancelled()),
        }
    }

    fn give(&mut self, _: usize, value: P) -> Option<P> {
        self.value.replace(value)
    }
}

impl<P: Payload, F> Body<P> for ThenRepeated<P, F>
where
    F: FnMut(P, &TaskContext) -> Result<P, TaskError> + Send,
{
    fn run(&mut self, context: &TaskContext) -> Result<P, TaskError> {
        match &self.value {
            Some(value) => (self.body)(value.clone(), context),
            None => Err(TaskError::cancelled()),
        }
    }

    fn can_run_again(&self) -> bool {
        true
    }

    fn give(&mut self, _: usize, value: P) -> Option<P> {
        self.value.replace(value)
    }

    /// Of a task that was cancelled before it began, the result was never given.
    fn may_be_retried(&self) -> bool {
        self.value.is_some()
    }

    fn byte_size(&self) -> usize {
        size_of_val(self) + self.value.as_ref().and_then(P::byte_size).unwrap_or(0)
    }
}

/// A future that gives a result.
pub type BoxFuture<P> = Pin<Box<dyn Future<Output = Result<P, TaskError>> + Send>>;

/// Work that is awaited.
pub enum Async<P> {
    /// It is made with its context, by the thread that polls it first.
    Make(Box<dyn FnOnce(TaskContext) -> BoxFuture<P> + Send>),
    Future(BoxFuture<P>),
    Over,
}

impl<P: Send> Body<P> for Async<P> {
    fn run(&mut self, _: &TaskContext) -> Result<P, TaskError> {
        // It is polled: this is the answer if that were ever broken.
        Err(TaskError::cancelled())
    }

    fn poll(&mut self, context: &TaskContext, waker: &mut Context<'_>) -> Poll<Result<P, TaskError>> {
        *self = match std::mem::replace(self, Async::Over) {
            Async::Make(make) => Async::Future(make(context.copy())),
            future => future,
        };
        let Async::Future(future) = self else { return Poll::Ready(Err(TaskError::cancelled())) };
        // One that panics stays here until the caller destroys it: a second panic would be the process's end.
        let polled = future.as_mut().poll(waker);
        if polled.is_ready() {
            // A part of the poll, as the destructor of a closure is one of its call: a panic of it is one of the body.
            *self = Async::Over;
        }
        polled
    }
}

pub type BoxBody<P> = Box<dyn Body<P>>;

/// How a task ended, with what it left.
pub enum Outcome<P> {
    /// Not yet, or cancelled.
    None,
    Value(P),
    Error(Arc<TaskError>),
}

impl<P: Payload> Outcome<P> {
    /// What it holds in memory, for the bound of the history; `None` where nobody can tell. What a language
    /// keeps beside an error is no part of it: see `Inner::shed`.
    pub fn byte_size(&self) -> Option<usize> {
        match self {
            Outcome::None => Some(0),
            Outcome::Value(value) => value.byte_size(),
            Outcome::Error(error) => Some(error.byte_size()),
        }
    }

    /// Whether nothing happens when it is destroyed.
    pub fn is_plain(&self) -> bool {
        match self {
            Outcome::None => true,
            Outcome::Value(value) => value.is_plain(),
            Outcome::Error(_) => false,
        }
    }
}

impl<P> Outcome<P> {
    /// What it says of a run of a periodic task.
    pub fn run_notice(self, iteration: u64) -> Notice<P> {
        match self {
            Outcome::Value(value) => Notice::Run(iteration, value),
            Outcome::Error(error) => Notice::RunFailed(iteration, error),
            Outcome::None => Notice::Cancelled(CancelReason::User),
        }
    }
}

impl<P: Clone> Clone for Outcome<P> {
    fn clone(&self) -> Self {
        match self {
            Outcome::None => Outcome::None,
            Outcome::Value(value) => Outcome::Value(value.clone()),
            Outcome::Error(error) => Outcome::Error(error.clone()),
        }
    }
}

/// What a run brought, and what that holds in memory, which is found out without the lock.
pub struct Brought<P> {
    pub result: Result<P, TaskError>,
    pub bytes: Option<usize>,
}

impl<P: Payload> Brought<P> {
    pub fn of(result: Result<P, TaskError>) -> Self {
        let bytes = match &result {
            Ok(value) => value.byte_size(),
            Err(error) => Some(error.byte_size()),
        };
        Brought { result, bytes }
    }
}
