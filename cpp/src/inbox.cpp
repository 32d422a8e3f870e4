#include "inbox.h"

#include "hold.h"
#include "instance.h"
#include "mailbox.h"
#include "mutex.h"
#include "bridge/futures.h"
#include "sendhome.h"
#include "ui.h"

#include "legwork/src/qt/inbox.cxx.h"

#include <QtCore/QBasicTimer>
#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>
#include <QtCore/QThread>
#include <QtCore/QTimerEvent>

#include <atomic>
#include <chrono>
#include <utility>
#include <vector>

#ifdef Q_OS_UNIX
#include <pthread.h>
#endif

namespace legwork {

namespace {

QEvent::Type wakeType()
{
    static const auto type = static_cast<QEvent::Type>(QEvent::registerEventType());
    return type;
}

// The last slot of aboutToQuit, so to say: what its other slots submit is still to be done. When all of them
// have run, QCoreApplication destroys what was to be deleted later.
class Quit : public QObject {
public:
    ~Quit() override { applicationQuits(); }
};

// Receives the wake-ups. One for each QCoreApplication, never deleted: a worker that has just read
// the pointer may post to it at any time, also while the application goes.
class Inbox : public QObject {
public:
    bool event(QEvent *event) override
    {
        if (event->type() != wakeType())
            return QObject::event(event);
        follow();
        drain();
        return true;
    }

    // Hears when the application quits. On its thread: to connect to an object may call into the language
    // that has derived from its class, and Python's lock may be held by that very thread, which waits for
    // this library to be loaded by another.
    void follow()
    {
        if (!std::exchange(m_follows, true))
            connect(
                QCoreApplication::instance(), &QCoreApplication::aboutToQuit, this, [] { (new Quit)->deleteLater(); },
                Qt::DirectConnection);
    }

    // On its thread, as is all that follows.
    void armModels(int ms)
    {
        const auto at = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
        if (m_models.isActive() && m_modelsAt <= at)
            return;
        m_modelsAt = at;
        m_models.start(ms, this);
    }

protected:
    void timerEvent(QTimerEvent *event) override
    {
        if (event->timerId() != m_models.timerId())
            return;
        // It ticks once; a model that wants it again says so.
        m_models.stop();
        modelsDue();
    }

private:
    bool m_follows = false;
    QBasicTimer m_models;
    std::chrono::steady_clock::time_point m_modelsAt;
};

// The lock is held while an event is posted, and while the application goes: QCoreApplication is not
// to be destroyed in the middle of a post. Nothing else is locked inside of it.
Mutex inboxMutex;
Inbox *theInbox = nullptr;
// Read without the lock, by threads that ask where to deliver: nothing else hangs on it, and the object of
// the main thread is never deleted.
std::atomic<QThread *> theThread = nullptr;

void attach()
{
    auto *application = QCoreApplication::instance();
    // Kept, so that it is no leak.
    static auto &all = *new std::vector<Inbox *>;
    auto *inbox = all.emplace_back(new Inbox);
    if (application->thread() == QThread::currentThread())
        inbox->follow();
    else
        inbox->moveToThread(application->thread());
    {
        const std::lock_guard lock(inboxMutex);
        theInbox = inbox;
        theThread = application->thread();
    }
    detail::reviveMailbox(application->thread());
    openHolds();
    detail::startFutures();
    openInstance();
    registerUi();
    registerForTests();
    // What happened before there was an application has waited for this; and so has `follow`.
    postWake(false);
}

void detach()
{
    applicationGoes();
    // Before all else: workers may be in the middle of something that needs the application.
    closeHolds();
    detail::stopFutures();
    closeInstance();
    {
        const std::lock_guard lock(inboxMutex);
        theInbox = nullptr;
        theThread = nullptr;
    }
    // From here on results are destroyed where they are let go.
    detail::destroyLastResults();
}

#ifdef Q_OS_UNIX
// A child goes on with the thread that forks, and with the locks as they are at that moment. Ours it does without
// (mutex.h). But a worker that posts an event has one of Qt's in its hands, which the child's event loop waits for:
// so no worker posts while a process forks. Locks of Qt that an application's own threads hold then are not ours to
// wait for.
void watchForks()
{
    // In this order, in which nothing else takes the two.
    const auto lock = [] {
        inboxMutex.lockForFork();
        detail::lockMailboxes();
    };
    const auto unlock = [] {
        detail::unlockMailboxes();
        inboxMutex.unlockAfterFork();
    };
    // The library stays in the process, and so do these. If the call fails, a child may wait for ever, as before.
    pthread_atfork(lock, unlock, unlock);
}
#else
void watchForks() { }
#endif

// The constructor of each QCoreApplication calls `attach`, its destructor `detach`.
struct Hooks {
    Hooks()
    {
        watchForks();
        qAddPreRoutine([] {
            attach();
            qAddPostRoutine(detach);
        });
    }
} hooks;

} // namespace

void postWake(bool low)
{
    const std::lock_guard lock(inboxMutex);
    if (auto *inbox = theInbox)
        QCoreApplication::postEvent(inbox, new QEvent(wakeType()),
                                    low ? Qt::LowEventPriority : Qt::NormalEventPriority);
}

void armModels(int ms)
{
    Inbox *inbox = nullptr;
    {
        const std::lock_guard lock(inboxMutex);
        inbox = theInbox;
    }
    // It is never deleted.
    if (inbox && inbox->thread() == QThread::currentThread())
        inbox->armModels(ms);
}

bool isManagerThread()
{
    const auto *application = QCoreApplication::instance();
    return application && application->thread() == QThread::currentThread();
}

bool isManagerThere() { return QCoreApplication::instance(); }

QThread *managerThread() { return theThread; }

bool inChild() { return isFork(); }

// Calls of slots and functions that other threads have queued for this one: some wait until they are done.
// Nothing else that was posted, and no loop.
void answerCalls() { QCoreApplication::sendPostedEvents(nullptr, QEvent::MetaCall); }

int loopLevel() { return QThread::currentThread()->loopLevel(); }

} // namespace legwork
