// The same with QtConcurrent, and two QTimers and a QFutureWatcher for each source.
#include "sources.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtWidgets/QtWidgets>

using namespace std::chrono_literals;

static void readSource(QPromise<double> &promise, const QString &source)
{
    promise.addResult(measure(source, [&promise] { return promise.isCanceled(); }));
}

class Source : public QLabel {
public:
    explicit Source(const QString &name) : QLabel("…"), m_name(name)
    {
        setTextFormat(Qt::PlainText);
        m_ticks.setTimerType(Qt::PreciseTimer);
        m_timeout.setSingleShot(true);
        connect(&m_ticks, &QTimer::timeout, this, &Source::tick);
        connect(&m_timeout, &QTimer::timeout, this, [this] { m_watcher.cancel(); });
        connect(&m_watcher, &QFutureWatcherBase::finished, this, &Source::end);
        m_ticks.start(100ms);
        tick();
    }
    ~Source() override
    {
        m_watcher.cancel();
        m_watcher.waitForFinished();
    }

private:
    void tick()
    {
        if (m_watcher.isRunning())
            return; // a late tick is left out
        m_watcher.setFuture(QtConcurrent::run(readSource, m_name));
        m_timeout.start(250ms);
    }

    void end()
    {
        m_timeout.stop();
        if (!m_watcher.isCanceled()) {
            m_failures = 0;
            setNum(m_watcher.result());
        } else if (++m_failures < 3) {
            setText("timed out");
        } else {
            m_ticks.stop();
            setText("given up");
        }
    }

    QString m_name;
    QTimer m_ticks, m_timeout;
    QFutureWatcher<double> m_watcher;
    int m_failures = 0;
};

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QThreadPool::globalInstance()->setMaxThreadCount(4); // else one that hangs may have the only thread
    QWidget window;
    QFormLayout layout(&window);
    for (const auto &source : sources())
        layout.addRow(source, new Source(source));
    window.show();
    return application.exec();
}
