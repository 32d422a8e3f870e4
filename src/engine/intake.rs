//! Where a submit leaves a plain task, beside the engine's lock.
//!
//! While workers are busy they want that lock once a task, and so does whoever submits: the two would
//! wait for each other most of the time, and pass all of the state from one processor to the other. So
//! a worker that finds everybody at work opens the intake: there a submit takes a ticket (a record
//! that is reserved, whose id it gives out) and leaves its task with it. Whoever takes the engine's
//! lock takes in first what lies there.
//!
//! # What holds
//!
//! * **Nobody who has the lock misses a task.** [`State::lock`] and the waits of [`State`] close the intake and
//!   take in what lies there, before their caller looks at anything. So the state is that of a program whose
//!   submits all had the lock, in the same order.
//! * **Only a worker opens it,** on its way to the next task ([`State::renew`]), and only where queueing asks
//!   for nothing but a place in a lane: see [`Inner::may_take_in`]. What that looks at changes under the lock
//!   alone, and so not before the intake is closed.
//! * **No task is stranded there.** While it is open, all workers run, or one is on its way; each takes in
//!   what lies there before it sleeps. That is `workers.md`, with "queued" for "left in the intake".
//! * **It is bounded** by its tickets. Without one a submit takes the lock as ever. While it is open, there are
//!   places free in the engine for all of them, so none is admitted that is one too many.
//!
//! # Memory ordering
//!
//! All that is handed over is under the desk's lock, which is taken inside of the engine's and holds nothing
//! else. `open` and `left` are hints, `Relaxed`, that spare the desk's lock: who finds `open` to be false
//! takes the engine's lock, which is right at any time. A worker that finds `left` to be false looks again at
//! its next task, and in any case before it sleeps, there under the desk's lock. A submit that happened
//! before the worker looks, by whatever the two have in common, is seen, as that orders the store of `left`,
//! too; of any other nobody can say that it came first.

use super::Payload;
use super::clock::Nanos;
use super::id::{Parts, TaskId};
use super::inner::{Inner, Phase};
use super::pins::Pins;
use super::record::{BoxBody, Priority, flag};
use super::sync::{AtomicBool, Condvar, Mutex, MutexGuard, Ordering};

/// How many tasks may be left before somebody takes them in. A worker comes by for each task that it
/// runs; under a model checker few are enough to run out of.
const TICKETS: usize = if cfg!(any(loom, shuttle)) { 2 } else { 32 };

/// A record that is reserved.
#[derive(Clone, Copy)]
struct Ticket {
    slot: u32,
    key: u64,
}

/// A plain task that was left.
struct Arrival<P> {
    slot: u32,
    priority: Priority,
    /// Somebody has it pinned.
    kept: bool,
    created: Nanos,
    body: BoxBody<P>,
}

/// What of the intake is the engine's, and under its lock.
pub struct Within<P> {
    pub open: bool,
    /// For the next time.
    tickets: Vec<Ticket>,
    /// What was just taken from the desk; else empty.
    arrivals: Vec<Arrival<P>>,
}

impl<P> Within<P> {
    pub fn new() -> Self {
        let (tickets, arrivals) = (Vec::with_capacity(TICKETS), Vec::with_capacity(TICKETS));
        Within { open: false, tickets, arrivals }
    }
}

impl<P: Payload> Inner<P> {
    /// Whether to queue a plain task would ask for nothing but a place in a lane: it is admitted, nobody is
    /// to be woken or started for it, or told of it.
    fn may_take_in(&self) -> bool {
        let on_its_way = self.waking && !self.looks_out;
        let all_at_work = !self.waking && self.idle.is_empty() && self.alive == self.places();
        (on_its_way || all_at_work)
            && self.phase == Phase::Open
            // What lies there now, and what may be left then.
            && self.live + 2 * TICKETS <= self.capacity
            && !(self.listening && self.hears_starts)
            && !self.journal.observed
    }

    /// Reserves what was used since the last time; whether there are as many as there should be.
    fn reserve_tickets(&mut self) -> bool {
        while self.intake.tickets.len() < TICKETS {
            let Ok(slot) = self.reserve() else { return false };
            let key = self.slab.at(slot).key;
            self.intake.tickets.push(Ticket { slot, key });
        }
        true
    }

    /// Queues what was left in the intake; whether there was something. That it asks for nothing else has
    /// held since that was opened.
    fn take_in(&mut self) -> bool {
        let mut arrivals = std::mem::take(&mut self.intake.arrivals);
        let any = !arrivals.is_empty();
        for Arrival { slot, priority, kept, created, body } in arrivals.drain(..) {
            let record = self.slab.at(slot);
            record.fill(body, priority, created);
            if kept {
                record.set(flag::KEPT);
            }
            self.live += 1;
            self.line_up(slot);
        }
        self.intake.arrivals = arrivals;
        any
    }
}

