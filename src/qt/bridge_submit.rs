//! C++ submits tasks: a body, a job by its name, a function of a script. The other half is `cpp/src/bridge/submit.cpp`.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cxx::UniquePtr;
use cxx_qt_lib::{QString, QVariant};

use super::bridge_body::{Body, CppBody, CppThen};
use super::bridge_notice::{Listener, listen};
use super::id::{BridgeTask, Id, answer};
use super::options::{self, Call, Options, When};
use super::owners::unpack_owner;
use super::values::{read, read_args};
use super::work::{Work, refusal};
use crate::engine::{Site, TaskId, TaskOptions};
use crate::{ErrorPolicy, Periodic, Value, tasks};

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    /// `Spec` in `detail.h`, with times in milliseconds and the owner by its number.
    struct BridgeSpec {
        // <vocabulary: bridge fields>
        name: QString,
        priority: u8,
        delay_ms: i64,
        timeout_ms: i64,
        detached: bool,
        must_run: bool,
        first_run: u8,
        rate: u8,
        misfire: u8,
        max_runs: u64,
        max_failures: u32,
        weight: f64,
        key: QString,
        key_policy: u8,
        key_limit: u32,
        after_policy: u8,
        retry_times: u32,
        retry_delay_ms: i64,
        retry_backoff: u8,
        retry_factor: f64,
        retry_max_delay_ms: i64,
        retry_jitter: f64,
        retry_on_timeout: bool,
        start_timeout_ms: i64,
        warn_after_ms: i64,
        jitter_ms: i64,
        until_ms: i64,
        transient: bool,
        system: bool,
        keep_result: bool,
        may_block: bool,
        pausable: bool,
        max_undelivered: u32,
        when_full: u8,
        // </vocabulary>
        /// The ids of the tasks that it comes after, as a list; not valid for none.
        after: QVariant,
        periodic: bool,
        interval_ms: i64,
        /// Where it is submitted, as [`site_number`] gives it.
        site: u16,
        owner: u64,
    }

    /// What a task is to do: a job by its name, or a function of a script by its module's URL.
    struct BridgeWork {
        script: bool,
        /// The job's, or the function's.
        name: QString,
        module: QVariant,
    }

    /// What a submission with a map of options says besides.
    struct BridgeCall {
        owner: u64,
        /// The options say when it runs.
        scheduled: bool,
        /// Their `afterPolicy` counts only for a task that takes no result.
        loose: bool,
        /// The caller has functions for its start, and for its failure.
        hears_start: bool,
        hears_failure: bool,
        /// As [`site_number`] gives it.
        site: u16,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/bridge/bridge.h");
        type Body = crate::qt::bridge_body::Body;
        type Id = crate::qt::id::Id;
        type Listener = crate::qt::bridge_notice::Listener;
        include!("legwork/src/qt/id.cxx.h");
        type BridgeTask = crate::qt::id::BridgeTask;
    }

    extern "Rust" {
        /// Whether it is kept where tasks are submitted: the feature `locations`.
        #[cxx_name = "keepsLocations"]
        fn keeps_locations() -> bool;
        /// The number of a line of a file, whose name is UTF-8.
        #[cxx_name = "numberOfSite"]
        fn site_number(file: &[u8], line: u32) -> u16;
        /// One of which nothing is said.
        #[cxx_name = "submitPlainBody"]
        fn submit_plain(body: UniquePtr<Body>, site: u16) -> BridgeTask;
        #[cxx_name = "submitBody"]
        fn submit_body(body: UniquePtr<Body>, spec: &BridgeSpec, listener: UniquePtr<Listener>)
        -> BridgeTask;
        /// A body that is given the result of a task; `alone`: and nobody else is.
        #[cxx_name = "submitThenOf"]
        fn submit_then(body: UniquePtr<Body>, task: Id, alone: bool, spec: &BridgeSpec) -> BridgeTask;
        /// One that stands for others: all of them, by that policy, or the first that completes.
        #[cxx_name = "submitGroupOf"]
        fn submit_group(tasks: &[Id], first: bool, alone: bool, policy: u8, spec: &BridgeSpec) -> BridgeTask;
        #[cxx_name = "submitJobOf"]
        fn submit_job(
            work: &BridgeWork,
            args: &QVariant,
            spec: &BridgeSpec,
            listener: UniquePtr<Listener>,
        ) -> BridgeTask;
        /// The options as a map: what PluginApi's invokables take.
        #[cxx_name = "submitJobWith"]
        fn submit_job_with(
            work: &BridgeWork,
            args: &QVariant,
            options: &QVariant,
            call: &BridgeCall,
        ) -> BridgeTask;
    }
}

pub use ffi::BridgeSpec;

