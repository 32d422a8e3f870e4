// The same with QtConcurrent and a QFutureWatcher.
#include "lines.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtWidgets/QtWidgets>

static void search(QPromise<qsizetype> &promise, const QString &text)
{
    qsizetype found = 0;
    for (const auto &line : lines()) {
        if (promise.isCanceled())
            return;
        if (line.contains(text, Qt::CaseInsensitive))
            ++found;
    }
    promise.addResult(found);
}

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QWidget window;
    QLineEdit field;
    QLabel answer;
    answer.setTextFormat(Qt::PlainText);
    QVBoxLayout layout(&window);
    layout.addWidget(&field);
    layout.addWidget(&answer);
    QFutureWatcher<qsizetype> watcher;
    QObject::connect(&watcher, &QFutureWatcherBase::finished, &window, [&] {
        if (!watcher.isCanceled())
            answer.setText(QString("%1 lines").arg(watcher.result()));
    });
    QObject::connect(&field, &QLineEdit::textChanged, &window, [&](const QString &text) {
        watcher.cancel(); // it may still be at work as the next one begins
        watcher.setFuture(QtConcurrent::run(search, text));
    });
    window.show();
    const int code = application.exec();
    watcher.cancel();
    return code;
}
