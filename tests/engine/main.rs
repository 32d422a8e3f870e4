//! The engine, without Qt. Each test is named after the behaviours (`B47`) that it covers.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests stand outside of the engine's own door to threads and locks"
)]

mod support;
mod table;
