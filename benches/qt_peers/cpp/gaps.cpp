#include "qt_peers/bench.h"
#include "qt_peers/sink.h"

#include "qt_peers/src/bench.cxx.h"

#include <legwork/legwork.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>
#include <QtCore/QEventLoop>
#include <QtCore/QThreadPool>
#include <QtCore/QTimer>

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

namespace {

// The gaps between the ticks of a timer of 10 ms, in an event loop that ends once it is `over`.
::rust::Vec<std::int64_t> gapsUntil(const std::atomic<bool> &over)
{
    ::rust::Vec<std::int64_t> gaps;
    QEventLoop loop;
    QTimer timer;
    timer.setTimerType(Qt::PreciseTimer);
    auto last = Clock::now();
    QObject::connect(&timer, &QTimer::timeout, &loop, [&] {
        const auto now = Clock::now();
        gaps.push_back(nanoseconds(last, now));
        last = now;
        // It is looked for here, as the timer is what is measured.
        if (over)
            loop.quit();
    });
    timer.start(10);
    loop.exec();
    return gaps;
}

// An event that takes 4 ms, as a drain may, and is followed by the next.
class Busy : public QObject {
public:
    Busy() { post(); }
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        spin(4'000'000);
        post();
        return true;
    }

private:
    void post() { QCoreApplication::postEvent(this, new QEvent(QEvent::User), Qt::LowEventPriority); }
};

// Threads of the application's own, which have something to do until they are joined.
class Threads {
public:
    Threads(int count, std::atomic<bool> &over)
    {
        for (int thread = 0; thread < count; ++thread)
            m_threads.emplace_back([&over] {
                while (!over) { }
            });
    }
    ~Threads()
    {
        for (auto &thread : m_threads)
            thread.join();
    }
    Q_DISABLE_COPY_MOVE(Threads)

private:
    std::vector<std::thread> m_threads;
};

} // namespace

Flood neverRest(::rust::Str name, int beside, std::int64_t duration)
{
    constexpr int workers = 4;
    const bool ours = name == "legwork";
    std::atomic<bool> over = false;
    const Threads threads(beside + (ours ? 0 : workers), over);
    legwork::TaskManager::instance()->setMaxWorkers(workers);
    std::vector<legwork::Task<void>> tasks;
    for (int worker = 0; ours && worker < workers; ++worker)
        tasks.push_back(legwork::run([&over] {
            while (!over) { }
        }));
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::nanoseconds(duration));
    QTimer::singleShot(ms, Qt::PreciseTimer, [&over] { over = true; });
    const Busy busy;
    auto gaps = gapsUntil(over);
    for (const auto &task : tasks)
        task.wait();
    return {std::move(gaps), 0, 0};
}

Flood workersFlood(std::int64_t duration)
{
    Sink sink;
    sink.setBusy(1000);
    auto *manager = legwork::TaskManager::instance();
    manager->setMaxWorkers(4);
    QObject::connect(manager, &legwork::TaskManager::taskCompleted, &sink, &Sink::arrive);
    std::atomic<bool> over = false;
    std::atomic<qint64> sent = 0;
    const auto end = Clock::now() + std::chrono::nanoseconds(duration);
    // Each submits the next. A full queue would refuse it, so the quick ones wait for the UI thread then.
    std::function<int()> next = [&] {
        while (sent - sink.arrived() > 500'000 && Clock::now() < end) { }
        over = Clock::now() >= end;
        if (!over) {
            ++sent;
            legwork::run([&next] { return next(); });
        }
        return 0;
    };
    for (int chain = 0; chain < 8; ++chain) {
        ++sent;
        legwork::run([&next] { return next(); });
    }
    auto gaps = gapsUntil(over);
    const auto arrived = sink.arrived();
    sink.await(sent);
    return {std::move(gaps), arrived, 0};
}

Flood flood(::rust::Str name, std::int64_t duration)
{
    Sink sink;
    sink.setBusy(1000);
    const auto submit = contender(name, 2, sink, 0);
    const auto before = mallinfo2();
    std::atomic<bool> over = false;
    std::atomic<qint64> sent = 0;
    std::atomic<std::size_t> most = 0;
    const auto bytes = [](const struct mallinfo2 &info) { return info.uordblks + info.hblkhd; };
    std::vector<std::thread> threads;
    for (int producer = 0; producer < 2; ++producer) {
        threads.emplace_back([&] {
            while (!over) {
                // A full queue refuses, and so does a program that watches its memory.
                if (sent - sink.arrived() > 900'000) {
                    std::this_thread::yield();
                    continue;
                }
                (*submit)(static_cast<int>(sent++));
            }
        });
    }
    threads.emplace_back([&] {
        const auto end = Clock::now() + std::chrono::nanoseconds(duration);
        while (Clock::now() < end) {
            most = std::max(most.load(), bytes(mallinfo2()));
            // The period of a sample: there is no event to wait for, and the UI thread is what is measured.
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
        over = true;
    });
    auto gaps = gapsUntil(over);
    for (auto &thread : threads)
        thread.join();
    const auto arrived = sink.arrived();
    sink.await(sent);
    const auto base = bytes(before);
    return {std::move(gaps), arrived, static_cast<std::int64_t>(std::max(most.load(), base) - base)};
}

namespace {

// So that both have what they are asked for in the same way.
template<typename IsOver> int replaceable(int n, const IsOver &isOver)
{
    for (int part = 0; part < 50 && !isOver(); ++part)
        spin(100'000);
    return n;
}

Submit replacedByKey(Sink &sink)
{
    legwork::TaskManager::instance()->setMaxWorkers(2);
    return [&sink](int n) {
        const auto body = [n](legwork::TaskContext &context) {
            return replaceable(n, [&] { return context.isCancelled(); });
        };
        auto task = legwork::run(body, {.key = "replaced", .keyPolicy = legwork::KeyPolicy::Replace});
        task.onComplete(&sink, [&sink, id = task.id()](int result) { sink.arrive(id, result); });
    };
}

// As it is written by hand: a number says which is the newest, and the others find that out.
Submit replacedByNumber(Sink &sink)
{
    auto newest = std::make_shared<std::atomic<int>>(0);
    return [&sink, newest, pool = pool(2)](int n) {
        *newest = n;
        pool->start([&sink, newest, n] {
            const int result = replaceable(n, [&] { return *newest != n; });
            QMetaObject::invokeMethod(
                &sink,
                [&sink, newest, result] {
                    if (*newest == result)
                        sink.arrive(QString(), result);
                },
                Qt::QueuedConnection);
        });
    };
}

} // namespace

Flood replace(::rust::Str name, std::int64_t duration)
{
    Sink sink;
    const auto submit = name == "legwork" ? replacedByKey(sink) : replacedByNumber(sink);
    std::atomic<bool> over = false;
    QTimer types;
    types.setTimerType(Qt::PreciseTimer);
    const auto end = Clock::now() + std::chrono::nanoseconds(duration);
    int n = 0;
    QObject::connect(&types, &QTimer::timeout, &types, [&] {
        submit(++n);
        over = Clock::now() >= end;
    });
    types.start(1);
    auto gaps = gapsUntil(over);
    types.stop();
    const auto arrived = sink.arrived();
    submit(++n);
    sink.await(arrived + 1);
    return {std::move(gaps), arrived, 0};
}

} // namespace bench
