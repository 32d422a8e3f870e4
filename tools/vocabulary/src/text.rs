//! Spelling, and comments.

use crate::table::{Calls, ENUMERATIONS, Enumeration, Kind, STRUCTURES, Structure, TaskOption};

/// Columns that a comment may have, with its indent.
const WIDTH: usize = 108;

/// `mustRun` as `must_run`.
pub fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// `mustRun` as `MUST_RUN`.
pub fn shout(name: &str) -> String {
    snake(name).trim_start_matches('_').to_uppercase()
}

/// A sentence as a comment at the end of a line.
pub fn aside(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    let rest: String =
        letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default();
    plain(&rest)
}

/// Without the marks of code.
pub fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// A comment of whole lines, each after `lead`.
pub fn comment(lead: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from(lead);
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line != lead {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from(lead);
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push_str(&line);
    lines.push('\n');
    lines
}

/// Entries of a list in QML, in lines.
pub fn entries(indent: &str, entries: &[String]) -> String {
    let mut lines = String::new();
    let mut line = String::from(indent);
    for entry in entries {
        if line.chars().count() + entry.chars().count() > WIDTH && line != indent {
            lines += line.trim_end();
            lines.push('\n');
            line = String::from(indent);
        }
        line += entry;
        line += ", ";
    }
    lines += line.trim_end();
    lines.push('\n');
    lines
}

/// "a, b and c".
pub fn listed(words: &[String], and: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {and} {last}", first.join(", ")),
    }
}

pub fn enumeration(name: &str) -> &'static Enumeration {
    ENUMERATIONS.iter().find(|known| known.name == name).expect("an option's enumeration is in the table")
}

pub fn structure(name: &str) -> &'static Structure {
    STRUCTURES.iter().find(|known| known.name == name).expect("an option's structure is in the table")
}

/// Milliseconds in the largest unit that fits: "30 s".
fn duration(ms: u64) -> String {
    match ms {
        60_000.. if ms.is_multiple_of(60_000) => format!("{} min", ms / 60_000),
        1_000.. if ms.is_multiple_of(1_000) => format!("{} s", ms / 1_000),
        _ => format!("{ms} ms"),
    }
}

impl TaskOption {
    /// Whether it is of a task that runs once, of some kind at least.
    pub fn is_of_any(&self) -> bool {
        matches!(self.calls, Calls::Every | Calls::Once | Calls::Repeatable | Calls::Body)
    }

    pub fn is_periodic(&self) -> bool {
        self.calls == Calls::Periodic
    }

    /// Its name in QML, and in all that says milliseconds by a number.
    pub fn key(&self) -> String {
        match self.kind {
            Kind::Duration { .. } => format!("{}Ms", self.name),
            _ => self.name.to_owned(),
        }
    }

    pub fn snake(&self) -> String {
        snake(self.name)
    }

    /// Of its types in Rust and C++: whether a copy of one is all there is to it.
    pub fn is_copied(&self) -> bool {
        !matches!(self.kind, Kind::Text)
    }

    /// Its sentences without that about the default.
    pub fn sentences(&self) -> &'static str {
        self.about.split(" Default:").next().unwrap_or_default()
    }

    pub fn is_optional_duration(&self) -> bool {
        matches!(self.kind, Kind::Duration { zero: "none", default_ms: 0 })
    }

    /// Its parts, and none of an option that is not made of parts.
    pub fn parts(&self) -> &'static [TaskOption] {
        match self.kind {
            Kind::Parts(name) => structure(name).parts,
            _ => &[],
        }
    }

    /// Itself; or its parts, as they are called where they stand beside the other options.
    pub fn flat(&self) -> Vec<(Option<&TaskOption>, &TaskOption)> {
        match self.parts() {
            [] => vec![(None, self)],
            parts => parts.iter().map(|part| (Some(self), part)).collect(),
        }
    }

    /// The range and the default, as sentences.
    pub fn limits(&self, language: Language) -> String {
        match self.kind {
            // What stands for nothing may be said by the option itself.
            Kind::Text if self.about.contains("Default: ") => String::new(),
            Kind::Text => "Default: none.".to_owned(),
            Kind::Flag => "Default: no.".to_owned(),
            Kind::FlagOn => "Default: yes.".to_owned(),
            Kind::Duration { zero, default_ms } if default_ms > 0 => {
                let default = duration(default_ms);
                match language {
                    Language::Rust => format!("Up to 100 years. Default: {default}; zero: {zero}."),
                    _ => format!("From 0 to 100 years. Default: {default}; 0: {zero}."),
                }
            }
            Kind::Duration { zero, .. } => {
                let unit = if language == Language::Qml { " ms" } else { "" };
                match (language, zero) {
                    (Language::Rust, "none") => "Up to 100 years. Default: none, as is zero.".to_owned(),
                    (Language::Rust, _) => format!("Up to 100 years. Default: zero, {zero}."),
                    _ => format!("From 0{unit} to 100 years. Default: 0, {zero}."),
                }
            }
            Kind::Number { most, default } => {
                format!("Above 0, up to {}. Default: {default}.", thousands(most))
            }
            Kind::Share { most, default } => format!("From 0 to {most}. Default: {default}."),
            Kind::Count { zero, .. } => format!("Default: 0, {zero}."),
            Kind::Limit { default } => format!("From 1. Default: {}.", thousands(f64::from(default))),
            Kind::Date => "Default: none.".to_owned(),
            // They say it themselves.
            Kind::Parts(_) => String::new(),
            Kind::Choice(name) => {
                let default = enumeration(name).default.expect("an option's enumeration has a default");
                match language {
                    // A property that nothing was assigned to.
                    Language::Qml => format!("Default: undefined, which is as {default}."),
                    _ => format!("Default: {default}."),
                }
            }
        }
    }

    pub fn documented(&self, language: Language) -> String {
        let limits = self.limits(language);
        if limits.is_empty() { self.about.to_owned() } else { format!("{} {limits}", self.about) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Language {
    Rust,
    Cpp,
    Qml,
}

pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
