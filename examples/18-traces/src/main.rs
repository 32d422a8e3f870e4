//! Only calls the library: what build.rs generates is linked to that, and through it to the tests.

fn main() -> std::process::ExitCode {
    traces::main()
}
