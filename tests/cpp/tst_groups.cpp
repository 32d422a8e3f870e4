// Results from task to task: then, all and any.
#include "support.h"

#include <QtCore/QFuture>
#include <QtCore/QSemaphore>

#include <stdexcept>
#include <vector>

using namespace std::chrono_literals;
using namespace support;

namespace {

// Counts how often it is copied and moved, and how many there are.
struct Traced {
    struct Counts {
        std::atomic<int> copies = 0, alive = 0;
    };
    explicit Traced(Counts &c) : counts(&c) { ++c.alive; }
    Traced(const Traced &other) : counts(other.counts)
    {
        ++counts->copies;
        ++counts->alive;
    }
    Traced(Traced &&other) noexcept : counts(other.counts) { ++counts->alive; }
    Traced &operator=(const Traced &) = default;
    ~Traced() { --counts->alive; }
    Counts *counts;
};

// An object of which the thread counts that destroys it, as of a QObject.
struct Widget {
    explicit Widget(Ledger &ledger) : entry(ledger) { }
    Entry entry;
};

int doubled(const int &value, legwork::TaskContext &) { return 2 * value; }

legwork::CancelReason reasonOf(const QString &id)
{
    const auto name = legwork::TaskManager::instance()->taskInfo(id).toMap()["cancelReason"].toString();
    return name == "DependencyFailed" ? legwork::CancelReason::DependencyFailed
        : name == "NotNeeded"         ? legwork::CancelReason::NotNeeded
        : name == "OwnerGone"         ? legwork::CancelReason::OwnerGone
        : name == "User"              ? legwork::CancelReason::User
                                      : legwork::CancelReason::None;
}

legwork::Coroutine awaits(legwork::Task<QList<int>> whole, QObject *receiver, QList<int> &got)
{
    got = co_await whole.on(receiver);
}

// Ends the task, and lets its end be delivered.
template<typename T> void settle(const legwork::Task<T> &task)
{
    bool ended = false;
    QObject receiver;
    task.onEnd(&receiver, [&] { ended = true; });
    QTRY_VERIFY(ended);
}

} // namespace

