#include "native.h"

#include "hold.h"
#include "mutex.h"

#include "legwork/coroutine.h"
#include "legwork/history.h"
#include "legwork/run.h"

#include "legwork/src/qt/native.cxx.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>
#include <QtCore/QFutureWatcher>
#include <QtCore/QHash>
#include <QtCore/QLoggingCategory>
#include <QtCore/QThread>

#include <cxxabi.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <vector>

Q_DECLARE_LOGGING_CATEGORY(legworkLog)

namespace legwork {

// ---- errors --------------------------------------------------------------------------------------

Cancelled::~Cancelled() = default;

const char *Cancelled::what() const noexcept { return "the task was cancelled"; }

TaskException::TaskException(TaskError error) : m_error(std::move(error)), m_text(m_error.message.toUtf8()) { }

TaskException::~TaskException() = default;

const char *TaskException::what() const noexcept { return m_text.constData(); }

void TaskException::raise() const { throw *this; }

TaskException *TaskException::clone() const { return new TaskException(*this); }

namespace detail {

ResultValue::~ResultValue() = default;
Body::~Body() = default;
JobBody::~JobBody() = default;
Callback::~Callback() = default;
EndHook::~EndHook() = default;
Follower::~Follower() = default;

void throwError(const TaskError &error)
{
    if (error.exception)
        std::rethrow_exception(error.exception);
    throw TaskException(error);
}

void coroutineThrew() noexcept
{
    try {
        throw;
    } catch (const std::exception &error) {
        qCCritical(legworkLog, "a coroutine threw: %s", error.what());
    } catch (...) {
        qCCritical(legworkLog, "a coroutine threw something that is no std::exception");
    }
}

// ---- futures that may be cancelled ---------------------------------------------------------------

// A QFuture tells that it was cancelled to whoever asks it, and to an event loop. A body that asks whether it
// is to stop asks the futures of its task, too. For a task that does not run there is a loop on a thread of its
// own: whoever cancels a future often waits for it right after, and no other loop would be told.
namespace {

Mutex futuresMutex;
// The entries of `futures`. Read without the lock, to spare it where there are none: whoever links a
// future and cancels it afterwards, and a body that runs meanwhile, meet at the lock, or the body
// asks again.
std::atomic<qsizetype> futuresCount = 0;

QHash<Id, std::vector<QFuture<void>>> &futures()
{
    static auto &map = *new QHash<Id, std::vector<QFuture<void>>>;
    return map;
}

bool futureCancelled(const RustContext &context)
{
    if (futuresCount.load(std::memory_order_acquire) == 0)
        return false;
    const auto id = contextTask(context);
    {
        const std::lock_guard lock(futuresMutex);
        const auto known = futures().constFind(id);
        if (known == futures().constEnd()
            || std::none_of(known->begin(), known->end(), [](const auto &future) { return future.isCanceled(); }))
            return false;
    }
    cancel(id);
    return true;
}

class Unlink final : public EndHook {
public:
    explicit Unlink(Id id) : m_id(id) { }
    void ended(const Notice &) override
    {
        std::vector<QFuture<void>> gone;
        const std::lock_guard lock(futuresMutex);
        gone = futures().take(m_id);
        futuresCount.store(futures().size(), std::memory_order_release);
    }

private:
    Id m_id;
};

// The thread that hears of cancels. It runs while there is an application, without which Qt delivers no event,
// from the first future on; what is posted before waits. Never destroyed: a future may be made at any time.
struct FutureThread {
    QThread thread;
    QObject anchor; // lives on it
    bool wanted = false;
    bool mayRun = false;

    FutureThread()
    {
        thread.setObjectName(QStringLiteral("legwork-futures"));
        anchor.moveToThread(&thread);
    }

