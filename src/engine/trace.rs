//! What a trace records, and where that lies until it is written.
//!
//! # Design
//!
//! Each place of the engine where something happens to a task asks whether a trace is being written: a bit that is read
//! there anyway, [`wants::TRACE`](super::outgoing::wants::TRACE). If so, it puts one [`Event`] of a fixed size into the
//! [`Recording`]: moments of the engine's clock, the task's id, and its names as the shared texts that the engine has.
//! So nothing is allocated, formatted or looked up under the engine's lock. A thread of its own (`trace_writer.rs`) takes
//! the events ten times a second, and sooner when there are many, makes text of them (`trace_text.rs`), and writes it.
//!
//! Which places these are is in `tracing.rs`. What happens beside the lock (a slot, a drain) is recorded by
//! [`Span`](super::tracer::Span).
//!
//! Two kinds of spans. One of a thread (a run, a slot, a drain) is two events, its begin and its end, so that a trace of a
//! process that dies in a run shows that run. One of a wait is one event, at its end: there may be a million waits
//! at once, and one that is lost leaves no half. While a trace is written, a submission is not left in the injector, where
//! nobody would record it.
//!
//! # Invariants
//!
//! 1. `events.len() + open <= ROOM`, and `events` never grows: a thread records without an allocation, and memory is
//!    bounded, however slow the file is. What finds no room is counted in `lost`, and the file says so.
//! 2. `open` is the number of begins that were taken, and whose end was not. So an end has its room: a begin is lost
//!    with its end, or neither is. Whoever was told that its begin was taken ends it, once, in the same recording.
//! 3. Events of one thread lie in the order in which they happened.
//! 4. Nothing is taken but while the state is [`Writing`](State::Writing).
//!
//! # Deadlock safety
//!
//! The lock of a recording is taken inside of the engine's, or without it, and holds nothing else. The writer formats
//! and writes without it: a file system that hangs keeps no other thread waiting, but one that stops the trace, for a
//! bounded time.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::clock::Nanos;
use super::crew::Crew;
use super::error::TraceError;
use super::id::TaskId;
use super::sites::Site;
use super::sync::{Condvar, Mutex, MutexGuard, thread_local};
use super::words::{Priority, Status};

/// Events that wait to be written: with the ones that are being written about 13 MB.
pub const ROOM: usize = 1 << 16;

/// The writer looks so often, or when the room is half full.
pub const LOOK: Duration = Duration::from_millis(100);

/// A counter is recorded at most so often, and then as it was last.
const COUNTS_EVERY: Nanos = 100_000;

pub type Text = Option<Arc<str>>;

/// Which task, by its names.
#[derive(Clone)]
pub struct Who {
    pub task: TaskId,
    pub name: Text,
    pub job: Text,
    pub owner: Text,
}

/// What a slot tells of a task, for a trace.
#[derive(Clone, Default)]
pub struct Traced {
    pub name: Text,
    /// Its submission is in the trace, where the arrow begins.
    pub arrow: bool,
}

/// What a task waits for. It is kept in four bits: see `Record::waiting`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Waits {
    /// For nothing: it runs on a thread, or has ended.
    None,
    Delay,
    NextRun,
    NextAttempt,
    /// For those that it comes after.
    After,
    /// For its turn in its key.
    Key,
    Paused,
    High,
    Normal,
    Low,
    /// In the lane of a shutdown.
    MustRun,
    /// The application does it.
    Elsewhere,
    /// For the members of a group.
    Members,
    /// A future, for a wake-up.
    Wake,
    /// A future that was woken, for a worker.
    Turn,
    /// It runs since before the trace began.
    Before,
}

impl Waits {
    const ALL: [Waits; 16] = [
        Waits::None,
        Waits::Delay,
        Waits::NextRun,
        Waits::NextAttempt,
        Waits::After,
        Waits::Key,
        Waits::Paused,
        Waits::High,
        Waits::Normal,
        Waits::Low,
        Waits::MustRun,
        Waits::Elsewhere,
        Waits::Members,
        Waits::Wake,
        Waits::Turn,
        Waits::Before,
    ];

    pub fn from_bits(bits: u8) -> Waits {
        Waits::ALL[usize::from(bits & 15)]
    }

