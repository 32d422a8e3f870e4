// What the dashboard shows: two sources that answer, one that takes longer than a tick, and one that hangs. They know
// nothing of tasks.
#ifndef SOURCES_H
#define SOURCES_H

#include <QtCore/QDateTime>
#include <QtCore/QStringList>
#include <QtCore/QThread>

#include <cmath>
#include <functional>

inline QStringList sources() { return {"Temperature", "Pressure", "Humidity", "Feed"}; }

// Blocks until there is a reading, or until it is to stop.
inline double measure(const QString &source, const std::function<bool()> &stopped)
{
    const auto begun = QDateTime::currentMSecsSinceEpoch();
    const qint64 takes = source == "Humidity" ? 150 : source == "Feed" ? 3'600'000 : 0;
    while (!stopped() && QDateTime::currentMSecsSinceEpoch() - begun < takes)
        QThread::msleep(5);
    return std::round(200 + 20 * std::sin(double(begun) / 1000)) / 10;
}

#endif
