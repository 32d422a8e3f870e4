//! What QML, and any other caller of the invokables, may put into the options.
//!
//! Everything is checked, and an error says the key, the value and what would be right.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cxx_qt_lib::QVariant;

use super::checks::{milliseconds, typed};
use super::keys::{self, BODY_KEYS, GROUP_KEYS, KEYS, PERIODIC_KEYS, SIGNALS, TAKEN_KEYS, WORK_KEYS};
use super::values::{entries, read, read_ids};
use crate::engine::{
    HistoryLimits, Limits, MAX_BLOCKING, MAX_NICE, MAX_WORKERS, STACK_SIZES, SubmitError, TaskOptions,
};
use crate::{ErrorPolicy, Periodic, RunsAgain, TaskBuilder, TaskId, Value};

/// The keys by which a call that has no other way says when the task runs: see [`schedule`].
const TIME_KEYS: &[&str] = &[DELAY_KEY, "periodic", "intervalMs"];

const DELAY_KEY: &str = "delayMs";

/// The tasks that one comes after, by their ids.
const AFTER_KEY: &str = "after";

/// The options of a task.
pub struct Options {
    task: TaskOptions<Value>,
    /// Without its interval, which the call says.
    schedule: Periodic,
    /// Of a group.
    policy: Option<ErrorPolicy>,
}

/// How a call says when its task runs, which decides what its options may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// `runInThread`, `runLater`.
    Plain,
    /// `runPeriodic`.
    Periodic,
    /// `runScript`, `scheduleTask`, `Task`: by options, which [`schedule`] has taken out.
    Scheduled { periodic: bool },
    /// `all`, `any` and `TaskGroup`: no work of its own.
    Group(Group),
}

/// Which group, as that decides whether an error policy may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    All,
    Any,
    /// `TaskGroup`, which may be either.
    Element,
}

impl Group {
    /// Of the options of a task those that are not of work, and its own.
    fn keys(self) -> impl Iterator<Item = &'static str> {
        let own = if self == Group::Any { &[] } else { GROUP_KEYS };
        let of_tasks = KEYS.iter().filter(|key| !WORK_KEYS.contains(key));
        of_tasks.chain(&[DELAY_KEY]).chain(own).copied()
    }
}

impl Call {
    /// Whether an option may be said in it.
    fn takes(self, key: &str) -> bool {
        match self {
            Call::Group(group) => group.keys().any(|known| known == key),
            _ if KEYS.contains(&key) => true,
            call => call.is_periodic() && PERIODIC_KEYS.contains(&key),
        }
    }

    /// The same, with what is read apart from them.
    fn may_have(self, key: &str) -> bool {
        let scheduled = matches!(self, Call::Scheduled { .. });
        self.takes(key) || key == AFTER_KEY || scheduled && TIME_KEYS.contains(&key)
    }

    fn is_periodic(self) -> bool {
        matches!(self, Call::Periodic | Call::Scheduled { periodic: true })
    }
}

/// When a scheduled task runs: `delayMs`, `periodic` and `intervalMs` of PluginApi's options.
#[derive(Debug, Default, PartialEq)]
pub struct When {
    pub delay: Duration,
    /// Absent for a task that runs once.
    pub interval: Option<Duration>,
}

/// The options of a call as they were given. Of one that cannot be read, the key is looked at before the value: one
/// that the call does not know is told as that, whatever it has.
pub fn given(options: &QVariant, call: Call) -> Result<Value, String> {
    let Some(entries) = entries(options) else { return read(options, "options") };
    let mut map = BTreeMap::new();
    for (key, value) in entries {
        let what = format!("options.{key}");
        let value = if key == AFTER_KEY { read_ids(&value, &what) } else { read(&value, &what) };
        match value {
            Ok(value) => map.insert(key, value),
            Err(_) if !call.may_have(&key) => return Err(unknown(&key, call)),
            Err(error) => return Err(error),
        };
    }
    Ok(Value::Map(Arc::new(map)))
}

