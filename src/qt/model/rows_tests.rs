//! The rows against a world of tasks, without an engine.

use std::collections::VecDeque;

use super::held::MOST_HELD;
use super::*;
use crate::engine::changes::Stamp;
use crate::engine::{ErrorKind, Priority, TaskError};
use crate::qt::model::settings::Order;

fn id(number: u64) -> TaskId {
    // Scattered, so that the order of the ids is not that of their making.
    let high = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    TaskId::from_uuid(uuid::Uuid::new_v8((u128::from(high) << 64 | u128::from(number)).to_be_bytes()))
}

fn stamp(nanos: Nanos) -> Stamp {
    Stamp { nanos, wall_ms: nanos as i64 }
}

fn task(number: u64, status: Status, created: Nanos) -> Brief {
    Brief {
        id: id(number),
        status,
        priority: Priority::Normal,
        name: "".into(),
        job: None,
        owner: "".into(),
        progress: -1.0,
        amount: None,
        message: "".into(),
        iteration: 0,
        attempt: 1,
        attempts: 1,
        retrying: false,
        slow: false,
        key: None,
        waits_for: Awaited::Nothing,
        path: Arc::default(),
        members: None,
        transient: false,
        system: false,
        periodic: false,
        cancel_requested: false,
        can_retry: false,
        paused: None,
        stopped: false,
        can_pause: false,
        can_resume: false,
        retried: false,
        error: None,
        weight: 1.0,
        created: stamp(created),
        due: None,
        started: None,
        finished: None,
        run: None,
    }
}

/// What an engine would know, and what it noted.
#[derive(Default)]
struct World {
    tasks: Vec<Brief>,
    forgotten: BTreeSet<TaskId>,
    changed: VecDeque<TaskId>,
    now: Nanos,
}

impl World {
    fn note(&mut self, id: TaskId) {
        if !self.changed.contains(&id) {
            self.changed.push_back(id);
        }
    }

    fn add(&mut self, status: Status) -> &mut Brief {
        let new = task(self.tasks.len() as u64, status, self.now);
        self.note(new.id);
        self.tasks.push(new);
        self.tasks.last_mut().unwrap()
    }

    fn change(&mut self, index: usize, change: impl FnOnce(&mut Brief)) {
        change(&mut self.tasks[index]);
        self.note(self.tasks[index].id);
    }

    fn end(&mut self, index: usize, status: Status) {
        let now = self.now;
        self.change(index, |task| {
            task.status = status;
            task.finished = Some(stamp(now));
            let failed = status.is_failure().then(|| TaskError::new(ErrorKind::Failed, "no luck"));
            task.error = failed.map(Arc::new);
        });
    }

    /// A group of tasks that are there, which runs. Its tasks are noted, and not what stands in these.
    fn group(&mut self, members: &[usize]) -> usize {
        let at = self.tasks.len();
        let group = self.add(Status::Running);
        group.members = Some(members.len() as u32);
        let key = (group.created.nanos, group.id);
        for member in members {
            let id = self.tasks[*member].id;
            self.note(id);
            for task in &mut self.tasks {
                if task.id == id || task.path.iter().any(|(_, group)| *group == id) {
                    task.path = std::iter::once(key).chain(task.path.iter().copied()).collect();
                }
            }
        }
        at
    }

    fn find(&self, id: TaskId) -> Option<Arc<Brief>> {
        let known = self.tasks.iter().find(|task| task.id == id && !self.forgotten.contains(&id));
        known.map(|task| Arc::new(task.clone()))
    }

    fn take(&mut self, most: usize) -> Vec<Change> {
        let count = most.min(self.changed.len());
        let taken: Vec<_> = self.changed.drain(..count).collect();
        taken.into_iter().map(|id| self.find(id).map_or(Change::Gone(id, None), Change::Is)).collect()
    }

    fn list(&self) -> Vec<Change> {
        self.tasks.iter().filter_map(|task| self.find(task.id)).map(Change::Is).collect()
    }
}

/// A model, and a list that only follows its steps.
#[derive(Default)]
struct Viewed {
    rows: Rows,
    shadow: Vec<Arc<Brief>>,
    /// How many steps there were.
    steps: usize,
}

impl Viewed {
    fn new(settings: Settings) -> Self {
        Viewed { rows: Rows { settings, ..Rows::default() }, ..Viewed::default() }
    }

    fn follow(&mut self, ops: Vec<Op>) {
        for op in ops {
            self.steps += 1;
            match &op {
                Op::Change { first, rows, roles } => {
                    for (was, is) in self.shadow[*first..].iter_mut().zip(rows) {
                        assert_eq!((was.id, crate::qt::model::roles::difference(was, is)), (is.id, *roles));
                        *was = is.clone();
                    }
                }
                Op::Remove { first, count } => drop(self.shadow.drain(*first..*first + *count)),
                Op::Insert { first, rows } => drop(self.shadow.splice(*first..*first, rows.iter().cloned())),
            }
            self.rows.perform(op);
            assert_eq!(self.rows.rows(), self.shadow);
        }
    }

    fn update(&mut self, world: &mut World, most: usize) {
        let (changes, before) = (world.take(most), self.ids());
        let ops = self.rows.update(&changes, From::Changes, world.now, &mut |id| world.find(id));
        self.follow(ops);
        if !self.rows.settings.hold {
            let places: Vec<_> = self.shadow.iter().map(|task| self.rows.list.place(task)).collect();
            assert!(places.is_sorted(), "after each update");
        } else {
            assert!(self.ids().starts_with(&before), "what is held stays where it is");
        }
    }

    fn hold(&mut self, world: &mut World, hold: bool) {
        self.rows.settings.hold = hold;
        self.update(world, 0);
    }

    fn reset(&mut self, world: &World, settings: Settings, pieces: usize) {
        self.rows.reset(settings, world.now);
        self.shadow = self.rows.rows().to_vec();
        self.read(world, pieces);
    }

    fn read(&mut self, world: &World, pieces: usize) {
        for piece in world.list().chunks(pieces) {
            let ops = self.rows.update(piece, From::List, world.now, &mut |id| world.find(id));
            self.follow(ops);
        }
        self.rows.loaded();
    }

