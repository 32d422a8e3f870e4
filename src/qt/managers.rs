//! The `TaskManager` objects of this process, and what they are told.
//!
//! They live on the manager's thread, which is that of the `QCoreApplication`, one for each QML engine (and one for
//! C++), and hear of the same tasks. A slot may delete any of them, also the one that is emitting: so each is looked up
//! again by its place before it is used, and a place is used again only when nobody walks the list.

use std::cell::{Cell, OnceCell, RefCell};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cxx_qt_lib::{QString, QVariant};

use super::id::id_text;
pub use super::int::int;
use super::int::qint32;
use super::manager::TaskManager;
use super::opaque::assert_opaque;
use super::owners::Telling;
use super::values::{list_variant, to_variant};
use super::{manager_thread, report, views};
use crate::engine::{Delivery, Notice, TaskId};
use crate::{ShutdownReport, TaskError, Value, tasks};

assert_opaque!(TaskManager);

/// A number that is a property of each manager.
#[derive(Clone, Copy)]
pub enum Number {
    Active,
    Queued,
    Workers,
    Stack,
    Blocking,
    IdleTimeout,
    Nice,
}

/// How many there are of these.
const NUMBERS: usize = Number::Nice as usize + 1;

/// What each says that it has changed by.
const CHANGED: [fn(Pin<&mut TaskManager>); NUMBERS] = [
    |manager| manager.active_count_changed(),
    |manager| manager.queued_count_changed(),
    |manager| manager.max_workers_changed(),
    |manager| manager.stack_size_changed(),
    |manager| manager.max_blocking_changed(),
    |manager| manager.idle_timeout_ms_changed(),
    |manager| manager.worker_nice_changed(),
];

/// As they are now. Of the time the nanoseconds; the most that there are for never, as no time is so long.
fn numbers() -> [u64; NUMBERS] {
    let counts = tasks().counts();
    let idle =
        tasks().idle_timeout().map_or(u64::MAX, |after| after.as_nanos().try_into().unwrap_or(u64::MAX));
    let wide = |count: usize| count as u64;
    [
        wide(counts.running),
        wide(counts.queued),
        wide(tasks().max_workers()),
        wide(tasks().stack_size()),
        wide(tasks().max_blocking()),
        idle,
        tasks().worker_nice().into(),
    ]
}

#[derive(Default)]
struct Managers {
    /// Null where one is gone.
    places: RefCell<Vec<*mut TaskManager>>,
    /// How many calls of [`walk`] are under way.
    walking: Cell<usize>,
    /// Some are null.
    gaps: Cell<bool>,
    /// What was last announced.
    numbers: Cell<[u64; NUMBERS]>,
    /// Which of them were read since then, when they were something else.
    read_ahead: Cell<[bool; NUMBERS]>,
    /// A slot was connected to `taskCompleted` of one of them when the batch that is being delivered began.
    completions: Cell<bool>,
    /// A shutdown that was over has been begun again: its end is to be told once more.
    again: Cell<bool>,
}

thread_local! {
    static MANAGERS: Managers = Managers::default();
}

/// Adds a manager. The caller, its constructor, is on the manager's thread.
pub fn add(manager: *mut TaskManager) {
    MANAGERS.with(|managers| {
        if managers.places.borrow().is_empty() {
            managers.numbers.set(numbers());
        }
        managers.places.borrow_mut().push(manager);
    });
    listen();
}

/// Has the engine keep events if anything is to hear of them: a slot, a function, a view. A task that nothing
/// hears of is not to wait until nobody was told. On the manager's thread.
pub fn listen() {
    KEEPS.spare(hear_anything, |still| tasks().engine().stop_listening(still));
    if hear_anything() {
        may_hear();
    }
}

fn hear_anything() -> bool {
    // Of one that another thread has made, and that is no manager yet, nobody can ask.
    !views::is_empty() || any(TaskManager::hears_anything) || super::manager::instance_waits()
}

fn hear_queued() -> bool {
    any(TaskManager::hears_queued) || super::manager::instance_waits()
}

fn hear_starts() -> bool {
    !views::is_empty() || any(TaskManager::hears_starts_or_counts)
}

/// Something that the engine is to do for those that hear of it. A drain that finds none takes it back.
///
/// ## Memory ordering
///
/// A thread that connects counts a call, after it has connected, and then tells the engine. A drain reads the
/// count, looks for connections, and takes the wish back under the engine's lock if the count is still the same.
/// A call that is counted before the drain reads has its connection seen (`Release`, `Acquire`). One that is counted
/// later is either seen under the lock, or tells the engine after that, and then notes that it did.
struct Wish {
    told: AtomicBool,
    calls: AtomicU64,
}

impl Wish {
    const fn new() -> Self {
        Wish { told: AtomicBool::new(true), calls: AtomicU64::new(0) }
    }

