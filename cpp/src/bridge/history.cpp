// What the history may hold. The other half is src/qt/bridge_history.rs.
#include "legwork/history.h"

#include "legwork/src/qt/bridge_history.cxx.h"

namespace legwork {

HistoryLimits historyLimits()
{
    const auto limits = detail::limitsOfHistory();
    return {limits.tasks, limits.bytes, std::chrono::milliseconds(limits.age_ms)};
}

HistoryChange setHistoryLimits(const HistoryLimits &limits)
{
    return {detail::setLimitsOfHistory({limits.tasks, limits.bytes, limits.age.count()})};
}

qint64 clearHistory() { return detail::forgetAll(); }

} // namespace legwork
