//! Searches of made folders, with each job done at once.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::ReadError;
use super::hash::{FIRST_BLOCK, Hashed, first_block, look, whole};
use super::scan::scan;
use super::search::{Job, Search};

/// A folder with files.
struct Made(TempDir);

impl Made {
    fn new() -> Self {
        Made(TempDir::new().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, content).expect("written");
        path
    }

    fn search(&self) -> Search {
        Search::new(self.path().to_owned())
    }
}

/// Does what a worker and the session do.
fn run(search: &mut Search, job: Job) {
    let hashed = |search: &mut Search, result: Result<Hashed, ReadError>| match result {
        Ok(Hashed::Hash(hash)) => search.hashed(job, hash),
        Ok(Hashed::Changed) => search.changed(job),
        Err(_) => search.failed(job),
    };
    match job {
        Job::Scan(folder) => match scan(&search.folder_path(folder)) {
            Ok(found) => search.scanned(folder, found),
            Err(_) => search.failed(job),
        },
        Job::FirstBlock(file) => {
            let result = first_block(&search.path(file), search.expected(file));
            hashed(search, result);
        }
        Job::Whole(file) => {
            let result = whole(&search.path(file), search.expected(file), &mut |_| Ok(()));
            hashed(search, result);
        }
        Job::Look(file) => match look(&search.path(file)) {
            Ok(now) => search.looked(file, now),
            Err(_) => search.failed(job),
        },
    }
}

/// Goes on to the end: the jobs that were done.
fn finish(search: &mut Search) -> Vec<Job> {
    let mut done = Vec::new();
    while let Some(job) = search.next() {
        run(search, job);
        done.push(job);
    }
    assert!(search.is_finished());
    let totals = search.totals();
    assert_eq!((totals.folders_left, totals.work_done), (0, totals.work_known));
    done
}

/// The names below the folder, group by group.
fn names(made: &Made, search: &Search) -> Vec<Vec<String>> {
    let below = |path: &PathBuf| path.strip_prefix(made.path()).expect("below").display().to_string();
    search.duplicates().iter().map(|group| group.iter().map(below).collect()).collect()
}

/// Content that is longer than a first block, and the same in it.
fn long(end: &str) -> Vec<u8> {
    let mut content = vec![7; FIRST_BLOCK as usize];
    content.extend_from_slice(end.as_bytes());
    content
}

#[test]
fn equal_files_are_found_whatever_their_size_and_folder() {
    let made = Made::new();
    made.file("a", "small");
    made.file("deep/er/b", "small");
    made.file("c", "other");
    made.file("large", long("end"));
    made.file("deep/large", long("end"));
    made.file("deep/differs", long("dne"));
    made.file("alone", "of its size");
    let mut search = made.search();
    finish(&mut search);
    assert_eq!(names(&made, &search), [["a", "deep/er/b"], ["deep/large", "large"]]);
    let totals = search.totals();
    assert_eq!((totals.folders, totals.files, totals.groups, totals.duplicates), (3, 7, 2, 2));
    assert_eq!(totals.wasted, 5 + FIRST_BLOCK + 3);
}

#[test]
fn no_more_is_read_than_is_needed() {
    let made = Made::new();
    made.file("alone", long("of its size"));
    made.file("small", "12345");
    made.file("small too", "12345");
    made.file("x", [vec![1; FIRST_BLOCK as usize], vec![1]].concat());
    made.file("y", [vec![2; FIRST_BLOCK as usize], vec![1]].concat());
    let mut search = made.search();
    let done = finish(&mut search);
    let first = done.iter().filter(|job| matches!(job, Job::FirstBlock(_))).count();
    assert_eq!(first, 4, "the file that is alone is not opened");
    assert!(!done.iter().any(|job| matches!(job, Job::Whole(_))), "first blocks told all");
}

#[test]
fn two_groups_may_begin_alike() {
    let made = Made::new();
    for (name, end) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("b2", "b"), ("c", "c")] {
        made.file(name, long(end));
    }
    let mut search = made.search();
    finish(&mut search);
    assert_eq!(names(&made, &search), [["a1", "a2"], ["b1", "b2"]]);
    assert_eq!(search.rows().count(), 2);
    assert!(search.rows().all(|row| row.pending == 0 && row.files.len() == 2));
}

#[test]
fn hard_links_are_one_file_by_its_first_name() {
    let made = Made::new();
    let file = made.file("m", "content");
    fs::hard_link(&file, made.path().join("a link")).expect("linked");
    fs::create_dir(made.path().join("z")).expect("made");
    fs::hard_link(&file, made.path().join("z/link")).expect("linked");
    let mut search = made.search();
    finish(&mut search);
    assert_eq!(names(&made, &search), Vec::<Vec<String>>::new());
    assert_eq!(search.totals().files, 1);

    made.file("copy", "content");
    let mut search = made.search();
    finish(&mut search);
    assert_eq!(names(&made, &search), [["a link", "copy"]]);
}

#[test]
fn symbolic_links_are_not_followed_so_loops_end() {
    let made = Made::new();
    let file = made.file("folder/file", "content");
    symlink(&file, made.path().join("link")).expect("linked");
    symlink(made.path(), made.path().join("folder/loop")).expect("linked");
    symlink("nowhere", made.path().join("dangling")).expect("linked");
    let mut search = made.search();
    finish(&mut search);
    let totals = search.totals();
    assert_eq!((totals.folders, totals.files, totals.failed), (2, 1, 0));
    assert!(search.duplicates().is_empty());
}

