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

    use super::super::config::EngineConfig;
    use super::super::contain::panic_message;
    use super::super::crew::{CREWS, Crew, Share};
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
        /// One a crew.
        pools: [Option<ThreadPool>; CREWS.len()],
        /// In bytes.
        stack: usize,
        /// What each gives of its share, and how.
        nice: u8,
        share: Share,
        /// A thread was started with these, or is being started.
        started: bool,
    }

    impl Threads {
        pub fn new(config: &EngineConfig) -> Self {
            let EngineConfig { stack_size: stack, worker_nice: nice, share, .. } = *config;
            Threads { pools: [None, None], stack, nice, share, started: false }
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

        pub fn nice(&self) -> u8 {
            self.nice
        }

        /// The same of the threads' share.
        pub fn set_nice(&mut self, nice: u8) -> bool {
            if !self.started {
                self.nice = nice;
            }
            !self.started
        }

        /// Whether a thread that the caller starts would have less of a share than one of the foreground is to have.
        pub fn has_less(&self) -> bool {
            (self.share.has_less)(self.nice)
        }

        /// One more thread of a crew, which runs `work`, and then `at_end` as it ends.
        pub fn start(
            threads: &Mutex<Threads>,
            crew: Crew,
            work: impl FnOnce() + Send + 'static,
            at_end: AtEnd,
        ) -> Result<(), String> {
            // The handle; the pool is the same one.
            let (mut pool, stack, nice, share) = {
                let mut threads = threads.lock();
                threads.started = true;
                (threads.pools[crew as usize].clone(), threads.stack, threads.nice, threads.share)
            };
            let name = match crew {
                Crew::Foreground => "legwork",
                Crew::Background => "legwork-low",
            };
            let grown = catch_unwind(AssertUnwindSafe(|| match &mut pool {
                Some(pool) => pool.set_num_threads(pool.max_count() + 1),
                None => {
                    let builder = Builder::new().num_threads(1).thread_name(name.to_owned());
                    pool = Some(builder.thread_stack_size(stack).build());
                }
            }));
            let mut at_end = at_end;
            if let Err(panic) = grown {
                at_end.disarm();
                match &mut pool {
                    // It counts the thread that it could not make.
                    Some(pool) => pool.set_num_threads((pool.max_count() - 1).max(1)),
                    None => threads.lock().forget_start(),
                }
                return Err(panic_message(panic));
            }
            if let Some(pool) = pool {
                threads.lock().pools[crew as usize].get_or_insert_with(|| pool.clone());
                pool.execute(move || {
                    // Registers the destructor before a body can register one: it runs after those.
                    AT_END.with(|_| ());
                    (share.give_way)(nice, crew);
                    work();
                    // Not before: a body that exits the process has its thread's destructors run, too.
                    AT_END.with(|place| *place.borrow_mut() = Some(at_end));
                });
            }
            Ok(())
        }

        /// Called by a loop that is about to return: its thread is to end. `last`: no other of its crew is there, and none
        /// is started until it has ended.
        pub fn retire(&mut self, crew: Crew, last: bool) {
            let pool = &mut self.pools[crew as usize];
            if last {
                *pool = None;
            } else if let Some(pool) = pool {
                pool.set_num_threads((pool.max_count() - 1).max(1));
            }
        }

        /// A pool's first thread could not be made.
        fn forget_start(&mut self) {
            self.started = self.pools.iter().any(Option::is_some);
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

    use super::super::config::EngineConfig;
    use super::super::crew::Crew;
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
        pub fn new(config: &EngineConfig) -> Self {
            Threads { stack: config.stack_size, refusals: 0 }
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

        pub fn nice(&self) -> u8 {
            0
        }

        pub fn set_nice(&mut self, _: u8) -> bool {
            false
        }

        pub fn has_less(&self) -> bool {
            false
        }

        pub fn start(
            threads: &Mutex<Threads>,
            _: Crew,
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

        pub fn retire(&mut self, _: Crew, _: bool) {}
    }

    pub fn spawn(_: &str, _: usize, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
        thread::spawn(work);
        Ok(())
    }
}

pub use imp::*;
