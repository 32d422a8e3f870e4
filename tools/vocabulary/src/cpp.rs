//! What C++ has of the table, and the parts of QML that C++ writes.

use std::fmt::Write;

use crate::rust::bridge_field;
use crate::table::{
    Calls, ENUMERATIONS, Enumeration, GROUP_OPTIONS, Kept, Kind, NOTICES, OF_WORK, OPTIONS, STRUCTURES,
    TaskOption,
};
use crate::text::{Language, aside, comment, entries, enumeration, listed, plain, structure};

fn once() -> impl Iterator<Item = &'static TaskOption> {
    OPTIONS.iter().filter(|option| option.is_of_any())
}

/// Those of every task first, as in `TaskOptions`.
fn periodic() -> impl Iterator<Item = &'static TaskOption> {
    let of = |calls| OPTIONS.iter().filter(move |option| option.calls == calls);
    of(Calls::Every)
        .chain(of(Calls::Body))
        .chain(of(Calls::Repeatable))
        .chain(of(Calls::Scheduled))
        .chain(of(Calls::Periodic))
}

/// Those of a task without a body, which is made by no call that says when: so it has a delay, too.
fn external() -> impl Iterator<Item = &'static TaskOption> {
    let of = |calls| OPTIONS.iter().filter(move |option| option.calls == calls);
    once()
        .filter(|option| !matches!(option.calls, Calls::Repeatable | Calls::Body))
        .chain(of(Calls::Scheduled))
}

fn properties() -> impl Iterator<Item = &'static TaskOption> {
    OPTIONS.iter().filter(|option| option.property)
}

fn shown() -> impl Iterator<Item = &'static TaskOption> {
    OPTIONS.iter().filter(|option| option.kept == Kept::Shown)
}

fn values(of: &Enumeration, known: &mut Vec<&'static str>) -> String {
    let mut text = String::new();
    for value in of.values.iter().filter(|value| !known.contains(&value.name)) {
        writeln!(text, "    {} = {}, // {}", value.name, value.number, aside(value.about)).unwrap();
    }
    text
}

/// And the structures, whose parts may be of them.
pub fn enumerations() -> String {
    let mut text = String::new();
    for of in ENUMERATIONS {
        text += &comment("//", &plain(of.about));
        writeln!(text, "enum class {} {{\n{}}};\n", of.name, values(of, &mut Vec::new())).unwrap();
    }
    for of in STRUCTURES {
        text += &comment("//", &plain(of.about));
        writeln!(text, "struct {} {{\n{}}};\n", of.name, members(of.parts.iter())).unwrap();
    }
    text
}

/// Enumerators of one class are of different names: one that is in two enumerations stands in the first.
pub fn qml_enumerations() -> String {
    let mut text = String::new();
    let mut known = Vec::new();
    for of in ENUMERATIONS.iter().filter(|of| of.in_qml) {
        text += &comment("//", &plain(of.about));
        writeln!(text, "enum {} {{\n{}}};\nQ_ENUM({0})\n", of.name, values(of, &mut known)).unwrap();
        known.extend(of.values.iter().map(|value| value.name));
    }
    text
}

pub fn notices() -> String {
    let mut text = String::from("enum Kind : quint16 {\n");
    for notice in NOTICES {
        writeln!(text, "    {} = {}, // {}", notice.name, notice.bit, aside(notice.about)).unwrap();
    }
    text + "};\n"
}

fn type_of(option: &TaskOption) -> String {
    match option.kind {
        Kind::Text => "QString".to_owned(),
        Kind::Flag | Kind::FlagOn => "bool".to_owned(),
        Kind::Duration { .. } => "std::chrono::milliseconds".to_owned(),
        Kind::Number { .. } | Kind::Share { .. } => "double".to_owned(),
        Kind::Count { bits, .. } => format!("quint{bits}"),
        Kind::Limit { .. } => "quint32".to_owned(),
        Kind::Date => "QDateTime".to_owned(),
        Kind::Choice(name) | Kind::Parts(name) => name.to_owned(),
    }
}

