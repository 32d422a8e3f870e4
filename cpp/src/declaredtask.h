// What the declared tasks of QML have in common: their options, their owner, and how they start.
#ifndef LEGWORK_DECLAREDTASK_H
#define LEGWORK_DECLAREDTASK_H

#include "taskview.h"

#include <QtCore/QPointer>
#include <QtQml/QQmlParserStatus>

namespace legwork {

namespace detail {
// Defined by the bridge, src/qt/id.rs.
struct BridgeTask;
} // namespace detail

// What a TaskGroup says of the tasks in it, as it starts them.
struct Membership {
    QObject *group = nullptr;
    // Where a task says nothing itself.
    QVariantMap options;
    QObject *owner = nullptr;
    QString key;
    QVariant keyLimit;
    // The tasks that it comes after, besides its own, by their ids.
    QVariant after;
    QVariant afterPolicy;
    // A task that takes the result of one of those comes after their completion all the same.
    bool isLoose = false;
    // Besides its own.
    QVariant delayMs;
    // What it comes after has a gate in it, which is opened when all of the group is there.
    bool isBehindGate = false;
};

// Work that is declared, and lives with its document. What it is to do is read as it starts: a change meanwhile is for
// the next start. What is wrong with it never throws: the task is Failed then, with an error of the kind Refused, and
// there is a warning with file and line.
//
// The base has its whole name, without which qmltyperegistrar does not find it.
class DeclaredTask : public legwork::TaskView, public QQmlParserStatus {
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    QML_ANONYMOUS

    // <vocabulary: Task properties>
    // What the user sees. Default: the name of its job or function, else none.
    Q_PROPERTY(QString name MEMBER m_name NOTIFY nameChanged)
    // High: the user waits for it; Normal: the user will see it; Low: nobody waits. Default: undefined, which
    // is as Normal.
    Q_PROPERTY(QVariant priority MEMBER m_priority NOTIFY priorityChanged)
    // Before it runs; of a periodic task, before its first run. From 0 ms to 100 years. Default: 0, at once.
    Q_PROPERTY(QVariant delayMs MEMBER m_delayMs NOTIFY delayMsChanged)
    // A run that takes longer is asked to stop, and fails as TimedOut. From 0 ms to 100 years. Default: 0,
    // none.
    Q_PROPERTY(QVariant timeoutMs MEMBER m_timeoutMs NOTIFY timeoutMsChanged)
    // Goes on when its owner goes, without callbacks. Default: no.
    Q_PROPERTY(bool detached MEMBER m_detached NOTIFY detachedChanged)
    // How much it counts among the others in the progress of all (TaskModel.progress), such as its megabytes,
    // if the others say theirs. Of a periodic task it means nothing. Above 0, up to 1,000,000. Default: 1.
    Q_PROPERTY(QVariant weight MEMBER m_weight NOTIFY weightChanged)
    // Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads
    // from one host. A key is its owner's; without an owner it is the application's. Default: none.
    Q_PROPERTY(QString key MEMBER m_key NOTIFY keyChanged)
    // What it does where its key has tasks that have not ended. Append: waits for its turn, in the order of
    // submission; Replace: the others are cancelled, and it begins when their bodies have ended; KeepLatest:
    // what has begun goes on, and of those that wait it alone stays; Keep: it is not made, the call gives the
    // id of the oldest of the others, and adds its callbacks to that. Default: undefined, which is as Append.
    Q_PROPERTY(QVariant keyPolicy MEMBER m_keyPolicy NOTIFY keyPolicyChanged)
    // How many tasks of its key may run at once. One that differs from that of the others is refused. From 1.
    // Default: 1.
    Q_PROPERTY(QVariant keyLimit MEMBER m_keyLimit NOTIFY keyLimitChanged)
    // </vocabulary>
    // The object that has the task: when it is destroyed, the task is cancelled. Default: the object that this
    // one stands in, its parent. Null: none.
    Q_PROPERTY(QObject *owner READ owner WRITE setOwner RESET resetOwner NOTIFY ownerChanged)
    // The other options of TaskManager.runInThread and runPeriodic, such as {maxRuns: 3}.
    Q_PROPERTY(QVariant options MEMBER m_options NOTIFY optionsChanged)

public:
    explicit DeclaredTask(QObject *parent = nullptr);
    ~DeclaredTask() override;

