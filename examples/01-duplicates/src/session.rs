//! The one search of this process, on the main thread: it submits the finder's jobs as tasks, and
//! takes their results back. The window and the terminal both show what is here.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use legwork::{Owner, Priority, SpawnError, TaskBuilder, TaskError, TaskId, TaskValue, tasks};

use crate::finder::hash::Hashed;
use crate::finder::search::{BucketId, Job, Search, Totals};
use crate::jobs::{self, Reply, Space};

/// So many tasks of a search are submitted at once: enough for the workers until the main thread
/// looks again, a frame later, and little enough that 1,000,000 files don't become as many tasks.
const MOST_OUT: usize = 2_000;

/// A file that changed is left alone for so long before it is looked at again.
const SETTLES: Duration = Duration::from_millis(500);

/// Before that, an estimate of the time that is left would jump about.
const ESTIMATE_AFTER: Duration = Duration::from_secs(2);

const SPACE_EVERY: Duration = Duration::from_secs(2);

/// So many failures are kept to be shown; all are counted.
const MOST_FAILURES: usize = 1_000;

pub struct Session {
    pub root: PathBuf,
    pub search: Search,
    /// Ends the tasks of a search that another one takes the place of.
    owner: Owner,
    out: HashMap<Job, TaskId>,
    /// How much was read of the large files that are read at the moment.
    read: HashMap<Job, u64>,
    /// The messages of what failed.
    pub failures: Vec<String>,
    /// Distinguishes the searches of this process.
    pub serial: u64,
    pub space: Option<Space>,
    /// Runs that ended, well or not.
    space_runs: u64,
    space_task: Option<TaskId>,
    estimate_task: Option<TaskId>,
    estimate: bool,
    begun: Instant,
    ended: Option<Instant>,
}

thread_local! {
    /// All callbacks of tasks and all of QML come on the main thread.
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
    /// Called when a search is over, and nothing of it runs any more.
    static ON_END: RefCell<Vec<fn()>> = const { RefCell::new(Vec::new()) };
}

/// What `f` gives of the session, if there is one.
pub fn with<R>(f: impl FnOnce(&mut Session) -> R) -> Option<R> {
    SESSION.with_borrow_mut(|session| session.as_mut().map(f))
}

pub fn on_end(f: fn()) {
    ON_END.with_borrow_mut(|all| all.push(f));
}

/// Why a folder cannot be searched.
pub fn check(root: &Path) -> Result<(), String> {
    let shown = root.display();
    match std::fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(format!("{shown} is a file; give the folder that it is in")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("there is no folder {shown}; give one that exists, or none for the current one"))
        }
        Err(error) => Err(format!("the folder {shown} cannot be opened: {error}")),
    }
}

/// Begins a search, in place of the one before.
pub fn start(root: PathBuf) -> Result<(), String> {
    check(&root)?;
    // The old one's owner goes with it, so none of its callbacks comes into the new one.
    let old = SESSION.take();
    let mut session = Session::new(root);
    if let Some(old) = old {
        session.serial = old.serial + 1;
    }
    SESSION.set(Some(session));
    with(|session| session.begin());
    step(|_| {});
    Ok(())
}

/// Changes the session, submits what is to be done next, and sees whether that was all.
fn step(change: impl FnOnce(&mut Session)) {
    let over = with(|session| {
        change(session);
        session.submit();
        session.is_over() && session.end()
    });
    if over == Some(true) {
        let all = ON_END.with_borrow(|all| all.clone());
        all.iter().for_each(|f| f());
    }
}

/// Cancels what is left of the search; what was found stays.
pub fn stop() {
    step(Session::stop);
}

/// The buckets that are on the screen: their files are hashed before the others.
pub fn look_at(buckets: &[BucketId]) {
    step(|session| {
        let Session { search, out, .. } = session;
        search.look_at(buckets, |file| {
            if let Some(id) = out.get(&Job::Whole(file)) {
                tasks().set_priority(*id, Priority::High);
            }
        });
    });
}

impl Session {
    fn new(root: PathBuf) -> Self {
        Session {
            search: Search::new(root.clone()),
            owner: tasks().owner("search"),
            root,
            out: HashMap::new(),
            read: HashMap::new(),
            failures: Vec::new(),
            serial: 0,
            space: None,
            space_runs: 0,
            space_task: None,
            estimate_task: None,
            estimate: false,
            begun: Instant::now(),
            ended: None,
        }
    }

    fn begin(&mut self) {
        let root = self.root.clone();
        // Nobody waits for it.
        let space = tasks()
            .periodic(SPACE_EVERY, move |_| jobs::space(&root))
            .name("Free space")
            .priority(Priority::Low)
            .owner(&self.owner)
            .on_complete(|space: Reply<Space>| {
                step(|session| {
                    session.space = Some(space.into_inner());
                    session.space_runs += 1;
                });
            })
            .on_error(|error| {
                step(|session| {
                    session.space_runs += 1;
                    session.note(error);
                });
            });
        self.space_task = self.accepted(space.spawn_id());
        let estimate = tasks()
            .task(|_| ())
            .delay(ESTIMATE_AFTER)
            .name("Time left")
            .priority(Priority::High)
            .owner(&self.owner)
            .on_complete(|()| step(|session| session.estimate = true));
        self.estimate_task = self.accepted(estimate.spawn_id());
    }

