//! Which tasks come in and may start, and how many are where.
//!
//! # Invariants
//!
//! 1. `live` is the number of tasks that are delayed, blocked, queued, running or not yet delivered. It is what
//!    `capacity` bounds. So `delayed + blocked + running <= live`.
//! 2. `must_run` is the number of tasks with that flag that have not ended.
//! 3. `closing` is there while the phase is Closing, and afterwards, with what was done.
//! 4. The phases follow each other so: Open, Closing, Closed; or Open, Closing, Resting, Open; and a shutdown
//!    leads from Resting to Closing, too. Closed is for good, and so is `halted`.
//! 5. While a thread waits for the end of a shutdown (`winding`), Resting does not become Open.

use super::clock::Nanos;
use super::closing::{Closing, Phase, ShutdownReport};
use super::error::SubmitError;
use super::words::Status;

/// What became of the wish for a shutdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// There was one for good.
    Over,
    /// One is under way; its deadline may be another now.
    Before,
    Now,
}

pub struct Admission {
    phase: Phase,
    /// The process ends, and no task begins any more.
    halted: bool,
    capacity: usize,
    live: usize,
    delayed: usize,
    blocked: usize,
    running: usize,
    must_run: usize,
    closing: Option<Closing>,
    /// Threads that wait for the end of a shutdown.
    winding: usize,
}

impl Admission {
    pub const fn new(capacity: usize) -> Self {
        Admission {
            phase: Phase::Open,
            halted: false,
            capacity,
            live: 0,
            delayed: 0,
            blocked: 0,
            running: 0,
            must_run: 0,
            closing: None,
            winding: 0,
        }
    }

    // ---- the phases ----------------------------------------------------------------------------

    #[inline]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    #[inline]
    pub fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    #[inline]
    pub fn is_closing(&self) -> bool {
        self.phase == Phase::Closing
    }

    /// Whether work is refused.
    pub fn is_shut(&self) -> bool {
        match self.phase {
            Phase::Open => false,
            // What came in now would be at work as that shutdown returns.
            Phase::Resting => self.winding > 0,
            Phase::Closing | Phase::Closed => true,
        }
    }

    /// A thread winds the engine down: it begins a shutdown, and waits for its end.
    pub fn begin_winding(&mut self) {
        self.winding += 1;
    }

    pub fn end_winding(&mut self) {
        self.winding -= 1;
    }

    #[inline]
    pub fn is_halted(&self) -> bool {
        self.halted
    }

    /// No task begins from here on.
    pub fn halt(&mut self) {
        self.halted = true;
    }

    /// Begins a shutdown, or brings the deadline of one forward. `last`: for good.
    pub fn begin_closing(&mut self, deadline: Nanos, last: bool) -> Begun {
        match (self.phase, &mut self.closing) {
            (Phase::Closed, _) => Begun::Over,
            (Phase::Closing, Some(closing)) => {
                closing.again(deadline, last);
                Begun::Before
            }
            _ => {
                self.phase = Phase::Closing;
                self.closing = Some(Closing::new(deadline, last));
                Begun::Now
            }
        }
    }

    /// The shutdown that is under way.
    #[inline]
    pub fn closing(&mut self) -> Option<&mut Closing> {
        self.closing.as_mut().filter(|_| self.phase == Phase::Closing)
    }

    /// What the shutdown has done so far, or the last one did.
    pub fn report(&self) -> Option<ShutdownReport> {
        self.closing.as_ref().map(Closing::report)
    }

    /// When the shutdown abandons what still runs.
    pub fn deadline(&self) -> Option<Nanos> {
        self.closing.as_ref().filter(|_| self.is_closing())?.deadline()
    }

    /// Whether the deadline has come, and what is left is being cancelled.
    pub fn is_expiring(&self) -> bool {
        self.is_closing() && self.closing.as_ref().is_some_and(Closing::is_expiring)
    }

    /// Closing becomes Closed, or Resting, once nothing is left: the new phase.
    pub fn close_if_done(&mut self, queued: usize) -> Option<Phase> {
        if !self.is_closing() || self.running > 0 || queued > 0 || self.delayed + self.blocked > 0 {
            return None;
        }
        let closing = self.closing.as_mut().filter(|closing| closing.is_swept())?;
        self.phase = if closing.complete() { Phase::Closed } else { Phase::Resting };
        Some(self.phase)
    }

    // ---- the counts ----------------------------------------------------------------------------

    pub fn capacity(&self) -> usize {
        self.capacity
    }

    #[inline]
    pub fn live(&self) -> usize {
        self.live
    }

    pub fn delayed(&self) -> usize {
        self.delayed
    }

    /// How many wait for others.
    pub fn blocked(&self) -> usize {
        self.blocked
    }

    pub fn running(&self) -> usize {
        self.running
    }

    /// Whether tasks wait or run that must.
    pub fn has_to_run(&self) -> bool {
        self.must_run > 0
    }

    pub fn full(&self) -> SubmitError {
        SubmitError::QueueFull { capacity: self.capacity }
    }

    /// A task comes in. If the engine rested, it is open again.
    pub fn enter(&mut self, must_run: bool) {
        debug_assert!(!self.is_shut());
        self.live += 1;
        self.must_run += usize::from(must_run);
        if self.phase == Phase::Resting {
            self.phase = Phase::Open;
        }
    }

    /// A task is taken back that nobody has seen.
    pub fn withdraw(&mut self, must_run: bool) {
        self.live -= 1;
        self.must_run -= usize::from(must_run);
    }

    pub fn begin_delay(&mut self) {
        self.delayed += 1;
        debug_assert!(self.delayed + self.blocked + self.running <= self.live);
    }

    pub fn end_delay(&mut self) {
        self.delayed -= 1;
    }

    pub fn begin_block(&mut self) {
        self.blocked += 1;
        debug_assert!(self.delayed + self.blocked + self.running <= self.live);
    }

    pub fn end_block(&mut self) {
        self.blocked -= 1;
    }

    #[inline]
    pub fn begin_run(&mut self) {
        self.running += 1;
        debug_assert!(self.delayed + self.blocked + self.running <= self.live);
    }

    /// A run of a periodic task is over, which goes on.
    pub fn end_run(&mut self) {
        self.running -= 1;
    }

    /// A task ends that was in the state `from`. It counts as live until its delivery.
    #[inline]
    pub fn end(&mut self, from: Status, to: Status, must_run: bool) {
        match from {
            Status::Delayed => self.delayed -= 1,
            Status::Blocked => self.blocked -= 1,
            Status::Running => self.running -= 1,
            _ => {}
        }
        self.must_run -= usize::from(must_run);
        if let Some(closing) = self.closing() {
            closing.count(to);
        }
    }

    /// The end of a task is delivered.
    #[inline]
    pub fn deliver(&mut self) {
        self.live -= 1;
    }
}
