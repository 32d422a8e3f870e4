#include "legwork/taskface.h"

#include "receivers.h"
#include "router.h"

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
            return QStringLiteral("options.%1 is %2; expected a function").arg(key, function.toString().left(60));
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

// The functions to call are copied, and at the task's end taken out, before the call: the function
// may submit, which changes the table, or destroy the object.
TaskFace::Callbacks TaskFace::callbacksOf(const QString &id, bool end)
{
    if (m_callbacks.isEmpty())
        return {};
    const auto callbacks = end ? m_callbacks.take(id) : m_callbacks.value(id);
    return callbacks.isOwned && !callbacks.owner ? Callbacks() : callbacks;
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

void callOnComplete(TaskFace &base, const QString &id, const QVariant &result, bool end)
{
    callEach(base, id, [&](TaskFace &face) { face.call(face.callbacksOf(id, end).onComplete, {result}); });
}

void callOnError(TaskFace &base, const QString &id, const QVariant &error, bool end)
{
    callEach(base, id, [&](TaskFace &face) { face.call(face.callbacksOf(id, end).onError, {error}); });
}

void callOnCancelled(TaskFace &base, const QString &id, const QString &reason)
{
    callEach(base, id, [&](TaskFace &face) { face.call(face.callbacksOf(id, true).onCancelled, {reason}); });
}

void callOnProgress(TaskFace &base, const QString &id, double progress, const QString &message)
{
    callEach(base, id, [&](TaskFace &face) { face.call(face.callbacksOf(id, false).onProgress, {progress, message}); });
}

} // namespace legwork
