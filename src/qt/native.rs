//! The C++ face: what `cpp/src/native.cpp` and Rust call of each other.
//!
//! C++ passes callables as objects with one virtual function; whatever they throw is caught in C++,
//! in `noexcept` functions. A result of C++ stays a C++ object, which Rust keeps as an opaque value
//! and the signals ask for its `QVariant`.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cxx::{SharedPtr, UniquePtr};
use cxx_qt_lib::{QString, QVariant};

use super::id::{Id, id_text, task_id};
use super::options::{self, Call, Options, When};
use super::owners::{pack_owner, unpack_owner};
use super::values::{read, to_variant};
use super::work::Work;
use super::{faces, report};
use crate::engine::{
    Body as EngineBody, Callback, CancelToken, Notice, Outcome, Poller, Report, TaskContext as RustContext,
    TaskId, TaskOptions, UnloadError, WaitResult,
};
use crate::service::Opaque;
use crate::{
    Args, Backoff, CancelReason, ErrorKind, FirstRun, Misfire, Periodic, Priority, Rate, Retry, SpawnError,
    TaskError, Value, tasks,
};

/// A token, for C++ to keep.
pub struct RustToken(CancelToken);

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    /// What a run left.
    struct NativeOutcome {
        /// 0 it returned `value`, 1 it says that it was cancelled, 2 it threw, 3 it returned the bool `number`,
        /// 4 that int, 5 that double.
        kind: u8,
        /// The result, or what was thrown; null for neither.
        value: SharedPtr<ResultValue>,
        number: f64,
        message: QString,
        origin: QString,
    }

    /// What happened to a task, as `Notice` in `detail.h`.
    struct NativeNotice {
        kind: u8,
        progress: f64,
        iteration: u64,
        /// The message of a progress, or of an error.
        message: QString,
        /// The result, or what was thrown; null for neither.
        value: SharedPtr<ResultValue>,
        error: u8,
        origin: QString,
        attempt: u64,
        reason: u8,
        /// Where a script threw it.
        file: QString,
        line: u32,
        stack: QString,
    }

    /// `Spec` in `detail.h`, with times in milliseconds and the owner by its number.
    struct NativeSpec {
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
        // </vocabulary>
        periodic: bool,
        interval_ms: i64,
        owner: u64,
    }

    /// What a task is to do: a job by its name, or a function of a script by its module's URL.
    struct NativeWork {
        script: bool,
        /// The job's, or the function's.
        name: QString,
        module: QVariant,
    }

    /// An id, or why there is none.
    struct NativeTask {
        id: Id,
        error: QString,
    }

    /// `HistoryLimits` in `history.h`.
    struct NativeLimits {
        tasks: i64,
        bytes: i64,
        age_ms: i64,
    }

    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/native.h");
        type Id = crate::qt::id::Id;
        type ResultValue;
        #[cxx_name = "resultOfVariant"]
        fn result_of_variant(variant: &QVariant) -> SharedPtr<ResultValue>;
        #[cxx_name = "resultOfBool"]
        fn result_of_bool(value: bool) -> SharedPtr<ResultValue>;
        #[cxx_name = "resultOfInt"]
        fn result_of_int(value: i32) -> SharedPtr<ResultValue>;
        #[cxx_name = "resultOfDouble"]
        fn result_of_double(value: f64) -> SharedPtr<ResultValue>;
        #[cxx_name = "bytesOfResult"]
        fn bytes_of_result(result: &ResultValue) -> i64;
        #[cxx_name = "variantOfResult"]
        fn variant_of_result(result: &ResultValue) -> QVariant;

        type Body;
        #[cxx_name = "runBody"]
        fn run_body(body: Pin<&mut Body>, context: &RustContext) -> NativeOutcome;
        type JobBody;
        #[cxx_name = "runJob"]
        fn run_job(job: &JobBody, context: &RustContext, args: &QVariant) -> NativeOutcome;

        #[cxx_name = "enterBody"]
        fn enter_body();
        #[cxx_name = "leaveBody"]
        fn leave_body();

        type Slot;
        fn notices(self: &Slot) -> u8;
        fn call(self: Pin<&mut Slot>, notice: NativeNotice);
        type Following;
        fn report(self: &Following, number: u64, value: f64, message: &QString) -> bool;
        type Hook;
        fn ended(self: Pin<&mut Hook>, notice: NativeNotice);
    }

    extern "Rust" {
        type RustContext;
        #[cxx_name = "contextId"]
        fn context_id(context: &RustContext) -> QString;
        #[cxx_name = "contextTask"]
        fn context_task(context: &RustContext) -> Id;
        #[cxx_name = "contextIteration"]
        fn context_iteration(context: &RustContext) -> u64;
        #[cxx_name = "contextReason"]
        fn context_reason(context: &RustContext) -> u8;
        #[cxx_name = "contextToken"]
        fn context_token(context: &RustContext) -> Box<RustToken>;
        #[cxx_name = "contextSleep"]
        fn context_sleep(context: &RustContext, ms: i64);
        #[cxx_name = "contextProgress"]
        fn context_progress(context: &RustContext, value: f64);
        #[cxx_name = "contextProgressText"]
        fn context_progress_text(context: &RustContext, value: f64, message: &QString);
        #[cxx_name = "contextMessage"]
        fn context_message(context: &RustContext, message: &QString);
        type RustToken;
        #[cxx_name = "tokenReason"]
        fn token_reason(token: &RustToken) -> u8;

        #[cxx_name = "submitBody"]
        fn submit_body(body: UniquePtr<Body>, spec: &NativeSpec, slot: UniquePtr<Slot>) -> NativeTask;
        #[cxx_name = "submitJobOf"]
        fn submit_job(
            work: &NativeWork,
            args: &QVariant,
            spec: &NativeSpec,
            slot: UniquePtr<Slot>,
        ) -> NativeTask;
        /// The options as a map: what PluginApi's invokables take.
        #[cxx_name = "submitJobWith"]
        fn submit_job_with(
            work: &NativeWork,
            args: &QVariant,
            options: &QVariant,
            schedule: bool,
            owner: u64,
        ) -> NativeTask;
        #[cxx_name = "addJob"]
        fn add_job(name: &QString, job: UniquePtr<JobBody>, owner: u64) -> QString;
        #[cxx_name = "removeJob"]
        fn remove_job(name: &QString) -> bool;

        #[cxx_name = "addSlot"]
        fn add_slot(id: Id, slot: UniquePtr<Slot>);
        #[cxx_name = "addHook"]
        fn add_hook(id: Id, hook: UniquePtr<Hook>);
        #[cxx_name = "addFollower"]
        fn add_follower(id: Id, following: UniquePtr<Following>);
        #[cxx_name = "pinTask"]
        fn pin_task(id: Id);
        #[cxx_name = "unpinTask"]
        fn unpin_task(id: Id);
        /// The id that a text says.
        #[cxx_name = "taskOf"]
        fn task_of(text: &QString) -> NativeTask;
        /// Whose task it is; 0 for the application, and for no task.
        #[cxx_name = "ownerOfTask"]
        fn owner_of_task(id: Id) -> u64;
        /// Whose task it is that the signal of the moment tells of, on the manager's thread; 0 as above.
        #[cxx_name = "ownerOfSignal"]
        fn owner_of_signal() -> u64;
        #[cxx_name = "statusOf"]
        fn status_of(id: Id) -> u8;
        /// For a reason, by its number.
        #[cxx_name = "cancelTaskFor"]
        fn cancel_task_for(id: Id, reason: u8) -> i32;
        #[cxx_name = "cancelTaskOf"]
        fn cancel_task(id: Id) -> i32;
        /// Negative: without a limit.
        #[cxx_name = "waitForTaskOf"]
        fn wait_for_task(id: Id, timeout_ms: i64) -> i32;
        #[cxx_name = "waitForBodyOf"]
        fn wait_for_body(id: Id, timeout_ms: i64) -> i32;
        /// The calling body, if it is one, is going to wait for the task's end by means of its own.
        #[cxx_name = "expectEnd"]
        fn expect_end(id: Id);
        #[cxx_name = "setPriorityOf"]
        fn set_priority(id: Id, priority: u8) -> bool;
        /// The end of a task that has ended; else a notice of kind 1.
        #[cxx_name = "endOf"]
        fn end_of(id: Id) -> NativeNotice;
        #[cxx_name = "nativeLimits"]
        fn limits() -> NativeLimits;
        /// The text is an error.
        #[cxx_name = "setNativeLimits"]
        fn set_limits(limits: &NativeLimits) -> QString;
        #[cxx_name = "forgetAll"]
        fn clear_history() -> i64;
        /// The last report of progress: its number as `iteration`, 0 if there was none.
        #[cxx_name = "lastReportOf"]
        fn last_report_of(id: Id) -> NativeNotice;
        #[cxx_name = "infoOf"]
        fn info_of(id: Id) -> QVariant;

        #[cxx_name = "openOwner"]
        fn open_owner(name: &QString) -> u64;
        #[cxx_name = "closeOwner"]
        fn close_owner(owner: u64);
        #[cxx_name = "cancelAllOf"]
        fn cancel_all(owner: u64);
        #[cxx_name = "waitForAllOf"]
        fn wait_for_all(owner: u64, timeout_ms: i64) -> i32;
        /// Whether this thread may call `unloadOwner` here. It would be refused in the owner's tasks, and in
        /// callbacks and slots that hear of them.
        #[cxx_name = "mayUnload"]
        fn may_unload(owner: u64) -> bool;
        /// Whether an owner is there, so that its callbacks may be called.
        #[cxx_name = "ownerAlive"]
        fn owner_alive(owner: u64) -> bool;
        /// Refuses new work of an owner, ends its tasks, and takes out all that is of it:
        /// `{error, running: [{id, name}]}`, with an empty error if that is done.
        #[cxx_name = "unloadOwner"]
        fn unload_owner(owner: u64, timeout_ms: i64) -> QVariant;
        /// The tasks of an owner that are not forgotten, as a list of what `taskInfo` gives, without
        /// results.
        #[cxx_name = "tasksOf"]
        fn tasks_of(owner: u64) -> QVariant;
    }
}

