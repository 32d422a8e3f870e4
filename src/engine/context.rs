//! What a body is given.

use std::sync::Arc;
use std::time::Duration;

use super::cancel::{CancelToken, Flag, Stopped};
use super::error::TaskError;
use super::id::TaskId;
use super::words::CancelReason;

/// What a context asks of its engine, whatever that engine's payload is.
pub(super) trait Host: Send + Sync {
    fn report_progress(&self, id: TaskId, measure: Measure, message: Option<&str>);
    fn report_amount(&self, id: TaskId, done: f64, total: f64, unit: &str);
    fn token(&self, id: TaskId) -> CancelToken;
    fn set_hook(&self, id: TaskId, hook: CancelHook);
    /// Waits until the task is asked to stop, or the time is over; and while it is paused.
    fn sleep(&self, id: TaskId, flag: &Flag, time: Duration);
    /// Stops while the task is paused.
    fn pause(&self, id: TaskId, flag: &Flag) -> Stopped;
    /// Has another worker run in the place of the task's body: see `lending.rs`.
    fn lend(&self, id: TaskId) -> Option<Lent>;
    fn take_back(&self, lent: Lent);
}

/// A place that a run has lent.
#[derive(Clone, Copy)]
pub(super) struct Lent {
    pub run: u32,
    /// Another with each body that the run executes.
    pub serial: u64,
}

/// A part of a body that may block, until this is dropped.
pub(crate) struct Blocking {
    host: Arc<dyn Host>,
    lent: Option<Lent>,
}

impl Drop for Blocking {
    fn drop(&mut self) {
        if let Some(lent) = self.lent {
            self.host.take_back(lent);
        }
    }
}

/// How far a body says that it is.
#[derive(Clone, Copy)]
pub(super) enum Measure {
    /// There is nothing to measure by.
    Unknown,
    Is(f64),
    /// It says the second, which is no progress, and close enough to the first to be taken as that.
    About(f64, f64),
    /// What it says is no progress: what it was stays.
    Not(f64),
}

/// Sums of fractions are a little over 1 in the end.
const ROUNDING: f64 = 1e-6;

/// How much of how much a task says that it has done.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Count {
    /// `None`: how much there is in all is not known.
    Is(f64, Option<f64>),
    /// It says more than there is in all, and no more than sums of fractions are off.
    About(f64),
    /// It says more than there is in all: that is not known, then.
    Beyond(f64),
    /// What it says is no amount: what it was stays.
    Not(f64),
}

impl Count {
    pub(super) fn of(done: f64, total: f64) -> Self {
        if !done.is_finite() || done < 0.0 {
            Count::Not(done)
        } else if !total.is_finite() || total <= 0.0 {
            Count::Is(done, None)
        } else if done <= total {
            Count::Is(done, Some(total))
        } else if done / total <= 1.0 + ROUNDING {
            Count::About(total)
        } else {
            Count::Beyond(done)
        }
    }
}

impl Measure {
    pub(super) fn of(value: f64) -> Self {
        if (0.0..=1.0).contains(&value) {
            Measure::Is(value)
        } else if value > 1.0 && value <= 1.0 + ROUNDING {
            Measure::About(1.0, value)
        } else {
            Measure::Not(value)
        }
    }
}

/// What is called when a body is asked to stop.
pub(super) type CancelHook = Arc<dyn Fn() + Send + Sync>;

/// What a body is given: its task's id, whether it shall stop, and a way to report progress.
///
/// It belongs to the thread that runs the body. For other threads there is [`TaskContext::token`].
pub struct TaskContext {
    pub(super) host: Arc<dyn Host>,
    /// The flag of this worker's current run.
    pub(super) flag: Arc<Flag>,
    pub(super) id: TaskId,
    pub(super) iteration: u64,
    pub(super) attempt: u64,
}

impl TaskContext {
    /// The same, for a future, which keeps it from poll to poll.
    pub(super) fn copy(&self) -> Self {
        let TaskContext { host, flag, id, iteration, attempt } = self;
        TaskContext {
            host: host.clone(),
            flag: flag.clone(),
            id: *id,
            iteration: *iteration,
            attempt: *attempt,
        }
    }

    /// The id of the task that runs.
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// The number of this run, from 1. Always 1 for a task that runs once.
    pub fn iteration(&self) -> u64 {
        self.iteration
    }

    /// The number of this attempt, from 1: above that, those before it failed. See `retry`.
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    /// Whether the body was asked to stop. It costs one load; ask often.
    pub fn is_cancelled(&self) -> bool {
        self.flag.get() != 0
    }

    /// Why the body was asked to stop, if it was.
    pub fn cancel_reason(&self) -> Option<CancelReason> {
        CancelReason::from_number(self.flag.get())
    }

