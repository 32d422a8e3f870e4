//! Tasks without a body: what they stand for is done by the application, which ends them.
//!
//! Where a worker would begin such a task, because its turn has come, it begins here, without a lane and without a
//! worker. From then on it is one that runs, with a run that no thread executes ([`Runs::take_elsewhere`]), until
//! the application hands in how it ended, as a body does that comes back. So all that holds for a body holds
//! for it: a place in its key, its time-out, a shutdown's deadline, what an unloading waits for.
//!
//! [`Runs::take_elsewhere`]: super::runs::Runs::take_elsewhere
//!
//! # What is its own
//!
//! - One that was asked to stop ends as cancelled, whatever the application then says. A body that has its
//!   result although it was to stop has looked at what it made; what is aborted from outside comes back with anything.
//! - It may end before its begin, as the application does not always wait for its turn. It has begun and ended
//!   then, out of turn, in one moment, and takes no place in its key for that.
//! - What it wants called when it is to stop is called once: by a request, or by an end before its begin that the
//!   application has not brought about. It is not called once the application has ended it.
//! - At the end of the process it is left alone (`halt.rs`).

use super::body::{Body, Brought};
use super::cancel::CancelToken;
use super::context::{Host, Measure, TaskContext};
use super::effects::{Effects, Garbage};
use super::engine::Engine;
use super::error::TaskError;
use super::fork;
use super::id::TaskId;
use super::inner::Inner;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::words::Status;

/// Stands where other tasks have their body.
pub struct Elsewhere;

impl<P> Body<P> for Elsewhere {
    fn run(&mut self, _: &TaskContext) -> Result<P, TaskError> {
        // No worker has it: this is the answer if that were ever broken.
        Err(TaskError::cancelled())
    }
}

impl<P: Payload> Inner<P> {
    /// The turn of an external task has come: it runs from here on.
    pub fn begin_elsewhere(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.outgoing.add_work();
        self.begin_now(fx, slot);
    }

    /// The same of one that was queued, as its owner was paused, and that a worker has taken.
    pub fn begin_taken_elsewhere(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.begin_now(fx, slot);
    }

    fn begin_now(&mut self, fx: &mut Effects<P>, slot: u32) {
        let run = self.runs.take_elsewhere();
        self.tasks.at(slot).status = Status::Queued;
        let now = self.clock.now();
        // There is nothing in it.
        let _elsewhere = self.begin_run(fx, slot, run, now);
    }

    /// An external task that has not begun begins, whatever it waits for.
    fn begin_out_of_turn(&mut self, fx: &mut Effects<P>, slot: u32) {
        match self.tasks.at(slot).status {
            Status::Delayed => {
                self.time.remove(&mut self.tasks, slot);
                self.end_delay(slot);
                self.outgoing.add_work();
            }
            // In the line of its key it stands until it leaves that.
            Status::Blocked => {
                self.come_loose(slot);
                self.end_block(slot);
                self.outgoing.add_work();
            }
            _ => self.tasks.unqueue(slot),
        }
        self.begin_now(fx, slot);
    }

    /// The application has ended an external task: whether the task ends as it says. What it says is taken if a
    /// run ends by it.
    fn end_elsewhere(&mut self, fx: &mut Effects<P>, slot: u32, brought: &mut Option<Brought<P>>) -> bool {
        let record = self.tasks.at(slot);
        let ended = record.status.is_finished();
        // An abandoned one has its run still.
        if !record.is_external() || ended && record.run == NIL {
            return false;
        }
        if record.run == NIL {
            let hook = record.extra().hook.take();
            if let Some(hook) = hook {
                self.leave(fx, slot, Garbage::Hook(hook));
            }
            self.begin_out_of_turn(fx, slot);
        }
        let record = self.tasks.at(slot);
        let (run, asked) = (record.run, record.has(flag::CANCEL_REQUESTED));
        let counts = !ended && !asked && !record.has(flag::TIMED_OUT);
        let Some(Brought { result, bytes }) = brought.take() else { return false };
        let brought = match asked && !ended {
            true => {
                self.drop_result(fx, slot, result);
                Brought { result: Err(TaskError::cancelled()), bytes: Some(0) }
            }
            false => Brought { result, bytes },
        };
        let now = self.clock.now();
        self.end_run(fx, slot, run, None, brought, now);
        self.runs.give_back(run);
        counts
    }
}

impl<P: Payload> Engine<P> {
    /// Ends an external task: whether it ends as this says. It does not where it has ended, or was asked to stop,
    /// or its time was over.
    ///
    /// From any thread, also from what it wants called when it is to stop. Where no receiver is, callbacks
    /// are called before it returns.
    pub fn end_external(&self, id: TaskId, result: Result<P, TaskError>) -> bool {
        if fork::is_child() {
            return false;
        }
        // What is not taken is destroyed with this frame, after the lock.
        let mut brought = Some(Brought::of(result));
        self.shared().with(|inner, fx| match inner.find(fx, id) {
            Some(slot) => inner.end_elsewhere(fx, slot, &mut brought),
            None => false,
        })
    }

    /// Reports how far an external task is, as [`TaskContext::set_progress`] does for a body: the value, or `None`
    /// for "not known", and a new message. What does not run has no progress.
    pub fn report_external(&self, id: TaskId, value: Option<f64>, message: Option<&str>) {
        if fork::is_child() {
            return;
        }
        let measure = value.map_or(Measure::Unknown, Measure::of);
        let message = message.map(Into::into);
        self.shared().with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id).filter(|slot| inner.tasks.at(*slot).is_external()) {
                inner.report_progress(fx, slot, measure, message);
            }
        });
    }

    /// The same by an amount, as [`TaskContext::set_progress_of`] does for a body.
    pub fn report_external_amount(&self, id: TaskId, done: f64, total: f64, unit: &str) {
        if fork::is_child() {
            return;
        }
        self.shared().with(|inner, fx| {
            if let Some(slot) = inner.find(fx, id).filter(|slot| inner.tasks.at(*slot).is_external()) {
                inner.report_amount(fx, slot, done, total, unit);
            }
        });
    }

    /// The flag that says whether a task was asked to stop.
    pub fn token(&self, id: TaskId) -> CancelToken {
        self.shared().token(id)
    }
}
