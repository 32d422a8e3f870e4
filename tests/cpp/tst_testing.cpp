// The virtual clock and the spy of C++.
#include "support.h"

#include <legwork/testing.h>

#include <QtCore/QUrl>

using namespace std::chrono_literals;
using legwork::Status;
using legwork::testing::TaskSpy;
using legwork::testing::VirtualClock;

static legwork::Coroutine waitsTwice(QObject *receiver, QStringList &log)
{
    co_await legwork::runLater(1h, [] {}).on(receiver);
    log.append("an hour");
    log.append(QString::number(co_await legwork::runLater(30min, [] { return 7; }).on(receiver)));
}

class TestTesting : public support::TestCase {
    Q_OBJECT

private slots:
    void initTestCase() { support::takeWarnings(); }

    void b385_an_hour_takes_no_time_and_bodies_and_callbacks_are_on_this_thread()
    {
        VirtualClock clock;
        QVERIFY2(clock.isActive(), qPrintable(clock.errorString()));
        QStringList told;
        auto *here = QThread::currentThread();
        const auto tell = [&](const char *what) {
            QCOMPARE(QThread::currentThread(), here);
            told += QString("%1: %2").arg(clock.now() / 1min).arg(what);
        };
        auto sync =
            legwork::runPeriodic(20min, [&] { tell("runs"); }, {.name = "Sync"}).onComplete(listener.get(), [&] {
                tell("told");
            });
        legwork::runLater(30min, [&] { tell("late"); });
        QVERIFY(clock.runUntilIdle());
        QCOMPARE(told, (QStringList{"0: runs", "0: told"}));
        QVERIFY(clock.fastForwardBy(1h));
        const QStringList rest{"20: runs", "20: told", "30: late", "40: runs", "40: told", "60: runs", "60: told"};
        QCOMPARE(told.mid(2), rest);
        const auto pending = clock.pendingTasks();
        QCOMPARE(pending.size(), 1);
        QCOMPARE(pending[0].id, sync.id());
        QCOMPARE(pending[0].name, QString("Sync"));
        QCOMPARE(pending[0].status, Status::Delayed);
        QVERIFY(pending[0].dueIn == 20min);
        sync.cancel();
        // The time moves, and nothing is done.
        legwork::runLater(1min, [&] { tell("later"); });
        QVERIFY(clock.advanceClock(5min));
        QCOMPARE(told.size(), 9);
        QVERIFY(clock.runUntilIdle());
        QCOMPARE(told.last(), QString("65: later"));
        QVERIFY(clock.pendingTasks().isEmpty());
    }

    void b385_the_seed_decides_the_order()
    {
        const auto order = [](quint64 seed) {
            VirtualClock clock(seed);
            Q_ASSERT(clock.isActive() && clock.seed() == seed);
            legwork::TaskManager::instance()->setProperty("maxWorkers", 4);
            QList<int> ran;
            for (int i = 0; i < 8; ++i)
                legwork::run([&ran, i] { ran += i; });
            clock.runUntilIdle();
            return ran;
        };
        QCOMPARE(order(7), order(7));
        bool other = false;
        for (quint64 seed = 0; seed < 20; ++seed)
            other |= order(seed) != order(7);
        QVERIFY(other);
    }

    void b385_what_cannot_be_is_said()
    {
        VirtualClock clock;
        QVERIFY(clock.isActive());
        VirtualClock second;
        QVERIFY(!second.isActive() && !second.runUntilIdle());
        QCOMPARE(support::takeWarnings().size(), 1);
        QVERIFY(second.errorString().contains("there already") || second.errorString().isEmpty());
        QVERIFY(!clock.fastForwardBy(-5ms));
        QCOMPARE(clock.errorString(), QString("fastForwardBy: the time is -5 ms; expected 0 or more"));
        QVERIFY(support::takeWarnings().size() == 1);
        auto inBody = legwork::run([&clock] { return clock.fastForwardBy(1s); });
        QVERIFY(clock.runUntilIdle());
        QCOMPARE(inBody.result(), false);
        QCOMPARE(support::takeWarnings().size(), 1);
        const auto elsewhere = std::make_unique<support::Elsewhere>();
        elsewhere->run([] { QVERIFY(!VirtualClock().isActive()); });
        QVERIFY(support::takeWarnings().join("").contains("the thread of the QCoreApplication"));
        std::function<void()> again = [&again] {
            legwork::run([&again] { again(); }, {.name = "Poll", .transient = true});
        };
        again();
        QVERIFY(!clock.fastForwardBy(1min));
        QVERIFY2(clock.errorString().contains("\"Poll\" (Queued)"), qPrintable(clock.errorString()));
        QCOMPARE(support::takeWarnings().size(), 1);
        again = [] {};
        QVERIFY(clock.runUntilIdle());
    }

