#include "groupelement.h"

#include "bridge/bridge.h"
#include "bridge/calls.h"
#include "resultof.h"

#include "legwork/src/qt/groups.cxx.h"

#include "legwork/taskface.h"

#include <QtCore/QHash>
#include <QtCore/QMetaObject>
#include <QtCore/QSet>

#include <optional>
#include <utility>

namespace legwork {

namespace {

const QString afterKey = QStringLiteral("after");
const QString afterPolicyKey = QStringLiteral("afterPolicy");
const QString delayKey = QStringLiteral("delayMs");
const QString errorPolicyKey = QStringLiteral("errorPolicy");

// On the manager's thread.
quint64 lastGroup = 0;
quint64 lastLimit = 0;

// The objects that one like an Instantiator has made, by their indices.
QList<QObject *> madeBy(QObject *object)
{
    QList<QObject *> made;
    const auto *type = object->metaObject();
    const bool makes = type->indexOfMethod("objectAt(int)") >= 0 && type->indexOfProperty("count") >= 0;
    const int count = makes ? object->property("count").toInt() : 0;
    for (int index = 0; index < count; ++index) {
        QObject *one = nullptr;
        QMetaObject::invokeMethod(object, "objectAt", Q_RETURN_ARG(QObject *, one), Q_ARG(int, index));
        made.append(one);
    }
    return made;
}

using List = QList<QPointer<QObject>>;

List &listOf(QQmlListProperty<QObject> *property) { return *static_cast<List *>(property->data); }

// Behind it the tasks of a group wait until all of it is there: none begins of a group that is refused, or ends before
// the group can see to it.
class Gate {
public:
    Gate() : m_task(detail::newGate()) { }
    ~Gate()
    {
        if (m_task.error.isEmpty())
            detail::openGate(m_task.id);
    }
    Q_DISABLE_COPY_MOVE(Gate)