    // With the lock.
    void start()
    {
        if (wanted && mayRun && !thread.isRunning())
            thread.start();
    }
};

Mutex futureThreadMutex;

FutureThread &futureThread()
{
    static auto &one = *new FutureThread;
    return one;
}

// The watchers of tasks that have an owner. Under `futureThreadMutex`.
QMultiHash<quint64, QFutureWatcher<void> *> &watchers()
{
    static auto &map = *new QMultiHash<quint64, QFutureWatcher<void> *>;
    return map;
}

// Has the thread of the futures hear of it. The watcher is connected here, where the caller has the future with
// its type: Qt looks through the results, which a QFuture<void> does not keep; the last future with their type
// destroys them.
void watch(Id id, const QFuture<void> &future, quint64 owner)
{
    auto *watcher = new QFutureWatcher<void>;
    if (owner) {
        {
            const std::lock_guard lock(futureThreadMutex);
            watchers().insert(owner, watcher);
        }
        QObject::connect(watcher, &QObject::destroyed, [owner, watcher] {
            const std::lock_guard lock(futureThreadMutex);
            watchers().remove(owner, watcher);
        });
    }
    QObject::connect(watcher, &QFutureWatcherBase::canceled, watcher, [id] { cancel(id); });
    QObject::connect(watcher, &QFutureWatcherBase::finished, watcher, &QObject::deleteLater);
    watcher->setFuture(future);
    watcher->moveToThread(&futureThread().thread);
}

} // namespace

void cancelWith(const Handle &task, const QFuture<void> &future)
{
    if (task.isNull())
        return;
    {
        const std::lock_guard lock(futuresMutex);
        futures()[task.id()].push_back(future);
        futuresCount.store(futures().size(), std::memory_order_release);
    }
    onEnd(task, std::make_unique<Unlink>(task.id()));
    watch(task.id(), future, task.owner());
    const std::lock_guard lock(futureThreadMutex);
    futureThread().wanted = true;
    futureThread().start();
}

void startFutures()
{
    const std::lock_guard lock(futureThreadMutex);
    futureThread().mayRun = true;
    futureThread().start();
}

void stopFutures()
{
    if (inChild())
        return;
    {
        const std::lock_guard lock(futureThreadMutex);
        futureThread().mayRun = false;
    }
    futureThread().thread.quit();
    futureThread().thread.wait();
}

void unwatch(quint64 owner)
{
    // There is no such thread in a child.
    if (inChild())
        return;
    const auto gone = [owner] {
        QList<QFutureWatcher<void> *> all;
        {
            const std::lock_guard lock(futureThreadMutex);
            all = watchers().values(owner);
        }
        qDeleteAll(all);
    };
    {
        const std::lock_guard lock(futureThreadMutex);
        if (!futureThread().wanted)
            return;
    }
    // Where the loop does not run, nobody else uses them.
    if (futureThread().thread.isRunning() && QThread::currentThread() != &futureThread().thread)
        QMetaObject::invokeMethod(&futureThread().anchor, gone, Qt::BlockingQueuedConnection);
    else
        gone();
}

// ---- results -------------------------------------------------------------------------------------

std::shared_ptr<ResultValue> resultOfVariant(const QVariant &variant) noexcept { return makeResult(variant); }
std::shared_ptr<ResultValue> resultOfBool(bool value) noexcept { return makeResult(value); }
std::shared_ptr<ResultValue> resultOfInt(std::int32_t value) noexcept { return makeResult(value); }
std::shared_ptr<ResultValue> resultOfDouble(double value) noexcept { return makeResult(value); }

namespace {

// What a body threw, in the place of a result.
class Thrown final : public ResultValue {
public:
    Thrown() : ResultValue(-1) { }
    const std::type_info &type() const override { return typeid(std::exception_ptr); }
    const void *value() const override { return &m_exception; }
    QVariant variant() const override { return {}; }

private:
    const std::exception_ptr m_exception = std::current_exception();
};

} // namespace

std::int64_t bytesOfResult(const ResultValue &result) noexcept { return result.bytes; }

qint64 bytesOfVariant(const QVariant &variant)
{
    switch (variant.typeId()) {
    case QMetaType::QString:
        return Bytes<QString>::beside(*static_cast<const QString *>(variant.constData()));
    case QMetaType::QByteArray:
        return Bytes<QByteArray>::beside(*static_cast<const QByteArray *>(variant.constData()));
    case QMetaType::QStringList:
        return Bytes<QStringList>::beside(*static_cast<const QStringList *>(variant.constData()));
    case QMetaType::QByteArrayList:
        return Bytes<QByteArrayList>::beside(*static_cast<const QByteArrayList *>(variant.constData()));
    case QMetaType::QVariantList:
        return Bytes<QVariantList>::beside(*static_cast<const QVariantList *>(variant.constData()));
    case QMetaType::QVariantMap:
        return Bytes<QVariantMap>::beside(*static_cast<const QVariantMap *>(variant.constData()));
    case QMetaType::QVariantHash:
        return Bytes<QVariantHash>::beside(*static_cast<const QVariantHash *>(variant.constData()));
    case QMetaType::QUrl:
        return Bytes<QUrl>::beside(*static_cast<const QUrl *>(variant.constData()));
    case QMetaType::QDateTime:
        return 0;
    default:
        break;
    }
    // Numbers, points, an object's address; invalid.
    const auto type = variant.metaType();
    if (!type.isValid() || !(type.flags() & QMetaType::NeedsDestruction))
        return type.isValid() ? static_cast<qint64>(type.sizeOf()) : 0;
    return -1;
}

bool isPlainVariant(const QVariant &variant)
{
    switch (variant.typeId()) {
    case QMetaType::QString:
    case QMetaType::QByteArray:
    case QMetaType::QStringList:
    case QMetaType::QByteArrayList:
    case QMetaType::QUrl:
    case QMetaType::QDateTime:
        return true;
    default:
        return !variant.isValid() || !(variant.metaType().flags() & QMetaType::NeedsDestruction);
    }
}

QVariant variantOfResult(const ResultValue &result) noexcept
{
    // A QVariant copies the value.
    try {
        return result.variant();
    } catch (const std::exception &error) {
        qCCritical(legworkLog, "a result was not copied for the signals: %s", error.what());
    } catch (...) {
        qCCritical(legworkLog, "a result was not copied for the signals: its copy constructor threw");
    }
    return {};
}

// ---- running -------------------------------------------------------------------------------------

namespace {

QString nameOfType(const std::type_info &type)
{
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status),
                                                           &std::free);
    return QString::fromUtf8(status == 0 && name ? name.get() : type.name());
}

// The text of what is being handled and is no std::exception.
QString textOfThrown(const QString &type)
{
    try {
        throw;
    } catch (const QString &text) {
        return text;
    } catch (const std::string &text) {
        return QString::fromStdString(text);
    } catch (const char *text) {
        return QString::fromUtf8(text);
    } catch (int number) {
        return QStringLiteral("the number %1 was thrown").arg(number);
    } catch (...) {
        return QStringLiteral("something of the type %1 was thrown").arg(type);
    }
}

NativeOutcome thrown(const QString &message, const QString &type)
{
    return {2, Result(new Thrown, SendHome()), 0, message.isEmpty() ? type : message, type};
}

// How many bodies run on this thread, one inside of the other.
thread_local int bodies = 0;

// Sends what was posted to objects that live on this thread. Where nothing was, each of the calls looks into
// an empty list. Deferred deletes come only to who asks for them; their places in the list are freed by
// sending all the rest; and what was deleted may have left others to be deleted.
void sendWhatWasPosted() noexcept
{
    // Without an application Qt would take the first thread that asks for its main thread; and it is not to go
    // meanwhile.
    const ApplicationHold hold;
    if (!hold.isTaken())
        return;
    try {
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QCoreApplication::sendPostedEvents(nullptr, 0);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    } catch (const std::exception &error) {
        qCCritical(legworkLog, "what a body left to be done on its worker threw: %s", error.what());
    } catch (...) {
        qCCritical(legworkLog, "what a body left to be done on its worker threw something that is no std::exception");
    }
}

} // namespace

