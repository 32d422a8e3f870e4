//! JavaScript on a worker: a function that a module exports is called in the worker's own engine.
//!
//! Nothing of the UI's engine is reachable from there: arguments and results are copied, and the
//! global object is the engine's own, frozen.

use std::cell::RefCell;
use std::time::Duration;

use cxx::UniquePtr;
use cxx_qt_lib::{QList, QString, QVariant};

use super::bridge_body::BodyScope;
use super::values::{read_result, to_variant};
use crate::engine::sync::Mutex;
use crate::engine::{Blocking, ErrorKind, Place, TaskContext, TaskError, TaskId};
use crate::service::GivenArgs;
use crate::{Args, CancelReason, Periodic, RunsAgain, SpawnError, TaskBuilder, Tasks, Value, tasks};

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    struct ScriptModule {
        file: QString,
        error: QString,
    }

    /// What was thrown, if anything.
    struct ScriptFault {
        failed: bool,
        message: QString,
        file: QString,
        line: u32,
        stack: QString,
        /// What an error says of another attempt: 0 nothing, 1 `permanent`, 2 `retryAfterMs`.
        again: u8,
        again_after_ms: f64,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
        include!("cxx-qt-lib/qlist.h");
        type QList_QVariant = cxx_qt_lib::QList<QVariant>;
    }

    extern "Rust" {
        /// Asks each script that runs to stop, as the application goes. From any thread.
        #[cxx_name = "interruptScripts"]
        fn interrupt_scripts();
        /// The process ends: nothing of ours begins any more, and what runs is asked to stop and waited
        /// for, for a moment. From any thread.
        #[cxx_name = "haltTasks"]
        fn halt_tasks();
        type ScriptRun<'a>;
        fn is_cancelled(self: &ScriptRun<'_>) -> bool;
        fn task_id(self: &ScriptRun<'_>) -> QString;
        fn iteration(self: &ScriptRun<'_>) -> f64;
        fn attempt(self: &ScriptRun<'_>) -> f64;
        fn measure(self: &ScriptRun<'_>, value: f64);
        fn report(self: &ScriptRun<'_>, value: f64, message: &QString);
        fn count(self: &ScriptRun<'_>, done: f64, total: f64, unit: &QString);
        fn say(self: &ScriptRun<'_>, message: &QString);
        fn sleep(self: &ScriptRun<'_>, ms: f64);
        /// What is wrong with the value; empty for nothing.
        fn send(self: &ScriptRun<'_>, value: &QVariant) -> QString;
        fn begin_blocking(self: &ScriptRun<'_>);
        fn end_blocking(self: &ScriptRun<'_>);
    }

    unsafe extern "C++" {
        include!("legwork/script.h");
        #[cxx_name = "scriptModule"]
        fn script_module(module: &QString) -> ScriptModule;
        type Interrupter;
        fn interrupt(self: &Interrupter);
        #[cxx_name = "newInterrupter"]
        fn new_interrupter() -> SharedPtr<Interrupter>;
        type ScriptCall;
        #[cxx_name = "beginScript"]
        fn begin_script(interrupter: SharedPtr<Interrupter>, file: &QString) -> UniquePtr<ScriptCall>;
        fn run(
            self: Pin<&mut ScriptCall>,
            run: &ScriptRun<'_>,
            function: &QString,
            arguments: &QList_QVariant,
            result: &mut QVariant,
        ) -> ScriptFault;
        fn interrupted(self: &ScriptCall) -> ScriptFault;
    }
}

// SAFETY: `interrupt`, all that it has, locks.
unsafe impl Send for ffi::Interrupter {}
// SAFETY: as above.
unsafe impl Sync for ffi::Interrupter {}

/// The tasks that run scripts, or are about to. One is in it from before it takes its hold on the
/// application until after that is given back, so that a thread that waits for the holds knows which tasks to ask.
static RUNNING: Mutex<Vec<TaskId>> = Mutex::new(Vec::new());

struct Running(TaskId);

impl Running {
    fn new(id: TaskId) -> Self {
        RUNNING.lock().push(id);
        Running(id)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = RUNNING.lock();
        if let Some(at) = running.iter().position(|id| *id == self.0) {
            running.swap_remove(at);
        }
    }
}

fn interrupt_scripts() {
    // Not under the lock, which scripts take at their ends.
    let running = RUNNING.lock().clone();
    for id in running {
        tasks().engine().cancel(id, CancelReason::Shutdown);
    }
}

/// How long the end of the process waits for bodies that do not listen.
const PATIENCE: Duration = Duration::from_secs(2);

fn halt_tasks() {
    if let Some(engine) = crate::service::engine_if_there() {
        engine.halt(PATIENCE);
    }
}

/// What a script's context asks of the task's.
struct ScriptRun<'a>(&'a TaskContext, cxx::SharedPtr<ffi::Interrupter>, RefCell<Vec<Blocking>>);

impl ScriptRun<'_> {
    fn is_cancelled(&self) -> bool {
        self.seen(self.0.checkpoint().is_err())
    }

    /// Each call is a checkpoint for a pause. That the script was asked to stop, the interruption says.
    fn context(&self) -> &TaskContext {
        self.seen(self.0.checkpoint().is_err());
        self.0
    }

    /// A cancel can be seen before its hook has interrupted the script, which must not be quicker: it would end
    /// one way or the other.
    fn seen(&self, cancelled: bool) -> bool {
        if cancelled {
            self.1.interrupt();
        }
        cancelled
    }

    fn task_id(&self) -> QString {
        super::id::id_text(self.0.id())
    }

    fn iteration(&self) -> f64 {
        self.0.iteration() as f64
    }

    fn attempt(&self) -> f64 {
        self.0.attempt() as f64
    }

    fn measure(&self, value: f64) {
        self.context().set_progress_value(value);
    }

    fn report(&self, value: f64, message: &QString) {
        self.context().set_progress(value, &message.to_string());
    }

    fn count(&self, done: f64, total: f64, unit: &QString) {
        self.context().set_progress_of(done, total, &unit.to_string());
    }

    fn say(&self, message: &QString) {
        self.context().set_message(&message.to_string());
    }

    fn sleep(&self, ms: f64) {
        // That it was asked to stop, the interruption says.
        self.seen(self.0.sleep(Duration::from_secs_f64(ms / 1_000.0)).is_err());
    }

    fn send(&self, value: &QVariant) -> QString {
        // Reading it may call getters of the script's.
        match read_result(value, "what it sends") {
            Ok(value) => {
                self.seen(tasks().engine().send(self.0, value).is_err());
                QString::default()
            }
            Err(error) => QString::from(&error),
        }
    }

    /// What an interrupted script does not end, the end of its run does.
    fn begin_blocking(&self) {
        let scope = self.0.begin_blocking();
        self.2.borrow_mut().push(scope);
    }

    fn end_blocking(&self) {
        let scope = self.2.borrow_mut().pop();
        drop(scope);
    }
}

/// A function of a module.
#[derive(Debug)]
pub struct Script {
    /// As `QJSEngine::importModule` wants it.
    file: String,
    function: String,
}

impl Script {
    /// Checks the module's place; whether it is there, and exports the function, is seen on the worker.
    pub fn new(module: &str, function: &str) -> Result<Self, SpawnError> {
        let place = ffi::script_module(&QString::from(module));
        if !place.error.is_empty() {
            return Err(SpawnError::Module(place.error.to_string()));
        }
        if function.is_empty() {
            return Err(SpawnError::Module(format!(
                "the function's name is empty; expected one that \"{module}\" exports"
            )));
        }
        Ok(Script { file: place.file.to_string(), function: function.to_owned() })
    }

    /// What the user sees, unless the options say otherwise.
    pub fn name(&self) -> String {
        let file = self.file.rsplit('/').next().unwrap_or_default();
        format!("{} ({file})", self.function)
    }

    /// Calls the function. On a worker.
    pub fn run(&self, context: &TaskContext, args: &Args) -> Result<Value, TaskError> {
        let interrupter = ffi::new_interrupter();
        let (hook, run) = (interrupter.clone(), ScriptRun(context, interrupter.clone(), RefCell::default()));
        context.on_cancel(move || hook.interrupt());
        let _running = Running::new(context.id());
        let mut call = ffi::begin_script(interrupter, &QString::from(&self.file));
        if call.is_null() {
            return Err(TaskError::new(
                ErrorKind::Script,
                "a script needs a QCoreApplication, and there is none",
            ));
        }
        // Ends before the call does: what it delivers may be reactions that nobody awaited, which are to be
        // interrupted like all else of it.
        let _body = BodyScope::enter();
        let value = self.call(&mut call, &run, args);
        match value {
            // The interruption, and what came of it.
            Err(_) if context.is_cancelled() => Err(TaskError::cancelled()),
            value => value,
        }
    }

    fn call(
        &self,
        call: &mut UniquePtr<ffi::ScriptCall>,
        run: &ScriptRun<'_>,
        args: &Args,
    ) -> Result<Value, TaskError> {
        let mut arguments = QList::<QVariant>::default();
        for value in args.iter() {
            arguments.append(to_variant(value));
        }
        let mut result = QVariant::default();
        let function = QString::from(&self.function);
        let fault = call.pin_mut().run(run, &function, &arguments, &mut result);
        self.check(fault)?;
        // Reading it may call getters of the script's.
        let value = read_result(&result, "the result");
        self.check(call.interrupted())?;
        value.map_err(|message| self.error(message, Place::default()))
    }

    fn check(&self, fault: ffi::ScriptFault) -> Result<(), TaskError> {
        if !fault.failed {
            return Ok(());
        }
        let place = Place { file: fault.file.to_string(), line: fault.line, stack: fault.stack.to_string() };
        let error = self.error(fault.message.to_string(), place);
        Err(match fault.again {
            1 => error.never_again(),
            2 => error.with_retry_after(Duration::from_secs_f64(fault.again_after_ms / 1_000.0)),
            _ => error,
        })
    }

    fn error(&self, message: String, mut place: Place) -> TaskError {
        if place.file.is_empty() {
            place.file = match self.file.strip_prefix(':') {
                Some(path) => format!("qrc:{path}"),
                None => format!("file://{}", self.file),
            };
        }
        let origin = match place.line {
            0 => place.file.clone(),
            line => format!("{}:{line}", place.file),
        };
        TaskError::new(ErrorKind::Script, message).with_origin(origin).with_place(place)
    }
}

impl Tasks {
    /// A task that calls a function which an ECMAScript module exports, in a JavaScript engine of the
    /// worker's own.
    ///
    /// `module` is a `file:` or `qrc:` URL, or an absolute path. The function gets copies of `args`,
    /// and a `context` after them: `cancelled`, `progress(value, message)`, `progress(done, total, unit)`,
    /// `send(value)`, `sleep(ms)`, `blocking(work)`, `taskId`, `iteration`, `attempt`. Its result is copied, too; of a promise, what it is settled with. It is
    /// interrupted when the task is asked to stop. What it throws is the task's failure
    /// ([`ErrorKind::Script`](crate::ErrorKind::Script), with its [`Place`](crate::Place)). Of an error with
    /// `permanent: true` a task with `retry` is not tried again, with `retryAfterMs` not before that time.
    ///
    /// A module is compiled once a worker and kept, with its variables: do not count on them, as
    /// another worker has others. It needs a `QCoreApplication`.
    pub fn script(
        self,
        module: &str,
        function: &str,
        args: impl Into<Args>,
    ) -> Result<TaskBuilder<Value, RunsAgain>, SpawnError> {
        self.script_given(module, function, args.into().into())
    }

    /// The same with results of tasks in its arguments.
    pub(crate) fn script_given(
        self,
        module: &str,
        function: &str,
        args: GivenArgs,
    ) -> Result<TaskBuilder<Value, RunsAgain>, SpawnError> {
        let script = Script::new(module, function)?;
        let name = script.name();
        Ok(TaskBuilder::given(self, args, move |context, args| script.run(context, args)).name(name))
    }

    /// A task that calls a script's function again and again.
    pub fn periodic_script(
        self,
        schedule: impl Into<Periodic>,
        module: &str,
        function: &str,
        args: impl Into<Args>,
    ) -> Result<TaskBuilder<Value, RunsAgain>, SpawnError> {
        Ok(self.script(module, function, args)?.schedule(schedule.into()))
    }
}
