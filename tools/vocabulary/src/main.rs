//! The words of Legwork, once: prints the table, and writes what follows from it. See `./x vocabulary`.
//!
//! What is written stands in the sources, between a line with `<vocabulary: NAME>` and one with `</vocabulary>`,
//! wherever they are: a part may move with its file. Nothing of this runs when the library is built.

mod cpp;
mod docs;
mod rust;
mod table;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

/// What there is between the marks, by its name.
type Part = (&'static str, fn() -> String);

const PARTS: &[Part] = &[
    ("enumerations", rust::enumerations),
    ("structures", rust::structures),
    ("engine names", rust::engine_names),
    ("crate names", rust::crate_names),
    ("option fields", rust::option_fields),
    ("option defaults", rust::option_defaults),
    ("option checks", rust::option_checks),
    ("option says", rust::option_says),
    ("option overlay", rust::option_overlay),
    ("kept options", rust::kept_options),
    ("periodic fields", rust::periodic_fields),
    ("periodic defaults", rust::periodic_defaults),
    ("info fields", rust::info_fields),
    ("info values", rust::info_values),
    ("report", rust::report),
    ("setters", rust::setters),
    ("repeatable setters", rust::repeatable_setters),
    ("body setters", rust::body_setters),
    ("qml options", rust::qml_options),
    ("bridge fields", rust::bridge_fields),
    ("bridge options", rust::bridge_options),
    ("bridge schedule", rust::bridge_schedule),
    ("notices", rust::notices),
    ("player", rust::player),
    ("shown in Rust", rust::player_shown),
    ("enumerators", rust::enumerators),
    ("every choice", rust::every_choice),
    ("C++ enumerations", cpp::enumerations),
    ("QML enumerations", cpp::qml_enumerations),
    ("C++ notices", cpp::notices),
    ("TaskOptions", cpp::task_options),
    ("ExternalOptions", cpp::external_options),
    ("PeriodicOptions", cpp::periodic_options),
    ("ScheduleOptions", cpp::schedule_options),
    ("GroupOptions", cpp::group_options),
    ("Spec", cpp::spec),
    ("Spec of TaskOptions", cpp::take_task),
    ("Spec of ExternalOptions", cpp::take_external),
    ("Spec of GroupOptions", cpp::take_group),
    ("Spec of PeriodicOptions", cpp::take_periodic),
    ("Spec of ScheduleOptions", cpp::take_schedule),
    ("check of ScheduleOptions", cpp::check_schedule),
    ("Spec to the bridge", cpp::to_bridge),
    ("Task properties", cpp::task_properties),
    ("Task signals", cpp::task_signals),
    ("Task members", cpp::task_members),
    ("Task options", cpp::task_map),
    ("Task keys", cpp::task_keys),
    ("C++ player", cpp::player),
    ("shown in C++", cpp::player_shown),
    ("QML player", cpp::qml_player),
    ("QML enumerators", cpp::qml_names),
    ("shown keys", cpp::shown_keys),
    ("possible options", cpp::possible_options),
    ("undefined options", cpp::undefined_options),
    ("QML options table", docs::qml_options),
    ("QML periodic options table", docs::qml_periodic_options),
    ("C++ options table", docs::cpp_options),
    ("C++ periodic options table", docs::cpp_periodic_options),
    ("QML group options table", docs::qml_group_options),
    ("C++ group options table", docs::cpp_group_options),
    ("scheduling options table", docs::scheduling_options),
    ("Task properties list", docs::task_properties),
    ("shown options", docs::shown_options),
];

const BEGIN: &str = "<vocabulary: ";
const END: &str = "</vocabulary>";

/// Where the sources are.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files that may have parts.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path
            .extension()
            .is_some_and(|kind| ["rs", "h", "cpp", "md", "qml"].iter().any(|known| kind == *known))
        {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in ["src", "cpp", "docs", "tests", "qml"] {
        sources(&root().join(folder), &mut found);
    }
    found.sort();
    found
}

/// A file with its parts written anew, the names of the parts, and whether any of them differs.
struct Written {
    text: String,
    parts: Vec<String>,
    stale: Vec<String>,
}

fn write(old: &str) -> Result<Written, String> {
    let mut written = Written { text: String::new(), parts: Vec::new(), stale: Vec::new() };
    let mut lines = old.split_inclusive('\n');
    while let Some(line) = lines.next() {
        written.text += line;
        let Some(name) = line.split(BEGIN).nth(1).and_then(|rest| rest.split('>').next()) else { continue };
        let (_, make) = PARTS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
            format!("there is no part \"{name}\"; see PARTS in tools/vocabulary/src/main.rs")
        })?;
        let mut before = String::new();
        let end = loop {
            match lines.next() {
                Some(line) if line.contains(END) => break line,
                Some(line) => before += line,
                None => return Err(format!("the part \"{name}\" has no line with {END}")),
            }
        };
        let made = make();
        if squeezed(&before) != squeezed(&made) {
            written.stale.push(name.to_owned());
            written.text += &made;
        } else {
            written.text += &before;
        }
        written.parts.push(name.to_owned());
        written.text += end;
    }
    Ok(written)
}

