//! Runs the tests of the demo's finder: `cpp/tst_finder.cpp` by Qt Test, and `tst_finder.qml` by Qt Quick Test.
//!
//! Both have real files in folders of their own, and a virtual clock: minutes take no time, and a file changes exactly
//! between two tasks. `-- test_function` runs one of them, as Qt Test does it.

use std::process::ExitCode;
use std::time::Instant;

#[cxx::bridge(namespace = "suite")]
mod ffi {
    #[namespace = "legwork"]
    unsafe extern "C++" {
        include!("legwork/src/qt/manager.cxxqt.h");
        type TaskManager = legwork::qt::manager::TaskManager;
    }

    unsafe extern "C++" {
        include!("duplicates_suite/suite.h");
        #[cxx_name = "runCpp"]
        fn run_cpp(arguments: Vec<String>) -> i32;
        #[cxx_name = "runQml"]
        fn run_qml(arguments: Vec<String>, file: &str) -> i32;
    }

    #[namespace = "duplicates"]
    extern "Rust" {
        fn serve(manager: Pin<&mut TaskManager>);
    }
}

use duplicates::serve;

/// The tests in C++.
pub fn cpp() -> ExitCode {
    report("C++", ffi::run_cpp)
}

/// Those in QML.
pub fn qml() -> ExitCode {
    report("QML", |arguments| ffi::run_qml(arguments, concat!(env!("CARGO_MANIFEST_DIR"), "/tst_finder.qml")))
}

fn report(face: &str, run: impl FnOnce(Vec<String>) -> i32) -> ExitCode {
    let start = Instant::now();
    // Options of libtest, which begin with two dashes, mean nothing to Qt Test.
    let failed = run(std::env::args().filter(|argument| !argument.starts_with("--")).collect());
    println!("the finder's tests in {face} took {} ms by the real clock", start.elapsed().as_millis());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
