//! Pause and resume: what has not begun does not begin, and a body that allows it stops at its next checkpoint.
//!
//! A task may be paused by itself, by groups that it is in, by its key, its owner, and with all. These count: it goes on
//! once all of them are taken back. A second pause of the same kind is none: what is paused by its id is resumed by
//! its id, however often it was paused.
//!
//! # What has not begun
//!
//! A task that is paused by itself or a group has `flag::PAUSED`. Its time goes on, and so do the ends that it waits
//! for, and its place in the line of its key comes nearer; only where it would be queued, it is *parked*: `Blocked`,
//! with nothing that it waits for ([`Inner::park`]). One that is queued leaves its lane for that. A place in its key
//! it keeps, or is given, and holds: so those behind it do not overtake it. A key that is paused gives no places, and
//! parks those that have one.
//!
//! Of an owner that is paused, and of all, nothing is touched: the owner is barred (`limiting.rs`), and its tasks wait
//! in their lanes as they are. So 100,000 tasks are paused, and resumed, at the cost of one. A pause of all bars all
//! owners. An external task, which has no lane, is queued in one where its owner is barred, and begins as a worker
//! comes by ([`Inner::next_task`]).
//!
//! A periodic task whose tick comes while it is paused in any of these ways misses it where its `misfire` says so:
//! it is delayed until the next, and so on. Else it waits as any, for one run. So a resume has no storm of runs.
//!
//! # What runs
//!
//! The flag of a run has a bit for the pause (`cancel.rs`). A body of a `pausable` task that finds it set comes here,
//! and sleeps until the bit is clear, or it is asked to stop ([`Shared::stop_here`]). Its worker counts as that of a
//! body that waits does (`wait.rs`). Its time-out stands still, and so does the time after which it is slow.
//!
//! # States
//!
//! `Paused` is stored nowhere: a task is in the state that it would be in, and [`Inner::shown`] says what it is to
//! others.
//!
//! # What is told
//!
//! `Paused` and `Resumed` of a task tell of its own pauses, and of a body that stops and goes on. That an owner, a
//! key or all are paused is told once (`Delivery::PausesChanged`): to tell it of each task would cost what a pause of
//! these is to save. What shows a task asks for its state then; the models are told of each, in pieces.
//!
//! # Shutdown
//!
//! It takes all pauses back, as what must run is to run. Nothing can be paused until it is over.

use std::sync::Arc;

use super::bonds::{Name, Stands};
use super::cancel::{Flag, Stopped};
use super::chores::Chore;
use super::clock::Nanos;
use super::closing::Phase;
use super::effects::Effects;
use super::engine::Engine;
use super::fork;
use super::hand::Tries;
use super::id::{OwnerId, TaskId};
use super::inner::Inner;
use super::keys::Keys;
use super::lanes::MUST_RUN_LANE;
use super::outbox::Kind;
use super::outgoing::wants;
use super::pauses::Pause;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::shared::Shared;
use super::trace::Waits;
use super::words::{Misfire, PauseResult, Rate, Status};

impl<P: Payload> Inner<P> {
    // ---- to be asked ---------------------------------------------------------------------------

    /// Whether pauses count: not from the begin of a shutdown to its end, nor after a halt.
    fn lets_pause(&self) -> bool {
        matches!(self.admission.phase(), Phase::Open | Phase::Resting) && !self.admission.is_halted()
    }

    /// Whether the tasks of an owner are passed over as it, or all, are paused. What is left of one that is
    /// unloaded is waited for.
    pub fn holds_owner(&self, owner: u32) -> bool {
        self.pauses.any()
            && self.lets_pause()
            && !self.owners.is_unloading(owner)
            && (self.pauses.all().is_some() || self.pauses.owner(owner).is_some())
    }

    fn key_reason(&mut self, slot: u32) -> Option<Arc<str>> {
        if !self.pauses.has_keys() || !self.tasks.at(slot).has(flag::KEYED) {
            return None;
        }
        self.pauses.key(&Keys::name_of(&mut self.tasks, slot)).cloned()
    }

    /// Whether a task would be parked where it would be queued.
    #[inline]
    fn is_parking(&mut self, slot: u32) -> bool {
        let own = self.tasks.at(slot).has(flag::PAUSED);
        (own || self.pauses.has_keys()) && self.is_paused_apart(slot)
    }

