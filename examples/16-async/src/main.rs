//! An object of cxx-qt that awaits tasks, and then sets its properties: see `numbers.rs`.

mod numbers;

use cxx_qt_lib::{QGuiApplication, QQmlApplicationEngine, QUrl};

fn main() {
    let mut application = QGuiApplication::new();
    let mut engine = QQmlApplicationEngine::new();
    if let Some(engine) = engine.as_mut() {
        engine.load(&QUrl::from("qrc:/qt/qml/Numbers/qml/Main.qml"));
    }
    if let Some(application) = application.as_mut() {
        application.exec();
    }
}
