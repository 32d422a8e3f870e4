// The options of a scenario, as C++ says them, and the names of what it answers.
#ifndef OPTIONS_H
#define OPTIONS_H

#include <legwork/legwork.h>
#include <legwork/pluginapi.h>

#include <QtCore/QJsonObject>
#include <QtCore/QJsonValue>
#include <QtCore/QMetaEnum>
#include <QtCore/QStringList>

// An enumerator of TaskFace by its name, which has the same number.
template<typename Enum> Enum enumerator(const QJsonValue &name, Enum otherwise)
{
    const auto &meta = legwork::TaskFace::staticMetaObject;
    for (int index = 0; index < meta.enumeratorCount(); ++index) {
        bool known = false;
        const int value = meta.enumerator(index).keyToValue(name.toString().toUtf8().constData(), &known);
        if (known)
            return static_cast<Enum>(value);
    }
    return otherwise;
}

// <vocabulary: C++ player>
inline QString nameOf(legwork::Priority value)
{
    switch (value) {
    case legwork::Priority::High:
        return "High";
    case legwork::Priority::Normal:
        return "Normal";
    case legwork::Priority::Low:
        return "Low";
    }
    return "unknown";
}

inline QString nameOf(legwork::Status value)
{
    switch (value) {
    case legwork::Status::Delayed:
        return "Delayed";
    case legwork::Status::Queued:
        return "Queued";
    case legwork::Status::Running:
        return "Running";
    case legwork::Status::Completed:
        return "Completed";
    case legwork::Status::Failed:
        return "Failed";
    case legwork::Status::Cancelled:
        return "Cancelled";
    case legwork::Status::TimedOut:
        return "TimedOut";
    case legwork::Status::Abandoned:
        return "Abandoned";
    case legwork::Status::UnknownTask:
        return "UnknownTask";
    case legwork::Status::Blocked:
        return "Blocked";
    case legwork::Status::Paused:
        return "Paused";
    }
    return "unknown";
}

inline QString nameOf(legwork::CancelResult value)
{
    switch (value) {
    case legwork::CancelResult::UnknownTask:
        return "UnknownTask";
    case legwork::CancelResult::CancelledBeforeStart:
        return "CancelledBeforeStart";
    case legwork::CancelResult::CancelRequested:
        return "CancelRequested";
    case legwork::CancelResult::AlreadyFinished:
        return "AlreadyFinished";
    }
    return "unknown";
}

inline QString nameOf(legwork::PauseResult value)
{
    switch (value) {
    case legwork::PauseResult::UnknownTask:
        return "UnknownTask";
    case legwork::PauseResult::Paused:
        return "Paused";
    case legwork::PauseResult::AlreadyFinished:
        return "AlreadyFinished";
    case legwork::PauseResult::PauseRequested:
        return "PauseRequested";
    case legwork::PauseResult::PauseNotPossible:
        return "PauseNotPossible";
    }
    return "unknown";
}

inline QString nameOf(legwork::WaitResult value)
{
    switch (value) {
    case legwork::WaitResult::UnknownTask:
        return "UnknownTask";
    case legwork::WaitResult::Done:
        return "Done";
    case legwork::WaitResult::WaitTimeout:
        return "WaitTimeout";
    case legwork::WaitResult::WouldDeadlock:
        return "WouldDeadlock";
    }
    return "unknown";
}

inline QString nameOf(legwork::Rate value)
{
    switch (value) {
    case legwork::Rate::FixedDelay:
        return "FixedDelay";
    case legwork::Rate::FixedRate:
        return "FixedRate";
    }
    return "unknown";
}

inline QString nameOf(legwork::Misfire value)
{
    switch (value) {
    case legwork::Misfire::Skip:
        return "Skip";
    case legwork::Misfire::RunOnce:
        return "RunOnce";
    }
    return "unknown";
}

inline QString nameOf(legwork::FirstRun value)
{
    switch (value) {
    case legwork::FirstRun::AtOnce:
        return "AtOnce";
    case legwork::FirstRun::AfterInterval:
        return "AfterInterval";
    }
    return "unknown";
}

inline QString nameOf(legwork::KeyPolicy value)
{
    switch (value) {
    case legwork::KeyPolicy::Append:
        return "Append";
    case legwork::KeyPolicy::Replace:
        return "Replace";
    case legwork::KeyPolicy::KeepLatest:
        return "KeepLatest";
    case legwork::KeyPolicy::Keep:
        return "Keep";
    }
    return "unknown";
}