    fn is_paused_apart(&mut self, slot: u32) -> bool {
        let record = self.tasks.at(slot);
        let (own, owner) = (record.has(flag::PAUSED), record.owner);
        self.lets_pause() && !self.owners.is_unloading(owner) && (own || self.key_reason(slot).is_some())
    }

    /// Whether a task is paused, in any way: it does not begin.
    #[inline]
    pub fn is_held(&mut self, slot: u32) -> bool {
        let own = self.tasks.at(slot).has(flag::PAUSED);
        (own || self.pauses.any()) && self.is_paused_somehow(slot)
    }

    fn is_paused_somehow(&mut self, slot: u32) -> bool {
        let owner = self.tasks.at(slot).owner;
        self.holds_owner(owner) || self.is_paused_apart(slot)
    }

    /// The state of a task, as others see it.
    pub fn shown(&mut self, slot: u32) -> Status {
        let record = self.tasks.at(slot);
        let (status, run) = (record.status, record.run);
        let paused = match status {
            Status::Delayed | Status::Blocked | Status::Queued => self.is_held(slot),
            Status::Running if run == NIL => {
                record.has(flag::PAUSED) && record.is_group() && self.is_held(slot)
            }
            Status::Running => self.runs.is_stopped(run),
            _ => false,
        };
        if paused { Status::Paused } else { status }
    }

    /// Why a task is paused, in the words of the pause that is the nearest to it.
    pub fn pause_reason(&mut self, slot: u32) -> Option<Arc<str>> {
        if self.shown(slot) != Status::Paused {
            return None;
        }
        Some(self.nearest_reason(slot))
    }

    pub fn nearest_reason(&mut self, slot: u32) -> Arc<str> {
        let record = self.tasks.at(slot);
        let (own, owner) = (record.has(flag::PAUSED), record.owner);
        if own {
            return self.pause(slot).reason.clone();
        }
        let key = self.key_reason(slot);
        key.or(self.pauses.owner(owner).or(self.pauses.all()).cloned()).unwrap_or_default()
    }

    fn pause(&mut self, slot: u32) -> &mut Pause {
        self.tasks.at(slot).extra().pause.get_or_insert_default()
    }

    // ---- to be parked --------------------------------------------------------------------------

    /// Whether a task stays here where it would be queued, or begin, if it is paused; then it is parked.
    #[inline]
    pub fn park_if_paused(&mut self, fx: &mut Effects<P>, slot: u32) -> bool {
        let parks = self.is_parking(slot);
        if parks {
            self.park(fx, slot);
        }
        parks
    }

    fn park(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.tasks.at(slot).status = Status::Blocked;
        self.begin_block(slot, Waits::Paused);
        self.note(fx, slot);
    }

    /// Whether a blocked task waits for nothing but to be resumed.
    pub fn is_parked(&mut self, slot: u32) -> bool {
        let record = self.tasks.at(slot);
        let links = record.extra.as_ref().and_then(|extra| extra.links.as_ref());
        record.status == Status::Blocked
            && links.is_none_or(|links| links.left == 0)
            && Keys::stands(&mut self.tasks, slot) != Some(Stands::InLine)
    }

    /// A parked task goes on, unless it is paused still.
    pub fn go_on_if_parked(&mut self, fx: &mut Effects<P>, slot: u32) {
        if !self.is_parked(slot) || self.is_parking(slot) {
            return;
        }
        self.end_block(slot);
        if !self.lets_pause() {
            self.tasks.at(slot).lane = MUST_RUN_LANE;
        }
        match self.tasks.at(slot).is_group() {
            true => self.begin_group(fx, slot),
            false => self.queue(fx, slot),
        }
        fx.queued = true;
    }

    /// A tick of a periodic task has come: whether it is missed, as the task is paused, and the next one is waited for.
    pub fn misses_tick(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) -> bool {
        let record = self.tasks.at(slot);
        if !record.has(flag::PERIODIC) || record.waits_to_try_again() || !self.is_held(slot) {
            return false;
        }
        let extra = self.tasks.at(slot).extra.as_mut();
        let Some(schedule) = extra.and_then(|extra| extra.schedule.as_mut()) else { return false };
        let options = &schedule.options;
        // The first run is the first value, and on no grid yet.
        if options.rate != Rate::FixedRate || options.misfire != Misfire::Skip || schedule.iteration == 0 {
            return false;
        }
        let tick = schedule.next_due(now);
        self.await_run(fx, slot, tick, now);
        true
    }

