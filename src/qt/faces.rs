//! The `TaskManager` objects of this process, and what they are told.
//!
//! They live on the manager's thread, one for each QML engine (and one for C++), and hear of the
//! same tasks. A slot may delete any of them, also the one that is emitting: so each is looked up
//! again by its place before it is used, and a place is used again only when nobody walks the list.

use std::cell::{Cell, OnceCell, RefCell};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use cxx_qt_lib::{QString, QVariant};

use super::id::id_text;
use super::manager::TaskManager;
use super::values::to_variant;
use super::{inbox, qint32, report, views};
use crate::engine::{Delivery, Notice, OwnerId, TaskId};
use crate::{ShutdownReport, TaskError, Value, tasks};

/// A number that is a property of each face.
#[derive(Clone, Copy)]
pub enum Number {
    Active,
    Queued,
    Workers,
}

/// What each says that it has changed by.
const CHANGED: [fn(Pin<&mut TaskManager>); 3] = [
    |face| face.active_count_changed(),
    |face| face.queued_count_changed(),
    |face| face.max_workers_changed(),
];

fn numbers() -> [usize; 3] {
    let counts = tasks().counts();
    [counts.running, counts.queued, tasks().max_workers()]
}

#[derive(Default)]
struct Faces {
    /// Null where one is gone.
    places: RefCell<Vec<*mut TaskManager>>,
    /// How many calls of [`each`] are under way.
    walking: Cell<usize>,
    /// Some are null.
    gaps: Cell<bool>,
    /// What was last announced.
    numbers: Cell<[usize; 3]>,
    /// Which of them were read since then, when they were something else.
    read_ahead: Cell<[bool; 3]>,
    /// Somebody heard of results when the batch that is being delivered began.
    completions: Cell<bool>,
    /// A shutdown that was over has been begun again: its end is to be told once more.
    again: Cell<bool>,
}

thread_local! {
    static FACES: Faces = Faces::default();
}

/// Adds a face. The caller, its constructor, is on the manager's thread.
pub fn add(face: *mut TaskManager) {
    FACES.with(|faces| {
        if faces.places.borrow().is_empty() {
            faces.numbers.set(numbers());
        }
        faces.places.borrow_mut().push(face);
    });
    listen();
}

/// Has the engine keep events, or not, as there is somebody to hear of them or not: a task that nobody hears
/// of is not to wait until nobody was told. On the manager's thread.
pub fn listen() {
    KEEPS.spare(hear_anything, |still| tasks().engine().stop_listening(still));
    if hear_anything() {
        may_hear();
    }
}

