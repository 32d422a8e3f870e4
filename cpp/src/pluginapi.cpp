#include "legwork/pluginapi.h"

#include "legwork/taskmanager.h"

#include "inbox.h"
#include "native.h"
#include "receivers.h"
#include "router.h"
#include "taskface_p.h"

#include "legwork/src/qt/native.cxx.h"

#include <QtCore/QHash>
#include <QtCore/QPointer>

#include <cmath>
#include <type_traits>

namespace legwork {

namespace {

using Apis = QHash<quint64, PluginApi *>;

// All of them, by owner. On the manager's thread.
Apis &apis()
{
    static auto &all = *new Apis;
    return all;
}

const QStringList signalNames{"taskStarted",   "taskCompleted", "taskFailed",
                              "taskCancelled", "taskPeriodic",  "taskProgress"};

} // namespace

// Passes the signals of TaskManager::instance() on to the PluginApi whose task it is. There while
// there is an api. The callbacks of scripts come after all signals: see `behind`.
class PluginRouter : public QObject {
public:
    explicit PluginRouter(TaskManager *manager)
    {
        pass(manager, &TaskManager::taskStarted, &PluginApi::taskStarted);
        pass(manager, &TaskManager::taskProgress, &PluginApi::taskProgress);
        pass(manager, &TaskManager::taskPeriodic, &PluginApi::taskPeriodic);
        pass(manager, &TaskManager::taskCompleted, &PluginApi::taskCompleted);
        pass(manager, &TaskManager::taskFailed, &PluginApi::taskFailed);
        pass(manager, &TaskManager::taskCancelled, &PluginApi::taskCancelled);
    }

    // Whose task the signal of the moment tells of.
    static PluginApi *addressee()
    {
        const auto owner = detail::ownerOfSignal();
        return owner ? apis().value(owner) : nullptr;
    }

private:
    template<typename Signal, typename... Rest>
    void pass(TaskManager *manager, Signal from, void (PluginApi::*to)(const QString &, Rest...))
    {
        connect(manager, from, this, [to](const QString &id, std::decay_t<Rest>... rest) {
            if (auto *api = addressee()) {
                // Its slots may be a plugin's, and delete it.
                const detail::Calling calling(api->m_owner);
                Q_EMIT(api->*to)(id, rest...);
            }
        });
    }
};

namespace {

// Follows the instance, which goes with its application.
QPointer<PluginRouter> &router()
{
    static auto &pointer = *new QPointer<PluginRouter>;
    return pointer;
}

void updateRouter()
{
    if (apis().isEmpty()) {
        delete router().data();
    } else if (!router()) {
        if (auto *manager = TaskManagerBase::instance()) {
            router() = new PluginRouter(manager);
            router()->setParent(manager);
        }
    }
}

} // namespace

bool hasBehind(const TaskFace &face) { return router() && router()->parent() == &face; }

TaskFace *behind(const TaskFace &face) { return hasBehind(face) ? PluginRouter::addressee() : nullptr; }

PluginApi::PluginApi(const QString &name, QObject *parent)
    : TaskFace(parent), m_name(name), m_owner(detail::openOwner(name))
{
    apis().insert(m_owner, this);
    updateRouter();
}

PluginApi::~PluginApi()
{
    apis().remove(m_owner);
    updateRouter();
    detail::closeOwner(m_owner);
}

QString PluginApi::name() const { return m_name; }

QString PluginApi::lastError() const { return m_lastError; }

bool PluginApi::fail(const QString &message)
{
    if (m_lastError != message) {
        m_lastError = message;
        Q_EMIT lastErrorChanged();
    }
    return false;
}

bool PluginApi::registerTaskService(QObject *service)
{
    if (qobject_cast<TaskManager *>(service)) {
        updateRouter();
        return true;
    }
    return fail(service ? QStringLiteral("a %1 is no task service; expected a legwork::TaskManager")
                              .arg(QString::fromLatin1(service->metaObject()->className()))
                        : QStringLiteral("the service is null; expected a legwork::TaskManager, such as "
                                         "legwork::TaskManager::instance()"));
}

QString PluginApi::submit(const QVariant *module, const QString &name, const QVariant &args, const QVariant &options,
                          bool schedule)
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
        const auto work = module ? detail::workOf(*module, name) : detail::workOf(name);
        const auto task = detail::submitJobWith(work, args, taken->rest(), schedule, m_owner);
        if (task.error.isEmpty()) {
            const auto id = detail::idText(task.id);
            keepCallbacks(*this, id, std::move(taken));
            return id;
        }
        error = task.error;
    }
    fail(error);
    return {};
}

QString PluginApi::runInBackground(const QString &job, const QVariant &args, const QVariant &options)
{
    return submit(nullptr, job, args, options, false);
}

QString PluginApi::scheduleTask(const QString &job, const QVariant &args, const QVariant &options)
{
    return submit(nullptr, job, args, options, true);
}

QString PluginApi::runScript(const QVariant &url, const QString &function, const QVariant &args,
                             const QVariant &options)
{
    return submit(&url, function, args, options, true);
}

detail::Id PluginApi::own(const QString &text)
{
    const auto task = detail::taskOf(text);
    if (task.error.isEmpty() && detail::ownerOfTask(task.id) == m_owner)
        return task.id;
    fail(QStringLiteral("\"%1\" is no task of %2's").arg(text.left(60), m_name));
    return {};
}

bool PluginApi::cancelTask(const QString &text)
{
    const auto id = own(text);
    if (id.isNull())
        return false;
    const auto result = detail::cancelTaskOf(id);
    return result == CancelledBeforeStart || result == CancelRequested
        || fail(QStringLiteral("task %1 has ended already").arg(text));
}

