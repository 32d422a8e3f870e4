//! A search: what follows from each result, until nothing is left to be done.
//!
//! Nothing waits for a stage to end. A folder's files are sorted by size as they come; once a size
//! is there twice, first blocks are to be hashed; once a first block is there twice, whole files.
//! [`Search::next`] hands out the work, and each piece comes back by exactly one of
//! [`Search::scanned`], [`Search::hashed`], [`Search::changed`], [`Search::looked`],
//! [`Search::failed`] and [`Search::cancelled`].

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::ffi::OsString;
use std::path::PathBuf;

use super::Inode;
use super::hash::{Expected, FIRST_BLOCK, Hash};
use super::scan::Scan;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderId(u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// Files of one size with one first block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BucketId(u32);

impl BucketId {
    pub fn number(self) -> u32 {
        self.0
    }

    /// The bucket that had that number; in another search it is another one, or none.
    pub fn from_number(number: u32) -> Self {
        BucketId(number)
    }
}

/// What a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Job {
    Scan(FolderId),
    FirstBlock(FileId),
    Whole(FileId),
    /// To look again, a little later, at a file that changed while it was read.
    Look(FileId),
}

/// What opening a file costs, in bytes that could have been read instead: for the progress.
const OPENING: u64 = 4096;

struct Folder {
    parent: Option<FolderId>,
    name: OsString,
}

struct File {
    folder: FolderId,
    name: OsString,
    expected: Expected,
    stage: Stage,
    /// It has changed once while it was read; the second time is a failure.
    changed: bool,
    /// Where it is, from the first block on.
    bucket: Option<BucketId>,
}

/// How far a file is. One that has failed, was cancelled or is done with stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Found,
    FirstBlock,
    /// Its whole is to be hashed, and it is in a queue for that.
    WaitsForWhole,
    Whole,
    Done,
}

/// Files of which one thing is equal: nothing follows from a single one.
enum Class<T> {
    One(FileId),
    Many(T),
}

#[derive(Default)]
struct Bucket {
    size: u64,
    /// All of them, but for those that failed or changed.
    members: Vec<FileId>,
    /// How many are still to be hashed, or are being hashed.
    pending: usize,
    groups: Vec<(Hash, Vec<FileId>)>,
    /// What it has in `ranks`.
    ranks: Vec<(Reverse<u64>, BucketId, u32)>,
    /// Counts changes, so that a view knows of them.
    version: u64,
}

/// Equal files, or files that may turn out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    pub bucket: BucketId,
    /// Which of the bucket's groups it is.
    pub group: u32,
    pub version: u64,
    pub size: u64,
    pub files: &'a [FileId],
    /// How many of them are still to be compared: 0 for duplicates that are sure.
    pub pending: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub folders: u64,
    /// Folders that are known and not yet listed.
    pub folders_left: u64,
    /// Regular files that are not empty, a hard link counting as the file that it is.
    pub files: u64,
    pub bytes: u64,
    /// Files that came to be compared, and those of them that are done with.
    pub compared: u64,
    pub groups: u64,
    /// Files that are there once more.
    pub duplicates: u64,
    /// The bytes of those.
    pub wasted: u64,
    pub failed: u64,
    pub cancelled: u64,
    /// In bytes, with something for each opening.
    pub work_known: u64,
    pub work_done: u64,
}

pub struct Search {
    root: PathBuf,
    folders: Vec<Folder>,
    files: Vec<File>,
    seen_folders: HashSet<Inode>,
    inodes: HashMap<Inode, FileId>,
    sizes: HashMap<u64, Class<()>>,
    first_blocks: HashMap<(u64, Hash), Class<BucketId>>,
    buckets: Vec<Bucket>,
    /// What is there to be shown, the most wasteful first.
    ranks: BTreeSet<(Reverse<u64>, BucketId, u32)>,
    scans: VecDeque<FolderId>,
    first: VecDeque<FileId>,
    wholes: VecDeque<FileId>,
    /// Those of `wholes` that somebody looks at. They are in both queues; the stage tells.
    urgent: VecDeque<FileId>,
    looked_at: HashSet<BucketId>,
    looks: VecDeque<FileId>,
    /// Handed out and not yet back.
    out: usize,
    stopped: bool,
    totals: Totals,
}