void enterBody() noexcept { ++bodies; }

void leaveBody() noexcept
{
    // The objects of a body below on this stack, which waits for another, are not to go under it.
    if (bodies == 1)
        sendWhatWasPosted();
    --bodies;
}

class Runner {
public:
    template<typename F> static NativeOutcome run(const RustContext &rust, quint64 owner, F &&f) noexcept
    {
        auto outcome = runIn(rust, std::forward<F>(f));
        if (outcome.value)
            outcome.value->owner = owner;
        return outcome;
    }

private:
    template<typename F> static NativeOutcome runIn(const RustContext &rust, F &&f) noexcept
    {
        const struct Scope {
            Scope() { enterBody(); }
            ~Scope() { leaveBody(); }
        } scope;
        try {
            ReturnValue result;
            // The task may have been cancelled through its future while it was queued.
            if (futureCancelled(rust))
                return {1, nullptr, 0, {}, {}};
            TaskContext context(rust);
            f(context, result);
            const auto kind = result.kind == ReturnValue::Value ? 0 : 2 + result.kind;
            return {static_cast<std::uint8_t>(kind), std::move(result.value), result.number, {}, {}};
        } catch (const Cancelled &) {
            return {1, nullptr, 0, {}, {}};
        } catch (const std::exception &error) {
            return thrown(QString::fromUtf8(error.what()), nameOfType(typeid(error)));
        } catch (...) {
            const auto *type = abi::__cxa_current_exception_type();
            const auto name = type ? nameOfType(*type) : QStringLiteral("unknown");
            return thrown(textOfThrown(name), name);
        }
    }
};

