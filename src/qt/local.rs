//! Futures on the manager's thread, each with a QObject that it is for: [`local`].
//!
//! They are kept by that thread, and polled at the end of a drain (`inbox.rs`), within its budget. A waker leaves the
//! future's number among the `woken`, and asks for a drain as any event of the engine does, from whatever thread.
//!
//! # Invariants
//!
//! 1. A future is made, polled and destroyed on the manager's thread, by [`Locals`], which never goes; and by nobody
//!    else, so that it need not be `Send`.
//! 2. While it is polled it is not in its [`Entry`], but in the frame of [`Locals::poll`]: a loop that it opens cannot poll
//!    it again, and what destroys its receiver leaves it for that frame to destroy.
//! 3. **No wake-up is lost.** The first since a poll began puts the number among the `woken`, once. A number that is taken
//!    out while its future is being polled is noted (`Entry::again`), and put back as that poll is over.
//! 4. If there is a number among the `woken` or the `ended`, a drain is under way that looks once more, or an event for
//!    one is posted: the thread that puts it there asks for it, and a drain that leaves some does.
//! 5. Nothing of a user's runs while `entries` is borrowed or `QUEUE` is locked.
//!
//! # Memory ordering
//!
//! That of `Local::woken` is that of `src/engine/waking.rs`, and so is its proof; the numbers are under a lock.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use cxx::UniquePtr;
use cxx_qt::casting::Upcast;

use super::manager_thread::is_manager_thread;
use crate::engine::contain::{destroy, panic_message};
use crate::engine::diagnostics::{self, About};
use crate::engine::fork;
use crate::engine::sync::{AtomicBool, AtomicU64, Mutex, Ordering};
use crate::service::IntoResult;
use crate::{TaskError, tasks};

#[cxx::bridge(namespace = "legwork")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!(<QtCore/QObject>);
        type QObject = cxx_qt::QObject;
    }

    unsafe extern "C++" {
        include!("legwork/localreceiver.h");
        type LocalReceiver;
        #[cxx_name = "livesOnThisThread"]
        fn lives_on_this_thread(object: &QObject) -> bool;
        #[cxx_name = "followReceiver"]
        fn follow_receiver(object: Pin<&mut QObject>, number: u64) -> UniquePtr<LocalReceiver>;
        #[cxx_name = "isThere"]
        fn is_there(self: &LocalReceiver) -> bool;
    }

    extern "Rust" {
        #[cxx_name = "localReceiverGone"]
        fn local_receiver_gone(number: u64);
    }
}

/// Why a local future was not started. Nothing is left of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    #[error(
        "local() was called on a thread that is not the one of the QCoreApplication, which polls the future; \
         call it there, with a receiver that lives there"
    )]
    NotItsThread,
    #[error(
        "the receiver lives on another thread than the QCoreApplication; the future is polled on that one's"
    )]
    ReceiverElsewhere,
}

/// The receiver of a [local future](local), for that future.
///
/// It may be kept across awaits, as it asks each time whether the object is there. Clones are the same receiver.
pub struct Local<T> {
    object: *mut T,
    receiver: Rc<UniquePtr<ffi::LocalReceiver>>,
}

impl<T> Clone for Local<T> {
    fn clone(&self) -> Self {
        Local { object: self.object, receiver: self.receiver.clone() }
    }
}

impl<T> Local<T> {
    /// Whether the object is there still. A future whose receiver is destroyed while it is polled goes on to its next
    /// await.
    pub fn is_there(&self) -> bool {
        self.receiver.is_there()
    }

    /// Calls `f` with the object; `None`, and it is not called, once that is destroyed, or lives on another thread.
    ///
    /// What `f` calls may destroy the object, as any slot may: it is not to be used in `f` after that.
    pub fn with<R>(&self, f: impl FnOnce(Pin<&mut T>) -> R) -> Option<R> {
        const {
            // An object of cxx-qt: see `opaque.rs`, whose claims hold for it.
            assert!(size_of::<T>() == 0 && align_of::<T>() == 1, "the receiver is no object of cxx-qt");
        }
        if !self.is_there() {
            return None;
        }
        // SAFETY: the pointer is that of the reference that `local` was given, of an object that is a QObject (`Upcast`).
        // This is on its thread: a `Local` is neither `Send` nor `Sync`, and is made on the manager's; that the object
        // lives there now was just asked, of a QPointer, and nobody else destroys or moves it until `f` is called, as that
        // is done on its thread. `T` has no bytes (asserted above), so that the reference is an address: it promises
        // nothing of the memory after `f` has destroyed the object, and has no byte in common with another one, such as
        // that of a method of the object further down on this stack. It is not moved: `f` has it pinned. That the
        // object is in its destructor, and that this opens an event loop, is not seen here, nor by Qt for its own slots: a
        // class that does so has to end what it has started before.
        Some(f(unsafe { Pin::new_unchecked(&mut *self.object) }))
    }
}

