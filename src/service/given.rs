//! Results of tasks inside the arguments of others: `TaskManager.resultOf`.
//!
//! Where a result is to stand there is a place, until a worker is about to call the work: it has been given the results
//! then (`Body::give`), and puts them in. So none goes by way of the thread that delivers.

use std::mem;
use std::sync::Arc;

use super::args::Args;
use super::opaque::Opaque;
use super::value::{Value, check_depth, plain};
use crate::engine::{Body, Payload, TaskContext, TaskError, TaskId};

/// Stands for the result of the task that has this place in `GivenArgs::takes`.
struct Place(usize);

/// Arguments, and the tasks whose results are to stand in them.
#[derive(Default)]
pub struct GivenArgs {
    args: Args,
    takes: Vec<TaskId>,
}

impl From<Args> for GivenArgs {
    fn from(args: Args) -> Self {
        GivenArgs { args, takes: Vec::new() }
    }
}

#[cfg_attr(
    not(feature = "qt"),
    expect(dead_code, reason = "what QML says of results is read by the Qt face")
)]
impl GivenArgs {
    /// Arguments with places of these tasks, each of which is named once.
    pub fn new(args: Args, takes: Vec<TaskId>) -> Self {
        GivenArgs { args, takes }
    }

    /// The place of a result, by where its task stands in the list.
    pub fn place(task: usize) -> Value {
        Value::Opaque(Opaque::new(Place(task)))
    }
}

impl GivenArgs {
    pub fn takes(&self) -> &[TaskId] {
        &self.takes
    }

    /// The body of work that is called with them.
    pub fn body<F>(self, run: F) -> Box<dyn Body<Value>>
    where
        F: FnMut(&TaskContext, &Args) -> Result<Value, TaskError> + Send + 'static,
    {
        let GivenArgs { args, takes } = self;
        if takes.is_empty() {
            return Box::new(Called { args, run });
        }
        let given = takes.iter().map(|_| None).collect();
        Box::new(Filled { args: Ok(args), given, run })
    }
}

/// Work that is called with arguments.
struct Called<F> {
    args: Args,
    run: F,
}

impl<F> Body<Value> for Called<F>
where
    F: FnMut(&TaskContext, &Args) -> Result<Value, TaskError> + Send,
{
    fn run(&mut self, context: &TaskContext) -> Result<Value, TaskError> {
        (self.run)(context, &self.args)
    }

    fn can_run_again(&self) -> bool {
        true
    }

    fn byte_size(&self) -> usize {
        size_of_val(self) + self.args.byte_size()
    }
}

/// Work that is called with arguments in which results stand. Each of its runs has them.
struct Filled<F> {
    /// Once it was called: the arguments, or why there are none.
    args: Result<Args, TaskError>,
    /// The results, until then.
    given: Vec<Option<Value>>,
    run: F,
}

/// Puts the results where they are to stand.
fn fill(args: Args, given: Vec<Option<Value>>) -> Result<Args, TaskError> {
    // One that went with its owner.
    let Some(results) = given.into_iter().collect::<Option<Vec<_>>>() else {
        return Err(TaskError::cancelled());
    };
    let results: Vec<_> = results.into_iter().map(plain).collect();
    let mut values = args.into_values();
    for (at, value) in values.iter_mut().enumerate() {
        put(value, &results);
        check_depth(value, &format!("argument {at}, with the results that stand in it,"))?;
    }
    Ok(Args::from(values))
}

/// Puts results in the place of what stands for them. Values nest no deeper than a stack allows: `MAX_DEPTH`.
fn put(value: &mut Value, results: &[Value]) {
    match value {
        Value::List(list) if list.iter().any(has_place) => {
            Arc::make_mut(list).iter_mut().for_each(|element| put(element, results));
        }
        Value::Map(map) if map.values().any(has_place) => {
            Arc::make_mut(map).values_mut().for_each(|element| put(element, results));
        }
        _ => {
            if let Some(result) = place_of(value).and_then(|place| results.get(place)) {
                *value = result.clone();
            }
        }
    }
}

fn place_of(value: &Value) -> Option<usize> {
    match value {
        Value::Opaque(opaque) => opaque.downcast::<Place>().map(|place| place.0),
        _ => None,
    }
}

/// Whether a result is to stand in it.
fn has_place(value: &Value) -> bool {
    match value {
        Value::List(list) => list.iter().any(has_place),
        Value::Map(map) => map.values().any(has_place),
        value => place_of(value).is_some(),
    }
}

impl<F> Body<Value> for Filled<F>
where
    F: FnMut(&TaskContext, &Args) -> Result<Value, TaskError> + Send,
{
    fn run(&mut self, context: &TaskContext) -> Result<Value, TaskError> {
        if !self.given.is_empty() {
            let (given, args) = (mem::take(&mut self.given), self.args.as_mut().map(mem::take));
            self.args = args.map_err(|error| error.clone()).and_then(|args| fill(args, given));
        }
        match &self.args {
            Ok(args) => (self.run)(context, args),
            Err(error) => Err(error.clone()),
        }
    }

    fn can_run_again(&self) -> bool {
        true
    }

    /// Of a task that was cancelled before it began, the results were never given.
    fn may_be_retried(&self) -> bool {
        self.given.iter().all(Option::is_some) && self.args.is_ok()
    }

    fn byte_size(&self) -> usize {
        let args = self.args.as_ref().map_or(0, Args::byte_size);
        let given = self.given.iter().flatten().map(|value| value.byte_size().unwrap_or(0));
        size_of_val(self) + args + given.sum::<usize>()
    }

    fn give(&mut self, place: usize, value: Value) -> Option<Value> {
        match self.given.get_mut(place) {
            Some(given) => given.replace(value),
            None => Some(value),
        }
    }
}
