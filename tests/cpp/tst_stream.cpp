// Values that work sends before its end: which receiver gets them, on which thread, and in which order.
#include "support.h"

#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtCore/QTimer>

#include <numeric>
#include <stdexcept>
#include <string>

using namespace std::chrono_literals;
using namespace support;

namespace {

struct Row {
    int number = 0;
    QString text;

    friend bool operator==(const Row &a, const Row &b) { return a.number == b.number && a.text == b.text; }
};

// No QVariant holds it.
struct Unnamed {
    explicit Unnamed(int number) : number(number) { }
    int number;
};

// Its copy constructor throws where it is told to.
struct Fragile {
    int number = 0;

    Fragile() = default;
    explicit Fragile(int number) : number(number) { }
    Fragile(const Fragile &other) : number(other.number)
    {
        if (number < 0)
            throw std::runtime_error("cannot be copied");
    }
    Fragile(Fragile &&other) noexcept : number(other.number) { }
    Fragile &operator=(const Fragile &) = default;
};

QList<int> upTo(int last)
{
    QList<int> numbers(last);
    std::iota(numbers.begin(), numbers.end(), 1);
    return numbers;
}

// Sends the numbers from 1 to `last`; how many were sent.
auto counting(int last)
{
    return [last](legwork::Sender<int> &numbers) {
        for (int number = 1; number <= last; ++number) {
            if (!numbers.send(number))
                return number - 1;
        }
        return last;
    };
}

// Sends until it is asked to stop.
void endless(legwork::Sender<int> &numbers)
{
    for (int number = 1; numbers.send(number); ++number) { }
}

} // namespace

class TestStream : public support::TestCase {
    Q_OBJECT

private slots:
    void init() { takeWarnings(); }

