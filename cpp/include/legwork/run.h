// Submitting work.
#ifndef LEGWORK_RUN_H
#define LEGWORK_RUN_H

#include <legwork/task.h>

#include <functional>
#include <optional>

namespace legwork {

namespace detail {

template<typename F> using OnceTask = Task<typename Returned<std::decay_t<F>>::Type>;
template<typename F> using RepeatedTask = Task<typename Returned<std::decay_t<F> &>::Type>;

template<typename F>
OnceTask<F> runOnce(F &&f, const Spec &spec, QObject *receiver = nullptr, std::shared_ptr<Callback> callback = nullptr,
                    quint16 notices = 0)
{
    if (isNull(f))
        return OnceTask<F>(refuse("the work is null; pass a function that can be called", spec.ownerId));
    if constexpr (canRunAgain<std::decay_t<F>>()) {
        // Kept for the next attempt.
        if (spec.retry.times > 0)
            return OnceTask<F>(submit(std::make_unique<RepeatedBody<std::decay_t<F>>>(std::forward<F>(f)), spec,
                                      receiver, std::move(callback), notices));
    }
    return OnceTask<F>(submit(std::make_unique<OnceBody<std::decay_t<F>>>(std::forward<F>(f)), spec, receiver,
                              std::move(callback), notices));
}

// One of which nothing is said: there are no options to be read, and none to be checked.
template<typename F> OnceTask<F> runPlain(F &&f, SourceLocation location)
{
    if (isNull(f))
        return OnceTask<F>(refuse("the work is null; pass a function that can be called", 0));
    return OnceTask<F>(submitPlain(std::make_unique<OnceBody<std::decay_t<F>>>(std::forward<F>(f)), location));
}

template<typename F>
RepeatedTask<F> runRepeated(F &&f, const Spec &spec, QObject *receiver = nullptr,
                            std::shared_ptr<Callback> callback = nullptr, quint16 notices = 0)
{
    if (isNull(f))
        return RepeatedTask<F>(refuse("the work is null; pass a function that can be called", spec.ownerId));
    return RepeatedTask<F>(submit(std::make_unique<RepeatedBody<std::decay_t<F>>>(std::forward<F>(f)), spec, receiver,
                                  std::move(callback), notices));
}

} // namespace detail

// Runs `work` once, on a worker. It is called as work(TaskContext &) or work(), may be move-only, and
// may return void or anything that can be moved, which then is the result. What it throws is the
// task's failure; Cancelled, after a request to stop, its cancellation.
//
// With TaskOptions::retry it is called again after a failure, unless it threw a PermanentError: as an lvalue,
// so that it finds what it captured as the last attempt has left it. Work that can be called once only (as an
// rvalue) is refused then.
//
// From any thread; never blocks, never runs the work inside the call. The work is destroyed on the
// worker before the end is told; on the thread that cancels it, if it never ran; before the call
// returns, if the task is refused. But work with TaskOptions::retry that does not complete is kept for Task::retry,
// as long as the task is remembered. What it called deleteLater() on is deleted before the end is told.
//
// The result is destroyed on the manager's thread, or a receiver's, unless that only frees memory. The
// history keeps it if it is known how large it is: see history.h.
//
// A plugin that may be unloaded uses BasePlugin or PluginApi instead, which know its tasks.
template<typename F> detail::OnceTask<F> run(F &&work, TaskOptions options)
{
    return detail::runOnce(std::forward<F>(work), detail::specOf(std::move(options)));
}

// The same without options, as most tasks are run.
template<typename F> detail::OnceTask<F> run(F &&work, SourceLocation location = SourceLocation::current())
{
    return detail::runPlain(std::forward<F>(work), location);
}

// The same no earlier than after `delay`, of 0 to 100 years.
template<typename F> detail::OnceTask<F> runLater(std::chrono::milliseconds delay, F &&work, TaskOptions options = {})
{
    return detail::runOnce(std::forward<F>(work), detail::specOf(std::move(options), delay));
}

// Runs `work` again and again: first at once, then one interval (1 ms to 100 years) after each run
// has ended. PeriodicOptions changes that. The task goes on when a run throws. One that does not complete keeps its
// work for Task::retry, as long as it is remembered.
template<typename F>
detail::RepeatedTask<F> runPeriodic(std::chrono::milliseconds interval, F &&work, PeriodicOptions options = {})
{
    return detail::runRepeated(std::forward<F>(work), detail::specOf(std::move(options), interval));
}

// Runs a job: a function that was registered under a name, in C++ or in Rust.
LEGWORK_EXPORT Task<QVariant> runJob(const QString &job, const QVariantList &args = {}, TaskOptions options = {});

// Calls a function that an ECMAScript module exports, in a JavaScript engine of the worker's own.
// `module` is a file: or qrc: URL. The function gets copies of `args`, and a `context` after them:
// cancelled, progress(value, message) or progress(done, total, unit), send(value), sleep(ms), blocking(work),
// taskId, iteration, attempt.
// Its result is copied, too. It is interrupted when the task is asked to stop; what it throws is the task's
// failure, of the kind Script,
// with file, line and stack. Of an error with `permanent: true` a task with TaskOptions::retry is not tried
// again, with `retryAfterMs` not before that time. Needs a QCoreApplication.
LEGWORK_EXPORT Task<QVariant> runScript(const QUrl &module, const QString &function, const QVariantList &args = {},
                                        TaskOptions options = {});

// Why a job was not registered.
struct Registration {
    QString error;

