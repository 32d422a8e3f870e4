//! The bodies that are being executed, and those of them whose workers do not count.
//!
//! # Invariants
//!
//! 1. `waiting` and `blocking` are the numbers of runs with that [`Run::place`], by crew, which follows from the other
//!    fields; [`Runs::settle_place`] alone writes all three. The worker of a run that is `helping` counts: of the runs of one
//!    thread the innermost alone may have none of the places. A run's crew changes only while it has its place.
//! 2. A run has a task if and only if a thread executes that task's body, or the application does elsewhere what
//!    the task stands for, or the body is a future that has begun; the task's record has the run's index meanwhile. A
//!    run in `free` has none. `begun` is the number of those that have one.
//! 3. `serial` is another with each body, and with each poll of a future; none is given out twice, and none is 0.
//!    So what was noted of a body that has ended, or of a poll, is known to be void, also where the run is not there any
//!    more.
//! 4. The flag of a run is written under the lock alone.
//! 5. `off_threads` is the number of runs whose [`Run::at`] is not `Thread`: of external tasks, from their begin to
//!    their end, and of futures, between two polls. Such a run neither waits nor blocks.
//! 6. `abandoned` is set only while the run has a task; one of its `expects` is that of the abandoning.
//! 7. `stopped` is how many threads of its body have stopped for a pause, each of which is one of its `expects`:
//!    more than one where a body lends its context to threads of its own. While it is not 0, `slow_at` is `MAX`. A
//!    future that is paused between two polls has it, too, and expects nothing.
//! 8. `again` is set only while `at` is `Thread` or `Pending`, and the future is to be polled as soon as it may be.
//!
//! What `expects`, `waits_for` and `waits_for_all` say, and when, is in `wait.rs`; what `lent` says, in `lending.rs`.

use std::sync::Arc;

use super::cancel::Flag;
use super::clock::Nanos;
use super::config::MAX_WORKERS;
use super::crew::{Aside, CREWS, Crew};
use super::record::NIL;
use super::waking::Waking;

/// Whether the worker of a run counts to `max_workers`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Taken,
    /// It does not: its body waits for another task, or was abandoned.
    Waits,
    /// It does not, while there are no more of these than there may be: its body has lent its place.
    Blocks,
}

/// Where a run is executed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Thread,
    /// No thread executes it: it is what an external task does elsewhere.
    Elsewhere,
    /// A future that is to be woken.
    Pending,
    /// A future that was woken, and waits for a worker: it stands in the lanes.
    Turn,
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
    /// It is in `free`.
    free: bool,
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
    /// Of its thread.
    crew: Crew,
    /// Its thread executes another body in the middle of its own.
    helping: bool,
    at: At,
    /// Invariant 8.
    again: bool,
    /// By what a future is woken.
    waking: Option<Arc<Waking>>,
    /// Its task was abandoned: the body goes on, and its worker does not count.
    abandoned: bool,
    /// Invariant 7.
    stopped: u32,
    /// Since when, and how long it was still to run then until it would be slow; `Nanos::MAX` for never.
    stopped_at: Nanos,
    slow_left: Nanos,
    /// The recording that has its begin, and not its end: see `trace.rs`. It means nothing while none is made.
    traced: u64,
}

/// So many runs are kept that nobody uses.
const SPARE: usize = 1_024;

pub struct Runs {
    runs: Vec<Run>,
    free: Vec<u32>,
    /// All from here on are in `free`.
    used_end: usize,
    /// Runs whose body waits, by crew.
    waiting: [usize; CREWS.len()],
    /// Runs whose body blocks, by crew.
    blocking: [usize; CREWS.len()],
    /// For how many of those others run.
    max_blocking: usize,
    /// Invariant 2.
    begun: usize,
    /// Invariant 5.
    off_threads: usize,
    /// The last that was given out.
    serials: u64,
}

impl Runs {
    pub const fn new(max_blocking: usize) -> Self {
        let [waiting, blocking] = [[0; CREWS.len()]; 2];
        Runs {
            runs: Vec::new(),
            free: Vec::new(),
            used_end: 0,
            waiting,
            blocking,
            max_blocking,
            begun: 0,
            off_threads: 0,
            serials: 0,
        }
    }