    /// `Err` once the body was asked to stop: `context.checkpoint()?` ends it as cancelled.
    ///
    /// While a task that was submitted `pausable` is paused, its body stops here until it is resumed, or asked to stop.
    /// Its worker takes no part meanwhile: another thread runs what waits. It costs one load; call it often.
    #[inline]
    pub fn checkpoint(&self) -> Result<(), TaskError> {
        match self.flag.is_raised() {
            true => self.stop(),
            false => Ok(()),
        }
    }

    #[cold]
    fn stop(&self) -> Result<(), TaskError> {
        if self.flag.is_paused() {
            let stopped = self.host.pause(self.id, &self.flag);
            if stopped == Stopped::ForEver {
                return Err(TaskError::from_error(
                    "the task is paused in its body, and nothing is left on the virtual clock that would resume it",
                ));
            }
        }
        match self.is_cancelled() {
            true => Err(TaskError::cancelled()),
            false => Ok(()),
        }
    }

    /// The flag, to keep and to send to other threads.
    pub fn token(&self) -> CancelToken {
        self.host.token(self.id)
    }

    /// Has `hook` called when the body is asked to stop, on the thread that asks; here and now, if it was
    /// asked already. For what cannot ask [`TaskContext::is_cancelled`]: to interrupt a call that blocks.
    ///
    /// A run has one; another takes its place. The hook is called once, has to be short and must not
    /// block; a panic of it is logged. It may still be called in the moment after the run has ended, so
    /// what it touches has to outlive that. It is destroyed after the run.
    pub fn on_cancel(&self, hook: impl Fn() + Send + Sync + 'static) {
        let hook: CancelHook = Arc::new(hook);
        self.host.set_hook(self.id, hook);
    }

    /// Sleeps for `time`, or until the body is asked to stop, which is the `Err`. It is a checkpoint all that time:
    /// a body that is paused in it goes on once it is resumed and the time is over.
    pub fn sleep(&self, time: Duration) -> Result<(), TaskError> {
        self.host.sleep(self.id, &self.flag, time);
        self.checkpoint()
    }

    /// Runs `work`, a part of the body that may block: it waits for a disk, a network, a process. Meanwhile this worker
    /// does not count to `max_workers`: another runs in its place. It is for what takes a millisecond or more, as
    /// another thread may have to be started for it.
    ///
    /// For a body that does nothing else there is the option `may_block`. Scopes nest. At their end the body goes on at
    /// once, and for a moment one more may be at work than `max_workers`: a worker ends as its task does. That
    /// holds where `work` panics, too.
    ///
    /// At most `max_blocking` (64) bodies are replaced at once; of more, the others count as any. So do all where
    /// the system has no thread to give.
    ///
    /// ```
    /// # use legwork::tasks;
    /// let read = tasks().task(|context| {
    ///     let text = context.blocking(|| std::fs::read_to_string("Cargo.toml"))?;
    ///     Ok::<_, std::io::Error>(text.lines().count() as i64)
    /// });
    /// assert!(read.spawn()?.wait(None)? > 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn blocking<R>(&self, work: impl FnOnce() -> R) -> R {
        let _scope = self.begin_blocking();
        work()
    }

    pub(crate) fn begin_blocking(&self) -> Blocking {
        Blocking { host: self.host.clone(), lent: self.host.lend(self.id) }
    }

    /// Reports how far it is, from 0 to 1, and what it is doing.
    ///
    /// Report as often as you like: at most one report a task and frame (16 ms) travels on, and the
    /// last before the end always does. Of a value that is not from 0 to 1, or no number, only the message
    /// counts, and the value stays what it was; up to a millionth over 1 is 1. The first such value of a
    /// task is logged. For "not known" there is [`TaskContext::set_message`].
    pub fn set_progress(&self, value: f64, message: &str) {
        self.host.report_progress(self.id, Measure::of(value), Some(message));
    }

    /// The same without a new message.
    pub fn set_progress_value(&self, value: f64) {
        self.host.report_progress(self.id, Measure::of(value), None);
    }

    /// Reports how much it has done of how much, and what is counted: `bytes`, which are shown as kB, MB and so on, or
    /// anything else, as `files`. The progress is the one divided by the other, and the speed is known as of a
    /// quarter of a second: see `amount` in what is known of the task.
    ///
    /// A total of 0, or of no number above that, is not known yet: the progress is -1 then. So it is where more is
    /// done than that, as of a download whose announced length was wrong: what is done is true, and a task that
    /// goes on is not at its end; up to a millionth over the total is the total. An amount that is below 0, or no
    /// number, is ignored, and all stays what it was. The first of either is logged. A message of
    /// [`TaskContext::set_message`] stays beside it; [`TaskContext::set_progress`] takes its place.
    pub fn set_progress_of(&self, done: f64, total: f64, unit: &str) {
        self.host.report_amount(self.id, done, total, unit);
    }

    /// Reports what it is doing, where there is nothing to measure by: the value becomes -1, unless an amount was
    /// reported, which stays.
    pub fn set_message(&self, message: &str) {
        self.host.report_progress(self.id, Measure::Unknown, Some(message));
    }
}
