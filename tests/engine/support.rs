//! What the tests share: a payload, latches, an engine with a recorder and a watchdog.
//!
//! The locks are parking_lot's: ThreadSanitizer does not see into those of a prebuilt `std`.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use legwork::engine::{
    Callback, CancelReason, Delivery, DeliveryMode, Engine, EngineConfig, Notice, Once, Payload, Periodic,
    Receiver, Repeated, Status, SubmitError, TaskContext, TaskError, TaskId, TaskOptions, WaitResult,
};

/// Long enough for a loaded machine under a sanitizer; a test that needs it has failed.
pub const DEADLINE: Duration = Duration::from_secs(120);

pub const SECOND: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Num(pub i64);

/// A result of which nobody can tell how large it is, as all below zero are.
pub const UNKNOWN_SIZE: Num = Num(-1);

impl Num {
    pub const TOP: i64 = 100_000_000_000_000_003;
}

impl Payload for Num {
    fn byte_size(&self) -> Option<usize> {
        (self.0 >= 0).then_some(8)
    }

    /// Digits, one after another: 1, 2 and 3 are 123. Of numbers below [`Num::TOP`] it is one.
    fn list(values: Vec<Num>) -> Num {
        Num(values.into_iter().fold(0, |sum: i64, value| (sum * 10 + value.0) % Num::TOP))
    }
}

pub type Answer = Result<Num, TaskError>;
pub type Options = TaskOptions<Num>;

pub fn fault(message: &str) -> TaskError {
    TaskError::new(legwork::engine::ErrorKind::Failed, message)
}

static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what the library logs from here on.
pub fn keep_log() {
    legwork::engine::diagnostics::set_sink(|_, _, text| LOGGED.lock().push(text.to_owned()));
}

/// What was logged of a task.
pub fn logged_of(id: TaskId) -> Vec<String> {
    let id = id.to_string();
    LOGGED.lock().iter().filter(|line| line.contains(&id)).cloned().collect()
}

/// What was logged with these words in it.
pub fn logged_with(words: &str) -> Vec<String> {
    LOGGED.lock().iter().filter(|line| line.contains(words)).cloned().collect()
}

/// Holds threads until it is opened, and tells how many have come.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<(usize, bool)>, Condvar)>);

impl Gate {
    pub fn new() -> Self {
        Self::default()
    }

    /// Comes to the gate, and waits until it is open.
    pub fn pass(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock();
        state.0 += 1;
        changed.notify_all();
        while !state.1 {
            assert!(!changed.wait_for(&mut state, DEADLINE).timed_out(), "nobody opened the gate");
        }
    }

    pub fn open(&self) {
        self.0.0.lock().1 = true;
        self.0.1.notify_all();
    }

    /// Waits until so many have come.
    pub fn wait_for(&self, arrived: usize) {
        let (state, changed) = &*self.0;
        let mut state = state.lock();
        while state.0 < arrived {
            let late = changed.wait_for(&mut state, DEADLINE).timed_out();
            assert!(!late, "{} came to the gate, not {arrived}", state.0);
        }
    }
}

/// Waits for what no event tells, such as that a thread has ended.
pub fn until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < DEADLINE, "not within the deadline: {what}");
        std::thread::yield_now();
    }
}

/// Ends the process with a message if a test hangs where no time-out reaches.
struct Watchdog {
    /// Closed when the test is over.
    _alive: Sender<()>,
}

impl Watchdog {
    fn new() -> Self {
        let (alive, gone) = channel::<()>();
        let (began, begun) = channel::<()>();
        let name = std::thread::current().name().unwrap_or("a test").to_owned();
        std::thread::spawn(move || {
            began.send(()).unwrap();
            if gone.recv_timeout(2 * DEADLINE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                eprintln!("{name} hangs");
                std::process::abort();
            }
        });
        begun.recv().unwrap();
        Watchdog { _alive: alive }
    }
}

