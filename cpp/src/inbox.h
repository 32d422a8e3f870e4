// The object on the manager's thread that Qt wakes, and the life of the application around it.
#ifndef LEGWORK_INBOX_H
#define LEGWORK_INBOX_H

#include "rust/cxx.h"

class QThread;

namespace legwork {

// Posts one event to the manager's thread, behind paint and input if `low`. From any thread.
// Does nothing without a QCoreApplication; when one comes, it looks for what is waiting.
void postWake(bool low);

// Has the models look in `ms`, if they do not look earlier anyway. On the manager's thread.
void armModels(int ms);

// Whether the calling thread is that of the QCoreApplication. False without one.
bool isManagerThread();
// Whether there is such a thread.
bool isManagerThere();

// The thread of the QCoreApplication; null without one. From any thread.
QThread *managerThread();

// How deep the calling thread is in event loops (QThread::loopLevel).
int loopLevel();

// Whether this is a child that was forked, and has the service of another process in its memory. From any
// thread.
bool inChild();

// Does what other threads have queued for this one by calls of slots and functions. On any thread.
void answerCalls();

// Forwards a line of Rust's log to a logging category: "legwork.pool", else "legwork.task". `level`: 1 error to 5
// trace.
void logLine(int level, bool aboutPool, ::rust::Str text);

} // namespace legwork

#endif
