// What a program of others' does with an installed Legwork::Network: it fetches what its URL says itself.
#include <legwork/network.h>

#include <QtCore/QCoreApplication>
#include <QtCore/QTimer>
#include <QtNetwork/QNetworkAccessManager>

#include <cstdio>

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    QNetworkAccessManager manager;
    const QNetworkRequest request(QUrl(QStringLiteral("data:,hello")));
    legwork::ReplyOptions options;
    options.name = QStringLiteral("Fetch");
    const auto task = legwork::reply([&] { return manager.get(request); }, options);
    task.onComplete(&application, [](const QByteArray &body) {
        std::printf("fetched \"%s\"\n", body.constData());
        QCoreApplication::exit(body == "hello" ? 0 : 3);
    });
    QTimer::singleShot(20'000, &application, [] { QCoreApplication::exit(2); });
    return QCoreApplication::exec();
}
