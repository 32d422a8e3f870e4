//! What a blocked task waits for, followed: whether a wait could ever end, and what is to go first for one.
//!
//! # How a wait is found to be for ever
//!
//! A body waits for a task, or for all of an owner's; a blocked task waits for *each* of those that it comes after,
//! and for *one* of the places of its key. From what is to be awaited all of that is followed, without recursion,
//! as there may be a chain of 100,000. Then it is followed back, from the body that is about to wait, and from
//! what is not about to run: what waits for one that waits for ever does so too, and a place is had never if all
//! that have one wait for ever. A place that the task will want only later counts, too: those that hold it and wait
//! for this one would then still do so.
//!
//! What begins to wait later is looked at then.

use std::collections::BTreeMap;

use super::bonds::Stands;
use super::inner::Inner;
use super::keys::Keys;
use super::lanes::AWAITED_LANES;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::words::Status;

/// A task by its slot, or the place in its key that it wants.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Wanted {
    Task(u32),
    PlaceOf(u32),
}

/// How a task is waited for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// That it ends, in its own time: it is not to be one that waits for a time.
    End,
    /// That it gives its place back: a periodic one does so after its run.
    Place,
    /// That its body returns, which is under way.
    Body,
}

#[derive(Default)]
struct Node {
    /// How many of what it waits for have to wait for ever, so that it does.
    needs: usize,
    waiters: Vec<Wanted>,
    for_ever: bool,
}

#[derive(Default)]
struct Search {
    nodes: BTreeMap<Wanted, Node>,
    /// Seen, and not followed yet.
    to_follow: Vec<Wanted>,
    /// Waits for ever, as it was found, and not followed back yet.
    for_ever: Vec<Wanted>,
}

impl Search {
    fn see(&mut self, wanted: Wanted, waiter: Option<Wanted>) {
        let node = self.nodes.entry(wanted).or_insert_with(|| {
            self.to_follow.push(wanted);
            Node::default()
        });
        node.waiters.extend(waiter);
    }

    /// Follows back from what waits for ever.
    fn follow_back(&mut self) {
        while let Some(wanted) = self.for_ever.pop() {
            let Some(node) = self.nodes.get_mut(&wanted) else { continue };
            if std::mem::replace(&mut node.for_ever, true) {
                continue;
            }
            for waiter in std::mem::take(&mut node.waiters) {
                let Some(node) = self.nodes.get_mut(&waiter) else { continue };
                node.needs = node.needs.saturating_sub(1);
                if node.needs == 0 {
                    self.for_ever.push(waiter);
                }
            }
        }
    }
}

impl<P: Payload> Inner<P> {
    /// Whether `slot`, through what it waits for, waits for the task of `run`.
    pub(super) fn leads_back(&mut self, slot: u32, run: u32) -> bool {
        let mine = self.runs.slot(run);
        self.waits_for_ever(&[], &[slot], mine)
    }

    /// Whether the body of `mine` would wait for ever for one of the tasks of which it awaits the end, or of these
    /// bodies.
    pub(super) fn waits_for_ever(&mut self, ends: &[u32], bodies: &[u32], mine: u32) -> bool {
        let mut search = Search::default();
        for slot in ends {
            self.see(&mut search, *slot, What::End, None, mine);
        }
        for slot in bodies {
            self.see(&mut search, *slot, What::Body, None, mine);
        }
        while let Some(wanted) = search.to_follow.pop() {
            self.look_behind(&mut search, wanted, mine);
        }
        search.follow_back();
        let for_ever = |slot: &u32| search.nodes.get(&Wanted::Task(*slot)).is_some_and(|node| node.for_ever);
        ends.iter().chain(bodies).any(for_ever)
    }

    fn see(&mut self, search: &mut Search, slot: u32, what: What, waiter: Option<Wanted>, mine: u32) {
        let wanted = Wanted::Task(slot);
        search.see(wanted, waiter);
        if slot == mine || self.is_not_about_to(slot, what) {
            search.for_ever.push(wanted);
        }
    }

    /// Whether a worker may not wait for a task at all, whatever others do.
    pub(super) fn is_not_about_to_end(&mut self, slot: u32) -> bool {
        self.is_not_about_to(slot, What::End)
    }

