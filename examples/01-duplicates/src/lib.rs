//! Finds duplicate files below a folder, in a window or in the terminal: the demo of Legwork.
//!
//! In reading order: [`finder`] (what is to be done, without Qt), [`jobs`] (what runs on workers),
//! [`session`] (submits the jobs, takes the results), then what shows it: [`terminal`], and
//! [`window`] with [`qt`] and the QML in `qml/`; and [`stress`], which measures how smooth the window stays.

mod args;
mod finder;
mod jobs;
mod qt;
mod session;
mod signals;
mod stress;
mod terminal;
mod text;
mod window;

use std::process::ExitCode;

use args::Args;
use clap::Parser;
use cxx_qt_lib::{QCoreApplication, QQmlApplicationEngine};
use legwork::tasks;
use qt::helper;
pub use window::serve;

/// The exit code for wrong arguments, as clap has it.
const USAGE: u8 = 2;

/// The program.
pub fn main() -> ExitCode {
    let args = Args::parse();
    if let Err(error) = session::check(&args.dir) {
        eprintln!("duplicates: {error}");
        return ExitCode::from(USAGE);
    }
    if let Some(workers) = args.workers
        && let Err(error) = tasks().set_max_workers(workers.into())
    {
        eprintln!("duplicates: {error}");
        return ExitCode::from(USAGE);
    }
    if let Some(seconds) = args.stress
        && !args.stress_alone
    {
        return stress::compare(seconds, args.workers);
    }
    let mut in_window = !args.headless && !args.json;
    if in_window && args.screenshot.is_none() && args.stress.is_none() && !window::is_possible() {
        eprintln!("duplicates: there is no display (DISPLAY, WAYLAND_DISPLAY), so this is --headless");
        in_window = false;
    }
    let code = if in_window { window::run(&args) } else { in_terminal(&args) };
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// Searches in the terminal. Signals come on an event loop, with or without a window.
fn in_terminal(args: &Args) -> i32 {
    let mut application = QCoreApplication::new();
    // The TaskManager is an object of a QML engine, which needs no display.
    let mut engine = QQmlApplicationEngine::new();
    let Some(manager) = engine.as_mut().and_then(helper::task_manager) else {
        eprintln!("duplicates: there is no TaskManager; the QML module Legwork is not linked");
        return 1;
    };
    terminal::begin(args.json);
    signals::connect(manager, |signal| terminal::hear(&signal));
    if let Some(ms) = args.cancel_after {
        helper::after(ms, session::stop);
    }
    if let Err(error) = session::start(args.dir.clone()) {
        eprintln!("duplicates: {error}");
        return i32::from(USAGE);
    }
    application.as_mut().map_or(1, |application| application.exec())
}
