// Connects the signals by pointer to member. Until there is TaskManager::instance(), the object is
// that of a QML engine.

#include <QtCore/QCoreApplication>
#include <QtQml/QQmlComponent>
#include <QtQml/QQmlEngine>

#include <memory>

#include "legwork/src/qt/manager.cxxqt.h"

int main(int argc, char **argv)
{
    using legwork::TaskManager;
    QCoreApplication application(argc, argv);
    QQmlEngine engine;
    QQmlComponent component(&engine);
    // The library is in the process, so that the module is found without a plugin.
    component.setData("import QtQml\nimport Legwork\nQtObject { property var manager: TaskManager }", {});
    const std::unique_ptr<QObject> object(component.create());
    auto *manager = object ? qobject_cast<TaskManager *>(object->property("manager").value<QObject *>()) : nullptr;
    if (!manager)
        return 2;

    const auto two = [](const QString &, const QString &) {};
    const auto value = [](const QString &, const QVariant &) {};
    const auto one = [](const QString &) {};
    const bool connected = QObject::connect(manager, &TaskManager::taskStarted, one)
        && QObject::connect(manager, &TaskManager::taskCompleted, value)
        && QObject::connect(manager, &TaskManager::taskFailed, two)
        && QObject::connect(manager, &TaskManager::taskCancelled, one)
        && QObject::connect(manager, &TaskManager::taskPeriodic, [](const QString &, quint64, const QVariant &) {});
    QObject::connect(manager, &TaskManager::shutdownFinished, [](const QVariant &) { QCoreApplication::exit(0); });
    if (!connected || !manager->beginShutdown())
        return 1;
    return QCoreApplication::exec();
}