/// Takes the time out of the options of `PluginApi::scheduleTask`.
pub fn schedule(options: &mut Value) -> Result<When, String> {
    let mut when = When::default();
    let Value::Map(map) = options else { return Ok(when) };
    let map = Arc::make_mut(map);
    let mut take = |key: &str| map.remove(key).filter(|value| !matches!(value, Value::Undefined));
    if let Some(delay) = take("delayMs") {
        when.delay = milliseconds(&delay, "options.delayMs", 0.0)?;
    }
    let periodic = match take("periodic") {
        Some(periodic) => typed(&periodic, "options.periodic")?,
        None => false,
    };
    match (periodic, take("intervalMs")) {
        (true, Some(interval)) => when.interval = Some(milliseconds(&interval, "options.intervalMs", 1.0)?),
        (true, None) => return Err("options.intervalMs is missing; a periodic task needs it".to_owned()),
        (false, Some(_)) => {
            return Err("options.intervalMs is for a periodic task; set options.periodic, too".to_owned());
        }
        (false, None) => {}
    }
    Ok(when)
}

/// A number of workers; which ones are possible, the engine knows. `None` is what could not be read.
pub fn workers(value: Option<&Value>) -> Result<usize, String> {
    let number = whole(value, "maxWorkers", 1, MAX_WORKERS)?;
    usize::try_from(number)
        .map_err(|_| format!("{number} workers are not possible; maxWorkers is from 1 to {MAX_WORKERS}"))
}

/// A number of bodies that block; the same.
pub fn blocking(value: Option<&Value>) -> Result<usize, String> {
    let number = whole(value, "maxBlocking", 0, MAX_BLOCKING)?;
    usize::try_from(number).map_err(|_| {
        format!("{number} bodies that block are not possible; maxBlocking is from 0 to {MAX_BLOCKING}")
    })
}

/// After how long idle threads end; -1 for never.
pub fn idle_timeout(value: Option<&Value>) -> Result<Option<Duration>, String> {
    let value = value.unwrap_or(&Value::Undefined);
    match value.to::<f64>() {
        Some(-1.0) => Ok(None),
        _ => milliseconds(value, "idleTimeoutMs", 0.0)
            .map(Some)
            .map_err(|error| format!("{error}, or -1 for never")),
    }
}

/// The bytes of a stack; the same.
pub fn stack_size(value: Option<&Value>) -> Result<usize, String> {
    let number = whole(value, "stackSize", *STACK_SIZES.start(), *STACK_SIZES.end())?;
    // What is less than nothing is as impossible as nothing.
    Ok(usize::try_from(number).unwrap_or(0))
}

/// By how much the threads of the workers give way; the same.
pub fn worker_nice(value: Option<&Value>) -> Result<u8, String> {
    let number = whole(value, "workerNice", 0, MAX_NICE.into())?;
    u8::try_from(number)
        .map_err(|_| format!("a nice value of {number} is not possible; workerNice is from 0 to {MAX_NICE}"))
}

/// How many tasks of a group may run at once; the same.
pub fn group_limit(value: &Value) -> Result<(), String> {
    const MOST: usize = i32::MAX as usize;
    match whole(Some(value), "limit", 1, MOST)? {
        1..=0x7fff_ffff => Ok(()),
        number => Err(format!("limit is {number}; expected a whole number from 1 to {MOST}, or 0 for none")),
    }
}

fn whole(value: Option<&Value>, what: &str, least: usize, most: usize) -> Result<i64, String> {
    let number = match value {
        Some(Value::Int(_) | Value::UInt(_) | Value::Float(_)) => value.and_then(Value::to::<i64>),
        _ => None,
    };
    number.ok_or_else(|| {
        let found = value.map_or("no number".to_owned(), Value::describe);
        format!("{what} is {found}; expected a whole number from {least} to {most}")
    })
}

/// What the options of a task without a body may not have.
pub fn without_body(options: &Value) -> Result<(), String> {
    let Value::Map(map) = options else { return Ok(()) };
    let has = |key: &&&str| map.get(**key).is_some_and(|value| !matches!(value, Value::Undefined));
    match BODY_KEYS.iter().find(has) {
        Some(key) => Err(format!("options.{key} is for work that a worker runs, and this has no body")),
        None => Ok(()),
    }
}

