//! What a change under the lock leaves to be done in pieces, as it may concern any number of tasks: to tell those
//! that come after a task of its end, to cancel those of a key or a group, and to pause those of a group.
//!
//! The thread that leaves something here does it, or what there is, after the lock: `Effects::chores` asks for it,
//! and `Shared::apply` takes the lock again for each piece. So a chain of 100,000 tasks ends without a stack as
//! deep, and nobody waits long for the lock.

use std::collections::VecDeque;

use super::bonds::Name;
use super::words::CancelReason;

#[derive(Clone)]
pub enum Chore {
    /// This task has ended: those that come after it are to be told. A handle keeps it until then.
    Tell(u32),
    /// The members of this group are to be asked to stop. A handle keeps it until then.
    Stop(u32),
    /// Places of this key may be free, which are to be handed on.
    HandOn(Name),
    /// The members of this group, from `from` on, are to be paused with it, or to go on. A handle keeps it until then.
    Pause { slot: u32, pause: bool, from: usize },
    /// The tasks from `from` on may be shown as paused from here on, or no more.
    Show { from: usize },
    /// Tasks of a key are to be cancelled, those with a number below this.
    Cancel { name: Name, below: u64, reason: CancelReason },
}

pub struct Chores(VecDeque<Chore>);

impl Chores {
    pub const fn new() -> Self {
        Chores(VecDeque::new())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push(&mut self, chore: Chore) {
        self.0.push_back(chore);
    }

    pub fn first(&self) -> Option<&Chore> {
        self.0.front()
    }

    /// Of the first there is something left, which this says.
    pub fn go_on(&mut self, chore: Chore) {
        if let Some(first) = self.0.front_mut() {
            *first = chore;
        }
    }

    /// The first is done.
    pub fn done(&mut self) {
        self.0.pop_front();
        if self.0.is_empty() {
            self.0.shrink_to(64);
        }
    }
}
