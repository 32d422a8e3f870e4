//! The Qt faces: the `TaskManager` object, and delivery on the Qt event loop.
//!
//! In reading order: [`inbox`] (how results reach the event loop), `managers` and `views` (who hears of them),
//! `manager` (the QObject), `model` (the tasks as a list), `bridge` (what C++ and Rust call of each other),
//! `script` (JavaScript on workers), `work`, `options`, `values` and `report` (what crosses, as what).

mod bridge;
mod checks;
mod face;
mod id;
pub mod inbox;
mod keys;
pub mod manager;
mod managers;
pub mod model;
mod options;
mod owners;
mod report;
mod script;
mod values;
mod views;
mod work;

pub(crate) use bridge::{CppResult, plain};
pub use inbox::{is_manager_thread, tasks};
pub use values::{read as value_from_variant, to_variant};

use cxx::{ExternType, type_id};

/// Qt's name for a 32-bit integer. `i32` would keep the name `std::int32_t` in the meta-object,
/// which string-based connections and Python don't know.
#[allow(non_camel_case_types, reason = "it is the name in C++")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct qint32(i32);

impl From<i32> for qint32 {
    fn from(value: i32) -> Self {
        qint32(value)
    }
}

impl From<qint32> for i32 {
    fn from(value: qint32) -> Self {
        value.0
    }
}

// SAFETY: `qint32` is a typedef for `int`, which has 32 bits wherever Qt runs; transparent over it.
unsafe impl ExternType for qint32 {
    type Id = type_id!("qint32");
    type Kind = cxx::kind::Trivial;
}
