//! Where the worker loops get their threads.
//!
//! `threadpool` makes, names and replaces them; each runs one loop of ours until that returns.
//! Two facts of that crate shape this (`workers.md`, "Shrinking"): a thread ends when its job has
//! returned and at least `max_count` others are busy, and a thread that cannot be made is a panic.
//!
//! That panic runs the program's panic hook, so the pool is not called with a lock held. There is
//! one `start` at a time, as `Pool::waking` is set meanwhile, and no `retire` beside it, so the
//! number of threads is nobody else's in between.

#[cfg(not(any(loom, shuttle)))]
mod imp {
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use threadpool::{Builder, ThreadPool};

    use super::super::contain::panic_message;
    use super::super::sync::Mutex;

    /// Runs a closure when the thread that it was given to ends.
    pub struct AtEnd(Option<Box<dyn FnOnce() + Send>>);

    impl AtEnd {
        pub fn new(end: impl FnOnce() + Send + 'static) -> Self {
            AtEnd(Some(Box::new(end)))
        }

        fn disarm(&mut self) {
            self.0 = None;
        }
    }

    impl Drop for AtEnd {
        fn drop(&mut self) {
            if let Some(end) = self.0.take() {
                end();
            }
        }
    }

    thread_local! {
        static AT_END: RefCell<Option<AtEnd>> = const { RefCell::new(None) };
    }

    pub struct Threads {
        pool: Option<ThreadPool>,
        /// In bytes.
        stack: usize,
        /// A thread was started with that stack, or is being started.
        started: bool,
    }

    impl Threads {
        pub fn new(stack: usize) -> Self {
            Threads { pool: None, stack, started: false }
        }

        pub fn stack(&self) -> usize {
            self.stack
        }

        /// For threads that are started from now on; `false` if there are some already.
        pub fn set_stack(&mut self, bytes: usize) -> bool {
            if !self.started {
                self.stack = bytes;
            }
            !self.started
        }

        /// One more thread, which runs `work`, and then `at_end` as it ends.
        pub fn start(
            threads: &Mutex<Threads>,
            work: impl FnOnce() + Send + 'static,
            at_end: AtEnd,
        ) -> Result<(), String> {
            // The handle; the pool is the same one.
            let (mut pool, stack) = {
                let mut threads = threads.lock();
                threads.started = true;
                (threads.pool.clone(), threads.stack)
            };
            let grown = catch_unwind(AssertUnwindSafe(|| match &mut pool {
                Some(pool) => pool.set_num_threads(pool.max_count() + 1),
                None => {
                    let builder = Builder::new().num_threads(1).thread_name("legwork".to_owned());
                    pool = Some(builder.thread_stack_size(stack).build());
                }
            }));
            let mut at_end = at_end;
            if let Err(panic) = grown {
                at_end.disarm();
                match &mut pool {
                    // It counts the thread that it could not make.
                    Some(pool) => pool.set_num_threads((pool.max_count() - 1).max(1)),
                    None => threads.lock().started = false,
                }
                return Err(panic_message(panic));
            }
            if let Some(pool) = pool {
                threads.lock().pool.get_or_insert_with(|| pool.clone());
                pool.execute(move || {
                    // Registers the destructor before a body can register one: it runs after those.
                    AT_END.with(|_| ());
                    work();
                    // Not before: a body that exits the process has its thread's destructors run, too.
                    AT_END.with(|place| *place.borrow_mut() = Some(at_end));
                });
            }
            Ok(())
        }

        /// Called by a loop that is about to return: its thread is to end.
        pub fn retire(&mut self, closed: bool) {
            if closed {
                self.pool = None;
            } else if let Some(pool) = &mut self.pool {
                pool.set_num_threads((pool.max_count() - 1).max(1));
            }
        }
    }

    /// A thread beside the pool.
    pub fn spawn(name: &str, stack: usize, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
        let spawned = std::thread::Builder::new().name(name.to_owned()).stack_size(stack).spawn(work);
        spawned.map(drop).map_err(|error| error.to_string())
    }
}

#[cfg(any(loom, shuttle))]
mod imp {
    #[cfg(loom)]
    use loom::thread;
    #[cfg(shuttle)]
    use shuttle::thread;

    use super::super::sync::Mutex;

    pub struct AtEnd(Box<dyn FnOnce() + Send>);

    impl AtEnd {
        pub fn new(end: impl FnOnce() + Send + 'static) -> Self {
            AtEnd(Box::new(end))
        }
    }

    pub struct Threads {
        stack: usize,
        /// So many are not given.
        refusals: usize,
    }

    impl Threads {
        pub fn new(stack: usize) -> Self {
            Threads { stack, refusals: 0 }
        }

        pub fn refuse(&mut self, threads: usize) {
            self.refusals = threads;
        }

        pub fn stack(&self) -> usize {
            self.stack
        }

        pub fn set_stack(&mut self, _: usize) -> bool {
            false
        }

        pub fn start(
            threads: &Mutex<Threads>,
            work: impl FnOnce() + Send + 'static,
            at_end: AtEnd,
        ) -> Result<(), String> {
            let refusals = &mut threads.lock().refusals;
            if *refusals > 0 {
                *refusals -= 1;
                return Err("refused by the model".to_owned());
            }
            thread::spawn(move || {
                work();
                (at_end.0)();
            });
            Ok(())
        }

        pub fn retire(&mut self, _: bool) {}
    }

    pub fn spawn(_: &str, _: usize, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
        thread::spawn(work);
        Ok(())
    }
}

pub use imp::*;
