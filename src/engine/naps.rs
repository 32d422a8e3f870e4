//! Sleep without a thread: what is to be woken at a time, and is no task.
//!
//! # Invariants
//!
//! 1. A [`Sleep`] that was polled, and whose time has not come, has one entry among the naps, by its time and its
//!    number, which is no other's. Its end takes that out, and so does its time.
//! 2. The timer thread stays while there is an entry, also in an engine that is closed: what sleeps need not be of the
//!    engine's.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::clock::{Nanos, nanos};
use super::fork;

/// What is to be woken, and when.
pub struct Naps {
    /// By when, and by number.
    wakers: BTreeMap<(Nanos, u64), Waker>,
    numbers: u64,
}

impl Naps {
    pub const fn new() -> Self {
        Naps { wakers: BTreeMap::new(), numbers: 0 }
    }

    pub fn len(&self) -> usize {
        self.wakers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.wakers.is_empty()
    }

    pub fn next_due(&self) -> Option<Nanos> {
        self.wakers.first_key_value().map(|((due, _), _)| *due)
    }

    /// Has `waker` woken at `due`, in place of the one that `number` has there; the number of a new entry for 0. What
    /// is not needed any more is to be destroyed without the lock.
    pub fn insert(&mut self, due: Nanos, number: u64, waker: Waker) -> (u64, Option<Waker>) {
        let number = match number {
            0 => {
                self.numbers += 1;
                self.numbers
            }
            number => number,
        };
        (number, self.wakers.insert((due, number), waker))
    }

    pub fn remove(&mut self, due: Nanos, number: u64) -> Option<Waker> {
        self.wakers.remove(&(due, number))
    }

    /// Takes the first out if it is due.
    pub fn pop_due(&mut self, now: Nanos) -> Option<Waker> {
        let first = self.wakers.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }
}

/// What a sleep asks of its engine, whatever that engine's payload is.
pub trait KeepsTime: Send + Sync {
    fn now(&self) -> Nanos;
    /// Has `waker` woken at `due`: see [`Naps::insert`]. `None` if that is over by now.
    fn nap(&self, due: Nanos, number: u64, waker: Waker) -> Option<u64>;
    fn forget(&self, due: Nanos, number: u64);
}

/// A future that is ready at a time: see [`sleep`](crate::sleep).
///
/// On any executor, and on any thread. Dropping it forgets the time.
#[must_use = "a future does nothing unless it is awaited"]
pub struct Sleep {
    engine: Arc<dyn KeepsTime>,
    due: Nanos,
    /// 0: it has no entry among the naps.
    number: u64,
}

impl Sleep {
    /// From now on.
    pub(super) fn new(engine: Arc<dyn KeepsTime>, time: Duration) -> Self {
        let due = match fork::is_child() {
            true => nanos(time),
            false => engine.now().saturating_add(nanos(time)),
        };
        Sleep { engine, due, number: 0 }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if fork::is_child() {
            // Nobody keeps the time here.
            fork::sleep(Duration::from_nanos(std::mem::take(&mut this.due)));
            return Poll::Ready(());
        }
        // Cloning a waker is a user's code, and is done without the lock.
        match this.engine.nap(this.due, this.number, context.waker().clone()) {
            Some(number) => {
                this.number = number;
                Poll::Pending
            }
            None => {
                this.number = 0;
                Poll::Ready(())
            }
        }
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if self.number != 0 && !fork::is_child() {
            self.engine.forget(self.due, self.number);
        }
    }
}
