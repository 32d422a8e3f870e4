//! What a group keeps of its members, and what comes of their ends: see `groups.rs`. Plain data.

use std::fmt::Write;
use std::sync::Arc;

use super::body::Outcome;
use super::clock::Nanos;
use super::error::TaskError;
use super::id::TaskId;
use super::payload::Payload;
use super::record::NIL;
use super::words::{CancelReason, ErrorKind, ErrorPolicy, Status};

/// Groups in groups are no deeper than this: a result is a list in a list so often.
pub const MAX_DEPTH: u8 = 32;

/// So many members that did not complete are named in an error.
const MOST_NAMED: usize = 10;

/// A value that more owners than one have lent: see `Place::lent_by`.
pub const SEVERAL: u32 = NIL - 1;

/// A member's place, in the order given.
pub struct Place<P> {
    /// How much it counts in the progress.
    pub weight: f64,
    /// How far it is, from 0 to 1.
    pub done: f64,
    /// Its result, once it has completed.
    pub value: Option<P>,
    /// The owner whose code made that: an index, `NIL` for the application, or `SEVERAL`.
    pub lent_by: u32,
}

/// How a member ended, as the group sees it.
pub struct Ended<P> {
    /// Its name, or its id; empty if it has completed.
    pub name: String,
    pub status: Status,
    pub reason: Option<CancelReason>,
    /// Its result, or how it failed. An error of another owner's is without what was thrown.
    pub outcome: Outcome<P>,
    pub bytes: Option<usize>,
    pub lent_by: u32,
}

/// What becomes of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    GoOn,
    /// The group has its result or its error.
    StopTheRest,
}

pub struct Group<P> {
    policy: ErrorPolicy,
    /// The members, in the order given: for people, as an id may be forgotten. It works by its edges.
    pub members: Arc<[TaskId]>,
    pub places: Vec<Place<P>>,
    /// How many members have not told their end.
    pub left: usize,
    /// Of groups in groups, how many levels: 1 for one of tasks.
    pub depth: u8,
    /// Why its members were last asked to stop, if they were.
    pub stopped: Option<CancelReason>,
    /// Up to here the members were looked at by the chore that stops them.
    pub looked_at: usize,
    /// A chore stops members.
    pub stopping: bool,
    /// Its progress was last passed on to groups that it is in.
    pub passed_on: Option<Nanos>,
    /// It has changed since.
    pub behind: bool,
    /// The weights of all, and what of that is done.
    total: f64,
    done: f64,
    /// The place whose result is the group's: `StopOnSuccess`.
    first: Option<usize>,
    /// How the first failed: `StopOnError`.
    error: Option<Arc<TaskError>>,
    failed: usize,
    failures: String,
    /// What the results hold in memory; `None` where nobody can tell.
    bytes: Option<usize>,
}

impl<P: Payload> Group<P> {
    pub fn new(policy: ErrorPolicy, members: Arc<[TaskId]>, places: Vec<Place<P>>, depth: u8) -> Self {
        let total = places.iter().map(|place| place.weight).sum();
        Group {
            policy,
            members,
            left: places.len(),
            bytes: Some(places.len() * size_of::<P>()),
            places,
            depth,
            stopped: None,
            looked_at: 0,
            stopping: false,
            passed_on: None,
            behind: false,
            total,
            done: 0.0,
            first: None,
            error: None,
            failed: 0,
            failures: String::new(),
        }
    }

    /// Whether it still gathers results.
    pub fn gathers(&self) -> bool {
        match self.policy {
            ErrorPolicy::StopOnSuccess => self.first.is_none(),
            _ => self.failed == 0,
        }
    }

    /// A member is so far; whether that changes anything.
    pub fn set_done(&mut self, place: usize, done: f64) -> bool {
        let place = &mut self.places[place];
        let change = (done - place.done) * place.weight;
        place.done = done;
        self.done += change;
        change != 0.0
    }

    /// The mean of its members' progress, by their weights.
    pub fn progress(&self) -> f64 {
        if self.places.is_empty() { 1.0 } else { (self.done / self.total).clamp(0.0, 1.0) }
    }