NativeOutcome runBody(Body &body, const RustContext &context) noexcept
{
    return Runner::run(context, body.owner,
                       [&body](TaskContext &inner, ReturnValue &result) { body.run(inner, result); });
}

NativeOutcome runJob(const JobBody &job, const RustContext &context, const QVariant &args) noexcept
{
    return Runner::run(context, job.owner,
                       [&](TaskContext &inner, ReturnValue &result) { job.run(inner, args.toList(), result); });
}

// ---- hearing -------------------------------------------------------------------------------------

namespace {

Notice noticeOf(NativeNotice &&native)
{
    Notice notice;
    notice.kind = static_cast<Notice::Kind>(native.kind);
    notice.progress = native.progress;
    notice.iteration = native.iteration;
    notice.reason = static_cast<CancelReason>(native.reason);
    if (native.error) {
        notice.error.kind = static_cast<ErrorKind>(native.error);
        notice.error.message = native.message;
        notice.error.origin = native.origin;
        notice.error.file = native.file;
        notice.error.line = static_cast<int>(native.line);
        notice.error.stack = native.stack;
        notice.error.attempt = native.attempt;
        notice.error.reason = notice.reason;
        // Who threw it has passed it on as such.
        if (native.value)
            notice.error.exception = *static_cast<const std::exception_ptr *>(native.value->value());
    } else {
        notice.result = std::move(native.value);
        notice.message = native.message;
    }
    return notice;
}

} // namespace

Slot::Slot(std::shared_ptr<Connection> connection, std::uint8_t notices)
    : m_connection(std::move(connection)), m_notices(notices)
{
}

Slot::~Slot() { release(std::move(m_connection)); }

void Slot::call(NativeNotice notice) noexcept { deliver(m_connection, noticeOf(std::move(notice)), false); }

Hook::Hook(std::unique_ptr<EndHook> hook, quint64 owner) : m_pending(owner), m_hook(std::move(hook)) { }

Hook::~Hook() = default;

void Hook::ended(NativeNotice notice) noexcept
{
    m_hook->ended(noticeOf(std::move(notice)));
    m_hook.reset();
}

Following::Following(std::unique_ptr<Follower> follower, quint64 owner)
    : m_pending(owner), m_follower(std::move(follower))
{
}

Following::~Following() = default;

bool Following::report(std::uint64_t number, double value, const QString &message) const noexcept
{
    return m_follower->report(number, value, message);
}

// ---- handles -------------------------------------------------------------------------------------

Handle::Handle(TaskError refused, quint64 ownerId)
    : m_refused(std::make_shared<const TaskError>(std::move(refused))), m_owner(ownerId)
{
}

Handle::Handle(const Handle &other) : m_id(other.m_id), m_refused(other.m_refused), m_owner(other.m_owner)
{
    if (!m_id.isNull())
        pinTask(m_id);
}

Handle::Handle(Handle &&other) noexcept
    : m_id(std::exchange(other.m_id, {})), m_refused(std::move(other.m_refused)), m_owner(other.m_owner)
{
}

Handle &Handle::operator=(Handle other) noexcept
{
    std::swap(m_id, other.m_id);
    m_refused.swap(other.m_refused);
    std::swap(m_owner, other.m_owner);
    return *this;
}

Handle::~Handle()
{
    if (!m_id.isNull())
        unpinTask(m_id);
}

// ---- submitting ----------------------------------------------------------------------------------

