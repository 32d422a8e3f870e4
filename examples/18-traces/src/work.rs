//! A task that is nothing but its times.

use std::cell::Cell;
// A body here takes a time and no processor, so that the traces are alike on all machines; nothing waits by it.
use std::thread::sleep;
use std::time::Duration;

use legwork::{Owner, Priority, tasks};

use crate::event_loop;

thread_local! {
    /// Tasks whose end was not told yet. All callbacks come on the main thread.
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

pub struct Work {
    name: &'static str,
    body_ms: u64,
    slot_ms: u64,
    delay_ms: u64,
    priority: Priority,
    owner: Option<Owner>,
}

/// A worker is with it for so long.
pub fn work(name: &'static str, body_ms: u64) -> Work {
    Work { name, body_ms, slot_ms: 0, delay_ms: 0, priority: Priority::Normal, owner: None }
}

impl Work {
    /// And the thread of the window with its result for so long.
    pub fn slot(self, slot_ms: u64) -> Self {
        Work { slot_ms, ..self }
    }

    pub fn delay(self, delay_ms: u64) -> Self {
        Work { delay_ms, ..self }
    }

    pub fn priority(self, priority: Priority) -> Self {
        Work { priority, ..self }
    }

    pub fn of(self, owner: &Owner) -> Self {
        Work { owner: Some(owner.clone()), ..self }
    }

    /// The program ends with the last of them.
    pub fn submit(self) {
        let (body, slot) = (Duration::from_millis(self.body_ms), Duration::from_millis(self.slot_ms));
        let task = tasks()
            .task(move |_| sleep(body))
            .name(self.name)
            .priority(self.priority)
            .delay(Duration::from_millis(self.delay_ms))
            .on_complete(move |()| {
                sleep(slot);
                LEFT.set(LEFT.get() - 1);
                if LEFT.get() == 0 {
                    event_loop::quit();
                }
            });
        let task = match &self.owner {
            Some(owner) => task.owner(owner),
            None => task,
        };
        task.spawn_id().expect("accepted");
        LEFT.set(LEFT.get() + 1);
    }
}