    fn pass(&mut self, world: &World, settings: Settings, pieces: usize) {
        let ops = self.rows.begin_pass(settings);
        self.follow(ops);
        self.read(world, pieces);
        let mut all = false;
        while !all {
            let (gone, last) = self.rows.sweep(pieces);
            all = last;
            let ops = self.rows.update(&gone, From::List, world.now, &mut |id| world.find(id));
            self.follow(ops);
        }
    }

    fn open(&mut self, world: &World, number: u64, open: bool) -> bool {
        let ops = self.rows.set_open(id(number), open, world.now, &mut |id| world.find(id));
        let found = ops.is_some();
        self.follow(ops.unwrap_or_default());
        found
    }

    fn ids(&self) -> Vec<TaskId> {
        self.rows.rows().iter().map(|row| row.id).collect()
    }
}

fn ids(numbers: impl IntoIterator<Item = u64>) -> Vec<TaskId> {
    numbers.into_iter().map(id).collect()
}

#[test]
fn b265_the_tasks_of_a_group_have_rows_below_it_where_it_is_open() {
    for pieces in [1, 2, 100] {
        let mut world = World::default();
        let mut view = Viewed::default();
        for now in 0..4 {
            world.now = now;
            world.add(Status::Running);
        }
        view.update(&mut world, pieces);
        world.now = 5;
        assert_eq!(world.group(&[0, 2]), 4);
        world.now = 6;
        world.add(Status::Queued);
        for _ in 0..6 {
            view.update(&mut world, pieces);
        }
        assert_eq!(view.ids(), ids([1, 3, 4, 5]), "it is closed");
        assert!(view.open(&world, 4, true) && !view.open(&world, 3, true) && !view.open(&world, 0, true));
        assert_eq!(view.ids(), ids([1, 3, 4, 0, 2, 5]));
        assert_eq!(view.rows.path(&world.find(id(2)).unwrap()), [(5, id(4))]);
        // In another.
        world.now = 7;
        assert_eq!(world.group(&[4, 3]), 6);
        for _ in 0..6 {
            view.update(&mut world, pieces);
        }
        assert_eq!(view.ids(), ids([1, 5, 6]));
        assert!(view.open(&world, 6, true));
        assert_eq!(view.ids(), ids([1, 5, 6, 3, 4, 0, 2]), "what was open in it is open");
        assert!(view.open(&world, 4, false));
        assert_eq!(view.ids(), ids([1, 5, 6, 3, 4]));
        assert!(view.open(&world, 4, true) && view.open(&world, 6, false));
        assert_eq!(view.ids(), ids([1, 5, 6]));
        // However the tasks are read.
        let settings = view.rows.settings.clone();
        view.reset(&world, Settings { order: Order::NewestFirst, ..settings.clone() }, pieces);
        assert_eq!(view.ids(), ids([6, 5, 1]));
        view.pass(
            &world,
            Settings { open: ids([6]).into_iter().collect(), ..view.rows.settings.clone() },
            pieces,
        );
        assert_eq!(view.ids(), ids([6, 3, 4, 5, 1]));
        // A search finds them wherever they are.
        world.change(2, |task| task.name = "needle".into());
        world.changed.clear();
        view.reset(&world, Settings { search: "Needle".to_owned(), ..settings }, pieces);
        assert_eq!(view.ids(), ids([2]));
    }
}

#[test]
fn b265_a_group_is_not_counted_with_its_tasks() {
    let mut world = World::default();
    let mut view = Viewed::default();
    world.add(Status::Running).progress = 0.5;
    world.now = 1;
    world.add(Status::Queued);
    world.now = 2;
    world.group(&[0, 1]);
    view.update(&mut world, 100);
    let numbers = view.rows.numbers();
    assert_eq!((numbers.count, numbers.running, numbers.queued, numbers.cancellable), (1, 1, 1, 2));
    assert_eq!(numbers.progress, 0.25);
    world.now = 3;
    world.end(0, Status::Completed);
    world.end(1, Status::Completed);
    world.end(2, Status::Completed);
    view.update(&mut world, 100);
    let numbers = view.rows.numbers();
    assert_eq!((numbers.running, numbers.queued, numbers.cancellable, numbers.finished), (0, 0, 0, 1));
    ids([2, 0, 1]).into_iter().for_each(|id| {
        world.forgotten.insert(id);
        world.note(id);
    });
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.within.len(), view.rows.known.len()), (vec![], 0, 0));
}

#[test]
fn b265_the_tasks_of_a_group_move_with_it_and_stay_while_rows_are_held() {
    let mut world = World::default();
    let mut view = Viewed::default();
    let settings = Settings { order: Order::RunningFirst, by_owner: true, ..Settings::default() };
    view.reset(&world, settings, 100);
    for now in 0..3 {
        world.now = now;
        world.add(Status::Running);
    }
    world.now = 3;
    world.group(&[0, 1]);
    world.change(3, |group| group.status = Status::Blocked);
    view.update(&mut world, 100);
    assert!(view.open(&world, 3, true));
    assert_eq!(view.ids(), ids([2, 3, 0, 1]));
    world.change(3, |group| group.status = Status::Running);
    world.change(2, |task| task.status = Status::Queued);
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([3, 0, 1, 2]));
    view.hold(&mut world, true);
    // What the user says counts in spite of that.
    assert!(view.open(&world, 3, false));
    assert_eq!(view.ids(), ids([3, 2]));
    assert!(view.open(&world, 3, true));
    assert_eq!(view.ids(), ids([3, 0, 1, 2]));
    world.end(3, Status::Failed);
    world.end(0, Status::Failed);
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([3, 0, 1, 2]));
    view.hold(&mut world, false);
    assert_eq!(view.ids(), ids([2, 3, 0, 1]));
    // One that the group did not wait for is a task as any.
    world.change(1, |task| task.path = Arc::default());
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([1, 2, 3, 0]));
    let (count, ops) = view.rows.dismiss(&ids([3]));
    view.follow(ops);
    assert_eq!((count, view.ids()), (1, ids([1, 2])));
    world.change(0, |task| task.message = "again".into());
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([1, 2]), "what stood in it went with it");
}

#[test]
fn rows_stand_in_the_order_of_creation() {
    let mut world = World::default();
    let mut view = Viewed::default();
    for number in 0..5 {
        world.now = 100 - number;
        world.add(Status::Queued);
    }
    view.update(&mut world, 2);
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([4, 3, 2, 1, 0]));
}

