//! Plays `tests/conformance/scenarios.json` through Rust, and through QML's `TaskManager`, `PluginApi` by name,
//! and `Task`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use legwork::{
    CancelResult, External, Owner, PauseResult, Periodic, Priority, RunsAgain, SpawnError, TaskBuilder,
    TaskHandle, TaskId, TaskValue, Value, WaitResult, tasks,
};
use serde_json::Value as Json;

use crate::jobs::Gate;
use crate::options;
use crate::support::{Scene, process_until};

const SCENARIOS: &str = include_str!("../../conformance/scenarios.json");

/// The object that hears the signals, and writes the log for both faces.
const OBSERVER: &str = r#"
    property var log: []
    property var names: ({})
    property var owners: ({})
    // <vocabulary: QML player>
readonly property var choices: ({priority: ["High", "Normal", "Low"], firstRun: ["AtOnce", "AfterInterval"], rate: ["FixedDelay", "FixedRate"], misfire: ["Skip", "RunOnce"], keyPolicy: ["Append", "Replace", "KeepLatest", "Keep"], afterPolicy: ["Completed", "Ended"], whenFull: ["Wait", "DropOldest", "Conflate"]})
    // </vocabulary>
    // <vocabulary: QML enumerators>
readonly property var enumerators: ["Delayed", "Queued", "Running", "Completed", "Failed", "Cancelled", "TimedOut", "Abandoned", "UnknownTask", "Blocked", "Paused", "CancelledBeforeStart", "CancelRequested", "AlreadyFinished", "PauseRequested", "PauseNotPossible", "Done", "WaitTimeout", "WouldDeadlock"]
    // </vocabulary>
    function text(value) { return value === undefined ? "undefined" : JSON.stringify(value) }
    function note(line) { log.push(line) }
    function name(id) { return names[id] }
    // What the ways of QML have of each task, and of each owner.
    property var tasks: ({})
    property var apis: ({})
    property QtObject newApi
    function submit(way, key, kind, ms, job, args, options) {
        for (const choice in choices)
            if (options[choice] !== undefined)
                options[choice] = TaskManager[options[choice]]
        if (way !== "api" && options.owner !== undefined) {
            if (!owners[options.owner])
                owners[options.owner] = Qt.createQmlObject("import QtQml; QtObject {}", root)
            options.owner = owners[options.owner]
        }
        if (way === "task")
            return start(key, kind, ms, job, args, options)
        options.onComplete = result => note(`onComplete ${key} ${text(result)}`)
        options.onError = error => note(`onError ${key} ${error.kind}: ${error.message}`)
        options.onCancelled = reason => note(`onCancelled ${key} ${reason}`)
        // A group has no body that sends.
        const isGroup = kind === "all" || kind === "any"
        if (!isGroup)
            options.onValues = values => note(`onValues ${key} ${text(values)}`)
        options.onPaused = reason => note(`onPaused ${key} ${reason}`)
        options.onResumed = () => note(`onResumed ${key}`)
        options.onProgress = (value, message) => note(`onProgress ${key} ${value} ${message}`)
        try {
            args = withResults(args)
            const id = way === "manager" && isGroup ? TaskManager[kind](args, options)
                     : way === "api" ? schedule(apis[options.owner ?? ""], key, kind, ms, job, args, options)
                     : kind === "script" ? TaskManager.runScript(WORK, job, args, options)
                     : kind === "run" ? TaskManager.runInThread(job, args, options)
                     : kind === "after" ? TaskManager.runLater(ms, job, args, options)
                     : TaskManager.runPeriodic(ms, job, args, options)
            if (id !== "")
                names[id] = key
            return id
        } catch (error) {
            note(`submit ${key}: ${error.message}`)
            return ""
        }
    }
    // Where a result is to stand, its task's id is said.
    function withResults(value) {
        if (value === null || typeof value !== "object")
            return value
        if (value.resultOf !== undefined)
            return TaskManager.resultOf(value.resultOf)
        const copy = Array.isArray(value) ? [] : {}
        for (const key in value)
            copy[key] = withResults(value[key])
        return copy
    }
    // An `ExternalTask` in place of a `Task`.
    property var stopped: ({})
    function complete(key, value) { return tasks[key].complete(value) }
    function fail(key, error) { return tasks[key].fail(error) }
    function schedule(api, key, kind, ms, job, args, options) {
        delete options.owner
        if (kind === "after")
            options.delayMs = ms
        if (kind === "every")
            Object.assign(options, { periodic: true, intervalMs: ms })
        const id = kind === "script" ? api.runScript(WORK, job, args, options)
                 : kind === "run" && options.delayMs === undefined ? api.runInBackground(job, args, options)
                 : api.scheduleTask(job, args, options)
        if (id === "")
            note(`submit ${key}: ${api.lastError}`)
        tasks[key] = api
        return id
    }
    // A `Task`, which stands in its owner: some options are properties, the others are in its `options`.
    function start(key, kind, ms, job, args, options) {
        const outside = kind === "external"
        const task = Qt.createQmlObject(`import Legwork; ${outside ? "ExternalTask" : "Task"} {}`, options.owner ?? root)
        delete options.owner
        tasks[key] = task
        task.completed.connect(result => note(`onComplete ${key} ${text(result)}`))
        task.periodic.connect((iteration, result) => note(`onComplete ${key} ${text(result)}`))
        task.failed.connect(error => note(`${error.kind === "Refused" ? "submit" : "onError"} ${key}`
            + (error.kind === "Refused" ? "" : ` ${error.kind}`) + `: ${error.message}`))
        task.values.connect(values => note(`onValues ${key} ${text(values)}`))
        task.taskPaused.connect(reason => note(`onPaused ${key} ${reason}`))
        task.taskResumed.connect(() => note(`onResumed ${key}`))
        task.cancelled.connect(reason => note(`onCancelled ${key} ${reason}`))
        const rest = {}
        for (const option in options) {
            // Some are names of methods, too.
            if (option in task && typeof task[option] !== "function")
                task[option] = options[option]
            else
                rest[option] = options[option]
        }
        task.options = rest
        if (outside)
            task.stopRequested.connect(() => { stopped[key] = true })
        else
            task.args = withResults(args)
        if (kind === "script")
            Object.assign(task, { script: "file://" + WORK, functionName: job })
        else if (!outside)
            task.job = job
        if (kind === "after")
            task.delayMs = ms
        if (kind === "every")
            task.intervalMs = ms
        if (!task.start())
            return ""
        names[task.taskId] = key
        return task.taskId
    }
    // What of a task is asked for by the object that has it. It says yes or no, from which the answer follows.
    function cancel(way, key, id) {
        if (way === "manager" || tasks[key] === undefined)
            return answer(TaskManager.cancelTask(id))
        const before = TaskManager.taskStatus(id), begun = TaskManager.taskInfo(id)?.started
        if (!(way === "api" ? tasks[key].cancelTask(id) : tasks[key].cancel()))
            return TaskManager.taskStatus(id) === TaskManager.UnknownTask ? "UnknownTask" : "AlreadyFinished"
        return before === TaskManager.Running || before === TaskManager.Paused && begun ? "CancelRequested" : "CancelledBeforeStart"
    }
    function pause(way, key, id, reason) {
        const by = tasks[key]
        return answer(way === "manager" || by === undefined ? TaskManager.pauseTask(id, reason)
                      : way === "api" ? by.pauseTask(id, reason) : by.pause(reason))
    }
    function resume(way, key, id) {
        const by = tasks[key]
        return way === "manager" || by === undefined ? TaskManager.resumeTask(id)
             : way === "api" ? by.resumeTask(id) : by.resume()
    }
    // Of a key, of an owner's or of the application's; of all of an owner; of all.
    function hold(way, what, pause, name, owner, reason) {
        if (way === "api" && what !== "all") {
            const api = apis[owner]
            return what === "owner" ? (pause ? api.pauseAll(reason) : api.resumeAll())
                 : pause ? api.pauseKey(name, reason) : api.resumeKey(name)
        }
        if (owner !== "" && !owners[owner])
            owners[owner] = Qt.createQmlObject("import QtQml; QtObject {}", root)
        if (what === "all")
            return pause ? TaskManager.pauseAll(reason) : TaskManager.resumeAll()
        if (what === "owner")
            return pause ? TaskManager.pauseOwner(owners[owner], reason) : TaskManager.resumeOwner(owners[owner])
        // A `Task` that says no owner has the object that it stands in.
        const of = owner !== "" ? owners[owner] : way === "task" ? root : null
        if (of)
            return pause ? TaskManager.pauseKey(name, reason, of) : TaskManager.resumeKey(name, of)
        return pause ? TaskManager.pauseKey(name, reason) : TaskManager.resumeKey(name)
    }
    function status(way, key, id) {
        return answer(way === "api" && tasks[key] ? tasks[key].getTaskStatus(id) : TaskManager.taskStatus(id))
    }
    function wait(way, key, id, ms) {
        if (way !== "api" || tasks[key] === undefined)
            return answer(TaskManager.waitForTask(id, ms))
        return tasks[key].waitForTask(id, ms) ? "Done" : tasks[key].lastError.includes("refused") ? "WouldDeadlock"
            : "WaitTimeout"
    }
    function info(way, key, id, options) {
        const info = way === "api" && tasks[key] ? tasks[key].taskInfo(id) : TaskManager.taskInfo(id)
        const said = option => choices[option]?.find(name => TaskManager[name] === info[option]) ?? info[option]
        return options.map(option => `${option}=${said(option)}`).join(" ")
    }
    function answer(number) {
        for (const known of enumerators)
            if (TaskManager[known] === number)
                return known
        return `unknown number ${number}`
    }
    function report(r) {
        return `complete=${r.complete} finished=${r.finished} cancelled=${r.cancelled} abandoned=`
            + r.abandoned.map(task => task.name).join(",")
    }
    property Connections connections: Connections {
        target: TaskManager
        function onTaskStarted(id) { root.note(`taskStarted ${root.name(id)}`) }
        function onTaskCompleted(id, result) { root.note(`taskCompleted ${root.name(id)} ${root.text(result)}`) }
        function onTaskFailed(id, error) { root.note(`taskFailed ${root.name(id)} ${error}`) }
        function onTaskCancelled(id) { root.note(`taskCancelled ${root.name(id)}`) }
        function onTaskPeriodic(id, iteration, result) { root.note(`taskPeriodic ${root.name(id)} ${iteration} ${root.text(result)}`) }
        function onTaskRetrying(id, attempt, error, delayMs) { root.note(`taskRetrying ${root.name(id)} ${attempt} ${error}`) }
        function onTaskValues(id, values) { root.note(`taskValues ${root.name(id)} ${root.text(values)}`) }
        function onTaskPaused(id, reason) { root.note(`taskPaused ${root.name(id)} ${reason}`) }
        function onTaskResumed(id) { root.note(`taskResumed ${root.name(id)}`) }
        function onTaskSlow(id, ms) { root.note(`taskSlow ${root.name(id)}`) }
        function onTaskProgress(id, progress, message) {
            const key = root.name(id)
            root.note(`taskProgress ${key} ${progress} ${message}`)
            // The properties of a Task are there before any slot hears of it.
            const task = root.tasks[key]
            if (task?.taskId === id)
                root.note(`onProgress ${key} ${task.progress} ${task.message}`)
        }
        function onShutdownFinished(r) { root.note(`shutdownFinished ${root.report(r)}`) }
    }
