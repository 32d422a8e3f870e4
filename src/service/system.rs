//! What the service asks of the system, in the C library's own words.

/// The stack that a thread of this process has by default, in bytes: what `ulimit -s` says, as for a `QThread`.
#[cfg(unix)]
pub fn thread_stack() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid place for the call to write to, which does nothing else.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &raw mut limit) } == 0;
    let usual = crate::engine::EngineConfig::default().stack_size;
    match usize::try_from(limit.rlim_cur) {
        Ok(bytes) if known && limit.rlim_cur != libc::RLIM_INFINITY => {
            bytes.clamp(2 << 20, *crate::engine::STACK_SIZES.end())
        }
        _ => usual,
    }
}

#[cfg(not(unix))]
pub fn thread_stack() -> usize {
    crate::engine::EngineConfig::default().stack_size
}

/// Has a child that is forked from this process know that it is one.
#[cfg(unix)]
pub fn watch_forks() {
    extern "C" fn in_child() {
        crate::engine::fork::set_child();
    }
    // SAFETY: the function stays where it is, as this library is never unloaded, and it only writes an atomic,
    // which is allowed in a child of a process with threads. If the call fails, forks are not found out, and
    // nothing else.
    unsafe {
        libc::pthread_atfork(None, None, Some(in_child));
    }
}

#[cfg(not(unix))]
pub fn watch_forks() {}
