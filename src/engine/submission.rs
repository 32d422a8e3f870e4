//! How a task comes in, and gets its place: in a lane, in the timers, in the line of its key, or behind others.

use std::sync::Arc;

use super::after::Follows;
use super::attempts::Attempts;
use super::body::BoxBody;
use super::callbacks::{Callbacks, hearing_start};
use super::clock::{Nanos, nanos};
use super::effects::Effects;
use super::error::SubmitError;
use super::id::{OwnerId, TaskId};
use super::inner::Inner;
use super::lanes::{AWAITED_LANES, MUST_RUN_LANE};
use super::options::TaskOptions;
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::flag;
use super::schedule::Schedule;
use super::task::Lineage;
use super::trace::Waits;
use super::words::{CancelReason, Priority, Status};

impl<P: Payload> Inner<P> {
    /// Whether a task with these options may come in. `Some`: it is not made, as this one is to stay in its place.
    pub fn admit(
        &mut self,
        fx: &mut Effects<P>,
        options: &TaskOptions<P>,
    ) -> Result<Option<u32>, SubmitError> {
        if self.admission.is_shut() {
            return Err(SubmitError::ShutDown);
        }
        let gone = |owner: OwnerId| !self.owners.is_alive(owner);
        if options.owner.into_iter().chain(options.code).any(gone) {
            return Err(SubmitError::OwnerGone);
        }
        self.admit_after(fx, &options.after)?;
        self.admit_takes(fx, options)?;
        self.admit_group(fx, options)?;
        let kept = self.admit_to_key(options)?;
        if kept.is_none() {
            self.admit_within_limits(fx, options)?;
        }
        if kept.is_none() && self.admission.live() >= self.admission.capacity() {
            return Err(self.admission.full());
        }
        Ok(kept)
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
        record.fill(body, options.priority, options.site, now);
        record.owner = owner;
        record.code = code;
        if options.detached {
            record.set(flag::DETACHED);
        }
        if options.must_run {
            record.set(flag::MUST_RUN);
        }
        if options.future {
            record.set(flag::FUTURE);
        }
        if options.hears_failure {
            record.set(flag::HEARD);
        }
        self.admission.enter(options.must_run);
        let delay = nanos(options.delay);
        let key = options.key.clone();
        if options.needs_extra() {
            let extra = record.extra();
            extra.kept = options.take_kept();
            extra.job = options.job;
            if !options.callbacks.is_empty() {
                let mut callbacks = options.callbacks;
                if options.hears_start {
                    // One that is added later has the start told again.
                    callbacks = callbacks.into_iter().map(hearing_start).collect();
                }
                extra.callbacks = Some(Arc::new(Callbacks::new(callbacks)));
            }
            extra.hears_start = options.hears_start;
            if let Some(external) = options.external {
                (extra.external, extra.hook) = (true, external.on_stop);
            }
            if options.retry_of.is_some() {
                extra.lineage = Some(Box::new(Lineage { retry_of: options.retry_of, retried_as: None }));
            }
            if options.retry.times > 0 {
                extra.attempts = Some(Box::new(Attempts::new(options.retry)));
            }
            if let Some(periodic) = options.periodic {
                let until = periodic.until.map_or(Nanos::MAX, |until| self.clock.at(until));
                extra.schedule = Some(Box::new(Schedule::new(periodic, until)));
                record.set(flag::PERIODIC);
            }
            if let Some(timeout) = options.start_timeout {
                // Whatever it waits for besides.
                let latest = now.saturating_add(delay).saturating_add(nanos(timeout));
                self.time.begin_by(&mut self.tasks, slot, latest);
                self.arm_timer(fx);
            }
        }
        self.trace_submission(slot, now);
        if options.retry_of.is_some() && self.outgoing.is_queued() {
            // Before all else of it, and also where nobody hears: what has shown the old one goes on to show this one,
            // and is to hear of its start.
            self.tasks.at(slot).extra().hears_start = true;
            self.post(fx, Kind::Retried, slot);
        }
        if self.outgoing.wants(wants::SIGNALS | wants::QUEUED) {
            self.post(fx, Kind::Queued, slot);
        }
        self.owners.link(&mut self.tasks, slot);
        // The engine may be open again with it, and bodies that a shutdown has abandoned at work.
        self.hold_to_limit(fx, owner);
        if code != 0 {
            self.owners.keep(code);
        }
        options.after.extend_from_slice(&options.takes);
        let mut held = Vec::new();
        if let Some(key) = key {
            let members = options.group.iter().flat_map(|(_, members)| members);
            held = self.hold_named(options.after.iter().chain(members));
            self.join_key(fx, slot, key, options.key_policy, options.key_limit);
        }
        let follows = match options.after.as_slice() {
            [] => Follows::Now,
            after => self.come_after(slot, after, options.after_policy, delay),
        };
        self.take_later(slot, &options.takes, options.takes_alone, follows);
        if let Some((policy, members)) = options.group.take() {
            self.make_group(fx, slot, policy, &members, options.takes_alone);
        }
        for other in held {
            self.drop_handle(fx, other);
        }
        match follows {
            Follows::Now => self.wait_for_time(fx, slot, delay, now),
            Follows::Later => self.block(fx, slot),
            Follows::Never => {
                self.block(fx, slot);
                self.cancel(fx, slot, CancelReason::DependencyFailed, now);
            }
        }
        self.dispatch(fx);
    }

