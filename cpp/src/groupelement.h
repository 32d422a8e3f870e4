// `TaskGroup` in QML: several tasks that are one.
#ifndef LEGWORK_GROUPELEMENT_H
#define LEGWORK_GROUPELEMENT_H

#include "declaredtask.h"

#include <QtCore/QList>
#include <QtCore/QPointer>
#include <QtQml/QQmlListProperty>

namespace legwork {

// Starts the tasks that stand in it, at once or one after the other, and is a task itself: its progress is the mean of
// theirs, by their weights, its result the list of theirs, and to cancel it is to cancel them. They do not start
// without it. Which tasks these are is seen as it starts.
class GroupElement : public legwork::DeclaredTask {
    Q_OBJECT
    QML_NAMED_ELEMENT(TaskGroup)
    Q_CLASSINFO("DefaultProperty", "tasks")

    // Each Task, ExternalTask and TaskGroup here is one of its tasks, and so is each that an Instantiator here has
    // made. In this order they start, and the results stand. Other objects mean nothing. One that stands twice, here
    // and in groups here, and a group in itself, are refused as it starts.
    Q_PROPERTY(QQmlListProperty<QObject> tasks READ tasks)
    // Parallel: all at once; Sequential: each when the one before has ended, as errorPolicy says. Default: Parallel.
    Q_PROPERTY(Mode mode MEMBER m_mode NOTIFY modeChanged)
    // How many of its tasks may run at once, if it is Parallel; those of groups in it count, unless these have a limit
    // of their own. A task with a key waits for its turn in that instead, and does not count. From 1. Default: 0, none.
    Q_PROPERTY(QVariant limit MEMBER m_limit NOTIFY limitChanged)
    // StopOnError: the first task that does not complete cancels the rest, and is the error; ContinueOnError: all run
    // to their ends, and the group fails if one did not complete; StopOnSuccess: the first that completes cancels the
    // rest, and its result is the group's. Default: undefined, which is as StopOnError.
    Q_PROPERTY(QVariant errorPolicy MEMBER m_errorPolicy NOTIFY errorPolicyChanged)
    // In the args of a task in it, if it is Sequential: stands for the result of the task before; undefined in the
    // first.
    Q_PROPERTY(QVariant previous READ previous CONSTANT)

public:
    enum Mode { Parallel, Sequential };
    Q_ENUM(Mode)

    explicit GroupElement(QObject *parent = nullptr);
    ~GroupElement() override;

    QQmlListProperty<QObject> tasks();
    QVariant previous() const;
    void settle() override;

Q_SIGNALS:
    void modeChanged();
    void limitChanged();
    void errorPolicyChanged();

protected:
    QString wrongWork() const override;
    bool isWork() const override { return false; }
    void addOptions(QVariantMap &options) const override;
    detail::BridgeTask submitWith(const QVariantMap &options, quint64 owner, std::uint16_t site) override;

private:
    QList<QPointer<DeclaredTask>> members() const;
    // What stands twice in it, or in groups in it, or is a group that it stands in itself; empty for nothing.
    QString findTwice(const QList<QPointer<DeclaredTask>> &all) const;

    const quint64 m_number; // this group, for what stands for its tasks' results
    QList<QPointer<QObject>> m_tasks;
    Mode m_mode = Parallel;
    QVariant m_limit = 0;
    QVariant m_errorPolicy;
};

} // namespace legwork

#endif
