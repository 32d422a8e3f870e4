//! Reports of progress on their way to the receiver: at most one a task in a frame, and the last before the
//! end in any case.

use std::sync::Arc;

use super::amount::Measured;
use super::clock::Nanos;
use super::context::{Count, Measure};
use super::effects::Effects;
use super::inner::Inner;
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::flag;
use super::telling::FRAME;
use super::words::Status;

impl<P: Payload> Inner<P> {
    /// A task says how much of how much it has done.
    pub fn report_amount(&mut self, fx: &mut Effects<P>, slot: u32, done: f64, total: f64, unit: &str) {
        if self.tasks.at(slot).status != Status::Running {
            return;
        }
        let count = Count::of(done, total);
        let (all, said) = (total, done);
        let (done, total) = match count {
            Count::Is(done, total) => (done, total),
            Count::About(total) => (total, Some(total)),
            Count::Beyond(done) => (done, None),
            Count::Not(done) => {
                self.misreported(fx, slot, || format!("{done} was ignored; an amount is at least 0"));
                return;
            }
        };
        if matches!(count, Count::About(_) | Count::Beyond(_)) {
            self.misreported(fx, slot, || match total {
                Some(total) => format!("{said} of {all} was taken as {total}"),
                None => format!("{said} of {all} was taken as {said} of an unknown total"),
            });
        }
        let now = self.clock.now();
        let progress = self.tasks.at(slot).extra().progress.get_or_insert_default();
        match &mut progress.amount {
            Some(measured) => measured.advance(done, total, unit, now),
            None => progress.amount = Some(Box::new(Measured::new(done, total, unit.into(), now))),
        }
        progress.value = total.map_or(-1.0, |total| done / total);
        self.come_forward(fx, slot, now);
    }

    pub fn report_progress(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        measure: Measure,
        message: Option<Arc<str>>,
    ) {
        let now = self.clock.now();
        let record = self.tasks.at(slot);
        if record.status != Status::Running {
            return;
        }
        let (value, wrong) = match measure {
            Measure::Unknown => (Some(-1.0), None),
            Measure::Is(value) => (Some(value), None),
            Measure::About(value, said) => (Some(value), Some(said)),
            Measure::Not(said) => (None, Some(said)),
        };
        if let Some(said) = wrong {
            self.misreported(fx, slot, || match value {
                Some(value) => format!("{said} was taken as {value}; it goes from 0 to 1"),
                None => format!("{said} was ignored; it goes from 0 to 1"),
            });
        }
        if value.is_none() && message.is_none() {
            return;
        }
        let progress = self.tasks.at(slot).extra().progress.get_or_insert_default();
        // What is counted stays where there is only something to say.
        if let Some(value) = value.filter(|value| *value >= 0.0 || progress.amount.is_none()) {
            progress.value = value;
            progress.amount = None;
        }
        if let Some(message) = message {
            progress.message = message;
        }
        self.come_forward(fx, slot, now);
    }

    /// What a task reports is no progress: logged once a task, so that the text is made once.
    fn misreported(&mut self, fx: &mut Effects<P>, slot: u32, what: impl FnOnce() -> String) {
        let record = self.tasks.at(slot);
        if record.status == Status::Running && !record.has(flag::MISREPORTED) {
            record.set(flag::MISREPORTED);
            let id = self.id(slot);
            fx.calls().warnings.push(format!("task {id}: progress {} (logged once a task)", what()));
        }
    }

    /// A task has reported, and so have the groups that it is in.
    fn come_forward(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        self.progressed(fx, slot, now);
        if self.tasks.at(slot).has(flag::PRECEDES) {
            self.pass_on_progress(fx, slot, now);
        }
    }

    /// A task's progress is another.
    pub fn progressed(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let record = self.tasks.at(slot);
        let wanted = self.outgoing.wants(wants::SIGNALS) || record.has_callbacks();
        let key = record.key;
        if let Some(progress) = &mut record.extra().progress {
            progress.told.reported();
        }
        self.follow(fx, slot, now);
        self.note(fx, slot);
        let Some(progress) = &mut self.tasks.at(slot).extra().progress else { return };
        if !wanted || progress.pace.is_pending() {
            return;
        }
        if progress.pace.is_time(now) {
            self.publish_progress(fx, slot, now);
        } else if progress.pace.delay() && self.outgoing.is_queued() {
            self.time.flush_later(slot, key, now.saturating_add(FRAME));
            self.arm_timer(fx);
        }
    }

    pub fn publish_progress(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let record = self.tasks.at(slot);
        let Some(extra) = &mut record.extra else { return };
        let Some(progress) = &mut extra.progress else { return };
        progress.pace.publish(now);
        self.post(fx, Kind::Progress, slot);
    }

    /// The last progress, and all that was sent, go before what comes now.
    pub fn flush_reports(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.tasks.at(slot).extra.is_some() {
            self.flush_progress(fx, slot);
            self.flush_values(fx, slot);
        }
    }

    fn flush_progress(&mut self, fx: &mut Effects<P>, slot: u32) {
        let extra = self.tasks.at(slot).extra.as_ref();
        if extra.and_then(|extra| extra.progress.as_ref()).is_some_and(|progress| progress.pace.is_dirty()) {
            let now = self.clock.now();
            self.publish_progress(fx, slot, now);
        }
    }
}