    fn state(&self, tell: impl FnOnce()) {
        self.calls.fetch_add(1, Ordering::Release);
        tell();
        self.told.store(true, Ordering::Relaxed);
    }

    fn spare(&self, hear: impl FnOnce() -> bool, take_back: impl FnOnce(&dyn Fn() -> bool)) {
        let calls = self.calls.load(Ordering::Acquire);
        if self.told.load(Ordering::Relaxed) && !hear() {
            take_back(&|| {
                let still = self.calls.load(Ordering::Acquire) == calls;
                if still {
                    self.told.store(false, Ordering::Relaxed);
                }
                still
            });
        }
    }
}

/// The engine is to keep events.
static KEEPS: Wish = Wish::new();
/// It is to tell of starts and counts.
static TELLS_STARTS: Wish = Wish::new();
/// It is to tell of accepted tasks.
static TELLS_QUEUED: Wish = Wish::new();

/// A slot was connected to a manager, a view watches a task, or a function of one is about to be called. From any
/// thread, and before the task can end.
pub fn may_hear() {
    KEEPS.state(|| tasks().engine().set_listening(true));
    TELLS_STARTS.state(|| tasks().engine().set_hears_starts(true));
}

/// A slot was connected to a manager's `taskQueued`. The same.
pub fn may_hear_queued() {
    TELLS_QUEUED.state(|| tasks().engine().set_hears_queued(true));
}

/// Has the engine not do what is for nobody.
fn spare() {
    KEEPS.spare(hear_anything, |still| tasks().engine().stop_listening(still));
    TELLS_STARTS.spare(hear_starts, |still| tasks().engine().stop_hearing_starts(still));
    TELLS_QUEUED.spare(hear_queued, |still| tasks().engine().stop_hearing_queued(still));
}

/// Takes a manager out; its destructor calls this.
pub fn remove(manager: *mut TaskManager) {
    // A manager with static storage goes after the thread's locals, when none is told any more.
    let gone = MANAGERS.try_with(|managers| {
        let mut places = managers.places.borrow_mut();
        for place in places.iter_mut().filter(|place| **place == manager) {
            *place = std::ptr::null_mut();
        }
        match managers.walking.get() {
            0 => places.retain(|place| !place.is_null()),
            _ => managers.gaps.set(true),
        }
    });
    if gone.is_ok() {
        listen();
    }
}

/// Where a manager is in the list, while that is walked.
#[derive(Clone, Copy)]
struct Place<'a> {
    managers: &'a Managers,
    at: usize,
    /// No manager comes after it.
    last: bool,
}

impl Place<'_> {
    /// Calls `tell` with the manager that is there; not if it is gone.
    fn with<R>(self, tell: impl FnOnce(Pin<&mut TaskManager>) -> R) -> Option<R> {
        let manager = self.managers.places.borrow()[self.at];
        // SAFETY: a manager that is in the list is alive here: its destructor takes it out (`remove`), on this thread,
        // before its parts of C++ go. It is a QObject, which nobody moves.
        //
        // A slot may delete it while `tell` has this reference in a frame below, or come back to it. The reference
        // promises nothing of its memory (`opaque`), and each `tell` gives it to C++ as the last thing that
        // it does with it. So it makes nothing of a user's (a copy of a result) while it has it.
        //
        // What has bytes is the Rust half. Nobody has a reference to that here: a method of `TaskManager` ends its own
        // before it emits anything or calls a function of a user's, and this is reached from nowhere else.
        (!manager.is_null()).then(|| tell(unsafe { Pin::new_unchecked(&mut *manager) }))
    }

    fn is_there(self) -> bool {
        !self.managers.places.borrow()[self.at].is_null()
    }
}

/// Calls `visit` for each place, of which some may be empty.
fn walk(mut visit: impl FnMut(Place)) {
    MANAGERS.with(|managers| {
        managers.walking.set(managers.walking.get() + 1);
        let count = managers.places.borrow().len();
        for at in 0..count {
            visit(Place { managers, at, last: at + 1 == count });
        }
        managers.walking.set(managers.walking.get() - 1);
        if managers.walking.get() == 0 && managers.gaps.replace(false) {
            managers.places.borrow_mut().retain(|place| !place.is_null());
        }
    });
}

/// Calls `tell` for each manager there is.
fn each(mut tell: impl FnMut(Pin<&mut TaskManager>)) {
    walk(|place| {
        place.with(&mut tell);
    });
}

/// Calls `visit` for the place of each manager that has functions of tasks to call.
fn walk_callers(mut visit: impl FnMut(Place)) {
    walk(|place| {
        if place.with(TaskManager::calls) == Some(true) {
            visit(place);
        }
    });
}

fn any(mut question: impl FnMut(&TaskManager) -> bool) -> bool {
    let mut yes = false;
    each(|manager| yes = yes || question(&manager));
    yes
}

