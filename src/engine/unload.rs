//! Unloading an owner: afterwards nothing that its code made is kept in the engine, so that the
//! library with that code may be closed.
//!
//! What an owner's code makes: bodies and what they capture, results, callbacks and followers of its tasks,
//! the payload of a panic, and their destructors. Errors are texts of the engine's own, but for the
//! exception that one may hold (`TaskError::has_source`).
//!
//! # The protocol
//!
//! 1. *Refuse.* Under the lock, the owner's `Alive` ends and `OwnerRecord::unloading` is set. From
//!    here on `admit` refuses its tasks and those that would run its code (`Record::code`), and
//!    `add_callback` gives callbacks of its tasks back.
//! 2. *Walk* over all records, in pieces. What waits is cancelled, what runs is asked to stop (but for the
//!    owner's tasks that must run, and are queued or run: those are waited for), and
//!    from each record results and callbacks are taken out and destroyed, by the thread that
//!    unloads, after the lock. A record in the history is forgotten. What stands in the outbox stays
//!    there, and is delivered with [`Payload`]'s default in place of the result.
//! 3. *Wait*, until the time is over, for what is not in a record:
//!    - a task that must run, and has not begun: it stands in the owner's list;
//!    - a body that a worker executes, or is about to destroy: the run has the record's slot until
//!      `end_run`, and `execute` destroys the body and a panic's payload before that;
//!    - what a thread took out of a record, to destroy or to call it: a [`Hold`].
//!
//! # Invariants
//!
//! 1. One walk is enough: no record becomes the owner's after step 1, and after the walk has passed
//!    one, nothing of the owner's comes into it. The ways in are `insert` (refused by `admit`),
//!    `add_callback` and `add_follower` (refused), and `end_run`, which replaces the result
//!    ([`Inner::unless_unloading`]). A periodic body comes back in `end_run` only to go at once, as
//!    the walk requested the cancel.
//! 2. Whatever leaves a record of an owner for a place outside of the lock is held: `leave`, `hold`
//!    and `held` write a [`Hold`] under the lock under which it leaves, and `apply`, or the drop of
//!    the [`Held`] in a delivery, gives it back after the thing is destroyed. A notice in
//!    [`Callbacks`](super::Callbacks) is consumed by a thread that has a hold: whoever put it there
//!    calls `run` before giving its own back, and if another is in `run` by then, that one consumes
//!    it before giving back its.
//! 3. A receiver has no delivery of an owner's in stock, only in hand, held: it is alone or the first
//!    of its batch (`Inner::take`), and handed out before the drain that took it can end or run a
//!    slot. What waits in the outbox has nothing of the owner's, after the walk.
//! 4. With neither a run nor a hold nor a task that must run, there is nothing left: from 1, 2 and 3.
//! 5. An owner's index is not used again while any of this names it: records, holds and the call
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

use super::clock::{Nanos, nanos};
use super::effects::{Effects, Garbage};
use super::error::{CancelReason, TaskError};
use super::id::TaskId;
use super::inner::Inner;
use super::owners::{Hold, OwnerId};
use super::record::{NIL, Outcome, Status, flag};
use super::{Engine, Payload, Shared, current};

/// Records looked at for each time that the lock is taken.
pub const PIECE: usize = 512;

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

/// To give a [`Hold`] back by.
pub struct Ticket {
    owner: u32,
    number: u64,
}

/// Keeps an owner from being unloaded while something of it is in somebody's hands.
pub struct Held {
    engine: Arc<dyn Release>,
    tickets: Vec<Ticket>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.engine.give_back(&mut self.tickets);
    }
}

trait Release: Send + Sync {
    fn give_back(&self, tickets: &mut Vec<Ticket>);
}

impl<P: Payload> Release for Shared<P> {
    fn give_back(&self, tickets: &mut Vec<Ticket>) {
        Shared::give_back(self, tickets);
    }
}

impl<P: Payload> Inner<P> {
    /// Destroys something of a task after the lock.
    pub fn leave(&mut self, fx: &mut Effects<P>, slot: u32, garbage: Garbage<P>) {
        self.hold(fx, slot);
        fx.calls().garbage.push(garbage);
    }

    /// Notes that something of a task is among the effects.
    pub fn hold(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.slab.at(slot).is_owned() {
            self.hold_in(&mut fx.calls().holds, slot);
        }
    }

    /// Notes that something of a task is in a delivery.
    pub fn held(&mut self, shared: &Shared<P>, slot: u32) -> Option<Held> {
        if !self.slab.at(slot).is_owned() {
            return None;
        }
        let mut tickets = Vec::new();
        self.hold_in(&mut tickets, slot);
        Some(Held { engine: shared.arc(), tickets })
    }

