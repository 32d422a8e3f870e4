//! The receiving end: what happened, one notice at a time, for the thread that may call users.

use std::collections::VecDeque;

use super::delivery::Delivery;
use super::effects::Effects;
use super::engine::Engine;
use super::payload::Payload;

/// Events taken for each time that the lock is taken.
const BATCH: usize = 64;

/// Takes what happened out of the engine, for one thread.
///
/// It may be asked again while a notice is being delivered (a slot opened an event loop): notices
/// come in order, each once.
pub struct Receiver<P: Payload> {
    engine: Engine<P>,
    batch: VecDeque<Delivery<P>>,
    /// Tasks whose end was handed out; they enter the history with the next batch.
    spent: Vec<u32>,
    more: bool,
    /// Somebody has the next notification: only this receiver takes that back.
    claimed: bool,
    /// Kept for its vectors: what leaves the history while a batch enters it is destroyed by it.
    fx: Effects<P>,
}

impl<P: Payload> Receiver<P> {
    pub fn new(engine: Engine<P>) -> Self {
        Receiver {
            engine,
            batch: VecDeque::with_capacity(BATCH),
            spent: Vec::with_capacity(BATCH),
            more: false,
            claimed: false,
            fx: Effects::new(),
        }
    }

    /// To be called before a drain: what comes from now on is notified again.
    pub fn acknowledge(&mut self) {
        self.claimed = false;
        self.engine.shared().state.lock().outgoing.acknowledge();
    }

    /// Claims the next notification for the caller; `false` if somebody else has it already.
    pub fn claim(&mut self) -> bool {
        if std::mem::replace(&mut self.claimed, true) {
            return false;
        }
        self.engine.shared().state.lock().outgoing.claim()
    }

    /// Whether there is more that no notification will come for.
    pub fn has_more(&self) -> bool {
        // The end of what was handed out is still to be noted, and whether that was all.
        self.more || !self.batch.is_empty() || !self.spent.is_empty()
    }

    /// What is to be done after [`Receiver::refill`], and before [`Receiver::pop`]. It may run a user's
    /// destructor: that may come back here, and take what was refilled, so it is done without the
    /// receiver and without a notice in hand.
    pub fn take_rest(&mut self) -> Rest<P> {
        Rest { engine: self.engine.clone(), fx: std::mem::replace(&mut self.fx, Effects::new()) }
    }

    /// Gives the emptied vectors back, for the next time.
    pub fn return_rest(&mut self, rest: Rest<P>) {
        self.fx = rest.fx;
    }
}

/// What a new batch of a [`Receiver`] leaves to be done.
pub struct Rest<P: Payload> {
    engine: Engine<P>,
    fx: Effects<P>,
}

impl<P: Payload> Rest<P> {
    /// Whether it may run code of others.
    pub fn calls_out(&self) -> bool {
        self.fx.calls_out()
    }

    pub fn apply(&mut self) {
        self.engine.shared().apply(&mut self.fx);
    }
}

impl<P: Payload> Iterator for Receiver<P> {
    type Item = Delivery<P>;

    /// The next to deliver; `None` for now, when nothing waits.
    fn next(&mut self) -> Option<Delivery<P>> {
        if self.is_empty() {
            self.refill(true);
            self.engine.shared().apply(&mut self.fx);
        }
        self.pop()
    }
}

impl<P: Payload> Receiver<P> {
    /// The next to deliver, of what was taken out of the engine.
    pub fn pop(&mut self) -> Option<Delivery<P>> {
        self.batch.pop_front()
    }

    /// Whether all of the last batch was handed out.
    pub fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// Takes the next batch, when the last [is empty](Receiver::is_empty): then there is something to be
    /// done first, see [`Receiver::take_rest`]. Without `starts`, nobody hears that tasks have started.
    pub fn refill(&mut self, starts: bool) {
        let shared = self.engine.shared();
        let mut inner = shared.state.lock();
        if !self.spent.is_empty() {
            let now = shared.clock.now();
            for slot in self.spent.drain(..) {
                inner.delivered(&mut self.fx, slot, now);
            }
        }
        inner.take(shared, &mut self.fx, &mut self.batch, &mut self.spent, BATCH, starts);
        self.more = !inner.outgoing.is_empty();
        if self.batch.is_empty() && inner.take_all_finished() {
            self.batch.push_back(Delivery::AllFinished);
        }
    }
}
