// The example 12-pipeline, played.
#include "example.h"

namespace {

using namespace example;

class TestPipeline : public QObject {
    Q_OBJECT

private slots:
    void three_steps_have_one_progress_and_one_result()
    {
        Tally tally;
        press("Count");
        QTRY_COMPARE_WITH_TIMEOUT(answer(), "be, to, not, or, that", 10'000);
        QTRY_COMPARE(progress(), 1);
        if (!hasLegwork)
            return;
        // 20 texts are read and counted; and the report, and two that stand for others.
        QTRY_COMPARE(tally.completed.size(), 43);
        QCOMPARE(tally.completed.count("Count words"), 1);
        QCOMPARE(tally.failed.size() + tally.cancelled.size(), 0);
    }

    void one_cancel_is_for_all_of_it()
    {
        Tally tally;
        {
            const Hold hold;
            press("Count");
            press("Cancel");
            if (hasLegwork)
                QTRY_COMPARE(answer(), "cancelled");
        }
        QTRY_COMPARE(answer(), "cancelled");
        if (!hasLegwork)
            return;
        QTRY_COMPARE(tally.cancelled.size(), 43);
        QCOMPARE(tally.completed.size() + tally.failed.size(), 0);
    }

    void what_fails_ends_it_and_says_why()
    {
        Tally tally;
        QVERIFY(QFile::remove(QCoreApplication::arguments().value(1)));
        press("Count");
        QTRY_VERIFY2(answer().endsWith(".txt: No such file or directory"), qPrintable(answer()));
        if (hasLegwork)
            QTRY_VERIFY(tally.failed.contains("Count words"));
    }

private:
    static void press(const QString &label)
    {
        const auto buttons = parts("QPushButton", "QQuickAbstractButton");
        for (auto *button : buttons) {
            if (text(button) == label)
                QMetaObject::invokeMethod(button, button->isWidgetType() ? "click" : "clicked");
        }
    }

    // From 0 to 1.
    static double progress()
    {
        const auto bars = parts("QProgressBar", "QQuickProgressBar");
        const auto value = bars.isEmpty() ? 0 : bars[0]->property("value").toDouble();
        return !bars.isEmpty() && bars[0]->isWidgetType() ? value / 100 : value;
    }
};

void start() { play<TestPipeline>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int, char **argv)
{
    // In each text the words of a sentence.
    QTemporaryDir folder;
    QList<QByteArray> names{argv[0]};
    for (int i = 0; i < 20; ++i) {
        QFile file(folder.filePath(QString("%1.txt").arg(i)));
        if (!file.open(QIODevice::WriteOnly) || file.write("To be, or not to be: that.") < 0)
            return 1;
        names += QFile::encodeName(file.fileName());
    }
    QList<char *> arguments;
    for (auto &name : names)
        arguments += name.data();
    arguments += nullptr;
    return run(int(names.size()), arguments.data());
}

#include "tst_pipeline.moc"
