//! The trace: what is in the file, and what its writing does to others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use legwork::engine::{
    Async, CancelReason, DeliveryMode, Elsewhere, Engine, ErrorPolicy, External, KeyPolicy, OwnerId,
    Periodic, Priority, Repeated, Retry, Site, Status, TaskContext, TaskId, TraceError, WaitResult,
};

use crate::support::*;
use crate::trace_reader::{Event, Trace, lines};

/// A file that is gone with this.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("legwork-trace-{}-{}.json", std::process::id(), NEXT.fetch_add(1, SeqCst));
        Place(std::env::temp_dir().join(name))
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.0).unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Starts a trace.
fn traced(lab: &Lab) -> Place {
    let place = Place::new();
    lab.start_trace(&place.0).unwrap();
    assert_eq!(lab.trace_path().as_deref(), Some(&*place.0));
    place
}

/// Stops it, and reads it. Nothing was lost.
fn read(lab: &Lab, place: &Place) -> Trace {
    let report = lab.stop_trace().unwrap();
    assert_eq!((&report.path, report.lost), (&place.0, 0));
    let trace = Trace::read(&place.0);
    assert_eq!(report.events, trace.events.len() as u64);
    assert_eq!(lab.trace_path(), None);
    trace
}

fn real(workers: usize, mode: DeliveryMode) -> Lab {
    let engine = match mode {
        DeliveryMode::Queued => Engine::queued(config(workers), Box::new(|| ())),
        DeliveryMode::Direct => Engine::direct(config(workers)),
    };
    Lab::of(engine, mode)
}

// ---- what is in it -----------------------------------------------------------------------------

/// A generator of numbers, by xorshift.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }

    fn ms(&mut self, most: u64) -> Duration {
        Duration::from_micros(self.below(most * 1_000))
    }
}

/// Submits a task of any kind; `ids` are those before.
fn submit_any(lab: &Lab, dice: &mut Dice, owners: &[OwnerId], ids: &[TaskId]) -> TaskId {
    let mut options = if dice.below(2) == 0 { lab.options() } else { Options::default() };
    options.priority = [Priority::High, Priority::Normal, Priority::Low][dice.below(3) as usize];
    options.site = Site::of("a \"file\".rs".as_bytes(), 7);
    options.name = [None, Some("a \"name\"\n".into()), Some("é".into())][dice.below(3) as usize].clone();
    options.owner = [None, Some(owners[0]), Some(owners[1])][dice.below(3) as usize];
    options.hears_start = dice.below(2) == 0;
    options.pausable = dice.below(4) == 0;
    if dice.below(4) == 0 {
        options.delay = dice.ms(4);
    }
    if dice.below(3) == 0 {
        options.key = Some(["one", "two"][dice.below(2) as usize].into());
        options.key_policy =
            [KeyPolicy::Append, KeyPolicy::Replace, KeyPolicy::KeepLatest][dice.below(3) as usize];
    }
    if dice.below(5) == 0
        && let Some(after) = ids.get(dice.below(ids.len().max(1) as u64) as usize)
        && lab.status(*after) != Status::UnknownTask
    {
        options.after.push(*after);
    }
    let outcome = dice.below(4);
    let body = move |context: &TaskContext| match outcome {
        0 => Err(fault("no")),
        _ => {
            context.checkpoint()?;
            Ok(Num(1))
        }
    };
    match dice.below(8) {
        0 => {
            let periodic = Periodic { max_runs: 1 + dice.below(3), ..Periodic::every(dice.ms(2)) };
            options.periodic =
                Some(Periodic { interval: periodic.interval.max(Duration::from_micros(1)), ..periodic });
            lab.repeat(options, body)
        }
        1 => {
            options.retry = Retry { delay: dice.ms(2), ..Retry::times(2) };
            lab.repeat(options, body)
        }
        2 if options.key.is_none() => {
            options.external = Some(External { on_stop: None });
            options.pausable = false;
            let id = lab.engine().submit(Box::new(Elsewhere), options, None, false).unwrap();
            lab.engine().end_external(id, Ok(Num(2)));
            id
        }
        3 => {
            options.future = true;
            let sleep = lab.engine().sleep(dice.ms(2));
            let future = async move {
                sleep.await;
                Ok(Num(3))
            };
            lab.engine().submit(Box::new(Async::Future(Box::pin(future))), options, None, false).unwrap()
        }
        _ => lab.submit(options, body),
    }
}

