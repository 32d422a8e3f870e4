// What Main.qml shows: downloads by QNetworkAccessManager as tasks, three at a time from one host.
#include "server.h"

#include <legwork/network.h>

#include <QtGui/QGuiApplication>
#include <QtNetwork/QNetworkAccessManager>
#include <QtQml/QQmlApplicationEngine>

using namespace std::chrono_literals;

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    const auto files = (new Server)->files();
    QNetworkAccessManager network;
    QQmlApplicationEngine engine(QUrl("qrc:/Main.qml"));
    for (const auto &url : files)
        legwork::reply([&network, url] { return network.get(QNetworkRequest(url)); },
                       {.name = url.fileName(), .timeout = 30s, .owner = &network, .key = url.host(), .keyLimit = 3});
    return application.exec();
}