/// A list of ids; undefined for none.
pub fn tasks(value: &Value, what: &str) -> Result<Vec<TaskId>, String> {
    let list = match value {
        Value::Undefined => return Ok(Vec::new()),
        Value::List(list) => list,
        other => return Err(format!("{what} is {}; expected a list of the ids of tasks", other.describe())),
    };
    let id = |value: &Value| match value {
        Value::Text(text) => text.parse::<TaskId>().ok(),
        _ => None,
    };
    let read = |(at, value): (usize, &Value)| {
        id(value).ok_or_else(|| format!("{what}[{at}] is {}; expected the id of a task", value.describe()))
    };
    list.iter().enumerate().map(read).collect()
}

/// What the history may hold: the keys that are there, `tasks`, `bytes` and `ageMs`; the others stay as they
/// are.
pub fn history(limits: &Value, mut now: HistoryLimits) -> Result<HistoryLimits, String> {
    let Value::Map(map) = limits else {
        return Err(format!(
            "limits is {}; expected an object with tasks, bytes and ageMs, or some of them",
            limits.describe()
        ));
    };
    for (key, value) in map.iter() {
        let what = format!("limits.{key}");
        match key.as_str() {
            "tasks" => now.tasks = amount(value, &what)?,
            "bytes" => now.bytes = amount(value, &what)?,
            "ageMs" => now.age = milliseconds(value, &what, 0.0)?,
            _ => return Err(format!("{what} is unknown; limits are: tasks, bytes, ageMs")),
        }
    }
    Ok(now)
}

/// How many tasks an owner may have: the keys that are there, `maxRunning`, `maxQueued` and `maxDelayed`; of the
/// others there is no limit.
pub fn limits(limits: &Value) -> Result<Limits, String> {
    const KEYS: &str = "maxRunning, maxQueued, maxDelayed";
    let Value::Map(map) = limits else {
        return Err(format!(
            "limits is {}; expected an object with {KEYS}, or some of them",
            limits.describe()
        ));
    };
    let mut read = Limits::default();
    for (key, value) in map.iter() {
        let what = format!("limits.{key}");
        let limit = match key.as_str() {
            "maxRunning" => &mut read.max_running,
            "maxQueued" => &mut read.max_queued,
            "maxDelayed" => &mut read.max_delayed,
            _ => return Err(format!("{what} is unknown; limits are: {KEYS}")),
        };
        let most = i32::MAX;
        let number = match value {
            Value::Int(_) | Value::UInt(_) | Value::Float(_) => value.to::<i32>(),
            _ => None,
        };
        *limit = number.filter(|number| *number > 0).map(|number| number as u32).ok_or_else(|| {
            format!("{what} is {}; expected a whole number from 1 to {most}", value.describe())
        })?;
    }
    Ok(read)
}

/// A whole number, as many as JavaScript counts exactly.
fn amount(value: &Value, what: &str) -> Result<usize, String> {
    const MOST: u64 = 1 << 53;
    let number = match value {
        Value::Int(_) | Value::UInt(_) | Value::Float(_) => {
            value.to::<u64>().filter(|number| *number <= MOST)
        }
        _ => None,
    };
    number
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| format!("{what} is {}; expected a whole number from 0 to {MOST}", value.describe()))
}

impl Options {
    /// Reads `options`, which may be undefined or null for "none".
    pub fn read(options: &Value, call: Call) -> Result<Self, String> {
        let mut read =
            Options { task: TaskOptions::default(), schedule: Periodic::every(Duration::ZERO), policy: None };
        let map = match options {
            Value::Undefined | Value::Null => return Ok(read),
            Value::Map(map) => map,
            other => return Err(format!("options is {}; expected an object", other.describe())),
        };
        for (key, value) in map.iter() {
            if key == AFTER_KEY {
                read.task.after = tasks(value, &format!("options.{key}"))?;
                continue;
            }
            if !call.takes(key) {
                return Err(unknown(key, call));
            }
            // An option that is undefined is one that was left out.
            if !matches!(value, Value::Undefined) {
                let what = format!("options.{key}");
                if let (Call::Group(group), true) = (call, GROUP_KEYS.contains(&key.as_str())) {
                    read.policy = Some(error_policy(value, &what, group)?);
                    continue;
                }
                keys::read(key, value, &what, &mut read.task, &mut read.schedule)?;
            }
        }
        Ok(read)
    }

