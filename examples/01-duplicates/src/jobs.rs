//! What runs on the workers: the finder's functions as bodies of tasks, and their results.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use legwork::{Args, Opaque, TaskContext, TaskValue, Value};

use crate::finder::ReadError;
use crate::finder::hash::{self, Expected, Hashed};
use crate::finder::scan::{self, Scan};

/// A body's error: the finder's, or the library's "it was cancelled".
type Failure = Box<dyn Error + Send + Sync>;

/// A result with two sides: a few entries for slots of the signals, and the thing itself for
/// `on_complete`, which takes it.
pub struct Reply<T> {
    shown: Vec<(&'static str, Value)>,
    value: T,
}

/// Where the thing itself is in the map.
const ITSELF: &str = "rust";

impl<T> Reply<T> {
    fn new(path: &Path, value: T) -> Self {
        Reply { shown: vec![("path", Value::text(path.to_string_lossy()))], value }
    }

    fn show(mut self, key: &'static str, value: impl TaskValue) -> Self {
        self.shown.push((key, value.into_value()));
        self
    }

    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: Send + Sync + 'static> TaskValue for Reply<T> {
    const KIND: &'static str = "a reply that nobody has taken";

    fn into_value(mut self) -> Value {
        let itself = Opaque::new(Mutex::new(Some(self.value)));
        self.shown.push((ITSELF, Value::Opaque(itself)));
        Value::map(self.shown)
    }

    fn from_value(value: Value) -> Option<Self> {
        let Value::Opaque(itself) = value.get(ITSELF)? else { return None };
        let itself = itself.downcast::<Mutex<Option<T>>>()?;
        let value = itself.lock().ok()?.take()?;
        Some(Reply { shown: Vec::new(), value })
    }
}

pub fn scan(path: PathBuf) -> Result<Reply<Scan>, Failure> {
    let scan = scan::scan(&path)?;
    let (files, folders) = (scan.files.len() as u64, scan.folders.len() as u64);
    Ok(Reply::new(&path, scan).show("files", files).show("folders", folders))
}

pub fn first_block(path: PathBuf, expected: Expected, again: bool) -> Result<Reply<Hashed>, Failure> {
    hashed(&path, hash::first_block(&path, expected)?, again)
}

pub fn whole(
    path: PathBuf,
    expected: Expected,
    again: bool,
    context: &TaskContext,
) -> Result<Reply<Hashed>, Failure> {
    let mut step = |read: u64| -> Result<(), Failure> {
        context.set_progress_value((read as f64 / expected.size as f64).min(1.0));
        Ok(context.checkpoint()?)
    };
    hashed(&path, hash::whole(&path, expected, &mut step)?, again)
}

fn hashed(path: &Path, hashed: Hashed, again: bool) -> Result<Reply<Hashed>, Failure> {
    let reply = Reply::new(path, hashed);
    match hashed {
        Hashed::Hash(hash) => Ok(reply.show("hash", blake3::Hash::from(hash).to_hex().to_string())),
        Hashed::Changed if again => Err(ReadError::Changes(path.display().to_string()).into()),
        Hashed::Changed => Ok(reply.show("changed", true)),
    }
}

/// The job `checksum`, for the QML of the window: the hash of a whole file, as text.
pub fn checksum(context: &TaskContext, args: &Args) -> Result<String, Failure> {
    let path = PathBuf::from(args.get::<String>(0)?);
    let expected = hash::look(&path)?;
    let mut step = |read: u64| -> Result<(), Failure> {
        context.set_progress_value((read as f64 / expected.size.max(1) as f64).min(1.0));
        Ok(context.checkpoint()?)
    };
    match hash::whole(&path, expected, &mut step)? {
        Hashed::Hash(hash) => Ok(blake3::Hash::from(hash).to_hex().to_string()),
        Hashed::Changed => Err(ReadError::Changes(path.display().to_string()).into()),
    }
}

pub fn look(path: PathBuf) -> Result<Reply<Expected>, Failure> {
    let now = hash::look(&path)?;
    Ok(Reply::new(&path, now).show("size", now.size))
}

/// The bytes of a file system.
#[derive(Debug, Clone, Copy)]
pub struct Space {
    pub free: u64,
    pub total: u64,
}

pub fn space(path: &Path) -> Result<Reply<Space>, Failure> {
    let found = rustix::fs::statvfs(path).map_err(|source| ReadError::io(path, source.into()))?;
    let space = Space { free: found.f_bavail * found.f_frsize, total: found.f_blocks * found.f_frsize };
    Ok(Reply::new(path, space).show("free", space.free).show("total", space.total))
}
