// Submitting from C++: what work may be, what comes back, and how it fails.
#include "support.h"

#include <QtCore/QSemaphore>
#include <QtCore/QTemporaryDir>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using namespace support;

namespace {

// Neither a QVariant nor anything else in Qt knows it; it cannot even be made from nothing.
struct Price {
    explicit Price(int c) : cents(c) { }
    int cents;
};

struct Odd {
    int code;
};

int seven() { return 7; }

} // namespace

class TestTask : public support::TestCase {
    Q_OBJECT

    // Runs it, and gives what onComplete was called with.
    template<typename T, typename F> std::optional<T> complete(F &&f)
    {
        std::optional<T> got;
        QObject receiver;
        const auto task = legwork::run(std::forward<F>(f));
        task.onComplete(&receiver, [&](const T &value) { got = value; });
        [&] { QTRY_VERIFY(got); }();
        return got;
    }

    void hearPrice(const legwork::Outcome<Price> &end) { m_cents = end.result()->cents; }

    int m_cents = 0;

private slots:
    void init() { takeWarnings(); }

    void b1_b69_a_result_comes_back_on_the_main_thread()
    {
        QThread *ran = nullptr;
        QThread *heard = nullptr;
        int runs = 0, calls = 0;
        const auto task = legwork::run([&] {
            ++runs;
            ran = QThread::currentThread();
            return 42;
        });
        static_assert(std::is_same_v<decltype(task), const legwork::Task<int>>);
        QVERIFY(task.isValid());
        QVERIFY(!task.id().isEmpty());
        task.onComplete(listener.get(), [&](int value) {
            ++calls;
            heard = QThread::currentThread();
            QCOMPARE(value, 42);
            QCOMPARE(task.status(), legwork::Status::Completed);
        });
        // Never inside the call, also where the task is done by now.
        QCOMPARE(calls, 0);
        QTRY_COMPARE(calls, 1);
        QCOMPARE(runs, 1);
        QVERIFY(ran != heard);
        QCOMPARE(heard, thread());
        QCOMPARE(task.result(), std::optional<int>(42));
        QCOMPARE(task.wait(), legwork::WaitResult::Done);
    }

    void work_may_take_a_context_or_not_and_return_any_type()
    {
        QCOMPARE(complete<int>(seven), 7);
        QCOMPARE(complete<int>(&seven), 7);
        QCOMPARE(complete<QString>([](legwork::TaskContext &context) { return context.id().left(0) + "text"; }),
                 "text");
        QCOMPARE(complete<quint64>([](legwork::TaskContext &context) { return context.iteration(); }), quint64(1));
        QCOMPARE(complete<int>([](auto &context) { return context.isCancelled() ? 1 : 2; }), 2);
        QCOMPARE(complete<std::string>([] { return std::string("std"); }), std::string("std"));
        QCOMPARE(complete<Price>([] { return Price(199); })->cents, 199);
        QCOMPARE(complete<int>(std::function<int()>(seven)), 7);

        bool done = false;
        legwork::run([] {}).onComplete(listener.get(), [&] { done = true; });
        QTRY_VERIFY(done);
    }

    void b10_work_and_results_that_can_only_be_moved()
    {
        int sum = 0;
        auto number = std::make_unique<int>(20);
        const auto task = legwork::run([number = std::move(number)]() mutable {
            std::vector<std::unique_ptr<int>> numbers;
            numbers.push_back(std::move(number));
            numbers.push_back(std::make_unique<int>(22));
            return numbers;
        });
        task.onComplete(listener.get(), [&](const std::vector<std::unique_ptr<int>> &numbers) {
            for (const auto &entry : numbers)
                sum += *entry;
        });
        QTRY_COMPARE(sum, 42);
    }

    void a_result_reaches_the_signals_as_a_variant()
    {
        const auto signal = [](auto &&work) {
            auto *manager = legwork::TaskManager::instance();
            QSignalSpy completed(manager, &legwork::TaskManager::taskCompleted);
            const auto task = legwork::run(work);
            [&] { QTRY_COMPARE(completed.count(), 1); }();
            return completed.value(0).value(1).value<QVariant>();
        };
        QCOMPARE(signal([] { return 5; }), QVariant(5));
        QCOMPARE(signal([] { return 5L; }), QVariant(5LL));
        QCOMPARE(signal([] { return std::string("a"); }), QVariant("a"));
        QCOMPARE(signal([] { return QStringList{"a", "b"}; }), QVariant(QStringList{"a", "b"}));
        QVERIFY(!signal([] {}).isValid());
        QVERIFY(!signal([] { return Price(1); }).isValid());
        QVERIFY(!signal([] { return std::make_unique<int>(1); }).isValid());
        struct Pair {
            int a = 1, b = 2;
        };
        QCOMPARE(signal([] { return Pair(); }).value<Pair>().b, 2);
    }

