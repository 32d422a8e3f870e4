//! Random calls against a simple model.

use std::collections::HashMap;
use std::time::Duration;

use legwork::engine::{
    CancelReason, CancelResult, DeliveryMode, OwnerId, Periodic, Priority, Status, TaskError, TaskId,
};

use crate::support::*;

/// splitmix64; a failure prints its seed.
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % below
    }
}

struct Seed(u64, DeliveryMode);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}, {:?}", self.0, self.1);
        }
    }
}

/// What must come of a task, as far as it is known from outside.
struct Expected {
    /// Cancelled before it started.
    never_ran: bool,
    runs: std::sync::Arc<std::sync::atomic::AtomicUsize>,
    periodic: bool,
}

fn soak(seed: u64, mode: DeliveryMode, steps: usize) {
    let _seed = Seed(seed, mode);
    let mut random = Random(seed);
    let lab = Lab::manual(1 + random.next(3) as usize, mode);
    let mut tasks: HashMap<TaskId, Expected> = HashMap::new();
    let mut ids: Vec<TaskId> = Vec::new();
    let mut owners: Vec<OwnerId> = Vec::new();
    lab.set_history_limits(legwork::engine::HistoryLimits { tasks: usize::MAX, ..lab.history_limits() });
    for _ in 0..steps {
        match random.next(20) {
            0..=8 => {
                let runs = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
                let (count, how, periodic) = (runs.clone(), random.next(6), random.next(8) == 0);
                let mut options = if random.next(2) == 0 { lab.options() } else { Options::default() };
                options.priority = [Priority::High, Priority::Normal, Priority::Low][random.next(3) as usize];
                options.delay = Duration::from_millis(random.next(3) * random.next(40));
                options.timeout = (random.next(5) == 0).then(|| Duration::from_millis(1 + random.next(10)));
                options.must_run = random.next(6) == 0 && !periodic;
                options.detached = random.next(6) == 0;
                options.owner = owners.get(random.next(4) as usize).copied();
                if periodic {
                    let schedule = Periodic::every(Duration::from_millis(1 + random.next(20)));
                    let limits = (random.next(4), random.next(4) as u32);
                    let schedule = Periodic { max_runs: limits.0, max_failures: limits.1, ..schedule };
                    options.periodic = Some(schedule);
                }
                let id = lab.repeat(options, move |context| {
                    count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    match how {
                        0 => Err(fault("at random")),
                        1 => context.checkpoint().map(|()| Num(1)),
                        2 => Err(TaskError::cancelled()),
                        3 => {
                            context.set_progress(0.5, "half");
                            Ok(Num(2))
                        }
                        _ => Ok(Num(3)),
                    }
                });
                assert!(tasks.insert(id, Expected { never_ran: false, runs, periodic }).is_none());
                ids.push(id);
            }
            9..=11 if !ids.is_empty() => {
                let id = ids[random.next(ids.len() as u64) as usize];
                let before = lab.info(id).unwrap().iteration;
                if lab.cancel(id, USER) == CancelResult::CancelledBeforeStart && before == 0 {
                    let task = tasks.get_mut(&id).unwrap();
                    task.never_ran = !task.periodic;
                }
            }
            12..=13 => lab.advance(Duration::from_millis(random.next(25))),
            14 if !ids.is_empty() => {
                let id = ids[random.next(ids.len() as u64) as usize];
                lab.set_priority(id, [Priority::High, Priority::Low][random.next(2) as usize]);
            }
            15 => lab.set_max_workers(1 + random.next(4) as usize).unwrap(),
            16 if owners.len() < 4 => owners.push(lab.open_owner("owner")),
            17 if !owners.is_empty() => {
                let owner = owners.swap_remove(random.next(owners.len() as u64) as usize);
                lab.close_owner(owner, CancelReason::OwnerGone);
            }
            18 if !ids.is_empty() => {
                let id = ids[random.next(ids.len() as u64) as usize];
                // A periodic one, or one that is delayed, may take more time than there is.
                if matches!(lab.status(id), Status::Queued | Status::Running) && !tasks[&id].periodic {
                    lab.done(id);
                }
            }
            _ => lab.drain(),
        }
    }
    let report = lab.shutdown(Duration::from_secs(1), Some(&mut || lab.drain()));
    assert!(report.complete && report.abandoned.is_empty());
    lab.finish();
    let mut ends = HashMap::new();
    for (id, task) in &tasks {
        let runs = task.runs.load(std::sync::atomic::Ordering::SeqCst);
        let info = lab.info(*id).expect("it is remembered");
        *ends.entry(info.status).or_insert(0) += 1;
        assert!(info.status.is_finished());
        assert!(!task.never_ran || runs == 0 && info.status == Status::Cancelled);
        match task.periodic {
            true => assert_eq!(runs as u64, info.iteration),
            false => assert!(runs <= 1 && (runs == 1 || info.status == Status::Cancelled)),
        }
        if mode == DeliveryMode::Queued {
            let events = lab.events_of(*id);
            let terminal = |event: &&String| {
                ["completed", "failed", "cancelled"].iter().any(|end| event.starts_with(&format!("{end} ")))
            };
            assert_eq!(events.iter().filter(terminal).count(), 1, "{events:?}");
            assert!(events.last().iter().all(terminal), "{events:?}");
            assert_eq!(events[0] == "started", runs > 0, "{events:?}");
            let told = events.iter().filter(|event| event.starts_with("run")).count();
            assert!(told <= runs, "{events:?}");
        }
    }
    let sum: usize = ends.values().sum();
    assert_eq!(sum, tasks.len(), "submitted = done + failed + cancelled");
    assert_eq!(lab.counts(), legwork::engine::Counts::default());
}

#[test]
fn b127_random_calls_lose_nothing_with_a_receiver() {
    for seed in 0..60 {
        soak(seed, DeliveryMode::Queued, 400);
    }
}

#[test]
fn b127_random_calls_lose_nothing_without_one() {
    for seed in 1_000..1_060 {
        soak(seed, DeliveryMode::Direct, 400);
    }
}
