//! Futures on the manager's thread, each with its receiver.

use std::cell::{Cell, RefCell};
use std::error::Error;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use cxx::UniquePtr;
use cxx_qt_lib::QCoreApplication;
use legwork::qt::is_manager_thread;
use legwork::{Local, LocalError, LocalTask, local, sleep, tasks};

use crate::support::{ffi as qt, process_until};

#[cxx_qt::bridge]
mod ffi {
    extern "RustQt" {
        #[qobject]
        #[qproperty(i32, count)]
        type Counter = super::CounterRust;
    }

    #[namespace = "rust::cxxqtlib1"]
    unsafe extern "C++" {
        include!("cxx-qt-lib/common.h");
        #[rust_name = "make_counter"]
        fn make_unique() -> UniquePtr<Counter>;
    }
}

use ffi::Counter;

#[derive(Default)]
pub struct CounterRust {
    count: i32,
}

type AnyError = Box<dyn Error + Send + Sync>;

/// Tells that it is dropped, and that it is on the manager's thread.
struct Dropped(Rc<Cell<u32>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        assert!(is_manager_thread());
        self.0.set(self.0.get() + 1);
    }
}

fn dropped() -> (Rc<Cell<u32>>, Dropped) {
    let count = Rc::new(Cell::new(0));
    (count.clone(), Dropped(count))
}

/// Has no future on the way.
fn ends(task: &LocalTask) {
    process_until("the end of the future", || task.is_finished());
}

pub fn b352_b384_by_a_virtual_clock_hours_are_a_moment() {
    const HOUR: Duration = Duration::from_secs(3600);
    let clock = legwork::testing::VirtualClock::new().expect("no task is left of the test before");
    let mut object = ffi::make_counter();
    let task = local(object.pin_mut(), async move |me: Local<Counter>| {
        sleep(HOUR).await;
        me.with(|object| object.set_count(1));
        let late = tasks().task(|_| 7).delay(HOUR).spawn()?;
        let late = late.await?;
        me.with(|object| object.set_count(late));
        Ok::<(), AnyError>(())
    })
    .expect("the object is of this thread");
    for (by, count) in [(HOUR - Duration::from_secs(1), 0), (Duration::from_secs(1), 1), (HOUR, 7)] {
        clock.fast_forward_by(by).expect("it rests");
        assert_eq!(*object.count(), count);
    }
    assert!(task.is_finished());
}

pub fn b352_a_future_awaits_tasks_and_a_timer_and_sets_properties() {
    let mut object = ffi::make_counter();
    let (inside, not_send) = (Rc::new(Cell::new(false)), Rc::new(5));
    let polled = inside.clone();
    let task = local(object.pin_mut(), async move |me: Local<Counter>| {
        polled.set(true);
        let first = tasks().task(|_| 1).spawn()?;
        let second = tasks().task(|_| 2).spawn()?;
        let third =
            tasks().future(async { tasks().task(|_| 3).spawn()?.await.map_err(AnyError::from) }).spawn()?;
        sleep(Duration::from_millis(1)).await;
        let sum = first.await? + second.await? + third.await? + *not_send;
        assert!(is_manager_thread());
        assert_eq!(me.with(|object| object.set_count(sum)), Some(()));
        Ok::<(), AnyError>(())
    });
    let task = task.unwrap();
    assert!(!inside.get() && !task.is_finished(), "not inside of the call");
    ends(&task);
    assert_eq!(*object.count(), 11);
}

pub fn b353_it_is_dropped_with_its_receiver() {
    let mut object = ffi::make_counter();
    let (drops, token) = dropped();
    let kept = Rc::new(RefCell::new(None));
    let keep = kept.clone();
    let task = local(object.pin_mut(), async move |me: Local<Counter>| {
        let _token = token;
        keep.replace(Some(me));
        pending::<()>().await;
    });
    let task = task.unwrap();
    process_until("the first poll", || kept.borrow().is_some());
    assert!(kept.borrow().as_ref().unwrap().is_there());
    drop(object);
    assert_eq!((drops.get(), task.is_finished()), (1, true));
    let me = kept.take().unwrap();
    assert!(!me.is_there());
    assert_eq!(me.with(|object| *object.count()), None);
    // And one that was never polled.
    let mut object = ffi::make_counter();
    let (drops, token) = dropped();
    let task = local(object.pin_mut(), async move |_: Local<Counter>| drop(token)).unwrap();
    drop(object);
    assert_eq!((drops.get(), task.is_finished()), (1, true));
}

