//! Tasks that come after others: `Blocked` until these have ended.
//!
//! That a task comes after another is an edge, kept with the one that waits, in a list that begins with the one that
//! is waited for. As only tasks that are known can be named, there are no circles.
//!
//! A gate stands in their place for a moment: a reserved record, after which several tasks come that are to begin
//! together, once all of them are in. It is no task, so that nobody is told of it. As it is opened, it tells them what
//! a task that has completed would.
//!
//! The end of a task is told to those that come after it as a chore (`chores.rs`), and not within its own
//! transition: where one ends because another did not complete, those that come after it end too, and so on.
//!
//! # Invariants
//!
//! 1. A task with `Links::left` above 0 is `Blocked`, and stands in no line; `left` is the number of its edges that
//!    are on a task. Each of those is in that task's list, and no other is.
//! 2. A task with `flag::PRECEDES` may have a list that is not empty. One that has ended with such a list is named
//!    by a chore, and a handle keeps it until it has told all of the list. After a halt it tells nobody.

use super::bonds::{Edge, Link, Links};
use super::chores::Chore;
use super::clock::Nanos;
use super::effects::Effects;
use super::engine::Engine;
use super::error::SubmitError;
use super::id::TaskId;
use super::inner::Inner;
use super::lanes::MUST_RUN_LANE;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::trace::Waits;
use super::words::{AfterPolicy, CancelReason, Status};

/// What comes of the tasks after which a new one comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// They have ended as it wants.
    Now,
    Later,
    /// One has not.
    Never,
}

impl<P: Payload> Inner<P> {
    pub fn links(&mut self, slot: u32) -> &mut Links {
        self.tasks.at(slot).extra().links.get_or_insert_default()
    }

    pub fn edge(&mut self, link: Link) -> &mut Edge {
        &mut self.links(link.slot).edges[link.edge as usize]
    }

    // ---- to come -------------------------------------------------------------------------------

    /// Whether all of them are known.
    pub fn admit_after(&mut self, fx: &mut Effects<P>, after: &[TaskId]) -> Result<(), SubmitError> {
        match after.iter().find(|id| self.find(fx, **id).is_none() && self.gate(**id).is_none()) {
            Some(id) => Err(SubmitError::AfterUnknown { id: *id }),
            None => Ok(()),
        }
    }

    /// The slot of a gate that was not opened.
    fn gate(&mut self, id: TaskId) -> Option<u32> {
        let slot = self.tasks.find_reserved(id)?;
        self.tasks.at(slot).has(flag::GATE).then_some(slot)
    }

    /// Has a new task come after others. `delay` is counted from when it waits no more.
    pub fn come_after(&mut self, slot: u32, after: &[TaskId], policy: AfterPolicy, delay: Nanos) -> Follows {
        let wanted = |status| policy == AfterPolicy::Ended || status == Status::Completed;
        let mut on = Vec::with_capacity(after.len());
        for id in after {
            // `admit_after` has found them, under the same lock.
            let Some((other, record)) = self.tasks.find(*id) else {
                on.extend(self.gate(*id));
                continue;
            };
            if !record.status.is_finished() {
                on.push(other);
            } else if !wanted(record.status) {
                return Follows::Never;
            }
        }
        if on.is_empty() {
            return Follows::Now;
        }
        let links = self.links(slot);
        (links.policy, links.delay, links.left) = (policy, delay, on.len() as u32);
        links.edges.reserve_exact(on.len());
        for other in on {
            self.add_edge(slot, other);
        }
        Follows::Later
    }

    fn add_edge(&mut self, slot: u32, other: u32) {
        self.tasks.at(other).set(flag::PRECEDES);
        let edge = self.links(slot).edges.len() as u32;
        let link = Link { slot, edge };
        let prev = std::mem::replace(&mut self.links(other).last, link);
        self.links(slot).edges.push(Edge { on: other, next: Link::NONE, prev });
        match prev.is_none() {
            true => self.links(other).first = link,
            false => self.edge(prev).next = link,
        }
    }

    /// Takes an edge out of the list that it is in.
    pub fn drop_edge(&mut self, link: Link) {
        let edge = self.edge(link);
        let (other, next, prev) = (std::mem::replace(&mut edge.on, NIL), edge.next, edge.prev);
        match prev.is_none() {
            true => self.links(other).first = next,
            false => self.edge(prev).next = next,
        }
        match next.is_none() {
            true => self.links(other).last = prev,
            false => self.edge(next).prev = prev,
        }
        let links = self.links(link.slot);
        if !links.is_on_member(link.edge) {
            links.left -= 1;
            return;
        }
        self.links(other).groups -= 1;
    }

    /// A blocked task waits for others.
    pub fn block(&mut self, fx: &mut Effects<P>, slot: u32) {
        self.tasks.at(slot).status = Status::Blocked;
        self.begin_block(slot, Waits::After);
        self.note(fx, slot);
    }

