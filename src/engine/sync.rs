//! The only door to threads, locks and atomics.
//!
//! A normal build takes `parking_lot`; `--cfg loom` and `--cfg shuttle` put the model checkers in
//! its place, so that the code that is checked is the code that ships. `clippy.toml` forbids the
//! same names from elsewhere.

#[cfg(not(any(loom, shuttle)))]
#[expect(clippy::disallowed_types, reason = "this is where they come from")]
mod imp {
    use std::time::Duration;

    pub use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};

    pub type MutexGuard<'a, T> = parking_lot::MutexGuard<'a, T>;

    #[derive(Default)]
    pub struct Mutex<T>(parking_lot::Mutex<T>);

    impl<T> Mutex<T> {
        pub const fn new(value: T) -> Self {
            Self(parking_lot::Mutex::new(value))
        }

        pub fn lock(&self) -> MutexGuard<'_, T> {
            #[cfg(debug_assertions)]
            super::counts::LOCKS.fetch_add(1, Ordering::Relaxed);
            for _ in 0..SPINS {
                if !self.0.is_locked()
                    && let Some(guard) = self.0.try_lock()
                {
                    return guard;
                }
                std::hint::spin_loop();
            }
            self.0.lock()
        }
    }

    /// How often a lock is looked at before the processor is given away. The engine's is held for a
    /// fraction of a microsecond, and to give the processor away costs several.
    const SPINS: u32 = 40;

    #[derive(Default)]
    pub struct Condvar(parking_lot::Condvar);

    impl Condvar {
        pub fn wait<'a, T>(&self, mut guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
            self.0.wait(&mut guard);
            guard
        }

        pub fn wait_for<'a, T>(&self, mut guard: MutexGuard<'a, T>, time: Duration) -> MutexGuard<'a, T> {
            self.0.wait_for(&mut guard, time);
            guard
        }

        pub fn notify_one(&self) {
            #[cfg(debug_assertions)]
            super::counts::WAKES.fetch_add(1, Ordering::Relaxed);
            self.0.notify_one();
        }

        pub fn notify_all(&self) {
            self.0.notify_all();
        }
    }

    pub use std::thread_local;
}

#[cfg(any(loom, shuttle))]
mod imp {
    use std::time::Duration;

    #[cfg(loom)]
    use loom as model;
    #[cfg(shuttle)]
    use shuttle as model;

    pub use model::sync::MutexGuard;
    pub use model::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
    pub use model::thread_local;

    #[derive(Default)]
    pub struct Mutex<T>(model::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Self {
            Self(model::sync::Mutex::new(value))
        }

        pub fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().expect("a model stops at its first panic")
        }
    }

    #[derive(Default)]
    pub struct Condvar(model::sync::Condvar);

    impl Condvar {
        pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
            self.0.wait(guard).expect("a model stops at its first panic")
        }

        /// Models run on the virtual clock, where time passes only by a call that also notifies.
        pub fn wait_for<'a, T>(&self, guard: MutexGuard<'a, T>, _: Duration) -> MutexGuard<'a, T> {
            self.wait(guard)
        }

        pub fn notify_one(&self) {
            self.0.notify_one();
        }

        pub fn notify_all(&self) {
            self.0.notify_all();
        }
    }
}

pub use imp::*;

/// How often a lock was taken and a thread woken, in this process and in debug builds: what a task costs is
/// held by `tests/costs.rs`. Only numbers: nothing is ordered by them.
#[cfg(all(debug_assertions, not(any(loom, shuttle))))]
pub mod counts {
    use super::AtomicU64;

    pub static LOCKS: AtomicU64 = AtomicU64::new(0);
    pub static WAKES: AtomicU64 = AtomicU64::new(0);
}
