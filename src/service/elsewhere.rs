//! What the handles on an external task share, and what the engine calls of it.

use std::sync::Arc;

use once_cell::sync::OnceCell;

use super::tasks::Tasks;
use super::value::Value;
use crate::engine::sync::{AtomicU8, Mutex, Ordering};
use crate::engine::{Callback, ErrorKind, External, Notice, Status, TaskError, TaskId};

/// What a builder has of a task that is external, and of no other.
#[derive(Default)]
pub struct Outside {
    pub start: Option<Start>,
    pub stop: Option<Stop>,
}

pub type Start = Box<dyn FnOnce(Arc<Core>) + Send>;
pub type Stop = Box<dyn FnOnce() + Send>;

/// Whether the work has begun, where the task is to say when it begins. What comes first decides: that it is to begin, or
/// that it is over. Each is one atomic exchange of the first value, and nothing else hangs on it, so `Relaxed` would do;
/// the stronger order is for what the application has written before it ends a task.
mod phase {
    pub const WAITS: u8 = 0;
    pub const BEGUN: u8 = 1;
    pub const OVER: u8 = 2;
}

fn first(phase: &AtomicU8, becomes: u8) -> bool {
    phase.compare_exchange(phase::WAITS, becomes, Ordering::AcqRel, Ordering::Acquire).is_ok()
}

/// What the clones of a handle share.
pub struct Core {
    tasks: Tasks,
    id: TaskId,
    phase: Arc<AtomicU8>,
    /// Once it is submitted: its id, or, with `Keep`, that of another. The engine has counted a handle of that.
    submitted: OnceCell<TaskId>,
}

impl Core {
    pub fn new(tasks: Tasks, id: TaskId) -> Self {
        Core { tasks, id, phase: Arc::new(AtomicU8::new(phase::WAITS)), submitted: OnceCell::new() }
    }

    pub fn is_submitted(&self, id: TaskId) {
        // It is said once.
        let _ = self.submitted.set(id);
    }

    pub fn tasks(&self) -> Tasks {
        self.tasks
    }

    pub fn id(&self) -> TaskId {
        self.submitted.get().copied().unwrap_or(self.id)
    }

    pub fn end(&self, result: Result<Value, TaskError>) -> bool {
        self.phase.store(phase::OVER, Ordering::Release);
        self.tasks.engine().end_external(self.id, result)
    }

    pub fn report_amount(&self, done: f64, total: f64, unit: &str) {
        self.tasks.engine().report_external_amount(self.id, done, total, unit);
    }

    pub fn report(&self, value: Option<f64>, message: Option<&str>) {
        self.tasks.engine().report_external(self.id, value, message);
    }

    /// The callback that begins the work.
    pub fn started(core: Arc<Core>, start: Start) -> Callback<Value> {
        // The turn is to come also where nobody else has a handle: the work gets the one that is kept here.
        let mut both = Some((core, start));
        Box::new(move |notice| {
            let Notice::Started = notice else { return };
            let Some((core, start)) = both.take() else { return };
            // With `Keep`, it is another task that starts: this one was not made.
            if core.tasks.engine().look(core.id) != Status::UnknownTask && first(&core.phase, phase::BEGUN) {
                start(core);
            }
        })
    }

    /// What the engine is to know of it. `begins`: the work begins by `started`.
    pub fn external(&self, stop: Option<Stop>, begins: bool) -> External {
        let (tasks, id, phase, stop) = (self.tasks, self.id, self.phase.clone(), Mutex::new(stop));
        let on_stop = move || {
            if begins && first(&phase, phase::OVER) {
                // There is nothing to stop, and nothing that would end it.
                tasks.engine().end_external(id, Err(TaskError::cancelled()));
                return;
            }
            let stop = stop.lock().take();
            if let Some(stop) = stop {
                stop();
            }
        };
        External { on_stop: Some(Arc::new(on_stop)) }
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        // One that was refused has nothing.
        let Some(id) = self.submitted.get() else { return };
        let error =
            TaskError::new(ErrorKind::Failed, "its handle was dropped without an end: nobody would end it");
        self.end(Err(error));
        self.tasks.engine().drop_handle(*id);
    }
}