    /// The caller has functions for the task's start, which the engine is to tell of, and for its failure.
    pub fn hearing(mut self, start: bool, failure: bool) -> Self {
        self.task.hears_start = start;
        self.task.hears_failure = failure;
        self
    }

    /// It comes after the completion of others, and not after any end of theirs.
    pub fn after_completion(mut self) -> Self {
        self.task.after_policy = crate::AfterPolicy::Completed;
        self
    }

    /// Whether the task may turn out to be another that is there already.
    pub fn may_stay(&self) -> bool {
        self.task.key_policy == crate::KeyPolicy::Keep
    }

    /// Puts them on a task. What they say nothing of stays, such as the delay of `runLater`.
    pub fn apply(self, builder: TaskBuilder<Value, RunsAgain>) -> TaskBuilder<Value, RunsAgain> {
        builder.options(self.task)
    }

    /// As they are, for a task that no builder makes.
    pub fn task(self) -> TaskOptions<Value> {
        self.task
    }

    /// What the ends of some tasks of a group do to the others.
    pub fn policy(&self) -> ErrorPolicy {
        self.policy.unwrap_or_default()
    }

    /// The schedule of a periodic task.
    pub fn periodic(&self, interval: Duration) -> Periodic {
        Periodic { interval, ..self.schedule }
    }
}

/// That of `all`, which has a list of all results, or that of a `TaskGroup`.
fn error_policy(value: &Value, what: &str, group: Group) -> Result<ErrorPolicy, String> {
    let policy = keys::error_policy(value, what)?;
    match (policy, group) {
        (ErrorPolicy::StopOnSuccess, Group::All | Group::Any) => Err(format!(
            "{what} is StopOnSuccess; expected StopOnError or ContinueOnError; any gives the first that completes"
        )),
        _ => Ok(policy),
    }
}

fn unknown(key: &str, call: Call) -> String {
    let key = if key.chars().count() > 60 { "(a key of over 60 characters)" } else { key };
    if TAKEN_KEYS.contains(&key) {
        let signal = SIGNALS.iter().find(|(taken, _)| *taken == key);
        let instead = signal.map_or(String::new(), |(_, signal)| format!("; this has the signal {signal}"));
        return format!("options.{key} is for the calls of TaskManager and PluginApi{instead}");
    }
    if let Call::Group(group) = call {
        return unknown_of_group(key, group);
    }
    let scheduled = matches!(call, Call::Scheduled { .. });
    match key {
        _ if GROUP_KEYS.contains(&key) => {
            return format!("options.{key} is for a group; TaskManager.all and TaskGroup make one");
        }
        DELAY_KEY => {
            return format!("options.{key} is not for this call; runLater(delayMs, …) delays a task");
        }
        "periodic" | "intervalMs" if !scheduled => {
            return format!("options.{key} is not for this call; runPeriodic(intervalMs, …) repeats a task");
        }
        _ if PERIODIC_KEYS.contains(&key) => {
            let remedy = if scheduled { "set options.periodic, too" } else { "runPeriodic makes one" };
            return format!("options.{key} is for a periodic task; {remedy}");
        }
        _ => {}
    }
    let join = |lists: &[&[&str]]| lists.concat().join(", ");
    let after: &[&str] = &[AFTER_KEY];
    let known = match call {
        Call::Group(_) | Call::Plain => join(&[KEYS, after, TAKEN_KEYS]),
        Call::Periodic => join(&[KEYS, after, TAKEN_KEYS, PERIODIC_KEYS]),
        Call::Scheduled { .. } => {
            let periodic: Vec<_> =
                PERIODIC_KEYS.iter().filter(|key| !TIME_KEYS.contains(key)).copied().collect();
            format!(
                "{}; of a periodic task also: {}",
                join(&[KEYS, after, TAKEN_KEYS, TIME_KEYS]),
                join(&[&periodic])
            )
        }
    };
    format!("options.{key} is unknown; options are: {known}")
}

