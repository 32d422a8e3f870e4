//! The Qt faces: the `TaskManager` object, and delivery on the Qt event loop.
//!
//! In reading order: [`inbox`] (how results reach the event loop), `local` (futures there), `managers`, `views` and `watching` (the objects that
//! hear of them), `manager` (the QObject), `groups`, `model` (the tasks as a list), `script` (JavaScript on workers), `testing` (the virtual clock), `work`,
//! `options`, `values` and `report` (what crosses, as what).
//!
//! The bridge to C++ is in the files `bridge_…`, each with what both sides call of each other for one purpose; the
//! other halves are in `cpp/src/bridge/`: `bridge_result`, `bridge_body`, `bridge_notice` (what C++ hears of a task),
//! `bridge_submit`, `bridge_external` (tasks without a body), `bridge_task` (tasks by id), `bridge_history`,
//! `bridge_owner`. `opaque` has what their proofs lean
//! on. All files that declare a bridge lie in this folder, as cxx-qt-build wants those of a QML module in one.

mod bases;
mod bridge_body;
mod bridge_external;
mod bridge_history;
mod bridge_notice;
mod bridge_owner;
mod bridge_result;
mod bridge_stats;
mod bridge_submit;
mod bridge_task;
mod checks;
mod face;
mod groups;
mod id;
pub mod inbox;
mod int;
mod keys;
mod local;
pub mod manager;
mod manager_thread;
mod managers;
pub mod model;
mod opaque;
mod options;
mod owners;
mod report;
mod script;
#[cfg(feature = "testing")]
mod testing;
mod values;
mod views;
mod watching;
mod work;

pub(crate) use bridge_result::{CppResult, plain};
pub use inbox::tasks;
pub use int::qint32;
pub use local::{Local, LocalError, LocalTask, local};
pub use manager_thread::is_manager_thread;
pub use values::{read as value_from_variant, to_variant};