"#;

/// The module whose functions the scenarios run.
fn work() -> String {
    let work = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance/work.mjs");
    work.canonicalize().expect("it is there").display().to_string()
}

thread_local! {
    static SCENE: RefCell<Option<Scene>> = const { RefCell::new(None) };
}

fn eval(script: &str) -> String {
    SCENE.with_borrow_mut(|scene| scene.as_mut().expect("a scenario is being played").eval(script))
}

fn note(line: &str) {
    eval(&format!("note({})", Json::from(line)));
}

fn log() -> Vec<String> {
    serde_json::from_str(&eval("JSON.stringify(log)")).expect("the log is JSON")
}

/// A language's way to the service.
trait Face {
    /// The id, or what was noted as an error.
    fn submit(&mut self, step: &Submit) -> Option<String>;
    fn cancel(&mut self, key: &str, id: &str) -> String;
    fn status(&mut self, key: &str, id: &str) -> String;
    fn wait(&mut self, key: &str, id: &str, ms: u64) -> String;
    /// What `taskInfo` says of these options.
    fn info(&mut self, key: &str, id: &str, options: &[&str]) -> String;
    fn priority(&mut self, id: &str, to: &str) -> bool;
    /// Ends external work: whether it ends so.
    fn complete(&mut self, key: &str, value: &Json) -> bool;
    fn fail(&mut self, key: &str, error: &str) -> bool;
    /// Whether external work was told to stop.
    fn is_stopped(&mut self, key: &str) -> bool;
    fn pause(&mut self, key: &str, id: &str, reason: &str) -> String;
    fn resume(&mut self, key: &str, id: &str) -> bool;
    /// Pauses more than one task, for a reason, or takes that back.
    fn hold(&mut self, what: &Held, reason: Option<&str>) -> bool;
    fn end_owner(&mut self, name: &str);
    fn workers(&mut self, count: usize);
    fn shutdown(&mut self, ms: u64) -> String;
}

