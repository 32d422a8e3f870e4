//! The QML module `Duplicates` and the C++ beside it.

use cxx_qt_build::CxxQtBuilder;

fn main() {
    println!("cargo::rerun-if-changed=cpp/helper.h");
    CxxQtBuilder::new()
        .qt_module("Quick")
        .files(["src/qt/helper.rs"])
        .crate_include_root(Some("cpp".to_owned()))
        .cpp_file("cpp/helper.cpp")
        .build();
}
