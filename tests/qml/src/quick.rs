//! Qt Quick Test, events and engines, from `cpp/quick.h`.

#[cxx::bridge(namespace = "quick")]
pub mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!(<QtCore/QObject>);
        type QObject = cxx_qt::QObject;
    }

    unsafe extern "C++" {
        include!("legwork_qml_tests/quick.h");
        #[cxx_name = "runTests"]
        fn run_tests(arguments: Vec<String>, folder: &str) -> i32;
        #[cxx_name = "watchWarnings"]
        fn watch_warnings();
        #[cxx_name = "strayWarnings"]
        fn stray_warnings() -> Vec<String>;
        #[cxx_name = "destroyNow"]
        unsafe fn destroy_now(object: *mut QObject);
        #[cxx_name = "processEvents"]
        fn process_events(most_ms: i32);

        #[cxx_name = "openEngine"]
        fn open_engine(source: &QString) -> QString;
        #[cxx_name = "evaluateThere"]
        fn evaluate_there(script: &QString) -> QString;
        #[cxx_name = "closeEngine"]
        fn close_engine();
    }
}

/// Runs all tests; how many failed.
pub fn run(arguments: Vec<String>, folder: &str) -> usize {
    usize::try_from(ffi::run_tests(arguments, folder)).unwrap_or(1)
}

/// What Qt warned of while no test function ran; those that came during one have failed it.
pub fn stray_warnings() -> Vec<String> {
    ffi::stray_warnings()
}
