//! What of a task is recorded in a trace, where it happens: see `trace.rs`.
//!
//! While a task waits, its record says for what and since when (`Record::waiting`), in the field that is for its end. As the
//! wait ends that is one event. What was noted while no trace was written, or for an earlier one, is older than the
//! trace, and is none of it: a start looks at all tasks, in pieces, and has them wait from its begin.
//!
//! The figures of `stats.rs` are taken at the same places, of the same waits and runs.
//!
//! Off, each of these is a branch by bits of [`wants`], which lie in the state that the caller has in hand.

use std::sync::Arc;

use super::bonds::Stands;
use super::clock::Nanos;
use super::id::TaskId;
use super::inner::Inner;
use super::keys::Keys;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::stats::Stage;
use super::task::Record;
use super::trace::{Counts, Recording, Traced, Waits, What, Who};
use super::words::Status;

/// Of `Record::finished`, until the task has ended: the upper four bits are the waits, the others since when.
const SINCE: u32 = 60;

impl<P> Record<P> {
    fn waiting(&self) -> (Waits, Nanos) {
        (Waits::from_bits((self.finished >> SINCE) as u8), self.finished & ((1 << SINCE) - 1))
    }

    fn set_waiting(&mut self, waits: Waits, since: Nanos) {
        debug_assert!(!self.status.is_finished());
        self.finished = (waits as u64) << SINCE | since & ((1 << SINCE) - 1);
    }
}

impl<P: Payload> Inner<P> {
    #[inline]
    pub fn traces(&self) -> bool {
        self.outgoing.wants(wants::TRACE)
    }

    /// Whether a trace is written, or figures are taken.
    #[inline]
    pub fn is_watched(&self) -> bool {
        self.outgoing.wants_any(wants::TRACE | wants::STATS)
    }

    /// A task has come in, which the caller began at `now`.
    #[inline]
    pub fn trace_submission(&mut self, slot: u32, now: Nanos) {
        if self.traces() {
            self.record_submission(slot, now);
        }
    }

    /// A task waits for something else from here on, or for nothing.
    #[inline]
    pub fn trace_wait(&mut self, slot: u32, waits: Waits) {
        if self.is_watched() {
            let now = self.clock.now();
            self.record_wait(slot, waits, now);
            self.record_counts(now);
        }
    }

    /// It waits for a worker, in the lane that its record says.
    #[inline]
    pub fn trace_queued(&mut self, slot: u32) {
        if self.is_watched() {
            let waits = waits_in_lane(self.tasks.at(slot).lane);
            self.trace_wait(slot, waits);
        }
    }

    /// A run begins, or the poll of a future.
    #[inline]
    pub fn trace_run(&mut self, slot: u32, run: u32, now: Nanos) {
        if self.is_watched() {
            self.record_run(slot, run, now);
        }
    }

    /// A run is over, or a poll, and this is how.
    #[inline]
    pub fn trace_run_over(&mut self, slot: u32, run: u32, now: Nanos, how: impl FnOnce() -> &'static str) {
        if self.is_watched() {
            self.record_run_over(slot, run, now, how());
        }
    }

    /// A task ends, with a status that its record does not have yet.
    #[inline]
    pub fn trace_end(&mut self, slot: u32, status: Status, now: Nanos) {
        if self.is_watched() {
            self.record_end(slot, status, now);
        }
    }

    /// How many wait and run is another now.
    #[inline]
    pub fn trace_counts(&mut self, now: Nanos) {
        if self.traces() {
            self.record_counts(now);
        }
    }

    /// What a trace tells of a task in a slot. Of one that is forgotten by then, nothing.
    pub fn traced(&mut self, id: TaskId) -> Traced {
        match (&self.trace, self.tasks.find(id)) {
            (Some(recording), Some((_, record))) => {
                Traced { name: record.shown_name().cloned(), arrow: record.created >= recording.from }
            }
            _ => Traced::default(),
        }
    }

