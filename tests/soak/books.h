// The books of the soak: each call that submits, by its caller, against what TaskManager tells of the task.
#ifndef LEGWORK_SOAK_BOOKS_H
#define LEGWORK_SOAK_BOOKS_H

#include <legwork/legwork.h>

#include <QtCore/QElapsedTimer>
#include <QtCore/QHash>
#include <QtCore/QMutex>
#include <QtCore/QMutexLocker>
#include <QtCore/QObject>
#include <QtCore/QStringList>

#include <deque>

namespace soak {

enum class Face { Cpp, Qml, Plugins };
constexpr int faces = 3;
const char *nameOf(Face face);

// Of one face, by its callers.
struct Calls {
    quint64 accepted = 0;
    quint64 refused = 0;
    // The answer was a task that was there: KeyPolicy::Keep, or an element that was at work.
    quint64 found = 0;
};

// What the signals told.
struct Told {
    quint64 queued = 0;
    quint64 started = 0;
    quint64 completed = 0;
    quint64 failed = 0;
    quint64 cancelled = 0;
    quint64 ends() const { return completed + failed + cancelled; }
};

// A task stands here from its call, or from taskQueued if that was faster, until its caller and the signals have said
// all that they have to. So nothing is left once all is quiet, and the books take no memory with time.
class Books : public QObject {
    Q_OBJECT

public:
    Books();

    // A call that gave a task, or refused it. From any thread. With `hears` the end is counted by a callback, too: for
    // tasks without an owner, as its end would take the callback with it.
    template<typename T> const legwork::Task<T> &enter(Face face, const legwork::Task<T> &task, bool hears)
    {
        if (!task.isValid()) {
            refused(face, task.error().message);
            return task;
        }
        const auto id = task.id();
        accepted(face, id, hears);
        if (hears)
            task.onEnd(this, [this, id] { heard(id); });
        return task;
    }
    void accepted(Face face, const QString &id, bool hears = false);
    void refused(Face face, const QString &why);
    void submittedBy(const QString &plugin);
    void heard(const QString &id);

    // What must not be.
    void fault(const QString &what);
    int faults() const { return m_faults; }

    // The tasks that are not done with.
    int open() const;
    QStringList openIds() const;
    QString about(const QString &id) const;

    Calls calls(Face face) const;
    Calls calls() const;
    Told told() const { return m_told; }
    quint64 promised() const { return m_promised; }
    quint64 heard() const { return m_heard; }
    // Once all is quiet: what does not agree is a fault.
    void compare();

private:
    struct Entry {
        bool called = false;
        bool queued = false;
        bool started = false;
        bool ended = false;
        int hears = 0; // callbacks that are still to be called
    };

    void queued(const QString &id);
    void started(const QString &id);
    void failed(const QString &id, const QString &error);
    void ended(const QString &id, quint64 &count, const char *how);
    void settle(const QString &id, const Entry &entry);

    mutable QRecursiveMutex
        m_mutex; // of the entries, the calls and what was heard; nothing of a task's is called under it
    QHash<QString, Entry> m_entries;
    Calls m_calls[faces];
    quint64 m_promised = 0;
    quint64 m_heard = 0;
    Told m_told;
    QStringList m_plugins;
    // Periodic tasks that have ended: that their last run failed is told beside their end.
    QHash<QString, qint64> m_periodic;
    std::deque<QString> m_periodicOrder;
    QElapsedTimer m_time;
    std::atomic<int> m_faults = 0;
};

} // namespace soak

#endif
