#include "interpreted.h"

#include <QtCore/QObject>
#include <QtCore/QString>

#include <limits>
#include <mutex>

#ifdef Q_OS_UNIX
#include <dlfcn.h>
#endif

namespace legwork {

namespace {

// An engine that has a debugger compiles nothing (VME::exec in qv4vme_moth.cpp). This is one that does
// nothing: a QV4::Debugging::Debugger, which had those functions, in their order, from Qt 5.8 to 6.9. Each
// of them does no harm in the place of any other.
class IdleDebugger final : public QObject {
public:
    virtual bool pauseAtNextOpportunity() const { return false; }
    virtual void maybeBreakAtInstruction() { }
    virtual void enteringFunction() { ++m_entered; }
    virtual void leavingFunction(const quint64 &) { ++m_left; }
    virtual void aboutToThrow() { }

    // Whether the engine calls it, and the functions that it means to.
    bool isAtWork() const { return m_entered > 0 && m_entered == m_left; }

private:
    quint64 m_entered = 0;
    quint64 m_left = 0;
};

struct Private {
    // QV4::ExecutionEngine::setDebugger, which takes the debugger over.
    void (*setDebugger)(QV4::ExecutionEngine *, QObject *) = nullptr;
    // QV4::ExecutionEngine::s_jitCallCountThreshold: after how many calls a function is compiled. The first
    // engine of the process sets it.
    int *threshold = nullptr;
};

const Private &qtPrivate()
{
    static const auto found = [] {
        Private all;
#ifdef Q_OS_UNIX
        all.setDebugger = reinterpret_cast<decltype(all.setDebugger)>(
            dlsym(RTLD_DEFAULT, "_ZN3QV415ExecutionEngine11setDebuggerEPNS_9Debugging8DebuggerE"));
        all.threshold = static_cast<int *>(dlsym(RTLD_DEFAULT, "_ZN3QV415ExecutionEngine23s_jitCallCountThresholdE"));
#endif
        return all;
    }();
    return found;
}

// Nothing else is locked inside of it.
std::mutex thresholdMutex;
int raisedBy = 0; // how many NothingCompiled there are
int usual = 0;

void setThreshold(int calls)
{
    // Other threads read it as they call functions. To them it is one number or the other.
#if defined(__GNUC__)
    __atomic_store_n(qtPrivate().threshold, calls, __ATOMIC_RELAXED);
#else
    *const_cast<volatile int *>(qtPrivate().threshold) = calls;
#endif
}

} // namespace

bool mayInterpret()
{
    // Asked of an engine of its own, once.
    static const bool may = [] {
        if (!qtPrivate().setDebugger || !qtPrivate().threshold)
            return false;
        QJSEngine engine;
        auto *debugger = new IdleDebugger;
        qtPrivate().setDebugger(engine.handle(), debugger);
        engine.evaluate(QStringLiteral("(() => 0)()"));
        return debugger->isAtWork();
    }();
    return may;
}

void interpretOnly(QJSEngine &engine)
{
    if (mayInterpret())
        qtPrivate().setDebugger(engine.handle(), new IdleDebugger);
}

NothingCompiled::NothingCompiled()
{
    if (!mayInterpret())
        return;
    const std::lock_guard lock(thresholdMutex);
    if (raisedBy++ == 0) {
        usual = *qtPrivate().threshold;
        setThreshold(std::numeric_limits<int>::max());
    }
}

NothingCompiled::~NothingCompiled()
{
    if (!mayInterpret())
        return;
    const std::lock_guard lock(thresholdMutex);
    if (--raisedBy == 0)
        setThreshold(usual);
}

} // namespace legwork
