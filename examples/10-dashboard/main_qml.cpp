// The job of Main.qml.
#include "sources.h"

#include <legwork/legwork.h>

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

static double readSource(legwork::TaskContext &context, const QVariantList &args)
{
    const double reading = measure(args.value(0).toString(), [&context] { return context.isCancelled(); });
    context.checkpoint();
    return reading;
}

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    legwork::registerJob("read", readSource);
    QQmlApplicationEngine engine;
    engine.setInitialProperties({{"sources", sources()}});
    engine.load(QUrl("qrc:/Main.qml"));
    return application.exec();
}
