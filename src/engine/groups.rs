//! Groups: tasks without a body, whose progress, cancel and end are those of the tasks in them, their members.
//!
//! A group waits for what it comes after, and for its time. Then it is `Running` without a run, until all of its
//! members have ended: also where the first failure, or the first success, has
//! decided, as nothing of a whole is to be at work once the whole has ended. Where it ends before that, its
//! members are asked to stop, and it is not waited for them. It is one of its key's, which may be replaced, and has
//! no place there: its members may want that.
//!
//! A member knows nothing of its groups but that tasks come after it (`after.rs`): they stand in that list, before
//! all others. So a task in no group pays nothing for them.
//!
//! # Invariants
//!
//! 1. `Group::left` is the number of members that have not told their end, each by an edge that is on it: those
//!    from `Links::members_from` on, in the order of `Group::places`.
//! 2. A group that has ended with such edges is named by a chore, and a handle keeps it until that has dropped
//!    them all.
//! 3. Members are asked to stop by a chore, a piece at a time: a group in a group costs no stack.
//! 4. A result in `Group::places` that an owner's code made has `lent_by`, and that owner is among the lenders
//!    of the group (`then.rs`) until an unloading has taken the result out.
//!
//! # Shutdown
//!
//! It asks no running group to stop. Its members end, each in its way, and with the first that the shutdown
//! cancels the group is cancelled, too. One whose members all must run completes.

use std::sync::Arc;
use std::time::Duration;

use super::body::{Body, Outcome};
use super::bonds::{Edge, Link};
use super::chores::Chore;
use super::clock::{Nanos, nanos};
use super::context::TaskContext;
use super::effects::{Effects, Garbage};
use super::engine::Engine;
use super::error::{SubmitError, TaskError};
use super::group::{Ended, Group, MAX_DEPTH, Place, SEVERAL, Verdict};
use super::id::TaskId;
use super::inner::Inner;
use super::options::TaskOptions;
use super::outbox::Kind;
use super::outgoing::wants;
use super::payload::Payload;
use super::record::{NIL, flag};
use super::task::Record;
use super::tasks::Tasks;
use super::telling::FRAME;
use super::trace::Waits;
use super::words::{CancelReason, ErrorKind, ErrorPolicy, Status};

/// In place of the body that a group has not.
struct NoBody;

impl<P> Body<P> for NoBody {
    fn run(&mut self, _: &TaskContext) -> Result<P, TaskError> {
        Err(TaskError::cancelled())
    }
}

fn call(policy: ErrorPolicy) -> &'static str {
    match policy {
        ErrorPolicy::StopOnSuccess => "any",
        _ => "all",
    }
}

/// Whether a member goes on where its group stops for that reason.
fn goes_on<P>(member: &Record<P>, reason: CancelReason) -> bool {
    use CancelReason::{OwnerGone, PluginUnload, Shutdown};
    member.has(flag::MUST_RUN) && matches!(reason, Shutdown | OwnerGone | PluginUnload)
}

impl<P: Payload> Inner<P> {
    fn group(&mut self, slot: u32) -> Option<&mut Group<P>> {
        self.tasks.at(slot).extra.as_mut().and_then(|extra| extra.group.as_deref_mut())
    }

    /// Whether a task waits for others, without a body that would: what it waits for is in its edges.
    pub fn waits_by_edges(&mut self, slot: u32) -> bool {
        match self.tasks.at(slot).status {
            Status::Blocked => true,
            Status::Running => self.tasks.at(slot).is_group(),
            _ => false,
        }
    }

    // ---- to come -------------------------------------------------------------------------------

    /// Whether there may be such a group.
    pub fn admit_group(&mut self, fx: &mut Effects<P>, options: &TaskOptions<P>) -> Result<(), SubmitError> {
        let Some((policy, members)) = &options.group else { return Ok(()) };
        let call = call(*policy);
        if members.is_empty() && *policy == ErrorPolicy::StopOnSuccess {
            return Err(SubmitError::NoMembers);
        }
        for id in members {
            let slot = self.admit_lender(fx, call, *id, options.takes_alone)?;
            if self.group(slot).is_some_and(|group| group.depth >= MAX_DEPTH) {
                return Err(SubmitError::TooDeep { most: MAX_DEPTH.into() });
            }
        }
        Self::admit_once(call, members, options.takes_alone)
    }

