//! How many tasks an owner may have at once, and how many it has.
//!
//! # Invariants
//!
//! 1. `delayed` and `blocked` are the numbers of an owner's tasks in those states, whether it has limits or not, as it
//!    may be given some at any time. How many are queued is known to the lanes.
//! 2. While an owner has limits, `running` is the number of its bodies that are at work ([`Runs::works`]).
//! 3. An owner without limits has no [`Limited`]; nor has one whose index was given out anew.
//!
//! [`Runs::works`]: super::runs::Runs::works

use super::clock::Nanos;
use super::config::Limits;
use super::words::Status;

/// That an owner is told of a limit once more.
const EVERY: Nanos = 1_000_000_000;

/// What is counted of an owner with limits.
struct Limited {
    limits: Limits,
    /// Invariant 2.
    running: u32,
    /// When it was last told that a limit is reached.
    told: Option<Nanos>,
    /// The limit that is to be told, while an event of that is in the outbox.
    untold: Option<&'static str>,
}

#[derive(Default)]
struct Quota {
    delayed: usize,
    blocked: usize,
    limited: Option<Box<Limited>>,
}

/// By the owners' indices. The application, owner 0, has none.
pub struct Quotas(Vec<Quota>);

impl Quotas {
    pub const fn new() -> Self {
        Quotas(Vec::new())
    }

    /// An owner is new at that index, and has no limits.
    pub fn add_owner(&mut self, owner: u32) {
        if owner as usize >= self.0.len() {
            self.0.resize_with(owner as usize + 1, Quota::default);
        }
        let quota = self.at(owner);
        debug_assert!(quota.delayed + quota.blocked == 0);
        quota.limited = None;
    }

    #[inline]
    fn at(&mut self, owner: u32) -> &mut Quota {
        &mut self.0[owner as usize]
    }

    #[inline]
    fn limited(&self, owner: u32) -> Option<&Limited> {
        self.0.get(owner as usize)?.limited.as_deref()
    }

    #[inline]
    fn limited_mut(&mut self, owner: u32) -> Option<&mut Limited> {
        self.0.get_mut(owner as usize)?.limited.as_deref_mut()
    }

    // ---- the limits ----------------------------------------------------------------------------

    /// The limits of an owner; `None` if it has none.
    #[inline]
    pub fn limits(&self, owner: u32) -> Option<Limits> {
        self.limited(owner).map(|limited| limited.limits)
    }

    /// Changes them, for an owner of which so many bodies are at work.
    pub fn set(&mut self, owner: u32, limits: Limits, running: u32) {
        let quota = self.at(owner);
        match &mut quota.limited {
            _ if limits == Limits::default() => quota.limited = None,
            Some(limited) => limited.limits = limits,
            None => {
                let limited = Limited { limits, running, told: None, untold: None };
                quota.limited = Some(Box::new(limited));
            }
        }
        debug_assert!(quota.limited.as_ref().is_none_or(|limited| limited.running == running));
    }

    /// The owners that have limits.
    pub fn owners(&self) -> impl Iterator<Item = u32> {
        (0..self.0.len() as u32).filter(|owner| self.limited(*owner).is_some())
    }

    // ---- what there is -------------------------------------------------------------------------

    #[inline]
    pub fn begin_delay(&mut self, owner: u32) {
        if owner != 0 {
            self.at(owner).delayed += 1;
        }
    }

    #[inline]
    pub fn end_delay(&mut self, owner: u32) {
        if owner != 0 {
            self.at(owner).delayed -= 1;
        }
    }

    #[inline]
    pub fn begin_block(&mut self, owner: u32) {
        if owner != 0 {
            self.at(owner).blocked += 1;
        }
    }

    #[inline]
    pub fn end_block(&mut self, owner: u32) {
        if owner != 0 {
            self.at(owner).blocked -= 1;
        }
    }

    /// A task ends that was in the state `from`.
    #[inline]
    pub fn end(&mut self, owner: u32, from: Status) {
        match from {
            Status::Delayed => self.end_delay(owner),
            Status::Blocked => self.end_block(owner),
            _ => {}
        }
    }

    pub fn delayed(&self, owner: u32) -> usize {
        self.0.get(owner as usize).map_or(0, |quota| quota.delayed)
    }

    pub fn blocked(&self, owner: u32) -> usize {
        self.0.get(owner as usize).map_or(0, |quota| quota.blocked)
    }

    /// A body of an owner with limits is at work from here on, or (`false`) no more.
    pub fn work(&mut self, owner: u32, more: bool) {
        if let Some(limited) = self.limited_mut(owner) {
            match more {
                true => limited.running += 1,
                false => limited.running -= 1,
            }
        }
    }

    /// Whether no further task of an owner may begin, if `spared` of its bodies were not at work.
    #[inline]
    pub fn is_full(&self, owner: u32, spared: u32) -> bool {
        self.limited(owner).is_some_and(|limited| limited.running - spared >= limited.limits.max_running)
    }

    // ---- to be told ----------------------------------------------------------------------------

    /// A limit was reached; whether that is to be told now.
    pub fn reach(&mut self, owner: u32, limit: &'static str, now: Nanos) -> bool {
        let Some(limited) = self.limited_mut(owner) else { return false };
        if limited.untold.is_some() || limited.told.is_some_and(|told| now < told.saturating_add(EVERY)) {
            return false;
        }
        limited.told = Some(now);
        limited.untold = Some(limit);
        true
    }

    /// The limit that is told now, unless the owner has none any more.
    pub fn take_untold(&mut self, owner: u32) -> Option<&'static str> {
        self.limited_mut(owner)?.untold.take()
    }
}
