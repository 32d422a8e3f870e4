//! What a record says of its task by single bits.

/// "None" for every link and index in this engine.
pub const NIL: u32 = u32::MAX;

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
    /// It has a key: see `keys.rs`.
    pub const KEYED: u16 = 1 << 14;
    /// Others come after it, or did: see `after.rs`.
    pub const PRECEDES: u16 = 1 << 15;
}
