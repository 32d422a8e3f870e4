//! Where tasks were submitted: each file and line is known once, by a small number, which a task keeps.
//!
//! The text of a file's name is the program's, or a plugin's, which may be unloaded while its tasks are remembered; so it
//! is copied, once for each place. A thread remembers the places that it has used last, by where their text lies, and
//! compares it: so a submission costs a few comparisons, and neither a lock nor memory. The text is compared, too, as
//! another plugin may lie where one was.
//!
//! # Bounds
//!
//! What is known stays, as long as the process: there are as many places as the program has lines that submit. Scripts
//! that are made up at run time may have more: of what comes after [`MOST`] places nothing is known.
//!
//! # Deadlock safety
//!
//! The lock is taken inside of the engine's, or without it, and holds nothing else. It and what the threads remember
//! outlive each model of the checkers, which are built without the feature `locations`, and so without a use of it.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU16;
use std::panic::Location;

use once_cell::sync::Lazy;

use super::sync::Mutex;

/// A line of a program: where a task was submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SourceLocation {
    /// As the compiler was given it; in QML the file's URL.
    pub file: &'static str,
    /// From 1; 0 if only the file is known.
    pub line: u32,
}

impl fmt::Display for SourceLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// So many places are told apart.
const MOST: usize = u16::MAX as usize;

/// A place by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Site(Option<NonZeroU16>);

#[derive(Default)]
struct Known {
    places: Vec<SourceLocation>,
    /// By file and line.
    sites: HashMap<&'static str, HashMap<u32, Site>>,
}

static KNOWN: Lazy<Mutex<Known>> = Lazy::new(|| Mutex::new(Known::default()));

impl Known {
    fn site(&mut self, file: &str, line: u32) -> Site {
        let lines = self.sites.get(file);
        if let Some(site) = lines.and_then(|lines| lines.get(&line)) {
            return *site;
        }
        if self.places.len() == MOST {
            return Site::NOWHERE;
        }
        let known = self.sites.get_key_value(file).map(|(file, _)| *file);
        let file = known.unwrap_or_else(|| Box::leak(file.into()));
        self.places.push(SourceLocation { file, line });
        let site = Site::from_number(self.places.len() as u16);
        self.sites.entry(file).or_default().insert(line, site);
        site
    }
}

/// A place that a thread has used, and where the text of its file's name lay.
#[derive(Clone, Copy)]
struct Used {
    text: usize,
    place: SourceLocation,
    site: Site,
}

/// A thread remembers so many.
const REMEMBERED: usize = 32;

std::thread_local! {
    static USED: [Cell<Option<Used>>; REMEMBERED] = const { [const { Cell::new(None) }; REMEMBERED] };
}

impl Site {
    /// That of nowhere known.
    pub const NOWHERE: Site = Site(None);

    /// The line that has called the function that calls this, which is `#[track_caller]`.
    #[cfg_attr(feature = "locations", track_caller)]
    #[inline]
    pub fn here() -> Site {
        match cfg!(feature = "locations") {
            true => Site::of(Location::caller().file().as_bytes(), Location::caller().line()),
            false => Site::NOWHERE,
        }
    }

    /// A line of a file, whose name is UTF-8; 0 is the file alone. Nowhere for an empty name, and without the feature
    /// `locations`.
    #[inline]
    pub fn of(file: &[u8], line: u32) -> Site {
        if !cfg!(feature = "locations") || file.is_empty() {
            return Site::NOWHERE;
        }
        // A thread that is ending has no locals any more.
        USED.try_with(|used| Site::used(used, file, line)).unwrap_or(Site::NOWHERE)
    }

    fn used(used: &[Cell<Option<Used>>; REMEMBERED], file: &[u8], line: u32) -> Site {
        let text = file.as_ptr().addr();
        let used = &used[(text >> 4 ^ line as usize) % REMEMBERED];
        if let Some(Used { text: its, place, site }) = used.get()
            && its == text
            && place.line == line
            && place.file.as_bytes() == file
        {
            return site;
        }
        Site::look_up(used, file, line)
    }

    #[cold]
    fn look_up(used: &Cell<Option<Used>>, file: &[u8], line: u32) -> Site {
        let text = file.as_ptr().addr();
        let file = String::from_utf8_lossy(file);
        let mut known = KNOWN.lock();
        let site = known.site(&file, line);
        if let Some(place) = site.find(&known) {
            used.set(Some(Used { text, place, site }));
        }
        site
    }

    fn find(self, known: &Known) -> Option<SourceLocation> {
        self.0.and_then(|number| known.places.get(usize::from(number.get()) - 1).copied())
    }

    /// As it crosses to C++ and back; 0 for nowhere.
    pub fn number(self) -> u16 {
        self.0.map_or(0, NonZeroU16::get)
    }

    pub fn from_number(number: u16) -> Site {
        Site(NonZeroU16::new(number))
    }

    /// The place, unless it is nowhere known.
    pub fn place(self) -> Option<SourceLocation> {
        self.0?;
        self.find(&KNOWN.lock())
    }
}

#[cfg(all(test, feature = "locations", not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn b392_a_place_is_known_once_and_its_text_is_copied() {
        let line = 7;
        let first = {
            let gone = String::from("a/plugin.cpp");
            Site::of(gone.as_bytes(), line)
        };
        let again = String::from("a/plugin.cpp");
        assert_eq!(Site::of(again.as_bytes(), line), first);
        assert_eq!(first.place().unwrap().to_string(), "a/plugin.cpp:7");
        assert_ne!(Site::of(again.as_bytes(), line + 1), first);
        assert_eq!(Site::of(b"a/Main.qml", 0).place().unwrap().to_string(), "a/Main.qml");
        assert_eq!(Site::of(b"", 1), Site::NOWHERE);
        assert_eq!(Site::NOWHERE.place(), None);
    }

    #[test]
    fn b392_another_text_at_the_same_address_is_another_place() {
        let mut text = String::from("before.cpp");
        let before = Site::of(text.as_bytes(), 3);
        let at = text.as_ptr();
        text.replace_range(.., "behind.cpp");
        assert_eq!(text.as_ptr(), at);
        let behind = Site::of(text.as_bytes(), 3);
        assert_ne!(before, behind);
        assert_eq!(behind.place().unwrap().file, "behind.cpp");
    }

    #[test]
    fn b392_of_more_places_than_are_told_apart_nothing_is_known() {
        let mut known = Known::default();
        for line in 1..=MOST as u32 {
            assert_ne!(known.site("made/up.qml", line), Site::NOWHERE);
        }
        assert_eq!(known.site("made/up.qml", MOST as u32 + 1), Site::NOWHERE);
        assert_eq!(known.places.len(), MOST);
        let last = known.site("made/up.qml", MOST as u32);
        assert_eq!(last.find(&known).unwrap().line, MOST as u32);
    }

    #[test]
    fn b392_threads_agree() {
        let sites: Vec<_> = (0..4)
            .map(|_| std::thread::spawn(|| [1, 2, 3].map(|line| Site::of(b"threads.rs", line))))
            .map(|thread| thread.join().unwrap())
            .collect();
        assert!(sites.iter().all(|site| *site == sites[0]), "{sites:?}");
    }
}
