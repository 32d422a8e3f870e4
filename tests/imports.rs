//! Files import in one direction: within the engine without a circle, and between the layers from the faces of
//! Qt to the service, from there to the engine, never back. So a file can be read without those that are above it.
//!
//! What a file imports is what its paths name: in `use` lines, and elsewhere (`super::id::TaskId`). A path names
//! the file of the longest module that it begins with; one that begins with a name that `src/lib.rs` gives on
//! names where that comes from. `tasks`, which it gives on of the service or, with its host, of Qt, counts as the
//! service's: that is what a caller asks. What is compiled for unit tests only may import anything, and is left out.
//! That a method of a type is written in another file than the type is no import: `src/engine/inner.rs` says
//! where the methods of `Inner` are.
//!
//! `cargo test --no-default-features --test imports -- --nocapture` prints what was found, and with
//! `LEGWORK_IMPORTS_OF=DIR/src` that of other sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// From the lowest. Nothing imports from a layer above its own.
const LAYERS: [&str; 4] = ["system", "engine", "service", "qt"];

/// Imports from a layer above, with the reason. Also in ARCHITECTURE.md.
const UPWARDS: [(&str, &str, &str); 2] = [
    (
        "service/opaque.rs",
        "qt/mod.rs",
        "a result of C++ is kept as the object that it is: another box around it would cost an allocation a task",
    ),
    ("service/value.rs", "qt/mod.rs", "and Rust gets it as the value that it means"),
];

/// Circles, with the reason: none in the engine and in the service. Also in ARCHITECTURE.md.
const CIRCLES: [(&[&str], &str); 2] = [
    (
        &["qt/manager.rs", "qt/manager/instance.rs", "qt/managers.rs"],
        "an object puts itself into the list of those that live, and the list tells it what happened",
    ),
    (
        &["qt/model.rs", "qt/model/hub.rs", "qt/model/step.rs"],
        "a model puts itself into the list of those that live, which has each look, and a look asks for the next",
    ),
];

/// Plain data of the engine, which imports plain data alone.
const PLAIN: [&str; 16] = [
    "amount", "changes", "clock", "closing", "config", "crew", "error", "holds", "id", "info", "notice",
    "payload", "record", "sites", "telling", "words",
];

type Module = Vec<String>;

/// Identifiers, `::` and single signs, without comments and literals.
fn tokens(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let at = |place: usize| text.get(place).copied().unwrap_or(' ');
    let (mut tokens, mut place) = (Vec::new(), 0);
    while place < text.len() {
        let begin = place;
        match (at(place), at(place + 1)) {
            ('/', '/') => {
                while place < text.len() && at(place) != '\n' {
                    place += 1;
                }
            }
            ('/', '*') => {
                place += 2;
                while place < text.len() && (at(place), at(place + 1)) != ('*', '/') {
                    place += 1;
                }
                place += 2;
            }
            ('r', '"' | '#') if at(place + 1) == '"' || at(place + 2) == '"' || at(place + 2) == '#' => {
                let signs = (place + 1..).take_while(|place| at(*place) == '#').count();
                place += signs + 2;
                let ends = |place: usize| at(place) == '"' && (1..=signs).all(|sign| at(place + sign) == '#');
                while place < text.len() && !ends(place) {
                    place += 1;
                }
                place += signs + 1;
            }
            ('"', _) => {
                place += 1;
                while place < text.len() && at(place) != '"' {
                    place += if at(place) == '\\' { 2 } else { 1 };
                }
                place += 1;
            }
            // A character, and not a lifetime.
            ('\'', second) if second == '\\' || at(place + 2) == '\'' => {
                place += if second == '\\' { 3 } else { 2 };
                while place < text.len() && at(place) != '\'' {
                    place += 1;
                }
                place += 1;
            }
            (':', ':') => {
                tokens.push("::".to_owned());
                place += 2;
            }
            (sign, _) if sign.is_alphanumeric() || sign == '_' => {
                while at(place).is_alphanumeric() || at(place) == '_' {
                    place += 1;
                }
                tokens.push(text[begin..place].iter().collect());
            }
            (sign, _) => {
                if !sign.is_whitespace() {
                    tokens.push(sign.to_string());
                }
                place += 1;
            }
        }
    }
    tokens
}