pub fn describe(notice: &Notice<Num>) -> String {
    match notice {
        Notice::Queued => "queued".to_owned(),
        Notice::Retried(_) => "retried".to_owned(),
        Notice::Started => "started".to_owned(),
        Notice::Paused(reason) => format!("paused {reason}"),
        Notice::Resumed => "resumed".to_owned(),
        Notice::Progress(value, message) => format!("progress {value} {message}"),
        Notice::Run(iteration, value) => format!("run {iteration} {}", value.0),
        Notice::RunFailed(iteration, error) => format!("run-failed {iteration} {}", error.kind().name()),
        Notice::Retrying(attempt, error, delay) => {
            format!("retrying {attempt} {} {delay:?}", error.kind().name())
        }
        Notice::Values(values) => {
            let values: Vec<_> = values.iter().map(|value| value.0.to_string()).collect();
            format!("values {}", values.join(" "))
        }
        Notice::Slow(time) => format!("slow {time:?}"),
        Notice::Completed(value) => format!("completed {}", value.0),
        Notice::Failed(error) => format!("failed {}", error.kind().name()),
        Notice::Cancelled(reason) => format!("cancelled {}", reason.name()),
    }
}

/// What a receiver and callbacks heard, in order.
pub type Log = Arc<Mutex<Vec<String>>>;

/// An engine with its receiver, and with logs of what came.
pub struct Lab {
    engine: Engine<Num>,
    receiver: Mutex<Receiver<Num>>,
    /// By the receiver: the task, if it is about one, and what.
    pub events: Mutex<Vec<(Option<TaskId>, String)>>,
    /// By the callbacks that `options` gives.
    pub heard: Log,
    _watchdog: Watchdog,
}

impl Deref for Lab {
    type Target = Engine<Num>;

    fn deref(&self) -> &Engine<Num> {
        &self.engine
    }
}

pub fn config(workers: usize) -> EngineConfig {
    EngineConfig { max_workers: workers, ..EngineConfig::default() }
}

impl Lab {
    pub fn of(engine: Engine<Num>, mode: DeliveryMode) -> Lab {
        engine.set_listening(mode == DeliveryMode::Queued);
        Lab {
            receiver: Mutex::new(Receiver::new(engine.clone())),
            engine,
            events: Mutex::default(),
            heard: Log::default(),
            _watchdog: Watchdog::new(),
        }
    }

    /// On the virtual clock.
    pub fn manual(workers: usize, mode: DeliveryMode) -> Lab {
        Lab::of(Engine::manual(config(workers), mode), mode)
    }

    /// On the virtual clock, with a receiver.
    pub fn queued(workers: usize) -> Lab {
        Lab::manual(workers, DeliveryMode::Queued)
    }

    /// On the virtual clock, without a receiver.
    pub fn direct(workers: usize) -> Lab {
        Lab::manual(workers, DeliveryMode::Direct)
    }

    pub fn engine(&self) -> &Engine<Num> {
        &self.engine
    }

    /// Options with a callback that writes into `heard`.
    pub fn options(&self) -> Options {
        Options { callbacks: vec![self.callback()], ..Options::default() }
    }

    pub fn periodic(&self, seconds: u32) -> Options {
        Options { periodic: Some(Periodic::every(seconds * SECOND)), ..self.options() }
    }

    /// Without a callback.
    pub fn silent_periodic(&self, seconds: u32) -> Options {
        Options { periodic: Some(Periodic::every(seconds * SECOND)), ..Options::default() }
    }

    pub fn callback(&self) -> Callback<Num> {
        let heard = self.heard.clone();
        Box::new(move |notice| heard.lock().push(describe(notice)))
    }

    pub fn try_submit(
        &self,
        options: Options,
        body: impl FnOnce(&TaskContext) -> Answer + Send + 'static,
    ) -> Result<TaskId, SubmitError> {
        self.engine.submit(Box::new(Once(Some(body))), options, None, false)
    }

    pub fn submit(
        &self,
        options: Options,
        body: impl FnOnce(&TaskContext) -> Answer + Send + 'static,
    ) -> TaskId {
        self.try_submit(options, body).expect("the task is accepted")
    }