#[test]
fn b360_each_task_of_a_random_run_is_there_once_with_its_spans_in_order_and_its_arrow() {
    for (mode, seed) in [(DeliveryMode::Queued, 0x9e37_79b9), (DeliveryMode::Direct, 0x7f4a_7c15)] {
        let lab = real(3, mode);
        let place = traced(&lab);
        let (mut dice, mut ids) = (Dice(seed), Vec::new());
        let owners = [lab.open_owner("Prices \"&\""), lab.open_owner("Thumbnails")];
        for _ in 0..1_500 {
            let id = submit_any(&lab, &mut dice, &owners, &ids);
            ids.push(id);
            let other = ids[dice.below(ids.len() as u64) as usize];
            match dice.below(20) {
                0 => {
                    let _ = lab.cancel(other, CancelReason::User);
                }
                1 => {
                    let _ = lab.pause(other, "for a moment");
                }
                2 => {
                    let _ = lab.resume(other);
                }
                3 => lab.drain(),
                4 => {
                    let _ = lab.set_priority(other, Priority::High);
                }
                5 => {
                    lab.pause_owner(owners[0], "for a moment");
                    lab.resume_owner(owners[0]);
                }
                _ => {}
            }
        }
        for id in &ids {
            lab.resume(*id);
        }
        until("all have ended", || {
            lab.drain();
            lab.counts().live == 0
        });
        lab.drain();
        let trace = read(&lab, &place);
        assert_eq!(trace.tasks.len(), ids.len());
        for id in &ids {
            trace.check(&id.to_string());
        }
        // Each that has begun is there with its run, and each end is told in a slot where there is a receiver.
        let runs: usize = trace.tasks.values().map(|task| task.runs.len()).sum();
        assert!(runs > ids.len() / 2, "{runs} runs");
        if mode == DeliveryMode::Queued {
            let told = trace.tasks.values().filter(|task| task.arrow.ends_with('f')).count();
            assert_eq!(told, ids.len());
            assert!(trace.drains.len() > 10);
            assert!(trace.threads.values().any(|name| name.starts_with("UI thread")));
        }
        let workers: Vec<_> = trace.threads.values().filter(|name| name.starts_with("worker")).collect();
        assert!(workers.len() > 1, "{:?}", trace.threads);
        for (counter, value) in
            [("waiting tasks", "Normal"), ("waiting tasks", "Low"), ("busy workers", "busy")]
        {
            let last = trace.last_of(counter).unwrap();
            assert_eq!(last.args[value], 0, "{last:?}");
        }
        if cfg!(feature = "locations") {
            let first = trace.tasks.values().next().unwrap();
            assert_eq!(first.submitted[0].arg("sourceLocation"), "a \"file\".rs:7");
        }
        let named = trace.tasks.values().find(|task| task.submitted[0].arg("name") == "a \"name\"\n");
        assert!(named.is_some());
        assert!(trace.tasks.values().any(|task| task.submitted[0].arg("owner") == "Prices \"&\""));
        lab.finish();
    }
}

/// The waits of a task, with seconds.
fn waits(trace: &Trace, id: TaskId) -> Vec<(String, u64, u64)> {
    let waits = &trace.tasks[&id.to_string()].waits;
    let of_second = 1_000_000_000;
    waits.iter().map(|(what, from, to)| (what.clone(), from / of_second, to / of_second)).collect()
}

fn expected(waits: &[(&str, u64, u64)]) -> Vec<(String, u64, u64)> {
    waits.iter().map(|(what, from, to)| ((*what).to_owned(), *from, *to)).collect()
}

