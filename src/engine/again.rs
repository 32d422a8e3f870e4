//! A task that ended badly is submitted anew, with the work that it had.
//!
//! The work of a task that failed, was cancelled or timed out stays in its record, if it can run again
//! ([`Body::may_be_retried`](super::Body::may_be_retried)): as long as the task is remembered, or a handle keeps it. It
//! counts in the history's bytes. It goes at once where no retry could come of it: the owner of the task or of its code
//! is gone, the engine shuts down, or a newer task of its key has replaced it, of which there may be a thousand a second.
//!
//! # A retry
//!
//! It is a submission with the options of the old task, under one lock: what refuses it leaves the old one as it is, and
//! of two threads one finds the work. The new task has a new id, and no callbacks: those of the old one have heard its
//! end. It does not wait for the old one's delay, nor for what that came after. A result that was taken from another
//! task is in the body, with its lenders.
//!
//! The old task leaves the history. Where handles keep it, they see it as it was, until the last of them is dropped
//! (`flag::RETRIED`); nothing else shows it any more.

use std::sync::Arc;

use super::bonds::Links;
use super::callbacks::{Callback, Callbacks};
use super::clock::Nanos;
use super::diagnostics::{self, About};
use super::effects::{Effects, Garbage};
use super::engine::Engine;
use super::error::{RetryError, SubmitError};
use super::fork;
use super::id::TaskId;
use super::inner::Inner;
use super::options::TaskOptions;
use super::payload::Payload;
use super::record::flag;
use super::task::Extra;
use super::words::{CancelReason, Status};

impl<P: Payload> Inner<P> {
    // ---- the work that is left -----------------------------------------------------------------

    /// Whether the work of a task that ends, with the status that it has now, is to stay for a retry.
    #[inline]
    pub fn work_stays(&mut self, slot: u32) -> bool {
        // Most have none any more: it was destroyed after its run.
        self.tasks.at(slot).body.is_some() && self.keeps_work(slot)
    }

    fn keeps_work(&mut self, slot: u32) -> bool {
        let record = self.tasks.at(slot);
        let badly = matches!(record.status, Status::Failed | Status::Cancelled | Status::TimedOut);
        let replaced = record.cancel_reason() == Some(CancelReason::Replaced);
        let body = record.body.as_ref().filter(|_| badly && !replaced);
        let (again, stays) =
            body.map_or((false, false), |body| (body.can_run_again(), body.may_be_retried()));
        if again && !stays {
            record.set(flag::MISSES);
        }
        let owners = [record.owner, record.code];
        if !stays
            || self.admission.is_shut()
            || self.admission.is_halted()
            || !owners.iter().all(|owner| self.owners.lives(*owner))
            || self.is_unloading(slot)
        {
            return false;
        }
        for owner in owners {
            self.owners.leave_work(owner);
        }
        true
    }

    /// An owner is gone: takes the work out of one of its tasks that has ended.
    fn take_left_work(&mut self, fx: &mut Effects<P>, slot: u32, owner: u32) {
        let Some(record) = self.tasks.get(slot) else { return };
        let left = record.key != 0 && record.status.is_finished() && record.body.is_some();
        if !left || record.owner != owner && record.code != owner {
            return;
        }
        let Some(work) = record.body.take() else { return };
        self.history.shrink(&mut self.tasks, slot, work.byte_size());
        self.leave(fx, slot, Garbage::Body(work));
        self.note(fx, slot);
    }

    // ---- a retry -------------------------------------------------------------------------------