#[test]
fn neighbours_go_and_come_in_one_step() {
    let mut world = World::default();
    let mut view = Viewed::new(Settings { filter: Filter::Active, ..Settings::default() });
    for now in 0..10 {
        world.now = now;
        world.add(Status::Running);
    }
    view.update(&mut world, 100);
    assert_eq!(view.steps, 1);
    for index in [1, 2, 3, 6, 7] {
        world.end(index, Status::Completed);
    }
    view.update(&mut world, 100);
    assert_eq!((view.steps, view.ids()), (3, ids([0, 4, 5, 8, 9])));
    for index in [0, 4, 5] {
        world.change(index, |task| task.progress = 0.5);
    }
    world.change(8, |task| task.cancel_requested = true);
    view.update(&mut world, 100);
    assert_eq!(view.steps, 5, "the same roles of neighbours are one step");
    view.update(&mut world, 100);
    assert_eq!(view.steps, 5);
}

#[test]
fn the_soonest_start_is_that_of_a_row() {
    let mut world = World::default();
    let mut view = Viewed::new(Settings { limit: 2, ..Settings::default() });
    for due in [500, 300, 100] {
        world.now += 1;
        world.add(Status::Delayed).due = Some(stamp(due));
    }
    view.update(&mut world, 100);
    assert_eq!(view.rows.soonest_due(0), Some(300), "the third has no row");
    assert_eq!(view.rows.soonest_due(300), Some(500), "what is over is not to come");
    assert_eq!(view.rows.due_ranges(), [(0, 1)]);
    world.change(1, |task| task.due = Some(stamp(700)));
    view.update(&mut world, 100);
    assert_eq!(view.rows.soonest_due(0), Some(500));
    world.change(0, |task| (task.status, task.due) = (Status::Running, None));
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.soonest_due(0)), (ids([0, 1, 2]), Some(100)));
    assert_eq!((view.rows.due_ranges(), view.rows.running_ranges()), (vec![(1, 2)], vec![(0, 0)]));
    let settings = Settings { show_delayed: false, ..Settings::default() };
    view.reset(&world, settings, 100);
    assert_eq!((view.ids(), view.rows.soonest_due(0), view.rows.due_ranges()), (ids([0]), None, vec![]));
}

#[test]
fn the_first_that_wait_have_rows_and_the_others_come_in() {
    let mut world = World::default();
    let mut view = Viewed::new(Settings { limit: 3, filter: Filter::Active, ..Settings::default() });
    for now in 0..10 {
        world.now = now;
        world.add(Status::Queued);
    }
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().hidden), (ids([0, 1, 2]), 7));
    // One that starts has its row at once, wherever it waited.
    world.change(7, |task| task.status = Status::Running);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().hidden), (ids([0, 1, 2, 7]), 6));
    world.change(0, |task| task.status = Status::Running);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().hidden), (ids([0, 1, 2, 3, 7]), 5));
    world.end(1, Status::Cancelled);
    world.end(2, Status::Cancelled);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().hidden), (ids([0, 3, 4, 5, 7]), 3));
    view.rows.settings.limit = 1;
    view.update(&mut world, 0);
    assert_eq!((view.ids(), view.rows.numbers().hidden), (ids([0, 3, 7]), 5));
    assert_eq!(view.rows.numbers().queued, 6, "the hidden ones are counted");
}

#[test]
fn a_row_lingers_and_goes_when_its_time_is_over() {
    let mut world = World::default();
    let mut view = Viewed::new(Settings { filter: Filter::Active, linger: 100, ..Settings::default() });
    world.add(Status::Running);
    world.now = 50;
    world.end(0, Status::Completed);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.next_due()), (ids([0]), Some(150)));
    world.now = 149;
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([0]));
    world.now = 150;
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.next_due()), (vec![], None));
}

#[test]
fn failures_stay_until_they_are_dismissed_also_when_they_are_forgotten() {
    let mut world = World::default();
    let mut view =
        Viewed::new(Settings { filter: Filter::Active, keep_failures: true, ..Settings::default() });
    for status in [Status::Failed, Status::Completed, Status::TimedOut] {
        let index = world.tasks.len();
        world.add(Status::Running);
        world.end(index, status);
    }
    view.update(&mut world, 100);
    let failed: BTreeSet<_> = view.ids().into_iter().collect();
    assert_eq!(failed, ids([0, 2]).into_iter().collect());
    world.forgotten.extend(ids([0, 1, 2]));
    ids([0, 1, 2]).into_iter().for_each(|id| world.note(id));
    view.update(&mut world, 100);
    assert_eq!((view.ids().len(), view.rows.numbers().failed), (2, 2));
    // Also another filter finds them, and only `dismiss` takes them away.
    view.reset(&world, Settings { keep_failures: true, ..Settings::default() }, 100);
    assert_eq!((view.ids().len(), view.rows.numbers().failed), (2, 2));
    let (count, ops) = view.rows.dismiss(&ids([0, 1]));
    view.follow(ops);
    assert_eq!((count, view.ids()), (1, ids([2])));
    view.reset(&world, Settings { keep_failures: true, ..Settings::default() }, 100);
    assert_eq!(view.ids(), ids([2]));
    let ops = view.rows.begin_pass(Settings::default());
    view.follow(ops);
    assert_eq!(view.ids(), vec![]);
}

#[test]
fn b236_a_failure_that_was_retried_loses_its_row_and_one_that_is_forgotten_its_button() {
    let mut world = World::default();
    let mut view = Viewed::new(Settings { keep_failures: true, ..Settings::default() });
    for index in 0..3 {
        world.add(Status::Running);
        world.end(index, Status::Failed);
        world.change(index, |task| task.can_retry = true);
    }
    view.update(&mut world, 100);
    assert_eq!(view.rows.rows().iter().filter(|row| row.can_retry).count(), 3);
    let retried = Arc::new(Brief { retried: true, can_retry: false, ..world.tasks[0].clone() });
    let gone = [Change::Gone(id(0), Some(retried)), Change::Gone(id(1), None)];
    let ops = view.rows.update(&gone, From::Changes, 2, &mut |_| None);
    view.follow(ops);
    let rows: Vec<_> = view.rows.rows().iter().map(|row| (row.id, row.can_retry)).collect();
    assert_eq!(rows, [(id(1), false), (id(2), true)]);
    assert_eq!(view.rows.numbers().failed, 2);
    // Nor may one be pressed twice that is held.
    view.rows.settings.hold = true;
    let retried = Arc::new(Brief { retried: true, can_retry: false, ..world.tasks[2].clone() });
    let ops = view.rows.update(&[Change::Gone(id(2), Some(retried))], From::Changes, 3, &mut |_| None);
    view.follow(ops);
    assert_eq!(view.rows.rows().iter().map(|row| row.can_retry).collect::<Vec<_>>(), [false, false]);
}

