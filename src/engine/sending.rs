//! Values that a body sends before its end, on their way to those that hear of the task: as a list a frame, in the
//! order sent, and the last before the end.
//!
//! What waits is bounded by `max_undelivered`. Once half of that waits it does not wait for the frame's end, so that
//! a body which sends without a pause is as quick as the receiver.

use std::sync::Arc;

use super::cancel::Stopped;
use super::context::TaskContext;
use super::effects::{Effects, Garbage};
use super::error::TaskError;
use super::fork;
use super::hand::Tries;
use super::inner::Inner;
use super::notice::Notice;
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::shared::Shared;
use super::telling::FRAME;
use super::words::{Status, WhenFull};

/// What becomes of a value where so many wait already.
enum Place {
    /// There is room.
    Free,
    /// For the oldest, or for all that wait.
    Taken,
    /// Once some were delivered.
    Later,
}

impl<P: Payload> Inner<P> {
    /// Where the next value of a task that runs goes.
    fn place_for_value(&mut self, slot: u32) -> Place {
        let heard = self.hears_values(slot);
        let may_wait = self.patience.may_wait() && self.admission.is_open();
        let Some(extra) = &self.tasks.at(slot).extra else { return Place::Free };
        let waiting = extra.values.as_ref().map_or(0, |values| values.len());
        let full = waiting >= extra.kept.max_undelivered as usize;
        match extra.kept.when_full {
            WhenFull::Conflate if waiting > 0 => Place::Taken,
            WhenFull::DropOldest if full => Place::Taken,
            // Nobody takes them, and perhaps nobody will.
            WhenFull::Wait if full && !heard => Place::Taken,
            WhenFull::Wait if full && may_wait => Place::Later,
            _ => Place::Free,
        }
    }

    fn hears_values(&mut self, slot: u32) -> bool {
        self.outgoing.wants(wants::SIGNALS) || self.tasks.at(slot).has_callbacks()
    }

    /// Adds a value.
    fn add_value(&mut self, fx: &mut Effects<P>, slot: u32, value: P, place: Place) {
        let values = self.tasks.at(slot).extra().values.get_or_insert_default();
        let dropped = if matches!(place, Place::Taken) { values.drop_oldest() } else { None };
        values.push(value);
        if let Some(dropped) = dropped {
            self.leave(fx, slot, Garbage::Values(vec![dropped]));
        }
        if !self.hears_values(slot) {
            return;
        }
        let now = self.clock.now();
        let queued = self.outgoing.is_queued();
        let record = self.tasks.at(slot);
        let key = record.key;
        let extra = record.extra();
        let many = extra.kept.max_undelivered / 2;
        let Some(values) = &mut extra.values else { return };
        if values.pace.is_pending() {
            return;
        }
        let much = extra.kept.when_full != WhenFull::Conflate && values.len() > many as usize;
        if !queued || much || values.pace.is_time(now) {
            self.publish_values(fx, slot);
        } else if values.pace.delay() {
            self.time.flush_later(slot, key, now.saturating_add(FRAME));
            self.arm_timer(fx);
        }
    }

    fn publish_values(&mut self, fx: &mut Effects<P>, slot: u32) {
        let now = self.clock.now();
        let Some(values) = &mut self.tasks.at(slot).extra().values else { return };
        values.pace.publish(now);
        self.post(fx, Kind::Values, slot);
    }

    /// Those that wait for the frame's end, or for somebody that hears of them, go before what comes now.
    pub fn flush_values(&mut self, fx: &mut Effects<P>, slot: u32) {
        let Some(values) = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.values.as_ref()) else {
            return;
        };
        if values.are_unpublished() && self.hears_values(slot) {
            self.publish_values(fx, slot);
        }
    }

    /// A run has ended: what it has sent is told before that, and what the next one sends after it.
    pub fn seal_values(&mut self, slot: u32) {
        if let Some(values) = self.tasks.at(slot).extra.as_mut().and_then(|extra| extra.values.as_mut()) {
            values.seal();
        }
    }

    /// What an event about values tells; none if they were taken from it.
    pub fn open_values(&mut self, fx: &mut Effects<P>, slot: u32) -> Option<Notice<P>> {
        let values = self.tasks.at(slot).extra.as_mut()?.values.as_mut()?;
        let list = values.open();
        fx.wake_waiters |= values.take_awaited();
        (!list.is_empty()).then(|| Notice::Values(Arc::new(list)))
    }
}

impl<P: Payload> Shared<P> {
    /// See [`Engine::send`](super::Engine::send).
    pub(super) fn send(&self, context: &TaskContext, value: P) -> Result<(), TaskError> {
        if fork::is_child() {
            return context.checkpoint();
        }
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        // A body that is paused stops, as at a checkpoint; also out of its wait for room.
        let mut may_stop = true;
        let sent = loop {
            if may_stop && context.flag.is_paused() {
                drop(inner);
                self.apply(&mut fx);
                may_stop = self.stop_here(context.id(), &context.flag) == Stopped::GoesOn;
                inner = self.state.lock();
                continue;
            }
            // The flag is raised under the lock, so that it is not missed between here and the wait.
            let running = inner.find(&mut fx, context.id()).filter(|_| !context.is_cancelled());
            let running = running.filter(|slot| inner.tasks.at(*slot).status == Status::Running);
            let Some(slot) = running else { break Err(value) };
            let place = inner.place_for_value(slot);
            if !matches!(place, Place::Later) {
                inner.add_value(&mut fx, slot, value, place);
                break Ok(());
            }
            if !fx.is_empty() {
                // Nothing of what was looked at on the way is kept meanwhile.
                drop(inner);
                self.apply(&mut fx);
                inner = self.state.lock();
                continue;
            }
            if let Some(values) = &mut inner.tasks.at(slot).extra().values {
                values.await_room();
            }
            inner.patience.begin_body();
            // By hand nobody comes here: invariant 1 of `by_hand.rs`.
            inner = self.doze(inner, None, &mut Tries::default());
            inner.patience.end_body();
        };
        drop(inner);
        self.apply(&mut fx);
        // What is not sent is destroyed here, on the body's thread.
        sent.map_err(|_| TaskError::cancelled())
    }
}
