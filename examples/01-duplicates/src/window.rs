//! The search in a window.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cxx_qt_lib::{QGuiApplication, QQmlApplicationEngine, QString, QUrl};
use legwork::qt::manager::TaskManager;
use legwork::tasks;

use crate::args::Args;
use crate::jobs;
use crate::qt::{finder, helper};
use crate::session;
use crate::signals::{self, Signal};
use crate::stress;

/// Where the module's QML is. It is no import path by itself before Qt 6.5.
const MODULES: &str = "qrc:/qt/qml";

/// After the end of the search, until the window has shown the last of it.
const SETTLED_MS: i32 = 600;

const SHUTDOWN: Duration = Duration::from_secs(10);

/// The file for the picture, if one is wanted.
static PICTURE: OnceLock<PathBuf> = OnceLock::new();

/// Set by Ctrl+C in the terminal that the window was opened from.
static INTERRUPT: AtomicBool = AtomicBool::new(false);

/// Whether there is a display, or a platform plug-in was named that may do without.
pub fn is_possible() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let unix = cfg!(all(unix, not(target_os = "macos")));
    !unix || ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"].into_iter().any(set)
}

/// Gives the QML of this module what it needs beside itself, before it is loaded: the job that it runs, and for its
/// `Finder` the signals of tasks.
pub fn serve(manager: Pin<&mut TaskManager>) {
    tasks().register_job("checksum", jobs::checksum).expect("nobody else has registered it");
    signals::connect(manager, hear);
    session::on_end(finder::changed);
}

/// Shows the window until it is closed: the exit code.
pub fn run(args: &Args) -> i32 {
    if !is_possible() {
        // For the picture, which needs no display.
        helper::set_environment("QT_QPA_PLATFORM", "offscreen");
        helper::set_environment("QT_QUICK_BACKEND", "software");
    }
    let mut application = QGuiApplication::new();
    let mut engine = QQmlApplicationEngine::new();
    let (Some(application), Some(mut engine)) = (application.as_mut(), engine.as_mut()) else {
        return 1;
    };
    engine.as_mut().add_import_path(&QString::from(MODULES));
    let Some(manager) = helper::task_manager(engine.as_mut()) else {
        eprintln!("duplicates: there is no TaskManager; the QML module Legwork is not linked");
        return 1;
    };
    serve(manager);
    engine
        .as_mut()
        .on_object_creation_failed(|_, _| {
            eprintln!("duplicates: the window could not be made; --headless does without");
            // The loop has not begun yet.
            helper::after(0, || helper::exit_loop(1));
        })
        .release();
    engine.load(&QUrl::from(&format!("{MODULES}/Duplicates/qml/Main.qml")));
    if let Some(file) = &args.screenshot {
        PICTURE.get_or_init(|| file.clone());
        match args.screenshot_after {
            Some(ms) => helper::after(ms, save_picture),
            None => session::on_end(|| helper::after(SETTLED_MS, save_picture)),
        }
    }
    if let Some(ms) = args.cancel_after {
        helper::after(ms, session::stop);
    }
    // Without the handler it only ends less politely.
    let _ = ctrlc::set_handler(|| {
        INTERRUPT.store(true, Ordering::Relaxed);
        tasks().begin_shutdown(SHUTDOWN);
    });
    if let Some(seconds) = args.stress {
        stress::begin(seconds);
        return application.exec();
    }
    let folder = std::path::absolute(&args.dir).unwrap_or_else(|_| args.dir.clone());
    if let Err(error) = session::start(folder) {
        eprintln!("duplicates: {error}");
        return 1;
    }
    finder::changed();
    application.exec()
}

fn save_picture() {
    let Some(file) = PICTURE.get() else { return };
    let saved = helper::save_window(&QString::from(file.to_string_lossy().as_ref()));
    if !saved {
        eprintln!("duplicates: the picture could not be saved as {}", file.display());
    }
    helper::exit_loop(i32::from(!saved));
}

fn hear(signal: Signal) {
    finder::changed();
    if matches!(signal, Signal::ShutdownFinished { .. }) && INTERRUPT.load(Ordering::Relaxed) {
        helper::exit_loop(130);
    }
}
