//! Where the bodies of the machine's tasks stand until they are told how to return.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use legwork::engine::{TaskContext, TaskError};

use super::model::{How, Key, value_of};
use crate::support::{Answer, Num, fault};

/// The run in which a body stands: its number, and that of the attempt.
pub type At = (u64, u64);

#[derive(Default)]
struct State {
    /// Those that have begun and not returned, by the number of their task.
    standing: BTreeMap<usize, At>,
    orders: BTreeMap<usize, How>,
    /// How often each has begun.
    begun: BTreeMap<usize, u64>,
    /// What each was given last of the result of another.
    given: BTreeMap<usize, i64>,
    /// How many of each key are between their first and last line.
    inside: BTreeMap<Key, u32>,
    faults: Vec<String>,
    /// Nobody waits any more.
    open: bool,
}

#[derive(Clone, Default)]
pub struct Stage(Arc<(Mutex<State>, Condvar)>);

impl Stage {
    /// How many bodies stand here; `None` while one does that was told to return.
    pub fn standing(&self) -> Option<usize> {
        let state = self.0.0.lock();
        state.orders.is_empty().then(|| state.standing.len())
    }

    /// The whole body of a task: it stands here until it is told how to return.
    pub fn play(
        &self,
        task: usize,
        key: Option<(Key, u32)>,
        given: Option<Num>,
        context: &TaskContext,
    ) -> Answer {
        let (state, changed) = &*self.0;
        let mut state = state.lock();
        *state.begun.entry(task).or_default() += 1;
        let given = given.map(|value| value.0);
        state.given.extend(given.map(|value| (task, value)));
        if state.standing.insert(task, (context.iteration(), context.attempt())).is_some() {
            state.faults.push(format!("task {task} runs twice at once"));
        }
        if let Some((key, limit)) = key {
            let inside = state.inside.entry(key).or_default();
            *inside += 1;
            if *inside > limit {
                let fault = format!("{inside} bodies of {key:?} at once, and not {limit}");
                state.faults.push(fault);
            }
        }
        let how = loop {
            if let Some(how) = state.orders.remove(&task) {
                break how;
            }
            if state.open {
                break How::Well;
            }
            changed.wait(&mut state);
        };
        state.standing.remove(&task);
        if let Some((key, _)) = key {
            *state.inside.entry(key).or_default() -= 1;
        }
        drop(state);
        match how {
            How::Well => Ok(Num(value_of(task, given))),
            How::Fails => Err(fault("it failed")),
            How::FailsForGood => Err(TaskError::permanent("for good")),
            How::FailsFor2s => Err(fault("busy").with_retry_after(Duration::from_secs(2))),
            // Without the hook, which would write a line for each.
            How::Panics => resume_unwind(Box::new("on purpose")),
            How::Stops => Err(TaskError::cancelled()),
        }
    }

    pub fn order(&self, task: usize, how: How) {
        self.0.0.lock().orders.insert(task, how);
        self.0.1.notify_all();
    }

    /// Where the body of a task stands, and how often it has begun.
    pub fn at(&self, task: usize) -> (Option<At>, u64) {
        let state = self.0.0.lock();
        // One that was told to go stands there no more.
        let told = state.orders.contains_key(&task);
        let at = state.standing.get(&task).copied().filter(|_| !told);
        (at, state.begun.get(&task).copied().unwrap_or_default())
    }

    pub fn given(&self, task: usize) -> Option<i64> {
        self.0.0.lock().given.get(&task).copied()
    }

    pub fn faults(&self) -> Vec<String> {
        self.0.0.lock().faults.clone()
    }

    pub fn open(&self) {
        self.0.0.lock().open = true;
        self.0.1.notify_all();
    }
}
