#include "qt_peers/bench.h"
#include "qt_peers/sink.h"

#include "qt_peers/src/bench.cxx.h"
#include "qt_peers/src/rust_peers.cxxqt.h"

#include <legwork/legwork.h>

#include <QtConcurrent/QtConcurrentRun>
#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>
#include <QtCore/QFutureWatcher>
#include <QtCore/QThreadPool>
#include <QtCore/QTimer>
#include <QtCore/QUuid>

#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

std::shared_ptr<QThreadPool> pool(int workers)
{
    auto pool = std::make_shared<QThreadPool>();
    pool->setMaxThreadCount(workers);
    // As Legwork's do.
    pool->setExpiryTimeout(-1);
    return pool;
}

namespace {

int work(int n, qint64 body)
{
    spin(body);
    return n;
}

Submit legworkSignals(int workers, Sink &sink, qint64 body)
{
    auto *manager = legwork::TaskManager::instance();
    manager->setMaxWorkers(workers);
    QObject::connect(manager, &legwork::TaskManager::taskCompleted, &sink, &Sink::arrive);
    return [body](int n) { legwork::run([n, body] { return work(n, body); }); };
}

Submit legworkCallbacks(int workers, Sink &sink, qint64 body)
{
    legwork::TaskManager::instance()->setMaxWorkers(workers);
    return [body, &sink](int n) {
        auto task = legwork::run([n, body] { return work(n, body); });
        task.onComplete(&sink, [&sink, id = task.id()](int result) { sink.arrive(id, result); });
    };
}

Submit poolAndSignal(int workers, Sink &sink, qint64 body)
{
    auto source = std::make_shared<Source>();
    // Queued for each: the workers emit.
    QObject::connect(source.get(), &Source::done, &sink, &Sink::arrive, Qt::QueuedConnection);
    return [body, source, pool = pool(workers)](int n) {
        const auto id = QUuid::createUuid().toString(QUuid::WithoutBraces);
        pool->start([n, body, id, source = source.get()] { emit source->done(id, work(n, body)); });
    };
}

Submit poolAndInvoke(int workers, Sink &sink, qint64 body)
{
    return [body, &sink, pool = pool(workers)](int n) {
        const auto id = QUuid::createUuid().toString(QUuid::WithoutBraces);
        pool->start([n, body, id, &sink] {
            const QVariant result = work(n, body);
            QMetaObject::invokeMethod(
                &sink, [&sink, id, result] { sink.arrive(id, result); }, Qt::QueuedConnection);
        });
    };
}

// QtConcurrent::run(...).then(context, ...), with the continuation there before the work begins. Qt 6.4
// moves from a promise twice, and crashes, where the work ends in the moment in which it is attached.
class Call final : public QRunnable {
public:
    Call(int n, qint64 body) : m_n(n), m_body(body) { m_promise.reportStarted(); }
    QFuture<int> future() { return m_promise.future(); }
    void run() override
    {
        m_promise.reportResult(work(m_n, m_body));
        m_promise.reportFinished();
    }

private:
    QFutureInterface<int> m_promise;
    int m_n;
    qint64 m_body;
};

Submit concurrentThen(int workers, Sink &sink, qint64 body)
{
    return [body, &sink, pool = pool(workers)](int n) {
        const auto id = QUuid::createUuid().toString(QUuid::WithoutBraces);
        auto *call = new Call(n, body);
        call->future().then(&sink, [&sink, id](int result) { sink.arrive(id, result); });
        pool->start(call);
    };
}

// A watcher belongs to the thread that makes it, which has to have an event loop: the UI thread.
Submit concurrentWatcher(int workers, Sink &sink, qint64 body)
{
    return [body, &sink, pool = pool(workers)](int n) {
        const auto id = QUuid::createUuid().toString(QUuid::WithoutBraces);
        auto *watcher = new QFutureWatcher<int>(&sink);
        QObject::connect(watcher, &QFutureWatcher<int>::finished, &sink, [watcher, id, &sink] {
            sink.arrive(id, watcher->result());
            delete watcher;
        });
        watcher->setFuture(QtConcurrent::run(pool.get(), [n, body] { return work(n, body); }));
    };
}

// What no way can do without: a thread that is woken, and an event that wakes the UI thread. One number at a
// time.
class Bare : public QObject {
public:
    explicit Bare(Sink &sink) : m_sink(sink), m_thread([this] { work(); }) { }
    ~Bare() override
    {
        submit(-1);
        m_thread.join();
    }
    Q_DISABLE_COPY_MOVE(Bare)

