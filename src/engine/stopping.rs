//! How a task is asked to stop: one that waits ends at once, one that runs is told.

use super::body::Outcome;
use super::cancel::CancelToken;
use super::clock::Nanos;
use super::context::CancelHook;
use super::effects::{Effects, Garbage};
use super::inner::Inner;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::words::{CancelReason, CancelResult, Status};

impl<P: Payload> Inner<P> {
    pub fn cancel(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        reason: CancelReason,
        now: Nanos,
    ) -> CancelResult {
        let record = self.tasks.at(slot);
        match record.status {
            Status::Queued => self.tasks.unqueue(slot),
            Status::Delayed => self.time.remove(&mut self.tasks, slot),
            // In the line of its key it stands until it leaves that.
            Status::Blocked => self.come_loose(slot),
            Status::Running => {
                record.set(flag::CANCEL_REQUESTED);
                self.note(fx, slot);
                self.request_stop(fx, slot, reason);
                return CancelResult::CancelRequested;
            }
            _ => return CancelResult::AlreadyFinished,
        }
        self.tasks.at(slot).reason = reason as u8;
        self.terminate(fx, slot, Status::Cancelled, Outcome::None, now);
        CancelResult::CancelledBeforeStart
    }

    /// Cancels up to `most` of an owner's tasks; whether there are more. What runs stays in the
    /// owner's list until it ends, and is passed over.
    pub fn cancel_owned(
        &mut self,
        fx: &mut Effects<P>,
        owner: u32,
        reason: CancelReason,
        most: usize,
    ) -> bool {
        let now = self.clock.now();
        let mut slot = self.owners.first_task(owner);
        let mut left = most;
        while slot != NIL {
            if left == 0 {
                return true;
            }
            let record = self.tasks.at(slot);
            let next = record.owner_next;
            // What must run outlives its owner.
            let stays = record.has(flag::MUST_RUN) && reason != CancelReason::User;
            let asked = record.status == Status::Running && record.has(flag::CANCEL_REQUESTED);
            if !asked && !stays {
                self.cancel(fx, slot, reason, now);
                left -= 1;
            }
            slot = next;
        }
        false
    }

    pub fn request_stop(&mut self, fx: &mut Effects<P>, slot: u32, reason: CancelReason) {
        let record = self.tasks.at(slot);
        if record.reason == 0 {
            record.reason = reason as u8;
        }
        let reason = record.reason;
        self.raise(fx, slot, reason);
    }

    /// Tells the body that it is to stop; of a group, those of its members.
    pub fn raise(&mut self, fx: &mut Effects<P>, slot: u32, reason: u8) {
        let record = self.tasks.at(slot);
        let run = record.run;
        let extra = record.extra.as_ref();
        if let Some(token) = extra.and_then(|extra| extra.token.as_ref()) {
            token.set(reason);
        }
        let hook = extra.and_then(|extra| extra.hook.clone());
        let Some(first) = self.runs.raise(run, reason) else {
            if let Some(reason) = CancelReason::from_number(reason) {
                self.stop_members(fx, slot, reason);
            }
            return;
        };
        // The body may sleep in its context.
        fx.wake_waiters = true;
        if self.tasks.at(slot).has(flag::FUTURE) {
            self.end_future(fx, slot, run);
        }
        if let Some(hook) = hook.filter(|_| first) {
            self.hold(fx, slot);
            fx.calls().hooks.push(hook);
        }
    }

    /// The flag that outlives the task, for those outside of the body.
    pub fn token(&mut self, slot: u32) -> CancelToken {
        let record = self.tasks.at(slot);
        let reason = self.runs.reason(record.run).unwrap_or(record.reason);
        let token = record.extra().token.get_or_insert_default();
        token.set(reason);
        token.clone()
    }

    pub fn raise_token(&mut self, slot: u32) {
        let record = self.tasks.at(slot);
        let reason = record.reason;
        if let Some(token) = record.extra.as_ref().and_then(|extra| extra.token.as_ref()) {
            token.set(reason);
        }
    }

    /// Keeps what the run of a task wants called when it is asked to stop, or has it called.
    pub fn set_hook(&mut self, fx: &mut Effects<P>, slot: u32, hook: CancelHook) {
        let run = self.tasks.at(slot).run;
        if self.runs.reason(run) != Some(0) {
            self.hold(fx, slot);
            fx.calls().hooks.push(hook);
        } else if let Some(before) = self.tasks.at(slot).extra().hook.replace(hook) {
            self.leave(fx, slot, Garbage::Hook(before));
        }
    }
}
