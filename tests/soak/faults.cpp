#include "faults.h"

#include <QtCore/QFile>
#include <QtCore/QThread>

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstring>

using legwork::TaskManager;

namespace {

std::atomic<bool> noThreads = false;
std::atomic<int> refusals = 0;

bool isOfTheLibrary(const void *caller)
{
    Dl_info info = {};
    return dladdr(caller, &info) != 0 && info.dli_fname && std::strstr(info.dli_fname, "liblegwork.so");
}

} // namespace

// In the place of the C library's, which it calls.
extern "C" int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                              void *argument) noexcept
{
    if (noThreads && isOfTheLibrary(__builtin_return_address(0))) {
        ++refusals;
        return EAGAIN;
    }
    using Create = int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
    return create(thread, attributes, start, argument);
}

namespace soak {

NoThreads::NoThreads() { noThreads = true; }
NoThreads::~NoThreads() { noThreads = false; }
int NoThreads::refused() { return refusals; }

Faults::Faults(quint64 seed, Books &books) : m_books(books), m_dice(seed) { }

void Faults::step()
{
    auto *manager = TaskManager::instance();
    switch (m_dice.below(12)) {
    case 0:
        m_noThreads = std::make_unique<NoThreads>();
        return;
    case 1:
    case 2:
        m_noThreads.reset();
        return;
    case 3:
        return trace();
    case 4:
    case 5:
        manager->setProperty("maxWorkers", 1 + m_dice.below(8));
        return;
    case 6:
        manager->setProperty("maxBlocking", m_dice.below(5));
        return;
    case 7:
        manager->setProperty("idleTimeoutMs", m_dice.of({0, 5, 100, 2'000}));
        return;
    case 8:
        if (manager->stats().toMap()["lanes"].toList().size() != 3)
            m_books.fault(QStringLiteral("stats() has no three lanes"));
        return;
    case 9:
        // The thread of the windows is busy.
        QThread::msleep(static_cast<unsigned long>(m_dice.below(150)));
        return;
    case 10:
        legwork::setHistoryLimits({.tasks = m_dice.of({0, 10, 500}), .bytes = m_dice.of({0, 100'000, 8 << 20})});
        return;
    default:
        // Mistakes, which are refused.
        manager->setProperty("maxWorkers", QVariant(0));
        manager->setProperty("maxWorkers", QStringLiteral("5"));
        if (manager->startTrace(QStringLiteral("/no/such/folder/trace.json")))
            m_books.fault(QStringLiteral("a trace was started in a folder that is not there"));
    }
}

void Faults::trace()
{
    auto *manager = TaskManager::instance();
    if (manager->tracePath().isEmpty()) {
        const auto path = m_folder.filePath(QStringLiteral("trace-%1.json").arg(m_traces++));
        // It needs a thread, too.
        if (!manager->startTrace(path) && !m_noThreads)
            m_books.fault(QStringLiteral("no trace: ") + manager->lastError());
        return;
    }
    const auto report = manager->stopTrace().toMap();
    QFile file(report["path"].toString());
    if (!file.open(QIODevice::ReadOnly) || file.size() == 0)
        m_books.fault(QStringLiteral("a trace is empty: ") + file.fileName());
    file.close();
    file.remove();
}

void Faults::settle()
{
    m_noThreads.reset();
    auto *manager = TaskManager::instance();
    if (!manager->tracePath().isEmpty())
        trace();
    manager->setProperty("maxWorkers", 4);
    manager->setProperty("maxBlocking", 64);
    manager->setProperty("idleTimeoutMs", 100);
    legwork::setHistoryLimits({.tasks = 500, .bytes = 8 << 20});
}

} // namespace soak