    // ---- a task by itself ----------------------------------------------------------------------

    /// Whether a task that has not ended can be paused, by itself or by a group. What is left of an owner that is
    /// unloaded is waited for.
    fn lets_go_on_later(&mut self, slot: u32, by_group: bool) -> bool {
        let owner = self.tasks.at(slot).owner;
        if self.owners.is_unloading(owner) {
            return false;
        }
        let record = self.tasks.at(slot);
        let runs = record.status == Status::Running && !record.is_group();
        let rests = record.has(flag::PERIODIC) || record.is_pausable();
        // What is asked to stop goes to its end.
        let stops = record.has(flag::CANCEL_REQUESTED);
        !stops && (!runs || rests || by_group) && self.lets_pause()
    }

    fn is_paused_by_itself(&mut self, slot: u32) -> bool {
        let record = self.tasks.at(slot);
        let pause = record.extra.as_ref().and_then(|extra| extra.pause.as_ref());
        record.has(flag::PAUSED) && !record.status.is_finished() && pause.is_some_and(|pause| pause.is_own())
    }

    /// Whether a pause of the task by itself would be one.
    pub fn may_pause(&mut self, slot: u32) -> bool {
        let ended = self.tasks.at(slot).status.is_finished();
        !ended && !self.is_paused_by_itself(slot) && self.lets_go_on_later(slot, false)
    }

    /// Whether there is one that can be taken back.
    pub fn may_resume(&mut self, slot: u32) -> bool {
        self.is_paused_by_itself(slot) && self.lets_pause()
    }

    /// Pauses a task by itself, or by a group that it is in.
    fn pause_one(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        reason: &Arc<str>,
        by_group: bool,
    ) -> PauseResult {
        let record = self.tasks.at(slot);
        if record.status.is_finished() {
            return PauseResult::AlreadyFinished;
        }
        let runs = record.status == Status::Running && !record.is_group();
        if !self.lets_go_on_later(slot, by_group) {
            return PauseResult::PauseNotPossible;
        }
        if !self.pause(slot).add(by_group, reason) {
            return self.paused(slot, runs);
        }
        let now = self.clock.now();
        let record = self.tasks.at(slot);
        if record.has(flag::PAUSED) {
            self.note(fx, slot);
            return self.paused(slot, runs);
        }
        record.set(flag::PAUSED);
        let (status, retries, group) = (record.status, record.waits_to_try_again(), record.is_group());
        match status {
            Status::Queued => {
                self.tasks.unqueue(slot);
                self.park(fx, slot);
            }
            Status::Running if runs => self.ask_body(fx, slot),
            Status::Running => self.stand_still(slot, now),
            Status::Delayed if retries => self.stand_still(slot, now),
            _ => {}
        }
        if group {
            self.pass_to_members(fx, slot, true);
        }
        if !runs {
            self.tell_paused(fx, slot);
        }
        self.note(fx, slot);
        self.paused(slot, runs)
    }

    fn paused(&mut self, slot: u32, runs: bool) -> PauseResult {
        match runs && !self.runs.is_stopped(self.tasks.at(slot).run) {
            true => PauseResult::PauseRequested,
            false => PauseResult::Paused,
        }
    }

    /// Takes a pause of a task back; `false` if it was not paused so.
    fn resume_one(&mut self, fx: &mut Effects<P>, slot: u32, by_group: bool) -> bool {
        let record = self.tasks.at(slot);
        if record.status.is_finished() || !record.has(flag::PAUSED) {
            return false;
        }
        if !self.pause(slot).take_back(by_group) {
            return false;
        }
        if self.pause(slot).is_paused() {
            self.note(fx, slot);
            return true;
        }
        let now = self.clock.now();
        let record = self.tasks.at(slot);
        record.clear(flag::PAUSED);
        let (status, run, group) = (record.status, record.run, record.is_group());
        // A body that has stopped tells it itself, once it is on its way. Else before all that it does then.
        if !self.runs.is_stopped(run) {
            self.tell_resumed(fx, slot);
        }
        match status {
            Status::Blocked => self.go_on_if_parked(fx, slot),
            Status::Running if run != NIL => self.ask_body(fx, slot),
            Status::Delayed | Status::Running => self.go_on_in_time(fx, slot, now),
            _ => {}
        }
        if group {
            self.pass_to_members(fx, slot, false);
        }
        self.note(fx, slot);
        true
    }

