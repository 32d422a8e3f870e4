#include "clockelement.h"

#include "legwork/testing.h"
#include "legwork/src/qt/testing.cxx.h"

#include <QtQml/QJSEngine>
#include <QtQml/qqml.h>

#include <algorithm>
#include <cmath>

namespace legwork::testing {

namespace {

// What a number of JavaScript holds exactly.
constexpr double most = 9'007'199'254'740'992.0;

// The longest time that a call moves the clock: 100 years.
constexpr double longestMs = 100.0 * 365 * 24 * 60 * 60 * 1'000;

double milliseconds(qint64 nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

} // namespace

VirtualClockElement::VirtualClockElement(QObject *parent) : QObject(parent) { }

VirtualClockElement::~VirtualClockElement()
{
    if (m_active)
        detail::letClockGo();
}

void VirtualClockElement::componentComplete()
{
    m_complete = true;
    if (m_wanted)
        hold();
}

void VirtualClockElement::setActive(bool active)
{
    m_wanted = active;
    if (!m_complete || active == m_active)
        return;
    if (active) {
        raise(hold());
        return;
    }
    m_active = false;
    detail::letClockGo();
    Q_EMIT activeChanged();
}

QString VirtualClockElement::hold()
{
    const auto error = detail::holdClock(m_seed < 0 ? 0 : static_cast<quint64>(m_seed), m_seed >= 0);
    if (error.isEmpty()) {
        m_active = true;
        Q_EMIT activeChanged();
        Q_EMIT seedChanged();
    }
    return error;
}

double VirtualClockElement::seed() const
{
    return m_active ? static_cast<double>(detail::seedOfClock()) : std::max(m_seed, 0.0);
}

void VirtualClockElement::setSeed(double seed)
{
    if (m_active) {
        raise(QStringLiteral("seed: the clock is active; set it before, or set active to false first"));
    } else if (!(seed >= 0 && seed <= most) || std::floor(seed) != seed) {
        raise(QStringLiteral("seed is %1; expected a whole number from 0 to 2^53").arg(seed));
    } else if (seed != m_seed) {
        m_seed = seed;
        Q_EMIT seedChanged();
    }
}

double VirtualClockElement::now() const { return m_active ? milliseconds(detail::timeOfClock()) : 0; }

void VirtualClockElement::raise(const QString &error)
{
    auto *engine = error.isEmpty() ? nullptr : qjsEngine(this);
    if (engine)
        engine->throwError(QStringLiteral("VirtualClock: ") + error);
}

bool VirtualClockElement::ready()
{
    if (!m_active)
        raise(m_wanted ? hold() : QStringLiteral("it is not active; set active to true"));
    return m_active;
}

qint64 VirtualClockElement::time(const char *call, double ms)
{
    if (ms >= 0)
        return static_cast<qint64>(std::min(ms, longestMs) * 1e6);
    raise(QStringLiteral("%1: the time is %2 ms; expected 0 or more").arg(QLatin1String(call)).arg(ms));
    return -1;
}

void VirtualClockElement::fastForwardBy(double ms)
{
    const auto by = time("fastForwardBy", ms);
    if (by < 0 || !ready())
        return;
    raise(detail::fastForwardClock(by));
    Q_EMIT nowChanged();
}

void VirtualClockElement::advanceClock(double ms)
{
    const auto by = time("advanceClock", ms);
    if (by < 0 || !ready())
        return;
    raise(detail::advanceClock(by));
    Q_EMIT nowChanged();
}

void VirtualClockElement::runUntilIdle()
{
    if (!ready())
        return;
    raise(detail::runUntilIdle());
    Q_EMIT nowChanged();
}

QVariantList VirtualClockElement::pendingTasks()
{
    QVariantList list;
    if (!ready())
        return list;
    for (const auto &task : detail::pendingTasks()) {
        list.append(QVariantMap{{QStringLiteral("id"), task.id},
                                {QStringLiteral("name"), task.name},
                                {QStringLiteral("status"), static_cast<int>(task.status)},
                                {QStringLiteral("dueInMs"), task.due_in_ns < 0 ? -1.0 : milliseconds(task.due_in_ns)}});
    }
    return list;
}

void registerTesting()
{
    [[maybe_unused]] static const bool once = [] {
        qmlRegisterType<VirtualClockElement>("Legwork.Testing", 1, 0, "VirtualClock");
        qmlRegisterType<TaskSpy>("Legwork.Testing", 1, 0, "TaskSpy");
        return true;
    }();
}

} // namespace legwork::testing
