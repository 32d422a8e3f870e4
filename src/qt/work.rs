//! What a task is to do, as the faces say it: a job by its name, or a function of a script.

use cxx_qt_lib::{QString, QVariant};

use super::values::read;
use crate::service::GivenArgs;
use crate::{Periodic, RunsAgain, SpawnError, SubmitError, TaskBuilder, Value, tasks};

pub enum Work {
    Job(String),
    Script { module: String, function: String },
}

impl Work {
    pub fn job(name: &QString) -> Result<Self, String> {
        let name = name.to_string();
        // So a function of the UI's engine arrives as a text.
        if name.starts_with("function") && name.ends_with("{ [native code] }") {
            return Err(
                "job is a function, which cannot run on another thread; expected the name of a job, or \
                        export the function from a module, and call runScript"
                    .to_owned(),
            );
        }
        Ok(Work::Job(name))
    }

    /// The module as a URL, or as a text with one.
    pub fn script(module: &QVariant, function: &QString) -> Result<Self, String> {
        let module = match read(module, "url")? {
            Value::Text(text) | Value::Url(text) => text.to_string(),
            other => {
                return Err(format!(
                    "url is {}; expected the URL of a module, such as Qt.resolvedUrl(\"work.mjs\")",
                    other.describe()
                ));
            }
        };
        Ok(Work::Script { module, function: function.to_string() })
    }

    pub fn builder(
        &self,
        args: GivenArgs,
        periodic: Option<Periodic>,
    ) -> Result<TaskBuilder<Value, RunsAgain>, SpawnError> {
        let builder = match self {
            Work::Job(name) => tasks().job_given(name, args),
            Work::Script { module, function } => tasks().script_given(module, function, args)?,
        };
        Ok(match periodic {
            Some(periodic) => builder.schedule(periodic),
            None => builder,
        })
    }
}

/// Why a task was not accepted, in the words of a caller that says `resultOf` where Rust says `then`.
pub fn refusal(error: SpawnError) -> String {
    let error = match error {
        SpawnError::Submit(SubmitError::UnknownTask { call: "then", id }) => {
            SpawnError::Submit(SubmitError::UnknownTask { call: "resultOf", id })
        }
        SpawnError::Submit(SubmitError::ResultNotKept { call: "then", id }) => {
            SpawnError::Submit(SubmitError::ResultNotKept { call: "resultOf", id })
        }
        error => error,
    };
    error.to_string()
}
