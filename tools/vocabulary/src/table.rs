//! The table: every option, enumeration and notice of Legwork, as all of its languages have them.
//!
//! What follows from an entry is written by `./x vocabulary --write`, into the parts of the sources that stand
//! between `<vocabulary: …>` and `</vocabulary>`. What a word *does* is written by hand, at its place.

/// An enumeration. Its numbers are those of `TaskManager`'s enumerators, where they are unique, so that a mix-up
/// compares unequal.
pub struct Enumeration {
    pub name: &'static str,
    pub about: &'static str,
    pub values: &'static [Enumerator],
    /// The value that stands where nothing is said, for Rust's `Default`.
    pub default: Option<&'static str>,
    /// QML has its enumerators; of the others it sees the names.
    pub in_qml: bool,
    /// A later version may have more values, which a `match` in Rust has to expect.
    pub grows: bool,
}

pub struct Enumerator {
    pub name: &'static str,
    pub number: u8,
    /// A sentence, with a capital and a period.
    pub about: &'static str,
    /// Only C++ has it, where another language says it by its types.
    pub only_cpp: bool,
}

const fn value(name: &'static str, number: u8, about: &'static str) -> Enumerator {
    Enumerator { name, number, about, only_cpp: false }
}

const fn only_cpp(name: &'static str, number: u8, about: &'static str) -> Enumerator {
    Enumerator { name, number, about, only_cpp: true }
}

