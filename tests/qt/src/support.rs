//! What the tests need of Qt, from `cpp/support.h`, and how they wait.

use std::time::{Duration, Instant};

use cxx_qt_lib::QString;

#[cxx::bridge(namespace = "support")]
pub mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    unsafe extern "C++" {
        include!("legwork_qt_tests/support.h");

        #[cxx_name = "catchMessages"]
        fn catch_messages();
        #[cxx_name = "takeMessages"]
        fn take_messages() -> QString;
        #[cxx_name = "processEvents"]
        fn process_events(wait_ms: i32);
        #[cxx_name = "execLoop"]
        fn exec_loop(most_ms: i32) -> bool;
        #[cxx_name = "quitLoop"]
        fn quit_loop();
        #[cxx_name = "execAndQuit"]
        fn exec_and_quit() -> i32;
        #[cxx_name = "useQt"]
        fn use_qt();
        #[cxx_name = "memoryBytes"]
        fn memory_bytes() -> u64;
        fn enumerators() -> Vec<String>;
        #[cxx_name = "customEvents"]
        fn custom_events() -> u64;

        type Scene;
        #[cxx_name = "makeScene"]
        fn make_scene(source: &QString) -> UniquePtr<Scene>;
        /// The id of a task of C++ with a result of this kind.
        #[cxx_name = "runOfCpp"]
        fn run_of_cpp(kind: &QString) -> QString;
        #[cxx_name = "deleteInCopy"]
        fn delete_in_copy(scene: UniquePtr<Scene>);
        #[cxx_name = "isDeletedInCopy"]
        fn is_deleted_in_copy() -> bool;
        fn evaluate(self: Pin<&mut Scene>, script: &QString) -> QString;
        fn errors(self: &Scene) -> QString;
        #[cxx_name = "openApi"]
        fn open_api(self: Pin<&mut Scene>, name: &QString);
        #[cxx_name = "closeApi"]
        fn close_api(self: Pin<&mut Scene>, name: &QString);
        #[cxx_name = "countCompleted"]
        fn count_completed(self: Pin<&mut Scene>, busy_ns: u64);
        #[cxx_name = "countByName"]
        fn count_by_name(self: Pin<&mut Scene>) -> bool;
        fn completed(self: &Scene) -> u64;
        #[cxx_name = "completedByName"]
        fn completed_by_name(self: &Scene) -> u64;
        #[cxx_name = "invokeByName"]
        fn invoke_by_name(self: Pin<&mut Scene>, job: &QString) -> QString;
        #[cxx_name = "lastError"]
        fn last_error(self: &Scene) -> QString;
        #[cxx_name = "setMaxWorkers"]
        fn set_max_workers(self: Pin<&mut Scene>, workers: f64) -> bool;
        #[cxx_name = "maxWorkers"]
        fn max_workers(self: &Scene) -> i32;
        #[cxx_name = "maxWorkersType"]
        fn max_workers_type(self: &Scene) -> QString;
        #[cxx_name = "sceneOnAnotherThread"]
        fn scene_on_another_thread(source: &QString, script: &QString) -> QString;

        #[cxx_name = "managerDeletedOnAnotherThread"]
        fn manager_deleted_on_another_thread() -> QString;

        type Ticker;
        #[cxx_name = "makeTicker"]
        fn make_ticker() -> UniquePtr<Ticker>;
        fn gaps(self: &Ticker) -> Vec<u64>;
    }
}

/// Nothing here takes so long, unless it hangs.
const HANG: Duration = Duration::from_secs(60);

/// Delivers events until `done`; panics if that does not come.
pub fn process_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < HANG, "{what} did not come");
        ffi::process_events(20);
    }
}

/// A QML engine with an object in it.
pub struct Scene(cxx::UniquePtr<ffi::Scene>);

impl Scene {
    /// An object that imports Legwork, with `body` inside.
    pub fn new(body: &str) -> Scene {
        let source = format!("import QtQml\nimport Legwork\nQtObject {{ id: root\n{body}\n}}");
        let scene = ffi::make_scene(&QString::from(source.as_str()));
        let errors = scene.errors().to_string();
        assert_eq!(errors, "", "the scene has errors");
        Scene(scene)
    }

    /// Runs a task, and deletes this in the copy constructor of its result.
    pub fn delete_in_copy(self) {
        ffi::delete_in_copy(self.0);
    }

    /// Makes a `PluginApi`, and has it in the object's property `newApi`.
    pub fn open_api(&mut self, name: &str) {
        self.0.pin_mut().open_api(&QString::from(name));
    }

    pub fn close_api(&mut self, name: &str) {
        self.0.pin_mut().close_api(&QString::from(name));
    }

    /// Lets a C++ slot count `taskCompleted`, and take so long each time.
    pub fn count_completed(&mut self, busy_ns: u64) {
        self.0.pin_mut().count_completed(busy_ns);
    }

    pub fn completed(&self) -> u64 {
        self.0.completed()
    }

    /// Connects by the signal's name; whether all signals have the names and types of the design.
    pub fn count_by_name(&mut self) -> bool {
        self.0.pin_mut().count_by_name()
    }

    pub fn completed_by_name(&self) -> u64 {
        self.0.completed_by_name()
    }

    /// `runInThread(job, [1], {name: job})` by name, as Python and C++ call, without JavaScript.
    pub fn invoke_by_name(&mut self, job: &str) -> String {
        self.0.pin_mut().invoke_by_name(&QString::from(job)).to_string()
    }

    /// `setProperty("maxWorkers", workers)`, then what `property` has: a number, and its type.
    pub fn max_workers_by_name(&mut self, workers: f64) -> (i32, String) {
        assert!(self.0.pin_mut().set_max_workers(workers), "the property is not there");
        (self.0.max_workers(), self.0.max_workers_type().to_string())
    }

    pub fn last_error(&self) -> String {
        self.0.last_error().to_string()
    }

    /// The text of what `script` gives, or "throws …".
    pub fn eval(&mut self, script: &str) -> String {
        self.0.pin_mut().evaluate(&QString::from(script)).to_string()
    }
}

/// Names what this binary is to do as a child process.
pub const CHILD: &str = "LEGWORK_CHILD";

/// How a child process ended, and what it printed.
pub struct Ended {
    pub code: Option<i32>,
    pub output: String,
    pub time: Duration,
}

/// Runs this binary as a child that does `what`; kills it if it hangs.
pub fn run_child(what: &str) -> Ended {
    let binary = std::env::current_exe().expect("this binary");
    let mut command = std::process::Command::new(binary);
    command.env(CHILD, what).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let start = Instant::now();
    let child = command.spawn().expect("a child process");
    let id = child.id();
    let (done, ended) = std::sync::mpsc::channel();
    let waiter = std::thread::spawn(move || done.send(child.wait_with_output()).expect("somebody waits"));
    let output = ended.recv_timeout(HANG).unwrap_or_else(|_| {
        // Its stack would be of use; its end is of more.
        let _ = std::process::Command::new("kill").args(["-9", &id.to_string()]).status();
        panic!("the child \"{what}\" hung");
    });
    waiter.join().expect("the waiter");
    let output = output.expect("the child's output");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended {
        code: output.status.code(),
        output: text(&output.stdout) + &text(&output.stderr),
        time: start.elapsed(),
    }
}

/// A test that a child plays.
pub fn child_trial(name: String, what: String) -> libtest_mimic::Trial {
    libtest_mimic::Trial::test(name, move || {
        let ended = run_child(&what);
        if ended.code == Some(0) {
            Ok(())
        } else {
            Err(format!("exit code {:?}:\n{}", ended.code, ended.output).into())
        }
    })
}
