// What the host loads: eight plugins whose work never returns, and four that are well. They know nothing of limits.
#ifndef PLUGINS_H
#define PLUGINS_H

#include <QtCore/QSemaphore>
#include <QtCore/QStringList>

inline QStringList plugins()
{
    QStringList names;
    for (int n = 1; n <= 12; ++n)
        names += QString(n <= 8 ? "Hangs %1" : "Works %1").arg(n);
    return names;
}

// Blocks for ever, and asks nobody whether it is to stop; or returns at once.
inline void work(const QString &plugin)
{
    if (plugin.startsWith("Hangs"))
        QSemaphore().acquire();
}

#endif