fn default_of(option: &TaskOption) -> String {
    match option.kind {
        Kind::Text | Kind::Date | Kind::Parts(_) => "{}".to_owned(),
        Kind::Flag => "false".to_owned(),
        Kind::FlagOn => "true".to_owned(),
        Kind::Duration { default_ms: 0, .. } => "std::chrono::milliseconds::zero()".to_owned(),
        Kind::Duration { default_ms, .. } => format!("std::chrono::milliseconds({default_ms})"),
        Kind::Number { default, .. } | Kind::Share { default, .. } => format!("{default}"),
        Kind::Count { .. } => "0".to_owned(),
        Kind::Limit { default } => default.to_string(),
        Kind::Choice(name) => format!("{name}::{}", enumeration(name).default.expect("a default")),
    }
}

/// With the owner, which is an object, behind the time-out.
fn members<'a>(options: impl Iterator<Item = &'a TaskOption>) -> String {
    let mut text = String::new();
    for option in options {
        text += &comment("//", &plain(&option.documented(Language::Cpp)));
        writeln!(text, "{} {} = {};", type_of(option), option.name, default_of(option)).unwrap();
        if option.name == "timeout" {
            text += "// When it is destroyed, the task is cancelled, and its callbacks are not called. To be alive during the\n\
                     // call. Default: none.\nQObject *owner = nullptr;\n";
        }
    }
    text
}

pub fn task_options() -> String {
    members(once())
}

pub fn external_options() -> String {
    members(external())
}

/// What is for work is not for a group.
fn grouped() -> impl Iterator<Item = &'static TaskOption> {
    external().filter(|option| !OF_WORK.contains(&option.name))
}

pub fn group_options() -> String {
    members(grouped().chain(GROUP_OPTIONS))
}

pub fn periodic_options() -> String {
    members(periodic())
}

/// A duration is a number of milliseconds there, too.
pub fn schedule_options() -> String {
    let mut text = String::new();
    for option in OPTIONS {
        let about = plain(&option.documented(Language::Cpp));
        let about = if option.is_periodic() { format!("Of a periodic task. {about}") } else { about };
        text += &comment("//", &about);
        match option.kind {
            Kind::Duration { default_ms: 0, .. } => {
                writeln!(text, "Milliseconds {} = {{}};", option.key()).unwrap();
            }
            Kind::Duration { default_ms, .. } => {
                writeln!(text, "Milliseconds {} = {default_ms};", option.key()).unwrap();
            }
            _ => writeln!(text, "{} {} = {};", type_of(option), option.name, default_of(option)).unwrap(),
        }
        if option.name == "priority" {
            text += "// Runs again and again, each intervalMs (1 ms to 100 years) after the last run ended.\n\
                     bool periodic = false;\nMilliseconds intervalMs = {};\n";
        }
    }
    text
}

pub fn spec() -> String {
    OPTIONS
        .iter()
        .map(|option| format!("{} {} = {};\n", type_of(option), option.name, default_of(option)))
        .collect()
}

fn take<'a>(options: impl Iterator<Item = &'a TaskOption>, name: impl Fn(&TaskOption) -> String) -> String {
    let mut text = String::new();
    for option in options {
        let from = format!("options.{}", name(option));
        let from = if option.is_copied() { from } else { format!("std::move({from})") };
        writeln!(text, "spec.{} = {from};", option.name).unwrap();
    }
    text
}

pub fn take_task() -> String {
    take(once(), |option| option.name.to_owned())
}

pub fn take_external() -> String {
    take(external(), |option| option.name.to_owned())
}

pub fn take_group() -> String {
    take(grouped(), |option| option.name.to_owned())
}

pub fn take_periodic() -> String {
    take(periodic(), |option| option.name.to_owned())
}

