#include "taskface_p.h"

#include "callsite.h"
#include "lifetimes.h"
#include "log.h"
#include "router.h"
#include "taskview.h"

#include "legwork/src/qt/manager.cxxqt.h"

#include <QtCore/QThread>
#include <QtQml/QJSEngine>
#include <QtQml/QJSValueIterator>

#include <algorithm>
#include <utility>

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

namespace {

// The keys by which options have functions.
const std::array<std::pair<QString, Hears>, 11> &functionKeys()
{
    static const std::array<std::pair<QString, Hears>, 11> keys{{
        {QStringLiteral("onComplete"), Hears::Complete},
        {QStringLiteral("onError"), Hears::Error},
        {QStringLiteral("onCancelled"), Hears::Cancelled},
        {QStringLiteral("onProgress"), Hears::Progress},
        {QStringLiteral("onStarted"), Hears::Started},
        {QStringLiteral("onRetry"), Hears::Retry},
        {QStringLiteral("onSlow"), Hears::Slow},
        {QStringLiteral("onPaused"), Hears::Paused},
        {QStringLiteral("onResumed"), Hears::Resumed},
        {QStringLiteral("onValues"), Hears::Values},
        {QStringLiteral("onEnd"), Hears::End},
    }};
    return keys;
}

// Null for any other key.
const Hears *functionOfKey(const QString &key)
{
    const auto &keys = functionKeys();
    const auto found = std::find_if(keys.begin(), keys.end(), [&key](const auto &entry) { return entry.first == key; });
    return found == keys.end() ? nullptr : &found->second;
}

} // namespace

const QJSValue *TaskCallbacks::functionOf(Hears what) const
{
    const auto found =
        std::find_if(functions.begin(), functions.end(), [what](const auto &entry) { return entry.first == what; });
    return found == functions.end() ? nullptr : &found->second;
}

Submissions TaskFacePrivate::callbacksOf(const QString &id, bool end)
{
    if (m_callbacks.isEmpty())
        return {};
    return end ? m_callbacks.take(id) : m_callbacks.value(id);
}

bool TaskFacePrivate::hearsValues(const QString &id) const
{
    const auto all = m_callbacks.value(id);
    return std::any_of(all.cbegin(), all.cend(),
                       [](const TaskCallbacks &callbacks) { return callbacks.functionOf(Hears::Values); });
}

Submissions TaskFacePrivate::startingOf(const QString &id)
{
    Submissions starting;
    if (const auto entry = m_callbacks.find(id); entry != m_callbacks.end()) {
        for (auto &callbacks : *entry) {
            if (!std::exchange(callbacks.startTold, true))
                starting.push_back(callbacks);
        }
    }
    return starting;
}

QList<TaskFacePrivate::Deferred> TaskFacePrivate::promisesOf(const QString &id)
{
    return m_promises.isEmpty() ? QList<Deferred>() : m_promises.take(id);
}

