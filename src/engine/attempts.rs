//! The attempts of a task that may be tried again, and how long it waits between them.
//!
//! # Invariants
//!
//! 1. `made` counts the attempts that have begun of the current run, or of the last one where that is `over`;
//!    a task that runs once has one run. It is at most `times + 1`.
//! 2. `waits` is set while the task is Delayed between two attempts, and no longer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{Nanos, nanos};
use super::error::TaskError;
use super::words::{Backoff, Retry};

const MILLISECOND: Nanos = 1_000_000;

fn is_whole(time: Nanos) -> bool {
    time.is_multiple_of(MILLISECOND)
}

/// The next whole millisecond, if it is none.
fn to_whole(time: Nanos) -> Nanos {
    time.div_ceil(MILLISECOND).saturating_mul(MILLISECOND)
}

/// An attempt failed, and there will be another: as it is told.
pub struct Again {
    /// The attempt that comes, from 2.
    pub attempt: u64,
    /// Without what was thrown.
    pub error: Arc<TaskError>,
    pub delay: Duration,
}

pub struct Attempts {
    options: Retry,
    made: u64,
    /// The run has ended: the next attempt is the first of another.
    over: bool,
    waits: bool,
    /// When the attempt is due for which it waits, or the last one was.
    due: Nanos,
    /// What is still to be told.
    untold: VecDeque<Again>,
}

impl Attempts {
    pub fn new(options: Retry) -> Self {
        Attempts { options, made: 0, over: false, waits: false, due: 0, untold: VecDeque::new() }
    }

    /// What the task was submitted with.
    pub fn options(&self) -> Retry {
        self.options
    }

    /// How many have begun.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// How many there may be.
    pub fn most(&self) -> u64 {
        u64::from(self.options.times) + 1
    }

    /// Whether the task waits for its next attempt.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// When the attempt is due for which it waits.
    pub fn due(&self) -> Nanos {
        self.due
    }

    /// An attempt begins: its number, from 1.
    pub fn begin(&mut self) -> u64 {
        debug_assert!(!self.waits);
        if std::mem::take(&mut self.over) {
            self.made = 0;
        }
        self.made += 1;
        debug_assert!(self.made <= self.most());
        self.made
    }

    /// The run has ended.
    pub fn end(&mut self) {
        self.over = true;
    }

    /// Whether a run that failed so may be tried again.
    pub fn may_go_on(&self, error: &TaskError, timed_out: bool) -> bool {
        let kind = if timed_out { self.options.on_timeout } else { !error.is_permanent() };
        kind && self.made < self.most()
    }

    /// Whether a body that came back well may be wanted again.
    pub fn goes_on_after_timeout(&self) -> bool {
        self.options.on_timeout
    }

    /// An attempt failed at `now`, and there will be another: how long until then. `share` is chance's.
    pub fn fail(&mut self, error: &TaskError, now: Nanos, share: f64) -> Nanos {
        let delay = self.wait(error.retry_after(), share);
        self.waits = true;
        self.due = now.saturating_add(delay);
        delay
    }

    /// It waits no more, as its time has come or somebody has no time to wait.
    pub fn go_on(&mut self) {
        self.waits = false;
    }

    /// What is said in whole milliseconds is waited in whole ones, and told so; rounded up, so that chance takes no
    /// more off than it may.
    fn wait(&self, said: Option<Duration>, share: f64) -> Nanos {
        let part = |of: Nanos| (of as f64 * self.options.jitter * share) as Nanos;
        let (all, wait) = match said {
            // Earlier would be in vain.
            Some(said) => (nanos(said), nanos(said).saturating_add(part(nanos(said)))),
            None => (self.backoff(), self.backoff() - part(self.backoff())),
        };
        if is_whole(all) { to_whole(wait) } else { wait }
    }

