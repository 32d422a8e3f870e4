//! Two contenders in Rust: what a cxx-qt application writes today, and the least that would do.
//!
//! The floor has a queue of boxed closures, a queue of results, and one wake-up of the UI thread for
//! all that came since the last; it gives each task an id, makes its text and a `QVariant`, and
//! emits one signal. It has no priorities, no cancel, no history, no states, and catches no panics.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::unbounded;
use crossbeam_queue::SegQueue;
use cxx_qt::{CxxQtThread, CxxQtType, Threading};
use cxx_qt_lib::{QString, QVariant};
use uuid::Uuid;

#[cxx_qt::bridge(namespace = "bench")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    extern "RustQt" {
        #[qobject]
        type Peer = super::PeerRust;

        #[qsignal]
        fn done(self: Pin<&mut Peer>, id: QString, result: QVariant);
    }

    extern "RustQt" {
        #[cxx_name = "startPool"]
        fn start_pool(self: Pin<&mut Peer>, workers: i32);
        #[cxx_name = "startFloor"]
        fn start_floor(self: Pin<&mut Peer>, workers: i32);
        fn sender(self: &Peer, body: i64) -> Box<Sender>;
    }

    extern "Rust" {
        type Sender;
        fn submit(self: &Sender, n: i32);
    }

    impl cxx_qt::Threading for Peer {}
}

use ffi::Peer;

type Job = Box<dyn FnOnce() + Send>;

#[derive(Default)]
pub struct PeerRust {
    pool: Option<threadpool::ThreadPool>,
    floor: Option<Arc<Floor>>,
}

struct Floor {
    jobs: crossbeam_channel::Sender<Job>,
    results: SegQueue<(Uuid, i32)>,
    notified: AtomicBool,
    last: AtomicU64,
    thread: CxxQtThread<Peer>,
}

/// What submits, from any thread.
pub struct Sender {
    body: u64,
    pool: Option<threadpool::ThreadPool>,
    floor: Option<Arc<Floor>>,
    /// In a box, as it must not be moved where cxx moves what is of Rust.
    thread: Box<CxxQtThread<Peer>>,
}

fn spin(ns: u64) {
    if ns > 0 {
        let start = Instant::now();
        while start.elapsed() < Duration::from_nanos(ns) {}
    }
}

fn text(id: Uuid) -> QString {
    let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
    QString::from(&*id.hyphenated().encode_lower(&mut buffer))
}

impl Floor {
    fn finish(self: &Arc<Self>, id: Uuid, result: i32) {
        self.results.push((id, result));
        self.wake();
    }

    fn wake(self: &Arc<Self>) {
        if !self.notified.swap(true, Ordering::SeqCst) {
            let floor = self.clone();
            // Fails once the object is gone, when nobody waits.
            let _ = self.thread.queue(move |peer| floor.drain(peer));
        }
    }

    fn drain(self: &Arc<Self>, mut peer: Pin<&mut Peer>) {
        self.notified.store(false, Ordering::SeqCst);
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(4) {
            for _ in 0..64 {
                let Some((id, result)) = self.results.pop() else { return };
                peer.as_mut().done(text(id), QVariant::from(&result));
            }
        }
        self.wake();
    }
}

impl ffi::Peer {
    fn start_pool(mut self: Pin<&mut Self>, workers: i32) {
        self.as_mut().rust_mut().pool = Some(threadpool::ThreadPool::new(workers as usize));
    }

    fn start_floor(mut self: Pin<&mut Self>, workers: i32) {
        let (jobs, queue) = unbounded::<Job>();
        for _ in 0..workers {
            let queue = queue.clone();
            // They end with the last sender.
            std::thread::spawn(move || queue.into_iter().for_each(|job| job()));
        }
        let floor = Floor {
            jobs,
            results: SegQueue::new(),
            notified: AtomicBool::new(false),
            last: AtomicU64::new(0),
            thread: self.qt_thread(),
        };
        self.as_mut().rust_mut().floor = Some(Arc::new(floor));
    }

    fn sender(&self, body: i64) -> Box<Sender> {
        Box::new(Sender {
            body: body as u64,
            pool: self.pool.clone(),
            floor: self.floor.clone(),
            thread: Box::new(self.qt_thread()),
        })
    }
}

impl Sender {
    fn submit(&self, n: i32) {
        let body = self.body;
        if let Some(floor) = &self.floor {
            let number = floor.last.fetch_add(1, Ordering::Relaxed);
            let id = Uuid::from_u64_pair(0x8000, 1 << 63 | number);
            let to = floor.clone();
            let job = move || {
                spin(body);
                to.finish(id, n);
            };
            floor.jobs.send(Box::new(job)).expect("the workers are there");
        } else if let Some(pool) = &self.pool {
            let id = Uuid::new_v4();
            let thread = self.thread.clone();
            pool.execute(move || {
                spin(body);
                let _ = thread.queue(move |mut peer| peer.as_mut().done(text(id), QVariant::from(&n)));
            });
        }
    }
}