    fn hold_in(&mut self, tickets: &mut Vec<Ticket>, slot: u32) {
        let record = self.slab.at(slot);
        let name = record.shown_name().cloned();
        for owner in [record.owner, record.code] {
            if owner != 0 && !tickets.iter().any(|ticket| ticket.owner == owner) {
                let id = self.id(slot);
                tickets.push(self.hold_owner(owner, id, name.clone()));
            }
        }
    }

    fn hold_owner(&mut self, owner: u32, id: TaskId, name: Option<Arc<str>>) -> Ticket {
        self.tickets += 1;
        let number = self.tickets;
        let owner_record = self.owners.at(owner);
        owner_record.references += 1;
        owner_record.held.push(Hold { ticket: number, thread: current::thread(), id, name });
        Ticket { owner, number }
    }

    /// Gives a hold back; whether somebody may wait for that.
    fn give_back(&mut self, ticket: &Ticket) -> bool {
        let owner = self.owners.at(ticket.owner);
        if let Some(at) = owner.held.iter().position(|hold| hold.ticket == ticket.number) {
            owner.held.swap_remove(at);
        }
        let awaited = owner.unloading && owner.held.is_empty();
        self.owners.release(ticket.owner);
        awaited
    }

    pub fn is_unloading(&mut self, slot: u32) -> bool {
        let record = self.slab.at(slot);
        let (owner, code) = (record.owner, record.code);
        // The application, owner 0, never is.
        record.is_owned() && (self.owners.at(owner).unloading || self.owners.at(code).unloading)
    }