    /// Whether a task has ended so that it could be submitted again.
    pub fn may_retry(&mut self, slot: u32) -> Result<(), RetryError> {
        let (id, shown) = (self.id(slot), self.shown(slot));
        let record = self.tasks.at(slot);
        match record.status {
            Status::Failed | Status::Cancelled | Status::TimedOut => {}
            Status::Completed => return Err(RetryError::Completed { id }),
            Status::Abandoned => return Err(RetryError::Abandoned { id }),
            _ => return Err(RetryError::StillGoing { id, status: shown }),
        }
        let lineage = record.extra.as_ref().and_then(|extra| extra.lineage.as_ref());
        if let Some(retried_as) = lineage.and_then(|lineage| lineage.retried_as) {
            return Err(RetryError::AlreadyRetried { id, retried_as });
        }
        let (has_work, reason, owners) =
            (record.body.is_some(), record.cancel_reason(), [record.owner, record.code]);
        let (group, external, misses) = (record.is_group(), record.is_external(), record.has(flag::MISSES));
        if self.admission.is_shut() {
            return Err(SubmitError::ShutDown.into());
        }
        if self.is_unloading(slot) || !owners.iter().all(|owner| self.owners.lives(*owner)) {
            return Err(SubmitError::OwnerGone.into());
        }
        match reason {
            _ if has_work => Ok(()),
            _ if group => Err(RetryError::Group { id }),
            _ if external => Err(RetryError::External { id }),
            Some(CancelReason::Replaced) => Err(RetryError::Replaced { id }),
            _ if misses => Err(RetryError::MissesResult { id }),
            _ => Err(RetryError::NotRepeatable { id }),
        }
    }

    /// A task that may be retried, and the options of the new one.
    fn find_to_retry(
        &mut self,
        fx: &mut Effects<P>,
        id: TaskId,
        now: Nanos,
    ) -> Result<(u32, TaskOptions<P>), RetryError> {
        let slot = self.find(fx, id).ok_or(RetryError::UnknownTask { id })?;
        self.may_retry(slot)?;
        let options = self.options_of(slot);
        options.check_end(&self.clock, now)?;
        Ok((slot, options))
    }

    /// What a task was submitted with; but for its delay, what it came after, and its callbacks.
    fn options_of(&mut self, slot: u32) -> TaskOptions<P> {
        let retry_of = Some(self.id(slot));
        let record = self.tasks.at(slot);
        let (owner, code, site) = (record.owner, record.code, record.site);
        let mut options = TaskOptions {
            priority: record.priority,
            detached: record.has(flag::DETACHED),
            must_run: record.has(flag::MUST_RUN),
            retry_of,
            site,
            ..TaskOptions::default()
        };
        if let Some(extra) = &record.extra {
            options.put_kept_back(&extra.kept);
            options.job = extra.job.clone();
            options.periodic = extra.schedule.as_ref().map(|schedule| schedule.options);
            options.retry = extra.attempts.as_ref().map(|attempts| attempts.options()).unwrap_or_default();
        }
        options.owner = (owner != 0).then(|| self.owners.id(owner));
        options.code = (code != 0).then(|| self.owners.id(code));
        options
    }

    /// Submits the work of a task anew. `admit` has given `kept` under the same lock: the task that is to stay in place
    /// of the new one.
    fn retry(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        mut options: TaskOptions<P>,
        kept: Option<u32>,
        keep: bool,
        now: Nanos,
    ) -> Result<TaskId, RetryError> {
        if let Some(other) = kept {
            let id = self.id(other);
            let refused = self.stay_in_place(fx, other, options, keep);
            if !refused.is_empty() {
                fx.calls().garbage.push(Garbage::Callbacks(Arc::new(Callbacks::new(refused))));
            }
            self.give_way(fx, slot, id);
            return Ok(id);
        }
        let new = match self.reserve() {
            Ok(new) => new,
            Err(error) => {
                // They are a user's, and destroyed without the lock.
                let callbacks = std::mem::take(&mut options.callbacks);
                fx.calls().garbage.push(Garbage::Callbacks(Arc::new(Callbacks::new(callbacks))));
                return Err(error.into());
            }
        };
        let id = self.id(new);
        if keep {
            // Before it comes in, as it may end at once.
            self.add_handle(new);
        }
        let lenders = self.tasks.at(slot).lenders().to_vec();
        let work = self.tasks.at(slot).body.take();
        for lender in &lenders {
            // They are known until the new one names them.
            self.owners.keep(*lender);
        }
        // With what comes in others may be forgotten: this one is out of the history before that.
        self.give_way(fx, slot, id);
        if let Some(work) = work {
            self.insert(fx, new, work, options, now);
            self.lend_again(new, &lenders);
        }
        for lender in lenders {
            self.owners.release(lender);
        }
        Ok(id)
    }