/// A batch is about to be taken: whether a slot or a view hears that tasks start. Else starts are left out of it.
pub fn begin_batch() -> bool {
    spare();
    // A slot that is connected when a batch begins most likely still is at its end; else it costs a signal in vain.
    MANAGERS.with(|managers| managers.completions.set(any(TaskManager::hears_completed)));
    any(TaskManager::hears_started) || !views::is_empty()
}

/// Whether a slot hears of results: also one that was connected a moment ago.
fn hear_completions() -> bool {
    MANAGERS.with(|managers| managers.completions.get()) || any(TaskManager::hears_completed)
}

/// Says whether a slot hears of a failure, before any does: the engine logs one of which nobody hears.
fn hear_failure(id: TaskId, notice: &Notice<Value>) {
    let (Notice::Failed(error) | Notice::RunFailed(_, error)) = notice else { return };
    let heard = any(TaskManager::hears_failure) || views::hears_failure(id);
    match notice {
        _ if heard => tasks().engine().heard(id),
        Notice::RunFailed(run, _) => tasks().engine().run_unheard(id, *run, error),
        _ => {}
    }
}

/// Emits what happened from each manager, and then calls the callbacks.
pub fn deliver(delivery: &Delivery<Value>) {
    match delivery {
        Delivery::Task { id, notice, .. } => {
            let _of = Telling::of(delivery.owner());
            if let Notice::Retried(old) = notice {
                views::follow(*old, *id);
            }
            hear_failure(*id, notice);
            // A view was made with what its task is.
            match views::is_watched(*id) && !matches!(notice, Notice::Queued | Notice::Retried(_)) {
                true => views::around(*id, notice, || emit(*id, notice)),
                false => emit(*id, notice),
            }
            delivery.call();
        }
        Delivery::Late { id, notice, .. } => {
            if let Notice::Started = notice {
                let _of = Telling::of(delivery.owner());
                // Functions of a submission that was given the id of a task that had begun.
                let id = id_text(*id);
                each_that_calls(|manager| manager.call_on_started(&id));
            }
            delivery.call();
        }
        Delivery::AllFinished => each(|manager| manager.all_tasks_finished()),
        Delivery::PausesChanged => {
            // Before any slot hears of it.
            views::look_for_pauses();
            each(|manager| manager.pauses_changed());
        }
        Delivery::Shutdown(report) => shutdown_finished(report),
        Delivery::LimitReached { name, limit, .. } => {
            let (name, limit) = (QString::from(name.as_ref()), QString::from(*limit));
            each(|manager| manager.limit_reached(name.clone(), limit.clone()));
        }
    }
}

/// What a signal carries, made when the first one wants it: most tasks are told to no slot, or by one
/// signal.
struct Lazy<T, F>(OnceCell<T>, F);

impl<T, F: Fn() -> T> Lazy<T, F> {
    fn new(make: F) -> Self {
        Lazy(OnceCell::new(), make)
    }

    fn get(&self) -> &T {
        self.0.get_or_init(&self.1)
    }

    /// To be given away. Most likely nothing wants it after the `last` manager, which saves a copy; else it is made
    /// again.
    fn give(&mut self, last: bool) -> T
    where
        T: Clone,
    {
        let made = if last { self.0.take() } else { None };
        made.unwrap_or_else(|| if last { (self.1)() } else { self.get().clone() })
    }
}

