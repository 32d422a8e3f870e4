//! Whether this process is a fork of the one that has the threads and the state.
//!
//! In a child that has not called `exec` there is only the thread that forked. Any lock may be held there by
//! a thread that no longer exists, so nothing of an engine is touched any more. The service hears of a fork,
//! and says so here; the engine itself cannot.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

// Outlives each model, and is no part of them: a model has no processes.
static CHILD: AtomicBool = AtomicBool::new(false);

/// To be set in such a child, before anything else of this library runs there.
pub fn flag() -> &'static AtomicBool {
    &CHILD
}

/// Whether it is. `Relaxed`: it is written where there is one thread.
pub fn is_child() -> bool {
    CHILD.load(Ordering::Relaxed)
}

/// How the body of a user sleeps in such a child: for just the time that it asked for. The engine itself waits for
/// nothing here. A cancel would have to come from another thread, and there is none; and the lock, by which a body
/// elsewhere sleeps, may be held for ever.
#[expect(clippy::disallowed_methods, reason = "in a child there is no thread that could wake it")]
pub fn sleep(time: Duration) {
    std::thread::sleep(time);
}
