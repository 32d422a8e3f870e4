// The example 11-reply, played.
#include "example.h"

namespace {

using namespace example;

class TestReply : public QObject {
    Q_OBJECT

private slots:
    void three_at_a_time()
    {
        Tally tally;
        const auto *server = QCoreApplication::instance()->findChild<QTcpServer *>();
        QVERIFY(server);
        const auto &asked = *static_cast<const Server *>(server);
        QTRY_COMPARE_WITH_TIMEOUT(answer(), "9 downloaded, 2 failed", 10'000);
        QCOMPARE(asked.asked(), 11);
        QCOMPARE(asked.most(), 3);
        if (!hasLegwork)
            return;
        QCOMPARE(tally.completed.size(), 9);
        tally.failed.sort();
        QCOMPARE(tally.failed, QStringList({"breaks", "missing"}));
    }

    void the_monitor_says_what_failed()
    {
        if (!QString(LEGWORK_EXAMPLE).endsWith("main_qml.cpp"))
            return;
        const auto said = [](const QString &what) {
            const auto labels = parts("QLabel", "QQuickText");
            return std::any_of(labels.begin(), labels.end(),
                               [&](const QObject *label) { return text(label).contains(what); });
        };
        QTRY_VERIFY(said("missing"));
        QTRY_VERIFY(said("the server answered 404 Not Found"));
    }
};

void start() { play<TestReply>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int argc, char **argv) { return run(argc, argv); }

#include "tst_reply.moc"
