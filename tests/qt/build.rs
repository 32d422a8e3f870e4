use cxx_qt_build::CxxQtBuilder;

fn main() {
    println!("cargo::rerun-if-changed=cpp/models.h");
    println!("cargo::rerun-if-changed=cpp/support.h");
    CxxQtBuilder::new()
        .qt_module("Qml")
        .qt_module("Test")
        .files(["src/local.rs", "src/models.rs", "src/support.rs"])
        .cpp_file("cpp/models.cpp")
        .cpp_file("cpp/support.cpp")
        .crate_include_root(Some("cpp".to_owned()))
        .build();
}
