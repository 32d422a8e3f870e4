// Asks the server for a file, and blocks meanwhile. It knows nothing of threads.
#ifndef FETCH_H
#define FETCH_H

#include <QtNetwork/QHostAddress>
#include <QtNetwork/QTcpSocket>

#include <functional>

struct Answer {
    int status = 0; // 200, 404, …; 0 where the server cannot be reached
    QByteArray bytes;
};

inline Answer fetch(quint16 port, const QString &file, const std::function<bool()> &stopped)
{
    QTcpSocket socket;
    socket.connectToHost(QHostAddress::LocalHost, port);
    socket.write("GET /" + file.toUtf8() + " HTTP/1.0\r\n\r\n");
    QByteArray text;
    while (!stopped() && socket.state() != QAbstractSocket::UnconnectedState) {
        socket.waitForReadyRead(100);
        text += socket.readAll();
    }
    return {text.mid(9, 3).toInt(), text.mid(text.indexOf("\r\n\r\n") + 4)};
}

inline QStringList filesToFetch()
{
    QStringList files{"missing"};
    for (int i = 0; i < 9; ++i)
        files += QString("file-%1").arg(i);
    return files;
}

#endif
