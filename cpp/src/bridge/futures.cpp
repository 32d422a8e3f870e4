// Futures that may be cancelled.
//
// A QFuture tells that it was cancelled to a thread that asks it, and to an event loop. A body that asks whether it
// is to stop asks the futures of its task, too. For a task that does not run there is a loop on a thread of its
// own: a thread that cancels a future often waits for it right after, and no other loop would be told.
#include "futures.h"

#include "../mutex.h"

#include "legwork/detail.h"

#include "legwork/src/qt/bridge_body.cxx.h"

#include <QtCore/QFutureWatcher>
#include <QtCore/QHash>
#include <QtCore/QThread>

#include <algorithm>
#include <atomic>
#include <vector>

namespace legwork::detail {

// For a QHash of ids, which looks for it beside them.
static size_t qHash(const Id &id, size_t seed) { return ::qHash(id.high ^ id.low, seed); }

std::atomic<qsizetype> futuresCount = 0;

namespace {

Mutex futuresMutex;

QHash<Id, std::vector<QFuture<void>>> &futures()
{
    static auto &map = *new QHash<Id, std::vector<QFuture<void>>>;
    return map;
}

class Unlink final : public EndHook {
public:
    explicit Unlink(Id id) : m_id(id) { }
    void ended(const Notice &) override
    {
        std::vector<QFuture<void>> gone;
        const std::lock_guard lock(futuresMutex);
        gone = futures().take(m_id);
        futuresCount.store(futures().size(), std::memory_order_release);
    }

private:
    Id m_id;
};

// The thread that hears of cancels. It runs while there is an application, without which Qt delivers no event,
// from the first future on; what is posted before waits. Never destroyed: a future may be made at any time.
struct FutureThread {
    QThread thread;
    QObject anchor; // lives on it
    bool wanted = false;
    bool mayRun = false;

    FutureThread()
    {
        thread.setObjectName(QStringLiteral("legwork-futures"));
        anchor.moveToThread(&thread);
    }

    // With the lock.
    void start()
    {
        if (wanted && mayRun && !thread.isRunning())
            thread.start();
    }
};

Mutex futureThreadMutex;

FutureThread &futureThread()
{
    static auto &one = *new FutureThread;
    return one;
}

// The watchers of tasks that have an owner. Under `futureThreadMutex`.
QMultiHash<quint64, QFutureWatcher<void> *> &watchers()
{
    static auto &map = *new QMultiHash<quint64, QFutureWatcher<void> *>;
    return map;
}

// Has the thread of the futures hear of it. The watcher is connected here, where the caller has the future with
// its type: Qt looks through the results, which a QFuture<void> does not keep; the last future with their type
// destroys them.
void watch(Id id, const QFuture<void> &future, quint64 owner)
{
    auto *watcher = new QFutureWatcher<void>;
    if (owner) {
        {
            const std::lock_guard lock(futureThreadMutex);
            watchers().insert(owner, watcher);
        }
        QObject::connect(watcher, &QObject::destroyed, [owner, watcher] {
            const std::lock_guard lock(futureThreadMutex);
            watchers().remove(owner, watcher);
        });
    }
    QObject::connect(watcher, &QFutureWatcherBase::canceled, watcher, [id] { cancel(id); });
    QObject::connect(watcher, &QFutureWatcherBase::finished, watcher, &QObject::deleteLater);
    watcher->setFuture(future);
    watcher->moveToThread(&futureThread().thread);
}

} // namespace

bool askFutures(const RustContext &context)
{
    const auto id = contextTask(context);
    {
        const std::lock_guard lock(futuresMutex);
        const auto known = futures().constFind(id);
        if (known == futures().constEnd()
            || std::none_of(known->begin(), known->end(), [](const auto &future) { return future.isCanceled(); }))
            return false;
    }
    cancel(id);
    return true;
}

void cancelWith(const Handle &task, const QFuture<void> &future)
{
    if (task.isNull())
        return;
    {
        const std::lock_guard lock(futuresMutex);
        futures()[task.id()].push_back(future);
        futuresCount.store(futures().size(), std::memory_order_release);
    }
    onEnd(task, std::make_unique<Unlink>(task.id()));
    watch(task.id(), future, task.owner());
    const std::lock_guard lock(futureThreadMutex);
    futureThread().wanted = true;
    futureThread().start();
}

void startFutures()
{
    const std::lock_guard lock(futureThreadMutex);
    futureThread().mayRun = true;
    futureThread().start();
}

void stopFutures()
{
    if (inChild())
        return;
    {
        const std::lock_guard lock(futureThreadMutex);
        futureThread().mayRun = false;
    }
    futureThread().thread.quit();
    futureThread().thread.wait();
}

void unwatch(quint64 owner)
{
    // There is no such thread in a child.
    if (inChild())
        return;
    const auto gone = [owner] {
        QList<QFutureWatcher<void> *> all;
        {
            const std::lock_guard lock(futureThreadMutex);
            all = watchers().values(owner);
        }
        qDeleteAll(all);
    };
    {
        const std::lock_guard lock(futureThreadMutex);
        if (!futureThread().wanted)
            return;
    }
    // Where the loop does not run, nobody else uses them.
    if (futureThread().thread.isRunning() && QThread::currentThread() != &futureThread().thread)
        QMetaObject::invokeMethod(&futureThread().anchor, gone, Qt::BlockingQueuedConnection);
    else
        gone();
}

} // namespace legwork::detail
