//! What share of the processors the workers of the process have. A process of its own: it begins without any.
#![cfg(all(target_os = "linux", not(feature = "qt")))]

use std::process::Command;

use legwork::{ErrorKind, Priority, TaskError, tasks};

/// The calling thread's nice value, as the kernel tells it.
fn nice() -> i64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("the kernel tells of this thread");
    // The name, in brackets, may have spaces.
    let fields = &stat[stat.rfind(')').expect("a name") + 1..];
    fields.split_whitespace().nth(16).expect("the field").parse().expect("a number")
}

fn of_a_body(priority: Priority) -> i64 {
    let body = |_: &legwork::TaskContext| Ok::<_, TaskError>(nice());
    tasks().task(body).priority(priority).spawn().unwrap().wait(None).unwrap()
}

/// The first task is of Low, and its body submits the first that is not: to the thread that this is run by, that one
/// would have given away more than it should.
fn of_low_and_what_it_submits() -> (i64, i64) {
    let body = |_: &legwork::TaskContext| {
        let inner = |_: &legwork::TaskContext| Ok::<_, TaskError>(nice());
        let task = tasks()
            .task(inner)
            .spawn()
            .map_err(|error| TaskError::new(ErrorKind::Failed, error.to_string()))?;
        // With a time-out: else this thread runs it in the middle of its own.
        let other = task
            .wait(std::time::Duration::from_secs(60))
            .map_err(|error| TaskError::new(ErrorKind::Failed, error.to_string()))?;
        Ok::<_, TaskError>(vec![nice(), other])
    };
    let both = tasks().task(body).priority(Priority::Low).spawn().unwrap().wait(None).unwrap();
    (both[0], both[1])
}

#[test]
fn b340_by_default() {
    let process = nice();
    if process + 10 > 19 {
        return;
    }
    assert_eq!(tasks().worker_nice(), 5);
    let error = tasks().set_worker_nice(20).unwrap_err().to_string();
    assert_eq!(error, "a nice value of 20 is not possible; workerNice is from 0 to 19");
    tasks().set_worker_nice(4).unwrap();
    assert_eq!(of_low_and_what_it_submits(), (process + 10, process + 4));
    assert_eq!(of_a_body(Priority::High), process + 4);
    assert_eq!(nice(), process);
    let error = tasks().set_worker_nice(1).unwrap_err().to_string();
    assert!(error.starts_with("there are threads already"), "{error}");
    assert_eq!(tasks().worker_nice(), 4);
}

#[test]
fn b340_in_the_environment() {
    // What it says holds for the process that it is said to.
    for (said, expected) in
        [("0", (0, 0, 0)), ("12", (12, 12, 12)), ("plenty", (5, 10, 7)), ("20", (5, 10, 7))]
    {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture", "as_the_environment_says"])
            .env("LEGWORK_NICE", said)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&child.stdout);
        assert!(child.status.success() && text.contains(&format!("{expected:?}")), "{said}: {text}");
    }
}

/// No test by itself: `b340_in_the_environment` runs it, once for each value, in a process that has that value from its
/// start. It prints the value at first, and by how much a thread for Low and another give way after the application has
/// said 7.
#[test]
#[ignore = "a process of its own, for b340_in_the_environment"]
fn as_the_environment_says() {
    let (first, process) = (i64::from(tasks().worker_nice()), nice());
    tasks().set_worker_nice(7).unwrap();
    let by = [Priority::Low, Priority::Normal].map(|priority| of_a_body(priority) - process);
    println!("{:?}", (first, by[0], by[1]));
}