    /// The result of a run, or nothing in its place if its owner is being unloaded.
    pub fn unless_unloading(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        result: Result<P, TaskError>,
    ) -> Result<P, TaskError> {
        if !self.is_unloading(slot) {
            return result;
        }
        fx.wake_waiters = true;
        match result {
            Ok(value) => {
                self.leave(fx, slot, Garbage::Outcome(Outcome::Value(value)));
                Ok(P::default())
            }
            Err(error) if error.has_source() => {
                let plain = error.without_source();
                self.leave(fx, slot, Garbage::Outcome(Outcome::Error(Arc::new(error))));
                Err(plain)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a call that unloads would wait for its own caller, who executes `run` if it is a
    /// worker.
    fn waits_for_caller(&mut self, owner: u32, run: Option<u32>) -> bool {
        let thread = current::thread();
        if self.owners.at(owner).held.iter().any(|hold| hold.thread == thread) {
            return true;
        }
        let Some(run) = run else { return false };
        let slots: Vec<u32> = self.runs.iter().map(|run| run.slot).filter(|slot| *slot != NIL).collect();
        slots.into_iter().any(|slot| self.slab.at(slot).is_of(owner) && self.leads_back(slot, run))
    }

    /// Takes everything of the owner's out of a record.
    fn unload_record(&mut self, fx: &mut Effects<P>, slot: u32, owner: u32, now: Nanos) {
        let of_owner = |record: &super::record::Record<P>| {
            record.key != 0 && record.status != Status::UnknownTask && record.is_of(owner)
        };
        let Some(record) = self.slab.get(slot).filter(|record| of_owner(record)) else { return };
        let key = record.key;
        // What must run is not taken from its owner before it has run; it is waited for.
        let runs = matches!(record.status, Status::Queued | Status::Running);
        let stays = runs && record.owner == owner && record.has(flag::MUST_RUN);
        if !record.status.is_finished() && !stays {
            self.cancel(fx, slot, CancelReason::PluginUnload, now);
        }
        // With its end, and nobody to keep it, it may be gone already.
        let Some(record) = self.slab.get(slot).filter(|record| record.key == key) else { return };
        if record.has(flag::IN_HISTORY) {
            self.forget(fx, slot);
            return;
        }
        let mut garbage = Vec::new();
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
        empty(&mut record.outcome);
        let theirs = record.owner == owner;
        if let Some(extra) = &mut record.extra {
            for run in &mut extra.runs {
                empty(&mut run.outcome);
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

    /// What is of the owner's and not in a record.
    fn still_running(&mut self, owner: u32) -> Vec<StillRunning> {
        let mut still = Vec::new();
        for run in 0..self.runs.len() {
            let slot = self.runs[run].slot;
            if slot == NIL || !self.slab.at(slot).is_of(owner) {
                continue;
            }
            let id = self.id(slot);
            let name = self.slab.at(slot).shown_name().map(|name| name.to_string());
            still.push(StillRunning { id, name: name.unwrap_or_default() });
        }
        let mut slot = self.owners.at(owner).tasks;
        while slot != NIL {
            let record = self.slab.at(slot);
            let (next, queued) = (record.owner_next, record.run == NIL && record.has(flag::MUST_RUN));
            let name = record.shown_name().map(|name| name.to_string()).unwrap_or_default();
            if queued {
                let id = self.id(slot);
                still.push(StillRunning { id, name });
            }
            slot = next;
        }
        for hold in &self.owners.at(owner).held {
            if !still.iter().any(|other| other.id == hold.id) {
                let name = hold.name.as_ref().map(|name| name.to_string());
                still.push(StillRunning { id: hold.id, name: name.unwrap_or_default() });
            }
        }
        still
    }
}

impl<P: Payload> Shared<P> {
    pub(super) fn give_back(&self, tickets: &mut Vec<Ticket>) {
        let mut awaited = false;
        let mut inner = self.inner.lock();
        for ticket in tickets.drain(..) {
            awaited |= inner.give_back(&ticket);
        }
        drop(inner);
        if awaited {
            self.done.notify_all();
        }
    }

    /// Step 1. Whether the owner was found; then the caller has a reference to it.
    fn refuse(&self, owner: OwnerId) -> Result<bool, UnloadError> {
        if owner.index == 0 {
            return Err(UnloadError::Application);
        }
        let run = current::run_of(self);
        let mut inner = self.inner.lock();
        if inner.owners.known(owner).is_none() {
            return Ok(false);
        }
        if inner.waits_for_caller(owner.index, run) {
            return Err(UnloadError::WouldDeadlock);
        }
        let record = inner.owners.at(owner.index);
        record.alive.end();
        record.unloading = true;
        record.references += 1;
        Ok(true)
    }

    fn may_unload(&self, owner: OwnerId) -> bool {
        let run = current::run_of(self);
        let mut inner = self.inner.lock();
        inner.owners.known(owner).is_none() || !inner.waits_for_caller(owner.index, run)
    }

    fn unload(&self, owner: OwnerId, timeout: Duration) -> Result<(), UnloadError> {
        let deadline = self.clock.now().saturating_add(nanos(timeout));
        if !self.refuse(owner)? {
            return Ok(());
        }
        let owner = owner.index;
        let mut from = 0;
        while self.with(|inner, fx| {
            let (now, end) = (inner.clock.now(), inner.slab.end());
            let to = (from + PIECE).min(end);
            for slot in from..to {
                inner.unload_record(fx, slot as u32, owner, now);
            }
            from = to;
            to < end
        }) {}
        let mut inner = self.inner.lock();
        inner.owners.release_open(owner);
        let result = loop {
            let still = inner.still_running(owner);
            if still.is_empty() {
                break Ok(());
            }
            if self.clock.now() >= deadline {
                break Err(UnloadError::StillRunning(still));
            }
            inner = self.doze(inner, Some(deadline));
        };
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

    /// Whether the calling thread may call [`Engine::unload_owner`], for who has something to do before
    /// that; false where it would wait for its own caller.
    pub fn may_unload(&self, owner: OwnerId) -> bool {
        self.shared().may_unload(owner)
    }

    /// The first step of [`Engine::unload_owner`], which refuses new work, and its checks.
    pub(crate) fn begin_unload(&self, owner: OwnerId) -> Result<(), UnloadError> {
        if self.shared().refuse(owner)? {
            self.with(|inner, _| inner.owners.release(owner.index));
        }
        Ok(())
    }

    /// Keeps a living owner from being unloaded, for a task of it that is being made.
    pub(crate) fn hold_owner(&self, owner: OwnerId, id: TaskId, name: &str) -> Option<Held> {
        let name = Some(Arc::from(name));
        let ticket = self.with(|inner, _| {
            inner.owners.find(owner).is_some().then(|| inner.hold_owner(owner.index, id, name))
        })?;
        Some(Held { engine: self.shared().arc(), tickets: vec![ticket] })
    }

    /// Whether an owner may still submit.
    pub fn is_alive(&self, owner: OwnerId) -> bool {
        self.with(|inner, _| inner.owners.find(owner).is_some())
    }

    /// The owner of a task; `None` for the application's, and for one that is unknown.
    pub fn owner_of(&self, id: TaskId) -> Option<OwnerId> {
        self.with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            let owner = inner.slab.at(slot).owner;
            let generation = inner.owners.at(owner).generation;
            (owner != 0).then_some(OwnerId { index: owner, generation })
        })
    }
}
