#include "declaredtask.h"

#include "callsite.h"
#include "inbox.h"
#include "bridge/bridge.h"
#include "bridge/calls.h"
#include "lifetimes.h"

#include "legwork/src/qt/id.cxx.h"
#include "legwork/src/qt/views.cxx.h"
#include "legwork/src/qt/watching.cxx.h"

#include "legwork/taskface.h"

#include <QtCore/QPointer>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <QtQml/QJSValue>
#include <QtQml/QQmlInfo>

namespace legwork {

namespace {

const QString intervalKey = QStringLiteral("intervalMs");
const QString detachedKey = QStringLiteral("detached");
const QString ownerKey = QStringLiteral("owner");
const QString errorPolicyKey = QStringLiteral("errorPolicy");
const QString afterKey = QStringLiteral("after");
const QString afterPolicyKey = QStringLiteral("afterPolicy");
const QString delayKey = QStringLiteral("delayMs");
const QString keyKey = QStringLiteral("key");
const QString keyPolicyKey = QStringLiteral("keyPolicy");
const QString keyLimitKey = QStringLiteral("keyLimit");

// What the service calls an option is a property here, of the same name. Never destroyed: a body may end the process
// while these are read.
// <vocabulary: Task keys>
const auto &propertyKeys =
    *new QStringList{QStringLiteral("name"),      QStringLiteral("priority"),  QStringLiteral("delayMs"),
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

static bool isNumber(const QVariant &value)
{
    const auto type = value.metaType().id();
    return type == QMetaType::Int || type == QMetaType::Double || type == QMetaType::LongLong;
}

bool DeclaredTask::isNone(const QVariant &value)
{
    return !value.isValid() || value.isNull() || (isNumber(value) && value.toDouble() == 0);
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
    if (!m_wanted)
        return;
    const QPointer<DeclaredTask> self(this);
    start();
    if (self)
        m_wanted = false;
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
    if (isGroups())
        return false;
    // One that was asked to stop takes its time; this is about the next.
    if (isRunning() && !isAsked())
        return false;
    return submit().error.isEmpty();
}

bool DeclaredTask::restart()
{
    if (m_creating) {
        m_wanted = true;
        return false;
    }
    if (isGroups())
        return false;
    cancelFor(static_cast<std::uint8_t>(CancelReason::Replaced));
    return submit().error.isEmpty();
}

bool DeclaredTask::standsInItself() const
{
    // A circle that it is not in would be gone round for ever.
    QSet<const QObject *> seen;
    for (const QObject *group = m_group; group && !seen.contains(group);) {
        if (group == this)
            return true;
        seen.insert(group);
        const auto *task = qobject_cast<const DeclaredTask *>(group);
        group = task ? task->m_group.data() : nullptr;
    }
    return false;
}

bool DeclaredTask::isGroups()
{
    // Of one in itself no other would start it: as it starts, it says what is wrong.
    if (!m_group || standsInItself())
        return false;
    qmlWarning(this) << "a task in a TaskGroup starts with that, and not by itself; start the group";
    return true;
}

detail::BridgeTask DeclaredTask::submitIn(const Membership &membership)
{
    m_group = membership.group;
    // What runs is left of the last time.
    if (isRunning())
        cancelFor(static_cast<std::uint8_t>(CancelReason::Replaced));
    const QPointer<DeclaredTask> self(this);
    m_membership = &membership;
    auto task = submit();
    if (self)
        m_membership = nullptr;
    return task;
}

void DeclaredTask::addMembership(QVariantMap &options)
{
    m_isLoose = false;
    if (!m_membership)
        return;
    for (auto option = m_membership->options.cbegin(); option != m_membership->options.cend(); ++option) {
        if (!options.contains(option.key()))
            options.insert(option.key(), option.value());
    }
    // What is none is refused as it is.
    const auto after = options.value(afterKey);
    if (const auto others = m_membership->after.toList();
        !others.isEmpty() && (!after.isValid() || after.metaType() == QMetaType::fromType<QVariantList>())) {
        options.insert(afterKey, after.toList() + others);
        if (!options.contains(afterPolicyKey) && m_membership->afterPolicy.isValid()) {
            options.insert(afterPolicyKey, m_membership->afterPolicy);
            m_isLoose = m_membership->isLoose;
        }
    }
    if (!m_membership->key.isEmpty() && isWork() && !options.contains(keyKey) && !options.contains(keyPolicyKey)
        && !options.contains(keyLimitKey)) {
        options.insert(keyKey, m_membership->key);
        options.insert(keyLimitKey, m_membership->keyLimit);
    }
    const auto delay = options.value(delayKey);
    if (!isNone(m_membership->delayMs) && (isNone(delay) || isNumber(delay)))
        options.insert(delayKey, delay.toDouble() + m_membership->delayMs.toDouble());
}

QVariantMap DeclaredTask::allOptions()
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
    addMembership(options);
    addOptions(options);
    return options;
}

QString DeclaredTask::takeOwner(QVariantMap &options, QObject *&owner) const
{
    owner = !m_hasOwner && m_membership ? m_membership->owner : this->owner();
    const auto entry = options.take(ownerKey);
    // One that is undefined was left out.
    if (!entry.isValid() || m_hasOwner)
        return {};
    owner = entry.value<QObject *>();
    return owner ? QString()
                 : QStringLiteral("options.owner is no object; expected the QObject whose end ends the task");
}

detail::BridgeTask DeclaredTask::submit()
{
    leave();
    m_wasWarned = false;
    if (!isManagerThread())
        return refuse(
            QStringLiteral("a task belongs to the thread of the QCoreApplication; create its QML engine there"));
    if (const auto wrong = wrongWork(); !wrong.isEmpty())
        return refuse(wrong);
    auto options = allOptions();
    QObject *owner = nullptr;
    if (const auto error = takeOwner(options, owner); !error.isEmpty())
        return refuse(error);
    m_ownerOfTask = owner;
    const bool runsOn = options.value(detachedKey).toBool();
    // To submit may run JavaScript, which may destroy this object.
    const QPointer<DeclaredTask> self(this);
    const Expecting expecting;
    auto task =
        submitWith(options, owner ? detail::ownerOf(owner) : 0, m_wanted ? siteOfElement(*this) : siteOfCaller(*this));
    if (!self) {
        if (task.error.isEmpty() && !runsOn)
            detail::cancelTaskFor(task.id, static_cast<std::uint8_t>(CancelReason::OwnerGone));
        task.error = QStringLiteral("it was destroyed as it was started");
        return task;
    }
    if (!task.error.isEmpty()) {
        auto why = task.error;
        static const auto &option = *new QRegularExpression(QStringLiteral("^options\\.(\\w+)"));
        const auto key = option.match(why).captured(1);
        if (key == intervalKey || key == errorPolicyKey || propertyKeys.contains(key))
            why.remove(0, why.indexOf(key));
        return refuse(why);
    }
    m_runsOn = runsOn;
    show(detail::idText(task.id), !task.other);
    return task;
}

detail::BridgeTask DeclaredTask::refuse(const QString &why)
{
    if (!m_wasWarned)
        qmlWarning(this) << why;
    State failed{QString(), TaskFace::Failed};
    failed.error = QVariantMap{{QStringLiteral("kind"), QStringLiteral("Refused")},
                               {QStringLiteral("message"), why},
                               {QStringLiteral("origin"), QString()},
                               {QStringLiteral("attempt"), 0},
                               {QStringLiteral("attempts"), 0},
                               {QStringLiteral("reason"), QString()}};
    const auto error = failed.error;
    const QPointer<DeclaredTask> self(this);
    if (become(std::move(failed)))
        Q_EMIT this->failed(error);
    if (self)
        Q_EMIT ended(TaskFace::Failed);
    return {{}, why, false};
}

} // namespace legwork
