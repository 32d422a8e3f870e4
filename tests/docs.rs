//! The guides quote files that are compiled and run, and the quotes are what those files say.
//!
//! A quote is a block of code after the comment `<!-- path -->`, the whole file, or
//! `<!-- path: name -->`, what is there between two lines `//! [name]`, or `// [name]` in Rust and `# [name]` in
//! CMake, moved to the left. Each block of C++ or CMake that is longer than two lines has to be one.

use std::{fs, path::Path};

struct Block {
    line: usize,
    language: String,
    quoted: Option<String>,
    text: String,
}

fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut quoted = None;
    let mut lines = markdown.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(comment) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) {
            quoted = Some(comment.to_owned());
        } else if let Some(language) = line.strip_prefix("```") {
            let text = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            let text = text.flat_map(|line| [line, "\n"]).collect();
            blocks.push(Block {
                line: number + 1,
                language: language.to_owned(),
                quoted: quoted.take(),
                text,
            });
        } else if !line.is_empty() {
            quoted = None;
        }
    }
    blocks
}

/// What a file says between two marks, moved to the left, without the marks of other parts.
fn part(file: &str, name: Option<&str>) -> Option<String> {
    let is_mark = |line: &str| {
        let line = line.trim_start();
        line.ends_with(']') && ["//! [", "// [", "# ["].iter().any(|mark| line.starts_with(mark))
    };
    let Some(name) = name else { return Some(file.to_owned()) };
    let mark = format!(" [{name}]");
    let mut inside = file.lines().skip_while(|line| !(is_mark(line) && line.ends_with(&mark)));
    inside.next()?;
    let mut lines = Vec::new();
    loop {
        let line = inside.next()?;
        match is_mark(line) {
            true if line.ends_with(&mark) => break,
            true => {}
            false => lines.push(line),
        }
    }
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let left = lines.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    Some(lines.iter().flat_map(|line| [line.get(left..).unwrap_or(""), "\n"]).collect())
}

#[test]
fn the_guides_quote_what_is_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut guides = vec![root.join("README.md")];
    guides
        .extend(fs::read_dir(root.join("docs")).expect("docs").map(|entry| entry.expect("an entry").path()));
    guides.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut wrong = Vec::new();
    let mut quotes = 0;
    for guide in guides {
        for block in blocks(&fs::read_to_string(&guide).expect("a guide")) {
            let place = format!("{}:{}", guide.strip_prefix(root).expect("below").display(), block.line);
            let Some(quoted) = block.quoted else {
                if ["cpp", "cmake"].contains(&&*block.language) && block.text.lines().count() > 2 {
                    wrong.push(format!("{place}: not a quote of a file; put <!-- path: name --> above it"));
                }
                continue;
            };
            quotes += 1;
            let (path, name) = match quoted.split_once(": ") {
                Some((path, name)) => (path, Some(name)),
                None => (&*quoted, None),
            };
            match fs::read_to_string(root.join(path)).ok().and_then(|file| part(&file, name)) {
                None => wrong.push(format!("{place}: there is no {quoted}")),
                Some(text) if text != block.text => {
                    wrong.push(format!("{place}: differs from {quoted}, which says:\n{text}"));
                }
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(quotes > 0, "no quotes were found");
}

/// Lines that are neither blank nor a comment alone: `grep -cvE '^\s*(//.*)?$'`.
fn size(text: &str) -> usize {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

/// Each link to a file whose text is a number says how large the file is.
#[test]
fn the_sizes_that_the_guide_says_are_those_of_the_files() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let guide = fs::read_to_string(docs.join("scheduling.md")).expect("the guide");
    let mut wrong = Vec::new();
    let mut found = 0;
    for (before, rest) in guide.split('[').skip(1).filter_map(|link| link.split_once("](")) {
        let (Ok(said), Some((path, _))) = (before.parse::<usize>(), rest.split_once(')')) else { continue };
        found += 1;
        let is = size(&fs::read_to_string(docs.join(path)).expect(path));
        if is != said {
            wrong.push(format!("{path} has {is} lines, and not {said}"));
        }
    }
    assert!(wrong.is_empty(), "docs/scheduling.md:\n{}", wrong.join("\n"));
    let examples = fs::read_dir(docs.join("../examples")).expect("examples");
    let both = examples.filter(|example| {
        example.as_ref().is_ok_and(|example| example.path().join("without_legwork.cpp").exists())
    });
    assert_eq!(found, 4 * both.count(), "each example that is there twice, in four files");
    assert_eq!(size("a\n\n  // b\n//! [c]\nd // e\n"), 2);
}
