// A task as a QFuture.
#include "support.h"

#include <QtCore/QFutureWatcher>

#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace support;

namespace {

struct Mine {
    int code;
};

legwork::PeriodicOptions periodicLater()
{
    legwork::PeriodicOptions options;
    options.firstRun = legwork::FirstRun::AfterInterval;
    return options;
}

} // namespace

class TestFuture : public support::TestCase {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }

    void a_future_carries_the_result_without_an_event_loop()
    {
        auto future = legwork::run([] { return QByteArray("bytes"); }).future();
        // This blocks the thread on which results are delivered.
        QCOMPARE(future.result(), QByteArray("bytes"));
        future.waitForFinished();
        QVERIFY(future.isFinished());
        legwork::run([] {}).future().waitForFinished();
        // B71: of a task that has ended, too.
        const auto ended = legwork::run([] { return 3; });
        ended.wait();
        QVERIFY(ended.future().isFinished());
        QCOMPARE(ended.future().result(), 3);
    }

    // B136: as a dialog's destructor does it, on the thread whose event loop would tell of the cancel.
    void b136_cancel_and_wait_returns_for_every_kind_of_task_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("running") << 0;
        QTest::newRow("queued behind others") << 1;
        QTest::newRow("delayed") << 2;
        QTest::newRow("periodic") << 3;
    }

    void b136_cancel_and_wait_returns_for_every_kind_of_task()
    {
        QFETCH(int, kind);
        Gate gate;
        std::vector<legwork::Task<void>> others;
        if (kind == 1) {
            for (int i = 0; i < 4; ++i)
                others.push_back(legwork::run([&gate](legwork::TaskContext &context) { gate.pass(context); }));
        }
        const auto body = [](legwork::TaskContext &context) {
            while (context.sleep(1h)) { }
            return 1;
        };
        for (int round = 0; round < 50; ++round) {
            const auto task = kind == 2 ? legwork::runLater(1h, body)
                : kind == 3             ? legwork::runPeriodic(1h, body, periodicLater())
                                        : legwork::run(body);
            auto future = task.future();
            auto close = [future]() mutable {
                future.cancel();
                future.waitForFinished();
            };
            // On this thread, and on one without a loop.
            if (round % 2)
                std::thread(close).join();
            else
                close();
            QVERIFY(future.isCanceled() && future.isFinished());
            QVERIFY(kind == 0 || task.status() == legwork::Status::Cancelled);
        }
        gate.open();
        for (const auto &other : others)
            other.wait();
    }

    // B135: as many bodies as workers, and more, each of which waits for a task of its own.
    void b135_bodies_wait_for_futures_of_their_tasks_data()
    {
        QTest::addColumn<int>("way");
        QTest::newRow("result") << 0;
        QTest::newRow("then") << 1;
        QTest::newRow("an event loop") << 2;
        QTest::newRow("a watcher in an event loop") << 3;
        QTest::newRow("a wait with a time-out") << 4;
    }

    void b135_bodies_wait_for_futures_of_their_tasks()
    {
        QFETCH(int, way);
        std::atomic<int> sum = 0;
        std::atomic<int> begun = 0;
        std::vector<legwork::Task<void>> parents;
        for (int i = 0; i < 16; ++i) {
            parents.push_back(legwork::run([&, way](legwork::TaskContext &context) {
                // The first four have all begun before there is a subtask.
                ++begun;
                while (begun < 4 && context.sleep(1ms)) { }
                const auto child = legwork::run([] { return 1; });
                QEventLoop loop;
                switch (way) {
                case 0:
                    sum += child.future().result();
                    break;
                case 1:
                    sum += child.future().then([](int value) { return value; }).result();
                    break;
                case 2:
                    child.onComplete(&loop, [&](int value) {
                        sum += value;
                        loop.quit();
                    });
                    loop.exec();
                    break;
                case 3: {
                    QFutureWatcher<int> watcher;
                    connect(&watcher, &QFutureWatcherBase::finished, &loop, &QEventLoop::quit);
                    watcher.setFuture(child.future());
                    loop.exec();
                    sum += watcher.result();
                    break;
                }
                default:
                    if (child.wait(20s) == legwork::WaitResult::Done)
                        sum += child.result().value();
                }
            }));
        }
        for (const auto &parent : parents)
            QTRY_COMPARE_WITH_TIMEOUT(parent.status(), legwork::Status::Completed, 20'000);
        QCOMPARE(sum, 16);
    }

    void b89_a_future_throws_what_the_body_threw()
    {
        const auto future = legwork::run([]() -> int { throw Mine{9}; }).future();
        try {
            future.result();
            QFAIL("nothing was thrown");
        } catch (const Mine &mine) {
            QCOMPARE(mine.code, 9);
        }
        legwork::TaskOptions options;
        options.timeout = 5ms;
        const auto slow = legwork::run([](legwork::TaskContext &context) { context.sleep(1h); }, options).future();
        try {
            auto copy = slow;
            copy.waitForFinished();
            QFAIL("nothing was thrown");
        } catch (const legwork::TaskException &error) {
            QCOMPARE(error.error().kind, legwork::ErrorKind::TimedOut);
            QVERIFY(QByteArray(error.what()).size() > 0);
        }
    }

    void a_cancel_of_the_task_cancels_the_future()
    {
        const auto task = legwork::runLater(1h, [] { return 1; });
        auto future = task.future();
        task.cancel();
        QVERIFY(future.isFinished());
        QVERIFY(future.isCanceled());
        QCOMPARE(future.resultCount(), 0);
    }

    void a_cancel_of_the_future_cancels_the_task()
    {
        std::atomic<bool> runs = false;
        const auto task = legwork::run([&](legwork::TaskContext &context) {
            runs = true;
            while (!context.isCancelled())
                QThread::yieldCurrentThread();
            context.checkpoint();
        });
        auto future = task.future();
        QTRY_VERIFY(runs);
        future.cancel();
        // Without an event loop: the body asks.
        future.waitForFinished();
        QCOMPARE(task.wait(), legwork::WaitResult::Done);
        QCOMPARE(task.status(), legwork::Status::Cancelled);
    }

    void a_cancel_of_the_future_reaches_a_task_that_waits_by_the_loop()
    {
        const auto task = legwork::runLater(1h, [] {});
        auto future = task.future();
        future.cancel();
        QTRY_COMPARE(task.status(), legwork::Status::Cancelled);
        // By the thread that has cancelled it, in a moment.
        QTRY_VERIFY(future.isFinished());
    }

    void a_queued_task_whose_future_is_cancelled_never_runs()
    {
        Gate gate;
        QList<legwork::Task<void>> holds;
        for (int i = 0; i < 4; ++i)
            holds.append(legwork::run([&](legwork::TaskContext &context) { gate.pass(context); }));
        bool ran = false;
        const auto task = legwork::run([&] { ran = true; });
        auto future = task.future();
        future.cancel();
        gate.open();
        future.waitForFinished();
        QVERIFY(!ran);
        for (const auto &hold : holds)
            hold.wait();
    }

    void progress_is_in_thousandths()
    {
        Gate gate;
        const auto task = legwork::run([&](legwork::TaskContext &context) {
            context.setProgress(0.25, "a quarter");
            gate.pass(context);
        });
        const auto future = task.future();
        QTRY_COMPARE(future.progressValue(), 250);
        QCOMPARE(future.progressText(), "a quarter");
        QCOMPARE(future.progressMaximum(), 1000);
        gate.open();
        QTRY_VERIFY(future.isFinished());
        task.wait();
    }

    // QFuture takes a text only with a value that is more than the last.
    void b145_a_watcher_hears_of_each_text_whatever_the_value_is()
    {
        const QStringList phases{"meshing", "solving", "writing"};
        using Report = std::function<void(legwork::TaskContext &, const QString &)>;
        const std::pair<const char *, Report> ways[] = {
            {"a message alone", [](auto &context, const auto &phase) { context.setMessage(phase); }},
            {"the same value", [](auto &context, const auto &phase) { context.setProgress(0.5, phase); }},
            {"zero", [](auto &context, const auto &phase) { context.setProgress(0, phase); }},
            {"one", [](auto &context, const auto &phase) { context.setProgress(1, phase); }},
            {"no number", [](auto &context, const auto &phase) { context.setProgress(qQNaN(), phase); }},
            {"a value that falls",
             [](auto &context, const auto &phase) { context.setProgress(phase == "meshing" ? 0.9 : 0.3, phase); }},
            {"a value, then a message",
             [](auto &context, const auto &phase) {
                 context.setProgress(0.3, "counted");
                 context.sleep(60ms);
                 context.setMessage(phase);
             }},
            // Faster than a future tells of it: the last before it is quiet.
            {"with others before",
             [](auto &context, const auto &phase) {
                 for (int n = 0; n < 20; ++n)
                     context.setProgress(0.01 * n, "counted");
                 context.setProgress(0.5, phase);
             }},
        };
        for (const auto &[name, report] : ways) {
            const auto task = legwork::run([&phases, report = report](legwork::TaskContext &context) {
                for (const auto &phase : phases) {
                    report(context, phase);
                    context.sleep(120ms);
                }
            });
            QFutureWatcher<void> watcher;
            QStringList heard;
            QList<int> values;
            connect(&watcher, &QFutureWatcherBase::progressTextChanged, listener.get(),
                    [&](const QString &text) { heard.append(text); });
            connect(&watcher, &QFutureWatcherBase::progressValueChanged, listener.get(),
                    [&](int value) { values.append(value); });
            QSignalSpy finished(&watcher, &QFutureWatcherBase::finished);
            watcher.setFuture(task.future());
            QTRY_COMPARE(finished.count(), 1);
            heard.removeAll("counted");
            heard.removeDuplicates();
            QVERIFY2(heard == phases, qPrintable(QString("%1: %2").arg(name, heard.join(','))));
            QCOMPARE(watcher.progressText(), "writing");
            QCOMPARE(watcher.progressMinimum(), 0);
            QCOMPARE(watcher.progressMaximum(), 1000);
            QVERIFY2(values.isEmpty() || *std::min_element(values.begin(), values.end()) >= 0, name);
        }
        takeWarnings();
    }

    // The thread that ends the task finishes its future, and not before it has told the last report.
    void b145_the_last_report_is_told_before_the_end()
    {
        for (const int reports : {2, 100'000}) {
            QFutureWatcher<void> watcher;
            int last = 0;
            bool over = false;
            connect(&watcher, &QFutureWatcherBase::progressValueChanged, listener.get(),
                    [&](int value) { last = value; });
            connect(&watcher, &QFutureWatcherBase::finished, listener.get(), [&] { over = true; });
            watcher.setFuture(legwork::run([reports](legwork::TaskContext &context) {
                                  for (int n = 1; n <= reports; ++n)
                                      context.setProgress(double(n) / reports, "step");
                              }).future());
            QTRY_VERIFY(over);
            QCOMPARE(last, 1000);
            QCOMPARE(watcher.progressValue(), 1000);
        }
        // Also where no event loop runs, and where it is not all.
        for (int n = 0; n < 200; ++n) {
            auto future = legwork::run([](legwork::TaskContext &context) {
                              context.setProgress(0.25, "a quarter");
                              context.setProgress(0.5, "half");
                          }).future();
            future.waitForFinished();
            QCOMPARE(future.progressValue(), 500);
            QCOMPARE(future.progressText(), "half");
        }
    }

    void a_watcher_hears_of_it_as_of_any_future()
    {
        QFutureWatcher<int> watcher;
        QSignalSpy finished(&watcher, &QFutureWatcherBase::finished);
        watcher.setFuture(legwork::run([] { return 11; }).future());
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(watcher.result(), 11);
    }

    void b53_a_periodic_tasks_future_ends_with_the_last_result()
    {
        legwork::PeriodicOptions options;
        options.maxRuns = 3;
        int count = 0;
        const auto future = legwork::runPeriodic(
                                1ms, [&count] { return ++count; }, options)
                                .future();
        QCOMPARE(future.result(), 3);
    }

    void b91_a_result_whose_copy_throws_is_a_failed_future_and_no_variant()
    {
#ifdef __SANITIZE_ADDRESS__
        QSKIP("where a copy throws, QVariant itself loses the memory that was to hold it");
#endif
        struct Shy {
            Shy() = default;
            Shy(const Shy &) { throw std::runtime_error("no copies"); }
            Shy(Shy &&) noexcept { }
        };
        QVariant told = 1;
        QString id;
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &m_context,
                [&](const QString &ended, const QVariant &result) {
                    if (ended == id)
                        told = result;
                });
        const auto task = legwork::run([] { return Shy(); });
        id = task.id();
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, task.future().waitForFinished());
        QTRY_VERIFY(!told.isValid());
        disconnect(legwork::TaskManager::instance(), nullptr, &m_context, nullptr);
        QCOMPARE(takeWarnings(), QStringList{"a result was not copied for the signals: no copies"});
    }

    void a_future_continues_with_then()
    {
        QString text;
        legwork::run([] { return 5; }).future().then(listener.get(), [&](int value) {
            text = QString::number(value * 2);
        });
        QTRY_COMPARE(text, "10");
    }

private:
    QObject m_context;
};

LEGWORK_TEST_MAIN(TestFuture)
#include "tst_future.moc"