    void submit(int n)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_number = n;
        }
        m_wake.notify_one();
    }

    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        m_sink.arrive(QString(), QVariant());
        return true;
    }

private:
    void work()
    {
        for (;;) {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_number.has_value(); });
            if (*std::exchange(m_number, std::nullopt) < 0)
                return;
            lock.unlock();
            QCoreApplication::postEvent(this, new QEvent(QEvent::User));
        }
    }

    Sink &m_sink;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::optional<int> m_number;
    std::thread m_thread;
};

Submit bare(Sink &sink)
{
    return [bare = std::make_shared<Bare>(sink)](int n) { bare->submit(n); };
}

Submit rustPeer(bool floor, int workers, Sink &sink, qint64 body)
{
    auto peer = std::make_shared<Peer>();
    QObject::connect(peer.get(), &Peer::done, &sink, &Sink::arrive);
    if (floor)
        peer->startFloor(workers);
    else
        peer->startPool(workers);
    auto sender = std::make_shared<::rust::Box<Sender>>(peer->sender(body));
    return [peer, sender](int n) { (*sender)->submit(n); };
}

} // namespace

std::unique_ptr<Submit> contender(::rust::Str text, int workers, Sink &sink, std::int64_t body)
{
    const auto name = std::string(text);
    const auto make = [&]() -> Submit {
        if (name == "legwork")
            return legworkSignals(workers, sink, body);
        if (name == "legwork onComplete")
            return legworkCallbacks(workers, sink, body);
        if (name == "QThreadPool, queued signal")
            return poolAndSignal(workers, sink, body);
        if (name == "QThreadPool, invokeMethod")
            return poolAndInvoke(workers, sink, body);
        if (name == "QtConcurrent, then")
            return concurrentThen(workers, sink, body);
        if (name == "QtConcurrent, QFutureWatcher")
            return concurrentWatcher(workers, sink, body);
        if (name == "threadpool, CxxQtThread")
            return rustPeer(false, workers, sink, body);
        if (name == "the floor")
            return rustPeer(true, workers, sink, body);
        if (name == "two wake-ups alone")
            return bare(sink);
        if (name == "QtTaskTree, one group")
            return taskTree(workers, sink, body);
        if (name == "QtTaskTree, a tree each")
            return [submit = taskTree(workers, sink, body)](int) { submit(1); };
        qFatal("there is no contender %s", name.c_str());
        std::abort();
    };
    return std::make_unique<Submit>(make());
}

double throughput(::rust::Str name, int workers, std::int64_t tasks, int producers, std::int64_t body)
{
    Sink sink;
    const auto submit = contender(name, workers, sink, body);
    const auto submitAll = [&submit, group = std::string(name) == "QtTaskTree, one group"](int count) {
        if (group)
            return (*submit)(count);
        for (int n = 0; n < count; ++n)
            (*submit)(n);
    };
    // The threads are there, and have run something.
    submitAll(1000);
    sink.await(1000);

    const auto start = Clock::now();
    std::vector<std::thread> threads;
    for (int producer = 0; producer < producers; ++producer) {
        threads.emplace_back([&, producer] {
            for (auto n = producer; n < tasks; n += producers)
                (*submit)(n);
        });
    }
    if (producers == 0)
        submitAll(static_cast<int>(tasks));
    sink.await(tasks + 1000);
    const auto end = Clock::now();
    for (auto &thread : threads)
        thread.join();
    return static_cast<double>(nanoseconds(start, end)) / static_cast<double>(tasks);
}

} // namespace bench
