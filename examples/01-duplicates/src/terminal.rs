//! The search in the terminal: a line of progress on stderr, and the result, or JSON, on stdout.

use std::cell::RefCell;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use legwork::tasks;
use serde_json::{Value as Json, json};

use crate::qt::helper::{after, exit_loop};
use crate::session::{self, Session};
use crate::signals::Signal;
use crate::text;

/// Reading a block ends sooner than that, unless the disk hangs.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// The exit code after Ctrl+C: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Set by Ctrl+C, on another thread.
static INTERRUPT: AtomicBool = AtomicBool::new(false);

struct Terminal {
    json: bool,
    /// Whether stderr is a terminal, on which a line can be written over.
    live: bool,
    shown: Instant,
    broken: bool,
    /// The result is out, and nothing may follow it.
    done: bool,
}

thread_local! {
    /// On the main thread, as all signals.
    static TERMINAL: RefCell<Option<Terminal>> = const { RefCell::new(None) };
}

fn with<R>(f: impl FnOnce(&mut Terminal) -> R) -> Option<R> {
    TERMINAL.with_borrow_mut(|terminal| terminal.as_mut().map(f))
}

pub fn begin(json: bool) {
    let live = std::io::stderr().is_terminal();
    let terminal = Terminal { json, live, shown: Instant::now(), broken: false, done: false };
    TERMINAL.set(Some(terminal));
    session::on_end(finish);
    // The handler has a thread of its own, from which the service may be called like from any other.
    let caught = ctrlc::set_handler(|| {
        INTERRUPT.store(true, Ordering::Relaxed);
        tasks().begin_shutdown(SHUTDOWN);
    });
    if let Err(error) = caught {
        eprintln!("duplicates: Ctrl+C will end the program without a result: {error}");
    }
}

/// The search is over. What goes on for ever is ended, and with it the service; that says so.
fn finish() {
    session::with(|session| session.end_space());
    // Not from the middle of a delivery: the signals that are due come first.
    after(0, || tasks().begin_shutdown(SHUTDOWN));
}

pub fn hear(signal: &Signal) {
    with(|terminal| {
        if terminal.done {
            return;
        }
        if terminal.json {
            terminal.line(&json_of(signal));
        }
        match signal {
            Signal::ShutdownFinished { .. } => {
                session::with(|session| terminal.result(session));
            }
            _ => terminal.progress(),
        }
    });
}

fn json_of(signal: &Signal) -> Json {
    match signal {
        Signal::Started { id } => json!({"signal": "taskStarted", "id": id}),
        Signal::Progress { id, progress, message } => {
            json!({"signal": "taskProgress", "id": id, "progress": progress, "message": message})
        }
        Signal::Completed { id, result } => {
            json!({"signal": "taskCompleted", "id": id, "result": text::json(result)})
        }
        Signal::Periodic { id, iteration, result } => json!({
            "signal": "taskPeriodic", "id": id, "iteration": iteration, "result": text::json(result)
        }),
        Signal::Failed { id, error } => json!({"signal": "taskFailed", "id": id, "error": error}),
        Signal::Cancelled { id } => json!({"signal": "taskCancelled", "id": id}),
        Signal::AllFinished => json!({"signal": "allTasksFinished"}),
        Signal::ShutdownFinished { report } => {
            json!({"signal": "shutdownFinished", "report": text::json(report)})
        }
    }
}

impl Terminal {
    fn line(&mut self, line: &Json) {
        self.print(&line.to_string());
    }

    fn print(&mut self, line: &str) {
        if self.broken {
            return;
        }
        if let Err(error) = writeln!(std::io::stdout(), "{line}") {
            // The program that read it has gone: there is nothing to go on for.
            self.broken = true;
            self.say(&format!("duplicates: cannot write the result: {error}"));
            tasks().begin_shutdown(SHUTDOWN);
        }
    }

    /// A line on stderr, in place of that of the progress.
    fn say(&mut self, line: &str) {
        let clear = if self.live { "\r\x1b[K" } else { "" };
        eprintln!("{clear}{line}");
    }

    fn progress(&mut self) {
        // Into a file, a line now and then is enough.
        let every = Duration::from_millis(if self.live { 100 } else { 2_000 });
        if self.shown.elapsed() < every {
            return;
        }
        self.shown = Instant::now();
        let line = session::with(|session| progress_line(session)).unwrap_or_default();
        if self.live {
            let columns = rustix::termios::tcgetwinsize(std::io::stderr()).map_or(80, |size| size.ws_col);
            // One that wraps could not be written over.
            let line: String = line.chars().take(usize::from(columns).saturating_sub(1)).collect();
            eprint!("\r{line}\x1b[K");
        } else {
            eprintln!("{line}");
        }
    }

    fn result(&mut self, session: &mut Session) {
        let duplicates = session.search.duplicates();
        let totals = session.totals();
        if self.json {
            let paths = |group: &Vec<std::path::PathBuf>| -> Json {
                group.iter().map(|path| Json::from(path.to_string_lossy())).collect()
            };
            self.line(&json!({
                "files": totals.files,
                "bytes": totals.bytes,
                "failed": totals.failed,
                "duplicates": duplicates.iter().map(paths).collect::<Vec<_>>(),
            }));
        } else {
            for failure in &session.failures {
                self.say(failure);
            }
            let groups: Vec<String> = duplicates
                .iter()
                .map(|group| group.iter().map(|path| format!("{}\n", path.display())).collect())
                .collect();
            if !groups.is_empty() {
                self.print(groups.join("\n").trim_end());
            }
        }
        self.done = true;
        let interrupted = INTERRUPT.load(Ordering::Relaxed);
        if interrupted || session.search.is_stopped() {
            self.say("duplicates: the search was cancelled; this is what was found until then");
        }
        self.say(&summary(session));
        exit_loop(match (self.broken, interrupted) {
            (true, _) => 1,
            (_, true) => INTERRUPTED,
            _ => 0,
        });
    }
}

fn progress_line(session: &Session) -> String {
    let totals = session.totals();
    let mut line = match session.fraction() {
        Some(fraction) => format!("{:3.0} %", fraction * 100.0),
        None => "  … %".to_owned(),
    };
    line += &format!(
        "  {} folders, {} files, {}; {} in duplicates",
        totals.folders,
        totals.files,
        text::size(totals.bytes),
        text::size(totals.wasted)
    );
    if let Some(left) = session.left() {
        line += &format!("; about {} left", text::duration(left));
    }
    if let Some(space) = session.space {
        line += &format!("; {} free", text::size(space.free));
    }
    line
}

fn summary(session: &Session) -> String {
    let totals = session.totals();
    let mut line = format!(
        "{} files, {}: {} duplicates in {} groups waste {}; {:.1} s",
        totals.files,
        text::size(totals.bytes),
        totals.duplicates,
        totals.groups,
        text::size(totals.wasted),
        session.elapsed().as_secs_f64()
    );
    if totals.failed > 0 {
        line += &format!("; {} could not be read", totals.failed);
    }
    line
}
