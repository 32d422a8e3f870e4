// Mailboxes: how a callback comes to the thread of its receiver. One for each thread that has been delivered to.
#ifndef LEGWORK_MAILBOX_H
#define LEGWORK_MAILBOX_H

#include "lifetimes.h"
#include "pending.h"

#include "legwork/detail.h"

#include <QtCore/QHash>
#include <QtCore/QObject>

#include <chrono>
#include <deque>
#include <memory>

class QThread;

namespace legwork::detail {

// Calls the callback: at once where this is the receiver's thread and `later` is false, else through
// the receiver's mailbox.
void deliver(const std::shared_ptr<Connection> &connection, Notice &&notice, bool later);

// The end of a connection: destroys the callback on the receiver's thread.
void release(std::shared_ptr<Connection> connection);

// Destroys what waits of an owner's in all mailboxes, and waits until none of its callbacks is being
// called and no hook is left: false on a time-out.
bool purge(quint64 owner, std::chrono::milliseconds timeout);

// Around a fork: no thread is in the middle of a post to a mailbox then, with a lock of Qt's in its hands that the
// child would find locked for ever.
void lockMailboxes();
void unlockMailboxes();

// A new application has come to a thread: the events of the last one's are gone.
void reviveMailbox(QThread *thread);

// Whether this thread's mailbox is calling callbacks, which may have results of their own to destroy.
bool isDelivering();

// ---- inside --------------------------------------------------------------------------------------

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

// Lives on the thread that it delivers to, until that finishes.
class Mailbox : public QObject {
public:
    bool event(QEvent *event) override;

    // Under `mailboxMutex`.
    std::deque<Item> items;
    bool posted = false;

    void post(Qt::EventPriority priority);

private:
    int m_draining = -1; // the loop level of the innermost drain
};

// All of them. Under `mailboxMutex`.
QHash<QThread *, Mailbox *> &mailboxes();

// The mailbox of a thread, made if there is none. Whether the thread has finished meanwhile: then it is for
// the caller to close it, without the lock.
Mailbox *mailboxOf(QThread *thread, bool &finished, const std::lock_guard<Mutex> &);

} // namespace legwork::detail

#endif
