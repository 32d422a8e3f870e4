#include "duplicates/helper.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QTimer>
#include <QtGui/QGuiApplication>
#include <QtGui/QImage>
#include <QtQml/QQmlComponent>
#include <QtQuick/QQuickWindow>

#include <memory>
#include <string>

namespace duplicates {

legwork::TaskManager *taskManager(QQmlApplicationEngine &engine)
{
    // The import is what registers the module's types: qmlTypeId() would not find one before it.
    QQmlComponent component(&engine);
    component.setData("import QtQml\nimport Legwork\nQtObject { property QtObject it: TaskManager }", QUrl());
    const std::unique_ptr<QObject> holder(component.create());
    if (!holder) {
        qWarning("%s", qPrintable(component.errorString()));
        return nullptr;
    }
    return qobject_cast<legwork::TaskManager *>(holder->property("it").value<QObject *>());
}

void after(std::int32_t ms, rust::Fn<void()> what)
{
    QTimer::singleShot(ms, qApp, [what] { (*what)(); });
}

void exitLoop(std::int32_t code) { QCoreApplication::exit(code); }

void setEnvironment(rust::Str name, rust::Str value)
{
    qputenv(std::string(name).c_str(), QByteArray(value.data(), static_cast<qsizetype>(value.size())));
}

bool saveWindow(const QString &file)
{
    const auto windows = QGuiApplication::topLevelWindows();
    for (auto *window : windows) {
        if (auto *quick = qobject_cast<QQuickWindow *>(window); quick && quick->isVisible())
            return quick->grabWindow().save(file);
    }
    return false;
}

} // namespace duplicates
