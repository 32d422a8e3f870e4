#include "taskface_p.h"

#include "lifetimes.h"
#include "router.h"
#include "taskview.h"

#include "legwork/src/qt/manager.cxxqt.h"

#include <QtCore/QLoggingCategory>
#include <QtCore/QThread>
#include <QtQml/QJSEngine>
#include <QtQml/QJSValueIterator>

#include <algorithm>
#include <utility>

Q_DECLARE_LOGGING_CATEGORY(legworkLog)

namespace legwork {

namespace {

// Throwing where no JavaScript runs would leave the error in the engine, where the next binding
// finds it and fails. The stack of an Error that is made here has a line for this evaluation, and
// one for each function that called us.
bool runsJavaScript(QJSEngine &engine)
{
    const auto stack = engine.evaluate(QStringLiteral("new Error().stack")).toString();
    return stack.contains(QLatin1Char('\n'));
}

// A QVariant's object, also where JavaScript passed it.
QObject *objectIn(const QVariant &value)
{
    if (value.metaType() == QMetaType::fromType<QJSValue>())
        return value.value<QJSValue>().toQObject();
    return value.value<QObject *>();
}

} // namespace

TaskFace::TaskFace(QObject *parent) : QObject(parent), d(std::make_unique<TaskFacePrivate>()) { }

TaskFace::~TaskFace() = default;

const std::array<CallbackKey, 11> &callbackKeys()
{
    static const std::array<CallbackKey, 11> keys{{
        {QStringLiteral("onComplete"), &TaskCallbacks::onComplete},
        {QStringLiteral("onError"), &TaskCallbacks::onError},
        {QStringLiteral("onCancelled"), &TaskCallbacks::onCancelled},
        {QStringLiteral("onProgress"), &TaskCallbacks::onProgress},
        {QStringLiteral("onStarted"), &TaskCallbacks::onStarted},
        {QStringLiteral("onRetry"), &TaskCallbacks::onRetry},
        {QStringLiteral("onSlow"), &TaskCallbacks::onSlow},
        {QStringLiteral("onPaused"), &TaskCallbacks::onPaused},
        {QStringLiteral("onResumed"), &TaskCallbacks::onResumed},
        {QStringLiteral("onValues"), &TaskCallbacks::onValues},
        {QStringLiteral("onEnd"), &TaskCallbacks::onEnd},
    }};
    return keys;
}

bool TaskCallbacks::isEmpty() const
{
    const auto &keys = callbackKeys();
    return std::all_of(keys.begin(), keys.end(),
                       [this](const auto &entry) { return (this->*entry.function).isUndefined(); });
}

QList<TaskCallbacks> TaskFacePrivate::callbacksOf(const QString &id, bool end)
{
    if (m_callbacks.isEmpty())
        return {};
    return end ? m_callbacks.take(id) : m_callbacks.value(id);
}

bool TaskFacePrivate::hearsValues(const QString &id) const
{
    const auto all = m_callbacks.value(id);
    return std::any_of(all.cbegin(), all.cend(),
                       [](const TaskCallbacks &callbacks) { return callbacks.onValues.isCallable(); });
}

QList<TaskCallbacks> TaskFacePrivate::startingOf(const QString &id)
{
    QList<TaskCallbacks> starting;
    if (const auto entry = m_callbacks.find(id); entry != m_callbacks.end()) {
        for (auto &callbacks : *entry) {
            if (!std::exchange(callbacks.startTold, true))
                starting.append(callbacks);
        }
    }
    return starting;
}

QList<TaskFacePrivate::Deferred> TaskFacePrivate::promisesOf(const QString &id)
{
    return m_promises.isEmpty() ? QList<Deferred>() : m_promises.take(id);
}

namespace {

void call(TaskFace &face, const QJSValue &function, const QVariantList &arguments)
{
    auto *engine = qjsEngine(&face);
    if (!engine || !function.isCallable())
        return;
    QJSValueList values;
    for (const auto &argument : arguments)
        values.append(engine->toScriptValue(argument));
    // From here on the object may be gone: the function may destroy what it likes.
    const auto result = function.call(values);
    if (result.isError()) {
        qCWarning(legworkLog).noquote().nospace() << result.property(QStringLiteral("fileName")).toString() << ':'
                                                  << result.property(QStringLiteral("lineNumber")).toInt() << ": "
                                                  << result.toString() << " (in a task's callback)";
    }
}

// What waits for a promise runs later: nothing here is destroyed by it.
void resolve(TaskFace &face, const QString &id, const QVariant &result)
{
    const auto promises = TaskFacePrivate::of(face).promisesOf(id);
    for (const auto &promise : promises) {
        if (auto *engine = qjsEngine(&face))
            promise.resolve.call({engine->toScriptValue(result)});
    }
}

void reject(TaskFace &face, const QString &id, const QVariantMap &error)
{
    const auto promises = TaskFacePrivate::of(face).promisesOf(id);
    for (const auto &promise : promises) {
        if (auto *engine = qjsEngine(&face))
            promise.reject.call({engine->toScriptValue(error)});
    }
}

} // namespace

bool livesHere(const TaskFace &face) { return face.thread() == QThread::currentThread(); }

std::unique_ptr<Guard> guard(TaskFace &face) { return std::make_unique<Guard>(face); }

void throwError(TaskFace &base, const QString &message)
{
    if (auto *engine = qjsEngine(&base); engine && runsJavaScript(*engine))
        engine->throwError(QJSValue::GenericError, message);
}

std::unique_ptr<TakenOptions> takeOptions(const QVariant &options)
{
    auto taken = std::make_unique<TakenOptions>();
    taken->m_rest = options;
    taken->take();
    // Before the task can end.
    if (taken->m_error.isEmpty() && !taken->m_callbacks.isEmpty())
        managerConnected();
    return taken;
}

void TakenOptions::take()
{
    // The entries one by one, whichever language made the map.
    QVariantMap entries;
    if (m_rest.metaType() == QMetaType::fromType<QJSValue>()) {
        const auto object = m_rest.value<QJSValue>();
        if (!object.isObject() || object.isArray() || object.isCallable())
            return;
        QJSValueIterator entry(object);
        while (entry.next())
            entries.insert(entry.name(), QVariant::fromValue(entry.value()));
    } else if (m_rest.metaType() == QMetaType::fromType<QVariantMap>()) {
        entries = m_rest.toMap();
    } else {
        return;
    }

    for (const auto &[key, target] : callbackKeys()) {
        const auto entry = entries.constFind(key);
        if (entry == entries.constEnd())
            continue;
        const auto function = entry->value<QJSValue>();
        if (!function.isCallable() && !function.isUndefined()) {
            m_error = QStringLiteral("options.%1 is %2; expected a function")
                          .arg(key, function.isObject() ? QStringLiteral("an object") : function.toString().left(60));
            return;
        }
        if (!function.isCallable() && entry->metaType() != QMetaType::fromType<QJSValue>() && entry->isValid()) {
            m_error = QStringLiteral("options.%1 is a %2; expected a function")
                          .arg(key, QString::fromLatin1(entry->typeName()));
            return;
        }
        m_callbacks.*target = function;
        entries.remove(key);
    }
    const auto ownerKey = QStringLiteral("owner");
    if (const auto entry = entries.constFind(ownerKey); entry != entries.constEnd()) {
        auto *object = objectIn(*entry);
        const bool absent = !entry->isValid()
            || (entry->metaType() == QMetaType::fromType<QJSValue>() && entry->value<QJSValue>().isUndefined());
        if (!object && !absent) {
            m_error = QStringLiteral("options.owner is no object; expected the QObject whose end ends the task");
            return;
        }
        if (object) {
            m_owner = detail::ownerOf(object);
            m_callbacks.owner = object;
            m_callbacks.isOwned = true;
        }
        entries.remove(ownerKey);
    }
    m_rest = entries;
}

bool TakenOptions::hears(const QString &key) const
{
    const auto &keys = callbackKeys();
    const auto found = std::find_if(keys.begin(), keys.end(), [&key](const auto &entry) { return entry.key == key; });
    return found != keys.end() && (m_callbacks.*found->function).isCallable();
}

void keepCallbacks(TaskFace &face, const QString &id, std::unique_ptr<TakenOptions> taken)
{
    if (!taken->m_callbacks.isEmpty())
        TaskFacePrivate::of(face).keep(id, std::move(taken->m_callbacks));
}

bool knownOwnerIn(const QVariant &variant, std::uint64_t &owner)
{
    auto *object = objectIn(variant);
    owner = object ? detail::knownOwnerOf(object) : 0;
    return object != nullptr;
}

bool ownerIn(const QVariant &variant, std::uint64_t &owner)
{
    auto *object = objectIn(variant);
    owner = object ? detail::ownerOf(object) : 0;
    return object != nullptr;
}

QVariant viewOf(TaskFace &base, const QString &id)
{
    auto *engine = qjsEngine(&base);
    const bool forScript = engine && runsJavaScript(*engine);
    auto *view = new TaskView(forScript ? nullptr : &base);
    if (forScript)
        QJSEngine::setObjectOwnership(view, QJSEngine::JavaScriptOwnership);
    view->show(id);
    return QVariant::fromValue<QObject *>(view);
}

namespace {

QVariantMap cancelledError(const QString &reason)
{
    return {{QStringLiteral("kind"), QStringLiteral("Cancelled")},
            {QStringLiteral("message"), QStringLiteral("the task was cancelled: ") + reason},
            {QStringLiteral("origin"), QString()},
            {QStringLiteral("reason"), reason}};
}

} // namespace

QVariant promiseOf(TaskFace &base, const QString &id, const QVariant &known)
{
    auto *engine = qjsEngine(&base);
    if (!engine)
        return {};
    const auto deferred = engine->evaluate(QStringLiteral(R"((() => {
        const deferred = {}
        deferred.promise = new Promise((resolve, reject) => {
            deferred.resolve = resolve
            deferred.reject = error => reject(Object.assign(new Error(error.message), error))
        })
        return deferred
    })())"));
    const auto promise = deferred.property(QStringLiteral("promise"));
    TaskFacePrivate::of(base).promise(
        id, {deferred.property(QStringLiteral("resolve")), deferred.property(QStringLiteral("reject"))});
    // One that has ended is told no more, or once more.
    const auto info = known.toMap();
    switch (info.isEmpty() ? TaskFace::UnknownTask : info.value(QStringLiteral("status")).toInt()) {
    case TaskFace::Completed:
        resolve(base, id, info.value(QStringLiteral("result")));
        break;
    case TaskFace::Failed:
    case TaskFace::TimedOut:
    case TaskFace::Abandoned:
        reject(base, id, info.value(QStringLiteral("error")).toMap());
        break;
    case TaskFace::Cancelled:
        reject(base, id, cancelledError(info.value(QStringLiteral("cancelReason")).toString()));
        break;
    case TaskFace::UnknownTask:
        reject(base, id,
               {{QStringLiteral("kind"), QStringLiteral("UnknownTask")},
                {QStringLiteral("message"), QStringLiteral("\"%1\" is no task, or is forgotten").arg(id.left(60))}});
        break;
    default:
        break;
    }
    return QVariant::fromValue(promise);
}

