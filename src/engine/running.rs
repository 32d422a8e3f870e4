//! A run of a task: how it begins, and what becomes of the task when the body has come back.

use std::sync::Arc;

use super::body::{BoxBody, Brought, Outcome};
use super::clock::{Nanos, nanos};
use super::closing::Phase;
use super::crew::Crew;
use super::effects::{Effects, Garbage};
use super::error::TaskError;
use super::inner::Inner;
use super::outbox::Kind;
use super::outgoing::wants;
use super::overdue::WARN_AFTER;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::task::{MAX_UNDELIVERED_RUNS, RunResult};
use super::trace::Waits;
use super::words::{CancelReason, ErrorKind, Status};

impl<P: Payload> Inner<P> {
    /// Whether a queued task may start: during a shutdown, only what must run; after a halt, none.
    pub fn may_start(&mut self, slot: u32) -> bool {
        let must_run = self.tasks.at(slot).has(flag::MUST_RUN) && !self.admission.is_expiring();
        !self.admission.is_halted() && (self.admission.is_open() || must_run)
    }

    /// Takes the task that is to run next out of the lanes. The others are left to a shutdown's
    /// sweep, which moves what must run into its lane. An external task that was paused stands there, too, and begins.
    pub fn next_task(&mut self, fx: &mut Effects<P>, crew: Crew) -> Option<u32> {
        loop {
            let next = match self.admission.phase() {
                _ if self.admission.is_halted() => None,
                Phase::Open => self.tasks.take_next(crew, self.pool.lacks_background()),
                _ if self.admission.is_expiring() || crew == Crew::Background => None,
                _ => self.tasks.take_next_that_must_run(),
            };
            match next {
                Some(slot) if self.tasks.at(slot).is_external() => self.begin_taken_elsewhere(fx, slot),
                next => return next,
            }
        }
    }

    /// Makes a task that was taken from the lanes the one of `run`; the body is the caller's.
    pub fn begin_run(&mut self, fx: &mut Effects<P>, slot: u32, run: u32, now: Nanos) -> Option<BoxBody<P>> {
        if self.tasks.at(slot).has(flag::TAKES) {
            self.give(fx, slot);
        }
        let record = self.tasks.at(slot);
        debug_assert_eq!(record.status, Status::Queued);
        record.status = Status::Running;
        record.run = run;
        let body = record.body.take();
        let announce = !record.has(flag::STARTED);
        if announce {
            record.set(flag::STARTED);
            // A worker that goes on with the next task has not looked at the clock again.
            record.started = now.max(record.created);
        }
        let (mut timeout, mut warn_after, mut by) = (None, WARN_AFTER, NIL);
        let (mut heard, mut blocks) = (false, false);
        if let Some(extra) = &mut record.extra {
            timeout = extra.kept.timeout;
            warn_after = extra.kept.warn_after;
            by = extra.start_place;
            heard = extra.hears_start;
            blocks = extra.kept.may_block;
            let attempt = extra.attempts.as_mut().map_or(1, |attempts| attempts.begin());
            if let Some(schedule) = &mut extra.schedule {
                // One that is tried again has its number, and its tick.
                if attempt == 1 {
                    schedule.iteration += 1;
                    schedule.catch_up(now);
                }
                schedule.began = now;
                extra.token = None;
            } else if attempt > 1 {
                // A time-out stops one run; the tokens of the next one are others.
                extra.token = None;
            }
        }
        self.admission.begin_run();
        let slow_at = Self::slow_from(now, warn_after);
        self.runs.begin(run, slot, now, slow_at);
        self.trace_run(slot, run, now);
        self.share_owner_place(fx, run, false);
        if blocks && self.runs.is_on_thread(run) {
            self.lend_place(fx, run);
        }
        self.watch_run(fx, slow_at);
        if by != NIL {
            self.time.begun(&mut self.tasks, slot);
        }
        if let Some(timeout) = timeout {
            self.time.insert(&mut self.tasks, slot, now.saturating_add(nanos(timeout)));
            self.arm_timer(fx);
        }
        if announce && heard {
            self.post(fx, Kind::Started, slot);
        } else if announce && self.outgoing.wants(wants::SIGNALS) {
            self.keep(Kind::Started, slot);
        }
        self.outgoing.counts_changed(fx);
        self.note(fx, slot);
        body
    }

