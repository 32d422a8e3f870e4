// What stands in arguments for the result of a task.
#ifndef LEGWORK_RESULTOF_H
#define LEGWORK_RESULTOF_H

#include <QtCore/QMetaType>
#include <QtCore/QString>
#include <QtCore/QVariant>

#include <optional>

namespace legwork::detail {

// The result of a task, before there is one: TaskManager.resultOf, TaskGroup.previous. To JavaScript it is an object
// without properties, which only these two make.
struct ResultOf {
    // As it was said: whether it is the id of a task, is seen where it is used.
    QString task;
    // Or of the task that stands before one in this TaskGroup, by its number; 0 for none.
    quint64 group = 0;
};

QVariant placeOfResult(const QString &task);
QVariant placeOfPrevious(quint64 group);

// While a task of a TaskGroup is submitted: which one stands before it; empty for none. On the manager's thread.
class Previous {
public:
    Previous(quint64 group, const QString &task);
    ~Previous();
    Q_DISABLE_COPY_MOVE(Previous)

    // That of a group which is being started, innermost first.
    static std::optional<QString> of(quint64 group);

private:
    const quint64 m_group;
    const QString m_task;
    const Previous *const m_outer;
};

} // namespace legwork::detail

Q_DECLARE_METATYPE(legwork::detail::ResultOf)

#endif