int PluginApi::getTaskStatus(const QString &text)
{
    const auto id = own(text);
    return id.isNull() ? int(UnknownTask) : detail::statusOf(id);
}

// Whole milliseconds from 0 to 100 years, or the error.
std::optional<qint64> PluginApi::milliseconds(const QVariant &timeoutMs)
{
    // A text or a bool is no number.
    const auto type = timeoutMs.metaType().id();
    const bool isNumber = type == QMetaType::Int || type == QMetaType::UInt || type == QMetaType::Long
        || type == QMetaType::ULong || type == QMetaType::LongLong || type == QMetaType::ULongLong
        || type == QMetaType::Float || type == QMetaType::Double;
    const double ms = isNumber ? std::ceil(timeoutMs.toDouble()) : -1;
    if (ms >= 0 && ms <= 3'153'600'000'000.0)
        return static_cast<qint64>(ms);
    fail(QStringLiteral("timeoutMs is %1; expected milliseconds, a number from 0 to 3153600000000 (100 years)")
             .arg(timeoutMs.toString().left(60)));
    return std::nullopt;
}

bool PluginApi::waited(int result, qint64 ms, const QString &what)
{
    switch (result) {
    case Done:
        return true;
    case WaitTimeout:
        return fail(QStringLiteral("%1 has not ended within %2 ms; it goes on").arg(what).arg(ms));
    case WouldDeadlock:
        return fail(QStringLiteral("the wait was refused, as it could never end"));
    default:
        return fail(QStringLiteral("%1 is none of %2's").arg(what, m_name));
    }
}

bool PluginApi::waitForTask(const QString &text, const QVariant &timeoutMs)
{
    const auto ms = milliseconds(timeoutMs);
    const auto id = ms ? own(text) : detail::Id();
    return !id.isNull() && waited(detail::waitForTaskOf(id, *ms), *ms, QStringLiteral("task %1").arg(text));
}

void PluginApi::cancelAll() { detail::cancelAllOf(m_owner); }

bool PluginApi::waitForAll(const QVariant &timeoutMs)
{
    const auto ms = milliseconds(timeoutMs);
    return ms && waited(detail::waitForAllOf(m_owner, *ms), *ms, QStringLiteral("a task of %1").arg(m_name));
}

QVariant PluginApi::taskInfo(const QString &text)
{
    const auto id = own(text);
    return id.isNull() ? QVariant() : detail::infoOf(id);
}

QVariantList PluginApi::tasks() const { return detail::tasksOf(m_owner).toList(); }

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
        fail(QStringLiteral("\"%1\" is no signal of a task; signals are: %2")
                 .arg(signal.left(60), signalNames.join(QStringLiteral(", "))));
        return {};
    }
    if (!receiver) {
        fail(QStringLiteral("the receiver is null"));
        return {};
    }
    const auto to = findMethod(receiver->metaObject(), slot, &from);
    if (!to.isValid()) {
        fail(QStringLiteral("a %1 has no slot or invokable method \"%2\" that takes what %3 gives")
                 .arg(QString::fromLatin1(receiver->metaObject()->className()), slot.left(60),
                      QString::fromLatin1(from.methodSignature())));
        return {};
    }
    return QObject::connect(this, from, receiver, to);
}

// ---- callables -----------------------------------------------------------------------------------

const char *PluginApi::check(const ScheduleOptions &options)
{
    if (!options.periodic && options.intervalMs.count() != 0)
        return "intervalMs is for a periodic task; set periodic, too";
    // TaskFace has enumerators of the same names.
    // <vocabulary: check of ScheduleOptions>
    if (!options.periodic
        && (options.firstRun != legwork::FirstRun::AtOnce || options.rate != legwork::Rate::FixedDelay
            || options.misfire != legwork::Misfire::Skip || options.maxRuns != 0 || options.maxFailures != 0
            || options.jitterMs != std::chrono::milliseconds::zero() || options.until.isValid()))
        return "firstRun, rate, misfire, maxRuns, maxFailures, jitterMs and until"
               " are for a periodic task; set periodic, too";
    // </vocabulary>
    return nullptr;
}

detail::Spec PluginApi::specOf(const ScheduleOptions &options)
{
    detail::Spec spec;
    // <vocabulary: Spec of ScheduleOptions>
    spec.name = std::move(options.name);
    spec.priority = options.priority;
    spec.delay = options.delayMs;
    spec.timeout = options.timeoutMs;
    spec.detached = options.detached;
    spec.mustRun = options.mustRun;
    spec.firstRun = options.firstRun;
    spec.rate = options.rate;
    spec.misfire = options.misfire;
    spec.maxRuns = options.maxRuns;
    spec.maxFailures = options.maxFailures;
    spec.weight = options.weight;
    spec.retry = options.retry;
    spec.startTimeout = options.startTimeoutMs;
    spec.warnAfter = options.warnAfterMs;
    spec.jitter = options.jitterMs;
    spec.until = std::move(options.until);
    // </vocabulary>
    spec.periodic = options.periodic;
    spec.interval = options.intervalMs;
    return spec;
}

std::unique_ptr<detail::Callback> PluginApi::callbackOf(const ScheduleOptions &options)
{
    if (!options.onComplete && !options.onError)
        return nullptr;
    return detail::makeCallback(
        [onComplete = options.onComplete, onError = options.onError](const detail::Notice &notice) {
            if (notice.kind & detail::goodNotices) {
                if (onComplete)
                    onComplete(variantOf(notice.result));
            } else if (onError) {
                onError(notice.error);
            }
        });
}

detail::Spec PluginApi::own(detail::Spec spec) const
{
    spec.ownerId = m_owner;
    return spec;
}

} // namespace legwork