namespace {

// What calls functions of JavaScript; null where there is none, and as it goes.
QJSEngine *engineOf(TaskFace &face)
{
    auto *engine = qjsEngine(&face);
    return engine && TaskFacePrivate::of(face).isWhole(*engine) ? engine : nullptr;
}

void call(TaskFace &face, const QJSValue &function, const QVariantList &arguments)
{
    auto *engine = engineOf(face);
    if (!engine)
        return;
    QJSValueList values;
    values.reserve(arguments.size());
    for (const auto &argument : arguments)
        values.append(engine->toScriptValue(argument));
    // From here on the object may be gone: the function may destroy what it likes.
    const auto result = function.call(values);
    if (result.isError()) {
        qCWarning(taskLog).noquote().nospace() << result.property(QStringLiteral("fileName")).toString() << ':'
                                               << result.property(QStringLiteral("lineNumber")).toInt() << ": "
                                               << result.toString() << " (in a task's callback)";
    }
}

// What waits for a promise runs later: nothing here is destroyed by it.
void resolve(TaskFace &face, const QString &id, const QVariant &result)
{
    const auto promises = TaskFacePrivate::of(face).promisesOf(id);
    for (const auto &promise : promises) {
        if (auto *engine = engineOf(face))
            promise.resolve.call({engine->toScriptValue(result)});
    }
}

void reject(TaskFace &face, const QString &id, const QVariantMap &error)
{
    const auto promises = TaskFacePrivate::of(face).promisesOf(id);
    for (const auto &promise : promises) {
        if (auto *engine = engineOf(face))
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
    if (taken->m_error.isEmpty() && !taken->m_callbacks.functions.isEmpty())
        managerConnected();
    return taken;
}

void TakenOptions::take()
{
    // The entries one by one, whichever language made the map.
    QVariantMap rest;
    if (m_rest.metaType() == QMetaType::fromType<QJSValue>()) {
        const auto object = m_rest.value<QJSValue>();
        if (!object.isObject() || object.isArray() || object.isCallable())
            return;
        QJSValueIterator entry(object);
        while (m_error.isEmpty() && entry.next()) {
            const auto value = QVariant::fromValue(entry.value());
            if (!takeEntry(entry.name(), value))
                rest.insert(entry.name(), value);
        }
    } else if (m_rest.metaType() == QMetaType::fromType<QVariantMap>()) {
        rest = m_rest.toMap();
        for (auto entry = rest.begin(); m_error.isEmpty() && entry != rest.end();)
            entry = takeEntry(entry.key(), entry.value()) ? rest.erase(entry) : std::next(entry);
    } else {
        return;
    }
    m_rest = rest.isEmpty() ? QVariant() : QVariant(rest);
}

bool TakenOptions::takeEntry(const QString &key, const QVariant &value)
{
    if (const auto *what = functionOfKey(key)) {
        takeFunction(key, *what, value);
        return true;
    }
    if (key != QLatin1String("owner"))
        return false;
    takeOwner(value);
    return true;
}

void TakenOptions::takeFunction(const QString &key, Hears what, const QVariant &value)
{
    const bool ofScript = value.metaType() == QMetaType::fromType<QJSValue>();
    const auto function = value.value<QJSValue>();
    if (function.isCallable()) {
        m_callbacks.functions.emplace_back(what, function);
    } else if (!function.isUndefined()) {
        m_error = QStringLiteral("options.%1 is %2; expected a function")
                      .arg(key, function.isObject() ? QStringLiteral("an object") : function.toString().left(60));
    } else if (!ofScript && value.isValid()) {
        m_error =
            QStringLiteral("options.%1 is a %2; expected a function").arg(key, QString::fromLatin1(value.typeName()));
    }
}

void TakenOptions::takeOwner(const QVariant &value)
{
    auto *object = objectIn(value);
    if (object) {
        m_owner = detail::ownerOf(object);
        m_callbacks.owner = object;
        m_callbacks.isOwned = true;
        return;
    }
    const bool ofScript = value.metaType() == QMetaType::fromType<QJSValue>();
    const bool absent = ofScript ? value.value<QJSValue>().isUndefined() : !value.isValid();
    if (!absent)
        m_error = QStringLiteral("options.owner is no object; expected the QObject whose end ends the task");
}

bool TakenOptions::hears(const QString &key) const
{
    const auto *what = functionOfKey(key);
    return what && m_callbacks.functionOf(*what);
}

std::uint16_t siteOfCaller(TaskFace &face)
{
    return livesHere(face) ? siteOfCaller(static_cast<const QObject &>(face)) : std::uint16_t(0);
}

void keepCallbacks(TaskFace &face, const QString &id, std::unique_ptr<TakenOptions> taken)
{
    if (taken->m_callbacks.functions.isEmpty())
        return;
    auto &kept = TaskFacePrivate::of(face);
    if (const auto *engine = qjsEngine(&face))
        kept.remember(*engine);
    kept.keep(id, std::move(taken->m_callbacks));
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
    TaskFacePrivate::of(base).remember(*engine);
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

// What happened to a task, and how to make what a function is given that hears of it: most have none.
template<typename Arguments> struct Call {
    Hears what;
    Arguments arguments;
};
template<typename Arguments> Call(Hears, Arguments) -> Call<Arguments>;

// Calls the functions of each submission that got a task's id, in their order. Each may destroy the object, or the
// owner of another.
template<typename... Arguments>
static void callFunctions(TaskFace &face, const Submissions &all, const Call<Arguments> &...calls)
{
    const QPointer<TaskFace> self(&face);
    const auto callOne = [&](const TaskCallbacks &callbacks, const auto &call) {
        const auto *function = callbacks.functionOf(call.what);
        if (function && self && (!callbacks.isOwned || callbacks.owner))
            legwork::call(face, *function, call.arguments());
    };
    for (const auto &callbacks : all)
        (callOne(callbacks, calls), ...);
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
        const auto all = TaskFacePrivate::of(face).callbacksOf(id, end);
        const Call complete{Hears::Complete, [&] { return QVariantList{result}; }};
        if (!end)
            return callFunctions(face, all, complete);
        callFunctions(face, all, complete,
                      Call{Hears::End, [&] {
                               return QVariantList{
                                   outcome(TaskFace::Completed, result, QVariant::fromValue(nullptr), QString())};
                           }});
        if (self)
            resolve(face, id, result);
    });
}

void callOnError(TaskFace &base, const QString &id, const QVariant &error, bool end)
{
    callEach(base, [&](TaskFace &face) {
        const QPointer<TaskFace> self(&face);
        const auto all = TaskFacePrivate::of(face).callbacksOf(id, end);
        const Call failed{Hears::Error, [&] { return QVariantList{error}; }};
        if (!end)
            return callFunctions(face, all, failed);
        callFunctions(
            face, all, failed,
            Call{Hears::End, [&] { return QVariantList{outcome(statusOf(error.toMap()), {}, error, QString())}; }});
        if (self)
            reject(face, id, error.toMap());
    });
}

void callOnCancelled(TaskFace &base, const QString &id, const QString &reason)
{
    callEach(base, [&](TaskFace &face) {
        const QPointer<TaskFace> self(&face);
        callFunctions(
            face, TaskFacePrivate::of(face).callbacksOf(id, true),
            Call{Hears::Cancelled, [&] { return QVariantList{reason}; }},
            Call{Hears::End,
                 [&] { return QVariantList{outcome(TaskFace::Cancelled, {}, QVariant::fromValue(nullptr), reason)}; }});
        if (self)
            reject(face, id, cancelledError(reason));
    });
}

void callOnStarted(TaskFace &base, const QString &id)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).startingOf(id),
                      Call{Hears::Started, [] { return QVariantList(); }});
    });
}

