// Where a task was submitted, and a failure that nobody hears of.
#include "support.h"

#include <legwork/process.h>

#include <source_location>
#include <stdexcept>

using namespace std::chrono_literals;
using namespace support;

namespace {

QString locationOf(const QString &id)
{
    const auto info = legwork::TaskManager::instance()->taskInfo(id).toMap();
    return info.value(QStringLiteral("sourceLocation")).toString();
}

QString here(int line) { return QStringLiteral("%1:%2").arg(QString::fromUtf8(__FILE__)).arg(line); }

int throwing() { throw std::runtime_error("no network"); }

} // namespace

class TestLocations : public support::TestCase {
    Q_OBJECT

private:
    QStringList m_warnings;

    // What was warned of failures that nobody hears of in this function.
    QStringList unheard()
    {
        m_warnings += takeWarnings();
        return m_warnings.filter(QStringLiteral("nobody hears of it"));
    }

    // All that happened until now was delivered, and logged.
    void settle()
    {
        bool delivered = false;
        legwork::run([] { return 1; }).onEnd(listener.get(), [&delivered] { delivered = true; });
        QTRY_VERIFY(delivered);
    }

private slots:
    void init()
    {
        takeWarnings();
        m_warnings.clear();
        // What ended on the only worker was logged before that begins the next.
        legwork::TaskManager::instance()->setProperty("maxWorkers", 1);
    }

    void b393_a_task_knows_the_line_that_has_submitted_it()
    {
        const auto plain = legwork::run([] { return 1; });
        QCOMPARE(locationOf(plain.id()), here(__LINE__ - 1));
        const auto named = legwork::run([] { return 1; }, {.name = QStringLiteral("Named")});
        QCOMPARE(locationOf(named.id()), here(__LINE__ - 1));
        const auto later = legwork::runLater(1ms, [] { return 1; });
        QCOMPARE(locationOf(later.id()), here(__LINE__ - 1));
        const auto periodic = legwork::runPeriodic(1h, [] { return 1; });
        QCOMPARE(locationOf(periodic.id()), here(__LINE__ - 1));
        periodic.cancel();
        const auto next = plain.then([](int) { return 1; });
        QCOMPARE(locationOf(next.id()), here(__LINE__ - 1));
        const auto both = legwork::all(std::tuple(plain, named), {.name = QStringLiteral("Both")});
        QCOMPARE(locationOf(both.id()), here(__LINE__ - 1));
        QCOMPARE(locationOf(legwork::all(plain, named).id()), QString());
        const auto list = legwork::all({plain, named});
        QCOMPARE(locationOf(list.id()), here(__LINE__ - 1));
        // The one that is not needed any more is cancelled, and those above need theirs.
        const auto any = legwork::any({plain, next});
        QCOMPARE(locationOf(any.id()), here(__LINE__ - 1));
        const legwork::External<int> external(listener.get());
        QCOMPARE(locationOf(external.id()), here(__LINE__ - 1));
        external.complete(1);
        const legwork::Task<void> stream = legwork::stream<int>([](legwork::Sender<int> &) {});
        QCOMPARE(locationOf(stream.id()), here(__LINE__ - 1));
        const auto program = legwork::process(QStringLiteral("true"));
        QCOMPARE(locationOf(program.id()), here(__LINE__ - 1));
        QVERIFY(legwork::registerJob(QStringLiteral("located"), [] { return 1; }));
        const auto job = legwork::runJob(QStringLiteral("located"));
        QCOMPARE(locationOf(job.id()), here(__LINE__ - 1));
        legwork::unregisterJob(QStringLiteral("located"));
    }

    void b393_options_know_the_line_on_which_they_are_written()
    {
        const legwork::TaskOptions written{.name = QStringLiteral("Written")};
        const int line = __LINE__ - 1;
        QCOMPARE(locationOf(legwork::run([] { return 1; }, written).id()), here(line));
        legwork::TaskOptions empty{};
        QCOMPARE(locationOf(legwork::run([] { return 1; }, empty).id()), here(__LINE__ - 1));
        // Of these the compiler knows no line; they may be given one.
        legwork::TaskOptions bare;
        QCOMPARE(locationOf(legwork::run([] { return 1; }, bare).id()), QString());
        bare.location = legwork::SourceLocation::current();
        QCOMPARE(locationOf(legwork::run([] { return 1; }, bare).id()), here(__LINE__ - 1));
        bare.location = std::source_location::current();
        QCOMPARE(locationOf(legwork::run([] { return 1; }, bare).id()), here(__LINE__ - 1));
        bare.location = legwork::SourceLocation::unknown();
        QCOMPARE(locationOf(legwork::run([] { return 1; }, bare).id()), QString());
    }

