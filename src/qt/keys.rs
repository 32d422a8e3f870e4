//! The keys of options, and how each is read: see the table in `tools/vocabulary/src/table.rs`.

use super::checks::{choice, milliseconds, number, typed};
use crate::engine::TaskOptions;
use crate::{FirstRun, Misfire, Periodic, Priority, Rate, Value};

// <vocabulary: qml options>
// </vocabulary>
