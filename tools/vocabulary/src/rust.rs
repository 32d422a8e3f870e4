//! What Rust has of the table.

use std::fmt::Write;

use crate::table::{BESIDES, Calls, ENUMERATIONS, Enumeration, Kept, Kind, NOTICES, OPTIONS, TaskOption};
use crate::text::{Language, comment, enumeration, listed, shout, snake};

/// Options of every task, which are fields of `TaskOptions`; the others are those of `Periodic`.
fn common() -> impl Iterator<Item = &'static TaskOption> {
    OPTIONS.iter().filter(|option| !option.is_periodic())
}

fn periodic() -> impl Iterator<Item = &'static TaskOption> {
    OPTIONS.iter().filter(|option| option.is_periodic())
}

fn kept() -> impl Iterator<Item = &'static TaskOption> {
    OPTIONS.iter().filter(|option| option.kept != Kept::No)
}

fn shown() -> impl Iterator<Item = &'static TaskOption> {
    OPTIONS.iter().filter(|option| option.kept == Kept::Shown)
}

/// How a place in Rust names the enumerations: by a path, so that a new one needs no import there.
const ENGINE: &str = "words::";
const SERVICE: &str = "engine::";
const QT: &str = "crate::";
const TESTS: &str = "legwork::";

fn type_of(option: &TaskOption, scope: &str) -> String {
    match option.kind {
        Kind::Text => "Option<Arc<str>>".to_owned(),
        Kind::Flag => "bool".to_owned(),
        Kind::Duration { .. } if option.is_optional_duration() => "Option<Duration>".to_owned(),
        Kind::Duration { .. } => "Duration".to_owned(),
        Kind::Number { .. } => "f64".to_owned(),
        Kind::Count { bits } => format!("u{bits}"),
        Kind::Choice(name) => format!("{scope}{name}"),
    }
}

/// In the engine.
fn default_of(option: &TaskOption) -> String {
    match option.kind {
        Kind::Text => "None".to_owned(),
        Kind::Flag => "false".to_owned(),
        Kind::Duration { .. } if option.is_optional_duration() => "None".to_owned(),
        Kind::Duration { .. } => "Duration::ZERO".to_owned(),
        Kind::Number { default, .. } => format!("{default:?}"),
        Kind::Count { .. } => "0".to_owned(),
        Kind::Choice(name) => format!("{ENGINE}{name}::{}", enumeration(name).default.expect("a default")),
    }
}

/// An expression that is true where the option says something.
fn says(option: &TaskOption, of: &str) -> String {
    let field = format!("{of}.{}", option.snake());
    match option.kind {
        Kind::Text => format!("{field}.is_some()"),
        Kind::Flag => field,
        Kind::Duration { .. } if option.is_optional_duration() => format!("{field}.is_some()"),
        Kind::Duration { .. } => format!("!{field}.is_zero()"),
        _ => format!("{field} != {}", default_of(option)),
    }
}

fn fields<'a>(options: impl Iterator<Item = &'a TaskOption>) -> String {
    let mut text = String::new();
    for option in options {
        text += &comment("///", &option.documented(Language::Rust));
        writeln!(text, "pub {}: {},", option.snake(), type_of(option, ENGINE)).unwrap();
    }
    text
}

fn defaults<'a>(options: impl Iterator<Item = &'a TaskOption>) -> String {
    options.map(|option| format!("{}: {},\n", option.snake(), default_of(option))).collect()
}

pub fn enumerations() -> String {
    ENUMERATIONS.iter().map(enumeration_text).collect()
}

/// The names that the engine gives its callers, and the crate its own.
pub fn engine_names() -> String {
    names("words")
}

pub fn crate_names() -> String {
    names("engine")
}

/// In the order in which rustfmt has them.
fn names(of: &str) -> String {
    let mut names: Vec<_> = ENUMERATIONS.iter().map(|known| known.name).collect();
    names.sort_unstable();
    format!("pub use {of}::{{{}}};\n", names.join(", "))
}

