//! What the engine tells of its tasks, what the history keeps of them, and what is measured.

use super::body::Outcome;
use super::bonds::Stands;
use super::clock::Nanos;
use super::config::HistoryLimits;
use super::engine::Engine;
use super::id::{OwnerId, TaskId};
use super::info::{Counts, TaskInfo, WaitsFor};
use super::inner::{Inner, PIECE};
use super::keys::Keys;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::stats::{Ledger, Stats};
use super::words;

impl<P: Payload> Inner<P> {
    /// What a blocked task waits for.
    fn waits_for(&mut self, slot: u32) -> WaitsFor {
        if !self.waits_by_edges(slot) || self.is_parked(slot) {
            return WaitsFor::Nothing;
        }
        if Keys::stands(&mut self.tasks, slot) == Some(Stands::InLine) {
            let key = Keys::name_of(&mut self.tasks, slot).text().clone();
            let (mut running, mut abandoned) = (Vec::new(), Vec::new());
            for (other, ended) in self.in_place(slot, WaitsFor::MOST) {
                let to = if ended { &mut abandoned } else { &mut running };
                to.push(self.id(other));
            }
            return WaitsFor::Key { key, running, abandoned };
        }
        let links = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.links.as_ref());
        let on = links.map(|links| links.edges.iter().map(|edge| edge.on).filter(|on| *on != NIL));
        let on: Vec<_> = on.into_iter().flatten().take(WaitsFor::MOST).collect();
        WaitsFor::Tasks(on.into_iter().map(|other| self.id(other)).collect())
    }

    fn info(&mut self, slot: u32) -> TaskInfo<P> {
        let id = self.id(slot);
        let waits_for = self.waits_for(slot);
        let (status, paused) = (self.shown(slot), self.pause_reason(slot));
        let can_retry = self.may_retry(slot).is_ok();
        let owner = self.tasks.at(slot).owner;
        let owner = self.owners.name(owner);
        let clock = self.clock.clone();
        let record = self.tasks.at(slot);
        let waits = record.status == words::Status::Delayed;
        let due = self.time.due_of(record).filter(|_| waits);
        let extra = record.extra.as_deref();
        let attempts = extra.and_then(|extra| extra.attempts.as_ref());
        let progress = extra.and_then(|extra| extra.progress.as_ref());
        let ms = |at: Nanos, known: bool| if known { clock.wall_ms(at) } else { 0 };
        let job = extra.and_then(|extra| extra.job.clone());
        TaskInfo {
            id,
            status,
            priority: record.priority,
            name: record.name().cloned().or(job.clone()).unwrap_or_default(),
            job,
            owner,
            progress: progress.map_or(-1.0, |progress| progress.value),
            message: progress.map(|progress| progress.message.clone()).unwrap_or_default(),
            amount: progress.and_then(|progress| progress.amount.as_ref()).map(|it| it.amount.clone()),
            iteration: extra
                .and_then(|extra| extra.schedule.as_ref())
                .map_or(0, |schedule| schedule.iteration),
            periodic: record.has(flag::PERIODIC),
            attempt: attempts.map_or(record.has(flag::STARTED).into(), |attempts| attempts.made()),
            attempts: attempts.map_or(1, |attempts| attempts.most()),
            cancel_requested: record.has(flag::CANCEL_REQUESTED),
            cancel_reason: record.cancel_reason(),
            result: match &record.outcome {
                Outcome::Value(value) if !record.has(flag::PROMISED | flag::WITHHELD) => Some(value.clone()),
                _ => None,
            },
            error: match &record.outcome {
                Outcome::Error(error) => Some(error.clone()),
                _ => None,
            },
            waits_for,
            paused,
            members: extra.and_then(|extra| extra.group.as_ref()).map(|group| group.members.clone()),
            can_retry,
            retry_of: extra.and_then(|extra| extra.lineage.as_ref()).and_then(|lineage| lineage.retry_of),
            source_location: record.site.place(),
            // <vocabulary: info values>
            key: extra.and_then(|extra| extra.kept.key.clone()),
            may_block: extra.is_some_and(|extra| extra.kept.may_block),
            // </vocabulary>
            created_ms: ms(record.created, true),
            due_ms: due.map_or(0, |due| clock.wall_ms(due)),
            started_ms: ms(record.started, record.has(flag::STARTED)),
            finished_ms: ms(record.finished, record.status.is_finished()),
        }
    }
}

fn is_owner<P: Payload>(inner: &Inner<P>, index: u32, owner: OwnerId) -> bool {
    index != 0 && inner.owners.id(index) == owner
}

