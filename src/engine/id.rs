//! Ids. Those of tasks are version 8 UUIDs that say where the record is.
//!
//! 32 bits hold the record's slot, 64 bits a key that this process gives out once, 26 bits the
//! engine's salt. Finding a record is an index and a comparison: no map to fill, to grow or to
//! hash, and a stale, foreign or invented id finds a record whose key differs.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The id of a task: unique in the process and never used again (B15).
///
/// Its text is a lower-case hyphenated UUID, such as `1b4e28ba-2fa1-8a11-883f-0016d3cca427`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(Uuid);

/// What an id holds once it is taken apart.
pub(super) struct Parts {
    pub slot: u32,
    pub key: u64,
    pub salt: u32,
}

pub(super) const SALT_MASK: u32 = (1 << 26) - 1;

impl TaskId {
    pub(super) fn pack(Parts { slot, key, salt }: Parts) -> Self {
        // The slot is masked with the key only so that neighbours look different to a reader.
        let low = u128::from(salt & SALT_MASK) << 32 | u128::from(slot ^ key as u32);
        // uuid puts the version into bits 76 to 79 and the variant into bits 62 and 63.
        let bits = u128::from(key >> 16) << 80
            | u128::from(key >> 4 & 0xfff) << 64
            | u128::from(key & 0xf) << 58
            | low;
        TaskId(Uuid::new_v8(bits.to_be_bytes()))
    }

    pub(super) fn unpack(self) -> Parts {
        let bits = self.0.as_u128();
        let key = (bits >> 80) as u64 & 0xffff_ffff_ffff;
        let key = key << 16 | ((bits >> 64) as u64 & 0xfff) << 4 | (bits >> 58) as u64 & 0xf;
        Parts { slot: bits as u32 ^ key as u32, key, salt: (bits >> 32) as u32 & SALT_MASK }
    }

    /// The id with that UUID; one that is no task's finds none.
    #[cfg(feature = "qt")]
    pub(crate) fn from_uuid(uuid: Uuid) -> Self {
        TaskId(uuid)
    }

    /// The id as the `uuid` crate has it.
    pub fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An owner of tasks. It goes when it is closed, or when the last `Owner` of it is dropped.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct OwnerId {
    pub(super) index: u32,
    /// Distinguishes the owners that had the index one after the other.
    pub(super) generation: u32,
}

impl OwnerId {
    /// Its numbers, for a face that cannot hold the type.
    pub fn parts(self) -> (u32, u32) {
        (self.index, self.generation)
    }

    /// The owner with these numbers; numbers that are none's belong to an owner that is gone.
    pub fn from_parts(index: u32, generation: u32) -> Self {
        OwnerId { index, generation }
    }
}

/// The text is no id of a task: it is not a UUID, or not one that this library makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a task id; ids look like 1b4e28ba-2fa1-8a11-883f-0016d3cca427")]
pub struct ParseTaskIdError;

impl FromStr for TaskId {
    type Err = ParseTaskIdError;

    /// Takes a UUID with or without braces. Anything else, of any length, is refused at once.
    fn from_str(text: &str) -> Result<Self, ParseTaskIdError> {
        match Uuid::try_parse(text) {
            Ok(uuid) if uuid.get_version_num() == 8 => Ok(TaskId(uuid)),
            _ => Err(ParseTaskIdError),
        }
    }
}

/// Gives out keys: a bijection (splitmix64) of a counter, so that none comes twice.
pub(super) struct Keys(u64);

impl Keys {
    pub fn new(seed: u64) -> Self {
        Keys(seed)
    }

    pub fn next(&mut self) -> u64 {
        loop {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            let key = z ^ z >> 31;
            // 0 marks a record that nobody uses.
            if key != 0 {
                return key;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b15_an_id_gives_back_what_it_was_made_of() {
        let mut keys = Keys::new(7);
        for slot in [0, 1, 511, 512, 999_999, u32::MAX - 1] {
            let (key, salt) = (keys.next(), 0x2ab_cdef & SALT_MASK);
            let id = TaskId::pack(Parts { slot, key, salt });
            let parts = id.unpack();
            assert_eq!((parts.slot, parts.key, parts.salt), (slot, key, salt));
            assert_eq!(id.as_uuid().get_version_num(), 8);
            assert_eq!(id.to_string().parse(), Ok(id));
            assert_eq!(format!("{{{id}}}").parse(), Ok(id));
        }
    }

    #[test]
    fn b15_what_is_no_id_is_refused() {
        for text in ["", "junk", "00000000-0000-0000-0000-000000000000", &"f".repeat(1 << 20)] {
            assert_eq!(text.parse::<TaskId>(), Err(ParseTaskIdError));
        }
        assert_eq!(Uuid::new_v4().to_string().parse::<TaskId>(), Err(ParseTaskIdError));
    }
}
