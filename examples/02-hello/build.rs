use cxx_qt_build::{CxxQtBuilder, QmlModule};

fn main() {
    let module = QmlModule::new("Hello").qml_file("qml/Main.qml");
    CxxQtBuilder::new_qml_module(module).qt_module("Quick").build();
}
