// What every face has that JavaScript uses, TaskManager and PluginApi: the enumerators, and the
// functions that are called when a task ends.
#ifndef LEGWORK_TASKFACE_H
#define LEGWORK_TASKFACE_H

#include <legwork/global.h>

#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QPointer>
#include <QtCore/QString>
#include <QtCore/QVariant>
#include <QtQml/QJSValue>
#include <QtQml/qqml.h>

#include <cstdint>

namespace legwork {

class PluginApi;

// Numbers are unique over all enumerations, so that a mix-up compares unequal.
// The Rust side (engine/record.rs, qt/options.rs) has the same ones; a test compares them.
class LEGWORK_EXPORT TaskFace : public QObject {
    Q_OBJECT
    QML_ANONYMOUS

public:
    enum Priority {
        High = 0, // the user is waiting for it
        Normal = 1, // the user will see it; the default
        Low = 2, // nobody waits
    };
    Q_ENUM(Priority)

    enum Status {
        Delayed = 0, // waits for its time; also a periodic task between its runs
        Queued = 1, // waits for a worker
        Running = 2,
        Completed = 3,
        Failed = 4,
        Cancelled = 5,
        TimedOut = 6, // a run took longer than its time-out
        Abandoned = 7, // it still ran at the deadline of the shutdown
        UnknownTask = 8, // the id never was a task's, or is forgotten; also for the two below
    };
    Q_ENUM(Status)

    enum CancelResult {
        CancelledBeforeStart = 16, // it will never run
        CancelRequested = 17, // it runs, and was asked to stop
        AlreadyFinished = 18,
    };
    Q_ENUM(CancelResult)

    enum WaitResult {
        Done = 32,
        WaitTimeout = 33,
        WouldDeadlock = 34, // refused, as it could never end
    };
    Q_ENUM(WaitResult)

    enum Rate {
        FixedDelay = 64, // one interval after the last run ended; the default
        FixedRate = 65, // on a grid
    };
    Q_ENUM(Rate)

    enum Misfire {
        Skip = 66, // ticks that were missed are left out; the default
        RunOnce = 67, // one run at once for all of them
    };
    Q_ENUM(Misfire)

    enum FirstRun {
        AtOnce = 68, // the default
        AfterInterval = 69,
    };
    Q_ENUM(FirstRun)

    explicit TaskFace(QObject *parent = nullptr);

private:
    struct Callbacks {
        QJSValue onComplete;
        QJSValue onError;
        QJSValue onCancelled;
        QJSValue onProgress;
        // Once it is gone none of them is called.
        QPointer<QObject> owner;
        bool isOwned = false;

        bool isEmpty() const;
    };

    Callbacks callbacksOf(const QString &id, bool end);

    void call(const QJSValue &function, const QVariantList &arguments);

    // To settle a promise with.
    struct Deferred {
        QJSValue resolve;
        QJSValue reject;
    };

    QList<Deferred> promisesOf(const QString &id);
    void resolve(const QString &id, const QVariant &result);
    void reject(const QString &id, const QVariantMap &error);

    // The functions of each task that this engine submitted and that has not ended.
    QHash<QString, Callbacks> m_callbacks;
    // The promises of each task that has not ended.
    QHash<QString, QList<Deferred>> m_promises;
    // What takeOptions found, until keepCallbacks or dropCallbacks.
    Callbacks m_taken;
    quint64 m_takenOwner = 0; // as Rust numbers it; 0 for none

    friend class PluginApi;
    friend bool calls(const TaskFace &);
    friend void throwError(TaskFace &, const QString &);
    friend QString takeOptions(TaskFace &, const QVariant &, QVariant &);
    friend void keepCallbacks(TaskFace &, const QString &);
    friend void dropCallbacks(TaskFace &);
    friend std::uint64_t takenOwner(const TaskFace &);
    friend QVariant promiseOf(TaskFace &, const QString &, const QVariant &);
    friend void callOnComplete(TaskFace &, const QString &, const QVariant &, bool);
    friend void callOnError(TaskFace &, const QString &, const QVariant &, bool);
    friend void callOnCancelled(TaskFace &, const QString &, const QString &);
    friend void callOnProgress(TaskFace &, const QString &, double, const QString &);
};

// For the Rust half and PluginApi, on the object's thread.
void throwError(TaskFace &base, const QString &message);
QString takeOptions(TaskFace &base, const QVariant &options, QVariant &rest);
void keepCallbacks(TaskFace &base, const QString &id);
void dropCallbacks(TaskFace &base);
std::uint64_t takenOwner(const TaskFace &base);
bool knownOwnerIn(const QVariant &object, std::uint64_t &owner);
QVariant viewOf(TaskFace &base, const QString &id);
QVariant promiseOf(TaskFace &base, const QString &id, const QVariant &info);
// Whether any task has a function to call or a promise to settle, of this face or of one behind it.
bool calls(const TaskFace &base);
void callOnComplete(TaskFace &base, const QString &id, const QVariant &result, bool end);
void callOnError(TaskFace &base, const QString &id, const QVariant &error, bool end);
void callOnCancelled(TaskFace &base, const QString &id, const QString &reason);
void callOnProgress(TaskFace &base, const QString &id, double progress, const QString &message);

} // namespace legwork

#endif
