// What every header of Legwork needs.
#ifndef LEGWORK_GLOBAL_H
#define LEGWORK_GLOBAL_H

#include <QtCore/qglobal.h>

// Results and what bodies throw are told apart by their types. Qt does without both.
#if defined(__GNUC__) && !defined(__GXX_RTTI)
#error "Legwork needs run-time type information: compile what includes its headers without -fno-rtti"
#endif
#if defined(__GNUC__) && !defined(__cpp_exceptions)
#error "Legwork needs exceptions: compile what includes its headers without -fno-exceptions"
#endif

// On what the shared library offers. All else in it is hidden.
#define LEGWORK_EXPORT __attribute__((visibility("default")))

// The version of this header, and of the library that it belongs to.
#define LEGWORK_VERSION_MAJOR 0
#define LEGWORK_VERSION_MINOR 1
#define LEGWORK_VERSION_PATCH 0
#define LEGWORK_VERSION_STR "0.1.0"

#endif
