//! The QML module `Duplicates` and the C++ beside it.

use cxx_qt_build::{CxxQtBuilder, QmlModule};

fn main() {
    println!("cargo::rerun-if-changed=cpp/helper.h");
    let qml = ["Main", "FrameMeter", "GroupRow", "Section", "Figure"];
    let module = QmlModule::new("Duplicates").version(1, 0).depends(["QtQuick", "Legwork"]);
    CxxQtBuilder::new_qml_module(module.qml_files(qml.map(|name| format!("qml/{name}.qml"))))
        .qt_module("Quick")
        .files(["src/qt/finder.rs", "src/qt/helper.rs", "src/qt/rows.rs"])
        .crate_include_root(Some("cpp".to_owned()))
        .cpp_file("cpp/helper.cpp")
        .build()
        .export();
}