// SAFETY: it is passed on to one thread after the other, for which `detail.h` makes it; the user's
// callable in it is asked for the same by the documentation of `run`.
unsafe impl Send for ffi::Body {}
// SAFETY: as `Body`, by the documentation of `registerJob`.
unsafe impl Send for ffi::JobBody {}
// SAFETY: its one function is const, and `registerJob` says that several workers call it at once.
unsafe impl Sync for ffi::JobBody {}
// SAFETY: it holds a `Connection`, which has a lock of its own (`receivers.h`).
unsafe impl Send for ffi::Slot {}
// SAFETY: as `Body`: it is used by one thread, which ends the task.
unsafe impl Send for ffi::Hook {}
// SAFETY: its one function is const, and `detail.h` asks a follower to be told by several threads at once.
unsafe impl Send for ffi::Following {}
// SAFETY: as above.
unsafe impl Sync for ffi::Following {}
// SAFETY: a shared pointer to a value that nobody changes any more; what may not be destroyed on any thread
// has a deleter that sends it to the manager's (`SendHome` in `detail.h`).
unsafe impl Send for ffi::ResultValue {}
// SAFETY: it is only read once it is made.
unsafe impl Sync for ffi::ResultValue {}

/// A result of C++, or what a body of C++ threw.
#[derive(Clone)]
pub struct NativeResult(SharedPtr<ffi::ResultValue>);