/// What can be paused but a task.
enum Held {
    /// By its name; of an owner, or of the application's.
    Key(String, Option<String>),
    Owner(String),
    All,
}

struct Submit {
    key: String,
    kind: &'static str,
    ms: u64,
    /// Or the function of a script.
    job: String,
    args: Json,
    options: Json,
}

/// QML, by the way of its `TaskManager` ("manager"), of a `PluginApi` for each owner ("api"), or of `Task` ("task").
struct Qml {
    way: &'static str,
    /// The owners that have a `PluginApi`.
    apis: Vec<String>,
}

impl Qml {
    /// Opens the `PluginApi` of an owner, if there is none.
    fn open(&mut self, owner: &str) {
        if self.way == "api" && !self.apis.iter().any(|known| known == owner) {
            SCENE.with_borrow_mut(|scene| scene.as_mut().expect("a scene").open_api(owner));
            eval(&format!("apis['{owner}'] = newApi"));
            self.apis.push(owner.to_owned());
        }
    }
}

impl Face for Qml {
    fn submit(&mut self, step: &Submit) -> Option<String> {
        let Submit { key, kind, ms, job, args, options } = step;
        self.open(options["owner"].as_str().unwrap_or_default());
        let id =
            eval(&format!("submit('{}', '{key}', '{kind}', {ms}, '{job}', {args}, {options})", self.way));
        if self.way == "task" && id.is_empty() {
            // It warns, too, with its file and line.
            crate::support::ffi::take_messages();
        }
        (!id.is_empty()).then_some(id)
    }

