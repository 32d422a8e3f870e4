// Bodies and jobs, as workers run them. The other half is src/qt/bridge_body.rs.
#include "bridge.h"
#include "futures.h"

#include "../hold.h"
#include "../log.h"
#include "../taskcontext_p.h"

#include "legwork/run.h"

#include "legwork/src/qt/bridge_body.cxx.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>

#include <cxxabi.h>

#include <type_traits>

namespace legwork {

namespace detail {

Body::~Body() = default;
void Body::give(Result) { }
JobBody::~JobBody() = default;

// What Rust has of a body is its address, from which it is deleted.
static_assert(std::has_virtual_destructor_v<Body>);

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

BridgeOutcome thrown(const QString &message, const QString &type)
{
    return {2, Result(new Thrown, SendHome()), 0, message.isEmpty() ? type : message, type, 0, 0};
}

// The same of an exception that says whether and when there is to be another attempt.
BridgeOutcome thrown(const std::exception &error, std::uint8_t again, std::chrono::milliseconds after = {})
{
    auto outcome = thrown(QString::fromUtf8(error.what()), nameOfType(typeid(error)));
    outcome.again = again;
    outcome.again_after_ms = after.count();
    return outcome;
}

// How many bodies run on this thread, one inside of the other.
thread_local int bodies = 0;

// Sends what was posted to objects that live on this thread, in the order of an event loop as far as Qt lets it:
// calls that were queued before an object was to be deleted come first. Deferred deletes come only to a caller that
// asks for them, and their places in Qt's list are freed by sending all the rest. What is delivered may leave objects
// to be deleted, and a deletion may post: so both twice. Nobody can ask Qt whether there is anything; where nothing
// is, each call looks into an empty list, which takes some ten nanoseconds.
void sendWhatWasPosted() noexcept
{
    // Without an application Qt would take the first thread that asks for its main thread; and it is not to go
    // meanwhile.
    const ApplicationHold hold;
    if (!hold.isTaken())
        return;
    for (int time = 0; time < 2; ++time) {
        try {
            QCoreApplication::sendPostedEvents(nullptr, 0);
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        } catch (const std::exception &error) {
            qCCritical(taskLog, "what a body left to be done on its worker threw: %s", error.what());
        } catch (...) {
            qCCritical(taskLog, "what a body left to be done on its worker threw something that is no std::exception");
        }
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

BridgeOutcome outcomeOf(ReturnValue &&value)
{
    const auto kind = value.kind == ReturnValue::Value ? 0 : 2 + value.kind;
    return {static_cast<std::uint8_t>(kind), std::move(value.value), value.number, {}, {}, 0, 0};
}

class Runner {
public:
    template<typename F> static BridgeOutcome run(const RustContext &rust, quint64 owner, F &&f) noexcept
    {
        auto outcome = runIn(rust, owner, std::forward<F>(f));
        if (outcome.value)
            outcome.value->owner = owner;
        return outcome;
    }

private:
    template<typename F> static BridgeOutcome runIn(const RustContext &rust, quint64 owner, F &&f) noexcept
    {
        const struct Scope {
            Scope() { enterBody(); }
            ~Scope() { leaveBody(); }
        } scope;
        try {
            ReturnValue result;
            // The task may have been cancelled through its future while it was queued.
            if (futureCancelled(rust))
                return {1, nullptr, 0, {}, {}, 0, 0};
            TaskContextPrivate context(rust, owner);
            f(context.context(), result);
            if (context.wasCut())
                return {1, nullptr, 0, {}, {}, 0, 0};
            return outcomeOf(std::move(result));
        } catch (const Cancelled &) {
            return {1, nullptr, 0, {}, {}, 0, 0};
        } catch (const PermanentError &error) {
            return thrown(error, 1);
        } catch (const RetryAfter &error) {
            return thrown(error, 2, error.delay());
        } catch (const std::exception &error) {
            return thrown(error, 0);
        } catch (...) {
            const auto *type = abi::__cxa_current_exception_type();
            const auto name = type ? nameOfType(*type) : QStringLiteral("unknown");
            return thrown(textOfThrown(name), name);
        }
    }
};

void giveResult(Body &body, std::shared_ptr<ResultValue> result) noexcept { body.give(std::move(result)); }

BridgeOutcome runBody(Body &body, const RustContext &context) noexcept
{
    return Runner::run(context, body.owner,
                       [&body](TaskContext &inner, ReturnValue &result) { body.run(inner, result); });
}

BridgeOutcome runJob(const JobBody &job, const RustContext &context, const QVariant &args) noexcept
{
    return Runner::run(context, job.owner,
                       [&](TaskContext &inner, ReturnValue &result) { job.run(inner, args.toList(), result); });
}

void ThreadStart::call() const noexcept
{
    try {
        m_start();
    } catch (const std::exception &error) {
        qCCritical(taskLog, "what a worker's thread does at its start threw: %s", error.what());
    } catch (...) {
        qCCritical(taskLog, "what a worker's thread does at its start threw something that is no std::exception");
    }
}

QString registerJob(const QString &name, std::unique_ptr<JobBody> job, quint64 ownerId)
{
    job->owner = ownerId;
    return addJob(name, std::move(job), ownerId);
}

} // namespace detail

void onThreadStart(std::function<void()> start)
{
    if (start)
        detail::addThreadStart(std::make_unique<detail::ThreadStart>(std::move(start)));
}

bool unregisterJob(const QString &name) { return detail::removeJob(name); }

} // namespace legwork
