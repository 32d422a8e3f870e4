//! Unloading an owner: afterwards nothing that its code made is kept in the engine, so that the
//! library with that code may be closed.
//!
//! What an owner's code makes: bodies and what they capture, results, callbacks and followers of its tasks,
//! the payload of a panic, and their destructors. Errors are texts of the engine's own, but for the
//! exception that one may hold (`TaskError::has_source`).
//!
//! # The protocol
//!
//! 1. *Refuse.* Under the lock, the owner's `Alive` ends and `Owner::unloading` is set. From
//!    here on `admit` refuses its tasks and those that would run its code (`Record::code`), and
//!    `add_callback` gives callbacks of its tasks back.
//! 2. *Walk* over all records, in pieces. What waits is cancelled, what runs is asked to stop (but for
//!    what must run, and is queued, blocked or runs, whether it is the owner's, runs its code or takes what that made:
//!    it is waited for), and
//!    from each record results and callbacks are taken out and destroyed, by the thread that
//!    unloads, after the lock; but for a result that such a task takes, which is left for that (`then.rs`). A record in
//!    the history is forgotten. What stands in the outbox stays
//!    there, and is delivered with [`Payload`]'s default in place of the result.
//! 3. *Wait*, until the time is over, for what is not in a record:
//!    - a task that must run, and has not begun: the walk has noted its id;
//!    - a body that a worker executes, or is about to destroy: the run has the record's slot until
//!      `end_run`, and `execute` destroys the body and a panic's payload before that;
//!    - what a thread took out of a record, to destroy or to call it: a [`Hold`](super::holds::Hold).
//!
//! # Invariants
//!
//! 1. One walk is enough: no record becomes the owner's after step 1, and after the walk has passed
//!    one, nothing of the owner's comes into it. The ways in are `insert` (refused by `admit`),
//!    `add_callback` and `add_follower` (refused), and `end_run`, which replaces the result
//!    ([`Inner::unless_unloading`]). A periodic body comes back in `end_run` only to go at once, as
//!    the walk requested the cancel.
//! 2. Whatever leaves a record of an owner for a place outside of the lock is held: `leave`, `hold`
//!    and `held` write a `Hold` under the lock under which it leaves, and `apply`, or the drop of
//!    the [`Held`] in a delivery, gives it back after the thing is destroyed. A notice in
//!    [`Callbacks`](super::callbacks::Callbacks) is consumed by a thread that has a hold: the one that put it there
//!    calls `run` before giving its own back, and if another is in `run` by then, that one consumes
//!    it before giving back its.
//! 3. A receiver has no delivery of an owner's in stock, only in hand, held: it is alone or the first
//!    of its batch (`Inner::take`), and handed out before the drain that took it can end or run a
//!    slot. What waits in the outbox has nothing of the owner's, after the walk.
//! 4. A task that must run and was queued or blocked as the walk passed it is in `stays`, detached or not; nothing makes
//!    another one, and none waits for a time from then on (`Inner::unblock`, `Inner::is_tried_again`). One that begins
//!    has a run from then on, and one that ends before that leaves its body, with
//!    a hold. Its end wakes the thread that unloads: `end_run` does, or the last hold that is given back.
//!    A result with `flag::WITHHELD` is for such a task alone, and goes with the last of them, with a hold.
//! 5. With neither a run nor a hold nor a task that must run, there is nothing left: from 1 to 4.
//! 6. An owner's index is not used again while any of this names it: records, holds and the call
//!    that unloads count as references.
//!
//! # Deadlock safety
//!
//! The wait is refused where it would wait for its own caller: a task of the owner, or one that such
//! a task waits for; a thread that holds something of it, as in a callback, a slot or a destructor.
//! There nothing is done: it is to be called later, from the event loop. A body that waits for the
//! caller by means of its own is found out by the time-out.
//!
//! What the engine cannot see: a task that the owner's code submitted in nobody's name, callbacks
//! and wakers that it added to tasks of others, and tokens, handles and builders in its own hands.

use std::sync::Arc;
use std::time::Duration;

