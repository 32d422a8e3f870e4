//! What is to be done to find duplicates, without Qt and without tasks.
//!
//! In reading order: [`scan`] and [`hash`] (what a worker does with one folder, one file),
//! [`search`] (what follows from it).

pub mod hash;
pub mod scan;
pub mod search;
#[cfg(test)]
mod tests;

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Which file it is, whatever its names: hard links have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Inode {
    device: u64,
    number: u64,
}

impl Inode {
    pub fn of(metadata: &Metadata) -> Self {
        Inode { device: metadata.dev(), number: metadata.ino() }
    }
}

/// Why a file or a folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read {path}: {source}")]
    Io { path: String, source: std::io::Error },
    #[error("{0} changes while it is read")]
    Changes(String),
}

impl ReadError {
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        ReadError::Io { path: path.display().to_string(), source }
    }
}
