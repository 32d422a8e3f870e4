//! Chance, for waits that are not to end all at once. It need not be good, and a test can have it again.

/// splitmix64.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// From 0 to less than `count`, which is not 0.
    pub fn below(&mut self, count: usize) -> usize {
        (self.share() * count as f64) as usize
    }

    /// From 0 to less than 1.
    pub fn share(&mut self) -> f64 {
        // As many bits as a double has.
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b180_shares_are_below_one_spread_and_those_of_the_seed() {
        let shares = |seed| {
            let mut chance = Chance::new(seed);
            (0..10_000).map(|_| chance.share()).collect::<Vec<_>>()
        };
        let first = shares(1);
        assert!(first.iter().all(|share| (0.0..1.0).contains(share)));
        for tenth in 0..10 {
            let from = f64::from(tenth) / 10.0;
            let count = first.iter().filter(|share| (from..from + 0.1).contains(*share)).count();
            assert!((850..1_150).contains(&count), "{count} of 10000 from {from}");
        }
        assert_eq!(first, shares(1));
        assert_ne!(first, shares(2));
    }
}
