//! Runs the program as one does in a terminal, and reads what it says.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

// The build script's C++ is linked to this binary too, and needs the Rust half of it.
use duplicates as _;

/// The program without a display, whatever the tests' own environment has.
fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_duplicates"));
    for name in ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"] {
        command.env_remove(name);
    }
    command
}

fn run(args: &[&str], folder: &Path) -> Output {
    program().args(args).arg(folder).output().expect("started")
}

fn begin(folder: &Path) -> Child {
    let mut command = program();
    command.arg("--json").arg(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("started")
}

fn lines(output: &Output) -> Vec<Json> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn count(lines: &[Json], signal: &str) -> usize {
    lines.iter().filter(|line| line["signal"] == signal).count()
}

/// A folder with two groups, links, empty files and files that are alike only in part.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir_all(path("one/two")).expect("made");
    fs::write(path("a"), "small").expect("written");
    fs::write(path("one/b"), "small").expect("written");
    fs::write(path("c"), "other").expect("written");
    fs::write(path("large"), vec![1; 600_000]).expect("written");
    fs::write(path("one/two/large"), vec![1; 600_000]).expect("written");
    let mut differs = vec![1; 600_000];
    differs[599_999] = 2;
    fs::write(path("one/differs"), differs).expect("written");
    fs::write(path("empty"), "").expect("written");
    fs::write(path("one/empty"), "").expect("written");
    fs::hard_link(path("c"), path("linked")).expect("linked");
    symlink(path("a"), path("symbolic")).expect("linked");
    symlink(folder.path(), path("one/loop")).expect("linked");
    folder
}

#[test]
fn each_signal_is_a_line_and_the_result_is_the_last() {
    let folder = folder();
    let output = run(&["--headless", "--json"], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines = lines(&output);
    let name = |name: &str| folder.path().join(name).display().to_string();
    let result = serde_json::json!({
        "files": 6,
        "bytes": 5 * 3 + 600_000 * 3,
        "failed": 0,
        "duplicates": [[name("a"), name("one/b")], [name("large"), name("one/two/large")]],
    });
    assert_eq!(lines.last(), Some(&result));
    let always = [
        "taskStarted",
        "taskCompleted",
        "taskPeriodic",
        "taskCancelled",
        "allTasksFinished",
        "shutdownFinished",
    ];
    for signal in always {
        assert!(count(&lines, signal) > 0, "{signal} is missing");
    }
    // Three folders, six first blocks of two sizes, and three whole files.
    assert_eq!(count(&lines, "taskCompleted"), 12);

    // Of each task: started, then one end; or only cancelled, if it never started.
    let mut started = HashSet::new();
    let mut ended = HashMap::new();
    for line in &lines[..lines.len() - 1] {
        let id = line["id"].as_str().unwrap_or_default().to_owned();
        match line["signal"].as_str().expect("a signal") {
            "taskStarted" => assert!(started.insert(id)),
            "taskProgress" | "taskPeriodic" => assert!(started.contains(&id) && !ended.contains_key(&id)),
            "taskCompleted" | "taskFailed" => {
                assert!(started.contains(&id));
                assert_eq!(ended.insert(id, "an end"), None);
            }
            "taskCancelled" => assert_eq!(ended.insert(id, "cancelled"), None),
            "allTasksFinished" | "shutdownFinished" => assert_eq!(id, ""),
            other => panic!("what is {other}?"),
        }
    }
    assert!(started.iter().all(|id| ended.contains_key(id)));
}

#[test]
fn a_file_that_cannot_be_read_is_a_failed_task() {
    let folder = folder();
    let closed = folder.path().join("c");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("changed");
    if fs::File::open(&closed).is_ok() {
        eprintln!("skipped: this user may read everything, as root may");
        return;
    }
    let output = run(&["--json"], folder.path());
    assert_eq!(output.status.code(), Some(0));
    let lines = lines(&output);
    let failed: Vec<_> = lines.iter().filter(|line| line["signal"] == "taskFailed").collect();
    assert_eq!(failed.len(), 1);
    assert!(failed[0]["error"].as_str().expect("a text").contains("Permission denied"));
    assert_eq!(lines.last().expect("a result")["failed"], 1);
}

/// So many bytes that reading them takes longer than the tests let it.
fn long_work() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for number in 0..400 {
        // Sparse: nothing of it is on the disk, but all of it is read.
        let file = fs::File::create(folder.path().join(number.to_string())).expect("made");
        file.set_len(64 << 20).expect("as long as that");
    }
    folder
}

