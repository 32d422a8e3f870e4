//! Plays the example: `Check.qml` says whether it came out right.

#[path = "../src/numbers.rs"]
mod numbers;

use std::process::exit;

use cxx_qt_lib::{QGuiApplication, QQmlApplicationEngine, QUrl};

fn main() {
    let mut application = QGuiApplication::new();
    let mut engine = QQmlApplicationEngine::new();
    if let Some(engine) = engine.as_mut() {
        engine.load(&QUrl::from(concat!("file://", env!("CARGO_MANIFEST_DIR"), "/tests/Check.qml")));
    }
    let code = application.as_mut().map_or(1, |application| application.exec());
    drop(engine);
    exit(code);
}
