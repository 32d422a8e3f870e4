//! How much of its work a task says that it has done: so many of so many, of what, and how fast that goes.

use std::sync::Arc;

use super::clock::Nanos;

/// The speed is looked at anew when so much time has passed since it was last: else it is that of single reports.
const LEAST: Nanos = 250_000_000;

/// The speed is that of the last so many seconds, more or less: what is longer ago counts ever less.
const MEMORY: f64 = 3.0;

/// What a task has done of what it is to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    /// In units. At least 0.
    pub done: f64,
    /// How much there is in all, above 0, where that is known.
    pub total: Option<f64>,
    /// What is counted: `bytes`, or anything else, as `files`.
    pub unit: Arc<str>,
    /// In units a second, by the last seconds in which it was reported. Not known before a quarter of a second.
    pub speed: Option<f64>,
}

/// An amount, and from where its speed is measured.
pub struct Measured {
    pub amount: Amount,
    from: f64,
    since: Nanos,
}

impl Measured {
    pub fn new(done: f64, total: Option<f64>, unit: Arc<str>, now: Nanos) -> Self {
        Measured { amount: Amount { done, total, unit, speed: None }, from: done, since: now }
    }

    /// The same task has come further.
    pub fn advance(&mut self, done: f64, total: Option<f64>, unit: &str, now: Nanos) {
        if done < self.from || *self.amount.unit != *unit {
            // It has begun anew, or counts something else.
            *self = Measured::new(done, total, unit.into(), now);
            return;
        }
        (self.amount.done, self.amount.total) = (done, total);
        let passed = now.saturating_sub(self.since);
        if passed < LEAST {
            return;
        }
        let seconds = passed as f64 / 1e9;
        // Of the largest numbers there may be more a second than a number can say.
        let speed = ((done - self.from) / seconds).min(f64::MAX);
        let fresh = 1.0 - (-seconds / MEMORY).exp();
        self.amount.speed = Some(match self.amount.speed {
            Some(before) => before + (speed - before) * fresh,
            None => speed,
        });
        (self.from, self.since) = (done, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;

    #[test]
    fn b267_the_speed_is_that_of_the_last_seconds() {
        let mut it = Measured::new(0.0, Some(100.0), "files".into(), 0);
        it.advance(1.0, Some(100.0), "files", LEAST - 1);
        assert_eq!((it.amount.done, it.amount.speed), (1.0, None), "too early to say");
        it.advance(10.0, Some(100.0), "files", SECOND);
        assert_eq!(it.amount.speed, Some(10.0));
        // A quick report does not count by itself.
        it.advance(50.0, Some(100.0), "files", SECOND + 1);
        assert_eq!((it.amount.done, it.amount.speed), (50.0, Some(10.0)));
        it.advance(50.0, Some(100.0), "files", 61 * SECOND);
        assert!(it.amount.speed.unwrap() < 1.0, "{:?}", it.amount.speed);
        // Less than before, or something else: it has begun anew.
        it.advance(2.0, None, "files", 62 * SECOND);
        assert_eq!((it.amount.speed, it.amount.total), (None, None));
        it.advance(3.0, None, "files", 63 * SECOND);
        assert_eq!(it.amount.speed, Some(1.0));
        it.advance(4.0, Some(8.0), "bytes", 64 * SECOND);
        assert_eq!((&*it.amount.unit, it.amount.speed), ("bytes", None));
    }
}
