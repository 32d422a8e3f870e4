// What the tests need of Qt: its runner for QML, its warnings, events in small steps, a second engine.
#ifndef LEGWORK_QML_TESTS_QUICK_H
#define LEGWORK_QML_TESTS_QUICK_H

#include <QtCore/QObject>
#include <QtCore/QString>

#include "rust/cxx.h"

#include <cstdint>

namespace quick {

// Runs the tst_*.qml of a folder; how many tests failed. Without a display, if the environment does
// not say otherwise.
std::int32_t runTests(rust::Vec<rust::String> arguments, rust::Str folder);

// Notes warnings that come while no test function runs, from here on, over the handler of Qt Test.
void watchWarnings();
rust::Vec<rust::String> strayWarnings();

void destroyNow(QObject *object);

// Delivers what is there; if that is nothing, waits for it, for at most so long.
void processEvents(std::int32_t mostMs);

// A second QML engine, with one object of this source; the text of its errors.
QString openEngine(const QString &source);
// Evaluates JavaScript in that object's context.
QString evaluateThere(const QString &script);
void closeEngine();

} // namespace quick

#endif