pub fn b353_a_receiver_that_is_deleted_in_its_own_poll_is_not_used_again() {
    let object: Rc<RefCell<UniquePtr<Counter>>> = Rc::new(RefCell::new(ffi::make_counter()));
    let (drops, token) = dropped();
    let (deletes, after) = (object.clone(), Rc::new(Cell::new(false)));
    let (went_on, seen) = (after.clone(), drops.clone());
    let task = local(object.borrow_mut().pin_mut(), async move |me: Local<Counter>| {
        let _token = token;
        let deleted = me.with(|_| {
            drop(deletes.replace(UniquePtr::null()));
            7
        });
        assert_eq!(deleted, Some(7));
        // The object is gone, and this is not, until it awaits.
        assert_eq!(me.with(|object| *object.count()), None);
        assert_eq!(seen.get(), 0);
        went_on.set(true);
        pending::<()>().await;
    });
    let task = task.unwrap();
    ends(&task);
    assert!(after.get() && object.borrow().is_null());
    assert_eq!(drops.get(), 1);
}

pub fn b354_an_event_loop_in_a_poll_does_not_poll_it_again_and_polls_others() {
    let mut object = ffi::make_counter();
    let (inside, polls) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (within, counted) = (inside.clone(), polls.clone());
    let other_done = Rc::new(Cell::new(false));
    let task = local(object.pin_mut(), async move |_: Local<Counter>| {
        let mut loops = true;
        poll_fn(move |context| {
            assert_eq!(within.replace(1), 0, "it is polled in its own poll");
            counted.set(counted.get() + 1);
            context.waker().wake_by_ref();
            let ready = !std::mem::take(&mut loops);
            if !ready {
                assert!(qt::exec_loop(10_000));
            }
            within.set(0);
            if ready { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    });
    let task = task.unwrap();
    let done = other_done.clone();
    let other = local(object.pin_mut(), async move |_: Local<Counter>| {
        sleep(Duration::from_millis(1)).await;
        done.set(true);
        qt::quit_loop();
    });
    let other = other.unwrap();
    ends(&task);
    assert!(other.is_finished() && other_done.get(), "the loop has polled it");
    assert_eq!((polls.get(), inside.get()), (2, 0));
}

pub fn b353_a_receiver_that_is_deleted_in_a_loop_of_its_poll() {
    let object: Rc<RefCell<UniquePtr<Counter>>> = Rc::new(RefCell::new(ffi::make_counter()));
    let mut other = ffi::make_counter();
    let (drops, token) = dropped();
    let task = local(object.borrow_mut().pin_mut(), async move |me: Local<Counter>| {
        let _token = token;
        assert!(qt::exec_loop(10_000));
        assert!(!me.is_there());
        pending::<()>().await;
    });
    let task = task.unwrap();
    let (deletes, seen) = (object.clone(), drops.clone());
    let deleted = local(other.pin_mut(), async move |_: Local<Counter>| {
        sleep(Duration::from_millis(1)).await;
        drop(deletes.replace(UniquePtr::null()));
        assert_eq!(seen.get(), 0);
        qt::quit_loop();
    });
    ends(&task);
    assert_eq!(drops.get(), 1);
    ends(&deleted.unwrap());
}

pub fn b355_an_error_and_a_panic_are_logged_once_with_where_it_was_started() {
    let mut object = ffi::make_counter();
    let line = line!() + 1;
    let failed = local(object.pin_mut(), async |_: Local<Counter>| Err::<(), _>("no such host"));
    ends(&failed.unwrap());
    let said = qt::take_messages().to_string();
    assert_eq!(said.matches("no such host").count(), 1, "{said}");
    assert!(said.contains(&format!("local.rs:{line}")), "{said}");
    let panicked = local(object.pin_mut(), async |_: Local<Counter>| {
        sleep(Duration::ZERO).await;
        if true {
            panic!("in the future");
        }
    });
    ends(&panicked.unwrap());
    let said = qt::take_messages().to_string();
    assert_eq!((said.matches("in the future").count(), said.matches("local.rs:").count()), (1, 1), "{said}");
    // Others go on.
    ends(
        &local(object.pin_mut(), async |me: Local<Counter>| {
            me.with(|object| object.set_count(3));
        })
        .unwrap(),
    );
    assert_eq!(*object.count(), 3);
}

pub fn b356_another_thread_is_refused() {
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut object = ffi::make_counter();
            let error = local(object.pin_mut(), async |_: Local<Counter>| {}).map(drop).unwrap_err();
            assert_eq!(error, LocalError::NotItsThread);
            assert!(error.to_string().contains("QCoreApplication"));
        });
    });
}

pub fn b357_its_handle_cancels_it_and_dropping_that_does_not() {
    let mut object = ffi::make_counter();
    let (drops, token) = dropped();
    let task = local(object.pin_mut(), async move |_: Local<Counter>| {
        let _token = token;
        pending::<()>().await;
    });
    let task = task.unwrap();
    let copy = task.clone();
    // From another thread; it is dropped on its own.
    thread::spawn(move || copy.cancel()).join().unwrap();
    assert!(!task.is_finished());
    ends(&task);
    assert_eq!(drops.get(), 1);
    task.cancel();
    let dropped_handle = local(object.pin_mut(), async |me: Local<Counter>| {
        sleep(Duration::from_millis(1)).await;
        me.with(|object| object.set_count(9));
    });
    drop(dropped_handle.unwrap());
    process_until("its end", || *object.count() == 9);
    // In its own poll.
    let own: Rc<RefCell<Option<LocalTask>>> = Rc::default();
    let cancels = own.clone();
    let task = local(object.pin_mut(), async move |_: Local<Counter>| {
        cancels.borrow().as_ref().unwrap().cancel();
        pending::<()>().await;
    });
    let task = task.unwrap();
    own.replace(Some(task.clone()));
    ends(&task);
}

