//! The service: the one engine of the process, its jobs, and the Rust face.
//!
//! In reading order: `tasks` (the service, and what is asked of it), `task` (building one), `elsewhere` and `external`
//! (one without a body), `asynchronous` (futures), `sender` (values before its end), `handle`, `then` (and `all`, `any`), `given` (results in
//! the arguments of others), `callbacks`, `owner`, `jobs`, `wanted` (who wants figures), `testing` (the virtual clock), and what crosses: `value`, `opaque`, `convert`, `args`.

mod args;
mod asynchronous;
mod callbacks;
mod convert;
mod elsewhere;
mod external;
mod given;
mod handle;
mod jobs;
mod opaque;
mod owner;
mod sender;
mod task;
mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
mod then;
mod value;
mod wanted;

pub use args::Args;
pub use callbacks::Outcome;
pub use convert::{IntoResult, TaskValue};
pub use external::{External, RunsElsewhere};
#[cfg(feature = "qt")]
pub(crate) use given::GivenArgs;
pub use handle::{TaskHandle, WaitError};
pub use jobs::JobError;
pub use opaque::Opaque;
pub use owner::Owner;
pub use sender::Sender;
pub use task::{AllOf, AnyOf, HasBody, HasWork, Runs, RunsAgain, RunsAsync, RunsOnce, TaskBuilder};
#[cfg(feature = "qt")]
pub(crate) use tasks::engine_if_there;
#[cfg(not(feature = "qt"))]
pub use tasks::tasks;
#[cfg(feature = "qt")]
pub(crate) use tasks::{Host, tasks_with};
pub use tasks::{SHUTDOWN_TIMEOUT, SpawnError, Tasks};
pub use value::{MAX_DEPTH, Value};