    /// Makes a new task a group, which watches its members from here on.
    pub fn make_group(
        &mut self,
        fx: &mut Effects<P>,
        slot: u32,
        policy: ErrorPolicy,
        members: &[TaskId],
        alone: bool,
    ) {
        let now = self.clock.now();
        let mut slots = Vec::with_capacity(members.len());
        let mut places = Vec::with_capacity(members.len());
        let mut depth = 1;
        for id in members {
            // `admit_group` has found them, under the same lock.
            let Some((member, record)) = self.tasks.find(*id) else { continue };
            let extra = record.extra.as_ref();
            let weight = extra.map_or(1.0, |extra| extra.kept.weight);
            depth =
                depth.max(extra.and_then(|extra| extra.group.as_ref()).map_or(1, |group| group.depth + 1));
            slots.push(member);
            places.push(Place { weight, done: 0.0, value: None, lent_by: NIL });
        }
        let record = self.tasks.at(slot);
        record.body = None;
        record.set(flag::TAKES);
        record.extra().group = Some(Box::new(Group::new(policy, members.into(), places, depth)));
        let links = self.links(slot);
        let from = links.edges.len() as u32;
        links.members_from = from;
        links.edges.reserve_exact(slots.len());
        let whole = (self.tasks.at(slot).created, self.id(slot));
        for member in &slots {
            self.promise(*member, alone);
            if self.links(*member).whole.is_none() {
                self.links(*member).whole = Some(whole);
                self.note(fx, *member);
            }
            self.borrow(slot, *member);
            match self.tasks.at(*member).status.is_finished() {
                true => self.links(slot).edges.push(Edge { on: NIL, next: Link::NONE, prev: Link::NONE }),
                false => self.add_member(slot, *member),
            }
        }
        let mut left_out = Vec::new();
        for (place, member) in slots.into_iter().enumerate() {
            if !self.tasks.at(member).status.is_finished() {
                let done = self.progress_of(member);
                if let Some(group) = self.group(slot) {
                    group.set_done(place, done);
                }
            } else if self.was_left_out(member) {
                left_out.push((place, member));
            } else {
                self.member_ended_before(fx, member, slot, place, now);
            }
        }
        // What has failed comes before what was left out for that: there it is the error that says why.
        for (place, member) in left_out {
            self.member_ended_before(fx, member, slot, place, now);
        }
    }

    /// Whether a task that has ended did not complete as another one did not.
    fn was_left_out(&mut self, slot: u32) -> bool {
        let record = self.tasks.at(slot);
        let reason = match &record.outcome {
            Outcome::Value(_) => None,
            Outcome::Error(error) => error.reason(),
            Outcome::None => record.cancel_reason(),
        };
        reason == Some(CancelReason::DependencyFailed)
    }

    /// A member has ended before its group came.
    fn member_ended_before(&mut self, fx: &mut Effects<P>, member: u32, slot: u32, place: usize, now: Nanos) {
        // What takes a result keeps its task.
        self.add_handle(member);
        self.member_ended(fx, member, slot, place, now);
        self.drop_handle(fx, member);
    }

    /// Puts a group before all others that come after a task.
    fn add_member(&mut self, slot: u32, member: u32) {
        self.tasks.at(member).set(flag::PRECEDES);
        let edge = self.links(slot).edges.len() as u32;
        let link = Link { slot, edge };
        let next = std::mem::replace(&mut self.links(member).first, link);
        self.links(member).groups += 1;
        self.links(slot).edges.push(Edge { on: member, next, prev: Link::NONE });
        match next.is_none() {
            true => self.links(member).last = link,
            false => self.edge(next).prev = link,
        }
    }

    // ---- its turn ------------------------------------------------------------------------------

    /// It waits for nothing but its members any more, where another task would be queued or stand in line.
    pub fn begin_group(&mut self, fx: &mut Effects<P>, slot: u32) {
        let now = self.clock.now();
        let record = self.tasks.at(slot);
        record.status = Status::Running;
        record.set(flag::STARTED);
        record.started = now.max(record.created);
        let extra = record.extra();
        let (timeout, by, heard) = (extra.kept.timeout, extra.start_place, extra.hears_start);
        self.admission.begin_run();
        self.trace_wait(slot, Waits::Members);
        self.outgoing.add_work();
        if by != NIL {
            self.time.begun(&mut self.tasks, slot);
        }
        if let Some(timeout) = timeout {
            self.time.insert(&mut self.tasks, slot, now.saturating_add(nanos(timeout)));
            self.arm_timer(fx);
        }
        if heard {
            self.post(fx, Kind::Started, slot);
        } else if self.outgoing.wants(wants::SIGNALS) {
            self.keep(Kind::Started, slot);
        }
        self.outgoing.counts_changed(fx);
        self.note(fx, slot);
        let Some(group) = self.group(slot) else { return };
        let left = group.left;
        // It has come forward if any of it is done, and is told so.
        self.tasks.at(slot).extra().progress.get_or_insert_default().value = 0.0;
        self.group_progressed(fx, slot, now);
        if left == 0 {
            self.finish_group(fx, slot, now);
        }
    }