fn is_name(token: &str) -> bool {
    token.starts_with(|sign: char| sign.is_alphabetic() || sign == '_')
}

/// The paths of a file, each with the modules within the file in which it stands.
struct Paths {
    tokens: Vec<String>,
    place: usize,
    found: Vec<(Module, Module)>,
    /// The names of the blocks around, where they are modules.
    blocks: Vec<Option<String>>,
}

impl Paths {
    fn of(text: &str) -> Vec<(Module, Module)> {
        let mut paths = Paths { tokens: tokens(text), place: 0, found: Vec::new(), blocks: Vec::new() };
        while paths.place < paths.tokens.len() {
            paths.step();
        }
        paths.found
    }

    fn at(&self, place: usize) -> &str {
        self.tokens.get(place).map_or("", String::as_str)
    }

    fn add(&mut self, path: Module) {
        self.found.push((self.blocks.iter().flatten().cloned().collect(), path));
    }

    /// The place behind what is opened at `place`.
    fn behind(&self, mut place: usize, open: &str, close: &str) -> usize {
        let mut depth = 0;
        loop {
            depth += usize::from(self.at(place) == open);
            depth -= usize::from(self.at(place) == close);
            place += 1;
            if depth == 0 || place >= self.tokens.len() {
                return place;
            }
        }
    }

    fn step(&mut self) {
        let place = self.place;
        match self.at(place) {
            "#" if self.at(place + 1) == "[" => {
                let end = self.behind(place + 1, "[", "]");
                let names: Vec<_> =
                    (place..end).map(|place| self.at(place)).filter(|token| is_name(token)).collect();
                let for_tests =
                    names.starts_with(&["cfg", "test"]) || names.starts_with(&["cfg", "all", "test"]);
                self.place = if for_tests { self.behind_item(end) } else { place + 2 };
            }
            "mod" if self.at(place + 2) == "{" => {
                self.blocks.push(Some(self.at(place + 1).to_owned()));
                self.place += 3;
            }
            "{" => {
                self.blocks.push(None);
                self.place += 1;
            }
            "}" => {
                self.blocks.pop();
                self.place += 1;
            }
            "use" => self.place = self.tree(place + 1, &[]),
            name if is_name(name)
                && self.at(place + 1) == "::"
                && (place == 0 || self.at(place - 1) != "::") =>
            {
                let mut path = vec![name.to_owned()];
                self.place += 1;
                while self.at(self.place) == "::" && is_name(self.at(self.place + 1)) {
                    path.push(self.at(self.place + 1).to_owned());
                    self.place += 2;
                }
                self.add(path);
            }
            _ => self.place += 1,
        }
    }

    /// The place behind an item: its body, or its semicolon.
    fn behind_item(&self, mut place: usize) -> usize {
        while !matches!(self.at(place), "{" | ";" | "") {
            place += 1;
        }
        if self.at(place) == "{" { self.behind(place, "{", "}") } else { place + 1 }
    }

