//! The way of notices out of the engine, and what hears of a task: its callbacks, and wakers.
//!
//! A notice is an event first, which says what it is about, and then what a receiver opens it to. In an engine
//! that delivers directly, the thread that makes an event opens it in the same moment, and calls the callbacks
//! after the lock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::attempts::Again;
use super::body::Outcome;
use super::callbacks::{Callback, Callbacks, Hears, Missed, hearing_start};
use super::delivery::Delivery;
use super::effects::{Direct, Effects, Garbage};
use super::holds::Release;
use super::inner::Inner;
use super::notice::Notice;
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::poller::Poller;
use super::record::flag;
use super::task::RunResult;
use super::words::CancelReason;

/// What an event tells, and the callbacks that hear of it.
type Opened<P> = (Notice<P>, Option<Arc<Callbacks<P>>>);

impl<P: Payload> Inner<P> {
    /// Has an event about a task delivered: puts it into the outbox and tells the receiver, or, where there is
    /// no receiver, takes what one would and has this thread call it after the lock. Whether it is in the outbox.
    pub fn post(&mut self, fx: &mut Effects<P>, kind: Kind, slot: u32) -> bool {
        if self.outgoing.is_queued() {
            self.tasks.at(slot).set(flag::POSTED);
            self.outgoing.post(fx, kind, slot);
            return true;
        }
        if let Some((notice, Some(callbacks))) = self.open(fx, kind, slot) {
            self.call_directly(fx, slot, callbacks, notice);
        }
        false
    }

    /// Puts an event about a task into the outbox, where it waits for one that the receiver is told of.
    pub fn keep(&mut self, kind: Kind, slot: u32) {
        self.tasks.at(slot).set(flag::POSTED);
        self.outgoing.keep(kind, slot);
    }

    /// A notice for callbacks that are called by the thread that makes it happen.
    fn call_directly(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        callbacks: Arc<Callbacks<P>>,
        notice: Notice<P>,
    ) {
        self.hold(fx, slot);
        callbacks.push(notice);
        let (alive, task) = (self.alive_of(slot), self.id(slot));
        fx.calls().direct.push(Direct { callbacks, alive, task });
    }

    pub fn set_hears_starts(&mut self, fx: &mut Effects<P>, hears: bool) {
        self.outgoing.set_wanted(wants::STARTS, hears);
        if hears && !self.outgoing.is_empty() {
            self.outgoing.notify(fx);
        }
    }

    /// Moves up to `most` events out. Ends that are among them stay in place until `spent` is
    /// given back to [`Inner::delivered`]. Without `starts`, those are left out: nobody hears of them.
    ///
    /// An event about an owner's task comes out first or not at all, so that the receiver has none
    /// in stock: what waits in the outbox can be unloaded, see `unload.rs`.
    pub fn take(
        &mut self,
        engine: &dyn Release,
        fx: &mut Effects<P>,
        into: &mut VecDeque<Delivery<P>>,
        spent: &mut Vec<u32>,
        most: usize,
        starts: bool,
    ) {
        // Of starts alone there are never more in a row than there are workers, and external tasks that begin.
        while into.len() < most {
            let Some((kind, slot)) = self.outgoing.first() else { break };
            let unheard = kind == Kind::Started && !starts && !self.hears_start(slot);
            if unheard || kind == Kind::Void {
                self.outgoing.pop();
                continue;
            }
            let owned = kind.is_about_task() && self.tasks.at(slot).is_owned();
            if owned && !into.is_empty() {
                break;
            }
            self.outgoing.pop();
            if kind == Kind::Shutdown {
                if let Some(report) = self.admission.report() {
                    into.push_back(Delivery::Shutdown(report));
                }
                continue;
            }
            if kind == Kind::Pauses {
                self.pauses.told();
                into.push_back(Delivery::PausesChanged);
                continue;
            }
            if kind == Kind::Limit {
                if let Some(limit) = self.quotas.take_untold(slot) {
                    let (owner, name) = (self.owners.id(slot), self.owners.name(slot));
                    into.push_back(Delivery::LimitReached { owner, name, limit });
                }
                self.owners.release(slot);
                continue;
            }
            let id = self.id(slot);
            let alive = self.alive_of(slot);
            let opened = self.open(fx, kind, slot);
            let late = matches!(kind, Kind::Late | Kind::Begun);
            match opened {
                Some((notice, Some(callbacks))) if late => {
                    let held = self.held(engine, slot);
                    into.push_back(Delivery::Late { id, notice, callbacks, alive, held });
                }
                Some((notice, callbacks)) if !late => {
                    if kind == Kind::End {
                        spent.push(slot);
                    }
                    let held = self.held(engine, slot);
                    into.push_back(Delivery::Task { id, notice, callbacks, alive, held });
                }
                _ => {}
            }
            if late {
                // That which `add_callback` has counted.
                self.drop_handle(fx, slot);
            }
        }
    }