use super::body::Outcome;
use super::clock::{Nanos, nanos};
use super::current;
use super::effects::{Effects, Garbage};
use super::engine::Engine;
use super::hand::Tries;
use super::holds::Held;
use super::id::{OwnerId, TaskId};
use super::inner::Inner;
use super::payload::Payload;
use super::record::flag;
use super::shared::Shared;
use super::task::Record;
use super::words::{CancelReason, Status};

/// A task that still runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillRunning {
    /// Of several tasks whose remains one thread is destroying, one.
    pub id: TaskId,
    /// The task's name, or its job's; empty if it has neither.
    pub name: String,
}

/// Why an owner is not unloaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnloadError {
    /// The time was over. Nothing new begins; unload it again to wait more.
    #[error("{} of its tasks still run{}; it must not be unloaded yet", .0.len(), names(.0))]
    StillRunning(Vec<StillRunning>),
    /// Nothing was done: the call would wait for its own caller.
    #[error("refused, as it would wait for its caller: a task, a callback or a destructor of that owner")]
    WouldDeadlock,
    /// Nothing was done.
    #[error("the application is no owner that could be unloaded")]
    Application,
}

fn names(tasks: &[StillRunning]) -> String {
    let mut text = String::new();
    for task in tasks.iter().take(10) {
        text.push_str(if text.is_empty() { ": " } else { ", " });
        if task.name.is_empty() {
            text.push_str(&task.id.to_string());
        } else {
            text.push_str(&task.name);
        }
    }
    if tasks.len() > 10 { text + ", …" } else { text }
}

impl<P: Payload> Inner<P> {
    /// Whether a call that unloads would wait for its own caller, which executes `run` if it is a
    /// worker.
    fn waits_for_caller(&mut self, owner: u32, run: Option<u32>) -> bool {
        let thread = current::thread();
        if self.owners.held(owner).iter().any(|hold| hold.thread == thread) {
            return true;
        }
        let Some(run) = run else { return false };
        let slots: Vec<u32> = self.runs.slots().collect();
        slots.into_iter().any(|slot| self.tasks.at(slot).is_of(owner) && self.leads_back(slot, run))
    }

    /// Takes everything of the owner's out of a record. What must run, and has not begun, is noted in `stays`.
    fn unload_record(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        owner: u32,
        now: Nanos,
        stays: &mut Vec<TaskId>,
    ) {
        let known = |record: &&mut Record<P>| record.key != 0 && record.status != Status::UnknownTask;
        let lent = |record: &Record<P>| record.lenders().contains(&owner);
        let Some(record) = self.tasks.get(slot).filter(known) else { return };
        let whole = record.is_group() && !record.status.is_finished();
        if whole && (record.is_of(owner) || lent(record)) && record.is_wanted() {
            // It goes on without, and so there is no result of it for what must run.
            record.set(flag::SHED);
        }
        if lent(record) && record.is_group() && !record.is_of(owner) && !record.status.is_finished() {
            self.give_loan_back(fx, slot, owner);
            return;
        }
        let of_owner = |record: &Record<P>| record.is_of(owner) || lent(record);
        let Some(record) = self.tasks.get(slot).filter(|record| of_owner(record)) else { return };
        let key = record.key;
        let (must_run, delayed) = (record.has(flag::MUST_RUN), record.status == Status::Delayed);
        // What must run is not taken from its owner before it has run; it is waited for. The same of what runs the
        // owner's code for another, or takes what that made and is there for it.
        let must_run = must_run && !self.takes_of_whole(slot, owner);
        let hurried = must_run && delayed && self.waits_no_more(fx, slot, CancelReason::PluginUnload, now);
        // With its end, and nobody to keep it, it may be gone already.
        if self.tasks.get(slot).is_none_or(|record| record.key != key) {
            return;
        }
        let must_run = must_run && (!delayed || hurried);
        if must_run {
            // It may have been paused by itself.
            self.go_on_if_parked(fx, slot);
        }
        let record = self.tasks.at(slot);
        let queued = matches!(record.status, Status::Queued | Status::Blocked);
        if !record.status.is_finished() && !must_run {
            self.cancel(fx, slot, CancelReason::PluginUnload, now);
        } else if must_run && queued {
            stays.push(self.id(slot));
        }
        // With its end, and nobody to keep it, it may be gone already.
        let Some(record) = self.tasks.get(slot).filter(|record| record.key == key) else { return };
        if record.has(flag::IN_HISTORY) {
            self.forget(fx, slot);
            return;
        }
        let mut garbage = Vec::new();
        // It was left for a retry, which does not come any more.
        let work = if record.status.is_finished() { record.body.take() } else { None };
        garbage.extend(work.map(Garbage::Body));
        let mut empty = |outcome: &mut Outcome<P>| match outcome {
            Outcome::Value(value) => {
                let value = std::mem::take(value);
                garbage.push(Garbage::Outcome(Outcome::Value(value)));
            }
            Outcome::Error(error) if error.has_source() => {
                let plain = Outcome::Error(Arc::new(error.without_source()));
                garbage.push(Garbage::Outcome(std::mem::replace(outcome, plain)));
            }
            _ => {}
        };
        let result = matches!(record.outcome, Outcome::Value(_)) && record.status.is_finished();
        if result && record.is_wanted() {
            record.set(flag::WITHHELD);
        } else {
            if result {
                record.set(flag::SHED);
            }
            empty(&mut record.outcome);
        }
        let theirs = record.owner == owner;
        if let Some(extra) = &mut record.extra {
            for run in &mut extra.runs {
                empty(&mut run.outcome);
            }
            if let Some(values) = &mut extra.values {
                fx.wake_waiters |= values.take_awaited();
                garbage.push(Garbage::Values(values.take()));
            }
            if let Some(group) = &mut extra.group {
                // Of its own; of another it has given back what was lent.
                let values = group.take_values(|_| true).map(Outcome::Value);
                let thrown = group.take_thrown().map(Outcome::Error);
                garbage.extend(values.into_iter().chain(thrown).map(Garbage::Outcome));
            }
            if theirs {
                let callbacks = extra.callbacks.take().into_iter().chain(extra.late.take());
                garbage.extend(callbacks.map(Garbage::Callbacks));
                if !extra.followers.is_empty() {
                    garbage.push(Garbage::Followers(std::mem::take(&mut extra.followers)));
                }
            }
        }
        for garbage in garbage {
            self.leave(fx, slot, garbage);
        }
    }

