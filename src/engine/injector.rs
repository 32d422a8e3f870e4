//! Where a submit leaves a plain task, beside the engine's lock.
//!
//! While workers are busy they want that lock once a task, and so does a thread that submits: the two would
//! wait for each other most of the time, and pass all of the state from one processor to the other. So
//! a worker that finds everybody at work opens the injector: there a submit takes a ticket (a record
//! that is reserved, whose id it gives out) and leaves its task with it. The next thread that takes the
//! engine's lock takes in first what lies there: see `state.rs`.
//!
//! # Invariants
//!
//! 1. **No thread that has the lock misses a task.** The lock of `State`, and its waits, close the injector
//!    and take in what lies there, before their caller looks at anything. So the state is that of a program
//!    whose submits all had the lock, in the same order.
//! 2. **Only a worker opens it,** on its way to the next task, and only where queueing asks
//!    for nothing but a place in a lane: see `Inner::may_take_in`. What that looks at changes under the lock
//!    alone, and so not before the injector is closed; a worker whose next body lends its place closes it then.
//! 3. **No task is stranded there.** While it is open, all workers run, or one is on its way; each takes in
//!    what lies there before it sleeps. That is `workers.md`, with "queued" for "left in the injector".
//! 4. **It is bounded** by its tickets. Without one a submit takes the lock as ever. While it is open, there
//!    are places free in the engine for all of them, so none is admitted that is one too many.
//!
//! # Deadlock safety
//!
//! The desk's lock is taken inside of the engine's, or without it, and holds nothing else.
//!
//! # Memory ordering
//!
//! All that is handed over is under the desk's lock. `open` and `left` are hints, `Relaxed`, that spare the
//! desk's lock. A submit that finds `open` to be false takes the engine's lock, which is right at any time. A
//! worker that finds `left` to be false looks again at its next task, and in any case before it sleeps, there
//! under the desk's lock. A submit that happened
//! before the worker looks, by whatever the two have in common, is seen, as that orders the store of `left`,
//! too; of any other nobody can say that it came first.

use super::body::BoxBody;
use super::clock::Nanos;
use super::handles::Handles;
use super::id::{Parts, TaskId};
use super::sites::Site;
use super::sync::{AtomicBool, Mutex, Ordering};
use super::words::Priority;

/// How many tasks may be left before a thread takes them in. A worker comes by for each task that it
/// runs; under a model checker few are enough to run out of.
pub const TICKETS: usize = if cfg!(any(loom, shuttle)) { 2 } else { 32 };

/// A record that is reserved.
#[derive(Clone, Copy)]
struct Ticket {
    slot: u32,
    key: u64,
}

/// A plain task that is to be left.
pub struct Left<P> {
    pub body: BoxBody<P>,
    pub priority: Priority,
    pub site: Site,
    pub created: Nanos,
}

/// One that was.
pub struct Arrival<P> {
    pub slot: u32,
    /// A handle of it was counted.
    pub kept: bool,
    pub task: Left<P>,
}

/// What of the injector is the engine's, and under its lock.
pub struct Within<P> {
    /// What `Desk::open` is, which nobody changes but with this.
    open: bool,
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

    /// Whether there are fewer tickets than there should be.
    pub fn needs_tickets(&self) -> bool {
        self.tickets.len() < TICKETS
    }

    pub fn add_ticket(&mut self, slot: u32, key: u64) {
        self.tickets.push(Ticket { slot, key });
    }

    /// What was just taken from the desk, to be given back emptied.
    pub fn take_arrivals(&mut self) -> Vec<Arrival<P>> {
        std::mem::take(&mut self.arrivals)
    }

    pub fn return_arrivals(&mut self, arrivals: Vec<Arrival<P>>) {
        debug_assert!(arrivals.is_empty());
        self.arrivals = arrivals;
    }
}

struct Desk<P> {
    open: bool,
    tickets: Vec<Ticket>,
    arrivals: Vec<Arrival<P>>,
}

/// A line of the processors' caches for itself: beside what a submit touches in any case.
#[repr(align(64))]
pub struct Injector<P> {
    /// Whether it is worth to look.
    open: AtomicBool,
    /// Something lies there.
    left: AtomicBool,
    desk: Mutex<Desk<P>>,
}

impl<P> Injector<P> {
    pub fn new() -> Self {
        let desk =
            Desk { open: false, tickets: Vec::with_capacity(TICKETS), arrivals: Vec::with_capacity(TICKETS) };
        Injector { open: AtomicBool::new(false), left: AtomicBool::new(false), desk: Mutex::new(desk) }
    }

    /// From now on nothing can be left; what was is in `within`. `false`: it was closed already.
    pub fn close(&self, within: &mut Within<P>) -> bool {
        if !within.open {
            return false;
        }
        within.open = false;
        self.open.store(false, Ordering::Relaxed);
        let mut desk = self.desk.lock();
        desk.open = false;
        self.left.store(false, Ordering::Relaxed);
        std::mem::swap(&mut desk.arrivals, &mut within.arrivals);
        true
    }

    /// Whether it is open, and nothing was left since the last time, as far as this thread can see.
    pub fn is_open_and_empty(&self, within: &Within<P>) -> bool {
        within.open && !self.left.load(Ordering::Relaxed)
    }

    /// Opens it, or leaves it open, with new tickets; what was left is in `within`.
    pub fn open(&self, within: &mut Within<P>) {
        let mut desk = self.desk.lock();
        desk.open = true;
        self.left.store(false, Ordering::Relaxed);
        std::mem::swap(&mut desk.tickets, &mut within.tickets);
        std::mem::swap(&mut desk.arrivals, &mut within.arrivals);
        drop(desk);
        if !std::mem::replace(&mut within.open, true) {
            self.open.store(true, Ordering::Relaxed);
        }
    }

    /// Leaves a plain task, kept by a handle of the thread that submits it if there are `handles`; gives the
    /// body back where the lock is needed.
    pub fn leave(&self, task: Left<P>, handles: Option<&Handles>, salt: u32) -> Result<TaskId, BoxBody<P>> {
        if !self.open.load(Ordering::Relaxed) {
            return Err(task.body);
        }
        let mut desk = self.desk.lock();
        let ticket = if desk.open { desk.tickets.pop() } else { None };
        let Some(Ticket { slot, key }) = ticket else { return Err(task.body) };
        if let Some(handles) = handles {
            // Nobody else knows of the slot before the task lies there.
            handles.add(slot);
        }
        desk.arrivals.push(Arrival { slot, kept: handles.is_some(), task });
        self.left.store(true, Ordering::Relaxed);
        drop(desk);
        Ok(TaskId::pack(Parts { slot, key, salt }))
    }
}