/// A local future that was started. Dropping it leaves the future alone.
///
/// Clones are the same future.
#[derive(Clone)]
pub struct LocalTask(Arc<Woken>);

impl LocalTask {
    /// Ends it: it is polled no more, and destroyed on its thread, before long. From any thread; once it has ended, nothing.
    pub fn cancel(&self) {
        if !fork::is_child() {
            QUEUE.lock().ended.push(self.0.number);
            ask();
        }
    }

    /// Whether it has ended, in any way, and is destroyed. From any thread.
    pub fn is_finished(&self) -> bool {
        self.0.over.load(Ordering::Acquire)
    }
}

/// Starts a future on the thread of the `QCoreApplication`, for a QObject of cxx-qt that lives there.
///
/// It may await tasks ([`TaskHandle`](crate::TaskHandle)), [`sleep`](crate::sleep) and all else that wakes a waker, from
/// any thread, and reaches the object by [`Local::with`] in between. It may hold what is not `Send`. It is not polled
/// inside of this call, but by the event loop, together with what tasks deliver, within the same 4 ms at a time: between two
/// awaits it keeps paint and input waiting as a slot does.
///
/// It is destroyed with the receiver, as that emits `destroyed()`, on its thread; where it is being polled just then, at the
/// end of that poll. And it is, as the `QCoreApplication` is destroyed. An event loop that it opens does not poll it again.
///
/// An error that it returns, and a panic in it, end it and nothing else: they are logged once, with where it was started.
///
/// ```ignore
/// // In an invokable of the object.
/// legwork::local(self.as_mut(), async |me: legwork::Local<Self>| {
///     let lines = tasks().task(|_| count_lines()).spawn()?.await?;
///     sleep(Duration::from_secs(1)).await;
///     me.with(|object| object.set_lines(lines));
///     Ok::<(), Box<dyn Error + Send + Sync>>(())
/// })?;
/// ```
///
/// The class of the receiver is one of cxx-qt without a `#[base]`; one with a base says by `cxx_qt::impl_transitive_cast!`
/// that it is a `cxx_qt::QObject`.
///
/// # Errors
///
/// This thread, or that of the receiver, is not the one of the `QCoreApplication`, or there is no application.
#[track_caller]
pub fn local<T, R, F>(receiver: Pin<&mut T>, body: F) -> Result<LocalTask, LocalError>
where
    T: Upcast<cxx_qt::QObject> + 'static,
    R: IntoResult<()>,
    F: AsyncFnOnce(Local<T>) -> R + 'static,
{
    if fork::is_child() || !is_manager_thread() {
        return Err(LocalError::NotItsThread);
    }
    let place = Location::caller();
    // SAFETY: the object is not moved: this is its address, which `Local::with` makes a pinned reference of.
    let object: *mut T = unsafe { receiver.get_unchecked_mut() };
    // SAFETY: it is the address of a reference that the caller has given for the time of this call.
    let base = unsafe { Pin::new_unchecked(&mut *object) }.upcast_pin();
    if !ffi::lives_on_this_thread(&base) {
        return Err(LocalError::ReceiverElsewhere);
    }
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    let woken = Arc::new(Woken {
        number: NUMBERS.fetch_add(1, Ordering::Relaxed),
        woken: AtomicBool::new(false),
        over: AtomicBool::new(false),
    });
    let receiver = Rc::new(ffi::follow_receiver(base, woken.number));
    let me = Local { object, receiver: receiver.clone() };
    let future = Box::pin(async move { body(me).await.into_result() });
    locals().add(Entry {
        future: Some(future),
        woken: woken.clone(),
        place,
        again: false,
        ends: false,
        _receiver: receiver,
    });
    woken.wake_by_ref();
    Ok(LocalTask(woken))
}

// ---- what wakes them ---------------------------------------------------------------------------

/// What wakes a future, and tells others of its end.
struct Woken {
    number: u64,
    /// Its number is among the woken, or a poll is about to begin.
    woken: AtomicBool,
    /// It is destroyed.
    over: AtomicBool,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.woken.swap(true, Ordering::AcqRel) && !fork::is_child() {
            QUEUE.lock().woken.push_back(self.number);
            ask();
        }
    }
}

thread_local! {
    /// While futures are polled: what posts the event by which that goes on.
    static NEXT: Cell<Option<fn()>> = const { Cell::new(None) };
}

/// Has the manager's thread drain, from any thread. What is woken in a poll is polled in the same drain, or by the event that
/// comes behind paint and input.
fn ask() {
    match NEXT.get() {
        Some(next) => next(),
        None => tasks().engine().ask_for_drain(),
    }
}

/// The numbers of futures that are to be polled, or destroyed. From any thread; nothing is locked inside.
struct Queue {
    woken: VecDeque<u64>,
    ended: Vec<u64>,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { woken: VecDeque::new(), ended: Vec::new() });

