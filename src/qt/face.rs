//! The C++ half of a face, as the Rust half asks it: `cpp/src/taskface_p.h`. On the object's thread.

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/taskface_p.h");
        type TaskFace;
        /// Throws into the running JavaScript of this object's engine, if there is any.
        #[cxx_name = "throwError"]
        fn throw_error(base: Pin<&mut TaskFace>, message: &QString);
        /// Whether the object lives on the calling thread.
        #[cxx_name = "livesHere"]
        fn lives_here(base: &TaskFace) -> bool;
        /// The line of JavaScript that calls, as Rust numbers it; 0 for none, and on another thread.
        #[cxx_name = "siteOfCaller"]
        fn site_of_caller(base: Pin<&mut TaskFace>) -> u16;
        /// Knows whether the object is there still. On its thread.
        type Guard;
        fn guard(base: Pin<&mut TaskFace>) -> UniquePtr<Guard>;
        #[cxx_name = "isThere"]
        fn is_there(self: &Guard) -> bool;
        /// The functions and the owner that were in the options, and the rest of them.
        type TakenOptions;
        #[cxx_name = "takeOptions"]
        fn take_options(options: &QVariant) -> UniquePtr<TakenOptions>;
        /// What is wrong with them; empty for nothing.
        fn error(self: &TakenOptions) -> &QString;
        fn rest(self: &TakenOptions) -> &QVariant;
        /// 0 for none.
        fn owner(self: &TakenOptions) -> u64;
        /// Whether one of the functions is for the task's start.
        #[cxx_name = "hearsStart"]
        fn hears_start(self: &TakenOptions) -> bool;
        /// Whether one of them is for its failure.
        #[cxx_name = "hearsFailure"]
        fn hears_failure(self: &TakenOptions) -> bool;
        /// Whether it has a function of that key.
        fn hears(self: &TakenOptions, key: &QString) -> bool;
        /// Has the functions called for a task.
        #[cxx_name = "keepCallbacks"]
        fn keep_callbacks(base: Pin<&mut TaskFace>, id: &QString, taken: UniquePtr<TakenOptions>);
        /// What is shown of one task, for the caller.
        #[cxx_name = "viewOf"]
        fn view_of(base: Pin<&mut TaskFace>, id: &QString) -> QVariant;
        /// A Promise of this object's engine, or invalid where there is no engine.
        #[cxx_name = "promiseOf"]
        fn promise_of(base: Pin<&mut TaskFace>, id: &QString, info: &QVariant) -> QVariant;
        /// The owner that stands for the object in a QVariant, 0 for none; false
        /// if there is no object.
        #[cxx_name = "knownOwnerIn"]
        fn known_owner_in(object: &QVariant, owner: &mut u64) -> bool;
        /// The same, and one is opened for an object that has none yet.
        #[cxx_name = "ownerIn"]
        fn owner_in(object: &QVariant, owner: &mut u64) -> bool;
        /// Whether any task has a function to call, here or behind this face.
        fn calls(base: &TaskFace) -> bool;
        #[cxx_name = "callOnComplete"]
        fn call_on_complete(base: Pin<&mut TaskFace>, id: &QString, result: &QVariant, end: bool);
        #[cxx_name = "callOnError"]
        fn call_on_error(base: Pin<&mut TaskFace>, id: &QString, error: &QVariant, end: bool);
        #[cxx_name = "callOnCancelled"]
        fn call_on_cancelled(base: Pin<&mut TaskFace>, id: &QString, reason: &QString);
        #[cxx_name = "callOnProgress"]
        fn call_on_progress(base: Pin<&mut TaskFace>, id: &QString, value: f64, message: &QString);
        /// Of functions that were told of the start it calls none.
        #[cxx_name = "callOnStarted"]
        fn call_on_started(base: Pin<&mut TaskFace>, id: &QString);
        #[cxx_name = "callOnRetry"]
        fn call_on_retry(
            base: Pin<&mut TaskFace>,
            id: &QString,
            attempt: u64,
            error: &QVariant,
            delay_ms: f64,
        );
        /// Whether a function of the task's hears what it sends, here or behind this face.
        #[cxx_name = "callsOnValues"]
        fn calls_on_values(base: &TaskFace, id: &QString) -> bool;
        #[cxx_name = "callOnValues"]
        fn call_on_values(base: Pin<&mut TaskFace>, id: &QString, values: &QVariant);
        #[cxx_name = "callOnSlow"]
        fn call_on_slow(base: Pin<&mut TaskFace>, id: &QString, ms: f64);
        #[cxx_name = "callOnPaused"]
        fn call_on_paused(base: Pin<&mut TaskFace>, id: &QString, reason: &QString);
        #[cxx_name = "callOnResumed"]
        fn call_on_resumed(base: Pin<&mut TaskFace>, id: &QString);
    }
}

pub use ffi::*;
