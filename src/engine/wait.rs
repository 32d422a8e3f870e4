//! Waiting for a task's end, without a deadlock.
//!
//! A thread that is no worker waits. A worker that waits keeps others from its thread, so:
//!
//! - a task that is queued, plain, and waited for without a time-out is executed by the worker that
//!   waits, in place. Never another task: that one could need what this one holds.
//! - a wait that could not end is refused: for itself, for a task that waits (through others) for
//!   this one, which includes the tasks lower on this stack, and for a task that is not about to
//!   run: a delayed one, a periodic one that nobody asked to stop.
//!
//! That there is never a cycle of waits: each is checked under the lock before it begins, by
//! following `waits_for` from the awaited task; a chain that does not lead back here ends, as there
//! was no cycle before.

use std::time::Duration;

use super::cancel::Flag;
use super::clock::{Nanos, nanos};
use super::effects::Effects;
use super::id::TaskId;
use super::inner::Inner;
use super::record::{NIL, Status, flag};
use super::sync::MutexGuard;
use super::{Payload, Shared, current};

/// What a wait gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitResult {
    /// The task has ended; its status says how.
    Done,
    WaitTimeout,
    UnknownTask,
    /// Refused: it could never end.
    WouldDeadlock,
}

impl WaitResult {
    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            WaitResult::Done => "Done",
            WaitResult::WaitTimeout => "WaitTimeout",
            WaitResult::UnknownTask => "UnknownTask",
            WaitResult::WouldDeadlock => "WouldDeadlock",
        }
    }
}

impl<P: Payload> Inner<P> {
    /// Whether `slot`, through what it waits for, waits for the task of `run`.
    pub(super) fn leads_back(&mut self, slot: u32, run: u32) -> bool {
        let mine = self.runs[run as usize].slot;
        let mut at = slot;
        while at != NIL {
            if at == mine {
                return true;
            }
            match self.slab.at(at).run {
                NIL => return false,
                run => at = self.runs[run as usize].waits_for,
            }
        }
        false
    }

    /// Whether a worker may wait for it at all.
    fn is_about_to_end(&mut self, slot: u32) -> bool {
        let record = self.slab.at(slot);
        match record.status {
            Status::Delayed => false,
            Status::Queued => !record.has(flag::PERIODIC),
            Status::Running => !record.has(flag::PERIODIC) || record.has(flag::CANCEL_REQUESTED),
            _ => true,
        }
    }
}

impl<P: Payload> Shared<P> {
    /// One time-slice of waiting: until something happened, or `deadline`.
    pub(super) fn doze<'a>(
        &'a self,
        inner: MutexGuard<'a, Inner<P>>,
        deadline: Option<Nanos>,
    ) -> MutexGuard<'a, Inner<P>> {
        match deadline {
            Some(deadline) if !self.clock.is_virtual() => {
                let left = deadline.saturating_sub(self.clock.now()).max(1);
                self.inner.wait_for(&self.done, inner, Duration::from_nanos(left))
            }
            _ => self.inner.wait(&self.done, inner),
        }
    }

    pub(super) fn wait(&self, id: TaskId, timeout: Option<Duration>) -> WaitResult {
        let mut fx = Effects::new();
        let mut inner = self.inner.lock();
        let Some(slot) = inner.find(&mut fx, id) else {
            drop(inner);
            self.apply(&mut fx);
            return WaitResult::UnknownTask;
        };
        if inner.slab.at(slot).status.is_finished() {
            return WaitResult::Done;
        }
        let mine = current::run_of(self);
        if let Some(run) = mine {
            if inner.leads_back(slot, run) || !inner.is_about_to_end(slot) {
                return WaitResult::WouldDeadlock;
            }
            inner.runs[run as usize].waits_for = slot;
        }
        // A waiter keeps the task, so that the history does not forget it meanwhile.
        inner.pin(slot);
        let deadline = timeout.map(|timeout| self.clock.now().saturating_add(nanos(timeout)));
        let queued = inner.slab.at(slot).status == Status::Queued && inner.may_start(slot);
        if mine.is_some() && timeout.is_none() && queued {
            inner = self.help(inner, &mut fx, slot);
        }
        let result = loop {
            let record = inner.slab.at(slot);
            if record.status.is_finished() {
                break WaitResult::Done;
            }
            if deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                break WaitResult::WaitTimeout;
            }
            record.set(flag::HAS_WAITERS);
            inner = self.doze(inner, deadline);
        };
        if let Some(run) = mine {
            inner.runs[run as usize].waits_for = NIL;
        }
        inner.unpin(&mut fx, slot);
        drop(inner);
        self.apply(&mut fx);
        result
    }

    /// Executes a queued task on this worker, in the middle of another.
    fn help<'a>(
        &'a self,
        mut inner: MutexGuard<'a, Inner<P>>,
        fx: &mut Effects<P>,
        slot: u32,
    ) -> MutexGuard<'a, Inner<P>> {
        let state = &mut *inner;
        state.lanes.unlink(&mut state.slab, &mut state.owners, slot);
        let run = inner.take_run();
        let body = inner.begin_run(fx, slot, run, self.clock.now());
        let (id, iteration) = (inner.id(slot), inner.iteration(slot));
        let mut context = self.context(&inner, run);
        drop(inner);
        self.apply(fx);
        (context.id, context.iteration) = (id, iteration);
        let (body, result) = self.execute(body, &context, run, false);
        let mut inner = self.inner.lock();
        inner.end_run(fx, slot, run, body, result, self.clock.now());
        inner.free_runs.push(run);
        inner.dispatch(fx);
        drop(inner);
        self.apply(fx);
        self.inner.lock()
    }

    /// Sleeps until `flag` is raised, or for `time`.
    pub(super) fn sleep_on(&self, flag: &Flag, time: Duration) {
        let deadline = self.clock.now().saturating_add(nanos(time));
        let mut inner = self.inner.lock();
        // The flag is raised under the lock, so it cannot be missed between here and the wait.
        while flag.get() == 0 && self.clock.now() < deadline {
            inner = self.doze(inner, Some(deadline));
        }
    }
}
