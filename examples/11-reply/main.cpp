// Downloads by QNetworkAccessManager as tasks: three at a time from one host.
#include "server.h"

#include <legwork/network.h>

#include <QtNetwork/QNetworkAccessManager>
#include <QtWidgets/QtWidgets>

using namespace std::chrono_literals;

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto files = (new Server)->files();
    QNetworkAccessManager network;
    QLabel window;
    window.setTextFormat(Qt::PlainText);
    int done = 0, failed = 0;
    const auto show = [&] { window.setText(QString("%1 downloaded, %2 failed").arg(done).arg(failed)); };
    //! [submit]
    for (const auto &url : files)
        legwork::reply([&network, url] { return network.get(QNetworkRequest(url)); },
                       {.name = url.fileName(), .timeout = 30s, .owner = &window, .key = url.host(), .keyLimit = 3})
            .onComplete(&window, [&] { ++done, show(); })
            .onError(&window, [&] { ++failed, show(); });
    //! [submit]
    window.show();
    return application.exec();
}
