//! `BEHAVIOURS.md` says what the tests hold: each behaviour once and in order, and beside it the files that have its
//! number. A number in this file, or in a list of tests to run (`main.rs`), holds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Paths from `tests/`, as the table has them.
type Files = BTreeSet<String>;

struct Row {
    number: u32,
    files: Files,
}

/// What is wrong with the table's form goes into `wrong`.
fn rows(table: &str, wrong: &mut Vec<String>) -> Vec<Row> {
    let mut rows = Vec::new();
    for line in table.lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let Some(Ok(number)) = cells.get(1).map(|cell| cell.parse()) else { continue };
        let &[_, _, behaviour, tests, _] = &cells[..] else {
            wrong.push(format!("{number}: a row has three cells: {line}"));
            continue;
        };
        if behaviour.is_empty() {
            wrong.push(format!("{number}: it does not say what the behaviour is"));
        }
        let files: Files = match tests.strip_prefix("no test: ") {
            Some(_) => Files::new(),
            None if tests.is_empty() || tests.starts_with("no test") => {
                wrong.push(format!("{number}: it names no test, and no reason (\"no test: …\")"));
                Files::new()
            }
            None => tests.split(", ").map(|file| file.trim_matches('`').to_owned()).collect(),
        };
        rows.push(Row { number, files });
    }
    rows
}

/// The numbers of behaviours in a text: `b47` and `B47`, and `b08` for 8, not as a part of a word.
fn numbers(text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        let starts = matches!(letter, 'b' | 'B') && !before.is_ascii_alphanumeric();
        before = letter;
        let rest = &text[at + letter.len_utf8()..];
        let digits = rest.find(|after: char| !after.is_ascii_digit()).unwrap_or(rest.len());
        let word_goes_on = rest[digits..].starts_with(|after: char| after.is_ascii_alphabetic());
        if starts && (1..=3).contains(&digits) && !word_goes_on {
            found.extend(rest[..digits].parse::<u32>());
        }
    }
    found
}

/// In the library's own files only tests count, by their names: comments there say why, and hold nothing.
fn numbers_of_tests(text: &str) -> BTreeSet<u32> {
    text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next()).flat_map(numbers).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            walk(&entry, files);
        } else {
            files.push(entry);
        }
    }
}

/// Each number, with the files of tests that have it.
fn uses(root: &Path) -> BTreeMap<u32, Files> {
    let mut uses = BTreeMap::<u32, Files>::new();
    for (folder, prefix, find) in
        [("tests", "", numbers as fn(&str) -> BTreeSet<u32>), ("src", "../src/", numbers_of_tests)]
    {
        let folder = root.join(folder);
        let mut files = Vec::new();
        walk(&folder, &mut files);
        for file in files {
            let known = ["rs", "cpp", "h", "qml", "mjs", "json", "py", "sh", "txt", "cmake"];
            let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
            let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or("");
            if !known.contains(&extension) || ["behaviours.rs", "main.rs"].contains(&name) {
                continue;
            }
            let below =
                file.strip_prefix(&folder).expect("below").to_str().expect("a path").replace('\\', "/");
            for number in find(&fs::read_to_string(&file).expect("a text")) {
                uses.entry(number).or_default().insert(format!("{prefix}{below}"));
            }
        }
    }
    uses
}

#[test]
fn the_table_and_the_tests_agree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let table = fs::read_to_string(root.join("tests/BEHAVIOURS.md")).expect("the table");
    let rows = rows(&table, &mut wrong);
    let mut uses = uses(root);
    let mut last = 0;
    for row in &rows {
        let number = row.number;
        if number != last + 1 {
            wrong.push(format!("{number} stands behind {last}"));
        }
        last = number;
        let used = uses.remove(&number).unwrap_or_default();
        wrong.extend(row.files.difference(&used).map(|file| match root.join("tests").join(file).is_file() {
            true => format!("{number}: {file} does not have b{number}"),
            false => format!("{number}: there is no {file}"),
        }));
        wrong.extend(
            used.difference(&row.files).map(|file| format!("{number}: {file} has it, and is to be named")),
        );
    }
    for (number, files) in uses {
        wrong.push(format!("{number} is not in the table, and in {files:?}"));
    }
    if last < 164 {
        wrong.push(format!("the table ends with {last}"));
    }
    assert!(wrong.is_empty(), "tests/BEHAVIOURS.md:\n{}", wrong.join("\n"));
}

/// Each promise of docs/guarantees.md is held by behaviours that have tests.
#[test]
fn each_promise_is_held_by_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    let table = fs::read_to_string(root.join("tests/BEHAVIOURS.md")).expect("the table");
    let rows = rows(&table, &mut wrong);
    let tested: BTreeSet<_> = rows.iter().filter(|row| !row.files.is_empty()).map(|row| row.number).collect();
    let page = fs::read_to_string(root.join("docs/guarantees.md")).expect("the page");
    let mut promises = 0;
    for line in page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---")) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, promise, held, _] = cells[..] else { panic!("two cells: {line}") };
        if promise == "promise" {
            continue;
        }
        promises += 1;
        for number in held.split(", ") {
            match number.parse() {
                Ok(number) if tested.contains(&number) => {}
                _ => wrong.push(format!("{promise} {number:?} is no behaviour that has tests")),
            }
        }
    }
    assert!(promises > 30, "{promises} promises");
    assert!(wrong.is_empty(), "docs/guarantees.md:\n{}", wrong.join("\n"));
}

#[test]
fn numbers_are_found_where_they_are_whole() {
    let all = |text| numbers(text).into_iter().collect::<Vec<_>>();
    assert_eq!(
        all("fn b5_b108_resizing() // B91, and \"b47 a name\", test_b08_x, cpp/b164_y"),
        [5, 8, 47, 91, 108, 164]
    );
    assert_eq!(all("0b101 #b47a ab12 b1234 b12c sub7 b"), []);
    assert_eq!(numbers_of_tests("/// B3\nfn b1_b2_x() { b4 }").into_iter().collect::<Vec<_>>(), [1, 2]);
}
