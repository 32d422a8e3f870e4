//! What is drawn: sequences of calls, and of what happens.

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;

use legwork::engine::{AfterPolicy, Backoff, ErrorPolicy, KeyPolicy, Priority};

use super::model::{Again, Every, How, Most, Spec, Whole};

/// One call, or one thing that happens.
#[derive(Debug, Clone)]
pub enum Step {
    Submit(Spec),
    Cancel(usize),
    CancelIfQueued(usize),
    RunNow(usize),
    Retry(usize),
    SetInterval(usize, u64),
    SetPriority(usize, Priority),
    CancelKey(Option<usize>, u8),
    CancelAll(usize),
    SetLimits(usize, Most),
    Pause(usize),
    Resume(usize),
    /// Or take that back.
    PauseOwner(usize, bool),
    PauseAll(bool),
    Advance(u64),
    /// One of the bodies that stand returns.
    Return(usize, How),
    Drain,
    /// Another takes its place.
    OwnerGone(usize),
    /// The same, if it is the first of the sequence.
    Unload(usize),
    Shutdown(u64),
    /// A shutdown that is not the last, without time.
    Rest,
}

/// All that the sequence depends on: which engine it is for, and how it ends.
#[derive(Debug, Clone)]
pub struct Start {
    pub workers: usize,
    pub queued: bool,
    /// All bodies return and time runs before the engine is shut down.
    pub runs_dry: bool,
}

pub const OWNERS: usize = 2;

fn priority() -> impl Strategy<Value = Priority> {
    prop_oneof![4 => Just(Priority::Normal), 1 => Just(Priority::High), 1 => Just(Priority::Low)]
}

fn seldom<T: std::fmt::Debug + Clone + 'static>(
    of: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    prop_oneof![4 => Just(None), 1 => of.prop_map(Some)]
}

fn again() -> impl Strategy<Value = Again> {
    (1u32..3, 1u64..3, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
        |(times, delay, fixed, jitter, on_timeout)| {
            let backoff = if fixed { Backoff::Fixed } else { Backoff::Exponential };
            Again { times, delay, backoff, jitter, on_timeout }
        },
    )
}

fn every() -> impl Strategy<Value = Every> {
    let until = seldom(0u64..8);
    (1u64..4, any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), until, 0u64..4).prop_map(
        |(interval, after_interval, fixed_rate, run_once, jitter, until, max_runs)| Every {
            interval,
            after_interval,
            fixed_rate,
            run_once,
            jitter,
            until,
            max_runs,
        },
    )
}

/// What a task has to do with the results of others.
#[derive(Debug, Clone)]
enum Part {
    Plain,
    Takes(usize),
    Group(Whole),
}

fn part() -> impl Strategy<Value = Part> {
    let policies = [ErrorPolicy::StopOnError, ErrorPolicy::ContinueOnError, ErrorPolicy::StopOnSuccess];
    let members = prop::collection::vec(0usize..50, 0..4);
    prop_oneof![
        5 => Just(Part::Plain),
        2 => (0usize..50).prop_map(Part::Takes),
        2 => (prop::sample::select(policies.to_vec()), members)
            .prop_map(|(policy, members)| Part::Group(Whole { policy, members })),
    ]
}

fn most() -> impl Strategy<Value = Most> {
    let few = || prop_oneof![2 => Just(u32::MAX), 1 => 1u32..4];
    (few(), few(), few()).prop_map(|(running, queued, delayed)| Most { running, queued, delayed })
}

fn spec() -> impl Strategy<Value = Spec> {
    (alone_spec(), part(), seldom(Just(())), seldom(Just(())), 1u32..4).prop_map(
        |(spec, part, alone, forgets, weight)| {
            let periodic = spec.periodic.filter(|_| matches!(part, Part::Plain));
            let spec =
                Spec { alone: alone.is_some(), keep_result: forgets.is_none(), weight, periodic, ..spec };
            match part {
                Part::Plain => Spec { alone: false, ..spec },
                // What it takes may go with its owner, and what must run is not to be stopped for that.
                Part::Takes(other) => {
                    Spec { takes: Some(other), after_policy: AfterPolicy::Completed, must_run: false, ..spec }
                }
                Part::Group(whole) => Spec { group: Some(whole), retry: None, ..spec },
            }
        },
    )
}

