//! The words in which a record says where its task is: states, priorities, flags.

/// "None" for every link and index in this engine.
pub const NIL: u32 = u32::MAX;

/// The state of a task. The first three are on the way, the others are ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Status {
    /// Waits for its time; also a periodic task between its runs.
    Delayed = 0,
    /// Waits for a worker.
    Queued = 1,
    Running = 2,
    Completed = 3,
    Failed = 4,
    Cancelled = 5,
    /// A run took longer than its time-out.
    TimedOut = 6,
    /// It still ran when the deadline of the shutdown came.
    Abandoned = 7,
    /// The id never was a task's, or the task is forgotten.
    UnknownTask = 8,
}

impl Status {
    /// Whether the task has come to its end.
    pub fn is_finished(self) -> bool {
        !matches!(self, Status::Delayed | Status::Queued | Status::Running | Status::UnknownTask)
    }

    /// Whether it ended without what was wanted of it, and not because somebody cancelled it.
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Failed | Status::TimedOut | Status::Abandoned)
    }

    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            Status::Delayed => "Delayed",
            Status::Queued => "Queued",
            Status::Running => "Running",
            Status::Completed => "Completed",
            Status::Failed => "Failed",
            Status::Cancelled => "Cancelled",
            Status::TimedOut => "TimedOut",
            Status::Abandoned => "Abandoned",
            Status::UnknownTask => "UnknownTask",
        }
    }
}

/// Who goes first. First in, first out within a priority and an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Priority {
    /// The user is waiting for it.
    High = 0,
    /// The user will see it.
    #[default]
    Normal = 1,
    /// Nobody waits.
    Low = 2,
}

impl Priority {
    /// The name, as the other languages see it.
    pub fn name(self) -> &'static str {
        match self {
            Priority::High => "High",
            Priority::Normal => "Normal",
            Priority::Low => "Low",
        }
    }
}

/// One bit each, in `Record::flags`.
pub mod flag {
    pub const PERIODIC: u16 = 1 << 0;
    /// Goes on when its owner goes.
    pub const DETACHED: u16 = 1 << 1;
    /// Runs in spite of a shutdown, if it was queued before.
    pub const MUST_RUN: u16 = 1 << 2;
    pub const CANCEL_REQUESTED: u16 = 1 << 3;
    /// Its run took longer than its time-out.
    pub const TIMED_OUT: u16 = 1 << 4;
    /// It was announced as started.
    pub const STARTED: u16 = 1 << 5;
    /// A thread waits for it.
    pub const HAS_WAITERS: u16 = 1 << 6;
    /// `next` is its place in the timers' heap.
    pub const IN_TIMERS: u16 = 1 << 7;
    /// Its end was delivered, or needed no delivery.
    pub const DELIVERED: u16 = 1 << 8;
    /// It stands in the history's list.
    pub const IN_HISTORY: u16 = 1 << 9;
    /// Events of it are, or were, in the outbox: its end has to follow them through it, also when
    /// nobody listens any more, since an event names a slot that must not be used again before.
    pub const POSTED: u16 = 1 << 10;
    /// That it changed stands in the change set: see `observe.rs`.
    pub const NOTED: u16 = 1 << 11;
    /// Somebody keeps it, or did: it has a word in `handles.rs`.
    pub const KEPT: u16 = 1 << 12;
    /// It reported a progress that is none, which is logged once.
    pub const MISREPORTED: u16 = 1 << 13;
}