    /// Keeps what is left of the time that a task stands in the timers for.
    fn stand_still(&mut self, slot: u32, now: Nanos) {
        let due = self.time.due_of(self.tasks.at(slot));
        self.time.remove(&mut self.tasks, slot);
        self.pause(slot).left = due.map(|due| due.saturating_sub(now));
    }

    fn go_on_in_time(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let stands = self.time.due_of(self.tasks.at(slot)).is_some();
        if let Some(left) = self.pause(slot).left.take().filter(|_| !stands) {
            self.time.insert(&mut self.tasks, slot, now.saturating_add(left));
            self.arm_timer(fx);
        }
    }

    /// An attempt of a task failed while it is paused, or was told: the wait for the next stands still from its begin.
    pub fn stands_still_until_resumed(&mut self, slot: u32, due: Nanos) -> bool {
        let record = self.tasks.at(slot);
        if !record.has(flag::PAUSED) || !record.waits_to_try_again() {
            return false;
        }
        let left = due.saturating_sub(self.clock.now());
        self.pause(slot).left = Some(left);
        true
    }

    // ---- a body --------------------------------------------------------------------------------

    /// Asks a body to stop at its next checkpoint if it is paused, and may; else to go on.
    fn ask_body(&mut self, fx: &mut Effects<P>, slot: u32) {
        let run = self.tasks.at(slot).run;
        let pause = self.tasks.at(slot).is_pausable() && self.is_held(slot);
        // It may sleep in its context, or have stopped there.
        fx.wake_waiters |= self.runs.ask_to_pause(run, pause);
        if self.tasks.at(slot).has(flag::FUTURE) {
            self.pause_future(fx, slot, run, pause);
        }
    }

    /// Asks all bodies anew: pauses of several tasks have changed.
    fn ask_bodies(&mut self, fx: &mut Effects<P>) {
        for run in 0..self.runs.count() {
            let slot = self.runs.slot(run);
            if slot != NIL && self.tasks.at(slot).status == Status::Running {
                self.ask_body(fx, slot);
            }
        }
    }

    /// A body that is asked to pause has come to a checkpoint: its run, with its serial; `None` if it is not to stop.
    fn stop_body(&mut self, fx: &mut Effects<P>, id: TaskId, flag: &Flag) -> Option<(u32, u64)> {
        let slot = self.find(fx, id)?;
        let run = self.tasks.at(slot).run;
        // Of a future that is not being polled its context may be anywhere: there nothing is to be stopped.
        if !self.runs.has_flag(run, flag) || !flag.is_paused() || !self.runs.is_on_thread(run) {
            return None;
        }
        let now = self.clock.now();
        // Before it is stopped: what its body does counts for its owner until then.
        self.step_aside(fx, run);
        if self.runs.stop(run, now) {
            self.body_stopped(fx, slot, now);
        }
        Some((run, self.runs.serial(run)))
    }

    /// It is resumed, or asked to stop.
    fn body_goes_on(&mut self, fx: &mut Effects<P>, run: u32, serial: u64) {
        if self.runs.serial(run) != serial {
            // A thread that the body has lent its context to, and has not waited for.
            return;
        }
        let (slot, now) = (self.runs.slot(run), self.clock.now());
        if self.runs.go_on(run, now) {
            self.stopped_body_goes_on(fx, slot, run, now);
        }
        self.step_back(fx, run);
    }

    /// A body has stopped, or a future is polled no more, until it is resumed.
    pub fn body_stopped(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        self.stand_still(slot, now);
        self.trace_wait(slot, Waits::Paused);
        self.tell_paused(fx, slot);
        self.note(fx, slot);
    }

