//! Tasks of one key: how each waits for its turn, how a place is handed on, and what a new one does to the others.
//!
//! A task comes to its key when it is submitted, and leaves it when it ends. In between it waits for what it comes
//! after, then for its time, then in line for a place, then in its lane. So a task that waits for its time is one
//! of the key's, which a newer one may replace, and stands in nobody's way: "Replace, in 300 ms" is what a search
//! field wants. A periodic task has a place during a run only, and stands in line with each tick.
//!
//! A place is given back by `end_run`, when the body has returned and was destroyed, also where the task was
//! abandoned long before. So two bodies of a key with one place never overlap. A group has no body: it is one of
//! its key's, and never has a place nor stands in line.

use std::sync::Arc;

use super::bonds::{Name, Stands};
use super::callbacks::{Callback, Hears};
use super::chores::Chore;
use super::effects::{Effects, Garbage};
use super::engine::Engine;
use super::error::SubmitError;
use super::id::OwnerId;
use super::inner::{Inner, PIECE};
use super::keys::Keys;
use super::lanes::{AWAITED_LANES, MUST_RUN_LANE, urgency_of};
use super::options::TaskOptions;
use super::outbox::Kind;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::tasks::Tasks;
use super::trace::Waits;
use super::words::{CancelReason, KeyPolicy, Status};

impl<P: Payload> Inner<P> {
    // ---- to come -------------------------------------------------------------------------------

    /// Whether the options go with what is there of their key; and the task that is to stay in place of the new
    /// one, if the options ask for that.
    pub fn admit_to_key(&mut self, options: &TaskOptions<P>) -> Result<Option<u32>, SubmitError> {
        let Some(text) = &options.key else { return Ok(None) };
        let owner = options.owner.map_or(0, |owner| owner.index);
        let name = Name::new(owner, text.clone());
        if let Some(in_use) = self.keys.limit(&name).filter(|in_use| *in_use != options.key_limit) {
            return Err(SubmitError::KeyLimit { key: text.to_string(), limit: options.key_limit, in_use });
        }
        Ok(match options.key_policy {
            KeyPolicy::Keep => self.keys.oldest(&mut self.tasks, &name),
            _ => None,
        })
    }

    /// A task of the key stays, and the new one is not made: it hears what that would have heard of. Callbacks that
    /// would never be called are given back.
    pub fn stay_in_place(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        options: TaskOptions<P>,
        keep: bool,
    ) -> Vec<Callback<P>> {
        if keep {
            self.add_handle(slot);
        }
        let hears = Hears { starts: options.hears_start, failures: options.hears_failure };
        if hears.failures {
            self.tasks.at(slot).set(flag::HEARD);
        }
        if hears.starts && options.callbacks.is_empty() {
            // The receiver has the callbacks: it is told of the start once more.
            let record = self.tasks.at(slot);
            record.extra().hears_start = true;
            if record.has(flag::STARTED) {
                self.post_late(fx, Kind::Begun, slot);
            }
        }
        // There is no work of its own that would be told.
        if let Some(hook) = options.external.and_then(|external| external.on_stop) {
            self.leave(fx, slot, Garbage::Hook(hook));
        }
        options.callbacks.into_iter().filter_map(|added| self.add_callback(fx, slot, added, hears)).collect()
    }

    /// A new task becomes one of its key's. Those that it replaces are cancelled: a piece of them now, so that
    /// none of the few that have a place begins any more, and the others after the lock.
    pub fn join_key(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        text: Arc<str>,
        policy: KeyPolicy,
        limit: u32,
    ) {
        let name = Name::new(self.tasks.at(slot).owner, text);
        self.keys.join(&mut self.tasks, slot, name.clone(), limit);
        let begun = match policy {
            KeyPolicy::Append | KeyPolicy::Keep => return,
            KeyPolicy::Replace => true,
            KeyPolicy::KeepLatest => false,
        };
        let below = Keys::serial_of(&mut self.tasks, slot);
        self.cancel_below(fx, &name, below, begun, CancelReason::Replaced);
    }

