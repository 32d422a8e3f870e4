//! What others wrote is shown as it is: a file's name, a task's, an error's text must not be rendered, as one
//! that looks like markup would be, with the images that it points to. A label guesses by itself unless it is
//! told; so each of ours is.

use std::path::{Path, PathBuf};

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        match entry.is_dir() {
            true if !entry.ends_with("target") => files(&entry, ending, found),
            false if entry.extension().is_some_and(|found| found == ending) => found.push(entry),
            _ => {}
        }
    }
}

fn below(folders: &[&str], ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    folders.iter().for_each(|folder| files(&root.join(folder), ending, &mut found));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a text");
        (path.strip_prefix(root).expect("it is below").display().to_string(), text)
    };
    found.into_iter().map(read).collect()
}

/// The labels of a QML file that do not say what their text is, by line.
fn guessing(text: &str) -> Vec<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let opens = |line: &str| {
        let line = line.trim();
        ["Label {", "Text {"].iter().any(|kind| line == *kind || line.ends_with(&format!(": {kind}")))
    };
    let labels = lines.iter().enumerate().filter(|(_, line)| opens(line));
    let body = |at: usize| {
        let depth = indent(lines[at]);
        lines[at + 1..].iter().take_while(move |line| line.trim().is_empty() || indent(line) > depth)
    };
    let plain = |at: usize| body(at).any(|line| line.trim() == "textFormat: Text.PlainText");
    let shows = |at: usize| body(at).any(|line| line.trim().starts_with("text: "));
    labels.map(|(at, _)| at).filter(|at| shows(*at) && !plain(*at)).map(|at| at + 1).collect()
}

#[test]
fn b159_no_label_guesses_what_its_text_is() {
    let files = below(&["qml", "examples"], "qml");
    assert!(files.len() > 10, "{files:?}");
    for (path, text) in files {
        assert_eq!(guessing(&text), [], "{path}: labels without textFormat: Text.PlainText");
    }
    let wrong = "Item {\n    Label {\n        text: name\n    }\n}\n";
    assert_eq!(guessing(wrong), [2], "it finds one");
}

#[test]
fn b159_no_label_of_a_widget_guesses_either() {
    for (path, text) in below(&["examples"], "cpp") {
        let labels = text.matches("new QLabel(").count() + text.matches("    QLabel ").count();
        let plain = text.matches("setTextFormat(Qt::PlainText)").count();
        assert!(plain >= labels, "{path}: {labels} labels, {plain} of them plain");
    }
}