/// What is said of an option that is for work.
pub fn no_work(option: &'static str) -> String {
    format!("options.{}", SubmitError::NoWork { option })
}

fn unknown_of_group(key: &str, group: Group) -> String {
    let of_work = [TIME_KEYS, PERIODIC_KEYS, WORK_KEYS];
    if let Some(option) = of_work.into_iter().flatten().find(|option| **option == key) {
        return no_work(option);
    }
    if GROUP_KEYS.contains(&key) {
        return format!("options.{key} is not for any, which ends with the first that completes; all has it");
    }
    let taken = TAKEN_KEYS.iter().filter(|key| !WORK_KEYS.contains(key)).copied();
    let known: Vec<_> = group.keys().chain([AFTER_KEY]).chain(taken).collect();
    let known = known.join(", ");
    format!("options.{key} is unknown; options are: {known}")
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;
    use crate::engine::clock::MAX_DURATION;
    use crate::{Backoff, Retry};

    fn read(entries: &[(&str, Value)], call: Call) -> Result<Options, String> {
        Options::read(&Value::map(entries.iter().map(|(key, value)| (*key, value.clone()))), call)
    }

    #[test]
    fn b20_b28_each_bad_option_is_named_with_its_value() {
        let error = |entries: &[(&str, Value)]| read(entries, Call::Periodic).err().expect("refused");
        assert_eq!(
            error(&[("priority", Value::text("High"))]),
            "options.priority is the text \"High\"; expected TaskManager.High, TaskManager.Normal or TaskManager.Low"
        );
        for bad in
            [Value::Float(77.0), Value::Float(f64::NAN), Value::Float(0.5), Value::Bool(true), Value::Null]
        {
            assert!(error(&[("priority", bad)]).starts_with("options.priority is "));
        }
        for bad in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
            assert!(
                error(&[("timeoutMs", Value::Float(bad))]).starts_with("options.timeoutMs is the number")
            );
        }
        for bad in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1_000_001.0] {
            assert!(error(&[("weight", Value::Float(bad))]).starts_with("options.weight is the number"));
        }
        assert_eq!(
            error(&[("weight", Value::Bool(true))]),
            "options.weight is true; expected a number above 0, up to 1000000"
        );
        assert!(error(&[("delayMs", Value::text("5"))]).starts_with("options.delayMs is the text \"5\""));
        assert!(error(&[("maxRuns", Value::Float(-1.0))]).contains("expected a whole number in range"));
        assert!(error(&[("detached", Value::Float(1.0))]).contains("expected true or false"));
        assert!(
            error(&[("prioritiy", Value::Float(1.0))])
                .starts_with("options.prioritiy is unknown; options are: name")
        );
        assert!(Options::read(&Value::Float(3.0), Call::Plain).is_err());
        assert!(Options::read(&Value::Undefined, Call::Plain).is_ok());
    }

    /// An option that is possible, but not in this call.
    #[test]
    fn b20_an_option_of_other_calls_says_whose_it_is() {
        let (once, again) = (Call::Scheduled { periodic: false }, Call::Scheduled { periodic: true });
        for (key, call, expected) in [
            ("maxRuns", Call::Plain, "options.maxRuns is for a periodic task; runPeriodic makes one"),
            ("maxRuns", once, "options.maxRuns is for a periodic task; set options.periodic, too"),
            (
                "delayMs",
                Call::Plain,
                "options.delayMs is not for this call; runLater(delayMs, …) delays a task",
            ),
            (
                "periodic",
                Call::Plain,
                "options.periodic is not for this call; runPeriodic(intervalMs, …) repeats a task",
            ),
            (
                "intervalMs",
                Call::Periodic,
                "options.intervalMs is not for this call; runPeriodic(intervalMs, …) repeats a task",
            ),
        ] {
            assert_eq!(read(&[(key, Value::Float(1.0))], call).err(), Some(expected.to_owned()));
        }
        assert!(read(&[("maxRuns", Value::Float(1.0))], again).is_ok());
    }

    /// Each option that a call takes is in the hint, once, and no other.
    #[test]
    fn b20_an_unknown_option_names_those_there_are() {
        let plain = [KEYS, &[AFTER_KEY][..], TAKEN_KEYS].concat();
        let mut periodic = PERIODIC_KEYS.to_vec();
        periodic.retain(|key| !TIME_KEYS.contains(key));
        let (once, again) = (Call::Scheduled { periodic: false }, Call::Scheduled { periodic: true });
        for (call, expected) in [
            (Call::Plain, plain.clone()),
            (Call::Periodic, [&plain, &["delayMs"][..], &periodic].concat()),
            (once, [&plain, TIME_KEYS, &periodic].concat()),
            (again, [&plain, TIME_KEYS, &periodic].concat()),
        ] {
            let error = read(&[("retries", Value::Float(1.0))], call).err().expect("refused");
            let hint = error.strip_prefix("options.retries is unknown; options are: ").expect(&error);
            let hint = hint.replace("; of a periodic task also:", ",");
            assert_eq!(hint.split(", ").collect::<Vec<_>>(), expected, "{call:?}");
        }
    }

    #[test]
    fn b256_a_group_has_the_options_of_a_task_but_for_those_of_work() {
        let read = |key: &str, value: Value, group| read(&[(key, value)], Call::Group(group));
        for (key, value) in
            [("name", Value::text("a")), ("delayMs", Value::Int(5)), ("timeoutMs", Value::Int(5))]
        {
            for group in [Group::All, Group::Any, Group::Element] {
                assert!(read(key, value.clone(), group).is_ok(), "{key}");
            }
        }
        let policy = |policy: ErrorPolicy, group| {
            read("errorPolicy", Value::Int(policy as i64), group).map(|options| options.policy())
        };
        assert_eq!(policy(ErrorPolicy::ContinueOnError, Group::All), Ok(ErrorPolicy::ContinueOnError));
        assert_eq!(policy(ErrorPolicy::StopOnSuccess, Group::Element), Ok(ErrorPolicy::StopOnSuccess));
        assert!(policy(ErrorPolicy::StopOnSuccess, Group::All).is_err());
        assert!(policy(ErrorPolicy::StopOnError, Group::Any).is_err());
        for key in WORK_KEYS
            .iter()
            .chain(PERIODIC_KEYS)
            .chain(TIME_KEYS)
            .filter(|key| **key != DELAY_KEY && !TAKEN_KEYS.contains(key))
        {
            let error = read(key, Value::Int(5), Group::All).err();
            let expected =
                format!("options.{key} is for work, and a group has none of its own; say it of its tasks");
            assert_eq!(error, Some(expected));
        }
        let limit = |value: f64| group_limit(&Value::Float(value)).is_ok();
        assert_eq!([1.0, 3.0, 2_147_483_647.0].map(limit), [true; 3]);
        assert_eq!([0.0, -1.0, 0.5, f64::NAN, 2_147_483_648.0].map(limit), [false; 5]);
    }

    #[test]
    fn b175_what_a_task_comes_after_is_a_list_of_ids() {
        let id = "01234567-89ab-8def-8123-456789abcdef";
        let after = |value| read(&[("after", value)], Call::Plain).map(|read| read.task.after.len());
        assert_eq!(after(Value::list([Value::text(id)])), Ok(1));
        assert_eq!(after(Value::Undefined), Ok(0));
        let one = after(Value::text(id)).unwrap_err();
        assert!(one.starts_with("options.after is the text"), "{one}");
        let none = after(Value::list([Value::text(id), Value::Float(1.0)])).unwrap_err();
        assert!(none.starts_with("options.after[1] is the number 1; expected the id of a task"), "{none}");
    }

    #[test]
    fn b185_retry_is_a_number_of_times_or_an_object() {
        let retry = |value: Value| read(&[("retry", value)], Call::Plain).map(|options| options.task.retry);
        assert_eq!(retry(Value::Float(3.0)), Ok(Retry::times(3)));
        let parts = Value::map([
            ("times", Value::Int(2)),
            ("delayMs", Value::Float(0.5)),
            ("backoff", Value::Float(76.0)),
            ("onTimeout", Value::Bool(true)),
            ("factor", Value::Undefined),
        ]);
        let expected = Retry {
            delay: Duration::from_micros(500),
            backoff: Backoff::Fixed,
            on_timeout: true,
            ..Retry::times(2)
        };
        assert_eq!(retry(parts), Ok(expected));
        let known = "times, delayMs, backoff, factor, maxDelayMs, jitter and onTimeout";
        for (bad, error) in [
            (
                Value::text("3"),
                format!(
                    "options.retry is the text \"3\"; expected a number of times, or an object with {known}, or \
                     some of them"
                ),
            ),
            (
                Value::Float(-1.0),
                "options.retry is the number -1; expected a whole number in range".to_owned(),
            ),
            (
                Value::map([("jitter", Value::Float(0.6))]),
                "options.retry.jitter is the number 0.6; expected a number from 0 to 0.5".to_owned(),
            ),
            (
                Value::map([("time", Value::Int(3))]),
                format!("options.retry.time is unknown; there are {known}"),
            ),
        ] {
            assert_eq!(retry(bad), Err(error));
        }
    }

    #[test]
    fn b188_until_is_a_date() {
        let until =
            |value: Value| read(&[("until", value)], Call::Periodic).map(|options| options.schedule.until);
        let moment = UNIX_EPOCH + Duration::from_millis(1_500);
        assert_eq!(until(Value::Date(1_500)), Ok(Some(moment)));
        assert_eq!(until(Value::Float(1_500.0)), Ok(Some(moment)));
        assert_eq!(until(Value::Date(-500)), Ok(UNIX_EPOCH.checked_sub(Duration::from_millis(500))));
        let expected =
            "options.until is the text \"tomorrow\"; expected a Date, or its milliseconds since 1970";
        assert_eq!(until(Value::text("tomorrow")), Err(expected.to_owned()));
    }

    #[test]
    fn b139_limits_of_the_history_are_checked_and_those_left_out_stay() {
        let now = HistoryLimits { tasks: 5, bytes: 6, age: Duration::from_secs(7) };
        let read = |entries: &[(&str, Value)]| {
            history(&Value::map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone()))), now)
        };
        assert_eq!(read(&[]), Ok(now));
        assert_eq!(read(&[("bytes", Value::Float(1024.0))]), Ok(HistoryLimits { bytes: 1024, ..now }));
        let all = [("tasks", Value::Int(0)), ("bytes", Value::Int(0)), ("ageMs", Value::Float(0.0))];
        assert_eq!(read(&all), Ok(HistoryLimits { tasks: 0, bytes: 0, age: Duration::ZERO }));
        for bad in [
            Value::Float(-1.0),
            Value::Float(0.5),
            Value::Float(f64::NAN),
            Value::Float(1e17),
            Value::text("5"),
            Value::Bool(true),
            Value::Null,
            Value::Undefined,
        ] {
            for key in ["tasks", "bytes", "ageMs"] {
                // A duration may be a fraction.
                if key != "ageMs" || bad != Value::Float(0.5) {
                    let error = read(&[(key, bad.clone())]).expect_err("refused");
                    assert!(error.starts_with(&format!("limits.{key} is ")), "{error}");
                }
            }
        }
        let unknown = Err("limits.size is unknown; limits are: tasks, bytes, ageMs".to_owned());
        assert_eq!(read(&[("size", Value::Int(1))]), unknown);
        assert!(history(&Value::Int(5), now).is_err() && history(&Value::Undefined, now).is_err());
    }

    #[test]
    fn b28_delays_go_from_zero_to_a_hundred_years() {
        let ms = |value: f64| milliseconds(&Value::Float(value), "delayMs", 0.0);
        assert_eq!(ms(0.0), Ok(Duration::ZERO));
        assert_eq!(ms(0.5), Ok(Duration::from_micros(500)));
        assert_eq!(ms(3_153_600_000_000.0), Ok(MAX_DURATION));
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1, 3_153_600_000_001.0] {
            assert!(ms(bad).is_err(), "{bad}");
        }
        assert!(milliseconds(&Value::text("100"), "delayMs", 0.0).is_err());
    }
}
