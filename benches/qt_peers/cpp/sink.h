// Where the results of every contender arrive: a slot of an object of the UI thread.
#ifndef LEGWORK_BENCHES_SINK_H
#define LEGWORK_BENCHES_SINK_H

#include <QtCore/QEventLoop>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QVariant>

#include <chrono>

namespace bench {

using Clock = std::chrono::steady_clock;

inline qint64 nanoseconds(Clock::time_point from, Clock::time_point to)
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(to - from).count();
}

// Keeps a processor busy.
inline void spin(qint64 ns)
{
    if (ns <= 0)
        return;
    const auto end = Clock::now() + std::chrono::nanoseconds(ns);
    while (Clock::now() < end) { }
}

// What a contender without a signal of its own emits.
class Source : public QObject {
    Q_OBJECT
signals:
    void done(const QString &id, const QVariant &result);
};

class Sink : public QObject {
    Q_OBJECT

public:
    // Returns when so many have arrived.
    void await(qint64 count)
    {
        m_expected = count;
        if (m_arrived < count)
            m_loop.exec();
    }

    qint64 arrived() const { return m_arrived; }
    // What a slot takes besides.
    void setBusy(qint64 ns) { m_busy = ns; }
    // An optimiser cannot leave the results out.
    qint64 sum() const { return m_sum; }

public slots:
    void arrive(const QString &id, const QVariant &result)
    {
        m_sum += id.size() + result.toInt();
        spin(m_busy);
        if (++m_arrived == m_expected)
            m_loop.quit();
    }

private:
    QEventLoop m_loop;
    qint64 m_arrived = 0;
    qint64 m_expected = -1;
    qint64 m_busy = 0;
    qint64 m_sum = 0;
};

} // namespace bench

#endif
