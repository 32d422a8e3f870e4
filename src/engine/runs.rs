//! The bodies that are being executed, and those of them whose workers do not count.
//!
//! # Invariants
//!
//! 1. `waiting` and `blocking` are the numbers of runs with that [`Run::place`], which follows from the other fields;
//!    [`Runs::settle_place`] alone writes all three. The worker of a run that is `helping` counts: of the runs of one thread
//!    the innermost alone may have none of the places.
//! 2. A run has a task if and only if a thread executes that task's body, or the application does elsewhere what
//!    the task stands for; the task's record has the run's index meanwhile. A run in `free` has none.
//! 3. `serial` is another with each body. So what was noted of a body that has ended is known to be void.
//! 4. The flag of a run is written under the lock alone.
//! 5. `elsewhere` is the number of runs with [`Run::elsewhere`], which an external task has from its begin to its
//!    end. Such a run neither waits nor blocks.
//! 6. `abandoned` is set only while the run has a task; one of its `expects` is that of the abandoning.
//! 7. `stopped` is how many threads of its body have stopped for a pause, each of which is one of its `expects`:
//!    more than one where a body lends its context to threads of its own. While it is not 0, `slow_at` is `MAX`.
//!
//! What `expects`, `waits_for` and `waits_for_all` say, and when, is in `wait.rs`; what `lent` says, in `lending.rs`.

use std::sync::Arc;

use super::cancel::Flag;
use super::clock::Nanos;
use super::config::MAX_WORKERS;
use super::record::NIL;

/// Whether the worker of a run counts to `max_workers`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Taken,
    /// It does not: its body waits for another task, or was abandoned.
    Waits,
    /// It does not, while there are no more of these than there may be: its body has lent its place.
    Blocks,
}

/// A body that is being executed, or is waiting for another.
struct Run {
    flag: Arc<Flag>,
    /// The task; `NIL` while the run is free.
    slot: u32,
    /// The task that its body waits for; `NIL` for none.
    waits_for: u32,
    /// The owner, by its index, all of whose tasks its body waits for; `NIL` for none.
    waits_for_all: u32,
    /// Changes with each body that it executes.
    serial: u64,
    /// When the body began.
    began: Nanos,
    /// When it has taken long; `Nanos::MAX` for never, or once that was told.
    slow_at: Nanos,
    /// It has taken long.
    slow: bool,
    /// How many ends of other tasks its body waits for, or is about to: see `wait.rs`.
    expects: u32,
    /// How many times its body has lent its place, and not taken it back: see `lending.rs`.
    lent: u32,
    /// Invariant 1.
    place: Place,
    /// Its thread executes another body in the middle of its own.
    helping: bool,
    /// No thread executes it: it is what an external task does elsewhere.
    elsewhere: bool,
    /// Its task was abandoned: the body goes on, and its worker does not count.
    abandoned: bool,
    /// Invariant 7.
    stopped: u32,
    /// Since when, and how long it was still to run then until it would be slow; `Nanos::MAX` for never.
    stopped_at: Nanos,
    slow_left: Nanos,
}

pub struct Runs {
    runs: Vec<Run>,
    free: Vec<u32>,
    /// Runs whose body waits.
    waiting: usize,
    /// Runs whose body blocks.
    blocking: usize,
    /// For how many of those others run.
    max_blocking: usize,
    /// Runs that no thread executes.
    elsewhere: usize,
}

impl Runs {
    pub const fn new(max_blocking: usize) -> Self {
        Runs { runs: Vec::new(), free: Vec::new(), waiting: 0, blocking: 0, max_blocking, elsewhere: 0 }
    }

    #[inline]
    fn at(&self, run: u32) -> &Run {
        &self.runs[run as usize]
    }

    #[inline]
    fn at_mut(&mut self, run: u32) -> &mut Run {
        &mut self.runs[run as usize]
    }

