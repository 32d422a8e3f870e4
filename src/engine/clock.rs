//! Time, as nanoseconds since the engine was made.
//!
//! Real time is `Instant`: monotonic, so a jump of the wall clock neither delays nor repeats a
//! task (B31). On Linux it stands still while the machine is suspended (B32): a task that is due in
//! ten minutes is due after ten minutes of being awake.
//! A virtual clock stands still until a test moves it. A real one is virtual for as long as a test holds it
//! (`by_hand.rs`), and goes on from where that test has moved it to, so that its time never goes back.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::sync::{AtomicU64, Ordering};

/// Nanoseconds since the engine was made; 584 years fit.
pub type Nanos = u64;

/// The longest delay, interval or time-out: 100 years.
pub const MAX_DURATION: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub enum Clock {
    Real { start: Instant, wall: Duration, held: Held },
    Virtual { now: AtomicU64 },
}

/// What a test does to a real clock.
///
/// ## Memory ordering
///
/// Both are written under the engine's lock, and are numbers that guard nothing. A thread that finds that the clock goes
/// again finds how far it was moved, too (`Release`, `Acquire`): else its time would go back.
// Those of std: no model holds a real clock, and each would be a step more in all of them.
pub struct Held {
    /// Where the clock stands; [`GOES`] while nobody holds it.
    at: std::sync::atomic::AtomicU64,
    /// How far tests have moved it before the real time.
    ahead: std::sync::atomic::AtomicU64,
}

/// No time is that late.
const GOES: Nanos = Nanos::MAX;

impl Held {
    fn new() -> Self {
        Held { at: GOES.into(), ahead: 0.into() }
    }

    fn at(&self) -> Option<Nanos> {
        Some(self.at.load(Ordering::Acquire)).filter(|at| *at != GOES)
    }

    fn ahead(&self) -> Nanos {
        self.ahead.load(Ordering::Relaxed)
    }
}

impl Clock {
    pub fn real() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock::Real { start: Instant::now(), wall, held: Held::new() }
    }

    pub fn manual() -> Self {
        Clock::Virtual { now: AtomicU64::new(0) }
    }

    pub fn now(&self) -> Nanos {
        match self {
            Clock::Real { start, held, .. } => match held.at() {
                None => nanos(start.elapsed()).saturating_add(held.ahead()),
                Some(at) => at,
            },
            // Only a number: what else a test changed, it changed under the engine's lock.
            Clock::Virtual { now } => now.load(Ordering::Relaxed),
        }
    }

    pub fn is_virtual(&self) -> bool {
        match self {
            Clock::Real { held, .. } => held.at().is_some(),
            Clock::Virtual { .. } => true,
        }
    }

    /// Moves a virtual clock on. One that goes is left alone.
    pub fn advance(&self, by: Duration) {
        match self {
            Clock::Virtual { now } => {
                now.fetch_add(nanos(by), Ordering::Relaxed);
            }
            Clock::Real { .. } => self.move_to(self.now().saturating_add(nanos(by))),
        }
    }

    /// Moves a virtual clock on to then, not back. One that goes is left alone.
    pub fn move_to(&self, at: Nanos) {
        match self {
            Clock::Virtual { now } => {
                let by = at.saturating_sub(now.load(Ordering::Relaxed));
                now.fetch_add(by, Ordering::Relaxed);
            }
            Clock::Real { held, .. } => {
                if let Some(before) = held.at() {
                    held.at.store(at.clamp(before, GOES - 1), Ordering::Release);
                }
            }
        }
    }

    /// Has a real clock stand still. Under the engine's lock, as the next.
    pub fn hold(&self) {
        if let Clock::Real { held, .. } = self {
            held.at.store(self.now().min(GOES - 1), Ordering::Release);
        }
    }

    /// Has it go on from where it stands.
    pub fn let_go(&self) {
        if let Clock::Real { start, held, .. } = self
            && let Some(at) = held.at()
        {
            let ahead = at.saturating_sub(nanos(start.elapsed()));
            held.ahead.store(ahead.max(held.ahead()), Ordering::Relaxed);
            held.at.store(GOES, Ordering::Release);
        }
    }

    /// What is to be added to a time of this clock for that of the calendar, and what taken from it.
    fn wall(&self) -> (Duration, Duration) {
        match self {
            Clock::Real { wall, held, .. } => (*wall, Duration::from_nanos(held.ahead())),
            Clock::Virtual { .. } => (Duration::ZERO, Duration::ZERO),
        }
    }

    /// Milliseconds since 1970 at `at`; since the engine's start on a clock that is virtual for ever.
    pub fn wall_ms(&self, at: Nanos) -> i64 {
        let (wall, ahead) = self.wall();
        (wall + Duration::from_nanos(at)).saturating_sub(ahead).as_millis() as i64
    }

    /// A moment of the calendar, by this clock; 0 for one before it began. The jumps of the calendar since
    /// then are none of it.
    pub fn at(&self, moment: SystemTime) -> Nanos {
        let (wall, ahead) = self.wall();
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        nanos(since.saturating_add(ahead).saturating_sub(wall))
    }
}

/// Saturates at 584 years.
pub fn nanos(duration: Duration) -> Nanos {
    let seconds = duration.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(duration.subsec_nanos().into())
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn b375_a_clock_that_was_held_goes_on_from_where_it_was_moved_to() {
        let clock = Clock::real();
        let hour = Duration::from_secs(3_600);
        for _ in 0..2 {
            let before = clock.now();
            clock.hold();
            assert!(clock.is_virtual() && clock.now() >= before);
            let stood = clock.now();
            clock.move_to(0);
            assert_eq!(clock.now(), stood, "not back");
            clock.advance(hour);
            assert_eq!(clock.now(), stood + nanos(hour));
            clock.let_go();
            assert!(!clock.is_virtual() && clock.now() >= stood + nanos(hour));
            let ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
            let off = (clock.wall_ms(clock.now()) - ms).abs();
            assert!(off < 1_800_000, "by the calendar it is now again, and not {off} ms from that");
            assert!(clock.at(SystemTime::now()).abs_diff(clock.now()) < nanos(hour / 2));
        }
    }
}