/// Milliseconds from C++; the engine checks that they are not too many.
fn duration(ms: i64, what: &str) -> Result<Duration, String> {
    match u64::try_from(ms) {
        Ok(ms) => Ok(Duration::from_millis(ms)),
        Err(_) => Err(format!("{what} is {ms} ms; expected 0 ms to 3153600000000 ms (100 years)")),
    }
}

/// A date from C++, as milliseconds since 1970; 0 is none.
fn date(ms: i64) -> Option<SystemTime> {
    let since = Duration::from_millis(ms.unsigned_abs());
    match ms {
        0 => None,
        1.. => UNIX_EPOCH.checked_add(since),
        _ => UNIX_EPOCH.checked_sub(since),
    }
}

fn text(text: &QString) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| text.to_string().into())
}

fn choice<T>(
    what: &str,
    number: u8,
    expected: &str,
    find: impl FnOnce(i64) -> Option<T>,
) -> Result<T, String> {
    find(number.into()).ok_or_else(|| format!("{what} is {number}; expected {expected}"))
}

pub fn task_options(spec: &BridgeSpec) -> Result<TaskOptions<Value>, String> {
    let periodic = match spec.periodic {
        true => {
            // The engine's own text would speak of nanoseconds.
            if spec.interval_ms < 1 {
                return Err(format!(
                    "interval is {} ms; expected 1 ms to 3153600000000 ms (100 years)",
                    spec.interval_ms
                ));
            }
            Some(Periodic {
                interval: duration(spec.interval_ms, "interval")?,
                // <vocabulary: bridge schedule>
                first_run: choice(
                    "firstRun",
                    spec.first_run,
                    "AtOnce (68) or AfterInterval (69)",
                    crate::FirstRun::from_number,
                )?,
                rate: choice(
                    "rate",
                    spec.rate,
                    "FixedDelay (64) or FixedRate (65)",
                    crate::Rate::from_number,
                )?,
                misfire: choice(
                    "misfire",
                    spec.misfire,
                    "Skip (66) or RunOnce (67)",
                    crate::Misfire::from_number,
                )?,
                max_runs: spec.max_runs,
                max_failures: spec.max_failures,
                jitter: duration(spec.jitter_ms, "jitter")?,
                until: date(spec.until_ms),
                // </vocabulary>
            })
        }
        false => None,
    };
    Ok(TaskOptions {
        // <vocabulary: bridge options>
        name: text(&spec.name),
        priority: choice(
            "priority",
            spec.priority,
            "High (0), Normal (1) or Low (2)",
            crate::Priority::from_number,
        )?,
        delay: duration(spec.delay_ms, "delay")?,
        timeout: Some(duration(spec.timeout_ms, "timeout")?).filter(|time| !time.is_zero()),
        detached: spec.detached,
        must_run: spec.must_run,
        weight: spec.weight,
        key: text(&spec.key),
        key_policy: choice(
            "keyPolicy",
            spec.key_policy,
            "Append (70), Replace (71), KeepLatest (72) or Keep (73)",
            crate::KeyPolicy::from_number,
        )?,
        key_limit: spec.key_limit,
        after_policy: choice(
            "afterPolicy",
            spec.after_policy,
            "Completed (3) or Ended (74)",
            crate::AfterPolicy::from_number,
        )?,
        retry: crate::Retry {
            times: spec.retry_times,
            delay: duration(spec.retry_delay_ms, "retry.delay")?,
            backoff: choice(
                "retry.backoff",
                spec.retry_backoff,
                "Exponential (75) or Fixed (76)",
                crate::Backoff::from_number,
            )?,
            factor: spec.retry_factor,
            max_delay: duration(spec.retry_max_delay_ms, "retry.maxDelay")?,
            jitter: spec.retry_jitter,
            on_timeout: spec.retry_on_timeout,
        },
        start_timeout: Some(duration(spec.start_timeout_ms, "startTimeout")?).filter(|time| !time.is_zero()),
        warn_after: duration(spec.warn_after_ms, "warnAfter")?,
        transient: spec.transient,
        system: spec.system,
        keep_result: spec.keep_result,
        may_block: spec.may_block,
        pausable: spec.pausable,
        max_undelivered: spec.max_undelivered,
        when_full: choice(
            "whenFull",
            spec.when_full,
            "Wait (90), DropOldest (91) or Conflate (92)",
            crate::WhenFull::from_number,
        )?,
        // </vocabulary>
        // Read only where there is one: to read takes memory, for its errors.
        after: match spec.after.is_valid() {
            true => options::tasks(&read(&spec.after, "after")?, "after")?,
            false => Vec::new(),
        },
        periodic,
        owner: unpack_owner(spec.owner),
        site: Site::from_number(spec.site),
        ..TaskOptions::default()
    })
}