#[test]
fn b361_what_a_task_waits_for_is_a_span() {
    let lab = Lab::queued(1);
    let place = traced(&lab);
    let delayed = lab.submit(Options { delay: 3 * SECOND, ..Options::default() }, |_| Ok(Num(1)));
    let held = lab.hold_worker();
    let low = lab.submit(Options { priority: Priority::High, ..Options::default() }, |_| Ok(Num(1)));
    let keyed = || Options { key: Some("k".into()), ..Options::default() };
    let first = lab.submit(keyed(), |_| Ok(Num(1)));
    let second = lab.submit(keyed(), |_| Ok(Num(1)));
    let after = lab.submit(Options { after: vec![second], ..Options::default() }, |_| Ok(Num(1)));
    let group =
        lab.submit_group(&[second], ErrorPolicy::StopOnError, Options::default(), None, false).unwrap();
    let paused = lab.submit(Options { delay: SECOND, ..Options::default() }, |_| Ok(Num(1)));
    lab.pause(paused, "");
    let external = Options { external: Some(External { on_stop: None }), ..Options::default() };
    let external = lab.engine().submit(Box::new(Elsewhere), external, None, false).unwrap();
    lab.advance(SECOND);
    lab.advance(SECOND);
    lab.end_external(external, Ok(Num(1)));
    held.open();
    [low, first, second, after, group].into_iter().for_each(|id| lab.done(id));
    lab.resume(paused);
    lab.done(paused);
    lab.advance(SECOND);
    lab.done(delayed);
    let tried = Options { retry: Retry { jitter: 0.0, ..Retry::times(1) }, ..Options::default() };
    let tried = lab.repeat(tried, |context| match context.attempt() {
        1 => Err(fault("busy")),
        _ => Ok(Num(1)),
    });
    until("it waits", || lab.status(tried) == Status::Delayed);
    lab.advance(SECOND);
    lab.done(tried);
    let twice = Periodic { max_runs: 2, ..Periodic::every(5 * SECOND) };
    let twice = lab.repeat(Options { periodic: Some(twice), ..Options::default() }, |_| Ok(Num(1)));
    lab.rests(twice, 1);
    lab.advance(5 * SECOND);
    lab.done(twice);
    let sleep = lab.engine().sleep(SECOND);
    let future = Box::pin(async move {
        sleep.await;
        Ok(Num(1))
    });
    let future = lab
        .engine()
        .submit(Box::new(Async::Future(future)), Options { future: true, ..Options::default() }, None, false)
        .unwrap();
    until("it sleeps", || lab.engine().naps() == 1);
    // Its poll is over, too, once the only worker has run another.
    let behind = lab.run(|_| Ok(Num(1)));
    lab.done(behind);
    lab.advance(SECOND);
    lab.done(future);
    lab.quiet();
    let trace = read(&lab, &place);
    let queued = |from, to| ("waits in Normal", from, to);
    let is = |id, waited: &[(&str, u64, u64)]| assert_eq!(waits(&trace, id), expected(waited));
    is(delayed, &[("waits for its delay", 0, 3), queued(3, 3)]);
    is(low, &[("waits in High", 0, 2)]);
    is(first, &[("waits for its key", 0, 0), queued(0, 2)]);
    is(second, &[("waits for its key", 0, 2), queued(2, 2)]);
    is(after, &[("waits for what it comes after", 0, 2), queued(2, 2)]);
    is(group, &[("waits for its members", 0, 2)]);
    is(paused, &[("waits for its delay", 0, 1), ("is paused", 1, 2), queued(2, 2)]);
    is(external, &[("runs elsewhere", 0, 2)]);
    is(tried, &[queued(3, 3), ("waits for its next attempt", 3, 4), queued(4, 4)]);
    is(twice, &[queued(4, 4), ("waits for its next run", 4, 9), queued(9, 9)]);
    is(future, &[queued(9, 9), ("waits to be woken", 9, 10), ("waits for its turn", 10, 10)]);
    for id in [delayed, low, first, second, after, group, paused, external, tried, twice, future] {
        trace.check(&id.to_string());
    }
    let ended =
        |id: TaskId| trace.tasks[&id.to_string()].runs.iter().map(|run| run.1.arg("ended").to_owned());
    assert_eq!(ended(tried).collect::<Vec<_>>(), ["Failed", "well"]);
    assert_eq!(ended(future).collect::<Vec<_>>(), ["pending", "well"]);
    assert_eq!(trace.tasks[&twice.to_string()].runs[1].0.args["iteration"], 2);
    // The two that wait in a lane, as the worker is held.
    let depth = |event: &&Event| {
        event.name == "waiting tasks" && event.args["High"] == 1 && event.args["Normal"] == 1
    };
    assert!(trace.events.iter().any(|event| depth(&event)) || trace.last_of("waiting tasks").is_some());
    lab.finish();
}

