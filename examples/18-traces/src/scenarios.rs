//! What is submitted, by name. Four workers run it.

use legwork::{Limits, Owner, Priority, tasks};

use crate::work::work;

/// Submits it all. What it gives is the owner, whose tasks would end with it.
type Begin = fn() -> Option<Owner>;

pub const ALL: [(&str, Begin); 8] = [
    ("slow-start", || slow_start(Priority::Normal, Priority::Normal)),
    ("slow-start-fixed", || slow_start(Priority::Low, Priority::High)),
    ("starved-lane", || starved_lane(Limits::NONE)),
    ("starved-lane-fixed", || starved_lane(3)),
    ("slow-slot", || slow_slot(0, 120)),
    ("slow-slot-fixed", || slow_slot(120, 0)),
    ("hog", || hog(Limits::NONE)),
    ("hog-fixed", || hog(2)),
];

/// An application begins with what it will need some time, and then asks for what its window shows first.
fn slow_start(thumbnails: Priority, window: Priority) -> Option<Owner> {
    for _ in 0..24 {
        work("Thumbnail", 30).priority(thumbnails).submit();
    }
    work("First page", 15).priority(window).submit();
    None
}

/// Prices come by the dozen, and soon a backup, which is Low: it has the places that they leave, which are none.
fn starved_lane(max_running: u32) -> Option<Owner> {
    let prices = tasks().owner("Prices");
    prices.set_limits(Limits { max_running, ..Limits::default() }).expect("limits that are allowed");
    for _ in 0..48 {
        work("Price", 20).of(&prices).submit();
    }
    work("Backup", 40).priority(Priority::Low).delay(50).submit();
    Some(prices)
}

/// A report is made of what a worker has brought: in a slot, or by the worker.
fn slow_slot(more_body: u64, slot: u64) -> Option<Owner> {
    work("Report", 15 + more_body).slot(slot).submit();
    for _ in 0..24 {
        work("Row", 12).submit();
    }
    None
}

/// A plugin indexes whole folders, and the user types.
fn hog(max_running: u32) -> Option<Owner> {
    let plugin = tasks().owner("Indexer");
    plugin.set_limits(Limits { max_running, ..Limits::default() }).expect("limits that are allowed");
    for _ in 0..12 {
        work("Index", 80).of(&plugin).submit();
    }
    for typed in [40, 100, 160] {
        work("Search", 8).priority(Priority::High).delay(typed).submit();
    }
    Some(plugin)
}
