//! Tests of the Qt half, on the main thread of a process with a `QCoreApplication`.
//!
//! A test that ends the service or the process is played in a process of its own: this binary with
//! `LEGWORK_CHILD` set. Every test fails if Qt, or the library through Qt, warned during it.

mod conformance;
mod jobs;
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cxx_qt_lib::QCoreApplication;
use libtest_mimic::{Arguments, Failed, Trial};
use support::ffi;

/// A test that fails, too, if there was a warning.
fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, move || {
        ffi::take_messages();
        let result = catch_unwind(AssertUnwindSafe(test));
        let warnings = ffi::take_messages().to_string();
        if let Err(panic) = result {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            return Err(Failed::from(text.unwrap_or_default()));
        }
        if warnings.is_empty() {
            Ok(())
        } else {
            Err(Failed::from(format!("there were warnings:\n{warnings}")))
        }
    })
}

fn conformance_trials(trials: &mut Vec<Trial>) {
    let mut run = 0;
    for face in ["rust", "qml"] {
        for scenario in conformance::scenarios() {
            run += 1;
            let name = format!("conformance::{face}: {}", scenario.name);
            trials.push(match scenario.process {
                true => support::child_trial(name, format!("conformance/{face}/{}", scenario.name)),
                false => trial(name, move || conformance::play(&scenario, face, run)),
            });
        }
    }
}

fn child(name: &str) {
    jobs::register();
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["conformance", face, scenario] => {
            let scenarios = conformance::scenarios();
            let scenario = scenarios.iter().find(|known| known.name == *scenario).expect("a scenario");
            conformance::play(scenario, face, 0);
        }
        _ => panic!("no child is named {name}"),
    }
}

fn main() {
    if let Ok(name) = std::env::var(support::CHILD) {
        child(&name);
        return;
    }
    jobs::register();
    let _application = QCoreApplication::new();
    ffi::catch_messages();
    let mut arguments = Arguments::from_args();
    // On this thread, one after the other.
    arguments.test_threads = Some(1);
    let mut trials = Vec::new();
    conformance_trials(&mut trials);
    libtest_mimic::run(&arguments, trials).exit();
}
