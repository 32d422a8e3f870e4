//! What shows the figures. The other half is `cpp/src/statselement.cpp`.

use cxx_qt_lib::QVariant;

use super::report;
use super::values::to_variant;
use crate::tasks;

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    #[namespace = ""]
    unsafe extern "C++" {
        include!("cxx-qt-lib/qvariant.h");
        type QVariant = cxx_qt_lib::QVariant;
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

fn show_figures(more: bool) {
    tasks().show_stats(more);
}

fn figures() -> QVariant {
    to_variant(&report::stats(&tasks().stats()))
}

fn reset_figures() {
    tasks().reset_stats();
}
