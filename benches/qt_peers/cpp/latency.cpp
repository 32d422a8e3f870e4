#include "qt_peers/bench.h"
#include "qt_peers/sink.h"

#include "qt_peers/src/bench.cxx.h"

#include <legwork/legwork.h>

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QThread>

#include <atomic>
#include <thread>

namespace bench {

::rust::Vec<std::int64_t> latency(::rust::Str name, int samples)
{
    ::rust::Vec<std::int64_t> times;
    Sink sink;
    const auto submit = contender(name, 2, sink, 0);
    for (int n = 0; n < samples; ++n) {
        // The workers fall asleep meanwhile.
        QThread::usleep(200);
        const auto start = Clock::now();
        (*submit)(n);
        sink.await(n + 1);
        times.push_back(nanoseconds(start, Clock::now()));
    }
    return times;
}

::rust::Vec<Overtaking> overtake(int samples)
{
    constexpr int low = 100'000;
    constexpr qint64 body = 20'000;
    ::rust::Vec<Overtaking> all;
    auto *manager = legwork::TaskManager::instance();
    manager->setMaxWorkers(2);
    Sink sink;
    QObject::connect(manager, &legwork::TaskManager::taskCompleted, &sink, &Sink::arrive);
    std::atomic<qint64> ended = 0;
    legwork::TaskOptions options;
    options.priority = legwork::Priority::Low;
    for (int n = 0; n < low; ++n) {
        legwork::run(
            [n, &ended] {
                spin(body);
                ++ended;
                return n;
            },
            options);
    }
    options.priority = legwork::Priority::High;
    for (int sample = 0; sample < samples; ++sample) {
        struct {
            Clock::time_point at;
            qint64 ended = 0;
        } start;
        // The Low ones have gone on in between: the next does not find what the last has left.
        QThread::usleep(1000);
        const auto before = ended.load();
        const auto submitted = Clock::now();
        const auto task = legwork::run(
            [&start, &ended] {
                start.at = Clock::now();
                start.ended = ended;
                return 0;
            },
            options);
        task.wait();
        all.push_back({nanoseconds(submitted, start.at), start.ended - before});
    }
    sink.await(low + samples);
    return all;
}

namespace {

// What each thread of this process, but the calling one, has gone to sleep for so far.
std::int64_t switches()
{
    std::int64_t sum = 0;
    const auto self = QFile::symLinkTarget(QStringLiteral("/proc/thread-self")).section(QLatin1Char('/'), -1);
    const QDir tasks(QStringLiteral("/proc/self/task"));
    const auto threads = tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const auto &thread : threads) {
        if (thread == self)
            continue;
        QFile status(tasks.filePath(thread) + QStringLiteral("/status"));
        if (!status.open(QFile::ReadOnly))
            continue;
        const auto lines = status.readAll().split('\n');
        for (const auto &line : lines) {
            if (line.contains("ctxt_switches"))
                sum += line.mid(line.indexOf(':') + 1).trimmed().toLongLong();
        }
    }
    return sum;
}

} // namespace

std::int64_t wakeups(int ms)
{
    const auto before = switches();
    QThread::msleep(ms);
    return switches() - before;
}

} // namespace bench
