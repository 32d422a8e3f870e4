#include "ui.h"

#include <QtCore/QUrl>
#include <QtQml/qqml.h>

namespace legwork {

// The qmldir in the resource names them, too; but before Qt 6.5 nobody looks for a module in
// qrc:/qt/qml, and an application would have to add that to the import path. The engine asks for
// registered types first, so that the two do not meet; the files are the same.
void registerUi()
{
    static const bool registered = [] {
        for (const auto *name : {"TaskIndicator", "TaskMonitor", "TaskQuitDialog"}) {
            const auto file = QStringLiteral("qrc:/qt/qml/Legwork/qml/%1.qml").arg(QLatin1String(name));
            qmlRegisterType(QUrl(file), "Legwork", 1, 0, name);
        }
        return true;
    }();
    Q_UNUSED(registered)
}

} // namespace legwork