    /// Whether a task takes the result of a group that loses what the owner's code made in it.
    fn takes_of_whole(&mut self, slot: u32, owner: u32) -> bool {
        let links = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.links.as_ref());
        let takes = links.map(|links| links.takes.clone()).unwrap_or_default();
        takes.into_iter().any(|other| {
            let record = self.tasks.at(other);
            let loses = record.is_of(owner) || record.lenders().contains(&owner) || record.has(flag::SHED);
            record.is_group() && loses && (record.has(flag::SHED) || !record.status.is_finished())
        })
    }

    /// What is of the owner's and not in a record, and which of the tasks that the walk left queued, `stays`,
    /// have not begun.
    fn still_running(&mut self, owner: u32, stays: &[TaskId]) -> Vec<StillRunning> {
        let mut still = Vec::new();
        for slot in self.runs.slots() {
            if !self.tasks.at(slot).is_of(owner) {
                continue;
            }
            let id = self.tasks.id(slot);
            let name = self.tasks.at(slot).shown_name().map(|name| name.to_string());
            still.push(StillRunning { id, name: name.unwrap_or_default() });
        }
        for id in stays {
            let waits = |status| matches!(status, Status::Queued | Status::Blocked);
            let found = self.tasks.find(*id).filter(|(_, record)| waits(record.status));
            if let Some((_, record)) = found {
                let name = record.shown_name().map(|name| name.to_string()).unwrap_or_default();
                still.push(StillRunning { id: *id, name });
            }
        }
        for hold in self.owners.held(owner) {
            if !still.iter().any(|other| other.id == hold.id) {
                let name = hold.name.as_ref().map(|name| name.to_string());
                still.push(StillRunning { id: hold.id, name: name.unwrap_or_default() });
            }
        }
        still
    }
}