    void b323_rows_come_in_order_and_all_before_the_end()
    {
        QList<Row> got;
        int atEnd = -1;
        const legwork::Task<int> task = legwork::stream<Row>(
                                            [](legwork::Sender<Row> &rows, legwork::TaskContext &context) {
                                                for (int number = 0; number < 5'000; ++number) {
                                                    if (!rows.send({number, QString::number(number)}))
                                                        return -1;
                                                }
                                                return context.id().isEmpty() ? -1 : 5;
                                            },
                                            {.name = "Rows"})
                                            .onValues(listener.get(), [&](const QList<Row> &rows) { got += rows; })
                                            .onComplete(listener.get(), [&](int) { atEnd = int(got.size()); });
        QTRY_COMPARE(atEnd, 5'000);
        for (int number = 0; number < 5'000; ++number)
            QCOMPARE(got[number], (Row{number, QString::number(number)}));
        QCOMPARE(task.result(), std::optional(5));
        QCOMPARE(legwork::TaskManager::instance()->taskInfo(task.id()).toMap()["name"].toString(), "Rows");
    }

    void b323_no_value_is_lost_from_whatever_thread_it_is_submitted()
    {
        // More than are kept for a receiver that comes late.
        Elsewhere elsewhere;
        QList<int> here, there;
        std::atomic<int> ended = 0;
        elsewhere.run([&] {
            legwork::stream<int>(counting(3'000))
                .onValues(elsewhere.object(), [&](QList<int> numbers) { there += numbers; })
                .onComplete(elsewhere.object(), [&] { ++ended; });
            legwork::stream<int>(counting(3'000))
                .onValues(listener.get(), [&](const QList<int> &numbers) { here += numbers; })
                .onComplete(listener.get(), [&] { ++ended; });
        });
        QTRY_COMPARE(ended.load(), 2);
        QCOMPARE(here, upTo(3'000));
        QCOMPARE(there, upTo(3'000));
    }

    void b323_a_receiver_on_another_thread_gets_its_lists_there_before_the_end()
    {
        Elsewhere elsewhere;
        QList<int> got;
        bool onlyThere = true;
        std::atomic<qsizetype> atEnd = -1;
        legwork::stream<int>(counting(20'000), {.maxUndelivered = 50})
            .onValues(elsewhere.object(),
                      [&](const QList<int> &numbers) {
                          got += numbers;
                          onlyThere = onlyThere && QThread::currentThread() == elsewhere.thread();
                      })
            .onComplete(elsewhere.object(), [&](int) { atEnd = got.size(); });
        QTRY_COMPARE(atEnd.load(), 20'000);
        QCOMPARE(got, upTo(20'000));
        QVERIFY(onlyThere);
    }

    void b323_a_receiver_that_goes_in_the_middle_hears_no_more_and_the_task_goes_on()
    {
        Ledger ledger;
        auto receiver = std::make_unique<QObject>();
        int lists = 0;
        Gate gate;
        const auto task = legwork::stream<int>([&](legwork::Sender<int> &numbers, legwork::TaskContext &context) {
                              numbers.send(1);
                              gate.pass(context);
                              int sent = 1;
                              while (sent < 5'000 && numbers.send(sent))
                                  ++sent;
                              return sent;
                          }).onValues(receiver.get(), [&, entry = Entry(ledger)](const QList<int> &) {
            if (++lists == 1)
                receiver.reset();
        });
        QTRY_VERIFY(!receiver);
        gate.open();
        QTRY_COMPARE(task.result(), std::optional(5'000));
        QCOMPARE(lists, 1);
        QCOMPARE(ledger.destroyed.load(), 1);
        QCOMPARE(ledger.thread.load(), thread());
    }

    void b323_an_owner_that_goes_ends_a_body_that_waits_for_room()
    {
        auto owner = std::make_unique<QObject>();
        bool heard = false;
        const auto task = legwork::stream<int>(endless, {.owner = owner.get(), .maxUndelivered = 1})
                              .onValues(owner.get(), [&](const QList<int> &) { heard = true; });
        QTRY_VERIFY(heard);
        owner.reset();
        QTRY_COMPARE(task.status(), legwork::Status::Cancelled);
    }

    void b323_it_is_submitted_by_its_end_its_other_verbs_and_its_conversion()
    {
        std::atomic<int> runs = 0;
        const auto work = [&](legwork::Sender<int> &) { ++runs; };
        legwork::stream<int>(work);
        QTRY_COMPARE(runs.load(), 1);
        bool complete = false;
        const auto task = legwork::stream<int>(work).onComplete(listener.get(), [&] { complete = true; });
        static_assert(std::is_same_v<decltype(task), const legwork::Task<void>>);
        QTRY_VERIFY(complete);
        const legwork::Task<void> other = legwork::stream<int>(work);
        QTRY_COMPARE(other.status(), legwork::Status::Completed);
        QCOMPARE(runs.load(), 3);
        {
            auto stream = legwork::stream<int>(work);
            QCOMPARE(runs.load(), 3);
            auto moved = std::move(stream);
            QCOMPARE(stream.task().isValid(), false);
            const auto id = moved.task().id();
            QVERIFY(!id.isEmpty());
            QCOMPARE(moved.task().id(), id);
        }
        QTRY_COMPARE(runs.load(), 4);
        // Both hear of one that was submitted by the first.
        QList<int> first, second;
        Gate gate;
        auto stream = legwork::stream<int>([&](legwork::Sender<int> &numbers, legwork::TaskContext &context) {
            gate.pass(context);
            return counting(3)(numbers);
        });
        stream.onValues(listener.get(), [&](const QList<int> &numbers) { first += numbers; });
        stream.onValues(listener.get(), [&](const QList<int> &numbers) { second += numbers; });
        gate.open();
        QTRY_COMPARE(stream.task().result(), std::optional(3));
        QTRY_COMPARE(second, upTo(3));
        QCOMPARE(first, upTo(3));
    }

    void b323_what_is_refused_says_why()
    {
        const auto none = legwork::stream<int>(std::function<void(legwork::Sender<int> &)>()).task();
        QVERIFY(!none.isValid());
        QVERIFY(none.error().message.contains("null"));
        QString error;
        legwork::stream<int>(counting(1), {.maxUndelivered = 0})
            .onValues(this, [](const QList<int> &) {})
            .onError(listener.get(), [&](const legwork::TaskError &refused) { error = refused.message; });
        QTRY_VERIFY(error.contains("maxUndelivered"));
    }

    void b324_variants_for_signals_and_of_any_type_for_their_own()
    {
        auto *manager = legwork::TaskManager::instance();
        QHash<QString, QVariantList> signalled;
        QObject context;
        Gate gate;
        connect(manager, &legwork::TaskManager::taskValues, &context,
                [&](const QString &id, const QVariant &values) { signalled[id] += values.toList(); });
        QVariantList variants;
        QList<Unnamed> unnamed;
        bool complete = false;
        const auto texts = legwork::stream<QString>([&](legwork::Sender<QString> &texts, legwork::TaskContext &task) {
                               gate.pass(task);
                               texts.send("one");
                               texts.send("two");
                           })
                               .task()
                               .onValues(listener.get(), [&](const QVariantList &values) { variants += values; });
        gate.open();
        const auto others = legwork::stream<Unnamed>([](legwork::Sender<Unnamed> &values) {
                                values.send(Unnamed(7));
                            }).onValues(listener.get(), [&](const QList<Unnamed> &values) { unnamed += values; });
        others.onComplete(listener.get(), [&] { complete = true; });
        QTRY_VERIFY(complete);
        QTRY_COMPARE(variants, (QVariantList{"one", "two"}));
        QTRY_COMPARE(signalled[texts.id()], (QVariantList{"one", "two"}));
        QCOMPARE(unnamed.size(), 1);
        QCOMPARE(unnamed[0].number, 7);
        QCOMPARE(signalled[others.id()], QVariantList{QVariant()});
    }

    void b324_jobs_and_periodic_work_send_by_their_context()
    {
        Gate gate;
        QVERIFY(legwork::registerJob("rows", [&gate](legwork::TaskContext &context, const QVariantList &args) {
            gate.pass(context);
            for (const auto &value : args)
                context.send(value);
            context.send(std::string("last"));
        }));
        QVariantList got;
        bool complete = false;
        legwork::runJob("rows", {1, "two"})
            .onValues(listener.get(), [&](const QVariantList &values) { got += values; })
            .onComplete(listener.get(), [&] { complete = true; });
        gate.open();
        QTRY_VERIFY(complete);
        QCOMPARE(got, (QVariantList{1, "two", "last"}));
        legwork::unregisterJob("rows");
        QList<double> numbers;
        bool over = false;
        legwork::runPeriodic(1ms, [](legwork::TaskContext &context) { context.send(double(context.iteration())); },
                             {.maxRuns = 3})
            .onValues<double>(listener.get(), [&](const QList<double> &values) { numbers += values; })
            .onEnd(listener.get(), [&] { over = true; });
        QTRY_VERIFY(over);
        QCOMPARE(numbers, (QList<double>{1, 2, 3}));
    }

    void b324_values_of_another_type_and_those_that_cannot_be_copied_are_left_out()
    {
        QList<int> numbers;
        bool complete = false;
        Gate gate;
        legwork::run([&gate](legwork::TaskContext &context) {
            gate.pass(context);
            context.send(1);
            context.send(QString("two"));
            context.send(3);
        }).onValues<int>(listener.get(), [&](const QList<int> &values) {
              numbers += values;
          }).onComplete(listener.get(), [&] { complete = true; });
        gate.open();
        QTRY_VERIFY(complete);
        QCOMPARE(numbers, (QList<int>{1, 3}));
        const auto other = takeWarnings();
        QCOMPARE(other.size(), 1);
        QVERIFY2(other[0].contains("onValues leaves a value out: it is of type QString"), qUtf8Printable(other[0]));

        QList<int> whole;
        complete = false;
        legwork::stream<Fragile>([](legwork::Sender<Fragile> &values) {
            for (const int number : {1, -2, 3})
                values.send(Fragile(number));
        })
            .onValues(listener.get(),
                      [&](const QList<Fragile> &values) {
                          for (const auto &value : values)
                              whole.append(value.number);
                      })
            .onComplete(listener.get(), [&] { complete = true; });
        QTRY_VERIFY(complete);
        QCOMPARE(whole, (QList<int>{1, 3}));
        const auto thrown = takeWarnings().filter("copy constructor");
        QVERIFY(!thrown.isEmpty());
    }

    void b324_a_callback_that_throws_gets_the_next_list()
    {
        QList<int> got;
        int calls = 0;
        bool complete = false;
        legwork::stream<int>(counting(2'000), {.maxUndelivered = 10})
            .onValues(listener.get(),
                      [&](const QList<int> &numbers) {
                          got += numbers;
                          if (++calls == 1)
                              throw std::runtime_error("odd");
                      })
            .onComplete(listener.get(), [&] { complete = true; });
        QTRY_VERIFY(complete);
        QCOMPARE(got, upTo(2'000));
        QCOMPARE(takeWarnings().filter("a task's callback threw: odd").size(), 1);
    }

    void b324_a_stream_is_tried_again_and_each_attempt_sends()
    {
        QList<int> got;
        bool complete = false;
        legwork::stream<int>(
            [](legwork::Sender<int> &numbers, legwork::TaskContext &context) {
                numbers.send(int(context.attempt()));
                if (context.attempt() < 3)
                    throw std::runtime_error("again");
            },
            {.retry = {.times = 2, .delay = 0ms}})
            .onValues(listener.get(), [&](const QList<int> &numbers) { got += numbers; })
            .onComplete(listener.get(), [&] { complete = true; });
        QTRY_VERIFY(complete);
        QCOMPARE(got, (QList<int>{1, 2, 3}));
    }

    void b324_a_plugin_hears_its_own_and_no_others()
    {
        legwork::PluginApi mine("mine"), other("other");
        QVariantList heard, foreign;
        mine.connectTaskSignal(&legwork::PluginApi::taskValues, listener.get(),
                               [&](const QString &, const QVariant &values) { heard += values.toList(); });
        other.connectTaskSignal(&legwork::PluginApi::taskValues, listener.get(),
                                [&](const QString &, const QVariant &values) { foreign += values.toList(); });
        QList<int> rows;
        bool complete = false;
        mine.stream<int>(counting(3))
            .onValues(listener.get(), [&](const QList<int> &numbers) { rows += numbers; })
            .onComplete(listener.get(), [&] { complete = true; });
        QTRY_VERIFY(complete);
        QCOMPARE(heard, (QVariantList{1, 2, 3}));
        QCOMPARE(rows, upTo(3));
        QVERIFY(foreign.isEmpty());
        // One that is destroyed in the middle takes its stream with it.
        auto brief = std::make_unique<legwork::PluginApi>("brief");
        bool sent = false;
        const auto task =
            brief->stream<int>(endless, {.maxUndelivered = 1}).onValues(listener.get(), [&](const QList<int> &) {
                sent = true;
            });
        QTRY_VERIFY(sent);
        brief.reset();
        QTRY_COMPARE(task.status(), legwork::Status::Cancelled);
    }

    void b325_a_script_sends_waits_for_room_and_is_thrown_at_what_cannot_be_copied()
    {
        QTemporaryDir folder;
        QFile file(folder.filePath("rows.mjs"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(R"(
            export function some(count, context) {
                for (let at = 0; at < count; ++at)
                    context.send({ at: at })
                return count
            }
            export function endless(context) {
                for (let at = 0; ; ++at)
                    context.send(at)
            }
            export function odd(context) {
                try {
                    context.send({ callback: () => 1 })
                } catch (error) {
                    return error.message
                }
            })");
        file.close();
        const auto url = QUrl::fromLocalFile(file.fileName());
        QVariantList got;
        bool complete = false;
        Gate gate;
        const auto held = legwork::run([&gate](legwork::TaskContext &context) { gate.pass(context); });
        legwork::runScript(url, "some", {5'000}, {.maxUndelivered = 100, .after = {held}})
            .onValues(listener.get(), [&](const QVariantList &values) { got += values; })
            .onComplete(listener.get(), [&] { complete = true; });
        gate.open();
        QTRY_VERIFY_WITH_TIMEOUT(complete, 20'000);
        QCOMPARE(got.size(), 5'000);
        for (int at = 0; at < 5'000; ++at)
            QCOMPARE(got[at].toMap()["at"].toInt(), at);

        qsizetype count = 0;
        const auto endless = legwork::runScript(url, "endless", {}, {.maxUndelivered = 2});
        endless.onValues(listener.get(), [&](const QVariantList &values) { count += values.size(); });
        QTRY_VERIFY_WITH_TIMEOUT(count > 20, 20'000);
        endless.cancel();
        QTRY_COMPARE(endless.status(), legwork::Status::Cancelled);

        const auto odd = legwork::runScript(url, "odd");
        QTRY_COMPARE(odd.status(), legwork::Status::Completed);
        const auto error = odd.result()->toString();
        QVERIFY2(error.startsWith("send: what it sends"), qUtf8Printable(error));
    }

    void b326_many_streams_and_cancels_at_any_moment()
    {
        int ended = 0;
        int wrong = 0;
        constexpr int count = 3'000;
        QList<QList<int>> got(count);
        for (int at = 0; at < count; ++at) {
            const auto task =
                legwork::stream<int>(counting(100), {.maxUndelivered = quint32(1 + at % 200)})
                    .onValues(listener.get(), [&got, at](const QList<int> &numbers) { got[at] += numbers; })
                    .onEnd(listener.get(), [&, at](const legwork::Outcome<int> &outcome) {
                        ++ended;
                        // Whatever was sent by then has come, in order, and nothing comes after.
                        const auto &numbers = got[at];
                        const bool complete = outcome.status() == legwork::Status::Completed;
                        if (numbers != upTo(int(numbers.size())) || (complete && numbers.size() != 100))
                            ++wrong;
                    });
            // Of each third one some way through.
            if (at % 3 == 2) {
                if (at % 2 == 0)
                    QCoreApplication::processEvents();
                task.cancel();
            }
        }
        QTRY_COMPARE_WITH_TIMEOUT(ended, count, 60'000);
        QCOMPARE(wrong, 0);
    }

    void b326_a_million_leave_the_event_loop_its_turns()
    {
        qsizetype count = 0;
        qint64 sum = 0;
        bool complete = false;
        QElapsedTimer since;
        qint64 worst = 0;
        QTimer timer;
        timer.callOnTimeout(listener.get(), [&] { worst = std::max(worst, since.restart()); });
        timer.start(10);
        QElapsedTimer whole;
        whole.start();
        since.start();
        legwork::stream<int>(counting(1'000'000))
            .onValues(listener.get(),
                      [&](const QList<int> &numbers) {
                          count += numbers.size();
                          sum = std::accumulate(numbers.begin(), numbers.end(), sum);
                      })
            .onComplete(listener.get(), [&] { complete = true; });
        QTRY_VERIFY_WITH_TIMEOUT(complete, 60'000);
        qInfo("%lld rows a second, worst gap of a 10 ms timer %lld ms",
              qlonglong(1'000'000'000 / std::max<qint64>(1, whole.elapsed())), qlonglong(worst));
        QCOMPARE(count, 1'000'000);
        QCOMPARE(sum, 500'000'500'000);
    }

    void b327_an_application_that_quits_in_the_middle_ends_quietly()
    {
        QProcess child;
        child.setProcessChannelMode(QProcess::MergedChannels);
        child.start(QCoreApplication::applicationFilePath(), {"--quit-in-the-middle"});
        QVERIFY(child.waitForFinished(30'000));
        QCOMPARE(child.readAll(), QByteArray());
        QCOMPARE(child.exitStatus(), QProcess::NormalExit);
        QCOMPARE(child.exitCode(), 0);
    }
};

// The child of that test: two streams that never end, and a quit while both are on their way.
static int quitInTheMiddle(QCoreApplication &application)
{
    QObject receiver;
    int lists = 0;
    legwork::stream<int>(endless, {.maxUndelivered = 10}).onValues(&receiver, [&](const QList<int> &) {
        if (++lists == 20)
            application.quit();
    });
    legwork::stream<int>(endless, {.maxUndelivered = 10, .whenFull = legwork::WhenFull::DropOldest})
        .onValues(&receiver, [](const QList<int> &) {});
    return application.exec();
}

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (application.arguments().contains("--quit-in-the-middle"))
        return quitInTheMiddle(application);
    TestStream test;
    return support::main(argc, argv, test);
}

#include "tst_stream.moc"
