//! `--stress`: what busy workers do to the window, with and without a share of the processors that gives way.
//!
//! A share is for the whole life of a thread, so each of the two is a process of its own.

use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};

use legwork::{TaskError, tasks};

use crate::qt::helper;

/// No more are to be submitted.
static OVER: AtomicBool = AtomicBool::new(false);

/// Runs both, and prints the gaps of each.
pub fn compare(seconds: u16, workers: Option<u16>) -> ExitCode {
    let given = tasks().worker_nice().to_string();
    let workers = workers.map_or(tasks().max_workers(), usize::from);
    println!(
        "{workers} workers that never rest, and their results, for {seconds} s; the time between two frames:"
    );
    for (nice, what) in [("0", "do not give way"), (given.as_str(), "give way")] {
        let program = match std::env::current_exe() {
            Ok(program) => program,
            Err(error) => return failed(&error.to_string()),
        };
        let mut command = Command::new(program);
        command.args(["--stress", &seconds.to_string(), "--stress-alone", "--workers", &workers.to_string()]);
        let gaps = match command.env("LEGWORK_NICE", nice).output() {
            Ok(output) if output.status.success() => {
                String::from_utf8_lossy(&output.stdout).trim().to_owned()
            }
            Ok(output) => return failed(String::from_utf8_lossy(&output.stderr).trim()),
            Err(error) => return failed(&error.to_string()),
        };
        println!("  workers that {what} (LEGWORK_NICE={nice}): {gaps}");
    }
    ExitCode::SUCCESS
}

fn failed(why: &str) -> ExitCode {
    eprintln!("duplicates: {why}");
    ExitCode::FAILURE
}

/// So many tasks are on their way for each worker.
const AHEAD: usize = 200;

/// Keeps all workers busy, and the window with their results; ends the event loop when the time is over.
pub fn begin(seconds: u16) {
    for _ in 0..tasks().max_workers() * AHEAD {
        submit();
    }
    helper::measure_frames();
    helper::after(i32::from(seconds) * 1_000, || {
        let [median, late, longest] = [0.5, 0.99, 1.0].map(helper::frame_gap);
        println!("half within {median:.1} ms, 99 of 100 within {late:.1}, the longest {longest:.1}");
        OVER.store(true, Ordering::Relaxed);
        if longest < 0.0 {
            eprintln!("duplicates: no frame was drawn: the window cannot be seen");
        }
        helper::exit_loop(i32::from(longest < 0.0));
    });
}

/// A short task, after which comes the next.
fn submit() {
    let body = |_: &legwork::TaskContext| {
        Ok::<_, TaskError>((0..20_000).fold(0, |sum: u64, n| sum.rotate_left(5) ^ n))
    };
    let next = |sum: u64| {
        std::hint::black_box(sum);
        if !OVER.load(Ordering::Relaxed) {
            submit();
        }
    };
    if let Err(error) = tasks().task(body).on_complete(next).spawn_id() {
        eprintln!("duplicates: {error}");
    }
}
