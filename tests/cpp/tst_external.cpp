// Tasks without a body, and programs as tasks.
#include "support.h"

#include <QtCore/QDeadlineTimer>
#include <QtCore/QProcess>
#include <QtCore/QFile>
#include <QtCore/QFileSystemWatcher>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTimer>

#include <cstdio>
#include <map>
#include <optional>

using namespace std::chrono_literals;
using namespace support;
using legwork::CancelReason;
using legwork::CancelResult;
using legwork::External;
using legwork::Status;

namespace {

// Work that is done by events, as a QNetworkReply does: it says that it has finished, also as it is aborted.
class Reply : public QObject {
    Q_OBJECT

public:
    void abort()
    {
        ++aborts;
        thread = QThread::currentThread();
        emit finished(false);
    }

    int aborts = 0;
    QThread *thread = nullptr;

signals:
    void finished(bool good);
};

// The application's part, each in a process of its own.

int quitInTheMiddle(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    Reply reply, deaf;
    int heard = 0;
    External<int> answers({.name = "answers", .onStop = [&reply] { reply.abort(); }});
    QObject::connect(&reply, &Reply::finished, &reply, [&] { answers.fail("aborted"); });
    External<int> stands({.name = "stands", .onStop = [&deaf] { ++deaf.aborts; }});
    const External<int> silent({.name = "silent"});
    int begun = 0;
    const External<int> waits({.key = "first", .onStart = [&] { ++begun; }});
    const External<int> second({.key = "first", .onStart = [&] { ++begun; }, .onStop = [] { std::_Exit(4); }});
    waits.task().onCancelled(&application, [&] { ++heard; });
    QTimer::singleShot(0, &application, &QCoreApplication::quit);
    QDeadlineTimer soon(20s);
    QCoreApplication::exec();
    // None of them is waited for until the deadline of the shutdown, which is 30 s.
    if (soon.hasExpired())
        return 2;
    for (const auto &task : {answers.task(), stands.task(), silent.task(), waits.task(), second.task()}) {
        if (task.status() != Status::Cancelled)
            return 3;
    }
    return reply.aborts == 1 && deaf.aborts == 1 && begun <= 1 ? 0 : 5;
}

int quitWhileAProgramRuns(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    // Each makes its file once it is at work.
    QTemporaryDir folder;
    const QStringList files{folder.filePath("sleeps"), folder.filePath("stubborn")};
    QFileSystemWatcher watcher({folder.path()});
    QObject::connect(&watcher, &QFileSystemWatcher::directoryChanged, &application, [&files] {
        if (QFile::exists(files[0]) && QFile::exists(files[1]))
            QCoreApplication::quit();
    });
    const auto sleeps = legwork::process("sh", {"-c", ": > \"$0\"; exec sleep 600", files[0]});
    const auto stubborn = legwork::process(
        "sh", {"-c", "trap '' TERM; : > \"$0\"; while :; do sleep 0.05; done", files[1]}, {.killAfter = 200ms});
    const auto both = [&] { return sleeps.status() == Status::Running && stubborn.status() == Status::Running; };
    QDeadlineTimer soon(20s);
    QCoreApplication::exec();
    if (soon.hasExpired() || both())
        return 2;
    return sleeps.status() == Status::Cancelled && stubborn.status() == Status::Cancelled ? 0 : 3;
}

const std::map<QString, int (*)(int, char **)> parts{
    {"quitInTheMiddle", quitInTheMiddle},
    {"quitWhileAProgramRuns", quitWhileAProgramRuns},
};

} // namespace

class TestExternal : public support::TestCase {
    Q_OBJECT

