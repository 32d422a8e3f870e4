// The job of Main.qml, and the server.
#include "fetch.h"
#include "server.h"

#include <legwork/legwork.h>

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

#include <stdexcept>

static QByteArray download(legwork::TaskContext &context, const QVariantList &args)
{
    const auto file = args.value(1).toString();
    const auto answer = fetch(quint16(args.value(0).toUInt()), file, [&context] { return context.isCancelled(); });
    context.checkpoint();
    if (answer.status == 404)
        throw legwork::PermanentError(file + " is not there"); // not tried again
    if (answer.status != 200)
        throw std::runtime_error("the server is busy");
    return answer.bytes;
}

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    legwork::registerJob("download", download);
    QQmlApplicationEngine engine;
    engine.setInitialProperties({{"port", (new Server)->serverPort()}, {"files", filesToFetch()}});
    engine.load(QUrl("qrc:/Main.qml"));
    return application.exec();
}
