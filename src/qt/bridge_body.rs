//! Bodies and jobs of C++: what a worker runs of them, and what they ask of their context meanwhile. The other half is
//! `cpp/src/bridge/body.cpp` and `context.cpp`.
//!
//! C++ passes callables as objects with one virtual function. Whatever they throw is caught in C++, in `noexcept`
//! functions.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use cxx::UniquePtr;
use cxx_qt_lib::QString;

use super::bridge_notice::reason_number;
use super::bridge_result::{CppResult, boxed};
use super::id::{Id, id_text};
use super::opaque::assert_opaque;
use super::owners::unpack_owner;
use super::values::to_variant;
use crate::engine::{Blocking, Body as EngineBody, CancelToken, TaskContext as RustContext};
use crate::service::Opaque;
use crate::{Args, ErrorKind, TaskError, Value, tasks};

/// A token, for C++ to keep.
pub struct RustToken(CancelToken);

/// A part of a body that may block, until C++ destroys it.
pub struct RustBlocking(#[expect(dead_code, reason = "it is there for its destructor")] Blocking);

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    /// What a run left.
    struct BridgeOutcome {
        /// 0 it returned `value`, 1 it says that it was cancelled, 2 it threw, 3 it returned the bool `number`,
        /// 4 that int, 5 that double.
        kind: u8,
        /// The result, or what was thrown; null for neither.
        value: SharedPtr<ResultValue>,
        number: f64,
        message: QString,
        origin: QString,
        /// Whether there is to be another attempt: 0 as the options say, 1 none, 2 after `again_after_ms`.
        again: u8,
        again_after_ms: i64,
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
        type Id = crate::qt::id::Id;
        type ResultValue = crate::qt::bridge_result::ResultValue;

        type Body;
        #[cxx_name = "runsAgain"]
        fn runs_again(self: &Body) -> bool;
        #[cxx_name = "giveResult"]
        fn give_result(body: Pin<&mut Body>, result: SharedPtr<ResultValue>);
        #[cxx_name = "runBody"]
        fn run_body(body: Pin<&mut Body>, context: &RustContext) -> BridgeOutcome;
        type JobBody;
        #[cxx_name = "runJob"]
        fn run_job(job: &JobBody, context: &RustContext, args: &QVariant) -> BridgeOutcome;

        type ThreadStart;
        fn call(self: &ThreadStart);

        #[cxx_name = "enterBody"]
        fn enter_body();
        #[cxx_name = "leaveBody"]
        fn leave_body();
    }

    impl UniquePtr<Body> {}

    extern "Rust" {
        type RustContext;
        #[cxx_name = "contextId"]
        fn context_id(context: &RustContext) -> QString;
        #[cxx_name = "contextTask"]
        fn context_task(context: &RustContext) -> Id;
        #[cxx_name = "contextIteration"]
        fn context_iteration(context: &RustContext) -> u64;
        #[cxx_name = "contextAttempt"]
        fn context_attempt(context: &RustContext) -> u64;
        /// Stops while the task is paused; whether the body was asked to stop.
        #[cxx_name = "contextCheckpoint"]
        fn context_checkpoint(context: &RustContext) -> bool;
        #[cxx_name = "contextReason"]
        fn context_reason(context: &RustContext) -> u8;
        #[cxx_name = "contextToken"]
        fn context_token(context: &RustContext) -> Box<RustToken>;
        type RustBlocking;
        #[cxx_name = "contextBlocking"]
        fn context_blocking(context: &RustContext) -> Box<RustBlocking>;
        #[cxx_name = "contextSleep"]
        fn context_sleep(context: &RustContext, ms: i64);
        #[cxx_name = "contextProgress"]
        fn context_progress(context: &RustContext, value: f64);
        #[cxx_name = "contextProgressText"]
        fn context_progress_text(context: &RustContext, value: f64, message: &QString);
        #[cxx_name = "contextAmount"]
        fn context_amount(context: &RustContext, done: f64, total: f64, unit: &QString);
        #[cxx_name = "contextMessage"]
        fn context_message(context: &RustContext, message: &QString);
        /// False: it was asked to stop.
        #[cxx_name = "contextSend"]
        fn context_send(context: &RustContext, value: BridgeOutcome) -> bool;
        type RustToken;
        #[cxx_name = "tokenReason"]
        fn token_reason(token: &RustToken) -> u8;

        #[cxx_name = "addJob"]
        fn add_job(name: &QString, job: UniquePtr<JobBody>, owner: u64) -> QString;
        #[cxx_name = "addThreadStart"]
        fn add_thread_start(start: UniquePtr<ThreadStart>);
        #[cxx_name = "removeJob"]
        fn remove_job(name: &QString) -> bool;
    }
}