    // ---- its members ---------------------------------------------------------------------------

    /// A member of a group has ended. Its edge is dropped.
    pub fn member_ended(&mut self, fx: &mut Effects<P>, member: u32, slot: u32, place: usize, now: Nanos) {
        let record = self.tasks.at(slot);
        let (finished, must_run) = (record.status.is_finished(), record.has(flag::MUST_RUN));
        if finished {
            return;
        }
        let Some(group) = self.group(slot) else { return };
        let (gathers, stopped) = (group.gathers(), group.stopped.is_some());
        let ended = self.end_of(fx, member, slot, gathers);
        let shut = ended.status == Status::Cancelled && ended.reason == Some(CancelReason::Shutdown);
        if shut && !stopped && !must_run && !self.admission.is_open() {
            self.cancel(fx, slot, CancelReason::Shutdown, now);
            if self.tasks.at(slot).status.is_finished() {
                return;
            }
        }
        let Some(group) = self.group(slot) else { return };
        let verdict = group.take_end(place, ended);
        let left = group.left;
        if verdict == Verdict::StopTheRest && left > 0 {
            self.stop_members(fx, slot, CancelReason::NotNeeded);
        }
        match left {
            0 => self.finish_group(fx, slot, now),
            _ => self.group_progressed(fx, slot, now),
        }
    }

    /// How a member has ended. Its result is taken only where it is wanted.
    fn end_of(&mut self, fx: &mut Effects<P>, member: u32, slot: u32, wanted: bool) -> Ended<P> {
        let id = self.id(member);
        let record = self.tasks.at(slot);
        let (owner, code) = (record.owner, record.code);
        let lenders = self.lenders_of(member);
        let lent_by = match lenders.as_slice() {
            [] => NIL,
            [one] => *one,
            _ => SEVERAL,
        };
        let foreign = lenders.iter().any(|lender| *lender != owner && *lender != code);
        let record = self.tasks.at(member);
        // For the text of an error.
        let name = match (&record.outcome, record.shown_name()) {
            (Outcome::Value(_), _) => String::new(),
            (_, Some(name)) => format!("\"{name}\""),
            (_, None) => format!("task {id}"),
        };
        let (status, reason, bytes) = (record.status, record.cancel_reason(), record.bytes());
        let wanted = wanted && !record.has(flag::WITHHELD);
        let outcome = match &record.outcome {
            Outcome::Value(_) if !wanted => Outcome::Value(P::default()),
            // One of which the result is not there any more has none to give.
            Outcome::Value(_) => Outcome::Value(self.take_result(fx, member).unwrap_or_default()),
            Outcome::Error(error) if foreign && error.has_source() => {
                Outcome::Error(Arc::new(error.without_source()))
            }
            Outcome::Error(error) => Outcome::Error(error.clone()),
            Outcome::None => Outcome::None,
        };
        Ended { name, status, reason, outcome, bytes, lent_by }
    }

    /// All members have ended: so does the group, if it has begun.
    fn finish_group(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let record = self.tasks.at(slot);
        if record.status != Status::Running {
            return;
        }
        let (asked, late) = (record.has(flag::CANCEL_REQUESTED), record.has(flag::TIMED_OUT));
        let timeout = record.extra().kept.timeout.unwrap_or_default();
        self.time.remove(&mut self.tasks, slot);
        let Some(group) = self.group(slot) else { return };
        debug_assert_eq!(group.left, 0);
        let (status, outcome, bytes) = match late {
            true => {
                let text = format!("its tasks took longer than its time-out of {timeout:?}");
                let error =
                    TaskError::new(ErrorKind::TimedOut, text).with_reason(Some(CancelReason::Timeout));
                let bytes = error.byte_size();
                (Status::TimedOut, Outcome::Error(Arc::new(error)), Some(bytes))
            }
            false => group.result(asked),
        };
        let (outcome, bytes) = match outcome {
            // What it had gathered until then went with its owner (`unload.rs`): a rest of it is no result.
            Outcome::Value(value) if self.is_unloading(slot) => {
                self.tasks.at(slot).set(flag::SHED);
                self.leave(fx, slot, Garbage::Outcome(Outcome::Value(value)));
                (Outcome::Value(P::default()), Some(0))
            }
            outcome => (outcome, bytes),
        };
        self.group_progressed(fx, slot, now);
        self.terminate_with(fx, slot, status, outcome, bytes, now);
    }

