//! Delivery on the manager's thread: the thread of the `QCoreApplication`.
//!
#![doc = include_str!("inbox.md")]

use std::cell::{Cell, OnceCell, RefCell};
use std::time::{Duration, Instant};

use super::local;
use super::manager_thread::{self, is_manager_thread, log_line, wake};
use super::managers;
use super::model::hub;
use crate::engine::contain::destroy;
use crate::engine::{Meanwhile, Receiver, fork};
use crate::service::{self, Host};
use crate::{SHUTDOWN_TIMEOUT, ShutdownReport, Tasks, Value};

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    extern "Rust" {
        #[cxx_name = "drain"]
        fn drain_event();
        #[cxx_name = "applicationQuits"]
        fn application_quits();
        #[cxx_name = "applicationGoes"]
        fn application_goes();
        #[cxx_name = "isFork"]
        fn is_fork() -> bool;
        #[cxx_name = "modelsDue"]
        fn models_due();
        /// An application begins: QML is to know what is for tests, where that is built.
        #[cxx_name = "registerForTests"]
        fn register_for_tests();
    }
}

/// A drain delivers for so long, and then lets paint and input go first.
const BUDGET: Duration = Duration::from_millis(4);

/// And for no longer than this where the loop came late to it: others have waited already.
const BUDGET_IF_LATE: Duration = Duration::from_millis(1);

/// A loop that comes back to the rest after more than this has come late: it has done something else meanwhile, or
/// had no processor.
const LATE: Duration = Duration::from_millis(2);

/// A drain looks at the clock after at most so many deliveries.
const MOST_UNTIMED: u32 = 8;

struct Inbox {
    receiver: RefCell<Receiver<Value>>,
    /// The depth of event loops at which a drain is under way; the innermost drain's.
    draining: Cell<Option<i32>>,
    /// When the last drain left something for the next.
    left_at: Cell<Option<Instant>>,
}

thread_local! {
    /// Used on the manager's thread only.
    static INBOX: OnceCell<Inbox> = const { OnceCell::new() };
}

/// The tasks of this process. The service starts with the first call; its threads with the first
/// task. From any thread.
pub fn tasks() -> Tasks {
    service::tasks_with(|| {
        // Bodies use what goes with the process, also where there never is an application.
        manager_thread::watch_end();
        Some(Host {
            wake,
            log: log_line,
            shutdown,
            #[cfg(feature = "testing")]
            may_deliver: || is_manager_thread() || !manager_thread::is_there(),
            #[cfg(feature = "testing")]
            deliver,
        })
    })
}

fn with(work: impl FnOnce(&Inbox)) {
    if is_fork() {
        // It is of an engine that has its threads in another process.
        return;
    }
    INBOX.with(|inbox| {
        work(inbox.get_or_init(|| Inbox {
            receiver: RefCell::new(Receiver::new(tasks().engine().clone())),
            draining: Cell::new(None),
            left_at: Cell::new(None),
        }));
    });
}

/// The event has come. Nothing of this unwinds into Qt: what is called catches its own panics.
fn drain_event() {
    super::manager::adopt();
    with(|inbox| {
        let level = manager_thread::loop_level();
        if inbox.draining.get().is_some_and(|outer| level <= outer) {
            // A slot calls processEvents(). It is not to find itself in the middle of other slots;
            // but if it then opens a loop, that one has to find the event.
            manager_thread::wake_later();
            return;
        }
        let late = inbox.left_at.take().is_some_and(|left| left.elapsed() > LATE);
        inbox.drain(level, if late { BUDGET_IF_LATE } else { BUDGET });
        let more = inbox.receiver.borrow().has_more();
        inbox.left_at.set(more.then(Instant::now));
    });
}

impl Inbox {
    /// Posts the event that goes on with the rest, if there is one and no event is under way. This is
    /// done before code of others runs.
    fn post_event_for_the_rest(&self) {
        let more = self.receiver.borrow().has_more() || local::has_more();
        let claimed = more && self.receiver.borrow_mut().claim();
        if claimed {
            manager_thread::wake_later();
        }
    }