pub use ffi::{Body, BridgeOutcome};

// SAFETY: it is passed on to one thread after the other, for which `detail.h` makes it; the user's
// callable in it is asked for the same by the documentation of `run`.
unsafe impl Send for Body {}
// SAFETY: as `Body`, by the documentation of `registerJob`.
unsafe impl Send for ffi::JobBody {}
// SAFETY: its one function is const, and `registerJob` says that several workers call it at once.
unsafe impl Sync for ffi::JobBody {}

// SAFETY: what of it is called is const, and `onThreadStart` says that several threads call it at once.
unsafe impl Send for ffi::ThreadStart {}
// SAFETY: as above.
unsafe impl Sync for ffi::ThreadStart {}

// ---- running --------------------------------------------------------------------------------------

pub fn finish(outcome: BridgeOutcome) -> Result<Value, TaskError> {
    match outcome.kind {
        0 if outcome.value.is_null() => Ok(Value::Undefined),
        0 => Ok(Value::Opaque(Opaque::of_cpp(CppResult::new(outcome.value)))),
        1 => Err(TaskError::cancelled()),
        3 => Ok(Value::Bool(outcome.number != 0.0)),
        4 => Ok(Value::Int(outcome.number as i64)),
        5 => Ok(Value::Float(outcome.number)),
        _ => {
            let error = TaskError::new(ErrorKind::Exception, outcome.message.to_string())
                .with_origin(outcome.origin.to_string());
            let error = match outcome.again {
                1 => error.never_again(),
                2 => error.with_retry_after(Duration::from_millis(
                    outcome.again_after_ms.try_into().unwrap_or_default(),
                )),
                _ => error,
            };
            Err(match outcome.value.is_null() {
                true => error,
                false => error.with_source(Arc::new(CppResult::new(outcome.value))),
            })
        }
    }
}

/// A body of C++, where C++ has made it: the box is C++'s pointer, and costs no memory of its own.
///
/// # Why a box may be that pointer
///
/// 1. `Body` has no bytes to Rust, and neither has this structure around it: [`opaque`](super::opaque), which is
///    checked below.
/// 2. Of the pointer of a box without bytes std asks that it is not null, and aligned, and not where it came from; and
///    it frees nothing. `of` checks the first, and for the second any address will do.
/// 3. C++'s object is destroyed once: `drop` gives the pointer back to a `UniquePtr`, which `of` has it from. Nothing
///    else can take the field out, as it is private, and a structure with a `Drop` cannot be taken apart. That
///    pointer deletes by a virtual destructor (asserted in `cpp/src/bridge/body.cpp`).
/// 4. The object is not moved, as Rust moves the box; and used by one thread at a time, as a `Body` of the engine is.
///
/// `tests/cpp/tst_costs.cpp` counts the memory that a body takes, `tst_memory.cpp` what is destroyed, and
/// AddressSanitizer looks on (`./x test --asan`).
#[repr(transparent)]
pub struct CppBody(Body);

assert_opaque!(CppBody);

