//! What cxx-qt-lib has no face for, from `cpp/helper.h`.

#[cxx::bridge(namespace = "duplicates")]
pub mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qqmlapplicationengine.h");
        type QQmlApplicationEngine = cxx_qt_lib::QQmlApplicationEngine;
    }

    #[namespace = "legwork"]
    unsafe extern "C++" {
        include!("legwork/src/qt/manager.cxxqt.h");
        type TaskManager = legwork::qt::manager::TaskManager;
    }

    unsafe extern "C++" {
        include!("duplicates/helper.h");

        /// The engine's `TaskManager`, or null. It lives as long as the engine.
        #[cxx_name = "taskManager"]
        fn task_manager(engine: Pin<&mut QQmlApplicationEngine>) -> *mut TaskManager;

        /// Calls `what` on this thread, from the event loop, in so many milliseconds.
        fn after(ms: i32, what: fn());

        /// Ends the event loop, which then returns `code`.
        #[cxx_name = "exitLoop"]
        fn exit_loop(code: i32);

        /// Sets a variable of the environment; before there are threads.
        #[cxx_name = "setEnvironment"]
        fn set_environment(name: &str, value: &str);

        /// Has the window draw frame after frame, and measures the time between each two.
        #[cxx_name = "measureFrames"]
        fn measure_frames();

        /// The time, in milliseconds, that so large a share of these is not longer than, from 0 to 1: 1 is the
        /// longest. -1 if there is none.
        #[cxx_name = "frameGap"]
        fn frame_gap(share: f64) -> f64;

        /// Saves a picture of the window; false if there is none, or the file cannot be written.
        #[cxx_name = "saveWindow"]
        fn save_window(file: &QString) -> bool;
    }
}

pub use ffi::{after, exit_loop, frame_gap, measure_frames, save_window, set_environment};

use std::pin::Pin;

use cxx_qt_lib::QQmlApplicationEngine;
use legwork::qt::manager::TaskManager;

/// The `TaskManager` that QML of this engine uses.
pub fn task_manager(engine: Pin<&mut QQmlApplicationEngine>) -> Option<Pin<&mut TaskManager>> {
    let manager = ffi::task_manager(engine);
    // SAFETY: it is null or the engine's singleton, a QObject that nobody moves, which lives until
    // the engine is destroyed; the borrow of the engine lasts as long as this one.
    unsafe { manager.as_mut().map(|manager| Pin::new_unchecked(manager)) }
}