    void b8_null_work_is_refused()
    {
        QStringList errors;
        const auto note = [&](const legwork::TaskError &error) {
            QCOMPARE(error.kind, legwork::ErrorKind::Refused);
            errors.append(error.message);
        };
        const auto null = legwork::run(static_cast<int (*)()>(nullptr));
        const auto empty = legwork::runPeriodic(1s, std::function<void()>());
        QVERIFY(!null.isValid());
        QVERIFY(null.id().isEmpty());
        QCOMPARE(null.status(), legwork::Status::UnknownTask);
        QCOMPARE(null.cancel(), legwork::CancelResult::UnknownTask);
        QCOMPARE(null.wait(), legwork::WaitResult::UnknownTask);
        QCOMPARE(null.error().message, "the work is null; pass a function that can be called");
        null.onError(listener.get(), note);
        empty.onError(listener.get(), note);
        QVERIFY(errors.isEmpty());
        QTRY_COMPARE(errors.size(), 2);
        QVERIFY(!legwork::registerJob("null", std::function<int()>()));
        QVERIFY(null.future().isFinished());
        QVERIFY_THROWS_EXCEPTION(legwork::TaskException, null.future().waitForFinished());
    }

    void b28_b36_times_that_are_impossible_are_refused()
    {
        Ledger ledger;
        const auto error = [&](const auto &task) {
            [&] { QVERIFY(!task.isValid()); }();
            return task.error().message;
        };
        QCOMPARE(error(legwork::runLater(-5ms, [entry = Entry(ledger)] {})),
                 "delay is -5 ms; expected 0 ms to 3153600000000 ms (100 years)");
        QCOMPARE(error(legwork::runPeriodic(0ms, [entry = Entry(ledger)] {})),
                 "interval is 0 ms; expected 1 ms to 3153600000000 ms (100 years)");
        QVERIFY(error(legwork::runLater(std::chrono::hours(24 * 365 * 200), [entry = Entry(ledger)] {
                })).contains("expected at most 100 years"));
        legwork::TaskOptions options;
        options.timeout = -1ms;
        QVERIFY(error(legwork::run([entry = Entry(ledger)] {}, options)).startsWith("timeout is -1 ms"));
        options.timeout = 0ms;
        options.priority = static_cast<legwork::Priority>(77);
        QVERIFY(error(legwork::run([entry = Entry(ledger)] {}, options))
                    .startsWith("priority is 77; expected High (0), Normal (1) or Low (2)"));
        options.priority = legwork::Priority::Normal;
        options.weight = 0;
        QVERIFY(error(legwork::run([entry = Entry(ledger)] {}, options))
                    .startsWith("weight is 0; expected a number above 0"));
        // What was refused is destroyed, here, before the call returned.
        QCOMPARE(ledger.destroyed.load(), 6);
        QCOMPARE(ledger.alive.load(), 0);
        QCOMPARE(ledger.thread.load(), thread());
    }

    void b89_whatever_is_thrown_becomes_the_tasks_failure()
    {
        const auto fails = [this](auto &&work) {
            std::optional<legwork::TaskError> got;
            QSignalSpy failed(legwork::TaskManager::instance(), &legwork::TaskManager::taskFailed);
            const auto task = legwork::run(work);
            task.onError(listener.get(), [&](const legwork::TaskError &error) { got = error; });
            [&] {
                QTRY_VERIFY(got);
                QCOMPARE(failed.count(), 1);
                QCOMPARE(failed[0][0].toString(), task.id());
                QCOMPARE(failed[0][1].toString(), got->message);
                QCOMPARE(task.status(), legwork::Status::Failed);
                QCOMPARE(task.error().message, got->message);
                QCOMPARE(got->kind, legwork::ErrorKind::Exception);
                QVERIFY(got->exception);
            }();
            return *got;
        };
        auto error = fails([]() -> int { throw std::runtime_error("no such file"); });
        QCOMPARE(error.message, "no such file");
        QCOMPARE(error.origin, "std::runtime_error");
        QCOMPARE(error.attempt, quint64(1));
        error = fails([] { throw 7; });
        QCOMPARE(error.message, "the number 7 was thrown");
        QCOMPARE(error.origin, "int");
        QCOMPARE(fails([] { throw QString("a text"); }).message, "a text");
        QCOMPARE(fails([] { throw "a literal"; }).message, "a literal");
        error = fails([] { throw Odd{3}; });
        QVERIFY2(error.message.contains("Odd") && error.origin.contains("Odd"), qUtf8Printable(error.message));
        // B92: text that is no UTF-8, and an empty one.
        QVERIFY(fails([] { throw std::runtime_error("\xff\xfe"); }).message.size() >= 1);
        QCOMPARE(fails([] { throw std::runtime_error(""); }).message, "std::runtime_error");
        try {
            std::rethrow_exception(error.exception);
        } catch (const Odd &odd) {
            QCOMPARE(odd.code, 3);
        }
        // The workers go on.
        QCOMPARE(complete<int>(seven), 7);
    }

