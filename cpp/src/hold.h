// A hold on the application, for what a worker does with Qt that needs one.
//
// # Invariants
//
// 1. While a hold is taken, ~QCoreApplication waits: in its post-routines, before anything of it is gone.
//    So does the end of the process, before Qt's own statics go; but neither for ever.
// 2. None is taken from when either has begun. A new application opens the holds again; the end of the
//    process does not.
// 3. When the process ends, with an application or without, tasks of any kind begin no more, and what runs is
//    waited for, once, for two seconds (src/engine/halt.rs). Its end is met where Qt's statics are all there: as
//    the locals of the first thread go, where that one ends it, or by atexit.
//
// So a thread that looks for the application, and then uses it, does both with a hold in hand.
//
// # Memory ordering
//
// A hold puts its thread's count into the list, counts itself, and then looks at the gate. The thread that closes
// writes the gate, and then looks at the list and the counts. All of these are sequentially consistent, so one of the
// two sees the other. A hold that goes takes itself off, and then looks at the gate. Either it sees that the gate is
// closed, and notifies; or the thread that closes finds the count without it. That a count is used again (`used`)
// orders nothing: two threads that have the same one only add to it.
//
// # Deadlock safety
//
// The mutex is locked to wait and to notify; nothing else is locked under it, and nothing of a user's runs. The thread
// that waits for the holds has none, and has asked the scripts to end before. A worker that delivers what its body has
// posted has a hold, and may run a user's destructors and slots: should they wait for the application's thread, which
// waits here, that ends when the patience of hold.cpp does.
#ifndef LEGWORK_HOLD_H
#define LEGWORK_HOLD_H

#include <QtCore/QtGlobal>

namespace legwork {

struct Holder;

class ApplicationHold {
public:
    // From any thread.
    ApplicationHold();
    ~ApplicationHold();
    Q_DISABLE_COPY_MOVE(ApplicationHold)

    // False where there is no application, or it goes, or the process does.
    bool isTaken() const { return m_holder != nullptr; }

private:
    void release();

    Holder *m_holder; // null if it is not taken
};

// Has the end of the process met. From any thread, as the service starts, and again with each application.
void watchEnd();

// On the application's thread, as that is constructed and destroyed.
void openHolds();
void closeHolds();

// Has the end of the process wait for the holds, before anything goes that was used before this
// call. From any thread, with a hold in hand; some calls do, so that it may be called often.
void holdProcess();

} // namespace legwork

#endif
