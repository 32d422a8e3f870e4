#include "calls_qml.h"

#include <QtQml/QQmlComponent>

namespace soak {

CallsQml::CallsQml(quint64 seed, Books &books) : m_books(books), m_dice(seed), m_entries(books) { }

void CallsQml::open()
{
    m_engine = std::make_unique<QQmlEngine>();
    QQmlComponent component(m_engine.get(), QUrl(QStringLiteral("qrc:/soak/Soak.qml")));
    m_root.reset(
        component.createWithInitialProperties({{QStringLiteral("books"), QVariant::fromValue<QObject *>(&m_entries)},
                                               {QStringLiteral("seed"), m_dice.below(1 << 30)}}));
    if (!m_root)
        m_books.fault(component.errorString());
}

void CallsQml::step()
{
    if (m_dice.once(3'000))
        close();
    if (!m_engine)
        open();
    call("step");
}

void CallsQml::settle()
{
    if (m_engine)
        call("settle");
}

void CallsQml::close()
{
    // Either goes first.
    if (m_dice.once(2))
        m_root.reset();
    m_engine.reset();
    m_root.reset();
}

void CallsQml::call(const char *function)
{
    QVariant answer;
    if (m_root && !QMetaObject::invokeMethod(m_root.get(), function, Q_RETURN_ARG(QVariant, answer)))
        m_books.fault(QStringLiteral("Soak.qml has no %1()").arg(QLatin1String(function)));
}

} // namespace soak