pub fn take_schedule() -> String {
    take(OPTIONS.iter(), TaskOption::key)
}

/// What of `ScheduleOptions` is for a periodic task only, in a task that is not.
pub fn check_schedule() -> String {
    let only: Vec<_> = OPTIONS.iter().filter(|option| option.is_periodic()).collect();
    // TaskFace has enumerators of the same names.
    let says: Vec<_> = only
        .iter()
        .map(|option| {
            let scope = if matches!(option.kind, Kind::Choice(_)) { "legwork::" } else { "" };
            match option.kind {
                Kind::Date => format!("options.{}.isValid()", option.key()),
                _ => format!("options.{} != {scope}{}", option.key(), default_of(option)),
            }
        })
        .collect();
    let names: Vec<_> = only.iter().map(|option| option.key()).collect();
    format!(
        "if (!options.periodic && ({}))\n return \"{}\" \" are for a periodic task; set periodic, too\";\n",
        says.join(" || "),
        listed(&names, "and")
    )
}

/// The structure that crosses to Rust, by the names of its members.
pub fn to_bridge() -> String {
    let mut text = String::new();
    for (whole, option) in OPTIONS.iter().flat_map(TaskOption::flat) {
        let field = bridge_field(whole, option);
        let name = match whole {
            Some(whole) => format!("{}.{}", whole.name, option.name),
            None => option.name.to_owned(),
        };
        let line = match option.kind {
            Kind::Duration { .. } => format!("bridged.{field} = spec.{name}.count();"),
            Kind::Date => {
                format!("bridged.{field} = spec.{name}.isValid() ? spec.{name}.toMSecsSinceEpoch() : 0;")
            }
            Kind::Choice(_) => format!("bridged.{field} = static_cast<std::uint8_t>(spec.{name});"),
            _ => format!("bridged.{field} = spec.{name};"),
        };
        writeln!(text, "{line}").unwrap();
    }
    text
}

fn property_type(option: &TaskOption) -> &'static str {
    match option.kind {
        Kind::Text => "QString",
        Kind::Flag | Kind::FlagOn => "bool",
        // A QVariant comes as it was meant, and can be refused.
        _ => "QVariant",
    }
}

pub fn task_properties() -> String {
    let mut text = String::new();
    for option in properties() {
        let key = option.key();
        text += &comment("//", &plain(&option.documented(Language::Qml)));
        writeln!(text, "Q_PROPERTY({} {key} MEMBER m_{key} NOTIFY {key}Changed)", property_type(option))
            .unwrap();
    }
    text
}

pub fn task_signals() -> String {
    properties().map(|option| format!("void {}Changed();\n", option.key())).collect()
}

pub fn task_members() -> String {
    let mut text = String::new();
    for option in properties() {
        let default = match option.kind {
            Kind::Text | Kind::Choice(_) | Kind::Date | Kind::Parts(_) => String::new(),
            Kind::Duration { default_ms, .. } => format!(" = {default_ms}"),
            _ => format!(" = {}", default_of(option)),
        };
        writeln!(text, "{} m_{}{default};", property_type(option), option.key()).unwrap();
    }
    text
}

/// Statements that put what the properties say into the options.
pub fn task_map() -> String {
    let mut text = String::new();
    for option in properties() {
        let member = format!("m_{}", option.key());
        let says = match option.kind {
            Kind::Text => format!("!{member}.isEmpty()"),
            Kind::Flag => member.clone(),
            Kind::FlagOn => format!("!{member}"),
            Kind::Duration { default_ms: 0, .. } | Kind::Count { .. } | Kind::Parts(_) => {
                format!("!isNone({member})")
            }
            Kind::Duration { default_ms, .. } => format!("{member}.isValid() && {member} != {default_ms}"),
            Kind::Number { default, .. } | Kind::Share { default, .. } => {
                format!("{member}.isValid() && {member} != {default}")
            }
            Kind::Limit { default } => format!("{member}.isValid() && {member} != {default}"),
            Kind::Choice(_) | Kind::Date => format!("{member}.isValid()"),
        };
        writeln!(text, "if ({says})\n    options.insert(QStringLiteral(\"{}\"), {member});", option.key())
            .unwrap();
    }
    text
}

