#include "declaredtask.h"

#include "inbox.h"
#include "bridge/bridge.h"
#include "bridge/calls.h"
#include "lifetimes.h"

#include "legwork/src/qt/views.cxx.h"
#include "legwork/src/qt/watching.cxx.h"

#include "legwork/taskface.h"

#include <QtCore/QPointer>
#include <QtCore/QRegularExpression>
#include <QtQml/QJSValue>
#include <QtQml/QQmlInfo>

namespace legwork {

namespace {

const QString intervalKey = QStringLiteral("intervalMs");
const QString detachedKey = QStringLiteral("detached");
const QString ownerKey = QStringLiteral("owner");

// What the service calls an option is a property here, of the same name.
// <vocabulary: Task keys>
const QStringList propertyKeys{QStringLiteral("name"),      QStringLiteral("priority"),  QStringLiteral("delayMs"),
                               QStringLiteral("timeoutMs"), QStringLiteral("detached"),  QStringLiteral("weight"),
                               QStringLiteral("key"),       QStringLiteral("keyPolicy"), QStringLiteral("keyLimit")};
// </vocabulary>

// Has what happens to a task kept for the view that will watch it, from before it is submitted: it may have ended when
// its id is known.
class Expecting {
public:
    Expecting() { detail::expectTask(true); }
    ~Expecting() { detail::expectTask(false); }
    Q_DISABLE_COPY_MOVE(Expecting)
};

} // namespace

DeclaredTask::DeclaredTask(QObject *parent) : TaskView(parent) { }

DeclaredTask::~DeclaredTask() = default;

bool DeclaredTask::isNone(const QVariant &value)
{
    const auto type = value.metaType().id();
    const bool isNumber = type == QMetaType::Int || type == QMetaType::Double || type == QMetaType::LongLong;
    return !value.isValid() || value.isNull() || (isNumber && value.toDouble() == 0);
}

void DeclaredTask::end()
{
    if (!m_runsOn)
        cancelFor(static_cast<std::uint8_t>(CancelReason::OwnerGone));
}

void DeclaredTask::classBegin() { m_creating = true; }

void DeclaredTask::componentComplete()
{
    m_creating = false;
    if (m_wanted)
        start();
}

void DeclaredTask::setRunning(bool running)
{
    if (m_creating)
        m_wanted = running;
    else if (running)
        start();
    else
        cancel();
}

void DeclaredTask::setOwner(QObject *owner)
{
    const auto *last = this->owner();
    m_owner = owner;
    m_hasOwner = true;
    if (last != owner)
        Q_EMIT ownerChanged();
}

void DeclaredTask::resetOwner()
{
    const auto *last = owner();
    m_hasOwner = false;
    if (last != owner())
        Q_EMIT ownerChanged();
}

bool DeclaredTask::start()
{
    if (m_creating) {
        m_wanted = true;
        return false;
    }
    // One that was asked to stop takes its time; this is about the next.
    if (isRunning() && !isAsked())
        return false;
    return submit();
}

bool DeclaredTask::restart()
{
    if (m_creating) {
        m_wanted = true;
        return false;
    }
    cancelFor(static_cast<std::uint8_t>(CancelReason::Replaced));
    return submit();
}

QVariantMap DeclaredTask::allOptions() const
{
    auto options = m_options.metaType() == QMetaType::fromType<QJSValue>()
        ? m_options.value<QJSValue>().toVariant().toMap()
        : m_options.toMap();
    // <vocabulary: Task options>
    if (!m_name.isEmpty())
        options.insert(QStringLiteral("name"), m_name);
    if (m_priority.isValid())
        options.insert(QStringLiteral("priority"), m_priority);
    if (!isNone(m_delayMs))
        options.insert(QStringLiteral("delayMs"), m_delayMs);
    if (!isNone(m_timeoutMs))
        options.insert(QStringLiteral("timeoutMs"), m_timeoutMs);
    if (m_detached)
        options.insert(QStringLiteral("detached"), m_detached);
    if (m_weight.isValid() && m_weight != 1)
        options.insert(QStringLiteral("weight"), m_weight);
    if (!m_key.isEmpty())
        options.insert(QStringLiteral("key"), m_key);
    if (m_keyPolicy.isValid())
        options.insert(QStringLiteral("keyPolicy"), m_keyPolicy);
    if (m_keyLimit.isValid() && m_keyLimit != 1)
        options.insert(QStringLiteral("keyLimit"), m_keyLimit);
    // </vocabulary>
    addOptions(options);
    return options;
}

QString DeclaredTask::takeOwner(QVariantMap &options, QObject *&owner) const
{
    owner = this->owner();
    const auto entry = options.take(ownerKey);
    // One that is undefined was left out.
    if (!entry.isValid() || m_hasOwner)
        return {};
    owner = entry.value<QObject *>();
    return owner ? QString()
                 : QStringLiteral("options.owner is no object; expected the QObject whose end ends the task");
}

bool DeclaredTask::submit()
{
    leave();
    if (!isManagerThread()) {
        refuse(QStringLiteral("a task belongs to the thread of the QCoreApplication; create its QML engine there"));
        return false;
    }
    if (const auto wrong = wrongWork(); !wrong.isEmpty()) {
        refuse(wrong);
        return false;
    }
    auto options = allOptions();
    QObject *owner = nullptr;
    if (const auto error = takeOwner(options, owner); !error.isEmpty()) {
        refuse(error);
        return false;
    }
    const bool runsOn = options.value(detachedKey).toBool();
    // To submit may run JavaScript, which may destroy this object.
    const QPointer<DeclaredTask> self(this);
    const Expecting expecting;
    const auto task = submitWith(options, owner ? detail::ownerOf(owner) : 0);
    if (!self) {
        if (task.error.isEmpty() && !runsOn)
            detail::cancelTaskFor(task.id, static_cast<std::uint8_t>(CancelReason::OwnerGone));
        return false;
    }
    if (!task.error.isEmpty()) {
        auto why = task.error;
        static const QRegularExpression option(QStringLiteral("^options\\.(\\w+)"));
        const auto key = option.match(why).captured(1);
        if (key == intervalKey || propertyKeys.contains(key))
            why.remove(0, why.indexOf(key));
        refuse(why);
        return false;
    }
    m_runsOn = runsOn;
    show(detail::idText(task.id), !task.other);
    return true;
}

void DeclaredTask::refuse(const QString &why)
{
    qmlWarning(this) << why;
    State failed{QString(), TaskFace::Failed};
    failed.error = QVariantMap{{QStringLiteral("kind"), QStringLiteral("Refused")},
                               {QStringLiteral("message"), why},
                               {QStringLiteral("origin"), QString()},
                               {QStringLiteral("attempt"), 0},
                               {QStringLiteral("attempts"), 0},
                               {QStringLiteral("reason"), QString()}};
    const auto error = failed.error;
    if (become(std::move(failed)))
        Q_EMIT this->failed(error);
}

} // namespace legwork