    pub fn name(self) -> &'static str {
        match self {
            Waits::None => "",
            Waits::Delay => "waits for its delay",
            Waits::NextRun => "waits for its next run",
            Waits::NextAttempt => "waits for its next attempt",
            Waits::After => "waits for what it comes after",
            Waits::Key => "waits for its key",
            Waits::Paused => "is paused",
            Waits::High => "waits in High",
            Waits::Normal => "waits in Normal",
            Waits::Low => "waits in Low",
            Waits::MustRun => "waits in the shutdown",
            Waits::Elsewhere => "runs elsewhere",
            Waits::Members => "waits for its members",
            Waits::Wake => "waits to be woken",
            Waits::Turn => "waits for its turn",
            Waits::Before => "runs since before the trace",
        }
    }
}

/// How many tasks wait, by lane, and how many threads execute a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub high: u32,
    pub normal: u32,
    pub low: u32,
    pub must_run: u32,
    /// Of owners that are paused, or run as many as they may.
    pub held_back: u32,
    pub busy: u32,
}

/// How an arrow goes on in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It does not.
    None,
    Step,
    End,
}

pub enum What {
    /// A thread that was not seen before, or is another than was thought.
    Thread(Role),
    Submit {
        who: Who,
        took: Nanos,
        priority: Priority,
        site: Site,
    },
    /// A run begins, or a poll of a future: see invariant 2.
    Run {
        who: Who,
        iteration: u64,
        attempt: u64,
        poll: bool,
        /// Its submission is in the trace, where the arrow begins.
        arrow: bool,
    },
    Slot {
        task: Option<TaskId>,
        name: Text,
        notice: &'static str,
        flow: Flow,
    },
    Drain,
    /// The end of the last of these on this thread, and how it ended, of a run.
    End(&'static str),
    Wait {
        task: TaskId,
        name: Text,
        waits: Waits,
        from: Nanos,
    },
    Ended {
        task: TaskId,
        name: Text,
        status: Status,
        reason: &'static str,
    },
    Counts(Counts),
}

pub struct Event {
    pub at: Nanos,
    pub thread: u32,
    pub what: What,
}

// ---- threads -----------------------------------------------------------------------------------

/// What a thread is to a reader.
#[derive(Clone)]
pub enum Role {
    /// By its place among the workers, from 1.
    Worker(u32, Crew),
    Timer,
    /// It takes what happened out of the engine: in an application the UI thread.
    Receiver,
    /// Of the application's. It has a name, or none.
    Other(std::thread::Thread),
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Other,
    Worker(u32, Crew),
    Timer,
    Receiver,
}

#[derive(Clone, Copy)]
struct Here {
    /// 0 until it is needed.
    number: u32,
    part: Part,
    /// The recording that knows this thread.
    known: u64,
}

const NOWHERE: Here = Here { number: 0, part: Part::Other, known: 0 };

thread_local! {
    #[allow(clippy::missing_const_for_thread_local, reason = "the model checkers' macro has no const form")]
    static HERE: Cell<Here> = Cell::new(NOWHERE);
}

/// Says what the current thread is.
pub fn is_part(part: Part) {
    let _ = HERE.try_with(|here| {
        let now = here.get();
        if now.part != part {
            here.set(Here { part, known: 0, ..now });
        }
    });
}

/// The number of no thread: what is recorded of tasks that wait, and of all.
pub const NO_THREAD: u32 = 1;

/// The number of the current thread, from 2.
fn here(cell: &Cell<Here>) -> Here {
    // Only a source of distinct numbers; outlives each model, so it is no part of them.
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(NO_THREAD + 1);
    let mut here = cell.get();
    if here.number == 0 {
        here.number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        cell.set(here);
    }
    here
}

// ---- a recording -------------------------------------------------------------------------------

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The writer opens the file.
    Opening,
    Writing,
    /// It is to write what there is, and end.
    Stopping,
    /// It has ended, with so many events in the file.
    Ended(Result<u64, TraceError>),
    /// The file system keeps the writer waiting, and nobody else waits for it any more.
    Left,
}

pub struct Buffer {
    pub events: Vec<Event>,
    open: usize,
    /// Since the writer has looked.
    pub lost: u64,
    pub lost_in_all: u64,
    /// As they were last, if that was not recorded.
    pub counts: Option<(Nanos, Counts)>,
    /// When they were recorded, and when they were told last.
    counted: Nanos,
    latest: Nanos,
    /// How often a thread has asked for all that happened to be written, and of these times how many were done.
    asked: u64,
    answered: u64,
    pub state: State,
}

