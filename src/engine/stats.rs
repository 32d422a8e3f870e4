//! How long tasks wait, run, and are on their way to their receiver: by job, by lane and by owner.
//!
//! # Invariants
//!
//! 1. Memory is bounded: [`MOST_NAMES`] jobs and as many owners are told apart, and those that come after count
//!    together, under an empty name. A distribution has a fixed size, and is made with its first value.
//! 2. What is counted began after `from`: a wait or a run that was under way then is left out, so that a reset cuts
//!    nothing in two. So is a wait that is under way as a trace begins or ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;

use super::clock::Nanos;
use super::words::Priority;

/// So many jobs, and so many owners, are told apart.
pub const MOST_NAMES: usize = 64;

/// Longer times count as this one: a day.
const LONGEST: Nanos = 24 * 60 * 60 * 1_000_000_000;

/// Times are told apart from about this on.
const SHORTEST: Nanos = 100;

/// And with so many digits: a figure is off by less than one in a hundred.
const DIGITS: u8 = 2;

/// Which time of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// In its lane, for a worker.
    Waiting,
    /// Of a run, without its pauses.
    Running,
    /// From its end until it was delivered.
    Delivery,
}

/// How long something took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Times {
    /// How often it was measured.
    pub count: u64,
    /// Half of them took at most so long.
    pub p50: Duration,
    /// And 95 of 100 at most so long.
    pub p95: Duration,
    pub max: Duration,
    /// All of them together.
    pub total: Duration,
}

/// What was measured of the tasks of a job, a lane or an owner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Figures {
    /// The job's name, or the task's where it runs no job; the owner's. Empty where tasks have none, and for all names that
    /// came when 64 others were there.
    pub name: Arc<str>,
    /// How long tasks waited in their lane until a worker was there: what comes before, such as a delay or their turn in
    /// a key, is none of it. Each run of a periodic task counts, and each attempt.
    pub waiting: Times,
    /// How long their runs took, without pauses: also those that failed. A future's is from its first poll to its end, an
    /// external task's from its start.
    pub running: Times,
    /// How long it took from a task's end until it was delivered, by an event loop.
    pub delivery: Times,
}

/// What was measured since the last reset.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Since when, in milliseconds since 1970; 0 if nothing was measured yet.
    pub since_ms: i64,
    /// High, Normal and Low.
    pub lanes: [Figures; 3],
    /// By how much time their runs took in all, the most first.
    pub jobs: Vec<Figures>,
    /// The same by owner. Tasks without one stand under an empty name.
    pub owners: Vec<Figures>,
}

#[derive(Default)]
struct Distribution {
    values: Option<Box<Histogram<u32>>>,
    sum: Nanos,
    longest: Nanos,
}

impl Distribution {
    fn add(&mut self, took: Nanos) {
        let values = self.values.get_or_insert_with(|| {
            // Fixed bounds, which are right: the constructor refuses others.
            let values = Histogram::new_with_bounds(SHORTEST, LONGEST, DIGITS);
            Box::new(values.expect("the bounds are constant"))
        });
        values.saturating_record(took);
        self.sum = self.sum.saturating_add(took);
        self.longest = self.longest.max(took);
    }

    fn times(&self) -> Times {
        let Some(values) = &self.values else { return Times::default() };
        // A figure stands for its neighbours, of which some are longer than what was measured.
        let at = |quantile| Duration::from_nanos(values.value_at_quantile(quantile).min(self.longest));
        Times {
            count: values.len(),
            p50: at(0.5),
            p95: at(0.95),
            max: Duration::from_nanos(self.longest),
            total: Duration::from_nanos(self.sum),
        }
    }
}

#[derive(Default)]
struct Measured {
    waiting: Distribution,
    running: Distribution,
    delivery: Distribution,
}

impl Measured {
    fn add(&mut self, stage: Stage, took: Nanos) {
        match stage {
            Stage::Waiting => &mut self.waiting,
            Stage::Running => &mut self.running,
            Stage::Delivery => &mut self.delivery,
        }
        .add(took);
    }

    fn figures(&self, name: Arc<str>) -> Figures {
        Figures {
            name,
            waiting: self.waiting.times(),
            running: self.running.times(),
            delivery: self.delivery.times(),
        }
    }
}

/// By name.
#[derive(Default)]
struct Table {
    named: HashMap<Arc<str>, Measured>,
    /// Without a name, and those that came when there was no room.
    others: Measured,
}