    fn cancel(&mut self, key: &str, id: &str) -> String {
        eval(&format!("cancel('{}', '{key}', '{id}')", self.way))
    }

    fn status(&mut self, key: &str, id: &str) -> String {
        eval(&format!("status('{}', '{key}', '{id}')", self.way))
    }

    fn wait(&mut self, key: &str, id: &str, ms: u64) -> String {
        eval(&format!("wait('{}', '{key}', '{id}', {ms})", self.way))
    }

    fn info(&mut self, key: &str, id: &str, options: &[&str]) -> String {
        eval(&format!("info('{}', '{key}', '{id}', {})", self.way, Json::from(options)))
    }

    fn priority(&mut self, id: &str, to: &str) -> bool {
        eval(&format!("TaskManager.setTaskPriority('{id}', TaskManager.{to})")) == "true"
    }

    fn complete(&mut self, key: &str, value: &Json) -> bool {
        eval(&format!("complete('{key}', {value})")) == "true"
    }

    fn fail(&mut self, key: &str, error: &str) -> bool {
        eval(&format!("fail('{key}', {})", Json::from(error))) == "true"
    }

    fn is_stopped(&mut self, key: &str) -> bool {
        eval(&format!("stopped['{key}'] === true")) == "true"
    }

    fn pause(&mut self, key: &str, id: &str, reason: &str) -> String {
        eval(&format!("pause('{}', '{key}', '{id}', '{reason}')", self.way))
    }

    fn resume(&mut self, key: &str, id: &str) -> bool {
        eval(&format!("resume('{}', '{key}', '{id}')", self.way)) == "true"
    }

    fn hold(&mut self, what: &Held, reason: Option<&str>) -> bool {
        let (kind, name, owner) = match what {
            Held::Key(name, owner) => ("key", name.as_str(), owner.as_deref().unwrap_or_default()),
            Held::Owner(owner) => ("owner", "", owner.as_str()),
            Held::All => ("all", "", ""),
        };
        self.open(owner);
        let (pause, reason) = (reason.is_some(), reason.unwrap_or_default());
        eval(&format!("hold('{}', '{kind}', {pause}, '{name}', '{owner}', '{reason}')", self.way)) == "true"
    }

    fn end_owner(&mut self, name: &str) {
        if self.way == "api" {
            SCENE.with_borrow_mut(|scene| scene.as_mut().expect("a scene").close_api(name));
            return;
        }
        // destroy() is deferred to the loop, which processes deletions, too.
        eval(&format!("owners['{name}'].destroy(); owners['{name}'] = undefined"));
        crate::support::ffi::process_events(0);
    }

    fn workers(&mut self, count: usize) {
        eval(&format!("TaskManager.maxWorkers = {count}"));
    }

    fn shutdown(&mut self, ms: u64) -> String {
        eval(&format!("report(TaskManager.shutdown({ms}))"))
    }
}

