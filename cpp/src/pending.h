// Owners with code that must not go yet: what is pending of theirs, and what is being called.
#ifndef LEGWORK_PENDING_H
#define LEGWORK_PENDING_H

#include "mutex.h"

#include <QtCore/QtGlobal>

#include <chrono>
#include <mutex>

namespace legwork::detail {

// Of the mailboxes and of what is pending, the third of those that lifetimes.h lists: what leaves a mailbox is
// counted in the same moment.
extern Mutex mailboxMutex;

// Counts something of an owner's that must be over before its code may be unloaded.
class Pending {
public:
    explicit Pending(quint64 owner);
    // Where `mailboxMutex` is held: what leaves a mailbox is counted before it can be missed there.
    Pending(quint64 owner, const std::lock_guard<Mutex> &mailboxLock);
    ~Pending();
    Q_DISABLE_COPY_MOVE(Pending)

private:
    const quint64 owner;
};

// Whether something is pending of the owner's.
bool isPending(quint64 owner, const std::unique_lock<Mutex> &mailboxLock);

// Waits until nothing is: false on a time-out.
bool waitForPending(quint64 owner, std::unique_lock<Mutex> &mailboxLock,
                    std::chrono::steady_clock::time_point deadline);

// Says that code of an owner's is being called on this thread.
class Calling {
public:
    explicit Calling(quint64 owner);
    ~Calling();
    Q_DISABLE_COPY_MOVE(Calling)
};

// Whether a callback of the owner's, or a slot on its signals, is being called on this thread, further
// down the stack.
bool isCalling(quint64 owner);

} // namespace legwork::detail

#endif