    void setRunning(bool running) override;

    QObject *owner() const { return m_hasOwner ? m_owner.data() : parent(); }
    void setOwner(QObject *owner);
    void resetOwner();

    // It stands in this TaskGroup, which starts it.
    void setGroup(QObject *group) { m_group = group; }
    // Starts it as a task of a group: its id, or why it was refused, which is said on this one, too.
    detail::BridgeTask submitIn(const Membership &membership);
    // All of the group is there, and nothing of it was told yet.
    virtual void settle() { look(); }

    // Starts it, unless it runs and was not asked to stop. Whether a task was submitted. One in a TaskGroup starts with
    // that alone.
    Q_INVOKABLE bool start();
    // Cancels it, for the reason Replaced, and starts it anew at once.
    Q_INVOKABLE bool restart();

    void classBegin() override;
    void componentComplete() override;

Q_SIGNALS:
    // <vocabulary: Task signals>
    void nameChanged();
    void priorityChanged();
    void delayMsChanged();
    void timeoutMsChanged();
    void detachedChanged();
    void weightChanged();
    void keyChanged();
    void keyPolicyChanged();
    void keyLimitChanged();
    // </vocabulary>
    void ownerChanged();
    void optionsChanged();

protected:
    // What is wrong with the work; empty for nothing.
    virtual QString wrongWork() const = 0;
    // Whether it is work, and does not stand for others.
    virtual bool isWork() const { return true; }
    // What it has of options besides.
    virtual void addOptions(QVariantMap &options) const = 0;
    // What may destroy this object: then the answer is given all the same.
    virtual detail::BridgeTask submitWith(const QVariantMap &options, quint64 owner, std::uint16_t site) = 0;

    // What the group says that starts it at the moment, if one does.
    const Membership *membership() const { return m_membership; }
    // Whether it is to come after the completion of those whose results it takes, whatever its options say.
    bool isLoose() const { return m_isLoose; }
    // The object that has the task which is submitted at the moment.
    QObject *ownerOfTask() const { return m_ownerOfTask.data(); }
    // What is wrong was said on another object.
    void warned() { m_wasWarned = true; }

    // Cancels what was submitted last, unless that goes on without this object: for the destructors of the classes that
    // derive from it, as what a cancel calls may be theirs.
    void end();
    // 0 stands for "none", and so does what a binding gives that has nothing yet.
    static bool isNone(const QVariant &value);

private:
    detail::BridgeTask submit();
    detail::BridgeTask refuse(const QString &why);
    bool isGroups();
    // It is a group that stands in itself, or in a group in it.
    bool standsInItself() const;
    QVariantMap allOptions();
    void addMembership(QVariantMap &options);
    // Takes the owner out of the options, where it may be, too; the text is an error.
    QString takeOwner(QVariantMap &options, QObject *&owner) const;

    // <vocabulary: Task members>
    QString m_name;
    QVariant m_priority;
    QVariant m_delayMs = 0;
    QVariant m_timeoutMs = 0;
    bool m_detached = false;
    QVariant m_weight = 1;
    QString m_key;
    QVariant m_keyPolicy;
    QVariant m_keyLimit = 1;
    // </vocabulary>
    QPointer<QObject> m_owner;
    bool m_hasOwner = false; // that one, or none; else the parent
    QVariant m_options;
    // What was submitted last goes on without this object.
    bool m_runsOn = false;

    QPointer<QObject> m_group;
    const Membership *m_membership = nullptr;
    bool m_isLoose = false;
    QPointer<QObject> m_ownerOfTask;
    bool m_wasWarned = false;

    // It is being created by QML; whether it is to start then.
    bool m_creating = false;
    bool m_wanted = false;
};

} // namespace legwork

#endif
