// What users of others reported, written as a user of this library would write it. Where each was reported, and what
// was seen here, is in tests/REPORTS.md.
#include "support.h"

#include <legwork/process.h>
#include <legwork/testing.h>

#include <QtCore/QAbstractItemModel>
#include <QtCore/QElapsedTimer>
#include <QtCore/QFutureWatcher>
#include <QtCore/QMutex>
#include <QtCore/QProcess>
#include <QtCore/QSemaphore>
#include <QtCore/QStringListModel>
#include <QtCore/QThreadPool>
#include <QtCore/QTimer>
#include <QtQml/QQmlApplicationEngine>
#include <QtQml/QQmlComponent>
#include <QtTest/QAbstractItemModelTester>

#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using namespace support;

using legwork::CancelReason;
using legwork::KeyPolicy;
using legwork::Status;
using legwork::TaskContext;
using legwork::WaitResult;
using legwork::testing::VirtualClock;

// One of a list that a job gives to QML.
class Contact {
    Q_GADGET
    Q_PROPERTY(QString name MEMBER name)
    Q_PROPERTY(int age MEMBER age)

public:
    QString name;
    int age = 0;
};

namespace {

// An exception that knows nothing of Qt's.
struct Denied {
    int code = 0;
};

// Notes the thread that has destroyed it.
class Marked : public QObject {
public:
    explicit Marked(std::atomic<QThread *> &where) : m_where(where) { }
    ~Marked() override { m_where = QThread::currentThread(); }

private:
    std::atomic<QThread *> &m_where;
};

// A page that reads what it shows, and waits for that in its destructor.
class Page : public QObject {
public:
    ~Page() override
    {
        legwork::cancelAll(this);
        legwork::waitForAll(this);
    }
    std::atomic<int> done = 0;
};

legwork::Coroutine counts(QObject *receiver, legwork::Task<int> task, int &resumed)
{
    try {
        co_await task.on(receiver);
    } catch (const legwork::Cancelled &) {
    }
    ++resumed;
}

legwork::Coroutine asks(QObject *receiver, legwork::Task<int> answer, Ledger &ledger, QString &error)
{
    const Entry local(ledger);
    try {
        co_await answer.on(receiver);
    } catch (const std::exception &wrong) {
        error = QString::fromUtf8(wrong.what());
    }
}

legwork::Coroutine clicked(QObject *receiver)
{
    const auto task = legwork::run([] { return 1; });
    co_await task.on(receiver);
    throw std::runtime_error("the slot has failed");
}

} // namespace

class TestReports : public support::TestCase {
    Q_OBJECT

    legwork::TaskManager *m_manager = nullptr;

    void delivered()
    {
        bool told = false;
        legwork::run([] {}).onEnd(listener.get(), [&told] { told = true; });
        QTRY_VERIFY(told);
    }

    // The body of it is at work.
    legwork::Task<void> hold(const Gate &gate)
    {
        auto held = std::make_shared<std::atomic<bool>>(false);
        const auto task = legwork::run([&gate, held](TaskContext &context) {
            *held = true;
            gate.pass(context);
        });
        [&] { QTRY_VERIFY(*held); }();
        return task;
    }

private slots:
    void initTestCase() { m_manager = legwork::TaskManager::instance(); }

    void init()
    {
        takeWarnings();
        m_manager->setMaxWorkers(4);
    }

    void b397_external_work_that_is_over_before_its_turn_is_not_stuck()
    {
        Gate gate;
        const auto first = legwork::run([&](TaskContext &context) { gate.pass(context); }, {.key = "canvas"});
        bool begun = false;
        legwork::External<bool> rendering({.name = "Render", .key = "canvas", .onStart = [&] { begun = true; }});
        int result = -1;
        rendering.task().onComplete(listener.get(), [&](bool good) { result = good; });
        QVERIFY(rendering.complete(true));
        gate.open();
        QTRY_COMPARE(result, 1);
        QCOMPARE(rendering.task().status(), Status::Completed);
        QVERIFY(!begun);
        QCOMPARE(first.wait(20s), WaitResult::Done);
    }

