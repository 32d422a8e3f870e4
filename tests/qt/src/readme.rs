//! The README quotes files that are compiled and run; the quotes are what those files say.

const README: &str = include_str!("../../../README.md");

/// The QML in the README is the QML of the example.
pub fn the_readme_quotes_the_example() {
    let qml = include_str!("../../../examples/02-hello/qml/Main.qml");
    assert!(
        README.contains(&format!("```qml\n{qml}```")),
        "README.md does not quote examples/02-hello/qml/Main.qml"
    );
}

/// What the README says to put into `Cargo.toml` is what the example has, but for the path.
pub fn the_readme_names_the_dependencies_of_the_example() {
    let manifest = include_str!("../../../examples/02-hello/Cargo.toml");
    let dependencies = &manifest[manifest.find("[dependencies]").expect("dependencies")..];
    let quoted = dependencies.replace("path = \"../..\"", "path = \"../legwork\"");
    assert!(README.contains(quoted.trim_end()), "README.md does not have these lines:\n{quoted}");
    let config = include_str!("../../../.cargo/config.toml");
    // What is behind it makes builds of this repository shorter, and nothing else.
    let target = &config[config.find("[target").expect("a target")..config.find("[env]").expect("more")];
    assert!(README.contains(target.trim_end()), "README.md does not have these lines:\n{target}");
}