#[test]
fn of_forgotten_failures_the_oldest_goes_when_there_are_too_many() {
    let mut world = World::default();
    let mut view = Viewed::new(Settings { keep_failures: true, ..Settings::default() });
    for number in 0..MOST_KEPT as u64 + 2 {
        world.now = number;
        world.add(Status::Running);
        world.end(number as usize, Status::Failed);
    }
    view.update(&mut world, usize::MAX);
    assert_eq!(view.ids().len(), MOST_KEPT + 2, "those in the history are not counted");
    for number in 0..MOST_KEPT as u64 + 2 {
        world.forgotten.insert(id(number));
        world.changed.push_back(id(number));
    }
    view.update(&mut world, usize::MAX);
    assert_eq!(view.ids(), ids(2..MOST_KEPT as u64 + 2));
}

#[test]
fn a_failure_that_nobody_saw_comes_with_its_end() {
    let mut view = Viewed::new(Settings { keep_failures: true, ..Settings::default() });
    let lost = Arc::new(Brief { finished: Some(stamp(1)), ..task(1, Status::Failed, 0) });
    let gone = [Change::Gone(lost.id, Some(lost.clone()))];
    let ops = view.rows.update(&gone, From::Changes, 2, &mut |_| None);
    view.follow(ops);
    assert_eq!(view.ids(), [lost.id]);
}

#[test]
fn progress_is_of_all_since_nothing_was_queued_or_running() {
    let mut world = World::default();
    let mut view = Viewed::default();
    let progress = |view: &Viewed| view.rows.numbers().progress;
    assert_eq!(progress(&view), -1.0);
    world.add(Status::Running);
    view.update(&mut world, 100);
    assert_eq!(progress(&view), -1.0, "one single task, and nobody knows how far it is");
    world.change(0, |task| task.progress = 0.5);
    view.update(&mut world, 100);
    assert_eq!(progress(&view), 0.5);
    world.add(Status::Queued);
    world.add(Status::Delayed);
    world.add(Status::Running).periodic = true;
    view.update(&mut world, 100);
    assert_eq!(progress(&view), 0.25, "neither what waits for its time nor what is periodic counts");
    world.end(0, Status::Completed);
    view.update(&mut world, 100);
    assert_eq!(progress(&view), -1.0, "nothing runs");
    world.change(1, |task| task.status = Status::Running);
    view.update(&mut world, 100);
    assert_eq!(progress(&view), 0.5);
    world.end(1, Status::Failed);
    view.update(&mut world, 100);
    world.add(Status::Running).progress = 0.125;
    view.update(&mut world, 100);
    assert_eq!(progress(&view), 0.125, "a new begin");
}

#[test]
fn b200_what_waits_for_others_or_for_its_next_attempt_is_at_work() {
    let mut world = World::default();
    let settings = Settings { filter: Filter::Active, show_delayed: false, ..Settings::default() };
    let mut view = Viewed::new(settings.clone());
    let counts = |view: &Viewed| {
        let numbers = view.rows.numbers();
        (numbers.running, numbers.queued, numbers.delayed, numbers.cancellable)
    };
    world.add(Status::Running).progress = 0.5;
    world.now += 1;
    world.add(Status::Blocked).waits_for = Awaited::Turn;
    world.now += 1;
    world.add(Status::Delayed);
    world.now += 1;
    view.update(&mut world, 100);
    assert_eq!((view.ids(), counts(&view)), (ids([0, 1]), (1, 1, 1, 2)));
    assert_eq!(view.rows.numbers().progress, 0.25, "one of two, as if it waited for a worker");
    let retrying = |retrying| {
        move |task: &mut Brief| {
            task.status = if retrying { Status::Delayed } else { Status::Queued };
            task.due = retrying.then(|| stamp(500));
            task.retrying = retrying;
        }
    };
    world.change(0, retrying(true));
    view.update(&mut world, 100);
    assert_eq!((view.ids(), counts(&view)), (ids([0, 1]), (0, 2, 1, 2)), "it has begun, and is not planned");
    assert_eq!(view.rows.due_ranges(), [(0, 0)], "the time until then goes on");
    world.end(1, Status::Completed);
    view.update(&mut world, 100);
    world.change(0, retrying(false));
    world.change(0, |task| (task.status, task.progress) = (Status::Running, 0.5));
    view.update(&mut world, 100);
    assert_eq!(view.rows.numbers().progress, 0.75, "the wait between attempts is no end of all work");
    world.add(Status::Blocked);
    for (filter, rows) in
        [(Filter::All, vec![0, 1, 3]), (Filter::Finished, vec![1]), (Filter::Failed, vec![])]
    {
        view.reset(&world, Settings { filter, ..settings.clone() }, 100);
        assert_eq!(view.ids(), ids(rows), "{filter:?}");
    }
    view.reset(&world, Settings { limit: 1, ..settings }, 100);
    world.now += 1;
    world.add(Status::Blocked);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().hidden), (ids([0, 3]), 1), "the limit is theirs, too");
}

#[test]
fn b205_the_order_is_what_was_asked_for_and_what_changes_moves() {
    let mut world = World::default();
    let mut view = Viewed::new(Settings::default());
    for status in [Status::Queued, Status::Running, Status::Delayed, Status::Blocked, Status::Running] {
        world.add(status);
        world.now += 1;
    }
    world.change(3, |task| task.owner = "plugin".into());
    world.end(4, Status::Failed);
    view.reset(&world, Settings { order: Order::NewestFirst, ..Settings::default() }, 2);
    assert_eq!(view.ids(), ids([4, 3, 2, 1, 0]));
    view.reset(&world, Settings { order: Order::RunningFirst, ..Settings::default() }, 2);
    assert_eq!(view.ids(), ids([1, 0, 3, 2, 4]));
    world.changed.clear();
    let steps = view.steps;
    world.change(0, |task| task.status = Status::Running);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.steps - steps), (ids([0, 1, 3, 2, 4]), 2), "it goes, and comes");
    view.hold(&mut world, true);
    world.change(3, |task| task.status = Status::Running);
    world.end(1, Status::Completed);
    world.add(Status::Running);
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([0, 1, 3, 2, 4]), "nothing moves, and what would stand above waits");
    assert_eq!(view.rows.numbers().hidden, 1);
    view.hold(&mut world, false);
    assert_eq!(view.ids(), ids([0, 3, 5, 2, 1, 4]));
    view.reset(&world, Settings { by_owner: true, ..Settings::default() }, 2);
    assert_eq!(view.ids(), ids([0, 1, 2, 4, 5, 3]), "the application's first");
}