    // ---- to stop -------------------------------------------------------------------------------

    /// Asks the members that have not ended to stop. What has been asked before keeps its reason.
    pub fn stop_members(&mut self, fx: &mut Effects<P>, slot: u32, reason: CancelReason) {
        let Some(group) = self.group(slot) else { return };
        if group.stopped.replace(reason) != Some(reason) {
            self.look_at_members(fx, slot);
        }
    }

    fn look_at_members(&mut self, fx: &mut Effects<P>, slot: u32) {
        let Some(group) = self.group(slot) else { return };
        group.looked_at = 0;
        if std::mem::replace(&mut group.stopping, true) {
            return;
        }
        self.add_handle(slot);
        self.chores.push(Chore::Stop(slot));
        fx.chores = true;
    }

    /// A group has ended: what it has gathered and does not give goes, and it watches its members no more. Those
    /// that have not ended are asked to stop.
    pub fn group_ended(&mut self, fx: &mut Effects<P>, slot: u32) {
        let reason = self.tasks.at(slot).cancel_reason().unwrap_or(CancelReason::NotNeeded);
        let Some(group) = self.group(slot) else { return };
        let left = group.left;
        if let Some(values) = group.take_values(|_| true) {
            self.leave(fx, slot, Garbage::Outcome(Outcome::Value(values)));
        }
        if left > 0 {
            self.stop_members(fx, slot, reason);
            self.look_at_members(fx, slot);
        }
    }

    /// Asks up to `left` members to stop, and watches them no more if the group has ended; whether that were all.
    pub fn stop_some(&mut self, fx: &mut Effects<P>, slot: u32, left: &mut usize) -> bool {
        let now = self.clock.now();
        loop {
            let ended = self.tasks.at(slot).status.is_finished();
            let Some(group) = self.group(slot) else { return true };
            let (place, reason) = (group.looked_at, group.stopped.unwrap_or(CancelReason::NotNeeded));
            if place == group.places.len() {
                group.stopping = false;
                self.stopped_group_goes_on(fx, slot);
                self.drop_handle(fx, slot);
                return true;
            }
            if *left == 0 {
                return false;
            }
            *left -= 1;
            group.looked_at += 1;
            let links = self.links(slot);
            let edge = links.members_from + place as u32;
            let member = links.edges[edge as usize].on;
            if member == NIL {
                continue;
            }
            if ended {
                self.drop_edge(Link { slot, edge });
                self.leave_whole(fx, member, slot);
                if let Some(group) = self.group(slot) {
                    group.left -= 1;
                }
            }
            if !goes_on(self.tasks.at(member), reason) {
                self.cancel(fx, member, reason, now);
            }
            if ended {
                self.leave_paused_group(fx, slot, member);
            }
        }
    }

    /// How many members a group has.
    pub fn members(&mut self, slot: u32) -> usize {
        self.group(slot).map_or(0, |group| group.places.len())
    }

    /// The member at a place, unless it has ended, or is watched no more.
    pub fn member_at(&mut self, slot: u32, place: usize) -> Option<u32> {
        let links = self.links(slot);
        let edge = links.edges.get(links.members_from as usize + place)?;
        (edge.on != NIL).then_some(edge.on)
    }

    /// A group has ended before this task, which is shown by itself from here on.
    fn leave_whole(&mut self, fx: &mut Effects<P>, member: u32, slot: u32) {
        let id = self.id(slot);
        let links = self.links(member);
        if links.whole.is_some_and(|(_, whole)| whole == id) {
            links.whole = None;
            self.note(fx, member);
        }
    }