fn enumeration_text(of: &Enumeration) -> String {
    let values = || of.values.iter().filter(|value| !value.only_cpp);
    let default = if of.default.is_some() { ", Default" } else { "" };
    let name = of.name;
    let mut text = comment("///", of.about);
    writeln!(text, "#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash{default})]").unwrap();
    if of.grows {
        text += "#[non_exhaustive]\n";
    }
    writeln!(text, "#[repr(u8)]\npub enum {name} {{").unwrap();
    for value in values() {
        text += &comment("    ///", value.about);
        if of.default == Some(value.name) {
            text += "    #[default]\n";
        }
        writeln!(text, "    {} = {},", value.name, value.number).unwrap();
    }
    writeln!(text, "}}\n\nimpl {name} {{\n    /// All of them.\n    pub const ALL: &'static [{name}] = &[")
        .unwrap();
    for value in values() {
        writeln!(text, "        {name}::{},", value.name).unwrap();
    }
    text += "    ];\n\n    /// The name, as the other languages see it.\n";
    text += "    pub fn name(self) -> &'static str {\n        match self {\n";
    for value in values() {
        writeln!(text, "            {name}::{0} => \"{0}\",", value.name).unwrap();
    }
    text += "        }\n    }\n\n    /// The one that has this number in the other languages.\n";
    text += "    pub fn from_number(number: impl Into<i64>) -> Option<Self> {\n";
    text += "        let number = number.into();\n";
    text += "        Self::ALL.iter().copied().find(|known| *known as i64 == number)\n    }\n}\n\n";
    text
}

pub fn option_fields() -> String {
    fields(common())
}

pub fn option_defaults() -> String {
    defaults(common())
}

/// Statements that return an error for what is not possible.
pub fn option_checks() -> String {
    let mut text = String::new();
    for option in common() {
        let field = option.snake();
        match option.kind {
            Kind::Duration { .. } if option.is_optional_duration() => {
                writeln!(text, "check_time(\"{}\", self.{field}.unwrap_or_default())?;", option.name)
                    .unwrap();
            }
            Kind::Duration { .. } => {
                writeln!(text, "check_time(\"{}\", self.{field})?;", option.name).unwrap();
            }
            Kind::Number { most, .. } => {
                writeln!(text, "check_number(\"{}\", self.{field}, {most:?})?;", option.name).unwrap();
            }
            _ => {}
        }
        if option.calls == Calls::Once {
            writeln!(
                text,
                "if self.periodic.is_some() && {} {{ return Err(SubmitError::OnceOnly {{ option: \"{}\" }}); }}",
                says(option, "self"),
                option.name
            )
            .unwrap();
        }
    }
    text
}

/// An expression: whether any option but the priority says something.
pub fn option_says() -> String {
    let says: Vec<_> =
        common().filter(|option| option.name != "priority").map(|option| says(option, "self")).collect();
    says.join(" || ") + "\n"
}

/// Statements that put what is said onto other options.
pub fn option_overlay() -> String {
    common()
        .map(|option| format!("if {} {{ to.{1} = self.{1}; }}\n", says(option, "self"), option.snake()))
        .collect()
}

/// What the engine keeps of the options.
pub fn kept_options() -> String {
    let mut text = String::from(
        "/// What is kept of a task's options as long as the task.\n#[derive(Debug, Clone, PartialEq)]\npub struct Kept {\n",
    );
    text += &fields(kept());
    text += "}\n\nimpl Default for Kept { fn default() -> Self { Kept {\n";
    text += &defaults(kept());
    text += "} } }\n\nimpl<P> TaskOptions<P> {\n/// Whether they say anything that is kept.\n";
    text += "pub(super) fn keep(&self) -> bool {\n";
    text += &kept().map(|option| says(option, "self")).collect::<Vec<_>>().join(" || ");
    text += "\n}\n\n/// Takes that out.\npub(super) fn take_kept(&mut self) -> Kept { Kept {\n";
    for option in kept() {
        let take = if option.is_copied() { "" } else { ".take()" };
        writeln!(text, "{0}: self.{0}{take},", option.snake()).unwrap();
    }
    text += "} }\n}\n";
    text
}

