//! What goes out to the receiver: the events, which notices are wanted, and whether it was told of them.
//!
//! # Invariants
//!
//! 1. If the outbox holds something, the receiver was told (`notified`) and has not yet looked; but for
//!    starts that nobody hears of (without [`wants::STARTS`]).
//! 2. The receiver is told at most once until it has looked: [`Outgoing::notify`] and [`Outgoing::claim`] set
//!    `notified`, and [`Outgoing::acknowledge`] alone clears it.
//! 3. An engine that delivers directly has an empty outbox, and nobody wants signals or changes of it.

use super::config::DeliveryMode;
use super::effects::Effects;
use super::outbox::{Kind, Outbox};

/// The notices that somebody wants: one bit each.
pub mod wants {
    /// Somebody receives the signals of all tasks.
    pub const SIGNALS: u8 = 1 << 0;
    /// Somebody hears that tasks start, or how many wait and run. It counts with `SIGNALS` alone.
    pub const STARTS: u8 = 1 << 1;
    /// Somebody takes the changes of all tasks: see `observe.rs`.
    pub const CHANGES: u8 = 1 << 2;
    /// Somebody hears that tasks were accepted. It counts with `SIGNALS` alone.
    pub const QUEUED: u8 = 1 << 3;
    /// A trace is being written: see `trace.rs`. It is no notice, but asked for where these are.
    pub const TRACE: u8 = 1 << 4;
    /// Figures are taken: see `stats.rs`. As for a trace.
    pub const STATS: u8 = 1 << 5;
}

pub struct Outgoing {
    outbox: Outbox,
    mode: DeliveryMode,
    /// Bits of [`wants`].
    wanted: u8,
    /// The receiver was told that there is something, and has not looked yet.
    notified: bool,
    /// How many were queued since everything was last finished.
    had_work: u64,
    /// Threads that deliver by themselves while they wait for a shutdown.
    pumping: usize,
}

impl Outgoing {
    pub const fn new(mode: DeliveryMode) -> Self {
        let outbox = Outbox::new();
        Outgoing { outbox, mode, wanted: wants::STARTS, notified: false, had_work: 0, pumping: 0 }
    }

    #[inline]
    pub fn is_queued(&self) -> bool {
        self.mode == DeliveryMode::Queued
    }

    /// Whether all of these are wanted.
    #[inline]
    pub fn wants(&self, what: u8) -> bool {
        self.wanted & what == what
    }

    /// Whether one of these is wanted.
    #[inline]
    pub fn wants_any(&self, what: u8) -> bool {
        self.wanted & what != 0
    }

    /// Whether `what` is wanted from here on. Nobody takes events of an engine that delivers directly.
    pub fn set_wanted(&mut self, what: u8, wanted: bool) {
        let wanted =
            wanted && (self.is_queued() || matches!(what, wants::STARTS | wants::TRACE | wants::STATS));
        match wanted {
            true => self.wanted |= what,
            false => self.wanted &= !what,
        }
    }

    // ---- events --------------------------------------------------------------------------------

    pub fn is_empty(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Puts an event into the outbox, where it waits for one that the receiver is told of.
    #[inline]
    pub fn keep(&mut self, kind: Kind, slot: u32) {
        self.outbox.push(kind, slot);
    }

    /// Puts an event into the outbox, and tells the receiver.
    #[inline]
    pub fn post<P>(&mut self, fx: &mut Effects<P>, kind: Kind, slot: u32) {
        self.keep(kind, slot);
        self.tell(fx);
    }

    /// Takes back what nobody was told of yet: see [`Outbox::take_back`].
    pub fn take_back(&mut self, begin: Kind, slot: u32) -> bool {
        self.outbox.take_back(begin, slot)
    }

    pub fn first(&self) -> Option<(Kind, u32)> {
        self.outbox.first()
    }

    pub fn pop(&mut self) -> Option<(Kind, u32)> {
        self.outbox.pop()
    }

    // ---- the receiver --------------------------------------------------------------------------

    #[inline]
    pub fn notify<P>(&mut self, fx: &mut Effects<P>) {
        if self.is_queued() && !self.notified {
            self.notified = true;
            fx.notify = true;
        }
    }

    fn tell<P>(&mut self, fx: &mut Effects<P>) {
        self.notify(fx);
        if self.pumping > 0 {
            fx.wake_waiters = true;
        }
    }

    /// How many wait or run has changed, or a start is in the outbox: tells the receiver, if that is
    /// heard of.
    #[inline]
    pub fn counts_changed<P>(&mut self, fx: &mut Effects<P>) {
        if self.wants(wants::SIGNALS | wants::STARTS) {
            self.tell(fx);
        }
    }

    /// The receiver looks: what comes from now on it is told of again.
    pub fn acknowledge(&mut self) {
        self.notified = false;
    }

    /// Takes the next notification for the caller; `false` if somebody has it already.
    pub fn claim(&mut self) -> bool {
        !std::mem::replace(&mut self.notified, true)
    }

    pub fn begin_pumping(&mut self) {
        self.pumping += 1;
    }

    pub fn end_pumping(&mut self) {
        self.pumping -= 1;
    }

    // ---- all finished --------------------------------------------------------------------------

    #[inline]
    pub fn add_work(&mut self) {
        self.had_work += 1;
    }

    pub fn take_work_back(&mut self) {
        self.had_work = self.had_work.saturating_sub(1);
    }

    /// Whether everything has finished since this was last asked, and somebody is to hear of it.
    /// `at_rest`: nothing is queued or runs.
    pub fn take_all_finished(&mut self, at_rest: bool) -> bool {
        let done = self.had_work > 0 && at_rest && self.outbox.is_empty();
        if done {
            self.had_work = 0;
        }
        done && self.wants(wants::SIGNALS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(change: impl FnOnce(&mut Effects<()>)) -> bool {
        let mut fx = Effects::new();
        change(&mut fx);
        fx.notify
    }

    #[test]
    fn b113_the_receiver_is_told_once_until_it_has_looked() {
        let mut outgoing = Outgoing::new(DeliveryMode::Queued);
        assert!(told(|fx| outgoing.post(fx, Kind::End, 1)));
        assert!(!told(|fx| outgoing.post(fx, Kind::End, 2)) && !outgoing.claim());
        outgoing.acknowledge();
        assert!(outgoing.claim());
        assert!(!told(|fx| outgoing.notify(fx)));
    }

    #[test]
    fn b113_starts_are_told_of_where_both_are_wanted() {
        for (signals, starts) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut outgoing = Outgoing::new(DeliveryMode::Queued);
            outgoing.set_wanted(wants::SIGNALS, signals);
            outgoing.set_wanted(wants::STARTS, starts);
            outgoing.set_wanted(wants::CHANGES, true);
            assert_eq!(told(|fx| outgoing.counts_changed(fx)), signals && starts);
            outgoing.set_wanted(wants::CHANGES, false);
            assert_eq!(outgoing.wants(wants::SIGNALS), signals);
        }
    }

    #[test]
    fn b113_nobody_wants_events_of_an_engine_that_delivers_directly() {
        let mut outgoing = Outgoing::new(DeliveryMode::Direct);
        outgoing.set_wanted(wants::SIGNALS, true);
        outgoing.set_wanted(wants::CHANGES, true);
        outgoing.set_wanted(wants::QUEUED, true);
        assert!(!outgoing.wants(wants::QUEUED));
        assert!(!outgoing.wants(wants::SIGNALS) && !outgoing.wants(wants::CHANGES));
        assert!(!told(|fx| outgoing.notify(fx)));
    }
}