    /// What a `use` names from `place` on, after `before`; the place behind it.
    fn tree(&mut self, mut place: usize, before: &[String]) -> usize {
        let mut path = before.to_vec();
        loop {
            match self.at(place) {
                "{" => {
                    place += 1;
                    while !matches!(self.at(place), "}" | "") {
                        place = self.tree(place, &path);
                        place += usize::from(self.at(place) == ",");
                    }
                    return place + 1;
                }
                name => path.push(name.to_owned()),
            }
            place += 1;
            if self.at(place) != "::" {
                break;
            }
            place += 1;
        }
        place += if self.at(place) == "as" { 2 } else { 0 };
        self.add(path);
        place
    }
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The files of the library, and which others each imports.
struct Graph(BTreeMap<String, BTreeSet<String>>);

impl Graph {
    fn of(root: &Path) -> Self {
        let mut paths = Vec::new();
        sources(root, &mut paths);
        let name = |path: &PathBuf| {
            path.strip_prefix(root).expect("it is below").display().to_string().replace('\\', "/")
        };
        // Those are modules of unit tests, in files of their own.
        let names: Vec<_> = paths.iter().map(name).filter(|name| !name.ends_with("_tests.rs")).collect();
        let modules: BTreeMap<Module, &String> = names.iter().map(|name| (module(name), name)).collect();
        let found: BTreeMap<&String, Vec<(Module, Module)>> = names
            .iter()
            .map(|name| (name, Paths::of(&std::fs::read_to_string(root.join(name)).expect("a text"))))
            .collect();
        let target = |file: &String, (blocks, path): &(Module, Module)| {
            let mut base = [module(file), blocks.clone()].concat();
            let mut rest = path.as_slice();
            match rest[0].as_str() {
                "crate" => (base, rest) = (Vec::new(), &rest[1..]),
                "self" | "super" => {
                    while let Some(first @ ("self" | "super")) = rest.first().map(String::as_str) {
                        if first == "super" {
                            base.pop();
                        }
                        rest = &rest[1..];
                    }
                }
                // Else a crate, a type, or something of this file.
                child if modules.contains_key(&[base.clone(), vec![child.to_owned()]].concat()) => {}
                _ => return None,
            }
            let whole = [base, rest.to_vec()].concat();
            let known = (0..=whole.len()).rev().find(|end| modules.contains_key(&whole[..*end]))?;
            Some((modules[&whole[..known]].clone(), whole.get(known).cloned()))
        };
        let given_on: BTreeMap<String, String> = found
            .iter()
            .filter(|(file, _)| **file == "lib.rs")
            .flat_map(|(file, paths)| paths.iter().map(move |path| (*file, path)))
            .filter_map(|(file, path)| Some((path.1.last()?.clone(), target(file, path)?.0)))
            .collect();
        let imports = |(file, paths): (&&String, &Vec<(Module, Module)>)| {
            let targets = paths.iter().filter_map(|path| target(file, path)).map(|(target, item)| {
                let from = item.as_ref().and_then(|item| given_on.get(item)).filter(|_| target == "lib.rs");
                from.cloned().unwrap_or(target)
            });
            ((*file).clone(), targets.filter(|target| target != *file).collect())
        };
        Graph(found.iter().map(imports).collect())
    }

    fn reached<'a>(&'a self, from: &str) -> BTreeSet<&'a str> {
        let (mut reached, mut next) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(file) = next.pop() {
            for file in self.0[&file].iter().filter(|file| layer(file) == layer(from)) {
                if reached.insert(file.as_str()) {
                    next.push(file.clone());
                }
            }
        }
        reached
    }

    /// The files of a layer that import each other, directly or through others: the strongly connected
    /// components of more than one file.
    fn circles(&self, of: &str) -> Vec<Vec<&str>> {
        let files: Vec<&str> =
            self.0.keys().map(String::as_str).filter(|file| layer(file) == Some(of)).collect();
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            files.iter().map(|file| (*file, self.reached(file))).collect();
        let mut circles = Vec::new();
        for file in &files {
            let circle: Vec<&str> = files
                .iter()
                .copied()
                .filter(|other| {
                    other == file || reached[file].contains(other) && reached[other].contains(file)
                })
                .collect();
            if circle.len() > 1 && circle[0] == *file {
                circles.push(circle);
            }
        }
        circles
    }

    /// Imports from a layer above.
    fn upwards(&self) -> Vec<(&str, &str)> {
        let rank = |file: &str| layer(file).and_then(|of| LAYERS.iter().position(|layer| *layer == of));
        let edges =
            self.0.iter().flat_map(|(from, to)| to.iter().map(move |to| (from.as_str(), to.as_str())));
        // `lib.rs` is above all.
        edges
            .filter(|(from, to)| rank(from).is_some_and(|from| rank(to).is_none_or(|to| to > from)))
            .collect()
    }
}

