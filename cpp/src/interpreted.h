// JavaScript that is interpreted and never compiled.
//
// Only such code may be interrupted. A function that Qt's JIT has compiled and that is interrupted returns
// what was in a register at that moment, which is most often no value at all: the condition of a loop as a
// bare 0 or 1. What called it looks at that: QJSManagedValue::call in any case, and of Qt's own functions
// those that ask for an exception, and not for an interruption, such as the ones that sort or convert. It
// has been so from Qt 5.14 to 6.9 at least. The interpreter returns undefined.
//
// Two of Qt's private parts do it. They are looked up by their names, as each version of Qt marks its private
// functions as its own, and a library that was linked to them would run with no other.
#ifndef LEGWORK_INTERPRETED_H
#define LEGWORK_INTERPRETED_H

#include <QtQml/QJSEngine>

namespace legwork {

// Whether this Qt lets itself be kept from compiling: else nothing is to be interrupted. It does with its
// feature qml_debug, which is on unless it was built without. With an application.
bool mayInterpret();

// Has an engine interpret from here on what it has loaded until now. What it loads later is interpreted,
// too, but slow, as it is prepared for a debugger. At most once for an engine, on its thread.
void interpretOnly(QJSEngine &engine);

// While there is one, no engine of the process compiles a function that was not compiled before: for the
// moment in which a module is loaded, as the module's code runs in it. Functions that are called meanwhile are compiled
// the next time. From any thread, with an engine.
class NothingCompiled {
public:
    NothingCompiled();
    ~NothingCompiled();
    Q_DISABLE_COPY_MOVE(NothingCompiled)
};

} // namespace legwork

#endif
