// What every header of Legwork needs.
#ifndef LEGWORK_GLOBAL_H
#define LEGWORK_GLOBAL_H

#include <QtCore/qglobal.h>

// On what the shared library offers. All else in it is hidden.
#define LEGWORK_EXPORT __attribute__((visibility("default")))

// The version of this header, and of the library that it belongs to.
#define LEGWORK_VERSION_MAJOR 0
#define LEGWORK_VERSION_MINOR 1
#define LEGWORK_VERSION_PATCH 0
#define LEGWORK_VERSION_STR "0.1.0"

#endif