    pub fn who(&mut self, slot: u32) -> Who {
        let task = self.id(slot);
        let record = self.tasks.at(slot);
        let (owner, extra) = (record.owner, record.extra.as_ref());
        let name = extra.and_then(|extra| extra.kept.name.clone());
        let job = extra.and_then(|extra| extra.job.clone());
        Who { task, name, job, owner: (owner != 0).then(|| self.owners.name(owner)) }
    }

    #[cold]
    fn record_submission(&mut self, slot: u32, now: Nanos) {
        let who = self.who(slot);
        let record = self.tasks.at(slot);
        let (priority, site) = (record.priority, record.site);
        let took = self.clock.now().saturating_sub(now);
        if let Some(recording) = &self.trace {
            recording.record(now, What::Submit { who, took, priority, site });
        }
    }

    #[cold]
    fn record_wait(&mut self, slot: u32, waits: Waits, now: Nanos) {
        let task = self.id(slot);
        let record = self.tasks.at(slot);
        if record.status.is_finished() {
            // Its body has returned, or its place is given away, after its end.
            return;
        }
        let (before, from) = record.waiting();
        record.set_waiting(waits, now);
        if before == Waits::None {
            return;
        }
        let name = record.shown_name().cloned();
        if let Some(recording) = self.trace.as_ref().filter(|recording| recording.from <= from) {
            recording.record(now.max(from), What::Wait { task, name, waits: before, from });
        }
    }

    #[cold]
    fn record_run(&mut self, slot: u32, run: u32, now: Nanos) {
        let thread = self.runs.is_on_thread(run);
        let record = self.tasks.at(slot);
        let (waited, from) = record.waiting();
        // A worker that goes on with the next task has not looked at the clock again.
        let now = now.max(from);
        let poll = record.has(flag::FUTURE);
        if matches!(waited, Waits::High | Waits::Normal | Waits::Low | Waits::MustRun) {
            self.measure(slot, Stage::Waiting, from, now);
        }
        self.record_wait(slot, if thread { Waits::None } else { Waits::Elsewhere }, now);
        if thread {
            let who = self.who(slot);
            let (iteration, attempt) = (self.iteration(slot), self.attempt(slot));
            let created = self.tasks.at(slot).created;
            if let Some(recording) = &self.trace
                && let arrow = created >= recording.from
                && recording.begin(now, What::Run { who, iteration, attempt, poll, arrow })
            {
                self.runs.set_traced(run, recording.serial);
            }
        }
        self.record_counts(now);
    }

    #[cold]
    fn record_run_over(&mut self, slot: u32, run: u32, now: Nanos, how: &'static str) {
        let traced = self.runs.take_traced(run);
        if let Some(recording) = self.trace.as_ref().filter(|recording| recording.serial == traced) {
            recording.end(now, how);
        }
        if !self.tasks.at(slot).has(flag::FUTURE) {
            self.measure(slot, Stage::Running, self.runs.began(run), now);
        }
        self.record_wait(slot, Waits::None, now);
    }

    #[cold]
    fn record_end(&mut self, slot: u32, status: Status, now: Nanos) {
        // Its end may be of the moment in which its submission began.
        let (waits, from) = self.tasks.at(slot).waiting();
        let now = now.max(from);
        if waits == Waits::Elsewhere {
            self.measure(slot, Stage::Running, from, now);
        }
        self.record_wait(slot, Waits::None, now);
        let task = self.id(slot);
        let record = self.tasks.at(slot);
        let name = record.shown_name().cloned();
        let reason = record.cancel_reason().map_or("", |reason| reason.name());
        let (future, started) = (record.has(flag::FUTURE) && record.has(flag::STARTED), record.started);
        if let Some(recording) = &self.trace {
            recording.record(now, What::Ended { task, name, status, reason });
        }
        if future {
            self.measure(slot, Stage::Running, started, now);
        }
        self.record_counts(now);
    }

    /// The end of a task was delivered.
    #[inline]
    pub fn measure_delivery(&mut self, slot: u32, now: Nanos) {
        if self.outgoing.wants(wants::STATS) && self.outgoing.is_queued() {
            let ended = self.tasks.at(slot).finished;
            self.measure(slot, Stage::Delivery, ended, now);
        }
    }

