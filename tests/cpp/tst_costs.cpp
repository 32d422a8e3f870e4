// What a task costs that does not depend on the machine: allocations, Qt events, wake-ups. Each figure is
// what it was when it was last brought down (benches/README.md): this fails when one grows.
#include "support.h"

#include <QtCore/QSemaphore>

#include <cstdarg>
#include <cstdlib>
#include <dlfcn.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>

// The process's own malloc and syscall are these; Rust, Qt and the standard library use them, too.
namespace {

std::atomic<qint64> allocations = 0;
std::atomic<qint64> wakes = 0;
// Of mutexes of the system's, which are those of Qt and of C++. The engine has one of its own, taken by two
// instructions that nobody can stand between.
std::atomic<qint64> locks = 0;

using Lock = int (*)(pthread_mutex_t *);
std::atomic<Lock> nextLock = nullptr;

} // namespace

extern "C" {

void *__libc_malloc(std::size_t size);
void *__libc_calloc(std::size_t count, std::size_t size);

void *malloc(std::size_t size)
{
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_malloc(size);
}

void *calloc(std::size_t count, std::size_t size)
{
    allocations.fetch_add(1, std::memory_order_relaxed);
    return __libc_calloc(count, size);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    locks.fetch_add(1, std::memory_order_relaxed);
    auto next = nextLock.load(std::memory_order_relaxed);
    if (!next) {
        next = reinterpret_cast<Lock>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
        nextLock = next;
    }
    return next(mutex);
}

// As libc's own: whatever was passed, six words are read and handed on.
long syscall(long number, ...)
{
    va_list list;
    va_start(list, number);
    long arguments[6];
    for (auto &argument : arguments)
        argument = va_arg(list, long);
    va_end(list);
    if (number == SYS_futex && (arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAKE)
        wakes.fetch_add(1, std::memory_order_relaxed);
    static const auto next = reinterpret_cast<long (*)(long, ...)>(dlsym(RTLD_NEXT, "syscall"));
    return next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

} // extern "C"

namespace {

// Counts the events of types that Qt does not know: those of libraries.
class Application : public QCoreApplication {
public:
    using QCoreApplication::QCoreApplication;
    bool notify(QObject *receiver, QEvent *event) override
    {
        if (event->type() >= QEvent::User)
            ++m_events;
        return QCoreApplication::notify(receiver, event);
    }
    qint64 events() const { return m_events; }

private:
    qint64 m_events = 0;
};

} // namespace

class TestCosts : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        legwork::TaskManager::instance()->setMaxWorkers(1);
        // More than the history holds, so that from here on each new one takes the place of another.
        run(3'000);
    }

    void b2_what_a_task_costs()
    {
        const auto &costs = run(tasks);
        qInfo("a task: %g allocations to submit, %g to run, %g to deliver; %g locks; %lld events and %lld wake-ups for "
              "%d tasks",
              costs.submit, costs.work, costs.deliver, costs.locks, costs.events, costs.wakes, tasks);
        // The body with what it captured; and a chunk of records for 512 of them.
        QVERIFY2(costs.submit < 1.02, qPrintable(QString::number(costs.submit)));
        // An int is no memory of its own; a segment of the outbox for 1,024 events.
        QVERIFY2(costs.work < 0.02, qPrintable(QString::number(costs.work)));
        // The text of the id.
        QVERIFY2(costs.deliver < 1.02, qPrintable(QString::number(costs.deliver)));
        // The worker that slept, and the two that wait for each other here.
        QVERIFY2(costs.wakes <= 8, qPrintable(QString::number(costs.wakes)));
        // A drain goes on for 4 ms, and then posts one event for the rest.
        QVERIFY2(costs.events <= costs.ms / 4 + 3, qPrintable(QString::number(costs.events)));
    }

    void b2_what_a_task_with_a_callback_costs()
    {
        QObject receiver;
        int called = 0;
        m_listen = false;
        const auto &costs = run(tasks, [&receiver, &called](int n) {
            legwork::run([n] { return n; }).onComplete(&receiver, [&called](int) { ++called; });
        });
        m_listen = true;
        QCOMPARE(called, tasks);
        qInfo("by onComplete: %g allocations to submit, %g to run, %g to deliver; %g locks; %lld events and %lld "
              "wake-ups",
              costs.submit, costs.work, costs.deliver, costs.locks, costs.events, costs.wakes);
        // The body; the callback, its connection and its listener; the engine's box of that, its list, and what
        // few tasks have.
        QVERIFY2(costs.submit < 7.02, qPrintable(QString::number(costs.submit)));
        QVERIFY2(costs.work < 0.02, qPrintable(QString::number(costs.work)));
        // The result, as C++ has it.
        QVERIFY2(costs.deliver < 1.02, qPrintable(QString::number(costs.deliver)));
        QVERIFY2(costs.locks < 7.02, qPrintable(QString::number(costs.locks)));
        QVERIFY2(costs.wakes <= 8, qPrintable(QString::number(costs.wakes)));
        QVERIFY2(costs.events <= costs.ms / 4 + 3, qPrintable(QString::number(costs.events)));
    }

    void b2_what_nobody_hears_of_costs_nothing_to_deliver()
    {
        m_listen = false;
        const auto &costs = run(tasks);
        m_listen = true;
        QVERIFY2(costs.deliver < 0.02, qPrintable(QString::number(costs.deliver)));
    }

    void b69_a_task_by_itself_is_one_event_and_one_for_the_rest()
    {
        auto *manager = legwork::TaskManager::instance();
        auto *application = static_cast<Application *>(QCoreApplication::instance());
        int ended = 0;
        QObject receiver;
        connect(manager, &legwork::TaskManager::taskCompleted, &receiver, [&ended] { ++ended; });
        // The first delivery finds that nobody hears of starts.
        legwork::run([] { return 1; });
        QTRY_COMPARE(ended, 1);
        QCoreApplication::processEvents();
        const auto before = application->events();
        for (int task = 2; task <= 101; ++task) {
            legwork::run([] { return 1; });
            QTRY_COMPARE(ended, task);
        }
        QCoreApplication::processEvents();
        const auto events = application->events() - before;
        QVERIFY2(events <= 200, qPrintable(QString::number(events)));
    }

    void what_is_left_out_is_missed_by_nobody_who_connects_in_a_callback()
    {
        auto *manager = legwork::TaskManager::instance();
        QObject receiver;
        QStringList heard;
        const auto first = legwork::run([] { return 1; });
        first.onComplete(&receiver, [&] {
            connect(manager, &legwork::TaskManager::taskCompleted, &receiver,
                    [&heard](const QString &id) { heard.append(id); });
        });
        const auto second = legwork::run([] { return 2; });
        // This thread delivers nothing meanwhile: both ends come in one batch, at whose begin nobody was connected.
        second.wait();
        QTRY_COMPARE(heard, QStringList(second.id()));
    }

private:
    static constexpr int tasks = 2'000;

    struct Costs {
        double submit = 0;
        double work = 0;
        double deliver = 0;
        double locks = 0;
        qint64 events = 0;
        qint64 wakes = 0;
        qint64 ms = 0;
    };

    Costs run(
        int count, const std::function<void(int)> &submit = [](int n) { legwork::run([n] { return n; }); })
    {
        auto *manager = legwork::TaskManager::instance();
        auto *application = static_cast<Application *>(QCoreApplication::instance());
        QSemaphore arrived;
        QSemaphore open;
        legwork::run([&arrived, &open] {
            arrived.release();
            open.acquire();
        });
        arrived.acquire();
        QCoreApplication::processEvents();

        int heard = 0;
        QEventLoop loop;
        QMetaObject::Connection connection;
        if (m_listen)
            connection = connect(manager, &legwork::TaskManager::taskCompleted, &loop, [&heard] { ++heard; });
        const auto finished = connect(manager, &legwork::TaskManager::allTasksFinished, &loop, &QEventLoop::quit);

        Costs costs;
        const auto wakesBefore = wakes.load();
        const auto locksBefore = locks.load();
        auto before = allocations.load();
        const auto each = [&before, count] {
            const auto now = allocations.load();
            return static_cast<double>(now - std::exchange(before, now)) / count;
        };
        for (int n = 0; n < count; ++n)
            submit(n);
        costs.submit = each();
        QSemaphore done;
        legwork::run([&done] { done.release(); });
        each();
        open.release();
        done.acquire();
        costs.work = each();
        costs.wakes = wakes - wakesBefore;
        const auto events = application->events();
        QElapsedTimer timer;
        timer.start();
        loop.exec();
        costs.ms = timer.elapsed();
        costs.deliver = each();
        costs.locks = static_cast<double>(locks - locksBefore) / count;
        costs.events = application->events() - events;
        disconnect(connection);
        disconnect(finished);
        if (m_listen && heard != count + 2)
            qFatal("heard of %d tasks, not of %d", heard, count + 2);
        return costs;
    }

    bool m_listen = true;
};

int main(int argc, char **argv)
{
    Application application(argc, argv);
    TestCosts test;
    return support::main(argc, argv, test);
}

#include "tst_costs.moc"
