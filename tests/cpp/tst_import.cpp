// The example 14-import, played.
#include "example.h"

#include <QtCore/QAbstractItemModel>
#include <QtWidgets/QAbstractItemView>

namespace {

using namespace example;

constexpr int rows = 20'000;

class TestImport : public QObject {
    Q_OBJECT

private slots:
    void all_rows_are_there_in_their_order()
    {
        int chunks = 0;
        QVERIFY(model());
        connect(model(), &QAbstractItemModel::rowsInserted, this, [&] { ++chunks; });
        press("Import");
        QTRY_COMPARE_WITH_TIMEOUT(answer(), QString("%1 rows").arg(rows), 20'000);
        QCOMPARE(model()->rowCount(), rows);
        for (const int at : {0, 1, rows / 2, rows - 1})
            QCOMPARE(rowAt(at), QString("%1 · name %1").arg(at));
        // As they come, and not one by one.
        QVERIFY2(chunks > 5 && chunks < rows / 2, qPrintable(QString::number(chunks)));
        model()->disconnect(this);
    }

    void a_cancel_ends_it_with_what_has_come_by_then()
    {
        connect(model(), &QAbstractItemModel::rowsInserted, this, [this] {
            model()->disconnect(this);
            press("Cancel");
        });
        press("Import");
        QTRY_COMPARE_WITH_TIMEOUT(answer(), "cancelled", 20'000);
        const int count = model()->rowCount();
        QVERIFY2(count > 0 && count < rows, qPrintable(QString::number(count)));
        QTest::qWait(0);
        QCOMPARE(model()->rowCount(), count);
        for (int at = 0; at < count; ++at)
            QCOMPARE(rowAt(at), QString("%1 · name %1").arg(at));
        // And anew.
        press("Import");
        QTRY_COMPARE_WITH_TIMEOUT(answer(), QString("%1 rows").arg(rows), 20'000);
        QCOMPARE(model()->rowCount(), rows);
    }

    void what_fails_says_why()
    {
        QVERIFY(QFile::remove(QCoreApplication::arguments().value(1)));
        press("Import");
        QTRY_VERIFY2(answer().endsWith(".csv: No such file or directory"), qPrintable(answer()));
        QCOMPARE(model()->rowCount(), 0);
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

    static QAbstractItemModel *model()
    {
        const auto views = parts("QListView", "QQuickListView");
        if (views.isEmpty())
            return nullptr;
        if (const auto *view = qobject_cast<QAbstractItemView *>(views[0]))
            return view->model();
        return qobject_cast<QAbstractItemModel *>(views[0]->property("model").value<QObject *>());
    }

    // The one role that a row has.
    static QString rowAt(int at)
    {
        const auto index = model()->index(at, 0);
        const auto roles = model()->roleNames();
        const int role = roles.key("row", Qt::DisplayRole);
        return index.data(role).toString();
    }
};

void start() { play<TestImport>(); }
Q_COREAPP_STARTUP_FUNCTION(start)

} // namespace

int main(int, char **argv)
{
    QTemporaryDir folder;
    QFile file(folder.filePath("rows.csv"));
    if (!file.open(QIODevice::WriteOnly))
        return 1;
    for (int at = 0; at < rows; ++at)
        file.write(QString("%1,name %1\n").arg(at).toUtf8());
    file.close();
    auto name = QFile::encodeName(file.fileName());
    char *arguments[] = {argv[0], name.data(), nullptr};
    return run(2, arguments);
}

#include "tst_import.moc"
