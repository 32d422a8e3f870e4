// The example 05-migrating: one test for each way in which its window is written (LEGWORK_WAY).
#include "../../examples/05-migrating/window.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

class TestMigrating : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;

    QString file(const char *name, const QByteArray &text) const
    {
        QFile file(m_dir.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write %s", name);
        return file.fileName();
    }

private slots:
    void it_counts()
    {
        const auto window = makeWindow();
        window->start({file("a", "1\n2\n"), file("b", ""), file("c", "3\n")});
        QTRY_COMPARE(window->answer(), "3 lines");
        window->start({file("a", "1\n2\n")});
        QTRY_COMPARE(window->answer(), "2 lines");
    }

    void it_says_what_failed()
    {
        const auto window = makeWindow();
        const auto missing = m_dir.filePath("missing");
        window->start({file("a", "1\n"), missing});
        QTRY_COMPARE(window->answer(), missing + ": No such file or directory");
    }

    void it_can_be_cancelled()
    {
        const auto window = makeWindow();
        window->start(QStringList(1'000'000, file("a", "1\n")));
        QTest::qWait(20);
        window->stop();
        QTRY_COMPARE(window->answer(), "Cancelled");
        window->start({file("a", "1\n")});
        QTRY_COMPARE(window->answer(), "1 lines");
    }

    void it_can_be_closed_while_it_works()
    {
        auto window = makeWindow();
        window->start(QStringList(1'000'000, file("a", "1\n")));
        QTest::qWait(20);
        window.reset();
    }
};

QTEST_MAIN(TestMigrating)
#include "tst_migrating.moc"
