// QFutures of tasks, and their cancels: see futures.cpp.
#ifndef LEGWORK_BRIDGE_FUTURES_H
#define LEGWORK_BRIDGE_FUTURES_H

#include <QtCore/QtGlobal>

#include <atomic>

namespace legwork::detail {

class RustContext;

// How many tasks have futures that may be cancelled. Read without the lock, to spare it where there are none: a
// thread that links a future and cancels it afterwards, and a body that runs meanwhile, meet at the lock, or the body
// asks again.
extern std::atomic<qsizetype> futuresCount;

// Asks the futures of the context's task: whether one was cancelled. Then the task is, too.
bool askFutures(const RustContext &context);

// The same; here, so that a body that asks in vain pays for no call.
inline bool futureCancelled(const RustContext &context)
{
    return futuresCount.load(std::memory_order_acquire) != 0 && askFutures(context);
}

// The thread that hears when a QFuture is cancelled: may run, is to stop. On the manager's thread, as the
// application comes and goes.
void startFutures();
void stopFutures();

// Lets go the futures of an owner's tasks, which may hold what only its code can destroy. Once its tasks have
// ended.
void unwatch(quint64 owner);

} // namespace legwork::detail

#endif