pub fn periodic_fields() -> String {
    fields(periodic())
}

pub fn periodic_defaults() -> String {
    defaults(periodic())
}

/// What the task has, so without what would be if nothing was said.
pub fn info_fields() -> String {
    let mut text = String::new();
    for option in shown() {
        text += &comment("///", option.sentences());
        writeln!(text, "pub {}: {},", option.snake(), type_of(option, ENGINE)).unwrap();
    }
    text
}

pub fn info_values() -> String {
    let mut text = String::new();
    for option in shown() {
        let field = option.snake();
        let value = format!("extra.kept.{field}{}", if option.is_copied() { "" } else { ".clone()" });
        let value = match type_of(option, ENGINE).starts_with("Option<") {
            true => format!("extra.and_then(|extra| {value})"),
            false => format!("extra.map_or({}, |extra| {value})", default_of(option)),
        };
        writeln!(text, "{field}: {value},").unwrap();
    }
    text
}

/// Entries of the map that `taskInfo` gives.
pub fn report() -> String {
    let mut text = String::new();
    for option in shown() {
        let field = format!("info.{}", option.snake());
        let value = match option.kind {
            Kind::Text => format!("text({field}.as_deref().unwrap_or_default())"),
            Kind::Flag => format!("Value::Bool({field})"),
            Kind::Duration { .. } if option.is_optional_duration() => {
                format!("Value::Float({field}.unwrap_or_default().as_secs_f64() * 1_000.0)")
            }
            Kind::Duration { .. } => format!("Value::Float({field}.as_secs_f64() * 1_000.0)"),
            Kind::Number { .. } => format!("Value::Float({field})"),
            Kind::Count { .. } => format!("Value::Int({field} as i64)"),
            Kind::Choice(_) => format!("Value::Int({field} as i64)"),
        };
        writeln!(text, "(\"{}\", {value}),", option.key()).unwrap();
    }
    text
}

/// Methods of the builder.
pub fn setters() -> String {
    let mut text = String::new();
    for option in common() {
        let field = option.snake();
        let empty = if matches!(option.kind, Kind::Text) { " An empty text says nothing." } else { "" };
        text += &comment("///", &(option.documented(Language::Rust) + empty));
        let (argument, value) = match option.kind {
            Kind::Text => {
                (format!("{field}: impl Into<Arc<str>>"), format!("Some({field}.into()).filter(said)"))
            }
            Kind::Flag => (String::new(), "true".to_owned()),
            Kind::Duration { .. } if option.is_optional_duration() => {
                (format!("{field}: Duration"), format!("(!{field}.is_zero()).then_some({field})"))
            }
            _ => (format!("{field}: {}", type_of(option, SERVICE)), field.clone()),
        };
        let argument = if argument.is_empty() { argument } else { format!(", {argument}") };
        writeln!(
            text,
            "pub fn {field}(mut self{argument}) -> Self {{\n self.options.{field} = {value};\n self\n }}\n"
        )
        .unwrap();
    }
    text
}

fn keys<'a>(name: &str, keys: impl Iterator<Item = &'a TaskOption>) -> String {
    let keys: Vec<_> = keys.map(|option| format!("\"{}\"", option.key())).collect();
    format!("pub const {name}: &[&str] = &[{}];\n", keys.join(", "))
}