    const QString &error() const { return m_task.error; }
    QString id() const { return detail::idText(m_task.id); }

private:
    const detail::BridgeTask m_task;
};

// Has a task known that it stands in the group, or not any more.
void enter(QObject *object, QObject *group)
{
    if (auto *task = qobject_cast<DeclaredTask *>(object))
        task->setGroup(group);
}

} // namespace

GroupElement::GroupElement(QObject *parent) : DeclaredTask(parent), m_number(++lastGroup) { }

GroupElement::~GroupElement() { end(); }

QVariant GroupElement::previous() const { return detail::placeOfPrevious(m_number); }

QQmlListProperty<QObject> GroupElement::tasks()
{
    return QQmlListProperty<QObject>(
        this, &m_tasks,
        [](QQmlListProperty<QObject> *property, QObject *object) {
            listOf(property).append(object);
            enter(object, property->object);
        },
        [](QQmlListProperty<QObject> *property) { return listOf(property).size(); },
        [](QQmlListProperty<QObject> *property, qsizetype index) { return listOf(property).at(index).data(); },
        [](QQmlListProperty<QObject> *property) {
            for (const auto &object : std::exchange(listOf(property), {}))
                enter(object, nullptr);
        });
}

QList<QPointer<DeclaredTask>> GroupElement::members() const
{
    QList<QPointer<DeclaredTask>> members;
    for (const auto &object : m_tasks) {
        if (!object)
            continue;
        if (auto *task = qobject_cast<DeclaredTask *>(object)) {
            members.append(task);
            continue;
        }
        const auto made = madeBy(object);
        for (auto *one : made) {
            if (auto *task = qobject_cast<DeclaredTask *>(one))
                members.append(task);
        }
    }
    return members;
}

namespace {

// The name of a task, for a text: empty where it has none.
QString quoted(const DeclaredTask &task)
{
    const auto name = task.property("name").toString();
    return name.isEmpty() ? QString() : QStringLiteral("\"%1\"").arg(name.left(60));
}

// Where a task stands in the group that is to start, and in groups in that.
struct Stand {
    qsizetype number; // from 1
    QString group; // the one in it that it stands in; empty for the whole
};

QString textOf(const Stand &stand, qsizetype count)
{
    auto text = QStringLiteral("task %1").arg(stand.number);
    if (count)
        text += QStringLiteral(" of %1").arg(count);
    return stand.group.isEmpty() ? text : text + QStringLiteral(" in ") + stand.group;
}

} // namespace

QString GroupElement::findTwice(const QList<QPointer<DeclaredTask>> &all) const
{
    // Each group that is looked through, with how far; no recursion, as nobody bounds how deep they nest.
    struct Level {
        const GroupElement *group;
        QList<QPointer<DeclaredTask>> members;
        QString name;
        qsizetype next = 0;
    };
    QHash<const DeclaredTask *, Stand> stands;
    QSet<const DeclaredTask *> around{this};
    QList<Level> levels{{this, all, {}}};
    while (!levels.isEmpty()) {
        auto &level = levels.last();
        if (level.next == level.members.size()) {
            around.remove(level.group);
            levels.removeLast();
            continue;
        }
        const DeclaredTask *member = level.members.at(level.next++);
        if (!member)
            continue;
        const Stand here{level.next, level.name};
        const auto place = [&] {
            const auto name = member == this ? QString() : quoted(*member);
            return textOf(here, level.members.size())
                + (name.isEmpty() ? QString() : QStringLiteral(", %1,").arg(name));
        };
        if (around.contains(member))
            return QStringLiteral("%1 is the group %2; a group cannot stand in itself")
                .arg(place(), member == this ? QStringLiteral("itself") : QStringLiteral("that it stands in"));
        if (const auto other = stands.constFind(member); other != stands.constEnd())
            return QStringLiteral("%1 is %2, too; a task stands in a group once").arg(place(), textOf(*other, 0));
        stands.insert(member, here);
        if (const auto *group = qobject_cast<const GroupElement *>(member)) {
            auto name = quoted(*group);
            if (name.isEmpty())
                name = textOf(here, 0);
            around.insert(group);
            levels.append({group, group->members(), name});
        }
    }
    return {};
}

// What a slot hears of one may destroy others.
static void settleAll(const QList<QPointer<DeclaredTask>> &tasks)
{
    for (const auto &task : tasks) {
        if (task)
            task->settle();
    }
}

void GroupElement::settle()
{
    const auto all = members();
    look();
    settleAll(all);
}

QString GroupElement::wrongWork() const
{
    if (m_mode != Parallel && m_mode != Sequential)
        return QStringLiteral("mode is %1; expected TaskGroup.Parallel (%2) or TaskGroup.Sequential (%3)")
            .arg(m_mode)
            .arg(int(Parallel))
            .arg(int(Sequential));
    if (isNone(m_limit))
        return {};
    if (m_mode == Sequential)
        return QStringLiteral("limit is for a group that is Parallel; a Sequential one runs one task at a time");
    return detail::checkGroupLimit(m_limit);
}

void GroupElement::addOptions(QVariantMap &options) const
{
    if (m_errorPolicy.isValid())
        options.insert(errorPolicyKey, m_errorPolicy);
}

detail::BridgeTask GroupElement::submitWith(const QVariantMap &options, quint64 owner, std::uint16_t site)
{
    const auto refused = [](const QString &why) { return detail::BridgeTask{{}, why, false}; };
    if (const auto error = detail::checkGroupElement(options); !error.isEmpty())
        return refused(error);
    if (options.value(QStringLiteral("keyPolicy")) == TaskFace::Keep)
        return refused(
            QStringLiteral("keyPolicy is Keep; expected another, as the tasks of a group are there before it"));

    const QPointer<GroupElement> self(this);
    const bool isSequential = m_mode == Sequential;
    const auto number = m_number;
    const auto policy = options.value(errorPolicyKey);
    const auto all = members();

    Membership membership;
    if (const auto *outer = this->membership())
        membership = *outer;
    // The outermost sees to those in it: what starts twice would replace itself.
    else if (const auto twice = findTwice(all); !twice.isEmpty())
        return refused(twice);
    membership.group = this;
    membership.owner = ownerOfTask();
    for (const auto &key : {QStringLiteral("priority"), QStringLiteral("detached"), QStringLiteral("mustRun"),
                            QStringLiteral("transient"), QStringLiteral("system")}) {
        if (const auto value = options.constFind(key); value != options.constEnd())
            membership.options.insert(key, *value);
    }
    if (!isNone(m_limit)) {
        // A model shows it to nobody: src/qt/model/cells.rs.
        membership.key = QStringLiteral("legwork.TaskGroup.%1").arg(++lastLimit);
        membership.keyLimit = m_limit;
    }
    // Its first tasks wait as it does, and for all of it to be there.
    std::optional<Gate> gate;
    auto after = options.value(afterKey).toList();
    if (!membership.isBehindGate) {
        gate.emplace();
        if (!gate->error().isEmpty())
            return refused(gate->error());
        after.append(gate->id());
        membership.isBehindGate = true;
    }
    membership.after = after;
    membership.afterPolicy = options.value(afterPolicyKey);
    membership.delayMs = options.value(delayKey);
    membership.isLoose = isLoose();

    QVariantList ids;
    QList<detail::Id> submitted;
    QString error;
    QString last;
    for (const auto &member : all) {
        if (!self || !member)
            // Destroyed by what one before it has run.
            continue;
        const auto task = [&, &one = *member] {
            if (!isSequential)
                return one.submitIn(membership);
            const detail::Previous previous(number, last);
            return one.submitIn(membership);
        }();
        if (!task.error.isEmpty()) {
            if (self && member)
                warned();
            error = QStringLiteral("task %1 of %2 was refused: %3").arg(ids.size() + 1).arg(all.size()).arg(task.error);
            break;
        }
        submitted.append(task.id);
        last = detail::idText(task.id);
        ids.append(last);
        if (isSequential) {
            membership.after = QVariantList{last};
            membership.isLoose = policy.isValid() && policy != TaskFace::StopOnError;
            membership.afterPolicy = membership.isLoose ? QVariant(TaskFace::Ended) : QVariant();
            membership.delayMs = {};
        }
    }
    if (self && error.isEmpty()) {
        auto task = detail::submitGroupElement(ids, options, owner, site);
        if (task.error.isEmpty()) {
            if (gate) {
                gate.reset();
                settleAll(all);
            }
            return task;
        }
        error = task.error;
    }
    // Before the gate is opened.
    for (const auto task : submitted)
        detail::cancelTaskFor(task, static_cast<std::uint8_t>(CancelReason::NotNeeded));
    return refused(error.isEmpty() ? QStringLiteral("the group was destroyed as it was started") : error);
}

} // namespace legwork
