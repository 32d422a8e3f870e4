// Submits tasks: a body, a job by its name, a function of a script. The other half is src/qt/bridge_submit.rs.
#include "bridge.h"

#include "../sendhome.h"

#include "legwork/src/qt/bridge_submit.cxx.h"
#include "legwork/src/qt/id.cxx.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace legwork::detail {

namespace {

TaskError refusal(const QString &message)
{
    TaskError error;
    error.kind = ErrorKind::Refused;
    error.message = message;
    return error;
}

} // namespace

namespace {

// Its number; 0 for unknown.
std::uint16_t siteOf(SourceLocation location)
{
    if (!location.file())
        return 0;
    const rust::Slice<const std::uint8_t> file(reinterpret_cast<const std::uint8_t *>(location.file()),
                                               std::strlen(location.file()));
    return numberOfSite(file, location.line());
}

} // namespace

BridgeSpec bridgeSpec(const Spec &spec)
{
    BridgeSpec bridged;
    // <vocabulary: Spec to the bridge>
    bridged.name = spec.name;
    bridged.priority = static_cast<std::uint8_t>(spec.priority);
    bridged.delay_ms = spec.delay.count();
    bridged.timeout_ms = spec.timeout.count();
    bridged.detached = spec.detached;
    bridged.must_run = spec.mustRun;
    bridged.first_run = static_cast<std::uint8_t>(spec.firstRun);
    bridged.rate = static_cast<std::uint8_t>(spec.rate);
    bridged.misfire = static_cast<std::uint8_t>(spec.misfire);
    bridged.max_runs = spec.maxRuns;
    bridged.max_failures = spec.maxFailures;
    bridged.weight = spec.weight;
    bridged.key = spec.key;
    bridged.key_policy = static_cast<std::uint8_t>(spec.keyPolicy);
    bridged.key_limit = spec.keyLimit;
    bridged.after_policy = static_cast<std::uint8_t>(spec.afterPolicy);
    bridged.retry_times = spec.retry.times;
    bridged.retry_delay_ms = spec.retry.delay.count();
    bridged.retry_backoff = static_cast<std::uint8_t>(spec.retry.backoff);
    bridged.retry_factor = spec.retry.factor;
    bridged.retry_max_delay_ms = spec.retry.maxDelay.count();
    bridged.retry_jitter = spec.retry.jitter;
    bridged.retry_on_timeout = spec.retry.onTimeout;
    bridged.start_timeout_ms = spec.startTimeout.count();
    bridged.warn_after_ms = spec.warnAfter.count();
    bridged.jitter_ms = spec.jitter.count();
    bridged.until_ms = spec.until.isValid() ? spec.until.toMSecsSinceEpoch() : 0;
    bridged.transient = spec.transient;
    bridged.system = spec.system;
    bridged.keep_result = spec.keepResult;
    bridged.may_block = spec.mayBlock;
    bridged.pausable = spec.pausable;
    bridged.max_undelivered = spec.maxUndelivered;
    bridged.when_full = static_cast<std::uint8_t>(spec.whenFull);
    // </vocabulary>
    if (!spec.after.isEmpty()) {
        QVariantList after;
        for (const auto &task : spec.after)
            after.append(task.id());
        bridged.after = after;
    }
    bridged.periodic = spec.periodic;
    bridged.interval_ms = spec.interval.count();
    bridged.site = siteOf(spec.location);
    bridged.owner = spec.ownerId ? spec.ownerId : spec.owner ? ownerOf(spec.owner) : 0;
    return bridged;
}

Handle handleOf(BridgeTask &&task, quint64 owner)
{
    return task.error.isEmpty() ? Handle(task.id, owner) : Handle(refusal(task.error), owner);
}

Handle submitPlain(std::unique_ptr<Body> body, SourceLocation location)
{
    // As each submission does: a thread that submits without ever running an event loop is not to pile results up.
    destroyResults();
    return handleOf(submitPlainBody(std::move(body), siteOf(location)), 0);
}

Handle submit(std::unique_ptr<Body> body, const Spec &spec, QObject *receiver, std::shared_ptr<Callback> callback,
              quint16 notices)
{
    const auto bridged = bridgeSpec(spec);
    // Runs are kept only where a callback may hear of them: one that is added to the handle is to
    // hear of the first ones, too.
    if (spec.periodic && !callback)
        callback = makeCallback([](const Notice &) {});
    body->owner = bridged.owner;
    destroyResults();
    return handleOf(
        submitBody(std::move(body), bridged, makeListener(receiver, std::move(callback), notices, bridged.owner)),
        bridged.owner);
}