    /// A task was retried: it leaves the history; a handle that keeps it sees that it was.
    fn give_way(&mut self, fx: &mut Effects<P>, slot: u32, to: TaskId) {
        let record = self.tasks.at(slot);
        record.set(flag::RETRIED);
        if record.has(flag::IN_HISTORY) {
            self.forget(fx, slot);
            return;
        }
        let extra: &mut Extra<P> = record.extra();
        extra.lineage.get_or_insert_default().retried_as = Some(to);
        if let Some(work) = record.body.take() {
            self.leave(fx, slot, Garbage::Body(work));
        }
        self.note(fx, slot);
    }

    /// The work of a new task has in it what these owners have made.
    fn lend_again(&mut self, slot: u32, lenders: &[u32]) {
        for lender in lenders {
            let record = self.tasks.at(slot);
            record.set(flag::LENT);
            let links: &mut Links = record.extra().links.get_or_insert_default();
            links.lenders.push(*lender);
            self.owners.keep(*lender);
        }
    }
}

impl<P: Payload> Engine<P> {
    /// Submits the work of a task that failed, was cancelled or timed out anew, with the options that it had: the id
    /// of the new task, of which a handle is counted if `keep`, and which has these callbacks. The old task is
    /// forgotten, but for its handles.
    ///
    /// Where [`KeyPolicy::Keep`](super::KeyPolicy::Keep) finds another task of the key, the answer is that one's id.
    pub fn retry(&self, id: TaskId, keep: bool, callbacks: Vec<Callback<P>>) -> Result<TaskId, RetryError> {
        // What is left of them is dropped after the lock.
        let mut callbacks = callbacks;
        if fork::is_child() {
            diagnostics::error(About::Pool, format_args!("{}", SubmitError::Forked));
            return Err(SubmitError::Forked.into());
        }
        let shared = self.shared();
        let now = shared.clock.now();
        let mut fx = Effects::new();
        let mut inner = shared.state.lock();
        let retried = loop {
            let (slot, mut options) = match inner.find_to_retry(&mut fx, id, now) {
                Ok(found) => found,
                Err(error) => break Err(error),
            };
            if options.needs_timer() && inner.time.is_starting() {
                // As in `submit`.
                inner = shared.state.wait(&shared.done, inner);
                continue;
            }
            let kept = match inner.admit(&mut fx, &options) {
                Ok(kept) => kept,
                Err(error) => break Err(error.into()),
            };
            if options.needs_timer() && inner.claim_timer() {
                drop(inner);
                let started = shared.start_timer();
                inner = shared.state.lock();
                match started {
                    // All may be different by now.
                    Ok(()) => continue,
                    Err(error) => break Err(SubmitError::NoThread(error).into()),
                }
            }
            options.callbacks = std::mem::take(&mut callbacks);
            break inner.retry(&mut fx, slot, options, kept, keep, now);
        };
        drop(inner);
        shared.apply(&mut fx);
        retried
    }

    /// Whether a task could be retried now.
    #[cfg_attr(not(feature = "qt"), expect(dead_code, reason = "it is asked for what is shown"))]
    pub(crate) fn can_retry(&self, id: TaskId) -> bool {
        self.shared().with(|inner, fx| inner.find(fx, id).is_some_and(|slot| inner.may_retry(slot).is_ok()))
    }

    /// An owner is gone, and its tasks have ended, or were asked to: the work that others of them have left goes, too.
    pub(super) fn drop_left_work(&self, owner: u32) {
        if !self.shared().with(|inner, _| inner.owners.has_left_work(owner)) {
            return;
        }
        let mut from = Some(0);
        while let Some(at) = from {
            from = self.shared().walk(at, |inner, fx, slot| inner.take_left_work(fx, slot, owner));
        }
    }
}