namespace {

// Calls a function of a face's, and then that of the api behind it. Which api is behind it is asked before, as
// the function may destroy both.
template<typename Call> void callEach(TaskFace &base, Call call)
{
    const QPointer<TaskFace> other = behind(base);
    call(base);
    if (other)
        call(*other);
}

} // namespace

// What happened to a task, as the functions of its options are given it.
struct Call {
    QJSValue TaskCallbacks::*function;
    QVariantList arguments;
};

// Calls the functions of each submission that got a task's id, in their order. Each may destroy the object, or the
// owner of another.
static void callFunctions(TaskFace &face, const QList<TaskCallbacks> &all, const QList<Call> &calls)
{
    const QPointer<TaskFace> self(&face);
    for (const auto &callbacks : all) {
        for (const auto &call : calls) {
            if (self && (!callbacks.isOwned || callbacks.owner))
                legwork::call(face, callbacks.*call.function, call.arguments);
        }
    }
}

static QVariantMap outcome(TaskFace::Status status, const QVariant &result, const QVariant &error,
                           const QString &cancelReason)
{
    return {{QStringLiteral("status"), int(status)},
            {QStringLiteral("result"), result},
            {QStringLiteral("error"), error},
            {QStringLiteral("cancelReason"), cancelReason}};
}