inline QString nameOf(legwork::AfterPolicy value)
{
    switch (value) {
    case legwork::AfterPolicy::Completed:
        return "Completed";
    case legwork::AfterPolicy::Ended:
        return "Ended";
    }
    return "unknown";
}

inline QString nameOf(legwork::WhenFull value)
{
    switch (value) {
    case legwork::WhenFull::Wait:
        return "Wait";
    case legwork::WhenFull::DropOldest:
        return "DropOldest";
    case legwork::WhenFull::Conflate:
        return "Conflate";
    }
    return "unknown";
}

inline QString nameOf(legwork::ErrorPolicy value)
{
    switch (value) {
    case legwork::ErrorPolicy::StopOnError:
        return "StopOnError";
    case legwork::ErrorPolicy::ContinueOnError:
        return "ContinueOnError";
    case legwork::ErrorPolicy::StopOnSuccess:
        return "StopOnSuccess";
    }
    return "unknown";
}

inline QString nameOf(legwork::Backoff value)
{
    switch (value) {
    case legwork::Backoff::Exponential:
        return "Exponential";
    case legwork::Backoff::Fixed:
        return "Fixed";
    }
    return "unknown";
}

inline QString nameOf(legwork::CancelReason value)
{
    switch (value) {
    case legwork::CancelReason::None:
        return "None";
    case legwork::CancelReason::User:
        return "User";
    case legwork::CancelReason::OwnerGone:
        return "OwnerGone";
    case legwork::CancelReason::PluginUnload:
        return "PluginUnload";
    case legwork::CancelReason::Timeout:
        return "Timeout";
    case legwork::CancelReason::Replaced:
        return "Replaced";
    case legwork::CancelReason::DependencyFailed:
        return "DependencyFailed";
    case legwork::CancelReason::Shutdown:
        return "Shutdown";
    case legwork::CancelReason::NotNeeded:
        return "NotNeeded";
    }
    return "unknown";
}

inline QString nameOf(legwork::ErrorKind value)
{
    switch (value) {
    case legwork::ErrorKind::None:
        return "None";
    case legwork::ErrorKind::Failed:
        return "Failed";
    case legwork::ErrorKind::Panic:
        return "Panic";
    case legwork::ErrorKind::Exception:
        return "Exception";
    case legwork::ErrorKind::Script:
        return "Script";
    case legwork::ErrorKind::TimedOut:
        return "TimedOut";
    case legwork::ErrorKind::Abandoned:
        return "Abandoned";
    case legwork::ErrorKind::TooManyFailures:
        return "TooManyFailures";
    case legwork::ErrorKind::Cancelled:
        return "Cancelled";
    case legwork::ErrorKind::Refused:
        return "Refused";
    case legwork::ErrorKind::StartTimedOut:
        return "StartTimedOut";
    }
    return "unknown";
}

inline legwork::Retry retryOf(const QJsonValue &value)
{
    legwork::Retry parts;
    if (value.isDouble()) {
        parts.times = static_cast<quint32>(value.toInt());
        return parts;
    }
    const auto from = value.toObject();
    parts.times = static_cast<quint32>(from["times"].toInt());
    parts.delay = std::chrono::milliseconds(from["delayMs"].toInt(1000));
    parts.backoff = enumerator<legwork::Backoff>(from["backoff"], legwork::Backoff::Exponential);
    parts.factor = from["factor"].toDouble(2);
    parts.maxDelay = std::chrono::milliseconds(from["maxDelayMs"].toInt(60000));
    parts.jitter = from["jitter"].toDouble(0.25);
    parts.onTimeout = from["onTimeout"].toBool();
    return parts;
}

inline const QStringList keysOfTaskOptions{
    "name",      "priority",   "timeoutMs",   "detached", "mustRun",        "weight",      "key",
    "keyPolicy", "keyLimit",   "afterPolicy", "retry",    "startTimeoutMs", "warnAfterMs", "transient",
    "system",    "keepResult", "mayBlock",    "pausable", "maxUndelivered", "whenFull"};

