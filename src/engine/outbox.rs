//! What happened and is still to be delivered, in order.
//!
//! An event is eight bytes: what it tells stays in the task's record until it is delivered.

use super::segments::Segments;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    Started = 0,
    Progress = 1,
    /// A run of a periodic task; its result is the first of the record's `runs`.
    Run = 2,
    /// The task's end.
    End = 3,
    /// Callbacks that were added after the end.
    Late = 4,
    /// The shutdown is over; about no task.
    Shutdown = 5,
    /// A run failed and is tried again: see `Attempts::take_untold`.
    Retrying = 6,
    /// A run takes long: see `Extra::slow`.
    Slow = 7,
    /// Callbacks that hear of the start were added after it.
    Begun = 8,
    /// It was accepted.
    Queued = 9,
    /// A submission was refused for a limit; about no task, but an owner: see `Quotas::take_untold`.
    Limit = 10,
    /// It is the retry of another task: see `Lineage`.
    Retried = 11,
    Paused = 12,
    Resumed = 13,
    /// Owners, keys or all were paused or resumed; about no task.
    Pauses = 14,
    /// Its body has sent values: see `Extra::values`.
    Values = 15,
    /// It was taken back before it was told: about no task any more.
    Void = 16,
}

impl Kind {
    fn from_u8(number: u8) -> Kind {
        match number {
            0 => Kind::Started,
            1 => Kind::Progress,
            2 => Kind::Run,
            3 => Kind::End,
            4 => Kind::Late,
            6 => Kind::Retrying,
            7 => Kind::Slow,
            8 => Kind::Begun,
            9 => Kind::Queued,
            10 => Kind::Limit,
            11 => Kind::Retried,
            12 => Kind::Paused,
            13 => Kind::Resumed,
            14 => Kind::Pauses,
            15 => Kind::Values,
            16 => Kind::Void,
            _ => Kind::Shutdown,
        }
    }

    /// Whether the slot beside it is a task's; that of a limit is an owner's.
    pub fn is_about_task(self) -> bool {
        !matches!(self, Kind::Shutdown | Kind::Limit | Kind::Pauses | Kind::Void)
    }
}

pub struct Outbox(Segments<u64>);

impl Outbox {
    pub const fn new() -> Self {
        Outbox(Segments::new())
    }

    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push(&mut self, kind: Kind, slot: u32) {
        self.0.push(u64::from(slot) << 8 | kind as u64);
    }

    /// Takes back what is to be told of a task, from its `begin` on, if that was not told yet. Its slot may be
    /// another's before a receiver comes by.
    pub fn take_back(&mut self, begin: Kind, slot: u32) -> bool {
        let of_slot = |event: &&mut u64| {
            let (kind, of) = Self::unpack(**event);
            of == slot && kind.is_about_task()
        };
        let Some(first) = self.0.backwards().filter(of_slot).position(|event| *event as u8 == begin as u8)
        else {
            return false;
        };
        self.0.backwards().filter(of_slot).take(first + 1).for_each(|event| *event = Kind::Void as u64);
        true
    }

    pub fn first(&self) -> Option<(Kind, u32)> {
        self.0.first().map(Self::unpack)
    }

    pub fn pop(&mut self) -> Option<(Kind, u32)> {
        self.0.pop().map(Self::unpack)
    }

    fn unpack(event: u64) -> (Kind, u32) {
        (Kind::from_u8(event as u8), (event >> 8) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_comes_out_as_it_went_in() {
        let mut outbox = Outbox::new();
        let kinds = [
            Kind::Started,
            Kind::Progress,
            Kind::Run,
            Kind::End,
            Kind::Late,
            Kind::Shutdown,
            Kind::Retrying,
            Kind::Slow,
            Kind::Begun,
            Kind::Queued,
            Kind::Limit,
            Kind::Retried,
            Kind::Paused,
            Kind::Resumed,
            Kind::Pauses,
            Kind::Values,
            Kind::Void,
        ];
        let slots = [0, 1, 255, 256, 1 << 24, u32::MAX, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0];
        for (kind, slot) in kinds.into_iter().zip(slots) {
            outbox.push(kind, slot);
            assert_eq!(outbox.first(), Some((kind, slot)));
            assert_eq!(outbox.pop(), Some((kind, slot)));
        }
        assert!(outbox.is_empty());
    }

    #[test]
    fn what_was_not_told_yet_is_taken_back_of_one_task() {
        let mut outbox = Outbox::new();
        // The slot of a limit is an owner's.
        let told = [(Kind::Queued, 7), (Kind::End, 7), (Kind::Queued, 8), (Kind::Limit, 7)];
        for (kind, slot) in told.into_iter().chain([(Kind::Queued, 7), (Kind::Limit, 7), (Kind::Paused, 7)]) {
            outbox.push(kind, slot);
        }
        assert!(outbox.take_back(Kind::Queued, 7));
        assert!(!outbox.take_back(Kind::Retried, 7));
        let left: Vec<_> = std::iter::from_fn(|| outbox.pop()).collect();
        let void = (Kind::Void, 0);
        assert_eq!(left[..4], told);
        assert_eq!(left[4..], [void, (Kind::Limit, 7), void]);
        assert!(!outbox.take_back(Kind::Queued, 7));
    }
}
