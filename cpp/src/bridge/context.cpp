// What a body is given of its task. The other half is src/qt/bridge_body.rs.
#include "bridge.h"
#include "futures.h"

#include "../taskcontext_p.h"

#include "legwork/src/qt/bridge_body.cxx.h"

#include <utility>

namespace legwork {

CancelToken::CancelToken() = default;
CancelToken::CancelToken(const CancelToken &) = default;
CancelToken &CancelToken::operator=(const CancelToken &) = default;
CancelToken::~CancelToken() = default;

bool CancelToken::isCancelled() const noexcept { return reason() != CancelReason::None; }

CancelReason CancelToken::reason() const noexcept
{
    return m_token ? static_cast<CancelReason>(detail::tokenReason(*m_token)) : CancelReason::None;
}

BlockingScope::BlockingScope(BlockingScope &&other) noexcept : m_scope(std::exchange(other.m_scope, nullptr)) { }

BlockingScope::~BlockingScope()
{
    if (m_scope)
        ::rust::Box<detail::RustBlocking>::from_raw(m_scope);
}

BlockingScope TaskContext::blocking() const { return BlockingScope(detail::contextBlocking(m_context).into_raw()); }

QString TaskContext::id() const { return detail::contextId(m_context); }

quint64 TaskContext::iteration() const noexcept { return detail::contextIteration(m_context); }

quint64 TaskContext::attempt() const noexcept { return detail::contextAttempt(m_context); }

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
    if (detail::contextCheckpoint(m_context) || isCancelled())
        throw Cancelled(cancelReason());
}

CancelToken TaskContext::token() const
{
    const auto box = std::make_shared<::rust::Box<detail::RustToken>>(detail::contextToken(m_context));
    return CancelTokenPrivate::of(std::shared_ptr<const detail::RustToken>(box, &**box));
}

bool TaskContext::sleep(std::chrono::milliseconds time) const
{
    if (!isCancelled() && time.count() > 0)
        detail::contextSleep(m_context, time.count());
    return !isCancelled();
}

bool TaskContext::sendValue(detail::ReturnValue &&value)
{
    if (value.value)
        value.value->owner = m_owner;
    m_cut = isCancelled() || !detail::contextSend(m_context, detail::outcomeOf(std::move(value))) || m_cut;
    return !m_cut;
}

void TaskContext::setProgress(double value) { detail::contextProgress(m_context, value); }

void TaskContext::setProgress(double value, const QString &message)
{
    detail::contextProgressText(m_context, value, message);
}

void TaskContext::setProgress(double done, double total, const QString &unit)
{
    detail::contextAmount(m_context, done, total, unit);
}

void TaskContext::setMessage(const QString &message) { detail::contextMessage(m_context, message); }

} // namespace legwork
