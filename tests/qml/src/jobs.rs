//! The jobs that the tests run.

use std::collections::BTreeMap;
use std::sync::Arc;
#[expect(clippy::disallowed_types, reason = "the model checkers see the engine's locks, not a test's")]
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use legwork::{Args, JobError, Opaque, TaskContext, TaskError, Value, tasks};

/// Longer than any test waits.
const LONG: Duration = Duration::from_secs(600);

/// The text of panics that are not reported on the way.
pub const EXPECTED_PANIC: &str = "expected";

/// What is held, what may go on, and what was noted.
#[derive(Default)]
struct State {
    open: bool,
    /// How many runs may go on, by name.
    released: BTreeMap<String, usize>,
    held: Vec<String>,
    notes: Vec<String>,
}

#[expect(clippy::disallowed_types, reason = "as above")]
pub struct Stage {
    state: Mutex<State>,
    changed: Condvar,
}

#[expect(clippy::disallowed_types, reason = "as above")]
pub static STAGE: Stage = Stage {
    state: Mutex::new(State { open: false, released: BTreeMap::new(), held: Vec::new(), notes: Vec::new() }),
    changed: Condvar::new(),
};

impl Stage {
    fn with<R>(&self, work: impl FnOnce(&mut State) -> R) -> R {
        work(&mut self.state.lock().expect("no job panics while it has the lock"))
    }

    pub fn clear(&self) {
        self.with(|state| *state = State::default());
    }

    /// Everything that is held goes on, and nothing is held from here on.
    pub fn open(&self) {
        self.with(|state| state.open = true);
        self.changed.notify_all();
    }

    pub fn release(&self, name: &str) {
        self.with(|state| *state.released.entry(name.to_owned()).or_default() += 1);
        self.changed.notify_all();
    }

    fn is_released(&self, name: &str) -> bool {
        self.with(|state| state.released.contains_key(name))
    }

    pub fn holds(&self, name: &str) -> bool {
        self.with(|state| state.held.iter().any(|held| held == name))
    }

    pub fn noted(&self) -> String {
        self.with(|state| state.notes.join(" "))
    }

    fn note(&self, text: String) {
        self.with(|state| state.notes.push(text));
    }

    /// Blocks until `release`, whatever the task is asked to do.
    fn hold(&self, name: &str) {
        let mut state = self.state.lock().expect("as above");
        state.held.push(name.to_owned());
        loop {
            let permits = state.released.get_mut(name).filter(|permits| **permits > 0);
            if let Some(permits) = permits {
                *permits -= 1;
                break;
            }
            if state.open {
                break;
            }
            state = self.changed.wait(state).expect("as above");
        }
        if let Some(at) = state.held.iter().position(|held| held == name) {
            state.held.remove(at);
        }
    }
}

/// Values as Rust makes them.
fn made(kind: &str) -> Value {
    match kind {
        "undefined" => Value::Undefined,
        "null" => Value::Null,
        "true" => Value::Bool(true),
        "i64" => Value::Int(1 << 40),
        "i32 min" => Value::Int(i64::from(i32::MIN)),
        "2^53" => Value::Int(1 << 53),
        "i64 min" => Value::Int(i64::MIN),
        "u64 max" => Value::UInt(u64::MAX),
        "float" => Value::Float(0.1),
        "text" => Value::text("a\0b \u{1F980}"),
        "bytes" => Value::Bytes(Arc::new(vec![0, 1, 254, 255])),
        "no bytes" => Value::Bytes(Arc::default()),
        "date" => Value::Date(-1),
        "url" => Value::Url("https://example.org/a%20b?c=d#e".into()),
        "list" => Value::list([Value::Int(1), Value::text("two"), Value::list([]), Value::Null]),
        "map" => Value::map([("a", Value::Int(1)), ("", Value::map([("b", Value::Bool(false))]))]),
        "opaque" => Value::Opaque(Opaque::new(7)),
        _ => Value::text(format!("no such kind: {kind}")),
    }
}

pub fn register() {
    let register = || {
        let tasks = tasks();
        tasks.register_job("echo", |_, args| args.get::<Value>(0))?;
        // What the worker sees of a value.
        tasks.register_job("seen", |_, args| args.get::<Value>(0).map(|value| format!("{value:?}")))?;
        tasks.register_job("count", |_, args| args.len())?;
        tasks.register_job("made", |_, args| args.get::<String>(0).map(|kind| made(&kind)))?;
        tasks.register_job("note", |_, args| args.get(0).map(|text| STAGE.note(text)))?;
        tasks.register_job("iteration", |context, _| context.iteration())?;
        tasks.register_job("fail", |_, args| {
            Err::<(), _>(TaskError::from_error(args.get::<String>(0)?).with_origin("jobs.rs"))
        })?;
        tasks.register_job("online", |_, args| {
            let name = args.get::<String>(0)?;
            match STAGE.is_released(&name) {
                true => Ok(name),
                false => Err(TaskError::from_error("offline")),
            }
        })?;
        tasks.register_job("panic", |_, args| -> Result<(), TaskError> {
            std::panic::panic_any(args.get::<String>(0)?)
        })?;
        tasks.register_job("failIn", |context, args| {
            let failing = args.get::<Vec<u64>>(0)?;
            match failing.contains(&context.iteration()) {
                true => Err(TaskError::from_error(format!("run {}", context.iteration()))),
                false => Ok(context.iteration()),
            }
        })?;
        tasks.register_job("hold", |_, args| {
            let name = args.get::<String>(0)?;
            STAGE.hold(&name);
            Ok::<_, TaskError>(name)
        })?;
        tasks.register_job("obey", |context, _| context.sleep(LONG))?;
        tasks.register_job("progress", progress)?;
        register_primes("counts")
    };
    register().expect("the names are free");
}

/// Reports each `[value, message]` of its first argument, and holds by the name in the second.
fn progress(context: &TaskContext, args: &Args) -> Result<(), TaskError> {
    for step in args.get::<Vec<Vec<Value>>>(0)? {
        match (step.first().and_then(Value::to::<f64>), step.get(1).and_then(Value::to::<String>)) {
            (Some(value), Some(message)) => context.set_progress(value, &message),
            (Some(value), None) => context.set_progress_value(value),
            (None, message) => context.set_message(&message.unwrap_or_default()),
        }
        if let Some(name) = args.get::<Option<String>>(1)? {
            STAGE.hold(&name);
        }
    }
    Ok(())
}

/// The job of examples/02-hello: see `Rig::let_primes`.
pub fn register_primes(how: &str) -> Result<(), JobError> {
    match how {
        "fails" => tasks().register_job("primes", |_, _| Err::<u64, _>("no primes today")),
        "waits" => tasks().register_job("primes", |context, args| {
            STAGE.hold("primes");
            primes(context, args.get(0)?)
        }),
        _ => tasks().register_job("primes", |context, args| primes(context, args.get(0)?)),
    }
}

/// As in examples/02-hello, whose QML is tested here.
fn primes(context: &TaskContext, below: u64) -> Result<u64, TaskError> {
    let mut found: Vec<u64> = Vec::new();
    for number in 2..below {
        if number % 1_000 == 0 {
            context.checkpoint()?;
            context.set_progress_value(number as f64 / below as f64);
        }
        let mut divisors = found.iter().take_while(|prime| *prime * *prime <= number);
        if divisors.all(|prime| number % prime != 0) {
            found.push(number);
        }
    }
    Ok(found.len() as u64)
}
