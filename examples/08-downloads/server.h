// A server on this machine that fails by a script: it is busy the first N % 3 times that it is asked for "file-N",
// and has never heard of anything else.
#ifndef SERVER_H
#define SERVER_H

#include <QtCore/QCoreApplication>
#include <QtCore/QHash>
#include <QtCore/QTimer>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

class Server : public QTcpServer {
public:
    explicit Server(QObject *parent = QCoreApplication::instance()) : QTcpServer(parent)
    {
        if (!listen(QHostAddress::LocalHost))
            qFatal("no server: %s", qPrintable(errorString()));
        connect(this, &QTcpServer::newConnection, this, [this] {
            while (auto *socket = nextPendingConnection()) {
                connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
                connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
            }
        });
    }

    // How often it was asked, and how many waited for an answer at most at once.
    int asked() const { return m_asked; }
    int most() const { return m_most; }

private:
    void read(QTcpSocket *socket)
    {
        if (!socket->canReadLine() || m_waiting.contains(socket))
            return;
        m_waiting.append(socket);
        m_most = std::max(m_most, int(m_waiting.size()));
        // It begins once three are there. An answer takes it a moment, so that a fourth would be seen to come.
        if (++m_asked < 3)
            return;
        QTimer::singleShot(20, this, [this] {
            while (!m_waiting.isEmpty())
                answer(m_waiting.takeFirst());
        });
    }

    void answer(QTcpSocket *socket)
    {
        const auto file = QString::fromUtf8(socket->readLine()).section(' ', 1, 1).mid(1); // of GET /file HTTP/1.0
        const bool known = file.startsWith("file-");
        const bool busy = known && m_failures[file]++ < file.mid(5).toInt() % 3;
        socket->write(!known     ? "HTTP/1.0 404 Not Found\r\n\r\n"
                          : busy ? "HTTP/1.0 503 Service Unavailable\r\n\r\n"
                                 : "HTTP/1.0 200 OK\r\n\r\n" + file.toUtf8());
        socket->disconnectFromHost();
    }

    QList<QTcpSocket *> m_waiting;
    QHash<QString, int> m_failures;
    int m_asked = 0, m_most = 0;
};

#endif