#[test]
fn b206_what_is_searched_for_has_a_row() {
    let mut world = World::default();
    let settings =
        |search: &str| Settings { search: search.to_owned(), keep_failures: true, ..Settings::default() };
    let mut view = Viewed::new(settings("äpfel HASH"));
    world.add(Status::Running).name = "Hash of ÄPFEL".into();
    world.now += 1;
    world.add(Status::Queued).name = "Hash of pears".into();
    world.now += 1;
    let apples = world.add(Status::Queued);
    (apples.job, apples.key) = (Some("hash".into()), Some("Äpfel".into()));
    view.update(&mut world, 100);
    assert_eq!(
        (view.ids(), view.rows.numbers().queued),
        (ids([0, 2]), 2),
        "others are counted, and have none"
    );
    world.end(1, Status::Failed);
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([0, 2]));
    world.forgotten.insert(id(1));
    world.note(id(1));
    view.update(&mut world, 100);
    assert_eq!(view.ids(), ids([0, 2]));
    view.reset(&world, settings("pears"), 100);
    assert_eq!(view.ids(), ids([1]), "a failure is kept though nobody was looking for it");
    view.reset(&world, settings("  "), 100);
    assert_eq!(view.ids(), ids([0, 1, 2]));
}

#[test]
fn b209_a_transient_task_leaves_as_it_ends_well_and_one_of_the_system_is_never_there() {
    let mut world = World::default();
    for filter in [Filter::All, Filter::Active, Filter::Finished] {
        let first = world.tasks.len();
        let settings = Settings { filter, linger: 100, keep_failures: true, ..Settings::default() };
        let mut view = Viewed::new(settings);
        for _ in 0..3 {
            world.now += 1;
            world.add(Status::Running).transient = true;
        }
        world.now += 1;
        let system = world.add(Status::Running);
        (system.system, system.progress) = (true, 0.5);
        world.now += 1;
        world.add(Status::Blocked).system = true;
        view.update(&mut world, 100);
        let active: &[u64] = if filter == Filter::Finished { &[] } else { &[0, 1, 2] };
        assert_eq!(view.ids(), ids(active.iter().map(|at| at + first as u64)));
        let numbers = view.rows.numbers();
        assert_eq!((numbers.running, numbers.queued, numbers.cancellable, numbers.progress), (3, 0, 3, 0.0));
        for (at, status) in
            [Status::Completed, Status::Cancelled, Status::Failed, Status::Failed].iter().enumerate()
        {
            world.end(first + at, *status);
        }
        world.end(first + 4, Status::Cancelled);
        view.update(&mut world, 100);
        assert_eq!(view.ids(), ids([2 + first as u64]), "{filter:?}: what failed is told");
        assert_eq!(view.rows.numbers().running, 0);
    }
}

#[test]
fn b150_what_is_held_neither_leaves_nor_moves() {
    let mut world = World::default();
    let settings = Settings {
        filter: Filter::Active,
        linger: 10,
        show_delayed: false,
        hold: true,
        ..Settings::default()
    };
    let mut view = Viewed::new(settings);
    for (now, status) in [(0, Status::Running), (1, Status::Delayed), (2, Status::Running)] {
        world.now = now;
        world.add(status);
    }
    view.update(&mut world, 100);
    world.end(0, Status::Completed);
    world.now = 50;
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().finished), (ids([0, 2]), 1), "its time is over");
    assert_eq!(view.rows.rows()[0].status, Status::Completed);
    assert_eq!(view.rows.next_due(), None, "nobody has to look again for that");
    world.change(1, |task| task.status = Status::Running);
    world.add(Status::Running);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().hidden), (ids([0, 2, 3]), 1), "new ones come at the end");
    // What is forgotten, too; how it ended nobody has seen.
    world.forgotten.extend(ids([0, 2]));
    ids([0, 2]).into_iter().for_each(|id| world.note(id));
    view.update(&mut world, 100);
    let states: Vec<_> = view.rows.rows().iter().map(|row| row.status).collect();
    assert_eq!(states, [Status::Completed, Status::UnknownTask, Status::Running]);
    let (count, ops) = view.rows.dismiss(&ids([0]));
    view.follow(ops);
    assert_eq!((count, view.ids()), (1, ids([2, 3])), "what is dismissed goes all the same");
    view.hold(&mut world, false);
    assert_eq!((view.ids(), view.rows.numbers().hidden), (ids([1, 3]), 0));
}

#[test]
fn b150_what_is_held_has_a_bound() {
    let mut world = World::default();
    let settings = Settings { filter: Filter::Active, hold: true, ..Settings::default() };
    let mut view = Viewed::new(settings);
    for number in 0..MOST_HELD * 3 {
        world.now += 1;
        world.add(Status::Running);
        view.update(&mut world, 100);
        world.end(number, Status::Completed);
        view.update(&mut world, 100);
    }
    assert_eq!((view.ids().len(), view.rows.numbers().hidden), (MOST_HELD, 0));
    view.hold(&mut world, false);
    assert_eq!(view.ids(), []);
}

