//! What a model does when it looks, one step after the other.
//!
//! Each emission may delete the model, so it is known here by its address alone, and is looked up
//! before each use.

use std::pin::Pin;

use cxx_qt::CxxQtType;
use cxx_qt::casting::Upcast;
use cxx_qt_lib::{QList, QModelIndex};

use super::plan::Op;
use super::roles::{Role, Roles, is_active};
use super::rows::{From, Rows};
use super::settings::Numbers;
use super::{TaskModel, TaskModelRust, hub};
use crate::engine::clock::Nanos;
use crate::engine::{Brief, Change, Changes, TaskId};
use crate::qt::bases;
use crate::qt::opaque::assert_opaque;
use crate::tasks;

assert_opaque!(TaskModel);

/// Emits a signal of a model.
pub type Signal = fn(Pin<&mut TaskModel>);

/// The time that a task has run, and until one starts, is renewed so often.
const TICK: Nanos = 1_000_000_000;

/// So often where none runs and the next one starts later than in [`SOON`]: nobody shows hours by seconds.
const SLOW_TICK: Nanos = 60 * TICK;

const SOON: Nanos = 2 * SLOW_TICK;

/// So many of the engine's slots are read at once; the rest with the next frame.
const PIECE: usize = 4_096;

/// What is to be done with the next look, besides taking in what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Wanted {
    #[default]
    Nothing,
    /// The rows as they are, with other settings.
    Settings,
    /// All tasks read anew, while the rows stay.
    Pass,
    /// All tasks read anew, from no rows.
    Reset,
}

/// How far the reading of all tasks is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fill {
    #[default]
    Done,
    /// From this slot on; then what was not met goes, if there was something before.
    Reading {
        from: usize,
        sweep: bool,
    },
    Sweeping,
}

/// The model, if it has not been deleted.
fn pin<'a>(model: *mut TaskModel) -> Option<Pin<&'a mut TaskModel>> {
    // SAFETY: a model takes itself out of the hub in its destructor, on this thread, so one that is
    // there is alive; and it is a QObject, which nobody moves. A slot may delete it, or come back to it, while a
    // reference like this lies in a frame of the stack: it promises nothing of the memory (`opaque`), and the callers
    // emit with it as the last thing that they do with it. A reference to the Rust half, which has bytes, is made by
    // `with` below, for work that emits nothing.
    hub::is_there(model).then(|| unsafe { Pin::new_unchecked(&mut *model) })
}

/// Works on the Rust half, which emits nothing.
fn with<R>(model: *mut TaskModel, work: impl FnOnce(&mut TaskModelRust) -> R) -> Option<R> {
    Some(work(pin(model)?.rust_mut().get_mut()))
}

/// Whether QML is about to set more properties.
fn is_parsing(model: *mut TaskModel) -> Option<bool> {
    let model = pin(model)?;
    let model: &TaskModel = &model;
    Some(bases::is_parsing(model.upcast()))
}

fn source(id: TaskId) -> Option<std::sync::Arc<Brief>> {
    tasks().engine().brief(id)
}

/// Takes in what changed, and goes on with what was begun. The hub is busy.
pub fn take(model: *mut TaskModel, changes: &Changes, now: Nanos) {
    let Some(parsing) = is_parsing(model) else { return };
    if parsing && with(model, |rust| rust.filled) != Some(true) {
        // QML is about to set its properties, and then says so.
        return;
    }
    let wanted = with(model, |rust| {
        if !rust.filled {
            return Wanted::Reset;
        }
        if changes.overrun {
            rust.wanted = rust.wanted.max(Wanted::Pass);
        }
        rust.wanted
    });
    if wanted == Some(Wanted::Reset) {
        // It reads the tasks as they are now: what was taken before is older.
        reset(model, now);
    } else {
        update(model, &changes.list, From::Changes, now);
        // Asked again: a slot may have wanted more meanwhile.
        match with(model, |rust| rust.wanted) {
            Some(Wanted::Nothing) => go_on(model, now),
            Some(Wanted::Settings) => apply_settings(model, now),
            Some(Wanted::Pass) => begin_pass(model, now),
            Some(Wanted::Reset) => reset(model, now),
            None => return,
        }
    }
    dismiss_wanted(model);
    tick(model, now);
}

