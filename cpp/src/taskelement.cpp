#include "taskelement.h"

#include "bridge/bridge.h"
#include "bridge/calls.h"

#include "legwork/src/qt/groups.cxx.h"

#include <QtQml/QQmlContext>
#include <QtQml/QQmlEngine>

namespace legwork {

TaskElement::TaskElement(QObject *parent) : DeclaredTask(parent) { }

TaskElement::~TaskElement() { end(); }

QString TaskElement::wrongWork() const
{
    const bool isScript = !m_script.isEmpty();
    if (isScript != m_job.isEmpty())
        return isScript ? QStringLiteral("both job and script are set; expected one of them")
                        : QStringLiteral("neither job nor script is set");
    return {};
}

void TaskElement::addOptions(QVariantMap &options) const
{
    if (isNone(m_intervalMs))
        return;
    options.insert(QStringLiteral("periodic"), true);
    options.insert(QStringLiteral("intervalMs"), m_intervalMs);
}

// Qt resolves a URL that is assigned no more: each property does it, as the source of an Image.
QUrl TaskElement::module() const
{
    const auto *context = qmlContext(this);
    return context ? context->resolvedUrl(m_script) : m_script;
}

detail::BridgeTask TaskElement::submitWith(const QVariantMap &options, quint64 owner, std::uint16_t site)
{
    const auto work = m_script.isEmpty() ? detail::workOf(m_job) : detail::workOf(module(), m_functionName);
    return detail::submitJobWith(work, m_args, options, {owner, true, isLoose(), false, false, site});
}

} // namespace legwork
