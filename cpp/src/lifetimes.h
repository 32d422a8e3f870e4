// Receivers of callbacks: how long each is there, and what it has.
//
// A callback belongs to a receiver, a QObject. It runs on the receiver's thread, never once the
// receiver is gone, and is destroyed there. The engine delivers on the manager's thread; for a
// receiver elsewhere the notice goes through that thread's mailbox (mailbox.h).
//
// Locks, none of which is held while anything of a user's runs or is destroyed:
//
// 1. `registryMutex`: which object has which Lifetime. Nothing is locked inside of it.
// 2. A Lifetime's own: whether its object is there, and its connections. A thread that holds it and sees
//    the object may ask it for its thread: ~QObject emits destroyed(), which takes this lock, before
//    it gives up anything.
// 3. `mailboxMutex`: all mailboxes, and which owners' callbacks are being called. It is taken inside
//    of the second, never the other way round; an event is posted inside of it.
#ifndef LEGWORK_LIFETIMES_H
#define LEGWORK_LIFETIMES_H

#include "mutex.h"

#include "legwork/detail.h"

#include <QtCore/QPointer>

namespace legwork::detail {

struct Connection;

// The life of a receiving object. There is one for each, until the object is destroyed.
class Lifetime {
public:
    explicit Lifetime(QObject *object) : object(object), guard(object), any(object == nullptr) { }

    Mutex mutex;
    QObject *object; // null once it is gone
    // The same where the connection to destroyed() was cut, by object->disconnect(). Good on the object's
    // thread.
    QPointer<QObject> guard;
    const bool any; // stands for the manager's thread, and never goes
    // In the order in which they were made, linked through themselves: each costs no memory besides.
    Connection *first = nullptr;
    Connection *last = nullptr;
    quint64 owner = 0; // as Rust numbers it, once it owns a task

    void end();
    // Under the lock.
    void link(Connection &connection);
    void unlink(Connection &connection);
};

// A callback and its receiver. Shared by the engine and by what waits in a mailbox.
struct Connection {
    Connection(std::shared_ptr<Lifetime> life, std::shared_ptr<Callback> callback, quint64 owner);
    ~Connection();
    Q_DISABLE_COPY_MOVE(Connection)

    // Takes the callback out; it is called no more. What is returned is to be destroyed without a
    // lock.
    std::shared_ptr<Callback> take();

    const std::shared_ptr<Lifetime> life;
    const quint64 owner; // the task's, for `purge`; 0 for none
    // Under the lock of `life`.
    std::shared_ptr<Callback> callback;
    Connection *before = nullptr;
    Connection *after = nullptr;
    bool linked = false;
};

// From any thread, while the object is alive. Null for the manager's thread.
std::shared_ptr<Lifetime> lifetimeOf(QObject *object);

// The owner that stands for an object until it is destroyed. From any thread.
quint64 ownerOf(QObject *object);

// Has an object stand for an owner that there is.
void standFor(QObject *object, quint64 owner);

// The owner of an object, if tasks were submitted for it; else 0. From any thread, also in the object's destructor.
quint64 knownOwnerOf(QObject *object);

} // namespace legwork::detail

#endif