    pub fn run(&self, body: impl FnOnce(&TaskContext) -> Answer + Send + 'static) -> TaskId {
        self.submit(Options::default(), body)
    }

    pub fn repeat(
        &self,
        options: Options,
        body: impl FnMut(&TaskContext) -> Answer + Send + 'static,
    ) -> TaskId {
        self.engine.submit(Box::new(Repeated(body)), options, None, false).expect("the task is accepted")
    }

    /// Occupies a worker until the gate opens; returns once it is occupied.
    pub fn hold_worker(&self) -> Gate {
        let gate = Gate::new();
        let held = gate.clone();
        self.run(move |_| {
            held.pass();
            Ok(Num(0))
        });
        gate.wait_for(1);
        gate
    }

    pub fn done(&self, id: TaskId) {
        assert_eq!(self.engine.wait(id, Some(DEADLINE)), WaitResult::Done);
    }

    /// Waits until a periodic task rests after its run.
    pub fn rests(&self, id: TaskId, runs: u64) {
        until("the run has ended", || {
            let info = self.info(id).unwrap();
            info.iteration >= runs && info.status != Status::Running && info.status != Status::Queued
        });
    }

    /// Delivers everything that is there, with the callbacks.
    pub fn drain(&self) {
        self.drain_some(usize::MAX);
    }

    /// The same, of the first that are there.
    pub fn drain_some(&self, most: usize) {
        let mut receiver = self.receiver.lock();
        let _drain = self.engine.drain_span();
        receiver.acknowledge();
        for delivery in receiver.by_ref().take(most) {
            let _slot = self.engine.slot_span(&delivery);
            let event = match &delivery {
                Delivery::Task { id, notice, .. } => (Some(*id), describe(notice)),
                Delivery::Late { id, notice, .. } => (Some(*id), format!("late {}", describe(notice))),
                Delivery::AllFinished => (None, "all finished".to_owned()),
                Delivery::LimitReached { name, limit, .. } => (None, format!("limit {name} {limit}")),
                Delivery::PausesChanged => (None, "pauses changed".to_owned()),
                Delivery::Shutdown(report) => (None, format!("shutdown {}", report.complete)),
            };
            self.events.lock().push(event);
            delivery.call();
        }
    }

    /// Waits until nothing is queued or running, and delivers it.
    pub fn quiet(&self) {
        self.quiet_without_drain();
        self.drain();
    }

    pub fn quiet_without_drain(&self) {
        until("everything has ended", || {
            let counts = self.counts();
            counts.queued == 0 && counts.running == 0
        });
    }

    /// What the receiver heard of a task.
    pub fn events_of(&self, id: TaskId) -> Vec<String> {
        let events = self.events.lock();
        events.iter().filter(|(task, _)| *task == Some(id)).map(|(_, event)| event.clone()).collect()
    }

    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().clone()
    }

    /// Ends the engine, and waits for its threads.
    pub fn finish(&self) {
        self.engine.shutdown(Duration::ZERO, None);
        until("the workers have ended", || self.counts().workers == 0);
        self.drain();
        let counts = self.counts();
        assert_eq!((counts.delayed, counts.queued, counts.running, counts.live), (0, 0, 0, 0));
    }
}

/// What `CancelReason` is used for most.
pub const USER: CancelReason = CancelReason::User;

/// A list that bodies write into.
#[derive(Clone, Default)]
pub struct Order(Arc<Mutex<Vec<i64>>>);

impl Order {
    pub fn push(&self, number: i64) {
        self.0.lock().push(number);
    }

    pub fn get(&self) -> Vec<i64> {
        self.0.lock().clone()
    }
}

/// Tells how often what it gave out was destroyed.
#[derive(Clone, Default)]
pub struct Drops(Arc<std::sync::atomic::AtomicUsize>);

pub struct Dropped(Drops);

impl Drops {
    pub fn token(&self) -> Dropped {
        Dropped(self.clone())
    }

    pub fn count(&self) -> usize {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
    }
}
