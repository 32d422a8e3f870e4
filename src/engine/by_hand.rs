//! The engine worked by hand: by one thread, on a clock that stands still, for tests of applications.
//!
//! A thread takes the engine in hand, and does from then on what the workers and the timer thread do else. The workers
//! that there are sleep, and none is called: for the pool it is as if one were on its way all the time (invariant 3 of
//! `pool.rs`). The timer thread sleeps as long as the clock is held. So nothing happens but in a call of that thread:
//!
//! | call | |
//! | --- | --- |
//! | [`Engine::run_until_idle`] | all that can be done without moving the clock |
//! | [`Engine::fast_forward`] | the same, then the clock moves to what is due next, and so on, up to a time |
//! | [`Engine::move_clock`] | moves the clock, and does nothing; what is due by then is done by the next of the others |
//! | a wait, for a task, for all of an owner, for a shutdown, an unloading | one after the other, until it is over |
//!
//! # A step
//!
//! The thread takes the next task as a worker would (`next_by_hand`), runs its body, hands in what it brought, or polls
//! a future once, and does what that asks for after the lock. Then the caller's function delivers, where there is one. So a
//! body and all that is told of it come before the next body.
//!
//! Which task is next: the rules of the lanes choose the priority. Of that, the first `max_workers` might be at work at
//! the same time, and end in any order; so chance, by the seed, picks one of these. With one worker the order is that of the
//! lanes. Owners still have turns, but by chance.
//!
//! # In a body
//!
//! A body may sleep: that moves the clock, to each time at which something is due, and does that, but no other body
//! begins in the middle of it. So a time-out ends a sleep.
//!
//! A body may wait for a task. If that is queued it runs in place, as ever (`wait.rs`). Else the thread does what might
//! bring the end: what bodies wait for, then anything that may run, then the clock moves to what is due next, up to the
//! time-out of the wait. So bodies nest, and one that waits for a body further down on the stack waits for ever; that, and what
//! another thread would have to do, is refused ([`WaitResult::WouldDeadlock`](super::WaitResult::WouldDeadlock)) once
//! nothing is left to be done, or after [`MOST`] tries. The same of a body that was paused at a checkpoint, which then has an
//! error.
//!
//! # Other threads
//!
//! They submit, cancel, wake futures, end external tasks, as ever; what comes of that is done by the next call of the
//! thread in whose hand the engine is. One that waits for a task sleeps until that has ended.
//!
//! # Invariants
//!
//! 1. While the engine is in hand, all workers sleep, none is called, the clock is virtual, and nobody waits for room for
//!    what it sends: for the bodies there is always a thread outside that waits ([`Patience`](super::values::Patience)).
//! 2. What is due is never done before the clock stands there, and the clock never goes back.

use std::fmt;
use std::time::{Duration, Instant};

use super::chance::Chance;
use super::changes::Brief;
use super::clock::{Nanos, nanos};
use super::closing::Phase;
use super::crew::{CREWS, Crew};
use super::effects::Effects;
use super::engine::Engine;
use super::fork;
use super::hand::{MOST, Tries};
use super::id::TaskId;
use super::inner::Inner;
use super::payload::Payload;
use super::record::flag;
use super::shared::Shared;
use super::words::Status;

/// So long the workers may take to fall asleep, by the real clock.
const ASLEEP: Duration = Duration::from_secs(10);

/// How often it is looked whether they do.
const LOOK: Duration = Duration::from_millis(1);

/// So many tasks are named in an error.
const NAMED: usize = 20;

/// A task that has not ended, as a test sees it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Pending {
    pub id: TaskId,
    /// Its name, or its job's; empty if it has neither.
    pub name: String,
    pub status: Status,
    /// For how long the clock has to move on until it is due, of one that waits for that; zero where it is overdue.
    pub due_in: Option<Duration>,
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.as_str() {
            "" => write!(f, "{}", self.id)?,
            name => write!(f, "\"{name}\"")?,
        }
        write!(f, " ({}", self.status.name())?;
        if let Some(due_in) = self.due_in {
            write!(f, ", due in {due_in:?}")?;
        }
        f.write_str(")")
    }
}

/// Some of a list, for an error.
fn named(tasks: &[Pending]) -> String {
    let shown: Vec<_> = tasks.iter().take(NAMED).map(Pending::to_string).collect();
    let more = tasks.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}

/// What a virtual clock refuses, or gives up.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClockError {
    /// It was to be made while there are tasks.
    #[error(
        "there are tasks, which would begin by one clock and end by another; make the virtual clock before them, or \
         cancel them and wait: {}",
        named(.0)
    )]
    Busy(Vec<Pending>),
    #[error("workers are still at work after 10 s, though no task is left: a callback does not return")]
    Working,
    #[error("a virtual clock is there already; a process has one at a time")]
    Taken,
    #[error(
        "the service was shut down for good, or is being shut down; a virtual clock needs one that takes tasks"
    )]
    Shut,
    #[error(
        "a virtual clock is made on the thread of the QCoreApplication, which tells what tasks have done"
    )]
    WrongThread,
    #[error(
        "there is no virtual clock, or it is another thread's; it is moved by the thread that has made it"
    )]
    NotHere,
    #[error(
        "the clock was to be moved in the body of a task; a body sleeps (its context's sleep), and the test moves the clock"
    )]
    InBody,
    /// There was always more to do at one moment of the clock. What is still there.
    #[error("no rest after {MOST} steps at one moment of the clock; tasks that go on all the time: {}", named(.0))]
    NeverRests(Vec<Pending>),
}

