//! What Rust has of the table.

use std::fmt::Write;

use crate::table::{
    BESIDES, Calls, ENUMERATIONS, Enumeration, GROUP_OPTIONS, Kept, Kind, NOTICES, OF_WORK, OPTIONS,
    STRUCTURES, Structure, TaskOption,
};
use crate::text::{Language, comment, enumeration, listed, shout, snake, structure};

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
const HERE: &str = "";
const ENGINE: &str = "words::";
const SERVICE: &str = "engine::";
const QT: &str = "crate::";
const TESTS: &str = "legwork::";

fn type_of(option: &TaskOption, scope: &str) -> String {
    match option.kind {
        Kind::Text => "Option<Arc<str>>".to_owned(),
        Kind::Flag | Kind::FlagOn => "bool".to_owned(),
        Kind::Duration { .. } if option.is_optional_duration() => "Option<Duration>".to_owned(),
        Kind::Duration { .. } => "Duration".to_owned(),
        Kind::Number { .. } | Kind::Share { .. } => "f64".to_owned(),
        Kind::Count { bits, .. } => format!("u{bits}"),
        Kind::Limit { .. } => "u32".to_owned(),
        Kind::Date => "Option<SystemTime>".to_owned(),
        Kind::Choice(name) | Kind::Parts(name) => format!("{scope}{name}"),
    }
}

fn default_of(option: &TaskOption, scope: &str) -> String {
    match option.kind {
        Kind::Text => "None".to_owned(),
        Kind::Flag => "false".to_owned(),
        Kind::FlagOn => "true".to_owned(),
        Kind::Duration { .. } if option.is_optional_duration() => "None".to_owned(),
        Kind::Duration { default_ms: 0, .. } => "Duration::ZERO".to_owned(),
        Kind::Duration { default_ms, .. } if default_ms.is_multiple_of(1_000) => {
            format!("Duration::from_secs({})", default_ms / 1_000)
        }
        Kind::Duration { default_ms, .. } => format!("Duration::from_millis({default_ms})"),
        Kind::Number { default, .. } | Kind::Share { default, .. } => format!("{default:?}"),
        Kind::Count { .. } => "0".to_owned(),
        Kind::Limit { default } => default.to_string(),
        Kind::Date => "None".to_owned(),
        Kind::Parts(name) => format!("{scope}{name}::default()"),
        Kind::Choice(name) => format!("{scope}{name}::{}", enumeration(name).default.expect("a default")),
    }
}

/// An expression that is true where the option says something.
fn says(option: &TaskOption, of: &str) -> String {
    let field = format!("{of}.{}", option.snake());
    match option.kind {
        Kind::Text | Kind::Date => format!("{field}.is_some()"),
        Kind::Flag => field,
        Kind::FlagOn => format!("!{field}"),
        Kind::Duration { .. } if option.is_optional_duration() => format!("{field}.is_some()"),
        Kind::Duration { default_ms: 0, .. } => format!("!{field}.is_zero()"),
        _ => format!("{field} != {}", default_of(option, ENGINE)),
    }
}

fn fields<'a>(options: impl Iterator<Item = &'a TaskOption>, scope: &str) -> String {
    let mut text = String::new();
    for option in options {
        text += &comment("///", &option.documented(Language::Rust));
        writeln!(text, "pub {}: {},", option.snake(), type_of(option, scope)).unwrap();
    }
    text
}

fn defaults<'a>(options: impl Iterator<Item = &'a TaskOption>, scope: &str) -> String {
    options.map(|option| format!("{}: {},\n", option.snake(), default_of(option, scope))).collect()
}

pub fn enumerations() -> String {
    ENUMERATIONS.iter().map(enumeration_text).collect()
}

pub fn structures() -> String {
    STRUCTURES.iter().map(structure_text).collect()
}

fn structure_text(of: &Structure) -> String {
    let mut text = comment("///", of.about);
    writeln!(text, "#[derive(Debug, Clone, Copy, PartialEq)]\npub struct {} {{", of.name).unwrap();
    text += &fields(of.parts.iter(), HERE);
    writeln!(text, "}}\n\nimpl Default for {} {{ fn default() -> Self {{ {0} {{", of.name).unwrap();
    text += &defaults(of.parts.iter(), HERE);
    text += "} } }\n\n";
    text
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
    let enumerations = ENUMERATIONS.iter().map(|known| known.name);
    let mut names: Vec<_> = enumerations.chain(STRUCTURES.iter().map(|known| known.name)).collect();
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
    fields(common(), ENGINE)
}

