// What waits for a time, through C++, by the virtual clock: each moment to the millisecond, after hours.
#include "support.h"

#include <legwork/testing.h>

using namespace std::chrono_literals;
using legwork::Status;
using legwork::testing::VirtualClock;

class TestTime : public support::TestCase {
    Q_OBJECT

private:
    std::unique_ptr<VirtualClock> m_clock;
    // What was heard, each with its moment in seconds.
    QStringList m_heard;

    void hear(const QString &what) { m_heard += QString("%1: %2").arg(m_clock->now() / 1s).arg(what); }

private slots:
    void init()
    {
        support::takeWarnings();
        m_heard.clear();
        m_clock = std::make_unique<VirtualClock>();
        QVERIFY2(m_clock->isActive(), qPrintable(m_clock->errorString()));
        legwork::TaskManager::instance()->setProperty("maxWorkers", 4);
    }

    void cleanup()
    {
        for (const auto &task : m_clock->pendingTasks())
            legwork::TaskManager::instance()->cancelTask(task.id);
        QVERIFY(m_clock->runUntilIdle());
        QVERIFY(m_clock->pendingTasks().isEmpty());
        m_clock.reset();
        TestCase::cleanup();
    }

    void b24_nothing_is_early_nor_late()
    {
        for (const std::chrono::milliseconds delay : {1ms, 999ms, 3'600'000ms, 86'400'000ms}) {
            const auto task = legwork::runLater(delay, [] { return 1; });
            QCOMPARE(task.status(), Status::Delayed);
            QVERIFY(m_clock->fastForwardBy(delay - 1ms));
            QCOMPARE(task.status(), Status::Delayed);
            QVERIFY(m_clock->fastForwardBy(1ms));
            QCOMPARE(task.status(), Status::Completed);
        }
    }

    void b181_the_waits_between_attempts_grow()
    {
        legwork::TaskOptions options;
        options.retry = {.times = 4, .delay = 1s, .maxDelay = 3s, .jitter = 0};
        const auto task = legwork::run([] { throw std::runtime_error("busy"); }, options);
        task.onRetry(
            listener.get(), [&](quint64 attempt, const legwork::TaskError &error, std::chrono::milliseconds delay) {
                hear(QString("%1 %2 %3 %4").arg(attempt).arg(error.message).arg(error.attempts).arg(delay / 1s));
            });
        task.onError(listener.get(), [&](const legwork::TaskError &error) { hear(QString::number(error.attempts)); });
        QVERIFY(m_clock->fastForwardBy(1h));
        QCOMPARE(m_heard, (QStringList{"0: 2 busy 1 1", "1: 3 busy 2 2", "3: 4 busy 3 3", "6: 5 busy 4 3", "9: 5"}));
    }

    void b182_a_server_that_says_when_is_not_asked_before()
    {
        const auto task = legwork::run(
            [&](legwork::TaskContext &context) {
                hear("asked");
                if (context.attempt() < 3)
                    throw legwork::RetryAfter(2min, "busy");
            },
            {.retry = {.times = 5, .delay = 1ms, .jitter = 0}});
        QVERIFY(m_clock->fastForwardBy(1h));
        QCOMPARE(m_heard, (QStringList{"0: asked", "120: asked", "240: asked"}));
        QCOMPARE(task.status(), Status::Completed);
    }

    void b48_a_time_out_asks_the_body_to_stop()
    {
        const auto late =
            legwork::run([](legwork::TaskContext &context) { return context.sleep(1h); }, {.timeout = 5s});
        late.onError(listener.get(), [&](const legwork::TaskError &error) { hear(error.message); });
        QVERIFY(m_clock->fastForwardBy(1h));
        QCOMPARE(m_heard.size(), 1);
        QVERIFY2(m_heard.first().startsWith("5: "), qPrintable(m_heard.first()));
        QCOMPARE(late.status(), Status::TimedOut);
    }

    void b187_a_run_that_takes_long_is_told_once()
    {
        const auto slow = legwork::run([](legwork::TaskContext &context) { return context.sleep(1h); },
                                       {.name = "the sleeper", .warnAfter = 10s});
        slow.onSlow(listener.get(), [&](std::chrono::milliseconds took) { hear(QString::number(took.count())); });
        QVERIFY(m_clock->fastForwardBy(2h));
        // A body that sleeps moves the time, and what is told of it comes after it.
        QCOMPARE(m_heard, QStringList{"3600: 10000"});
        const auto warnings = support::takeWarnings();
        QCOMPARE(warnings.size(), 1);
        QVERIFY2(warnings.first().contains(QRegularExpression(
                     "\"the sleeper\", submitted at .*tst_time.cpp:[0-9]+, has been running for 10")),
                 qPrintable(warnings.first()));
    }

