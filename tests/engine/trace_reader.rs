//! Reads a trace back, and holds it against the definition of its format: Chrome's Trace Event Format, as Perfetto and
//! `chrome://tracing` read it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

/// One event. Times are nanoseconds.
#[derive(Debug, Clone)]
pub struct Event {
    pub ph: char,
    pub cat: String,
    pub name: String,
    pub tid: u64,
    pub ts: u64,
    pub dur: u64,
    /// Of an arrow, or of what a task waits for.
    pub id: String,
    pub args: Value,
}

impl Event {
    pub fn of(line: &str) -> Event {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        let nanos = |key: &str| {
            let micros = value[key].as_f64().unwrap_or_else(|| panic!("{key} is no number: {line}"));
            (micros * 1_000.0).round() as u64
        };
        let ph = text("ph").chars().next().unwrap_or_else(|| panic!("no phase: {line}"));
        assert!(value["pid"].is_u64(), "no process: {line}");
        Event {
            ph,
            cat: text("cat"),
            name: text("name"),
            tid: value["tid"].as_u64().unwrap_or_else(|| panic!("no thread: {line}")),
            ts: nanos("ts"),
            dur: if ph == 'X' { nanos("dur") } else { 0 },
            id: text("id"),
            args: value["args"].clone(),
        }
    }

    pub fn task(&self) -> &str {
        self.args["task"].as_str().unwrap_or_default()
    }

    pub fn arg(&self, key: &str) -> &str {
        self.args[key].as_str().unwrap_or_default()
    }
}

/// A wait of a task: for what, from when, until when.
pub type Wait = (String, u64, u64);

/// What a trace tells of a task.
#[derive(Debug, Default)]
pub struct Task {
    pub submitted: Vec<Event>,
    /// Of its runs and polls, the begin and the end.
    pub runs: Vec<(Event, Event)>,
    pub waits: Vec<Wait>,
    pub ends: Vec<Event>,
    pub slots: Vec<(Event, Event)>,
    /// What its arrow consists of, in order.
    pub arrow: String,
}

#[derive(Debug, Default)]
pub struct Trace {
    /// In the order of their times; those of one time as they are in the file.
    pub events: Vec<Event>,
    pub tasks: BTreeMap<String, Task>,
    pub drains: Vec<(Event, Event)>,
    pub threads: BTreeMap<u64, String>,
}

/// The lines of a trace that are events, of a whole one, or of one whose process has died.
pub fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.remove(0), "[");
    if lines.last() == Some(&"]") {
        lines.pop();
    }
    lines.into_iter().map(|line| line.strip_suffix(',').unwrap_or(line)).collect()
}

impl Trace {
    /// Reads a whole trace.
    pub fn read(path: &Path) -> Trace {
        let text = std::fs::read_to_string(path).expect("the trace");
        let whole: Value = serde_json::from_str(&text).expect("it is JSON");
        let lines = lines(&text);
        assert_eq!(whole.as_array().map(Vec::len), Some(lines.len()), "one event a line");
        Trace::of(lines.into_iter().map(Event::of).collect(), true)
    }