#[test]
fn b335_what_is_paused_waits_or_is_planned_and_is_as_far_as_it_is() {
    let mut world = World::default();
    let mut view =
        Viewed::new(Settings { filter: Filter::Active, show_delayed: false, ..Settings::default() });
    let counts = |view: &Viewed| {
        let numbers = view.rows.numbers();
        (numbers.running, numbers.queued, numbers.delayed, numbers.progress)
    };
    let export = world.add(Status::Running);
    (export.progress, export.started) = (0.5, Some(stamp(0)));
    world.now = 1;
    world.add(Status::Delayed).due = Some(stamp(1_000));
    view.update(&mut world, 100);
    assert_eq!((view.ids(), counts(&view)), (ids([0]), (1, 0, 1, 0.5)));
    for index in 0..2 {
        world.change(index, |task| {
            task.stopped = task.started.is_some();
            task.status = Status::Paused;
            task.paused = Some("on battery".into());
        });
    }
    view.update(&mut world, 100);
    assert_eq!((view.ids(), counts(&view)), (ids([0]), (0, 1, 1, 0.5)), "half of it is done still");
    assert_eq!(view.rows.numbers().cancellable, 1);
    // Its time has come.
    world.change(1, |task| task.due = None);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), counts(&view)), (ids([0, 1]), (0, 2, 0, 0.25)));
    world.change(0, |task| {
        (task.status, task.stopped, task.paused) = (Status::Running, false, None);
    });
    view.update(&mut world, 100);
    assert_eq!(counts(&view), (1, 1, 0, 0.25));
}

#[test]
fn b151_what_cancel_all_is_about_is_counted() {
    let mut world = World::default();
    let mut view = Viewed::default();
    let cancellable = |view: &Viewed| view.rows.numbers().cancellable;
    for status in [Status::Running, Status::Queued, Status::Delayed] {
        world.add(status);
    }
    world.add(Status::Delayed).periodic = true;
    view.update(&mut world, 100);
    assert_eq!(cancellable(&view), 4);
    view.reset(&world, Settings { show_delayed: false, ..Settings::default() }, 100);
    assert_eq!(cancellable(&view), 2, "nobody sees the others");
    world.change(0, |task| task.cancel_requested = true);
    view.update(&mut world, 100);
    assert_eq!(cancellable(&view), 1, "it was asked");
    world.end(1, Status::Cancelled);
    view.update(&mut world, 100);
    assert_eq!(cancellable(&view), 0);
}

#[test]
fn b154_a_periodic_task_whose_last_run_failed_is_among_the_failures() {
    let mut world = World::default();
    let settings =
        Settings { filter: Filter::Active, keep_failures: true, show_delayed: false, ..Settings::default() };
    let mut view = Viewed::new(settings.clone());
    let error = || Some(Arc::new(TaskError::new(ErrorKind::Failed, "no luck")));
    let poll = world.add(Status::Delayed);
    (poll.periodic, poll.iteration) = (true, 1);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().failed), (vec![], 0));
    world.change(0, |task| task.error = error());
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().failed), (ids([0]), 1), "also between its runs");
    assert_eq!(view.rows.numbers().finished, 0, "it goes on");
    view.reset(&world, Settings { filter: Filter::Failed, ..settings }, 100);
    assert_eq!(view.ids(), ids([0]));
    world.change(0, |task| task.error = None);
    view.update(&mut world, 100);
    assert_eq!((view.ids(), view.rows.numbers().failed), (vec![], 0), "a run went well");
}

#[test]
fn b160_a_task_counts_by_its_weight() {
    let mut world = World::default();
    let mut view = Viewed::default();
    let progress = |view: &Viewed| view.rows.numbers().progress;
    world.add(Status::Running).weight = 200.0;
    for _ in 0..200 {
        world.add(Status::Running);
    }
    view.update(&mut world, 1_000);
    for small in 1..=200 {
        world.end(small, Status::Completed);
    }
    view.update(&mut world, 1_000);
    assert_eq!(progress(&view), 0.5, "one large among two hundred small");
    world.change(0, |task| task.progress = 0.5);
    world.add(Status::Queued).weight = 0.000_001;
    view.update(&mut world, 1_000);
    assert!((progress(&view) - 0.75).abs() < 1e-6, "{}", progress(&view));
    world.end(201, Status::Cancelled);
    world.end(0, Status::Completed);
    view.update(&mut world, 1_000);
    assert_eq!(progress(&view), -1.0);
}

/// The first task of a second start is submitted by the end of the first's last, before anybody looks.
#[test]
fn b160_what_starts_after_all_have_ended_starts_from_nothing() {
    let mut world = World::default();
    let mut view = Viewed::default();
    let progress = |view: &Viewed| view.rows.numbers().progress;
    for number in 0..3 {
        world.add(Status::Running).progress = 0.5;
        view.update(&mut world, 100);
        assert_eq!(progress(&view), 0.5);
        world.now += 10;
        world.end(number, Status::Completed);
    }
    // Two that were at work together are of one start, in whichever order they are heard of.
    world.add(Status::Running).progress = 0.0;
    world.now += 1;
    world.add(Status::Running).progress = 0.0;
    world.now += 1;
    world.end(3, Status::Completed);
    view.update(&mut world, 100);
    assert_eq!(progress(&view), 0.5);
}

#[test]
fn a_pass_takes_out_what_it_does_not_meet() {
    let mut world = World::default();
    let mut view = Viewed::default();
    for _ in 0..100 {
        world.add(Status::Running);
    }
    view.update(&mut world, 1_000);
    world.changed.clear();
    for number in (0..100).step_by(3) {
        world.forgotten.insert(id(number));
    }
    world.end(1, Status::Completed);
    world.changed.clear();
    view.pass(&world, Settings::default(), 7);
    assert_eq!(view.rows.numbers().count, 66);
    assert_eq!(view.rows.numbers().running, 65);
}

// ---- at random --------------------------------------------------------------------------------

#[derive(Debug, Clone)]
enum Step {
    Submit { owned: bool, status: Status, periodic: bool },
    TryAgain(usize),
    Go(usize),
    Progress(usize, u8),
    Cancel(usize),
    End(usize, u8),
    Forget(usize),
    Dismiss(usize),
    ClearFinished,
    Flush(usize),
    Time(Nanos),
    Hold(bool),
    Set { settings: Settings, pieces: usize },
    Overrun(usize),
}

