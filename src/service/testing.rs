//! The virtual clock: tests of an application's own code, without waiting.
//!
//! While a [`VirtualClock`] is there, time stands still for the tasks of this process, and nothing happens but in a call of
//! the thread that has made it:
//!
//! - [`run_until_idle`](VirtualClock::run_until_idle) does all that can be done without moving the time;
//! - [`fast_forward_by`](VirtualClock::fast_forward_by) does that, and moves the time on, to each moment at which
//!   something is due, with all that comes of it there;
//! - [`advance_clock`](VirtualClock::advance_clock) moves the time, and does nothing: what is due by then is late, as
//!   after a machine that was suspended;
//! - [`pending_tasks`](VirtualClock::pending_tasks) says what has not ended.
//!
//! Bodies run on that thread, one after the other, each with its callbacks. What may run in any order does so in one that
//! a seed decides: of the most urgent tasks that are queued, one of the first `max_workers`. Delays, time-outs, periodic
//! ticks, the waits of retries, chance in these, `warn_after`, [`sleep`](crate::sleep) and a shutdown's deadline go by this
//! clock.
//!
//! ```
//! # use std::time::Duration;
//! # use legwork::{Status, tasks};
//! use legwork::testing::VirtualClock;
//!
//! let clock = VirtualClock::new()?;
//! let minute = Duration::from_secs(60);
//! let reminder = tasks().task(|_| "stand up".to_owned()).delay(20 * minute).spawn()?;
//! clock.fast_forward_by(19 * minute)?;
//! assert_eq!(reminder.status(), Status::Delayed);
//! clock.fast_forward_by(minute)?;
//! assert_eq!(reminder.wait(None)?, "stand up");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The guide is `docs/testing.md`: what bodies may do, what is outside of it, and the same for C++ and QML.

use std::marker::PhantomData;
use std::time::Duration;

use super::tasks::Tasks;
use crate::engine::clock::Nanos;
use crate::engine::diagnostics::{self, About};
use crate::engine::sync::{Mutex, MutexGuard};
pub use crate::engine::{ClockError, Pending as PendingTask};

/// One clock at a time: threads of a test harness take turns.
static TURN: Mutex<()> = Mutex::new(());

/// A virtual clock for the tasks of this process, from its making until it is dropped: see [the module](self).
///
/// It belongs to the thread that has made it. What is left as it is dropped goes on by threads and by the real
/// time, from where this has come to.
pub struct VirtualClock {
    tasks: Tasks,
    seed: u64,
    began: Nanos,
    // Given back after `drop` has run.
    _turn: MutexGuard<'static, ()>,
    _of_this_thread: PhantomData<*const ()>,
}

impl VirtualClock {
    /// A clock with the seed that the environment variable `LEGWORK_TEST_SEED` says, or 0.
    ///
    /// While another thread has one, this waits until that is dropped; so tests of one process take turns.
    ///
    /// # Errors
    ///
    /// [`ClockError::Busy`] where there are tasks that have not ended, with a list of these; [`ClockError::Taken`] where
    /// this thread has one already; [`ClockError::InBody`] in the body of a task; [`ClockError::Shut`] after a
    /// shutdown for good; [`ClockError::Working`] where a callback on a worker does not return within 10 s.
    ///
    /// With Qt it is made on the thread of the `QCoreApplication`, if there is one, as that one delivers;
    /// [`ClockError::WrongThread`] elsewhere.
    pub fn new() -> Result<Self, ClockError> {
        Self::with_seed(seed_of_environment())
    }

    /// The same with another seed. The same seed gives the same order.
    pub fn with_seed(seed: u64) -> Result<Self, ClockError> {
        Self::of(crate::tasks(), seed)
    }

    fn of(tasks: Tasks, seed: u64) -> Result<Self, ClockError> {
        let engine = tasks.engine();
        if engine.is_in_body() {
            return Err(ClockError::InBody);
        }
        if engine.is_in_hand() {
            return Err(ClockError::Taken);
        }
        if !tasks.may_deliver() {
            return Err(ClockError::WrongThread);
        }
        let turn = TURN.lock();
        engine.take_in_hand(seed, &mut || tasks.deliver())?;
        Ok(VirtualClock { tasks, seed, began: engine.now(), _turn: turn, _of_this_thread: PhantomData })
    }

    /// The seed that it was made with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How far it has moved since it was made.
    pub fn now(&self) -> Duration {
        Duration::from_nanos(self.tasks.engine().now().saturating_sub(self.began))
    }

    /// Does all that can be done now, then moves the time on by `by`, to each moment at which something is due, and does
    /// there all that can be done, with all that is told of it. Where a body sleeps for longer, the clock is then where
    /// the body has left it.
    ///
    /// # Errors
    ///
    /// [`ClockError::NeverRests`] after 100,000 steps at one moment, with what is still to be done there; the clock stays at
    /// that moment. [`ClockError::InBody`] in the body of a task.
    pub fn fast_forward_by(&self, by: Duration) -> Result<(), ClockError> {
        self.tasks.engine().fast_forward(by, &mut || self.tasks.deliver())
    }

    /// Moves the time on by `by`, and does nothing: no body runs, no time-out counts, until one of the others is called.
    /// Those find it late: a periodic task runs once, and goes on from there as its `misfire` says.
    ///
    /// # Errors
    ///
    /// [`ClockError::InBody`] in the body of a task.
    pub fn advance_clock(&self, by: Duration) -> Result<(), ClockError> {
        self.tasks.engine().move_clock(by)
    }

    /// Does all that can be done without moving the time: what is queued, what is due by now, and what comes of it. What
    /// waits for a later time stays, such as the next run of a periodic task.
    ///
    /// # Errors
    ///
    /// As of [`fast_forward_by`](Self::fast_forward_by).
    pub fn run_until_idle(&self) -> Result<(), ClockError> {
        self.tasks.engine().run_until_idle(&mut || self.tasks.deliver())
    }

    /// The tasks that have not ended: those that wait for nothing but their turn, or for others, first; then by the time
    /// at which they are due.
    pub fn pending_tasks(&self) -> Vec<PendingTask> {
        self.tasks.engine().pending()
    }
}

impl Drop for VirtualClock {
    fn drop(&mut self) {
        self.tasks.engine().let_go();
    }
}

/// What `LEGWORK_TEST_SEED` says; 0 where it says nothing.
fn seed_of_environment() -> u64 {
    let Some(said) = std::env::var_os("LEGWORK_TEST_SEED") else { return 0 };
    said.to_str().and_then(|said| said.parse().ok()).unwrap_or_else(|| {
        diagnostics::warn(
            About::Task,
            format_args!(
                "LEGWORK_TEST_SEED is \"{}\"; expected a whole number from 0 to {}",
                said.display(),
                u64::MAX
            ),
        );
        0
    })
}