namespace {

TaskError refusal(const QString &message)
{
    TaskError error;
    error.kind = ErrorKind::Refused;
    error.message = message;
    return error;
}

NativeSpec nativeSpec(const Spec &spec)
{
    NativeSpec native;
    // <vocabulary: Spec to the bridge>
    native.name = spec.name;
    native.priority = static_cast<std::uint8_t>(spec.priority);
    native.delay_ms = spec.delay.count();
    native.timeout_ms = spec.timeout.count();
    native.detached = spec.detached;
    native.must_run = spec.mustRun;
    native.first_run = static_cast<std::uint8_t>(spec.firstRun);
    native.rate = static_cast<std::uint8_t>(spec.rate);
    native.misfire = static_cast<std::uint8_t>(spec.misfire);
    native.max_runs = spec.maxRuns;
    native.max_failures = spec.maxFailures;
    native.weight = spec.weight;
    native.retry_times = spec.retry.times;
    native.retry_delay_ms = spec.retry.delay.count();
    native.retry_backoff = static_cast<std::uint8_t>(spec.retry.backoff);
    native.retry_factor = spec.retry.factor;
    native.retry_max_delay_ms = spec.retry.maxDelay.count();
    native.retry_jitter = spec.retry.jitter;
    native.retry_on_timeout = spec.retry.onTimeout;
    native.start_timeout_ms = spec.startTimeout.count();
    native.warn_after_ms = spec.warnAfter.count();
    native.jitter_ms = spec.jitter.count();
    native.until_ms = spec.until.isValid() ? spec.until.toMSecsSinceEpoch() : 0;
    // </vocabulary>
    native.periodic = spec.periodic;
    native.interval_ms = spec.interval.count();
    native.owner = spec.ownerId ? spec.ownerId : spec.owner ? ownerOf(spec.owner) : 0;
    return native;
}

std::unique_ptr<Slot> makeSlot(QObject *receiver, std::unique_ptr<Callback> callback, quint8 notices, quint64 owner)
{
    if (!callback)
        return nullptr;
    auto connection = std::make_shared<Connection>(lifetimeOf(receiver), std::move(callback), owner);
    return std::make_unique<Slot>(std::move(connection), notices);
}

Handle handleOf(NativeTask &&task, quint64 owner)
{
    return task.error.isEmpty() ? Handle(task.id, owner) : Handle(refusal(task.error), owner);
}

} // namespace

Handle submit(std::unique_ptr<Body> body, const Spec &spec, QObject *receiver, std::unique_ptr<Callback> callback,
              quint8 notices)
{
    const auto native = nativeSpec(spec);
    // Runs are kept only where somebody may hear of them: who adds a callback to the handle is to
    // hear of the first ones, too.
    if (spec.periodic && !callback)
        callback = makeCallback([](const Notice &) {});
    body->owner = native.owner;
    // Who submits without ever running an event loop is not to pile them up.
    destroyResults();
    return handleOf(submitBody(std::move(body), native, makeSlot(receiver, std::move(callback), notices, native.owner)),
                    native.owner);
}

NativeWork workOf(const QString &job)
{
    NativeWork work;
    work.script = false;
    work.name = job;
    return work;
}

NativeWork workOf(const QVariant &module, const QString &function)
{
    NativeWork work;
    work.script = true;
    work.name = function;
    work.module = module;
    return work;
}

Handle submitJob(const QString &job, const QVariantList &args, const Spec &spec, QObject *receiver,
                 std::unique_ptr<Callback> callback, quint8 notices)
{
    const auto native = nativeSpec(spec);
    return handleOf(
        submitJobOf(workOf(job), args, native, makeSlot(receiver, std::move(callback), notices, native.owner)),
        native.owner);
}

Handle submitScript(const QUrl &module, const QString &function, const QVariantList &args, const Spec &spec)
{
    const auto native = nativeSpec(spec);
    return handleOf(submitJobOf(workOf(module, function), args, native, makeSlot(nullptr, nullptr, 0, native.owner)),
                    native.owner);
}

Handle refuse(const char *what, quint64 ownerId) { return Handle(refusal(QString::fromUtf8(what)), ownerId); }

QString registerJob(const QString &name, std::unique_ptr<JobBody> job, quint64 ownerId)
{
    job->owner = ownerId;
    return addJob(name, std::move(job), ownerId);
}

void attach(const Handle &task, QObject *receiver, std::unique_ptr<Callback> callback, quint8 notices)
{
    if (!task.isNull()) {
        const auto id = task.id();
        // A body that wants to be called on its own thread is going to wait in an event loop there.
        if (receiver && receiver->thread() == QThread::currentThread())
            expectEnd(id);
        addSlot(id, makeSlot(receiver, std::move(callback), notices, task.owner()));
        return;
    }
    // It is told of the refusal as of any other end: later, on the receiver's thread; and what is not
    // told is destroyed there, too.
    auto connection = std::make_shared<Connection>(lifetimeOf(receiver), std::move(callback), task.owner());
    if (const auto *error = task.refused(); error && notices & Notice::Failed) {
        Notice notice;
        notice.kind = Notice::Failed;
        notice.error = *error;
        deliver(connection, std::move(notice), true);
    } else {
        release(std::move(connection));
    }
}

