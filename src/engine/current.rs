//! Which run the current thread is executing.

use std::cell::Cell;

use super::record::NIL;
use super::sync::thread_local;

// Without `const { … }`, for which clippy asks: `sync::thread_local` is loom's or shuttle's macro under
// the model checkers, and those do not take it.
thread_local! {
    #[allow(clippy::missing_const_for_thread_local, reason = "the model checkers' macro has no const form")]
    /// The engine's serial number and the run's index; 0 for none. Bodies nest: one that waits may
    /// execute the task that it waits for, and one engine's body may call another engine.
    static CURRENT: Cell<(u64, u32)> = Cell::new((0, 0));

    #[allow(clippy::missing_const_for_thread_local, reason = "the model checkers' macro has no const form")]
    static THREAD: Cell<u64> = Cell::new(0);
}

/// The run of the engine `serial` that this thread executes, innermost.
pub fn run_of(serial: u64) -> Option<u32> {
    let (current, run) = CURRENT.try_with(Cell::get).unwrap_or((0, 0));
    (current == serial && run != NIL).then_some(run)
}

/// Whether this thread is one of that engine's own, in a run or not.
pub fn is_own(serial: u64) -> bool {
    CURRENT.try_with(Cell::get).is_ok_and(|(current, _)| current == serial)
}

/// Enters a run until the guard is dropped; `NIL` is the timer thread's.
pub fn enter(serial: u64, run: u32) -> Entered {
    Entered(CURRENT.with(|current| current.replace((serial, run))))
}

/// A number for the current thread; 0 while it is ending and has none any more.
pub fn thread() -> u64 {
    // Only a source of distinct numbers; outlives each model, so it is no part of them.
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    let number = |number: &Cell<u64>| {
        if number.get() == 0 {
            number.set(NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
        number.get()
    };
    THREAD.try_with(number).unwrap_or(0)
}

pub struct Entered((u64, u32));

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.with(|current| current.set(self.0));
    }
}
