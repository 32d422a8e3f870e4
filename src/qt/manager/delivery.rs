//! What a drain asks of a `TaskManager`: what is connected to it, and the functions of its tasks.

use std::pin::Pin;

use cxx_qt::casting::Upcast;
use cxx_qt_lib::{QString, QVariant};

use super::TaskManager;
use crate::qt::{bases, face};

impl TaskManager {
    pub(in crate::qt) fn hears_started(&self) -> bool {
        bases::hears_started(self.upcast())
    }

    pub(in crate::qt) fn hears_queued(&self) -> bool {
        bases::hears_queued(self.upcast())
    }

    pub(in crate::qt) fn hears_starts_or_counts(&self) -> bool {
        self.hears_started() || bases::hears_counts(self.upcast())
    }

    /// Whether anything is connected to any signal, or a task has a function to call.
    pub(in crate::qt) fn hears_anything(&self) -> bool {
        bases::hears_anything(self.upcast())
    }

    pub(in crate::qt) fn hears_completed(&self) -> bool {
        bases::hears_completed(self.upcast())
    }

    pub(in crate::qt) fn hears_failure(&self) -> bool {
        bases::hears_failure(self.upcast())
    }

    pub(in crate::qt) fn hears_values(&self) -> bool {
        bases::hears_values(self.upcast())
    }

    /// Whether any task has a function that this face, or one behind it, is to call.
    pub(in crate::qt) fn calls(self: Pin<&mut Self>) -> bool {
        face::calls(&self.face_pin())
    }

    pub(in crate::qt) fn call_on_complete(self: Pin<&mut Self>, id: &QString, result: &QVariant, end: bool) {
        face::call_on_complete(self.face_pin(), id, result, end);
    }

    pub(in crate::qt) fn call_on_error(self: Pin<&mut Self>, id: &QString, error: &QVariant, end: bool) {
        face::call_on_error(self.face_pin(), id, error, end);
    }

    pub(in crate::qt) fn call_on_cancelled(self: Pin<&mut Self>, id: &QString, reason: &QString) {
        face::call_on_cancelled(self.face_pin(), id, reason);
    }

    pub(in crate::qt) fn call_on_progress(self: Pin<&mut Self>, id: &QString, value: f64, message: &QString) {
        face::call_on_progress(self.face_pin(), id, value, message);
    }

    pub(in crate::qt) fn call_on_started(self: Pin<&mut Self>, id: &QString) {
        face::call_on_started(self.face_pin(), id);
    }

    pub(in crate::qt) fn call_on_retry(
        self: Pin<&mut Self>,
        id: &QString,
        attempt: u64,
        error: &QVariant,
        delay_ms: f64,
    ) {
        face::call_on_retry(self.face_pin(), id, attempt, error, delay_ms);
    }

    /// Whether this task has a function for what it sends.
    pub(in crate::qt) fn calls_on_values(self: Pin<&mut Self>, id: &QString) -> bool {
        face::calls_on_values(&self.face_pin(), id)
    }

    pub(in crate::qt) fn call_on_values(self: Pin<&mut Self>, id: &QString, values: &QVariant) {
        face::call_on_values(self.face_pin(), id, values);
    }

    pub(in crate::qt) fn call_on_slow(self: Pin<&mut Self>, id: &QString, ms: f64) {
        face::call_on_slow(self.face_pin(), id, ms);
    }

    pub(in crate::qt) fn call_on_paused(self: Pin<&mut Self>, id: &QString, reason: &QString) {
        face::call_on_paused(self.face_pin(), id, reason);
    }

    pub(in crate::qt) fn call_on_resumed(self: Pin<&mut Self>, id: &QString) {
        face::call_on_resumed(self.face_pin(), id);
    }
}
