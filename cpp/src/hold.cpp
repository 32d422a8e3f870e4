#include "hold.h"

#include "legwork/src/qt/script.cxx.h"

#include <QtCore/QLoggingCategory>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>

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

// Made on the application's thread, which is most often the one that ends the process: the locals of that
// thread go before anything with static storage.
struct LastLocal {
    ~LastLocal() { close(false); }
};

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
    thread_local LastLocal last;
    static_cast<void>(&last);
    auto &all = holds();
    const std::lock_guard lock(all.mutex);
    all.open = true;
}

void closeHolds() { close(false); }

void holdProcess()
{
    // For who ends the process on another thread than the application's. What is registered last is called
    // first, and Qt's statics register themselves as they are first used: here and there a script uses one
    // that none has used before. Hence more than once, and ever more rarely.
    {
        auto &all = holds();
        const std::lock_guard lock(all.mutex);
        const auto count = ++all.asked;
        if ((count & (count - 1)) != 0)
            return;
    }
    std::atexit([] { close(true); });
}

} // namespace legwork
