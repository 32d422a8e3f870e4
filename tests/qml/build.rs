use cxx_qt_build::{CxxQtBuilder, QmlModule};

fn main() {
    println!("cargo::rerun-if-changed=cpp/quick.h");
    CxxQtBuilder::new_qml_module(QmlModule::new("LegworkTests").version(1, 0))
        .qt_module("Gui")
        .qt_module("Qml")
        .qt_module("QmlModels")
        .qt_module("Quick")
        .qt_module("QuickTest")
        .qt_module("Test")
        .files(["src/quick.rs", "src/rig.rs"])
        .cpp_file("cpp/quick.cpp")
        .crate_include_root(Some("cpp".to_owned()))
        .build();
}
