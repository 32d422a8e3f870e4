//! The values that a task has sent and that are still to be delivered, and the threads that this makes wait.

use std::collections::VecDeque;

use super::telling::Pace;

/// The values of one task, in the order sent.
///
/// # Invariant
///
/// Each event about them that is in the outbox has its batch in `sealed`, in the same order; but for the last one
/// while `pace` is pending, which has `waiting`.
pub struct Values<P> {
    /// What was sent before a run ended, for the events that stand before that end.
    sealed: VecDeque<VecDeque<P>>,
    /// How many are in them.
    in_sealed: usize,
    waiting: VecDeque<P>,
    pub pace: Pace,
    /// A body waits for room.
    awaited: bool,
}

impl<P> Default for Values<P> {
    fn default() -> Self {
        Values {
            sealed: VecDeque::new(),
            in_sealed: 0,
            waiting: VecDeque::new(),
            pace: Pace::default(),
            awaited: false,
        }
    }
}

impl<P> Values<P> {
    pub fn len(&self) -> usize {
        self.in_sealed + self.waiting.len()
    }

    /// Whether there are some without an event.
    pub fn are_unpublished(&self) -> bool {
        !self.waiting.is_empty() && !self.pace.is_pending()
    }

    pub fn push(&mut self, value: P) {
        self.waiting.push_back(value);
    }

    /// The oldest goes.
    pub fn drop_oldest(&mut self) -> Option<P> {
        let sealed = self.sealed.iter_mut().find_map(VecDeque::pop_front);
        self.in_sealed -= usize::from(sealed.is_some());
        sealed.or_else(|| self.waiting.pop_front())
    }

    /// What is sent from now on does not come with the event that is in the outbox, but after what comes now.
    pub fn seal(&mut self) {
        if self.pace.is_pending() {
            self.in_sealed += self.waiting.len();
            self.sealed.push_back(std::mem::take(&mut self.waiting));
            self.pace.opened();
        }
    }

    /// A body is about to wait for room.
    pub fn await_room(&mut self) {
        self.awaited = true;
    }

    /// Those of the first event in the outbox.
    pub fn open(&mut self) -> Vec<P> {
        match self.sealed.pop_front() {
            Some(batch) => {
                self.in_sealed -= batch.len();
                batch.into()
            }
            None => {
                self.pace.opened();
                std::mem::take(&mut self.waiting).into()
            }
        }
    }

    /// All, so that the events have none.
    pub fn take(&mut self) -> Vec<P> {
        self.in_sealed = 0;
        let sealed = self.sealed.iter_mut().flat_map(std::mem::take);
        sealed.chain(std::mem::take(&mut self.waiting)).collect()
    }

    /// Whether a body waited for room, and is to be told.
    pub fn take_awaited(&mut self) -> bool {
        std::mem::take(&mut self.awaited)
    }
}

/// Who waits for whom, between bodies that send and threads that wait for tasks.
///
/// A thread that waits for a task does not deliver meanwhile, if it is the receiver's. A body that waited for room
/// then would wait for that thread, and that thread perhaps for the body. So no body waits while a thread waits that
/// is no worker: what it sends is kept beyond the bound, until that wait is over.
#[derive(Default)]
pub struct Patience {
    /// Threads that wait, and are no workers.
    outside: usize,
    /// Bodies that wait for room.
    bodies: usize,
}

impl Patience {
    /// A thread that is no worker begins to wait; whether bodies have to be told.
    #[must_use]
    pub fn begin_outside(&mut self) -> bool {
        self.outside += 1;
        self.bodies > 0
    }

    pub fn end_outside(&mut self) {
        self.outside -= 1;
    }

    pub fn begin_body(&mut self) {
        self.bodies += 1;
    }

    pub fn end_body(&mut self) {
        self.bodies -= 1;
    }

    /// Whether bodies may wait for room.
    pub fn may_wait(&self) -> bool {
        self.outside == 0
    }
}