    /// Whether a task is not about to do what is waited for, whatever others do.
    fn is_not_about_to(&mut self, slot: u32, what: What) -> bool {
        let record = self.tasks.at(slot);
        let status = record.status;
        // It has begun, and goes on before long.
        let rests = status == Status::Delayed && !record.waits_to_try_again();
        match what {
            What::Body => false,
            What::Place => rests,
            What::End if status.is_finished() => false,
            What::End if rests => true,
            What::End => record.has(flag::PERIODIC) && !record.has(flag::CANCEL_REQUESTED),
        }
    }

    /// Looks at all that one waits for.
    fn look_behind(&mut self, search: &mut Search, wanted: Wanted, mine: u32) {
        let mut needs = 1;
        match wanted {
            Wanted::Task(slot) if slot == mine => {}
            Wanted::Task(slot) => {
                let record = self.tasks.at(slot);
                let run = record.run;
                if run != NIL {
                    self.follow_body(search, run, wanted, mine);
                } else if self.waits_by_edges(slot) {
                    let record = self.tasks.at(slot);
                    let links = record.extra.as_ref().and_then(|extra| extra.links.as_ref());
                    let edges = links.map(|links| links.edges.iter().map(|edge| edge.on));
                    let on: Vec<_> = edges.into_iter().flatten().filter(|on| *on != NIL).collect();
                    for slot in on {
                        self.see(search, slot, What::End, Some(wanted), mine);
                    }
                    // One that is paused may have its place by now.
                    let placed = Keys::stands(&mut self.tasks, slot) == Some(Stands::InPlace);
                    if self.tasks.at(slot).has(flag::KEYED) && !placed && !self.tasks.at(slot).is_group() {
                        search.see(Wanted::PlaceOf(slot), Some(wanted));
                    }
                }
            }
            Wanted::PlaceOf(slot) => {
                let name = Keys::name_of(&mut self.tasks, slot);
                needs = self.keys.limit(&name).unwrap_or(1) as usize;
                let mut at = self.keys.first_in_place(&mut self.tasks, slot);
                while at != NIL {
                    self.see(search, at, What::Place, Some(wanted), mine);
                    at = self.keys.next_standing(&mut self.tasks, at);
                }
            }
        }
        if let Some(node) = search.nodes.get_mut(&wanted) {
            node.needs = needs;
        }
    }

    /// What a body waits for: what does not run waits for nothing, unless it is blocked.
    fn follow_body(&mut self, search: &mut Search, run: u32, wanted: Wanted, mine: u32) {
        let slot = self.runs.waits_for(run);
        if slot != NIL {
            self.see(search, slot, What::Body, Some(wanted), mine);
        }
        let owner = self.runs.waits_for_all(run);
        if owner == NIL {
            return;
        }
        for run in 0..self.runs.count() {
            let slot = self.runs.slot(run);
            if self.is_body_of(slot, owner) {
                self.see(search, slot, What::Body, Some(wanted), mine);
            }
        }
        let mut slot = self.owners.first_task(owner);
        while slot != NIL {
            let record = self.tasks.at(slot);
            let next = record.owner_next;
            if self.waits_by_edges(slot) {
                self.see(search, slot, What::Body, Some(wanted), mine);
            }
            slot = next;
        }
    }

    /// A task that waits for others, and a body for it, goes into a lane of what bodies wait for once it is
    /// queued; and so does all that it waits for.
    pub(super) fn hurry(&mut self, slot: u32, rank: u8) {
        let mut slots = vec![slot];
        while let Some(slot) = slots.pop() {
            let record = self.tasks.at(slot);
            let (status, lane) = (record.status, record.lane);
            if lane >= AWAITED_LANES && lane <= AWAITED_LANES + rank {
                // It was hurried before, and what it waits for.
                continue;
            }
            match status {
                Status::Queued => self.tasks.move_to(slot, AWAITED_LANES + rank),
                Status::Running if self.tasks.at(slot).has(flag::FUTURE) => {
                    self.hurry_future(slot, AWAITED_LANES + rank);
                }
                Status::Blocked | Status::Running if self.waits_by_edges(slot) => {
                    self.change_lane(slot, AWAITED_LANES + rank);
                    let links = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.links.as_ref());
                    let on = links.map(|links| links.edges.iter().map(|edge| edge.on));
                    slots.extend(on.into_iter().flatten().filter(|on| *on != NIL));
                }
                _ => {}
            }
        }
    }
}