    pub fn stopped_body_goes_on(&mut self, fx: &mut Effects<P>, slot: u32, run: u32, now: Nanos) {
        if self.tasks.at(slot).status == Status::Running {
            self.go_on_in_time(fx, slot, now);
            let polled = self.runs.is_on_thread(run);
            self.trace_wait(slot, if polled { Waits::None } else { Waits::Wake });
        }
        self.watch_run(fx, self.runs.slow_at(run));
        if self.tasks.at(slot).reason == 0 {
            self.tell_resumed(fx, slot);
        }
        self.note(fx, slot);
    }

    // ---- groups --------------------------------------------------------------------------------

    /// The members of a group are paused with it, or go on.
    fn pass_to_members(&mut self, fx: &mut Effects<P>, slot: u32, pause: bool) {
        self.add_handle(slot);
        self.chores.push(Chore::Pause { slot, pause, from: 0 });
        fx.chores = true;
    }

    /// Does that for up to `left` of the members from `from` on; where to go on if there are more.
    pub fn pause_some(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        pause: bool,
        from: usize,
        left: &mut usize,
    ) -> Option<usize> {
        let reason = self.pause(slot).reason.clone();
        let (mut at, end) = (from, self.members(slot));
        while at < end {
            if *left == 0 {
                return Some(at);
            }
            *left -= 1;
            if let Some(member) = self.member_at(slot, at) {
                match pause {
                    true => drop(self.pause_one(fx, member, &reason, true)),
                    false => drop(self.resume_one(fx, member, true)),
                }
            }
            at += 1;
        }
        self.drop_handle(fx, slot);
        None
    }

    /// A group was asked to stop, and those of its members that go were, too: it is not paused from here on, as
    /// what stays of them is to come to its end.
    pub fn stopped_group_goes_on(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.tasks.at(slot);
        if record.status.is_finished() || !record.has(flag::PAUSED) {
            return;
        }
        while self.pause(slot).take_back(true) {}
        self.pause(slot).take_back(false);
        let now = self.clock.now();
        self.tasks.at(slot).clear(flag::PAUSED);
        self.tell_resumed(fx, slot);
        self.go_on_in_time(fx, slot, now);
        self.pass_to_members(fx, slot, false);
        self.note(fx, slot);
    }

    /// A group that has ended watches this member no more, which is not paused by it any more.
    pub fn leave_paused_group(&mut self, fx: &mut Effects<P>, group: u32, member: u32) {
        if self.tasks.at(group).has(flag::PAUSED) {
            self.resume_one(fx, member, true);
        }
    }

    // ---- owners, keys, all ---------------------------------------------------------------------

    /// Owners were paused, or resumed: their tasks are passed over, or no more.
    fn hold_owners(&mut self, fx: &mut Effects<P>, owners: std::ops::Range<u32>) {
        for owner in owners {
            self.hold_back(fx, owner);
        }
        self.ask_bodies(fx);
        self.pauses_changed(fx);
    }

    /// A key was paused, or resumed.
    fn hold_key(&mut self, fx: &mut Effects<P>, name: &Name) {
        let mut slot = self.keys.first_place_of(name);
        while slot != NIL {
            let next = self.keys.next_standing(&mut self.tasks, slot);
            if self.tasks.at(slot).status == Status::Queued && self.is_parking(slot) {
                self.tasks.unqueue(slot);
                self.park(fx, slot);
            } else {
                self.go_on_if_parked(fx, slot);
            }
            slot = next;
        }
        self.hand_on(fx, name);
    }

    /// Whether a key gives no places, as it is paused.
    pub fn is_key_held(&self, name: &Name) -> bool {
        self.pauses.has_keys()
            && self.pauses.key(name).is_some()
            && self.lets_pause()
            && !self.owners.is_unloading(name.owner())
    }

    /// An owner is gone, and its tasks are cancelled, or it is unloaded: what is left of them goes on.
    pub fn end_pauses_of(&mut self, fx: &mut Effects<P>, owner: u32) {
        if !self.pauses.any() {
            // A task of its may be paused by itself.
            self.ask_bodies(fx);
            return;
        }
        self.pauses.set_owner(owner, None);
        for name in self.pauses.keys_of(Some(owner)) {
            self.pauses.set_key(&name, None);
            self.hold_key(fx, &name);
        }
        self.hold_owners(fx, owner..owner + 1);
    }

