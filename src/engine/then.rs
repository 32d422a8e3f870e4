//! Results that go from one task to another on a worker: `then`, and what a group gathers.
//!
//! A task that takes the result of another comes after it (`after.rs`), and keeps it by a handle until it begins
//! or ends. So the result is there whatever the history keeps. It is moved out of the other's record if that is
//! kept by nobody else, and the history would not keep the result; else it is shared.
//!
//! # Lenders
//!
//! What an owner's code made may so come into a task of another. Those owners are the task's lenders
//! (`Links::lenders`, `flag::LENT`): an unloading treats a task that takes results as one that runs their code, and
//! takes out of a group what they lent.

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

    /// A task whose result another may take, or the error.
    pub fn admit_lender(
        &mut self,
        fx: &mut Effects<P>,
        call: &'static str,
        id: TaskId,
    ) -> Result<u32, SubmitError> {
        let slot = self.find(fx, id).ok_or(SubmitError::UnknownTask { call, id })?;
        if self.is_unloading(slot) {
            return Err(SubmitError::OwnerGone);
        }
        if self.tasks.at(slot).has(flag::SHED) {
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
        options.takes.iter().try_for_each(|id| self.admit_lender(fx, "then", *id).map(|_| ()))
    }

    /// A new task takes the results of these, after which it comes. `follows`: what comes of that.
    pub fn take_later(&mut self, slot: u32, takes: &[TaskId], follows: Follows) {
        if takes.is_empty() || follows == Follows::Never {
            return;
        }
        for id in takes {
            // `admit_takes` has found them, under the same lock.
            let Some((other, _)) = self.tasks.find(*id) else { continue };
            self.add_handle(other);
            self.borrow(slot, other);
            self.links(slot).takes.push(other);
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
            self.drop_handle(fx, other);
        }
    }

    /// The result of a task that has completed and that the caller keeps by one handle: moved if nobody else wants
    /// it, else shared. `None` if it is not there any more.
    pub fn take_result(&mut self, fx: &mut Effects<P>, slot: u32) -> Option<P> {
        let limits = self.history.limits();
        let record = self.tasks.at(slot);
        // Groups that are still to hear of its end keep no handle.
        let groups =
            record.extra.as_ref().and_then(|extra| extra.links.as_ref()).map_or(0, |links| links.groups);
        let alone = groups == 0 && self.handles.count(slot) == 1;
        let record = self.tasks.at(slot);
        if record.has(flag::SHED) || record.status != Status::Completed {
            return None;
        }
        let kept = limits.tasks > 0 && record.bytes().is_some_and(|bytes| bytes <= limits.bytes);
        let delivered = record.has(flag::DELIVERED) && !record.has(flag::IN_HISTORY);
        let Outcome::Value(value) = &mut record.outcome else { return None };
        if !alone || !delivered || kept {
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
            self.drop_handle(fx, other);
        }
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