/// Whether a drain has something to do for futures.
pub fn has_more() -> bool {
    let queue = QUEUE.lock();
    !queue.woken.is_empty() || !queue.ended.is_empty()
}

// ---- what keeps them ---------------------------------------------------------------------------

type LocalFuture = Pin<Box<dyn Future<Output = Result<(), TaskError>>>>;

struct Entry {
    /// Not while it is polled.
    future: Option<LocalFuture>,
    woken: Arc<Woken>,
    place: &'static Location<'static>,
    /// It was woken in an event loop that it opened itself.
    again: bool,
    /// It is to be destroyed once its poll is over.
    ends: bool,
    /// It hears of the receiver's end as long as this is here.
    _receiver: Rc<UniquePtr<ffi::LocalReceiver>>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        if let Some(future) = self.future.take() {
            destroy(future);
        }
        self.woken.over.store(true, Ordering::Release);
    }
}

#[derive(Default)]
struct Locals {
    entries: RefCell<BTreeMap<u64, Entry>>,
}

/// Those of the manager's thread; on that thread. They never go: the end of a thread is no time for a user's destructors.
fn locals() -> &'static Locals {
    thread_local! {
        static LOCALS: &'static Locals = Box::leak(Box::default());
    }
    LOCALS.with(|locals| *locals)
}

impl Locals {
    fn add(&self, entry: Entry) {
        self.entries.borrow_mut().insert(entry.woken.number, entry);
    }

    /// Destroys a future, at once or as its poll is over.
    fn end(&self, number: u64) {
        let ended = {
            let mut entries = self.entries.borrow_mut();
            match entries.get_mut(&number) {
                Some(entry) if entry.future.is_none() => {
                    entry.ends = true;
                    None
                }
                _ => entries.remove(&number),
            }
        };
        // What is destroyed here may come back: the borrow is over.
        drop(ended);
    }

    fn poll(&self, number: u64) {
        let (mut future, woken) = {
            let mut entries = self.entries.borrow_mut();
            let Some(entry) = entries.get_mut(&number) else { return };
            let Some(future) = entry.future.take() else {
                entry.again = true;
                return;
            };
            (future, entry.woken.clone())
        };
        woken.woken.swap(false, Ordering::AcqRel);
        let waker = Waker::from(woken);
        let polled =
            catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut Context::from_waker(&waker))));
        let pending = matches!(polled, Ok(Poll::Pending));
        let (mut ended, mut again) = (None, false);
        let mut place = None;
        {
            let mut entries = self.entries.borrow_mut();
            if let Some(entry) = entries.get_mut(&number) {
                place = Some(entry.place);
                entry.future = Some(future);
                again = std::mem::take(&mut entry.again);
                if !pending || entry.ends {
                    ended = entries.remove(&number);
                }
            }
        }
        if let Some(place) = place {
            match polled {
                Ok(Poll::Ready(Err(error))) => diagnostics::error(
                    About::Task,
                    format_args!("the local future that was started at {place} failed: {}", error.message()),
                ),
                Err(panic) => diagnostics::error(
                    About::Task,
                    format_args!(
                        "the local future that was started at {place} panicked: {}",
                        panic_message(panic)
                    ),
                ),
                Ok(_) => {}
            }
        }
        if again && ended.is_none() {
            QUEUE.lock().woken.push_back(number);
        }
        drop(ended);
    }
}

/// Polls what was woken until `budget` since `start` is over, but one in any case. `next` is called before code of others
/// runs: where there is more to do after that, it posts the event for it. In a drain.
pub fn poll_woken(start: Instant, budget: Duration, next: fn()) {
    if !has_more() {
        return;
    }
    let outer = NEXT.replace(Some(next));
    poll_some(start, budget, next);
    NEXT.set(outer);
}

fn poll_some(start: Instant, budget: Duration, next: fn()) {
    loop {
        let (ended, woken) = {
            let mut queue = QUEUE.lock();
            let ended = std::mem::take(&mut queue.ended);
            (ended, queue.woken.pop_front())
        };
        if ended.is_empty() && woken.is_none() {
            return;
        }
        next();
        ended.into_iter().for_each(|number| locals().end(number));
        if let Some(number) = woken {
            locals().poll(number);
        }
        if start.elapsed() >= budget {
            next();
            return;
        }
    }
}

/// The application is being destroyed: so are all of them.
pub fn end_all() {
    loop {
        let first =
            locals().entries.borrow().iter().find(|(_, entry)| !entry.ends).map(|(number, _)| *number);
        let Some(number) = first else { return };
        locals().end(number);
    }
}

/// A receiver is destroyed, or its future has been.
fn local_receiver_gone(number: u64) {
    if fork::is_child() {
        return;
    }
    if is_manager_thread() {
        locals().end(number);
        return;
    }
    // It was moved to another thread, and destroyed there; or the application is gone, and with it all of them.
    QUEUE.lock().ended.push(number);
    ask();
}