/// Numbers that look random, the same for the same seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % end
    }

    fn index(&mut self, end: usize) -> usize {
        self.below(end as u64) as usize
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    fn settings(&mut self) -> Settings {
        let filters = [Filter::All, Filter::Active, Filter::Finished, Filter::Failed];
        Settings {
            filter: filters[self.index(4)],
            order: [Order::OldestFirst, Order::NewestFirst, Order::RunningFirst][self.index(3)],
            by_owner: self.one_in(3),
            search: if self.one_in(4) { "OdD ".to_owned() } else { String::new() },
            owner: if self.one_in(3) { "plugin".to_owned() } else { String::new() },
            show_delayed: !self.one_in(3),
            linger: self.below(40),
            keep_failures: self.one_in(2),
            limit: 1 + self.index(11),
            open: BTreeSet::new(),
            hold: false,
        }
    }

    fn step(&mut self) -> Step {
        let task = self.index(1_000);
        match self.below(40) {
            0..6 => {
                let status =
                    [Status::Delayed, Status::Blocked, Status::Queued, Status::Paused][self.index(4)];
                Step::Submit { owned: self.one_in(2), status, periodic: self.one_in(5) }
            }
            38..40 => Step::TryAgain(task),
            6..12 => Step::Go(task),
            12..14 => Step::Progress(task, self.below(256) as u8),
            14 => Step::Cancel(task),
            15..18 => Step::End(task, self.below(4) as u8),
            18..21 => Step::Forget(task),
            21..23 => Step::Dismiss(task),
            23 => Step::ClearFinished,
            24..29 => Step::Flush(self.index(20)),
            29..32 => Step::Time(1 + self.below(20)),
            32..36 => Step::Hold(self.one_in(2)),
            36 => Step::Set { settings: self.settings(), pieces: 1 + self.index(8) },
            _ => Step::Overrun(1 + self.index(8)),
        }
    }
}

/// What has to be there, said once more and another way.
#[derive(Default)]
struct Expected {
    dismissed: BTreeSet<TaskId>,
    kept: BTreeMap<Key, Brief>,
}

impl Expected {
    fn has(&self, settings: &Settings, task: &Brief, now: Nanos) -> bool {
        let failed = has_failed(task);
        if !settings.owner.is_empty() && *task.owner != *settings.owner {
            return false;
        }
        if !settings.search.is_empty() && !task.name.contains("Odd") {
            return false;
        }
        match task.status {
            _ if is_on_its_way(task) && settings.filter == Filter::Failed => failed,
            _ if is_planned(task) && !(settings.show_delayed || failed && settings.keep_failures) => false,
            _ if is_on_its_way(task) => {
                matches!(settings.filter, Filter::All | Filter::Active)
            }
            _ if self.dismissed.contains(&task.id) => false,
            _ => match settings.filter {
                Filter::All | Filter::Finished => true,
                Filter::Failed => failed,
                Filter::Active => {
                    failed && settings.keep_failures || now < task.finished.unwrap().nanos + settings.linger
                }
            },
        }
    }

    fn rows(&self, world: &World, settings: &Settings) -> (Vec<Brief>, usize) {
        let known = world.tasks.iter().filter(|task| !world.forgotten.contains(&task.id));
        let mut rows: Vec<_> = known.chain(self.kept.values()).cloned().collect();
        rows.retain(|task| self.has(settings, task, world.now));
        rows.sort_by_key(key);
        let mut waiting = 0;
        rows.retain(|task| {
            let waits = is_on_its_way(task) && task.status != Status::Running;
            waiting += usize::from(waits);
            !waits || waiting <= settings.limit
        });
        rows.sort_by_cached_key(|task| sorted_by(settings, task));
        (rows, waiting.saturating_sub(settings.limit))
    }
}

fn is_on_its_way(task: &Brief) -> bool {
    matches!(
        task.status,
        Status::Delayed | Status::Blocked | Status::Queued | Status::Running | Status::Paused
    )
}

fn is_planned(task: &Brief) -> bool {
    task.status == Status::Delayed && !task.retrying
}

/// The order that the settings ask for, once more and another way.
fn sorted_by(settings: &Settings, task: &Brief) -> (String, usize, i64, TaskId) {
    let owner = if settings.by_owner { task.owner.to_string() } else { String::new() };
    let stages: [&dyn Fn() -> bool; 3] =
        [&|| task.status == Status::Running, &|| is_on_its_way(task) && !is_planned(task), &|| {
            is_on_its_way(task)
        }];
    let stage = stages.iter().position(|is_it| is_it()).unwrap_or(3);
    let created = task.created.nanos as i64;
    match settings.order {
        Order::OldestFirst => (owner, 0, created, task.id),
        Order::NewestFirst => (owner, 0, -created, task.id),
        Order::RunningFirst => (owner, stage, created, task.id),
    }
}

/// The task's end, or the last run of one that is periodic.
fn has_failed(task: &Brief) -> bool {
    match task.status {
        _ if is_on_its_way(task) => task.error.is_some(),
        _ => matches!(task.status, Status::Failed | Status::TimedOut | Status::Abandoned),
    }
}

fn check(world: &World, expected: &Expected, view: &Viewed) {
    let settings = &view.rows.settings;
    let (rows, hidden) = expected.rows(world, settings);
    let have: Vec<_> = view.rows.rows().iter().map(|row| Brief::clone(row)).collect();
    let hold = settings.hold;
    if !hold {
        assert_eq!(have, rows);
    }
    let matching = |which: fn(&Brief) -> bool| {
        let known = world.tasks.iter().filter(|task| !world.forgotten.contains(&task.id));
        known.filter(|task| settings.concerns(task) && is_on_its_way(task) && which(task)).count()
    };
    let numbers = view.rows.numbers();
    assert_eq!(numbers.count, have.len());
    assert!(hold || numbers.hidden == hidden);
    assert_eq!(numbers.running, matching(|task| task.status == Status::Running));
    assert_eq!(numbers.queued, matching(|task| task.status != Status::Running && !is_planned(task)));
    assert_eq!(numbers.delayed, matching(is_planned));
    assert_eq!(numbers.owners, have.iter().map(|task| &task.owner).collect::<BTreeSet<_>>().len());
    assert_eq!(numbers.failed, have.iter().filter(|task| has_failed(task)).count());
    let ended = |task: &&Brief| !is_on_its_way(task);
    assert_eq!(numbers.finished, have.iter().filter(ended).count());
    let known = world.tasks.iter().filter(|task| !world.forgotten.contains(&task.id));
    let cancellable = known.filter(|task| settings.concerns(task) && !task.cancel_requested);
    let cancellable =
        cancellable.filter(|task| is_on_its_way(task) && (settings.show_delayed || !is_planned(task)));
    assert_eq!(numbers.cancellable, cancellable.count());
    assert!(numbers.progress == -1.0 || (0.0..=1.0).contains(&numbers.progress));
}

