use cxx_qt_build::{CxxQtBuilder, QmlModule};

fn main() {
    let module = QmlModule::new("Numbers").qml_file("qml/Main.qml");
    CxxQtBuilder::new_qml_module(module).files(["src/numbers.rs"]).qt_module("Quick").build();
}