impl NativeResult {
    /// What the other languages get.
    pub fn variant(&self) -> QVariant {
        self.0.as_ref().map_or_else(QVariant::default, ffi::variant_of_result)
    }

    /// What it holds in memory; `None` where nobody can tell.
    pub fn byte_size(&self) -> Option<usize> {
        self.0.as_ref().map_or(Some(0), |result| usize::try_from(ffi::bytes_of_result(result)).ok())
    }

    pub fn is(&self, other: &NativeResult) -> bool {
        std::ptr::eq(self.0.as_ptr(), other.0.as_ptr())
    }
}

/// A C++ result as Rust gets it: what all languages understand as itself, another type opaque.
pub fn plain(value: Value) -> Value {
    match &value {
        Value::Opaque(opaque) => match opaque.native() {
            Some(native) => read(&native.variant(), "the result").unwrap_or(value),
            None => value,
        },
        _ => value,
    }
}

/// Any value for C++: the numbers that `ReturnValue` passes as such are again of the type that was returned.
fn boxed(value: &Value) -> SharedPtr<ffi::ResultValue> {
    let native = match value {
        Value::Opaque(opaque) => opaque.native().map(|native| native.0.clone()),
        Value::Bool(value) => Some(ffi::result_of_bool(*value)),
        Value::Float(value) => Some(ffi::result_of_double(*value)),
        Value::Int(value) => i32::try_from(*value).ok().map(ffi::result_of_int),
        _ => None,
    };
    native.unwrap_or_else(|| ffi::result_of_variant(&to_variant(value)))
}

