// `TaskStats` in QML: the figures of all tasks, as a list that is renewed.
#ifndef LEGWORK_STATSELEMENT_H
#define LEGWORK_STATSELEMENT_H

#include <QtCore/QAbstractListModel>
#include <QtCore/QList>
#include <QtCore/QTimer>
#include <QtCore/QVariant>
#include <QtQml/QQmlParserStatus>
#include <QtQml/qqml.h>

namespace legwork {

// How long tasks wait, run, and are on their way: a row for each job, lane or owner. As long as it is active the
// service takes figures; an application that has called TaskManager.collectStats(true) has them taken in any case. On
// the thread that made it.
//
// A setter never throws: a value that is not possible is logged, and the property stays as it is. What a slot does to
// the element while rows come and go is done in the next turn of the event loop.
class StatsElement : public QAbstractListModel, public QQmlParserStatus {
    Q_OBJECT
    Q_INTERFACES(QQmlParserStatus)
    QML_NAMED_ELEMENT(TaskStats)

    // Whether figures are taken for it, from when its document is complete. They are read as it becomes true, and the
    // rows stay as it becomes false. Default: true.
    Q_PROPERTY(bool active READ isActive WRITE setActive NOTIFY activeChanged)
    // Whether it reads them every `interval` while it is active. Where nobody sees them, false saves the wake-ups; they
    // are read as it becomes true. Default: true.
    Q_PROPERTY(bool ticking READ isTicking WRITE setTicking NOTIFY tickingChanged)
    // How often it reads them, in ms, from 100 to 86,400,000, a day. Default: 1000.
    Q_PROPERTY(int interval READ interval WRITE setInterval NOTIFY intervalChanged)
    // Of what there is a row for each: Jobs and Owners, whose runs took the most time in all first; or Lanes: High,
    // Normal, Low. Default: Jobs.
    Q_PROPERTY(By by READ by WRITE setBy NOTIFY byChanged)
    // A date: since when the figures were taken, as they were read; null before.
    Q_PROPERTY(QVariant since READ since NOTIFY sinceChanged)
    // How many rows there are.
    Q_PROPERTY(int count READ count NOTIFY countChanged)

public:
    enum By { Jobs, Lanes, Owners };
    Q_ENUM(By)

    // `name` is empty for what has none, and for all that came when 64 others were there. `runs` is how many runs have
    // ended. The others are maps {count, p50Ms, p95Ms, maxMs, totalMs}.
    enum Role { NameRole = Qt::UserRole + 1, RunsRole, WaitingRole, RunningRole, DeliveryRole };

    explicit StatsElement(QObject *parent = nullptr);
    ~StatsElement() override;

    bool isActive() const { return m_active; }
    void setActive(bool active);
    bool isTicking() const { return m_ticking; }
    void setTicking(bool ticking);
    int interval() const { return m_interval; }
    void setInterval(int interval);
    By by() const { return m_by; }
    void setBy(By by);
    QVariant since() const;
    int count() const { return static_cast<int>(m_rows.size()); }

    // Reads the figures now, also while it is not active.
    Q_INVOKABLE void refresh();
    // Forgets the figures of the process: TaskManager.resetStats(). What begins from here on counts.
    Q_INVOKABLE void reset();

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QHash<int, QByteArray> roleNames() const override;

    void classBegin() override { }
    void componentComplete() override;

Q_SIGNALS:
    void activeChanged();
    void tickingChanged();
    void intervalChanged();
    void byChanged();
    void sinceChanged();
    void countChanged();

private:
    // Begins or ends what `active` and `ticking` ask for.
    void settle();
    // Makes the rows such, by as few changes as a view can follow.
    void become(const QList<QVariantMap> &rows);

    bool m_complete = false;
    bool m_active = true;
    bool m_ticking = true;
    int m_interval = 1'000;
    By m_by = Jobs;
    qint64 m_sinceMs = 0; // since 1970; 0 before there are figures
    QList<QVariantMap> m_rows; // as stats() has them
    QTimer m_timer; // at work while it is complete, active and ticking
    bool m_shows = false; // the service takes figures for it
    bool m_reading = false;
    bool m_again = false; // a slot has asked for the figures while they were read
};

} // namespace legwork

#endif
