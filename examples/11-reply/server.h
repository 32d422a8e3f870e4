// A server on this machine: "file-N" has N + 1 pieces of 10,000 bytes, "breaks" never comes to its end, and of anything
// else it has never heard.
#ifndef SERVER_H
#define SERVER_H

#include <QtCore/QCoreApplication>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
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

    // What there is to fetch from it.
    QList<QUrl> files() const
    {
        QStringList names{"missing", "breaks"};
        for (int i = 0; i < 9; ++i)
            names += QString("file-%1").arg(i);
        QList<QUrl> urls;
        for (const auto &name : names)
            urls += QUrl(QString("http://127.0.0.1:%1/%2").arg(serverPort()).arg(name));
        return urls;
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
        const auto file = socket->readLine().split(' ').value(1).mid(1); // of GET /file HTTP/1.1
        const auto head = [](const QByteArray &status, qsizetype length) {
            return "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: " + QByteArray::number(length)
                + "\r\n\r\n";
        };
        if (file.startsWith("file-")) {
            const auto length = (file.mid(5).toInt() + 1) * 10'000;
            socket->write(head("200 OK", length) + QByteArray(length, 'x'));
        } else if (file == "breaks") {
            socket->write(head("200 OK", 10'000) + "a part");
        } else {
            socket->write(head("404 Not Found", 0));
        }
        socket->disconnectFromHost();
    }

    QList<QTcpSocket *> m_waiting;
    int m_asked = 0, m_most = 0;
};

#endif
