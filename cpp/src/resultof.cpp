#include "resultof.h"

namespace legwork::detail {

namespace {

// Values are read on workers, too, where no group is started.
thread_local const Previous *innermost = nullptr;

} // namespace

QVariant placeOfResult(const QString &task) { return QVariant::fromValue(ResultOf{task, 0}); }

QVariant placeOfPrevious(quint64 group) { return QVariant::fromValue(ResultOf{{}, group}); }

Previous::Previous(quint64 group, const QString &task) : m_group(group), m_task(task), m_outer(innermost)
{
    innermost = this;
}

Previous::~Previous() { innermost = m_outer; }

std::optional<QString> Previous::of(quint64 group)
{
    for (const auto *scope = innermost; scope; scope = scope->m_outer) {
        if (scope->m_group == group)
            return scope->m_task;
    }
    return {};
}

} // namespace legwork::detail
