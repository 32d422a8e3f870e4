// The words of Legwork: states, priorities, answers, errors, options.
#ifndef LEGWORK_TYPES_H
#define LEGWORK_TYPES_H

#include <legwork/global.h>
#include <legwork/sourcelocation.h>

#include <QtCore/QDateTime>
#include <QtCore/QException>
#include <QtCore/QList>
#include <QtCore/QObject>
#include <QtCore/QString>

#include <chrono>
#include <exception>
#include <utility>

namespace legwork {

// The numbers are those of TaskManager's enumerators, which QML and the invokable methods use.
// The words, their numbers and the options come of the table that ./x vocabulary prints.

// <vocabulary: C++ enumerations>
// What goes first. First in, first out within a priority and an owner.
enum class Priority {
    High = 0, // the user is waiting for it
    Normal = 1, // the user will see it
    Low = 2, // nobody waits
};

// The state of a task. The first three, Blocked and Paused are on the way, the others are ends.
enum class Status {
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

// The answer to a cancel.
enum class CancelResult {
    UnknownTask = 8, // there is no such task
    CancelledBeforeStart = 16, // it will never run
    CancelRequested = 17, // it runs, and was asked to stop
    AlreadyFinished = 18, // it has ended
};

// The answer to a pause.
enum class PauseResult {
    UnknownTask = 8, // there is no such task
    Paused = 10, // it does not go on until it is resumed
    AlreadyFinished = 18, // it has ended
    PauseRequested = 80, // it runs, and stops at its next checkpoint, or rests after this run
    PauseNotPossible = 81, // it goes on: it runs and is not pausable, or a shutdown or an unloading waits for it
};

// The answer to a wait.
enum class WaitResult {
    UnknownTask = 8, // there is no such task
    Done = 32, // it has ended
    WaitTimeout = 33, // the time was over before; the task goes on
    WouldDeadlock = 34, // refused, as it could never end
};

// When the next run of a periodic task is due.
enum class Rate {
    FixedDelay = 64, // one interval after the last run ended, so that runs never overlap
    FixedRate = 65, // on the grid that the first run began, so that there is no drift
};

// What becomes of the ticks of a FixedRate task that passed while it could not run.
enum class Misfire {
    Skip = 66, // they are left out
    RunOnce = 67, // one run at once, for all of them
};

// When a periodic task runs for the first time.
enum class FirstRun {
    AtOnce = 68, // as soon as it is submitted, and its delay is over
    AfterInterval = 69, // one interval after that
};

// What a new task does where its key has tasks that have not ended.
enum class KeyPolicy {
    Append = 70, // it waits for its turn, in the order of submission
    Replace = 71, // the others are cancelled; it begins when their bodies have ended
    KeepLatest = 72, // what has begun goes on; of those that wait it alone stays, the others are cancelled
    Keep = 73, // it is not made: the call gives the id of the oldest of the others
};

// For which ends of the others a task waits that comes after them.
enum class AfterPolicy {
    Completed = 3, // all have to complete; where one does not, it is cancelled
    Ended = 74, // it begins however they end
};

// What a task's send does while maxUndelivered of its values are still to be delivered.
enum class WhenFull {
    Wait = 90, // it waits until some were, or the task is asked to stop. No value is lost
    DropOldest = 91, // the oldest is left out
    Conflate = 92, // only the newest is kept, at any time: for what shows a state
};

// What the ends of some tasks do to the others that they stand with, in all or any.
enum class ErrorPolicy {
    StopOnError = 77, // the first that does not complete cancels the rest, and is the error
    ContinueOnError = 78, // all run to their ends; the whole fails if one did not complete
    StopOnSuccess = 79, // the first that completes cancels the rest, and is the result
};

// How the waits between the attempts of a task grow.
enum class Backoff {
    Exponential = 75, // each is a factor longer than the one before
    Fixed = 76, // all are the same
};

// Why a task was asked to stop.
enum class CancelReason {
    None = 0, // it was not
    User = 1, // a call of cancel
    OwnerGone = 2, // its owner is gone
    PluginUnload = 3, // the plugin that submitted it is being unloaded
    Timeout = 4, // a run took longer than its time-out
    Replaced = 5, // a newer task took its place
    DependencyFailed = 6, // a task on which it depended did not complete
    Shutdown = 7, // the service is shutting down
    NotNeeded = 8, // the tasks that it stands with, in all or any, have come to their end without it
};

// What kind of fault ended a task.
enum class ErrorKind {
    None = 0, // there is no error
    Failed = 1, // the body returned an error (Rust)
    Panic = 2, // a Rust body panicked
    Exception = 3, // a C++ body threw
    Script = 4, // a script threw
    TimedOut = 5, // a run took longer than its time-out
    Abandoned = 6, // it still ran at the deadline of the shutdown
    TooManyFailures = 7, // a periodic task failed so many times in a row as its options allow
    Cancelled = 8, // the body says that it stopped because it was asked to
    Refused = 9, // it was never accepted: the queue is full, an option is wrong,
    StartTimedOut = 10, // it had not begun when its time to begin was over
};

// How a task is tried again that fails. Not tried again are errors that say that they are permanent, and a
// task that was asked to stop.
struct Retry {
    // How often, after the first attempt. Default: 0, not at all.
    quint32 times = 0;
    // Between the first attempt and the second. An error may say another (retryAfter), which counts then. From
    // 0 to 100 years. Default: 1 s; 0: at once.
    std::chrono::milliseconds delay = std::chrono::milliseconds(1000);
    // Exponential: each wait is factor times the last; Fixed. Default: Exponential.
    Backoff backoff = Backoff::Exponential;
    // How much longer each wait is. Above 0, up to 100. Default: 2.
    double factor = 2;
    // The longest wait. What an error says itself may be longer. From 0 to 100 years. Default: 1 min; 0: at
    // once.
    std::chrono::milliseconds maxDelay = std::chrono::milliseconds(60000);
    // The share of each wait that chance may take off, so that what failed together does not come back
    // together. To a wait that an error says it is added instead. From 0 to 0.5. Default: 0.25.
    double jitter = 0.25;
    // Also tries again after a time-out of a run. Default: no.
    bool onTimeout = false;
};

// </vocabulary>

// How a task failed, or why it was refused.
struct TaskError {
    ErrorKind kind = ErrorKind::None;
    // For an exception its what(); for another thrown value a text that names its type.
    QString message;
    // For an exception the name of its type; empty where nothing is known.
    QString origin;
    // The run that failed, from 1.
    quint64 attempt = 0;
    // How many attempts the task, or the run of a periodic one, has made by then; see `retry`.
    quint64 attempts = 0;
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

// To be thrown by the body of a task with `retry` where another attempt would not come off either: it is not
// tried again.
class LEGWORK_EXPORT PermanentError : public std::exception {
public:
    explicit PermanentError(const QString &message) : m_text(message.toUtf8()) { }
    ~PermanentError() override;
    const char *what() const noexcept override;

private:
    QByteArray m_text;
};

// To be thrown by the body of a task with `retry` that knows when another attempt may come off, such as from a
// server that is busy: the task waits at least so long before the next, and not for what its options say.
class LEGWORK_EXPORT RetryAfter : public std::exception {
public:
    RetryAfter(std::chrono::milliseconds delay, const QString &message) : m_delay(delay), m_text(message.toUtf8()) { }
    ~RetryAfter() override;
    const char *what() const noexcept override;
    std::chrono::milliseconds delay() const noexcept { return m_delay; }

private:
    std::chrono::milliseconds m_delay;
    QByteArray m_text;
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

template<typename T> class Task;
template<typename T> class External;

// A task, where one is named: by its handle, or by its id.
class TaskRef {
public:
    TaskRef(QString id) : m_id(std::move(id)) { }
    template<typename T> TaskRef(const Task<T> &task) : m_id(task.id()) { }
    template<typename T> TaskRef(const External<T> &task) : m_id(task.id()) { }
    const QString &id() const { return m_id; }

private:
    QString m_id;
};

// What a task may say besides its work. In C++20:
//
//     legwork::run(work, {.name = "Hash", .priority = legwork::Priority::High});
struct TaskOptions {
    // <vocabulary: TaskOptions>
    // What the user sees. Default: the name of its job or function, else none.
    QString name = {};
    // High: the user waits for it; Normal: the user will see it; Low: nobody waits. Default: Normal.
    Priority priority = Priority::Normal;
    // A run that takes longer is asked to stop, and fails as TimedOut. From 0 to 100 years. Default: 0, none.
    std::chrono::milliseconds timeout = std::chrono::milliseconds::zero();
    // When it is destroyed, the task is cancelled, and its callbacks are not called. To be alive during the
    // call. Default: none.
    QObject *owner = nullptr;
    // Goes on when its owner goes, without callbacks. Default: no.
    bool detached = false;
    // Runs in spite of a shutdown, if it was queued before, and is not asked to stop by it; nor by its owner's
    // end, after which its callbacks are not called. An unloading waits for it. What still waits for its delay
    // then is cancelled by either. Default: no.
    bool mustRun = false;
    // How much it counts among the others in the progress of all (TaskModel.progress), such as its megabytes,
    // if the others say theirs. Of a periodic task it means nothing. Above 0, up to 1,000,000. Default: 1.
    double weight = 1;
    // Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads
    // from one host. A key is its owner's; without an owner it is the application's. Default: none.
    QString key = {};
    // What it does where its key has tasks that have not ended. Append: waits for its turn, in the order of
    // submission; Replace: the others are cancelled, and it begins when their bodies have ended; KeepLatest:
    // what has begun goes on, and of those that wait it alone stays; Keep: it is not made, the call gives the
    // id of the oldest of the others, and adds its callbacks to that. Default: Append.
    KeyPolicy keyPolicy = KeyPolicy::Append;
    // How many tasks of its key may run at once. One that differs from that of the others is refused. From 1.
    // Default: 1.
    quint32 keyLimit = 1;
    // For which ends it waits of the tasks that it comes after. Completed: where one of them does not complete,
    // it is cancelled; Ended: it begins however they end, for what cleans up. Default: Completed.
    AfterPolicy afterPolicy = AfterPolicy::Completed;
    // Tries it again where it fails; of a periodic task, the run. For work that can run again.
    Retry retry = {};
    // If it has not begun so long after it was submitted, or after its delay, it never does, and fails as
    // TimedOut, kind StartTimedOut. From 0 to 100 years. Default: 0, none.
    std::chrono::milliseconds startTimeout = std::chrono::milliseconds::zero();
    // A run that takes longer is logged once, and announced. It is not stopped. From 0 to 100 years. Default:
    // 30 s; 0: none.
    std::chrono::milliseconds warnAfter = std::chrono::milliseconds(30000);
    // Once it has ended, and has not failed, no TaskModel has a row for it, and so no monitor: for what comes
    // often and says nothing afterwards. Default: no.
    bool transient = false;
    // No TaskModel has it, and so no monitor: neither a row, nor a part in the counts, the progress and
    // cancelAll of the model. For what the user did not ask for. Default: no.
    bool system = false;
    // Whether the history keeps its result. One that is large and not asked for again goes as soon as it was
    // delivered, and no handle keeps it. Default: yes.
    bool keepResult = true;
    // Its body waits for a disk, a network, a process: while it runs it does not count to maxWorkers, and
    // another worker takes its place, for up to maxBlocking of them. Default: no.
    bool mayBlock = false;
    // Its body stops at its next checkpoint, sleep, send or call of its context when the task is paused, and
    // goes on from there. Not for a body that has a lock of its own there: it would keep it. Without this, what
    // runs runs on. Default: no.
    bool pausable = false;
    // How many values that it has sent may wait for their delivery. From 1. Default: 1,000.
    quint32 maxUndelivered = 1000;
    // What its send does while so many wait. Wait: it waits until some are delivered; DropOldest; Conflate:
    // only the newest is kept, at any time. Default: Wait.
    WhenFull whenFull = WhenFull::Wait;
    // </vocabulary>
    // The tasks that it comes after, by their handles or ids: {unpacked, fetched}. It begins once all of them have
    // completed (see afterPolicy); its delay is counted from there. One that has ended counts as it did; an id that
    // is unknown or forgotten is refused. Default: none.
    QList<TaskRef> after = {};
    // Where it was submitted: in what is logged of it, TaskManager::taskInfo, a trace, the monitor. Default: where
    // these options are written.
    SourceLocation location = SourceLocation::ofOptions(__FILE__);
};

// The same for a periodic task.
struct PeriodicOptions {
    // <vocabulary: PeriodicOptions>
    // What the user sees. Default: the name of its job or function, else none.
    QString name = {};
    // High: the user waits for it; Normal: the user will see it; Low: nobody waits. Default: Normal.
    Priority priority = Priority::Normal;
    // A run that takes longer is asked to stop, and fails as TimedOut. From 0 to 100 years. Default: 0, none.
    std::chrono::milliseconds timeout = std::chrono::milliseconds::zero();
    // When it is destroyed, the task is cancelled, and its callbacks are not called. To be alive during the
    // call. Default: none.
    QObject *owner = nullptr;
    // Goes on when its owner goes, without callbacks. Default: no.
    bool detached = false;
    // How much it counts among the others in the progress of all (TaskModel.progress), such as its megabytes,
    // if the others say theirs. Of a periodic task it means nothing. Above 0, up to 1,000,000. Default: 1.
    double weight = 1;
    // Tasks of one key are in each other's way: searches for each letter typed, saves of one file, downloads
    // from one host. A key is its owner's; without an owner it is the application's. Default: none.
    QString key = {};
    // What it does where its key has tasks that have not ended. Append: waits for its turn, in the order of
    // submission; Replace: the others are cancelled, and it begins when their bodies have ended; KeepLatest:
    // what has begun goes on, and of those that wait it alone stays; Keep: it is not made, the call gives the
    // id of the oldest of the others, and adds its callbacks to that. Default: Append.
    KeyPolicy keyPolicy = KeyPolicy::Append;
    // How many tasks of its key may run at once. One that differs from that of the others is refused. From 1.
    // Default: 1.
    quint32 keyLimit = 1;
    // For which ends it waits of the tasks that it comes after. Completed: where one of them does not complete,
    // it is cancelled; Ended: it begins however they end, for what cleans up. Default: Completed.
    AfterPolicy afterPolicy = AfterPolicy::Completed;
    // A run that takes longer is logged once, and announced. It is not stopped. From 0 to 100 years. Default:
    // 30 s; 0: none.
    std::chrono::milliseconds warnAfter = std::chrono::milliseconds(30000);
    // Once it has ended, and has not failed, no TaskModel has a row for it, and so no monitor: for what comes
    // often and says nothing afterwards. Default: no.
    bool transient = false;
    // No TaskModel has it, and so no monitor: neither a row, nor a part in the counts, the progress and
    // cancelAll of the model. For what the user did not ask for. Default: no.
    bool system = false;
    // Whether the history keeps its result. One that is large and not asked for again goes as soon as it was
    // delivered, and no handle keeps it. Default: yes.
    bool keepResult = true;
    // Its body waits for a disk, a network, a process: while it runs it does not count to maxWorkers, and
    // another worker takes its place, for up to maxBlocking of them. Default: no.
    bool mayBlock = false;
    // Its body stops at its next checkpoint, sleep, send or call of its context when the task is paused, and
    // goes on from there. Not for a body that has a lock of its own there: it would keep it. Without this, what
    // runs runs on. Default: no.
    bool pausable = false;
    // How many values that it has sent may wait for their delivery. From 1. Default: 1,000.
    quint32 maxUndelivered = 1000;
    // What its send does while so many wait. Wait: it waits until some are delivered; DropOldest; Conflate:
    // only the newest is kept, at any time. Default: Wait.
    WhenFull whenFull = WhenFull::Wait;
    // Tries it again where it fails; of a periodic task, the run. For work that can run again.
    Retry retry = {};
    // Before it runs; of a periodic task, before its first run. From 0 to 100 years. Default: 0, at once.
    std::chrono::milliseconds delay = std::chrono::milliseconds::zero();
    // AtOnce, or AfterInterval. Default: AtOnce.
    FirstRun firstRun = FirstRun::AtOnce;
    // FixedDelay: the next run is due one interval after the last one ended; FixedRate: on a grid. Default:
    // FixedDelay.
    Rate rate = Rate::FixedDelay;
    // Skip: ticks of FixedRate that were missed are left out; RunOnce: one run at once for all of them.
    // Default: Skip.
    Misfire misfire = Misfire::Skip;
    // Completes with the last result after so many runs. Default: 0, no limit.
    quint64 maxRuns = 0;
    // Fails after so many failed runs in a row. Default: 0, no limit.
    quint32 maxFailures = 0;
    // Spreads each run by chance over so much time after it is due; the grid of FixedRate stays. At most the
    // interval. From 0 to 100 years. Default: 0, no chance.
    std::chrono::milliseconds jitter = std::chrono::milliseconds::zero();
    // Completes with the last result when no further run is due by then. Default: none.
    QDateTime until = {};
    // </vocabulary>
    // The tasks that it comes after, by their handles or ids: {unpacked, fetched}. It begins once all of them have
    // completed (see afterPolicy); its delay is counted from there. One that has ended counts as it did; an id that
    // is unknown or forgotten is refused. Default: none.
    QList<TaskRef> after = {};
    // Where it was submitted: in what is logged of it, TaskManager::taskInfo, a trace, the monitor. Default: where
    // these options are written.
    SourceLocation location = SourceLocation::ofOptions(__FILE__);
};

} // namespace legwork

#endif
