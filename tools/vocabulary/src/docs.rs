//! The tables of the documents, and the one that `./x vocabulary` prints.

use std::fmt::Write;

use crate::table::{
    BESIDES, Calls, ENUMERATIONS, GROUP_OPTIONS, Kept, Kind, NOTICES, OF_WORK, OPTIONS, TaskOption,
};
use crate::text::{Language, enumeration, listed, snake, structure};

fn default_of(option: &TaskOption, language: Language) -> String {
    match option.kind {
        // A text says its default itself.
        Kind::Text => match option.about.split_once("Default: ") {
            Some((_, default)) => default.trim_end_matches('.').to_owned(),
            None => "none".to_owned(),
        },
        Kind::Flag => "false".to_owned(),
        Kind::FlagOn => "true".to_owned(),
        Kind::Duration { zero, default_ms: 0 } => format!("0, {zero}"),
        Kind::Duration { zero, default_ms } => format!("{default_ms} ms; 0: {zero}"),
        Kind::Number { default, .. } | Kind::Share { default, .. } => format!("{default}"),
        Kind::Count { zero, .. } => format!("0, {zero}"),
        Kind::Limit => "1".to_owned(),
        Kind::Date => "none".to_owned(),
        Kind::Parts(_) => match language {
            Language::Qml => "0, not at all".to_owned(),
            _ => "`{}`, not at all".to_owned(),
        },
        Kind::Choice(name) => {
            let default = enumeration(name).default.expect("a default");
            match language {
                Language::Qml => format!("`TaskManager.{default}`"),
                _ => format!("`{name}::{default}`"),
            }
        }
    }
}

/// What values are possible, where that does not follow from the option's kind alone.
fn limits(option: &TaskOption) -> String {
    match option.kind {
        Kind::Number { .. } | Kind::Share { .. } => {
            option.limits(Language::Qml).split(" Default").next().unwrap_or_default().to_owned()
        }
        Kind::Duration { .. } => "From 0 to 100 years.".to_owned(),
        Kind::Limit => "From 1.".to_owned(),
        _ => String::new(),
    }
}

/// The sentences of a row, without the default, which has a column of its own.
fn about(option: &TaskOption) -> String {
    row_text(&format!("{} {}", option.sentences(), limits(option)))
}

fn row_text(text: &str) -> String {
    text.trim().replace('|', "\\|")
}

fn table<'a>(options: impl Iterator<Item = &'a TaskOption>, language: Language) -> String {
    let mut text = String::from("| option | default | |\n| --- | --- | --- |\n");
    for option in options {
        let name = if language == Language::Qml { option.key() } else { option.name.to_owned() };
        let only_once = if option.calls == Calls::Once { " Not for periodic tasks." } else { "" };
        let short = match (language, &option.kind) {
            (Language::Qml, Kind::Parts(of)) => {
                format!(" An object of these, or {} alone:", structure(of).short)
            }
            _ => String::new(),
        };
        let about = about(option);
        writeln!(text, "| `{name}` | {} | {about}{only_once}{short} |", default_of(option, language))
            .unwrap();
        for part in option.parts() {
            let key = if language == Language::Qml { part.key() } else { part.name.to_owned() };
            let about = self::about(part);
            writeln!(text, "| `{name}.{key}` | {} | {about} |", default_of(part, language)).unwrap();
        }
    }
    text
}

fn every(option: &&TaskOption) -> bool {
    matches!(option.calls, Calls::Every | Calls::Once | Calls::Repeatable)
}

pub fn qml_options() -> String {
    let mut text = table(OPTIONS.iter().filter(every), Language::Qml);
    for besides in BESIDES {
        writeln!(text, "| `{}` | {} | {} |", besides.form, besides.default, row_text(besides.about)).unwrap();
    }
    text
}

pub fn qml_periodic_options() -> String {
    table(OPTIONS.iter().filter(|option| !every(option)), Language::Qml)
}

pub fn qml_group_options() -> String {
    let key = |name: &str| {
        OPTIONS.iter().find(|option| option.name == name).map_or(name.to_owned(), TaskOption::key)
    };
    let of_work: Vec<_> = OF_WORK.iter().map(|name| format!("`{}`", key(name))).collect();
    format!(
        "For `all` and `TaskGroup` besides; what is for work they have not ({}):\n\n{}",
        of_work.join(", "),
        table(GROUP_OPTIONS.iter(), Language::Qml)
    )
}

pub fn cpp_group_options() -> String {
    let of_work: Vec<_> = OF_WORK
        .iter()
        .filter(|name| OPTIONS.iter().any(|option| option.name == **name))
        .map(|name| format!("`{name}`"))
        .collect();
    format!(
        "`GroupOptions`, of `legwork::all`, has those of a task but {}, the `delay` of `PeriodicOptions`, and:\n\n{}",
        listed(&of_work, "and"),
        table(GROUP_OPTIONS.iter(), Language::Cpp)
    )
}

