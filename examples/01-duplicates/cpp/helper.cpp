#include "duplicates/helper.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QElapsedTimer>
#include <QtCore/QTimer>
#include <QtGui/QGuiApplication>
#include <QtGui/QImage>
#include <QtQml/QQmlComponent>
#include <QtQuick/QQuickWindow>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

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

namespace {

QQuickWindow *firstWindow()
{
    const auto windows = QGuiApplication::topLevelWindows();
    for (auto *window : windows) {
        if (auto *quick = qobject_cast<QQuickWindow *>(window); quick && quick->isVisible())
            return quick;
    }
    return nullptr;
}

// The times between two frames so far, in milliseconds.
std::vector<double> frameGaps;

} // namespace

void measureFrames()
{
    auto *window = firstWindow();
    if (!window)
        return;
    // The first frames make the window itself.
    int toSkip = 3;
    QElapsedTimer since;
    QObject::connect(window, &QQuickWindow::afterAnimating, window, [window, toSkip, since]() mutable {
        if (toSkip > 0)
            --toSkip;
        else
            frameGaps.push_back(static_cast<double>(since.nsecsElapsed()) / 1e6);
        since.start();
        window->update();
    });
    window->update();
}

double frameGap(double share)
{
    if (frameGaps.empty())
        return -1;
    std::sort(frameGaps.begin(), frameGaps.end());
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(frameGaps.size())));
    return frameGaps[std::clamp<std::size_t>(rank, 1, frameGaps.size()) - 1];
}

bool saveWindow(const QString &file)
{
    auto *window = firstWindow();
    return window && window->grabWindow().save(file);
}

} // namespace duplicates
