// The mutex of what outlives the application.
#ifndef LEGWORK_MUTEX_H
#define LEGWORK_MUTEX_H

#include "inbox.h"

#include <mutex>

namespace legwork {

// A child process that was forked has only the thread that forked: a lock that another held at that moment
// stays locked there for ever. So in a child nothing is locked, and there is nobody to lock it against.
class Mutex {
public:
    void lock()
    {
        if (!inChild())
            m_mutex.lock();
    }
    void unlock()
    {
        if (!inChild())
            m_mutex.unlock();
    }

    // For the handlers of pthread_atfork, also in the child.
    void lockForFork() { m_mutex.lock(); }
    void unlockAfterFork() { m_mutex.unlock(); }

private:
    std::mutex m_mutex;
};

} // namespace legwork

#endif
