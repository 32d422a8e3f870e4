use cxx_qt_build::{CxxQtBuilder, QmlModule};

fn main() {
    println!("cargo::rerun-if-changed=cpp/suite.h");
    CxxQtBuilder::new_qml_module(QmlModule::new("DuplicatesSuite").version(1, 0))
        .qt_module("Gui")
        .qt_module("Quick")
        .qt_module("QuickTest")
        .qt_module("Test")
        .files(["src/lib.rs"])
        .cpp_files(["cpp/folder.h", "cpp/setup.h", "cpp/tst_finder.h"])
        .cpp_files(["cpp/folder.cpp", "cpp/suite.cpp", "cpp/tst_finder.cpp"])
        .crate_include_root(Some("cpp".to_owned()))
        .build();
}
