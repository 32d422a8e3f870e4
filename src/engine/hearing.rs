//! What a caller hears of tasks: their ends, by waiting or by a waker, and their callbacks. And what the
//! receiver is told of.

use std::task::{Poll, Waker};
use std::time::Duration;

use super::callbacks::{Callback, Hears};
use super::context::TaskContext;
use super::engine::Engine;
use super::error::TaskError;
use super::id::{OwnerId, TaskId};
use super::outgoing::wants;
use super::payload::Payload;
use super::poller::Poller;
use super::wait::Until;
use super::words::{Status, WaitResult};

impl<P: Payload> Engine<P> {
    /// `Ready` once the task has ended; else `waker` is woken when it does.
    /// The waker of the same poller's last call is forgotten.
    pub fn poll_end(&self, id: TaskId, poller: &mut Poller, waker: &Waker) -> Poll<Status> {
        // Cloning a waker is a user's code, and so is dropping one that was not needed.
        let mut waker = Some(waker.clone());
        // A body that asks is about to sleep in somebody's executor.
        let run = self.shared().current_run().filter(|_| poller.number() == 0);
        let data = waker.as_ref().map_or(std::ptr::null(), Waker::data);
        self.shared().with(|inner, fx| match inner.find(fx, id) {
            None => Poll::Ready(Status::UnknownTask),
            Some(slot) => match inner.tasks.at(slot).status {
                status if status.is_finished() => Poll::Ready(status),
                _ => {
                    match run {
                        // A future that is polled by a worker: it gives its worker back, and is woken.
                        Some(run) if inner.runs.is_woken_by(run, data) => inner.bring_forward(slot, run),
                        Some(run) => inner.expect(fx, slot, run),
                        None => {}
                    }
                    if let Some(waker) = waker.take() {
                        inner.add_waker(fx, slot, poller, waker);
                    }
                    Poll::Pending
                }
            },
        })
    }

    /// Forgets a poller's waker.
    pub fn stop_polling(&self, id: TaskId, poller: &Poller) {
        if poller.number() != 0 {
            self.shared().with(|inner, fx| {
                if let Some(slot) = inner.find(fx, id) {
                    inner.take_waker(fx, slot, poller);
                }
            });
        }
    }

    /// Sends a value to those that hear of the task that runs, before its end: [`Notice::Values`](super::Notice).
    ///
    /// From the body that `context` was given to. It may wait for room, as the options `max_undelivered` and
    /// `when_full` say; never while a thread waits for tasks that is no worker. Where nobody hears of the task, the
    /// newest `max_undelivered` values are kept for one that comes to hear before the end. The body of a
    /// `pausable` task that is paused stops here. The error: the body was asked to stop, or its task has ended without it.
    pub fn send(&self, context: &TaskContext, value: P) -> Result<(), TaskError> {
        self.shared().send(context, value)
    }

    pub fn wait(&self, id: TaskId, timeout: Option<Duration>) -> WaitResult {
        self.shared().wait(id, timeout, Until::End)
    }

    /// Waits until a task has ended and its body has returned. That differs for a task that a shutdown has
    /// abandoned: a thread that is to destroy what its body uses waits for this.
    pub fn wait_for_body(&self, id: TaskId, timeout: Option<Duration>) -> WaitResult {
        self.shared().wait(id, timeout, Until::Returned)
    }

    /// Waits until all tasks of an owner have ended and their bodies have returned, the abandoned ones, too;
    /// but not for detached ones, which go on without it. `Done` also for an owner that has none, or is gone
    /// with all of them.
    pub fn wait_for_all(&self, owner: OwnerId, timeout: Option<Duration>) -> WaitResult {
        self.shared().wait_for_all(owner, timeout)
    }

    /// Says that the calling body, if it is one, is going to wait for a task's end by means of its own: until
    /// then its worker does not count.
    pub fn expect(&self, id: TaskId) {
        if let Some(run) = self.shared().current_run() {
            self.shared().with(|inner, fx| {
                if let Some(slot) = inner.find(fx, id) {
                    inner.expect(fx, slot, run);
                }
            });
        }
    }

    /// Whether the calling thread is one of this engine's workers: in a body, or in a callback or a
    /// destructor that a worker runs.
    pub fn is_worker(&self) -> bool {
        self.shared().current_run().is_some()
    }

    /// Has the receiver drain, as any event does.
    #[cfg(feature = "qt")]
    pub(crate) fn ask_for_drain(&self) {
        self.shared().with(|inner, fx| inner.outgoing.notify(fx));
    }

    /// Adds a callback; `false` if the task is unknown, or its owner gone.
    pub fn add_callback(&self, id: TaskId, closure: Callback<P>) -> bool {
        self.add_callback_that(id, closure, Hears::default())
    }

    /// The same for one that hears of more: of the start it is told once, also if that was before.
    pub fn add_callback_that(&self, id: TaskId, closure: Callback<P>, hears: Hears) -> bool {
        let mut closure = Some(closure);
        self.shared().with(|inner, fx| {
            let slot = inner.find(fx, id);
            if let (Some(slot), Some(added)) = (slot, closure.take_if(|_| slot.is_some())) {
                // What is not wanted is destroyed by this function's caller, after the lock.
                closure = inner.add_callback(fx, slot, added, hears);
            }
            slot.is_some() && closure.is_none()
        })
    }

    /// Whether somebody receives the signals of all tasks; without, no event is kept but for tasks
    /// with callbacks. Nobody takes the events of an engine that delivers directly, so it keeps none.
    pub fn set_listening(&self, listening: bool) {
        self.shared().with(|inner, _| inner.outgoing.set_wanted(wants::SIGNALS, listening));
    }

    /// Keeps events no more, if `still` says so, which is asked with the lock held: by then another thread may
    /// have asked for them.
    pub fn stop_listening(&self, still: impl FnOnce() -> bool) {
        self.shared().with(|inner, _| {
            if still() {
                inner.outgoing.set_wanted(wants::SIGNALS, false);
            }
        });
    }

    /// Whether somebody hears that tasks were accepted; at first nobody does. It counts while somebody receives the
    /// signals of all tasks.
    pub fn set_hears_queued(&self, hears: bool) {
        self.shared().with(|inner, _| inner.outgoing.set_wanted(wants::QUEUED, hears));
    }

    /// Tells of accepted tasks no more, if `still` says so, as [`Engine::stop_listening`] asks it.
    pub fn stop_hearing_queued(&self, still: impl FnOnce() -> bool) {
        self.shared().with(|inner, _| {
            if still() {
                inner.outgoing.set_wanted(wants::QUEUED, false);
            }
        });
    }

    /// Whether somebody hears that tasks start, or how many wait and run; at first it is so. Otherwise
    /// the receiver is not told of those alone. A start is kept for an object that begins to hear before the
    /// next event, and is told of then.
    pub fn set_hears_starts(&self, hears: bool) {
        self.shared().with(|inner, fx| inner.set_hears_starts(fx, hears));
    }

    /// Tells the receiver of starts alone no more, if `still` says so, as [`Engine::stop_listening`] asks it.
    pub fn stop_hearing_starts(&self, still: impl FnOnce() -> bool) {
        self.shared().with(|inner, fx| {
            if still() {
                inner.set_hears_starts(fx, false);
            }
        });
    }
}
