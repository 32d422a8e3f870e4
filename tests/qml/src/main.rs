//! Runs the `tst_*.qml` beside `Cargo.toml` by Qt Quick Test.
//!
//! They use two singletons: `TaskManager` of the library, and [`rig::Rig`], which holds and
//! releases the jobs of [`jobs`]. `-- Name::test_function` runs one test, as Qt Test does it.

mod jobs;
mod quick;
mod rig;

use std::process::ExitCode;

fn main() -> ExitCode {
    jobs::register();
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(jobs::EXPECTED_PANIC) {
            hook(info);
        }
    }));
    // Options of libtest, which begin with two dashes, mean nothing to Qt Test.
    let arguments = std::env::args().filter(|argument| !argument.starts_with("--")).collect();
    let failed = quick::run(arguments, env!("CARGO_MANIFEST_DIR"));
    let stray = quick::stray_warnings();
    for warning in &stray {
        eprintln!("warning outside of a test: {warning}");
    }
    let failed = failed + stray.len();
    println!("{} passed, {failed} failed", rig::functions_run().saturating_sub(failed));
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
