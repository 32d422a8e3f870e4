//! The jobs and gates that the tests use.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::time::Duration;

use legwork::{ErrorKind, TaskContext, TaskError, Value, tasks};

/// Nothing waits for so long, unless it hangs.
pub const HANG: Duration = Duration::from_secs(60);

#[derive(Default)]
struct State {
    arrived: usize,
    open: bool,
}

/// Holds tasks until it is opened, and knows how many have come.
#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

impl Gate {
    /// The gate of that name; a closed one, if it is new.
    pub fn named(name: &str) -> Arc<Gate> {
        static GATES: OnceLock<Mutex<HashMap<String, Arc<Gate>>>> = OnceLock::new();
        let mut gates = GATES.get_or_init(Mutex::default).lock().unwrap();
        gates.entry(name.to_owned()).or_default().clone()
    }

    pub fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.arrived += 1;
        self.changed.notify_all();
        let (state, wait) = self.changed.wait_timeout_while(state, HANG, |state| !state.open).unwrap();
        drop(state);
        assert!(!wait.timed_out(), "nobody opened the gate");
    }

    pub fn open(&self) {
        self.state.lock().unwrap().open = true;
        self.changed.notify_all();
    }

    /// Waits, without events, until so many have come.
    pub fn wait_for(&self, arrived: usize) {
        let state = self.state.lock().unwrap();
        let waited = self.changed.wait_timeout_while(state, HANG, |state| state.arrived < arrived);
        assert!(!waited.unwrap().1.timed_out(), "fewer than {arrived} came to the gate");
    }
}

/// Waits until the task is asked to stop.
fn until_asked(context: &TaskContext) {
    let asked = context.sleep(HANG);
    assert!(asked.is_err(), "nobody asked the task to stop");
}

pub fn register() {
    let register = || -> Result<(), legwork::JobError> {
        tasks().register_job("value", |_, args| args.get::<Value>(0))?;
        tasks().register_job("nothing", |_, _| ())?;
        tasks().register_job("fail", |_, args| Err::<(), _>(args.get::<String>(0).unwrap()))?;
        tasks().register_job("panic", |_, args| -> () { panic!("{}", args.get::<String>(0).unwrap()) })?;
        tasks().register_job("panicNumber", |_, _| -> () { std::panic::panic_any(7) })?;
        tasks().register_job("gate", |_, args| {
            Gate::named(&args.get::<String>(0)?).pass();
            args.get::<Value>(1)
        })?;
        tasks().register_job("attentive", |context, _| {
            until_asked(context);
            context.checkpoint()
        })?;
        tasks().register_job("failing", |context, args| {
            until_asked(context);
            Err::<(), _>(TaskError::new(ErrorKind::Failed, args.get::<String>(0)?))
        })?;
        tasks().register_job("late", |context, args| {
            until_asked(context);
            args.get::<Value>(0)
        })?;
        tasks().register_job("send", |context, args| {
            Gate::named(&args.get::<String>(0)?).pass();
            args.iter().skip(1).try_for_each(|value| tasks().sender(context).send(value.clone()))
        })?;
        tasks().register_job("sendAndWait", |context, args| {
            args.iter().try_for_each(|value| tasks().sender(context).send(value.clone()))?;
            until_asked(context);
            context.checkpoint()
        })?;
        tasks().register_job("count", |context, _| context.iteration())?;
        tasks().register_job("odd", |context, _| match context.iteration() {
            odd if odd % 2 == 1 => Err("odd"),
            even => Ok(even),
        })?;
        tasks().register_job("slowFirst", |context, _| {
            if context.iteration() == 1 {
                until_asked(context);
            }
            context.iteration()
        })?;
        tasks().register_job("progress", |context, args| {
            context.set_progress(0.5, "half");
            Gate::named(&args.get::<String>(0)?).pass();
            context.set_progress(1.0, "whole");
            Ok::<_, TaskError>(())
        })
    };
    register().expect("the names are free");
}
