//! The engine's state: a few structures with fields of their own, and the transitions that touch several.
//!
//! All of this runs with the lock held: each function takes `&mut Inner`, which only the lock gives.
//! What is to happen without the lock, it writes into [`Effects`]. The fields of a part are seen by the file
//! of that part alone, which states its invariants; all others call its operations.
//!
//! The transitions are methods of `Inner`, each in the file that tells of it: `submission.rs`, `running.rs`,
//! `retries.rs`, `ending.rs`, `stopping.rs`, `progress.rs`, `due.rs`, `overdue.rs`, `rescheduling.rs`, `again.rs`,
//! `limiting.rs`, `delivering.rs`, `sending.rs`, `holding.rs`, `observe.rs`, `follow.rs`, `keyed.rs`, `after.rs`, `then.rs`,
//! `groups.rs`, `blocking.rs`, `wait.rs`, `lending.rs`, `idling.rs`, `pausing.rs`, `futures.rs`, `tracing.rs`, `by_hand.rs`,
//! `shutdown.rs`, `unload.rs`, `state.rs`. They call each other, as a task's end is
//! all of that.
//!
//! # Invariants
//!
//! 1. A task has exactly one end, made in [`Inner::terminate`] and nowhere else.
//! 2. `Delayed` is in the timers (or held back, see `Extra::held_back`, or stands still, see `Pause::left`), `Queued` is
//!    in the lanes, `Running` has a run, or is a group, `Blocked` stands in the line of its key, or has edges to what it
//!    comes after, or is parked (`pausing.rs`); a task is in one of these places or has ended. `Paused` is no state
//!    that is stored.
//! 3. If something is queued that may run, a worker is on its way to it: one is awake and will look
//!    again before it sleeps, or one is being woken, is being started or spins (`Pool::waking`). See
//!    `workers.md`. During a shutdown only what must run may; and none whose owner runs as many as it may, or is paused.
//! 4. What was left in the injector is in none of these places until the lock is taken: the thread that takes
//!    it queues that first. See `injector.rs`.

use std::sync::Arc;

use super::admission::Admission;
use super::chance::Chance;
use super::change_set::ChangeSet;
use super::chores::Chores;
use super::clock::Clock;
use super::closing::Phase;
use super::config::{DeliveryMode, EngineConfig};
use super::crew::Crew;
use super::effects::Effects;
use super::hand::Hand;
use super::handles::Handles;
use super::history::History;
use super::id::TaskId;
use super::injector::Within;
use super::keys::Keys;
use super::lanes::crew_of;
use super::limits::Quotas;
use super::outgoing::Outgoing;
use super::owners::{Alive, Owners};
use super::pauses::Pauses;
use super::payload::Payload;
use super::poller::Pollers;
use super::pool::{Pool, idle_nanos};
use super::record::flag;
use super::runs::Runs;
use super::stats::Ledger;
use super::tasks::Tasks;
use super::time::Time;
use super::trace::Recording;
use super::values::Patience;

/// Records looked at for each time that the lock is taken, so that nobody waits long for it.
pub const PIECE: usize = 512;

pub struct Inner<P> {
    pub clock: Arc<Clock>,
    /// The handles and waiters that keep each task, and the worker that still runs an abandoned one.
    pub handles: Arc<Handles>,
    pub tasks: Tasks<P>,
    pub owners: Owners,
    pub keys: Keys,
    pub quotas: Quotas,
    pub pauses: Pauses,
    pub chores: Chores,
    pub admission: Admission,
    pub pool: Pool,
    pub runs: Runs,
    pub time: Time,
    pub outgoing: Outgoing,
    pub history: History,
    /// What changed, for an observer of all tasks.
    pub changes: ChangeSet,
    pub pollers: Pollers,
    pub chance: Chance,
    pub patience: Patience,
    /// The trace that is being written, with `wants::TRACE`.
    pub trace: Option<Arc<Recording>>,
    /// The figures that are taken, or were, with `wants::STATS`.
    pub stats: Option<Box<Ledger>>,
    /// The thread that works the engine by hand, if one does.
    pub hand: Hand,
    /// The engine's side of the injector.
    pub injected: Within<P>,
}