/// The keys that QML has, and how each is read.
pub fn qml_options() -> String {
    let mut text = String::from("/// The keys that any task may have.\n");
    let scheduled = |option: &&TaskOption| matches!(option.calls, Calls::Scheduled | Calls::Periodic);
    text += &keys("KEYS", OPTIONS.iter().filter(|option| !scheduled(option)));
    text += "/// The keys that a periodic task may have besides.\n";
    text += &keys("PERIODIC_KEYS", OPTIONS.iter().filter(scheduled));
    text += "/// The keys that C++ has taken out before: functions and objects.\n";
    let taken: Vec<_> = BESIDES.iter().map(|besides| format!("\"{}\"", besides.name)).collect();
    writeln!(text, "pub const TAKEN_KEYS: &[&str] = &[{}];\n", taken.join(", ")).unwrap();
    text += "/// Reads one of them into the options, or into the schedule. False for any other key.\n";
    text += "pub fn read(key: &str, value: &Value, what: &str, options: &mut TaskOptions<Value>, schedule: &mut Periodic) \
             -> Result<bool, String> {\nmatch key {\n";
    for option in OPTIONS {
        let to = if option.is_periodic() { "schedule" } else { "options" };
        let read = match option.kind {
            Kind::Text => "text(value, what)?".to_owned(),
            Kind::Flag | Kind::Count { .. } => "typed(value, what)?".to_owned(),
            Kind::Duration { .. } if option.is_optional_duration() => {
                "Some(milliseconds(value, what, 0.0)?).filter(|time| !time.is_zero())".to_owned()
            }
            Kind::Duration { .. } => "milliseconds(value, what, 0.0)?".to_owned(),
            Kind::Number { most, .. } => format!("number(value, what, {most:?})?"),
            Kind::Choice(name) => format!("{}(value, what)?", reader_of(name)),
        };
        writeln!(text, "\"{}\" => {{ {to}.{} = {read}; }}", option.key(), option.snake()).unwrap();
    }
    text += "_ => return Ok(false),\n}\nOk(true)\n}\n";
    for name in choices() {
        let names: Vec<_> =
            enumeration(name).values.iter().map(|value| format!("TaskManager.{}", value.name)).collect();
        let names = listed(&names, "or");
        writeln!(text, "\n/// {names}, by its number.").unwrap();
        writeln!(
            text,
            "pub fn {}(value: &Value, what: &str) -> Result<{QT}{name}, String> {{\nchoice(value, what, \"{names}\", \
             {QT}{name}::from_number)\n}}",
            reader_of(name)
        )
        .unwrap();
    }
    text
}