/// Of a task that has nothing to do with results of others.
fn alone_spec() -> impl Strategy<Value = Spec> {
    let policy = prop_oneof![
        5 => Just(KeyPolicy::Append),
        2 => Just(KeyPolicy::Replace),
        2 => Just(KeyPolicy::KeepLatest),
        1 => Just(KeyPolicy::Keep),
    ];
    // The second key has room for two; and seldom is the limit another.
    let key = prop_oneof![Just(None), (0u8..2).prop_map(Some)];
    let key = (key, policy, prop_oneof![15 => Just(0u32), 1 => Just(1)], priority());
    let delay = prop_oneof![3 => Just(0u64), 1 => 1u64..3];
    let times = (delay, seldom(1u64..4), seldom(1u64..4));
    let after = prop::collection::vec(0usize..50, 0..3);
    let after = (prop_oneof![2 => Just(Vec::new()), 1 => after], any::<bool>());
    let owner = (seldom(Just(())), seldom(Just(())), prop_oneof![Just(None), (0..OWNERS).prop_map(Some)]);
    (key, times, after, seldom(again()), seldom(every()), owner).prop_map(
        |(key, times, after, retry, periodic, (must_run, detached, owner))| {
            let (text, policy, other, priority) = key;
            let periodic = periodic.map(|every| Every { jitter: every.jitter && text.is_none(), ..every });
            Spec {
                key: text,
                policy: if text.is_some() { policy } else { KeyPolicy::Append },
                limit: text.map_or(1, |text| u32::from(text) + 1 + other),
                priority,
                delay: times.0,
                timeout: times.1,
                start_timeout: times.2.filter(|_| periodic.is_none()),
                after: after.0,
                after_policy: if after.1 { AfterPolicy::Ended } else { AfterPolicy::Completed },
                retry,
                periodic,
                must_run: must_run.is_some() && periodic.is_none(),
                detached: detached.is_some(),
                owner,
                takes: None,
                alone: false,
                group: None,
                weight: 1,
                keep_result: true,
            }
        },
    )
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        5 => Just(How::Well),
        3 => Just(How::Fails),
        1 => Just(How::FailsForGood),
        1 => Just(How::FailsFor2s),
        1 => Just(How::Panics),
        1 => Just(How::Stops),
    ]
}

pub struct Machine;

impl ReferenceStateMachine for Machine {
    type State = Start;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Start> {
        let workers = prop_oneof![Just(1usize), Just(2), Just(64)];
        (workers, any::<bool>(), any::<bool>())
            .prop_map(|(workers, queued, runs_dry)| Start { workers, queued, runs_dry })
            .boxed()
    }

    fn transitions(_: &Start) -> BoxedStrategy<Step> {
        let task = || 0usize..50;
        let owner = || prop_oneof![Just(None), (0..OWNERS).prop_map(Some)];
        prop_oneof![
            60 => spec().prop_map(Step::Submit),
            44 => (task(), how()).prop_map(|(body, how)| Step::Return(body, how)),
            26 => (0u64..4).prop_map(Step::Advance),
            8 => task().prop_map(Step::Cancel),
            4 => task().prop_map(Step::CancelIfQueued),
            6 => task().prop_map(Step::RunNow),
            12 => task().prop_map(Step::Retry),
            4 => (task(), 1u64..5).prop_map(|(task, interval)| Step::SetInterval(task, interval)),
            4 => (task(), priority()).prop_map(|(task, priority)| Step::SetPriority(task, priority)),
            4 => (owner(), 0u8..2).prop_map(|(owner, key)| Step::CancelKey(owner, key)),
            2 => (0..OWNERS).prop_map(Step::CancelAll),
            3 => (0..OWNERS, most()).prop_map(|(owner, most)| Step::SetLimits(owner, most)),
            6 => task().prop_map(Step::Pause),
            6 => task().prop_map(Step::Resume),
            4 => (0..OWNERS, any::<bool>()).prop_map(|(owner, pause)| Step::PauseOwner(owner, pause)),
            3 => any::<bool>().prop_map(Step::PauseAll),
            4 => Just(Step::Drain),
            2 => (0..OWNERS).prop_map(Step::OwnerGone),
            2 => (0..OWNERS).prop_map(Step::Unload),
            // After it there is little to be done.
            1 => (0u64..4).prop_map(Step::Shutdown),
            2 => Just(Step::Rest),
        ]
        .boxed()
    }

    fn apply(state: Start, _: &Step) -> Start {
        state
    }
}
