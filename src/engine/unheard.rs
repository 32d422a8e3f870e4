//! A failure that nobody hears of is logged, once a task, so that it is not silent.
//!
//! A failure is heard of in one of these ways, and [`flag::HEARD`] is set for the first three:
//!
//! - a callback does something with failures, or the receiver says that a signal tells of it;
//! - a caller has asked how the task ended;
//! - a thread has waited for its end;
//! - another task comes after it, takes its result, has it as a member, or is its retry.
//!
//! Whether that is so is known once nobody keeps the task any more: until then a handle may be asked. A periodic task may
//! be kept as long as the program runs, so its first run that fails is logged by itself.

use super::body::Outcome;
use super::effects::Effects;
use super::engine::Engine;
use super::error::TaskError;
use super::id::TaskId;
use super::inner::Inner;
use super::payload::Payload;
use super::record::flag;
use super::words::Status;

/// A failure of a task with one of these is heard of.
const HEARD: u32 = flag::HEARD | flag::PRECEDES | flag::LENDS | flag::RETRIED;

impl<P: Payload> Inner<P> {
    /// Somebody has asked how a task is, if it has ended.
    pub fn heard(&mut self, slot: u32) {
        let record = self.tasks.at(slot);
        if record.status.is_finished() {
            record.set(flag::HEARD);
        }
    }

    /// Nobody keeps a task that has ended. One whose owner is being unloaded is not logged: it was told to stop.
    pub fn log_if_unheard(&mut self, fx: &mut Effects<P>, slot: u32) {
        let record = self.tasks.at(slot);
        let failed = matches!(record.status, Status::Failed | Status::TimedOut);
        if !failed || record.flags & HEARD != 0 || self.is_unloading(slot) {
            return;
        }
        let record = self.tasks.at(slot);
        record.set(flag::HEARD);
        if let Outcome::Error(error) = &record.outcome {
            let error = error.to_string();
            let called = self.called(slot);
            fx.calls().warnings.push(format!("{called} has failed, and nobody hears of it: {error}"));
        }
    }

    /// A run of a periodic task has failed, which goes on, and no signal tells of it.
    pub fn log_run_if_unheard(&mut self, fx: &mut Effects<P>, slot: u32, iteration: u64, error: &TaskError) {
        if self.tasks.at(slot).flags & HEARD != 0 || self.is_unloading(slot) {
            return;
        }
        self.tasks.at(slot).set(flag::HEARD);
        let called = self.called(slot);
        fx.calls().warnings.push(format!(
            "run {iteration} of {called} has failed, and nobody hears of it: {error} (logged once a task)"
        ));
    }
}

impl<P: Payload> Engine<P> {
    /// The receiver tells somebody that a task, or a run of it, has failed.
    pub fn heard(&self, id: TaskId) {
        self.shared().with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id) {
                inner.tasks.at(slot).set(flag::HEARD);
            }
        });
    }

    /// The receiver has nobody to tell that a run of a periodic task has failed.
    pub fn run_unheard(&self, id: TaskId, iteration: u64, error: &TaskError) {
        self.shared().with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id) {
                inner.log_run_if_unheard(fx, slot, iteration, error);
            }
        });
    }
}