/// Does at once what a property's setter asks for, and then says that the property `changed`; with the
/// next look, if rows come or go just now.
pub fn want(model: *mut TaskModel, wanted: Wanted, changed: Signal) {
    let due = with(model, |rust| {
        rust.wanted = rust.wanted.max(wanted);
        if rust.filled { rust.wanted } else { Wanted::Nothing }
    });
    let now = tasks().engine().now();
    let tell = || {
        if let Some(model) = pin(model) {
            changed(model);
        }
    };
    if hub::is_busy() {
        // The call that is busy sets the timer at its end.
        tell();
        return;
    }
    hub::busily(|| match due {
        Some(Wanted::Settings) => apply_settings(model, now),
        Some(Wanted::Pass) => begin_pass(model, now),
        Some(Wanted::Reset) => reset(model, now),
        Some(Wanted::Nothing) | None => {}
    });
    hub::arm(now);
    tell();
    announce(model);
}

/// QML has set the properties: reads the tasks for the first time.
pub fn fill(model: *mut TaskModel) {
    let now = tasks().engine().now();
    if hub::is_busy() {
        return;
    }
    hub::busily(|| reset(model, now));
    hub::arm(now);
    announce(model);
}

/// Takes rows out that have ended; how many.
pub fn dismiss(model: *mut TaskModel, ids: Vec<TaskId>) -> usize {
    if hub::is_busy() {
        let count = with(model, |rust| {
            let ended = |id: &TaskId| rust.rows.row_of(*id).is_some_and(|row| !is_active(row.status));
            let new: Vec<_> = ids.into_iter().filter(|id| ended(id) && !rust.dismiss.contains(id)).collect();
            let count = new.len();
            rust.dismiss.extend(new);
            count
        });
        return count.unwrap_or(0);
    }
    let count = hub::busily(|| {
        let Some((count, ops)) = with(model, |rust| rust.rows.dismiss(&ids)) else { return 0 };
        perform(model, ops);
        count
    });
    // A slot may have asked for more.
    hub::arm(tasks().engine().now());
    announce(model);
    count
}

/// Shows the tasks of a group, or not any more; false for what is no group with a row.
pub fn set_open(model: *mut TaskModel, group: TaskId, open: bool) -> bool {
    let now = tasks().engine().now();
    let note = |rust: &mut TaskModelRust| {
        match open {
            true => rust.settings.open.insert(group),
            false => rust.settings.open.remove(&group),
        };
        // Of those that are forgotten nothing is kept.
        rust.settings.open.retain(|id| source(*id).is_some());
    };
    if hub::is_busy() {
        let is_group = with(model, |rust| {
            let is_group = rust.rows.row_of(group).is_some_and(|row| row.members.is_some());
            if is_group {
                note(rust);
                rust.wanted = rust.wanted.max(Wanted::Pass);
            }
            is_group
        });
        return is_group == Some(true);
    }
    let found = hub::busily(|| {
        let steps = with(model, |rust| {
            let ops = rust.rows.set_open(group, open, now, &mut source)?;
            note(rust);
            Some((rust.rows.at(group), ops))
        });
        let Some((at, ops)) = steps.flatten() else { return false };
        if let Some(at) = at {
            changed(model, at, at, Roles::of(Role::Open));
        }
        perform(model, ops);
        true
    });
    hub::arm(now);
    announce(model);
    found
}

fn dismiss_wanted(model: *mut TaskModel) {
    let ops = with(model, |rust| {
        let ids = std::mem::take(&mut rust.dismiss);
        if ids.is_empty() { Vec::new() } else { rust.rows.dismiss(&ids).1 }
    });
    perform(model, ops.unwrap_or_default());
}

