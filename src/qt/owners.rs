//! Owners, as they cross to C++: numbers, of which 0 is the application. And the one whose task is being told of.

use std::cell::Cell;

use cxx_qt_lib::QVariant;

use super::options;
use super::values::read;
use crate::engine::{LimitsError, OwnerId};
use crate::tasks;

/// An owner as a number that is not 0.
pub fn pack_owner(owner: OwnerId) -> u64 {
    let (index, generation) = owner.parts();
    (u64::from(generation) << 32) | (u64::from(index) + 1)
}

pub fn unpack_owner(owner: u64) -> Option<OwnerId> {
    let index = (owner as u32).checked_sub(1)?;
    Some(OwnerId::from_parts(index, (owner >> 32) as u32))
}

/// Limits an owner to what a map says; what is wrong.
pub fn set_limits(owner: Option<OwnerId>, limits: &QVariant) -> Result<(), String> {
    let limits = options::limits(&read(limits, "limits")?)?;
    let owner = owner.ok_or_else(|| LimitsError::OwnerGone.to_string())?;
    tasks().engine().set_limits(owner, limits).map_err(|error| error.to_string())
}

thread_local! {
    static OF_SIGNAL: Cell<Option<OwnerId>> = const { Cell::new(None) };
}

/// The owner of the task that the signal of the moment tells of. On the manager's thread.
pub fn of_signal() -> Option<OwnerId> {
    OF_SIGNAL.get()
}

/// Says which owner's task is told of, while it is. A slot may open an event loop, in which those of others are.
pub struct Telling(Option<OwnerId>);

impl Telling {
    pub fn of(owner: Option<OwnerId>) -> Self {
        Telling(OF_SIGNAL.replace(owner))
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        OF_SIGNAL.set(self.0);
    }
}