    void b181_work_is_kept_for_the_next_attempt()
    {
        const legwork::Retry retry{.times = 5, .delay = 1ms, .backoff = legwork::Backoff::Fixed};
        // It may be move-only, and finds what it captured as the last attempt has left it.
        const auto task = legwork::run(
            [last = std::make_unique<quint64>(0)](legwork::TaskContext &context) {
                if (++*last < 3)
                    throw std::runtime_error("busy");
                return context.attempt() * 10 + *last;
            },
            {.retry = retry});
        QCOMPARE(task.wait(), legwork::WaitResult::Done);
        QCOMPARE(task.result(), std::optional<quint64>(33));
        // Of a periodic task it is the run that is tried again.
        const auto periodic = legwork::runPeriodic(1h,
                                                   [](legwork::TaskContext &context) {
                                                       if (context.attempt() < 2)
                                                           throw std::runtime_error("busy");
                                                       return context.iteration();
                                                   },
                                                   {.retry = retry, .maxRuns = 1});
        QCOMPARE(periodic.wait(), legwork::WaitResult::Done);
        QCOMPARE(periodic.result(), std::optional<quint64>(1));
    }

    void b192_b210_callbacks_of_the_start_and_of_any_end()
    {
        QStringList heard;
        QSemaphore gate;
        const auto good = legwork::run([&] {
            gate.acquire();
            return Price(7);
        });
        good.onStarted(listener.get(), [&] { heard.append("started"); });
        QTRY_COMPARE(heard, QStringList{"started"});
        // It runs by now: that is heard all the same, and by this one alone.
        good.onStarted(listener.get(), [&] { heard.append("started, too"); })
            .onEnd(listener.get(), [&](const legwork::Outcome<Price> &end) {
                QCOMPARE(end.status(), legwork::Status::Completed);
                QVERIFY(!end.error());
                QCOMPARE(end.cancelReason(), legwork::CancelReason::None);
                heard.append(QString("end %1").arg(end.result()->cents));
            });
        QTRY_COMPARE(heard, (QStringList{"started", "started, too"}));
        gate.release();
        QTRY_COMPARE(heard, (QStringList{"started", "started, too", "end 7"}));
        // It has ended.
        heard.clear();
        good.onEnd(this, &TestTask::hearPrice);
        good.onStarted(listener.get(), [&] { heard.append("started"); });
        QTRY_COMPARE(heard, QStringList{"started"});
        QTRY_COMPARE(m_cents, 7);

        std::vector<std::pair<legwork::Status, legwork::CancelReason>> ends;
        const auto note = [&](const legwork::Outcome<void> &end) {
            ends.emplace_back(end.status(), end.cancelReason());
        };
        const auto bad = legwork::run([] { throw std::runtime_error("no"); });
        QString error;
        bad.onEnd(listener.get(), [&](const legwork::Outcome<void> &end) { error = end.error().message; })
            .onEnd(listener.get(), note);
        QTRY_COMPARE(ends.size(), 1u);
        QCOMPARE(error, "no");
        const auto late = legwork::run([](legwork::TaskContext &context) { context.sleep(1h); }, {.timeout = 1ms});
        late.onEnd(listener.get(), note);
        QTRY_COMPARE(ends.size(), 2u);
        bool began = false;
        const auto never = legwork::runLater(1h, [] {});
        never.onStarted(listener.get(), [&] { began = true; }).onEnd(listener.get(), note);
        never.cancel();
        QTRY_COMPARE(ends.size(), 3u);
        QVERIFY(!began);
        const auto refused = legwork::run([] {}, {.timeout = -1ms});
        refused.onEnd(listener.get(), note);
        QTRY_COMPARE(ends.size(), 4u);
        using legwork::CancelReason;
        using legwork::Status;
        QVERIFY((ends
                 == std::vector<std::pair<Status, CancelReason>>{{Status::Failed, CancelReason::None},
                                                                 {Status::TimedOut, CancelReason::None},
                                                                 {Status::Cancelled, CancelReason::User},
                                                                 {Status::Failed, CancelReason::None}}));
    }

