// How a process may end, by what its tasks are doing: each pair in a process of its own, with a deadline. What is
// loaded and unloaded meanwhile is tst_unload's; the library itself stays loaded (nodelete).
#include "support.h"

#include <QtCore/QProcess>
#include <QtCore/QTimer>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace support;

namespace {

// The exit code of a child that goes well, and of one that did not come as far as it was to.
constexpr int wellCode = 7;
constexpr int notReachedCode = 90;

using Done = std::function<bool()>;

void loopUntil(const Done &done)
{
    QElapsedTimer timer;
    timer.start();
    while (!done()) {
        if (timer.elapsed() > 15'000)
            std::_Exit(notReachedCode);
        if (QCoreApplication::instance())
            QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
        else
            QThread::msleep(1);
    }
}

void untilAsked(legwork::TaskContext &context) { context.sleep(1h); }

// ---- what tasks are doing ----------------------------------------------------------------------

// Each makes its state, and answers whether it is reached. What it makes stays.
using State = Done (*)();

Done idle()
{
    const auto task = legwork::run([] { return 1; });
    return [task] { return task.status() == legwork::Status::Completed; };
}

Done running()
{
    const auto task = legwork::run(untilAsked);
    return [task] { return task.status() == legwork::Status::Running; };
}

Done queued()
{
    auto tasks = std::make_shared<std::vector<legwork::Task<void>>>();
    for (int i = 0; i < 200; ++i)
        tasks->push_back(legwork::run(untilAsked));
    return [tasks] {
        return tasks->front().status() == legwork::Status::Running && tasks->back().status() == legwork::Status::Queued;
    };
}

Done delayed()
{
    const auto task = legwork::runLater(1h, [] {});
    return [task] { return task.status() == legwork::Status::Delayed; };
}

Done blocked()
{
    const auto first = legwork::run(untilAsked, {.key = "disk"});
    const auto second = legwork::run([] {}, {.key = "disk"});
    const auto third = second.then([] {});
    return [first, second, third] {
        return first.status() == legwork::Status::Running && second.status() == legwork::Status::Blocked
            && third.status() == legwork::Status::Blocked;
    };
}

Done paused()
{
    const auto waits = legwork::runLater(1h, [] {});
    waits.pause();
    const auto stands = legwork::run(
        [](legwork::TaskContext &context) {
            while (true) {
                context.checkpoint();
                context.sleep(1ms);
            }
        },
        {.pausable = true});
    return [waits, stands] {
        stands.pause();
        return waits.status() == legwork::Status::Paused && stands.status() == legwork::Status::Paused;
    };
}

Done retrying()
{
    auto tried = std::make_shared<std::atomic<bool>>(false);
    const auto task = legwork::run(
        [tried] {
            *tried = true;
            throw std::runtime_error("busy");
        },
        {.retry = {.times = 5, .delay = 1h, .maxDelay = 1h}});
    return [task, tried] { return tried->load() && task.status() == legwork::Status::Delayed; };
}

Done periodic()
{
    auto runs = std::make_shared<std::atomic<int>>(0);
    legwork::runPeriodic(1ms, [runs] { ++*runs; });
    return [runs] { return runs->load() > 3; };
}

QObject *receiver()
{
    static QObject receiver;
    return &receiver;
}

Done streaming()
{
    auto sent = std::make_shared<std::atomic<int>>(0);
    legwork::stream<int>(
        [sent](legwork::Sender<int> &sender) {
            while (sender.send(1))
                ++*sent;
        },
        {.maxUndelivered = 4})
        .onValues(receiver(), [](const QList<int> &) {});
    return [sent] { return sent->load() >= 4; };
}

// On a thread that stays, as it is in the callback.
Done inACallback()
{
    auto *thread = new QThread;
    auto *there = new QObject;
    there->moveToThread(thread);
    thread->start();
    auto under = std::make_shared<std::atomic<bool>>(false);
    legwork::run([] { return 1; }).onComplete(there, [under] {
        *under = true;
        QThread::sleep(3600);
    });
    return [under] { return under->load(); };
}

const QList<QPair<QString, State>> states{
    {"idle", idle},        {"running", running},      {"queued", queued},     {"delayed", delayed},
    {"blocked", blocked},  {"paused", paused},        {"retrying", retrying}, {"periodic", periodic},
    {"stream", streaming}, {"callback", inACallback},
};

// ---- how the process ends ----------------------------------------------------------------------

void reach(State state) { loopUntil(state()); }

int quits(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    QTimer::singleShot(0, &application, [] { QCoreApplication::exit(wellCode); });
    return application.exec();
}

int returns(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    return wellCode;
}

int exits(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    std::exit(wellCode);
}

int exitsInASlot(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    // All workers may be at work.
    const auto task = legwork::runLater(1h, [] {});
    task.onCancelled(&application, [] { std::exit(wellCode); });
    task.cancel();
    return application.exec();
}

int exitsInABody(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    legwork::run([] { std::exit(wellCode); }, {.priority = legwork::Priority::High});
    // All workers may be at work, so it has one of those that come now. This call may be under way as the process ends.
    legwork::TaskManager::instance()->setProperty("maxWorkers", 16);
    QThread::sleep(15);
    return notReachedCode;
}

int exitsQuickly(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    std::quick_exit(wellCode);
}

int aborts(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    std::abort();
}

int isTerminated(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    raise(SIGTERM);
    return notReachedCode;
}

int throwsElsewhere(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    std::thread([] { throw std::runtime_error("on a thread of the application's own"); }).join();
    return notReachedCode;
}

int goesOnWithoutItsApplication(int argc, char **argv, State state)
{
    {
        QCoreApplication application(argc, argv);
        reach(state);
    }
    // The service does not need one.
    const auto task = legwork::runLater(1h, [] {});
    const bool there = task.status() == legwork::Status::Delayed;
    task.cancel();
    return there && task.wait(10s) == legwork::WaitResult::Done ? wellCode : notReachedCode;
}

int hasNoApplication(int, char **, State state)
{
    reach(state);
    return wellCode;
}

int codeOf(pid_t child)
{
    int status = 0;
    QElapsedTimer timer;
    timer.start();
    while (waitpid(child, &status, WNOHANG) == 0) {
        QThread::msleep(1);
        if (timer.elapsed() > 10'000) {
            kill(child, SIGKILL);
            return notReachedCode;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : notReachedCode;
}

int forks(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    const auto child = fork();
    // Both return: the child without the threads of the other.
    return child == 0 ? wellCode : codeOf(child);
}

int forksAndExecutes(int argc, char **argv, State state)
{
    QCoreApplication application(argc, argv);
    reach(state);
    const auto child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", "exit 7", nullptr);
        std::_Exit(notReachedCode);
    }
    return codeOf(child);
}

struct Way {
    QString name;
    int (*end)(int, char **, State);
    // The signal that ends it, and whether the C++ library says so.
    int signal = 0;
    bool speaks = false;
};

const QList<Way> ways{
    {"quit", quits},
    {"main returns", returns},
    {"exit", exits},
    {"exit in a slot", exitsInASlot},
    {"exit in a body", exitsInABody},
    {"quick_exit", exitsQuickly},
    {"abort", aborts, SIGABRT},
    {"SIGTERM", isTerminated, SIGTERM},
    {"uncaught exception", throwsElsewhere, SIGABRT, true},
    {"application gone", goesOnWithoutItsApplication},
    {"no application", hasNoApplication},
    {"fork", forks},
    {"fork and exec", forksAndExecutes},
};

// Without an application there is no event loop, on no thread.
bool isPossible(const Way &way, State state) { return way.end != hasNoApplication || state != inACallback; }

// What was wrong with a child; empty if nothing was.
QString wrong(const Way &way, QProcess &child)
{
    if (!child.waitForFinished(30'000)) {
        child.kill();
        child.waitForFinished();
        return "hangs";
    }
    const auto output = child.readAll();
    if (way.signal ? child.exitStatus() != QProcess::CrashExit || child.exitCode() != way.signal
                   : child.exitStatus() != QProcess::NormalExit || child.exitCode() != wellCode)
        return QString("%1 %2: %3")
            .arg(child.exitStatus() == QProcess::CrashExit ? "signal" : "code")
            .arg(child.exitCode())
            .arg(output);
    if (!output.isEmpty() && !(way.speaks && output.startsWith("terminate called")))
        return "says: " + output;
    return {};
}

} // namespace

class TestExits : public QObject {
    Q_OBJECT

private slots:
    void b396_a_process_may_end_in_any_way_whatever_its_tasks_do()
    {
        QString table = QString("%1").arg("", -20);
        for (const auto &[state, _] : states)
            table += QString("%1").arg(state, -10);
        QStringList faults;
        int good = 0;
        for (int way = 0; way < ways.size(); ++way) {
#ifdef __SANITIZE_ADDRESS__
            // Its allocator has locks of its own, which stay locked in a child.
            if (ways[way].end == forks)
                continue;
#endif
            table += QString("\n%1").arg(ways[way].name, -20);
            // One process beside another.
            std::vector<std::unique_ptr<QProcess>> children;
            for (int state = 0; state < states.size(); ++state) {
                children.push_back(std::make_unique<QProcess>());
                children.back()->setProcessChannelMode(QProcess::MergedChannels);
                if (isPossible(ways[way], states[state].second))
                    children.back()->start(QCoreApplication::applicationFilePath(),
                                           {"--end", QString::number(way), QString::number(state)});
            }
            for (int state = 0; state < states.size(); ++state) {
                if (!isPossible(ways[way], states[state].second)) {
                    table += QString("%1").arg("-", -10);
                    continue;
                }
                const auto fault = wrong(ways[way], *children[state]);
                good += fault.isEmpty();
                table += QString("%1").arg(fault.isEmpty() ? "well" : "WRONG", -10);
                if (!fault.isEmpty())
                    faults += QString("%1, %2: %3").arg(ways[way].name, states[state].first, fault);
            }
        }
        std::printf("%s\n%d of them end well\n", qPrintable(table), good);
        QVERIFY2(faults.isEmpty(), qPrintable(faults.join("\n")));
    }
};

int main(int argc, char **argv)
{
    if (argc == 4 && qstrcmp(argv[1], "--end") == 0) {
        const rlimit none{0, 0};
        setrlimit(RLIMIT_CORE, &none);
        return ways.at(std::atoi(argv[2])).end(argc, argv, states.at(std::atoi(argv[3])).second);
    }
    QCoreApplication application(argc, argv);
    TestExits test;
    return support::main(argc, argv, test);
}

#include "tst_exits.moc"
