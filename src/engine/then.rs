//! Results that go from one task to another on a worker: `then`, and what a group gathers.
//!
//! A task that takes the result of another comes after it (`after.rs`), and keeps it by a handle until it begins
//! or ends. So the result is there whatever the history keeps. It is moved out of the other's record if that is
//! kept by nobody else, and the history would not keep the result; else it is shared.
//!
//! # For one alone
//!
//! A result that cannot be copied can be moved into a body only where nobody else has it, and whether somebody has it
//! would be a matter of time: it may be on its way to callbacks. So a task may take results for itself
//! (`TaskOptions::takes_alone`). From its submission on they are promised (`flag::PROMISED`), and nobody else is given
//! them: callbacks, signals and [`Engine::info`](super::Engine::info) have the default in their place. A result that
//! another task takes (`flag::LENDS`) is promised to none, and one that is promised is lent to none. Nor is it given
//! twice to the one that has it: a task that is named twice is refused.
//!
//! # Lenders
//!
//! What an owner's code made may so come into a task of another. Those owners are the task's lenders
//! (`Links::lenders`, `flag::LENT`): an unloading treats a task that takes results as one that runs their code, and
//! takes out of a group what they lent.
//!
//! # What must run, while an owner is unloaded
//!
//! A task that must run does, and so it is given what it takes, also where that owner's code made it: the unloading
//! waits for the task, and leaves it the result. What has completed, or completes although it was asked to stop, is
//! withheld from all others meanwhile (`flag::WITHHELD`). As the last task that must run and takes it begins, or ends
//! before that, the result is destroyed. What the unloading cancels has no result, and what takes it is cancelled
//! with it (`CancelReason::DependencyFailed`), also if that must run.
//!
//! # Invariant
//!
//! `Links::wanted` is the number of tasks with `flag::MUST_RUN` that have this one in their `Links::takes`. With
//! `flag::WITHHELD` it is not 0 as long as the result is there.

use std::collections::HashSet;

use super::after::Follows;
use super::body::Outcome;
use super::effects::{Effects, Garbage};
use super::error::SubmitError;
use super::group::SEVERAL;
use super::id::TaskId;
use super::inner::Inner;
use super::options::TaskOptions;
use super::payload::Payload;
use super::record::flag;
use super::words::{AfterPolicy, CancelReason, Status};

impl<P: Payload> Inner<P> {
    // ---- to come -------------------------------------------------------------------------------

    /// A task whose result another may take, or the error. `alone`: for itself.
    pub fn admit_lender(
        &mut self,
        fx: &mut Effects<P>,
        call: &'static str,
        id: TaskId,
        alone: bool,
    ) -> Result<u32, SubmitError> {
        let slot = self.find(fx, id).ok_or(SubmitError::UnknownTask { call, id })?;
        if self.is_unloading(slot) {
            return Err(SubmitError::OwnerGone);
        }
        let record = self.tasks.at(slot);
        if record.has(flag::PROMISED) || (alone && record.has(flag::LENDS)) {
            return Err(SubmitError::ResultTaken { call, id });
        }
        if record.has(flag::SHED) {
            return Err(SubmitError::ResultNotKept { call, id });
        }
        Ok(slot)
    }

    /// Whether the results that a new task is to take are there, or still to come.
    pub fn admit_takes(&mut self, fx: &mut Effects<P>, options: &TaskOptions<P>) -> Result<(), SubmitError> {
        if options.takes.is_empty() {
            return Ok(());
        }
        if options.after_policy != AfterPolicy::Completed {
            let found = options.after_policy.name().to_owned();
            return Err(SubmitError::invalid("afterPolicy", found, "Completed, as it takes a result"));
        }
        let alone = options.takes_alone;
        options.takes.iter().try_for_each(|id| self.admit_lender(fx, "then", *id, alone).map(|_| ()))?;
        Self::admit_once("then", &options.takes, alone)
    }

    /// Whether each result is to be given once, of those that a task takes for itself.
    pub fn admit_once(call: &'static str, takes: &[TaskId], alone: bool) -> Result<(), SubmitError> {
        let mut named = HashSet::new();
        match takes.iter().find(|id| alone && !named.insert(**id)) {
            Some(id) => Err(SubmitError::ResultTwice { call, id: *id }),
            None => Ok(()),
        }
    }

    /// A task is going to take the result of another. `alone`: for itself.
    pub fn promise(&mut self, other: u32, alone: bool) {
        self.tasks.at(other).set(if alone { flag::PROMISED } else { flag::LENDS });
    }

    /// A new task takes the results of these, after which it comes. `follows`: what comes of that.
    pub fn take_later(&mut self, slot: u32, takes: &[TaskId], alone: bool, follows: Follows) {
        if takes.is_empty() || follows == Follows::Never {
            return;
        }
        let must_run = self.tasks.at(slot).has(flag::MUST_RUN);
        for id in takes {
            // `admit_takes` has found them, under the same lock.
            let Some((other, _)) = self.tasks.find(*id) else { continue };
            self.add_handle(other);
            self.promise(other, alone);
            self.borrow(slot, other);
            self.links(slot).takes.push(other);
            if must_run {
                self.links(other).wanted += 1;
            }
        }
        self.tasks.at(slot).set(flag::TAKES);
    }

    // ---- to take -------------------------------------------------------------------------------

