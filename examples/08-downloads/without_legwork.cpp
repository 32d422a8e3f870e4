// The same with QtConcurrent, a QThreadPool of three threads, a QTimer for each wait, and a QHash of attempts.
#include "fetch.h"
#include "server.h"

#include <QtConcurrent/QtConcurrentRun>
#include <QtCore/QRandomGenerator>
#include <QtWidgets/QtWidgets>

class Downloads : public QLabel {
public:
    Downloads()
    {
        setTextFormat(Qt::PlainText);
        m_pool.setMaxThreadCount(3);
    }
    ~Downloads() override
    {
        m_stop = true;
        m_pool.clear();
        m_pool.waitForDone();
    }

    void start(quint16 port, const QString &file)
    {
        auto *watcher = new QFutureWatcher<Answer>(this);
        connect(watcher, &QFutureWatcherBase::finished, this, [=, this] {
            watcher->deleteLater();
            const auto answer = watcher->result();
            if (answer.status == 200) {
                ++m_done;
                m_attempts.remove(file);
            } else if (answer.status == 404 || m_attempts[file] == 3) {
                ++m_failed;
                m_attempts.remove(file);
            } else {
                const int wait = 100 << m_attempts[file]++;
                QTimer::singleShot(wait + QRandomGenerator::global()->bounded(wait / 4), this,
                                   [=, this] { start(port, file); });
            }
            showCounts();
        });
        watcher->setFuture(
            QtConcurrent::run(&m_pool, [=, this] { return fetch(port, file, [this] { return m_stop.load(); }); }));
    }

private:
    void showCounts() { setText(QString("%1 downloaded, %2 failed").arg(m_done).arg(m_failed)); }

    QThreadPool m_pool;
    QHash<QString, int> m_attempts;
    std::atomic<bool> m_stop = false;
    int m_done = 0, m_failed = 0;
};

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto port = (new Server)->serverPort();
    Downloads window;
    for (const auto &file : filesToFetch())
        window.start(port, file);
    window.show();
    return application.exec();
}
