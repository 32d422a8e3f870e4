// A library that uses Legwork, and is closed by a host that does not.
#include "../exits.h"

using namespace exits;

extern "C" Q_DECL_EXPORT void reachState(const char *name)
{
    gate = false;
    reach(stateOf(name));
}

// All tasks have ended; what is called back still is to return, as its code goes.
extern "C" Q_DECL_EXPORT void leaveState()
{
    gate = true;
    gate.notify_all();
    if (elsewhere) {
        elsewhere->quit();
        elsewhere->wait();
        delete receiverElsewhere;
        delete elsewhere;
        elsewhere = nullptr;
    }
    for (const auto &task : tasks) {
        if (task.waitForBody(10s) != legwork::WaitResult::Done)
            _exit(NotUsable);
    }
    tasks.clear();
    delete receiver;
}
