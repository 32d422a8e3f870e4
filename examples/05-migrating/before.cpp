// A worker object on a QThread of its own.
#include "window.h"

#include <QtCore/QThread>

#include <atomic>
#include <stdexcept>

namespace {

//! [worker]
class Worker : public QObject {
    Q_OBJECT

public:
    void stop() { m_stop = true; }

    void count(const QStringList &files)
    {
        m_stop = false;
        try {
            qint64 lines = 0;
            for (qsizetype i = 0; i < files.size(); ++i) {
                if (m_stop) {
                    emit cancelled();
                    return;
                }
                lines += countLines(files[i]);
                emit progress(double(i + 1) / double(files.size()));
            }
            emit finished(lines);
        } catch (const std::exception &error) {
            emit failed(error.what());
        }
    }

signals:
    void progress(double value);
    void finished(qint64 lines);
    void failed(const QString &message);
    void cancelled();

private:
    std::atomic<bool> m_stop = false;
};
//! [worker]

//! [window]
class ThreadWindow : public Window {
    Q_OBJECT

public:
    ThreadWindow()
    {
        m_worker->moveToThread(&m_thread);
        connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
        connect(this, &ThreadWindow::startRequested, m_worker, &Worker::count);
        connect(m_worker, &Worker::progress, this, &Window::showProgress);
        connect(m_worker, &Worker::finished, this, &Window::showResult);
        connect(m_worker, &Worker::failed, this, &Window::showError);
        connect(m_worker, &Worker::cancelled, this, &Window::showCancelled);
        m_thread.start();
    }
    ~ThreadWindow() override
    {
        m_worker->stop();
        m_thread.quit();
        m_thread.wait();
    }

    void start(const QStringList &files) override { emit startRequested(files); }
    void stop() override { m_worker->stop(); }

signals:
    void startRequested(const QStringList &files);

private:
    QThread m_thread;
    Worker *m_worker = new Worker;
};
//! [window]

} // namespace

std::unique_ptr<Window> makeWindow() { return std::make_unique<ThreadWindow>(); }

#include "before.moc"
