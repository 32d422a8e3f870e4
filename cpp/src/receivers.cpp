#include "receivers.h"

#include "inbox.h"
#include "bridge/bridge.h"
#include "bridge/calls.h"

#include "legwork/src/qt/manager.cxxqt.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QEvent>
#include <QtCore/QHash>
#include <QtCore/QLoggingCategory>
#include <QtCore/QThread>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <vector>

Q_DECLARE_LOGGING_CATEGORY(legworkLog)

namespace legwork::detail {

namespace {

Mutex registryMutex;

QHash<QObject *, std::shared_ptr<Lifetime>> &lifetimes()
{
    // Never destroyed: an object with static storage may go later.
    static auto &map = *new QHash<QObject *, std::shared_ptr<Lifetime>>;
    return map;
}

// ---- owners whose code must not go ---------------------------------------------------------------

Mutex mailboxMutex;

struct Pendings {
    QHash<quint64, int> counts;
    std::condition_variable_any changed;
};

Pendings &pendings()
{
    static auto &all = *new Pendings;
    return all;
}

// The owners whose callbacks this thread is calling, innermost last.
std::vector<quint64> &calling()
{
    thread_local std::vector<quint64> owners;
    return owners;
}

// Whoever calls it holds a Pending, or is in a delivery, which the engine holds, until the connection
// and the notice are gone: both may be the last to have something of the owner's.
void invoke(Connection &connection, const Notice &notice) noexcept
{
    std::shared_ptr<Callback> callback;
    {
        const std::lock_guard lock(connection.life->mutex);
        if (connection.life->any || connection.life->guard)
            callback = connection.callback;
    }
    // The engine has looked after the owner as it delivered; in a mailbox time has passed.
    if (!callback || (connection.owner && !ownerAlive(connection.owner)))
        return;
    const Calling calling(connection.owner);
    try {
        callback->call(notice);
    } catch (const std::exception &error) {
        qCCritical(legworkLog, "a task's callback threw: %s", error.what());
    } catch (...) {
        qCCritical(legworkLog, "a task's callback threw something that is no std::exception");
    }
}

// ---- mailboxes -----------------------------------------------------------------------------------

struct Item {
    std::shared_ptr<Connection> connection; // null for a result that is to be destroyed
    Notice notice;
    bool last = false; // nothing to tell: the callback is to be destroyed
    std::unique_ptr<ResultValue> result;

    quint64 owner() const { return connection ? connection->owner : result->owner; }

    // Destroys what it has of a user's, without telling it.
    void drop()
    {
        result.reset();
        if (connection)
            connection->take();
    }
};

QEvent::Type mailType()
{
    static const auto type = static_cast<QEvent::Type>(QEvent::registerEventType());
    return type;
}

// How long a mailbox delivers before it lets other events of its thread go first.
constexpr qint64 budgetMs = 4;

// Lives on the thread that it delivers to, until that finishes.
class Mailbox : public QObject {
public:
    bool event(QEvent *event) override;

    // Under `mailboxMutex`.
    std::deque<Item> items;
    bool posted = false;

