//! What the library asks of the system, in the C library's own words. It knows nothing of the rest, which is
//! handed in. The engine and the service have no `unsafe`; what they need of it is here, with its proof.

mod share;

pub use share::{give_way, has_less};

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
#[cfg(unix)]
use std::sync::atomic::Ordering;

/// The stack that a thread of this process has by default, in bytes: what `ulimit -s` says, as for a `QThread`.
/// `None` where that is not known, or without a limit.
#[cfg(unix)]
pub fn thread_stack() -> Option<usize> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid place for the call to write to, which does nothing else.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &raw mut limit) } == 0;
    let limited = known && limit.rlim_cur != libc::RLIM_INFINITY;
    usize::try_from(limit.rlim_cur).ok().filter(|_| limited)
}

#[cfg(not(unix))]
pub fn thread_stack() -> Option<usize> {
    None
}

/// What [`watch_forks`] was given first.
static CHILD: OnceLock<&'static AtomicBool> = OnceLock::new();

/// Has `child` set in a child that is forked from this process, before anything else runs in it. The first call
/// counts.
pub fn watch_forks(child: &'static AtomicBool) {
    if CHILD.set(child).is_ok() {
        watch();
    }
}

#[cfg(unix)]
fn watch() {
    extern "C" fn in_child() {
        if let Some(child) = CHILD.get() {
            child.store(true, Ordering::Relaxed);
        }
    }
    // SAFETY: the function stays where it is, as this library is never unloaded. It only reads an atomic, which
    // `OnceLock::get` does and no more, and writes one; that is allowed in a child of a process with threads. It
    // does not unwind. If the call fails, forks are not found out, and nothing else.
    unsafe {
        libc::pthread_atfork(None, None, Some(in_child));
    }
}

#[cfg(not(unix))]
fn watch() {}