    /// A shutdown begins, or the process ends: pauses do not count from here on.
    pub fn end_pauses(&mut self, fx: &mut Effects<P>) {
        let names = self.pauses.keys_of(None);
        if self.pauses.any() {
            self.pauses.clear();
            self.hold_owners(fx, 0..self.tasks.owners());
        }
        self.ask_bodies(fx);
        for name in names {
            self.hand_on(fx, &name);
        }
    }

    // ---- to be told ----------------------------------------------------------------------------

    fn tell_paused(&mut self, fx: &mut Effects<P>, slot: u32) {
        let reason = self.nearest_reason(slot);
        let pause = self.pause(slot);
        pause.reason = reason;
        if !std::mem::replace(&mut pause.told, true) {
            self.tell_of_pause(fx, slot, Kind::Paused);
        }
    }

    fn tell_resumed(&mut self, fx: &mut Effects<P>, slot: u32) {
        if std::mem::take(&mut self.pause(slot).told) {
            self.tell_of_pause(fx, slot, Kind::Resumed);
        }
    }

    fn tell_of_pause(&mut self, fx: &mut Effects<P>, slot: u32, kind: Kind) {
        if self.outgoing.wants(wants::SIGNALS) || self.tasks.at(slot).has_callbacks() {
            self.post(fx, kind, slot);
        }
    }

    /// A run of a task is over that was paused meanwhile: it rests from here on.
    pub fn tell_if_paused(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.tasks.at(slot).has(flag::PAUSED) && self.lets_pause() {
            self.tell_paused(fx, slot);
        }
    }

    fn pauses_changed(&mut self, fx: &mut Effects<P>) {
        if self.outgoing.wants(wants::SIGNALS) && self.pauses.tell() {
            self.outgoing.post(fx, Kind::Pauses, 0);
        }
        if self.outgoing.wants(wants::CHANGES) {
            self.chores.push(Chore::Show { from: 0 });
            fx.chores = true;
        }
    }

    /// Notes that up to `left` of the tasks from `from` on may be shown as paused, or no more; where to go on if there
    /// are more.
    pub fn show_some(&mut self, fx: &mut Effects<P>, from: usize, left: &mut usize) -> Option<usize> {
        let end = self.tasks.end();
        let to = end.min(from + *left);
        *left -= to.saturating_sub(from).min(*left);
        for slot in from..to {
            let found = self.tasks.get(slot as u32).map(|record| record.status);
            if matches!(found, Some(Status::Delayed | Status::Blocked | Status::Queued)) {
                self.note(fx, slot as u32);
            }
        }
        (to < end).then_some(to)
    }
}

impl<P: Payload> Shared<P> {
    /// Stops a body at a checkpoint until it is resumed or asked to stop.
    pub(super) fn stop_here(&self, id: TaskId, flag: &Flag) -> Stopped {
        if fork::is_child() {
            return Stopped::Not;
        }
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        if !flag.is_paused() {
            // The pause was taken back, or there was none.
            return Stopped::GoesOn;
        }
        let Some((run, serial)) = inner.stop_body(&mut fx, id, flag) else {
            drop(inner);
            self.apply(&mut fx);
            return Stopped::Not;
        };
        let mut tries = Tries::default();
        while flag.is_paused() && inner.runs.serial(run) == serial && !tries.are_over() {
            if fx.is_empty() {
                // The flag is written under the lock, so it cannot be missed between here and the wait.
                inner = self.doze(inner, None, &mut tries);
            } else {
                // A worker for what waits, and what is told.
                drop(inner);
                self.apply(&mut fx);
                inner = self.state.lock();
            }
        }
        let for_ever = flag.is_paused() && inner.runs.serial(run) == serial;
        inner.body_goes_on(&mut fx, run, serial);
        drop(inner);
        self.apply(&mut fx);
        if for_ever { Stopped::ForEver } else { Stopped::GoesOn }
    }
}

