// B402. Calls of all faces by chance, for a time, with faults; and the books afterwards.
//
//     soak MINUTES [SAMPLES.csv]         LEGWORK_SOAK_SEED plays a run again, as far as threads allow
//     soak --picture SAMPLES.csv PICTURE.png
#include "picture.h"
#include "soak.h"

#include <QtCore/QCoreApplication>
#include <QtGui/QGuiApplication>

#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>

namespace {

// Warnings are many here: what bodies and callbacks throw, what is refused. They are of Legwork, or of a line of
// Soak.qml; one of Qt itself is a fault, and so is a mistake in Soak.qml.
std::mutex mutex;
QStringList foreign;

void take(QtMsgType, const QMessageLogContext &context, const QString &text)
{
    const auto category = QLatin1String(context.category ? context.category : "");
    if (category.startsWith(QLatin1String("legwork")) || category == QLatin1String("qml")
        || category == QLatin1String("js"))
        return;
    if (text.startsWith(QLatin1String("qrc:/soak/")) && !text.contains(QLatin1String("TypeError"))
        && !text.contains(QLatin1String("ReferenceError")))
        return;
    const std::lock_guard lock(mutex);
    if (foreign.size() < 20)
        foreign += text;
}

int usage()
{
    std::fputs("usage: soak MINUTES [SAMPLES.csv]\n       soak --picture SAMPLES.csv PICTURE.png\n", stderr);
    return 2;
}

int picture(int argc, char **argv)
{
    const QGuiApplication application(argc, argv);
    const auto samples = soak::read(QString::fromLocal8Bit(argv[2]));
    if (soak::draw(samples, QString::fromLocal8Bit(argv[3])))
        return 0;
    std::fprintf(stderr, "soak: no picture: %s has %lld samples, or %s cannot be written\n", argv[2],
                 static_cast<long long>(samples.size()), argv[3]);
    return 1;
}

int run(int argc, char **argv, double minutes)
{
    // Where a thread is refused, Rust would read debug information to print a stack, and keep that in memory.
    qputenv("RUST_BACKTRACE", "0");
    // The C library would keep up to 8 MiB at the top of each of its arenas, once it has seen large blocks, and fill
    // one arena after the other: for minutes that looks as if memory was lost.
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
    mallopt(M_TRIM_THRESHOLD, 128 << 10);
    mallopt(M_ARENA_MAX, 4);
    const QCoreApplication application(argc, argv);
    qInstallMessageHandler(take);
    const auto known = qEnvironmentVariable("LEGWORK_SOAK_SEED");
    const quint64 seed =
        known.isEmpty() ? static_cast<quint64>(QDateTime::currentMSecsSinceEpoch()) : known.toULongLong();
    std::printf("LEGWORK_SOAK_SEED=%llu, %g minutes\n", static_cast<unsigned long long>(seed), minutes);
    std::fflush(stdout);
    int faults = 0;
    {
        soak::Soak soak(seed, minutes * 60);
        faults = soak.run();
        std::fputs(qUtf8Printable(soak.summary()), stdout);
        if (argc > 2 && !soak::write(QString::fromLocal8Bit(argv[2]), soak.samples())) {
            std::fprintf(stderr, "soak: %s cannot be written\n", argv[2]);
            ++faults;
        }
    }
    for (const auto &text : std::as_const(foreign)) {
        std::printf("FAULT: Qt warns: %s\n", qUtf8Printable(text));
        ++faults;
    }
    std::printf("%s: %d faults\n", faults == 0 ? "good" : "NOT good", faults);
    return faults == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 4 && qstrcmp(argv[1], "--picture") == 0)
        return picture(argc, argv);
    const double minutes = argc > 1 ? std::atof(argv[1]) : 0;
    if (argc > 3 || minutes <= 0)
        return usage();
    return run(argc, argv, minutes);
}
