//! The one thread that waits for what is due. It runs no task, only queues it.
//!
//! It starts with the first task that has a delay, a period or a time-out, or the first deadline, and
//! sleeps without a wake-up of its own while there is none. What a deadline of a shutdown ends in a
//! build that delivers on workers, it delivers.
//!
//! Whether there is a thread for it is known only after `start_timer`: `Time::starting` until
//! then. A submit that needs it waits for that; it could not say otherwise that there is none, and
//! its task would be accepted and never be due. What else asks for it (a report of progress, a
//! deadline) asks again the next time.

use std::time::Duration;

use super::closing::Phase;
use super::diagnostics::{self, About};
use super::effects::Effects;
use super::payload::Payload;
use super::record::NIL;
use super::shared::Shared;
use super::threads;
use super::trace::{self, Part};

/// Tasks that become due for each time that the lock is taken.
const PIECE: usize = 256;

impl<P: Payload> Shared<P> {
    /// Starts the thread that `Inner::claim_timer` gave to the caller.
    pub(super) fn start_timer(&self) -> Result<(), String> {
        let shared = self.arc();
        let stack = self.threads.lock().stack();
        let started = threads::spawn("legwork-timer", stack, move || shared.keep_time());
        let mut inner = self.state.lock();
        match started {
            Ok(()) => inner.time.thread_started(),
            Err(_) => inner.time.thread_ended(),
        }
        drop(inner);
        self.done.notify_all();
        let Err(error) = started else { return Ok(()) };
        diagnostics::error(About::Pool, format_args!("the timer thread could not be started: {error}"));
        Err(error)
    }

    fn keep_time(&self) {
        // A callback that it calls may shut down, which must not wait for this thread.
        let _entered = self.enter(NIL);
        trace::is_part(Part::Timer);
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        while inner.admission.phase() != Phase::Closed || !inner.time.naps.is_empty() {
            if self.clock.is_virtual() {
                // The clock is held: what is due is done by the thread that holds it, which wakes this one after.
                inner.time.sleep(None);
                inner = self.state.wait(&self.timer, inner);
                continue;
            }
            // A thread that adds something now need not wake this one, which looks again below.
            inner.time.stay_awake();
            let now = self.clock.now();
            let more = inner.do_due(&mut fx, now, PIECE);
            // Nothing but what came of something due: to go round until a worker has come would keep the
            // processor that it may be waiting for.
            if more || !fx.is_empty() {
                drop(inner);
                self.apply(&mut fx);
                inner = self.state.lock();
                continue;
            }
            let next = inner.next_deadline();
            inner.time.sleep(next);
            inner = match next {
                Some(next) => {
                    let wait = Duration::from_nanos(next.saturating_sub(now).max(1));
                    self.state.wait_for(&self.timer, inner, wait)
                }
                None => self.state.wait(&self.timer, inner),
            };
        }
        inner.time.thread_ended();
        fx.wake_waiters = true;
        drop(inner);
        self.apply(&mut fx);
    }

    /// Moves a virtual clock on, and does what is due by then.
    pub(super) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.do_all_due();
    }

    /// Does what is due by now.
    pub(super) fn do_all_due(&self) {
        let mut fx = Effects::new();
        loop {
            let mut inner = self.state.lock();
            let more = inner.do_due(&mut fx, self.clock.now(), PIECE);
            fx.wake_waiters = true;
            drop(inner);
            self.apply(&mut fx);
            if !more {
                return;
            }
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::super::{DeliveryMode, Engine, EngineConfig, Once, TaskContext, TaskOptions};
    use super::*;

    /// Else the timer thread, which goes on as long as there is something to do, would keep the processor
    /// that the worker needs to come.
    #[test]
    fn b25_with_nothing_due_there_is_nothing_to_do_though_a_worker_is_still_on_its_way() {
        let engine = Engine::<()>::manual(EngineConfig::default(), DeliveryMode::Direct);
        let body = || Box::new(Once(Some(|_: &TaskContext| Ok(()))));
        let later = TaskOptions { delay: Duration::from_secs(1), ..TaskOptions::default() };
        engine.submit(body(), later, None, false).unwrap();
        let mut fx = Effects::new();
        let mut inner = engine.shared().state.lock();
        // A worker that spins, and does not come.
        inner.pool.spin();
        let due = inner.next_deadline().unwrap();
        assert!(!inner.do_due(&mut fx, due, PIECE));
        assert_eq!(inner.tasks.queued(), 1);
        assert!(fx.look_again);
        engine.shared().apply(&mut fx);
        assert!(!inner.do_due(&mut fx, due, PIECE));
        assert!(fx.is_empty());
        inner.pool.stop_spinning();
    }
}