/// The names of the properties, which the service calls options.
pub fn task_keys() -> String {
    let keys: Vec<_> = properties().map(|option| format!("QStringLiteral(\"{}\")", option.key())).collect();
    format!("const auto &propertyKeys = *new QStringList{{{}}};\n", keys.join(", "))
}

/// How the conformance player says the options in C++.
pub fn player() -> String {
    let mut text = String::new();
    for of in ENUMERATIONS {
        writeln!(text, "inline QString nameOf(legwork::{} value)\n{{\n    switch (value) {{", of.name)
            .unwrap();
        for value in of.values {
            writeln!(text, "    case legwork::{}::{}:\n        return \"{1}\";", of.name, value.name)
                .unwrap();
        }
        text += "    }\n    return \"unknown\";\n}\n\n";
    }
    for of in STRUCTURES {
        let first = &of.parts[0];
        writeln!(
            text,
            "inline legwork::{0} {1}Of(const QJsonValue &value)\n{{\n    legwork::{0} parts;\n    if (value.isDouble()) {{\n        \
             parts.{2} = {3};\n        return parts;\n    }}\n    const auto from = value.toObject();",
            of.name,
            of.name.to_lowercase(),
            first.name,
            from_json(first, "value".to_owned())
        )
        .unwrap();
        for part in of.parts {
            let json = format!("from[\"{}\"]", part.key());
            writeln!(text, "    parts.{} = {};", part.name, from_json(part, json)).unwrap();
        }
        text += "    return parts;\n}\n\n";
    }
    for (name, key, options) in [
        ("TaskOptions", false, once().collect::<Vec<_>>()),
        ("PeriodicOptions", false, periodic().collect()),
        ("ScheduleOptions", true, OPTIONS.iter().collect()),
        ("ExternalOptions", false, external().collect()),
    ] {
        let keys: Vec<_> = options.iter().map(|option| format!("\"{}\"", option.key())).collect();
        writeln!(
            text,
            "inline const QStringList keysOf{name}{{{}}};\n\ninline void set(legwork::{name} &to, const QJsonObject &from)\n{{",
            keys.join(", ")
        )
        .unwrap();
        for option in options {
            let json = format!("from[\"{}\"]", option.key());
            let to = format!("to.{}", if key { option.key() } else { option.name.to_owned() });
            let value = from_json(option, json);
            writeln!(text, "    {to} = {value};").unwrap();
        }
        text += "}\n\n";
    }
    text
}

fn from_json(option: &TaskOption, json: String) -> String {
    match option.kind {
        Kind::Text => format!("{json}.toString()"),
        Kind::Flag => format!("{json}.toBool()"),
        Kind::FlagOn => format!("{json}.toBool(true)"),
        Kind::Duration { default_ms, .. } => {
            let default = if default_ms == 0 { String::new() } else { default_ms.to_string() };
            format!("std::chrono::milliseconds({json}.toInt({default}))")
        }
        Kind::Number { default, .. } | Kind::Share { default, .. } => format!("{json}.toDouble({default})"),
        Kind::Count { bits, .. } => format!("static_cast<quint{bits}>({json}.toInt())"),
        Kind::Limit { default } => format!("static_cast<quint32>({json}.toInt({default}))"),
        Kind::Date => format!(
            "{json}.isDouble() ? QDateTime::fromMSecsSinceEpoch(static_cast<qint64>({json}.toDouble())) : QDateTime()"
        ),
        Kind::Parts(name) => format!("{}Of({json})", name.to_lowercase()),
        Kind::Choice(name) => format!(
            "enumerator<legwork::{name}>({json}, legwork::{name}::{})",
            enumeration(name).default.expect("a default")
        ),
    }
}

