//! Random calls of the Rust face, without Qt, for LEGWORK_SOAK_SECONDS (2): `./x soak` runs it beside the soak of the
//! others, which have a service of their own. LEGWORK_SOAK_SEED plays one again, as far as threads allow.
//! With Qt callbacks would wait for an application.
#![cfg(not(feature = "qt"))]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant, SystemTime};

use legwork::{
    AfterPolicy, ErrorPolicy, KeyPolicy, Limits, Owner, Periodic, Priority, Retry, Runs, SpawnError, Status,
    TaskBuilder, TaskContext, TaskError, TaskHandle, tasks,
};

/// splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % count
    }

    fn once(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn ms(&mut self, below: u64) -> Duration {
        Duration::from_millis(self.below(below))
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize].clone()
    }
}

#[derive(Default)]
struct Books {
    accepted: u64,
    refused: u64,
    /// What KeyPolicy::Keep has found.
    found: u64,
    completed: u64,
    failed: u64,
    cancelled: u64,
    /// Callbacks that have to come: of tasks that no owner takes with it.
    promised: u64,
    heard: Arc<AtomicU64>,
}

/// What a body does, by its number.
fn work(kind: u64, size: u64, context: &TaskContext) -> Result<u64, TaskError> {
    match kind {
        0 => Err(TaskError::from_error("at random")),
        1 => panic!("at random"),
        2 => {
            context.sleep(Duration::from_millis(size))?;
            Ok(size)
        }
        3 => {
            for step in 0..size {
                context.set_progress(step as f64 / size as f64, "steps");
                context.checkpoint()?;
            }
            Ok(size)
        }
        4 => Ok(context.blocking(|| size)),
        5 => {
            let inner = tasks().task(move |_| size).name("inner").spawn();
            Ok(inner.map_or(0, |inner| inner.wait(None).unwrap_or(0)))
        }
        6 => Err(TaskError::cancelled()),
        7 => Ok(vec![0_u8; size as usize * 20_000].len() as u64),
        _ => Ok(size),
    }
}

struct Soak {
    random: Random,
    books: Books,
    handles: Vec<Arc<TaskHandle<u64>>>,
    owners: Vec<Owner>,
}

impl Soak {
    fn known(&mut self) -> Option<Arc<TaskHandle<u64>>> {
        (!self.handles.is_empty()).then(|| {
            let near = self.handles.len().min(50) as u64;
            self.handles[self.handles.len() - 1 - self.random.below(near) as usize].clone()
        })
    }

    fn options<W: Runs>(&mut self, mut task: TaskBuilder<u64, W>) -> TaskBuilder<u64, W> {
        let random = &mut self.random;
        task = task
            .name(format!("soak {}", random.below(8)))
            .priority(random.of(&[Priority::High, Priority::Normal, Priority::Low]))
            .after_policy(random.of(&[AfterPolicy::Completed, AfterPolicy::Ended]))
            .keep_result(random.once(2));
        if random.once(6) {
            let policies = [KeyPolicy::Append, KeyPolicy::Replace, KeyPolicy::KeepLatest, KeyPolicy::Keep];
            task = task.key(random.of(&["disk", "net"])).key_policy(random.of(&policies));
        }
        if random.once(8) {
            task = task.timeout(Duration::from_millis(1 + random.below(10)));
        }
        if random.once(5) {
            task = task.delay(random.ms(30));
        }
        if random.once(10) {
            task = task.detached();
        }
        if random.once(12)
            && let Some(known) = self.known()
        {
            task = task.after([known.id()]);
        }
        task
    }

    /// Enters what a call gave.
    fn enter<W: Runs>(&mut self, task: TaskBuilder<u64, W>) {
        let owner = if self.random.once(3) && !self.owners.is_empty() {
            Some(self.random.below(self.owners.len() as u64) as usize)
        } else {
            None
        };
        let task = match owner {
            Some(at) => task.owner(&self.owners[at]),
            None => {
                let heard = self.books.heard.clone();
                task.on_end(move |_| _ = heard.fetch_add(1, SeqCst))
            }
        };
        match task.spawn() {
            Ok(handle) => {
                self.books.promised += u64::from(owner.is_none());
                if self.handles.iter().rev().any(|known| known.id() == handle.id()) {
                    self.books.found += 1;
                } else {
                    self.books.accepted += 1;
                    self.handles.push(Arc::new(handle));
                }
            }
            Err(error) => self.refuse(&error),
        }
    }

    fn refuse(&mut self, error: &SpawnError) {
        assert!(!error.to_string().is_empty());
        self.books.refused += 1;
    }