/// What the writer is given beside the events.
pub struct Taken {
    pub lost: u64,
    pub counts: Option<(Nanos, Counts)>,
    pub asked: u64,
    /// These are the last.
    pub last: bool,
}

/// A trace that is being written.
pub struct Recording {
    /// Another than that of any other; never 0.
    pub serial: u64,
    /// When it began, by the clock of the engine.
    pub from: Nanos,
    pub path: PathBuf,
    buffer: Mutex<Buffer>,
    /// Where the writer sleeps.
    work: Condvar,
    /// Where those sleep that wait for the writer.
    done: Condvar,
}

impl Recording {
    pub fn new(path: PathBuf, from: Nanos) -> Self {
        // Only a source of distinct numbers, as above.
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
        let buffer = Buffer {
            events: Vec::with_capacity(ROOM),
            open: 0,
            lost: 0,
            lost_in_all: 0,
            counts: None,
            counted: 0,
            latest: 0,
            asked: 0,
            answered: 0,
            state: State::Opening,
        };
        Recording {
            serial: NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            from,
            path,
            buffer: Mutex::new(buffer),
            work: Condvar::default(),
            done: Condvar::default(),
        }
    }

    /// Records what this thread does at `at`; `false` if it is lost.
    pub fn record(&self, at: Nanos, what: What) -> bool {
        self.add(at, what, 0)
    }

    /// The same of a begin. One that was taken is to be ended by [`Recording::end`], on the same thread.
    pub fn begin(&self, at: Nanos, what: What) -> bool {
        self.add(at, what, 1)
    }

    fn add(&self, at: Nanos, what: What, opens: usize) -> bool {
        // A thread that is ending has no locals any more.
        HERE.try_with(|cell| self.add_here(cell, at, what, opens)).unwrap_or(false)
    }

    fn add_here(&self, cell: &Cell<Here>, at: Nanos, what: What, opens: usize) -> bool {
        let here = here(cell);
        let unknown = here.known != self.serial;
        let mut buffer = self.buffer.lock();
        if buffer.state != State::Writing {
            return false;
        }
        if buffer.events.len() + buffer.open + opens + usize::from(unknown) >= ROOM {
            buffer.lost += 1;
            buffer.lost_in_all += 1;
            return false;
        }
        if unknown {
            let role = match here.part {
                Part::Worker(number, crew) => Role::Worker(number, crew),
                Part::Timer => Role::Timer,
                Part::Receiver => Role::Receiver,
                Part::Other => Role::Other(std::thread::current()),
            };
            cell.set(Here { known: self.serial, ..here });
            self.push(&mut buffer, Event { at, thread: here.number, what: What::Thread(role) });
        }
        buffer.open += opens;
        self.push(&mut buffer, Event { at, thread: here.number, what });
        true
    }

    /// Ends what this thread has begun last. Nothing of what was taken is lost: see invariant 2.
    pub fn end(&self, at: Nanos, how: &'static str) {
        let Ok(here) = HERE.try_with(here) else { return };
        let mut buffer = self.buffer.lock();
        buffer.open = buffer.open.saturating_sub(1);
        if buffer.state == State::Writing {
            self.push(&mut buffer, Event { at, thread: here.number, what: What::End(how) });
        }
    }

    fn push(&self, buffer: &mut Buffer, event: Event) {
        debug_assert!(buffer.events.len() < ROOM);
        buffer.events.push(event);
        if buffer.events.len() == ROOM / 2 {
            // Once for so many events: what it costs to wake a thread is a small part of what these have cost.
            self.work.notify_one();
        }
    }

    /// How many wait and run is this from here on.
    pub fn count(&self, at: Nanos, counts: Counts) {
        let mut buffer = self.buffer.lock();
        // Each thread has looked at the clock before it came here: the last to come is right.
        let at = at.max(buffer.latest);
        buffer.latest = at;
        if at < buffer.counted.saturating_add(COUNTS_EVERY) {
            buffer.counts = Some((at, counts));
            return;
        }
        if buffer.events.len() + buffer.open < ROOM && buffer.state == State::Writing {
            buffer.counted = at;
            buffer.counts = None;
            self.push(&mut buffer, Event { at, thread: NO_THREAD, what: What::Counts(counts) });
        }
    }

    // ---- the writer, and those that wait for it ------------------------------------------------

