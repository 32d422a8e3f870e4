// The same with QtConcurrent, a QPromise, a QFutureWatcher, and a QSemaphore for the bound.
#include "rows.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtWidgets/QtWidgets>

// What the worker and the window share: how many rows may still be on their way, and the error, as QtConcurrent would
// lose the text of an exception.
struct Shared {
    QSemaphore room{1'000};
    QString error;
};

static void readInto(QPromise<QList<Row>> &promise, const QString &file, const std::shared_ptr<Shared> &shared)
{
    QList<Row> chunk;
    QElapsedTimer frame;
    frame.start();
    const auto pass = [&] {
        // A cancel wakes nobody.
        while (!promise.isCanceled() && !shared->room.tryAcquire(int(chunk.size()), 10)) { }
        promise.addResult(std::exchange(chunk, {}));
        frame.restart();
    };
    try {
        readRows(file, [&](Row row) {
            chunk += std::move(row);
            if (chunk.size() == 500 || frame.elapsed() >= 16)
                pass();
            return !promise.isCanceled();
        });
        if (!chunk.isEmpty())
            pass();
    } catch (const std::exception &error) {
        shared->error = error.what();
    }
}

class Import : public QLabel {
public:
    Import(Rows &model, QPushButton &start) : m_model(model), m_start(start)
    {
        setTextFormat(Qt::PlainText);
        connect(&m_watcher, &QFutureWatcherBase::resultsReadyAt, this, &Import::take);
        connect(&m_watcher, &QFutureWatcherBase::finished, this, &Import::end);
    }
    ~Import() override
    {
        cancel();
        m_watcher.waitForFinished();
    }

    void start(const QString &file)
    {
        m_start.setEnabled(false);
        m_model.clear();
        m_shared = std::make_shared<Shared>();
        m_watcher.setFuture(QtConcurrent::run(readInto, file, m_shared));
    }

    void cancel() { m_watcher.cancel(); }

private:
    // The future keeps the rows until the next one comes.
    void take(int begin, int end)
    {
        for (int at = begin; at < end; ++at) {
            const auto rows = m_watcher.resultAt(at);
            m_model.append(rows);
            m_shared->room.release(int(rows.size()));
        }
    }

    void end()
    {
        m_start.setEnabled(true);
        if (m_watcher.isCanceled())
            setText("cancelled");
        else if (!m_shared->error.isEmpty())
            setText(m_shared->error);
        else
            setText(QString("%1 rows").arg(m_model.rowCount()));
    }

    Rows &m_model;
    QPushButton &m_start;
    QFutureWatcher<QList<Row>> m_watcher;
    std::shared_ptr<Shared> m_shared;
};

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto file = application.arguments().value(1);
    QWidget window;
    QPushButton start("Import"), cancel("Cancel");
    Rows model;
    Import reader(model, start);
    QListView view;
    view.setUniformItemSizes(true);
    view.setModel(&model);
    QVBoxLayout layout(&window);
    for (auto *part : std::initializer_list<QWidget *>{&start, &cancel, &reader, &view})
        layout.addWidget(part);
    QObject::connect(&start, &QPushButton::clicked, &reader, [&] { reader.start(file); });
    QObject::connect(&cancel, &QPushButton::clicked, &reader, &Import::cancel);
    window.show();
    return application.exec();
}
