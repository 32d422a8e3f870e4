#include "lifetimes.h"

#include "bridge/calls.h"
#include "pending.h"

#include <QtCore/QHash>

#include <deque>
#include <utility>
#include <vector>

namespace legwork::detail {

namespace {

Mutex registryMutex;

QHash<QObject *, std::shared_ptr<Lifetime>> &lifetimes()
{
    // Never destroyed: an object with static storage may go later.
    static auto &map = *new QHash<QObject *, std::shared_ptr<Lifetime>>;
    return map;
}

} // namespace

std::shared_ptr<Lifetime> lifetimeOf(QObject *object)
{
    if (!object)
        return std::make_shared<Lifetime>(nullptr);
    std::shared_ptr<Lifetime> life;
    {
        const std::lock_guard lock(registryMutex);
        auto &known = lifetimes()[object];
        // Another object may have been at this address, and its destroyed() was connected to nothing any more.
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
        while (first) {
            auto &connection = *first;
            unlink(connection);
            pending.emplace_back(connection.owner);
            gone.push_back(std::exchange(connection.callback, nullptr));
        }
    }
    gone.clear();
    if (owned)
        closeOwner(owned);
}

void Lifetime::link(Connection &connection)
{
    connection.before = last;
    (last ? last->after : first) = &connection;
    last = &connection;
    connection.linked = true;
}

void Lifetime::unlink(Connection &connection)
{
    if (!std::exchange(connection.linked, false))
        return;
    (connection.before ? connection.before->after : first) = connection.after;
    (connection.after ? connection.after->before : last) = connection.before;
    connection.before = connection.after = nullptr;
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

void standFor(QObject *object, quint64 owner)
{
    const auto life = lifetimeOf(object);
    const std::lock_guard lock(life->mutex);
    life->owner = owner;
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
    // As in `lifetimeOf`: another object may have been there.
    return life->guard ? life->owner : 0;
}

Connection::Connection(std::shared_ptr<Lifetime> receiver, std::shared_ptr<Callback> function, quint64 taskOwner)
    : life(std::move(receiver)), owner(taskOwner), callback(std::move(function))
{
    const std::lock_guard lock(life->mutex);
    if (!life->any)
        life->link(*this);
}

Connection::~Connection() { take(); }

std::shared_ptr<Callback> Connection::take()
{
    const std::lock_guard lock(life->mutex);
    life->unlink(*this);
    return std::exchange(callback, nullptr);
}

} // namespace legwork::detail
