//! The threads of workers that have nothing to do, and what each does as it starts.
//!
//! A worker ends itself once it has slept for the idle time-out, but for the last that sleeps: so a program that rests
//! has one thread for its next task. It sleeps without a time-out; the timer thread wakes it. That looks once in a
//! time-out while several sleep, wakes the one that has slept longest, and goes on as long as there are such. Then
//! nobody wakes any more: one wake-up a thread that ends, and none while the program rests.
//!
//! What sleeps is in the order in which it fell asleep, and the last is called first. So the one that has slept longest
//! only changes to one that has slept less, and a look that is due is never too late.

use std::sync::Arc;
use std::time::Duration;

use super::clock::Nanos;
use super::effects::Effects;
use super::engine::Engine;
use super::inner::Inner;
use super::payload::Payload;
use super::pool::idle_nanos;

/// At most so often is it looked: one ends at a time, and none while one is on its way.
const NEXT: Nanos = 10_000_000;

impl<P: Payload> Inner<P> {
    /// A worker is about to sleep: with it there are several, one of which may sleep too long.
    #[inline]
    pub fn watch_idle(&mut self, fx: &mut Effects<P>, now: Nanos) {
        if let Some(until) = self.pool.idle_until(1)
            && !self.time.watches_idle()
        {
            // It has to sleep by then.
            self.time.watch_idle(until.max(now.saturating_add(NEXT)));
            self.arm_timer(fx);
        }
    }

    /// Has the worker end that sleeps for too long, and says when to look again.
    pub fn end_idle(&mut self, fx: &mut Effects<P>, now: Nanos) {
        let Some(until) = self.pool.idle_until(2) else { return };
        if until > now {
            self.time.watch_idle(until);
            return;
        }
        // It may find something to do, or another may be on its way, and none be told: then one is the next time.
        self.pool.dismiss(fx);
        if let Some(until) = self.pool.idle_until(2) {
            self.time.watch_idle(until.max(now.saturating_add(NEXT)));
        }
    }
}

impl<P: Payload> Engine<P> {
    /// How many workers sleep, as they have nothing to do.
    pub fn idle_workers(&self) -> usize {
        self.shared().with(|inner, _| inner.pool.idle())
    }

    /// How many do not sleep: they run bodies, come for one, or end.
    pub fn awake_workers(&self) -> usize {
        self.shared().with(|inner, _| inner.pool.awake())
    }

    /// After how long a sleep a worker's thread ends, while another sleeps, too; `None` for never.
    pub fn idle_timeout(&self) -> Option<Duration> {
        let nanos = self.shared().with(|inner, _| inner.pool.idle_timeout());
        (nanos != Nanos::MAX).then(|| Duration::from_nanos(nanos))
    }

    /// Changes that, for those that sleep now, too.
    pub fn set_idle_timeout(&self, after: Option<Duration>) {
        self.shared().with(|inner, fx| {
            inner.pool.set_idle_timeout(idle_nanos(after));
            inner.time.watch_idle(inner.pool.idle_until(2).unwrap_or(Nanos::MAX));
            inner.arm_timer(fx);
        });
    }

    /// Has `start` called in each worker's thread that starts from now on, before its first task, after those that were
    /// added before.
    pub fn on_thread_start(&self, start: impl Fn() + Send + Sync + 'static) {
        let start = Arc::new(start);
        self.shared().with(|inner, _| inner.pool.add_start(start));
    }
}