#[test]
fn b361_a_body_that_waits_for_another_has_it_within_its_own_and_one_that_is_paused_stays_open() {
    let lab = Lab::queued(1);
    let place = traced(&lab);
    let engine = lab.engine().clone();
    let (tell, told) = std::sync::mpsc::channel();
    let outer = lab.run(move |_| {
        let inner =
            engine.submit(Box::new(Repeated(|_: &TaskContext| Ok(Num(1)))), Options::default(), None, false);
        let inner = inner.unwrap();
        assert_eq!(engine.wait(inner, None), WaitResult::Done);
        tell.send(inner).unwrap();
        Ok(Num(1))
    });
    lab.done(outer);
    let inner = told.recv().unwrap();
    let gate = Gate::new();
    let pass = gate.clone();
    let paused = lab.submit(Options { pausable: true, ..Options::default() }, move |context| {
        pass.pass();
        context.checkpoint()?;
        Ok(Num(1))
    });
    gate.wait_for(1);
    lab.pause(paused, "");
    gate.open();
    until("it has stopped", || lab.status(paused) == Status::Paused);
    lab.advance(SECOND);
    lab.resume(paused);
    lab.done(paused);
    lab.quiet();
    let trace = read(&lab, &place);
    let run = |id: TaskId| trace.tasks[&id.to_string()].runs[0].clone();
    assert_eq!(run(outer).0.tid, run(inner).0.tid);
    assert_eq!(waits(&trace, paused).last().unwrap(), &("is paused".to_owned(), 0, 1));
    assert_eq!((run(paused).0.ts, run(paused).1.ts), (0, 1_000_000_000));
    lab.finish();
}

/// A trace may begin and end in the middle of everything: what has begun before is no half.
#[test]
fn b362_a_trace_that_begins_and_ends_in_the_middle_is_whole() {
    let lab = real(1, DeliveryMode::Queued);
    let before = lab.hold_worker();
    let queued: Vec<_> = (0..2_000).map(|_| lab.run(|_| Ok(Num(1)))).collect();
    let late = lab.submit(Options { delay: 3_600 * SECOND, ..Options::default() }, |_| Ok(Num(1)));
    let place = traced(&lab);
    before.open();
    queued.iter().for_each(|id| lab.done(*id));
    let held = lab.hold_worker();
    let waiting = lab.run(|_| Ok(Num(1)));
    lab.drain();
    let trace = read(&lab, &place);
    let names = |id: TaskId| -> Vec<_> {
        trace.tasks[&id.to_string()].waits.iter().map(|wait| wait.0.clone()).collect()
    };
    assert_eq!(names(queued[0]), ["waits in Normal"]);
    assert_eq!(names(queued[1_999]), ["waits in Normal"]);
    assert_eq!(names(late), ["waits for its delay"]);
    assert_eq!(names(waiting), ["waits in Normal"]);
    let since_before =
        trace.tasks.values().filter(|task| task.waits.iter().any(|wait| wait.0.contains("before")));
    assert_eq!(since_before.count(), 1);
    let cut =
        trace.tasks.values().flat_map(|task| &task.runs).filter(|run| run.1.arg("ended").contains("before"));
    assert_eq!(cut.count(), 1, "the one that is held");
    // Another trace knows nothing of what the first has noted.
    held.open();
    lab.done(waiting);
    let place = traced(&lab);
    let last = lab.run(|_| Ok(Num(1)));
    lab.done(last);
    lab.cancel(late, CancelReason::User);
    lab.quiet();
    let trace = read(&lab, &place);
    trace.check(&last.to_string());
    assert_eq!(trace.tasks[&late.to_string()].ends[0].name, "Cancelled");
    lab.finish();
}

#[test]
fn b362_a_trace_is_stopped_in_a_slot_and_in_a_body() {
    let lab = Lab::queued(1);
    let place = traced(&lab);
    let stopped = Arc::new(AtomicBool::new(false));
    let (engine, tell) = (lab.engine().clone(), stopped.clone());
    let stop = move |_: &_| tell.store(engine.stop_trace().is_ok(), SeqCst);
    lab.submit(Options { callbacks: vec![Box::new(stop)], ..Options::default() }, |_| Ok(Num(1)));
    lab.quiet();
    assert!(stopped.load(SeqCst));
    let trace = Trace::read(&place.0);
    assert_eq!(trace.drains.len(), 1);
    let place = traced(&lab);
    let engine = lab.engine().clone();
    let id = lab.run(move |_| engine.stop_trace().map(|_| Num(1)).map_err(|error| fault(&error.to_string())));
    lab.done(id);
    assert_eq!(lab.status(id), Status::Completed);
    assert_eq!(Trace::read(&place.0).tasks[&id.to_string()].runs.len(), 1);
    lab.finish();
}