fn finish(outcome: ffi::NativeOutcome) -> Result<Value, TaskError> {
    match outcome.kind {
        0 if outcome.value.is_null() => Ok(Value::Undefined),
        0 => Ok(Value::Opaque(Opaque::of_native(NativeResult(outcome.value)))),
        1 => Err(TaskError::cancelled()),
        3 => Ok(Value::Bool(outcome.number != 0.0)),
        4 => Ok(Value::Int(outcome.number as i64)),
        5 => Ok(Value::Float(outcome.number)),
        _ => {
            let error = TaskError::new(ErrorKind::Exception, outcome.message.to_string())
                .with_origin(outcome.origin.to_string());
            Err(match outcome.value.is_null() {
                true => error,
                false => error.with_source(Arc::new(NativeResult(outcome.value))),
            })
        }
    }
}

/// A body of C++, where C++ has made it: a box of one is C++'s pointer, and costs no memory of its own.
#[repr(transparent)]
struct NativeBody(ffi::Body);

// A box of something without a size frees nothing by itself.
const _: () = assert!(size_of::<NativeBody>() == 0);

impl NativeBody {
    fn of(body: UniquePtr<ffi::Body>) -> Box<NativeBody> {
        assert!(!body.is_null(), "C++ passes a body");
        // SAFETY: the pointer is not null, and nobody else has it any more. Rust knows the type as one
        // without size, which is what makes any such pointer that of a box; whose destructor is ours.
        unsafe { Box::from_raw(body.into_raw().cast()) }
    }
}

impl Drop for NativeBody {
    fn drop(&mut self) {
        // SAFETY: it came out of a `UniquePtr` in `of`, and goes back into one once.
        drop(unsafe { UniquePtr::from_raw(&raw mut self.0) });
    }
}

impl EngineBody<Value> for NativeBody {
    fn run(&mut self, context: &RustContext) -> Result<Value, TaskError> {
        // SAFETY: C++ objects are not moved by Rust: all that is passed around is the box.
        finish(ffi::run_body(unsafe { Pin::new_unchecked(&mut self.0) }, context))
    }
}

/// A body that uses Qt runs on this thread: what it leaves to be deleted later goes when this does.
pub struct BodyScope(());

impl BodyScope {
    pub fn enter() -> Self {
        ffi::enter_body();
        BodyScope(())
    }
}

impl Drop for BodyScope {
    fn drop(&mut self) {
        ffi::leave_body();
    }
}

// ---- context --------------------------------------------------------------------------------------

fn context_id(context: &RustContext) -> QString {
    id_text(context.id())
}

fn context_task(context: &RustContext) -> Id {
    context.id().into()
}

fn context_iteration(context: &RustContext) -> u64 {
    context.iteration()
}

fn reason_number(reason: Option<CancelReason>) -> u8 {
    reason.map_or(0, |reason| reason as u8)
}

fn context_reason(context: &RustContext) -> u8 {
    reason_number(context.cancel_reason())
}

fn context_token(context: &RustContext) -> Box<RustToken> {
    Box::new(RustToken(context.token()))
}

fn context_sleep(context: &RustContext, ms: i64) {
    // That it was asked to stop is asked again by the caller.
    let _ = context.sleep(Duration::from_millis(ms.try_into().unwrap_or(0)));
}

fn context_progress(context: &RustContext, value: f64) {
    context.set_progress_value(value);
}

fn context_progress_text(context: &RustContext, value: f64, message: &QString) {
    context.set_progress(value, &message.to_string());
}

fn context_message(context: &RustContext, message: &QString) {
    context.set_message(&message.to_string());
}

