// The virtual clock and the spy. The other half is src/qt/testing.rs.
#include "legwork/testing.h"

#include "clockelement.h"
#include "inbox.h"
#include "log.h"
#include "legwork/taskmanager.h"
#include "legwork/src/qt/testing.cxx.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEventLoop>
#include <QtCore/QTimer>

#include <algorithm>
#include <limits>
#include <utility>

namespace legwork::testing {

namespace {

// The longest time that a call moves the clock.
constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365 * 100);

QString wrongTime(const char *call, std::chrono::milliseconds by)
{
    return QStringLiteral("%1: the time is %2 ms; expected 0 or more").arg(QLatin1String(call)).arg(by.count());
}

std::int64_t nanoseconds(std::chrono::milliseconds time)
{
    return std::chrono::nanoseconds(std::min(time, longest)).count();
}

} // namespace

class VirtualClock::Private {
public:
    bool active = false;
    QString error;
};

VirtualClock::VirtualClock() : d(std::make_unique<Private>()) { d->active = answer(detail::holdClock(0, false)); }

VirtualClock::VirtualClock(quint64 seed) : d(std::make_unique<Private>())
{
    d->active = answer(detail::holdClock(seed, true));
}

VirtualClock::~VirtualClock()
{
    if (d->active)
        detail::letClockGo();
}

bool VirtualClock::answer(const QString &error)
{
    d->error = error;
    if (!error.isEmpty())
        qCWarning(taskLog).noquote() << "VirtualClock:" << error;
    return error.isEmpty();
}

bool VirtualClock::isActive() const { return d->active; }

QString VirtualClock::errorString() const { return d->error; }

quint64 VirtualClock::seed() const { return d->active ? detail::seedOfClock() : 0; }

std::chrono::nanoseconds VirtualClock::now() const
{
    return std::chrono::nanoseconds(d->active ? detail::timeOfClock() : 0);
}

bool VirtualClock::fastForwardBy(std::chrono::milliseconds by)
{
    if (by < std::chrono::milliseconds::zero())
        return answer(wrongTime("fastForwardBy", by));
    return d->active && answer(detail::fastForwardClock(nanoseconds(by)));
}

bool VirtualClock::advanceClock(std::chrono::milliseconds by)
{
    if (by < std::chrono::milliseconds::zero())
        return answer(wrongTime("advanceClock", by));
    return d->active && answer(detail::advanceClock(nanoseconds(by)));
}

bool VirtualClock::runUntilIdle() { return d->active && answer(detail::runUntilIdle()); }

QList<PendingTask> VirtualClock::pendingTasks() const
{
    QList<PendingTask> tasks;
    for (const auto &task : detail::pendingTasks()) {
        std::optional<std::chrono::nanoseconds> dueIn;
        if (task.due_in_ns >= 0)
            dueIn = std::chrono::nanoseconds(task.due_in_ns);
        tasks.append({task.id, task.name, static_cast<Status>(task.status), dueIn});
    }
    return tasks;
}

namespace {

bool isOver(TaskManager &manager, const QString &id)
{
    const auto status = static_cast<Status>(static_cast<int>(manager.taskStatus(id)));
    return status >= Status::Completed && status <= Status::Abandoned;
}

} // namespace

class TaskSpy::Private {
public:
    QString taskId;
    QVariantList events;
    bool ended = false;
    QVariant result;
    QString error;
};

TaskSpy::TaskSpy(QObject *parent) : TaskSpy(QString(), parent) { }

