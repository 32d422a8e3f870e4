// What C++ hears of a task: by callbacks, at its end, of its progress. The other half is src/qt/bridge_notice.rs.
#include "bridge.h"

#include "../mailbox.h"

#include "legwork/src/qt/bridge_notice.cxx.h"
#include "legwork/src/qt/bridge_task.cxx.h"

#include <QtCore/QThread>

#include <utility>

namespace legwork::detail {

Callback::~Callback() = default;
EndHook::~EndHook() = default;
Follower::~Follower() = default;

namespace {

Notice noticeOf(BridgeNotice &&bridged)
{
    Notice notice;
    notice.kind = static_cast<Notice::Kind>(bridged.kind);
    notice.progress = bridged.progress;
    notice.iteration = bridged.iteration;
    notice.reason = static_cast<CancelReason>(bridged.reason);
    if (bridged.error) {
        notice.error.kind = static_cast<ErrorKind>(bridged.error);
        notice.error.message = bridged.message;
        notice.error.origin = bridged.origin;
        notice.error.file = bridged.file;
        notice.error.line = static_cast<int>(bridged.line);
        notice.error.stack = bridged.stack;
        notice.error.attempt = bridged.attempt;
        notice.error.attempts = bridged.attempts;
        notice.error.reason = notice.reason;
        // An error that has a value is of a body of C++ that threw: the value is a `Thrown`.
        if (bridged.value)
            notice.error.exception = *static_cast<const std::exception_ptr *>(bridged.value->value());
    } else {
        notice.result = std::move(bridged.value);
        notice.message = bridged.message;
    }
    return notice;
}

} // namespace

Listener::Listener(std::shared_ptr<Connection> connection, std::uint16_t notices)
    : m_connection(std::move(connection)), m_notices(notices)
{
}

Listener::~Listener() { release(std::move(m_connection)); }

void Listener::call(BridgeNotice notice) noexcept { deliver(m_connection, noticeOf(std::move(notice)), false); }

Hook::Hook(std::unique_ptr<EndHook> hook, quint64 owner) : m_pending(owner), m_hook(std::move(hook)) { }

Hook::~Hook() = default;

void Hook::ended(BridgeNotice notice) noexcept
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

std::unique_ptr<Listener> makeListener(QObject *receiver, std::shared_ptr<Callback> callback, quint16 notices,
                                       quint64 owner)
{
    if (!callback)
        return nullptr;
    auto connection = std::make_shared<Connection>(lifetimeOf(receiver), std::move(callback), owner);
    return std::make_unique<Listener>(std::move(connection), notices);
}

void attach(const Handle &task, QObject *receiver, std::shared_ptr<Callback> callback, quint16 notices)
{
    if (!task.isNull()) {
        const auto id = task.id();
        // A body that wants to be called on its own thread is going to wait in an event loop there.
        if (receiver && receiver->thread() == QThread::currentThread())
            expectEnd(id);
        addListener(id, makeListener(receiver, std::move(callback), notices, task.owner()));
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

Notice lastReport(const Handle &task) { return task.isNull() ? Notice() : noticeOf(lastReportOf(task.id())); }

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

} // namespace legwork::detail
