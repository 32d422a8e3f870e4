// What goes wrong around Legwork, at each moment that there is: each in a process of its own, with a deadline.
#include "library.h"
#include "support.h"

#include <QtCore/QEventLoop>
#include <QtCore/QMetaMethod>
#include <QtCore/QPointer>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTimer>
#include <QtQml/QQmlApplicationEngine>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>

#include <dlfcn.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace std::chrono_literals;
using namespace support;

// ---- threads that cannot be made ----------------------------------------------------------------

namespace {

// Of the calls that make a thread, from 1: this one and those behind it, so many, are refused.
std::atomic<int> calls = 0;
int firstRefused = 0;
int refusals = 0;

} // namespace

// Stands before that of the C library, for all libraries of this process.
extern "C" Q_DECL_EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                                            void *argument)
{
    static const auto real = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
    const int call = ++calls;
    if (call >= firstRefused && call < firstRefused + refusals)
        return EAGAIN;
    return real(thread, attributes, start, argument);
}

namespace {

enum Code {
    Right = 7,
    NotReached = 90,
    NotDone = 91,
    NotFinished = 92,
};

void loopUntil(const std::function<bool()> &reached, int code)
{
    QElapsedTimer timer;
    timer.start();
    while (!reached()) {
        if (timer.elapsed() > 15'000)
            _exit(code);
        QCoreApplication::processEvents(QEventLoop::AllEvents, 10);
    }
}

// ---- work of each kind --------------------------------------------------------------------------

std::vector<legwork::Task<void>> tasks;

legwork::Task<void> keep(const legwork::Task<void> &task)
{
    // What is refused has an error, and no task.
    if (task.isValid())
        tasks.push_back(task);
    return task;
}

bool isFinished(legwork::Status status)
{
    using legwork::Status;
    return status >= Status::Completed && status <= Status::UnknownTask;
}

// What ends when it is told how far it is, or when nobody waits for that any more.
std::atomic<bool> isSlow = false;
std::vector<legwork::Task<void>> lasting;

void untilAllIsFinished()
{
    isSlow = true;
    for (const auto &task : lasting)
        task.cancel();
    loopUntil(
        [] {
            return std::all_of(tasks.begin(), tasks.end(), [](const auto &task) { return isFinished(task.status()); });
        },
        NotFinished);
}

// So that each signal that tells of a task comes.
void work()
{
    for (int i = 0; i < 20; ++i) {
        keep(legwork::run([](legwork::TaskContext &context) { context.setProgress(0.5); }));
        keep(legwork::run([] {}, {.mayBlock = true}));
    }
    keep(legwork::stream<int>([](legwork::Sender<int> &sender) { sender.send(1); }));
    keep(legwork::runLater(1ms, [] {}));
    const auto failed = keep(
        legwork::run([] { throw std::runtime_error("no"); }, {.retry = {.times = 1, .delay = 1ms, .maxDelay = 1ms}}));
    keep(legwork::runLater(1h, [] {})).cancel();
    const auto periodic = keep(legwork::runPeriodic(1ms, [] {}));
    const auto paused = keep(legwork::runLater(1h, [] {}));
    paused.pause("on battery");
    const auto slow = keep(legwork::run(
        [](legwork::TaskContext &context) {
            while (!isSlow && context.sleep(1ms)) { }
        },
        {.warnAfter = 1ms}));
    // What goes on does so once it is told how far it is.
    lasting = {periodic, paused};
    using legwork::TaskManager;
    auto *manager = TaskManager::instance();
    const auto when = [manager](auto signal, const legwork::Task<void> &task, const std::function<void()> &then) {
        QObject::connect(manager, signal, qApp, [id = task.id(), then](const QString &of) {
            if (of == id)
                then();
        });
    };
    when(&TaskManager::taskPeriodic, periodic, [periodic] { periodic.cancel(); });
    when(&TaskManager::taskPaused, paused, [paused] { paused.resume(); });
    when(&TaskManager::taskResumed, paused, [paused] { paused.cancel(); });
    when(&TaskManager::taskFailed, failed, [failed] { TaskManager::instance()->retryTask(failed.id()); });
    when(&TaskManager::taskSlow, slow, [] { isSlow = true; });
}

// ---- what a slot may do -------------------------------------------------------------------------

std::unique_ptr<QQmlApplicationEngine> engine;
std::unique_ptr<legwork::PluginHost> host;

void opensADialog()
{
    QEventLoop loop;
    QTimer::singleShot(5, &loop, &QEventLoop::quit);
    loop.exec();
}

void submitsMore()
{
    for (int i = 0; i < 100; ++i)
        keep(legwork::run([] {}));
}

struct Deed {
    const char *name;
    void (*act)(QObject *receiver);
};

const std::vector<Deed> deeds = {
    {"deletes the receiver", [](QObject *receiver) { delete receiver; }},
    {"deletes the engine", [](QObject *) { engine.reset(); }},
    {"deletes the plugin host", [](QObject *) { host.reset(); }},
    {"deletes the manager", [](QObject *) { delete static_cast<QObject *>(legwork::TaskManager::instance()); }},
    {"opens a dialog", [](QObject *) { opensADialog(); }},
    {"submits more", [](QObject *) { submitsMore(); }},
    {"processes events", [](QObject *) { QCoreApplication::processEvents(); }},
    {"shuts down", [](QObject *) { legwork::TaskManager::instance()->shutdown(QVariant(2000)); }},
    {"quits", [](QObject *) { QCoreApplication::quit(); }},
};

const std::vector<QByteArray> signalNames = {
    "taskQueued",   "taskStarted",  "taskCompleted", "taskFailed",         "taskCancelled",
    "taskPeriodic", "taskProgress", "taskValues",    "taskRetrying",       "taskSlow",
    "taskRetried",  "taskPaused",   "taskResumed",   "activeCountChanged", "allTasksFinished",
};

QMetaMethod signalOf(const QByteArray &name)
{
    const auto &meta = legwork::TaskManager::staticMetaObject;
    for (int i = 0; i < meta.methodCount(); ++i) {
        if (meta.method(i).methodType() == QMetaMethod::Signal && meta.method(i).name() == name)
            return meta.method(i);
    }
    return {};
}

} // namespace

// Does it once.
class Receiver : public QObject {
    Q_OBJECT

public:
    explicit Receiver(const Deed &deed) : m_deed(deed) { }
    static bool isDone;

public slots:
    void act()
    {
        if (!std::exchange(isDone, true))
            m_deed.act(this);
    }

private:
    const Deed &m_deed;
};

bool Receiver::isDone = false;

namespace {

int playSlot(int argc, char **argv, const QByteArray &signal, const Deed &deed)
{
    QCoreApplication application(argc, argv);
    engine = std::make_unique<QQmlApplicationEngine>();
    legwork::registerJob("number", [] { return 7; });
    engine->loadData(
        "import QtQml\nimport Legwork\n"
        "QtObject {\n"
        "    property TaskModel model: TaskModel { }\n"
        "    property Task clock: Task { job: \"number\"; intervalMs: 1; running: true }\n"
        "    property Connections hears: Connections { target: TaskManager; function onTaskStarted() { } }\n"
        "}");
    host = std::make_unique<legwork::PluginHost>();
    if (!host->load(path("busy")))
        _exit(NotReached);
    const QPointer receiver = new Receiver(deed);
    QObject::connect(legwork::TaskManager::instance(), signalOf(signal), receiver,
                     Receiver::staticMetaObject.method(Receiver::staticMetaObject.indexOfSlot("act()")));
    work();
    // Until all is finished there is no end of all tasks.
    if (signal == "allTasksFinished") {
        engine.reset();
        host.reset();
        engine = std::make_unique<QQmlApplicationEngine>();
        host = std::make_unique<legwork::PluginHost>();
    }
    loopUntil([] { return Receiver::isDone; }, NotDone);
    const bool quits = qstrcmp(deed.name, "quits") == 0;
    if (!quits)
        untilAllIsFinished();
    // All of it can be used, unless it was shut down.
    if (!quits && qstrcmp(deed.name, "shuts down") != 0) {
        tasks.clear();
        if (!keep(legwork::run([] {})).isValid())
            _exit(NotFinished);
        untilAllIsFinished();
    }
    engine.reset();
    host.reset();
    delete receiver;
    return Right;
}

int playThreads(int argc, char **argv, int first, int count)
{
    QCoreApplication application(argc, argv);
    firstRefused = calls + first;
    refusals = count;
    work();
    // Those of the timers come later.
    QElapsedTimer timer;
    timer.start();
    loopUntil([&] { return timer.elapsed() > 100; }, NotReached);
    untilAllIsFinished();
    // There are a worker and the timer's thread at least: of those one was refused.
    if (first <= 2 && calls < firstRefused)
        _exit(NotReached);
    return Right;
}

// What a worker has that never ends.
bool leavesSomething = false;

// A script is read by a worker, here for ever. Other tasks run, and the process ends.
int playHangingFile(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QTemporaryDir folder;
    const auto path = folder.filePath("hangs.mjs");
    if (mkfifo(QFile::encodeName(path).constData(), 0600) != 0)
        _exit(NotReached);
    const auto script = legwork::runScript(QUrl::fromLocalFile(path), "none", {}, {.timeout = 1ms});
    leavesSomething = true;
    loopUntil([&] { return script.status() == legwork::Status::Running; }, NotReached);
    keep(legwork::run([] {}));
    untilAllIsFinished();
    legwork::TaskManager::instance()->shutdown(QVariant(50));
    if (script.status() != legwork::Status::Abandoned)
        _exit(NotFinished);
    return Right;
}

} // namespace

// LeakSanitizer asks this as a process ends.
extern "C" int __lsan_is_turned_off() { return leavesSomething; }

namespace {

// ---- the children -------------------------------------------------------------------------------

struct Child {
    QString what;
    std::unique_ptr<QProcess> process = std::make_unique<QProcess>();
};

Child start(const QString &what, const QStringList &arguments)
{
    Child child{what};
    child.process->setProcessChannelMode(QProcess::MergedChannels);
    child.process->start(QCoreApplication::applicationFilePath(), arguments);
    return child;
}

// What was wrong with it; empty if nothing was.
QString wrong(Child &child)
{
    if (!child.process->waitForFinished(30'000)) {
        child.process->kill();
        child.process->waitForFinished();
        return child.what + ": hangs";
    }
    if (child.process->exitStatus() == QProcess::NormalExit && child.process->exitCode() == Right)
        return {};
    return QString("%1: %2 %3: %4")
        .arg(child.what, child.process->exitStatus() == QProcess::CrashExit ? "signal" : "code")
        .arg(child.process->exitCode())
        .arg(QString::fromLocal8Bit(child.process->readAll()).left(600));
}

QStringList faultsOf(std::vector<Child> &children)
{
    QStringList faults;
    for (auto &child : children)
        faults += wrong(child);
    faults.removeAll(QString());
    return faults;
}

} // namespace

class TestFaults : public QObject {
    Q_OBJECT

private slots:
    void b399_a_thread_that_cannot_be_made_at_any_moment_loses_no_task()
    {
        QStringList faults;
        int children = 0;
        for (const int count : {1, 3, 1'000}) {
            std::vector<Child> row;
            for (int first = 1; first <= 12; ++first) {
                // Of no threads at all nothing can be done.
                if (count == 1'000 && first < 3)
                    continue;
                row.push_back(start(QString("%1 from thread %2 on").arg(count).arg(first),
                                    {"--threads", QString::number(first), QString::number(count)}));
            }
            children += int(row.size());
            faults += faultsOf(row);
        }
        std::printf("%d processes\n", children);
        QVERIFY2(faults.isEmpty(), qPrintable(faults.join("\n")));
    }

    void b401_a_file_that_hangs_holds_a_worker_and_nothing_else()
    {
        QElapsedTimer timer;
        timer.start();
        auto child = start("a script that cannot be read", {"--hanging-file"});
        const auto fault = wrong(child);
        QVERIFY2(fault.isEmpty(), qPrintable(fault));
        // The application waits for it for ten seconds as it goes, and the process no second time.
        QVERIFY2(timer.elapsed() < 18'000, qPrintable(QString::number(timer.elapsed())));
    }

    void b400_a_slot_may_do_what_it_likes_whatever_it_hears_of()
    {
        QStringList faults;
        int children = 0;
        for (const auto &signal : signalNames) {
            QVERIFY2(signalOf(signal).isValid(), signal.constData());
            std::vector<Child> row;
            for (size_t deed = 0; deed < deeds.size(); ++deed)
                row.push_back(start(QString("a slot of %1 %2").arg(signal, deeds[deed].name),
                                    {"--slot", signal, QString::number(deed)}));
            children += int(row.size());
            faults += faultsOf(row);
        }
        std::printf("%d processes\n", children);
        QVERIFY2(faults.isEmpty(), qPrintable(faults.join("\n")));
    }
};

int main(int argc, char **argv)
{
    if (argc == 2 && qstrcmp(argv[1], "--hanging-file") == 0)
        return playHangingFile(argc, argv);
    if (argc == 4 && qstrcmp(argv[1], "--threads") == 0)
        return playThreads(argc, argv, std::atoi(argv[2]), std::atoi(argv[3]));
    if (argc == 4 && qstrcmp(argv[1], "--slot") == 0)
        return playSlot(argc, argv, argv[2], deeds.at(size_t(std::atoi(argv[3]))));
    QCoreApplication application(argc, argv);
    TestFaults test;
    return support::main(argc, argv, test);
}

#include "tst_faults.moc"