    /// A run for a thread that is going to execute bodies.
    pub fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.runs.push(Run {
                flag: Arc::new(Flag::default()),
                slot: NIL,
                waits_for: NIL,
                waits_for_all: NIL,
                serial: 0,
                began: 0,
                slow_at: Nanos::MAX,
                slow: false,
                expects: 0,
                lent: 0,
                place: Place::Taken,
                helping: false,
                elsewhere: false,
                abandoned: false,
                stopped: 0,
                stopped_at: 0,
                slow_left: Nanos::MAX,
            });
            (self.runs.len() - 1) as u32
        })
    }

    pub fn give_back(&mut self, run: u32) {
        debug_assert!(
            self.at(run).slot == NIL && self.at(run).place == Place::Taken && !self.at(run).helping
        );
        self.free.push(run);
    }

    /// How many there are, of those that have a task and those that have none.
    pub fn count(&self) -> u32 {
        self.runs.len() as u32
    }

    /// The task of a run, or `NIL`.
    #[inline]
    pub fn slot(&self, run: u32) -> u32 {
        self.at(run).slot
    }

    /// The tasks whose bodies are being executed.
    pub fn slots(&self) -> impl Iterator<Item = u32> {
        self.runs.iter().map(|run| run.slot).filter(|slot| *slot != NIL)
    }

    pub fn begin(&mut self, run: u32, slot: u32, now: Nanos, slow_at: Nanos) {
        let run = self.at_mut(run);
        run.flag.set(0);
        run.slot = slot;
        run.began = now;
        run.slow_at = slow_at;
        run.slow = false;
    }

    pub fn began(&self, run: u32) -> Nanos {
        self.at(run).began
    }

    /// When a run has taken long, `Nanos::MAX` for never; of one that is free, too.
    pub fn slow_at(&self, run: u32) -> Nanos {
        self.at(run).slow_at
    }

    /// It was told that a run takes long.
    pub fn told_slow(&mut self, run: u32) {
        let run = self.at_mut(run);
        run.slow_at = Nanos::MAX;
        run.slow = true;
    }

    /// Whether its body has taken long; not for `NIL`.
    pub fn is_slow(&self, run: u32) -> bool {
        self.runs.get(run as usize).is_some_and(|run| run.slow)
    }

    /// The body has ended: whatever it was going to wait for, it does not, and what it has lent it has back.
    pub fn end(&mut self, run: u32) {
        let at = self.at_mut(run);
        at.slot = NIL;
        at.slow_at = Nanos::MAX;
        at.expects = 0;
        at.lent = 0;
        at.abandoned = false;
        at.stopped = 0;
        at.serial += 1;
        if at.place != Place::Taken {
            self.settle_place(run);
        }
        let at = self.at_mut(run);
        if std::mem::take(&mut at.elsewhere) {
            self.elsewhere -= 1;
        }
    }

    // ---- of external tasks ---------------------------------------------------------------------

    /// A run for what no thread of ours executes.
    pub fn take_elsewhere(&mut self) -> u32 {
        let run = self.take();
        self.at_mut(run).elsewhere = true;
        self.elsewhere += 1;
        run
    }

    #[inline]
    pub fn is_elsewhere(&self, run: u32) -> bool {
        self.at(run).elsewhere
    }

    /// How many runs are executed by threads.
    pub fn on_threads(&self) -> usize {
        self.slots().count() - self.elsewhere
    }

    #[inline]
    pub fn serial(&self, run: u32) -> u64 {
        self.at(run).serial
    }

    // ---- to be asked to stop -------------------------------------------------------------------

    pub fn flag(&self, run: u32) -> Arc<Flag> {
        self.at(run).flag.clone()
    }

    /// Why its body was asked to stop, 0 for not at all; `None` for `NIL`.
    pub fn reason(&self, run: u32) -> Option<u8> {
        self.runs.get(run as usize).map(|run| run.flag.get())
    }

    /// Asks its body to stop; whether that is the first time. `None` for `NIL`.
    pub fn raise(&mut self, run: u32, reason: u8) -> Option<bool> {
        let run = self.runs.get(run as usize)?;
        let first = run.flag.get() == 0;
        run.flag.set(reason);
        Some(first)
    }

    // ---- to be paused --------------------------------------------------------------------------

    /// Asks its body to stop at its next checkpoint, or to go on; whether that changes anything.
    pub fn ask_to_pause(&mut self, run: u32, pause: bool) -> bool {
        self.at(run).flag.set_paused(pause)
    }

    /// Whether that is the flag of a run that has a task.
    pub fn has_flag(&self, run: u32, flag: &Flag) -> bool {
        self.runs.get(run as usize).is_some_and(|run| run.slot != NIL && std::ptr::eq(&*run.flag, flag))
    }

    /// Whether its body has stopped for a pause; not for `NIL`.
    #[inline]
    pub fn is_stopped(&self, run: u32) -> bool {
        self.runs.get(run as usize).is_some_and(|run| run.stopped > 0)
    }

    /// A thread of its body stops; whether it is the first. The time in which it counts as slow stands still.
    pub fn stop(&mut self, run: u32, now: Nanos) -> bool {
        let at = self.at_mut(run);
        at.stopped += 1;
        let first = at.stopped == 1;
        if first {
            at.stopped_at = now;
            at.slow_left = match at.slow_at {
                Nanos::MAX => Nanos::MAX,
                slow_at => slow_at.saturating_sub(now),
            };
            at.slow_at = Nanos::MAX;
        }
        first
    }

    /// It goes on; whether it was the last.
    pub fn go_on(&mut self, run: u32, now: Nanos) -> bool {
        let at = self.at_mut(run);
        at.stopped -= 1;
        let last = at.stopped == 0;
        if last {
            at.began = at.began.saturating_add(now.saturating_sub(at.stopped_at));
            at.slow_at = now.saturating_add(at.slow_left);
        }
        last
    }

    // ---- to wait -------------------------------------------------------------------------------

    /// The number of workers that do not count: others may run in their places.
    #[inline]
    pub fn aside(&self) -> usize {
        self.waiting.min(MAX_WORKERS) + self.blocking.min(self.max_blocking)
    }

    /// How many bodies are not about to come back to the lanes, whether others may run in their places or not.
    pub fn held_up(&self) -> usize {
        self.waiting + self.blocking
    }

    /// Sees to it that invariant 1 holds after a change.
    fn settle_place(&mut self, run: u32) {
        let at = &mut self.runs[run as usize];
        let place = match at {
            Run { helping: true, .. } => Place::Taken,
            Run { expects: 1.., .. } => Place::Waits,
            Run { lent: 1.., .. } => Place::Blocks,
            _ => Place::Taken,
        };
        let before = std::mem::replace(&mut at.place, place);
        if before == place {
            return;
        }
        for (place, one_more) in [(before, false), (place, true)] {
            let count = match place {
                Place::Taken => continue,
                Place::Waits => &mut self.waiting,
                Place::Blocks => &mut self.blocking,
            };
            match one_more {
                true => *count += 1,
                false => *count -= 1,
            }
        }
    }

    /// Its body is going to wait for one end more, and its worker does not count meanwhile; unless it helps: then
    /// the run of the other body is that thread's.
    pub fn expect(&mut self, run: u32) {
        self.at_mut(run).expects += 1;
        self.settle_place(run);
    }

    /// Its task is abandoned: from here on its worker does not count.
    pub fn abandon(&mut self, run: u32) {
        self.at_mut(run).abandoned = true;
        self.expect(run);
    }

    /// Whether its body is at work: it was begun, and waits for no other task. That of an abandoned task may be.
    #[inline]
    pub fn works(&self, run: u32) -> bool {
        let at = self.at(run);
        at.slot != NIL && !at.elsewhere && !at.helping && at.expects == u32::from(at.abandoned)
    }

    /// One of those waits is over; whether it was the last.
    pub fn expect_less(&mut self, run: u32) -> bool {
        self.at_mut(run).expects -= 1;
        self.settle_place(run);
        self.at(run).expects == 0
    }

    /// Its thread executes another body in the middle of this one: it does not wait, then.
    pub fn begin_help(&mut self, run: u32) {
        self.at_mut(run).helping = true;
        self.settle_place(run);
    }

    pub fn end_help(&mut self, run: u32) {
        self.at_mut(run).helping = false;
        self.settle_place(run);
    }

    // ---- to lend its place ---------------------------------------------------------------------

    /// For how many bodies that block others run.
    pub fn max_blocking(&self) -> usize {
        self.max_blocking
    }

    pub fn set_max_blocking(&mut self, bodies: usize) {
        self.max_blocking = bodies;
    }

    /// Its body lends its place, once more.
    pub fn lend(&mut self, run: u32) {
        debug_assert!(self.at(run).slot != NIL && !self.at(run).elsewhere);
        self.at_mut(run).lent += 1;
        self.settle_place(run);
    }

    /// It takes it back, once.
    pub fn lend_less(&mut self, run: u32) {
        self.at_mut(run).lent -= 1;
        self.settle_place(run);
    }

    #[inline]
    pub fn has_lent(&self, run: u32) -> bool {
        self.at(run).lent > 0
    }

    // ---- to wait, by which task ----------------------------------------------------------------

    /// The task that its body waits for, or `NIL`.
    pub fn waits_for(&self, run: u32) -> u32 {
        self.at(run).waits_for
    }

    /// Its body waits for a task from here on; `NIL`: it waits no more.
    pub fn wait_for(&mut self, run: u32, slot: u32) {
        self.at_mut(run).waits_for = slot;
    }

    /// The owner all of whose tasks its body waits for, or `NIL`.
    pub fn waits_for_all(&self, run: u32) -> u32 {
        self.at(run).waits_for_all
    }

    /// Its body waits for all tasks of an owner from here on; `NIL`: it waits no more.
    pub fn wait_for_all(&mut self, run: u32, owner: u32) {
        self.at_mut(run).waits_for_all = owner;
    }
}
