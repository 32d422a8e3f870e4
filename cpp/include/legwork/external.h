// Tasks without a body: work that the application does by other means, and ends itself.
#ifndef LEGWORK_EXTERNAL_H
#define LEGWORK_EXTERNAL_H

#include <legwork/task.h>

#include <functional>
#include <memory>

namespace legwork {

// What an external task may say. In C++20:
//
//     legwork::External<QByteArray> fetch({.name = "Fetch", .onStop = [reply] { reply->abort(); }});
struct ExternalOptions {
    // <vocabulary: ExternalOptions>
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
    // Before it runs; of a periodic task, before its first run. From 0 to 100 years. Default: 0, at once.
    std::chrono::milliseconds delay = std::chrono::milliseconds::zero();
    // </vocabulary>
    // The tasks that it comes after, by their handles or ids, as in TaskOptions. Default: none.
    QList<TaskRef> after = {};
    // Begins the work, once the task's turn has come: its delay is over, what it comes after has completed, a place of
    // its key is free. Not called where the task ends before, or is asked to stop. Default: none; the work counts as
    // under way from the start, whatever the task waits for. What it throws is the task's failure.
    std::function<void()> onStart = {};
    // Aborts the work, when the task is asked to stop (by a cancel, its owner's end, a shutdown) or its time is over:
    // once. It may end the task in the call, as QNetworkReply::abort() does by its finished(). Not called where the
    // work never began: with an onStart that was not called. Where there is none, also called if the task
    // ends before its turn, otherwise than by its handle. Default: none; then the work has to ask isCancelRequested(),
    // as the task ends no sooner than it is ended.
    std::function<void()> onStop = {};
    // Where it was submitted: in what is logged of it, TaskManager::taskInfo, a trace, the monitor. Default: where
    // these options are written.
    SourceLocation location = SourceLocation::ofOptions(__FILE__);
};

namespace detail {

// Of ExternalOptions, and of other options that have the same and more, such as ProcessOptions.
template<typename Options> Spec specOfExternal(Options &&options)
{
    Spec spec;
    // <vocabulary: Spec of ExternalOptions>
    spec.name = std::move(options.name);
    spec.priority = options.priority;
    spec.timeout = options.timeout;
    spec.detached = options.detached;
    spec.mustRun = options.mustRun;
    spec.weight = options.weight;
    spec.key = std::move(options.key);
    spec.keyPolicy = options.keyPolicy;
    spec.keyLimit = options.keyLimit;
    spec.afterPolicy = options.afterPolicy;
    spec.startTimeout = options.startTimeout;
    spec.warnAfter = options.warnAfter;
    spec.transient = options.transient;
    spec.system = options.system;
    spec.keepResult = options.keepResult;
    spec.delay = options.delay;
    // </vocabulary>
    spec.after = std::move(options.after);
    spec.location = options.location;
    spec.owner = options.owner;
    return spec;
}

// What the handles on an external task share. When it goes, a task that was not ended has failed.
class LEGWORK_EXPORT ExternalTask {
public:
    // The functions are called on the thread of the receiver; without one, on that of the call, or, where that has no
    // event loop, on the manager's.
    ExternalTask(QObject *receiver, const Spec &spec, std::function<void()> onStart, std::function<void()> onStop);
    // The same with the options as a map, and the numbers of an owner and of where it is submitted.
    ExternalTask(QObject *receiver, const QVariantMap &options, quint64 owner, quint16 site,
                 std::function<void()> onStart, std::function<void()> onStop);
    ~ExternalTask();
    Q_DISABLE_COPY_MOVE(ExternalTask)

    const Handle &task() const;
    // Whether there is a task that ends by this: it was not refused, and KeyPolicy::Keep has not found another.
    bool isMade() const;
    // Whether the task ends so.
    bool complete(ReturnValue &&result);
    // Takes a copy of the value; if it is none that can be copied, the task fails, and `wrong` says so.
    bool complete(const QVariant &value, QString &wrong);
    bool fail(const QString &message, const QString &origin);
    CancelReason reason() const;
    void report(double value) const;
    void report(double value, const QString &message) const;
    void report(double done, double total, const QString &unit) const;
    void report(const QString &message) const;

private:
    template<typename Submit>
    void make(QObject *receiver, quint64 owner, std::function<void()> onStart, std::function<void()> onStop,
              Submit submit);

