//! Plays `tests/conformance/scenarios.json` through the Rust and the QML face.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Duration;

use legwork::{
    CancelResult, FirstRun, Owner, Periodic, Priority, TaskBuilder, TaskId, Value, WaitResult, tasks,
};
use serde_json::Value as Json;

use crate::jobs::Gate;
use crate::support::{Scene, process_until};

const SCENARIOS: &str = include_str!("../../conformance/scenarios.json");

/// The object that hears the signals, and writes the log for both faces.
const OBSERVER: &str = r#"
    property var log: []
    property var names: ({})
    property var owners: ({})
    function text(value) { return value === undefined ? "undefined" : JSON.stringify(value) }
    function note(line) { log.push(line) }
    function name(id) { return names[id] }
    function submit(key, kind, ms, job, args, options) {
        options.onComplete = result => note(`onComplete ${key} ${text(result)}`)
        options.onError = error => note(`onError ${key} ${error.kind}: ${error.message}`)
        options.onCancelled = reason => note(`onCancelled ${key} ${reason}`)
        options.onProgress = (value, message) => note(`onProgress ${key} ${value} ${message}`)
        for (const choice of ["priority", "firstRun"])
            if (options[choice] !== undefined)
                options[choice] = TaskManager[options[choice]]
        if (options.owner !== undefined) {
            if (!owners[options.owner])
                owners[options.owner] = Qt.createQmlObject("import QtQml; QtObject {}", root)
            options.owner = owners[options.owner]
        }
        try {
            const id = kind === "script" ? TaskManager.runScript(WORK, job, args, options)
                     : kind === "run" ? TaskManager.runInThread(job, args, options)
                     : kind === "after" ? TaskManager.runLater(ms, job, args, options)
                     : TaskManager.runPeriodic(ms, job, args, options)
            names[id] = key
            return id
        } catch (error) {
            note(`submit ${key}: ${error.message}`)
            return ""
        }
    }
    function answer(number) {
        for (const known of ["CancelledBeforeStart", "CancelRequested", "AlreadyFinished", "UnknownTask",
                             "Done", "WaitTimeout", "WouldDeadlock", "Delayed", "Queued", "Running",
                             "Completed", "Failed", "Cancelled", "TimedOut", "Abandoned"])
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
        function onTaskProgress(id, progress, message) { root.note(`taskProgress ${root.name(id)} ${progress} ${message}`) }
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
    fn cancel(&mut self, id: &str) -> String;
    fn status(&mut self, id: &str) -> String;
    fn wait(&mut self, id: &str, ms: u64) -> String;
    fn priority(&mut self, id: &str, to: &str) -> bool;
    fn end_owner(&mut self, name: &str);
    fn workers(&mut self, count: usize);
    fn shutdown(&mut self, ms: u64) -> String;
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

struct Qml;

impl Face for Qml {
    fn submit(&mut self, step: &Submit) -> Option<String> {
        let Submit { key, kind, ms, job, args, options } = step;
        let id = eval(&format!("submit('{key}', '{kind}', {ms}, '{job}', {args}, {options})"));
        (!id.is_empty()).then_some(id)
    }

    fn cancel(&mut self, id: &str) -> String {
        eval(&format!("answer(TaskManager.cancelTask('{id}'))"))
    }

    fn status(&mut self, id: &str) -> String {
        eval(&format!("answer(TaskManager.taskStatus('{id}'))"))
    }

    fn wait(&mut self, id: &str, ms: u64) -> String {
        eval(&format!("answer(TaskManager.waitForTask('{id}', {ms}))"))
    }

    fn priority(&mut self, id: &str, to: &str) -> bool {
        eval(&format!("TaskManager.setTaskPriority('{id}', TaskManager.{to})")) == "true"
    }

    fn end_owner(&mut self, name: &str) {
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
    [Priority::High, Priority::Normal, Priority::Low]
        .into_iter()
        .find(|priority| priority.name() == name)
        .expect("a priority")
}

fn id(text: &str) -> Option<TaskId> {
    text.parse().ok()
}

impl Rust {
    fn build(&mut self, step: &Submit) -> TaskBuilder<Value> {
        let options = &step.options;
        let number = |key: &str| options[key].as_u64();
        let Json::Array(args) = &step.args else { panic!("args is a list") };
        let args: Vec<Value> = args.iter().map(value).collect();
        let mut builder = match step.kind {
            "script" => tasks().script(&work(), &step.job, args).expect("a module's place"),
            "run" => tasks().job(&step.job, args),
            "after" => tasks().job(&step.job, args).delay(Duration::from_millis(step.ms)),
            _ => {
                let mut schedule = Periodic::every(Duration::from_millis(step.ms));
                schedule.max_runs = number("maxRuns").unwrap_or(0);
                schedule.max_failures = number("maxFailures").unwrap_or(0) as u32;
                if options["firstRun"] == "AfterInterval" {
                    schedule.first_run = FirstRun::AfterInterval;
                }
                tasks().periodic_job(schedule, &step.job, args)
            }
        };
        if let Some(name) = options["name"].as_str() {
            builder = builder.name(name);
        }
        if let Some(name) = options["priority"].as_str() {
            builder = builder.priority(priority(name));
        }
        if let Some(ms) = number("timeoutMs") {
            builder = builder.timeout(Duration::from_millis(ms));
        }
        if let Some(name) = options["owner"].as_str() {
            let owner = self.owners.entry(name.to_owned()).or_insert_with(|| tasks().owner(name));
            builder = builder.owner(owner);
        }
        if options["detached"] == true {
            builder = builder.detached();
        }
        if options["mustRun"] == true {
            builder = builder.must_run();
        }
        let key = || step.key.clone();
        let (a, b, c, d) = (key(), key(), key(), key());
        builder
            .on_complete(move |result| note(&format!("onComplete {a} {}", json_text(&result))))
            .on_error(move |error| note(&format!("onError {b} {}: {}", error.kind().name(), error.message())))
            .on_cancelled(move |reason| note(&format!("onCancelled {c} {}", reason.name())))
            .on_progress(move |value, message| note(&format!("onProgress {d} {value} {message}")))
    }
}

impl Face for Rust {
    fn submit(&mut self, step: &Submit) -> Option<String> {
        match self.build(step).spawn() {
            Ok(handle) => {
                eval(&format!("names['{}'] = '{}'", handle.id(), step.key));
                Some(handle.id().to_string())
            }
            Err(error) => {
                note(&format!("submit {}: {error}", step.key));
                None
            }
        }
    }

    fn cancel(&mut self, text: &str) -> String {
        id(text).map_or(CancelResult::UnknownTask, |id| tasks().cancel(id)).name().to_owned()
    }

    fn status(&mut self, text: &str) -> String {
        id(text).map_or(legwork::Status::UnknownTask, |id| tasks().status(id)).name().to_owned()
    }

    fn wait(&mut self, text: &str, ms: u64) -> String {
        let wait = |id| tasks().wait(id, Duration::from_millis(ms));
        id(text).map_or(WaitResult::UnknownTask, wait).name().to_owned()
    }

    fn priority(&mut self, text: &str, to: &str) -> bool {
        id(text).is_some_and(|id| tasks().set_priority(id, priority(to)))
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

/// One line a task first, so that only the order of each task counts.
fn by_task(log: &[String]) -> Vec<String> {
    let mut log = log.to_vec();
    log.sort_by_key(|line| line.split(' ').nth(1).unwrap_or_default().to_owned());
    log
}

/// Plays a scenario through a face ("rust" or "qml"), and compares the log.
pub fn play(scenario: &Scenario, face: &str, run: usize) {
    let mut face: Box<dyn Face> = match face {
        "rust" => Box::<Rust>::default(),
        _ => Box::new(Qml),
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
            let kind = ["after", "every", "script"].into_iter().find(|kind| step.get(kind).is_some());
            let mut args = step["args"].clone();
            let job = text("job").or(text("script")).expect("a job, or a script's function");
            if ["gate", "progress"].contains(&job.as_str()) {
                args[0] = gate(args[0].as_str().expect("a gate")).into();
            }
            let options = step.get("options").cloned().unwrap_or_else(|| Json::Object(Default::default()));
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
            note(&format!("cancel {key}: {}", face.cancel(&known(&key))));
        } else if let Some(key) = text("status") {
            note(&format!("status {key}: {}", face.status(&known(&key))));
        } else if let Some(key) = text("wait") {
            let answer = face.wait(&known(&key), number("ms").expect("ms"));
            note(&format!("wait {key}: {answer}"));
        } else if let Some(key) = text("priority") {
            let answer = face.priority(&known(&key), &text("to").expect("to"));
            note(&format!("priority {key}: {answer}"));
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
        counts.live == 0 && tasks().all().iter().all(|task| task.status.is_finished())
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