impl<P: Payload> Inner<P> {
    /// Takes the task out of the lanes that the hand is to run next; `awaited`: of those that bodies wait for, if there are.
    fn next_by_hand(&mut self, fx: &mut Effects<P>, awaited: bool) -> Option<u32> {
        loop {
            let next = match self.admission.phase() {
                _ if self.admission.is_halted() => None,
                Phase::Open => {
                    let first = if awaited { self.tasks.take_awaited() } else { None };
                    let (most, chance) = (self.pool.max(), self.hand.chance());
                    first.or_else(|| self.tasks.take_one_of(most, |count| chance.below(count)))
                }
                _ if self.admission.is_expiring() => None,
                _ => self.tasks.take_next_that_must_run(),
            };
            match next {
                Some(slot) if self.tasks.at(slot).is_external() => self.begin_taken_elsewhere(fx, slot),
                next => return next,
            }
        }
    }

    /// Whether there is something to do without moving the clock.
    fn may_go_on(&self) -> bool {
        CREWS.iter().any(|crew| self.takeable(*crew) > 0)
            || self.next_deadline().is_some_and(|next| next <= self.clock.now())
    }

    fn is_idle(&self) -> bool {
        let (admission, queued) = (&self.admission, self.tasks.queued());
        admission.running() + admission.delayed() + admission.blocked() + queued == 0
    }

    fn pending_of(&mut self, slot: u32, now: Nanos) -> Option<Pending> {
        let record = self.tasks.get(slot)?;
        if record.status.is_finished() || record.status == Status::UnknownTask {
            return None;
        }
        let Brief { id, name, status, due, .. } = self.brief(slot);
        let due_in = due.map(|due| Duration::from_nanos(due.nanos.saturating_sub(now)));
        Some(Pending { id, name: name.to_string(), status, due_in })
    }
}

impl<P: Payload> Shared<P> {
    /// Runs the next body, or polls the next future; whether there was one.
    fn step(&self, awaited: bool) -> bool {
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        let next = inner.next_by_hand(&mut fx, awaited);
        if let Some(slot) = next {
            let crew: Crew = inner.crew_of(slot);
            inner = match inner.tasks.at(slot).has(flag::FUTURE) {
                true => self.take_turn(inner, &mut fx, crew, slot),
                false => self.run_here(inner, &mut fx, crew, slot),
            };
        }
        drop(inner);
        self.apply(&mut fx);
        next.is_some()
    }

    /// Moves the clock on to what is due next, or to `until` if that is earlier, and does what is due there; `false` where
    /// there is neither. No body begins.
    pub(super) fn pass_time(&self, until: Option<Nanos>) -> bool {
        let inner = self.state.lock();
        let Some(to) = [inner.next_deadline(), until].into_iter().flatten().min() else { return false };
        self.clock.move_to(to);
        drop(inner);
        self.do_all_due();
        true
    }

    /// Does one thing of what may end a wait until `deadline`.
    pub(super) fn try_by_hand(&self, deadline: Option<Nanos>, tries: &mut Tries) {
        if tries.next() && !self.step(true) && !self.pass_time(deadline) {
            tries.give_up();
        }
    }

    fn pending(&self) -> Vec<Pending> {
        let (mut pending, mut from) = (Vec::new(), Some(0));
        let now = self.clock.now();
        while let Some(at) = from {
            from = self.walk(at, |inner, _, slot| pending.extend(inner.pending_of(slot, now)));
        }
        // What waits for the clock comes last, by its time.
        pending.sort_by_key(|task| (task.due_in, task.id));
        pending
    }

    fn check_hand(&self) -> Result<(), ClockError> {
        if fork::is_child() || !self.state.lock().hand.is_here() {
            return Err(ClockError::NotHere);
        }
        match self.current_run() {
            Some(_) => Err(ClockError::InBody),
            None => Ok(()),
        }
    }

    /// Does all that can be done while the clock stands. `deliver` tells what happened, and whether there is more to tell.
    fn rest(&self, deliver: &mut dyn FnMut() -> bool) -> Result<(), ClockError> {
        for _ in 0..MOST {
            self.do_all_due();
            let ran = self.step(false);
            let untold = deliver();
            let inner = self.state.lock();
            if !inner.hand.is_here() {
                // A slot has destroyed the clock.
                return Err(ClockError::NotHere);
            }
            if !ran && !untold && !inner.may_go_on() {
                return Ok(());
            }
        }
        let at_work = |task: &Pending| matches!(task.status, Status::Queued | Status::Running);
        Err(ClockError::NeverRests(self.pending().into_iter().filter(at_work).collect()))
    }
}

