//! The manager's thread, which is that of the `QCoreApplication`: what C++ does with its event loop, in
//! `cpp/src/inbox.cpp`. From any thread, where nothing else is said.

use crate::engine::diagnostics::{About, Level};

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    unsafe extern "C++" {
        include!("legwork/hold.h");
        #[cxx_name = "watchEnd"]
        fn watch_end();
        include!("legwork/inbox.h");
        #[cxx_name = "postWake"]
        fn post_wake(low: bool);
        #[cxx_name = "armModels"]
        fn arm_models(ms: i32);
        #[cxx_name = "isManagerThread"]
        fn is_manager_thread() -> bool;
        #[cxx_name = "isManagerThere"]
        fn is_manager_there() -> bool;
        #[cxx_name = "answerCalls"]
        fn answer_calls();
        #[cxx_name = "loopLevel"]
        fn loop_level() -> i32;
        #[cxx_name = "logLine"]
        fn log_text(level: i32, about_pool: bool, text: &str);
    }
}

/// Has the end of the process met, whether there is an application or not.
pub fn watch_end() {
    ffi::watch_end();
}

/// Tells it that something is waiting.
pub fn wake() {
    ffi::post_wake(false);
}

/// The same, behind paint and input. On the thread itself.
pub fn wake_later() {
    ffi::post_wake(true);
}

/// Has the models look in `ms` milliseconds, if not before. On the thread itself.
pub fn arm_models(ms: i32) {
    ffi::arm_models(ms);
}

/// Whether this is the thread on which results are delivered.
pub fn is_manager_thread() -> bool {
    ffi::is_manager_thread()
}

/// Whether there is a thread on which results are delivered.
#[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "the virtual clock alone asks"))]
pub fn is_there() -> bool {
    ffi::is_manager_there()
}

/// Answers calls that block, which other threads have made to this one. On the thread itself.
pub fn answer_calls() {
    ffi::answer_calls();
}

/// How many event loops run on this thread, one inside of the other.
pub fn loop_level() -> i32 {
    ffi::loop_level()
}

/// Writes into one of Qt's logging categories `legwork.task` and `legwork.pool`.
pub fn log_line(level: Level, about: About, text: &str) {
    ffi::log_text(level as i32, about == About::Pool, text);
}
