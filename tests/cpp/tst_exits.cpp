// How processes end, by how their tasks are then: each in a process of its own.
#include "support.h"

#include "exits.h"

#include <QtCore/QProcess>
#include <QtCore/QTimer>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>

#include <sys/resource.h>
#include <sys/wait.h>

using namespace exits;

namespace {

// ---- the ways -----------------------------------------------------------------------------------

bool isForked = false;

void nothing() { }

void quits()
{
    QTimer::singleShot(0, receiver, &QCoreApplication::quit);
    QCoreApplication::exec();
}

void exits_() { std::exit(Right); }

void exitsInASlot()
{
    // All workers may be at work.
    const auto task = legwork::runLater(1h, [] {});
    task.onCancelled(receiver, [] { std::exit(Right); });
    task.cancel();
    QCoreApplication::exec();
    _exit(NotReached);
}

void exitsInABody()
{
    legwork::run([] { std::exit(Right); }, {.priority = legwork::Priority::High});
    // All workers may be at work, so it has one of those that come now. This call may be under way as the process ends.
    legwork::TaskManager::instance()->setProperty("maxWorkers", 16);
    QThread::sleep(15);
    _exit(NotReached);
}

void exitsQuickly() { std::quick_exit(Right); }
void aborts() { std::abort(); }

void isTerminated()
{
    kill(getpid(), SIGTERM);
    for (;;)
        pause();
}

void throwsElsewhere()
{
    std::thread([] { throw std::runtime_error("elsewhere"); }).join();
}

// Waits for a child that was forked, which ends by itself or by its alarm.
void expectRight(pid_t child)
{
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != Right)
        _exit(ForkWrong);
}

pid_t forkChild()
{
    const auto child = fork();
    if (child == 0) {
        isForked = true;
        alarm(10);
    }
    return child;
}

void forks()
{
    if (const auto child = forkChild())
        expectRight(child);
    else
        _exit(Right);
    if (const auto child = forkChild())
        expectRight(child);
    else
        std::exit(Right);
    // This one goes back to main, and returns from it.
    if (const auto child = forkChild())
        expectRight(child);
}

void forksAndExecutes()
{
    const auto child = forkChild();
    if (child == 0) {
        execl("/proc/self/exe", "tst_exits", "--end", "main returns", "running", nullptr);
        _exit(ForkWrong);
    }
    expectRight(child);
}

// Where the application is destroyed.
enum class Application { AsMainReturns, BeforeTheEnd, WithTheStatics, Never };

struct Way {
    const char *name;
    Application application;
    // What ends the process, if it is not the return of main.
    void (*call)();
    int signal = 0;
};

const std::vector<Way> ways = {
    {"main returns", Application::AsMainReturns, nothing},
    {"quit", Application::AsMainReturns, quits},
    {"exit", Application::AsMainReturns, exits_},
    {"exit in a slot", Application::AsMainReturns, exitsInASlot},
    {"exit in a body", Application::AsMainReturns, exitsInABody},
    {"quick_exit", Application::AsMainReturns, exitsQuickly},
    {"abort", Application::AsMainReturns, aborts, SIGABRT},
    {"SIGTERM", Application::AsMainReturns, isTerminated, SIGTERM},
    {"uncaught exception", Application::AsMainReturns, throwsElsewhere, SIGABRT},
    {"application goes first", Application::BeforeTheEnd, nothing},
    {"application goes last", Application::WithTheStatics, nothing},
    {"no application", Application::Never, nothing},
    {"fork", Application::AsMainReturns, forks},
    {"fork and exec", Application::AsMainReturns, forksAndExecutes},
};

// ---- the children -------------------------------------------------------------------------------