    /// What an event tells, and the callbacks that hear of it, taken out of the record.
    #[inline]
    fn open(&mut self, fx: &mut Effects<P>, kind: Kind, slot: u32) -> Option<Opened<P>> {
        let record = self.tasks.at(slot);
        Some(match kind {
            Kind::Started => {
                let extra = record.extra.as_ref().filter(|extra| extra.hears_start);
                (Notice::Started, extra.and_then(|extra| extra.callbacks.clone()))
            }
            Kind::Queued => (Notice::Queued, None),
            Kind::Retried => {
                let lineage = record.extra.as_ref().and_then(|extra| extra.lineage.as_ref());
                (Notice::Retried(lineage?.retry_of?), None)
            }
            // They are about no task.
            Kind::Shutdown | Kind::Limit | Kind::Pauses | Kind::Void => return None,
            Kind::Paused => {
                let extra = record.extra();
                let reason = extra.pause.as_ref().map(|pause| pause.reason.clone());
                (Notice::Paused(reason.unwrap_or_default()), extra.callbacks.clone())
            }
            Kind::Resumed => (Notice::Resumed, record.extra().callbacks.clone()),
            Kind::Progress => {
                let extra = record.extra();
                let progress = extra.progress.get_or_insert_default();
                progress.pace.opened();
                let notice = Notice::Progress(progress.value, progress.message.clone());
                (notice, extra.callbacks.clone())
            }
            Kind::Values => {
                let callbacks = record.extra.as_ref().and_then(|extra| extra.callbacks.clone());
                (self.open_values(fx, slot)?, callbacks)
            }
            Kind::Run => {
                let extra = record.extra();
                let callbacks = extra.callbacks.clone();
                let RunResult { iteration, outcome } = extra.runs.pop_front()?;
                self.go_on_if_told(fx, slot);
                (outcome.run_notice(iteration), callbacks)
            }
            Kind::Retrying => {
                let extra = record.extra();
                let callbacks = extra.callbacks.clone();
                let Again { attempt, error, delay } = extra.attempts.as_mut()?.take_untold()?;
                self.go_on_if_told(fx, slot);
                (Notice::Retrying(attempt, error, delay), callbacks)
            }
            Kind::Slow => {
                let extra = record.extra();
                (Notice::Slow(extra.slow.take()?), extra.callbacks.clone())
            }
            Kind::Begun => {
                // None if the receiver has them; or if the end was opened before, with which they have heard of it.
                let callbacks = record.extra.as_ref().and_then(|extra| extra.callbacks.clone());
                (Notice::Started, Some(callbacks.unwrap_or_else(|| Arc::new(Callbacks::new(Vec::new())))))
            }
            Kind::End => {
                let callbacks = record.extra.as_mut().and_then(|extra| extra.callbacks.take());
                (self.end_notice(slot), callbacks)
            }
            Kind::Late => {
                // Absent if they came with an event before, or went with their owner.
                let callbacks = record.extra.as_mut()?.late.take()?;
                (self.end_notice(slot), Some(callbacks))
            }
        })
    }

    /// Whether callbacks of a task hear that it starts.
    fn hears_start(&mut self, slot: u32) -> bool {
        self.tasks.at(slot).extra.as_ref().is_some_and(|extra| extra.hears_start)
    }

