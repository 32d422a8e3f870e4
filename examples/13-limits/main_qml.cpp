// The job of Main.qml.
#include "plugins.h"

#include <legwork/legwork.h>

#include <QtGui/QGuiApplication>
#include <QtQml/QQmlApplicationEngine>

int main(int argc, char **argv)
{
    QGuiApplication application(argc, argv);
    auto *manager = legwork::TaskManager::instance();
    manager->setMaxWorkers(int(plugins().size()) + 1);
    QObject::connect(&application, &QCoreApplication::aboutToQuit, manager, [manager] { manager->shutdown(500); });
    legwork::registerJob("work", [](const QVariantList &args) { work(args.value(0).toString()); });
    QQmlApplicationEngine engine;
    engine.setInitialProperties({{"plugins", plugins()}});
    engine.load(QUrl("qrc:/Main.qml"));
    return application.exec();
}
