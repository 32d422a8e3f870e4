#include "legwork/taskface.h"

#include "receivers.h"
#include "router.h"
#include "taskview.h"

#include "legwork/src/qt/manager.cxxqt.h"

#include <QtCore/QLoggingCategory>
#include <QtQml/QJSEngine>
#include <QtQml/QJSValueIterator>

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

TaskFace::TaskFace(QObject *parent) : QObject(parent) { }

bool TaskFace::Callbacks::isEmpty() const
{
    return onComplete.isUndefined() && onError.isUndefined() && onCancelled.isUndefined() && onProgress.isUndefined();
}

void TaskFace::call(const QJSValue &function, const QVariantList &arguments)
{
    auto *engine = qjsEngine(this);
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

void throwError(TaskFace &base, const QString &message)
{
    if (auto *engine = qjsEngine(&base); engine && runsJavaScript(*engine))
        engine->throwError(QJSValue::GenericError, message);
}

QString takeOptions(TaskFace &base, const QVariant &options, QVariant &rest)
{
    dropCallbacks(base);
    rest = options;
    const std::pair<QString, QJSValue *> functions[] = {
        {QStringLiteral("onComplete"), &base.m_taken.onComplete},
        {QStringLiteral("onError"), &base.m_taken.onError},
        {QStringLiteral("onCancelled"), &base.m_taken.onCancelled},
        {QStringLiteral("onProgress"), &base.m_taken.onProgress},
    };
    const auto ownerKey = QStringLiteral("owner");

    // The entries one by one, whichever language made the map.
    QVariantMap entries;
    if (options.metaType() == QMetaType::fromType<QJSValue>()) {
        const auto object = options.value<QJSValue>();
        if (!object.isObject() || object.isArray() || object.isCallable())
            return {};
        QJSValueIterator entry(object);
        while (entry.next())
            entries.insert(entry.name(), QVariant::fromValue(entry.value()));
    } else if (options.metaType() == QMetaType::fromType<QVariantMap>()) {
        entries = options.toMap();
    } else {
        return {};
    }

    for (const auto &[key, target] : functions) {
        const auto entry = entries.constFind(key);
        if (entry == entries.constEnd())
            continue;
        const auto function = entry->value<QJSValue>();
        if (!function.isCallable() && !function.isUndefined())
            return QStringLiteral("options.%1 is %2; expected a function")
                .arg(key, function.isObject() ? QStringLiteral("an object") : function.toString().left(60));
        if (!function.isCallable() && entry->metaType() != QMetaType::fromType<QJSValue>() && entry->isValid())
            return QStringLiteral("options.%1 is a %2; expected a function")
                .arg(key, QString::fromLatin1(entry->typeName()));
        *target = function;
        entries.remove(key);
    }
    if (const auto entry = entries.constFind(ownerKey); entry != entries.constEnd()) {
        auto *object = objectIn(*entry);
        const bool absent = !entry->isValid()
            || (entry->metaType() == QMetaType::fromType<QJSValue>() && entry->value<QJSValue>().isUndefined());
        if (!object && !absent)
            return QStringLiteral("options.owner is no object; expected the QObject whose end ends the task");
        if (object) {
            base.m_takenOwner = detail::ownerOf(object);
            base.m_taken.owner = object;
            base.m_taken.isOwned = true;
        }
        entries.remove(ownerKey);
    }
    // Before the task can end.
    if (!base.m_taken.isEmpty())
        managerConnected();
    rest = entries;
    return {};
}

void keepCallbacks(TaskFace &base, const QString &id)
{
    if (!base.m_taken.isEmpty())
        base.m_callbacks.insert(id, std::exchange(base.m_taken, {}));
    base.m_takenOwner = 0;
}

void dropCallbacks(TaskFace &base)
{
    base.m_taken = {};
    base.m_takenOwner = 0;
}

std::uint64_t takenOwner(const TaskFace &base) { return base.m_takenOwner; }

bool knownOwnerIn(const QVariant &variant, std::uint64_t &owner)
{
    auto *object = objectIn(variant);
    owner = object ? detail::knownOwnerOf(object) : 0;
    return object != nullptr;
}

// The functions to call are copied, and at the task's end taken out, before the call: the function
// may submit, which changes the table, or destroy the object.
TaskFace::Callbacks TaskFace::callbacksOf(const QString &id, bool end)
{
    if (m_callbacks.isEmpty())
        return {};
    const auto callbacks = end ? m_callbacks.take(id) : m_callbacks.value(id);
    return callbacks.isOwned && !callbacks.owner ? Callbacks() : callbacks;
}

QList<TaskFace::Deferred> TaskFace::promisesOf(const QString &id)
{
    return m_promises.isEmpty() ? QList<Deferred>() : m_promises.take(id);
}

// What waits for a promise runs later: nothing here is destroyed by it.
void TaskFace::resolve(const QString &id, const QVariant &result)
{
    for (const auto &promise : promisesOf(id)) {
        if (auto *engine = qjsEngine(this))
            promise.resolve.call({engine->toScriptValue(result)});
    }
}

void TaskFace::reject(const QString &id, const QVariantMap &error)
{
    for (const auto &promise : promisesOf(id)) {
        if (auto *engine = qjsEngine(this))
            promise.reject.call({engine->toScriptValue(error)});
    }
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
    base.m_promises[id].append(
        {deferred.property(QStringLiteral("resolve")), deferred.property(QStringLiteral("reject"))});
    // One that has ended is told no more, or once more.
    const auto info = known.toMap();
    switch (info.isEmpty() ? TaskFace::UnknownTask : info.value(QStringLiteral("status")).toInt()) {
    case TaskFace::Completed:
        base.resolve(id, info.value(QStringLiteral("result")));
        break;
    case TaskFace::Failed:
    case TaskFace::TimedOut:
    case TaskFace::Abandoned:
        base.reject(id, info.value(QStringLiteral("error")).toMap());
        break;
    case TaskFace::Cancelled:
        base.reject(id, cancelledError(info.value(QStringLiteral("cancelReason")).toString()));
        break;
    case TaskFace::UnknownTask:
        base.reject(
            id,
            {{QStringLiteral("kind"), QStringLiteral("UnknownTask")},
             {QStringLiteral("message"), QStringLiteral("\"%1\" is no task, or is forgotten").arg(id.left(60))}});
        break;
    default:
        break;
    }
    return QVariant::fromValue(promise);
}

namespace {

// Calls a function of a face's, and then that of the api behind it. Who is behind it is asked before, as
// the function may destroy both.
template<typename Call> void callEach(TaskFace &base, const QString &id, Call call)
{
    const QPointer<TaskFace> other = behind(base, id);
    call(base);
    if (other)
        call(*other);
}

} // namespace

bool calls(const TaskFace &base)
{
    return !base.m_callbacks.isEmpty() || !base.m_promises.isEmpty() || hasBehind(base);
}

void callOnComplete(TaskFace &base, const QString &id, const QVariant &result, bool end)
{
    callEach(base, id, [&](TaskFace &face) {
        const QPointer<TaskFace> self(&face);
        face.call(face.callbacksOf(id, end).onComplete, {result});
        if (self && end)
            face.resolve(id, result);
    });
}

void callOnError(TaskFace &base, const QString &id, const QVariant &error, bool end)
{
    callEach(base, id, [&](TaskFace &face) {
        const QPointer<TaskFace> self(&face);
        face.call(face.callbacksOf(id, end).onError, {error});
        if (self && end)
            face.reject(id, error.toMap());
    });
}

void callOnCancelled(TaskFace &base, const QString &id, const QString &reason)
{
    callEach(base, id, [&](TaskFace &face) {
        const QPointer<TaskFace> self(&face);
        face.call(face.callbacksOf(id, true).onCancelled, {reason});
        if (self)
            face.reject(id, cancelledError(reason));
    });
}

void callOnProgress(TaskFace &base, const QString &id, double progress, const QString &message)
{
    callEach(base, id, [&](TaskFace &face) { face.call(face.callbacksOf(id, false).onProgress, {progress, message}); });
}

} // namespace legwork
