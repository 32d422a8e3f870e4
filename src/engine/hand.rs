//! Which thread works the engine by hand, and by which chance: see `by_hand.rs`.

use super::chance::Chance;
use super::current;

/// So much is done for one wait, and at one moment of the clock, before it counts as something that never rests.
pub const MOST: u32 = 100_000;

pub struct Hand {
    /// Its number; 0 for none.
    thread: u64,
    chance: Chance,
}

impl Default for Hand {
    fn default() -> Self {
        Hand { thread: 0, chance: Chance::new(0) }
    }
}

impl Hand {
    /// The calling thread works it from here on.
    pub fn take(&mut self, seed: u64) {
        *self = Hand { thread: current::thread(), chance: Chance::new(seed) };
    }

    pub fn let_go(&mut self) {
        self.thread = 0;
    }

    /// Whether any thread works it.
    pub fn is_taken(&self) -> bool {
        self.thread != 0
    }

    /// Whether that is the calling thread.
    pub fn is_here(&self) -> bool {
        self.is_taken() && self.thread == current::thread()
    }

    pub fn chance(&mut self) -> &mut Chance {
        &mut self.chance
    }
}

/// What a wait by hand may still try.
pub struct Tries(u32);

impl Default for Tries {
    fn default() -> Self {
        Tries(MOST)
    }
}

impl Tries {
    /// One more; `false` where there is none left.
    pub fn next(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }

    /// There is nothing to try.
    pub fn give_up(&mut self) {
        self.0 = 0;
    }

    pub fn are_over(&self) -> bool {
        self.0 == 0
    }
}
