// The states in which tasks are as a process ends, for tst_exits and for the plugin that it closes.
#ifndef LEGWORK_TESTS_EXITS_H
#define LEGWORK_TESTS_EXITS_H

#include <legwork/legwork.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFuture>
#include <QtCore/QThread>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <unistd.h>

namespace exits {

using namespace std::chrono_literals;
using legwork::Status;

// How a process ends: as it is to, or as it says what was wrong.
enum Code {
    Right = 7,
    NotReached = 90,
    StaticsGone = 91,
    ForkWrong = 92,
    NotUsable = 93,
    NotClosed = 94,
};

// ---- what a body has of the process -------------------------------------------------------------

// What an application has with static storage. A body that looks for it afterwards uses what is gone.
struct Canary {
    std::atomic<bool> alive = true;
    ~Canary()
    {
        alive = false;
        // Time for those that are still at work to be seen: the end of the process would hide them.
        usleep(20'000);
    }
};
inline Canary canary;

inline void useStatics()
{
    if (!canary.alive)
        _exit(StaticsGone);
}

// ---- what the states are made of ----------------------------------------------------------------

// Goes with the other statics, as the members of an application's objects do: the handles outlive main.
inline std::vector<legwork::Task<void>> tasks;
inline QFuture<void> future;
// Deleted by the plugin alone.
inline QObject *receiver = nullptr;
inline QThread *elsewhere = nullptr;
inline QObject *receiverElsewhere = nullptr;
// What waits, and is not asked to stop, goes on.
inline std::atomic<bool> gate = false;

inline void until(const std::function<bool()> &reached, bool deliver = false)
{
    QElapsedTimer timer;
    timer.start();
    while (!reached()) {
        if (timer.elapsed() > 10'000)
            _exit(NotReached);
        // The application's thread hands on what is called back on others.
        if (deliver)
            QCoreApplication::processEvents();
        std::this_thread::yield();
    }
}

inline void untilIs(const legwork::Task<void> &task, Status status)
{
    until([&] { return task.status() == status; });
}

inline legwork::Task<void> keep(const legwork::Task<void> &task)
{
    if (!task.isValid())
        _exit(NotReached);
    return tasks.emplace_back(task);
}

// A body that is asked to stop, and does so.
inline void listens(legwork::TaskContext &context)
{
    while (context.sleep(1h)) { }
    useStatics();
}

inline legwork::Task<void> runningTask(legwork::TaskOptions options = {})
{
    auto begun = std::make_shared<std::atomic<bool>>(false);
    const auto task = keep(legwork::run(
        [begun](legwork::TaskContext &context) {
            *begun = true;
            listens(context);
        },
        std::move(options)));
    until([&] { return begun->load(); });
    untilIs(task, Status::Running);
    return task;
}

// ---- the states ---------------------------------------------------------------------------------

inline void idle()
{
    const auto task = keep(legwork::run([] {}));
    if (task.wait(10s) != legwork::WaitResult::Done || task.status() != Status::Completed)
        _exit(NotReached);
}

inline void queued()
{
    // As many as there are workers.
    for (int i = 0; i < 4; ++i)
        runningTask();
    untilIs(keep(legwork::run([] { useStatics(); })), Status::Queued);
}

inline void delayed()
{
    untilIs(keep(legwork::runLater(1h, [] { useStatics(); })), Status::Delayed);
}

inline void blocked()
{
    const auto first = runningTask({.key = "file"});
    untilIs(keep(legwork::run([] { useStatics(); }, {.key = "file"})), Status::Blocked);
    untilIs(keep(legwork::run([] { useStatics(); }, {.after = {first}})), Status::Blocked);
}

inline void paused()
{
    const auto later = keep(legwork::runLater(1h, [] { useStatics(); }));
    later.pause("on battery");
    untilIs(later, Status::Paused);
    // In the middle of its body.
    const auto task = runningTask({.pausable = true});
    task.pause("on battery");
    untilIs(task, Status::Paused);
}

inline void retrying()
{
    auto attempts = std::make_shared<std::atomic<int>>(0);
    legwork::TaskOptions options;
    options.retry = {.times = 5, .delay = 1h, .maxDelay = 1h};
    const auto task = keep(legwork::run(
        [attempts] {
            useStatics();
            ++*attempts;
            throw std::runtime_error("busy");
        },
        options));
    until([&] { return *attempts == 1; });
    untilIs(task, Status::Delayed);
}

inline void periodic()
{
    auto runs = std::make_shared<std::atomic<int>>(0);
    const auto often = keep(legwork::runPeriodic(1ms, [runs] {
        useStatics();
        ++*runs;
    }));
    often.onComplete(receiver, [] { useStatics(); });
    const auto seldom = keep(legwork::runPeriodic(1h, [] { useStatics(); }));
    until([&] { return *runs >= 3; });
    untilIs(seldom, Status::Delayed);
}

inline void running()
{
    runningTask().onCancelled(receiver, [] { useStatics(); });
}

// It is not asked, as it does not look.
inline void deaf()
{
    auto begun = std::make_shared<std::atomic<bool>>(false);
    const auto task = keep(legwork::run([begun] {
        *begun = true;
        gate.wait(false);
    }));
    until([&] { return begun->load(); });
    untilIs(task, Status::Running);
}

inline void streaming()
{
    auto sent = std::make_shared<std::atomic<int>>(0);
    const auto task = keep(legwork::stream<int>(
                               [sent](legwork::Sender<int> &numbers) {
                                   while (numbers.send(++*sent))
                                       useStatics();
                                   useStatics();
                               },
                               {.maxUndelivered = 8})
                               .onValues(receiver, [](const QList<int> &) { useStatics(); }));
    // The ninth waits until one was delivered.
    until([&] { return *sent == 9; });
    untilIs(task, Status::Running);
}

// A callback that does not return: on another thread, or, without an application, on the worker that has ended the
// task.
inline void callback()
{
    auto entered = std::make_shared<std::atomic<bool>>(false);
    const auto stay = [entered] {
        *entered = true;
        gate.wait(false);
    };
    if (QCoreApplication::instance()) {
        elsewhere = new QThread;
        receiverElsewhere = new QObject;
        receiverElsewhere->moveToThread(elsewhere);
        elsewhere->start();
        keep(legwork::run([] {})).onComplete(receiverElsewhere, stay);
    } else {
        auto go = std::make_shared<std::atomic<bool>>(false);
        future = keep(legwork::run([go] { go->wait(false); })).future().then(stay);
        *go = true;
        go->notify_all();
    }
    until([&] { return entered->load(); }, QCoreApplication::instance());
}

struct State {
    const char *name;
    void (*reach)();
};

inline const std::vector<State> states = {
    {"idle", idle},     {"queued", queued},       {"delayed", delayed},   {"blocked", blocked},
    {"paused", paused}, {"retrying", retrying},   {"periodic", periodic}, {"running", running},
    {"deaf", deaf},     {"streaming", streaming}, {"callback", callback},
};

inline const State &stateOf(const char *name)
{
    for (const auto &state : states) {
        if (qstrcmp(state.name, name) == 0)
            return state;
    }
    _exit(NotReached);
}

inline void reach(const State &state)
{
    receiver = new QObject;
    state.reach();
}

} // namespace exits

#endif
