//! Legwork beside Qt's own ways, in one process and one run. `./x bench` builds and runs it.

// Linked for its C++ face.
extern crate legwork as _;

mod bench;
mod report;
mod rust_peers;
mod stats;

use std::collections::BTreeSet;
use std::path::PathBuf;

use cxx_qt_lib::QCoreApplication;
use report::{Budget, Goal};
use stats::{Measure, digits, percentile};

const USAGE: &str = "\
usage: qt_peers [--quick] [--stable] [--out DIR] [--python-service NS] [GROUP...]

  throughput handlers latency share flood replace priority memory submit timers idle scale bodies
  profile, profile-callbacks, profile-figures (the throughput of Legwork alone, for a profiler: by signal, by
  onComplete, and by signal while figures are taken)

Without a group: all of them but the last three. --quick: a third of the work, for a first look; not for a budget.
--stable: three times; of each budget the worst of the three counts.
--python-service: nanoseconds a task of the design that Legwork replaces, measured beside.
Writes budgets.json and throughput.svg into DIR (default: target/bench). LEGWORK_NICE says by how much the workers give
way; the group share compares that with 0 by processes of its own.
";

const OURS: &str = "legwork";
const CALLBACKS: &str = "legwork onComplete";
const SIGNAL: &str = "QThreadPool, queued signal";
const INVOKE: &str = "QThreadPool, invokeMethod";
const THEN: &str = "QtConcurrent, then";
const WATCHER: &str = "QtConcurrent, QFutureWatcher";
const RUST: &str = "threadpool, CxxQtThread";
const FLOOR: &str = "the floor";
/// Where Qt has it: a parallel group of all tasks, which are known before they start, and a tree for each task.
const GROUP: &str = "QtTaskTree, one group";
const TREE: &str = "QtTaskTree, a tree each";
/// What replaces a task by hand.
const BY_NUMBER: &str = "QThreadPool, a number of the newest";
/// The floor of the latency.
const BARE: &str = "two wake-ups alone";
/// What the share of the machine is measured by.
const BUSY: &str = "busy threads alone";

/// Nanoseconds of a body that is long.
const LONG_BODY: i64 = 100_000;

struct Run {
    quick: bool,
    python: Option<f64>,
    budgets: Vec<Budget>,
    /// Of the first throughput.
    bars: Vec<(&'static str, f64)>,
}

/// A name, and what is measured under it.
type Group = (&'static str, fn(&mut Run));

fn main() {
    let mut groups = BTreeSet::new();
    let mut run = Run { quick: false, python: None, budgets: Vec::new(), bars: Vec::new() };
    let mut stable = false;
    let mut out = PathBuf::from("target/bench");
    let all: [Group; 16] = [
        ("throughput", Run::throughput),
        ("handlers", Run::handlers),
        ("latency", Run::latency),
        ("share", Run::share),
        ("flood", Run::flood),
        ("replace", Run::replace),
        ("priority", Run::priority),
        ("memory", Run::memory),
        ("submit", Run::submit),
        ("timers", Run::timers),
        ("idle", Run::idle),
        ("scale", Run::scale),
        ("bodies", Run::bodies),
        ("profile", Run::profile),
        ("profile-callbacks", Run::profile_callbacks),
        ("profile-figures", Run::profile_figures),
    ];
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--quick" => run.quick = true,
            "--stable" => stable = true,
            // What `share` starts.
            "--bodies" => {
                let _app = QCoreApplication::new();
                return println!("{}", bench::throughput(OURS, 2, 5_000, 0, LONG_BODY));
            }
            "--out" => out = args.next().map_or(out, PathBuf::from),
            "--python-service" => run.python = args.next().and_then(|ns| ns.parse().ok()),
            "--help" | "-h" => return print!("{USAGE}"),
            group if all.iter().any(|(name, _)| *name == group) => {
                groups.insert(arg);
            }
            _ => {
                eprint!("qt_peers: {arg} is no group\n{USAGE}");
                std::process::exit(2);
            }
        }
    }
    let _app = QCoreApplication::new();
    for time in 0..if stable { 3 } else { 1 } {
        let before = std::mem::take(&mut run.budgets);
        for (name, measure) in all {
            if groups.contains(name) || groups.is_empty() && !name.starts_with("profile") {
                eprintln!("{name} …");
                measure(&mut run);
            }
        }
        if time > 0 {
            let pairs = before.into_iter().zip(std::mem::take(&mut run.budgets));
            run.budgets = pairs.map(|(one, other)| one.worse(other)).collect();
        }
    }
    println!("\n{}", report::table(&run.budgets));
    if let Err(error) = report::write(&out, &run.budgets, &run.bars) {
        eprintln!("qt_peers: {}: {error}", out.display());
        std::process::exit(1);
    }
    let missed = run.budgets.iter().filter(|budget| budget.met() == Some(false)).count();
    println!("{missed} of the budgets missed; {}", out.join("budgets.json").display());
}