    void b397_a_destructor_that_cancels_before_it_waits_does_not_run_the_queue()
    {
        Ledger ledger;
        auto page = std::make_unique<Page>();
        std::atomic<int> begun = 0;
        for (int i = 0; i < 1'000; ++i) {
            legwork::run(
                [&begun, entry = Entry(ledger)](TaskContext &context) {
                    ++begun;
                    context.sleep(1h);
                    context.checkpoint();
                },
                {.owner = page.get()});
        }
        QTRY_VERIFY(begun > 0);
        page.reset();
        QVERIFY2(begun <= m_manager->maxWorkers().toInt(), qPrintable(QString::number(begun)));
        QCOMPARE(ledger.alive, 0);
        QCOMPARE(ledger.destroyed, 1'000);
    }

    void b397_a_page_is_left_before_what_it_reads_has_come()
    {
        Gate gate;
        bool shown = false;
        auto page = std::make_unique<Page>();
        auto *left = page.get();
        Gate inside;
        const auto reading = legwork::run(
            [&, left] {
                inside.open();
                while (!gate.isOpen())
                    std::this_thread::yield();
                ++left->done; // it does not look whether it is to stop
            },
            {.owner = left});
        reading.onComplete(left, [&] { shown = true; });
        QTRY_VERIFY(inside.isOpen());
        std::thread later([&] { gate.open(); });
        page.reset(); // waits for the body
        later.join();
        QCOMPARE(reading.wait(20s), WaitResult::Done);
        delivered();
        QVERIFY(!shown);
    }

    // The list is cleared as each refresh begins, which is after all that the one before has sent, and each row that
    // comes is appended.
    void b397_a_refresh_halfway_shows_the_rows_of_the_new_query_alone()
    {
        QList<QPair<int, int>> list;
        std::atomic<int> sent = 0;
        const auto refresh = [&](int query) {
            return legwork::stream<QPair<int, int>>(
                       [&sent, query](legwork::Sender<QPair<int, int>> &rows) {
                           for (int row = 0; row < 500; ++row) {
                               if (!rows.send({query, row}))
                                   return;
                               ++sent;
                           }
                       },
                       {.owner = listener.get(), .key = "objects", .keyPolicy = KeyPolicy::Replace})
                .onValues(listener.get(), [&](const QList<QPair<int, int>> &rows) { list += rows; })
                .onStarted(listener.get(), [&] { list.clear(); });
        };
        refresh(1);
        while (sent < 100) // no events meanwhile: rows are on their way
            std::this_thread::yield();
        bool complete = false;
        refresh(2).onComplete(listener.get(), [&] { complete = true; });
        QTRY_VERIFY(complete);
        QList<QPair<int, int>> expected;
        for (int row = 0; row < 500; ++row)
            expected.append({2, row});
        QCOMPARE(list, expected);
    }

    void b397_a_coroutine_of_a_cancelled_task_resumes_once()
    {
        Gate gate;
        const auto task = legwork::run([&](TaskContext &context) {
            gate.pass(context);
            context.checkpoint();
            return 1;
        });
        int resumed = 0;
        counts(listener.get(), task, resumed);
        counts(listener.get(), task, resumed);
        auto future = task.future();
        future.cancel();
        task.cancel();
        QTRY_COMPARE(resumed, 2);
        QVERIFY(future.isFinished() && future.isCanceled());
        delivered();
        QCOMPARE(resumed, 2);
    }

    void b397_a_coroutine_whose_sender_is_deleted_is_not_stuck()
    {
        Ledger ledger;
        QString error;
        auto dialog = std::make_unique<QObject>();
        auto answer = std::make_shared<legwork::External<int>>(legwork::ExternalOptions{.name = "Ask"});
        connect(dialog.get(), &QObject::objectNameChanged, dialog.get(), [answer] { answer->complete(1); });
        asks(listener.get(), answer->task(), ledger, error);
        answer.reset();
        QCOMPARE(ledger.alive, 1);
        dialog.reset(); // it has never answered
        QTRY_COMPARE(ledger.alive, 0);
        QVERIFY2(!error.isEmpty(), qPrintable(error));
    }

    void b397_what_a_slot_throws_that_is_a_coroutine_is_told()
    {
        clicked(listener.get());
        QStringList warnings;
        QTRY_VERIFY(!(warnings += takeWarnings()).isEmpty());
        QVERIFY2(warnings.join("").contains("the slot has failed"), qPrintable(warnings.join("\n")));
    }

    void b397_an_exception_of_any_type_comes_through_a_future()
    {
        int code = 0;
        bool went = false;
        const auto task = legwork::run([]() -> int { throw Denied{403}; });
        task.future()
            .then(listener.get(), [&](int) { went = true; })
            .onFailed(listener.get(), [&](const Denied &denied) { code = denied.code; });
        QTRY_COMPARE(code, 403);
        QVERIFY(!went);
    }

    void b397_what_the_next_step_throws_is_the_failure_of_that_step()
    {
        const auto reading = legwork::run([] { return QString("text"); });
        const auto parsing = reading.then([](const QString &text) -> int {
            if (text.size() < 10)
                throw std::runtime_error("too short");
            return 1;
        });
        const auto storing = parsing.then([](int) { return true; });
        legwork::TaskError error;
        CancelReason reason = CancelReason::None;
        parsing.onError(listener.get(), [&](const legwork::TaskError &wrong) { error = wrong; });
        storing.onCancelled(listener.get(), [&](CancelReason why) { reason = why; });
        QTRY_COMPARE(error.message, QString("too short"));
        QTRY_COMPARE(reason, CancelReason::DependencyFailed);
        QCOMPARE(reading.status(), Status::Completed);
        QVERIFY(error.exception);
    }

    void b397_the_thread_of_a_continuation_is_deleted_before_its_time()
    {
        Gate gate;
        Ledger ledger;
        auto elsewhere = std::make_unique<Elsewhere>();
        std::atomic<bool> called = false;
        const auto task = hold(gate);
        task.onComplete(elsewhere->object(), [&, entry = Entry(ledger)] { called = true; });
        elsewhere->finish();
        gate.open();
        QCOMPARE(task.wait(20s), WaitResult::Done);
        elsewhere.reset();
        delivered();
        QVERIFY(!called);
        QTRY_COMPARE(ledger.alive, 0);
    }

    void b397_a_thread_that_is_not_qts_submits_and_has_the_answer_where_it_wants()
    {
        std::atomic<QThread *> where = nullptr;
        int here = 0, there = 0;
        std::thread foreign([&] {
            const auto task = legwork::run([] { return 5; });
            task.onComplete(listener.get(), [&](int value) {
                here = value;
                where = QThread::currentThread();
            });
            if (task.wait(20s) == WaitResult::Done)
                there = *task.result();
        });
        foreign.join();
        QCOMPARE(there, 5);
        QTRY_COMPARE(here, 5);
        QCOMPARE(where.load(), QThread::currentThread());
        QCOMPARE(takeWarnings(), QStringList());
    }

    void b397_an_object_for_signals_is_not_destroyed_on_a_thread_of_the_pool()
    {
        std::atomic<QThread *> captured = nullptr, result = nullptr;
        {
            auto signals_ = std::make_shared<Marked>(captured);
            legwork::run([] { return 1; }).onComplete(listener.get(), [signals_](int) {});
            legwork::run([&] {
                auto made = std::make_shared<Marked>(result);
                made->moveToThread(qApp->thread());
                return made;
            });
        }
        QTRY_VERIFY(captured && result);
        QCOMPARE(captured.load(), QThread::currentThread());
        QCOMPARE(result.load(), QThread::currentThread());
    }

    void b397_an_idle_worker_keeps_nothing_of_its_last_task()
    {
        auto argument = std::make_shared<QByteArray>(1 << 20, 'x');
        const std::weak_ptr<QByteArray> kept = argument;
        {
            const auto task = legwork::run([argument] { return argument->size(); });
            argument.reset();
            QCOMPARE(task.wait(20s), WaitResult::Done);
        }
        QVERIFY(kept.expired());
    }

    void b397_a_worker_that_was_aborted_returns_nothing()
    {
        QStringList told;
        Gate gate;
        const auto task = legwork::run([&](TaskContext &context) {
            gate.open();
            for (;;) {
                context.checkpoint();
                context.sleep(1ms);
            }
            return 1;
        });
        task.onComplete(listener.get(), [&](int) { told.append("returned"); })
            .onError(listener.get(), [&] { told.append("failed"); })
            .onCancelled(listener.get(), [&] { told.append("aborted"); })
            .onEnd(listener.get(), [&] { told.append("finished"); });
        QTRY_VERIFY(gate.isOpen());
        task.cancel();
        QTRY_COMPARE(told, QStringList({"aborted", "finished"}));
        delivered();
        QCOMPARE(told.size(), 2);
        QVERIFY(!task.result());
    }

    void b397_each_part_of_a_sequence_has_its_own_end_told()
    {
        QStringList told;
        const auto download = legwork::run([] { return 1; }, {.name = "Download"});
        const auto unpack = download.then([](int) { return QString("files"); }, {.name = "Unpack"});
        download.onEnd(listener.get(), [&] { told.append("download"); });
        unpack.onEnd(listener.get(), [&] { told.append("unpack"); });
        legwork::all(download, unpack).onEnd(listener.get(), [&] { told.append("all"); });
        QTRY_COMPARE(told, QStringList({"download", "unpack", "all"}));
    }

    void b397_a_task_that_nobody_keeps_is_finished_and_told()
    {
        int result = 0;
        QStringList layers{"roads"};
        [&] {
            const QString feedback = layers.takeFirst(); // gone with this call
            legwork::run([feedback] { return int(feedback.size()); }).onComplete(listener.get(), [&](int size) {
                result = size;
            });
        }();
        QTRY_COMPARE(result, 5);
    }

    void b397_all_of_nothing_is_told()
    {
        bool told = false;
        const QList<legwork::Task<int>> none;
        legwork::all(none).onComplete(listener.get(), [&](const QList<int> &results) { told = results.isEmpty(); });
        QTRY_VERIFY(told);
    }

    // One that waits must not run others in between: they may want the lock that it has.
    void b397_a_body_that_waits_under_a_lock_runs_no_other_in_between()
    {
        m_manager->setMaxWorkers(1);
        QMutex mutex;
        Gate gate;
        QList<legwork::Task<void>> tasks{hold(gate)};
        for (int i = 0; i < 20; ++i) {
            tasks += legwork::run([&] {
                const QMutexLocker lock(&mutex);
                legwork::run([] {}).wait();
            });
        }
        gate.open();
        for (const auto &task : std::as_const(tasks))
            QCOMPARE(task.wait(20s), WaitResult::Done);
    }

    void b397_work_that_takes_all_workers_leaves_qts_own_pool_alone()
    {
        Gate gate;
        QList<legwork::Task<void>> tasks;
        for (int i = 0; i < 100; ++i)
            tasks += legwork::run([&](TaskContext &context) { gate.pass(context); });
        QTRY_COMPARE(m_manager->property("activeCount").toInt(), 4);
        QCOMPARE(QThreadPool::globalInstance()->activeThreadCount(), 0);
        QSemaphore painted;
        QThreadPool::globalInstance()->start([&] { painted.release(); });
        QVERIFY(painted.tryAcquire(1, 20'000));
        gate.open();
        for (const auto &task : std::as_const(tasks))
            QCOMPARE(task.wait(20s), WaitResult::Done);
    }

    void b397_a_slot_of_progress_that_processes_events_is_not_entered_again()
    {
        int depth = 0, deepest = 0;
        double last = 0;
        bool over = false;
        legwork::run([](TaskContext &context) {
            for (int step = 1; step <= 200'000; ++step)
                context.setProgress(double(step) / 200'000, QString::number(step));
        })
            .onProgress(listener.get(),
                        [&](double value, const QString &) {
                            deepest = std::max(deepest, ++depth);
                            QCoreApplication::processEvents();
                            last = value;
                            --depth;
                        })
            .onComplete(listener.get(), [&] { over = true; });
        QTRY_VERIFY(over);
        QCOMPARE(deepest, 1);
        QCOMPARE(last, 1.0);
    }

    // The first warns in a dialog, and the second takes away what the first belongs to.
    void b397_a_dialog_in_one_callback_while_another_replaces_the_session()
    {
        auto session = std::make_unique<QObject>();
        QEventLoop dialog;
        QString warning;
        Ledger ledger;
        const auto second = legwork::runLater(1h, [] { return 2; });
        second.onComplete(listener.get(), [&] {
            session.reset();
            dialog.quit();
        });
        legwork::run([]() -> int { throw std::runtime_error("the rate differs"); }, {.owner = session.get()})
            .onError(session.get(),
                     [&, text = QString("session %1").arg(1),
                      entry = std::make_shared<Entry>(ledger)](const legwork::TaskError &error) {
                         second.runNow();
                         dialog.exec();
                         warning = text + ": " + error.message; // what it has is there still
                     });
        QTRY_COMPARE(warning, QString("session 1: the rate differs"));
        QVERIFY(!session);
        QTRY_COMPARE(ledger.alive, 0);
    }

    void b397_a_change_while_a_document_is_saved_is_saved_and_saves_do_not_pile_up()
    {
        QStringList written;
        QMutex mutex;
        Gate disk;
        Gate saving;
        const auto save = [&](const QString &text) {
            legwork::run(
                [&, text](TaskContext &context) {
                    saving.open();
                    disk.pass(context);
                    const QMutexLocker lock(&mutex);
                    written.append(text);
                },
                {.name = "Save", .key = "document", .keyPolicy = KeyPolicy::KeepLatest});
        };
        save("1");
        QTRY_VERIFY(saving.isOpen());
        for (int change = 2; change <= 100; ++change)
            save(QString::number(change));
        disk.open();
        QTRY_VERIFY(legwork::tasksOfKey("document").isEmpty());
        QCOMPARE(written, QStringList({"1", "100"}));
    }

    void b397_thumbnails_in_sight_come_first_and_those_out_of_sight_not_at_all()
    {
        m_manager->setMaxWorkers(1);
        Gate gate;
        const auto held = hold(gate);
        QList<int> decoded;
        QList<legwork::Task<void>> thumbnails;
        for (int i = 0; i < 500; ++i)
            thumbnails += legwork::run([&decoded, i] { decoded += i; }, {.priority = legwork::Priority::Low});
        // The user has jumped to the end.
        for (int i = 0; i < 500; ++i) {
            if (i < 490)
                QVERIFY(thumbnails[i].cancelIfQueued());
            else if (i >= 495)
                QVERIFY(thumbnails[i].setPriority(legwork::Priority::High));
        }
        gate.open();
        for (const auto &task : std::as_const(thumbnails))
            QCOMPARE(task.wait(20s), WaitResult::Done);
        QCOMPARE(decoded, QList<int>({495, 496, 497, 498, 499, 490, 491, 492, 493, 494}));
        QCOMPARE(held.status(), Status::Completed);
    }

    void b397_a_program_gets_a_path_as_it_is_written()
    {
        const QString path = QString::fromUtf8("/data/例名 Супер ü.mkv");
        QByteArray got;
        QString name;
        const auto task = legwork::process("printf", {"%s", path}, {.name = path});
        task.onComplete(listener.get(), [&](const QByteArray &output) { got = output; });
        name = m_manager->taskInfo(task.id()).toMap()["name"].toString();
        QTRY_COMPARE(got, path.toUtf8());
        QCOMPARE(name, path);
    }

    void b397_the_error_of_a_program_can_be_read_in_any_language()
    {
        QString message;
        legwork::process("sh", {"-c", QString::fromUtf8("echo 'objdump: Нет такого файла' >&2; exit 3")})
            .onError(listener.get(), [&](const legwork::TaskError &error) { message = error.message; });
        QTRY_VERIFY(!message.isEmpty());
        QVERIFY2(message.contains(QString::fromUtf8("Нет такого файла")), qPrintable(message));
        QVERIFY2(message.contains("3"), qPrintable(message));
    }

    void b397_refreshes_by_hand_do_not_each_begin_a_queue_of_their_own()
    {
        VirtualClock clock;
        QVERIFY2(clock.isActive(), qPrintable(clock.errorString()));
        QList<qint64> minutes;
        const auto refresh = legwork::runPeriodic(5min, [&] { minutes += clock.now() / 1min; });
        QVERIFY(clock.fastForwardBy(1min));
        for (int click = 0; click < 10; ++click)
            refresh.runNow();
        QVERIFY(clock.fastForwardBy(10min));
        QCOMPARE(minutes, QList<qint64>({0, 1, 6, 11}));
        refresh.cancel();
        QVERIFY(clock.runUntilIdle());
    }

    void b397_a_refresh_every_ten_minutes_stays_on_the_minute()
    {
        VirtualClock clock;
        QVERIFY2(clock.isActive(), qPrintable(clock.errorString()));
        QList<qint64> seconds;
        legwork::PeriodicOptions options;
        options.rate = legwork::Rate::FixedRate;
        options.firstRun = legwork::FirstRun::AfterInterval;
        const auto feeds = legwork::runPeriodic(
            10min,
            [&](TaskContext &context) {
                seconds += clock.now() / 1s;
                context.sleep(5s); // each takes its time
            },
            options);
        QVERIFY(clock.fastForwardBy(40min));
        QCOMPARE(seconds, QList<qint64>({600, 1200, 1800, 2400}));
        feeds.cancel();
        QVERIFY(clock.runUntilIdle());
    }

    void b397_an_upload_that_fails_is_not_tried_again_at_once_and_for_ever()
    {
        VirtualClock clock;
        QVERIFY2(clock.isActive(), qPrintable(clock.errorString()));
        QList<qint64> seconds;
        QString failed;
        legwork::run(
            [&]() -> int {
                seconds += clock.now() / 1s;
                throw std::runtime_error("503");
            },
            {.retry = {.times = 4, .jitter = 0}})
            .onError(listener.get(), [&](const legwork::TaskError &error) { failed = error.message; });
        QVERIFY(clock.fastForwardBy(1h));
        QCOMPARE(seconds, QList<qint64>({0, 1, 3, 7, 15}));
        QCOMPARE(failed, QString("503"));
    }

    // Its worker for scripts ends in the destructor of the engine, which processes events for that.
    void b397_an_engine_that_processes_events_as_it_goes_calls_nothing_back()
    {
        legwork::registerJob("hold the engine", [](TaskContext &context) { return context.sleep(1ms); });
        for (int round = 0; round < 20; ++round) {
            auto engine = std::make_unique<QQmlApplicationEngine>();
            engine->loadData("import QtQml\nimport QtQml.WorkerScript\nimport Legwork\n"
                             "QtObject {\n"
                             "    id: shell\n"
                             "    property var settings: ({ hidden: false })\n"
                             "    property WorkerScript worker: WorkerScript { }\n"
                             "    property Task task: Task { job: \"hold the engine\"; running: true }\n"
                             "    property bool busy: task.running && TaskManager.activeCount >= 0\n"
                             "    property string id: TaskManager.runInThread(\"hold the engine\", [], {\n"
                             "        onComplete: () => shell.settings.hidden = true\n"
                             "    })\n"
                             "}");
            QCOMPARE(engine->rootObjects().size(), 1);
            const auto id = engine->rootObjects().first()->property("id").toString();
            QVERIFY(!id.isEmpty());
            // It has ended, and nobody was told.
            while (m_manager->taskStatus(id) < legwork::TaskManager::Completed)
                std::this_thread::yield();
            engine.reset();
        }
        QVERIFY(legwork::unregisterJob("hold the engine"));
        delivered();
        QCOMPARE(takeWarnings(), QStringList());
    }

    void b397_an_application_that_reloads_its_engine_goes_on()
    {
        legwork::registerJob("number", [] { return 7; });
        const QByteArray source = "import QtQml\nimport Legwork\n"
                                  "QtObject {\n"
                                  "    id: app\n"
                                  "    property var result\n"
                                  "    property TaskModel model: TaskModel { }\n"
                                  "    property Task task: Task {\n"
                                  "        job: \"number\"; running: true\n"
                                  "        onCompleted: result => app.result = result\n"
                                  "    }\n"
                                  "    property Task clock: Task { job: \"number\"; intervalMs: 1; running: true }\n"
                                  "}";
        std::unique_ptr<QQmlApplicationEngine> engine;
        for (int reload = 0; reload < 10; ++reload) {
            engine.reset(new QQmlApplicationEngine);
            engine->loadData(source);
            QCOMPARE(engine->rootObjects().size(), 1);
            QTRY_COMPARE(engine->rootObjects().first()->property("result").toInt(), 7);
        }
        engine.reset();
        QVERIFY(legwork::unregisterJob("number"));
        delivered();
        QCOMPARE(takeWarnings(), QStringList());
    }

    void b397_rows_of_tasks_that_come_and_go_quickly_are_not_doubled()
    {
        QQmlEngine engine;
        QQmlComponent component(&engine);
        component.setData("import Legwork\nTaskModel { filter: TaskModel.Active; lingerMs: 1 }", QUrl());
        std::unique_ptr<QObject> object(component.create());
        auto *model = qobject_cast<QAbstractItemModel *>(object.get());
        QVERIFY2(model, qPrintable(component.errorString()));
        const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        bool doubled = false;
        const auto look = [&] {
            QSet<QString> ids;
            for (int row = 0; row < model->rowCount(); ++row)
                ids.insert(model->index(row, 0).data(Qt::UserRole + 1).toString());
            doubled |= ids.size() != model->rowCount();
        };
        connect(model, &QAbstractItemModel::rowsInserted, listener.get(), look);
        connect(model, &QAbstractItemModel::rowsRemoved, listener.get(), look);
        std::vector<std::thread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.emplace_back([] {
                for (int n = 0; n < 1'000; ++n)
                    legwork::run([] {}, {.name = QString::number(n)});
            });
        }
        for (auto &thread : threads)
            thread.join();
        QTRY_COMPARE(model->property("queuedCount").toInt() + model->property("runningCount").toInt(), 0);
        QTRY_COMPARE(model->rowCount(), 0);
        QVERIFY(!doubled);
    }

    void b397_a_list_of_gadgets_can_be_read_in_qml()
    {
        legwork::registerJob("contacts", [] { return QList<Contact>{{"Ada", 36}, {"Blaise", 39}}; });
        legwork::registerJob("contact", [] { return Contact{"Ada", 36}; });
        QQmlEngine engine;
        QQmlComponent component(&engine);
        component.setData("import QtQml\nimport Legwork\n"
                          "QtObject {\n"
                          "    id: app\n"
                          "    property string text\n"
                          "    Component.onCompleted: {\n"
                          "        TaskManager.runInThread(\"contact\", [], {\n"
                          "            onComplete: one => app.text += `${one.name} ${one.age};`\n"
                          "        })\n"
                          "        TaskManager.runInThread(\"contacts\", [], {\n"
                          "            onComplete: all => app.text += `${all.length} ${all[1].name};`\n"
                          "        })\n"
                          "    }\n"
                          "}",
                          QUrl());
        m_manager->setMaxWorkers(1);
        const std::unique_ptr<QObject> object(component.create());
        QVERIFY2(object, qPrintable(component.errorString()));
        QTRY_COMPARE(object->property("text").toString(), QString("Ada 36;2 Blaise;"));
        legwork::unregisterJob("contacts");
        legwork::unregisterJob("contact");
    }

    void b397_a_future_that_was_cancelled_is_finished_too()
    {
        QStringList told;
        QFutureWatcher<int> watcher;
        connect(&watcher, &QFutureWatcherBase::canceled, listener.get(), [&] { told.append("canceled"); });
        connect(&watcher, &QFutureWatcherBase::finished, listener.get(), [&] { told.append("finished"); });
        const auto parsing = legwork::run([](TaskContext &context) {
            context.setProgress(0.5, "parsing");
            context.sleep(1h);
            context.checkpoint();
            return 1;
        });
        watcher.setFuture(parsing.future());
        QTRY_VERIFY(watcher.progressValue() > 0);
        watcher.cancel();
        QTRY_COMPARE(told, QStringList({"canceled", "finished"}));
        // To ask for a result that there is not is no crash.
        QCOMPARE(watcher.future().resultCount(), 0);
        QVERIFY(!parsing.result());
    }

    void b397_a_model_that_a_body_has_made_belongs_to_the_application()
    {
        std::unique_ptr<QStringListModel> model;
        const auto search = legwork::run([] {
            auto found = std::make_shared<std::unique_ptr<QStringListModel>>(
                std::make_unique<QStringListModel>(QStringList{"ALT_HOLD", "ALT_MAX"}));
            (*found)->moveToThread(qApp->thread());
            return found;
        });
        search.onComplete(listener.get(), [&](const auto &found) { model = std::move(*found); });
        QTRY_VERIFY(model);
        QCOMPARE(model->thread(), QThread::currentThread());
        QVERIFY(model->setData(model->index(0), "ALT"));
        model.reset();
        delivered();
        QCOMPARE(takeWarnings(), QStringList());
    }

    void b397_an_application_quits_in_spite_of_a_task_that_never_ends() { quits("--never-ends"); }
    void b397_an_application_quits_while_a_body_asks_its_thread() { quits("--asks-the-thread"); }

private:
    void quits(const QString &how)
    {
        QProcess child;
        child.setProcessChannelMode(QProcess::MergedChannels);
        child.start(QCoreApplication::applicationFilePath(), {how});
        QVERIFY(child.waitForFinished(30'000));
        QCOMPARE(child.readAll(), QByteArray("ready to quit\n"));
        QCOMPARE(child.exitStatus(), QProcess::NormalExit);
        QCOMPARE(child.exitCode(), 0);
    }
};

// The children of the last two.

static int neverEnds(QCoreApplication &application)
{
    static QSemaphore never;
    legwork::run(
        [] {
            QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection);
            never.acquire();
        },
        {.name = "Scan tables"});
    application.exec();
    return 0;
}

static int asksTheThread(QCoreApplication &application)
{
    int answers = 0;
    std::atomic<int> asked = 0;
    for (int i = 0; i < 4; ++i) {
        legwork::run([&](TaskContext &context) {
            while (!context.isCancelled()) {
                QMetaObject::invokeMethod(
                    &application, [&] { ++answers; }, Qt::BlockingQueuedConnection);
                if (++asked == 100)
                    QMetaObject::invokeMethod(&application, &QCoreApplication::quit, Qt::QueuedConnection);
            }
            // And once more, as it ends.
            QMetaObject::invokeMethod(
                &application, [&] { ++answers; }, Qt::BlockingQueuedConnection);
        });
    }
    application.exec();
    if (answers < 100)
        return 1;
    std::puts("ready to quit");
    return 0;
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (application.arguments().contains("--never-ends")) {
        QObject::connect(&application, &QCoreApplication::aboutToQuit, &application, [] {
            // What it tells is not to be a warning here.
            qInstallMessageHandler([](QtMsgType, const QMessageLogContext &, const QString &) {});
            const auto report = legwork::TaskManager::instance()->shutdown(50).toMap();
            const auto left = report["abandoned"].toList();
            if (left.size() == 1 && left[0].toMap()["name"] == "Scan tables")
                std::puts("ready to quit");
        });
        return neverEnds(application);
    }
    if (application.arguments().contains("--asks-the-thread"))
        return asksTheThread(application);
    TestReports test;
    return support::main(argc, argv, test);
}

#include "tst_reports.moc"
