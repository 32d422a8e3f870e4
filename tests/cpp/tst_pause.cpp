// Pause and resume in C++: of a task, a group, a key, an owner, all.
#include "support.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QProcess>
#include <QtCore/QTimer>

#include <atomic>
#include <memory>

using namespace std::chrono_literals;
using namespace support;

using legwork::PauseResult;
using legwork::Status;

namespace {

// Counts until it is asked to stop.
auto counting(std::atomic<int> &count)
{
    return [&count](legwork::TaskContext &context) {
        for (;;) {
            context.checkpoint();
            ++count;
        }
    };
}

} // namespace

class TestPause : public support::TestCase {
    Q_OBJECT

    void noteReason(const QString &reason) { m_reasons.append(reason); }

    QStringList m_reasons;

private slots:
    void init()
    {
        takeWarnings();
        m_reasons.clear();
    }

    void b329_a_task_that_waits_is_paused_and_goes_on()
    {
        QStringList heard;
        const auto later = legwork::runLater(1h, [] { return 7; });
        later.onPaused(listener.get(), [&](const QString &reason) { heard.append("paused " + reason); })
            .onResumed(listener.get(), [&] { heard.append("resumed"); })
            .onComplete(listener.get(), [&](int result) { heard.append(QString::number(result)); });
        QCOMPARE(later.pause("on battery"), PauseResult::Paused);
        QCOMPARE(later.pause("again"), PauseResult::Paused);
        QCOMPARE(later.status(), Status::Paused);
        QVERIFY(!later.runNow());
        QTRY_COMPARE(heard, QStringList{"paused on battery"});
        QVERIFY(later.resume());
        QVERIFY(!later.resume());
        QCOMPARE(later.status(), Status::Delayed);
        QVERIFY(later.runNow());
        QTRY_COMPARE(heard, QStringList({"paused on battery", "resumed", "7"}));
        QCOMPARE(later.pause(), PauseResult::AlreadyFinished);
        QVERIFY(!later.resume());
        QCOMPARE(legwork::Task<int>().pause(), PauseResult::UnknownTask);
        QVERIFY(!legwork::Task<int>().resume());
    }

    void b329_a_body_stops_if_it_may()
    {
        std::atomic<int> count = 0;
        const auto export_ = legwork::run(counting(count), {.pausable = true});
        export_.onPaused(this, &TestPause::noteReason);
        QTRY_VERIFY(count > 0);
        const auto answer = export_.pause("on battery");
        QVERIFY(answer == PauseResult::PauseRequested || answer == PauseResult::Paused);
        QTRY_COMPARE(export_.status(), Status::Paused);
        const int stopped = count;
        QTRY_COMPARE(m_reasons, QStringList{"on battery"});
        // Its worker is another's meanwhile.
        QCOMPARE(legwork::run([] { return 1; }).wait(20s), legwork::WaitResult::Done);
        QCOMPARE(count, stopped);
        QVERIFY(export_.resume());
        QTRY_VERIFY(count > stopped);
        QVERIFY(export_.pause() != PauseResult::PauseNotPossible);
        QTRY_COMPARE(export_.status(), Status::Paused);
        // A cancel wakes it.
        export_.cancel();
        QCOMPARE(export_.wait(20s), legwork::WaitResult::Done);
        QCOMPARE(export_.status(), Status::Cancelled);

        std::atomic<int> other = 0;
        const auto stubborn = legwork::run(counting(other));
        QTRY_VERIFY(other > 0);
        QCOMPARE(stubborn.pause(), PauseResult::PauseNotPossible);
        QVERIFY(!stubborn.resume());
        QCOMPARE(stubborn.status(), Status::Running);
        stubborn.cancel();
        QCOMPARE(stubborn.wait(20s), legwork::WaitResult::Done);
    }

    void b329_a_callback_of_a_pause_runs_on_its_receivers_thread_or_never()
    {
        Elsewhere elsewhere;
        std::atomic<QThread *> heard = nullptr;
        std::atomic<int> calls = 0;
        const auto later = legwork::runLater(1h, [] {});
        later.onPaused(elsewhere.object(), [&] {
            heard = QThread::currentThread();
            ++calls;
        });
        later.pause();
        QTRY_VERIFY(heard);
        QCOMPARE(heard, elsewhere.thread());
        Ledger ledger;
        later.onResumed(elsewhere.object(), [&, entry = std::make_shared<Entry>(ledger)] { ++calls; });
        elsewhere.destroyObject();
        QCOMPARE(ledger.alive, 0);
        later.resume();
        later.pause();
        later.cancel();
        bool over = false;
        later.onEnd(listener.get(), [&] { over = true; });
        QTRY_VERIFY(over);
        QCOMPARE(calls, 1);
    }