    /// A task waits for none any more, if it did.
    pub fn come_loose(&mut self, slot: u32) {
        let links = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.links.as_ref());
        // Those on members stay: see `groups.rs`.
        let edges = links.map_or(0, |links| (links.edges.len() as u32).min(links.members_from));
        if edges == 0 {
            return;
        }
        for edge in 0..edges {
            let link = Link { slot, edge };
            if self.edge(link).on != NIL {
                self.drop_edge(link);
            }
        }
        self.links(slot).forget_edges();
    }

    // ---- to tell -------------------------------------------------------------------------------

    /// A task that others come after has ended: they are to be told.
    pub fn tell_later(&mut self, fx: &mut Effects<P>, slot: u32) {
        if self.links(slot).first.is_none() || self.admission.is_halted() {
            return;
        }
        self.add_handle(slot);
        self.chores.push(Chore::Tell(slot));
        fx.chores = true;
    }

    /// Tells up to `left` of those that come after a task that it has ended; whether that were all.
    pub fn tell(&mut self, fx: &mut Effects<P>, slot: u32, left: &mut usize) -> bool {
        let record = self.tasks.at(slot);
        let completed = record.status == Status::Completed || record.has(flag::GATE);
        let now = self.clock.now();
        loop {
            let link = self.links(slot).first;
            if link.is_none() {
                self.drop_handle(fx, slot);
                return true;
            }
            if *left == 0 {
                return false;
            }
            *left -= 1;
            self.drop_edge(link);
            let links = self.links(link.slot);
            if links.is_on_member(link.edge) {
                let place = (link.edge - links.members_from) as usize;
                self.member_ended(fx, slot, link.slot, place, now);
            } else if !completed && links.policy == AfterPolicy::Completed {
                self.cancel(fx, link.slot, CancelReason::DependencyFailed, now);
            } else if links.left == 0 {
                links.forget_edges();
                let delay = links.delay;
                match Self::stopped_with_group(&mut self.tasks, link.slot) {
                    Some(reason) => {
                        self.cancel(fx, link.slot, reason, now);
                    }
                    None => self.unblock(fx, link.slot, delay, now),
                }
            } else {
                // It waits for fewer.
                self.note(fx, link.slot);
            }
        }
    }

    /// What a task came after has ended: it waits for its time, then for its turn.
    fn unblock(&mut self, fx: &mut Effects<P>, slot: u32, delay: Nanos, now: Nanos) {
        let must_run = self.tasks.at(slot).has(flag::MUST_RUN) && !self.admission.is_expiring();
        // What must run is not periodic.
        if !self.admission.is_open() && (!must_run || delay > 0) {
            self.cancel(fx, slot, CancelReason::Shutdown, now);
            return;
        }
        if delay > 0 && self.is_unloading(slot) {
            // As what is delayed already; the thread that unloads does not wait for it.
            self.cancel(fx, slot, CancelReason::PluginUnload, now);
            return;
        }
        self.end_block(slot);
        if !self.admission.is_open() && !self.tasks.at(slot).has(flag::KEYED) {
            self.tasks.at(slot).lane = MUST_RUN_LANE;
        }
        self.wait_for_time(fx, slot, delay, now);
        fx.queued = true;
    }

    // ---- gates ---------------------------------------------------------------------------------

    /// A gate is opened: those behind it are to be told.
    fn open_up(&mut self, fx: &mut Effects<P>, gate: TaskId) {
        if let Some(slot) = self.gate(gate) {
            self.tell_later(fx, slot);
        }
    }

    /// It is not used any more, if it has told all of them.
    fn remove_gate(&mut self, fx: &mut Effects<P>, gate: TaskId) {
        let Some(slot) = self.gate(gate) else { return };
        if self.links(slot).first.is_none() {
            self.free(fx, slot);
        }
    }

    // ---- chores --------------------------------------------------------------------------------

    /// Does up to `most` of what was left to be done; whether there is more.
    pub fn do_chores(&mut self, fx: &mut Effects<P>, most: usize) -> bool {
        let mut left = most;
        while let Some(chore) = self.chores.first().cloned() {
            // What waits stays where it is: see `halt.rs`.
            if self.admission.is_halted() {
                return false;
            }
            let done = match chore {
                Chore::Tell(slot) => self.tell(fx, slot, &mut left),
                Chore::Stop(slot) => self.stop_some(fx, slot, &mut left),
                Chore::HandOn(name) => {
                    self.hand_on(fx, &name);
                    true
                }
                Chore::Pause { slot, pause, from } => {
                    let more = self.pause_some(fx, slot, pause, from, &mut left);
                    more.map(|from| self.chores.go_on(Chore::Pause { slot, pause, from })).is_none()
                }
                Chore::Show { from } => {
                    let more = self.show_some(fx, from, &mut left);
                    more.map(|from| self.chores.go_on(Chore::Show { from })).is_none()
                }
                Chore::Cancel { name, below, reason } => {
                    self.cancel_doomed(fx, &name, below, reason, &mut left)
                }
            };
            if !done {
                return true;
            }
            self.chores.done();
        }
        false
    }
}

impl<P: Payload> Engine<P> {
    /// The id of a gate, for [`TaskOptions::after`](super::TaskOptions::after): what comes after it begins once it is
    /// opened, and what it comes after besides allows it. It has to be opened, also where nothing came.
    pub fn gate(&self) -> Result<TaskId, SubmitError> {
        self.shared().with(|inner, _| {
            let slot = inner.reserve()?;
            inner.tasks.at(slot).set(flag::GATE);
            Ok(inner.id(slot))
        })
    }

    /// Opens a gate; its id means nothing from then on.
    pub fn open_gate(&self, gate: TaskId) {
        self.shared().with(|inner, fx| inner.open_up(fx, gate));
        // All of them are told, as chores are done before a call returns; but for a halt, after which they stay.
        self.shared().with(|inner, fx| inner.remove_gate(fx, gate));
    }
}
