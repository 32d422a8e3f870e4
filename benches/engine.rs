//! The engine alone, without Qt, beside other pools of threads: `cargo bench --no-default-features`.
//!
//! Two workers each. What is compared does different things: only the engine has states, ids that
//! can be asked for, priorities, cancel, a history, and events in order.
#![cfg(not(any(loom, shuttle)))]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver as Gate, Sender as Key, channel};
use std::time::{Duration, Instant};

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use legwork::engine::{
    CancelReason, DeliveryMode, Engine, EngineConfig, KeyPolicy, Notice, Once, Receiver, TaskContext, TaskId,
    TaskOptions, Then,
};

const TASKS: usize = 10_000;
const WORKERS: usize = 2;

fn config() -> EngineConfig {
    EngineConfig { max_workers: WORKERS, ..EngineConfig::default() }
}

fn submit(engine: &Engine<()>, options: TaskOptions<()>, work: impl FnOnce() + Send + 'static) -> TaskId {
    let body = Once(Some(move |_: &TaskContext| {
        work();
        Ok(())
    }));
    engine.submit(Box::new(body), options, None, false).expect("the task is accepted")
}

/// Counts down, and tells when nothing is left.
struct Countdown(AtomicUsize, std::thread::Thread);

impl Countdown {
    fn new(count: usize) -> Arc<Countdown> {
        Arc::new(Countdown(AtomicUsize::new(count), std::thread::current()))
    }

    fn one(&self) {
        if self.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.1.unpark();
        }
    }

    fn wait(&self) {
        while self.0.load(Ordering::Acquire) > 0 {
            std::thread::park();
        }
    }
}

/// Keeps the workers until it is dropped.
fn hold(engine: &Engine<()>) -> Vec<Key<()>> {
    let (arrived, arrivals) = channel();
    let keys = (0..WORKERS)
        .map(|_| {
            let (key, gate): (Key<()>, Gate<()>) = channel();
            let arrived = arrived.clone();
            submit(engine, TaskOptions::default(), move || {
                arrived.send(()).expect("the bench waits");
                let _ = gate.recv();
            });
            key
        })
        .collect();
    for _ in 0..WORKERS {
        arrivals.recv().expect("the workers come");
    }
    keys
}

fn finish(engine: &Engine<()>, receiver: &mut Receiver<()>) {
    while engine.counts().queued + engine.counts().running > 0 {
        std::thread::yield_now();
    }
    receiver.acknowledge();
    while receiver.next().is_some() {}
}

/// The time of `work` on an engine whose workers are held, summed over the iterations.
fn held(
    group: &mut BenchmarkGroup<'_, criterion::measurement::WallTime>,
    name: &str,
    work: impl Fn(&Engine<()>) -> Duration,
) {
    group.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let engine = Engine::manual(config(), DeliveryMode::Queued);
            engine.set_listening(true);
            let mut receiver = Receiver::new(engine.clone());
            let mut sum = Duration::ZERO;
            for _ in 0..iterations {
                let keys = hold(&engine);
                sum += work(&engine);
                drop(keys);
                engine.advance(Duration::from_secs(3600));
                finish(&engine, &mut receiver);
            }
            sum
        });
    });
}

fn parts(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parts");
    group.throughput(Throughput::Elements(TASKS as u64));
    held(&mut group, "submit", |engine| {
        let start = Instant::now();
        for _ in 0..TASKS {
            submit(engine, TaskOptions::default(), || {});
        }
        start.elapsed()
    });
    held(&mut group, "cancel", |engine| {
        let tasks: Vec<_> = (0..TASKS).map(|_| submit(engine, TaskOptions::default(), || {})).collect();
        let start = Instant::now();
        for id in tasks {
            engine.cancel(id, CancelReason::User);
        }
        start.elapsed()
    });
    held(&mut group, "schedule a timer", |engine| {
        let start = Instant::now();
        for n in 0..TASKS {
            let delay = Duration::from_millis(1 + (n * 7919 % TASKS) as u64);
            submit(engine, TaskOptions { delay, ..TaskOptions::default() }, || {});
        }
        start.elapsed()
    });
    held(&mut group, "a timer becomes due", |engine| {
        for n in 0..TASKS {
            let delay = Duration::from_millis(1 + (n * 7919 % TASKS) as u64);
            submit(engine, TaskOptions { delay, ..TaskOptions::default() }, || {});
        }
        let start = Instant::now();
        engine.advance(Duration::from_secs(60));
        start.elapsed()
    });
    group.bench_function("pop, run and end", |bencher| {
        bencher.iter_custom(|iterations| {
            let engine = Engine::direct(config());
            let mut sum = Duration::ZERO;
            for _ in 0..iterations {
                let keys = hold(&engine);
                let left = Countdown::new(TASKS);
                for _ in 0..TASKS {
                    let left = left.clone();
                    submit(&engine, TaskOptions::default(), move || left.one());
                }
                let start = Instant::now();
                drop(keys);
                left.wait();
                sum += start.elapsed();
            }
            sum
        });
    });
    group.bench_function("receive", |bencher| {
        bencher.iter_custom(|iterations| {
            let engine = Engine::manual(config(), DeliveryMode::Queued);
            engine.set_listening(true);
            let mut receiver = Receiver::new(engine.clone());
            let mut sum = Duration::ZERO;
            for _ in 0..iterations {
                for _ in 0..TASKS {
                    submit(&engine, TaskOptions::default(), || {});
                }
                while engine.counts().queued + engine.counts().running > 0 {
                    std::thread::yield_now();
                }
                let start = Instant::now();
                receiver.acknowledge();
                while receiver.next().is_some() {}
                sum += start.elapsed();
            }
            sum
        });
    });
    group.finish();
}

