// Downloads: three at a time from one host, and what fails is tried again.
#include "fetch.h"
#include "server.h"

#include <legwork/legwork.h>

#include <QtWidgets/QtWidgets>

#include <stdexcept>

using namespace std::chrono_literals;

//! [body]
// Runs on a worker, and may block there.
static QByteArray download(quint16 port, const QString &file, legwork::TaskContext &context)
{
    const auto answer = fetch(port, file, [&context] { return context.isCancelled(); });
    context.checkpoint();
    if (answer.status == 404)
        throw legwork::PermanentError(file + " is not there"); // not tried again
    if (answer.status != 200)
        throw std::runtime_error("the server is busy");
    return answer.bytes;
}
//! [body]

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    const auto port = (new Server)->serverPort();
    QLabel window;
    window.setTextFormat(Qt::PlainText);
    int done = 0, failed = 0;
    const auto show = [&] { window.setText(QString("%1 downloaded, %2 failed").arg(done).arg(failed)); };
    //! [submit]
    for (const auto &file : filesToFetch())
        legwork::run(
            [=](legwork::TaskContext &context) { return download(port, file, context); },
            {.name = file, .owner = &window, .key = "localhost", .keyLimit = 3, .retry = {.times = 3, .delay = 100ms}})
            .onComplete(&window, [&] { ++done, show(); })
            .onError(&window, [&] { ++failed, show(); });
    //! [submit]
    window.show();
    return application.exec();
}
