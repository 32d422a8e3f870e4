//! Records in chunks that never move.
//!
//! A slab that doubles would copy a million records under the lock. Here growing is one more
//! chunk, a chunk that nobody uses is given back, and one such chunk is kept so that a program
//! that goes up and down at its edge does not allocate each time.

use super::record::NIL;
use super::task::Record;

const CHUNK: usize = 512;

struct Chunk<P> {
    /// Up to `CHUNK` records, filled in order; its allocation is exact from the start, or none.
    records: Vec<Record<P>>,
    /// The first free one among those that were used before.
    free: u32,
    used: u32,
}

pub struct Slab<P> {
    chunks: Vec<Chunk<P>>,
    /// Chunks with room, the one to use next last. A chunk stands here once, or not at all when
    /// it is full or given back.
    open: Vec<u32>,
    /// Chunks that were given back.
    vacant: Vec<u32>,
    /// How many chunks in `open` hold memory and no record.
    empty: u32,
}

impl<P> Slab<P> {
    pub const fn new() -> Self {
        Slab { chunks: Vec::new(), open: Vec::new(), vacant: Vec::new(), empty: 0 }
    }

    /// The slot of a record that is free; its key is to be set at once.
    /// `None` when all of the 2³² slots are taken.
    pub fn insert(&mut self) -> Option<u32> {
        let at = match self.open.last() {
            Some(&at) => at,
            None => {
                let at = match self.vacant.pop() {
                    Some(at) => at,
                    None if self.chunks.len() * CHUNK >= NIL as usize => return None,
                    None => {
                        self.chunks.push(Chunk { records: Vec::new(), free: NIL, used: 0 });
                        (self.chunks.len() - 1) as u32
                    }
                };
                self.chunks[at as usize].records = Vec::with_capacity(CHUNK);
                self.empty += 1;
                self.open.push(at);
                at
            }
        };
        let chunk = &mut self.chunks[at as usize];
        if chunk.used == 0 {
            self.empty -= 1;
        }
        let index = if chunk.free != NIL {
            let index = chunk.free;
            chunk.free = chunk.records[index as usize].next;
            index
        } else {
            chunk.records.push(Record::free(NIL));
            (chunk.records.len() - 1) as u32
        };
        chunk.used += 1;
        if chunk.used as usize == CHUNK {
            self.open.pop();
        }
        Some(at * CHUNK as u32 + index)
    }

    /// Empties the record; its slot may be used again, with another key.
    pub fn remove(&mut self, slot: u32) {
        let (at, index) = (slot / CHUNK as u32, slot % CHUNK as u32);
        let chunk = &mut self.chunks[at as usize];
        chunk.records[index as usize] = Record::free(chunk.free);
        chunk.free = index;
        if chunk.used as usize == CHUNK {
            self.open.push(at);
        }
        chunk.used -= 1;
        if chunk.used == 0 {
            if self.empty == 0 {
                self.empty = 1;
            } else {
                *chunk = Chunk { records: Vec::new(), free: NIL, used: 0 };
                if let Some(place) = self.open.iter().rposition(|open| *open == at) {
                    self.open.swap_remove(place);
                }
                self.vacant.push(at);
            }
        }
    }

    /// The record of a slot that is in use.
    #[inline]
    pub fn at(&mut self, slot: u32) -> &mut Record<P> {
        &mut self.chunks[slot as usize / CHUNK].records[slot as usize % CHUNK]
    }

    /// The record of a slot from anywhere, also an invented one.
    pub fn get(&mut self, slot: u32) -> Option<&mut Record<P>> {
        self.chunks.get_mut(slot as usize / CHUNK)?.records.get_mut(slot as usize % CHUNK)
    }

    /// The end of all slots, for a walk in pieces.
    pub fn end(&self) -> usize {
        self.chunks.len() * CHUNK
    }

    /// The slots in use, oldest chunk first.
    #[cfg(test)]
    pub fn slots(&self) -> impl Iterator<Item = u32> + '_ {
        self.chunks.iter().enumerate().flat_map(|(at, chunk)| {
            let used = chunk.records.iter().enumerate().filter(|(_, record)| record.key != 0);
            used.map(move |(index, _)| (at * CHUNK + index) as u32)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(slab: &mut Slab<()>, key: u64) -> u32 {
        let slot = slab.insert().unwrap();
        slab.at(slot).key = key;
        slot
    }

    #[test]
    fn a_record_stays_small() {
        assert!(size_of::<Record<[u8; 24]>>() <= 136, "{}", size_of::<Record<[u8; 24]>>());
    }

    #[test]
    fn chunks_that_nobody_uses_are_given_back_but_one() {
        let mut slab = Slab::new();
        let slots: Vec<_> = (1..=10 * CHUNK as u64).map(|key| insert(&mut slab, key)).collect();
        assert_eq!(slab.slots().count(), slots.len());
        for slot in &slots {
            slab.remove(*slot);
        }
        assert_eq!(slab.slots().count(), 0);
        let with_memory = slab.chunks.iter().filter(|chunk| chunk.records.capacity() > 0).count();
        assert_eq!(with_memory, 1);
        assert_eq!(slab.vacant.len(), 9);
        let again: Vec<_> = (1..=10 * CHUNK as u64).map(|key| insert(&mut slab, key)).collect();
        assert_eq!(slab.chunks.len(), 10);
        assert_eq!(slab.slots().count(), again.len());
    }

    #[test]
    fn a_slot_is_used_again_and_others_stay() {
        let mut slab = Slab::new();
        let first = insert(&mut slab, 1);
        let second = insert(&mut slab, 2);
        slab.remove(first);
        assert_eq!(slab.at(first).key, 0);
        let third = insert(&mut slab, 3);
        assert_eq!(third, first);
        assert_eq!(slab.at(second).key, 2);
        assert!(slab.get(1 << 30).is_none());
    }
}
