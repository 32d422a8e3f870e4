// What a program of others' does with an installed Legwork: it connects all signals by pointer to
// member, and hears each of them.
#include <legwork/legwork.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QSet>
#include <QtCore/QTimer>

#include <cstdio>
#include <stdexcept>

int main(int argc, char **argv)
{
    using legwork::TaskManager;
    QCoreApplication application(argc, argv);
    QSet<QString> heard;
    const auto note = [&](const char *signal) {
        heard.insert(QLatin1String(signal));
        if (heard.size() == 5)
            QCoreApplication::quit();
    };
    auto *manager = TaskManager::instance();
    const bool connected = QObject::connect(manager, &TaskManager::taskStarted, manager, [&] { note("started"); })
        && QObject::connect(manager, &TaskManager::taskCompleted, manager,
                            [&](const QString &, const QVariant &result) {
                                if (result.toInt() == 42)
                                    note("completed");
                            })
        && QObject::connect(manager, &TaskManager::taskFailed, manager,
                            [&](const QString &, const QString &error) {
                                if (error == QLatin1String("as asked"))
                                    note("failed");
                            })
        && QObject::connect(manager, &TaskManager::taskCancelled, manager, [&] { note("cancelled"); })
        && QObject::connect(manager, &TaskManager::taskPeriodic, manager,
                            [&](const QString &, quint64 iteration, const QVariant &) {
                                if (iteration == 2)
                                    note("periodic");
                            });
    if (!connected)
        return 1;

    legwork::run([] { return 42; });
    legwork::run([] { throw std::runtime_error("as asked"); });
    legwork::runLater(std::chrono::hours(1), [] {}).cancel();
    legwork::runPeriodic(std::chrono::milliseconds(1), [] {});
    QTimer::singleShot(20'000, &application, [] { QCoreApplication::exit(2); });
    const int code = application.exec();
    std::printf("heard %lld of 5 signals\n", static_cast<long long>(heard.size()));
    return code;
}