impl<P: Payload> Inner<P> {
    pub fn new(config: &EngineConfig, clock: Arc<Clock>, handles: Arc<Handles>, mode: DeliveryMode) -> Self {
        let seed = match config.seed {
            Some(seed) => seed,
            None if clock.is_virtual() => 0,
            None => uuid::Uuid::new_v4().as_u128() as u64,
        };
        Inner {
            clock,
            handles,
            tasks: Tasks::new(uuid::Uuid::new_v4().as_u128()),
            owners: Owners::new(),
            keys: Keys::new(),
            quotas: Quotas::new(),
            pauses: Pauses::new(),
            chores: Chores::new(),
            admission: Admission::new(config.capacity),
            pool: Pool::new(config.max_workers, idle_nanos(config.idle_timeout)),
            runs: Runs::new(config.max_blocking),
            time: Time::new(),
            outgoing: Outgoing::new(mode),
            history: History::new(config.history),
            changes: ChangeSet::new(),
            pollers: Pollers::default(),
            chance: Chance::new(seed),
            patience: Patience::default(),
            trace: None,
            stats: None,
            hand: Hand::default(),
            injected: Within::new(),
        }
    }

    #[inline]
    pub fn id(&mut self, slot: u32) -> TaskId {
        self.tasks.id(slot)
    }

    /// The slot of a task that is known.
    pub fn find(&mut self, fx: &mut Effects<P>, id: TaskId) -> Option<u32> {
        let (slot, record) = self.tasks.find(id)?;
        if record.has(flag::IN_HISTORY) && self.history.is_old(record, self.clock.now()) {
            self.forget(fx, slot);
            return None;
        }
        Some(slot)
    }

    /// The flag that ends the callbacks of a task's owner; the application needs none.
    pub fn alive_of(&mut self, slot: u32) -> Option<Arc<Alive>> {
        let owner = self.tasks.at(slot).owner;
        self.owners.alive(owner)
    }

    /// Sees to it that a worker comes for what is queued: invariant 3.
    #[inline]
    pub fn dispatch(&mut self, fx: &mut Effects<P>) {
        fx.queued = false;
        let lacks = self.pool.lacks_background();
        if self.takeable(Crew::Foreground) > 0 || lacks && self.takeable(Crew::Background) > 0 {
            self.pool.call(fx, Crew::Foreground, self.runs.aside());
        }
        self.dispatch_background(fx);
    }

    /// The same of the background alone.
    #[inline]
    pub fn dispatch_background(&mut self, fx: &mut Effects<P>) {
        if self.takeable(Crew::Background) == 0 || self.pool.lacks_background() {
            return;
        }
        let aside = self.runs.aside();
        if self.pool.background_may(1, aside, self.tasks.is_background_tired()) {
            self.pool.call(fx, Crew::Background, aside);
        }
    }

    /// How many tasks a crew may take.
    #[inline]
    pub fn takeable(&self, crew: Crew) -> usize {
        match self.admission.phase() {
            _ if self.admission.is_halted() => 0,
            Phase::Open => self.tasks.takeable(crew),
            _ if self.admission.is_expiring() || crew == Crew::Background => 0,
            _ => self.tasks.takeable_that_must_run(),
        }
    }

    /// The workers that come for a task.
    pub fn crew_of(&mut self, slot: u32) -> Crew {
        crew_of(self.tasks.at(slot).lane as usize)
    }

    /// Wakes an idle worker to end itself, while there are too many.
    #[inline]
    pub fn shrink(&mut self, fx: &mut Effects<P>) {
        self.pool.shrink(fx, self.runs.aside());
    }
}