    fn cancel_below(
        &mut self,
        fx: &mut Effects<P>,
        name: &Name,
        below: u64,
        begun: bool,
        reason: CancelReason,
    ) {
        self.keys.doom(name, below, begun);
        let mut left = PIECE;
        if !self.cancel_doomed(fx, name, below, reason, &mut left) {
            self.chores.push(Chore::Cancel { name: name.clone(), below, reason });
            fx.chores = true;
        }
    }

    /// Cancels up to `left` of a key's tasks with a number below `below`, of those that are to go; whether that
    /// were all.
    pub fn cancel_doomed(
        &mut self,
        fx: &mut Effects<P>,
        name: &Name,
        below: u64,
        reason: CancelReason,
        left: &mut usize,
    ) -> bool {
        let now = self.clock.now();
        let mut slot = self.keys.first(name);
        while slot != NIL && Keys::serial_of(&mut self.tasks, slot) < below {
            let next = Keys::next(&mut self.tasks, slot);
            if self.keys.is_to_go(&mut self.tasks, slot) {
                if *left == 0 {
                    return false;
                }
                *left -= 1;
                self.cancel(fx, slot, reason, now);
            }
            slot = next;
        }
        true
    }

    // ---- to have one's turn --------------------------------------------------------------------

    /// Nothing keeps a task any more but its turn in its key, if it has one: it is queued, or stands in line.
    pub fn make_ready(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.tasks.at(slot).is_group() {
            if !self.park_if_paused(fx, slot) {
                // It has no place: a member that stands in line behind it would wait for ever.
                self.begin_group(fx, slot);
            }
            return;
        }
        match Keys::stands(&mut self.tasks, slot) {
            // Between two attempts it has kept its place.
            None | Some(Stands::InPlace) => return self.queue(fx, slot),
            Some(Stands::InLine) => return,
            Some(Stands::Apart) => {}
        }
        let urgent = self.keys.line_up(&mut self.tasks, slot);
        self.tasks.at(slot).status = Status::Blocked;
        self.begin_block(slot, Waits::Key);
        let name = Keys::name_of(&mut self.tasks, slot);
        self.hand_on(fx, &name);
        if self.tasks.at(slot).status == Status::Blocked {
            if urgent {
                self.hurry_places(slot);
                fx.queued = true;
            }
            self.note(fx, slot);
        }
    }

    /// Gives the free places of a key to those that stand in line. During a shutdown to what must run; not
    /// past one that is still to be cancelled, by the shutdown or by a group that it is in; after a halt to none, nor
    /// while the key is paused.
    pub fn hand_on(&mut self, fx: &mut Effects<P>, name: &Name) {
        if self.admission.is_halted() || self.is_key_held(name) {
            return;
        }
        let open = self.admission.is_open();
        let must = self.admission.is_closing() && !self.admission.is_expiring();
        let may_start = |tasks: &mut Tasks<P>, slot: u32| {
            (open || must && tasks.at(slot).has(flag::MUST_RUN))
                && Self::stopped_with_group(tasks, slot).is_none()
        };
        while let Some((slot, lane)) = self.keys.hand_out(&mut self.tasks, name, may_start) {
            self.end_block(slot);
            self.tasks.at(slot).lane = if open { lane } else { MUST_RUN_LANE };
            self.queue(fx, slot);
            fx.queued = true;
        }
    }

    /// What has a place, and is queued, goes with the urgency of those that wait for it to end.
    fn hurry_places(&mut self, slot: u32) {
        if !self.admission.is_open() {
            return;
        }
        let Some(lane) = self.keys.lane(&mut self.tasks, slot) else { return };
        let mut at = self.keys.first_in_place(&mut self.tasks, slot);
        while at != NIL {
            let next = self.keys.next_standing(&mut self.tasks, at);
            let record = self.tasks.at(at);
            let (status, late) = (record.status, urgency_of(record.lane) > urgency_of(lane));
            match status {
                Status::Queued if late => self.tasks.move_to(at, lane),
                Status::Delayed | Status::Blocked if late => self.tasks.at(at).lane = lane,
                _ => {}
            }
            at = next;
        }
    }

