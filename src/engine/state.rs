//! The engine's state, behind its lock, and the injector beside it.
//!
//! A thread that takes the lock takes in first what was left in the injector. So nobody can tell a task that
//! was left there from one that was queued under the lock: see the invariants of `injector.rs`.

use super::body::BoxBody;
use super::handles::Handles;
use super::id::TaskId;
use super::injector::{Arrival, Injector, Left, TICKETS};
use super::inner::Inner;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::flag;
use super::sync::{Condvar, Mutex, MutexGuard};

impl<P: Payload> Inner<P> {
    /// Whether to queue a plain task would ask for nothing but a place in a lane: it is admitted, nobody is
    /// to be woken or started for it, or told of it.
    fn may_take_in(&self) -> bool {
        self.pool.needs_no_call(self.runs.aside())
            // What is left there nobody would record.
            && !self.is_watched()
            && self.admission.is_open()
            // What lies there now, and what may be left then.
            && self.admission.live() + 2 * TICKETS <= self.admission.capacity()
            && !self.outgoing.wants(wants::SIGNALS | wants::STARTS)
            && !self.outgoing.wants(wants::CHANGES)
    }

    /// Reserves what was used since the last time; whether there are as many as there should be.
    fn reserve_tickets(&mut self) -> bool {
        while self.injected.needs_tickets() {
            let Some(slot) = self.tasks.reserve() else { return false };
            let key = self.tasks.at(slot).key;
            self.injected.add_ticket(slot, key);
        }
        true
    }

    /// Queues what was left in the injector; whether there was something. That it asks for nothing else has
    /// held since that was opened.
    fn take_in(&mut self) -> bool {
        let mut arrivals = self.injected.take_arrivals();
        let any = !arrivals.is_empty();
        for Arrival { slot, kept, task } in arrivals.drain(..) {
            let record = self.tasks.at(slot);
            record.fill(task.body, task.priority, task.site, task.created);
            if kept {
                record.set(flag::KEPT);
            }
            debug_assert!(self.admission.is_open());
            self.admission.enter(false);
            self.line_up(slot);
        }
        self.injected.return_arrivals(arrivals);
        any
    }
}

/// The engine's state, behind its lock, and the injector.
pub struct State<P: Payload> {
    injector: Injector<P>,
    inner: Mutex<Inner<P>>,
    /// That of `Tasks`, for ids that are made without the lock.
    salt: u32,
}

impl<P: Payload> State<P> {
    pub fn new(inner: Inner<P>) -> Self {
        State { injector: Injector::new(), salt: inner.tasks.salt(), inner: Mutex::new(inner) }
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
        self.injector.close(&mut inner.injected) && inner.take_in()
    }

    /// Takes in what was left, and opens the injector, or leaves it open, if that may be.
    pub fn renew(&self, inner: &mut Inner<P>) {
        if !inner.may_take_in() {
            self.close(inner);
            return;
        }
        if self.injector.is_open_and_empty(&inner.injected) {
            return;
        }
        if !inner.reserve_tickets() {
            self.close(inner);
            return;
        }
        self.injector.open(&mut inner.injected);
        inner.take_in();
    }

    /// Leaves a plain task in the injector: see [`Injector::leave`].
    pub fn leave(&self, task: Left<P>, handles: Option<&Handles>) -> Result<TaskId, BoxBody<P>> {
        self.injector.leave(task, handles, self.salt)
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use std::sync::mpsc::channel;

    use super::super::{
        CancelReason, CancelResult, DeliveryMode, Engine, EngineConfig, Once, Priority, Status, SubmitError,
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
        let inner = engine.shared().state.lock_to_hand_in();
        let mut ids: Vec<_> =
            (1..TICKETS).map(|n| submit(&engine, Priority::Low, body(n)).unwrap()).collect();
        ids.push(submit(&engine, Priority::High, body(0)).unwrap());
        assert_eq!(inner.tasks.queued(), 0);
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
        ids.iter().for_each(|id| engine.drop_handle(*id));
    }

    #[test]
    fn b13_the_injector_admits_none_that_is_one_too_many() {
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
