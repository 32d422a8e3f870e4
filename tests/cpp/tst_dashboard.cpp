// The example 10-dashboard, played.
#include "example.h"

namespace {

using namespace example;

class TestDashboard : public QObject {
    Q_OBJECT

private slots:
    void a_source_that_hangs_is_given_up_and_the_others_go_on()
    {
        Tally tally;
#ifdef LEGWORK_EXAMPLE_HAS_LEGWORK
        // When the next reading of the slow source is due, after each.
        QList<QDateTime> due;
        connect(legwork::TaskManager::instance(), &legwork::TaskManager::taskPeriodic, this, [&due](const QString &id) {
            const auto info = legwork::TaskManager::instance()->taskInfo(id).toMap();
            if (info["name"] == "Humidity" && info["due"].toDateTime().isValid())
                due += info["due"].toDateTime();
        });
#endif
        const QString givenUp = hasLegwork ? "stopped after 3 failed runs in a row" : "given up";
        QTRY_COMPARE_WITH_TIMEOUT(showing(givenUp), 1, 10'000);
        QCOMPARE(showing("…"), 0);
        if (!hasLegwork)
            return;
        const auto before = tally.runs;
        QTRY_VERIFY(tally.runs["Temperature"] > before["Temperature"] + 2);
        QTRY_VERIFY(tally.runs["Humidity"] > before["Humidity"] + 2);
        qInfo() << "failed" << tally.failed << "readings" << tally.runs;
        // Three runs, and the end.
        QCOMPARE(tally.failed, QStringList({"Feed", "Feed", "Feed", "Feed"}));
#ifdef LEGWORK_EXAMPLE_HAS_LEGWORK
        // It takes one and a half ticks: every second one is late, and left out. The grid stays.
        QVERIFY(due.size() >= 2);
        for (const auto &date : std::as_const(due))
            QCOMPARE(due[0].msecsTo(date) % 100, 0);
        QVERIFY(due[0].msecsTo(due.last()) >= 200 * (due.size() - 1));
#endif
    }

private:
    // How many labels say so.
    static int showing(const QString &what)
    {
        const auto labels = parts("QLabel", "QQuickLabel");
        return int(std::count_if(labels.begin(), labels.end(),
                                 [&what](const QObject *label) { return text(label).contains(what); }));
    }
};

void start() { play<TestDashboard>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int argc, char **argv) { return run(argc, argv); }

#include "tst_dashboard.moc"