    void b385_a_clock_is_not_made_beside_tasks()
    {
        support::Gate gate;
        auto held = legwork::run([&gate](legwork::TaskContext &context) { gate.pass(context); }, {.name = "Held"});
        QTRY_COMPARE(held.status(), Status::Running);
        {
            VirtualClock clock;
            QVERIFY(!clock.isActive());
            QVERIFY(clock.errorString().contains("\"Held\" (Running)"));
        }
        QVERIFY(support::takeWarnings().join("").contains("\"Held\" (Running)"));
        gate.open();
        QTRY_COMPARE(held.status(), Status::Completed);
    }

    void b385_scripts_streams_pauses_and_futures()
    {
        VirtualClock clock;
        auto script = legwork::runScript(QUrl::fromLocalFile(LEGWORK_WORK), "value", {5});
        QVERIFY(clock.runUntilIdle());
        QCOMPARE(script.status(), Status::Completed);
        QCOMPARE(script.result(), QVariant(5));
        QList<int> rows;
        auto stream = legwork::stream<int>(
                          [](legwork::Sender<int> &sender) {
                              for (int i = 0; i < 5; ++i)
                                  sender.send(i);
                          },
                          {.maxUndelivered = 2})
                          .onValues(listener.get(), [&rows](const QList<int> &values) { rows += values; });
        auto paused = legwork::runLater(1min, [] {});
        paused.pause("for a test");
        QVERIFY(clock.fastForwardBy(2min));
        QCOMPARE(rows, (QList<int>{0, 1, 2, 3, 4}));
        QCOMPARE(paused.status(), Status::Paused);
        paused.resume();
        QVERIFY(clock.runUntilIdle());
        QCOMPARE(paused.status(), Status::Completed);
        // A wait moves the time on.
        auto late = legwork::runLater(10min, [] { return 7; });
        QCOMPARE(late.wait(1min), legwork::WaitResult::WaitTimeout);
        QCOMPARE(late.wait(), legwork::WaitResult::Done);
        QVERIFY(clock.now() == 12min);
        QCOMPARE(late.result(), 7);
        // A future whose task is done needs no wait.
        auto future = legwork::runLater(1min, [] { return 8; }).future();
        QVERIFY(clock.fastForwardBy(1min));
        QVERIFY(future.isFinished());
        QCOMPARE(future.result(), 8);
    }

    void b385_a_coroutine_goes_on_as_the_clock_is_moved()
    {
        VirtualClock clock;
        QStringList log;
        waitsTwice(listener.get(), log);
        QVERIFY(clock.fastForwardBy(59min));
        QCOMPARE(log, QStringList());
        QVERIFY(clock.fastForwardBy(1min));
        QCOMPARE(log, QStringList{"an hour"});
        QVERIFY(clock.fastForwardBy(30min));
        QCOMPARE(log, (QStringList{"an hour", "7"}));
    }

    void b386_a_spy_keeps_what_is_told_and_waits_by_the_clock()
    {
        VirtualClock clock;
        auto task = legwork::runLater(20min, [](legwork::TaskContext &context) {
            context.setProgress(0.5, "half");
            return 7;
        });
        TaskSpy spy(task);
        TaskSpy all;
        legwork::run([] {});
        QVERIFY(!spy.wait(19min));
        QVERIFY(clock.now() == 19min);
        QVERIFY(spy.events().isEmpty() && all.hasEnded());
        QVERIFY(spy.wait(1h));
        QVERIFY(clock.now() == 20min);
        QCOMPARE(spy.events().first(), QVariant(QVariantList{"taskStarted", task.id()}));
        QCOMPARE(spy.events().last(), QVariant(QVariantList{"taskCompleted", task.id(), 7}));
        QCOMPARE(spy.result(), QVariant(7));
        QCOMPARE(spy.times("taskProgress"), 1);
        QVERIFY(spy.wait(0));
        auto periodic = legwork::runPeriodic(1min, [] { return 1; });
        TaskSpy ticks(periodic.id());
        QVERIFY(ticks.waitFor("taskPeriodic", 4, 60'000 * 10));
        QVERIFY(clock.now() == 23min);
        QVERIFY(!ticks.hasEnded());
        periodic.cancel();
        QVERIFY(ticks.wait());
        QCOMPARE(ticks.times("taskCancelled"), 1);
        TaskSpy late(task);
        QVERIFY(late.wait(0));
    }

    void b386_without_a_clock_a_spy_waits_in_an_event_loop()
    {
        TaskSpy spy(legwork::run([] { throw std::runtime_error("no"); }));
        QVERIFY(spy.wait(60'000));
        QCOMPARE(spy.error(), QString("no"));
        support::Gate gate;
        auto held = legwork::run([&gate](legwork::TaskContext &context) { gate.pass(context); });
        spy.setTaskId(held.id());
        QVERIFY(!spy.wait(1));
        gate.open();
        QVERIFY(spy.wait(60'000));
    }
};

LEGWORK_TEST_MAIN(TestTesting)

#include "tst_testing.moc"