    /// The id of a task that was accepted. None is accepted during a shutdown: that ends the search.
    fn accepted(&mut self, spawned: Result<TaskId, SpawnError>) -> Option<TaskId> {
        if let Err(error) = &spawned
            && !tasks().is_shut_down()
        {
            eprintln!("duplicates: {error}");
        }
        if spawned.is_err() {
            self.search.stop();
        }
        spawned.ok()
    }

    fn submit(&mut self) {
        while self.out.len() < MOST_OUT
            && let Some(job) = self.search.next()
        {
            match self.spawn(job) {
                Some(id) => {
                    self.out.insert(job, id);
                }
                None => self.search.cancelled(job),
            }
        }
    }

    fn spawn(&mut self, job: Job) -> Option<TaskId> {
        let service = tasks();
        let search = &self.search;
        let spawned = match job {
            Job::Scan(folder) => {
                let path = search.folder_path(folder);
                let name = named("List", &path);
                let task = service.task(move |_| jobs::scan(path)).name(name);
                submit(task, job, &self.owner, move |session, scan| {
                    for error in &scan.errors {
                        session.keep(error.to_string());
                    }
                    session.search.scanned(folder, scan);
                })
            }
            Job::FirstBlock(file) => {
                let (path, expected) = (search.path(file), search.expected(file));
                let again = search.has_changed(file);
                let name = named("First block of", &path);
                let task = service.task(move |_| jobs::first_block(path, expected, again)).name(name);
                submit(task, job, &self.owner, move |session, hashed| session.hashed(job, hashed))
            }
            Job::Whole(file) => {
                let (path, expected) = (search.path(file), search.expected(file));
                let again = search.has_changed(file);
                let name = named("Whole of", &path);
                let priority = if search.is_looked_at(file) { Priority::High } else { Priority::Normal };
                let task = service.task(move |context: &_| jobs::whole(path, expected, again, context));
                let size = expected.size as f64;
                let task = task.name(name).priority(priority).on_progress(move |progress, _| {
                    with(|session| session.read.insert(job, (progress * size) as u64));
                });
                submit(task, job, &self.owner, move |session, hashed| session.hashed(job, hashed))
            }
            Job::Look(file) => {
                let path = search.path(file);
                let name = named("Look again at", &path);
                let task = service.task(move |_| jobs::look(path)).name(name).delay(SETTLES);
                submit(task, job, &self.owner, move |session, now| session.search.looked(file, now))
            }
        };
        self.accepted(spawned)
    }

    /// A job's task has ended.
    fn back(&mut self, job: Job) {
        self.out.remove(&job);
        self.read.remove(&job);
    }

    fn hashed(&mut self, job: Job, hashed: Hashed) {
        match hashed {
            Hashed::Hash(hash) => self.search.hashed(job, hash),
            Hashed::Changed => self.search.changed(job),
        }
    }

    fn note(&mut self, error: &TaskError) {
        self.keep(error.message().to_owned());
    }

    fn keep(&mut self, message: String) {
        if self.failures.len() < MOST_FAILURES {
            self.failures.push(message);
        }
    }

    fn stop(&mut self) {
        self.search.stop();
        for id in self.out.values() {
            tasks().cancel(*id);
        }
    }

    fn is_over(&self) -> bool {
        // The free space is to be known at least once, however short the search.
        let space = self.space_runs > 0 || self.search.is_stopped();
        self.search.is_finished() && space
    }

    /// Whether it ended just now.
    fn end(&mut self) -> bool {
        if self.ended.is_some() {
            return false;
        }
        self.ended = Some(Instant::now());
        if let Some(id) = self.estimate_task {
            tasks().cancel(id);
        }
        true
    }

    pub fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Stops asking for the free space, which would go on for ever.
    pub fn end_space(&self) {
        if let Some(id) = self.space_task {
            tasks().cancel(id);
        }
    }

    pub fn totals(&self) -> Totals {
        self.search.totals()
    }

    pub fn elapsed(&self) -> Duration {
        self.ended.unwrap_or_else(Instant::now) - self.begun
    }

    /// From 0 to 1; `None` while folders are still found.
    pub fn fraction(&self) -> Option<f64> {
        let totals = self.totals();
        if self.has_ended() {
            return Some(1.0);
        }
        if totals.folders_left > 0 || totals.work_known == 0 {
            return None;
        }
        let done = totals.work_done + self.read.values().sum::<u64>();
        Some((done as f64 / totals.work_known as f64).min(1.0))
    }

    /// How long it still takes, about, once that can be told.
    pub fn left(&self) -> Option<Duration> {
        let fraction = self.fraction().filter(|fraction| self.estimate && *fraction > 0.02)?;
        Some(self.elapsed().mul_f64((1.0 - fraction) / fraction))
    }
}

fn named(what: &str, path: &Path) -> String {
    format!("{what} {}", path.display())
}

/// Submits a job's task. Whatever becomes of it comes back to the session.
fn submit<T: Send + Sync + 'static>(
    task: TaskBuilder<Reply<T>>,
    job: Job,
    owner: &Owner,
    done: impl Fn(&mut Session, T) + Send + 'static,
) -> Result<TaskId, SpawnError>
where
    Reply<T>: TaskValue,
{
    task.owner(owner)
        .on_complete(move |reply| {
            step(|session| {
                session.back(job);
                done(session, reply.into_inner());
            });
        })
        .on_error(move |error| {
            step(|session| {
                session.back(job);
                session.note(error);
                session.search.failed(job);
            });
        })
        .on_cancelled(move |_| {
            step(|session| {
                session.back(job);
                session.search.cancelled(job);
            });
        })
        .spawn_id()
}