fn play(steps: Vec<Step>) {
    let (mut world, mut view, mut expected) = (World::default(), Viewed::default(), Expected::default());
    let mut settings = Settings::default();
    for step in steps {
        let count = world.tasks.len();
        let pick = |index: usize| index.checked_rem(count);
        let status = |world: &World, index: Option<usize>| index.map(|index| world.tasks[index].status);
        match step {
            Step::Submit { owned, status, periodic } => {
                let new = world.add(status);
                new.periodic = periodic;
                new.owner = if owned { "plugin".into() } else { "".into() };
                new.name = if count % 2 == 1 { "Odd".into() } else { "Even".into() };
            }
            Step::Go(index) => match (pick(index), status(&world, pick(index))) {
                (Some(index), Some(Status::Delayed | Status::Blocked | Status::Paused)) => {
                    world.change(index, |task| (task.status, task.retrying) = (Status::Queued, false));
                }
                (Some(index), Some(Status::Queued)) => {
                    let now = world.now;
                    world.change(index, |task| {
                        task.status = Status::Running;
                        task.started.get_or_insert(stamp(now));
                    });
                }
                (Some(index), Some(Status::Running)) if world.tasks[index].periodic => {
                    world.change(index, |task| {
                        task.status = Status::Delayed;
                        task.iteration += 1;
                        let failed =
                            (task.iteration % 2 == 1).then(|| TaskError::new(ErrorKind::Failed, "a run"));
                        task.error = failed.map(Arc::new);
                    });
                }
                (Some(index), Some(Status::Running)) => world.end(index, Status::Completed),
                _ => {}
            },
            Step::TryAgain(index) => {
                if let (Some(index), Some(Status::Running)) = (pick(index), status(&world, pick(index))) {
                    world.change(index, |task| (task.status, task.retrying) = (Status::Delayed, true));
                }
            }
            Step::Progress(index, value) => {
                if let (Some(index), Some(Status::Running)) = (pick(index), status(&world, pick(index))) {
                    world.change(index, |task| task.progress = f64::from(value) / 255.0);
                }
            }
            Step::Cancel(index) => match (pick(index), status(&world, pick(index))) {
                (Some(index), Some(Status::Running)) => {
                    world.change(index, |task| task.cancel_requested = true);
                }
                (Some(index), Some(Status::Delayed | Status::Blocked | Status::Queued | Status::Paused)) => {
                    world.end(index, Status::Cancelled);
                }
                _ => {}
            },
            Step::End(index, how) => {
                if let (Some(index), Some(Status::Running)) = (pick(index), status(&world, pick(index))) {
                    let ends = [Status::Completed, Status::Failed, Status::TimedOut, Status::Abandoned];
                    world.end(index, ends[usize::from(how)]);
                }
            }
            Step::Forget(index) => {
                let Some(index) = pick(index) else { continue };
                let task = world.tasks[index].clone();
                // The model has heard of its end; else the change set would have the failure.
                view.update(&mut world, usize::MAX);
                if task.status.is_finished() && world.forgotten.insert(task.id) {
                    if settings.keep_failures
                        && task.status.is_failure()
                        && expected.has(
                            &Settings { search: String::new(), ..settings.clone() },
                            &task,
                            world.now,
                        )
                    {
                        expected.kept.insert(key(&task), task.clone());
                    }
                    expected.dismissed.remove(&task.id);
                    world.note(task.id);
                }
            }
            Step::Dismiss(index) => {
                let Some(index) = pick(index) else { continue };
                view.update(&mut world, usize::MAX);
                check(&world, &expected, &view);
                let task = &world.tasks[index];
                let had = view.ids().contains(&task.id) && task.status.is_finished();
                let (count, ops) = view.rows.dismiss(&[task.id]);
                view.follow(ops);
                assert_eq!(count, usize::from(had));
                if had && expected.kept.remove(&key(task)).is_none() {
                    expected.dismissed.insert(task.id);
                }
            }
            Step::ClearFinished => {
                view.update(&mut world, usize::MAX);
                let finished = view.rows.finished();
                let (count, ops) = view.rows.dismiss(&finished);
                view.follow(ops);
                assert_eq!(count, finished.len());
                let kept = |key: &Key| finished.contains(&key.1);
                let gone: Vec<_> = expected.kept.keys().filter(|key| kept(key)).copied().collect();
                for id in finished.iter().filter(|id| !gone.iter().any(|key| key.1 == **id)) {
                    expected.dismissed.insert(*id);
                }
                gone.iter().for_each(|key| drop(expected.kept.remove(key)));
            }
            Step::Flush(most) => view.update(&mut world, most),
            Step::Time(by) => world.now += by,
            Step::Hold(hold) => {
                settings.hold = hold;
                view.hold(&mut world, hold);
            }
            Step::Set { settings: new, pieces } => {
                view.update(&mut world, usize::MAX);
                let decisive = |of: &Settings| {
                    (of.filter, of.order, of.by_owner, of.search.clone(), of.owner.clone(), of.show_delayed)
                };
                let same = decisive(&new) == decisive(&settings);
                settings = Settings { hold: settings.hold, ..new };
                if !settings.keep_failures {
                    expected.kept.clear();
                }
                match same {
                    true => view.pass(&world, settings.clone(), pieces),
                    false => view.reset(&world, settings.clone(), pieces),
                }
            }
            Step::Overrun(pieces) => {
                world.changed.clear();
                view.pass(&world, settings.clone(), pieces);
                view.rows.prune(&mut |id| world.find(id));
            }
        }
        if world.changed.is_empty() {
            view.update(&mut world, 0);
            check(&world, &expected, &view);
        }
    }
    view.update(&mut world, usize::MAX);
    check(&world, &expected, &view);
}

/// After each batch the rows are those of a model that was made from nothing, and a view that only
/// follows the steps has the same.
#[test]
fn rows_follow_from_the_tasks_alone() {
    for seed in 0..1_000 {
        let mut random = Random(seed);
        let count = 1 + random.index(200);
        let steps: Vec<_> = (0..count).map(|_| random.step()).collect();
        let played = std::panic::catch_unwind(|| play(steps.clone()));
        assert!(played.is_ok(), "with the seed {seed}: {steps:?}");
    }
}
