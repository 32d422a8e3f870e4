//! One folder: what is in it.

use std::ffi::OsString;
use std::fs::DirEntry;
use std::io::ErrorKind;
use std::path::Path;

use super::{Inode, ReadError};

/// A regular file that is not empty.
#[derive(Debug)]
pub struct Found {
    pub name: OsString,
    pub size: u64,
    pub inode: Inode,
}

/// What is in a folder.
#[derive(Debug)]
pub struct Scan {
    /// The folder's own, so that one that is there twice (a bind mount) is searched once.
    pub inode: Inode,
    pub files: Vec<Found>,
    pub folders: Vec<OsString>,
    /// Entries of which not even the size could be learned.
    pub errors: Vec<ReadError>,
}

/// Lists a folder. Symbolic links are not followed, so there are no loops; what is neither a file
/// nor a folder is left out, and so are empty files, which are all alike and waste nothing.
pub fn scan(folder: &Path) -> Result<Scan, ReadError> {
    let error = |source| ReadError::io(folder, source);
    let inode = Inode::of(&std::fs::metadata(folder).map_err(error)?);
    let mut scan = Scan { inode, files: Vec::new(), folders: Vec::new(), errors: Vec::new() };
    for entry in std::fs::read_dir(folder).map_err(error)? {
        let entry = entry.map_err(error)?;
        match look(&entry) {
            Ok(Entry::File(file)) => scan.files.push(file),
            Ok(Entry::Folder) => scan.folders.push(entry.file_name()),
            Ok(Entry::Other) => {}
            // It went while we looked: then it is no duplicate either.
            Err(gone) if gone.kind() == ErrorKind::NotFound => {}
            Err(source) => scan.errors.push(ReadError::io(&entry.path(), source)),
        }
    }
    Ok(scan)
}

enum Entry {
    File(Found),
    Folder,
    Other,
}

fn look(entry: &DirEntry) -> std::io::Result<Entry> {
    // Both calls ask about the entry itself, not about what a link points to.
    let kind = entry.file_type()?;
    if kind.is_dir() {
        return Ok(Entry::Folder);
    }
    if !kind.is_file() {
        return Ok(Entry::Other);
    }
    let metadata = entry.metadata()?;
    match metadata.len() {
        0 => Ok(Entry::Other),
        size => Ok(Entry::File(Found { name: entry.file_name(), size, inode: Inode::of(&metadata) })),
    }
}