    fn drain(&self, level: i32, budget: Duration) {
        let engine = tasks().engine();
        let _drain = engine.drain_span();
        let outer = self.draining.replace(Some(level));
        self.receiver.borrow_mut().acknowledge();
        let start = Instant::now();
        let (mut untimed, mut stride) = (0, 1);
        loop {
            if self.receiver.borrow().is_empty() {
                let mut rest = {
                    let mut receiver = self.receiver.borrow_mut();
                    receiver.refill(managers::begin_batch());
                    receiver.take_rest()
                };
                // Destructors of users' values, which may open a loop and come back here. Nothing is in
                // hand, so that such a loop gets all of it, in order.
                if rest.calls_out() {
                    self.post_event_for_the_rest();
                }
                rest.apply();
                self.receiver.borrow_mut().return_rest(rest);
            }
            let next = self.receiver.borrow_mut().pop();
            let Some(delivery) = next else { break };
            // A slot, too, may open a loop and stay there.
            self.post_event_for_the_rest();
            {
                let _slot = engine.slot_span(&delivery);
                managers::deliver(&delivery);
            }
            // With its last notice a task's callbacks go.
            destroy(delivery);
            untimed += 1;
            if untimed >= stride {
                let elapsed = start.elapsed();
                if elapsed >= budget {
                    break;
                }
                // Look less often while deliveries are short, at once again when one was long.
                stride = if elapsed < budget / 8 { (stride * 2).min(MOST_UNTIMED) } else { 1 };
                untimed = 0;
            }
        }
        local::poll_woken(start, budget, post_next);
        self.draining.set(outer);
        managers::numbers_changed();
        managers::shutdown_again();
        hub::after_drain();
    }
}

/// What `Inbox::post_event_for_the_rest` does, in a drain.
fn post_next() {
    with(Inbox::post_event_for_the_rest);
}

/// Delivers for a moment, between two steps of a virtual clock, if this is the manager's thread. Whether there is more.
#[cfg(feature = "testing")]
fn deliver() -> bool {
    let mut more = false;
    if is_manager_thread() {
        with(|inbox| {
            inbox.drain(manager_thread::loop_level(), BUDGET);
            more = inbox.receiver.borrow().has_more() || local::has_more();
        });
        if !more && tasks().engine().has_changes() {
            // By the real time: a test is to find the models as the tasks are.
            hub::flush();
        }
    }
    more
}

fn register_for_tests() {
    #[cfg(feature = "testing")]
    super::testing::register();
}

fn models_due() {
    hub::flush();
}

/// Shuts the service down, from any thread. The manager's thread delivers meanwhile, and does what bodies
/// ask of it by calls that block.
pub fn shutdown(timeout: Duration) -> ShutdownReport {
    end_work(timeout, true)
}

fn end_work(timeout: Duration, last: bool) -> ShutdownReport {
    let engine = tasks().engine();
    if !is_manager_thread() {
        return engine.end_work(timeout, last, Meanwhile::default());
    }
    let limit = Instant::now().checked_add(timeout.saturating_add(BUDGET));
    let in_time = || limit.is_none_or(|limit| Instant::now() < limit);
    let mut pump = || {
        with(|inbox| {
            // Once in any case: what a shutdown without any time ends is told as far as it goes.
            loop {
                inbox.drain(manager_thread::loop_level(), BUDGET);
                if !inbox.receiver.borrow().has_more() || !in_time() {
                    break;
                }
            }
        });
    };
    let mut answer = || manager_thread::answer_calls();
    engine.end_work(timeout, last, Meanwhile { deliver: Some(&mut pump), answer: Some(&mut answer) })
}

/// Its event loop is over. Another may come, so this is not for good.
fn application_quits() {
    // What is left behind is in the log by then, each task by its name.
    end_work(SHUTDOWN_TIMEOUT, false);
}

/// It is being destroyed. What must run does, also where no loop was or after the last one; nobody is called
/// back any more, as what would be may be gone.
fn application_goes() {
    let engine = tasks().engine();
    if engine.has_to_run() {
        let mut answer = || manager_thread::answer_calls();
        let meanwhile = Meanwhile { deliver: None, answer: Some(&mut answer) };
        engine.end_work(SHUTDOWN_TIMEOUT, false, meanwhile);
    }
    local::end_all();
}

/// Whether this is a child process that has the service of another in its memory.
fn is_fork() -> bool {
    fork::is_child()
}