#[derive(Default)]
struct Rust {
    owners: HashMap<String, Owner>,
    /// For the groups of a scenario that has any.
    handles: HashMap<String, TaskHandle<Value>>,
    /// External work, by its key in the scenario.
    outside: HashMap<String, External<Value>>,
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Float(number.as_f64().expect("a number")),
        Json::String(text) => Value::text(text.as_str()),
        Json::Array(list) => Value::list(list.iter().map(value)),
        Json::Object(map) => Value::map(map.iter().map(|(key, json)| (key.as_str(), value(json)))),
    }
}

/// As JavaScript's `JSON.stringify` writes it.
fn json_text(value: &Value) -> String {
    match value {
        Value::Undefined => "undefined".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => Json::from(text.as_ref()).to_string(),
        Value::List(list) => {
            format!("[{}]", list.iter().map(json_text).collect::<Vec<_>>().join(","))
        }
        other => panic!("{other:?} is in no scenario"),
    }
}

fn priority(name: &str) -> Priority {
    Priority::ALL.iter().copied().find(|priority| priority.name() == name).expect("a priority")
}

fn id(text: &str) -> Option<TaskId> {
    text.parse().ok()
}

/// With callbacks that write the log.
fn heard<T: TaskValue, W>(builder: TaskBuilder<T, W>, key: &str) -> TaskBuilder<T, W> {
    let key = || key.to_owned();
    let (a, b, c, d, e) = (key(), key(), key(), key(), key());
    builder
        .on_complete(move |result: T| note(&format!("onComplete {a} {}", json_text(&result.into_value()))))
        .on_error(move |error| note(&format!("onError {b} {}: {}", error.kind().name(), error.message())))
        .on_cancelled(move |reason| note(&format!("onCancelled {c} {}", reason.name())))
        .on_paused(move |reason| match reason {
            Some(reason) => note(&format!("onPaused {e} {reason}")),
            None => note(&format!("onResumed {e}")),
        })
        .on_progress(move |value, message| note(&format!("onProgress {d} {value} {message}")))
}

impl Rust {
    fn owner(&mut self, name: &str) -> &Owner {
        self.owners.entry(name.to_owned()).or_insert_with(|| tasks().owner(name))
    }

    fn build(&mut self, step: &Submit) -> TaskBuilder<Value, RunsAgain> {
        let options = &step.options;
        let Json::Array(args) = &step.args else { panic!("args is a list") };
        let args: Vec<Value> = args.iter().map(value).collect();
        let mut builder = match step.kind {
            "script" => tasks().script(&work(), &step.job, args).expect("a module's place"),
            "run" => tasks().job(&step.job, args),
            "after" => tasks().job(&step.job, args).delay(Duration::from_millis(step.ms)),
            _ => {
                let mut schedule = Periodic::every(Duration::from_millis(step.ms));
                options::set_schedule(&mut schedule, options);
                tasks().periodic_job(schedule, &step.job, args)
            }
        };
        builder = options::set(builder, options);
        let key = step.key.clone();
        builder = builder.on_values(move |values: Vec<Value>| {
            note(&format!("onValues {key} {}", json_text(&Value::list(values))));
        });
        heard(self.placed(builder, options), &step.key)
    }

    /// With what it comes after, and its owner.
    fn placed<T: TaskValue, W>(&mut self, builder: TaskBuilder<T, W>, options: &Json) -> TaskBuilder<T, W> {
        let mut builder = builder;
        if let Some(after) = options["after"].as_array() {
            builder = builder.after(after.iter().filter_map(|id| id.as_str()?.parse().ok()));
        }
        if let Some(name) = options["owner"].as_str() {
            builder = builder.owner(self.owner(name));
        }
        builder
    }

    fn begin_outside(&mut self, step: &Submit) -> Result<TaskId, SpawnError> {
        let mut builder = tasks().external::<Value>();
        for (key, value) in step.options.as_object().expect("options") {
            builder = match key.as_str() {
                "name" => builder.name(value.as_str().expect("a name")),
                "key" => builder.key(value.as_str().expect("a key")),
                "timeoutMs" => builder.timeout(Duration::from_millis(value.as_u64().expect("a time"))),
                other => panic!("external work with {other} is in no scenario yet"),
            };
        }
        let external = heard(self.placed(builder, &step.options), &step.key).spawn()?;
        let id = external.id();
        self.outside.insert(step.key.clone(), external);
        Ok(id)
    }
}