namespace {

// What is wrong with a task that is none; empty if it is one.
QString wrongWith(const Handle &task)
{
    if (!task.isNull())
        return {};
    const auto *error = task.refused();
    return error ? QStringLiteral("not valid, as it was refused: ") + error->message
                 : QStringLiteral("not valid: it was never submitted");
}

TaskError wrongMember(const char *call, std::size_t at, std::size_t count, const QString &wrong)
{
    const auto text = QStringLiteral("%1: task %2 of %3 is %4");
    return refusal(text.arg(QString::fromLatin1(call)).arg(at + 1).arg(count).arg(wrong));
}

Handle groupOf(const char *call, const std::vector<Id> &ids, ErrorPolicy policy, const BridgeSpec &bridged, bool alone)
{
    const auto first = std::string_view(call) == "any";
    return handleOf(submitGroupOf({ids.data(), ids.size()}, first, alone, static_cast<std::uint8_t>(policy), bridged),
                    bridged.owner);
}

} // namespace

Handle submitThen(const Handle &task, std::unique_ptr<Body> body, const Spec &spec, bool alone)
{
    auto bridged = bridgeSpec(spec);
    if (!spec.owner && !spec.ownerId)
        bridged.owner = task.owner();
    if (const auto wrong = wrongWith(task); !wrong.isEmpty())
        return Handle(refusal(QStringLiteral("then: the task is ") + wrong), bridged.owner);
    body->owner = bridged.owner;
    destroyResults();
    return handleOf(submitThenOf(std::move(body), task.id(), alone, bridged), bridged.owner);
}

Handle submitGroup(const char *call, const std::vector<Handle> &tasks, ErrorPolicy policy, const Spec &spec, bool alone)
{
    auto bridged = bridgeSpec(spec);
    if (!spec.owner && !spec.ownerId && !tasks.empty()) {
        const auto owner = tasks.front().owner();
        const auto same = [owner](const Handle &task) { return task.owner() == owner; };
        bridged.owner = std::all_of(tasks.begin(), tasks.end(), same) ? owner : 0;
    }
    std::vector<Id> ids;
    ids.reserve(tasks.size());
    for (const auto &task : tasks) {
        if (const auto wrong = wrongWith(task); !wrong.isEmpty())
            return Handle(wrongMember(call, ids.size(), tasks.size(), wrong), bridged.owner);
        ids.push_back(task.id());
    }
    return groupOf(call, ids, policy, bridged, alone);
}

Handle submitGroup(const char *call, const QList<TaskRef> &tasks, ErrorPolicy policy, const Spec &spec)
{
    const auto bridged = bridgeSpec(spec);
    const auto count = static_cast<std::size_t>(tasks.size());
    std::vector<Id> ids;
    ids.reserve(count);
    for (const auto &ref : tasks) {
        const auto task = taskOf(ref.id());
        if (!task.error.isEmpty()) {
            const auto wrong = ref.id().isEmpty() ? QStringLiteral("not valid") : task.error;
            return Handle(wrongMember(call, ids.size(), count, wrong), bridged.owner);
        }
        ids.push_back(task.id);
    }
    return groupOf(call, ids, policy, bridged, false);
}

BridgeWork workOf(const QString &job)
{
    BridgeWork work;
    work.script = false;
    work.name = job;
    return work;
}

BridgeWork workOf(const QVariant &module, const QString &function)
{
    BridgeWork work;
    work.script = true;
    work.name = function;
    work.module = module;
    return work;
}

Handle submitJob(const QString &job, const QVariantList &args, const Spec &spec)
{
    const auto bridged = bridgeSpec(spec);
    return handleOf(submitJobOf(workOf(job), args, bridged, nullptr), bridged.owner);
}

Handle submitScript(const QUrl &module, const QString &function, const QVariantList &args, const Spec &spec)
{
    const auto bridged = bridgeSpec(spec);
    return handleOf(submitJobOf(workOf(module, function), args, bridged, nullptr), bridged.owner);
}

Handle refuse(const char *what, quint64 ownerId) { return Handle(refusal(QString::fromUtf8(what)), ownerId); }

} // namespace legwork::detail
