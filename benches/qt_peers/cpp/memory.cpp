#include "qt_peers/bench.h"
#include "qt_peers/sink.h"

#include "qt_peers/src/bench.cxx.h"

#include <legwork/legwork.h>

#include <QtConcurrent/QtConcurrentRun>
#include <QtCore/QSemaphore>
#include <QtCore/QThreadPool>

#include <malloc.h>

#include <algorithm>
#include <vector>

namespace bench {

namespace {

// What the allocator has given out, with what it needs itself.
std::int64_t bytes()
{
    const auto info = mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
}

// Keeps the two workers until it is destroyed.
class Hold {
public:
    Hold()
    {
        auto *manager = legwork::TaskManager::instance();
        manager->setMaxWorkers(2);
        for (int worker = 0; worker < 2; ++worker) {
            legwork::run([this] {
                m_arrived.release();
                m_open.acquire();
            });
        }
        m_arrived.acquire(2);
    }
    ~Hold() { m_open.release(2); }
    Q_DISABLE_COPY_MOVE(Hold)

private:
    QSemaphore m_arrived;
    QSemaphore m_open;
};

} // namespace

double memory(::rust::Str name, std::int64_t tasks)
{
    const auto each = [tasks](std::int64_t before) {
        return static_cast<double>(bytes() - before) / static_cast<double>(tasks);
    };
    if (name == "legwork") {
        Sink sink;
        QObject::connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &sink, &Sink::arrive);
        double result = 0;
        {
            const Hold hold;
            const auto before = bytes();
            for (int n = 0; n < tasks; ++n)
                legwork::run([n] { return n; });
            result = each(before);
        }
        sink.await(tasks + 2);
        return result;
    }
    // The futures are kept, as nobody could hear of the tasks without.
    QThreadPool pool;
    pool.setMaxThreadCount(1);
    QSemaphore open;
    pool.start([&open] { open.acquire(); });
    std::vector<QFuture<int>> futures;
    futures.reserve(static_cast<std::size_t>(tasks));
    const auto before = bytes();
    for (int n = 0; n < tasks; ++n)
        futures.push_back(QtConcurrent::run(&pool, [n] { return n; }));
    const auto result = each(before);
    open.release();
    pool.waitForDone();
    return result;
}

std::int64_t worstSubmit(std::int64_t tasks)
{
    Sink sink;
    QObject::connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &sink, &Sink::arrive);
    qint64 worst = 0;
    {
        const Hold hold;
        for (int n = 0; n < tasks; ++n) {
            const auto start = Clock::now();
            legwork::run([n] { return n; });
            worst = std::max(worst, nanoseconds(start, Clock::now()));
        }
    }
    sink.await(tasks + 2);
    return worst;
}

} // namespace bench