#[test]
fn empty_files_are_left_out_and_sparse_ones_are_not() {
    let made = Made::new();
    made.file("empty", "");
    made.file("empty too", "");
    for name in ["sparse", "sparse too", "sparse but for the end"] {
        let file = fs::File::create(made.path().join(name)).expect("made");
        file.set_len(3 * FIRST_BLOCK).expect("as long as that");
    }
    let mut content = vec![0; 3 * FIRST_BLOCK as usize];
    *content.last_mut().expect("long") = 1;
    made.file("sparse but for the end", content);
    let mut search = made.search();
    finish(&mut search);
    assert_eq!(names(&made, &search), [["sparse", "sparse too"]]);
    assert_eq!(search.totals().files, 3);
}

#[test]
fn what_is_neither_file_nor_folder_is_left_out() {
    let made = Made::new();
    let _socket = std::os::unix::net::UnixListener::bind(made.path().join("socket")).expect("bound");
    let mut search = made.search();
    finish(&mut search);
    assert_eq!((search.totals().files, search.totals().failed), (0, 0));
}

#[test]
fn a_file_that_vanishes_has_failed_and_the_others_are_found() {
    let made = Made::new();
    made.file("a", "content");
    made.file("b", "content");
    let gone = made.file("c", "content");
    let mut search = made.search();
    let folder = search.next().expect("the folder");
    run(&mut search, folder);
    fs::remove_file(gone).expect("removed");
    finish(&mut search);
    assert_eq!(names(&made, &search), [["a", "b"]]);
    assert_eq!(search.totals().failed, 1);
}

#[test]
fn what_may_not_be_read_has_failed() {
    let made = Made::new();
    made.file("a", "content");
    let file = made.file("b", "content");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).expect("changed");
    if fs::File::open(&file).is_ok() {
        eprintln!("skipped: this user may read everything, as root may");
        return;
    }
    made.file("closed/c", "content");
    let closed = made.path().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("changed");
    let mut search = made.search();
    finish(&mut search);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("so that it can be removed");
    assert_eq!(search.totals().failed, 2);
    assert!(search.duplicates().is_empty());
}

#[test]
fn a_file_that_changes_is_looked_at_again() {
    let made = Made::new();
    made.file("a", "content");
    made.file("b", "content");
    let grows = made.file("c", "content");
    let fits = made.file("of the new size", "content and more");
    let mut search = made.search();
    let folder = search.next().expect("the folder");
    run(&mut search, folder);
    fs::write(&grows, "content and more").expect("written");
    let done = finish(&mut search);
    assert!(done.iter().any(|job| matches!(job, Job::Look(_))));
    assert_eq!(names(&made, &search), [["a", "b"], ["c", "of the new size"]]);
    let bytes = 2 * "content".len() as u64 + 2 * fs::metadata(fits).expect("there").len();
    assert_eq!((search.totals().bytes, search.totals().failed), (bytes, 0));
}

#[test]
fn a_search_that_is_stopped_keeps_what_it_has() {
    let made = Made::new();
    made.file("a", "content");
    made.file("b", "content");
    for name in ["x", "y", "z"] {
        made.file(name, long("end"));
    }
    let mut search = made.search();
    let out = loop {
        match search.next().expect("work") {
            job @ Job::Whole(_) => break job,
            job => run(&mut search, job),
        }
    };
    search.stop();
    assert_eq!(search.next(), None);
    assert!(!search.is_finished(), "one is out");
    search.cancelled(out);
    assert!(search.is_finished());
    assert_eq!(names(&made, &search), [["a", "b"]]);
    assert!(search.rows().all(|row| row.pending == 0), "nothing is said to be still compared");
}

#[test]
fn what_is_looked_at_comes_first() {
    let made = Made::new();
    for (name, len) in [("1", 1_000_000), ("2", 900_000), ("3", 800_000)] {
        made.file(name, vec![1; len]);
        made.file(&format!("{name} too"), vec![1; len]);
    }
    let mut search = made.search();
    while search.rows().count() < 3 {
        let job = search.next().expect("work");
        run(&mut search, job);
    }
    let rows: Vec<_> = search.rows().map(|row| (row.bucket, row.files.to_vec(), row.size)).collect();
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row.2)), "the most wasteful first");
    let (bucket, files, _) = rows.last().expect("three");
    search.look_at(&[*bucket], |_| panic!("nothing is out"));
    for file in files {
        assert!(search.is_looked_at(*file));
        let job = search.next().expect("work");
        assert!(files.iter().any(|file| job == Job::Whole(*file)));
    }
    // They are out: now they can only hurry.
    let mut hurried = Vec::new();
    search.look_at(&[*bucket], |file| hurried.push(file));
    assert_eq!(&hurried, files);
}

#[test]
fn a_reader_of_a_large_file_can_be_stopped() {
    let made = Made::new();
    let path = made.file("large", vec![1; 1_000_000]);
    let expected = look(&path).expect("there");
    let mut steps = 0;
    let stopped = whole(&path, expected, &mut |_| {
        steps += 1;
        Err(ReadError::Changes("stopped".to_owned()))
    });
    assert!(stopped.is_err());
    assert_eq!(steps, 1);
}
