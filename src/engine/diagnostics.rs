//! What the library has to say to the developer: through the `log` crate, with the target
//! `legwork`, and to one more place that a face may set (the Qt face: the logging category
//! `legwork`), as an application in C++ has no logger of Rust's.
//!
//! A logger is a user's code: none of this is called with a lock held.

use std::fmt::Arguments;
use std::panic::{AssertUnwindSafe, catch_unwind};

use once_cell::sync::OnceCell;

pub use log::Level;

/// A place for the library's messages, called on any thread.
pub type Sink = fn(Level, &str);

static SINK: OnceCell<Sink> = OnceCell::new();

/// Sets the second place; the first call counts.
pub fn set_sink(sink: Sink) {
    let _ = SINK.set(sink);
}

pub fn warn(text: Arguments<'_>) {
    say(Level::Warn, text);
}

pub fn error(text: Arguments<'_>) {
    say(Level::Error, text);
}

fn say(level: Level, text: Arguments<'_>) {
    // A logger that panics must not take a worker with it.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        log::log!(target: "legwork", level, "{text}");
        if let Some(sink) = SINK.get() {
            sink(level, &text.to_string());
        }
    }));
}

/// How often a lock of the engines was taken, and a thread woken, since the process began.
#[doc(hidden)]
#[cfg(all(debug_assertions, not(any(loom, shuttle))))]
pub fn locks_and_wakes() -> (u64, u64) {
    use super::sync::{Ordering, counts};
    (counts::LOCKS.load(Ordering::Relaxed), counts::WAKES.load(Ordering::Relaxed))
}
