// Tasks by their ids, and handles, which keep them. The other half is src/qt/bridge_task.rs.
#include "bridge.h"

#include "legwork/run.h"

#include "legwork/src/qt/bridge_owner.cxx.h"
#include "legwork/src/qt/bridge_task.cxx.h"

#include <utility>

namespace legwork {

namespace detail {

Handle::Handle(TaskError refused, quint64 ownerId)
    : m_refused(std::make_shared<const TaskError>(std::move(refused))), m_owner(ownerId)
{
}

Handle::Handle(const Handle &other) : m_id(other.m_id), m_refused(other.m_refused), m_owner(other.m_owner)
{
    if (!m_id.isNull())
        pinTask(m_id);
}

Handle::Handle(Handle &&other) noexcept
    : m_id(std::exchange(other.m_id, {})), m_refused(std::move(other.m_refused)), m_owner(other.m_owner)
{
}

Handle &Handle::operator=(Handle other) noexcept
{
    std::swap(m_id, other.m_id);
    m_refused.swap(other.m_refused);
    std::swap(m_owner, other.m_owner);
    return *this;
}

Handle::~Handle()
{
    if (!m_id.isNull())
        unpinTask(m_id);
}

Status status(Id id) { return static_cast<Status>(statusOf(id)); }

CancelResult cancel(Id id) { return static_cast<CancelResult>(cancelTaskOf(id)); }

WaitResult wait(Id id, std::chrono::milliseconds timeout)
{
    return static_cast<WaitResult>(waitForTaskOf(id, timeout.count()));
}

WaitResult waitForBody(Id id, std::chrono::milliseconds timeout)
{
    return static_cast<WaitResult>(waitForBodyOf(id, timeout.count()));
}

bool setPriority(Id id, Priority priority) { return setPriorityOf(id, static_cast<std::uint8_t>(priority)); }

bool cancelIfQueued(Id id) { return cancelIfQueuedOf(id); }

bool runNow(Id id) { return runNowOf(id); }

PauseResult pause(Id id, const QString &reason) { return static_cast<PauseResult>(pauseTaskOf(id, reason)); }

bool resume(Id id) { return resumeTaskOf(id); }

Handle retryTask(const Handle &task)
{
    if (task.isNull())
        return refuse("there is no task to retry", task.owner());
    return handleOf(retryTaskOf(task.id(), true), task.owner());
}

bool canRetry(Id id) { return canRetryOf(id); }

bool setInterval(Id id, std::chrono::milliseconds interval) { return setIntervalOf(id, interval.count()).isEmpty(); }

} // namespace detail

void cancelKey(const QString &key, QObject *owner)
{
    const auto number = owner ? detail::knownOwnerOf(owner) : 0;
    if (number || !owner)
        detail::cancelKeyOf(number, key);
}

bool pauseKey(const QString &key, const QString &reason, QObject *owner)
{
    return detail::pauseKeyOf(owner ? detail::ownerOf(owner) : 0, key, reason);
}

bool resumeKey(const QString &key, QObject *owner)
{
    const auto number = owner ? detail::knownOwnerOf(owner) : 0;
    return (number || !owner) && detail::resumeKeyOf(number, key);
}

bool pauseOwner(QObject *owner, const QString &reason)
{
    return owner && detail::pauseOwnerOf(detail::ownerOf(owner), reason);
}

bool resumeOwner(QObject *owner)
{
    const auto number = owner ? detail::knownOwnerOf(owner) : 0;
    return number && detail::resumeOwnerOf(number);
}

bool isOwnerPaused(QObject *owner)
{
    const auto number = owner ? detail::knownOwnerOf(owner) : 0;
    return number && detail::ownerPaused(number);
}

bool pauseAll(const QString &reason) { return detail::pauseEach(reason); }

bool resumeAll() { return detail::resumeEach(); }

bool isPaused() { return detail::allPaused(); }

QVariantList tasksOfKey(const QString &key, QObject *owner)
{
    const auto number = owner ? detail::knownOwnerOf(owner) : 0;
    return number || !owner ? detail::tasksOfKeyOf(number, key).toList() : QVariantList();
}

void cancelAll(QObject *owner)
{
    if (const auto number = owner ? detail::knownOwnerOf(owner) : 0)
        detail::cancelAllOf(number);
}

WaitResult waitForAll(QObject *owner, std::chrono::milliseconds timeout)
{
    const auto number = owner ? detail::knownOwnerOf(owner) : 0;
    return number ? static_cast<WaitResult>(detail::waitForAllOf(number, timeout.count())) : WaitResult::Done;
}

QVariantList tasksOf(QObject *owner)
{
    const auto number = owner ? detail::knownOwnerOf(owner) : 0;
    return detail::tasksOf(number).toList();
}

namespace {

const auto maxRunning = QStringLiteral("maxRunning");
const auto maxQueued = QStringLiteral("maxQueued");
const auto maxDelayed = QStringLiteral("maxDelayed");

} // namespace

LimitsChange setLimits(QObject *owner, const Limits &limits)
{
    if (!owner)
        return {QStringLiteral("the owner is null; limit a QObject")};
    QVariantMap map;
    for (const auto &[name, most] : {std::pair(maxRunning, limits.maxRunning), std::pair(maxQueued, limits.maxQueued),
                                     std::pair(maxDelayed, limits.maxDelayed)}) {
        if (most)
            map.insert(name, *most);
    }
    return {detail::setLimitsOfOwner(detail::ownerOf(owner), map)};
}

Limits limitsOf(QObject *owner)
{
    const auto map = detail::limitsOfOwner(owner ? detail::knownOwnerOf(owner) : 0).toMap();
    const auto read = [&map](const QString &name) {
        const auto entry = map.constFind(name);
        return entry == map.constEnd() ? std::nullopt : std::optional(entry->toInt());
    };
    return {read(maxRunning), read(maxQueued), read(maxDelayed)};
}

} // namespace legwork
