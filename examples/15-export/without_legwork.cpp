// The same with QtConcurrent, a QPromise, a QFutureWatcher, and a set of reasons.
#include "rows.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtWidgets/QtWidgets>

struct Cancelled { };

// What the worker and the window share: the error, as QtConcurrent would lose the text of an exception.
struct Shared {
    QString error;
};

static void writeInto(QPromise<void> &promise, const QString &file, const std::shared_ptr<Shared> &shared)
{
    promise.setProgressRange(0, 100);
    try {
        writeRows(file, [&](int row) {
            promise.setProgressValue(int(100.0 * row / rowCount));
            if (promise.future().isSuspending()) {
                // Its thread would be one less for all the others.
                QThreadPool::globalInstance()->releaseThread();
                promise.suspendIfRequested();
                QThreadPool::globalInstance()->reserveThread();
            }
            if (promise.isCanceled())
                throw Cancelled();
        });
    } catch (const Cancelled &) {
    } catch (const std::exception &error) {
        shared->error = error.what();
    }
}

class Export : public QLabel {
public:
    Export(QPushButton &start, QProgressBar &bar) : m_start(start)
    {
        setTextFormat(Qt::PlainText);
        connect(&m_watcher, &QFutureWatcherBase::progressValueChanged, &bar, &QProgressBar::setValue);
        connect(&m_watcher, &QFutureWatcherBase::suspended, this, &Export::show);
        connect(&m_watcher, &QFutureWatcherBase::resumed, this, &Export::show);
        connect(&m_watcher, &QFutureWatcherBase::finished, this, &Export::end);
    }
    ~Export() override
    {
        cancel();
        m_watcher.waitForFinished();
    }

    void start(const QString &file)
    {
        m_start.setEnabled(false);
        m_shared = std::make_shared<Shared>();
        m_watcher.setFuture(QtConcurrent::run(writeInto, file, m_shared));
        apply();
        show();
    }

    // It goes on once no reason is left.
    void pause(const QString &reason, bool on)
    {
        m_reasons.removeAll(reason);
        if (on)
            m_reasons.prepend(reason);
        apply();
    }

    // What is suspended would not see a cancel.
    void cancel()
    {
        m_watcher.cancel();
        m_watcher.resume();
    }

private:
    void apply() { m_watcher.setSuspended(!m_reasons.isEmpty()); }

    void show()
    {
        if (m_watcher.isRunning())
            setText(m_watcher.isSuspended() && !m_reasons.isEmpty() ? "paused: " + m_reasons.first() : "exporting");
    }

    void end()
    {
        m_start.setEnabled(true);
        if (m_watcher.isCanceled())
            setText("cancelled");
        else if (!m_shared->error.isEmpty())
            setText(m_shared->error);
        else
            setText(QString("%1 rows").arg(rowCount));
    }

    QPushButton &m_start;
    QStringList m_reasons;
    QFutureWatcher<void> m_watcher;
    std::shared_ptr<Shared> m_shared;
};

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto file = application.arguments().value(1);
    QWidget window;
    QPushButton start("Export"), pause("Pause"), cancel("Cancel");
    pause.setCheckable(true);
    QCheckBox battery("On battery");
    QProgressBar bar;
    Export writer(start, bar);
    QVBoxLayout layout(&window);
    for (auto *part : std::initializer_list<QWidget *>{&start, &pause, &cancel, &battery, &writer, &bar})
        layout.addWidget(part);
    QObject::connect(&start, &QPushButton::clicked, &writer, [&] {
        pause.setChecked(false);
        writer.start(file);
    });
    QObject::connect(&pause, &QPushButton::toggled, &writer, [&](bool on) { writer.pause("by you", on); });
    QObject::connect(&battery, &QCheckBox::toggled, &writer, [&](bool on) { writer.pause("on battery", on); });
    QObject::connect(&cancel, &QPushButton::clicked, &writer, &Export::cancel);
    window.show();
    return application.exec();
}