    fn submit(&mut self) {
        let (kind, size) = (self.random.below(16), 1 + self.random.below(12));
        match self.random.below(12) {
            0 => {
                let every = Periodic {
                    max_runs: 1 + self.random.below(10),
                    max_failures: self.random.below(3) as u32,
                    ..Periodic::every(Duration::from_millis(1 + self.random.below(10)))
                };
                let task = tasks().periodic(every, move |context| work(kind, size, context));
                let task = self.options(task);
                self.enter(task);
            }
            1 | 2 => {
                let retry =
                    Retry { delay: self.random.ms(5), ..Retry::times(1 + self.random.below(2) as u32) };
                let task = tasks().repeatable(move |context| work(kind, size, context)).retry(retry);
                let task = self.options(task);
                self.enter(task);
            }
            3 => {
                let task = tasks().future(async move {
                    legwork::sleep(Duration::from_millis(size)).await;
                    Ok::<u64, TaskError>(size)
                });
                let task = self.options(task);
                self.enter(task);
            }
            4 => {
                let members: Vec<_> = (0..1 + self.random.below(4)).filter_map(|_| self.known()).collect();
                if !members.is_empty() {
                    let any = tasks().any(members);
                    self.enter(any);
                }
            }
            5 => {
                if let Some(known) = self.known() {
                    let task = tasks().task(|_| 1_u64).after([known.id()]);
                    self.enter(task);
                }
            }
            6 => {
                let wrong = tasks().task(|_| 1_u64).weight(-1.0).spawn();
                self.refuse(&wrong.err().expect("it is refused"));
            }
            7 => {
                let group = self.known().into_iter().collect::<Vec<_>>();
                let all = tasks().all(group).error_policy(ErrorPolicy::ContinueOnError).spawn();
                match all {
                    // A list: it is waited for here, as the others are numbers.
                    Ok(all) => _ = all.cancel(),
                    Err(error) => self.refuse(&error),
                }
            }
            _ => {
                let task = tasks().task(move |context| work(kind, size, context));
                let task = self.options(task);
                self.enter(task);
            }
        }
    }

    fn control(&mut self) {
        let known = self.known();
        let owner = self.random.below(6) as usize;
        match (self.random.below(12), known) {
            (0, Some(known)) => _ = known.cancel(),
            (1, Some(known)) => _ = known.pause("by chance"),
            (2, Some(known)) => _ = known.resume(),
            (3, Some(known)) => _ = known.run_now(),
            (4, Some(known)) => _ = known.wait(Duration::from_millis(1)),
            (5, Some(known)) => _ = known.on_end(|_| panic!("out of a callback")),
            (6, _) => {
                tasks().set_max_workers(1 + self.random.below(6) as usize).expect("a number of workers")
            }
            (7, _) => tasks().cancel_key(self.random.of(&["disk", "net"])),
            (8, _) if self.owners.len() < 5 => self.owners.push(tasks().owner("owner")),
            (9, _) if self.random.once(4) && !self.owners.is_empty() => {
                let at = owner % self.owners.len();
                self.owners.swap_remove(at).close();
            }
            (10, _) if !self.owners.is_empty() => {
                let (owner, limited) = (&self.owners[owner % self.owners.len()], self.random.once(3));
                let limits = Limits {
                    max_running: if limited { 1 } else { Limits::default().max_running },
                    ..Limits::default()
                };
                owner.set_limits(limits).expect("limits");
            }
            (11, _) => drop(tasks().stats()),
            _ => {}
        }
    }

    /// All that is under way ends; what came of it is counted.
    fn rest(&mut self) {
        tasks().resume_all();
        self.owners.drain(..).for_each(|owner| owner.close());
        for handle in &self.handles {
            _ = handle.resume();
            if self.random.once(2) {
                _ = handle.cancel();
            }
        }
        for handle in self.handles.drain(..) {
            if handle.wait_for_body(Duration::from_secs(1)) != legwork::WaitResult::Done {
                _ = handle.cancel();
                _ = handle.wait_for_body(Duration::from_secs(60));
            }
            match handle.status() {
                Status::Completed => self.books.completed += 1,
                Status::Failed | Status::TimedOut => self.books.failed += 1,
                Status::Cancelled => self.books.cancelled += 1,
                status => panic!("{} is {status:?}", handle.id()),
            }
        }
        let until = Instant::now() + Duration::from_secs(60);
        while self.books.heard.load(SeqCst) < self.books.promised || tasks().counts().live > 0 {
            let heard = self.books.heard.load(SeqCst);
            assert!(Instant::now() < until, "{heard} of {}; {:?}", self.books.promised, tasks().counts());
            std::thread::yield_now();
        }
        assert_eq!(self.books.heard.load(SeqCst), self.books.promised, "callbacks");
        let ends = self.books.completed + self.books.failed + self.books.cancelled;
        assert_eq!(ends, self.books.accepted, "submitted = completed + failed + cancelled");
        tasks().clear_history();
    }
}

#[test]
fn b402_the_rust_face_loses_nothing_under_random_calls() {
    let told = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let since_1970 = SystemTime::UNIX_EPOCH.elapsed().expect("a date").as_millis() as u64;
    let seed = told("LEGWORK_SOAK_SEED").unwrap_or(since_1970);
    println!("LEGWORK_SOAK_SEED={seed}");
    // What is thrown on purpose is not printed.
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !matches!(info.payload().downcast_ref(), Some(&"at random" | &"out of a callback")) {
            print(info);
        }
    }));
    tasks().collect_stats(true);
    let (handles, owners) = (Vec::new(), Vec::new());
    let mut soak = Soak { random: Random(seed), books: Books::default(), handles, owners };
    let until = Instant::now() + Duration::from_secs(told("LEGWORK_SOAK_SECONDS").unwrap_or(2));
    while Instant::now() < until {
        for _ in 0..500 {
            if soak.random.once(3) {
                soak.control();
            } else {
                soak.submit();
            }
        }
        soak.rest();
    }
    assert!(tasks().shutdown(Duration::from_secs(30)).abandoned.is_empty());
    let Books { accepted, completed, failed, cancelled, refused, found, promised, .. } = soak.books;
    println!("submitted {accepted} = completed {completed} + failed {failed} + cancelled {cancelled}");
    println!("refused {refused}; found {found}; callbacks {promised}");
    assert!(accepted > 100 && refused > 0);
}