impl Rust {
    /// The tasks of a group, by their ids.
    fn members(&self, step: &Submit) -> Vec<&TaskHandle<Value>> {
        let ids = step.args.as_array().expect("a list of ids");
        ids.iter().map(|id| &self.handles[id.as_str().expect("an id")]).collect()
    }
}

impl Face for Rust {
    fn submit(&mut self, step: &Submit) -> Option<String> {
        let spawned = match step.kind {
            "all" => heard(tasks().all(self.members(step)), &step.key).spawn().map(|handle| handle.id()),
            "any" => heard(tasks().any(self.members(step)), &step.key).spawn().map(|handle| handle.id()),
            "external" => self.begin_outside(step),
            _ => self.build(step).spawn().map(|handle| {
                let id = handle.id();
                self.handles.insert(id.to_string(), handle);
                id
            }),
        };
        match spawned {
            Ok(id) => {
                eval(&format!("names['{id}'] = '{}'", step.key));
                Some(id.to_string())
            }
            Err(error) => {
                note(&format!("submit {}: {error}", step.key));
                None
            }
        }
    }

    fn cancel(&mut self, _: &str, text: &str) -> String {
        id(text).map_or(CancelResult::UnknownTask, |id| tasks().cancel(id)).name().to_owned()
    }

    fn status(&mut self, _: &str, text: &str) -> String {
        id(text).map_or(legwork::Status::UnknownTask, |id| tasks().status(id)).name().to_owned()
    }

    fn wait(&mut self, _: &str, text: &str, ms: u64) -> String {
        let wait = |id| tasks().wait(id, Duration::from_millis(ms));
        id(text).map_or(WaitResult::UnknownTask, wait).name().to_owned()
    }

    fn info(&mut self, _: &str, text: &str, options: &[&str]) -> String {
        let info = id(text).and_then(|id| tasks().info(id)).expect("it is known");
        let said = |option: &&str| format!("{option}={}", options::shown(&info, option));
        options.iter().map(said).collect::<Vec<_>>().join(" ")
    }

    fn priority(&mut self, text: &str, to: &str) -> bool {
        id(text).is_some_and(|id| tasks().set_priority(id, priority(to)))
    }

    fn complete(&mut self, key: &str, value: &Json) -> bool {
        self.outside[key].complete(self::value(value))
    }

    fn fail(&mut self, key: &str, error: &str) -> bool {
        self.outside[key].fail(error)
    }

    fn is_stopped(&mut self, key: &str) -> bool {
        self.outside[key].is_cancel_requested()
    }

    fn pause(&mut self, _: &str, text: &str, reason: &str) -> String {
        id(text).map_or(PauseResult::UnknownTask, |id| tasks().pause(id, reason)).name().to_owned()
    }

    fn resume(&mut self, _: &str, text: &str) -> bool {
        id(text).is_some_and(|id| tasks().resume(id))
    }

    fn hold(&mut self, what: &Held, reason: Option<&str>) -> bool {
        match (what, reason) {
            (Held::Key(key, None), Some(reason)) => tasks().pause_key(key, reason),
            (Held::Key(key, None), None) => tasks().resume_key(key),
            (Held::Key(key, Some(owner)), Some(reason)) => self.owner(owner).pause_key(key, reason),
            (Held::Key(key, Some(owner)), None) => self.owner(owner).resume_key(key),
            (Held::Owner(owner), Some(reason)) => self.owner(owner).pause(reason),
            (Held::Owner(owner), None) => self.owner(owner).resume(),
            (Held::All, Some(reason)) => tasks().pause_all(reason),
            (Held::All, None) => tasks().resume_all(),
        }
    }

    fn end_owner(&mut self, name: &str) {
        self.owners.remove(name).expect("an owner").close();
    }

    fn workers(&mut self, count: usize) {
        tasks().set_max_workers(count).expect("a number of workers");
    }

    fn shutdown(&mut self, ms: u64) -> String {
        let report = tasks().shutdown(Duration::from_millis(ms));
        let names: Vec<_> = report.abandoned.iter().map(|task| task.name.as_str()).collect();
        format!(
            "complete={} finished={} cancelled={} abandoned={}",
            report.complete,
            report.finished,
            report.cancelled,
            names.join(",")
        )
    }
}

pub struct Scenario {
    pub name: String,
    pub process: bool,
    steps: Vec<Json>,
    log: Vec<String>,
}

