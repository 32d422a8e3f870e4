// The life of the application around the tasks: each part in a process of its own.
#include "support.h"

#include <legwork/pluginhost.h>

#include <QtCore/QProcess>
#include <QtCore/QTimer>

#include <csignal>
#include <cstdio>
#include <map>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

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
    return 0;
}

// B142: a log-in window with a loop of its own, then the main one.
int eachLoopHasAnOpenService(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    int heard = 0;
    for (int round = 0; round < 50; ++round) {
        const auto task = legwork::run([round] { return round; });
        CHECK(task.isValid());
        const auto later = legwork::runLater(1h, [] {});
        task.onComplete(&application, [&](int value) {
            heard += value == round;
            application.quit();
        });
        CHECK(application.exec() == 0);
        CHECK(later.status() == legwork::Status::Cancelled);
    }
    CHECK(heard == 50);
    // By hand it is for good.
    legwork::TaskManager::instance()->shutdown(1'000);
    CHECK(!legwork::run([] {}).isValid());
    QTimer::singleShot(0, &application, &QCoreApplication::quit);
    CHECK(application.exec() == 0);
    const auto late = legwork::run([] {});
    CHECK(!late.isValid());
    CHECK(late.error().message.startsWith("the service is shut down"));
    return 0;
}

int eachApplicationHasAnOpenService(int argc, char **argv)
{
    for (int round = 0; round < 20; ++round) {
        QCoreApplication application(argc, argv);
        int completed = 0;
        QObject::connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &application, [&] {
            ++completed;
            application.quit();
        });
        legwork::run([] { return 1; });
        CHECK(application.exec() == 0);
        CHECK(completed == 1);
    }
    return 0;
}

// B141: work that takes its time, and notes that it was done.
auto save(std::atomic<int> &saved)
{
    return [&saved] {
        QThread::msleep(20);
        ++saved;
    };
}

legwork::TaskOptions mustRun(QObject *owner = nullptr)
{
    legwork::TaskOptions options;
    options.mustRun = true;
    options.owner = owner;
    return options;
}

int whatIsSavedAsItQuitsIsSaved(int argc, char **argv)
{
    static std::atomic<int> saved = 0;
    {
        QCoreApplication application(argc, argv);
        for (int i = 0; i < 8; ++i)
            legwork::run([](legwork::TaskContext &context) { context.sleep(1h); });
        // Before this library's slot, and after it.
        QObject::connect(&application, &QCoreApplication::aboutToQuit,
                         [] { CHECK(legwork::run(save(saved), mustRun()).isValid()); });
        loopUntil([] { return true; });
        auto *window = new QObject;
        QObject::connect(&application, &QCoreApplication::aboutToQuit, [window] {
            CHECK(legwork::run(save(saved), mustRun(window)).isValid());
            legwork::run([] { CHECK(false); }).onComplete(window, [] { CHECK(false); });
            window->deleteLater();
        });
        // In a slot of its end.
        QObject::connect(window, &QObject::destroyed, [] { CHECK(legwork::run(save(saved), mustRun()).isValid()); });
        int called = 0;
        auto *gone = new QObject;
        legwork::run(save(saved), mustRun(gone)).onComplete(gone, [&] { ++called; });
        delete gone;
        QTimer::singleShot(0, &application, &QCoreApplication::quit);
        CHECK(application.exec() == 0);
        CHECK(called == 0);
        // An object of main's, which goes after the loop.
        CHECK(legwork::run(save(saved), mustRun()).isValid());
    }
    CHECK(saved == 5);
    return 0;
}