// ---- a process that dies -----------------------------------------------------------------------

const CHILD: &str = "LEGWORK_TEST_TRACE";

/// Not a test of its own: the child's entry. It works until it is killed.
#[test]
fn trace_child() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let engine = Engine::direct(config(2));
    engine.start_trace(Path::new(&path)).unwrap();
    loop {
        let body = Repeated(|_: &TaskContext| Ok(Num(1)));
        let options = Options { name: Some("Work".into()), ..Options::default() };
        let id = engine.submit(Box::new(body), options, None, true).unwrap();
        engine.wait(id, None);
        engine.drop_handle(id);
    }
}

#[test]
fn b363_the_trace_of_a_process_that_was_killed_can_be_read() {
    let place = Place::new();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "trace::trace_child", "--test-threads=1"]).env(CHILD, &place.0);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let size = || fs::metadata(&place.0).map_or(0, |data| data.len());
    // It is killed where it may be in the middle of a write.
    until("it has written", || size() > 1 << 20);
    child.kill().unwrap();
    child.wait().unwrap();
    let text = place.text();
    let mut lines = lines(&text);
    // A write that was cut leaves one line that is not whole.
    if serde_json::from_str::<serde_json::Value>(lines.last().unwrap()).is_err() {
        lines.pop();
    }
    let trace = Trace::of(lines.into_iter().map(Event::of).collect(), false);
    assert!(trace.tasks.len() > 100);
    assert!(trace.tasks.values().all(|task| task.submitted.len() == 1));
}

// ---- a file that cannot be written -------------------------------------------------------------

fn flood(lab: &Lab, tasks: usize) {
    for _ in 0..tasks {
        lab.run(|_| Ok(Num(1)));
    }
    lab.quiet();
}

#[cfg(target_os = "linux")]
#[test]
fn b364_a_full_disk_ends_the_trace_with_one_error_and_nothing_else() {
    keep_log();
    let lab = real(2, DeliveryMode::Queued);
    lab.start_trace(Path::new("/dev/full")).unwrap();
    until("the trace has ended", || {
        lab.run(|_| Ok(Num(1)));
        lab.trace_path().is_none()
    });
    flood(&lab, 1_000);
    let error = lab.stop_trace().unwrap_err();
    assert!(matches!(&error, TraceError::Write { path, .. } if path == Path::new("/dev/full")), "{error}");
    assert_eq!(logged_with("/dev/full").len(), 1);
    assert_eq!(lab.stop_trace(), Err(TraceError::NotTracing));
    // Another may begin, also without a stop.
    lab.start_trace(Path::new("/dev/full")).unwrap();
    until("the trace has ended", || lab.trace_path().is_none());
    let place = traced(&lab);
    flood(&lab, 10);
    assert_eq!(read(&lab, &place).tasks.len(), 10);
    lab.finish();
}

#[cfg(unix)]
fn pipe() -> Place {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(&place.0).status().unwrap().success());
    place
}

/// Nobody opens it, or somebody does and reads nothing.
#[cfg(unix)]
#[test]
fn b364_a_pipe_that_nobody_reads_keeps_nobody_waiting() {
    let lab = real(2, DeliveryMode::Queued);
    let place = pipe();
    let start = Instant::now();
    let error = lab.start_trace(&place.0).unwrap_err();
    assert!(matches!(&error, TraceError::OpenHangs { path, .. } if *path == place.0), "{error}");
    assert!(start.elapsed() < 60 * SECOND);
    assert_eq!(lab.trace_path(), None);
    flood(&lab, 100);
    // The thread that still waits for it goes away.
    drop(fs::File::open(&place.0).unwrap());

    let place = pipe();
    let path = place.0.clone();
    let reader = std::thread::spawn(move || fs::File::open(path).unwrap());
    lab.start_trace(&place.0).unwrap();
    let reader = reader.join().unwrap();
    // More than a pipe holds, and than there is room for.
    flood(&lab, 40_000);
    let start = Instant::now();
    let error = lab.stop_trace().unwrap_err();
    assert!(matches!(&error, TraceError::WriteHangs { path, .. } if *path == place.0), "{error}");
    assert!(start.elapsed() < 60 * SECOND);
    flood(&lab, 100);
    let place = traced(&lab);
    flood(&lab, 10);
    assert_eq!(read(&lab, &place).tasks.len(), 10);
    drop(reader);
    lab.finish();
}

