//! Qt's `qint32`.

use cxx::{ExternType, type_id};

/// Qt's name for a 32-bit integer. `i32` would keep the name `std::int32_t` in the meta-object,
/// which string-based connections and Python don't know.
#[expect(
    non_camel_case_types,
    reason = "cxx-qt writes the name of the Rust type into C++, where it has to be this"
)]
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

/// The count as an `int`; what does not fit is as many as fit.
pub fn int(count: usize) -> qint32 {
    qint32::from(i32::try_from(count).unwrap_or(i32::MAX))
}
