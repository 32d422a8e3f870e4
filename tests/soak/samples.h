// What the process takes, looked at when all is quiet.
#ifndef LEGWORK_SOAK_SAMPLES_H
#define LEGWORK_SOAK_SAMPLES_H

#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

namespace soak {

struct Sample {
    double seconds = 0;
    double memory = 0; // MiB that are resident
    double heap = 0; // MiB that are allocated
    int threads = 0;
    int descriptors = 0;
    double tasks = 0; // ended by then
    double rate = 0; // tasks a second since the last
};

// After what can be given back is.
Sample take();

bool write(const QString &file, const QList<Sample> &samples);
QList<Sample> read(const QString &file);

// The middle of a column, in a part of the samples.
double middle(const QList<Sample> &samples, qsizetype from, qsizetype count, double (*column)(const Sample &));

struct Level {
    QString name;
    double first = 0;
    double last = 0;
    double allowed = 0; // more than the first
    bool isLevel() const { return last <= first + allowed; }
};

// The first quarter, after what is warmed up, against the last. Empty where there are too few samples.
QList<Level> levels(const QList<Sample> &samples);

} // namespace soak

#endif
