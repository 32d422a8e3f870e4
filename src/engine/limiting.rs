//! The limits of an owner: which of its tasks begin, and which come in.
//!
//! `max_running` counts the bodies of an owner that are at work: from their begin until they have returned, also
//! those whose time is over, and those that a shutdown has abandoned. A body that waits for another task does not
//! count meanwhile, as its worker does not (`wait.rs`): else a task that waits for another of its owner's, which
//! cannot know of limits that others have set, would wait for ever. So there may be more at work for a while, as
//! waits end; nothing begins then. One that blocks counts (`lending.rs`). A limit is no lock: for that there are keys.
//! What others do (`external.rs`) does not count: it has no worker.
//!
//! An owner that has reached it is barred: the lanes pass its tasks over (`lanes.rs`). What must run is not held
//! back during a shutdown: there nothing is left that a limit would protect.
//!
//! The other two limits refuse a submission, and do nothing else: what is in comes to its lane, to its next run, and
//! to its next attempt, however many there are then, and counts there.

use super::bonds::Name;
use super::config::Limits;
use super::effects::Effects;
use super::engine::Engine;
use super::error::{LimitsError, SubmitError};
use super::id::OwnerId;
use super::inner::Inner;
use super::keys::Keys;
use super::options::TaskOptions;
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::trace::Waits;
use super::words::{FirstRun, KeyPolicy, Status};

impl<P: Payload> Inner<P> {
    // ---- to come in ----------------------------------------------------------------------------

    /// Whether a task with these options may come in beside its owner's others.
    #[inline]
    pub fn admit_within_limits(
        &mut self,
        fx: &mut Effects<P>,
        options: &TaskOptions<P>,
    ) -> Result<(), SubmitError> {
        let Some(owner) = options.owner.map(|owner| owner.index) else { return Ok(()) };
        match self.quotas.limits(owner) {
            Some(limits) => self.admit_one_more(fx, options, owner, limits),
            None => Ok(()),
        }
    }

    fn admit_one_more(
        &mut self,
        fx: &mut Effects<P>,
        options: &TaskOptions<P>,
        owner: u32,
        limits: Limits,
    ) -> Result<(), SubmitError> {
        let later = match &options.periodic {
            Some(periodic) => periodic.first_run == FirstRun::AfterInterval || !options.delay.is_zero(),
            None => !options.delay.is_zero(),
        };
        let (queued, delayed) =
            (self.tasks.queued_of(owner) + self.quotas.blocked(owner), self.quotas.delayed(owner));
        // What comes after others waits for them first, and a periodic one rests between its runs.
        // A group that waits for nothing is never queued.
        let at_once = !later && options.group.is_none();
        let is_queued = at_once || !options.after.is_empty() || !options.takes.is_empty();
        let is_delayed = later || options.periodic.is_some();
        let waits = |status| matches!(status, Status::Queued | Status::Blocked);
        let (limit, most, found) = if is_queued
            && queued >= limits.max_queued as usize
            && !self.takes_a_place(options, owner, waits)
        {
            ("maxQueued", limits.max_queued, queued)
        } else if is_delayed
            && delayed >= limits.max_delayed as usize
            && !self.takes_a_place(options, owner, |status| status == Status::Delayed)
        {
            ("maxDelayed", limits.max_delayed, delayed)
        } else {
            return Ok(());
        };
        let now = self.clock.now();
        if self.outgoing.wants(wants::SIGNALS) && self.quotas.reach(owner, limit, now) {
            // Its index is not another's until that is told.
            self.owners.keep(owner);
            self.outgoing.post(fx, Kind::Limit, owner);
        }
        let owner = self.owners.name(owner).to_string();
        Err(SubmitError::LimitReached { owner, limit, most, found })
    }

    /// Whether a new task takes the place of another, which is where `stands` says: one of its key that its policy
    /// cancels.
    fn takes_a_place(
        &mut self,
        options: &TaskOptions<P>,
        owner: u32,
        stands: impl Fn(Status) -> bool,
    ) -> bool {
        let begun = match options.key_policy {
            KeyPolicy::Replace => true,
            KeyPolicy::KeepLatest => false,
            KeyPolicy::Append | KeyPolicy::Keep => return false,
        };
        let Some(text) = &options.key else { return false };
        let mut slot = self.keys.first(&Name::new(owner, text.clone()));
        while slot != NIL {
            let record = self.tasks.at(slot);
            if stands(record.status) && (begun || !record.has(flag::STARTED)) {
                return true;
            }
            slot = Keys::next(&mut self.tasks, slot);
        }
        false
    }

    // ---- to be counted -------------------------------------------------------------------------

