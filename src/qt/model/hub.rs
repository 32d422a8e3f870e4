//! The models of this process, and when they look at what changed.
//!
//! They live on the manager's thread, and look at most once a frame, all at the same moment, as the
//! engine has one change set. A drain says that there is something in it; then, and while something in a
//! model goes on by itself (the time that a task has run or until it starts, a row that is about to go), a timer says when
//! to look next. While nothing happens there is none.
//!
//! # Invariants
//!
//! 1. A model that is in `places` is alive: its destructor takes it out. A slot may delete any of them,
//!    so each is looked up again after whatever runs a slot.
//! 2. While rows come and go (`busy`) nobody else makes rows come and go: a slot that sets a property
//!    or dismisses a row then has that done with the next look, and a loop that it opens finds the
//!    models as they are. Outside of this, when properties are announced, slots may do what they like.
//! 3. If the change set holds something, then a drain is on its way, or a call of [`flush`] is under way, or
//!    the timer is set.

use std::cell::{Cell, RefCell};

use super::TaskModel;
use super::step;
use crate::engine::clock::Nanos;
use crate::qt::manager_thread;
use crate::tasks;

/// A frame at 60 a second.
pub const FRAME: Nanos = 16_000_000;

/// So many changes are taken at once; the rest with the next frame.
const MOST_CHANGES: usize = 2_000;

#[derive(Default)]
struct Hub {
    /// Null where one is gone.
    places: RefCell<Vec<*mut TaskModel>>,
    /// How many calls of [`each`] are under way.
    walking: Cell<usize>,
    /// How many calls change rows.
    busy: Cell<usize>,
    /// When the models last looked.
    last: Cell<Option<Nanos>>,
    /// How often they did, for tests.
    flushes: Cell<u64>,
}

thread_local! {
    /// Used on the manager's thread only.
    static HUB: Hub = Hub::default();
}

/// Adds a model. The caller, its constructor, is on the manager's thread.
pub fn add(model: *mut TaskModel) {
    HUB.with(|hub| hub.places.borrow_mut().push(model));
    tasks().engine().set_observed(true);
}

/// Takes a model out; its destructor calls this.
pub fn remove(model: *mut TaskModel) {
    // A model with static storage goes after the thread's locals, when nobody looks any more.
    let empty = HUB.try_with(|hub| {
        let mut places = hub.places.borrow_mut();
        for place in places.iter_mut().filter(|place| **place == model) {
            *place = std::ptr::null_mut();
        }
        if hub.walking.get() == 0 {
            places.retain(|place| !place.is_null());
        }
        places.iter().all(|place| place.is_null())
    });
    if empty == Ok(true) {
        tasks().engine().set_observed(false);
    }
}

/// Whether a model has not been deleted.
pub fn is_there(model: *mut TaskModel) -> bool {
    !model.is_null() && HUB.with(|hub| hub.places.borrow().contains(&model))
}

fn is_empty() -> bool {
    HUB.with(|hub| hub.places.borrow().iter().all(|place| place.is_null()))
}

/// Calls `work` for each model there is.
fn each(mut work: impl FnMut(*mut TaskModel)) {
    HUB.with(|hub| {
        hub.walking.set(hub.walking.get() + 1);
        let count = hub.places.borrow().len();
        for place in 0..count {
            let model = hub.places.borrow()[place];
            if !model.is_null() {
                work(model);
            }
        }
        hub.walking.set(hub.walking.get() - 1);
        if hub.walking.get() == 0 {
            hub.places.borrow_mut().retain(|place| !place.is_null());
        }
    });
}

/// Whether rows come or go just now: invariant 2.
pub fn is_busy() -> bool {
    HUB.with(|hub| hub.busy.get() > 0)
}

/// Does what makes rows come and go.
pub fn busily<R>(work: impl FnOnce() -> R) -> R {
    HUB.with(|hub| {
        hub.busy.set(hub.busy.get() + 1);
        let result = work();
        hub.busy.set(hub.busy.get() - 1);
        result
    })
}

/// At the end of each drain: looks, if there is something to see and the last look is a frame ago.
pub fn after_drain() {
    if is_empty() || is_busy() || !tasks().engine().has_changes() {
        // The call that is busy looks again at its end.
        return;
    }
    let now = tasks().engine().now();
    match HUB.with(|hub| hub.last.get()) {
        Some(last) if now < last.saturating_add(FRAME) => arm(now),
        _ => flush(),
    }
}

/// Has all models take in what changed.
pub fn flush() {
    if is_empty() || is_busy() {
        return;
    }
    let engine = tasks().engine();
    let now = engine.now();
    HUB.with(|hub| {
        hub.last.set(Some(now));
        hub.flushes.set(hub.flushes.get() + 1);
    });
    let changes = engine.take_changes(MOST_CHANGES);
    busily(|| each(|model| step::take(model, &changes, now)));
    // Before a slot may open a loop: that one goes on with the rest.
    arm(now);
    each(step::announce);
}

/// When the models are to look next, if something changed or is about to.
fn next_look(now: Nanos) -> Option<Nanos> {
    let last = HUB.with(|hub| hub.last.get());
    let frame = last.map_or(now, |last| last.saturating_add(FRAME));
    let mut next = tasks().engine().has_changes().then_some(frame);
    each(|model| {
        let due = step::next_look(model, now, frame);
        next = next.into_iter().chain(due).min();
    });
    next
}

/// Sets the timer for what is to come next, if anything is.
pub fn arm(now: Nanos) {
    if let Some(next) = next_look(now) {
        // Not before it: a row's time is to be over then.
        let ms = next.saturating_sub(now).div_ceil(1_000_000);
        manager_thread::arm_models(i32::try_from(ms).unwrap_or(i32::MAX));
    }
}

/// In how many nanoseconds the models look again; none while nothing happens. For tests.
pub fn until_next_look() -> Option<Nanos> {
    let now = tasks().engine().now();
    next_look(now).map(|next| next.saturating_sub(now))
}

/// How often the models of this thread have looked. For tests.
pub fn flushes() -> u64 {
    HUB.with(|hub| hub.flushes.get())
}
