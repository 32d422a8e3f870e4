fn main() -> std::process::ExitCode {
    duplicates_suite::qml()
}