static TaskFace::Status statusOf(const QVariantMap &error)
{
    const auto kind = error.value(QStringLiteral("kind")).toString();
    if (kind == QLatin1String("TimedOut") || kind == QLatin1String("StartTimedOut"))
        return TaskFace::TimedOut;
    return kind == QLatin1String("Abandoned") ? TaskFace::Abandoned : TaskFace::Failed;
}

bool calls(const TaskFace &base) { return !TaskFacePrivate::of(base).isEmpty() || hasBehind(base); }

void callOnComplete(TaskFace &base, const QString &id, const QVariant &result, bool end)
{
    callEach(base, [&](TaskFace &face) {
        const QPointer<TaskFace> self(&face);
        QList<Call> calls{{&TaskCallbacks::onComplete, {result}}};
        if (end)
            calls.append({&TaskCallbacks::onEnd,
                          {outcome(TaskFace::Completed, result, QVariant::fromValue(nullptr), QString())}});
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, end), calls);
        if (self && end)
            resolve(face, id, result);
    });
}

void callOnError(TaskFace &base, const QString &id, const QVariant &error, bool end)
{
    callEach(base, [&](TaskFace &face) {
        const QPointer<TaskFace> self(&face);
        QList<Call> calls{{&TaskCallbacks::onError, {error}}};
        if (end)
            calls.append({&TaskCallbacks::onEnd, {outcome(statusOf(error.toMap()), {}, error, QString())}});
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, end), calls);
        if (self && end)
            reject(face, id, error.toMap());
    });
}

