use cxx_qt_build::CxxQtBuilder;

fn main() {
    CxxQtBuilder::new().files(["src/event_loop.rs"]).build();
}
