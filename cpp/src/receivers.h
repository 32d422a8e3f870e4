// Who hears of a task in C++, and on which thread.
//
// A callback belongs to a receiver, a QObject. It runs on the receiver's thread, never once the
// receiver is gone, and is destroyed there. The engine delivers on the manager's thread; for a
// receiver elsewhere the notice goes through that thread's mailbox.
//
// Locks, none of which is held while anything of a user's runs or is destroyed:
//
// 1. `registryMutex`: which object has which Lifetime. Nothing is locked inside of it.
// 2. A Lifetime's own: whether its object is there, and its connections. Whoever holds it and sees
//    the object may ask it for its thread: ~QObject emits destroyed(), which takes this lock, before
//    it gives up anything.
// 3. `mailboxMutex`: all mailboxes, and which owners' callbacks are being called. It is taken inside
//    of the second, never the other way round; an event is posted inside of it.
#ifndef LEGWORK_RECEIVERS_H
#define LEGWORK_RECEIVERS_H

#include "mutex.h"

#include "legwork/detail.h"

#include <QtCore/QPointer>

#include <list>

namespace legwork::detail {

struct Connection;

// The life of a receiving object. There is one for each, until the object is destroyed.
class Lifetime {
public:
    explicit Lifetime(QObject *object) : object(object), guard(object), any(object == nullptr) { }

    Mutex mutex;
    QObject *object; // null once it is gone
    // The same for who has cut the connection to destroyed(), by receiver->disconnect(). Good on the
    // object's thread.
    QPointer<QObject> guard;
    const bool any; // stands for the manager's thread, and never goes
    std::list<Connection *> connections;
    quint64 owner = 0; // as Rust numbers it, once it owns a task

    void end();
};

// A callback and its receiver. Shared by the engine and by what waits in a mailbox.
struct Connection {
    Connection(std::shared_ptr<Lifetime> life, std::unique_ptr<Callback> callback, quint64 owner);
    ~Connection();
    Q_DISABLE_COPY_MOVE(Connection)

    // Takes the callback out; it is called no more. What is returned is to be destroyed without a
    // lock.
    std::shared_ptr<Callback> take();

    const std::shared_ptr<Lifetime> life;
    const quint64 owner; // the task's, for `purge`; 0 for none
    // Under the lock of `life`.
    std::shared_ptr<Callback> callback;
    std::list<Connection *>::iterator place;
    bool linked = false;
};

// From any thread, while the object is alive. Null for the manager's thread.
std::shared_ptr<Lifetime> lifetimeOf(QObject *object);

// The owner that stands for an object until it is destroyed. From any thread.
quint64 ownerOf(QObject *object);

// The same, if tasks were submitted for it; else 0. From any thread, also in the object's destructor.
quint64 knownOwnerOf(QObject *object);

// Calls the callback: at once where this is the receiver's thread and `later` is false, else through
// the receiver's mailbox.
void deliver(const std::shared_ptr<Connection> &connection, Notice &&notice, bool later);

// The end of a connection: destroys the callback on the receiver's thread.
void release(std::shared_ptr<Connection> connection);

// On the manager's thread: destroys the results that wait there for that. Its event loop does it, too; this is
// for a thread that has none yet, or no more.
void destroyResults();
// The same, once and for all, as the application goes.
void destroyLastResults();

// Around a fork: no thread is in the middle of a post to a mailbox then, with a lock of Qt's in its hands that the
// child would find locked for ever.
void lockMailboxes();
void unlockMailboxes();

// A new application has come to a thread: the events of the last one's are gone.
void reviveMailbox(QThread *thread);

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

// Destroys what waits of an owner's in all mailboxes, and waits until none of its callbacks is being
// called and no hook is left: false on a time-out.
bool purge(quint64 owner, std::chrono::milliseconds timeout);

} // namespace legwork::detail

#endif
