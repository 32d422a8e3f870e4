// The example 03-widget, played: its own main runs, and the test presses its buttons.
#include <QtCore/QCryptographicHash>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>

#define main exampleMain
#include "../../examples/03-widget/main.cpp"
#undef main

namespace {

class TestWidget : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    QLabel *m_answer = nullptr;
    QProgressBar *m_bar = nullptr;
    QPushButton *m_choose = nullptr, *m_cancel = nullptr;

    // Of zeros, and of any size: a hole.
    QString file(const char *name, qint64 size) const
    {
        QFile file(m_dir.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || !file.resize(size))
            qFatal("cannot write %s", name);
        return file.fileName();
    }

    // Answers the dialog that the button opens.
    void choose(const QString &path) const
    {
        QTimer::singleShot(0, m_choose, [path] {
            auto *dialog = qobject_cast<QFileDialog *>(QApplication::activeModalWidget());
            if (!dialog)
                qFatal("there is no file dialog");
            auto *name = dialog->findChild<QLineEdit *>("fileNameEdit");
            name->setText(path);
            QTimer::singleShot(0, dialog, [dialog, path] {
                if (path.isEmpty())
                    dialog->reject();
                else
                    QMetaObject::invokeMethod(dialog, "accept");
            });
        });
        m_choose->click();
    }

private slots:
    void initTestCase()
    {
        QWidget *window = QApplication::topLevelWidgets().value(0);
        QVERIFY(window && window->isVisible());
        m_answer = window->findChild<QLabel *>();
        m_bar = window->findChild<QProgressBar *>();
        const auto buttons = window->findChildren<QPushButton *>();
        QCOMPARE(buttons.size(), 2);
        m_choose = buttons[0];
        m_cancel = buttons[1];
        // Its argument is a file that does not exist.
        QTRY_COMPARE(m_answer->text(), "No such file or directory");
        QVERIFY(m_choose->isEnabled() && !m_cancel->isEnabled());
    }

    void the_hash_of_a_file()
    {
        const auto path = file("small", 3'000'000);
        choose(path);
        const auto expected = QCryptographicHash::hash(QByteArray(3'000'000, 0), QCryptographicHash::Sha256).toHex();
        QTRY_COMPARE(m_answer->text(), QString::fromLatin1(expected));
        QCOMPARE(m_bar->value(), 100);
        QVERIFY(m_choose->isEnabled() && !m_cancel->isEnabled());
    }

    void no_file_is_chosen()
    {
        choose({});
        QCOMPARE(m_answer->text(), "Which file?");
    }

    void cancelled_in_the_middle()
    {
        choose(file("large", qint64(1) << 36)); // 64 GiB: minutes
        QVERIFY(m_cancel->isEnabled());
        QTest::qWait(50);
        if (const auto picture = qEnvironmentVariable("LEGWORK_PICTURE"); !picture.isEmpty())
            m_answer->window()->grab().save(picture);
        QVERIFY(m_answer->text().startsWith("Reading "));
        m_cancel->click();
        QTRY_COMPARE(m_answer->text(), "Cancelled");
        QVERIFY(m_choose->isEnabled() && !m_cancel->isEnabled());
    }

    void closed_while_it_works()
    {
        choose(file("large", qint64(1) << 36));
        m_answer->window()->close(); // ends exampleMain
    }
};

int failures = -1;

// Begins once the example's event loop does.
void play()
{
    QTimer::singleShot(0, qApp, [] {
        TestWidget test;
        failures = QTest::qExec(&test, {QStringLiteral("tst_widget")});
    });
}
Q_COREAPP_STARTUP_FUNCTION(play)

} // namespace

int main(int, char **argv)
{
    char missing[] = "/nowhere/at/all";
    char *arguments[] = {argv[0], missing, nullptr};
    const int code = exampleMain(2, arguments);
    return code != 0 ? code : failures;
}

#include "tst_widget.moc"