    /// A task begins: its body is given what it takes. Where a result went meanwhile, with its owner, it is not
    /// given, and the body says that it is cancelled.
    pub fn give(&mut self, fx: &mut Effects<P>, slot: u32) {
        let links = self.tasks.at(slot).extra.as_mut().and_then(|extra| extra.links.as_mut());
        let Some(takes) = links.map(|links| std::mem::take(&mut links.takes)) else { return };
        for (at, other) in takes.into_iter().enumerate() {
            match self.take_result(fx, other) {
                Some(value) => {
                    let body = self.tasks.at(slot).body.as_mut();
                    if let Some(value) = body.and_then(|body| body.give(at, value)) {
                        self.leave(fx, slot, Garbage::Outcome(Outcome::Value(value)));
                    }
                }
                None => self.tasks.at(slot).reason = CancelReason::DependencyFailed as u8,
            }
            self.let_go_of(fx, slot, other);
        }
    }

    /// The result of a task that has completed and that the caller keeps by one handle: moved if nobody else wants
    /// it, or it is promised, else shared. `None` if it is not there any more.
    pub fn take_result(&mut self, fx: &mut Effects<P>, slot: u32) -> Option<P> {
        let limits = self.history.limits();
        let record = self.tasks.at(slot);
        // Groups that are still to hear of its end keep no handle.
        let groups =
            record.extra.as_ref().and_then(|extra| extra.links.as_ref()).map_or(0, |links| links.groups);
        let promised = record.has(flag::PROMISED);
        let alone = groups == 0 && self.handles.count(slot) == 1;
        let record = self.tasks.at(slot);
        if record.has(flag::SHED) || record.status != Status::Completed {
            return None;
        }
        let kept = limits.tasks > 0
            && record.keeps_result()
            && record.bytes().is_some_and(|bytes| bytes <= limits.bytes);
        let delivered = record.has(flag::DELIVERED) && !record.has(flag::IN_HISTORY);
        let Outcome::Value(value) = &mut record.outcome else { return None };
        if !promised && (!alone || !delivered || kept) {
            return Some(value.clone());
        }
        let value = std::mem::take(value);
        record.set(flag::SHED);
        record.set_bytes(Some(0));
        // What the taker does with it is its own.
        self.note(fx, slot);
        Some(value)
    }

    /// A task that takes results has ended, or begun: it keeps those of which it takes them no more.
    pub fn take_no_more(&mut self, fx: &mut Effects<P>, slot: u32) {
        let links = self.tasks.at(slot).extra.as_mut().and_then(|extra| extra.links.as_mut());
        let Some(takes) = links.map(|links| std::mem::take(&mut links.takes)) else { return };
        for other in takes {
            self.let_go_of(fx, slot, other);
        }
    }

    /// A task takes the result of another no more, and keeps it no longer.
    fn let_go_of(&mut self, fx: &mut Effects<P>, slot: u32, other: u32) {
        if self.tasks.at(slot).has(flag::MUST_RUN) {
            let links = self.links(other);
            links.wanted -= 1;
            if links.wanted == 0 && self.tasks.at(other).has(flag::WITHHELD) {
                self.drop_withheld(fx, other);
            }
        }
        self.drop_handle(fx, other);
    }

    /// Nobody takes a result any more that was left for what must run.
    fn drop_withheld(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.tasks.at(slot);
        record.clear(flag::WITHHELD);
        if !matches!(record.outcome, Outcome::Value(_)) || !record.status.is_finished() {
            return;
        }
        record.set(flag::SHED);
        record.set_bytes(Some(0));
        let value = std::mem::replace(&mut record.outcome, Outcome::Value(P::default()));
        self.leave(fx, slot, Garbage::Outcome(value));
    }

    // ---- lenders -------------------------------------------------------------------------------

    /// The owners whose code made what a task gives, or will give.
    pub fn lenders_of(&mut self, slot: u32) -> Vec<u32> {
        let record = self.tasks.at(slot);
        let own = [record.owner, record.code].into_iter().filter(|owner| *owner != 0);
        own.chain(record.lenders().iter().copied()).collect()
    }

    /// A task is going to have what another gives.
    pub fn borrow(&mut self, slot: u32, from: u32) {
        for owner in self.lenders_of(from) {
            let record = self.tasks.at(slot);
            if record.owner == owner || record.code == owner || record.lenders().contains(&owner) {
                continue;
            }
            record.set(flag::LENT);
            self.links(slot).lenders.push(owner);
            self.owners.keep(owner);
        }
    }

    /// A group that has not ended loses what an owner has lent it, as that owner is unloaded: it goes on without.
    pub fn give_loan_back(&mut self, fx: &mut Effects<P>, slot: u32, owner: u32) {
        let group = self.tasks.at(slot).extra.as_mut().and_then(|extra| extra.group.as_mut());
        let lent = |by: u32| by == owner || by == SEVERAL;
        if let Some(values) = group.and_then(|group| group.take_values(|place| lent(place.lent_by))) {
            self.leave(fx, slot, Garbage::Outcome(Outcome::Value(values)));
        }
        let lenders = &mut self.links(slot).lenders;
        let before = lenders.len();
        lenders.retain(|lender| *lender != owner);
        if lenders.len() < before {
            self.owners.release(owner);
        }
    }
}
