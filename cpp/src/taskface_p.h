// What a TaskFace keeps, and what the Rust half and PluginApi ask of it. On the object's thread.
#ifndef LEGWORK_TASKFACE_P_H
#define LEGWORK_TASKFACE_P_H

#include "legwork/taskface.h"

#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QPointer>
#include <QtCore/QString>
#include <QtCore/QVarLengthArray>
#include <QtCore/QVariant>
#include <QtQml/QJSEngine>
#include <QtQml/QJSValue>

#include <cstdint>
#include <memory>
#include <utility>

namespace legwork {

// What a function of a task's options hears of.
enum class Hears : std::uint8_t {
    Complete,
    Error,
    Cancelled,
    Progress,
    Started,
    Retry,
    Slow,
    Paused,
    Resumed,
    Values,
    End,
};

// The functions that a task's options have for it: as a rule one or two.
struct TaskCallbacks {
    QVarLengthArray<std::pair<Hears, QJSValue>, 2> functions;
    // It was told of the start, or knows that it was before.
    bool startTold = false;
    // Once it is gone none of them is called.
    QPointer<QObject> owner;
    bool isOwned = false;

    // Null if there is none.
    const QJSValue *functionOf(Hears what) const;
};

// Those of each submission that got a task's id: more than one by KeyPolicy::Keep alone.
using Submissions = QVarLengthArray<TaskCallbacks, 1>;

// What was in the options that is for C++ only, and the rest of them.
class TakenOptions {
public:
    // What is wrong with them; empty for nothing.
    const QString &error() const { return m_error; }
    // For Rust: a map, or what is none.
    const QVariant &rest() const { return m_rest; }
    // As Rust numbers it; 0 for none.
    std::uint64_t owner() const { return m_owner; }
    // Whether one of the functions is for the task's start.
    bool hearsStart() const { return m_callbacks.functionOf(Hears::Started) != nullptr; }
    // Whether one of them is for its failure.
    bool hearsFailure() const { return m_callbacks.functionOf(Hears::Error) || m_callbacks.functionOf(Hears::End); }
    // Whether it has a function of that key.
    bool hears(const QString &key) const;

private:
    friend std::unique_ptr<TakenOptions> takeOptions(const QVariant &options);
    friend void keepCallbacks(TaskFace &face, const QString &id, std::unique_ptr<TakenOptions> taken);

    void take();
    // Takes an entry that is for C++; false if it is for Rust.
    bool takeEntry(const QString &key, const QVariant &value);
    void takeFunction(const QString &key, Hears what, const QVariant &value);
    void takeOwner(const QVariant &value);

    QString m_error;
    QVariant m_rest;
    std::uint64_t m_owner = 0;
    TaskCallbacks m_callbacks;
};

class TaskFacePrivate {
public:
    static TaskFacePrivate &of(TaskFace &face) { return *face.d; }
    static const TaskFacePrivate &of(const TaskFace &face) { return *face.d; }

    // The functions to call are copied, and at the task's end taken out, before the call: the function
    // may submit, which changes the table, or destroy the object.
    Submissions callbacksOf(const QString &id, bool end);
    bool hearsValues(const QString &id) const;
    // The same of those that were not told of its start, which they are now.
    Submissions startingOf(const QString &id);
    // The engine whose functions it keeps, and whether that is not being destroyed. Qt 6.11 processes events in the
    // destructor of QQmlEngine, when the objects of a QQmlApplicationEngine are gone; that is no QQmlApplicationEngine
    // any more then.
    void remember(const QJSEngine &engine)
    {
        if (!m_engineType)
            m_engineType = engine.metaObject();
    }
    bool isWhole(const QJSEngine &engine) const { return !m_engineType || engine.metaObject() == m_engineType; }
    bool isEmpty() const { return m_callbacks.isEmpty() && m_promises.isEmpty(); }
    void keep(const QString &id, TaskCallbacks &&callbacks) { m_callbacks[id].push_back(std::move(callbacks)); }

    // To settle a promise with.
    struct Deferred {
        QJSValue resolve;
        QJSValue reject;
    };

    void promise(const QString &id, Deferred &&deferred) { m_promises[id].append(std::move(deferred)); }
    QList<Deferred> promisesOf(const QString &id);

private:
    const QMetaObject *m_engineType = nullptr;
    // The functions of each task that this engine submitted and that has not ended.
    QHash<QString, Submissions> m_callbacks;
    // The promises of each task that has not ended.
    QHash<QString, QList<Deferred>> m_promises;
};

// Whether the object lives on the calling thread.
bool livesHere(const TaskFace &face);

// The line of JavaScript that calls, as Rust numbers it; 0 for none, and on another thread.
std::uint16_t siteOfCaller(TaskFace &face);

// Knows whether an object is there still. On its thread.
class Guard {
public:
    explicit Guard(TaskFace &face) : m_face(&face) { }
    bool isThere() const { return !m_face.isNull(); }

private:
    const QPointer<TaskFace> m_face;
};
std::unique_ptr<Guard> guard(TaskFace &face);

// Throws into the running JavaScript of the object's engine, if there is any.
void throwError(TaskFace &face, const QString &message);

// Takes the functions and the owner out of a task's options. May run JavaScript (a getter).
std::unique_ptr<TakenOptions> takeOptions(const QVariant &options);
// Has the functions called for a task.
void keepCallbacks(TaskFace &face, const QString &id, std::unique_ptr<TakenOptions> taken);

bool knownOwnerIn(const QVariant &object, std::uint64_t &owner);
bool ownerIn(const QVariant &object, std::uint64_t &owner);
QVariant viewOf(TaskFace &face, const QString &id);
QVariant promiseOf(TaskFace &face, const QString &id, const QVariant &info);

// Whether any task has a function to call or a promise to settle, of this face or of one behind it.
bool calls(const TaskFace &face);
void callOnComplete(TaskFace &face, const QString &id, const QVariant &result, bool end);
void callOnError(TaskFace &face, const QString &id, const QVariant &error, bool end);
void callOnCancelled(TaskFace &face, const QString &id, const QString &reason);
void callOnStarted(TaskFace &face, const QString &id);
void callOnRetry(TaskFace &face, const QString &id, std::uint64_t attempt, const QVariant &error, double delayMs);
// Whether a task has a function for what it sends, of this face or of one behind it.
bool callsOnValues(const TaskFace &face, const QString &id);
void callOnValues(TaskFace &face, const QString &id, const QVariant &values);
void callOnSlow(TaskFace &face, const QString &id, double ms);
void callOnPaused(TaskFace &face, const QString &id, const QString &reason);
void callOnResumed(TaskFace &face, const QString &id);
void callOnProgress(TaskFace &face, const QString &id, double progress, const QString &message);

} // namespace legwork

#endif
