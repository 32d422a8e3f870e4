// Which callbacks hear of a task, on which thread, and until when.
#include "support.h"

#include <QtCore/QLoggingCategory>
#include <QtCore/QTimer>

using namespace std::chrono_literals;
using namespace support;

class TestReceivers : public support::TestCase {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }

    void b80_a_receiver_that_is_gone_hears_nothing_and_its_callback_is_destroyed()
    {
        Gate gate;
        Ledger ledger;
        bool heard = false;
        auto receiver = std::make_unique<QObject>();
        const auto task = legwork::run([&](legwork::TaskContext &context) { return gate.pass(context); });
        task.onComplete(receiver.get(), [&heard, entry = Entry(ledger)](bool) { heard = true; });
        QCOMPARE(ledger.alive.load(), 1);
        receiver.reset();
        // At once, not only when the task ends.
        QCOMPARE(ledger.destroyed.load(), 1);
        QCOMPARE(ledger.thread.load(), thread());
        gate.open();
        QCOMPARE(task.wait(), legwork::WaitResult::Done);
        QTRY_COMPARE(QCoreApplication::instance()->thread()->loopLevel(), 0);
        QTest::qWait(0);
        QVERIFY(!heard);
        QCOMPARE(ledger.destroyed.load(), 1);
    }

    void b81_a_callback_may_delete_its_receiver()
    {
        Ledger first, second;
        auto *receiver = new QObject;
        int calls = 0;
        bool gone = false;
        connect(receiver, &QObject::destroyed, listener.get(), [&] { gone = true; });
        const auto task = legwork::run([] { return 1; });
        task.onComplete(receiver, [&calls, receiver, entry = Entry(first)](int) {
            ++calls;
            delete receiver;
            // What was captured is there until the end of the call.
            ++calls;
        });
        task.onComplete(receiver, [&calls, entry = Entry(second)](int) { calls += 100; });
        QTRY_VERIFY(gone);
        QCOMPARE(calls, 2);
        QTRY_COMPARE(first.destroyed.load() + second.destroyed.load(), 2);
    }

    void b81_a_slot_may_delete_the_receiver_of_a_callback()
    {
        auto receiver = std::make_unique<QObject>();
        bool heard = false;
        // Signals come first.
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &m_context,
                [&] { receiver.reset(); });
        const auto task = legwork::run([] { return 1; });
        task.onComplete(receiver.get(), [&] { heard = true; });
        QTRY_VERIFY(!receiver);
        QTest::qWait(0);
        QVERIFY(!heard);
        disconnect(legwork::TaskManager::instance(), nullptr, &m_context, nullptr);
    }

    void b82_a_receiver_on_another_thread_hears_there()
    {
        Ledger ledger;
        Elsewhere elsewhere;
        std::atomic<QThread *> heard = nullptr;
        std::atomic<int> progress = 0;
        QStringList order;
        Gate gate;
        const auto task = legwork::run([&](legwork::TaskContext &context) {
            context.setProgress(0.5);
            gate.pass(context);
            return 5;
        });
        task.onProgress(elsewhere.object(), [&] { ++progress; });
        task.onComplete(elsewhere.object(), [&, entry = Entry(ledger)](int value) {
            QCOMPARE(value, 5);
            heard = QThread::currentThread();
        });
        QTRY_VERIFY(progress > 0);
        gate.open();
        QTRY_VERIFY(heard.load());
        QCOMPARE(heard.load(), elsewhere.thread());
        // And it is destroyed there.
        QTRY_COMPARE(ledger.destroyed.load(), 1);
        QCOMPARE(ledger.thread.load(), elsewhere.thread());
    }

    void b82_a_receiver_that_goes_on_another_thread_frees_its_callback_there()
    {
        Ledger ledger;
        Elsewhere elsewhere;
        Gate gate;
        std::atomic<bool> heard = false;
        const auto task = legwork::run([&](legwork::TaskContext &context) { gate.pass(context); });
        task.onComplete(elsewhere.object(), [&heard, entry = Entry(ledger)] { heard = true; });
        elsewhere.destroyObject();
        QCOMPARE(ledger.destroyed.load(), 1);
        QCOMPARE(ledger.thread.load(), elsewhere.thread());
        gate.open();
        task.wait();
        QTest::qWait(0);
        QVERIFY(!heard);
    }

    void b83_a_thread_that_has_finished_hears_nothing_and_nobody_waits()
    {
        Ledger ledger;
        Elsewhere elsewhere;
        Gate gate;
        std::atomic<bool> heard = false;
        const auto task = legwork::run([&](legwork::TaskContext &context) { gate.pass(context); });
        task.onComplete(elsewhere.object(), [&heard, entry = Entry(ledger)] { heard = true; });
        elsewhere.finish();
        gate.open();
        QCOMPARE(task.wait(5s), legwork::WaitResult::Done);
        // Nobody is left there to destroy it: the manager's thread does.
        QTRY_COMPARE(ledger.destroyed.load(), 1);
        QVERIFY(!heard);
    }

    void b83_what_waits_for_a_thread_that_finishes_is_destroyed_there()
    {
        Ledger ledger;
        Elsewhere elsewhere;
        std::atomic<bool> entered = false, leave = false;
        // The thread is busy while two results come in for it.
        QMetaObject::invokeMethod(elsewhere.object(), [&] {
            entered = true;
            while (!leave)
                QThread::yieldCurrentThread();
            QThread::currentThread()->quit();
        });
        QTRY_VERIFY(entered);
        int ended = 0;
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &m_context, [&] { ++ended; });
        for (int i = 0; i < 2; ++i)
            legwork::run([] {}).onComplete(elsewhere.object(), [entry = Entry(ledger)] {});
        QTRY_COMPARE(ended, 2);
        QTest::qWait(0);
        leave = true;
        elsewhere.finish();
        QTRY_COMPARE(ledger.destroyed.load(), 2);
        disconnect(legwork::TaskManager::instance(), nullptr, &m_context, nullptr);
    }

    void b114_b116_a_mailbox_keeps_the_order_when_a_callback_opens_a_loop()
    {
        Elsewhere elsewhere;
        QMutex mutex;
        QList<int> order;
        std::atomic<int> inside = 0, nested = 0;
        Gate gate;
        QList<legwork::Task<int>> tasks;
        legwork::TaskManager::instance()->setMaxWorkers(1);
        for (int i = 0; i < 50; ++i) {
            tasks.append(legwork::run([&, i](legwork::TaskContext &context) {
                gate.pass(context);
                return i;
            }));
            tasks.last().onComplete(elsewhere.object(), [&](int value) {
                {
                    const QMutexLocker lock(&mutex);
                    order.append(value);
                }
                nested += ++inside > 1;
                if (value == 10)
                    QCoreApplication::processEvents(); // finds no other callback
                --inside;
                if (value == 20) {
                    QEventLoop loop; // the others arrive in it
                    QTimer::singleShot(50, &loop, &QEventLoop::quit);
                    loop.exec();
                }
            });
        }
        gate.open();
        const auto count = [&] {
            const QMutexLocker lock(&mutex);
            return order.size();
        };
        QTRY_COMPARE(count(), 50);
        for (int i = 0; i < 50; ++i)
            QCOMPARE(order[i], i);
        QCOMPARE(nested.load(), 0);
        legwork::TaskManager::instance()->setMaxWorkers(4);
    }

    void a_receiver_that_moves_hears_where_it_is()
    {
        Elsewhere elsewhere;
        Gate gate;
        auto *receiver = new QObject;
        std::atomic<QThread *> heard = nullptr;
        const auto task = legwork::run([&](legwork::TaskContext &context) { gate.pass(context); });
        task.onComplete(receiver, [&] { heard = QThread::currentThread(); });
        receiver->moveToThread(elsewhere.thread());
        gate.open();
        QTRY_VERIFY(heard.load());
        QCOMPARE(heard.load(), elsewhere.thread());
        receiver->deleteLater();
    }

    void b87_b56_an_owner_that_goes_takes_its_tasks_along()
    {
        auto owner = std::make_unique<QObject>();
        Elsewhere elsewhere;
        std::atomic<int> asked = 0;
        legwork::TaskOptions options;
        options.owner = owner.get();
        const auto running = legwork::run(
            [&](legwork::TaskContext &context) {
                context.sleep(1h);
                asked = static_cast<int>(context.cancelReason());
                context.checkpoint();
            },
            options);
        const auto later = legwork::runLater(
            1h, [] {}, options);
        options.detached = true;
        const auto detached = legwork::runLater(
            1h, [] {}, options);
        options.owner = elsewhere.object();
        options.detached = false;
        const auto foreign = legwork::runLater(
            1h, [] {}, options);
        QTRY_COMPARE(running.status(), legwork::Status::Running);
        QCOMPARE(legwork::TaskManager::instance()->taskInfo(later.id()).toMap()["owner"].toString(), "QObject");

        owner.reset();
        QCOMPARE(later.status(), legwork::Status::Cancelled);
        QCOMPARE(running.wait(), legwork::WaitResult::Done);
        QCOMPARE(asked.load(), int(legwork::CancelReason::OwnerGone));
        QCOMPARE(running.status(), legwork::Status::Cancelled);
        QCOMPARE(detached.status(), legwork::Status::Delayed);
        QCOMPARE(foreign.status(), legwork::Status::Delayed);
        elsewhere.destroyObject();
        QCOMPARE(foreign.status(), legwork::Status::Cancelled);
        detached.cancel();
    }

    void b80_a_receiver_whose_connections_were_cut_hears_nothing_once_it_is_gone()
    {
        Gate gate;
        bool heard = false;
        auto receiver = std::make_unique<QObject>();
        const auto task = legwork::run([&](legwork::TaskContext &context) { gate.pass(context); });
        task.onComplete(receiver.get(), [&] { heard = true; });
        receiver->disconnect();
        receiver.reset();
        // Another one may be given its place.
        QObject other;
        gate.open();
        task.wait();
        bool later = false;
        legwork::run([] {}).onComplete(&other, [&] { later = true; });
        QTRY_VERIFY(later);
        QVERIFY(!heard);
    }

    void a_receiver_that_moves_while_a_notice_waits_hears_where_it_is()
    {
        Elsewhere first, second;
        std::atomic<bool> entered = false, leave = false;
        auto *receiver = new QObject;
        receiver->moveToThread(first.thread());
        std::atomic<QThread *> heard = nullptr;
        // Its thread is busy; when it goes on, the receiver has moved, and the notice is behind that.
        QMetaObject::invokeMethod(first.object(), [&] {
            entered = true;
            while (!leave)
                QThread::yieldCurrentThread();
            receiver->moveToThread(second.thread());
        });
        QTRY_VERIFY(entered);
        bool ended = false;
        const auto task = legwork::run([] {});
        task.onComplete(receiver, [&] { heard = QThread::currentThread(); });
        task.onComplete(listener.get(), [&] { ended = true; });
        QTRY_VERIFY(ended);
        leave = true;
        QTRY_VERIFY(heard.load());
        QCOMPARE(heard.load(), second.thread());
        receiver->deleteLater();
    }

    void b80_an_owner_that_goes_while_a_notice_waits_on_another_thread()
    {
        Elsewhere elsewhere;
        std::atomic<bool> entered = false, leave = false, heard = false, after = false;
        QMetaObject::invokeMethod(elsewhere.object(), [&] {
            entered = true;
            while (!leave)
                QThread::yieldCurrentThread();
        });
        QTRY_VERIFY(entered);
        auto owner = std::make_unique<QObject>();
        legwork::TaskOptions options;
        options.owner = owner.get();
        bool ended = false;
        const auto task = legwork::run([] {}, options);
        task.onComplete(elsewhere.object(), [&] { heard = true; });
        task.onComplete(listener.get(), [&] { ended = true; });
        QTRY_VERIFY(ended);
        owner.reset();
        legwork::run([] {}).onComplete(elsewhere.object(), [&] { after = true; });
        leave = true;
        QTRY_VERIFY(after);
        QVERIFY(!heard);
    }

    void b84_what_is_not_told_of_a_refused_task_is_destroyed_on_the_receivers_thread()
    {
        Ledger ledger;
        Elsewhere elsewhere;
        const auto refused = legwork::run(static_cast<void (*)()>(nullptr));
        refused.onComplete(elsewhere.object(), [entry = Entry(ledger)] {});
        QTRY_COMPARE(ledger.destroyed.load(), 1);
        QCOMPARE(ledger.thread.load(), elsewhere.thread());
        // A receiver that is gone by now, such as a QPointer's.
        QPointer<QObject> gone;
        bool heard = false;
        const auto task = legwork::run([] {});
        task.onComplete(gone.data(), [&] { heard = true; });
        bool ended = false;
        task.onComplete(listener.get(), [&] { ended = true; });
        QTRY_VERIFY(ended);
        QVERIFY(!heard);
    }

    void a_timed_out_body_may_throw_something_that_holds_a_task()
    {
        struct Held {
            legwork::Task<int> task;
        };
        legwork::TaskOptions options;
        options.timeout = 5ms;
        const auto task = legwork::run(
            [](legwork::TaskContext &context) {
                context.sleep(1h);
                throw Held{legwork::run([] { return 1; })};
            },
            options);
        // What it threw is destroyed without a lock: a Task takes one.
        QCOMPARE(task.wait(10s), legwork::WaitResult::Done);
        QCOMPARE(task.status(), legwork::Status::TimedOut);
    }

    void b122_an_owner_may_go_in_a_task_of_its_own()
    {
        Gate gate;
        auto *owner = new QObject;
        legwork::TaskOptions options;
        options.owner = owner;
        legwork::Task<void> waiting;
        // It takes the owner along to its thread, and destroys it there: nobody waits for himself.
        owner->moveToThread(nullptr);
        const auto task = legwork::run(
            [&](legwork::TaskContext &context) {
                gate.pass(context);
                delete owner;
                if (context.cancelReason() == legwork::CancelReason::OwnerGone)
                    context.checkpoint();
            },
            options);
        waiting = legwork::runLater(
            1h, [] {}, options);
        gate.open();
        QCOMPARE(task.wait(10s), legwork::WaitResult::Done);
        QCOMPARE(task.status(), legwork::Status::Cancelled);
        QCOMPARE(waiting.status(), legwork::Status::Cancelled);
    }

    void a_callback_that_throws_is_logged_and_the_others_are_called()
    {
        bool heard = false;
        const auto task = legwork::run([] { return 1; });
        task.onComplete(this, [](int) { throw std::runtime_error("in a callback"); });
        task.onComplete(listener.get(), [&](int) { heard = true; });
        QTRY_VERIFY(heard);
        QCOMPARE(takeWarnings(), QStringList{"a task's callback threw: in a callback"});
    }

    void b374_what_is_logged_has_a_category()
    {
        const auto warningsBy = [&](const QString &rules) {
            QLoggingCategory::setFilterRules(rules);
            bool heard = false;
            const auto task = legwork::run([] { return 1; });
            task.onComplete(listener.get(), [](int) { throw std::runtime_error("in a callback"); });
            task.onComplete(listener.get(), [&](int) { heard = true; });
            const bool called = QTest::qWaitFor([&] { return heard; });
            QLoggingCategory::setFilterRules({});
            return called ? takeWarnings().size() : -1;
        };
        QCOMPARE(warningsBy("legwork.task=false"), 0);
        QCOMPARE(warningsBy("legwork.*=false"), 0);
        QCOMPARE(warningsBy("legwork.pool=false\nlegwork.plugin=false"), 1);
    }

    void b84_each_callback_is_destroyed_once_in_each_way_to_end()
    {
        Ledger ledger;
        int expected = 0;
        const auto add = [&](const auto &task) {
            task.onComplete(this, [entry = Entry(ledger)] {});
            task.onError(this, [entry = Entry(ledger)] {});
            task.onCancelled(this, [entry = Entry(ledger)] {});
            expected += 3;
        };
        add(legwork::run([] {}));
        add(legwork::run([] { throw 1; }));
        const auto cancelled = legwork::runLater(1h, [] {});
        add(cancelled);
        cancelled.cancel();
        add(legwork::run(static_cast<void (*)()>(nullptr)));
        add(legwork::Task<void>());
        QTRY_COMPARE(ledger.destroyed.load(), expected);
        QCOMPARE(ledger.alive.load(), 0);
        QCOMPARE(ledger.thread.load(), thread());
    }

    void b77_b78_many_receivers_on_many_threads_lose_nothing()
    {
        constexpr int tasks = 2'000;
        Elsewhere a, b;
        QObject here;
        QObject *receivers[] = {a.object(), b.object(), &here};
        std::atomic<int> heard = 0;
        std::atomic<bool> wrong = false;
        for (int i = 0; i < tasks; ++i) {
            auto *receiver = receivers[i % 3];
            legwork::run([i] { return i; }).onComplete(receiver, [&, receiver, i](int value) {
                if (value != i || QThread::currentThread() != receiver->thread())
                    wrong = true;
                ++heard;
            });
        }
        QTRY_COMPARE_WITH_TIMEOUT(heard.load(), tasks, 20'000);
        QVERIFY(!wrong);
        // B78: no thread of the pool has made a QObject or a timer; Qt would have warned.
        QCOMPARE(takeWarnings(), QStringList());
    }

    void signals_may_be_connected_from_any_thread()
    {
        Elsewhere elsewhere;
        std::atomic<QThread *> heard = nullptr;
        elsewhere.run([&] {
            connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskStarted, elsewhere.object(),
                    [&] { heard = QThread::currentThread(); });
        });
        legwork::run([] {});
        QTRY_VERIFY(heard.load());
        QCOMPARE(heard.load(), elsewhere.thread());
        QCOMPARE(legwork::TaskManager::instance()->thread(), thread());
    }

private:
    QObject m_context;
};

LEGWORK_TEST_MAIN(TestReceivers)
#include "tst_receivers.moc"
