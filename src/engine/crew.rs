//! The two crews of workers. A thread's share of the processor is the system's to give, and what was given away cannot
//! be taken back without privileges. So the threads that run what nobody waits for are others than the rest.

/// Which tasks a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crew {
    /// Those of High and Normal, and what a shutdown still has to run.
    Foreground,
    /// Those of Low.
    Background,
}

pub const CREWS: [Crew; 2] = [Crew::Foreground, Crew::Background];

/// What the system is asked for a thread's share: see `system/share.rs`. The engine has none of its own.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Has the calling thread, which is one of a crew, give way to others from then on, by so much of Unix's `nice`.
    pub give_way: fn(u8, Crew),
    /// Whether the calling thread has given away more than that, which a thread that it starts could not take back.
    pub has_less: fn(u8) -> bool,
}

impl Share {
    /// No thread gives way.
    pub const EVEN: Share = Share { give_way: |_, _| (), has_less: |_| false };
}

/// How many bodies of each crew do not count, as they wait for others or block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Aside {
    pub foreground: usize,
    pub background: usize,
}

impl Aside {
    #[inline]
    pub fn of(self, crew: Crew) -> usize {
        match crew {
            Crew::Foreground => self.foreground,
            Crew::Background => self.background,
        }
    }

    #[inline]
    pub fn all(self) -> usize {
        self.foreground + self.background
    }
}