void onEnd(const Handle &task, std::unique_ptr<EndHook> hook)
{
    if (task.isNull()) {
        hook->ended(end(task));
        return;
    }
    const auto id = task.id();
    addHook(id, std::make_unique<Hook>(std::move(hook), task.owner()));
}

void follow(const Handle &task, std::unique_ptr<Follower> follower)
{
    if (task.isNull())
        return;
    const auto id = task.id();
    addFollower(id, std::make_unique<Following>(std::move(follower), task.owner()));
}

Status status(Id id) { return static_cast<Status>(statusOf(id)); }

CancelResult cancel(Id id) { return static_cast<CancelResult>(cancelTaskOf(id)); }

WaitResult wait(Id id, std::chrono::milliseconds timeout)
{
    return static_cast<WaitResult>(waitForTaskOf(id, timeout.count()));
}

WaitResult waitForBody(Id id, std::chrono::milliseconds timeout)
{
    return static_cast<WaitResult>(waitForBodyOf(id, timeout.count()));
}

Notice lastReport(const Handle &task) { return task.isNull() ? Notice() : noticeOf(lastReportOf(task.id())); }

bool setPriority(Id id, Priority priority) { return setPriorityOf(id, static_cast<std::uint8_t>(priority)); }

Notice end(const Handle &task)
{
    if (!task.isNull())
        return noticeOf(endOf(task.id()));
    Notice notice;
    if (const auto *error = task.refused()) {
        notice.kind = Notice::Failed;
        notice.error = *error;
    }
    return notice;
}

} // namespace detail

HistoryLimits historyLimits()
{
    const auto limits = detail::nativeLimits();
    return {limits.tasks, limits.bytes, std::chrono::milliseconds(limits.age_ms)};
}

HistoryChange setHistoryLimits(const HistoryLimits &limits)
{
    return {detail::setNativeLimits({limits.tasks, limits.bytes, limits.age.count()})};
}

qint64 clearHistory() { return detail::forgetAll(); }

bool unregisterJob(const QString &name) { return detail::removeJob(name); }

void cancelAll(QObject *owner)
{
    if (const auto number = owner ? detail::knownOwnerOf(owner) : 0)
        detail::cancelAllOf(number);
}

WaitResult waitForAll(QObject *owner, std::chrono::milliseconds timeout)
{
    const auto number = owner ? detail::knownOwnerOf(owner) : 0;
    return number ? static_cast<WaitResult>(detail::waitForAllOf(number, timeout.count())) : WaitResult::Done;
}

// ---- context -------------------------------------------------------------------------------------

CancelToken::CancelToken() = default;
CancelToken::CancelToken(const CancelToken &) = default;
CancelToken &CancelToken::operator=(const CancelToken &) = default;
CancelToken::~CancelToken() = default;

bool CancelToken::isCancelled() const noexcept { return reason() != CancelReason::None; }

CancelReason CancelToken::reason() const noexcept
{
    return m_token ? static_cast<CancelReason>(detail::tokenReason(*m_token)) : CancelReason::None;
}

QString TaskContext::id() const { return detail::contextId(m_context); }

quint64 TaskContext::iteration() const noexcept { return detail::contextIteration(m_context); }

bool TaskContext::isCancelled() const noexcept
{
    return detail::contextReason(m_context) != 0 || detail::futureCancelled(m_context);
}

CancelReason TaskContext::cancelReason() const noexcept
{
    return isCancelled() ? static_cast<CancelReason>(detail::contextReason(m_context)) : CancelReason::None;
}

void TaskContext::checkpoint() const
{
    if (isCancelled())
        throw Cancelled(cancelReason());
}

CancelToken TaskContext::token() const
{
    CancelToken token;
    const auto box = std::make_shared<::rust::Box<detail::RustToken>>(detail::contextToken(m_context));
    token.m_token = std::shared_ptr<const detail::RustToken>(box, &**box);
    return token;
}

bool TaskContext::sleep(std::chrono::milliseconds time) const
{
    if (!isCancelled() && time.count() > 0)
        detail::contextSleep(m_context, time.count());
    return !isCancelled();
}

void TaskContext::setProgress(double value) { detail::contextProgress(m_context, value); }

void TaskContext::setProgress(double value, const QString &message)
{
    detail::contextProgressText(m_context, value, message);
}

void TaskContext::setMessage(const QString &message) { detail::contextMessage(m_context, message); }

} // namespace legwork
