//! The end of the process above an engine that nobody has shut down.
//!
//! What ends a process destroys its static objects, one after the other, while threads go on: a body that is
//! at work meanwhile, or begins, may use one that is gone. So nothing begins any more, and the end waits for
//! what is under way, though not for long: a program that wanted all of it done has shut the service down
//! before. What is queued stays where it is, and its closures are not destroyed: this is no time for them to
//! run.

use std::time::{Duration, Instant};

use super::closing::Phase;
use super::effects::Effects;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::shared::Shared;
use super::words::CancelReason;

/// How often it is looked whether all is done. Nothing tells of it: this is once in the life of a process.
const LOOK: Duration = Duration::from_millis(1);

impl<P: Payload> Shared<P> {
    /// Has no task begin from here on, asks what runs to stop, and waits for so long until all workers are
    /// asleep, but for the one that calls this. (On the timer thread, which is none, that is one of them.)
    pub(super) fn halt(&self, timeout: Duration) {
        let mut fx = Effects::new();
        let mut inner = self.state.lock();
        inner.admission.halt();
        // A body that must run is not waited for in vain.
        inner.end_pauses(&mut fx);
        let now = self.clock.now();
        for run in 0..inner.runs.count() {
            let slot = inner.runs.slot(run);
            // What must run is waited for, and not disturbed. What is done elsewhere is not waited for, and
            // what would be told to stop it may be gone. Futures are polled no more, and stay as they are.
            let told = slot != NIL && inner.runs.is_on_thread(run);
            if told && !inner.tasks.at(slot).has(flag::MUST_RUN) {
                inner.cancel(&mut fx, slot, CancelReason::Shutdown, now);
            }
        }
        // A shutdown that is over has waited for them.
        let closed = matches!(inner.admission.phase(), Phase::Closed | Phase::Resting);
        drop(inner);
        self.apply(&mut fx);
        if closed {
            return;
        }
        let start = Instant::now();
        let own = usize::from(self.is_own_thread());
        let mut inner = self.state.lock();
        while inner.pool.awake() > own && start.elapsed() < timeout {
            inner = self.state.wait_for(&self.done, inner, LOOK);
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    use std::sync::mpsc::channel;

    use super::super::crew::Crew;
    use super::super::{
        CancelReason, DeliveryMode, Engine, EngineConfig, Once, Status, TaskContext, TaskOptions, WaitResult,
    };
    use super::*;

    #[test]
    fn b396_a_body_that_ends_the_process_waits_for_the_others() {
        let config = EngineConfig { max_workers: 2, ..EngineConfig::default() };
        let engine = Engine::<()>::manual(config, DeliveryMode::Direct);
        let done = Arc::new(AtomicBool::new(false));
        let (arrived, arrival) = channel();
        let other = {
            let done = done.clone();
            move |context: &TaskContext| {
                arrived.send(()).unwrap();
                while context.sleep(Duration::from_secs(3_600)).is_ok() {}
                // What it still has to do, of which nothing tells.
                (0..1_000).for_each(|_| std::thread::yield_now());
                done.store(true, SeqCst);
                Ok(())
            }
        };
        engine.submit(Box::new(Once(Some(other))), TaskOptions::default(), None, false).unwrap();
        arrival.recv().unwrap();
        let (tell, told) = channel();
        let ends = {
            let engine = engine.clone();
            move |_: &TaskContext| {
                engine.halt(Duration::from_secs(60));
                tell.send(done.load(SeqCst)).unwrap();
                Ok(())
            }
        };
        engine.submit(Box::new(Once(Some(ends))), TaskOptions::default(), None, false).unwrap();
        assert!(told.recv().unwrap(), "it did not wait");
    }

    #[test]
    fn b133_after_a_halt_a_body_that_waits_begins_nothing_in_place() {
        let config = EngineConfig { max_workers: 1, ..EngineConfig::default() };
        let engine = Engine::<()>::manual(config, DeliveryMode::Direct);
        let (say, heard) = channel();
        let (arrived, arrival) = channel();
        let (tell, told) = channel();
        let waits = engine.clone();
        let waiting = move |_: &TaskContext| {
            arrived.send(()).unwrap();
            tell.send(waits.wait(heard.recv().unwrap(), None)).unwrap();
            Ok(())
        };
        engine.submit(Box::new(Once(Some(waiting))), TaskOptions::default(), None, false).unwrap();
        arrival.recv().unwrap();
        let ran = Arc::new(AtomicBool::new(false));
        let queued = {
            let ran = ran.clone();
            move |_: &TaskContext| {
                ran.store(true, SeqCst);
                Ok(())
            }
        };
        let queued =
            engine.submit(Box::new(Once(Some(queued))), TaskOptions::default(), None, false).unwrap();
        engine.halt(Duration::ZERO);
        say.send(queued).unwrap();
        // It waits, or has begun that one.
        while engine.shared().state.lock().runs.held_up(Crew::Foreground) == 0 && !ran.load(SeqCst) {
            std::thread::yield_now();
        }
        assert_eq!((ran.load(SeqCst), engine.status(queued)), (false, Status::Queued));
        engine.cancel(queued, CancelReason::User);
        assert_eq!(told.recv().unwrap(), WaitResult::Done);
    }
}