    /// The number of the run that begins.
    pub fn iteration(&mut self, slot: u32) -> u64 {
        let schedule = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.schedule.as_ref());
        schedule.map_or(1, |schedule| schedule.iteration)
    }

    /// The number by which an error says what failed.
    pub fn number(&mut self, slot: u32) -> u64 {
        match self.tasks.at(slot).has(flag::PERIODIC) {
            true => self.iteration(slot),
            false => self.attempt(slot),
        }
    }

    /// Destroys a result that is not wanted after the lock, an exception that the error holds, too.
    pub fn drop_result(&mut self, fx: &mut Effects<P>, slot: u32, result: Result<P, TaskError>) {
        let outcome = match result {
            Ok(value) => Outcome::Value(value),
            Err(error) => Outcome::Error(Arc::new(error)),
        };
        self.leave(fx, slot, Garbage::Outcome(outcome));
    }

    /// A body came back. `body` is there if it is to be kept for another run.
    pub fn end_run(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        run: u32,
        body: Option<BoxBody<P>>,
        brought: Brought<P>,
        now: Nanos,
    ) {
        let Brought { result, bytes } = brought;
        let works = self.runs.works(run);
        self.trace_run_over(slot, run, now, || match &result {
            Ok(_) => "well",
            Err(error) => error.kind().name(),
        });
        self.runs.end(run);
        self.trace_counts(now);
        if works {
            self.give_owner_place_back(fx, slot);
        }
        let record = self.tasks.at(slot);
        record.run = NIL;
        if record.has(flag::HAS_WAITERS) {
            // Somebody may wait for the body, not for the task.
            fx.wake_waiters = true;
        }
        if let Some(hook) = record.extra.as_mut().and_then(|extra| extra.hook.take()) {
            self.leave(fx, slot, Garbage::Hook(hook));
        }
        let result = self.unless_unloading(fx, slot, result);
        if self.tasks.at(slot).status != Status::Running {
            // It was abandoned; what it brings comes too late.
            if let Some(body) = body {
                self.leave(fx, slot, Garbage::Body(body));
            }
            self.drop_result(fx, slot, result);
            self.give_place_back(fx, slot);
            self.drop_handle(fx, slot);
            return;
        }
        self.time.remove(&mut self.tasks, slot);
        let record = self.tasks.at(slot);
        let requested = record.has(flag::CANCEL_REQUESTED);
        let acknowledged = matches!(&result, Err(error) if error.kind() == ErrorKind::Cancelled);
        let timed_out = record.has(flag::TIMED_OUT);
        let periodic = record.has(flag::PERIODIC);
        let (iteration, number, attempts) = (self.iteration(slot), self.number(slot), self.attempt(slot));
        let (status, outcome) = if timed_out {
            self.drop_result(fx, slot, result);
            let error = self.timeout_error(slot).with_attempt(number).with_attempts(attempts);
            (Status::TimedOut, Outcome::Error(Arc::new(error)))
        } else if acknowledged {
            (Status::Cancelled, Outcome::None)
        } else {
            match result {
                Ok(value) => (Status::Completed, Outcome::Value(value)),
                Err(error) => {
                    let reason = self.tasks.at(slot).cancel_reason();
                    let error = error.with_attempt(number).with_attempts(attempts).with_reason(reason);
                    (Status::Failed, Outcome::Error(Arc::new(error)))
                }
            }
        };
        let mut body = body;
        if let Outcome::Error(error) = &outcome
            && self.is_tried_again(slot, error, timed_out)
            && let Some(again) = body.take()
        {
            let error = error.clone();
            self.try_again(fx, slot, again, error, now);
            return;
        }
        // Between here and the next run it belongs to the record again; a task that ends gives it away.
        let record = self.tasks.at(slot);
        record.body = body;
        if let Some(attempts) = record.extra.as_mut().and_then(|extra| extra.attempts.as_mut()) {
            attempts.end();
        }
        if !periodic {
            let bytes = if timed_out { outcome.byte_size() } else { bytes };
            self.terminate_with(fx, slot, status, outcome, bytes, now);
            return;
        }
        self.tasks.at(slot).clear(flag::TIMED_OUT);
        let failed = matches!(status, Status::Failed | Status::TimedOut);
        let last_error = match &outcome {
            Outcome::Error(error) => Some(Arc::new(error.without_source())),
            _ => None,
        };
        if status != Status::Cancelled {
            self.run_ended(fx, slot, iteration, outcome, bytes);
        }
        let record = self.tasks.at(slot);
        let Some(schedule) = record.extra.as_mut().and_then(|extra| extra.schedule.as_mut()) else { return };
        schedule.failures = if failed { schedule.failures.saturating_add(1) } else { 0 };
        schedule.error = last_error;
        schedule.took = now.saturating_sub(schedule.began);
        let options = schedule.options;
        let failures = schedule.failures;
        if requested || status == Status::Cancelled || !self.admission.is_open() {
            if !requested && !self.admission.is_open() {
                self.tasks.at(slot).reason = CancelReason::Shutdown as u8;
            }
            self.terminate(fx, slot, Status::Cancelled, Outcome::None, now);
        } else if options.max_failures > 0 && failures >= options.max_failures {
            let error = TaskError::new(
                ErrorKind::TooManyFailures,
                format!("stopped after {failures} failed runs in a row"),
            );
            let error = Outcome::Error(Arc::new(error.with_attempt(iteration)));
            self.terminate(fx, slot, Status::Failed, error, now);
        } else if options.max_runs > 0 && iteration >= options.max_runs {
            self.end_schedule(fx, slot, now);
        } else {
            self.admission.end_run();
            self.sleep_until_next(fx, slot, now);
        }
    }

    /// No further run comes: the last result is the task's.
    pub fn end_schedule(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let record = self.tasks.at(slot);
        let Some(schedule) = record.extra.as_ref().and_then(|extra| extra.schedule.as_ref()) else { return };
        let (iteration, bytes) = (schedule.iteration, schedule.bytes);
        if matches!(record.outcome, Outcome::Value(_)) {
            let last = std::mem::replace(&mut record.outcome, Outcome::None);
            self.terminate_with(fx, slot, Status::Completed, last, bytes, now);
            return;
        }
        let error = match iteration {
            0 => "its time was over before its first run".to_owned(),
            runs => format!("none of its {runs} runs completed"),
        };
        let error = TaskError::new(ErrorKind::TooManyFailures, error).with_attempt(iteration);
        self.terminate(fx, slot, Status::Failed, Outcome::Error(Arc::new(error)), now);
    }

    fn timeout_error(&mut self, slot: u32) -> TaskError {
        let timeout =
            self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.kept.timeout).unwrap_or_default();
        TaskError::new(ErrorKind::TimedOut, format!("the run took longer than its time-out of {timeout:?}"))
            .with_reason(Some(CancelReason::Timeout))
    }

    /// Records a run of a periodic task, and announces it.
    fn run_ended(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        iteration: u64,
        outcome: Outcome<P>,
        bytes: Option<usize>,
    ) {
        self.flush_reports(fx, slot);
        self.seal_values(slot);
        let record = self.tasks.at(slot);
        if let Outcome::Value(_) = outcome {
            if let Some(schedule) = record.extra.as_mut().and_then(|extra| extra.schedule.as_mut()) {
                schedule.bytes = bytes;
            }
            let last = std::mem::replace(&mut record.outcome, outcome.clone());
            self.leave(fx, slot, Garbage::Outcome(last));
        }
        if let Outcome::Error(error) = &outcome
            && !self.outgoing.wants(wants::SIGNALS)
        {
            self.log_run_if_unheard(fx, slot, iteration, error);
        }
        if self.outgoing.wants(wants::SIGNALS) || self.tasks.at(slot).has_callbacks() {
            self.tasks.at(slot).extra().runs.push_back(RunResult { iteration, outcome });
            self.post(fx, Kind::Run, slot);
        } else {
            self.leave(fx, slot, Garbage::Outcome(outcome));
        }
    }

    fn sleep_until_next(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let record = self.tasks.at(slot);
        record.status = Status::Delayed;
        record.lane = record.priority as u8;
        let extra = record.extra();
        extra.held_back = extra.undelivered() >= MAX_UNDELIVERED_RUNS;
        let Some(schedule) = &mut extra.schedule else { return };
        let tick = schedule.next_due(now);
        self.begin_delay(slot, Waits::NextRun);
        self.give_place_back(fx, slot);
        self.tell_if_paused(fx, slot);
        self.await_run(fx, slot, tick, now);
    }
}
