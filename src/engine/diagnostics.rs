//! What the library has to say to the developer: through the `log` crate, with the target
//! `legwork::task` or `legwork::pool`, and to one more place that a face may set (the Qt face:
//! the logging categories `legwork.task` and so on), as an application in C++ has no logger of Rust's.
//!
//! A logger is a user's code: none of this is called with a lock held.

use std::fmt::Arguments;
use std::panic::{AssertUnwindSafe, catch_unwind};

use once_cell::sync::OnceCell;

pub use log::Level;

/// What a message is about. Those of plugins come from C++: `cpp/src/log.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A task, what it calls and what it brought; and what was wrong in a call about tasks.
    Task,
    /// Threads, time, the process.
    Pool,
}

impl About {
    fn target(self) -> &'static str {
        match self {
            About::Task => "legwork::task",
            About::Pool => "legwork::pool",
        }
    }
}

/// A place for the library's messages, called on any thread.
pub type Sink = fn(Level, About, &str);

static SINK: OnceCell<Sink> = OnceCell::new();

/// Sets the second place; the first call counts.
pub fn set_sink(sink: Sink) {
    let _ = SINK.set(sink);
}

pub fn warn(about: About, text: Arguments<'_>) {
    say(Level::Warn, about, text);
}

pub fn error(about: About, text: Arguments<'_>) {
    say(Level::Error, about, text);
}

fn say(level: Level, about: About, text: Arguments<'_>) {
    // A logger that panics must not take a worker with it.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        log::log!(target: about.target(), level, "{text}");
        if let Some(sink) = SINK.get() {
            sink(level, about, &text.to_string());
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