inline void set(legwork::TaskOptions &to, const QJsonObject &from)
{
    to.name = from["name"].toString();
    to.priority = enumerator<legwork::Priority>(from["priority"], legwork::Priority::Normal);
    to.timeout = std::chrono::milliseconds(from["timeoutMs"].toInt());
    to.detached = from["detached"].toBool();
    to.mustRun = from["mustRun"].toBool();
    to.weight = from["weight"].toDouble(1);
    to.key = from["key"].toString();
    to.keyPolicy = enumerator<legwork::KeyPolicy>(from["keyPolicy"], legwork::KeyPolicy::Append);
    to.keyLimit = static_cast<quint32>(from["keyLimit"].toInt(1));
    to.afterPolicy = enumerator<legwork::AfterPolicy>(from["afterPolicy"], legwork::AfterPolicy::Completed);
    to.retry = retryOf(from["retry"]);
    to.startTimeout = std::chrono::milliseconds(from["startTimeoutMs"].toInt());
    to.warnAfter = std::chrono::milliseconds(from["warnAfterMs"].toInt(30000));
    to.transient = from["transient"].toBool();
    to.system = from["system"].toBool();
    to.keepResult = from["keepResult"].toBool(true);
    to.mayBlock = from["mayBlock"].toBool();
    to.pausable = from["pausable"].toBool();
    to.maxUndelivered = static_cast<quint32>(from["maxUndelivered"].toInt(1000));
    to.whenFull = enumerator<legwork::WhenFull>(from["whenFull"], legwork::WhenFull::Wait);
}

inline const QStringList keysOfPeriodicOptions{
    "name",     "priority",       "timeoutMs",   "detached",  "weight",  "key",        "keyPolicy",
    "keyLimit", "afterPolicy",    "warnAfterMs", "transient", "system",  "keepResult", "mayBlock",
    "pausable", "maxUndelivered", "whenFull",    "retry",     "delayMs", "firstRun",   "rate",
    "misfire",  "maxRuns",        "maxFailures", "jitterMs",  "until"};

inline void set(legwork::PeriodicOptions &to, const QJsonObject &from)
{
    to.name = from["name"].toString();
    to.priority = enumerator<legwork::Priority>(from["priority"], legwork::Priority::Normal);
    to.timeout = std::chrono::milliseconds(from["timeoutMs"].toInt());
    to.detached = from["detached"].toBool();
    to.weight = from["weight"].toDouble(1);
    to.key = from["key"].toString();
    to.keyPolicy = enumerator<legwork::KeyPolicy>(from["keyPolicy"], legwork::KeyPolicy::Append);
    to.keyLimit = static_cast<quint32>(from["keyLimit"].toInt(1));
    to.afterPolicy = enumerator<legwork::AfterPolicy>(from["afterPolicy"], legwork::AfterPolicy::Completed);
    to.warnAfter = std::chrono::milliseconds(from["warnAfterMs"].toInt(30000));
    to.transient = from["transient"].toBool();
    to.system = from["system"].toBool();
    to.keepResult = from["keepResult"].toBool(true);
    to.mayBlock = from["mayBlock"].toBool();
    to.pausable = from["pausable"].toBool();
    to.maxUndelivered = static_cast<quint32>(from["maxUndelivered"].toInt(1000));
    to.whenFull = enumerator<legwork::WhenFull>(from["whenFull"], legwork::WhenFull::Wait);
    to.retry = retryOf(from["retry"]);
    to.delay = std::chrono::milliseconds(from["delayMs"].toInt());
    to.firstRun = enumerator<legwork::FirstRun>(from["firstRun"], legwork::FirstRun::AtOnce);
    to.rate = enumerator<legwork::Rate>(from["rate"], legwork::Rate::FixedDelay);
    to.misfire = enumerator<legwork::Misfire>(from["misfire"], legwork::Misfire::Skip);
    to.maxRuns = static_cast<quint64>(from["maxRuns"].toInt());
    to.maxFailures = static_cast<quint32>(from["maxFailures"].toInt());
    to.jitter = std::chrono::milliseconds(from["jitterMs"].toInt());
    to.until = from["until"].isDouble() ? QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(from["until"].toDouble()))
                                        : QDateTime();
}

inline const QStringList keysOfScheduleOptions{
    "name",     "priority",       "delayMs",        "timeoutMs", "detached", "mustRun",   "firstRun", "rate",
    "misfire",  "maxRuns",        "maxFailures",    "weight",    "key",      "keyPolicy", "keyLimit", "afterPolicy",
    "retry",    "startTimeoutMs", "warnAfterMs",    "jitterMs",  "until",    "transient", "system",   "keepResult",
    "mayBlock", "pausable",       "maxUndelivered", "whenFull"};

