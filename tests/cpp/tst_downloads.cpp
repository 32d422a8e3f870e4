// The example 08-downloads, played.
#include "example.h"

namespace {

using namespace example;

class TestDownloads : public QObject {
    Q_OBJECT

private slots:
    // "file-N" comes at the attempt N % 3 + 1, for N from 0 to 8: 18 requests. What is not there is asked for once.
    void what_fails_is_tried_again()
    {
        Tally tally;
        const auto *server = QCoreApplication::instance()->findChild<QTcpServer *>();
        QVERIFY(server);
        const auto &asked = *static_cast<const Server *>(server);
        QTRY_COMPARE_WITH_TIMEOUT(answer(), "9 downloaded, 1 failed", 10'000);
        qInfo("asked %d times, by %d at most at once", asked.asked(), asked.most());
        QCOMPARE(asked.asked(), 19);
        QCOMPARE(asked.most(), 3);
        if (!hasLegwork)
            return;
        QCOMPARE(tally.retried.size(), 9);
        QCOMPARE(tally.completed.size(), 9);
        QCOMPARE(tally.failed, QStringList{"missing"});
    }
};

void start() { play<TestDownloads>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int argc, char **argv) { return run(argc, argv); }

#include "tst_downloads.moc"
