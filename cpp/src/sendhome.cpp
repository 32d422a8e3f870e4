#include "sendhome.h"

#include "inbox.h"
#include "mailbox.h"

#include <QtCore/QThread>

#include <atomic>
#include <deque>
#include <vector>

namespace legwork::detail {

namespace {

// Some may lie in the manager's mailbox. Read without the lock, to spare it: a submit that misses one that is just
// being put there leaves it to the next, or to its event. The end of the application takes the lock.
std::atomic<bool> resultsWait = false;

} // namespace

void SendHome::operator()(ResultValue *result) const noexcept
{
    Item item;
    item.result.reset(result);
    if (isDelivering() || !managerThread() || managerThread() == QThread::currentThread())
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

} // namespace legwork::detail