/// From the submit to the body, with the pool asleep.
fn wake(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("wake");
    let measure = |run: Run<'_>| {
        let left = Countdown::new(1);
        let start = Instant::now();
        run(left.clone());
        left.wait();
        let time = start.elapsed();
        // The worker falls asleep again.
        let end = Instant::now();
        while end.elapsed() < Duration::from_micros(100) {
            std::thread::yield_now();
        }
        time
    };
    let mut one = |name: &str, run: Run<'_>| {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| (0..iterations).map(|_| measure(run)).sum());
        });
    };
    pools(&mut one);
    group.finish();
}

/// Gives a pool one body, which counts down.
type Run<'a> = &'a dyn Fn(Arc<Countdown>);

/// Each pool by its name.
fn pools(one: &mut dyn FnMut(&str, Run<'_>)) {
    let engine = Engine::direct(config());
    one("legwork", &|left| {
        submit(&engine, TaskOptions::default(), move || left.one());
    });
    let pool = threadpool::ThreadPool::new(WORKERS);
    one("threadpool", &|left| pool.execute(move || left.one()));
    let rayon = rayon::ThreadPoolBuilder::new().num_threads(WORKERS).build().expect("threads");
    one("rayon", &|left| rayon.spawn(move || left.one()));
    let mut tokio = tokio::runtime::Builder::new_multi_thread();
    let tokio = tokio.worker_threads(1).max_blocking_threads(WORKERS).build().expect("threads");
    one("tokio, blocking pool", &|left| {
        tokio.spawn_blocking(move || left.one());
    });
}

/// From the first submit to the last end.
fn through(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("through");
    group.throughput(Throughput::Elements(TASKS as u64));
    let mut one = |name: &str, run: Run<'_>| {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let left = Countdown::new(TASKS);
                for _ in 0..TASKS {
                    run(left.clone());
                }
                left.wait();
            });
        });
    };
    pools(&mut one);
    let engine = Engine::direct(config());
    let path = std::env::temp_dir().join(format!("legwork-bench-{}.json", std::process::id()));
    engine.start_trace(&path).expect("a folder for files that are not kept");
    one("legwork, with a trace", &|left| {
        submit(&engine, TaskOptions::default(), move || left.one());
    });
    let report = engine.stop_trace().expect("a trace");
    println!("the trace has {} events, and {} were lost", report.events, report.lost);
    std::fs::remove_file(&path).expect("it is there");
    group.finish();
}

/// Submits one of many: its number, the one before it, and what it counts down.
type Next<'a> = &'a dyn Fn(&Engine<()>, usize, Option<TaskId>, Arc<Countdown>) -> TaskId;

/// Tasks that wait for each other: from the first submit to the last end.
fn order(criterion: &mut Criterion) {
    const MANY: usize = 100_000;
    let mut group = criterion.benchmark_group("order");
    group.throughput(Throughput::Elements(MANY as u64)).sample_size(10);
    let mut one = |name: &str, run: Next<'_>| {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let engine = Engine::direct(config());
                let left = Countdown::new(MANY);
                let mut last = None;
                for number in 0..MANY {
                    last = Some(run(&engine, number, last, left.clone()));
                }
                left.wait();
            });
        });
    };
    one("no order", &|engine, _, _, left| submit(engine, TaskOptions::default(), move || left.one()));
    one("one key", &|engine, _, _, left| {
        submit(engine, TaskOptions { key: Some("key".into()), ..TaskOptions::default() }, move || left.one())
    });
    one("a key each", &|engine, number, _, left| {
        let key = Some(number.to_string().into());
        submit(engine, TaskOptions { key, ..TaskOptions::default() }, move || left.one())
    });
    one("a chain", &|engine, _, last, left| {
        let after = last.into_iter().collect();
        submit(engine, TaskOptions { after, ..TaskOptions::default() }, move || left.one())
    });
    one("a chain by then", &|engine, _, last, left| {
        let Some(last) = last else { return submit(engine, TaskOptions::default(), move || left.one()) };
        let options = TaskOptions { takes: vec![last], ..TaskOptions::default() };
        let body = Then::new(move |(), _: &TaskContext| {
            left.one();
            Ok(())
        });
        engine.submit(Box::new(body), options, None, false).expect("the task is accepted")
    });
    one("one key, each replaced by the next", &|engine, _, _, left| {
        let ends = move |notice: &Notice<()>| {
            if notice.is_end() {
                left.one();
            }
        };
        let options = TaskOptions {
            key: Some("key".into()),
            key_policy: KeyPolicy::Replace,
            callbacks: vec![Box::new(ends)],
            ..TaskOptions::default()
        };
        submit(engine, options, || ())
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = parts, wake, through, order
}
criterion_main!(benches);