    void b329_external_work_and_groups()
    {
        bool began = false;
        const legwork::External<int> fetch({.delay = 1h, .onStart = [&] { began = true; }});
        QCOMPARE(fetch.task().pause("offline"), PauseResult::Paused);
        QVERIFY(!fetch.task().runNow());
        QVERIFY(fetch.task().resume());
        QVERIFY(fetch.task().runNow());
        QTRY_VERIFY(began);
        QCOMPARE(fetch.task().pause(), PauseResult::PauseNotPossible);
        QVERIFY(fetch.complete(1));

        const auto first = legwork::runLater(1h, [] {});
        const auto second = legwork::runLater(1h, [] {});
        const auto both = legwork::all({first, second});
        QCOMPARE(both.pause("on battery"), PauseResult::Paused);
        QTRY_COMPARE(first.status(), Status::Paused);
        QTRY_COMPARE(second.status(), Status::Paused);
        // Its own pause and that of the group count.
        QCOMPARE(second.pause(), PauseResult::Paused);
        QVERIFY(both.resume());
        QTRY_COMPARE(first.status(), Status::Delayed);
        QCOMPARE(second.status(), Status::Paused);
        QVERIFY(second.resume());
        QCOMPARE(second.status(), Status::Delayed);
        both.cancel();
    }

    void b330_keys_owners_and_all()
    {
        auto owner = std::make_unique<QObject>();
        int changes = 0;
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::pausesChanged, owner.get(),
                [&] { ++changes; });
        QVERIFY(legwork::pauseKey("disk", "full"));
        QVERIFY(!legwork::pauseKey("disk", "full"));
        QVERIFY(legwork::pauseKey("disk", "full", owner.get()));
        QVERIFY(legwork::pauseOwner(owner.get(), "hidden"));
        QVERIFY(legwork::isOwnerPaused(owner.get()));
        QVERIFY(!legwork::pauseOwner(owner.get()));
        QVERIFY(!legwork::isPaused());
        QVERIFY(legwork::pauseAll("on battery"));
        QVERIFY(legwork::isPaused() && legwork::TaskManager::instance()->isPaused());
        QVERIFY(!legwork::pauseAll());

        // What comes is paused, too; and each pause is to be taken back.
        const auto task = legwork::run([] { return 1; }, {.owner = owner.get(), .key = "disk"});
        const auto reason = [&] {
            return legwork::TaskManager::instance()->taskInfo(task.id()).toMap()["pauseReason"].toString();
        };
        task.pause("by itself");
        QCOMPARE(task.status(), Status::Paused);
        QCOMPARE(reason(), "by itself");
        QVERIFY(task.resume());
        QCOMPARE(reason(), "full");
        QVERIFY(legwork::resumeKey("disk"));
        QVERIFY(legwork::resumeKey("disk", owner.get()));
        QVERIFY(!legwork::resumeKey("disk", owner.get()));
        QCOMPARE(reason(), "hidden");
        QVERIFY(legwork::resumeOwner(owner.get()));
        QCOMPARE(reason(), "on battery");
        QCOMPARE(task.status(), Status::Paused);
        QVERIFY(legwork::resumeAll());
        QVERIFY(!legwork::resumeAll());
        QCOMPARE(task.wait(20s), legwork::WaitResult::Done);
        QCOMPARE(reason(), QString());
        QTRY_VERIFY(changes > 0);

        // Nothing is an owner, or paused, without being said to be.
        QObject stranger;
        QVERIFY(!legwork::resumeOwner(&stranger) && !legwork::isOwnerPaused(&stranger));
        QVERIFY(!legwork::resumeKey("disk", &stranger));
        QVERIFY(!legwork::pauseOwner(nullptr) && !legwork::resumeOwner(nullptr) && !legwork::isOwnerPaused(nullptr));

