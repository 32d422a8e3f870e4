// The example 09-autosave, played.
#include "example.h"

namespace {

using namespace example;

const QTemporaryDir &dir()
{
    static const QTemporaryDir made;
    return made;
}

QString path() { return dir().filePath("notes.txt"); }

QString onDisk()
{
    QFile file(path());
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

class TestAutosave : public QObject {
    Q_OBJECT

    QObject *m_editor = nullptr;

    void type(const QString &text) const
    {
        const bool widget = m_editor->inherits("QPlainTextEdit");
        QVERIFY(m_editor->setProperty(widget ? "plainText" : "text", text));
    }

private slots:
    void initTestCase()
    {
        const auto editors = parts("QPlainTextEdit", "QQuickTextArea");
        QCOMPARE(editors.size(), 1);
        m_editor = editors[0];
    }

    void a_change_is_saved()
    {
        type("first");
        QTRY_COMPARE(answer(), "saved 1 times");
        QCOMPARE(onDisk(), "first");
    }

    void of_1000_changes_before_it_begins_one_is_saved()
    {
        Tally tally;
        {
            const Hold hold;
            for (int change = 1; change <= 1'000; ++change)
                type(QString("change %1").arg(change));
        }
        // Without Legwork the first is begun with its own text, as that pool cannot take one back.
        QTRY_COMPARE(answer(), hasLegwork ? "saved 2 times" : "saved 3 times");
        QCOMPARE(onDisk(), "change 1000");
        if (!hasLegwork)
            return;
        QTRY_COMPARE(tally.cancelled.size(), 999);
        qInfo("changes 1000, written %d: the last", int(tally.completed.size()));
        QCOMPARE(tally.completed.size(), 1);
    }

    void of_1000_changes_in_a_row_few_are_saved()
    {
        Tally tally;
        for (int change = 1; change <= 1'000; ++change)
            type(QString("again %1").arg(change));
        QTRY_COMPARE(onDisk(), "again 1000");
        if (!hasLegwork)
            return;
        QTRY_COMPARE(tally.completed.size() + tally.cancelled.size(), 1'000);
        qInfo("changes 1000 in a row, written %d", int(tally.completed.size()));
        QVERIFY(tally.completed.size() < 1'000);
    }

    // The window is closed before the save has begun: main() looks at what is on disk.
    void closed_at_once()
    {
        static std::unique_ptr<Hold> hold;
        hold = std::make_unique<Hold>();
        type("the last");
        // A pool of Qt's goes on only as the application ends. Legwork's shutdown asks for it, once it has begun.
        if (!hasLegwork)
            connect(QCoreApplication::instance(), &QCoreApplication::aboutToQuit, QCoreApplication::instance(),
                    [] { hold.reset(); });
    }
};

void start() { play<TestAutosave>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int, char **argv)
{
    auto file = path().toLocal8Bit();
    char *arguments[] = {argv[0], file.data(), nullptr};
    const int code = run(2, arguments);
    if (onDisk() == "the last")
        return code;
    qCritical("on disk is %s", qPrintable(onDisk()));
    return 1;
}

#include "tst_autosave.moc"