impl Search {
    pub fn new(root: PathBuf) -> Self {
        let top = Folder { parent: None, name: OsString::new() };
        Search {
            root,
            folders: vec![top],
            files: Vec::new(),
            seen_folders: HashSet::new(),
            inodes: HashMap::new(),
            sizes: HashMap::new(),
            first_blocks: HashMap::new(),
            buckets: Vec::new(),
            ranks: BTreeSet::new(),
            scans: VecDeque::from([FolderId(0)]),
            first: VecDeque::new(),
            wholes: VecDeque::new(),
            urgent: VecDeque::new(),
            looked_at: HashSet::new(),
            looks: VecDeque::new(),
            out: 0,
            stopped: false,
            totals: Totals { folders_left: 1, ..Totals::default() },
        }
    }

    /// The next piece of work. What somebody looks at comes first; then folders, as they tell how
    /// much there is to do; then first blocks; then whole files.
    pub fn next(&mut self) -> Option<Job> {
        let job = self.take()?;
        self.out += 1;
        Some(job)
    }

    fn take(&mut self) -> Option<Job> {
        if let Some(file) = self.looks.pop_front() {
            return Some(Job::Look(file));
        }
        if let Some(job) = self.take_whole(true) {
            return Some(job);
        }
        if let Some(folder) = self.scans.pop_front() {
            return Some(Job::Scan(folder));
        }
        if let Some(file) = self.first.pop_front() {
            return Some(Job::FirstBlock(file));
        }
        self.take_whole(false)
    }

    fn take_whole(&mut self, urgent: bool) -> Option<Job> {
        let queue = if urgent { &mut self.urgent } else { &mut self.wholes };
        while let Some(file) = queue.pop_front() {
            let stage = &mut self.files[file.0 as usize].stage;
            if *stage == Stage::WaitsForWhole {
                *stage = Stage::Whole;
                return Some(Job::Whole(file));
            }
        }
        None
    }