/// What a formatter leaves as it is.
fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace() && *letter != ',').collect()
}

/// The parts that are not what the table says, with their files; written if `change`.
fn freshen(change: bool) -> Result<Vec<String>, String> {
    let (mut stale, mut used) = (Vec::new(), Vec::new());
    for path in all_sources() {
        let Ok(old) = fs::read_to_string(&path) else { continue };
        if !old.contains(BEGIN) {
            continue;
        }
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        let written = write(&old).map_err(|error| format!("{name}: {error}"))?;
        stale.extend(written.stale.iter().map(|part| format!("{name}: {part}")));
        used.extend(written.parts);
        if change && !written.stale.is_empty() {
            fs::write(&path, written.text).map_err(|error| format!("{name}: {error}"))?;
        }
    }
    for (part, _) in PARTS {
        if !used.iter().any(|known| known == part) {
            return Err(format!("the part \"{part}\" stands in no file; take it out of PARTS"));
        }
    }
    Ok(stale)
}

fn main() -> ExitCode {
    let argument = env::args().nth(1).unwrap_or_default();
    let change = match argument.as_str() {
        "" => {
            print!("{}", docs::print());
            return ExitCode::SUCCESS;
        }
        "--write" => true,
        "--check" => false,
        other => {
            eprintln!("vocabulary knows --write and --check, not {other}; without them it prints the table");
            return ExitCode::FAILURE;
        }
    };
    match freshen(change) {
        Ok(stale) => {
            for part in &stale {
                println!("{part}");
            }
            match change || stale.is_empty() {
                true => ExitCode::SUCCESS,
                false => {
                    eprintln!("these parts are not what the table says; run: ./x vocabulary --write");
                    ExitCode::FAILURE
                }
            }
        }
        Err(error) => {
            eprintln!("vocabulary: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{ENUMERATIONS, Kind, OPTIONS};

    #[test]
    fn what_is_written_is_what_the_table_says() {
        assert_eq!(freshen(false), Ok(Vec::new()), "run: ./x vocabulary --write");
    }

    /// Numbers are unique over the enumerations that QML has, but for the least ones of priorities and states; a name
    /// that two have is of the same number.
    #[test]
    fn a_number_is_one_enumerator_s() {
        let mut known: Vec<(&str, u8)> = Vec::new();
        for of in ENUMERATIONS.iter().filter(|of| of.in_qml) {
            for value in of.values {
                for (name, number) in known.iter().filter(|(_, number)| *number > 2) {
                    assert_eq!(*name == value.name, *number == value.number, "{name} and {}", value.name);
                }
            }
            known.extend(of.values.iter().map(|value| (value.name, value.number)));
        }
    }

    #[test]
    fn every_choice_has_an_enumeration_with_a_default_that_qml_has() {
        for (_, option) in OPTIONS.iter().flat_map(table::TaskOption::flat) {
            if let Kind::Choice(name) = option.kind {
                let of = text::enumeration(name);
                assert!(of.default.is_some() && of.in_qml, "{}", option.name);
            }
        }
    }
}
