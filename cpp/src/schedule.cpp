// What ScheduleOptions ask for: PluginApi::scheduleTask with a callable.
#include "legwork/pluginapi.h"

#include <utility>

namespace legwork::detail {

namespace {

const char *check(const ScheduleOptions &options)
{
    if (!options.periodic && options.intervalMs.count() != 0)
        return "intervalMs is for a periodic task; set periodic, too";
    // <vocabulary: check of ScheduleOptions>
    if (!options.periodic
        && (options.firstRun != legwork::FirstRun::AtOnce || options.rate != legwork::Rate::FixedDelay
            || options.misfire != legwork::Misfire::Skip || options.maxRuns != 0 || options.maxFailures != 0
            || options.jitterMs != std::chrono::milliseconds::zero() || options.until.isValid()))
        return "firstRun, rate, misfire, maxRuns, maxFailures, jitterMs and until"
               " are for a periodic task; set periodic, too";
    // </vocabulary>
    return nullptr;
}

std::shared_ptr<Callback> callbackOf(ScheduleOptions &options)
{
    if (!options.onComplete && !options.onError)
        return nullptr;
    return makeCallback(
        [onComplete = std::move(options.onComplete), onError = std::move(options.onError)](const Notice &notice) {
            if (notice.kind & goodNotices) {
                if (onComplete)
                    onComplete(variantOf(notice.result));
            } else if (onError) {
                onError(notice.error);
            }
        });
}

} // namespace

Plan planOf(ScheduleOptions options, quint64 ownerId)
{
    Plan plan;
    plan.wrong = check(options);
    plan.callback = callbackOf(options);
    plan.notices = plan.callback ? quint16(goodNotices | badNotices) : quint16(0);
    auto &spec = plan.spec;
    // <vocabulary: Spec of ScheduleOptions>
    spec.name = std::move(options.name);
    spec.priority = options.priority;
    spec.delay = options.delayMs;
    spec.timeout = options.timeoutMs;
    spec.detached = options.detached;
    spec.mustRun = options.mustRun;
    spec.firstRun = options.firstRun;
    spec.rate = options.rate;
    spec.misfire = options.misfire;
    spec.maxRuns = options.maxRuns;
    spec.maxFailures = options.maxFailures;
    spec.weight = options.weight;
    spec.key = std::move(options.key);
    spec.keyPolicy = options.keyPolicy;
    spec.keyLimit = options.keyLimit;
    spec.afterPolicy = options.afterPolicy;
    spec.retry = options.retry;
    spec.startTimeout = options.startTimeoutMs;
    spec.warnAfter = options.warnAfterMs;
    spec.jitter = options.jitterMs;
    spec.until = options.until;
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
    spec.periodic = options.periodic;
    spec.interval = options.intervalMs;
    spec.ownerId = ownerId;
    return plan;
}

} // namespace legwork::detail
