// The example 15-export, played.
#include "example.h"

namespace {

using namespace example;

class TestExport : public QObject {
    Q_OBJECT

private slots:
    void it_rests_and_goes_on()
    {
        press("Export");
        QTRY_VERIFY(progress() > 0);
        QCOMPARE(answer(), "exporting");
        toggle("Pause");
        QTRY_COMPARE(answer(), "paused: by you");
        // The last report may come now.
        const double before = settled();
        QTest::qWait(100);
        QCOMPARE(progress(), before);
        toggle("Pause");
        QTRY_COMPARE(answer(), "exporting");
        QTRY_VERIFY(progress() > before);
        finish();
    }

    void both_reasons_count()
    {
        press("Export");
        QTRY_VERIFY(progress() > 0);
        toggle("On battery");
        QTRY_COMPARE(answer(), "paused: on battery");
        toggle("Pause");
        toggle("On battery");
        // Whatever is told of the other one, it does not go on.
        const double before = settled();
        QTest::qWait(100);
        QCOMPARE(progress(), before);
        QVERIFY2(answer().startsWith("paused: "), qPrintable(answer()));
        toggle("Pause");
        finish();
    }

    void a_cancel_ends_what_is_paused()
    {
        QVERIFY(QFile::remove(file()));
        press("Export");
        QTRY_VERIFY(progress() > 0);
        toggle("Pause");
        QTRY_COMPARE(answer(), "paused: by you");
        press("Cancel");
        QTRY_COMPARE(answer(), "cancelled");
        QVERIFY(!QFile::exists(file()));
        press("Export");
        finish();
    }

private:
    static QString file() { return QCoreApplication::arguments().value(1); }

    static QObject *part(const QString &label)
    {
        const auto buttons = parts("QAbstractButton", "QQuickAbstractButton");
        const auto found = std::find_if(buttons.begin(), buttons.end(),
                                        [&label](const QObject *button) { return text(button) == label; });
        return found == buttons.end() ? nullptr : *found;
    }

    static void press(const QString &label)
    {
        auto *button = part(label);
        QTRY_VERIFY(button && button->property("enabled").toBool());
        QMetaObject::invokeMethod(button, button->isWidgetType() ? "click" : "clicked");
    }

    static void toggle(const QString &label)
    {
        auto *button = part(label);
        QVERIFY(button);
        QMetaObject::invokeMethod(button, "toggle");
    }

    static double progress()
    {
        const auto bars = parts("QProgressBar", "QQuickProgressBar");
        return bars.isEmpty() ? -1 : bars[0]->property("value").toDouble();
    }

    // How far it is, once nothing more comes for a while.
    static double settled()
    {
        double last = -1;
        while (last != progress()) {
            last = progress();
            QTest::qWait(50);
        }
        return last;
    }

    static void finish()
    {
        QTRY_COMPARE_WITH_TIMEOUT(answer(), QString("%1 rows").arg(rowCount), 60'000);
        QFile written(file());
        QVERIFY(written.open(QIODevice::ReadOnly));
        QCOMPARE(written.readAll().count('\n'), rowCount);
    }
};

void start() { play<TestExport>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int, char **argv)
{
    QTemporaryDir folder;
    auto name = QFile::encodeName(folder.filePath("rows.csv"));
    char *arguments[] = {argv[0], name.data(), nullptr};
    return run(2, arguments);
}

#include "tst_export.moc"
