//! Owners, as they cross to C++: numbers, of which 0 is the application.

use crate::engine::OwnerId;

/// An owner as a number that is not 0.
pub fn pack_owner(owner: OwnerId) -> u64 {
    let (index, generation) = owner.parts();
    (u64::from(generation) << 32) | (u64::from(index) + 1)
}

pub fn unpack_owner(owner: u64) -> Option<OwnerId> {
    let index = (owner as u32).checked_sub(1)?;
    Some(OwnerId::from_parts(index, (owner >> 32) as u32))
}
