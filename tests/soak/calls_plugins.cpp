#include "calls_plugins.h"

using namespace std::chrono_literals;

namespace soak {

namespace {

// The plugins of tests/cpp: at work in every way; in the less obvious places; results from task to task; a body that
// does not hear; one whose initialize() throws.
const QString names[] = {QStringLiteral("busy"), QStringLiteral("corners"), QStringLiteral("pipes"),
                         QStringLiteral("stubborn"), QStringLiteral("throwing")};

} // namespace

CallsPlugins::CallsPlugins(quint64 seed, Books &books) : m_books(books), m_dice(seed)
{
    for (const auto &name : names)
        books.submittedBy(name);
}

void CallsPlugins::step()
{
    const auto name = names[m_dice.below(5)];
    if (!m_host.plugin(name))
        load(name);
    else if (m_dice.once(2))
        unload(name, false);
    else
        call(name);
}

void CallsPlugins::load(const QString &name)
{
    const auto *plugin = m_host.load(QStringLiteral(LEGWORK_PLUGINS "/lib%1.so").arg(name));
    if (!plugin != (name == QStringLiteral("throwing")))
        m_books.fault(QStringLiteral("%1: \"%2\"").arg(name, m_host.lastError()));
    ++m_loads;
    // None of its tasks is forgotten yet, as nothing of them was delivered.
    for (const auto &task : m_host.tasks(name))
        m_books.accepted(Face::Plugins, task.toMap()["id"].toString());
}

void CallsPlugins::call(const QString &name)
{
    auto *plugin = m_host.plugin(name);
    if (name == QStringLiteral("busy")) {
        QMetaObject::invokeMethod(plugin, "hearOn", Q_ARG(QObject *, &m_receiver));
    } else if (name == QStringLiteral("corners")) {
        if (m_dice.once(4))
            QMetaObject::invokeMethod(plugin, "refusedFor", Q_ARG(QObject *, &m_receiver));
        else
            QMetaObject::invokeMethod(plugin, "connectFor", Q_ARG(QObject *, &m_receiver));
        QString id;
        QMetaObject::invokeMethod(plugin, "work", Q_RETURN_ARG(QString, id));
    } else if (name == QStringLiteral("stubborn")) {
        QMetaObject::invokeMethod(plugin, "release");
    }
}

void CallsPlugins::unload(const QString &name, bool hasToGo)
{
    if (hasToGo || m_dice.once(2))
        settle();
    const auto report = m_host.unload(name, hasToGo ? 20s : 100ms);
    if (!report && (hasToGo || report.running.isEmpty()))
        m_books.fault(QStringLiteral("%1 is not unloaded: %2").arg(name, report.error));
    if (report && !report.codeGone)
        m_books.fault(QStringLiteral("the library of %1 has not left the process").arg(name));
}

void CallsPlugins::settle()
{
    if (auto *plugin = m_host.plugin(QStringLiteral("stubborn")))
        QMetaObject::invokeMethod(plugin, "release");
}

void CallsPlugins::close()
{
    for (const auto &name : m_host.plugins())
        unload(name, true);
}

} // namespace soak
