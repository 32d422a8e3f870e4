// The libraries of the test plugins.
#ifndef LEGWORK_TESTS_LIBRARY_H
#define LEGWORK_TESTS_LIBRARY_H

#include <QtCore/QString>

#include <dlfcn.h>

namespace support {

inline QString path(const char *name) { return QStringLiteral(LEGWORK_PLUGINS "/lib%1.so").arg(QLatin1String(name)); }

// Whether the library's code is in the process.
inline bool isMapped(const char *name)
{
    if (void *library = dlopen(qPrintable(path(name)), RTLD_LAZY | RTLD_NOLOAD)) {
        dlclose(library);
        return true;
    }
    return false;
}

} // namespace support

#endif