pub const ENUMERATIONS: &[Enumeration] = &[
    Enumeration {
        name: "Priority",
        about: "What goes first. First in, first out within a priority and an owner.",
        values: &[
            value("High", 0, "The user is waiting for it."),
            value("Normal", 1, "The user will see it."),
            value("Low", 2, "Nobody waits."),
        ],
        default: Some("Normal"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "Status",
        about: "The state of a task. The first three, Blocked and Paused are on the way, the others are ends.",
        values: &[
            value(
                "Delayed",
                0,
                "Waits for its time; also a periodic task between its runs, and a task between two attempts.",
            ),
            value("Queued", 1, "Waits for a worker."),
            value("Running", 2, "Its body is at work."),
            value("Completed", 3, "It returned."),
            value("Failed", 4, "Its body failed."),
            value("Cancelled", 5, "It was cancelled, and its body says so, or never ran."),
            value("TimedOut", 6, "A run took longer than its time-out, or it had not begun in time."),
            value("Abandoned", 7, "It still ran at the deadline of the shutdown."),
            value("UnknownTask", 8, "The id never was a task's, or the task is forgotten."),
            value(
                "Blocked",
                9,
                "Waits for others: for its turn among those of its key, or for what it comes after.",
            ),
            value(
                "Paused",
                10,
                "Does not go on: it, its owner, its key or all are paused, until they are resumed.",
            ),
        ],
        default: None,
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "CancelResult",
        about: "The answer to a cancel.",
        values: &[
            value("UnknownTask", 8, "There is no such task."),
            value("CancelledBeforeStart", 16, "It will never run."),
            value("CancelRequested", 17, "It runs, and was asked to stop."),
            value("AlreadyFinished", 18, "It has ended."),
        ],
        default: None,
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "PauseResult",
        about: "The answer to a pause.",
        values: &[
            value("UnknownTask", 8, "There is no such task."),
            value("Paused", 10, "It does not go on until it is resumed."),
            value("AlreadyFinished", 18, "It has ended."),
            value(
                "PauseRequested",
                80,
                "It runs, and stops at its next checkpoint, or rests after this run.",
            ),
            value(
                "PauseNotPossible",
                81,
                "It goes on: it runs and is not `pausable`, or a shutdown or an unloading waits for it.",
            ),
        ],
        default: None,
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "WaitResult",
        about: "The answer to a wait.",
        values: &[
            value("UnknownTask", 8, "There is no such task."),
            value("Done", 32, "It has ended."),
            value("WaitTimeout", 33, "The time was over before; the task goes on."),
            value("WouldDeadlock", 34, "Refused, as it could never end."),
        ],
        default: None,
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "Rate",
        about: "When the next run of a periodic task is due.",
        values: &[
            value("FixedDelay", 64, "One interval after the last run ended, so that runs never overlap."),
            value("FixedRate", 65, "On the grid that the first run began, so that there is no drift."),
        ],
        default: Some("FixedDelay"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "Misfire",
        about: "What becomes of the ticks of a `FixedRate` task that passed while it could not run.",
        values: &[
            value("Skip", 66, "They are left out."),
            value("RunOnce", 67, "One run at once, for all of them."),
        ],
        default: Some("Skip"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "FirstRun",
        about: "When a periodic task runs for the first time.",
        values: &[
            value("AtOnce", 68, "As soon as it is submitted, and its delay is over."),
            value("AfterInterval", 69, "One interval after that."),
        ],
        default: Some("AtOnce"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "KeyPolicy",
        about: "What a new task does where its key has tasks that have not ended.",
        values: &[
            value("Append", 70, "It waits for its turn, in the order of submission."),
            value("Replace", 71, "The others are cancelled; it begins when their bodies have ended."),
            value(
                "KeepLatest",
                72,
                "What has begun goes on; of those that wait it alone stays, the others are cancelled.",
            ),
            value("Keep", 73, "It is not made: the call gives the id of the oldest of the others."),
        ],
        default: Some("Append"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "AfterPolicy",
        about: "For which ends of the others a task waits that comes after them.",
        values: &[
            value("Completed", 3, "All have to complete; where one does not, it is cancelled."),
            value("Ended", 74, "It begins however they end."),
        ],
        default: Some("Completed"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "WhenFull",
        about: "What a task's `send` does while `maxUndelivered` of its values are still to be delivered.",
        values: &[
            value("Wait", 90, "It waits until some were, or the task is asked to stop. No value is lost."),
            value("DropOldest", 91, "The oldest is left out."),
            value("Conflate", 92, "Only the newest is kept, at any time: for what shows a state."),
        ],
        default: Some("Wait"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "ErrorPolicy",
        about: "What the ends of some tasks do to the others that they stand with, in `all` or `any`.",
        values: &[
            value("StopOnError", 77, "The first that does not complete cancels the rest, and is the error."),
            value("ContinueOnError", 78, "All run to their ends; the whole fails if one did not complete."),
            value("StopOnSuccess", 79, "The first that completes cancels the rest, and is the result."),
        ],
        default: Some("StopOnError"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "Backoff",
        about: "How the waits between the attempts of a task grow.",
        values: &[
            value("Exponential", 75, "Each is a factor longer than the one before."),
            value("Fixed", 76, "All are the same."),
        ],
        default: Some("Exponential"),
        in_qml: true,
        grows: false,
    },
    Enumeration {
        name: "CancelReason",
        about: "Why a task was asked to stop.",
        values: &[
            only_cpp("None", 0, "It was not."),
            value("User", 1, "A call of cancel."),
            value("OwnerGone", 2, "Its owner is gone."),
            value("PluginUnload", 3, "The plugin that submitted it is being unloaded."),
            value("Timeout", 4, "A run took longer than its time-out."),
            value("Replaced", 5, "A newer task took its place."),
            value("DependencyFailed", 6, "A task on which it depended did not complete."),
            value("Shutdown", 7, "The service is shutting down."),
            value(
                "NotNeeded",
                8,
                "The tasks that it stands with, in `all` or `any`, have come to their end without it.",
            ),
        ],
        default: None,
        in_qml: false,
        grows: true,
    },
    Enumeration {
        name: "ErrorKind",
        about: "What kind of fault ended a task.",
        values: &[
            only_cpp("None", 0, "There is no error."),
            value("Failed", 1, "The body returned an error (Rust)."),
            value("Panic", 2, "A Rust body panicked."),
            value("Exception", 3, "A C++ body threw."),
            value("Script", 4, "A script threw."),
            value("TimedOut", 5, "A run took longer than its time-out."),
            value("Abandoned", 6, "It still ran at the deadline of the shutdown."),
            value(
                "TooManyFailures",
                7,
                "A periodic task failed so many times in a row as its options allow.",
            ),
            value("Cancelled", 8, "The body says that it stopped because it was asked to."),
            only_cpp("Refused", 9, "It was never accepted: the queue is full, an option is wrong, ..."),
            value("StartTimedOut", 10, "It had not begun when its time to begin was over."),
        ],
        default: None,
        in_qml: false,
        grows: true,
    },
];

/// What is heard of a task. C++ asks for some of them by their bits; a start it hears by the signal.
pub struct Notice {
    pub name: &'static str,
    pub bit: u16,
    pub about: &'static str,
}

const fn notice(name: &'static str, bit: u16, about: &'static str) -> Notice {
    Notice { name, bit, about }
}

pub const NOTICES: &[Notice] = &[
    notice("Progress", 1, "It reported its progress."),
    notice("Run", 2, "A run of a periodic task returned."),
    notice("RunFailed", 4, "A run of a periodic task failed."),
    notice("Completed", 8, "It ended with a result."),
    notice("Failed", 16, "It ended with an error."),
    notice("Cancelled", 32, "It ended as it was cancelled."),
    notice("Retrying", 64, "An attempt failed, and there will be another."),
    notice("Slow", 128, "A run takes longer than it should."),
    notice("Started", 256, "A worker took it."),
    notice("Queued", 512, "It was accepted."),
    notice("Retried", 1024, "It does again what another task did."),
    notice("Paused", 2048, "It was paused, or its body has stopped."),
    notice("Resumed", 4096, "It goes on."),
    notice("Values", 8192, "Its body has sent values."),
];

/// An option of a task.
pub struct TaskOption {
    /// As C++ has it, and QML but for the unit; Rust has it with underscores.
    pub name: &'static str,
    pub kind: Kind,
    pub calls: Calls,
    /// What the engine does with it: see [`Kept`].
    pub kept: Kept,
    /// `Task` in QML has a property of this name; what is none stands in its `options`.
    pub property: bool,
    /// Sentences.
    pub about: &'static str,
}

pub enum Kind {
    /// Default: none.
    Text,
    /// Default: no.
    Flag,
    /// Default: yes.
    FlagOn,
    /// From 0 to 100 years. 0 stands for what is written here ("none", "at once").
    Duration { zero: &'static str, default_ms: u64 },
    /// Above 0, up to `most`.
    Number { most: f64, default: f64 },
    /// From 0 to `most`.
    Share { most: f64, default: f64 },
    /// Default: 0, which stands for what is written here.
    Count { bits: u8, zero: &'static str },
    /// From 1 on.
    Limit { default: u32 },
    /// An enumeration, with its default.
    Choice(&'static str),
    /// A moment by the calendar. Default: none.
    Date,
    /// One of [`STRUCTURES`], by its name. Default: that of all its parts.
    Parts(&'static str),
}

/// What an option has several parts for. QML has an object, or its first part alone.
pub struct Structure {
    pub name: &'static str,
    pub about: &'static str,
    /// What QML may say for the object, with a noun: "a number of times".
    pub short: &'static str,
    /// Their names are within the structure.
    pub parts: &'static [TaskOption],
}

const fn part(name: &'static str, kind: Kind, about: &'static str) -> TaskOption {
    TaskOption { name, kind, calls: Calls::Every, kept: Kept::No, property: false, about }
}

pub const STRUCTURES: &[Structure] = &[Structure {
    name: "Retry",
    about: "How a task is tried again that fails. Not tried again are errors that say that they are permanent, and \
            a task that was asked to stop.",
    short: "a number of times",
    parts: &[
        part("times", Kind::Count { bits: 32, zero: "not at all" }, "How often, after the first attempt."),
        part(
            "delay",
            Kind::Duration { zero: "at once", default_ms: 1_000 },
            "Between the first attempt and the second. An error may say another (`retryAfter`), which counts then.",
        ),
        part(
            "backoff",
            Kind::Choice("Backoff"),
            "`Exponential`: each wait is `factor` times the last; `Fixed`.",
        ),
        part("factor", Kind::Number { most: 100.0, default: 2.0 }, "How much longer each wait is."),
        part(
            "maxDelay",
            Kind::Duration { zero: "at once", default_ms: 60_000 },
            "The longest wait. What an error says itself may be longer.",
        ),
        part(
            "jitter",
            Kind::Share { most: 0.5, default: 0.25 },
            "The share of each wait that chance may take off, so that what failed together does not come back \
             together. To a wait that an error says it is added instead.",
        ),
        part("onTimeout", Kind::Flag, "Also tries again after a time-out of a run."),
    ],
}];

/// The calls that may have it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    Every,
    /// Not of a periodic task.
    Once,
    /// Of a task whose work can run again, once or periodic.
    Repeatable,
    /// Of a task that has a body, once or periodic.
    Body,
    /// Of a periodic task only.
    Periodic,
    /// Of a group only: see [`GROUP_OPTIONS`].
    Group,
    /// Of a call that has no other way to say when the task runs: of a periodic task, and of `ScheduleOptions`.
    Scheduled,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It acts at the submission, or has a place of its own in the record.
    No,
    /// In the record, as long as the task.
    Yes,
    /// The same, and `taskInfo` shows it.
    Shown,
}

/// In the order in which C++ has them, where a designated initializer depends on it: a new one comes last. In
/// `PeriodicOptions` that is last among those of its calls, as that has them in groups.
pub const OPTIONS: &[TaskOption] = &[
    TaskOption {
        name: "name",
        kind: Kind::Text,
        calls: Calls::Every,
        kept: Kept::Yes,
        property: true,
        about: "What the user sees. Default: the name of its job or function, else none.",
    },
    TaskOption {
        name: "priority",
        kind: Kind::Choice("Priority"),
        calls: Calls::Every,
        kept: Kept::No,
        property: true,
        about: "`High`: the user waits for it; `Normal`: the user will see it; `Low`: nobody waits.",
    },
    TaskOption {
        name: "delay",
        kind: Kind::Duration { zero: "at once", default_ms: 0 },
        calls: Calls::Scheduled,
        kept: Kept::No,
        property: true,
        about: "Before it runs; of a periodic task, before its first run.",
    },
    TaskOption {
        name: "timeout",
        kind: Kind::Duration { zero: "none", default_ms: 0 },
        calls: Calls::Every,
        kept: Kept::Yes,
        property: true,
        about: "A run that takes longer is asked to stop, and fails as TimedOut.",
    },
    TaskOption {
        name: "detached",
        kind: Kind::Flag,
        calls: Calls::Every,
        kept: Kept::No,
        property: true,
        about: "Goes on when its owner goes, without callbacks.",
    },
    TaskOption {
        name: "mustRun",
        kind: Kind::Flag,
        calls: Calls::Once,
        kept: Kept::No,
        property: false,
        about: "Runs in spite of a shutdown, if it was queued before, and is not asked to stop by it; nor by its \
                owner's end, after which its callbacks are not called. An unloading waits for it. What still waits for \
                its delay then is cancelled by either.",
    },
    TaskOption {
        name: "firstRun",
        kind: Kind::Choice("FirstRun"),
        calls: Calls::Periodic,
        kept: Kept::No,
        property: false,
        about: "`AtOnce`, or `AfterInterval`.",
    },
    TaskOption {
        name: "rate",
        kind: Kind::Choice("Rate"),
        calls: Calls::Periodic,
        kept: Kept::No,
        property: false,
        about: "`FixedDelay`: the next run is due one interval after the last one ended; `FixedRate`: on a grid.",
    },
    TaskOption {
        name: "misfire",
        kind: Kind::Choice("Misfire"),
        calls: Calls::Periodic,
        kept: Kept::No,
        property: false,
        about: "`Skip`: ticks of `FixedRate` that were missed are left out; `RunOnce`: one run at once for all of \
                them.",
    },
    TaskOption {
        name: "maxRuns",
        kind: Kind::Count { bits: 64, zero: "no limit" },
        calls: Calls::Periodic,
        kept: Kept::No,
        property: false,
        about: "Completes with the last result after so many runs.",
    },
    TaskOption {
        name: "maxFailures",
        kind: Kind::Count { bits: 32, zero: "no limit" },
        calls: Calls::Periodic,
        kept: Kept::No,
        property: false,
        about: "Fails after so many failed runs in a row.",
    },
    TaskOption {
        name: "weight",
        kind: Kind::Number { most: 1_000_000.0, default: 1.0 },
        calls: Calls::Every,
        kept: Kept::Yes,
        property: true,
        about: "How much it counts among the others in the progress of all (`TaskModel.progress`), such as its \
                megabytes, if the others say theirs. Of a periodic task it means nothing.",
    },
    TaskOption {
        name: "key",
        kind: Kind::Text,
        calls: Calls::Every,
        kept: Kept::Shown,
        property: true,
        about: "Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads \
                from one host. A key is its owner's; without an owner it is the application's. Default: none.",
    },
    TaskOption {
        name: "keyPolicy",
        kind: Kind::Choice("KeyPolicy"),
        calls: Calls::Every,
        kept: Kept::Yes,
        property: true,
        about: "What it does where its key has tasks that have not ended. `Append`: waits for its turn, in the order of \
                submission; `Replace`: the others are cancelled, and it begins when their bodies have ended; \
                `KeepLatest`: what has begun goes on, and of those that wait it alone stays; `Keep`: it is not made, \
                the call gives the id of the oldest of the others, and adds its callbacks to that.",
    },
    TaskOption {
        name: "keyLimit",
        kind: Kind::Limit { default: 1 },
        calls: Calls::Every,
        kept: Kept::Yes,
        property: true,
        about: "How many tasks of its key may run at once. One that differs from that of the others is refused.",
    },
    TaskOption {
        name: "afterPolicy",
        kind: Kind::Choice("AfterPolicy"),
        calls: Calls::Every,
        kept: Kept::No,
        property: false,
        about: "For which ends it waits of the tasks that it comes after. `Completed`: where one of them does not \
                complete, it is cancelled; `Ended`: it begins however they end, for what cleans up.",
    },
    TaskOption {
        name: "retry",
        kind: Kind::Parts("Retry"),
        calls: Calls::Repeatable,
        kept: Kept::No,
        property: false,
        about: "Tries it again where it fails; of a periodic task, the run. For work that can run again.",
    },
    TaskOption {
        name: "startTimeout",
        kind: Kind::Duration { zero: "none", default_ms: 0 },
        calls: Calls::Once,
        kept: Kept::Yes,
        property: false,
        about: "If it has not begun so long after it was submitted, or after its delay, it never does, and fails as \
                TimedOut, kind StartTimedOut.",
    },
    TaskOption {
        name: "warnAfter",
        kind: Kind::Duration { zero: "none", default_ms: 30_000 },
        calls: Calls::Every,
        kept: Kept::Yes,
        property: false,
        about: "A run that takes longer is logged once, and announced. It is not stopped.",
    },
    TaskOption {
        name: "jitter",
        kind: Kind::Duration { zero: "no chance", default_ms: 0 },
        calls: Calls::Periodic,
        kept: Kept::No,
        property: false,
        about: "Spreads each run by chance over so much time after it is due; the grid of `FixedRate` stays. At most \
                the interval.",
    },
    TaskOption {
        name: "until",
        kind: Kind::Date,
        calls: Calls::Periodic,
        kept: Kept::No,
        property: false,
        about: "Completes with the last result when no further run is due by then.",
    },
    TaskOption {
        name: "transient",
        kind: Kind::Flag,
        calls: Calls::Every,
        kept: Kept::Yes,
        property: false,
        about: "Once it has ended, and has not failed, no `TaskModel` has a row for it, and so no monitor: for what comes \
                often and says nothing afterwards.",
    },
    TaskOption {
        name: "system",
        kind: Kind::Flag,
        calls: Calls::Every,
        kept: Kept::Yes,
        property: false,
        about: "No `TaskModel` has it, and so no monitor: neither a row, nor a part in the counts, the progress and \
                `cancelAll` of the model. For what the user did not ask for.",
    },
    TaskOption {
        name: "keepResult",
        kind: Kind::FlagOn,
        calls: Calls::Every,
        kept: Kept::Yes,
        property: false,
        about: "Whether the history keeps its result. One that is large and not asked for again goes as soon as it was \
                delivered, and no handle keeps it.",
    },
    TaskOption {
        name: "mayBlock",
        kind: Kind::Flag,
        calls: Calls::Body,
        kept: Kept::Shown,
        property: false,
        about: "Its body waits for a disk, a network, a process: while it runs it does not count to `maxWorkers`, and \
                another worker takes its place, for up to `maxBlocking` of them.",
    },
    TaskOption {
        name: "pausable",
        kind: Kind::Flag,
        calls: Calls::Body,
        kept: Kept::Yes,
        property: false,
        about: "Its body stops at its next checkpoint, sleep, `send` or call of its context when the task is paused, and goes on \
                from there. Not for a body that has a lock of its own there: it would keep it. Without this, what runs \
                runs on.",
    },
    TaskOption {
        name: "maxUndelivered",
        kind: Kind::Limit { default: 1_000 },
        calls: Calls::Body,
        kept: Kept::Yes,
        property: false,
        about: "How many values that it has sent may wait for their delivery.",
    },
    TaskOption {
        name: "whenFull",
        kind: Kind::Choice("WhenFull"),
        calls: Calls::Body,
        kept: Kept::Yes,
        property: false,
        about: "What its `send` does while so many wait. `Wait`: it waits until some are delivered; `DropOldest`; \
                `Conflate`: only the newest is kept, at any time.",
    },
];

/// What a group has besides the options of a task: `all`, and `TaskGroup` in QML.
pub const GROUP_OPTIONS: &[TaskOption] = &[TaskOption {
    name: "errorPolicy",
    kind: Kind::Choice("ErrorPolicy"),
    calls: Calls::Group,
    kept: Kept::No,
    property: false,
    about: "What the ends of some tasks do to the others. `StopOnError`: the first that does not complete cancels the \
            rest, and is the error; `ContinueOnError`: all run to their ends, and it fails if one did not complete. \
            What `any` has, `StopOnSuccess`, is not for `all`.",
}];

/// What is for work, and so for no group, which has none of its own: nothing in it is tried again, or slow.
pub const OF_WORK: &[&str] = &[
    "retry",
    "warnAfter",
    "mayBlock",
    "pausable",
    "maxUndelivered",
    "whenFull",
    "onRetry",
    "onSlow",
    "onValues",
];

/// What the options of a call may have besides, which each language has in a form of its own: objects and
/// functions.
pub struct Besides {
    pub name: &'static str,
    /// As the documents write it.
    pub form: &'static str,
    pub default: &'static str,
    pub about: &'static str,
    /// C++ takes it out of the options of QML, as Rust cannot hold it.
    pub taken: bool,
    /// What is declared in QML has this signal in its place; empty for none.
    pub signal: &'static str,
}

pub const BESIDES: &[Besides] = &[
    Besides {
        name: "after",
        form: "after",
        default: "none",
        about: "A list of ids: the tasks that it comes after. It begins once all of them have completed (see \
                `afterPolicy`); its delay is counted from there. An id that is unknown or forgotten is refused, a task \
                that has ended counts as it did.",
        taken: false,
        signal: "",
    },
    Besides {
        name: "owner",
        form: "owner",
        default: "the application",
        about: "A QObject: when it is destroyed, the task is cancelled and its callbacks are no longer called.",
        taken: true,
        signal: "",
    },
    Besides {
        name: "onComplete",
        form: "onComplete(result)",
        default: "",
        about: "The result; of a periodic task, of each run.",
        taken: true,
        signal: "completed",
    },
    Besides {
        name: "onError",
        form: "onError(error)",
        default: "",
        about: "`{kind, message, origin, attempt, attempts, reason}`, and of a script `file`, `line`, `stack`.",
        taken: true,
        signal: "failed",
    },
    Besides {
        name: "onCancelled",
        form: "onCancelled(reason)",
        default: "",
        about: "`\"User\"`, `\"OwnerGone\"`, `\"Shutdown\"`, …",
        taken: true,
        signal: "cancelled",
    },
    Besides {
        name: "onProgress",
        form: "onProgress(value, message)",
        default: "",
        about: "From 0 to 1, or -1 for \"not known\".",
        taken: true,
        signal: "progressChanged",
    },
    Besides {
        name: "onValues",
        form: "onValues(values)",
        default: "",
        about: "What its body has sent since the last call: a list, in the order sent.",
        taken: true,
        signal: "values",
    },
    Besides {
        name: "onStarted",
        form: "onStarted()",
        default: "",
        about: "As it begins for the first time.",
        taken: true,
        signal: "started",
    },
    Besides {
        name: "onRetry",
        form: "onRetry(attempt, error, delayMs)",
        default: "",
        about: "A run failed and is tried again: the attempt that comes, from 2, how the last one failed, and how long it is until then.",
        taken: true,
        signal: "retrying",
    },
    Besides {
        name: "onSlow",
        form: "onSlow(ms)",
        default: "",
        about: "A run takes longer than `warnAfterMs`: how long by then.",
        taken: true,
        signal: "slow",
    },
    Besides {
        name: "onPaused",
        form: "onPaused(reason)",
        default: "",
        about: "It was paused by itself or with its group, or a body of a `pausable` task has stopped; not where one that has not begun waits as its key, its owner or all are paused.",
        taken: true,
        signal: "taskPaused",
    },
    Besides {
        name: "onResumed",
        form: "onResumed()",
        default: "",
        about: "It goes on after that; it is paused still where its key, its owner or all are.",
        taken: true,
        signal: "taskResumed",
    },
    Besides {
        name: "onEnd",
        form: "onEnd(outcome)",
        default: "",
        about: "However it ended: `{status, result, error, cancelReason}`, as `taskInfo` has them. Not the end of a run.",
        taken: true,
        signal: "ended",
    },
];
