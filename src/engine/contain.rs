//! Calls into the code of others, whose panics stay here.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::diagnostics::{self, About};

/// The text of a panic.
pub fn panic_message(panic: Box<dyn Any + Send>) -> String {
    let text = match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "a panic with a value that is no text".to_owned(),
    };
    destroy(panic);
    text
}

/// Drops what belongs to the user; a panic of its destructor stays here (B91).
pub fn destroy<T>(value: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        diagnostics::error(About::Task, format_args!("a destructor of a task's closure or result panicked"));
        // The payload's own destructor may panic again: it is let go of.
        std::mem::forget(panic);
    }
}

/// Calls into others' code; a panic of it stays here.
pub fn contain(what: &str, call: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
        diagnostics::error(About::Task, format_args!("{what} panicked: {}", panic_message(panic)));
    }
}
