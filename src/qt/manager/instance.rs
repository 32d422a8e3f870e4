//! The `TaskManager` of C++: made with the first call on any thread, and adopted as a face on the manager's.

use std::cell::Cell;
use std::pin::Pin;
use std::sync::atomic::{AtomicPtr, Ordering};

use cxx_qt::CxxQtType;

use super::TaskManager;
use crate::qt::{manager_thread, managers};

thread_local! {
    static MAKING_INSTANCE: Cell<bool> = const { Cell::new(false) };
}

/// The TaskManager of C++, where it was made on another thread and is no face yet.
static INSTANCE: AtomicPtr<TaskManager> = AtomicPtr::new(std::ptr::null_mut());

pub fn manager_connected() {
    managers::may_hear();
}

/// The same of its `taskQueued`.
pub fn queued_connected() {
    managers::may_hear_queued();
}

pub fn making_instance(making: bool) {
    MAKING_INSTANCE.set(making);
}

/// Whether this thread is making it.
pub fn is_making() -> bool {
    MAKING_INSTANCE.get()
}

pub fn adopt_instance(face: *mut TaskManager) {
    if manager_thread::is_manager_thread() {
        INSTANCE.store(face, Ordering::Release);
        adopt();
    } else {
        // Events are kept from the first connection on; the drain that takes them adopts it first.
        INSTANCE.store(face, Ordering::Release);
        manager_thread::wake();
    }
}

/// Whether the TaskManager of C++ is there, and no face yet.
pub fn instance_waits() -> bool {
    !INSTANCE.load(Ordering::Acquire).is_null()
}

/// Makes the TaskManager of C++ a face, if it is none yet. On the manager's thread.
pub fn adopt() {
    let face = INSTANCE.swap(std::ptr::null_mut(), Ordering::AcqRel);
    if face.is_null() {
        return;
    }
    // SAFETY: it is deleted on this thread, after `abandon_instance`; and it is a QObject, which nobody
    // moves. No other reference is in use: a thread that has it elsewhere may only connect to it.
    unsafe { Pin::new_unchecked(&mut *face) }.rust_mut().face = Some(face);
    managers::add(face);
}

pub fn abandon_instance() {
    let face = INSTANCE.swap(std::ptr::null_mut(), Ordering::AcqRel);
    if !face.is_null() {
        // It never was a face, which would take back that it listens.
        managers::listen();
    }
}