/// The folder of a file, below `src`.
fn layer(file: &str) -> Option<&str> {
    file.split_once('/').map(|(folder, _)| folder)
}

/// The module that a file is.
fn module(file: &str) -> Module {
    let mut module: Module = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    module
}

#[test]
fn files_import_in_one_direction() {
    // Another's sources, to count their circles.
    let other = std::env::var_os("LEGWORK_IMPORTS_OF").map(PathBuf::from);
    let graph = Graph::of(&other.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
    let mut wrong = Vec::new();
    let mut circles = Vec::new();
    for of in LAYERS {
        let files = graph.0.keys().filter(|file| layer(file) == Some(of)).count();
        let found = graph.circles(of);
        let sizes: Vec<_> = found.iter().map(Vec::len).collect();
        println!("{of}: {files} files, {} circles {sizes:?}", found.len());
        circles.extend(found);
    }
    for circle in &circles {
        if !CIRCLES.iter().any(|(known, _)| known == circle) {
            wrong
                .push(format!("a circle of imports: {}; move what they share below them", circle.join(", ")));
        }
    }
    for (known, _) in CIRCLES {
        if !circles.iter().any(|circle| circle == known) {
            wrong.push(format!(
                "there is no such circle any more, take it out of CIRCLES: {}",
                known.join(", ")
            ));
        }
    }
    let upwards = graph.upwards();
    for (from, to) in &upwards {
        if !UPWARDS.iter().any(|(known, above, _)| (known, above) == (from, to)) {
            wrong.push(format!("{from} imports {to}, which is above it; hand it in from there"));
        }
    }
    for (from, to, _) in UPWARDS {
        if !upwards.contains(&(from, to)) {
            wrong.push(format!("{from} does not import {to} any more, take it out of UPWARDS"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn plain_data_lies_below_all_that_changes_it() {
    let graph = Graph::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    // The atomics of the virtual clock.
    let plain =
        |file: &str| file == "engine/sync.rs" || PLAIN.iter().any(|name| file == format!("engine/{name}.rs"));
    for name in PLAIN {
        let above: Vec<_> =
            graph.0[&format!("engine/{name}.rs")].iter().filter(|file| !plain(file)).collect();
        assert!(above.is_empty(), "{name}.rs is plain data, and imports {above:?}");
    }
}

/// The exceptions are told where the layers are.
#[test]
fn the_exceptions_are_in_the_map() {
    let map = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md"))
        .expect("the map");
    let files = CIRCLES.iter().flat_map(|(circle, _)| circle.iter());
    let files = files.chain(UPWARDS.iter().flat_map(|(from, to, _)| [from, to]));
    let missing: Vec<_> = files.filter(|file| !map.contains(&format!("`{file}`"))).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md does not name {missing:?}");
    let reasons = CIRCLES.iter().map(|(_, why)| why).chain(UPWARDS.iter().map(|(_, _, why)| why));
    let words = map.split_whitespace().collect::<Vec<_>>().join(" ");
    let untold: Vec<_> = reasons.filter(|why| !words.contains(**why)).collect();
    assert!(untold.is_empty(), "ARCHITECTURE.md does not give these reasons: {untold:?}");
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let text = r#"
        use super::{a::{self, B}, c as d}; // use super::not;
        pub(super) mod inner { fn f<'a>(x: &'a str) -> crate::e::F { 'x'; "super::no"; super::super::g::h() } }
        #[cfg(test)]
        mod tests { use super::tests_only; }
        #[error("{0}", super::i::J)]
    "#;
    let found = Paths::of(text);
    let found: Vec<_> = found.iter().map(|(blocks, path)| (blocks.join("::"), path.join("::"))).collect();
    let expected = [
        ("", "super::a::self"),
        ("", "super::a::B"),
        ("", "super::c"),
        ("inner", "crate::e::F"),
        ("inner", "super::super::g::h"),
        ("", "super::i::J"),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(blocks, path)| (blocks.to_string(), path.to_string())).collect();
    assert_eq!(found, expected);
}
