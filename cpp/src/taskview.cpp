#include "taskview.h"

#include "bridge/bridge.h"
#include "bridge/calls.h"

#include "legwork/src/qt/views.cxx.h"
#include "legwork/src/qt/watching.cxx.h"

#include "legwork/taskface.h"

#include <QtCore/QMetaMethod>
#include <QtCore/QPointer>
#include <QtQml/QQmlInfo>

#include <algorithm>
#include <array>
#include <utility>

namespace legwork {

namespace {

bool isActive(int status)
{
    return status == TaskFace::Delayed || status == TaskFace::Blocked || status == TaskFace::Queued
        || status == TaskFace::Running || status == TaskFace::Paused;
}

// Of a task that was just submitted: whether it cannot have begun, or its begin and more was told.
bool waits(int status)
{
    return status == TaskFace::Delayed || status == TaskFace::Blocked || status == TaskFace::Paused;
}

// What has completed is not at 99 of 100, whatever its last report was; nothing is known of one that has made none.
double progressOfCompleted(double reported) { return reported < 0 ? reported : 1; }

} // namespace

TaskView::TaskView(QObject *parent)
    : QObject(parent), m_status(TaskFace::UnknownTask), m_error(QVariant::fromValue(nullptr))
{
}

TaskView::~TaskView()
{
    leave();
    if (m_number)
        detail::viewGone(m_number);
}

bool TaskView::isRunning() const { return isActive(m_status); }

void TaskView::setRunning(bool running)
{
    if (running && !isRunning())
        qmlWarning(this) << "a task that somebody else submitted cannot be started again; submit another one";
    else if (!running)
        cancel();
}

bool TaskView::isPaused() const { return m_status == TaskFace::Paused; }

int TaskView::pause(const QString &reason)
{
    const auto task = detail::taskOf(m_taskId);
    return task.error.isEmpty() ? detail::pauseTaskOf(task.id, reason) : int(TaskFace::UnknownTask);
}

bool TaskView::resume()
{
    const auto task = detail::taskOf(m_taskId);
    return task.error.isEmpty() && detail::resumeTaskOf(task.id);
}

bool TaskView::cancel() { return cancelFor(static_cast<std::uint8_t>(CancelReason::User)); }

bool TaskView::cancelFor(std::uint8_t reason)
{
    if (m_watched.isNull())
        return false;
    const auto answer = detail::cancelTaskFor(m_watched, reason);
    // Also of a task that has ended and was not told yet: a start that follows is not to wait for that.
    m_asked = true;
    return answer == TaskFace::CancelledBeforeStart || answer == TaskFace::CancelRequested;
}

bool TaskView::canRetry() const
{
    const bool endedBadly =
        m_status == TaskFace::Failed || m_status == TaskFace::Cancelled || m_status == TaskFace::TimedOut;
    if (!endedBadly)
        return false;
    const auto task = detail::taskOf(m_taskId);
    return task.error.isEmpty() && detail::canRetryOf(task.id);
}

bool TaskView::retry()
{
    auto task = detail::taskOf(m_taskId);
    if (!task.error.isEmpty()) {
        qmlWarning(this) << "there is no task to retry; start it";
        return false;
    }
    // What is destroyed with the old task may destroy this object.
    const QPointer<TaskView> self(this);
    // What happens to the new one is kept from before there is one.
    detail::expectTask(true);
    task = detail::retryTaskOf(task.id, false);
    if (self && task.error.isEmpty()) {
        // Or, with KeyPolicy Keep, another that does it already.
        const auto retryOf = detail::shownInfoOf(task.id).toMap().value(QStringLiteral("retryOf"));
        show(detail::idText(task.id), retryOf == m_taskId);
    }
    detail::expectTask(false);
    if (self && !task.error.isEmpty())
        qmlWarning(this) << task.error;
    return task.error.isEmpty();
}

void TaskView::follow(detail::Id old, detail::Id task)
{
    if (m_watched.isNull() && m_taskId == detail::idText(old))
        show(detail::idText(task), true);
}

void TaskView::watch(detail::Id task)
{
    m_watched = task;
    m_number = detail::watchTask(task, this, m_number);
}

void TaskView::leave()
{
    if (const auto task = std::exchange(m_watched, {}); !task.isNull())
        detail::unwatchTask(task, m_number);
}

TaskView::State TaskView::state() const
{
    return {m_taskId, m_status, m_progress, m_message, m_result, m_error, m_pauseReason};
}

void TaskView::update(State &state) const
{
    const int now = detail::shownStatusOf(m_watched);
    if (isActive(now) && (now != TaskFace::Running || m_begun))
        state.status = now;
    else if (state.status == TaskFace::Paused)
        // Its begin, or its end, is about to be told.
        state.status = m_begun ? TaskFace::Running : TaskFace::Queued;
    state.pauseReason = state.status == TaskFace::Paused ? detail::pauseReasonOf(m_watched) : QString();
}

bool TaskView::become(State state)
{
    const QPointer<TaskView> self(this);
    const bool wasRunning = isRunning();
    const bool id = m_taskId != state.taskId;
    const bool status = m_status != state.status;
    const bool paused =
        (status && (isPaused() || state.status == TaskFace::Paused)) || m_pauseReason != state.pauseReason;
    const bool progress = m_progress != state.progress || m_message != state.message;
    // To compare what a task returned may take long, and types of others have no way to.
    const bool result = m_result.isValid() || state.result.isValid();
    const bool error = !(m_error.isNull() && state.error.isNull());
    m_taskId = std::move(state.taskId);
    m_status = state.status;
    m_progress = state.progress;
    m_message = std::move(state.message);
    m_pauseReason = std::move(state.pauseReason);
    // The last ones are destroyed when all is as it should be.
    std::swap(m_result, state.result);
    std::swap(m_error, state.error);
    const bool running = wasRunning != isRunning();
    if (id)
        Q_EMIT taskIdChanged();
    if (self && progress)
        Q_EMIT self->progressChanged();
    if (self && result)
        Q_EMIT self->resultChanged();
    if (self && error)
        Q_EMIT self->errorChanged();
    if (self && status)
        Q_EMIT self->statusChanged();
    if (self && running)
        Q_EMIT self->runningChanged();
    if (self && paused)
        Q_EMIT self->pausedChanged();
    return self;
}

void TaskView::show(const QString &taskId, bool submitted)
{
    leave();
    m_asked = false;
    State state{taskId, TaskFace::UnknownTask};
    QVariantMap info;
    if (const auto task = detail::taskOf(taskId); task.error.isEmpty()) {
        // First: what happens from here on is told, and what happened before is what is known then.
        watch(task.id);
        info = (submitted ? detail::shownInfoOf(task.id) : detail::infoOf(task.id)).toMap();
    }
    if (info.isEmpty())
        leave();
    else
        state.status = info.value(QStringLiteral("status")).toInt();
    m_begun = !submitted && !info.value(QStringLiteral("started")).isNull();
    state.pauseReason = info.value(QStringLiteral("pauseReason")).toString();
    if (submitted) {
        // A worker may have been quick; that it has started, and all else, is about to be told.
        if (!waits(state.status))
            state.status = TaskFace::Queued;
    } else if (!info.isEmpty()) {
        state.progress = info.value(QStringLiteral("progress")).toDouble();
        if (state.status == TaskFace::Completed)
            state.progress = progressOfCompleted(state.progress);
        state.message = info.value(QStringLiteral("message")).toString();
        state.result = info.value(QStringLiteral("result"));
        state.error = info.value(QStringLiteral("error"));
    }
    become(std::move(state));
}

void TaskView::look()
{
    if (m_watched.isNull() || m_status != TaskFace::Blocked)
        return;
    auto next = state();
    // What waits no more was queued: that it has begun, or ended, is about to be told.
    next.status = TaskFace::Queued;
    update(next);
    if (next.status != m_status)
        become(std::move(next));
}

bool TaskView::hearsFailure() const
{
    static const std::array signals_{
        QMetaMethod::fromSignal(&TaskView::failed), QMetaMethod::fromSignal(&TaskView::ended),
        QMetaMethod::fromSignal(&TaskView::errorChanged), QMetaMethod::fromSignal(&TaskView::statusChanged),
        QMetaMethod::fromSignal(&TaskView::runningChanged)};
    return std::any_of(signals_.begin(), signals_.end(),
                       [this](const auto &signal) { return isSignalConnected(signal); });
}

void TaskView::lookForPauses()
{
    if (m_watched.isNull())
        return;
    auto next = state();
    update(next);
    if (next.status != m_status || next.pauseReason != m_pauseReason)
        become(std::move(next));
}

void TaskView::take(const detail::ViewNotice &notice)
{
    auto next = state();
    // A run that takes long, and what one has sent, is told of when it may be over.
    if (notice.kind != detail::Notice::Slow && notice.kind != detail::Notice::Values)
        next.status = notice.status;
    constexpr quint16 runs = detail::Notice::Run | detail::Notice::RunFailed;
    m_begun = m_begun || notice.kind & (runs | detail::Notice::Started | detail::Notice::Retrying);
    const bool isLate = notice.kind == detail::Notice::Progress && isPaused();
    const bool isHeld = notice.kind == detail::Notice::Retrying && detail::shownStatusOf(m_watched) == TaskFace::Paused;
    if (isLate || isHeld || notice.kind & (runs | detail::Notice::Paused | detail::Notice::Resumed)) {
        // It waits for its next run, or is in it, or is about to be told to have ended. What is resumed is where it
        // was, and what was paused may be resumed by now.
        next.status = m_status;
        update(next);
    } else if (next.status != TaskFace::Paused) {
        next.pauseReason.clear();
    }
    // After its end nobody watches a task; a slot may start the next one.
    if (notice.kind & detail::endNotices)
        leave();
    // Of the last run there is a result or an error, and not what the one before has left.
    switch (notice.kind) {
    case detail::Notice::Progress:
        next.progress = notice.progress;
        next.message = notice.message;
        break;
    case detail::Notice::Completed:
        next.progress = progressOfCompleted(next.progress);
        [[fallthrough]];
    case detail::Notice::Run:
        next.result = notice.value;
        next.error = QVariant::fromValue(nullptr);
        break;
    case detail::Notice::RunFailed:
    case detail::Notice::Failed:
        next.result = {};
        next.error = notice.value;
        break;
    default:
        break;
    }
    become(std::move(next));
}

void TaskView::tell(const detail::ViewNotice &notice)
{
    const QPointer<TaskView> self(this);
    switch (notice.kind) {
    case detail::Notice::Started:
        tellStarted();
        break;
    case detail::Notice::Run:
        Q_EMIT periodic(notice.iteration, notice.value);
        break;
    case detail::Notice::Completed:
        Q_EMIT completed(notice.value);
        break;
    case detail::Notice::RunFailed:
    case detail::Notice::Failed:
        Q_EMIT failed(notice.value);
        break;
    case detail::Notice::Cancelled:
        Q_EMIT cancelled(notice.message);
        break;
    case detail::Notice::Retrying:
        Q_EMIT retrying(notice.iteration, notice.value, notice.progress);
        break;
    case detail::Notice::Slow:
        Q_EMIT slow(notice.progress);
        break;
    case detail::Notice::Paused:
        Q_EMIT taskPaused(notice.message);
        break;
    case detail::Notice::Resumed:
        Q_EMIT taskResumed();
        break;
    case detail::Notice::Values:
        Q_EMIT values(notice.value);
        break;
    default:
        break;
    }
    if (self && notice.kind & detail::endNotices)
        Q_EMIT self->ended(notice.status);
}

} // namespace legwork