    void post(Qt::EventPriority priority)
    {
        posted = true;
        QCoreApplication::postEvent(this, new QEvent(mailType()), priority);
    }

private:
    int m_draining = -1; // the loop level of the innermost drain
};

// Whether this thread's mailbox is calling callbacks, which may have results of their own to destroy.
thread_local bool delivering = false;

QHash<QThread *, Mailbox *> &mailboxes()
{
    static auto &map = *new QHash<QThread *, Mailbox *>;
    return map;
}

enum class Sent {
    Yes,
    Here, // the receiver lives on this thread
    Nowhere, // the receiver is gone, or its thread has finished
};

Sent send(Item &item, bool later);

bool Mailbox::event(QEvent *event)
{
    if (event->type() != mailType())
        return QObject::event(event);
    const int level = thread()->loopLevel();
    {
        const std::lock_guard lock(mailboxMutex);
        posted = false;
        if (m_draining >= level) {
            // A callback calls processEvents(): it is not to find itself inside of other callbacks.
            post(Qt::LowEventPriority);
            return true;
        }
    }
    const int outer = std::exchange(m_draining, level);
    const bool outerDelivering = std::exchange(delivering, true);
    QElapsedTimer timer;
    timer.start();
    do {
        // In this order: the item is gone before it counts as over.
        std::optional<Pending> pending;
        Item item;
        {
            const std::lock_guard lock(mailboxMutex);
            if (items.empty())
                break;
            item = std::move(items.front());
            pending.emplace(item.owner(), lock);
            items.pop_front();
            // For the rest, also if this callback opens a loop and stays there.
            if (!items.empty() && !posted)
                post(Qt::LowEventPriority);
        }
        if (item.result) {
            item.drop();
            continue;
        }
        // Its receiver may have moved to another thread meanwhile.
        const auto connection = item.connection;
        switch (send(item, false)) {
        case Sent::Yes:
            break;
        case Sent::Here:
            if (!item.last) {
                invoke(*connection, item.notice);
                break;
            }
            [[fallthrough]];
        case Sent::Nowhere:
            connection->take();
        }
    } while (timer.elapsed() < budgetMs);
    m_draining = outer;
    delivering = outerDelivering;
    return true;
}

// The thread has finished. What still waits is destroyed, here, on that thread.
void closeMailbox(QThread *thread)
{
    Mailbox *mailbox = nullptr;
    std::deque<Pending> pending; // gone after the items
    std::deque<Item> rest;
    {
        const std::lock_guard lock(mailboxMutex);
        mailbox = mailboxes().take(thread);
        if (!mailbox)
            return;
        rest.swap(mailbox->items);
        for (const auto &item : rest)
            pending.emplace_back(item.owner(), lock);
    }
    mailbox->deleteLater();
    for (auto &item : rest)
        item.drop();
}

// The mailbox of a thread, made if there is none. Whether the thread has finished meanwhile: then it is for
// the caller to close it, without the lock.
Mailbox *mailboxOf(QThread *thread, bool &finished, const std::lock_guard<Mutex> &)
{
    auto &mailbox = mailboxes()[thread];
    if (!mailbox) {
        mailbox = new Mailbox;
        mailbox->moveToThread(thread);
        // A thread that never ran is only destroyed.
        QObject::connect(
            thread, &QThread::finished, mailbox, [thread] { closeMailbox(thread); }, Qt::DirectConnection);
        QObject::connect(
            thread, &QObject::destroyed, mailbox, [thread] { closeMailbox(thread); }, Qt::DirectConnection);
        // It may have said so before this was connected.
        finished = thread->isFinished();
    }
    return mailbox;
}

// Puts an item into the mailbox of its receiver's thread, unless that is this one and `later` is
// false; then, and where nobody would take it out, the item stays as it is.
Sent send(Item &item, bool later)
{
    const auto life = item.connection->life;
    // While it is held and the object is there, the object's thread is there, too.
    std::unique_lock alive(life->mutex);
    auto *thread = life->any ? managerThread() : life->object && life->guard ? life->object->thread() : nullptr;
    if (!thread)
        return Sent::Nowhere;
    if (!later && thread == QThread::currentThread())
        return Sent::Here;
    bool finished = false;
    {
        const std::lock_guard lock(mailboxMutex);
        if (thread->isFinished())
            return Sent::Nowhere;
        auto *mailbox = mailboxOf(thread, finished, lock);
        mailbox->items.push_back(std::move(item));
        if (!mailbox->posted)
            mailbox->post(Qt::NormalEventPriority);
    }
    alive.unlock();
    if (finished)
        closeMailbox(thread);
    return Sent::Yes;
}

} // namespace

// ---- results that go home ------------------------------------------------------------------------

namespace {

// Some may lie in the manager's mailbox. Read without the lock, to spare it: a submit that misses one that is just
// being put there leaves it to the next, or to its event. The end of the application takes the lock.
std::atomic<bool> resultsWait = false;

} // namespace

void SendHome::operator()(ResultValue *result) const noexcept
{
    Item item;
    item.result.reset(result);
    if (delivering || !managerThread() || managerThread() == QThread::currentThread())
        return;
    const std::lock_guard lock(mailboxMutex);
    // Asked again, under the lock: `destroyResults` comes after the application has gone from here.
    auto *thread = managerThread();
    if (!thread || thread->isFinished())
        return;
    bool finished = false;
    auto *mailbox = mailboxOf(thread, finished, lock);
    mailbox->items.push_back(std::move(item));
    resultsWait.store(true, std::memory_order_relaxed);
    if (!mailbox->posted)
        mailbox->post(Qt::NormalEventPriority);
}

namespace {

// Of the mailbox of this thread, which is the manager's.
void destroyResultsHere()
{
    std::deque<Pending> pending; // gone after the results
    std::vector<Item> results;
    {
        const std::lock_guard lock(mailboxMutex);
        resultsWait.store(false, std::memory_order_relaxed);
        auto *mailbox = mailboxes().value(QThread::currentThread());
        if (!mailbox)
            return;
        std::deque<Item> kept;
        for (auto &item : mailbox->items) {
            if (item.result)
                pending.emplace_back(item.owner(), lock);
            (item.result ? results.push_back(std::move(item)) : kept.push_back(std::move(item)));
        }
        mailbox->items.swap(kept);
    }
}

} // namespace

void destroyResults()
{
    if (resultsWait.load(std::memory_order_relaxed) && managerThread() == QThread::currentThread())
        destroyResultsHere();
}

void destroyLastResults()
{
    // In a child they are the parent's, and the mailbox may be in the middle of a change.
    if (!inChild())
        destroyResultsHere();
}

// ---- forks ---------------------------------------------------------------------------------------

void lockMailboxes() { mailboxMutex.lockForFork(); }

void unlockMailboxes() { mailboxMutex.unlockAfterFork(); }

// ---- lifetimes -----------------------------------------------------------------------------------

std::shared_ptr<Lifetime> lifetimeOf(QObject *object)
{
    if (!object)
        return std::make_shared<Lifetime>(nullptr);
    std::shared_ptr<Lifetime> life;
    {
        const std::lock_guard lock(registryMutex);
        auto &known = lifetimes()[object];
        // Another object may have been there, whose end nobody told.
        if (known && known->guard)
            return known;
        life = known = std::make_shared<Lifetime>(object);
    }
    // Without the lock: connecting calls a virtual function of the object's.
    QObject::connect(object, &QObject::destroyed, [life, object] {
        {
            const std::lock_guard lock(registryMutex);
            if (lifetimes().value(object) == life)
                lifetimes().remove(object);
        }
        life->end();
    });
    return life;
}

void Lifetime::end()
{
    std::deque<Pending> pending; // gone after the callbacks
    std::vector<std::shared_ptr<Callback>> gone;
    quint64 owned = 0;
    {
        const std::lock_guard lock(mutex);
        object = nullptr;
        owned = std::exchange(owner, 0);
        gone.reserve(connections.size());
        for (auto *connection : connections) {
            pending.emplace_back(connection->owner);
            gone.push_back(std::move(connection->callback));
            connection->callback.reset();
            connection->linked = false;
        }
        connections.clear();
    }
    gone.clear();
    if (owned)
        closeOwner(owned);
}

namespace {

// What the user may call an object. The class of one from QML that adds a property is "Page_QML_16".
QString nameOf(const QObject &object)
{
    if (!object.objectName().isEmpty())
        return object.objectName();
    const auto name = QString::fromLatin1(object.metaObject()->className());
    return name.section(QStringLiteral("_QML"), 0, 0);
}

} // namespace

quint64 ownerOf(QObject *object)
{
    const auto life = lifetimeOf(object);
    const auto name = nameOf(*object); // calls a virtual function of the object's
    const std::lock_guard lock(life->mutex);
    if (!life->owner)
        life->owner = openOwner(name);
    return life->owner;
}

quint64 knownOwnerOf(QObject *object)
{
    std::shared_ptr<Lifetime> life;
    {
        const std::lock_guard lock(registryMutex);
        life = lifetimes().value(object);
    }
    if (!life)
        return 0;
    const std::lock_guard lock(life->mutex);
    // Another object may have been there, whose end nobody told.
    return life->guard ? life->owner : 0;
}

Connection::Connection(std::shared_ptr<Lifetime> receiver, std::unique_ptr<Callback> function, quint64 taskOwner)
    : life(std::move(receiver)), owner(taskOwner), callback(std::move(function))
{
    const std::lock_guard lock(life->mutex);
    if (life->any)
        return;
    place = life->connections.insert(life->connections.end(), this);
    linked = true;
}

Connection::~Connection() { take(); }

std::shared_ptr<Callback> Connection::take()
{
    const std::lock_guard lock(life->mutex);
    if (std::exchange(linked, false))
        life->connections.erase(place);
    return std::exchange(callback, nullptr);
}

// ---- delivery ------------------------------------------------------------------------------------

void deliver(const std::shared_ptr<Connection> &connection, Notice &&notice, bool later)
{
    Item item{connection, std::move(notice), false, {}};
    if (send(item, later) == Sent::Here)
        invoke(*connection, item.notice);
}

void release(std::shared_ptr<Connection> connection)
{
    Item item{std::move(connection), {}, true, {}};
    if (send(item, false) != Sent::Yes)
        item.connection->take();
}

// ---- unloading -----------------------------------------------------------------------------------

void reviveMailbox(QThread *thread)
{
    const std::lock_guard lock(mailboxMutex);
    auto *mailbox = mailboxes().value(thread);
    if (!mailbox)
        return;
    mailbox->posted = false;
    if (!mailbox->items.empty())
        mailbox->post(Qt::NormalEventPriority);
}

Pending::Pending(quint64 owner) : owner(owner)
{
    if (!owner)
        return;
    const std::lock_guard lock(mailboxMutex);
    ++pendings().counts[owner];
}

Pending::Pending(quint64 owner, const std::lock_guard<Mutex> &) : owner(owner)
{
    if (owner)
        ++pendings().counts[owner];
}

Pending::~Pending()
{
    if (!owner)
        return;
    const std::lock_guard lock(mailboxMutex);
    auto count = pendings().counts.find(owner);
    if (--*count == 0) {
        pendings().counts.erase(count);
        pendings().changed.notify_all();
    }
}

Calling::Calling(quint64 owner) { calling().push_back(owner); }

Calling::~Calling() { calling().pop_back(); }

bool isCalling(quint64 owner)
{
    const auto &owners = calling();
    return std::find(owners.begin(), owners.end(), owner) != owners.end();
}

bool purge(quint64 owner, std::chrono::milliseconds timeout)
{
    if (inChild())
        return true;
    // No longer than a wait can be told.
    const auto deadline =
        std::chrono::steady_clock::now() + std::min(timeout, std::chrono::milliseconds(std::chrono::hours(24 * 365)));
    for (;;) {
        std::vector<Item> gone;
        {
            std::unique_lock lock(mailboxMutex);
            for (auto *mailbox : std::as_const(mailboxes())) {
                std::deque<Item> kept;
                for (auto &item : mailbox->items)
                    item.owner() == owner ? gone.push_back(std::move(item)) : kept.push_back(std::move(item));
                mailbox->items.swap(kept);
            }
            if (gone.empty()) {
                if (!pendings().counts.contains(owner))
                    return true;
                if (!pendings().changed.wait_until(lock, deadline,
                                                   [owner] { return !pendings().counts.contains(owner); }))
                    return false;
                // What was pending may have gone into another mailbox.
                continue;
            }
        }
        for (auto &item : gone)
            item.drop();
    }
}

} // namespace legwork::detail