    /// Whether everything has finished since this was last asked; delayed tasks don't count.
    pub fn take_all_finished(&mut self) -> bool {
        // Those that come after a task that has just ended are about to be queued.
        let at_rest = self.tasks.queued() == 0 && self.admission.running() == 0 && self.chores.is_empty();
        self.outgoing.take_all_finished(at_rest)
    }

    pub fn end_notice(&mut self, slot: u32) -> Notice<P> {
        let record = self.tasks.at(slot);
        match record.told() {
            Outcome::Value(value) => Notice::Completed(value),
            Outcome::Error(error) => Notice::Failed(error),
            Outcome::None => Notice::Cancelled(record.cancel_reason().unwrap_or(CancelReason::User)),
        }
    }

    /// Adds a callback to a task, whatever its state; gives it back where it would never be called.
    pub fn add_callback(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        closure: Callback<P>,
        hears: Hears,
    ) -> Option<Callback<P>> {
        if self.alive_of(slot).is_some_and(|alive| !alive.get()) {
            return Some(closure);
        }
        let record = self.tasks.at(slot);
        if hears.failures {
            record.set(flag::HEARD);
        }
        let closure = if hears.starts { hearing_start(closure) } else { closure };
        let ended = record.status.is_finished();
        let undelivered = ended && !record.has(flag::DELIVERED) && record.has_callbacks();
        let joins = !ended || undelivered;
        // How far a task is says its last report alone: one that comes late is told that, unless it is about to be
        // told to all.
        let progress = record.extra.as_ref().and_then(|extra| extra.progress.as_ref());
        let reported =
            progress.filter(|progress| progress.told.number() > 0 && !(joins && progress.pace.is_pending()));
        let missed = Missed {
            start: hears.starts && record.has(flag::STARTED),
            progress: reported.map(|progress| (progress.value, progress.message.clone())),
        };
        let behind = !missed.is_nothing();
        if joins {
            let extra = record.extra();
            match &extra.callbacks {
                Some(callbacks) => callbacks.add(closure, missed),
                None => extra.callbacks = Some(Arc::new(Callbacks::one(closure, missed))),
            }
            extra.hears_start |= hears.starts;
            if !ended {
                self.flush_values(fx, slot);
            }
            // Of an end that is about to be delivered it hears with that.
            if behind && !ended {
                self.post_late(fx, Kind::Begun, slot);
            }
            return None;
        }
        // Its end was delivered, is being delivered, or waits in the outbox for the signals only.
        if !self.outgoing.is_queued() {
            // As an event would have it called, without a place in the record for that moment.
            let notice = self.end_notice(slot);
            self.call_directly(fx, slot, Arc::new(Callbacks::one(closure, missed)), notice);
            return None;
        }
        match &record.extra().late {
            Some(callbacks) => callbacks.add(closure, missed),
            None => record.extra().late = Some(Arc::new(Callbacks::one(closure, missed))),
        }
        self.post_late(fx, Kind::Late, slot);
        None
    }

    /// Has callbacks alone called, that were added late. The task stays until they were: `take` gives that back.
    pub fn post_late(&mut self, fx: &mut Effects<P>, kind: Kind, slot: u32) {
        if self.outgoing.is_queued() {
            self.add_handle(slot);
        }
        self.post(fx, kind, slot);
    }

    /// Adds a waker, in place of the poller's last; that one is destroyed later.
    pub fn add_waker(&mut self, fx: &mut Effects<P>, slot: u32, poller: &mut Poller, waker: Waker) {
        let number = self.pollers.number(poller);
        let wakers = &mut self.tasks.at(slot).extra().wakers;
        match wakers.iter_mut().find(|(other, _)| *other == number) {
            Some((_, other)) => {
                let other = std::mem::replace(other, waker);
                self.leave(fx, slot, Garbage::Waker(other));
            }
            None => wakers.push((number, waker)),
        }
    }

    /// Takes the poller's waker back.
    pub fn take_waker(&mut self, fx: &mut Effects<P>, slot: u32, poller: &Poller) {
        let Some(extra) = &mut self.tasks.at(slot).extra else { return };
        if let Some(at) = extra.wakers.iter().position(|(other, _)| *other == poller.number()) {
            let (_, waker) = extra.wakers.swap_remove(at);
            self.leave(fx, slot, Garbage::Waker(waker));
        }
    }
}
