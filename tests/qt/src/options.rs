//! The options of a scenario, as Rust says them.

use std::time::Duration;

use legwork::{FirstRun, Misfire, Periodic, Priority, Rate, TaskBuilder, Value};
use serde_json::Value as Json;

// <vocabulary: player>
// </vocabulary>
