// What the templates and inline functions of the other headers are made of, and pass to the library. Not for direct
// use; and what none of them needs is not here, but in the library's own headers.
#ifndef LEGWORK_DETAIL_H
#define LEGWORK_DETAIL_H

#include <legwork/result.h>
#include <legwork/taskcontext.h>

#include <QtCore/QFuture>
#include <QtCore/QVariant>

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

namespace legwork {

class PluginApi;
struct ScheduleOptions;

namespace detail {

// ---- callables ----------------------------------------------------------------------------------

// A task's work. Destroyed once: after its last run on the worker, or, if it never ran, on the
// thread that cancelled or submitted it.
class LEGWORK_EXPORT Body {
public:
    Body() = default;
    virtual ~Body();
    Q_DISABLE_COPY_MOVE(Body)
    virtual void run(TaskContext &context, ReturnValue &result) = 0;
    // Takes the result of the task that it comes after, before its first run, on the worker.
    virtual void give(Result result);
    // Whether it may be run again after a run that failed.
    virtual bool runsAgain() const { return false; }

    quint64 owner = 0; // has the code; set before it is submitted
};

// A job's function; run by several workers at once.
class LEGWORK_EXPORT JobBody {
public:
    JobBody() = default;
    virtual ~JobBody();
    Q_DISABLE_COPY_MOVE(JobBody)
    virtual void run(TaskContext &context, const QVariantList &args, ReturnValue &result) const = 0;

    quint64 owner = 0; // has the code; set before it is registered
};

// What a callable that may take a TaskContext & returns.
template<typename F, bool = std::is_invocable_v<F, TaskContext &>, bool = std::is_invocable_v<F>> struct Returned {
    static_assert(!sizeof(F),
                  "legwork: the work has to be callable as work() or as work(legwork::TaskContext &). Bind its other "
                  "arguments: [path] { return hashFile(path); }");
};
template<typename F, bool Plain> struct Returned<F, true, Plain> {
    using Type = std::decay_t<std::invoke_result_t<F, TaskContext &>>;
};
template<typename F> struct Returned<F, false, true> {
    using Type = std::decay_t<std::invoke_result_t<F>>;
};

template<typename F> decltype(auto) invokeWork(F &&f, TaskContext &context)
{
    if constexpr (std::is_invocable_v<F, TaskContext &>)
        return std::invoke(std::forward<F>(f), context);
    else
        return std::invoke(std::forward<F>(f));
}

// A null function pointer, an empty std::function.
template<typename F, typename = void> struct CanBeNull : std::false_type {
};
template<typename F>
struct CanBeNull<F, std::void_t<decltype(static_cast<bool>(std::declval<const F &>() == nullptr))>> : std::true_type {
};

template<typename F> bool isNull(const F &f)
{
    if constexpr (!std::is_function_v<F> && CanBeNull<F>::value)
        return f == nullptr;
    else
        return false;
}

template<typename F> class OnceBody final : public Body {
public:
    template<typename G> explicit OnceBody(G &&f) : m_f(std::make_optional<F>(std::forward<G>(f))) { }

    void run(TaskContext &context, ReturnValue &result) override
    {
        // What it captured goes before the task's end is told, also if it throws.
        struct Reset {
            std::optional<F> &f;
            ~Reset() { f.reset(); }
        } const reset{m_f};
        if constexpr (std::is_void_v<typename Returned<F>::Type>)
            invokeWork(std::move(*m_f), context);
        else
            result.set(invokeWork(std::move(*m_f), context));
    }

private:
    std::optional<F> m_f;
};

template<typename F> class RepeatedBody final : public Body {
public:
    template<typename G> explicit RepeatedBody(G &&f) : m_f(std::forward<G>(f)) { }

    void run(TaskContext &context, ReturnValue &result) override
    {
        if constexpr (std::is_void_v<typename Returned<F &>::Type>)
            invokeWork(m_f, context);
        else
            result.set(invokeWork(m_f, context));
    }
    bool runsAgain() const override { return true; }

private:
    F m_f;
};

// Whether a callable may be called more than once, with a result of the same type.
template<typename F> constexpr bool canRunAgain()
{
    if constexpr (std::is_invocable_v<F &, TaskContext &> || std::is_invocable_v<F &>)
        return std::is_same_v<typename Returned<F &>::Type, typename Returned<F>::Type>;
    else
        return false;
}

template<typename F> class FunctionJob final : public JobBody {
public:
    template<typename G> explicit FunctionJob(G &&f) : m_f(std::forward<G>(f)) { }

    void run(TaskContext &context, const QVariantList &args, ReturnValue &result) const override
    {
        if constexpr (std::is_void_v<decltype(call(context, args))>)
            call(context, args);
        else
            result.set(call(context, args));
    }

private:
    decltype(auto) call(TaskContext &context, const QVariantList &args) const
    {
        if constexpr (std::is_invocable_v<const F &, TaskContext &, const QVariantList &>) {
            return std::invoke(m_f, context, args);
        } else if constexpr (std::is_invocable_v<const F &, const QVariantList &>) {
            return std::invoke(m_f, args);
        } else if constexpr (std::is_invocable_v<const F &, TaskContext &>) {
            return std::invoke(m_f, context);
        } else {
            static_assert(std::is_invocable_v<const F &>,
                          "legwork: a job has to be callable, also as a const object, as job(legwork::TaskContext &, "
                          "const QVariantList &), or with one of the two, or with neither");
            return std::invoke(m_f);
        }
    }

    F m_f;
};

// ---- what is heard of a task --------------------------------------------------------------------

struct Notice {
    // <vocabulary: C++ notices>
    enum Kind : quint16 {
        Progress = 1, // it reported its progress
        Run = 2, // a run of a periodic task returned
        RunFailed = 4, // a run of a periodic task failed
        Completed = 8, // it ended with a result
        Failed = 16, // it ended with an error
        Cancelled = 32, // it ended as it was cancelled
        Retrying = 64, // an attempt failed, and there will be another
        Slow = 128, // a run takes longer than it should
        Started = 256, // a worker took it
        Queued = 512, // it was accepted
        Retried = 1024, // it does again what another task did
        Paused = 2048, // it was paused, or its body has stopped
        Resumed = 4096, // it goes on
        Values = 8192, // its body has sent values
    };
    // </vocabulary>

