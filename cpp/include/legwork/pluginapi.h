// What a plugin gets of Legwork: the tasks of one owner.
#ifndef LEGWORK_PLUGINAPI_H
#define LEGWORK_PLUGINAPI_H

#include <legwork/group.h>
#include <legwork/stream.h>
#include <legwork/taskface.h>

#include <QtCore/QMetaMethod>

#include <chrono>
#include <functional>
#include <memory>
#include <type_traits>

namespace legwork {

// Milliseconds: a number, or a std::chrono duration that is a whole number of them, as std::chrono itself takes it
// (seconds, minutes; not microseconds).
struct Milliseconds : std::chrono::milliseconds {
    constexpr Milliseconds(qint64 ms = 0) : std::chrono::milliseconds(ms) { }
    template<typename Duration,
             typename = std::enable_if_t<
                 !std::is_arithmetic_v<Duration> && std::is_convertible_v<Duration, std::chrono::milliseconds>>>
    constexpr Milliseconds(Duration time) : std::chrono::milliseconds(time)
    {
    }
};

// What a scheduled task may say besides its work. In C++20:
//
//     scheduleTask(fetchPrices, {.periodic = true, .intervalMs = 30s, .onComplete = show});
struct ScheduleOptions {
    // <vocabulary: ScheduleOptions>
    // What the user sees. Default: the name of its job or function, else none.
    QString name = {};
    // High: the user waits for it; Normal: the user will see it; Low: nobody waits. Default: Normal.
    Priority priority = Priority::Normal;
    // Runs again and again, each intervalMs (1 ms to 100 years) after the last run ended.
    bool periodic = false;
    Milliseconds intervalMs = {};
    // Before it runs; of a periodic task, before its first run. From 0 to 100 years. Default: 0, at once.
    Milliseconds delayMs = {};
    // A run that takes longer is asked to stop, and fails as TimedOut. From 0 to 100 years. Default: 0, none.
    Milliseconds timeoutMs = {};
    // Goes on when its owner goes, without callbacks. Default: no.
    bool detached = false;
    // Runs in spite of a shutdown, if it was queued before, and is not asked to stop by it; nor by its owner's
    // end, after which its callbacks are not called. An unloading waits for it. What still waits for its delay
    // then is cancelled by either. Default: no.
    bool mustRun = false;
    // Of a periodic task. AtOnce, or AfterInterval. Default: AtOnce.
    FirstRun firstRun = FirstRun::AtOnce;
    // Of a periodic task. FixedDelay: the next run is due one interval after the last one ended; FixedRate: on
    // a grid. Default: FixedDelay.
    Rate rate = Rate::FixedDelay;
    // Of a periodic task. Skip: ticks of FixedRate that were missed are left out; RunOnce: one run at once for
    // all of them. Default: Skip.
    Misfire misfire = Misfire::Skip;
    // Of a periodic task. Completes with the last result after so many runs. Default: 0, no limit.
    quint64 maxRuns = 0;
    // Of a periodic task. Fails after so many failed runs in a row. Default: 0, no limit.
    quint32 maxFailures = 0;
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
    Milliseconds startTimeoutMs = {};
    // A run that takes longer is logged once, and announced. It is not stopped. From 0 to 100 years. Default:
    // 30 s; 0: none.
    Milliseconds warnAfterMs = 30000;
    // Of a periodic task. Spreads each run by chance over so much time after it is due; the grid of FixedRate
    // stays. At most the interval. From 0 to 100 years. Default: 0, no chance.
    Milliseconds jitterMs = {};
    // Of a periodic task. Completes with the last result when no further run is due by then. Default: none.
    QDateTime until = {};
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
    // Called on the thread of the PluginApi with each result and each failure, from the first run on.
    std::function<void(const QVariant &)> onComplete = {};
    std::function<void(const TaskError &)> onError = {};
    // Where it was submitted: in what is logged of it, TaskManager::taskInfo, a trace, the monitor. Default: where
    // these options are written.
    SourceLocation location = SourceLocation::ofOptions(__FILE__);
};

class PluginApiPrivate;

// The tasks of one owner, such as a plugin: it submits, sees, cancels and hears of its own only. When
// it is destroyed, its tasks are cancelled, its jobs unregistered, and none of its callbacks is
// called any more.
//
// Its invokable methods are for C++, QML and QMetaObject::invokeMethod alike: they never throw; on an
// error they return an empty id, false, or UnknownTask, and set `lastError`. Ids of other owners'
// tasks are unknown to it.
//
// Wherever an owner is given, a PluginApi is its plugin: legwork::External<T>({.owner = &api}),
// legwork::process(..., {.owner = &api}), legwork::setLimits(&api, ...).
//
// It belongs to the thread of the QCoreApplication. What takes a C++ callable may be called from any
// thread.
class LEGWORK_EXPORT PluginApi : public TaskFace {
    Q_OBJECT
    Q_PROPERTY(QString name READ name CONSTANT)
    Q_PROPERTY(QString lastError READ lastError NOTIFY lastErrorChanged)

public:
    // `name` is what the user sees as its tasks' owner.
    explicit PluginApi(const QString &name, QObject *parent = nullptr);
    ~PluginApi() override;

