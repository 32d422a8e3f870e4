// What src/bench.rs calls. All from the UI thread; times are nanoseconds.
#ifndef LEGWORK_BENCHES_BENCH_H
#define LEGWORK_BENCHES_BENCH_H

#include "rust/cxx.h"

#include <cstdint>
#include <functional>
#include <memory>

class QThreadPool;

namespace bench {

class Sink;
struct Flood;
struct Overtaking;
struct Timing;
struct TimerCosts;

// Submits the work number `n`, whose result arrives in the sink; from any thread.
using Submit = std::function<void(int)>;

// A pool of Qt's, whose threads stay.
std::shared_ptr<QThreadPool> pool(int workers);

// The contender of that name, with so many workers, and a body that takes so long.
std::unique_ptr<Submit> contender(::rust::Str name, int workers, Sink &sink, std::int64_t body);

// Submits so many works as one task tree, a parallel group; from the UI thread. Only where Qt has QtTaskTree.
Submit taskTree(int workers, Sink &sink, std::int64_t body);

// A task's share of the time from the first submit to the last slot. `producers` threads submit; 0
// stands for the UI thread.
double throughput(::rust::Str name, int workers, std::int64_t tasks, int producers, std::int64_t body);

// From the submit to the slot, one at a time, with the pool asleep before.
::rust::Vec<std::int64_t> latency(::rust::Str name, int samples);

// Two producers, for so long: the gaps between the ticks of a timer of 10 ms, and bytes at most.
Flood flood(::rust::Str name, std::int64_t duration);

// Four threads that have something to do all the time, `beside` more of the application's own, and a UI thread whose
// events take 4 ms, for so long: the same gaps. The four are workers, or busy threads.
Flood neverRest(::rust::Str name, int beside, std::int64_t duration);

// Four workers whose tasks each submit the next, and slots of 1 µs: the same gaps.
Flood workersFlood(std::int64_t duration);

// A task's share of the time, as `throughput`, of a page of QML that submits jobs and has a handler called by each.
double handlers(::rust::Str name, int workers, std::int64_t tasks);

// 1,000 tasks a second, each in place of the last one, for so long: the same gaps, and the results that came. A body
// takes 5 ms, and looks every 100 µs whether it was replaced.
Flood replace(::rust::Str name, std::int64_t duration);

// High tasks behind a queue of Low ones.
::rust::Vec<Overtaking> overtake(int samples);

// Bytes a queued task.
double memory(::rust::Str name, std::int64_t tasks);

// The longest of so many submits, while nothing runs.
std::int64_t worstSubmit(std::int64_t tasks);

// So many timers within two seconds, of which every other one is cancelled if `cancel`.
TimerCosts timers(::rust::Str name, int count, bool cancel);

// Switches of all threads of this process but the calling one, in so many milliseconds of sleep.
std::int64_t wakeups(int ms);

} // namespace bench

#endif