// Where a callback is to be under way, it makes the call itself, besides the one that is elsewhere.
void callFrom(const State &state, void (*call)())
{
    if (state.reach != callback)
        return call();
    bool called = false;
    keep(legwork::run([] {})).onComplete(receiver, [&] {
        called = true;
        call();
    });
    QElapsedTimer timer;
    timer.start();
    while (!called) {
        if (timer.elapsed() > 10'000)
            _exit(NotReached);
        QCoreApplication::processEvents(QEventLoop::AllEvents, 50);
    }
}

// The service does not need an application.
void useTasks()
{
    const bool isFull = tasks.back().status() == Status::Queued;
    const auto task = legwork::run([] { return 1; });
    const bool right = isFull ? task.cancel() == legwork::CancelResult::CancelledBeforeStart
                              : task.wait(10s) == legwork::WaitResult::Done && task.result() == 1;
    if (!right)
        _exit(NotUsable);
}

int play(const Way &way, const State &state, int argc, char **argv)
{
    const rlimit noCore{0, 0};
    setrlimit(RLIMIT_CORE, &noCore);
    switch (way.application) {
    case Application::AsMainReturns: {
        QCoreApplication application(argc, argv);
        reach(state);
        callFrom(state, way.call);
        break;
    }
    case Application::BeforeTheEnd: {
        {
            QCoreApplication application(argc, argv);
            reach(state);
        }
        useTasks();
        break;
    }
    case Application::WithTheStatics: {
        static int count = argc;
        static QCoreApplication application(count, argv);
        reach(state);
        break;
    }
    case Application::Never:
        reach(state);
        useTasks();
    }
    return Right;
}

// ---- the table ----------------------------------------------------------------------------------

struct Cell {
    QString way;
    QString state;
    QString program;
    QStringList arguments;
    int signal = 0;
    QString text = "ok"; // or what was wrong
    qint64 time = 0; // ms
};

QString meaning(int code)
{
    static const std::map<int, QString> known = {
        {NotReached, "state not reached"},   {StaticsGone, "runs after statics"}, {ForkWrong, "fork ended wrong"},
        {NotUsable, "tasks cannot be used"}, {NotClosed, "stays open"},
    };
    const auto found = known.find(code);
    return found == known.end() ? QStringLiteral("code %1").arg(code) : found->second;
}

// A thread that ends a process so says it itself.
bool isExpected(const Cell &cell, const QByteArray &output)
{
    return cell.way == "uncaught exception" ? output.startsWith("terminate called") || output.startsWith("libc++abi")
                                            : output.isEmpty();
}

void run(Cell &cell)
{
    QElapsedTimer timer;
    timer.start();
    QProcess child;
    child.setProcessChannelMode(QProcess::MergedChannels);
    child.start(cell.program, cell.arguments);
    if (!child.waitForFinished(20'000)) {
        cell.text = child.state() == QProcess::Running ? "hangs" : child.errorString();
        child.kill();
        child.waitForFinished();
        return;
    }
    cell.time = timer.elapsed();
    const auto output = child.readAll();
    const bool ended = child.exitStatus() == QProcess::NormalExit;
    if (ended && (cell.signal || child.exitCode() != Right))
        cell.text = meaning(child.exitCode());
    else if (!ended && child.exitCode() != cell.signal)
        cell.text = QStringLiteral("signal %1").arg(child.exitCode());
    else if (!isExpected(cell, output))
        cell.text = "prints";
    if (cell.text != "ok")
        std::fprintf(stderr, "%s, %s: %s: %s\n", qPrintable(cell.way), qPrintable(cell.state), qPrintable(cell.text),
                     output.constData());
}

// So many at once, on threads of their own.
void run(const std::vector<Cell *> &cells, int atOnce)
{
    std::atomic<size_t> next = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < atOnce; ++i) {
        threads.emplace_back([&] {
            for (size_t at = next++; at < cells.size(); at = next++)
                run(*cells[at]);
        });
    }
    for (auto &thread : threads)
        thread.join();
}

std::optional<Cell> cellOf(const Way &way, const State &state)
{
    // An application that quits waits for it for half a minute.
    if (way.call == quits && state.reach == deaf)
        return {};
#ifdef __SANITIZE_ADDRESS__
    // The sanitizer's allocator has locks of its own, which stay locked in a child.
    if (way.call == forks)
        return {};
#endif
    Cell cell;
    cell.way = way.name;
    cell.state = state.name;
    cell.program = QCoreApplication::applicationFilePath();
    cell.arguments = {"--end", way.name, state.name};
    cell.signal = way.signal;
    return cell;
}

// By a host that is not linked with the library.
std::optional<Cell> cellOfClosing(const State &state)
{
    // Its code would go from under it: nobody closes a library then.
    if (state.reach == deaf)
        return {};
    Cell cell;
    cell.way = "dlclose";
    cell.state = state.name;
    cell.program = LEGWORK_EXITS_HOST;
    cell.arguments = {LEGWORK_EXITS_PLUGIN, state.name};
    return cell;
}

std::string line(const QString &head, const QStringList &columns, const std::vector<int> &widths)
{
    auto text = head.leftJustified(22);
    for (int i = 0; i < columns.size(); ++i)
        text += "  " + columns[i].leftJustified(widths[size_t(i)]);
    while (text.endsWith(QLatin1Char(' ')))
        text.chop(1);
    return text.toStdString() + '\n';
}

} // namespace

