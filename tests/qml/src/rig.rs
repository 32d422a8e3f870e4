//! `Rig`: what the tests in QML hold the jobs by.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use cxx_qt_lib::QString;
use legwork::tasks;

use crate::{jobs, quick};

#[cxx_qt::bridge]
mod ffi {
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    extern "RustQt" {
        #[qobject]
        #[qml_element]
        #[qml_singleton]
        type Rig = super::RigRust;

        /// A test function begins: nothing is released or noted yet.
        #[qinvokable]
        #[cxx_name = "beginFunction"]
        fn begin_function(self: Pin<&mut Rig>);
        /// Releases what is held and cancels everything.
        #[qinvokable]
        #[cxx_name = "endFunction"]
        fn end_function(self: Pin<&mut Rig>);
        /// Whether no task is delayed, queued or running.
        #[qinvokable]
        fn idle(self: &Rig) -> bool;

        /// Lets one run of the job `hold` with this name go on.
        #[qinvokable]
        fn release(self: Pin<&mut Rig>, name: &QString);
        /// Whether such a run is waiting.
        #[qinvokable]
        fn holds(self: &Rig, name: &QString) -> bool;
        /// What the jobs noted since the function began, with spaces between.
        #[qinvokable]
        fn noted(self: &Rig) -> QString;

        /// Registers the job of examples/02-hello anew: as one that "counts", as there, that "fails", or
        /// that "waits" until `primes` is released, and counts then.
        #[qinvokable]
        #[cxx_name = "letPrimes"]
        fn let_primes(self: Pin<&mut Rig>, how: &QString);

        /// Destroys an object here and now, as C++ may.
        #[qinvokable]
        #[cxx_name = "destroyNow"]
        unsafe fn destroy_now(self: Pin<&mut Rig>, object: *mut QObject);

        /// Removes a file: whether there was one.
        #[qinvokable]
        #[cxx_name = "removeFile"]
        fn remove_file(self: Pin<&mut Rig>, path: &QString) -> bool;

        /// A variable of the environment; empty if there is none.
        #[qinvokable]
        fn environment(self: &Rig, name: &QString) -> QString;

        /// Delivers events, or waits for one; for at most a moment.
        #[qinvokable]
        #[cxx_name = "processEvents"]
        fn process_events(self: Pin<&mut Rig>);
        /// From here on a warning outside of a test function fails the run.
        #[qinvokable]
        #[cxx_name = "watchWarnings"]
        fn watch_warnings(self: Pin<&mut Rig>);

        /// A second QML engine in this process; the text of its errors.
        #[qinvokable]
        #[cxx_name = "openEngine"]
        fn open_engine(self: Pin<&mut Rig>, source: &QString) -> QString;
        #[qinvokable]
        #[cxx_name = "evaluateThere"]
        fn evaluate_there(self: Pin<&mut Rig>, script: &QString) -> QString;
        #[qinvokable]
        #[cxx_name = "closeEngine"]
        fn close_engine(self: Pin<&mut Rig>);
    }
}

use ffi::Rig;

#[derive(Default)]
pub struct RigRust;

/// How long `processEvents` waits if nothing comes.
const MOMENT_MS: i32 = 20;

static FUNCTIONS: AtomicUsize = AtomicUsize::new(0);

/// How many test functions began, each row of data counted.
pub fn functions_run() -> usize {
    FUNCTIONS.load(Ordering::Relaxed)
}

impl Rig {
    fn begin_function(self: Pin<&mut Self>) {
        FUNCTIONS.fetch_add(1, Ordering::Relaxed);
        jobs::STAGE.clear();
    }

    fn end_function(self: Pin<&mut Self>) {
        jobs::STAGE.open();
        for task in tasks().list() {
            tasks().cancel(task.id);
        }
    }

    fn idle(&self) -> bool {
        let counts = tasks().counts();
        counts.delayed + counts.queued + counts.running == 0
    }

    fn release(self: Pin<&mut Self>, name: &QString) {
        jobs::STAGE.release(&name.to_string());
    }

    fn holds(&self, name: &QString) -> bool {
        jobs::STAGE.holds(&name.to_string())
    }

    fn noted(&self) -> QString {
        QString::from(jobs::STAGE.noted().as_str())
    }

    fn let_primes(self: Pin<&mut Self>, how: &QString) {
        tasks().unregister_job("primes");
        jobs::register_primes(&how.to_string()).expect("the name is free");
    }

    unsafe fn destroy_now(self: Pin<&mut Self>, object: *mut ffi::QObject) {
        // SAFETY: QML passes an object, or null.
        unsafe { quick::ffi::destroy_now(object) };
    }

    fn remove_file(self: Pin<&mut Self>, path: &QString) -> bool {
        std::fs::remove_file(path.to_string()).is_ok()
    }

    fn environment(&self, name: &QString) -> QString {
        QString::from(std::env::var(name.to_string()).unwrap_or_default().as_str())
    }

    fn process_events(self: Pin<&mut Self>) {
        quick::ffi::process_events(MOMENT_MS);
    }

    fn watch_warnings(self: Pin<&mut Self>) {
        quick::ffi::watch_warnings();
    }

    fn open_engine(self: Pin<&mut Self>, source: &QString) -> QString {
        quick::ffi::open_engine(source)
    }

    fn evaluate_there(self: Pin<&mut Self>, script: &QString) -> QString {
        quick::ffi::evaluate_there(script)
    }

    fn close_engine(self: Pin<&mut Self>) {
        quick::ffi::close_engine();
    }
}