/// One after the other, again and again, so that what disturbs one disturbs all.
fn alternate<const N: usize>(rounds: usize, mut sample: impl FnMut(usize) -> f64) -> [Measure; N] {
    let mut samples = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (which, samples) in samples.iter_mut().enumerate() {
            samples.push(sample(which));
        }
    }
    samples.map(Measure::of)
}

fn sorted(samples: impl IntoIterator<Item = i64>) -> Vec<f64> {
    let mut samples: Vec<f64> = samples.into_iter().map(|sample| sample as f64).collect();
    samples.sort_by(f64::total_cmp);
    samples
}

impl Run {
    fn rounds(&self) -> usize {
        if self.quick { 3 } else { 11 }
    }

    fn tasks(&self) -> i64 {
        if self.quick { 50_000 } else { 200_000 }
    }

    fn budget(
        &mut self,
        name: impl Into<String>,
        unit: &'static str,
        ours: Measure,
        theirs: Option<(&'static str, Measure)>,
        goal: Goal,
    ) {
        self.budgets.push(Budget { name: name.into(), unit, ours, theirs, goal });
    }

    fn throughput(&mut self) {
        let tasks = self.tasks();
        let names = [OURS, SIGNAL, INVOKE, THEN, WATCHER, RUST, FLOOR, CALLBACKS];
        let goals = [
            Goal::None,
            Goal::Times(8.0),
            Goal::None,
            Goal::None,
            Goal::None,
            Goal::Times(2.5),
            Goal::Within(1.5),
        ];
        let all: [Measure; 8] =
            alternate(self.rounds(), |which| bench::throughput(names[which], 2, tasks, 0, 0));
        self.bars = names.into_iter().zip(all.iter().map(|measure| measure.median)).collect();
        for which in 1..7 {
            let theirs = Some((names[which], all[which]));
            self.budget("a task, submitted by the UI thread", "ns", all[0], theirs, goals[which]);
        }
        if let Some(ns) = self.python {
            let theirs = Some(("ThreadPoolExecutor, PyQt6", Measure::only(ns)));
            self.budget("a task, submitted by the UI thread", "ns", all[0], theirs, Goal::None);
        }
        if cfg!(task_tree) {
            // Theirs take so long.
            let tasks = tasks / 4;
            let names = [OURS, GROUP, TREE];
            let trees: [Measure; 3] =
                alternate(self.rounds(), |which| bench::throughput(names[which], 2, tasks, 0, 0));
            for which in 1..3 {
                self.bars.push((names[which], trees[which].median));
                let theirs = Some((names[which], trees[which]));
                self.budget("a task, submitted by the UI thread", "ns", trees[0], theirs, Goal::None);
            }
        }
        self.budget("the same, by onComplete", "ns", all[7], Some((THEN, all[3])), Goal::Times(6.0));
        // A watcher wants the event loop of the thread that makes it.
        let names = [OURS, SIGNAL, INVOKE, THEN, RUST, FLOOR];
        let all: [Measure; 6] =
            alternate(self.rounds(), |which| bench::throughput(names[which], 2, tasks, 4, 0));
        for which in 1..6 {
            let theirs = Some((names[which], all[which]));
            let goal = if names[which] == FLOOR { Goal::Within(1.5) } else { Goal::None };
            self.budget("a task, submitted by four threads", "ns", all[0], theirs, goal);
        }
        let counts = [1_000_000, 10_000];
        let [many, few]: [Measure; 2] =
            alternate(self.rounds(), |which| bench::throughput(OURS, 2, counts[which], 0, 0));
        self.budget("a task of 1,000,000", "ns", many, Some(("of 10,000", few)), Goal::Within(1.5));
    }

    fn profile(&mut self) {
        let each = self.alone(OURS);
        self.budget("a task, submitted by the UI thread", "ns", each, None, Goal::None);
    }

    fn profile_callbacks(&mut self) {
        let each = self.alone(CALLBACKS);
        self.budget("the same, by onComplete", "ns", each, None, Goal::None);
    }

    fn profile_figures(&mut self) {
        legwork::tasks().collect_stats(true);
        let each = self.alone(OURS);
        legwork::tasks().collect_stats(false);
        self.budget("the same by signal, while figures are taken", "ns", each, None, Goal::None);
    }

    fn alone(&self, name: &str) -> Measure {
        let [each] = alternate(self.rounds(), |_| bench::throughput(name, 2, self.tasks(), 0, 0));
        each
    }

    fn handlers(&mut self) {
        // Both make a value of the engine's of each.
        let job = |_: &legwork::TaskContext, args: &legwork::Args| args.get::<i64>(0);
        if let Err(error) = legwork::tasks().register_job("bench", job) {
            eprintln!("qt_peers: {error}");
        }
        let names = [OURS, FLOOR];
        let tasks = self.tasks() / 4;
        let [ours, floor]: [Measure; 2] =
            alternate(self.rounds(), |which| bench::handlers(names[which], 2, tasks));
        legwork::tasks().unregister_job("bench");
        let theirs = Some(("the floor, with a handler in QML", floor));
        self.budget("runInThread, and a handler in QML", "ns", ours, theirs, Goal::Within(1.5));
    }

    fn latency(&mut self) {
        let mut names = vec![OURS, THEN, SIGNAL, INVOKE, BARE];
        if cfg!(task_tree) {
            names.push(TREE);
        }
        let percents = [50.0, 99.0, 99.9];
        // By contender, by percentile, a sample a round.
        let mut of = vec![vec![Vec::new(); percents.len()]; names.len()];
        for _ in 0..self.rounds() {
            for (name, of) in names.iter().zip(&mut of) {
                let times = sorted(bench::latency(name, 2_000));
                for (percent, of) in percents.iter().zip(of) {
                    of.push(percentile(&times, *percent) / 1e3);
                }
            }
        }
        let of: Vec<Vec<Measure>> =
            of.into_iter().map(|of| of.into_iter().map(Measure::of).collect()).collect();
        for (at, percent) in percents.iter().enumerate() {
            let name = format!("one task, idle pool, p{percent}");
            for which in 1..names.len() {
                let goal = match names[which] {
                    _ if *percent > 99.5 => Goal::None,
                    TREE => Goal::None,
                    BARE => Goal::Within(1.25),
                    _ => Goal::Times(1.0),
                };
                self.budget(name.clone(), "µs", of[0][at], Some((names[which], of[which][at])), goal);
            }
        }
    }

    fn share(&mut self) {
        let duration = if self.quick { 1 } else { 2 } * 1_000_000_000;
        for (name, beside, goals) in [
            (
                "gaps of a 10 ms timer, four workers that never rest",
                0,
                [Goal::AtMost(13.0), Goal::AtMost(20.0)],
            ),
            (
                "the same, beside two threads of the application's own",
                2,
                [Goal::Within(1.0), Goal::Within(1.0)],
            ),
        ] {
            let names = [OURS, BUSY];
            let (mut p99, mut worst) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
            for _ in 0..self.rounds() {
                for which in 0..2 {
                    let gaps = sorted(bench::never_rest(names[which], beside, duration).gaps);
                    p99[which].push(percentile(&gaps, 99.0) / 1e6);
                    worst[which].push(percentile(&gaps, 100.0) / 1e6);
                }
            }
            for (what, samples, goal) in [("p99", p99, goals[0]), ("worst", worst, goals[1])] {
                let [ours, theirs] = samples.map(Measure::of);
                self.budget(format!("{name}, {what}"), "ms", ours, Some((BUSY, theirs)), goal);
            }
        }
        let (mut p99, mut worst) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds() {
            let gaps = sorted(bench::workers_flood(duration).gaps);
            p99.push(percentile(&gaps, 99.0) / 1e6);
            worst.push(percentile(&gaps, 100.0) / 1e6);
        }
        let name = "gaps of a 10 ms timer, tasks that each submit the next";
        self.budget(format!("{name}, p99"), "ms", Measure::of(p99), None, Goal::AtMost(16.0));
        self.budget(format!("{name}, worst"), "ms", Measure::of(worst), None, Goal::AtMost(25.0));
        // A share is for the whole life of a thread, so each is a process.
        let nice =
            std::env::var("LEGWORK_NICE").unwrap_or_else(|_| legwork::tasks().worker_nice().to_string());
        let bodies: [Measure; 2] = alternate(self.rounds(), |which| {
            let nice = if which == 0 { nice.as_str() } else { "0" };
            let me = std::env::current_exe().expect("this program");
            let out = std::process::Command::new(me).arg("--bodies").env("LEGWORK_NICE", nice).output();
            let text = out.map(|out| String::from_utf8_lossy(&out.stdout).into_owned()).unwrap_or_default();
            text.trim().parse().unwrap_or(f64::NAN)
        });
        let theirs = Some(("workers that do not give way", bodies[1]));
        self.budget("a body of 100 µs, on an idle machine", "ns", bodies[0], theirs, Goal::Times(0.98));
    }

    fn flood(&mut self) {
        let seconds = if self.quick { 1 } else { 3 };
        let names = [OURS, SIGNAL];
        // By contender, a sample a round.
        let mut p99 = [const { Vec::new() }; 2];
        let mut worst = p99.clone();
        let mut bytes = p99.clone();
        let mut arrived = p99.clone();
        for _ in 0..if self.quick { 1 } else { 5 } {
            for (which, name) in names.into_iter().enumerate() {
                let flood = bench::flood(name, seconds * 1_000_000_000);
                let gaps = sorted(flood.gaps);
                p99[which].push(percentile(&gaps, 99.0) / 1e6);
                worst[which].push(percentile(&gaps, 100.0) / 1e6);
                bytes[which].push(flood.bytes as f64 / 1e6);
                arrived[which].push(flood.arrived as f64 / 1e3);
            }
        }
        let mut row = |name: &str, unit, samples: [Vec<f64>; 2], goal| {
            let [ours, theirs] = samples.map(Measure::of);
            self.budget(name, unit, ours, Some((SIGNAL, theirs)), goal);
        };
        row(
            "gaps of a 10 ms timer in a flood by two threads of the application's own, p99",
            "ms",
            p99,
            Goal::None,
        );
        row("the same, worst", "ms", worst, Goal::None);
        row("memory in that flood, at most", "MB", bytes, Goal::AtMost(300.0));
        row("results that came meanwhile", "thousands", arrived, Goal::None);
    }

    fn replace(&mut self) {
        let names = [OURS, BY_NUMBER];
        let mut p99 = [const { Vec::new() }; 2];
        let mut worst = p99.clone();
        for _ in 0..self.rounds() {
            for (which, name) in names.into_iter().enumerate() {
                let gaps = sorted(bench::replace(name, 1_000_000_000).gaps);
                p99[which].push(percentile(&gaps, 99.0) / 1e6);
                worst[which].push(percentile(&gaps, 100.0) / 1e6);
            }
        }
        for (name, samples) in
            [("gaps of a 10 ms timer, 1,000 tasks a second replaced, p99", p99), ("the same, worst", worst)]
        {
            let [ours, theirs] = samples.map(Measure::of);
            self.budget(name, "ms", ours, Some((BY_NUMBER, theirs)), Goal::None);
        }
    }

    fn priority(&mut self) {
        let all = bench::overtake(100);
        let ended = sorted(all.iter().map(|one| one.ended));
        let times = sorted(all.iter().map(|one| one.time));
        let most = Measure::only(percentile(&ended, 99.0));
        self.budget("ends of Low tasks before a High one starts, p99", "", most, None, Goal::AtMost(2.0));
        let time = Measure::only(percentile(&times, 99.0) / 1e6);
        self.budget("a High task behind 100,000 Low ones of 20 µs, p99", "ms", time, None, Goal::AtMost(1.0));
    }

    fn memory(&mut self) {
        let tasks = if self.quick { 100_000 } else { 999_900 };
        let [ours, theirs]: [Measure; 2] =
            alternate(if self.quick { 1 } else { 3 }, |which| bench::memory([OURS, THEN][which], tasks));
        let theirs = Some(("QtConcurrent", theirs));
        self.budget("a queued task, with its closure of 4 bytes", "bytes", ours, theirs, Goal::AtMost(160.0));
    }

    fn submit(&mut self) {
        let tasks = if self.quick { 200_000 } else { 999_900 };
        let worst = (0..self.rounds()).map(|_| bench::worst_submit(tasks) as f64 / 1e6).collect();
        self.budget(
            "the worst submit, up to 1,000,000 queued",
            "ms",
            Measure::of(worst),
            None,
            Goal::AtMost(1.0),
        );
    }

    fn timers(&mut self) {
        let count = if self.quick { 10_000 } else { 100_000 };
        let mut schedule = [Vec::new(), Vec::new()];
        let mut late = [Vec::new(), Vec::new()];
        let mut cancel = Vec::new();
        let mut kept = Vec::new();
        let costs = bench::timers("QTimer::singleShot", count, false);
        schedule[1].push(costs.schedule);
        late[1].push(percentile(&sorted(costs.late), 99.0) / 1e6);
        for _ in 0..if self.quick { 1 } else { 3 } {
            let costs = bench::timers(OURS, count, false);
            schedule[0].push(costs.schedule);
            late[0].push(percentile(&sorted(costs.late), 99.0) / 1e6);
            let costs = bench::timers(OURS, count, true);
            cancel.push(costs.cancel);
            kept.push(costs.kept as f64);
        }
        let [schedule, their_schedule] = schedule.map(Measure::of);
        let [late, their_late] = late.map(Measure::of);
        let timer = "QTimer::singleShot";
        self.budget(
            "schedule one of 100,000 timers",
            "ns",
            schedule,
            Some((timer, their_schedule)),
            Goal::Times(60.0),
        );
        self.budget(
            "their lateness, 50 a millisecond, p99",
            "ms",
            late,
            Some((timer, their_late)),
            Goal::AtMost(2.0),
        );
        self.budget("cancel one of them", "ns", Measure::of(cancel), None, Goal::None);
        self.budget(
            "closures of cancelled ones that are kept",
            "",
            Measure::of(kept),
            None,
            Goal::AtMost(0.0),
        );
    }

    fn idle(&mut self) {
        // The threads fall asleep first.
        bench::wakeups(200);
        let count = bench::wakeups(if self.quick { 1_000 } else { 10_000 });
        self.budget(
            "wake-ups in 10 s without work",
            "",
            Measure::only(count as f64),
            None,
            Goal::AtMost(0.0),
        );
    }

    fn scale(&mut self) {
        let counts = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
        println!("\nNanoseconds a task, by how many there are (`--quick` leaves the last out):\n");
        println!(
            "| | workers |{} |",
            counts.map(|count| format!(" {count} |")).concat().trim_end_matches('|')
        );
        println!("| --- | --: |{}", " --: |".repeat(counts.len()));
        for name in [OURS, SIGNAL, THEN, RUST] {
            for workers in [1, 2, 4, 8] {
                let row = counts.map(|count| {
                    if self.quick && count > 100_000 {
                        return " |".to_owned();
                    }
                    let rounds = if count > 100_000 { 1 } else { 5 };
                    let samples =
                        (0..rounds).map(|_| bench::throughput(name, workers, count, 0, 0)).collect();
                    format!(" {} |", digits(Measure::of(samples).median))
                });
                println!("| {name} | {workers} |{}", row.concat());
            }
        }
    }

    fn bodies(&mut self) {
        let bodies = [0, 1_000, 10_000, 100_000];
        println!("\nThe share of two workers' time that goes into bodies, by what a body takes:\n");
        println!("| | 0 µs: ns a task | 1 µs | 10 µs | 100 µs |\n| --- | --: | --: | --: | --: |");
        for name in [OURS, SIGNAL, INVOKE, THEN, WATCHER, RUST, FLOOR] {
            let row = bodies.map(|body| {
                let tasks = if body > 50_000 { 5_000 } else { 50_000 };
                let samples = (0..3).map(|_| bench::throughput(name, 2, tasks, 0, body)).collect();
                let each = Measure::of(samples).median;
                match body {
                    0 => format!(" {} |", digits(each)),
                    _ => format!(" {:.0} % |", body as f64 / 2.0 / each * 100.0),
                }
            });
            println!("| {name} |{}", row.concat());
        }
    }
}
