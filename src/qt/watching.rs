//! What a `TaskView` of C++ asks of `views`: to watch a task, and no more. Each of these changes whether anybody hears
//! of tasks, which the engine is told.

use super::id::Id;
use super::managers;
use super::views::{self, TaskView};

#[cxx::bridge(namespace = "legwork::detail")]
mod ffi {
    unsafe extern "C++" {
        include!("legwork/taskview.h");
        type Id = crate::qt::id::Id;
        #[namespace = "legwork"]
        type TaskView = crate::qt::views::TaskView;
    }

    extern "Rust" {
        /// From here on the view is told of the task. Its number, which is 0 before the first time.
        #[cxx_name = "watchTask"]
        unsafe fn watch_task(id: Id, view: *mut TaskView, number: u64) -> u64;
        #[cxx_name = "unwatchTask"]
        fn unwatch_task(id: Id, number: u64);
        /// The view is about to be deleted.
        #[cxx_name = "viewGone"]
        fn view_gone(number: u64);
        /// A view is about to watch a task that is being submitted; or it does, or will not. On the
        /// manager's thread.
        #[cxx_name = "expectTask"]
        fn expect_task(expecting: bool);
    }
}

fn watch_task(id: Id, view: *mut TaskView, number: u64) -> u64 {
    let number = views::watch(id.into(), view, number);
    managers::listen();
    number
}

fn unwatch_task(id: Id, number: u64) {
    if views::unwatch(id.into(), number) {
        managers::listen();
    }
}

fn view_gone(number: u64) {
    if views::remove(number) {
        managers::listen();
    }
}

fn expect_task(expecting: bool) {
    if views::expect(expecting) {
        managers::listen();
    }
}