impl CppBody {
    pub fn of(body: UniquePtr<Body>) -> Box<CppBody> {
        assert!(!body.is_null(), "C++ passes a body");
        // SAFETY: 1 and 2 above. `into_raw` gives up what `drop` takes back.
        unsafe { Box::from_raw(body.into_raw().cast()) }
    }
}

impl Drop for CppBody {
    fn drop(&mut self) {
        // SAFETY: 3 above: it came out of `into_raw` in `of`, the only place that makes one.
        drop(unsafe { UniquePtr::from_raw(&raw mut self.0) });
    }
}

impl EngineBody<Value> for CppBody {
    fn run(&mut self, context: &RustContext) -> Result<Value, TaskError> {
        // SAFETY: 4 above.
        finish(ffi::run_body(unsafe { Pin::new_unchecked(&mut self.0) }, context))
    }

    fn can_run_again(&self) -> bool {
        self.0.runs_again()
    }
}

/// A body of C++ that is given the result of another task.
pub struct CppThen {
    body: Box<CppBody>,
    /// Taken from the engine, and not passed on yet.
    given: Option<Value>,
    has: bool,
}

impl CppThen {
    pub fn of(body: UniquePtr<Body>) -> Self {
        CppThen { body: CppBody::of(body), given: None, has: false }
    }
}

impl EngineBody<Value> for CppThen {
    fn run(&mut self, context: &RustContext) -> Result<Value, TaskError> {
        if let Some(value) = self.given.take() {
            let result = boxed(&value);
            // C++ moves out of what nobody else has.
            drop(value);
            // SAFETY: as `CppBody::run`.
            ffi::give_result(unsafe { Pin::new_unchecked(&mut self.body.0) }, result);
            self.has = true;
        }
        match self.has {
            true => self.body.run(context),
            // The result went with its owner.
            false => Err(TaskError::cancelled()),
        }
    }

    fn can_run_again(&self) -> bool {
        self.body.can_run_again()
    }

    fn give(&mut self, _: usize, value: Value) -> Option<Value> {
        self.given.replace(value)
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

// ---- jobs -----------------------------------------------------------------------------------------

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

fn add_thread_start(start: UniquePtr<ffi::ThreadStart>) {
    tasks().on_thread_start(move || {
        if let Some(start) = start.as_ref() {
            start.call();
        }
    });
}

fn remove_job(name: &QString) -> bool {
    tasks().unregister_job(&name.to_string())
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

fn context_attempt(context: &RustContext) -> u64 {
    context.attempt()
}

fn context_checkpoint(context: &RustContext) -> bool {
    context.checkpoint().is_err()
}

fn context_reason(context: &RustContext) -> u8 {
    reason_number(context.cancel_reason())
}

fn context_token(context: &RustContext) -> Box<RustToken> {
    Box::new(RustToken(context.token()))
}

fn context_blocking(context: &RustContext) -> Box<RustBlocking> {
    Box::new(RustBlocking(context.begin_blocking()))
}

fn context_sleep(context: &RustContext, ms: i64) {
    // That it was asked to stop is asked again by the caller.
    let _ = context.sleep(Duration::from_millis(ms.try_into().unwrap_or(0)));
}

fn context_progress(context: &RustContext, value: f64) {
    context.set_progress_value(value);
}

fn context_amount(context: &RustContext, done: f64, total: f64, unit: &QString) {
    context.set_progress_of(done, total, &unit.to_string());
}

fn context_progress_text(context: &RustContext, value: f64, message: &QString) {
    context.set_progress(value, &message.to_string());
}

fn context_message(context: &RustContext, message: &QString) {
    context.set_message(&message.to_string());
}

fn context_send(context: &RustContext, value: BridgeOutcome) -> bool {
    // It is of a value, and not of an error.
    finish(value).is_ok_and(|value| tasks().engine().send(context, value).is_ok())
}

fn token_reason(token: &RustToken) -> u8 {
    reason_number(token.0.reason())
}