impl<P: Payload> Engine<P> {
    /// How a task is. To ask is to hear of its failure: see `unheard.rs`.
    pub fn status(&self, id: TaskId) -> words::Status {
        let status = self.shared().with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            inner.heard(slot);
            Some(inner.shown(slot))
        });
        status.unwrap_or(words::Status::UnknownTask)
    }

    /// The same for the library's own use, by which nobody hears.
    pub(crate) fn look(&self, id: TaskId) -> words::Status {
        let status = self.shared().with(|inner, fx| inner.find(fx, id).map(|slot| inner.shown(slot)));
        status.unwrap_or(words::Status::UnknownTask)
    }

    /// What is known of a task. To ask is to hear of its failure.
    pub fn info(&self, id: TaskId) -> Option<TaskInfo<P>> {
        self.shared().with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            inner.heard(slot);
            Some(inner.info(slot))
        })
    }

    /// The same for the library's own use, by which nobody hears.
    #[cfg(feature = "qt")]
    pub(crate) fn look_at(&self, id: TaskId) -> Option<TaskInfo<P>> {
        self.shared().with(|inner, fx| inner.find(fx, id).map(|slot| inner.info(slot)))
    }

    /// What is known of the tasks that have not been forgotten, oldest first: what is on the way
    /// and what the history has.
    ///
    /// It looks at them in pieces, so that nobody waits for it: each task is as it was at some moment
    /// of the call, and one that came or was forgotten meanwhile may be missing.
    pub fn tasks(&self) -> Vec<TaskInfo<P>> {
        self.collect(|inner, slot, _| !inner.tasks.at(slot).has(flag::RETRIED))
    }

    /// The same of one owner's tasks.
    pub fn tasks_of(&self, owner: OwnerId) -> Vec<TaskInfo<P>> {
        self.collect(|inner, slot, of| is_owner(inner, of, owner) && !inner.tasks.at(slot).has(flag::RETRIED))
    }

    /// The same of the tasks of a key that have not ended: of an owner's key, or of the application's.
    pub fn tasks_of_key(&self, owner: Option<OwnerId>, key: &str) -> Vec<TaskInfo<P>> {
        self.collect(|inner, slot, of| {
            if !owner.map_or(of == 0, |owner| is_owner(inner, of, owner)) {
                return false;
            }
            let record = inner.tasks.at(slot);
            let its = record.extra.as_ref().and_then(|extra| extra.kept.key.as_deref());
            !record.status.is_finished() && its == Some(key)
        })
    }

    /// Those for which `wanted` says so of the slot and its owner's index.
    fn collect(&self, wanted: impl Fn(&mut Inner<P>, u32, u32) -> bool) -> Vec<TaskInfo<P>> {
        while self.shared().with(|inner, fx| {
            let now = inner.clock.now();
            inner.forget_overdue(fx, now)
        }) {}
        let (mut from, mut tasks) = (Some(0), Vec::new());
        while let Some(at) = from {
            let mut piece = Vec::with_capacity(PIECE);
            from = self.shared().walk(at, |inner, _, slot| {
                let Some(record) = inner.tasks.get(slot) else { return };
                let (created, of) = (record.created, record.owner);
                if record.status == words::Status::UnknownTask || !wanted(inner, slot, of) {
                    return;
                }
                piece.push((created, inner.info(slot)));
            });
            tasks.append(&mut piece);
        }
        tasks.sort_by_key(|(created, _)| *created);
        tasks.into_iter().map(|(_, info)| info).collect()
    }

    /// The outcome of a task that has ended.
    pub fn outcome(&self, id: TaskId) -> Option<(words::Status, Outcome<P>)> {
        self.shared().with(|inner, fx| {
            let slot = inner.find(fx, id)?;
            let record = inner.tasks.at(slot);
            let told = record.status.is_finished().then(|| (record.status, record.told()));
            inner.heard(slot);
            told
        })
    }

    pub fn counts(&self) -> Counts {
        self.shared().with(|inner, _| Counts {
            delayed: inner.admission.delayed(),
            blocked: inner.admission.blocked(),
            queued: inner.tasks.queued(),
            running: inner.admission.running(),
            live: inner.admission.live(),
            workers: inner.pool.threads(),
        })
    }

    pub fn history_limits(&self) -> HistoryLimits {
        self.shared().with(|inner, _| inner.history.limits())
    }

    /// Changes what the history may hold; what is too much is forgotten at once.
    pub fn set_history_limits(&self, limits: HistoryLimits) {
        let mut more = self.shared().with(|inner, fx| {
            inner.history.set_limits(limits);
            inner.forget_some(fx, |inner, now| inner.history.overdue(&mut inner.tasks, now)) > 0
        });
        while more {
            more = self.shared().with(|inner, fx| {
                inner.forget_some(fx, |inner, now| inner.history.overdue(&mut inner.tasks, now)) > 0
            });
        }
    }

    /// Forgets the tasks that have ended, were delivered and are kept by no handle or waiter: how many.
    pub fn clear_history(&self) -> usize {
        // Those that are there by now: a task that ends meanwhile stays.
        let most = self.shared().with(|inner, _| inner.history.len());
        let mut forgotten = 0;
        while forgotten < most {
            match self.shared().with(|inner, fx| inner.forget_some(fx, |inner, _| inner.history.oldest())) {
                0 => break,
                some => forgotten += some,
            }
        }
        forgotten
    }
}

// The figures: see `stats.rs`.
impl<P: Payload> Engine<P> {
    /// Takes figures of tasks from here on, or no more. Those that were taken stay.
    pub fn collect_stats(&self, on: bool) {
        self.shared().with(|inner, _| {
            if on && !inner.outgoing.wants(wants::STATS) {
                let now = inner.clock.now();
                inner.stats.get_or_insert_with(|| Box::new(Ledger::new(now))).from = now;
            }
            inner.outgoing.set_wanted(wants::STATS, on);
        });
    }

    pub fn collects_stats(&self) -> bool {
        self.shared().with(|inner, _| inner.outgoing.wants(wants::STATS))
    }

    /// Under the engine's lock, for as long as it takes to look through each distribution that has values, twice.
    pub fn stats(&self) -> Stats {
        self.shared().with(|inner, _| match &inner.stats {
            Some(ledger) => ledger.stats(inner.clock.wall_ms(ledger.since)),
            None => Ledger::new(0).stats(0),
        })
    }

    /// Forgets all figures; what is measured counts from here.
    pub fn reset_stats(&self) {
        // They are dropped after the lock.
        let _old = self.shared().with(|inner, _| {
            let new = inner.outgoing.wants(wants::STATS).then(|| Box::new(Ledger::new(inner.clock.now())));
            std::mem::replace(&mut inner.stats, new)
        });
    }
}