    /// A member has ended.
    pub fn take_end(&mut self, place: usize, ended: Ended<P>) -> Verdict {
        self.left -= 1;
        if ended.status == Status::Completed || self.policy != ErrorPolicy::StopOnError {
            self.set_done(place, 1.0);
        }
        let gathers = self.gathers();
        match ended.outcome {
            Outcome::Value(value) if gathers => {
                self.bytes = self.bytes.zip(ended.bytes).map(|(sum, bytes)| sum.saturating_add(bytes));
                self.places[place].value = Some(value);
                self.places[place].lent_by = ended.lent_by;
                if self.policy == ErrorPolicy::StopOnSuccess {
                    self.first = Some(place);
                    return Verdict::StopTheRest;
                }
            }
            Outcome::Value(_) => {}
            outcome => {
                self.failed += 1;
                let cause = match &outcome {
                    Outcome::Error(error) => error.message().to_owned(),
                    _ => format!("was cancelled: {}", ended.reason.map_or("User", CancelReason::name)),
                };
                if self.failed <= MOST_NAMED {
                    let before = if self.failed == 1 { "" } else { "; " };
                    let link = if matches!(outcome, Outcome::Error(_)) { ": " } else { " " };
                    let _ = write!(self.failures, "{before}{}{link}{cause}", ended.name);
                }
                // What ends as the others were asked to stop is no failure of its own.
                if self.policy == ErrorPolicy::StopOnError && self.stopped.is_none() && self.error.is_none() {
                    self.error = Some(match outcome {
                        Outcome::Error(error) => error,
                        _ => {
                            let text = format!("{} {cause}", ended.name);
                            let error = TaskError::new(ErrorKind::Cancelled, text);
                            Arc::new(error.with_reason(ended.reason))
                        }
                    });
                    return Verdict::StopTheRest;
                }
            }
        }
        Verdict::GoOn
    }

    /// What comes of it once all members have ended, and what that holds in memory. `asked`: it was cancelled.
    pub fn result(&mut self, asked: bool) -> (Status, Outcome<P>, Option<usize>) {
        debug_assert_eq!(self.left, 0);
        let bytes = self.bytes;
        if let Some(error) = self.error.take() {
            return Self::failure(error);
        }
        if let Some(first) = self.first {
            let value = self.places[first].value.take().unwrap_or_default();
            self.done = self.total;
            return (Status::Completed, Outcome::Value(value), bytes);
        }
        let all = self.places.len();
        let none = self.policy == ErrorPolicy::StopOnSuccess;
        if self.failed == 0 && !none {
            self.done = self.total;
            let values = self.places.iter_mut().map(|place| place.value.take().unwrap_or_default());
            return (Status::Completed, Outcome::Value(P::list(values.collect())), bytes);
        }
        if asked {
            return (Status::Cancelled, Outcome::None, Some(0));
        }
        let more = match self.failed.saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let failures = &self.failures;
        let text = match none {
            true => format!("none of {all} completed: {failures}{more}"),
            false => format!("{} of {all} did not complete: {failures}{more}", self.failed),
        };
        Self::failure(Arc::new(TaskError::new(ErrorKind::Failed, text)))
    }

    fn failure(error: Arc<TaskError>) -> (Status, Outcome<P>, Option<usize>) {
        let bytes = error.byte_size();
        (Status::Failed, Outcome::Error(error), Some(bytes))
    }

    /// Takes what was thrown out of the error that it has, to be destroyed.
    pub fn take_thrown(&mut self) -> Option<Arc<TaskError>> {
        let error = self.error.as_mut().filter(|error| error.has_source())?;
        let plain = Arc::new(error.without_source());
        Some(std::mem::replace(error, plain))
    }

    /// Takes the results out that are not wanted, to be destroyed.
    pub fn take_values(&mut self, wanted: impl Fn(&Place<P>) -> bool) -> Option<P> {
        let taken = self.places.iter_mut().filter(|place| wanted(place));
        let values: Vec<P> =
            taken.filter_map(|place| place.value.take()).filter(|value| !value.is_plain()).collect();
        (!values.is_empty()).then(|| P::list(values))
    }
}