fn update(model: *mut TaskModel, changes: &[Change], from: From, now: Nanos) {
    let ops = with(model, |rust| rust.rows.update(changes, from, now, &mut source));
    perform(model, ops.unwrap_or_default());
}

fn apply_settings(model: *mut TaskModel, now: Nanos) {
    with(model, |rust| {
        rust.wanted = Wanted::Nothing;
        rust.rows.settings = rust.settings.clone();
    });
    update(model, &[], From::Changes, now);
}

fn begin_pass(model: *mut TaskModel, now: Nanos) {
    let ops = with(model, |rust| {
        rust.wanted = Wanted::Nothing;
        rust.fill = Fill::Reading { from: 0, sweep: true };
        rust.rows.begin_pass(rust.settings.clone())
    });
    perform(model, ops.unwrap_or_default());
    go_on(model, now);
}

fn reset(model: *mut TaskModel, now: Nanos) {
    let Some(pinned) = pin(model) else { return };
    pinned.begin_reset_model();
    with(model, |rust| {
        rust.wanted = Wanted::Nothing;
        rust.filled = true;
        rust.rows.reset(rust.settings.clone(), now);
        let (ops, fill) = read(&mut rust.rows, 0, false, now);
        rust.fill = fill;
        ops.into_iter().for_each(|op| rust.rows.perform(op));
    });
    if let Some(pinned) = pin(model) {
        pinned.end_reset_model();
    }
}

/// Reads a piece of all tasks.
fn read(rows: &mut Rows, from: usize, sweep: bool, now: Nanos) -> (Vec<Op>, Fill) {
    let (briefs, next) = tasks().engine().briefs(from, PIECE);
    let changes: Vec<_> = briefs.into_iter().map(Change::Is).collect();
    let ops = rows.update(&changes, From::List, now, &mut source);
    let fill = match next {
        Some(from) => Fill::Reading { from, sweep },
        None if sweep => Fill::Sweeping,
        None => {
            rows.loaded();
            Fill::Done
        }
    };
    (ops, fill)
}

/// Goes on with reading all tasks, a piece further.
fn go_on(model: *mut TaskModel, now: Nanos) {
    let ops = with(model, |rust| match rust.fill {
        Fill::Done if rust.rows.has_more() => rust.rows.update(&[], From::List, now, &mut source),
        Fill::Done => Vec::new(),
        Fill::Reading { from, sweep } => {
            let (ops, fill) = read(&mut rust.rows, from, sweep, now);
            rust.fill = fill;
            ops
        }
        Fill::Sweeping => {
            let (gone, all) = rust.rows.sweep(PIECE);
            if all {
                rust.fill = Fill::Done;
                rust.rows.prune(&mut source);
            }
            rust.rows.update(&gone, From::List, now, &mut source)
        }
    });
    perform(model, ops.unwrap_or_default());
}

/// Takes the steps, and tells the views of each.
fn perform(model: *mut TaskModel, ops: Vec<Op>) {
    let root = QModelIndex::default();
    for op in ops {
        let Some(mut pinned) = pin(model) else { return };
        match &op {
            Op::Change { first, rows, roles } => {
                let (first, last, roles) = (*first, *first + rows.len() - 1, *roles);
                with(model, |rust| rust.rows.perform(op));
                changed(model, first, last, roles);
            }
            Op::Remove { first, count } => {
                let (first, last) = (*first as i32, (*first + *count - 1) as i32);
                pinned.as_mut().begin_remove_rows(&root, first, last);
                with(model, |rust| rust.rows.perform(op));
                if let Some(pinned) = pin(model) {
                    pinned.end_remove_rows();
                }
            }
            Op::Insert { first, rows } => {
                let (first, last) = (*first as i32, (*first + rows.len() - 1) as i32);
                pinned.as_mut().begin_insert_rows(&root, first, last);
                with(model, |rust| rust.rows.perform(op));
                if let Some(pinned) = pin(model) {
                    pinned.end_insert_rows();
                }
            }
        }
    }
}

