//! Jobs: functions that are registered under a name, so that QML and scripts can ask for them.

use std::collections::HashMap;
use std::sync::Arc;

use super::args::Args;
use super::value::Value;
use crate::engine::contain::destroy;
use crate::engine::sync::Mutex;
use crate::engine::{Body, OwnerId, TaskContext, TaskError};

/// A job's function.
pub type JobFn = Arc<dyn Fn(&TaskContext, &Args) -> Result<Value, TaskError> + Send + Sync>;

/// What a task does that runs a job.
pub struct JobRun {
    function: JobFn,
    args: Args,
}

impl JobRun {
    pub fn new(function: JobFn, args: Args) -> Self {
        JobRun { function, args }
    }
}

impl Body<Value> for JobRun {
    fn run(&mut self, context: &TaskContext) -> Result<Value, TaskError> {
        (self.function)(context, &self.args)
    }

    fn can_run_again(&self) -> bool {
        true
    }

    fn byte_size(&self) -> usize {
        size_of_val(self) + self.args.byte_size()
    }
}

/// Why a job was not registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    #[error(
        "a job named \"{0}\" is registered already; a name is taken once: unregister it first, or choose another"
    )]
    Taken(String),
    #[error("a job needs a name that is not empty")]
    NoName,
    #[error("the owner is gone; register its jobs while it is alive")]
    OwnerGone,
}

struct Job {
    function: JobFn,
    owner: Option<OwnerId>,
}

/// The registered jobs.
///
/// # Deadlock safety
///
/// The lock is held to look a name up, to add and to take out; never while a job runs or is
/// destroyed.
#[derive(Default)]
pub struct Jobs(Mutex<HashMap<String, Job>>);

impl Jobs {
    pub fn register(&self, name: &str, function: JobFn, owner: Option<OwnerId>) -> Result<(), JobError> {
        if name.is_empty() {
            return Err(JobError::NoName);
        }
        let mut jobs = self.0.lock();
        if jobs.contains_key(name) {
            return Err(JobError::Taken(name.to_owned()));
        }
        jobs.insert(name.to_owned(), Job { function, owner });
        Ok(())
    }

    /// Takes a job out that `register` put in, and nobody else's.
    pub fn take_back(&self, name: &str, function: &JobFn) {
        let mut jobs = self.0.lock();
        let same = jobs.get(name).is_some_and(|job| Arc::ptr_eq(&job.function, function));
        let job = same.then(|| jobs.remove(name));
        drop(jobs);
        destroy(job);
    }

    /// Takes a job out. Tasks that run it, or are going to, keep it until they end.
    pub fn unregister(&self, name: &str) -> bool {
        let job = self.0.lock().remove(name);
        let known = job.is_some();
        destroy(job);
        known
    }

    /// Takes out all jobs of an owner.
    pub fn unregister_owner(&self, owner: OwnerId) {
        let mut jobs = self.0.lock();
        let gone: Vec<_> = jobs.extract_if(|_, job| job.owner == Some(owner)).collect();
        drop(jobs);
        destroy(gone);
    }

    /// Whose a job is: the inner `None` for the application's.
    pub fn owner_of(&self, name: &str) -> Option<Option<OwnerId>> {
        self.0.lock().get(name).map(|job| job.owner)
    }

    /// The function of an owner's job. With an owner, the caller holds it (`Engine::hold_owner`),
    /// as the function is the owner's code.
    pub fn find(&self, name: &str, owner: Option<OwnerId>) -> Option<JobFn> {
        let jobs = self.0.lock();
        jobs.get(name).filter(|job| job.owner == owner).map(|job| job.function.clone())
    }

    /// All names, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.0.lock().keys().cloned().collect();
        names.sort();
        names
    }
}