// B138: bodies ask the thread that waits for them.
int quitAnswersBlockingCalls(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    static std::atomic<int> asking = 0;
    static std::atomic<int> answered = 0;
    QObject screen;
    for (int i = 0; i < 4; ++i)
        legwork::run([&screen](legwork::TaskContext &context) {
            ++asking;
            context.sleep(1h); // until the quit
            for (int n = 0; n < 5; ++n)
                QMetaObject::invokeMethod(
                    &screen, [] { ++answered; }, Qt::BlockingQueuedConnection);
        });
    loopUntil([] { return asking == 4; });
    QTimer::singleShot(0, &application, &QCoreApplication::quit);
    QElapsedTimer timer;
    timer.start();
    CHECK(application.exec() == 0);
    CHECK(answered == 20);
    CHECK(timer.elapsed() < 10'000);
    return 0;
}

// Whether this process is a child that was forked: what its other threads had is nobody's there.
bool isForked = false;

// B147: a child that is forked ends, whatever was locked at that moment, and starts nothing.
int aForkedChildEnds(int argc, char **argv)
{
    std::vector<pid_t> children;
    QCoreApplication application(argc, argv);
    QObject receiver;
    auto *manager = legwork::TaskManager::instance();
    QObject::connect(manager, &legwork::TaskManager::taskCompleted, &receiver, [] {});
    std::atomic<bool> over = false;
    // The first callback for a receiver connects to it, under a lock of Qt's that would be held in a child for ever;
    // as would one of a connect of anybody's.
    legwork::run([] { return 1; }).onComplete(&receiver, [] {});
    // The locks are held most of the time.
    std::vector<std::thread> busy;
    for (int i = 0; i < 2; ++i) {
        busy.emplace_back([&] {
            while (!over) {
                const auto task = legwork::run([] { return 1; });
                task.onComplete(&receiver, [] {});
                task.wait(1s);
            }
        });
    }
    bool child = false;
    const auto kept = legwork::runLater(1h, [] { return 1; });
    // Their ends wait for others, in a process that has those.
    auto host = std::make_unique<legwork::PluginHost>();
    auto future = legwork::runLater(1h, [] { return 1; }).future();
    for (int round = 0; round < 200 && !child; ++round) {
        const auto pid = fork();
        child = pid == 0;
        if (!child)
            children.push_back(pid);
        QCoreApplication::processEvents();
    }
    if (child) {
        isForked = true;
        // There is only this thread: what ends the process must not wait for the others.
        for (auto &thread : busy)
            thread.detach();
        // It says so each time, on a stream that nobody reads here.
        std::fclose(stderr);
        const auto task = legwork::run([] { return 1; });
        const bool refused = !task.isValid() && task.error().message.contains("fork");
        const bool unknown = kept.status() == legwork::Status::UnknownTask
            && kept.wait() == legwork::WaitResult::UnknownTask && kept.cancel() == legwork::CancelResult::UnknownTask;
        QTimer::singleShot(0, &application, &QCoreApplication::quit);
        const int code = application.exec();
        host.reset();
        // In the ordinary way: destructors, those of statics, too.
        return !refused ? 8 : !unknown ? 9 : code != 0 ? 10 : 7;
    }
    over = true;
    for (auto &thread : busy)
        thread.join();
    future.cancel();
    for (const auto pid : children) {
        int status = 0;
        QElapsedTimer timer;
        timer.start();
        while (waitpid(pid, &status, WNOHANG) == 0) {
            QThread::msleep(1);
            if (timer.elapsed() > 20'000) {
                kill(pid, SIGKILL);
                CHECK(!"a child hangs");
            }
        }
        if (status != 7 << 8)
            std::fprintf(stderr, "a child ended with the status %x\n", unsigned(status));
        CHECK(status == 7 << 8);
    }
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
    {"b142_each_loop_has_an_open_service", {0, eachLoopHasAnOpenService}},
    {"b142_each_application_has_an_open_service", {0, eachApplicationHasAnOpenService}},
    {"b141_what_is_saved_as_it_quits_is_saved", {0, whatIsSavedAsItQuitsIsSaved}},
    {"b138_quit_answers_blocking_calls", {0, quitAnswersBlockingCalls}},
    {"b126_b147_a_forked_child_ends", {0, aForkedChildEnds}},
    {"b118_main_returns_while_tasks_run", {5, returnsWhileTasksRun}},
    {"b119_exit_from_a_callback", {5, exitFromACallback}},
    {"b117_without_an_application", {5, withoutAnApplication}},
};

} // namespace

// LeakSanitizer asks this as the process ends.
extern "C" int __lsan_is_turned_off() { return isForked; }

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
#ifdef __SANITIZE_ADDRESS__
        if (parts.at(name).second == aForkedChildEnds)
            QSKIP("the sanitizer's allocator has locks of its own, which stay locked in a child");
#endif
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
