//! What a record says of its task by single bits.

/// "None" for every link and index in this engine.
pub const NIL: u32 = u32::MAX;

/// One bit each, in `Record::flags`.
pub mod flag {
    pub const PERIODIC: u32 = 1 << 0;
    /// Goes on when its owner goes.
    pub const DETACHED: u32 = 1 << 1;
    /// Runs in spite of a shutdown, if it was queued before.
    pub const MUST_RUN: u32 = 1 << 2;
    pub const CANCEL_REQUESTED: u32 = 1 << 3;
    /// Its run took longer than its time-out.
    pub const TIMED_OUT: u32 = 1 << 4;
    /// It was announced as started.
    pub const STARTED: u32 = 1 << 5;
    /// A thread waits for it.
    pub const HAS_WAITERS: u32 = 1 << 6;
    /// `next` is its place in the timers' heap.
    pub const IN_TIMERS: u32 = 1 << 7;
    /// Its end was delivered, or needed no delivery.
    pub const DELIVERED: u32 = 1 << 8;
    /// It stands in the history's list.
    pub const IN_HISTORY: u32 = 1 << 9;
    /// Events of it are, or were, in the outbox: its end has to follow them through it, also when
    /// nobody listens any more, since an event names a slot that must not be used again before.
    pub const POSTED: u32 = 1 << 10;
    /// That it changed stands in the change set: see `observe.rs`.
    pub const NOTED: u32 = 1 << 11;
    /// Somebody keeps it, or did: it has a word in `handles.rs`.
    pub const KEPT: u32 = 1 << 12;
    /// It reported a progress that is none, which is logged once.
    pub const MISREPORTED: u32 = 1 << 13;
    /// It has a key: see `keys.rs`.
    pub const KEYED: u32 = 1 << 14;
    /// Others come after it, or did: see `after.rs`.
    pub const PRECEDES: u32 = 1 << 15;
    /// It takes results of others: see `then.rs` and `groups.rs`.
    pub const TAKES: u32 = 1 << 16;
    /// What it takes was made by the code of owners that are not its own: see `then.rs`.
    pub const LENT: u32 = 1 << 17;
    /// It has completed, and its result is not there any more: it was moved, or not kept.
    pub const SHED: u32 = 1 << 18;
    /// It is no task, but a gate: tasks come after it, and it is opened for them. See `after.rs`.
    pub const GATE: u32 = 1 << 19;
    /// Others take its result, or did: see `then.rs`.
    pub const LENDS: u32 = 1 << 20;
    /// Its result is for one that takes it for itself: see `then.rs`.
    pub const PROMISED: u32 = 1 << 21;
    /// It has ended, and was submitted anew: it is kept for its handles alone. See `again.rs`.
    pub const RETRIED: u32 = 1 << 22;
    /// It has ended badly, and its work could run again, but for a result that it never got. See `again.rs`.
    pub const MISSES: u32 = 1 << 23;
    /// The code that made its result is being unloaded: that is for those that must run and take it, and for nobody
    /// else, and goes with the last of them. See `then.rs`.
    pub const WITHHELD: u32 = 1 << 24;
    /// It was paused by itself, or by a group that it is in: see `pauses.rs`.
    pub const PAUSED: u32 = 1 << 25;
    /// Its body is a future, polled by workers: see `futures.rs`.
    pub const FUTURE: u32 = 1 << 26;
    /// Somebody hears of it if it fails, or has asked, or was told: see `unheard.rs`.
    pub const HEARD: u32 = 1 << 27;
}