    explicit operator bool() const { return error.isEmpty(); }
};

// Registers a function under a name, for QML, C++ and Rust. It is called as
// function(TaskContext &, const QVariantList &), or with one of the two, or with neither, by several
// workers at once. A name is taken once: a second registration is an error and changes nothing.
template<typename F> Registration registerJob(const QString &name, F &&function)
{
    if (detail::isNull(function))
        return {QStringLiteral("the function is null; pass a function that can be called")};
    return {detail::registerJob(name, std::make_unique<detail::FunctionJob<std::decay_t<F>>>(std::forward<F>(function)),
                                0)};
}

// Takes a job's name back: whether there was one. Tasks that were submitted with it keep it.
LEGWORK_EXPORT bool unregisterJob(const QString &name);

// Has `start` called in each worker's thread that starts from now on, on that thread and before its first task: for
// what belongs to a thread, such as a locale, COM or a connection to a database. Threads that are there by now are left
// alone, so say it before the first task; from any thread. Several may be added; they are called in that order, by
// several threads at once, and none is taken back: so it is for the application, and not for a plugin that is unloaded.
// What one throws is logged, and the thread goes on. An empty function is ignored.
LEGWORK_EXPORT void onThreadStart(std::function<void()> start);

// ---- all tasks of a key -------------------------------------------------------------------------

// Asks all tasks of a key to stop, those that are there by now: of TaskOptions::key, of an owner's or, without one,
// of the application's. From any thread.
LEGWORK_EXPORT void cancelKey(const QString &key, QObject *owner = nullptr);

// What is known of the tasks of a key that have not ended, oldest first: maps, as TaskManager::taskInfo gives.
LEGWORK_EXPORT QVariantList tasksOfKey(const QString &key, QObject *owner = nullptr);

// ---- all tasks of an owner ----------------------------------------------------------------------

// For the destructor of an object that has tasks which use its members:
//
//     Scaler::~Scaler()
//     {
//         legwork::cancelAll(this);
//         legwork::waitForAll(this);
//     }
//
// From any thread, also in the owner's destructor. An owner is what TaskOptions::owner was; for one without
// tasks nothing is to be done.

// Asks all tasks of the owner to stop, but for detached ones. Returns at once. The owner may submit more.
LEGWORK_EXPORT void cancelAll(QObject *owner);

// Waits until all tasks of the owner have ended and their bodies have returned, also those that a shutdown has
// abandoned; but not for detached ones. Without a limit, or, given one that is not negative, for so long: Done,
// WaitTimeout; WouldDeadlock where a task waits for tasks of which it is one, or of which one is delayed or
// periodic. It processes no events and delivers nothing meanwhile: a body that waits for this thread makes it
// wait for ever.
LEGWORK_EXPORT WaitResult waitForAll(QObject *owner, std::chrono::milliseconds timeout = std::chrono::milliseconds(-1));

// What is known of the owner's tasks that are not forgotten, oldest first: maps, as TaskManager::taskInfo gives,
// without results.
LEGWORK_EXPORT QVariantList tasksOf(QObject *owner);

// How many tasks an owner may have at once, so that one plugin cannot keep the others from running. Each from 1;
// default: none, no limit.
struct Limits {
    // Bodies that are at work. What comes beyond waits, in its order, and keeps no other owner's from running. A body
    // counts until it has returned, also if its time is over; but not while it waits for another task.
    std::optional<int> maxRunning = {};
    // Tasks that are queued, or wait for others. A submission beyond is refused.
    std::optional<int> maxQueued = {};
    // Tasks that wait for their delay, their next run or their next attempt. A submission beyond is refused, of a
    // periodic one, too.
    std::optional<int> maxDelayed = {};
};

// Why limits were not changed.
struct LimitsChange {
    QString error;

    explicit operator bool() const { return error.isEmpty(); }
};

// Limits an owner, in place of the limits that it has. Of its tasks those that wait begin at once where more may run,
// and those that run go on where fewer may. `owner` is what TaskOptions::owner is. On the owner's thread.
LEGWORK_EXPORT LimitsChange setLimits(QObject *owner, const Limits &limits);
// From any thread.
LEGWORK_EXPORT Limits limitsOf(QObject *owner);

// ---- pauses of more than one task ---------------------------------------------------------------

// What has not begun does not begin while it is paused, and bodies of tasks that are TaskOptions::pausable stop at
// their next checkpoint; others run on. Pauses count: a task goes on once each pause of it is taken back: of itself
// (Task::pause), of a group that it is in, of its key, of its owner, of all. The reason is for users. Each says
// whether that has changed something: a second pause of the same has not, nor any during a shutdown, which
// takes all of them back.

// A key's tasks, and those that come: of an owner's key or, without one, of the application's. With an owner on that
// one's thread; else from any thread.
LEGWORK_EXPORT bool pauseKey(const QString &key, const QString &reason = {}, QObject *owner = nullptr);
// From any thread.
LEGWORK_EXPORT bool resumeKey(const QString &key, QObject *owner = nullptr);

// All tasks of an owner, and those that come, until it is resumed or destroyed. At the cost of one, however many there
// are. On the owner's thread; `owner` is what TaskOptions::owner is.
LEGWORK_EXPORT bool pauseOwner(QObject *owner, const QString &reason = {});
// From any thread.
LEGWORK_EXPORT bool resumeOwner(QObject *owner);
LEGWORK_EXPORT bool isOwnerPaused(QObject *owner);

// All tasks there are, and those that come. From any thread.
LEGWORK_EXPORT bool pauseAll(const QString &reason = {});
LEGWORK_EXPORT bool resumeAll();
LEGWORK_EXPORT bool isPaused();

} // namespace legwork

#endif