fn hear_anything() -> bool {
    // Of one that another thread has made, and that is no face yet, nobody can ask.
    !views::is_empty() || any(TaskManager::hears_anything) || super::manager::instance_waits()
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

/// Somebody was connected to a face, watches a task, or is about to have a function of one called. From any
/// thread, and before the task can end.
pub fn may_hear() {
    KEEPS.state(|| tasks().engine().set_listening(true));
    TELLS_STARTS.state(|| tasks().engine().set_hears_starts(true));
}

/// Has the engine not do what is for nobody.
fn spare() {
    KEEPS.spare(hear_anything, |still| tasks().engine().stop_listening(still));
    TELLS_STARTS.spare(hear_starts, |still| tasks().engine().stop_hearing_starts(still));
}

/// Takes a face out; its destructor calls this.
pub fn remove(face: *mut TaskManager) {
    // A face with static storage goes after the thread's locals, when nobody is told any more.
    let gone = FACES.try_with(|faces| {
        let mut places = faces.places.borrow_mut();
        for place in places.iter_mut().filter(|place| **place == face) {
            *place = std::ptr::null_mut();
        }
        match faces.walking.get() {
            0 => places.retain(|place| !place.is_null()),
            _ => faces.gaps.set(true),
        }
    });
    if gone.is_ok() {
        listen();
    }
}

/// Whether a face has not been deleted.
pub fn is_there(face: *mut TaskManager) -> bool {
    FACES.with(|faces| faces.places.borrow().contains(&face))
}

/// Calls `tell` for each face there is.
fn each(mut tell: impl FnMut(Pin<&mut TaskManager>)) {
    each_and_last(|face, _| tell(face));
}

/// The same, and says which is the last, if that one is not gone.
fn each_and_last(mut tell: impl FnMut(Pin<&mut TaskManager>, bool)) {
    FACES.with(|faces| {
        faces.walking.set(faces.walking.get() + 1);
        let count = faces.places.borrow().len();
        for place in 0..count {
            let face = faces.places.borrow()[place];
            if !face.is_null() {
                // SAFETY: a face takes itself out of the list in its destructor, on this thread, so
                // one that is in it is alive here. It is a QObject, which nobody moves. No other
                // reference is in use: this thread is between two statements of ours, and a face's
                // methods keep none across a signal.
                tell(unsafe { Pin::new_unchecked(&mut *face) }, place + 1 == count);
            }
        }
        faces.walking.set(faces.walking.get() - 1);
        if faces.walking.get() == 0 && faces.gaps.replace(false) {
            faces.places.borrow_mut().retain(|place| !place.is_null());
        }
    });
}

fn any(mut question: impl FnMut(&TaskManager) -> bool) -> bool {
    let mut yes = false;
    each(|face| yes = yes || question(&face));
    yes
}

/// A batch is about to be taken: whether anybody hears that tasks start, without whom those are left out
/// of it.
pub fn begin_batch() -> bool {
    spare();
    // Who was connected when a batch began most likely still is; else it costs a signal in vain.
    FACES.with(|faces| faces.completions.set(any(TaskManager::hears_completed)));
    any(TaskManager::hears_started) || !views::is_empty()
}

/// Whether anybody hears of results: also who was connected a moment ago.
fn hear_completions() -> bool {
    FACES.with(|faces| faces.completions.get()) || any(TaskManager::hears_completed)
}

thread_local! {
    static OWNER: Cell<Option<OwnerId>> = const { Cell::new(None) };
}

/// Whose task it is that is being told of.
pub fn owner_of_signal() -> Option<OwnerId> {
    OWNER.get()
}

/// Says whose task it is while that is told of. A slot may open an event loop, in which others are.
struct OfOwner(Option<OwnerId>);

impl OfOwner {
    fn tell(owner: Option<OwnerId>) -> Self {
        OfOwner(OWNER.replace(owner))
    }
}

impl Drop for OfOwner {
    fn drop(&mut self) {
        OWNER.set(self.0);
    }
}

/// Emits what happened from each face, and then calls the callbacks.
pub fn deliver(delivery: &Delivery<Value>) {
    match delivery {
        Delivery::Task { id, notice, .. } => {
            let _of = OfOwner::tell(delivery.owner());
            match views::is_watched(*id) {
                true => views::around(*id, notice, || emit(*id, notice)),
                false => emit(*id, notice),
            }
            delivery.call();
        }
        Delivery::Late { .. } => delivery.call(),
        Delivery::AllFinished => each(|face| face.all_tasks_finished()),
        Delivery::Shutdown(report) => shutdown_finished(report),
    }
}

/// What a signal carries, made when the first one wants it: most tasks are told to nobody, or by one
/// signal.
struct Lazy<T, F>(OnceCell<T>, F);

impl<T, F: Fn() -> T> Lazy<T, F> {
    fn new(make: F) -> Self {
        Lazy(OnceCell::new(), make)
    }

    fn get(&self) -> &T {
        self.0.get_or_init(&self.1)
    }

    /// To be given away. Most likely nobody wants it after the `last`, who saves a copy; who does makes it
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
        Notice::Started => each(|face| face.task_started(id.get().clone())),
        Notice::Progress(value, message) => {
            let message = QString::from(message.as_ref());
            each(|face| face.task_progress(id.get().clone(), *value, message.clone()));
            each_that_calls(|face| face.call_on_progress(id.get(), *value, &message));
        }
        Notice::Run(iteration, value) => {
            let result = to_variant(value);
            each(|face| face.task_periodic(id.get().clone(), (*iteration).into(), result.clone()));
            each_that_calls(|face| face.call_on_complete(id.get(), &result, false));
        }
        Notice::RunFailed(_, error) => {
            let message = QString::from(error.message());
            each(|face| face.task_failed(id.get().clone(), message.clone()));
            call_on_error(id.get(), error, false);
        }
        Notice::Retrying(..) | Notice::Slow(_) => {}
        Notice::Completed(value) => {
            let mut result = Lazy::new(|| to_variant(value));
            if hear_completions() {
                each_and_last(|face, last| face.task_completed(id.give(last), result.give(last)));
            }
            each_that_calls(|face| face.call_on_complete(id.get(), result.get(), true));
        }
        Notice::Failed(error) => {
            let message = QString::from(error.message());
            each(|face| face.task_failed(id.get().clone(), message.clone()));
            call_on_error(id.get(), error, true);
        }
        Notice::Cancelled(reason) => {
            each(|face| face.task_cancelled(id.get().clone()));
            let reason = QString::from(reason.name());
            each_that_calls(|face| face.call_on_cancelled(id.get(), &reason));
        }
    }
}

/// Calls `tell` for each face that has functions of tasks to call.
fn each_that_calls(mut tell: impl FnMut(Pin<&mut TaskManager>)) {
    each(|mut face| {
        if face.as_mut().calls() {
            tell(face);
        }
    });
}

fn call_on_error(id: &QString, error: &TaskError, end: bool) {
    let error: QVariant = to_variant(&report::error(error));
    each_that_calls(|face| face.call_on_error(id, &error, end));
}

/// A number as it is now, for who reads the property. Who reads another than was announced is told of it
/// in any case, as it may be what was announced again by then.
pub fn number(number: Number) -> usize {
    let (at, now) = (number as usize, numbers()[number as usize]);
    FACES.with(|faces| {
        if faces.numbers.get()[at] != now {
            let mut ahead = faces.read_ahead.get();
            ahead[at] = true;
            faces.read_ahead.set(ahead);
        }
    });
    now
}

/// Announces the numbers that are not what they were; at the end of each drain.
pub fn numbers_changed() {
    let now = numbers();
    let (before, ahead) = FACES.with(|faces| (faces.numbers.replace(now), faces.read_ahead.take()));
    for at in 0..now.len() {
        if now[at] != before[at] || ahead[at] {
            each(CHANGED[at]);
        }
    }
}

fn shutdown_finished(report: &ShutdownReport) {
    FACES.with(|faces| faces.again.set(false));
    let report = to_variant(&report::shutdown(report));
    each(|face| face.shutdown_finished(report.clone()));
}

/// Has the next drain tell the end of the shutdown, also if it was told before.
pub fn tell_shutdown_again() {
    FACES.with(|faces| faces.again.set(true));
    inbox::wake();
}

/// Tells the end of the shutdown once more, if somebody waits for it; at the end of each drain.
pub fn shutdown_again() {
    if FACES.with(|faces| faces.again.get())
        && let Some(report) = tasks().engine().shutdown_report()
    {
        shutdown_finished(&report);
    }
}

/// The stack of the threads that are started from now on is another.
pub fn stack_size_changed() {
    each(|face| face.stack_size_changed());
}

/// The count as an `int`; what does not fit is as many as fit.
pub fn int(count: usize) -> qint32 {
    qint32::from(i32::try_from(count).unwrap_or(i32::MAX))
}