pub fn scenarios() -> Vec<Scenario> {
    let text = |json: &Json| json.as_str().expect("a text").to_owned();
    let Ok(Json::Array(scenarios)) = serde_json::from_str(SCENARIOS) else {
        panic!("scenarios.json is a list")
    };
    let list = |json: &Json| json.as_array().expect("a list").clone();
    scenarios
        .iter()
        .map(|json| Scenario {
            name: text(&json["name"]),
            process: json["process"] == true,
            steps: list(&json["steps"]),
            log: list(&json["log"]).iter().map(text).collect(),
        })
        .collect()
}

/// Every option stands in a scenario, so that each face has been asked for it.
pub fn every_option_is_played() {
    let scenarios = scenarios();
    let steps = scenarios.iter().flat_map(|scenario| &scenario.steps);
    let played: Vec<&String> =
        steps.filter_map(|step| step["options"].as_object()).flat_map(|options| options.keys()).collect();
    for key in options::KEYS {
        assert!(played.iter().any(|known| known == key), "the option {key} is in no scenario");
    }
    // And what taskInfo shows of them has been compared.
    let asked = |scenario: &Scenario, key: &str| {
        let said = |step: &Json| step["options"].get(key).is_some();
        let shown = |step: &Json| step["of"].as_array().is_some_and(|of| of.iter().any(|known| known == key));
        scenario.steps.iter().any(said) && scenario.steps.iter().any(shown)
    };
    for key in ["name", "priority"].iter().chain(options::SHOWN) {
        assert!(
            scenarios.iter().any(|scenario| asked(scenario, key)),
            "no scenario has the option {key}, and the step info of it"
        );
    }
}

/// One line a task first, so that only the order of each task counts.
fn by_task(log: &[String]) -> Vec<String> {
    let mut log = log.to_vec();
    log.sort_by_key(|line| line.split(' ').nth(1).unwrap_or_default().to_owned());
    log
}

/// The faces that this plays.
pub const FACES: [&str; 4] = ["rust", "manager", "api", "task"];

/// Whether a face has the words of a scenario: what takes a result by its id is for JavaScript, a group of tasks
/// that are there is made by `TaskManager`, and external work is an element.
pub fn can_say(scenario: &Scenario, face: &str) -> bool {
    let group = |step: &Json| step.get("all").is_some() || step.get("any").is_some();
    let external = |step: &Json| step.get("external").is_some();
    scenario.steps.iter().all(|step| match face {
        "rust" => !step["args"].to_string().contains("resultOf"),
        "manager" => !external(step),
        "api" => !group(step) && !external(step),
        _ => !group(step),
    })
}

/// Says ids in place of the keys of a scenario, where results are to stand.
fn name_results(args: &mut Json, known: &impl Fn(&str) -> String) {
    match args {
        Json::Array(list) => list.iter_mut().for_each(|element| name_results(element, known)),
        Json::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value.as_str()) {
                    ("resultOf", Some(task)) => *value = known(task).into(),
                    _ => name_results(value, known),
                }
            }
        }
        _ => {}
    }
}

/// Whether a step pauses more than one task or takes that back, which kind of them, and its name.
fn held(step: &Json) -> Option<(bool, &'static str, String)> {
    for kind in ["Key", "Owner", "All"] {
        for pause in [true, false] {
            let verb = if pause { "pause" } else { "resume" };
            if let Some(name) = step[format!("{verb}{kind}")].as_str() {
                return Some((pause, kind, name.to_owned()));
            }
        }
    }
    None
}

