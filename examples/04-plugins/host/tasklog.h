// Says in words what the tasks do.
#ifndef TASKLOG_H
#define TASKLOG_H

#include <QtCore/QObject>
#include <QtCore/QVariantMap>

class TaskLog : public QObject {
    Q_OBJECT

public:
    explicit TaskLog(QObject *parent = nullptr);

signals:
    void line(const QString &text);
    // A task began, went on or ended.
    void changed();

private:
    void say(const QString &id, const QString &what);
};

// A result in one line; empty where there is none that can be shown.
QString shown(const QVariant &result);

#endif