fn token_reason(token: &RustToken) -> u8 {
    reason_number(token.0.reason())
}

// ---- submitting -----------------------------------------------------------------------------------

fn answer(result: Result<TaskId, String>) -> ffi::NativeTask {
    match result {
        Ok(id) => ffi::NativeTask { id: id.into(), error: QString::default() },
        Err(error) => ffi::NativeTask { id: Id::default(), error: QString::from(&error) },
    }
}

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

fn task_options(spec: &ffi::NativeSpec) -> Result<TaskOptions<Value>, String> {
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
                    FirstRun::from_number,
                )?,
                rate: choice("rate", spec.rate, "FixedDelay (64) or FixedRate (65)", Rate::from_number)?,
                misfire: choice("misfire", spec.misfire, "Skip (66) or RunOnce (67)", Misfire::from_number)?,
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
            Priority::from_number,
        )?,
        delay: duration(spec.delay_ms, "delay")?,
        timeout: Some(duration(spec.timeout_ms, "timeout")?).filter(|time| !time.is_zero()),
        detached: spec.detached,
        must_run: spec.must_run,
        weight: spec.weight,
        retry: Retry {
            times: spec.retry_times,
            delay: duration(spec.retry_delay_ms, "retry.delay")?,
            backoff: choice(
                "retry.backoff",
                spec.retry_backoff,
                "Exponential (70) or Fixed (71)",
                Backoff::from_number,
            )?,
            factor: spec.retry_factor,
            max_delay: duration(spec.retry_max_delay_ms, "retry.maxDelay")?,
            jitter: spec.retry_jitter,
            on_timeout: spec.retry_on_timeout,
        },
        start_timeout: Some(duration(spec.start_timeout_ms, "startTimeout")?).filter(|time| !time.is_zero()),
        warn_after: duration(spec.warn_after_ms, "warnAfter")?,
        // </vocabulary>
        periodic,
        owner: unpack_owner(spec.owner),
        ..TaskOptions::default()
    })
}

fn submit_body(
    body: UniquePtr<ffi::Body>,
    spec: &ffi::NativeSpec,
    slot: UniquePtr<ffi::Slot>,
) -> ffi::NativeTask {
    answer(task_options(spec).and_then(|mut options| {
        options.callbacks.extend(callback(slot));
        let body = NativeBody::of(body);
        tasks().engine().submit(body, options, None, true).map_err(|error| error.to_string())
    }))
}

fn work(work: &ffi::NativeWork) -> Result<Work, String> {
    match work.script {
        false => Work::job(&work.name),
        true => Work::script(&work.module, &work.name),
    }
}

fn submit_job(
    work: &ffi::NativeWork,
    args: &QVariant,
    spec: &ffi::NativeSpec,
    slot: UniquePtr<ffi::Slot>,
) -> ffi::NativeTask {
    answer(task_options(spec).and_then(|mut options| {
        options.callbacks.extend(callback(slot));
        let args = super::manager::args(read(args, "args")?)?;
        let builder = self::work(work)?.builder(args, None);
        let builder = builder.map_err(|error| error.to_string())?.options(options);
        builder.spawn_pinned().map_err(|error: SpawnError| error.to_string())
    }))
}

fn submit_job_with(
    work: &ffi::NativeWork,
    args: &QVariant,
    options: &QVariant,
    schedule: bool,
    owner: u64,
) -> ffi::NativeTask {
    let submit = || -> Result<TaskId, String> {
        let args = super::manager::args(read(args, "args")?)?;
        let mut options = read(options, "options")?;
        let when = if schedule { options::schedule(&mut options)? } else { When::default() };
        let periodic = when.interval.is_some();
        let options =
            Options::read(&options, if schedule { Call::Scheduled { periodic } } else { Call::Plain })?;
        let builder =
            self::work(work)?.builder(args, when.interval.map(|interval| options.periodic(interval)));
        let builder = builder.map_err(|error| error.to_string())?.delay(when.delay);
        options.apply(builder).owner_id(unpack_owner(owner)).spawn_id().map_err(|error| error.to_string())
    };
    answer(submit())
}

