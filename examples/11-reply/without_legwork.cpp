// The same with a queue of those that wait, a count of those that run, and a QTimer for each. Nothing of it can be
// seen, or stopped, one by one.
#include "server.h"

#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>
#include <QtWidgets/QtWidgets>

using namespace std::chrono_literals;

class Downloads : public QLabel {
public:
    Downloads() { setTextFormat(Qt::PlainText); }

    void add(const QUrl &url)
    {
        m_waiting.enqueue(url);
        next();
    }

private:
    void next()
    {
        if (m_running == 3 || m_waiting.isEmpty())
            return;
        ++m_running;
        auto *reply = m_network.get(QNetworkRequest(m_waiting.dequeue()));
        QTimer::singleShot(30s, reply, &QNetworkReply::abort);
        connect(reply, &QNetworkReply::finished, this, [=, this] {
            reply->deleteLater();
            --m_running;
            ++(reply->error() == QNetworkReply::NoError ? m_done : m_failed);
            setText(QString("%1 downloaded, %2 failed").arg(m_done).arg(m_failed));
            next();
        });
    }

    QNetworkAccessManager m_network;
    QQueue<QUrl> m_waiting;
    int m_running = 0, m_done = 0, m_failed = 0;
};

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto files = (new Server)->files();
    Downloads window;
    for (const auto &url : files)
        window.add(url);
    window.show();
    return application.exec();
}