/// Plays a scenario through a face, and compares the log.
pub fn play(scenario: &Scenario, face: &str, run: usize) {
    let way = FACES.into_iter().find(|known| *known == face).expect("a face");
    let mut face: Box<dyn Face> = match way {
        "rust" => Box::<Rust>::default(),
        _ => Box::new(Qml { way, apis: Vec::new() }),
    };
    SCENE.set(Some(Scene::new(&OBSERVER.replace("WORK", &Json::from(work()).to_string()))));
    // Each play has gates of its own.
    let gate = |name: &str| format!("{name}{run}");
    let mut ids: HashMap<String, String> = HashMap::new();
    face.workers(4);
    for step in &scenario.steps {
        let text = |key: &str| step[key].as_str().map(str::to_owned);
        let number = |key: &str| step[key].as_u64();
        let known = |key: &str| ids.get(key).cloned().unwrap_or_else(|| key.to_owned());
        if let Some(key) = text("submit") {
            let kinds = ["after", "every", "script", "all", "any", "external"];
            let kind = kinds.into_iter().find(|kind| step.get(kind).is_some());
            let members = step.get("all").or(step.get("any"));
            let mut args = members.unwrap_or(&step["args"]).clone();
            match members {
                Some(_) => args.as_array_mut().expect("a list of keys").iter_mut().for_each(|key| {
                    *key = known(key.as_str().expect("a key")).into();
                }),
                None => name_results(&mut args, &known),
            }
            let has_none = members.is_some() || kind == Some("external");
            let job = text("job").or(text("script")).or(has_none.then(String::new));
            let job = job.expect("a job, or a script's function");
            if ["gate", "progress", "send"].contains(&job.as_str()) {
                args[0] = gate(args[0].as_str().expect("a gate")).into();
            }
            let mut options =
                step.get("options").cloned().unwrap_or_else(|| Json::Object(Default::default()));
            // The tasks that it comes after, by their keys in the scenario.
            if let Some(after) = options.get_mut("after").and_then(Json::as_array_mut) {
                after.iter_mut().for_each(|key| *key = known(key.as_str().expect("a key")).into());
            }
            let ms = kind.and_then(number).unwrap_or(0);
            let submit = Submit { key: key.clone(), kind: kind.unwrap_or("run"), ms, job, args, options };
            if let Some(id) = face.submit(&submit) {
                ids.insert(key, id);
            }
        } else if let Some(line) = text("await") {
            process_until(&format!("the line \"{line}\""), || log().contains(&line));
        } else if let Some(name) = text("open") {
            Gate::named(&gate(&name)).open();
        } else if let Some(key) = text("cancel") {
            note(&format!("cancel {key}: {}", face.cancel(&key, &known(&key))));
        } else if let Some(key) = text("status") {
            note(&format!("status {key}: {}", face.status(&key, &known(&key))));
        } else if let Some(key) = text("wait") {
            let answer = face.wait(&key, &known(&key), number("ms").expect("ms"));
            note(&format!("wait {key}: {answer}"));
        } else if let Some(key) = text("info") {
            let options: Vec<_> =
                step["of"].as_array().expect("of").iter().filter_map(Json::as_str).collect();
            note(&format!("info {key}: {}", face.info(&key, &known(&key), &options)));
        } else if let Some(key) = text("priority") {
            let answer = face.priority(&known(&key), &text("to").expect("to"));
            note(&format!("priority {key}: {answer}"));
        } else if let Some(key) = text("complete") {
            note(&format!("complete {key}: {}", face.complete(&key, &step["value"])));
        } else if let Some(key) = text("fail") {
            note(&format!("fail {key}: {}", face.fail(&key, &text("error").expect("error"))));
        } else if let Some(key) = text("stopped") {
            process_until("that it is told to stop", || face.is_stopped(&key));
        } else if let Some(key) = text("pause") {
            let reason = text("reason").unwrap_or_default();
            note(&format!("pause {key}: {}", face.pause(&key, &known(&key), &reason)));
        } else if let Some(key) = text("resume") {
            note(&format!("resume {key}: {}", face.resume(&key, &known(&key))));
        } else if let Some((pause, kind, name)) = held(step) {
            let what = match kind {
                "Key" => Held::Key(name.clone(), text("owner")),
                "Owner" => Held::Owner(name.clone()),
                _ => Held::All,
            };
            let reason = pause.then(|| text("reason").unwrap_or_default());
            let changed = face.hold(&what, reason.as_deref());
            let verb = if pause { "pause" } else { "resume" };
            note(&format!("{verb}{kind} {name}: {changed}"));
        } else if let Some(name) = text("end") {
            face.end_owner(&name);
        } else if let Some(count) = number("workers") {
            face.workers(count as usize);
        } else if let Some(ms) = number("shutdown") {
            let report = face.shutdown(ms);
            note(&format!("shutdown: {report}"));
        } else {
            panic!("unknown step {step}");
        }
    }
    process_until("the end of all tasks", || {
        let counts = tasks().counts();
        counts.live == 0 && tasks().list().iter().all(|task| task.status.is_finished())
    });
    // What followed the last end.
    crate::support::ffi::process_events(0);
    let jobs = tasks().job_names().join(", ");
    let expected: Vec<String> = scenario.log.iter().map(|line| line.replace("JOBS", &jobs)).collect();
    let log = log();
    SCENE.set(None);
    if scenario.process {
        assert_eq!(by_task(&log), by_task(&expected), "the log differs, task by task");
    } else {
        assert_eq!(log, expected, "the log differs");
    }
    tasks().set_max_workers(4).expect("four are possible");
}
