//! The closures that hear of one task.
//!
//! # Invariants
//!
//! 1. The closures are called one at a time, in the order in which things happened, also when one
//!    of them opens an event loop in which the next notice arrives.
//! 2. No lock is held while one runs, or is destroyed.
//! 3. A panic in one is logged and stays there; the others still run.
//!
//! Invariants 1 and 2 together: a notice goes into `waiting` first, where no Qt is under the lock of
//! the engine, so that they stand in the order in which things happened. Then each thread that put one there
//! takes the closures out, and calls them with all that waits; one that finds them taken has nothing to do.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use smallvec::{SmallVec, smallvec};

use super::contain::{destroy, panic_message};
use super::diagnostics::{self, About};
use super::notice::Notice;
use super::sync::Mutex;

/// A closure that hears of a task. It gets every notice; `Started` where the options ask for it.
pub type Callback<P> = Box<dyn FnMut(&Notice<P>) + Send>;

/// What a callback hears of besides what all of them are told.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hears {
    /// The start, also one that was before.
    pub starts: bool,
    /// It does something with a failure. All callbacks are called with one, and most ignore it.
    pub failures: bool,
}

/// A callback that hears of the start once.
pub fn hearing_start<P: 'static>(mut closure: Callback<P>) -> Callback<P> {
    let mut told = false;
    Box::new(move |notice| {
        if !matches!(notice, Notice::Started) || !std::mem::replace(&mut told, true) {
            closure(notice);
        }
    })
}

/// What was told before a callback came, and is told to it before all else.
#[derive(Default)]
pub struct Missed {
    /// The start, of one that hears of that.
    pub start: bool,
    /// How far the task was, unless what is told is newer.
    pub progress: Option<(f64, Arc<str>)>,
}

impl Missed {
    pub fn is_nothing(&self) -> bool {
        !self.start && self.progress.is_none()
    }
}

struct Hearer<P> {
    closure: Callback<P>,
    missed: Option<Box<Missed>>,
}

impl<P> Hearer<P> {
    fn new(closure: Callback<P>, missed: Missed) -> Self {
        let missed = if missed.is_nothing() { None } else { Some(Box::new(missed)) };
        Hearer { closure, missed }
    }

    fn is_late(&self) -> bool {
        self.missed.is_some()
    }

    fn tell(&mut self, notice: &Notice<P>) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.closure)(notice))) {
            diagnostics::error(
                About::Task,
                format_args!("a task's callback panicked: {}", panic_message(panic)),
            );
        }
    }
}

/// The closures of one task.
pub struct Callbacks<P>(Mutex<Inner<P>>);

/// Most tasks have one.
type Closures<P> = SmallVec<[Hearer<P>; 1]>;

struct Inner<P> {
    /// Absent while they are being called.
    closures: Option<Closures<P>>,
    waiting: VecDeque<Notice<P>>,
    /// Added while the others were being called.
    added: Vec<Hearer<P>>,
}

impl<P: Clone> Callbacks<P> {
    pub fn new(closures: Vec<Callback<P>>) -> Self {
        Self::of(closures.into_iter().map(|closure| Hearer { closure, missed: None }).collect())
    }

    pub fn one(closure: Callback<P>, missed: Missed) -> Self {
        Self::of(smallvec![Hearer::new(closure, missed)])
    }

    fn of(closures: Closures<P>) -> Self {
        let inner = Inner { closures: Some(closures), waiting: VecDeque::new(), added: Vec::new() };
        Callbacks(Mutex::new(inner))
    }

    /// Adds one; it hears of what it has missed, and of what is delivered from then on.
    pub fn add(&self, closure: Callback<P>, missed: Missed) {
        let hearer = Hearer::new(closure, missed);
        let mut inner = self.0.lock();
        match &mut inner.closures {
            Some(closures) => closures.push(hearer),
            None => inner.added.push(hearer),
        }
    }

    /// Puts a notice behind the others. Runs no user's code; the lock is a leaf.
    pub(super) fn push(&self, notice: Notice<P>) {
        self.0.lock().waiting.push_back(notice);
    }

    /// Calls the closures with a notice, behind the others, unless `gone` says that their owner went.
    pub fn deliver(&self, notice: &Notice<P>, gone: &dyn Fn() -> bool) {
        let mut inner = self.0.lock();
        let free = if inner.waiting.is_empty() { inner.closures.take() } else { None };
        let Some(mut closures) = free else {
            inner.waiting.push_back(notice.clone());
            drop(inner);
            return self.run(gone);
        };
        drop(inner);
        call(&mut closures, notice, gone);
        self.go_on(closures, gone);
    }

    /// Calls the closures with what waits.
    pub(super) fn run(&self, gone: &dyn Fn() -> bool) {
        let closures = self.0.lock().closures.take();
        if let Some(closures) = closures {
            self.go_on(closures, gone);
        }
    }

    /// Calls the closures, which were taken out, with what waits, and puts them back.
    fn go_on(&self, mut closures: Closures<P>, gone: &dyn Fn() -> bool) {
        loop {
            let mut inner = self.0.lock();
            closures.extend(inner.added.drain(..));
            let Some(notice) = inner.waiting.pop_front() else {
                inner.closures = Some(closures);
                return;
            };
            drop(inner);
            call(&mut closures, &notice, gone);
            destroy(notice);
        }
    }
}

fn call<P>(closures: &mut Closures<P>, notice: &Notice<P>, gone: &dyn Fn() -> bool) {
    let is_start = matches!(notice, Notice::Started);
    // What some have missed goes before what all hear now, or one would hear of an end before another of the start.
    let late = closures.iter().any(Hearer::is_late);
    if late {
        catch_up(closures, notice, gone);
    }
    for hearer in closures {
        if gone() {
            break;
        }
        // The engine may have sent a start only to have told what was missed.
        let done = late && hearer.missed.take().is_some() && is_start;
        if !done {
            hearer.tell(notice);
        }
    }
}

/// Tells each of the start that it has missed, and then each how far the task was.
#[cold]
fn catch_up<P>(closures: &mut Closures<P>, notice: &Notice<P>, gone: &dyn Fn() -> bool) {
    for hearer in
        closures.iter_mut().filter(|hearer| hearer.missed.as_ref().is_some_and(|missed| missed.start))
    {
        if gone() {
            return;
        }
        hearer.tell(&Notice::Started);
    }
    if matches!(notice, Notice::Progress(..)) {
        return;
    }
    for hearer in closures {
        let progress = hearer.missed.as_mut().and_then(|missed| missed.progress.take());
        if gone() {
            return;
        }
        if let Some((value, message)) = progress {
            hearer.tell(&Notice::Progress(value, message));
        }
    }
}