#[test]
fn cancel_after_ends_it_early_and_well() {
    let folder = long_work();
    let output = run(&["--json", "--cancel-after", "200"], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("cancelled"), "{}", stderr(&output));
    let lines = lines(&output);
    assert!(count(&lines, "taskCancelled") > 100, "{}", count(&lines, "taskCancelled"));
    assert_eq!(lines.last().expect("a result")["files"], 400);
}

#[test]
fn an_interrupt_ends_it_with_the_result_and_130() {
    let folder = long_work();
    let mut child = begin(folder.path());
    // Once it is at work, which its first line tells.
    let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
    let mut text = String::new();
    stdout.read_line(&mut text).expect("a line");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("sent");
    stdout.read_to_string(&mut text).expect("the rest");
    let mut output = child.wait_with_output().expect("ended");
    output.stdout = text.into_bytes();
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    let lines = lines(&output);
    assert_eq!(count(&lines, "shutdownFinished"), 1);
    assert!(lines.last().expect("a result")["duplicates"].is_array());
}

#[test]
fn whoever_reads_it_may_stop_reading() {
    let folder = long_work();
    let mut child = begin(folder.path());
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ended");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cannot write the result"), "{}", stderr(&output));
}

#[test]
fn without_a_display_it_goes_headless_and_says_so() {
    let folder = folder();
    let output = run(&[], folder.path());
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("no display"), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let groups: Vec<usize> = text.split("\n\n").map(|group| group.lines().count()).collect();
    assert_eq!(groups, [2, 2], "{text}");
}

#[test]
fn wrong_arguments_are_named_with_2() {
    let folder = folder();
    for (args, place, said) in [
        (&["--json"][..], folder.path().join("missing"), "there is no folder"),
        (&["--json"], folder.path().join("a"), "is a file"),
        (&["--workers", "0"], folder.path().to_owned(), "--workers"),
        (&["--cancel-after=-1"], folder.path().to_owned(), "--cancel-after"),
        (&["--nonsense"], folder.path().to_owned(), "--nonsense"),
    ] {
        let output = run(args, &place);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(said), "{args:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_picture_needs_no_display() {
    let folder = folder();
    let file = folder.path().join("window.png");
    let output = run(&["--screenshot", file.to_str().expect("UTF-8")], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let png = fs::read(&file).expect("a picture");
    assert_eq!(&png[1..4], b"PNG");
    assert!(png.len() > 10_000, "there is something in it");
    // What QML has to complain about comes here, with the file's name.
    assert!(!stderr(&output).contains(".qml"), "{}", stderr(&output));
}

#[test]
fn stress_says_how_the_frames_came_with_and_without_a_share() {
    let output = program()
        .env("QT_QPA_PLATFORM", "offscreen")
        .env("QT_QUICK_BACKEND", "software")
        .args(["--stress", "1"])
        .output()
        .expect("started");
    assert!(output.status.success(), "{}", stderr(&output));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    for share in ["LEGWORK_NICE=0): half within ", "workers that give way (LEGWORK_NICE="] {
        assert!(text.contains(share), "{text}");
    }
    let late: Vec<f64> = text
        .lines()
        .filter_map(|line| line.split("99 of 100 within ").nth(1)?.split(',').next()?.parse().ok())
        .collect();
    assert!(late.len() == 2 && late.iter().all(|gap| *gap > 0.0), "{text}");
}