    static void play(const char *part)
    {
        QProcess process;
        process.setProcessChannelMode(QProcess::ForwardedChannels);
        process.start(QCoreApplication::applicationFilePath(), {"--part", part});
        QVERIFY(process.waitForFinished(60'000));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 0);
    }

private slots:
    void init() { takeWarnings(); }

    void b193_b194_b267_it_is_a_task_as_any_and_ended_from_any_thread()
    {
        int started = 0;
        External<QByteArray> fetch({.name = "Fetch", .onStart = [&] { ++started; }});
        QVERIFY(fetch.isValid());
        const auto task = fetch.task();
        QCOMPARE(task.id(), fetch.id());
        QCOMPARE(task.status(), Status::Running);
        QTRY_COMPARE(started, 1);
        double progress = 0;
        QByteArray result;
        task.onProgress(listener.get(), [&](double value, const QString &message) {
            progress = value;
            QCOMPARE(message, "half");
        });
        task.onComplete(listener.get(), [&](const QByteArray &value) { result = value; });
        fetch.setProgress(0.5, "half");
        QTRY_COMPARE(progress, 0.5);
        fetch.setProgress(3, 4, "files");
        QTRY_COMPARE(progress, 0.75);
        const auto amount = legwork::TaskManager::instance()->taskInfo(task.id()).toMap().value("amount").toMap();
        QCOMPARE(amount, QVariantMap({{"done", 3.0}, {"total", 4.0}, {"unit", "files"}, {"speed", -1.0}}));
        Elsewhere elsewhere;
        elsewhere.run([fetch] { QVERIFY(fetch.complete("all of it")); });
        QVERIFY(!fetch.complete("again") && !fetch.fail("late"));
        QCOMPARE(task.status(), Status::Completed);
        QTRY_COMPARE(result, "all of it");
        QCOMPARE(*task.result(), "all of it");
        QVERIFY(!fetch.isCancelRequested());
    }

    void b193_it_holds_no_worker()
    {
        auto *manager = legwork::TaskManager::instance();
        const auto workers = manager->property("maxWorkers");
        manager->setProperty("maxWorkers", 1);
        std::vector<External<int>> all(1'000);
        for (auto &one : all)
            one = External<int>({.name = "one"});
        for (const auto &one : all)
            QCOMPARE(one.task().status(), Status::Running);
        const auto body = legwork::run([] { return 1; });
        QCOMPARE(body.wait(20s), legwork::WaitResult::Done);
        for (const auto &one : all)
            QVERIFY(one.complete(1));
        manager->setProperty("maxWorkers", workers);
    }

    void b193_results_of_any_type()
    {
        External<void> nothing({.name = "nothing"});
        QVERIFY(nothing.complete());
        QCOMPARE(nothing.task().status(), Status::Completed);
        External<bool> yes({.name = "yes"});
        QVERIFY(yes.complete(true));
        QCOMPARE(*yes.task().result(), true);
        External<std::unique_ptr<int>> moved({.name = "moved"});
        int heard = 0;
        moved.task().onComplete(listener.get(), [&](const std::unique_ptr<int> &value) { heard = *value; });
        QVERIFY(moved.complete(std::make_unique<int>(7)));
        QTRY_COMPARE(heard, 7);
        External<QString> text({.name = "text"});
        // What is passed becomes the type that was said.
        QVERIFY(text.complete("text"));
        QCOMPARE(*text.task().result(), QString("text"));
    }

    void b194_it_fails_with_what_its_begin_throws()
    {
        const External<int> throws({.onStart = [] { throw std::runtime_error("no device"); }});
        QTRY_COMPARE(throws.task().status(), Status::Failed);
        QCOMPARE(throws.task().error().message, "no device");
        QVERIFY(!throws.complete(1));
        const External<int> other({.onStart = [] { throw 7; }});
        QTRY_COMPARE(other.task().status(), Status::Failed);
        QCOMPARE(other.task().error().message, "onStart threw what is no std::exception");
    }

    void b194_it_fails_with_what_is_said()
    {
        External<int> fetch({.name = "Fetch"});
        legwork::TaskError heard;
        fetch.task().onError(listener.get(), [&](const legwork::TaskError &error) { heard = error; });
        legwork::TaskError error;
        error.message = "no route";
        error.origin = "network";
        QVERIFY(fetch.fail(error));
        QTRY_COMPARE(heard.message, "no route");
        QCOMPARE(heard.origin, "network");
        QCOMPARE(heard.kind, legwork::ErrorKind::Failed);
    }

    void b194_when_the_last_handle_goes_it_has_failed()
    {
        std::optional<External<int>> fetch(External<int>({.name = "Fetch"}));
        const auto task = fetch->task();
        auto copy = *fetch;
        fetch.reset();
        QCOMPARE(task.status(), Status::Running);
        copy = {};
        QCOMPARE(task.status(), Status::Failed);
        QCOMPARE(task.error().message, "its handle was dropped without an end: nobody would end it");
        QVERIFY(!copy.isValid() && !copy.complete(1) && !copy.fail("") && copy.id().isEmpty());
    }

    void b194_three_thousand_in_a_row()
    {
        int done = 0;
        for (int number = 0; number < 3'000; ++number) {
            External<int> fetch(this, {.name = "Fetch"});
            fetch.task().onComplete(listener.get(), [&done, number](int value) { done += value == number; });
            if (number % 2)
                fetch.complete(number);
            else
                QTimer::singleShot(0, this, [fetch, number] { fetch.complete(number); });
        }
        QTRY_COMPARE(done, 3'000);
        // And of one key, each begun by the end of the last.
        done = 0;
        std::vector<External<int>> all(3'000);
        for (int number = 0; number < 3'000; ++number) {
            all[number] = External<int>({.key = "row", .onStart = [&all, &done, number] {
                                             QCOMPARE(done++, number);
                                             all[number].complete(number);
                                         }});
        }
        QTRY_COMPARE_WITH_TIMEOUT(done, 3'000, 20'000);
    }

    void b195_it_is_told_to_stop_and_may_end_in_that_call()
    {
        Reply reply;
        External<int> fetch({.name = "Fetch", .onStop = [&] { reply.abort(); }});
        connect(&reply, &Reply::finished, listener.get(),
                [&](bool good) { good ? fetch.complete(1) : fetch.fail("aborted"); });
        const auto task = fetch.task();
        CancelReason heard = CancelReason::None;
        task.onCancelled(listener.get(), [&](CancelReason reason) { heard = reason; });
        QCOMPARE(task.cancel(), CancelResult::CancelRequested);
        // At once, as this is its thread.
        QCOMPARE(reply.aborts, 1);
        QCOMPARE(reply.thread, thread());
        QCOMPARE(task.status(), Status::Cancelled);
        QTRY_COMPARE(heard, CancelReason::User);
        QCOMPARE(task.cancel(), CancelResult::AlreadyFinished);
        QCOMPARE(reply.aborts, 1);
    }

    void b195_it_is_told_on_its_own_thread()
    {
        Reply reply;
        External<int> fetch({.name = "Fetch", .onStop = [&] { reply.abort(); }});
        Elsewhere elsewhere;
        elsewhere.run([&] { QCOMPARE(fetch.task().cancel(), CancelResult::CancelRequested); });
        QCOMPARE(reply.aborts, 0);
        QTRY_COMPARE(reply.aborts, 1);
        QCOMPARE(reply.thread, thread());
        QCOMPARE(fetch.cancelReason(), CancelReason::User);
        QCOMPARE(fetch.task().status(), Status::Running);
        QVERIFY(!fetch.complete(1));
        QCOMPARE(fetch.task().status(), Status::Cancelled);
        // Or on that of a receiver.
        std::atomic<QThread *> begun = nullptr, stopped = nullptr;
        External<int> far(elsewhere.object(),
                          {.onStart = [&] { begun = QThread::currentThread(); },
                           .onStop = [&] { stopped = QThread::currentThread(); }});
        QTRY_COMPARE(begun.load(), elsewhere.thread());
        far.task().cancel();
        QTRY_COMPARE(stopped.load(), elsewhere.thread());
        QVERIFY(!far.fail("aborted"));
        QCOMPARE(far.task().status(), Status::Cancelled);
    }

    void b195_a_stop_that_comes_after_the_end_is_not_told()
    {
        Reply reply;
        External<int> fetch({.name = "Fetch", .onStop = [&] { reply.abort(); }});
        Elsewhere elsewhere;
        elsewhere.run([&] { fetch.task().cancel(); });
        QVERIFY(!fetch.complete(1));
        QTest::qWait(0);
        QCOMPARE(reply.aborts, 0);
    }

    void b195_its_time_is_over()
    {
        Reply reply;
        External<int> fetch({.timeout = 20ms, .onStop = [&] { reply.abort(); }});
        QTRY_COMPARE(reply.aborts, 1);
        QCOMPARE(fetch.cancelReason(), CancelReason::Timeout);
        QVERIFY(!fetch.complete(1));
        QCOMPARE(fetch.task().status(), Status::TimedOut);
        QCOMPARE(fetch.task().error().kind, legwork::ErrorKind::TimedOut);
    }

    void b196_work_begins_with_its_turn_and_not_after_a_cancel()
    {
        QStringList begun;
        const auto make = [&](const QString &name) {
            return External<int>({.name = name,
                                  .key = "turn",
                                  .onStart = [&begun, name] { begun.append(name); },
                                  .onStop = [&begun, name] { begun.append("stop " + name); }});
        };
        auto first = make("first"), second = make("second"), third = make("third");
        QTRY_COMPARE(begun, QStringList("first"));
        QCOMPARE(second.task().status(), Status::Blocked);
        QCOMPARE(second.task().cancel(), CancelResult::CancelledBeforeStart);
        first.complete(1);
        // It runs, and has not been told yet that it may begin.
        QCOMPARE(third.task().status(), Status::Running);
        QCOMPARE(third.task().cancel(), CancelResult::CancelRequested);
        QCOMPARE(third.task().status(), Status::Cancelled);
        QTest::qWait(0);
        QCOMPARE(begun, QStringList("first"));
        // Work that says no begin is under way.
        External<int> holds({.key = "turn"});
        External<int> waits({.key = "turn", .onStop = [&] { begun.append("stop waits"); }});
        QCOMPARE(waits.task().cancel(), CancelResult::CancelledBeforeStart);
        QCOMPARE(begun.last(), "stop waits");
        // It may end before its turn.
        External<int> early({.key = "turn", .onStart = [&] { begun.append("early"); }});
        QVERIFY(early.complete(5));
        QCOMPARE(early.task().status(), Status::Completed);
        QTest::qWait(0);
        QVERIFY(!begun.contains("early"));
    }

    void b193_keep_gives_a_handle_that_does_not_end_the_other()
    {
        int begun = 0;
        External<int> first({.key = "keep"});
        External<int> kept({.key = "keep", .keyPolicy = legwork::KeyPolicy::Keep, .onStart = [&] { ++begun; }});
        QCOMPARE(kept.id(), first.id());
        QVERIFY(!kept.complete(2) && !kept.fail("no"));
        kept = {};
        QCOMPARE(first.task().status(), Status::Running);
        QVERIFY(first.complete(1));
        QTest::qWait(0);
        QCOMPARE(begun, 0);
    }

    void b193_what_is_refused_says_why()
    {
        Ledger ledger;
        External<int> refused({.weight = -1, .onStart = [entry = std::make_shared<Entry>(ledger)] {}});
        QVERIFY(!refused.isValid() && !refused.complete(1));
        QVERIFY(refused.task().error().message.startsWith("weight is -1"));
        QCOMPARE(ledger.alive.load(), 0);
        External<int> after({.after = {legwork::TaskRef("nothing")}});
        QVERIFY(!after.isValid());
    }

    void b173_others_come_after_it()
    {
        External<int> fetch({.name = "Fetch"});
        const auto next = legwork::run([] { return 2; }, {.after = {fetch}});
        QCOMPARE(next.status(), Status::Blocked);
        fetch.complete(1);
        QCOMPARE(next.wait(20s), legwork::WaitResult::Done);
    }

    void b197_its_receiver_goes()
    {
        Ledger ledger;
        auto receiver = std::make_unique<QObject>();
        External<int> fetch(receiver.get(), {.onStop = [entry = std::make_shared<Entry>(ledger)] {}});
        receiver.reset();
        QCOMPARE(fetch.task().status(), Status::Cancelled);
        QCOMPARE(fetch.cancelReason(), CancelReason::OwnerGone);
        QCOMPARE(ledger.alive.load(), 0);
        // Before its turn.
        External<int> holds({.key = "gone"});
        receiver = std::make_unique<QObject>();
        External<int> waits(receiver.get(), {.key = "gone", .onStart = [] { QFAIL("it has no turn"); }});
        receiver.reset();
        QCOMPARE(waits.task().status(), Status::Cancelled);
        // And while the call is on its way to it.
        Elsewhere elsewhere;
        receiver = std::make_unique<QObject>();
        External<int> far(receiver.get(), {.onStop = [] { QFAIL("the receiver is gone"); }});
        elsewhere.run([&] { far.task().cancel(); });
        QCOMPARE(far.task().status(), Status::Running);
        receiver.reset();
        QCOMPARE(far.task().status(), Status::Cancelled);
    }

    void b197_its_owner_goes()
    {
        Reply reply;
        auto owner = std::make_unique<QObject>();
        External<int> fetch({.owner = owner.get(), .onStop = [&] { reply.abort(); }});
        connect(&reply, &Reply::finished, listener.get(), [&] { fetch.fail("aborted"); });
        owner.reset();
        QCOMPARE(reply.aborts, 1);
        QCOMPARE(fetch.task().status(), Status::Cancelled);
        QCOMPARE(fetch.cancelReason(), CancelReason::OwnerGone);
    }

    void b194_it_is_ended_and_dropped_in_its_own_calls()
    {
        std::optional<External<int>> fetch;
        legwork::Task<int> task;
        fetch.emplace(legwork::ExternalOptions{.onStart = [&] { fetch.reset(); }});
        task = fetch->task();
        QTRY_COMPARE(task.status(), Status::Failed);
        fetch.emplace(legwork::ExternalOptions{.onStop = [&] { fetch.reset(); }});
        task = fetch->task();
        task.cancel();
        QCOMPARE(task.status(), Status::Cancelled);
        // A throw is logged, and no more.
        External<int> throws({.onStop = [] { throw std::runtime_error("of what is to stop"); }});
        throws.task().cancel();
        QCOMPARE(takeWarnings().size(), 1);
        QVERIFY(!throws.complete(1));
    }

    void b195_made_in_a_body_it_is_told_on_the_managers_thread()
    {
        QThread *told = nullptr;
        External<int> fetch;
        const auto body =
            legwork::run([&] { fetch = External<int>({.onStop = [&] { told = QThread::currentThread(); }}); });
        QCOMPARE(body.wait(20s), legwork::WaitResult::Done);
        fetch.task().cancel();
        QCOMPARE(told, thread());
        fetch.fail("");
    }

    void b197_quit_in_the_middle() { play("quitInTheMiddle"); }

    // ---- programs --------------------------------------------------------------------------------------

    void b198_a_program_gives_what_it_writes()
    {
        QByteArray heard;
        const auto echo = legwork::process("sh", {"-c", "cat; echo $WORD; pwd"},
                                           {.workingDirectory = "/", .environment = {"WORD=said"}, .input = "given\n"});
        QCOMPARE(echo.status(), Status::Running);
        echo.onComplete(listener.get(), [&](const QByteArray &output) { heard = output; });
        QTRY_COMPARE_WITH_TIMEOUT(heard, "given\nsaid\n/\n", 20'000);
        const auto big = legwork::process("sh", {"-c", "head -c 3000000 /dev/zero"});
        QTRY_COMPARE_WITH_TIMEOUT(big.status(), Status::Completed, 20'000);
        QCOMPARE(big.result()->size(), 3'000'000);
    }

    void b198_a_program_that_fails_says_how()
    {
        const auto fails = legwork::process("sh", {"-c", "echo no such thing >&2; exit 3"});
        QTRY_COMPARE_WITH_TIMEOUT(fails.status(), Status::Failed, 20'000);
        QCOMPARE(fails.error().message, "\"sh\" ended with exit code 3: no such thing");
        const auto long_ =
            legwork::process("sh", {"-c", "head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 1"});
        QTRY_COMPARE_WITH_TIMEOUT(long_.status(), Status::Failed, 20'000);
        QVERIFY(long_.error().message.endsWith("xxend"));
        QVERIFY(long_.error().message.size() < 4'200);
        const auto crashes = legwork::process("sh", {"-c", "kill -9 $$"});
        QTRY_COMPARE_WITH_TIMEOUT(crashes.status(), Status::Failed, 20'000);
        QCOMPARE(crashes.error().message, "\"sh\" crashed");
        const auto missing = legwork::process("/no/such/program");
        QTRY_COMPARE_WITH_TIMEOUT(missing.status(), Status::Failed, 20'000);
        QVERIFY(missing.error().message.startsWith("\"/no/such/program\" could not be started"));
    }

    void b198_a_program_is_terminated_then_killed()
    {
        const QTemporaryDir folder;
        const auto begun = folder.filePath("begun"), ended = folder.filePath("ended");
        // However long it may take to end, it is not killed before.
        const auto ends = legwork::process(
            "sh",
            {"-c", "trap 'sleep 0.2; touch \"$1\"; exit 0' TERM; touch \"$0\"; while :; do sleep 0.02; done", begun,
             ended},
            {.killAfter = std::chrono::milliseconds::max()});
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(begun), 20'000);
        ends.cancel();
        QTRY_COMPARE_WITH_TIMEOUT(ends.status(), Status::Cancelled, 20'000);
        QVERIFY(QFile::exists(ended));
        const auto stubborn = legwork::process("sh", {"-c", "trap '' TERM; echo; while :; do sleep 0.05; done"},
                                               {.timeout = 300ms, .killAfter = 100ms});
        QTRY_COMPARE_WITH_TIMEOUT(stubborn.status(), Status::TimedOut, 20'000);
        // One that is cancelled before it is started.
        const auto never = legwork::process("sleep", {"600"});
        never.cancel();
        QCOMPARE(never.status(), Status::Cancelled);
    }

    void b198_programs_wait_for_their_turn()
    {
        std::vector<legwork::Task<QByteArray>> all;
        all.reserve(6);
        for (int number = 0; number < 6; ++number)
            all.push_back(legwork::process("sh", {"-c", "sleep 0.02; echo done"}, {.key = "programs", .keyLimit = 2}));
        const auto running =
            std::count_if(all.begin(), all.end(), [](const auto &task) { return task.status() == Status::Running; });
        QCOMPARE(running, 2);
        for (const auto &task : all)
            QTRY_COMPARE_WITH_TIMEOUT(task.status(), Status::Completed, 20'000);
    }

    void b198_a_program_ends_with_its_thread()
    {
        legwork::Task<QByteArray> task;
        Elsewhere elsewhere;
        elsewhere.run([&] { task = legwork::process("sleep", {"600"}); });
        QTRY_COMPARE(task.status(), Status::Running);
        elsewhere.finish();
        QTRY_COMPARE_WITH_TIMEOUT(task.status(), Status::Failed, 20'000);
        QCOMPARE(task.error().message, "the thread that ran \"sleep\" has finished");
        const auto none = legwork::run([] { return legwork::process("true").error().message; });
        QCOMPARE(none.wait(20s), legwork::WaitResult::Done);
        QVERIFY(none.result()->startsWith("a process needs a thread with an event loop"));
    }

    void b198_quit_while_a_program_runs() { play("quitWhileAProgramRuns"); }
};

int main(int argc, char **argv)
{
    if (argc == 3 && QString(argv[1]) == "--part")
        return parts.at(argv[2])(argc, argv);
    QCoreApplication application(argc, argv);
    TestExternal test;
    return support::main(argc, argv, test);
}

#include "tst_external.moc"
