//! Tasks that stand for others, as QML says them: `TaskManager.all` and `any`, and the element `TaskGroup`; and what
//! stands in arguments for a result.

use cxx_qt_lib::{QString, QVariant};

use super::id::{BridgeTask, Id, answer};
use super::options::{self, Call, Group, Options};
use super::owners::unpack_owner;
use super::values::read;
use crate::engine::{OwnerId, Site, TaskOptions};
use crate::{ErrorPolicy, TaskId, Value, tasks};

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/src/qt/id.cxx.h");
        type BridgeTask = crate::qt::id::BridgeTask;
        type Id = crate::qt::id::Id;
        include!("legwork/resultof.h");
        /// Stands for the result of a task in arguments.
        #[cxx_name = "placeOfResult"]
        fn place_of_result(task: &QString) -> QVariant;
    }

    extern "Rust" {
        /// What is wrong with the options of a `TaskGroup`, as far as can be seen without its tasks; empty for nothing.
        #[cxx_name = "checkGroupElement"]
        fn check_group_element(options: &QVariant) -> QString;
        /// What is wrong with its limit.
        #[cxx_name = "checkGroupLimit"]
        fn check_group_limit(limit: &QVariant) -> QString;
        /// Behind which the tasks of a `TaskGroup` wait until all of it is in. It has to be opened.
        #[cxx_name = "newGate"]
        fn new_gate() -> BridgeTask;
        #[cxx_name = "openGate"]
        fn open_gate(gate: Id);
        /// A `TaskGroup`, by the ids of its tasks.
        #[cxx_name = "submitGroupElement"]
        fn submit_group_element(ids: &QVariant, options: &QVariant, owner: u64, site: u16) -> BridgeTask;
    }
}

pub use ffi::place_of_result;

/// A group of tasks by a list of their ids.
pub fn submit(
    ids: &Value,
    options: Options,
    any: bool,
    owner: Option<OwnerId>,
    site: Site,
) -> Result<TaskId, String> {
    if !matches!(ids, Value::List(_)) {
        return Err(format!("ids is {}; expected a list of the ids of tasks", ids.describe()));
    }
    let members = options::tasks(ids, "ids")?;
    let policy = if any { ErrorPolicy::StopOnSuccess } else { options.policy() };
    let options = TaskOptions { owner, site, ..options.task() };
    let group = tasks().engine().submit_group(&members, policy, options, None, false);
    group.map_err(|error| error.to_string())
}

fn of_element(options: &QVariant) -> Result<Options, String> {
    let call = Call::Group(Group::Element);
    Options::read(&options::given(options, call)?, call)
}

fn check_group_element(options: &QVariant) -> QString {
    of_element(options).err().map_or_else(QString::default, |error| QString::from(&error))
}

fn check_group_limit(limit: &QVariant) -> QString {
    let limit = read(limit, "limit").and_then(|limit| options::group_limit(&limit));
    limit.err().map_or_else(QString::default, |error| QString::from(&error))
}

fn new_gate() -> BridgeTask {
    answer(tasks().engine().gate().map_err(|error| error.to_string()))
}

fn open_gate(gate: Id) {
    tasks().engine().open_gate(gate.into());
}

fn submit_group_element(ids: &QVariant, options: &QVariant, owner: u64, site: u16) -> BridgeTask {
    let (owner, site) = (unpack_owner(owner), Site::from_number(site));
    let submit = || submit(&read(ids, "ids")?, of_element(options)?, false, owner, site);
    answer(submit())
}
