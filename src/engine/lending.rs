//! A body that blocks lends its place: while it waits for a disk, a network or a process, another worker runs.
//!
//! It does so for the whole of a run (`may_block`), or for a part of it ([`TaskContext::blocking`]). Scopes nest, and
//! the place is lent until the last of them ends. What counts is how many bodies have lent their places, not which of
//! them have: of more than `max_blocking` the others count as any, and as one comes back, another takes its turn.
//!
//! To lend is what a wait for another task does, too (`wait.rs`): the worker does not count, so that the pool may
//! have one more, and that one is called here. To take back asks nobody: the body goes on at once, and a worker that
//! is one too many ends as it comes by (`workers.md`, "Shrinking"). What differs: a body that blocks is at work for
//! its owner's limit, as that is to hold plugins that hang; and its worker runs no awaited task in the middle of it,
//! as the place for that is another's.
//!
//! A run that ends has taken back all that it has lent, however it ends. So what a scope gives back later is told
//! from the next run's by the run's `serial`.
//!
//! [`TaskContext::blocking`]: super::context::TaskContext::blocking

use super::config::MAX_BLOCKING;
use super::context::Lent;
use super::effects::Effects;
use super::engine::Engine;
use super::error::BlockingError;
use super::fork;
use super::id::TaskId;
use super::inner::Inner;
use super::payload::Payload;
use super::record::NIL;
use super::shared::Shared;

impl<P: Payload> Inner<P> {
    /// The body of `run` is not going to come back for a while: another worker takes its place.
    pub fn lend_place(&mut self, fx: &mut Effects<P>, run: u32) {
        self.runs.lend(run);
        self.dispatch(fx);
    }

    /// It goes on, at once. Once for each [`Inner::lend_place`], but for those of a run that has ended.
    pub fn take_place_back(&mut self, fx: &mut Effects<P>, run: u32) {
        self.runs.lend_less(run);
        self.shrink(fx);
    }
}

impl<P: Payload> Shared<P> {
    /// Lends the place of the body that runs for a task; `None` where no worker runs one.
    pub(super) fn lend(&self, id: TaskId) -> Option<Lent> {
        if fork::is_child() {
            return None;
        }
        self.with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            let run = inner.tasks.at(slot).run;
            if run == NIL || !inner.runs.is_on_thread(run) {
                return None;
            }
            inner.lend_place(fx, run);
            Some(Lent { run, serial: inner.runs.serial(run) })
        })
    }

    pub(super) fn take_back(&self, lent: Lent) {
        if fork::is_child() {
            return;
        }
        self.with(|inner, fx| {
            if inner.runs.serial(lent.run) == lent.serial {
                inner.take_place_back(fx, lent.run);
            }
        });
    }
}

impl<P: Payload> Engine<P> {
    /// For how many bodies that block others run.
    pub fn max_blocking(&self) -> usize {
        self.shared().with(|inner, _| inner.runs.max_blocking())
    }

    /// Changes that, from 0 to [`MAX_BLOCKING`](super::MAX_BLOCKING); more start at once, fewer as tasks end.
    pub fn set_max_blocking(&self, bodies: usize) -> Result<(), BlockingError> {
        if bodies > MAX_BLOCKING {
            return Err(BlockingError(bodies));
        }
        self.shared().with(|inner, fx| {
            inner.runs.set_max_blocking(bodies);
            inner.dispatch(fx);
            inner.shrink(fx);
        });
        Ok(())
    }
}