    /// `waits`: what that is to a reader of a trace.
    pub fn begin_delay(&mut self, slot: u32, waits: Waits) {
        self.admission.begin_delay();
        self.quotas.begin_delay(self.tasks.at(slot).owner);
        self.trace_wait(slot, waits);
    }

    pub fn end_delay(&mut self, slot: u32) {
        self.admission.end_delay();
        self.quotas.end_delay(self.tasks.at(slot).owner);
        self.trace_wait(slot, Waits::None);
    }

    pub fn begin_block(&mut self, slot: u32, waits: Waits) {
        self.admission.begin_block();
        self.quotas.begin_block(self.tasks.at(slot).owner);
        self.trace_wait(slot, waits);
    }

    pub fn end_block(&mut self, slot: u32) {
        self.admission.end_block();
        self.quotas.end_block(self.tasks.at(slot).owner);
        self.trace_wait(slot, Waits::None);
    }

    /// A body that was at work has returned.
    #[inline]
    pub fn give_owner_place_back(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.count_work(fx, slot, false);
    }

    #[inline]
    fn count_work(&mut self, fx: &mut Effects<P>, slot: u32, more: bool) {
        let owner = self.tasks.at(slot).owner;
        if self.quotas.limits(owner).is_some() {
            self.quotas.work(owner, more);
            self.hold_to_limit(fx, owner);
        }
    }

    /// Whether a body is at work may be another than it was.
    #[inline]
    pub fn share_owner_place(&mut self, fx: &mut Effects<P>, run: u32, worked: bool) {
        let works = self.runs.works(run);
        if works != worked {
            let slot = self.runs.slot(run);
            self.count_work(fx, slot, works);
        }
    }

    // ---- to begin ------------------------------------------------------------------------------

    /// Has an owner's tasks passed over while it runs as many as it may, or is paused, and no longer.
    #[inline]
    pub fn hold_to_limit(&mut self, fx: &mut Effects<P>, owner: u32) {
        if self.quotas.limits(owner).is_some() || self.pauses.any() {
            self.hold_back(fx, owner);
        }
    }

    pub fn hold_back(&mut self, fx: &mut Effects<P>, owner: u32) {
        let full = self.quotas.is_full(owner, 0) && self.admission.is_open();
        let barred = full || self.holds_owner(owner);
        fx.queued |= self.tasks.bar(owner, barred);
    }

    /// A shutdown begins: it looks at all that is queued, and runs what must run.
    pub fn lift_limits(&mut self, fx: &mut Effects<P>) {
        self.end_pauses(fx);
        let owners: Vec<_> = self.quotas.owners().collect();
        for owner in owners {
            self.tasks.bar(owner, false);
        }
    }

    /// Whether the worker of `run`, whose body waits, may run a queued task in the middle of it: the task takes the
    /// place of that body, if both are of one owner. One that has lent its place has none to give.
    pub fn may_help(&mut self, slot: u32, run: u32) -> bool {
        if self.runs.has_lent(run) {
            return false;
        }
        let owner = self.tasks.at(slot).owner;
        let mine = self.runs.slot(run);
        let spared = mine != NIL && self.tasks.at(mine).owner == owner && self.runs.works(run);
        !self.admission.is_open() || !self.quotas.is_full(owner, spared.into()) && !self.is_held(slot)
    }

    fn set_limits(&mut self, fx: &mut Effects<P>, owner: u32, limits: Limits) {
        let mut running = 0;
        for run in 0..self.runs.count() {
            let slot = self.runs.slot(run);
            if self.runs.works(run) && self.tasks.at(slot).owner == owner {
                running += 1;
            }
        }
        self.quotas.set(owner, limits, running);
        if limits == Limits::default() {
            fx.queued |= self.tasks.bar(owner, false);
        }
        self.hold_to_limit(fx, owner);
    }
}

impl<P: Payload> Engine<P> {
    /// Limits how many tasks an owner may have at once, in place of the limits that it has. Of its tasks those that
    /// wait begin at once where more may run, and those that run go on where fewer may; none is taken back.
    pub fn set_limits(&self, owner: OwnerId, limits: Limits) -> Result<(), LimitsError> {
        if let Some(limit) = limits.zero() {
            return Err(LimitsError::Zero(limit));
        }
        self.shared().with(|inner, fx| {
            if !inner.owners.is_alive(owner) {
                return Err(LimitsError::OwnerGone);
            }
            inner.set_limits(fx, owner.index, limits);
            Ok(())
        })
    }

    /// The limits of an owner: none of one that is not known.
    pub fn limits(&self, owner: OwnerId) -> Limits {
        self.shared().with(|inner, _| match inner.owners.is_known(owner) {
            true => inner.quotas.limits(owner.index).unwrap_or_default(),
            false => Limits::default(),
        })
    }
}