fn add_job(name: &QString, job: UniquePtr<ffi::JobBody>, owner: u64) -> QString {
    let run = move |context: &RustContext, args: &Args| match job.as_ref() {
        Some(job) => {
            let args = Value::list(args.iter().cloned());
            finish(ffi::run_job(job, context, &to_variant(&args)))
        }
        None => Ok(Value::Undefined),
    };
    match tasks().register_raw(&name.to_string(), unpack_owner(owner), Arc::new(run)) {
        Ok(()) => QString::default(),
        Err(error) => QString::from(&error.to_string()),
    }
}

fn remove_job(name: &QString) -> bool {
    tasks().unregister_job(&name.to_string())
}

// ---- hearing of it --------------------------------------------------------------------------------

/// What is heard of a task, by the bits of `Notice::Kind` in `detail.h`.
mod bit {
    // <vocabulary: notices>
    pub const STARTED: u8 = 0;
    pub const PROGRESS: u8 = 1;
    pub const RUN: u8 = 2;
    pub const RUN_FAILED: u8 = 4;
    pub const COMPLETED: u8 = 8;
    pub const FAILED: u8 = 16;
    pub const CANCELLED: u8 = 32;
    pub const RETRYING: u8 = 64;
    pub const SLOW: u8 = 128;
    // </vocabulary>
}

pub(super) fn kind_of(notice: &Notice<Value>) -> u8 {
    match notice {
        Notice::Started => bit::STARTED,
        Notice::Progress(..) => bit::PROGRESS,
        Notice::Run(..) => bit::RUN,
        Notice::RunFailed(..) => bit::RUN_FAILED,
        Notice::Completed(_) => bit::COMPLETED,
        Notice::Failed(_) => bit::FAILED,
        Notice::Cancelled(_) => bit::CANCELLED,
        Notice::Retrying(..) => bit::RETRYING,
        Notice::Slow(_) => bit::SLOW,
    }
}

fn blank(kind: u8) -> ffi::NativeNotice {
    ffi::NativeNotice {
        kind,
        progress: -1.0,
        iteration: 0,
        message: QString::default(),
        value: SharedPtr::null(),
        error: 0,
        origin: QString::default(),
        attempt: 0,
        reason: 0,
        file: QString::default(),
        line: 0,
        stack: QString::default(),
    }
}

fn with_error(kind: u8, iteration: u64, error: &TaskError) -> ffi::NativeNotice {
    let thrown = error.source_as::<NativeResult>();
    let place = error.place();
    ffi::NativeNotice {
        file: place.map(|place| QString::from(&place.file)).unwrap_or_default(),
        line: place.map_or(0, |place| place.line),
        stack: place.map(|place| QString::from(&place.stack)).unwrap_or_default(),
        iteration,
        message: QString::from(error.message()),
        value: thrown.map_or_else(SharedPtr::null, |thrown| thrown.0.clone()),
        error: error.kind() as u8,
        origin: QString::from(error.origin()),
        attempt: error.attempt(),
        reason: reason_number(error.reason()),
        ..blank(kind)
    }
}

fn native_notice(notice: &Notice<Value>) -> ffi::NativeNotice {
    let kind = kind_of(notice);
    match notice {
        Notice::Started => blank(kind),
        Notice::Progress(value, message) => {
            ffi::NativeNotice { progress: *value, message: QString::from(message.as_ref()), ..blank(kind) }
        }
        Notice::Run(iteration, value) => {
            ffi::NativeNotice { iteration: *iteration, value: boxed(value), ..blank(kind) }
        }
        Notice::RunFailed(iteration, error) => with_error(kind, *iteration, error),
        Notice::Completed(value) => ffi::NativeNotice { value: boxed(value), ..blank(kind) },
        Notice::Failed(error) => with_error(kind, 0, error),
        Notice::Cancelled(reason) => ffi::NativeNotice { reason: *reason as u8, ..blank(kind) },
        // The delay, and the time, in milliseconds.
        Notice::Retrying(attempt, error, delay) => {
            ffi::NativeNotice { progress: delay.as_secs_f64() * 1_000.0, ..with_error(kind, *attempt, error) }
        }
        Notice::Slow(time) => ffi::NativeNotice { progress: time.as_secs_f64() * 1_000.0, ..blank(kind) },
    }
}