/// The enumerations that options are of, each once.
fn choices() -> Vec<&'static str> {
    let mut names = Vec::new();
    for option in OPTIONS {
        if let Kind::Choice(name) = option.kind
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

fn reader_of(name: &str) -> String {
    snake(name).trim_start_matches('_').to_owned()
}

/// The fields of the structure that crosses to C++.
pub fn bridge_fields() -> String {
    let mut text = String::new();
    for option in OPTIONS {
        let field = option.snake();
        let line = match option.kind {
            Kind::Text => format!("{field}: QString"),
            Kind::Flag => format!("{field}: bool"),
            Kind::Duration { .. } => format!("{field}_ms: i64"),
            Kind::Number { .. } => format!("{field}: f64"),
            Kind::Count { bits } => format!("{field}: u{bits}"),
            Kind::Choice(_) => format!("{field}: u8"),
        };
        writeln!(text, "{line},").unwrap();
    }
    text
}

fn from_bridge(option: &TaskOption) -> String {
    let field = option.snake();
    match option.kind {
        Kind::Text => format!("{field}: text(&spec.{field}),\n"),
        Kind::Duration { .. } if option.is_optional_duration() => {
            format!(
                "{field}: Some(duration(spec.{field}_ms, \"{}\")?).filter(|time| !time.is_zero()),\n",
                option.name
            )
        }
        Kind::Duration { .. } => format!("{field}: duration(spec.{field}_ms, \"{}\")?,\n", option.name),
        Kind::Choice(name) => {
            let names: Vec<_> = enumeration(name)
                .values
                .iter()
                .map(|value| format!("{} ({})", value.name, value.number))
                .collect();
            format!(
                "{field}: choice(\"{}\", spec.{field}, \"{}\", {QT}{name}::from_number)?,\n",
                option.name,
                listed(&names, "or")
            )
        }
        _ => format!("{field}: spec.{field},\n"),
    }
}

pub fn bridge_options() -> String {
    common().map(from_bridge).collect()
}

pub fn bridge_schedule() -> String {
    periodic().map(from_bridge).collect()
}

pub fn notices() -> String {
    NOTICES.iter().map(|notice| format!("pub const {}: u8 = {};\n", shout(notice.name), notice.bit)).collect()
}

/// How the conformance player says the options in Rust.
pub fn player() -> String {
    let mut text = String::from("/// All keys that a scenario may have.\n");
    text += &keys("KEYS", OPTIONS.iter());
    text += "/// The options of a task, on its builder.\n";
    text += "pub fn set(mut builder: TaskBuilder<Value>, options: &Json) -> TaskBuilder<Value> {\n";
    for option in common() {
        let (key, field) = (option.key(), option.snake());
        let line = match option.kind {
            Kind::Flag => format!("if options[\"{key}\"] == true {{ builder = builder.{field}(); }}"),
            _ => format!(
                "if let Some(value) = {} {{ builder = builder.{field}({}); }}",
                json(option),
                given(option, "value")
            ),
        };
        writeln!(text, "{line}").unwrap();
    }
    text += "builder\n}\n\n/// The options of a schedule.\npub fn set_schedule(schedule: &mut Periodic, options: &Json) {\n";
    for option in periodic() {
        writeln!(
            text,
            "if let Some(value) = {} {{ schedule.{} = {}; }}",
            json(option),
            option.snake(),
            given(option, "value")
        )
        .unwrap();
    }
    text += "}\n";
    text += "/// The options that `taskInfo` shows besides the name and the priority.\n";
    text += &keys("SHOWN", shown());
    text
}

/// What it logs of each, as an arm.
pub fn player_shown() -> String {
    let mut text = String::new();
    for option in shown() {
        let field = format!("info.{}", option.snake());
        let value = match option.kind {
            Kind::Text => format!("{field}.as_deref().unwrap_or_default()"),
            Kind::Choice(_) => format!("{field}.name()"),
            Kind::Duration { .. } if option.is_optional_duration() => {
                format!("{field}.unwrap_or_default().as_millis()")
            }
            Kind::Duration { .. } => format!("{field}.as_millis()"),
            _ => field,
        };
        writeln!(text, "\"{}\" => {value}.to_string(),", option.key()).unwrap();
    }
    text
}

/// The enumerators that QML has, for the test that compares them.
pub fn enumerators() -> String {
    let mut text = String::new();
    for of in ENUMERATIONS.iter().filter(|of| of.in_qml) {
        writeln!(
            text,
            "{TESTS}{0}::ALL.iter().for_each(|value| add(\"{0}\", value.name(), *value as i64));",
            of.name
        )
        .unwrap();
    }
    text
}

/// Each choice of an option, for the test that makes them.
pub fn every_choice() -> String {
    let mut text = String::new();
    for option in OPTIONS {
        if let Kind::Choice(name) = option.kind {
            for value in enumeration(name).values {
                writeln!(text, "(\"{}\", \"{}\"),", option.key(), value.name).unwrap();
            }
        }
    }
    text
}

fn json(option: &TaskOption) -> String {
    let key = option.key();
    match option.kind {
        Kind::Text | Kind::Choice(_) => format!("options[\"{key}\"].as_str()"),
        Kind::Number { .. } => format!("options[\"{key}\"].as_f64()"),
        Kind::Flag => format!("options[\"{key}\"].as_bool()"),
        _ => format!("options[\"{key}\"].as_u64()"),
    }
}

fn given(option: &TaskOption, value: &str) -> String {
    match option.kind {
        Kind::Duration { .. } => format!("Duration::from_millis({value})"),
        Kind::Count { bits: 64 } => value.to_owned(),
        Kind::Count { bits } => format!("u{bits}::try_from({value}).expect(\"a small number\")"),
        Kind::Choice(name) => {
            format!(
                "{TESTS}{name}::ALL.iter().copied().find(|known| known.name() == {value}).expect(\"the {name}\")"
            )
        }
        _ => value.to_owned(),
    }
}