        // With the owner its pauses end, and its tasks.
        QVERIFY(legwork::pauseOwner(owner.get()));
        const auto left = legwork::run([] {}, {.owner = owner.get()});
        const auto detached = legwork::run([] { return 2; }, {.owner = owner.get(), .detached = true});
        QCOMPARE(detached.status(), Status::Paused);
        owner.reset();
        QCOMPARE(left.status(), Status::Cancelled);
        QCOMPARE(detached.wait(20s), legwork::WaitResult::Done);
    }

    void b330_a_plugins_pauses_are_its_own()
    {
        legwork::PluginApi api("exporter");
        QStringList heard;
        api.connectTaskSignal(&legwork::PluginApi::taskPaused, listener.get(),
                              [&](const QString &, const QString &reason) { heard.append("paused " + reason); });
        api.connectTaskSignal(&legwork::PluginApi::taskResumed, listener.get(),
                              [&](const QString &) { heard.append("resumed"); });
        const auto task = api.scheduleTask([] { return 1; }, {.delayMs = 3'600'000});
        const auto other = legwork::runLater(1h, [] {});
        QCOMPARE(api.pauseTask(other.id()), int(PauseResult::UnknownTask));
        QVERIFY(!api.resumeTask(other.id()));
        QCOMPARE(other.status(), Status::Delayed);
        QCOMPARE(api.pauseTask(task.id(), "on battery"), int(PauseResult::Paused));
        QVERIFY(api.pauseAll("hidden"));
        QCOMPARE(other.status(), Status::Delayed);
        QVERIFY(api.resumeTask(task.id()));
        QCOMPARE(task.status(), Status::Paused);
        // The application that has loaded it says the same of it.
        QVERIFY(legwork::isOwnerPaused(&api) && !legwork::pauseOwner(&api));
        QVERIFY(legwork::resumeOwner(&api));
        QVERIFY(!api.isPaused());
        QCOMPARE(task.status(), Status::Delayed);
        QTRY_COMPARE(heard, QStringList({"paused on battery", "resumed"}));
        other.cancel();
    }

    void b331_three_thousand_pauses_beside_a_busy_event_loop()
    {
        std::atomic<int> count = 0;
        auto owner = std::make_unique<QObject>();
        int paused = 0, resumed = 0, beats = 0;
        QTimer timer;
        timer.callOnTimeout(listener.get(), [&] { ++beats; });
        timer.start(0);
        QList<legwork::Task<void>> tasks;
        for (int at = 0; at < 6; ++at) {
            const auto task = legwork::run(counting(count), {.owner = owner.get(), .pausable = true});
            task.onPaused(listener.get(), [&] { ++paused; }).onResumed(listener.get(), [&] { ++resumed; });
            tasks.append(task);
        }
        for (int round = 0; round < 3'000; ++round) {
            const auto &task = tasks[round % tasks.size()];
            QVERIFY(task.pause() != PauseResult::PauseNotPossible);
            if (round % 5 == 0)
                legwork::pauseOwner(owner.get());
            if (round % 7 == 0)
                legwork::pauseAll();
            if (round % 3 == 0)
                QCoreApplication::processEvents();
            legwork::resumeAll();
            legwork::resumeOwner(owner.get());
            QVERIFY(task.resume());
        }
        // All are at work again.
        const int before = count;
        QTRY_VERIFY(count > before);
        // A body that was stopped goes on as its thread has been woken.
        for (const auto &task : std::as_const(tasks))
            QTRY_VERIFY(task.status() != Status::Paused);
        QVERIFY(beats > 100);
        // In the middle of a pause all of it goes.
        legwork::pauseOwner(owner.get());
        for (const auto &task : std::as_const(tasks))
            task.pause();
        legwork::pauseAll();
        owner.reset();
        for (const auto &task : std::as_const(tasks))
            QCOMPARE(task.wait(20s), legwork::WaitResult::Done);
        QVERIFY(legwork::resumeAll());
        QCoreApplication::processEvents();
        // What was told was told in turn.
        QVERIFY2(paused >= resumed && paused - resumed <= tasks.size(),
                 qPrintable(QString("%1 %2").arg(paused).arg(resumed)));
    }

    void b331_an_application_that_quits_with_paused_tasks_ends_quietly()
    {
        QProcess child;
        child.setProcessChannelMode(QProcess::MergedChannels);
        child.start(QCoreApplication::applicationFilePath(), {"--quit-in-the-middle"});
        QVERIFY(child.waitForFinished(30'000));
        // What must run does, in spite of its pauses.
        QCOMPARE(child.readAll(), QByteArray("saved\n"));
        QCOMPARE(child.exitStatus(), QProcess::NormalExit);
        QCOMPARE(child.exitCode(), 0);
    }
};

// The child of that test: one body stopped, one task that has not begun, one that must run, all paused.
static int quitInTheMiddle(QCoreApplication &application)
{
    std::atomic<int> count = 0;
    const auto task = legwork::run(counting(count), {.pausable = true});
    task.onPaused(&application, [&] {
        legwork::pauseAll("quitting");
        legwork::run([] {});
        legwork::run(
            [] {
                fputs("saved\n", stdout);
                fflush(stdout);
            },
            {.mustRun = true})
            .pause("by itself, too");
        application.quit();
    });
    QTimer::singleShot(0, &application, [task] { task.pause(); });
    return application.exec();
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (application.arguments().contains("--quit-in-the-middle"))
        return quitInTheMiddle(application);
    TestPause test;
    return support::main(argc, argv, test);
}

#include "tst_pause.moc"
