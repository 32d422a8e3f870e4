//! What Rust asks of the C++ bases of its objects: `cpp/src/taskmanagerbase_p.h` and `cpp/src/taskmodelbase_p.h`.
//! On the object's thread. A bridge of its own, as those of the objects become public headers.

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    unsafe extern "C++" {
        include!("legwork/taskmanagerbase_p.h");
        type TaskFace = crate::qt::face::TaskFace;
        type TaskManagerBase;
        #[cxx_name = "faceOf"]
        fn face_of(base: Pin<&mut TaskManagerBase>) -> Pin<&mut TaskFace>;
        /// Whether anything is connected to `taskStarted`.
        #[cxx_name = "hearsStarted"]
        fn hears_started(base: &TaskManagerBase) -> bool;
        /// The same of `taskQueued`.
        #[cxx_name = "hearsQueued"]
        fn hears_queued(base: &TaskManagerBase) -> bool;
        /// The same of the signals of the counts.
        #[cxx_name = "hearsCounts"]
        fn hears_counts(base: &TaskManagerBase) -> bool;
        /// The same of `taskCompleted`.
        #[cxx_name = "hearsCompleted"]
        fn hears_completed(base: &TaskManagerBase) -> bool;
        /// Whether a slot hears of the failure that is being told.
        #[cxx_name = "hearsFailure"]
        fn hears_failure(base: &TaskManagerBase) -> bool;
        /// Whether anything is connected to `taskValues`.
        #[cxx_name = "hearsValues"]
        fn hears_values(base: &TaskManagerBase) -> bool;
        /// Whether anything is connected to any of its signals, or a task has a function to call.
        #[cxx_name = "hearsAnything"]
        fn hears_anything(base: &TaskManagerBase) -> bool;
    }

    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        #[namespace = ""]
        type QString = cxx_qt_lib::QString;

        include!("legwork/taskmodelbase_p.h");
        type TaskModelBase;
        /// Whether QML is about to set more properties.
        #[cxx_name = "isParsing"]
        fn is_parsing(base: &TaskModelBase) -> bool;
        /// That a task waits for the end of another, in the user's language; the name may be empty.
        #[cxx_name = "waitsForTask"]
        fn waits_for_task(name: &QString) -> QString;
        /// That it waits for the ends of so many.
        #[cxx_name = "waitsForTasks"]
        fn waits_for_tasks(count: i32) -> QString;
        /// That it waits for its turn in a key, which may be empty.
        #[cxx_name = "waitsForTurn"]
        fn waits_for_turn(key: &QString) -> QString;
    }
}

pub use ffi::*;