    #[inline]
    fn at(&self, run: u32) -> &Run {
        &self.runs[run as usize]
    }

    #[inline]
    fn at_mut(&mut self, run: u32) -> &mut Run {
        &mut self.runs[run as usize]
    }

    /// A run for a thread of a crew that is going to execute bodies.
    pub fn take(&mut self, crew: Crew) -> u32 {
        if let Some(run) = self.free.pop() {
            self.used_end = self.used_end.max(run as usize + 1);
            let at = self.at_mut(run);
            at.free = false;
            at.crew = crew;
            return run;
        }
        // One that was here before, and given back, has left its number in what others have noted.
        let serial = self.next_serial();
        self.runs.push(Run {
            flag: Arc::new(Flag::default()),
            slot: NIL,
            waits_for: NIL,
            waits_for_all: NIL,
            serial,
            free: false,
            began: 0,
            slow_at: Nanos::MAX,
            slow: false,
            expects: 0,
            lent: 0,
            place: Place::Taken,
            crew,
            helping: false,
            at: At::Thread,
            again: false,
            waking: None,
            abandoned: false,
            stopped: 0,
            stopped_at: 0,
            slow_left: Nanos::MAX,
            traced: 0,
        });
        self.used_end = self.runs.len();
        (self.runs.len() - 1) as u32
    }

    /// That of its thread.
    pub fn crew(&self, run: u32) -> Crew {
        self.at(run).crew
    }

    pub fn give_back(&mut self, run: u32) {
        debug_assert!(
            self.at(run).slot == NIL && self.at(run).place == Place::Taken && !self.at(run).helping
        );
        self.at_mut(run).free = true;
        self.free.push(run);
        if run as usize + 1 == self.used_end {
            while self.used_end > 0 && self.runs[self.used_end - 1].free {
                self.used_end -= 1;
            }
            self.trim();
        }
    }

    /// A flood of futures that is over does not keep its memory.
    fn trim(&mut self) {
        let kept = self.used_end.next_multiple_of(SPARE);
        if self.runs.len() >= kept + SPARE {
            self.runs.truncate(kept);
            self.runs.shrink_to_fit();
            self.free.retain(|run| (*run as usize) < kept);
            self.free.shrink_to_fit();
        }
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
        self.begun += 1;
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
        self.begun -= 1;
        let serial = self.next_serial();
        let at = self.at_mut(run);
        at.slot = NIL;
        at.slow_at = Nanos::MAX;
        at.expects = 0;
        at.lent = 0;
        at.abandoned = false;
        at.stopped = 0;
        at.serial = serial;
        if at.waking.take().is_some() {
            // What the future was given may be asked by others still: it says what it said last.
            at.flag = Arc::new(Flag::default());
            at.again = false;
        }
        if at.place != Place::Taken {
            self.settle_place(run);
        }
        self.go_to(run, At::Thread);
    }

    #[inline]
    fn next_serial(&mut self) -> u64 {
        self.serials += 1;
        self.serials
    }

    #[inline]
    fn go_to(&mut self, run: u32, to: At) {
        let from = std::mem::replace(&mut self.at_mut(run).at, to);
        self.off_threads -= usize::from(from != At::Thread);
        self.off_threads += usize::from(to != At::Thread);
    }

    // ---- of external tasks ---------------------------------------------------------------------

    /// A run for what no thread of ours executes.
    pub fn take_elsewhere(&mut self) -> u32 {
        let run = self.take(Crew::Foreground);
        self.go_to(run, At::Elsewhere);
        run
    }

    /// Whether a thread executes it.
    #[inline]
    pub fn is_on_thread(&self, run: u32) -> bool {
        self.at(run).at == At::Thread
    }

    pub fn set_traced(&mut self, run: u32, recording: u64) {
        self.at_mut(run).traced = recording;
    }

    pub fn take_traced(&mut self, run: u32) -> u64 {
        std::mem::take(&mut self.at_mut(run).traced)
    }

    /// How many runs are executed by threads.
    pub fn on_threads(&self) -> usize {
        self.begun - self.off_threads
    }

    #[inline]
    pub fn serial(&self, run: u32) -> u64 {
        // One that was noted may not be there any more.
        self.runs.get(run as usize).map_or(0, |run| run.serial)
    }

    // ---- of futures ----------------------------------------------------------------------------

