// The job of Main.qml.
#include "rows.h"

#include <legwork/legwork.h>

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

//! [job]
static void readFile(legwork::TaskContext &context, const QVariantList &args)
{
    readRows(args.value(0).toString(), [&](const Row &row) { return context.send(textOf(row)); });
}
//! [job]

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    legwork::registerJob("read", readFile);
    QQmlApplicationEngine engine;
    engine.setInitialProperties({{"file", application.arguments().value(1)}});
    engine.load(QUrl("qrc:/Main.qml"));
    return application.exec();
}