    /// Keeps what a new task names, which `admit` has found under the same lock: those that it replaces end meanwhile,
    /// and may be the last that kept it, or push it out of the history.
    fn hold_named<'a>(&mut self, named: impl Iterator<Item = &'a TaskId>) -> Vec<u32> {
        let mut held = Vec::new();
        for id in named {
            if let Some((slot, _)) = self.tasks.find(*id) {
                self.add_handle(slot);
                held.push(slot);
            }
        }
        held
    }

    /// A task that waits for nothing else waits for its time, then for its turn. One whose date is over ends.
    pub fn wait_for_time(&mut self, fx: &mut Effects<P>, slot: u32, delay: Nanos, now: Nanos) {
        match self.first_due(slot, delay, now) {
            Some(due) if due > now => self.delay(fx, slot, due),
            Some(_) => self.make_ready(fx, slot),
            None => {
                self.delay(fx, slot, now);
                self.time.remove(&mut self.tasks, slot);
                self.end_schedule(fx, slot, now);
            }
        }
    }

    /// When a task that waits for nothing else is due, or has its first run; `None` if it has none by its date.
    pub fn first_due(&mut self, slot: u32, delay: Nanos, now: Nanos) -> Option<Nanos> {
        let extra = self.tasks.at(slot).extra.as_mut();
        match extra.and_then(|extra| extra.schedule.as_mut()) {
            Some(schedule) => {
                let spread = !schedule.options.jitter.is_zero();
                schedule.plan_first(now, delay, if spread { self.chance.share() } else { 0.0 })
            }
            None => Some(now.saturating_add(delay)),
        }
    }

    fn delay(&mut self, fx: &mut Effects<P>, slot: u32, due: Nanos) {
        self.tasks.at(slot).status = Status::Delayed;
        self.begin_delay(slot, Waits::Delay);
        self.time.insert(&mut self.tasks, slot, due);
        self.arm_timer(fx);
        self.note(fx, slot);
    }

    /// Gives a task its place in its lane, and no more: nobody is told, woken or started for it.
    pub fn line_up(&mut self, slot: u32) {
        self.tasks.at(slot).status = Status::Queued;
        self.outgoing.add_work();
        self.tasks.queue(slot);
        self.trace_queued(slot);
    }

    /// A task's turn has come: it waits for a worker, or begins, if it needs none.
    pub fn queue(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.park_if_paused(fx, slot) {
            return;
        }
        if self.tasks.at(slot).is_external() && self.may_start(slot) && !self.is_held(slot) {
            self.begin_elsewhere(fx, slot);
            return;
        }
        self.line_up(slot);
        self.note(fx, slot);
        // Without a worker to announce it, the count of what is queued would change in silence.
        let crew = self.crew_of(slot);
        if !self.pool.has_idle(crew) && !self.pool.is_waking(crew) {
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
        let (status, lane) = (record.status, record.lane);
        let queued = status == Status::Queued;
        self.note(fx, slot);
        let rank = priority as u8;
        match lane {
            _ if status == Status::Blocked => {
                let lane = self.blocked_lane(slot, rank);
                self.change_lane(slot, lane);
            }
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
        if queued {
            self.trace_queued(slot);
        }
        self.keep_pace(slot);
        // It may be for workers of the other crew now.
        self.dispatch(fx);
        true
    }

    /// Takes back a queued task that nobody has seen.
    pub fn withdraw(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.tasks.unqueue(slot);
        self.trace_end(slot, Status::UnknownTask, self.clock.now());
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
