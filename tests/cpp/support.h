// What the tests of the C++ face share.
#ifndef LEGWORK_TESTS_SUPPORT_H
#define LEGWORK_TESTS_SUPPORT_H

#include <legwork/legwork.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QThread>
#include <QtTest/QtTest>

#include <atomic>
#include <memory>

namespace support {

// What Qt, or Legwork, has warned of since the last look.
QStringList takeWarnings();

// A test whose functions hear of tasks by `listener`. That goes as a function is over, however it ends: what is still
// to be told then is told to nobody, as it would refer to what was on the function's stack.
class TestCase : public QObject {
    Q_OBJECT

protected:
    std::unique_ptr<QObject> listener = std::make_unique<QObject>();

protected slots:
    void cleanup() { listener = std::make_unique<QObject>(); }
};

// A latch: bodies wait in it until the test lets them go, or the task is asked to stop.
class Gate {
public:
    void open() { m_open = true; }
    bool isOpen() const { return m_open; }
    // False if the task was asked to stop.
    bool pass(const legwork::TaskContext &context) const
    {
        while (!m_open) {
            if (!context.sleep(std::chrono::milliseconds(1)))
                return false;
        }
        return true;
    }

private:
    std::atomic<bool> m_open = false;
};

// Counts its lives, and knows where the last one ended.
struct Ledger {
    std::atomic<int> alive = 0;
    std::atomic<int> destroyed = 0;
    std::atomic<QThread *> thread = nullptr;
};

// A capture that is entered in a ledger. It can only be moved, as what it stands for is destroyed
// exactly once.
class Entry {
public:
    explicit Entry(Ledger &ledger) : m_ledger(&ledger) { ++ledger.alive; }
    Entry(Entry &&other) noexcept : m_ledger(std::exchange(other.m_ledger, nullptr)) { }
    Entry &operator=(Entry &&) = delete;
    ~Entry()
    {
        if (!m_ledger)
            return;
        m_ledger->thread = QThread::currentThread();
        ++m_ledger->destroyed;
        --m_ledger->alive;
    }

private:
    Ledger *m_ledger;
};

// A thread with an event loop, and an object that lives there.
class Elsewhere {
public:
    Elsewhere();
    ~Elsewhere();
    QObject *object() const { return m_object; }
    QThread *thread() const { return m_thread.get(); }
    // Runs it there, and waits for that.
    void run(const std::function<void()> &f) const;
    void destroyObject();
    void finish();

private:
    std::unique_ptr<QThread> m_thread;
    QObject *m_object;
};

// Runs an application with a test object, and fails on a warning of Qt's that nobody took.
int main(int argc, char **argv, QObject &test);

} // namespace support

#define LEGWORK_TEST_MAIN(Class)                                                                                       \
    int main(int argc, char **argv)                                                                                    \
    {                                                                                                                  \
        QCoreApplication application(argc, argv);                                                                      \
        Class test;                                                                                                    \
        return support::main(argc, argv, test);                                                                        \
    }

#endif
