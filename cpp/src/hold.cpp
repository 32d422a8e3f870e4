#include "hold.h"

#include "inbox.h"
#include "log.h"
#include "mutex.h"

#include "legwork/src/qt/script.cxx.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <utility>

#ifdef Q_OS_UNIX
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace legwork {

// The holds that a thread has, or several threads one after the other. Never destroyed.
struct Holder {
    std::atomic<int> taken = 0;
    std::atomic<bool> used = true;
    Holder *next = nullptr;
};

namespace {

// What is waited for ends at once, unless it is in the middle of something of Qt's that cannot be
// interrupted, such as a regular expression.
constexpr auto patience = std::chrono::seconds(10);

enum class Gate { Closed, Open, Exiting };

// Never destroyed: workers look here until the process is gone.
struct Holds {
    std::atomic<Gate> gate = Gate::Closed;
    // Holders are only ever added.
    std::atomic<Holder *> holders = nullptr;
    // For the wait for the last hold, and for `asked`.
    Mutex mutex;
    std::condition_variable_any changed;
    // What is held is in something that does not end, such as a file of a server that does not answer: it was waited
    // for once. A hint that guards no data: a thread that sees an old value waits once more, or once less.
    std::atomic<bool> inVain = false;
    quint64 asked = 0; // calls of holdProcess

    bool isAnyTaken() const
    {
        for (const auto *holder = holders.load(); holder; holder = holder->next) {
            if (holder->taken.load() != 0)
                return true;
        }
        return false;
    }
};

Holds &holds()
{
    static auto &all = *new Holds;
    return all;
}

Holder *newHolder()
{
    auto &all = holds();
    for (auto *holder = all.holders.load(std::memory_order_acquire); holder; holder = holder->next) {
        if (!holder->used.exchange(true, std::memory_order_acquire))
            return holder;
    }
    auto *holder = new Holder;
    holder->next = all.holders.load(std::memory_order_relaxed);
    while (!all.holders.compare_exchange_weak(holder->next, holder)) { }
    return holder;
}

// This thread's, once it has one; an own flag of a local with a destructor would be asked each time.
thread_local Holder *mine = nullptr;

Holder &myHolder()
{
    if (mine)
        return *mine;
    // Another thread has it from here on. Two that have it at once, as this one goes, only share a count.
    struct Return {
        ~Return() { mine->used.store(false, std::memory_order_release); }
    };
    mine = newHolder();
    thread_local const Return atEnd;
    static_cast<void>(&atEnd);
    return *mine;
}

void close(Gate gate)
{
    auto &all = holds();
    auto before = all.gate.load();
    while (before != Gate::Exiting && !all.gate.compare_exchange_weak(before, gate)) { }
    if (all.inVain || !all.isAnyTaken())
        return;
    interruptScripts();
    std::unique_lock lock(all.mutex);
    if (all.changed.wait_for(lock, patience, [&all] { return !all.isAnyTaken(); }))
        return;
    all.inVain = true;
    if (gate != Gate::Exiting)
        qCCritical(poolLog,
                   "something of Qt's that a worker does takes too long, and the application is destroyed "
                   "beneath it");
}

// Whether this is the thread that the process began with. Its end is that of the process.
bool isFirstThread()
{
#ifdef Q_OS_LINUX
    return syscall(SYS_gettid) == getpid();
#elif defined(Q_OS_DARWIN)
    return pthread_main_np() != 0;
#else
    return false;
#endif
}

void endProcess()
{
    // A child that was forked has no threads, and maybe a lock that one had in hand: its end is its own.
    if (inChild())
        return;
    // It is registered more than once, and the first call waits for all: a body that does not listen then would not
    // listen the next time. Of two threads that end the process at once, which C++ does not allow, one goes on; no
    // order but that of the exchange is needed, as it guards no data.
    static std::atomic<bool> called = false;
    if (called.exchange(true))
        return;
    close(Gate::Exiting);
    haltTasks();
}

// The locals of the thread that ends the process go before anything with static storage, that of Qt included.
struct LastLocal {
    ~LastLocal() { endProcess(); }
};

// Where another thread ends the process: what is registered last is called first.
void registerEnd() { std::atexit(endProcess); }

} // namespace

ApplicationHold::ApplicationHold() : m_holder(&myHolder())
{
    m_holder->taken.fetch_add(1);
    if (holds().gate.load() != Gate::Open)
        release();
}

ApplicationHold::~ApplicationHold() { release(); }

void ApplicationHold::release()
{
    auto *holder = std::exchange(m_holder, nullptr);
    if (!holder)
        return;
    holder->taken.fetch_sub(1);
    auto &all = holds();
    if (all.gate.load() != Gate::Open) {
        const std::lock_guard lock(all.mutex);
        all.changed.notify_all();
    }
}

void watchEnd()
{
    static const bool once = (registerEnd(), true);
    if (once && isFirstThread()) {
        thread_local const LastLocal last;
        static_cast<void>(&last);
    }
}

void openHolds()
{
    watchEnd();
    holds().inVain = false;
    auto closed = Gate::Closed;
    holds().gate.compare_exchange_strong(closed, Gate::Open);
}

void closeHolds()
{
    if (!inChild())
        close(Gate::Closed);
}

void holdProcess()
{
    // Qt's statics register themselves as they are first used, and now and then a script is the first to use
    // one. So this registers the end anew at each power of two of its calls.
    {
        auto &all = holds();
        const std::lock_guard lock(all.mutex);
        const auto count = ++all.asked;
        if ((count & (count - 1)) != 0)
            return;
    }
    registerEnd();
}

} // namespace legwork
