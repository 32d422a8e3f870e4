#include "externalelement.h"

#include "bridge/bridge.h"
#include "bridge/calls.h"

#include "legwork/external.h"

#include <QtQml/QJSValue>
#include <QtQml/QQmlInfo>

#include <utility>

namespace legwork {

namespace {

// The text of what is said to have gone wrong.
QString textOf(const QVariant &error)
{
    const auto message = QStringLiteral("message");
    if (error.metaType() == QMetaType::fromType<QJSValue>()) {
        const auto value = error.value<QJSValue>();
        return value.hasProperty(message) ? value.property(message).toString() : value.toString();
    }
    const auto map = error.toMap();
    return map.contains(message) ? map.value(message).toString() : error.toString();
}

} // namespace

ExternalElement::ExternalElement(QObject *parent) : DeclaredTask(parent) { }

ExternalElement::~ExternalElement() { end(); }

QString ExternalElement::wrongWork() const { return {}; }

void ExternalElement::addOptions(QVariantMap &) const { }

// It is told as the work is to begin, and not where it was asked to stop meanwhile.
void ExternalElement::tellStarted() { }

detail::BridgeTask ExternalElement::submitWith(const QVariantMap &options, quint64 owner, std::uint16_t site)
{
    auto task = std::make_unique<detail::ExternalTask>(
        this, options, owner, site, [this] { Q_EMIT started(); }, [this] { Q_EMIT stopRequested(); });
    detail::BridgeTask answer{task->task().id(), {}};
    if (const auto *refused = task->task().refused())
        answer.error = refused->message;
    // The last one, which was asked to stop if it had not ended, goes with this.
    std::swap(m_task, task);
    return answer;
}

bool ExternalElement::complete(const QVariant &result)
{
    if (!m_task)
        return false;
    QString wrong;
    const bool ends = m_task->complete(result, wrong);
    if (!wrong.isEmpty())
        qmlWarning(this) << wrong;
    return ends;
}

bool ExternalElement::fail(const QVariant &error) { return m_task && m_task->fail(textOf(error), {}); }

void ExternalElement::setProgress(double value)
{
    if (m_task)
        m_task->report(value);
}

void ExternalElement::setProgress(double value, const QString &message)
{
    if (m_task)
        m_task->report(value, message);
}

void ExternalElement::setProgress(double done, double total, const QString &unit)
{
    if (m_task)
        m_task->report(done, total, unit);
}

void ExternalElement::setMessage(const QString &message)
{
    if (m_task)
        m_task->report(message);
}

} // namespace legwork
