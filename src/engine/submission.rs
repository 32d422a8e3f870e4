//! How a task comes in, and gets its place: in a lane, or in the timers.

use std::sync::Arc;

use super::attempts::Attempts;
use super::body::BoxBody;
use super::callbacks::Callbacks;
use super::clock::{Nanos, nanos};
use super::effects::Effects;
use super::error::SubmitError;
use super::id::OwnerId;
use super::inner::Inner;
use super::lanes::{AWAITED_LANES, MUST_RUN_LANE};
use super::options::TaskOptions;
use super::payload::Payload;
use super::record::flag;
use super::schedule::Schedule;
use super::words::{Priority, Status};

impl<P: Payload> Inner<P> {
    pub fn admit(&mut self, options: &TaskOptions<P>) -> Result<(), SubmitError> {
        if self.admission.is_shut() {
            return Err(SubmitError::ShutDown);
        }
        let gone = |owner: OwnerId| !self.owners.is_alive(owner);
        if options.owner.into_iter().chain(options.code).any(gone) {
            return Err(SubmitError::OwnerGone);
        }
        if self.admission.live() >= self.admission.capacity() {
            return Err(self.admission.full());
        }
        Ok(())
    }

    /// A record with an id and nothing else, which nobody finds yet.
    pub fn reserve(&mut self) -> Result<u32, SubmitError> {
        self.tasks.reserve().ok_or_else(|| self.admission.full())
    }

    /// Fills a reserved record. `admit` has said yes under the same lock.
    pub fn insert(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        body: BoxBody<P>,
        mut options: TaskOptions<P>,
        now: Nanos,
    ) {
        let owner = options.owner.map_or(0, |owner| owner.index);
        let code = options.code.map_or(0, |code| code.index);
        let code = if code == owner { 0 } else { code };
        let record = self.tasks.at(slot);
        record.fill(body, options.priority, now);
        record.owner = owner;
        record.code = code;
        if options.detached {
            record.set(flag::DETACHED);
        }
        if options.must_run {
            record.set(flag::MUST_RUN);
        }
        self.admission.enter(options.must_run);
        let delay = nanos(options.delay);
        let mut due = if delay == 0 { None } else { Some(now.saturating_add(delay)) };
        if options.needs_extra() {
            let extra = record.extra();
            extra.kept = options.take_kept();
            extra.job = options.job;
            if !options.callbacks.is_empty() {
                extra.callbacks = Some(Arc::new(Callbacks::new(options.callbacks)));
            }
            extra.hears_start = options.hears_start;
            if options.retry.times > 0 {
                extra.attempts = Some(Box::new(Attempts::new(options.retry)));
            }
            if let Some(periodic) = options.periodic {
                let until = periodic.until.map_or(Nanos::MAX, |until| self.clock.at(until));
                let mut schedule = Schedule::new(periodic, now, delay, until);
                let share = if periodic.jitter.is_zero() { 0.0 } else { self.chance.share() };
                // That there is one was checked.
                let first = schedule.plan(schedule.due, share).unwrap_or(schedule.due);
                due = (first > now).then_some(first);
                extra.schedule = Some(schedule);
                record.set(flag::PERIODIC);
            }
            if let Some(timeout) = options.start_timeout {
                let latest = due.unwrap_or(now).saturating_add(nanos(timeout));
                self.time.begin_by(&mut self.tasks, slot, latest);
                self.arm_timer(fx);
            }
        }
        self.owners.link(&mut self.tasks, slot);
        if code != 0 {
            self.owners.keep(code);
        }
        match due {
            Some(due) => self.delay(fx, slot, due),
            None => self.queue(fx, slot),
        }
        self.dispatch(fx);
    }

    fn delay(&mut self, fx: &mut Effects<P>, slot: u32, due: Nanos) {
        self.tasks.at(slot).status = Status::Delayed;
        self.admission.begin_delay();
        self.time.insert(&mut self.tasks, slot, due);
        self.arm_timer(fx);
        self.note(fx, slot);
    }

    /// Gives a task its place in its lane, and no more: nobody is told, woken or started for it.
    pub fn line_up(&mut self, slot: u32) {
        self.tasks.at(slot).status = Status::Queued;
        self.outgoing.add_work();
        self.tasks.queue(slot);
    }

    pub fn queue(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.line_up(slot);
        self.note(fx, slot);
        // Without a worker to announce it, the count of what is queued would change in silence.
        if !self.pool.has_idle() && !self.pool.is_waking() {
            self.outgoing.counts_changed(fx);
        }
    }

    /// Changes a queued or delayed task's priority.
    pub fn set_priority(&mut self, fx: &mut Effects<P>, slot: u32, priority: Priority) -> bool {
        let record = self.tasks.at(slot);
        if record.status.is_finished() || record.status == Status::Running && !record.has(flag::PERIODIC) {
            return false;
        }
        if record.priority == priority {
            // Its turn stays what it is.
            return true;
        }
        record.priority = priority;
        let (queued, lane) = (record.status == Status::Queued, record.lane);
        self.note(fx, slot);
        let rank = priority as u8;
        match lane {
            _ if !queued => self.tasks.at(slot).lane = rank,
            // It stands in that lane's list until it runs.
            MUST_RUN_LANE => {}
            // A body waits for it: it goes before others of its priority, and not behind that body's.
            lane if lane >= AWAITED_LANES => {
                if AWAITED_LANES + rank < lane {
                    self.tasks.move_to(slot, AWAITED_LANES + rank);
                }
            }
            _ => self.tasks.move_to(slot, rank),
        }
        true
    }

    /// Takes back a queued task that nobody has seen.
    pub fn withdraw(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.tasks.unqueue(slot);
        if self.tasks.at(slot).has(flag::HAS_WAITERS) {
            // Somebody waits for all of its owner's tasks, and came by this one.
            fx.wake_waiters = true;
        }
        self.told_who_expects(fx, slot);
        self.time.begun(&mut self.tasks, slot);
        self.owners.unlink(&mut self.tasks, slot);
        self.admission.withdraw(self.tasks.at(slot).has(flag::MUST_RUN));
        self.outgoing.take_work_back();
        self.handles.clear(slot);
        self.free(fx, slot);
    }
}
