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

/// What [`at_exit`] was given first.
static AT_EXIT: OnceLock<fn()> = OnceLock::new();

/// Has `call` called as the process ends by `exit`, or by the return of `main`. The first call counts.
pub fn at_exit(call: fn()) {
    extern "C" fn exits() {
        if let Some(call) = AT_EXIT.get() {
            // Nothing unwinds into C.
            let _ = std::panic::catch_unwind(call);
        }
    }
    unsafe extern "C" {
        // Of the C library, everywhere where Rust's own library is.
        fn atexit(call: extern "C" fn()) -> core::ffi::c_int;
    }
    if AT_EXIT.set(call).is_ok() {
        // SAFETY: it is declared as C has it. The function that it keeps stays where it is, as this library is never
        // unloaded, or is called before that; it does not unwind. If the call fails, nothing is called, and that is all.
        unsafe {
            atexit(exits);
        }
    }
}