impl Table {
    fn of(&mut self, name: Option<&Arc<str>>) -> &mut Measured {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return &mut self.others };
        if !self.named.contains_key(name) && self.named.len() < MOST_NAMES {
            self.named.insert(name.clone(), Measured::default());
        }
        self.named.get_mut(name).unwrap_or(&mut self.others)
    }

    fn figures(&self) -> Vec<Figures> {
        let all = self.named.iter().map(|(name, measured)| (name.clone(), measured));
        let mut all: Vec<_> = all.chain([(Arc::from(""), &self.others)]).collect();
        all.retain(|(_, it)| it.waiting.values.is_some() || it.running.values.is_some());
        all.sort_by(|a, b| b.1.running.sum.cmp(&a.1.running.sum).then_with(|| a.0.cmp(&b.0)));
        all.into_iter().map(|(name, measured)| measured.figures(name)).collect()
    }
}

/// What is measured.
pub struct Ledger {
    /// Since when.
    pub since: Nanos,
    /// Invariant 2: what began before this is left out. Later than `since` where figures were not taken for a while.
    pub from: Nanos,
    lanes: [Measured; 3],
    jobs: Table,
    owners: Table,
}

impl Ledger {
    pub fn new(since: Nanos) -> Self {
        Ledger {
            since,
            from: since,
            lanes: Default::default(),
            jobs: Table::default(),
            owners: Table::default(),
        }
    }

    pub fn add(
        &mut self,
        lane: Priority,
        job: Option<&Arc<str>>,
        owner: Option<&Arc<str>>,
        stage: Stage,
        took: Nanos,
    ) {
        self.lanes[lane as usize].add(stage, took);
        self.jobs.of(job).add(stage, took);
        self.owners.of(owner).add(stage, took);
    }

    pub fn stats(&self, since_ms: i64) -> Stats {
        let lane = |lane: usize, name: &str| self.lanes[lane].figures(name.into());
        Stats {
            since_ms,
            lanes: [lane(0, "High"), lane(1, "Normal"), lane(2, "Low")],
            jobs: self.jobs.figures(),
            owners: self.owners.figures(),
        }
    }
}

#[cfg(all(test, not(any(loom, shuttle))))]
mod tests {
    use super::*;

    const MS: Nanos = 1_000_000;

    #[test]
    fn b370_a_distribution_is_right_to_one_in_a_hundred() {
        let mut distribution = Distribution::default();
        assert_eq!(distribution.times(), Times::default());
        for took in 1..=1_000 {
            distribution.add(took * MS);
        }
        let times = distribution.times();
        assert_eq!((times.count, times.max), (1_000, Duration::from_secs(1)));
        assert_eq!(times.total, Duration::from_millis(500_500));
        let near = |time: Duration, ms: f64| (time.as_secs_f64() * 1_000.0 / ms - 1.0).abs() < 0.01;
        assert!(near(times.p50, 500.0) && near(times.p95, 950.0), "{times:?}");
        distribution.add(0);
        distribution.add(Nanos::MAX);
        assert_eq!(distribution.times().count, 1_002);
        assert_eq!(distribution.times().max, Duration::from_nanos(Nanos::MAX));
        assert_eq!(distribution.times().total, Duration::from_nanos(Nanos::MAX));
    }

    #[test]
    fn b371_more_names_than_there_is_room_for_count_together() {
        let mut ledger = Ledger::new(0);
        for number in 0..10 * MOST_NAMES {
            let name: Arc<str> = format!("job {number}").into();
            ledger.add(Priority::Normal, Some(&name), Some(&name), Stage::Running, MS);
        }
        ledger.add(Priority::Normal, None, None, Stage::Running, MS);
        // All of the distributions that there can be.
        let distribution =
            ledger.lanes[1].running.values.as_ref().map_or(0, |values| values.distinct_values());
        let most = distribution * size_of::<u32>() * 3 * (3 + 2 * (MOST_NAMES + 1));
        assert!((1..8_000_000).contains(&most), "{most} bytes");
        let stats = ledger.stats(0);
        for table in [&stats.jobs, &stats.owners] {
            assert_eq!(table.len(), MOST_NAMES + 1);
            // The most in all comes first.
            assert_eq!(&*table[0].name, "");
            assert_eq!(table[0].running.count, 9 * MOST_NAMES as u64 + 1);
        }
        assert_eq!(stats.lanes[1].running.count, 10 * MOST_NAMES as u64 + 1);
    }
}