    /// The wait after the attempt that was the last, as it is without chance.
    fn backoff(&self) -> Nanos {
        let Retry { delay, backoff, factor, max_delay, .. } = self.options;
        let (first, most) = (nanos(delay), nanos(max_delay));
        if backoff == Backoff::Fixed || first == 0 {
            return first;
        }
        let times = i32::try_from(self.made.saturating_sub(1)).unwrap_or(i32::MAX);
        let grown = first as f64 * factor.powi(times);
        // More than a number can say is more than that, too.
        if grown >= most as f64 {
            return most;
        }
        let grown = grown as Nanos;
        if is_whole(first) { to_whole(grown).min(most) } else { grown }
    }

    // ---- what is to be told --------------------------------------------------------------------

    pub fn tell(&mut self, again: Again) {
        self.untold.push_back(again);
    }

    pub fn take_untold(&mut self) -> Option<Again> {
        self.untold.pop_front()
    }

    pub fn untold(&self) -> usize {
        self.untold.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::words::ErrorKind;

    const MS: Nanos = 1_000_000;

    /// The waits after the first attempts, in milliseconds.
    fn waits(options: Retry, attempts: u64, share: f64) -> Vec<Nanos> {
        let mut made = Attempts::new(options);
        let error = TaskError::new(ErrorKind::Failed, "no");
        let mut waits = Vec::new();
        for _ in 0..attempts {
            made.begin();
            waits.push(made.fail(&error, 0, share) / MS);
            made.go_on();
        }
        waits
    }

    #[test]
    fn b180_waits_grow_by_the_factor_up_to_the_longest() {
        assert_eq!(
            waits(Retry::times(9), 8, 0.0),
            [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]
        );
        let fixed = Retry { backoff: Backoff::Fixed, ..Retry::times(3) };
        assert_eq!(waits(fixed, 3, 0.0), [1_000; 3]);
        let at_once = Retry { delay: Duration::ZERO, factor: 100.0, ..Retry::times(1_000) };
        assert_eq!(waits(at_once, 1_000, 0.0), [0; 1_000]);
        // Beyond what a double can say.
        let steep = Retry { factor: 100.0, ..Retry::times(u32::MAX) };
        assert_eq!(waits(steep, 1_000, 0.0)[2..], [60_000; 998]);
        let falling = Retry { factor: 0.5, ..Retry::times(3) };
        assert_eq!(waits(falling, 3, 0.0), [1_000, 500, 250]);
    }

    #[test]
    fn b180_chance_takes_a_share_off_and_never_more_than_half() {
        let almost = 1.0 - f64::EPSILON;
        assert_eq!(waits(Retry::times(3), 3, 0.5), [875, 1_750, 3_500]);
        assert_eq!(waits(Retry::times(3), 3, almost), [751, 1_501, 3_001]);
        let most = Retry { jitter: 0.5, ..Retry::times(8) };
        assert_eq!(waits(most, 8, almost), [501, 1_001, 2_001, 4_001, 8_001, 16_001, 30_001, 30_001]);
        let none = Retry { jitter: 0.0, ..Retry::times(1) };
        assert_eq!(waits(none, 1, almost), [1_000]);
    }

    #[test]
    fn b180_what_an_error_says_itself_is_waited_for_at_least() {
        let mut attempts = Attempts::new(Retry { jitter: 0.5, ..Retry::times(1) });
        attempts.begin();
        let says = |ms| TaskError::new(ErrorKind::Failed, "busy").with_retry_after(Duration::from_millis(ms));
        assert_eq!(attempts.fail(&says(120_000), 5, 0.0), 120_000 * MS);
        assert_eq!(attempts.due(), 120_000 * MS + 5);
        assert_eq!(attempts.fail(&says(0), 0, 0.5), 0);
        assert_eq!(attempts.fail(&says(1_000), 0, 0.5), 1_250 * MS);
        let never = TaskError::new(ErrorKind::Failed, "never").with_retry_after(Duration::MAX);
        assert_eq!(attempts.fail(&never, 5, 0.5), Nanos::MAX);
        assert_eq!(attempts.due(), Nanos::MAX);
    }
}