    /// Changes the lane in which a task that is not queued will be, or that of one that stands in line, for whose
    /// sake those before it go, too.
    pub fn change_lane(&mut self, slot: u32, lane: u8) {
        match Keys::stands(&mut self.tasks, slot) {
            Some(Stands::InLine) => {
                self.keys.change_lane(&mut self.tasks, slot, lane);
                self.hurry_places(slot);
            }
            _ => self.tasks.at(slot).lane = lane,
        }
    }

    /// The priority of a task that is queued or has a place was changed: it goes no later than those that wait
    /// for it.
    pub fn keep_pace(&mut self, slot: u32) {
        if self.tasks.at(slot).has(flag::KEYED) {
            self.hurry_places(slot);
        }
    }

    /// The lane of a task that waits for others, once its priority is another.
    pub fn blocked_lane(&mut self, slot: u32, rank: u8) -> u8 {
        match self.tasks.at(slot).lane {
            // A body waits for it: it goes before others of its priority, and not behind that body's.
            lane if lane >= AWAITED_LANES => lane.min(AWAITED_LANES + rank),
            _ => rank,
        }
    }

    // ---- to go ---------------------------------------------------------------------------------

    /// A task of a key has ended. What it has of a place, it keeps while its body has not returned.
    pub fn leave_key(&mut self, fx: &mut Effects<P>, slot: u32) {
        let name = Keys::name_of(&mut self.tasks, slot);
        let returned = self.tasks.at(slot).run == NIL;
        self.keys.leave(&mut self.tasks, slot, returned);
        if !self.is_member(slot) {
            return self.hand_on(fx, &name);
        }
        // Its groups hear of the end first, and may stop the one that has the place next.
        self.chores.push(Chore::HandOn(name));
        fx.chores = true;
    }

    /// A run is over: of a periodic task, which goes on, or of one that was abandoned.
    pub fn give_place_back(&mut self, fx: &mut Effects<P>, slot: u32) {
        if !self.tasks.at(slot).has(flag::KEYED) {
            return;
        }
        let name = Keys::name_of(&mut self.tasks, slot);
        self.keys.stand_apart(&mut self.tasks, slot);
        self.hand_on(fx, &name);
    }

    // ---- to be looked at -----------------------------------------------------------------------

    /// Those that have a place of the key of a task that stands in line, up to `most`; and whether each has ended,
    /// and only its body has not.
    pub fn in_place(&mut self, slot: u32, most: usize) -> Vec<(u32, bool)> {
        let mut found = Vec::new();
        let mut at = self.keys.first_in_place(&mut self.tasks, slot);
        while at != NIL && found.len() < most {
            found.push((at, self.tasks.at(at).status.is_finished()));
            at = self.keys.next_standing(&mut self.tasks, at);
        }
        found
    }
}

impl<P: Payload> Engine<P> {
    /// Asks all tasks of a key to stop, those that are there by now: of an owner's key, or of the application's.
    pub fn cancel_key(&self, owner: Option<OwnerId>, key: &str, reason: CancelReason) {
        self.shared().with(|inner, fx| {
            if owner.is_some_and(|owner| !inner.owners.is_known(owner)) {
                return;
            }
            let name = Name::new(owner.map_or(0, |owner| owner.index), key.into());
            let below = inner.keys.next_serial();
            inner.cancel_below(fx, &name, below, true, reason);
        });
    }

    /// How many keys are in use.
    pub fn keys_in_use(&self) -> usize {
        self.shared().with(|inner, _| inner.keys.len())
    }
}
