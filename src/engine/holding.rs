//! What leaves a record of an owner's for a place outside of the lock is held: see `unload.rs`.

use std::sync::Arc;

use super::body::Outcome;
use super::effects::{Effects, Garbage};
use super::error::TaskError;
use super::holds::{Held, Receipt, Release};
use super::inner::Inner;
use super::payload::Payload;
use super::record::flag;
use super::words::Status;

impl<P: Payload> Inner<P> {
    /// Destroys something of a task after the lock.
    pub fn leave(&mut self, fx: &mut Effects<P>, slot: u32, garbage: Garbage<P>) {
        self.hold(fx, slot);
        fx.calls().garbage.push(garbage);
    }

    /// Notes that something of a task is among the effects.
    pub fn hold(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.tasks.at(slot).is_owned() {
            self.hold_in(&mut fx.calls().holds, slot);
        }
    }

    /// Notes that something of a task is in a delivery.
    pub fn held(&mut self, engine: &dyn Release, slot: u32) -> Option<Held> {
        if !self.tasks.at(slot).is_owned() {
            return None;
        }
        let mut receipts = Vec::new();
        self.hold_in(&mut receipts, slot);
        Some(Held::new(engine.keep(), receipts))
    }

    fn hold_in(&mut self, receipts: &mut Vec<Receipt>, slot: u32) {
        let record = self.tasks.at(slot);
        let name = record.shown_name().cloned();
        let (owner, code, lenders) = (record.owner, record.code, record.lenders().to_vec());
        for owner in [owner, code].into_iter().chain(lenders) {
            if owner != 0 && !receipts.iter().any(|receipt| receipt.owner() == owner) {
                let id = self.id(slot);
                receipts.push(self.owners.hold(owner, id, name.clone()));
            }
        }
    }

    pub fn is_unloading(&mut self, slot: u32) -> bool {
        let record = self.tasks.at(slot);
        if !record.is_owned() {
            return false;
        }
        // The application, owner 0, never is.
        let owners = [record.owner, record.code];
        owners.iter().chain(record.lenders()).any(|owner| self.owners.is_unloading(*owner))
    }

    /// The result of a run, or nothing in its place if its owner is being unloaded, and nothing that must run takes it.
    pub fn unless_unloading(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        result: Result<P, TaskError>,
    ) -> Result<P, TaskError> {
        if !self.is_unloading(slot) {
            return result;
        }
        fx.wake_waiters = true;
        let record = self.tasks.at(slot);
        // The result of a single run is told, and nobody takes it.
        let taken = record.status == Status::Running && !record.has(flag::PERIODIC) && record.is_wanted();
        match result {
            Ok(value) if taken => {
                record.set(flag::WITHHELD);
                Ok(value)
            }
            Ok(value) => {
                // What would take it begins, perhaps, before the walk of `unload.rs` comes by.
                self.tasks.at(slot).set(flag::SHED);
                self.leave(fx, slot, Garbage::Outcome(Outcome::Value(value)));
                Ok(P::default())
            }
            Err(error) if error.has_source() => {
                let plain = error.without_source();
                self.leave(fx, slot, Garbage::Outcome(Outcome::Error(Arc::new(error))));
                Err(plain)
            }
            Err(error) => Err(error),
        }
    }
}
