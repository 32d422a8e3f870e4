//! What a task is to do, as the faces say it: a job by its name, or a function of a script.

use cxx_qt_lib::{QString, QVariant};

use super::values::read;
use crate::{Periodic, RunsAgain, SpawnError, TaskBuilder, Value, tasks};

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
        args: Vec<Value>,
        periodic: Option<Periodic>,
    ) -> Result<TaskBuilder<Value, RunsAgain>, SpawnError> {
        match (self, periodic) {
            (Work::Job(name), None) => Ok(tasks().job(name, args)),
            (Work::Job(name), Some(periodic)) => Ok(tasks().periodic_job(periodic, name, args)),
            (Work::Script { module, function }, None) => tasks().script(module, function, args),
            (Work::Script { module, function }, Some(periodic)) => {
                tasks().periodic_script(periodic, module, function, args)
            }
        }
    }
}