struct Desk<P> {
    open: bool,
    tickets: Vec<Ticket>,
    arrivals: Vec<Arrival<P>>,
}

/// A line of the processors' caches for itself: beside what a submit touches in any case.
#[repr(align(64))]
struct Intake<P> {
    /// Whether it is worth to look.
    open: AtomicBool,
    /// Something lies there.
    left: AtomicBool,
    desk: Mutex<Desk<P>>,
}

/// The engine's state, behind its lock, and the intake.
pub struct State<P: Payload> {
    intake: Intake<P>,
    inner: Mutex<Inner<P>>,
    /// [`Inner::salt`], for ids that are made without the lock.
    salt: u32,
}

impl<P: Payload> State<P> {
    pub fn new(inner: Inner<P>) -> Self {
        let desk =
            Desk { open: false, tickets: Vec::with_capacity(TICKETS), arrivals: Vec::with_capacity(TICKETS) };
        State {
            intake: Intake {
                open: AtomicBool::new(false),
                left: AtomicBool::new(false),
                desk: Mutex::new(desk),
            },
            salt: inner.salt,
            inner: Mutex::new(inner),
        }
    }

    /// The lock, with all that was submitted.
    pub fn lock(&self) -> MutexGuard<'_, Inner<P>> {
        let mut inner = self.inner.lock();
        self.close(&mut inner);
        inner
    }

    /// The lock for a worker that comes back from a body: it hands that in, and then calls
    /// [`State::renew`] before it looks at what is queued.
    pub fn lock_to_hand_in(&self) -> MutexGuard<'_, Inner<P>> {
        self.inner.lock()
    }

    pub fn wait<'a>(&'a self, on: &Condvar, inner: MutexGuard<'a, Inner<P>>) -> MutexGuard<'a, Inner<P>> {
        let mut inner = on.wait(inner);
        self.close(&mut inner);
        inner
    }

    pub fn wait_for<'a>(
        &'a self,
        on: &Condvar,
        inner: MutexGuard<'a, Inner<P>>,
        time: std::time::Duration,
    ) -> MutexGuard<'a, Inner<P>> {
        let mut inner = on.wait_for(inner, time);
        self.close(&mut inner);
        inner
    }

    /// Takes in what was left, and from now on nothing can be left. Whether there was something.
    pub fn close(&self, inner: &mut Inner<P>) -> bool {
        if !inner.intake.open {
            return false;
        }
        inner.intake.open = false;
        self.intake.open.store(false, Ordering::Relaxed);
        let mut desk = self.intake.desk.lock();
        desk.open = false;
        self.intake.left.store(false, Ordering::Relaxed);
        std::mem::swap(&mut desk.arrivals, &mut inner.intake.arrivals);
        drop(desk);
        inner.take_in()
    }

    /// Takes in what was left, and opens the intake, or leaves it open, if that may be.
    pub fn renew(&self, inner: &mut Inner<P>) {
        if !inner.may_take_in() {
            self.close(inner);
            return;
        }
        if inner.intake.open && !self.intake.left.load(Ordering::Relaxed) {
            return;
        }
        if !inner.reserve_tickets() {
            self.close(inner);
            return;
        }
        let mut desk = self.intake.desk.lock();
        desk.open = true;
        self.intake.left.store(false, Ordering::Relaxed);
        std::mem::swap(&mut desk.tickets, &mut inner.intake.tickets);
        std::mem::swap(&mut desk.arrivals, &mut inner.intake.arrivals);
        drop(desk);
        if !std::mem::replace(&mut inner.intake.open, true) {
            self.intake.open.store(true, Ordering::Relaxed);
        }
        inner.take_in();
    }

    /// Leaves a plain task, kept by whoever submits it if `pin`; gives the body back where the lock is needed.
    pub fn leave(
        &self,
        body: BoxBody<P>,
        priority: Priority,
        created: Nanos,
        pin: Option<&Pins>,
    ) -> Result<TaskId, BoxBody<P>> {
        if !self.intake.open.load(Ordering::Relaxed) {
            return Err(body);
        }
        let mut desk = self.intake.desk.lock();
        let ticket = if desk.open { desk.tickets.pop() } else { None };
        let Some(Ticket { slot, key }) = ticket else { return Err(body) };
        if let Some(pins) = pin {
            // Nobody else knows of the slot before the task lies there.
            pins.pin(slot);
        }
        desk.arrivals.push(Arrival { slot, priority, kept: pin.is_some(), created, body });
        self.intake.left.store(true, Ordering::Relaxed);
        drop(desk);
        Ok(TaskId::pack(Parts { slot, key, salt: self.salt }))
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use std::sync::mpsc::channel;

    use super::super::{
        CancelReason, CancelResult, DeliveryMode, Engine, EngineConfig, Once, Status, SubmitError,
        TaskContext, TaskOptions,
    };
    use super::*;

    fn engine(capacity: usize) -> Engine<()> {
        let config = EngineConfig { max_workers: 1, capacity, ..EngineConfig::default() };
        Engine::manual(config, DeliveryMode::Direct)
    }

    fn submit(
        engine: &Engine<()>,
        priority: Priority,
        body: impl FnOnce() + Send + 'static,
    ) -> Result<TaskId, SubmitError> {
        let body = Once(Some(move |_: &TaskContext| {
            body();
            Ok(())
        }));
        engine.submit(Box::new(body), TaskOptions { priority, ..TaskOptions::default() }, None, true)
    }

    /// Keeps the worker; what comes back lets it go on.
    fn hold(engine: &Engine<()>) -> std::sync::mpsc::Sender<()> {
        let (open, gate) = channel();
        let (arrived, arrival) = channel();
        let held = move || {
            arrived.send(()).unwrap();
            let _ = gate.recv();
        };
        submit(engine, Priority::Normal, held).unwrap();
        arrival.recv().unwrap();
        open
    }

    #[test]
    fn b2_b18_beside_a_worker_that_runs_a_submit_takes_no_lock_and_is_seen_by_all() {
        let engine = engine(1_000);
        let open = hold(&engine);
        let (tell, order) = channel();
        let body = |n| {
            let tell = tell.clone();
            move || tell.send(n).unwrap()
        };
        // With the lock in hand here, a submit that wanted it would never return.
        let inner = engine.shared().inner.lock_to_hand_in();
        let mut ids: Vec<_> =
            (1..TICKETS).map(|n| submit(&engine, Priority::Low, body(n)).unwrap()).collect();
        ids.push(submit(&engine, Priority::High, body(0)).unwrap());
        assert_eq!(inner.lanes.len(), 0);
        drop(inner);
        assert!(ids.iter().all(|id| engine.status(*id) == Status::Queued));
        assert_eq!((engine.counts().queued, engine.counts().live), (TICKETS, TICKETS + 1));
        assert_eq!(engine.cancel(ids[0], CancelReason::User), CancelResult::CancelledBeforeStart);
        // Without tickets, with the lock, and behind the others.
        ids.push(submit(&engine, Priority::Low, body(TICKETS)).unwrap());
        open.send(()).unwrap();
        for id in &ids {
            engine.wait(*id, None);
        }
        let expected: Vec<_> = [0].into_iter().chain(2..=TICKETS).collect();
        assert_eq!(order.try_iter().collect::<Vec<_>>(), expected);
        ids.iter().for_each(|id| engine.unpin(*id));
    }

    #[test]
    fn b13_the_intake_admits_none_that_is_one_too_many() {
        for capacity in [1, TICKETS - 1, TICKETS, TICKETS + 1, TICKETS + 2, 3 * TICKETS] {
            let engine = engine(capacity);
            let open = hold(&engine);
            for n in 1..capacity {
                submit(&engine, Priority::Normal, || ()).unwrap_or_else(|error| panic!("{n}: {error}"));
            }
            assert_eq!(submit(&engine, Priority::Normal, || ()), Err(SubmitError::QueueFull { capacity }));
            assert_eq!(engine.counts().live, capacity);
            open.send(()).unwrap();
        }
    }

    #[test]
    fn b13_nor_while_a_worker_takes_in_what_was_left_and_opens_it_again() {
        for capacity in [TICKETS + 1, TICKETS + TICKETS / 2, 2 * TICKETS, 3 * TICKETS] {
            let engine = engine(capacity);
            let open = hold(&engine);
            // The first to run of those that are left.
            let (next, gate) = channel::<()>();
            let (arrived, arrival) = channel();
            let second = move || {
                arrived.send(()).unwrap();
                let _ = gate.recv();
            };
            submit(&engine, Priority::Normal, second).unwrap();
            for _ in 1..TICKETS {
                submit(&engine, Priority::Normal, || ()).unwrap();
            }
            open.send(()).unwrap();
            arrival.recv().unwrap();
            let more = (0..).take_while(|_| submit(&engine, Priority::Normal, || ()).is_ok()).count();
            assert_eq!((engine.counts().live, more), (capacity, capacity - TICKETS));
            drop(next);
        }
    }
}