fn callback(mut slot: UniquePtr<ffi::Slot>) -> Option<Callback<Value>> {
    let notices = slot.as_ref()?.notices();
    Some(Box::new(move |notice| {
        if kind_of(notice) & notices != 0 {
            slot.pin_mut().call(native_notice(notice));
        }
    }))
}

fn add_slot(id: Id, slot: UniquePtr<ffi::Slot>) {
    if let Some(callback) = callback(slot) {
        tasks().engine().add_callback(id.into(), callback);
    }
}

fn add_follower(id: Id, following: UniquePtr<ffi::Following>) {
    let follower = move |report: &Report| {
        let message = QString::from(report.message.as_ref());
        following.as_ref().is_none_or(|following| following.report(report.number, report.value, &message))
    };
    tasks().engine().follow(id.into(), Arc::new(follower));
}

/// Keeps a task, as a handle does.
struct Kept(TaskId);

impl Drop for Kept {
    fn drop(&mut self) {
        tasks().engine().drop_handle(self.0);
    }
}

/// Wakes a C++ hook at a task's end.
struct HookWaker {
    id: TaskId,
    hook: crate::engine::sync::Mutex<Option<UniquePtr<ffi::Hook>>>,
    /// The task may be delivered, and let its result go, before the hook has taken that. The last field, so
    /// that what the hook has of the result goes first.
    _kept: Kept,
}

impl HookWaker {
    /// The lock is not held while the hook runs.
    fn fire(&self) {
        let hook = self.hook.lock().take();
        if let Some(mut hook) = hook {
            hook.pin_mut().ended(end_notice(self.id));
        }
    }
}

impl Wake for HookWaker {
    fn wake(self: Arc<Self>) {
        self.fire();
    }
}

fn add_hook(id: Id, hook: UniquePtr<ffi::Hook>) {
    let id = TaskId::from(id);
    // The caller has a handle.
    tasks().engine().copy_handle(id);
    let hook = crate::engine::sync::Mutex::new(Some(hook));
    let waker = Arc::new(HookWaker { id, hook, _kept: Kept(id) });
    if tasks().engine().poll_end(id, &mut Poller::default(), &Waker::from(waker.clone())).is_ready() {
        waker.fire();
    }
}

fn end_notice(id: TaskId) -> ffi::NativeNotice {
    match tasks().engine().outcome(id) {
        Some((_, Outcome::Value(value))) => native_notice(&Notice::Completed(value)),
        Some((_, Outcome::Error(error))) => native_notice(&Notice::Failed(error)),
        Some((_, Outcome::None)) => {
            let reason = tasks().info(id).and_then(|info| info.cancel_reason);
            ffi::NativeNotice { reason: reason_number(reason), ..blank(bit::CANCELLED) }
        }
        None => blank(bit::PROGRESS),
    }
}

fn end_of(id: Id) -> ffi::NativeNotice {
    end_notice(id.into())
}

// ---- tasks by id ----------------------------------------------------------------------------------

fn last_report_of(id: Id) -> ffi::NativeNotice {
    match tasks().engine().last_report(id.into()) {
        Some(Report { number, value, message }) => {
            let message = QString::from(&*message);
            ffi::NativeNotice { progress: value, iteration: number, message, ..blank(bit::PROGRESS) }
        }
        None => blank(bit::PROGRESS),
    }
}

fn pin_task(id: Id) {
    tasks().engine().copy_handle(id.into());
}

fn unpin_task(id: Id) {
    tasks().engine().drop_handle(id.into());
}

fn task_of(text: &QString) -> ffi::NativeTask {
    answer(task_id(text).ok_or_else(|| crate::ParseTaskIdError.to_string()))
}

fn status_of(id: Id) -> u8 {
    tasks().status(id.into()) as u8
}

fn cancel_task(id: Id) -> i32 {
    tasks().cancel(id.into()) as i32
}

fn cancel_task_for(id: Id, reason: u8) -> i32 {
    let reason = CancelReason::from_number(reason).unwrap_or(CancelReason::User);
    tasks().engine().cancel(id.into(), reason) as i32
}

/// Negative: without a limit.
fn limit(timeout_ms: i64) -> Option<Duration> {
    u64::try_from(timeout_ms).ok().map(Duration::from_millis)
}