pub fn b359_a_flood_of_wakes_leaves_the_event_loop_alive() {
    let mut object = ffi::make_counter();
    let end = Instant::now() + Duration::from_millis(300);
    let ticker = qt::make_ticker();
    let futures: Vec<_> = (0..200)
        .map(|_| {
            local(object.pin_mut(), async move |_: Local<Counter>| {
                poll_fn(|context| {
                    if Instant::now() >= end {
                        return Poll::Ready(());
                    }
                    context.waker().wake_by_ref();
                    Poll::Pending
                })
                .await;
            })
            .unwrap()
        })
        .collect();
    // What tasks deliver comes in between, too.
    let delivered = Arc::new(AtomicUsize::new(0));
    let counts = delivered.clone();
    let task = tasks().task(|_| ()).on_complete(move |()| {
        counts.fetch_add(1, Ordering::SeqCst);
    });
    drop(task.spawn().unwrap());
    process_until("the delivery", || delivered.load(Ordering::SeqCst) == 1);
    assert!(Instant::now() < end, "before the futures have ended");
    futures.iter().for_each(ends);
    let gaps = ticker.gaps();
    // A drain takes 4 ms; the machine may be busy.
    assert!(gaps.len() >= 5, "{gaps:?}");
    assert!(gaps[gaps.len() / 2] < 40_000, "{gaps:?}");
}

pub fn b352_wakes_from_many_threads_are_not_lost() {
    let mut object = ffi::make_counter();
    let wakers: Arc<Mutex<Vec<Waker>>> = Arc::default();
    let mut futures = Vec::new();
    for _ in 0..200 {
        let (hands_out, mut steps) = (wakers.clone(), 0);
        futures.push(
            local(object.pin_mut(), async move |me: Local<Counter>| {
                poll_fn(|context| {
                    steps += 1;
                    if steps > 20 {
                        return Poll::Ready(());
                    }
                    hands_out.lock().unwrap().push(context.waker().clone());
                    Poll::Pending
                })
                .await;
                me.with(|object| {
                    let count = *object.count();
                    object.set_count(count + 1);
                });
            })
            .unwrap(),
        );
    }
    let over = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (wakers, over) = (wakers.clone(), over.clone());
            thread::spawn(move || {
                while over.load(Ordering::SeqCst) == 0 {
                    let taken = std::mem::take(&mut *wakers.lock().unwrap());
                    taken.into_iter().for_each(Waker::wake);
                    thread::yield_now();
                }
            })
        })
        .collect();
    process_until("all futures", || *object.count() == 200);
    over.store(1, Ordering::SeqCst);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    futures.iter().for_each(ends);
}

pub const CHILDREN: &[(&str, fn())] = &[("local-quit", quit), ("local-app", application_goes)];

/// B358: the application quits in the middle; its futures stay until it, or their receivers, are destroyed.
fn quit() {
    let _application = QCoreApplication::new();
    let mut object = ffi::make_counter();
    let (drops, token) = dropped();
    let (started, ended) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (begins, ends) = (started.clone(), ended.clone());
    let task = local(object.pin_mut(), async move |_: Local<Counter>| {
        let _token = token;
        let asked = tasks().job("attentive", legwork::Args::default()).spawn()?;
        begins.set(true);
        // The quit cancels it, and delivers that meanwhile.
        ends.set(asked.await.is_err());
        pending::<()>().await;
        Ok::<(), AnyError>(())
    });
    let task = task.unwrap();
    process_until("the start", || started.get());
    assert_eq!(qt::exec_and_quit(), 7);
    qt::process_events(20);
    assert!(ended.get() && !task.is_finished());
    drop(object);
    assert_eq!((drops.get(), task.is_finished()), (1, true));
}

/// B358: the application is destroyed before the receiver.
fn application_goes() {
    let application = QCoreApplication::new();
    let mut object = ffi::make_counter();
    let count = Rc::new(Cell::new(0));
    struct Counts(Rc<Cell<u32>>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let token = Counts(count.clone());
    let task = local(object.pin_mut(), async move |_: Local<Counter>| {
        let _token = token;
        pending::<()>().await;
    });
    let task = task.unwrap();
    qt::process_events(20);
    drop(application);
    assert_eq!((count.get(), task.is_finished()), (1, true));
    let error = local(object.pin_mut(), async |_: Local<Counter>| {}).map(drop).unwrap_err();
    assert_eq!(error, LocalError::NotItsThread);
    drop(object);
    task.cancel();
}