fn keeps_locations() -> bool {
    cfg!(feature = "locations")
}

fn site_number(file: &[u8], line: u32) -> u16 {
    Site::of(file, line).number()
}

fn submit_plain(body: UniquePtr<Body>, site: u16) -> BridgeTask {
    let submitted = tasks().engine().submit_plain(CppBody::of(body), Site::from_number(site), true);
    answer(submitted.map_err(|error| error.to_string()))
}

fn submit_body(body: UniquePtr<Body>, spec: &ffi::BridgeSpec, listener: UniquePtr<Listener>) -> BridgeTask {
    answer(task_options(spec).and_then(|mut options| {
        listen(&mut options, listener);
        let body = CppBody::of(body);
        tasks().engine().submit(body, options, None, true).map_err(|error| error.to_string())
    }))
}

fn submit_then(body: UniquePtr<Body>, task: Id, alone: bool, spec: &ffi::BridgeSpec) -> BridgeTask {
    answer(task_options(spec).and_then(|mut options| {
        options.takes.push(task.into());
        options.takes_alone = alone;
        let body = Box::new(CppThen::of(body));
        tasks().engine().submit(body, options, None, true).map_err(|error| error.to_string())
    }))
}

fn submit_group(members: &[Id], first: bool, alone: bool, policy: u8, spec: &ffi::BridgeSpec) -> BridgeTask {
    use ErrorPolicy::{ContinueOnError, StopOnError, StopOnSuccess};
    answer(task_options(spec).and_then(|options| {
        let options = TaskOptions { takes_alone: alone, ..options };
        let policy = match (ErrorPolicy::from_number(policy), first) {
            // That of `any`, and the default, which says nothing.
            (Some(StopOnSuccess | StopOnError), true) => StopOnSuccess,
            (Some(said @ (StopOnError | ContinueOnError)), false) => said,
            (_, true) => return Err(format!("errorPolicy is {policy}; expected none, as any has its own")),
            (_, false) => {
                return Err(format!(
                    "errorPolicy is {policy}; expected StopOnError (77) or ContinueOnError (78); any gives the first \
                     that completes"
                ));
            }
        };
        let members: Vec<TaskId> = members.iter().map(|id| TaskId::from(*id)).collect();
        let engine = tasks().engine();
        engine.submit_group(&members, policy, options, None, true).map_err(|error| error.to_string())
    }))
}

fn work(work: &ffi::BridgeWork) -> Result<Work, String> {
    match work.script {
        false => Work::job(&work.name),
        true => Work::script(&work.module, &work.name),
    }
}

fn submit_job(
    work: &ffi::BridgeWork,
    args: &QVariant,
    spec: &ffi::BridgeSpec,
    listener: UniquePtr<Listener>,
) -> BridgeTask {
    answer(task_options(spec).and_then(|mut options| {
        listen(&mut options, listener);
        let args = read_args(args)?;
        let site = options.site;
        let builder = self::work(work)?.builder(args, None);
        let builder = builder.map_err(refusal)?.options(options);
        builder.submit(site, true).map_err(refusal)
    }))
}

fn submit_job_with(
    work: &ffi::BridgeWork,
    args: &QVariant,
    options: &QVariant,
    by: &ffi::BridgeCall,
) -> BridgeTask {
    let submit = || -> Result<(TaskId, bool), String> {
        let args = read_args(args)?;
        let call = if by.scheduled { Call::Scheduled { periodic: true } } else { Call::Plain };
        let mut options = options::given(options, call)?;
        let when = if by.scheduled { options::schedule(&mut options)? } else { When::default() };
        let periodic = when.interval.is_some();
        let options =
            Options::read(&options, if by.scheduled { Call::Scheduled { periodic } } else { Call::Plain })?;
        let mut options = options.hearing(by.hears_start, by.hears_failure);
        if by.loose && !args.takes().is_empty() {
            options = options.after_completion();
        }
        let may_stay = options.may_stay();
        let builder =
            self::work(work)?.builder(args, when.interval.map(|interval| options.periodic(interval)));
        let builder = builder.map_err(refusal)?.delay(when.delay);
        let mut builder = options.apply(builder).owner_id(unpack_owner(by.owner));
        let own = may_stay.then(|| builder.id()).transpose().map_err(|error| error.to_string())?;
        let id = builder.submit(Site::from_number(by.site), false).map_err(refusal)?;
        Ok((id, own.is_some_and(|own| own != id)))
    };
    let submitted = submit();
    let other = matches!(submitted, Ok((_, true)));
    BridgeTask { other, ..answer(submitted.map(|(id, _)| id)) }
}
