#include "pluginapi_p.h"

#include "legwork/taskmanager.h"

#include "inbox.h"
#include "bridge/bridge.h"
#include "bridge/calls.h"
#include "router.h"
#include "taskface_p.h"

#include <cmath>
#include <utility>

namespace legwork {

namespace {

// Never destroyed: a body may end the process while these are read.
const auto &signalNames = *new QStringList{
    "taskQueued", "taskStarted",  "taskCompleted", "taskFailed",  "taskCancelled", "taskPeriodic", "taskProgress",
    "taskValues", "taskRetrying", "taskSlow",      "taskRetried", "taskPaused",    "taskResumed"};

} // namespace

PluginApiPrivate::PluginApiPrivate(PluginApi &api, const QString &name)
    : q(api), name(name), owner(detail::openOwner(name))
{
}

bool PluginApiPrivate::fail(const QString &message)
{
    if (lastError != message) {
        lastError = message;
        Q_EMIT q.lastErrorChanged();
    }
    return false;
}

bool PluginApiPrivate::hearsFailure(const PluginApi &api)
{
    return api.isSignalConnected(QMetaMethod::fromSignal(&PluginApi::taskFailed));
}

QString PluginApiPrivate::submit(const QVariant *module, const QString &work, const QVariant &args,
                                 const QVariant &options, bool schedule)
{
    if (!isManagerThread()) {
        qWarning("legwork: a PluginApi belongs to the thread of the QCoreApplication; pass a callable, which may be "
                 "submitted from any thread");
        return {};
    }
    // There may have been no application yet when this was made: what ends from here on is to be heard of.
    updateRouter();
    auto taken = takeOptions(options);
    auto error = taken->error();
    if (error.isEmpty() && taken->owner() != 0)
        error = QStringLiteral("options.owner is not for a PluginApi, whose tasks are its own");
    if (error.isEmpty()) {
        const auto wanted = module ? detail::workOf(*module, work) : detail::workOf(work);
        const detail::BridgeCall call{owner,
                                      schedule,
                                      false,
                                      taken->hearsStart(),
                                      taken->hearsFailure(),
                                      siteOfCaller(static_cast<TaskFace &>(q))};
        const auto task = detail::submitJobWith(wanted, args, taken->rest(), call);
        if (task.error.isEmpty()) {
            const auto id = detail::idText(task.id);
            keepCallbacks(q, id, std::move(taken));
            return id;
        }
        error = task.error;
    }
    fail(error);
    return {};
}

detail::Id PluginApiPrivate::ownTask(const QString &text)
{
    const auto task = detail::taskOf(text);
    if (task.error.isEmpty() && detail::ownerOfTask(task.id) == owner)
        return task.id;
    fail(QStringLiteral("\"%1\" is no task of %2's").arg(text.left(60), name));
    return {};
}

std::optional<qint64> PluginApiPrivate::milliseconds(const QVariant &time, const QString &what, qint64 least)
{
    // A text or a bool is no number.
    const auto type = time.metaType().id();
    const bool isNumber = type == QMetaType::Int || type == QMetaType::UInt || type == QMetaType::Long
        || type == QMetaType::ULong || type == QMetaType::LongLong || type == QMetaType::ULongLong
        || type == QMetaType::Float || type == QMetaType::Double;
    const double ms = isNumber ? std::ceil(time.toDouble()) : -1;
    if (ms >= double(least) && ms <= 3'153'600'000'000.0)
        return static_cast<qint64>(ms);
    fail(QStringLiteral("%1 is %2; expected milliseconds, a number from %3 to 3153600000000 (100 years)")
             .arg(what, time.toString().left(60), QString::number(least)));
    return std::nullopt;
}

bool PluginApiPrivate::waited(int result, qint64 ms, const QString &what)
{
    switch (result) {
    case TaskFace::Done:
        return true;
    case TaskFace::WaitTimeout:
        return fail(QStringLiteral("%1 has not ended within %2 ms; it goes on").arg(what).arg(ms));
    case TaskFace::WouldDeadlock:
        return fail(QStringLiteral("the wait was refused, as it could never end"));
    default:
        return fail(QStringLiteral("%1 is none of %2's").arg(what, name));
    }
}

PluginApi::PluginApi(const QString &name, QObject *parent)
    : TaskFace(parent), d(std::make_unique<PluginApiPrivate>(*this, name))
{
    addApi(d->owner, *this);
    detail::standFor(this, d->owner);
}

PluginApi::~PluginApi()
{
    removeApi(d->owner);
    detail::closeOwner(d->owner);
}

void PluginApi::connectNotify(const QMetaMethod &signal)
{
    TaskFace::connectNotify(signal);
    if (signal == QMetaMethod::fromSignal(&PluginApi::taskQueued))
        routeQueued(*this);
    else if (signal == QMetaMethod::fromSignal(&PluginApi::taskValues))
        routeValues(*this);
}

QString PluginApi::name() const { return d->name; }

QString PluginApi::lastError() const { return d->lastError; }

bool PluginApi::registerTaskService(QObject *service)
{
    if (qobject_cast<TaskManager *>(service)) {
        updateRouter();
        return true;
    }
    return d->fail(service ? QStringLiteral("a %1 is no task service; expected a legwork::TaskManager")
                                 .arg(QString::fromLatin1(service->metaObject()->className()))
                           : QStringLiteral("the service is null; expected a legwork::TaskManager, such as "
                                            "legwork::TaskManager::instance()"));
}

QString PluginApi::runInBackground(const QString &job, const QVariant &args, const QVariant &options)
{
    return d->submit(nullptr, job, args, options, false);
}

QString PluginApi::scheduleTask(const QString &job, const QVariant &args, const QVariant &options)
{
    return d->submit(nullptr, job, args, options, true);
}

QString PluginApi::runScript(const QVariant &url, const QString &function, const QVariant &args,
                             const QVariant &options)
{
    return d->submit(&url, function, args, options, true);
}

bool PluginApi::cancelTask(const QString &text)
{
    const auto id = d->ownTask(text);
    if (id.isNull())
        return false;
    const auto result = detail::cancelTaskOf(id);
    return result == CancelledBeforeStart || result == CancelRequested
        || d->fail(QStringLiteral("task %1 has ended already").arg(text));
}

bool PluginApi::cancelIfQueued(const QString &text)
{
    const auto id = d->ownTask(text);
    return !id.isNull() && detail::cancelIfQueuedOf(id);
}

bool PluginApi::runNow(const QString &text)
{
    const auto id = d->ownTask(text);
    return !id.isNull() && detail::runNowOf(id);
}

QString PluginApi::retryTask(const QString &text)
{
    const auto id = d->ownTask(text);
    if (id.isNull())
        return {};
    const auto task = detail::retryTaskOf(id, false);
    if (!task.error.isEmpty())
        d->fail(task.error);
    return task.error.isEmpty() ? detail::idText(task.id) : QString();
}

bool PluginApi::setInterval(const QString &text, const QVariant &intervalMs)
{
    const auto ms = d->milliseconds(intervalMs, QStringLiteral("intervalMs"), 1);
    const auto id = ms ? d->ownTask(text) : detail::Id();
    if (id.isNull())
        return false;
    const auto error = detail::setIntervalOf(id, *ms);
    return error.isEmpty() || d->fail(error);
}

int PluginApi::pauseTask(const QString &text, const QString &reason)
{
    const auto id = d->ownTask(text);
    return id.isNull() ? int(UnknownTask) : detail::pauseTaskOf(id, reason);
}

bool PluginApi::resumeTask(const QString &text)
{
    const auto id = d->ownTask(text);
    return !id.isNull() && detail::resumeTaskOf(id);
}

bool PluginApi::pauseKey(const QString &key, const QString &reason)
{
    return detail::pauseKeyOf(d->owner, key, reason);
}

bool PluginApi::resumeKey(const QString &key) { return detail::resumeKeyOf(d->owner, key); }

bool PluginApi::pauseAll(const QString &reason) { return detail::pauseOwnerOf(d->owner, reason); }

bool PluginApi::resumeAll() { return detail::resumeOwnerOf(d->owner); }

bool PluginApi::isPaused() const { return detail::ownerPaused(d->owner); }

void PluginApi::cancelKey(const QString &key) { detail::cancelKeyOf(d->owner, key); }

QVariantList PluginApi::tasksOfKey(const QString &key) const { return detail::tasksOfKeyOf(d->owner, key).toList(); }

int PluginApi::getTaskStatus(const QString &text)
{
    const auto id = d->ownTask(text);
    return id.isNull() ? int(UnknownTask) : detail::statusOf(id);
}

bool PluginApi::waitForTask(const QString &text, const QVariant &timeoutMs)
{
    const auto ms = d->milliseconds(timeoutMs, QStringLiteral("timeoutMs"));
    const auto id = ms ? d->ownTask(text) : detail::Id();
    return !id.isNull() && d->waited(detail::waitForTaskOf(id, *ms), *ms, QStringLiteral("task %1").arg(text));
}

void PluginApi::cancelAll() { detail::cancelAllOf(d->owner); }

bool PluginApi::waitForAll(const QVariant &timeoutMs)
{
    const auto ms = d->milliseconds(timeoutMs, QStringLiteral("timeoutMs"));
    return ms && d->waited(detail::waitForAllOf(d->owner, *ms), *ms, QStringLiteral("a task of %1").arg(d->name));
}

bool PluginApi::setLimits(const QVariant &limits)
{
    const auto error = detail::setLimitsOfOwner(d->owner, limits);
    return error.isEmpty() || d->fail(error);
}

QVariant PluginApi::limits() const { return detail::limitsOfOwner(d->owner); }

QVariant PluginApi::taskInfo(const QString &text)
{
    const auto id = d->ownTask(text);
    return id.isNull() ? QVariant() : detail::infoOf(id);
}

QVariantList PluginApi::tasks() const { return detail::tasksOf(d->owner).toList(); }

namespace {

// The method of that name, or with that signature, also as SIGNAL() and SLOT() have it.
QMetaMethod findMethod(const QMetaObject *meta, QString text, const QMetaMethod *signal)
{
    if (!text.isEmpty() && text.at(0).isDigit())
        text.remove(0, 1);
    const bool whole = text.contains(QLatin1Char('('));
    const auto wanted = whole ? QMetaObject::normalizedSignature(text.toLatin1().constData()) : text.toLatin1();
    for (int index = meta->methodCount() - 1; index >= 0; --index) {
        const auto method = meta->method(index);
        if ((whole ? method.methodSignature() : method.name()) != wanted)
            continue;
        if (!signal && method.methodType() == QMetaMethod::Signal)
            return method;
        if (signal && QMetaObject::checkConnectArgs(*signal, method))
            return method;
    }
    return {};
}

} // namespace

QMetaObject::Connection PluginApi::connectTaskSignal(const QString &signal, QObject *receiver, const QString &slot)
{
    const auto from = findMethod(metaObject(), signal, nullptr);
    if (!from.isValid() || !signalNames.contains(QString::fromLatin1(from.name()))) {
        d->fail(QStringLiteral("\"%1\" is no signal of a task; signals are: %2")
                    .arg(signal.left(60), signalNames.join(QStringLiteral(", "))));
        return {};
    }
    if (!receiver) {
        d->fail(QStringLiteral("the receiver is null"));
        return {};
    }
    const auto to = findMethod(receiver->metaObject(), slot, &from);
    if (!to.isValid()) {
        d->fail(QStringLiteral("a %1 has no slot or invokable method \"%2\" that takes what %3 gives")
                    .arg(QString::fromLatin1(receiver->metaObject()->className()), slot.left(60),
                         QString::fromLatin1(from.methodSignature())));
        return {};
    }
    return QObject::connect(this, from, receiver, to);
}

quint64 detail::ownerOfApi(const PluginApi &api) { return PluginApiPrivate::of(api).owner; }

} // namespace legwork