    void b293_a_part_of_a_body_gives_its_place_away_until_its_scope_ends()
    {
        auto *manager = legwork::TaskManager::instance();
        const auto before = manager->maxWorkers();
        manager->setMaxWorkers(1);
        QSemaphore during;
        QSemaphore after;
        std::atomic<bool> left = false;
        const auto reads = legwork::run([&](legwork::TaskContext &context) {
            {
                auto outer = context.blocking();
                const auto moved = std::move(outer);
                const auto inner = context.blocking();
                during.acquire();
            }
            left = true;
            after.acquire();
        });
        QTRY_COMPARE(reads.status(), legwork::Status::Running);
        QCOMPARE(legwork::run([] {}).wait(), legwork::WaitResult::Done);
        during.release();
        QTRY_VERIFY(left);
        const auto waits = legwork::run([] {});
        QCOMPARE(waits.status(), legwork::Status::Queued);
        after.release();
        QCOMPARE(reads.wait(), legwork::WaitResult::Done);
        QCOMPARE(waits.wait(), legwork::WaitResult::Done);

        const auto whole = legwork::run([&] { during.acquire(); }, {.mayBlock = true});
        QTRY_COMPARE(whole.status(), legwork::Status::Running);
        QCOMPARE(legwork::run([] {}).wait(), legwork::WaitResult::Done);
        during.release();
        QCOMPARE(whole.wait(), legwork::WaitResult::Done);

        // A scope that the body leaves to others ends with the body.
        std::unique_ptr<legwork::BlockingScope> kept;
        const auto keeps = legwork::run([&](legwork::TaskContext &context) {
            kept = std::make_unique<legwork::BlockingScope>(context.blocking());
        });
        QCOMPARE(keeps.wait(), legwork::WaitResult::Done);
        const auto holds = legwork::run([&] { during.acquire(); });
        QTRY_COMPARE(holds.status(), legwork::Status::Running);
        kept.reset();
        const auto behind = legwork::run([] {});
        QCOMPARE(behind.status(), legwork::Status::Queued);
        during.release();
        QCOMPARE(behind.wait(), legwork::WaitResult::Done);
        manager->setMaxWorkers(before);
    }

