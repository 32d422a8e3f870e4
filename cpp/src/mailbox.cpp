#include "mailbox.h"

#include "bridge/calls.h"
#include "inbox.h"
#include "log.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QEvent>
#include <QtCore/QThread>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

namespace legwork::detail {

namespace {

// The caller holds a Pending, or is in a delivery, which the engine holds, until the connection
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
        qCCritical(taskLog, "a task's callback threw: %s", error.what());
    } catch (...) {
        qCCritical(taskLog, "a task's callback threw something that is no std::exception");
    }
}

QEvent::Type mailType()
{
    static const auto type = static_cast<QEvent::Type>(QEvent::registerEventType());
    return type;
}

// How long a mailbox delivers before it lets other events of its thread go first.
constexpr qint64 budgetMs = 4;

// Read by `isDelivering`.
thread_local bool delivering = false;

enum class Sent {
    Yes,
    Here, // the receiver lives on this thread
    Nowhere, // the receiver is gone, or its thread has finished
};

Sent send(Item &item, bool later);

// The thread has finished. What still waits is destroyed, here, on that thread.
void closeMailbox(QThread *thread);

} // namespace

QHash<QThread *, Mailbox *> &mailboxes()
{
    static auto &map = *new QHash<QThread *, Mailbox *>;
    return map;
}

bool isDelivering() { return delivering; }

void Mailbox::post(Qt::EventPriority priority)
{
    posted = true;
    QCoreApplication::postEvent(this, new QEvent(mailType()), priority);
}

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

namespace {

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

// ---- applications and processes that come and go -------------------------------------------------

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

void lockMailboxes() { mailboxMutex.lockForFork(); }

void unlockMailboxes() { mailboxMutex.unlockAfterFork(); }

// ---- unloading -----------------------------------------------------------------------------------

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
                if (!isPending(owner, lock))
                    return true;
                if (!waitForPending(owner, lock, deadline))
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
