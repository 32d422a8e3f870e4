#include "samples.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTextStream>

#include <malloc.h>
#include <unistd.h>

#include <algorithm>

// Of AddressSanitizer, where it is there: it has a malloc of its own.
extern "C" __attribute__((weak)) std::size_t __sanitizer_get_current_allocated_bytes();

namespace soak {

namespace {

constexpr double mebibyte = 1 << 20;
constexpr auto header = "seconds,memory_mib,heap_mib,threads,descriptors,tasks,tasks_per_second";

bool isSanitized() { return __sanitizer_get_current_allocated_bytes; }

double number(const char *file, int field)
{
    QFile from(QString::fromLatin1(file));
    if (!from.open(QIODevice::ReadOnly))
        return 0;
    return from.readAll().simplified().split(' ').value(field).toDouble();
}

int entries(const char *folder)
{
    return static_cast<int>(
        QDir(QString::fromLatin1(folder)).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot).size());
}

} // namespace

Sample take()
{
    malloc_trim(0);
    Sample sample;
    sample.memory = number("/proc/self/statm", 1) * static_cast<double>(sysconf(_SC_PAGESIZE)) / mebibyte;
    if (isSanitized()) {
        sample.heap = static_cast<double>(__sanitizer_get_current_allocated_bytes()) / mebibyte;
    } else {
        const auto info = mallinfo2();
        sample.heap = static_cast<double>(info.uordblks + info.hblkhd) / mebibyte;
    }
    sample.threads = entries("/proc/self/task");
    sample.descriptors = entries("/proc/self/fd") - 1; // the one that looks
    return sample;
}

bool write(const QString &file, const QList<Sample> &samples)
{
    QFile to(file);
    if (!to.open(QIODevice::WriteOnly))
        return false;
    QTextStream out(&to);
    out << header << '\n';
    for (const auto &sample : samples)
        out << QString::number(sample.seconds, 'f', 1) << ',' << QString::number(sample.memory, 'f', 2) << ','
            << QString::number(sample.heap, 'f', 2) << ',' << sample.threads << ',' << sample.descriptors << ','
            << QString::number(sample.tasks, 'f', 0) << ',' << QString::number(sample.rate, 'f', 0) << '\n';
    return out.status() == QTextStream::Ok;
}

QList<Sample> read(const QString &file)
{
    QFile from(file);
    QList<Sample> samples;
    if (!from.open(QIODevice::ReadOnly) || from.readLine().trimmed() != header)
        return samples;
    while (!from.atEnd()) {
        const auto cells = from.readLine().trimmed().split(',');
        if (cells.size() == 7)
            samples += {cells[0].toDouble(), cells[1].toDouble(), cells[2].toDouble(), cells[3].toInt(),
                        cells[4].toInt(),    cells[5].toDouble(), cells[6].toDouble()};
    }
    return samples;
}

double middle(const QList<Sample> &samples, qsizetype from, qsizetype count, double (*column)(const Sample &))
{
    QList<double> values;
    for (const auto &sample : samples.mid(from, count))
        values += column(sample);
    std::sort(values.begin(), values.end());
    return values.isEmpty() ? 0 : values[values.size() / 2];
}

QList<Level> levels(const QList<Sample> &samples)
{
    // Warm after a fifth: each plugin was loaded, each worker has had a JavaScript engine, the allocator has the shape
    // that these calls give it.
    const auto warm = samples.size() / 5;
    const auto quarter = (samples.size() - warm) / 4;
    if (quarter < 2)
        return {};
    const auto level = [&](const char *name, double (*column)(const Sample &), double share, double allowed) {
        const auto first = middle(samples, warm, quarter, column);
        const auto last = middle(samples, samples.size() - quarter, quarter, column);
        return Level{QString::fromLatin1(name), first, last, first * share + allowed};
    };
    QList<Level> found;
    // What is resident is not what is allocated: pages stay that are used in part. To lose 100 bytes a task would be
    // more than this after a minute.
    if (!isSanitized())
        found += level(
            "memory (MiB)", [](const Sample &sample) { return sample.memory; }, 0.1, 4);
    found += level(
        "heap (MiB)", [](const Sample &sample) { return sample.heap; }, 0.1, 2);
    // A worker may be on its way in or out.
    found += level(
        "threads", [](const Sample &sample) { return double(sample.threads); }, 0, 1);
    found += level(
        "descriptors", [](const Sample &sample) { return double(sample.descriptors); }, 0, 1);
    return found;
}

} // namespace soak
