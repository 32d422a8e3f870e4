// The job of Main.qml.
#include "save.h"

#include <legwork/legwork.h>

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    legwork::registerJob("save", [](const QVariantList &args) { save(args[0].toString(), args[1].toString()); });
    QQmlApplicationEngine engine;
    engine.setInitialProperties({{"path", application.arguments().value(1, "notes.txt")}});
    engine.load(QUrl("qrc:/Main.qml"));
    return application.exec();
}
