//! What a change under the lock asks for once the lock is released.
//!
//! Everything that can run code of others (a destructor, a callback, a waker, Qt) or that enters
//! the kernel (waking, starting a thread) is written down here while the lock is held, and done by
//! `Shared::apply` after it. That no function with the lock in its hands calls out
//! is how "no lock is held while user code runs" is kept.

use std::sync::Arc;
use std::task::Waker;

use super::body::{BoxBody, Outcome};
use super::callbacks::Callbacks;
use super::context::CancelHook;
use super::crew::CREWS;
use super::holds::Receipt;
use super::id::TaskId;
use super::owners::Alive;
use super::sync::Condvar;
use super::task::Extra;
use super::telling::{Follower, Told};

/// To be destroyed, never used: what each holds is there for its destructor alone.
#[expect(dead_code, reason = "nobody reads what is only to be destroyed")]
pub enum Garbage<P> {
    Body(BoxBody<P>),
    Outcome(Outcome<P>),
    Extra(Box<Extra<P>>),
    Waker(Waker),
    Callbacks(Arc<Callbacks<P>>),
    Hook(CancelHook),
    Followers(Vec<Follower>),
    Values(Vec<P>),
}

/// Callbacks that have a notice waiting, and are called by the thread that made it happen, where no other
/// thread receives them.
pub struct Direct<P> {
    pub callbacks: Arc<Callbacks<P>>,
    pub alive: Option<Arc<Alive>>,
    /// For a trace.
    pub task: TaskId,
}

pub struct Effects<P> {
    /// A worker of each crew to wake.
    pub wake_workers: [Option<Arc<Condvar>>; CREWS.len()],
    /// The worker that spins is to look again.
    pub look_again: bool,
    /// A worker of each crew to start; it is counted already.
    pub start_workers: [bool; CREWS.len()],
    /// The receiving thread is to be told that the outbox is no longer empty.
    pub notify: bool,
    /// The timer thread has an earlier time to wait for, or has to end.
    pub wake_timer: bool,
    pub start_timer: bool,
    /// Threads in `wait`, `sleep` or `shutdown` have something to look at.
    pub wake_waiters: bool,
    /// Something was queued, and no worker called for it: see [`Inner::dispatch`](super::inner::Inner::dispatch).
    pub queued: bool,
    /// There is something to be done in pieces: see `chores.rs`.
    pub chores: bool,
    /// What runs code of others. Most changes have nothing of it.
    calls: Option<Box<Calls<P>>>,
}

/// The effects that may run code of others.
pub struct Calls<P> {
    pub follows: Vec<Told>,
    pub wakers: Vec<Waker>,
    /// Of bodies that were asked to stop.
    pub hooks: Vec<CancelHook>,
    pub garbage: Vec<Garbage<P>>,
    pub direct: Vec<Direct<P>>,
    /// For the developer's log.
    pub warnings: Vec<String>,
    /// The owners that have something among these; given back when it is done.
    pub holds: Vec<Receipt>,
}

impl<P> Calls<P> {
    const fn new() -> Self {
        Calls {
            follows: Vec::new(),
            wakers: Vec::new(),
            hooks: Vec::new(),
            garbage: Vec::new(),
            direct: Vec::new(),
            warnings: Vec::new(),
            holds: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.direct.is_empty()
            && self.follows.is_empty()
            && self.wakers.is_empty()
            && self.hooks.is_empty()
            && self.garbage.is_empty()
            && self.warnings.is_empty()
            && self.holds.is_empty()
    }
}

impl<P> Effects<P> {
    pub const fn new() -> Self {
        Effects {
            wake_workers: [None, None],
            look_again: false,
            start_workers: [false; CREWS.len()],
            notify: false,
            wake_timer: false,
            start_timer: false,
            wake_waiters: false,
            queued: false,
            chores: false,
            calls: None,
        }
    }

    /// To add to what may run code of others.
    pub fn calls(&mut self) -> &mut Calls<P> {
        self.calls.get_or_insert_with(|| Box::new(Calls::new()))
    }

    /// Whether applying it may run code of others.
    pub fn calls_out(&self) -> bool {
        self.calls.as_ref().is_some_and(|calls| !calls.is_empty())
    }

    pub fn is_empty(&self) -> bool {
        !self.calls_out()
            && self.wake_workers.iter().all(Option::is_none)
            && !self.look_again
            && self.start_workers == [false; CREWS.len()]
            && !self.notify
            && !self.wake_timer
            && !self.start_timer
            && !self.wake_waiters
            && !self.queued
            && !self.chores
    }
}
