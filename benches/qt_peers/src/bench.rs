//! The measurements, which are in C++ as their users would be: see `cpp/bench.h`.

#[cxx::bridge(namespace = "bench")]
mod ffi {
    /// What a flood did to the UI thread.
    struct Flood {
        /// Between two ticks of a timer of 10 ms.
        gaps: Vec<i64>,
        /// Results that came in that time.
        arrived: i64,
        /// What the process allocated at most, besides what it had.
        bytes: i64,
    }

    /// How a High task came to its turn.
    struct Overtaking {
        /// From the submit to the start.
        time: i64,
        /// Low tasks that ended meanwhile.
        ended: i64,
    }

    #[derive(Default)]
    struct TimerCosts {
        /// Of one timer.
        schedule: f64,
        /// Of one timer.
        cancel: f64,
        /// Of each that fired.
        late: Vec<i64>,
        /// Closures of cancelled ones that were not destroyed by the time that all were cancelled.
        kept: i64,
    }

    unsafe extern "C++" {
        include!("qt_peers/bench.h");
        fn throughput(name: &str, workers: i32, tasks: i64, producers: i32, body: i64) -> f64;
        fn latency(name: &str, samples: i32) -> Vec<i64>;
        fn flood(name: &str, duration: i64) -> Flood;
        #[cxx_name = "neverRest"]
        fn never_rest(name: &str, beside: i32, duration: i64) -> Flood;
        #[cxx_name = "workersFlood"]
        fn workers_flood(duration: i64) -> Flood;
        fn replace(name: &str, duration: i64) -> Flood;
        fn handlers(name: &str, workers: i32, tasks: i64) -> f64;
        fn overtake(samples: i32) -> Vec<Overtaking>;
        fn memory(name: &str, tasks: i64) -> f64;
        #[cxx_name = "worstSubmit"]
        fn worst_submit(tasks: i64) -> i64;
        fn timers(name: &str, count: i32, cancel: bool) -> TimerCosts;
        fn wakeups(ms: i32) -> i64;
    }
}

pub use ffi::{
    flood, handlers, latency, memory, never_rest, overtake, replace, throughput, timers, wakeups,
    workers_flood, worst_submit,
};