    QString name() const;
    QString lastError() const;

    // Says which TaskManager it is to work with. There is one service in a process, with which each
    // PluginApi works from the start, so this only checks: true for any TaskManager of this process.
    Q_INVOKABLE bool registerTaskService(QObject *service);

    // Runs a job on a worker, at once. `args` is a list; `options` a map, as for
    // TaskManager.runInThread. The id, or empty.
    Q_INVOKABLE QString runInBackground(const QString &job, const QVariant &args = {}, const QVariant &options = {});

    // The same later, with `delayMs`, or again and again, with `periodic: true` and `intervalMs`, in
    // the options.
    Q_INVOKABLE QString scheduleTask(const QString &job, const QVariant &args = {}, const QVariant &options = {});

    // Calls a function of an ECMAScript module: see TaskManager.runScript. The options are those of
    // scheduleTask.
    Q_INVOKABLE QString runScript(const QVariant &url, const QString &function, const QVariant &args = {},
                                  const QVariant &options = {});

    // Asks a task to stop: true if it will not run, or was asked; false if it has ended.
    Q_INVOKABLE bool cancelTask(const QString &id);

    // Takes a task back that has not begun, and leaves any other alone: whether it was taken back.
    Q_INVOKABLE bool cancelIfQueued(const QString &id);

    // Has a task that waits for its time (its delay, its next run, its next attempt) run now; false for any other.
    Q_INVOKABLE bool runNow(const QString &id);

    // Submits the work of a task anew that failed, was cancelled or timed out, and can run again, with the options that
    // it had: the id of the new task, or empty. See Task::retry.
    Q_INVOKABLE QString retryTask(const QString &id);

    // Changes the interval of a periodic task, from 1 ms to 100 years.
    Q_INVOKABLE bool setInterval(const QString &id, const QVariant &intervalMs);

    // Asks all tasks of one of its keys to stop. Returns at once.
    Q_INVOKABLE void cancelKey(const QString &key);
    // A list of what taskInfo gives of the tasks of one of its keys that have not ended, oldest first.
    Q_INVOKABLE QVariantList tasksOfKey(const QString &key) const;

    // Pauses a task by itself, for a reason that users see: a TaskFace::PauseResult, or UnknownTask. See Task::pause.
    Q_INVOKABLE int pauseTask(const QString &id, const QString &reason = {});
    // Takes that back: whether there was something to take back.
    Q_INVOKABLE bool resumeTask(const QString &id);
    // All tasks of one of its keys, and those that come: whether that has changed something. See legwork::pauseKey.
    Q_INVOKABLE bool pauseKey(const QString &key, const QString &reason = {});
    Q_INVOKABLE bool resumeKey(const QString &key);
    // All of its tasks, and those that come. See legwork::pauseOwner.
    Q_INVOKABLE bool pauseAll(const QString &reason = {});
    Q_INVOKABLE bool resumeAll();
    // Whether it is paused so.
    Q_INVOKABLE bool isPaused() const;

    // As TaskFace::Status.
    Q_INVOKABLE int getTaskStatus(const QString &id);