impl<P: Payload> Engine<P> {
    /// Has the calling thread work the engine by hand from here on, with its clock held. `deliver` delivers what is still
    /// to be told of tasks that have ended, if that is this thread's part.
    ///
    /// Refused while there are tasks, or another thread has it in hand.
    pub fn take_in_hand(&self, seed: u64, deliver: &mut dyn FnMut() -> bool) -> Result<(), ClockError> {
        let shared = self.shared();
        if fork::is_child() {
            return Err(ClockError::Shut);
        }
        if shared.current_run().is_some() {
            return Err(ClockError::InBody);
        }
        while deliver() {}
        let start = Instant::now();
        let mut inner = shared.state.lock();
        loop {
            if inner.hand.is_taken() {
                return Err(ClockError::Taken);
            }
            if inner.admission.is_shut() || inner.admission.is_halted() {
                return Err(ClockError::Shut);
            }
            if !inner.is_idle() {
                drop(inner);
                return Err(ClockError::Busy(shared.pending()));
            }
            if inner.pool.is_asleep() {
                break;
            }
            if start.elapsed() > ASLEEP {
                return Err(ClockError::Working);
            }
            // They have handed in what they had, and call callbacks, or are about to fall asleep.
            inner = shared.state.wait_for(&shared.done, inner, LOOK);
        }
        inner.hand.take(seed);
        inner.pool.take_in_hand();
        // Workers that sleep do so until they are called again.
        inner.time.watch_idle(Nanos::MAX);
        shared.clock.hold();
        inner.chance = Chance::new(seed);
        shared.begin_outside(&mut inner);
        Ok(())
    }

    /// Gives it back to its threads. What is there goes on by the real clock, from where the virtual one stands.
    pub fn let_go(&self) {
        let shared = self.shared();
        if fork::is_child() {
            return;
        }
        shared.with(|inner, fx| {
            if !inner.hand.is_taken() {
                return;
            }
            inner.hand.let_go();
            inner.pool.let_go();
            inner.patience.end_outside();
            shared.clock.let_go();
            let now = shared.clock.now();
            inner.watch_idle(fx, now);
            inner.arm_timer(fx);
            // It may sleep for a time that the clock has passed meanwhile.
            fx.wake_timer |= inner.time.hurry(0);
            inner.dispatch(fx);
            inner.shrink(fx);
            // Threads that wait with a time-out wait by the real clock.
            fx.wake_waiters = true;
        });
    }

    /// Whether the calling thread is in the body of a task.
    pub fn is_in_body(&self) -> bool {
        self.shared().current_run().is_some()
    }

    /// Whether the calling thread works the engine by hand.
    pub fn is_in_hand(&self) -> bool {
        !fork::is_child() && self.shared().state.lock().hand.is_here()
    }

    /// Does all that can be done without moving the clock: what is due by now, then one body after the other, each with what
    /// `deliver` tells of it, until nothing is left. That function answers whether there is more to tell.
    pub fn run_until_idle(&self, deliver: &mut dyn FnMut() -> bool) -> Result<(), ClockError> {
        self.shared().check_hand()?;
        self.shared().rest(deliver)
    }

    /// The same, and moves the clock on by that time, to each moment at which something is due, with a rest there. Where
    /// a body has slept for longer than that, the clock is where it has left it.
    pub fn fast_forward(&self, by: Duration, deliver: &mut dyn FnMut() -> bool) -> Result<(), ClockError> {
        let shared = self.shared();
        shared.check_hand()?;
        let end = shared.clock.now().saturating_add(nanos(by));
        while self.move_on(end, deliver)? {}
        Ok(())
    }

    /// A piece of that: does all that can be done now, and moves the clock to what is due next, or to `end`, where nothing
    /// is before. Whether something is due.
    pub fn move_on(&self, end: Nanos, deliver: &mut dyn FnMut() -> bool) -> Result<bool, ClockError> {
        let shared = self.shared();
        shared.check_hand()?;
        shared.rest(deliver)?;
        let inner = shared.state.lock();
        let next = inner.next_deadline().filter(|next| *next <= end);
        shared.clock.move_to(next.unwrap_or(end));
        drop(inner);
        if next.is_none() {
            // Other threads that wait until then look again.
            shared.do_all_due();
        }
        Ok(next.is_some())
    }

    /// Moves the clock on by that time, and does nothing of what is due by then.
    pub fn move_clock(&self, by: Duration) -> Result<(), ClockError> {
        self.shared().check_hand()?;
        self.shared().clock.advance(by);
        Ok(())
    }

    /// The tasks that have not ended: those that wait for nothing but their turn first, then by the time at which they are
    /// due.
    pub fn pending(&self) -> Vec<Pending> {
        if fork::is_child() { Vec::new() } else { self.shared().pending() }
    }
}
