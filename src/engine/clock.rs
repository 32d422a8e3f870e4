//! Time, as nanoseconds since the engine was made.
//!
//! Real time is `Instant`: monotonic, so a jump of the wall clock neither delays nor repeats a
//! task (B31). On Linux it stands still while the machine is suspended (B32): a task that is due in
//! ten minutes is due after ten minutes of being awake.
//! A virtual clock stands still until a test moves it.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::sync::{AtomicU64, Ordering};

/// Nanoseconds since the engine was made; 584 years fit.
pub type Nanos = u64;

/// The longest delay, interval or time-out: 100 years.
pub const MAX_DURATION: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub enum Clock {
    Real { start: Instant, wall: Duration },
    Virtual { now: AtomicU64 },
}

impl Clock {
    pub fn real() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock::Real { start: Instant::now(), wall }
    }

    pub fn manual() -> Self {
        Clock::Virtual { now: AtomicU64::new(0) }
    }

    pub fn now(&self) -> Nanos {
        match self {
            Clock::Real { start, .. } => nanos(start.elapsed()),
            // Only a number: what else a test changed, it changed under the engine's lock.
            Clock::Virtual { now } => now.load(Ordering::Relaxed),
        }
    }

    pub fn is_virtual(&self) -> bool {
        matches!(self, Clock::Virtual { .. })
    }

    /// Moves a virtual clock on. A real one is left alone.
    pub fn advance(&self, by: Duration) {
        if let Clock::Virtual { now } = self {
            now.fetch_add(nanos(by), Ordering::Relaxed);
        }
    }

    /// Milliseconds since 1970 at `at`; since the engine's start on a virtual clock.
    pub fn wall_ms(&self, at: Nanos) -> i64 {
        let wall = match self {
            Clock::Real { wall, .. } => *wall,
            Clock::Virtual { .. } => Duration::ZERO,
        };
        (wall + Duration::from_nanos(at)).as_millis() as i64
    }
}

impl Clock {
    /// A moment of the calendar, by this clock; 0 for one before it began. The jumps of the calendar since
    /// then are none of it.
    pub fn at(&self, moment: SystemTime) -> Nanos {
        let wall = match self {
            Clock::Real { wall, .. } => *wall,
            Clock::Virtual { .. } => Duration::ZERO,
        };
        nanos(moment.duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(wall))
    }
}

/// Saturates at 584 years.
pub fn nanos(duration: Duration) -> Nanos {
    let seconds = duration.as_secs().saturating_mul(1_000_000_000);
    seconds.saturating_add(duration.subsec_nanos().into())
}