    /// Waits until there is something to write, for [`LOOK`] at most, and gives it out in exchange for `spare`, which is
    /// empty.
    pub fn take(&self, spare: &mut Vec<Event>) -> Taken {
        let mut buffer = self.buffer.lock();
        let until = Instant::now() + LOOK;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let asked = buffer.state != State::Writing || buffer.asked > buffer.answered;
            if asked || buffer.events.len() >= ROOM / 2 || left.is_zero() {
                break;
            }
            buffer = self.work.wait_for(buffer, left);
        }
        std::mem::swap(&mut buffer.events, spare);
        // One that waits for room.
        self.done.notify_all();
        Taken {
            lost: std::mem::take(&mut buffer.lost),
            counts: buffer.counts.take(),
            asked: buffer.asked,
            last: buffer.state != State::Writing,
        }
    }

    /// What was taken so is written.
    pub fn written(&self, asked: u64) {
        let mut buffer = self.buffer.lock();
        if asked > buffer.answered {
            buffer.answered = asked;
            drop(buffer);
            self.done.notify_all();
        }
    }

    /// Has all that happened written, and waits for that, for `time` at most.
    pub fn flush(&self, time: Duration) {
        let mut buffer = self.buffer.lock();
        buffer.asked += 1;
        let asked = buffer.asked;
        drop(buffer);
        self.wake();
        self.wait_until(time, |buffer| buffer.answered >= asked || buffer.state != State::Writing);
    }

    /// Has the writer look.
    pub fn wake(&self) {
        self.work.notify_one();
    }

    pub fn lock(&self) -> MutexGuard<'_, Buffer> {
        self.buffer.lock()
    }

    /// `false` if it is [`Left`](State::Left), and stays so.
    pub fn set_state(&self, state: State) -> bool {
        let mut buffer = self.buffer.lock();
        let set = buffer.state != State::Left;
        if set {
            buffer.state = state;
        }
        drop(buffer);
        self.work.notify_one();
        self.done.notify_all();
        set
    }

    /// Waits until `done`, for `time` at most; whether it is.
    pub fn wait_until(&self, time: Duration, done: impl Fn(&Buffer) -> bool) -> bool {
        let until = Instant::now() + time;
        let mut buffer = self.buffer.lock();
        while !done(&buffer) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            buffer = self.done.wait_for(buffer, left);
        }
        true
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    fn recording() -> Recording {
        let recording = Recording::new(PathBuf::from("-"), 0);
        recording.set_state(State::Writing);
        recording
    }

    #[test]
    fn b364_what_finds_no_room_is_counted_and_an_end_has_its_room() {
        let recording = recording();
        let mut begun = 0;
        while recording.begin(1, What::Drain) {
            begun += 1;
        }
        // The thread itself took one.
        assert_eq!(begun, (ROOM - 1) / 2);
        let free = ROOM - 1 - 2 * begun;
        for left in (0..=free).rev() {
            assert_eq!(recording.record(1, What::Counts(Counts::default())), left > 0);
        }
        (0..begun).for_each(|_| recording.end(2, ""));
        let buffer = recording.lock();
        assert_eq!((buffer.events.len(), buffer.open, buffer.lost), (ROOM, 0, 2));
        assert_eq!(buffer.events.capacity(), ROOM);
    }

    #[test]
    fn b361_counts_are_recorded_now_and_then_and_as_they_were_last() {
        let recording = recording();
        let counts = |busy| Counts { busy, ..Counts::default() };
        for busy in 1..=2 {
            recording.count(COUNTS_EVERY + Nanos::from(busy), counts(busy));
        }
        // One that has looked at the clock before the last.
        recording.count(COUNTS_EVERY + 1, counts(3));
        let mut events = Vec::with_capacity(ROOM);
        recording.set_state(State::Stopping);
        let last = recording.take(&mut events).counts;
        assert!(matches!(events[..], [Event { what: What::Counts(Counts { busy: 1, .. }), .. }]));
        assert_eq!(last, Some((COUNTS_EVERY + 2, counts(3))));
    }

    #[test]
    fn what_is_waited_for_fits_into_its_bits() {
        for (bits, waits) in Waits::ALL.into_iter().enumerate() {
            assert_eq!((waits as usize, Waits::from_bits(bits as u8)), (bits, waits));
        }
        assert!(size_of::<Event>() <= 104, "{} bytes an event", size_of::<Event>());
    }
}
