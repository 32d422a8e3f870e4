#include "hold.h"

#include "inbox.h"

#include "legwork/src/qt/script.cxx.h"

#include <QtCore/QLoggingCategory>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

#ifdef Q_OS_UNIX
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

Q_DECLARE_LOGGING_CATEGORY(legworkLog)

namespace legwork {

namespace {

// What is waited for ends at once, unless it is in the middle of something of Qt's that cannot be
// interrupted, such as a regular expression.
constexpr auto patience = std::chrono::seconds(10);

struct Holds {
    std::mutex mutex;
    std::condition_variable changed;
    bool open = false;
    bool exiting = false;
    int taken = 0;
    quint64 asked = 0; // calls of holdProcess
};

// Never destroyed: workers look here until the process is gone.
Holds &holds()
{
    static auto &all = *new Holds;
    return all;
}

void close(bool exiting)
{
    auto &all = holds();
    {
        const std::lock_guard lock(all.mutex);
        all.open = false;
        all.exiting |= exiting;
        if (all.taken == 0)
            return;
    }
    // Who comes after the lines above gets no hold; who was before them, is known to this.
    interruptScripts();
    std::unique_lock lock(all.mutex);
    if (!all.changed.wait_for(lock, patience, [&all] { return all.taken == 0; }) && !exiting)
        qCCritical(legworkLog, "a script cannot be interrupted, and the application is destroyed beneath it");
}

// Whether this is the thread that the process began with, whose end is that of the process.
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
    close(true);
    haltTasks();
}

// The locals of the thread that ends the process go before anything with static storage, that of Qt included.
struct LastLocal {
    ~LastLocal() { endProcess(); }
};

// Where another thread ends the process: what is registered last is called first.
void registerEnd() { std::atexit(endProcess); }

} // namespace

ApplicationHold::ApplicationHold()
{
    auto &all = holds();
    const std::lock_guard lock(all.mutex);
    m_taken = all.open && !all.exiting;
    all.taken += m_taken;
}

ApplicationHold::~ApplicationHold()
{
    if (!m_taken)
        return;
    auto &all = holds();
    const std::lock_guard lock(all.mutex);
    if (--all.taken == 0)
        all.changed.notify_all();
}

void openHolds()
{
    static const bool once = (registerEnd(), true);
    if (once && isFirstThread()) {
        thread_local const LastLocal last;
        static_cast<void>(&last);
    }
    auto &all = holds();
    const std::lock_guard lock(all.mutex);
    all.open = true;
}

void closeHolds()
{
    if (!inChild())
        close(false);
}

void holdProcess()
{
    // Qt's statics register themselves as they are first used, and a script uses one, here and there, that
    // none has used before. Hence more than once, and ever more rarely.
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