void callOnCancelled(TaskFace &base, const QString &id, const QString &reason)
{
    callEach(base, [&](TaskFace &face) {
        const QPointer<TaskFace> self(&face);
        const auto end = outcome(TaskFace::Cancelled, {}, QVariant::fromValue(nullptr), reason);
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, true),
                      {{&TaskCallbacks::onCancelled, {reason}}, {&TaskCallbacks::onEnd, {end}}});
        if (self)
            reject(face, id, cancelledError(reason));
    });
}

void callOnProgress(TaskFace &base, const QString &id, double progress, const QString &message)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, false),
                      {{&TaskCallbacks::onProgress, {progress, message}}});
    });
}

void callOnStarted(TaskFace &base, const QString &id)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).startingOf(id), {{&TaskCallbacks::onStarted, {}}});
    });
}

void callOnRetry(TaskFace &base, const QString &id, std::uint64_t attempt, const QVariant &error, double delayMs)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, false),
                      {{&TaskCallbacks::onRetry, {qulonglong(attempt), error, delayMs}}});
    });
}

bool callsOnValues(const TaskFace &base, const QString &id)
{
    if (TaskFacePrivate::of(base).hearsValues(id))
        return true;
    const auto *other = behind(base);
    return other && TaskFacePrivate::of(*other).hearsValues(id);
}

void callOnValues(TaskFace &base, const QString &id, const QVariant &values)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, false), {{&TaskCallbacks::onValues, {values}}});
    });
}

void callOnSlow(TaskFace &base, const QString &id, double ms)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, false), {{&TaskCallbacks::onSlow, {ms}}});
    });
}

void callOnPaused(TaskFace &base, const QString &id, const QString &reason)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, false), {{&TaskCallbacks::onPaused, {reason}}});
    });
}

void callOnResumed(TaskFace &base, const QString &id)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, false), {{&TaskCallbacks::onResumed, {}}});
    });
}

} // namespace legwork