pub fn cpp_options() -> String {
    let mut text = table(OPTIONS.iter().filter(every), Language::Cpp);
    text += "| `owner` | none | A QObject: when it is destroyed, the task is cancelled and its callbacks are no longer \
             called. |\n";
    text
}

pub fn cpp_periodic_options() -> String {
    table(OPTIONS.iter().filter(|option| !every(option)), Language::Cpp)
}

/// The options of the guide to scheduling, in each language: all but those that say only what a task is.
pub fn scheduling_options() -> String {
    let mut text = String::from("| C++ | QML | Rust | default | |\n| --- | --- | --- | --- | --- |\n");
    let mut row = |cpp: &str, qml: &str, rust: &str, option: &TaskOption| {
        let default = default_of(option, Language::Cpp);
        let limits = limits(option);
        writeln!(text, "| `{cpp}` | `{qml}` | `{rust}` | {default} | {limits} |").unwrap();
    };
    for option in OPTIONS.iter().filter(|option| !["name", "priority", "weight"].contains(&option.name)) {
        row(option.name, &option.key(), &snake(option.name), option);
        for part in option.parts() {
            let of = |name: &str| format!("{}.{name}", option.name);
            row(&of(part.name), &of(&part.key()), &of(&snake(part.name)), part);
        }
    }
    text += "| `after` | `after` | `after` | none | Handles in C++, ids in QML and Rust. |\n";
    text
}

/// A line of names: those properties of `Task` that are options.
pub fn task_properties() -> String {
    let names: Vec<_> =
        OPTIONS.iter().filter(|option| option.property).map(|option| format!("`{}`", option.key())).collect();
    let choice = |option: &&TaskOption| option.property && matches!(option.kind, Kind::Choice(_));
    let choices: Vec<_> = OPTIONS.iter().filter(choice).map(|option| format!("`{}`", option.key())).collect();
    let (verb, their) = if choices.len() == 1 { ("reads", "its") } else { ("read", "their") };
    let of_choices = match choices.is_empty() {
        true => String::new(),
        false => {
            let choices = listed(&choices, "and");
            format!("\n{choices} {verb} `undefined` until assigned, which is as {their} default.\n")
        }
    };
    names.join(", ") + "\n" + &of_choices
}

/// Sentences about the options that `taskInfo` shows, which may be none.
pub fn shown_options() -> String {
    let shown: Vec<_> = OPTIONS
        .iter()
        .filter(|option| option.kept == Kept::Shown)
        .map(|option| format!("`{}`", option.key()))
        .collect();
    match shown.is_empty() {
        true => String::new(),
        false => format!("`taskInfo` shows of the options, too: {}.\n", shown.join(", ")),
    }
}

/// All of it, for a reader at a terminal.
pub fn print() -> String {
    let mut text = String::from("Options\n");
    writeln!(
        text,
        "  {:<13} {:<14} {:<13} {:<24} {:<11} {:<7} {:<7} default",
        "QML", "Rust", "C++", "type", "calls", "kept", "Task"
    )
    .unwrap();
    for option in OPTIONS.iter().chain(GROUP_OPTIONS) {
        let calls = match option.calls {
            Calls::Every => "every",
            Calls::Once => "once",
            Calls::Repeatable => "repeatable",
            Calls::Periodic => "periodic",
            Calls::Scheduled => "scheduled",
            Calls::Group => "group",
        };
        let kept = match option.kept {
            Kept::No => "",
            Kept::Yes => "kept",
            Kept::Shown => "shown",
        };
        let property = if option.property { "has it" } else { "" };
        writeln!(
            text,
            "  {:<13} {:<14} {:<13} {:<24} {calls:<11} {kept:<7} {property:<7} {}\n      {}",
            option.key(),
            snake(option.name),
            option.name,
            crate::cpp::kind_name(option),
            default_of(option, Language::Qml).replace('`', ""),
            about(option)
        )
        .unwrap();
        for part in option.parts() {
            let default = default_of(part, Language::Qml).replace('`', "");
            writeln!(text, "      .{:<14} {default:<24} {}", part.key(), about(part)).unwrap();
        }
    }
    text += "\nBesides, in a form of each language's own\n";
    for besides in BESIDES {
        writeln!(text, "  {:<30} {}", besides.form, besides.about).unwrap();
    }
    for of in ENUMERATIONS {
        writeln!(text, "\n{}: {}", of.name, of.about).unwrap();
        for value in of.values {
            let only = if value.only_cpp { " (C++)" } else { "" };
            let default = if of.default == Some(value.name) { " (default)" } else { "" };
            writeln!(text, "  {:>3} {:<22} {}{only}{default}", value.number, value.name, value.about)
                .unwrap();
        }
    }
    text += "\nNotices, by their bits\n";
    for notice in NOTICES {
        writeln!(text, "  {:>3} {:<22} {}", notice.bit, notice.name, notice.about).unwrap();
    }
    text
}