// LeakSanitizer asks this as a process ends. What a process that ends has left is not what these are about.
extern "C" int __lsan_is_turned_off() { return 1; }

class TestExits : public QObject {
    Q_OBJECT

private slots:
    void b396_a_process_ends_in_each_way_whatever_its_tasks_do()
    {
        std::vector<std::vector<std::optional<Cell>>> rows;
        for (const auto &way : ways) {
            auto &row = rows.emplace_back();
            for (const auto &state : states)
                row.push_back(cellOf(way, state));
        }
        auto &closing = rows.emplace_back();
        for (const auto &state : states)
            closing.push_back(cellOfClosing(state));

        // Most of those with a body that is deaf sleep, for two seconds.
        std::vector<Cell *> sleepers, others;
        for (auto &row : rows) {
            for (size_t i = 0; i < row.size(); ++i) {
                if (row[i])
                    (states[i].reach == deaf ? sleepers : others).push_back(&*row[i]);
            }
        }
        QElapsedTimer timer;
        timer.start();
        run(sleepers, 4);
        run(others, 2);

        QStringList names;
        std::vector<int> widths;
        for (size_t i = 0; i < states.size(); ++i) {
            names.append(states[i].name);
            qsizetype width = names.last().size();
            for (const auto &row : rows)
                width = std::max(width, row[i] ? row[i]->text.size() : 1);
            widths.push_back(int(width));
        }
        auto table = line("", names, widths);
        int right = 0;
        const Cell *slowest = others.front();
        for (const auto &row : rows) {
            QStringList texts;
            QString name;
            for (const auto &cell : row) {
                texts.append(cell ? cell->text : "-");
                if (!cell)
                    continue;
                name = cell->way;
                right += cell->text == "ok";
            }
            if (!name.isEmpty())
                table += line(name, texts, widths);
        }
        for (const auto *cell : others) {
            if (cell->time > slowest->time)
                slowest = cell;
        }
        const auto all = int(sleepers.size() + others.size());
        std::printf("%s%d of %d in %.1f s; the slowest that need not wait, \"%s\", \"%s\", in %lld ms\n", table.c_str(),
                    right, all, double(timer.elapsed()) / 1'000, qPrintable(slowest->way), qPrintable(slowest->state),
                    static_cast<long long>(slowest->time));
        std::fflush(stdout);
        QCOMPARE(right, all);
    }
};

int main(int argc, char **argv)
{
    if (argc == 4 && qstrcmp(argv[1], "--end") == 0) {
        for (const auto &way : ways) {
            if (qstrcmp(way.name, argv[2]) == 0)
                return play(way, stateOf(argv[3]), argc, argv);
        }
        return 1;
    }
    QCoreApplication application(argc, argv);
    TestExits test;
    return support::main(argc, argv, test);
}

#include "tst_exits.moc"
