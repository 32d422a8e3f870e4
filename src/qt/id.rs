//! A task's id as it crosses to C++.

use cxx::{ExternType, type_id};
use cxx_qt_lib::QString;

use crate::engine::TaskId;

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    /// An id, or why there is none.
    struct BridgeTask {
        id: Id,
        error: QString,
        /// It is that of a task that was there before (KeyPolicy::Keep).
        other: bool,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
    }

    unsafe extern "C++" {
        include!("legwork/detail.h");
        type Id = super::Id;
        #[cxx_name = "idText"]
        fn id_text(id: Id) -> QString;
    }

    extern "Rust" {
        /// The id that a text says.
        #[cxx_name = "taskOf"]
        fn task_of(text: &QString) -> BridgeTask;
    }
}

pub use ffi::BridgeTask;

/// So many characters of a text that is no id stand in an error.
const MOST_SHOWN: usize = 60;

/// `legwork::detail::Id`. Null stands for no task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Id {
    high: u64,
    low: u64,
}

// SAFETY: in C++ it is a structure of two `quint64` in this order, which may be copied as memory (`detail.h`
// asserts it).
unsafe impl ExternType for Id {
    type Id = type_id!("legwork::detail::Id");
    type Kind = cxx::kind::Trivial;
}

impl From<TaskId> for Id {
    fn from(id: TaskId) -> Self {
        let (high, low) = id.as_uuid().as_u64_pair();
        Id { high, low }
    }
}

impl From<Id> for TaskId {
    fn from(id: Id) -> Self {
        TaskId::from_uuid(uuid::Uuid::from_u64_pair(id.high, id.low))
    }
}

/// The text of an id.
pub fn id_text(id: TaskId) -> QString {
    ffi::id_text(id.into())
}

/// The id that a text says: where a text comes in, and nowhere else.
pub fn task_id(text: &QString) -> Option<TaskId> {
    // A text of a megabyte is not copied to find out that it is none.
    if text.len() > 64 { None } else { text.to_string().parse().ok() }
}

/// The same where it has to be one, or what is wrong with the text.
pub fn known_id(text: &QString) -> Result<TaskId, String> {
    task_id(text).ok_or_else(|| {
        let said = text.to_string();
        let mut shown: String = said.chars().take(MOST_SHOWN).collect();
        if shown.len() < said.len() {
            shown.push('…');
        }
        format!("\"{shown}\" is not a task id; expected one that a call has given, or the taskId of a Task")
    })
}

fn task_of(text: &QString) -> BridgeTask {
    answer(known_id(text))
}

/// An id for C++, or why there is none.
pub fn answer(id: Result<TaskId, String>) -> BridgeTask {
    match id {
        Ok(id) => BridgeTask { id: id.into(), error: QString::default(), other: false },
        Err(error) => BridgeTask { id: Id::default(), error: QString::from(&error), other: false },
    }
}
