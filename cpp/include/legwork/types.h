// The words of Legwork: states, priorities, answers, errors, options.
#ifndef LEGWORK_TYPES_H
#define LEGWORK_TYPES_H

#include <legwork/global.h>

#include <QtCore/QException>
#include <QtCore/QObject>
#include <QtCore/QString>

#include <chrono>
#include <exception>
#include <utility>

namespace legwork {

// The numbers are those of TaskManager's enumerators, which QML and the invokable methods use.

enum class Priority {
    High = 0, // the user is waiting for it
    Normal = 1, // the user will see it
    Low = 2, // nobody waits
};

enum class Status {
    Delayed = 0, // waits for its time; also a periodic task between its runs
    Queued = 1, // waits for a worker
    Running = 2,
    Completed = 3,
    Failed = 4,
    Cancelled = 5,
    TimedOut = 6, // a run took longer than its time-out
    Abandoned = 7, // it still ran at the deadline of the shutdown
    UnknownTask = 8, // never was a task, was refused, or is forgotten
};

enum class CancelResult {
    UnknownTask = 8,
    CancelledBeforeStart = 16, // it will never run
    CancelRequested = 17, // it runs, and was asked to stop
    AlreadyFinished = 18,
};

enum class WaitResult {
    UnknownTask = 8,
    Done = 32,
    WaitTimeout = 33, // it goes on
    WouldDeadlock = 34, // refused, as it could never end
};

enum class CancelReason {
    None = 0,
    User = 1,
    OwnerGone = 2,
    PluginUnload = 3,
    Timeout = 4,
    Replaced = 5,
    DependencyFailed = 6,
    Shutdown = 7,
};

enum class ErrorKind {
    None, // there is no error
    Failed, // the body returned an error (Rust)
    Panic, // a Rust body panicked
    Exception, // a C++ body threw
    Script, // a script threw
    TimedOut,
    Abandoned,
    TooManyFailures, // a periodic task failed `maxFailures` times in a row
    Cancelled,
    Refused, // it was never accepted: the queue is full, the service shut down, an option is wrong
};

enum class Rate {
    FixedDelay = 64, // one interval after the last run ended, so that runs never overlap
    FixedRate = 65, // on the grid that the first run began
};

// What becomes of the ticks of a FixedRate task that passed while it could not run.
enum class Misfire {
    Skip = 66,
    RunOnce = 67, // one run at once, for all of them
};

enum class FirstRun {
    AtOnce = 68,
    AfterInterval = 69,
};

// How a task failed, or why it was refused.
struct TaskError {
    ErrorKind kind = ErrorKind::None;
    // For an exception its what(); for another thrown value a text that names its type.
    QString message;
    // For an exception the name of its type; empty where nothing is known.
    QString origin;
    // The run that failed, from 1.
    quint64 attempt = 0;
    // Why the task had been asked to stop, if it had been.
    CancelReason reason = CancelReason::None;
    // Where a script threw it: a URL, a line from 1, and a line of text for each function that was called.
    QString file;
    int line = 0;
    QString stack;
    // What a C++ body threw, to be thrown again; else null.
    std::exception_ptr exception;

    explicit operator bool() const { return kind != ErrorKind::None; }
};

// To be thrown by a body that was asked to stop: the task ends as cancelled.
// TaskContext::checkpoint() throws it. A co_await on a cancelled task throws it, too.
class LEGWORK_EXPORT Cancelled : public std::exception {
public:
    explicit Cancelled(CancelReason reason = CancelReason::None) : m_reason(reason) { }
    ~Cancelled() override;
    const char *what() const noexcept override;
    CancelReason reason() const noexcept { return m_reason; }

private:
    CancelReason m_reason;
};

// The failure of a task that threw nothing of its own (a time-out, a Rust error, a refusal), as
// QFuture and co_await throw it. What a C++ body threw is thrown as itself.
class LEGWORK_EXPORT TaskException : public QException {
public:
    explicit TaskException(TaskError error);
    ~TaskException() override;
    const TaskError &error() const noexcept { return m_error; }
    const char *what() const noexcept override;
    void raise() const override;
    TaskException *clone() const override;

private:
    TaskError m_error;
    QByteArray m_text;
};

// What a task may say besides its work. In C++20:
//
//     legwork::run(work, {.name = "Hash", .priority = legwork::Priority::High});
struct TaskOptions {
    // What the user sees. Default: none.
    QString name = {};
    Priority priority = Priority::Normal;
    // A run that takes longer is asked to stop, and fails as TimedOut. Default: 0, none.
    std::chrono::milliseconds timeout = std::chrono::milliseconds::zero();
    // When it is destroyed, the task is cancelled. To be alive during the call. Default: none.
    QObject *owner = nullptr;
    // Goes on when its owner goes.
    bool detached = false;
    // Runs in spite of a shutdown, if it was queued before, and is not asked to stop by it; nor by its owner's
    // end, after which its callbacks are not called.
    bool mustRun = false;
    // How much it counts among the others in the progress of all (TaskModel.progress), above 0, up to 1,000,000.
    // Default: 1.
    double weight = 1;
};

// The same for a periodic task.
struct PeriodicOptions {
    QString name = {};
    Priority priority = Priority::Normal;
    std::chrono::milliseconds timeout = std::chrono::milliseconds::zero();
    QObject *owner = nullptr;
    bool detached = false;
    // Before the first run. Default: 0.
    std::chrono::milliseconds delay = std::chrono::milliseconds::zero();
    FirstRun firstRun = FirstRun::AtOnce;
    Rate rate = Rate::FixedDelay;
    Misfire misfire = Misfire::Skip;
    // Completes with the last result after so many runs. Default: 0, without a limit.
    quint64 maxRuns = 0;
    // Fails after so many failed runs in a row. Default: 0, without a limit.
    quint32 maxFailures = 0;
};

} // namespace legwork

#endif
