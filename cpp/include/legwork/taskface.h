// What every face has that JavaScript uses, TaskManager and PluginApi: the enumerators, and the
// functions that are called when a task ends.
#ifndef LEGWORK_TASKFACE_H
#define LEGWORK_TASKFACE_H

#include <legwork/global.h>

#include <QtCore/QObject>
#include <QtQml/qqml.h>

#include <memory>

namespace legwork {

class TaskFacePrivate;

// Numbers are unique over all enumerations, so that a mix-up compares unequal. They come of the table that
// ./x vocabulary prints.
class LEGWORK_EXPORT TaskFace : public QObject {
    Q_OBJECT
    QML_ANONYMOUS

public:
    // <vocabulary: QML enumerations>
    // What goes first. First in, first out within a priority and an owner.
    enum Priority {
        High = 0, // the user is waiting for it
        Normal = 1, // the user will see it
        Low = 2, // nobody waits
    };
    Q_ENUM(Priority)

    // The state of a task. The first three, Blocked and Paused are on the way, the others are ends.
    enum Status {
        Delayed = 0, // waits for its time; also a periodic task between its runs, and a task between two attempts
        Queued = 1, // waits for a worker
        Running = 2, // its body is at work
        Completed = 3, // it returned
        Failed = 4, // its body failed
        Cancelled = 5, // it was cancelled, and its body says so, or never ran
        TimedOut = 6, // a run took longer than its time-out, or it had not begun in time
        Abandoned = 7, // it still ran at the deadline of the shutdown
        UnknownTask = 8, // the id never was a task's, or the task is forgotten
        Blocked = 9, // waits for others: for its turn among those of its key, or for what it comes after
        Paused = 10, // does not go on: it, its owner, its key or all are paused, until they are resumed
    };
    Q_ENUM(Status)

    // The answer to a cancel.
    enum CancelResult {
        CancelledBeforeStart = 16, // it will never run
        CancelRequested = 17, // it runs, and was asked to stop
        AlreadyFinished = 18, // it has ended
    };
    Q_ENUM(CancelResult)

    // The answer to a pause.
    enum PauseResult {
        PauseRequested = 80, // it runs, and stops at its next checkpoint, or rests after this run
        PauseNotPossible = 81, // it goes on: it runs and is not pausable, or a shutdown or an unloading waits for it
    };
    Q_ENUM(PauseResult)

    // The answer to a wait.
    enum WaitResult {
        Done = 32, // it has ended
        WaitTimeout = 33, // the time was over before; the task goes on
        WouldDeadlock = 34, // refused, as it could never end
    };
    Q_ENUM(WaitResult)

    // When the next run of a periodic task is due.
    enum Rate {
        FixedDelay = 64, // one interval after the last run ended, so that runs never overlap
        FixedRate = 65, // on the grid that the first run began, so that there is no drift
    };
    Q_ENUM(Rate)

    // What becomes of the ticks of a FixedRate task that passed while it could not run.
    enum Misfire {
        Skip = 66, // they are left out
        RunOnce = 67, // one run at once, for all of them
    };
    Q_ENUM(Misfire)

    // When a periodic task runs for the first time.
    enum FirstRun {
        AtOnce = 68, // as soon as it is submitted, and its delay is over
        AfterInterval = 69, // one interval after that
    };
    Q_ENUM(FirstRun)

    // What a new task does where its key has tasks that have not ended.
    enum KeyPolicy {
        Append = 70, // it waits for its turn, in the order of submission
        Replace = 71, // the others are cancelled; it begins when their bodies have ended
        KeepLatest = 72, // what has begun goes on; of those that wait it alone stays, the others are cancelled
        Keep = 73, // it is not made: the call gives the id of the oldest of the others
    };
    Q_ENUM(KeyPolicy)

    // For which ends of the others a task waits that comes after them.
    enum AfterPolicy {
        Ended = 74, // it begins however they end
    };
    Q_ENUM(AfterPolicy)

    // What a task's send does while maxUndelivered of its values are still to be delivered.
    enum WhenFull {
        Wait = 90, // it waits until some were, or the task is asked to stop. No value is lost
        DropOldest = 91, // the oldest is left out
        Conflate = 92, // only the newest is kept, at any time: for what shows a state
    };
    Q_ENUM(WhenFull)

    // What the ends of some tasks do to the others that they stand with, in all or any.
    enum ErrorPolicy {
        StopOnError = 77, // the first that does not complete cancels the rest, and is the error
        ContinueOnError = 78, // all run to their ends; the whole fails if one did not complete
        StopOnSuccess = 79, // the first that completes cancels the rest, and is the result
    };
    Q_ENUM(ErrorPolicy)

    // How the waits between the attempts of a task grow.
    enum Backoff {
        Exponential = 75, // each is a factor longer than the one before
        Fixed = 76, // all are the same
    };
    Q_ENUM(Backoff)

    // </vocabulary>

    explicit TaskFace(QObject *parent = nullptr);
    ~TaskFace() override;

private:
    friend class TaskFacePrivate;
    const std::unique_ptr<TaskFacePrivate> d;
};

} // namespace legwork

#endif
