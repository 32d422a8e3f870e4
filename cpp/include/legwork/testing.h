// Tests of an application's own code, without waiting: a clock that a test moves, and a spy on tasks. For the CMake
// target Legwork::Testing; for `import Legwork.Testing` in QML. The guide is docs/testing.md.
#ifndef LEGWORK_TESTING_H
#define LEGWORK_TESTING_H

#include <legwork/global.h>
#include <legwork/task.h>

#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QVariant>

#include <chrono>
#include <memory>
#include <optional>

namespace legwork::testing {

// A task that has not ended.
struct PendingTask {
    QString id;
    // Its name, or its job's; empty if it has neither.
    QString name;
    Status status = Status::UnknownTask;
    // For how long the clock has to move on until it is due, of one that waits for that; zero where it is overdue.
    std::optional<std::chrono::nanoseconds> dueIn;
};

// A virtual clock for the tasks of this process, from its making until it is destroyed.
//
// Meanwhile time stands still for them, and nothing happens but in calls of the thread that has made it, which is that
// of the QCoreApplication. Bodies run on that thread, one after the other, each with its signals and callbacks. What
// may run in any order does so in one that the seed decides. What is left in the end goes on by threads and by the real
// time.
//
// Its functions are called on that thread, and not in the body of a task. Where one cannot do its work, it answers
// false, errorString() says why, and so does a warning in the log.
class LEGWORK_EXPORT VirtualClock {
public:
    // With the seed that the environment variable LEGWORK_TEST_SEED says, or 0.
    //
    // Not active, with a text in errorString(), where there are tasks that have not ended, where this thread has
    // another one, in the body of a task, on a thread that is not the QCoreApplication's, and after a shutdown for
    // good.
    VirtualClock();
    // The same with another seed. The same seed gives the same order.
    explicit VirtualClock(quint64 seed);
    ~VirtualClock();
    Q_DISABLE_COPY_MOVE(VirtualClock)

    // Whether it could be made.
    bool isActive() const;
    // Of the last call that answered false; else empty.
    QString errorString() const;
    quint64 seed() const;
    // How far it has moved since it was made.
    std::chrono::nanoseconds now() const;

    // Does all that can be done now, then moves the time on, to each moment at which something is due, and does there
    // all that can be done, with all that is told of it. Where a body sleeps for longer, the clock is then where the
    // body has left it. From zero; capped at 100 years. False where there is always more to do at one moment, after
    // 100,000 steps.
    bool fastForwardBy(std::chrono::milliseconds by);
    // Moves the time on, and does nothing: no body runs, no time-out counts, until one of the others is called. Those
    // find it late, as after a machine that was suspended. From zero; capped at 100 years.
    bool advanceClock(std::chrono::milliseconds by);
    // Does all that can be done without moving the time. What waits for a later time stays, such as the next run of a
    // periodic task. False as for fastForwardBy.
    bool runUntilIdle();
    // The tasks that have not ended: those that wait for nothing but their turn, or for others, first; then by the time
    // at which they are due.
    QList<PendingTask> pendingTasks() const;

private:
    bool answer(const QString &error);

    class Private;
    std::unique_ptr<Private> d;
};

// Hears what TaskManager tells of one task, or of all, and keeps it, as QSignalSpy does of a signal. On the thread of
// the QCoreApplication.
class LEGWORK_EXPORT TaskSpy : public QObject {
    Q_OBJECT

    // Empty: all tasks.
    Q_PROPERTY(QString taskId READ taskId WRITE setTaskId NOTIFY taskIdChanged)
    // What was told, in order: a list each, of the signal's name, the task's id, and the signal's other arguments.
    Q_PROPERTY(QVariantList events READ events NOTIFY eventsChanged)
    // How many of these there are.
    Q_PROPERTY(int count READ count NOTIFY eventsChanged)
    // Whether an end was told: taskCompleted, taskFailed or taskCancelled of a task that does not go on.
    Q_PROPERTY(bool ended READ hasEnded NOTIFY eventsChanged)
    // Of the last taskCompleted or taskPeriodic; else undefined.
    Q_PROPERTY(QVariant result READ result NOTIFY eventsChanged)
    // The message of the last taskFailed; else empty.
    Q_PROPERTY(QString error READ error NOTIFY eventsChanged)

public:
    explicit TaskSpy(QObject *parent = nullptr);
    explicit TaskSpy(const QString &taskId, QObject *parent = nullptr);
    template<typename T> explicit TaskSpy(const Task<T> &task, QObject *parent = nullptr) : TaskSpy(task.id(), parent)
    {
    }
    ~TaskSpy() override;

    QString taskId() const;
    // Forgets what was told.
    void setTaskId(const QString &taskId);
    QVariantList events() const;
    int count() const;
    // How many of a signal.
    Q_INVOKABLE int times(const QString &signal) const;
    bool hasEnded() const;
    QVariant result() const;
    QString error() const;

    // Waits until an end was told, if none was yet; whether it was. With a VirtualClock for at most so long by that
    // clock, which moves on meanwhile; else by the real time, in an event loop. A task that had ended before the spy
    // was made needs no wait.
    Q_INVOKABLE bool wait(int timeoutMs = 5'000);
    bool wait(std::chrono::milliseconds timeout);
    // The same until a signal was told so often.
    Q_INVOKABLE bool waitFor(const QString &signal, int times = 1, int timeoutMs = 5'000);
    // Forgets what was told.
    Q_INVOKABLE void clear();

Q_SIGNALS:
    void taskIdChanged();
    void eventsChanged();

private:
    template<typename Done> bool waitUntil(int timeoutMs, Done done);

    class Private;
    std::unique_ptr<Private> d;
};

} // namespace legwork::testing

#endif