inline void set(legwork::ScheduleOptions &to, const QJsonObject &from)
{
    to.name = from["name"].toString();
    to.priority = enumerator<legwork::Priority>(from["priority"], legwork::Priority::Normal);
    to.delayMs = std::chrono::milliseconds(from["delayMs"].toInt());
    to.timeoutMs = std::chrono::milliseconds(from["timeoutMs"].toInt());
    to.detached = from["detached"].toBool();
    to.mustRun = from["mustRun"].toBool();
    to.firstRun = enumerator<legwork::FirstRun>(from["firstRun"], legwork::FirstRun::AtOnce);
    to.rate = enumerator<legwork::Rate>(from["rate"], legwork::Rate::FixedDelay);
    to.misfire = enumerator<legwork::Misfire>(from["misfire"], legwork::Misfire::Skip);
    to.maxRuns = static_cast<quint64>(from["maxRuns"].toInt());
    to.maxFailures = static_cast<quint32>(from["maxFailures"].toInt());
    to.weight = from["weight"].toDouble(1);
    to.key = from["key"].toString();
    to.keyPolicy = enumerator<legwork::KeyPolicy>(from["keyPolicy"], legwork::KeyPolicy::Append);
    to.keyLimit = static_cast<quint32>(from["keyLimit"].toInt(1));
    to.afterPolicy = enumerator<legwork::AfterPolicy>(from["afterPolicy"], legwork::AfterPolicy::Completed);
    to.retry = retryOf(from["retry"]);
    to.startTimeoutMs = std::chrono::milliseconds(from["startTimeoutMs"].toInt());
    to.warnAfterMs = std::chrono::milliseconds(from["warnAfterMs"].toInt(30000));
    to.jitterMs = std::chrono::milliseconds(from["jitterMs"].toInt());
    to.until = from["until"].isDouble() ? QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(from["until"].toDouble()))
                                        : QDateTime();
    to.transient = from["transient"].toBool();
    to.system = from["system"].toBool();
    to.keepResult = from["keepResult"].toBool(true);
    to.mayBlock = from["mayBlock"].toBool();
    to.pausable = from["pausable"].toBool();
    to.maxUndelivered = static_cast<quint32>(from["maxUndelivered"].toInt(1000));
    to.whenFull = enumerator<legwork::WhenFull>(from["whenFull"], legwork::WhenFull::Wait);
}

inline const QStringList keysOfExternalOptions{
    "name",     "priority",    "timeoutMs",      "detached",    "mustRun",   "weight", "key",        "keyPolicy",
    "keyLimit", "afterPolicy", "startTimeoutMs", "warnAfterMs", "transient", "system", "keepResult", "delayMs"};

inline void set(legwork::ExternalOptions &to, const QJsonObject &from)
{
    to.name = from["name"].toString();
    to.priority = enumerator<legwork::Priority>(from["priority"], legwork::Priority::Normal);
    to.timeout = std::chrono::milliseconds(from["timeoutMs"].toInt());
    to.detached = from["detached"].toBool();
    to.mustRun = from["mustRun"].toBool();
    to.weight = from["weight"].toDouble(1);
    to.key = from["key"].toString();
    to.keyPolicy = enumerator<legwork::KeyPolicy>(from["keyPolicy"], legwork::KeyPolicy::Append);
    to.keyLimit = static_cast<quint32>(from["keyLimit"].toInt(1));
    to.afterPolicy = enumerator<legwork::AfterPolicy>(from["afterPolicy"], legwork::AfterPolicy::Completed);
    to.startTimeout = std::chrono::milliseconds(from["startTimeoutMs"].toInt());
    to.warnAfter = std::chrono::milliseconds(from["warnAfterMs"].toInt(30000));
    to.transient = from["transient"].toBool();
    to.system = from["system"].toBool();
    to.keepResult = from["keepResult"].toBool(true);
    to.delay = std::chrono::milliseconds(from["delayMs"].toInt());
}

// </vocabulary>

// What taskInfo says of an option.
inline QString shownOf(const QVariantMap &info, const QString &option)
{
    if (option == "priority")
        return nameOf(static_cast<legwork::Priority>(info[option].toInt()));
    // <vocabulary: shown in C++>
    // </vocabulary>
    return info[option].toString();
}

#endif
