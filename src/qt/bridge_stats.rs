//! What shows the figures, and where a trace goes that was given no name. The other halves are
//! `cpp/src/statselement.cpp` and `cpp/src/tracefile.cpp`.

use std::path::PathBuf;

use cxx_qt_lib::QVariant;

use super::report;
use super::values::to_variant;
use crate::tasks;

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qstring.h");
        type QString = cxx_qt_lib::QString;
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
    }

    unsafe extern "C++" {
        include!("legwork/tracefile.h");
        #[cxx_name = "newTraceFile"]
        fn new_trace_file() -> QString;
    }

    // From any thread.
    extern "Rust" {
        /// Figures are taken as long as one shows them: one more, or one less.
        #[cxx_name = "showFigures"]
        fn show_figures(more: bool);
        /// As `TaskManager.stats()`.
        fn figures() -> QVariant;
        #[cxx_name = "resetFigures"]
        fn reset_figures();
    }
}

/// Makes an empty file for a trace. Where it cannot, the name that it would have, which a trace fails with.
pub fn new_trace_file() -> PathBuf {
    ffi::new_trace_file().to_string().into()
}

fn show_figures(more: bool) {
    tasks().show_stats(more);
}

fn figures() -> QVariant {
    to_variant(&report::stats(&tasks().stats()))
}

fn reset_figures() {
    tasks().reset_stats();
}
