// The life of the application around the tasks: each part in a process of its own.
#include "support.h"

#include <QtCore/QProcess>
#include <QtCore/QTimer>

#include <cstdio>
#include <map>

using namespace std::chrono_literals;
using namespace support;

namespace {

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                               \
            std::fflush(stderr);                                                                                       \
            std::_Exit(3);                                                                                             \
        }                                                                                                              \
    } while (false)

void loopUntil(const std::function<bool()> &done)
{
    QElapsedTimer timer;
    timer.start();
    while (!done() && timer.elapsed() < 20'000)
        QCoreApplication::processEvents(QEventLoop::AllEvents, 50);
    CHECK(done());
}

int instanceHasTheLifeOfTheApplication(int argc, char **argv)
{
    CHECK(!legwork::TaskManager::instance());
    for (int round = 0; round < 3; ++round) {
        QCoreApplication application(argc, argv);
        auto *manager = legwork::TaskManager::instance();
        CHECK(manager && manager == legwork::TaskManager::instance());
        CHECK(manager->thread() == QThread::currentThread());
        int completed = 0;
        QObject::connect(manager, &legwork::TaskManager::taskCompleted, &application, [&] { ++completed; });
        const auto task = legwork::run([round] { return round; });
        CHECK(task.isValid());
        loopUntil([&] { return completed == 1; });
    }
    CHECK(!legwork::TaskManager::instance());
    // The service does not need one.
    CHECK(legwork::run([] { return 1; }).wait(5s) == legwork::WaitResult::Done);
    return 0;
}

int whatHappenedBeforeTheApplicationIsDeliveredToIt(int argc, char **argv)
{
    QObject receiver;
    int heard = 0;
    const auto task = legwork::run([] { return 6; });
    CHECK(task.wait(5s) == legwork::WaitResult::Done);
    task.onComplete(&receiver, [&](int value) { heard = value; });
    QCoreApplication application(argc, argv);
    CHECK(heard == 0);
    loopUntil([&] { return heard == 6; });
    return 0;
}

int instanceFirstAskedForElsewhere(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    std::atomic<int> started = 0;
    const auto asks = legwork::run([&] {
        auto *manager = legwork::TaskManager::instance();
        CHECK(manager);
        QObject::connect(
            manager, &legwork::TaskManager::taskStarted, manager, [&] { ++started; }, Qt::DirectConnection);
        legwork::run([] {});
    });
    CHECK(asks.wait(5s) == legwork::WaitResult::Done);
    loopUntil([&] { return started >= 1; });
    CHECK(legwork::TaskManager::instance()->thread() == QThread::currentThread());
    return 0;
}

int quitShutsDown(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    static Ledger ledger;
    int cancelled = 0;
    QObject::connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCancelled, &application,
                     [&] { ++cancelled; });
    std::atomic<bool> runs = false;
    legwork::run([&, entry = Entry(ledger)](legwork::TaskContext &context) {
        runs = true;
        context.sleep(1h);
        context.checkpoint();
    });
    legwork::runLater(1h, [entry = Entry(ledger)] {});
    legwork::runPeriodic(1h, [entry = std::make_shared<Entry>(ledger)] {});
    loopUntil([&] { return runs.load(); });
    QTimer::singleShot(0, &application, &QCoreApplication::quit);
    CHECK(application.exec() == 0);
    CHECK(cancelled == 3);
    CHECK(ledger.alive == 0 && ledger.destroyed == 3);
    const auto late = legwork::run([] {});
    CHECK(!late.isValid());
    CHECK(late.error().message.startsWith("the service is shut down"));
    return 0;
}

// The process ends in time whatever is still at work, and in whatever order statics go.
legwork::Task<void> staticTask;
QObject *staticReceiver()
{
    static QObject receiver;
    return &receiver;
}

int returnsWhileTasksRun(int argc, char **argv)
{
    staticReceiver();
    QCoreApplication application(argc, argv);
    std::atomic<bool> runs = false;
    static std::atomic<bool> *seen = &runs;
    staticTask = legwork::run([] {
        *seen = true;
        QThread::sleep(3600);
    });
    staticTask.onComplete(staticReceiver(), [] {});
    legwork::runPeriodic(1ms, [] {}).onComplete(staticReceiver(), [] {});
    legwork::runLater(1h, [] {}).onComplete(staticReceiver(), [] {});
    loopUntil([&] { return runs.load(); });
    return 5;
}

int exitFromACallback(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    legwork::runPeriodic(1ms, [] {});
    legwork::run([] {}).onComplete(&application, [] { std::exit(5); });
    return application.exec();
}

int withoutAnApplication(int, char **)
{
    legwork::TaskManager *manager = legwork::TaskManager::instance();
    CHECK(!manager);
    const auto task = legwork::run([] { return 1; });
    CHECK(task.wait(5s) == legwork::WaitResult::Done && task.result() == 1);
    CHECK(task.future().result() == 1);
    QObject receiver;
    task.onComplete(&receiver, [] { CHECK(false); });
    return 5;
}

const std::map<QByteArray, std::pair<int, int (*)(int, char **)>> parts = {
    {"b120_instance_has_the_life_of_the_application", {0, instanceHasTheLifeOfTheApplication}},
    {"b113_b117_what_happened_before_the_application", {0, whatHappenedBeforeTheApplicationIsDeliveredToIt}},
    {"b78_instance_first_asked_for_on_a_worker", {0, instanceFirstAskedForElsewhere}},
    {"b84_b104_quit_shuts_down", {0, quitShutsDown}},
    {"b118_main_returns_while_tasks_run", {5, returnsWhileTasksRun}},
    {"b119_exit_from_a_callback", {5, exitFromACallback}},
    {"b117_without_an_application", {5, withoutAnApplication}},
};

} // namespace

class TestApplication : public QObject {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }

    void part_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<int>("code");
        for (const auto &[name, part] : parts)
            QTest::newRow(name.constData()) << name << part.first;
    }

    void part()
    {
        QFETCH(QByteArray, name);
        QFETCH(int, code);
        QProcess child;
        child.setProcessChannelMode(QProcess::MergedChannels);
        child.start(QCoreApplication::applicationFilePath(), {"--part", name});
        QVERIFY2(child.waitForFinished(30'000), "it did not end");
        const auto output = child.readAll();
        QVERIFY2(child.exitStatus() == QProcess::NormalExit, output.constData());
        QVERIFY2(child.exitCode() == code, output.constData());
        QCOMPARE(output, QByteArray());
    }
};

int main(int argc, char **argv)
{
    if (argc == 3 && qstrcmp(argv[1], "--part") == 0)
        return parts.at(argv[2]).second(argc, argv);
    QCoreApplication application(argc, argv);
    TestApplication test;
    return support::main(argc, argv, test);
}

#include "tst_application.moc"
