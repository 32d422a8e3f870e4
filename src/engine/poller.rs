//! Those that ask again and again whether a task has ended.

/// An asker that has one waker in a task, however often it asks.
#[derive(Debug, Default)]
pub struct Poller(u64);

impl Poller {
    /// Its number; 0 until it has left a waker.
    pub fn number(&self) -> u64 {
        self.0
    }
}

/// Gives out the numbers of pollers.
#[derive(Default)]
pub struct Pollers(u64);

impl Pollers {
    /// The poller's number, a new one where it has none.
    pub fn number(&mut self, poller: &mut Poller) -> u64 {
        if poller.0 == 0 {
            self.0 += 1;
            poller.0 = self.0;
        }
        poller.0
    }
}