impl<P: Payload> Shared<P> {
    /// Step 1. Whether the owner was found; then the caller has a reference to it.
    fn refuse(&self, owner: OwnerId) -> Result<bool, UnloadError> {
        if owner.index == 0 {
            return Err(UnloadError::Application);
        }
        let run = self.current_run();
        let mut inner = self.state.lock();
        if !inner.owners.is_known(owner) {
            return Ok(false);
        }
        if inner.waits_for_caller(owner.index, run) {
            return Err(UnloadError::WouldDeadlock);
        }
        inner.owners.begin_unload(owner.index);
        inner.owners.keep(owner.index);
        Ok(true)
    }

    fn may_unload(&self, owner: OwnerId) -> bool {
        let run = self.current_run();
        let mut inner = self.state.lock();
        !inner.owners.is_known(owner) || !inner.waits_for_caller(owner.index, run)
    }

    fn unload(&self, owner: OwnerId, timeout: Duration) -> Result<(), UnloadError> {
        let deadline = self.clock.now().saturating_add(nanos(timeout));
        if !self.refuse(owner)? {
            return Ok(());
        }
        let owner = owner.index;
        let mut from = Some(0);
        let mut stays = Vec::new();
        while let Some(at) = from {
            let now = self.clock.now();
            from = self.walk(at, |inner, fx, slot| inner.unload_record(fx, slot, owner, now, &mut stays));
        }
        // What must run is waited for.
        self.with(|inner, fx| inner.end_pauses_of(fx, owner));
        let mut inner = self.state.lock();
        inner.owners.release_open(owner);
        self.begin_outside(&mut inner);
        let mut tries = Tries::default();
        let result = loop {
            let still = inner.still_running(owner, &stays);
            if still.is_empty() {
                break Ok(());
            }
            if self.clock.now() >= deadline || tries.are_over() {
                break Err(UnloadError::StillRunning(still));
            }
            inner = self.doze(inner, Some(deadline), &mut tries);
        };
        inner.patience.end_outside();
        inner.owners.release(owner);
        drop(inner);
        result
    }
}

impl<P: Payload> Engine<P> {
    /// Ends an owner for good: refuses its new work, cancels all its tasks, the detached ones too,
    /// for [`CancelReason::PluginUnload`], and waits until those that run have ended, at most for
    /// `timeout`.
    ///
    /// After `Ok`, the engine keeps no closure, callback or result that the owner's code made. Its
    /// tasks have left the history; what was still to be delivered comes without a result, and its
    /// callbacks are not called. Other calls may come: after the time was over, to wait more, and
    /// after `close_owner`.
    ///
    /// From any thread, but not from the owner's tasks and callbacks: see
    /// [`UnloadError::WouldDeadlock`].
    pub fn unload_owner(&self, owner: OwnerId, timeout: Duration) -> Result<(), UnloadError> {
        self.shared().unload(owner, timeout)
    }

    /// Whether the calling thread may call [`Engine::unload_owner`], for one that has something to do before
    /// that; false where it would wait for its own caller.
    pub fn may_unload(&self, owner: OwnerId) -> bool {
        self.shared().may_unload(owner)
    }

    /// The first step of [`Engine::unload_owner`], which refuses new work, and its checks.
    pub(crate) fn begin_unload(&self, owner: OwnerId) -> Result<(), UnloadError> {
        if self.shared().refuse(owner)? {
            self.shared().with(|inner, _| inner.owners.release(owner.index));
        }
        Ok(())
    }

    /// Keeps a living owner from being unloaded, for a task of it that is being made.
    pub(crate) fn hold_owner(&self, owner: OwnerId, id: TaskId, name: &str) -> Option<Held> {
        let name = Some(Arc::from(name));
        let receipt = self.shared().with(|inner, _| {
            inner.owners.is_alive(owner).then(|| inner.owners.hold(owner.index, id, name))
        })?;
        Some(Held::new(self.shared().arc(), vec![receipt]))
    }

    /// Whether an owner may still submit.
    pub fn is_alive(&self, owner: OwnerId) -> bool {
        self.shared().with(|inner, _| inner.owners.is_alive(owner))
    }

    /// The owner of a task; `None` for the application's, and for one that is unknown.
    pub fn owner_of(&self, id: TaskId) -> Option<OwnerId> {
        self.shared().with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            let owner = inner.tasks.at(slot).owner;
            (owner != 0).then(|| inner.owners.id(owner))
        })
    }
}
