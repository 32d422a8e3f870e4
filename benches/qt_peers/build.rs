use std::path::Path;
use std::process::Command;

use cxx_qt_build::CxxQtBuilder;

fn main() {
    for header in ["cpp/bench.h", "cpp/handlers.h", "cpp/sink.h"] {
        println!("cargo::rerun-if-changed={header}");
    }
    let mut builder = CxxQtBuilder::new().qt_module("Qml").qt_module("Concurrent");
    println!("cargo::rustc-check-cfg=cfg(task_tree)");
    if has_task_tree() {
        println!("cargo::rustc-cfg=task_tree");
        builder = builder.qt_module("TaskTree");
    }
    builder
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
            "cpp/tasktree.cpp",
            "cpp/timers.cpp",
        ])
        .build();
}

/// Qt has the module from 6.11 on, and a Debian has it in a package of its own.
fn has_task_tree() -> bool {
    let qmake = std::env::var("QMAKE").unwrap_or_else(|_| "qmake6".to_owned());
    let Ok(headers) = Command::new(qmake).args(["-query", "QT_INSTALL_HEADERS"]).output() else {
        return false;
    };
    Path::new(String::from_utf8_lossy(&headers.stdout).trim()).join("QtTaskTree").exists()
}
