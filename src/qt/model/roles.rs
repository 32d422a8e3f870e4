//! What a row has: the roles, and which of them differ between two moments of a task.

use crate::engine::{Brief, Status};

/// In the order of their numbers, which are part of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    TaskId,
    Name,
    Job,
    Owner,
    Status,
    Priority,
    Progress,
    Message,
    Created,
    Started,
    Finished,
    Elapsed,
    Error,
    ErrorDetails,
    Iteration,
    Periodic,
    CancelRequested,
    CanCancel,
    Due,
    DueIn,
    Key,
    WaitsFor,
    Attempt,
    Attempts,
    Retrying,
    Slow,
    Amount,
    Group,
    Members,
    Depth,
    Open,
    CanRetry,
    PauseReason,
    CanPause,
    CanResume,
}

use Role::*;

/// All of them, with their names in QML.
pub const ROLES: [(Role, &str); 35] = [
    (TaskId, "taskId"),
    (Name, "name"),
    (Job, "job"),
    (Owner, "owner"),
    (Status, "status"),
    (Priority, "priority"),
    (Progress, "progress"),
    (Message, "message"),
    (Created, "created"),
    (Started, "started"),
    (Finished, "finished"),
    (Elapsed, "elapsed"),
    (Error, "error"),
    (ErrorDetails, "errorDetails"),
    (Iteration, "iteration"),
    (Periodic, "periodic"),
    (CancelRequested, "cancelRequested"),
    (CanCancel, "canCancel"),
    (Due, "due"),
    (DueIn, "dueIn"),
    (Key, "key"),
    (WaitsFor, "waitsFor"),
    (Attempt, "attempt"),
    (Attempts, "attempts"),
    (Retrying, "retrying"),
    (Slow, "slow"),
    (Amount, "amount"),
    (Group, "group"),
    (Members, "members"),
    (Depth, "depth"),
    (Open, "open"),
    (CanRetry, "canRetry"),
    (PauseReason, "pauseReason"),
    (CanPause, "canPause"),
    (CanResume, "canResume"),
];

/// `Qt::UserRole + 1`.
pub const FIRST: i32 = 0x101;

/// `Qt::DisplayRole`.
const DISPLAY: i32 = 0;

impl Role {
    /// The role with that number of Qt's.
    pub fn from_number(number: i32) -> Option<Role> {
        if number == DISPLAY {
            return Some(Name);
        }
        let index = usize::try_from(number.checked_sub(FIRST)?).ok()?;
        ROLES.get(index).map(|(role, _)| *role)
    }
}

/// A set of roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u64);

impl Roles {
    pub fn of(role: Role) -> Self {
        Roles(1 << role as u8)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn has(self, role: Role) -> bool {
        self.0 & Roles::of(role).0 != 0
    }

    /// Their numbers.
    pub fn numbers(self) -> impl Iterator<Item = i32> {
        (FIRST..).zip(ROLES).filter(move |(_, (role, _))| self.has(*role)).map(|(number, _)| number)
    }

    fn add_if(&mut self, differs: bool, roles: &[Role]) {
        if differs {
            roles.iter().for_each(|role| self.0 |= Roles::of(*role).0);
        }
    }
}

/// Where a task is on its way, as it is counted and filtered. A task between two attempts has begun, and is not one
/// that is planned for later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It waits for its time.
    Planned,
    /// For a worker, for others, for its next attempt, or to be resumed.
    Waiting,
    Running,
    Ended,
}

pub fn phase(task: &Brief) -> Phase {
    match task.status {
        // One that waits for its time is no nearer while it is paused.
        crate::Status::Delayed | crate::Status::Paused if task.due.is_some() && !task.retrying => {
            Phase::Planned
        }
        crate::Status::Delayed if !task.retrying => Phase::Planned,
        crate::Status::Delayed | crate::Status::Blocked | crate::Status::Queued | crate::Status::Paused => {
            Phase::Waiting
        }
        crate::Status::Running => Phase::Running,
        _ => Phase::Ended,
    }
}

/// Whether a task may still be asked to stop, and was not.
pub fn can_cancel(task: &Brief) -> bool {
    is_active(task.status) && !task.cancel_requested
}

pub fn is_active(status: Status) -> bool {
    is_waiting(status) || status == crate::Status::Running
}

pub fn is_waiting(status: Status) -> bool {
    matches!(
        status,
        crate::Status::Delayed | crate::Status::Blocked | crate::Status::Queued | crate::Status::Paused
    )
}

/// Whether a task failed, or is a periodic one and its last run did.
pub fn failed(task: &Brief) -> bool {
    task.status.is_failure() || is_active(task.status) && task.error.is_some()
}

/// The roles in which a task differs from what it was; its id, name, job, owner and key stay.
pub fn difference(was: &Brief, is: &Brief) -> Roles {
    let mut roles = Roles::default();
    roles.add_if(was.status != is.status, &[Status]);
    roles.add_if(was.priority != is.priority, &[Priority]);
    roles.add_if(was.progress.to_bits() != is.progress.to_bits(), &[Progress]);
    roles.add_if(was.message != is.message, &[Message]);
    roles.add_if(was.due != is.due, &[Due, DueIn]);
    roles.add_if(was.started != is.started, &[Started, Elapsed]);
    roles.add_if(was.finished != is.finished, &[Finished, Elapsed]);
    roles.add_if(was.run != is.run, &[Elapsed]);
    roles.add_if(was.error != is.error, &[Error, ErrorDetails]);
    roles.add_if(was.iteration != is.iteration, &[Iteration]);
    roles.add_if(was.cancel_requested != is.cancel_requested, &[CancelRequested]);
    roles.add_if(can_cancel(was) != can_cancel(is), &[CanCancel]);
    roles.add_if(was.waits_for != is.waits_for, &[WaitsFor]);
    roles.add_if(was.attempt != is.attempt, &[Attempt]);
    roles.add_if(was.retrying != is.retrying, &[Retrying]);
    roles.add_if(was.slow != is.slow, &[Slow]);
    roles.add_if(was.amount != is.amount, &[Amount]);
    roles.add_if(was.path != is.path, &[Group, Depth]);
    roles.add_if(was.can_retry != is.can_retry, &[CanRetry]);
    roles.add_if(was.paused != is.paused, &[PauseReason]);
    roles.add_if(was.can_pause != is.can_pause, &[CanPause]);
    roles.add_if(was.can_resume != is.can_resume, &[CanResume]);
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_have_the_numbers_of_the_interface() {
        for (index, (role, name)) in ROLES.iter().enumerate() {
            assert_eq!(*role as usize, index, "{name}");
            assert_eq!(Role::from_number(FIRST + index as i32), Some(*role));
        }
        assert_eq!(Role::from_number(0), Some(Name));
        for none in [-1, 1, FIRST - 1, FIRST + ROLES.len() as i32, i32::MAX, i32::MIN] {
            assert_eq!(Role::from_number(none), None);
        }
        let numbers: Vec<_> = Roles::of(Elapsed).numbers().collect();
        assert_eq!(numbers, [FIRST + 11]);
    }
}