    /// Whether groups watch a task.
    pub fn is_member(&mut self, slot: u32) -> bool {
        let links = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.links.as_ref());
        links.is_some_and(|links| links.groups > 0)
    }

    /// Why a task that waits for no other any more, or has the next place of its key, is not to begin all the same: a
    /// group that it is in stops its members, and is about to come to this one. Of two in a row, the second would begin
    /// where the first decides.
    pub fn stopped_with_group(tasks: &mut Tasks<P>, slot: u32) -> Option<CancelReason> {
        let links = tasks.at(slot).extra.as_ref().and_then(|extra| extra.links.as_ref());
        let (groups, mut link) = links.map(|links| (links.groups, links.first))?;
        // They stand before all others.
        for _ in 0..groups {
            let extra = tasks.at(link.slot).extra.as_ref()?;
            let reason = extra.group.as_ref().and_then(|group| group.stopped);
            let next = extra.links.as_ref()?.edges[link.edge as usize].next;
            if let Some(reason) = reason.filter(|reason| !goes_on(tasks.at(slot), *reason)) {
                return Some(reason);
            }
            link = next;
        }
        None
    }

    // ---- progress ------------------------------------------------------------------------------

    /// How far a task is, where nothing is known of that: not at all.
    fn progress_of(&mut self, slot: u32) -> f64 {
        let extra = self.tasks.at(slot).extra.as_ref();
        extra.and_then(|extra| extra.progress.as_ref()).map_or(0.0, |progress| progress.value.max(0.0))
    }

    /// A task has reported its progress: the groups that it is in come forward.
    pub fn pass_on_progress(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let links = self.tasks.at(slot).extra.as_ref().and_then(|extra| extra.links.as_ref());
        let Some((groups, mut link)) = links.map(|links| (links.groups, links.first)) else { return };
        let done = if groups > 0 { self.progress_of(slot) } else { 0.0 };
        // They stand before all others.
        for _ in 0..groups {
            let next = self.edge(link).next;
            let place = link.edge - self.links(link.slot).members_from;
            if self.group(link.slot).is_some_and(|group| group.set_done(place as usize, done)) {
                self.group_progressed(fx, link.slot, now);
            }
            link = next;
        }
    }

    /// A group has come forward. It is told as any task's progress; the groups that it is in hear of it once in a
    /// frame, so that groups in groups in groups cost no more than there are.
    fn group_progressed(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        if self.tasks.at(slot).status != Status::Running {
            return;
        }
        let Some(group) = self.group(slot) else { return };
        let value = group.progress();
        let progress = self.tasks.at(slot).extra().progress.get_or_insert_default();
        if progress.value == value {
            return;
        }
        progress.value = value;
        self.progressed(fx, slot, now);
        if !self.tasks.at(slot).has(flag::PRECEDES) {
            return;
        }
        let Some(group) = self.group(slot) else { return };
        if group.passed_on.is_none_or(|last| now >= last.saturating_add(FRAME)) {
            group.passed_on = Some(now);
            self.pass_on_progress(fx, slot, now);
        } else if !std::mem::replace(&mut group.behind, true) {
            let key = self.tasks.at(slot).key;
            self.time.flush_later(slot, key, now.saturating_add(FRAME));
            self.arm_timer(fx);
        }
    }

    /// A frame is over: the groups that a group is in hear what they have not heard.
    pub fn pass_on_late(&mut self, fx: &mut Effects<P>, slot: u32, now: Nanos) {
        let Some(group) = self.group(slot) else { return };
        if std::mem::take(&mut group.behind) {
            group.passed_on = Some(now);
            self.pass_on_progress(fx, slot, now);
        }
    }
}

impl<P: Payload> Engine<P> {
    /// Submits a group: a task without a body that stands for others, its members, in the order of its result.
    ///
    /// It ends when all of them have ended. By `policy` the first that does not complete, or the first that does,
    /// cancels the rest ([`CancelReason::NotNeeded`]). To cancel it is to cancel them. Its result is the list of
    /// theirs ([`Payload::list`]); with [`ErrorPolicy::StopOnSuccess`], that of the first that completed.
    ///
    /// A member may be in several groups, may be one, and may have ended. Refused are ids that are unknown or
    /// forgotten, an empty list with `StopOnSuccess`, options for work, and more than 32 levels of groups.
    pub fn submit_group(
        &self,
        members: &[TaskId],
        policy: ErrorPolicy,
        options: TaskOptions<P>,
        reserved: Option<TaskId>,
        keep: bool,
    ) -> Result<TaskId, SubmitError> {
        if options.periodic.is_some() {
            return Err(SubmitError::NoWork { option: "interval" });
        }
        if options.retry.times > 0 {
            return Err(SubmitError::NoWork { option: "retry" });
        }
        if !options.takes.is_empty() {
            return Err(SubmitError::NoWork { option: "takes" });
        }
        // Of a run, and it has none.
        let options =
            TaskOptions { group: Some((policy, members.into())), warn_after: Duration::ZERO, ..options };
        self.submit(Box::new(NoBody), options, reserved, keep)
    }
}
