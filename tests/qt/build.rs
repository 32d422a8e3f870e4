use cxx_qt_build::CxxQtBuilder;

fn main() {
    println!("cargo::rerun-if-changed=cpp/support.h");
    CxxQtBuilder::new()
        .qt_module("Qml")
        .file("src/support.rs")
        .cpp_file("cpp/support.cpp")
        .crate_include_root(Some("cpp".to_owned()))
        .build();
}
