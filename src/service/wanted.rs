//! Who wants figures to be taken: the application, by `collect_stats`, and whatever shows them, such as a `TaskStats`
//! in QML. Neither ends what the other has begun.
//!
//! # Invariants
//!
//! 1. The engine takes figures while the application wants them, or somebody shows them.
//!
//! # Deadlock safety
//!
//! The engine is told with the lock held, so that the last who says something is the last that it hears. It takes its
//! own locks below this one, and calls nobody back.

use super::value::Value;
use crate::engine::Engine;
use crate::engine::sync::Mutex;

#[derive(Default)]
struct Who {
    application: bool,
    shown: usize,
}

#[derive(Default)]
pub struct Wanted(Mutex<Who>);

impl Wanted {
    /// The application wants them, or does no more.
    pub fn say(&self, engine: &Engine<Value>, on: bool) {
        self.change(engine, |who| who.application = on);
    }

    /// One more shows them, or one less.
    #[cfg(feature = "qt")]
    pub fn show(&self, engine: &Engine<Value>, more: bool) {
        self.change(engine, |who| {
            who.shown = if more { who.shown + 1 } else { who.shown.saturating_sub(1) };
        });
    }

    fn change(&self, engine: &Engine<Value>, change: impl FnOnce(&mut Who)) {
        let mut who = self.0.lock();
        change(&mut who);
        engine.collect_stats(who.application || who.shown > 0);
    }
}
