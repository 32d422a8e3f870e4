// The libraries of the test plugins.
#ifndef LEGWORK_TESTS_LIBRARY_H
#define LEGWORK_TESTS_LIBRARY_H

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <link.h>

namespace support {

inline QString path(const char *name) { return QStringLiteral(LEGWORK_PLUGINS "/lib%1.so").arg(QLatin1String(name)); }

// Whether the library's code is in the process, from wherever it was opened.
inline bool isMapped(const char *name)
{
    struct Search {
        QByteArray end;
        bool found = false;
    } search{QByteArray("/lib") + name + ".so"};
    dl_iterate_phdr(
        [](dl_phdr_info *info, size_t, void *data) {
            auto &search = *static_cast<Search *>(data);
            search.found = search.found || QByteArray(info->dlpi_name).endsWith(search.end);
            return 0;
        },
        &search);
    return search.found;
}

} // namespace support

#endif