    Kind kind = Progress;
    double progress = -1;
    QString message;
    quint64 iteration = 0;
    Result result;
    TaskError error;
    CancelReason reason = CancelReason::None;
};

constexpr quint16 goodNotices = Notice::Run | Notice::Completed;
constexpr quint16 badNotices = Notice::RunFailed | Notice::Failed;
constexpr quint16 endNotices = Notice::Completed | Notice::Failed | Notice::Cancelled;

// Called on its receiver's thread, never once that is gone. Destroyed once: on the receiver's
// thread, as the receiver is destroyed or after the task's end; where that thread has finished, on
// the manager's.
class LEGWORK_EXPORT Callback {
public:
    Callback() = default;
    virtual ~Callback();
    Q_DISABLE_COPY_MOVE(Callback)
    virtual void call(const Notice &notice) = 0;
};

template<typename F> class FunctionCallback final : public Callback {
public:
    template<typename G> explicit FunctionCallback(G &&f) : m_f(std::forward<G>(f)) { }
    void call(const Notice &notice) override { m_f(notice); }

private:
    F m_f;
};

template<typename F> std::shared_ptr<Callback> makeCallback(F &&f)
{
    return std::make_shared<FunctionCallback<std::decay_t<F>>>(std::forward<F>(f));
}

// Called once, at a task's end, by the thread that ends it. Runs nothing of a user's.
class LEGWORK_EXPORT EndHook {
public:
    EndHook() = default;
    virtual ~EndHook();
    Q_DISABLE_COPY_MOVE(EndHook)
    virtual void ended(const Notice &notice) = 0;
};

// Told of a task's progress until it ends, by the thread that reports it or another, also by two at once.
// Runs nothing of a user's.
class LEGWORK_EXPORT Follower {
public:
    Follower() = default;
    virtual ~Follower();
    Q_DISABLE_COPY_MOVE(Follower)
    // `number` is higher than that of what was reported before; a negative value is "not known". False:
    // it is too early to pass it on, and it is to be told again in a moment.
    virtual bool report(quint64 number, double value, const QString &message) = 0;
};

// ---- submitting ---------------------------------------------------------------------------------

// The options of every kind of task.
struct Spec {
    // <vocabulary: Spec>
    QString name = {};
    Priority priority = Priority::Normal;
    std::chrono::milliseconds delay = std::chrono::milliseconds::zero();
    std::chrono::milliseconds timeout = std::chrono::milliseconds::zero();
    bool detached = false;
    bool mustRun = false;
    FirstRun firstRun = FirstRun::AtOnce;
    Rate rate = Rate::FixedDelay;
    Misfire misfire = Misfire::Skip;
    quint64 maxRuns = 0;
    quint32 maxFailures = 0;
    double weight = 1;
    QString key = {};
    KeyPolicy keyPolicy = KeyPolicy::Append;
    quint32 keyLimit = 1;
    AfterPolicy afterPolicy = AfterPolicy::Completed;
    Retry retry = {};
    std::chrono::milliseconds startTimeout = std::chrono::milliseconds::zero();
    std::chrono::milliseconds warnAfter = std::chrono::milliseconds(30000);
    std::chrono::milliseconds jitter = std::chrono::milliseconds::zero();
    QDateTime until = {};
    bool transient = false;
    bool system = false;
    bool keepResult = true;
    bool mayBlock = false;
    bool pausable = false;
    quint32 maxUndelivered = 1000;
    WhenFull whenFull = WhenFull::Wait;
    // </vocabulary>
    QList<TaskRef> after = {};
    bool periodic = false;
    std::chrono::milliseconds interval{0};
    QObject *owner = nullptr;
    quint64 ownerId = 0; // a plugin's; instead of `owner`
    SourceLocation location = SourceLocation::unknown();
};

inline Spec specOf(TaskOptions options, std::chrono::milliseconds delay = std::chrono::milliseconds::zero())
{
    Spec spec;
    // <vocabulary: Spec of TaskOptions>
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
    spec.retry = options.retry;
    spec.startTimeout = options.startTimeout;
    spec.warnAfter = options.warnAfter;
    spec.transient = options.transient;
    spec.system = options.system;
    spec.keepResult = options.keepResult;
    spec.mayBlock = options.mayBlock;
    spec.pausable = options.pausable;
    spec.maxUndelivered = options.maxUndelivered;
    spec.whenFull = options.whenFull;
    // </vocabulary>
    spec.after = std::move(options.after);
    spec.location = options.location;
    spec.delay = delay;
    spec.owner = options.owner;
    return spec;
}

inline Spec specOf(PeriodicOptions options, std::chrono::milliseconds interval)
{
    Spec spec;
    // <vocabulary: Spec of PeriodicOptions>
    spec.name = std::move(options.name);
    spec.priority = options.priority;
    spec.timeout = options.timeout;
    spec.detached = options.detached;
    spec.weight = options.weight;
    spec.key = std::move(options.key);
    spec.keyPolicy = options.keyPolicy;
    spec.keyLimit = options.keyLimit;
    spec.afterPolicy = options.afterPolicy;
    spec.warnAfter = options.warnAfter;
    spec.transient = options.transient;
    spec.system = options.system;
    spec.keepResult = options.keepResult;
    spec.mayBlock = options.mayBlock;
    spec.pausable = options.pausable;
    spec.maxUndelivered = options.maxUndelivered;
    spec.whenFull = options.whenFull;
    spec.retry = options.retry;
    spec.delay = options.delay;
    spec.firstRun = options.firstRun;
    spec.rate = options.rate;
    spec.misfire = options.misfire;
    spec.maxRuns = options.maxRuns;
    spec.maxFailures = options.maxFailures;
    spec.jitter = options.jitter;
    spec.until = options.until;
    // </vocabulary>
    spec.after = std::move(options.after);
    spec.location = options.location;
    spec.periodic = true;
    spec.interval = interval;
    spec.owner = options.owner;
    return spec;
}

// A task's id; null for none. As src/qt/id.rs has it.
struct Id {
    quint64 high = 0;
    quint64 low = 0;

