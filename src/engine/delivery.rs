//! A notice on its way to the receiving thread.

use std::sync::Arc;

use super::callbacks::Callbacks;
use super::closing::ShutdownReport;
use super::holds::Held;
use super::id::{OwnerId, TaskId};
use super::notice::Notice;
use super::owners::Alive;
use super::payload::Payload;

/// Something to deliver.
pub enum Delivery<P> {
    /// For the signals of all tasks, and then for the task's own callbacks.
    Task {
        id: TaskId,
        notice: Notice<P>,
        callbacks: Option<Arc<Callbacks<P>>>,
        alive: Option<Arc<Alive>>,
        /// The last to go.
        held: Option<Held>,
    },
    /// For callbacks alone, that were added after what they hear of: after the start, or the delivery of the end.
    Late {
        id: TaskId,
        notice: Notice<P>,
        callbacks: Arc<Callbacks<P>>,
        alive: Option<Arc<Alive>>,
        /// The last to go.
        held: Option<Held>,
    },
    /// Nothing is queued or running any more.
    AllFinished,
    Shutdown(ShutdownReport),
    /// Owners, keys or all were paused or resumed since the last one: tasks that wait may be
    /// [`Paused`](super::Status::Paused), or no more, of which nothing else tells.
    PausesChanged,
    /// A submission of an owner was refused, as it has so many tasks already: `maxQueued` or `maxDelayed`. At most
    /// once a second of one owner.
    LimitReached {
        owner: OwnerId,
        name: Arc<str>,
        limit: &'static str,
    },
}

impl<P: Payload> Delivery<P> {
    /// Whose task, or limit, it tells of; `None` for the application's.
    pub fn owner(&self) -> Option<OwnerId> {
        match self {
            Delivery::Task { alive, .. } | Delivery::Late { alive, .. } => {
                alive.as_ref().map(|alive| alive.owner())
            }
            Delivery::LimitReached { owner, .. } => Some(*owner),
            _ => None,
        }
    }

    /// Calls the task's callbacks, unless their owner is gone.
    pub fn call(&self) {
        let (notice, callbacks, alive) = match self {
            Delivery::Task { notice, callbacks: Some(callbacks), alive, .. } => (notice, callbacks, alive),
            Delivery::Late { notice, callbacks, alive, .. } => (notice, callbacks, alive),
            _ => return,
        };
        callbacks.deliver(notice, &|| alive.as_ref().is_some_and(|alive| !alive.get()));
    }
}