fn changed(model: *mut TaskModel, first: usize, last: usize, roles: Roles) {
    let Some(pinned) = pin(model) else { return };
    let root = QModelIndex::default();
    let (first, last) = (pinned.index(first as i32, 0, &root), pinned.index(last as i32, 0, &root));
    let mut numbers = QList::<i32>::default();
    roles.numbers().for_each(|number| numbers.append(number));
    pinned.data_changed(&first, &last, &numbers);
}

/// When the next tick is due, if any row shows a time that goes on.
fn next_tick(rust: &TaskModelRust, now: Nanos) -> Option<Nanos> {
    if !rust.ticking {
        return None;
    }
    let period = match rust.rows.soonest_due(now) {
        _ if rust.rows.has_running() => TICK,
        Some(due) if due <= now.saturating_add(SOON) => TICK,
        Some(_) => SLOW_TICK,
        None => return None,
    };
    let next = now.saturating_add(period);
    Some(rust.next_tick.map_or(next, |before| before.min(next)))
}

/// The time that tasks have run, and until they start.
fn tick(model: *mut TaskModel, now: Nanos) {
    let ranges = with(model, |rust| {
        rust.next_tick = next_tick(rust, now);
        if rust.next_tick.is_none_or(|next| now < next) {
            return Vec::new();
        }
        rust.next_tick = None;
        rust.next_tick = next_tick(rust, now);
        let running = rust.rows.running_ranges().into_iter().map(|range| (range, Role::Elapsed));
        let waiting = rust.rows.due_ranges().into_iter().map(|range| (range, Role::DueIn));
        running.chain(waiting).collect()
    });
    for ((first, last), role) in ranges.unwrap_or_default() {
        changed(model, first, last, Roles::of(role));
    }
}

/// Whether the times that go on are seen from here on; what they have become meanwhile is told with the next look.
pub fn set_ticking(model: *mut TaskModel, ticking: bool) {
    let now = tasks().engine().now();
    with(model, |rust| {
        rust.ticking = ticking;
        rust.next_tick = ticking.then_some(now);
    });
    hub::arm(now);
}

/// When the model wants to look, even if nothing changes; `frame` is the soonest.
pub fn next_look(model: *mut TaskModel, now: Nanos, frame: Nanos) -> Option<Nanos> {
    let parsing = is_parsing(model)?;
    with(model, |rust| {
        if !rust.filled {
            return (!parsing).then_some(now);
        }
        let pending = rust.wanted != Wanted::Nothing || !rust.dismiss.is_empty();
        let soon = (pending || rust.fill != Fill::Done || rust.rows.has_more()).then_some(frame);
        rust.next_tick = next_tick(rust, now);
        soon.into_iter().chain(rust.next_tick).chain(rust.rows.next_due()).min()
    })
    .flatten()
}

/// Announces the numbers that are not what they were. A slot may do what it likes.
pub fn announce(model: *mut TaskModel) {
    let Some((now, before)) = with(model, |rust| {
        let now = rust.rows.numbers();
        (now, std::mem::replace(&mut rust.announced, now))
    }) else {
        return;
    };
    let signals: [(bool, Signal); 10] = [
        (now.count != before.count, TaskModel::count_changed),
        (now.hidden != before.hidden, TaskModel::hidden_count_changed),
        (now.running != before.running, TaskModel::running_count_changed),
        (now.queued != before.queued, TaskModel::queued_count_changed),
        (now.delayed != before.delayed, TaskModel::delayed_count_changed),
        (now.failed != before.failed, TaskModel::failed_count_changed),
        (now.finished != before.finished, TaskModel::finished_count_changed),
        (now.owners != before.owners, TaskModel::owner_count_changed),
        (now.cancellable != before.cancellable, TaskModel::cancellable_count_changed),
        (now.progress != before.progress, TaskModel::progress_changed),
    ];
    for (differs, emit) in signals {
        if differs && let Some(model) = pin(model) {
            emit(model);
        }
    }
}

/// What a model without rows has.
pub fn none() -> Numbers {
    Rows::default().numbers()
}