    void b393_so_do_those_of_plugins()
    {
        legwork::PluginApi api(QStringLiteral("Prices"));
        const auto plain = api.runInBackground([] { return 1; });
        QCOMPARE(locationOf(plain.id()), here(__LINE__ - 1));
        const auto scheduled = api.scheduleTask([] { return 1; }, {.delayMs = 1ms});
        QCOMPARE(locationOf(scheduled.id()), here(__LINE__ - 1));
        const auto bare = api.scheduleTask([] { return 1; });
        QCOMPARE(locationOf(bare.id()), here(__LINE__ - 1));
        const auto next = api.then(plain, [](int) { return 1; });
        QCOMPARE(locationOf(next.id()), here(__LINE__ - 1));
    }

    void b393_it_is_in_what_is_logged()
    {
        Gate gate;
        const auto work = [&gate](legwork::TaskContext &context) { return gate.pass(context); };
        const auto slow = legwork::run(work, {.name = QStringLiteral("Slow"), .warnAfter = 1ms});
        const int line = __LINE__ - 1;
        QTRY_VERIFY(!(m_warnings += takeWarnings()).isEmpty());
        QVERIFY2(m_warnings.first().contains(QStringLiteral(", submitted at %1, has been running").arg(here(line))),
                 qPrintable(m_warnings.first()));
        gate.open();
        QCOMPARE(slow.wait(), legwork::WaitResult::Done);
    }

    void b394_a_failure_that_nobody_hears_of_is_logged_with_its_line()
    {
        legwork::run(throwing);
        const int line = __LINE__ - 1;
        settle();
        const auto lines = unheard();
        QCOMPARE(lines.size(), 1);
        QVERIFY2(
            lines.first().endsWith(
                QStringLiteral(", submitted at %1, has failed, and nobody hears of it: no network").arg(here(line))),
            qPrintable(lines.first()));
    }

    void b394_a_callback_a_signal_and_a_handle_hear_of_it()
    {
        bool told = false;
        legwork::run(throwing).onError(listener.get(), [&] { told = true; });
        QTRY_VERIFY(told);
        told = false;
        legwork::run(throwing).onEnd(listener.get(), [&] { told = true; });
        QTRY_VERIFY(told);
        const auto waited = legwork::run(throwing);
        QCOMPARE(waited.wait(), legwork::WaitResult::Done);
        const auto asked = legwork::run(throwing);
        QTRY_COMPARE(asked.status(), legwork::Status::Failed);
        settle();
        QCOMPARE(unheard(), QStringList());
        {
            QObject context;
            told = false;
            connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskFailed, &context,
                    [&] { told = true; });
            legwork::run(throwing);
            QTRY_VERIFY(told);
        }
        settle();
        QCOMPARE(unheard(), QStringList());
    }

    void b394_a_callback_for_results_does_not()
    {
        bool told = false;
        QObject context;
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskCompleted, &context, [&] { told = true; });
        legwork::run(throwing).onComplete(listener.get(), [](int) {});
        settle();
        const auto lines = unheard();
        QCOMPARE(lines.size(), 1);
    }

    void b394_of_a_plugins_task_its_own_signal_counts()
    {
        legwork::PluginApi api(QStringLiteral("Prices"));
        api.runInBackground(throwing);
        settle();
        QCOMPARE(unheard().size(), 1);
        bool told = false;
        connect(&api, &legwork::PluginApi::taskFailed, listener.get(), [&] { told = true; });
        api.runInBackground(throwing);
        QTRY_VERIFY(told);
        settle();
        QCOMPARE(unheard().size(), 1);
    }

    void b394_a_periodic_task_is_logged_once()
    {
        // What is told, is told of its starts alone.
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskStarted, listener.get(), [] {});
        std::atomic<int> runs = 0;
        const auto work = [&runs]() -> int {
            ++runs;
            throw std::runtime_error("no network");
        };
        const auto task = legwork::runPeriodic(1ms, work, {.maxRuns = 3});
        QTRY_COMPARE(runs.load(), 3);
        settle();
        const auto lines = unheard();
        QCOMPARE(lines.size(), 1);
        QVERIFY2(lines.first().contains(QStringLiteral("run 1 of task")), qPrintable(lines.first()));
    }
};

LEGWORK_TEST_MAIN(TestLocations)
#include "tst_locations.moc"