/// What is lost is said, and what is there has no half.
#[cfg(unix)]
#[test]
fn b364_what_a_slow_reader_misses_is_counted() {
    let lab = real(2, DeliveryMode::Queued);
    let place = pipe();
    let path = place.0.clone();
    let reader = std::thread::spawn(move || fs::File::open(path).unwrap());
    lab.start_trace(&place.0).unwrap();
    let mut reader = reader.join().unwrap();
    flood(&lab, 40_000);
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
        text
    });
    let report = lab.stop_trace().unwrap();
    assert!(report.lost > 0, "{report:?}");
    let text = reader.join().unwrap();
    assert!(text.ends_with("\n]\n"));
    let lines = lines(&text);
    assert_eq!(lines.len() as u64, report.events);
    let trace = Trace::of(lines.into_iter().map(Event::of).collect(), true);
    let said = trace.events.iter().filter_map(|event| event.args["lost"].as_u64());
    assert_eq!(said.clone().max(), Some(report.lost));
    // What there is of the others is whole: the reader has looked.
    assert!(trace.tasks.len() > 1_000);
    lab.finish();
}

// ---- errors ------------------------------------------------------------------------------------

#[test]
fn b365_what_cannot_be_written_is_refused_with_the_reason_and_changes_nothing() {
    let lab = Lab::queued(1);
    let start = |path: &Path| lab.start_trace(path).unwrap_err();
    assert_eq!(start(Path::new("")), TraceError::NoPath);
    let folder = std::env::temp_dir();
    assert_eq!(start(&folder), TraceError::IsFolder { path: folder.clone() });
    let missing = folder.join("legwork-no-such-folder").join("trace.json");
    let error = start(&missing);
    assert_eq!(error, TraceError::NoFolder { path: missing.clone() });
    let text = format!("the trace \"{}\" cannot be written: there is no such folder", missing.display());
    assert_eq!(error.to_string(), text);
    assert_eq!(lab.stop_trace(), Err(TraceError::NotTracing));
    assert_eq!(lab.trace_path(), None);

    let place = traced(&lab);
    let other = Place::new();
    let error = start(&other.0);
    assert_eq!(error, TraceError::AlreadyTracing { path: place.0.clone() });
    assert!(error.to_string().contains("stop that first") && !other.0.exists());
    // The same file: it is not emptied.
    assert_eq!(start(&place.0), TraceError::AlreadyTracing { path: place.0.clone() });
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    lab.quiet();
    read(&lab, &place).check(&id.to_string());
    // A file that is there is written over.
    let place_again = place;
    lab.start_trace(&place_again.0).unwrap();
    assert!(read(&lab, &place_again).tasks.is_empty());
    lab.finish();
}

#[cfg(unix)]
#[test]
fn b365_a_file_that_this_user_may_not_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let lab = Lab::queued(1);
    let place = Place::new();
    fs::write(&place.0, "mine").unwrap();
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o400)).unwrap();
    match lab.start_trace(&place.0) {
        Err(error) => {
            assert_eq!(error, TraceError::NoPermission { path: place.0.clone() });
            assert_eq!(place.text(), "mine");
        }
        // The superuser may.
        Ok(()) => drop(lab.stop_trace().unwrap()),
    }
    lab.finish();
}

#[test]
fn b366_the_end_of_a_shutdown_has_what_happened_written() {
    let lab = real(2, DeliveryMode::Queued);
    let place = traced(&lab);
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    lab.engine().shutdown(SECOND, None);
    // Nobody stops it: the process is about to end.
    let trace = Trace::read(&place.0);
    assert_eq!(trace.tasks[&id.to_string()].ends.len(), 1);
    lab.finish();
}

#[test]
fn b366_an_engine_that_goes_ends_its_trace() {
    let lab = real(2, DeliveryMode::Direct);
    let place = traced(&lab);
    let id = lab.run(|_| Ok(Num(1)));
    lab.done(id);
    drop(lab);
    until("the trace is whole", || place.text().contains("the trace ends") && place.text().ends_with("]\n"));
    Trace::read(&place.0).check(&id.to_string());
}