fn emit(id: TaskId, notice: &Notice<Value>) {
    let mut id = Lazy::new(|| id_text(id));
    match notice {
        Notice::Queued => each(|manager| manager.task_queued(id.get().clone())),
        Notice::Retried(old) => {
            let old = id_text(*old);
            each(|manager| manager.task_retried(old.clone(), id.get().clone()));
        }
        Notice::Paused(reason) => {
            let reason = QString::from(reason.as_ref());
            each(|manager| manager.task_paused(id.get().clone(), reason.clone()));
            each_that_calls(|manager| manager.call_on_paused(id.get(), &reason));
        }
        Notice::Resumed => {
            each(|manager| manager.task_resumed(id.get().clone()));
            each_that_calls(|manager| manager.call_on_resumed(id.get()));
        }
        Notice::Started => {
            each(|manager| manager.task_started(id.get().clone()));
            each_that_calls(|manager| manager.call_on_started(id.get()));
        }
        Notice::Progress(value, message) => {
            let message = QString::from(message.as_ref());
            each(|manager| manager.task_progress(id.get().clone(), *value, message.clone()));
            each_that_calls(|manager| manager.call_on_progress(id.get(), *value, &message));
        }
        Notice::Run(iteration, value) => {
            let result = to_variant(value);
            each(|manager| manager.task_periodic(id.get().clone(), (*iteration).into(), result.clone()));
            each_that_calls(|manager| manager.call_on_complete(id.get(), &result, false));
        }
        Notice::RunFailed(_, error) => {
            let message = QString::from(error.message());
            each(|manager| manager.task_failed(id.get().clone(), message.clone()));
            call_on_error(id.get(), error, false);
        }
        Notice::Retrying(attempt, error, delay) => {
            let (message, ms) = (QString::from(error.message()), delay.as_secs_f64() * 1_000.0);
            each(|manager| manager.task_retrying(id.get().clone(), (*attempt).into(), message.clone(), ms));
            let error = to_variant(&report::error(error));
            each_that_calls(|manager| manager.call_on_retry(id.get(), *attempt, &error, ms));
        }
        Notice::Values(values) => {
            // Only for those that want it: there may be very many.
            let values = Lazy::new(|| list_variant(values));
            walk(|place| {
                if place.with(|manager| manager.hears_values()) == Some(true) {
                    // Before the manager is looked up: it may copy what a user has made.
                    let (id, values) = (id.get().clone(), values.get().clone());
                    place.with(|manager| manager.task_values(id, values));
                }
            });
            walk_callers(|place| {
                let id = id.get();
                if place.with(|manager| manager.calls_on_values(id)) == Some(true) {
                    let values = values.get();
                    place.with(|manager| manager.call_on_values(id, values));
                }
            });
        }
        Notice::Slow(time) => {
            let ms = time.as_secs_f64() * 1_000.0;
            each(|manager| manager.task_slow(id.get().clone(), ms));
            each_that_calls(|manager| manager.call_on_slow(id.get(), ms));
        }
        Notice::Completed(value) => {
            let mut result = Lazy::new(|| to_variant(value));
            if hear_completions() {
                walk(|place| {
                    if !place.is_there() {
                        return;
                    }
                    // Before the manager is looked up: it may copy what a user has made.
                    let (id, result) = (id.give(place.last), result.give(place.last));
                    place.with(|manager| manager.task_completed(id, result));
                });
            }
            walk_callers(|place| {
                let result = result.get();
                place.with(|manager| manager.call_on_complete(id.get(), result, true));
            });
        }
        Notice::Failed(error) => {
            let message = QString::from(error.message());
            each(|manager| manager.task_failed(id.get().clone(), message.clone()));
            call_on_error(id.get(), error, true);
        }
        Notice::Cancelled(reason) => {
            each(|manager| manager.task_cancelled(id.get().clone()));
            let reason = QString::from(reason.name());
            each_that_calls(|manager| manager.call_on_cancelled(id.get(), &reason));
        }
    }
}

/// Calls `tell` for each manager that has functions of tasks to call.
fn each_that_calls(mut tell: impl FnMut(Pin<&mut TaskManager>)) {
    walk_callers(|place| {
        place.with(&mut tell);
    });
}

fn call_on_error(id: &QString, error: &TaskError, end: bool) {
    let error: QVariant = to_variant(&report::error(error));
    each_that_calls(|manager| manager.call_on_error(id, &error, end));
}

/// A count as it is now, for a reader of the property.
pub fn count(count: Number) -> qint32 {
    int(number(count).try_into().unwrap_or(usize::MAX))
}

/// A number as it is now, for a reader of the property. If it is another than was announced, the reader is told of it
/// in any case, as it may be what was announced again by then.
pub fn number(number: Number) -> u64 {
    let (at, now) = (number as usize, numbers()[number as usize]);
    MANAGERS.with(|managers| {
        if managers.numbers.get()[at] != now {
            let mut ahead = managers.read_ahead.get();
            ahead[at] = true;
            managers.read_ahead.set(ahead);
        }
    });
    now
}

/// Announces the numbers that are not what they were; at the end of each drain.
pub fn numbers_changed() {
    let now = numbers();
    let (before, ahead) =
        MANAGERS.with(|managers| (managers.numbers.replace(now), managers.read_ahead.take()));
    for at in 0..now.len() {
        if now[at] != before[at] || ahead[at] {
            each(CHANGED[at]);
        }
    }
}

fn shutdown_finished(report: &ShutdownReport) {
    MANAGERS.with(|managers| managers.again.set(false));
    let report = to_variant(&report::shutdown(report));
    each(|manager| manager.shutdown_finished(report.clone()));
}

/// Has the next drain tell the end of the shutdown, also if it was told before.
pub fn tell_shutdown_again() {
    MANAGERS.with(|managers| managers.again.set(true));
    manager_thread::wake();
}

/// Tells the end of the shutdown once more, if a caller that began it again waits for that; at the end of each drain.
pub fn shutdown_again() {
    if MANAGERS.with(|managers| managers.again.get())
        && let Some(report) = tasks().engine().shutdown_report()
    {
        shutdown_finished(&report);
    }
}
