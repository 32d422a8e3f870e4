//! What the engine knows, as maps for QML, C++ and Python.

use std::time::Duration;

use cxx_qt_lib::{QString, QVariant};

use super::values::to_variant;
use crate::engine::{HistoryLimits, Limits, OwnerId};
use crate::{
    Amount, Figures, ShutdownReport, SourceLocation, Stats, TaskError, TaskId, TaskInfo, Times, TraceReport,
    Value, WaitsFor, tasks,
};

fn text(text: &str) -> Value {
    Value::text(text)
}

fn date(ms: i64) -> Value {
    if ms == 0 { Value::Null } else { Value::Date(ms) }
}

/// `{kind, message, origin, attempt, reason}`, and of a script `file`, `line` and `stack`; `reason` is empty
/// for none.
pub fn error(error: &TaskError) -> Value {
    let known = [
        ("kind", text(error.kind().name())),
        ("message", text(error.message())),
        ("origin", text(error.origin())),
        ("attempt", Value::Int(error.attempt() as i64)),
        ("attempts", Value::Int(error.attempts() as i64)),
        ("reason", text(error.reason().map_or("", |reason| reason.name()))),
    ];
    let of_a_script = error.place().map(|place| {
        [("file", text(&place.file)), ("line", Value::Int(place.line.into())), ("stack", text(&place.stack))]
    });
    Value::map(known.into_iter().chain(of_a_script.into_iter().flatten()))
}

/// As a file and a line; empty where it is not known.
fn location(location: Option<SourceLocation>) -> Value {
    location.map_or_else(|| text(""), |location| text(&location.to_string()))
}

/// `{complete, finished, cancelled, abandoned: [{id, name, sourceLocation}]}`.
pub fn shutdown(report: &ShutdownReport) -> Value {
    let abandoned = report.abandoned.iter();
    let abandoned = abandoned.map(|task| {
        Value::map([
            ("id", text(&task.id.to_string())),
            ("name", text(&task.name)),
            ("sourceLocation", location(task.source_location)),
        ])
    });
    Value::map([
        ("complete", Value::Bool(report.complete)),
        ("finished", Value::Int(report.finished as i64)),
        ("cancelled", Value::Int(report.cancelled as i64)),
        ("abandoned", Value::list(abandoned)),
    ])
}

/// `{path, events, lost}`.
pub fn trace(report: &TraceReport) -> Value {
    let count = |count: u64| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    Value::map([
        ("path", text(&report.path.display().to_string())),
        ("events", count(report.events)),
        ("lost", count(report.lost)),
    ])
}

/// `{sinceMs, lanes, jobs, owners}`.
pub fn stats(stats: &Stats) -> Value {
    let list = |all: &[Figures]| Value::list(all.iter().map(figures));
    Value::map([
        ("sinceMs", Value::Int(stats.since_ms)),
        ("lanes", list(&stats.lanes)),
        ("jobs", list(&stats.jobs)),
        ("owners", list(&stats.owners)),
    ])
}

/// `{name, waiting, running, delivery}`.
fn figures(figures: &Figures) -> Value {
    Value::map([
        ("name", text(&figures.name)),
        ("waiting", times(&figures.waiting)),
        ("running", times(&figures.running)),
        ("delivery", times(&figures.delivery)),
    ])
}

/// `{count, p50Ms, p95Ms, maxMs, totalMs}`.
fn times(times: &Times) -> Value {
    let ms = |time: Duration| Value::Float(time.as_secs_f64() * 1_000.0);
    Value::map([
        ("count", Value::Int(i64::try_from(times.count).unwrap_or(i64::MAX))),
        ("p50Ms", ms(times.p50)),
        ("p95Ms", ms(times.p95)),
        ("maxMs", ms(times.max)),
        ("totalMs", ms(times.total)),
    ])
}

/// `{tasks, bytes, ageMs}`.
pub fn history(limits: &HistoryLimits) -> Value {
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Value::map([
        ("tasks", Value::Int(count(limits.tasks))),
        ("bytes", Value::Int(count(limits.bytes))),
        ("ageMs", Value::Float(limits.age.as_secs_f64() * 1_000.0)),
    ])
}

fn ids(tasks: &[TaskId]) -> Value {
    Value::list(tasks.iter().map(|id| text(&id.to_string())))
}

