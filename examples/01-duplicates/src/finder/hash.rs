//! One file: its hash. Files with the same BLAKE3 hash of the whole are taken for equal; to find two
//! that differ is beyond anyone's means, so they are not compared byte by byte.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::{Inode, ReadError};

pub type Hash = [u8; 32];

/// So much is read of each file that has the size of another one. What differs mostly does so here.
pub const FIRST_BLOCK: u64 = 16 * 1024;

/// A worker that reads a large file looks up after so much.
const BLOCK: usize = 256 * 1024;

/// What a file was when it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    pub size: u64,
    pub inode: Inode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hashed {
    Hash(Hash),
    /// It is not any more what it was when it was found.
    Changed,
}

/// Hashes the first block, which of a small file is the whole.
pub fn first_block(path: &Path, expected: Expected) -> Result<Hashed, ReadError> {
    let most = FIRST_BLOCK.min(expected.size);
    read(path, expected, most, &mut |_| Ok(()))
}

/// Hashes the whole. `step` hears how much was read, and its error ends it.
pub fn whole<E: From<ReadError>>(
    path: &Path,
    expected: Expected,
    step: &mut dyn FnMut(u64) -> Result<(), E>,
) -> Result<Hashed, E> {
    read(path, expected, expected.size, step)
}

fn read<E: From<ReadError>>(
    path: &Path,
    expected: Expected,
    most: u64,
    step: &mut dyn FnMut(u64) -> Result<(), E>,
) -> Result<Hashed, E> {
    let error = |source| E::from(ReadError::io(path, source));
    let mut file = File::open(path).map_err(error)?;
    if !is(&file, expected).map_err(error)? {
        return Ok(Hashed::Changed);
    }
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; BLOCK.min(most as usize)];
    let mut left = most;
    while left > 0 {
        let block = left.min(buffer.len() as u64) as usize;
        match file.read(&mut buffer[..block]) {
            Ok(0) => return Ok(Hashed::Changed),
            Ok(read) => {
                hasher.update(&buffer[..read]);
                left -= read as u64;
                step(most - left)?;
            }
            Err(interrupted) if interrupted.kind() == ErrorKind::Interrupted => {}
            Err(source) => return Err(error(source)),
        }
    }
    // It may have grown meanwhile, so that we have only a part.
    if !is(&file, expected).map_err(error)? {
        return Ok(Hashed::Changed);
    }
    Ok(Hashed::Hash(hasher.finalize().into()))
}

fn is(file: &File, expected: Expected) -> std::io::Result<bool> {
    let metadata = file.metadata()?;
    Ok(metadata.len() == expected.size && Inode::of(&metadata) == expected.inode)
}

/// What a file is now: for one that changed.
pub fn look(path: &Path) -> Result<Expected, ReadError> {
    let metadata = std::fs::symlink_metadata(path).map_err(|source| ReadError::io(path, source))?;
    if !metadata.is_file() {
        return Err(ReadError::Changes(path.display().to_string()));
    }
    Ok(Expected { size: metadata.len(), inode: Inode::of(&metadata) })
}