class TestGroups : public support::TestCase {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }
    void cleanup()
    {
        TestCase::cleanup();
        legwork::clearHistory();
    }

    // ---- then -----------------------------------------------------------------------------------

    void b243_a_result_goes_from_task_to_task_on_workers()
    {
        // The UI thread delivers nothing meanwhile.
        const auto main = QThread::currentThread();
        const auto text = legwork::run([] { return QString("4 5 6"); }, {.name = "Read"});
        const auto numbers = text.then(
            [](const QString &line, legwork::TaskContext &context) {
                context.setProgress(1, "split");
                return line.split(' ');
            },
            {.name = "Split"});
        static_assert(std::is_same_v<decltype(numbers), const legwork::Task<QStringList>>);
        const auto sum = numbers.then([main](QStringList all) {
            int total = QThread::currentThread() == main ? 1000 : 0;
            for (const auto &number : std::as_const(all))
                total += number.toInt();
            return total;
        });
        const auto last = sum.then(doubled).then(&doubled);
        QCOMPARE(last.wait(10s), legwork::WaitResult::Done);
        QCOMPARE(last.result(), std::optional(60));
        // Also of one that has ended.
        const auto again = text.then([](const QString &line) { return line.size(); });
        QCOMPARE(again.wait(10s), legwork::WaitResult::Done);
        QCOMPARE(again.result(), std::optional<qsizetype>(5));
        const auto info = legwork::TaskManager::instance()->taskInfo(numbers.id()).toMap();
        QCOMPARE(info["name"].toString(), "Split");
        QVERIFY(info["members"].isNull());
        settle(last);
    }

    void b243_work_after_a_task_without_a_result_and_after_a_job()
    {
        QVERIFY(legwork::registerJob(
            "groups.greet", [](const QVariantList &args) { return QVariant("hello " + args.value(0).toString()); }));
        std::atomic<int> order = 0;
        const auto nothing = legwork::run([&] { order = 1; });
        const auto after =
            nothing.then([&](legwork::TaskContext &context) { return context.attempt() == 1 ? order.load() : 0; });
        const auto plain = after.then([](int) {}).then([&] { return ++order; });
        const auto job = legwork::runJob("groups.greet", {"you"}).then([](const QVariant &greeting) {
            return greeting.toString().size();
        });
        QCOMPARE(after.wait(10s), legwork::WaitResult::Done);
        QCOMPARE(after.result(), std::optional(1));
        QCOMPARE(plain.wait(10s), legwork::WaitResult::Done);
        QCOMPARE(plain.result(), std::optional(2));
        QCOMPARE(job.wait(10s), legwork::WaitResult::Done);
        QCOMPARE(job.result(), std::optional<qsizetype>(9));
        const auto program =
            legwork::process("echo", {"three"}).then([](const QByteArray &output) { return output.trimmed(); });
        legwork::External<int> external;
        external = legwork::External<int>(legwork::ExternalOptions{});
        const auto outside = external.task().then([](int value) { return value + 1; });
        QVERIFY(external.complete(6));
        QTRY_COMPARE(program.result(), std::optional<QByteArray>("three"));
        QTRY_COMPARE(outside.result(), std::optional(7));
        QVERIFY(legwork::unregisterJob("groups.greet"));
    }

    void b244_a_result_is_moved_where_nobody_else_has_it_and_else_shared_or_copied()
    {
        Traced::Counts counts;
        legwork::setHistoryLimits({.tasks = 0});
        {
            // By reference it is shared, whoever has it.
            const auto made = legwork::run([&] { return Traced(counts); });
            QList<legwork::Task<int>> looks;
            for (int i = 0; i < 3; ++i)
                looks.append(made.then([](const Traced &value) { return value.counts->alive.load(); }));
            for (const auto &look : looks) {
                QCOMPARE(look.wait(10s), legwork::WaitResult::Done);
                QCOMPARE(look.result(), std::optional(1));
            }
            QCOMPARE(counts.copies.load(), 0);
            // Here the handle has it, too.
            const auto copied = made.then([](Traced value) { return value.counts->copies.load(); });
            QCOMPARE(copied.wait(10s), legwork::WaitResult::Done);
            QCOMPARE(copied.result(), std::optional(1));
            const auto rvalue = made.then([](Traced &&value) { return value.counts->copies.load(); });
            QCOMPARE(rvalue.wait(10s), legwork::WaitResult::Done);
            QCOMPARE(rvalue.result(), std::optional(2));
            settle(made);
        }
        QTRY_COMPARE(counts.alive.load(), 0);
        // In a chain nobody has it but the next: and none of it waits for the event loop.
        counts.copies = 0;
        Gate gate;
        legwork::Task<int> end;
        {
            auto task = legwork::run([&](legwork::TaskContext &context) {
                gate.pass(context);
                return Traced(counts);
            });
            for (int i = 0; i < 50; ++i)
                task = task.then([](Traced value) { return value; });
            end = task.then([](Traced &&value) { return value.counts->alive.load(); });
        }
        gate.open();
        QCOMPARE(end.wait(10s), legwork::WaitResult::Done);
        settle(end);
        QTRY_COMPARE(counts.alive.load(), 0);
        // The end of each may be on its way to the signals as the next begins, which is then given a copy.
        QVERIFY2(counts.copies <= 51, qPrintable(QString::number(counts.copies)));
        legwork::setHistoryLimits({});
    }

    void b242_work_that_takes_what_cannot_be_copied_has_it_for_itself()
    {
        // In each state: before, while and after the first is at work, and with a handle, a callback, a signal.
        QSignalSpy signal(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted);
        for (int round = 0; round < 300; ++round) {
            int failed = 0;
            bool given = true;
            const auto made = legwork::run([round](legwork::TaskContext &context) {
                context.setProgress(0.5);
                return std::make_unique<int>(round);
            });
            made.onError(listener.get(), [&] { ++failed; });
            made.onEnd(listener.get(),
                       [&](const legwork::Outcome<std::unique_ptr<int>> &end) { given = end.result(); });
            const auto taken = made.then([](std::unique_ptr<int> value) { return *value + 1; });
            QTRY_COMPARE(taken.status(), legwork::Status::Completed);
            QCOMPARE(taken.result(), std::optional(round + 1));
            QTRY_VERIFY(!given);
            QCOMPARE(failed, 0);
            // Nobody else can have it.
            const auto late = made.then([](const std::unique_ptr<int> &) {});
            QVERIFY(!late.isValid());
            QVERIFY2(late.error().message.contains("another task takes it"), qUtf8Printable(late.error().message));
        }
        // By reference any number may look at it, and then nobody may take it away.
        const auto lent = legwork::run([] {
            std::vector<std::unique_ptr<int>> numbers;
            numbers.push_back(std::make_unique<int>(8));
            return numbers;
        });
        using Numbers = std::vector<std::unique_ptr<int>>;
        const auto look = lent.then([](const Numbers &numbers) { return *numbers[0]; });
        QVERIFY(!lent.then([](Numbers numbers) { return numbers.size(); }).isValid());
        QTRY_COMPARE(look.result(), std::optional(8));
        const auto taken = legwork::run([] { return Numbers(3); }).then([](Numbers numbers) { return numbers.size(); });
        QTRY_COMPARE(taken.result(), std::optional<std::size_t>(3));
        // Of any, too.
        const auto one = legwork::any({legwork::run([] {
                             return std::make_unique<int>(5);
                         })}).then([](std::unique_ptr<int> &&value) { return *value; });
        QTRY_COMPARE(one.result(), std::optional(5));
        // It can be run once only.
        const auto again = legwork::run([] {
                               return std::make_unique<int>(5);
                           }).then([](std::unique_ptr<int>) {}, {.retry = {.times = 2}});
        QVERIFY(!again.isValid());
        QVERIFY2(again.error().message.contains("retry"), qUtf8Printable(again.error().message));
        // And a callback that expects a result hears why it is not called.
        int called = 0;
        const auto made = legwork::run([] { return std::make_unique<int>(1); });
        const auto mine = made.then([](std::unique_ptr<int>) {});
        made.onComplete(listener.get(), [&](const std::unique_ptr<int> &) { ++called; });
        settle(made);
        settle(mine);
        QCOMPARE(called, 0);
        const auto warnings = takeWarnings();
        QCOMPARE(warnings.size(), 1);
        QVERIFY2(warnings[0].contains("a then() has it for itself"), qUtf8Printable(warnings[0]));
    }

    void b245_what_cannot_be_says_why()
    {
        // No task, and one that was refused.
        const auto none = legwork::Task<int>().then(doubled);
        QVERIFY(!none.isValid());
        QCOMPARE(none.error().kind, legwork::ErrorKind::Refused);
        QCOMPARE(none.error().message, "then: the task is not valid: it was never submitted");
        const auto refused = legwork::run(static_cast<int (*)()>(nullptr));
        const auto after = refused.then(doubled).then(doubled);
        QVERIFY(!after.isValid());
        QVERIFY2(after.error().message.contains("the work is null"), qUtf8Printable(after.error().message));
        int heard = 0;
        after.onError(listener.get(), [&] { ++heard; });
        QTRY_COMPARE(heard, 1);
        Ledger ledger;
        legwork::Task<int>().then([entry = Entry(ledger)](int) {});
        QCOMPARE(ledger.destroyed.load(), 1);
        const auto good = legwork::run([] { return 1; });
        QVERIFY(!good.then(static_cast<int (*)(const int &, legwork::TaskContext &)>(nullptr)).isValid());
        // Which of several.
        const auto all = legwork::all({good, refused});
        QVERIFY(!all.isValid());
        QVERIFY2(all.error().message.startsWith("all: task 2 of 2 is not valid, as it was refused"),
                 qUtf8Printable(all.error().message));
        QVERIFY(!legwork::any(QList<legwork::Task<int>>()).isValid());
        const auto odd = legwork::all({good}, {.errorPolicy = legwork::ErrorPolicy::StopOnSuccess});
        QVERIFY2(odd.error().message.contains("any gives the first"), qUtf8Printable(odd.error().message));
        const auto both = legwork::any({good}, {.errorPolicy = legwork::ErrorPolicy::ContinueOnError});
        QVERIFY2(both.error().message.contains("any has its own"), qUtf8Printable(both.error().message));
        settle(good);
    }

    void b245_a_result_of_another_type_is_named_with_both()
    {
        Gate gate;
        const auto text = legwork::run(
            [&](legwork::TaskContext &context) {
                gate.pass(context);
                return QString("text");
            },
            {.key = "groups.kept"});
        const auto kept = legwork::run([] { return 5; }, {.key = "groups.kept", .keyPolicy = legwork::KeyPolicy::Keep});
        QCOMPARE(kept.id(), text.id());
        const auto after = kept.then(doubled, {.retry = {.times = 3}});
        const auto whole = legwork::all({kept, kept}).then([](const QList<int> &all) { return all.size(); });
        gate.open();
        QTRY_COMPARE(after.status(), legwork::Status::Failed);
        QVERIFY2(after.error().message.contains("QString") && after.error().message.contains("type int"),
                 qUtf8Printable(after.error().message));
        QCOMPARE(after.error().attempt, quint64(1));
        QTRY_COMPARE(whole.status(), legwork::Status::Failed);
        QVERIFY2(whole.error().message.contains("a list of results"), qUtf8Printable(whole.error().message));
    }

    void b245_where_the_first_does_not_complete_the_rest_never_begins()
    {
        Ledger ledger;
        std::atomic<int> ran = 0;
        const auto bad = legwork::run([]() -> int { throw std::runtime_error("no such file"); });
        const auto next = bad.then([&, entry = Entry(ledger)](int) { ++ran; });
        const auto last = next.then([&] { ++ran; });
        QTRY_COMPARE(last.status(), legwork::Status::Cancelled);
        QCOMPARE(reasonOf(next.id()), legwork::CancelReason::DependencyFailed);
        QCOMPARE(reasonOf(last.id()), legwork::CancelReason::DependencyFailed);
        QCOMPARE(ran.load(), 0);
        QTRY_COMPARE(ledger.destroyed.load(), 1);
        settle(bad);
    }

    void b246_each_attempt_is_given_the_same_result()
    {
        Traced::Counts counts;
        std::atomic<const void *> first = nullptr;
        std::atomic<int> same = 0;
        {
            const auto page = legwork::run([&] { return Traced(counts); });
            const auto stored = page.then(
                [&](const Traced &value, legwork::TaskContext &context) {
                    if (context.attempt() == 1)
                        first = &value;
                    same += first == &value;
                    if (context.attempt() < 4)
                        throw std::runtime_error("busy");
                    return int(context.attempt());
                },
                {.retry = {.times = 5, .delay = 1ms, .backoff = legwork::Backoff::Fixed}});
            QTRY_COMPARE(stored.result(), std::optional(4));
            QCOMPARE(same.load(), 4);
            QCOMPARE(counts.copies.load(), 0);
            // By value it is given a copy each time.
            const auto copies = page.then(
                [](Traced value, legwork::TaskContext &context) {
                    if (context.attempt() < 3)
                        throw std::runtime_error("busy");
                    return value.counts->copies.load();
                },
                {.retry = {.times = 5, .delay = 1ms, .backoff = legwork::Backoff::Fixed}});
            QTRY_COMPARE(copies.result(), std::optional(3));
        }
        legwork::clearHistory();
        QTRY_COMPARE(counts.alive.load(), 0);
    }

    // ---- all, any -------------------------------------------------------------------------------

    void b247_all_gives_the_results_in_the_order_given()
    {
        QList<legwork::Task<int>> numbers;
        QList<legwork::Task<QString>> texts;
        QList<legwork::Task<void>> nothing;
        for (int i = 0; i < 5; ++i) {
            numbers.append(legwork::run([i] { return i * i; }));
            texts.append(legwork::run([i] { return QString::number(i); }));
            nothing.append(legwork::run([] {}));
        }
        QSignalSpy signal(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted);
        const auto squares = legwork::all(numbers, {.name = "Squares"});
        const auto names = legwork::all(texts);
        const auto done = legwork::all(nothing);
        static_assert(std::is_same_v<decltype(done), const legwork::Task<void>>);
        QList<int> heard;
        squares.onComplete(listener.get(), [&](const QList<int> &all) { heard = all; });
        QTRY_COMPARE(heard, (QList<int>{0, 1, 4, 9, 16}));
        QCOMPARE(squares.result(), std::optional(heard));
        QCOMPARE(squares.future().result(), heard);
        QTRY_COMPARE(names.result(), std::optional(QStringList{"0", "1", "2", "3", "4"}));
        QTRY_COMPARE(done.status(), legwork::Status::Completed);
        // The signals, and with them QML, see a list.
        QVariant told;
        QTRY_VERIFY([&] {
            for (const auto &arguments : std::as_const(signal)) {
                if (arguments[0].toString() == names.id())
                    told = arguments[1].value<QVariant>();
            }
            return told.isValid();
        }());
        QCOMPARE(told.toList(), (QVariantList{"0", "1", "2", "3", "4"}));
        // None at all, and groups in groups.
        const auto empty = legwork::all(QList<legwork::Task<QString>>());
        QCOMPARE(empty.wait(10s), legwork::WaitResult::Done);
        QCOMPARE(empty.result(), std::optional(QStringList()));
        const auto nested = legwork::all({squares, squares, legwork::all(QList<legwork::Task<int>>())});
        QTRY_COMPARE(nested.result(), (std::optional(QList<QList<int>>{heard, heard, {}})));
        const auto deep = legwork::all({names}).then([](const QList<QList<QString>> &all) { return all[0].join('+'); });
        QTRY_COMPARE(deep.result(), std::optional<QString>("0+1+2+3+4"));
    }

    void b247_all_of_different_types_gives_a_tuple()
    {
        const auto number = legwork::run([] { return 7; });
        const auto text = legwork::run([] { return std::string("seven"); });
        const auto nothing = legwork::run([] {});
        const auto three = legwork::all(number, text, nothing);
        QTRY_COMPARE(three.status(), legwork::Status::Completed);
        const auto [seven, word, none] = *three.result();
        QCOMPARE(seven, 7);
        QCOMPARE(word, "seven");
        QCOMPARE(none, std::monostate());
        const auto named = legwork::all(std::tuple(number, text), {.name = "Both"});
        const auto joined = named.then([](const std::tuple<int, std::string> &both) {
            return QString::fromStdString(std::get<1>(both)) + QString::number(std::get<0>(both));
        });
        QTRY_COMPARE(joined.result(), std::optional<QString>("seven7"));
        QCOMPARE(legwork::TaskManager::instance()->taskInfo(named.id()).toMap()["name"].toString(), "Both");
        // Jobs among them.
        QVERIFY(legwork::registerJob("groups.number", [](const QVariantList &args) { return args.value(0).toInt(); }));
        const auto jobs = legwork::all({legwork::runJob("groups.number", {4}), legwork::runJob("groups.number", {5})});
        QTRY_COMPARE(jobs.result(), (std::optional(QVariantList{4, 5})));
        const auto mixed = legwork::all(legwork::runJob("groups.number", {4}), text);
        QTRY_COMPARE(mixed.status(), legwork::Status::Completed);
        QCOMPARE(std::get<0>(*mixed.result()), QVariant(4));
        QCOMPARE(std::get<1>(*mixed.result()), "seven");
        QVERIFY(legwork::unregisterJob("groups.number"));
    }

    void b247_all_of_any_tasks_by_their_handles_and_ids()
    {
        Gate gate;
        const auto text = legwork::run([&](legwork::TaskContext &context) {
            gate.pass(context);
            return QString("12");
        });
        const auto number = text.then([](const QString &digits) { return digits.toInt(); });
        legwork::External<QByteArray> external;
        external = legwork::External<QByteArray>(legwork::ExternalOptions{});
        const auto whole = legwork::all(QList<legwork::TaskRef>{text.id(), number, external}, {.name = "Whole"});
        static_assert(std::is_same_v<decltype(whole), const legwork::Task<void>>);
        double shown = 0;
        whole.onProgress(listener.get(), [&](double value) { shown = value; });
        gate.open();
        QTRY_COMPARE(number.status(), legwork::Status::Completed);
        QCOMPARE(whole.status(), legwork::Status::Running);
        QVERIFY(external.complete("x"));
        QTRY_COMPARE(whole.status(), legwork::Status::Completed);
        QTRY_COMPARE(shown, 1);
        // What fails is the error, not what was cancelled for it.
        const auto bad = legwork::run([]() -> int { throw std::runtime_error("no such file"); });
        const auto next = bad.then(doubled);
        const auto both = legwork::all(QList<legwork::TaskRef>{next, bad, next.then(doubled)});
        QTRY_COMPARE(both.status(), legwork::Status::Failed);
        QCOMPARE(both.error().message, "no such file");
        const auto wrong = legwork::all(QList<legwork::TaskRef>{text, legwork::Task<int>()});
        QCOMPARE(wrong.error().message, "all: task 2 of 2 is not valid");
        QVERIFY(
            legwork::all(QList<legwork::TaskRef>{QString("none")}).error().message.startsWith("all: task 1 of 1 is"));
    }

    void b247_the_first_failure_cancels_the_rest_or_all_go_on()
    {
        Gate gate;
        const auto waits = [&](legwork::TaskContext &context) {
            if (!gate.pass(context))
                context.checkpoint();
            return 1;
        };
        const auto fails = [&](const char *why) {
            return [&, why](legwork::TaskContext &context) -> int {
                gate.pass(context);
                throw std::runtime_error(why);
            };
        };
        const auto slow = legwork::run([](legwork::TaskContext &context) {
            context.sleep(1h);
            context.checkpoint();
            return 1;
        });
        const auto bad = legwork::run(fails("no such host"));
        const auto whole = legwork::all({slow, bad});
        const auto good = legwork::run(waits, {.name = "good"});
        const auto worse = legwork::run(fails("no such page"), {.name = "worse"});
        const auto patient = legwork::all({good, worse}, {.errorPolicy = legwork::ErrorPolicy::ContinueOnError});
        gate.open();
        QTRY_COMPARE(whole.status(), legwork::Status::Failed);
        QCOMPARE(whole.error().message, "no such host");
        // As the body threw it.
        bool threw = false;
        try {
            whole.future().waitForFinished();
        } catch (const std::runtime_error &error) {
            threw = QByteArray(error.what()) == "no such host";
        }
        QVERIFY(threw);
        QCOMPARE(slow.status(), legwork::Status::Cancelled);
        QCOMPARE(reasonOf(slow.id()), legwork::CancelReason::NotNeeded);
        QTRY_COMPARE(patient.status(), legwork::Status::Failed);
        QCOMPARE(patient.error().message, "1 of 2 did not complete: \"worse\": no such page");
        QCOMPARE(good.status(), legwork::Status::Completed);
    }

    void b248_any_gives_the_first_that_completes()
    {
        const auto far = legwork::runLater(1h, [] { return QString("far"); });
        const auto near = legwork::run([] { return QString("near"); });
        const auto bad = legwork::run([]() -> QString { throw std::runtime_error("no"); }, {.name = "bad"});
        const auto first = legwork::any({far, bad, near}, {.name = "Mirror"});
        static_assert(std::is_same_v<decltype(first), const legwork::Task<QString>>);
        QString heard;
        first.onComplete(listener.get(), [&](const QString &text) { heard = text; });
        QTRY_COMPARE(heard, "near");
        QCOMPARE(far.status(), legwork::Status::Cancelled);
        QCOMPARE(reasonOf(far.id()), legwork::CancelReason::NotNeeded);
        const auto worse = legwork::run([]() -> QString { throw std::runtime_error("no"); }, {.name = "bad"});
        const auto none = legwork::any({worse, worse});
        QTRY_COMPARE(none.status(), legwork::Status::Failed);
        QVERIFY2(none.error().message.startsWith("none of 2 completed: \"bad\": no"),
                 qUtf8Printable(none.error().message));
        const auto done = legwork::any({legwork::run([] {})});
        QTRY_COMPARE(done.status(), legwork::Status::Completed);
    }

    // ---- as any task ----------------------------------------------------------------------------

    void b249_a_group_is_a_task_as_any()
    {
        Gate gate;
        std::atomic<int> half = 0;
        QList<legwork::Task<int>> parts;
        for (int i = 1; i <= 2; ++i) {
            parts.append(legwork::run([&, i](legwork::TaskContext &context) {
                context.setProgress(0.5);
                ++half;
                gate.pass(context);
                return i;
            }));
        }
        const auto whole = legwork::all(parts, {.name = "Parts", .weight = 2});
        const auto after = legwork::run([] { return true; }, {.after = {whole}});
        double shown = 0;
        QString end;
        bool started = false;
        whole.onProgress(listener.get(), [&](double value) { shown = std::max(shown, value); });
        whole.onStarted(listener.get(), [&] { started = true; });
        whole.onEnd(listener.get(), [&](const legwork::Outcome<QList<int>> &outcome) {
            end = QString("%1 of %2").arg(int(outcome.status())).arg(outcome.result()->size());
        });
        QTRY_VERIFY(half == 2 && shown == 0.5);
        QCOMPARE(whole.status(), legwork::Status::Running);
        QCOMPARE(whole.wait(0ms), legwork::WaitResult::WaitTimeout);
        QCOMPARE(after.status(), legwork::Status::Blocked);
        const QVariantList members{parts[0].id(), parts[1].id()};
        auto info = legwork::TaskManager::instance()->taskInfo(whole.id()).toMap();
        QCOMPARE(info["members"].toList(), members);
        QCOMPARE(info["name"].toString(), "Parts");
        QCOMPARE(info["waitsFor"].toMap()["tasks"].toList(), members);
        QList<int> awaited;
        awaits(whole, listener.get(), awaited);
        gate.open();
        QTRY_COMPARE(end, "3 of 2");
        QVERIFY(started);
        QTRY_COMPARE(awaited, (QList<int>{1, 2}));
        QTRY_COMPARE(after.result(), std::optional(true));
        QCOMPARE(whole.wait(), legwork::WaitResult::Done);
        QCOMPARE(whole.future().progressValue(), whole.future().progressMaximum());
        // They are named when they have ended, too.
        info = legwork::TaskManager::instance()->taskInfo(whole.id()).toMap();
        QCOMPARE(info["members"].toList(), members);
        QCOMPARE(legwork::TaskManager::instance()
                     ->taskInfo(legwork::all(QList<legwork::Task<int>>()).id())
                     .toMap()["members"],
                 QVariant(QVariantList()));
    }

    void b249_a_cancel_goes_to_all_of_it_also_by_a_future_and_an_owner()
    {
        const auto waiting = [] {
            return legwork::run([](legwork::TaskContext &context) {
                context.sleep(1h);
                context.checkpoint();
                return 1;
            });
        };
        for (int way = 0; way < 3; ++way) {
            const QList<legwork::Task<int>> parts{waiting(), waiting(), waiting().then(doubled)};
            auto owner = std::make_unique<QObject>();
            const auto whole = legwork::all(parts, {.owner = owner.get()});
            const auto then = whole.then([](const QList<int> &) {});
            auto future = whole.future();
            if (way == 0)
                QCOMPARE(whole.cancel(), legwork::CancelResult::CancelRequested);
            else if (way == 1)
                future.cancel();
            else
                owner.reset();
            QTRY_COMPARE(whole.status(), legwork::Status::Cancelled);
            for (const auto &part : parts)
                QTRY_COMPARE(part.status(), legwork::Status::Cancelled);
            QTRY_COMPARE(then.status(), legwork::Status::Cancelled);
            QCOMPARE(reasonOf(whole.id()), way == 2 ? legwork::CancelReason::OwnerGone : legwork::CancelReason::User);
            QTRY_VERIFY(future.isFinished());
        }
    }

    void b249_what_comes_after_a_task_has_its_owner()
    {
        auto owner = std::make_unique<QObject>();
        owner->setObjectName("page");
        QObject other;
        other.setObjectName("other");
        const auto ownerOf = [](const auto &task) {
            return legwork::TaskManager::instance()->taskInfo(task.id()).toMap()["owner"].toString();
        };
        Gate gate;
        const auto waits = [&](legwork::TaskContext &context) { return gate.pass(context) ? 1 : 0; };
        const auto one = legwork::run(waits, {.owner = owner.get()});
        const auto two = legwork::run(waits, {.owner = owner.get()});
        const auto free = legwork::run(waits);
        const auto name = ownerOf(one);
        QVERIFY(!name.isEmpty());
        QCOMPARE(ownerOf(one.then(doubled)), name);
        QCOMPARE(ownerOf(legwork::all({one, two})), name);
        QCOMPARE(ownerOf(legwork::all({one, free})), QString());
        QCOMPARE(ownerOf(free.then(doubled)), QString());
        QVERIFY(ownerOf(one.then(doubled, {.owner = &other})) != QString());
        const auto mine = one.then(doubled);
        gate.open();
        owner.reset();
        QTRY_VERIFY(mine.status() == legwork::Status::Cancelled || mine.status() == legwork::Status::Completed);
        legwork::waitForAll(&other);
    }

    // ---- many, and in the middle ----------------------------------------------------------------

    void b250_3000_in_a_row_beside_a_busy_ui_thread()
    {
        int heard = 0, sum = 0;
        for (int i = 0; i < 3000; ++i) {
            const auto a = legwork::run([i] { return i; });
            const auto b = a.then([](int value) { return QString::number(value); });
            legwork::all(a, b)
                .then([](const std::tuple<int, QString> &both) {
                    return std::get<0>(both) == std::get<1>(both).toInt() ? 1 : 0;
                })
                .onComplete(listener.get(), [&](int equal) {
                    ++heard;
                    sum += equal;
                });
        }
        // Busy: it looks at its events, and has its own work between.
        QElapsedTimer timer;
        timer.start();
        while (heard < 3000 && timer.elapsed() < 60'000) {
            QCoreApplication::processEvents();
            QElapsedTimer own;
            own.start();
            while (own.nsecsElapsed() < 4'000'000) { }
        }
        QCOMPARE(heard, 3000);
        QCOMPARE(sum, 3000);
        // And a chain as long.
        auto chain = legwork::run([] { return 0; });
        for (int i = 0; i < 3000; ++i)
            chain = chain.then([](int value) { return value + 1; });
        QCOMPARE(chain.wait(60s), legwork::WaitResult::Done);
        QCOMPARE(chain.result(), std::optional(3000));
        settle(chain);
    }

    void b251_a_receiver_that_goes_hears_nothing_and_the_work_goes_on()
    {
        for (int round = 0; round < 300; ++round) {
            auto receiver = std::make_unique<QObject>();
            int heard = 0;
            Ledger ledger;
            const auto parts = QList{legwork::run([] { return 1; }), legwork::run([] { return 2; })};
            const auto whole = legwork::all(parts);
            const auto last = whole.then([](const QList<int> &all) { return all.size(); });
            whole.onComplete(receiver.get(), [&, entry = Entry(ledger)](const QList<int> &) { ++heard; });
            last.onEnd(receiver.get(), [&] { ++heard; });
            if (round % 3 == 0)
                QCoreApplication::processEvents();
            const int before = heard;
            receiver.reset();
            QCOMPARE(last.wait(10s), legwork::WaitResult::Done);
            QCoreApplication::processEvents();
            QCOMPARE(heard, before);
            QCOMPARE(ledger.alive.load(), 0);
        }
    }

    // ---- what stays -----------------------------------------------------------------------------

    void b252_what_a_group_has_gathered_is_freed_and_goes_home()
    {
        Traced::Counts counts;
        legwork::setHistoryLimits({.tasks = 0});
        {
            QList<legwork::Task<Traced>> parts;
            for (int i = 0; i < 20; ++i)
                parts.append(legwork::run([&] { return Traced(counts); }));
            const auto whole = legwork::all(parts);
            const auto size = whole.then([](const QList<Traced> &all) { return all.size(); });
            QTRY_COMPARE(size.result(), std::optional<qsizetype>(20));
            // One of each is there, however many know it; the list of them was the work's.
            settle(whole);
            QTRY_COMPARE(counts.alive.load(), 20);
        }
        QTRY_COMPARE(counts.alive.load(), 0);
        // Where nobody else has them they are moved into the list.
        counts.copies = 0;
        Gate gate;
        legwork::Task<qsizetype> size;
        {
            QList<legwork::Task<Traced>> parts;
            for (int i = 0; i < 20; ++i) {
                parts.append(legwork::run([&](legwork::TaskContext &context) {
                    gate.pass(context);
                    return Traced(counts);
                }));
            }
            size = legwork::all(parts).then([](QList<Traced> all) { return all.size(); });
        }
        gate.open();
        QTRY_COMPARE(size.result(), std::optional<qsizetype>(20));
        QTRY_COMPARE(counts.alive.load(), 0);
        legwork::setHistoryLimits({});

        // What has a destructor of its own is destroyed on the manager's thread, also what was taken over.
        Ledger ledger;
        {
            const auto made = legwork::run([&] { return std::make_shared<Widget>(ledger); });
            const auto passed = made.then([](const std::shared_ptr<Widget> &widget) { return widget; });
            const auto all = legwork::all({made, passed});
            const auto seen =
                all.then([](const QList<std::shared_ptr<Widget>> &widgets) { return widgets[0] == widgets[1]; });
            QTRY_COMPARE(seen.result(), std::optional(true));
            settle(all);
        }
        legwork::clearHistory();
        QTRY_COMPARE(ledger.destroyed.load(), 1);
        QCOMPARE(ledger.thread.load(), QThread::currentThread());
    }
};

LEGWORK_TEST_MAIN(TestGroups)
#include "tst_groups.moc"
