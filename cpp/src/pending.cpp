#include "pending.h"

#include <QtCore/QHash>

#include <algorithm>
#include <condition_variable>
#include <vector>

namespace legwork::detail {

Mutex mailboxMutex;

namespace {

// Under `mailboxMutex`.
struct Pendings {
    QHash<quint64, int> counts;
    std::condition_variable_any changed;
};

Pendings &pendings()
{
    static auto &all = *new Pendings;
    return all;
}

// The owners that this thread is calling, innermost last.
std::vector<quint64> &calling()
{
    thread_local std::vector<quint64> owners;
    return owners;
}

} // namespace

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

bool isPending(quint64 owner, const std::unique_lock<Mutex> &) { return pendings().counts.contains(owner); }

bool waitForPending(quint64 owner, std::unique_lock<Mutex> &mailboxLock, std::chrono::steady_clock::time_point deadline)
{
    return pendings().changed.wait_until(mailboxLock, deadline, [owner] { return !pendings().counts.contains(owner); });
}

Calling::Calling(quint64 owner) { calling().push_back(owner); }

Calling::~Calling() { calling().pop_back(); }

bool isCalling(quint64 owner)
{
    const auto &owners = calling();
    return std::find(owners.begin(), owners.end(), owner) != owners.end();
}

} // namespace legwork::detail