/// What a blocked task waits for: `{text, key, tasks, abandoned}`, with ids; null of any other. `abandoned` are
/// those of `tasks` that have ended, and whose bodies still hold their place.
fn waits_for(waits: &WaitsFor) -> Value {
    let tasks: Vec<_> = waits.tasks().collect();
    let (key, abandoned): (&str, &[TaskId]) = match waits {
        WaitsFor::Nothing => return Value::Null,
        WaitsFor::Key { key, abandoned, .. } => (key, abandoned),
        _ => ("", &[]),
    };
    Value::map([
        ("text", text(&waits.to_string())),
        ("key", text(key)),
        ("tasks", ids(&tasks)),
        ("abandoned", ids(abandoned)),
    ])
}

/// What `taskInfo` answers with of each task of a key that has not ended: of an owner's key, or of the application's.
pub fn tasks_of_key(owner: Option<OwnerId>, key: &QString) -> QVariant {
    let tasks = tasks().engine().tasks_of_key(owner, &key.to_string());
    // None has a result, but a periodic one its last: the list may be kept for longer than its code is there.
    to_variant(&Value::list(tasks.into_iter().map(|task| info(&TaskInfo { result: None, ..task }))))
}

/// What `taskInfo` answers with of each task of an owner that is not forgotten, without results: the list may be kept
/// for longer than the owner's code is there.
pub fn tasks_of(owner: Option<OwnerId>) -> QVariant {
    let owned = owner.map(|owner| tasks().engine().tasks_of(owner)).unwrap_or_default();
    to_variant(&Value::list(owned.into_iter().map(|task| info(&TaskInfo { result: None, ..task }))))
}

/// The limits of an owner: those that there are.
pub fn limits(owner: Option<OwnerId>) -> QVariant {
    let limits = owner.map(|owner| tasks().engine().limits(owner)).unwrap_or_default();
    let limits = [
        ("maxRunning", limits.max_running),
        ("maxQueued", limits.max_queued),
        ("maxDelayed", limits.max_delayed),
    ];
    let set = limits.into_iter().filter(|(_, most)| *most != Limits::NONE);
    to_variant(&Value::map(set.map(|(name, most)| (name, Value::Int(most.into())))))
}

/// What a task has done of what it is to do, `{done, total, unit, speed}`; what of it is not known is -1.
pub fn amount(of: Option<&Amount>) -> Value {
    let Some(amount) = of else { return Value::Null };
    Value::map([
        ("done", Value::Float(amount.done)),
        ("total", Value::Float(amount.total.unwrap_or(-1.0))),
        ("unit", text(&amount.unit)),
        ("speed", Value::Float(amount.speed.unwrap_or(-1.0))),
    ])
}

/// What `taskInfo` answers with.
pub fn info(info: &TaskInfo<Value>) -> Value {
    Value::map([
        ("id", text(&info.id.to_string())),
        ("status", Value::Int(info.status as i64)),
        ("statusName", text(info.status.name())),
        ("priority", Value::Int(info.priority as i64)),
        ("name", text(&info.name)),
        ("job", text(info.job.as_deref().unwrap_or_default())),
        ("owner", text(&info.owner)),
        ("progress", Value::Float(info.progress)),
        ("message", text(&info.message)),
        ("amount", amount(info.amount.as_ref())),
        ("iteration", Value::Int(info.iteration as i64)),
        ("periodic", Value::Bool(info.periodic)),
        ("attempt", Value::Int(info.attempt as i64)),
        ("attempts", Value::Int(info.attempts as i64)),
        ("cancelRequested", Value::Bool(info.cancel_requested)),
        ("cancelReason", text(info.cancel_reason.map_or("", |reason| reason.name()))),
        ("result", info.result.clone().unwrap_or_default()),
        ("error", info.error.as_ref().map_or(Value::Null, |failed| error(failed))),
        ("waitsFor", waits_for(&info.waits_for)),
        ("pauseReason", text(info.paused.as_deref().unwrap_or_default())),
        ("members", info.members.as_deref().map_or(Value::Null, ids)),
        ("canRetry", Value::Bool(info.can_retry)),
        ("retryOf", text(&info.retry_of.map(|id| id.to_string()).unwrap_or_default())),
        ("sourceLocation", location(info.source_location)),
        // <vocabulary: report>
        ("key", text(info.key.as_deref().unwrap_or_default())),
        ("mayBlock", Value::Bool(info.may_block)),
        // </vocabulary>
        ("created", date(info.created_ms)),
        ("due", date(info.due_ms)),
        ("started", date(info.started_ms)),
        ("finished", date(info.finished_ms)),
    ])
}