    /// Something of a task took from `from` to `now`.
    fn measure(&mut self, slot: u32, stage: Stage, from: Nanos, now: Nanos) {
        let Some(ledger) = self.stats.as_mut().filter(|ledger| ledger.from <= from) else { return };
        let record = self.tasks.at(slot);
        let extra = record.extra.as_ref();
        let name = extra.and_then(|extra| extra.job.as_ref().or(extra.kept.name.as_ref()));
        let owner = (record.owner != 0).then(|| self.owners.name(record.owner));
        ledger.add(record.priority, name, owner.as_ref(), stage, now.saturating_sub(from));
    }

    #[cold]
    fn record_counts(&mut self, now: Nanos) {
        let (lanes, held_back) = self.tasks.depths();
        let [high, normal, low, must_run] = lanes.map(|depth| depth as u32);
        let (held_back, busy) = (held_back as u32, self.runs.on_threads() as u32);
        if let Some(recording) = &self.trace {
            recording.count(now, Counts { high, normal, low, must_run, held_back, busy });
        }
    }

    // ---- its begin and its end -----------------------------------------------------------------

    pub fn begin_recording(&mut self, recording: Arc<Recording>) {
        self.trace = Some(recording);
        self.outgoing.set_wanted(wants::TRACE, true);
        let now = self.clock.now();
        self.record_counts(now);
    }

    /// Ends that recording, if it is the one that is made.
    pub fn end_recording(&mut self, serial: u64) {
        if self.trace.as_ref().is_some_and(|recording| recording.serial == serial) {
            self.trace = None;
            self.outgoing.set_wanted(wants::TRACE, false);
        }
    }

    /// A task that was there before the trace waits from its begin.
    pub fn trace_from_here(&mut self, slot: u32) {
        let Some(begin) = self.trace.as_ref().map(|recording| recording.from) else { return };
        let Some(record) = self.tasks.get(slot) else { return };
        if record.status.is_finished() || record.status == Status::UnknownTask || record.waiting().1 >= begin
        {
            return;
        }
        let waits = self.waits_of(slot);
        self.tasks.at(slot).set_waiting(waits, begin);
    }

    fn waits_of(&mut self, slot: u32) -> Waits {
        let in_line = Keys::stands(&mut self.tasks, slot) == Some(Stands::InLine);
        let record = self.tasks.at(slot);
        let links = record.extra.as_ref().and_then(|extra| extra.links.as_ref());
        let left = links.map_or(0, |links| links.left);
        let future = record.has(flag::FUTURE);
        match (record.status, record.run) {
            (Status::Delayed, _) if record.waits_to_try_again() => Waits::NextAttempt,
            (Status::Delayed, _) if record.has(flag::STARTED) => Waits::NextRun,
            (Status::Delayed, _) => Waits::Delay,
            (Status::Blocked, _) if left > 0 => Waits::After,
            (Status::Blocked, _) if in_line => Waits::Key,
            (Status::Blocked, _) => Waits::Paused,
            (Status::Queued, _) => waits_in_lane(record.lane),
            (_, NIL) => Waits::Members,
            (_, run) if self.runs.is_stopped(run) => Waits::Paused,
            (_, run) if self.runs.is_on_thread(run) => Waits::Before,
            (_, run) if self.runs.has_turn(run) => Waits::Turn,
            _ if future => Waits::Wake,
            _ => Waits::Elsewhere,
        }
    }

    /// The trace ends: what a task waits for is told up to here.
    pub fn trace_up_to_here(&mut self, slot: u32) {
        let now = self.clock.now();
        let known = self.tasks.get(slot).is_some_and(|record| record.status != Status::UnknownTask);
        if known && self.traces() {
            self.record_wait(slot, Waits::None, now);
        }
    }
}

/// The lanes of a priority are two: bodies wait for the tasks of one.
fn waits_in_lane(lane: u8) -> Waits {
    match lane {
        0 | 4 => Waits::High,
        1 | 5 => Waits::Normal,
        2 | 6 => Waits::Low,
        _ => Waits::MustRun,
    }
}
