// JavaScript on a worker: an engine for each module, which is used again.
#ifndef LEGWORK_SCRIPT_H
#define LEGWORK_SCRIPT_H

#include "hold.h"

#include <QtCore/QString>
#include <QtCore/QVariant>
#include <QtQml/QJSEngine>

#include <cstdint>
#include <memory>
#include <mutex>

namespace legwork {

// Defined by the bridge, src/qt/script.rs.
struct ScriptRun;
struct ScriptFault;
struct ScriptModule;

// Where a module is, as QJSEngine::importModule wants it, or why it cannot be.
ScriptModule scriptModule(const QString &module);

// Stops a call from another thread. Where the engine's code may be compiled it is not interrupted, see
// interpreted.h: the script goes on until it asks its context.
//
// # Deadlock safety
//
// Nothing else is locked under the mutex, and nothing of a user's runs: QJSEngine::setInterrupted sets
// an atomic flag. It is held while the engine may be destroyed on its own thread, so that it is not.
class Interrupter {
public:
    // From any thread, any number of times, also when the call is over.
    void interrupt() const noexcept;

private:
    friend class ScriptCall;

    mutable std::mutex m_mutex;
    mutable QJSEngine *m_engine = nullptr; // while a call is under way, if it may be interrupted
    mutable bool m_interrupted = false;
};

std::shared_ptr<Interrupter> newInterrupter();

struct ScriptEngine;

// One call of a script's function, from its begin to when its result was read. All of it on one thread.
class ScriptCall {
public:
    ScriptCall(std::unique_ptr<ApplicationHold> hold, std::shared_ptr<Interrupter> interrupter,
               std::unique_ptr<ScriptEngine> engine);
    ~ScriptCall();
    Q_DISABLE_COPY_MOVE(ScriptCall)

    // Calls the function; its result, a JavaScript value of this thread's engine, is left in `result`.
    ScriptFault run(const ScriptRun &run, const QString &function, const QVariantList &arguments, QVariant &result);
    // Whether it was interrupted, also since, in a getter of the result.
    ScriptFault interrupted() const;

private:
    QJSValue load(ScriptFault &fault);
    QJSValue call(const QJSValue &function, const QJSValueList &arguments, ScriptFault &fault);
    ScriptFault fault(const QJSValue &error) const;
    QJSValue settled(const QJSValue &promise, ScriptFault &fault);

    const std::unique_ptr<ApplicationHold> m_hold; // first, so that it goes last
    std::shared_ptr<Interrupter> m_interrupter;
    std::unique_ptr<ScriptEngine> m_engine;
    bool m_spoilt = false;
};

// Null without a QCoreApplication, which a JavaScript engine needs, and while that goes.
std::unique_ptr<ScriptCall> beginScript(std::shared_ptr<Interrupter> interrupter, const QString &file);

} // namespace legwork

#endif
