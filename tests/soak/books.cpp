#include "books.h"

#include <cstdio>

using legwork::TaskManager;

namespace soak {

const char *nameOf(Face face)
{
    switch (face) {
    case Face::Cpp:
        return "C++";
    case Face::Qml:
        return "QML";
    case Face::Plugins:
        return "plugins";
    }
    return "";
}

Books::Books()
{
    m_time.start();
    auto *manager = TaskManager::instance();
    connect(manager, &TaskManager::taskQueued, this, &Books::queued);
    connect(manager, &TaskManager::taskStarted, this, &Books::started);
    connect(manager, &TaskManager::taskCompleted, this,
            [this](const QString &id) { ended(id, m_told.completed, "completed"); });
    connect(manager, &TaskManager::taskCancelled, this,
            [this](const QString &id) { ended(id, m_told.cancelled, "cancelled"); });
    connect(manager, &TaskManager::taskFailed, this, &Books::failed);
}

void Books::fault(const QString &what)
{
    if (++m_faults <= 50)
        std::printf("FAULT: %s\n", qUtf8Printable(what));
}

// ---- callers ------------------------------------------------------------------------------------

void Books::accepted(Face face, const QString &id, bool hears)
{
    const QMutexLocker lock(&m_mutex);
    auto &calls = m_calls[static_cast<int>(face)];
    auto &entry = m_entries[id];
    ++(entry.called ? calls.found : calls.accepted);
    entry.called = true;
    entry.hears += hears;
    m_promised += hears;
    settle(id, Entry(entry));
}

void Books::refused(Face face, const QString &why)
{
    if (why.isEmpty())
        fault(QStringLiteral("a call of %1 was refused without a text").arg(QLatin1String(nameOf(face))));
    const QMutexLocker lock(&m_mutex);
    ++m_calls[static_cast<int>(face)].refused;
}

void Books::heard(const QString &id)
{
    const QMutexLocker lock(&m_mutex);
    ++m_heard;
    auto entry = m_entries.find(id);
    if (entry == m_entries.end() || !entry->ended || entry->hears == 0) {
        fault("a callback heard of " + id + ", which is done with, or has not ended, or was heard of before");
        return;
    }
    --entry->hears;
    settle(id, Entry(*entry));
}

// Those of a library that could not be loaded to its end have nobody else who counts them.
void Books::submittedBy(const QString &plugin) { m_plugins += plugin; }

// ---- what is told -------------------------------------------------------------------------------

void Books::queued(const QString &id)
{
    ++m_told.queued;
    const auto isOfPlugin = [this, &id] {
        const auto info = TaskManager::instance()->taskInfo(id).toMap();
        // One has a task of the application's, too.
        return m_plugins.contains(info["owner"].toString()) || info["job"].toString() == QStringLiteral("host.number");
    };
    bool known = false;
    {
        const QMutexLocker lock(&m_mutex);
        known = m_entries.contains(id);
    }
    if (!known && isOfPlugin())
        accepted(Face::Plugins, id);
    const QMutexLocker lock(&m_mutex);
    auto &entry = m_entries[id];
    if (entry.queued || entry.ended)
        fault("taskQueued came twice, or late, of " + about(id));
    entry.queued = true;
    settle(id, Entry(entry));
}

void Books::started(const QString &id)
{
    ++m_told.started;
    const QMutexLocker lock(&m_mutex);
    auto entry = m_entries.find(id);
    if (entry == m_entries.end() || !entry->queued || entry->started || entry->ended) {
        fault("taskStarted came twice, or not between queued and its end, of " + about(id));
        return;
    }
    entry->started = true;
}

void Books::failed(const QString &id, const QString &error)
{
    if (error.isEmpty())
        fault("taskFailed without a text of " + about(id));
    // Each run of a periodic task that fails is told so.
    const auto info = TaskManager::instance()->taskInfo(id).toMap();
    if (info["periodic"].toBool()) {
        const auto status = static_cast<legwork::Status>(info["status"].toInt());
        const bool isOver = status == legwork::Status::Failed || status == legwork::Status::TimedOut
            || status == legwork::Status::Abandoned;
        if (!isOver || m_periodic.contains(id))
            return;
        m_periodic.insert(id, m_time.elapsed());
        m_periodicOrder.push_back(id);
        while (m_time.elapsed() - m_periodic.value(m_periodicOrder.front()) > 20'000) {
            m_periodic.remove(m_periodicOrder.front());
            m_periodicOrder.pop_front();
        }
    } else if (m_periodic.contains(id)) {
        return;
    }
    ended(id, m_told.failed, "failed");
}

void Books::ended(const QString &id, quint64 &count, const char *how)
{
    ++count;
    const QMutexLocker lock(&m_mutex);
    auto entry = m_entries.find(id);
    if (entry == m_entries.end() || !entry->queued || entry->ended) {
        fault(QStringLiteral("%1 was told, not queued before, or of what had ended: ").arg(QLatin1String(how))
              + about(id));
        return;
    }
    if (&count == &m_told.completed && !entry->started)
        fault("completed without a start: " + about(id));
    entry->ended = true;
    settle(id, Entry(*entry));
}

void Books::settle(const QString &id, const Entry &entry)
{
    if (entry.called && entry.queued && entry.ended && entry.hears == 0)
        m_entries.remove(id);
}

// ---- asking -------------------------------------------------------------------------------------

int Books::open() const
{
    const QMutexLocker lock(&m_mutex);
    return static_cast<int>(m_entries.size());
}

QStringList Books::openIds() const
{
    const QMutexLocker lock(&m_mutex);
    return m_entries.keys();
}

QString Books::about(const QString &id) const
{
    const auto info = TaskManager::instance()->taskInfo(id).toMap();
    const auto entry = m_entries.value(id);
    return QStringLiteral("%1 (%2, \"%3\", owner \"%4\", called %5, queued %6, started %7, ended %8, to be heard %9)")
        .arg(id, info.isEmpty() ? QStringLiteral("forgotten") : info["statusName"].toString(), info["name"].toString(),
             info["owner"].toString())
        .arg(entry.called)
        .arg(entry.queued)
        .arg(entry.started)
        .arg(entry.ended)
        .arg(entry.hears);
}

Calls Books::calls(Face face) const
{
    const QMutexLocker lock(&m_mutex);
    return m_calls[static_cast<int>(face)];
}

Calls Books::calls() const
{
    Calls sum;
    for (const auto face : {Face::Cpp, Face::Qml, Face::Plugins}) {
        const auto of = calls(face);
        sum.accepted += of.accepted;
        sum.refused += of.refused;
        sum.found += of.found;
    }
    return sum;
}

void Books::compare()
{
    const auto all = calls();
    if (all.accepted != m_told.queued || all.accepted != m_told.ends())
        fault(QStringLiteral("callers have %1 tasks that were accepted, taskQueued told %2, and ends %3 (%4 + %5 + %6)")
                  .arg(all.accepted)
                  .arg(m_told.queued)
                  .arg(m_told.ends())
                  .arg(m_told.completed)
                  .arg(m_told.failed)
                  .arg(m_told.cancelled));
    if (m_promised != m_heard)
        fault(QStringLiteral("of %1 callbacks %2 were called").arg(m_promised).arg(m_heard));
    // Each end that was delivered is in the figures, which are taken from the begin.
    quint64 delivered = 0;
    for (const auto &lane : TaskManager::instance()->stats().toMap()["lanes"].toList())
        delivered += lane.toMap()["delivery"].toMap()["count"].toULongLong();
    if (delivered != m_told.ends())
        fault(QStringLiteral("stats() has %1 deliveries, and %2 ends were told").arg(delivered).arg(m_told.ends()));
}

} // namespace soak
