use cxx_qt_build::CxxQtBuilder;

fn main() {
    for header in ["cpp/bench.h", "cpp/handlers.h", "cpp/sink.h"] {
        println!("cargo::rerun-if-changed={header}");
    }
    CxxQtBuilder::new()
        .qt_module("Qml")
        .qt_module("Concurrent")
        .files(["src/bench.rs", "src/rust_peers.rs"])
        .crate_include_root(Some("cpp".to_owned()))
        .cpp_files([
            "cpp/sink.h",
            "cpp/throughput.cpp",
            "cpp/gaps.cpp",
            "cpp/handlers.h",
            "cpp/handlers.cpp",
            "cpp/latency.cpp",
            "cpp/memory.cpp",
            "cpp/timers.cpp",
        ])
        .build();
}