// Of what comes before the end: calls the functions that hear of it.
template<typename... Arguments>
static void callOn(TaskFace &base, const QString &id, Hears what, const Arguments &...arguments)
{
    callEach(base, [&](TaskFace &face) {
        callFunctions(face, TaskFacePrivate::of(face).callbacksOf(id, false),
                      Call{what, [&] { return QVariantList{arguments...}; }});
    });
}

void callOnProgress(TaskFace &base, const QString &id, double progress, const QString &message)
{
    callOn(base, id, Hears::Progress, progress, message);
}

void callOnRetry(TaskFace &base, const QString &id, std::uint64_t attempt, const QVariant &error, double delayMs)
{
    callOn(base, id, Hears::Retry, qulonglong(attempt), error, delayMs);
}

void callOnSlow(TaskFace &base, const QString &id, double ms) { callOn(base, id, Hears::Slow, ms); }

void callOnPaused(TaskFace &base, const QString &id, const QString &reason) { callOn(base, id, Hears::Paused, reason); }

void callOnResumed(TaskFace &base, const QString &id) { callOn(base, id, Hears::Resumed); }

bool callsOnValues(const TaskFace &base, const QString &id)
{
    if (TaskFacePrivate::of(base).hearsValues(id))
        return true;
    const auto *other = behind(base);
    return other && TaskFacePrivate::of(*other).hearsValues(id);
}

void callOnValues(TaskFace &base, const QString &id, const QVariant &values)
{
    // A list in a list, and not its elements.
    callOn(base, id, Hears::Values, values);
}

} // namespace legwork