fn wait_for_task(id: Id, timeout_ms: i64) -> i32 {
    tasks().wait(id.into(), limit(timeout_ms)) as i32
}

fn wait_for_body(id: Id, timeout_ms: i64) -> i32 {
    tasks().wait_for_body(id.into(), limit(timeout_ms)) as i32
}

fn expect_end(id: Id) {
    tasks().engine().expect(id.into());
}

fn set_priority(id: Id, number: u8) -> bool {
    Priority::from_number(number).is_some_and(|priority| tasks().set_priority(id.into(), priority))
}

fn info_of(id: Id) -> QVariant {
    let info = tasks().info(id.into());
    info.map_or_else(QVariant::default, |info| to_variant(&report::info(&info)))
}

// ---- the history ----------------------------------------------------------------------------------

fn limits() -> ffi::NativeLimits {
    let limits = tasks().history_limits();
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    ffi::NativeLimits {
        tasks: count(limits.tasks),
        bytes: count(limits.bytes),
        age_ms: limits.age.as_millis().try_into().unwrap_or(i64::MAX),
    }
}

/// As QML says them, so that they are checked alike.
fn set_limits(limits: &ffi::NativeLimits) -> QString {
    let limits = Value::map([
        ("tasks", Value::Int(limits.tasks)),
        ("bytes", Value::Int(limits.bytes)),
        ("ageMs", Value::Int(limits.age_ms)),
    ]);
    match options::history(&limits, tasks().history_limits()) {
        Ok(limits) => {
            tasks().set_history_limits(limits);
            QString::default()
        }
        Err(error) => QString::from(&error),
    }
}

fn clear_history() -> i64 {
    i64::try_from(tasks().clear_history()).unwrap_or(i64::MAX)
}

// ---- owners ---------------------------------------------------------------------------------------

fn owner_of_task(id: Id) -> u64 {
    tasks().engine().owner_of(id.into()).map_or(0, pack_owner)
}

fn owner_of_signal() -> u64 {
    faces::owner_of_signal().map_or(0, pack_owner)
}

fn open_owner(name: &QString) -> u64 {
    pack_owner(tasks().engine().open_owner(&name.to_string()))
}

fn close_owner(owner: u64) {
    if let Some(owner) = unpack_owner(owner) {
        tasks().close_owner(owner);
    }
}

fn cancel_all(owner: u64) {
    if let Some(owner) = unpack_owner(owner) {
        tasks().engine().cancel_all(owner, CancelReason::User);
    }
}

fn wait_for_all(owner: u64, timeout_ms: i64) -> i32 {
    let wait = |owner| tasks().engine().wait_for_all(owner, limit(timeout_ms));
    unpack_owner(owner).map_or(WaitResult::Done, wait) as i32
}

fn may_unload(owner: u64) -> bool {
    unpack_owner(owner).is_none_or(|owner| tasks().engine().may_unload(owner))
}

fn owner_alive(owner: u64) -> bool {
    unpack_owner(owner).is_some_and(|owner| tasks().engine().is_alive(owner))
}

fn unload_owner(owner: u64, timeout_ms: i64) -> QVariant {
    let timeout = Duration::from_millis(timeout_ms.try_into().unwrap_or(0));
    let result = match unpack_owner(owner) {
        Some(owner) => tasks().unload_owner(owner, timeout),
        None => Ok(()),
    };
    let (error, running) = match result {
        Ok(()) => (String::new(), Vec::new()),
        Err(error) => {
            (error.to_string(), if let UnloadError::StillRunning(still) = error { still } else { Vec::new() })
        }
    };
    let running = running
        .into_iter()
        .map(|task| Value::map([("id", Value::text(task.id.to_string())), ("name", Value::text(task.name))]));
    to_variant(&Value::map([("error", Value::text(error)), ("running", Value::list(running))]))
}

fn tasks_of(owner: u64) -> QVariant {
    let owned = unpack_owner(owner).map(|owner| tasks().engine().tasks_of(owner)).unwrap_or_default();
    // Without results: whoever keeps the list may keep it for longer than the owner's code is there.
    let owned = owned.into_iter().map(|info| report::info(&crate::TaskInfo { result: None, ..info }));
    to_variant(&Value::list(owned))
}
