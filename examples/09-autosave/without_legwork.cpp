// The same with QtConcurrent, a QFutureWatcher for each file that is being written, and a QHash of what waits.
#include "save.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtWidgets/QtWidgets>

class Saver : public QLabel {
public:
    Saver() { setTextFormat(Qt::PlainText); }
    ~Saver() override
    {
        for (auto *watcher : std::as_const(m_running))
            watcher->waitForFinished();
        for (auto it = m_waiting.cbegin(); it != m_waiting.cend(); ++it)
            write(it.key(), it.value());
    }

    void start(const QString &path, const QString &text)
    {
        if (m_running.contains(path)) {
            m_waiting[path] = text;
            return;
        }
        auto *watcher = m_running[path] = new QFutureWatcher<QString>(this);
        connect(watcher, &QFutureWatcherBase::finished, this, [=, this] {
            watcher->deleteLater();
            m_running.remove(path);
            const auto error = watcher->result();
            setText(error.isEmpty() ? QString("saved %1 times").arg(++m_saved) : error);
            if (m_waiting.contains(path))
                start(path, m_waiting.take(path));
        });
        watcher->setFuture(QtConcurrent::run(write, path, text));
    }

private:
    // Its error, as QtConcurrent would lose the text of an exception.
    static QString write(const QString &path, const QString &text)
    {
        try {
            save(path, text);
            return {};
        } catch (const std::exception &error) {
            return error.what();
        }
    }

    QHash<QString, QFutureWatcher<QString> *> m_running;
    QHash<QString, QString> m_waiting;
    int m_saved = 0;
};

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto path = application.arguments().value(1, "notes.txt");
    QWidget window;
    QPlainTextEdit editor;
    Saver saver;
    QVBoxLayout layout(&window);
    layout.addWidget(&editor);
    layout.addWidget(&saver);
    QObject::connect(&editor, &QPlainTextEdit::textChanged, &saver, [&] { saver.start(path, editor.toPlainText()); });
    window.show();
    return application.exec();
}