    /// Hands out nothing more.
    pub fn stop(&mut self) {
        self.stopped = true;
        for queue in [&mut self.first, &mut self.wholes, &mut self.urgent, &mut self.looks] {
            queue.clear();
        }
        self.scans.clear();
        // What waited will never be compared, so nothing is pending but what is out.
        for index in 0..self.buckets.len() {
            let bucket = &mut self.buckets[index];
            let out = |file: &&FileId| self.files[file.0 as usize].stage == Stage::Whole;
            bucket.pending = bucket.members.iter().filter(out).count();
            self.rank(BucketId(index as u32));
        }
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Nothing is left to be handed out, as [`Search::next`] has said, and nothing is out.
    pub fn is_finished(&self) -> bool {
        let queues = [&self.first, &self.wholes, &self.urgent, &self.looks];
        self.out == 0 && self.scans.is_empty() && queues.iter().all(|queue| queue.is_empty())
    }

    pub fn totals(&self) -> Totals {
        self.totals
    }

    pub fn folder_path(&self, folder: FolderId) -> PathBuf {
        let mut names = Vec::new();
        let mut at = folder;
        while let Some(parent) = self.folders[at.0 as usize].parent {
            names.push(&self.folders[at.0 as usize].name);
            at = parent;
        }
        let mut path = self.root.clone();
        path.extend(names.into_iter().rev());
        path
    }

    pub fn path(&self, file: FileId) -> PathBuf {
        let file = &self.files[file.0 as usize];
        let mut path = self.folder_path(file.folder);
        path.push(&file.name);
        path
    }

    pub fn expected(&self, file: FileId) -> Expected {
        self.files[file.0 as usize].expected
    }

    /// Whether it changed while it was read, so that it is not to do so again.
    pub fn has_changed(&self, file: FileId) -> bool {
        self.files[file.0 as usize].changed
    }

    pub fn scanned(&mut self, folder: FolderId, scan: Scan) {
        self.out -= 1;
        self.totals.folders_left -= 1;
        if !self.seen_folders.insert(scan.inode) {
            return;
        }
        self.totals.folders += 1;
        self.totals.failed += scan.errors.len() as u64;
        if self.stopped {
            return;
        }
        for name in scan.folders {
            let id = FolderId(self.folders.len() as u32);
            self.folders.push(Folder { parent: Some(folder), name });
            self.scans.push_back(id);
            self.totals.folders_left += 1;
        }
        for found in scan.files {
            let expected = Expected { size: found.size, inode: found.inode };
            let file = File {
                folder,
                name: found.name,
                expected,
                stage: Stage::Found,
                changed: false,
                bucket: None,
            };
            self.found(file);
        }
    }

    fn found(&mut self, file: File) {
        let id = FileId(self.files.len() as u32);
        match self.inodes.entry(file.expected.inode) {
            Entry::Occupied(known) => {
                // A hard link: the same file under another name. The first name in order stands for
                // it, so that a search gives the same answer whichever folder comes first.
                let known = *known.get();
                let path = self.folder_path(file.folder).join(&file.name);
                if path < self.path(known) {
                    let linked = &mut self.files[known.0 as usize];
                    (linked.folder, linked.name) = (file.folder, file.name);
                }
            }
            Entry::Vacant(vacant) => {
                vacant.insert(id);
                self.totals.files += 1;
                self.totals.bytes += file.expected.size;
                self.files.push(file);
                self.sort_by_size(id);
            }
        }
    }

    fn sort_by_size(&mut self, file: FileId) {
        let size = self.files[file.0 as usize].expected.size;
        match self.sizes.entry(size) {
            Entry::Vacant(vacant) => {
                vacant.insert(Class::One(file));
            }
            Entry::Occupied(mut class) => {
                if let Class::One(other) = class.insert(Class::Many(())) {
                    self.wants_first_block(other);
                }
                self.wants_first_block(file);
            }
        }
    }

    fn wants_first_block(&mut self, file: FileId) {
        let entry = &mut self.files[file.0 as usize];
        if entry.stage == Stage::Found {
            entry.stage = Stage::FirstBlock;
            self.totals.work_known += first_block_work(entry.expected.size);
            self.totals.compared += 1;
            self.first.push_back(file);
        }
    }

    /// A first block's or a whole file's hash has come.
    pub fn hashed(&mut self, job: Job, hash: Hash) {
        self.out -= 1;
        self.work_done(job);
        match job {
            Job::FirstBlock(file) => self.first_block_hashed(file, hash),
            Job::Whole(file) => self.whole_hashed(file, hash),
            Job::Scan(_) | Job::Look(_) => {}
        }
    }

    fn first_block_hashed(&mut self, file: FileId, hash: Hash) {
        let size = self.files[file.0 as usize].expected.size;
        self.files[file.0 as usize].stage = Stage::Done;
        let bucket = match self.first_blocks.entry((size, hash)) {
            Entry::Vacant(vacant) => {
                vacant.insert(Class::One(file));
                return;
            }
            Entry::Occupied(mut class) => match *class.get() {
                Class::Many(bucket) => bucket,
                Class::One(other) => {
                    let bucket = BucketId(self.buckets.len() as u32);
                    self.buckets.push(Bucket { size, ..Bucket::default() });
                    class.insert(Class::Many(bucket));
                    self.join(bucket, other, hash);
                    bucket
                }
            },
        };
        self.join(bucket, file, hash);
        self.rank(bucket);
    }

    fn join(&mut self, bucket: BucketId, file: FileId, hash: Hash) {
        let entry = &mut self.buckets[bucket.0 as usize];
        entry.members.push(file);
        self.files[file.0 as usize].bucket = Some(bucket);
        if entry.size <= FIRST_BLOCK {
            // The first block was all of it.
            self.equal(bucket, file, hash);
            return;
        }
        // In a search that was stopped nothing is pending, it would be so forever.
        if !self.stopped {
            entry.pending += 1;
            self.files[file.0 as usize].stage = Stage::WaitsForWhole;
            self.totals.work_known += whole_work(entry.size);
            self.wholes.push_back(file);
        }
    }

    fn whole_hashed(&mut self, file: FileId, hash: Hash) {
        self.files[file.0 as usize].stage = Stage::Done;
        if let Some(bucket) = self.files[file.0 as usize].bucket {
            self.buckets[bucket.0 as usize].pending -= 1;
            self.equal(bucket, file, hash);
            self.rank(bucket);
        }
    }

    fn equal(&mut self, bucket: BucketId, file: FileId, hash: Hash) {
        let bucket = &mut self.buckets[bucket.0 as usize];
        match bucket.groups.iter_mut().find(|group| group.0 == hash) {
            None => bucket.groups.push((hash, vec![file])),
            Some((_, files)) => {
                files.push(file);
                self.totals.groups += u64::from(files.len() == 2);
                self.totals.duplicates += 1;
                self.totals.wasted += bucket.size;
            }
        }
    }

    /// A file was not any more what it had been: it is looked at again, once.
    pub fn changed(&mut self, job: Job) {
        self.out -= 1;
        self.work_done(job);
        if let Some(file) = self.leave(job) {
            self.files[file.0 as usize].changed = true;
            if !self.stopped {
                self.looks.push_back(file);
            }
        }
    }

    /// What a file that had changed is now.
    pub fn looked(&mut self, file: FileId, now: Expected) {
        self.out -= 1;
        let entry = &mut self.files[file.0 as usize];
        entry.stage = Stage::Found;
        entry.bucket = None;
        self.totals.bytes = self.totals.bytes - entry.expected.size + now.size;
        // A file is often replaced by a new one of the same name.
        let new = self.inodes.insert(now.inode, file).is_none_or(|known| known == file);
        entry.expected = now;
        if new && now.size > 0 && !self.stopped {
            self.sort_by_size(file);
        }
    }

    pub fn failed(&mut self, job: Job) {
        self.totals.failed += 1;
        self.lost(job);
    }

    pub fn cancelled(&mut self, job: Job) {
        self.totals.cancelled += 1;
        self.lost(job);
    }

    fn lost(&mut self, job: Job) {
        self.out -= 1;
        self.work_done(job);
        self.leave(job);
    }

    /// Takes a job's file out of what it was in.
    fn leave(&mut self, job: Job) -> Option<FileId> {
        match job {
            Job::Scan(_) => {
                self.totals.folders_left -= 1;
                None
            }
            Job::FirstBlock(file) | Job::Look(file) => {
                self.files[file.0 as usize].stage = Stage::Done;
                Some(file)
            }
            Job::Whole(file) => {
                self.files[file.0 as usize].stage = Stage::Done;
                if let Some(bucket) = self.files[file.0 as usize].bucket.take() {
                    let entry = &mut self.buckets[bucket.0 as usize];
                    entry.pending -= 1;
                    entry.members.retain(|member| *member != file);
                    self.rank(bucket);
                }
                Some(file)
            }
        }
    }

    fn work_done(&mut self, job: Job) {
        self.totals.work_done += match job {
            Job::Scan(_) | Job::Look(_) => 0,
            Job::FirstBlock(file) => first_block_work(self.expected(file).size),
            Job::Whole(file) => whole_work(self.expected(file).size),
        };
    }

    /// Puts a bucket where it belongs now.
    fn rank(&mut self, id: BucketId) {
        let bucket = &mut self.buckets[id.0 as usize];
        bucket.version += 1;
        for rank in bucket.ranks.drain(..) {
            self.ranks.remove(&rank);
        }
        let wasted = |files: &[FileId]| Reverse(bucket.size * (files.len() as u64 - 1));
        if bucket.pending > 0 {
            if bucket.members.len() > 1 {
                bucket.ranks.push((wasted(&bucket.members), id, 0));
            }
        } else {
            for (index, (_, files)) in bucket.groups.iter().enumerate().filter(|(_, group)| group.1.len() > 1)
            {
                bucket.ranks.push((wasted(files), id, index as u32));
            }
        }
        self.ranks.extend(&bucket.ranks);
    }

    /// What there is to show, the most wasteful first.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.ranks.iter().map(|(_, id, index)| {
            let bucket = &self.buckets[id.0 as usize];
            let files = match bucket.pending {
                0 => &bucket.groups[*index as usize].1,
                _ => &bucket.members,
            };
            Row {
                bucket: *id,
                group: *index,
                version: bucket.version,
                size: bucket.size,
                files,
                pending: bucket.pending,
            }
        })
    }

    /// Somebody looks at these, and at no others: their files are next. Those that were handed out
    /// already are given to `hurry`.
    pub fn look_at(&mut self, buckets: &[BucketId], mut hurry: impl FnMut(FileId)) {
        self.urgent.clear();
        self.looked_at.clear();
        self.looked_at.extend(buckets);
        for bucket in buckets {
            let Some(bucket) = self.buckets.get(bucket.0 as usize).filter(|bucket| bucket.pending > 0) else {
                continue;
            };
            for file in &bucket.members {
                match self.files[file.0 as usize].stage {
                    Stage::WaitsForWhole => self.urgent.push_back(*file),
                    Stage::Whole => hurry(*file),
                    _ => {}
                }
            }
        }
    }

    /// Whether somebody looks at what the file is part of.
    pub fn is_looked_at(&self, file: FileId) -> bool {
        self.files[file.0 as usize].bucket.is_some_and(|bucket| self.looked_at.contains(&bucket))
    }

    /// The groups of equal files, each in order, and in the order of their first.
    pub fn duplicates(&self) -> Vec<Vec<PathBuf>> {
        let groups = self.buckets.iter().flat_map(|bucket| &bucket.groups);
        let groups = groups.filter(|(_, files)| files.len() > 1);
        let mut duplicates: Vec<Vec<PathBuf>> = groups
            .map(|(_, files)| {
                let mut paths: Vec<PathBuf> = files.iter().map(|file| self.path(*file)).collect();
                paths.sort();
                paths
            })
            .collect();
        duplicates.sort();
        duplicates
    }
}

fn first_block_work(size: u64) -> u64 {
    size.min(FIRST_BLOCK) + OPENING
}

fn whole_work(size: u64) -> u64 {
    size + OPENING
}