    // Waits for a task's end, without processing events: true once it has ended.
    Q_INVOKABLE bool waitForTask(const QString &id, const QVariant &timeoutMs = 30'000);

    // A map of what is known of a task, as TaskManager.taskInfo gives it.
    Q_INVOKABLE QVariant taskInfo(const QString &id);
    // The same of all that are not forgotten, oldest first, without results.
    Q_INVOKABLE QVariantList tasks() const;

    // Connects one of its signals, by name ("taskCompleted", or as SIGNAL() has it), to a slot or
    // invokable method of `receiver`, by name or as SLOT() has it. Not valid (false) on an error.
    Q_INVOKABLE QMetaObject::Connection connectTaskSignal(const QString &signal, QObject *receiver,
                                                          const QString &slot);

    // The same by pointer to member, or with a functor, which is dropped with its receiver.
    template<typename Signal, typename Receiver, typename Slot,
             typename = std::enable_if_t<std::is_member_function_pointer_v<Signal>>>
    QMetaObject::Connection connectTaskSignal(Signal signal, Receiver *receiver, Slot &&slot)
    {
        return QObject::connect(this, signal, receiver, std::forward<Slot>(slot));
    }

    // Asks all of its tasks to stop. Returns at once.
    Q_INVOKABLE void cancelAll();
    // Waits until all of its tasks have ended and their bodies have returned, for so long at most: whether
    // they have. `timeoutMs` is from 0 to 100 years.
    Q_INVOKABLE bool waitForAll(const QVariant &timeoutMs);

    // How many tasks it may have at once: maxRunning, maxQueued and maxDelayed, each from 1; of one that is left out
    // there is no limit. For the application that has loaded it, see legwork::setLimits.
    Q_INVOKABLE bool setLimits(const QVariant &limits);
    // Those that there are.
    Q_INVOKABLE QVariant limits() const;

    // Runs a callable on a worker, as legwork::run does. `options.owner` is not used: it is this one.
    template<typename F, typename = std::enable_if_t<!std::is_convertible_v<F, QString>>>
    detail::OnceTask<F> runInBackground(F &&work, TaskOptions options = {})
    {
        options.owner = nullptr;
        auto spec = detail::specOf(std::move(options));
        spec.ownerId = detail::ownerOfApi(*this);
        return detail::runOnce(std::forward<F>(work), spec);
    }

    // Runs a callable later, or again and again.
    template<typename F, typename = std::enable_if_t<!std::is_convertible_v<F, QString>>>
    detail::RepeatedTask<F> scheduleTask(F &&work, ScheduleOptions options = {})
    {
        auto plan = detail::planOf(std::move(options), detail::ownerOfApi(*this));
        const char *wrong = detail::isNull(work) ? "the work is null; pass a function that can be called" : plan.wrong;
        if (wrong)
            return detail::RepeatedTask<F>(detail::refuse(wrong, plan.spec.ownerId));
        if (plan.spec.periodic)
            return detail::runRepeated(std::forward<F>(work), plan.spec, this, std::move(plan.callback), plan.notices);
        // Once; it is called as an lvalue, as a periodic one would be.
        return detail::RepeatedTask<F>(detail::runOnce(
            [work = std::decay_t<F>(std::forward<F>(work))](TaskContext &context) mutable -> decltype(auto) {
                return detail::invokeWork(work, context);
            },
            plan.spec, this, std::move(plan.callback), plan.notices));
    }

    // Work that sends values before its end: see legwork::stream. `options.owner` is not used.
    template<typename Row, typename F> detail::StreamOf<Row, F> stream(F &&work, TaskOptions options = {})
    {
        options.owner = nullptr;
        auto spec = detail::specOf(std::move(options));
        spec.ownerId = detail::ownerOfApi(*this);
        return detail::makeStream<Row>(std::forward<F>(work), std::move(spec));
    }

    // What comes after a task, of its own or of another, and is given its result: see Task::then. A task that its own
    // then() makes is its own, too. `options.owner` is not used.
    template<typename T, typename F>
    detail::ThenTask<T, F> then(const Task<T> &task, F &&work, TaskOptions options = {})
    {
        options.owner = nullptr;
        auto spec = detail::specOf(std::move(options));
        spec.ownerId = detail::ownerOfApi(*this);
        return detail::then<T>(detail::Handles::of(task), std::forward<F>(work), spec);
    }

    // Tasks that stand for others: see legwork::all and legwork::any. `tasks` is a QList or a std::tuple of tasks, of
    // its own or of others. `options.owner` is not used.
    template<typename Tasks> auto all(const Tasks &tasks, GroupOptions options = {})
    {
        return detail::allOf(tasks, std::move(options), detail::ownerOfApi(*this));
    }
    template<typename T> auto all(std::initializer_list<Task<T>> tasks, GroupOptions options = {})
    {
        return all(QList<Task<T>>(tasks), std::move(options));
    }
    Task<void> all(const QList<TaskRef> &tasks, GroupOptions options = {})
    {
        return detail::allOf(tasks, std::move(options), detail::ownerOfApi(*this));
    }
    template<typename T> Task<T> any(const QList<Task<T>> &tasks, GroupOptions options = {})
    {
        return detail::anyOf(tasks, std::move(options), detail::ownerOfApi(*this));
    }
    template<typename T> Task<T> any(std::initializer_list<Task<T>> tasks, GroupOptions options = {})
    {
        return any(QList<Task<T>>(tasks), std::move(options));
    }

    // Registers a job that leaves with this owner: see legwork::registerJob.
    template<typename F> Registration registerJob(const QString &jobName, F &&function)
    {
        if (detail::isNull(function))
            return {QStringLiteral("the function is null; pass a function that can be called")};
        return {detail::registerJob(jobName,
                                    std::make_unique<detail::FunctionJob<std::decay_t<F>>>(std::forward<F>(function)),
                                    detail::ownerOfApi(*this))};
    }

Q_SIGNALS:
    // Of its own tasks only; otherwise as TaskManager's.
    void taskQueued(const QString &id);
    void taskStarted(const QString &id);
    void taskCompleted(const QString &id, const QVariant &result);
    void taskFailed(const QString &id, const QString &error);
    void taskCancelled(const QString &id);
    void taskPeriodic(const QString &id, quint64 iteration, const QVariant &result);
    void taskProgress(const QString &id, double progress, const QString &message);
    // `values` is a list.
    void taskValues(const QString &id, const QVariant &values);
    void taskRetrying(const QString &id, quint64 attempt, const QString &error, double delayMs);
    void taskSlow(const QString &id, double ms);
    void taskRetried(const QString &id, const QString &newId);
    void taskPaused(const QString &id, const QString &reason);
    void taskResumed(const QString &id);

    void lastErrorChanged();

protected:
    void connectNotify(const QMetaMethod &signal) override;

private:
    friend class PluginApiPrivate;
    const std::unique_ptr<PluginApiPrivate> d;
};

} // namespace legwork

#endif
