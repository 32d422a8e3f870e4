//! The end of a task, what is remembered of it, and how it is forgotten.

use std::sync::Arc;

use super::body::Outcome;
use super::clock::Nanos;
use super::effects::{Effects, Garbage};
use super::inner::{Inner, PIECE};
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::words::Status;

impl<P: Payload> Inner<P> {
    /// The end of a task whose outcome no worker has measured.
    pub fn terminate(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        status: Status,
        outcome: Outcome<P>,
        now: Nanos,
    ) {
        let bytes = outcome.byte_size();
        self.terminate_with(fx, slot, status, outcome, bytes, now);
    }

    /// The one end of a task: invariant 1 of `inner.rs`. It is out of the lanes and the timers already.
    pub fn terminate_with(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        status: Status,
        outcome: Outcome<P>,
        bytes: Option<usize>,
        now: Nanos,
    ) {
        self.flush_reports(fx, slot);
        self.end_following(fx, slot, now);
        let record = self.tasks.at(slot);
        debug_assert!(!record.status.is_finished() && status.is_finished());
        let from = record.status;
        self.trace_end(slot, status, now);
        let record = self.tasks.at(slot);
        self.admission.end(from, status, record.has(flag::MUST_RUN));
        self.quotas.end(record.owner, from);
        record.status = status;
        record.finished = now;
        self.note(fx, slot);
        self.time.begun(&mut self.tasks, slot);
        let body = if self.work_stays(slot) { None } else { self.tasks.at(slot).body.take() };
        let record = self.tasks.at(slot);
        let last = std::mem::replace(&mut record.outcome, outcome);
        if record.has(flag::HAS_WAITERS) {
            fx.wake_waiters = true;
        }
        let not_begun = record.run == NIL;
        if let Some(extra) = &mut record.extra {
            // The work of an external task that ends before its begin may be under way: see `external.rs`.
            let hook = if not_begun { extra.hook.take() } else { None };
            if hook.is_some() || !extra.wakers.is_empty() {
                fx.calls().wakers.extend(extra.wakers.drain(..).map(|(_, waker)| waker));
                fx.calls().hooks.extend(hook);
                self.hold(fx, slot);
            }
        }
        self.told_who_expects(fx, slot);
        if let Some(body) = body {
            self.leave(fx, slot, Garbage::Body(body));
        }
        if !matches!(last, Outcome::None) {
            self.leave(fx, slot, Garbage::Outcome(last));
        }
        self.raise_token(slot);
        self.part(fx, slot);
        let record = self.tasks.at(slot);
        let (has_callbacks, posted) = (record.has_callbacks(), record.has(flag::POSTED));
        self.owners.unlink(&mut self.tasks, slot);
        let record = self.tasks.at(slot);
        // Of a task that ended badly the work counts, too.
        let work = record.body.as_ref().map_or(0, |body| body.byte_size());
        record.set_bytes(bytes.map(|bytes| bytes.saturating_add(work)));
        let told = self.outgoing.wants(wants::SIGNALS) || has_callbacks || posted;
        let waits = told && self.post(fx, Kind::End, slot);
        if !waits {
            self.delivered(fx, slot, now);
        }
        self.close_if_done(fx);
    }

    /// Whether others may wait for the end of a task, or of its run.
    #[inline]
    pub fn makes_way(&mut self, slot: u32) -> bool {
        self.tasks.at(slot).has(flag::KEYED | flag::PRECEDES | flag::TAKES)
    }

    /// Those that wait for a task that ends hear of it, if there can be any.
    #[inline]
    fn part(&mut self, fx: &mut Effects<P>, slot: u32) {
        if !self.makes_way(slot) {
            return;
        }
        let record = self.tasks.at(slot);
        let (keyed, precedes) = (record.has(flag::KEYED), record.has(flag::PRECEDES));
        if record.has(flag::TAKES) {
            self.take_no_more(fx, slot);
            self.group_ended(fx, slot);
        }
        // Before its place is handed on: see `Inner::leave_key`.
        if precedes {
            self.tell_later(fx, slot);
        }
        if keyed {
            self.leave_key(fx, slot);
        }
    }

