#include "qt_peers/bench.h"
#include "qt_peers/sink.h"

#include "qt_peers/src/bench.cxx.h"

#include <legwork/legwork.h>

#include <QtCore/QTimer>

#include <atomic>
#include <memory>
#include <vector>

namespace bench {

namespace {

// Time to schedule all of them before the first is due, and then 50 in a millisecond; in no order.
constexpr int first = 4000;
constexpr int perMillisecond = 50;

std::chrono::milliseconds delayOf(int n, int count)
{
    const auto place = static_cast<int>(static_cast<qint64>(n) * 7919 % count);
    return std::chrono::milliseconds(first + place / perMillisecond);
}

} // namespace

TimerCosts timers(::rust::Str name, int count, bool cancel)
{
    TimerCosts costs;
    std::vector<qint64> late(static_cast<std::size_t>(count), -1);
    std::atomic<qint64> left = cancel ? count / 2 : count;
    QEventLoop loop;
    std::vector<Clock::time_point> due(static_cast<std::size_t>(count));
    const auto fire = [&](int n) {
        late[static_cast<std::size_t>(n)] = nanoseconds(due[static_cast<std::size_t>(n)], Clock::now());
        if (--left == 0)
            QMetaObject::invokeMethod(&loop, &QEventLoop::quit, Qt::QueuedConnection);
    };
    // What a closure holds; who has it counts what is not destroyed.
    const auto held = std::make_shared<int>();

    if (name == "legwork") {
        legwork::TaskManager::instance()->setMaxWorkers(2);
        std::vector<legwork::Task<void>> tasks;
        tasks.reserve(static_cast<std::size_t>(count));
        auto start = Clock::now();
        for (int n = 0; n < count; ++n) {
            const auto delay = delayOf(n, count);
            due[static_cast<std::size_t>(n)] = Clock::now() + delay;
            tasks.push_back(legwork::runLater(delay, [n, held, &fire] { fire(n); }));
        }
        costs.schedule = static_cast<double>(nanoseconds(start, Clock::now())) / count;
        if (cancel) {
            start = Clock::now();
            for (int n = 0; n < count; n += 2)
                tasks[static_cast<std::size_t>(n)].cancel();
            costs.cancel = static_cast<double>(nanoseconds(start, Clock::now())) / (count / 2);
            costs.kept = held.use_count() - 1 - count / 2;
        }
        loop.exec();
    } else {
        QObject context;
        const auto start = Clock::now();
        for (int n = 0; n < count; ++n) {
            const auto delay = delayOf(n, count);
            due[static_cast<std::size_t>(n)] = Clock::now() + delay;
            QTimer::singleShot(delay, Qt::PreciseTimer, &context, [n, held, &fire] { fire(n); });
        }
        costs.schedule = static_cast<double>(nanoseconds(start, Clock::now())) / count;
        loop.exec();
    }
    for (const auto time : late) {
        if (time >= 0 || !cancel)
            costs.late.push_back(time);
    }
    return costs;
}

} // namespace bench
