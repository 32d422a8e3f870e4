// What the tests need of Qt: an event loop in small steps, its warnings, QML, a timer that measures.
#ifndef LEGWORK_TESTS_SUPPORT_H
#define LEGWORK_TESTS_SUPPORT_H

#include <QtCore/QString>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtQml/QQmlEngine>

#include "rust/cxx.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace legwork {
class PluginApi;
class TaskManager;
} // namespace legwork

namespace support {

// Collects warnings and worse from here on.
void catchMessages();
// What came since the last call, a line each.
QString takeMessages();

// Waits for events for at most so long, and delivers them. Opens no event loop level.
void processEvents(int waitMs);
// Opens a nested event loop until quitLoop(), for at most so long. False if the time was over.
bool execLoop(int mostMs);
void quitLoop();
// Calls QCoreApplication::exec for an application that quits at once, as aboutToQuit comes from there.
int execAndQuit();
// What the process has in memory.
// What leans on static objects of Qt's.
void useQt();

std::uint64_t memoryBytes();
// All enumerators of the TaskManager, as "Status.Queued 1".
rust::Vec<rust::String> enumerators();
// Counts events of custom types, as the library posts them, from the first call on.
std::uint64_t customEvents();

// A QML engine with one object of the given source.
class Scene {
public:
    explicit Scene(const QString &source);
    ~Scene();
    // Evaluates JavaScript in the object's context; the text of what came, or "throws ...".
    QString evaluate(const QString &script);
    QString errors() const;
    // Connects to the engine's TaskManager by pointer to member; the slot takes `busyNs`.
    void countCompleted(std::uint64_t busyNs);
    // The same by SIGNAL and SLOT-like strings; false if the names don't match.
    bool countByName();
    std::uint64_t completed() const { return m_completed; }
    std::uint64_t completedByName() const;
    // Makes a PluginApi, and has it in the object's property `newApi`; or destroys it.
    void openApi(const QString &name);
    void closeApi(const QString &name);
    // Calls a method of the TaskManager by its name, without JavaScript.
    QString invokeByName(const QString &job);
    QString lastError() const;
    // The property as C++ and Python set and read it, and what it is inside.
    bool setMaxWorkers(double workers);
    int maxWorkers() const;
    QString maxWorkersType() const;

private:
    legwork::TaskManager *manager() const;

    QString m_errors;
    std::uint64_t m_completed = 0;
    QObject m_receiver;
    std::unique_ptr<QObject> m_byName;
    std::unique_ptr<QQmlEngine> m_engine;
    std::map<QString, std::unique_ptr<legwork::PluginApi>> m_apis;
    std::unique_ptr<QObject> m_object;
};

std::unique_ptr<Scene> makeScene(const QString &source);
// Runs a task, and deletes the scene in the copy constructor of its result, which is called for the signals.
void deleteInCopy(std::unique_ptr<Scene> scene);
// The id of a task of C++ with a result of this kind: "list", which all languages know, or "point", of a type of its
// own.
QString runOfCpp(const QString &kind);
bool isDeletedInCopy();
// Creates and deletes a scene on another thread: what its TaskManager said.
QString sceneOnAnotherThread(const QString &source, const QString &script);

// Makes a TaskManager on another thread, whose slot for lastErrorChanged deletes it and overwrites its place: the
// error that the slot has seen.
QString managerDeletedOnAnotherThread();

// A 10 ms timer that notes the gaps between its ticks, as a UI would feel them.
class Ticker {
public:
    Ticker();
    // Gaps in microseconds, sorted.
    rust::Vec<std::uint64_t> gaps() const;

private:
    QTimer m_timer;
    std::chrono::steady_clock::time_point m_last;
    std::vector<std::uint64_t> m_gaps;
};

std::unique_ptr<Ticker> makeTicker();

} // namespace support

#endif