    struct Private;
    const std::unique_ptr<Private> d;
};

} // namespace detail

// A task that the application ends: for what a QNetworkReply, a QProcess, a device does. It holds no worker, so any
// number of them may run at once; to all else it is a task as any, with its name, progress, time-out, key, place in
// `after`, and row in the monitor.
//
//     auto *reply = m_network.get(request);
//     legwork::External<QByteArray> fetch({.name = "Fetch", .onStop = [reply] { reply->abort(); }});
//     connect(reply, &QNetworkReply::finished, this, [fetch, reply] {
//         reply->deleteLater();
//         reply->error() ? fetch.fail(reply->errorString()) : fetch.complete(reply->readAll());
//     });
//     fetch.task().onComplete(this, &Window::show);
//
// Copies are the same task. It is ended once: the first end counts. When the last copy is destroyed, a task that was
// not ended has failed, with an error that says so; it may end itself by complete() and fail() before its turn, too.
// One that was asked to stop ends as cancelled, and one whose time was over as timed out, whatever is said then.
//
// onStart and onStop are called on the thread of the receiver, or of the call that made the task: at once where it is
// that thread which asks the task to stop, else by its event loop. When the receiver is destroyed, the task is
// cancelled, for the reason OwnerGone. A shutdown that waits on that very thread, so that its event loop stands still,
// takes the task for cancelled once onStop has returned.
//
// All of it may be called from any thread. A plugin gives its PluginApi as the owner: then an unloading asks its
// external tasks to stop, and fails as StillRunning while one does not end.
template<typename T> class External {
public:
    // No task.
    External() = default;
    explicit External(ExternalOptions options) : External(nullptr, std::move(options)) { }
    explicit External(QObject *receiver, ExternalOptions options = {})
    {
        auto onStart = std::move(options.onStart);
        auto onStop = std::move(options.onStop);
        m_task = std::make_shared<detail::ExternalTask>(receiver, detail::specOfExternal(std::move(options)),
                                                        std::move(onStart), std::move(onStop));
    }

    // Whether it was accepted: if not, task().error() says why.
    bool isValid() const { return m_task && !m_task->task().isNull(); }
    QString id() const { return task().id(); }
    // The task as any other: for callbacks, to wait for, to cancel; to pause, if its turn has not come.
    Task<T> task() const { return m_task ? Task<T>(m_task->task()) : Task<T>(); }

    // Ends it with its result: whether it ends so. False where it has ended, and where it was asked to stop or its time
    // was over; and where KeyPolicy::Keep has found another task, which this is the handle of then.
    template<typename U = T> bool complete(std::enable_if_t<!std::is_void_v<U>, U> value) const
    {
        if (!m_task)
            return false;
        detail::ReturnValue result;
        result.set(std::move(value));
        return m_task->complete(std::move(result));
    }
    template<typename U = T, typename = std::enable_if_t<std::is_void_v<U>>> bool complete() const
    {
        return m_task && m_task->complete({});
    }

    // Ends it as failed, kind Failed: whether it ends so, as above. Of an error its message and origin are taken.
    bool fail(const QString &message) const { return m_task && m_task->fail(message, {}); }
    bool fail(const TaskError &error) const { return m_task && m_task->fail(error.message, error.origin); }

    // Whether it was asked to stop, or its time is over; and why.
    bool isCancelRequested() const { return cancelReason() != CancelReason::None; }
    CancelReason cancelReason() const { return m_task ? m_task->reason() : CancelReason::None; }

    // How far it is, and what it is doing, as TaskContext has it. A task whose turn has not come has no progress.
    void setProgress(double value) const
    {
        if (m_task)
            m_task->report(value);
    }
    void setProgress(double value, const QString &message) const
    {
        if (m_task)
            m_task->report(value, message);
    }
    void setProgress(double done, double total, const QString &unit) const
    {
        if (m_task)
            m_task->report(done, total, unit);
    }
    void setMessage(const QString &message) const
    {
        if (m_task)
            m_task->report(message);
    }

private:
    std::shared_ptr<detail::ExternalTask> m_task;
};

} // namespace legwork

#endif
