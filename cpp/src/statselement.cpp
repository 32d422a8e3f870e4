#include "statselement.h"

#include "legwork/src/qt/bridge_stats.cxx.h"

#include <QtCore/QDateTime>
#include <QtCore/QPointer>
#include <QtQml/QQmlInfo>

#include <utility>

namespace legwork {

namespace {

constexpr int shortest = 100;
constexpr int longest = 24 * 60 * 60 * 1'000;

const QString nameKey = QStringLiteral("name");
const QString runningKey = QStringLiteral("running");
const QString countKey = QStringLiteral("count");

// What stats() calls a list, in the order of By.
const QString lists[] = {QStringLiteral("jobs"), QStringLiteral("lanes"), QStringLiteral("owners")};

} // namespace

StatsElement::StatsElement(QObject *parent) : QAbstractListModel(parent)
{
    connect(&m_timer, &QTimer::timeout, this, &StatsElement::refresh);
}

StatsElement::~StatsElement()
{
    if (m_shows)
        detail::showFigures(false);
}

void StatsElement::componentComplete()
{
    m_complete = true;
    settle();
}

void StatsElement::setActive(bool active)
{
    if (m_active == active)
        return;
    m_active = active;
    const QPointer<StatsElement> self(this);
    settle();
    if (self)
        Q_EMIT activeChanged();
}

void StatsElement::setTicking(bool ticking)
{
    if (m_ticking == ticking)
        return;
    m_ticking = ticking;
    const QPointer<StatsElement> self(this);
    settle();
    if (self)
        Q_EMIT tickingChanged();
}

void StatsElement::setInterval(int interval)
{
    if (interval < shortest || interval > longest) {
        qmlWarning(this) << "interval is " << interval << "; expected from " << shortest << " to " << longest << " ms";
    } else if (m_interval != interval) {
        m_interval = interval;
        m_timer.setInterval(interval);
        Q_EMIT intervalChanged();
    }
}

void StatsElement::setBy(By by)
{
    if (by < Jobs || by > Owners) {
        qmlWarning(this) << "by is " << static_cast<int>(by)
                         << "; expected TaskStats.Jobs, TaskStats.Lanes or TaskStats.Owners";
    } else if (m_by != by) {
        m_by = by;
        const QPointer<StatsElement> self(this);
        if (m_complete)
            refresh();
        if (self)
            Q_EMIT byChanged();
    }
}

void StatsElement::settle()
{
    const bool shows = m_complete && m_active;
    const bool ticks = shows && m_ticking;
    const bool begins = (shows && !m_shows) || (ticks && !m_timer.isActive());
    if (m_shows != shows) {
        m_shows = shows;
        detail::showFigures(shows);
    }
    if (!ticks)
        m_timer.stop();
    else if (!m_timer.isActive())
        m_timer.start(m_interval);
    if (begins)
        refresh();
}

void StatsElement::reset()
{
    detail::resetFigures();
    refresh();
}

void StatsElement::refresh()
{
    if (m_reading) {
        m_again = true;
        return;
    }
    m_reading = true;
    const auto figures = detail::figures().toMap();
    QList<QVariantMap> rows;
    for (const auto &row : figures.value(lists[m_by]).toList())
        rows.append(row.toMap());
    const auto since = figures.value(QStringLiteral("sinceMs")).toLongLong();

    const int count = this->count();
    const QPointer<StatsElement> self(this);
    become(rows);
    if (self && m_sinceMs != since) {
        m_sinceMs = since;
        Q_EMIT sinceChanged();
    }
    if (self && count != this->count())
        Q_EMIT countChanged();
    if (!self)
        return;
    m_reading = false;
    if (std::exchange(m_again, false))
        QMetaObject::invokeMethod(this, &StatsElement::refresh, Qt::QueuedConnection);
}

void StatsElement::become(const QList<QVariantMap> &rows)
{
    const QPointer<StatsElement> self(this);
    for (qsizetype at = 0; at < rows.size(); ++at) {
        const auto name = rows[at].value(nameKey);
        const int row = static_cast<int>(at);
        auto was = at;
        while (was < m_rows.size() && m_rows.at(was).value(nameKey) != name)
            ++was;
        if (was == m_rows.size()) {
            beginInsertRows({}, row, row);
            m_rows.insert(at, rows[at]);
            endInsertRows();
        } else {
            if (was != at) {
                beginMoveRows({}, static_cast<int>(was), static_cast<int>(was), {}, row);
                m_rows.move(was, at);
                endMoveRows();
            }
            if (self && m_rows.at(at) != rows[at]) {
                m_rows[at] = rows[at];
                Q_EMIT dataChanged(index(row), index(row));
            }
        }
        if (!self)
            return;
    }
    if (m_rows.size() > rows.size()) {
        beginRemoveRows({}, static_cast<int>(rows.size()), count() - 1);
        m_rows.resize(rows.size());
        endRemoveRows();
    }
}

QVariant StatsElement::since() const
{
    return m_sinceMs ? QVariant(QDateTime::fromMSecsSinceEpoch(m_sinceMs)) : QVariant::fromValue(nullptr);
}

int StatsElement::rowCount(const QModelIndex &parent) const { return parent.isValid() ? 0 : count(); }

QVariant StatsElement::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= count())
        return {};
    const auto &row = m_rows.at(index.row());
    if (role == RunsRole)
        return row.value(runningKey).toMap().value(countKey);
    return row.value(role == Qt::DisplayRole ? nameKey : QString::fromLatin1(roleNames().value(role)));
}

QHash<int, QByteArray> StatsElement::roleNames() const
{
    return {{NameRole, "name"},
            {RunsRole, "runs"},
            {WaitingRole, "waiting"},
            {RunningRole, "running"},
            {DeliveryRole, "delivery"}};
}

} // namespace legwork
