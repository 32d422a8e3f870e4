//! `LEGWORK_TRACE`: any program is traced as it is. Each case is a process of its own: this one again, which runs a case
//! instead of the tests.
#![cfg(not(any(feature = "qt", loom, shuttle)))]

use std::path::PathBuf;
use std::process::{Command, Output};

use legwork::{TaskError, TraceError, tasks};

#[path = "engine/trace_reader.rs"]
#[expect(dead_code, reason = "the engine's tests read more of a trace")]
mod trace_reader;

use trace_reader::Trace;

const CASE: &str = "LEGWORK_TEST_CASE";

/// A program that knows nothing of a trace. It ends as programs do, without a shutdown.
fn program() {
    let double = |context: &legwork::TaskContext, args: &legwork::Args| {
        context.checkpoint()?;
        args.get::<i64>(0).map(|number| number * 2)
    };
    tasks().register_job("double", double).unwrap();
    let owner = tasks().owner("Prices");
    let task = tasks().job("double", [21]).owner(&owner).on_complete(|_| ()).spawn().unwrap();
    task.wait(None).unwrap();
}

/// Not a test of its own: the entry of the processes, which does nothing without a case.
#[test]
fn case() {
    match std::env::var(CASE).as_deref() {
        Ok("program") => program(),
        Ok("says so itself") => {
            let error = tasks().start_trace("other.json").unwrap_err();
            assert!(
                matches!(&error, TraceError::AlreadyTracing { path } if path.ends_with("trace.json")),
                "{error}"
            );
            program();
            assert_eq!(tasks().stop_trace().unwrap().lost, 0);
            assert_eq!(tasks().stop_trace(), Err(TraceError::NotTracing));
        }
        Ok("cannot") => {
            assert_eq!(tasks().trace_path(), None);
            let task = tasks().task(|_| Ok::<_, TaskError>(1)).spawn().unwrap();
            assert_eq!(task.wait(None), Ok(1));
        }
        _ => {}
    }
}

/// A folder that is gone with this.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("legwork-{name}-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn run(folder: &Folder, case: &str, trace: &str) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "case", "--nocapture", "--test-threads=1"]).current_dir(&folder.0);
    let output = command.env(CASE, case).env("LEGWORK_TRACE", trace).output().unwrap();
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn b366_b367_a_program_is_traced_as_it_is() {
    let folder = Folder::new("trace-program");
    for case in ["program", "says so itself"] {
        run(&folder, case, "trace.json");
        let trace = Trace::read(&folder.0.join("trace.json"));
        let [(id, task)] = trace.tasks.iter().collect::<Vec<_>>()[..] else { panic!("one task: {trace:?}") };
        trace.check(id);
        assert_eq!((task.submitted[0].arg("job"), task.submitted[0].arg("owner")), ("double", "Prices"));
        assert_eq!(task.runs[0].0.name, "double");
        assert!(!folder.0.join("other.json").exists());
    }
    run(&folder, "program", "%p.json");
    let files = std::fs::read_dir(&folder.0).unwrap().count();
    assert_eq!(files, 2, "one by the number of the process");
}

#[test]
fn b367_a_file_that_cannot_be_is_logged_and_the_program_goes_on() {
    let folder = Folder::new("trace-cannot");
    run(&folder, "cannot", "missing/trace.json");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
}