    /// `ended`: what has begun has to have an end.
    pub fn of(mut events: Vec<Event>, ended: bool) -> Trace {
        events.sort_by_key(|event| event.ts);
        let mut trace = Trace::default();
        let mut open: BTreeMap<u64, Vec<Event>> = BTreeMap::new();
        let mut waits: BTreeMap<String, Event> = BTreeMap::new();
        let mut keys: BTreeMap<String, String> = BTreeMap::new();
        // Those of a thread that are complete, and may be around what comes at the same time.
        let mut complete: BTreeMap<u64, Event> = BTreeMap::new();
        for event in &events {
            let stack = open.entry(event.tid).or_default();
            let task = event.task().to_owned();
            if !task.is_empty() && !event.id.is_empty() {
                let known = keys.entry(event.id.clone()).or_insert(task.clone());
                assert_eq!(*known, task, "an id is one task's");
            }
            match event.ph {
                'M' => {
                    if event.name == "thread_name" {
                        trace.threads.insert(event.tid, event.arg("name").to_owned());
                    }
                }
                'X' => {
                    assert_eq!(event.cat, "submit");
                    trace.task(&task).submitted.push(event.clone());
                    complete.insert(event.tid, event.clone());
                }
                'B' => stack.push(event.clone()),
                'E' => {
                    let begin = stack.pop().unwrap_or_else(|| panic!("the end of nothing: {event:?}"));
                    if let Some(inner) = complete.get(&event.tid) {
                        assert!(inner.ts + inner.dur <= event.ts, "{inner:?} crosses {event:?}");
                    }
                    let task = begin.task().to_owned();
                    match begin.cat.as_str() {
                        "run" | "poll" => trace.task(&task).runs.push((begin, event.clone())),
                        "slot" if task.is_empty() => {}
                        "slot" => trace.task(&task).slots.push((begin, event.clone())),
                        "drain" => trace.drains.push((begin, event.clone())),
                        other => panic!("a span of {other}"),
                    }
                }
                'b' => {
                    let before = waits.insert(event.id.clone(), event.clone());
                    assert!(before.is_none(), "{event:?} begins in {before:?}");
                }
                'e' => {
                    let begin =
                        waits.remove(&event.id).unwrap_or_else(|| panic!("the end of nothing: {event:?}"));
                    assert_eq!(begin.name, event.name);
                    let wait = (begin.name.clone(), begin.ts, event.ts);
                    trace.task(begin.task()).waits.push(wait);
                }
                'n' => trace.task(&task).ends.push(event.clone()),
                's' | 't' | 'f' => {
                    let around =
                        complete.get(&event.tid).is_some_and(|event_before| event_before.ts == event.ts);
                    assert!(around || !stack.is_empty(), "an arrow at nothing: {event:?}");
                    let task = keys.get(&event.id).cloned().or_else(|| {
                        // The first that is told of it is what the arrow stands at.
                        let at = if around { complete.get(&event.tid) } else { stack.last() };
                        at.map(|at| at.task().to_owned())
                    });
                    let task = task.expect("an arrow is of a task");
                    keys.insert(event.id.clone(), task.clone());
                    trace.task(&task).arrow.push(event.ph);
                }
                'C' => {
                    let values = event.args.as_object().expect("a counter has values");
                    assert!(values.values().all(Value::is_u64), "{event:?}");
                }
                'i' => assert_eq!(event.cat, "trace"),
                other => panic!("an event of the phase {other}"),
            }
        }
        let left: Vec<_> = open.values().flatten().collect();
        assert!(!ended || left.is_empty(), "no end of {left:?}");
        assert!(waits.is_empty(), "no end of {waits:?}");
        let unnamed: BTreeSet<_> =
            events.iter().map(|event| event.tid).filter(|tid| !trace.threads.contains_key(tid)).collect();
        assert!(unnamed.is_empty(), "threads without a name: {unnamed:?}");
        let whole = events.iter().all(|event| event.args["lost"].as_u64().unwrap_or(0) == 0);
        let loose = trace.tasks.values().find(|task| !task.arrow.is_empty() && !task.arrow.starts_with('s'));
        assert!(!whole || loose.is_none(), "an arrow without a begin: {loose:?}");
        trace.events = events;
        trace
    }

    fn task(&mut self, id: &str) -> &mut Task {
        assert!(!id.is_empty());
        self.tasks.entry(id.to_owned()).or_default()
    }

    pub fn last_of(&self, counter: &str) -> Option<&Event> {
        self.events.iter().rev().find(|event| event.ph == 'C' && event.name == counter)
    }

    /// That a task is there once, with what it went through in order.
    pub fn check(&self, id: &str) {
        let task = self.tasks.get(id).unwrap_or_else(|| panic!("the trace has no {id}"));
        assert_eq!((task.submitted.len(), task.ends.len()), (1, 1), "{id}: {task:?}");
        let (begin, end) = (task.submitted[0].ts, task.ends[0].ts);
        let mut spans: Vec<(u64, u64, &str)> =
            task.waits.iter().map(|wait| (wait.1, wait.2, &*wait.0)).collect();
        spans.extend(task.runs.iter().map(|(begin, end)| (begin.ts, end.ts, "runs")));
        spans.sort();
        let mut at = begin;
        for (from, to, what) in spans {
            let apart = from >= at || what == "is paused";
            assert!(apart && to >= from, "{id} {what} from {from} to {to}, and before until {at}: {task:?}");
            at = at.max(to);
        }
        assert!(at <= end, "{id} ends at {end}, and goes on until {at}: {task:?}");
        for (begin, _) in &task.slots {
            assert!(begin.ts >= task.submitted[0].ts);
        }
        let mut arrow = task.arrow.chars();
        assert_eq!(arrow.next(), Some('s'), "{id}: {task:?}");
        assert!(
            !task.arrow[1..].contains('s') && !task.arrow.trim_end_matches('f').contains('f'),
            "{task:?}"
        );
        assert!(task.arrow.matches('f').count() <= 1, "{task:?}");
    }
}