pub fn option_defaults() -> String {
    defaults(common(), ENGINE)
}

/// Statements that return an error for what is not possible.
pub fn option_checks() -> String {
    let mut text = String::new();
    for option in common() {
        for (whole, part) in option.flat() {
            let (name, field) = match whole {
                Some(whole) => {
                    (format!("{}.{}", whole.name, part.name), format!("{}.{}", whole.snake(), part.snake()))
                }
                None => (part.name.to_owned(), part.snake()),
            };
            let line = match part.kind {
                Kind::Duration { .. } if part.is_optional_duration() => {
                    format!("check_time(\"{name}\", self.{field}.unwrap_or_default())?;")
                }
                Kind::Duration { .. } => format!("check_time(\"{name}\", self.{field})?;"),
                Kind::Number { most, .. } => format!("check_number(\"{name}\", self.{field}, {most:?})?;"),
                Kind::Share { most, .. } => format!("check_share(\"{name}\", self.{field}, {most:?})?;"),
                Kind::Limit { .. } => format!("check_limit(\"{name}\", self.{field})?;"),
                _ => continue,
            };
            writeln!(text, "{line}").unwrap();
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
    text += &fields(kept(), ENGINE);
    text += "}\n\nimpl Default for Kept { fn default() -> Self { Kept {\n";
    text += &defaults(kept(), ENGINE);
    text += "} } }\n\nimpl<P> TaskOptions<P> {\n/// Whether they say anything that is kept.\n";
    text += "pub(super) fn keep(&self) -> bool {\n";
    text += &kept().map(|option| says(option, "self")).collect::<Vec<_>>().join(" || ");
    text += "\n}\n\n/// Takes that out.\npub(super) fn take_kept(&mut self) -> Kept { Kept {\n";
    for option in kept() {
        let take = if option.is_copied() { "" } else { ".take()" };
        writeln!(text, "{0}: self.{0}{take},", option.snake()).unwrap();
    }
    text += "} }\n\n/// Puts it back.\npub(super) fn put_kept_back(&mut self, kept: &Kept) {\n";
    for option in kept() {
        let clone = if option.is_copied() { "" } else { ".clone()" };
        writeln!(text, "self.{0} = kept.{0}{clone};", option.snake()).unwrap();
    }
    text += "}\n}\n";
    text
}

pub fn periodic_fields() -> String {
    fields(periodic(), ENGINE)
}

pub fn periodic_defaults() -> String {
    defaults(periodic(), ENGINE)
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
        let value = match option.kind {
            Kind::Flag => format!("extra.is_some_and(|extra| {value})"),
            _ if type_of(option, ENGINE).starts_with("Option<") => format!("extra.and_then(|extra| {value})"),
            _ => format!("extra.map_or({}, |extra| {value})", default_of(option, ENGINE)),
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
            Kind::Flag | Kind::FlagOn => format!("Value::Bool({field})"),
            Kind::Duration { .. } if option.is_optional_duration() => {
                format!("Value::Float({field}.unwrap_or_default().as_secs_f64() * 1_000.0)")
            }
            Kind::Duration { .. } => format!("Value::Float({field}.as_secs_f64() * 1_000.0)"),
            Kind::Number { .. } | Kind::Share { .. } => format!("Value::Float({field})"),
            Kind::Count { .. } | Kind::Limit { .. } | Kind::Choice(_) => {
                format!("Value::Int({field} as i64)")
            }
            Kind::Date | Kind::Parts(_) => panic!("{} has no form in taskInfo; keep it unshown", option.name),
        };
        writeln!(text, "(\"{}\", {value}),", option.key()).unwrap();
    }
    text
}

/// Methods of every builder.
pub fn setters() -> String {
    setters_of(common().filter(|option| !matches!(option.calls, Calls::Repeatable | Calls::Body)))
}

/// Methods of a builder whose work is a body.
pub fn body_setters() -> String {
    setters_of(common().filter(|option| option.calls == Calls::Body))
}

/// Methods of a builder whose work can run again.
pub fn repeatable_setters() -> String {
    setters_of(common().filter(|option| option.calls == Calls::Repeatable))
}

fn setters_of<'a>(options: impl Iterator<Item = &'a TaskOption>) -> String {
    let mut text = String::new();
    for option in options {
        let field = option.snake();
        let empty = if matches!(option.kind, Kind::Text) { " An empty text says nothing." } else { "" };
        text += &comment("///", &(option.documented(Language::Rust) + empty));
        let (argument, value) = match option.kind {
            Kind::Text => {
                (format!("{field}: impl Into<Arc<str>>"), format!("Some({field}.into()).filter(said)"))
            }
            Kind::Flag => (String::new(), "true".to_owned()),
            Kind::FlagOn => (format!("{field}: bool"), field.clone()),
            Kind::Duration { .. } if option.is_optional_duration() => {
                (format!("{field}: Duration"), format!("(!{field}.is_zero()).then_some({field})"))
            }
            Kind::Parts(name) => (format!("{field}: impl Into<{SERVICE}{name}>"), format!("{field}.into()")),
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
    text += "/// The keys that a group may have besides.\n";
    text += &keys("GROUP_KEYS", GROUP_OPTIONS.iter());
    text += "/// The keys that are for a body, and so not for external work.\n";
    text += &keys("BODY_KEYS", OPTIONS.iter().filter(|option| option.calls == Calls::Body));
    text += "/// The keys that are for work, and so for no group.\n";
    let of_work: Vec<_> = OF_WORK
        .iter()
        .map(|name| {
            let option = OPTIONS.iter().find(|option| option.name == *name);
            format!("\"{}\"", option.map_or((*name).to_owned(), TaskOption::key))
        })
        .collect();
    writeln!(text, "pub const WORK_KEYS: &[&str] = &[{}];", of_work.join(", ")).unwrap();
    text += "/// The keys that C++ has taken out before: functions and objects.\n";
    let taken: Vec<_> = BESIDES
        .iter()
        .filter(|besides| besides.taken)
        .map(|besides| format!("\"{}\"", besides.name))
        .collect();
    writeln!(text, "pub const TAKEN_KEYS: &[&str] = &[{}];", taken.join(", ")).unwrap();
    text += "/// The signals that what is declared has in place of functions.\n";
    let signals: Vec<_> = BESIDES
        .iter()
        .filter(|besides| !besides.signal.is_empty())
        .map(|besides| format!("(\"{}\", \"{}\")", besides.name, besides.signal))
        .collect();
    writeln!(text, "pub const SIGNALS: &[(&str, &str)] = &[{}];\n", signals.join(", ")).unwrap();
    text += "/// Reads one of them into the options, or into the schedule. False for any other key.\n";
    text += "pub fn read(key: &str, value: &Value, what: &str, options: &mut TaskOptions<Value>, schedule: &mut Periodic) \
             -> Result<bool, String> {\nmatch key {\n";
    for option in OPTIONS {
        let to = if option.is_periodic() { "schedule" } else { "options" };
        let read = from_value(option, "what");
        writeln!(text, "\"{}\" => {{ {to}.{} = {read}; }}", option.key(), option.snake()).unwrap();
    }
    text += "_ => return Ok(false),\n}\nOk(true)\n}\n";
    for of in STRUCTURES {
        text += &structure_reader(of);
    }
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

fn from_value(option: &TaskOption, what: &str) -> String {
    match option.kind {
        Kind::Text => format!("text(value, {what})?"),
        Kind::Flag | Kind::FlagOn | Kind::Count { .. } | Kind::Limit { .. } => {
            format!("typed(value, {what})?")
        }
        Kind::Duration { .. } if option.is_optional_duration() => {
            format!("Some(milliseconds(value, {what}, 0.0)?).filter(|time| !time.is_zero())")
        }
        Kind::Duration { .. } => format!("milliseconds(value, {what}, 0.0)?"),
        Kind::Number { most, .. } => format!("number(value, {what}, {most:?})?"),
        Kind::Share { most, .. } => format!("share(value, {what}, {most:?})?"),
        Kind::Date => format!("Some(date(value, {what})?)"),
        Kind::Choice(name) | Kind::Parts(name) => format!("{}(value, {what})?", reader_of(name)),
    }
}

/// Reads a structure from an object, or its first part alone.
fn structure_reader(of: &Structure) -> String {
    let (name, reader, first) = (of.name, reader_of(of.name), &of.parts[0]);
    let known: Vec<_> = of.parts.iter().map(TaskOption::key).collect();
    let known = listed(&known, "and");
    let mut text = format!("\n/// A {name} from an object, or from {} alone.\n", of.short);
    writeln!(text, "pub fn {reader}(value: &Value, what: &str) -> Result<{QT}{name}, String> {{").unwrap();
    writeln!(text, "let known = \"{known}\";\nlet mut parts = {QT}{name}::default();").unwrap();
    text += "let map = match value {\nValue::Map(map) => map,\n";
    writeln!(
        text,
        "Value::Int(_) | Value::UInt(_) | Value::Float(_) => {{ parts.{} = {}; return Ok(parts); }}",
        first.snake(),
        from_value(first, "what")
    )
    .unwrap();
    writeln!(
        text,
        "_ => {{ return Err(format!(\"{{what}} is {{}}; expected {}, or an object with {{known}}, or some of them\", \
         value.describe())); }}\n}};",
        of.short
    )
    .unwrap();
    text +=
        "for (key, value) in map.iter() {\nlet what = &format!(\"{what}.{key}\");\nmatch key.as_str() {\n";
    text += "// What is undefined was left out.\n_ if matches!(value, Value::Undefined) => {}\n";
    for part in of.parts {
        let read = from_value(part, "what");
        writeln!(text, "\"{}\" => {{ parts.{} = {read}; }}", part.key(), part.snake()).unwrap();
    }
    text += "_ => return Err(format!(\"{what} is unknown; there are {known}\")),\n";
    text += "}\n}\nOk(parts)\n}\n";
    text
}

/// The enumerations that options are of, each once.
fn choices() -> Vec<&'static str> {
    let mut names = Vec::new();
    for (_, option) in OPTIONS.iter().chain(GROUP_OPTIONS).flat_map(TaskOption::flat) {
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
    for (whole, option) in OPTIONS.iter().flat_map(TaskOption::flat) {
        let field = bridge_field(whole, option);
        let line = match option.kind {
            Kind::Text => format!("{field}: QString"),
            Kind::Flag | Kind::FlagOn => format!("{field}: bool"),
            Kind::Duration { .. } | Kind::Date => format!("{field}: i64"),
            Kind::Number { .. } | Kind::Share { .. } => format!("{field}: f64"),
            Kind::Count { bits, .. } => format!("{field}: u{bits}"),
            Kind::Limit { .. } => format!("{field}: u32"),
            Kind::Choice(_) => format!("{field}: u8"),
            Kind::Parts(_) => panic!("{} has parts within a part", option.name),
        };
        writeln!(text, "{line},").unwrap();
    }
    text
}

/// Its name beside those of all others: a part has the name of the whole before it.
pub fn bridge_field(whole: Option<&TaskOption>, option: &TaskOption) -> String {
    let field = match whole {
        Some(whole) => format!("{}_{}", whole.snake(), option.snake()),
        None => option.snake(),
    };
    match option.kind {
        Kind::Duration { .. } | Kind::Date => format!("{field}_ms"),
        _ => field,
    }
}

fn from_bridge(option: &TaskOption) -> String {
    let Kind::Parts(name) = option.kind else { return part_from_bridge(None, option) };
    let parts: String =
        structure(name).parts.iter().map(|part| part_from_bridge(Some(option), part)).collect();
    format!("{}: {QT}{name} {{\n{parts}}},\n", option.snake())
}

fn part_from_bridge(whole: Option<&TaskOption>, option: &TaskOption) -> String {
    let (field, from) = (option.snake(), bridge_field(whole, option));
    let name = match whole {
        Some(whole) => format!("{}.{}", whole.name, option.name),
        None => option.name.to_owned(),
    };
    match option.kind {
        Kind::Text => format!("{field}: text(&spec.{from}),\n"),
        Kind::Date => format!("{field}: date(spec.{from}),\n"),
        Kind::Duration { .. } if option.is_optional_duration() => {
            format!("{field}: Some(duration(spec.{from}, \"{name}\")?).filter(|time| !time.is_zero()),\n")
        }
        Kind::Duration { .. } => format!("{field}: duration(spec.{from}, \"{name}\")?,\n"),
        Kind::Choice(of) => {
            let names: Vec<_> = enumeration(of)
                .values
                .iter()
                .map(|value| format!("{} ({})", value.name, value.number))
                .collect();
            format!(
                "{field}: choice(\"{name}\", spec.{from}, \"{}\", {QT}{of}::from_number)?,\n",
                listed(&names, "or")
            )
        }
        _ => format!("{field}: spec.{from},\n"),
    }
}

pub fn bridge_options() -> String {
    common().map(from_bridge).collect()
}

pub fn bridge_schedule() -> String {
    periodic().map(from_bridge).collect()
}

pub fn notices() -> String {
    NOTICES
        .iter()
        .map(|notice| format!("pub const {}: u16 = {};\n", shout(notice.name), notice.bit))
        .collect()
}

/// How the conformance player says the options in Rust.
pub fn player() -> String {
    let mut text = String::from("/// All keys that a scenario may have.\n");
    text += &keys("KEYS", OPTIONS.iter());
    text += "/// The options of a task, on its builder.\n";
    text += "pub fn set(mut builder: TaskBuilder<Value, RunsAgain>, options: &Json) -> TaskBuilder<Value, RunsAgain> {\n";
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
    text += "builder\n}\n";
    for of in STRUCTURES {
        let (name, reader, first) = (of.name, reader_of(of.name), &of.parts[0]);
        writeln!(
            text,
            "\n/// An object, or {} alone.\nfn {reader}(from: &Json) -> {TESTS}{name} {{",
            of.short
        )
        .unwrap();
        writeln!(text, "let mut parts = {TESTS}{name}::default();").unwrap();
        writeln!(
            text,
            "if let Some(value) = {} {{ parts.{} = {}; return parts; }}",
            json_as(first, "from".to_owned()),
            first.snake(),
            given(first, "value")
        )
        .unwrap();
        for part in of.parts {
            writeln!(
                text,
                "if let Some(value) = {} {{ parts.{} = {}; }}",
                json_as(part, format!("from[\"{}\"]", part.key())),
                part.snake(),
                given(part, "value")
            )
            .unwrap();
        }
        text += "parts\n}\n";
    }
    text +=
        "\n/// The options of a schedule.\npub fn set_schedule(schedule: &mut Periodic, options: &Json) {\n";
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
        Kind::Parts(_) => format!("options.get(\"{key}\")"),
        _ => json_as(option, format!("options[\"{key}\"]")),
    }
}

fn json_as(option: &TaskOption, json: String) -> String {
    match option.kind {
        Kind::Text | Kind::Choice(_) => format!("{json}.as_str()"),
        Kind::Number { .. } | Kind::Share { .. } => format!("{json}.as_f64()"),
        Kind::Flag | Kind::FlagOn => format!("{json}.as_bool()"),
        _ => format!("{json}.as_u64()"),
    }
}

fn given(option: &TaskOption, value: &str) -> String {
    match option.kind {
        Kind::Duration { .. } => format!("Duration::from_millis({value})"),
        Kind::Count { bits: 64, .. } => value.to_owned(),
        Kind::Date => format!("Some(UNIX_EPOCH + Duration::from_millis({value}))"),
        Kind::Parts(name) => format!("{}({value})", reader_of(name)),
        Kind::Count { bits, .. } => format!("u{bits}::try_from({value}).expect(\"a small number\")"),
        Kind::Limit { .. } => format!("u32::try_from({value}).expect(\"a small number\")"),
        Kind::Choice(name) => {
            format!(
                "{TESTS}{name}::ALL.iter().copied().find(|known| known.name() == {value}).expect(\"the {name}\")"
            )
        }
        _ => value.to_owned(),
    }
}