TaskSpy::TaskSpy(const QString &taskId, QObject *parent) : QObject(parent), d(std::make_unique<Private>())
{
    auto *manager = TaskManager::instance();
    if (!manager) {
        qCWarning(taskLog, "TaskSpy hears nothing: there is no QCoreApplication");
        return;
    }
    const auto hear = [this](const char *signal, const QString &id, QVariantList arguments) {
        if (!d->taskId.isEmpty() && d->taskId != id)
            return false;
        arguments.prepend(id);
        arguments.prepend(QString::fromLatin1(signal));
        d->events.append(QVariant(arguments));
        return true;
    };
    const auto end = [this, manager](const QString &id) {
        d->ended |= isOver(*manager, id);
        Q_EMIT eventsChanged();
    };
    const auto tell = [this, hear](const char *signal, const QString &id, const QVariantList &arguments) {
        if (hear(signal, id, arguments))
            Q_EMIT eventsChanged();
    };
    connect(manager, &TaskManager::taskQueued, this, [tell](const QString &id) { tell("taskQueued", id, {}); });
    connect(manager, &TaskManager::taskStarted, this, [tell](const QString &id) { tell("taskStarted", id, {}); });
    connect(manager, &TaskManager::taskProgress, this, [tell](const QString &id, double value, const QString &message) {
        tell("taskProgress", id, {value, message});
    });
    connect(manager, &TaskManager::taskValues, this,
            [tell](const QString &id, const QVariant &values) { tell("taskValues", id, {values}); });
    connect(manager, &TaskManager::taskRetrying, this,
            [tell](const QString &id, quint64 attempt, const QString &error, double delayMs) {
                tell("taskRetrying", id, {attempt, error, delayMs});
            });
    connect(manager, &TaskManager::taskSlow, this,
            [tell](const QString &id, double ms) { tell("taskSlow", id, {ms}); });
    connect(manager, &TaskManager::taskPaused, this,
            [tell](const QString &id, const QString &reason) { tell("taskPaused", id, {reason}); });
    connect(manager, &TaskManager::taskResumed, this, [tell](const QString &id) { tell("taskResumed", id, {}); });
    connect(manager, &TaskManager::taskPeriodic, this,
            [this, hear](const QString &id, quint64 run, const QVariant &result) {
                if (!hear("taskPeriodic", id, {run, result}))
                    return;
                d->result = result;
                Q_EMIT eventsChanged();
            });
    connect(manager, &TaskManager::taskCompleted, this, [this, hear, end](const QString &id, const QVariant &result) {
        if (!hear("taskCompleted", id, {result}))
            return;
        d->result = result;
        end(id);
    });
    connect(manager, &TaskManager::taskFailed, this, [this, hear, end](const QString &id, const QString &error) {
        if (!hear("taskFailed", id, {error}))
            return;
        d->error = error;
        end(id);
    });
    connect(manager, &TaskManager::taskCancelled, this, [hear, end](const QString &id) {
        if (hear("taskCancelled", id, {}))
            end(id);
    });
    d->taskId = taskId;
    // Its end may have been told before this hears of anything.
    d->ended = !taskId.isEmpty() && detail::isEndTold(taskId);
}

TaskSpy::~TaskSpy() = default;

QString TaskSpy::taskId() const { return d->taskId; }

void TaskSpy::setTaskId(const QString &taskId)
{
    if (taskId == d->taskId)
        return;
    d->taskId = taskId;
    clear();
    d->ended = !taskId.isEmpty() && detail::isEndTold(taskId);
    Q_EMIT taskIdChanged();
}

QVariantList TaskSpy::events() const { return d->events; }

int TaskSpy::count() const { return static_cast<int>(d->events.size()); }

int TaskSpy::times(const QString &signal) const
{
    return static_cast<int>(std::count_if(d->events.cbegin(), d->events.cend(), [&signal](const QVariant &event) {
        return event.toList().value(0).toString() == signal;
    }));
}

bool TaskSpy::hasEnded() const { return d->ended; }

QVariant TaskSpy::result() const { return d->result; }

QString TaskSpy::error() const { return d->error; }

template<typename Done> bool TaskSpy::waitUntil(int timeoutMs, Done done)
{
    if (detail::isClockHeld()) {
        const auto timeout = std::chrono::milliseconds(std::max(timeoutMs, 0));
        const auto limit = detail::timeOfClock() + nanoseconds(timeout);
        for (bool more = true; more && !done();) {
            more = false;
            auto error = detail::runUntilIdle();
            if (error.isEmpty() && !done())
                error = detail::moveClockOn(limit, more);
            if (!error.isEmpty())
                qCWarning(taskLog).noquote() << "TaskSpy:" << error;
        }
        return done();
    }
    if (done())
        return true;
    QEventLoop loop;
    connect(this, &TaskSpy::eventsChanged, &loop, [&loop, &done] {
        if (done())
            loop.quit();
    });
    QTimer::singleShot(std::max(timeoutMs, 0), &loop, &QEventLoop::quit);
    loop.exec();
    return done();
}

bool TaskSpy::wait(int timeoutMs)
{
    return waitUntil(timeoutMs, [this] { return d->ended; });
}

bool TaskSpy::wait(std::chrono::milliseconds timeout)
{
    const auto most = std::chrono::milliseconds(std::numeric_limits<int>::max());
    return wait(static_cast<int>(std::clamp(timeout, std::chrono::milliseconds::zero(), most).count()));
}

bool TaskSpy::waitFor(const QString &signal, int times, int timeoutMs)
{
    return waitUntil(timeoutMs, [this, &signal, times] { return this->times(signal) >= times; });
}

void TaskSpy::clear()
{
    d->events.clear();
    d->ended = false;
    d->result = {};
    d->error.clear();
    Q_EMIT eventsChanged();
}

} // namespace legwork::testing
