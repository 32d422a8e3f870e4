//! The engine, without Qt. Each test is named after the behaviours (`B47`) that it covers.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "tests stand outside of the engine's own door to threads and locks"
)]

mod after;
mod again;
mod blocking;
mod by_hand;
mod cancel;
mod changes;
mod crossings;
mod delivery;
mod external;
mod futures;
mod groups;
mod history;
mod idling;
mod keys;
mod limits;
mod machine;
mod overdue;
mod owners;
mod panics;
mod pause;
mod pause_ends;
mod pause_many;
mod paused_bodies;
mod periodic;
mod places;
mod priority;
mod process;
mod progress;
mod rescheduling;
mod resize;
mod retries;
mod shutdown;
mod soak;
mod stats;
mod submission;
mod support;
mod table;
mod then;
mod timers;
mod trace;
mod trace_reader;
mod unheard;
mod unload;
mod values;
mod wait;