    /// A task's end is delivered: it enters the history, unless somebody keeps it.
    pub fn delivered(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        self.admission.deliver();
        let record = self.tasks.at(slot);
        record.set(flag::DELIVERED);
        record.delivered = now;
        self.measure_delivery(slot, now);
        let record = self.tasks.at(slot);
        let unheard = record.extra.as_mut().and_then(|extra| extra.values.take());
        if let Some(mut values) = unheard {
            self.leave(fx, slot, Garbage::Values(values.take()));
        }
        // An observer hears of the end only now: see `observe.rs`.
        self.note(fx, slot);
        let record = self.tasks.at(slot);
        if !record.has(flag::KEPT) || self.handles.park(slot) {
            self.remember(fx, slot, now);
        }
    }

    /// Nobody keeps a task any more whose end was delivered.
    fn remember(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        self.log_if_unheard(fx, slot);
        if self.is_unloading(slot) || self.tasks.at(slot).has(flag::RETRIED) {
            self.free(fx, slot);
            return;
        }
        self.shed(fx, slot);
        self.history.push(&mut self.tasks, slot);
        // What is left is for the next that ends, or for a thread that looks.
        self.forget_overdue(fx, now);
    }

    /// Takes out of a record what the history cannot count: a result of which nobody can tell how large it
    /// is, and what was thrown; and a result that is not to be kept. The status stays, and the error.
    fn shed(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.tasks.at(slot);
        let unknown = record.bytes().is_none() || !record.keeps_result();
        let rest = match &record.outcome {
            Outcome::Value(_) if unknown => Outcome::Value(P::default()),
            Outcome::Error(error) if error.has_source() => Outcome::Error(Arc::new(error.without_source())),
            _ => return,
        };
        if unknown {
            record.set_bytes(Some(0));
            record.set(flag::SHED);
        }
        let shed = std::mem::replace(&mut record.outcome, rest);
        self.leave(fx, slot, Garbage::Outcome(shed));
    }

    /// Forgets what is too much, or too old, at most a piece; whether there may be more.
    pub fn forget_overdue(&mut self, fx: &mut Effects<P>, now: Nanos) -> bool {
        for _ in 0..PIECE {
            let Some(oldest) = self.history.overdue(&mut self.tasks, now) else { return false };
            self.forget(fx, oldest);
        }
        true
    }

    /// Forgets some of those that `next` gives: how many; none if there are no more. In pieces, so that
    /// nobody waits long for the lock.
    pub fn forget_some(
        &mut self,
        fx: &mut Effects<P>,
        mut next: impl FnMut(&mut Self, Nanos) -> Option<u32>,
    ) -> usize {
        let now = self.clock.now();
        for forgotten in 0..PIECE {
            match next(self, now) {
                Some(slot) => self.forget(fx, slot),
                None => return forgotten,
            }
        }
        PIECE
    }

    /// Takes a task out of the history, and its slot becomes free.
    pub fn forget(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.history.unlink(&mut self.tasks, slot);
        self.free(fx, slot);
    }

    /// Empties a record, and its slot becomes free.
    pub fn free(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.note_gone(fx, slot);
        let record = self.tasks.at(slot);
        let lenders = record.lenders().to_vec();
        let leaves = record.body.is_some() || record.extra.is_some() || !record.outcome.is_plain();
        if leaves {
            self.hold(fx, slot);
            let record = self.tasks.at(slot);
            let garbage = &mut fx.calls().garbage;
            if !record.outcome.is_plain() {
                garbage.push(Garbage::Outcome(std::mem::replace(&mut record.outcome, Outcome::None)));
            }
            garbage.extend(record.body.take().map(Garbage::Body));
            garbage.extend(record.extra.take().map(Garbage::Extra));
        }
        let record = self.tasks.at(slot);
        for owner in [record.owner, record.code] {
            if owner != 0 {
                self.owners.release(owner);
            }
        }
        for lender in lenders {
            self.owners.release(lender);
        }
        self.tasks.remove(slot);
    }

    /// One handle, or one thread that waits, more keeps the task.
    pub fn add_handle(&mut self, slot: u32) {
        if self.tasks.at(slot).has(flag::IN_HISTORY) {
            self.history.unlink(&mut self.tasks, slot);
        }
        let record = self.tasks.at(slot);
        record.set(flag::KEPT);
        match record.has(flag::DELIVERED) {
            true => self.handles.add_delivered(slot),
            false => self.handles.add(slot),
        }
    }

    pub fn drop_handle(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.handles.give_back(slot) {
            self.let_go(fx, slot);
        }
    }

    /// A task whose end was delivered is kept by nobody any more, if that is still so.
    pub fn let_go(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.handles.take(slot) {
            let now = self.clock.now();
            self.remember(fx, slot, now);
        }
    }
}
