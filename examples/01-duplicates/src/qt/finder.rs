//! `Finder`: the search, for QML. It shows what the session holds; it holds nothing itself.
//!
//! Thousands of results a second change the session; the window asks for the numbers at most once
//! in a while: `stale` says that there are new ones, and `refresh` fetches them.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::pin::Pin;

use cxx_qt::{CxxQtThread, CxxQtType, Threading};
use cxx_qt_lib::{QString, QUrl};

use crate::session;

#[cxx_qt::bridge]
mod ffi {
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qurl.h");
        type QUrl = cxx_qt_lib::QUrl;
    }

    extern "RustQt" {
        #[qobject]
        #[qml_element]
        #[qml_singleton]
        #[qproperty(bool, stale, READ, NOTIFY = stale_changed)]
        #[qproperty(bool, running, READ, NOTIFY = refreshed)]
        #[qproperty(bool, stopped, READ, NOTIFY = refreshed)]
        #[qproperty(QString, folder, READ, NOTIFY = refreshed)]
        #[qproperty(QString, error, READ, NOTIFY = refreshed)]
        #[qproperty(f64, fraction, READ, NOTIFY = refreshed)]
        #[qproperty(f64, seconds, READ, NOTIFY = refreshed)]
        #[qproperty(f64, seconds_left, cxx_name = "secondsLeft", READ, NOTIFY = refreshed)]
        #[qproperty(f64, folders, READ, NOTIFY = refreshed)]
        #[qproperty(f64, files, READ, NOTIFY = refreshed)]
        #[qproperty(f64, bytes, READ, NOTIFY = refreshed)]
        #[qproperty(f64, groups, READ, NOTIFY = refreshed)]
        #[qproperty(f64, duplicates, READ, NOTIFY = refreshed)]
        #[qproperty(f64, wasted, READ, NOTIFY = refreshed)]
        #[qproperty(f64, failed, READ, NOTIFY = refreshed)]
        #[qproperty(f64, free_bytes, cxx_name = "freeBytes", READ, NOTIFY = refreshed)]
        #[qproperty(f64, total_bytes, cxx_name = "totalBytes", READ, NOTIFY = refreshed)]
        type Finder = super::FinderRust;

        #[qsignal]
        #[cxx_name = "staleChanged"]
        fn stale_changed(self: Pin<&mut Finder>);
        #[qsignal]
        fn refreshed(self: Pin<&mut Finder>);

        /// Searches a folder, in place of the search before; false if it cannot, see `error`.
        #[qinvokable]
        fn start(self: Pin<&mut Finder>, folder: &QString) -> bool;
        /// Cancels what is left of the search.
        #[qinvokable]
        fn stop(self: Pin<&mut Finder>);
        /// Fetches the numbers as they are now.
        #[qinvokable]
        fn refresh(self: Pin<&mut Finder>);
        /// The URL of the folder that a file is in.
        #[qinvokable]
        #[cxx_name = "folderUrl"]
        fn folder_url(self: &Finder, file: &QString) -> QUrl;
    }

    impl cxx_qt::Threading for Finder {}
    impl cxx_qt::Initialize for Finder {}
}

pub use ffi::Finder;

#[derive(Default)]
pub struct FinderRust {
    stale: bool,
    running: bool,
    stopped: bool,
    folder: QString,
    error: QString,
    /// From 0 to 1, or -1 while it is not known.
    fraction: f64,
    seconds: f64,
    /// -1 while it is not known.
    seconds_left: f64,
    folders: f64,
    files: f64,
    bytes: f64,
    groups: f64,
    duplicates: f64,
    wasted: f64,
    failed: f64,
    /// -1 while it is not known.
    free_bytes: f64,
    total_bytes: f64,
}

thread_local! {
    /// The object, which may be gone when it is to be told something.
    static FACE: RefCell<Option<CxxQtThread<Finder>>> = const { RefCell::new(None) };
    /// Whether it knows already that its numbers are old.
    static TOLD: Cell<bool> = const { Cell::new(false) };
}

/// The session is not what it was.
pub fn changed() {
    if TOLD.replace(true) {
        return;
    }
    FACE.with_borrow(|face| {
        // Not at once: a slot may be in the middle of something. An object that is gone needs no
        // numbers.
        if let Some(face) = face {
            let _ = face.queue(|finder| finder.set_stale(true));
        }
    });
}

impl cxx_qt::Initialize for Finder {
    fn initialize(self: Pin<&mut Self>) {
        FACE.set(Some(self.qt_thread()));
        TOLD.set(false);
        self.refresh();
    }
}

impl Finder {
    fn set_stale(mut self: Pin<&mut Self>, stale: bool) {
        if self.stale != stale {
            self.as_mut().rust_mut().stale = stale;
            self.stale_changed();
        }
    }

    fn start(mut self: Pin<&mut Self>, folder: &QString) -> bool {
        let typed = folder.to_string();
        let path = std::path::absolute(expand_home(typed.trim())).unwrap_or_default();
        let started = session::start(path);
        let error = started.as_ref().err().map(String::as_str).unwrap_or_default();
        self.as_mut().rust_mut().error = QString::from(error);
        self.refresh();
        started.is_ok()
    }

    fn stop(self: Pin<&mut Self>) {
        session::stop();
        self.refresh();
    }

    fn refresh(mut self: Pin<&mut Self>) {
        TOLD.set(false);
        let mut numbers = self.as_mut().rust_mut();
        session::with(|session| {
            let totals = session.totals();
            numbers.running = !session.has_ended();
            numbers.stopped = session.search.is_stopped();
            numbers.folder = QString::from(session.root.to_string_lossy().as_ref());
            numbers.fraction = session.fraction().unwrap_or(-1.0);
            numbers.seconds = session.elapsed().as_secs_f64();
            numbers.seconds_left = session.left().map_or(-1.0, |left| left.as_secs_f64());
            numbers.folders = totals.folders as f64;
            numbers.files = totals.files as f64;
            numbers.bytes = totals.bytes as f64;
            numbers.groups = totals.groups as f64;
            numbers.duplicates = totals.duplicates as f64;
            numbers.wasted = totals.wasted as f64;
            numbers.failed = totals.failed as f64;
            numbers.free_bytes = session.space.map_or(-1.0, |space| space.free as f64);
            numbers.total_bytes = session.space.map_or(-1.0, |space| space.total as f64);
        });
        self.as_mut().set_stale(false);
        self.refreshed();
    }

    fn folder_url(&self, file: &QString) -> QUrl {
        let file = file.to_string();
        let folder = Path::new(&file).parent().unwrap_or(Path::new("/"));
        QUrl::from_local_file(&QString::from(folder.to_string_lossy().as_ref()))
    }
}

/// `~` is what people type for their own folder.
fn expand_home(typed: &str) -> PathBuf {
    let home = std::env::home_dir().filter(|_| typed == "~" || typed.starts_with("~/"));
    match home {
        Some(home) => home.join(typed[1..].trim_start_matches('/')),
        None => PathBuf::from(typed),
    }
}
