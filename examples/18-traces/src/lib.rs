//! Four ways to be slow, each with a trace, and the same once it is put right: `traces slow-start trace.json`.
//!
//! What the bodies do is to sleep, as if they read a file: so the traces are alike on all machines.

mod event_loop;
mod scenarios;
mod work;

use std::process::ExitCode;

use cxx_qt_lib::QCoreApplication;
use legwork::tasks;

/// The program.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let chosen = match &arguments[..] {
        [name, file] => {
            scenarios::ALL.iter().find(|scenario| scenario.0 == name).map(|found| (found.1, file))
        }
        _ => None,
    };
    let Some((begin, file)) = chosen else {
        let names: Vec<_> = scenarios::ALL.iter().map(|scenario| scenario.0).collect();
        eprintln!("usage: traces SCENARIO FILE, where SCENARIO is one of {}", names.join(", "));
        return ExitCode::from(2);
    };
    let mut application = QCoreApplication::new();
    tasks().set_max_workers(4).expect("a number that is allowed");
    if let Err(error) = tasks().start_trace(file) {
        eprintln!("traces: {error}");
        return ExitCode::FAILURE;
    }
    let _owner = begin();
    if let Some(application) = application.as_mut() {
        application.exec();
    }
    match tasks().stop_trace() {
        Ok(report) => println!("{}: {} events", report.path.display(), report.events),
        Err(error) => {
            eprintln!("traces: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