    void b300_each_new_thread_has_its_start_before_its_first_task()
    {
        // These stay until the end of the process.
        static thread_local bool started = false;
        static std::atomic<bool> throws = true;
        legwork::onThreadStart({});
        legwork::onThreadStart([] { started = true; });
        legwork::onThreadStart([] {
            if (throws.exchange(false))
                throw std::runtime_error("no connection");
        });
        takeWarnings();
        // More than there are threads by now.
        constexpr int tasks = 40;
        QSemaphore arrived;
        QSemaphore gate;
        std::atomic<int> seen = 0;
        for (int task = 0; task < tasks; ++task) {
            legwork::run(
                [&] {
                    seen += started ? 1 : 0;
                    arrived.release();
                    gate.acquire();
                },
                {.owner = this, .mayBlock = true});
        }
        QVERIFY(arrived.tryAcquire(tasks, 60'000));
        gate.release(tasks);
        QCOMPARE(legwork::waitForAll(this), legwork::WaitResult::Done);
        QVERIFY(seen > 0);
        QVERIFY(!throws);
        const QStringList expected{"what a worker's thread does at its start threw: no connection"};
        QCOMPARE(takeWarnings(), expected);
    }

    void b182_an_exception_says_whether_and_when_there_is_another_attempt()
    {
        std::atomic<int> runs = 0;
        const auto permanent = legwork::run(
            [&] {
                ++runs;
                throw legwork::PermanentError("no such host");
            },
            {.retry = {.times = 5}});
        QCOMPARE(permanent.wait(), legwork::WaitResult::Done);
        QCOMPARE(permanent.error().message, "no such host");
        QCOMPARE(permanent.error().origin, "legwork::PermanentError");
        QCOMPARE(runs.load(), 1);
    }

    void b185_work_that_can_be_called_once_only_is_not_tried_again()
    {
        struct Once {
            int operator()() && { return 1; }
        };
        const auto task = legwork::run(Once(), {.retry = {.times = 1}});
        QVERIFY(!task.isValid());
        QCOMPARE(task.error().message, "retry is for work that can run again, and this work can run once only");
        QCOMPARE(legwork::run(Once()).wait(), legwork::WaitResult::Done);
    }

    void b240_work_that_can_run_again_is_retried()
    {
        auto kept = std::make_shared<int>(0);
        std::weak_ptr<int> there = kept;
        const legwork::TaskOptions options{.name = "Load", .retry = {.times = 1, .delay = 0ms}};
        auto task = legwork::run(
            [kept = std::move(kept)]() -> QString {
                if (++*kept < 3)
                    throw std::runtime_error("offline");
                return QString("page %1").arg(*kept);
            },
            options);
        int heard = 0;
        task.onError(listener.get(), [&] { ++heard; });
        QTRY_COMPARE(heard, 1);
        QVERIFY(task.canRetry());
        auto again = task.retry();
        QVERIFY2(again.isValid(), qPrintable(again.error().message));
        QString page;
        again.onComplete(listener.get(), [&](const QString &result) { page = result; });
        QTRY_COMPARE(page, "page 3");
        QCOMPARE(legwork::TaskManager::instance()->taskInfo(again.id()).toMap().value("name"), "Load");
        QVERIFY(there.expired());
        QVERIFY(!again.canRetry() && !task.canRetry());
        // The handle of the old one sees what it was; nothing else does.
        QCOMPARE(task.status(), legwork::Status::Failed);
        const auto twice = task.retry();
        QVERIFY(!twice.isValid());
        QCOMPARE(twice.error().message,
                 "the task " + task.id() + " was retried already, as " + again.id() + "; retry that one");
        const auto done = again.retry();
        QCOMPARE(done.error().message,
                 "the task " + again.id() + " has completed; submit its work anew to do it once more");
        QVERIFY(!legwork::Task<int>().retry().isValid());
        QCOMPARE(heard, 1);
    }

    void b240_other_work_is_destroyed_with_its_run_and_is_not()
    {
        auto kept = std::make_shared<int>(0);
        std::weak_ptr<int> there = kept;
        const auto once = legwork::run([kept = std::move(kept)] { throw std::runtime_error("no"); });
        QCOMPARE(once.wait(), legwork::WaitResult::Done);
        QVERIFY(there.expired());
        QVERIFY(!once.canRetry());
        QVERIFY(once.retry().error().message.contains("can run once only"));
        int runs = 0;
        const auto periodic = legwork::runPeriodic(1h, [] { return 1; });
        periodic.onComplete(listener.get(), [&](int) { ++runs; });
        QTRY_COMPARE(runs, 1);
        periodic.cancel();
        QCOMPARE(periodic.wait(), legwork::WaitResult::Done);
        const auto again = periodic.retry();
        QVERIFY(again.isValid());
        // A callback that comes late hears of the first run, too.
        again.onComplete(listener.get(), [&](int) { ++runs; });
        QTRY_COMPARE(runs, 2);
        again.cancel();
        const auto job = legwork::runJob("no such job");
        QVERIFY(!job.retry().isValid());
    }

    void b173_b174_b175_a_task_comes_after_others_by_handles_and_ids()
    {
        QSemaphore gate;
        std::atomic<int> runs = 0;
        const auto first = legwork::run([&] {
            gate.acquire();
            return ++runs;
        });
        const auto second = legwork::run([&] { return ++runs; }, {.after = {first}});
        const auto third = legwork::run([&] { return ++runs; }, {.after = {first.id(), second}});
        QCOMPARE(third.status(), legwork::Status::Blocked);
        gate.release();
        QCOMPARE(third.wait(), legwork::WaitResult::Done);
        QCOMPARE(third.result(), std::optional<int>(3));
        // A task that was refused has no id.
        const auto refused = legwork::run(static_cast<int (*)()>(nullptr));
        const auto none = legwork::run([] {}, {.after = {refused}});
        QVERIFY(!none.isValid());
        QCOMPARE(none.error().message, "after[0] is the text \"\"; expected the id of a task");
        const auto fails = legwork::run([] { throw 7; });
        const auto never = legwork::run([] {}, {.after = {fails}});
        QCOMPARE(never.wait(), legwork::WaitResult::Done);
        QCOMPARE(never.status(), legwork::Status::Cancelled);
    }

    // One that is kept for another is of one type with it, or says so.
    void b168_a_kept_task_of_another_type()
    {
        Gate gate;
        const auto text = legwork::run(
            [&](legwork::TaskContext &context) {
                gate.pass(context);
                return QString("text");
            },
            {.key = "kept"});
        const auto number = legwork::run([] { return 5; }, {.key = "kept", .keyPolicy = legwork::KeyPolicy::Keep});
        QCOMPARE(number.id(), text.id());
        int calls = 0;
        QString heard;
        number.onComplete(listener.get(), [&](int) { ++calls; });
        text.onComplete(listener.get(), [&](const QString &value) { heard = value; });
        const auto future = number.future();
        gate.open();
        QTRY_COMPARE(heard, "text");
        QCOMPARE(calls, 0);
        const QString why =
            "the task that was kept (KeyPolicy::Keep) has a result of type QString; expected a result of "
            "type int. Tasks of one key that are kept for each other have results of one type";
        QVERIFY(takeWarnings().contains("onComplete was not called: " + why));
        QVERIFY(!number.result());
        try {
            auto waited = future;
            waited.waitForFinished();
            QFAIL("no error");
        } catch (const legwork::TaskException &error) {
            QCOMPARE(error.error().message, why);
        }
    }

    void b214_b215_limits_of_an_owner()
    {
        QObject owner;
        owner.setObjectName("Scaler");
        QVERIFY(!legwork::limitsOf(&owner).maxRunning);
        QVERIFY(legwork::setLimits(&owner, {.maxRunning = 1, .maxQueued = 1}));
        QCOMPARE(legwork::limitsOf(&owner).maxRunning, std::optional(1));
        QVERIFY(!legwork::limitsOf(&owner).maxDelayed);
        const auto obey = [](legwork::TaskContext &context) {
            while (context.sleep(1h)) { }
        };
        const auto first = legwork::run(obey, {.owner = &owner});
        QTRY_COMPARE(first.status(), legwork::Status::Running);
        const auto second = legwork::run(obey, {.owner = &owner});
        QSignalSpy reached(legwork::TaskManager::instance(), &legwork::TaskManager::limitReached);
        const auto third = legwork::run(obey, {.owner = &owner});
        QVERIFY(!third.isValid());
        QCOMPARE(third.error().message,
                 "the limit of the owner \"Scaler\" is reached: maxQueued is 1, and it has 1 such tasks; submit again "
                 "when there are fewer");
        QTRY_COMPARE(reached.size(), 1);
        QCOMPARE(reached[0], QVariantList({"Scaler", "maxQueued"}));
        QCOMPARE(legwork::tasksOf(&owner).size(), 2);
        QCOMPARE(second.status(), legwork::Status::Queued);
        const auto bad = legwork::setLimits(&owner, {.maxRunning = 0});
        QVERIFY(!bad);
        QCOMPARE(bad.error, "limits.maxRunning is the number 0; expected a whole number from 1 to 2147483647");
        QVERIFY(!legwork::setLimits(nullptr, {}));
        QVERIFY(legwork::setLimits(&owner, {}));
        QTRY_COMPARE(second.status(), legwork::Status::Running);
        legwork::cancelAll(&owner);
        QCOMPARE(legwork::waitForAll(&owner), legwork::WaitResult::Done);
    }

    void b172_tasks_of_a_key()
    {
        QObject owner;
        const auto ids = [](const QVariantList &tasks) {
            QStringList ids;
            for (const auto &task : tasks)
                ids.append(task.toMap()["id"].toString());
            return ids;
        };
        const auto first = legwork::runLater(1h, [] {}, {.key = "disk"});
        const auto second = legwork::runLater(1h, [] {}, {.key = "disk"});
        const auto owned = legwork::runLater(1h, [] {}, {.owner = &owner, .key = "disk"});
        QCOMPARE(ids(legwork::tasksOfKey("disk")), QStringList({first.id(), second.id()}));
        QCOMPARE(ids(legwork::tasksOfKey("disk", &owner)), QStringList({owned.id()}));
        legwork::cancelKey("disk");
        QCOMPARE(first.status(), legwork::Status::Cancelled);
        QCOMPARE(second.status(), legwork::Status::Cancelled);
        QCOMPARE(owned.status(), legwork::Status::Delayed);
        QVERIFY(legwork::tasksOfKey("disk").isEmpty());
        legwork::cancelKey("disk", &owner);
        QCOMPARE(owned.status(), legwork::Status::Cancelled);
        // Of an object that never had a task.
        QVERIFY(legwork::tasksOfKey("disk", this).isEmpty());
        legwork::cancelKey("disk", this);
    }

    void b48_a_running_task_is_asked_to_stop()
    {
        Gate gate;
        std::atomic<bool> runs = false;
        std::optional<legwork::CancelReason> reason;
        const auto task = legwork::run([&](legwork::TaskContext &context) {
            const auto token = context.token();
            runs = true;
            gate.pass(context);
            if (token.isCancelled() && token.reason() == legwork::CancelReason::User)
                context.checkpoint();
            return 1;
        });
        task.onCancelled(listener.get(), [&](legwork::CancelReason given) { reason = given; });
        QTRY_VERIFY(runs);
        QCOMPARE(task.cancel(), legwork::CancelResult::CancelRequested);
        QTRY_VERIFY(reason);
        QCOMPARE(*reason, legwork::CancelReason::User);
        QCOMPARE(task.status(), legwork::Status::Cancelled);
        QCOMPARE(task.cancel(), legwork::CancelResult::AlreadyFinished);
        QVERIFY(!task.result());
    }

    void b47_b84_a_task_that_is_cancelled_before_it_runs_is_destroyed_in_the_call()
    {
        Ledger ledger;
        const auto task = legwork::runLater(1h, [entry = Entry(ledger)] {});
        QCOMPARE(ledger.alive.load(), 1);
        QCOMPARE(task.status(), legwork::Status::Delayed);
        QCOMPARE(task.cancel(), legwork::CancelResult::CancelledBeforeStart);
        QCOMPARE(ledger.destroyed.load(), 1);
        QCOMPARE(ledger.thread.load(), thread());
        QCOMPARE(task.wait(), legwork::WaitResult::Done);
    }

    void b68_b84_what_ran_is_destroyed_on_the_worker_before_the_end_is_told()
    {
        Ledger ok, thrown;
        QCOMPARE(legwork::run([entry = Entry(ok)] {}).wait(), legwork::WaitResult::Done);
        QCOMPARE(ok.destroyed.load(), 1);
        QVERIFY(ok.thread.load() != thread());
        QCOMPARE(legwork::run([entry = Entry(thrown)] { throw 1; }).wait(), legwork::WaitResult::Done);
        QCOMPARE(thrown.destroyed.load(), 1);
        QVERIFY(thrown.thread.load() != thread());
    }

    void progress_arrives_with_the_last_before_the_end()
    {
        QList<QPair<double, QString>> heard;
        bool done = false;
        // It ends in a moment, and what is added after its end hears of the end only.
        QSemaphore ready;
        const auto task = legwork::run([&ready](legwork::TaskContext &context) {
            ready.acquire();
            for (int i = 0; i <= 1000; ++i)
                context.setProgress(i / 1000.0, QString::number(i));
        });
        task.onProgress(listener.get(), [&](double value, const QString &message) { heard.append({value, message}); });
        // As many of the arguments as it takes.
        task.onProgress(this, [](double value) { QVERIFY(value <= 1); });
        task.onProgress(this, [] {});
        task.onProgress(this, &TestTask::hearDouble);
        ready.release();
        task.onComplete(listener.get(), [&] {
            done = true;
            QVERIFY(!heard.isEmpty());
            QCOMPARE(heard.last(), qMakePair(1.0, QString("1000")));
        });
        QTRY_VERIFY(done);
    }

    void jobs_of_cpp_serve_all_languages()
    {
        QVERIFY(legwork::registerJob("sum", [](const QVariantList &args) {
            double sum = 0;
            for (const auto &value : args)
                sum += value.toDouble();
            return sum;
        }));
        const auto again = legwork::registerJob("sum", [] { return 1; });
        QVERIFY(!again);
        QVERIFY2(again.error.startsWith("a job named \"sum\" is registered already"), qUtf8Printable(again.error));

        QVariant typed;
        legwork::runJob("sum", {1, 2.5}).onComplete(listener.get(), [&](const QVariant &value) { typed = value; });
        QTRY_COMPARE(typed, QVariant(3.5));

        auto *manager = legwork::TaskManager::instance();
        QSignalSpy completed(manager, &legwork::TaskManager::taskCompleted);
        const QString id = manager->runInThread("sum", QVariantList{20, 22}, QVariantMap{{"name", "Sum"}});
        QVERIFY(!id.isEmpty());
        QTRY_COMPARE(completed.count(), 1);
        QCOMPARE(completed[0][0].toString(), id);
        QCOMPARE(completed[0][1].value<QVariant>(), QVariant(42.0));

        const auto unknown = legwork::runJob("smu");
        QVERIFY(!unknown.isValid());
        QVERIFY(unknown.error().message.startsWith("no job is named \"smu\""));
        QVERIFY(legwork::unregisterJob("sum"));
        QVERIFY(!legwork::unregisterJob("sum"));
    }

    void b88_everything_may_be_called_from_everywhere()
    {
        int deep = 0;
        const auto outer = legwork::run([&] {
            // A task waits for another one that it submitted: with one worker it runs it itself.
            const auto inner = legwork::run([] { return 2; });
            return inner.wait() == legwork::WaitResult::Done ? *inner.result() : 0;
        });
        outer.onComplete(listener.get(), [&](int value) {
            const auto next = legwork::run([value] { return value * 3; });
            next.onComplete(listener.get(), [&](int last) { deep = last; });
            QCOMPARE(next.wait(), legwork::WaitResult::Done);
        });
        QTRY_COMPARE(deep, 6);
    }

    void b9_b53_handles_are_values_and_a_null_one_is_cancelled()
    {
        legwork::Task<int> task;
        QVERIFY(task.future().isFinished());
        QVERIFY(task.future().isCanceled());
        QCOMPARE(task.wait(), legwork::WaitResult::UnknownTask);
        QVERIFY(!task.isValid());
        QVERIFY(task.id().isEmpty());
        {
            const auto first = legwork::run(seven);
            task = first;
            QCOMPARE(task.id(), first.id());
        }
        auto moved = std::move(task);
        QCOMPARE(moved.wait(), legwork::WaitResult::Done);
        // Kept from being forgotten by this handle alone.
        QCOMPARE(moved.result(), std::optional<int>(7));
    }

    void a_member_function_may_hear_of_it()
    {
        m_heard = 0;
        legwork::run(seven).onComplete(this, &TestTask::hear);
        QTRY_COMPARE(m_heard, 7);
    }

    void b75_priorities_and_names_are_in_the_info()
    {
        Gate gate;
        legwork::TaskOptions options;
        options.name = "Named";
        options.priority = legwork::Priority::Low;
        const auto task = legwork::runLater(
            1h, [] {}, options);
        const auto info = legwork::TaskManager::instance()->taskInfo(task.id()).toMap();
        QCOMPARE(info["name"].toString(), "Named");
        QCOMPARE(info["priority"].toInt(), int(legwork::TaskManager::Low));
        QVERIFY(task.setPriority(legwork::Priority::High));
        QCOMPARE(legwork::TaskManager::instance()->taskInfo(task.id()).toMap()["priority"].toInt(), 0);
        task.cancel();
        QVERIFY(!task.setPriority(legwork::Priority::High));
    }

    void b89_a_script()
    {
        QTemporaryDir folder;
        QFile module(folder.filePath("work.mjs"));
        QVERIFY(module.open(QIODevice::WriteOnly));
        module.write("export function sum(a, b) { return a + b }\n"
                     "export function fails() { throw new Error('no') }\n"
                     "export function endless() { for (;;); }\n");
        module.close();
        const auto url = QUrl::fromLocalFile(module.fileName());
        QVariant result;
        legwork::runScript(url, "sum", {1, 2}).onComplete(listener.get(), [&](const QVariant &value) {
            result = value;
        });
        QTRY_COMPARE(result, QVariant(3));
        legwork::TaskError error;
        legwork::runScript(url, "fails").onError(listener.get(), [&](const legwork::TaskError &e) { error = e; });
        QTRY_COMPARE(error.kind, legwork::ErrorKind::Script);
        QCOMPARE(error.message, "no");
        QCOMPARE(error.file, url.toString());
        QCOMPARE(error.line, 2);
        QVERIFY(error.stack.startsWith("fails@"));
        const auto endless = legwork::runScript(url, "endless", {}, {.name = "Endless"});
        QTRY_COMPARE(endless.status(), legwork::Status::Running);
        endless.cancel();
        QTRY_COMPARE(endless.status(), legwork::Status::Cancelled);
        QVERIFY(!legwork::runScript(QUrl("work.mjs"), "sum").isValid());
        // Of an owner's, with the options of scheduleTask.
        legwork::PluginApi api("scripts");
        QSignalSpy completed(&api, &legwork::PluginApi::taskCompleted);
        QVERIFY(!api.runScript(url, "sum", QVariantList{1, 2}, QVariantMap{{"delayMs", 1}}).isEmpty());
        QTRY_COMPARE(completed.size(), 1);
        QCOMPARE(completed[0][1], QVariant(3));
        QVERIFY(api.runScript(url, "").isEmpty());
        QVERIFY2(api.lastError().contains("the function's name is empty"), qUtf8Printable(api.lastError()));
    }

private:
    void hear(int value) { m_heard = value; }
    void hearDouble(double value) { QVERIFY(value <= 1); }
    int m_heard = 0;
};

LEGWORK_TEST_MAIN(TestTask)
#include "tst_task.moc"