    bool isNull() const { return high == 0 && low == 0; }
    friend bool operator==(const Id &a, const Id &b) { return a.high == b.high && a.low == b.low; }
};
static_assert(sizeof(Id) == 2 * sizeof(quint64) && std::is_trivially_copyable_v<Id>);

// A task that is kept from being forgotten; or why there is none.
class LEGWORK_EXPORT Handle {
public:
    Handle() = default;
    // Takes over a handle that the engine has counted.
    explicit Handle(Id id, quint64 ownerId) : m_id(id), m_owner(ownerId) { }
    // `ownerId`: the owner that the task would have had.
    explicit Handle(TaskError refused, quint64 ownerId);
    Handle(const Handle &other);
    Handle(Handle &&other) noexcept;
    Handle &operator=(Handle other) noexcept;
    ~Handle();

    Id id() const { return m_id; }
    bool isNull() const { return m_id.isNull(); }
    const TaskError *refused() const { return m_refused.get(); }
    // The task's, also of one that was refused; 0 for none.
    quint64 owner() const { return m_owner; }

private:
    Id m_id;
    std::shared_ptr<const TaskError> m_refused;
    quint64 m_owner = 0;
};

// All from any thread. What is refused is destroyed before the call returns.
LEGWORK_EXPORT Handle submitPlain(std::unique_ptr<Body> body, SourceLocation location);
LEGWORK_EXPORT Handle submit(std::unique_ptr<Body> body, const Spec &spec, QObject *receiver = nullptr,
                             std::shared_ptr<Callback> callback = nullptr, quint16 notices = 0);
LEGWORK_EXPORT Handle refuse(const char *what, quint64 ownerId = 0);
// A body that is given the result of another task; `alone`: and nobody else is, from now on. Without an owner it has
// that of the task.
LEGWORK_EXPORT Handle submitThen(const Handle &task, std::unique_ptr<Body> body, const Spec &spec, bool alone);
// One without a body that stands for others; `call` is "all" or "any". Without an owner it has that of the tasks, where
// they have one in common. `alone`: it takes their results for itself.
LEGWORK_EXPORT Handle submitGroup(const char *call, const std::vector<Handle> &tasks, ErrorPolicy policy,
                                  const Spec &spec, bool alone);
// The same by their ids, and of the owner that is said, or of none.
LEGWORK_EXPORT Handle submitGroup(const char *call, const QList<TaskRef> &tasks, ErrorPolicy policy, const Spec &spec);
LEGWORK_EXPORT QString registerJob(const QString &name, std::unique_ptr<JobBody> job, quint64 ownerId);

// What ScheduleOptions ask for.
struct Plan {
    const char *wrong = nullptr; // what is wrong with them; null for nothing
    Spec spec;
    std::shared_ptr<Callback> callback; // null for none
    quint16 notices = 0;
};
LEGWORK_EXPORT Plan planOf(ScheduleOptions options, quint64 ownerId);
LEGWORK_EXPORT quint64 ownerOfApi(const PluginApi &api);

// A null receiver stands for the manager's thread.
LEGWORK_EXPORT void attach(const Handle &task, QObject *receiver, std::shared_ptr<Callback> callback, quint16 notices);
LEGWORK_EXPORT void onEnd(const Handle &task, std::unique_ptr<EndHook> hook);
// The last report comes before the hooks of the end.
LEGWORK_EXPORT void follow(const Handle &task, std::unique_ptr<Follower> follower);
// Cancels the task when somebody cancels the future.
LEGWORK_EXPORT void cancelWith(const Handle &task, const QFuture<void> &future);

LEGWORK_EXPORT QString idText(Id id);
LEGWORK_EXPORT Status status(Id id);
LEGWORK_EXPORT CancelResult cancel(Id id);
// Negative: without a limit.
LEGWORK_EXPORT WaitResult wait(Id id, std::chrono::milliseconds timeout);
LEGWORK_EXPORT WaitResult waitForBody(Id id, std::chrono::milliseconds timeout);
LEGWORK_EXPORT bool setPriority(Id id, Priority priority);
LEGWORK_EXPORT bool cancelIfQueued(Id id);
LEGWORK_EXPORT bool runNow(Id id);
LEGWORK_EXPORT PauseResult pause(Id id, const QString &reason);
LEGWORK_EXPORT bool resume(Id id);
LEGWORK_EXPORT Handle retryTask(const Handle &task);
LEGWORK_EXPORT bool canRetry(Id id);
LEGWORK_EXPORT bool setInterval(Id id, std::chrono::milliseconds interval);
// What the task has reported last, with its number as `iteration`; 0 if that was nothing.
LEGWORK_EXPORT Notice lastReport(const Handle &task);
// The end, if it has come; else a notice of kind Progress.
LEGWORK_EXPORT Notice end(const Handle &task);

[[noreturn]] LEGWORK_EXPORT void throwError(const TaskError &error);

} // namespace detail

} // namespace legwork

#endif