    /// The run that has just begun is a future's, which this wakes.
    pub fn set_waking(&mut self, run: u32, waking: Arc<Waking>) {
        self.at_mut(run).waking = Some(waking);
    }

    pub fn waking(&self, run: u32) -> Option<Arc<Waking>> {
        self.at(run).waking.clone()
    }

    /// Whether a waker, by its data, is the one that a future is polled with.
    pub fn is_woken_by(&self, run: u32, data: *const ()) -> bool {
        let waking = self.runs.get(run as usize).and_then(|run| run.waking.as_ref());
        waking.is_some_and(|waking| std::ptr::eq(Arc::as_ptr(waking).cast(), data))
    }

    /// A thread of a crew polls it, or destroys it.
    pub fn begin_poll(&mut self, run: u32, crew: Crew) {
        debug_assert!(!self.is_on_thread(run));
        let at = self.at_mut(run);
        at.again = false;
        // It has its place, so that none of the counts is another crew's from here on.
        debug_assert!(at.place == Place::Taken);
        at.crew = crew;
        self.go_to(run, At::Thread);
    }

    /// The poll is over, and the future pending: what it was going to wait for in the poll it does not, and what it has
    /// lent it has back.
    pub fn end_poll(&mut self, run: u32) {
        let serial = self.next_serial();
        let at = self.at_mut(run);
        at.serial = serial;
        at.expects = 0;
        at.lent = 0;
        if at.place != Place::Taken {
            self.settle_place(run);
        }
        self.go_to(run, At::Pending);
    }

    /// It was woken: whether it is to be given its turn now, and not later, as it is being polled, or paused.
    pub fn wake(&mut self, run: u32) -> bool {
        let at = self.at_mut(run);
        match at.at {
            At::Pending if at.stopped == 0 => true,
            At::Pending | At::Thread => {
                at.again = true;
                false
            }
            At::Turn | At::Elsewhere => false,
        }
    }

    /// It waits for a worker.
    pub fn give_turn(&mut self, run: u32) {
        debug_assert!(self.is_pending(run));
        self.at_mut(run).again = false;
        self.go_to(run, At::Turn);
    }

    /// It does not, any more, and is to be polled as soon as it may be.
    pub fn take_turn_back(&mut self, run: u32) {
        debug_assert!(self.has_turn(run));
        self.at_mut(run).again = true;
        self.go_to(run, At::Pending);
    }

    /// Whether it is to be woken.
    pub fn is_pending(&self, run: u32) -> bool {
        self.at(run).at == At::Pending
    }

    /// Whether it stands in the lanes.
    pub fn has_turn(&self, run: u32) -> bool {
        self.at(run).at == At::Turn
    }

    /// Whether it was woken while it could not be given its turn.
    pub fn is_owed(&self, run: u32) -> bool {
        self.at(run).again
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
    pub fn aside(&self) -> Aside {
        let waiting = self.waiting.map(|waiting| waiting.min(MAX_WORKERS));
        let foreground = self.blocking[0].min(self.max_blocking);
        let background = self.blocking[1].min(self.max_blocking - foreground);
        Aside { foreground: waiting[0] + foreground, background: waiting[1] + background }
    }

    /// How many bodies of a crew are not about to come back to the lanes, whether others may run in their places or
    /// not.
    pub fn held_up(&self, crew: Crew) -> usize {
        self.waiting[crew as usize] + self.blocking[crew as usize]
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
        let crew = at.crew as usize;
        let before = std::mem::replace(&mut at.place, place);
        if before == place {
            return;
        }
        for (place, one_more) in [(before, false), (place, true)] {
            let count = match place {
                Place::Taken => continue,
                Place::Waits => &mut self.waiting[crew],
                Place::Blocks => &mut self.blocking[crew],
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

    /// Whether its body is at work: it was begun, and waits for no other task. That of an abandoned task may be. A future
    /// that is pending is at work, too, for its owner's limit.
    #[inline]
    pub fn works(&self, run: u32) -> bool {
        let at = self.at(run);
        at.slot != NIL
            && at.at != At::Elsewhere
            && !at.helping
            && at.stopped == 0
            && at.expects == u32::from(at.abandoned)
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
        debug_assert!(self.at(run).slot != NIL && self.is_on_thread(run));
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
