// What the demo needs of Qt and cxx-qt-lib has no face for.
#ifndef DUPLICATES_HELPER_H
#define DUPLICATES_HELPER_H

#include "legwork/src/qt/manager.cxxqt.h"
#include "rust/cxx.h"

#include <QtCore/QString>
#include <QtQml/QQmlApplicationEngine>

#include <cstdint>

namespace duplicates {

// The TaskManager singleton of this engine. On the main thread.
legwork::TaskManager *taskManager(QQmlApplicationEngine &engine);

// Calls `what` from the event loop of the main thread in so many milliseconds.
void after(std::int32_t ms, rust::Fn<void()> what);

void exitLoop(std::int32_t code);

void setEnvironment(rust::Str name, rust::Str value);

// Has the application's first window draw without end, and measures the time between two frames.
void measureFrames();

// The time, in milliseconds, that so large a share of these is not longer than: 1 is the longest. -1 if there is none.
double frameGap(double share);

// Saves a picture of the application's first window.
bool saveWindow(const QString &file);

} // namespace duplicates

#endif