/// The options that `taskInfo` shows by their numbers, and the player in C++ by their names.
pub fn player_shown() -> String {
    let mut text = String::new();
    for option in shown() {
        if let Kind::Choice(name) = option.kind {
            writeln!(text, "if (option == \"{}\")", option.key()).unwrap();
            writeln!(text, "    return nameOf(static_cast<legwork::{name}>(info[option].toInt()));").unwrap();
        }
    }
    text
}

/// The options whose values are enumerators, with their names, for the player in QML.
pub fn qml_player() -> String {
    let mut choices = Vec::new();
    for option in OPTIONS {
        if let Kind::Choice(name) = option.kind {
            let values = enumeration(name).values.iter();
            let names: Vec<_> = values.map(|value| format!("\"{}\"", value.name)).collect();
            choices.push(format!("{}: [{}]", option.key(), names.join(", ")));
        }
    }
    format!("readonly property var choices: ({{{}}})\n", choices.join(", "))
}

/// The keys that `taskInfo` has as options are shown, in a test.
pub fn shown_keys() -> String {
    let keys: Vec<_> = shown().map(|option| format!("\"{}\"", option.key())).collect();
    format!("        const shown = [{}]\n", keys.join(", "))
}

/// Entries of an object in QML: each option, with a value that it may have.
pub fn possible_options() -> String {
    let possible = |option: &TaskOption| match option.kind {
        Kind::Text => "\"Add\"".to_owned(),
        // As no flag may be up in a periodic task that is for others.
        Kind::Flag => "false".to_owned(),
        Kind::FlagOn => "true".to_owned(),
        // A periodic task may say that it has none.
        Kind::Duration { .. } if option.calls == Calls::Once => "0".to_owned(),
        Kind::Duration { .. } => "3600000".to_owned(),
        Kind::Number { most, .. } | Kind::Share { most, .. } => most.to_string(),
        Kind::Count { .. } => "1".to_owned(),
        Kind::Limit { .. } => "2".to_owned(),
        Kind::Date => "new Date(Date.now() + 1e10)".to_owned(),
        Kind::Parts(name) => format!("{{{}: 1}}", structure(name).parts[0].key()),
        Kind::Choice(name) => {
            let of = enumeration(name);
            let other = of.values.iter().find(|value| of.default != Some(value.name)).expect("a choice");
            format!("TaskManager.{}", other.name)
        }
    };
    let all: Vec<_> =
        OPTIONS.iter().map(|option| format!("{}: {}", option.key(), possible(option))).collect();
    entries("            ", &all)
}

/// The same of those that every call has, each left out.
pub fn undefined_options() -> String {
    let all: Vec<_> = once().map(|option| format!("{}: undefined", option.key())).collect();
    entries("            ", &all)
}

/// The names of what calls answer with, for it, too: of those that may say that there is no such task.
pub fn qml_names() -> String {
    let mut names = Vec::new();
    let answers = |of: &&Enumeration| of.in_qml && of.values.iter().any(|value| value.name == "UnknownTask");
    for of in ENUMERATIONS.iter().filter(answers) {
        for value in of.values {
            let name = format!("\"{}\"", value.name);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    format!("readonly property var enumerators: [{}]\n", names.join(", "))
}

/// For the table that is printed.
pub fn kind_name(option: &TaskOption) -> String {
    match option.kind {
        Kind::Text => "text".to_owned(),
        Kind::Flag | Kind::FlagOn => "yes or no".to_owned(),
        Kind::Duration { .. } => "duration".to_owned(),
        Kind::Number { .. } | Kind::Share { .. } => "number".to_owned(),
        Kind::Count { .. } => "count".to_owned(),
        Kind::Limit { .. } => "limit".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Choice(name) | Kind::Parts(name) => name.to_owned(),
    }
}