impl<P: Payload> Engine<P> {
    /// Pauses a task by itself: what has not begun does not begin, and a body stops at its next checkpoint if it is
    /// `pausable`. Once, however often it is called. Of a periodic task that runs it is the next run that does not
    /// begin, unless its body stops before. Of a group its members are paused, too.
    pub fn pause(&self, id: TaskId, reason: &str) -> PauseResult {
        let reason = reason.into();
        self.shared().with(|inner, fx| match inner.find(fx, id) {
            Some(slot) => inner.pause_one(fx, slot, &reason, false),
            None => PauseResult::UnknownTask,
        })
    }

    /// Takes that back: whether there was something to take back. The task goes on unless it is paused otherwise:
    /// with a group, its key, its owner, or all.
    pub fn resume(&self, id: TaskId) -> bool {
        self.shared()
            .with(|inner, fx| inner.find(fx, id).is_some_and(|slot| inner.resume_one(fx, slot, false)))
    }

    /// Pauses all tasks of a key, of an owner's or of the application's, and those that come until it is resumed.
    /// Whether it was not paused before; not during a shutdown.
    pub fn pause_key(&self, owner: Option<OwnerId>, key: &str, reason: &str) -> bool {
        self.set_key_paused(owner, key, Some(reason.into()))
    }

    /// Takes that back: whether there was something to take back.
    pub fn resume_key(&self, owner: Option<OwnerId>, key: &str) -> bool {
        self.set_key_paused(owner, key, None)
    }

    fn set_key_paused(&self, owner: Option<OwnerId>, key: &str, reason: Option<Arc<str>>) -> bool {
        self.shared().with(|inner, fx| {
            let gone = owner.is_some_and(|owner| !inner.owners.is_alive(owner));
            if gone || !inner.lets_pause() {
                return false;
            }
            let name = Name::new(owner.map_or(0, |owner| owner.index), key.into());
            let change = inner.pauses.set_key(&name, reason);
            if change {
                inner.hold_key(fx, &name);
                inner.ask_bodies(fx);
                inner.pauses_changed(fx);
            }
            change
        })
    }

    /// Pauses all tasks of an owner, and those that come until it is resumed or gone. Whether it was not paused before;
    /// not during a shutdown.
    pub fn pause_owner(&self, owner: OwnerId, reason: &str) -> bool {
        self.set_owner_paused(owner, Some(reason.into()))
    }

    /// Takes that back: whether there was something to take back.
    pub fn resume_owner(&self, owner: OwnerId) -> bool {
        self.set_owner_paused(owner, None)
    }

    fn set_owner_paused(&self, owner: OwnerId, reason: Option<Arc<str>>) -> bool {
        self.shared().with(|inner, fx| {
            if !inner.owners.is_alive(owner) || !inner.lets_pause() {
                return false;
            }
            let change = inner.pauses.set_owner(owner.index, reason);
            if change {
                inner.hold_owners(fx, owner.index..owner.index + 1);
            }
            change
        })
    }

    /// Pauses all tasks, and those that come until they are resumed. Whether they were not paused before; not during a
    /// shutdown, which takes it back.
    pub fn pause_all(&self, reason: &str) -> bool {
        self.set_all_paused(Some(reason.into()))
    }

    /// Takes that back: whether there was something to take back. What is paused otherwise stays so.
    pub fn resume_all(&self) -> bool {
        self.set_all_paused(None)
    }

    fn set_all_paused(&self, reason: Option<Arc<str>>) -> bool {
        self.shared().with(|inner, fx| {
            if !inner.lets_pause() {
                return false;
            }
            let change = inner.pauses.set_all(reason);
            if change {
                let owners = inner.tasks.owners();
                inner.hold_owners(fx, 0..owners);
            }
            change
        })
    }

    /// Why a task is paused, in the words of the pause that is the nearest to it; `None` if it is not.
    pub fn pause_reason(&self, id: TaskId) -> Option<Arc<str>> {
        self.shared().with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            inner.pause_reason(slot)
        })
    }

    /// Whether all tasks are paused.
    pub fn is_paused(&self) -> bool {
        self.shared().with(|inner, _| inner.pauses.all().is_some())
    }

    /// Whether an owner is paused, with its own pause.
    pub fn is_owner_paused(&self, owner: OwnerId) -> bool {
        self.shared()
            .with(|inner, _| inner.owners.is_known(owner) && inner.pauses.owner(owner.index).is_some())
    }
}