    void b189_b190_b191_verbs_for_what_waits()
    {
        const auto later = legwork::runLater(1h, [] { return 1; });
        QVERIFY(later.runNow());
        QVERIFY(m_clock->runUntilIdle());
        QCOMPARE(later.result(), std::optional<int>(1));
        QVERIFY(!later.runNow());
        QVERIFY(!later.setInterval(1s));
        QVERIFY(!later.cancelIfQueued());
        const auto back = legwork::runLater(1h, [] { return 1; });
        QVERIFY(back.cancelIfQueued());
        QCOMPARE(back.status(), Status::Cancelled);
        const auto periodic = legwork::runPeriodic(1h, [&] { hear("run"); }, {.maxRuns = 3});
        QVERIFY(m_clock->fastForwardBy(10s));
        QVERIFY(!periodic.setInterval(0s));
        QVERIFY(periodic.setInterval(1min));
        QVERIFY(m_clock->fastForwardBy(1h));
        QCOMPARE(m_heard, (QStringList{"0: run", "60: run", "120: run"}));
        QCOMPARE(periodic.status(), Status::Completed);
    }

    void a_periodic_task_tells_each_run()
    {
        QSignalSpy periodic(legwork::TaskManager::instance(), &legwork::TaskManager::taskPeriodic);
        int count = 0;
        const auto task = legwork::runPeriodic(1min,
                                               [&count](legwork::TaskContext &context) {
                                                   ++count;
                                                   if (context.iteration() == 2)
                                                       throw std::runtime_error("the second");
                                                   return count;
                                               },
                                               {.name = "Beat", .maxRuns = 3});
        task.onComplete(listener.get(), [&](int value) { hear(QString::number(value)); });
        task.onError(listener.get(), [&](const legwork::TaskError &error) {
            hear(QString("%1 in run %2").arg(error.message).arg(error.attempt));
        });
        QVERIFY(m_clock->fastForwardBy(1h));
        // The run, and the end with the last result.
        QCOMPARE(m_heard, (QStringList{"0: 1", "60: the second in run 2", "120: 3", "120: 3"}));
        QCOMPARE(periodic.count(), 2);
        QCOMPARE(periodic[1][1].toULongLong(), quint64(3));
    }

    void b37_b38_after_a_long_stall_one_run_comes_data()
    {
        QTest::addColumn<legwork::Rate>("rate");
        QTest::addColumn<legwork::Misfire>("misfire");
        QTest::addColumn<QStringList>("runs");
        using legwork::Misfire;
        using legwork::Rate;
        QTest::newRow("fixed delay") << Rate::FixedDelay << Misfire::Skip << QStringList{"0: 1", "630: 2", "690: 3"};
        QTest::newRow("skip") << Rate::FixedRate << Misfire::Skip << QStringList{"0: 1", "630: 2", "660: 3", "720: 4"};
        QTest::newRow("once") << Rate::FixedRate << Misfire::RunOnce
                              << QStringList{"0: 1", "630: 2", "660: 3", "720: 4"};
    }

    void b37_b38_after_a_long_stall_one_run_comes()
    {
        QFETCH(legwork::Rate, rate);
        QFETCH(legwork::Misfire, misfire);
        QFETCH(QStringList, runs);
        legwork::runPeriodic(1min, [&](legwork::TaskContext &context) { hear(QString::number(context.iteration())); },
                             {.rate = rate, .misfire = misfire});
        QVERIFY(m_clock->runUntilIdle());
        QVERIFY(m_clock->advanceClock(10min + 30s));
        QVERIFY(m_clock->fastForwardBy(100s));
        QCOMPARE(m_heard, runs);
    }

    void b173_what_comes_after_others_waits_for_their_times()
    {
        const auto first = legwork::runLater(1min, [] { return 20; });
        const auto second = legwork::runLater(1h, [] { return 1; });
        const auto sum = legwork::all(std::tuple(first, second)).then([](const std::tuple<int, int> &both) {
            return std::get<0>(both) + std::get<1>(both);
        });
        sum.onComplete(listener.get(), [&](int result) { hear(QString::number(result)); });
        const auto any = legwork::any({first, legwork::runLater(2h, [] { return 7; })});
        any.onComplete(listener.get(), [&](int result) { hear(QString("any %1").arg(result)); });
        QVERIFY(m_clock->fastForwardBy(3h));
        QCOMPARE(m_heard, (QStringList{"60: any 20", "3600: 21"}));
    }

    void b60_a_wait_moves_the_time_on()
    {
        const auto task = legwork::runLater(1h, [] { return 1; });
        QCOMPARE(task.wait(1min), legwork::WaitResult::WaitTimeout);
        QVERIFY(m_clock->now() == 1min);
        QCOMPARE(task.wait(), legwork::WaitResult::Done);
        QVERIFY(m_clock->now() == 1h);
    }
};

LEGWORK_TEST_MAIN(TestTime)
#include "tst_time.moc"
