//! The virtual clock, for C++ and QML. The other half is `cpp/src/testing.cpp`.
//!
//! A process has one clock at a time, of one thread, so it is kept here, and C++ has functions without it. What moves
//! the clock does not borrow it: a slot may destroy the clock meanwhile.

use std::cell::RefCell;
use std::time::Duration;

use cxx_qt_lib::QString;

use super::id::id_text;
use crate::engine::TaskId;
use crate::tasks;
use crate::testing::{ClockError, VirtualClock};

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    /// `testing::PendingTask`.
    struct BridgePending {
        id: QString,
        name: QString,
        status: u8,
        /// -1 for none.
        due_in_ns: i64,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    #[namespace = "legwork::testing"]
    unsafe extern "C++" {
        include!("legwork/clockelement.h");
        #[cxx_name = "registerTesting"]
        fn register();
    }

    // Texts are errors, and empty where there is none. All on the thread that has the clock.
    extern "Rust" {
        /// With that seed, or with that of the environment.
        #[cxx_name = "holdClock"]
        fn hold(seed: u64, seeded: bool) -> QString;
        #[cxx_name = "letClockGo"]
        fn let_go();
        /// Whether this thread has it.
        #[cxx_name = "isClockHeld"]
        fn is_held() -> bool;
        #[cxx_name = "seedOfClock"]
        fn seed() -> u64;
        /// Since it was made, in nanoseconds.
        #[cxx_name = "timeOfClock"]
        fn now() -> i64;
        #[cxx_name = "fastForwardClock"]
        fn fast_forward(ns: i64) -> QString;
        /// A piece of that, up to a time in nanoseconds since the clock was made; `more`: whether something is due.
        #[cxx_name = "moveClockOn"]
        fn move_on(end: i64, more: &mut bool) -> QString;
        #[cxx_name = "advanceClock"]
        fn advance(ns: i64) -> QString;
        #[cxx_name = "runUntilIdle"]
        fn run_until_idle() -> QString;
        #[cxx_name = "pendingTasks"]
        fn pending() -> Vec<BridgePending>;
        /// Whether the end of a task was told. Not of one that is not known.
        #[cxx_name = "isEndTold"]
        fn is_end_told(id: &QString) -> bool;
    }
}

pub use ffi::register;

thread_local! {
    static CLOCK: RefCell<Option<VirtualClock>> = const { RefCell::new(None) };
}

/// What the clock says, if this thread has one.
fn ask<R: Default>(question: impl FnOnce(&VirtualClock) -> R) -> R {
    CLOCK.with_borrow(|clock| clock.as_ref().map(question).unwrap_or_default())
}

fn text(result: Result<(), ClockError>) -> QString {
    result.map_or_else(|error| QString::from(&error.to_string()), |()| QString::default())
}

/// A time that C++ has checked.
fn time(ns: i64) -> Duration {
    Duration::from_nanos(ns.try_into().unwrap_or_default())
}

fn in_ns(time: Duration) -> i64 {
    time.as_nanos().try_into().unwrap_or(i64::MAX)
}

fn hold(seed: u64, seeded: bool) -> QString {
    // Not in a borrow: what is still to be delivered is delivered here.
    let clock = if seeded { VirtualClock::with_seed(seed) } else { VirtualClock::new() };
    text(clock.map(|clock| CLOCK.set(Some(clock))))
}

fn let_go() {
    let clock = CLOCK.take();
    drop(clock);
}

fn is_held() -> bool {
    tasks().engine().is_in_hand()
}

fn seed() -> u64 {
    ask(VirtualClock::seed)
}

fn now() -> i64 {
    in_ns(ask(VirtualClock::now))
}

fn fast_forward(ns: i64) -> QString {
    text(tasks().engine().fast_forward(time(ns), &mut || tasks().deliver()))
}

fn move_on(end: i64, more: &mut bool) -> QString {
    let began = tasks().engine().now().saturating_sub(now().unsigned_abs());
    let end = began.saturating_add(end.unsigned_abs());
    text(tasks().engine().move_on(end, &mut || tasks().deliver()).map(|due| *more = due))
}

fn advance(ns: i64) -> QString {
    text(tasks().engine().move_clock(time(ns)))
}

fn run_until_idle() -> QString {
    text(tasks().engine().run_until_idle(&mut || tasks().deliver()))
}

fn pending() -> Vec<ffi::BridgePending> {
    let bridge = |task: crate::testing::PendingTask| ffi::BridgePending {
        id: id_text(task.id),
        name: QString::from(&task.name),
        status: task.status as u8,
        due_in_ns: task.due_in.map_or(-1, in_ns),
    };
    tasks().engine().pending().into_iter().map(bridge).collect()
}

fn is_end_told(id: &QString) -> bool {
    // It is Running until its end was delivered.
    let brief = id.to_string().parse::<TaskId>().ok().and_then(|id| tasks().engine().brief(id));
    brief.is_some_and(|brief| brief.status.is_finished())
}
